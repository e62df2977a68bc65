/** That a till's key is held, whichever of the two kinds a till may have. */
import { p256 } from '@noble/curves/nist.js';
import { expect } from 'chai';
import { addressOfPrivateKey, signCompact } from '../../../../server/domain/acts/signing.ts';
import { digestOf } from '../../../../server/domain/acts/typedData.ts';
import { type Bytes32, fromHex, type Hex, toHex } from '../../../../server/domain/base/hex.ts';
import type { VendorId } from '../../../../server/domain/base/terms.ts';
import { p256KeyId } from '../../../../server/domain/benefits/cards.ts';
import type { TillId } from '../../../../server/domain/benefits/terms.ts';
import { heldByTill, isHeldByTill } from '../../../../server/domain/people/heldKeys.ts';
import { word } from '../acts/signedActs.ts';

const LEDGER = { chainId: 7, ledgerNonce: word(0x4e) as Bytes32 };
const OF = { vendor: word(0x51) as VendorId, till: 1 as TillId };
const secret = fromHex(word(0x0b));

describe('the key of a till', () => {
  const point = p256.getPublicKey(secret, false).subarray(1);
  const ofP256 = { ...OF, keyKind: 'p256', keyId: p256KeyId(point) } as const;
  const digest = digestOf(heldByTill(LEDGER, { ...OF, keyId: ofP256.keyId }));
  const signature = p256.sign(fromHex(digest), secret, { prehash: false, lowS: true });
  const shown = toHex(Uint8Array.of(...signature, ...point));

  it('is held where a P-256 key shows itself and signed for this till', () => {
    expect(isHeldByTill(LEDGER, ofP256, shown)).to.equal(true);
    expect(isHeldByTill(LEDGER, { ...ofP256, till: 2 as TillId }, shown)).to.equal(false);
    expect(isHeldByTill({ ...LEDGER, chainId: 8 }, ofP256, shown)).to.equal(false);
    expect(isHeldByTill(LEDGER, ofP256, toHex(signature))).to.equal(false);
    expect(isHeldByTill(LEDGER, ofP256, `${shown.slice(0, -2)}00` as Hex)).to.equal(false);
  });

  it('is of the kind that the till is registered with, or its sales would never count', () => {
    expect(isHeldByTill(LEDGER, { ...ofP256, keyKind: 'secp256k1' }, shown)).to.equal(false);
    const keyId = addressOfPrivateKey(secret);
    const plain = { ...OF, keyKind: 'secp256k1', keyId } as const;
    const signed = signCompact(digestOf(heldByTill(LEDGER, { ...OF, keyId })), secret);
    expect(isHeldByTill(LEDGER, plain, signed)).to.equal(true);
    expect(isHeldByTill(LEDGER, { ...plain, keyKind: 'p256' }, signed)).to.equal(false);
  });
});
