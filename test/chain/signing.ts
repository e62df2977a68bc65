/** Officers of throw-away keys, and acts signed as their own devices would: the types are read from the ABI. */

import type { RegisterDomain } from '../../server/domain/acts/domains.ts';
import type { ContractName } from '../../server/domain/acts/events.ts';
import { addressOfPrivateKey, signCompact } from '../../server/domain/acts/signing.ts';
import {
  digest,
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
} from '../../server/domain/base/hex.ts';
import type { EntryId, InstitutionId, OfficeId, OfficerId } from '../../server/domain/base/terms.ts';
import type { AbiParameter } from '../../server/ledger/abi.ts';
import { contractOf } from '../../server/ledger/contracts.ts';
import { keccak256 } from '../../server/ledger/keccak.ts';

/** 32 bytes that a word names, the same in every run. */
export function named(name: string): Bytes32 {
  return toHex(keccak256(Buffer.from(name))) as Bytes32;
}

export interface Officer {
  readonly officer: OfficerId;
  readonly institution: InstitutionId;
  readonly key: Uint8Array;
  readonly address: Address;
  readonly epoch: number;
}

export function officerOf(institution: number, name: string, epoch = 1): Officer {
  const key = fromHex(named(`key of ${name} ${epoch}`));
  return {
    officer: named(`officer ${name}`) as OfficerId,
    institution: institution as InstitutionId,
    key,
    address: addressOfPrivateKey(key),
    epoch,
  };
}

/** The key record of an officer's secp256k1 key. */
export function keyRecord({ address }: Officer) {
  return {
    kind: 1,
    verifier: `0x${'00'.repeat(20)}`,
    keyHash: toHex(keccak256(fromHex(address))),
    rpIdHash: ZERO_32,
    requireUV: false,
  };
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
