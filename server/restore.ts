/**
 * A data folder from a backup: laid beside its place, opened, held against the manifest and the ledger, and only then moved.
 *
 * Promises: nothing is written where something is; a backup that was changed, is of other keys or another ledger, stands
 * before the chain it is held against, or does not check is refused, and what was laid is taken away again; whom the ledger
 * counts as destroyed since is destroyed in it before anything is in its place. For the command.
 */
import { copyFileSync, existsSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pino } from 'pino';
import {
  type BackupManifest,
  ledgerOf,
  readManifest,
  requireEmpty,
  STORE_FILES,
  type StoreName,
} from './backup.ts';
import { checkDataFolder } from './checkup.ts';
import { crashPoint } from './crash.ts';
import type { BlockCursor, EventBlock } from './domain/acts/events.ts';
import type { Bytes32 } from './domain/base/hex.ts';
import { refusal } from './domain/base/refusal.ts';
import { auditStores } from './fsck.ts';
import { type BackupKey, readRows, requireFile } from './store/backupFile.ts';
import { openBlocks } from './store/blocks.ts';
import { type LyingRow, layStore, tableOf } from './store/copies.ts';
import { keyStoreTables } from './store/dataKeys.ts';
import { makeFolder, syncEntry } from './store/disk.ts';
import { keyFolderOf, openKeys } from './store/keys.ts';
import type { TokenSettings } from './store/pkcs11.ts';
import { ORDER_PAGES } from './store/store.ts';
import { openViews } from './store/views.ts';
import { openToCheck } from './wiring/nodes.ts';
import { openStores, PRECIOUS_TABLES, type Stores, writeTrustTo } from './wiring/stores.ts';

/** What a ledger shows of destroyed keys, to somebody who audited it. */
export interface DestroyedKeys {
  readonly ids: ReadonlySet<Bytes32>;
  /** How far it was audited. */
  readonly through: bigint;
  /** The block that it has where the backup's views stood; undefined where it is not as long. */
  readonly atCursor: Bytes32 | undefined;
  /** Entries behind that block: what they carry of people is in no vault that is restored. */
  readonly entriesSince: number;
}

/** Gathers them from the blocks of an audit. */
export function gatherDestroyed({ number, hash }: BlockCursor) {
  const ids = new Set<Bytes32>();
  let [through, entriesSince] = [0n, 0];
  let atCursor: Bytes32 | undefined = number === 0n ? hash : undefined; // genesis is the trust file's
  return {
    onBlock({ cursor, events, leapt = 0n }: EventBlock): void {
      through = cursor.number;
      if (cursor.number === number) atCursor = cursor.hash;
      if (leapt > 0n) throw new Error('an audit leaps over no block');
      for (const event of events) {
        if (event.name === 'Erased') for (const id of event.args.ids) ids.add(id);
        if (event.name === 'EntryRecorded' && cursor.number > number) entriesSince++;
      }
    },
    gathered: (): DestroyedKeys => ({ ids, through, atCursor, entriesSince }),
  };
}

export interface RestoreParts {
  readonly backup: string;
  readonly data: string;
  /** The folder with the copy of the gateway's keys; none, and they are in their place already. */
  readonly keys?: string;
  readonly keyToken: TokenSettings | undefined;
  /** Undefined for a ledger of this machine alone of which no younger copy is left anywhere. */
  readonly destroyed: DestroyedKeys | undefined;
  readonly nowMs: () => number;
}

export interface Restored {
  readonly sequence: number;
  readonly takenAt: string;
  readonly blockNumber: number;
  readonly rows: number;
  /** Erasures that were younger than the backup and were carried out again. */
  readonly erasedAgain: number;
  readonly entriesSince: number | undefined;
  /** Undefined over a network, whose chain a start follows first. */
  readonly check: Checked | undefined;
}

/** Of a check that found nothing, how much it looked at. */
interface Checked {
  readonly blocks: number;
  readonly entries: number;
  readonly units: number;
  readonly records: number;
}

const silent = pino({ level: 'silent' });

export async function restore(parts: RestoreParts): Promise<Restored> {
  const data = path.resolve(parts.data);
  const keyFolder = keyFolderOf(data);
  requireEmpty(data);
  if (parts.keys !== undefined) requireEmpty(keyFolder);
  const manifest = readManifest(parts.backup);
  for (const file of manifest.files) requireFile(parts.backup, file);
  requireShown(manifest, parts.destroyed);
  const beside = `${data}.restoring`;
  const clear = () => {
    for (const one of [beside, keyFolderOf(beside)]) rmSync(one, { recursive: true, force: true });
  };
  clear(); // what a kill left
  try {
    copyKeys(parts.keys ?? keyFolder, keyFolderOf(beside));
    const key = await keyOf(manifest, keyFolderOf(beside), parts);
    makeFolder(beside);
    for (const name of ['precious', 'keyStore'] as const)
      await layRows(parts, manifest, { name, key, beside });
    const held = await holdAgainst(parts, manifest, beside);
    crashPoint('restore.laid');
    if (parts.keys === undefined) rmSync(keyFolderOf(beside), { recursive: true });
    else move(keyFolderOf(beside), keyFolder);
    crashPoint('restore.keys-moved');
    move(beside, data);
    const { sequence, takenAt, cursor } = manifest;
    return { sequence, takenAt, blockNumber: cursor.blockNumber, ...held };
  } catch (error) {
    clear();
    throw error;
  }
}

