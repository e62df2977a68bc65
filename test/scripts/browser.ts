/** A passkey in a browser of its relying party: what `navigator.credentials.get` gives of a request. */
import { createHash } from 'node:crypto';
import { p256 } from '@noble/curves/nist.js';
import { fromHex, type Hex, toHex } from '../../server/domain/base/hex.ts';
import { relyingPartyOf } from '../../server/domain/signer/passkeyAnswer.ts';

/** The part of a request that a page hands to the passkey. */
export interface Asked {
  readonly publicKey: {
    readonly challenge: string;
    readonly rpId: string;
    readonly userVerification: string;
  };
}

export const [PRESENT_AND_VERIFIED, PRESENT] = [0x05, 0x01];
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();

/** qx and qy of a key. */
export const pointOf = (secret: Uint8Array) => toHex(p256.getPublicKey(secret, false).subarray(1)) as Hex;

/** What `credential.toJSON()` says of the answer. */
export function answerBy(
  secret: Uint8Array,
  { publicKey: { challenge, rpId } }: Asked,
  flags = PRESENT_AND_VERIFIED,
): object {
  const authenticator = Buffer.concat([fromHex(relyingPartyOf(rpId)), Buffer.of(flags, 0, 0, 0, 1)]);
  const said = { type: 'webauthn.get', challenge, origin: `https://${rpId}`, crossOrigin: false };
  const client = Buffer.from(JSON.stringify(said));
  const digest = sha256(Buffer.concat([authenticator, sha256(client)]));
  const signature = p256.sign(digest, secret, { prehash: false, lowS: false, format: 'der' });
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
  return {
    ...{ id: 'synthetic', rawId: 'synthetic', type: 'public-key' },
    response: {
      ...{ authenticatorData: text(authenticator), clientDataJSON: text(client) },
      signature: text(signature),
    },
  };
}
