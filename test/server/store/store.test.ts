import { createHash, randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { json, text } from '../../../server/store/codec.ts';
import { type RawLevel, rawKey, rowsOf } from '../../../server/store/level.ts';
import { openLevelStore } from '../../../server/store/levelStore.ts';
import { RowSeal } from '../../../server/store/record.ts';
import { type AnyTable, precious, preciousSorted, type Store } from '../../../server/store/store.ts';
import { seeded } from '../../seeded.ts';
import { keepsItsPromises } from './everyStore.ts';
import {
  filesBelow,
  flipBit,
  INTEGRITY_KEY,
  openTestStore,
  placeOf,
  refusedAs,
  removeTemporaryFolders,
  tamper,
  temporaryFolder,
} from './folder.ts';

const notes = preciousSorted('notes', json<{ readonly words: string; readonly amount: bigint }>());
const counters = precious('counters', json<number>(), { auditedAtOpen: true });
const tables = [notes, counters];
const note = (n: number) => ({ words: `words of note ${n}`, amount: BigInt(n) });

async function filled(folder: string, rows: number): Promise<void> {
  const store = await openTestStore(folder, tables);
  await Promise.all(
    Array.from({ length: rows }, (_, n) => store.transact((tx) => tx.put(notes, `n${n}`, note(n)))),
  );
  await store.close();
}

describe('the store of one machine', () => {
  keepsItsPromises('it', () => {
    const folder = temporaryFolder();
    return (declared, freeBytes) => openTestStore(folder, declared, freeBytes);
  });

  let store: Store | undefined;
  const open = async (folder: string, declared: readonly AnyTable[] = tables) => {
    store = await openTestStore(folder, declared);
    return store;
  };
  afterEach(async () => {
    await store?.close();
    store = undefined;
  });
  after(removeTemporaryFolders);

  it('gives back what was written, bigints included, after it was closed and opened', async () => {
    const folder = temporaryFolder();
    await filled(folder, 3);
    const again = await open(folder);
    expect(await again.get(notes, 'n2')).to.deep.equal(note(2));
    expect(await again.get(notes, 'n9')).to.equal(undefined);
    expect(await again.rows(notes)).to.equal(3);
    expect(await again.audit(notes)).to.deep.equal({
      table: 'notes',
      rows: 3,
      expectedRows: 3,
      damagedRows: 0,
      isOrdered: true,
      whole: true,
    });
  });

  it('has in no file what was scrubbed: neither sealed rows nor the pages that had their keys', async function () {
    this.timeout(120_000);
    const folder = temporaryFolder();
    const sorted = preciousSorted('lists', json<number>());
    const keyed = (n: number) => createHash('sha256').update(String(n)).digest('hex');
    const seen = new Map<string, Uint8Array>();
    const remember = () =>
      tamper(folder, async (level) => {
        if (seen.size === 0) await level.compactRange('', '\uffff');
        for await (const [place, raw] of rowsOf(level))
          seen.set(`${place} ${seen.size}`, Uint8Array.from(raw));
      });
    // Several times, so that pages are cut and older versions lie in several table files, none of which has rows too.
    const between = precious('middle', text);
    for (let day = 0; day < 3; day++) {
      const opened = await open(folder, [sorted, between]);
      for (let n = 0; n < 5; n++)
        await opened.transact((tx) => tx.put(between, `${day}/${n}`, randomBytes(500_000).toString('hex')));
      await opened.transact((tx) => {
        for (let n = 200 * day; n < 200 * (day + 1); n++) tx.put(sorted, keyed(n), n);
      });
      await opened.close();
      await remember();
    }
    const opened = await open(folder, [sorted, between]);
    const gone = Array.from({ length: 6 }, (_, n) => keyed(100 * n));
    await opened.transact((tx) => {
      for (const key of gone) tx.delete(sorted, key);
    });
    await opened.scrub(sorted, gone);
    await opened.close();
    const now = new Set<string>();
    await tamper(folder, async (level) => {
      for await (const [place, raw] of rowsOf(level))
        if (/^!(lists|pages)!/.test(place)) now.add(Buffer.from(raw).toString('latin1'));
    });
    const files = filesBelow(folder).map(({ bytes }) => bytes.toString('latin1'));
    const places = new Set(gone.map((key) => placeOf(sorted, key)));
    let [tried, found] = [0, 0];
    for (const [name, raw] of seen) {
      const [place = ''] = name.split(' ');
      const sealed = Buffer.from(raw).toString('latin1');
      const isOld = place.startsWith('!pages!') && !now.has(sealed);
      if (!isOld && !places.has(place)) continue;
      tried += 1;
      if (files.some((file) => file.includes(sealed.slice(40, 200)))) found += 1;
    }
    console.log(`      scrubbed | ${tried} sealed rows and older pages | ${found} found`);
    expect(tried).to.be.greaterThan(40);
    expect(found).to.equal(0);
  });

  it('refuses a second owner of the folder by name', async () => {
    const folder = temporaryFolder();
    await open(folder);
    expect(await refusedAs(openTestStore(folder, tables))).to.equal('data-folder-in-use');
  });

  it('lets the process have its turns while many rows are read', async function () {
    this.timeout(120_000);
    const opened = await open(temporaryFolder());
    const rows = 5_000;
    await opened.transact((tx) => {
      for (let n = 0; n < rows; n++) tx.put(notes, `n${n}`, note(n));
    });
    let [read, readBefore] = [0, rows];
    setTimeout(() => {
      readBefore = read;
    }, 1);
    for await (const _ of opened.range(notes)) read++;
    expect(read).to.equal(rows);
    expect(readBefore, 'a timer waited').to.be.lessThan(rows / 2);
  });

  it('refuses a folder that was founded with another integrity key', async () => {
    const folder = temporaryFolder();
    await filled(folder, 1);
    expect(await refusedAs(openLevelStore({ folder, tables, integrityKey: new Uint8Array(32) }))).to.equal(
      'keys-of-another-ledger',
    );
  });

  it('refuses every flipped bit of a row, read alone, in a range and by the audit', async function () {
    this.timeout(60_000);
    const folder = temporaryFolder();
    await filled(folder, 1);
    const seed = 20260101;
    const { below } = seeded(seed);
    const key = placeOf(notes, 'n0');
    const tried = 200;
    let silentlyWrong = 0;
    for (let turn = 0; turn < tried; turn++) {
      let original = new Uint8Array();
      await tamper(folder, async (level) => {
        original = Uint8Array.from((await level.get(key)) ?? []);
        await level.put(key, flipBit(original, below(original.length * 8)));
      });
      const opened = await open(folder);
      const alone = await refusedAs(opened.get(notes, 'n0'));
      const ranged = await refusedAs(opened.range(notes).next());
      const audit = await opened.audit(notes);
      if (alone !== 'Fault' || ranged !== 'Fault' || audit.whole || audit.damagedRows !== 1) silentlyWrong++;
      await opened.close();
      await tamper(folder, (level) => level.put(key, original));
    }
    console.log(`      bit flips | seed ${seed} | ${tried} tried | ${silentlyWrong} silently wrong`);
    expect(silentlyWrong).to.equal(0);
  });

  it('sees a row that is missing, moved, doubled or come back from an earlier day', async () => {
    const folder = temporaryFolder();
    await filled(folder, 10);
    let old = new Uint8Array();
    await tamper(folder, async (level) => {
      old = Uint8Array.from((await level.get(placeOf(notes, 'n3'))) ?? []);
    });
    const newer = await open(folder);
    await newer.transact((tx) => tx.put(notes, 'n3', note(33)));
    await newer.close();
    const damages: [string, (raw: Parameters<Parameters<typeof tamper>[1]>[0]) => Promise<void>][] = [
      ['earlier', (level) => level.put(placeOf(notes, 'n3'), old)],
      ['missing', (level) => level.del(placeOf(notes, 'n3'))],
      ['moved', (level) => level.put(placeOf(notes, 'n4'), old)],
      ['doubled', (level) => level.put(placeOf(notes, 'n99'), old)],
    ];
    for (const [name, damage] of damages) {
      const before: [string, Uint8Array][] = [];
      await tamper(folder, async (level) => {
        for await (const [key, value] of level.iterator()) before.push([key, Uint8Array.from(value)]);
        await damage(level);
      });
      const opened = await open(folder);
      expect((await opened.audit(notes)).whole, name).to.equal(false);
      await opened.close();
      await tamper(folder, async (level) => {
        await level.clear();
        await level.batch(before.map(([key, value]) => ({ type: 'put', key, value })));
      });
    }
    expect((await (await open(folder)).audit(notes)).whole).to.equal(true);
  });

  it('does not open when a small deciding table has lost a row, or when a tally is gone', async () => {
    const folder = temporaryFolder();
    const opened = await open(folder);
    await opened.transact((tx) => tx.put(counters, 'nonce', 5));
    await opened.transact((tx) => tx.put(notes, 'n', note(5)));
    await opened.close();
    let row = new Uint8Array();
    await tamper(folder, async (level) => {
      row = Uint8Array.from((await level.get(placeOf(counters, 'nonce'))) ?? []);
      await level.del(placeOf(counters, 'nonce'));
    });
    expect(await refusedAs(openTestStore(folder, tables))).to.equal('Fault');
    await tamper(folder, async (level) => {
      await level.put(placeOf(counters, 'nonce'), row);
      await level.del(rawKey('tallies', 'notes'));
    });
    expect(await refusedAs(openTestStore(folder, tables))).to.equal('Fault');
  });

  it('does not open when a table was put back to an earlier day, or emptied, together with its tally', async () => {
    const folder = temporaryFolder();
    const opened = await open(folder);
    await opened.transact((tx) => tx.put(counters, 'nonce', 5));
    await opened.close();
    const rowsOf = async (level: RawLevel) => {
      const found: [string, Uint8Array][] = [];
      for await (const [key, value] of level.iterator()) found.push([key, Uint8Array.from(value)]);
      return found.filter(([key]) => key.startsWith('!counters!') || key === rawKey('tallies', 'counters'));
    };
    let earlier: [string, Uint8Array][] = [];
    await tamper(folder, async (level) => {
      earlier = await rowsOf(level);
    });
    const newer = await open(folder);
    await newer.transact((tx) => tx.put(counters, 'nonce', 6));
    await newer.close();
    let now: [string, Uint8Array][] = [];
    const put = (level: RawLevel, rows: typeof now) =>
      level.batch(rows.map(([key, value]) => ({ type: 'put', key, value })));
    await tamper(folder, async (level) => {
      now = await rowsOf(level);
      await put(level, earlier);
    });
    expect([earlier.length, now.length]).to.deep.equal([2, 2]);
    expect(await refusedAs(openTestStore(folder, tables)), 'put back').to.equal('Fault');
    await tamper(folder, (level) => level.batch(now.map(([key]) => ({ type: 'del', key }))));
    expect(await refusedAs(openTestStore(folder, tables)), 'emptied').to.equal('Fault');
    expect(await refusedAs(openTestStore(folder, [notes])), 'as if it had never been').to.equal('Fault');
    await tamper(folder, (level) => put(level, now));
    expect(await (await open(folder)).get(counters, 'nonce')).to.equal(6);
  });

  it('takes a table that a newer version brought, and one of a version after it that it does not know', async () => {
    const folder = temporaryFolder();
    await (await openTestStore(folder, [notes])).close();
    const opened = await open(folder);
    await opened.transact((tx) => tx.put(counters, 'nonce', 5));
    await opened.close();
    const older = await openTestStore(folder, [notes]);
    await older.transact((tx) => tx.put(notes, 'n', note(1)));
    await older.close();
    expect(await (await open(folder)).get(counters, 'nonce')).to.equal(5);
  });

  it('of a newer version or an older one is called so, not damaged', async () => {
    const folder = temporaryFolder();
    await (await openTestStore(folder, [])).close();
    const place = rawKey('tallies', '#founded');
    for (const [format, code] of [
      [200, 'data-folder-newer'],
      [2, 'data-folder-older'],
    ] as const) {
      const { raw } = new RowSeal(INTEGRITY_KEY).seal(place, '#founded', Buffer.of(format));
      await tamper(folder, (level) => level.put(place, raw));
      expect(await refusedAs(openTestStore(folder, []))).to.equal(code);
    }
  });

  it('of the version before is called so, and no byte of it is changed', async () => {
    const folder = temporaryFolder();
    const before = Buffer.concat([Buffer.of(1), Buffer.alloc(32, 7), Buffer.of(1)]);
    await tamper(folder, (level) => level.put(rawKey('tallies', '#founded'), before));
    expect(await refusedAs(openTestStore(folder, tables))).to.equal('data-folder-older');
    const rows: unknown[] = [];
    await tamper(folder, async (level) => {
      for await (const [key, value] of level.iterator()) rows.push([key, Buffer.from(value)]);
    });
    expect(rows).to.deep.equal([[rawKey('tallies', '#founded'), before]]);
  });
});
