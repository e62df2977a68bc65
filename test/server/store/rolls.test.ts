import { expect } from 'chai';
import { type Hex, toHex } from '../../../server/domain/base/hex.ts';
import type { ProgrammeId } from '../../../server/domain/base/terms.ts';
import type { CycleId } from '../../../server/domain/benefits/terms.ts';
import type { SubjectRef } from '../../../server/domain/people/schema.ts';
import {
  type EnrolmentList,
  LISTS_WAITING_MAX,
  type Roll,
  Rolls,
  rollTables,
} from '../../../server/store/rolls.ts';
import type { Store } from '../../../server/store/store.ts';
import { named } from '../../chain/signing.ts';
import { seeded } from '../../seeded.ts';
import { openTestStore, refusedAs, removeTemporaryFolders, temporaryFolder } from './folder.ts';

const PROGRAMME = named('programme') as Hex as ProgrammeId;
const CYCLE = 3 as CycleId;
const EPOCH = 2;
const WEEK_MS = 7 * 24 * 3_600_000;

describe('the lists behind signed acts', () => {
  let store: Store;
  let rolls: Rolls;
  let nowMs = 1_000;

  before(async () => {
    store = await openTestStore(temporaryFolder(), rollTables);
    rolls = new Rolls(store, () => nowMs);
  });
  after(async () => {
    await store.close();
    removeTemporaryFolders();
  });

  const list = (act: string, startIndex: number, count: number): EnrolmentList => ({
    ...{ programme: PROGRAMME, enrolmentEpoch: EPOCH, startIndex, act: named(act) },
    people: Array.from({ length: count }, (_, i) => named(`${act} ${i}`) as Hex as SubjectRef),
    slots: seeded(count).bytes(32 * count),
  });
  const kept = async () => {
    const found: EnrolmentList[] = [];
    for await (const { count, refs, personAt, ...one } of rolls.enrolments(PROGRAMME, EPOCH)) {
      expect(refs.length).to.equal(32 * count);
      found.push(Object.assign(one, { people: Array.from({ length: count }, (_, i) => personAt(i)) }));
    }
    return found;
  };
  const plain = ({ slots, ...rest }: EnrolmentList) => ({
    ...rest,
    slots: Buffer.from(slots).toString('hex'),
  });

  it('come back as they were kept, by first index, and the rivals of a signed one are dropped', async () => {
    const [first, rival, second] = [list('first', 0, 5), list('rival', 0, 4), list('second', 5, 3)];
    for (const one of [second, rival, first]) await rolls.keepEnrolment(one);
    expect(await kept()).to.have.length(3);
    await rolls.dropOtherEnrolments(first);
    expect((await kept()).map(plain)).to.deep.equal([first, second].map(plain));
  });

  it('are refused when too many wait for one place', async () => {
    for (let i = 0; i < LISTS_WAITING_MAX; i++) await rolls.keepEnrolment(list(`waiting ${i}`, 100, 1));
    const more = rolls.keepEnrolment(list('one more', 100, 1));
    expect(await refusedAs(more)).to.equal('too-many-lists-waiting');
  });

  const rollOf = (root: string, count: number): Roll => ({
    ...{ programme: PROGRAMME, cycle: CYCLE, enrolmentEpoch: EPOCH, entryBytes: 4, count, lines: count },
    ...{ totalUnits: 7n, tableHash: named('table'), root: named(root) },
  });

  it('keep every unit and the secret of a roll of several parts, and drop the others of its cycle', async () => {
    const count = 65_536 + 9;
    const random = seeded(7);
    const units = Uint32Array.from({ length: count }, () => random.below(2 ** 24));
    const entries = { units, secret: random.bytes(32) };
    const [signed, other] = [rollOf('signed', count), rollOf('other', 3)];
    await rolls.keepRoll(signed, entries);
    await rolls.keepRoll(other, { units: units.slice(0, 3), secret: random.bytes(32) });
    await rolls.dropOtherRolls(signed);
    expect(await rolls.rollsOf(PROGRAMME, CYCLE)).to.deep.equal([
      Object.assign({ atMs: 1_000, secret: toHex(entries.secret) }, signed),
    ]);
    const back = await rolls.entriesOf(signed);
    expect(Buffer.compare(Buffer.from(back.units.buffer), Buffer.from(units.buffer))).to.equal(0);
    expect(Buffer.compare(back.secret, entries.secret)).to.equal(0);
    expect(await rolls.roll(other)).to.equal(undefined);
  });

  it('give way to a correction where no act names them, the oldest first, and are refused where each is named', async () => {
    const cycle = 4 as CycleId;
    const entries = { units: Uint32Array.of(1), secret: new Uint8Array(32) };
    const corrected = (i: number) =>
      Object.assign(rollOf(`correction ${i}`, 1), { cycle, tableHash: named(`table ${i}`) });
    const roots = async () => new Set((await rolls.rollsOf(PROGRAMME, cycle)).map(({ root }) => root));
    const use = (i: number) => store.transact((tx) => rolls.useRoll(tx, corrected(i)));
    for (let i = 0; i < LISTS_WAITING_MAX; i++, nowMs++) await rolls.keepRoll(corrected(i), entries);
    await use(0);
    await rolls.keepRoll(corrected(8), entries);
    expect([(await roots()).size, (await roots()).has(named('correction 0'))]).to.deep.equal([8, true]);
    expect((await roots()).has(named('correction 1')), 'the oldest that no act names').to.equal(false);
    for (const i of [2, 3, 4, 5, 6, 7, 8]) await use(i);
    expect(await refusedAs(rolls.keepRoll(corrected(9), entries))).to.equal('too-many-lists-waiting');
  });

  it('say why a file was refused for a week, or until a good one comes', async () => {
    const line = { line: 2, code: 'units-missing', message: 'm', remedy: 'r' };
    await rolls.keepRefused(PROGRAMME, CYCLE, { read: 1, lines: [line] });
    expect((await rolls.refused(PROGRAMME, CYCLE))?.lines).to.deep.equal([line]);
    nowMs += WEEK_MS;
    expect(await rolls.refused(PROGRAMME, CYCLE)).to.equal(undefined);
    await rolls.keepRefused(PROGRAMME, CYCLE, { read: 1, lines: [line] });
    await rolls.keepRoll(rollOf('good', 1), { units: Uint32Array.of(1), secret: new Uint8Array(32) });
    expect(await rolls.refused(PROGRAMME, CYCLE)).to.equal(undefined);
  });
});
