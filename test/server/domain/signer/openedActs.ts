/** One of every act that officers sign, with a file that opens what it commits to. */
import { concat, keccak256 } from 'ethers';
import { registerDomain } from '../../../../server/domain/acts/domains.ts';
import { commitFacts } from '../../../../server/domain/acts/facts.ts';
import { SIGNED_NAMES, SIGNED_TYPES } from '../../../../server/domain/acts/signedActs.ts';
import { ACTS, type ActRow, type ActType } from '../../../../server/domain/acts/table.ts';
import {
  hashStruct,
  type TypedStruct,
  type TypedValue,
  typesOf,
} from '../../../../server/domain/acts/typedData.ts';
import type { Address } from '../../../../server/domain/base/hex.ts';
import { Refusal } from '../../../../server/domain/base/refusal.ts';
import { NO_CARD, packSlots } from '../../../../server/domain/benefits/cards.ts';
import { rollTree } from '../../../../server/domain/benefits/envelope.ts';
import { foldWords, packUnits } from '../../../../server/domain/benefits/unitsTable.ts';
import { fromAbi } from '../../../../server/domain/land/codec.ts';
import { foldHashes, structHash } from '../../../../server/domain/land/hashes.ts';
import { actInWords, readActFile, writeActFile } from '../../../../server/domain/signer/actFile.ts';
import type { Opens } from '../../../../server/domain/signer/openings.ts';
import type { SignableData } from '../../../../server/domain/signer/typedJson.ts';
import {
  change,
  fact,
  head,
  partyFacts,
  shapeFacts,
  state,
  title,
  unitFacts,
  word,
  ZERO,
} from '../acts/signedActs.ts';

export const buyerFacts = commitFacts([fact('name', 'Ann Buyer', 41)]);
const childFacts = commitFacts([fact('parcel/number', '12/7/1', 42)]);
const termsFacts = commitFacts([fact('amount', 'KES 90,000', 43)]);
const elsewhere = commitFacts([fact('reference', 'Donor letter 7', 44)]);
const stateFacts = commitFacts([fact('parcel/number', '12/7', 45)]);
export const sellerFacts = commitFacts([fact('name', 'Will Seller', 46)]);
export const charge: TypedStruct = {
  ...{ restrictionId: 1n, kind: 1n, targetRight: 0n, targetHolding: 0n, rank: 1n, presentationNo: 3n },
  ...{ instrumentId: word(0x61), holderKeyHash: word(0x62), blocks: 4n, needsConsent: 0n, expiresOn: 0n },
  termsCommitment: termsFacts.root,
};
export const [right = {}] = state.rights as readonly TypedStruct[];
const heldBy = (root: string, holdingId: bigint): TypedStruct => {
  const [holding = {}] = right.holdings as readonly TypedStruct[];
  return { ...right, holdings: [{ ...holding, holdingId, partyCommitment: root }] };
};
export const prior: TypedStruct = {
  ...state,
  ...{
    charges: [charge],
    rights: [heldBy(sellerFacts.root, 2n)],
    factsRoot: stateFacts.root,
  },
};
export const unit: TypedStruct = { ...change, priorState: hashStruct(SIGNED_TYPES, 'BAUnitState', prior) };
const newTitle: TypedStruct = title;
const childShape = commitFacts([fact('boundary', '0,0 0,1 1,1 0,0', 47)]);
const childGround = [{ id: word(0x33), geometryCommitment: childShape.root }];
export const child: TypedStruct = {
  portion: { baUnit: word(0x43), spatialUnits: childGround, quotaNumerator: 0n },
  factsRoot: childFacts.root,
};
export const slots = packSlots([
  { ...NO_CARD, keyKind: 'secp256k1', keyId: `0x${'ab'.repeat(20)}` as Address, effectiveFrom: 7n },
  NO_CARD,
]);
export const units = packUnits([3_000, 0, 1_120], 4);
export const secret = new Uint8Array(32).map((_, i) => i + 1);

/** Fields that are more than their type says, whatever struct they are in. */
const FIELDS: Readonly<Record<string, TypedValue>> = {
  ...{ head, unit, base: unit, units: [unit], title: newTitle, parts: [newTitle], children: [child], child },
  ...{ next: heldBy(buyerFacts.root, 0n), ownership: heldBy(buyerFacts.root, 0n) },
  restriction: { ...charge, restrictionId: 0n, presentationNo: 0n },
  ...{ policyHash: elsewhere.root, sourceCommitment: elsewhere.root },
  ...{ statementHash: elsewhere.root, caseCommitment: elsewhere.root, caseReference: ZERO },
};
export const items: Readonly<Partial<Record<ActType, readonly TypedStruct[]>>> = {
  Batch: [newTitle, { ...newTitle, baUnit: word(0x42) }],
  OpenDivision: [child, { ...child, portion: { ...(child.portion as TypedStruct), baUnit: word(0x44) } }],
};
const hashes = (name: 'Title' | 'Child', all: readonly TypedStruct[] = []) =>
  all.map((one) => structHash(name, fromAbi(name, one)));
