/**
 * Why a request is not of the shape its route asks for, in words of ours: the library's may quote what was sent.
 *
 * Promises: whoever passed a limit is told the limit, and whoever missed a closed list is told the list, wherever in the
 * shape it stands.
 */
import type { z } from 'zod';

export const UNKNOWN_NAME = 'it holds a field this route does not know';
export const OTHER_FORMAT = 'it is not written as its format asks';

/** What each kind of shape error is called. */
const SHAPE_PROBLEMS: Readonly<Record<string, string>> = {
  invalid_type: 'it is missing or of another type',
  unrecognized_keys: UNKNOWN_NAME,
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

/** A limit that was passed is named: it is the route's own. */
export function problemOfShape(issue: z.core.$ZodIssue): string {
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
  }
  return SHAPE_PROBLEMS[issue.code] ?? 'it breaks a rule of its shape';
}

/** A closed list is short, and the route's own. */
function noneOf(values: readonly z.core.util.Primitive[]): string {
  return `it is none of: ${values.map(String).join(', ')}`;
}
