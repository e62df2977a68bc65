/** Pages of the order of keys that are not what was written: who mends them, who only tells, and where there is no room. */
import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { json, text } from '../../../server/store/codec.ts';
import { decodePage, encodePage } from '../../../server/store/keyPages.ts';
import { rowsOf } from '../../../server/store/level.ts';
import { openLevelStore, type StoreOptions } from '../../../server/store/levelStore.ts';
import { RowSeal } from '../../../server/store/record.ts';
import { ORDER_PAGES, ordinal, precious, preciousSorted, type Store } from '../../../server/store/store.ts';
import {
  filesBelow,
  INTEGRITY_KEY,
  openTestStore,
  refusedAs,
  removeTemporaryFolders,
  tamper,
  temporaryFolder,
} from './folder.ts';

const notes = preciousSorted('notes', json<number>());
const lists = preciousSorted('lists', json<number>());
const deciding = preciousSorted('deciding', json<number>(), { auditedAtOpen: true });
const plain = precious('plain', text);
/** Between the rows of `lists` and the pages, so that no file of level has both. */
const middle = precious('middle', text);
const tables = [notes, lists, deciding, plain, middle];
const seal = new RowSeal(INTEGRITY_KEY);
const rootOf = (table: string) => seal.placeOf(ORDER_PAGES, `${table}/root`);
const MIB = 2 ** 20;
const NO_END = Number.MAX_SAFE_INTEGER;
const DAMAGED = /^the order of keys of table lists is not what was written/;

const gone = Array.from({ length: 12 }, (_, n) => `gone${n}`.padEnd(300, 'x'));

