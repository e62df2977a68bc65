/**
 * A node over HTTP as an EIP-1193 provider: calls made in one turn go in one request.
 *
 * Promises: an answer is a result or a `NodeError`; everything else (refused, reset, timed out, too large, not
 * JSON-RPC) is a retryable `Fault`, and then the call may or may not have happened; where somebody answered, its cause is the
 * refusal that says what to do about it. Transactions reach the node in the
 * order they were made in: one request of them at a time, and those that come meanwhile share the next. Batches,
 * answers and waits are bounded. It believes nothing and checks nothing: ledger.ts does.
 */
import { request } from 'node:http';
import { Fault } from '../domain/base/fault.ts';
import { textOfUtf8 } from '../domain/base/hex.ts';
import { type Refusal, refusal } from '../domain/base/refusal.ts';
import { type Call, type ChainProvider, nodeErrorOf, pause, readQuantity } from './provider.ts';

/** Besu takes 1,024, rpc.ts this. */
const MAX_BATCH = 256;
/** What rpc.ts takes; Besu takes 5 MB. */
const MAX_BODY_CHARACTERS = 4 * 2 ** 20;
/** Around each call of a batch, and a little more. */
const ENVELOPE_CHARACTERS = '{"jsonrpc":"2.0","id":255,},'.length + 2;
/** Sixteen full blocks with their receipts. */
const MAX_ANSWER_BYTES = 128 * 2 ** 20;
/** A node that is slower than this is as good as gone. */
const TIMEOUT_MS = 10_000;
/** Half a second of delay at most for a block each second or two. */
export const POLL_MS = 500;
/** How long the first transaction of a batch waits for others: a tenth of a block. */
export const GATHER_MS = 100;

export interface NodeOptions {
  readonly url: string;
  /** A socket of the file system to ask by instead: `fetch` reaches none. */
  readonly socket?: string;
  /** Sent with each request where the node wants one; asked each time, for a token ends and another takes its place. */
  readonly authorization?: () => string;
}

interface Waiting {
  readonly answer: PromiseWithResolvers<unknown>;
  /** The call without the envelope that its place in a batch gives it. */
  readonly body: string;
}

/** What went over the wire, for the figures of bench. */
export interface NodeTraffic {
  readonly calls: number;
  readonly requests: number;
}

export class HttpNode implements ChainProvider {
  readonly #options: NodeOptions;
  readonly #reads: Waiting[] = [];
  readonly #sends: Waiting[] = [];
  #isSending = false;
  #isFlushing = false;
  #calls = 0;
  #requests = 0;

  constructor(options: NodeOptions) {
    this.#options = options;
  }

  get traffic(): NodeTraffic {
    return { calls: this.#calls, requests: this.#requests };
  }

  request({ method, params = [] }: Call): Promise<unknown> {
    const answer = Promise.withResolvers<unknown>();
    const body = `"method":${JSON.stringify(method)},"params":${JSON.stringify(params)}`;
    const queue = method === 'eth_sendRawTransaction' ? this.#sends : this.#reads;
    queue.push({ answer, body });
    if (!this.#isFlushing) setImmediate(() => this.#flush());
    this.#isFlushing = true;
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
    this.#isFlushing = false;
    while (this.#reads.length > 0) void this.#exchange(takeBatch(this.#reads));
    if (!this.#isSending) void this.#sendInOrder();
  }

  /** Requests under way at once may overtake each other, and a nonce that comes before its turn is refused. */
  async #sendInOrder(): Promise<void> {
    this.#isSending = true;
    while (this.#sends.length > 0) await this.#exchange(takeBatch(this.#sends));
    this.#isSending = false;
  }

  /** Settles every call of the batch and never rejects. */
  async #exchange(batch: readonly Waiting[]): Promise<void> {
    this.#calls += batch.length;
    this.#requests++;
    const calls = batch.map(({ body }, id) => `{"jsonrpc":"2.0","id":${id},${body}}`);
    try {
      settle(batch, await this.#post(calls.length === 1 ? calls.join() : `[${calls.join(',')}]`));
    } catch (error) {
      const fault = new Fault('the node did not answer', { retryable: true, cause: error });
      for (const { answer } of batch) answer.reject(fault);
    }
  }

  async #post(body: string): Promise<unknown> {
    const { url, authorization, socket } = this.#options;
    if (socket !== undefined) return jsonIn(await postOver(socket, body), OK);
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual', // credentials go nowhere but to the node
      headers: {
        'content-type': 'application/json',
        ...(authorization && { authorization: authorization() }),
      },
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const { status } = response;
    if (!response.ok) throw statusRefused(status);
    return jsonIn(await readText(response.body ?? []), status);
  }
}

function postOver(socketPath: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = {
      host: 'localhost',
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const asked = request({ socketPath, method: 'POST', headers, signal, agent: false }, (response) => {
      const { statusCode: status = 0 } = response;
      if (status === OK) readText(response).then(resolve, reject);
      else reject(statusRefused(status));
    });
    asked.on('error', reject).end(body);
  });
}

/** Removes from the queue's front what fits one request: at least one call. */
function takeBatch(queue: Waiting[]): Waiting[] {
  let characters = 0;
  const next = queue.findIndex(({ body }, i) => {
    characters += body.length + ENVELOPE_CHARACTERS;
    return i === MAX_BATCH || (i > 0 && characters > MAX_BODY_CHARACTERS);
  });
  return queue.splice(0, next < 0 ? queue.length : next);
}

async function readText(body: AsyncIterable<Uint8Array> | readonly never[]): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > MAX_ANSWER_BYTES) {
      throw refusal('node-answers-too-much', { megabytes: MAX_ANSWER_BYTES / 2 ** 20 });
    }
    chunks.push(chunk);
  }
  const text = textOfUtf8(Buffer.concat(chunks));
  if (text === undefined) throw new Error('an answer that is no text');
  return text;
}

const OK = 200;

/** Why a node does not serve, for whoever can do something about it; a caller learns no more than that it did not. */
function statusRefused(status: number): Refusal {
  if (status === 401 || status === 403) return refusal('node-lets-nobody-in', { status });
  if (status === 429 || status === 503) return refusal('node-busy', { status });
  if (status >= 300 && status < 400) return refusal('node-sends-elsewhere', { status });
  return refusal('node-speaks-otherwise', { status });
}

function jsonIn(text: string, status: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refusal('node-speaks-otherwise', { status });
  }
}

interface Reply {
  readonly id?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
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
