/**
 * A person's proof that a record is her own: what the key of her card, her holding or her charge signs to read it.
 *
 * Promises: a domain and types of their own, bound to one ledger by its nonce, so that a proof is never an act, a consent
 * or a sale, of this ledger or another; each names the entry or the holding whose key signs, and one challenge. Pure; the
 * person's device makes it, the gateway holds it against the key that the ledger knows.
 */
import { p256 } from '@noble/curves/nist.js';
import type { LedgerIdentity } from '../acts/domains.ts';
import { digestOf, struct, type TypedData, type TypedDomain, type TypeTable } from '../acts/typedData.ts';
import { isSignedByPoint } from '../audit/officerSignature.ts';
import { type Recover, recoverCompact } from '../audit/signature.ts';
import { type Bytes32, fromHex, type Hex, toHex, ZERO_32 } from '../base/hex.ts';
import type { BAUnitId, KeyKind, ProgrammeId } from '../base/terms.ts';

/** A place of the ledger with a key that is somebody's own. */
export type OwnPlace =
  | {
      readonly kind: 'card';
      readonly programme: ProgrammeId;
      readonly enrolmentEpoch: number;
      readonly index: number;
    }
  | { readonly kind: 'holding'; readonly baUnit: BAUnitId; readonly holdingId: number }
  /** Of a lender, or of whoever set a caution: the key that the charge or notice carries. */
  | { readonly kind: 'restriction'; readonly baUnit: BAUnitId; readonly restrictionId: number };

/** What the gateway gave out for one reading, and until when it is good. */
export interface OwnChallenge {
  readonly challenge: Bytes32;
  /** Unix seconds. */
  readonly deadline: bigint;
}

const TYPES: TypeTable = {
  ReadByCard: struct(
    'bytes32 programme',
    'uint32 enrolmentEpoch',
    'uint32 index',
    'bytes32 challenge',
    'uint64 deadline',
  ),
  ReadByHolder: struct('bytes32 baUnit', 'uint32 holdingId', 'bytes32 challenge', 'uint64 deadline'),
  ReadByRestriction: struct('bytes32 baUnit', 'uint32 restrictionId', 'bytes32 challenge', 'uint64 deadline'),
};
const TYPE_OF = {
  card: 'ReadByCard',
  holding: 'ReadByHolder',
  restriction: 'ReadByRestriction',
} as const satisfies Readonly<Record<OwnPlace['kind'], string>>;

/** Of what people sign to a gateway, and never to the ledger. */
export function ownRecordDomain({ chainId, ledgerNonce }: LedgerIdentity): TypedDomain {
  return { name: 'Kudurru OwnRecord', version: '1', chainId: BigInt(chainId), salt: ledgerNonce };
}

/** What the key signs. */
export function ownReading(
  ledger: LedgerIdentity,
  place: OwnPlace,
  { challenge, deadline }: OwnChallenge,
): TypedData {
  const { kind, ...of } = place;
  const primaryType = TYPE_OF[kind];
  return {
    domain: ownRecordDomain(ledger),
    types: { [primaryType]: TYPES[primaryType] ?? [] },
    primaryType,
    message: { ...of, challenge, deadline },
  };
}

const P256_SIGNATURE_BYTES = 64;
const UNCOMPRESSED = 4;

/** A passkey shows itself, and answers the relying party that the ledger's policy names; zero where none does. */
export interface PasskeyShown {
  /** qx ‖ qy. */
  readonly key: Hex;
  readonly relyingParty: Bytes32;
}

/**
 * By which key a proof is: an address for secp256k1, the 64 bytes qx ‖ qy behind the signature for P-256, those that are
 * shown for a passkey. Where thousands are asked, `recover` is one that is quicker and answers the same.
 */
export function signerOf(
  data: TypedData,
  signature: Hex,
  passkey?: PasskeyShown,
  recover: Recover = recoverCompact,
): { kind: KeyKind; key: Hex } | undefined {
  if (passkey !== undefined) {
    const { key, relyingParty } = passkey;
    const isSigned =
      relyingParty !== ZERO_32 &&
      isSignedByPoint('webauthn', fromHex(key), digestOf(data), fromHex(signature), relyingParty);
    return isSigned ? { kind: 'webauthn', key } : undefined;
  }
  const [digest, bytes] = [fromHex(digestOf(data)), fromHex(signature)];
  if (bytes.length !== 2 * P256_SIGNATURE_BYTES) {
    const address = recover(digest, bytes);
    return address && { kind: 'secp256k1', key: address };
  }
  const [of, key] = [bytes.subarray(0, P256_SIGNATURE_BYTES), bytes.subarray(P256_SIGNATURE_BYTES)];
  try {
    const isSigned = p256.verify(of, digest, Uint8Array.of(UNCOMPRESSED, ...key), {
      prehash: false,
      lowS: true,
    });
    return isSigned ? { kind: 'p256', key: toHex(key) } : undefined;
  } catch {
    return undefined; // not a point of the curve, or not a signature
  }
}
