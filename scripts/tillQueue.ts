/**
 * The queue of a till in a folder: on disk before anything of it is told, for one command at a time.
 *
 * Promises: two commands never write at once; a file that another till handed over is taken up into a folder that has none.
 */
import fs from 'node:fs';
import path from 'node:path';
import { refusal } from '../server/domain/base/refusal.ts';
import {
  emptyQueue,
  MAX_QUEUE_BYTES,
  type Queue,
  readQueue,
  writeQueue,
} from '../server/domain/benefits/tillQueue.ts';
import { NotUnderstood } from './answer.ts';
import { prepareFolder, readPrivate, replaceDurably, writeNew } from './privateFiles.ts';

const FILE = 'queue.json';
const LOCK = 'queue.lock';

/** Opens the queue of a till for one command, and lets it go when the command is over. */
export async function withQueue<T>(
  given: string,
  { vendor, till }: Pick<Queue, 'vendor' | 'till'>,
  use: (queue: Queue, save: () => void) => Promise<T>,
): Promise<T> {
  const folder = prepareFolder(given);
  const free = lock(folder);
  try {
    const text = readPrivate(path.join(folder, FILE), MAX_QUEUE_BYTES);
    const queue = text === undefined ? emptyQueue(vendor, till) : readQueue(text);
    if (queue.vendor !== vendor || queue.till !== till) throw refusal('till-of-another-key');
    return await use(queue, () => replaceDurably(folder, FILE, writeQueue(queue)));
  } finally {
    free();
  }
}

/** Takes up what a till in a browser kept, as the queue of a folder. Refuses as `till-of-another-key` that of another till. */
export function takeUpQueue(
  given: string,
  text: string,
  { vendor, till }: Pick<Queue, 'vendor' | 'till'>,
): void {
  const queue = readQueue(text);
  if (queue.vendor !== vendor || queue.till !== till) throw refusal('till-of-another-key');
  if (!writeNew(prepareFolder(given), FILE, writeQueue(queue))) {
    throw new NotUnderstood(`${given} has a queue already: give a folder that has none.`);
  }
}

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
