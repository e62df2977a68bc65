/**
 * How the queue of a till goes to the gateway: in batches that are on disk, with their key, before they are sent.
 *
 * Promises: a batch that may have been sent is asked for by its items before it is sent again, and then under the same
 * key, so that it counts once; what the ledger says of each item stands in the queue before it is told; where the
 * gateway does not answer, everything waits.
 */
import { randomUUID } from 'node:crypto';
import { type ShownKey, signShown } from '../server/domain/acts/signing.ts';
import { assembleBatch } from '../server/domain/benefits/redemption.ts';
import { MAX_BATCH_ITEMS } from '../server/domain/benefits/terms.ts';
import type { BenefitRegister } from '../server/domain/benefits/types.ts';
import { NotUnderstood } from './answer.ts';
import { type Client, Problem } from './client.ts';
import { itemIn, saleOf } from './purchase.ts';
import { isOver, type Queue, type QueuedBatch, type QueuedSale } from './tillQueue.ts';

export interface Posting {
  readonly client: Client;
  /** The till's. */
  readonly key: ShownKey;
  readonly register: BenefitRegister;
  save(): void;
  nowSeconds(): number;
}

/** What came of it, of this time. */
export interface Posted {
  readonly redeemed: number;
  readonly skipped: readonly { readonly index: number; readonly code: string }[];
  /** Codes of whole batches. */
  readonly refused: readonly string[];
  /** Sales that are not over. */
  readonly waiting: number;
  readonly isOffline: boolean;
}

interface Told {
  readonly operation?: { readonly id: string };
  readonly batches: readonly {
    readonly items: readonly {
      readonly index: number;
      readonly remainingBefore: number;
      readonly sequence: number;
      readonly outcome: string;
    }[];
  }[];
}

/** Long enough for a gateway that is busy, and short: a batch that lapsed is made again. */
const BATCH_SECONDS = 3_600;
/** What is over for a batch and not for its sales: they are signed by the till anew. */
const TRY_AGAIN: ReadonlySet<string> = new Set(['redemption-batch-expired', 'till-signature-invalid']);
/** What passes by itself: the batch waits as it is. */
const WAITS: ReadonlySet<string> = new Set([
  'redemption-is-paused',
  'programme-is-paused',
  'sales-not-open',
  'till-not-active',
  'vendor-not-active',
  'token-missing',
  'token-invalid',
  'token-expired',
  'role-missing',
]);

export async function postAll(queue: Queue, posting: Posting): Promise<Posted> {
  const before = new Set(queue.sales.filter(isOver));
  const refused: string[] = [];
  let isOffline = false;
  try {
    for (const batch of [...queue.batches]) await finish(queue, batch, posting, refused);
    for (const sales of grouped(queue)) {
      const batch = batchOf(sales, posting);
      mark(queue, (sale) => sales.includes(sale), { state: 'posting', batch: batch.itemsHash });
      queue.batches.push(batch);
      posting.save(); // a kill from here on finds the batch and its key
      await finish(queue, batch, posting, refused);
    }
  } catch (error) {
    if (!(error instanceof NotUnderstood)) throw error;
    isOffline = true;
  }
  const over = queue.sales.filter((sale) => isOver(sale) && !before.has(sale));
  return {
    redeemed: over.filter(({ state }) => state === 'redeemed').length,
    skipped: over.flatMap(({ state, code = '', asked: { index } }) =>
      state === 'skipped' ? [{ index, code }] : [],
    ),
    refused,
    isOffline,
    waiting: queue.sales.filter((sale) => !isOver(sale)).length,
  };
}

/** Sales of one cycle and one time without contact, as many as a batch takes. */
function grouped({ sales }: Queue): QueuedSale[][] {
  const signed = sales.filter(({ state }) => state === 'signed');
  const groups = Map.groupBy(
    signed,
    ({ asked: { programme, cycle, enrolmentEpoch }, offlineSince }) =>
      `${programme}/${cycle}/${enrolmentEpoch}/${offlineSince}`,
  );
  return [...groups.values()].flatMap((all) =>
    Array.from({ length: Math.ceil(all.length / MAX_BATCH_ITEMS) }, (_, i) =>
      all.slice(i * MAX_BATCH_ITEMS, (i + 1) * MAX_BATCH_ITEMS),
    ),
  );
}

