/** A title: what is registered, who holds it, what lies on it, what waits, what happened, and its certificate. */
import { malformed } from '../../server/domain/audit/shape.ts';
import { fromJson } from '../../server/domain/land/codec.ts';
import { datum, element, english, gap, idText, pair, type Voice } from '../page/dom.ts';
import { keepFile } from '../page/forms.ts';
import { type Beside, squareMetres, titleNodes } from '../page/landState.ts';
import { ask, askText, type Page } from './ask.ts';
import { opened } from './ending.ts';
import { Mistake } from './mistake.ts';
import { type Context, field, form, growing, link, moment, type Shown, section, shortOf } from './parts.ts';

interface TitleTold {
  readonly baUnit: string;
  readonly number?: string;
  readonly areaM2?: number;
  readonly recordedAt: string;
  readonly state: unknown;
  readonly isInEffect: boolean;
  /** What is over by the ledger's time and its halts, which no page knows. */
  readonly lapsed: { readonly rights: readonly number[]; readonly restrictions: readonly number[] };
}

interface Signed {
  readonly officer: string;
  readonly institution?: number;
}

interface HistoryRow {
  readonly act: string;
  readonly recordedAt: string;
  readonly version: string;
  readonly preparer?: Signed;
  readonly approver?: Signed;
  readonly changes: readonly {
    readonly what: string;
    readonly how: string;
    readonly id?: number;
    readonly words: string;
  }[];
}

interface Holder {
  readonly holdingId: number;
  readonly name?: string;
}

interface Waiting {
  readonly id: string;
  readonly kind: string;
  readonly missing: readonly string[];
  readonly expiresAt: string;
  readonly parcels: readonly { readonly baUnit: string }[];
}

/** Acts that are looked through for one of this title; a desk with more sees the rest in its inbox. */
const WAITING_LOOKED_AT = 200;
/** At once: what happened last stands first. */
const HISTORY_SHOWN = 50;

export async function titlePage(context: Context): Promise<Shown> {
  const { voice, path, to } = context;
  const [baUnit = ''] = path;
  const place = `/titles/${encodeURIComponent(baUnit)}`;
  const historyAt = `${place}/history?newestFirst=true&limit=${HISTORY_SHOWN}`;
  const [title, history, waiting] = await Promise.all([
    ask<TitleTold>(place),
    ask<Page<HistoryRow>>(historyAt),
    context.isIn('registrar')
      ? ask<Page<Waiting>>(`/acts?limit=${WAITING_LOOKED_AT}`)
      : Promise.resolve({ total: 0, rows: [] }),
  ]);
  const state = fromJson('BAUnitState', title.state, '/state', malformed);
  const actions = context.isIn('registrar') ? actionsOf(context, baUnit) : undefined;
  const { rights, restrictions } = title.lapsed;
  const judged: Beside = {
    isNotYet: !title.isInEffect,
    isOver: (of, id) => (of === 'right' ? rights : restrictions).includes(id),
    saidOver: 'land.lapsed',
    actions,
  };
  const body = element('div', {}, ...titleNodes(voice, state, judged));
  const own = waiting.rows.filter(({ parcels }) => parcels.some((parcel) => parcel.baUnit === baUnit));
  return {
    title: 'title.title',
    nodes: [
      title.number !== undefined &&
        element('p', { class: 'lead' }, voice.said('title.parcel', { number: title.number })),
      element(
        'dl',
        {},
        title.areaM2 !== undefined && pair(voice, 'title.area', datum(squareMetres(voice, title.areaM2))),
        pair(voice, 'title.id', idText(baUnit)),
        pair(voice, 'title.recorded', moment(voice, title.recordedAt)),
      ),
      body,
      context.isIn('registrar') &&
        section(
          voice,
          'title.names',
          element('p', {}, voice.said('title.namesText')),
          form(voice, 'title.namesButton', [caseField(voice, 'names-case')], async (values) => {
            const { rows } = await ask<Page<Holder>>(`${place}/holders`, {
              caseReference: caseIn(values['names-case']),
            });
            const names = new Map(
              rows.map(({ holdingId, name }) => [holdingId, name ?? voice.plain('title.erased')]),
            );
            opened(body).replaceChildren(...titleNodes(voice, state, Object.assign({ names }, judged)));
            context.announce('title.namesShown', { count: rows.length });
          }),
        ),
      own.length > 0 &&
        section(
          voice,
          'title.waiting',
          element(
            'ul',
            {},
            ...own.map(({ id, kind, expiresAt }) =>
              element(
                'li',
                {},
                link(to('acts', id), voice.term('kind', kind)),
                gap(),
                voice.said('inbox.until'),
                gap(),
                moment(voice, expiresAt),
              ),
            ),
          ),
        ),
      certificateSection(context, place, baUnit),
      section(
        voice,
        'title.history',
        growing(voice, element('ol', { class: 'history' }), history, (row) => historyNode(voice, row), {
          total: history.total,
          more: (next) => ask<Page<HistoryRow>>(`${historyAt}&${new URLSearchParams({ after: next })}`),
        }),
      ),
    ],
  };
}

