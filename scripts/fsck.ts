/**
 * `kudurru fsck`: derives everything of a data folder again from block 0 and names the first thing that does not hold.
 *
 * One process owns a data folder. Where a gateway does, it is asked to check itself, by the door it left open.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { pino } from 'pino';
import { type Checkup, checkDataFolder, orderWasDamaged } from '../server/checkup.ts';
import {
  fingerprint,
  readTrust,
  requireSameLedger,
  succeededSince,
  type TrustFile,
} from '../server/domain/audit/trust.ts';
import { Fault } from '../server/domain/base/fault.ts';
import type { Bytes32 } from '../server/domain/base/hex.ts';
import { Refusal, type RefusalCode } from '../server/domain/base/refusal.ts';
import { type DoorFile, doorIn } from '../server/localControl.ts';
import { keyFolderOf } from '../server/store/keys.ts';
import { type Untouched, untouched } from '../server/store/untouched.ts';
import { openViews } from '../server/store/views.ts';
import { keyTokenIn } from '../server/wiring/config.ts';
import { openToCheck } from '../server/wiring/nodes.ts';
import { openStores, requireTrust, TRUST_FILE } from '../server/wiring/stores.ts';
import { type AnswerOptions, answer, NotUnderstood, readText } from './answer.ts';
import { trustInWords } from './audit.ts';
import { Client } from './client.ts';

const MAX_TRUST_BYTES = 65_536;

interface FsckOptions extends AnswerOptions {
  readonly data?: string;
  readonly trust?: string;
}

export function addFsck(program: Command): void {
  program
    .command('fsck')
    .description(
      'derive everything of a data folder again from block 0; a gateway that runs on it is asked to',
    )
    .option('--data <folder>', 'the data folder (KUDURRU_DATA, else ./data)')
    .option(
      '--trust <file>',
      'refuse a ledger that is not the one of this trust file, obtained from elsewhere: the one of its founding, or of now',
    )
    .option('--json', 'answer as JSON')
    .action((options: FsckOptions) =>
      answer(
        options,
        async () => {
          const folder = path.resolve(options.data ?? process.env.KUDURRU_DATA ?? 'data');
          const { trust } = options;
          const given = trust === undefined ? undefined : readTrust(readText(trust, MAX_TRUST_BYTES));
          const checkup = await check(folder, given);
          if (!checkup.ok) process.exitCode = 1;
          return given === undefined
            ? checkup
            : Object.assign(checkup, { trust: standingOf(given, checkup) });
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
  /** The trust file that was given. */
  readonly trust?: TrustTold;
};

interface TrustTold {
  readonly fingerprint: Bytes32;
  /** What of it was succeeded since it was written. */
  readonly succeeded: readonly string[];
}

/** Refuses as `ledger-differs` a file with contracts that never governed this ledger. */
function standingOf(given: TrustFile, { governing }: Told): TrustTold {
  const succeeded = governing === undefined ? [] : succeededSince(given, governing);
  return { fingerprint: fingerprint(given), succeeded };
}

async function check(dataFolder: string, given: TrustFile | undefined): Promise<Told> {
  requireLedger(dataFolder);
  try {
    return plain(await checkFolder(dataFolder, given));
  } catch (error) {
    const door = doorIn(dataFolder);
    if (!(error instanceof Refusal) || error.code !== 'data-folder-in-use' || door === undefined) throw error;
    // The gateway that has the folder started only because the file in it is its ledger's.
    const written = readTrust(readFileSync(path.join(dataFolder, TRUST_FILE), 'utf8'));
    if (given !== undefined) requireSameLedger(given, written);
    return askAt(door, error);
  }
}

/** Nothing is opened, and so nothing made, where no ledger is: a folder of officers' keys stays as it is. */
function requireLedger(dataFolder: string): void {
  if (STORES.every((name) => !existsSync(path.join(dataFolder, name))))
    throw new NotUnderstood(`${dataFolder} holds no ledger.`);
  const missing = PARTS.find(({ folder }) => !existsSync(folder(dataFolder)));
  if (missing === undefined) return;
  throw new NotUnderstood(
    `${dataFolder} holds a ledger without its folder ${missing.folder(dataFolder)}: put it back. Nothing was altered; ` +
      `without it ${missing.lost}.`,
  );
}

const STORES = ['precious', 'keyStore'];

/** What may be elsewhere, on another disk or in another backup: where it is missing, nobody has tampered. */
const PARTS = [
  { folder: keyFolderOf, lost: 'no row can be told from a forged one' },
  { folder: (data: string) => path.join(data, 'keyStore'), lost: 'no record of the vault can be opened' },
  { folder: (data: string) => path.join(data, 'precious'), lost: 'there is no row to check' },
];

