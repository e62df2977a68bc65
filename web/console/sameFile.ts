/**
 * The lines of a file that were refused, as a file like it with one column more: why each was. Sent again once they are mended,
 * it touches those lines and no others.
 *
 * Promises: every line stands as it was written, quotes and empty cells and all, under the names of the columns that the file
 * had, but for cells that a spreadsheet would take for a formula: those stand behind an apostrophe, with which they are read as they were; a workbook is no text and is answered with `undefined`. Pure.
 */
import { cellWritten, readRows, type Separator, type TextTerms } from '../../server/domain/files/csv.ts';

interface Found {
  readonly line: number;
  readonly text: string;
}

/** How the bytes of the workbooks begin that spreadsheets write. */
const WORKBOOKS = [
  [0x50, 0x4b, 0x03, 0x04],
  [0xd0, 0xcf, 0x11, 0xe0],
] as const;

/** `firstLine` is the first one that is no name of a column; `reasons` are by line, and `head` is what their column is called. */
export function sameFileOf(
  bytes: Uint8Array,
  terms: TextTerms,
  firstLine: number,
  reasons: ReadonlyMap<number, string>,
  head: string,
): string | undefined {
  if (WORKBOOKS.some((start) => start.every((byte, i) => bytes[i] === byte))) return undefined;
  const { rows, separator } = rowsOf(bytes, terms);
  const above = rows.filter(({ line }) => line < firstLine);
  const names = above.at(-1);
  const kept = rows.filter(({ line }) => line >= firstLine && reasons.has(line));
  const lines = [
    ...above.map((row) => (row === names ? `${row.text}${separator}${quoted(head)}` : row.text)),
    ...kept.map(({ line, text }) => `${text}${separator}${quoted(reasons.get(line) ?? '')}`),
  ];
  // Spreadsheets read a text as UTF-8 where it says so at its beginning.
  return `\ufeff${lines.join('\r\n')}\r\n`;
}

/** As the reader of files parts them, so that a line has the number here that it was refused by. */
function rowsOf(
  bytes: Uint8Array,
  terms: TextTerms,
): { readonly rows: readonly Found[]; readonly separator: Separator } {
  const rows: Found[] = [];
  let text = '';
  let separator: Separator = ';';
  return readRows(bytes, terms, {
    written: (row, cutBy) => {
      text = row.replaceAll(/\r\n|\n|\r/g, '\r\n');
      separator = cutBy;
    },
    consume: (cells, line) => {
      const isSafe = cells.every((cell) => cellWritten(cell) === cell);
      rows.push({ line, text: isSafe ? text : cells.map(quoted).join(separator) });
    },
    finish: (fault) => {
      if (fault !== undefined) throw fault;
      return { rows, separator };
    },
  });
}

const quoted = (text: string): string => `"${cellWritten(text).replaceAll('"', '""')}"`;
