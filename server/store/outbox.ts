/**
 * The outbox: every accepted operation from the first synced byte to its place in the views.
 *
 * Promises: an operation exists on disk before anybody is told so; its signed bytes, hash and nonce are one write
 * with the relayer's counter, and are on disk before the first send; a retry sends the same bytes; one lane's
 * nonces have no gap and none is used twice; a last state comes from a verified receipt or from a rule, never from
 * a node's error. The outbox is at least once; once only is the contract's job.
 * `commit` receives and authorises, the pipeline signs and sends, the loop in `main` reports blocks.
 */
import { crashPoint } from '../crash.ts';
import type { Bytes32, Hex } from '../domain/base/hex.ts';
import { type RefusalCode, refusal } from '../domain/base/refusal.ts';
import { json, text } from './codec.ts';
import {
  assertAllowed,
  type Call,
  type EntryPlace,
  isLast,
  isPast,
  laneOf,
  NONCE_FILL,
  newOperation,
  type Operation,
  type OperationDraft,
  type OperationId,
  type OperationState,
  type SignedBytes,
  type TransactionSigner,
} from './operation.ts';
import {
  type AnyTable,
  precious,
  preciousSorted,
  type Range,
  type Store,
  type Transaction,
  under,
} from './store.ts';

/** Accepted and not finished. Ten minutes of a busy network; beyond it a caller waits at home, not here. */
export const UNFINISHED_MAX = 20_000;
/** A page of operations. */
export const OPERATIONS_PAGE_MAX = 200;
/** One relayer key each: an operation that is stuck holds back its own lane only. */
export const DEFAULT_LANES = 4;

const operationTable = precious('operations', json<Operation>());
const unfinishedTable = preciousSorted('unfinishedOperations', text, { auditedAtOpen: true });
const byInstitutionTable = preciousSorted('operationsByInstitution', text);
const byHashTable = precious('operationsByHash', text);
const callTable = precious('calls', json<Call>());
const rawTable = precious('signedBytes', text);
/** `lane/nonce` to the operations signed with it: more than one after a gap was filled. */
const byNonceTable = precious('operationsByNonce', json<readonly OperationId[]>());
const nonceTable = preciousSorted('nonces', json<number>(), { auditedAtOpen: true });

export const outboxTables: readonly AnyTable[] = [
  operationTable,
  unfinishedTable,
  byInstitutionTable,
  byHashTable,
  callTable,
  rawTable,
  byNonceTable,
  nonceTable,
];

export async function openOutbox(store: Store, nowMs: () => number, lanes = DEFAULT_LANES): Promise<Outbox> {
  const nonces = new Map<number, number>();
  for await (const [lane, nonce] of store.range(nonceTable)) nonces.set(Number(lane), nonce);
  return new Outbox(store, nowMs, lanes, nonces);
}

/** Where the ledger has what nobody here sent. */
export type FoundAt = Pick<Operation, 'transactionHash' | 'blockNumber' | 'entries'>;

export class Outbox {
  readonly lanes: number;
  readonly #store: Store;
  readonly #nowMs: () => number;
  /** Next nonce of each lane, as the transactions decided so far leave it. */
  readonly #nonces: Map<number, number>;
  /** The signing that a lane's next one waits for. */
  readonly #turns = new Map<number, Promise<unknown>>();

  /** Use `openOutbox`. */
  constructor(store: Store, nowMs: () => number, lanes: number, nonces: Map<number, number>) {
    this.#store = store;
    this.#nowMs = nowMs;
    this.lanes = lanes;
    this.#nonces = nonces;
  }

  /** Resolves when RECEIVED is synced. Refuses as `outbox-full`. */
  async receive(draft: OperationDraft): Promise<Operation> {
    crashPoint('outbox.before-received');
    const operation = await this.#store.transact((tx) => this.receiveIn(tx, draft));
    crashPoint('outbox.received');
    return operation;
  }

