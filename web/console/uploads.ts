/**
 * Sending the gateway a file of an office: tried first, then taken as long work whose progress is asked for.
 *
 * Promises: the place of the work stands in the address, so that it is found again after a reload and whoever leaves the page
 * loses nothing; what a file is, is seen by its bytes and never by what a browser calls it.
 */
import { element, type Voice } from '../page/dom.ts';
import { ask, Told } from './ask.ts';

const ASKED_EVERY_MS = 700;

interface Job<T> {
  readonly state: 'running' | 'done' | 'refused' | 'cancelled';
  readonly phase?: string;
  readonly done?: number;
  readonly answer?: T;
  readonly problem?: { readonly code?: string; readonly detail?: string; readonly remedy?: string };
}

/** Answers with the id of the work. */
export async function beginUpload(place: string, query: URLSearchParams, file: File): Promise<string> {
  const { job } = await ask<{ readonly job: string }>(`${place}?${query}`, {
    method: 'PUT',
    file,
    isAsync: true,
  });
  return job;
}

export function tryUpload<T>(place: string, query: URLSearchParams, file: File): Promise<T> {
  const asked = new URLSearchParams(query);
  asked.set('dryRun', 'true');
  return ask<T>(`${place}?${asked}`, { method: 'PUT', file });
}

/** Says in `progress` how far it is, until it is over or the page shows something else; throws what the file was refused for. */
export async function followUpload<T>(
  voice: Voice,
  id: string,
  progress: HTMLElement,
): Promise<T | undefined> {
  for (;;) {
    const job = await ask<Job<T>>(`/jobs/${encodeURIComponent(id)}`);
    if (job.state !== 'running') {
      progress.replaceChildren();
      if (job.answer !== undefined) return job.answer;
      throw new Told(409, job.problem ?? { code: 'job-cancelled' });
    }
    const count = job.done ?? 0;
    progress.replaceChildren(
      element('p', {}, voice.said('upload.going', { count })),
      element('p', { class: 'hint' }, voice.said('upload.leave')),
    );
    await new Promise((resolve) => setTimeout(resolve, ASKED_EVERY_MS));
    if (!progress.isConnected) return undefined;
  }
}
