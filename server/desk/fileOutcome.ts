/** What a file that a thread read comes back as: refusals made anew, whole files thrown. For the desks that take files. */
import { type Refusal, Refusals } from '../domain/base/refusal.ts';
import type { Warning } from '../domain/base/warning.ts';
import {
  type Answers,
  answersNotAsked,
  type FileAnswer,
  isAskedInReading,
  QUESTIONS,
} from '../domain/files/answers.ts';
import type { LinesCounted } from '../domain/files/registrations.ts';
import type { SubjectRef } from '../domain/people/schema.ts';
import type { TaskOffice } from '../threads/fileReader.ts';
import { type FileRead, type Part, refusalOf } from '../threads/messages.ts';

/** A file as it would be read; nothing was kept. */
export interface Preview {
  readonly read: number;
  readonly good: number;
  readonly columns: FileRead['columns'];
  readonly present: readonly string[];
  readonly sheet: FileRead['sheet'];
  readonly rows: readonly object[];
  readonly areaUnit: FileRead['areaUnit'];
  readonly refused: readonly Refusal[];
  /** Of all, where the list has the first of them. */
  readonly refusedTotal: number;
  readonly warnings: readonly Warning[];
}

export function previewOf({
  read,
  good,
  columns,
  present,
  sheet,
  rows,
  areaUnit,
  refused,
  refusedTotal,
  warnings,
}: FileRead): Preview {
  const made = refused.map(refusalOf);
  return { read, good, columns, present, sheet, rows, areaUnit, refused: made, refusedTotal, warnings };
}

/** With what the reading found beyond the first that it told of. */
export function totalOf(told: FileRead, refused: readonly Refusal[]): number {
  return told.refusedTotal - told.refused.length + refused.length;
}

/** Throws what the whole file is refused for. */
export function refusedIn({ refused, isRefusedWhole }: FileRead): Refusal[] {
  const made = refused.map(refusalOf);
  const [first, ...rest] = made;
  if (isRefusedWhole && first !== undefined) throw new Refusals([first, ...rest]);
  return made;
}

/** Runs a dry task to its reading, behind which nothing comes. */
export async function readOnly(
  run: (office: TaskOffice) => Promise<unknown>,
  { signal, onProgress }: Pick<TaskOffice, 'signal' | 'onProgress'>,
): Promise<FileRead> {
  let read: FileRead | undefined;
  await run({
    signal,
    ...(onProgress && { onProgress }),
    onPart: async (part: Part) => {
      if (part.kind === 'read') read = part.read;
      return undefined;
    },
  });
  if (read === undefined) throw new Error('a file was read without an outcome');
  return read;
}

/** Answers of lines of which, when their people were looked for, nothing of the kind was asked. */
export function unaskedOf(answers: Answers, { refused, used }: FileRead): Refusal[] {
  const told = refused.map(({ code, place: { line } }) => ({ code, line }));
  const asked = [...answers.raised, ...used, ...told].filter(
    ({ code }) => !isAskedInReading(code) && (QUESTIONS.people as readonly string[]).includes(code),
  );
  const isTold = (one: FileAnswer) =>
    refused.some(
      ({ code, holes, place }) =>
        code === 'answer-not-asked' && holes.question === one.code && place.line === one.line,
    );
  const met = new Set(asked.map(({ code, line }) => `${code} ${line}`));
  const unasked = answers.unasked.filter(
    (one) => !isAskedInReading(one.code) && !met.has(`${one.code} ${one.line}`),
  );
  return answersNotAsked(
    unasked.filter((one) => !isTold(one)),
    asked,
  );
}

/** Lines and units of what was taken, and of what was not: all together are what the file holds. */
export function countsOf(
  { read, units, passedOver }: FileRead,
  enrolled: readonly { readonly units?: number }[],
  leftOut: readonly { readonly units?: number }[],
): { readonly units: bigint; readonly refusedCount: LinesCounted; readonly passedOver: LinesCounted } {
  const sum = (some: readonly { readonly units?: number }[]) =>
    some.reduce((total, one) => total + BigInt(one.units ?? 0), 0n);
  const passed = { lines: passedOver.lines + leftOut.length, units: passedOver.units + sum(leftOut) };
  const taken = sum(enrolled);
  return {
    units: taken,
    refusedCount: { lines: read - enrolled.length - passed.lines, units: units - taken - passed.units },
    passedOver: passed,
  };
}

/** Whose token sent a file. */
export interface Sender {
  readonly id: string;
  readonly institution: number;
}

interface SentFile {
  readonly agency: number;
  readonly sender: string;
  readonly fileHash: string;
  readonly isDryRun: boolean;
}

/** As far as it says who is enrolled. */
type MetLine =
  | { readonly kind: 'newcomer' }
  | { readonly kind: 'known'; readonly subject: SubjectRef; readonly isChanged: boolean }
  | { readonly kind: 'left-out' | 'refused'; readonly about: readonly SubjectRef[] };

const FILE_DIGITS = 32;

/** What stands in the list of each whom a line found, before the answer says so and before anything of her is changed. */
export function readingsOf(
  met: readonly MetLine[],
  { agency, sender, fileHash, isDryRun }: SentFile,
  atMs: number,
) {
  const institution = agency;
  const by = {
    atMs,
    actor: sender,
    institution,
    agency,
    receiver: institution,
    purpose: 'identification',
  } as const;
  const what = {
    classes: [],
    types: ['person'],
    caseReference: `file-${fileHash.slice(2, 2 + FILE_DIGITS)}`,
  } as const;
  const rest = { onBehalfOf: undefined, agreement: undefined, hidden: undefined };
  const draft = (channel: 'found' | 'changed') => Object.assign({ channel }, by, what, rest);
  return met.flatMap((one) => {
    if (one.kind === 'newcomer') return [];
    if (one.kind !== 'known') return one.about.map((subject) => ({ subject, draft: draft('found') }));
    const { subject } = one;
    return [{ subject, draft: draft(one.isChanged && !isDryRun ? 'changed' : 'found') }];
  });
}