  /** The same inside a transaction of the caller, with the last signature or the idempotent answer. */
  async receiveIn(tx: Transaction, draft: OperationDraft): Promise<Operation> {
    if ((await tx.rows(unfinishedTable)) >= UNFINISHED_MAX) {
      throw refusal('outbox-full', { limit: UNFINISHED_MAX });
    }
    return begin(tx, newOperation(draft, laneOf(draft.orderedBy, this.lanes), this.#nowMs()));
  }

  /** RECEIVED and AUTHORISED in one write, where the call was made before anything was kept. */
  async acceptIn(tx: Transaction, draft: OperationDraft, call: Call): Promise<Operation> {
    const received = await this.receiveIn(tx, draft);
    tx.put(callTable, received.id, call);
    return move(tx, received, 'AUTHORISED', {}, this.#nowMs());
  }

  /** FINAL in one write: an act of ours that the ledger has by another's transaction. */
  foundIn(tx: Transaction, draft: OperationDraft, at: FoundAt): Operation {
    const begun = begin(tx, newOperation(draft, laneOf(draft.orderedBy, this.lanes), this.#nowMs()));
    return move(tx, begun, 'FINAL', at, this.#nowMs());
  }

  /** What it was to carry out, another's transaction has: its own is on its way in vain. */
  async overtaken(id: OperationId, at: FoundAt): Promise<Operation> {
    return this.#move(id, 'FINAL', async (before, tx) => {
      await supersedeRivals(tx, before, this.#nowMs());
      return at;
    });
  }

  /** Inside a transaction: whether an operation is over and nothing of it is on the ledger. */
  async hasFailedIn(tx: Transaction, id: OperationId): Promise<boolean> {
    const state = (await tx.get(operationTable, id))?.state;
    return state === 'REFUSED' || state === 'REVERTED' || state === 'SUPERSEDED';
  }

  /** What an unfinished operation is to do; undefined once it is over. */
  async callOf(id: OperationId): Promise<Call | undefined> {
    return this.#store.get(callTable, id);
  }

  /** The signatures are good and this is the call they allow. */
  async authorise(id: OperationId, call: Call): Promise<Operation> {
    return this.#move(id, 'AUTHORISED', (_, tx) => {
      tx.put(callTable, id, call);
      return {};
    });
  }

  /** A rule says no; nothing was signed. */
  async refuse(id: OperationId, errorCode: RefusalCode): Promise<Operation> {
    return this.#move(id, 'REFUSED', () => ({ errorCode }));
  }

  /**
   * Takes the lane's next nonce, signs, and stores bytes, hash and counter as one write; resolves when it is synced
   * and may be sent. Signings of one lane take turns, but do not wait for each other's sync.
   */
  async sign(id: OperationId, signer: TransactionSigner): Promise<Operation> {
    const [operation, call] = [await this.get(id), await this.#store.get(callTable, id)];
    if (operation === undefined || call === undefined) throw new Error('signing what was not authorised');
    const stored = await this.#inTurn(operation.lane, async () => {
      const nonce = this.#nonces.get(operation.lane) ?? 0;
      crashPoint('outbox.nonce-taken');
      const signed = await signer(call, operation.lane, nonce);
      crashPoint('outbox.signed-in-memory');
      const decided = Promise.withResolvers<void>();
      const stored = this.#move(id, 'SIGNED', async (_, tx) => {
        if (((await tx.get(nonceTable, String(operation.lane))) ?? 0) !== nonce)
          throw new Error('a nonce out of turn');
        tx.put(nonceTable, String(operation.lane), nonce + 1);
        const changes = await storeSigned(tx, id, operation.lane, nonce, signed);
        this.#nonces.set(operation.lane, nonce + 1);
        decided.resolve();
        return changes;
      });
      await Promise.race([decided.promise, stored]);
      return { stored };
    });
    crashPoint('outbox.signed-stored');
    return stored;
  }

