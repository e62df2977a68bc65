import { expect } from 'chai';
import { Signature, Transaction, Wallet } from 'ethers';
import { recoverCompact } from '../../../server/domain/audit/signature.ts';
import type { Address, Hex } from '../../../server/domain/base/hex.ts';
import { fromHex, toHex } from '../../../server/domain/base/hex.ts';
import { keccak256 } from '../../../server/ledger/keccak.ts';
import { compactHex, signTransaction, softwareSigner } from '../../../server/ledger/signer.ts';
import { seeded } from '../../seeded.ts';

const random = seeded(20260131);
const bytes = (length: number) => Uint8Array.from({ length }, () => random.below(256));
const below2to = (bits: number) => BigInt(toHex(bytes(8))) >> BigInt(64 - bits);

describe('the transaction signer', () => {
  it('makes the very bytes and hash that ethers makes, for calls, creations and every size of field', async () => {
    const tried = 300;
    for (let i = 0; i < tried; i++) {
      const key = bytes(32);
      const to = i % 5 === 0 ? undefined : (toHex(bytes(20)) as Address);
      const fields = {
        chainId: below2to(48),
        nonce: below2to(random.below(20)),
        gas: 21_000n + below2to(23),
        data: toHex(bytes([0, 1, 4, 55, 56, 300, 5_000][i % 7] ?? 0)),
        ...(to && { to }),
      };
      const wallet = new Wallet(toHex(key));
      const theirs = await wallet.signTransaction({
        type: 2,
        chainId: fields.chainId,
        nonce: Number(fields.nonce),
        gasLimit: fields.gas,
        data: fields.data,
        maxFeePerGas: 0n,
        maxPriorityFeePerGas: 0n,
        ...(to && { to }),
      });
      const signer = softwareSigner(key);
      const ours = await signTransaction(fields, signer);
      expect(ours.raw, `transaction ${i}`).to.equal(theirs);
      expect(ours.hash).to.equal(Transaction.from(theirs).hash);
      expect(signer.address).to.equal(wallet.address.toLowerCase());
    }
    console.log(`      signer | seed 20260131 | ${tried} tried | 0 differ`);
  });

  it('writes a signature in the 64 bytes that an auditor recovers', async () => {
    for (let i = 0; i < 20; i++) {
      const signer = softwareSigner(bytes(32));
      const digest = keccak256(bytes(40));
      const compact: Hex = compactHex(await signer.sign(digest));
      expect(recoverCompact(digest, fromHex(compact))).to.equal(signer.address);
      expect(Signature.from(compact).compactSerialized).to.equal(compact);
    }
  });

  it('takes no bytes that are not a private key', () => {
    expect(() => softwareSigner(new Uint8Array(32))).to.throw();
    expect(() => softwareSigner(new Uint8Array(32).fill(0xff))).to.throw();
    expect(() => softwareSigner(new Uint8Array(31).fill(1))).to.throw();
  });
});
