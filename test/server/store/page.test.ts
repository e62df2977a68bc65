import { expect } from 'chai';
import { text } from '../../../server/store/codec.ts';
import { type DisposableStore, disposableList, openDisposable } from '../../../server/store/disposable.ts';
import { ordinal } from '../../../server/store/store.ts';
import { MAX_PAGE_ROWS, pageOf } from '../../../server/store/views/page.ts';
import { refusedAs, removeTemporaryFolders, temporaryFolder } from './folder.ts';

const rows = disposableList('rows', text, 1);

describe('a page of a view', () => {
  let store: DisposableStore;
  before(async () => {
    store = await openDisposable(temporaryFolder());
    await store.apply((batch) => {
      for (let i = 0; i < MAX_PAGE_ROWS + 3; i++) batch.put(rows, `a/${ordinal(i)}`, `a${i}`);
      batch.put(rows, 'aa/0', 'another prefix');
      batch.put(rows, 'b/0', 'b0');
    });
  });
  after(async () => {
    await store.close();
    removeTemporaryFolders();
  });

  it('never has more rows than the limit of all pages, whatever is asked', async () => {
    const page = await pageOf(store, rows, 'a', { limit: 1e9 });
    expect(page.rows).to.have.length(MAX_PAGE_ROWS);
    const rest = await pageOf(store, rows, 'a', { limit: 1e9, ...(page.next && { after: page.next }) });
    expect(rest.rows).to.deep.equal([0, 1, 2].map((i) => `a${MAX_PAGE_ROWS + i}`));
    expect(rest.next).to.equal(undefined);
  });

  it('tells how long the whole list is, of each list and whatever was written twice or went again', async () => {
    const total = async (list: string) => (await pageOf(store, rows, list, { limit: 1 })).total;
    expect([await total('a'), await total('aa'), await total('none')]).to.deep.equal([
      MAX_PAGE_ROWS + 3,
      1,
      0,
    ]);
    await store.apply((batch) => {
      batch.put(rows, 'c/0', 'new');
      batch.put(rows, 'c/1', 'new');
      batch.put(rows, 'c/1', 'twice');
      batch.delete(rows, 'c/2');
    });
    await store.apply((batch) => batch.put(rows, 'c/0', 'written again'));
    expect(await total('c')).to.equal(2);
    await store.apply((batch) => batch.delete(rows, 'c/1'));
    expect(await total('c')).to.equal(1);
  });

  it('stays under its prefix in both directions', async () => {
    expect((await pageOf(store, rows, 'b', {})).rows).to.deep.equal(['b0']);
    expect((await pageOf(store, rows, 'b', { newestFirst: true })).rows).to.deep.equal(['b0']);
    const last = await pageOf(store, rows, 'a', { newestFirst: true, limit: 1 });
    expect(last.rows).to.deep.equal([`a${MAX_PAGE_ROWS + 2}`]);
    const first = await pageOf(store, rows, 'a', { limit: 1 });
    const before = { newestFirst: true, ...(first.next && { after: first.next }) };
    expect((await pageOf(store, rows, 'a', before)).rows).to.deep.equal([]);
  });

  it('goes on from a cursor of this list alone, and begins anew from none that was made up', async () => {
    const { next = '' } = await pageOf(store, rows, 'a', { limit: 1 });
    const others = [...next].map((_, i) => `${next.slice(0, i)}~${next.slice(i + 1)}`);
    for (const after of ['', '0', '~', ordinal(0), next.slice(1), `${next}0`, ...others]) {
      expect(await refusedAs(pageOf(store, rows, 'a', { after })), after).to.equal('cursor-unknown');
    }
    expect(await refusedAs(pageOf(store, rows, 'b', { after: next }))).to.equal('cursor-unknown');
    expect(await refusedAs(pageOf(store, rows, '', { after: next }))).to.equal('cursor-unknown');
  });
});
