/**
 * What the openings of an act's file say, as its opening sentence reads them.
 *
 * Promises: whatever is answered was hashed against the commitment it is asked by; what was asked for and is not opened is
 * noted, so that nobody signs a sentence with a gap in it unawares. A commitment that is zero stands for nothing. Pure.
 */
import type { Fact } from '../acts/facts.ts';
import type { TypedStruct, TypedValue } from '../acts/typedData.ts';
import type { Opening, SignedWords } from './openings.ts';

/** The sentence of a message; `items` are what it names by a hash, `opened` what its commitments stand for. */
export type Sentence = (message: TypedStruct, items: readonly TypedStruct[], opened: Opened) => string;

export interface Opened {
  /** No fact where nothing is opened. */
  facts(commitment: TypedValue | undefined): readonly Fact[];
  state(commitment: TypedValue | undefined): TypedStruct | undefined;
  words(commitment: TypedValue | undefined): SignedWords | undefined;
  /** Number of the currency (ISO 4217) that amounts without one are of, as the gateway says it and nobody signs. */
  readonly currency: number | undefined;
  /** What was asked for and is not opened, in the order of asking. */
  readonly missing: ReadonlySet<string>;
}

export function openedOf(openings: readonly Opening[], currency?: number): Opened {
  const all = new Map<string, Opening>(openings.map((opening) => [opening.commitment, opening]));
  const missing = new Set<string>();
  const ask = <K extends 'facts' | 'state' | 'words'>(commitment: TypedValue | undefined, kind: K) => {
    if (typeof commitment !== 'string' || isNothing(commitment)) return undefined;
    const found = all.get(commitment)?.[OPENED_AS[kind]];
    if (found === undefined) missing.add(commitment);
    return found as Opening[(typeof OPENED_AS)[K]];
  };
  return {
    missing,
    currency,
    facts: (commitment) => ask(commitment, 'facts') ?? [],
    state: (commitment) => ask(commitment, 'state'),
    words: (commitment) => ask(commitment, 'words'),
  };
}

const OPENED_AS = { facts: 'facts', state: 'state', words: 'list' } as const;

export const isNothing = (commitment: TypedValue | undefined): boolean => /^0x0*$/.test(String(commitment));
