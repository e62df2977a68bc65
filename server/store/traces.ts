/**
 * What is left of an act that ended without being recorded: that there was one, about what, who prepared it, who had
 * signed, and who took it back or that it lapsed. Nothing that it said of people is in it.
 *
 * Promises: written in the transaction that ends the act, and kept when the act itself is forgotten; found by every unit,
 * programme, vendor or officer that the act named. Histories read them beside what was recorded.
 */
import type { SignableAct } from '../domain/acts/signable.ts';
import { headOf, unitsOf } from '../domain/acts/signable.ts';
import { type Bytes32, parseHex } from '../domain/base/hex.ts';
import type { OfficeId, OfficerId } from '../domain/base/terms.ts';
import { json } from './codec.ts';
import type { Owner } from './operation.ts';
import { type AnyTable, ordinal, precious, type Store, type Transaction, under } from './store.ts';

export interface Trace {
  readonly act: Bytes32;
  readonly type: string;
  readonly kind: string;
  readonly owner: Pick<Owner, 'institution' | 'principal'>;
  readonly office: OfficeId;
  readonly preparer: OfficerId;
  readonly preparedAtMs: number;
  readonly endedAtMs: number;
  /** Who took it back; undefined of one that lapsed. */
  readonly by: string | undefined;
  /** Officers who had signed, by the part. */
  readonly signed: readonly { readonly part: 'preparer' | 'approver'; readonly officer: OfficerId }[];
  /** Units that it named, at most `UNITS_KEPT`. */
  readonly units: readonly Bytes32[];
  /** Programme, vendor and officer that it named. */
  readonly others: readonly Bytes32[];
}

/** Units that a trace names, and subjects that it is found by; a division names a thousand. */
const UNITS_KEPT = 50;
/** Beyond them the oldest are forgotten. */
const TRACES_MAX = 1_000_000;
const SWEEP_MAX = 1_000;
/** Looked at for one subject. */
const OF_SUBJECT_MAX = 500;

/** By the time of the end and the act. */
const traceTable = precious('actTraces', json<Trace>());
/** By subject, then the key of the trace. */
const subjectTable = precious('actTracesBySubject', json<true>());

export const traceTables: readonly AnyTable[] = [traceTable, subjectTable];

/** What a message names besides units. */
const NAMED = ['programme', 'vendor', 'officer'] as const;

interface Ended {
  readonly id: Bytes32;
  readonly type: string;
  readonly kind: string;
  readonly owner: Owner;
  readonly office: OfficeId;
  readonly createdAtMs: number;
  readonly signatures: readonly { readonly part: string; readonly signer: string }[];
}

export function leaveTrace(
  tx: Transaction,
  { id, type, kind, owner, office, createdAtMs, signatures }: Ended,
  content: Pick<SignableAct, 'typedData' | 'args' | 'items'>,
  { endedAtMs, by }: Pick<Trace, 'endedAtMs' | 'by'>,
): void {
  const { message } = content.typedData;
  const units = unitsOf(content).slice(0, UNITS_KEPT);
  const others = NAMED.flatMap((name) => (parseHex(String(message[name]), 32) ?? []) as readonly Bytes32[]);
  const signed = signatures.flatMap(({ part, signer }) =>
    part === 'preparer' || part === 'approver' ? [{ part, officer: signer as OfficerId } as const] : [],
  );
  const key = `${ordinal(endedAtMs)}/${id}`;
  const of: Trace['owner'] = { institution: owner.institution, principal: owner.principal };
  const { preparer } = headOf(content);
  const told = { act: id, type, kind, office, owner: of, preparer, preparedAtMs: createdAtMs };
  tx.put(traceTable, key, Object.assign(told, { endedAtMs, by, signed, units, others }));
  for (const subject of new Set([...units, ...others])) tx.put(subjectTable, `${subject}/${key}`, true);
}

/** Of one subject, newest first: at most `OF_SUBJECT_MAX`. */
export async function tracesAbout(store: Store, subject: string): Promise<readonly Trace[]> {
  const found: Trace[] = [];
  const range = Object.assign({ reverse: true, limit: OF_SUBJECT_MAX }, under(subject));
  for await (const [key] of store.range(subjectTable, range)) {
    const trace = await store.get(traceTable, key.slice(subject.length + 1));
    if (trace !== undefined) found.push(trace);
  }
  return found;
}

/** Forgets the oldest of too many; answers how many. */
export async function forgetTraces(store: Store): Promise<number> {
  const surplus = Math.min((await store.rows(traceTable)) - TRACES_MAX, SWEEP_MAX);
  if (surplus <= 0) return 0;
  const oldest: (readonly [string, Trace])[] = [];
  for await (const row of store.range(traceTable, { limit: surplus })) oldest.push(row);
  await store.transact((tx) => {
    for (const [key, { units, others }] of oldest) {
      tx.delete(traceTable, key);
      for (const subject of [...units, ...others]) tx.delete(subjectTable, `${subject}/${key}`);
    }
  }, 'finishing');
  return oldest.length;
}
