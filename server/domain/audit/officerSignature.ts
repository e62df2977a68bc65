/**
 * Whether an officer's key signed a digest, from the key's public record and the bytes that a register took.
 *
 * Promises: the same answer as `Keys` and OpenZeppelin's ERC-7913 verifiers give on chain, for secp256k1, P-256 and
 * passkeys. Pure; the auditor's replay and outside verifiers call it.
 */
import { p256 } from '@noble/curves/nist.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { type Bytes32, fromHex, type Hex, toHex } from '../base/hex.ts';
import type { KeyKind } from '../base/terms.ts';
import { type Recover, recoverCompact } from './signature.ts';

/** qx ‖ qy stand before what a verifier reads. */
const POINT_BYTES = 64;
const WORD_BYTES = 32;

/** What a check of a signature reads of a key. */
interface CheckedKey {
  readonly kind: KeyKind;
  readonly keyHash: Bytes32;
  readonly rpIdHash: Bytes32;
}

/** `recover` may be one that is quicker and answers the same: of a whole ledger it is most of what a check takes. */
export function isSignedBy(key: CheckedKey, digest: Bytes32, signature: Hex, recover?: Recover): boolean {
  const bytes = fromHex(signature);
  if (key.kind === 'secp256k1') return isSecp256k1(key.keyHash, digest, signature, recover);
  const [point, proof] = [bytes.subarray(0, POINT_BYTES), bytes.subarray(POINT_BYTES)];
  if (point.length !== POINT_BYTES || toHex(keccak_256(point)) !== key.keyHash) return false;
  if (key.kind === 'unspecified') return false;
  return isSignedByPoint(key.kind, point, digest, proof, key.rpIdHash);
}

/** The same of a bare public key, qx ‖ qy; a passkey answers the relying party. */
export function isSignedByPoint(
  kind: 'p256' | 'webauthn',
  point: Uint8Array,
  digest: Bytes32,
  proof: Uint8Array,
  rpIdHash: Bytes32,
): boolean {
  if (kind === 'p256') return isOfPoint(point, fromHex(digest), proof);
  return isAssertion(rpIdHash, point, fromHex(digest), proof);
}

/** Whether the secp256k1 key with this hash signed, in 64 bytes. */
export function isSecp256k1(
  keyHash: Bytes32,
  digest: Bytes32,
  signature: Hex,
  recover: Recover = recoverCompact,
): boolean {
  const signer = recover(fromHex(digest), fromHex(signature));
  return signer !== undefined && toHex(keccak_256(fromHex(signer))) === keyHash;
}

/** A contract takes s and its twin, so a signature is never an identifier; r and s in 64 bytes. */
function isOfPoint(point: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean {
  try {
    const publicKey = concatBytes(Uint8Array.of(4), point);
    return p256.verify(signature, digest, publicKey, { prehash: false, lowS: false });
  } catch {
    return false; // r or s out of range, or no point of the curve
  }
}

/** Of a passkey's answer. */
const ANSWER_FIELDS = 6;
const FLAGS_AT = 32;
const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const BACKUP_ELIGIBLE = 0x08;
const BACKED_UP = 0x10;
/** Relying party's hash, flags, counter. */
const LEAST_AUTHENTICATOR_BYTES = 37;
const TYPE = utf8ToBytes('"type":"webauthn.get"');

/**
 * ABI-encoded {r, s, challengeIndex, typeIndex, authenticatorData, clientDataJSON}: what a passkey gives, with nothing between
 * or behind, so that whoever passes it on adds nothing to it.
 */
function isAssertion(rpIdHash: Bytes32, point: Uint8Array, digest: Uint8Array, proof: Uint8Array): boolean {
  const field = (index: number) => numberAt(proof, index * WORD_BYTES);
  const run = (index: number) => {
    const from = field(index) + WORD_BYTES;
    return proof.subarray(from, from + numberAt(proof, field(index)));
  };
  const [authenticator, client] = [run(4), run(5)];
  if (!isPlain(proof, [field(4), field(5)], [authenticator, client])) return false;
  if (authenticator.length < LEAST_AUTHENTICATOR_BYTES) return false;
  const flags = authenticator[FLAGS_AT] ?? 0;
  const isOfUser =
    toHex(authenticator.subarray(0, FLAGS_AT)) === rpIdHash &&
    (flags & USER_PRESENT) !== 0 &&
    (flags & USER_VERIFIED) !== 0 &&
    ((flags & BACKUP_ELIGIBLE) !== 0 || (flags & BACKED_UP) === 0);
  const challenge = utf8ToBytes(`"challenge":"${base64Url(digest)}"`);
  return (
    isOfUser &&
    holds(client, field(3), TYPE) &&
    holds(client, field(2), challenge) &&
    isOfPoint(point, sha256(concatBytes(authenticator, sha256(client))), proof.subarray(0, 2 * WORD_BYTES))
  );
}

/** Whether runs of bytes stand where an encoder puts them, one behind the other, filled up with zeros to whole words. */
function isPlain(proof: Uint8Array, at: readonly number[], runs: readonly Uint8Array[]): boolean {
  let next = ANSWER_FIELDS * WORD_BYTES;
  for (const [i, run] of runs.entries()) {
    const from = next + WORD_BYTES + run.length;
    const until = next + WORD_BYTES + Math.ceil(run.length / WORD_BYTES) * WORD_BYTES;
    if (at[i] !== next || proof.subarray(from, until).some((byte) => byte !== 0)) return false;
    next = until;
  }
  return proof.length === next;
}

/** A word as an offset or a length; one beyond any data reads as beyond these. */
function numberAt(bytes: Uint8Array, at: number): number {
  const word = bytes.subarray(at, at + WORD_BYTES);
  const value = word.length === WORD_BYTES ? BigInt(toHex(word)) : 0n;
  return value <= BigInt(bytes.length) ? Number(value) : bytes.length;
}

function holds(text: Uint8Array, at: number, part: Uint8Array): boolean {
  return part.every((byte, i) => text[at + i] === byte);
}

const BASE64_URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Without padding, as WebAuthn writes a challenge. */
function base64Url(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,6}/g) ?? [])
    .map((part) => BASE64_URL[Number.parseInt(part.padEnd(6, '0'), 2)])
    .join('');
}
