/**
 * `kudurru network checkpoint`: a trust file whose checkpoint stands further on, so that evidence begins there.
 *
 * Promises: the new file is proved from the old one by seals, as a verifier would check it, and nothing of a node or of whoever
 * made the certificate is believed; it is a new file, and no file is written over. For the command.
 */
import fs from 'node:fs';
import path from 'node:path';
import { readCertificate } from '../server/domain/audit/certificate.ts';
import { evidenceFrom, moveCheckpoint } from '../server/domain/audit/checkpoint.ts';
import { type FinalityEvidence, verifyFinality } from '../server/domain/audit/lineage.ts';
import { type Checkpoint, fingerprint, readTrust, writeTrust } from '../server/domain/audit/trust.ts';
import type { Bytes32 } from '../server/domain/base/hex.ts';
import { evidenceTold, type NodeNamed } from '../server/network.ts';
import { NotUnderstood, readText } from './answer.ts';

/** Ten thousand changes of validators with their proofs. */
const MAX_CERTIFICATE_BYTES = 64 * 2 ** 20;
const MAX_TRUST_BYTES = 65_536;
const FILE_MODE = 0o644;

export interface CheckpointAsked {
  readonly trust: string;
  readonly certificate?: string;
  /** A gateway's loopback JSON-RPC, and which block; the newest that it proves unless said. */
  readonly node?: NodeNamed;
  readonly block?: number;
  readonly out?: string;
}

export interface CheckpointMoved {
  readonly file: string;
  readonly from: Checkpoint;
  readonly to: Checkpoint;
  readonly fingerprint: Bytes32;
  readonly fingerprintBefore: Bytes32;
  /** Of what a certificate carries to show that its header is final: by the old file, and by the new one. */
  readonly evidenceBytes: { readonly before: number; readonly after: number };
}

/** Refuses as whatever the old file does not prove, and `checkpoint-not-reached` where the new one would be no later. */
export async function moveInFile(asked: CheckpointAsked): Promise<CheckpointMoved> {
  const trust = readTrust(readText(asked.trust, MAX_TRUST_BYTES));
  const evidence = await evidenceOf(asked);
  const moved = moveCheckpoint(trust, evidence);
  const after = evidence.kind === 'qbft' ? evidenceFrom(evidence) : evidence;
  verifyFinality(moved, after); // what is written is a file that certificates are verified with
  const { blockNumber } = moved.minimumCheckpoint;
  const { name, ext } = path.parse(asked.trust);
  const file = asked.out ?? path.join(path.dirname(asked.trust), `${name}-${blockNumber}${ext}`);
  fs.writeFileSync(file, writeTrust(moved), { flag: 'wx', mode: FILE_MODE });
  return {
    file,
    from: trust.minimumCheckpoint,
    to: moved.minimumCheckpoint,
    fingerprint: fingerprint(moved),
    fingerprintBefore: fingerprint(trust),
    evidenceBytes: { before: bytesOf(evidence), after: bytesOf(after) },
  };
}

export function movedInWords({ file, from, to, ...told }: CheckpointMoved): string {
  const { before, after } = told.evidenceBytes;
  return [
    `PROVED from block ${from.blockNumber}: block ${to.blockNumber}, ${to.blockHash}`,
    `written: ${file}`,
    `fingerprint: ${told.fingerprint}`,
    `fingerprint of the file before: ${told.fingerprintBefore}`,
    `a certificate carries ${after} bytes of evidence instead of ${before}`,
    'Compare the fingerprint with every other member, and keep the file before: older certificates are verified with it.',
  ].join('\n');
}

async function evidenceOf({ certificate, node, block }: CheckpointAsked): Promise<FinalityEvidence> {
  if (certificate !== undefined && node === undefined && block === undefined) {
    return readCertificate(readText(certificate, MAX_CERTIFICATE_BYTES)).finality;
  }
  if (certificate !== undefined || node === undefined) {
    throw new NotUnderstood('Name a certificate, or the JSON-RPC of a gateway, which may have a block.');
  }
  const told = await evidenceTold(node, block);
  if (told === undefined) {
    throw new NotUnderstood(
      'It tells no evidence of that: name the JSON-RPC of a gateway (KUDURRU_RPC_PORT) that is that far, or a certificate.',
    );
  }
  return told;
}

function bytesOf(evidence: FinalityEvidence): number {
  return Buffer.byteLength(JSON.stringify(evidence));
}
