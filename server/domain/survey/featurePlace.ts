/** Where in a file of parcels something stands, as refusals and warnings say it. Pure. */

export interface FeaturePlace {
  readonly line: number;
  readonly feature: number;
  /** The feature's JSON pointer. */
  readonly pointer: string;
}

export function at({ line, feature, pointer }: FeaturePlace, field = '') {
  return { line, feature, field: `${pointer}${field}` };
}

export function propertyOf(column: string): string {
  return `/properties/${escaped(column)}`;
}

/** As a JSON pointer writes a name. */
export function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
