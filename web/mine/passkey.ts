/**
 * The passkey of a holding, asked by this page: it signs what the page made, for the site that the ledger names, and nothing else.
 *
 * Promises: what is signed is made here and never taken from the gateway's answer; an answer of another passkey, of another
 * site or without its user verified is none; no secret is here to be kept.
 */
import { keyHashOf } from '../../server/domain/acts/signing.ts';
import { digestOf } from '../../server/domain/acts/typedData.ts';
import { type Bytes32, type Hex, parseHex, toHex, ZERO_32 } from '../../server/domain/base/hex.ts';
import { isRecord } from '../../server/domain/base/strictJson.ts';
import type { BAUnitId } from '../../server/domain/base/terms.ts';
import { heldByHolder } from '../../server/domain/people/heldKeys.ts';
import { ownReading } from '../../server/domain/people/ownProof.ts';
import { passkeyProof, relyingPartyOf } from '../../server/domain/signer/passkeyAnswer.ts';
import { ask, bytesOf, type Ledger, Wrong } from './parts.ts';

const FORMAT = 'kudurru-holder-1';
const ES256 = -7;
const POINT_BYTES = 64;

/** What the office has of the key of a holding, with what its hash hides it behind. */
export interface HolderRecord {
  readonly baUnit: BAUnitId;
  readonly holdingId: number;
  readonly keyHash: Bytes32;
  readonly salt: Bytes32;
  readonly key: Hex;
}

/** Refuses what is no record, and one of a key that is no passkey. */
export function recordIn(text: string): HolderRecord {
  const json = jsonIn(text);
  const { baUnit, holdingId, keyHash, possession } = isRecord(json) && json.format === FORMAT ? json : {};
  const { salt, passkey } = isRecord(possession) ? possession : {};
  const [unit, hash, salted] = [baUnit, keyHash, salt].map((one) => parseHex(String(one), 32));
  if (unit === undefined || hash === undefined || salted === undefined || !isHolding(holdingId))
    throw new Wrong('mine.why.noRecord');
  const key = parseHex(String(passkey), POINT_BYTES);
  if (key === undefined) throw new Wrong('mine.why.noPasskey');
  if (keyHashOf(salted as Bytes32, 'webauthn', key) !== hash) throw new Wrong('mine.why.noRecord');
  return {
    baUnit: unit as BAUnitId,
    holdingId,
    keyHash: hash as Bytes32,
    salt: salted as Bytes32,
    key,
  };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const isHolding = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 2 ** 32;

/** The site of this page, as the ledger names it: a passkey answers no other. */
function siteOf({ signingRelyingParty }: Ledger): string {
  const labels = location.hostname.split('.');
  const site = labels
    .map((_, i) => labels.slice(i).join('.'))
    .find((name) => relyingPartyOf(name) === signingRelyingParty);
  if (site === undefined) throw new Wrong('mine.why.otherSite');
  return site;
}

/** What a passkey is asked with. */
export interface Asking {
  readonly ledger: Ledger;
  readonly site: string;
}

export async function beginAsking(of: AbortSignal): Promise<Asking> {
  const ledger = await ask<Ledger>(of, '/ledger');
  return { ledger, site: siteOf(ledger) };
}

async function signedBy(of: AbortSignal, site: string, key: Hex, digest: Bytes32): Promise<Hex> {
  const publicKey = { challenge: bytesOf(digest), rpId: site, userVerification: 'required' } as const;
  // A browser says no more of who pressed "cancel", waited too long or has no key here.
  const answered = await navigator.credentials.get({ publicKey, signal: of }).catch(() => null);
  of.throwIfAborted();
  const response = (answered as PublicKeyCredential | null)?.response as
    | AuthenticatorAssertionResponse
    | undefined;
  if (response === undefined) throw new Wrong('mine.why.notSigned');
  const told = {
    authenticatorData: base64Url(response.authenticatorData),
    clientDataJSON: base64Url(response.clientDataJSON),
    signature: base64Url(response.signature),
  };
  const proof = passkeyProof({ response: told }, { digest, rpId: site, key });
  if (proof === undefined) throw new Wrong('mine.why.otherPasskey');
  return proof;
}

/** Of one opening, as the gateway takes it. */
export async function proofOf(
  of: AbortSignal,
  { ledger, site }: Asking,
  { baUnit, holdingId, salt, key }: HolderRecord,
): Promise<object> {
  const place = { kind: 'holding' as const, baUnit, holdingId };
  const { challenge, deadline } = await ask<{ readonly challenge: Bytes32; readonly deadline: string }>(
    of,
    '/own-data/challenges',
    { place },
  );
  const digest = digestOf(ownReading(ledger, place, { challenge, deadline: BigInt(deadline) }));
  const signature = await signedBy(of, site, key, digest);
  return { place, challenge, deadline: Number(deadline), signature, salt, passkey: key };
}

/** Makes a passkey for one holding and answers its public record, as the office takes it. */
export async function makeRecord(
  of: AbortSignal,
  { ledger, site }: Asking,
  { baUnit, holdingId }: Pick<HolderRecord, 'baUnit' | 'holdingId'>,
  { name, isOwnDevice }: { readonly name: string; readonly isOwnDevice: boolean },
): Promise<object> {
  const made = await navigator.credentials
    .create({
      signal: of,
      publicKey: {
        challenge: randomBytes(32),
        rp: { id: site, name: site },
        user: { id: randomBytes(16), name, displayName: name },
        pubKeyCredParams: [{ type: 'public-key', alg: ES256 }],
        authenticatorSelection: Object.assign(
          { residentKey: 'required', userVerification: 'required' } as const,
          // Whoever has the machine at a counter would have her key: it is made on her phone.
          !isOwnDevice && ({ authenticatorAttachment: 'cross-platform' } as const),
        ),
        attestation: 'none',
      },
    })
    .catch(() => null);
  of.throwIfAborted();
  const response = (made as PublicKeyCredential | null)?.response as
    | AuthenticatorAttestationResponse
    | undefined;
  const spki = response?.getPublicKey();
  if (spki === undefined || spki === null) throw new Wrong('mine.why.notSigned');
  // The two coordinates are the end of every such key.
  const key = toHex(new Uint8Array(spki).slice(-POINT_BYTES)) as Hex;
  const salt = toHex(randomBytes(32)) as Bytes32;
  const keyHash = keyHashOf(salt, 'webauthn', key);
  const signature = await signedBy(of, site, key, digestOf(heldByHolder(ledger, { baUnit, keyHash })));
  const possession = { salt, passkey: key, holdingId, signature };
  return { format: FORMAT, baUnit, holdingId, keyHash, possession };
}

/** A consent, in the bytes that the office and the gateway take. */
export async function consentBy(
  of: AbortSignal,
  site: string,
  { key, salt }: HolderRecord,
  given: { readonly place: number; readonly digest: Bytes32; readonly deadline: bigint },
): Promise<object> {
  const signature = await signedBy(of, site, key, given.digest);
  const times = { notBefore: 0, deadline: Number(given.deadline), mandateCommitment: ZERO_32 };
  const consent = Object.assign(times, { kind: 'webauthn', salt, key });
  return { part: 'consent', place: given.place, signature, consent };
}

const randomBytes = (count: number): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(count));

function base64Url(bytes: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
