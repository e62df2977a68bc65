/**
 * A register of as many titles and people as are asked for, written through the functions of the stores themselves, and
 * how many rows each list and each search of it reads, and how often it writes: asked of the stores, and over HTTP.
 *
 * Promises: what is counted is every row that a store gave, of the views and of the precious tables, and every transaction;
 * the titles are one block each five hundred, as a survey would have them, and the people a file each five hundred. What has
 * a bound of its own, whatever the register has, is as much as is said.
 */
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { openParcelFinder } from '../server/desk/parcelFinder.ts';
import { openPeopleFinder } from '../server/desk/peopleFinder.ts';
import { groupOf } from '../server/desk/saltedFacts.ts';
import { openTitleFinder } from '../server/desk/titleFinder.ts';
import type { SignableAct } from '../server/domain/acts/signable.ts';
import type { EntryId } from '../server/domain/base/terms.ts';
import { idKeyOf } from '../server/domain/files/key.ts';
import { DATA_CLASSES } from '../server/domain/people/schema.ts';
import { momentAt } from '../server/domain/power/halts.ts';
import { ROLES, type Role } from '../server/http/route.ts';
import { AccessLog, accessTables } from '../server/store/access.ts';
import { actTables, PendingActs } from '../server/store/acts.ts';
import { type CadastralUnit, Cadastre, cadastreTables } from '../server/store/cadastre.ts';
import { Commitments, carriedTables } from '../server/store/carried.ts';
import { DataKeys, keyStoreTables } from '../server/store/dataKeys.ts';
import { type DisposableStore, openDisposable } from '../server/store/disposable.ts';
import { openSoftwareKeys } from '../server/store/keys.ts';
import { Labels, labelTables } from '../server/store/labels.ts';
import { openLevelStore } from '../server/store/levelStore.ts';
import { findByName, nameWordsOf } from '../server/store/names.ts';
import { proposalTables } from '../server/store/proposals.ts';
import { readingCodeTables } from '../server/store/readingCodes.ts';
import { Searches, searchTables } from '../server/store/searches.ts';
import type { Store } from '../server/store/store.ts';
import { Subjects, subjectTables } from '../server/store/subjects.ts';
import { Tokens, tokenTables } from '../server/store/tokens.ts';
import { leaveTrace } from '../server/store/traces.ts';
import { Vault, type VaultEntry, vaultTables } from '../server/store/vault.ts';
import { Views } from '../server/store/views.ts';
import { readingsByCommand } from './townByCommand.ts';
import {
  blockOf,
  INSTITUTION,
  idOf,
  LANDOWNER,
  OFFICE,
  officerOf,
  plotOf,
  SHOP_EACH,
  unitOf,
  vendorOf,
} from './townLedger.ts';
import { openTownGateway, readingsOverHttp } from './townOverHttp.ts';

const AGENCY = INSTITUTION;
const AT_ONCE = 500;
const PAGE = 50;
/** Degrees times 1e7 between neighbours of a square survey. */
const STEP = 4_000;
/** As the intake of people has it. */
const SECTOR_EPOCH = 1;
const DAY_MS = 86_400_000;

export interface Reading {
  readonly name: string;
  readonly rows: number;
  /** Transactions: a list has none, and a search those that tell people that they were read. */
  readonly writes: number;
  readonly milliseconds: number;
}

/** How much there is of what is bounded by itself: at most 10,000 of each for acts of an institution and tokens. */
export interface Bounds {
  readonly waiting: number;
  readonly tokens: number;
  readonly measures: number;
}

interface Counted {
  rows: number;
  writes: number;
}

/** Counts what a store gives and takes; everything else goes through as it is. */
function counted<T extends DisposableStore | Store>(store: T, count: Counted): T {
  return new Proxy(store, {
    get(target, name) {
      const value = Reflect.get(target, name, target) as unknown;
      if (typeof value !== 'function') return value;
      if (name === 'range') {
        return async function* (...args: unknown[]) {
          for await (const row of value.apply(target, args) as AsyncIterable<unknown>) {
            count.rows++;
            yield row;
          }
        };
      }
      return (...args: unknown[]) => {
        if (name === 'get' || name === 'size' || name === 'rows') count.rows++;
        if (name === 'transact') count.writes++;
        return value.apply(target, args) as unknown;
      };
    },
  });
}

