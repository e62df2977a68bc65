/**
 * What a till sold and has not settled yet, in a file that survives whatever happens to the till.
 *
 * States of a sale: `signed` by the card and waiting; `posting`, in a batch that is on disk before it is sent, so that
 * after a kill the same batch goes under the same key and counts once; `redeemed` or `skipped`, as the ledger said;
 * `refused`, where the gateway took the whole batch for none. Promises: a sale is on disk before it is told; no state goes
 * backwards but from a refused batch whose time was over, whose sales are `signed` again; two commands never write at once.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Bytes32, Hex } from '../server/domain/base/hex.ts';
import { refusal } from '../server/domain/base/refusal.ts';
import { isRecord, jsonOf, listOf, recordOf, requireFormat } from '../server/domain/base/strictJson.ts';
import type { VendorId } from '../server/domain/base/terms.ts';
import type { TillId } from '../server/domain/benefits/terms.ts';
import { hexIn, wholeIn } from './cardFile.ts';
import { prepareFolder, readPrivate, replaceDurably } from './privateFiles.ts';
import { type AskedPurchase, askedIn, itemSignature, PURCHASE_FIELDS } from './purchase.ts';

export const SALE_STATES = ['signed', 'posting', 'redeemed', 'skipped', 'refused'] as const;
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

/** What a card had left when the till last knew, by programme, cycle and index. */
export interface KnownEntry {
  readonly units: number;
  readonly sequence: number;
  readonly entryBytes: 1 | 4;
  readonly enrolmentEpoch: number;
  readonly cardEpoch: number;
  /** Unix second after which no purchase of the cycle is paid, as far as the till knows. */
  readonly spendUntil: number;
}

export interface Queue {
  readonly vendor: VendorId;
  readonly till: TillId;
  /** Unix second at which the gateway last answered. */
  lastContact: number;
  readonly entries: Map<string, KnownEntry>;
  readonly sales: QueuedSale[];
  readonly batches: QueuedBatch[];
}

const FORMAT = 'kudurru-till-queue-1';
const FILE = 'queue.json';
const LOCK = 'queue.lock';
/** A till that was offline for a week of busy days; more is refused before a card signs. */
export const MAX_QUEUED = 5_000;
/** Sales that are over are kept for the day's receipts, and no longer than there is room. */
const MAX_OVER = 2_000;
const MAX_BYTES = 64 * 2 ** 20;
const UINT40 = 2 ** 40 - 1;
const malformed = (field: string) => refusal('till-file-malformed', undefined, field === '' ? {} : { field });

export const isOver = ({ state }: QueuedSale): boolean => state !== 'signed' && state !== 'posting';
export const entryName = ({
  programme,
  cycle,
  index,
}: Pick<AskedPurchase, 'programme' | 'cycle' | 'index'>) => `${programme}/${cycle}/${index}`;

/** Opens the queue of a till for one command, and lets it go when the command is over. */
export async function withQueue<T>(
  given: string,
  { vendor, till }: Pick<Queue, 'vendor' | 'till'>,
  use: (queue: Queue, save: () => void) => Promise<T>,
): Promise<T> {
  const folder = prepareFolder(given);
  const free = lock(folder);
  try {
    const text = readPrivate(path.join(folder, FILE), MAX_BYTES);
    const queue = text === undefined ? emptyQueue(vendor, till) : readQueue(text);
    if (queue.vendor !== vendor || queue.till !== till) throw refusal('till-of-another-key');
    return await use(queue, () => replaceDurably(folder, FILE, writeQueue(queue)));
  } finally {
    free();
  }
}

const emptyQueue = (vendor: VendorId, till: TillId): Queue => ({
  vendor,
  till,
  lastContact: 0,
  entries: new Map(),
  sales: [],
  batches: [],
});

/** A lock of a process that is gone is taken over. */
function lock(folder: string): () => void {
  const file = path.join(folder, LOCK);
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      fs.writeFileSync(file, String(process.pid), { flag: 'wx', mode: 0o600 });
      return () => fs.rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (isAlive(Number(fs.readFileSync(file, 'utf8')))) break;
      fs.rmSync(file, { force: true });
    }
  }
  throw refusal('till-queue-busy');
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

// ---- The file -----------------------------------------------------------------------------------------------

function writeQueue({ vendor, till, lastContact, entries, sales, batches }: Queue): string {
  const over = sales.filter(isOver);
  const dropped = new Set(over.slice(0, Math.max(0, over.length - MAX_OVER)));
  const kept = sales.filter((sale) => !dropped.has(sale));
  const queue = {
    format: FORMAT,
    vendor,
    till,
    lastContact,
    entries: [...entries].map(([name, entry]) => ({ name, ...entry })),
    sales: kept.map(({ asked, signature, offlineSince, state, batch = null, code = null }) => ({
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

function readQueue(text: string): Queue {
  const json = jsonOf(text, MAX_BYTES, malformed);
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
