/**
 * An officer's public record from a key ring: both keys, each with its own signature that it is this officer's.
 *
 * The spare key may lie in another ring, kept elsewhere. For the officer's command and the demonstration.
 */
import { digestOf, type TypedDomain } from '../server/domain/acts/typedData.ts';
import { type Hex, ZERO_32 } from '../server/domain/base/hex.ts';
import { refusal } from '../server/domain/base/refusal.ts';
import type { InstitutionId } from '../server/domain/base/terms.ts';
import type { FoundingKey, FoundingOfficer } from '../server/domain/power/founding.ts';
import { FIRST_EPOCHS, keyHashOfAddress, possessionData } from '../server/domain/power/possession.ts';
import type { KeyEntry, Keyring } from './keyring.ts';

const spareNameOf = (name: string): string => `${name}-spare`;

/** The key of a name and the spare one beside it, made where they are missing. Refuses as `key-name-taken`. */
export function makeOfficerKeys(name: string, ring: Keyring, spareRing: Keyring): void {
  const { officer } = ofOfficer(ring.create(name, 'officer'));
  spareRing.create(spareNameOf(name), 'officer', officer);
}

/** A key of a ring with its proof of possession for an officer and an epoch, signed in the domain. */
export function provenKey(
  ring: Keyring,
  name: string,
  { domain, epoch, institution }: { domain: TypedDomain; epoch: number; institution: InstitutionId },
): FoundingKey {
  const { address, officer } = ofOfficer(ring.get(name));
  const keyHash = keyHashOfAddress(address);
  const data = possessionData(domain, { officerId: officer, keyHash, epoch, institution });
  const possession: Hex = ring.signDigest(name, digestOf(data));
  return { kind: 'secp256k1', keyHash, rpIdHash: ZERO_32, possession };
}

export function officerRecordOf(
  name: string,
  { ring, spareRing, domain }: { ring: Keyring; spareRing: Keyring; domain: TypedDomain },
  about: Pick<FoundingOfficer, 'institution' | 'office' | 'roles'>,
): FoundingOfficer {
  const { officer, salt } = ofOfficer(ring.get(name));
  const { institution } = about;
  const key = provenKey(ring, name, { domain, epoch: FIRST_EPOCHS.key, institution });
  const spareName = spareNameOf(name);
  const spare = provenKey(spareRing, spareName, { domain, epoch: FIRST_EPOCHS.spare, institution });
  return { officer, salt, ...about, key, spare };
}

function ofOfficer(entry: KeyEntry): Extract<KeyEntry, { kind: 'officer' }> {
  if (entry.kind !== 'officer') throw refusal('key-of-another-kind');
  return entry;
}
