/**
 * How a no is said over HTTP: RFC 9457 problem documents from the refusal catalogue, and nothing else.
 *
 * Promises: never a submitted value, never a stack, at most `ERRORS_SHOWN` errors and 8 KiB; a Fault is a
 * 503 with `Retry-After`, which stands wherever waiting for seconds helps, and nowhere else; anything unforeseen is a 500 that shows an id only, whose cause is in the log.
 */
import { Fault } from '../domain/base/fault.ts';
import { Refusal, type RefusalCode, Refusals, refusals } from '../domain/base/refusal.ts';
import type { RefusalKind, RefusalRow } from '../domain/base/refusals/row.ts';

/** More would bury the first one, and the full list of a file is a resource of its own. */
export const ERRORS_SHOWN = 50;
/** Of 8 KiB; the rest is the problem's own words. */
const ERRORS_BYTES = 7 * 1_024;
const RETRY_AFTER_SECONDS = 5;

const STATUS_OF_KIND: Record<RefusalKind, number> = {
  malformed: 400,
  invalid: 422,
  unauthenticated: 401,
  forbidden: 403,
  missing: 404,
  conflict: 409,
  exhausted: 422, // the same request meets the same limit: only what time alone mends is a 429
  gone: 410,
};

/** Where HTTP has a more exact word than the kind. */
const STATUS_OF_CODE: Partial<Record<RefusalCode, number>> = {
  'method-not-allowed': 405,
  'request-too-slow': 408,
  'expectation-unknown': 417,
  'headers-too-large': 431,
  'body-too-large': 413,
  'file-too-large': 413,
  'rate-limited': 429,
  'bodies-under-way': 429,
  'jobs-too-many': 429,
  'reads-waiting': 429,
  'files-waiting': 503,
  'too-many-acts-kept': 409,
  'too-many-lists-waiting': 409,
  'too-many-open-measures': 409,
  'too-many-tokens': 409,
  'media-type-unsupported': 415,
  'idempotency-key-reused': 422,
  'outbox-full': 503,
  'gateway-stopping': 503,
  'read-only': 503,
  'disk-read-only': 503,
  'clock-doubtful': 503,
};

/** What is over in a moment: the answer says when to ask again. */
const PASSING: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  'rate-limited',
  'bodies-under-way',
  'jobs-too-many',
  'files-waiting',
  'outbox-full',
  'read-only',
  'disk-read-only',
  'request-too-slow',
  'gateway-stopping',
  'reads-waiting',
  'request-in-progress',
  'person-already-known',
  'sale-awaits-another',
]);

/** What the calendar alone mends, in an hour or in a month: nobody is to ask every few seconds. */
const TOO_EARLY: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  'act-not-yet-valid',
  'consent-not-yet-valid',
  'card-not-yet-effective',
  'officer-not-yet-active',
  'recorder-not-yet-active',
  'root-too-soon',
  'cycle-step-too-early',
  'sales-not-open',
  'wait-not-over',
  'measure-is-open',
  'suspension-too-soon',
  'pause-too-soon',
]);

/** Whether the same request may succeed later, though nobody does anything. All else it only meets again. */
export const isRetryable = (code: RefusalCode): boolean => PASSING.has(code) || TOO_EARLY.has(code);

/** What is no refusal: the world failed, or nobody foresaw it. */
export const FAULT_ROWS = {
  'ledger-unavailable': {
    status: 503,
    message: 'A part of the gateway could not answer. Nothing was decided.',
    remedy: 'Send the same request again after the seconds that `Retry-After` names.',
    retryable: true,
  },
  /** The same where no time mends it. */
  'ledger-damaged': {
    status: 500,
    message: 'A part of the gateway could not answer. Nothing was decided.',
    remedy:
      'Give the id in `instance` to whoever runs the gateway: its log has the cause under it, and sending it again changes nothing.',
    retryable: false,
  },
  internal: {
    status: 500,
    message: 'Something unforeseen happened.',
    remedy: 'Give the id in `instance` to whoever runs the gateway: its log has the cause under it.',
    retryable: false,
  },
} as const;

interface ProblemError {
  readonly detail: string;
  readonly code: string;
  readonly remedy: string;
  readonly pointer?: string;
  readonly line?: number;
}

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: string;
  readonly remedy?: string;
  readonly rule?: string;
  readonly errors?: readonly ProblemError[];
  readonly retryable: boolean;
  /** Of what the time refuses: whose clock says what. */
  readonly clock?: string;
}