  /**
   * For an operation no node will ever take: another transaction with its nonce, so that the lane goes on.
   * Whichever of the two a block holds, the other is SUPERSEDED then.
   */
  async fill(stuck: OperationId, call: Call, signer: TransactionSigner): Promise<Operation> {
    const operation = await this.get(stuck);
    const nonce = operation?.nonce;
    if (operation === undefined || nonce === undefined)
      throw new Error('filling the nonce of what was not signed');
    const signed = await signer(call, operation.lane, nonce);
    const { owner, office, lane } = operation;
    return this.#store.transact(async (tx) => {
      const filler = newOperation({ kind: NONCE_FILL, owner, office, acts: [] }, lane, this.#nowMs());
      const stored = await storeSigned(tx, filler.id, lane, nonce, signed);
      return begin(tx, Object.assign({}, filler, { state: 'SIGNED' as const }, stored));
    }, 'finishing');
  }

  /** Its nonce was used by what nobody here signed: proved, for nothing of it can be mined any more. */
  async superseded(id: OperationId): Promise<Operation> {
    return this.#move(id, 'SUPERSEDED', () => ({}));
  }

  /** Of bytes that were given up meanwhile, nothing is kept. */
  async sent(id: OperationId, hash?: Bytes32): Promise<Operation> {
    const isOfThese = (before: Operation) => hash === undefined || before.transactionHash === hash;
    return this.#move(id, 'SENT', () => ({}), isOfThese);
  }

  /**
   * A verified receipt says that its bytes ran out of gas, and nothing of it is on the ledger: it is signed once more, with the
   * next nonce, and asks for the most that its call may.
   */
  async again(id: OperationId): Promise<Operation> {
    return this.#move(id, 'AUTHORISED', async (before, tx) => {
      const call = await tx.get(callTable, id);
      if (call === undefined) throw new Error('signing again what has no call');
      tx.put(callTable, id, Object.assign({}, call, { asksMost: true }));
      await supersedeRivals(tx, before, this.#nowMs());
      return { nonce: undefined, transactionHash: undefined };
    });
  }

  /** A verified receipt says that it succeeded. Said again of the same block, it changes nothing. */
  async mined(id: OperationId, blockNumber: bigint): Promise<Operation> {
    const operation = await this.#move(id, 'MINED', async (before, tx) => {
      await supersedeRivals(tx, before, this.#nowMs());
      return { blockNumber };
    });
    if (operation.blockNumber !== blockNumber) throw new Error('one transaction in two blocks');
    crashPoint('outbox.mined');
    return operation;
  }

  /** A verified receipt says that the contract refused it. */
  async reverted(
    id: OperationId,
    blockNumber: bigint,
    errorCode: RefusalCode | undefined,
  ): Promise<Operation> {
    return this.#move(id, 'REVERTED', async (before, tx) => {
      await supersedeRivals(tx, before, this.#nowMs());
      return { blockNumber, errorCode };
    });
  }

  async final(id: OperationId, entries: readonly EntryPlace[]): Promise<Operation> {
    const operation = await this.#move(id, 'FINAL', () => ({ entries }));
    crashPoint('outbox.final');
    return operation;
  }

  async projected(id: OperationId): Promise<Operation> {
    const operation = await this.#move(id, 'PROJECTED', () => ({}));
    crashPoint('outbox.projected');
    return operation;
  }

  async get(id: OperationId): Promise<Operation | undefined> {
    return this.#store.get(operationTable, id);
  }

  async ofTransaction(hash: Bytes32): Promise<Operation | undefined> {
    const id = await this.#store.get(byHashTable, hash);
    return id === undefined ? undefined : this.get(id as OperationId);
  }

  /** An institution's operations, newest first, from before one of them. */
  async list(institution: number, limit: number, before?: OperationId): Promise<readonly Operation[]> {
    const scope = under(String(institution));
    const range: Range = {
      gte: scope.gte,
      lt: before === undefined ? scope.lt : scope.gte + before,
      reverse: true,
    };
    const listed: Operation[] = [];
    const page = { ...range, limit: Math.min(limit, OPERATIONS_PAGE_MAX) };
    for await (const [, id] of this.#store.range(byInstitutionTable, page)) {
      const operation = await this.get(id as OperationId);
      if (operation !== undefined) listed.push(operation);
    }
    return listed;
  }

  /** What a start has to take up again, oldest first. */
  async *unfinished(): AsyncGenerator<Operation> {
    for await (const [id] of this.#store.range(unfinishedTable)) {
      const operation = await this.get(id as OperationId);
      if (operation !== undefined) yield operation;
    }
  }

  unfinishedCount(): Promise<number> {
    return this.#store.rows(unfinishedTable);
  }

  /** How long the oldest of them has waited; undefined where none does. */
  async oldestWaitsMs(): Promise<number | undefined> {
    for await (const { createdAtMs } of this.unfinished()) return Math.max(0, this.#nowMs() - createdAtMs);
    return undefined;
  }

  /** The bytes to send, and to send again. */
  async raw(id: OperationId): Promise<Hex> {
    const raw = await this.#store.get(rawTable, id);
    if (raw === undefined) throw new Error('sending what was not signed');
    return raw as Hex;
  }

  /** After a lost or restored store: the chain has consumed nonces we do not remember. Never goes back. */
  async catchUpNonce(lane: number, chainNonce: number): Promise<void> {
    await this.#store.transact(async (tx) => {
      if (((await tx.get(nonceTable, String(lane))) ?? 0) >= chainNonce) return;
      tx.put(nonceTable, String(lane), chainNonce);
      this.#nonces.set(lane, chainNonce);
    }, 'finishing');
  }

  async #inTurn<R>(lane: number, work: () => Promise<{ stored: Promise<R> }>): Promise<R> {
    const turn = (this.#turns.get(lane) ?? Promise.resolve()).then(work);
    this.#turns.set(
      lane,
      turn.catch(() => {}),
    );
    return (await turn).stored;
  }

  /** One transition; where the operation is already there or beyond on the way to PROJECTED, nothing. */
  async #move(
    id: OperationId,
    state: OperationState,
    change: (before: Operation, tx: Transaction) => Partial<Operation> | Promise<Partial<Operation>>,
    isMeant: (before: Operation) => boolean = () => true,
  ): Promise<Operation> {
    return this.#store.transact(async (tx) => {
      const before = await tx.get(operationTable, id);
      if (before === undefined) throw new Error('there is no such operation');
      if (isPast(before.state, state) || !isMeant(before)) return before;
      assertAllowed(before.state, state); // before `change`, which may take a nonce
      return move(tx, before, state, await change(before, tx), this.#nowMs());
    }, 'finishing');
  }
}

