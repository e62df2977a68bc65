/**
 * The town of `town.ts` behind the gateway's own routes, scopes and server: every list and every search asked over HTTP, as
 * an office asks it.
 *
 * Promises: what answers is what the gateway mounts, wired as the gateway wires it, over stores that count; a page is asked
 * for once more than it is measured, its rows are counted once and its time is the median of the others. Nothing is prepared here, so there is no
 * ledger behind it: what would act throws, and what the Council counts of a measure is answered as it was opened.
 */
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { actFileReader } from '../server/desk/actFiles.ts';
import { openParcelFinder } from '../server/desk/parcelFinder.ts';
import { openPeopleFinder } from '../server/desk/peopleFinder.ts';
import { openTelling } from '../server/desk/telling.ts';
import { openTitleFinder } from '../server/desk/titleFinder.ts';
import { signShown } from '../server/domain/acts/signing.ts';
import { digestOf } from '../server/domain/acts/typedData.ts';
import { type Address, type Bytes32, type Hex, ZERO_ADDRESS } from '../server/domain/base/hex.ts';
import type { OfficeId, VendorId } from '../server/domain/base/terms.ts';
import { idKeyOf } from '../server/domain/files/key.ts';
import { ownReading } from '../server/domain/people/ownProof.ts';
import { buildApp } from '../server/http/app.ts';
import { auditRoutes } from '../server/http/audit.ts';
import { gatewayRoutes } from '../server/http/gateway.ts';
import { historyRoutes } from '../server/http/history.ts';
import { labelRoutes } from '../server/http/labels.ts';
import { landRoutes } from '../server/http/land.ts';
import { parcelRoutes } from '../server/http/parcels.ts';
import type { Role, Route } from '../server/http/route.ts';
import { scopeRules } from '../server/http/scope.ts';
import { openSessions } from '../server/http/sessions.ts';
import { contractOf } from '../server/ledger/contracts.ts';
import { AccessLog } from '../server/store/access.ts';
import { Commitments } from '../server/store/carried.ts';
import { Proposals } from '../server/store/proposals.ts';
import { Rolls } from '../server/store/rolls.ts';
import { Searches } from '../server/store/searches.ts';
import { routesOfActs } from '../server/wiring/actRoutes.ts';
import { aidRoutes } from '../server/wiring/benefits.ts';
import { officersIn } from '../server/wiring/officers.ts';
import { routesOfPower } from '../server/wiring/power.ts';
import { middleOf, numberOf, otherwise, type Reading, readingOf, type Town } from './town.ts';
import {
  ADDRESSES,
  FAR,
  INSTITUTION,
  LANDOWNER,
  LEDGER,
  OFFICE,
  officerOf,
  programmeOf,
  unitOf,
  vendorOf,
} from './townLedger.ts';

const ROUNDS = 5;
const PAGE = 50;
const SECTOR_EPOCH = 1;
type InForce = Parameters<typeof routesOfPower>[0]['inForce'];

/** What no list and no search touches; whatever does is told at once. */
function acting<T>(what: string): T {
  const touched = () => {
    throw new Error(`a list asked ${what}`);
  };
  return new Proxy({}, { get: touched }) as T;
}

/** One request: of whom, what, and what it is called in the figures. */
interface AskedOf {
  readonly name: string;
  /** Of whoever has no token: undefined. */
  readonly role: Role | undefined;
  readonly place: string;
  readonly body?: object;
}

/** The gateway of a town while its lists are asked. */
export interface TownGateway {
  readonly url: string;
  /** The same one for a role each time. */
  tokenOf(role: Role): Promise<string>;
  ask(request: AskedOf): Promise<Answered>;
  /** The id by which an office finds somebody of hers. */
  personIdOf(sector: 'aid' | 'land', nationalId: string): Promise<string>;
  close(): Promise<void>;
}

interface Answered {
  readonly rows: readonly object[];
}

