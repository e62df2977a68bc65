/**
 * The ledger of a network as its gateway stands on it: nodes over HTTP, none of which is believed.
 *
 * Hides which evidence a trust file wants and where it is kept. Promises: a change of validators, and the state at the
 * checkpoint of the trust file, are on disk with their proof before the views know the block, so that no node has to
 * remember them for us; evidence that is answered is for whoever verifies it, and nothing here decides by it. Time is that
 * of the newest block that was followed, or this machine's where that is later.
 */
import type { FinalityEvidence } from '../domain/audit/lineage.ts';
import { hashForm } from '../domain/audit/qbft.ts';
import type { QbftTrust, TrustFile } from '../domain/audit/trust.ts';
import type { ValidatorLink } from '../domain/audit/validators.ts';
import { Fault } from '../domain/base/fault.ts';
import { type Address, type Bytes32, fromHex, toHex } from '../domain/base/hex.ts';
import type { Refusal } from '../domain/base/refusal.ts';
import { type BlockHeader, fetchHeader } from './block.ts';
import { doubtOf } from './embedded.ts';
import type { Engine, GasAsked } from './engine.ts';
import { CALL_GAS } from './guests.ts';
import { type LedgerPin, pinOf, type VerifiedBlock } from './ledger.ts';
import { boundedLogs } from './logs.ts';
import { numberOfBlock, readingCall } from './methods.ts';
import { GATHER_MS } from './node.ts';
import { type Call, type ChainProvider, fieldsOf, isUnanswered, quantity, readQuantity } from './provider.ts';
import type { RawTransaction } from './rawTransaction.ts';
import { keptValidators, provenValidators, type SetChange } from './seals.ts';
import { leastGasOf } from './signer.ts';

/** What changes between the asking and the block: an entry more, a slot that is written for the first time. */
const SPARE_PART = 4n;
const SPARE_GAS = 50_000n;

export interface NodeChainOptions {
  readonly provider: ChainProvider;
  readonly trust: TrustFile;
  /** Seconds since 1970. */
  readonly clock: () => bigint;
  readonly isClockAccepted?: boolean;
  /** When the clock was last found plausible; 0 where it never was. */
  readonly heartbeats: { readonly heartbeat: bigint; beat(seconds: bigint): Promise<void> };
  /** Blocks after which another set seals, with the proof of it; and the checkpoint of the trust file. */
  readonly lineage: {
    keep(blockNumber: bigint, link: ValidatorLink): Promise<void>;
    /** In the order of the blocks. */
    kept(): Promise<readonly SetChange[]>;
  };
  /** What the provider answered does not verify. */
  readonly onDoubt?: () => void;
  /** What another member kept. */
  readonly links?: readonly SetChange[];
}

export class NodeChain implements Engine {
  readonly pin: LedgerPin;
  readonly gatherMs = GATHER_MS;
  readonly #options: NodeChainOptions;
  #head = { number: 0n, timestamp: 0n };

  constructor(options: NodeChainOptions) {
    this.#options = options;
    this.pin = pinOf(options.trust);
  }

  get headNumber(): bigint {
    return this.#head.number;
  }

  get nextTimestamp(): bigint {
    const now = this.#options.clock();
    return now > this.#head.timestamp ? now : this.#head.timestamp;
  }

  get secondsAhead(): bigint {
    return this.nextTimestamp - this.#options.clock();
  }

  /** Who never saw the clock right has nothing to hold it against. */
  get clockDoubt(): Refusal | undefined {
    const { heartbeats, isClockAccepted } = this.#options;
    if (isClockAccepted || heartbeats.heartbeat === 0n) return undefined;
    const { timestamp } = this.#head;
    return doubtOf(heartbeats.heartbeat > timestamp ? heartbeats.heartbeat : timestamp, this.nextTimestamp);
  }

  async beat(): Promise<void> {
    if (this.clockDoubt === undefined) await this.#options.heartbeats.beat(this.nextTimestamp);
  }

  request(call: Call): Promise<unknown> {
    return this.#options.provider.request(call);
  }

  blockAfter(blockNumber: bigint, signal?: AbortSignal): Promise<bigint> {
    return this.#options.provider.blockAfter(blockNumber, signal);
  }

  async newest(): Promise<bigint> {
    const told = readQuantity(await this.request({ method: 'eth_blockNumber' }));
    if (told === undefined) throw new Fault('the node does not say how far it is', { retryable: true });
    return told;
  }

  /**
   * What a node says that it would use, and some to spare, but never less than a network takes its bytes at: bytes that no node
   * takes would hold their nonce, and with it their lane, for ever. A node that says too little has the contract end without
   * gas, which changes nothing and costs nobody anything; where it says nothing, the transaction asks for the most.
   */
  async gasOf({ to, data, gas }: GasAsked, from: Address): Promise<bigint> {
    const told = await this.request({
      method: 'eth_estimateGas',
      params: [{ from, to, data }, 'latest'],
    }).then(readQuantity, unlessUnanswered);
    if (told === undefined) return gas;
    const least = leastGasOf(data);
    const used = told > least ? told : least;
    const asked = used + used / SPARE_PART + SPARE_GAS;
    return asked < gas ? asked : gas;
  }

