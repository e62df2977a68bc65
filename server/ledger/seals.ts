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
import {
  isSameSet,
  type ValidatorLink,
  validatorSlots,
  validatorsUnder,
} from '../domain/audit/validators.ts';
import { type Address, fromHex, type Hex, toHex, ZERO_32 } from '../domain/base/hex.ts';
import { Refusal, refusal } from '../domain/base/refusal.ts';
import { type BlockContent, type BlockHeader, unverified } from './block.ts';
import { keccak256 } from './keccak.ts';
import { fetchProof, StateNotKept } from './proof.ts';
import type { ChainProvider } from './provider.ts';

const CHANGE_TOPICS: ReadonlySet<Hex> = new Set(
  ['ValidatorAdded(address)', 'ValidatorRemoved(address)'].map((event) =>
    toHex(keccak256(Buffer.from(event, 'utf8'))),
  ),
);

/** A block after which another set seals than before, as evidence carries it. */
export interface SetChange {
  readonly blockNumber: bigint;
  readonly link: ValidatorLink;
}

export class Seals {
  readonly #provider: ChainProvider;
  readonly #trust: QbftTrust;
  readonly #links: ReadonlyMap<bigint, ValidatorLink>;
  #validators: readonly Address[];
  #changes: SetChange[] = [];

  /** `links`: proofs that somebody kept, believed as little as a node's. */
  constructor(
    provider: ChainProvider,
    trust: QbftTrust,
    validators?: readonly Address[],
    links: readonly SetChange[] = [],
  ) {
    this.#provider = provider;
    this.#trust = trust;
    this.#links = new Map(links.map(({ blockNumber, link }) => [blockNumber, link]));
    this.#validators = validators ?? trust.firstValidators;
  }

  /** The set that seals the block after the one checked last. */
  get validators(): readonly Address[] {
    return this.#validators;
  }

  /** The changes since this was last asked: what evidence of a later block needs. */
  takeChanges(): readonly SetChange[] {
    return this.#changes.splice(0);
  }

  /** Learns the set from a block that is final: where the cursor does not carry it. */
  async learn(block: BlockHeader): Promise<void> {
    const trust = this.#trust;
    if (trust.lineage !== 'qbft') return;
    try {
      const guess = this.#validators.length;
      const { validators, proof } =
        keptValidators(trust, block, this.#links.get(block.number)) ??
        (await provenValidators(this.#provider, trust, block, guess));
      if (!isSameSet(validators, this.#validators)) {
        this.#changes.push({
          blockNumber: block.number,
          link: { header: block.raw, validators: proof },
        });
      }
      this.#validators = validators;
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
    if (!this.#touchesCharter(block)) return;
    try {
      await this.learn(block);
    } catch (error) {
      // Its receipts are verified, and no event of the Charter says that its list is another one.
      if (!(error instanceof StateNotKept) || this.#tellsOfChange(block)) throw error;
    }
  }

  #tellsOfChange({ logs }: BlockContent): boolean {
    const { address } = this.#trust.contracts.charter;
    return logs.some((log) => log.address === address && CHANGE_TOPICS.has(log.topics[0] ?? ZERO_32));
  }

  #touchesCharter({ transactions, logs }: BlockContent): boolean {
    const { address } = this.#trust.contracts.charter;
    return transactions.some(({ to }) => to === address) || logs.some((log) => log.address === address);
  }
}

/**
 * Who seals the block after this one, under its state root. The length is guessed, for a proof names its slots: at most two
 * proofs. Throws what is wrong with the proof.
 */
export async function provenValidators(
  provider: ChainProvider,
  trust: QbftTrust,
  { number, header: { stateRoot } }: BlockHeader,
  guess: number,
): Promise<{ readonly validators: readonly Address[]; readonly proof: StateProof }> {
  const prove = (count: number) =>
    fetchProof(provider, trust.contracts.charter.address, validatorSlots(count), number);
  const first = await prove(guess);
  const count = BigInt(slotOf(readState(stateRoot, first), ZERO_32));
  if (count > MAX_VALIDATORS) throw refusal('validators-malformed');
  const proof = count === BigInt(guess) ? first : await prove(Number(count));
  return { validators: validatorsUnder(trust, stateRoot, proof), proof };
}

/** What somebody kept of this block, where it proves itself under its state root. */
export function keptValidators(
  trust: QbftTrust,
  { header: { stateRoot } }: BlockHeader,
  link: ValidatorLink | undefined,
): { readonly validators: readonly Address[]; readonly proof: StateProof } | undefined {
  if (link === undefined) return undefined;
  try {
    return { validators: validatorsUnder(trust, stateRoot, link.validators), proof: link.validators };
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** Whether a quorum of these sealed it, whatever its parent. */
export function isSealed(block: BlockHeader, validators: readonly Address[]): boolean {
  return refusalOf(() => checkSeals(readQbftHeader(fromHex(block.raw)), validators)) === undefined;
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
