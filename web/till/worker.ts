/**
 * Keeps the pages of the till on the device, so that it opens without a line. It keeps nothing that the gateway answers:
 * what a card has left is never read from here.
 */

/** Every file of the till, by its address; the bundler puts them in. */
declare const TILL_FILES: readonly string[];

interface Waiting extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Fetching extends Waiting {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

const PREFIX = 'kudurru-till-';
/** A cache for each set of files: names carry hashes, so another version has other names. */
const NAME = PREFIX + TILL_FILES.join();

const listen = <E extends Event>(name: string, use: (event: E) => void) =>
  addEventListener(name, (event) => use(event as E));

async function keepAll(): Promise<void> {
  const cache = await caches.open(NAME);
  await cache.addAll([...TILL_FILES]);
}

async function dropOthers(): Promise<void> {
  const others = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== NAME);
  await Promise.all(others.map((name) => caches.delete(name)));
}

/** A page as the gateway has it, or as it was kept; a file whose name carries its hash as it was kept. */
async function answerFor(request: Request, place: string): Promise<Response> {
  const cache = await caches.open(NAME);
  const kept = await cache.match(place);
  if (request.mode !== 'navigate') return kept ?? fetch(request);
  try {
    return await fetch(request);
  } catch (error) {
    if (kept !== undefined) return kept;
    throw error;
  }
}

listen<Waiting>('install', (event) => event.waitUntil(keepAll()));
listen<Waiting>('activate', (event) => event.waitUntil(dropOthers()));
listen<Fetching>('fetch', (event) => {
  const { origin, pathname } = new URL(event.request.url);
  if (origin === location.origin && TILL_FILES.includes(pathname)) {
    event.respondWith(answerFor(event.request, pathname));
  }
});
