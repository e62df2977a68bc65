/**
 * Whether a consent that is asked for is one to this act: what a signer can tell from the two messages alone.
 *
 * Promises: the same terms as the contracts compute. It cannot tell whether the rights named are those in force, nor
 * what a released restriction said: those the register compares. Pure.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { hashStruct, type TypedData, type TypedStruct, type TypedValue } from '../acts/typedData.ts';
import { type Bytes32, fromHex, type Hex, toHex } from '../base/hex.ts';
import { LAND_ACTS, type LandAct, numberOf } from '../base/terms.ts';
import { LAND_TYPES } from '../land/acts.ts';

interface Asked {
  /** Acts on land that the typed act may be. */
  readonly acts: readonly LandAct[];
  readonly units: readonly TypedValue[];
  /** Undefined where the act does not show its terms. */
  readonly terms: Bytes32 | undefined;
}

export function isConsentTo(act: TypedData, consent: TypedStruct): boolean {
  const asked = askedBy(act);
  if (asked === undefined) return false;
  const { acts, units, terms } = asked;
  return (
    acts.some((name) => BigInt(numberOf(LAND_ACTS, name)) === consent.act) &&
    units.includes(consent.baUnit ?? '') &&
    (terms === undefined || terms === consent.termsHash)
  );
}

function askedBy({ primaryType, message }: TypedData): Asked | undefined {
  const hash = (struct: string, value: TypedValue | undefined) =>
    hashStruct(LAND_TYPES, struct, (value ?? {}) as TypedStruct);
  switch (primaryType) {
    case 'TransferRight':
      return { acts: ['transfer'], units: unitsIn([message.unit]), terms: hash('Right', message.next) };
    case 'CreateRestriction':
      return {
        acts: ['mortgage', 'caution'],
        units: unitsIn(listIn(message.units)),
        terms: hash('Restriction', message.restriction),
      };
    case 'Discharge':
      return {
        acts: ['discharge', 'caution-withdrawal'],
        units: unitsIn(listIn(message.releases).map((release) => fieldOf(release, 'unit'))),
        terms: undefined,
      };
    case 'Subdivide':
      return {
        acts: ['subdivision'],
        units: unitsIn([message.unit]),
        terms: words(listIn(message.children).map((child) => hash('Portion', fieldOf(child, 'portion')))),
      };
    case 'Consolidate':
      return {
        acts: ['consolidation'],
        units: unitsIn(listIn(message.units)),
        terms: words([
          words(unitsIn(listIn(message.units)) as Bytes32[]),
          hash('Portion', fieldOf(message.child, 'portion')),
          hash('Right', message.ownership),
        ]),
      };
    default:
      return undefined; // nobody consents to it
  }
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
