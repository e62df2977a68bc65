/** Stakes a parcel out anew, as a surveyor would: strips between lines that run from south to north. */
import GeometryFactory from 'jsts/org/locationtech/jts/geom/GeometryFactory.js';
import GeoJSONReader from 'jsts/org/locationtech/jts/io/GeoJSONReader.js';
import GeoJSONWriter from 'jsts/org/locationtech/jts/io/GeoJSONWriter.js';
import OverlayOp from 'jsts/org/locationtech/jts/operation/overlay/OverlayOp.js';
import { geoJsonOf } from '../../server/domain/survey/geometry.ts';
import { type Parcel, readParcels } from '../../server/domain/survey/parcels.ts';

export interface Plan {
  /** Three strips. */
  readonly divided: string;
  /** The second and the third of them as one. */
  readonly joined: string;
  /** Numbers of the two that are joined. */
  readonly joining: readonly string[];
}

/** A name of the number's column that every office's file may have. */
const NUMBER_COLUMN = 'parcel_no';

/** How a parcel of a file can be divided in three and two of them joined; undefined where a strip is no parcel. */
export function stakedOut({ number, units }: Parcel): Plan | undefined {
  const coordinates = units.map(({ polygon }) => geoJsonOf(polygon).coordinates);
  const strip = stripsOf({ type: 'MultiPolygon', coordinates });
  const parcel = (name: string, from: number, to: number) => ({
    type: 'Feature',
    properties: { [NUMBER_COLUMN]: `${number}/${name}` },
    geometry: strip(from, to),
  });
  const collection = (...parcels: object[]) =>
    JSON.stringify({ type: 'FeatureCollection', features: parcels });
  const plan: Plan = {
    divided: collection(parcel('1', 0, 1 / 3), parcel('2', 1 / 3, 2 / 3), parcel('3', 2 / 3, 1)),
    joined: collection(parcel('4', 1 / 3, 1)),
    joining: [`${number}/2`, `${number}/3`],
  };
  const isSound = [plan.divided, plan.joined].every((text) => readParcels(text).refused.length === 0);
  return isSound ? plan : undefined;
}

/** The part of a parcel between two shares of its width. */
function stripsOf(geometry: object): (from: number, to: number) => object {
  const factory = new GeometryFactory();
  const whole = new GeoJSONReader(factory).read(geometry);
  const box = whole.getEnvelopeInternal();
  const [west, width] = [box.getMinX(), box.getMaxX() - box.getMinX()];
  const [south, north] = [box.getMinY(), box.getMaxY()];
  const at = (share: number) => west + width * share;
  return (from, to) => {
    const ring = [
      [at(from), south],
      [at(to), south],
      [at(to), north],
      [at(from), north],
      [at(from), south],
    ];
    const strip = new GeoJSONReader(factory).read({ type: 'Polygon', coordinates: [ring] });
    return new GeoJSONWriter().write(OverlayOp.intersection(whole, strip));
  };
}
