/**
 * `kudurru demo`: the whole mission on real files or on a village that does not exist, over HTTP like anybody's client.
 *
 * Everything says DEMO. On a ledger of its own the folder stays, with the ledger, the certificate and the trust file in
 * it; the summary says how to start the gateway on it again. On a running gateway the folder holds the certificate.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { type AnswerOptions, answer, NotUnderstood } from './answer.ts';
import { playAid } from './demo/aid.ts';
import { readFiles } from './demo/files.ts';
import { playLand } from './demo/land.ts';
import { type Elsewhere, freshFolder, joinStage, openStage, type Stage } from './demo/stage.ts';
import { fromHere, type Summary, summaryInWords } from './demo/summary.ts';
import { askedNode, authorizationsFor, CREDENTIALS_OPTION } from './nodeCredentials.ts';

interface DemoOptions extends AnswerOptions {
  readonly parcels?: string;
  readonly registrations?: string;
  readonly folder?: string;
  readonly gateway?: string;
  readonly officers?: string;
  readonly trust?: string;
  readonly rpc?: string;
  readonly credentials?: string;
}

export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('play the whole mission on a ledger of its own: land, then benefits, then every check')
    .option('--parcels <file>', 'parcels as GeoJSON; a synthetic village without')
    .option('--registrations <file>', 'people to enrol as CSV; synthetic ones without')
    .option('--folder <folder>', 'where to play; a new folder below demo-data without')
    .option('--gateway <url>', 'play on the ledger of a gateway that runs already')
    .option('--officers <folder>', 'whose officers act there: a folder that a demonstration left')
    .option('--trust <file>', "trust file of that ledger; the one in the officers' folder without")
    .option('--rpc <url>', 'JSON-RPC of that ledger, to read gas from')
    .option(...CREDENTIALS_OPTION)
    .option('--json', 'answer as JSON')
    .addHelpText(
      'after',
      `
Every line of the two files that cannot be taken is listed with its reason; the others are registered and enrolled.
A file that cannot be read, or of which no line is good, is refused before anything is written.

The officers' folder holds keys/ (a key ring with the officers registrar-preparer, registrar-approver, aid-preparer and
aid-approver), passphrase, and administrator (the token of the gateway's administrator). Play on a ledger of a
demonstration only: nothing that is recorded can be taken back.`,
    )
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
  const elsewhere = elsewhereIn(options);
  const say = options.json ? () => {} : (line: string) => process.stderr.write(`${line}\n`);
  const files = readFiles(options);
  const folder = options.folder === undefined ? freshFolder('demo-data') : path.resolve(options.folder);
  if (fs.existsSync(path.join(folder, 'keys'))) {
    throw new NotUnderstood(
      `${fromHere(folder)} holds a demonstration already: name another folder, or take it away.`,
    );
  }
  say(`DEMO in ${fromHere(folder)}`);
  const stage = await (elsewhere === undefined ? openStage(folder) : joinStage(elsewhere));
  fs.mkdirSync(folder, { recursive: true });
  try {
    const land = await playLand(stage, files.parcels, say);
    const aid = await playAid(stage, files.registrations, say);
    const registrar = stage.land.preparer.client;
    const ofTitle = `/titles/${land.certified}/certificate`;
    const certificate = await registrar.text(ofTitle, { caseReference: 'DEMO-1' });
    const certificateFile = path.join(folder, 'certificate.json');
    fs.writeFileSync(certificateFile, certificate);
    const { counts } = await stage.auditor.ask<{ counts: { entries: number } }>('/ledger');
    const fsck = await stage.auditor.ask<Summary['fsck']>('/checks', { method: 'POST' });
    say(fsck.ok ? 'everything was derived again from block 0 and holds' : 'something does not hold');
    const gas = await gasOf(stage, { ...land.transactions, ...aid.transactions });
    const peakMemory = stage.peakMemoryBytes();
    return {
      demo: true,
      parcels: land.parcels,
      titles: land.titles,
      programme: aid.programme,
      registrations: { refused: aid.refused, warnings: aid.warnings },
      leftOut: land.leftOut,
      refusedAttempts: [...land.refusedAttempts, ...aid.refusedAttempts],
      entries: counts.entries,
      fsck,
      certificate: certificateFile,
      trust: stage.trustFile,
      folder,
      gas,
      ...timesSince(startedAt, waitedMs(stage)),
      ...(peakMemory !== undefined && { peakMemoryMiB: Math.round(peakMemory / 2 ** 20) }),
      ...(elsewhere === undefined && { dataFolder: path.join(folder, 'data') }),
    };
  } finally {
    await stage.stop();
  }
}

function elsewhereIn({ gateway, officers, trust, rpc, credentials }: DemoOptions): Elsewhere | undefined {
  if (gateway === undefined) {
    if (officers ?? trust ?? rpc) throw new NotUnderstood('--officers, --trust and --rpc go with --gateway.');
    authorizationsFor([], credentials);
    return undefined;
  }
  if (officers === undefined)
    throw new NotUnderstood('--gateway needs --officers: whose officers act there?');
  const trustFile = path.resolve(trust ?? path.join(officers, 'data', 'trust.json'));
  if (rpc === undefined) authorizationsFor([], credentials);
  const node = rpc === undefined ? undefined : askedNode(rpc, credentials);
  return { url: gateway.replace(/\/$/, ''), officers, trustFile, node };
}

function timesSince(startedAt: number, waited: number) {
  const took = performance.now() - startedAt;
  const seconds = (ms: number) => Math.round(ms) / 1000;
  return {
    seconds: seconds(took),
    secondsWaiting: seconds(waited),
    percentNotWaiting: Math.round(1000 * (1 - waited / took)) / 10,
  };
}

/** While nothing was done but wait for the ledger: everything else is work. */
function waitedMs({ land, aid, tills }: Stage): number {
  const clients = [
    land.preparer.client,
    land.approver.client,
    aid.preparer.client,
    aid.approver.client,
    ...tills,
  ];
  return clients.reduce((sum, client) => sum + client.waitedMs, 0);
}

/** Gas of one transaction of each kind, as an outside tool reads it off the ledger. */
async function gasOf(
  { node }: Stage,
  transactions: Readonly<Record<string, string>>,
): Promise<Record<string, number>> {
  const gas: Record<string, number> = {};
  if (node === undefined) return gas;
  const { url, authorization } = node;
  for (const [name, hash] of Object.entries(transactions)) {
    const shown = authorization?.();
    const response = await fetch(url, {
      method: 'POST',
      redirect: shown === undefined ? 'follow' : 'error',
      headers: {
        'Content-Type': 'application/json',
        ...(shown !== undefined && { Authorization: shown }),
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_getTransactionReceipt', params: [hash] }),
    });
    if (!response.ok) throw new NotUnderstood(`${url} answers with status ${response.status}.`);
    const { result } = (await response.json()) as { result: { gasUsed: string } | null };
    gas[name] = Number(result?.gasUsed ?? 0);
  }
  return gas;
}
