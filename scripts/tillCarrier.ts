/**
 * The way of a till's batches to the gateway over the client of the command line.
 *
 * Promises: what is no answer of a gateway, or one of a gateway in trouble, is no verdict on a batch.
 */
import {
  type Answered,
  type Carrier,
  isTold,
  type RedemptionTold,
} from '../server/domain/benefits/tillPost.ts';
import { NotUnderstood } from './answer.ts';
import { type Client, Ended, Problem } from './client.ts';

/** From this status on a gateway speaks of itself, and not of what it was sent. */
const IN_TROUBLE = 500;

export function carrierOf(client: Client): Carrier {
  return {
    recorded: ({ itemsHash }) =>
      answered(() => client.ask<RedemptionTold>(`/redemptions/${itemsHash}`), 'operation-missing'),
    post: ({ body, key }, taken) =>
      answered(async () => {
        const first = await client.ask<unknown>('/redemptions', { method: 'POST', body, key });
        if (!isTold(first) || first.operation === undefined)
          throw new NotUnderstood('no answer of a gateway');
        const { operation } = first;
        await taken();
        await client.settled(`/operations/${operation.id}`);
        return client.ask<RedemptionTold>(`/redemptions/${operation.id}`);
      }),
  };
}

async function answered(ask: () => Promise<RedemptionTold>, none?: string): Promise<Answered> {
  try {
    const told = await ask();
    return isTold(told) ? { kind: 'told', told } : { kind: 'silent' };
  } catch (error) {
    if (error instanceof NotUnderstood || error instanceof SyntaxError) return { kind: 'silent' };
    if (!(error instanceof Problem)) throw error;
    const { code, isRetryable, lines, status } = error;
    if (code === none) return { kind: 'none' };
    if (code === `${status}`) return { kind: 'silent' }; // a proxy's, or of nobody
    const reasons = lines.map((line) => line.code).filter((one) => one !== code);
    const isOver = error instanceof Ended;
    return { kind: 'refused', code, isRetryable: isRetryable || status >= IN_TROUBLE, isOver, reasons };
  }
}
