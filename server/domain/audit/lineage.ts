/**
 * Whether a header is final on the ledger that the trust file names, from evidence alone.
 *
 * Three kinds of ledger. `qbft`: the Charter lists the validators; the evidence walks from the trust
 * file's first set over every change to the set in force, and shows by the parent's state that it is
 * the one. `qbft-header`: headers list the validators; only the trust file's own set is accepted, because
 * a change is decided by votes spread over an epoch of headers that no certificate carries, and a header
 * cannot be asked who may seal it. `embedded`: one node's key signs each head, witnesses may co-sign.
 * Promises: evidence has one form, so nothing in it goes unread; every failure has its own name; work is
 * bounded by MAX_STEPS quorums of signature checks.
 */

import { digest, type TypedDomain, type TypeTable } from '../acts/typedData.ts';
import type { Address, Bytes32, Hex } from '../base/hex.ts';
import { fromHex } from '../base/hex.ts';
import { refusal } from '../base/refusal.ts';
import { type Header, headerHash, readHeader } from './header.ts';
import { type QbftHeader, readQbftHeader } from './qbft.ts';
import { recoverCompact } from './signature.ts';
import type { EmbeddedTrust, QbftTrust, TrustFile } from './trust.ts';
import {
  bytesOfHeader,
  checkSealed,
  checkSealsFrom,
  isSameSet,
  type Standing,
  startAtGenesis,
  startOfLineage,
  takeStep,
  type ValidatorLink,
  validatorsUnder,
} from './validators.ts';

export interface QbftEvidence {
  readonly kind: 'qbft';
  /** Block 1, sealed by the first validators: what binds all they seal to this genesis. */
  readonly first: Hex;
  /** The trust file's checkpoint in its hash form, exactly where it names one. */
  readonly checkpoint?: ValidatorLink;
  /** Every change of validators since, in order. */
  readonly steps: readonly ValidatorLink[];
  /** The header before `header` in its hash form, and the set it leads to. */
  readonly parent: ValidatorLink;
  readonly header: Hex;
}

export interface QbftHeaderEvidence {
  readonly kind: 'qbft-header';
  /** As in `QbftEvidence`. */
  readonly first: Hex;
  readonly header: Hex;
}

/** Signatures of `headDigest` in 64 bytes (ERC-2098). */
export interface EmbeddedEvidence {
  readonly kind: 'embedded';
  readonly header: Hex;
  readonly nodeSignature: Hex;
  readonly witnessSignatures: readonly Hex[];
}

export type FinalityEvidence = QbftEvidence | QbftHeaderEvidence | EmbeddedEvidence;

export interface FinalHeader {
  readonly header: Header;
  readonly blockHash: Bytes32;
  /** Sealed by a quorum of validators; or by the operator's node alone; or by it and a witness. */
  readonly finality: 'sealed' | 'local' | 'witnessed';
  /** What the verdict starts from, beside the keys. */
  readonly restsOn: 'genesis' | 'checkpoint';
  readonly signatureChecks: number;
}

/** One change of validators a day for 27 years. */
const MAX_STEPS = 10_000;

/** Returns the header as final, or throws the refusal that says why it is not. */
export function verifyFinality(trust: TrustFile, evidence: FinalityEvidence): FinalHeader {
  if (trust.lineage === 'qbft' && evidence.kind === 'qbft') return verifyQbft(trust, evidence);
  if (trust.lineage === 'qbft-header' && evidence.kind === 'qbft-header')
    return verifyQbftHeader(trust, evidence);
  if (trust.lineage === 'embedded' && evidence.kind === 'embedded') return verifyEmbedded(trust, evidence);
  throw refusal('lineage-kind-differs');
}

function verifyQbft(trust: QbftTrust, evidence: QbftEvidence): FinalHeader {
  if (evidence.steps.length > MAX_STEPS) throw refusal('lineage-too-long', { most: MAX_STEPS });
  const header = readQbftHeader(bytesOfHeader(evidence.header));
  requireBeyondCheckpoint(trust, header);
  const first = requireGenesis(trust, evidence, header);
  const standing = evidence.steps.reduce<Standing>(
    (known, step) => takeStep(trust, known, step),
    startOfLineage(trust, evidence.checkpoint),
  );
  const checks = checkSealed(standing, header);
  requireInForce(trust, standing, header, evidence.parent);
  return {
    header,
    blockHash: header.hash,
    finality: 'sealed',
    restsOn: evidence.checkpoint === undefined ? 'genesis' : 'checkpoint',
    signatureChecks: first + standing.signatureChecks + checks,
  };
}

/**
 * Refuses a lineage whose block 1 the first validators did not seal on the genesis of the trust file, at whatever
 * height the header stands. Block 1 is its own first and is checked as the header. Returns the signatures checked.
 */
