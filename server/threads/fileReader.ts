/**
 * Reads files on a thread of their own, one after the other, so that every other request is answered meanwhile.
 *
 * Promises: what the thread sends is dealt with before the next part comes; a task that is cancelled ends with its
 * thread, and the next task gets a fresh one; tasks that wait are bounded; a file that needs more memory than a thread
 * has ends its task as a Fault, and nothing else. The desks call it, `main` wires it.
 */
import { Worker } from 'node:worker_threads';
import { Fault } from '../domain/base/fault.ts';
import { Refusals, refusal } from '../domain/base/refusal.ts';
import type { FromThread, Part, PartAnswer, Progress, RollTable, Task, ToThread } from './messages.ts';
import { refusalOf } from './messages.ts';

/** Files that wait for the thread: more is a queue nobody would stand in. */
const WAITING_MAX = 16;
/** The largest file with all that is known of it; the process has as much again for everybody else. */
const THREAD_HEAP_MB = 1_536;

/** Who deals with what a task sends, and may end it. */
export interface TaskOffice {
  readonly signal?: AbortSignal | undefined;
  onPart?(part: Part): Promise<PartAnswer>;
  onProgress?(progress: Progress): void;
}

export interface TaskDone {
  readonly table?: RollTable;
}

interface Running {
  readonly id: number;
  readonly on: Worker;
  readonly office: TaskOffice;
  resolve(done: TaskDone): void;
  reject(error: unknown): void;
}

export interface FileReader {
  /** Throws what the file is refused for as a whole. */
  run(task: Task, office?: TaskOffice): Promise<TaskDone>;
  close(): Promise<void>;
}

/** `begin` tells a fresh thread what it must know before its first task. */
export function openFileReader(begin?: (run: FileReader['run']) => Promise<void>): FileReader {
  let thread: Worker | undefined;
  let running: Running | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let [waiting, ids] = [0, 0];

  function started(): Worker {
    const fresh = new Worker(new URL('./fileThread.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: THREAD_HEAP_MB },
    });
    fresh.unref();
    fresh.on('message', (message: FromThread) => heard(fresh, message));
    const lost = (why: string) => () => {
      if (thread === fresh) thread = undefined;
      // One that was ended with its task is gone only when the next task runs already, on another.
      if (running?.on === fresh) running.reject(new Fault(why, { retryable: false }));
    };
    fresh.on('error', lost('the thread that reads files ran out of memory, or failed'));
    fresh.on('exit', lost('the thread that reads files ended'));
    return fresh;
  }

  function heard(from: Worker, message: FromThread): void {
    if (running?.id !== message.id || from !== thread) return;
    const { office, resolve, reject } = running;
    if ('progress' in message) office.onProgress?.(message.progress);
    else if ('done' in message) resolve(message.done);
    else if ('bug' in message) reject(new Error(message.bug));
    else if ('refused' in message) {
      const [first, ...rest] = message.refused.map(refusalOf);
      reject(first === undefined ? new Error('refused for no reason') : new Refusals([first, ...rest]));
    } else {
      const answered = office.onPart?.(message.part) ?? Promise.resolve(undefined);
      answered.then(
        (answer) => from.postMessage({ id: message.id, answer } satisfies ToThread),
        (error: unknown) => {
          from.postMessage({ id: message.id, stop: true } satisfies ToThread);
          reject(error);
        },
      );
    }
  }

  function perform(on: Worker, task: Task, office: TaskOffice): Promise<TaskDone> {
    return new Promise<TaskDone>((resolve, reject) => {
      const id = ++ids;
      running = { id, on, office, resolve, reject };
      const transfer = 'file' in task && isWhole(task.file) ? [task.file.buffer] : [];
      on.postMessage({ id, task } satisfies ToThread, transfer);
    }).finally(() => {
      running = undefined;
    });
  }

  async function runNow(task: Task, office: TaskOffice): Promise<TaskDone> {
    const { signal } = office;
    if (signal?.aborted) throw refusal('job-cancelled');
    if (thread === undefined) {
      thread = started();
      const on = thread;
      await begin?.((first) => perform(on, first, {}));
    }
    const on = thread;
    const end = () => {
      running?.reject(refusal('job-cancelled'));
      thread = undefined;
      void on.terminate();
    };
    signal?.addEventListener('abort', end);
    try {
      return await perform(on, task, office);
    } finally {
      signal?.removeEventListener('abort', end);
    }
  }

  return {
    async run(task, office = {}) {
      // What keeps the index true is never turned away, and is nothing to a thread that has not begun.
      if (task.kind === 'retire' && thread === undefined) return {};
      if (waiting >= WAITING_MAX && task.kind !== 'retire')
        throw refusal('files-waiting', { limit: WAITING_MAX });
      waiting += 1;
      const done = turn.then(() => runNow(task, office));
      turn = done.catch(() => {});
      return done.finally(() => {
        waiting -= 1;
      });
    },
    async close() {
      const last = thread;
      thread = undefined;
      await last?.terminate();
    },
  };
}

/** A view of part of a buffer shares it with others, and cannot be given away. */
function isWhole({ buffer, byteLength }: Uint8Array<ArrayBuffer>): boolean {
  return buffer.byteLength === byteLength;
}
