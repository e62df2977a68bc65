/**
 * The composition root: opens everything once, in order, and wires it; the only place that does.
 *
 * Order: keys, store, chain (its whole journal is executed again), founding, ledger, views, then the one loop that
 * takes every verified block into the outbox and the views; and only when the views have reached the head, HTTP. A
 * stop closes in the other order; a kill at any moment is what the next start is made for.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { pino } from 'pino';
import { openActBook } from './actBook.ts';
import { aidRoutes } from './aid.ts';
import { Commit } from './commit.ts';
import { type Config, readConfig } from './config.ts';
import { Certificates } from './desk/certificates.ts';
import { Intake } from './desk/intake.ts';
import { LandDesk } from './desk/land.ts';
import { fingerprint, readTrust, type TrustFile, writeTrust } from './domain/audit/trust.ts';
import { Fault } from './domain/fault.ts';
import { type Founding, foundingMissing } from './domain/founding.ts';
import { parseFounding } from './domain/foundingFile.ts';
import { type Address, type Bytes32, fromHex, type Hex, toHex } from './domain/hex.ts';
import type { OfficerId } from './domain/terms.ts';
import { actRoutes } from './http/acts.ts';
import { buildApp } from './http/app.ts';
import { gatewayRoutes, mountPages } from './http/gateway.ts';
import { landRoutes } from './http/land.ts';
import { describeApi } from './http/openapi.ts';
import type { Standing } from './http/pages.ts';
import { ROLES, type Role, type Route } from './http/route.ts';
import { refusalOfRevert } from './ledger/contracts.ts';
import { type EmbeddedChain, openEmbedded } from './ledger/embedded.ts';
import { EventReader } from './ledger/events.ts';
import {
  CHARTER_ADDRESS,
  charterAccount,
  contractsOf,
  FOUNDING_STEPS,
  foundLedger,
  type LedgerContracts,
} from './ledger/founding.ts';
import { keccak256 } from './ledger/keccak.ts';
import { type Ledger, openLedger, type VerifiedBlock } from './ledger/ledger.ts';
import { NodeError } from './ledger/provider.ts';
import { listenRpc } from './ledger/rpc.ts';
import { type DigestSigner, signTransaction } from './ledger/signer.ts';
import { AccessLog, accessTables } from './store/access.ts';
import { Acts, actTables } from './store/acts.ts';
import { blockTables, openBlocks } from './store/blocks.ts';
import { Cadastre, cadastreTables } from './store/cadastre.ts';
import { Commitments, commitmentTables } from './store/commitments.ts';
import { DataKeys, keyStoreTables } from './store/dataKeys.ts';
import { Erasures, erasureTables } from './store/erasures.ts';
import { Idempotency, idempotencyTables } from './store/idempotency.ts';
import { type KeyService, openSoftwareKeys, type SigningRole } from './store/keys.ts';
import type { TransactionSigner } from './store/operation.ts';
import { openOutbox, outboxTables } from './store/outbox.ts';
import { rollTables } from './store/rolls.ts';
import { openStore } from './store/store.ts';
import { Subjects, subjectTables } from './store/subjects.ts';
import { Tokens, tokenTables } from './store/tokens.ts';
import { Vault, vaultTables } from './store/vault.ts';
import { openViews, type Views } from './store/views.ts';

const VERSION = '0.1.0';
/** Only one founder: the first relayer, whose power ends with the founding. */
const FOUNDER: SigningRole = 'relayer-0';
const DAY_MS = 24 * 3_600_000;
/** The one-time link is for the person who started the gateway, now. */
const LINK_LIFE_MS = DAY_MS;
const REQUEST_TIMEOUT_MS = 60_000;
/** Requests under way when the process is asked to stop. */
const DRAIN_MS = 5_000;

const log = pino({ base: null, level: process.env.KUDURRU_LOG ?? 'info' }, pino.destination(2));

// ---- What is opened ------------------------------------------------------------------------------------------

