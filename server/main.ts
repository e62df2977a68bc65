/** The process of a gateway: it opens stores and chain, runs what follows and carries acts, serves, and ends in order. */
import path from 'node:path';
import { pino } from 'pino';
import { Commit } from './acts/commit.ts';
import { takeBackup } from './backup.ts';
import { checkDataFolder } from './checkup.ts';
import { groundOf } from './desk/ground.ts';
import { openParcelFinder } from './desk/parcelFinder.ts';
import { Surveys } from './desk/surveys.ts';
import type { TrustFile } from './domain/audit/trust.ts';
import { Fault } from './domain/base/fault.ts';
import type { Address, Bytes32 } from './domain/base/hex.ts';
import { Refusal, refusal } from './domain/base/refusal.ts';
import type { BAUnitId } from './domain/base/terms.ts';
import { cautionsOf, ledgerMissing } from './domain/power/founding.ts';
import { buildApp } from './http/app.ts';
import { gatewayRoutes, mountPages } from './http/gateway.ts';
import { ledgerExamples } from './http/ledgerExamples.ts';
import { openMetrics } from './http/metrics.ts';
import { describeApi } from './http/openapi.ts';
import type { Standing } from './http/pages.ts';
import { type Principal, ROLES, type Role, type Route } from './http/route.ts';
import { rulesBeforeFounding } from './http/scope.ts';
import { openSessions } from './http/sessions.ts';
import { serverOf } from './http/transport.ts';
import { boundConnections } from './ledger/connections.ts';
import { contractsInForce, refusalOfRevert } from './ledger/contracts.ts';
import type { EmbeddedChain } from './ledger/embedded.ts';
import type { Engine } from './ledger/engine.ts';
import { FOUNDING_STEPS, type LedgerContracts } from './ledger/founding.ts';
import { guestsOf } from './ledger/guests.ts';
import { type Cursor, type Incident, openLedger } from './ledger/ledger.ts';
import { NodeError, pause, RPC } from './ledger/provider.ts';
import { listenRpc, listenRpcSocket, type RpcListener } from './ledger/rpc.ts';
import { CONTROL_SOCKET, Door, type Orders, takeOrders } from './localControl.ts';
import { PendingActs } from './store/acts.ts';
import { Cadastre } from './store/cadastre.ts';
import { Commitments, openCarried } from './store/carried.ts';
import { Decisions } from './store/decisions.ts';
import { ErasureRequests } from './store/erasureRequests.ts';
import { Idempotency } from './store/idempotency.ts';
import { Incidents } from './store/incidents.ts';
import { KeyRotation } from './store/keyRotation.ts';
import type { OperationId } from './store/operation.ts';
import { openOutbox } from './store/outbox.ts';
import { Proposals } from './store/proposals.ts';
import { Rolls } from './store/rolls.ts';
import type { Transaction } from './store/store.ts';
import { Tokens } from './store/tokens.ts';
import { Vault } from './store/vault.ts';
import { openViews } from './store/views.ts';
import { sweepEvery, watchCarrying } from './wiring/carrying.ts';
import { type Config, readConfig } from './wiring/config.ts';
import { caughtUpAtStart, followLedger, insistently, reachedNewest } from './wiring/following.ts';
import { DRAIN_MS, drained, listen, orPortInUse, WORK_MS } from './wiring/listening.ts';
import {
  catchUpNonces,
  finalityOf,
  freeLanes,
  isLineageBehind,
  isServed,
  isUnproved,
  keepTrust,
  linksKnown,
  type OpenedChain,
  openEngine,
  provenBy,
  requireInForce,
  requireMember,
} from './wiring/nodes.ts';
import { haltedBefore, inWords, NO_NODES, watchNodes } from './wiring/nodeWatch.ts';
import { actBookIn, officersIn } from './wiring/officers.ts';
import { keeperIn } from './wiring/power.ts';
import { caughtUp, clockTold, progressOf, watchReadiness } from './wiring/readiness.ts';
import { ledgerRoutes, type Running, toleranceOf } from './wiring/routes.ts';
import { foundingIn, openStores, requireKeysHeld, type Stores, transactionSigner } from './wiring/stores.ts';

