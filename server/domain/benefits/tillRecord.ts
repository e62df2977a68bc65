/**
 * The public record of a till's key, which its agency registers.
 *
 * Format, version 1, JSON: {format, vendor, till, keyKind, keyId, possession}; the last is the key's own signature that it
 * is held, for this till of this ledger. Pure.
 */
import { SEED_KEY_KINDS, type SeedKeyKind, signShown } from '../acts/signing.ts';
import { digestOf } from '../acts/typedData.ts';
import type { TrustFile } from '../audit/trust.ts';
import type { Address, Hex } from '../base/hex.ts';
import { refusal } from '../base/refusal.ts';
import {
  hexIn,
  jsonOf,
  type Malformed,
  oneOf,
  recordOf,
  requireFormat,
  wholeIn,
} from '../base/strictJson.ts';
import type { VendorId } from '../base/terms.ts';
import { heldByTill } from '../people/heldKeys.ts';
import type { DeviceKey } from './deviceKeys.ts';
import type { TillId } from './terms.ts';

const FORMAT = 'kudurru-till-1';
const MAX_CHARACTERS = 16_384;

export interface TillRecord {
  readonly vendor: VendorId;
  readonly till: TillId;
  readonly keyKind: SeedKeyKind;
  readonly keyId: Address;
}

/** What is handed over. */
export interface ShownTill extends TillRecord {
  readonly format: typeof FORMAT;
  readonly possession: Hex;
}

export function recordOfTill(
  trust: TrustFile,
  { vendor, till }: Pick<TillRecord, 'vendor' | 'till'>,
  key: DeviceKey,
): ShownTill {
  const { kind: keyKind, keyId } = key;
  const possession = signShown(digestOf(heldByTill(trust, { vendor, till, keyId })), key);
  return { format: FORMAT, vendor, till, keyKind, keyId, possession };
}

export function readTillRecord(text: string): TillRecord {
  const malformed: Malformed = (field) =>
    refusal('till-file-malformed', undefined, field === '' ? {} : { field });
  const json = jsonOf(text, MAX_CHARACTERS, malformed);
  requireFormat(json, FORMAT, malformed);
  const names = ['format', 'vendor', 'till', 'keyKind', 'keyId', 'possession'];
  const { vendor, till, keyKind, keyId } = recordOf(json, '', names, malformed);
  return {
    vendor: hexIn(vendor, 32, '/vendor', malformed),
    till: wholeIn(till, 2 ** 32 - 1, '/till', malformed) as TillId,
    keyKind: oneOf(keyKind, '/keyKind', SEED_KEY_KINDS, malformed),
    keyId: hexIn(keyId, 20, '/keyId', malformed),
  };
}