/** What a registrar prepares of a right, and of what lies on it. */
const actionsOf =
  ({ voice, to }: Context, baUnit: string) =>
  (of: 'right' | 'restriction', id: number): HTMLElement =>
    element(
      'p',
      {},
      of === 'right'
        ? link(to('prepare', 'transfer', baUnit, `${id}`), voice.said('prepare.transfer'))
        : link(to('prepare', 'discharge', baUnit, `${id}`), voice.said('prepare.discharge')),
    );

const caseField = (voice: Voice, name: string) =>
  field(voice, { name, label: 'case.label', hint: 'case.hint', isRequired: true });

function caseIn(typed: string | undefined): string {
  const text = (typed ?? '').trim();
  if (text === '') throw new Mistake('case.missing');
  return text;
}

function certificateSection(context: Context, place: string, baUnit: string): HTMLElement {
  const { voice, announce } = context;
  const isRegistrar = context.isIn('registrar');
  return section(
    voice,
    'certificate.title',
    element('p', {}, voice.said(isRegistrar ? 'certificate.text' : 'certificate.openText')),
    form(
      voice,
      'certificate.button',
      isRegistrar ? [caseField(voice, 'certificate-case')] : [],
      async (values) => {
        const text = isRegistrar
          ? await askText(`${place}/certificate`, { caseReference: caseIn(values['certificate-case']) })
          : await askText(`${place}/open-certificate`);
        keepFile(`certificate-${baUnit.slice(2, 14)}.json`, text);
        announce('certificate.kept');
      },
    ),
    element('p', {}, element('a', { href: '/verify' }, voice.said('nav.verify'))),
  );
}

function historyNode(
  voice: Voice,
  { act, recordedAt, preparer, approver, changes }: HistoryRow,
): HTMLElement {
  const signed = (key: 'history.preparer' | 'history.approver', one: Signed | undefined) =>
    one !== undefined &&
    element(
      'li',
      {},
      voice.said(key, { institution: one.institution ?? 0 }),
      gap(),
      idText(shortOf(one.officer)),
    );
  return element(
    'li',
    {},
    element('h3', {}, voice.term('act', act)),
    element('p', { class: 'hint' }, moment(voice, recordedAt)),
    element('ul', {}, signed('history.preparer', preparer), signed('history.approver', approver)),
    element(
      'ul',
      { class: 'changes' },
      ...changes.map(({ what, how, id, words }) =>
        voice.speaker.language === 'en'
          ? english(words, 'li')
          : element(
              'li',
              {},
              voice.term('changed', what),
              gap(),
              id !== undefined && datum(voice.speaker.number(id)),
              gap(),
              voice.term('how', how),
              english(words, 'span'),
            ),
      ),
    ),
  );
}