/** The file of a door that a kill left open leads nowhere: then another command has the folder. */
async function askAt({ url, token }: DoorFile, inUse: Refusal): Promise<Told> {
  try {
    return await new Client(url, token).ask<Told>('/checks', { method: 'POST' });
  } catch (error) {
    throw error instanceof NotUnderstood ? inUse : error;
  }
}

/** Wrong keys, or another ledger's trust file, say nothing of the data: they are told by name, and not as something that does not hold. */
const GIVEN_WRONG: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  'ledger-differs',
  'keys-of-another-ledger',
  'key-folder-missing',
  'key-folder-older',
  'key-month-expired',
  'key-token-unnamed',
  'key-token-missing',
  'key-token-silent',
  'key-token-pin-refused',
  'key-token-locked',
  'key-token-differs',
]);

/** A folder that cannot even be opened, or stops being read, is a finding like any other. */
export async function checkFolder(dataFolder: string, given?: TrustFile): Promise<Checkup> {
  try {
    return await checkWhole(dataFolder, given);
  } catch (error) {
    const isInUse = error instanceof Refusal && error.row.kind === 'conflict';
    const isOfFolder = error instanceof Refusal || (error instanceof Fault && !error.retryable);
    const isGivenWrong = error instanceof Refusal && GIVEN_WRONG.has(error.code);
    if (isInUse || isGivenWrong || !isOfFolder) throw error;
    return {
      ok: false,
      blockNumber: 0n,
      entries: 0n,
      units: 0,
      tables: 0,
      signatures: { checked: 0, notShown: 0 },
      verdicts: [],
      vault: { records: 0, erasedRecords: 0 },
      decidedGround: [],
      keyMonths: [],
      findings: [{ check: 'folder', what: error.message }],
    };
  }
}

/** Opened beside itself: what a store folds, or a start would finish, is done there, and the folder stays as it was. */
async function checkWhole(named: string, given: TrustFile | undefined): Promise<Checkup> {
  const look = untouched(named);
  try {
    return await checkTaken(look, named, given);
  } finally {
    look.remove();
  }
}

async function checkTaken(
  { folder: dataFolder, requireStill }: Untouched,
  named: string,
  given: TrustFile | undefined,
): Promise<Checkup> {
  const stores = await openStores(dataFolder, silent, {
    isLookedAt: true,
    keyToken: keyTokenIn(process.env),
  });
  try {
    requireStill();
    if (stores.damagedOrder.length > 0) return orderWasDamaged();
    const { chain, trust } = await openToCheck(stores, process.env, silent);
    try {
      const genesis = { number: 0n, hash: chain.pin.genesisHash };
      if (trust === undefined)
        throw new NotUnderstood(`${named} holds a ledger that nobody has founded yet.`);
      requireTrust(dataFolder, trust);
      if (given !== undefined) requireSameLedger(given, trust);
      const views = await openViews(path.join(dataFolder, 'views'), genesis);
      if (chain.pin.trust !== undefined && views.cursor.number === 0n) {
        await views.close();
        throw new NotUnderstood(
          `${named} has no views, which say how far it followed the nodes: nothing of it could be checked. Start its ` +
            'gateway, which builds them again, and check then.',
        );
      }
      chain.standsAt(views.cursor.number, views.timestampSeconds); // how far a network is looked at
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
  const { ok, blockNumber, entries, units, tables, verdicts, vault, decidedGround, findings } = told;
  const months = told.keyMonths.map(
    ({ month, keys, destroyedFrom }) =>
      `  wrapping keys of ${month}: ${keys} data keys` +
      (destroyedFrom === undefined ? '' : `, destroyed from ${destroyedFrom} on`),
  );
  const counts = [
    `${blockNumber} blocks, ${entries} entries, ${units} units, ${tables} tables`,
    `${vault.records} records in the vault`,
    ...verdicts,
  ].join(', ');
  const found = findings.map(findingInWords);
  const decided = decidedGround.map(
    ({ subject, other, areaM2 }) =>
      `  decided: titles ${subject} and ${other} share ${areaM2.toFixed(2)} m2 as an officer decided`,
  );
  const by = told.trust === undefined ? [] : trustInWords(told.trust.fingerprint, told.trust.succeeded);
  return [`${ok ? 'SOUND' : 'NOT SOUND'}: ${counts}`, ...found, ...decided, ...months, ...by].join('\n');
}

function findingInWords({ check, what, ...where }: Told['findings'][number]): string {
  const places = Object.entries(where).map(([name, value]) => `${name} ${String(value)}`);
  return [`  ${check}: ${what}`, ...places].join(' ');
}
