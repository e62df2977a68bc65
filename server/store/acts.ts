/**
 * Acts that wait for their signatures: what is signed, and who has signed what so far.
 *
 * Promises: an act is kept until it is executed or lapses, and a while longer so that a retry finds it; its content
 * is written once and never again, so that a signature costs a small row; a part is signed once; preparer and
 * approver are two officers, whoever hands in for them; their number is bounded, and each institution's share of it. Everything here runs inside a transaction of the caller, so
 * that the last signature, the operation and the answer are one write.
 * It holds no openings (the vault does) and checks no signature (`commit` and the contract do).
 */
import { isDeepStrictEqual } from 'node:util';
import {
  type ActPart,
  headOf,
  type InstitutionsNeeded,
  partsOf,
  type SignableAct,
  type SignedPart,
} from '../domain/acts/signable.ts';
import { ACT_WAITS_SECONDS } from '../domain/acts/times.ts';
import type { Bytes32 } from '../domain/base/hex.ts';
import { type RefusalCode, refusal } from '../domain/base/refusal.ts';
import type { OfficeId } from '../domain/base/terms.ts';
import type { ProvenAppointment } from '../domain/power/measures.ts';
import type { GroundTaken } from './cadastre.ts';
import { json, text } from './codec.ts';
import type { OperationId, Owner } from './operation.ts';
import { type AnyTable, ordinal, precious, preciousSorted, type Store, type Transaction } from './store.ts';
import {
  forgetTraces,
  indexTraces,
  leaveTrace,
  type Trace,
  type TraceCount,
  traceCounts,
  tracesAbout,
  tracesBefore,
  traceTables,
} from './traces.ts';
import { placesOf, placeWaiting, requireShare, waitingTables } from './waitingActs.ts';

/** Acts that wait and acts executed within a month: some five thousand a day. */
const ACTS_KEPT_MAX = 200_000;
/** Two officers and the consents of 64 holders and 64 charge holders. */
const SIGNATURES_MAX = 130;
const ACT_WAITS_MS = Number(ACT_WAITS_SECONDS) * 1_000;
/** How long an executed act answers a retry. */
const EXECUTED_KEPT_MS = 30 * 24 * 3_600_000;
const SWEEP_MAX = 1_000;
/** Beyond them an act that ends is forgotten at once: who asks for it is told that there is none. */
const ENDED_KEPT_MAX = 200_000;
/** As long as a retry of what prepared it is told so. */
const ENDED_KEPT_MS = EXECUTED_KEPT_MS;

/** A signature and the principal who sent it. */
export type GivenSignature = SignedPart & { readonly principal: string };
export type ActSignature = GivenSignature & { readonly atMs: number };

/** What is signed and what is sent once it is; the openings of its facts are in the vault, under their roots. */
export interface ActContent
  extends Pick<
    SignableAct,
    'typedData' | 'args' | 'items' | 'institutions' | 'consents' | 'states' | 'opened'
  > {
  /** The unit, programme or cycle whose acts go in order. */
  readonly orderedBy: string;
  readonly ground: GroundTaken | undefined;
  /** Whom a vote's measure appoints, with the proofs of their keys: kept for the others once the vote is signed. */
  readonly appoints?: readonly ProvenAppointment[] | undefined;
  /** Commitments of facts, in the order of the act. */
  readonly roots: readonly Bytes32[];
}

export interface PendingAct {
  /** The entry id: the hash of the act. */
  readonly id: Bytes32;
  /** Its row in the table of acts. */
  readonly type: string;
  readonly kind: string;
  readonly owner: Owner;
  /** The office it is an act of. */
  readonly office: OfficeId;
  /** Whose officers sign it. */
  readonly institutions: InstitutionsNeeded;
  /** All that must be signed before it is executed. */
  readonly parts: readonly ActPart[];
  readonly signatures: readonly ActSignature[];
  readonly createdAtMs: number;
  /** Until when it is kept for those who sign it. */
  readonly expiresAtMs: number;
  /** By its own head: the ledger takes it no later, but for a standstill that gave its time back. */
  readonly deadlineMs: number;
  /** Set when it was executed. */
  readonly operation: OperationId | undefined;
  /** Set when all had signed before it could be recorded. */
  readonly held?: HeldAct | undefined;
}

