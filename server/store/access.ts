/**
 * The access log: one chain of lines a person, its head, and the receipt without which the vault opens nothing.
 *
 * Promises: a line and the new head are one synced write, and the receipt exists only after it; a receipt opens
 * once. Of whom a file found there are many lines in one write, which open nothing. Lines are never changed or deleted, the erased person's included. `disclose` appends; http lists.
 */

import { crashPoint } from '../crash.ts';
import type { Leaf } from '../domain/acts/merkle.ts';
import { MerkleTree } from '../domain/acts/merkle.ts';
import { Fault } from '../domain/base/fault.ts';
import { Refusal } from '../domain/base/refusal.ts';
import {
  type AccessHead,
  type AccessLine,
  accessLineHash,
  headLeaf,
  isChain,
  NO_ACCESS,
} from '../domain/people/access.ts';
import type { SubjectRef } from '../domain/people/schema.ts';
import { json } from './codec.ts';
import { type AnyTable, ordinal, precious, preciousSorted, type Store, type Transaction } from './store.ts';
import { liveSubject } from './subjects.ts';

const lineTable = precious('accessLines', json<AccessLine>());
const headTable = preciousSorted('accessHeads', json<AccessHead>());

export const accessTables: readonly AnyTable[] = [lineTable, headTable];

/** A page a person reads on a phone. */
const ACCESS_PAGE_MAX = 200;

/** What a caller decides of a line; the log adds its place in the chain. */
export type AccessDraft = Omit<AccessLine, 'version' | 'index' | 'previous'>;

/** Proof, inside this process, that the line is on disk. Made here only, spent by the vault once. */
export interface AccessReceipt {
  readonly subject: SubjectRef;
  readonly line: AccessLine;
}

const unspent = new WeakSet<AccessReceipt>();

/** For the vault: throws unless the log made this receipt and nobody has used it. */
export function spendReceipt(receipt: AccessReceipt): void {
  if (!unspent.delete(receipt)) throw new Error('no access line stands behind this reading');
}

/** For a tombstone: where the person's chain ends, in the transaction that ends it. */
export async function accessHeadIn(tx: Transaction, subject: SubjectRef): Promise<AccessHead> {
  return (await tx.get(headTable, subject)) ?? NO_ACCESS;
}

export interface AccessPage extends AccessHead {
  /** Newest first. */
  readonly newestFirst: readonly AccessLine[];
}

export class AccessLog {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Resolves when the line is synced; refuses as `subject-missing` or `erased`. Uses the reserve of a full disk: reading goes on while writing stops. */
  async append(subject: SubjectRef, draft: AccessDraft): Promise<AccessReceipt> {
    crashPoint('access.before-line');
    const line = await this.#store.transact(async (tx) => {
      await liveSubject(tx, subject);
      const { lines, head } = await accessHeadIn(tx, subject);
      const next: AccessLine = { ...draft, version: 1, index: lines + 1, previous: head };
      tx.insert(lineTable, `${subject}/${ordinal(next.index)}`, next);
      tx.put(headTable, subject, { lines: next.index, head: accessLineHash(next) });
      return next;
    }, 'finishing');
    crashPoint('access.after-line');
    const receipt: AccessReceipt = Object.freeze({ subject, line: Object.freeze(line) });
    unspent.add(receipt);
    return receipt;
  }

  /**
   * Resolves when a line of each is synced. Nobody gets two of the same by the same in the same case within a day, as of a file
   * that is sent again; somebody who was erased meanwhile gets none.
   */
  async note(lines: readonly { readonly subject: SubjectRef; readonly draft: AccessDraft }[]): Promise<void> {
    if (lines.length === 0) return;
    crashPoint('access.before-line');
    await this.#store.transact(async (tx) => {
      for (const { subject, draft } of lines) {
        const { lines: before, head } = await accessHeadIn(tx, subject);
        const newest = await tx.get(lineTable, `${subject}/${ordinal(before)}`);
        if ((newest !== undefined && isSaid(newest, draft)) || !(await isLive(tx, subject))) continue;
        const next: AccessLine = { ...draft, version: 1, index: before + 1, previous: head };
        tx.insert(lineTable, `${subject}/${ordinal(next.index)}`, next);
        tx.put(headTable, subject, { lines: next.index, head: accessLineHash(next) });
      }
    });
    crashPoint('access.after-line');
  }

  async head(subject: SubjectRef): Promise<AccessHead> {
    return (await this.#store.get(headTable, subject)) ?? NO_ACCESS;
  }

  /** The newest `limit` lines, or those before line `before`, with the whole count and head. A Fault when one is lost. */
  async list(subject: SubjectRef, limit: number, before = Number.MAX_SAFE_INTEGER): Promise<AccessPage> {
    const head = await this.head(subject);
    const newestFirst: AccessLine[] = [];
    const newest = Math.min(before - 1, head.lines);
    const most = Math.min(limit, ACCESS_PAGE_MAX);
    for (let index = newest; index > 0 && newestFirst.length < most; index--) {
      const line = await this.#store.get(lineTable, `${subject}/${ordinal(index)}`);
      if (line === undefined) throw new Fault('an access line is lost', { retryable: false });
      newestFirst.push(line);
    }
    const from = before > head.lines ? head : await this.#headBefore(subject, before);
    if (!isChain(newestFirst, from)) throw new Fault('an access line is lost', { retryable: false });
    return { ...head, newestFirst };
  }

  /** All heads in the order of their references, for anchoring; undefined while nobody was looked at. */
  async headsTree(): Promise<{ tree: MerkleTree; placeOf: ReadonlyMap<SubjectRef, number> } | undefined> {
    const leaves: Leaf[] = [];
    const placeOf = new Map<SubjectRef, number>();
    for await (const [key, head] of this.#store.range(headTable)) {
      const subject = key as SubjectRef;
      placeOf.set(subject, leaves.length);
      leaves.push(headLeaf(subject, head));
    }
    return leaves.length === 0 ? undefined : { tree: MerkleTree.of(leaves), placeOf };
  }

  async #headBefore(subject: SubjectRef, index: number): Promise<AccessHead> {
    const line = await this.#store.get(lineTable, `${subject}/${ordinal(index)}`);
    if (line === undefined) throw new Fault('an access line is lost', { retryable: false });
    return { lines: index - 1, head: line.previous };
  }
}

const DAY_MS = 86_400_000;

function isSaid(newest: AccessLine, { actor, caseReference, channel, atMs }: AccessDraft): boolean {
  const isSame = newest.actor === actor && newest.caseReference === caseReference;
  return isSame && newest.channel === channel && atMs - newest.atMs < DAY_MS;
}

async function isLive(tx: Transaction, subject: SubjectRef): Promise<boolean> {
  try {
    await liveSubject(tx, subject);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}