describe('a page of the order of keys that is not what was written', () => {
  let store: Store | undefined;
  let told: string[] = [];
  afterEach(async () => {
    await store?.close().catch(() => {});
    store = undefined;
  });
  after(removeTemporaryFolders);

  async function opening(folder: string, options: Partial<StoreOptions> = {}): Promise<Store> {
    told = [];
    const reports: Partial<StoreOptions> = {
      onDamagedOrder: (table) => told.push(table),
      onNoRoom: (table, { code }) => told.push(`${table}: ${code}`),
    };
    const all = { folder, integrityKey: INTEGRITY_KEY, tables, freeBytes: () => NO_END };
    store = await openLevelStore(Object.assign(all, reports, options));
    return store;
  }

  async function filled(): Promise<string> {
    const folder = temporaryFolder();
    const first = await opening(folder);
    await first.transact((tx) => {
      for (const table of [notes, lists, deciding]) for (let n = 0; n < 30; n++) tx.put(table, ordinal(n), n);
    });
    await first.close();
    return folder;
  }

  const countOf = async (opened: Store, table: typeof lists) => {
    let count = 0;
    for await (const _ of opened.range(table)) count++;
    return count;
  };
  const messageOf = (reading: Promise<unknown>) => reading.then(String, ({ message }: Error) => message);

  it('leaves its table unread and all writing as it was while the disk has no room, and is mended once it has', async () => {
    const folder = await filled();
    await tamper(folder, (level) => level.del(rootOf('lists')));
    let free = NO_END;
    const opened = await opening(folder, { freeBytes: () => free });
    free = 64 * MIB;
    for (const turn of [1, 2, 3]) {
      expect(await messageOf(countOf(opened, lists)), `reading ${turn}`).to.match(DAMAGED);
      await opened.transact((tx) => {
        tx.put(plain, 'after', 'x');
        tx.put(notes, ordinal(100 + turn), 1);
      }, 'finishing');
      expect(await countOf(opened, notes)).to.equal(30 + turn);
    }
    expect(opened.whyNotWritable('finishing')).to.equal(undefined);
    expect(told).to.deep.equal(['lists', 'lists: disk-full']);
    expect((await opened.audit(notes)).whole).to.equal(true);
    await opened.close();
    const again = await opening(folder, { freeBytes: () => free });
    expect(await countOf(again, notes), 'a start').to.equal(33);
    expect(await messageOf(countOf(again, lists))).to.match(DAMAGED);
    free = NO_END;
    await again.transact((tx) => tx.put(plain, 'room', 'x'));
    expect([await countOf(again, lists), await countOf(again, notes)]).to.deep.equal([30, 33]);
  });

  it('ends no writing of its own table without room: rows go on, over a start too, and are read once there is room', async () => {
    const folder = await filled();
    await tamper(folder, (level) => level.put(rootOf('lists'), new Uint8Array(2_048)));
    let free = NO_END;
    const opened = await opening(folder, { freeBytes: () => free });
    free = 64 * MIB;
    for (const turn of [1, 2, 3])
      await opened.transact((tx) => {
        tx.put(lists, ordinal(100 + turn), turn);
        tx.delete(lists, ordinal(turn));
        tx.put(notes, ordinal(100 + turn), turn);
      }, 'finishing');
    expect(opened.whyNotWritable('finishing')).to.equal(undefined);
    expect(told).to.deep.equal(['lists', 'lists: disk-full']);
    expect(await messageOf(countOf(opened, lists))).to.match(DAMAGED);
    expect([await opened.get(lists, ordinal(102)), await countOf(opened, notes)]).to.deep.equal([2, 33]);
    await opened.close();
    const again = await opening(folder, { freeBytes: () => free });
    await again.transact((tx) => tx.put(lists, ordinal(104), 4), 'finishing');
    expect(await messageOf(countOf(again, lists)), 'a start without room').to.match(DAMAGED);
    free = NO_END;
    await again.transact((tx) => tx.put(plain, 'room', 'x'), 'finishing');
    expect([await countOf(again, lists), await countOf(again, notes)]).to.deep.equal([31, 33]);
    for (const table of [lists, notes, ORDER_PAGES]) expect((await again.audit(table)).whole).to.equal(true);
    await again.close();
    expect(await countOf(await opening(folder), lists)).to.equal(31);
  });

  it('lists nothing afterwards that was taken away meanwhile, wherever in it the damage was', async () => {
    const folder = await filled();
    const long = (n: number) => `${ordinal(n)}${'x'.repeat(300)}`;
    const first = await opening(folder);
    await first.transact((tx) => {
      for (let n = 0; n < 30; n++) tx.delete(lists, ordinal(n));
      for (let n = 0; n < 30; n++) tx.put(lists, long(n), n);
    });
    await first.close();
    await tamper(folder, async (level) => {
      for await (const [place, raw] of rowsOf(level)) {
        const opened = place.startsWith('!pages!') ? seal.open(place, raw) : undefined;
        const page = opened?.key.startsWith('lists/') ? decodePage(opened.payload) : undefined;
        if (page?.depth === 0 && page.keys.includes(long(0))) await level.put(place, new Uint8Array(2_048));
      }
    });
    let free = NO_END;
    const opened = await opening(folder, { freeBytes: () => free });
    free = 64 * MIB;
    await opened.transact((tx) => {
      for (const n of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 20]) tx.delete(lists, long(n));
    }, 'finishing');
    expect(told).to.deep.equal(['lists', 'lists: disk-full']);
    await opened.close();
    const again = await opening(folder);
    expect(await countOf(again, lists)).to.equal(19);
    for (const table of [lists, ORDER_PAGES]) expect((await again.audit(table)).whole).to.equal(true);
  });

  it('of a table that is checked at each start refuses the start for want of room, and changes nothing', async () => {
    const folder = await filled();
    await tamper(folder, (level) => level.del(rootOf('deciding')));
    const before = await everyRow(folder);
    expect(await refusedAs(opening(folder, { freeBytes: () => 64 * MIB }))).to.equal('disk-full');
    expect(await everyRow(folder)).to.deep.equal(before);
    expect(await countOf(await opening(folder), deciding)).to.equal(30);
    expect(told).to.deep.equal(['deciding']);
  });

  it('is told by a check, which changes nothing and stops no write, and is mended by a start that is asked to', async () => {
    const folder = await filled();
    let earlier: Uint8Array = new Uint8Array();
    await tamper(folder, async (level) => {
      earlier = Uint8Array.from((await level.get(rootOf('lists'))) ?? []);
    });
    const grown = await opening(folder);
    await grown.transact((tx) => tx.put(lists, ordinal(99), 99));
    await grown.close();
    await tamper(folder, (level) => level.put(rootOf('lists'), earlier)); // which no reading sees
    const before = await everyRow(folder);
    const opened = await opening(folder);
    for (const time of ['first', 'second'])
      for (const table of [lists, ORDER_PAGES])
        expect((await opened.audit(table)).isOrdered, `${table.name}, ${time}`).to.equal(false);
    await opened.close();
    expect([told, await everyRow(folder)]).to.deep.equal([[], before]);
    const writing = await opening(folder);
    await writing.audit(lists);
    await writing.transact((tx) => tx.put(plain, 'after', 'x'));
    expect((await writing.audit(lists)).isOrdered, 'still found').to.equal(false);
    await writing.close();
    const mended = await opening(folder, { isOrderBuiltAgain: true });
    expect(await countOf(mended, lists)).to.equal(31);
    for (const table of [lists, ORDER_PAGES]) expect((await mended.audit(table)).whole).to.equal(true);
  });

  it('is built again where a write finds its keys out of their order, and where a building goes on from it', async () => {
    const twice = Array.from({ length: 6 }, () => 'a key that stands twice'.padEnd(500, 'x'));
    const page = encodePage({ depth: 0, keys: twice, children: [] });
    const folder = await filled();
    await tamper(folder, (level) =>
      level.put(rootOf('lists'), seal.seal(rootOf('lists'), 'lists/root', page).raw),
    );
    const opened = await opening(folder);
    await opened.transact((tx) => tx.put(lists, '0'.padEnd(500, 'y'), 1));
    expect([told, await countOf(opened, lists)]).to.deep.equal([['lists'], 31]);
    expect((await opened.audit(ORDER_PAGES)).whole).to.equal(true);
    await opened.close();
    const mark = seal.placeOf(ORDER_PAGES, 'lists/building');
    await tamper(folder, (level) => level.put(mark, new Uint8Array(2_048)));
    const again = await opening(folder);
    expect([told, await countOf(again, lists)]).to.deep.equal([['lists'], 31]);
    expect((await again.audit(ORDER_PAGES)).whole).to.equal(true);
  });
});