async function openStores(dataFolder: string) {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const keys = openSoftwareKeys(path.join(dataFolder, 'keys'));
  if (keys.warning !== undefined) log.warn(keys.warning);
  const integrityKey = await keys.integrityKey();
  const store = await openStore({
    folder: path.join(dataFolder, 'precious'),
    integrityKey,
    tables: [
      ...[...subjectTables, ...vaultTables, ...accessTables, ...erasureTables, ...outboxTables],
      ...[...actTables, ...idempotencyTables, ...cadastreTables, ...commitmentTables, ...rollTables],
      ...[...tokenTables, ...blockTables],
    ],
  });
  const keyStore = await openStore({
    folder: path.join(dataFolder, 'keyStore'),
    integrityKey,
    tables: keyStoreTables,
  });
  const dataKeys = new DataKeys(keyStore, keys);
  const erasures = new Erasures(store, dataKeys);
  await erasures.finish();
  const close = async () => {
    await store.close();
    await keyStore.close();
  };
  return { keys, store, dataKeys, erasures, close };
}
type Stores = Awaited<ReturnType<typeof openStores>>;

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

async function openChain({ keys, store }: Stores): Promise<EmbeddedChain> {
  const nodeSigner = await signerOf(keys, 'node');
  return openEmbedded({
    journal: await openBlocks(store),
    nodeSigner,
    clock: () => BigInt(Math.floor(Date.now() / 1000)),
    genesisAccounts: [charterAccount([nodeSigner.address], await keys.address(FOUNDER))],
    onProgress: (progress) =>
      log.info({ progress: String(progress.blockNumber) }, 'executing the journal again'),
    onGrown: (transactions) =>
      log.warn({ transactions }, 'this ledger has outgrown one process: found a network'),
  });
}

async function transactionSigner(
  keys: KeyService,
  chainId: bigint,
  lanes: number,
): Promise<TransactionSigner> {
  const relayers = await Promise.all(
    Array.from({ length: lanes }, (_, lane) => signerOf(keys, `relayer-${lane}`)),
  );
  return ({ to, data, gas }, lane, nonce) => {
    const relayer = relayers[lane];
    if (relayer === undefined) throw new Error('a lane without a relayer');
    return signTransaction({ chainId, nonce: BigInt(nonce), gas, to, data }, relayer);
  };
}

/** The contracts in force, or what is missing before there are any. */
async function found(
  config: Config,
  keys: KeyService,
  chain: EmbeddedChain,
): Promise<LedgerContracts | undefined> {
  const founder = await signerOf(keys, FOUNDER);
  const params = [founder.address, 'latest'];
  const done = Number(await chain.request({ method: 'eth_getTransactionCount', params }));
  if (done >= FOUNDING_STEPS) return contractsOf(founder.address);
  const founding = foundingIn(config);
  if (founding === undefined) return undefined;
  log.info('founding the ledger');
  const { chainId } = chain.genesis;
  return foundLedger({
    provider: chain,
    founder: founder.address,
    founding,
    sign: ({ to, data, nonce, gas }) =>
      signTransaction({ chainId, nonce, gas, data, ...(to && { to }) }, founder),
  });
}

function foundingIn({ foundingFile }: Config): Founding | undefined {
  return existsSync(foundingFile) ? parseFounding(readFileSync(foundingFile, 'utf8')) : undefined;
}

/** Written once at founding and never again: what everybody else must obtain from somewhere else than the gateway. */
async function trustOf(
  { dataFolder }: Config,
  chain: EmbeddedChain,
  contracts: LedgerContracts,
): Promise<TrustFile> {
  const file = path.join(dataFolder, 'trust.json');
  if (existsSync(file)) return readTrust(readFileSync(file, 'utf8'));
  const pinned = async (address: Address) => {
    const code = (await chain.request({ method: 'eth_getCode', params: [address, 'latest'] })) as Hex;
    return { address, codeHash: toHex(keccak256(fromHex(code))) as Bytes32 };
  };
  const genesisHash = chain.genesis.hash;
  const trust: TrustFile = {
    format: 'kudurru-trust-1',
    genesisHash,
    chainId: Number(chain.genesis.chainId),
    lineage: 'embedded',
    nodeKey: chain.nodeKey,
    witnessKeys: [],
    contracts: {
      charter: await pinned(contracts.charter),
      consortium: await pinned(contracts.consortium),
      landRegistry: await pinned(contracts.land),
      benefitLedger: await pinned(contracts.benefits),
    },
    minimumCheckpoint: { blockNumber: 0, blockHash: genesisHash },
  };
  writeFileSync(file, writeTrust(trust), { mode: 0o644 });
  log.info({ fingerprint: fingerprint(trust) }, `trust file written: ${file}`);
  return trust;
}

