/**
 * The one way in: from a prepared act to an entry everybody can see.
 *
 * An act passes once, and a crash after each step leaves:
 *   1. `prepare`  what the act carries is noted, the vault takes the openings, then the act waits for signatures. An
 *                 orphan is found by its note and destroyed; a title whose evidence is lost is not made good.
 *   2. `sign`     each signature is kept. With the last one the call is tried against the ledger as it stands: a
 *                 refusal changes nothing. Then operation, executed act and answer are one synced write: 202. Where
 *                 only its time has not come it is held, and tried again by `carryOn` when it has.
 *   3. `#carry`   SIGNED and SENT. A start takes up every operation where it was.
 *   4. `seen`     a verified block holds the transaction: MINED and FINAL, REVERTED, or once more
 *                 AUTHORISED where its gas ran out.
 *   5. `shown`    the views show it: PROJECTED, and whoever waits is answered.
 * Once only is the contract's doing; this is at least once. It holds no key that can approve anything.
 * Wired by `main`; http asks it, the one loop in `main` tells it of blocks.
 */
import { crashPoint } from '../crash.ts';
import type { EventBlock } from '../domain/acts/events.ts';
import { isPassed } from '../domain/acts/moment.ts';
import {
  type ActPart,
  correctionOf,
  headOf,
  requireFounded,
  type SignableAct,
  type SignedPart,
} from '../domain/acts/signable.ts';
import { firstSecondOf, judgeTogether } from '../domain/acts/times.ts';
import { Fault } from '../domain/base/fault.ts';
import type { Address, Bytes32 } from '../domain/base/hex.ts';
import { Refusal, type RefusalCode, refusal } from '../domain/base/refusal.ts';
import type { EntryId } from '../domain/base/terms.ts';
import type { ProvenAppointment } from '../domain/power/measures.ts';
import { gasSpent } from '../ledger/gasSpent.ts';
import type { VerifiedBlock } from '../ledger/ledger.ts';
import { NodeError } from '../ledger/provider.ts';
import {
  type ActContent,
  type EndedAct,
  type GivenSignature,
  hasSignature,
  missingParts,
  type PendingAct,
  type PendingActs,
  withSignature,
} from '../store/acts.ts';
import type { GroundTaken } from '../store/cadastre.ts';
import type { Carried, CarriedThings } from '../store/carried.ts';
import type { Claim, Idempotency } from '../store/idempotency.ts';
import type {
  Call,
  Operation,
  OperationDraft,
  OperationId,
  Owner,
  TransactionSigner,
} from '../store/operation.ts';
import { isLast } from '../store/operation.ts';
import type { Outbox } from '../store/outbox.ts';
import type { Proposals } from '../store/proposals.ts';
import type { Transaction } from '../store/store.ts';
import { type BuildsOn, openBuildsOn } from './buildsOn.ts';
import { dueInTurn } from './due.ts';
import { judgePart, judgePreparer, type Officers } from './officers.ts';
import { isPassing, OVER_BY_THEN } from './passing.ts';
import { type ActBook, checkPart, transactionOf } from './pending.ts';
import { endWithdrawn, entriesOf, foundElsewhere, foundIn } from './recorded.ts';

/** What an office decided, made an act by the domain, with what must be kept before anybody signs it. */
export interface ActDraft {
  readonly act: SignableAct;
  readonly owner: Owner;
  /** The unit, programme or cycle whose acts go in order. */
  readonly orderedBy: string;
  /** Of an act of land that begins units. */
  readonly ground?: GroundTaken | undefined;
  /** Of a vote: whom its measure appoints. */
  readonly appoints?: readonly ProvenAppointment[] | undefined;
  /** What is kept before anybody signs it, and ends with it. */
  readonly carries: CarriedThings;
}

type Taking = (tx: Transaction, operation: OperationId) => Promise<void>;

