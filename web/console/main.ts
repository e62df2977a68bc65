/**
 * The frame of the console: who is signed in, where to go, and the page of the address.
 *
 * Promises: each page has an address in the reader's language and is the same after a reload; a page that is opened is
 * announced by its heading, which has the focus; links are links, so that they open beside this page too.
 */

import { element, gap, type Voice, voiceOf } from '../page/dom.ts';
import { troubleNode } from '../page/forms.ts';
import { digitsChosen, footer, language, layOut } from '../page/frame.ts';
import { type Key, speakerOf, type Words } from '../page/words.ts';
import { ask, ended, madeFor, Told, type Who } from './ask.ts';
import { closeAtEnd } from './ending.ts';
import { attempt, type Context, errorNodes, link, type PageMaker } from './parts.ts';

/** By the first part of the address. A page is fetched when it is first opened. */
const PAGES: Readonly<Record<string, { readonly load: () => Promise<PageMaker>; readonly isOpen?: true }>> = {
  '': { load: async () => (await import('./home.ts')).homePage, isOpen: true },
  find: { load: async () => (await import('./find.ts')).findPage },
  titles: { load: async () => (await import('./title.ts')).titlePage },
  inbox: { load: async () => (await import('./inbox.ts')).inboxPage },
  acts: { load: async () => (await import('./act.ts')).actPage },
  prepare: { load: async () => (await import('./prepare.ts')).preparePage },
  programmes: { load: async () => (await import('./programmes.ts')).programmesPage },
  vendors: { load: async () => (await import('./vendors.ts')).vendorsPage },
  orders: { load: async () => (await import('./orders.ts')).ordersPage },
  members: { load: async () => (await import('./members.ts')).membersPage },
  officers: { load: async () => (await import('./members.ts')).officersPage },
  measures: { load: async () => (await import('./members.ts')).measuresPage },
  begin: { load: async () => (await import('./begin.ts')).beginPage },
  checks: { load: async () => (await import('./checks.ts')).checksPage },
};

/** What the navigation offers, and to whom. */
const PLACES: readonly { readonly path: string; readonly label: Key; readonly roles: readonly string[] }[] = [
  { path: 'inbox', label: 'nav.inbox', roles: ['registrar', 'agency', 'member'] },
  { path: 'find', label: 'nav.find', roles: ['registrar', 'auditor'] },
  { path: 'programmes', label: 'nav.programmes', roles: ['agency', 'auditor'] },
  { path: 'vendors', label: 'nav.vendors', roles: ['agency', 'auditor'] },
  { path: 'members', label: 'nav.members', roles: ['member', 'auditor'] },
  { path: 'measures', label: 'nav.measures', roles: ['member', 'auditor'] },
  { path: 'checks', label: 'nav.checks', roles: ['auditor'] },
];

async function start(): Promise<void> {
  const words = document.querySelector<HTMLLinkElement>('#words')?.href ?? '';
  const voice = voiceOf(speakerOf(await ask<Words>(words), language, digitsChosen()));
  const frame = frameOf(voice);
  document.addEventListener('click', (event) => followed(event, frame));
  // The link that skips to the content opens nothing, and must not lose what was typed.
  addEventListener('popstate', () => {
    if (location.hash !== '#content') void frame.open();
  });
  await frame.open();
}

/** A plain click on a link of the console opens its page here. */
function followed(event: MouseEvent, { open }: { open(): Promise<void> }): void {
  const asked = event.target instanceof Element ? event.target.closest('a') : null;
  const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (asked === null || !isPlain || asked.target !== '' || asked.hasAttribute('download')) return;
  const { pathname, hash, origin } = new URL(asked.href);
  const isHere = origin === location.origin && pathname.startsWith(`/console/${language}/`);
  if (!isHere || (pathname === location.pathname && hash === '#content')) return;
  event.preventDefault();
  history.pushState(null, '', asked.href);
  void open();
}

async function whoIsIn(): Promise<Who | undefined> {
  try {
    return (await ask<{ readonly who: Who }>('/sessions', { asAnybody: true })).who;
  } catch (error) {
    if (error instanceof Told && error.status === 401) return undefined;
    throw error;
  }
}

