/** What a person's own record looks like, and whether its list of readings is whole. */
import type { Bytes32 } from '../../server/domain/base/hex.ts';
import { ZERO_32 } from '../../server/domain/base/hex.ts';
import { type AccessLine, accessLineHash } from '../../server/domain/people/access.ts';
import { type Child, datum, element, gap, idText, pair, type Voice } from '../page/dom.ts';
import type { Key } from '../page/words.ts';

interface LineOpen
  extends Omit<AccessLine, 'version' | 'atMs' | 'hidden' | 'onBehalfOf' | 'caseReference' | 'agreement'> {
  readonly isHidden?: undefined;
  readonly at: string;
  readonly who: {
    readonly roles: readonly string[];
    readonly institution?: number;
    readonly label?: string;
  };
  readonly hash: Bytes32;
  readonly onBehalfOf?: Bytes32;
  readonly caseReference?: string;
  readonly agreement?: string;
}
/** By law, for a time: that there is a line is shown, and nothing of it. */
interface LineHidden {
  readonly index: number;
  readonly isHidden: true;
  readonly hash: Bytes32;
  readonly previous: Bytes32;
}
type Line = LineOpen | LineHidden;

/** An act that waits for her consent. */
export interface AskingAct {
  readonly act: string;
  readonly kind: string;
  readonly institution: number;
  readonly expiresAt: string;
}

export interface OwnRecord {
  /** Her key is of a holding that was. */
  readonly withheld?: string;
  readonly asking: readonly AskingAct[];
  readonly isAllAsking: boolean;
  readonly titles: readonly {
    readonly baUnit: string;
    readonly status: string;
    readonly kind: string;
    readonly numerator: string;
    readonly denominator: string;
    readonly number?: string;
    readonly areaM2?: number;
    readonly restrictions: readonly { readonly kind: string }[];
  }[];
  readonly records: readonly { readonly type: string; readonly fields: Readonly<Record<string, unknown>> }[];
  readonly entitlements: readonly {
    readonly cycle: number;
    readonly state: string;
    readonly opensAt: string;
    readonly spendUntil: string;
    readonly remainingUnits?: number;
    readonly unrecordedUnits?: number;
    readonly spent: readonly {
      readonly soldAt: string;
      readonly units: number;
      readonly vendor: string;
      readonly vendorLabel?: string;
      readonly till: number;
    }[];
  }[];
  readonly access: {
    readonly total: number;
    readonly head: string;
    readonly lines: readonly Line[];
    readonly next?: number;
  };
}

/**
 * Whether lines, newest first, are a whole stretch of the chain that ends in its head: each hashed here, each naming the one
 * before. Of a hidden line its hash is taken as it stands.
 */
function isWhole({ total, head, lines, next }: OwnRecord['access']): boolean {
  let expected: { readonly index: number; readonly hash: string } = { index: total, hash: head };
  for (const line of lines) {
    const hash = line.isHidden ? line.hash : hashOf(line);
    if (line.index !== expected.index || hash !== expected.hash) return false;
    expected = { index: line.index - 1, hash: line.previous };
  }
  return next !== undefined || (expected.index === 0 && expected.hash === ZERO_32);
}

function hashOf({ at, onBehalfOf, caseReference, agreement, ...line }: LineOpen): string {
  const more = { version: 1 as const, atMs: Date.parse(at), onBehalfOf, caseReference, agreement };
  return accessLineHash(Object.assign({ hidden: undefined }, line, more));
}

/** What the words of a field of a table are, where a stored one is called otherwise. */
const COLUMN_OF: Readonly<Record<string, string>> = { fullName: 'name', gender: 'sex', ageYears: 'age' };

export function recordNodes(voice: Voice, own: OwnRecord): readonly Node[] {
  // Of a key that opens nothing else, a section that says "nothing" would say it of what was not looked at.
  if (own.withheld !== undefined) return [section(voice, 'mine.readings', ...readingNodes(voice, own))];
  return [
    ...(own.entitlements.length === 0 && own.titles.length > 0
      ? []
      : [section(voice, 'mine.units', ...entitlementNodes(voice, own))]),
    section(voice, 'mine.readings', ...readingNodes(voice, own)),
    section(voice, 'mine.kept', ...keptNodes(voice, own)),
  ];
}

export const section = (voice: Voice, title: Key, ...children: readonly Child[]): HTMLElement =>
  element('section', {}, element('h2', {}, voice.said(title)), ...children);

