/**
 * A table of people or entitlements in whatever an office keeps tables in: CSV in any of its shapes, or a workbook.
 *
 * Promises: the sheet that is read is told before its rows; a row of a workbook is judged as the same row of a CSV file would be, at the line its spreadsheet shows;
 * a date comes out as ISO 8601, and nothing is calculated. Pure; the thread that reads files calls it.
 */
import readWorkbook from 'read-excel-file/universal';
import { Refusal, refusal } from '../base/refusal.ts';
import { type RowConsumer, readRows } from './csv.ts';
import { formatOf } from './format.ts';
import type { FileSettings } from './settings.ts';

/** A workbook of a million rows has a million; no sheet has more. */
const MAX_SHEET_ROWS = 1_048_576;

export async function readTable<Result>(
  bytes: Uint8Array<ArrayBuffer>,
  settings: FileSettings,
  consumer: RowConsumer<Result>,
  onSheet: (name: string) => void = () => {},
): Promise<Result> {
  try {
    const format = formatOf(bytes);
    if (format.kind === 'text') return readRows(bytes, settings, consumer);
    if (format.kind !== 'workbook') {
      const name = format.kind === 'other' ? format.name : `a map (${format.kind})`;
      throw refusal('table-format-other', { format: name });
    }
    const { sheet, data } = await sheetOf(bytes, settings.sheet);
    onSheet(sheet);
    for (const [i, row] of data.entries()) {
      const cells = row.map(cellOf);
      if (cells.some((cell) => cell !== '')) consumer.consume(cells, i + 1);
    }
    return consumer.finish();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return consumer.finish(error);
  }
}

async function sheetOf(bytes: Uint8Array<ArrayBuffer>, sheet: string | undefined) {
  const sheets = await readWorkbook(new Blob([bytes])).catch(() => {
    throw refusal('format-damaged', { format: 'a workbook' });
  });
  const found = sheet === undefined ? sheets[0] : sheets.find((one) => one.sheet === sheet);
  if (found === undefined) throw refusal('sheet-missing');
  if (found.data.length > MAX_SHEET_ROWS) throw refusal('file-too-many-lines', { limit: MAX_SHEET_ROWS });
  return found;
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString().replace(/T00:00:00\.000Z$/, '');
  return String(value).trim();
}
