import { expect } from 'chai';
import { text } from '../../../server/store/codec.ts';
import { type DisposableStore, disposable, openDisposable } from '../../../server/store/disposable.ts';
import { ordinal } from '../../../server/store/store.ts';
import { MAX_PAGE_ROWS, pageOf } from '../../../server/store/views/page.ts';
import { removeTemporaryFolders, temporaryFolder } from './folder.ts';

const rows = disposable('rows', text);

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

  it('stays under its prefix in both directions', async () => {
    expect((await pageOf(store, rows, 'b', {})).rows).to.deep.equal(['b0']);
    expect((await pageOf(store, rows, 'b', { newestFirst: true })).rows).to.deep.equal(['b0']);
    const last = await pageOf(store, rows, 'a', { newestFirst: true, limit: 1 });
    expect(last.rows).to.deep.equal([`a${MAX_PAGE_ROWS + 2}`]);
    expect((await pageOf(store, rows, 'a', { newestFirst: true, after: ordinal(0) })).rows).to.deep.equal([]);
  });
});
