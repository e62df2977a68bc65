/**
 * The consortium as a member sees it: how it decides and what that takes, institutions and officers with their standing, measures with
 * their votes and waits, and a vote that is handed to the signer.
 *
 * Promises: what a measure does, what it lacks and when is the gateway's count of the ledger; a vote is the officer's signature,
 * never the session's; a step that anybody may take is taken by a button.
 */
import { type Child, datum, element, english, gap, idText, pair, type Voice } from '../page/dom.ts';
import { ask } from './ask.ts';
import { figure, listed } from './lists.ts';
import { Mistake } from './mistake.ts';
import {
  type Column,
  type Context,
  choice,
  form,
  link,
  moment,
  type Shown,
  section,
  shortOf,
  table,
} from './parts.ts';
import { preparingForm } from './preparing.ts';

interface Consortium {
  readonly quorum: number;
  readonly members: readonly number[];
  readonly activeMembers: readonly number[];
  readonly wideningWaitSeconds: string;
  readonly appointmentWaitSeconds: string;
  readonly validators: readonly string[];
  readonly policies: readonly { readonly policy: string; readonly name?: string; readonly value: string }[];
  readonly halts: readonly { readonly from: string; readonly to: string }[];
  readonly cautions: readonly string[];
}

interface Institution {
  readonly institution: number;
  readonly standing: string;
  readonly isMember: boolean;
  readonly suspendedUntil?: string;
  readonly offices: readonly number[];
}

interface Officer {
  readonly officer: string;
  readonly institution: number;
  readonly label?: string;
  readonly office: number;
  readonly roles: readonly string[];
  readonly standing: string;
  readonly standsUntil?: string;
}

interface Measure {
  readonly measureId: string;
  readonly kind: string;
  readonly sentence: string;
  readonly state: string;
  readonly votesMissing: number;
  readonly quorum: number;
  readonly inFavour: readonly number[];
  readonly against: readonly number[];
  readonly openedBy: number;
  readonly closesAt: string;
  readonly executableFrom?: string;
  readonly endsAt: string;
  /** What would refuse it as things stand, and why it would decide nothing. */
  readonly obstacle?: Reason;
  readonly caution?: Reason;
}

