/**
 * A backup of a gateway that goes on serving: both stores of one moment, sealed, and a signed manifest that says what it is.
 *
 * Promises: every row that names a key has it in the same backup, and of every key that is gone the tombstone is there, for
 * the rows are taken at a moment and the keys right behind them; the keys of the gateway are in no backup; a folder without
 * its manifest is no backup, and none is there before all else is on disk. For `main`; `restore.ts` reads it.
 */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { crashPoint } from './crash.ts';
import { recoverCompact } from './domain/audit/signature.ts';
import { type TrustFile, writeTrust } from './domain/audit/trust.ts';
import { type Address, type Bytes32, fromHex, type Hex, textOfUtf8, toHex } from './domain/base/hex.ts';
import { refusal } from './domain/base/refusal.ts';
import { compactHex } from './ledger/signer.ts';
import { type BackupKey, type FileTold, writeRows } from './store/backupFile.ts';
import { Backups } from './store/backups.ts';
import { frame } from './store/cipher.ts';
import { makeFolder, syncEntry, writeSynced } from './store/disk.ts';
import type { KeyMonth, KeyService } from './store/keys.ts';
import type { Views } from './store/views.ts';
import type { Stores } from './wiring/stores.ts';

const BACKUP_FORMAT = 'kudurru-backup-1';
export const MANIFEST = 'manifest.json';
const MANIFEST_BYTES_MAX = 2 ** 20;
const SALT_BYTES = 32;
const FILE_MODE = 0o600;
/** The rows and the keys of the vault, as the folders of a data folder are called. */
export const STORE_FILES = { precious: 'precious.sealed', keyStore: 'keyStore.sealed' } as const;
export type StoreName = keyof typeof STORE_FILES;
export const TRUST_COPY = 'trust.json';

export interface BackupManifest {
  readonly format: typeof BACKUP_FORMAT;
  /** Of this gateway, from 1. */
  readonly sequence: number;
  readonly takenAt: string;
  readonly ledger: { readonly genesisHash: Bytes32; readonly chainId: number; readonly ledgerNonce: Bytes32 };
  /** The block that the views stood on: the chain that it is restored beside has it. */
  readonly cursor: { readonly blockNumber: number; readonly blockHash: Bytes32 };
  /** What it knows of destroyed keys: its own tombstones, and how many ids the ledger had counted up to that block. */
  readonly destroyed: { readonly tombstones: number; readonly head: Bytes32; readonly counted: number };
  /** The month whose wrapping keys the newest keys lie under. */
  readonly keyMonth: KeyMonth;
  readonly rows: Readonly<Record<StoreName, Readonly<Record<string, number>>>>;
  readonly salt: Hex;
  readonly files: readonly FileTold[];
  /** Who signed: the key of this gateway's node. */
  readonly signer: Address;
}

export interface BackupParts {
  readonly stores: Pick<Stores, 'store' | 'keyStore' | 'keys' | 'erasures'>;
  readonly views: Pick<Views, 'cursor' | 'notary'>;
  readonly trust: TrustFile;
  readonly nowMs: () => number;
  /** Of the disk that it is written to. */
  readonly freeBytes?: () => number;
}

