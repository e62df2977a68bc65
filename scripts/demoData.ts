/**
 * A village that does not exist: the files `kudurru demo` registers and enrols when it is given none.
 *
 * Promises: the same seed gives the same bytes; everything says that it is synthetic, the land lies in the open
 * sea, the phones have a calling code nobody has; a few lines are wrong on purpose, one of each kind listed in
 * `DEMO_MISTAKES`, so that a demonstration shows refusals too. No clock, no files.
 */
import { areaM2 } from '../server/domain/survey/geometry.ts';
import type { Polygon, Ring } from '../server/domain/survey/parcelAlias.ts';

/** Code of each refusal the files provoke, with the number of lines that it is said of. */
export const DEMO_MISTAKES = {
  parcels: {
    'parcel-number-repeated': 2,
    'parcel-overlaps': 2,
    'parcel-too-small': 1,
    'shape-crosses-itself': 1,
    'ring-not-closed': 1,
  },
  registrations: { 'national-id-repeated': 2, 'units-not-positive': 1, 'units-not-whole': 1 },
} as const;

export interface DemoSize {
  readonly seed?: number;
  readonly count?: number;
}

/** A GeoJSON feature collection, one parcel a line. */
export function demoParcels({ seed = 1, count = 200 }: DemoSize = {}): string {
  const random = mulberry(seed);
  const plots = village(count, random);
  const features = plots.map((parts, i) => feature(`${NUMBER_PREFIX}${i + 1}`, parts, random));
  return [
    '{ "type": "FeatureCollection", "name": "synthetic village",',
    '"crs": { "type": "name", "properties": { "name": "urn:ogc:def:crs:OGC:1.3:CRS84" } },',
    '"features": [',
    [...features, ...mistakenFeatures(random)].join(',\n'),
    ']}\n',
  ].join('\n');
}

/** A CSV with semicolons. */
export function demoRegistrations({ seed = 1, count = 150 }: DemoSize = {}): string {
  const random = mulberry(seed);
  const rows = Array.from({ length: count }, (_, i) => personRow(i + 1, random));
  const mistakes = [
    `DEMO-TWICE;${personRow(count + 1, random)}`,
    `DEMO-TWICE;${personRow(count + 2, random)}`,
    `DEMO-NEGATIVE;${personRow(count + 3, random, '-3')}`,
    `DEMO-FRACTION;${personRow(count + 4, random, '2.5')}`,
  ];
  return [
    'nationalId;phoneNumber;totalHHSize;fullName;preferredLanguage;gender;age;village',
    ...rows.map((row, i) => `${(i + 1) % WITHOUT_ID_EVERY === 0 ? '' : `DEMO-${padded(i + 1)}`};${row}`),
    ...mistakes,
    '',
  ].join('\r\n');
}

/** One person in so many has no document, and is enrolled like everybody (AA6). */
const WITHOUT_ID_EVERY = 12;
/** One household in so many shares the phone of the one before. */
const SHARED_PHONE_EVERY = 40;
const NUMBER_PREFIX = 'Synthetic/';
const LANGUAGES = ['en', 'fr', 'ar', 'sw'];

function personRow(i: number, random: () => number, units?: string): string {
  const phone = i % SHARED_PHONE_EVERY === 0 ? i - 1 : i;
  const people = units ?? String(1 + Math.floor(random() * 9));
  const language = LANGUAGES[Math.floor(random() * LANGUAGES.length)] ?? 'en';
  const sex = random() < 0.55 ? 'female' : 'male';
  const age = 18 + Math.floor(random() * 70);
  return `+9990${padded(phone)};${people};Synthetic Person ${padded(i)};${language};${sex};${age};Synthetic Village`;
}

function padded(i: number): string {
  return String(i).padStart(6, '0');
}

/** Off every coast, so that no real parcel can be meant. */
const ORIGIN = [0.05, 0.05] as const;
const METRES_A_DEGREE = 111_320;
const PLOT_M = 32;
const ROAD_M = 9;
const BLOCK = 5;
/** A corner strays by up to this much of a plot's side, which keeps every plot simple. */
const STRAY = 0.2;
/** One parcel in so many has a second part, across the road. */
const SECOND_PART_EVERY = 20;

