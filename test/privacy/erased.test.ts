/**
 * Of many people some are erased; then everything that there is, was and was copied is searched for them: the live stores and each
 * of their files, an old copy of the rows with the keys of today, a whole old copy held against the ids that the ledger counts,
 * and one that is older than its month's keys.
 */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { pino } from 'pino';
import { disclose } from '../../server/disclose.ts';
import type { Bytes32 } from '../../server/domain/base/hex.ts';
import type { SubjectRef } from '../../server/domain/people/schema.ts';
import { AccessLog } from '../../server/store/access.ts';
import { tableOf } from '../../server/store/copies.ts';
import { KeyRotation } from '../../server/store/keyRotation.ts';
import { keyFolderOf } from '../../server/store/keys.ts';
import { Subjects } from '../../server/store/subjects.ts';
import { Vault } from '../../server/store/vault.ts';
import { openStores, type Stores } from '../../server/wiring/stores.ts';
import { seeded } from '../seeded.ts';
import {
  filesBelow,
  refusedAs,
  removeTemporaryFolders,
  temporaryFolder,
  whileOpen,
} from '../server/store/folder.ts';
import { AGENCY, person, personEntry, reading } from '../server/store/people.ts';

const SEED = 222;
/** A campaign takes 10,000. */
const PEOPLE = Number(process.env.KUDURRU_ERASED ?? 120);
const ERASED = Math.floor(PEOPLE / 10);
const AT_ONCE = 500;
const DAY_MS = 86_400_000;
const [NOVEMBER, DECEMBER, FEBRUARY] = [Date.UTC(2026, 10, 20), Date.UTC(2026, 11, 1), Date.UTC(2027, 1, 1)];
const log = pino({ level: 'silent' });

const START_BYTES = 4;
/** Behind the version that all begin with: random in each. */
const startOf = (row: Buffer) => row.readUInt32LE();

