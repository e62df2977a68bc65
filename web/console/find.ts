/**
 * Finding a title: by the number of its parcel, by the id of its corners, or by a person for a purpose and a case.
 *
 * What is looked for on the ground stands in the address behind the # sign, which is sent to nobody, so that it can be opened
 * again; who is looked for stands nowhere.
 */
import { datum, element, idText, type Voice } from '../page/dom.ts';
import { troubleNode } from '../page/forms.ts';
import { squareMetres } from '../page/landState.ts';
import { ask, type Page } from './ask.ts';
import { opened } from './ending.ts';
import { Mistake } from './mistake.ts';
import {
  attempt,
  type Context,
  choice,
  field,
  form,
  growing,
  type ListPart,
  link,
  type Shown,
  section,
  table,
} from './parts.ts';
import { wholeIn } from './typed.ts';

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
  readonly nextTitles?: string;
  readonly records: readonly PersonRecord[];
  readonly hasMoreRecords: boolean;
}

interface PersonRecord {
  readonly fields: Readonly<Record<string, unknown>>;
}

interface ReadPerson {
  readonly records: readonly PersonRecord[];
  readonly nextRecords?: string;
}

/** From the beginning where `next` is empty: the search has only the first of them. */
type RecordsOf = (personId: string, next: string) => Promise<ListPart<PersonRecord>>;

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
  const after = hash.get('after');
  const [trouble, results] = [troubleNode(), element('div')];
  // Beside the form, so that what is refused leaves it as it was typed.
  if (sought !== '') {
    void attempt(voice, trouble, async () => {
      const query = new URLSearchParams({ office, [way]: sought });
      if (after !== null) query.set('after', after);
      const found = await ask<Page<FoundTitle>>(`/titles/search?${query}`);
      results.replaceChildren(titlesNode(context, found));
      context.announce('find.found', { count: found.total });
    });
  }
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
        trouble,
        results,
      ),
      context.isIn('registrar') && personSection(context),
    ],
  };
}

function titlesNode({ voice, hash, to }: Context, { rows, total, next }: Page<FoundTitle>): HTMLElement {
  const following = new URLSearchParams(hash);
  if (next !== undefined) following.set('after', next);
  if (rows.length === 0) return element('p', {}, voice.said('find.nothing'));
  return element(
    'div',
    {},
    element('p', {}, voice.said('find.found', { count: total })),
    hash.get('after') === null &&
      rows.length < total &&
      element('p', {}, voice.said('list.first', { shown: rows.length, count: total })),
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
    next !== undefined && element('p', {}, link(`${to('find')}#${following}`, voice.said('list.next'))),
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
        const asked = caseReference.trim();
        const search = (more: object = {}) =>
          ask<People>('/people/searches', {
            method: 'POST',
            body: Object.assign({ purpose, by: known }, more),
            caseReference: asked,
          });
        const recordsOf: RecordsOf = async (personId, next) => {
          const query = new URLSearchParams({ purpose });
          if (next !== '') query.set('recordsAfter', next);
          const place = `/people/${encodeURIComponent(personId)}?${query}`;
          const read = await ask<ReadPerson>(place, { caseReference: asked });
          return { rows: read.records, next: read.nextRecords, beginsAnew: next === '' };
        };
        const people = await search();
        const count = people.total;
        opened(results).replaceChildren(
          element('p', {}, voice.said(people.isTotalExact ? 'find.people' : 'find.peopleAtLeast', { count })),
          growing(
            voice,
            element('ul', { class: 'people' }),
            people,
            (one) => element('li', {}, ...personNodes(voice, to, one, { search, recordsOf })),
            { total: count, more: (next) => search({ after: next }) },
          ),
        );
        announce('find.people', { count });
      },
    ),
    results,
  );
}

interface Following {
  readonly search: (more: object) => Promise<People>;
  readonly recordsOf: RecordsOf;
}

/** Each record by itself: two names of one person are two records, and both are shown. */
function personNodes(
  voice: Voice,
  to: Context['to'],
  { personId, titles, nextTitles, records, hasMoreRecords }: FoundPerson,
  { search, recordsOf }: Following,
): readonly Node[] {
  const held = growing(
    voice,
    element('ul'),
    { rows: titles, next: nextTitles },
    ({ baUnit, number }) =>
      element(
        'li',
        {},
        link(
          to('titles', baUnit),
          number === undefined ? idText(baUnit) : voice.said('title.parcel', { number }),
        ),
      ),
    {
      more: async (titlesAfter) => {
        const { rows } = await search({ titlesAfter });
        const same = rows.find((one) => one.personId === personId);
        return { rows: same?.titles ?? [], next: same?.nextTitles };
      },
    },
  );
  return [
    growing(
      voice,
      element('ul', { class: 'people' }),
      { rows: records, next: hasMoreRecords ? '' : undefined },
      (record) => element('li', {}, recordNode(voice, record)),
      { more: (next) => recordsOf(personId, next) },
    ),
    titles.length === 0 ? element('p', {}, voice.said('find.holdsNothing')) : held,
  ];
}

const recordNode = (voice: Voice, { fields }: PersonRecord): HTMLElement =>
  element(
    'dl',
    {},
    ...Object.entries(fields).map(([name, value]) =>
      element('div', {}, element('dt', {}, voice.term('fact', name)), element('dd', {}, datum(`${value}`))),
    ),
  );
