/** Pages of who is enrolled, and where one person stands: how many lists are read for it. */
import { expect } from 'chai';
import { openEnrolledPlaces } from '../../server/desk/enrolledPlaces.ts';
import type { Bytes32, Hex } from '../../server/domain/base/hex.ts';
import type { ProgrammeId } from '../../server/domain/base/terms.ts';
import type { SubjectRef } from '../../server/domain/people/schema.ts';
import { Rolls, rollTables } from '../../server/store/rolls.ts';
import type { Store } from '../../server/store/store.ts';
import { named } from '../chain/signing.ts';
import { openTestStore, removeTemporaryFolders, temporaryFolder } from './store/folder.ts';

const OF = { programme: named('a large programme') as Hex as ProgrammeId, enrolmentEpoch: 1 };
const PEOPLE = 300;

describe('who is enrolled where', () => {
  let store: Store;
  let rolls: Rolls;
  /** Lists read so far. */
  let read = 0;
  const recorded = new Set<Bytes32>();
  let signed = 0;
  beforeEach(async () => {
    store = await openTestStore(temporaryFolder(), rollTables);
    rolls = new Rolls(store, Date.now);
    recorded.clear();
    signed = 0;
    read = 0;
  });
  afterEach(async () => {
    await store.close();
    removeTemporaryFolders();
  });

  const personOf = (index: number) => named(`person ${index}`) as Hex as SubjectRef;
  const slots = new Uint8Array(32 * PEOPLE);
  /** A list behind an act, of the people from an index on. */
  async function keep(act: string, startIndex: number, isRecorded: boolean): Promise<void> {
    const people = Array.from({ length: PEOPLE }, (_, i) => personOf(startIndex + i));
    await rolls.keepEnrolment({ ...OF, startIndex, act: named(act), people, slots });
    if (!isRecorded) return;
    recorded.add(named(act));
    signed = startIndex + PEOPLE;
  }
  function opened() {
    const counting = <T>(lists: AsyncGenerator<T>) =>
      (async function* () {
        for await (const list of lists) {
          read++;
          yield list;
        }
      })();
    return openEnrolledPlaces({
      rolls: {
        enrolments: (...args) => counting(rolls.enrolments(...args)),
        enrolmentsDown: (...args) => counting(rolls.enrolmentsDown(...args)),
      },
      isRecorded: async (act) => recorded.has(act),
      signed: async () => signed,
    });
  }
  async function readBy<T>(work: () => Promise<T>): Promise<readonly [number, T]> {
    const before = read;
    const done = await work();
    return [read - before, done];
  }

  it('is a page that reads the lists it shows alone, however many there are', async () => {
    for (let list = 0; list < 12; list++) await keep(`act ${list}`, list * PEOPLE, true);
    const places = opened();
    for (const from of [0, 7 * PEOPLE, 11 * PEOPLE + 5]) {
      const [lists, page] = await readBy(() => places.page(OF, from, signed, 50));
      expect(lists).to.equal(1);
      expect(page.map(({ index }) => index)).to.deep.equal(Array.from({ length: 50 }, (_, i) => from + i));
      for (const { index, subject } of page) expect(subject).to.equal(personOf(index));
    }
    const [lists, page] = await readBy(() => places.page(OF, 5 * PEOPLE - 10, signed, 50));
    expect([lists, page.length, page.at(-1)?.subject]).to.deep.equal([2, 50, personOf(5 * PEOPLE + 39)]);
    const [last, rest] = await readBy(() => places.page(OF, signed - 3, signed - 1, 50));
    expect([last, rest.map(({ index }) => index)]).to.deep.equal([1, [signed - 3, signed - 2]]);
    expect(await places.page(OF, signed, signed, 50)).to.deep.equal([]);
  });

  it('is known of a person from lists that are each read once, when their acts are recorded', async () => {
    for (let list = 0; list < 4; list++) await keep(`act ${list}`, list * PEOPLE, true);
    const places = opened();
    const [first, table] = await readBy(() => places.table(OF));
    expect(first).to.equal(4);
    for (const index of [0, 1, 299, 300, 1_199]) expect(table.indexOf(personOf(index))).to.equal(index);
    expect(table.indexOf(personOf(1_200))).to.equal(undefined);
    await keep('a rival', 4 * PEOPLE, false);
    const asked = await Promise.all(Array.from({ length: 5 }, () => readBy(() => places.table(OF))));
    expect(asked.map(([lists]) => lists)).to.deep.equal([0, 0, 0, 0, 0]);
    await keep('act 4', 4 * PEOPLE, true);
    const [more, grown] = await readBy(() => places.table(OF));
    expect([more, grown.indexOf(personOf(1_200))]).to.deep.equal([2, 1_200]);
  });

  it('is of the list that the ledger recorded, where others waited for the same place', async () => {
    await keep('act 0', 0, true);
    await keep('a rival', PEOPLE, false);
    const places = opened();
    expect(await places.listAt(OF, PEOPLE)).to.equal(undefined);
    await keep('the one', PEOPLE, true);
    expect((await places.listAt(OF, PEOPLE + 1))?.act).to.equal(named('the one'));
    expect((await places.listAt(OF, PEOPLE - 1))?.act).to.equal(named('act 0'));
    expect((await places.page(OF, PEOPLE - 1, signed, 2)).map(({ subject }) => subject)).to.deep.equal([
      ...[personOf(PEOPLE - 1), personOf(PEOPLE)],
    ]);
  });
});
