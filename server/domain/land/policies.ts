/**
 * The consortium's policies that the register of land and the desks before it obey, by the names under which members vote on them.
 *
 * Promises: the ids of contracts/interfaces/ILandRegistry.sol and IConsortium.sol. Pure.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { type Bytes32, toHex } from '../base/hex.ts';

/** Bits of the acts that two institutions must sign. */
export const TWO_INSTITUTION_ACTS_POLICY = policyNamed('landTwoInstitutionActs');
/** Most seconds from the entry of a notice to its lapse: `mostNoticeSeconds` of restrictions.ts reads it. */
export const MOST_NOTICE_POLICY = policyNamed('landMostNoticeSeconds');
/** The relying party, as sha256 of its name, whose passkeys consent: the consortium itself obeys it. */
export const SIGNING_RELYING_PARTY_POLICY = policyNamed('signingRelyingParty');

/** Square millimetres of ground that the surveys of neighbours may differ by. */
export const OVERLAP_TOLERANCE_POLICY = policyNamed('landOverlapToleranceMm2');
/** The last digits of a coordinate. */
const NOISE_OF_SURVEYS_MM2 = 10_000n;

export function overlapToleranceMm2(policy: bigint): bigint {
  return policy === 0n ? NOISE_OF_SURVEYS_MM2 : policy;
}

function policyNamed(name: string): Bytes32 {
  return toHex(keccak_256(utf8ToBytes(name))) as Bytes32;
}
