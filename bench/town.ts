/**
 * A register of as many titles and people as are asked for, written through the functions of the stores themselves, and
 * how many rows each list and each search of it reads, and how often it writes.
 *
 * Promises: what is counted is every row that a store gave, of the views and of the precious tables, and every transaction;
 * the titles are one block each five hundred, as a survey would have them, and the people a file each five hundred.
 */
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { openParcelFinder } from '../server/desk/parcelFinder.ts';
import { openPeopleFinder } from '../server/desk/peopleFinder.ts';
import { openTitleFinder } from '../server/desk/titleFinder.ts';
import type { EventPlace, LedgerEvent } from '../server/domain/acts/events.ts';
import { type Address, type Bytes32, ZERO_32 } from '../server/domain/base/hex.ts';
import {
  type BAUnitId,
  type EntryId,
  LAND_KIND_BASE,
  type OfficeId,
  type OfficerId,
  type SpatialUnitId,
} from '../server/domain/base/terms.ts';
import type { BAUnitState } from '../server/domain/land/types.ts';
import { DATA_CLASSES } from '../server/domain/people/schema.ts';
import { momentAt } from '../server/domain/power/halts.ts';
import { AccessLog, accessTables } from '../server/store/access.ts';
import { type CadastralUnit, Cadastre, cadastreTables } from '../server/store/cadastre.ts';
import { Commitments, carriedTables } from '../server/store/carried.ts';
import { DataKeys, keyStoreTables } from '../server/store/dataKeys.ts';
import { type DisposableStore, openDisposable } from '../server/store/disposable.ts';
import { openSoftwareKeys } from '../server/store/keys.ts';
import { openLevelStore } from '../server/store/levelStore.ts';
import { findByName, nameWordsOf } from '../server/store/names.ts';
import { searchTables } from '../server/store/searches.ts';
import type { Store } from '../server/store/store.ts';
import { Subjects, subjectTables } from '../server/store/subjects.ts';
import { Vault, type VaultEntry, vaultTables } from '../server/store/vault.ts';
import { Views } from '../server/store/views.ts';

/** As the intake of people has it. */
const SECTOR_EPOCH = 1;

const OFFICE = 1;
const AGENCY = 1;
const AT_ONCE = 500;
const PAGE = 50;
const REGISTER = `0x${'ab'.repeat(20)}` as Address;
/** Degrees times 1e7 between neighbours of a square survey. */
const STEP = 4_000;

const idOf = (kind: number, number: number) =>
  `0x${kind.toString(16).padStart(2, '0')}${number.toString(16).padStart(62, '0')}` as Bytes32;

export interface Reading {
  readonly name: string;
  readonly rows: number;
  /** Transactions: a list has none, and a search those that tell people that they were read. */
  readonly writes: number;
  readonly milliseconds: number;
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

export async function readingsOf(folder: string, size: number): Promise<readonly Reading[]> {
  const count: Counted = { rows: 0, writes: 0 };
  const keys = openSoftwareKeys(path.join(folder, 'keys'));
  const integrityKey = await keys.integrityKey();
  const opened = (name: string, tables: Parameters<typeof openLevelStore>[0]['tables']) =>
    openLevelStore({ folder: path.join(folder, name), integrityKey, tables });
  const precious = await opened('precious', [
    ...[...cadastreTables, ...subjectTables, ...vaultTables, ...accessTables, ...carriedTables],
    ...searchTables,
  ]);
  const keyStore = await opened('keyStore', keyStoreTables);
  const disposable = await openDisposable(path.join(folder, 'views'));
  const genesis = { number: 0n, hash: idOf(1, 0) };
  const views = new Views(counted(disposable, count), genesis, undefined);
  const store = counted(precious, count);
  const cadastre = new Cadastre(store);
  const subjects = new Subjects(store, keys);
  const vault = new Vault(store, new DataKeys(keyStore, keys));

  for (let from = 0; from < size; from += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, size - from) }, (_, i) => from + i);
    await cadastre.record(numbers.map((number) => surveyed(number, size)));
    await views.apply(blockOf(BigInt(from / AT_ONCE + 1), numbers));
    await enrol(numbers);
  }

  async function enrol(numbers: readonly number[]): Promise<void> {
    const newcomers = await Promise.all(
      numbers.map((number) =>
        subjects.newcomer(AGENCY, [{ scheme: 'national-id', id: `SYNTHETIC-${number}` }]),
      ),
    );
    const entries = numbers.map((number, i): VaultEntry => {
      const { subject } = newcomers[i] ?? { subject: idOf(9, number) as never };
      const record = { fullName: `Synthetic Common Person${number % 50} Of${number}` };
      return { subject, agency: AGENCY, type: 'person', group: '', id: 'self', record };
    });
    await vault.put(entries, newcomers);
  }

  const moment = async () => momentAt(BigInt(Math.floor(Date.now() / 1000)), []);
  const finder = openParcelFinder(cadastre, views, moment);
  const middle = Math.floor(size / 2);
  const unit = idOf(2, middle) as BAUnitId;
  const named = async (name: string, after?: number) =>
    findByName(store, await nameWordsOf(keys, AGENCY, name), {
      limit: 10,
      ...(after === undefined ? {} : { after }),
    });
  const [first] = [await finder.all(OFFICE, { limit: PAGE })];
  const side = Math.ceil(Math.sqrt(size));
  const corner = boxOf(middle, side).map((edge) => edge / 1e7) as [number, number, number, number];
  await finder.inBox(OFFICE, corner, { limit: PAGE }); // where parcels lie is read once a start
  const everywhere = [0, 0, (side * STEP) / 1e7, (side * STEP) / 1e7] as const;
  const opening = {
    ...{ vault, accessLog: new AccessLog(store), nowMs: Date.now },
    commitments: new Commitments(store),
  };
  const titles = openTitleFinder({ ...opening, views, cadastre });
  const people = openPeopleFinder({
    ...{ ...opening, store, keys, subjects, views, titles },
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
    ['a parcel by the id of its corners', () => finder.byAlias(OFFICE, `LEGACY-${middle}`)],
    ['parcels in a box of the map', () => finder.inBox(OFFICE, corner, { limit: PAGE })],
    ['parcels in a box around them all', () => finder.inBox(OFFICE, everywhere, { limit: PAGE })],
    ['titles of an office with areas and holders', async () => titles.titlesOf(first.rows, undefined)],
    ['people by a rare word of their name', () => named(`of${middle}`)],
    ['people by a common word of their name', () => named('synthetic')],
    ['people by two words of their name', () => named(`synthetic of${middle}`)],
    ['people by two common words, opened and counted', async () => (await search('synthetic common')).rows],
    ['who looked at a person', async () => (await opening.accessLog.list(one, PAGE)).newestFirst],
    ['a person by an id', () => subjects.find(AGENCY, { scheme: 'national-id', id: `SYNTHETIC-${middle}` })],
  ];
  const readings: Reading[] = [];
  for (const [name, ask] of asked) {
    Object.assign(count, { rows: 0, writes: 0 });
    const startedAt = performance.now();
    const found = await ask();
    const milliseconds = performance.now() - startedAt;
    requireFound(name, found);
    readings.push({ name, ...count, milliseconds });
  }
  await views.close();
  await precious.close();
  await keyStore.close();
  return readings;
}

