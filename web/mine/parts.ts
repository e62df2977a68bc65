/**
 * What a person's own page is made of: asking the gateway as nobody, forms whose work runs once at a time, and what went wrong in
 * her words.
 *
 * Promises: no token and no cookie is sent; an error says what was not done and what to do; what was begun on a screen that somebody
 * left is aborted, shows nothing and saves nothing.
 */
import { type Bytes32, fromHex } from '../../server/domain/base/hex.ts';
import { Refusal } from '../../server/domain/base/refusal.ts';
import { type Child, element, english, type Voice } from '../page/dom.ts';
import { button, workForm } from '../page/forms.ts';
import type { Key } from '../page/words.ts';

const TIMEOUT_MS = 40_000;

/** What went wrong, as a key of the words. */
export class Wrong extends Error {
  readonly key: Key;
  constructor(key: Key) {
    super(key);
    this.key = key;
  }
}

/** By the code of a refusal, of this device or of the gateway. */
const WHY: Readonly<Record<string, Key>> = {
  'pin-wrong': 'mine.why.pin',
  'card-file-malformed': 'mine.why.noCard',
  'proof-not-by-key': 'mine.why.notInForce',
  'challenge-not-valid': 'mine.why.late',
  erased: 'mine.why.erased',
  'act-file-malformed': 'mine.why.noAct',
  'act-of-another-ledger': 'mine.why.otherAct',
  'consent-of-another-key': 'mine.why.notMine',
  'act-missing': 'mine.why.actGone',
  'act-ended': 'mine.why.actGone',
  'act-executed': 'mine.why.actGone',
  'act-lapsed': 'mine.why.actGone',
  'part-already-signed': 'mine.why.alreadyGiven',
  'signature-not-by-key': 'mine.why.notByKey',
  'rate-limited': 'mine.why.busy',
  'reads-waiting': 'mine.why.busy',
};

let screen = new AbortController();

/** Ends what the screen before began. */
export function newScreen(): void {
  screen.abort();
  screen = new AbortController();
}

/** Of the screen that is shown now: whoever begins something keeps it, and stops where it is aborted. */
export const screenNow = (): AbortSignal => screen.signal;

export interface Ledger {
  readonly chainId: number;
  readonly ledgerNonce: Bytes32;
  readonly genesisHash: string;
  readonly signingRelyingParty: Bytes32;
  readonly contracts?: readonly {
    readonly contract: string;
    readonly address: string;
    readonly frozenAt?: string;
  }[];
}

interface Answer {
  readonly text: string;
  /** When the gateway answered, where it says so: no rule of a page reads the clock of the device. */
  readonly nowSeconds: bigint | undefined;
}

export async function askText(of: AbortSignal, place: string, body?: unknown): Promise<Answer> {
  const late = new AbortController();
  const stop = () => late.abort();
  const timer = setTimeout(stop, TIMEOUT_MS);
  of.addEventListener('abort', stop);
  const { signal } = late;
  const sent =
    body === undefined
      ? {}
      : {
          method: 'POST',
          body: JSON.stringify(body),
          headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() },
        };
  try {
    of.throwIfAborted();
    const answer = await fetch(place, Object.assign({ credentials: 'omit' as const, signal }, sent));
    const text = await answer.text();
    if (!answer.ok) throw new Wrong(WHY[codeIn(text)] ?? 'mine.why.silent');
    const date = Date.parse(answer.headers.get('Date') ?? '');
    return { text, nowSeconds: Number.isNaN(date) ? undefined : BigInt(Math.floor(date / 1_000)) };
  } catch (error) {
    of.throwIfAborted();
    throw error instanceof Wrong ? error : new Wrong('mine.why.silent');
  } finally {
    clearTimeout(timer);
    of.removeEventListener('abort', stop);
  }
}

function codeIn(text: string): string {
  try {
    const { code } = JSON.parse(text) as { code?: unknown };
    return typeof code === 'string' ? code : '';
  } catch {
    return '';
  }
}

export const ask = async <T>(of: AbortSignal, place: string, body?: unknown): Promise<T> =>
  JSON.parse((await askText(of, place, body)).text) as T;

/** Bytes that the browser's own interfaces take. */
export const bytesOf = (hex: Bytes32): Uint8Array<ArrayBuffer> => new Uint8Array(fromHex(hex));

function wrongNodes(voice: Voice, error: unknown): readonly Child[] {
  const code = error instanceof Refusal ? error.code : '';
  const key = error instanceof Wrong ? error.key : WHY[code];
  if (key !== undefined) return [element('p', {}, voice.said(key))];
  if (!(error instanceof Refusal)) return [element('p', {}, voice.said('mine.why.broken'))];
  return [
    element('p', {}, voice.said('mine.why.notAsked')),
    voice.speaker.language !== 'en' && element('p', { class: 'hint' }, voice.said('error.inEnglish')),
    english(error.message),
    english(error.row.remedy),
  ];
}

/** A form with one button, whose work is of the screen on which it was pressed. */
export const oneForm = (
  voice: Voice,
  fields: readonly Child[],
  label: Key,
  run: (of: AbortSignal) => Promise<void>,
): HTMLFormElement =>
  workForm({
    fields,
    buttons: [button(voice, label, undefined)],
    run: () => run(screenNow()),
    wrong: (error) => wrongNodes(voice, error),
  });

/** Its text; undefined while there is none. */
export async function textIn(
  of: AbortSignal,
  input: HTMLInputElement,
  most: number,
  wrong: Key,
): Promise<string | undefined> {
  const file = input.files?.[0];
  if (file === undefined) return undefined;
  if (file.size > most) throw new Wrong(wrong);
  const text = await file.text();
  of.throwIfAborted();
  return text;
}

/** Where a screen of the page is shown, and what it leads back to. */
export interface Frame {
  readonly voice: Voice;
  /** In the place of what was shown, under a heading that has the focus, until nobody touches the page. */
  show(title: Key, ...nodes: readonly Child[]): void;
  /** What was shown is gone. */
  home(): void;
}
