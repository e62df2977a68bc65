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
import { freshFolder, openStage } from './demo/stage.ts';
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
    .action((options: DemoOptions) => answer(options, () => play(options), inWords));
}

async function play(options: DemoOptions) {
  const startedAt = performance.now();
  const say = options.json ? () => {} : (line: string) => process.stderr.write(`${line}\n`);
  const folder = options.folder === undefined ? freshFolder('demo-data') : path.resolve(options.folder);
  say(`DEMO in ${folder}`);
  const stage = await openStage(folder);
  try {
    const trust = readTrust(fs.readFileSync(stage.trustFile, 'utf8'));
    const parcels = bytesOf(options.parcels, demoParcels);
    const land = await playLand(stage, parcels, trust.genesisHash, (done, of) =>
      say(`titles registered: ${done} of ${of}`),
    );
    const certificate = await stage.land.preparer.client.text(`/titles/${land.certified}/certificate`);
    const certificateFile = path.join(folder, 'certificate.json');
    fs.writeFileSync(certificateFile, certificate);
    const registrations = bytesOf(options.registrations, demoRegistrations);
    const aid = await playAid(stage, registrations, trust, say);
    return {
      parcels: land.parcels,
      titles: land.titles,
      programme: aid.programme,
      registrations: { refused: aid.refused, warnings: aid.warnings },
      refusedAttempts: [...land.refusedAttempts, ...aid.refusedAttempts],
      certificate: certificateFile,
      trust: stage.trustFile,
      seconds: Math.round(performance.now() - startedAt) / 1000,
    };
  } finally {
    await stage.stop();
  }
}

function bytesOf(file: string | undefined, synthetic: () => string): Uint8Array<ArrayBuffer> {
  return file === undefined ? new TextEncoder().encode(synthetic()) : new Uint8Array(fs.readFileSync(file));
}

function inWords(summary: object): string {
  return JSON.stringify(summary, undefined, 2);
}
