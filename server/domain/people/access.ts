/**
 * The chains a person can check: every look at their data, and every erasure.
 *
 * Format, version 1. A line's hash is keccak-256 over its parts, each preceded by its length (uint32, big-endian),
 * in the order of `accessLineHash`; numbers are decimal text, lists are joined by a comma, what is absent is empty.
 * Lines of one person count from 1 and each names the hash before it (32 zero bytes before the first), so an
 * omitted, changed or reordered line shows. The heads of all persons stand under one root that is anchored:
 * leaf = salted leaf of (0x01, count uint64, head) with the person's own random reference as salt, so that the
 * root tells nothing and the person can prove their head under it.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { type Leaf, saltedLeaf } from '../acts/merkle.ts';
import { type Bytes32, fromHex, toHex, ZERO_32 } from '../base/hex.ts';
import type { DataClass, Purpose, StoredType, SubjectRef } from './schema.ts';

export const ACCESS_CHANNELS = ['view', 'transfer', 'refused', 'found', 'changed'] as const;

/** Time, purpose, receiver and classes of one look; never the data (DT3). */
export interface AccessLine {
  readonly version: 1;
  /** From 1, without a gap. */
  readonly index: number;
  readonly atMs: number;
  /** Who looked: the principal's random id. */
  readonly actor: string;
  readonly institution: number;
  /** Whose records were read. */
  readonly agency: number;
  readonly purpose: Purpose;
  readonly classes: readonly DataClass[];
  readonly types: readonly StoredType[];
  /** DT6: looked at here, handed to somebody outside, asked for and refused, found by an upload, or changed by one. */
  readonly channel: (typeof ACCESS_CHANNELS)[number];
  /** The institution that received it; the looking one itself for a view. */
  readonly receiver: number;
  readonly caseReference: string | undefined;
  /** DT2: for whom the actor looked: a reference, for a name would be read in a copy of the log. */
  readonly onBehalfOf: Bytes32 | undefined;
  /** DG4: the agreement under which one institution reads another's records. */
  readonly agreement: string | undefined;
  /** DT4: not shown to the person before this time, on this legal basis. */
  readonly hidden: { readonly basis: string; readonly untilMs: number } | undefined;
  readonly previous: Bytes32;
}

export interface AccessHead {
  readonly lines: number;
  readonly head: Bytes32;
}

export const NO_ACCESS: AccessHead = { lines: 0, head: ZERO_32 };

export function accessLineHash(line: AccessLine): Bytes32 {
  return hashOfParts([
    'kudurru access line',
    line.version,
    line.index,
    line.atMs,
    line.actor,
    line.institution,
    line.agency,
    line.purpose,
    line.classes.join(),
    line.types.join(),
    line.channel,
    line.receiver,
    line.caseReference ?? '',
    line.onBehalfOf ?? '',
    line.agreement ?? '',
    line.hidden?.basis ?? '',
    line.hidden?.untilMs ?? '',
    line.previous,
  ]);
}

/** Whether these lines, newest first, are a whole stretch of the chain that ends in `head`. */
export function isChain(newestFirst: readonly AccessLine[], head: AccessHead): boolean {
  let expected = head;
  for (const line of newestFirst) {
    if (line.index !== expected.lines || accessLineHash(line) !== expected.head) return false;
    expected = { lines: line.index - 1, head: line.previous };
  }
  return expected.lines > 0 || expected.head === ZERO_32;
}

/** A person's leaf under the root over all heads. */
export function headLeaf(subject: SubjectRef, { lines, head }: AccessHead): Leaf {
  const data = new Uint8Array(1 + 8 + 32);
  data[0] = 1;
  new DataView(data.buffer).setBigUint64(1, BigInt(lines));
  data.set(fromHex(head), 9);
  return saltedLeaf(toHex(fromHex(subject)) as Bytes32, data);
}

/** Letters of the number of a case or an agreement, as its client writes it: no room for a word about a person. */
export const CASE_REFERENCE_MAX = 64;
export const CASE_REFERENCE = /^[A-Za-z0-9][\w./-]{0,63}$/;
/** What is a case of its own: a pending act, or a challenge that a person's key signed. No client can write one. */
const OWN_CASE = /^(?:act|own):0x[0-9a-f]{64}$/;

/** The one form of a reference, in headers, requests and lines. */
export function isCaseReference(text: string): boolean {
  return CASE_REFERENCE.test(text) || OWN_CASE.test(text);
}

/** Why somebody's data were destroyed. */
const ERASURE_GROUNDS = [
  'retention-ended',
  'asked-by-person',
  'court-order',
  'entered-in-error',
  'act-ended',
  'erased-before-restore',
] as const;
export type ErasureGround = (typeof ERASURE_GROUNDS)[number];

/** What stays of an erased person: that they were erased, when and why. A restored backup erases them again by it. */
export interface Tombstone {
  readonly version: 1;
  /** From 1, without a gap, over all persons. */
  readonly index: number;
  readonly atMs: number;
  readonly subject: SubjectRef;
  /** The one group of records (a BAUnit's) that was erased; empty = everything. */
  readonly group: string;
  readonly ground: ErasureGround;
  /** The principal who ordered it. */
  readonly orderedBy: string;
  /** Where the person's access chain stood. */
  readonly accessLines: number;
  readonly accessHead: Bytes32;
  readonly previous: Bytes32;
}

export function tombstoneHash(stone: Tombstone): Bytes32 {
  return hashOfParts([
    'kudurru tombstone',
    stone.version,
    stone.index,
    stone.atMs,
    stone.subject,
    stone.group,
    stone.ground,
    stone.orderedBy,
    stone.accessLines,
    stone.accessHead,
    stone.previous,
  ]);
}

/** Each part after its length, so that no two lists of parts have one hash. */
export function hashOfParts(parts: readonly (string | number)[]): Bytes32 {
  const framed = parts.flatMap((part) => {
    const bytes = utf8ToBytes(String(part));
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, bytes.length);
    return [length, bytes];
  });
  return toHex(keccak_256(concatBytes(...framed))) as Bytes32;
}
