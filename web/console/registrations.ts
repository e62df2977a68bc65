/**
 * People of a file for a programme: which column is which, what would be taken and what not, tried before anything is kept.
 *
 * Promises: nothing is kept until the reader says so of what she was shown; names of people leave the screen with the session;
 * what was refused can be kept as a file like hers, with the reason beside each line, and sent again by itself.
 */

import type { TextTerms } from '../../server/domain/files/csv.ts';
import type { PersonField } from '../../server/domain/files/registrations.ts';
import { datum, element, type Voice } from '../page/dom.ts';
import { fileField, keepFile, troubleNode } from '../page/forms.ts';
import { answerName, answersWith, type LinesAnswered } from './answered.ts';
import { ask, type Page } from './ask.ts';
import { opened } from './ending.ts';
import { Mistake } from './mistake.ts';
import {
  attempt,
  type Column,
  type Context,
  field,
  form,
  link,
  type Shown,
  section,
  table,
  tick,
} from './parts.ts';
import { nameOf, type Programme, placeOf } from './programmes.ts';
import { linesTable, type RefusedLine, reasonOf } from './refusedLines.ts';
import { sameFileOf } from './sameFile.ts';
import { callingCodeIn, wholeOrNone } from './typed.ts';
import { beginUpload, followUpload, tryUpload } from './uploads.ts';

type Values = Readonly<Record<string, string>>;

interface Settings extends TextTerms {
  readonly columns?: Readonly<Record<string, number | null>>;
  readonly answers?: readonly LinesAnswered[];
  readonly [name: string]: unknown;
}

interface Preview {
  readonly read: number;
  readonly good: number;
  readonly columns: Readonly<Record<string, string>>;
  readonly present: readonly string[];
  readonly settings: TextTerms;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly refused: readonly RefusedLine[];
  readonly refusedTotal: number;
  readonly warnings: readonly RefusedLine[];
}

interface Taken {
  readonly read: number;
  readonly people: readonly { readonly line: number; readonly personId: string; readonly units?: number }[];
  readonly units: string;
  readonly refused: readonly RefusedLine[];
  readonly refusedTotal: number;
  readonly warnings: readonly RefusedLine[];
}

/** What a person of a file has; the first are asked of every file, the others stand below. */
const USUAL = [
  'units',
  'nationalId',
  'agencyId',
  'phone',
  'name',
  'givenName',
  'familyName',
] as const satisfies readonly PersonField[];
const OTHERS = [
  'middleName',
  'thirdName',
  'otherNames',
  'secondFamilyName',
  'householdSize',
  'language',
  'sex',
  'age',
  'village',
  'scope',
] as const satisfies readonly PersonField[];

/** Of a select: the column is left as it was read, or is not to be read at all. */
const [AS_READ, NOT_READ] = ['', 'none'] as const;
const LINES_ANSWERED_MAX = 200;
const FILES = '.csv,.tsv,.txt,.xlsx,text/csv';

/** What was chosen, as it is sent: it stays while the page does, and the file with it. */
interface Chosen {
  readonly file: File;
  readonly terms: Readonly<Record<string, string>>;
  readonly settings: Settings;
}

