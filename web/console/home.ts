/** Where everybody begins: signing in, and what there is to do for whoever has. */
import { element } from '../page/dom.ts';
import { ask } from './ask.ts';
import { type Context, field, form, link, Mistake, type Shown, section } from './parts.ts';

const WORK = [
  { path: 'inbox', label: 'nav.inbox', says: 'home.inbox', roles: ['registrar', 'agency', 'member'] },
  { path: 'find', label: 'nav.find', says: 'home.find', roles: ['registrar', 'auditor'] },
  { path: 'checks', label: 'nav.checks', says: 'home.checks', roles: ['auditor'] },
] as const;

export async function homePage(context: Context): Promise<Shown> {
  const { voice, to, isIn } = context;
  const mine = WORK.filter(({ roles }) => roles.some(isIn));
  if (mine.length === 0) return signInPage(context);
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
