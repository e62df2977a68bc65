/**
 * A title as a page of the register: what it is, each right with who holds which share, what lies on it, in order.
 *
 * Promises: shares that are stated are summed and the sum is said; what is over and what has no effect yet is judged by
 * who hands it in, and never by this device's clock; a section that is not shown is never taken for an empty one. For the title page and
 * for the page that verifies a certificate.
 */
import { actsOf, isEnded, type LandAct } from '../../server/domain/base/terms.ts';
import type { BAUnitState, Holding, Restriction, Right } from '../../server/domain/land/types.ts';
import { type Corner, cornersOf } from '../../server/domain/survey/corners.ts';
import { type Child, datum, element, gap, idText, pair, type Voice } from './dom.ts';

type Sections = 'spatialUnits' | 'rights' | 'charges' | 'notices' | 'responsibilities' | 'applications';
/** A section that a certificate does not show is its hash. */
export type ShownState = Pick<BAUnitState, 'header'> & {
  readonly [S in Sections]: BAUnitState[S] | string;
};

/** A fact that was opened, under what it is about. */
export interface ShownFact {
  readonly of: string;
  readonly path: string;
  readonly value: string;
}

export interface Beside {
  /** Whether the last act on it has no effect yet. */
  readonly isNotYet: boolean;
  /** Whether one of them is over, in the words of who can judge it. */
  readonly isOver: (of: 'right' | 'restriction', id: number, expiresOn: bigint) => boolean;
  readonly saidOver: 'land.lapsed' | 'land.endPast';
  readonly facts?: readonly ShownFact[];
  /** By holding, where they were read for a case. */
  readonly names?: ReadonlyMap<number, string>;
  /** What can be done about one of them. */
  readonly actions?: ((of: 'right' | 'restriction', id: number) => HTMLElement) | undefined;
}

const LAST_DATE_SECONDS = 8_640_000_000_000n;

export function moment(voice: Voice, seconds: bigint): Node {
  if (seconds > LAST_DATE_SECONDS) return voice.said('time.beyond');
  const iso = new Date(Number(seconds) * 1_000).toISOString();
  return element('time', { datetime: iso }, datum(voice.speaker.moment(iso)));
}

/** A term and what is said of it. */
export function titleNodes(voice: Voice, state: ShownState, beside: Beside): HTMLElement[] {
  const { header } = state;
  return [
    element(
      'section',
      {},
      element('h2', {}, voice.said('land.what')),
      beside.isNotYet && element('p', { class: 'warn' }, voice.said('land.notYet')),
      element(
        'dl',
        {},
        pair(voice, 'land.standing', voice.term('status', header.status)),
        pair(voice, 'land.inEffectFrom', moment(voice, header.effectiveOn)),
        pair(voice, 'land.office', datum(voice.speaker.number(header.office))),
        pair(voice, 'land.beganBy', voice.term('origin', header.origin)),
        pair(voice, 'land.evidence', voice.term('evidence', header.evidence)),
        pair(voice, 'land.version', datum(voice.speaker.number(header.version))),
        ...factPairs(voice, beside, 'unit'),
      ),
    ),
    list(voice, state.spatialUnits, 'land.ground', 'land.noGround', ({ id }) => [
      element('h3', {}, voice.said('land.parcel')),
      element(
        'dl',
        {},
        pair(voice, 'land.id', idText(id)),
        ...factPairs(voice, beside, `spatial-unit/${id}`),
      ),
    ]),
    list(voice, state.rights, 'land.rights', 'land.noRights', (right) => rightNodes(voice, right, beside)),
    restrictionsNode(voice, state, beside),
    ...(typeof state.responsibilities === 'string' || state.responsibilities.length > 0
      ? [
          list(voice, state.responsibilities, 'land.responsibilities', 'land.none', (one) => [
            element('p', {}, voice.term('responsibility', one.kind)),
            element('dl', {}, ...factPairs(voice, beside, `responsibility/${one.responsibilityId}`)),
          ]),
        ]
      : []),
    ...(typeof state.applications === 'string' || state.applications.length > 0
      ? [
          list(voice, state.applications, 'land.applications', 'land.none', (one) => [
            element('p', {}, voice.term('act', one.act)),
          ]),
        ]
      : []),
  ];
}

