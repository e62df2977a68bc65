/** The way of a till's batches to the gateway over the client of the command line. */
import type { Answered, Carrier, RedemptionTold } from '../server/domain/benefits/tillPost.ts';
import { NotUnderstood } from './answer.ts';
import { type Client, Problem } from './client.ts';

export function carrierOf(client: Client): Carrier {
  return {
    recorded: ({ itemsHash }) =>
      answered(() => client.ask<RedemptionTold>(`/redemptions/${itemsHash}`), 'operation-missing'),
    post: ({ body, key }, taken) =>
      answered(async () => {
        const { operation } = await client.ask<RedemptionTold>('/redemptions', { method: 'POST', body, key });
        if (operation === undefined) throw new Error('a batch without an operation');
        await taken();
        await client.settled(`/operations/${operation.id}`);
        return client.ask<RedemptionTold>(`/redemptions/${operation.id}`);
      }),
  };
}

async function answered(ask: () => Promise<RedemptionTold>, none?: string): Promise<Answered> {
  try {
    return { kind: 'told', told: await ask() };
  } catch (error) {
    if (error instanceof NotUnderstood) return { kind: 'silent' };
    if (!(error instanceof Problem)) throw error;
    const { code, isRetryable, lines } = error;
    if (code === none) return { kind: 'none' };
    const reasons = lines.map((line) => line.code).filter((one) => one !== code);
    return { kind: 'refused', code, isRetryable, reasons };
  }
}
