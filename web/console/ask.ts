/**
 * Asks the gateway, as the session of this browser. Promises: whatever happens is an answer or a `Told` error that says what
 * was refused; a POST has a key of its own, and the same order asked again has the same one; every order names whom the page
 * was made for, so that nothing is done in the name of who signed in beside it.
 */

/** What the gateway refused, or `undefined` of a code where it did not answer at all. */
export class Told extends Error {
  readonly code: string | undefined;
  readonly remedy: string;
  readonly status: number;
  constructor(status: number, problem: { code?: string; detail?: string; remedy?: string }) {
    super(problem.detail ?? '');
    this.status = status;
    this.code = problem.code;
    this.remedy = problem.remedy ?? '';
  }
}

export interface Order {
  readonly method?: 'POST' | 'PUT' | 'DELETE';
  readonly body?: unknown;
  /** A file as it is, in place of a body. */
  readonly file?: Blob;
  /** Long work is begun and asked for later. */
  readonly isAsync?: true;
  readonly caseReference?: string;
  /** Of one intention, however often it is sent. */
  readonly key?: string;
  readonly waitSeconds?: number;
  /** As whoever is signed in now, and not as whom the page was made for. */
  readonly asAnybody?: true;
}

/** Every window of a browser has the same session: whose it was when this page was made. */
let holder: string | undefined;

export function madeFor(next: string | undefined): void {
  holder = next;
}

type Heard = 'used' | 'ended';
let heard: (what: Heard) => void = () => {};

/** Of all windows: whoever signs out ends every session of hers. */
export const ended = (): void => heard('ended');

/** Told of every use of the session, and of its end. */
export function onSession(listener: (what: Heard) => void): void {
  heard = listener;
}

/** The answer as it was written, for what a person keeps as a file or a page judges byte by byte. */
export async function askText(place: string, order: Order = {}): Promise<string> {
  const { method = 'GET', body, file, caseReference, key, waitSeconds, asAnybody } = order;
  const headers = new Headers();
  if (body !== undefined) headers.set('Content-Type', 'application/json');
  // What it is, is seen by its bytes: browsers name one format by many names.
  if (file !== undefined) headers.set('Content-Type', 'application/octet-stream');
  if (order.isAsync === true) headers.set('Prefer', 'respond-async');
  if (key !== undefined) headers.set('Idempotency-Key', key);
  if (holder !== undefined && asAnybody === undefined) headers.set('X-Session-Holder', holder);
  if (waitSeconds !== undefined) headers.set('Prefer', `wait=${waitSeconds}`);
  // A header carries letters of one byte: whatever else stands in a case number is refused in words by the gateway.
  if (caseReference !== undefined) headers.set('X-Case-Reference', encodeURI(caseReference));
  let answer: Response;
  let text: string;
  try {
    const sent = file ?? (body === undefined ? null : JSON.stringify(body));
    answer = await fetch(place, { method, headers, body: sent, credentials: 'same-origin' });
    text = await answer.text();
  } catch {
    throw new Told(0, {});
  }
  if (answer.status === 401) heard('ended');
  if (!answer.ok) throw new Told(answer.status, problemIn(text));
  if (holder !== undefined) heard('used');
  return text;
}

export async function ask<T>(place: string, order: Order = {}): Promise<T> {
  return JSON.parse(await askText(place, order)) as T;
}

function problemIn(text: string): { code?: string; detail?: string; remedy?: string } {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** A page of a list. */
export interface Page<T> {
  readonly total: number;
  readonly rows: readonly T[];
  readonly next?: string;
}

export interface Who {
  readonly holder: string;
  /** What the token is for, as its issuer wrote it. */
  readonly label?: string;
  readonly idleSeconds: number;
  readonly roles: readonly string[];
  readonly institution: number;
  readonly office?: number;
}
