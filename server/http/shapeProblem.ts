/**
 * Why a request is not of the shape its route asks for, in words of ours: the library's may quote what was sent.
 *
 * Promises: whoever passed a limit is told the limit, and whoever missed a closed list is told the list, wherever in the
 * shape it stands.
 */
import { z } from 'zod';

export const OTHER_FORMAT = 'it is not written as its format asks';
/** How the words of a format of ours begin: what the library says by itself may quote what was sent. */
const OURS = 'it is not ';
const UUID_WORDS = 'it is not a UUID: 6f1d1fae-6a3c-4f0f-9d3e-0a3f2f1f7c11';
/** A name that is plain and short may be said again; anything else that stands where a name does may be a value. */
const PLAIN_NAME = /^[A-Za-z][A-Za-z0-9-]{0,39}$/;

/** What a text must be, with an example: `written('a date', '2026-11-29')`. */
export const written = (what: string, example: string) => ({ error: () => `${OURS}${what}: ${example}` });

/** Names that were sent and are not known, with those that are. */
export function unknownNames(sent: readonly string[], known: Iterable<string>, where: string): string {
  const plain = sent.filter((name) => PLAIN_NAME.test(name));
  const named = plain.length < sent.length ? [...plain, 'another name'] : plain;
  const held = `it holds ${named.join(', ')}, not known here`;
  const all = [...known];
  return `${held}; ${where} ${all.length === 0 ? 'knows none' : `knows: ${all.join(', ')}`}`;
}

/** The names that an object of the shape knows at a place; of alternatives, those of each that may be meant. */
export function namesAt(shape: z.ZodType, path: readonly PropertyKey[], value: unknown): ReadonlySet<string> {
  const below = (inner: unknown) => namesAt(inner as z.ZodType, path, value);
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
    return new Set((meant.length === 0 ? shape.options : meant).flatMap((option) => [...below(option)]));
  }
  const [first, ...rest] = path;
  const next = (value as Readonly<Record<PropertyKey, unknown>> | undefined)?.[first ?? ''];
  if (shape instanceof z.ZodArray && first !== undefined) {
    return namesAt(shape.element as z.ZodType, rest, next);
  }
  if (!(shape instanceof z.ZodObject)) return new Set();
  if (first === undefined) return new Set(Object.keys(shape.shape));
  const field = (shape.shape as Readonly<Record<PropertyKey, z.ZodType | undefined>>)[first];
  return field === undefined ? new Set() : namesAt(field, rest, next);
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

/** What each kind of shape error is called. */
const SHAPE_PROBLEMS: Readonly<Record<string, string>> = {
  invalid_type: 'it is missing or of another type',
  invalid_format: OTHER_FORMAT,
  invalid_union: 'it is none of the shapes allowed',
};

/** What a bound counts, where it is not a number's own. */
const COUNTED: Readonly<Record<string, string>> = { string: ' characters', array: ' items' };

/** Each issue by itself: of shapes of which one was meant, those of the one that comes nearest. */
export function issuesOf(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const [nearest] = [...issue.errors].sort((one, other) => one.length - other.length);
  const isAbout = ({ path, code }: z.core.$ZodIssue) => path.length > 0 || code === 'unrecognized_keys';
  if (nearest === undefined || !nearest.some(isAbout)) return [issue];
  return nearest
    .map((inner): z.core.$ZodIssue => Object.assign({}, inner, { path: [...issue.path, ...inner.path] }))
    .flatMap(issuesOf);
}

/** A limit that was passed is named: it is the route's own; `names` are what is known where the issue is. */
export function problemOfShape(
  issue: z.core.$ZodIssue,
  names: (path: readonly PropertyKey[]) => ReadonlySet<string> = () => new Set(),
): string {
  if (issue.code === 'unrecognized_keys') return unknownNames(issue.keys, names(issue.path), 'this place');
  if (issue.code === 'invalid_format') {
    if (issue.format === 'uuid') return UUID_WORDS;
    return issue.message.startsWith(OURS) ? issue.message : OTHER_FORMAT;
  }
  if (issue.code === 'too_big') return `at most ${issue.maximum}${COUNTED[issue.origin] ?? ''} are allowed`;
  if (issue.code === 'too_small') return `at least ${issue.minimum}${COUNTED[issue.origin] ?? ''} are needed`;
  if (issue.code === 'custom' && typeof issue.params?.problem === 'string') return issue.params.problem;
  if (issue.code === 'invalid_value') return noneOf(issue.values);
  if (issue.code === 'invalid_union') {
    if ('options' in issue && issue.options !== undefined) return noneOf(issue.options);
    const inner = issue.errors.flat();
    const passed = inner.find(({ code }) => code === 'too_big' || code === 'too_small');
    if (passed !== undefined) return problemOfShape(passed);
    const listed = inner.find(({ code, path }) => code === 'invalid_value' && path.length === 0);
    if (listed !== undefined) return problemOfShape(listed);
    const formatted = inner.find(
      ({ code, path }) => path.length === 0 && /^(?:invalid_format|custom)$/.test(code),
    );
    if (formatted !== undefined) return problemOfShape(formatted);
  }
  return SHAPE_PROBLEMS[issue.code] ?? 'it breaks a rule of its shape';
}

/** A closed list is short, and the route's own. */
function noneOf(values: readonly z.core.util.Primitive[]): string {
  return `it is none of: ${values.map(String).join(', ')}`;
}
