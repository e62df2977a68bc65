/**
 * The history of whatever entries are about, in words. Of a programme and a vendor for their own institution, of a unit
 * for registrars, of who may act for every office; an auditor sees all.
 */
import { z } from 'zod';
import { actInWords } from '../acts/inbox.ts';
import {
  type HistoryLine,
  historyOf,
  type NumberOf,
  type SignedBy,
  signedBy,
  unitsNamed,
} from '../desk/history.ts';
import { rowsInTurns } from '../desk/rowsInTurns.ts';
import { signedOf } from '../desk/signed.ts';
import type { Telling, TraceTold } from '../desk/telling.ts';
import type { TitleFinder } from '../desk/titleFinder.ts';
import { HOW } from '../domain/acts/entries.ts';
import { instantOf } from '../domain/base/dates.ts';
import { type Bytes32, wordOf } from '../domain/base/hex.ts';
import { momentInWords, shortId } from '../domain/base/inWords.ts';
import { refusal } from '../domain/base/refusal.ts';
import { type BAUnitId, SCOPES, type Scope } from '../domain/base/terms.ts';
import { unitsInWords } from '../domain/land/kin.ts';
import type { EntrySubject } from '../store/views/journal.ts';
import { SIGNED_AS } from '../store/views/signatures.ts';
import type { Views } from '../store/views.ts';
import { type LabelBook, labelFor, labelOut, ownLabelOf } from './labels.ts';
import { officerId } from './powerShapes.ts';
import { type Principal, type Route, route } from './route.ts';
import { isTraceShown, readerOf, subjectsTold } from './scope.ts';
import { written } from './shapeProblem.ts';
import { amountOut, cursor, instantOut, pageBody, pageQuery, wholeText } from './shapes.ts';
import { whoOf, whoOut } from './who.ts';

/** Acts that came to nothing, of one unit or programme. */
const TRACES_SHOWN = 100;
/** The same of all, a page. */
const TRACES_PAGE = 50;
const TRACES_PAGE_MAX = 200;

const officer = z.object({
  officer: z.string(),
  institution: z.int().optional(),
  office: z.int().optional().meta({ description: '0 is every office' }),
  label: labelOut,
});

/** Of a change that leads to other units. */
export const kinOut = z
  .array(z.object({ baUnit: z.string(), number: z.string().optional() }))
  .optional()
  .meta({
    description:
      'Units it was divided or joined into, or came of, with the numbers of their parcels for who keeps them and for auditors',
  });

export const historyLine = z
  .object({
    entryId: z
      .string()
      .optional()
      .meta({ description: 'Absent of the founding, and of a step of a measure' }),
    register: z.string(),
    index: amountOut.optional().meta({ description: 'Of the entry in its register' }),
    act: z.string().meta({ description: '`transfer`, `funds-moved`, `set-quorum`, ...' }),
    what: z.string().meta({ description: 'The act in words' }),
    recordedAt: instantOut.meta({ description: 'When its block was made' }),
    blockNumber: amountOut,
    preparer: officer.optional(),
    approver: officer.optional().meta({ description: 'Absent where one officer signs alone' }),
    votedBy: z.array(z.int()).optional().meta({ description: 'Institutions in favour, of a measure' }),
    votes: z
      .array(officer.extend({ inFavour: z.boolean(), recordedAt: instantOut }))
      .optional()
      .meta({ description: 'The last vote of each institution, of a measure' }),
    changes: z.array(
      z.object({
        what: z.string(),
        how: z.enum(HOW),
        id: z.int().optional().meta({ description: "The register's number of what changed" }),
        words: z.string(),
        units: kinOut,
      }),
    ),
  })
  .meta({ id: 'HistoryLine' });

/** An act that named the same and was never recorded. */
const takenBackLine = z
  .object({
    act: z.string().meta({ description: 'Its id, which nothing is found under any more' }),
    what: z.string().meta({ description: 'The act in words' }),
    institution: z.int().meta({ description: 'Whose office prepared it' }),
    office: z.int(),
    preparer: officer.optional(),
    preparedAt: z.iso.datetime(),
    endedAt: z.iso.datetime(),
    takenBackBy: whoOut.optional().meta({ description: 'Absent of an act that lapsed' }),
    signed: z.array(z.enum(['preparer', 'approver'])).meta({ description: 'Who had signed by then' }),
    units: kinOut,
    named: z
      .array(z.object({ id: z.string(), label: labelOut }))
      .meta({ description: 'The programme, vendor or officer that it named besides' }),
    words: z.string().meta({ description: 'All of it in a sentence' }),
  })
  .meta({ id: 'TakenBack' });

const signedLine = historyLine
  .extend({
    as: z.enum(SIGNED_AS).meta({ description: 'Who orders alone is its preparer' }),
    subject: z.string().meta({ description: 'The unit, programme or measure that it is about' }),
    subjectLabel: labelOut,
    number: z.string().optional().meta({ description: 'Of the parcel, for who keeps it and for auditors' }),
  })
  .meta({ id: 'SignedLine' });

