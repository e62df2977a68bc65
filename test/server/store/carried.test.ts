/** What an act carries about people, and its end: with the act that is taken back, lapses, or never was. */
import { expect } from 'chai';
import type { Bytes32 } from '../../../server/domain/base/hex.ts';
import type { ProgrammeId } from '../../../server/domain/base/terms.ts';
import type { CycleId } from '../../../server/domain/benefits/terms.ts';
import type { SubjectRef } from '../../../server/domain/people/schema.ts';
import { type Carried, type CarriedThings, Commitments, openCarried } from '../../../server/store/carried.ts';
import { openSoftwareKeys } from '../../../server/store/keys.ts';
import { findByName, nameWordsOf } from '../../../server/store/names.ts';
import { LISTS_WAITING_MAX, type Roll, Rolls } from '../../../server/store/rolls.ts';
import { named } from '../../chain/signing.ts';
import { refusedAs, removeTemporaryFolders, temporaryFolder } from './folder.ts';
import { AGENCY, allTables, openingEntry, openPeople, type People, person, personEntry } from './people.ts';

const ACT = named('an act') as Bytes32;
const OTHER = named('another act') as Bytes32;
const THIRD = named('a third act') as Bytes32;
const UNIT = 'ab'.repeat(32);
const HOUR_MS = 3_600_000;
const PROGRAMME = named('a programme') as Bytes32 as ProgrammeId;

