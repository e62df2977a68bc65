/** Copies of the rows and of the keys of one moment, taken while people are enrolled and erased: neither is behind the other. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { pino } from 'pino';
import { readManifest, STORE_FILES, takeBackup } from '../../../server/backup.ts';
import type { TrustFile } from '../../../server/domain/audit/trust.ts';
import { type Address, fromHex } from '../../../server/domain/base/hex.ts';
import type { SubjectRef } from '../../../server/domain/people/schema.ts';
import { readRows } from '../../../server/store/backupFile.ts';
import { layStore } from '../../../server/store/copies.ts';
import { DataKeys, keyStoreTables } from '../../../server/store/dataKeys.ts';
import { NEW_WORK_FLOOR_BYTES } from '../../../server/store/disk.ts';
import { Erasures } from '../../../server/store/erasures.ts';
import { openLevelStore } from '../../../server/store/levelStore.ts';
import { Subjects } from '../../../server/store/subjects.ts';
import { Vault } from '../../../server/store/vault.ts';
import { openViews } from '../../../server/store/views.ts';
import { openStores, PRECIOUS_TABLES, type Stores } from '../../../server/wiring/stores.ts';
import { named } from '../../chain/signing.ts';
import { seeded } from '../../seeded.ts';
import { refusedAs, removeTemporaryFolders, temporaryFolder, whileOpen } from './folder.ts';
import { AGENCY, personEntry } from './people.ts';

const SEED = 221;
const COPIES = 12;
const log = pino({ level: 'silent' });
const order = { ground: 'asked-by-person', orderedBy: 'steward-1', atMs: 5, group: '' } as const;
const contract = (digit: string) => ({ address: addressOf(digit), codeHash: named(`code ${digit}`) });
const addressOf = (digit: string) => `0x${digit.repeat(40)}` as Address;
const trust: TrustFile = {
  ...{ format: 'kudurru-trust-1', genesisHash: named('genesis'), chainId: 7, ledgerNonce: named('nonce') },
  ...{ lineage: 'embedded', nodeKey: addressOf('9'), witnessKeys: [], witnessThreshold: 0 },
  contracts: {
    ...{ charter: contract('1'), consortium: contract('2') },
    ...{ landRegistry: contract('3'), benefitLedger: contract('4') },
  },
  minimumCheckpoint: { blockNumber: 0, blockHash: named('genesis') },
};

describe('a copy of both stores', function () {
  this.timeout(60_000);
  after(removeTemporaryFolders);

  it('has the key of each record and the tombstone of each key that is gone, whenever it was taken', async () => {
    const folder = temporaryFolder();
    const random = seeded(SEED);
    let [people, lost, living] = [0, 0, 0];
    await whileOpen(openStores(join(folder, 'data'), log), async (stores) => {
      const views = await openViews(join(folder, 'views'), { number: 0n, hash: named('genesis') });
      let isOver = false;
      const busy = [0, 1, 2].map(async () => {
        while (!isOver) await comeAndGo(stores);
      });
      for (let i = 0; i < COPIES; i++) {
        await setTimeout(random.below(40));
        const into = join(folder, `copy-${i}`);
        await takeBackup({ stores, views, trust, nowMs: Date.now }, into);
        const found = await lookedAt(stores, into);
        people += found.people;
        lost += found.lost;
        living += found.living;
      }
      isOver = true;
      await Promise.all(busy);
      await views.close();
    });
    console.log(
      `      copies of both stores | seed ${SEED} | ${COPIES} of ${people} records tried | ${lost + living} wrong`,
    );
    expect(people).to.be.greaterThan(COPIES);
    expect([lost, living]).to.deep.equal([0, 0]);
  });

  it('takes no room that the gateway needs, and leaves nothing of a backup that found none', async () => {
    const folder = temporaryFolder();
    await whileOpen(openStores(join(folder, 'data'), log), async (stores) => {
      const views = await openViews(join(folder, 'views'), { number: 0n, hash: named('genesis') });
      const into = join(folder, 'backup');
      const parts = { stores, views, trust, nowMs: Date.now };
      const full = takeBackup(Object.assign({ freeBytes: () => NEW_WORK_FLOOR_BYTES - 1 }, parts), into);
      expect(await refusedAs(full)).to.equal('disk-full');
      expect(existsSync(into)).to.equal(false);
      await takeBackup(Object.assign({ freeBytes: () => NEW_WORK_FLOOR_BYTES }, parts), into);
      await views.close();
    });
  });

  async function comeAndGo({ store, keys, dataKeys, erasures }: Stores): Promise<void> {
    const subjects = new Subjects(store, keys);
    const subject: SubjectRef = await subjects.enrol(AGENCY, []);
    await new Vault(store, dataKeys).put([personEntry(subject)]);
    await erasures.erase({ ...order, subject });
    await new Vault(store, dataKeys).put([personEntry(await subjects.enrol(AGENCY, []))]);
  }

  /** Records that nothing opens though nobody was erased, and keys of whom was, but for an erasure that was under way. */
  async function lookedAt({ keys }: Stores, into: string) {
    const integrityKey = await keys.integrityKey();
    const key = { integrityKey, salt: fromHex(readManifest(into).salt) };
    const laid = async (name: 'precious' | 'keyStore', tables: typeof keyStoreTables) => {
      const at = join(into, name);
      await layStore(at, readRows(into, STORE_FILES[name], key));
      return openLevelStore({ folder: at, integrityKey, tables, mayFound: false });
    };
    const store = await laid('precious', PRECIOUS_TABLES);
    const keyStore = await laid('keyStore', keyStoreTables);
    const dataKeys = new DataKeys(keyStore, keys);
    const erasures = new Erasures(store, dataKeys);
    await erasures.finish(); // as the start does
    const { records, lostRecords } = await new Vault(store, dataKeys).report(await erasures.coverage());
    let living = 0;
    for await (const stone of erasures.tombstones()) if (await dataKeys.has(stone)) living++;
    await store.close();
    await keyStore.close();
    return { people: records, lost: lostRecords, living };
  }
});
