/** What waits: for whoever looks, for others, and what lapses first. */
import { datum, element, english, idText } from '../page/dom.ts';
import { ask, type Page } from './ask.ts';
import { type Context, link, moment, type Shown, shortOf, table } from './parts.ts';

interface WaitingAct {
  readonly id: string;
  readonly kind: string;
  readonly subject: string;
  readonly parcels: readonly { readonly baUnit: string; readonly number?: string }[];
  readonly units: number;
  readonly missing: readonly string[];
  readonly institution: number;
  readonly expiresAt: string;
  readonly lapsesSoon: boolean;
  readonly recordedFrom?: string;
}

interface Inbox extends Page<WaitingAct> {
  readonly lapsingSoon: number;
}

/** What each view asks for. */
const VIEWS = { mine: 'waitsFor=me', all: '', soon: 'lapsing=soon' } as const;
type View = keyof typeof VIEWS;

export async function inboxPage(context: Context): Promise<Shown> {
  const { voice, hash, to } = context;
  const view = (Object.keys(VIEWS) as View[]).find((one) => one === hash.get('show')) ?? 'mine';
  const after = hash.get('after');
  const query = [VIEWS[view], after === null ? '' : `after=${encodeURIComponent(after)}`]
    .filter(Boolean)
    .join('&');
  const { rows, total, next, lapsingSoon } = await ask<Inbox>(`/acts${query === '' ? '' : `?${query}`}`);
  const tabs = element(
    'ul',
    { class: 'tabs', 'aria-label': voice.plain('inbox.views') },
    ...(Object.keys(VIEWS) as View[]).map((one) =>
      element(
        'li',
        {},
        element(
          'a',
          { href: `${to('inbox')}#show=${one}`, 'aria-current': one === view && 'true' },
          voice.said(`inbox.${one}`),
        ),
      ),
    ),
  );
  context.announce('inbox.count', { count: total });
  return {
    title: 'inbox.title',
    nodes: [
      tabs,
      rows.length === 0
        ? element('p', {}, voice.said(`inbox.none.${view}`))
        : element('p', {}, voice.said('inbox.count', { count: total })),
      lapsingSoon > 0 && element('p', { class: 'warn' }, voice.said('inbox.lapsing', { count: lapsingSoon })),
      rows.length > 0 && table(voice, 'inbox.caption', columnsOf(context), rows),
      next !== undefined &&
        element(
          'p',
          {},
          link(`${to('inbox')}#${new URLSearchParams({ show: view, after: next })}`, voice.said('list.next')),
        ),
    ],
  };
}

function columnsOf({ voice, to }: Context): Parameters<typeof table<WaitingAct>>[2] {
  return [
    { head: 'inbox.act', cell: ({ id, kind }) => link(to('acts', id), voice.term('kind', kind)) },
    {
      head: 'inbox.about',
      cell: ({ parcels, units, subject }) =>
        parcels.length === 0
          ? english(subject, 'span')
          : element(
              'ul',
              {},
              ...parcels.map(({ baUnit, number }) =>
                element('li', {}, number === undefined ? idText(shortOf(baUnit)) : datum(number)),
              ),
              units > parcels.length &&
                element('li', {}, voice.said('inbox.more', { count: units - parcels.length })),
            ),
    },
    {
      head: 'inbox.missing',
      cell: ({ missing, recordedFrom }) =>
        missing.length === 0 && recordedFrom !== undefined
          ? voice.said('inbox.held')
          : element(
              'ul',
              {},
              ...missing.map((part) => element('li', {}, voice.term('part', part.replace(/-\d+$/, '')))),
            ),
    },
    {
      head: 'inbox.until',
      cell: ({ expiresAt, lapsesSoon }) =>
        element(
          'span',
          {},
          moment(voice, expiresAt),
          lapsesSoon && element('strong', { class: 'warn' }, voice.said('inbox.soonMark')),
        ),
    },
  ];
}