/** Charges in their rank, then notices as they came: what is shown of either is shown, whatever the other is. */
function restrictionsNode(
  voice: Voice,
  { header, charges, notices }: ShownState,
  beside: Beside,
): HTMLElement {
  const each = [
    [charges, 'land.chargesNotShown'],
    [notices, 'land.noticesNotShown'],
  ] as const;
  const nodes = each.flatMap(([section, notShown]) =>
    typeof section === 'string'
      ? [element('p', { class: 'warn' }, voice.said(notShown))]
      : section.map((one) => element('div', { class: 'thing' }, ...restrictionNodes(voice, one, beside))),
  );
  const none = element('p', {}, voice.said(isEnded(header.status) ? 'land.ended' : 'land.free'));
  return element(
    'section',
    {},
    element('h2', {}, voice.said('land.restrictions')),
    ...(nodes.length === 0 ? [none] : nodes),
  );
}

function list<T>(
  voice: Voice,
  items: readonly T[] | string,
  heading: Parameters<Voice['said']>[0],
  none: Parameters<Voice['said']>[0],
  nodesOf: (item: T) => readonly Child[],
): HTMLElement {
  const body =
    typeof items === 'string'
      ? [element('p', { class: 'warn' }, voice.said('land.notShown'))]
      : items.length === 0
        ? [element('p', {}, voice.said(none))]
        : items.map((item) => element('div', { class: 'thing' }, ...nodesOf(item)));
  return element('section', {}, element('h2', {}, voice.said(heading)), ...body);
}

function rightNodes(voice: Voice, right: Right, beside: Beside): readonly Child[] {
  const { rightId, kind, standing, tenancy, targetRight, upgradesOn, expiresOn, holdings, denominator } =
    right;
  const stated = holdings.filter(({ numerator }) => numerator > 0n);
  const sum = stated.reduce((all, { numerator }) => all + numerator, 0n);
  const isWhole = sum === denominator;
  return [
    element('h3', {}, voice.term('right', kind), gap(), idNumber(voice, 'land.number', rightId)),
    element(
      'dl',
      {},
      pair(voice, 'land.standing', voice.term('standing', standing)),
      pair(voice, 'land.tenancy', voice.term('tenancy', tenancy)),
      targetRight !== 0 && pair(voice, 'land.onRight', datum(voice.speaker.number(targetRight))),
      upgradesOn !== 0n && pair(voice, 'land.upgradesOn', moment(voice, upgradesOn)),
      expiresOn !== 0n &&
        pair(voice, 'land.until', ...endNodes(voice, ['right', rightId, expiresOn], beside)),
      ...factPairs(voice, beside, `right/${rightId}`),
    ),
    element(
      'ul',
      { class: 'holders' },
      ...holdings.map((holding) => element('li', {}, ...holdingNodes(voice, right, holding, beside))),
    ),
    stated.length > 0 &&
      element(
        'p',
        { class: isWhole ? 'hint' : 'warn' },
        isWhole
          ? voice.said('land.sumsToWhole', { count: stated.length })
          : voice.said('land.sumsTo', { share: shareText(voice, sum, denominator) }),
      ),
    beside.actions?.('right', rightId),
  ];
}

const idNumber = (voice: Voice, key: Parameters<Voice['said']>[0], id: number): Node =>
  element('span', { class: 'hint' }, voice.said(key, { number: voice.speaker.number(id) }));

const shareText = (voice: Voice, numerator: bigint, denominator: bigint): string =>
  `${voice.speaker.number(numerator)}/${voice.speaker.number(denominator)}`;

function holdingNodes(
  voice: Voice,
  { denominator }: Right,
  { holdingId, numerator, partyKind, signer, keyHash }: Holding,
  { facts = [], names }: Beside,
): readonly Child[] {
  const of = facts.filter((fact) => fact.of === `holding/${holdingId}`);
  const name = names?.get(holdingId) ?? of.find(({ path }) => path === 'name')?.value;
  const share =
    numerator === 0n
      ? voice.said('land.noShare')
      : numerator === denominator
        ? voice.said('land.whole')
        : datum(shareText(voice, numerator, denominator), { dir: 'ltr' });
  const isKeyless = /^0x0*$/.test(keyHash) && signer !== 'none';
  return [
    name === undefined
      ? element('strong', {}, voice.term('party', partyKind))
      : element('strong', {}, datum(name)),
    name !== undefined && element('span', { class: 'hint' }, voice.term('party', partyKind)),
    element('span', { class: 'share' }, share),
    idNumber(voice, 'land.holding', holdingId),
    signer === 'representative' && element('p', { class: 'hint' }, voice.said('land.representative')),
    signer === 'none' && element('p', { class: 'hint' }, voice.said('land.nobodySigns')),
    isKeyless && element('p', { class: 'hint' }, voice.said('land.keyless')),
    of.some(({ path }) => path !== 'name') &&
      element('dl', {}, ...of.filter(({ path }) => path !== 'name').map((fact) => factPair(voice, fact))),
  ];
}

