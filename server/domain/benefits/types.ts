/**
 * The EIP-712 types of the benefit ledger: what officers, cards and tills sign.
 *
 * Promises: type strings equal to the literals of contracts/benefits/BenefitTypes.sol, pinned in the vectors; one
 * table an act, each one object for ever, as `typedData.ts` remembers it. Pure data.
 */

import { type LedgerIdentity, type RegisterDomain, registerDomain } from '../acts/domains.ts';
import { ACT_HEAD } from '../acts/head.ts';
import type { TypedDomain, TypedField, TypeTable } from '../acts/typedData.ts';
import type { Address } from '../base/hex.ts';

/** Reads `uint32 office,bytes32 preparer`: the spelling the contract has. */
function fields(text: string): readonly TypedField[] {
  return text.split(',').map((field) => {
    const [type = '', name = ''] = field.split(' ');
    return { name, type };
  });
}

/** Every act's fields after its head, in signing order. */
export const ACT_FIELDS = {
  DefineProgramme: fields(
    'bytes32 programme,uint16 institution,uint16 currency,uint32 mostPerRedemptionUnits,uint32 disputeSeconds,' +
      'uint32 leastOpenSeconds,uint32 mostOfflineSeconds,uint32 assistedCapUnits,uint32 emergencyCapUnits,' +
      'bytes32 policyHash',
  ),
  MoveFunds: fields(
    'bytes32 programme,uint8 move,uint128 amountMinor,uint128 movedBeforeMinor,bytes32 sourceCommitment',
  ),
  PauseProgramme: fields('bytes32 programme,uint64 pausedUntil,bool byTwoInstitutions,uint32 versionBefore'),
  ResumeProgramme: fields('bytes32 programme,uint32 versionBefore'),
  Enrol: fields(
    'bytes32 programme,uint16 enrolmentEpoch,uint32 startIndex,uint32 count,bytes32 slotsHash,' +
      'uint32 versionBefore',
  ),
  SetCard: fields(
    'bytes32 programme,uint16 enrolmentEpoch,uint32 index,uint16 cardEpoch,uint8 keyKind,address keyId,' +
      'uint8 standing,uint64 effectiveFrom,uint32 versionBefore',
  ),
  SetVendor: fields('bytes32 vendor,uint16 institution,uint8 standing,uint64 from,uint32 versionBefore'),
  SetTill: fields(
    'bytes32 vendor,uint32 till,uint8 keyKind,address keyId,uint8 standing,uint32 versionBefore',
  ),
  CycleEnvelope: fields(
    'bytes32 programme,uint32 cycle,uint16 enrolmentEpoch,uint8 lane,bytes32 root,bytes32 tableHash,' +
      'uint32 count,uint64 totalUnits,uint8 entryBytes,uint64 unitValueMinor,uint16 currency,uint64 opensAt,' +
      'uint64 spendUntil,uint64 postUntil',
  ),
  MoveCycle: fields('bytes32 programme,uint32 cycle,uint8 step,uint64 unspentUnits,uint64 endsAt'),
  Settle: fields(
    'bytes32 programme,uint32 cycle,bytes32 vendor,uint64 settledBeforeUnits,uint64 units,uint128 amountMinor,' +
      'bytes32 statementHash',
  ),
  ReleaseCredit: fields(
    'bytes32 programme,uint32 cycle,bytes32 vendor,uint64 releasedBeforeUnits,uint64 units,bytes32 caseCommitment',
  ),
} as const satisfies TypeTable;
export type ActName = keyof typeof ACT_FIELDS;

const HEAD: TypedField = { name: 'head', type: 'ActHead' };

function actTypes(name: ActName): TypeTable {
  return {
    ActHead: ACT_HEAD,
    [name]: [HEAD, ...ACT_FIELDS[name]],
  };
}

/** For each act the table of its types. */
export const BENEFIT_TYPES: Readonly<Record<ActName, TypeTable>> = {
  DefineProgramme: actTypes('DefineProgramme'),
  MoveFunds: actTypes('MoveFunds'),
  PauseProgramme: actTypes('PauseProgramme'),
  ResumeProgramme: actTypes('ResumeProgramme'),
  Enrol: actTypes('Enrol'),
  SetCard: actTypes('SetCard'),
  SetVendor: actTypes('SetVendor'),
  SetTill: actTypes('SetTill'),
  CycleEnvelope: actTypes('CycleEnvelope'),
  MoveCycle: actTypes('MoveCycle'),
  Settle: actTypes('Settle'),
  ReleaseCredit: actTypes('ReleaseCredit'),
};

/** What a card and a till sign. */
export const SALE_TYPES: TypeTable = {
  Redemption: fields(
    'bytes32 programme,uint32 cycle,uint16 enrolmentEpoch,uint32 index,uint16 cardEpoch,uint8 sequence,' +
      'uint32 remainingBefore,uint32 units,bytes32 vendor,uint32 till,bytes32 leaseId,bytes32 receiptHash,' +
      'uint64 soldAt',
  ),
  RedemptionBatch: fields(
    'bytes32 programme,uint32 cycle,bytes32 vendor,uint32 till,uint32 count,uint64 offlineSince,uint64 deadline,' +
      'bytes32 itemsHash',
  ),
};

/** The register whose signatures and entries are meant. */
export interface BenefitRegister extends LedgerIdentity {
  readonly benefitLedger: Address;
}

/** Binds a sale to one ledger and to no register: what was sold before a successor took over is posted to it. */
export function saleDomain({ chainId, ledgerNonce }: LedgerIdentity): TypedDomain {
  return { name: 'Kudurru Sale', version: '1', chainId: BigInt(chainId), salt: ledgerNonce };
}

/** Binds the signatures of officers to one ledger and one register. */
export function benefitDomain(register: BenefitRegister): RegisterDomain {
  return registerDomain('benefitLedger', register, register.benefitLedger);
}
