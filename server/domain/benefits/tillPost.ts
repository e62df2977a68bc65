/**
 * How the queue of a till goes to the gateway: in batches that are kept, with their key, before they are sent.
 *
 * Promises: a batch that may have been sent is asked for by its items before it is sent again, and then under the same
 * key, so that it counts once; it is asked for again before anything of it is given up; what the ledger says of each item
 * stands in the queue before it is told; where the gateway does not answer, everything waits; what was accepted and ended
 * without a verdict on its sales goes anew, under another key. Does no I/O: `Posting` is the
 * caller's.
 */
import { type ShownKey, signShown } from '../acts/signing.ts';
import type { RefusalCode } from '../base/refusal.ts';
import { isRecord } from '../base/strictJson.ts';
import { itemIn, saleOf } from './purchase.ts';
import { assembleBatch } from './redemption.ts';
import { MAX_BATCH_ITEMS, PASSING_FOR_SALES } from './terms.ts';
import { isOver, type Queue, type QueuedBatch, type QueuedSale } from './tillQueue.ts';
import type { BenefitRegister } from './types.ts';

export interface Posting {
  readonly carrier: Carrier;
  /** The till's; without one, what is signed already goes and nothing else. */
  readonly key: ShownKey | undefined;
  readonly register: BenefitRegister;
  /** Reads the queue, has it changed, and keeps it before it answers. */
  change<T>(by: (queue: Queue) => T): Promise<T>;
  nowSeconds(): number;
  /** An idempotency key that nobody had. */
  newKey(): string;
}

/** The way to the gateway. */
export interface Carrier {
  /** What the ledger has of the items of a batch. */
  recorded(batch: QueuedBatch): Promise<Answered>;
  /** Sends a batch and waits for what becomes of it; `taken` is told when the gateway has accepted it. */
  post(batch: QueuedBatch, taken: () => Promise<void>): Promise<Answered>;
}

type Refused = Extract<Answered, { readonly kind: 'refused' }>;
export type Answered =
  | { readonly kind: 'told'; readonly told: RedemptionTold }
  /** The ledger has nothing of it. */
  | { readonly kind: 'none' }
  | { readonly kind: 'silent' }
  | {
      readonly kind: 'refused';
      readonly code: string;
      /** The same batch may be taken later, says the gateway. */
      readonly isRetryable: boolean;
      /** It was accepted first, and this is how that ended: under the same key nothing else is ever answered. */
      readonly isOver: boolean;
      /** Of each item, where the refusal names them. */
      readonly reasons: readonly string[];
    };

