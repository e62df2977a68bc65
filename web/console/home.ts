/** Where everybody begins: signing in, and what there is to do for whoever has. */
import { element } from '../page/dom.ts';
import { ask, Told } from './ask.ts';
import { Mistake } from './mistake.ts';
import { type Context, field, form, link, type Shown, section } from './parts.ts';

const WORK = [
  { path: 'inbox', label: 'nav.inbox', says: 'home.inbox', roles: ['registrar', 'agency', 'member'] },
  { path: 'find', label: 'nav.find', says: 'home.find', roles: ['registrar', 'auditor'] },
  { path: 'programmes', label: 'nav.programmes', says: 'home.programmes', roles: ['agency', 'auditor'] },
  { path: 'vendors', label: 'nav.vendors', says: 'home.vendors', roles: ['agency', 'auditor'] },
  { path: 'members', label: 'nav.members', says: 'home.members', roles: ['member', 'auditor'] },
  { path: 'measures', label: 'nav.measures', says: 'home.measures', roles: ['member', 'auditor'] },
  { path: 'checks', label: 'nav.checks', says: 'home.checks', roles: ['auditor'] },
] as const;

export async function homePage(context: Context): Promise<Shown> {
  const { voice, to, isIn } = context;
  const mine = WORK.filter(({ roles }) => roles.some(isIn));
  if (!context.isSignedIn) return signInPage(context);
  // Whoever administers, keeps data or sells has a token that works, and no page here.
  if (mine.length === 0) {
    return {
      title: 'home.title',
      nodes: [
        element('p', {}, voice.said('home.nothing')),
        element('p', {}, element('a', { href: '/api' }, voice.said('home.api'))),
      ],
    };
  }
  return {
    title: 'home.title',
    nodes: [
      element('p', {}, voice.said('home.text')),
      element(
        'ul',
        { class: 'work' },
        ...mine.map(({ path, label, says }) =>
          element('li', {}, link(to(path), voice.said(label)), element('p', {}, voice.said(says))),
        ),
      ),
    ],
  };
}

/** A browser that drops the cookie says nothing, and would show this form for ever. */
async function requireKept(): Promise<void> {
  try {
    await ask('/sessions', { asAnybody: true });
  } catch (error) {
    throw error instanceof Told && error.status === 401 ? new Mistake('signIn.noCookie') : error;
  }
}

export async function signInPage({ voice, go }: Context): Promise<Shown> {
  const here = location.pathname + location.hash;
  return {
    title: 'signIn.title',
    nodes: [
      element('p', {}, voice.said('signIn.text')),
      form(
        voice,
        'signIn.button',
        [
          field(voice, {
            name: 'token',
            label: 'signIn.token',
            hint: 'signIn.hint',
            type: 'password',
            isRequired: true,
          }),
        ],
        async ({ token = '' }) => {
          if (token.trim() === '') throw new Mistake('signIn.missing');
          await ask('/sessions', { method: 'POST', body: { token: token.trim() } });
          await requireKept();
          go(here);
        },
      ),
      section(
        voice,
        'signIn.without',
        element('p', {}, element('a', { href: '/verify' }, voice.said('nav.verify'))),
        element('p', {}, voice.said('signIn.verify')),
      ),
    ],
  };
}
