/**
 * The typed data of every act that two officers sign, of every register, and the names of its enumerations: what is
 * not here, no program of ours puts before an officer. Pure data.
 */

import { BENEFIT_NAMES, BENEFIT_SIGNED_TYPES } from '../benefits/signed.ts';
import { LAND_NAMES, LAND_TYPES } from '../land/acts.ts';
import { MAX_DIVISION_CHILDREN, MAX_TITLES_PER_BATCH } from '../land/types.ts';
import { POWER_NAMES, POWER_TYPES } from '../power/acts.ts';
import { MAX_APPOINTMENTS } from '../power/measures.ts';
import type { NameTable } from '../signer/actWords.ts';
import type { TypeTable } from './typedData.ts';

export const SIGNED_TYPES: TypeTable = { ...LAND_TYPES, ...BENEFIT_SIGNED_TYPES, ...POWER_TYPES };
export const SIGNED_NAMES: NameTable = { ...LAND_NAMES, ...BENEFIT_NAMES, ...POWER_NAMES };

/** Acts that name items by a hash, by type: what an item is, and how many an act may have. */
export const ITEMS_OF: Readonly<Partial<Record<string, { readonly type: string; readonly most: number }>>> = {
  Batch: { type: 'Title', most: MAX_TITLES_PER_BATCH },
  OpenDivision: { type: 'Child', most: MAX_DIVISION_CHILDREN },
  Vote: { type: 'Appointment', most: MAX_APPOINTMENTS },
};
