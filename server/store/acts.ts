/**
 * Prepared acts on their way to two signatures: what was prepared, and who has signed what so far.
 *
 * Promises: an act is kept until it is executed or lapses, and a while longer so that a retry finds it; its content
 * is written once and never again, so that a signature costs a small row; a part is signed once; preparer and
 * approver are two principals; their number is bounded. Everything here runs inside a transaction of the caller, so
 * that the last signature, the operation and the answer are one write.
 * It holds no openings (the vault does) and checks no signature (`commit` and the contract do).
 */
import type { Bytes32, Hex } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import { json, text } from './codec.ts';
import type { OperationId, Owner } from './operation.ts';
import { type AnyTable, precious, type Store, type Transaction } from './store.ts';

/** Acts that wait and acts executed within a month: some five thousand a day. */
export const ACTS_KEPT_MAX = 200_000;
/** Two officers and the consents of 64 holders and 64 charge holders. */
const SIGNATURES_MAX = 130;
/** How long an executed act answers a retry. */
const EXECUTED_KEPT_MS = 30 * 24 * 3_600_000;
const SWEEP_MAX = 1_000;

/** `preparer`, `approver`, or `consent-` and the place among the act's consents. */
export type ActPart = 'preparer' | 'approver' | `consent-${number}`;

export interface ActSignature {
  readonly part: ActPart;
  /** The officer's id, or the hash of the consenting key. */
  readonly signer: Bytes32;
  readonly signature: Hex;
  /** What was signed beside the act: the approval's or consent's own fields, as JSON. */
  readonly signed: string;
  /** The principal who handed it in. */
  readonly principal: string;
  readonly atMs: number;
}

export interface PreparedAct {
  /** The entry id: the hash of the act. */
  readonly id: Bytes32;
  readonly kind: string;
  readonly owner: Owner;
  /** All that must be signed before it is executed. */
  readonly parts: readonly ActPart[];
  readonly signatures: readonly ActSignature[];
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  /** Set when it was executed. */
  readonly operation: OperationId | undefined;
}

const actTable = precious('acts', json<PreparedAct>());
const contentTable = precious('actContents', text);

export const actTables: readonly AnyTable[] = [actTable, contentTable];

/** An act as `commit` hands it in; `content` is whatever its execution needs, as one text. */
export type NewAct = Pick<PreparedAct, 'id' | 'kind' | 'owner' | 'parts' | 'expiresAtMs'> & {
  readonly content: string;
};

/** With one signature more; an approval takes the place of the one before it, which may have lapsed. */
export function withSignature<S extends { readonly part: ActPart }>(signatures: readonly S[], added: S): S[] {
  return [...signatures.filter(({ part }) => part !== 'approver' || part !== added.part), added];
}

/** Parts that are still to be signed. */
export function missingParts({ parts, signatures }: PreparedAct): readonly ActPart[] {
  return parts.filter((part) => !signatures.some((signature) => signature.part === part));
}

export class Acts {
  readonly #store: Store;
  readonly #nowMs: () => number;

  constructor(store: Store, nowMs: () => number) {
    this.#store = store;
    this.#nowMs = nowMs;
  }

  /** Keeps a new act; the same act prepared again is the act there is. Refuses as `too-many-acts-kept`. */
  prepare(tx: Transaction, { content, ...act }: NewAct): PreparedAct {
    const known = tx.get(actTable, act.id);
    if (known !== undefined) return known;
    if (tx.rows(actTable) >= ACTS_KEPT_MAX) throw refusal('too-many-acts-kept', { limit: ACTS_KEPT_MAX });
    const prepared: PreparedAct = {
      ...act,
      signatures: [],
      createdAtMs: this.#nowMs(),
      operation: undefined,
    };
    tx.insert(actTable, act.id, prepared);
    tx.insert(contentTable, act.id, content);
    return prepared;
  }

  /**
   * Adds one signature. Handed in again it changes nothing; an approval may be given anew, without new consents, as
   * the one before may have lapsed or its officer be gone. Refuses as `act-missing`, `act-executed`, `act-lapsed`,
   * `part-already-signed` and `second-person-required`.
   */
  sign(tx: Transaction, id: Bytes32, signature: Omit<ActSignature, 'atMs'>): PreparedAct {
    const act = this.#waiting(tx, id);
    const there = act.signatures.find(({ part }) => part === signature.part);
    if (there?.signature === signature.signature) return act;
    if (there !== undefined && there.part !== 'approver') throw refusal('part-already-signed');
    if (!isSecondPerson(act, signature)) throw refusal('second-person-required');
    if (act.signatures.length >= SIGNATURES_MAX) throw new Error('more signatures than an act has parts');
    const signed = {
      ...act,
      signatures: withSignature(act.signatures, { ...signature, atMs: this.#nowMs() }),
    };
    tx.put(actTable, id, signed);
    return signed;
  }

  /** With the operation that carries it out. */
  execute(tx: Transaction, id: Bytes32, operation: OperationId): PreparedAct {
    const executed = { ...this.#waiting(tx, id), operation };
    tx.put(actTable, id, executed);
    return executed;
  }

  /** Before it is executed; who holds its signatures can still send them, until the register is told too. */
  takeBack(id: Bytes32): Promise<void> {
    return this.#store.transact((tx) => {
      this.#waiting(tx, id);
      remove(tx, id);
    });
  }

  async get(id: Bytes32): Promise<PreparedAct | undefined> {
    return this.#store.get(actTable, id);
  }

  /** Word for word as it was prepared; undefined where there is no such act. */
  async content(id: Bytes32): Promise<string | undefined> {
    return this.#store.get(contentTable, id);
  }

  /** Removes what has lapsed, and what was executed long ago. */
  async sweep(): Promise<number> {
    const nowMs = this.#nowMs();
    const isOver = ({ operation, expiresAtMs }: PreparedAct) =>
      operation === undefined ? expiresAtMs < nowMs : expiresAtMs + EXECUTED_KEPT_MS < nowMs;
    const over: string[] = [];
    for await (const [id, act] of this.#store.range(actTable)) {
      if (isOver(act)) over.push(id);
      if (over.length === SWEEP_MAX) break;
    }
    await this.#store.transact((tx) => {
      for (const id of over) {
        const act = tx.get(actTable, id); // it may have been executed since
        if (act !== undefined && isOver(act)) remove(tx, id as Bytes32);
      }
    }, 'finishing');
    return over.length;
  }

  #waiting(tx: Transaction, id: Bytes32): PreparedAct {
    const act = tx.get(actTable, id);
    if (act === undefined) throw refusal('act-missing');
    if (act.operation !== undefined) throw refusal('act-executed');
    if (act.expiresAtMs < this.#nowMs()) throw refusal('act-lapsed');
    return act;
  }
}

function remove(tx: Transaction, id: Bytes32): void {
  tx.delete(actTable, id);
  tx.delete(contentTable, id);
}

/** Preparer and approver are two principals and two officers. */
function isSecondPerson(act: PreparedAct, { part, principal, signer }: Omit<ActSignature, 'atMs'>): boolean {
  if (part !== 'preparer' && part !== 'approver') return true;
  const other = act.signatures.find((one) => one.part === (part === 'preparer' ? 'approver' : 'preparer'));
  return other === undefined || (other.principal !== principal && other.signer !== signer);
}
