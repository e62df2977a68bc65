/**
 * What stands on the data folder: stores, keys, the embedded chain, its founding and its trust file.
 *
 * Promises: opening changes nothing but what a kill left unfinished and what a restored key store brought back; founding
 * happens once, and never in the place of what was lost beside rows that are there; the trust file is written once. One
 * process owns the folder: a second opening is refused as `data-folder-in-use`. For `main`, and for `fsck` where no gateway
 * runs.
 */

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Logger } from 'pino';
import { SEATED_QUORUM } from '../domain/audit/measureChanges.ts';
import { fingerprint, type TrustedContract, type TrustFile, writeTrust } from '../domain/audit/trust.ts';
import { type Address, type Bytes32, fromHex, type Hex, textOfUtf8, toHex } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import type { Founding } from '../domain/power/founding.ts';
import { parseFounding } from '../domain/power/foundingFile.ts';
import { encodeCall } from '../ledger/contracts.ts';
import { type EmbeddedChain, type EmbeddedOptions, openEmbedded } from '../ledger/embedded.ts';
import type { Engine } from '../ledger/engine.ts';
import {
  charterAccount,
  contractsOf,
  FOUNDING_STEPS,
  foundLedger,
  type LedgerContracts,
} from '../ledger/founding.ts';
import { keccak256 } from '../ledger/keccak.ts';
import { type DigestSigner, signTransaction } from '../ledger/signer.ts';
import { accessTables } from '../store/access.ts';
import { actTables } from '../store/acts.ts';
import { answeredTables } from '../store/answeredFiles.ts';
import { backupTables } from '../store/backups.ts';
import { blockTables, openBlocks } from '../store/blocks.ts';
import { cadastreTables } from '../store/cadastre.ts';
import { carriedTables } from '../store/carried.ts';
import { DataKeys, keyStoreTables } from '../store/dataKeys.ts';
import { decisionTables } from '../store/decisions.ts';
import { keepWhole, makeFolder, requireDisk } from '../store/disk.ts';
import { erasureRequestTables } from '../store/erasureRequests.ts';
import { Erasures, erasureTables } from '../store/erasures.ts';
import { idempotencyTables } from '../store/idempotency.ts';
import { incidentTables } from '../store/incidents.ts';
import { keyMarkTables, markKeys } from '../store/keyMarks.ts';
import { type KeyService, keyFolderOf, openKeys, type SigningRole } from '../store/keys.ts';
import { labelTables } from '../store/labels.ts';
import { openLevelStore } from '../store/levelStore.ts';
import { lineageTables } from '../store/lineage.ts';
import type { TransactionSigner } from '../store/operation.ts';
import { outboxTables } from '../store/outbox.ts';
import type { TokenSettings } from '../store/pkcs11.ts';
import { profileTables } from '../store/profiles.ts';
import { proposalTables } from '../store/proposals.ts';
import { readingCodeTables } from '../store/readingCodes.ts';
import { rollTables } from '../store/rolls.ts';
import { searchTables } from '../store/searches.ts';
import type { AnyTable, Store } from '../store/store.ts';
import { subjectTables } from '../store/subjects.ts';
import { tokenTables } from '../store/tokens.ts';
import { vaultTables } from '../store/vault.ts';
import type { Config } from './config.ts';

/** Only one founder: the first relayer, whose power ends with the founding. */
const FOUNDER: SigningRole = 'relayer-0';

/** Every precious table of the data folder. */
export const PRECIOUS_TABLES = [
  ...subjectTables,
  ...vaultTables,
  ...accessTables,
  ...erasureTables,
  ...erasureRequestTables,
  ...outboxTables,
  ...actTables,
  ...idempotencyTables,
  ...cadastreTables,
  ...rollTables,
  ...carriedTables,
  ...tokenTables,
  ...blockTables,
  ...profileTables,
  ...decisionTables,
  ...proposalTables,
  ...answeredTables,
  ...labelTables,
  ...readingCodeTables,
  ...searchTables,
  ...lineageTables,
  ...incidentTables,
  ...keyMarkTables,
  ...backupTables,
] as const;

/** The folder of the store that a first start makes, once there are keys. */
const PRECIOUS = 'precious';
const KEY_STORE = 'keyStore';

export interface StoresOptions {
  readonly isOrderBuiltAgain?: boolean;
  /** What a start would destroy again is left as it is, for who looks. */
  readonly isLookedAt?: boolean;
  /** The hardware token that the keys are opened by; none, and a file beside them does. */
  readonly keyToken?: TokenSettings | undefined;
  readonly nowMs?: () => number;
}

