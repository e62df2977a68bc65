/**
 * The typed data of every act that two officers sign, of every register, and the names of its enumerations: what is
 * not here, no program of ours puts before an officer. Pure data.
 */

import { BENEFIT_NAMES, BENEFIT_SIGNED_TYPES } from '../benefits/signed.ts';
import { LAND_NAMES, LAND_TYPES } from '../land/acts.ts';
import { POWER_NAMES, POWER_TYPES } from '../power/acts.ts';
import type { NameTable } from '../signer/actWords.ts';
import type { TypeTable } from './typedData.ts';

export const SIGNED_TYPES: TypeTable = { ...LAND_TYPES, ...BENEFIT_SIGNED_TYPES, ...POWER_TYPES };
export const SIGNED_NAMES: NameTable = { ...LAND_NAMES, ...BENEFIT_NAMES, ...POWER_NAMES };

/** What a batch of each register is a batch of. */
export const BATCH_ITEM = 'Title';