function requestsOf(town: Town, personId: string): readonly AskedOf[] {
  const { middle, corner, everywhere } = middleOf(town);
  const [unit, programme, shop] = [unitOf(middle), programmeOf(0), vendorOf(0)];
  const at = `office=${OFFICE}&limit=${PAGE}`;
  const page = `limit=${PAGE}`;
  const of = (role: Role, name: string, place: string, body?: object): AskedOf =>
    body === undefined ? { role, name, place } : { role, name, place, body };
  const sought = (name: string, by: object) =>
    of('agency', name, '/people/searches', { purpose: 'case-work', by });
  return [
    of('registrar', 'titles, newest first', `/titles?${page}`),
    of('registrar', 'titles of an office with holders', `/titles/search?${at}`),
    of(
      'registrar',
      'a title by its number',
      `/titles/search?office=1&number=${encodeURIComponent(numberOf(middle))}`,
    ),
    of(
      'registrar',
      'a title by its number, written otherwise',
      `/titles/search?office=1&number=${otherwise(middle)}`,
    ),
    of(
      'registrar',
      'a title with the name of who holds it opened',
      `/titles/search?office=1&names=true&number=${encodeURIComponent(numberOf(LANDOWNER.title))}`,
    ),
    of('registrar', 'states of a title', `/titles/${unit}/history?${page}`),
    of(
      'registrar',
      'a title by a number that it had before',
      `/titles/search?office=1&alias=LEGACY-${middle}`,
    ),
    of('registrar', 'titles in a box', `/titles/search?${at}&box=${corner.join()}`),
    of('registrar', 'titles in a box around them all', `/titles/search?${at}&box=${everywhere.join()}`),
    of('registrar', 'parcels of an office', `/parcels?${at}`),
    of(
      'registrar',
      'a parcel by its number',
      `/parcels?office=1&number=${encodeURIComponent(numberOf(middle))}`,
    ),
    of('registrar', 'history of a title', `/history/${unit}?${page}`),
    of('auditor', 'entries in words', `/entries?${page}`),
    of('auditor', 'entries in words, newest first', `/entries?newestFirst=true&${page}`),
    of('registrar', 'acts that wait', `/acts?${page}`),
    of('registrar', 'acts that wait for who asks', `/acts?${page}&waitsFor=me&officer=${officerOf(1)}`),
    of('registrar', 'acts that wait for an institution', `/acts?${page}&waitsFor=institution`),
    of('registrar', 'acts that came to nothing, of an institution', `/acts/ended?${page}`),
    of('auditor', 'acts that came to nothing, of all', `/acts/ended?${page}`),
    of('registrar', 'a title’s history with acts that came to nothing', `/history/${unitOf(1)}?${page}`),
    of('agency', 'programmes', `/programmes?${page}`),
    of('agency', 'cycles of a programme', `/programmes/${programme}/cycles?${page}`),
    of('agency', 'shops', `/vendors?${page}`),
    of('agency', 'tills of a shop', `/vendors/${shop}/tills?${page}`),
    of('agency', 'redemptions of a shop', `/vendors/${shop}/redemptions?${page}`),
    of('agency', 'redemptions of a cycle', `/programmes/${programme}/cycles/1/redemptions?${page}`),
    of(
      'vendor',
      'sales of the own shop, newest first',
      `/vendors/${shop}/redemptions?newestFirst=true&${page}`,
    ),
    of('vendor', 'what is owed to the own shop', `/vendors/${shop}/account?newestFirst=true&limit=500`),
    of('agency', 'history of a shop', `/history/${vendorOf(1)}?${page}`),
    of('agency', 'history of a programme', `/history/${programmeOf(1)}?${page}`),
    of('member', 'open measures', `/measures?open=true&${page}`),
    of('member', 'all measures', `/measures?${page}`),
    of('member', 'institutions', `/institutions?${page}`),
    of('member', 'history of an institution', `/history/institution-1?${page}`),
    of('member', 'history of an officer', `/history/${officerOf(1)}?${page}`),
    of('member', 'officers', `/officers?${page}`),
    of('member', 'what an officer signed', `/officers/${officerOf(1)}/signatures?${page}`),
    of('administrator', 'tokens', `/tokens?${page}`),
    of('administrator', 'tokens by words of their label', `/tokens?${page}&label=counter%207`),
    of('agency', 'labels', `/labels?${page}`),
    of('agency', 'labels by words', `/labels?${page}&label=market`),
    sought('a person by a rare word of the name', { kind: 'name', name: `of${middle}` }),
    sought('a person by two words of the name', { kind: 'name', name: `synthetic of${middle}` }),
    sought('people by a common word of the name', { kind: 'name', name: 'synthetic common' }),
    sought('a person by the national id', { kind: 'national-id', id: `SYNTHETIC-${middle}` }),
    of('agency', 'who read what is kept of a person', `/people/${personId}/access-log?${page}`),
    of('steward', 'who looked for people today', '/people/searches?'),
  ];
}