/** Plots in blocks with roads around them; the plots of a block share their corners exactly. */
function village(count: number, random: () => number): Polygon[][] {
  const cells: Polygon[] = [];
  const cellsNeeded = count + Math.floor(count / SECOND_PART_EVERY);
  const blocksAcross = Math.ceil(Math.sqrt(cellsNeeded) / BLOCK);
  const pitch = BLOCK * PLOT_M + ROAD_M;
  for (let block = 0; cells.length < cellsNeeded; block++) {
    cells.push(...blockAt((block % blocksAcross) * pitch, Math.floor(block / blocksAcross) * pitch, random));
  }
  const spare = cells.slice(count, cellsNeeded);
  return cells.slice(0, count).map((cell, i) => {
    const second = (i + 1) % SECOND_PART_EVERY === 0 ? spare[(i + 1) / SECOND_PART_EVERY - 1] : undefined;
    return second === undefined ? [cell] : [cell, second];
  });
}

function blockAt(east: number, north: number, random: () => number): Polygon[] {
  const stray = (i: number) => (i > 0 && i < BLOCK ? (random() * 2 - 1) * STRAY : 0);
  const corners = Array.from({ length: (BLOCK + 1) ** 2 }, (_, at) => {
    const [column, row] = [at % (BLOCK + 1), Math.floor(at / (BLOCK + 1))];
    return position(east + (column + stray(column)) * PLOT_M, north + (row + stray(row)) * PLOT_M);
  });
  return Array.from({ length: BLOCK ** 2 }, (_, cell): Polygon => {
    const at = Math.floor(cell / BLOCK) * (BLOCK + 1) + (cell % BLOCK);
    const around = [at, at + 1, at + BLOCK + 2, at + BLOCK + 1, at];
    return [around.flatMap((corner) => corners[corner] ?? [])];
  });
}

/** Metres from the origin, in degrees as an office would write them. */
function position(east: number, north: number): [longitude: number, latitude: number] {
  return [degrees(ORIGIN[0], east), degrees(ORIGIN[1], north)];
}

function degrees(from: number, metres: number): number {
  return Math.round((from + metres / METRES_A_DEGREE) * 1e9) / 1e9;
}

function feature(number: string, parts: readonly Polygon[], random: () => number): string {
  const coordinates = parts.map((rings) => rings.map(positions));
  // an old deed now and then states another area than the survey finds
  const stated = (areaM2(parts) / 10_000) * (random() < 0.03 ? 1.1 : 1);
  return JSON.stringify({
    type: 'Feature',
    properties: { parcel_no: number, sheet_no: '1', area_ha: stated.toFixed(4), synthetic: true },
    geometry: { type: 'MultiPolygon', coordinates },
  });
}

function positions(ring: Ring): number[][] {
  return Array.from({ length: ring.length / 2 }, (_, i) => ring.slice(2 * i, 2 * i + 2));
}

type Corners = readonly (readonly [x: number, y: number])[];

const BOW_TIE: Corners = [
  [0, 0],
  [30, 30],
  [30, 0],
  [0, 20],
  [0, 0],
];

function square(side: number, x = 0): Corners {
  return [
    [x, 0],
    [x + side, 0],
    [x + side, side],
    [x, side],
    [x, 0],
  ];
}

/** South of the village, one of each kind of mistake. */
function mistakenFeatures(random: () => number): string[] {
  const drawn = (number: string, place: number, corners: Corners) => {
    const ring = corners.flatMap(([x, y]) => position(place * 100 + x, y - 200));
    return feature(`${NUMBER_PREFIX}${number}`, [[ring]], random);
  };
  return [
    drawn('twice', 0, square(30)),
    drawn('twice', 1, square(20)),
    drawn('overlapping', 2, square(30)),
    drawn('overlapped', 2, square(30, 28)),
    drawn('too-small', 3, square(0.5)),
    drawn('crossed', 4, BOW_TIE),
    drawn('open', 5, square(30).slice(0, -1)),
  ];
}

/** A small generator whose sequence is the same everywhere (mulberry32). */
function mulberry(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
