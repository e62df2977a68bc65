/** The pinned bytes of benefits, made here and by ethers: acts, approvals, tables, slots, items and results. */

import { expect } from 'chai';
import { TypedDataEncoder } from 'ethers';
import { approvalOf } from '../../../../server/domain/acts/approval.ts';
import { addressOfPrivateKey } from '../../../../server/domain/acts/signing.ts';
import {
  digest,
  digestOf,
  encodeType,
  type TypedStruct,
  type TypeTable,
} from '../../../../server/domain/acts/typedData.ts';
import { recoverCompact } from '../../../../server/domain/audit/signature.ts';
import {
  type Address,
  type Bytes32,
  fromHex,
  type Hex,
  toHex,
  ZERO_32,
} from '../../../../server/domain/base/hex.ts';
import type { EntryId, OfficeId } from '../../../../server/domain/base/terms.ts';
import type { Acts } from '../../../../server/domain/benefits/act.ts';
import { appliedAct, kindOf } from '../../../../server/domain/benefits/act.ts';
import { type Card, NO_CARD, p256KeyId, packSlots } from '../../../../server/domain/benefits/cards.ts';
import { ROLL_SECRET_BYTES, rollTree } from '../../../../server/domain/benefits/envelope.ts';
import { releaseEntryId, signable } from '../../../../server/domain/benefits/prepare.ts';
import {
  assembleBatch,
  type ItemResult,
  packItem,
  type RedemptionItem,
  readResults,
  redemptionDigest,
  redemptionEntryId,
  resultWord,
  signRedemption,
} from '../../../../server/domain/benefits/redemption.ts';
import { BENEFIT_ACTS } from '../../../../server/domain/benefits/terms.ts';
import type { BenefitRegister } from '../../../../server/domain/benefits/types.ts';
import {
  ACT_FIELDS,
  type ActName,
  BENEFIT_TYPES,
  benefitDomain,
  SALE_TYPES,
  saleDomain,
} from '../../../../server/domain/benefits/types.ts';
import { foldWords, packUnits, wordsIn } from '../../../../server/domain/benefits/unitsTable.ts';
import { vectors } from '../../../vectors.ts';
import {
  cardKeyOf,
  cardsOf,
  cycleId,
  definition,
  EPOCH,
  envelope,
  moveCycle,
  moveFunds,
  PROGRAMME,
  purchase,
  sale,
  setCard,
  setTill,
  settle,
  setVendor,
  VENDOR,
} from './programme.ts';
import { APPROVER, bytes32, PREPARER, START } from './register.ts';

const register: BenefitRegister = {
  chainId: 0x6b7564757272,
  ledgerNonce: `0x${'4e'.repeat(32)}` as Bytes32,
  benefitLedger: `0x${'be'.repeat(20)}` as Address,
};
const genesisHash = bytes32(0x6e);
const head = {
  office: 7 as OfficeId,
  preparer: PREPARER.id,
  preparerEpoch: 3,
  notBefore: START,
  deadline: START + 1n,
  effectiveOn: START + 2n,
  salt: 2n ** 128n - 2n,
  sourcesRoot: bytes32(0xcc),
  corrects: bytes32(0xdd) as EntryId,
};
const approval = { approver: APPROVER.id, approverEpoch: 4, deadline: START + 3n };
const UNITS = Array.from({ length: 37 }, (_, index) => (index * 37) % 256);
const [CARD = NO_CARD, NEXT_CARD = NO_CARD] = cardsOf(genesisHash, 2);
const CARDS: readonly Card[] = [
  CARD,
  NO_CARD,
  {
    keyKind: 'p256',
    keyId: p256KeyId(new Uint8Array(64).fill(2)),
    standing: 'suspended',
    cardEpoch: 1,
    effectiveFrom: 2n ** 40n - 2n,
    version: 0,
  },
];

