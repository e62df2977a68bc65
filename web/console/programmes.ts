/** Programmes of aid: all of an institution's, and one with its money, its cycles and what can be done for it. */
import { datum, element, gap, idText, pair, type Voice } from '../page/dom.ts';
import type { Key } from '../page/words.ts';
import { ask, type Page } from './ask.ts';
import { figure, listed, money } from './lists.ts';
import { type Context, link, moment, type Shown, section, shortOf, table } from './parts.ts';

/** The parts of what was funded, in the order in which money goes through them. */
const PARTS = [
  'unallocated',
  'outstanding',
  'held',
  'instructed',
  'redeemed',
  'expired',
  'reclaimed',
  'defunded',
] as const;
type Part = (typeof PARTS)[number];

type Money = Readonly<Record<Part | 'funded' | `${Part}Minor`, string>> & { readonly isBalanced: boolean };

export interface Programme {
  readonly programme: string;
  readonly institution: number;
  readonly label?: string;
  readonly office: number;
  readonly currencyCode: string;
  readonly pausedUntil?: string;
  readonly isPaused: boolean;
  readonly policy: {
    readonly mostPerRedemptionUnits: number;
    readonly disputeSeconds: number;
    readonly leastOpenSeconds: number;
    readonly mostOfflineSeconds: number;
  };
  readonly money: Money;
}

export interface Cycle {
  readonly cycle: number;
  readonly state: string;
  readonly enrolmentEpoch: number;
  readonly people: number;
  readonly issuedUnits: string;
  readonly redeemedUnits: string;
  readonly outstandingUnits: string;
  readonly expiredUnits: string;
  readonly reclaimedUnits: string;
  readonly unitValueMinor: string;
  readonly unitValue: string;
  readonly opensAt: string;
  readonly spendUntil: string;
  readonly postUntil: string;
  readonly loadedWords: number;
  readonly words: number;
}

const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;

/** What people call it, or the ends of its id. */
export const nameOf = ({ programme, label }: Pick<Programme, 'programme' | 'label'>): HTMLElement =>
  label === undefined ? idText(shortOf(programme)) : datum(label);

export const placeOf = (programme: string): string => `/programmes/${encodeURIComponent(programme)}`;

export async function programmesPage(context: Context): Promise<Shown> {
  const { path, voice } = context;
  const [programme = '', part] = path;
  if (programme === '') return listPage(context);
  if (part === undefined) return programmePage(context, programme);
  if (part === 'registrations')
    return (await import('./registrations.ts')).registrationsPage(context, programme);
  const [, , cycle = '', within, batch] = path;
  if (part === 'cycles' && within === undefined)
    return (await import('./cycle.ts')).cyclePage(context, programme, cycle);
  if (part === 'cycles' && within === 'redemptions')
    return (await import('./vendors.ts')).redemptionsPage(context, { programme, cycle, batch });
  return { title: 'missing.title', nodes: [element('p', {}, voice.said('missing.text'))] };
}

async function listPage(context: Context): Promise<Shown> {
  const { voice, to } = context;
  return {
    title: 'aid.programmes',
    nodes: [
      context.isIn('agency') &&
        element('p', { class: 'ways' }, link(to('begin', 'programme'), voice.said('begin.programme'))),
      await listed<Programme>(context, '/programmes', {
        caption: 'aid.programmesCaption',
        count: 'aid.programmesCount',
        none: 'aid.programmesNone',
        columns: [
          {
            head: 'aid.programme',
            cell: (one) => link(to('programmes', one.programme), nameOf(one)),
          },
          {
            head: 'aid.standing',
            cell: ({ isPaused }) => voice.said(isPaused ? 'aid.paused' : 'aid.runningShort'),
          },
          { head: 'moneyPart.funded', cell: ({ money: { funded } }) => money(voice, funded) },
          { head: 'moneyPart.unallocated', cell: ({ money: { unallocated } }) => money(voice, unallocated) },
          { head: 'moneyPart.outstanding', cell: ({ money: { outstanding } }) => money(voice, outstanding) },
          { head: 'moneyPart.redeemed', cell: ({ money: { redeemed } }) => money(voice, redeemed) },
        ],
      }),
    ],
  };
}

async function programmePage(context: Context, id: string): Promise<Shown> {
  const { voice } = context;
  const programme = await ask<Programme>(placeOf(id));
  return {
    title: 'aid.programmeTitle',
    nodes: [
      element('p', { class: 'lead' }, nameOf(programme)),
      standingNode(voice, programme),
      element(
        'dl',
        {},
        pair(voice, 'aid.id', idText(programme.programme)),
        pair(voice, 'aid.currency', datum(programme.currencyCode)),
        ...policyNodes(voice, programme.policy),
      ),
      context.isIn('agency') && doSection(context, programme),
      section(voice, 'aid.money', moneyTable(voice, programme.money), balanceNode(voice, programme.money)),
      section(voice, 'aid.cycles', await cyclesNode(context, programme)),
    ],
  };
}

