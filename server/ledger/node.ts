/**
 * A node over HTTP as an EIP-1193 provider: calls made in one turn go in one request.
 *
 * Promises: an answer is a result or a `NodeError`; everything else (refused, reset, timed out, too large, not
 * JSON-RPC) is a retryable `Fault`, and then the call may or may not have happened. Batches, answers and waits are
 * bounded. It believes nothing and checks nothing: ledger.ts does.
 */
import { Fault } from '../domain/fault.ts';
import { type Call, type ChainProvider, NodeError, pause, readQuantity } from './provider.ts';

/** Besu takes 1,024; a quarter keeps a batch of full transactions below its default body limit of 5 MB. */
const MAX_BATCH = 256;
const MAX_BATCH_CHARACTERS = 4 * 2 ** 20;
/** Sixteen full blocks with their receipts. */
const MAX_ANSWER_BYTES = 128 * 2 ** 20;
/** A node that is slower than this is as good as gone. */
const TIMEOUT_MS = 10_000;
/** Half a second of delay at most for a block each second or two. */
const POLL_MS = 500;
/** How long the first transaction of a batch waits for others: a tenth of a block. */
export const GATHER_MS = 100;

export interface NodeOptions {
  readonly url: string;
  /** Sent with each request: a bearer token where the node wants one. */
  readonly authorization?: string;
}

interface Waiting {
  readonly call: Call;
  readonly answer: PromiseWithResolvers<unknown>;
}

/** What went over the wire, for the figures of bench. */
export interface NodeTraffic {
  readonly calls: number;
  readonly requests: number;
}

export class HttpNode implements ChainProvider {
  readonly #options: NodeOptions;
  #queue: Waiting[] = [];
  #calls = 0;
  #requests = 0;

  constructor(options: NodeOptions) {
    this.#options = options;
  }

  get traffic(): NodeTraffic {
    return { calls: this.#calls, requests: this.#requests };
  }

  request(call: Call): Promise<unknown> {
    const answer = Promise.withResolvers<unknown>();
    if (this.#queue.length === 0) setImmediate(() => this.#flush());
    this.#queue.push({ call, answer });
    return answer.promise;
  }

  async blockAfter(blockNumber: bigint, signal?: AbortSignal): Promise<bigint> {
    for (;;) {
      const head = await this.request({ method: 'eth_blockNumber' }).then(readQuantity, () => undefined);
      if (signal?.aborted) return head ?? blockNumber;
      if (head !== undefined && head > blockNumber) return head;
      await pause(POLL_MS, signal);
    }
  }

  #flush(): void {
    const waiting = this.#queue;
    this.#queue = [];
    let batch: Waiting[] = [];
    let bodies: string[] = [];
    let length = 0;
    const send = () => {
      if (batch.length > 0) this.#send(batch, bodies);
      batch = [];
      bodies = [];
      length = 0;
    };
    for (const entry of waiting) {
      const { method, params = [] } = entry.call;
      const call = `"method":${JSON.stringify(method)},"params":${JSON.stringify(params)}`;
      if (batch.length === MAX_BATCH || length + call.length > MAX_BATCH_CHARACTERS) send();
      bodies.push(`{"jsonrpc":"2.0","id":${batch.length},${call}}`);
      batch.push(entry);
      length += call.length;
    }
    send();
  }

  #send(batch: readonly Waiting[], bodies: readonly string[]): void {
    this.#calls += batch.length;
    this.#requests++;
    this.#exchange(bodies).then(
      (replies) => settle(batch, replies),
      (error: unknown) =>
        failAll(batch, new Fault('the node did not answer', { retryable: true, cause: error })),
    );
  }

  async #exchange(bodies: readonly string[]): Promise<unknown> {
    const { url, authorization } = this.#options;
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'error',
      headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
      body: bodies.length === 1 ? (bodies[0] ?? '') : `[${bodies.join(',')}]`,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return JSON.parse(await readText(response));
  }
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MAX_ANSWER_BYTES) throw new Error('an answer beyond the bound');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

interface Reply {
  readonly id?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code?: unknown; readonly message?: unknown; readonly data?: unknown };
}

/** Answers come in any order; a call without one got no answer. */
function settle(batch: readonly Waiting[], replies: unknown): void {
  const byId = new Map<unknown, Reply>();
  for (const reply of (Array.isArray(replies) ? replies : [replies]) as (Reply | null)[]) {
    if (reply !== null && typeof reply === 'object') byId.set(reply.id, reply);
  }
  for (const [id, { answer }] of batch.entries()) {
    const reply = byId.get(id);
    if (reply?.error != null) answer.reject(nodeErrorOf(reply.error));
    else if (reply !== undefined && 'result' in reply) answer.resolve(reply.result);
    else answer.reject(new Fault('the node left a call without an answer', { retryable: true }));
  }
}

function nodeErrorOf({ code, message, data }: NonNullable<Reply['error']>): NodeError {
  return new NodeError(typeof code === 'number' ? code : 0, typeof message === 'string' ? message : '', data);
}

function failAll(batch: readonly Waiting[], fault: Fault): void {
  for (const { answer } of batch) answer.reject(fault);
}