// ---- The ledger's side ---------------------------------------------------------------------------------------

interface Running {
  readonly views: Views;
  readonly ledger: Ledger;
  readonly commit: Commit;
  /** Ends the loop and what it feeds. */
  close(): Promise<void>;
  /** Why the loop ended by itself, and the newest block the views hold. */
  readonly state: { broken: string | undefined; newest: VerifiedBlock | undefined };
}

async function run(
  config: Config,
  stores: Stores,
  chain: EmbeddedChain,
  contracts: LedgerContracts,
): Promise<Running> {
  const { keys, store, dataKeys } = stores;
  const { chainId, hash: genesisHash } = chain.genesis;
  const ledger = await openLedger({ provider: chain, pin: { chainId, genesisHash } });
  const views = await openViews(path.join(config.dataFolder, 'views'), ledger.genesis);
  const outbox = await openOutbox(store, Date.now);
  await outbox.catchUpNonce(0, FOUNDING_STEPS);
  const commit = new Commit({
    acts: new Acts(store, Date.now),
    outbox,
    idempotency: new Idempotency(store, keys, Date.now),
    vault: new Vault(store, dataKeys),
    commitments: new Commitments(store),
    book: openActBook(
      (contract) => contracts[contract],
      async (officer) => {
        const row = await views.power.officer(officer as OfficerId);
        return row?.key.kind === 'secp256k1' ? row.key.keyHash : undefined;
      },
    ),
    ledger,
    sign: await transactionSigner(keys, chainId, outbox.lanes),
    refusalIn: (error) =>
      error instanceof NodeError && typeof error.data === 'string'
        ? refusalOfRevert(error.data as Hex)
        : undefined,
    onFault: (error, operation) =>
      log.error({ err: error, operation }, 'an operation waits for the next start'),
  });
  const reader = new EventReader<VerifiedBlock>({
    charter: CHARTER_ADDRESS,
    contracts: await views.journal.contracts(),
    questions: ledger,
  });
  const stop = new AbortController();
  const state: Running['state'] = { broken: undefined, newest: undefined };
  const follow = async () => {
    for await (const block of ledger.follow(views.cursor, stop.signal)) {
      const events = await reader.read(block);
      const ours = await commit.seen(block, events);
      await views.apply(events);
      state.newest = block;
      await commit.shown(ours);
    }
  };
  const following = follow().catch((error: unknown) => {
    state.broken = error instanceof Error ? error.message : 'the ledger cannot be followed';
    log.fatal({ err: error }, 'following the ledger ended');
  });
  await Promise.race([views.reached(chain.headNumber), following]);
  await commit.resume();
  const close = async () => {
    stop.abort();
    await following;
    ledger.close();
    await views.close();
  };
  return { views, ledger, commit, close, state };
}

// ---- Serving -------------------------------------------------------------------------------------------------

async function standingOf(
  config: Config,
  chain: EmbeddedChain,
  running: Running | undefined,
  queued: number,
): Promise<Standing> {
  const counts = await running?.views.counts();
  const constitution = await running?.views.power.constitution();
  const blockSeconds = running?.views.timestampSeconds ?? 0;
  return {
    demo: config.demo,
    phase: constitution?.isSeated ? 'seated' : 'founding',
    finality: 'local',
    blockNumber: chain.headNumber,
    blockAgeSeconds:
      blockSeconds === 0 ? undefined : Math.max(0, Math.floor(Date.now() / 1000) - blockSeconds),
    titles: counts?.titles ?? 0,
    entitlements: counts?.enrolled ?? 0,
    entries: counts?.entries ?? 0,
    unsound: running?.state.broken,
    missing: foundingMissing(foundingIn(config)),
    queued,
  };
}

