/**
 * What is left of an act that ended without being recorded: that there was one, about what, who prepared it, who had
 * signed, and who took it back or that it lapsed. Nothing that it said of people is in it.
 *
 * Promises: written in the transaction that ends the act, and kept when the act itself is forgotten; found by every unit,
 * programme, vendor or officer that the act named, and in the list of whose office prepared it. Histories read them beside
 * what was recorded.
 */
import type { SignableAct } from '../domain/acts/signable.ts';
import { headOf, unitsOf } from '../domain/acts/signable.ts';
import { type Bytes32, parseHex } from '../domain/base/hex.ts';
import type { OfficeId, OfficerId } from '../domain/base/terms.ts';
import { json } from './codec.ts';
import type { Owner } from './operation.ts';
import { type AnyTable, ordinal, preciousSorted, type Store, type Transaction, under } from './store.ts';

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
/** Behind the digits that places begin with. */
const AFTER_ALL = 'g';

/** By the time of the end and the act. */
const traceTable = preciousSorted('actTraces', json<Trace>());
/** By subject, or the institution whose office prepared it, then the key of the trace. */
const subjectTable = preciousSorted('actTracesBySubject', json<true>());
/** By institution, office and type. */
const countTable = preciousSorted('actTraceCounts', json<TraceCount>());

export const traceTables: readonly AnyTable[] = [traceTable, subjectTable, countTable];

/** How many there are of an office and a type of acts, so that nobody counts them. */
export interface TraceCount extends Pick<Trace, 'type' | 'office'> {
  readonly owner: Pick<Owner, 'institution'>;
  readonly traces: number;
}

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

export async function leaveTrace(
  tx: Transaction,
  { id, type, kind, owner, office, createdAtMs, signatures }: Ended,
  content: Pick<SignableAct, 'typedData' | 'args' | 'items'>,
  { endedAtMs, by }: Pick<Trace, 'endedAtMs' | 'by'>,
): Promise<void> {
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
  for (const subject of placesOf({ owner: of, units, others }))
    tx.put(subjectTable, `${subject}/${key}`, true);
  await countTraces(tx, { type, office, owner: of }, 1);
}

async function countTraces(tx: Transaction, of: Omit<TraceCount, 'traces'>, more: number): Promise<void> {
  const { type, office, owner } = of;
  const key = `${owner.institution}/${office}/${type}`;
  const before = (await tx.get(countTable, key))?.traces ?? 0;
  const { institution } = owner;
  tx.put(countTable, key, { type, office, owner: { institution }, traces: Math.max(before + more, 0) });
}

/** Of one institution, or of all. */
export async function* traceCounts(
  store: Store,
  institution: number | undefined,
): AsyncGenerator<TraceCount> {
  const range = institution === undefined ? {} : under(`${institution}`);
  for await (const [, count] of store.range(countTable, range)) yield count;
}

/** What the keys of a trace begin with, each once. */
const placesOf = ({ owner, units, others }: Pick<Trace, 'owner' | 'units' | 'others'>): ReadonlySet<string> =>
  new Set([placeOfInstitution(owner.institution), ...units, ...others]);

const placeOfInstitution = (institution: number): string => `institution-${institution}`;

/** Where a trace stands in the list of all: what a cursor holds. */
export const TRACE_PLACE = /^[0-9a-f]{16}\/0x[0-9a-f]{64}$/;

/** Newest first, from before a place on: of one institution's offices, or of all where none is named. */
export async function* tracesBefore(
  store: Store,
  institution: number | undefined,
  before: string | undefined,
): AsyncGenerator<readonly [place: string, trace: Trace]> {
  const first = institution === undefined ? '' : `${placeOfInstitution(institution)}/`;
  const range = { reverse: true, gte: first, lt: `${first}${before ?? AFTER_ALL}` };
  if (institution === undefined) return yield* store.range(traceTable, range);
  for await (const [key] of store.range(subjectTable, range)) {
    const place = key.slice(first.length);
    const trace = await store.get(traceTable, place);
    if (trace !== undefined) yield [place, trace];
  }
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

/**
 * Lists and counts traces that were left before they were; answers how many. Where all are counted none is read; else each
 * is read once, so many in a transaction, and one that stands under its institution was counted with it. What a kill leaves
 * is done at the next start.
 */
export async function indexTraces(store: Store): Promise<number> {
  let counted = 0;
  for await (const { traces } of traceCounts(store, undefined)) counted += traces;
  let [indexed, behind] = [0, ''];
  while (counted + indexed < (await store.rows(traceTable))) {
    const some: (readonly [string, Trace])[] = [];
    for await (const row of store.range(traceTable, { gt: behind, limit: SWEEP_MAX })) some.push(row);
    if (some.length === 0) break;
    behind = some.at(-1)?.[0] ?? behind;
    indexed += await store.transact(async (tx) => {
      let added = 0;
      for (const [key, trace] of some) {
        const own = `${placeOfInstitution(trace.owner.institution)}/${key}`;
        if ((await tx.get(subjectTable, own)) !== undefined) continue;
        for (const subject of placesOf(trace)) tx.put(subjectTable, `${subject}/${key}`, true);
        await countTraces(tx, trace, 1);
        added++;
      }
      return added;
    }, 'finishing');
  }
  return indexed;
}

/** Forgets the oldest of too many; answers how many. */
export async function forgetTraces(store: Store): Promise<number> {
  const surplus = Math.min((await store.rows(traceTable)) - TRACES_MAX, SWEEP_MAX);
  if (surplus <= 0) return 0;
  const oldest: (readonly [string, Trace])[] = [];
  for await (const row of store.range(traceTable, { limit: surplus })) oldest.push(row);
  await store.transact(async (tx) => {
    for (const [key, trace] of oldest) {
      await countTraces(tx, trace, -1);
      tx.delete(traceTable, key);
      for (const subject of placesOf(trace)) tx.delete(subjectTable, `${subject}/${key}`);
    }
  }, 'finishing');
  return oldest.length;
}
