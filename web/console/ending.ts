/**
 * When what was opened for a session leaves the screen: with the session, in every window of the browser, and with the page.
 *
 * Promises: what a page marks as opened is gone when the session ended, however it did; what a person typed stays, so that
 * nothing is lost when she signs in again; nothing is asked of the gateway, which would be use.
 */
import { onSession } from './ask.ts';

const CHANNEL = 'kudurru-session';
const MARK = 'data-opened';
/** A timer cannot wait longer. */
const WAIT_MAX_MS = 2 ** 31 - 1;

/** What is of people, or was opened for a case. */
export function opened<T extends HTMLElement>(node: T): T {
  node.setAttribute(MARK, '');
  return node;
}

/** Answers with what starts the time anew when it is known how long a session lasts unused. */
export function closeAtEnd(
  content: HTMLElement,
  saidClosed: () => Node,
  reopen: () => void,
): (idleSeconds: number) => void {
  const windows = new BroadcastChannel(CHANNEL);
  let idleMs = Number.POSITIVE_INFINITY;
  let usedAtMs = Date.now();
  let waiting = 0;
  const close = (): boolean => {
    const all = content.querySelectorAll(`[${MARK}]`);
    for (const one of all) {
      one.replaceChildren(saidClosed());
      one.removeAttribute(MARK);
    }
    return all.length > 0;
  };
  // A device that slept has timers that are late: they look at how long it was.
  const look = () => {
    clearTimeout(waiting);
    const leftMs = usedAtMs + idleMs - Date.now();
    if (leftMs <= 0) close();
    else if (leftMs < WAIT_MAX_MS) waiting = setTimeout(look, leftMs);
  };
  const used = () => {
    usedAtMs = Date.now();
    look();
  };
  onSession((what) => {
    windows.postMessage(what);
    if (what === 'used') used();
    else close();
  });
  windows.addEventListener('message', ({ data }) => (data === 'used' ? used() : close()));
  document.addEventListener('visibilitychange', look);
  // A browser keeps the page whole, to show it again when somebody goes back to it.
  let wasClosed = false;
  addEventListener('pagehide', () => {
    wasClosed = close();
  });
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted && wasClosed) reopen();
  });
  return (idleSeconds) => {
    idleMs = idleSeconds * 1_000;
    used();
  };
}
