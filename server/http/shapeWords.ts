/**
 * What a shape asks for, in words: for whoever sent nothing where something belongs, or something of another kind.
 *
 * Promises: of alternatives each is said, and of a text its format with an example; nothing is said of what was sent.
 * `shapeProblem.ts` calls it.
 */
import { z } from 'zod';

/** How the words of a format of ours begin: what the library says by itself may quote what was sent. */
export const OURS = 'it is not ';
export const UUID_WORDS = `${OURS}a UUID, such as 6f1d1fae-6a3c-4f0f-9d3e-0a3f2f1f7c11`;
/** No format of ours takes it, so that whichever is asked says what it is. */
const OF_NO_FORMAT = '\u0007';

/** What was sent, and the shape it was to have. */
export interface Given {
  readonly shape: z.ZodType;
  readonly value: unknown;
}

export function valueAt({ value }: Given, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (part, name) => (part as Readonly<Record<PropertyKey, unknown>> | null | undefined)?.[name],
    value,
  );
}

/** The shapes that may stand at a place, without what is around them; of alternatives, those that may be meant. */
export function shapesAt({ shape, value }: Given, path: readonly PropertyKey[]): readonly z.ZodType[] {
  const below = (inner: unknown) => shapesAt({ shape: inner as z.ZodType, value }, path);
  if (shape instanceof z.ZodPipe) return below(shape.in);
  if (
    shape instanceof z.ZodOptional ||
    shape instanceof z.ZodDefault ||
    shape instanceof z.ZodNullable ||
    shape instanceof z.ZodReadonly
  )
    return below(shape.unwrap());
  if (shape instanceof z.ZodUnion) {
    const meant = shape.options.filter((option) => isMeant(option as z.ZodType, value));
    return (meant.length === 0 ? shape.options : meant).flatMap(below);
  }
  const [first, ...rest] = path;
  if (first === undefined) return [shape];
  const next = (value as Readonly<Record<PropertyKey, unknown>> | null | undefined)?.[first];
  const inner = innerOf(shape, first);
  return inner === undefined ? [] : shapesAt({ shape: inner, value: next }, rest);
}

function innerOf(shape: z.ZodType, name: PropertyKey): z.ZodType | undefined {
  if (shape instanceof z.ZodArray) return shape.element as z.ZodType;
  if (shape instanceof z.ZodRecord) return shape.valueType as z.ZodType;
  if (!(shape instanceof z.ZodObject)) return undefined;
  return (shape.shape as Readonly<Record<PropertyKey, z.ZodType | undefined>>)[name];
}

/** Whether the words that tell alternatives apart are those of this one. */
function isMeant(option: z.ZodType, value: unknown): boolean {
  if (!(option instanceof z.ZodObject) || typeof value !== 'object' || value === null) return false;
  const literals = Object.entries(option.shape).filter(([, field]) => field instanceof z.ZodLiteral);
  return (
    literals.length > 0 &&
    literals.every(
      ([name, field]) =>
        (field as z.ZodType).safeParse((value as Readonly<Record<string, unknown>>)[name]).success,
    )
  );
}

/** What may stand there: `a date, such as 2026-11-29, or a whole number`. */
export function wordsOf(shapes: readonly z.ZodType[]): string {
  return [...new Set(shapes.map(wordsOfOne))].join(', or ');
}

function wordsOfOne(shape: z.ZodType): string {
  if (shape instanceof z.ZodEnum) return `one of: ${shape.options.join(', ')}`;
  if (shape instanceof z.ZodLiteral) return [...shape.values].map(String).join(', ');
  if (shape instanceof z.ZodBoolean) return 'true or false';
  if (shape instanceof z.ZodNumber) return shape.format === null ? 'a number' : 'a whole number';
  if (shape instanceof z.ZodArray) return 'a list';
  if (shape instanceof z.ZodObject) return `an object with ${Object.keys(shape.shape).join(', ')}`;
  if (shape instanceof z.ZodRecord) return 'an object';
  return wordsOfText(shape);
}

function wordsOfText(shape: z.ZodType): string {
  if (shape instanceof z.ZodUUID) return UUID_WORDS.slice(OURS.length);
  const said = shape.safeParse(OF_NO_FORMAT).error?.issues ?? [];
  return said.find(({ message }) => message.startsWith(OURS))?.message.slice(OURS.length) ?? 'a text';
}