export interface CommitDependencies {
  readonly acts: PendingActs;
  readonly outbox: Outbox;
  readonly idempotency: Idempotency;
  readonly carried: Carried;
  readonly proposals: Pick<Proposals, 'keep'>;
  /** Whether the ledger recorded an act: whoever holds its signatures can send it around this gateway. */
  isRecorded(act: Bytes32): Promise<boolean>;
  /** Resolves when the views show what the ledger has now. */
  caughtUp(): Promise<void>;
  /** The entry of an id, of any register. */
  entry(id: EntryId): Promise<{ readonly address: Address; readonly subject: Bytes32 } | undefined>;
  readonly book: ActBook;
  readonly officers: Officers;
  /**
   * Judges the ground of an act that is about to be accepted, and answers how it is taken in the transaction that
   * accepts the act: two acts may begin on one piece of ground at once.
   */
  ground(taken: GroundTaken): Promise<Taking>;
  readonly ledger: {
    submit(raw: `0x${string}`): Promise<unknown>;
    call(to: Call['to'], data: Call['data']): Promise<unknown>;
  };
  readonly sign: TransactionSigner;
  /** How far the clock of whoever tries a call may be behind: over a network every node has its own. */
  readonly clockSkewSeconds: bigint;
  /** The refusal a contract's revert says, or undefined when the error says nothing about the rules. */
  refusalIn(error: unknown): Refusal | undefined;
  /** Told of what stops an operation without a decision: it goes on once that has passed, or at the next start. */
  onFault(error: unknown, operation: OperationId): void;
}

/** Every part of an act can arrive between two looks at it, each once, and an approval a few times. */
const RACES_MAX = 200;
const NO_OPERATION = { state: 'RECEIVED', errorCode: undefined } as const;
/** Thrown inside a transaction, which then changes nothing: the act is not what it was when its call was tried. */
const ACT_MOVED = new Error('another part of the act arrived');

function isSameSigning(one: readonly SignedPart[], other: readonly SignedPart[]): boolean {
  const has = ({ part, signature }: SignedPart) =>
    other.some((that) => that.part === part && that.signature === signature);
  return one.length === other.length && one.every(has);
}

export class Commit {
  readonly #deps: CommitDependencies;
  /** Operations that go on when what stopped them has passed. */
  readonly #stopped = new Set<OperationId>();
  /** Those of which that was told: a disk that is full for a day is told of once. */
  readonly #toldOf = new Set<OperationId>();
  readonly #buildsOn: BuildsOn;
  readonly #waiting = new Map<OperationId, Set<(operation: Operation) => void>>();
  readonly #carryHeld: () => Promise<void>;