function standingNode(voice: Voice, { isPaused, pausedUntil }: Programme): HTMLElement {
  if (!isPaused) return element('p', {}, voice.said('aid.running'));
  return element(
    'p',
    { class: 'warn' },
    voice.said('aid.pausedText'),
    pausedUntil !== undefined &&
      element('span', {}, gap(), voice.said('aid.pausedUntil'), gap(), moment(voice, pausedUntil)),
  );
}

function policyNodes(voice: Voice, policy: Programme['policy']): readonly HTMLElement[] {
  const { mostPerRedemptionUnits, disputeSeconds, leastOpenSeconds, mostOfflineSeconds } = policy;
  return [
    pair(voice, 'aid.mostPerSale', voice.said('aid.units', { count: mostPerRedemptionUnits })),
    pair(voice, 'aid.dispute', duration(voice, disputeSeconds)),
    pair(voice, 'aid.leastOpen', duration(voice, leastOpenSeconds)),
    pair(voice, 'aid.mostOffline', duration(voice, mostOfflineSeconds)),
  ];
}

/** In days where they are whole, else in hours or minutes: nothing is rounded up. */
function duration(voice: Voice, seconds: number): DocumentFragment {
  if (seconds % DAY_SECONDS === 0) return voice.said('aid.days', { count: seconds / DAY_SECONDS });
  if (seconds % HOUR_SECONDS === 0) return voice.said('aid.hours', { count: seconds / HOUR_SECONDS });
  return voice.said('checks.seconds', { count: seconds });
}

/** Parts that are nothing in this programme are left out, but for those that lead on. */
function moneyTable(voice: Voice, sums: Money): HTMLElement {
  const always: readonly Part[] = ['unallocated', 'outstanding', 'redeemed'];
  const rows = PARTS.filter((part) => always.includes(part) || sums[`${part}Minor`] !== '0');
  return table<Part | 'funded'>(
    voice,
    'aid.moneyCaption',
    [
      { head: 'aid.part', cell: (part) => voice.term('moneyPart', part) },
      { head: 'aid.amount', cell: (part) => money(voice, sums[part]) },
    ],
    ['funded', ...rows],
  );
}

const balanceNode = (voice: Voice, { isBalanced }: Money): HTMLElement =>
  element(
    'p',
    { class: isBalanced ? 'good' : 'warn' },
    voice.said(isBalanced ? 'aid.balanced' : 'aid.notBalanced'),
  );

async function cyclesNode(context: Context, { programme }: Programme): Promise<HTMLElement> {
  const { voice, to } = context;
  const place = `${placeOf(programme)}/cycles`;
  const at = (cycle: number) => to('programmes', programme, 'cycles', `${cycle}`);
  const last = context.isIn('agency') ? ((await newestCycle(programme))?.cycle ?? 0) : undefined;
  const list = await listed<Cycle>(context, place, {
    caption: 'aid.cyclesCaption',
    count: 'aid.cyclesCount',
    none: 'aid.cyclesNone',
    query: { newestFirst: 'true' },
    columns: [
      {
        head: 'aid.cycle',
        cell: ({ cycle }) => link(at(cycle), voice.said('aid.cycleNumber', { number: `${cycle}` })),
      },
      { head: 'aid.state', cell: ({ state }) => voice.term('cycleState', state) },
      { head: 'aid.people', cell: ({ people }) => figure(voice, people) },
      { head: 'aid.issued', cell: ({ issuedUnits }) => figure(voice, issuedUnits) },
      { head: 'aid.redeemedUnits', cell: ({ redeemedUnits }) => figure(voice, redeemedUnits) },
      { head: 'aid.spendUntil', cell: ({ spendUntil }) => moment(voice, spendUntil) },
    ],
  });
  if (last === undefined) return list;
  const next = element(
    'p',
    { class: 'ways' },
    link(at(last + 1), voice.said('aid.prepareCycle', { number: `${last + 1}` })),
  );
  return element('div', {}, next, list);
}

/** The newest cycle, which the next one is held against. */
export async function newestCycle(programme: string): Promise<Cycle | undefined> {
  const { rows } = await ask<Page<Cycle>>(`${placeOf(programme)}/cycles?newestFirst=true&limit=1`);
  return rows[0];
}

function doSection({ voice, to }: Context, { programme, isPaused }: Programme): HTMLElement {
  const ways: readonly (readonly [label: Key, says: Key, place: string])[] = [
    ['registrations.link', 'registrations.text', to('programmes', programme, 'registrations')],
    ['begin.enrolment', 'begin.enrolmentSays', to('begin', 'enrolment', programme)],
    isPaused
      ? ['order.resume', 'order.resumeText', to('orders', 'resume', programme)]
      : ['order.pause', 'order.pauseText', to('orders', 'pause', programme)],
    ['order.fund', 'order.fundText', to('orders', 'fund', programme)],
  ];
  return section(
    voice,
    'aid.do',
    element(
      'ul',
      { class: 'work' },
      ...ways.map(([label, says, place]) =>
        element('li', {}, link(place, voice.said(label)), element('p', {}, voice.said(says))),
      ),
    ),
  );
}
