/** Officers of throw-away keys, and acts signed as their own devices would: the types are read from the ABI. */

import type { RegisterDomain } from '../../server/domain/acts/domains.ts';
import type { ContractName } from '../../server/domain/acts/events.ts';
import { addressOfPrivateKey, signCompact } from '../../server/domain/acts/signing.ts';
import {
  digest,
  digestOf,
  type TypedDomain,
  type TypedField,
  type TypedStruct,
  type TypeTable,
} from '../../server/domain/acts/typedData.ts';
import {
  type Address,
  type Bytes32,
  fromHex,
  type Hex,
  toHex,
  ZERO_32,
  ZERO_ADDRESS,
} from '../../server/domain/base/hex.ts';
import type { EntryId, InstitutionId, OfficeId, OfficerId, Role } from '../../server/domain/base/terms.ts';
import type { FoundingKey, FoundingOfficer } from '../../server/domain/power/founding.ts';
import {
  FIRST_EPOCHS,
  foundingDomain,
  type KeyPlaceName,
  keyHashOfAddress,
  officerIdOf,
  possessionData,
} from '../../server/domain/power/possession.ts';
import type { AbiParameter } from '../../server/ledger/abi.ts';
import { contractOf } from '../../server/ledger/contracts.ts';
import { keccak256 } from '../../server/ledger/keccak.ts';

/** 32 bytes that a word names, the same in every run. */
export function named(name: string): Bytes32 {
  return toHex(keccak256(Buffer.from(name))) as Bytes32;
}

export interface Officer {
  readonly name: string;
  readonly officer: OfficerId;
  readonly institution: InstitutionId;
  readonly key: Uint8Array;
  readonly address: Address;
  readonly epoch: number;
}

const keyOf = (name: string, epoch: number) => fromHex(named(`key of ${name} ${epoch}`));
const saltOf = (name: string) => named(`salt of ${name}`);
const keyHashOf = (name: string, epoch: number) => keyHashOfAddress(addressOfPrivateKey(keyOf(name, epoch)));

/** An officer with the key of an epoch: 1 is the first key, 2 the spare one. */
export function officerOf(institution: number, name: string, epoch: number = FIRST_EPOCHS.key): Officer {
  const key = keyOf(name, epoch);
  return {
    name,
    officer: officerIdOf(keyHashOf(name, FIRST_EPOCHS.key), saltOf(name)),
    institution: institution as InstitutionId,
    key,
    address: addressOfPrivateKey(key),
    epoch,
  };
}

/** The record of an officer's secp256k1 key of an epoch. */
export function keyRecord({ name }: Officer, epoch: number = FIRST_EPOCHS.key) {
  return {
    kind: 1,
    verifier: ZERO_ADDRESS,
    keyHash: keyHashOf(name, epoch),
    rpIdHash: ZERO_32,
  };
}

/** An appointment as the contract takes it. */
export function appointmentOf(officer: Officer, roles: number, office = 0) {
  const { institution, name } = officer;
  const [key, spare] = [keyRecord(officer), keyRecord(officer, FIRST_EPOCHS.spare)];
  return { salt: saltOf(name), institution, office: office as OfficeId, roles, key, spare };
}

/** The signature of an officer's key of an epoch that it is this officer's. */
export function possessionOf(officer: Officer, domain: TypedDomain, epoch: number): Hex {
  const { name, institution } = officer;
  const keyHash = keyHashOf(name, epoch);
  const data = possessionData(domain, { officerId: officer.officer, keyHash, epoch, institution });
  return signCompact(digestOf(data), keyOf(name, epoch));
}

export function possessionsOf(officer: Officer, domain: TypedDomain) {
  const { key, spare } = FIRST_EPOCHS;
  return { key: possessionOf(officer, domain, key), spare: possessionOf(officer, domain, spare) };
}

