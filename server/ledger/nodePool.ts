/**
 * Several nodes of one network as one provider: one is asked, and another where that one does not serve.
 *
 * Promises: a call that a node does not answer goes to the next at once, and following calls stay there; a node that is some
 * blocks behind another, or whose answer did not verify, is left for one that is not; all of them are asked again later; a
 * transaction that is sent again is sent to all. A
 * node's no is an answer, and is nobody else's to overrule, but of a call that it could not try. It believes none: ledger.ts does. Only `wiring/nodes.ts` opens one.
 */
import { Fault } from '../domain/base/fault.ts';
import { POLL_MS } from './node.ts';
import { type Call, type ChainProvider, isUnanswered, NodeError, pause, readQuantity } from './provider.ts';

/** So many blocks are announced by one and not by another in a network that is well; more is no delay any more. */
const LAG_BLOCKS = 3n;
/** How often the others are asked how far they are. */
const LOOK_MS = 5_000;
/** Transactions that are remembered as sent: as many as may be under way. */
const MOST_SENT = 20_000;
/** Of a raw transaction, whose end is half of its signature. */
const KNOWN_BY_CHARACTERS = 64;
/** How long a node that answered wrongly is asked last. */
const ASIDE_MS = 60_000;

const SEND = 'eth_sendRawTransaction';

export type TurnedFor = 'silent' | 'behind' | 'unverified';

export interface NodePoolOptions {
  /** In the order of the settings, at least one. */
  readonly nodes: readonly ChainProvider[];
  /** The one to begin with. */
  readonly first: number;
  /** Another one is asked from now on; both by their places in the settings, from 1. */
  readonly onTurn: (from: number, to: number, why: TurnedFor) => void;
}

export class NodePool implements ChainProvider {
  readonly #options: NodePoolOptions;
  readonly #asideUntilMs: number[];
  readonly #sent = new Set<string>();
  /** By their places: whose last answer was none. */
  readonly #silent = new Set<number>();
  readonly #nodes: readonly ChainProvider[];
  #current: number;
  #lookedAtMs = 0;

  constructor(options: NodePoolOptions) {
    this.#options = options;
    this.#current = options.first;
    this.#asideUntilMs = options.nodes.map(() => 0);
    this.#nodes = options.nodes.map((node, at) => ({
      request: (call) => this.#noted(at, node.request(call)),
      blockAfter: (blockNumber, signal) => node.blockAfter(blockNumber, signal),
    }));
  }

  /** How many there are, and how many of them did not answer when they were asked last. */
  get reach(): { readonly nodes: number; readonly unreachable: number } {
    return { nodes: this.#options.nodes.length, unreachable: this.#silent.size };
  }

  /** Those that are not asked now, and may say whether they have the same blocks. */
  get others(): readonly ChainProvider[] {
    return this.#nodes.filter((_, at) => at !== this.#current);
  }

  async request(call: Call): Promise<unknown> {
    if (call.method === SEND) this.#sendAgain(call);
    const asked = this.#current;
    let fault: unknown;
    // Whoever was turned to is asked, whatever it answered before.
    for (const at of [asked, ...this.#byTrust().filter((one) => one !== asked)]) {
      try {
        const answer = await this.#nodeAt(at).request(call);
        if (at !== asked && this.#current === asked) this.#turnTo(at, 'silent');
        return answer;
      } catch (error) {
        if (!(error instanceof Fault || isUntried(call, error))) throw error;
        fault ??= error;
      }
    }
    throw fault;
  }

  async #noted(at: number, asked: Promise<unknown>): Promise<unknown> {
    try {
      const answer = await asked;
      this.#silent.delete(at);
      return answer;
    } catch (error) {
      if (error instanceof Fault) this.#silent.add(at);
      else this.#silent.delete(at);
      throw error;
    }
  }

  /** A node may say that it took it and pass it on to nobody: what is sent again goes to every node, whatever they say. */
  #sendAgain(call: Call): void {
    const known = String(call.params?.[0]).slice(-KNOWN_BY_CHARACTERS);
    if (this.#sent.has(known)) {
      for (const node of this.others) node.request(call).catch(unlessUnanswered);
    }
    if (this.#sent.size >= MOST_SENT) this.#sent.clear();
    this.#sent.add(known);
  }

  async blockAfter(blockNumber: bigint, signal?: AbortSignal): Promise<bigint> {
    for (;;) {
      const head = await headOf(this);
      if (signal?.aborted) return head ?? blockNumber;
      if (head !== undefined && head > blockNumber) return head;
      if (performance.now() - this.#lookedAtMs > LOOK_MS) await this.#look(head ?? 0n);
      await pause(POLL_MS, signal);
    }
  }

  /** What the node that is asked now answered did not verify. */
  blame(): void {
    this.#asideUntilMs[this.#current] = performance.now() + ASIDE_MS;
    const next = this.#byTrust()[0] ?? this.#current;
    if (next !== this.#current) this.#turnTo(next, 'unverified');
  }

  /** From the one that is asked now; those that answered wrongly a while ago last, and of them the latest. */
  #byTrust(): number[] {
    const now = performance.now();
    const asideMs = (at: number) => Math.max((this.#asideUntilMs[at] ?? 0) - now, 0);
    const turn = (at: number) =>
      (at - this.#current + this.#options.nodes.length) % this.#options.nodes.length;
    return [...this.#options.nodes.keys()].toSorted(
      (one, other) => asideMs(one) - asideMs(other) || turn(one) - turn(other),
    );
  }

  #isAside(at: number): boolean {
    return (this.#asideUntilMs[at] ?? 0) > performance.now();
  }

  async #look(head: bigint): Promise<void> {
    this.#lookedAtMs = performance.now();
    const asked = this.#current;
    const ahead = this.#byTrust().map(async (at) => {
      const theirs = at === asked ? undefined : await headOf(this.#nodeAt(at));
      const isAhead = theirs !== undefined && theirs >= head + LAG_BLOCKS;
      // One that answered wrongly is no better, but than another that did.
      const isWorse = this.#isAside(at) && !this.#isAside(asked);
      if (isAhead && !isWorse && this.#current === asked) this.#turnTo(at, 'behind');
    });
    await Promise.race([Promise.all(ahead), pause(POLL_MS)]);
  }

  #turnTo(at: number, why: TurnedFor): void {
    this.#options.onTurn(this.#current + 1, at + 1, why);
    this.#current = at;
  }

  #nodeAt(at: number): ChainProvider {
    const node = this.#nodes[at];
    if (node === undefined) throw new Error('no such node');
    return node;
  }
}

function unlessUnanswered(error: unknown): void {
  if (!isUnanswered(error)) throw error;
}

/** A node that lacks the state or the method says nothing of the call that it was to try. */
function isUntried({ method }: Call, error: unknown): boolean {
  return method === 'eth_call' && error instanceof NodeError && !error.isOfCall;
}

function headOf(node: Pick<ChainProvider, 'request'>): Promise<bigint | undefined> {
  return node.request({ method: 'eth_blockNumber' }).then(readQuantity, () => undefined);
}