/** The list is of this ledger, and has the block on which the backup stood. */
function requireShown({ cursor }: BackupManifest, destroyed: DestroyedKeys | undefined): void {
  if (destroyed === undefined) return;
  const { blockNumber, blockHash } = cursor;
  if (destroyed.atCursor === undefined)
    throw refusal('chain-behind-backup', { blockNumber, through: destroyed.through });
  if (destroyed.atCursor !== blockHash)
    throw refusal('backup-of-another-ledger', { what: `block ${blockNumber}` });
}

function copyKeys(from: string, to: string): void {
  if (!existsSync(from)) throw refusal('key-folder-missing', { folder: from });
  makeFolder(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.isFile()) copyFileSync(path.join(from, entry.name), path.join(to, entry.name));
  }
}

/** Refuses as `backup-of-other-keys` where the keys are not those of the gateway that signed. */
async function keyOf(
  manifest: BackupManifest,
  keyFolder: string,
  { keyToken, nowMs }: RestoreParts,
): Promise<BackupKey> {
  const ring = await openKeys(keyFolder, { mayFound: false, token: keyToken, nowMs });
  const isOfSigner = ring.marks().has('node') && (await ring.address('node')) === manifest.signer;
  if (!isOfSigner) throw refusal('backup-of-other-keys');
  return { integrityKey: await ring.integrityKey(), salt: Buffer.from(manifest.salt.slice(2), 'hex') };
}

interface Laying {
  readonly name: StoreName;
  readonly key: BackupKey;
  readonly beside: string;
}

async function layRows(
  { backup }: RestoreParts,
  manifest: BackupManifest,
  { name, key, beside }: Laying,
): Promise<void> {
  const file = STORE_FILES[name];
  const counts = new Map<string, number>();
  await layStore(path.join(beside, name), counted(readRows(backup, file, key), counts));
  const told = Object.entries(manifest.rows[name]);
  if (told.length !== counts.size || told.some(([table, rows]) => counts.get(table) !== rows))
    throw refusal('backup-changed', { file });
}

async function* counted(
  rows: AsyncIterable<LyingRow>,
  counts: Map<string, number>,
): AsyncGenerator<LyingRow> {
  for await (const row of rows) {
    const table = tableOf(row[0]);
    counts.set(table, (counts.get(table) ?? 0) + 1);
    yield row;
  }
}

type Held = Pick<Restored, 'rows' | 'erasedAgain' | 'entriesSince' | 'check'>;

/** Opens what was laid as a start would, and refuses what no start would serve. */
async function holdAgainst(
  { keyToken, destroyed, nowMs }: RestoreParts,
  manifest: BackupManifest,
  beside: string,
): Promise<Held> {
  const stores = await openStores(beside, silent, { keyToken, nowMs });
  try {
    const { tables, findings } = await auditStores({
      stores: [
        { store: stores.store, tables: [...PRECIOUS_TABLES, ORDER_PAGES] },
        { store: stores.keyStore, tables: [...keyStoreTables, ORDER_PAGES] },
      ],
    });
    if (findings.length > 0) throw refusal('restored-unsound', { findings: findings.length });
    const isOfNetwork = (await openBlocks(stores.store)).genesis === undefined;
    if (destroyed === undefined && isOfNetwork) throw refusal('destroyed-keys-unlisted');
    const erasedAgain = destroyed === undefined ? 0 : await stores.erasures.replay(destroyed.ids, nowMs());
    const check = isOfNetwork ? undefined : await checked(stores, manifest, beside);
    const rows = tables.reduce((sum, table) => sum + table.rows, 0);
    return { rows, erasedAgain, entriesSince: destroyed?.entriesSince, check };
  } finally {
    await stores.close();
  }
}

/** The chain of the folder itself: the ledger of the manifest, as long as its views were, and everything on it holds. */
async function checked(stores: Stores, manifest: BackupManifest, beside: string): Promise<Checked> {
  const { chain, trust } = await openToCheck(stores, {}, silent);
  try {
    const isOfLedger =
      trust !== undefined && JSON.stringify(ledgerOf(trust)) === JSON.stringify(manifest.ledger);
    if (!isOfLedger) throw refusal('backup-of-another-ledger', { what: 'genesis' });
    await requireReached(stores, manifest);
    writeTrustTo(beside, trust);
    const views = await openViews(path.join(beside, 'views'), { number: 0n, hash: chain.pin.genesisHash });
    try {
      const { ok, findings, blockNumber, entries, units, vault } = await checkDataFolder(
        stores,
        chain,
        views,
      );
      if (!ok) throw refusal('restored-unsound', { findings: findings.length });
      return { blocks: Number(blockNumber), entries: Number(entries), units, records: vault.records };
    } finally {
      await views.close();
    }
  } finally {
    await chain.close();
  }
}

async function requireReached({ store }: Stores, { cursor }: BackupManifest): Promise<void> {
  const { blockNumber, blockHash } = cursor;
  const journal = await openBlocks(store);
  const through = await journal.head();
  if (through < BigInt(blockNumber)) throw refusal('chain-behind-backup', { blockNumber, through });
  if (blockNumber === 0) return;
  for await (const { hash } of journal.read(BigInt(blockNumber))) {
    if (hash !== blockHash) throw refusal('backup-of-another-ledger', { what: `block ${blockNumber}` });
    return;
  }
}

/** Where nothing is, or an empty folder. */
function move(from: string, to: string): void {
  if (existsSync(to)) rmdirSync(to);
  renameSync(from, to);
  syncEntry(to);
}
