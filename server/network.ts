/**
 * How the nodes of a network stand, for a member's engineer: each by its own word, and all of them held against each other.
 *
 * Promises: a head counts where it is final; who validates is proved in the state of the newest of them, and who sealed lately is
 * recovered from the seals of it and of those that it names; heights, peers and versions are what each node says. Nothing is decided by it. For a command.
 */
import { readEvidence } from './domain/audit/evidence.ts';
import type { FinalityEvidence, QbftEvidence } from './domain/audit/lineage.ts';
import { readQbftHeader, sealSigners } from './domain/audit/qbft.ts';
import type { TrustFile } from './domain/audit/trust.ts';
import { type Address, type Bytes32, fromHex, type Hex } from './domain/base/hex.ts';
import { Refusal, refusal } from './domain/base/refusal.ts';
import { type BlockHeader, fetchHeader } from './ledger/block.ts';
import { decodeAnswer, encodeCall } from './ledger/contracts.ts';
import { pinOf, requireLedger } from './ledger/ledger.ts';
import { HttpNode } from './ledger/node.ts';
import { StateNotKept } from './ledger/proof.ts';
import {
  type ChainProvider,
  isUnanswered,
  NodeError,
  quantity,
  readQuantity,
  whyUnanswered,
} from './ledger/provider.ts';
import { requireFinal } from './ledger/sealedHead.ts';
import { provenValidators } from './ledger/seals.ts';

/** Half a minute of one a second: who sealed none of them is down, or not heard. */
const SEALED_BLOCKS = 32;

export interface NodeNamed {
  readonly node: string;
  readonly provider: ChainProvider;
}

export interface NodeSeen {
  readonly node: string;
  /** Why it does not count, by the code that readiness has for it; or what is wrong with the seals of its head. */
  readonly trouble?: string;
  /** The same in words, where it answered. */
  readonly why?: string;
  readonly version?: string;
  readonly peers?: number;
  readonly blockNumber?: number;
  readonly behindBlocks?: number;
  /** Its block at the height that all of them have. */
  readonly commonHash?: Bytes32;
  /** Whether that is another one than the most of them show. */
  readonly differs?: boolean;
}

export interface ValidatorSeen {
  readonly validator: Address;
  /** Of the newest blocks; absent where nobody seals. */
  readonly sealed: number;
  /** Whose it is, by the founding file that the node tells. */
  readonly institution?: number;
}

export interface NetworkSeen {
  readonly nodes: readonly NodeSeen[];
  readonly commonBlock?: number;
  readonly newest?: { readonly blockNumber: number; readonly atSeconds: number };
  /** Of a network of validators; absent where no node proves them. */
  readonly validators?: readonly ValidatorSeen[];
  /** Of how many blocks the seals were read. */
  readonly blocksRead: number;
  /** Institutions that vote, as the node says. */
  readonly members?: number;
}

/** Nodes by their addresses, in their order; what each is sent to let us in, where it asks for that. */
export function nodesNamed(
  urls: readonly string[],
  authorizations: (node: number) => (() => string) | undefined = () => undefined,
): readonly NodeNamed[] {
  return urls.map((url, place) => {
    const authorization = authorizations(place);
    return { node: url, provider: new HttpNode({ url, ...(authorization && { authorization }) }) };
  });
}

/** What a gateway's JSON-RPC says of the block after this one, or of its newest: undefined where it says nothing of it. */
export async function evidenceTold(
  { provider }: NodeNamed,
  block?: number,
): Promise<FinalityEvidence | undefined> {
  try {
    const newest = readQuantity(await provider.request({ method: 'eth_blockNumber' }));
    const child = quantity(block === undefined ? (newest ?? 0) : block + 1);
    const told = await provider.request({ method: 'kudurru_finality', params: [child] });
    return told === null ? undefined : readEvidence(told, '');
  } catch (error) {
    if (isUnanswered(error)) return undefined;
    throw error;
  }
}

