/** What the demonstration says at its end, for a person and as JSON. */
import type { AidPlayed } from './aid.ts';
import type { LandPlayed, RefusedLine } from './land.ts';

export interface Summary {
  /** Nothing in it has legal effect. */
  readonly demo: true;
  readonly parcels: LandPlayed['parcels'];
  readonly titles: number;
  readonly programme: AidPlayed['programme'];
  readonly registrations: { readonly refused: readonly RefusedLine[]; readonly warnings: number };
  readonly refusedAttempts: readonly { readonly attempt: string; readonly code: string }[];
  readonly entries: number;
  readonly fsck: { readonly ok: boolean; readonly findings: readonly unknown[] };
  readonly certificate: string;
  readonly trust: string;
  readonly folder: string;
  readonly gas: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** Of these, for operations to become final. */
  readonly secondsWaiting: number;
  readonly peakMemoryMiB: number;
}

const LINES_SHOWN = 10;

export function summaryInWords(summary: Summary): string {
  const { parcels, programme, registrations, refusedAttempts, gas, fsck } = summary;
  return [
    'DEMO: no entry of this ledger has any legal effect',
    '',
    `Land       ${parcels.read} parcels read, ${parcels.registered} registered, ${parcels.refused.length} lines refused; ${summary.titles} titles`,
    ...refusedLines(parcels.refused),
    `Benefits   ${programme.enrolled} people enrolled, ${registrations.refused.length} lines refused, ${registrations.warnings} warnings`,
    ...refusedLines(registrations.refused),
    `           ${programme.issuedUnits} units issued = ${programme.redeemedUnits} redeemed + ${programme.expiredUnits} expired + ${programme.reclaimedUnits} reclaimed; ${programme.settledUnits} settled`,
    'Refused, as it must be',
    ...refusedAttempts.map(({ attempt, code }) => `           ${attempt}: ${code}`),
    'Gas',
    ...Object.entries(gas).map(([act, used]) => `           ${act.padEnd(34)} ${used.toLocaleString('en')}`),
    '',
    `${summary.entries} entries recorded; ${fsck.ok ? 'everything derived again from block 0 holds' : 'something does NOT hold'}`,
    `${summary.seconds} s, of which ${summary.secondsWaiting} s waiting for entries to be final; gateway at most ${summary.peakMemoryMiB} MiB`,
    '',
    'Check the certificate on your own machine, without the gateway:',
    `  npm run -s kudurru -- verify ${summary.certificate} --trust ${summary.trust}`,
    'Start the gateway on this ledger again:',
    `  KUDURRU_DATA=${summary.folder}/data KUDURRU_DEMO=1 npm start`,
  ].join('\n');
}

function refusedLines(lines: readonly RefusedLine[]): string[] {
  const shown = lines
    .slice(0, LINES_SHOWN)
    .map(({ line, code, message }) => `           line ${line}: ${code}. ${message}`);
  const more = lines.length - shown.length;
  return more > 0 ? [...shown, `           and ${more} more`] : shown;
}