export async function openTownGateway(town: Town): Promise<TownGateway> {
  const { url, close } = await serve(town);
  const tokens = new Map<Role, string>();
  const tokenOf = async (role: Role): Promise<string> => {
    const known = tokens.get(role);
    if (known !== undefined) return known;
    const institution = role === 'auditor' || role === 'administrator' ? 0 : INSTITUTION;
    const vendor = role === 'vendor' ? vendorOf(0) : undefined;
    const order = { roles: [role], institution, vendor, issuedBy: 'the bench', lifeMs: 3_600_000 };
    const { token } = await town.tokens.issue(order);
    tokens.set(role, token);
    return token;
  };
  const ask = async ({ name, role, place, body }: AskedOf): Promise<Answered> => {
    const headers = {
      ...(role === undefined ? {} : { Authorization: `Bearer ${await tokenOf(role)}` }),
      'X-Case-Reference': `CASE-${randomUUID()}`,
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    };
    const asked = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) };
    const told = await fetch(`${url}${place}`, asked);
    const text = await told.text();
    if (!told.ok) throw new Error(`${name}: ${told.status} ${text.slice(0, 500)}`);
    return JSON.parse(text) as Answered;
  };
  const personIdOf = async (sector: 'aid' | 'land', nationalId: string) => {
    const subject = await town.subjects.find(INSTITUTION, { scheme: 'national-id', id: idKeyOf(nationalId) });
    if (subject === undefined) throw new Error('nobody has that id');
    return town.subjects.sectorId(subject, sector, SECTOR_EPOCH);
  };
  return { url, tokenOf, ask, personIdOf, close };
}

/** Her own record by the key of her holding, and who read it by a code on paper. */
async function landownersReadings({ ask, personIdOf }: TownGateway) {
  const { baUnit, holdingId, key } = LANDOWNER;
  const place = { kind: 'holding', baUnit, holdingId } as const;
  const sent = (path: string, body: object, role?: Role) =>
    ask({ name: 'a landowner', role, place: path, body }) as Promise<unknown>;
  const personId = await personIdOf('land', 'SYNTHETIC-LANDOWNER');
  const given = await sent(`/people/${personId}/reading-codes`, {}, 'registrar');
  const { code } = given as { readonly code: string };
  interface Own {
    readonly titles?: readonly object[];
    readonly access: { readonly lines: readonly object[] };
  }
  return [
    {
      name: 'own record and who read it, opened by the key of a holding',
      ask: async () => {
        const told = (await sent('/own-data/challenges', { place })) as {
          readonly challenge: Bytes32;
          readonly deadline: string;
        };
        const { challenge } = told;
        const deadline = BigInt(told.deadline);
        const signature = signShown(digestOf(ownReading(LEDGER, place, { challenge, deadline })), key);
        const proof = { place, challenge, deadline: Number(deadline), signature, salt: key.salt };
        const { titles = [], access } = (await sent('/own-data/readings', proof)) as Own;
        return titles.length === 1 ? access.lines : [];
      },
    },
    {
      name: 'who read the own record, by a code on paper',
      ask: async () => ((await sent('/own-data/code-readings', { code })) as Own).access.lines,
    },
  ];
}

export async function readingsOverHttp(town: Town, gateway: TownGateway): Promise<readonly Reading[]> {
  const { ask } = gateway;
  const nationalId = `SYNTHETIC-${middleOf(town).middle}`;
  const by = { kind: 'national-id', id: nationalId };
  await ask({
    name: 'a person',
    role: 'agency',
    place: '/people/searches',
    body: { purpose: 'case-work', by },
  });
  const asked = [
    ...requestsOf(town, await gateway.personIdOf('aid', nationalId)).map((request) => ({
      name: request.name,
      ask: async () => (await ask(request)).rows,
    })),
    ...(await landownersReadings(gateway)),
  ];
  const readings: Reading[] = [];
  for (const one of asked) {
    await one.ask(); // what is read once a start, as where parcels lie
    const reading = await readingOf(town, `over HTTP: ${one.name}`, one.ask);
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const startedAt = performance.now();
      await one.ask();
      times.push(performance.now() - startedAt);
    }
    const median = times.toSorted((one, other) => one - other)[ROUNDS >> 1] ?? 0;
    readings.push(Object.assign({}, reading, { milliseconds: median }));
  }
  return readings;
}

/** Nobody of the bench signs in with a browser. */
const SESSIONS = openSessions(Date.now);

