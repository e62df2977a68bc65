/**
 * Who must have sealed the next block, carried from block to block.
 *
 * A quorum of the set that is known seals only blocks of the chain, so the set is asked again only when it may have
 * changed: when a block touches the Charter, or when a seal is by a stranger. It is then proved under the parent's
 * state root; a node's word about it counts for nothing. Only ledger.ts uses it.
 */
import { checkSeals, readQbftHeader } from '../domain/audit/qbft.ts';
import { proofOfAnswer, readState, slotOf } from '../domain/audit/state.ts';
import { MAX_VALIDATORS, type QbftTrust } from '../domain/audit/trust.ts';
import { isSameSet, validatorSlots, validatorsUnder } from '../domain/audit/validators.ts';
import { type Address, type Bytes32, fromHex, ZERO_32 } from '../domain/hex.ts';
import { Refusal } from '../domain/refusal.ts';
import { type BlockContent, type BlockHeader, unverified } from './block.ts';
import { type ChainProvider, quantity } from './provider.ts';

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
    if (this.#trust.lineage === 'qbft') this.#validators = await this.#provenAt(block);
  }

  /** Refuses a block that a quorum of its set has not sealed; `parent` is the verified block before it. */
  async check(block: BlockContent, parent: () => Promise<BlockHeader>): Promise<void> {
    const header = readQbftHeader(fromHex(block.raw));
    try {
      checkSeals(header, this.#validators);
    } catch (error) {
      if (!(error instanceof Refusal) || this.#trust.lineage === 'qbft-header') throw sealsOf(block, error);
      const proven = await this.#provenAt(await parent());
      if (isSameSet(proven, this.#validators)) throw sealsOf(block, error);
      this.#validators = proven;
      try {
        checkSeals(header, proven);
      } catch (again) {
        throw sealsOf(block, again);
      }
    }
    if (this.#trust.lineage === 'qbft' && this.#touchesCharter(block)) await this.learn(block);
  }

  #touchesCharter({ transactions, logs }: BlockContent): boolean {
    const { address } = this.#trust.contracts.charter;
    return transactions.some(({ to }) => to === address) || logs.some((log) => log.address === address);
  }

  async #provenAt({ number, header }: BlockHeader): Promise<readonly Address[]> {
    const first = await this.#prove(number, this.#validators.length);
    const count = BigInt(slotOf(readState(header.stateRoot, first), ZERO_32));
    const isGuessed = count === BigInt(this.#validators.length);
    if (count > MAX_VALIDATORS) throw unverified(number, 'validators');
    const proof = isGuessed ? first : await this.#prove(number, Number(count));
    return validatorsUnder(this.#trust, header.stateRoot, proof);
  }

  async #prove(number: bigint, count: number) {
    const { address } = this.#trust.contracts.charter;
    const slots: readonly Bytes32[] = validatorSlots(count);
    const params = [address, slots, quantity(number)];
    const answer = await this.#provider.request({ method: 'eth_getProof', params });
    return proofOfAnswer(answer as Parameters<typeof proofOfAnswer>[0], address, slots);
  }
}

function sealsOf(block: BlockHeader, error: unknown): unknown {
  return error instanceof Refusal ? unverified(block.number, error.code) : error;
}