/** What is served once there is a ledger. */
function ledgerRoutes(
  { keys, store, dataKeys }: Stores,
  chain: EmbeddedChain,
  contracts: LedgerContracts,
  trust: TrustFile,
  running: Running,
): Route[] {
  const { commit, views } = running;
  const subjects = new Subjects(store, keys);
  const cadastre = new Cadastre(store);
  const vault = new Vault(store, dataKeys);
  const intake = new Intake({ cadastre, subjects, vault, nowMs: Date.now });
  const desk = new LandDesk({
    ...{ views, cadastre, subjects, nowMs: Date.now },
    ledger: { chainId: Number(chain.genesis.chainId), landRegistry: contracts.land },
    twoInstitutionActsPolicy: toHex(keccak256(Buffer.from('landTwoInstitutionActs'))) as Bytes32,
  });
  const certificates = new Certificates({
    ...{ views, cadastre, vault, trust, nowMs: Date.now },
    commitments: new Commitments(store),
    accessLog: new AccessLog(store),
    proveAtHead: (asked) => proveAtHead(chain, running, asked),
  });
  return [
    ...actRoutes(commit),
    ...landRoutes({ commit, desk, intake, views, certificates }),
    ...aidRoutes({ store, vault, intake, commit, views, chain, benefits: contracts.benefits }),
  ];
}

async function proveAtHead(
  chain: EmbeddedChain,
  { ledger, state: { newest } }: Running,
  asked: readonly { readonly address: Address; readonly slots: readonly Bytes32[] }[],
) {
  const finality = newest && (await chain.finality(newest.number));
  if (newest === undefined || finality === undefined)
    throw new Fault('no block is final yet', { retryable: true });
  const proofs = await Promise.all(asked.map(({ address, slots }) => ledger.prove(address, slots, newest)));
  return { proofs: proofs.map(({ proof }) => proof), finality };
}

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const stores = await openStores(config.dataFolder);
  const chain = await openChain(stores);
  const contracts = await found(config, stores.keys, chain);
  const running = contracts && (await run(config, stores, chain, contracts));
  const trust = contracts && (await trustOf(config, chain, contracts));
  const tokens = new Tokens<Role>(stores.store, Date.now, ROLES);
  const standing = () => standingOf(config, chain, running, 0);
  const routes: Route[] = [
    ...gatewayRoutes({
      standing,
      notReady: async () => (running === undefined ? 'the ledger is not founded yet' : running.state.broken),
      tokens,
    }),
    ...(running && contracts && trust ? ledgerRoutes(stores, chain, contracts, trust, running) : []),
  ];
  const app = buildApp({
    routes,
    authenticate: (token) => tokens.holderOf(token),
    note: (note) => log.info(note, 'answered'),
    unforeseen: (error, requestId) => log.error({ err: error, requestId }, 'unforeseen'),
    pages: (into) =>
      mountPages(into, { standing, metrics: async () => '', description: describeApi(routes, VERSION) }),
  });
  const server = http.createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS },
    app,
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.port, '127.0.0.1', resolve);
  });
  const rpc = config.rpcPort === 0 ? undefined : await listenRpc(chain, config.rpcPort);
  console.log(`${config.demo ? 'DEMO ' : ''}Kudurru is ready: http://localhost:${config.port}`);
  if (await tokens.isEmpty()) await printLink(tokens, config.port);

  let isStopping = false;
  const stop = async () => {
    if (isStopping) return; // a terminal and npm both pass a signal on
    isStopping = true;
    server.close();
    setTimeout(() => server.closeAllConnections(), DRAIN_MS).unref();
    await rpc?.close();
    await running?.close();
    await chain.close();
    await stores.close();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
}

async function printLink(tokens: Tokens<Role>, port: number): Promise<void> {
  const { token } = await tokens.issueLink({
    roles: ['administrator'],
    institution: 0,
    issuedBy: 'the first start',
    lifeMs: LINK_LIFE_MS,
  });
  console.log(`One-time link for the gateway's administrator: http://localhost:${port}/enrol#${token}`);
}

await main();
