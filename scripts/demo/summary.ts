/** What the demonstration says at its end, for a person and as JSON. */
import path from 'node:path';
import { type Counts, countsOf, type RefusedLine, refusedLinesInWords } from '../answer.ts';
import type { AidPlayed } from './aid.ts';
import type { LandPlayed } from './land.ts';

export interface Summary {
  /** Nothing in it has legal effect. */
  readonly demo: true;
  readonly parcels: LandPlayed['parcels'];
  /** In force at the end. */
  readonly titles: number;
  readonly programme: AidPlayed['programme'];
  readonly registrations: { readonly refused: readonly RefusedLine[]; readonly warnings: Counts };
  /** What could not be played on these files, a sentence each. */
  readonly leftOut: readonly string[];
  readonly refusedAttempts: readonly { readonly attempt: string; readonly code: string }[];
  readonly entries: number;
  readonly fsck: { readonly ok: boolean; readonly findings: readonly unknown[] };
  readonly certificate: string;
  readonly trust: string;
  readonly folder: string;
  /** Of one transaction of each kind; empty where no node was named to ask. */
  readonly gas: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** Of these, while nothing was done but wait for the ledger. */
  readonly secondsWaiting: number;
  readonly percentNotWaiting: number;
  /** Of the gateway; absent for one that ran already. */
  readonly peakMemoryMiB?: number;
  /** Of the ledger, to start a gateway on it again; absent for one that runs on. */
  readonly dataFolder?: string;
}

const INDENT = ' '.repeat(11);

export function summaryInWords(summary: Summary): string {
  const {
    parcels,
    programme,
    registrations,
    refusedAttempts,
    leftOut,
    gas,
    fsck,
    peakMemoryMiB,
    dataFolder,
  } = summary;
  const memory = peakMemoryMiB === undefined ? '' : `; gateway at most ${peakMemoryMiB} MiB`;
  return [
    'DEMO: no entry of this ledger has any legal effect',
    '',
    `Land       ${parcels.read} parcels read, ${parcels.registered} registered, ${linesIn(parcels.refused)} lines refused; ${summary.titles} titles`,
    ...noticesInWords(parcels),
    `Benefits   ${programme.enrolled} people enrolled, ${linesIn(registrations.refused)} lines refused`,
    ...noticesInWords(registrations),
    `${INDENT}${programme.issuedUnits} units issued = ${programme.redeemedUnits} redeemed + ${programme.expiredUnits} expired + ${programme.reclaimedUnits} reclaimed; ${programme.settledUnits} settled`,
    'Refused, as it must be',
    ...refusedAttempts.map(({ attempt, code }) => `${INDENT}${attempt}: ${code}`),
    ...leftOut.map((line) => `Left out   ${line}`),
    'Gas',
    ...Object.entries(gas).map(([act, used]) => `${INDENT}${act.padEnd(34)} ${used.toLocaleString('en')}`),
    '',
    `${summary.entries} entries recorded; ${fsck.ok ? 'everything derived again from block 0 holds' : 'something does NOT hold'}`,
    `${summary.seconds} s, ${summary.percentNotWaiting} % of them not waiting for the ledger${memory}`,
    '',
    'Check the certificate on your own machine, without the gateway:',
    `  npm run -s kudurru -- verify ${fromHere(summary.certificate)} --trust ${fromHere(summary.trust)}`,
    ...(dataFolder === undefined
      ? []
      : [
          'Start the gateway on this ledger again:',
          `  KUDURRU_DATA=${fromHere(dataFolder)} KUDURRU_DEMO=1 npm start`,
        ]),
  ].join('\n');
}

/** As a person who stands in this folder would type it. */
export function fromHere(file: string): string {
  const relative = path.relative('.', file);
  return relative.startsWith('..') ? file : relative;
}

/** A line may be refused for several reasons. */
function linesIn(lines: readonly RefusedLine[]): number {
  return new Set(lines.map(({ line }) => line)).size;
}

/** How many of each code, then the first lines that were refused. */
function noticesInWords({ refused, warnings }: Summary['registrations']): string[] {
  const inWords = (what: string, counts: Counts) => {
    const words = Object.entries(counts).map(([code, count]) => `${code} ${count}`);
    return words.length === 0 ? [] : [`${INDENT}${what}: ${words.join(', ')}`];
  };
  return [
    ...inWords('warnings', warnings),
    ...inWords('refused', countsOf(refused)),
    ...refusedLinesInWords(refused, INDENT),
  ];
}
