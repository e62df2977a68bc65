/** A ledger for tests: the embedded chain over a real store in a temporary folder, and a contract that writes. */

import type { GenesisAccount } from '../../../server/domain/base/blocks.ts';
import { type Address, type Bytes32, type Hex, toHex } from '../../../server/domain/base/hex.ts';
import { type EmbeddedChain, type EmbeddedOptions, openEmbedded } from '../../../server/ledger/embedded.ts';
import { keccak256 } from '../../../server/ledger/keccak.ts';
import { signTransaction, softwareSigner } from '../../../server/ledger/signer.ts';
import { type Blocks, blockTables, openBlocks } from '../../../server/store/blocks.ts';
import type { Store } from '../../../server/store/store.ts';
import { openTestStore } from '../store/folder.ts';

export const KEEPER = `0x${'77'.repeat(20)}` as Address;
/** Reverts with its calldata, as a contract with its error. */
export const REFUSER = `0x${'66'.repeat(20)}` as Address;
/** Returns who calls. */
export const MIRROR = `0x${'55'.repeat(20)}` as Address;
/** Loops until its gas is gone. */
export const BURNER = `0x${'44'.repeat(20)}` as Address;
/** Returns the block's time. */
export const CLOCK = `0x${'33'.repeat(20)}` as Address;
/** Logs its calldata. */
export const LOUD = `0x${'88'.repeat(20)}` as Address;
export const NODE_KEY = new Uint8Array(32).fill(0x22);

/**
 * Stores o + 1 in the slot that the word at offset o of the calldata names, for every word, then logs the calldata's
 * size as its one topic; calldata that is not whole words reverts. Assembled by hand; offsets in the comments.
 */
function keeperCode(): Hex {
  const code = [
    '601f3616', // 00 size & 31
    '600b57', // 04 jumpi revert at 0b
    '5f', // 07 o = 0
    '600f56', // 08 jump loop at 0f
    '5b5f5ffd', // 0b revert(0, 0)
    '5b', // 0f loop
    '803614', // 10 o == size
    '602557', // 13 jumpi end at 25
    '80600101', // 16 o + 1
    '8135', // 1a word at o
    '55', // 1c slot word = o + 1
    '602001', // 1d o += 32
    '600f56', // 20 jump loop
    '0000', // 23 padding
    '5b', // 25 end
    '365f5fa1', // 26 log1(0, 0, size)
    '00', // 2a stop
  ].join('');
  return `0x${code}`;
}

export const keeper: GenesisAccount = {
  address: KEEPER,
  code: keeperCode(),
  storage: [{ slot: word(5n), value: word(6n) }],
};

const refuser: GenesisAccount = { address: REFUSER, code: '0x365f5f37365ffd', storage: [] };
const loud: GenesisAccount = { address: LOUD, code: '0x365f5f37365fa000', storage: [] };
const burner: GenesisAccount = { address: BURNER, code: '0x5b5f56', storage: [] };
const clock: GenesisAccount = { address: CLOCK, code: '0x425f5260205ff3', storage: [] };
const mirror: GenesisAccount = { address: MIRROR, code: '0x335f5260205ff3', storage: [] };

export function word(value: bigint | number): Bytes32 {
  return `0x${value.toString(16).padStart(64, '0')}` as Bytes32;
}

export interface TestLedger {
  readonly chain: EmbeddedChain;
  readonly blocks: Blocks;
  readonly store: Store;
  close(): Promise<void>;
}

export async function openTestLedger(
  folder: string,
  options: Partial<EmbeddedOptions> = {},
): Promise<TestLedger> {
  const store = await openTestStore(folder, blockTables);
  const blocks = await openBlocks(store);
  try {
    const chain = await openEmbedded({
      journal: blocks,
      nodeSigner: softwareSigner(NODE_KEY),
      clock: () => BigInt(Math.floor(Date.now() / 1000)),
      isClockAccepted: true, // a test's clock goes where it likes
      genesisAccounts: () => [keeper, refuser, mirror, burner, clock, loud],
      ...options,
    });
    const close = async () => {
      await chain.close();
      await store.close();
    };
    return { chain, blocks, store, close };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Calldata of so many words that no other seed makes. */
export function words(seed: string, count: number): Hex {
  const parts = Array.from({ length: count }, (_, i) =>
    toHex(keccak256(Buffer.from(`${seed}/${i}`))).slice(2),
  );
  return `0x${parts.join('')}`;
}

/** A sender with its own count of nonces, as an outbox has one. */
export class Sender {
  readonly #signer;
  readonly #chainId: bigint;
  nonce = 0n;

  constructor(chainId: bigint, seed: string) {
    this.#chainId = chainId;
    this.#signer = softwareSigner(keccak256(Buffer.from(seed)));
  }

  get address(): Address {
    return this.#signer.address;
  }

  sign(data: Hex, overrides: { nonce?: bigint; gas?: bigint; chainId?: bigint; to?: Address } = {}) {
    return signTransaction(
      {
        chainId: overrides.chainId ?? this.#chainId,
        nonce: overrides.nonce ?? this.nonce++,
        gas: overrides.gas ?? 1_000_000n,
        to: overrides.to ?? KEEPER,
        data,
      },
      this.#signer,
    );
  }
}
