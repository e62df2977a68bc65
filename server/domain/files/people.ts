/**
 * A table of people or entitlements in whatever an office keeps tables in: CSV in any of its shapes, or a workbook.
 *
 * Promises: the sheet that is read is told before its rows; a row of a workbook is judged as the same row of a CSV file
 * would be, at the line its spreadsheet shows; a date comes out as ISO 8601, and nothing is calculated. Pure; the thread
 * that reads files calls it.
 */
import { Refusal, refusal } from '../base/refusal.ts';
import { warning } from '../base/warning.ts';
import { type RowConsumer, readRows, type SheetAbout } from './csv.ts';
import { formatOf } from './format.ts';
import type { FileSettings } from './settings.ts';
import { sheetOf } from './workbook.ts';

/** A profile may name a sheet, and its office send the same list as CSV. */
const NO_WORKBOOK: SheetAbout = {
  name: undefined,
  isHiddenColumn: () => false,
  warnings: [warning('sheet-of-no-workbook', {}, {})],
};

const HEAD_BYTES = 512;

/** Text that is no table, whatever stands between its commas. */
function otherText(bytes: Uint8Array): string | undefined {
  const head = new TextDecoder().decode(bytes.subarray(0, HEAD_BYTES)).trimStart();
  if (/^\{\s*"type"\s*:\s*"Feature/.test(head)) return 'a map (GeoJSON)';
  if (/^(?:\[\s*)?\{\s*"[^"]*"\s*:/.test(head)) return 'JSON';
  return /^BEGIN:VCARD/i.test(head) ? 'a list of contacts (vCard)' : undefined;
}

export async function readTable<Result>(
  bytes: Uint8Array<ArrayBuffer>,
  settings: FileSettings,
  consumer: RowConsumer<Result>,
): Promise<Result> {
  try {
    const format = formatOf(bytes);
    if (format.kind === 'text') {
      const other = otherText(bytes);
      if (other !== undefined) throw refusal('table-format-other', { format: other });
      if (settings.sheet !== undefined) consumer.about?.(NO_WORKBOOK);
      return readRows(bytes, settings, consumer);
    }
    if (format.kind !== 'workbook') {
      const name = format.kind === 'other' ? format.name : `a map (${format.kind})`;
      throw refusal('table-format-other', { format: name });
    }
    const { about, rows } = await sheetOf(bytes, format.entries, settings.sheet);
    consumer.about?.(about);
    for (const { cells, line, marks } of rows) {
      if (cells.some((cell) => cell !== '')) consumer.consume(cells, line, marks);
    }
    return consumer.finish();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return consumer.finish(error);
  }
}
