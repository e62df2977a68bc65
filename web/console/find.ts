/**
 * Finding a title: by the number of its parcel, by the id of its corners, or by a person for a purpose and a case.
 *
 * What is looked for on the ground stands in the address behind the # sign, which is sent to nobody, so that it can be opened
 * again; who is looked for stands nowhere.
 */

import { readNumber } from '../page/digits.ts';
import { datum, element, idText, type Voice } from '../page/dom.ts';
import { squareMetres } from '../page/landState.ts';
import { ask, type Page } from './ask.ts';
import { opened } from './ending.ts';
import { type Context, choice, field, form, link, Mistake, type Shown, section, table } from './parts.ts';

interface FoundTitle {
  readonly number: string;
  readonly aliases: readonly string[];
  readonly baUnit: string;
  readonly computedAreaM2: number;
  readonly standing: string;
  readonly restrictions: readonly { readonly kind: string }[];
}

interface FoundPerson {
  readonly personId: string;
  readonly titles: readonly { readonly baUnit: string; readonly number?: string }[];
  readonly records: readonly { readonly fields: Readonly<Record<string, unknown>> }[];
}

interface People extends Page<FoundPerson> {
  readonly isTotalExact: boolean;
}

/** What a registrar may look for people for. */
const PURPOSES = ['registration', 'certificate', 'identification', 'case-work'] as const;
const WAYS = ['number', 'alias'] as const;
const BY = ['name', 'national-id', 'id-number'] as const;

export async function findPage(context: Context): Promise<Shown> {
  const { voice, hash, to, go } = context;
  const office = hash.get('office') ?? '';
  const way = WAYS.find((one) => hash.has(one)) ?? 'number';
  const sought = hash.get(way) ?? '';
  const found = sought === '' ? undefined : await titlesFor(office, way, sought);
  const results = element('div', {}, found !== undefined && titlesNode(context, found));
  if (found !== undefined) context.announce('find.found', { count: found.total });
  return {
    title: 'find.title',
    nodes: [
      section(
        voice,
        'find.byGround',
        form(
          voice,
          'find.button',
          [
            field(voice, {
              name: 'office',
              label: 'find.office',
              value: office,
              inputMode: 'numeric',
              isRequired: true,
            }),
            choice(voice, 'way', 'find.way', WAYS, way),
            field(voice, {
              name: 'sought',
              label: 'find.sought',
              hint: 'find.soughtHint',
              value: sought,
              isRequired: true,
            }),
          ],
          async (values) => {
            const text = (values.sought ?? '').trim();
            if (text === '') throw new Mistake('find.missing');
            const next = new URLSearchParams({
              office: wholeIn(values.office),
              [values.way ?? 'number']: text,
            });
            go(`${to('find')}#${next}`);
          },
        ),
        results,
      ),
      context.isIn('registrar') && personSection(context),
    ],
  };
}

/** A whole number in whichever digits it was typed. */
function wholeIn(typed: string | undefined): string {
  const read = readNumber(typed ?? '');
  if (read.kind === 'ambiguous') {
    const [first, second] = read.readings;
    throw new Mistake('number.ambiguous', { first, second });
  }
  if (read.kind === 'none' || read.text.includes('.')) throw new Mistake('number.none');
  return read.text;
}

function titlesFor(office: string, way: (typeof WAYS)[number], sought: string): Promise<Page<FoundTitle>> {
  return ask<Page<FoundTitle>>(`/titles/search?${new URLSearchParams({ office, [way]: sought })}`);
}

function titlesNode({ voice, to }: Context, { rows, total }: Page<FoundTitle>): HTMLElement {
  if (rows.length === 0) return element('p', {}, voice.said('find.nothing'));
  return element(
    'div',
    {},
    element('p', {}, voice.said('find.found', { count: total })),
    table(
      voice,
      'find.caption',
      [
        {
          head: 'find.parcel',
          cell: ({ baUnit, number, standing }) =>
            standing === 'surveyed' ? datum(number) : link(to('titles', baUnit), datum(number)),
        },
        { head: 'find.area', cell: ({ computedAreaM2 }) => datum(squareMetres(voice, computedAreaM2)) },
        { head: 'find.standing', cell: ({ standing }) => voice.term('parcel', standing) },
        {
          head: 'find.lying',
          cell: ({ restrictions, standing }) =>
            standing !== 'registered'
              ? voice.said('find.noTitle')
              : restrictions.length === 0
                ? voice.said('land.free')
                : element(
                    'ul',
                    {},
                    ...restrictions.map(({ kind }) => element('li', {}, voice.term('restriction', kind))),
                  ),
        },
        { head: 'find.alias', cell: ({ aliases }) => idText(aliases[0] ?? '') },
      ],
      rows,
    ),
  );
}

function personSection({ voice, to, announce }: Context): HTMLElement {
  const results = element('div');
  return section(
    voice,
    'find.byPerson',
    element('p', {}, voice.said('find.personText')),
    form(
      voice,
      'find.button',
      [
        choice(voice, 'by', 'find.by', BY, 'name'),
        field(voice, { name: 'person', label: 'find.person', isRequired: true }),
        choice(voice, 'purpose', 'find.purpose', PURPOSES),
        field(voice, { name: 'case', label: 'case.label', hint: 'case.hint', isRequired: true }),
      ],
      async ({ by = 'name', person = '', purpose = '', case: caseReference = '' }) => {
        if (person.trim() === '') throw new Mistake('find.missing');
        if (purpose === '') throw new Mistake('find.noPurpose');
        if (caseReference.trim() === '') throw new Mistake('case.missing');
        const known = by === 'name' ? { kind: by, name: person.trim() } : { kind: by, id: person.trim() };
        const people = await ask<People>('/people/searches', {
          method: 'POST',
          body: { purpose, by: known },
          caseReference: caseReference.trim(),
        });
        const count = people.total;
        opened(results).replaceChildren(
          element('p', {}, voice.said(people.isTotalExact ? 'find.people' : 'find.peopleAtLeast', { count })),
          element(
            'ul',
            { class: 'people' },
            ...people.rows.map((one) => element('li', {}, ...personNodes(voice, to, one))),
          ),
        );
        announce('find.people', { count });
      },
    ),
    results,
  );
}

function personNodes(voice: Voice, to: Context['to'], { titles, records }: FoundPerson): readonly Node[] {
  const known = new Map(
    records.flatMap(({ fields }) => Object.entries(fields)).map(([name, value]) => [name, `${value}`]),
  );
  return [
    element(
      'dl',
      {},
      ...[...known].map(([name, value]) =>
        element('div', {}, element('dt', {}, voice.term('fact', name)), element('dd', {}, datum(value))),
      ),
    ),
    titles.length === 0
      ? element('p', {}, voice.said('find.holdsNothing'))
      : element(
          'ul',
          {},
          ...titles.map(({ baUnit, number }) =>
            element(
              'li',
              {},
              link(
                to('titles', baUnit),
                number === undefined ? idText(baUnit) : voice.said('title.parcel', { number }),
              ),
            ),
          ),
        ),
  ];
}
