/** Small parcel files for the tests of their readers. */

type Corner = readonly number[];

export function square(x: number, y: number, side = 0.001): Corner[] {
  return [
    [x, y],
    [x + side, y],
    [x + side, y + side],
    [x, y + side],
    [x, y],
  ];
}

export function feature(number: unknown, coordinates: unknown, more: object = {}, type = 'Polygon'): string {
  const properties = { parcel_no: number, ...more };
  return JSON.stringify({ type: 'Feature', properties, geometry: { type, coordinates } });
}

/** Features from line 2 on. */
export function collection(features: readonly string[], more = ''): string {
  return `{ "type": "FeatureCollection", ${more} "features": [\n${features.join(',\n')}\n]}`;
}