/** When a block that somebody names was made, as a node shows it where it is final there; undefined where no node does. */
export async function finalAt(
  named: readonly NodeNamed[],
  trust: TrustFile,
  { blockNumber, blockHash }: { readonly blockNumber: number; readonly blockHash: Bytes32 },
  from?: QbftEvidence,
): Promise<number | undefined> {
  for (const { provider } of named) {
    const header = await unlessUntold(fetchHeader(provider, BigInt(blockNumber), trust));
    if (header?.hash !== blockHash) continue;
    const isFinal = await unlessUntold(requireFinal(provider, trust, header, from).then(() => true));
    if (isFinal) return header.header.timestampSeconds;
  }
  return undefined;
}

/** How a node says that others reach it, its public key in it: undefined of one that does not. */
export async function enodeTold({ provider }: NodeNamed): Promise<string | undefined> {
  const told = await unlessUntold(provider.request({ method: 'net_enode' }));
  return typeof told === 'string' && told.startsWith('enode://') ? told : undefined;
}

/** Only heads that are final count: what else a node shows, anybody can make up. `from`: as `requireFinal` has it. */
export async function lookAtNetwork(
  named: readonly NodeNamed[],
  trust: TrustFile,
  from?: QbftEvidence,
): Promise<NetworkSeen> {
  const looked = await Promise.all(named.map((one) => lookAt(one, trust, from)));
  const heads = looked.flatMap(({ blockNumber }) => (blockNumber === undefined ? [] : [blockNumber]));
  if (heads.length === 0) return { nodes: looked, blocksRead: 0 };
  const [commonBlock, highest] = [Math.min(...heads), Math.max(...heads)];
  const hashes = await Promise.all(
    looked.map(async ({ blockNumber }, at) => {
      const provider = named[at]?.provider;
      if (blockNumber === undefined || provider === undefined) return undefined;
      return (await unlessUntold(fetchHeader(provider, BigInt(commonBlock), trust)))?.hash;
    }),
  );
  const most = mostOf(hashes);
  const nodes = looked.map((one, at) => {
    const commonHash = hashes[at];
    if (one.blockNumber === undefined) return one;
    const behindBlocks = highest - one.blockNumber;
    if (commonHash === undefined) return Object.assign({}, one, { behindBlocks });
    return Object.assign({}, one, { behindBlocks, commonHash, differs: commonHash !== most });
  });
  const best = named[nodes.findIndex(({ blockNumber, differs }) => blockNumber === highest && !differs)];
  if (best === undefined) return { nodes, commonBlock, blocksRead: 0 };
  return Object.assign({ nodes, commonBlock }, await ofValidators(best.provider, trust, highest));
}

async function lookAt(
  { node, provider }: NodeNamed,
  trust: TrustFile,
  from: QbftEvidence | undefined,
): Promise<NodeSeen> {
  const said = (method: string) => unlessUntold(provider.request({ method }));
  try {
    await requireLedger(provider, pinOf(trust));
    const blockNumber = readQuantity(await provider.request({ method: 'eth_blockNumber' }));
    const head = blockNumber === undefined ? undefined : await fetchHeader(provider, blockNumber, trust);
    if (head === undefined) return { node, trouble: 'node-silent' };
    const lacked = BigInt(trust.minimumCheckpoint.blockNumber) - head.number;
    if (lacked > 0n) throw refusal('node-lost-blocks', { blocks: lacked });
    await requireFinal(provider, trust, head, from);
    const [version, peers] = [await said('web3_clientVersion'), readQuantity(await said('net_peerCount'))];
    return {
      node,
      ...(typeof version === 'string' && { version }),
      ...(peers !== undefined && { peers: Number(peers) }),
      blockNumber: Number(head.number),
    };
  } catch (error) {
    const refused = whyNot(error);
    if (refused === undefined) throw error;
    const { code: trouble, message: why } = refused;
    return trouble === 'node-silent' ? { node, trouble } : { node, trouble, why };
  }
}