/** What the gateway tells of a batch, as far as a till reads it. */
export interface RedemptionTold {
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

/** Whether an answer can be one of a gateway: whatever stands in between answers with anything. */
export const isTold = (answer: unknown): answer is RedemptionTold =>
  isRecord(answer) && Array.isArray(answer.batches);

/** What came of it, of this time. */
export interface Posted {
  readonly redeemed: number;
  /** Of these, what the ledger had already, by this till before or by another hand. */
  readonly redeemedBefore: number;
  readonly skipped: readonly { readonly index: number; readonly code: string }[];
  /** Codes of whole batches. */
  readonly refused: readonly string[];
  /** Of these, what is no verdict: the batch waits as it is. */
  readonly held: readonly string[];
  /** Sales that are not over. */
  readonly waiting: number;
  readonly isOffline: boolean;
}

/** Long enough for a gateway that is busy, and short: a batch that lapsed is made again. */
const BATCH_SECONDS = 3_600;
/** Of a batch that leaves the till as a file: as long as a programme may let a till be offline. */
const FILE_SECONDS = 7 * 86_400;
/** What is over for a batch and not for its sales: they are signed by the till anew. */
const TRY_AGAIN: ReadonlySet<string> = new Set<RefusalCode>([
  'redemption-batch-expired',
  'till-signature-invalid',
]);
/** What the ledger says of the sales themselves: signed into another batch they would meet it again. */
const OF_ITEMS: ReadonlySet<string> = new Set<RefusalCode>([
  'nothing-redeemed',
  'item-malformed',
  'item-count-differs',
]);
/** What passes by itself: the batch waits as it is. */
const WAITS: ReadonlySet<string> = new Set<RefusalCode>([
  ...PASSING_FOR_SALES,
  'token-required',
  'token-not-valid',
  'forbidden',
  'vendor-unknown',
]);

export async function postAll(posting: Posting): Promise<Posted> {
  const { change } = posting;
  const said: Said = { refused: [], held: [], redeemedBefore: 0 };
  // A sale is known by what its card signed: the queue may be read anew at every change.
  const [before, batches, groups] = await change((queue) => [
    new Set(queue.sales.filter(isOver).map(({ signature }) => signature)),
    [...queue.batches],
    posting.key === undefined ? 0 : grouped(queue).length,
  ]);
  let isOffline = false;
  for (const batch of batches) isOffline ||= !(await finish(batch, posting, said));
  for (let made = 0; made < groups && !isOffline; made++) {
    const batch = await change((queue) => batchNext(queue, posting, BATCH_SECONDS));
    if (batch !== undefined) isOffline = !(await finish(batch, posting, said));
  }
  return change((queue) => {
    const over = queue.sales.filter((sale) => isOver(sale) && !before.has(sale.signature));
    return {
      redeemed: over.filter(({ state }) => state === 'redeemed').length,
      skipped: over.flatMap(({ state, code = '', asked: { index } }) =>
        state === 'skipped' ? [{ index, code }] : [],
      ),
      redeemedBefore: said.redeemedBefore,
      refused: said.refused,
      held: said.held,
      isOffline,
      waiting: queue.sales.filter((sale) => !isOver(sale)).length,
    };
  });
}

/** Signs every sale that waits into batches which somebody else may carry. */
export function signForFile(queue: Queue, posting: Omit<Posting, 'carrier' | 'change'>): void {
  while (batchNext(queue, posting, FILE_SECONDS) !== undefined);
}

/** The next sales that are in no batch, in one; undefined where there are none. */
function batchNext(
  queue: Queue,
  posting: Omit<Posting, 'carrier' | 'change'>,
  seconds: number,
): QueuedBatch | undefined {
  const [sales] = grouped(queue);
  if (sales === undefined) return undefined;
  const batch = batchOf(sales, posting, seconds);
  mark(queue, (sale) => sales.includes(sale), { state: 'posting', batch: batch.itemsHash });
  queue.batches.push(batch); // it is kept before it is sent: a kill from here on finds the batch and its key
  return batch;
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

function batchOf(
  sales: readonly QueuedSale[],
  { key: till, register, nowSeconds, newKey }: Omit<Posting, 'carrier' | 'change'>,
  seconds: number,
): QueuedBatch {
  const [first] = sales;
  if (first === undefined || till === undefined) throw new Error('a batch of nothing, or of nobody');
  const sale = saleOf(first.asked, BigInt(first.offlineSince));
  const deadline = nowSeconds() + seconds;
  const items = sales.map(({ asked, signature }) => itemIn(asked, signature));
  const { itemsHash, items: words, count, digest } = assembleBatch(register, sale, items, BigInt(deadline));
  const { programme, cycle, vendor, till: number } = sale;
  const body = {
    programme,
    cycle,
    vendor,
    till: number,
    count,
    offlineSince: first.offlineSince,
    deadline,
    items: words,
    signature: signShown(digest, till),
  };
  return { itemsHash, key: newKey(), body };
}

/** Posts one batch, or finds that it was, and writes what became of its sales. False where the gateway does not answer. */
async function finish(batch: QueuedBatch, posting: Posting, said: Said): Promise<boolean> {
  const { refused, held } = said;
  const { carrier, change, nowSeconds } = posting;
  const isOf = (sale: QueuedSale) => sale.batch === batch.itemsHash && !isOver(sale);
  const taken = () => change((queue) => mark(queue, isOf, { state: 'accepted' }));
  const before = await carrier.recorded(batch);
  let isFound = before.kind === 'told';
  let answered = before.kind === 'none' ? await carrier.post(batch, taken) : before;
  // Whoever refuses to say what was recorded has not judged the batch.
  let isVerdict = before.kind === 'none' && isJudged(answered);
  if (isVerdict) {
    // Another hand may have had it recorded since, and then it is refused for having been paid.
    const since = await carrier.recorded(batch);
    isVerdict = since.kind === 'none';
    if (!isVerdict) answered = since;
    isFound = since.kind === 'told';
  }
  if (answered.kind === 'silent' || answered.kind === 'none') return false;
  if (answered.kind === 'refused') {
    const { code } = answered;
    if (code !== 'nothing-redeemed') refused.push(code);
    if (!isVerdict) {
      held.push(code);
      return true;
    }
  }
  await change((queue) => {
    const waiting = queue.sales.flatMap((sale, place) => (isOf(sale) ? [place] : []));
    if (answered.kind === 'told') settle(queue, isOf, answered.told);
    else if (answered.code === 'nothing-redeemed') skipAll(queue, isOf, answered.reasons);
    else {
      const isAgain = TRY_AGAIN.has(answered.code) || isEnded(answered);
      mark(queue, isOf, isAgain ? { state: 'signed' } : { state: 'refused', code: answered.code });
    }
    if (isFound) said.redeemedBefore += waiting.filter((i) => queue.sales[i]?.state === 'redeemed').length;
    const place = queue.batches.findIndex(({ itemsHash }) => itemsHash === batch.itemsHash);
    if (place >= 0) queue.batches.splice(place, 1);
    queue.lastContact = nowSeconds();
  });
  return true;
}

interface Said {
  readonly refused: string[];
  readonly held: string[];
  redeemedBefore: number;
}

/** Accepted, and over for another reason than its sales: its key is of no more use. */
const isEnded = ({ isOver, code }: Refused): boolean => isOver && !OF_ITEMS.has(code);

/** Refused in a way that no waiting mends, of the batch as it was sent. */
function isJudged(answered: Answered): boolean {
  if (answered.kind !== 'refused') return false;
  return isEnded(answered) || !(answered.isRetryable || WAITS.has(answered.code));
}

function settle(queue: Queue, isOf: (sale: QueuedSale) => boolean, told: RedemptionTold): void {
  for (const { index, sequence, remainingBefore, outcome } of told.batches.flatMap(({ items }) => items)) {
    const isIt = (sale: QueuedSale) =>
      isOf(sale) &&
      sale.asked.index === index &&
      sale.asked.sequence === sequence &&
      sale.asked.remainingBefore === remainingBefore;
    mark(queue, isIt, outcome === 'redeemed' ? { state: 'redeemed' } : { state: 'skipped', code: outcome });
  }
}

/** Every item with its own reason, in the order of the batch. */
function skipAll(queue: Queue, isOf: (sale: QueuedSale) => boolean, reasons: readonly string[]): void {
  let place = 0;
  queue.sales.forEach((sale, i) => {
    if (isOf(sale)) {
      const code = reasons[place++] ?? 'nothing-redeemed';
      queue.sales[i] = Object.assign({}, sale, { state: 'skipped', code });
    }
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
