/**
 * Whether the head that a node shows is final on the ledger of a trust file, without following the chain.
 *
 * Promises: it was sealed by a quorum of the set that the trust file, or evidence that it verifies, leads to over changes that are
 * proved. Where the set changed lately is asked of the node, as a hint: a change that it leaves out, or whose state it keeps no
 * more, ends in the refusal of the seals. For commands that look at nodes, and for nothing that decides.
 */
import { readHeader } from '../domain/audit/header.ts';
import { type QbftEvidence, verifyFinality } from '../domain/audit/lineage.ts';
import { hashForm, readQbftHeader } from '../domain/audit/qbft.ts';
import type { QbftTrust, TrustFile } from '../domain/audit/trust.ts';
import {
  bytesOfHeader,
  checkSealed,
  checkSealsFrom,
  isSameSet,
  type Standing,
  startAtGenesis,
  startOfLineage,
  takeStep,
  validatorsUnder,
} from '../domain/audit/validators.ts';
import { fromHex, toHex } from '../domain/base/hex.ts';
import { Refusal, refusal } from '../domain/base/refusal.ts';
import { type BlockHeader, fetchHeader, isSigned } from './block.ts';
import { type ChainProvider, fieldsOf, isUnanswered, quantity, readQuantity } from './provider.ts';
import { provenValidators } from './seals.ts';

/** So many blocks back a default Besu proves states. */
const PROVED_BLOCKS = 511;

/** Refuses as what is wrong with its seals. `from`: of a certificate, so that older changes need no proof of the node. */
export async function requireFinal(
  provider: ChainProvider,
  trust: TrustFile,
  head: BlockHeader,
  from?: QbftEvidence,
): Promise<void> {
  if (head.number === 0n) return;
  if (trust.lineage === 'embedded') {
    if (!(await isSigned(provider, trust, head))) throw refusal('head-not-signed-by-node');
    return;
  }
  const header = readQbftHeader(fromHex(head.raw));
  if (trust.lineage === 'qbft-header') {
    checkSealsFrom(startAtGenesis(trust), header);
    return;
  }
  let standing = from === undefined ? await startIn(provider, trust) : standingAfter(trust, from);
  for (const number of await changesHinted(provider, trust, standing, head)) {
    const block = await fetchHeader(provider, number, trust);
    if (block === undefined) continue;
    const { validators, proof } = await provenValidators(provider, trust, block, standing.validators.length);
    if (isSameSet(validators, standing.validators)) continue;
    standing = takeStep(trust, standing, { header: block.raw, validators: proof });
  }
  checkSealed(standing, header);
}

async function startIn(provider: ChainProvider, trust: QbftTrust): Promise<Standing> {
  const { blockNumber } = trust.minimumCheckpoint;
  if (blockNumber === 0) return startAtGenesis(trust);
  const block = await fetchHeader(provider, BigInt(blockNumber), trust);
  if (block === undefined) throw refusal('checkpoint-missing');
  const { proof } = await provenValidators(provider, trust, block, trust.firstValidators.length);
  return startOfLineage(trust, { header: toHex(hashForm(fromHex(block.raw))), validators: proof });
}

/** The parent of what the evidence makes final: who seals after it is in the evidence. */
function standingAfter(trust: QbftTrust, from: QbftEvidence): Standing {
  const { header } = verifyFinality(trust, from);
  const { stateRoot } = readHeader(bytesOfHeader(from.parent.header));
  return {
    after: { blockNumber: header.blockNumber - 1, blockHash: header.parentHash },
    validators: validatorsUnder(trust, stateRoot, from.parent.validators),
    isStart: false,
    signatureChecks: 0,
  };
}

/** Blocks below the head in which the Charter said something, in their order. */
async function changesHinted(
  provider: ChainProvider,
  trust: QbftTrust,
  { after }: Standing,
  { number }: BlockHeader,
): Promise<readonly bigint[]> {
  const first = Math.max(after.blockNumber + 1, Number(number) - PROVED_BLOCKS);
  const last = Number(number) - 1;
  if (first > last) return [];
  const { address } = trust.contracts.charter;
  const filter = { address, fromBlock: quantity(first), toBlock: quantity(last) };
  try {
    const logs = await provider.request({ method: 'eth_getLogs', params: [filter] });
    const told = Array.isArray(logs) ? logs.map((log) => readQuantity(fieldsOf(log).blockNumber)) : [];
    const within = told.filter((one) => one !== undefined && one >= BigInt(first) && one <= BigInt(last));
    return [...new Set(within as bigint[])].toSorted((one, other) => Number(one - other));
  } catch (error) {
    if (isUnanswered(error) || error instanceof Refusal) return [];
    throw error;
  }
}
