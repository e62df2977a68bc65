/**
 * Signs heads with the node's key, in order and after the journal has them, and keeps what witnesses co-sign.
 *
 * Promises: a block is signed once; signing does not hold up the next block until MAX_UNSIGNED wait; evidence of a
 * block is given only when its signature is on disk. A failure to sign or store is reported once and nothing is signed
 * after it. Only embedded.ts uses it.
 */
import { crashPoint } from '../crash.ts';
import { type EmbeddedEvidence, headDigest } from '../domain/audit/lineage.ts';
import { recoverCompact } from '../domain/audit/signature.ts';
import type { BlockJournal, GenesisSettings } from '../domain/base/blocks.ts';
import type { Address, Bytes32, Hex } from '../domain/base/hex.ts';
import { fromHex, toHex } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import type { ExecutedBlock } from './replay.ts';
import { compactHex, type DigestSigner } from './signer.ts';

/** Blocks that may wait for the node's signature: a slow key service slows the chain instead of filling memory. */
const MAX_UNSIGNED = 64;

export interface HeadSignerOptions {
  readonly journal: BlockJournal;
  readonly nodeSigner: DigestSigner;
  /** Who may co-sign heads. */
  readonly witnesses?: readonly Address[];
}

export class HeadSigner {
  readonly #options: HeadSignerOptions;
  readonly #genesis: GenesisSettings;
  readonly #onFailure: (error: unknown) => void;
  #signing: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(options: HeadSignerOptions, genesis: GenesisSettings, onFailure: (error: unknown) => void) {
    this.#options = options;
    this.#genesis = genesis;
    this.#onFailure = onFailure;
  }

  /** The newest blocks, which a kill may have left unsigned, in their order. */
  async unsigned(headNumber: bigint): Promise<readonly bigint[]> {
    const { journal } = this.#options;
    const found: bigint[] = [];
    for (let n = headNumber; n > 0n && (await journal.signature(n)) === undefined; n--) found.push(n);
    return found.reverse();
  }

  /** Takes a journalled block to be signed; resolves at once while few wait. */
  async queue(block: ExecutedBlock): Promise<void> {
    this.#waiting++;
    const signed = this.#signing.then(() => this.#sign(block));
    this.#signing = signed;
    signed.catch(this.#onFailure);
    if (this.#waiting > MAX_UNSIGNED) await signed;
  }

  /** Resolves when every block taken so far is signed. */
  settled(): Promise<void> {
    return this.#signing;
  }

  async #sign(block: ExecutedBlock): Promise<void> {
    crashPoint('chain.before-sign');
    const signature = await this.#options.nodeSigner.sign(fromHex(this.digestOf(block)));
    await this.#options.journal.sign(block.number, compactHex(signature));
    this.#waiting--;
  }

  /** What the node and its witnesses sign of a block. */
  digestOf(block: ExecutedBlock): Bytes32 {
    return headDigest(
      { chainId: Number(this.#genesis.chainId), genesisHash: this.#genesis.hash },
      { blockNumber: Number(block.number), blockHash: block.hash },
    );
  }

  async evidenceOf(block: ExecutedBlock): Promise<EmbeddedEvidence> {
    await this.#signing;
    const { journal } = this.#options;
    const nodeSignature = await journal.signature(block.number);
    if (nodeSignature === undefined) throw new Error('a journalled block without a signature');
    const cosignatures = await journal.cosignatures(block.number);
    return {
      kind: 'embedded',
      header: toHex(block.header),
      nodeSignature,
      witnessSignatures: [...cosignatures.values()],
    };
  }

  /** Keeps a witness's signature; refuses one by anybody else as `witness-unknown`. */
  async cosign(block: ExecutedBlock, signature: Hex): Promise<void> {
    await this.#signing;
    const witness = recoverCompact(fromHex(this.digestOf(block)), fromHex(signature));
    if (witness === undefined || !this.#options.witnesses?.includes(witness))
      throw refusal('witness-unknown');
    await this.#options.journal.cosign(block.number, witness, signature);
  }
}
