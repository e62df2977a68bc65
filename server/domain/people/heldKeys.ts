/**
 * Keys that people bring to an office, of a holding, an instrument, a card or a till: each signs that it is held, so that
 * none is written down by mistake, or is another's.
 *
 * Promises: the domain of a person's own proofs, bound to one ledger by its nonce, so that what is signed here is no act,
 * no consent and no sale; a proof names what the key is for. Nothing of it goes to the ledger or is kept. Pure; the
 * person's device makes it, the gateway asks whether it holds.
 */
import type { LedgerIdentity } from '../acts/domains.ts';
import { keyHashOf } from '../acts/signing.ts';
import { struct, type TypedData } from '../acts/typedData.ts';
import type { Recover } from '../audit/signature.ts';
import { type Address, type Bytes32, fromHex, type Hex } from '../base/hex.ts';
import type { BAUnitId, InstrumentId, KeyKind, ProgrammeId, VendorId } from '../base/terms.ts';
import { p256KeyId } from '../benefits/cards.ts';
import type { TillId } from '../benefits/terms.ts';
import { ownRecordDomain, signerOf } from './ownProof.ts';

/** What a holder hands over with the hash of a key: the salt that the hash was made with, and the key's signature. */
export interface HeldKey {
  readonly salt: Bytes32;
  /** Of `heldByHolder` or `heldForInstrument`: 64 bytes (ERC-2098), the 128 of a P-256 key that shows itself, or what a passkey answered. */
  readonly signature: Hex;
  /** Of a passkey: qx ‖ qy. */
  readonly passkey?: Hex | undefined;
}

/** Of a holding, with the number in its unit that the key was made for. */
export interface HoldersKey extends HeldKey {
  readonly holdingId: number;
}

/** A message of the domain in which people show what is theirs, of one struct. */
function held(
  ledger: LedgerIdentity,
  primaryType: string,
  fields: readonly string[],
  message: TypedData['message'],
): TypedData {
  return {
    domain: ownRecordDomain(ledger),
    types: { [primaryType]: struct(...fields) },
    primaryType,
    message,
  };
}

/** What the key of a holding signs before the holding is recorded. */
export function heldByHolder(
  ledger: LedgerIdentity,
  message: { readonly baUnit: BAUnitId; readonly keyHash: Bytes32 },
): TypedData {
  return held(ledger, 'HeldByHolder', ['bytes32 baUnit', 'bytes32 keyHash'], message);
}

/** What the key of a charge or notice signs before it is recorded: of whoever lends, or claims. */
export function heldForInstrument(
  ledger: LedgerIdentity,
  message: { readonly instrumentId: InstrumentId; readonly keyHash: Bytes32 },
): TypedData {
  return held(ledger, 'HeldForInstrument', ['bytes32 instrumentId', 'bytes32 keyHash'], message);
}

/** What the key of a card signs before its person is enrolled, or before it takes the place of another card. */
export function heldByCard(
  ledger: LedgerIdentity,
  message: { readonly programme: ProgrammeId; readonly enrolmentEpoch: number; readonly keyId: Address },
): TypedData {
  return held(ledger, 'HeldByCard', ['bytes32 programme', 'uint32 enrolmentEpoch', 'address keyId'], message);
}

/** What the key of a till signs before the till is recorded. */
export function heldByTill(
  ledger: LedgerIdentity,
  message: { readonly vendor: VendorId; readonly till: TillId; readonly keyId: Address },
): TypedData {
  return held(ledger, 'HeldByTill', ['bytes32 vendor', 'uint32 till', 'address keyId'], message);
}

/**
 * Whether the key behind a hash signed that it is a holder's of the unit. A passkey answers the relying party that the
 * ledger's policy names; zero where none does, and then no passkey counts.
 */
export function isHeldByHolder(
  ledger: LedgerIdentity,
  of: { readonly baUnit: BAUnitId; readonly keyHash: Bytes32 },
  held: HeldKey,
  relyingParty: Bytes32,
): boolean {
  const { baUnit, keyHash } = of;
  return isHeld(heldByHolder(ledger, { baUnit, keyHash }), keyHash, held, relyingParty);
}

/** The same of the key of a charge or notice, which is for its instrument. */
export function isHeldForInstrument(
  ledger: LedgerIdentity,
  of: { readonly instrumentId: InstrumentId; readonly keyHash: Bytes32 },
  held: HeldKey,
  relyingParty: Bytes32,
): boolean {
  const { instrumentId, keyHash } = of;
  return isHeld(heldForInstrument(ledger, { instrumentId, keyHash }), keyHash, held, relyingParty);
}

function isHeld(
  data: TypedData,
  keyHash: Bytes32,
  { salt, signature, passkey }: HeldKey,
  relyingParty: Bytes32,
): boolean {
  const shown = passkey === undefined ? undefined : { key: passkey, relyingParty };
  const signer = signerOf(data, signature, shown);
  return signer !== undefined && keyHashOf(salt, signer.kind, signer.key) === keyHash;
}

/** A till's key as it is registered. */
export interface TillKey {
  readonly vendor: VendorId;
  readonly till: TillId;
  readonly keyKind: KeyKind;
  readonly keyId: Address;
}

/** A card's key as its person is enrolled with it. */
export interface CardKey {
  readonly programme: ProgrammeId;
  readonly enrolmentEpoch: number;
  readonly keyKind: KeyKind;
  readonly keyId: Address;
}

/** The key of a till is a secp256k1 key or a P-256 key that shows itself: a till holds no passkey. */
export function isHeldByTill(ledger: LedgerIdentity, of: TillKey, signature: Hex): boolean {
  const { vendor, till, keyId } = of;
  return isOfId(heldByTill(ledger, { vendor, till, keyId }), of, signature);
}

/** The key of a card, which is likewise of one of these two kinds. */
export function isHeldByCard(
  ledger: LedgerIdentity,
  of: CardKey,
  signature: Hex,
  recover?: Recover,
): boolean {
  const { programme, enrolmentEpoch, keyId } = of;
  return isOfId(heldByCard(ledger, { programme, enrolmentEpoch, keyId }), of, signature, recover);
}

function isOfId(
  data: TypedData,
  { keyKind, keyId }: Pick<TillKey, 'keyKind' | 'keyId'>,
  signature: Hex,
  recover?: Recover,
): boolean {
  const signer = signerOf(data, signature, undefined, recover);
  return signer !== undefined && signer.kind === keyKind && keyIdOf(signer) === keyId;
}

const keyIdOf = ({ kind, key }: { readonly kind: string; readonly key: Hex }) =>
  kind === 'p256' ? p256KeyId(fromHex(key)) : key;
