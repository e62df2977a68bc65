/** The packed table against a plain reading of its format, and its chunks against the gas of the real register. */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { expect } from 'chai';
import { type Address, fromHex, toHex, ZERO_32 } from '../../../../server/domain/base/hex.ts';
import { Refusal } from '../../../../server/domain/base/refusal.ts';
import { KEY_KINDS } from '../../../../server/domain/base/terms.ts';
import {
  type Card,
  loadedCard,
  NO_CARD,
  packCard,
  packSlots,
  unpackSlot,
} from '../../../../server/domain/benefits/cards.ts';
import {
  chunksOf,
  type EntryBytes,
  entryAt,
  foldWords,
  mostUnits,
  packUnits,
  WORDS_PER_CALL,
  wordsIn,
  wordsOf,
} from '../../../../server/domain/benefits/unitsTable.ts';
import { keccak256 } from '../../../../server/ledger/keccak.ts';
import { seeded } from '../../../seeded.ts';
import {
  cycleId,
  definition,
  EPOCH,
  envelope,
  keysOf,
  moveCycle,
  moveFunds,
  PROGRAMME,
} from './programme.ts';
import { foundRegister } from './register.ts';

const SEED = 20260411;
const WIDTHS: readonly EntryBytes[] = [1, 4];

/** Word by word as a number: entry k stands at bit k * width. */
function plainWords(units: readonly number[], entryBytes: EntryBytes): bigint[] {
  const perWord = 32 / entryBytes;
  const words = new Array<bigint>(Math.ceil(units.length / perWord)).fill(0n);
  units.forEach((entry, index) => {
    const at = Math.floor(index / perWord);
    words[at] = (words[at] ?? 0n) + (BigInt(entry) << BigInt(8 * entryBytes * (index % perWord)));
  });
  return words;
}

function plainFold(words: readonly Uint8Array[]): Uint8Array {
  return words.reduceRight((rest, word) => keccak_256(concatBytes(word, rest)), new Uint8Array(32));
}

describe('the units table', () => {
  for (const entryBytes of WIDTHS) {
    it(`has its entries where the format says, ${entryBytes} bytes each, for every size to 70`, () => {
      const random = seeded(SEED + entryBytes);
      for (let count = 1; count <= 70; count++) {
        const units = Array.from({ length: count }, () => random.below(mostUnits(entryBytes) + 1));
        const table = packUnits(units, entryBytes);
        const words = [...wordsIn(table.words)];
        expect(words.map(BigInt)).to.deep.equal(plainWords(units, entryBytes));
        expect(words).to.have.lengthOf(wordsOf(count, entryBytes));
        expect(table.totalUnits).to.equal(units.reduce((sum, entry) => sum + BigInt(entry), 0n));
        units.forEach((entry, index) => {
          expect(entryAt(table, index)).to.deep.equal({ units: entry, sequence: 0 });
        });
        expect(foldWords(table.words)).to.equal(toHex(plainFold(words.map(fromHex))));
      }
    });

    it(`takes the most an entry of ${entryBytes} bytes holds and refuses one more`, () => {
      const most = mostUnits(entryBytes);
      expect(entryAt(packUnits([0, most, 0], entryBytes), 1).units).to.equal(most);
      expect(() => packUnits([0, most + 1], entryBytes))
        .to.throw(Refusal)
        .with.property('code', 'units-exceed-entry');
      expect(() => packUnits([], entryBytes))
        .to.throw(Refusal)
        .with.property('code', 'cycle-count-out-of-range');
      expect(() => packUnits([-1], entryBytes)).to.throw(TypeError);
      expect(() => packUnits([0.5], entryBytes)).to.throw(TypeError);
    });
  }

  it('is cut into chunks that join to it, each with the fold of what follows, from any word on', () => {
    const words = seeded(SEED).bytes(32 * 23);
    const all = [...wordsIn(words)].map(fromHex);
    for (const perCall of [1, 2, 5, 22, 23, 24]) {
      for (const from of [0, 1, 7, 22, 23]) {
        const chunks = chunksOf(words, from, keccak_256, perCall);
        let next = from;
        for (const { first, words: piece, rest } of chunks) {
          expect(first).to.equal(next);
          next += piece.length / 32;
          expect(rest).to.equal(next === 23 ? ZERO_32 : toHex(plainFold(all.slice(next))));
          expect(piece).to.deep.equal(words.subarray(32 * first, 32 * next));
        }
        expect(next).to.equal(23);
      }
    }
    expect(() => chunksOf(words, 24)).to.throw(RangeError);
  });

  it('of a million people takes at most 50 calls', () => {
    const million = new Uint8Array(1_000_000).fill(200);
    const table = packUnits(million, 1);
    const chunks = chunksOf(table.words);
    expect(chunks.length).to.be.at.most(50);
    expect(table.totalUnits).to.equal(200_000_000n);
    expect(foldWords(table.words, keccak256)).to.equal(foldWords(table.words));
  }).timeout(30_000);
});