export type Town = Awaited<ReturnType<typeof openTown>>;

/** The stores of a register of so many titles and people, each row that they give counted. */
async function openTown(folder: string, size: number, bounds: Bounds) {
  const count: Counted = { rows: 0, writes: 0 };
  const keys = openSoftwareKeys(path.join(folder, 'keys'));
  const integrityKey = await keys.integrityKey();
  const opened = (name: string, tables: Parameters<typeof openLevelStore>[0]['tables']) =>
    openLevelStore({ folder: path.join(folder, name), integrityKey, tables });
  const precious = await opened('precious', [
    ...cadastreTables,
    ...subjectTables,
    ...vaultTables,
    ...accessTables,
    ...carriedTables,
    ...searchTables,
    ...actTables,
    ...labelTables,
    ...proposalTables,
    ...tokenTables,
    ...readingCodeTables,
  ]);
  const keyStore = await opened('keyStore', keyStoreTables);
  const disposable = await openDisposable(path.join(folder, 'views'));
  const genesis = { number: 0n, hash: idOf(1, 0) };
  const views = new Views(counted(disposable, count), genesis, undefined);
  const store = counted(precious, count);
  const cadastre = new Cadastre(store);
  const subjects = new Subjects(store, keys);
  const vault = new Vault(store, new DataKeys(keyStore, keys));
  const acts = new PendingActs(store, Date.now);
  const tokens = new Tokens<Role>(store, Date.now, ROLES);
  const labels = new Labels(store, keys);

  for (let from = 0; from < size; from += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, size - from) }, (_, i) => from + i);
    await cadastre.record(numbers.map((number) => surveyed(number, size)));
    await views.apply(blockOf(BigInt(from / AT_ONCE + 1), numbers, bounds.measures));
    await enrol(numbers);
    await store.transact(async (tx) => {
      for (const number of numbers) await leaveTrace(tx, ...endedAct(number));
    });
  }
  await keepLandowner();
  for (let from = 0; from < bounds.waiting; from += AT_ONCE) {
    await store.transact(async (tx) => {
      for (let number = from; number < Math.min(from + AT_ONCE, bounds.waiting); number++) {
        await acts.add(tx, waitingAct(number), PREPARED_BY, { orderedBy: unitOf(number) }, async () => false);
      }
    });
  }
  const each = async (length: number, work: (number: number) => Promise<unknown>) => {
    for (let from = 0; from < length; from += AT_ONCE) {
      const numbers = Array.from({ length: Math.min(AT_ONCE, length - from) }, (_, i) => from + i);
      await Promise.all(numbers.map(work));
    }
  };
  const order = { institution: INSTITUTION, issuedBy: 'token:4b75647572727521', lifeMs: DAY_MS };
  await each(bounds.tokens, (number) =>
    tokens.issue(Object.assign({ roles: ['agency'] as const, label: `Counter ${number}` }, order)),
  );
  await each(size / SHOP_EACH, (number) =>
    labels.put(INSTITUTION, vendorOf(number), `Shop ${number} at the market`),
  );

  async function enrol(numbers: readonly number[]): Promise<void> {
    const newcomers = await Promise.all(
      numbers.map((number) =>
        subjects.newcomer(AGENCY, [{ scheme: 'national-id', id: idKeyOf(`SYNTHETIC-${number}`) }]),
      ),
    );
    const entries = numbers.map((number, i): VaultEntry => {
      const { subject } = newcomers[i] ?? { subject: idOf(9, number) as never };
      const record = { fullName: `Synthetic Common Person${number % 50} Of${number}` };
      return { subject, agency: AGENCY, type: 'person', group: '', id: 'self', record };
    });
    await vault.put(entries, newcomers);
  }

  /** As an act that registered her would have written her down. */
  async function keepLandowner(): Promise<void> {
    const { baUnit, name, facts, key } = LANDOWNER;
    const [act, by] = [idOf(30, 1), { scheme: 'national-id', id: idKeyOf('SYNTHETIC-LANDOWNER') } as const];
    const newcomer = await subjects.newcomer(AGENCY, [by]);
    const { subject } = newcomer;
    const kept = { subject, agency: AGENCY, group: groupOf(act, baUnit) };
    const entries = facts.facts.map((record, i): VaultEntry => {
      return Object.assign({ type: 'opening', id: `${act.slice(2, 34)}-0-${i}`, record } as const, kept);
    });
    const party = Object.assign({ type: 'party', id: 'self', record: { name } } as const, kept);
    await vault.put([party, ...entries], [newcomer]);
    const { keyHash } = key;
    await new Commitments(store).record([Object.assign({ root: facts.root, keyHash }, kept)]);
  }

  const close = async () => {
    await views.close();
    await precious.close();
    await keyStore.close();
  };
  const stores = { keys, store, cadastre, subjects, vault, views };
  return Object.assign(stores, { acts, tokens, labels, count, size, close });
}

