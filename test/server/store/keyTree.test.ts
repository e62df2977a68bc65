/** Keys in a tree of pages, the pages in a map: against a sorted list, and how many pages a change touches. */
import { expect } from 'chai';
import {
  bytesOf,
  decodePage,
  EMPTY_PAGE,
  encodePage,
  PAGE_BYTES,
  type Page,
} from '../../../server/store/keyPages.ts';
import { changeKeys, keysBetween, type Pages, ROOT } from '../../../server/store/keyTree.ts';
import { ordinal } from '../../../server/store/store.ts';
import { seeded } from '../../seeded.ts';

const SEED = 20_261_130;

/** Pages as they would lie on disk, and what was written of them since `take`. */
function mapped() {
  const kept = new Map<string, Uint8Array>([[ROOT, encodePage(EMPTY_PAGE)]]);
  let written = new Set<string>();
  const pages: Pages = {
    read: (id) => {
      const payload = kept.get(id);
      if (payload === undefined) throw new Error('a page that is not there');
      return decodePage(payload);
    },
    write: (id, page) => {
      written.add(id);
      if (page === undefined) kept.delete(id);
      else kept.set(id, encodePage(page));
    },
  };
  const take = () => {
    const count = written.size;
    written = new Set();
    return count;
  };
  return { pages, kept, take };
}

function depthsOf(pages: Pages, id = ROOT): number[] {
  const { depth, children } = pages.read(id);
  return depth === 0 ? [0] : children.flatMap((child) => depthsOf(pages, child).map((below) => below + 1));
}

/** As much of one key as a page takes. */
function fullOf(key: string): Page {
  const keys = [key];
  while (bytesOf({ ...EMPTY_PAGE, keys: [...keys, key] }) <= PAGE_BYTES) keys.push(key);
  return { ...EMPTY_PAGE, keys };
}

const allOf = (pages: Pages) => [...keysBetween(pages.read, {})];

