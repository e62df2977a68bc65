/** The shape of one row of the refusal catalogue; the rows stand beside this file, one file a register. */

/** What sort of no it is; the HTTP edge turns it into a status. */
export type RefusalKind =
  | 'malformed' // the body cannot be read at all
  | 'invalid' // the content breaks a rule
  | 'unauthenticated' // nobody has signed in
  | 'forbidden' // somebody has, and may not
  | 'missing'
  | 'conflict' // true once, no longer: read again and decide again
  | 'exhausted' // a named limit is reached
  | 'gone'; // destroyed for good, with proof

export interface RefusalRow {
  readonly kind: RefusalKind;
  /** `{hole}` is filled with counts, limits or names of rules, never with submitted values. */
  readonly message: string;
  /** What the caller does next. */
  readonly remedy: string;
  /** Invariant, mission code or standard the rule comes from, where it exists. */
  readonly rule?: string;
  /** Where it is a question: what an officer may answer to have the line taken or left out all the same. */
  readonly answers?: readonly [string, ...string[]];
  /** Of such a question every line is another one: no answer is for all of them. */
  readonly isLineByLine?: true;
}
