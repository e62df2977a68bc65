/** The strict decoder against a well-kept library, and against every encoding that should not exist. */
import { RLP } from '@ethereumjs/rlp';
import { expect } from 'chai';
import {
  decodeRlp,
  encodedLength,
  encodeRlp,
  minimalBytes,
  type RlpItem,
  readUint,
} from '../../../../server/domain/audit/rlp.ts';
import { fromHex, toHex } from '../../../../server/domain/base/hex.ts';
import { type Seeded, seeded } from '../../../seeded.ts';

const SEED = 20260303;

function randomItem(random: Seeded, depth: number): RlpItem {
  if (depth > 0 && random.below(3) === 0) {
    return Array.from({ length: random.below(5) }, () => randomItem(random, depth - 1));
  }
  return random.bytes(random.pick([0, 1, 1, 2, 54, 55, 56, 57, 255, 256, 300]));
}

describe('RLP', () => {
  it('is written as the library writes it, and read back', () => {
    const random = seeded(SEED);
    for (let i = 0; i < 1000; i++) {
      const item = randomItem(random, 4);
      const encoded = encodeRlp(item);
      expect(toHex(encoded)).to.equal(toHex(RLP.encode(item as Uint8Array)));
      expect(encodedLength(item)).to.equal(encoded.length);
      expect(decodeRlp(encoded)).to.deep.equal(item);
    }
  });

  it('has one encoding for one value: whatever decodes encodes to the same bytes', () => {
    const random = seeded(SEED + 1);
    let tried = 0;
    let letIn = 0;
    let decoded = 0;
    const attempt = (bytes: Uint8Array) => {
      tried++;
      const item = decodeRlp(bytes);
      if (item === undefined) return;
      decoded++;
      if (toHex(encodeRlp(item)) !== toHex(bytes)) letIn++;
    };
    for (let first = 0; first < 256; first++) {
      for (let second = 0; second < 256; second++) attempt(Uint8Array.of(first, second));
    }
    for (let i = 0; i < 50_000; i++) {
      const bytes = encodeRlp(randomItem(random, 3));
      const at = random.below(bytes.length);
      bytes[at] = random.below(256);
      attempt(bytes);
    }
    console.log(`      second spellings | ${SEED + 1} | ${tried} tried | ${letIn} let in`);
    expect(decoded).to.be.greaterThan(10_000);
    expect(letIn).to.equal(0);
  });

  it('refuses long forms, prefixed single bytes, trailing bytes and truncations by example', () => {
    const bad = ['', '8100', '817f', 'b80100', 'b837', `b837${'00'.repeat(55)}`, `b90038${'00'.repeat(56)}`];
    const lists = [
      'c1',
      'c0c0',
      'c18100',
      `f837${'80'.repeat(55)}`,
      'f8',
      'bfffffffffffffffff',
      'ffffffffffffffffff',
    ];
    for (const hex of [...bad, ...lists]) expect(decodeRlp(fromHex(`0x${hex}`)), hex).to.equal(undefined);
  });

  it('refuses a nest that would exhaust the stack of a recursive reader', () => {
    let nest: RlpItem = [];
    for (let depth = 0; depth < 8; depth++) nest = [nest];
    expect(decodeRlp(encodeRlp(nest))).to.equal(undefined);
    const bomb = new Uint8Array(200_000).fill(0xc1);
    bomb[bomb.length - 1] = 0xc0;
    expect(decodeRlp(bomb)).to.equal(undefined);
  });

  it('reads a number only without leading zeros and within its bytes', () => {
    for (const value of [0n, 1n, 127n, 128n, 255n, 256n, 2n ** 64n - 1n]) {
      expect(readUint(minimalBytes(value), 8)).to.equal(value);
    }
    expect(readUint(Uint8Array.of(0), 8)).to.equal(undefined);
    expect(readUint(Uint8Array.of(0, 1), 8)).to.equal(undefined);
    expect(readUint(new Uint8Array(9).fill(1), 8)).to.equal(undefined);
    expect(readUint([], 8)).to.equal(undefined);
  });
});