/** What depends on the time it is: who meets it wants to know whose clock is ahead. */
const TIMED: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  'act-expired',
  'act-not-yet-valid',
  'never-in-time',
  'approval-expired',
  'voting-is-closed',
  'consent-expired',
  'consent-not-yet-valid',
  'officer-not-yet-active',
  'clock-doubtful',
  'pause-length-out-of-range',
  'suspension-length-out-of-range',
  'suspicion-in-future',
  'lapse-out-of-bounds',
  'effect-too-far-ahead',
  'halt-out-of-range',
  'halt-not-over',
  'halt-too-old',
  'wait-not-over',
  'cycle-window-invalid',
  'cycle-end-out-of-range',
  'cycle-step-too-early',
  'cycle-step-too-late',
  'sales-not-open',
  'sales-ended',
  'redemption-batch-expired',
]);

export function statusOf(code: RefusalCode): number {
  const row: RefusalRow = refusals[code];
  return STATUS_OF_CODE[code] ?? STATUS_OF_KIND[row.kind];
}

/** One refusal, or several of one request (the first decides the status). `instance` is the request's id. */
function problemOf(refused: readonly [Refusal, ...Refusal[]], instance: string): Problem {
  const [first] = refused;
  const status = statusOf(first.code);
  return {
    type: `/problems/${first.code}`,
    title: first.code.replaceAll('-', ' '),
    status,
    detail: first.message,
    instance: `/requests/${instance}`,
    code: first.code,
    remedy: first.row.remedy,
    ...(first.row.rule === undefined ? {} : { rule: first.row.rule }),
    ...(refused.length === 1 && first.place.field === undefined && first.place.line === undefined
      ? {}
      : { errors: fitting(refused.slice(0, ERRORS_SHOWN).map(errorOf)) }),
    retryable: isRetryable(first.code),
  };
}

/** As many from the first on as a problem has room for. */
function fitting<T>(errors: readonly T[]): T[] {
  let left = ERRORS_BYTES;
  return errors.filter((error) => {
    left -= Buffer.byteLength(JSON.stringify(error)) + 1;
    return left >= 0;
  });
}

function errorOf(refused: Refusal) {
  const { field, line } = refused.place;
  return {
    detail: refused.message,
    code: refused.code,
    remedy: refused.row.remedy,
    ...(field === undefined ? {} : { pointer: field }),
    ...(line === undefined ? {} : { line }),
  };
}

/** Of an error what an answer shows of it: a file of a million lines has as many refusals. */
export function shownOf(error: unknown): unknown {
  if (!(error instanceof Refusals)) return error;
  const [first, ...others] = error.list;
  return new Refusals([first, ...others.slice(0, ERRORS_SHOWN - 1)]);
}

/** The answer to any error a handler may throw; `retryAfterSeconds` is set where trying again makes sense. */
export function answerError(
  error: unknown,
  instance: string,
  clock?: () => string,
): { problem: Problem; retryAfterSeconds?: number; unforeseen: boolean } {
  const refused =
    error instanceof Refusals ? error.list : error instanceof Refusal ? ([error] as const) : undefined;
  if (refused !== undefined) {
    const isTimed = clock !== undefined && refused.some(({ code }) => TIMED.has(code));
    const problem = Object.assign(problemOf(refused, instance), isTimed ? { clock: clock() } : undefined);
    return withRetry(problem, refused[0].code);
  }
  const fault = error instanceof Fault;
  const code = !fault ? 'internal' : error.retryable ? 'ledger-unavailable' : 'ledger-damaged';
  const { status, message, remedy } = FAULT_ROWS[code];
  return {
    problem: {
      type: `/problems/${code}`,
      title: code.replaceAll('-', ' '),
      status,
      detail: message,
      instance: `/requests/${instance}`,
      code,
      remedy,
      retryable: fault && error.retryable,
    },
    ...(fault && error.retryable ? { retryAfterSeconds: RETRY_AFTER_SECONDS } : {}),
    unforeseen: !fault,
  };
}

function withRetry(problem: Problem, code: RefusalCode) {
  return PASSING.has(code)
    ? { problem, retryAfterSeconds: RETRY_AFTER_SECONDS, unforeseen: false }
    : { problem, unforeseen: false };
}
