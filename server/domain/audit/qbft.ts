/**
 * What a QBFT header says and who sealed it, as Hyperledger Besu writes it.
 *
 * `extraData` is RLP [vanity, validators, vote, round, seals]. The block hash is the hash of the
 * header with round 0 and no seals, because each node keeps the seals it happened to receive; a seal
 * signs the hash of the header with the real round and no seals. Promises: `checkSeals` returns only
 * when the seals are by different members and at least a quorum; signers are counted, never seals.
 * It does not know whose set is in force: see lineage.ts.
 */
import type { Address, Bytes32 } from '../base/hex.ts';
import { fromHex, toHex } from '../base/hex.ts';
import { refusal } from '../base/refusal.ts';
import { EXTRA_DATA, type Header, headerHash, readHeader } from './header.ts';
import { decodeRlp, encodeRlp, minimalBytes, type RlpItem, readBytes, readItems, readUint } from './rlp.ts';
import { recoverSeal } from './signature.ts';

export interface QbftHeader extends Header {
  /** The block hash: the same whichever seals a node kept. */
  readonly hash: Bytes32;
  /** What a seal of this block signs. */
  readonly commitDigest: Bytes32;
  readonly round: number;
  /** The validators the header itself lists: none where a contract holds them. */
  readonly validators: readonly Address[];
  readonly seals: readonly Uint8Array[];
}

/** How many different members must have sealed: any two such quorums share an honest member. */
export function quorumOf(memberCount: number): number {
  return Math.ceil((2 * memberCount) / 3);
}

/** Throws `header-malformed` on anything Besu would not have written. */
export function readQbftHeader(raw: Uint8Array): QbftHeader {
  const header = readHeader(raw);
  const extra = readItems(decodeRlp(header.extraData));
  const malformed = () => refusal('header-malformed', undefined, { field: 'extraData' });
  if (extra?.length !== 5) throw malformed();
  const [vanity, listed, vote, roundBytes, sealItems] = extra;
  const round = readUint(roundBytes, 4);
  const validators = readEach(listed, 20);
  const seals = readEach(sealItems, 65);
  if (!readBytes(vanity, 32) || !isVote(vote) || round === undefined || !validators || !seals) {
    throw malformed();
  }
  return {
    ...header,
    hash: header.blockNumber === 0 ? headerHash(raw) : headerHash(withoutSeals(header, extra, 0n)),
    commitDigest: headerHash(withoutSeals(header, extra, round)),
    round: Number(round),
    validators: validators.map((bytes) => toHex(bytes) as Address),
    seals,
  };
}

/** A list of byte strings of one length, or undefined when any of it is something else. */
function readEach(item: RlpItem | undefined, byteLength: number): readonly Uint8Array[] | undefined {
  const read: Uint8Array[] = [];
  for (const part of readItems(item) ?? [undefined]) {
    const bytes = readBytes(part, byteLength);
    if (bytes === undefined) return undefined;
    read.push(bytes);
  }
  return read;
}

/** No vote is an empty list; a vote is a validator and 0xff to add it, zero (a byte or none) to drop it. */
function isVote(item: RlpItem | undefined): boolean {
  const vote = readItems(item);
  if (vote === undefined) return false;
  if (vote.length === 0) return true;
  const [validator, direction] = vote;
  const byte = readBytes(direction, 0) === undefined ? readBytes(direction, 1)?.[0] : 0;
  return vote.length === 2 && readBytes(validator, 20) !== undefined && (byte === 0 || byte === 0xff);
}

function withoutSeals(header: Header, extra: readonly RlpItem[], round: bigint): Uint8Array {
  const unsealed = encodeRlp([...extra.slice(0, 3), minimalBytes(round), []]);
  return encodeRlp(header.fields.with(EXTRA_DATA, unsealed));
}

/**
 * The header in the form whose plain hash is the block hash: round 0 and no seals, genesis as it is.
 * Evidence carries a header so where another one vouches for it by hash.
 */
export function hashForm(raw: Uint8Array): Uint8Array {
  const header = readQbftHeader(raw);
  const extra = readItems(decodeRlp(header.extraData)) ?? [];
  return header.blockNumber === 0 ? raw : withoutSeals(header, extra, 0n);
}

/** Whoever made each seal, in the seals' order; undefined where the bytes are no signature at all. */
export function sealSigners(header: QbftHeader): (Address | undefined)[] {
  const digest = digestOf(header);
  return header.seals.map((seal) => recoverSeal(digest, seal));
}

/**
 * Refuses a header unless different members, at least a quorum of them, sealed it. Returns how many
 * signatures were checked: at most one more than there are members, however many the header carries.
 */
export function checkSeals(header: QbftHeader, members: readonly Address[]): number {
  const digest = digestOf(header);
  const left = new Set(members);
  for (const seal of header.seals) {
    const signer = recoverSeal(digest, seal);
    if (signer === undefined || !members.includes(signer)) throw refusal('seal-not-by-member');
    if (!left.delete(signer)) throw refusal('seal-repeated');
  }
  const quorum = quorumOf(members.length);
  if (members.length === 0 || header.seals.length < quorum) {
    throw refusal('seals-too-few', { found: header.seals.length, needed: quorum });
  }
  return header.seals.length;
}

function digestOf(header: QbftHeader): Uint8Array {
  return fromHex(header.commitDigest);
}