describe('a slot', () => {
  it('is read back as it was packed, and refused when no register would take it', () => {
    const random = seeded(SEED);
    const cards: Card[] = Array.from({ length: 200 }, () => ({
      keyKind: random.pick(['secp256k1', 'p256']),
      keyId: toHex(random.bytes(20)) as Address,
      standing: random.pick(['active', 'suspended']),
      cardEpoch: 1,
      effectiveFrom: BigInt(random.below(2 ** 20)) * 2n ** 20n + 1n,
      version: 0,
    }));
    cards.push(NO_CARD);
    const slots = packSlots(cards);
    const read = cards.map((_, i) => unpackSlot(slots.subarray(32 * i, 32 * (i + 1))));
    expect(read).to.deep.equal(cards);
    const [card = NO_CARD] = cards;
    for (const wrong of [
      { keyKind: 'webauthn' },
      { keyKind: 'unspecified' },
      { standing: 'unspecified' },
      { effectiveFrom: 2n ** 40n },
      { cardEpoch: 2 },
      { version: 1 },
      { standing: 'revoked' },
      { keyId: `0x${'00'.repeat(20)}` },
    ] as Partial<Card>[]) {
      expect(() => packSlots([{ ...card, ...wrong }]))
        .to.throw(Refusal)
        .with.property('code', 'card-malformed');
    }
    expect(KEY_KINDS).to.have.lengthOf(4);
  });

  it('with a spare bit or an unknown value is no card', () => {
    const slot = packSlots([
      { ...NO_CARD, keyKind: 'p256', keyId: toHex(new Uint8Array(20).fill(9)) as Address },
    ]);
    const changed = (at: number, value: number) => {
      const copy = Uint8Array.from(slot);
      copy[at] = value;
      return loadedCard(copy);
    };
    expect(changed(31, 1)?.keyKind).to.equal('p256');
    for (const [at, value] of [
      [0, 1],
      [1, 1],
      [2, 1],
      [10, 0],
      [10, 4],
      [11, 0],
      [11, 3],
      [11, 9],
    ] as const) {
      expect(changed(at, value), `byte ${at}`).to.deep.equal(NO_CARD);
    }
  });

  it('of a card in force is read back with its version and its epoch', () => {
    const card: Card = {
      ...{ keyKind: 'p256', keyId: toHex(new Uint8Array(20).fill(9)) as Address, standing: 'revoked' },
      ...{ cardEpoch: 65_535, effectiveFrom: 2n ** 40n - 1n, version: 2 ** 24 - 1 },
    };
    expect(unpackSlot(packCard(card))).to.deep.equal(card);
  });
});

describe('a full chunk', function () {
  this.timeout(300_000);

  it('of slots and of words fits a transaction, on fresh words and over another table', async () => {
    const register = await foundRegister();
    try {
      // Every word of the table full: the dearest case, 8 people a word.
      const people = 8 * WORDS_PER_CALL;
      const card: Card = {
        ...NO_CARD,
        keyKind: 'p256',
        keyId: `0x${'ff'.repeat(20)}` as Address,
        effectiveFrom: 2n ** 40n - 1n,
      };
      const slots = packSlots(new Array<Card>(people).fill(card));
      const enrol = {
        programme: PROGRAMME,
        enrolmentEpoch: EPOCH,
        startIndex: 0,
        count: people,
        slotsHash: foldWords(slots),
        versionBefore: 0,
      };
      const table = packUnits(new Uint32Array(people).fill(2 ** 24 - 1), 4);
      await register.act('DefineProgramme', definition, keysOf.programme);
      await register.act('MoveFunds', moveFunds({ amountMinor: 2n ** 100n }), keysOf.programme);
      await register.act('Enrol', enrol, keysOf.enrolment);
      const loads = await register.loadSlots(PROGRAMME, EPOCH, slots);
      expect(loads).to.have.lengthOf(8);
      await register.act('CycleEnvelope', envelope(table), keysOf.cycle());
      const [first] = await register.loadUnits(PROGRAMME, cycleId(1), chunksOf(table.words));
      await register.act('MoveCycle', moveCycle({ step: 'cancel' }), keysOf.cycle());
      const next = { cycle: cycleId(2) };
      const other = packUnits(new Uint32Array(people).fill(2 ** 24 - 2), 4);
      await register.act('CycleEnvelope', envelope(other, next), keysOf.cycle(cycleId(2)));
      const [again] = await register.loadUnits(PROGRAMME, cycleId(2), chunksOf(other.words));
      const aWord = (gas = 0) => Math.round(gas / WORDS_PER_CALL);
      expect(aWord(first?.gasUsed)).to.be.within(22_100, 23_600);
      expect(aWord(loads[0]?.gasUsed)).to.be.within(22_100, 23_600);
      expect(aWord(again?.gasUsed)).to.be.below(7_000);
    } finally {
      await register.close();
    }
  });
});
