/** One unit of land with its facts, and acts on it as they are signed: for tests. */
import { registerDomain } from '../../../../server/domain/acts/domains.ts';
import { commitFacts } from '../../../../server/domain/acts/facts.ts';
import { hashStruct, type TypedStruct, typesOf } from '../../../../server/domain/acts/typedData.ts';
import type { Address, Bytes32 } from '../../../../server/domain/base/hex.ts';
import type { OfficerId } from '../../../../server/domain/base/terms.ts';
import { LAND_TYPES } from '../../../../server/domain/land/acts.ts';
import type { SignableData } from '../../../../server/domain/signer/typedJson.ts';

export const word = (byte: number) => `0x${byte.toString(16).padStart(2, '0').repeat(32)}` as Bytes32;
export const ZERO = word(0);
export const fact = (path: string, value: string, salt: number) => ({ path, value, salt: word(salt) });

export const unitFacts = commitFacts([fact('parcel/number', '12/7', 1), fact('place', 'Upper field', 2)]);
export const partyFacts = commitFacts([fact('name', 'Synthetic\u202eParty\n', 3)]);
export const shapeFacts = commitFacts([fact('boundary', '0,0 0,1 1,1', 4)]);

export const head: TypedStruct = {
  office: 4n,
  preparer: word(0x11),
  preparerEpoch: 2n,
  notBefore: 1_700_000_000n,
  deadline: 1_800_000_000n,
  effectiveOn: 0n,
  salt: 5n,
  sourcesRoot: ZERO,
  corrects: ZERO,
};

export const right: TypedStruct = {
  rightId: 1n,
  kind: 1n,
  standing: 5n,
  upgradesOn: 0n,
  expiresOn: 0n,
  tenancy: 1n,
  targetRight: 0n,
  presentationNo: 0n,
  denominator: 1n,
  termsCommitment: ZERO,
  holdings: [
    {
      holdingId: 2n,
      numerator: 1n,
      partyKind: 1n,
      signer: 1n,
      keyHash: word(0x21),
      partyCommitment: partyFacts.root,
    },
  ],
};

export const state: TypedStruct = {
  header: {
    formatVersion: 1n,
    version: 1n,
    status: 1n,
    office: 4n,
    origin: 1n,
    evidence: 5n,
    baseUnit: ZERO,
    quotaNumerator: 0n,
    quotaTotal: 0n,
    membersRoot: ZERO,
    memberCount: 0n,
    nextId: 3n,
    effectiveOn: 0n,
  },
  spatialUnits: [{ id: word(0x31), geometryCommitment: shapeFacts.root }],
  rights: [right],
  charges: [],
  notices: [],
  responsibilities: [],
  applications: [],
  factsRoot: unitFacts.root,
  priorState: ZERO,
};
export const stateHash = hashStruct(LAND_TYPES, 'BAUnitState', state);
export const change: TypedStruct = { baUnit: word(0x41), priorState: stateHash };

export function land(primaryType: string, message: TypedStruct): SignableData {
  const ledger = { chainId: 281_474_976_710_655, ledgerNonce: word(0x4e) };
  const domain = registerDomain('landRegistry', ledger, `0x${'d0'.repeat(20)}` as Address);
  return { domain, types: typesOf(LAND_TYPES, primaryType), primaryType, message };
}

export const title: TypedStruct = { baUnit: word(0x41), state };
export const registration = land('RegisterTitle', { head, title });
export const transfer = land('TransferRight', { head, unit: change, next: right });
export const consent = (fields: TypedStruct = {}) =>
  land('Consent', {
    role: 1n,
    act: 2n,
    baUnit: word(0x41),
    unitsHash: word(0x51),
    subject: 2n,
    termsHash: hashStruct(LAND_TYPES, 'Right', right),
    effectiveOn: 0n,
    notBefore: 0n,
    deadline: 1_800_000_000n,
    mandateCommitment: ZERO,
    ...fields,
  });
export const approval = { approver: word(0x12) as OfficerId, approverEpoch: 1, deadline: 1_790_000_000n };
export const opens = [unitFacts, partyFacts, shapeFacts];
