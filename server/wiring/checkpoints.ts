/**
 * A gateway of a network that is started with a trust file whose checkpoint stands further on than its folder's.
 *
 * Promises: the folder takes the new file only where its own one proves it, by a certificate that is named or by what this
 * gateway kept and its nodes say; nothing is followed again for it. The file comes before the proof of who seals there: of a
 * kill between them the next start follows everything again. Only nodes.ts uses it.
 */
import { isFurtherOn, provesCheckpoint } from '../domain/audit/checkpoint.ts';
import type { FinalityEvidence } from '../domain/audit/lineage.ts';
import { fingerprint, readTrust, type TrustFile } from '../domain/audit/trust.ts';
import type { Bytes32 } from '../domain/base/hex.ts';
import { Refusal, refusal } from '../domain/base/refusal.ts';
import type { NodeChain } from '../ledger/nodeChain.ts';
import { isUnanswered } from '../ledger/provider.ts';
import type { Lineage } from '../store/lineage.ts';
import { trustTextIn, writeTrustTo } from './stores.ts';

export interface CheckpointParts {
  open(trust: TrustFile): NodeChain;
  readonly lineage: Pick<Lineage, 'keep'>;
  /** Of certificates that the settings name. */
  readonly given: readonly FinalityEvidence[];
}

/** Answers the fingerprint of the file before where it took another one. Refuses as `checkpoint-unproved`. */
export async function takeCheckpoint(
  dataFolder: string,
  trust: TrustFile,
  { open, lineage, given }: CheckpointParts,
): Promise<Bytes32 | undefined> {
  const before = trustKeptIn(dataFolder);
  if (before === undefined || !isFurtherOn(before, trust)) return undefined;
  const isProof = (one: FinalityEvidence) => provesCheckpoint(before, trust, one);
  const { blockNumber } = trust.minimumCheckpoint;
  const proof = given.find(isProof) ?? (await ownEvidence(open(before), BigInt(blockNumber)));
  if (proof === undefined || !isProof(proof)) throw refusal('checkpoint-unproved');
  writeTrustTo(dataFolder, trust);
  if (proof.kind === 'qbft') await lineage.keep(BigInt(blockNumber), proof.parent);
  return fingerprint(before);
}

/** One that cannot be read differs from every other, which the start says. */
function trustKeptIn(dataFolder: string): TrustFile | undefined {
  const text = trustTextIn(dataFolder);
  try {
    return text === undefined ? undefined : readTrust(text);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** Of the block after it, whose parent the checkpoint is. A node that keeps too little, or says nothing, proves nothing. */
async function ownEvidence(chain: NodeChain, checkpoint: bigint): Promise<FinalityEvidence | undefined> {
  chain.standsAt(checkpoint + 1n, 0);
  try {
    return await chain.finality(checkpoint + 1n);
  } catch (error) {
    if (error instanceof Refusal || isUnanswered(error)) return undefined;
    throw error;
  }
}