const VERSION = '0.1.0';
const DAY_MS = 24 * 3_600_000;
/** The one-time link is for the person who started the gateway, now. */
const LINK_LIFE_MS = DAY_MS;
/** Each sweep clears a bounded number of rows, so that a write never waits long behind it. */
const SWEEP_EVERY_MS = 3_600_000;
/** What a lapsed act says of people is gone about as soon as it is of no use. */
const SWEEP_ACTS_EVERY_MS = 60_000;
/** A clock that jumps ahead is found out by the last of these; a write every ten minutes is nothing. */
const HEARTBEAT_MS = 600_000;
/** How old what health and pages say of the ledger may be. */
const STANDING_MS = 250;
/** What `kudurru up` starts again after: the disk is back, and what reached it is known only after a start. */
const RESTART_EXIT = 75;
/** How long it is still served behind the first no: what a front has sent by then is answered, and it sends no more. */
const NOTICE_MS = 300;

const log = pino({ base: null, level: process.env.KUDURRU_LOG ?? 'info' }, pino.destination(2));

// ---- The ledger's side ---------------------------------------------------------------------------------------

async function run(
  config: Config,
  stores: Stores,
  { chain, pool }: OpenedChain,
  founded: LedgerContracts,
): Promise<Running> {
  const { keys, store, dataKeys, erasures } = stores;
  const { pin, gatherMs } = chain;
  const state: Running['state'] = { broken: undefined };
  const incidents = new Incidents(store);
  let watch = NO_NODES;
  const onFault = (error: unknown) => {
    log.warn({ err: error }, 'following waits, and asks again');
    watch.waits(error);
    // A fault with a cause is a connection's, and the next node was asked already.
    if (!(error instanceof Fault) || error.cause === undefined) chain.doubt();
  };
  const onIncident = (incident: Incident) => {
    log.fatal(incident, 'two blocks of one height: nothing is written any more');
    state.broken = inWords(refusal('block-differs', { blockNumber: incident.blockNumber }));
    const kept = incidents.keep(Object.assign({ seenAtMs: Date.now() }, incident));
    kept.catch((error: unknown) =>
      log.fatal({ err: error }, 'the two headers could not be kept: they are in this log'),
    );
  };
  const [links, isLeaping] = [await linksKnown(stores, config.network), true];
  const options = { provider: chain, pin, gatherMs, links, isLeaping, onFault, onIncident };
  const ledger = await openLedger(options);
  state.broken = await haltedBefore(ledger, incidents, config.network?.settledBlock);
  const isLost = async (cursor: Cursor) =>
    isUnproved(stores, pin.trust) || (await isLineageBehind(stores, pin.trust, cursor));
  const views = await openViews(path.join(config.dataFolder, 'views'), ledger.genesis, isLost);
  chain.standsAt(views.cursor.number, views.timestampSeconds);
  const contracts = contractsInForce(founded, await views.journal.contracts());
  const outbox = await openOutbox(store, Date.now);
  if (pin.trust === undefined) await outbox.catchUpNonce(0, FOUNDING_STEPS);
  const acts = new PendingActs(store, Date.now);
  const rolls = new Rolls(store, Date.now);
  const idempotency = new Idempotency(store, keys, Date.now);
  const proposals = new Proposals(store, Date.now);
  const cadastre = new Cadastre(store);
  const added = { traces: await acts.indexEnded(), numbers: await cadastre.arrange() };
  if (added.traces + added.numbers > 0) log.info(added, 'what an older version kept is in its lists now');
  const sign = await transactionSigner(keys, chain, outbox.lanes);
  const officers = officersIn(
    views,
    () => chain.nextTimestamp,
    (to, data) => commit.ask({ to, data }),
  );
  const commit: Commit = new Commit({
    acts,
    outbox,
    idempotency,
    proposals,
    carried: openCarried({
      store,
      erasures,
      rolls,
      nowMs: Date.now,
      vault: new Vault(store, dataKeys),
      commitments: new Commitments(store),
    }),
    isRecorded: (act) => views.journal.isRecorded(act),
    caughtUp: () => reachedNewest(chain, views),
    entry: (id) => views.journal.entryById(id),
    ground: async (taken) => {
      const reading = { cadastre, views, overlapToleranceMm2: toleranceOf(views) };
      const judged = await groundOf(reading, taken);
      // What a cancelled division was to begin may begin: the register knows which ids it had loaded, and refuses them.
      const isCancelled = async (id: OperationId) => {
        const { acts: [act] = [], kind, state } = (await outbox.get(id)) ?? {};
        if (act === undefined || kind !== 'division-opening' || state !== 'PROJECTED') return false;
        const { orderedBy } = await acts.content(act);
        return (await views.land.division(orderedBy as BAUnitId))?.act !== act;
      };
      const hasFailed = (tx: Transaction) => async (id: string) =>
        (await outbox.hasFailedIn(tx, id as OperationId)) || (await isCancelled(id as OperationId));
      return (tx, operation) => cadastre.begin(tx, taken, judged, operation, hasFailed(tx));
    },
    book: actBookIn(views, contracts.inForce, (to, data) => ledger.call(to, data)),
    officers,
    ledger,
    sign,
    clockSkewSeconds: pin.trust === undefined ? 0n : NODE_CLOCK_SKEW_SECONDS,
    refusalIn,
    onFault: (error, operation) =>
      log.error({ err: error, operation }, 'an operation goes on when this has passed, or at the next start'),
  });
  const finder = openParcelFinder(cadastre, views, officers.moment);
  const surveys = new Surveys({
    cadastre,
    decisions: new Decisions(store),
    placed: (units) => finder.placed(units),
    offices: () => views.power.offices(),
    overlapToleranceMm2: toleranceOf(views),
    nowMs: Date.now,
  });
  const stop = new AbortController();
  const unproven = new Map<Address, Bytes32>();
  if (pool !== undefined) {
    watch = watchNodes({
      chain,
      ledger,
      timeoutSeconds: config.network?.timeoutSeconds ?? 0,
      emptyPeriodSeconds: config.network?.emptyPeriodSeconds ?? 0,
      others: () => pool.others,
      nowMs: () => performance.now(),
      onChange: (reason) =>
        reason === undefined
          ? log.info('the nodes serve')
          : log.error({ code: reason.code }, inWords(reason)),
    });
  }
  // The code of this version under a hash that the trust file does not have: where each node says so, it is the file's fault.
  const codes: Refusal[] = [];
  const untrusted = () => (codes.length >= 2 * (1 + (pool?.others.length ?? 0)) ? codes.at(-1) : undefined);
  const following = followLedger({
    chain,
    ledger,
    views,
    commit,
    surveys,
    contracts,
    unproven,
    signal: stop.signal,
    onFault(error) {
      if (error instanceof Refusal && error.code === 'contract-code-differs') codes.push(error);
      else codes.length = 0;
      onFault(error);
    },
  }).catch((error: unknown) => {
    state.broken ??= error instanceof Error ? error.message : 'the ledger cannot be followed';
    log.fatal({ err: error }, 'following the ledger ended');
  });
  const progress = (blockNumber: bigint) => log.info({ blockNumber: String(blockNumber) }, 'following');
  await caughtUpAtStart(chain, views, following, progress, untrusted);
  requireKeysHeld(config, keys, (await views.power.constitution())?.isSeated ?? false); // before anything is sent
  if (pin.trust !== undefined && state.broken === undefined) {
    await insistently(() =>
      provenBy(chain, () => requireInForce(chain, ledger, views, contracts.inForce, unproven)),
    );
    keepTrust(stores, chain);
    await insistently(() => provenBy(chain, () => catchUpNonces(chain, ledger, views.cursor, keys, outbox)));
    const here = { chain, ledger, cursor: views.cursor };
    const isRecorded = (act: Bytes32) => views.journal.isRecorded(act);
    const freed = await insistently(() =>
      provenBy(chain, () => freeLanes(here, { keys, outbox, sign }, isRecorded)),
    );
    if (freed.length > 0) log.warn({ operations: freed }, 'what held a lane gave up its nonce');
  }
  await commit.resume(views.cursor.number);
  const tokens = new Tokens<Role>(store, Date.now, ROLES);
  const isClockDoubted = () => chain.clockDoubt !== undefined;
  const left = (error: unknown) => log.error({ err: error }, 'what has lapsed could not be cleared away');
  const stopSweepingActs = sweepEvery(SWEEP_ACTS_EVERY_MS, [commit], isClockDoubted, left);
  const lapsing = [rolls, idempotency, proposals, tokens, new ErasureRequests(store, Date.now)];
  const stopSweeping = sweepEvery(SWEEP_EVERY_MS, lapsing, isClockDoubted, left);
  const rotation = new KeyRotation({
    dataKeys,
    keys,
    nowMs: Date.now,
    onDamaged: (error, month) =>
      log.error({ err: error, month }, 'a key of a record could not be wrapped again'),
    onRecounted: () => log.warn('keys under a month were counted wrong, and are counted again'),
  });
  const stopRotating = sweepEvery(SWEEP_EVERY_MS, [rotation], isClockDoubted, (error) =>
    log.error({ err: error }, 'the wrapping keys could not be rotated'),
  );
  const stopCarrying = watchCarrying(commit, (error) =>
    log.error({ err: error }, 'acts whose time has come wait for the next try'),
  );
  const close = async () => {
    stop.abort();
    await Promise.all([
      following,
      watch.close(),
      stopSweepingActs(),
      stopSweeping(),
      stopRotating(),
      stopCarrying(),
    ]);
    ledger.close();
    await views.close();
  };
  return {
    watch,
    views,
    ledger,
    contracts,
    commit,
    outbox,
    acts,
    officers,
    proposals,
    surveys,
    finder,
    close,
    state,
    queued: () => outbox.unfinishedCount(),
    waitsMs: () => outbox.oldestWaitsMs(),
    async network() {
      if (pool === undefined) return undefined;
      const trouble = watch.reason()?.code;
      return { ...pool.reach, incidents: await incidents.openCount(), ...(trouble && { trouble }) };
    },
    progress: () => progressOf(chain, outbox, views.cursor.number),
  };
}