const OF_ACT: Readonly<Partial<Record<ActType, TypedStruct>>> = {
  Batch: { itemsHash: hashOfList(hashes('Title', items.Batch)), count: 2n },
  OpenDivision: { membersRoot: foldHashes(hashes('Child', items.OpenDivision)), memberCount: 2n },
  Enrol: { startIndex: 10n, count: 2n, slotsHash: foldWords(slots) },
  CycleEnvelope: {
    ...{ tableHash: foldWords(units.words), root: rollTree(Uint32Array.of(3_000, 0, 1_120), secret).root },
    ...{ count: 3n, totalUnits: 4_120n, entryBytes: 4n, unitValueMinor: 1_250n, currency: 404n },
    ...{ opensAt: 1_795_000_000n, spendUntil: 1_796_000_000n },
  },
};
/** What a file opens: of the units that an act changes, and of what it brings. */
const STATE: readonly Opens[] = [stateFacts, { state: prior }, shapeFacts];
export const SOLD: readonly Opens[] = [...STATE, sellerFacts, buyerFacts];
const BEGUN: readonly Opens[] = [unitFacts, partyFacts, shapeFacts];
const MADE: readonly Opens[] = [...STATE, childFacts, childShape];
export const OPENS: Readonly<Partial<Record<ActType, readonly Opens[]>>> = {
  ...{
    RegisterTitle: BEGUN,
    Batch: BEGUN,
    RegisterParts: [...STATE, unitFacts, partyFacts],
    TransferRight: SOLD,
  },
  ...{ CreateRestriction: [...STATE, termsFacts], Discharge: [...STATE, termsFacts], CancelDivision: STATE },
  ...{ Subdivide: MADE, OpenDivision: MADE, Consolidate: [...MADE, buyerFacts] },
  ...{
    DefineProgramme: [elsewhere],
    MoveFunds: [elsewhere],
    Settle: [elsewhere],
    ReleaseCredit: [elsewhere],
  },
  Enrol: [{ list: { words: slots, secret: new Uint8Array() } }],
  CycleEnvelope: [{ list: { words: units.words, secret } }],
};

function hashOfList(all: readonly string[]): string {
  return keccak256(concat(all));
}

function messageOf(struct: string, given: TypedStruct = {}): TypedStruct {
  return Object.fromEntries(
    (SIGNED_TYPES[struct] ?? []).map(({ name, type }) => [
      name,
      given[name] ?? fieldOf(name, type) ?? madeUp(struct, name, type),
    ]),
  );
}

const fieldOf = (name: string, type: string) => (type.startsWith('uint') ? undefined : FIELDS[name]);

function madeUp(struct: string, name: string, type: string): TypedValue {
  if (type.endsWith('[]')) return [madeUp(struct, name, type.slice(0, -2))];
  if (Object.hasOwn(SIGNED_TYPES, type)) return messageOf(type);
  if (type === 'bytes32') return word(0x70 + (name.length % 16));
  if (type === 'address') return `0x${'cd'.repeat(20)}`;
  if (type === 'bool') return true;
  if (type === 'bytes') return '0x';
  return SIGNED_NAMES[struct]?.[name] === undefined && type === 'uint64' ? 1_795_000_000n : 1n;
}

export const ledger = { chainId: 281_474_976_710_655, ledgerNonce: word(0x4e) };
export function signedOf({ type, register }: ActRow): SignableData {
  const domain = registerDomain(register, ledger, `0x${'d0'.repeat(20)}` as Address);
  const message = messageOf(type, OF_ACT[type as ActType]);
  return { domain, types: typesOf(SIGNED_TYPES, type), primaryType: type, message };
}

export function textOf(row: ActRow, opens = OPENS[row.type as ActType] ?? []): string {
  const act = signedOf(row);
  const all = items[row.type as ActType] ?? [];
  return JSON.stringify(writeActFile({ act, items: all, approval: undefined, consents: [], opens }));
}

/** The key of the fixture's holding. */
export const OWN_KEY = 'key 0x21212121...2121 signs';
export const sentenceOf = (text: string) => actInWords(readActFile(text))[0] ?? '';
export const rows: readonly ActRow[] = Object.values(ACTS);

export function refusalOf(text: string): string {
  try {
    readActFile(text);
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
  return 'nothing refused';
}
