/**
 * `kudurru fsck`: derives everything of a data folder again from block 0 and names the first thing that does not hold.
 *
 * One process owns a data folder. Where a gateway does, it is asked to check itself, by the door it left open.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { pino } from 'pino';
import { type Checkup, checkDataFolder } from '../server/checkup.ts';
import { Fault } from '../server/domain/base/fault.ts';
import { Refusal } from '../server/domain/base/refusal.ts';
import { type DoorFile, doorIn } from '../server/localControl.ts';
import { openViews } from '../server/store/views.ts';
import { foundedIn, openChain, openStores, requireTrust, trustIn } from '../server/wiring/stores.ts';
import { type AnswerOptions, answer, NotUnderstood } from './answer.ts';
import { Client } from './client.ts';

interface FsckOptions extends AnswerOptions {
  readonly data?: string;
}

export function addFsck(program: Command): void {
  program
    .command('fsck')
    .description(
      'derive everything of a data folder again from block 0; a gateway that runs on it is asked to',
    )
    .option('--data <folder>', 'the data folder (KUDURRU_DATA, else ./data)')
    .option('--json', 'answer as JSON')
    .action((options: FsckOptions) =>
      answer(
        options,
        async () => {
          const checkup = await check(path.resolve(options.data ?? process.env.KUDURRU_DATA ?? 'data'));
          if (!checkup.ok) process.exitCode = 1;
          return checkup;
        },
        inWords,
      ),
    );
}

/** Quiet: what it has to say is its answer. */
const silent = pino({ level: 'silent' });

/** Of `checkup`, with integers as a gateway writes them. */
type Told = Omit<Checkup, 'blockNumber' | 'entries'> & {
  readonly blockNumber: string;
  readonly entries: string;
};

async function check(dataFolder: string): Promise<Told> {
  if (!['keys', 'precious'].some((part) => existsSync(path.join(dataFolder, part)))) {
    throw new NotUnderstood(`${dataFolder} holds no ledger.`);
  }
  try {
    return plain(await checkFolder(dataFolder));
  } catch (error) {
    const door = doorIn(dataFolder);
    if (!(error instanceof Refusal) || error.code !== 'data-folder-in-use' || door === undefined) throw error;
    return askAt(door, error);
  }
}

/** The file of a door that a kill left open leads nowhere: then another command has the folder. */
async function askAt({ url, token }: DoorFile, inUse: Refusal): Promise<Told> {
  try {
    return await new Client(url, token).ask<Told>('/checks', { method: 'POST' });
  } catch (error) {
    throw error instanceof NotUnderstood ? inUse : error;
  }
}

/** A folder that cannot even be opened, or stops being read, is a finding like any other. */
export async function checkFolder(dataFolder: string): Promise<Checkup> {
  try {
    return await checkWhole(dataFolder);
  } catch (error) {
    const isInUse = error instanceof Refusal && error.row.kind === 'conflict';
    const isOfFolder = error instanceof Refusal || (error instanceof Fault && !error.retryable);
    if (isInUse || !isOfFolder) throw error;
    return {
      ok: false,
      blockNumber: 0n,
      entries: 0n,
      units: 0,
      tables: 0,
      signatures: { checked: 0, notShown: 0 },
      verdicts: [],
      vault: { records: 0, erasedRecords: 0 },
      findings: [{ check: 'folder', what: error.message }],
    };
  }
}

async function checkWhole(dataFolder: string): Promise<Checkup> {
  const stores = await openStores(dataFolder, silent);
  try {
    const chain = await openChain(stores, silent);
    try {
      const genesis = { number: 0n, hash: chain.genesis.hash };
      const contracts = await foundedIn(stores.keys, chain);
      if (contracts !== undefined) requireTrust(dataFolder, await trustIn(chain, contracts));
      const views = await openViews(path.join(dataFolder, 'views'), genesis);
      try {
        return await checkDataFolder(stores, chain, views);
      } finally {
        await views.close();
      }
    } finally {
      await chain.close();
    }
  } finally {
    await stores.close();
  }
}

function plain(checkup: Checkup): Told {
  return JSON.parse(
    JSON.stringify(checkup, (_, part: unknown) => (typeof part === 'bigint' ? part.toString() : part)),
  );
}

function inWords(told: Told): string {
  const { ok, blockNumber, entries, units, tables, verdicts, vault, findings } = told;
  const counts = [
    `${blockNumber} blocks, ${entries} entries, ${units} units, ${tables} tables`,
    `${vault.records} records in the vault`,
    ...verdicts,
  ].join(', ');
  const found = findings.map((finding) => `  ${JSON.stringify(finding)}`);
  return ok ? `SOUND: ${counts}` : [`NOT SOUND: ${counts}`, ...found].join('\n');
}