  constructor(deps: CommitDependencies) {
    this.#deps = deps;
    this.#buildsOn = openBuildsOn({
      outbox: deps.outbox,
      ask: (call) => this.ask(call),
      tell: (id) => this.#tell(id),
    });
    this.#carryHeld = dueInTurn({
      acts: deps.acts,
      nowSeconds: async () => (await deps.officers.moment()).nowSeconds,
      carryOut: (id) => this.#carryOne(id),
      isOver: async (id) => this.isOver(await this.operation(id)),
      wait: (id, seconds) => this.waitFor(id, seconds),
    });
  }

  /** Keeps the openings and the act. The same claim again is answered with the same act, or refused as `act-ended`. */
  async prepare(claim: Claim, build: () => Promise<ActDraft>): Promise<PendingAct> {
    const { acts, carried, idempotency, officers, outbox } = this.#deps;
    const { reference } = await idempotency.once(claim, async () => {
      const { act, owner, orderedBy, ground, appoints, carries } = await build();
      const correction = correctionOf(act);
      if (correction !== undefined) requireFounded(correction, await this.#deps.entry(correction.entry));
      await judgePreparer(officers, act);
      await carried.write(act.entryId, carries);
      return async (tx) => {
        const hasFailed = (operation: OperationId) => outbox.hasFailedIn(tx, operation);
        const { id } = await acts.add(tx, act, owner, { orderedBy, ground, appoints }, hasFailed);
        await carried.keep(tx, id);
        return { kind: 'act', id };
      };
    });
    return this.#answered(reference.id as Bytes32);
  }

  /** Whether a part is by the key that the act asks for it: who has no such key is not told whether there is an act. */
  async isSigned(id: Bytes32, signed: SignedPart): Promise<boolean> {
    try {
      await checkPart(this.#deps.book, await this.#deps.acts.content(id), signed);
      return true;
    } catch (error) {
      if (error instanceof Refusal) return false;
      throw error;
    }
  }

  /**
   * Adds a signature; with the last one the act becomes an operation, and the answer names it. Whether it is the last
   * is decided inside the transaction: a part that arrived meanwhile makes this one begin again. Without a claim as well,
   * the same signature again changes nothing.
   */
  async addSignature(claim: Claim | undefined, id: Bytes32, signature: GivenSignature): Promise<PendingAct> {
    for (let tries = 0; tries < RACES_MAX; tries++) {
      try {
        return await this.#addOnce(claim, id, signature);
      } catch (error) {
        if (error !== ACT_MOVED) throw error;
        await this.#deps.acts.synced();
      }
    }
    throw new Fault('other signatures of the act keep arriving', { retryable: true });
  }

  async #addOnce(claim: Claim | undefined, id: Bytes32, signature: GivenSignature): Promise<PendingAct> {
    const { acts, book, idempotency } = this.#deps;
    let accepted: OperationId | undefined;
    const { reference } = await idempotency.once(claim, async () => {
      const act = await this.#act(id);
      const content = await acts.content(id);
      // Handed in again it was judged before, and its officer may be gone since.
      if (!hasSignature(act, signature)) await this.#judge(act, content, signature);
      const replaced = await this.#replacedBy(act, content, signature);
      const tried = withSignature<SignedPart>(act.signatures, signature);
      const isWhole =
        act.operation === undefined && missingParts({ parts: act.parts, signatures: tried }).length === 0;
      const call = isWhole ? transactionOf(book, content, tried) : undefined;
      const heldUntil = call === undefined ? undefined : await this.#tried(call, act, content, tried);
      const take = call === undefined ? undefined : await this.#groundOf(content);
      return async (tx) => {
        const signed = await acts.sign(tx, id, signature, replaced);
        // The same signature twice at once: the other one carried the act out.
        if (signed.operation !== undefined || missingParts(signed).length > 0) return { kind: 'act', id };
        // Only what was tried out is carried out: another part may have arrived while the ledger was asked.
        if (call === undefined || !isSameSigning(signed.signatures, tried)) throw ACT_MOVED;
        if (heldUntil === undefined) accepted = await this.#accept(tx, act, content, call, take);
        else await acts.hold(tx, id, Number(heldUntil));
        return { kind: 'act', id };
      };
    });
    if (accepted !== undefined) this.#carry(accepted);
    return this.#answered(reference.id as Bytes32);
  }

  /** Tries the call of a whole act; where only its time has not come, answers the second at which it has. */
  async #tried(
    call: Call,
    { id }: PendingAct,
    content: ActContent,
    parts: readonly SignedPart[],
  ): Promise<bigint | undefined> {
    const { officers, isRecorded, caughtUp } = this.#deps;
    for (let tries = 0; ; tries++) {
      try {
        await this.ask(call);
        return undefined;
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        // What the ledger knew, the views may not: whether it has this very act.
        await caughtUp();
        if (await isRecorded(id)) throw refusal('act-executed');
        if (!OVER_BY_THEN.has(error.code)) throw error;
        const moment = await officers.moment();
        const head = headOf(content);
        const from = firstSecondOf(moment.nowSeconds, head, parts);
        // Its second may have begun since the ledger was asked.
        if (from <= moment.nowSeconds && tries === 0) continue;
        if (from <= moment.nowSeconds) throw error;
        judgeTogether(moment, head, parts);
        return from;
      }
    }
  }

  async #groundOf({ ground }: ActContent): Promise<Taking | undefined> {
    return ground === undefined ? undefined : this.#deps.ground(ground);
  }

  /** Makes a whole act an operation. */
  async #accept(
    tx: Transaction,
    { id, kind, owner, office }: PendingAct,
    { orderedBy, appoints = [], ...content }: ActContent,
    call: Call,
    take: Taking | undefined,
  ): Promise<OperationId> {
    const { acts, carried, outbox, proposals } = this.#deps;
    const operation = await outbox.acceptIn(tx, { kind, owner, office, acts: [id], orderedBy }, call);
    await take?.(tx, operation.id);
    if (appoints.length > 0) await proposals.keep(tx, headOf(content).preparer, appoints);
    await acts.execute(tx, id, operation.id);
    await carried.know(tx, id);
    return operation.id;
  }

  /** Takes up what a full disk or queue had stopped, and the held acts whose time has come. */
  async carryOn(): Promise<void> {
    for (const id of [...this.#stopped]) {
      this.#stopped.delete(id);
      this.#carry(id);
    }
    for (const id of await this.#buildsOn.freed()) this.#carry(id);
    await this.#carryHeld();
  }

  /** What the ledger refuses when its time has come is told by the act. */
  async #carryOne(id: Bytes32): Promise<OperationId | undefined> {
    const { acts, book } = this.#deps;
    const act = await acts.get(id);
    if (act === undefined) return undefined; // taken back since
    const content = await acts.content(act.id);
    const call = transactionOf(book, content, act.signatures);
    try {
      await this.ask(call);
      const take = await this.#groundOf(content);
      const accepted = await acts.ofHeld(act, (tx) => this.#accept(tx, act, content, call, take));
      if (accepted !== undefined) this.#carry(accepted);
      return accepted;
    } catch (error) {
      if (!(error instanceof Refusal) || isPassing(error)) throw error;
      if (OVER_BY_THEN.has(error.code) && (await this.#isHardlyDue(act))) return undefined;
      await acts.ofHeld(act, (tx) => acts.refuse(tx, act.id, error.code));
      return undefined;
    }
  }

  /** Due for so short a while that a node's clock may not be there: what is over by then is not refused on its word. */
  async #isHardlyDue({ held }: PendingAct): Promise<boolean> {
    const { nowSeconds } = await this.#deps.officers.moment();
    return held !== undefined && nowSeconds < BigInt(held.fromSeconds) + this.#deps.clockSkewSeconds;
  }

  /** Whether the ledger would take a part, as the others stand: its key, its time and its officer. */
  async #judge(act: PendingAct, content: ActContent, signed: SignedPart): Promise<void> {
    const { book, officers } = this.#deps;
    await checkPart(book, content, signed);
    const lapsesAt = BigInt(Math.floor(act.expiresAtMs / 1_000));
    await judgePart(officers, content, { lapsesAt, others: act.signatures }, signed);
  }

  /**
   * The part in whose place this one may be put: one that the ledger would not take any more, for it lapsed, or its officer
   * or the verifier of its key is gone; or a consent that begins later than what the same key signs now.
   */
  async #replacedBy(
    act: PendingAct,
    content: ActContent,
    given: GivenSignature,
  ): Promise<SignedPart | undefined> {
    const there = act.signatures.find((one) => one.part === given.part);
    if (there === undefined || there.part === 'preparer') return undefined;
    if (there.part === 'approver' && there.signer === given.signer) return undefined; // its own officer's to renew
    const { nowSeconds } = await this.#deps.officers.moment();
    const isSooner =
      'consent' in there && 'consent' in given && given.consent.notBefore < there.consent.notBefore;
    if (isSooner && there.consent.notBefore > nowSeconds) return there;
    try {
      await this.#judge(act, content, there);
      return undefined;
    } catch (error) {
      if (error instanceof Refusal) return there;
      throw error;
    }
  }

  /** Takes back an act that was not carried out, or failed on the ledger, and destroys what it carried about people. */
  async takeBack(id: Bytes32, orderedBy: string): Promise<void> {
    const { acts, carried, isRecorded, outbox } = this.#deps;
    if (await isRecorded(id)) throw refusal('act-executed');
    await carried.destroy(id, orderedBy, async (tx) => {
      await acts.takeBack(tx, id, (operation) => outbox.hasFailedIn(tx, operation), orderedBy);
      return true;
    });
  }

  /** Ends what has lapsed, with all that it carried, and forgets what was carried out long ago. */
  async sweep(): Promise<number> {
    const { acts, carried, isRecorded, officers, outbox } = this.#deps;
    const moment = await officers.moment();
    const isLate = (deadline: bigint) => isPassed(moment, deadline);
    const over = await acts.over(isLate);
    for (const { id, operation } of over) {
      const state = operation && (await outbox.get(operation))?.state;
      if (state !== 'PROJECTED' && !(await isRecorded(id)))
        await carried.destroy(id, 'retention', (tx) => acts.remove(tx, id, isLate));
      else await acts.forget(id, isLate, (tx) => carried.release(tx, id));
    }
    return over.length + (await carried.sweep()) + (await acts.forgetEnded());
  }

  /** For what needs no officer here: units of a signed envelope, a till's batch. The contract checks it all the same. */
  async post(
    claim: Claim,
    build: () => Promise<Omit<OperationDraft, 'acts'> & { readonly call: Call }>,
  ): Promise<Operation> {
    const { idempotency, outbox } = this.#deps;
    let accepted: OperationId | undefined;
    const { reference } = await idempotency.once(claim, async () => {
      const { call, ...draft } = await build();
      // What builds on an operation that is not recorded would be refused now, and is tried when it is.
      if (draft.after === undefined) await this.ask(call);
      return async (tx) => {
        accepted = (await outbox.acceptIn(tx, { ...draft, acts: [] }, call)).id;
        return { kind: 'operation', id: accepted };
      };
    });
    if (accepted !== undefined) this.#carry(accepted);
    return this.operation(reference.id as OperationId);
  }

  missingParts(act: PendingAct): readonly ActPart[] {
    return missingParts(act);
  }

  /** Why an act that was carried out is not on the ledger; undefined of one that is, or may yet be. */
  async failureOf({ operation }: PendingAct): Promise<RefusalCode | 'reverted' | 'superseded' | undefined> {
    const { state, errorCode } = operation === undefined ? NO_OPERATION : await this.operation(operation);
    if (!isLast(state) || state === 'PROJECTED') return undefined;
    return errorCode ?? (state === 'REVERTED' ? 'reverted' : 'superseded');
  }

  /** Whether nothing more will become of it. */
  isOver({ state }: Operation): boolean {
    return isLast(state);
  }

  /** Refuses as `act-ended` or `act-missing`. */
  async act(id: Bytes32): Promise<PendingAct> {
    return this.#act(id);
  }

  /** Whether the ledger has it, through this gateway or around it. */
  async isRecorded(id: Bytes32): Promise<boolean> {
    return this.#deps.isRecorded(id);
  }

  /** Whose an act is that was taken back or has lapsed. */
  async endedAct(id: Bytes32): Promise<EndedAct | undefined> {
    return this.#deps.acts.ended(id);
  }

  async operation(id: OperationId): Promise<Operation> {
    const operation = await this.#deps.outbox.get(id);
    if (operation === undefined) throw refusal('operation-missing');
    return operation;
  }

  /** The operation when it is over, or as it stands when the time is up. */
  async waitFor(id: OperationId, seconds: number): Promise<Operation> {
    const { promise, resolve } = Promise.withResolvers<Operation>();
    const waiters = this.#waiting.get(id) ?? new Set();
    waiters.add(resolve);
    this.#waiting.set(id, waiters);
    const timer = setTimeout(() => this.operation(id).then(resolve), seconds * 1000);
    try {
      const now = await this.operation(id); // asked after listening, or its end could fall between
      return isLast(now.state) ? now : await promise;
    } finally {
      clearTimeout(timer);
      waiters.delete(resolve);
      if (waiters.size === 0) this.#waiting.delete(id);
    }
  }

  /** Answers everybody who waits with how things stand: the gateway stops. */
  release(): void {
    for (const id of [...this.#waiting.keys()]) void this.#tell(id);
  }

  /**
   * Takes up what a stop or a kill left: stored bytes are sent again, what was not signed is signed, and what the views
   * show already, up to this block, is told.
   */
  async resume(shownThrough: bigint): Promise<void> {
    for await (const { id, state, blockNumber } of this.#deps.outbox.unfinished()) {
      const isShown = state === 'FINAL' && blockNumber !== undefined && blockNumber <= shownThrough;
      if (isShown) await this.shown([id]);
      else this.#carry(id);
    }
  }

  /** A verified block, before the views apply it. */
  async seen(block: VerifiedBlock, { events }: EventBlock): Promise<readonly OperationId[]> {
    const { outbox } = this.#deps;
    // First, so that an operation that came second to another's transaction is never told that it failed.
    const found = await foundIn(this.#deps, block, events);
    await endWithdrawn(this.#deps, events);
    // All at once, so that a block's operations share the syncs of their steps.
    const ours = block.transactions.map(async ({ hash, receipt }) => {
      const operation = await outbox.ofTransaction(hash);
      if (operation === undefined || isLast(operation.state)) return [];
      if (!receipt.succeeded) {
        if (operation.state === 'FINAL') return [operation.id];
        if (operation.transactionHash !== hash) return []; // told again of bytes that others took the place of
        const at = await foundElsewhere(this.#deps, operation);
        if (at !== undefined) return [(await outbox.overtaken(operation.id, at)).id];
        await this.#reverted(block, operation, hash);
        return [];
      }
      await outbox.mined(operation.id, block.number);
      await outbox.final(
        operation.id,
        entriesOf(events.filter(({ transactionHash }) => transactionHash === hash)),
      );
      return [operation.id];
    });
    return [...new Set([...found, ...(await Promise.all(ours)).flat()])];
  }

  /** The views show these now. */
  async shown(operations: readonly OperationId[]): Promise<void> {
    await Promise.all(
      operations.map(async (id) => {
        await this.#deps.outbox.projected(id);
        await this.#tell(id);
      }),
    );
  }

  /** What a request was answered with, as it stands now. Refuses as `act-ended` when it was taken back since, or lapsed. */
  async #answered(id: Bytes32): Promise<PendingAct> {
    const act = await this.#deps.acts.get(id);
    if (act === undefined) throw refusal('act-ended');
    return act;
  }

  async #act(id: Bytes32): Promise<PendingAct> {
    const { acts } = this.#deps;
    const act = await acts.get(id);
    if (act === undefined) throw refusal((await acts.ended(id)) === undefined ? 'act-missing' : 'act-ended');
    return act;
  }

  /** Asks the ledger what it would say now: a refusal that a nonce and a block need not carry. */
  async ask(call: Pick<Call, 'to' | 'data'>): Promise<void> {
    try {
      await this.#deps.ledger.call(call.to, call.data);
    } catch (error) {
      throw this.#deps.refusalIn(error) ?? error;
    }
  }

  /** SIGNED and SENT, after the write that made the operation is on disk; awaited by nobody. */
  #carry(id: OperationId): void {
    const { outbox, ledger, sign } = this.#deps;
    const stop = (error: unknown) => this.#stop(id, error);
    const work = async () => {
      const found = await this.operation(id);
      const isBuilt = found.state === 'AUTHORISED' && found.after !== undefined;
      if (isBuilt && !(await this.#buildsOn.mayGo(found))) return;
      const signed = found.state === 'AUTHORISED' ? await outbox.sign(id, sign) : found;
      if (signed.state !== 'SIGNED' && signed.state !== 'SENT') return;
      const raw = await outbox.raw(id);
      crashPoint('outbox.before-send');
      const landed = ledger.submit(raw);
      landed.then(() => this.#toldOf.delete(id), stop);
      crashPoint('outbox.after-send');
      await outbox.sent(id, signed.transactionHash);
    };
    work().catch(stop);
  }

  #stop(id: OperationId, error: unknown): void {
    if (!isPassing(error)) this.#deps.onFault(error, id);
    else {
      this.#stopped.add(id);
      if (!this.#toldOf.has(id)) this.#deps.onFault(error, id);
      this.#toldOf.add(id);
    }
  }

  /**
   * Nothing of it is on the ledger: by a rule, or because its bytes asked for too little gas, which an estimate of a node may
   * say. The latter goes again, once, with the most: the contract takes an act once, whatever is sent.
   */
  async #reverted(block: VerifiedBlock, { id }: Operation, hash: Bytes32): Promise<void> {
    const { outbox } = this.#deps;
    const call = await outbox.callOf(id);
    const { asked, used } = gasSpent(block, hash);
    const now = call && (await this.#saidNow(call));
    // A call within a call that runs out leaves its caller something: then the ledger takes it when it is tried with more.
    const lacked = used >= asked || now === 'taken';
    if (call !== undefined && lacked && asked < call.gas && !(now instanceof Refusal)) {
      await outbox.again(id);
      this.#carry(id);
      return;
    }
    const unexplained = now === 'silent' ? 'reason-not-told' : undefined;
    const beyond = used >= asked ? 'act-beyond-gas' : unexplained;
    await outbox.reverted(id, block.number, now instanceof Refusal ? now.code : beyond);
    await this.#tell(id);
  }

  /** What the ledger would say now; undefined of what no rule of ours says. That nobody answers is no word about the call. */
  async #saidNow(call: Call): Promise<Refusal | 'taken' | 'silent' | undefined> {
    try {
      await this.ask(call);
      return 'taken';
    } catch (error) {
      if (error instanceof Refusal) return error;
      if (isPassing(error)) return 'silent';
      if (error instanceof NodeError) return undefined;
      throw error;
    }
  }

  async #tell(id: OperationId): Promise<void> {
    const waiters = this.#waiting.get(id);
    if (waiters === undefined) return;
    const operation = await this.operation(id);
    for (const resolve of waiters) resolve(operation);
  }
}