describe('a tree of keys', function () {
  this.timeout(120_000);

  it('says nothing of a key that was taken away: what parts two pages is a beginning of a key that is there', () => {
    const { below } = seeded(SEED + 1);
    const { pages } = mapped();
    const living = new Set<string>();
    const firstOf = (id: string): string => {
      const { depth, keys, children } = pages.read(id);
      return (depth === 0 ? keys[0] : firstOf(children[0] ?? '')) ?? '';
    };
    let parted = 0;
    const requireLiving = (id: string): void => {
      const { depth, keys, children } = pages.read(id);
      if (depth === 0) for (const key of keys) expect(living.has(key), 'a key in a page').to.equal(true);
      else if (keys[0] !== '') expect.fail('the first key of a page above says something');
      for (const [i, child] of children.entries()) {
        if (i > 0)
          expect(firstOf(child).startsWith(keys[i] ?? '-'), `${keys[i]} before ${firstOf(child)}`).to.equal(
            true,
          );
        parted += 1;
        requireLiving(child);
      }
    };
    for (let round = 0; round < 60; round++) {
      const isShrinking = round % 6 > 3;
      const changes = new Map<string, boolean>();
      for (let n = 0; n < 300; n++) {
        const all = [...living];
        const some = all[below(all.length || 1)];
        const isThere = some === undefined || below(10) < (isShrinking ? 1 : 7);
        changes.set(isThere ? `${below(2 ** 31).toString(16)}/${'k'.repeat(below(60))}` : some, isThere);
      }
      for (const [key, isThere] of changes)
        if (isThere) living.add(key);
        else living.delete(key);
      const sorted = [...changes].map(([key, isThere]) => ({ key, isThere }));
      changeKeys(
        pages,
        sorted.sort((one, other) => (one.key < other.key ? -1 : 1)),
      );
      requireLiving(ROOT);
    }
    expect(allOf(pages)).to.deep.equal([...living].sort());
    console.log(`      partings | seed ${SEED + 1} | ${parted} tried | 0 of a key that is gone`);
    expect(parted).to.be.greaterThan(1_000);
  });

  it('is a sorted list, key by key, and a change touches few pages, however many there are', () => {
    const { below } = seeded(SEED);
    const { pages, take, kept } = mapped();
    const list = new Set<string>();
    const living: string[] = [];
    let [operations, most, sum] = [0, 0, 0];
    for (const [target, adds] of [
      [3_000, 9],
      [1_200, 2],
      [2_500, 8],
      [0, 0],
    ] as const) {
      while (adds > 5 ? list.size < target : list.size > target) {
        operations++;
        const isThere = below(10) < adds;
        const key = isThere
          ? `${below(2 ** 31).toString(16)}/${'record'.repeat(below(12))}`
          : living.splice(below(living.length), 1)[0];
        if (key === undefined) break;
        if (isThere && !list.has(key)) living.push(key);
        if (isThere) list.add(key);
        else list.delete(key);
        changeKeys(pages, [{ key, isThere }]);
        const count = take();
        most = Math.max(most, count);
        sum += count;
        if (operations % 1_000 === 0) expect(allOf(pages), `${operations}`).to.deep.equal([...list].sort());
      }
      expect(allOf(pages)).to.deep.equal([...list].sort());
      expect(new Set(depthsOf(pages)).size, 'all keys lie equally deep').to.equal(1);
    }
    console.log(
      `      tree | seed ${SEED} | ${operations} changes | ${most} pages written at most, ${(sum / operations).toFixed(2)} in the mean`,
    );
    expect(operations).to.be.greaterThan(8_000);
    // Of each level a page and its neighbour, or its two halves; two of them below a root that is cut.
    expect(most).to.be.at.most(3 * 3);
    expect(sum / operations).to.be.lessThan(1.2);
    expect([...kept.keys()], 'nothing is left of an empty tree').to.deep.equal([ROOT]);
  });

  it('takes many changes at once as it takes them one by one, and writes each page once', () => {
    const { below } = seeded(SEED + 1);
    const { pages, take } = mapped();
    let list = new Set<string>();
    for (let turn = 0; turn < 30; turn++) {
      const changes = new Map<string, boolean>();
      for (let n = 0; n < 1 + below(4_000); n++)
        changes.set(String(below(20_000)), below(10) < (turn < 20 ? 7 : 1));
      for (const [key, isThere] of changes) {
        if (isThere) list.add(key);
        else list.delete(key);
      }
      changeKeys(
        pages,
        [...changes]
          .map(([key, isThere]) => ({ key, isThere }))
          .sort((one, other) => (one.key < other.key ? -1 : 1)),
      );
      expect(take()).to.be.lessThan(600);
      list = new Set([...list].sort());
      expect(allOf(pages), `turn ${turn}`).to.deep.equal([...list]);
    }
  });

  it('leads to every key in a deep tree, whatever stretches of neighbours go at once and whatever comes back', () => {
    const { below } = seeded(1);
    const { pages } = mapped();
    const list = new Set<string>();
    let [deepest, tried, lost] = [0, 0, 0];
    for (let turn = 0; turn < 130; turn++) {
      const changes = new Map<string, boolean>();
      const adds = Math.floor(turn / 25) % 2 === 0 ? 9 : 3;
      const sorted = [...list].sort();
      // Seven of such keys fill a page, and ten of what parts them.
      const far = () =>
        `${'p'.repeat(280)}${String(below(3_000))
          .padStart(4, '0')
          .replace(/./g, (digit) => digit.repeat(40))}`;
      if (below(4) === 0) {
        const at = below(sorted.length + 1);
        for (const key of sorted.slice(at, at + below(60))) changes.set(key, false);
      } else for (let n = 0; n < 1 + below(40); n++) changes.set(far(), below(10) < adds);
      for (const [key, isThere] of changes) {
        if (isThere) list.add(key);
        else list.delete(key);
      }
      changeKeys(
        pages,
        [...changes]
          .map(([key, isThere]) => ({ key, isThere }))
          .sort((one, other) => (one.key < other.key ? -1 : 1)),
      );
      deepest = Math.max(deepest, pages.read(ROOT).depth);
      expect(allOf(pages), `turn ${turn}`).to.deep.equal([...list].sort());
      for (const key of list) {
        tried++;
        if ([...keysBetween(pages.read, { gte: key, lte: key })][0] !== key) lost++;
      }
    }
    console.log(`      tree | seed 1 | depth ${deepest} | ${tried} looked for | ${lost} not found`);
    expect(deepest).to.be.at.least(2);
    expect(lost).to.equal(0);
  });

  it('writes nothing where nothing changes', () => {
    const { pages, take } = mapped();
    changeKeys(pages, [
      { key: 'a', isThere: true },
      { key: 'c', isThere: true },
    ]);
    take();
    changeKeys(pages, [
      { key: 'a', isThere: true },
      { key: 'b', isThere: false },
    ]);
    expect(take()).to.equal(0);
  });

  it('fills three quarters of its pages where each key is the last, and two thirds where keys come anywhere', () => {
    const { below } = seeded(SEED + 2);
    const filling = (keyOf: (n: number) => string) => {
      const { pages, kept } = mapped();
      for (let n = 0; n < 2_500; n++) changeKeys(pages, [{ key: keyOf(n), isThere: true }]);
      const sizes = [...kept.values()].map((payload) => bytesOf(decodePage(payload)));
      return sizes.reduce((sum, size) => sum + size, 0) / (sizes.length * PAGE_BYTES);
    };
    expect(filling((n) => ordinal(n))).to.be.within(0.65, 0.8);
    expect(filling(() => `${below(2 ** 31)}/${below(2 ** 31)}`)).to.be.within(0.6, 0.75);
  });

  it('leaves no page of few keys where keys that were drawn are added, one by one or many together', () => {
    const { below } = seeded(SEED + 4);
    const drawn = () => `vault/${Array.from({ length: 6 }, () => below(2 ** 31)).join('')}/person//self`;
    const fewest: number[] = [];
    for (const together of [1, 3, 20, 200, 2_000]) {
      const { pages, kept } = mapped();
      for (let added = 0; added < 4_000; added += together) {
        const keys = Array.from({ length: together }, drawn).sort();
        changeKeys(
          pages,
          keys.map((key) => ({ key, isThere: true })),
        );
      }
      const leaves = [...kept.values()].map(decodePage).filter(({ depth }) => depth === 0);
      fewest.push(Math.min(...leaves.map(({ keys }) => keys.length)));
    }
    console.log(
      `      pages | of 1, 3, 20, 200 and 2000 keys at once | the emptiest have ${fewest.join(', ')}`,
    );
    // A page holds some 24 of these.
    expect(Math.min(...fewest)).to.be.at.least(10);
  });

  it('cuts keys of any lengths so that no page but of the longest keys is of one key', () => {
    const { below } = seeded(SEED + 5);
    let [tried, lone] = [0, 0];
    for (let history = 0; history < 60; history++) {
      const { pages, kept } = mapped();
      const longest = [40, 120, 400, 600][history % 4] ?? 40;
      const all = Array.from({ length: 300 }, () => `${below(2 ** 31)}/${'x'.repeat(below(longest))}`);
      const together = [1, 10, 300][history % 3] ?? 1;
      for (let from = 0; from < all.length; from += together)
        changeKeys(
          pages,
          [...new Set(all.slice(from, from + together))].sort().map((key) => ({ key, isThere: true })),
        );
      expect(allOf(pages)).to.deep.equal([...new Set(all)].sort());
      for (const payload of kept.values()) {
        const page = decodePage(payload);
        expect(bytesOf(page)).to.be.at.most(PAGE_BYTES);
        tried += 1;
        if (page.keys.length === 1) lone += 1;
      }
    }
    console.log(`      cut | seed ${SEED + 5} | ${tried} pages tried | ${lone} of one key`);
    expect(lone).to.equal(0);
  });

  it('holds the longest keys there are, and keys with every letter', () => {
    const { below } = seeded(SEED + 3);
    const { pages } = mapped();
    const letters = ['a', 'é', '日', '🏠', '/'];
    const keys = Array.from({ length: 400 }, (_, n) => {
      const key = Array.from({ length: 1 + below(100) }, () => letters[below(letters.length)]).join('');
      return n % 2 === 0 ? 'x'.repeat(512 - 8) + ordinal(below(1_000)).slice(8) : key;
    });
    for (const key of keys) changeKeys(pages, [{ key, isThere: true }]);
    expect(allOf(pages)).to.deep.equal([...new Set(keys)].sort());
    for (const key of keys) changeKeys(pages, [{ key, isThere: false }]);
    expect(allOf(pages)).to.deep.equal([]);
  });

  it('has pages of one length, which come back as they were', () => {
    const page: Page = {
      depth: 1,
      keys: ['', 'a', 'ab/c', 'b'],
      children: ['aaaaaaaaaaaa', 'bbbbbbbbbbbb', '-_-_-_-_-_-_', 'AAAAAAAAAAAA'],
    };
    for (const one of [page, EMPTY_PAGE, { depth: 0, keys: ['k'.repeat(512)], children: [] }]) {
      expect(encodePage(one).length).to.equal(PAGE_BYTES);
      expect(decodePage(encodePage(one))).to.deep.equal(one);
    }
  });

  it('ends where a page that was put back holds a key twice, and does not look for what parts them', () => {
    const { pages } = mapped();
    pages.write(ROOT, fullOf('a key that stands twice'));
    const add = () => changeKeys(pages, [{ key: 'another'.repeat(40), isThere: true }]);
    expect(add).to.throw('keys stand in pages out of their order');
  });
});
