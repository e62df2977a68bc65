/**
 * The routes of long work, and how an upload becomes it.
 *
 * Promises: an upload is answered when it is done, or at once with `Prefer: respond-async` and the place to ask; a job
 * answers what the upload would have answered. A long answer leaves piece by piece, so that writing it holds nobody up.
 */
import { z } from 'zod';
import type { Job, JobOf, JobOffice, Jobs } from '../desk/jobs.ts';
import { answerError } from './problem.ts';
import { type Answer, type Asked, type Route, route } from './route.ts';

const OFFICES = ['registrar', 'agency'] as const;
const jobParams = z.object({ id: z.uuid() });

const jobBody = z.object({
  id: z.string(),
  kind: z.string(),
  state: z.enum(['running', 'done', 'refused', 'cancelled']),
  phase: z.string().optional(),
  done: z.int().optional().meta({ description: 'Lines or parcels of the phase' }),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().optional(),
  answer: z.unknown().optional().meta({
    description:
      'What the upload answers, once it is done; for an hour, and for less where many long answers came since',
  }),
  problem: z.unknown().optional().meta({ description: 'RFC 9457, where the whole file was refused' }),
});

/** What an upload answers that does not wait for its end. */
export const begunBody = z.object({ job: z.string(), href: z.string() });

export async function answerAsJob(
  jobs: Jobs<Answer>,
  { principal, isAsync }: Pick<Asked<unknown, unknown, unknown>, 'principal' | 'isAsync'>,
  of: Pick<JobOf, 'kind' | 'office'>,
  work: (office: JobOffice) => Promise<Answer>,
): Promise<Answer> {
  const { institution } = principal;
  const job = jobs.start(Object.assign({ institution }, of), work);
  if (!isAsync) return job.done.finally(() => job.forget()); // whoever waits is not told its id
  const href = `/jobs/${job.id}`;
  return { status: 202, body: { job: job.id, href }, headers: { Location: href } };
}

/** Lines, people and parcels that an answer lists. */
export function linesAnswered({ body }: Answer): number {
  const lists = typeof body === 'object' && body !== null ? Object.values(body) : [];
  return lists.reduce((sum: number, one) => sum + (Array.isArray(one) ? one.length : 0), 0);
}

export function jobRoutes(jobs: Jobs<Answer>): Route[] {
  return [
    route({
      method: 'get',
      path: '/jobs/{id}',
      roles: OFFICES,
      scope: 'job',
      tag: 'operations',
      summary: 'How far a long upload is, and what it answered',
      isHeavy: true,
      params: jobParams,
      answers: { 200: jobBody },
      handle: async ({ params, principal }) => ({
        status: 200,
        body: bodyOf(jobs.find(principal.institution, params.id)),
        headers: { 'Cache-Control': 'no-store' },
        isLong: true,
      }),
    }),
    route({
      method: 'delete',
      path: '/jobs/{id}',
      roles: OFFICES,
      scope: 'job',
      tag: 'operations',
      summary: 'Ends a long upload; what it wrote stays, and the same file again goes on from there',
      params: jobParams,
      answers: { 200: jobBody },
      handle: async ({ params, principal }) => {
        const job = jobs.find(principal.institution, params.id);
        job.cancel();
        await job.done.catch(() => {});
        return { status: 200, body: bodyOf(job) };
      },
    }),
  ];
}

function bodyOf(job: Job<Answer>) {
  const { id, kind, state, progress, startedAtMs, endedAtMs, answer, error } = job;
  return {
    id,
    kind,
    state,
    phase: progress?.phase,
    done: progress?.done,
    startedAt: new Date(startedAtMs).toISOString(),
    endedAt: endedAtMs === undefined ? undefined : new Date(endedAtMs).toISOString(),
    answer: answer?.body,
    problem: error === undefined ? undefined : answerError(error, id).problem,
  };
}
