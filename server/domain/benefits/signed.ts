/**
 * The acts on benefits as the programs that put acts before an officer know them: one table of their structs, and the
 * names of what they number. Pure data.
 */

import type { TypeTable } from '../acts/typedData.ts';
import { KEY_KINDS } from '../base/terms.ts';
import type { NameTable } from '../signer/actWords.ts';
import { CYCLE_STEPS, FUNDS_MOVES, PERMITS } from './terms.ts';
import { type ACT_FIELDS, BENEFIT_TYPES } from './types.ts';

/** Every act with its head. */
export const BENEFIT_SIGNED_TYPES: TypeTable = Object.fromEntries(
  Object.values(BENEFIT_TYPES).flatMap((types) => Object.entries(types)),
);

const CARD_NAMES = { keyKind: KEY_KINDS, standing: PERMITS } as const;

export const BENEFIT_NAMES = {
  MoveFunds: { move: FUNDS_MOVES },
  SetCard: CARD_NAMES,
  SetVendor: { standing: PERMITS },
  SetTill: CARD_NAMES,
  MoveCycle: { step: CYCLE_STEPS },
} as const satisfies NameTable & { readonly [A in keyof typeof ACT_FIELDS]?: object };