function whyNot(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (error instanceof StateNotKept) return refusal('node-keeps-too-little', error);
  return isUnanswered(error) ? whyUnanswered(error) : undefined;
}

async function ofValidators(
  provider: ChainProvider,
  trust: TrustFile,
  highest: number,
): Promise<Omit<NetworkSeen, 'nodes' | 'commonBlock'>> {
  const numbers = Array.from({ length: Math.min(SEALED_BLOCKS, highest) }, (_, i) => BigInt(highest - i));
  const headers = await Promise.all(
    numbers.map((number) => unlessUntold(fetchHeader(provider, number, trust))),
  );
  const next = headers.findIndex(
    (header, at) => at > 0 && (!header || header.hash !== headers[at - 1]?.header.parentHash),
  );
  // A header vouches for the one that it names; what is not named is not the chain's.
  const linked = headers.slice(0, next < 0 ? headers.length : next);
  const read = linked.filter((header) => header !== undefined);
  const [head] = read;
  if (head === undefined) return { blocksRead: 0 };
  const newest = { blockNumber: Number(head.number), atSeconds: head.header.timestampSeconds };
  if (trust.lineage === 'embedded') return { newest, blocksRead: 0 };
  const set =
    trust.lineage === 'qbft-header'
      ? trust.firstValidators
      : (await unlessUntold(provenValidators(provider, trust, head, trust.firstValidators.length)))
          ?.validators;
  const { runBy, members } = await institutionsTold(provider, trust);
  const validators = set?.map((validator) => {
    const institution = runBy.get(validator);
    return {
      validator,
      sealed: sealedBy(read, validator),
      ...(institution !== undefined && { institution }),
    };
  });
  return {
    newest,
    blocksRead: read.length,
    ...(validators && { validators }),
    ...(members !== undefined && { members }),
  };
}

function sealedBy(headers: readonly BlockHeader[], validator: Address): number {
  return headers.filter(({ raw }) => sealSigners(readQbftHeader(fromHex(raw))).includes(validator)).length;
}

/** By the founding file, which says it of the first ones; whose a later one is, a measure says and no getter. */
async function institutionsTold(
  provider: ChainProvider,
  trust: TrustFile,
): Promise<{ readonly runBy: ReadonlyMap<Address, number>; readonly members: number | undefined }> {
  const told = async (method: 'constitution' | 'founding') => {
    const call = { to: trust.contracts.consortium.address, data: encodeCall('consortium', method, []) };
    const answer = await unlessUntold(provider.request({ method: 'eth_call', params: [call, 'latest'] }));
    if (typeof answer !== 'string' || answer === '0x') return undefined;
    return decodeAnswer('consortium', method, answer as Hex)[0];
  };
  const founding = (await told('founding')) as FoundingTold | undefined;
  const constitution = (await told('constitution')) as { readonly members: bigint } | undefined;
  const owners = (founding?.validators ?? []).map(
    (one) => [one.validator.toLowerCase() as Address, Number(one.institution)] as const,
  );
  return { runBy: new Map(owners), members: constitution && bitsIn(constitution.members) };
}

interface FoundingTold {
  readonly validators: readonly { readonly validator: string; readonly institution: bigint }[];
}

/** Each member is a bit. */
function bitsIn(members: bigint): number {
  return members.toString(2).replaceAll('0', '').length;
}

function mostOf(hashes: readonly (Bytes32 | undefined)[]): Bytes32 | undefined {
  const counts = Map.groupBy(
    hashes.filter((hash) => hash !== undefined),
    (hash) => hash,
  );
  return [...counts].toSorted(([, one], [, other]) => other.length - one.length)[0]?.[0];
}

/** What a node does not say, or says in a way that proves nothing, is not told. */
async function unlessUntold<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Refusal || error instanceof NodeError || isUnanswered(error)) return undefined;
    throw error;
  }
}
