/**
 * What a till sold and has not settled yet, as the file that survives whatever happens to the till.
 *
 * States of a sale: `signed` by the card and waiting; `posting`, in a batch that is kept before it is sent, so that
 * after a kill the same batch goes under the same key and counts once; `accepted`, when the gateway took that batch and
 * the ledger has not said anything yet; `redeemed` or `skipped`, as the ledger said; `refused`, where the gateway took
 * the whole batch for none. Promises: no state goes backwards but from a batch that was over before anybody judged its
 * sales, which are `signed` again; the state of a card is sold once; what is written can be read. Pure; a command keeps it in a folder, a browser in its database.
 */
import type { Bytes32, Hex } from '../base/hex.ts';
import { refusal } from '../base/refusal.ts';
import {
  hexIn,
  isRecord,
  jsonOf,
  listOf,
  type Malformed,
  recordOf,
  requireFormat,
  wholeIn,
} from '../base/strictJson.ts';
import type { VendorId } from '../base/terms.ts';
import { entryAfter } from './judge.ts';
import { type AskedPurchase, askedIn, itemSignature, type KnownEntry, PURCHASE_FIELDS } from './purchase.ts';
import type { TillId } from './terms.ts';

export const SALE_STATES = ['signed', 'posting', 'accepted', 'redeemed', 'skipped', 'refused'] as const;
export type SaleState = (typeof SALE_STATES)[number];

export interface QueuedSale {
  readonly asked: AskedPurchase;
  readonly signature: Hex;
  /** From when the till had no contact; 0 where it had. */
  readonly offlineSince: number;
  readonly state: SaleState;
  /** Hash of the items of its batch, once there is one. */
  readonly batch?: Bytes32;
  /** Why it was not redeemed. */
  readonly code?: string;
}

export interface QueuedBatch {
  readonly itemsHash: Bytes32;
  /** The idempotency key of every time it is sent. */
  readonly key: string;
  /** As it was signed. */
  readonly body: object;
}

export interface Queue {
  readonly vendor: VendorId;
  readonly till: TillId;
  /** Unix second at which the gateway last answered. */
  lastContact: number;
  /** What a card had left when the till last knew, by `entryName`. */
  readonly entries: Map<string, KnownEntry>;
  readonly sales: QueuedSale[];
  readonly batches: QueuedBatch[];
}

const FORMAT = 'kudurru-till-queue-1';
/** A till that was offline for a week of busy days; more is refused before a card signs. */
const MAX_QUEUED = 5_000;
/** Sales that are over are kept for the day's receipts, and no longer than there is room. */
const MAX_OVER = 2_000;
/** What was known of cards is kept for as many as come in a busy month; what a sale waits for stays in any case. */
const MAX_KNOWN = 10_000;
export const MAX_QUEUE_BYTES = 64 * 2 ** 20;
const UINT40 = 2 ** 40 - 1;
const malformed: Malformed = (field) =>
  refusal('till-file-malformed', undefined, field === '' ? {} : { field });

const WAITING: ReadonlySet<SaleState> = new Set(['signed', 'posting', 'accepted']);
export const isOver = ({ state }: QueuedSale): boolean => !WAITING.has(state);
export const entryName = ({
  programme,
  cycle,
  index,
}: Pick<AskedPurchase, 'programme' | 'cycle' | 'index'>) => `${programme}/${cycle}/${index}`;

export const emptyQueue = (vendor: VendorId, till: TillId): Queue => ({
  vendor,
  till,
  lastContact: 0,
  entries: new Map(),
  sales: [],
  batches: [],
});

/** The latest moment of the gateway that the queue has heard of: no time is earlier. */
export const lastHeard = ({ lastContact, sales }: Queue): number =>
  sales.reduce((latest, { asked: { soldAt } }) => Math.max(latest, soldAt), lastContact);

/** In contact within a minute is in contact. */
const IN_CONTACT_SECONDS = 60;
/** Of an entry that another command of this till asked about. */
const UNKNOWN_END = 2 ** 40 - 1;

/** Refuses before a card signs what there would be no room for. */
export function requireRoom({ sales }: Queue): void {
  if (sales.filter((sale) => !isOver(sale)).length >= MAX_QUEUED) {
    throw refusal('till-queue-full', { limit: MAX_QUEUED });
  }
}

/** Whether a sale of this entry waits here, so that the till knows better than the ledger what is left. */
export const isWaiting = ({ sales }: Queue, name: string): boolean =>
  sales.some((sale) => !isOver(sale) && entryName(sale.asked) === name);

/** What a card has left, as the till knows it now; the one heard of last stands last. */
export function know({ entries }: Queue, name: string, entry: KnownEntry): void {
  entries.delete(name);
  entries.set(name, entry);
}

/** What a queue keeps of its entries: more would fill it until nobody can read it again. */
function kept({ entries, sales }: Queue): readonly (readonly [name: string, entry: KnownEntry])[] {
  const waiting = new Set(sales.filter((sale) => !isOver(sale)).map(({ asked }) => entryName(asked)));
  const first = entries.size - MAX_KNOWN;
  return [...entries].filter(([name], i) => i >= first || waiting.has(name));
}

