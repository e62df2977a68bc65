/** Divides a parcel's feature in two along a north-south line through its middle, as a surveyor would stake it. */
import GeometryFactory from 'jsts/org/locationtech/jts/geom/GeometryFactory.js';
import GeoJSONReader from 'jsts/org/locationtech/jts/io/GeoJSONReader.js';
import GeoJSONWriter from 'jsts/org/locationtech/jts/io/GeoJSONWriter.js';
import OverlayOp from 'jsts/org/locationtech/jts/operation/overlay/OverlayOp.js';

interface ParcelFeature {
  readonly type: 'Feature';
  readonly properties: Readonly<Record<string, unknown>>;
  readonly geometry: { readonly type: string; readonly coordinates: unknown };
}

/** A feature collection of the two halves of the parcel that has this number, numbered after it. */
export function divided(file: Uint8Array, number: string): string {
  const { features } = JSON.parse(new TextDecoder().decode(file).replace(/^\ufeff/, '')) as {
    features: ParcelFeature[];
  };
  const hasNumber = ([, value]: [string, unknown]) => String(value).trim() === number;
  const feature = features.find(({ properties }) => Object.entries(properties).some(hasNumber));
  const [numberField] = Object.entries(feature?.properties ?? {}).find(hasNumber) ?? [];
  if (feature === undefined || numberField === undefined) throw new Error('a parcel that is not in its file');
  const whole = new GeoJSONReader(new GeometryFactory()).read(feature.geometry);
  const box = whole.getEnvelopeInternal();
  const middle = (box.getMinX() + box.getMaxX()) / 2;
  const half = (west: number, east: number) => {
    const [south, north] = [box.getMinY(), box.getMaxY()];
    const ring = [
      [west, south],
      [east, south],
      [east, north],
      [west, north],
      [west, south],
    ];
    const side = new GeoJSONReader(new GeometryFactory()).read({ type: 'Polygon', coordinates: [ring] });
    return new GeoJSONWriter().write(OverlayOp.intersection(whole, side));
  };
  const halves = [half(box.getMinX(), middle), half(middle, box.getMaxX())];
  const children = halves.map((geometry, i) => ({
    type: 'Feature',
    properties: { [numberField]: `${number}/${i + 1}` },
    geometry,
  }));
  return JSON.stringify({ type: 'FeatureCollection', features: children });
}
