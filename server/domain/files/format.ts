/**
 * What a file is, by its first bytes and never by its name.
 *
 * Promises: text is text whatever a client called it; a format that is not read is named, so that its remedy fits. Pure.
 */
import { unmarkedUtf16 } from './text.ts';
import { isZip, type ZipEntry, zipEntries } from './zip.ts';

export type FileFormat =
  | { readonly kind: 'text' }
  | { readonly kind: 'kml' }
  | { readonly kind: 'workbook'; readonly entries: readonly ZipEntry[] }
  | { readonly kind: 'shapefile'; readonly entries: readonly ZipEntry[] }
  | { readonly kind: 'kmz'; readonly entries: readonly ZipEntry[] }
  /** `name` as a message says it. */
  | { readonly kind: 'other'; readonly name: string };

/** First bytes, each as a character of Latin-1. */
const MAGIC: readonly (readonly [string, string])[] = [
  ['SQLite format 3\0', 'a GeoPackage or SQLite database'],
  ['\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'an old Excel workbook (.xls) or a protected one'],
  ['%PDF-', 'a PDF'],
  ['{\\rtf', 'an RTF document'],
  ['AC10', 'an AutoCAD drawing (DWG)'],
  ['\0\0\x27\n', 'one file of a Shapefile, which is read as a zip of all its files'],
  ['\x89PNG', 'an image'],
  ['\xff\xd8\xff', 'an image'],
  ['II*\0', 'an image'],
  ['MM\0*', 'an image'],
  ['PAR1', 'a Parquet file'],
  ['\x1f\x8b', 'a gzip archive'],
  ['Rar!', 'an archive'],
  ['7z\xbc\xaf', 'an archive'],
];
const BEGINNINGS: readonly (readonly [RegExp, string])[] = [
  [/^\s*0\r?\n\s*SECTION\r?\n/, 'an AutoCAD exchange file (DXF)'],
  [/^Version\s+\d+\r?\nCharset\s/i, 'a MapInfo interchange file (MIF)'],
  [/^!table\r?\n/i, 'a MapInfo table (TAB)'],
];
const HEAD_BYTES = 1_024;

export function formatOf(bytes: Uint8Array): FileFormat {
  if (isZip(bytes)) return formatOfZip(zipEntries(bytes));
  const head = headOf(bytes);
  const other =
    MAGIC.find(([magic]) => head.startsWith(magic)) ?? BEGINNINGS.find(([beginning]) => beginning.test(head));
  if (other !== undefined) return { kind: 'other', name: other[1] };
  if (!/^[\xef\xbb\xbf\ufeff\s]*</.test(head)) return { kind: 'text' };
  if (/<(?:kml:)?kml[\s>]/i.test(head)) return { kind: 'kml' };
  if (/<(?:\w+:)?(?:FeatureCollection|LandXML)[\s>]|opengis\.net\/gml/i.test(head))
    return { kind: 'other', name: 'GML, LandXML or INTERLIS' };
  return { kind: 'other', name: /<html|<table|<!doctype/i.test(head) ? 'a web page' : 'XML' };
}

/** Each byte as a character of Latin-1; of UTF-16, its characters. */
function headOf(bytes: Uint8Array): string {
  const start = bytes.subarray(0, HEAD_BYTES);
  if (start[0] === 0xff && start[1] === 0xfe) return new TextDecoder('utf-16le').decode(start);
  if (start[0] === 0xfe && start[1] === 0xff) return new TextDecoder('utf-16be').decode(start);
  const unmarked = unmarkedUtf16(bytes);
  return unmarked === undefined ? String.fromCharCode(...start) : new TextDecoder(unmarked).decode(start);
}

function formatOfZip(entries: readonly ZipEntry[]): FileFormat {
  const has = (ending: RegExp) => entries.some(({ name }) => ending.test(name));
  if (has(/^xl\/workbook\.xml$/)) return { kind: 'workbook', entries };
  if (has(/\.shp$/i)) return { kind: 'shapefile', entries };
  if (has(/\.kml$/i)) return { kind: 'kmz', entries };
  if (has(/^content\.xml$/)) return { kind: 'other', name: 'an OpenDocument file' };
  if (has(/^word\//)) return { kind: 'other', name: 'a Word document' };
  if (has(/\.gdb\//i)) return { kind: 'other', name: 'an Esri file geodatabase' };
  return { kind: 'other', name: 'a zip archive of other files' };
}
