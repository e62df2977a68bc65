/** How the fate of a file's lines is answered: each refused line with its code, its place and what to do. */
import { z } from 'zod';
import type { Refusal } from '../domain/base/refusal.ts';
import type { Warning } from '../domain/base/warning.ts';
import type { Answer } from './route.ts';

/** More is a resource to be read in parts, not an answer. */
const LINES_SHOWN_MAX = 20_000;

const line = z.object({
  line: z.int().optional(),
  field: z.string().optional(),
  code: z.string(),
  message: z.string(),
  remedy: z.string().optional(),
});

export const refusedLines = z.array(line);

interface FileRead {
  readonly read: number;
  readonly refused: readonly Refusal[];
  readonly warnings: readonly Warning[];
}

/** 200 when anything of the file was taken, or nothing was wrong; what was not is in the answer. */
export function fileAnswer(
  { read, refused, warnings }: FileRead,
  taken: Readonly<Record<string, unknown>>,
): Answer {
  return {
    status: 200,
    body: {
      read,
      ...taken,
      refused: refused.slice(0, LINES_SHOWN_MAX).map(refusedLine),
      warnings: warnings
        .slice(0, LINES_SHOWN_MAX)
        .map(({ code, message, place }) => ({ ...place, code, message })),
    },
  };
}

function refusedLine({ code, message, place, row }: Refusal) {
  return { ...place, code, message, remedy: row.remedy };
}

interface LineShown {
  readonly line?: number;
  readonly field?: string;
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** For a spreadsheet. The one text that is not ours is a column's name: it must not be taken for a formula. */
export function csvOfLines(lines: readonly LineShown[]): string {
  const quoted = (text: string) => `"${text.replace(/^(?=[=+@\t\r-])/, "'").replaceAll('"', '""')}"`;
  const rowOf = ({ line, field = '', code, message, remedy }: LineShown) =>
    [line ?? '', quoted(field), code, quoted(message), quoted(remedy)].join(',');
  return ['line,field,code,message,remedy', ...lines.map(rowOf), ''].join('\r\n');
}