function entitlementNodes(voice: Voice, { entitlements }: OwnRecord): readonly Node[] {
  if (entitlements.length === 0) return [element('p', {}, voice.said('mine.noUnits'))];
  const moment = (iso: string) => datum(voice.speaker.moment(iso));
  return entitlements.map(({ cycle, opensAt, spendUntil, remainingUnits, unrecordedUnits = 0, spent }) =>
    element(
      'div',
      { class: 'thing' },
      element('h3', {}, voice.said('mine.cycle', { cycle })),
      element(
        'dl',
        {},
        pair(
          voice,
          'mine.left',
          remainingUnits === undefined
            ? element('span', {}, voice.said('mine.leftUnknown'))
            : element('strong', {}, voice.said('mine.amount', { count: remainingUnits })),
        ),
        pair(voice, 'mine.from', moment(opensAt)),
        pair(voice, 'mine.until', moment(spendUntil)),
      ),
      unrecordedUnits > 0 &&
        element('p', { class: 'hint' }, voice.said('mine.unrecorded', { count: unrecordedUnits })),
      element('h4', {}, voice.said('mine.spent')),
      spent.length === 0
        ? element('p', {}, voice.said('mine.notSpent'))
        : element(
            'ul',
            { class: 'sales' },
            ...spent.map(({ soldAt, units, vendor, vendorLabel, till }) =>
              element(
                'li',
                {},
                element('span', { class: 'share' }, voice.said('mine.amount', { count: units })),
                element(
                  'span',
                  {},
                  vendorLabel === undefined
                    ? idText(`${vendor.slice(0, 10)}…${vendor.slice(-4)}`)
                    : datum(vendorLabel),
                ),
                element('span', { class: 'hint' }, voice.said('mine.till', { till })),
                element('span', { class: 'hint' }, moment(soldAt)),
              ),
            ),
          ),
    ),
  );
}

function readingNodes(voice: Voice, { access }: OwnRecord): readonly Node[] {
  const { total, lines, next } = access;
  const whole = isWhole(access);
  const said = whole ? (next === undefined ? 'mine.whole' : 'mine.wholeSoFar') : 'mine.broken';
  return [
    element('p', { class: whole ? 'good' : 'warn' }, voice.said(said, { count: total, shown: lines.length })),
    element('p', { class: 'hint' }, voice.said('mine.wholeHint')),
    element(
      'ol',
      { class: 'readings', reversed: true, start: `${total}` },
      ...lines.map((line) =>
        line.isHidden
          ? element('li', { value: `${line.index}` }, voice.said('mine.hidden'))
          : element(
              'li',
              { value: `${line.index}` },
              element('span', { class: 'hint' }, datum(voice.speaker.moment(line.at))),
              element('p', {}, element('strong', {}, voice.term('reading', line.purpose))),
              ...whoNodes(voice, line),
            ),
      ),
    ),
  ];
}

/** Of whoever has no token, by what opened it. */
const WITHOUT_TOKEN: Readonly<Record<string, Key>> = {
  'own:card': 'mine.by.card',
  'own:holding': 'mine.by.holding',
  'own:restriction': 'mine.by.charge',
  'asked:holding': 'mine.by.asked',
  'asked:restriction': 'mine.by.asked',
  'party:holding': 'mine.by.party',
  door: 'mine.by.door',
};

function readerNode(voice: Voice, { actor, who: { roles, institution, label } }: LineOpen): HTMLElement {
  if (roles.length === 0) return element('p', {}, voice.said(WITHOUT_TOKEN[actor] ?? 'mine.by.unknown'));
  const parts = [
    ...roles.map((role) => voice.term('role', role)),
    institution === undefined || institution === 0
      ? voice.said('who.noInstitution')
      : voice.said('who.institution', { institution }),
    ...(label === undefined ? [] : [datum(label)]),
  ];
  const items = parts.map((part) => element('li', {}, part));
  return element('ul', { class: 'reader', 'aria-label': voice.plain('mine.by') }, ...items);
}

/** Who it was, what was read, and for which case. */
function whoNodes(voice: Voice, line: LineOpen): readonly Node[] {
  const { types, caseReference, purpose } = line;
  const reference = purpose === 'own-data' ? undefined : caseReference;
  return [
    readerNode(voice, line),
    element(
      'ul',
      { class: 'what', 'aria-label': voice.plain('mine.what') },
      ...types.map((type) => element('li', {}, voice.term('keptAs', type))),
    ),
    ...(reference === undefined
      ? []
      : [element('p', { class: 'hint' }, voice.said('mine.case'), gap(), idText(reference))]),
  ];
}

/** What stands for itself, and long ids from left to right. */
function valueNode(value: unknown): HTMLElement {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^0x[0-9a-f]{8,}$/.test(text) ? idText(text) : datum(text);
}

function keptNodes(voice: Voice, { records }: OwnRecord): readonly Node[] {
  if (records.length === 0) return [element('p', {}, voice.said('mine.nothingKept'))];
  return records.map(({ type, fields }) =>
    element(
      'div',
      { class: 'thing' },
      element('h3', {}, voice.term('keptAs', type)),
      element(
        'dl',
        {},
        ...Object.entries(fields).map(([name, value]) =>
          element(
            'div',
            {},
            element('dt', {}, voice.term('column', COLUMN_OF[name] ?? name)),
            element('dd', {}, valueNode(value)),
          ),
        ),
      ),
    ),
  );
}