/** A node's clock that is further away from this machine's than a minute has no operator. */
const NODE_CLOCK_SKEW_SECONDS = 60n;

/** What a call that was tried says: the contract's error, or that its gas ran out, which says nothing. */
function refusalIn(error: unknown): Refusal | undefined {
  if (!(error instanceof NodeError) || error.code === RPC.limitExceeded) return undefined;
  const said = error.data === undefined ? undefined : refusalOfRevert(error.data);
  const isSilent = error.data === undefined || error.data === '0x';
  return said ?? (isSilent ? refusal('act-beyond-gas') : undefined);
}

// ---- Serving -------------------------------------------------------------------------------------------------

async function standingOf(
  config: Config,
  chain: Engine,
  running: Running | undefined,
  notReady: () => Promise<string | undefined>,
): Promise<Standing> {
  const network = await running?.network();
  const waitsMs = await running?.waitsMs();
  const counts = await running?.views.counts();
  const constitution = await running?.views.power.constitution();
  const blockSeconds = running?.views.timestampSeconds ?? 0;
  return {
    demo: config.demo,
    phase: constitution?.isSeated ? 'seated' : 'founding',
    finality: finalityOf(chain),
    blockNumber: chain.headNumber,
    blockAgeSeconds:
      blockSeconds === 0 ? undefined : Math.max(0, Math.floor(Date.now() / 1000) - blockSeconds),
    titles: counts?.titles ?? 0,
    entitlements: counts?.enrolled ?? 0,
    entries: counts?.entries ?? 0,
    unsound: running?.state.broken,
    missing: ledgerMissing(constitution, foundingIn(config)),
    cautions: constitution === undefined ? [] : cautionsOf((await running?.views.power.memberCount()) ?? 0),
    queued: (await running?.queued()) ?? 0,
    ...(waitsMs !== undefined && { waitsSeconds: Math.floor(waitsMs / 1_000) }),
    isReady: (await notReady()) === undefined,
    rootsOverdue: await overdueOf(config, running),
    ...(network && { network }),
  };
}

