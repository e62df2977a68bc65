/**
 * The hashes of the register of land: states and their sections, acts, batches and the terms that holders consent to.
 *
 * Promises: equal to what LandHashes.sol computes, byte for byte; the tests hold both against each other and
 * `vectors.json` pins them. Pure; used by preparation, views, fsck and every verifier.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { hashStruct, typeHash } from '../acts/typedData.ts';
import type { Bytes32, Hex } from '../base/hex.ts';
import { fromHex, toHex, wordOf, ZERO_32 } from '../base/hex.ts';
import { type BAUnitId, type EntryId, KEY_KINDS, numberOf } from '../base/terms.ts';
import {
  type Child,
  type ConsentProof,
  type Consolidate,
  LAND_TYPES,
  type LandStructs,
  type OpenDivision,
  type Portion,
  type Title,
} from './acts.ts';
import { toMessage } from './codec.ts';
import { type BAUnitState, SECTIONS, type Section } from './types.ts';

/** The EIP-712 struct hash of anything about land that is signed or kept. */
export function structHash<K extends keyof LandStructs & keyof typeof LAND_TYPES>(
  name: K,
  value: LandStructs[K],
): Bytes32 {
  return hashStruct(LAND_TYPES, name, toMessage(name, value));
}

/** How EIP-712 hashes an array of structs. */
export function listHash<K extends keyof LandStructs & keyof typeof LAND_TYPES>(
  name: K,
  items: readonly LandStructs[K][],
): Bytes32 {
  return hashOfWords(items.map((item) => structHash(name, item)));
}

/** keccak256 of 32-byte words one after another: `keccak256(abi.encode(...))` of fixed-size values. */
export function hashOfWords(words: readonly Bytes32[]): Bytes32 {
  return toHex(keccak_256(concatBytes(...words.map(fromHex)))) as Bytes32;
}

// ---- States -------------------------------------------------------------------------------------------------

/** A state with each section by its hash: what one section alone is disclosed or consented to with. */
export type SectionHashes = Readonly<Record<Section, Bytes32>>;

export const HASH_OF_SECTION: { readonly [S in Section]: (content: BAUnitState[S]) => Bytes32 } = {
  header: (header) => structHash('Header', header),
  spatialUnits: (list) => listHash('SpatialUnit', list),
  rights: (list) => listHash('Right', list),
  charges: (list) => listHash('Restriction', list),
  notices: (list) => listHash('Restriction', list),
  responsibilities: (list) => listHash('Responsibility', list),
  applications: (list) => listHash('Application', list),
};

export function sectionHashes(state: BAUnitState): SectionHashes {
  return {
    header: HASH_OF_SECTION.header(state.header),
    spatialUnits: HASH_OF_SECTION.spatialUnits(state.spatialUnits),
    rights: HASH_OF_SECTION.rights(state.rights),
    charges: HASH_OF_SECTION.charges(state.charges),
    notices: HASH_OF_SECTION.notices(state.notices),
    responsibilities: HASH_OF_SECTION.responsibilities(state.responsibilities),
    applications: HASH_OF_SECTION.applications(state.applications),
  };
}

/** What `stateOf` keeps of a unit. */
export function stateHash(state: BAUnitState): Bytes32 {
  return stateHashOf(sectionHashes(state), state);
}

/** The same from hashed sections. */
export function stateHashOf(
  sections: SectionHashes,
  { factsRoot, priorState }: Pick<BAUnitState, 'factsRoot' | 'priorState'>,
): Bytes32 {
  const words = SECTIONS.map((section) => sections[section]);
  return hashOfWords([typeHash(LAND_TYPES, 'BAUnitState'), ...words, factsRoot, priorState]);
}

// ---- Batches and entries ------------------------------------------------------------------------------------

/** What a batch's signatures cover its titles by. */
export function itemsHash(titles: readonly Title[]): Bytes32 {
  return listHash('Title', titles);
}

/** Entry id of one item of a batch, or of one unit of an act that changes several. */
export function itemEntryId(of: EntryId, itemIndex: number): EntryId {
  return hashOfWords([of, `0x${itemIndex.toString(16).padStart(64, '0')}` as Bytes32]) as EntryId;
}

// ---- Consents -----------------------------------------------------------------------------------------------

/** A consent with its very signature, as `ConsentsTaken` says it; `digest` is of what was signed. */
export function consentHash(digest: Bytes32, { kind, salt, key, signature }: ConsentProof): Bytes32 {
  const hashOf = (bytes: Hex) => toHex(keccak_256(fromHex(bytes))) as Bytes32;
  return hashOfWords([digest, wordOf(numberOf(KEY_KINDS, kind)), salt, hashOf(key), hashOf(signature)]);
}

// ---- What holders consent to --------------------------------------------------------------------------------

/** Every unit of an act as its consents name it: with its rights and charges, never its notices. */
export function unitsHash(
  units: readonly { readonly baUnit: BAUnitId; readonly state: Pick<BAUnitState, 'rights' | 'charges'> }[],
): Bytes32 {
  return hashOfWords(
    units.flatMap(({ baUnit, state }) => [
      baUnit,
      HASH_OF_SECTION.rights(state.rights),
      HASH_OF_SECTION.charges(state.charges),
    ]),
  );
}

/** Of a subdivision: the new units as their holders are shown them. */
export function subdivisionTerms(portions: readonly Portion[]): Bytes32 {
  return listHash('Portion', portions);
}

/** The right fold of the children of a division by their hashes: `rest` is the fold of those after them. */
export function foldHashes(hashes: readonly Bytes32[], rest: Bytes32 = ZERO_32): Bytes32 {
  return hashes.reduceRight((fold, hash) => hashOfWords([hash, fold]), rest);
}

export function foldOf(children: readonly Child[], rest: Bytes32 = ZERO_32): Bytes32 {
  return foldHashes(listHashes(children), rest);
}

/** The fold from each child on, and zero after the last. */
export function foldsOf(children: readonly Child[]): Bytes32[] {
  const folds = [ZERO_32];
  for (const hash of listHashes(children).toReversed()) folds.push(foldHashes([hash], folds.at(-1)));
  return folds.toReversed();
}

function listHashes(children: readonly Child[]): Bytes32[] {
  return children.map((child) => structHash('Child', child));
}

/** Of a division: how many children, and their fold. */
export function divisionTerms({ memberCount, membersRoot }: OpenDivision): Bytes32 {
  return hashOfWords([`0x${memberCount.toString(16).padStart(64, '0')}` as Bytes32, membersRoot]);
}

/** Of a consolidation: the parents, the new unit, and its ownership. */
export function consolidationTerms({ units, child, ownership }: Consolidate): Bytes32 {
  return hashOfWords([
    hashOfWords(units.map(({ baUnit }) => baUnit)),
    structHash('Portion', child.portion),
    structHash('Right', ownership),
  ]);
}
