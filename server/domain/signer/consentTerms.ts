/**
 * What a consent to each act on land must name: what a signer can tell from the two messages alone.
 *
 * Promises: the same terms as the contracts compute. It cannot tell whether the rights and charges named are those in force, nor
 * what a released restriction said: those the register compares. Pure.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { hashStruct, type TypedStruct, type TypedValue } from '../acts/typedData.ts';
import { type Bytes32, fromHex, type Hex, toHex } from '../base/hex.ts';
import type { LandAct } from '../base/terms.ts';
import { LAND_TYPES } from '../land/acts.ts';

/** What a consent to an act names, as far as the act shows it. */
export interface ConsentTerms {
  /** Units whose holders are asked. */
  readonly units: readonly TypedValue[];
  /** Undefined where the act does not show its terms. */
  readonly terms: Bytes32 | undefined;
  /** The act its consents name, where its entries are of another kind. */
  readonly act?: LandAct;
}

export function transferTerms({ unit, next }: TypedStruct): ConsentTerms {
  return { units: unitsIn([unit]), terms: hash('Right', next) };
}

export function restrictionTerms({ units, restriction }: TypedStruct): ConsentTerms {
  return { units: unitsIn(listIn(units)), terms: hash('Restriction', restriction) };
}

export function dischargeTerms({ releases }: TypedStruct): ConsentTerms {
  return { units: unitsIn(listIn(releases).map((release) => fieldOf(release, 'unit'))), terms: undefined };
}

export function partTerms({ base, parts }: TypedStruct): ConsentTerms {
  return { units: unitsIn([base]), terms: words(listIn(parts).map((part) => hash('Title', part))) };
}

export function subdivisionTerms({ unit, children }: TypedStruct): ConsentTerms {
  const portions = listIn(children).map((child) => hash('Portion', fieldOf(child, 'portion')));
  return { units: unitsIn([unit]), terms: words(portions) };
}

/** Opening a division is a subdivision to whoever consents. */
export function divisionTerms({ unit, memberCount, membersRoot }: TypedStruct): ConsentTerms {
  const count = `0x${BigInt(memberCount as bigint | number)
    .toString(16)
    .padStart(64, '0')}` as Bytes32;
  return { units: unitsIn([unit]), terms: words([count, membersRoot as Bytes32]), act: 'subdivision' };
}

export function consolidationTerms({ units, child, ownership }: TypedStruct): ConsentTerms {
  const ending = unitsIn(listIn(units));
  const terms = [
    words(ending as Bytes32[]),
    hash('Portion', fieldOf(child, 'portion')),
    hash('Right', ownership),
  ];
  return { units: ending, terms: words(terms) };
}

function hash(struct: string, value: TypedValue | undefined): Bytes32 {
  return hashStruct(LAND_TYPES, struct, (value ?? {}) as TypedStruct);
}

function words(hashes: readonly Bytes32[]): Bytes32 {
  return toHex(keccak_256(concatBytes(...hashes.map((hash: Hex) => fromHex(hash))))) as Bytes32;
}

function listIn(value: TypedValue | undefined): readonly TypedValue[] {
  return Array.isArray(value) ? value : [];
}

function fieldOf(value: TypedValue | undefined, name: string): TypedValue | undefined {
  return (value as TypedStruct | undefined)?.[name];
}

function unitsIn(changes: readonly (TypedValue | undefined)[]): TypedValue[] {
  return changes.flatMap((change) => fieldOf(change, 'baUnit') ?? []);
}