export async function openStores(
  dataFolder: string,
  log: Logger,
  { isOrderBuiltAgain = false, isLookedAt = false, keyToken: token, nowMs = Date.now }: StoresOptions = {},
) {
  makeFolder(dataFolder);
  const isFirst = !existsSync(path.join(dataFolder, PRECIOUS));
  requireDisk(dataFolder, isFirst);
  const keyFolder = keyFolderOf(dataFolder);
  const mayFoundKeys = isFirst && !existsSync(path.join(dataFolder, KEY_STORE));
  const ring = await openKeys(keyFolder, { mayFound: mayFoundKeys, token, nowMs });
  if (isFirst && !ring.isUnused) throw refusal('store-missing', { folder: path.join(dataFolder, PRECIOUS) });
  const integrityKey = await ring.integrityKey();
  /** Tables whose order of keys was found damaged; it is built again where the folder is, or where it is looked at, a copy. */
  const damagedOrder: string[] = [];
  const opened = (name: string, tables: readonly AnyTable[], mayFound: boolean) =>
    openLevelStore({
      folder: path.join(dataFolder, name),
      integrityKey,
      tables,
      mayFound,
      isOrderBuiltAgain,
      onDamagedOrder: (table) => {
        damagedOrder.push(table);
        log.error({ store: name, table }, 'the order of keys is damaged, and is built again from the rows');
      },
      onNoRoom: (table, err) =>
        log.error({ store: name, table, err }, 'the order of keys waits for room to be built again'),
      onBuilding: (progress) =>
        log.info(Object.assign({ store: name }, progress), 'the order of keys is built'),
    });
  const keyStore = await opened(KEY_STORE, keyStoreTables, isFirst); // before the rows: where they are it is
  const open = [keyStore];
  const close = async () => {
    for (const store of open) await store.close();
  };
  try {
    // A kill ended the first start: no key but the rows' own is made before there are rows.
    const mayFound = ring.isUnused && (await isEmpty(keyStore, keyStoreTables));
    const store = await opened(PRECIOUS, PRECIOUS_TABLES, mayFound);
    open.unshift(store);
    // Opened again: until this process had the folder, another one may have made keys.
    const keys = await openKeys(keyFolder, { mayFound: false, token, nowMs });
    await markKeys(store, keys, keyFolder);
    const dataKeys = new DataKeys(keyStore, keys);
    await dataKeys.arrange(keyFolder);
    const erasures = new Erasures(store, dataKeys);
    if (!isLookedAt) await erasures.finish();
    return { dataFolder, keys, store, keyStore, dataKeys, erasures, damagedOrder, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function isEmpty(store: Store, tables: readonly AnyTable[]): Promise<boolean> {
  const rows = await Promise.all(tables.map((table) => store.rows(table)));
  return rows.every((count) => count === 0);
}

/** Refuses as `keys-on-disk` a seated ledger whose keys nothing but files holds, where nobody said that this is known. */
export function requireKeysHeld(
  { demo, areKeysOnDiskAccepted }: Config,
  { warning }: KeyService,
  isSeated: boolean,
): void {
  if (isSeated && warning !== undefined && !demo && !areKeysOnDiskAccepted) throw refusal('keys-on-disk');
}

export type Stores = Awaited<ReturnType<typeof openStores>>;

/** A key of the key service as the ledger's signers take it. */
async function signerOf(keys: KeyService, role: SigningRole): Promise<DigestSigner> {
  return {
    address: await keys.address(role),
    async sign(digest) {
      const { r, s, yParity } = await keys.sign(role, toHex(digest) as Bytes32);
      return { compact: fromHex(`${r}${s.slice(2)}`), parity: yParity };
    },
  };
}

/** The chain of this folder; a new one where none is, but refused where the folder says that its ledger is elsewhere. */
export async function openChain(
  { dataFolder, keys, store }: Stores,
  log: Logger,
  options: Pick<EmbeddedOptions, 'isClockAccepted' | 'onDiskFailure'> = {},
): Promise<EmbeddedChain> {
  const nodeSigner = await signerOf(keys, 'node');
  const founder = await keys.address(FOUNDER);
  const journal = await openBlocks(store);
  if (journal.genesis === undefined && existsSync(path.join(dataFolder, TRUST_FILE))) {
    throw refusal('data-folder-of-network');
  }
  return openEmbedded({
    journal,
    nodeSigner,
    clock: () => BigInt(Math.floor(Date.now() / 1000)),
    ...options,
    genesisAccounts: (chainId) => [charterAccount([nodeSigner.address], founder, chainId)],
    onProgress: (progress) =>
      log.info({ progress: String(progress.blockNumber) }, 'executing the journal again'),
    onGrown: (transactions) =>
      log.warn({ transactions }, 'this ledger has outgrown one process: found a network'),
  });
}

export async function transactionSigner(
  keys: KeyService,
  chain: Pick<Engine, 'pin' | 'gasOf'>,
  lanes: number,
): Promise<TransactionSigner> {
  const relayers = await Promise.all(
    Array.from({ length: lanes }, (_, lane) => signerOf(keys, `relayer-${lane}`)),
  );
  return async (call, lane, nonce) => {
    const relayer = relayers[lane];
    if (relayer === undefined) throw new Error('a lane without a relayer');
    const { chainId } = chain.pin;
    const gas = call.asksMost ? call.gas : await chain.gasOf(call, relayer.address);
    return signTransaction({ chainId, nonce: BigInt(nonce), gas, to: call.to, data: call.data }, relayer);
  };
}

/** The contracts in force, or what is missing before there are any. */
export async function found(
  config: Config,
  keys: KeyService,
  chain: EmbeddedChain,
  log: Logger,
): Promise<LedgerContracts | undefined> {
  const founded = await foundedIn(keys, chain);
  if (founded !== undefined) return founded;
  const founder = await signerOf(keys, FOUNDER);
  const founding = foundingIn(config);
  if (founding === undefined) {
    if (config.isFoundingNamed) throw refusal('founding-file-missing');
    return undefined;
  }
  requireKeysHeld(config, keys, founding.quorum >= SEATED_QUORUM);
  requireDisk(config.dataFolder, true); // a founding that was broken off goes on
  log.info('founding the ledger');
  const { chainId } = chain.genesis;
  return foundLedger({
    provider: chain,
    founder: founder.address,
    founding,
    node: await keys.address('node'),
    sign: ({ to, data, nonce, gas }) =>
      signTransaction({ chainId, nonce, gas, data, ...(to && { to }) }, founder),
  });
}

/** The contracts of a ledger whose founding is over. */
export async function foundedIn(
  keys: KeyService,
  chain: EmbeddedChain,
): Promise<LedgerContracts | undefined> {
  const founder = await keys.address(FOUNDER);
  const params = [founder, 'latest'];
  const done = Number(await chain.request({ method: 'eth_getTransactionCount', params }));
  return done >= FOUNDING_STEPS ? contractsOf(founder) : undefined;
}

export function foundingIn({ foundingFile }: Config): Founding | undefined {
  if (!existsSync(foundingFile)) return undefined;
  const text = textOfUtf8(readFileSync(foundingFile));
  if (text === undefined) throw refusal('founding-file-malformed');
  return parseFounding(text);
}

/**
 * Written once at founding and never again: what everybody else must obtain from somewhere else than the gateway.
 * Refuses as `trust-file-differs` one that is not this ledger's.
 */
export async function trustOf(
  { dataFolder }: Config,
  chain: EmbeddedChain,
  contracts: LedgerContracts,
  log: Logger,
): Promise<TrustFile> {
  const trust = await trustIn(chain, contracts);
  if (requireTrust(dataFolder, trust)) return trust;
  const file = path.join(dataFolder, TRUST_FILE);
  keepWhole(file, writeTrust(trust), TRUST_FILE_MODE); // one that a kill cut short would differ for ever
  log.info({ fingerprint: fingerprint(trust) }, `trust file written: ${file}`);
  return trust;
}

export const TRUST_FILE = 'trust.json';
/** For everybody: it is no secret. */
const TRUST_FILE_MODE = 0o644;

/** False where none was written yet. */
export function requireTrust(dataFolder: string, trust: TrustFile): boolean {
  const kept = trustTextIn(dataFolder);
  if (kept !== undefined && kept !== writeTrust(trust)) throw refusal('trust-file-differs');
  return kept !== undefined;
}

/** What the folder keeps under that name; undefined where nothing was written yet. */
export function trustTextIn(dataFolder: string): string | undefined {
  const file = path.join(dataFolder, TRUST_FILE);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** In place of whatever the folder has. */
export function writeTrustTo(dataFolder: string, trust: TrustFile): void {
  keepWhole(path.join(dataFolder, TRUST_FILE), writeTrust(trust), TRUST_FILE_MODE);
}

async function ledgerNonceIn(chain: EmbeddedChain, { land }: LedgerContracts): Promise<Bytes32> {
  const params = [{ to: land, data: encodeCall('land', 'ledgerNonce', []) }, 'latest'];
  return (await chain.request({ method: 'eth_call', params })) as Bytes32;
}

/** What stands at an address, by the word of whoever keeps the chain. */
export async function contractAt(chain: Pick<Engine, 'request'>, address: Address): Promise<TrustedContract> {
  const code = (await chain.request({ method: 'eth_getCode', params: [address, 'latest'] })) as Hex;
  return { address, codeHash: toHex(keccak256(fromHex(code))) as Bytes32 };
}

/** As this ledger would be founded now: none of it changes. */
export async function trustIn(chain: EmbeddedChain, contracts: LedgerContracts): Promise<TrustFile> {
  const pinned = (address: Address) => contractAt(chain, address);
  const genesisHash = chain.genesis.hash;
  return {
    format: 'kudurru-trust-1',
    genesisHash,
    chainId: Number(chain.genesis.chainId),
    ledgerNonce: await ledgerNonceIn(chain, contracts),
    lineage: 'embedded',
    nodeKey: chain.nodeKey,
    witnessKeys: [],
    witnessThreshold: 0,
    contracts: {
      charter: await pinned(contracts.charter),
      consortium: await pinned(contracts.consortium),
      landRegistry: await pinned(contracts.land),
      benefitLedger: await pinned(contracts.benefits),
    },
    minimumCheckpoint: { blockNumber: 0, blockHash: genesisHash },
  };
}