/** An officer as a founding file of this ledger names one. */
export function foundingOfficerOf(
  officer: Officer,
  ledgerNonce: Bytes32,
  { roles, office = 0 as OfficeId }: { readonly roles: readonly Role[]; readonly office?: OfficeId },
): FoundingOfficer {
  const { officer: id, institution, name } = officer;
  const proofs = possessionsOf(officer, foundingDomain(ledgerNonce));
  const provenKey = (place: KeyPlaceName): FoundingKey => ({
    kind: 'secp256k1',
    keyHash: keyHashOf(name, FIRST_EPOCHS[place]),
    rpIdHash: ZERO_32,
    possession: proofs[place],
  });
  return {
    ...{ officer: id, salt: saltOf(name), institution, office, roles },
    ...{ key: provenKey('key'), spare: provenKey('spare') },
  };
}

/** The same officers, and a third of each institution who is named nowhere: without one of two nobody is founded. */
export function withThirds(officers: readonly Officer[]): Officer[] {
  const institutions = [...new Set(officers.map(({ institution }) => institution))];
  return [...officers, ...institutions.map((number) => officerOf(number, `third of ${number}`))];
}

/** The types of a struct and all it is made of, as its contract's ABI has them. */
export function typesOf(contract: ContractName, method: string): { types: TypeTable; primaryType: string } {
  const fn = contractOf(contract).abi.find(({ name, type }) => type === 'function' && name === method);
  const [given] = fn?.inputs ?? [];
  const [first] = given?.components ?? [];
  const act = first?.name === 'batch' ? first : given; // of a batch only its head and hash are signed
  if (act === undefined) throw new Error(`no act ${method}`);
  const types: Record<string, readonly TypedField[]> = {};
  const collect = (parameter: AbiParameter): string => {
    const array = /(\[\])*$/.exec(parameter.type)?.[0] ?? '';
    if (parameter.components === undefined) return parameter.type;
    const name = (parameter.internalType ?? '').replace(/^struct (?:\w+\.)?/, '').replace(/(\[\])*$/, '');
    types[name] = parameter.components.map((field) => ({ name: field.name, type: collect(field) }));
    return `${name}${array}`;
  };
  const primaryType = collect(act);
  types.Approval = [
    { name: 'act', type: primaryType },
    { name: 'approver', type: 'bytes32' },
    { name: 'approverEpoch', type: 'uint32' },
    { name: 'deadline', type: 'uint64' },
  ];
  return { types, primaryType };
}

/** Far enough away that no test's clock gets there. */
export const FAR_FUTURE = 4_000_000_000n;

export function headOf(preparer: Officer, salt: bigint, effectiveOn = 0n) {
  return {
    office: 1 as OfficeId,
    preparer: preparer.officer,
    preparerEpoch: preparer.epoch,
    notBefore: 0n,
    deadline: FAR_FUTURE,
    effectiveOn,
    salt,
    sourcesRoot: ZERO_32,
    corrects: ZERO_32 as EntryId,
  };
}

/** The two signatures a register asks for. */
export function signedBy(
  preparer: Officer,
  approver: Officer,
  domain: RegisterDomain,
  contract: ContractName,
  method: string,
  act: object,
) {
  const { types, primaryType } = typesOf(contract, method);
  const approval = { approver: approver.officer, approverEpoch: approver.epoch, deadline: FAR_FUTURE };
  const message = act as TypedStruct;
  return {
    preparer: signCompact(digest(domain, types, primaryType, message), preparer.key),
    approval,
    approver: signCompact(digest(domain, types, 'Approval', { act: message, ...approval }), approver.key),
  };
}

/** One officer's signature of an order that needs no second. */
export function signedAlone(
  officer: Officer,
  domain: RegisterDomain,
  contract: ContractName,
  method: string,
  order: object,
): Hex {
  const { types, primaryType } = typesOf(contract, method);
  return signCompact(digest(domain, types, primaryType, order as TypedStruct), officer.key);
}
