/**
 * What a member signs of a trust file that it computed itself, and which members did.
 *
 * Promises: a signature counts where an officer of the founding file, with the role to vote for its institution, made it over this
 * fingerprint in the domain of this ledger's nonce. Pure.
 */
import { digestOf, struct } from '../acts/typedData.ts';
import { isSignedBy } from '../audit/officerSignature.ts';
import { fingerprint, type TrustFile, type TrustSignature } from '../audit/trust.ts';
import type { Bytes32 } from '../base/hex.ts';
import { type Founding, type FoundingOfficer, votersOf } from './founding.ts';
import { foundingDomain } from './possession.ts';

const TRUST_TYPES = {
  TrustComputed: struct('bytes32 fingerprint', 'uint16 institution', 'bytes32 officer'),
};

export interface MembersSigned {
  readonly signed: readonly number[];
  readonly missing: readonly number[];
  /** Those that count for nothing: of nobody who may, or of another file. */
  readonly strange: readonly TrustSignature[];
}

/** What an officer signs, by any kind of key. */
export function trustDigest(trust: TrustFile, institution: number, officer: Bytes32): Bytes32 {
  const domain = foundingDomain(trust.ledgerNonce);
  const message = { fingerprint: fingerprint(trust), institution, officer };
  return digestOf({ domain, types: TRUST_TYPES, primaryType: 'TrustComputed', message });
}

/** The officer of the founding file who has this key and votes; undefined where there is none. */
export function voterWithKey(founding: Founding, keyHash: Bytes32): FoundingOfficer | undefined {
  return founding.officers.find(
    ({ roles, key, spare }) => roles.includes('vote') && [key.keyHash, spare.keyHash].includes(keyHash),
  );
}

export function membersSigned(
  trust: TrustFile,
  founding: Founding,
  signatures: readonly TrustSignature[],
): MembersSigned {
  const counts = (one: TrustSignature) => isMembers(trust, founding, one);
  const by = new Set(signatures.filter(counts).map(({ institution }) => institution));
  const members = votersOf(founding).map(({ institution }): number => institution);
  return {
    signed: members.filter((one) => by.has(one)),
    missing: members.filter((one) => !by.has(one)),
    strange: signatures.filter((one) => !counts(one)),
  };
}

function isMembers(trust: TrustFile, founding: Founding, one: TrustSignature): boolean {
  const { institution, officer, signature } = one;
  const found = founding.officers.find((each) => each.officer === officer);
  if (found === undefined || found.institution !== institution || !found.roles.includes('vote')) return false;
  if (trust.ledgerNonce !== founding.ledgerNonce) return false;
  const digest = trustDigest(trust, institution, officer);
  return [found.key, found.spare].some((key) => isSignedBy(key, digest, signature));
}
