/**
 * The till: a page of its own, which opens without a line. What is shown is what the device is: no till, one that waits for
 * its officers, one that is locked, or one that sells.
 *
 * Promises: nothing is lost by a reload; an opened till locks when the window is closed, and when nobody has touched it for five
 * minutes: what waits is sent all the same, and then its key is gone from memory; what goes wrong is said.
 */
import { isOver } from '../../server/domain/benefits/tillQueue.ts';
import { element, type Voice, voiceOf } from '../page/dom.ts';
import { button, inputField, keepFile, pinIn, troubleNode } from '../page/forms.ts';
import { digitsChosen, footer, language, layOut } from '../page/frame.ts';
import { whenIdle } from '../page/idle.ts';
import { type Key, speakerOf, type Words } from '../page/words.ts';
import { enrolNodes, linkIn, waitingNodes } from './enrol.ts';
import { type Kept, type KeptTill, openKept } from './kept.ts';
import { unlock } from './lockBox.ts';
import { type OpenTill, openTill } from './open.ts';
import { outboxScreen } from './outbox.ts';
import { form, keypad, sayWrong } from './parts.ts';
import { saleScreen } from './sale.ts';
import { Found } from './why.ts';

/** Long enough for a queue at the counter, and short for a phone that is left on it. */
const IDLE_MS = 5 * 60_000;

async function start(): Promise<void> {
  const answer = await fetch(document.querySelector<HTMLLinkElement>('#words')?.href ?? '');
  const voice = voiceOf(speakerOf((await answer.json()) as Words, language, digitsChosen()));
  const kept = await openKept();
  const content = element('main', { id: 'content' });
  const line = element('p', { class: 'line', role: 'status' });
  layOut(
    bar(voice, line),
    content,
    footer(voice, (other) => `/till/${other}/${location.hash}`),
  );
  document.title = voice.plain('till.name');
  const lineIs = () =>
    line.replaceChildren(voice.said(navigator.onLine ? 'till.line.there' : 'till.line.none'));
  addEventListener('online', lineIs);
  addEventListener('offline', lineIs);
  lineIs();
  const frame: Frame = { voice, kept, content };
  // A link makes a till where there is none; one that is open is not left for it with its key in memory.
  const link = async () => {
    if ((await kept.till()) === undefined) await first(frame);
  };
  addEventListener('hashchange', () => void link());
  await first(frame);
  await navigator.serviceWorker?.register('/till/worker.js');
}

interface Frame {
  readonly voice: Voice;
  readonly kept: Kept;
  readonly content: HTMLElement;
  /** A till that is locked and sends what waited. */
  sending?: OpenTill | undefined;
}

/** Where a till that has no key, or is locked, begins. */
async function first(frame: Frame): Promise<void> {
  const { voice, kept, content } = frame;
  const till = await kept.till();
  if (till !== undefined) return lockedScreen(frame, till);
  try {
    const link = linkIn(location.hash);
    if (link === undefined) return draw(content, voice, 'till.none.title', [noTill(voice)]);
    const nodes = enrolNodes(voice, link, kept, async () => {
      await askToStay(frame);
      await first(frame);
    });
    draw(content, voice, 'till.enrol.title', nodes);
  } catch (error) {
    const trouble = troubleNode();
    draw(content, voice, 'till.none.title', [trouble, noTill(voice)]);
    sayWrong(voice, trouble, error);
  }
}

/** A browser that is short of room may throw away what no page asked it to keep; refused, it is said once it matters. */
async function askToStay({ content, voice }: Frame): Promise<void> {
  if ((await navigator.storage?.persist?.()) !== true) content.before(notKept(voice));
}

const notKept = (voice: Voice) =>
  element('p', { class: 'notice', role: 'status' }, voice.said('till.notKept'));
const noTill = (voice: Voice) => element('p', {}, voice.said('till.none.text'));

function draw(content: HTMLElement, voice: Voice, title: Key, nodes: readonly Node[]): void {
  content.replaceChildren(element('h1', { tabindex: '-1' }, voice.said(title)), ...nodes);
}

function lockedScreen(frame: Frame, till: KeptTill, isIdle = false): void {
  const { voice, kept, content } = frame;
  const pin = inputField(voice, {
    name: 'pin',
    label: 'till.locked.pin',
    type: 'password',
    isOfKeypad: true,
  });
  const openIt = async () => {
    if (pin.input.value === '') throw new Found('till.locked.noPin');
    const entered = pinIn(pin.input.value);
    pin.input.value = '';
    let posted: () => void = () => {};
    const secrets = await unlock(till.box, entered);
    frame.sending?.close();
    frame.sending = undefined;
    const open = openTill(kept, till, secrets, () => posted());
    const onPosted = (listener: () => void) => {
      posted = listener;
    };
    // Without a line it opens all the same: what waits is seen, and what is sold needs the gateway anyway.
    const isRegistered = await open.isRegistered().catch(() => true);
    const show = () => openScreen(frame, till, open, onPosted);
    if (isRegistered) show();
    else waitingScreen(frame, till, open, show);
  };
  draw(content, voice, 'till.locked.title', [
    ...(isIdle ? [element('p', { role: 'status' }, voice.said('till.locked.idle'))] : []),
    form(
      voice,
      [pin.node, keypad(voice, pin.input)],
      [button(voice, 'till.locked.button', undefined)],
      openIt,
    ),
  ]);
  pin.input.focus();
}

function waitingScreen(frame: Frame, till: KeptTill, open: OpenTill, show: () => void): void {
  const { voice, content } = frame;
  const keepRecord = () => keepFile('kudurru-till.json', till.record);
  const look = async () => {
    if (!(await open.isRegistered())) throw new Found('till.waiting.still');
    show();
  };
  draw(content, voice, 'till.waiting.title', waitingNodes(voice, till, keepRecord, look));
}

function openScreen(
  frame: Frame,
  till: KeptTill,
  open: OpenTill,
  onPosted: (listener: () => void) => void,
): void {
  const { voice, kept, content } = frame;
  const end = () => {
    stop();
    endIdle();
  };
  const leave = () => {
    end();
    open.close();
    void first(frame);
  };
  /** The key stays for as long as something waits, and behind a lock. */
  const rest = async () => {
    if ((await kept.queue()).sales.every(isOver)) open.close();
  };
  const lock = () => {
    end();
    frame.sending = open;
    onPosted(() => void rest());
    void rest();
    lockedScreen(frame, till, true);
  };
  const endIdle = whenIdle(IDLE_MS, lock);
  const sale = saleScreen(voice, kept, till, open);
  const outbox = outboxScreen(voice, kept, till, open, leave);
  content.replaceChildren(sale.node, outbox.node);
  const stop = kept.onChange(() => void changed());
  const changed = async () => {
    // Another window may have taken the till off the device.
    if ((await kept.till()) === undefined) return leave();
    await Promise.all([sale.changed(), outbox.changed()]);
  };
  onPosted(() => void changed());
  void open.post();
}

function bar(voice: Voice, line: HTMLElement): HTMLElement {
  return element('header', { class: 'bar' }, element('p', { class: 'name' }, voice.said('till.name')), line);
}

await start().catch((error: unknown) => {
  // The words did not arrive either: the page was sent with these.
  document.querySelector('#failed')?.removeAttribute('hidden');
  throw error;
});
