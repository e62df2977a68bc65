/**
 * Long work that can be left and found again: how far it is, what it answered, and its end before its time.
 *
 * Promises: a job belongs to the institution that began it, and to the office that it is about; jobs under way and jobs
 * remembered are bounded, by their number and by the lines of their answers, and of a refusal what is shown; an answer is forgotten within the hour, and at
 * once where whoever began the job waited for it; a cancelled job leaves what it had written, and the same request again goes on
 * from there. Jobs are not on disk: after a stop the request is sent again. `http` begins and shows them.
 */
import { randomUUID } from 'node:crypto';
import { Refusal, refusal } from '../domain/base/refusal.ts';
import type { OfficeId } from '../domain/base/terms.ts';
import type { Progress } from '../threads/messages.ts';

/** Of one institution at once: a file a window of a clerk, and one that was forgotten. */
const UNDER_WAY_MAX = 4;
const REMEMBERED_MAX = 64;
/** Of all answers together: some hundred megabytes. The newest is remembered however long it is. */
const LINES_REMEMBERED_MAX = 400_000;
const REMEMBERED_MS = 3_600_000;

export type JobState = 'running' | 'done' | 'refused' | 'cancelled';

/** What a job's work is given. */
export interface JobOffice {
  readonly signal: AbortSignal;
  onProgress(progress: Progress): void;
}

/** Whose a job is, and what is done. */
export interface JobOf {
  readonly institution: number;
  /** Whose object it is about: 0 where every office's officers act on it. */
  readonly office: OfficeId;
  readonly kind: string;
}

export interface Job<Answer> extends JobOf {
  readonly id: string;
  readonly startedAtMs: number;
  state: JobState;
  endedAtMs: number | undefined;
  progress: Progress | undefined;
  answer: Answer | undefined;
  error: unknown;
  /** Settles as the work does. */
  readonly done: Promise<Answer>;
  cancel(): void;
  /** Of a job whose answer was given, and which nobody can ask for. */
  forget(): void;
}

export interface Jobs<Answer> {
  /** Refuses as `jobs-too-many`. */
  start(of: JobOf, work: (office: JobOffice) => Promise<Answer>): Job<Answer>;
  /** Refuses as `job-missing`, also what another institution began. */
  find(institution: number, id: string): Job<Answer>;
  /** Ends what is under way, and begins nothing more; resolves when nothing goes on. Who waits is told `gateway-stopping`. */
  close(): Promise<void>;
}

export interface JobsDependencies<Answer> {
  nowMs(): number;
  /** How long an answer is. */
  linesOf(answer: Answer): number;
  /** What is remembered of an error: as much as is ever shown of it. */
  shownOf(error: unknown): unknown;
}

export function openJobs<Answer>({ nowMs, linesOf, shownOf }: JobsDependencies<Answer>): Jobs<Answer> {
  const jobs = new Map<string, Job<Answer>>();
  let isClosed = false;
  const forget = () => {
    const ended = [...jobs.values()].filter(({ state }) => state !== 'running');
    const surplus = jobs.size - REMEMBERED_MAX;
    for (const [i, { id, endedAtMs = 0 }] of ended.entries()) {
      if (i < surplus || endedAtMs + REMEMBERED_MS < nowMs()) jobs.delete(id);
    }
  };
  /** Those whose work ended first go first, and never the one that just ended. */
  const forgetLong = (newest: string) => {
    const answered = [...jobs.values()].flatMap((job) =>
      job.answer === undefined ? [] : [{ job, lines: linesOf(job.answer) }],
    );
    answered.sort((one, other) => (one.job.endedAtMs ?? 0) - (other.job.endedAtMs ?? 0));
    let lines = answered.reduce((sum, one) => sum + one.lines, 0);
    for (const { job, lines: own } of answered) {
      if (lines <= LINES_REMEMBERED_MAX) return;
      if (job.id === newest) continue;
      jobs.delete(job.id);
      lines -= own;
    }
  };
  return {
    start({ institution, office, kind }, work) {
      if (isClosed) throw refusal('gateway-stopping');
      forget();
      const own = [...jobs.values()].filter(
        (job) => job.institution === institution && job.state === 'running',
      );
      if (own.length >= UNDER_WAY_MAX) throw refusal('jobs-too-many', { limit: UNDER_WAY_MAX });
      const stop = new AbortController();
      const done = (async () =>
        work({ signal: stop.signal, onProgress: (progress) => (job.progress = progress) }))().catch(
        (error: unknown) => {
          // Nobody ended it who could be told so: the gateway did.
          const isEndedByStop = isClosed && error instanceof Refusal && error.code === 'job-cancelled';
          throw isEndedByStop ? refusal('gateway-stopping') : shownOf(error);
        },
      );
      const job: Job<Answer> = {
        id: randomUUID(),
        institution,
        office,
        kind,
        startedAtMs: nowMs(),
        state: 'running',
        done,
        endedAtMs: undefined,
        progress: undefined,
        answer: undefined,
        error: undefined,
        cancel: () => stop.abort(),
        forget: () => jobs.delete(job.id),
      };
      jobs.set(job.id, job);
      done.then(
        (answer) => {
          Object.assign(job, { state: 'done', answer, endedAtMs: nowMs() });
          forgetLong(job.id);
        },
        (error: unknown) =>
          Object.assign(job, {
            state: stop.signal.aborted ? 'cancelled' : 'refused',
            error,
            endedAtMs: nowMs(),
          }),
      );
      return job;
    },
    find(institution, id) {
      forget();
      const job = jobs.get(id);
      if (job?.institution !== institution) throw refusal('job-missing');
      return job;
    },
    async close() {
      isClosed = true;
      const running = [...jobs.values()].filter(({ state }) => state === 'running');
      for (const job of running) job.cancel();
      await Promise.allSettled(running.map(({ done }) => done));
    },
  };
}