function begin(tx: Transaction, operation: Operation): Operation {
  tx.insert(operationTable, operation.id, operation);
  tx.insert(unfinishedTable, operation.id, '');
  tx.insert(byInstitutionTable, `${operation.owner.institution}/${operation.id}`, operation.id);
  return operation;
}

function move(
  tx: Transaction,
  before: Operation,
  state: OperationState,
  changes: Partial<Operation>,
  nowMs: number,
): Operation {
  assertAllowed(before.state, state);
  const after: Operation = { ...before, ...changes, state, updatedAtMs: nowMs };
  tx.put(operationTable, before.id, after);
  if (isLast(state)) {
    tx.delete(unfinishedTable, before.id);
    tx.delete(callTable, before.id); // the chain has them now, or never will
    tx.delete(rawTable, before.id);
  }
  return after;
}

async function storeSigned(
  tx: Transaction,
  id: OperationId,
  lane: number,
  nonce: number,
  { raw, hash }: SignedBytes,
) {
  const place = `${lane}/${nonce}`;
  tx.put(rawTable, id, raw);
  tx.put(byHashTable, hash, id);
  tx.put(byNonceTable, place, [...((await tx.get(byNonceTable, place)) ?? []), id]);
  return { nonce, transactionHash: hash };
}

/** One nonce is consumed once: the others that carry it never can be mined. */
async function supersedeRivals(tx: Transaction, mined: Operation, nowMs: number): Promise<void> {
  for (const id of (await tx.get(byNonceTable, `${mined.lane}/${mined.nonce}`)) ?? []) {
    const rival = id === mined.id ? undefined : await tx.get(operationTable, id);
    if (rival !== undefined && rival.state !== 'SUPERSEDED') move(tx, rival, 'SUPERSEDED', {}, nowMs);
  }
}