describe('what was scrubbed', () => {
  after(removeTemporaryFolders);

  for (const [who, isShort] of [
    ['is waited for, and no page before it is in any file', true],
    ['that lasts is not: what it kept is taken away once it has ended', false],
  ] as const)
    it(`while somebody reads: a reading ${who}`, async () => {
      const folder = temporaryFolder();
      const first = await openTestStore(folder, tables);
      await first.transact((tx) => {
        for (let n = 0; n < 40; n++) tx.put(lists, ordinal(n), n);
        for (const key of gone) tx.put(lists, key, 1);
      });
      for (let n = 0; n < 5; n++)
        await first.transact((tx) => tx.put(middle, `${n}`, randomBytes(500_000).toString('hex')));
      await first.close();
      await tamper(folder, (level) => level.compactRange('', '\uffff'));
      const before = await everyRow(folder);
      const opened = await openTestStore(folder, tables);
      const reading = opened.range(lists);
      await reading.next();
      await opened.transact((tx) => {
        for (const key of gone) tx.delete(lists, key);
      });
      const scrubbing = opened.scrub(lists);
      if (!isShort) await scrubbing;
      await setTimeout(isShort ? 1_000 : 0);
      await reading.return(undefined);
      await scrubbing;
      if (!isShort) await opened.scrub(lists); // without a write since
      await opened.close();
      const now = new Set((await everyRow(folder)).map(([, raw]) => raw));
      const old = before.filter(([place, raw]) => /^!(lists|pages)!/.test(place) && !now.has(raw));
      const files = filesBelow(folder).map(({ bytes }) => bytes);
      const sealed = old.map(([, raw]) => Buffer.from(raw, 'base64').subarray(40, 200));
      expect(old.length).to.be.greaterThan(gone.length);
      expect(sealed.filter((raw) => files.some((file) => file.includes(raw))).length).to.equal(0);
    });
});

async function everyRow(folder: string): Promise<[string, string][]> {
  const found: [string, string][] = [];
  await tamper(folder, async (level) => {
    for await (const [place, raw] of rowsOf(level)) found.push([place, Buffer.from(raw).toString('base64')]);
  });
  return found;
}
