/**
 * Who must have sealed the next block, carried from block to block.
 *
 * A quorum of the set that is known seals only blocks of the chain, so the set is asked again only when it may have
 * changed: when a block touches the Charter, or when a seal is by a stranger. It is then proved under the parent's
 * state root; a node's word about it counts for nothing. Only ledger.ts uses it.
 */
import { checkSeals, readQbftHeader } from '../domain/audit/qbft.ts';
import { readState, type StateProof, slotOf } from '../domain/audit/state.ts';
import { MAX_VALIDATORS, type QbftTrust } from '../domain/audit/trust.ts';
import { validatorSlots, validatorsUnder } from '../domain/audit/validators.ts';
import { type Address, fromHex, ZERO_32 } from '../domain/base/hex.ts';
import { Refusal, refusal } from '../domain/base/refusal.ts';
import { type BlockContent, type BlockHeader, unverified } from './block.ts';
import { fetchProof } from './proof.ts';
import type { ChainProvider } from './provider.ts';

export class Seals {
  readonly #provider: ChainProvider;
  readonly #trust: QbftTrust;
  #validators: readonly Address[];

  constructor(provider: ChainProvider, trust: QbftTrust, validators?: readonly Address[]) {
    this.#provider = provider;
    this.#trust = trust;
    this.#validators = validators ?? trust.firstValidators;
  }

  /** The set that seals the block after the one checked last. */
  get validators(): readonly Address[] {
    return this.#validators;
  }

  /** Learns the set from a block that is final: where the cursor does not carry it. */
  async learn(block: BlockHeader): Promise<void> {
    if (this.#trust.lineage !== 'qbft') return;
    try {
      this.#validators = await this.#provenAt(block);
    } catch (error) {
      const isOfProof = error instanceof Refusal && error.code !== 'ledger-unverified';
      throw isOfProof ? unverified(block.number, error.code) : error;
    }
  }

  /** Refuses a block that a quorum of its set has not sealed; `parent` is the verified block before it. */
  async check(block: BlockContent, parent: BlockHeader): Promise<void> {
    const header = readQbftHeader(fromHex(block.raw));
    const refused = refusalOf(() => checkSeals(header, this.#validators));
    if (refused !== undefined) {
      await this.learn(parent);
      const again = refusalOf(() => checkSeals(header, this.#validators));
      if (again !== undefined) throw unverified(block.number, again.code);
    }
    if (this.#touchesCharter(block)) await this.learn(block);
  }

  #touchesCharter({ transactions, logs }: BlockContent): boolean {
    const { address } = this.#trust.contracts.charter;
    return transactions.some(({ to }) => to === address) || logs.some((log) => log.address === address);
  }

  /** The length is guessed to be the old one, for a proof names its slots: at most two proofs. */
  async #provenAt(block: BlockHeader): Promise<readonly Address[]> {
    const { stateRoot } = block.header;
    const guess = this.#validators.length;
    const first = await this.#prove(block, guess);
    const count = BigInt(slotOf(readState(stateRoot, first), ZERO_32));
    if (count > MAX_VALIDATORS) throw refusal('validators-malformed');
    const proof = count === BigInt(guess) ? first : await this.#prove(block, Number(count));
    return validatorsUnder(this.#trust, stateRoot, proof);
  }

  #prove({ number }: BlockHeader, count: number): Promise<StateProof> {
    return fetchProof(this.#provider, this.#trust.contracts.charter.address, validatorSlots(count), number);
  }
}

function refusalOf(check: () => unknown): Refusal | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}