/** An act that waits for nobody, but for its own time. */
export interface HeldAct {
  /** The first second at which all its parts count. */
  readonly fromSeconds: number;
  /** Why it was not carried out then; whoever hands in one of its signatures again has it tried again. */
  readonly refused?: RefusalCode;
}

/** A held act whose time has come, what it is about, and where it stands among them. */
export interface DueAct {
  readonly id: Bytes32;
  readonly orderedBy: string;
  readonly place: string;
}

/** What is remembered of an act that was taken back or lapsed: whose it was, so that they are told. */
export type EndedAct = Pick<PendingAct, 'type' | 'owner' | 'office' | 'institutions'>;

const actTable = preciousSorted('acts', json<PendingAct>());
const contentTable = precious('actContents', json<ActContent>());
/** What each act that is held is about, in the order of their times. */
const heldTable = preciousSorted('actsHeld', text);
const endedTable = preciousSorted('actsEnded', json<EndedAct & { readonly endedAtMs: number }>());

export const actTables: readonly AnyTable[] = [
  actTable,
  contentTable,
  heldTable,
  endedTable,
  ...waitingTables,
  ...traceTables,
];

/** With one signature more; an approval takes the place of the one before it, which may have lapsed. */
export function withSignature<S extends { readonly part: ActPart }>(signatures: readonly S[], added: S): S[] {
  return [...signatures.filter(({ part }) => part !== added.part), added];
}

/** Parts that are still to be signed. */
export function missingParts({
  parts,
  signatures,
}: {
  readonly parts: readonly ActPart[];
  readonly signatures: readonly { readonly part: ActPart }[];
}): readonly ActPart[] {
  return parts.filter((part) => !signatures.some((signature) => signature.part === part));
}

/**
 * Whether a part is among those of the act as it was handed in: who sends it again asks what became of it. The same bytes
 * under another officer, epoch or deadline are another part, which nobody judged.
 */
export function hasSignature({ signatures }: Pick<PendingAct, 'signatures'>, given: SignedPart): boolean {
  return signatures.some((one) => isDeepStrictEqual(signedIn(one), signedIn(given)));
}

function signedIn(one: SignedPart) {
  const { part, signer, signature } = one;
  return {
    part,
    signer,
    signature,
    approval: 'approval' in one && one.approval,
    consent: 'consent' in one && one.consent,
  };
}

export class PendingActs {
  readonly #store: Store;
  readonly #nowMs: () => number;

  constructor(store: Store, nowMs: () => number) {
    this.#store = store;
    this.#nowMs = nowMs;
  }

  /**
   * Keeps a new act; the same act prepared again is the act there is, and one that lapsed or whose operation has failed
   * waits again for its last officer. Refuses as `too-many-acts-kept`.
   */
  async add(
    tx: Transaction,
    act: SignableAct,
    owner: Owner,
    {
      orderedBy,
      ground,
      appoints,
    }: Pick<ActContent, 'orderedBy'> & Partial<Pick<ActContent, 'ground' | 'appoints'>>,
    hasFailed: (operation: OperationId) => Promise<boolean>,
  ): Promise<PendingAct> {
    const { entryId: id, kind, typedData, args, items = [], institutions, consents, states, factSets } = act;
    const { opened = [] } = act;
    const known = await tx.get(actTable, id);
    if (known !== undefined) return this.#again(tx, known, hasFailed);
    if ((await tx.rows(actTable)) >= ACTS_KEPT_MAX) {
      throw refusal('too-many-acts-kept', { limit: ACTS_KEPT_MAX, whose: 'all institutions together' });
    }
    await requireShare(tx, owner.institution);
    const createdAtMs = this.#nowMs();
    const pending: PendingAct = {
      id,
      type: typedData.primaryType,
      kind,
      owner,
      office: act.office ?? headOf(act).office,
      institutions,
      parts: partsOf(act),
      signatures: [],
      createdAtMs,
      expiresAtMs: createdAtMs + ACT_WAITS_MS,
      deadlineMs: Number(headOf(act).deadline) * 1_000,
      operation: undefined,
    };
    const roots = factSets.map(({ root }) => root);
    tx.insert(actTable, id, pending);
    const content: ActContent = {
      typedData,
      args,
      items,
      institutions,
      consents,
      states,
      opened,
      orderedBy,
      ground,
      appoints,
      roots,
    };
    tx.insert(contentTable, id, content);
    await placeWaiting(tx, pending, pending);
    tx.delete(endedTable, id);
    return pending;
  }

