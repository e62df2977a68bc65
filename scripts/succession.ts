/**
 * `kudurru succession`: what the successor of a register must be filled with, recomputed from a data folder.
 *
 * Promises: the fold that a member may vote for, and the calls that load it, from the blocks of this folder alone; a fold
 * that somebody else proposed is refused where it is another. The register is paused before, so that nothing is recorded
 * until it is frozen. For officers of a member institution.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { pino } from 'pino';
import { requireImport } from '../server/domain/audit/succession.ts';
import type { Bytes32 } from '../server/domain/base/hex.ts';
import { parseHex } from '../server/domain/base/hex.ts';
import {
  IMPORTING_REGISTERS,
  type ImportingRegister,
  isImporting,
  recomputeAtHead,
} from '../server/succession.ts';
import { keyTokenIn } from '../server/wiring/config.ts';
import { foundedIn, openChain, openStores, requireTrust, trustIn } from '../server/wiring/stores.ts';
import { type AnswerOptions, answer, NotUnderstood } from './answer.ts';

interface SuccessionOptions extends AnswerOptions {
  readonly data?: string;
  readonly register: string;
  readonly proposed?: string;
  readonly out?: string;
}

interface Recomputed {
  readonly register: string;
  readonly importHash: Bytes32;
  readonly words: number;
  readonly calls: number;
}

export function addSuccession(program: Command): void {
  program
    .command('succession')
    .description(
      'recompute from a data folder what the successor of a register is filled with, before the vote',
    )
    .requiredOption('--register <name>', 'land, benefits or notary')
    .option('--data <folder>', 'the data folder (KUDURRU_DATA, else ./data)')
    .option('--proposed <hash>', 'refuse unless this is the fold')
    .option('--out <file>', 'write the calls of importWords there, one a line')
    .option('--json', 'answer as JSON')
    .action((options: SuccessionOptions) => answer(options, () => recompute(options), inWords));
}

async function recompute({ register, proposed, out, data }: SuccessionOptions): Promise<Recomputed> {
  if (!isImporting(register))
    throw new NotUnderstood(`--register is one of ${IMPORTING_REGISTERS.join(', ')}`);
  const vote = proposed === undefined ? undefined : parseHex(proposed, 32);
  if (proposed !== undefined && vote === undefined)
    throw new NotUnderstood('--proposed is a hash of 32 bytes');
  const carried = await carriedIn(path.resolve(data ?? process.env.KUDURRU_DATA ?? 'data'), register);
  if (vote !== undefined) requireImport(vote as Bytes32, carried);
  if (out !== undefined) writeFileSync(out, carried.calls.map((call) => `${call}\n`).join(''));
  return {
    register,
    importHash: carried.importHash,
    words: carried.words.length,
    calls: carried.calls.length,
  };
}

async function carriedIn(dataFolder: string, register: ImportingRegister) {
  const silent = pino({ level: 'silent' });
  const stores = await openStores(dataFolder, silent, { keyToken: keyTokenIn(process.env) });
  try {
    const chain = await openChain(stores, silent);
    try {
      const contracts = await foundedIn(stores.keys, chain);
      if (contracts === undefined) throw new NotUnderstood(`${dataFolder} holds no ledger.`);
      const trust = await trustIn(chain, contracts);
      requireTrust(dataFolder, trust);
      return await recomputeAtHead(chain, trust.contracts.charter.address, register);
    } finally {
      await chain.close();
    }
  } finally {
    await stores.close();
  }
}

function inWords({ register, importHash, words, calls }: Recomputed): string {
  return `${importHash}: ${words} words of ${register}, in ${calls} calls`;
}