function restrictionNodes(voice: Voice, one: Restriction, beside: Beside): readonly Child[] {
  const { restrictionId, kind, rank, targetHolding, targetRight, expiresOn, blocks, needsConsent } = one;
  const number = (value: number) => voice.speaker.number(value);
  return [
    element('h3', {}, voice.term('restriction', kind), gap(), idNumber(voice, 'land.number', restrictionId)),
    element(
      'dl',
      {},
      rank !== 0 && pair(voice, 'land.rank', datum(number(rank))),
      targetHolding !== 0
        ? pair(voice, 'land.onHolding', datum(number(targetHolding)))
        : targetRight !== 0 && pair(voice, 'land.onRight', datum(number(targetRight))),
      pair(
        voice,
        'land.until',
        ...(expiresOn === 0n
          ? [voice.said('land.noEnd')]
          : endNodes(voice, ['restriction', restrictionId, expiresOn], beside)),
      ),
      pair(voice, 'land.stops', acts(voice, actsOf(blocks))),
      needsConsent !== 0n && pair(voice, 'land.asks', acts(voice, actsOf(needsConsent))),
      ...factPairs(voice, beside, `restriction/${restrictionId}`),
    ),
    beside.actions?.('restriction', restrictionId),
  ];
}

function endNodes(
  voice: Voice,
  ending: Parameters<Beside['isOver']>,
  { isOver, saidOver }: Beside,
): readonly Child[] {
  const [, , expiresOn] = ending;
  return [
    moment(voice, expiresOn),
    isOver(...ending) && element('strong', { class: 'warn' }, voice.said(saidOver)),
  ];
}

function acts(voice: Voice, stopped: readonly LandAct[]): Node {
  if (stopped.length === 0) return voice.said('land.nothing');
  return element('ul', { class: 'acts' }, ...stopped.map((act) => element('li', {}, voice.term('act', act))));
}

const factPairs = (voice: Voice, { facts = [] }: Beside, of: string): readonly HTMLElement[] =>
  facts.filter((fact) => fact.of === of).map((fact) => factPair(voice, fact));

const MM2_PER_M2 = 1_000_000;

function factPair(voice: Voice, { path, value }: ShownFact): HTMLElement {
  const [, area] = /^(.*)-mm2$/.exec(path) ?? [];
  const corners = path === 'boundary' ? cornersOf(value) : undefined;
  const shown =
    corners !== undefined
      ? cornersNode(voice, corners)
      : area !== undefined && /^\d{1,20}$/.test(value)
        ? datum(squareMetres(voice, Number(value) / MM2_PER_M2))
        : datum(value);
  return element('div', {}, element('dt', {}, voice.term('fact', area ?? path)), element('dd', {}, shown));
}

/** To the hundredth of a metre or so; the file has all that was committed to. */
const CORNER_DIGITS = 7;

function cornersNode(voice: Voice, corners: readonly Corner[]): HTMLElement {
  const degrees = (value: number) =>
    voice.speaker.number(value, {
      maximumFractionDigits: CORNER_DIGITS,
      style: 'unit',
      unit: 'degree',
      unitDisplay: 'narrow',
    });
  return element(
    'details',
    {},
    element('summary', {}, voice.said('land.corners', { count: corners.length })),
    element(
      'ol',
      {},
      ...corners.map(([longitude, latitude]) =>
        element(
          'li',
          {},
          voice.said('land.corner', { latitude: degrees(latitude), longitude: degrees(longitude) }),
        ),
      ),
    ),
  );
}

export const squareMetres = (voice: Voice, area: number): string =>
  voice.plain('unit.m2', { area: voice.speaker.number(area, { maximumFractionDigits: 2 }) });