/** A search that finds nothing would read few rows for a bad reason. */
function requireFound(name: string, found: unknown): void {
  const parts = Array.isArray(found) ? found : Object.values(found ?? {}).flat();
  if (parts.length === 0) throw new Error(`${name} found nothing`);
}

const numberOf = (number: number) => `Block ${Math.floor(number / 100)}/${number}`;

function boxOf(number: number, side: number): readonly [number, number, number, number] {
  const [x, y] = [(number % side) * STEP, Math.floor(number / side) * STEP];
  return [x, y, x + STEP - 1, y + STEP - 1];
}

function surveyed(number: number, size: number): CadastralUnit {
  return {
    ...{ unit: idOf(3, number), baUnit: idOf(2, number), office: OFFICE, number: numberOf(number) },
    ...{ feature: '{}', aliases: [`LEGACY-${number}`], statedAreaMm2: undefined },
    ...{ computedAreaMm2: 1_110_000_000n, box: boxOf(number, Math.ceil(Math.sqrt(size))) },
    ...{ geometry: [], geometryCommitment: idOf(4, number), sources: [], replaces: [] },
    ...{ recordedAtMs: 0, isReplaced: false, retired: false },
  };
}

function blockOf(number: bigint, titles: readonly number[]) {
  const place: EventPlace = {
    ...{ contract: 'land', address: REGISTER, blockNumber: number, logIndex: 0 },
    transactionHash: idOf(5, Number(number)),
  };
  const begun: LedgerEvent[] =
    number === 1n ? [{ ...place, name: 'ContractFound', args: { contract: 'land', address: REGISTER } }] : [];
  const events = titles.flatMap((title): LedgerEvent[] => {
    const [baUnit, stateHash] = [idOf(2, title) as BAUnitId, idOf(6, title)];
    const entry = {
      ...{ index: BigInt(title), entryId: idOf(7, title) as EntryId, subject: baUnit, newState: stateHash },
      ...{ kind: LAND_KIND_BASE + 1, preparer: idOf(8, 1) as OfficerId, approver: idOf(8, 2) as OfficerId },
      ...{ epochs: 0n, recordedAt: number, effectiveOn: number, head: idOf(10, title) },
    };
    return [
      { ...place, name: 'EntryRecorded', args: entry } as LedgerEvent,
      { ...place, name: 'BAUnitRecorded', args: { baUnit, stateHash, state: stateOf(title) } },
    ];
  });
  return {
    cursor: { number, hash: idOf(1, Number(number)) },
    timestampSeconds: Number(number),
    events: [...begun, ...events],
  };
}

function stateOf(title: number): BAUnitState {
  const holding = {
    ...{ holdingId: 2, numerator: 1n, partyKind: 'person', signer: 'own' },
    ...{ keyHash: idOf(11, title), partyCommitment: idOf(12, title) },
  } as const;
  return {
    header: {
      ...{ formatVersion: 1, version: 1n, status: 'active', office: OFFICE as OfficeId, origin: 'legacy' },
      ...{ evidence: 'public-document', baseUnit: ZERO_32 as BAUnitId, quotaNumerator: 0n, quotaTotal: 0n },
      ...{ membersRoot: ZERO_32, memberCount: 0, nextId: 3, effectiveOn: 0n },
    },
    spatialUnits: [{ id: idOf(3, title) as SpatialUnitId, geometryCommitment: idOf(4, title) }],
    rights: [
      {
        ...{ rightId: 1, kind: 'ownership', standing: 'absolute', upgradesOn: 0n, expiresOn: 0n },
        ...{ tenancy: 'sole', targetRight: 0, presentationNo: 1n, denominator: 1n },
        ...{ termsCommitment: ZERO_32, holdings: [holding] },
      },
    ],
    ...{ charges: [], notices: [], responsibilities: [], applications: [] },
    ...{ factsRoot: idOf(13, title), priorState: ZERO_32 },
  } as BAUnitState;
}