/** The routes of lists and searches as `main.ts` mounts them, on a port of this machine. */
async function serve(town: Town): Promise<{ readonly url: string; close(): Promise<void> }> {
  const app = buildApp({
    ...routesAndScopes(town),
    authenticate: (token) => town.tokens.holderOf(token),
    sessions: SESSIONS,
    note: () => undefined,
    clock: () => 'nobody doubts the clock of a bench',
    unforeseen: (error) => {
      throw error;
    },
    pages: () => undefined,
  });
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function routesAndScopes(town: Town) {
  const { keys, store, cadastre, subjects, vault, views, acts, tokens, labels } = town;
  const nowSeconds = () => BigInt(Math.floor(Date.now() / 1000));
  const commitments = new Commitments(store);
  const opening = { vault, commitments, accessLog: new AccessLog(store), nowMs: Date.now };
  const personIdOf: Parameters<typeof openPeopleFinder>[0]['personIdOf'] = (subject, sector) =>
    subjects.sectorId(subject, sector, SECTOR_EPOCH);
  const intake = acting<Parameters<typeof aidRoutes>[0]['intake']>('the intake');
  const commit = acting<Parameters<typeof routesOfActs>[0]['commit']>('the way in');
  const jobs = acting<Parameters<typeof parcelRoutes>[0]['jobs']>('jobs');
  const officers = officersIn(views, nowSeconds, () => Promise.resolve());
  const finder = openParcelFinder(cadastre, views, officers.moment);
  const titles = openTitleFinder({ ...opening, views, cadastre });
  const known = { ...opening, subjects, views, personIdOf };
  const searches = new Searches(store, Date.now);
  const admit = (...of: Parameters<Searches['admit']>) => searches.admit(...of);
  const people = openPeopleFinder({ ...known, store, keys, titles, searches });
  const fileOf = actFileReader(acts, {
    ...known,
    cadastre,
    rolls: new Rolls(store, Date.now),
    personIdOf: (subject) => personIdOf(subject, 'aid'),
  });
  const telling = openTelling(tokens, acts, views);
  const profiles = acting<Parameters<typeof parcelRoutes>[0]['profiles']>('profiles');
  const at = ZERO_ADDRESS as Address;
  const register = Object.assign({ benefitLedger: at }, LEDGER);
  const personIn: Parameters<typeof scopeRules>[0]['personIn'] = async (sectors, personId) => {
    for (const sector of sectors) {
      const subject = await subjects.findBySectorId(sector, SECTOR_EPOCH, personId);
      if (subject !== undefined) return subject;
    }
    return undefined;
  };
  const routes: Route[] = [
    ...routesOfActs({ commit, acts, officers, fileOf, titles, labels, views }),
    ...parcelRoutes({ surveys: acting('surveys'), finder, titles, profiles, jobs, admit }),
    ...landRoutes({
      commit,
      fileOf,
      desk: acting('the desk of land'),
      due: acting('divisions'),
      views,
      certificates: acting('certificates'),
      holders: titles,
      admit,
    }),
    ...historyRoutes({ views, labels, titles, telling }),
    ...labelRoutes({ labels, views }),
    ...aidRoutes({
      store,
      opening,
      finder: people,
      searches,
      profiles,
      jobs,
      commit,
      outbox: acting('the outbox'),
      fileOf,
      views,
      labels,
      titles,
      telling,
      acts,
      certificates: acting('certificates'),
      intake: Object.assign({ personIn }) as typeof intake,
      reader: acting('the reader of files'),
      register,
      ledgerNowMs: Date.now,
    }),
    ...routesOfPower({
      commit,
      fileOf,
      views,
      labels,
      acts,
      proposals: new Proposals(store, Date.now),
      erasures: acting('erasures'),
      sealsAlone: true,
      identity: register,
      inForce: ADDRESSES as InForce,
      ledgerNowMs: Date.now,
      call: asOpened,
    }),
    ...auditRoutes({
      views,
      titles,
      labels,
      check: acting('the whole check'),
      identity: acting('who the ledger is'),
    }),
    ...gatewayRoutes({
      standing: acting('health'),
      notReady: acting('health'),
      clock: () => undefined,
      tokens,
      sessions: SESSIONS,
      isInstitution: async () => true,
      keeperOf: async (_: OfficeId | VendorId) => undefined,
    }),
  ];
  return { routes, scopes: scopeRules({ views, commit, jobs, personIn }) };
}

/** What the contracts of power answer about measures: as those of the town were opened. */
async function asOpened(to: Address): Promise<Hex> {
  const [contract, method] = to === ADDRESSES.council ? (['council', 'tallyOf'] as const) : OF_CONSORTIUM;
  const { calls } = contractOf(contract);
  const [told] = calls.getFunction(method)?.outputs ?? [];
  const values = told?.components?.map(({ name, type }) => ANSWERED[name] ?? (type === 'bool' ? false : 0n));
  return calls.encodeFunctionResult(method, [values]) as Hex;
}
const OF_CONSORTIUM = ['consortium', 'constitution'] as const;
/** Institutions are bits of a word, and each of the town has voted for each measure. */
const ANSWERED: Readonly<Record<string, bigint>> = {
  inFavour: 2n,
  openedBy: 1n,
  closesAt: FAR,
  quorum: 2n,
  members: 6n,
  activeMembers: 6n,
};
