/**
 * What speaks against a step and not against the act: a full disk, a full queue, a clock that is a moment behind.
 *
 * Promises: who meets it may do the very same again later, and nobody need decide anything. For `commit` and what wires it.
 */
import { Fault } from '../domain/base/fault.ts';
import { Refusal, type RefusalCode } from '../domain/base/refusal.ts';
import { NodeError, RPC } from '../ledger/provider.ts';

/** What the ledger says of an act whose own time, or that of a consent, has not come. */
const NOT_YET: ReadonlySet<RefusalCode> = new Set(['act-not-yet-valid', 'consent-not-yet-valid']);
/** What may be over by a second that is still to come: whether it is, the ledger says then. */
export const OVER_BY_THEN: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  ...NOT_YET,
  'act-blocked',
  'consent-missing',
  'cycle-step-too-early',
  'scope-is-paused',
  'programme-is-paused',
  'disbursement-is-paused',
  'officer-not-yet-active',
  'officer-is-suspended',
]);
const PASSING: ReadonlySet<RefusalCode> = new Set([
  ...NOT_YET,
  'outbox-full',
  'read-only',
  'disk-read-only',
  'clock-doubtful',
]);

export function isPassing(error: unknown): boolean {
  if (error instanceof Refusal) return PASSING.has(error.code);
  if (error instanceof NodeError) return error.code === RPC.limitExceeded;
  return error instanceof Fault && error.retryable;
}
