/**
 * Every act that two officers sign, of every register: its typed data, the names of its enumerations, and the
 * register that takes it. What is not here, no program of ours puts before an officer. Pure data.
 */
import type { NameTable } from './actWords.ts';
import { LAND_NAMES, LAND_TYPES } from './land/acts.ts';
import { POWER_NAMES, POWER_TYPES } from './powerActs.ts';
import type { TypeTable } from './typedData.ts';

export const SIGNED_TYPES: TypeTable = { ...LAND_TYPES, ...POWER_TYPES };
export const SIGNED_NAMES: NameTable = { ...LAND_NAMES, ...POWER_NAMES };

export type SigningRegister = 'landRegistry' | 'benefitLedger' | 'consortium' | 'safeguards';

/** The register whose domain each act is signed in, by the primary type. */
export const REGISTER_OF_ACT: Readonly<Record<string, SigningRegister>> = {
  RegisterTitle: 'landRegistry',
  Batch: 'landRegistry',
  TransferRight: 'landRegistry',
  CreateRestriction: 'landRegistry',
  Discharge: 'landRegistry',
  Subdivide: 'landRegistry',
  Consolidate: 'landRegistry',
  AppointOfficer: 'consortium',
  RotateKey: 'consortium',
  LongPause: 'safeguards',
  Unpause: 'safeguards',
  Halt: 'safeguards',
};

/** What a batch of each register is a batch of. */
export const BATCH_ITEM = 'Title';
