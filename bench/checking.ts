/**
 * What a check holds in memory as a register grows: the replay of its titles, and the comparison of their ground.
 *
 * The titles come as the events that a register tells of them, a hundred a block, and are drawn as squares that share their
 * borders, as in a cadastre. Promises: rows and outlines are counted, the heap is read after all garbage is gone. The
 * growth of what is held has a hold; milliseconds are only told.
 */
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { LedgerEvent } from '../server/domain/acts/events.ts';
import { Replay } from '../server/domain/audit/replay.ts';
import { ZERO_32 } from '../server/domain/base/hex.ts';
import { titlesOnOneGround } from '../server/fsck.ts';
import { type CadastralUnit, Cadastre, cadastreTables } from '../server/store/cadastre.ts';
import { openSoftwareKeys } from '../server/store/keys.ts';
import { openLevelStore } from '../server/store/levelStore.ts';
import { openScratchRows } from '../server/store/scratchRows.ts';
import { openViews } from '../server/store/views.ts';
import { inFolder } from './ledger.ts';
import type { Row } from './row.ts';
import { blockOf, unitOf } from './townLedger.ts';

const SIZES = [1_000, 4_000, 16_000] as const;
const TITLES_A_BLOCK = 100;
/** So that what is made once is there before anything is measured. */
export const FIRST = 200;
const DEGREES = 0.001;
const CHAIN_ID = 31_337n;

export interface Held {
  readonly titles: number;
  /** Of a replay and of the ground, the most at once. */
  readonly rows: number;
  readonly outlines: number;
  /** Of the heap, while the replay is whole, beyond what it was before. */
  readonly heapBytes: number;
  readonly findings: number;
  readonly ms: number;
}

/** Everything that a check keeps of so many titles that stand, side by side in a square. */
export async function heldOf(folder: string, titles: number): Promise<Held> {
  const integrityKey = await openSoftwareKeys(path.join(folder, 'keys')).integrityKey();
  const store = await openLevelStore({
    folder: path.join(folder, 'store'),
    integrityKey,
    tables: cadastreTables,
  });
  const scratch = await openViews(path.join(folder, 'views'), { number: 0n, hash: ZERO_32 });
  const rows = await openScratchRows(path.join(folder, 'rows'));
  try {
    const cadastre = new Cadastre(store);
    const before = heapAfterGarbage();
    const replay = new Replay(CHAIN_ID, undefined, rows.keep);
    let ms = 0;
    for (let from = 0; from < titles; from += TITLES_A_BLOCK) {
      const numbers = Array.from({ length: Math.min(TITLES_A_BLOCK, titles - from) }, (_, i) => from + i);
      const block = blockOf(BigInt(from / TITLES_A_BLOCK + 1), numbers, 0);
      const events = block.events.filter(isOfLand);
      const startedAt = performance.now();
      replay.apply(Object.assign({}, block, { events }));
      await rows.flushFull();
      ms += performance.now() - startedAt;
      await scratch.apply(block);
      await cadastre.record(numbers.map((number) => drawn(number, titles)));
    }
    const heapBytes = heapAfterGarbage() - before;
    if (replay.unitStates.size !== titles) throw new Error('a replay of other titles');
    const ground = { cadastre, toleranceMm2: 10_000n };
    const startedAt = performance.now();
    const { shared, outlinesHeld } = await titlesOnOneGround({ scratch, rows, ground });
    ms += performance.now() - startedAt;
    const held = { rows: rows.mostHeld, outlines: outlinesHeld, heapBytes };
    return Object.assign({ titles, findings: shared.length, ms }, held);
  } finally {
    await rows.close();
    await scratch.close();
    await store.close();
  }
}

const isOfLand = ({ contract, name }: LedgerEvent) =>
  name === 'ContractFound' ||
  (contract === 'land' && (name === 'EntryRecorded' || name === 'BAUnitRecorded'));

function drawn(number: number, titles: number): CadastralUnit {
  const side = Math.ceil(Math.sqrt(titles));
  const [x, y] = [number % side, Math.floor(number / side)];
  const corner = (east: number, north: number) => [(x + east) * DEGREES, (y + north) * DEGREES];
  const geometry = {
    type: 'Polygon',
    coordinates: [[corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1), corner(0, 0)]],
  };
  const baUnit = unitOf(number);
  return {
    unit: baUnit,
    baUnit,
    office: 1,
    number: `P/${number}`,
    feature: JSON.stringify({ type: 'Feature', properties: {}, geometry }),
    aliases: [],
    statedAreaMm2: undefined,
    computedAreaMm2: 1n,
    box: [0, 0, 0, 0],
    geometry: [],
    geometryCommitment: baUnit,
    sources: [],
    replaces: [],
    recordedAtMs: 0,
    isReplaced: false,
    retired: false,
  };
}

/** What is in use is what is left when the rest was thrown away. */
function heapAfterGarbage(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

export async function checkingRows(): Promise<Row[]> {
  const held: Held[] = [];
  await inFolder((folder) => heldOf(folder, FIRST));
  for (const titles of SIZES) held.push(await inFolder((folder) => heldOf(folder, titles)));
  const [smallest, , largest] = held;
  if (smallest === undefined || largest === undefined) throw new Error('three sizes');
  const exponent = (of: (one: Held) => number) =>
    Math.log(of(largest) / of(smallest)) / Math.log(largest.titles / smallest.titles);
  const size = largest.titles.toLocaleString('en');
  return [
    {
      name: 'heap that a check holds for a title more',
      value: (largest.heapBytes - smallest.heapBytes) / (largest.titles - smallest.titles),
      unit: 'bytes',
      hold: { atMost: 32 },
    },
    { name: `rows of a check in memory, ${size} titles`, value: largest.rows, unit: 'rows' },
    {
      name: 'growth of the outlines in memory, for titles in a square',
      value: exponent(({ outlines }) => outlines),
      unit: 'exponent',
      hold: { atMost: 0.5 },
    },
    {
      name: 'growth of replaying titles and comparing their ground',
      value: exponent(({ ms }) => ms),
      unit: 'exponent',
      hold: { atMost: 1.1 },
    },
  ];
}
