/** What a start makes of folders that were put back from copies of different days, emptied, or opened twice at once. */

/** What a start makes of folders that were put back from copies of different days, emptied, or opened twice at once. */
import fs, { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { expect } from 'chai';
import { pino } from 'pino';
import { checkFolder } from '../../../scripts/fsck.ts';
import { toHex } from '../../../server/domain/base/hex.ts';
import type { SubjectRef } from '../../../server/domain/people/schema.ts';
import { keyStoreTables } from '../../../server/store/dataKeys.ts';
import { BEFORE_MONTHS, keyFolderOf, openSoftwareKeys } from '../../../server/store/keys.ts';
import { Subjects } from '../../../server/store/subjects.ts';
import { Vault } from '../../../server/store/vault.ts';
import { openStores, type Stores } from '../../../server/wiring/stores.ts';
import {
  copyFolder,
  copyOf,
  putBackFolder,
  refusedAs,
  removeTemporaryFolders,
  temporaryFolder,
  whileOpen,
} from './folder.ts';
import { AGENCY, openingEntry, personEntry } from './people.ts';

const log = pino({ level: 'silent' });
const order = { ground: 'asked-by-person', orderedBy: 'steward-1', atMs: 5 } as const;
const nationalId = { scheme: 'national-id', id: 'EX-77031956' };

async function enrol({ store, keys, dataKeys }: Stores, agency = AGENCY): Promise<SubjectRef> {
  const subject = await new Subjects(store, keys).enrol(agency, [nationalId]);
  const entries = [personEntry(subject), openingEntry(subject, 'unit1.act1')];
  await new Vault(store, dataKeys).put(entries.map((entry) => Object.assign(entry, { agency })));
  return subject;
}

const keysLeft = async ({ keyStore }: Stores) => {
  const tables = keyStoreTables.filter(({ name }) => name !== 'wrappingMonths');
  return (await Promise.all(tables.map((table) => keyStore.rows(table)))).reduce((sum, rows) => sum + rows);
};

describe('a data folder put back in parts', () => {
  let data: string;
  const withStores = <T>(work: (stores: Stores) => Promise<T>) => whileOpen(openStores(data, log), work);
  beforeEach(() => {
    data = join(temporaryFolder(), 'data');
  });
  after(removeTemporaryFolders);

  it('brings back no key of whom was erased since, and everybody else’s', async () => {
    const keyStore = join(data, 'keyStore');
    const [gone, other] = await withStores(async (stores) => [
      await enrol(stores),
      await enrol(stores, AGENCY + 1),
    ]);
    copyFolder(keyStore);
    await withStores(async ({ erasures }) => {
      await erasures.erase({ ...order, subject: gone, group: '' });
      await erasures.erase({ ...order, subject: other, group: 'unit1.act1' });
    });
    putBackFolder(keyStore);
    const looked = { isLookedAt: true }; // as fsck does
    await whileOpen(openStores(data, log, looked), async ({ erasures }) => {
      expect(await erasures.living()).to.equal(2);
    });
    await withStores(async (stores) => {
      expect(await stores.erasures.living()).to.equal(0);
      expect(await stores.dataKeys.has({ subject: gone, group: '' })).to.equal(false);
      expect(await stores.dataKeys.has({ subject: other, group: 'unit1.act1' })).to.equal(false);
      expect(await keysLeft(stores)).to.equal(2);
    });
  });

  it('has each key that was destroyed counted once, though it came back and was destroyed again', async () => {
    const keyStore = join(data, 'keyStore');
    const subject = await withStores((stores) => enrol(stores));
    copyFolder(keyStore);
    const ids = await withStores(async ({ erasures }) => {
      await erasures.erase({ ...order, subject, group: '' });
      const due = await erasures.due(AGENCY, 256);
      expect(due.map(({ atMs }) => atMs)).to.deep.equal(due.map(() => order.atMs));
      await erasures.counted(
        AGENCY,
        due.map(({ id }) => id),
      );
      return due.map(({ id }) => id);
    });
    expect(ids).to.deep.equal([...new Set(ids)].toSorted());
    expect(ids).to.have.length(4);
    putBackFolder(keyStore);
    await withStores(async ({ erasures }) => {
      expect(await erasures.due(AGENCY, 256)).to.deep.equal([]);
    });
  });

  it('keeps the keys of an act that was taken back and then prepared again', async () => {
    const subject = await withStores(async (stores) => {
      const enrolled = await enrol(stores);
      const place = { subject: enrolled, group: 'unit2.act2' };
      await stores.erasures.eraseAll(async () => [{ ...order, ...place, ground: 'act-ended' }]);
      await new Vault(stores.store, stores.dataKeys).put([openingEntry(enrolled, place.group)]);
      return enrolled;
    });
    await withStores(async ({ dataKeys }) => {
      expect(await dataKeys.has({ subject, group: 'unit2.act2' })).to.equal(true);
    });
  });

  it('is refused with keys of an earlier day, of which none is made anew', async () => {
    await withStores((stores) => enrol(stores));
    copyFolder(keyFolderOf(data));
    await withStores((stores) => enrol(stores, 9));
    const newest = `${keyFolderOf(data)}-newest`;
    cpSync(keyFolderOf(data), newest, { recursive: true });
    putBackFolder(keyFolderOf(data));
    expect(await refusedAs(openStores(data, log))).to.equal('key-folder-older');
    rmSync(keyFolderOf(data), { recursive: true });
    renameSync(newest, keyFolderOf(data));
    await withStores(async ({ store, keys }) => {
      expect(await new Subjects(store, keys).find(9, nationalId)).to.match(/^0x/);
    });
  });

  it('makes no key to open what was wrapped', async () => {
    await withStores(async ({ keys }) => {
      const before = [...keys.marks().keys()];
      expect(
        await refusedAs(
          keys.unwrap(77, { month: BEFORE_MONTHS, bytes: new Uint8Array(60) }, new Uint8Array()),
        ),
      ).to.equal('Fault');
      expect([...keys.marks().keys()]).to.deep.equal(before);
    });
  });

  it('is refused without the key store, and where either store was emptied', async () => {
    await withStores((stores) => enrol(stores));
    const keyStore = join(data, 'keyStore');
    renameSync(keyStore, copyOf(keyStore));
    expect(await refusedAs(openStores(data, log))).to.equal('store-missing');
    expect(existsSync(keyStore), 'nothing was made').to.equal(false);
    renameSync(copyOf(keyStore), keyStore);
    for (const name of ['keyStore', 'precious']) {
      const folder = join(data, name);
      renameSync(folder, copyOf(folder));
      mkdirSync(folder);
      expect(await refusedAs(openStores(data, log)), name).to.equal('store-missing');
      putBackFolder(folder);
    }
    await withStores(async (stores) => expect(await keysLeft(stores)).to.be.greaterThan(0));
  });

  it('is refused where the folder of keys is empty, as of a disk that is not mounted', async () => {
    await withStores((stores) => enrol(stores));
    renameSync(keyFolderOf(data), copyOf(keyFolderOf(data)));
    mkdirSync(keyFolderOf(data));
    expect(await refusedAs(openStores(data, log))).to.equal('key-folder-missing');
    expect(fs.readdirSync(keyFolderOf(data)), 'nothing was made').to.deep.equal([]);
    const another = copyOf(join(data, 'another'));
    await (await openStores(another, log)).close();
    cpSync(keyFolderOf(another), keyFolderOf(data), { recursive: true });
    expect(await refusedAs(openStores(data, log))).to.equal('keys-of-another-ledger');
    expect(await refusedAs(checkFolder(data)), 'no finding of the data').to.equal('keys-of-another-ledger');
    putBackFolder(keyFolderOf(data));
    rmSync(join(keyFolderOf(data), 'ring.sealed'));
    expect(await refusedAs(openStores(data, log))).to.equal('key-folder-missing');
    expect(await refusedAs(checkFolder(data)), 'no finding of the data').to.equal('key-folder-missing');
    expect(fs.readdirSync(keyFolderOf(data)), 'no ring was made').to.deep.equal(['master.key']);
  });

  it('goes on where a kill ended its first start, before any row', async () => {
    const killed = [['precious'], ['precious', 'keyStore'], ['.']];
    for (const missing of killed) {
      await openSoftwareKeys(keyFolderOf(data)).integrityKey();
      mkdirSync(join(data, 'keyStore'), { recursive: true });
      for (const name of missing) rmSync(join(data, name), { recursive: true, force: true });
      await withStores((stores) => enrol(stores));
      for (const folder of [data, keyFolderOf(data)]) rmSync(folder, { recursive: true });
    }
  });

  it('is refused where the rows are gone, with or without the key store, though the ledger never had a person', async () => {
    for (const people of [true, false])
      for (const missing of [['precious'], ['precious', 'keyStore'], ['.']]) {
        await withStores(async (stores) =>
          people ? void (await enrol(stores)) : void (await stores.keys.address('node')),
        );
        for (const name of missing) rmSync(join(data, name), { recursive: true });
        const where = `${missing.join(' and ')} missing, with${people ? '' : 'out'} people`;
        expect(await refusedAs(openStores(data, log)), where).to.equal('store-missing');
        expect(existsSync(join(data, 'precious')), `${where}: nothing was made`).to.equal(false);
        for (const folder of [data, keyFolderOf(data)]) rmSync(folder, { recursive: true, force: true });
      }
  });

  it('is refused, and stays as it is, where a store was copied without its list of files or its newest rows', async () => {
    await withStores((stores) => enrol(stores));
    for (const name of ['precious', 'keyStore']) {
      const folder = join(data, name);
      for (const kind of [/^CURRENT$/, /^MANIFEST-/, /\.log$/, /\.ldb$/]) {
        copyFolder(folder);
        for (const file of fs.readdirSync(folder)) if (kind.test(file)) rmSync(join(folder, file));
        const left = fs.readdirSync(folder).filter((file) => /\.(ldb|log)$/.test(file));
        expect(await refusedAs(openStores(data, log)), `${name} without ${kind}`).to.equal('Fault');
        expect(fs.readdirSync(folder), `${name} without ${kind}`).to.include.members(left);
        putBackFolder(folder);
      }
    }
    await withStores(async (stores) => expect(await keysLeft(stores)).to.be.greaterThan(0));
  });

  it('has one ring of keys, though two starts found it at once', async () => {
    const folder = keyFolderOf(data);
    const { linkSync, renameSync: move } = fs;
    const others: Promise<Uint8Array>[] = [];
    let isOther = false;
    const meanwhile = () => {
      if (isOther) return;
      isOther = true;
      others.push(openSoftwareKeys(folder).integrityKey());
    };
    fs.linkSync = (...places) => {
      meanwhile();
      linkSync(...places);
    };
    fs.renameSync = (...places) => {
      meanwhile();
      move(...places);
    };
    syncBuiltinESMExports();
    try {
      const mine = toHex(await openSoftwareKeys(folder).integrityKey());
      expect(others).to.have.length(1);
      expect(toHex((await others[0]) ?? new Uint8Array())).to.equal(mine);
      expect(toHex(await openSoftwareKeys(folder).integrityKey())).to.equal(mine);
    } finally {
      Object.assign(fs, { linkSync, renameSync: move });
      syncBuiltinESMExports();
    }
  });
});
