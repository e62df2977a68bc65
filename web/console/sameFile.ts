/**
 * The lines of a file that were refused, as a file like it with one column more: why each was. Sent again once they are mended,
 * it touches those lines and no others.
 *
 * Promises: every line stands as it was written, quotes and all, under the names of the columns that the file had; a workbook
 * is no text and is answered with `undefined`. Pure.
 */
import { readRows, SEPARATORS, type TextTerms } from '../../server/domain/files/csv.ts';
import { decodeText } from '../../server/domain/files/text.ts';

interface Found {
  readonly line: number;
  readonly width: number;
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
  const rows = rowsOf(bytes, terms);
  const written = decodeText(bytes, terms.charset).split(/\r\n|\n|\r/);
  const above = rows.filter(({ line }) => line < firstLine);
  const names = above.at(-1);
  const textOf = ({ line }: Found): string => {
    const next = rows[rows.findIndex((row) => row.line === line) + 1]?.line ?? written.length + 1;
    return written
      .slice(line - 1, next - 1)
      .join('\r\n')
      .trimEnd();
  };
  const separator =
    terms.separator ?? separatorOf(names === undefined ? '' : textOf(names), names?.width ?? 0);
  const kept = rows.filter(({ line }) => line >= firstLine && reasons.has(line));
  const lines = [
    ...above.map((row) => (row === names ? `${textOf(row)}${separator}${quoted(head)}` : textOf(row))),
    ...kept.map((row) => `${textOf(row)}${separator}${quoted(reasons.get(row.line) ?? '')}`),
  ];
  // Spreadsheets read a text as UTF-8 where it says so at its beginning.
  return `\ufeff${lines.join('\r\n')}\r\n`;
}

function rowsOf(bytes: Uint8Array, terms: TextTerms): readonly Found[] {
  const rows: Found[] = [];
  return readRows(bytes, terms, {
    consume: (row, line) => rows.push({ line, width: row.length }),
    finish: (fault) => {
      if (fault !== undefined) throw fault;
      return rows;
    },
  });
}

/** The one that parts the names of the columns into as many as were read. */
const separatorOf = (names: string, width: number): string =>
  SEPARATORS.find((one) => width > 1 && names.split(one).length === width) ?? ';';

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
