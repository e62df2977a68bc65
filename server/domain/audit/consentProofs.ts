/**
 * Whether the consents handed in with an act are those it asks for: the checks of `Consents._take`, in its order.
 *
 * Promises: the refusal that the register would give, or none. Pure; the auditor's replay calls it.
 */
import { isPassed, type Moment } from '../acts/moment.ts';
import { keyHashOf } from '../acts/signing.ts';
import { digestOf } from '../acts/typedData.ts';
import { type Bytes32, fromHex, type Hex, ZERO_32 } from '../base/hex.ts';
import type { RefusalCode } from '../base/refusal.ts';
import type { ConsentProof, LandLedger } from '../land/acts.ts';
import type { ConsentNeeded } from '../land/consents.ts';
import { consentHash } from '../land/hashes.ts';
import { consentOf } from '../land/prepare.ts';
import { isSignedByPoint } from './officerSignature.ts';
import { recoverCompact } from './signature.ts';

/** Where and when consents count. */
export interface ConsentsAt {
  readonly ledger: LandLedger;
  readonly moment: Moment;
  /** Whether a verifier for keys of a kind was in force. */
  readonly hasVerifier: (kind: 'p256' | 'webauthn') => boolean;
  /** sha256 of the relying party whose passkeys consent, by policy; zero where none does. */
  readonly relyingParty: Bytes32;
}

/** A consent that was shown is the one that the register said it took, signature and all. */
export function isAsTaken(
  needed: readonly ConsentNeeded[],
  proofs: readonly ConsentProof[],
  taken: readonly Bytes32[],
  ledger: LandLedger,
): boolean {
  return needed.every((one, i) => {
    const proof = proofs[i];
    return proof === undefined || consentHash(digestOf(consentOf(ledger, one, proof)), proof) === taken[i];
  });
}

export function judgeConsents(
  needed: readonly ConsentNeeded[],
  proofs: readonly ConsentProof[],
  at: ConsentsAt,
): RefusalCode | undefined {
  for (const [i, one] of needed.entries()) {
    const proof = proofs[i];
    if (proof === undefined) return 'consent-missing';
    if (at.moment.nowSeconds < proof.notBefore) return 'consent-not-yet-valid';
    if (isPassed(at.moment, proof.deadline)) return 'consent-expired';
    const digest = digestOf(consentOf(at.ledger, one, proof));
    if (!isGiven(proof, digest, one.keyHash, at)) return 'consent-not-given';
  }
  return proofs.length > needed.length ? 'consent-unneeded' : undefined;
}

const POINT_BYTES = 64;

/** The key that the salt and the hash stand for signed; of secp256k1 the signature itself tells it. */
function isGiven(
  { kind, salt, key, signature }: ConsentProof,
  digest: Bytes32,
  keyHash: Bytes32,
  { hasVerifier, relyingParty }: ConsentsAt,
): boolean {
  if (kind === 'unspecified') return false;
  const [point, proof] = [fromHex(key), fromHex(signature)];
  if (kind === 'secp256k1') {
    const signer: Hex | undefined = point.length === 0 ? recoverCompact(fromHex(digest), proof) : undefined;
    return signer !== undefined && keyHashOf(salt, kind, signer) === keyHash;
  }
  return (
    point.length === POINT_BYTES &&
    keyHashOf(salt, kind, key) === keyHash &&
    hasVerifier(kind) &&
    (kind !== 'webauthn' || relyingParty !== ZERO_32) &&
    isSignedByPoint(kind, point, digest, proof, relyingParty)
  );
}
