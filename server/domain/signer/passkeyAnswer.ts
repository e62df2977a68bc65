/**
 * What a passkey is asked and what it answers: the options that a browser takes, and its answer in the bytes that a ledger reads.
 *
 * Hides WebAuthn's JSON, DER and the ABI encoding. Promises: the challenge is the digest that is signed; an answer that is
 * returned was checked as the ledger checks it, with the user verified, for the relying party that it is of. Pure.
 */
import { p256 } from '@noble/curves/nist.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { isSignedByPoint } from '../audit/officerSignature.ts';
import { type Bytes32, fromHex, type Hex, toHex, wordOf } from '../base/hex.ts';
import { isRecord } from '../base/strictJson.ts';

/** As `PublicKeyCredential.parseRequestOptionsFromJSON` takes them. */
export interface PasskeyAsked {
  readonly challenge: string;
  readonly rpId: string;
  readonly userVerification: 'required';
}

export function passkeyAsked(digest: Bytes32, rpId: string): PasskeyAsked {
  return { challenge: toBase64Url(fromHex(digest)), rpId, userVerification: 'required' };
}

export const relyingPartyOf = (rpId: string): Bytes32 => toHex(sha256(utf8ToBytes(rpId))) as Bytes32;

/** The text of `credential.toJSON()` as the proof of a key; undefined where this key did not sign this for this party. */
export function passkeyProof(
  answered: unknown,
  asked: { readonly digest: Bytes32; readonly rpId: string; readonly key: Hex },
): Hex | undefined {
  const response = isRecord(answered) && isRecord(answered.response) ? answered.response : {};
  const read = [response.authenticatorData, response.clientDataJSON, response.signature].map(fromBase64Url);
  const [authenticator, client, der] = read;
  if (authenticator === undefined || client === undefined || der === undefined) return undefined;
  const signature = signatureOf(der);
  if (signature === undefined) return undefined;
  const text = new TextDecoder().decode(client);
  const places = [text.indexOf('"challenge":"'), text.indexOf('"type":"webauthn.get"')];
  if (places.some((place) => place < 0)) return undefined;
  const proof = encoded(signature, places, authenticator, client);
  const of = [fromHex(asked.key), asked.digest, proof, relyingPartyOf(asked.rpId)] as const;
  return isSignedByPoint('webauthn', ...of) ? toHex(proof) : undefined;
}

/** r and s, the low one, of a signature in DER. */
function signatureOf(der: Uint8Array): Uint8Array | undefined {
  try {
    const { r, s } = p256.Signature.fromBytes(der, 'der');
    const order = p256.Point.Fn.ORDER;
    return concatBytes(...[r, s > order / 2n ? order - s : s].map((one) => fromHex(wordOf(one))));
  } catch {
    return undefined;
  }
}

const WORD = 32;

/** ABI encoding of (r, s, challengeIndex, typeIndex, authenticatorData, clientDataJSON). */
function encoded(
  signature: Uint8Array,
  places: readonly number[],
  authenticator: Uint8Array,
  client: Uint8Array,
): Uint8Array {
  const word = (value: number) => fromHex(wordOf(BigInt(value)));
  const run = (bytes: Uint8Array) =>
    concatBytes(word(bytes.length), bytes, new Uint8Array(-bytes.length & (WORD - 1)));
  const first = run(authenticator);
  const offsets = [6 * WORD, 6 * WORD + first.length];
  return concatBytes(signature, ...[...places, ...offsets].map(word), first, run(client));
}

function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** Undefined of what is no base64url, and of more than an authenticator says. */
function fromBase64Url(text: unknown): Uint8Array | undefined {
  if (typeof text !== 'string' || !/^[A-Za-z0-9_-]{1,8192}$/.test(text)) return undefined;
  try {
    const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
  } catch {
    return undefined;
  }
}
