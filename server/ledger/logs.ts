/**
 * A query of logs, answered some blocks at a time until it is whole or too much.
 *
 * A range of blocks says nothing of what it holds: a hundred large acts are as many megabytes as ten thousand small ones.
 * Promises: an answer is bounded by what is in it, and beyond that the caller is told to narrow the range; one block is
 * always answered, for nothing is narrower, and what it holds is bounded by its gas; no more is asked of the executor than a
 * few blocks at once, and a block may be written in between. For `embedded.ts`.
 */
import { fieldsOf, NodeError, quantity, RPC, readQuantity } from './provider.ts';

/** The logs of some forty acts with fifty titles each; the words and names of a log beside its data. */
const MAX_LOG_CHARACTERS = 4 * 2 ** 20;
const OF_A_LOG_CHARACTERS = 600;
/** Asked for at once: full ones hold a few megabytes. */
const BLOCKS_AT_ONCE = 8n;

/** The filter has its range as quantities, or names one block. */
export async function boundedLogs(
  filter: Readonly<Record<string, unknown>>,
  ask: (filter: Readonly<Record<string, unknown>>) => Promise<unknown>,
): Promise<unknown> {
  const [from, to] = [readQuantity(filter.fromBlock), readQuantity(filter.toBlock)];
  if (from === undefined || to === undefined || from === to) return ask(filter);
  const logs: unknown[] = [];
  let characters = 0;
  for (let first = from; first <= to; first += BLOCKS_AT_ONCE) {
    const last = first + BLOCKS_AT_ONCE - 1n < to ? first + BLOCKS_AT_ONCE - 1n : to;
    const some = await ask(
      Object.assign({}, filter, { fromBlock: quantity(first), toBlock: quantity(last) }),
    );
    if (!Array.isArray(some)) throw new Error('logs are a list');
    for (const log of some) {
      characters += OF_A_LOG_CHARACTERS + String(fieldsOf(log).data).length;
      logs.push(log);
    }
    if (characters > MAX_LOG_CHARACTERS) throw new NodeError(RPC.limitExceeded, NARROW);
  }
  return logs;
}

const NARROW = `narrow the range: the answer is larger than ${MAX_LOG_CHARACTERS / 2 ** 20} MiB`;
