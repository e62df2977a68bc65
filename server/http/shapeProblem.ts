/**
 * Why a request is not of the shape its route asks for, in words of ours: the library's may quote what was sent.
 *
 * Promises: whoever passed a limit is told the limit, whoever missed a closed list is told the list, and whoever sent
 * nothing, or something of another kind, is told what belongs there, wherever in the shape it stands.
 */
import { z } from 'zod';
import { type Given, OURS, shapesAt, UUID_WORDS, valueAt, wordsOf } from './shapeWords.ts';

export const OTHER_FORMAT = 'it is not written as its format asks';
/** A name that is plain and short may be said again; anything else that stands where a name does may be a value. */
const PLAIN_NAME = /^[A-Za-z][A-Za-z0-9-]{0,39}$/;

/** What a text must be, with an example: `written('a date', '2026-11-29')`. */
export const written = (what: string, example: string) => ({
  error: () => `${OURS}${what}, such as ${example}`,
});

/** Names that were sent and are not known, with those that are. */
export function unknownNames(sent: readonly string[], known: Iterable<string>, where: string): string {
  const plain = sent.filter((name) => PLAIN_NAME.test(name));
  const named = plain.length < sent.length ? [...plain, 'another name'] : plain;
  const held = `it holds ${named.join(', ')}, not known here`;
  const all = [...known];
  return `${held}; ${where} ${all.length === 0 ? 'knows none' : `knows: ${all.join(', ')}`}`;
}

/** The names that an object of the shape knows at a place; of alternatives, those of each that may be meant. */
function namesAt(given: Given, path: readonly PropertyKey[]): ReadonlySet<string> {
  const objects = shapesAt(given, path).filter((shape) => shape instanceof z.ZodObject);
  return new Set(objects.flatMap(({ shape }) => Object.keys(shape)));
}

/** What a bound counts, where it is not a number's own. */
const COUNTED: Readonly<Record<string, string>> = { string: 'character', array: 'item' };

/** `1 character is`, `200 characters are`; of a number's own bound `12 is`. */
function countedOf(bound: number | bigint, origin: string): string {
  const word = COUNTED[origin];
  if (word === undefined) return `${bound} is`;
  return BigInt(bound) === 1n ? `${bound} ${word} is` : `${bound} ${word}s are`;
}

const isUnknownName = (issue: z.core.$ZodIssue): issue is z.core.$ZodIssueUnrecognizedKeys =>
  issue.code === 'unrecognized_keys';

/**
 * Each issue by itself: of shapes of which one was meant, those of the one that comes nearest, which is the one that knows
 * most of the names that were sent. Where several know them all, what each asks for is said first.
 */
function issuesOf(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const strange = (errors: readonly z.core.$ZodIssue[]) =>
    errors.reduce((names, error) => names + (isUnknownName(error) ? error.keys.length : 0), 0);
  const byDistance = [...issue.errors].sort(
    (one, other) => strange(one) - strange(other) || one.length - other.length,
  );
  const [nearest] = byDistance;
  const isAbout = (error: z.core.$ZodIssue) => error.path.length > 0 || isUnknownName(error);
  if (nearest === undefined || !nearest.some(isAbout)) return [issue];
  const inside = nearest
    .map((inner): z.core.$ZodIssue => Object.assign({}, inner, { path: [...issue.path, ...inner.path] }))
    .flatMap(issuesOf);
  const alike = byDistance.filter((errors) => strange(errors) === 0 && errors.every(isAbout));
  return alike.length > 1 ? [Object.assign({}, issue, { errors: [] }), ...inside] : inside;
}

/** Checks of one value: what fails a later one for the same reason would be told something beside the point. */
const CHECKS: ReadonlySet<string> = new Set(['too_big', 'too_small', 'invalid_format', 'custom']);

/** What is wrong with a value, place by place: of the checks of one place the first that does not hold. */
export function issuesIn(error: z.ZodError): readonly z.core.$ZodIssue[] {
  const checked = new Set<string>();
  return error.issues.flatMap(issuesOf).filter(({ code, path }) => {
    if (!CHECKS.has(code)) return true;
    const place = JSON.stringify(path.map(String));
    const isFirst = !checked.has(place);
    checked.add(place);
    return isFirst;
  });
}

/** A limit that was passed is named: it is the route's own. */
export function problemOfShape(issue: z.core.$ZodIssue, given: Given): string {
  if (issue.code === 'unrecognized_keys')
    return unknownNames(issue.keys, namesAt(given, issue.path), 'this place');
  if (issue.code === 'invalid_format') {
    if (issue.format === 'uuid') return UUID_WORDS;
    return issue.message.startsWith(OURS) ? issue.message : OTHER_FORMAT;
  }
  if (issue.code === 'too_big') return `at most ${countedOf(issue.maximum, issue.origin)} allowed`;
  if (issue.code === 'too_small') return `at least ${countedOf(issue.minimum, issue.origin)} needed`;
  if (issue.code === 'custom' && typeof issue.params?.problem === 'string') return issue.params.problem;
  if (issue.code === 'invalid_value') return noneOf(issue.values);
  if (issue.code === 'invalid_union') {
    if ('options' in issue && issue.options !== undefined) return noneOf(issue.options);
    const inner = issue.errors.flat();
    const passed = inner.find(({ code }) => code === 'too_big' || code === 'too_small');
    if (passed !== undefined) return problemOfShape(passed, given);
    const listed = inner.find(({ code, path }) => code === 'invalid_value' && path.length === 0);
    if (listed !== undefined) return problemOfShape(listed, given);
    const formatted = inner.find(
      ({ code, path }) => path.length === 0 && /^(?:invalid_format|custom)$/.test(code),
    );
    if (formatted !== undefined) return problemOfShape(formatted, given);
  }
  return anotherKind(issue.path, given);
}

/** What belongs there, for who sent nothing or something of another kind. */
function anotherKind(path: readonly PropertyKey[], given: Given): string {
  const words = wordsOf(shapesAt(given, path));
  return valueAt(given, path) === undefined ? `it is missing: ${words}` : `${OURS}${words}`;
}

/** A closed list is short, and the route's own. */
function noneOf(values: readonly z.core.util.Primitive[]): string {
  return `it is none of: ${values.map(String).join(', ')}`;
}
