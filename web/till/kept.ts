/**
 * What a till keeps on the device: which till it is, its locked key, and its queue.
 *
 * Promises: a change of the queue is on the disk before anything of it is told; windows change it one after another, each
 * from what the one before left; the other windows are told.
 */
import {
  emptyQueue,
  isOver,
  type Queue,
  readQueue,
  writeQueue,
} from '../../server/domain/benefits/tillQueue.ts';
import type { TillRecord } from '../../server/domain/benefits/tillRecord.ts';
import type { LockBox } from './lockBox.ts';

/** Which till this device is. */
export interface KeptTill extends TillRecord {
  /** Trust file of its ledger, as the link had it. */
  readonly trust: string;
  /** What the agency registers. */
  readonly record: string;
  readonly box: LockBox;
}

const DATABASE = 'kudurru-till';
const STORE = 'kept';
const LOCK = 'kudurru-till-queue';
const CHANNEL = 'kudurru-till';

export interface Kept {
  till(): Promise<KeptTill | undefined>;
  /** A device is one till: where there is one it stays, and nothing is kept of the other. */
  keepTill(till: KeptTill): Promise<void>;
  queue(): Promise<Queue>;
  /** Reads the queue, has it changed, and keeps it; one window at a time. */
  change<T>(by: (queue: Queue) => T): Promise<T>;
  /** Takes everything off the device; false where a sale still waits. */
  clear(): Promise<boolean>;
  /** Told when the queue has changed, here or in another window; answers with what ends that. */
  onChange(listener: () => void): () => void;
}

export async function openKept(): Promise<Kept> {
  const database = await opened();
  const channel = new BroadcastChannel(CHANNEL);
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const one of listeners) one();
  };
  channel.addEventListener('message', tell);
  const told = () => {
    channel.postMessage('changed');
    tell();
  };

  const get = <T>(key: string) =>
    done<T | undefined>(database.transaction(STORE).objectStore(STORE).get(key) as IDBRequest<T | undefined>);
  const write = (by: (store: IDBObjectStore) => void) =>
    new Promise<void>((resolve, reject) => {
      const transaction = database.transaction(STORE, 'readwrite', { durability: 'strict' });
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
      by(transaction.objectStore(STORE));
    });
  const locked = <T>(work: () => Promise<T>): Promise<T> => navigator.locks.request(LOCK, work) as Promise<T>;
  const till = () => get<KeptTill>('till');
  const read = async (): Promise<{ readonly queue: Queue; readonly text: string | undefined }> => {
    const text = await get<string>('queue');
    if (text !== undefined) return { queue: readQueue(text), text };
    const own = await till();
    if (own === undefined) throw new Error('no till');
    return { queue: emptyQueue(own.vendor, own.till), text };
  };

  return {
    till,
    // Another window may have made one meanwhile: its key may be signed for by now, and its sales wait.
    keepTill: (next) =>
      locked(async () => {
        if ((await till()) === undefined) await write((store) => store.put(next, 'till'));
      }),
    queue: async () => (await read()).queue,
    change: async (by) => {
      const changed = await locked(async () => {
        const { queue, text } = await read();
        const result = by(queue);
        const next = writeQueue(queue);
        const isChanged = next !== text;
        if (isChanged) await write((store) => store.put(next, 'queue'));
        return { result, isChanged };
      });
      if (changed.isChanged) told();
      return changed.result;
    },
    clear: async () => {
      const isCleared = await locked(async () => {
        if (!(await read()).queue.sales.every(isOver)) return false;
        await write((store) => store.clear());
        return true;
      });
      if (isCleared) told();
      return isCleared;
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function opened(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return done(request);
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
