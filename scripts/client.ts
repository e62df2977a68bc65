/**
 * The gateway as its clients see it: HTTP, tokens, idempotency keys, operations to follow, and nothing else.
 *
 * Promises: every intention has one key, repeated on every retry of it; what is not final is followed until it is; a
 * problem comes back as a `Problem` with its code. For the demonstration, and a model for anybody's client.
 */
import { randomUUID } from 'node:crypto';
import { NotUnderstood, Refused, type RefusedLine } from './answer.ts';

/** One request: the longest is the check of the whole ledger. */
const TIMEOUT_MS = 600_000;
const WAIT_SECONDS = 30;
const RETRIES_MAX = 5;
const RETRY_MS = 500;
/** A kept connection that the other side had closed: the request may or may not have come through. */
const DEAD_SOCKET: ReadonlySet<unknown> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

interface ProblemBody {
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly remedy?: string;
  readonly retryable?: boolean;
  readonly errors?: readonly (Omit<RefusedLine, 'code' | 'message'> & {
    readonly code?: string;
    readonly detail?: string;
  })[];
}

/** What the gateway refused. */
export class Problem extends Refused {
  readonly status: number;
  /** The same request may succeed later, says the gateway. */
  readonly isRetryable: boolean;
  /** The most exact reason that was given: of an item or a line, where the problem lists any. */
  readonly reason: string;

  constructor(status: number, body: ProblemBody) {
    const { code = String(status), title, detail, remedy, errors = [], retryable = false } = body;
    const lines = errors.map((error) => ({
      ...error,
      code: error.code ?? code,
      message: error.detail ?? '',
    }));
    super(code, detail ?? title ?? 'The gateway gave no reason.', { remedy, lines });
    this.name = 'Problem';
    this.status = status;
    this.isRetryable = retryable;
    this.reason = errors.at(-1)?.code ?? code;
  }
}

/** What the gateway had accepted, and what the ledger did not record. */
export class Ended extends Problem {}

/** The code an attempt is refused with. An attempt that succeeds is a bug of the demonstration or of the ledger. */
export async function refusedAs(attempt: () => Promise<unknown>): Promise<string> {
  try {
    await attempt();
  } catch (error) {
    if (error instanceof Problem) return error.reason;
    throw error;
  }
  throw new Error('what should have been refused was recorded');
}

export interface Asking {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly body?: unknown;
  /** A file instead of a body, with its media type. */
  readonly file?: { readonly bytes: Uint8Array<ArrayBuffer>; readonly type: string };
  /** The case that names are read for. */
  readonly caseReference?: string;
  /** The key of an intention that outlives this process; a new one without. */
  readonly key?: string;
}

export interface Operation {
  readonly id: string;
  readonly state: string;
  readonly isFinal: boolean;
  readonly code?: string;
  readonly blockNumber?: string;
  readonly transactionHash?: string;
}

export class Client {
  readonly #url: string;
  readonly #token: string | undefined;
  /** Milliseconds spent waiting for the ledger. */
  waitedMs = 0;

  constructor(url: string, token?: string) {
    this.#url = url;
    this.#token = token;
  }

  as(token: string): Client {
    return new Client(this.#url, token);
  }

  async ask<T>(path: string, asking: Asking = {}): Promise<T> {
    const text = await this.text(path, asking);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  /** The answer as it was written: a certificate is one text and no other spelling of it. */
  async text(path: string, { method = 'GET', body, file, caseReference, key }: Asking = {}): Promise<string> {
    const headers: Record<string, string> = {
      ...(this.#token === undefined ? {} : { Authorization: `Bearer ${this.#token}` }),
      ...(method === 'POST' ? { 'Idempotency-Key': key ?? randomUUID() } : {}),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(file === undefined ? {} : { 'Content-Type': file.type }),
      ...(caseReference === undefined ? {} : { 'X-Case-Reference': caseReference }),
    };
    const content = file?.bytes ?? (body === undefined ? undefined : JSON.stringify(body, writeInteger));
    for (let attempt = 1; ; attempt++) {
      const response = await this.#fetch(path, {
        method,
        headers,
        ...(content === undefined ? {} : { body: content }),
      });
      const text = await response.text();
      if (response.ok) return text;
      const problem = problemIn(response.status, text);
      // What only the calendar mends is retryable as well, but not in seconds: the answer names none then.
      const isSoon = problem.isRetryable && response.headers.has('Retry-After');
      if (!isSoon || attempt === RETRIES_MAX) throw problem;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS * attempt)); // the same key: the same request
    }
  }

  /** The operation when it is over. Throws an `Ended` with its code when the ledger refused it. */
  settled(href: string): Promise<Operation> {
    return this.waiting(async () => {
      for (;;) {
        const operation = await this.#operation(href);
        if (operation.isFinal) return operation;
        if (['REFUSED', 'REVERTED', 'SUPERSEDED'].includes(operation.state)) {
          throw new Ended(409, {
            code: operation.code ?? operation.state,
            detail: 'the ledger refused it',
          });
        }
      }
    });
  }

  /** Counts the time that somebody waits for the ledger. */
  async waiting<T>(forWhat: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    try {
      return await forWhat();
    } finally {
      this.waitedMs += performance.now() - startedAt;
    }
  }

  async #operation(href: string): Promise<Operation> {
    const headers = { Authorization: `Bearer ${this.#token}`, Prefer: `wait=${WAIT_SECONDS}` };
    const response = await this.#fetch(href, { headers });
    const text = await response.text();
    if (!response.ok) throw problemIn(response.status, text);
    return JSON.parse(text) as Operation;
  }

  /** Sent again over a new connection where the old one was dead: the key of a POST makes both one request. */
  async #fetch(path: string, request: RequestInit): Promise<Response> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await fetch(`${this.#url}${path}`, { ...request, signal: AbortSignal.timeout(TIMEOUT_MS) });
      } catch (error) {
        if (!(error instanceof TypeError || error instanceof DOMException)) throw error;
        const cause = error.cause as { readonly code?: unknown } | undefined;
        if (!DEAD_SOCKET.has(cause?.code) || attempt === RETRIES_MAX) {
          throw new NotUnderstood(`${this.#url} does not answer: is the gateway running?`);
        }
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS * attempt));
    }
  }
}

/** A proxy in between may answer with anything. */
function problemIn(status: number, text: string): Problem {
  try {
    return new Problem(status, JSON.parse(text) as ProblemBody);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return new Problem(status, {});
  }
}

function writeInteger(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
