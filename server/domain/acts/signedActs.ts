/**
 * Every act that two officers sign, of every register: its typed data, the names of its enumerations, and the
 * register that takes it. What is not here, no program of ours puts before an officer. Pure data.
 */

import { BENEFIT_NAMES, BENEFIT_SIGNED_TYPES } from '../benefits/signed.ts';
import { LAND_NAMES, LAND_TYPES } from '../land/acts.ts';
import { POWER_NAMES, POWER_TYPES } from '../power/acts.ts';
import type { NameTable } from '../signer/actWords.ts';
import type { TypeTable } from './typedData.ts';

export const SIGNED_TYPES: TypeTable = { ...LAND_TYPES, ...BENEFIT_SIGNED_TYPES, ...POWER_TYPES };
export const SIGNED_NAMES: NameTable = { ...LAND_NAMES, ...BENEFIT_NAMES, ...POWER_NAMES };

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
  DefineProgramme: 'benefitLedger',
  MoveFunds: 'benefitLedger',
  PauseProgramme: 'benefitLedger',
  Enrol: 'benefitLedger',
  ReplaceCard: 'benefitLedger',
  SetVendor: 'benefitLedger',
  SetTill: 'benefitLedger',
  CycleEnvelope: 'benefitLedger',
  MoveCycle: 'benefitLedger',
  Settle: 'benefitLedger',
  AppointOfficer: 'consortium',
  RotateKey: 'consortium',
  LongPause: 'safeguards',
  Unpause: 'safeguards',
  Halt: 'safeguards',
};

/** What a batch of each register is a batch of. */
export const BATCH_ITEM = 'Title';
