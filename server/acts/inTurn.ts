/**
 * Calls that no officer signs and that follow one another: words of a table, children of a division.
 *
 * Promises: each is seen in the views before the next is made of what the views say then; a request sends a bounded
 * number; where somebody else, or a request before a stop, was faster, it ends and the ledger's own count says where to
 * go on. A retry with the same key repeats nothing. For desks.
 */
import { Refusal, type RefusalCode } from '../domain/base/refusal.ts';
import type { Claim } from '../store/idempotency.ts';
import type { Call, Operation, OperationDraft } from '../store/operation.ts';
import type { Commit } from './commit.ts';

/** Full transactions of one request: about a second of the ledger's work, and far from any time limit. */
const CALLS_PER_REQUEST = 16;
/** How long one call may take to be seen in the views before the client is told to come again. */
const CALL_WAIT_SECONDS = 20;

export interface Turn {
  /** Tells the calls of one request apart: the place it begins at. */
  readonly name: string;
  readonly call: Call;
}

export async function sendInTurn(
  commit: Commit,
  claim: Claim,
  of: Omit<OperationDraft, 'acts'> & {
    /** What the ledger says to a call that another one made needless. */
    readonly overtaken: ReadonlySet<RefusalCode>;
  },
  next: () => Promise<Turn | undefined>,
): Promise<readonly Operation[]> {
  const { overtaken, ...draft } = of;
  const sent: Operation[] = [];
  while (sent.length < CALLS_PER_REQUEST) {
    const turn = await next();
    if (turn === undefined) break;
    const { name, call } = turn;
    try {
      const key = { ...claim, key: `${claim.key}/${name}` };
      const { id } = await commit.post(key, async () => Object.assign({ call }, draft));
      sent.push(await commit.waitFor(id, CALL_WAIT_SECONDS));
    } catch (error) {
      if (error instanceof Refusal && overtaken.has(error.code)) break;
      throw error;
    }
    if (sent.at(-1)?.state !== 'PROJECTED') break;
  }
  return sent;
}
