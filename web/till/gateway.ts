/**
 * The gateway as a till sees it: its own token with every request, and no cookie, so that an officer who signed in on the
 * same device is another matter.
 *
 * Promises: time is the gateway's, as its last answer said, and no rule reads the clock of the device; whatever goes wrong
 * is a `Silent` or a `NotTaken`.
 */
import {
  type Answered,
  type Carrier,
  isTold,
  type RedemptionTold,
} from '../../server/domain/benefits/tillPost.ts';
import type { QueuedBatch } from '../../server/domain/benefits/tillQueue.ts';

/** No answer came, or not all of it: nobody knows whether what was sent has arrived. */
export class Silent extends Error {}

/** What the gateway refused. */
export class NotTaken extends Error {
  readonly status: number;
  readonly code: string;
  readonly isRetryable: boolean;
  readonly reasons: readonly string[];
  constructor(status: number, { code = `${status}`, retryable = false, errors = [] }: ProblemBody) {
    super(code);
    this.status = status;
    this.code = code;
    this.isRetryable = retryable;
    this.reasons = errors.map((error) => error.code ?? code).filter((one) => one !== code);
  }
}

/** What it had taken, and what did not come to pass. */
class Ended extends NotTaken {}

interface ProblemBody {
  readonly code?: string;
  readonly retryable?: boolean;
  readonly errors?: readonly { readonly code?: string }[];
}

export interface Gateway {
  ask<T>(place: string, order?: Order): Promise<T>;
  /** By the gateway's clock. Throws `Silent` before its first answer. */
  nowSeconds(): number;
  /** Whether it has answered yet, and said the time. */
  isHeard(): boolean;
}

interface Order {
  readonly body?: unknown;
  /** Of one intention, however often it is sent. */
  readonly key?: string;
}

/** Longer than the gateway waits. */
const TIMEOUT_MS = 40_000;
const WAIT_SECONDS = 20;
/** How often a till waits for one batch before it goes on with what else there is. */
const WAITS_MAX = 6;
/** From this status on a gateway speaks of itself, and not of what it was sent. */
const IN_TROUBLE = 500;
const OVER: ReadonlySet<string> = new Set(['REFUSED', 'REVERTED', 'SUPERSEDED']);

export function gatewayWith(token: string): Gateway {
  let heard: { readonly seconds: number; readonly atMs: number } | undefined;
  return {
    isHeard: () => heard !== undefined,
    nowSeconds: () => {
      if (heard === undefined) throw new Silent();
      return heard.seconds + Math.floor((performance.now() - heard.atMs) / 1_000);
    },
    ask: async <T>(place: string, { body, key }: Order = {}) => {
      const headers = new Headers({ Authorization: `Bearer ${token}`, Prefer: `wait=${WAIT_SECONDS}` });
      if (body !== undefined) headers.set('Content-Type', 'application/json');
      if (key !== undefined) headers.set('Idempotency-Key', key);
      const method = body === undefined ? 'GET' : 'POST';
      const content = body === undefined ? null : JSON.stringify(body);
      let answer: Response;
      let text: string;
      try {
        const signal = AbortSignal.timeout(TIMEOUT_MS);
        answer = await fetch(place, { method, headers, body: content, credentials: 'omit', signal });
        text = await answer.text();
      } catch {
        throw new Silent();
      }
      const date = Date.parse(answer.headers.get('Date') ?? '');
      if (!Number.isNaN(date)) heard = { seconds: Math.floor(date / 1_000), atMs: performance.now() };
      if (!answer.ok) throw new NotTaken(answer.status, jsonIn(text) as ProblemBody);
      return jsonIn(text) as T;
    },
  };
}

/** Something in between may answer with anything. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

interface OperationTold extends RedemptionTold {
  readonly isFinal: boolean;
  readonly operation?: { readonly id: string; readonly state: string; readonly code?: string };
}

export function carrierOf({ ask }: Gateway): Carrier {
  return {
    recorded: ({ itemsHash }) => answered(() => ask<RedemptionTold>(`/redemptions/${itemsHash}`)),
    post: ({ body, key }: QueuedBatch, taken) =>
      answered(async () => {
        let told = await ask<OperationTold>('/redemptions', { body, key });
        // Whatever answers in between has taken nothing.
        if (!isTold(told) || (told.operation === undefined && !told.isFinal)) throw new Silent();
        await taken();
        for (let waits = 0; !told.isFinal; waits++) {
          const { id = '', state = '', code = state } = told.operation ?? {};
          if (OVER.has(state)) throw new Ended(409, { code });
          if (waits === WAITS_MAX) throw new Silent();
          told = await ask<OperationTold>(`/redemptions/${id}`);
        }
        return told;
      }),
  };
}

async function answered(ask: () => Promise<RedemptionTold>): Promise<Answered> {
  try {
    const told = await ask();
    return isTold(told) ? { kind: 'told', told } : { kind: 'silent' };
  } catch (error) {
    if (error instanceof Silent) return { kind: 'silent' };
    if (!(error instanceof NotTaken)) throw error;
    const { code, isRetryable, reasons, status } = error;
    if (code === 'operation-missing') return { kind: 'none' };
    // What is no answer of a gateway, as from a proxy or while it starts, says nothing of the batch.
    const isOfGateway = code !== `${status}`;
    if (!isOfGateway) return { kind: 'silent' };
    const isOver = error instanceof Ended;
    return { kind: 'refused', code, isRetryable: isRetryable || status >= IN_TROUBLE, isOver, reasons };
  }
}