const ACTS: Acts = {
  DefineProgramme: definition,
  MoveFunds: moveFunds({ move: 'reuse-reclaimed', movedBeforeMinor: 9n }),
  PauseProgramme: { programme: PROGRAMME, pausedUntil: START, byTwoInstitutions: true, versionBefore: 2 },
  ResumeProgramme: { programme: PROGRAMME, versionBefore: 3 },
  Enrol: {
    programme: PROGRAMME,
    enrolmentEpoch: EPOCH,
    startIndex: 5,
    count: 3,
    slotsHash: foldWords(packSlots(CARDS)),
    versionBefore: 1,
  },
  SetCard: setCard(NEXT_CARD, { index: 6, cardEpoch: 9, effectiveFrom: START, versionBefore: 11 }),
  SetVendor: setVendor({ standing: 'suspended', from: START, versionBefore: 1 }),
  SetTill: setTill({ keyKind: 'p256' }),
  CycleEnvelope: envelope(packUnits(UNITS, 4), { lane: 15 }),
  MoveCycle: moveCycle({ step: 'reclaim', unspentUnits: 12n, endsAt: START }),
  Settle: settle({ settledBeforeUnits: 2n ** 47n, units: 4n, amountMinor: 100n }),
  ReleaseCredit: {
    ...{ programme: PROGRAMME, cycle: cycleId(1), vendor: VENDOR, releasedBeforeUnits: 5n, units: 6n },
    caseCommitment: bytes32(0xab),
  },
};
const NAMES = Object.keys(ACTS) as ActName[];

const item = signRedemption(register, sale(), purchase(), cardKeyOf(genesisHash, 0));
const p256Item: RedemptionItem = {
  ...purchase({
    index: 2 ** 32 - 1,
    cardEpoch: 2 ** 16 - 1,
    sequence: 255,
    remainingBefore: 2 ** 24 - 1,
    units: 2 ** 24 - 2,
    soldAt: 2n ** 40n - 1n,
  }),
  kind: 'card-p256',
  signature: toHex(new Uint8Array(128).fill(0x25)),
};
const RESULTS: readonly ItemResult[] = [
  {
    outcome: 'redeemed',
    kind: 'card',
    cardEpoch: 1,
    index: 2,
    remainingBefore: 10,
    units: 3,
    sequence: 4,
    soldAt: 5n,
  },
  {
    outcome: 'item-signature-invalid',
    kind: 'card-p256',
    cardEpoch: 65_535,
    index: 2 ** 32 - 1,
    remainingBefore: 2 ** 24 - 1,
    units: 2 ** 24 - 2,
    sequence: 255,
    soldAt: 2n ** 40n - 1n,
  },
];

/** Numbers as the vectors spell them. */
function spelled(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? String(part) : part)));
}

/** Everything the vectors pin, as this code makes it. */
function made() {
  const batch = assembleBatch(register, sale(), [item, p256Item], START + 5n);
  const results = RESULTS.map(resultWord);
  return spelled({
    register,
    genesisHash,
    acts: NAMES.map((name) => {
      const act = signable(name, ACTS[name], register, head);
      return {
        name,
        kind: BENEFIT_ACTS.indexOf(act.kind),
        encodeType: encodeType(BENEFIT_TYPES[name], name),
        message: act.typedData.message,
        newState: act.newState,
        entryId: act.entryId,
        approval,
        approvalDigest: digestOf(approvalOf(act.typedData, approval)),
      };
    }),
    release: releaseEntryId(register, PROGRAMME, cycleId(1)),
    tables: ([1, 4] as const).map((entryBytes) => {
      const { words, totalUnits } = packUnits(UNITS, entryBytes);
      return { entryBytes, units: UNITS, totalUnits, words: [...wordsIn(words)], hash: foldWords(words) };
    }),
    slots: { cards: CARDS, words: [...wordsIn(packSlots(CARDS))], hash: foldWords(packSlots(CARDS)) },
    roll: {
      units: [3, 0, 5],
      secretByte: 9,
      root: rollTree(Uint32Array.of(3, 0, 5), new Uint8Array(ROLL_SECRET_BYTES).fill(9)).root,
    },
    redemption: {
      sale: sale(),
      purchase: purchase(),
      card: CARD.keyId,
      digest: redemptionDigest(register, sale(), purchase()),
      items: [item, p256Item].map((one) => [...wordsIn(packItem(one))]),
      itemsHash: batch.itemsHash,
      batchDigest: batch.digest,
      results,
      entryId: redemptionEntryId(batch.digest, results),
    },
  });
}

