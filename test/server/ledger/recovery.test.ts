/** The quick reading of a signature answers as the portable one does, for signatures and for what is none. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { signCompact } from '../../../server/domain/acts/signing.ts';
import { recoverCompact } from '../../../server/domain/audit/signature.ts';
import { type Bytes32, fromHex, toHex } from '../../../server/domain/base/hex.ts';
import { recoverQuickly } from '../../../server/ledger/recovery.ts';
import { seeded } from '../../seeded.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const TRIED = 60;
const random = seeded(20_261_130);
const wordOf = (value: bigint) => fromHex(`0x${value.toString(16).padStart(64, '0')}`);

describe('whose a signature is, quickly', () => {
  it('is what the portable reading says, of signatures and of their bent twins', () => {
    let signers = 0;
    for (let i = 0; i < TRIED; i++) {
      const digest = random.bytes(32);
      const signature = fromHex(signCompact(toHex(digest) as Bytes32, random.bytes(32)));
      const bent = Uint8Array.from(signature);
      bent[random.below(64)] = random.below(256);
      for (const one of [signature, bent, random.bytes(64), signature.subarray(1)]) {
        const known = recoverCompact(digest, one);
        expect(recoverQuickly(digest, one), toHex(one)).to.equal(known);
        if (known !== undefined) signers++;
      }
    }
    expect(signers).to.be.greaterThan(TRIED);
  });

  it('is nobody’s where r or s is no number of the curve, or s is the other spelling', () => {
    const digest = random.bytes(32);
    const signature = fromHex(signCompact(toHex(digest) as Bytes32, random.bytes(32)));
    const [r, s] = [signature.subarray(0, 32), BigInt(toHex(signature.subarray(32))) & (2n ** 255n - 1n)];
    for (const other of [0n, ORDER - s, ORDER, 2n ** 255n - 1n]) {
      const bent = Uint8Array.of(...r, ...wordOf(other % 2n ** 255n));
      expect(recoverQuickly(digest, bent), String(other)).to.equal(recoverCompact(digest, bent));
    }
    for (const first of [0n, ORDER, 2n ** 256n - 1n]) {
      const bent = Uint8Array.of(...wordOf(first), ...signature.subarray(32));
      expect([recoverQuickly(digest, bent), recoverCompact(digest, bent)]).to.deep.equal([
        undefined,
        undefined,
      ]);
    }
  });

  it('is what the gateway reads the signatures of acts, consents, cards and tills by', () => {
    const rooms = globSync('server/{acts,desk,http,wiring}/**/*.ts', { cwd: ROOT });
    expect(rooms.length).to.be.greaterThan(80);
    const portably = rooms.filter((file) =>
      /\brecoverCompact\b/.test(readFileSync(path.join(ROOT, file), 'utf8')),
    );
    // A recorder swears a few times a day, and officers end a person's data less often.
    expect(portably).to.deep.equal(['server/desk/erasures.ts', 'server/desk/notary.ts']);
  });
});
