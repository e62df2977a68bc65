/**
 * The gateway as its clients see it: HTTP, tokens, idempotency keys, operations to follow, and nothing else.
 *
 * Promises: every intention has one key, repeated on every retry of it; what is not final is followed until it is; a
 * problem comes back as a `Problem` with its code. For the demonstration, and a model for anybody's client.
 */
import { randomUUID } from 'node:crypto';

/** One request; a roll of a thousand lines takes a second. */
const TIMEOUT_MS = 60_000;
const WAIT_SECONDS = 30;
const RETRIES_MAX = 5;
const RETRY_MS = 500;

interface ProblemBody {
  readonly code?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly code?: string }[];
}

export class Problem extends Error {
  readonly code: string;
  readonly status: number;
  /** The most exact reason that was given: of an item or a line, where the problem lists any. */
  readonly reason: string;

  constructor(status: number, body: ProblemBody) {
    super(
      `${body.code ?? status}: ${body.detail ?? ''} ${body.errors === undefined ? '' : JSON.stringify(body.errors)}`,
    );
    this.name = 'Problem';
    this.code = body.code ?? String(status);
    this.status = status;
    this.reason = body.errors?.at(-1)?.code ?? this.code;
  }
}

export interface Asking {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly body?: unknown;
  /** A file instead of a body, with its media type. */
  readonly file?: { readonly bytes: Uint8Array<ArrayBuffer>; readonly type: string };
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
  /** Milliseconds spent waiting for operations to become final. */
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
  async text(path: string, { method = 'GET', body, file }: Asking = {}): Promise<string> {
    const headers: Record<string, string> = {
      ...(this.#token === undefined ? {} : { Authorization: `Bearer ${this.#token}` }),
      ...(method === 'POST' ? { 'Idempotency-Key': randomUUID() } : {}),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(file === undefined ? {} : { 'Content-Type': file.type }),
    };
    const content = file?.bytes ?? (body === undefined ? undefined : JSON.stringify(body, writeInteger));
    for (let attempt = 1; ; attempt++) {
      const response = await fetch(`${this.#url}${path}`, {
        method,
        headers,
        ...(content === undefined ? {} : { body: content }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const text = await response.text();
      const isAgain = response.status === 503 || response.status === 429;
      if (response.ok) return text;
      if (!isAgain || attempt === RETRIES_MAX) throw new Problem(response.status, JSON.parse(text || '{}'));
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS * attempt)); // the same key: the same request
    }
  }

  /** The operation when it is over. Throws a `Problem` with its code when the ledger refused it. */
  async settled(href: string): Promise<Operation> {
    const startedAt = performance.now();
    for (;;) {
      const operation = await this.#operation(href);
      if (operation.isFinal) {
        this.waitedMs += performance.now() - startedAt;
        return operation;
      }
      if (['REFUSED', 'REVERTED', 'SUPERSEDED'].includes(operation.state)) {
        throw new Problem(409, { code: operation.code ?? operation.state, detail: 'the ledger refused it' });
      }
    }
  }

  async #operation(href: string): Promise<Operation> {
    const response = await fetch(`${this.#url}${href}`, {
      headers: { Authorization: `Bearer ${this.#token}`, Prefer: `wait=${WAIT_SECONDS}` },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const body = (await response.json()) as Operation;
    if (!response.ok) throw new Problem(response.status, body as never);
    return body;
  }
}

function writeInteger(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