function requireGenesis(
  trust: QbftTrust,
  { first, header: target }: QbftEvidence | QbftHeaderEvidence,
  header: QbftHeader,
): number {
  if (header.blockNumber === 1) {
    if (header.parentHash !== trust.genesisHash) throw refusal('lineage-not-from-genesis');
    if (first !== target) throw refusal('lineage-broken');
    return 0;
  }
  const block = readQbftHeader(bytesOfHeader(first));
  if (block.blockNumber !== 1 || block.parentHash !== trust.genesisHash)
    throw refusal('lineage-not-from-genesis');
  return checkSealsFrom(startAtGenesis(trust), block);
}

/**
 * The parent needs no seals of its own: the sealed header names it by hash. Its state shows that no
 * change was left out between the last step and the header.
 */
function requireInForce(trust: QbftTrust, standing: Standing, header: QbftHeader, link: ValidatorLink): void {
  const raw = bytesOfHeader(link.header);
  const parent = readHeader(raw);
  if (headerHash(raw) !== header.parentHash || parent.blockNumber + 1 !== header.blockNumber) {
    throw refusal('header-parent-differs');
  }
  const inForce = validatorsUnder(trust, parent.stateRoot, link.validators);
  if (!isSameSet(inForce, standing.validators)) throw refusal('lineage-incomplete');
}

function verifyQbftHeader(trust: QbftTrust, evidence: QbftHeaderEvidence): FinalHeader {
  const header = readQbftHeader(bytesOfHeader(evidence.header));
  requireBeyondCheckpoint(trust, header);
  const first = requireGenesis(trust, evidence, header);
  const signatureChecks = first + checkSealsFrom(startAtGenesis(trust), header);
  if (!isSameSet(header.validators, trust.firstValidators)) throw refusal('validators-changed-in-header');
  return { header, blockHash: header.hash, finality: 'sealed', restsOn: 'genesis', signatureChecks };
}

function requireBeyondCheckpoint(trust: TrustFile, header: Header): void {
  if (header.blockNumber <= trust.minimumCheckpoint.blockNumber) throw refusal('checkpoint-not-reached');
}

/** What an embedded node and its witnesses sign of each block, as EIP-712 typed data. */
export const HEAD_TYPES: TypeTable = {
  Head: [
    { name: 'genesisHash', type: 'bytes32' },
    { name: 'blockNumber', type: 'uint64' },
    { name: 'blockHash', type: 'bytes32' },
  ],
};

/** No contract verifies a head, so the domain names none; the genesis hash stands in the message. */
export function headDomain(chainId: number): TypedDomain {
  return { name: 'Kudurru Head', version: '1', chainId: BigInt(chainId) };
}

export function headDigest(
  ledger: { readonly chainId: number; readonly genesisHash: Bytes32 },
  head: { readonly blockNumber: number; readonly blockHash: Bytes32 },
): Bytes32 {
  const { blockNumber, blockHash } = head;
  return digest(headDomain(ledger.chainId), HEAD_TYPES, 'Head', {
    genesisHash: ledger.genesisHash,
    blockNumber,
    blockHash,
  });
}

function verifyEmbedded(trust: EmbeddedTrust, evidence: EmbeddedEvidence): FinalHeader {
  const raw = bytesOfHeader(evidence.header);
  const header = readHeader(raw);
  requireBeyondCheckpoint(trust, header);
  const blockHash = headerHash(raw);
  if (header.blockNumber === 1 && header.parentHash !== trust.genesisHash)
    throw refusal('lineage-not-from-genesis');
  const signed = fromHex(headDigest(trust, { blockNumber: header.blockNumber, blockHash }));
  if (signerOf(signed, evidence.nodeSignature) !== trust.nodeKey) throw refusal('head-not-signed-by-node');
  const left = new Set(trust.witnessKeys);
  for (const signature of evidence.witnessSignatures) {
    const witness = signerOf(signed, signature);
    if (witness === undefined || !trust.witnessKeys.includes(witness)) throw refusal('witness-unknown');
    if (!left.delete(witness)) throw refusal('witness-repeated');
  }
  const witnesses = evidence.witnessSignatures.length;
  const needed = trust.witnessThreshold;
  if (witnesses < needed) throw refusal('witnesses-too-few', { found: witnesses, needed });
  return {
    header,
    blockHash,
    finality: witnesses > 0 ? 'witnessed' : 'local',
    restsOn: 'genesis',
    signatureChecks: 1 + witnesses,
  };
}

function signerOf(digestBytes: Uint8Array, signature: Hex): Address | undefined {
  return /^0x[0-9a-f]{128}$/.test(signature) ? recoverCompact(digestBytes, fromHex(signature)) : undefined;
}