  /**
   * The signature that carried it out is asked for again, so that an officer decides it anew, once; what the others signed
   * stays, as an approval may be given again.
   */
  async #again(
    tx: Transaction,
    known: PendingAct,
    hasFailed: (operation: OperationId) => Promise<boolean>,
  ): Promise<PendingAct> {
    const nowMs = this.#nowMs();
    const { operation } = known;
    const isOver = operation === undefined ? known.expiresAtMs < nowMs : await hasFailed(operation);
    if (!isOver) return known;
    const decides: ActPart = known.parts.includes('approver') ? 'approver' : 'preparer';
    const signatures = known.signatures.filter(({ part }) => part !== decides);
    release(tx, known);
    const waiting: PendingAct = {
      ...known,
      held: undefined,
      signatures,
      expiresAtMs: nowMs + ACT_WAITS_MS,
      operation: undefined,
    };
    tx.put(actTable, known.id, waiting);
    await placeWaiting(tx, known, waiting);
    return waiting;
  }

  /**
   * Adds one signature. Handed in again it changes nothing, whatever became of the act; an approval may be given anew
   * by the same officer, and any part but the preparer's in the place of `replaced`, which counts no more. Refuses as
   * `act-missing`, `act-ended`, `act-executed`, `act-lapsed`, `part-already-signed` and `second-person-required`.
   */
  async sign(
    tx: Transaction,
    id: Bytes32,
    signature: GivenSignature,
    replaced?: SignedPart,
  ): Promise<PendingAct> {
    const known = await tx.get(actTable, id);
    if (known !== undefined && hasSignature(known, signature)) return known;
    const act = await this.#waiting(tx, id);
    const there = act.signatures.find(({ part }) => part === signature.part);
    if (there !== undefined && !mayReplace(there, signature, replaced)) throw refusal('part-already-signed');
    if (!isSecondPerson(act, signature)) throw refusal('second-person-required');
    if (act.signatures.length >= SIGNATURES_MAX) throw new Error('more signatures than an act has parts');
    const signed = {
      ...act,
      signatures: withSignature(act.signatures, { ...signature, atMs: this.#nowMs() }),
    };
    tx.put(actTable, id, signed);
    await placeWaiting(tx, act, signed);
    return signed;
  }

  /** With the operation that carries it out. */
  async execute(tx: Transaction, id: Bytes32, operation: OperationId): Promise<PendingAct> {
    const waiting = await this.#waiting(tx, id);
    const executed = Object.assign({}, waiting, { operation, held: undefined });
    tx.put(actTable, id, executed);
    await placeWaiting(tx, waiting, executed);
    release(tx, waiting);
    return executed;
  }

  /**
   * The ledger has it by another's transaction, whatever was still missing here or had failed. In a transaction of its own,
   * in which `begin` makes the operation; undefined where the act is not as it was looked at.
   */
  async find(
    { id, operation }: PendingAct,
    begin: (tx: Transaction) => Promise<OperationId>,
  ): Promise<OperationId | undefined> {
    return this.#store.transact(async (tx) => {
      const act = await tx.get(actTable, id);
      if (act === undefined || act.operation !== operation) return undefined;
      const found = await begin(tx);
      const executed = Object.assign({}, act, { operation: found, held: undefined });
      tx.put(actTable, id, executed);
      await placeWaiting(tx, act, executed);
      release(tx, act);
      return found;
    }, 'finishing');
  }

  /** All have signed, and its time has not come: `due` names it then. */
  async hold(tx: Transaction, id: Bytes32, fromSeconds: number): Promise<void> {
    const waiting = await this.#waiting(tx, id);
    release(tx, waiting);
    const held: HeldAct = { fromSeconds };
    tx.put(actTable, id, Object.assign({}, waiting, { held }));
    const about = (await tx.get(contentTable, id))?.orderedBy ?? '';
    tx.put(heldTable, placeOf(id, held), about);
  }

  /** The held acts whose time has come by now, in the order of their times, from behind a place on. */
  async *due(nowSeconds: bigint, behind = ''): AsyncGenerator<DueAct> {
    const until = { gt: behind, lt: ordinal(nowSeconds + 1n) };
    for await (const [place, orderedBy] of this.#store.range(heldTable, until)) {
      yield { id: idAt(place), orderedBy, place };
    }
  }

  /** What becomes of a held act, in a transaction of its own, while its signatures are those that were tried. */
  async ofHeld<T>(
    { id, signatures }: PendingAct,
    work: (tx: Transaction) => Promise<T>,
  ): Promise<T | undefined> {
    return this.#store.transact(async (tx) => {
      const act = await tx.get(actTable, id);
      const isSame = act?.held !== undefined && isDeepStrictEqual(act.signatures, signatures);
      return isSame ? work(tx) : undefined;
    });
  }

  /** Its time has come and the ledger said no: it waits for somebody who hands in a signature again. */
  async refuse(tx: Transaction, id: Bytes32, refused: RefusalCode): Promise<void> {
    const waiting = await this.#waiting(tx, id);
    release(tx, waiting);
    const fromSeconds = waiting.held?.fromSeconds ?? 0;
    tx.put(actTable, id, Object.assign({}, waiting, { held: { fromSeconds, refused } }));
  }

  /**
   * Before it is executed, or once that has failed; who holds its signatures can still send them, until the register is
   * told too.
   */
  async takeBack(
    tx: Transaction,
    id: Bytes32,
    hasFailed: (operation: OperationId) => Promise<boolean>,
    by: string,
  ): Promise<void> {
    const act = await tx.get(actTable, id);
    const operation = act?.operation;
    if (operation === undefined || !(await hasFailed(operation))) await this.#waiting(tx, id);
    if (act !== undefined) await this.#end(tx, act, by);
  }

  /** What it said is gone with it, and that there was an act is not. */
  async #end(tx: Transaction, act: PendingAct, by: string | undefined): Promise<void> {
    const { id, type, owner, office, institutions } = act;
    const content = await tx.get(contentTable, id);
    if (content !== undefined) await leaveTrace(tx, act, content, { endedAtMs: this.#nowMs(), by });
    await remove(tx, act);
    if ((await tx.rows(endedTable)) >= ENDED_KEPT_MAX) return;
    tx.put(endedTable, id, { type, owner, office, institutions, endedAtMs: this.#nowMs() });
  }

  /** Resolves when everything that a transaction may have seen so far is on disk, and shows. */
  synced(): Promise<void> {
    return this.#store.transact(() => {}, 'finishing');
  }

  async get(id: Bytes32): Promise<PendingAct | undefined> {
    return this.#store.get(actTable, id);
  }

  /** Whose it was, where it was taken back or lapsed within the last month. */
  async ended(id: Bytes32): Promise<EndedAct | undefined> {
    return this.#store.get(endedTable, id);
  }

  /** As it was prepared. Refuses as `act-missing` or `act-ended`. */
  async content(id: Bytes32): Promise<ActContent> {
    const content = await this.#store.get(contentTable, id);
    if (content === undefined)
      throw refusal((await this.ended(id)) === undefined ? 'act-missing' : 'act-ended');
    return content;
  }

  /**
   * Acts that still wait for a signature, in no order: those of an institution and those it may be asked to approve; all
   * of them where none is named.
   */
  async *waiting(institution?: number): AsyncGenerator<PendingAct> {
    const nowMs = this.#nowMs();
    for await (const id of placesOf(this.#store, institution)) {
      const act = await this.#store.get(actTable, id);
      if (act !== undefined && act.operation === undefined && act.expiresAtMs >= nowMs) yield act;
    }
  }

  /** Some of what has lapsed, here or on the ledger, and of what was executed long ago. */
  async over(isPassed: IsPassed): Promise<readonly PendingAct[]> {
    const nowMs = this.#nowMs();
    const over: PendingAct[] = [];
    for await (const [, act] of this.#store.range(actTable)) {
      if (isOver(act, nowMs, isPassed)) over.push(act);
      if (over.length === SWEEP_MAX) break;
    }
    return over;
  }

  /** In a transaction of its own, with what else is forgotten with it. */
  async forget(id: Bytes32, isPassed: IsPassed, alongside: (tx: Transaction) => void): Promise<void> {
    await this.#store.transact(async (tx) => {
      if (await this.remove(tx, id, isPassed)) alongside(tx);
    }, 'finishing');
  }

  /** False where it is not over: it may have been executed since. */
  async remove(tx: Transaction, id: Bytes32, isPassed: IsPassed): Promise<boolean> {
    const act = await tx.get(actTable, id);
    if (act === undefined || !isOver(act, this.#nowMs(), isPassed)) return false;
    if (act.operation === undefined) await this.#end(tx, act, undefined);
    else await remove(tx, act);
    return true;
  }

  /** What ended without being recorded and named this, newest first. */
  tracesAbout(subject: string): Promise<readonly Trace[]> {
    return tracesAbout(this.#store, subject);
  }

  /** What ended without being recorded, newest first: of one institution, or of all where none is named. */
  tracesBefore(
    institution: number | undefined,
    place: string | undefined,
  ): AsyncGenerator<readonly [place: string, trace: Trace]> {
    return tracesBefore(this.#store, institution, place);
  }

  /** At a start: lists what ended before such lists were kept. Answers how many there were. */
  indexEnded(): Promise<number> {
    return indexTraces(this.#store);
  }

  /** How many of them there are, by institution, office and type. */
  traceCounts(institution: number | undefined): AsyncGenerator<TraceCount> {
    return traceCounts(this.#store, institution);
  }

  /** Forgets what ended long ago; answers how many there were. */
  async forgetEnded(): Promise<number> {
    await forgetTraces(this.#store);
    const before = this.#nowMs() - ENDED_KEPT_MS;
    const ids: string[] = [];
    for await (const [id, { endedAtMs }] of this.#store.range(endedTable)) {
      if (endedAtMs < before) ids.push(id);
      if (ids.length === SWEEP_MAX) break;
    }
    if (ids.length === 0) return 0;
    await this.#store.transact((tx) => {
      for (const id of ids) tx.delete(endedTable, id);
    }, 'finishing');
    return ids.length;
  }

  async #waiting(tx: Transaction, id: Bytes32): Promise<PendingAct> {
    const act = await tx.get(actTable, id);
    if (act === undefined) {
      const isEnded = (await tx.get(endedTable, id)) !== undefined;
      throw refusal(isEnded ? 'act-ended' : 'act-missing');
    }
    if (act.operation !== undefined) throw refusal('act-executed');
    if (act.expiresAtMs < this.#nowMs()) throw refusal('act-lapsed');
    return act;
  }
}

/** What the ledger says of the last second of an act that nobody carried out. */
type IsPassed = (deadlineSeconds: bigint) => boolean;

function isOver(
  { operation, expiresAtMs, deadlineMs }: PendingAct,
  nowMs: number,
  isPassed: IsPassed,
): boolean {
  if (operation !== undefined) return expiresAtMs + EXECUTED_KEPT_MS < nowMs;
  return expiresAtMs < nowMs || isPassed(BigInt(Math.floor(deadlineMs / 1_000)));
}

async function remove(tx: Transaction, act: PendingAct): Promise<void> {
  const { id } = act;
  release(tx, act);
  tx.delete(actTable, id);
  tx.delete(contentTable, id);
  await placeWaiting(tx, act, undefined);
}

/** No longer among those that are carried out by themselves. */
function release(tx: Transaction, { id, held }: PendingAct): void {
  if (held !== undefined) tx.delete(heldTable, placeOf(id, held));
}

const placeOf = (id: Bytes32, { fromSeconds }: HeldAct): string => `${ordinal(fromSeconds)}/${id}`;
const idAt = (place: string): Bytes32 => place.slice(place.indexOf('/') + 1) as Bytes32;

/** In the place of an approval or a consent that counts nobody puts another, but its own officer. */
function mayReplace(there: ActSignature, given: GivenSignature, replaced: SignedPart | undefined): boolean {
  if (there.part === 'approver' && there.signer === given.signer) return true;
  return replaced !== undefined && isDeepStrictEqual(signedIn(there), signedIn(replaced));
}

/** Two officers sign: which token handed in says nothing of who did. */
function isSecondPerson(act: PendingAct, { part, signer }: GivenSignature): boolean {
  if (part !== 'preparer' && part !== 'approver') return true;
  const other = act.signatures.find((one) => one.part === (part === 'preparer' ? 'approver' : 'preparer'));
  return other?.signer !== signer;
}
