import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { json } from '../../../server/store/codec.ts';
import { type DisposableStore, disposable, openDisposable } from '../../../server/store/disposable.ts';
import { filesBelow, flipBit, refusedAs, removeTemporaryFolders, temporaryFolder } from './folder.ts';

/** Enough for an index that level compresses: such a table is not looked through before it is opened. */
const MANY_ROWS = 4_000;
/** Bits of the filter, well before its end: some of them are the only ones of a row. */
const FILTER_BITS = { behind: 8 * 1_500, count: 32 };

const titles = disposable('titles', json<{ readonly version: number }>());
const cursor = disposable('cursor', json<bigint>());

describe('the disposable tables', () => {
  let store: DisposableStore;
  let folder: string;
  const applyBlock = (number: bigint) =>
    store.apply((batch) => {
      const before = batch.get(titles, 'a')?.version ?? 0;
      batch.put(titles, 'a', { version: before + 1 });
      expect(batch.get(titles, 'a')?.version).to.equal(before + 1);
      batch.put(titles, `t${number}`, { version: 1 });
      batch.delete(titles, `t${number - 2n}`);
      batch.put(cursor, 'block', number);
    });
  beforeEach(async () => {
    folder = temporaryFolder();
    store = await openDisposable(folder);
  });
  afterEach(() => store.close());
  after(removeTemporaryFolders);

  it('are begun again, not refused, where their files are damaged', async () => {
    await applyBlock(1n);
    await store.close();
    for (const { path } of filesBelow(folder)) writeFileSync(path, 'what a broken disk gives');
    store = await openDisposable(folder);
    expect(await store.get(cursor, 'block')).to.equal(undefined);
    await applyBlock(1n);
    expect(await store.get(cursor, 'block')).to.equal(1n);
  });

  it('apply a block and its cursor as one, and nothing of a block that throws', async () => {
    await applyBlock(1n);
    const failing = store.apply((batch) => {
      batch.put(cursor, 'block', 2n);
      throw new RangeError('not our block');
    });
    expect(await refusedAs(failing)).to.equal('RangeError');
    expect(await store.get(cursor, 'block')).to.equal(1n);
    expect(await store.get(titles, 't2')).to.equal(undefined);
  });

  it('are the same to the byte when they are built again', async () => {
    for (const number of [1n, 2n, 3n]) await applyBlock(number);
    const digest = await store.digest();
    await store.clear();
    expect(await store.digest()).not.to.equal(digest);
    for (const number of [1n, 2n, 3n]) await applyBlock(number);
    expect(await store.digest()).to.equal(digest);
    const keys: string[] = [];
    for await (const [key] of store.range(titles, { gte: 't' })) keys.push(key);
    expect(keys).to.deep.equal(['t2', 't3']);
  });

  it('name the first view in which two builds differ, whichever has a row more, less or another', async () => {
    const other = await openDisposable(temporaryFolder());
    const put = (into: DisposableStore, key: string, version: number) =>
      into.apply((batch) => batch.put(titles, key, { version }));
    await put(store, 'a', 1);
    await put(other, 'a', 1);
    expect(await store.firstDifference(other)).to.equal(undefined);
    await put(other, 'b', 1);
    expect(await store.firstDifference(other)).to.equal('titles');
    expect(await other.firstDifference(store)).to.equal('titles');
    await put(store, 'b', 2);
    expect(await store.firstDifference(other)).to.equal('titles');
    await put(store, 'b', 1);
    await store.apply((batch) => batch.put(cursor, 'block', 1n));
    expect(await other.firstDifference(store)).to.equal('cursor');
    await other.close();
  });

  it('have another digest where a row is there and is not found, for a bit of the filter before it', async () => {
    const folder = temporaryFolder();
    const keys = Array.from({ length: MANY_ROWS }, (_, i) => `t${i}`);
    const reopened = () => openDisposable(folder);
    const full = await reopened();
    await full.apply((batch) => {
      for (const key of keys) batch.put(titles, key, { version: 1 });
    });
    const digest = await full.digest();
    await full.close();
    const file = filesBelow(folder).find(({ path }) => path.endsWith('.ldb'));
    if (file === undefined) throw new Error('no table file');
    const from = 8 * file.bytes.indexOf('filter.leveldb') - FILTER_BITS.behind;
    let hidden = 0;
    for (let bit = from; bit < from + FILTER_BITS.count; bit++) {
      writeFileSync(file.path, flipBit(file.bytes, bit));
      const found = await reopened();
      const values = await Promise.all(keys.map((key) => found.get(titles, key)));
      if (values.includes(undefined)) {
        hidden++;
        expect(await found.digest(), `bit ${bit}`).not.to.equal(digest);
      }
      await found.close();
      writeFileSync(file.path, file.bytes);
    }
    expect(hidden).to.be.greaterThan(5);
  });
});
