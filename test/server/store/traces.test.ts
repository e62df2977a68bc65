/** Traces of acts that came to nothing: those that were left before they were listed and counted come into the lists. */
import { expect } from 'chai';
import type { Bytes32 } from '../../../server/domain/base/hex.ts';
import type { OfficeId, OfficerId } from '../../../server/domain/base/terms.ts';
import { actTables, PendingActs } from '../../../server/store/acts.ts';
import { json } from '../../../server/store/codec.ts';
import { ordinal, preciousSorted, type Store } from '../../../server/store/store.ts';
import type { Trace } from '../../../server/store/traces.ts';
import { openTestStore, removeTemporaryFolders, temporaryFolder } from './folder.ts';

const idOf = (number: number) => `0x${number.toString(16).padStart(64, '0')}` as Bytes32;
const UNIT = idOf(77);
/** More than one transaction of them. */
const MANY = 1_100;

const traceOf = (number: number): Trace => ({
  act: idOf(number),
  type: 'TransferRight',
  kind: 'transfer',
  owner: { institution: 1 + (number % 2), principal: 'token:4b75647572727521' },
  office: (1 + (number % 3)) as OfficeId,
  preparer: idOf(5) as OfficerId,
  preparedAtMs: 1,
  endedAtMs: 1_000 + number,
  by: undefined,
  signed: [],
  units: [UNIT],
  others: [],
});

describe('traces that were left before they were listed', () => {
  let store: Store;
  let acts: PendingActs;
  before(async () => {
    store = await openTestStore(temporaryFolder(), actTables);
    acts = new PendingActs(store, () => 0);
    // As an older version left them: each by what it named, under no institution, and in no count.
    const traces = preciousSorted('actTraces', json<Trace>());
    const bySubject = preciousSorted('actTracesBySubject', json<true>());
    await store.transact((tx) => {
      for (let number = 0; number < MANY; number++) {
        const key = `${ordinal(1_000 + number)}/${idOf(number)}`;
        tx.insert(traces, key, traceOf(number));
        tx.insert(bySubject, `${UNIT}/${key}`, true);
      }
    });
  });
  after(async () => {
    await store.close();
    removeTemporaryFolders();
  });

  const counted = async (institution?: number) => {
    let sum = 0;
    for await (const { traces } of acts.traceCounts(institution)) sum += traces;
    return sum;
  };
  const listed = async (institution: number | undefined) => {
    const found: Bytes32[] = [];
    for await (const [, { act }] of acts.tracesBefore(institution, undefined)) found.push(act);
    return found;
  };

  it('are in the list and in the count of whose office prepared them after a start, and once however often it starts', async () => {
    expect([await listed(1), await counted(1)]).to.deep.equal([[], 0]);
    expect(await acts.indexEnded()).to.equal(MANY);
    const all = Array.from({ length: MANY }, (_, i) => MANY - 1 - i);
    for (const institution of [1, 2]) {
      const own = all.filter((number) => 1 + (number % 2) === institution).map(idOf);
      expect(await listed(institution)).to.deep.equal(own);
      expect(await counted(institution)).to.equal(own.length);
    }
    expect(await acts.indexEnded()).to.equal(0);
    expect(await counted()).to.equal(MANY);
  });

  it('are read one by one where some are not counted, and not at all where each is', async () => {
    let read = 0;
    const reading = new Proxy(store, {
      get(target, name) {
        const value = Reflect.get(target, name, target) as unknown;
        if (typeof value !== 'function') return value;
        if (name === 'range' || name === 'get')
          return (...args: [{ name: string }]) => {
            if (args[0].name === 'actTraces') read++;
            return value.apply(target, args) as unknown;
          };
        return (...args: unknown[]) => value.apply(target, args) as unknown;
      },
    });
    expect([await new PendingActs(reading, () => 0).indexEnded(), read]).to.deep.equal([0, 0]);
    const traces = preciousSorted('actTraces', json<Trace>());
    const late = MANY + 1;
    await store.transact((tx) => tx.insert(traces, `${ordinal(5_000)}/${idOf(late)}`, traceOf(late)));
    expect(await new PendingActs(reading, () => 0).indexEnded()).to.equal(1);
    expect((await listed(1 + (late % 2)))[0]).to.equal(idOf(late));
    expect(await counted()).to.equal(MANY + 1);
  });
});
