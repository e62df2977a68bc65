/**
 * A trust file whose checkpoint stands further on, proved from the one before.
 *
 * Evidence names every change of validators since the checkpoint of the trust file, so it grows until the checkpoint moves.
 * Promises: the new checkpoint is the parent of a header that is final by the old trust file, and nothing else of the file
 * changes, so who has the same evidence gets the same fingerprint; what the old file does not prove is refused by the name
 * of what fails. What is final by the new file begins at the new checkpoint: certificates of before need the old file.
 */
import { Refusal, refusal } from '../base/refusal.ts';
import { type FinalityEvidence, type QbftEvidence, verifyFinality } from './lineage.ts';
import { parseTrust, type TrustFile, writeTrust } from './trust.ts';

export function moveCheckpoint<T extends TrustFile>(trust: T, evidence: FinalityEvidence): T {
  const { header } = verifyFinality(trust, evidence);
  const blockNumber = header.blockNumber - 1;
  if (blockNumber <= trust.minimumCheckpoint.blockNumber) throw refusal('checkpoint-not-reached');
  const minimumCheckpoint = { blockNumber, blockHash: header.parentHash };
  return parseTrust(Object.assign({}, trust, { minimumCheckpoint })) as T;
}

/** What is left of the evidence for who begins at its parent: no change at all. */
export function evidenceFrom({ kind, first, parent, header }: QbftEvidence): QbftEvidence {
  return { kind, first, checkpoint: parent, steps: [], parent, header };
}

/** Whether `later` is the same trust but for a checkpoint that stands further on. It says nothing about proof. */
export function isFurtherOn(before: TrustFile, later: TrustFile): boolean {
  const { minimumCheckpoint } = later;
  if (minimumCheckpoint.blockNumber <= before.minimumCheckpoint.blockNumber) return false;
  return writeTrust(Object.assign({}, before, { minimumCheckpoint })) === writeTrust(later);
}

/** Whether this evidence proves the checkpoint of `later` from `before`. */
export function provesCheckpoint(before: TrustFile, later: TrustFile, evidence: FinalityEvidence): boolean {
  try {
    return writeTrust(moveCheckpoint(before, evidence)) === writeTrust(later);
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}
