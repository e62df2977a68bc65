/**
 * Operations that build on one that is not recorded: a second sale of a card, accepted while the first is on its way.
 *
 * Promises: such a one is signed and sent when all that it builds on is recorded, so that no order of blocks can have it
 * refused; where one of them is not to be recorded, it is refused before it takes a nonce. What passes, as a pause, refuses
 * nothing that was accepted: it waits, and is asked about again. Which wait is in memory: a start asks of each again. `commit`
 * alone asks.
 */
import type { RefusalCode } from '../domain/base/refusal.ts';
import { Refusal } from '../domain/base/refusal.ts';
import { PASSING_FOR_SALES } from '../domain/benefits/terms.ts';
import { type Call, isLast, type Operation, type OperationId } from '../store/operation.ts';
import type { Outbox } from '../store/outbox.ts';
import { isPassing } from './passing.ts';

/** Of what waits for a pause to end, how many are asked about each time: a pause may last for weeks. */
const AGAIN_AT_ONCE = 8;
/** Of two chains nobody knows which is ours: it is no word about a sale. */
const HALTED = 'block-differs' satisfies RefusalCode;

export interface BuildsOn {
  /** Whether an operation may be signed now. One that may not waits, or is refused, which is told. */
  mayGo(operation: Operation): Promise<boolean>;
  /** Those that waited for one that is over, and in turn a few that something held up that passes; they wait no more. */
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
  /** What was held up, in the order in which it is asked about. */
  const heldUp = new Set<OperationId>();
  const isOver = (one: Operation | undefined) => one === undefined || isLast(one.state);

  async function refusedNow(id: OperationId): Promise<RefusalCode | 'held-up' | undefined> {
    const call = await outbox.callOf(id);
    if (call === undefined) throw new Error('asking about what has no call');
    try {
      await ask(call);
      return undefined;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // Under its key its till would be told of this refusal for ever, when the pause is long over.
      const passes = isPassing(error) || PASSING_FOR_SALES.has(error.code) || error.code === HALTED;
      return passes ? 'held-up' : error.code;
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
      if (code === 'held-up') {
        heldUp.add(id);
        return false;
      }
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
      for (const id of heldUp) {
        if (free.length >= AGAIN_AT_ONCE) break;
        heldUp.delete(id);
        free.push(id);
      }
      return free;
    },
  };
}