  standsAt(blockNumber: bigint, timestampSeconds: number): void {
    this.#head = { number: blockNumber, timestamp: BigInt(timestampSeconds) };
  }

  async seen(block: VerifiedBlock): Promise<void> {
    const { lineage, trust } = this.#options;
    if (trust.lineage === 'qbft') {
      const isCheckpoint = BigInt(trust.minimumCheckpoint.blockNumber) === block.number;
      const links = [...(block.changes ?? []), ...(isCheckpoint ? [await this.#linkOf(trust, block)] : [])];
      for (const { blockNumber, link } of links) await lineage.keep(blockNumber, link);
    }
    this.standsAt(block.number, block.header.timestampSeconds);
  }

  async finality(blockNumber: bigint): Promise<FinalityEvidence | undefined> {
    if (blockNumber < 1n || blockNumber > this.headNumber) return undefined;
    const { trust } = this.#options;
    if (trust.lineage !== 'embedded') return this.#sealed(trust, blockNumber);
    const params = [quantity(blockNumber)];
    return (await this.request({ method: 'kudurru_finality', params })) as FinalityEvidence | undefined;
  }

  async answer(call: Call): Promise<unknown> {
    const { method, params = [] } = call;
    if (method === 'kudurru_finality') {
      return (await this.finality(numberOfBlock(params[0], this.headNumber))) ?? null;
    }
    if (method === 'eth_getBlockReceipts') {
      const block = quantity(numberOfBlock(params[0], this.headNumber));
      return this.request({ method, params: [block] });
    }
    if (method === 'debug_getRawHeader') {
      return (await this.#headerAt(numberOfBlock(params[0], this.headNumber)))?.raw ?? null;
    }
    const reading = readingCall(call, this.headNumber);
    if (method !== 'eth_getLogs') return this.request(reading);
    const ask = (filter: unknown) => this.request({ method, params: [filter] });
    return boundedLogs(fieldsOf(reading.params?.[0]), ask);
  }

  /** A node takes whatever has a nonce, so it is tried out first. */
  async sendAsGuest(transaction: RawTransaction): Promise<Bytes32> {
    const gas = transaction.gas < CALL_GAS ? transaction.gas : CALL_GAS;
    await this.request({ method: 'eth_call', params: [transaction.toCall(gas), 'latest'] });
    await this.request({ method: 'eth_sendRawTransaction', params: [transaction.raw] });
    return transaction.hash;
  }

  doubt(): void {
    this.#options.onDoubt?.();
  }

  async close(): Promise<void> {}

  #headerAt(blockNumber: bigint): Promise<BlockHeader | undefined> {
    return fetchHeader(this.#options.provider, blockNumber, this.#options.trust);
  }

  async #sealed(trust: QbftTrust, blockNumber: bigint): Promise<FinalityEvidence | undefined> {
    const [first, parent, header] = await Promise.all(
      [1n, blockNumber - 1n, blockNumber].map((number) => this.#headerAt(number)),
    );
    if (first === undefined || parent === undefined || header === undefined) return undefined;
    if (trust.lineage === 'qbft-header') return { kind: 'qbft-header', first: first.raw, header: header.raw };
    const from = BigInt(trust.minimumCheckpoint.blockNumber);
    const kept = await this.#options.lineage.kept();
    const checkpoint = from === 0n ? undefined : kept.find((one) => one.blockNumber === from)?.link;
    const steps = kept.filter((one) => one.blockNumber > from && one.blockNumber < blockNumber);
    return {
      kind: 'qbft',
      first: first.raw,
      ...(checkpoint && { checkpoint }),
      steps: steps.map(({ link }) => link),
      parent: (await this.#linkOf(trust, parent)).link,
      header: header.raw,
    };
  }

  /** A block's header in the form that a hash vouches for, and the proof of who seals the one after it. */
  async #linkOf(trust: QbftTrust, block: BlockHeader) {
    const { provider, lineage, links = [] } = this.#options;
    const known = [...(await lineage.kept()), ...links].filter(
      ({ blockNumber }) => blockNumber === block.number,
    );
    const kept = known.map(({ link }) => keptValidators(trust, block, link)).find((one) => one !== undefined);
    const { proof } = kept ?? (await provenValidators(provider, trust, block, trust.firstValidators.length));
    return {
      blockNumber: block.number,
      link: { header: toHex(hashForm(fromHex(block.raw))), validators: proof },
    };
  }
}

function unlessUnanswered(error: unknown): undefined {
  if (!isUnanswered(error)) throw error;
}
