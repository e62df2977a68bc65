import { expect } from 'chai';
import { json } from '../../../server/store/codec.ts';
import { type DisposableStore, disposable, openDisposable } from '../../../server/store/disposable.ts';
import { refusedAs, removeTemporaryFolders, temporaryFolder } from './folder.ts';

const titles = disposable('titles', json<{ readonly version: number }>());
const cursor = disposable('cursor', json<bigint>());

describe('the disposable tables', () => {
  let store: DisposableStore;
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
    store = await openDisposable(temporaryFolder());
  });
  afterEach(() => store.close());
  after(removeTemporaryFolders);

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
});
