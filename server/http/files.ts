/** How the fate of a file's lines is answered: each refused line with its code, its place and what to do. */
import { z } from 'zod';
import type { Refusal } from '../domain/refusal.ts';
import type { Warning } from '../domain/warning.ts';
import type { Answer } from './route.ts';

/** More is a resource to be read in parts, not an answer. */
export const LINES_SHOWN_MAX = 20_000;

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

export function refusedLine({ code, message, place, row }: Refusal) {
  return { ...place, code, message, remedy: row.remedy };
}
