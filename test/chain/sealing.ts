/**
 * A chain of one node, told as a network of validators would have sealed it: the same blocks under other headers.
 *
 * Each header after the genesis has the extra data of QBFT, with the seals of whoever seals that block, and names the
 * parent that was told before it. State, transactions and receipts stay what they are, and so do proofs of them.
 */
import { RLP } from '@ethereumjs/rlp';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { headerOfAnswer } from '../../server/domain/audit/header.ts';
import { type Address, type Hex, toHex } from '../../server/domain/base/hex.ts';

/** Signs what a validator signs of a block, in 65 bytes. */
export interface Sealer {
  readonly address: Address;
  sign(digest: Uint8Array): Promise<Uint8Array>;
}

type Sealers = (blockNumber: number) => readonly Sealer[] | Promise<readonly Sealer[]>;
type Answer = Readonly<Record<string, unknown>>;
/** The places of a header that differ from those of the chain behind. */
const PARENT_HASH = 0;
const EXTRA_DATA = 12;
/** The place of the seals in the extra data. */
const SEALS = 4;

export class Sealing {
  readonly #blockAt: (blockNumber: number) => Promise<Answer>;
  readonly #sealersOf: Sealers;
  readonly #began: Answer | undefined;
  readonly #told = new Map<number, Promise<Answer>>();

  /** `began`: block 0 of the network, where the chain behind has another one. */
  constructor(blockAt: (blockNumber: number) => Promise<Answer>, sealersOf: Sealers, began?: Answer) {
    this.#blockAt = blockAt;
    this.#sealersOf = sealersOf;
    this.#began = began;
  }

  /** A block's answer as the network has it; what is none stays as it is. */
  async told(answer: unknown): Promise<unknown> {
    const { number } = (answer ?? {}) as { readonly number?: string };
    if (number === undefined) return answer;
    return { ...(answer as Answer), ...(await this.#fieldsOf(Number(number))) };
  }

  #fieldsOf(blockNumber: number): Promise<Answer> {
    const known = this.#told.get(blockNumber);
    if (known !== undefined) return known;
    const sealed = this.#seal(blockNumber);
    this.#told.set(blockNumber, sealed);
    // The chain behind did not answer: it is asked again, and the block is not missing for good.
    sealed.catch(() => this.#told.delete(blockNumber));
    return sealed;
  }

  async #seal(blockNumber: number): Promise<Answer> {
    if (blockNumber === 0 && this.#began !== undefined) return this.#began;
    const block = await this.#blockAt(blockNumber);
    if (blockNumber === 0) return { hash: block.hash };
    const { hash: parentHash } = await this.#fieldsOf(blockNumber - 1);
    const fields = RLP.decode(headerOfAnswer(block)) as Uint8Array[];
    const extraOf = (seals: readonly Uint8Array[]) => RLP.encode([new Uint8Array(32), [], [], 0, [...seals]]);
    const headerOf = (seals: readonly Uint8Array[]) =>
      RLP.encode(fields.with(PARENT_HASH, bytesOf(parentHash)).with(EXTRA_DATA, extraOf(seals)));
    const bare = keccak_256(headerOf([]));
    const sealers = await this.#sealersOf(blockNumber);
    const seals = await Promise.all(sealers.map((sealer) => sealer.sign(bare)));
    return { parentHash, hash: toHex(bare), extraData: toHex(extraOf(seals)) };
  }
}

/** The block of this answer with other seals in its header, which keeps its hash. */
export async function resealed(
  answer: Answer,
  change: (seals: readonly Uint8Array[], digest: Uint8Array) => Promise<readonly Uint8Array[]>,
): Promise<Answer> {
  const extra = RLP.decode(answer.extraData as Hex) as unknown as Uint8Array[];
  const seals = await change(extra[SEALS] as unknown as Uint8Array[], bytesOf(answer.hash));
  return { ...answer, extraData: toHex(RLP.encode(extra.with(SEALS, seals as unknown as Uint8Array))) };
}

function bytesOf(hash: unknown): Uint8Array {
  return Uint8Array.from(Buffer.from((hash as Hex).slice(2), 'hex'));
}
