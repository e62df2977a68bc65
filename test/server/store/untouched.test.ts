import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect } from 'chai';
import { text } from '../../../server/store/codec.ts';
import { keyFolderOf } from '../../../server/store/keys.ts';
import { precious } from '../../../server/store/store.ts';
import { untouched } from '../../../server/store/untouched.ts';
import { filesBelow, openTestStore, removeTemporaryFolders, temporaryFolder } from './folder.ts';

const rows = precious('rows', text);

/** Names and bytes of everything in a folder. */
const whole = (folder: string) =>
  filesBelow(folder).map(({ path, bytes }) => [relative(folder, path), bytes.toString('hex')]);

describe('a data folder that is only looked at', () => {
  let beside: string;
  let folder: string;
  before(async () => {
    beside = temporaryFolder();
    folder = join(beside, 'data');
    mkdirSync(keyFolderOf(folder), { mode: 0o700 });
    writeFileSync(join(keyFolderOf(folder), 'master.key'), 'secret', { mode: 0o600 });
    // Closed and opened twice: there are tables on disk, and a log that an opening folds into another one.
    for (let run = 0; run < 3; run++) {
      const store = await openTestStore(join(folder, 'store'), [rows]);
      await store.transact((tx) => {
        for (let i = 0; i < 500; i++) tx.insert(rows, `${run}-${i}`, 'x'.repeat(100));
      });
      await store.close();
    }
  });
  after(removeTemporaryFolders);

  it('keeps every byte, whatever is written while it is looked at', async () => {
    const before = whole(beside);
    const look = untouched(folder);
    const store = await openTestStore(join(look.folder, 'store'), [rows]);
    look.requireStill();
    expect(readFileSync(join(keyFolderOf(look.folder), 'master.key'), 'utf8')).to.equal('secret');
    expect(await store.rows(rows)).to.equal(1_500);
    await store.transact((tx) => {
      for (let i = 0; i < 500; i++) tx.delete(rows, `1-${i}`);
    });
    await store.close();
    writeFileSync(join(look.folder, 'trust.json'), 'new');
    look.remove();
    expect(whole(beside)).to.deep.equal(before);
    expect(existsSync(look.folder)).to.equal(false);
  });

  it('says so where somebody wrote meanwhile', () => {
    const look = untouched(folder);
    look.requireStill();
    appendFileSync(join(folder, 'store', 'LOG'), 'somebody opened it\n');
    expect(look.requireStill).to.throw().with.property('code', 'data-folder-in-use');
    look.remove();
  });
});
