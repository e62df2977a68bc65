/**
 * How many rows each list and each search reads in a register of 100,000 titles and 100,000 people: as many as in one of
 * a tenth of that. Rows are counted, and the milliseconds are only told.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Row } from './row.ts';
import { readingsOf } from './town.ts';

const SIZE = 100_000;
const SMALLER = 10_000;

export async function findingRows(): Promise<Row[]> {
  const smaller = await readingsIn(SMALLER);
  const readings = await readingsIn(SIZE);
  return readings.map(({ name, rows, milliseconds }) => {
    const before = smaller.find((one) => one.name === name)?.rows ?? 0;
    return {
      ...{ name: `${name}, of ${SIZE.toLocaleString('en')}`, value: rows, hold: { atMost: before } },
      ...{
        unit: `rows, ${milliseconds.toFixed(1)} ms`,
        peer: { name: `of ${SMALLER.toLocaleString('en')}`, value: before },
      },
    };
  });
}

async function readingsIn(size: number) {
  const folder = mkdtempSync(path.join(tmpdir(), 'kudurru-town-'));
  try {
    return await readingsOf(folder, size);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
