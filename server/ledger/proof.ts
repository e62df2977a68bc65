/**
 * What a node gives as proof of an account, in the one form that is verified.
 *
 * Promises: the answer has the shape of a proof and covers exactly the slots asked for; whether it proves anything
 * under a state root is for whoever reads it. An answer of another shape is `ledger-unverified`. A node that says it
 * no longer has that state is a `NodeError`, one that has no such block a retryable `Fault`. Only ledger.ts and
 * seals.ts use it.
 */
import { type ProofAnswer, proofOfAnswer, type StateProof } from '../domain/audit/state.ts';
import { Fault } from '../domain/base/fault.ts';
import type { Address, Bytes32 } from '../domain/base/hex.ts';
import { unverified } from './block.ts';
import { type ChainProvider, fieldsOf, NodeError, quantity } from './provider.ts';

/** The node's no to a proof: it keeps no state of that block. */
export class StateNotKept extends NodeError {
  readonly blockNumber: bigint;

  constructor(blockNumber: bigint, { code, message }: NodeError) {
    super(code, message);
    this.name = 'StateNotKept';
    this.blockNumber = blockNumber;
  }
}

export async function fetchProof(
  provider: ChainProvider,
  address: Address,
  slots: readonly Bytes32[],
  number: bigint,
): Promise<StateProof> {
  const params = [address, slots, quantity(number)];
  const answer = await provider.request({ method: 'eth_getProof', params }).catch((error: unknown) => {
    throw error instanceof NodeError ? new StateNotKept(number, error) : error;
  });
  if (answer === null) throw new Fault('the node has no such block to prove from', { retryable: true });
  if (!isProofAnswer(answer)) throw unverified(number, 'proof');
  return proofOfAnswer(answer, address, slots);
}

function isProofAnswer(answer: unknown): answer is ProofAnswer {
  const { accountProof, storageProof } = fieldsOf(answer);
  return (
    isTexts(accountProof) &&
    Array.isArray(storageProof) &&
    storageProof.map(fieldsOf).every(({ key, proof }) => typeof key === 'string' && isTexts(proof))
  );
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