describe('what an act carries', () => {
  let folder: string;
  let people: People;
  let carried: Carried;
  let commitments: Commitments;
  let rolls: Rolls;
  let nowMs: number;
  beforeEach(async () => {
    folder = temporaryFolder();
    people = await openPeople(folder);
    nowMs = 1_700_000_000_000;
    commitments = new Commitments(people.store);
    rolls = new Rolls(people.store, () => nowMs);
    carried = openCarried({
      ...{ store: people.store, vault: people.vault, erasures: people.erasures },
      ...{ commitments, rolls, nowMs: () => nowMs },
    });
  });
  afterEach(() => people.close());
  after(removeTemporaryFolders);

  /**
   * Rows of every table but those that say what was destroyed, the sealed counts of words, which only grow, and the pages
   * of the order of keys, of which a table keeps an empty one.
   */
  async function rows(): Promise<Readonly<Record<string, number>>> {
    const kept = allTables(people).filter(
      ([, { name }]) =>
        !/^tombstone|^unfinished|^destroyedKeys$|^dueKeys$|^subjects$|^nameCounts$|^pages$/.test(name),
    );
    // A month of keys stays on the list when nothing lies under it any more.
    const counted = kept.filter(([, { name }]) => name !== 'wrappingMonths');
    const counts = counted.map(async ([store, table]) => [table.name, await store.rows(table)] as const);
    return Object.fromEntries(await Promise.all(counts));
  }

  const stranger = async () => people.subjects.newcomer(AGENCY, [{ scheme: 'id', id: 'X-1' }]);
  const groupOf = (act: Bytes32) => `${UNIT}.${act.slice(2, 34)}`;
  const thingsOf = (act: Bytes32, subject: SubjectRef, more: Partial<CarriedThings> = {}): CarriedThings => ({
    records: [
      openingEntry(subject, groupOf(act)),
      { subject, agency: AGENCY, type: 'party', group: `.${act.slice(2, 34)}`, id: 'self', record: party },
    ],
    newcomers: [],
    commitments: [{ root: named(`root of ${act}`) as Bytes32, subject, agency: AGENCY, group: groupOf(act) }],
    ...more,
  });
  const party = { name: person.fullName };
  const keep = (act: Bytes32) => people.store.transact((tx) => carried.keep(tx, act));
  const end = (act: Bytes32) => carried.destroy(act, 'principal-1', () => true);

  it('is gone with it, keys and all, and so is a person whom nothing else is known of', async () => {
    const before = await rows();
    const newcomer = await stranger();
    await carried.write(ACT, thingsOf(ACT, newcomer.subject, { newcomers: [newcomer] }));
    await keep(ACT);
    const during = await rows();
    for (const table of ['vault', 'dataKeys', 'salts', 'lookups', 'commitments', 'carriedByActs']) {
      expect(during[table], table).to.be.greaterThan(before[table] ?? 0);
    }
    await end(ACT);
    expect(await rows()).to.deep.equal(before);
    expect(await people.subjects.isErased(newcomer.subject)).to.equal(true);
    expect(await people.subjects.find(AGENCY, { scheme: 'id', id: 'X-1' })).to.equal(undefined);
    const again = await stranger();
    expect(again.subject).not.to.equal(newcomer.subject);
    await carried.write(OTHER, thingsOf(OTHER, again.subject, { newcomers: [again] }));
  });

  it('leaves what others know of the same person, and another act of the same unit', async () => {
    const subject = await people.subjects.enrol(AGENCY, []);
    await people.vault.put([personEntry(subject)]);
    await carried.write(OTHER, thingsOf(OTHER, subject));
    await keep(OTHER);
    const before = await rows();
    await carried.write(ACT, thingsOf(ACT, subject));
    await keep(ACT);
    await end(ACT);
    expect(await rows()).to.deep.equal(before);
    expect(await people.subjects.isErased(subject)).to.equal(false);
    const { lostRecords, erasedRecords } = await people.vault.report(await people.erasures.coverage());
    expect([lostRecords, erasedRecords]).to.deep.equal([0, 0]);
    expect((await commitments.get(named(`root of ${OTHER}`) as Bytes32))?.subject).to.equal(subject);
  });

  it('takes along the words of a name that nothing else has, alone and with others, and no other', async () => {
    const subject = await people.subjects.enrol(AGENCY, []);
    const isFoundBy = async (name: string) => {
      const words = await nameWordsOf(openSoftwareKeys(`${folder}/keys`), AGENCY, name);
      return (await findByName(people.store, words, { limit: 9 })).subjects.length === 1;
    };
    const writes = (act: Bytes32, name: string) =>
      carried.write(act, {
        ...thingsOf(act, subject),
        records: [
          { subject, agency: AGENCY, type: 'party', group: groupOf(act), id: 'self', record: { name } },
        ],
      });
    await writes(OTHER, 'Quorl Stays');
    const before = await rows();
    await writes(ACT, 'Quorl Typo');
    await writes(THIRD, 'Quorl Typo Again');
    expect(await isFoundBy('typo stays')).to.equal(true);
    await end(ACT);
    expect(await isFoundBy('typo'), 'of the third').to.equal(true);
    await end(THIRD);
    for (const name of ['typo', 'again', 'quorl typo', 'typo stays']) {
      expect(await isFoundBy(name), name).to.equal(false);
    }
    expect(await isFoundBy('stays quorl')).to.equal(true);
    expect(await rows()).to.deep.equal(before);
    await writes(ACT, 'Typo');
    expect(await isFoundBy('typo'), 'once more').to.equal(true);
  });

  it('is destroyed by its unit too, when the unit is erased of a person', async () => {
    const subject = await people.subjects.enrol(AGENCY, []);
    await people.vault.put([personEntry(subject)]);
    await carried.write(ACT, thingsOf(ACT, subject));
    const order = { ground: 'court-order', orderedBy: 'p1', atMs: nowMs } as const;
    await people.erasures.erase({ subject, group: UNIT, ...order });
    const { lostRecords, erasedRecords } = await people.vault.report(await people.erasures.coverage());
    expect([lostRecords, erasedRecords]).to.deep.equal([0, 1]);
  });

  it('stays when its act does not end after all', async () => {
    const newcomer = await stranger();
    await carried.write(ACT, thingsOf(ACT, newcomer.subject, { newcomers: [newcomer] }));
    await keep(ACT);
    const before = await rows();
    await carried.destroy(ACT, 'principal-1', () => false);
    expect(await rows()).to.deep.equal(before);
  });

  it('is found again and destroyed where its act was never kept', async () => {
    const before = await rows();
    const newcomer = await stranger();
    await carried.write(ACT, thingsOf(ACT, newcomer.subject, { newcomers: [newcomer] }));
    expect(await carried.sweep()).to.equal(0);
    nowMs += HOUR_MS + 1;
    expect(await carried.sweep()).to.equal(1);
    expect(await rows()).to.deep.equal(before);
    expect(await carried.sweep()).to.equal(0);
  });

  it('is the list of an enrolment, whose place is free again each time', async () => {
    const subject = await people.subjects.enrol(AGENCY, []);
    for (let i = 0; i < 2 * LISTS_WAITING_MAX; i++) {
      const act = named(`enrolment ${i}`) as Bytes32;
      const place = { programme: PROGRAMME, enrolmentEpoch: 1, startIndex: 0, act };
      const enrolment = { ...place, people: [subject], slots: new Uint8Array(32) };
      await carried.write(act, { records: [], newcomers: [], commitments: [], enrolment });
      await keep(act);
      await end(act);
    }
    expect((await rows()).enrolmentLists).to.equal(0);
  });

  it('is the roll of a cycle, until the last act that names it is over', async () => {
    const rollOf = (name: string): Roll => ({
      ...{ programme: PROGRAMME, cycle: 1 as CycleId, enrolmentEpoch: 1, entryBytes: 1, count: 1, lines: 1 },
      ...{ totalUnits: 1n, tableHash: named(name) as Bytes32, root: named(name) as Bytes32 },
    });
    const entries = { units: new Uint32Array(1), secret: new Uint8Array(32) };
    const nothing = { records: [], newcomers: [], commitments: [] };
    for (let i = 0; i < 2 * LISTS_WAITING_MAX; i++) {
      const roll = rollOf(`roll ${i}`);
      await rolls.keepRoll(roll, entries);
      for (const act of [ACT, OTHER]) {
        await carried.write(act, { ...nothing, roll });
        await keep(act);
        await keep(act); // a retry names it no second time
      }
      await end(ACT);
      expect((await rolls.roll(roll))?.root).to.equal(roll.root);
      await end(OTHER);
      expect(await rolls.roll(roll)).to.equal(undefined);
    }
    const unnamed = rollOf('nobody opens a cycle with it');
    await rolls.keepRoll(unnamed, entries);
    await rolls.keepRefused(PROGRAMME, 2 as CycleId, { read: 1, lines: [] });
    expect(await rolls.sweep()).to.equal(0);
    nowMs += 31 * 24 * HOUR_MS;
    expect(await rolls.sweep()).to.equal(1);
    const left = await rows();
    expect([left.rolls, left.rollParts, left.rollUses, left.refusedRolls]).to.deep.equal([0, 0, 0, 0]);
    await carried.write(ACT, { ...nothing, roll: unnamed });
    expect(await refusedAs(keep(ACT))).to.equal('roll-missing');
  });
});
