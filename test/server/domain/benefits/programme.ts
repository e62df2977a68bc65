/** The one programme of these tests: its ids, its people's cards, its till, and acts with sensible values. */

import { addressOfPrivateKey, cardKey } from '../../../../server/domain/acts/signing.ts';
import type { Bytes32 } from '../../../../server/domain/base/hex.ts';
import type { InstitutionId, ProgrammeId, VendorId } from '../../../../server/domain/base/terms.ts';
import type {
  CycleEnvelope,
  DefineProgramme,
  MoveCycle,
  MoveFunds,
  SetCard,
  SetTill,
  Settle,
  SetVendor,
} from '../../../../server/domain/benefits/act.ts';
import { type Card, firstCard } from '../../../../server/domain/benefits/cards.ts';
import type { Purchase, Sale } from '../../../../server/domain/benefits/redemption.ts';
import type { CycleId, TillId } from '../../../../server/domain/benefits/terms.ts';
import type { UnitsTable } from '../../../../server/domain/benefits/unitsTable.ts';
import { foldWords } from '../../../../server/domain/benefits/unitsTable.ts';
import { AGENCY, bytes32, START } from './register.ts';

export const PROGRAMME = bytes32(0x1001) as ProgrammeId;
export const VENDOR = bytes32(0x2001) as VendorId;
export const OTHER_VENDOR = bytes32(0x2002) as VendorId;
export const TILL = 1 as TillId;
export const TILL_KEY = new Uint8Array(32).fill(0xb1);
export const EPOCH = 1;
export const INSTITUTION = AGENCY as InstitutionId;
export const DISPUTE_SECONDS = 3_600;
export const cycleId = (number: number) => number as CycleId;

export function seedOf(index: number): Uint8Array {
  const seed = new Uint8Array(32).fill(0x5e);
  new DataView(seed.buffer).setUint32(0, index);
  return seed;
}

export function cardKeyOf(genesisHash: Bytes32, index: number): Uint8Array {
  return cardKey(seedOf(index), { genesisHash, programme: PROGRAMME, enrolmentEpoch: EPOCH });
}

export function cardsOf(genesisHash: Bytes32, count: number): Card[] {
  const place = { genesisHash, programme: PROGRAMME, enrolmentEpoch: EPOCH };
  return Array.from({ length: count }, (_, index) => firstCard(seedOf(index), place));
}

export const definition: DefineProgramme = {
  programme: PROGRAMME,
  institution: INSTITUTION,
  currency: 404,
  mostPerRedemptionUnits: 50,
  disputeSeconds: DISPUTE_SECONDS,
  leastOpenSeconds: 100,
  mostOfflineSeconds: 604_800,
  assistedCapUnits: 5,
  emergencyCapUnits: 6,
  policyHash: bytes32(0x77),
};

export const moveFunds = (act: Partial<MoveFunds> = {}): MoveFunds => ({
  programme: PROGRAMME,
  move: 'fund',
  amountMinor: 500_000n,
  movedBeforeMinor: 0n,
  sourceCommitment: bytes32(0x88),
  ...act,
});

export const setVendor = (act: Partial<SetVendor> = {}): SetVendor => ({
  vendor: VENDOR,
  institution: INSTITUTION,
  standing: 'active',
  from: 0n,
  versionBefore: 0,
  ...act,
});

export const setTill = (act: Partial<SetTill> = {}): SetTill => ({
  vendor: VENDOR,
  till: TILL,
  keyKind: 'secp256k1',
  keyId: addressOfPrivateKey(TILL_KEY),
  standing: 'active',
  versionBefore: 0,
  ...act,
});

export const envelope = (table: UnitsTable, act: Partial<CycleEnvelope> = {}): CycleEnvelope => ({
  programme: PROGRAMME,
  cycle: cycleId(1),
  enrolmentEpoch: EPOCH,
  lane: 0,
  root: bytes32(0x99),
  tableHash: foldWords(table.words),
  count: table.count,
  totalUnits: table.totalUnits,
  entryBytes: table.entryBytes,
  unitValueMinor: 25n,
  currency: 404,
  opensAt: START,
  spendUntil: START + 1_000_000n,
  postUntil: START + 1_100_000n,
  ...act,
});

export const moveCycle = (act: Partial<MoveCycle> = {}): MoveCycle => ({
  programme: PROGRAMME,
  cycle: cycleId(1),
  step: 'close',
  unspentUnits: 0n,
  endsAt: 0n,
  ...act,
});

export const settle = (act: Partial<Settle> = {}): Settle => ({
  programme: PROGRAMME,
  cycle: cycleId(1),
  vendor: VENDOR,
  settledBeforeUnits: 0n,
  units: 1n,
  amountMinor: 25n,
  statementHash: bytes32(0xaa),
  ...act,
});

export const setCard = (card: Card, act: Partial<SetCard> = {}): SetCard => ({
  programme: PROGRAMME,
  enrolmentEpoch: EPOCH,
  index: 0,
  cardEpoch: 2,
  keyKind: card.keyKind,
  keyId: card.keyId,
  standing: card.standing,
  effectiveFrom: card.effectiveFrom,
  versionBefore: 0,
  ...act,
});

export const sale = (terms: Partial<Sale> = {}): Sale => ({
  programme: PROGRAMME,
  cycle: cycleId(1),
  enrolmentEpoch: EPOCH,
  vendor: VENDOR,
  till: TILL,
  offlineSince: 0n,
  ...terms,
});

export const purchase = (terms: Partial<Purchase> = {}): Purchase => ({
  index: 0,
  cardEpoch: 1,
  sequence: 0,
  remainingBefore: 10,
  units: 3,
  receiptHash: bytes32(0xbb),
  soldAt: START,
  ...terms,
});

export const keysOf = {
  programme: { programme: PROGRAMME },
  enrolment: { programme: PROGRAMME, enrolment: { programme: PROGRAMME, enrolmentEpoch: EPOCH } },
  card: (index: number) => ({
    programme: PROGRAMME,
    enrolment: { programme: PROGRAMME, enrolmentEpoch: EPOCH },
    card: { programme: PROGRAMME, enrolmentEpoch: EPOCH, index },
  }),
  vendor: { vendor: VENDOR, till: { vendor: VENDOR, till: TILL } },
  cycle: (cycle = cycleId(1)) => ({
    programme: PROGRAMME,
    enrolment: { programme: PROGRAMME, enrolmentEpoch: EPOCH },
    cycle: { programme: PROGRAMME, cycle },
    credit: { programme: PROGRAMME, cycle, vendor: VENDOR },
  }),
};