export async function registrationsPage(context: Context, id: string): Promise<Shown> {
  const { voice, hash, to } = context;
  const place = `${placeOf(id)}/registrations`;
  const [programme, profiles] = await Promise.all([
    ask<Programme>(placeOf(id)),
    ask<Page<{ readonly name: string }>>('/profiles'),
  ]);
  const file = fileField(voice, 'file', 'registrations.file', 'registrations.fileHint', FILES);
  const [results, progress, trouble] = [element('div'), element('div', { role: 'status' }), troubleNode()];
  const job = hash.get('job');
  const finish = (work: string) =>
    attempt(voice, trouble, async () => {
      const taken = await followUpload<Taken>(voice, work, progress);
      if (taken !== undefined) showTaken(taken);
    });
  const chosenFile = (): File => {
    const chosen = file.input.files?.[0];
    if (chosen === undefined) throw new Mistake('registrations.noFile');
    return chosen;
  };
  // The file that was sent, read as it was read then: the field may have another one since, and a reload has none.
  let sent: { readonly file: File; readonly terms: TextTerms } | undefined;
  const showTaken = (taken: Taken) => {
    const given = () => {
      const chosen = file.input.files?.[0];
      return sent ?? (chosen && { file: chosen, terms: {} });
    };
    results.replaceChildren(...takenNodes(context, taken, given));
    context.announce('registrations.taken', { count: taken.people.length });
  };
  const tryIt = async (chosen: Chosen) => {
    const preview = await tryUpload<Preview>(place, queryOf(chosen), chosen.file);
    results.replaceChildren(
      ...previewNodes(context, preview, chosen, {
        tryIt,
        take: async () => {
          const begun = await beginUpload(place, queryOf(chosen), chosen.file);
          sent = { file: chosen.file, terms: preview.settings };
          history.replaceState(null, '', `${location.pathname}#${new URLSearchParams({ job: begun })}`);
          results.replaceChildren();
          await finish(begun);
        },
      }),
    );
    context.announce('registrations.good', { count: preview.good });
    results.querySelector<HTMLElement>('h2')?.focus();
  };
  if (job !== null) void finish(job);
  return {
    title: 'registrations.title',
    nodes: [
      element('p', { class: 'lead' }, link(to('programmes', id), nameOf(programme))),
      element('p', {}, voice.said('registrations.text')),
      form(
        voice,
        'registrations.try',
        [
          file.node,
          profileField(
            voice,
            profiles.rows.map(({ name }) => name),
          ),
          field(voice, {
            name: 'declaredCount',
            label: 'registrations.declaredCount',
            hint: 'registrations.declaredHint',
            inputMode: 'numeric',
          }),
          field(voice, { name: 'declaredUnits', label: 'registrations.declaredUnits', inputMode: 'numeric' }),
          tick(voice, 'idRequired', 'registrations.idRequired'),
        ],
        async (values) => tryIt({ file: chosenFile(), terms: termsOf(values), settings: {} }),
      ),
      progress,
      trouble,
      results,
    ],
  };
}