/**
 * What it reads and how long it takes to ask each list and each search: of the stores, over HTTP, and by the commands that
 * people type.
 */
export async function readingsOf(folder: string, size: number, bounds: Bounds): Promise<readonly Reading[]> {
  const town = await openTown(folder, size, bounds);
  const gateway = await openTownGateway(town);
  try {
    return [
      ...(await readingsOfStores(town)),
      ...(await readingsOverHttp(town, gateway)),
      ...(await readingsByCommand(town, gateway, folder)),
    ];
  } finally {
    await gateway.close();
    await town.close();
  }
}

/** Refuses what was found nowhere: a search that finds nothing reads few rows for a bad reason. */
export async function readingOf(
  { count }: Pick<Town, 'count'>,
  name: string,
  ask: () => Promise<unknown>,
): Promise<Reading> {
  Object.assign(count, { rows: 0, writes: 0 });
  const startedAt = performance.now();
  const found = await ask();
  const milliseconds = performance.now() - startedAt;
  const parts = Array.isArray(found) ? found : Object.values(found ?? {}).flat();
  if (parts.length === 0) throw new Error(`${name} found nothing`);
  return { name, rows: count.rows, writes: count.writes, milliseconds };
}

export const middleOf = ({ size }: Pick<Town, 'size'>) => {
  const middle = Math.floor(size / 2);
  const side = Math.ceil(Math.sqrt(size));
  const corner = boxOf(middle, side).map((edge) => edge / 1e7) as [number, number, number, number];
  return { middle, corner, everywhere: [0, 0, (side * STEP) / 1e7, (side * STEP) / 1e7] as const };
};

async function readingsOfStores(town: Town): Promise<readonly Reading[]> {
  const { keys, store, cadastre, subjects, vault, views } = town;
  const moment = async () => momentAt(BigInt(Math.floor(Date.now() / 1000)), []);
  const finder = openParcelFinder(cadastre, views, moment);
  const { middle, corner, everywhere } = middleOf(town);
  const unit = unitOf(middle);
  const named = async (name: string, after?: number) =>
    findByName(store, await nameWordsOf(keys, AGENCY, name), {
      limit: 10,
      ...(after === undefined ? {} : { after }),
    });
  const [first] = [await finder.all(OFFICE, { limit: PAGE })];
  await finder.inBox(OFFICE, corner, { limit: PAGE }); // where parcels lie is read once a start
  const opening = {
    vault,
    accessLog: new AccessLog(store),
    nowMs: Date.now,
    commitments: new Commitments(store),
  };
  const titles = openTitleFinder({ ...opening, views, cadastre });
  const people = openPeopleFinder({
    ...opening,
    store,
    keys,
    subjects,
    searches: new Searches(store, Date.now),
    views,
    titles,
    personIdOf: (subject, sector) => subjects.sectorId(subject, sector, SECTOR_EPOCH),
  });
  const reading: Parameters<typeof people.search>[1] = {
    actor: 'token:4b75647572727521',
    institution: AGENCY,
    agency: AGENCY,
    caseReference: 'CASE-1',
    purpose: 'case-work',
    classes: DATA_CLASSES,
    types: { aid: ['person'] },
    office: undefined,
  };
  const search = (name: string) => people.search({ kind: 'name', name }, reading, { limit: 10 });
  const [one] = (await named(`of${middle}`)).subjects;
  if (one === undefined) throw new Error('nobody of that name');
  await search(`of${middle}`); // so that somebody looked at her
  const asked: readonly (readonly [name: string, ask: () => Promise<unknown>])[] = [
    ['titles, newest first', () => views.land.recentUnits({ limit: PAGE })],
    ['history of a title', () => views.land.history(unit, { limit: PAGE })],
    ['entries of all registers', () => views.journal.allEntries({ limit: PAGE })],
    ['entries about a title', () => views.journal.entriesAbout([`unit:${unit}`], { limit: PAGE })],
    ['parcels by number, first page', () => finder.all(OFFICE, { limit: PAGE })],
    [
      'parcels by number, next page',
      () => finder.all(OFFICE, { limit: PAGE, ...(first.next && { after: first.next }) }),
    ],
    ['a parcel by its number', () => finder.byNumber(OFFICE, numberOf(middle))],
    ['a parcel by its number, written otherwise', () => finder.byNumber(OFFICE, otherwise(middle))],
    ['a parcel by the id of its corners', () => finder.byAlias(OFFICE, `CORNERS-${middle}`)],
    ['a parcel by a number that it had before', () => finder.byAlias(OFFICE, `LEGACY-${middle}`)],
    ['parcels in a box of the map', () => finder.inBox(OFFICE, corner, { limit: PAGE })],
    ['parcels in a box around them all', () => finder.inBox(OFFICE, everywhere, { limit: PAGE })],
    ['titles of an office with areas and holders', async () => titles.titlesOf(first.rows, undefined)],
    ['people by a rare word of their name', () => named(`of${middle}`)],
    ['people by a common word of their name', () => named('synthetic')],
    ['people by two words of their name', () => named(`synthetic of${middle}`)],
    ['people by two common words, opened and counted', async () => (await search('synthetic common')).rows],
    ['who looked at a person', async () => (await opening.accessLog.list(one, PAGE)).newestFirst],
    [
      'a person by an id',
      () => subjects.find(AGENCY, { scheme: 'national-id', id: idKeyOf(`SYNTHETIC-${middle}`) }),
    ],
  ];
  const readings: Reading[] = [];
  for (const [name, ask] of asked) readings.push(await readingOf(town, name, ask));
  return readings;
}