interface Reason {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

interface Pauses {
  readonly inForce: readonly {
    readonly scope: string;
    readonly until: string;
    readonly byTwoInstitutions: boolean;
  }[];
}

const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;
/** As long as a ledger of one node takes for a block, some times over. */
const WAIT_SECONDS = 10;

const institutionNamed = (voice: Voice, institution: number): Node =>
  voice.said('who.institution', { institution });

// ---- The consortium -----------------------------------------------------------------------------------------

export async function membersPage(context: Context): Promise<Shown> {
  const { voice, to } = context;
  const [told, pauses] = await Promise.all([ask<Consortium>('/consortium'), ask<Pauses>('/pauses')]);
  return {
    title: 'members.title',
    nodes: [
      element(
        'p',
        { class: 'ways' },
        link(to('measures'), voice.said('measures.title')),
        gap(),
        link(to('officers'), voice.said('officers.title')),
      ),
      section(voice, 'members.decide', ...decidingNodes(voice, told)),
      section(voice, 'members.institutions', await institutionsNode(context)),
      section(voice, 'members.paused', ...pausedNodes(voice, pauses)),
      section(voice, 'members.network', ...networkNodes(voice, told)),
    ],
  };
}

/** How few decide, and how few can stop it: of institutions that may vote now. */
function decidingNodes(voice: Voice, told: Consortium): readonly Child[] {
  const { quorum, members, activeMembers, cautions, wideningWaitSeconds, appointmentWaitSeconds } = told;
  const active = activeMembers.length;
  return [
    element(
      'dl',
      {},
      pair(voice, 'members.members', figure(voice, members.length)),
      pair(voice, 'members.active', figure(voice, active)),
      pair(voice, 'members.toDecide', voice.said('members.institutionsCount', { count: quorum })),
      pair(
        voice,
        'members.toBlock',
        voice.said('members.institutionsCount', { count: Math.max(0, active - quorum + 1) }),
      ),
      pair(voice, 'members.wideningWait', waitNode(voice, Number(wideningWaitSeconds))),
      pair(voice, 'members.appointmentWait', waitNode(voice, Number(appointmentWaitSeconds))),
    ),
    active < quorum && element('p', { class: 'warn' }, voice.said('members.cannotDecide')),
    ...cautions.map((one) => element('p', { class: 'warn' }, voice.term('caution', one))),
  ];
}

/** In days, hours and minutes, the last of them begun: no wait reads as none. */
function waitNode(voice: Voice, seconds: number): HTMLElement {
  const whole = Math.ceil(seconds / MINUTE_SECONDS) * MINUTE_SECONDS;
  const parts = [
    ['aid.days', Math.floor(whole / DAY_SECONDS)],
    ['aid.hours', Math.floor((whole % DAY_SECONDS) / HOUR_SECONDS)],
    ['members.minutes', (whole % HOUR_SECONDS) / MINUTE_SECONDS],
  ] as const;
  const said = parts.filter(([, count]) => count > 0);
  const all = said.length === 0 ? parts.slice(-1) : said;
  return element(
    'span',
    {},
    ...all.flatMap(([key, count], i) => [i > 0 && gap(), voice.said(key, { count })]),
  );
}

function institutionsNode(context: Context): Promise<HTMLElement> {
  const { voice } = context;
  return listed<Institution>(context, '/institutions', {
    caption: 'members.institutions',
    count: 'members.institutionsCount',
    none: 'members.noInstitution',
    columns: [
      { head: 'members.institution', cell: ({ institution }) => figure(voice, institution) },
      {
        head: 'aid.standing',
        cell: ({ standing, suspendedUntil }) =>
          element(
            'span',
            {},
            voice.term('memberStanding', standing),
            ...(standing === 'suspended' && suspendedUntil !== undefined
              ? [gap(), moment(voice, suspendedUntil)]
              : []),
          ),
      },
      {
        head: 'members.vote',
        cell: ({ isMember }) => voice.said(isMember ? 'members.hasVote' : 'members.noVote'),
      },
      { head: 'members.offices', cell: ({ offices }) => figuresNode(voice, offices) },
    ],
  });
}

function figuresNode(voice: Voice, all: readonly number[]): HTMLElement {
  const each = all.flatMap((one, i) => [i > 0 && gap(), figure(voice, one)]);
  return element('span', {}, ...(each.length === 0 ? [voice.said('members.none')] : each));
}

function pausedNodes(voice: Voice, { inForce }: Pauses): readonly Child[] {
  if (inForce.length === 0) return [element('p', {}, voice.said('members.nothingPaused'))];
  return [
    table(
      voice,
      'members.paused',
      [
        { head: 'members.scope', cell: ({ scope }) => voice.term('scope', scope) },
        { head: 'members.until', cell: ({ until }) => moment(voice, until) },
        {
          head: 'members.pausedBy',
          cell: ({ byTwoInstitutions }) =>
            voice.said('members.institutionsCount', { count: byTwoInstitutions ? 2 : 1 }),
        },
      ],
      inForce,
    ),
  ];
}

function networkNodes(voice: Voice, { validators, halts, policies }: Consortium): readonly Child[] {
  return [
    element('h3', {}, voice.said('members.validators')),
    element('ul', {}, ...validators.map((one) => element('li', {}, idText(one)))),
    element('h3', {}, voice.said('members.halts')),
    halts.length === 0
      ? element('p', {}, voice.said('members.noHalt'))
      : element(
          'ul',
          {},
          ...halts.map(({ from, to }) =>
            element(
              'li',
              {},
              voice.said('members.from'),
              gap(),
              moment(voice, from),
              gap(),
              voice.said('members.to'),
              gap(),
              moment(voice, to),
            ),
          ),
        ),
    element('h3', {}, voice.said('members.policies')),
    policies.length === 0
      ? element('p', {}, voice.said('members.none'))
      : table(
          voice,
          'members.policies',
          [
            {
              head: 'members.policy',
              cell: ({ policy, name }) => idText(name ?? shortOf(policy)),
            },
            { head: 'members.value', cell: ({ value }) => idText(value) },
          ],
          policies,
        ),
  ];
}

// ---- Officers -----------------------------------------------------------------------------------------------

export async function officersPage(context: Context): Promise<Shown> {
  const { voice, to } = context;
  return {
    title: 'officers.title',
    nodes: [
      element('p', { class: 'ways' }, link(to('members'), voice.said('members.title'))),
      await listed<Officer>(context, '/officers', {
        caption: 'officers.title',
        count: 'officers.count',
        none: 'officers.none',
        columns: [
          {
            head: 'officers.officer',
            cell: ({ officer, label }) => (label === undefined ? idText(shortOf(officer)) : datum(label)),
          },
          { head: 'members.institution', cell: ({ institution }) => figure(voice, institution) },
          {
            head: 'officers.office',
            cell: ({ office }) => (office === 0 ? voice.said('officers.every') : figure(voice, office)),
          },
          {
            head: 'officers.roles',
            cell: ({ roles }) =>
              element('ul', {}, ...roles.map((role) => element('li', {}, voice.term('officerRole', role)))),
          },
          {
            head: 'aid.standing',
            cell: ({ standing, standsUntil }) =>
              element(
                'span',
                {},
                voice.term('officerStanding', standing),
                ...(standsUntil === undefined ? [] : [gap(), moment(voice, standsUntil)]),
              ),
          },
        ],
      }),
    ],
  };
}

// ---- Measures -----------------------------------------------------------------------------------------------

export async function measuresPage(context: Context): Promise<Shown> {
  const { voice, to, path, hash } = context;
  const [id = ''] = path;
  if (id !== '') return measurePage(context, id);
  const isAll = hash.get('show') === 'all';
  const tab = (href: string, label: 'measures.open' | 'measures.all', isHere: boolean) =>
    element('li', {}, element('a', { href, 'aria-current': isHere && 'true' }, voice.said(label)));
  return {
    title: 'measures.title',
    nodes: [
      element(
        'ul',
        { class: 'tabs', 'aria-label': voice.plain('measures.views') },
        tab(to('measures'), 'measures.open', !isAll),
        tab(`${to('measures')}#show=all`, 'measures.all', isAll),
      ),
      await listed<Measure>(context, '/measures', {
        caption: 'measures.title',
        count: 'measures.count',
        none: isAll ? 'measures.none' : 'measures.noneOpen',
        query: isAll ? {} : { open: 'true' },
        columns: [
          {
            head: 'measures.what',
            cell: ({ measureId, kind }) => link(to('measures', measureId), voice.term('measureKind', kind)),
          },
          { head: 'measures.state', cell: ({ state }) => voice.term('measureState', state) },
          {
            head: 'measures.votes',
            cell: ({ inFavour, quorum }) =>
              voice.said('measures.votesOf', { votes: inFavour.length, quorum }),
          },
          { head: 'measures.closesAt', cell: ({ closesAt }) => moment(voice, closesAt) },
        ],
      }),
    ],
  };
}

async function measurePage(context: Context, id: string): Promise<Shown> {
  const { voice, isIn } = context;
  const place = `/measures/${encodeURIComponent(id)}`;
  const [told, { activeMembers }] = await Promise.all([ask<Measure>(place), ask<Consortium>('/consortium')]);
  const { state, kind, sentence, closesAt, executableFrom, endsAt, openedBy, obstacle, caution } = told;
  return {
    title: 'measures.one',
    nodes: [
      element('p', { class: 'lead' }, voice.term('measureKind', kind)),
      voice.speaker.language !== 'en' && element('p', { class: 'hint' }, voice.said('act.inEnglish')),
      element('div', { class: 'sentence' }, english(sentence)),
      element(
        'dl',
        {},
        pair(voice, 'measures.state', element('strong', {}, voice.term('measureState', state))),
        pair(voice, 'measures.openedBy', institutionNamed(voice, openedBy)),
        pair(voice, 'measures.closesAt', moment(voice, closesAt)),
        ...(executableFrom === undefined
          ? []
          : [pair(voice, 'measures.from', moment(voice, executableFrom))]),
        pair(voice, 'measures.endsAt', moment(voice, endsAt)),
        pair(voice, 'aid.id', idText(id)),
      ),
      obstacle !== undefined && section(voice, 'measures.obstacle', ...reasonNodes(voice, obstacle)),
      caution !== undefined && section(voice, 'measures.caution', ...reasonNodes(voice, caution)),
      section(voice, 'measures.votes', ...voteNodes(voice, told, activeMembers)),
      isIn('member') && stepNode(context, place, state),
      isIn('member') && state === 'voting' && section(voice, 'measures.vote', await voteForm(context, id)),
    ],
  };
}

/** Told above the votes: nobody is asked for a vote that comes to nothing without reading why. */
const reasonNodes = (voice: Voice, { code, message, remedy }: Reason): readonly Child[] => [
  voice.speaker.language !== 'en' && element('p', { class: 'hint' }, voice.said('error.inEnglish')),
  english(message),
  english(remedy),
  element('p', { class: 'hint' }, voice.said('error.code', { code })),
];

/** It was decided by those who might vote then, and who may vote now says nothing of it. */
const SETTLED = ['executed', 'lapsed'];

/** Of each institution that may vote now, and of others that did; of what is settled, of those alone that voted. */
function voteNodes(voice: Voice, told: Measure, activeMembers: readonly number[]): readonly Child[] {
  const { state, inFavour, against, quorum, votesMissing } = told;
  if (SETTLED.includes(state)) {
    const voters = [...inFavour, ...against].sort((one, other) => one - other);
    return [
      element('p', {}, voice.said('measures.votesThen', { count: inFavour.length })),
      table(voice, 'measures.votesCaption', votesColumns(voice, told), voters),
    ];
  }
  const counted = inFavour.filter((one) => activeMembers.includes(one)).length;
  const all = [...new Set([...activeMembers, ...inFavour, ...against])].sort((one, other) => one - other);
  return [
    element('p', {}, voice.said('measures.votesOf', { votes: counted, quorum })),
    votesMissing > 0 && element('p', {}, voice.said('measures.missing', { count: votesMissing })),
    table(
      voice,
      'measures.votesCaption',
      [
        ...votesColumns(voice, told),
        {
          head: 'measures.counts',
          cell: (one) =>
            voice.said(activeMembers.includes(one) ? 'measures.doesCount' : 'measures.countsNot'),
        },
      ],
      all,
    ),
  ];
}

function votesColumns(voice: Voice, { inFavour, against }: Measure): readonly Column<number>[] {
  return [
    { head: 'members.institution', cell: (one) => figure(voice, one) },
    {
      head: 'measures.voted',
      cell: (one) =>
        voice.said(
          inFavour.includes(one)
            ? 'measures.inFavour'
            : against.includes(one)
              ? 'measures.against'
              : 'measures.notYet',
        ),
    },
  ];
}

/** What anybody may do of a measure as it stands. */
const STEPS = {
  due: { path: 'execution', label: 'measures.execute', says: 'measures.executeText' },
  'to-reschedule': { path: 'rescheduling', label: 'measures.reschedule', says: 'measures.rescheduleText' },
  over: { path: 'lapse', label: 'measures.lapse', says: 'measures.lapseText' },
} as const;

function stepNode({ voice, go }: Context, place: string, state: string): Child {
  const step = Object.hasOwn(STEPS, state) ? STEPS[state as keyof typeof STEPS] : undefined;
  if (step === undefined) return undefined;
  // One intention, however often the button is pressed.
  const key = crypto.randomUUID();
  return section(
    voice,
    'measures.next',
    element('p', {}, voice.said(step.says)),
    form(voice, step.label, [], async () => {
      await ask(`${place}/${step.path}`, { method: 'POST', body: {}, key, waitSeconds: WAIT_SECONDS });
      go(location.pathname);
    }),
  );
}

const VOTES = ['for', 'against'] as const;

async function voteForm(context: Context, measure: string): Promise<HTMLElement> {
  const { voice } = context;
  return element(
    'div',
    {},
    element('p', {}, voice.said('measures.voteText')),
    await preparingForm(context, {
      collection: 'votes',
      role: 'vote',
      nodes: [choice(voice, 'votes', 'measures.yourVote', VOTES)],
      decide: ({ votes = '' }) => {
        if (votes === '') throw new Mistake('measures.noVote');
        return { measure, inFavour: votes === 'for' };
      },
    }),
  );
}