/** A root is due each hour; three of them may be late together, as over a restart. */
const ROOT_OVERDUE_SECONDS = 3 * 3_600;

/** Of a network each member looks after its own. */
async function overdueOf({ network }: Config, running: Running | undefined): Promise<number> {
  const since = BigInt(Math.floor(Date.now() / 1000) - ROOT_OVERDUE_SECONDS);
  const found = (await running?.views.notary.overdue(since)) ?? [];
  return found.filter((one) => network === undefined || one === network.institution).length;
}

function faultOf(running: Running | undefined): string | undefined {
  if (running === undefined) return 'the ledger is not founded yet';
  const reason = running.watch.reason();
  return running.state.broken ?? (reason && inWords(reason));
}

/** A command of this machine may ask and check, and sign nothing. */
const AT_THE_DOOR: Principal = { id: 'door', roles: ['auditor'], institution: 0 };

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const stores = await openStores(config.dataFolder, log, config);
  let isStopping = false;
  let onDiskFailure = (error: Error) => log.fatal({ err: error }, 'a block could not be kept');
  const opened = await openEngine(config, stores, log, {
    isClockAccepted: config.isClockAccepted,
    onDiskFailure: (error) => onDiskFailure(error),
    async beforeFounding({ clockDoubt }) {
      const { keys } = stores;
      if (await keys.toToken(clockDoubt))
        log.info('the keys are opened by the token from now on, and by no file');
      if (await keys.toThisMonth()) log.warn('the token lacked its key of this month: copy it again');
      if (keys.warning !== undefined) log.warn(keys.warning);
    },
  });
  const { chain, own, founded } = opened;
  const running = founded && (await run(config, stores, opened, founded.contracts));
  await requireMember(config, running?.views);
  const guests = guestsOf(chain, (address) => running?.contracts.isOfLedger(address) ?? false);
  const tokens = new Tokens<Role>(stores.store, Date.now, ROLES);
  const sessions = openSessions(Date.now);
  const door = new Door(config.dataFolder);
  const metrics = openMetrics();
  const readiness = watchReadiness({
    dataFolder: config.dataFolder,
    whyNotWritable: () => stores.store.whyNotWritable('new'),
    clockDoubt: () => chain.clockDoubt,
    secondsAhead: () => chain.secondsAhead,
    queued: async () => (await running?.queued()) ?? 0,
    progress: async () => (await running?.progress()) ?? '',
    ledgerFault: () => faultOf(running),
    onDiskBack: () => void stop(RESTART_EXIT),
    nowMs: () => performance.now(),
  });
  onDiskFailure = (error) => {
    log.fatal({ err: error }, 'a block could not be kept: reading goes on until the disk takes writes');
    readiness.diskFailed();
  };
  const standing = cached(async () => {
    const keysWarning = stores.keys.warning;
    const told = await standingOf(config, chain, running, () => readiness.notReady());
    return Object.assign(told, keysWarning !== undefined && { keysWarning });
  });
  const ofTheLedger =
    running &&
    ledgerRoutes(stores, chain, founded.trust, running, (signal) =>
      checkDataFolder(stores, chain, running.views, signal),
    );
  const routes: Route[] = [
    ...gatewayRoutes({
      standing,
      notReady: () => readiness.notReady(),
      clock: () => readiness.clock(),
      isInstitution: isServed(config, running?.views),
      keeperOf: keeperIn(running?.views),
      tokens,
      sessions,
    }),
    ...(ofTheLedger?.routes ?? []),
  ];
  // With ids that the ledger has by now, which a gateway that was just founded had not.
  const description = cached(async () => {
    const examples = await ledgerExamples(running?.views, running?.surveys.newest());
    return describeApi(routes, VERSION, Math.floor(Date.now() / 1000), examples);
  });
  const app = buildApp({
    routes,
    scopes: ofTheLedger?.scopes ?? rulesBeforeFounding,
    authenticate: async (token) => (door.isToken(token) ? AT_THE_DOOR : tokens.holderOf(token)),
    sessions,
    note: (note) => {
      metrics.note(note);
      log.info(note, 'answered');
    },
    clock: () => clockTold(chain),
    unforeseen: (error, requestId) => log.error({ err: error, requestId }, 'unforeseen'),
    pages: (into, limiter) => mountPages(into, limiter, { standing, metrics, description }),
  });
  const server = serverOf(app);
  boundConnections(server);
  server.prependListener('request', (_request, response) => {
    if (isStopping) response.setHeader('Connection', 'close');
  });
  await orPortInUse('PORT', listen(server, config.port));
  door.open(`http://127.0.0.1:${config.port}`);
  const rpc =
    config.rpcPort === 0
      ? undefined
      : await orPortInUse('KUDURRU_RPC_PORT', listenRpc(guests, config.rpcPort));
  const control = own && (await controlIn(config, own));
  const orders = await ordersIn(config, stores, running, founded?.trust);
  const beat = () =>
    chain.beat().catch((error: unknown) => log.error({ err: error }, 'the heartbeat could not be kept'));
  const beating = setInterval(beat, HEARTBEAT_MS);
  await beat();
  const clock = readiness.clock();
  if (clock !== undefined) log.error({ seconds: String(chain.secondsAhead) }, clock);
  console.log(`${config.demo ? 'DEMO ' : ''}Kudurru is ready: http://localhost:${config.port}`);
  if (config.isLinkAsked || (await tokens.isEmpty())) await printLink(tokens, config.port);

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(0));
  // Started over a channel, it ends with whoever holds the other end; without one, `connected` is undefined.
  process.once('disconnect', () => stop(0));
  if (process.connected === false) await stop(0);

  /** Says no first, lets requests under way finish, ends the work that takes longer, then closes what it all stands on. */
  async function stop(exitCode: number): Promise<void> {
    if (isStopping) return; // a terminal and npm both pass a signal on
    isStopping = true;
    readiness.stopping();
    door.close();
    const checksEnded = ofTheLedger?.endChecks();
    await pause(NOTICE_MS);
    await caughtUp(DRAIN_MS);
    running?.commit.release();
    const answered = drained(server);
    await Promise.race([answered, pause(WORK_MS)]);
    await Promise.all([checksEnded, ofTheLedger?.endUploads()]);
    await answered;
    readiness.close();
    clearInterval(beating);
    await orders?.close();
    await control?.close();
    await rpc?.close();
    await running?.close();
    await chain.close();
    await stores.close();
    process.exit(exitCode);
  }
}