/** An id; or `institution-2`, or `pause-` with the scopes of one order, which are words of a few bits on the ledger. */
const subjectText = z
  .string()
  .max(200)
  .regex(
    /^(?:0x[0-9a-f]{64}|institution-[1-9]\d{0,2}|pause-[a-z-]+(?:\.[a-z-]+)*)$/,
    written('an id of 32 bytes, an institution, or scopes of a pause', 'institution-2, or pause-officers'),
  )
  .transform((text, context): EntrySubject => {
    const [, institution] = /^institution-(\d+)$/.exec(text) ?? [];
    if (institution !== undefined) return wordOf(BigInt(institution));
    if (!text.startsWith('pause-')) return text as Bytes32;
    const names = text.slice('pause-'.length).split('.');
    const bits = names.map((name) => SCOPES.indexOf(name as Scope));
    if (bits.some((bit) => bit < 0) || new Set(bits).size !== bits.length) {
      context.addIssue({ code: 'custom', params: { problem: `it is none of: ${SCOPES.join(', ')}` } });
      return z.NEVER;
    }
    return `pause:${wordOf(bits.reduce((sum, bit) => sum + 2n ** BigInt(bit), 0n))}`;
  })
  .meta({
    type: 'string',
    description:
      'Its id; `institution-2`; or of one order to stop `pause-` with its scopes, as `pause-officers.settlement`',
  });

export function lineBody<T extends HistoryLine>({ recordedAt, votes, ...shown }: T) {
  return {
    ...shown,
    recordedAt: instantOf(recordedAt),
    votes: votes?.map(({ recordedAt: at, ...vote }) => ({ ...vote, recordedAt: instantOf(at) })),
  };
}

export interface HistoryDependencies {
  readonly views: Views;
  readonly labels: Pick<LabelBook, 'labelOf'>;
  readonly titles: Pick<TitleFinder, 'groundOf'>;
  readonly telling: Pick<Telling, 'tracesAbout' | 'traces' | 'whoIs'>;
}

const dayOf = (ms: number) => new Date(ms).toISOString();

async function takenBackBody(
  { views, titles, labels, telling }: HistoryDependencies,
  reader: Principal,
  trace: TraceTold,
): Promise<z.infer<typeof takenBackLine>> {
  const { act, type, kind, owner, office, by, preparedAtMs, endedAtMs } = trace;
  const { institution } = owner;
  const [preparer, takenBackBy, units, named] = await Promise.all([
    signedBy(views, trace.preparer),
    by === undefined ? undefined : whoOf(telling.whoIs, by, (of) => of === reader.institution),
    unitsNamed(trace.units as readonly BAUnitId[], numbersFor(titles, reader)),
    Promise.all(
      trace.others.map(async (id) =>
        Object.assign({ id }, await labelFor(labels, reader, { institution, office, id })),
      ),
    ),
  ]);
  const what = actInWords({ type, kind });
  const ended = momentInWords(Math.floor(endedAtMs / 1_000));
  const end =
    takenBackBy === undefined ? `lapsed on ${ended}` : `taken back on ${ended} by ${takenBackBy.words}`;
  const subjects = [
    ...(units.length === 0 ? [] : [unitsInWords(units)]),
    ...named.map(({ id, label }) => label ?? shortId(id)),
  ];
  const about = subjects.length === 0 ? '' : `, about ${subjects.join(' and ')}`;
  const officers = trace.signed.map(({ part }) => part);
  const signed = officers.length === 0 ? 'signed by nobody' : `signed by its ${officers.join(' and its ')}`;
  return {
    act,
    what,
    institution,
    office,
    takenBackBy,
    units,
    named,
    signed: officers,
    preparer:
      preparer &&
      Object.assign(
        {},
        preparer,
        await labelFor(labels, reader, Object.assign({ id: preparer.officer }, preparer)),
      ),
    preparedAt: dayOf(preparedAtMs),
    endedAt: dayOf(endedAtMs),
    words: `${sentence(what)}${about}, prepared in institution ${institution} and ${signed}, was ${end}`,
  };
}

const sentence = (words: string) => `${words.charAt(0).toUpperCase()}${words.slice(1)}`;

/** The numbers that whoever asks may know. */
export const numbersFor =
  (titles: Pick<TitleFinder, 'groundOf'>, principal: Principal): NumberOf =>
  (baUnit) =>
    titles.groundOf(baUnit, readerOf(principal));

