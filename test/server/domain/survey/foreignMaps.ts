/** A Shapefile as a program of geography writes one, byte by byte: for tests. */
import { zipOf } from '../files/archives.ts';

type Rings = readonly (readonly (readonly number[])[])[];

const NULL_SHAPE = 0;
const POLYGON = 5;

export interface ShapefileParts {
  /** Of each record its rings, the outer one clockwise; none is a record without a shape. */
  readonly shapes: readonly Rings[];
  readonly numbers: readonly (string | Uint8Array)[];
  readonly prj?: string;
  readonly cpg?: string;
  /** Bytes that are missing at the end of the shapes. */
  readonly cut?: number;
}

export function shapefileOf({ shapes, numbers, prj, cpg, cut = 0 }: ShapefileParts): Uint8Array<ArrayBuffer> {
  const records = shapes.map(recordOf);
  const head = Buffer.alloc(100);
  head.writeInt32BE(9994, 0);
  head.writeInt32BE((100 + Buffer.concat(records).length) / 2, 24);
  head.writeInt32LE(1000, 28);
  head.writeInt32LE(POLYGON, 32);
  const shp = Buffer.concat([head, ...records]);
  return zipOf({
    'parcels.shp': shp.subarray(0, shp.length - cut),
    'parcels.dbf': tableOf(numbers),
    ...(prj === undefined ? {} : { 'parcels.prj': prj }),
    ...(cpg === undefined ? {} : { 'parcels.cpg': cpg }),
  });
}

function recordOf(rings: Rings, i: number): Buffer {
  const points = rings.flat();
  const body = Buffer.alloc(rings.length === 0 ? 8 + 4 : 8 + 44 + 4 * rings.length + 16 * points.length);
  body.writeInt32BE(i + 1, 0);
  body.writeInt32BE((body.length - 8) / 2, 4);
  body.writeInt32LE(rings.length === 0 ? NULL_SHAPE : POLYGON, 8);
  if (rings.length === 0) return body;
  const [xs, ys] = [points.map(([x = 0]) => x), points.map(([, y = 0]) => y)];
  [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)].forEach((value, k) => {
    body.writeDoubleLE(value, 12 + 8 * k);
  });
  body.writeInt32LE(rings.length, 44);
  body.writeInt32LE(points.length, 48);
  let first = 0;
  for (const [k, ring] of rings.entries()) {
    body.writeInt32LE(first, 52 + 4 * k);
    first += ring.length;
  }
  points.forEach(([x = 0, y = 0], k) => {
    body.writeDoubleLE(x, 52 + 4 * rings.length + 16 * k);
    body.writeDoubleLE(y, 60 + 4 * rings.length + 16 * k);
  });
  return body;
}

function tableOf(numbers: readonly (string | Uint8Array)[]): Buffer {
  const WIDTH = 20;
  const table = Buffer.alloc(65 + (WIDTH + 1) * numbers.length + 1, 0x20);
  table.fill(0, 0, 65);
  table[0] = 3;
  table.writeUInt32LE(numbers.length, 4);
  table.writeUInt16LE(65, 8);
  table.writeUInt16LE(WIDTH + 1, 10);
  table.write('PARCEL_NO', 32);
  table.write('C', 43);
  table[48] = WIDTH;
  table[64] = 0x0d;
  for (const [i, number] of numbers.entries()) Buffer.from(number).copy(table, 65 + (WIDTH + 1) * i + 1);
  table[table.length - 1] = 0x1a;
  return table;
}