function termsOf({ declaredCount, declaredUnits, idRequired, profile = '' }: Values): Chosen['terms'] {
  const all = {
    declaredCount: wholeOrNone(declaredCount),
    declaredUnits: wholeOrNone(declaredUnits),
    idRequired: idRequired === undefined ? undefined : 'true',
    profile: profile === '' ? undefined : profile,
  };
  return Object.fromEntries(
    Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
}

function queryOf({ terms, settings }: Chosen): URLSearchParams {
  const query = new URLSearchParams(terms);
  if (Object.keys(settings).length > 0) query.set('settings', JSON.stringify(settings));
  return query;
}

function profileField(voice: Voice, names: readonly string[]): HTMLElement {
  return element(
    'p',
    { class: 'field' },
    element('label', { for: 'profile' }, voice.said('registrations.profile')),
    element('span', { id: 'profile-hint', class: 'hint' }, voice.said('registrations.profileHint')),
    element(
      'select',
      { id: 'profile', name: 'profile', 'aria-describedby': 'profile-hint' },
      element('option', { value: '' }, voice.said('registrations.noProfile')),
      ...names.map((name) => element('option', { value: name }, datum(name))),
    ),
  );
}

interface Doing {
  readonly tryIt: (chosen: Chosen) => Promise<void>;
  readonly take: () => Promise<void>;
}

function previewNodes(
  context: Context,
  preview: Preview,
  chosen: Chosen,
  { tryIt, take }: Doing,
): readonly HTMLElement[] {
  const { voice } = context;
  const { read, good, refused, refusedTotal, warnings } = preview;
  const asked = refused.filter(({ answers, line }) => answers !== undefined && line !== undefined);
  const answers = new Map<string, string>();
  const answering: readonly Column<RefusedLine>[] = [
    { head: 'registrations.answer', cell: (row) => answerSelect(voice, row, answers) },
  ];
  const again = form(
    voice,
    'registrations.again',
    [
      element('p', {}, voice.said('registrations.mappingText')),
      mappingTable(voice, preview, USUAL),
      element(
        'details',
        {},
        element('summary', {}, voice.said('registrations.more')),
        mappingTable(voice, preview, OTHERS),
        field(voice, {
          name: 'callingCode',
          label: 'registrations.callingCode',
          hint: 'registrations.callingCodeHint',
          inputMode: 'numeric',
        }),
        field(voice, { name: 'sheet', label: 'registrations.sheet' }),
      ),
      asked.length > 0 &&
        element(
          'div',
          {},
          element('h3', {}, voice.said('registrations.questions')),
          element('p', {}, voice.said('registrations.questionsText', { count: asked.length })),
          linesTable(voice, 'registrations.questionsCaption', asked.slice(0, LINES_ANSWERED_MAX), answering),
        ),
    ],
    (values) =>
      tryIt(
        Object.assign({}, chosen, { settings: settingsOf(values, chosen.settings, { refused, answers }) }),
      ),
  );
  const result = section(
    voice,
    'registrations.result',
    element('p', {}, voice.said('registrations.read', { count: read })),
    element('p', { class: good > 0 ? 'good' : 'warn' }, voice.said('registrations.good', { count: good })),
    refused.length > 0 &&
      element('p', { class: 'warn' }, voice.said('registrations.refused', { count: refusedTotal })),
    good > 0 &&
      form(voice, 'registrations.take', [element('p', {}, voice.said('registrations.takeText'))], take),
  );
  result.querySelector('h2')?.setAttribute('tabindex', '-1');
  return [
    result,
    preview.rows.length > 0 && section(voice, 'registrations.first', opened(rowsTable(voice, preview.rows))),
    refused.length > 0 &&
      section(
        voice,
        'registrations.refusedTitle',
        linesTable(voice, 'registrations.refusedCaption', refused, [], refusedTotal),
      ),
    warnings.length > 0 &&
      section(voice, 'registrations.warnings', linesTable(voice, 'registrations.warningsCaption', warnings)),
    section(voice, 'registrations.mapping', again),
    profileSection(context, chosen),
  ].filter((node): node is HTMLElement => node instanceof Node);
}

function mappingTable(
  voice: Voice,
  { columns, present }: Preview,
  fields: readonly PersonField[],
): HTMLElement {
  return table<PersonField>(
    voice,
    'registrations.mappingCaption',
    [
      { head: 'registrations.field', cell: (name) => voice.term('column', name) },
      {
        head: 'registrations.column',
        cell: (name) => {
          const read = columns[name];
          return element(
            'select',
            { name: `column.${name}`, 'aria-label': voice.plain(`column.${name}`) },
            element(
              'option',
              { value: AS_READ },
              read === undefined
                ? voice.said('registrations.notFound')
                : voice.said('registrations.asRead', { column: read }),
            ),
            ...present.map((column, i) => element('option', { value: `${i + 1}` }, datum(column))),
            element('option', { value: NOT_READ }, voice.said('registrations.notRead')),
          );
        },
      },
    ],
    fields,
  );
}

/** A table shows its lines in parts: what was chosen outlives the part. */
function answerSelect(voice: Voice, row: RefusedLine, chosen: Map<string, string>): HTMLElement {
  const { line, answers = [] } = row;
  const name = answerName(row);
  const made = element(
    'select',
    {
      name,
      'aria-label': voice.plain('registrations.answerOf', { line: line ?? 0 }),
      change: () => {
        chosen.set(name, made.value);
      },
    },
    element('option', { value: '' }, voice.said('choice.none')),
    ...answers.map((answer) =>
      element(
        'option',
        { value: answer, selected: chosen.get(name) === answer },
        voice.term('answer', answer),
      ),
    ),
  );
  return made;
}

/** What was chosen now counts before what was chosen earlier, column by column and line by line. */
function settingsOf(
  values: Values,
  before: Settings,
  now: { readonly refused: readonly RefusedLine[]; readonly answers: ReadonlyMap<string, string> },
): Settings {
  const columns = Object.assign({}, before.columns);
  for (const name of [...USUAL, ...OTHERS]) {
    const chosen = values[`column.${name}`] ?? AS_READ;
    if (chosen !== AS_READ) Object.assign(columns, { [name]: chosen === NOT_READ ? null : Number(chosen) });
  }
  const answers = answersWith(before.answers ?? [], now.refused, now.answers);
  const callingCode = callingCodeIn(values.callingCode);
  const sheet = values.sheet?.trim();
  return Object.assign(
    {},
    withoutAnswers(before),
    Object.keys(columns).length > 0 && { columns },
    answers.length > 0 && { answers },
    callingCode !== undefined && { callingCode },
    sheet !== undefined && sheet !== '' && { sheet },
  );
}

/** The first rows as they were understood, under what each value was taken for. */
function rowsTable(voice: Voice, rows: Preview['rows']): HTMLElement {
  const shown = [...USUAL, ...OTHERS].filter((name) => rows.some((row) => row[name] !== undefined));
  return table(
    voice,
    'registrations.firstCaption',
    [
      {
        head: 'lines.line',
        cell: (row: Readonly<Record<string, unknown>>) => datum(voice.speaker.number(Number(row.line))),
      },
      ...shown.map(
        (name): Column<Readonly<Record<string, unknown>>> => ({
          head: `column.${name}`,
          cell: (row) => datum(`${row[name] ?? ''}`),
        }),
      ),
    ],
    rows,
  );
}

/** Which column is which is kept for the next file of this kind; what was answered of lines says nothing of it. */
function profileSection({ voice }: Context, { settings }: Chosen): HTMLElement | undefined {
  const kept = withoutAnswers(settings);
  if (Object.keys(kept).length === 0) return undefined;
  const outcome = element('p', { role: 'status' });
  return section(
    voice,
    'registrations.keep',
    element('p', {}, voice.said('registrations.keepText')),
    form(
      voice,
      'registrations.keepButton',
      [
        field(voice, {
          name: 'profileName',
          label: 'registrations.profileName',
          hint: 'registrations.profileNameHint',
        }),
      ],
      async ({ profileName = '' }) => {
        const name = profileName.trim();
        if (!/^[a-z0-9-]+$/.test(name)) throw new Mistake('registrations.badProfileName');
        await ask(`/profiles/${name}`, { method: 'PUT', body: kept });
        outcome.replaceChildren(voice.said('registrations.kept', { name }));
      },
    ),
    outcome,
  );
}

function withoutAnswers({ answers: _, ...others }: Settings): Settings {
  return others;
}

/** None after a reload, until it is chosen again. */
type Given = () => { readonly file: File; readonly terms: TextTerms } | undefined;

function takenNodes({ voice }: Context, taken: Taken, given: Given): readonly HTMLElement[] {
  const { read, people, units, refused, refusedTotal, warnings } = taken;
  const outcome = element('p', { role: 'status' });
  const keepRefused = form(voice, 'registrations.keepRefused', [], async () => {
    const sent = given();
    if (sent === undefined) throw new Mistake('registrations.chooseAgain');
    const { file, terms } = sent;
    const text = sameFileOf(
      new Uint8Array(await file.arrayBuffer()),
      terms,
      firstLineOf(taken),
      reasonsOf(voice, refused),
      voice.plain('lines.why'),
    );
    if (text === undefined) throw new Mistake('registrations.workbook');
    keepFile(`refused-${file.name.replace(/\.\w+$/, '')}.csv`, text, 'text/csv');
    outcome.replaceChildren(voice.said('registrations.refusedKept'));
  });
  return [
    section(
      voice,
      'registrations.done',
      element('p', {}, voice.said('registrations.read', { count: read })),
      element('p', { class: 'good' }, voice.said('registrations.taken', { count: people.length })),
      element('p', {}, voice.said('registrations.takenUnits', { count: Number(units) })),
      refused.length > 0 &&
        element('p', { class: 'warn' }, voice.said('registrations.refused', { count: refusedTotal })),
      people.length > 0 && element('p', {}, voice.said('registrations.next')),
      people.length > 0 &&
        // Whoever they are: what gives them away leaves the screen with the session.
        opened(
          element(
            'div',
            {},
            element(
              'button',
              { type: 'button', click: () => keepFile('people.json', JSON.stringify(taken)) },
              voice.said('registrations.keepPeople'),
            ),
          ),
        ),
    ),
    refused.length > 0 &&
      section(
        voice,
        'registrations.refusedTitle',
        element('p', {}, voice.said('registrations.refusedText')),
        opened(element('div', {}, keepRefused)),
        outcome,
        linesTable(voice, 'registrations.refusedCaption', refused, [], refusedTotal),
      ),
    warnings.length > 0 &&
      section(voice, 'registrations.warnings', linesTable(voice, 'registrations.warningsCaption', warnings)),
  ].filter((node): node is HTMLElement => node instanceof Node);
}

/** The first line that is somebody, taken or not: what stands above it are names of columns. */
const firstLineOf = ({ people, refused }: Taken): number =>
  Math.min(...[...people, ...refused].flatMap(({ line }) => (line === undefined ? [] : [line])));

/** Every reason of a line, in one cell. */
function reasonsOf(voice: Voice, refused: readonly RefusedLine[]): ReadonlyMap<number, string> {
  const reasons = new Map<number, string>();
  for (const one of refused) {
    if (one.line === undefined) continue;
    const before = reasons.get(one.line);
    const reason = reasonOf(voice, one);
    reasons.set(one.line, before === undefined ? reason : `${before} / ${reason}`);
  }
  return reasons;
}
