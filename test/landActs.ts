/**
 * The typed data of land acts as an outside tool sees it: ethers hashes and signs here, so that every act
 * the contracts take was encoded by code that is not ours.
 */
import { type BaseWallet, concat, keccak256, Signature, TypedDataEncoder, toBeHex, ZeroHash } from 'ethers';

export interface Field {
  readonly name: string;
  readonly type: string;
}

const fields = (list: string): Field[] =>
  list.split(',').map((field) => {
    const [type = '', name = ''] = field.split(' ');
    return { type, name };
  });

/** Every struct of the register of land, as its interface has it. */
export const landStructs: Readonly<Record<string, Field[]>> = {
  ActHead: fields(
    'uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,uint64 deadline,uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects',
  ),
  Header: fields(
    'uint16 formatVersion,uint64 version,uint8 status,uint32 office,uint8 origin,uint8 evidence,bytes32 baseUnit,uint64 quotaNumerator,uint64 quotaTotal,bytes32 membersRoot,uint32 memberCount,uint32 nextId',
  ),
  SpatialUnit: fields('bytes32 id,bytes32 geometryCommitment'),
  Holding: fields(
    'uint32 holdingId,uint64 numerator,uint8 partyKind,uint8 capacity,uint8 condition,bytes32 keyHash,bytes32 partyCommitment',
  ),
  Right: fields(
    'uint32 rightId,uint8 kind,uint8 standing,uint64 upgradesOn,uint64 expiresOn,uint8 tenancy,uint32 targetRight,uint64 presentationNo,uint64 denominator,bytes32 termsCommitment,Holding[] holdings',
  ),
  Restriction: fields(
    'uint32 restrictionId,uint8 kind,uint32 targetRight,uint32 targetHolding,uint16 rank,uint64 presentationNo,bytes32 instrumentId,bytes32 holderKeyHash,uint64 blocks,uint64 needsConsent,uint64 expiresOn,bytes32 termsCommitment',
  ),
  Responsibility: fields(
    'uint32 responsibilityId,uint8 kind,uint32 targetRight,uint64 presentationNo,bytes32 instrumentId,bytes32 holderKeyHash,uint64 expiresOn,bytes32 termsCommitment',
  ),
  Application: fields(
    'uint32 applicationId,uint8 act,bytes32 actHash,uint64 presentationNo,uint64 lodgedAt,uint64 noticeUntil,uint64 lapsesAt,uint8 state',
  ),
  BAUnitState: fields(
    'Header header,SpatialUnit[] spatialUnits,Right[] rights,Restriction[] restrictions,Responsibility[] responsibilities,Application[] applications,bytes32 factsRoot,bytes32 priorState',
  ),
  Title: fields('bytes32 baUnit,BAUnitState state'),
  UnitChange: fields('bytes32 baUnit,bytes32 priorState,bytes32 factsRoot'),
  Release: fields('UnitChange unit,uint32 restrictionId'),
  Portion: fields('bytes32 baUnit,SpatialUnit[] spatialUnits,uint64 quotaNumerator'),
  Child: fields('Portion portion,bytes32 factsRoot'),
  RegisterTitle: fields('ActHead head,Title title'),
  TransferRight: fields('ActHead head,UnitChange unit,Right next'),
  CreateRestriction: fields('ActHead head,UnitChange[] units,Restriction restriction'),
  Discharge: fields('ActHead head,Release[] releases'),
  Subdivide: fields('ActHead head,UnitChange unit,Child[] children'),
  Consolidate: fields('ActHead head,UnitChange[] units,Child child,Right ownership'),
  Batch: fields('ActHead head,bytes32 itemsHash,uint32 count,bool atomic'),
  Consent: fields(
    'uint8 role,uint8 act,bytes32 baUnit,bytes32 rightsHash,uint32 subject,bytes32 termsHash,uint8 capacity,uint64 notBefore,uint64 deadline,bytes32 mandateCommitment',
  ),
};

/** A struct with what it is made of, the way ethers wants it. */
export function typesOf(primary: string, own?: Field[]): Record<string, Field[]> {
  const found: Record<string, Field[]> = {};
  const visit = (name: string, list: Field[]): void => {
    found[name] = list;
    for (const { type } of list) {
      const inner = type.replace('[]', '');
      const next = landStructs[inner];
      if (next !== undefined && !(inner in found)) visit(inner, next);
    }
  };
  visit(primary, own ?? landStructs[primary] ?? []);
  return found;
}

/** `Approval` over an act, which is nested in it. */
export function approvalTypes(act: string): Record<string, Field[]> {
  return typesOf('Approval', fields(`${act} act,bytes32 approver,uint32 approverEpoch,uint64 deadline`));
}

export function hashStruct(name: string, value: Record<string, unknown>): string {
  return TypedDataEncoder.hashStruct(name, typesOf(name), value);
}

/** EIP-712 hash of an array of structs. */
export function hashArray(name: string, values: readonly Record<string, unknown>[]): string {
  return keccak256(concat(values.map((value) => hashStruct(name, value))));
}

export interface Domain {
  readonly name: string;
  readonly version: string;
  readonly chainId: bigint;
  readonly verifyingContract: string;
}

async function sign(
  wallet: BaseWallet,
  domain: Domain,
  types: Record<string, Field[]>,
  value: Record<string, unknown>,
): Promise<string> {
  return Signature.from(await wallet.signTypedData(domain, types, value)).compactSerialized;
}

/** An officer of the tests: the id is made of the key. */
export interface Officer {
  readonly id: string;
  readonly wallet: BaseWallet;
}

export async function signAct(
  domain: Domain,
  act: string,
  value: Record<string, unknown>,
  preparer: Officer,
  approver: Officer,
  deadline: bigint,
): Promise<Record<string, unknown>> {
  const approval = { approver: approver.id, approverEpoch: 1, deadline };
  return {
    preparer: await sign(preparer.wallet, domain, typesOf(act), value),
    approval,
    approver: await sign(approver.wallet, domain, approvalTypes(act), { act: value, ...approval }),
  };
}

export async function signConsent(
  domain: Domain,
  wallet: BaseWallet,
  consent: Record<string, unknown>,
  salt: string,
): Promise<Record<string, unknown>> {
  return {
    notBefore: consent['notBefore'],
    deadline: consent['deadline'],
    mandateCommitment: ZeroHash,
    kind: 1,
    salt,
    key: '0x',
    signature: await sign(wallet, domain, typesOf('Consent'), consent),
  };
}

/** A 32-byte word that looks as random as an id does. */
export const word = (text: string): string => keccak256(new TextEncoder().encode(text));

/** A fixed throw-away key. */
export const secret = (number: number): string => toBeHex(number, 32);
