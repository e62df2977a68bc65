/**
 * What every store of precious tables must do, whatever keeps its rows: the promises of `store.ts`, tried.
 *
 * A store's own test calls this with a way to open one; what a store does to files or to a database stands in that test.
 */
import { expect } from 'chai';
import { json } from '../../../server/store/codec.ts';
import { type AnyTable, precious, preciousSorted, type Store, under } from '../../../server/store/store.ts';
import { refusedAs } from './folder.ts';

/** Opens what is kept at a place that is new with each `it`, again and again. */
export type Opening = (tables: readonly AnyTable[], freeBytes?: () => number) => Promise<Store>;

const notes = preciousSorted('notes', json<{ readonly words: string; readonly amount: bigint }>());
const counters = precious('counters', json<number>(), { auditedAtOpen: true });
const tables = [notes, counters];
const note = (n: number) => ({ words: `words of note ${n}`, amount: BigInt(n) });
const FREE = () => Number.MAX_SAFE_INTEGER;
const CONCURRENT = 1000;

/** Registers the tests; `begin` makes the place of the next one. */
export function keepsItsPromises(name: string, begin: () => Opening): void {
  describe(`${name}, as every store,`, () => {
    let store: Store;
    let reopen: () => Promise<Store>;
    beforeEach(async () => {
      const opening = begin();
      reopen = async () => {
        store = await opening(tables, FREE);
        return store;
      };
      await reopen();
    });
    afterEach(() => store.close());

    it('runs transactions one after the other: a thousand concurrent increments lose none', async () => {
      const increment = () =>
        store.transact(async (tx) => {
          const before = (await tx.get(counters, 'c')) ?? 0;
          await Promise.resolve(); // a body that waits lets no other come between
          tx.put(counters, 'c', before + 1);
        });
      await Promise.all(Array.from({ length: CONCURRENT }, increment));
      expect(await store.get(counters, 'c')).to.equal(CONCURRENT);
      expect((await store.audit(counters)).whole).to.equal(true);
    });

    it('runs them in the order in which they were asked for', async () => {
      const order: number[] = [];
      const asked = Array.from({ length: 50 }, (_, n) =>
        store.transact(async (tx) => {
          if (n % 3 === 0) await tx.get(notes, 'any');
          order.push(n);
        }),
      );
      await Promise.all(asked);
      expect(order).to.deep.equal(asked.map((_, n) => n));
    });

    it('begins the next one before this one is synced, and shows it what this one wrote', async () => {
      const first = store.transact((tx) => tx.put(notes, 'a', note(1)));
      const second = await store.transact((tx) => tx.get(notes, 'a'));
      expect(second).to.deep.equal(note(1));
      await first;
    });

    it('shows nobody outside what is not kept yet', async () => {
      let seen: unknown = 'nothing was looked at';
      const writing = store.transact(async (tx) => {
        tx.put(notes, 'a', note(1));
        seen = await store.get(notes, 'a');
        expect(await tx.get(notes, 'a')).to.deep.equal(note(1));
      });
      await writing;
      expect(seen).to.equal(undefined);
      expect(await store.get(notes, 'a')).to.deep.equal(note(1));
    });

    it('keeps nothing of a transaction that throws, at once or after it waited; the next is not disturbed', async () => {
      const failing = [
        store.transact((tx) => {
          tx.put(notes, 'a', note(1));
          throw new RangeError('decided otherwise');
        }),
        store.transact(async (tx) => {
          tx.put(notes, 'b', note(1));
          await tx.get(notes, 'b');
          throw new RangeError('decided otherwise');
        }),
      ];
      const following = store.transact((tx) => tx.put(notes, 'c', note(2)));
      const codes = await Promise.all(failing.map((one) => refusedAs(one)));
      expect(codes).to.deep.equal(['RangeError', 'RangeError']);
      await following;
      expect(await store.audit(notes)).to.deep.include({ rows: 1, expectedRows: 1, whole: true });
    });

    it('refuses a transaction inside another, which would wait for ever', async () => {
      const outer = store.transact(() => store.transact((tx) => tx.put(notes, 'a', note(1))));
      expect(await refusedAs(outer)).to.equal('Error');
      await store.transact((tx) => tx.put(notes, 'b', note(1)));
      expect(await store.get(notes, 'a')).to.equal(undefined);
    });

    it('refuses what is written or read after the body has ended', async () => {
      let late: (() => Promise<void>) | undefined;
      await store.transact((tx) => {
        late = async () => {
          expect(() => tx.put(notes, 'x', note(1))).to.throw();
          expect(await refusedAs(tx.get(notes, 'x'))).to.equal('Error');
        };
      });
      await late?.();
      expect(await store.get(notes, 'x')).to.equal(undefined);
    });

    it('counts rows that are overwritten and deleted, within one transaction and over several', async () => {
      const counted = await store.transact(async (tx) => {
        tx.put(notes, 'a', note(1));
        tx.put(notes, 'a', note(2));
        tx.put(notes, 'b', note(3));
        tx.delete(notes, 'b');
        tx.delete(notes, 'absent');
        return tx.rows(notes);
      });
      await store.transact((tx) => tx.put(notes, 'a', note(4)));
      expect([counted, await store.rows(notes)]).to.deep.equal([1, 1]);
      expect(await store.audit(notes)).to.deep.include({ rows: 1, expectedRows: 1, whole: true });
    });

    it('refuses to insert what is there, and changes nothing', async () => {
      await store.transact((tx) => tx.insert(notes, 'a', note(1)));
      expect(await refusedAs(store.transact((tx) => tx.insert(notes, 'a', note(2))))).to.equal('Error');
      expect(await store.get(notes, 'a')).to.deep.equal(note(1));
    });

    it('reads ranges in the order of the keys, forwards and backwards, from where and as many as asked', async () => {
      const keys = ['a/1', 'a/2', 'a/3', 'a0', 'b/1'];
      await store.transact((tx) => {
        for (const [n, key] of keys.entries()) tx.put(notes, key, note(n));
      });
      const read = async (range: Parameters<Store['range']>[1]) => {
        const found: string[] = [];
        for await (const [key] of store.range(notes, range)) found.push(key);
        return found;
      };
      expect(await read({})).to.deep.equal(keys);
      expect(await read(under('a'))).to.deep.equal(['a/1', 'a/2', 'a/3']);
      expect(await read({ gt: 'a/1', lte: 'a/3' })).to.deep.equal(['a/2', 'a/3']);
      expect(await read({ lt: 'b', reverse: true, limit: 2 })).to.deep.equal(['a0', 'a/3']);
    });

    it('gives back what was kept, and its counts, after it was closed and opened', async () => {
      await store.transact((tx) => tx.put(notes, 'a', note(7)));
      await store.close();
      await reopen();
      expect(await store.get(notes, 'a')).to.deep.equal(note(7));
      expect(await store.rows(notes)).to.equal(1);
    });

    it('takes no transaction once it is being closed, and finishes those it had taken', async () => {
      await store.transact((tx) => tx.put(notes, 'kept', note(1)));
      const pending = store.transact((tx) => tx.put(notes, 'taken', note(2)));
      const closing = store.close();
      expect(await refusedAs(store.transact((tx) => tx.put(notes, 'late', note(3))))).to.equal('Fault');
      await pending;
      await closing;
      await reopen();
      expect((await store.audit(notes)).rows).to.equal(2);
    });
  });

  it(`${name} refuses new work below the floor and still finishes what was accepted`, async () => {
    let free = Number.MAX_SAFE_INTEGER;
    const store = await begin()(tables, () => free);
    free = 100 * 2 ** 20;
    expect(await refusedAs(store.transact((tx) => tx.put(notes, 'a', note(1))))).to.equal('read-only');
    expect(store.whyNotWritable('new')).to.have.property('code', 'read-only');
    await store.transact((tx) => tx.put(notes, 'b', note(1)), 'finishing');
    expect([await store.get(notes, 'a'), await store.get(notes, 'b')]).to.deep.equal([undefined, note(1)]);
    await store.close();
  });
}
