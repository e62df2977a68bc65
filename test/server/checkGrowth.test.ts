/** A check of a register that has grown: as much is in memory at once, whatever the register holds. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect } from 'chai';
import { FIRST, type Held } from '../../bench/checking.ts';
import { keptInMemory } from '../../server/domain/audit/keptRows.ts';
import { groundSweep, westToEast } from '../../server/domain/survey/groundSweep.ts';
import type { Placed } from '../../server/domain/survey/placeIndex.ts';
import { openScratchRows } from '../../server/store/scratchRows.ts';
import { removeTemporaryFolders, temporaryFolder } from './store/folder.ts';

const CHILD = path.join(import.meta.dirname, 'checkGrowth.child.ts');
const SIZES = [500, 2_000] as const;
/** The drawings of as many titles wait to be dropped, whatever a meridian crosses. */
const WAITING = 256;
/** As many as are held between two writes, and what a block adds. */
const MOST_ROWS = 6_000;
/** A title has a state, a place, an entry and their spellings: kept in memory it is a thousand bytes and more. */
const BYTES_A_TITLE = 64;

function heldApart(sizes: readonly number[]): Held[] {
  const { stdout, stderr } = spawnSync(process.execPath, [CHILD, temporaryFolder(), ...sizes.map(String)], {
    encoding: 'utf8',
  });
  const told = /^held: (.*)$/m.exec(stdout)?.[1];
  if (told === undefined) throw new Error(stderr);
  return JSON.parse(told) as Held[];
}

describe('the check of a register that grows', function () {
  this.timeout(240_000);
  after(removeTemporaryFolders);

  it('holds no more of it in memory: rows and outlines are counted, and the heap is read', async () => {
    const [small, large] = heldApart([FIRST, ...SIZES]).slice(1) as [Held, Held];
    expect([small.findings, large.findings]).to.deep.equal([0, 0]);
    expect(large.rows).to.be.at.most(MOST_ROWS);
    // Two columns of titles and their neighbours stand on one meridian.
    for (const { titles, outlines } of [small, large])
      expect(outlines, `${titles} titles`).to.be.at.most(WAITING + 3 * Math.ceil(Math.sqrt(titles)));
    const bytes = (large.heapBytes - small.heapBytes) / (large.titles - small.titles);
    expect(bytes, 'bytes of the heap for a title more').to.be.below(BYTES_A_TITLE);
  });

  it('finds in rows on disk what it would find in memory', async () => {
    const rows = await openScratchRows(path.join(temporaryFolder(), 'rows'));
    const [onDisk, inMemory] = [
      rows.keep<string, { readonly n: bigint }>('some'),
      keptInMemory<string, { readonly n: bigint }>('some'),
    ];
    const others = rows.keep<string, true>('others');
    let state = 7;
    for (let step = 0; step < 2_000; step++) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      const [key, isGone] = [`key ${state % 97}`, (state >> 8) % 4 === 0];
      others.set(`key ${step}`, true);
      for (const kept of [onDisk, inMemory]) {
        if (isGone) kept.delete(key);
        else kept.set(key, { n: BigInt(step) });
      }
      if (step % 100 === 0) await rows.flush();
    }
    expect(onDisk.size).to.equal(inMemory.size);
    expect([...onDisk.entries()]).to.deep.equal([...inMemory.entries()]);
    for (let i = 0; i < 97; i++) {
      expect(onDisk.get(`key ${i}`)).to.deep.equal(inMemory.get(`key ${i}`));
      expect(onDisk.has(`key ${i}`)).to.equal(inMemory.has(`key ${i}`));
    }
    await rows.close();
  });

  it('gives each of those that come from west to east all that it touches of those before it', () => {
    let state = 11;
    const random = () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return state / 0x7fffffff;
    };
    const boxes = Array.from({ length: 3_000 }, (_, i): Placed & { readonly i: number } => {
      const [west, south, size] = [random() * 360 - 180, random() * 4 - 2, i % 500 === 0 ? 40 : 0.4];
      return { i, extent: [west, south, west + size * random(), south + size * random()] };
    });
    boxes.sort((a, b) => (westToEast(a.extent[0]) < westToEast(b.extent[0]) ? -1 : 1));
    expect(boxes.map(({ extent }) => extent[0])).to.deep.equal(
      boxes.map(({ extent }) => extent[0]).sort((a, b) => a - b),
    );
    const sweep = groundSweep<(typeof boxes)[number]>();
    for (const [at, box] of boxes.entries()) {
      const [west, south, east, north] = box.extent;
      const touched = boxes
        .slice(0, at)
        .filter(({ extent: [w, s, e, n] }) => w <= east && west <= e && s <= north && south <= n);
      const given = sweep.next(box).map(({ i }) => i);
      expect(given.sort((a, b) => a - b)).to.deep.equal(touched.map(({ i }) => i).sort((a, b) => a - b));
    }
    expect(sweep.mostHeld).to.be.below(600);
  });
});
