/**
 * `kudurru demo`: the whole mission on real files or on a village that does not exist, over HTTP like anybody's client.
 *
 * Everything says DEMO. The folder stays, with the ledger, the certificate and the trust file in it; the summary says
 * how to start the gateway on it again.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { readTrust } from '../server/domain/audit/trust.ts';
import { type AnswerOptions, answer } from './answer.ts';
import { playAid } from './demo/aid.ts';
import { playLand } from './demo/land.ts';
import { freshFolder, openStage, type Stage } from './demo/stage.ts';
import { type Summary, summaryInWords } from './demo/summary.ts';
import { demoParcels, demoRegistrations } from './demoData.ts';

interface DemoOptions extends AnswerOptions {
  readonly parcels?: string;
  readonly registrations?: string;
  readonly folder?: string;
}

export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('play the whole mission on a ledger of its own: land, then benefits, then every check')
    .option('--parcels <file>', 'parcels as GeoJSON; a synthetic village without')
    .option('--registrations <file>', 'people to enrol as CSV; synthetic ones without')
    .option('--folder <folder>', 'where to play; a new folder below demo-data without')
    .option('--json', 'answer as JSON')
    .action((options: DemoOptions) =>
      answer(
        options,
        async () => {
          const summary = await play(options);
          if (!summary.fsck.ok) process.exitCode = 1;
          return summary;
        },
        summaryInWords,
      ),
    );
}

async function play(options: DemoOptions): Promise<Summary> {
  const startedAt = performance.now();
  const say = options.json ? () => {} : (line: string) => process.stderr.write(`${line}\n`);
  const parcels = bytesOf(options.parcels, demoParcels);
  const registrations = bytesOf(options.registrations, demoRegistrations);
  const folder = options.folder === undefined ? freshFolder('demo-data') : path.resolve(options.folder);
  say(`DEMO in ${folder}`);
  const stage = await openStage(folder);
  try {
    const trust = readTrust(fs.readFileSync(stage.trustFile, 'utf8'));
    const land = await playLand(stage, parcels, trust.genesisHash, (done, of) =>
      say(`titles registered: ${done} of ${of}`),
    );
    const aid = await playAid(stage, registrations, trust, say);
    const certificate = await stage.land.preparer.client.text(`/titles/${land.certified}/certificate`);
    const certificateFile = path.join(folder, 'certificate.json');
    fs.writeFileSync(certificateFile, certificate);
    const { counts } = await stage.auditor.ask<{ counts: { entries: number } }>('/ledger');
    const fsck = await stage.auditor.ask<Summary['fsck']>('/checks', { method: 'POST' });
    say(fsck.ok ? 'everything was derived again from block 0 and holds' : 'something does not hold');
    return {
      demo: true,
      parcels: land.parcels,
      titles: land.titles,
      programme: aid.programme,
      registrations: { refused: aid.refused, warnings: aid.warnings },
      refusedAttempts: [...land.refusedAttempts, ...aid.refusedAttempts],
      entries: counts.entries,
      fsck,
      ...{ certificate: certificateFile, trust: stage.trustFile, folder },
      gas: await gasOf(stage, { ...land.transactions, ...aid.transactions }),
      seconds: Math.round(performance.now() - startedAt) / 1000,
      secondsWaiting: Math.round(waitedMs(stage)) / 1000,
      peakMemoryMiB: Math.round(stage.peakMemoryBytes() / 2 ** 20),
    };
  } finally {
    await stage.stop();
  }
}

/** For operations to become final: everything else is work. */
function waitedMs({ land, aid, vendors }: Stage): number {
  const clients = [
    land.preparer.client,
    land.approver.client,
    aid.preparer.client,
    aid.approver.client,
    vendors,
  ];
  return clients.reduce((sum, client) => sum + client.waitedMs, 0);
}

/** Gas of one transaction of each kind, as any outside tool reads it off the ledger. */
async function gasOf(
  { rpcUrl }: Stage,
  transactions: Readonly<Record<string, string>>,
): Promise<Record<string, number>> {
  const gas: Record<string, number> = {};
  for (const [name, hash] of Object.entries(transactions)) {
    const response = await fetch(rpcUrl, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_getTransactionReceipt', params: [hash] }),
    });
    const { result } = (await response.json()) as { result: { gasUsed: string } | null };
    gas[name] = Number(result?.gasUsed ?? 0);
  }
  return gas;
}

function bytesOf(file: string | undefined, synthetic: () => string): Uint8Array<ArrayBuffer> {
  return file === undefined ? new TextEncoder().encode(synthetic()) : new Uint8Array(fs.readFileSync(file));
}