describe('the pinned bytes of benefits', () => {
  it('are made to the byte', () => {
    expect(made()).to.deep.equal(vectors.benefits);
  });

  it('are those another library signs', () => {
    const { domain, message, types } = signable('Settle', ACTS.Settle, register, head).typedData;
    const byEthers = (table: TypeTable, names: readonly string[], value: TypedStruct, of = domain): Hex => {
      const used = Object.fromEntries(names.map((name) => [name, [...(table[name] ?? [])]]));
      return TypedDataEncoder.hash(of, used, value) as Hex;
    };
    expect(byEthers(types, ['Settle', 'ActHead'], message)).to.equal(
      digest(domain, types, 'Settle', message),
    );
    for (const name of NAMES) {
      const act = signable(name, ACTS[name], register, head);
      const approved = approvalOf(act.typedData, approval);
      expect(byEthers(act.typedData.types, [name, 'ActHead'], act.typedData.message)).to.equal(act.entryId);
      expect(byEthers(approved.types, ['Approval', name, 'ActHead'], approved.message)).to.equal(
        digestOf(approved),
      );
    }
    const {
      programme,
      cycle,
      vendor,
      till,
      count,
      offlineSince,
      deadline,
      itemsHash,
      digest: signed,
    } = assembleBatch(register, sale(), [item], START);
    const batch = { programme, cycle, vendor, till, count, offlineSince, deadline, itemsHash };
    expect(byEthers(SALE_TYPES, ['RedemptionBatch'], batch, saleDomain(register) as typeof domain)).to.equal(
      signed,
    );
    expect(benefitDomain(register)).to.deep.equal(domain);
  });

  it('come back as they went: acts from the words of their events, outcomes from theirs', () => {
    for (const name of NAMES) {
      const { head: _, ...fields } = signable(name, ACTS[name], register, head).typedData.message;
      const words = ACT_FIELDS[name].map(({ name: field }) => {
        const value = fields[field];
        return `0x${BigInt(value as bigint | number | Hex)
          .toString(16)
          .padStart(64, '0')}` as Bytes32;
      });
      expect(appliedAct(kindOf(name), words)).to.deep.equal({
        name,
        act: ACTS[name],
      });
      expect(() => appliedAct(kindOf(name), words.slice(1))).to.throw(TypeError);
    }
    const release = [PROGRAMME, bytes32(4), bytes32(9)];
    const kind = BENEFIT_ACTS.indexOf('cycle-released');
    expect(appliedAct(kind, release)).to.deep.equal({
      name: 'Release',
      act: { programme: PROGRAMME, cycle: 4, opensAt: 9n },
    });
    expect(() => appliedAct(kind, [PROGRAMME, bytes32(2 ** 32), bytes32(9)])).to.throw(TypeError);
    const step = [PROGRAMME, bytes32(1), bytes32(6), bytes32(0)];
    expect(() => appliedAct(BENEFIT_ACTS.indexOf('cycle-moved'), step)).to.throw(TypeError);
    expect(readResults(RESULTS.map(resultWord))).to.deep.equal(RESULTS);
    expect(() => appliedAct(0, [])).to.throw(TypeError);
    expect(() => appliedAct(BENEFIT_ACTS.indexOf('delegated'), [])).to.throw(TypeError);
  });

  it('hold a card and its signature: another programme, epoch or ledger shows another key', () => {
    const signed = fromHex(redemptionDigest(register, sale(), purchase()));
    expect(recoverCompact(signed, fromHex(item.signature))).to.equal(CARD.keyId);
    const keys = [genesisHash, ZERO_32, bytes32(1)].map((hash) => addressOfPrivateKey(cardKeyOf(hash, 0)));
    expect(new Set(keys).size).to.equal(3);
  });

  it('refuse a result word of another contract', () => {
    const [word = ZERO_32] = RESULTS.map(resultWord);
    const reasonAt = word.length - 160 / 4;
    const withReason = (byte: string) =>
      `${word.slice(0, reasonAt)}${byte}${word.slice(reasonAt + 2)}` as Bytes32;
    expect(() => readResults([withReason('12')])).to.throw(TypeError);
    expect(() => readResults([`0x01${word.slice(4)}` as Bytes32])).to.throw(TypeError);
    expect(() => readResults([`${word.slice(0, -2)}03` as Bytes32])).to.throw(TypeError);
    expect(readResults([withReason('11')])[0]?.outcome).to.equal('item-signature-invalid');
  });

  it('are not packed from a value that does not fit its field', () => {
    for (const wrong of [
      { index: 2 ** 32 },
      { units: 2 ** 24 },
      { sequence: 256 },
      { cardEpoch: 2 ** 16 },
      { remainingBefore: -1 },
      { soldAt: 2n ** 40n },
      { signature: '0x' as Hex },
    ]) {
      expect(() => packItem({ ...item, ...wrong })).to.throw(TypeError);
    }
  });
});
