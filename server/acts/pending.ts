/**
 * Whose signature fits which part of a pending act, and the one transaction it becomes.
 *
 * Promises: the transaction carries exactly the act that was shown and signed; a signature that is not by the key its
 * part asks for is refused when it arrives. What only the chain can tell, it is asked: of a consent here, of an officer
 * in `officers.ts`. For `commit`.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { type ActCall, callOf, callOfOrder } from '../domain/acts/call.ts';
import type { ContractName } from '../domain/acts/events.ts';
import { orderOf } from '../domain/acts/orders.ts';
import {
  type ConsentGiven,
  consentAskedBy,
  digestOfPart,
  headOf,
  partsOf,
  type SignedPart,
} from '../domain/acts/signable.ts';
import { keyHashOf } from '../domain/acts/signing.ts';
import type { TypedStruct } from '../domain/acts/typedData.ts';
import { TRANSACTION_GAS_CAP } from '../domain/base/chain.ts';
import { type Address, type Bytes32, fromHex, type Hex, toHex } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import { KEY_KINDS, type KeyKind, numberOf } from '../domain/base/terms.ts';
import { decodeAnswer, encodeCall, writeCall } from '../ledger/contracts.ts';
import { NodeError } from '../ledger/provider.ts';
import { recoverQuickly } from '../ledger/recovery.ts';
import type { ActContent } from '../store/acts.ts';
import type { Call } from '../store/operation.ts';

/** What is known of officers and contracts beside the act itself. */
export interface ActBook {
  readonly addressOf: (contract: ContractName) => Address;
  /** Undefined for a key that the chain alone can check. */
  readonly keyHashOfOfficer: (officer: Bytes32, epoch: number) => Promise<Bytes32 | undefined>;
  /** What the consortium in force says of a signature by a bare key. */
  readonly isSignedBy: (
    kind: Exclude<KeyKind, 'secp256k1' | 'unspecified'>,
    key: Hex,
    digest: Bytes32,
    signature: Hex,
  ) => Promise<boolean>;
}

/** Asks the consortium in force, as the register of land would; what it cannot read is no signature. */
export function askWhoSigned(
  consortium: () => Address,
  call: (to: Address, data: Hex) => Promise<Hex>,
): ActBook['isSignedBy'] {
  return async (kind, key, digest, signature) => {
    const args = [numberOf(KEY_KINDS, kind), key, digest, signature] as const;
    try {
      const answer = await call(consortium(), encodeCall('consortium', 'isSignedBy', [...args]));
      return decodeAnswer('consortium', 'isSignedBy', answer)[0] === true;
    } catch (error) {
      if (error instanceof NodeError && error.data !== undefined) return false;
      throw error;
    }
  };
}

/** Refuses as `signature-not-by-key`, `approval-unneeded` or `consent-unneeded`. */
export async function checkPart(book: ActBook, content: ActContent, signed: SignedPart): Promise<void> {
  if (signed.part === 'approver' && !partsOf(content).includes('approver'))
    throw refusal('approval-unneeded');
  const digest = digestOfPart(content, signed);
  if (signed.part !== 'preparer' && signed.part !== 'approver') {
    const { keyHash } = consentAskedBy(content, signed.part);
    if (!(await isConsentBy(book, keyHash, signed, digest))) throw refusal('signature-not-by-key');
    return;
  }
  const signer = signerOf(digest, signed.signature);
  const { preparer, preparerEpoch } = headOf(content);
  if (signed.part === 'preparer' && signed.signer !== preparer) throw refusal('signature-not-by-key');
  const epoch = signed.part === 'preparer' ? preparerEpoch : signed.approval.approverEpoch;
  const expected = await book.keyHashOfOfficer(signed.signer, epoch);
  if (expected === undefined) return; // a passkey or P-256 key: the contract checks it
  if (signer === undefined || toHex(keccak_256(fromHex(signer))) !== expected)
    throw refusal('signature-not-by-key');
}

/** Whose secp256k1 signature it is, if it is one at all. */
function signerOf(digest: Bytes32, signature: Hex): Hex | undefined {
  const isCompact = /^0x[0-9a-f]{128}$/.test(signature);
  return isCompact ? recoverQuickly(fromHex(digest), fromHex(signature)) : undefined;
}

/** `Consents._isSigned` of the register: with more or less than it reads, no consent counts. */
async function isConsentBy(
  { isSignedBy }: ActBook,
  keyHash: Bytes32,
  { consent: { kind, salt, key }, signature }: Extract<SignedPart, { readonly consent: ConsentGiven }>,
  digest: Bytes32,
): Promise<boolean> {
  if (kind === 'unspecified') return false;
  if (kind === 'secp256k1') {
    const signer = key === '0x' ? signerOf(digest, signature) : undefined;
    return signer !== undefined && keyHashOf(salt, kind, signer) === keyHash;
  }
  // A client may name a kind of key and show none.
  if (key === '0x' || keyHashOf(salt, kind, key) !== keyHash) return false;
  return isSignedBy(kind, key, digest, signature);
}

/** The transaction of an act that everybody has signed. */
export function transactionOf(book: ActBook, content: ActContent, signatures: readonly SignedPart[]): Call {
  const { contract, method, args } = signedCall(content, signatures);
  const data = writeCall(contract, method, args);
  return { to: book.addressOf(contract), data, gas: BigInt(TRANSACTION_GAS_CAP) };
}

function signedCall(content: ActContent, signatures: readonly SignedPart[]): ActCall {
  const preparer = signatures.find((one) => one.part === 'preparer');
  const order = orderOf(content.typedData.primaryType);
  if (order !== undefined && preparer !== undefined) return callOfOrder(order, content, preparer.signature);
  const approver = signatures.find((one) => one.part === 'approver');
  if (preparer === undefined || approver?.part !== 'approver') throw new Error('an act that is not whole');
  const { approverEpoch, deadline } = approver.approval;
  const proofs = content.consents.map((_, i) =>
    proofOf(signatures.find(({ part }) => part === `consent-${i}`)),
  );
  return callOf(content, proofs, {
    preparer: preparer.signature,
    approval: { approver: approver.signer, approverEpoch, deadline },
    approver: approver.signature,
  });
}

function proofOf(signed: SignedPart | undefined): TypedStruct {
  if (signed === undefined || signed.part === 'preparer' || signed.part === 'approver') {
    throw new Error('an act without one of its consents');
  }
  const { notBefore, deadline, mandateCommitment, kind, salt, key } = signed.consent;
  const { signature } = signed;
  return { notBefore, deadline, mandateCommitment, kind: numberOf(KEY_KINDS, kind), salt, key, signature };
}
