/**
 * Keys of officers that are no secp256k1 keys: P-256 and passkeys, and what each kind's signature looks like.
 *
 * Hides the bytes of an assertion. A signer without a passkey signs with the officer's secp256k1 key.
 */

import { createHash } from 'node:crypto';
import { p256 } from '@noble/curves/nist.js';
import { AbiCoder } from 'ethers';
import { signCompact } from '../../server/domain/acts/signing.ts';
import { digestOf, type TypedDomain } from '../../server/domain/acts/typedData.ts';
import {
  type Address,
  type Bytes32,
  fromHex,
  type Hex,
  toHex,
  ZERO_32,
} from '../../server/domain/base/hex.ts';
import { KEY_KINDS, numberOf } from '../../server/domain/base/terms.ts';
import { FIRST_EPOCHS, officerIdOf, possessionData } from '../../server/domain/power/possession.ts';
import { keccak256 } from '../../server/ledger/keccak.ts';
import { appointmentOf, named, type Officer, possessionsOf } from '../chain/signing.ts';

export interface Passkey {
  readonly kind: 'p256' | 'webauthn';
  readonly verifier: Address;
  readonly privateKey: Uint8Array;
  /** qx ‖ qy. */
  readonly point: Uint8Array;
}

export interface Signer extends Officer {
  /** What signs in the first place, where it is no secp256k1 key. */
  readonly passkey?: Passkey | undefined;
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();
export const RELYING_PARTY = sha256(Buffer.from('officers.example'));
const USER_PRESENT_AND_VERIFIED = 0x05;
/** Where `"type"` and `"challenge"` begin in what a browser writes. */
const [TYPE_AT, CHALLENGE_AT] = [1n, 23n];

export function passkeyOf(name: string, kind: Passkey['kind'], verifier: Address): Passkey {
  const privateKey = fromHex(named(`passkey of ${name}`));
  return { kind, verifier, privateKey, point: p256.getPublicKey(privateKey, false).subarray(1) };
}

const keyHashOf = ({ point }: Passkey) => toHex(keccak256(point)) as Bytes32;

/** An officer whose first key is of another kind: the id is of that key. */
export function withPasskey(officer: Officer, kind: Passkey['kind'], verifier: Address): Signer {
  const passkey = passkeyOf(officer.name, kind, verifier);
  const { salt } = appointmentOf(officer, 0);
  return { ...officer, passkey, officer: officerIdOf(keyHashOf(passkey), salt) };
}

export function appointmentWith(signer: Signer, roles: number) {
  const plain = appointmentOf(signer, roles);
  const { passkey } = signer;
  if (passkey === undefined) return plain;
  const rpIdHash = passkey.kind === 'webauthn' ? (toHex(RELYING_PARTY) as Bytes32) : ZERO_32;
  const kind = numberOf(KEY_KINDS, passkey.kind);
  return { ...plain, key: { kind, verifier: passkey.verifier, keyHash: keyHashOf(passkey), rpIdHash } };
}

/** Both keys' signatures that they are this officer's. */
export function possessionsWith(signer: Signer, domain: TypedDomain) {
  const plain = possessionsOf(signer, domain);
  const { passkey, officer, institution } = signer;
  if (passkey === undefined) return plain;
  const possession = {
    officerId: officer,
    keyHash: keyHashOf(passkey),
    epoch: FIRST_EPOCHS.key,
    institution,
  };
  return { ...plain, key: signedWith(passkey, digestOf(possessionData(domain, possession))) };
}

export function signatureOf({ passkey, key }: Signer, digest: Bytes32): Hex {
  return passkey === undefined ? signCompact(digest, key) : signedWith(passkey, digest);
}

/** The point, then what its verifier reads. */
function signedWith(passkey: Passkey, digest: Bytes32): Hex {
  const proof =
    passkey.kind === 'p256' ? signed(passkey, fromHex(digest)) : assertion(passkey, fromHex(digest));
  return toHex(Uint8Array.from([...passkey.point, ...proof]));
}

const signed = ({ privateKey }: Passkey, digest: Uint8Array) =>
  p256.sign(digest, privateKey, { prehash: false, lowS: true });

/** What a passkey answers to a relying party: the officers' one unless said. */
export function assertion(
  passkey: Passkey,
  challenge: Uint8Array,
  relyingParty: Uint8Array = RELYING_PARTY,
): Uint8Array {
  const authenticator = Buffer.concat([relyingParty, Buffer.of(USER_PRESENT_AND_VERIFIED, 0, 0, 0, 1)]);
  const text = Buffer.from(challenge).toString('base64url');
  const client = `{"type":"webauthn.get","challenge":"${text}","origin":"https://officers.example"}`;
  const signature = signed(passkey, sha256(Buffer.concat([authenticator, sha256(Buffer.from(client))])));
  const words = ['bytes32', 'bytes32', 'uint256', 'uint256', 'bytes', 'string'];
  const [r, s] = [signature.subarray(0, 32), signature.subarray(32)];
  const encoded = AbiCoder.defaultAbiCoder().encode(words, [
    r,
    s,
    CHALLENGE_AT,
    TYPE_AT,
    authenticator,
    client,
  ]);
  return fromHex(encoded);
}
