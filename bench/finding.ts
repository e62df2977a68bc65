/**
 * How many rows each list and each search reads in a register of 100,000 titles and 100,000 people, asked of the stores,
 * over HTTP, and by the commands of seven people: as many as in one of a hundredth of that. Rows are counted, and the
 * milliseconds are only told. Acts that wait, tokens and open measures are as many as they may be, in both.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Row } from './row.ts';
import { type Bounds, readingsOf } from './town.ts';

const SIZE = sizeAsked(100_000);
/** More than a page of what there is one of for ten titles. */
const SMALLER = Math.max(SIZE / 100, 600);
/** An institution may have ten thousand acts waiting, and a gateway as many tokens; each member opens a few measures. */
const BOUNDS: Bounds = {
  waiting: Math.min(10_000, SIZE / 10),
  tokens: Math.min(9_900, SIZE / 10),
  measures: 500,
};

/** `KUDURRU_FINDING=5000`: for who works on it. */
function sizeAsked(otherwise: number): number {
  return Number(process.env.KUDURRU_FINDING ?? otherwise);
}

export async function findingRows(): Promise<Row[]> {
  const smaller = await readingsIn(SMALLER);
  const readings = await readingsIn(SIZE);
  return readings.map(({ name, rows, milliseconds }) => {
    const before = smaller.find((one) => one.name === name)?.rows ?? 0;
    return {
      name: `${name}, of ${SIZE.toLocaleString('en')}`,
      value: rows,
      hold: { atMost: before },
      unit: `rows, ${milliseconds.toFixed(1)} ms`,
      peer: { name: `of ${SMALLER.toLocaleString('en')}`, value: before },
    };
  });
}

async function readingsIn(size: number) {
  const folder = mkdtempSync(path.join(tmpdir(), 'kudurru-town-'));
  try {
    return await readingsOf(folder, size, BOUNDS);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
