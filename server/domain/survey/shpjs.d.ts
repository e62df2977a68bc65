/** The two readers of shpjs that are used; the package has no types of its own. */
declare module 'shpjs' {
  export function parseShp(shp: DataView): (object | null)[];
  export function parseDbf(dbf: DataView, encoding?: string): Record<string, unknown>[];
}
