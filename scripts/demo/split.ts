/** Stakes a parcel out anew, as a surveyor would: strips between lines that run from south to north. */
import GeometryFactory from 'jsts/org/locationtech/jts/geom/GeometryFactory.js';
import GeoJSONReader from 'jsts/org/locationtech/jts/io/GeoJSONReader.js';
import GeoJSONWriter from 'jsts/org/locationtech/jts/io/GeoJSONWriter.js';
import OverlayOp from 'jsts/org/locationtech/jts/operation/overlay/OverlayOp.js';
import { readParcels } from '../../server/domain/parcels.ts';

export interface Plan {
  /** Three strips. */
  readonly divided: string;
  /** The second and the third of them as one. */
  readonly joined: string;
  /** Numbers of the two that are joined. */
  readonly joining: readonly string[];
}

interface ParcelFeature {
  readonly type: 'Feature';
  readonly properties: Readonly<Record<string, unknown>>;
  readonly geometry: { readonly type: string; readonly coordinates: unknown };
}

const NOT_A_SURVEY = 'a parcel that is not in its file';

/** How the parcel of this number can be divided in three and two of them joined; undefined where a strip is no parcel. */
export function stakedOut(file: Uint8Array, number: string): Plan | undefined {
  const { features } = JSON.parse(new TextDecoder().decode(file)) as { features: ParcelFeature[] };
  const hasNumber = ([, value]: [string, unknown]) => String(value).trim() === number;
  const feature = features.find(({ properties }) => Object.entries(properties).some(hasNumber));
  const [numberField] = Object.entries(feature?.properties ?? {}).find(hasNumber) ?? [];
  if (feature === undefined || numberField === undefined) throw new Error(NOT_A_SURVEY);
  const strip = stripsOf(feature);
  const parcel = (name: string, from: number, to: number) => ({
    type: 'Feature',
    properties: { [numberField]: `${number}/${name}` },
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
function stripsOf({ geometry }: ParcelFeature): (from: number, to: number) => object {
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
