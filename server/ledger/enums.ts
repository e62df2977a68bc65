/** The names of the contracts' enumerations in the order of their numbers, for who reads their ABI. */
import {
  APPLICATION_STATES,
  EVIDENCE_GRADES,
  KEY_KINDS,
  LAND_ACTS,
  MEASURE_KINDS,
  ORIGINS,
  PARTY_KINDS,
  RESPONSIBILITY_KINDS,
  RESTRICTION_KINDS,
  RIGHT_KINDS,
  ROOT_KINDS,
  SIGNERS,
  STANDINGS,
  TENANCIES,
  UNIT_STATUSES,
} from '../domain/base/terms.ts';
import type { EnumNames } from './abi.ts';

/** By the enumeration's name in Solidity; only the register of land has a `Standing` in its events. */
export const ENUMS: EnumNames = {
  KeyKind: KEY_KINDS,
  MeasureKind: MEASURE_KINDS,
  RootKind: ROOT_KINDS,
  BAUnitStatus: UNIT_STATUSES,
  Origin: ORIGINS,
  EvidenceGrade: EVIDENCE_GRADES,
  RightKind: RIGHT_KINDS,
  Standing: STANDINGS,
  Tenancy: TENANCIES,
  PartyKind: PARTY_KINDS,
  RestrictionKind: RESTRICTION_KINDS,
  Signer: SIGNERS,
  ResponsibilityKind: RESPONSIBILITY_KINDS,
  LandAct: LAND_ACTS,
  ApplicationState: APPLICATION_STATES,
};
