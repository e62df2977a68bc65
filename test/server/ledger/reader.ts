/** Readers of a ledger as tests need them, and a node that stands between them and the chain and lies. */
import type { EmbeddedTrust } from '../../../server/domain/audit/trust.ts';
import type { Bytes32 } from '../../../server/domain/base/hex.ts';
import type { EmbeddedChain } from '../../../server/ledger/embedded.ts';
import type { Cursor, Ledger, VerifiedBlock } from '../../../server/ledger/ledger.ts';
import type { Call, ChainProvider } from '../../../server/ledger/provider.ts';
import { KEEPER, word } from './chain.ts';

/** A node that answers something else than the one behind it, or not at all. */
export function between(
  provider: ChainProvider,
  change: (call: Call, forward: () => Promise<unknown>) => Promise<unknown>,
): ChainProvider {
  return {
    request: (call) => change(call, () => provider.request(call)),
    blockAfter: (number, signal) => provider.blockAfter(number, signal),
  };
}

export async function take(ledger: Ledger, count: number, cursor?: Cursor): Promise<VerifiedBlock[]> {
  const blocks: VerifiedBlock[] = [];
  for await (const block of ledger.follow(cursor)) {
    blocks.push(block);
    if (blocks.length === count) break;
  }
  return blocks;
}

export interface Following {
  readonly blocks: readonly VerifiedBlock[];
  /** Waits until it has had the block of this number. */
  until(number: bigint): Promise<void>;
  stop(): Promise<void>;
}

/** Follows in the background until stopped, as main does. */
export function following(ledger: Ledger, cursor?: Cursor): Following {
  const stop = new AbortController();
  const blocks: VerifiedBlock[] = [];
  let grown = Promise.withResolvers<void>();
  const done = (async () => {
    for await (const block of ledger.follow(cursor, stop.signal)) {
      blocks.push(block);
      grown.resolve();
      grown = Promise.withResolvers();
    }
  })();
  return {
    blocks,
    async until(number) {
      while ((blocks.at(-1)?.number ?? 0n) < number) await Promise.race([grown.promise, done]);
    },
    async stop() {
      stop.abort();
      await done;
    },
  };
}

/** What an outsider believes of an embedded ledger: its genesis and its node's key. */
export function trustIn(
  { genesis, nodeKey }: EmbeddedChain,
  changed: Partial<EmbeddedTrust> = {},
): EmbeddedTrust {
  const code = { address: KEEPER, codeHash: word(1) as Bytes32 };
  return {
    format: 'kudurru-trust-1',
    lineage: 'embedded',
    genesisHash: genesis.hash,
    chainId: Number(genesis.chainId),
    ledgerNonce: `0x${'4e'.repeat(32)}` as Bytes32,
    contracts: { charter: code, consortium: code, landRegistry: code, benefitLedger: code },
    minimumCheckpoint: { blockNumber: 0, blockHash: genesis.hash },
    nodeKey,
    witnessKeys: [],
    witnessThreshold: 0,
    ...changed,
  };
}
