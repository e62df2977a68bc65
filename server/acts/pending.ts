/**
 * Whose signature fits which part of a pending act, and the one transaction it becomes.
 *
 * Promises: the transaction carries exactly the act that was shown and signed; a signature that is not by the key its
 * part asks for is refused when it arrives, where that can be told without the chain. For `commit`.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { type ActCall, callOf, callOfOrder } from '../domain/acts/call.ts';
import type { ContractName } from '../domain/acts/events.ts';
import { orderOf } from '../domain/acts/orders.ts';
import { consentAskedBy, digestOfPart, headOf, partsOf, type SignedPart } from '../domain/acts/signable.ts';
import { keyHashOf } from '../domain/acts/signing.ts';
import type { TypedStruct } from '../domain/acts/typedData.ts';
import { recoverCompact } from '../domain/audit/signature.ts';
import { TRANSACTION_GAS_CAP } from '../domain/base/chain.ts';
import { type Address, type Bytes32, fromHex, toHex } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import { KEY_KINDS, numberOf } from '../domain/base/terms.ts';
import { writeCall } from '../ledger/contracts.ts';
import type { ActContent } from '../store/acts.ts';
import type { Call } from '../store/operation.ts';

/** What is known of officers and contracts beside the act itself. */
export interface ActBook {
  readonly addressOf: (contract: ContractName) => Address;
  /** Undefined for a key that the chain alone can check. */
  readonly keyHashOfOfficer: (officer: Bytes32, epoch: number) => Promise<Bytes32 | undefined>;
}

/** Refuses as `signature-not-by-key`, `approval-unneeded` or `consent-unneeded`. */
export async function checkPart(book: ActBook, content: ActContent, signed: SignedPart): Promise<void> {
  if (signed.part === 'approver' && !partsOf(content).includes('approver'))
    throw refusal('approval-unneeded');
  const digest = digestOfPart(content, signed);
  const isCompact = /^0x[0-9a-f]{128}$/.test(signed.signature);
  const signer = isCompact ? recoverCompact(fromHex(digest), fromHex(signed.signature)) : undefined;
  if (signed.part !== 'preparer' && signed.part !== 'approver') {
    const { kind, salt, key } = signed.consent;
    const known = kind === 'secp256k1' ? signer : key;
    const { keyHash } = consentAskedBy(content, signed.part);
    // A client may name a kind of key and show none.
    if (known === undefined || known === '0x' || keyHashOf(salt, kind, known) !== keyHash)
      throw refusal('signature-not-by-key');
    return;
  }
  const { preparer, preparerEpoch } = headOf(content);
  if (signed.part === 'preparer' && signed.signer !== preparer) throw refusal('signature-not-by-key');
  const epoch = signed.part === 'preparer' ? preparerEpoch : signed.approval.approverEpoch;
  const expected = await book.keyHashOfOfficer(signed.signer, epoch);
  if (expected === undefined) return; // a passkey or P-256 key: the contract checks it
  if (signer === undefined || toHex(keccak_256(fromHex(signer))) !== expected)
    throw refusal('signature-not-by-key');
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