/** With what the reader's institution calls those of its officers who signed or voted. */
export async function withLabels<T extends HistoryLine>(
  labels: HistoryDependencies['labels'],
  reader: Principal,
  line: T,
) {
  const named = async <T extends SignedBy>(one: T): Promise<T & { readonly label?: string }> =>
    Object.assign({}, one, await labelFor(labels, reader, Object.assign({ id: one.officer }, one)));
  const { preparer, approver, votes } = line;
  return Object.assign({}, line, {
    preparer: preparer && (await named(preparer)),
    approver: approver && (await named(approver)),
    votes: votes && (await Promise.all(votes.map(named))),
  });
}

const endedQuery = z.object({
  after: cursor.optional(),
  limit: wholeText(1, TRACES_PAGE_MAX).default(TRACES_PAGE),
  institution: wholeText(1, 127)
    .optional()
    .meta({ description: 'Whose office prepared them: for auditors, and of everybody else the own' }),
  office: wholeText(0, 2 ** 32 - 1)
    .optional()
    .meta({ description: 'Of one office; 0 is what was prepared for every office' }),
});

/** Whose list it is: of everybody but an auditor that of the own institution, whichever is named. */
function institutionAsked(
  institution: number | undefined,
  principal: Pick<Principal, 'roles' | 'institution'>,
): number | undefined {
  if (principal.roles.includes('auditor')) return institution;
  if (institution === undefined || institution === principal.institution) return principal.institution;
  const problem = 'it is for auditors: everybody else lists what the own institution prepared';
  throw refusal('validation-failed', { problem }, { field: '/query/institution' });
}

export function historyRoutes(deps: HistoryDependencies): Route[] {
  const { views, labels, titles, telling } = deps;
  return [
    route({
      method: 'get',
      path: '/acts/ended',
      roles: ['registrar', 'agency', 'member', 'auditor'],
      scope: 'inbox',
      tag: 'operations',
      summary:
        'Acts that came to nothing, newest first: what each was, about which parcels, who prepared and signed it, and who took it back or that it lapsed; of the own institution, and of all for auditors',
      query: endedQuery,
      answers: {
        200: pageBody(takenBackLine),
      },
      handle: async ({ query: { after, limit, institution, office: asked }, principal }) => {
        const { rows, ...rest } = await telling.traces({
          after,
          limit,
          institution: institutionAsked(institution, principal),
          isShown: (trace) =>
            (asked === undefined || trace.office === asked) && isTraceShown(trace, principal),
        });
        const told = await rowsInTurns(rows, (trace) => takenBackBody(deps, principal, trace));
        return { status: 200, body: { ...rest, rows: told } };
      },
    }),
    route({
      method: 'get',
      path: '/history/{subject}',
      roles: ['registrar', 'agency', 'steward', 'member', 'auditor'],
      scope: 'subject',
      tag: 'audit',
      summary:
        'What happened to a unit, a programme, a vendor, an officer, an institution, a measure or what was paused: which act, when, signed by whom, what it changed',
      params: z.object({
        subject: subjectText,
      }),
      query: pageQuery,
      answers: {
        200: pageBody(historyLine).extend({
          takenBack: z.array(takenBackLine).optional().meta({
            description:
              'Acts that named it and were never recorded, newest first: on the first page, for the institution that prepared them and for auditors',
          }),
        }),
      },
      handle: async ({ params, query, principal }) => {
        const told = await subjectsTold(views, params.subject, principal);
        const page = await historyOf(views, told, query, numbersFor(titles, principal));
        const all = query.after === undefined ? await telling.tracesAbout(params.subject) : [];
        const traces = all.filter((trace) => isTraceShown(trace, principal)).slice(0, TRACES_SHOWN);
        if (page.total === 0 && traces.length === 0) throw refusal('nothing-recorded-of');
        const lines = await rowsInTurns(page.rows, (row) => withLabels(labels, principal, row));
        const ended = await Promise.all(traces.map((trace) => takenBackBody(deps, principal, trace)));
        return {
          status: 200,
          body: {
            ...page,
            rows: lines.map(lineBody),
            takenBack: ended.length === 0 ? undefined : ended,
          },
        };
      },
    }),
    route({
      method: 'get',
      path: '/officers/{officer}/signatures',
      roles: ['member', 'auditor'],
      scope: 'own-officer',
      tag: 'audit',
      summary:
        'What an officer signed: every act and order that was recorded and every vote, for members of the own institution and for auditors',
      params: z.object({ officer: officerId }),
      query: pageQuery,
      answers: { 200: pageBody(signedLine) },
      handle: async ({ params, query, principal }) => {
        const page = await signedOf(views, params.officer, query, numbersFor(titles, principal));
        const lines = await rowsInTurns(page.rows, async (row) =>
          Object.assign(await withLabels(labels, principal, row), {
            subjectLabel: await ownLabelOf({ labels, views }, row.subject as Bytes32, principal),
          }),
        );
        return { status: 200, body: { ...page, rows: lines.map(lineBody) } };
      },
    }),
  ];
}