/** Over a node nothing is created by this gateway: whoever may, asks the node itself. */
function controlIn({ dataFolder }: Config, own: EmbeddedChain): Promise<RpcListener | undefined> {
  return listenRpcSocket(own, path.join(dataFolder, CONTROL_SOCKET)).catch((error: unknown) => {
    log.warn({ err: error }, 'no control socket: the path of the data folder may be too long for one');
    return undefined;
  });
}

/** What whoever may write the data folder orders: a backup, for now. */
async function ordersIn(
  { dataFolder }: Config,
  stores: Stores,
  running: Running | undefined,
  trust: TrustFile | undefined,
): Promise<Orders | undefined> {
  const carryOut = async (order: unknown, signal: AbortSignal) => {
    const { backup } = order as { readonly backup?: unknown };
    try {
      if (running === undefined || trust === undefined) return { message: 'There is no ledger yet.' };
      if (typeof backup !== 'string' || !path.isAbsolute(backup)) return { message: 'This is no order.' };
      const parts = { stores, views: running.views, trust, nowMs: Date.now };
      const manifest = await takeBackup(parts, backup, signal);
      log.info(
        { sequence: manifest.sequence, blockNumber: manifest.cursor.blockNumber },
        'a backup was taken',
      );
      return { done: manifest };
    } catch (error) {
      log.error({ err: error }, 'a backup was not taken');
      if (error instanceof Refusal)
        return { code: error.code, message: error.message, remedy: error.row.remedy };
      return { message: error instanceof Error ? error.message : 'The backup failed.' };
    }
  };
  return takeOrders(dataFolder, carryOut).catch((error: unknown) => {
    log.warn(
      { err: error },
      'no backup can be ordered: the path of the data folder may be too long for a socket',
    );
    return undefined;
  });
}

/** The same answer for whoever asks within a second: health and pages cost nothing, however often they are read. */
function cached<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: { readonly promise: Promise<T>; readonly atMs: number } | undefined;
  return () => {
    if (answer === undefined || performance.now() - answer.atMs > STANDING_MS) {
      answer = { promise: ask(), atMs: performance.now() };
    }
    return answer.promise;
  };
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

/** Why there is no start: the folder, the rules or this machine. Anything else is a bug and keeps its trace. */
function sayNotStarted(error: unknown): void {
  const isOfMachine = error instanceof Error && 'syscall' in error;
  if (!(error instanceof Fault || error instanceof Refusal || isOfMachine)) throw error;
  const [code, remedy] = error instanceof Refusal ? [` (${error.code})`, `\n${error.row.remedy}`] : ['', ''];
  console.error(`Kudurru cannot start${code}: ${error.message.replace(/\.?$/, '.')}${remedy}`);
  process.exit(1);
}

await main().catch(sayNotStarted);
