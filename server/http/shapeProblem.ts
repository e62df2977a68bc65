/**
 * Why a request is not of the shape its route asks for, in words of ours: the library's may quote what was sent.
 *
 * Promises: whoever passed a limit is told the limit, wherever in the shape it stands.
 */
import type { z } from 'zod';

export const UNKNOWN_NAME = 'it holds a field this route does not know';
export const OTHER_FORMAT = 'it is not written as its format asks';

/** What each kind of shape error is called. */
const SHAPE_PROBLEMS: Readonly<Record<string, string>> = {
  invalid_type: 'it is missing or of another type',
  unrecognized_keys: UNKNOWN_NAME,
  invalid_format: OTHER_FORMAT,
  invalid_value: 'it is none of the values allowed',
  invalid_union: 'it is none of the shapes allowed',
};

/** What a bound counts, where it is not a number's own. */
const COUNTED: Readonly<Record<string, string>> = { string: ' characters', array: ' items' };

/** A limit that was passed is named: it is the route's own. */
export function problemOfShape(issue: z.core.$ZodIssue): string {
  if (issue.code === 'too_big') return `at most ${issue.maximum}${COUNTED[issue.origin] ?? ''} are allowed`;
  if (issue.code === 'too_small') return `at least ${issue.minimum}${COUNTED[issue.origin] ?? ''} are needed`;
  if (issue.code === 'custom' && typeof issue.params?.problem === 'string') return issue.params.problem;
  if (issue.code === 'invalid_union') {
    const passed = issue.errors.flat().find(({ code }) => code === 'too_big' || code === 'too_small');
    if (passed !== undefined) return problemOfShape(passed);
  }
  return SHAPE_PROBLEMS[issue.code] ?? 'it breaks a rule of its shape';
}