describe('people who were erased', function () {
  this.timeout(60_000 + PEOPLE * 60);
  let nowMs = NOVEMBER;
  let folder: string;
  let gone: SubjectRef[];
  let stayed: SubjectRef[];
  let counted: ReadonlySet<Bytes32>;
  /** As they lay before the erasure, and do not any more. */
  const keyRows: Buffer[] = [];
  let left: number;
  after(removeTemporaryFolders);

  const at = (name: string) => join(folder, name);
  const opened = <T>(name: string, work: (stores: Stores) => Promise<T>) =>
    whileOpen(openStores(at(name), log, { nowMs: () => nowMs }), work);
  const idOf = (i: number) => ({ scheme: 'national-id', id: `EX-${i}` });
  const copyTo = (name: string, parts: readonly string[] = ['precious', 'keyStore']) => {
    for (const part of parts) cpSync(at(`data/${part}`), at(`${name}/${part}`), { recursive: true });
    cpSync(keyFolderOf(at('data')), keyFolderOf(at(name)), { recursive: true });
  };

  before(async () => {
    folder = temporaryFolder();
    const random = seeded(SEED);
    const all: SubjectRef[] = [];
    await opened('data', async ({ store, keys, dataKeys }) => {
      const subjects = new Subjects(store, keys);
      for (let i = 0; i < PEOPLE; i++) all.push(await subjects.enrol(AGENCY, [idOf(i)]));
      const named = all.map((subject, i) =>
        personEntry(subject, Object.assign({}, person, { fullName: `MARKED Person ${i}` })),
      );
      for (let from = 0; from < PEOPLE; from += AT_ONCE) {
        await new Vault(store, dataKeys).put(named.slice(from, from + AT_ONCE));
      }
    });
    for (const name of ['old', 'rows']) copyTo(name);
    copyTo('expired');
    gone = [];
    while (gone.length < ERASED) {
      const [one] = all.splice(random.below(all.length), 1);
      if (one !== undefined) gone.push(one);
    }
    stayed = all;
    await opened('data', async ({ keyStore, erasures }) => {
      const before = await rowsOf({ keyStore });
      const order = { group: '', ground: 'asked-by-person', orderedBy: 'steward-1', atMs: nowMs } as const;
      await erasures.eraseAll(async () => gone.map((subject) => Object.assign({ subject }, order)));
      const after = await rowsOf({ keyStore });
      for (const [place, row] of before) if (!after.has(place)) keyRows.push(row);
      counted = new Set((await erasures.due(AGENCY, 2 * ERASED + 1)).map(({ id }) => id));
    });
    cpSync(at('data/keyStore'), at('rows/keyStore'), { recursive: true, force: true });
    left = seenIn('data'); // before another start has level join files, and drop what it happens to
  });

  /** Rows of keys that are gone, in all files below a folder. */
  function seenIn(name: string): number {
    const byStart = Map.groupBy(keyRows, startOf);
    let seen = 0;
    for (const { bytes } of filesBelow(at(name))) {
      for (let place = 0; place + START_BYTES <= bytes.length; place++) {
        const rows = byStart.get(bytes.readUInt32LE(place)) ?? [];
        if (rows.some((row) => bytes.subarray(place, place + row.length).equals(row))) seen++;
      }
    }
    return seen;
  }

  /** Of people the keys, as they lie: tallies and pages change with every write. */
  async function rowsOf({ keyStore }: Pick<Stores, 'keyStore'>) {
    const copy = keyStore.copy();
    const rows = new Map<string, Buffer>();
    for await (const [place, row] of copy.rows()) {
      if (['dataKeys', 'salts'].includes(tableOf(place))) rows.set(place, Buffer.from(row).subarray(1));
    }
    await copy.close();
    return rows;
  }

  /** How many of them a reading opens anything of. */
  async function read({ store, dataKeys }: Stores, subjects: readonly SubjectRef[]): Promise<number> {
    const [vault, accessLog] = [new Vault(store, dataKeys), new AccessLog(store)];
    let opens = 0;
    for (const subject of subjects) {
      try {
        const { records } = await disclose({ vault, accessLog, nowMs: () => nowMs }, reading, subject);
        if (records.length > 0) opens++;
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'erased')) throw error;
      }
    }
    return opens;
  }

  const told = (where: string, recovered: number) => {
    console.log(
      `      erased, in ${where} | seed ${SEED} | ${gone.length} of ${PEOPLE} tried | ${recovered} recovered`,
    );
    expect(recovered, where).to.equal(0);
  };

  it('are in no live store and no file of it, and whoever stayed is', async () => {
    expect([gone.length, keyRows.length, counted.size]).to.deep.equal([ERASED, 2 * ERASED, 2 * ERASED]);
    await opened('data', async (stores) => {
      told('the live store', await read(stores, gone));
      expect(await read(stores, stayed)).to.equal(stayed.length);
      const subjects = new Subjects(stores.store, stores.keys);
      let found = 0;
      for (let i = 0; i < PEOPLE; i++) if ((await subjects.find(AGENCY, idOf(i))) !== undefined) found++;
      expect(found).to.equal(stayed.length);
      expect(await stores.erasures.living()).to.equal(0);
    });
    expect(seenIn('old'), 'who searches finds what is there').to.be.at.least(keyRows.length);
    told('each file of it', left);
  });

  it('are in no old copy of the rows that is opened with the keys of today', async () => {
    await opened('rows', async (stores) => {
      told('old rows with keys of today', await read(stores, gone));
      expect(await read(stores, stayed)).to.equal(stayed.length);
    });
  });

  it('are in no whole copy of before once it was held against what the ledger counts', async () => {
    await opened('old', async (stores) => {
      expect(await read(stores, gone), 'the copy has them').to.equal(gone.length);
      expect(await stores.erasures.replay(counted, nowMs)).to.equal(gone.length);
      told('an old copy that was held against the ledger', await read(stores, gone));
      expect(await read(stores, stayed)).to.equal(stayed.length);
    });
  });

  it('are in no copy whose month of keys was destroyed', async () => {
    await opened('data', async ({ dataKeys, keys }) => {
      const rotation = new KeyRotation({ dataKeys, keys, nowMs: () => nowMs });
      for (const month of [DECEMBER, DECEMBER + 31 * DAY_MS, FEBRUARY, FEBRUARY + 31 * DAY_MS]) {
        nowMs = month;
        while ((await rotation.sweep()) > 0);
      }
    });
    const keyFolder = keyFolderOf(at('expired'));
    cpSync(keyFolderOf(at('data')), keyFolder, { recursive: true, force: true });
    const refused = await refusedAs(openStores(at('expired'), log, { nowMs: () => nowMs }));
    told('a backup that is older than its keys', refused === 'key-month-expired' ? 0 : gone.length);
  });
});
