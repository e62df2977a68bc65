import { hkdfSync } from 'node:crypto';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { expect } from 'chai';
import { AbiCoder, computeAddress, Signature, SigningKey } from 'ethers';
import {
  addressOfPrivateKey,
  cardKey,
  deriveBytes,
  deriveKey,
  holdingKey,
  instrumentKey,
  keyHashOf,
  signCompact,
} from '../../../../server/domain/acts/signing.ts';
import { recoverCompact } from '../../../../server/domain/audit/signature.ts';
import { type Bytes32, fromHex, toHex } from '../../../../server/domain/base/hex.ts';
import type { BAUnitId, InstrumentId, ProgrammeId } from '../../../../server/domain/base/terms.ts';
import { seeded } from '../../../seeded.ts';

const random = seeded(20_260);
const bytes32 = () => toHex(random.bytes(32)) as Bytes32;

describe('signing with a key of a person', () => {
  it('makes the signature that another library makes of the same key and digest', () => {
    for (let i = 0; i < 100; i++) {
      const key = random.bytes(32);
      const digest = bytes32();
      const signature = signCompact(digest, key);
      expect(signature).to.equal(new SigningKey(key).sign(digest).compactSerialized);
      expect(addressOfPrivateKey(key)).to.equal(computeAddress(toHex(key)).toLowerCase());
      expect(recoverCompact(fromHex(digest), fromHex(signature))).to.equal(addressOfPrivateKey(key));
      expect(Signature.from(signature).s <= `0x${'7f'.padEnd(64, 'f')}`).to.equal(true);
    }
  });

  it('derives as HKDF with SHA-256 does, every part behind its length', () => {
    const seed = random.bytes(32);
    const info = Buffer.from(`00000004${Buffer.from('card').toString('hex')}00000002aabb0000000000`, 'hex');
    const expected = hkdfSync('sha256', seed, 'kudurru-derive-1', info, 32);
    const parts = [Uint8Array.of(0xaa, 0xbb), new Uint8Array(0)];
    expect(toHex(deriveBytes(seed, 'card', parts))).to.equal(toHex(new Uint8Array(expected)));
    expect(toHex(deriveKey(seed, 'card', parts))).to.equal(toHex(new Uint8Array(expected)));
    expect(() => deriveKey(new Uint8Array(15), 'card', [])).to.throw(TypeError);
  });

  it('gives every purpose its own key, so that no two show one person', () => {
    const seed = random.bytes(32);
    const [ledger, other, thing] = [bytes32(), bytes32(), bytes32()];
    const [baUnit, instrumentId, programme] = [
      thing as BAUnitId,
      thing as InstrumentId,
      thing as ProgrammeId,
    ];
    const keys = [
      ...[ledger, other].flatMap((genesisHash) => [
        holdingKey(seed, { genesisHash, baUnit, holdingId: 2 }).privateKey,
        holdingKey(seed, { genesisHash, baUnit, holdingId: 3 }).privateKey,
        instrumentKey(seed, { genesisHash, instrumentId }).privateKey,
        cardKey(seed, { genesisHash, programme, enrolmentEpoch: 1 }),
        cardKey(seed, { genesisHash, programme, enrolmentEpoch: 2 }),
      ]),
      holdingKey(random.bytes(32), { genesisHash: ledger, baUnit, holdingId: 2 }).privateKey,
    ].map(toHex);
    expect(new Set(keys).size).to.equal(11);
    const again = holdingKey(seed, { genesisHash: ledger, baUnit, holdingId: 2 });
    expect(toHex(again.privateKey)).to.equal(keys[0]);
    expect(again.keyHash).to.equal(keyHashOf(again.salt, 'secp256k1', addressOfPrivateKey(again.privateKey)));
  });

  it('hashes a consenting key as the contracts do', () => {
    const salt = bytes32();
    const abi = AbiCoder.defaultAbiCoder();
    for (const [kind, number, length] of [
      ['secp256k1', 1, 20],
      ['p256', 2, 64],
      ['webauthn', 3, 64],
    ] as const) {
      const key = toHex(random.bytes(length));
      const encoded = abi.encode(['bytes32', 'uint8', 'bytes'], [salt, number, key]);
      expect(keyHashOf(salt, kind, key)).to.equal(toHex(keccak_256(fromHex(encoded))));
      expect(() => keyHashOf(salt, kind, toHex(random.bytes(length - 1)))).to.throw(TypeError);
    }
  });
});
