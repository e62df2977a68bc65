/**
 * Held acts whose time has come, each carried out in its turn.
 *
 * Promises: acts about one thing go one after the other, the next when the one before it is over, for the ledger judges it
 * after that one; those about other things go beside them, however many of one thing are due. A look takes a bounded
 * number of rows, and the next one begins behind them. `commit` alone makes it.
 */
import type { Bytes32 } from '../domain/base/hex.ts';
import type { PendingActs } from '../store/acts.ts';
import type { OperationId } from '../store/operation.ts';

export interface DueDependencies {
  readonly acts: Pick<PendingActs, 'due'>;
  nowSeconds(): Promise<bigint>;
  /** Undefined where the ledger did not take it, or it is gone. */
  carryOut(id: Bytes32): Promise<OperationId | undefined>;
  isOver(operation: OperationId): Promise<boolean>;
  /** When it is over, or the seconds are. */
  wait(operation: OperationId, seconds: number): Promise<unknown>;
}

/** Acts of one thing that are carried out in one go, and how long the next one waits for the one before it. */
const ROUNDS_MAX = 50;
const ROUND_SECONDS = 2;
/** Of one look: acts that are carried out, and rows that are looked at to find them. */
const CARRIED_MAX = 100;
const LOOKED_MAX = 10_000;

/** Carries out what is due, as far as one go reaches. */
export function dueInTurn(deps: DueDependencies): () => Promise<void> {
  /** Of each thing the one that was carried out last. */
  const before = new Map<string, OperationId>();
  let behind = '';

  /** Of each thing the first that is due. */
  async function look(): Promise<readonly OperationId[]> {
    for (const [thing, operation] of before) if (await deps.isOver(operation)) before.delete(thing);
    const accepted: OperationId[] = [];
    let [looked, next] = [0, ''];
    for await (const { id, orderedBy, place } of deps.acts.due(await deps.nowSeconds(), behind)) {
      const operation = before.has(orderedBy) ? undefined : await deps.carryOut(id);
      if (operation !== undefined) {
        before.set(orderedBy, operation);
        accepted.push(operation);
      }
      if (++looked < LOOKED_MAX && accepted.length < CARRIED_MAX) continue;
      next = place;
      break;
    }
    behind = next;
    return accepted;
  }

  return async () => {
    for (let rounds = 0; rounds < ROUNDS_MAX; rounds++) {
      const accepted = await look();
      if (accepted.length === 0) return;
      await Promise.all(accepted.map((operation) => deps.wait(operation, ROUND_SECONDS)));
    }
  };
}
