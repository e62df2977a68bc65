/**
 * What one node says a unit's state is now: the newest header, and proofs under it, over JSON-RPC.
 *
 * Promises: four requests at most, each with a time limit and an answer of bounded size; what comes back is only
 * material for `verifyCertificate`, nothing in it is believed here. `NodeSilent` says that there was no usable answer.
 * Only `kudurru verify --rpc` calls it.
 */

import { readEvidence } from '../../server/domain/audit/evidence.ts';
import { headerOfAnswer } from '../../server/domain/audit/header.ts';
import type { FinalityEvidence } from '../../server/domain/audit/lineage.ts';
import { type ProofAnswer, proofOfAnswer, type StateProof } from '../../server/domain/audit/state.ts';
import type { TrustFile } from '../../server/domain/audit/trust.ts';
import { type CurrentAnswer, currentSlots } from '../../server/domain/audit/verifyCertificate.ts';
import { type Address, type Bytes32, toHex } from '../../server/domain/base/hex.ts';
import { isRecord } from '../../server/domain/base/strictJson.ts';
import type { BAUnitId } from '../../server/domain/base/terms.ts';

/** A node on the other side of the world answers a proof in less. */
const TIME_LIMIT_MS = 10_000;
/** Two proofs of 65 nodes and a header are under 200 KiB. */
const MAX_ANSWER_CHARACTERS = 2 ** 20;

/** A node, and what it is sent with each request so that it lets us in. */
export interface AskedNode {
  readonly url: URL;
  readonly authorization?: () => string;
}

export class NodeSilent extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'NodeSilent';
  }
}

/** Asks for the newest block, the proofs in it, and the evidence of its finality where the node keeps any. */
export async function askNode(rpc: AskedNode, trust: TrustFile, baUnit: BAUnitId): Promise<CurrentAnswer> {
  const block = await call(rpc, 'eth_getBlockByNumber', ['latest', false]);
  if (!isRecord(block) || typeof block.number !== 'string') throw new NodeSilent('The node knows no block.');
  const { number } = block;
  const slots = currentSlots(baUnit);
  const proof = (address: Address, of: readonly Bytes32[]) => prove(rpc, address, of, number);
  const charter = await proof(trust.contracts.charter.address, slots.charter);
  const landRegistry = await proof(trust.contracts.landRegistry.address, slots.landRegistry);
  const finality = trust.lineage === 'embedded' ? await finalityAt(rpc, number) : undefined;
  const header = toHex(headerOfAnswer(block));
  return { header, charter, landRegistry, ...(finality === undefined ? {} : { finality }) };
}

async function prove(
  rpc: AskedNode,
  address: Address,
  slots: readonly Bytes32[],
  blockNumber: string,
): Promise<StateProof> {
  const answer = await call(rpc, 'eth_getProof', [address, slots, blockNumber]);
  if (!isProofAnswer(answer)) throw new NodeSilent('The node gave no proof.');
  return proofOfAnswer(answer, address, slots);
}

/** Only an embedded ledger's node keeps signatures of its heads apart; another node does not know the method. */
async function finalityAt(rpc: AskedNode, blockNumber: string): Promise<FinalityEvidence | undefined> {
  const answer = await call(rpc, 'kudurru_finality', [blockNumber]);
  return answer === null || answer === undefined ? undefined : readEvidence(answer, '');
}

async function call(
  { url, authorization }: AskedNode,
  method: string,
  params: readonly unknown[],
): Promise<unknown> {
  // Credentials that cannot be read are no silence of the node.
  const shown = authorization?.();
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method: 'POST',
      // Where a node sends us on to, credentials were not given for.
      redirect: shown === undefined ? 'follow' : 'error',
      headers: {
        'content-type': 'application/json',
        ...(shown !== undefined && { authorization: shown }),
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      signal: AbortSignal.timeout(TIME_LIMIT_MS),
    });
    text = await response.text();
  } catch {
    throw new NodeSilent('The node cannot be reached or does not answer in time.');
  }
  if (response.status === 401 || response.status === 403) {
    throw new NodeSilent(
      shown === undefined
        ? `The node lets in only who shows credentials (status ${response.status}): give --credentials.`
        : `The node does not let in whoever shows these credentials (status ${response.status}).`,
    );
  }
  const answer = text.length > MAX_ANSWER_CHARACTERS ? undefined : parsed(text);
  if (!isRecord(answer) || !('result' in answer)) {
    throw new NodeSilent(`The node does not answer ${method} (status ${response.status}).`);
  }
  return answer.result;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

function isProofAnswer(value: unknown): value is ProofAnswer {
  return (
    isRecord(value) &&
    isTexts(value.accountProof) &&
    Array.isArray(value.storageProof) &&
    value.storageProof.every((slot) => isRecord(slot) && typeof slot.key === 'string' && isTexts(slot.proof))
  );
}
