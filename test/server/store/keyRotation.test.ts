/** Wrapping keys by month: begun by themselves, left by what lay under them, destroyed thirty days later, killed anywhere. */
import { spawnSync } from 'node:child_process';
import { cpSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { pino } from 'pino';
import { checkFolder } from '../../../scripts/fsck.ts';
import { CRASH_POINTS } from '../../../server/crash.ts';
import { disclose } from '../../../server/disclose.ts';
import { toHex } from '../../../server/domain/base/hex.ts';
import type { SubjectRef } from '../../../server/domain/people/schema.ts';
import { json } from '../../../server/store/codec.ts';
import type { DataKeys } from '../../../server/store/dataKeys.ts';
import { KeyRotation, monthsTold } from '../../../server/store/keyRotation.ts';
import { BEFORE_MONTHS, type KeyService, keyFolderOf } from '../../../server/store/keys.ts';
import { preciousSorted } from '../../../server/store/store.ts';
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
import { AGENCY, openingEntry, openPeople, personEntry, reading } from './people.ts';

const DAY_MS = 24 * 3_600_000;
const [NOVEMBER, DECEMBER, JANUARY] = [
  Date.UTC(2026, 10, 20),
  Date.UTC(2026, 11, 1),
  Date.UTC(2027, 0, 1),
] as const;
const log = pino({ level: 'silent' });
const order = { group: '', ground: 'asked-by-person', orderedBy: 'steward-1', atMs: 5 } as const;

interface Rotated {
  readonly dataKeys: DataKeys;
  readonly keys: KeyService;
}

/** Until nothing is left to do at that instant. */
async function sweptAt({ dataKeys, keys }: Rotated, atMs: number): Promise<void> {
  const rotation = new KeyRotation({ dataKeys, keys, nowMs: () => atMs });
  while ((await rotation.sweep()) > 0);
}

async function enrol({ store, keys, dataKeys }: Stores): Promise<SubjectRef> {
  const subject = await new Subjects(store, keys).enrol(AGENCY, []);
  await new Vault(store, dataKeys).put([personEntry(subject), openingEntry(subject, 'unit1.act1')]);
  return subject;
}

describe('the wrapping keys of months', () => {
  let data: string;
  const keyStore = () => join(data, 'keyStore');
  const withStores = <T>(work: (stores: Stores) => Promise<T>) => whileOpen(openStores(data, log), work);
  const readable = ({ dataKeys }: Stores, subject: SubjectRef) =>
    dataKeys.find({ subject, agency: AGENCY, class: 'confidential', group: '' });
  const under = async ({ dataKeys }: Stores) =>
    Object.fromEntries((await dataKeys.months()).map(([month, { keys }]) => [month, keys]));
  beforeEach(() => {
    data = join(temporaryFolder(), 'data');
  });
  after(removeTemporaryFolders);

  it('begin by themselves, take over what lay under the month before, and end thirty days after it', async () => {
    await withStores(async (stores) => {
      const first = await enrol(stores);
      expect(await under(stores)).to.deep.equal({ [BEFORE_MONTHS]: 4 });
      await sweptAt(stores, NOVEMBER);
      expect(await under(stores)).to.deep.equal({ [BEFORE_MONTHS]: 0, '2026-11': 4 });
      const second = await enrol(stores);
      await sweptAt(stores, DECEMBER);
      expect(await under(stores)).to.deep.equal({ [BEFORE_MONTHS]: 0, '2026-11': 0, '2026-12': 8 });
      await sweptAt(stores, NOVEMBER + 30 * DAY_MS - 1);
      expect(stores.keys.months()).to.deep.equal([BEFORE_MONTHS, '2026-11', '2026-12']);
      await sweptAt(stores, NOVEMBER + 30 * DAY_MS);
      expect(stores.keys.months()).to.deep.equal(['2026-11', '2026-12']);
      await sweptAt(stores, DECEMBER + 30 * DAY_MS - 1);
      expect(stores.keys.months()).to.deep.equal(['2026-11', '2026-12']);
      await sweptAt(stores, DECEMBER + 30 * DAY_MS);
      expect(stores.keys.months()).to.deep.equal(['2026-12']);
      for (const subject of [first, second]) expect(await readable(stores, subject)).not.to.equal(undefined);
    });
    // What was destroyed is lacked by no mistake, and the start says nothing of it.
    await withStores(async ({ keys }) => expect(keys.month).to.equal('2026-12'));
  });

  it('are not begun by a clock that was set back', async () => {
    await withStores(async (stores) => {
      await sweptAt(stores, DECEMBER);
      await sweptAt(stores, NOVEMBER);
      expect(stores.keys.month).to.equal('2026-12');
    });
  });

  it('are not destroyed before their thirty days by a clock that fell meanwhile and is right again', async () => {
    await withStores(async (stores) => {
      await sweptAt(stores, NOVEMBER);
      await enrol(stores);
      let atMs = DECEMBER;
      const rotation = new KeyRotation({ ...stores, nowMs: () => atMs });
      expect(await rotation.sweep()).to.equal(1);
      for (atMs of [0, NOVEMBER, DECEMBER + DAY_MS]) while ((await rotation.sweep()) > 0);
      expect(stores.keys.months()).to.deep.equal(['2026-11', '2026-12']);
    });
  });

  it('open a backup of the key store until then and none after it, whoever was erased since', async () => {
    const [kept, gone] = await withStores(async (stores) => {
      await sweptAt(stores, NOVEMBER);
      return [await enrol(stores), await enrol(stores)];
    });
    copyFolder(keyStore());
    await withStores(async (stores) => {
      await sweptAt(stores, DECEMBER);
      await stores.erasures.erase({ ...order, subject: gone });
    });
    cpSync(copyOf(keyStore()), `${keyStore()}-old`, { recursive: true });
    putBackFolder(keyStore());
    await withStores(async (stores) => {
      expect(await readable(stores, kept)).not.to.equal(undefined);
      expect(await readable(stores, gone)).to.equal(undefined);
      expect(await under(stores)).to.deep.equal({ '2026-11': 4 });
      await sweptAt(stores, DECEMBER + 40 * DAY_MS); // its thirty days are counted anew
      expect(stores.keys.months()).to.include('2026-11');
      await sweptAt(stores, DECEMBER + 70 * DAY_MS);
      expect(stores.keys.months()).not.to.include('2026-11');
    });
    copyFolder(keyStore());
    rmSync(keyStore(), { recursive: true });
    renameSync(`${keyStore()}-old`, keyStore());
    expect(await refusedAs(openStores(data, log))).to.equal('key-month-expired');
    expect(await refusedAs(checkFolder(data)), 'no finding of the data').to.equal('key-month-expired');
    putBackFolder(keyStore());
    await withStores(async (stores) => expect(await readable(stores, kept)).not.to.equal(undefined));
  });

  it('that were destroyed and are put back with an older folder of keys are destroyed again', async () => {
    await withStores(async (stores) => {
      await sweptAt(stores, NOVEMBER);
      await enrol(stores);
      await sweptAt(stores, DECEMBER);
    });
    copyFolder(keyFolderOf(data));
    await withStores((stores) => sweptAt(stores, DECEMBER + 30 * DAY_MS));
    putBackFolder(keyFolderOf(data));
    await withStores(async (stores) => {
      expect(stores.keys.months()).to.deep.equal(['2026-11', '2026-12']);
      await sweptAt(stores, DECEMBER + 30 * DAY_MS);
      expect(stores.keys.months()).to.deep.equal(['2026-12']);
    });
  });

  it('are refused where an older folder of keys and rows stands beside a newer key store', async () => {
    await withStores((stores) => sweptAt(stores, NOVEMBER));
    const older = [keyFolderOf(data), join(data, 'precious')];
    for (const folder of older) copyFolder(folder);
    await withStores(async (stores) => {
      await sweptAt(stores, DECEMBER);
      await enrol(stores);
    });
    for (const folder of older) putBackFolder(folder);
    expect(await refusedAs(openStores(data, log))).to.equal('key-folder-older');
  });

  it('go on behind a key that does not unwrap, which keeps its month', async () => {
    await withStores(async (stores) => {
      await sweptAt(stores, NOVEMBER);
      const [one, two] = [await enrol(stores), await enrol(stores)];
      const rows = preciousSorted('dataKeys', json<{ wrapped: string }>());
      for await (const [path, row] of stores.keyStore.range(rows, { limit: 1 })) {
        const wrapped = Buffer.alloc(60).toString('base64');
        await stores.keyStore.transact((tx) => tx.put(rows, path, { ...row, wrapped }));
      }
      const told: string[] = [];
      const onDamaged = (_: Error, month: string) => told.push(month);
      for (const atMs of [DECEMBER, DECEMBER + 60 * DAY_MS]) {
        const rotation = new KeyRotation({ ...stores, nowMs: () => atMs, onDamaged });
        while ((await rotation.sweep()) > 0);
      }
      expect(told).to.include('2026-11');
      expect(await under(stores)).to.deep.include({ '2026-11': 1, '2027-01': 7 });
      expect(stores.keys.months()).to.include('2026-11');
      const read = await Promise.allSettled([one, two].map((subject) => readable(stores, subject)));
      expect(read.filter(({ status }) => status === 'fulfilled')).not.to.have.length(0);
    });
  });

  it('are destroyed in their time though no new month can be begun', async () => {
    await withStores(async (stores) => {
      await sweptAt(stores, NOVEMBER);
      await enrol(stores);
      await sweptAt(stores, DECEMBER);
      stores.keys.begin = () => Promise.reject(new Error('no token'));
      const swept = await sweptAt(stores, JANUARY).catch(String);
      expect(swept).to.include('no token');
      expect(stores.keys.months()).to.deep.equal(['2026-12']);
    });
  });

  it('are never destroyed while a key lies under them, whatever is counted', async () => {
    await withStores(async (stores) => {
      await sweptAt(stores, NOVEMBER);
      const subject = await enrol(stores);
      const months = preciousSorted('wrappingMonths', json<object>());
      await stores.keyStore.transact((tx) => tx.put(months, '2026-11', { keys: 0, emptiedAtMs: NOVEMBER }));
      await sweptAt(stores, DECEMBER + 60 * DAY_MS);
      expect(await readable(stores, subject)).not.to.equal(undefined);
      expect(stores.keys.months()).to.include('2026-11');
      expect(await under(stores), 'counted again, and taken over').to.deep.include({
        '2026-11': 0,
        '2027-01': 4,
      });
      await sweptAt(stores, DECEMBER + 91 * DAY_MS);
      expect(stores.keys.months(), 'thirty days after nothing lay there').not.to.include('2026-11');
      expect(await readable(stores, subject)).not.to.equal(undefined);
    });
  });

  it('wait for no key that is counted and is not there', async () => {
    await withStores(async (stores) => {
      await sweptAt(stores, NOVEMBER);
      const subject = await enrol(stores);
      const months = preciousSorted('wrappingMonths', json<object>());
      await stores.keyStore.transact((tx) => tx.put(months, '2026-11', { keys: 9 }));
      let recounted = 0;
      for (const atMs of [DECEMBER, DECEMBER + 31 * DAY_MS]) {
        const rotation = new KeyRotation({ ...stores, nowMs: () => atMs, onRecounted: () => recounted++ });
        for (let turn = 0; turn < 20; turn++) await rotation.sweep();
      }
      expect([recounted, stores.keys.months().includes('2026-11' as typeof stores.keys.month)]).to.deep.equal(
        [1, false],
      );
      expect(await readable(stores, subject)).not.to.equal(undefined);
    });
  });

  it('take nobody’s key that was destroyed while it was wrapped again', async () => {
    await withStores(async (stores) => {
      const subject = await enrol(stores);
      const { keys, dataKeys } = stores;
      await keys.begin('2026-12' as typeof keys.month);
      let erased: Promise<unknown> | undefined;
      const wrap = keys.wrap.bind(keys);
      keys.wrap = async (...parameters) => {
        erased ??= stores.erasures.erase({ ...order, subject });
        await erased;
        return wrap(...parameters);
      };
      await dataKeys.rewrap('', 100, () => {});
      expect(await dataKeys.has({ subject, group: '' })).to.equal(false);
      expect(await under(stores)).to.deep.equal({ [BEFORE_MONTHS]: 0 });
    });
  });
});

describe('killed at any point of a month’s end', () => {
  const points = CRASH_POINTS.filter((point) => point.startsWith('keys.'));
  /** One after the other in one folder, each the next time that it is passed. */
  const KILLS = 2;
  /** Three batches. */
  const SCOPES = 600;
  const child = join(import.meta.dirname, 'keyRotation.child.ts');
  const instants = [DECEMBER, DECEMBER + 30 * DAY_MS, JANUARY, JANUARY + 30 * DAY_MS].join(',');
  const run = (folder: string, crash?: string) => {
    const env = { ...process.env, ...(crash !== undefined && { KUDURRU_CRASH: crash }) };
    const ended = spawnSync(process.execPath, [child, folder, instants], { env, encoding: 'utf8' });
    const said = ended.stdout.split('\n').filter((line) => line !== '');
    return { signal: ended.signal, errors: ended.stderr, said };
  };
  const scopes = Array.from({ length: SCOPES }, (_, i) => {
    const subject = `0x${i.toString(16).padStart(64, '0')}` as SubjectRef;
    return { subject, agency: 1 + (i % 3), class: 'confidential', group: '' } as const;
  });
  after(removeTemporaryFolders);

  it('a store has lost no key, and each is the one that was made', async function () {
    this.timeout(300_000);
    const whole = temporaryFolder();
    const before = await openPeople(whole);
    const made = (await before.dataKeys.obtain(scopes)).map(({ key }) => toHex(key));
    await before.close();
    let [tried, lost, unreadable] = [0, 0, 0];
    const look = async (folder: string, subjects: readonly string[]) => {
      const people = await openPeople(folder);
      await people.dataKeys.arrange('keys');
      lost += (await people.vault.report(() => false)).lostRecords;
      for (const [i, scope] of scopes.entries()) {
        const key = await people.dataKeys.find(scope);
        if (key === undefined) lost++;
        else if (toHex(key.key) !== made[i]) unreadable++;
      }
      for (const subject of subjects) {
        const { records } = await disclose(people, reading, subject as SubjectRef);
        if (records.length !== 2) unreadable++;
      }
      const { areCounted } = await monthsTold(people.dataKeys);
      expect(areCounted).to.equal(true);
      await people.close();
      return people.keys.months();
    };
    for (const point of points) {
      const folder = temporaryFolder();
      cpSync(whole, folder, { recursive: true });
      const acknowledged: string[] = [];
      for (let kill = 0; kill < KILLS; kill++) {
        const { signal, errors, said } = run(folder, point);
        expect(signal, `${point} ${errors}`).to.equal('SIGKILL');
        acknowledged.push(...said);
        tried++;
        await look(folder, acknowledged);
      }
      const { said, errors } = run(folder);
      expect(said.at(-1), errors).to.equal('done');
      const months = await look(folder, [...acknowledged, ...said.slice(0, -1)]);
      expect(months, point).to.deep.equal(['2027-01']);
    }
    console.log(
      `      kill -9 of rotations | ${points.length} points | ${tried} tried | ${lost} lost / ${unreadable} unreadable`,
    );
    expect([lost, unreadable, tried]).to.deep.equal([0, 0, points.length * KILLS]);
  });
});
