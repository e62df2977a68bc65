/** Keys as their holders show them to an office: each with its own signature that it is held, for what it is to be the key of. */
import {
  addressOfPrivateKey,
  type ConsentKey,
  keyHashOf,
  signCompact,
} from '../../server/domain/acts/signing.ts';
import { digestOf } from '../../server/domain/acts/typedData.ts';
import type { TrustFile } from '../../server/domain/audit/trust.ts';
import type { BAUnitId, InstrumentId, ProgrammeId, VendorId } from '../../server/domain/base/terms.ts';
import type { TillId } from '../../server/domain/benefits/terms.ts';
import {
  heldByCard,
  heldByHolder,
  heldByTill,
  heldForInstrument,
} from '../../server/domain/people/heldKeys.ts';

type Key = Pick<ConsentKey, 'privateKey' | 'salt'>;
const hashOf = ({ salt, privateKey }: Key) => keyHashOf(salt, 'secp256k1', addressOfPrivateKey(privateKey));

/** What the register calls the first holding of a unit. */
const FIRST_HOLDING = 2;

/** Of a holder, as a registrar writes her down. */
export function heldIn(trust: TrustFile, baUnit: string, key: Key, holdingId = FIRST_HOLDING) {
  const keyHash = hashOf(key);
  const digest = digestOf(heldByHolder(trust, { baUnit: baUnit as BAUnitId, keyHash }));
  const signature = signCompact(digest, key.privateKey);
  return { keyHash, possession: { salt: key.salt, signature, holdingId } };
}

/** Of whoever lends or claims. */
export function heldOn(trust: TrustFile, instrumentId: InstrumentId, key: Key) {
  const keyHash = hashOf(key);
  const digest = digestOf(heldForInstrument(trust, { instrumentId, keyHash }));
  const possession = { salt: key.salt, signature: signCompact(digest, key.privateKey) };
  return { instrumentId, holderKeyHash: keyHash, possession };
}

/** Of a card. */
export function cardShown(
  trust: TrustFile,
  of: { readonly programme: ProgrammeId; readonly enrolmentEpoch: number },
  privateKey: Uint8Array,
) {
  const keyId = addressOfPrivateKey(privateKey);
  const { programme, enrolmentEpoch } = of;
  const digest = digestOf(heldByCard(trust, { programme, enrolmentEpoch, keyId }));
  return { keyKind: 'secp256k1', keyId, possession: signCompact(digest, privateKey) };
}

/** Of a till. */
export function tillShown(
  trust: TrustFile,
  { vendor, till }: { readonly vendor: string; readonly till: number },
  privateKey: Uint8Array,
) {
  const keyId = addressOfPrivateKey(privateKey);
  const of = { vendor: vendor as VendorId, till: till as TillId, keyId };
  const possession = signCompact(digestOf(heldByTill(trust, of)), privateKey);
  return { keyKind: 'secp256k1', keyId, possession };
}