/** Takes up what a card signed. Refuses as `item-remaining-stale` a state of the card that was sold meanwhile. */
export function takeSale(queue: Queue, asked: AskedPurchase, signature: Hex, nowSeconds: number): void {
  const { enrolmentEpoch, remainingBefore, sequence, units } = asked;
  const name = entryName(asked);
  const known = queue.entries.get(name);
  const isSold = known !== undefined && (known.units !== remainingBefore || known.sequence !== sequence);
  if (isSold) throw refusal('item-remaining-stale');
  const { entryBytes = 4, spendUntil = UNKNOWN_END, cardEpoch = asked.cardEpoch } = known ?? {};
  const left = entryAfter({ units: remainingBefore, sequence }, units, entryBytes);
  know(queue, name, Object.assign({ enrolmentEpoch, entryBytes, cardEpoch, spendUntil }, left));
  const offlineSince = nowSeconds - queue.lastContact < IN_CONTACT_SECONDS ? 0 : queue.lastContact;
  queue.sales.push({ asked, signature, offlineSince, state: 'signed' });
}

// ---- The file -----------------------------------------------------------------------------------------------

export function writeQueue(of: Queue): string {
  const { vendor, till, lastContact, sales, batches } = of;
  const over = sales.filter(isOver);
  const dropped = new Set(over.slice(0, Math.max(0, over.length - MAX_OVER)));
  const shown = sales.filter((sale) => !dropped.has(sale));
  const queue = {
    format: FORMAT,
    vendor,
    till,
    lastContact,
    entries: kept(of).map(([name, entry]) => ({ name, ...entry })),
    sales: shown.map(({ asked, signature, offlineSince, state, batch = null, code = null }) => ({
      asked,
      signature,
      offlineSince,
      state,
      batch,
      code,
    })),
    batches: batches.map(({ itemsHash, key, body }) => ({ itemsHash, key, body })),
  };
  return `${JSON.stringify(queue)}\n`;
}

export function readQueue(text: string): Queue {
  const json = jsonOf(text, MAX_QUEUE_BYTES, malformed);
  requireFormat(json, FORMAT, malformed);
  const names = ['format', 'vendor', 'till', 'lastContact', 'entries', 'sales', 'batches'];
  const given = recordOf(json, '', names, malformed);
  const most = MAX_QUEUED + MAX_OVER;
  return {
    vendor: hexIn(given.vendor, 32, '/vendor', malformed),
    till: wholeIn(given.till, 2 ** 32 - 1, '/till', malformed) as TillId,
    lastContact: wholeIn(given.lastContact, UINT40, '/lastContact', malformed),
    entries: new Map(listOf(given.entries, '/entries', 10 * most, malformed, readEntry)),
    sales: listOf(given.sales, '/sales', most, malformed, readSale),
    batches: listOf(given.batches, '/batches', most, malformed, readBatch),
  };
}

function readEntry(json: unknown, place: string): [string, KnownEntry] {
  const names = ['name', 'units', 'sequence', 'entryBytes', 'enrolmentEpoch', 'cardEpoch', 'spendUntil'];
  const { name, entryBytes, ...numbers } = recordOf(json, place, names, malformed);
  if (typeof name !== 'string' || (entryBytes !== 1 && entryBytes !== 4)) throw malformed(place);
  const whole = (field: Exclude<keyof KnownEntry, 'entryBytes'>, most = 2 ** 24 - 1) =>
    wholeIn(numbers[field], most, `${place}/${field}`, malformed);
  const [units, sequence, enrolmentEpoch] = [whole('units'), whole('sequence'), whole('enrolmentEpoch')];
  const [cardEpoch, spendUntil] = [whole('cardEpoch'), whole('spendUntil', UINT40)];
  return [name, { units, sequence, entryBytes, enrolmentEpoch, cardEpoch, spendUntil }];
}

function readSale(json: unknown, place: string): QueuedSale {
  const names = ['asked', 'signature', 'offlineSince', 'state', 'batch', 'code'];
  const {
    asked,
    signature,
    offlineSince,
    state: named,
    batch,
    code,
  } = recordOf(json, place, names, malformed);
  const state = SALE_STATES.find((one) => one === named);
  if (state === undefined || (code !== null && typeof code !== 'string')) throw malformed(place);
  const signed = itemSignature(signature);
  if (signed === undefined) throw malformed(`${place}/signature`);
  return {
    asked: askedIn(recordOf(asked, `${place}/asked`, PURCHASE_FIELDS, malformed)),
    signature: signed,
    offlineSince: wholeIn(offlineSince, UINT40, `${place}/offlineSince`, malformed),
    state,
    ...(batch === null ? {} : { batch: hexIn<Bytes32>(batch, 32, `${place}/batch`, malformed) }),
    ...(code === null ? {} : { code }),
  };
}

function readBatch(json: unknown, place: string): QueuedBatch {
  const { itemsHash, key, body } = recordOf(json, place, ['itemsHash', 'key', 'body'], malformed);
  if (typeof key !== 'string' || !isRecord(body)) throw malformed(place);
  return { itemsHash: hexIn(itemsHash, 32, `${place}/itemsHash`, malformed), key, body };
}
