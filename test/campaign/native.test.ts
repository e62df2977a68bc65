/** What the campaign computes in WebAssembly is what `domain` computes in JavaScript. */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { expect } from 'chai';
import { seeded } from '../seeded.ts';
import { keccak_256 as nativeKeccak } from './nativeKeccak.ts';
import { secp256k1 as native } from './nativeSecp256k1.ts';

const random = seeded(20_261_129);
const answerOf = <T>(ask: () => T): T | 'thrown' => {
  try {
    return ask();
  } catch {
    return 'thrown';
  }
};

describe('the arithmetic of the campaign', () => {
  it('hashes, signs, derives and recovers as noble does', () => {
    for (let i = 0; i < 60; i++) {
      const [key, digest] = [random.bytes(32), random.bytes(32)];
      const bytes = random.bytes(random.below(300));
      expect(nativeKeccak(bytes)).to.deep.equal(keccak_256(bytes));
      const point = secp256k1.Point.fromBytes(secp256k1.getPublicKey(key)).toBytes(false);
      expect(native.Point.fromBytes(native.getPublicKey(key)).toBytes(false)).to.deep.equal(point);
      const signature = secp256k1.sign(digest, key, { prehash: false, format: 'recovered' });
      expect(native.sign(digest, key)).to.deep.equal(signature);
    }
  });

  it('recovers the same key of any bytes, or none, and calls the same s high', () => {
    const recovered = (curve: typeof secp256k1 | typeof native, bytes: Uint8Array, digest: Uint8Array) =>
      answerOf(() => {
        const parsed = curve.Signature.fromBytes(bytes.subarray(1), 'compact').addRecoveryBit(
          ((bytes[0] ?? 0) % 2) as 0 | 1,
        );
        return [parsed.hasHighS(), parsed.recoverPublicKey(digest).toBytes()];
      });
    const bent = [
      (bytes: Uint8Array) => bytes,
      (bytes: Uint8Array) => bytes.map((byte, i) => (i === 1 + random.below(64) ? byte ^ 1 : byte)),
      (bytes: Uint8Array) => bytes.fill(0xff, 1, 33),
      (bytes: Uint8Array) => bytes.fill(0xff, 33),
      (bytes: Uint8Array) => bytes.fill(0, 1, 33),
      (bytes: Uint8Array) => bytes.fill(0xf0, 33, 34),
      (bytes: Uint8Array) => bytes.subarray(0, 40),
    ];
    for (let i = 0; i < 10 * bent.length; i++) {
      const digest = random.bytes(32);
      const whole = Uint8Array.from(native.sign(digest, random.bytes(32)));
      const bytes = (bent[i % bent.length] as (typeof bent)[number])(whole);
      expect(recovered(native, bytes, digest), `${i}`).to.deep.equal(recovered(secp256k1, bytes, digest));
    }
  });
});
