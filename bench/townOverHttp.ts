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
import { type Address, type Hex, ZERO_32, ZERO_ADDRESS } from '../server/domain/base/hex.ts';
import type { OfficeId, VendorId } from '../server/domain/base/terms.ts';
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
import { routesOfActs } from '../server/wiring/actRoutes.ts';
import { aidRoutes } from '../server/wiring/benefits.ts';
import { officersIn } from '../server/wiring/officers.ts';
import { routesOfPower } from '../server/wiring/power.ts';
import { middleOf, numberOf, type Reading, readingOf, type Town } from './town.ts';
import {
  ADDRESSES,
  FAR,
  INSTITUTION,
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
  readonly role: Role;
  readonly place: string;
  readonly body?: object;
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
    of('registrar', 'a title by a legacy number', `/titles/search?office=1&alias=LEGACY-${middle}`),
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
    of('registrar', 'acts that wait', `/acts?${page}`),
    of('registrar', 'acts that wait for who asks', `/acts?${page}&waitsFor=me&officer=${officerOf(1)}`),
    of('registrar', 'acts that came to nothing, of an institution', `/acts/ended?${page}`),
    of('auditor', 'acts that came to nothing, of all', `/acts/ended?${page}`),
    of('registrar', 'a title’s history with acts that came to nothing', `/history/${unitOf(1)}?${page}`),
    of('agency', 'programmes', `/programmes?${page}`),
    of('agency', 'cycles of a programme', `/programmes/${programme}/cycles?${page}`),
    of('agency', 'shops', `/vendors?${page}`),
    of('agency', 'tills of a shop', `/vendors/${shop}/tills?${page}`),
    of('agency', 'redemptions of a shop', `/vendors/${shop}/redemptions?${page}`),
    of('agency', 'redemptions of a cycle', `/programmes/${programme}/cycles/1/redemptions?${page}`),
    of('agency', 'history of a shop', `/history/${vendorOf(1)}?${page}`),
    of('member', 'open measures', `/measures?open=true&${page}`),
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

export async function readingsOverHttp(town: Town): Promise<readonly Reading[]> {
  const { url, close } = await serve(town);
  const tokens = new Map<Role, string>();
  const tokenOf = async (role: Role): Promise<string> => {
    const known = tokens.get(role);
    if (known !== undefined) return known;
    const institution = role === 'auditor' || role === 'administrator' ? 0 : INSTITUTION;
    const order = { roles: [role], institution, issuedBy: 'the bench', lifeMs: 3_600_000 };
    const { token } = await town.tokens.issue(order);
    tokens.set(role, token);
    return token;
  };
  const ask = async ({ name, role, place, body }: AskedOf): Promise<{ readonly rows: readonly object[] }> => {
    const headers = {
      Authorization: `Bearer ${await tokenOf(role)}`,
      'X-Case-Reference': `CASE-${randomUUID()}`,
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    };
    const asked = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) };
    const told = await fetch(`${url}${place}`, asked);
    const text = await told.text();
    if (told.status !== 200) throw new Error(`${name}: ${told.status} ${text.slice(0, 500)}`);
    return JSON.parse(text) as { rows: readonly object[] };
  };
  try {
    const by = { kind: 'national-id', id: `SYNTHETIC-${middleOf(town).middle}` };
    const found = await ask({
      name: 'a person',
      role: 'agency',
      place: '/people/searches',
      body: { purpose: 'case-work', by },
    });
    const [{ personId } = { personId: '' }] = found.rows as { personId: string }[];
    const readings: Reading[] = [];
    for (const request of requestsOf(town, personId)) {
      await ask(request); // what is read once a start, as where parcels lie
      const name = `over HTTP: ${request.name}`;
      const reading = await readingOf(town, name, async () => (await ask(request)).rows);
      const times: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const startedAt = performance.now();
        await ask(request);
        times.push(performance.now() - startedAt);
      }
      const median = times.toSorted((one, other) => one - other)[ROUNDS >> 1] ?? 0;
      readings.push(Object.assign({}, reading, { milliseconds: median }));
    }
    return readings;
  } finally {
    await close();
  }
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
  const people = openPeopleFinder({ ...known, store, keys, titles });
  const fileOf = actFileReader(acts, {
    ...known,
    cadastre,
    rolls: new Rolls(store, Date.now),
    personIdOf: (subject) => personIdOf(subject, 'aid'),
  });
  const telling = openTelling(tokens, acts, views);
  const profiles = acting<Parameters<typeof parcelRoutes>[0]['profiles']>('profiles');
  const at = ZERO_ADDRESS as Address;
  const register = { chainId: 1, ledgerNonce: ZERO_32, benefitLedger: at };
  const personIn: Parameters<typeof scopeRules>[0]['personIn'] = async (sectors, personId) => {
    for (const sector of sectors) {
      const subject = await subjects.findBySectorId(sector, SECTOR_EPOCH, personId);
      if (subject !== undefined) return subject;
    }
    return undefined;
  };
  const routes: Route[] = [
    ...routesOfActs({ commit, acts, officers, fileOf, titles, labels, views }),
    ...parcelRoutes({ surveys: acting('surveys'), finder, titles, profiles, jobs }),
    ...landRoutes({
      commit,
      fileOf,
      desk: acting('the desk of land'),
      due: acting('divisions'),
      views,
      certificates: acting('certificates'),
      holders: titles,
    }),
    ...historyRoutes({ views, labels, titles, telling }),
    ...labelRoutes({ labels, views }),
    ...aidRoutes({
      store,
      opening,
      finder: people,
      profiles,
      jobs,
      commit,
      fileOf,
      views,
      labels,
      titles,
      telling,
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
