/**
 * Operations that build on one that is not recorded: a second sale of a card, accepted while the first is on its way.
 *
 * Promises: such a one is signed and sent when all that it builds on is recorded, so that no order of blocks can have it
 * refused; where one of them is not to be recorded, it is refused before it takes a nonce. Which wait is in memory: a start
 * asks of each again. `commit` alone asks.
 */
import type { RefusalCode } from '../domain/base/refusal.ts';
import { Refusal } from '../domain/base/refusal.ts';
import { type Call, isLast, type Operation, type OperationId } from '../store/operation.ts';
import type { Outbox } from '../store/outbox.ts';

export interface BuildsOn {
  /** Whether an operation may be signed now. One that may not waits, or is refused, which is told. */
  mayGo(operation: Operation): Promise<boolean>;
  /** Those that waited for one that is over; they wait no more. */
  freed(): Promise<readonly OperationId[]>;
}

export interface BuildsOnDependencies {
  readonly outbox: Pick<Outbox, 'get' | 'callOf' | 'refuse'>;
  /** Refuses what the ledger would refuse now. */
  ask(call: Call): Promise<void>;
  tell(id: OperationId): Promise<void>;
}

export function openBuildsOn({ outbox, ask, tell }: BuildsOnDependencies): BuildsOn {
  const waiting = new Map<OperationId, OperationId>();
  const isOver = (one: Operation | undefined) => one === undefined || isLast(one.state);

  async function refusedNow(id: OperationId): Promise<RefusalCode | undefined> {
    const call = await outbox.callOf(id);
    if (call === undefined) throw new Error('asking about what has no call');
    try {
      await ask(call);
      return undefined;
    } catch (error) {
      if (error instanceof Refusal) return error.code;
      throw error;
    }
  }

  return {
    async mayGo({ id, after = [] }) {
      const bases = await Promise.all(after.map((one) => outbox.get(one)));
      const open = bases.find((one) => !isOver(one));
      if (open !== undefined) {
        waiting.set(id, open.id);
        return false;
      }
      const hasFallen = bases.some((one) => one?.state !== 'PROJECTED');
      const code = hasFallen ? 'sale-awaits-another' : await refusedNow(id);
      if (code === undefined) return true;
      await outbox.refuse(id, code);
      await tell(id);
      return false;
    },
    async freed() {
      const free: OperationId[] = [];
      for (const [id, base] of [...waiting]) {
        if (!isOver(await outbox.get(base))) continue;
        waiting.delete(id);
        free.push(id);
      }
      return free;
    },
  };
}
