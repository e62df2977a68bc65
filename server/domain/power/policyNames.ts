/**
 * The policies of the consortium by their names, as a member says them: the ledger knows the hash of a name alone.
 *
 * Promises: a name that it gives for a hash is one whose hash that is; a policy of a later version stays a hash. Pure.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { type Bytes32, parseHex, toHex } from '../base/hex.ts';
import { tierPolicy } from '../benefits/policies.ts';

const NAMES = [
  'landTwoInstitutionActs',
  'landMostNoticeSeconds',
  'landOverlapToleranceMm2',
  'benefitEndWithoutNotice',
  'signingRelyingParty',
] as const;
/** One for each currency: `benefitTierMinor/404`. */
const TIER = 'benefitTierMinor';
/** ISO 4217 has three digits. */
const CURRENCIES = 1_000;

const nameHash = (name: string) => toHex(keccak_256(utf8ToBytes(name))) as Bytes32;

/** The hash that a policy is known by; undefined of a name that no register reads. A hash is taken as it is. */
export function policyOfName(name: string): Bytes32 | undefined {
  const [, currency] = /^benefitTierMinor\/(\d{1,3})$/.exec(name) ?? [];
  if (currency !== undefined) return tierPolicy(Number(currency));
  if (NAMES.some((one) => one === name)) return nameHash(name);
  const hash = parseHex(name, 32);
  return hash === name ? (hash as Bytes32) : undefined;
}

/** Every name by its hash: a thousand hashes, which a list of measures would else make for each of its rows. */
let names: ReadonlyMap<Bytes32, string> | undefined;

/** Undefined of a hash that stands for no name known here. */
export function nameOfPolicy(policy: Bytes32): string | undefined {
  names ??= new Map([
    ...Array.from(
      { length: CURRENCIES },
      (_, currency) => [tierPolicy(currency), `${TIER}/${currency}`] as const,
    ),
    ...NAMES.map((name) => [nameHash(name), name] as const),
  ]);
  return names.get(policy);
}

/** Names of the Charter's directory, in its order: contracts/power/Directory.sol. */
export const DIRECTORY = ['Safeguards', 'Personnel', 'LandRegistry', 'BenefitLedger', 'Notary'] as const;
export type DirectoryName = (typeof DIRECTORY)[number];

export const directoryHash = (name: DirectoryName): Bytes32 => nameHash(name);

export function nameInDirectory(hash: Bytes32): DirectoryName | undefined {
  return DIRECTORY.find((name) => nameHash(name) === hash);
}
