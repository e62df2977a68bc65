/** What a process that runs named tests tells the one that started it. */

/** What the parent is told: the tests that ran, or that none could be run. */
export type Outcome =
  | { readonly kind: 'ran'; readonly tests: readonly { readonly title: string; readonly passed: boolean }[] }
  | { readonly kind: 'does not build' };

/** Stands before the outcome, as tests print too. */
export const OUTCOME = 'outcome of the named tests: ';
/** Written once everything is loaded: a process that ends after it and before its outcome was ended by a test. */
export const LOADED = 'the named tests are loaded';