/** Writes a new folder. Refuses as `folder-not-empty` and `disk-full`; what ends half-way leaves nothing behind. */
export async function takeBackup(
  { stores, views, trust, nowMs, freeBytes }: BackupParts,
  into: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<BackupManifest> {
  requireEmpty(into);
  const { store, keyStore, keys, erasures } = stores;
  store.refuseBelowFloor('new');
  const signer = await keys.address('node'); // a key that is made now is noted before the rows are taken
  const salt = randomBytes(SALT_BYTES);
  const key: BackupKey = { integrityKey: await keys.integrityKey(), salt };
  const { sequence } = await new Backups(store).begin(nowMs());
  const [{ stones, head }, counted] = [await erasures.head(), await views.notary.stones()];
  makeFolder(into);
  // At one go: no write ends between the two, and keys come before rows that need them and go after their tombstones.
  const [rows, cursor] = [store.copy(), views.cursor];
  const keyRows = keyStore.copy();
  try {
    const precious = await writeRows(into, STORE_FILES.precious, {
      key,
      rows: rows.rows(),
      signal,
      freeBytes,
    });
    crashPoint('backup.rows-written');
    const kept = await writeRows(into, STORE_FILES.keyStore, {
      key,
      rows: keyRows.rows(),
      signal,
      freeBytes,
    });
    const manifest: BackupManifest = {
      format: BACKUP_FORMAT,
      sequence,
      takenAt: new Date(nowMs()).toISOString(),
      ledger: ledgerOf(trust),
      cursor: { blockNumber: Number(cursor.number), blockHash: cursor.hash },
      destroyed: { tombstones: stones, head, counted: Number(counted) },
      keyMonth: keys.month,
      rows: { precious: Object.fromEntries(precious.counts), keyStore: Object.fromEntries(kept.counts) },
      salt: toHex(salt),
      files: [precious.file, kept.file, writeTrustCopy(into, trust)],
      signer,
    };
    const signature = await signed(keys, manifest);
    crashPoint('backup.before-manifest');
    writeSynced(
      path.join(into, MANIFEST),
      `${JSON.stringify({ manifest, signature }, undefined, 2)}\n`,
      FILE_MODE,
    );
    syncEntry(path.join(into, MANIFEST));
    return manifest;
  } catch (error) {
    rmSync(into, { recursive: true, force: true });
    throw error;
  } finally {
    await rows.close();
    await keyRows.close();
  }
}

export function ledgerOf({ genesisHash, chainId, ledgerNonce }: TrustFile): BackupManifest['ledger'] {
  return { genesisHash, chainId, ledgerNonce };
}

/** Refuses as `folder-not-empty`. */
export function requireEmpty(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length > 0) throw refusal('folder-not-empty', { folder });
}

function writeTrustCopy(into: string, trust: TrustFile): FileTold {
  const text = writeTrust(trust);
  writeSynced(path.join(into, TRUST_COPY), text, FILE_MODE);
  const sha256 = createHash('sha256').update(text).digest('hex');
  return { name: TRUST_COPY, bytes: Buffer.byteLength(text), sha256 };
}

/** What the node's key signs: no head and no transaction begins so. */
function digestOf(manifest: BackupManifest): Bytes32 {
  const tagged = frame('kudurru backup manifest', 1, JSON.stringify(manifest));
  return `0x${createHash('sha256').update(tagged).digest('hex')}` as Bytes32;
}

async function signed(keys: KeyService, manifest: BackupManifest): Promise<Hex> {
  const { r, s, yParity } = await keys.sign('node', digestOf(manifest));
  return compactHex({ compact: fromHex(`${r}${s.slice(2)}`), parity: yParity });
}

/**
 * The manifest of a backup, whose signer is who it says. Refuses as `backup-unfinished` where there is none, and as
 * `backup-changed` one that nobody signed so. Whether the signer is the gateway's own is for whoever has its keys.
 */
export function readManifest(folder: string): BackupManifest {
  const file = path.join(folder, MANIFEST);
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  if (size === undefined) throw refusal('backup-unfinished', { folder });
  const changed = () => refusal('backup-changed', { file: MANIFEST });
  if (size > MANIFEST_BYTES_MAX) throw changed();
  const { manifest, signature } = parsed(textOfUtf8(readFileSync(file)) ?? '') ?? {};
  if (manifest === undefined || typeof signature !== 'string') throw changed();
  if (manifest.format !== BACKUP_FORMAT) throw refusal('backup-of-another-version');
  if (!/^0x[0-9a-f]{128}$/.test(signature)) throw changed();
  const signer = recoverCompact(fromHex(digestOf(manifest)), fromHex(signature as Hex));
  if (signer === undefined || signer !== manifest.signer) throw changed();
  return manifest;
}

function parsed(text: string): { manifest?: BackupManifest; signature?: unknown } | undefined {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === 'object' && read !== null ? read : undefined;
  } catch {
    return undefined;
  }
}