/** As somebody types it who has it from a letter. */
export const otherwise = (number: number) => numberOf(number).toLowerCase().replaceAll(/[ /]/g, '-');
export const numberOf = (number: number) => `Block ${Math.floor(number / 100)}/${number}`;

function boxOf(number: number, side: number): readonly [number, number, number, number] {
  const [x, y] = [(number % side) * STEP, Math.floor(number / side) * STEP];
  return [x, y, x + STEP - 1, y + STEP - 1];
}

function surveyed(number: number, size: number): CadastralUnit {
  return {
    unit: plotOf(number),
    baUnit: unitOf(number),
    office: OFFICE,
    number: numberOf(number),
    feature: '{}',
    aliases: [`CORNERS-${number}`],
    formerNumbers: [`LEGACY ${number}`],
    statedAreaMm2: undefined,
    computedAreaMm2: 1_110_000_000n,
    box: boxOf(number, Math.ceil(Math.sqrt(size))),
    geometry: [],
    geometryCommitment: idOf(4, number),
    sources: [],
    replaces: [],
    recordedAtMs: 0,
    isReplaced: false,
    retired: false,
  };
}

const PREPARED_BY = { principal: 'token:4b75647572727521', institution: INSTITUTION };
const SOLD = { type: 'TransferRight', kind: 'transfer' } as const;
const DEADLINE = 4_102_444_800n;

/** The sale of a title, prepared and signed by nobody yet. */
function waitingAct(number: number): SignableAct {
  const head = { office: 1n, preparer: officerOf(1), preparerEpoch: 1n, notBefore: 0n, deadline: DEADLINE };
  const message = { head, baUnit: unitOf(number) };
  return {
    entryId: idOf(14, number) as EntryId,
    kind: SOLD.kind,
    args: [],
    consents: [],
    states: [],
    typedData: { domain: { chainId: 1n }, types: {}, primaryType: SOLD.type, message },
    institutions: { institution: 0, twoInstitutions: false },
    factSets: [],
  };
}

function endedAct(
  number: number,
): [Parameters<typeof leaveTrace>[1], SignableAct, { endedAtMs: number; by: string }] {
  const { principal: by } = PREPARED_BY;
  const act = waitingAct(number);
  const ended = { id: idOf(15, number), owner: PREPARED_BY, office: OFFICE, createdAtMs: 0, signatures: [] };
  return [Object.assign(ended, SOLD), act, { endedAtMs: number, by }];
}