function frameOf(voice: Voice): { open(): Promise<void> } {
  const content = element('main', { id: 'content' });
  const nav = element('nav', { 'aria-label': voice.plain('nav.label') });
  const status = element('p', { role: 'status', class: 'unseen' });
  const trouble = troubleNode();
  const signedIn = element('p', { class: 'who' });
  const bar = element(
    'header',
    { class: 'bar' },
    element('a', { href: '#content', class: 'skip' }, voice.said('nav.skip')),
    link(`/console/${language}/`, voice.said('brand')),
    nav,
    signedIn,
  );
  layOut(
    bar,
    trouble,
    content,
    status,
    footer(
      voice,
      (other) => location.pathname.replace(/^\/console\/\w+/, `/console/${other}`) + location.hash,
    ),
  );
  let opened = 0;
  let last: string | undefined;
  let isAnother = false;
  const saidClosed = () => element('p', { class: 'warn' }, voice.said('error.closed'));
  const lastsFor = closeAtEnd(content, saidClosed, () => void open());

  const open = async (): Promise<void> => {
    const mine = ++opened;
    content.setAttribute('aria-busy', 'true');
    const shown = await pageAt();
    if (mine !== opened) return; // another page was opened meanwhile
    trouble.replaceChildren();
    content.removeAttribute('aria-busy');
    const heading = element('h1', { tabindex: '-1' }, voice.said(shown.title));
    content.replaceChildren(heading, ...shown.nodes.filter((node): node is Node => node instanceof Node));
    if (isAnother) heading.after(element('p', { class: 'warn' }, voice.said('who.changed')));
    document.title = voice.plain('title', { page: voice.plain(shown.title) });
    if (mine > 1) heading.focus();
    for (const one of nav.querySelectorAll('a')) {
      const isHere = new URL(one.href).pathname === location.pathname;
      if (isHere) one.setAttribute('aria-current', 'page');
      else one.removeAttribute('aria-current');
    }
  };

  const pageAt = async () => {
    try {
      const [first = '', ...path] = location.pathname.split('/').slice(3).map(decodeURIComponent);
      const who = await whoIsIn();
      nav.replaceChildren(...navigation(voice, who, open, trouble));
      signedIn.replaceChildren(...(who === undefined ? [] : whoNodes(voice, who)));
      madeFor(who?.holder);
      isAnother = last !== undefined && who !== undefined && who.holder !== last;
      last = who?.holder ?? last;
      if (who !== undefined) lastsFor(who.idleSeconds);
      const page = PAGES[first];
      if (page === undefined)
        return { title: 'missing.title' as Key, nodes: [element('p', {}, voice.said('missing.text'))] };
      const isShown = who !== undefined || page.isOpen === true;
      const make = await (isShown ? page.load() : import('./home.ts').then(({ signInPage }) => signInPage));
      return await make(contextOf(voice, path, who, status, open));
    } catch (error) {
      return { title: 'error.title' as Key, nodes: errorNodes(voice, error) };
    }
  };
  return { open };
}

function contextOf(
  voice: Voice,
  path: readonly string[],
  who: Who | undefined,
  status: HTMLElement,
  open: () => Promise<void>,
): Context {
  return {
    voice,
    path,
    hash: new URLSearchParams(location.hash.slice(1)),
    to: (...parts) => `/console/${language}/${parts.map(encodeURIComponent).join('/')}`,
    go: (place) => {
      history.pushState(null, '', place);
      void open();
    },
    announce: (key, values) => status.replaceChildren(voice.said(key, values)),
    isIn: (role) => who?.roles.includes(role) === true,
    isSignedIn: who !== undefined,
  };
}

function navigation(
  voice: Voice,
  who: Who | undefined,
  open: () => Promise<void>,
  trouble: HTMLElement,
): readonly Node[] {
  const mine = PLACES.filter(({ roles }) => roles.some((role) => who?.roles.includes(role) === true));
  const links = mine.map(({ path, label }) => link(`/console/${language}/${path}`, voice.said(label)));
  const out = element(
    'button',
    {
      type: 'button',
      class: 'plain',
      click: () =>
        void attempt(voice, trouble, async () => {
          await ask('/sessions', { method: 'DELETE' });
          ended();
          history.pushState(null, '', `/console/${language}/`);
          await open();
        }),
    },
    voice.said('nav.signOut'),
  );
  return who === undefined
    ? [element('a', { href: '/verify' }, voice.said('nav.verify'))]
    : [...links, element('a', { href: '/verify' }, voice.said('nav.verify')), out];
}

/** Whose the session is: in words alone, apart from what they may do here. */
function whoNodes(voice: Voice, { label, roles, institution, office }: Who): readonly Node[] {
  const parts = [
    label === undefined ? voice.said('who.unlabelled') : voice.said('who.label', { label }),
    institution === 0 ? voice.said('who.noInstitution') : voice.said('who.institution', { institution }),
    office === undefined ? voice.said('who.everyOffice') : voice.said('who.office', { office }),
    ...roles.map((role) => voice.term('role', role)),
  ];
  return parts.flatMap((part, i) => [...(i === 0 ? [] : [gap()]), element('span', {}, part)]);
}

await start().catch((error: unknown) => {
  // The words did not arrive either: the page was sent with these.
  document.querySelector('#failed')?.removeAttribute('hidden');
  throw error;
});