function batchOf(sales: readonly QueuedSale[], { key, register, nowSeconds }: Posting): QueuedBatch {
  const [first] = sales;
  if (first === undefined) throw new Error('a batch of nothing');
  const sale = saleOf(first.asked, BigInt(first.offlineSince));
  const deadline = nowSeconds() + BATCH_SECONDS;
  const items = sales.map(({ asked, signature }) => itemIn(asked, signature));
  const { itemsHash, items: words, count, digest } = assembleBatch(register, sale, items, BigInt(deadline));
  const { programme, cycle, vendor, till } = sale;
  const signature = signShown(digest, key);
  const body = {
    programme,
    cycle,
    vendor,
    till,
    count,
    offlineSince: first.offlineSince,
    deadline,
    items: words,
    signature,
  };
  return { itemsHash, key: randomUUID(), body };
}

/** Posts one batch, or finds that it was, and writes what became of its sales. */
async function finish(queue: Queue, batch: QueuedBatch, posting: Posting, refused: string[]): Promise<void> {
  const { itemsHash } = batch;
  const isOf = (sale: QueuedSale) => sale.batch === itemsHash && !isOver(sale);
  try {
    const told = (await recorded(batch, posting.client)) ?? (await post(batch, posting.client));
    for (const { index, sequence, remainingBefore, outcome } of told.batches.flatMap(({ items }) => items)) {
      const isIt = (sale: QueuedSale) =>
        isOf(sale) &&
        sale.asked.index === index &&
        sale.asked.sequence === sequence &&
        sale.asked.remainingBefore === remainingBefore;
      mark(queue, isIt, outcome === 'redeemed' ? { state: 'redeemed' } : { state: 'skipped', code: outcome });
    }
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.isRetryable || WAITS.has(error.code)) {
      refused.push(error.code);
      return;
    }
    if (error.code === 'nothing-redeemed') skipAll(queue, isOf, error);
    else {
      refused.push(error.code);
      const isAgain = TRY_AGAIN.has(error.code);
      mark(queue, isOf, isAgain ? { state: 'signed' } : { state: 'refused', code: error.code });
    }
  }
  queue.batches.splice(queue.batches.indexOf(batch), 1);
  queue.lastContact = posting.nowSeconds();
  posting.save();
}

/** What the ledger has of a batch; undefined where it has none. */
async function recorded({ itemsHash }: QueuedBatch, client: Client): Promise<Told | undefined> {
  try {
    return await client.ask<Told>(`/redemptions/${itemsHash}`);
  } catch (error) {
    if (error instanceof Problem && error.code === 'operation-missing') return undefined;
    throw error;
  }
}

async function post({ body, key }: QueuedBatch, client: Client): Promise<Told> {
  const { operation } = await client.ask<Told>('/redemptions', { method: 'POST', body, key });
  if (operation === undefined) throw new Error('a batch without an operation');
  await client.settled(`/operations/${operation.id}`);
  return client.ask<Told>(`/redemptions/${operation.id}`);
}

/** Every item with its own reason, in the order of the batch. */
function skipAll(queue: Queue, isOf: (sale: QueuedSale) => boolean, { code: whole, lines }: Problem): void {
  const reasons = lines.map(({ code }) => code).filter((code) => code !== whole);
  let place = 0;
  queue.sales.forEach((sale, i) => {
    if (isOf(sale))
      queue.sales[i] = Object.assign({}, sale, { state: 'skipped', code: reasons[place++] ?? whole });
  });
}

function mark(
  queue: Queue,
  isIt: (sale: QueuedSale) => boolean,
  change: Pick<QueuedSale, 'state'> & Partial<QueuedSale>,
): void {
  queue.sales.forEach((sale, i) => {
    if (isIt(sale)) queue.sales[i] = Object.assign({}, sale, change);
  });
}
