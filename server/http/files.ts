/**
 * How the fate of a file's lines is answered: each refused line with its code, its place and what to do, and what a dry
 * run says: the columns, the settings as they count, and the first rows as they were understood.
 */
import { z } from 'zod';
import type { Preview } from '../desk/fileOutcome.ts';
import type { Refusal } from '../domain/base/refusal.ts';
import type { Warning } from '../domain/base/warning.ts';
import type { FileSettings } from '../domain/files/settings.ts';
import type { Answer } from './route.ts';

/** More is a resource to be read in parts, not an answer. */
const LINES_SHOWN_MAX = 20_000;

/** What a file is, is seen by its bytes; these are what clients call it. */
export const MAP_TYPES = [
  'application/geo+json',
  'application/json',
  'application/zip',
  'application/x-zip-compressed',
  'application/vnd.google-earth.kml+xml',
  'application/vnd.google-earth.kmz',
  'text/csv',
  'text/plain',
  'application/octet-stream',
];
export const TABLE_TYPES = [
  'text/csv',
  'text/tab-separated-values',
  'text/plain',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'application/vnd.ms-excel',
  'application/octet-stream',
];

const line = z.object({
  line: z.int().optional(),
  feature: z.int().optional().meta({ description: '1-based, where the file is a map' }),
  field: z.string().optional(),
  code: z.string(),
  message: z.string(),
  remedy: z.string().optional(),
  answers: z
    .array(z.string())
    .optional()
    .meta({ description: 'Where it is a question: what may be answered in `settings`' }),
});

export const refusedLines = z.array(line);
export const refusedTotal = z
  .int()
  .meta({ description: 'Of all that was refused; `refused` lists the first 20,000' });

export const sheetRead = z
  .string()
  .optional()
  .meta({ description: 'Of a workbook: the sheet that was read, and no other' });

export const previewBody = z.object({
  dryRun: z.literal(true),
  read: z.int(),
  good: z.int().meta({ description: 'Lines that would be taken' }),
  columns: z
    .record(z.string(), z.string())
    .meta({ description: 'Of each field the column that is read as it: correct it with `settings.columns`' }),
  present: z.array(z.string()).meta({ description: 'All columns of the file' }),
  sheet: sheetRead,
  settings: z.unknown().meta({ description: 'Profile, `settings` and query in one, as they count' }),
  areaUnit: z.string().optional(),
  rows: z.array(z.unknown()).meta({ description: 'The first rows, as they were understood' }),
  refused: refusedLines,
  refusedTotal,
  warnings: refusedLines,
});

interface FileRead {
  readonly read: number;
  readonly refused: readonly Refusal[];
  readonly refusedTotal: number;
  readonly warnings: readonly Warning[];
}

/** 200 when anything of the file was taken, or nothing was wrong; what was not is in the answer. */
export function fileAnswer(
  { read, refused, refusedTotal: total, warnings }: FileRead,
  taken: Readonly<Record<string, unknown>>,
): Answer {
  return {
    status: 200,
    body: {
      read,
      ...taken,
      refused: refused.slice(0, LINES_SHOWN_MAX).map(refusedLine),
      refusedTotal: total,
      warnings: warnings.slice(0, LINES_SHOWN_MAX).map(warningLine),
    },
    isLong: true,
  };
}

function refusedLine({ code, message, place, row }: Refusal) {
  const { remedy, answers } = row;
  return { ...place, code, message, remedy, ...(answers && { answers }) };
}

/** What a dry run answers. */
export function previewAnswer(preview: Preview, settings: FileSettings): Answer {
  const { refused, warnings, ...read } = preview;
  const body = {
    dryRun: true,
    ...read,
    settings,
    refused: refused.map(refusedLine),
    warnings: warnings.map(warningLine),
  };
  // the first rows of a file of people are of people
  return { status: 200, body, headers: { 'Cache-Control': 'no-store' }, isLong: true };
}

function warningLine({ code, message, place }: Warning) {
  return { ...place, code, message };
}

interface LineShown {
  readonly line?: number;
  readonly feature?: number;
  readonly field?: string;
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** For a spreadsheet. The one text that is not ours is a column's name: it must not be taken for a formula. */
export function csvOfLines(lines: readonly LineShown[], total: number): string {
  const quoted = (text: string) => `"${text.replace(/^(?=[=+@\t\r-])/, "'").replaceAll('"', '""')}"`;
  const rowOf = ({ line, field = '', code, message, remedy }: LineShown) =>
    [line ?? '', quoted(field), code, quoted(message), quoted(remedy)].join(',');
  const cut = [
    ...(total > lines.length
      ? [
          `,,list-cut,"The first ${lines.length} of ${total} are listed.","Mend these and send the file again."`,
        ]
      : []),
  ];
  return ['line,field,code,message,remedy', ...lines.map(rowOf), ...cut, ''].join('\r\n');
}
