/**
 * One person's records, and who looked at them.
 *
 * Promises: a record is shown for a purpose of the caller's role under a named case, as many under one and in a day as a
 * counter has, after the line that says so is on disk; what is refused stands in her list too; a person's own purpose is no officer's, for her own proof opens it (`ownData.ts`); for whom somebody asks is a reference and never a name; of a person the
 * caller's institution holds nothing about, nothing is said, not even that there is one. The lines are
 * shown with what a person needs to check that none is missing.
 */
import { z } from 'zod';
import type { Sector } from '../desk/intake.ts';
import { ID_KINDS, type PeopleFinder, type SectorTypes, type TitlesAfter } from '../desk/peopleFinder.ts';
import type { Disclosure, DisclosureRequest } from '../disclose.ts';
import { cursorOf, placeOfCursor } from '../domain/base/cursor.ts';
import type { Bytes32 } from '../domain/base/hex.ts';
import { Refusal, refusal } from '../domain/base/refusal.ts';
import type { AccessLine } from '../domain/people/access.ts';
import {
  DATA_CLASSES,
  PURPOSES,
  type Purpose,
  type StoredType,
  type SubjectRef,
} from '../domain/people/schema.ts';
import { accessLine, hiddenLine, type ReadingsShown, readingBody } from './readings.ts';
import { type Principal, type Route, route } from './route.ts';
import { sectorsOf } from './scope.ts';
import { bytes32, cursor, nameText, pageBody, wholeOfCursor, wholeText } from './shapes.ts';
import { whoOf, whoOut } from './who.ts';

/** A page a person reads on a phone. */
const LINES_PAGE_MAX = 200;
const LINES_PAGE = 50;

/** What one principal did under one case on one day. */
interface SearchesOfCase {
  readonly principal: string;
  readonly caseReference: string;
  readonly purposes: readonly string[];
  readonly searches: number;
  readonly shown: number;
  readonly refusals?: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
}

/** Who asks for people, under which case and what for. */
export interface Asking {
  readonly institution: number;
  readonly principal: string;
  readonly caseReference: string;
  readonly purpose: string;
}

export interface PeopleDependencies {
  personIn(sectors: readonly Sector[], personId: Bytes32, agency: number): Promise<SubjectRef | undefined>;
  readonly finder: PeopleFinder;
  /** Who looked for people on a day. */
  searchesOn(institution: number, dayMs: number): Promise<readonly SearchesOfCase[]>;
  /** Takes one place under the case and of the day; refuses whoever is one too many. */
  admit(of: Asking, id: string): Promise<void>;
  /** That a caller asked what the role reads nobody for. */
  countRefused(of: Asking): Promise<void>;
  /** The same in the list of whom it was about. */
  noteRefused(request: DisclosureRequest, subject: SubjectRef): Promise<void>;
  disclose(
    request: DisclosureRequest,
    subject: SubjectRef,
    filter: { readonly page: { readonly limit: number; readonly after?: string | undefined } },
  ): Promise<Disclosure>;
  readonly accessLog: {
    list(
      subject: SubjectRef,
      limit: number,
      before?: number,
    ): Promise<{
      readonly lines: number;
      readonly head: Bytes32;
      readonly newestFirst: readonly AccessLine[];
    }>;
  };
  /** What somebody without a key of her own reads the list with. */
  readonly codes: {
    give(subject: SubjectRef): Promise<{ readonly code: string; readonly expiresAtMs: number }>;
    subjectOf(code: string): Promise<SubjectRef | undefined>;
  };
  readonly telling: ReadingsShown['telling'];
  nowMs(): number;
}

const READERS = ['agency', 'steward', 'registrar'] as const;
/** What each role may read somebody's records for. `own-data` is the person's own, and opened by no token. */
const PURPOSES_OF: Readonly<Record<(typeof READERS)[number], readonly Purpose[]>> = {
  agency: ['identification', 'contact', 'eligibility', 'disbursement', 'case-work'],
  steward: ['case-work', 'court-order', 'oversight'],
  registrar: ['identification', 'registration', 'certificate', 'case-work'],
};
/** Records that each sector keeps of a person. */
const TYPES_OF: Readonly<Record<Sector, readonly StoredType[]>> = {
  aid: ['person', 'card'],
  land: ['party'],
};
/** Of one person: of a council or a company there is one with every title. */
const RECORDS_PAGE_MAX = 200;
const RECORDS_PAGE = 50;
/** Type, group and id of a record. */
const RECORD_PLACE = /^[A-Za-z]+\/[\w.:-]*\/[\w.:-]*$/;
/** A person and a unit, behind which her titles go on. */
const TITLES_PLACE = /^(0x[0-9a-f]{64})\/([0-9a-f]{64})$/;
/** People whom one search opens: each is a line in somebody's list. */
const FOUND_MAX = 20;
const FOUND = 10;
const personParams = z.object({ personId: bytes32() });
const purposes = Object.keys(PURPOSES) as [Purpose, ...Purpose[]];

export function peopleRoutes(deps: PeopleDependencies): Route[] {
  return [searchRoute(deps), searchesRoute(deps), personRoute(deps), accessRoute(deps), codeRoute(deps)];
}

function personRoute(deps: PeopleDependencies): Route {
  const { personIn, disclose, noteRefused } = deps;
  return route({
    method: 'get',
    path: '/people/{personId}',
    roles: READERS,
    scope: 'person',
    tag: 'people',
    summary: 'What is known of a person, as far as the purpose allows; the reading is logged first',
    params: personParams,
    query: z.object({
      purpose: z.enum(purposes),
      class: z.enum(DATA_CLASSES).optional().meta({ description: 'Only data of this class' }),
      onBehalfOf: bytes32().optional().meta({
        type: 'string',
        description: 'For whom it is asked: a person id or a mandate, never a name',
      }),
      limit: wholeText(1, RECORDS_PAGE_MAX).default(RECORDS_PAGE),
      recordsAfter: cursor.optional().meta({
        type: 'string',
        description: '`nextRecords` of the page before, as it stands',
      }),
    }),
    answers: {
      200: z.object({
        personId: z.string(),
        records: z.array(
          z.object({ type: z.string(), id: z.string(), version: z.int(), fields: z.unknown() }),
        ),
        nextRecords: z.string().optional().meta({ description: '`recordsAfter` of the page that follows' }),
        access: z.object({ lines: z.int(), head: z.string() }),
      }),
    },
    needsCase: true,
    handle: async ({ params, query, principal, caseReference }) => {
      if (caseReference === undefined) throw refusal('case-reference-required');
      const { institution } = principal;
      const subject = await personIn(sectorsOf(principal), params.personId, institution);
      if (subject === undefined) throw refusal('subject-missing');
      const { purpose, class: only, onBehalfOf } = query;
      const request: DisclosureRequest = {
        actor: principal.id,
        institution,
        agency: institution,
        purpose,
        caseReference,
        onBehalfOf,
        classes: only === undefined ? DATA_CLASSES : [only],
        types: typesFor(principal),
      };
      const { limit, recordsAfter: after } = query;
      const behind = after === undefined ? undefined : placeOfCursor(after);
      if (after !== undefined && (behind === undefined || !RECORD_PLACE.test(behind))) {
        throw refusal('cursor-unknown', undefined, { field: '/query/recordsAfter' });
      }
      try {
        await requirePurpose(deps, { principal, caseReference, purpose }, '/query/purpose');
        await deps.admit({ institution, principal: principal.id, caseReference, purpose }, subject);
      } catch (error) {
        if (error instanceof Refusal) await noteRefused(request, subject);
        throw error;
      }
      const page = { limit, after: behind };
      const { records, next, access } = await disclose(request, subject, { page });
      const shown = records.map(({ type, id, version, fields }) => ({ type, id, version, fields }));
      return {
        status: 200,
        body: { personId: params.personId, records: shown, nextRecords: next && cursorOf(next), access },
        headers: { 'Cache-Control': 'no-store' },
      };
    },
  });
}

/** What is refused is counted for the steward. */
async function requirePurpose(
  { countRefused }: Pick<PeopleDependencies, 'countRefused'>,
  { principal, caseReference, purpose }: { principal: Principal; caseReference: string; purpose: Purpose },
  field: string,
): Promise<void> {
  const { id, institution, roles } = principal;
  const own = new Set(READERS.filter((role) => roles.includes(role)).flatMap((role) => PURPOSES_OF[role]));
  if (own.has(purpose)) return;
  await countRefused({ institution, principal: id, caseReference, purpose });
  if (purpose === 'own-data') throw refusal('own-data-unproved', undefined, { field });
  throw refusal('purpose-of-another-role', { purpose, purposes: [...own].join(', ') }, { field });
}

const typesFor = (principal: Principal) => sectorsOf(principal).flatMap((sector) => TYPES_OF[sector]);

const soughtBy = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('name'),
    name: nameText(200).meta({ type: 'string', description: 'Words of the name, in any order' }),
  }),
  z.strictObject({ kind: z.enum(ID_KINDS), id: nameText(64) }),
]);

const foundPerson = z.object({
  personId: z.string(),
  records: z
    .array(z.object({ type: z.string(), id: z.string(), version: z.int(), fields: z.unknown() }))
    .meta({ description: 'The first of them; those that say the same stand once' }),
  hasMoreRecords: z.boolean().meta({ description: 'There are more: `GET /people/{personId}` has them all' }),
  nextTitles: z
    .string()
    .optional()
    .meta({ description: '`titlesAfter` of the same search, which goes on with the titles of this person' }),
  titles: z
    .array(
      z.object({
        baUnit: z.string(),
        holdings: z.array(z.object({ right: z.string(), share: z.string() })).meta({
          description: 'Hers in it; `1/1` is the whole, and `not stated` what the right leaves open',
        }),
        number: z
          .string()
          .optional()
          .meta({ description: 'Of its parcel, where the own institution keeps it' }),
        areaM2: z.number().optional(),
      }),
    )
    .meta({ description: 'Titles that are hers now, the whole or a share' }),
});

function searchRoute(deps: PeopleDependencies): Route {
  const { finder } = deps;
  return route({
    method: 'post',
    path: '/people/searches',
    isHeavy: true,
    roles: READERS,
    scope: 'own',
    tag: 'people',
    summary:
      'People the caller’s institution knows, by words of their name or an id somebody issued; whoever is found sees who looked',
    isRepeatable: true,
    needsCase: true,
    body: z.strictObject({
      purpose: z.enum(purposes),
      by: soughtBy,
      limit: z.int().min(1).max(FOUND_MAX).default(FOUND),
      after: cursor.optional(),
      titlesAfter: cursor.optional().meta({
        type: 'string',
        description: '`nextTitles` of somebody whom the same search found',
      }),
    }),
    answers: {
      200: pageBody(foundPerson).extend({
        total: z.int().meta({ description: 'People of all pages' }),
        isTotalExact: z.boolean().meta({ description: 'Where it is not, there are at least so many' }),
      }),
    },
    handle: async ({ body: { purpose, by, limit, after, titlesAfter }, principal, caseReference }) => {
      if (caseReference === undefined) throw refusal('case-reference-required');
      await requirePurpose(deps, { principal, caseReference, purpose }, '/purpose');
      const { id: actor, institution, office } = principal;
      const types: SectorTypes = Object.fromEntries(
        sectorsOf(principal).map((sector) => [sector, TYPES_OF[sector]]),
      );
      const request = {
        actor,
        institution,
        agency: institution,
        purpose,
        caseReference,
        classes: DATA_CLASSES,
        types,
        office,
      };
      const from = after === undefined ? undefined : wholeOfCursor(after, '/after');
      const page = { limit, after: from, titlesAfter: titlesPlace(titlesAfter) };
      const { rows, next, ...rest } = await finder.search(by, request, page);
      const shown = rows.map(({ personId, records, hasMoreRecords, titles, nextTitles }) => ({
        personId,
        hasMoreRecords,
        titles,
        ...(nextTitles !== undefined && { nextTitles: cursorOf(`${personId}/${nextTitles}`) }),
        records: records.map(({ type, id, version, fields }) => ({ type, id, version, fields })),
      }));
      return {
        status: 200,
        body: { ...rest, rows: shown, next: next === undefined ? undefined : cursorOf(String(next)) },
        headers: { 'Cache-Control': 'no-store' },
      };
    },
  });
}

function titlesPlace(given: string | undefined): TitlesAfter | undefined {
  if (given === undefined) return undefined;
  const [, personId, unit] = TITLES_PLACE.exec(placeOfCursor(given) ?? '') ?? [];
  if (personId === undefined || unit === undefined) {
    throw refusal('cursor-unknown', undefined, { field: '/titlesAfter' });
  }
  return { personId, unit };
}

function accessRoute({ personIn, accessLog, telling, nowMs }: PeopleDependencies): Route {
  return route({
    method: 'get',
    path: '/people/{personId}/access-log',
    roles: READERS,
    scope: 'person',
    tag: 'people',
    summary: 'Who looked at a person, when and why, newest first, with the total and the head of the chain',
    params: personParams,
    query: z.object({
      limit: wholeText(1, LINES_PAGE_MAX).default(LINES_PAGE),
      after: cursor.optional(),
    }),
    answers: {
      200: pageBody(z.union([accessLine, hiddenLine])).extend({
        head: z.string().meta({ description: 'Hash of the newest line: a list without it is not whole' }),
      }),
    },
    handle: async ({ params, query, principal }) => {
      const subject = await personIn(sectorsOf(principal), params.personId, principal.institution);
      if (subject === undefined) throw refusal('subject-missing');
      const before = query.after === undefined ? undefined : wholeOfCursor(query.after);
      const field = '/query/after';
      if (before !== undefined && before < 1) throw refusal('cursor-unknown', undefined, { field });
      const { lines, head, newestFirst } = await accessLog.list(subject, query.limit, before);
      if (before !== undefined && before > lines) throw refusal('cursor-unknown', undefined, { field });
      const last = newestFirst.at(-1)?.index ?? 1;
      const { institution } = principal;
      const shown = { telling, mayHaveLabel: (of: number) => of === institution, nowMs: nowMs() };
      return {
        status: 200,
        body: {
          total: lines,
          head,
          rows: await Promise.all(newestFirst.map((line) => readingBody(line, shown))),
          next: last > 1 ? cursorOf(String(last)) : undefined,
        },
        headers: { 'Cache-Control': 'no-store' },
      };
    },
  });
}

function codeRoute({ personIn, codes }: PeopleDependencies): Route {
  return route({
    method: 'post',
    path: '/people/{personId}/reading-codes',
    roles: READERS,
    scope: 'person',
    tag: 'people',
    summary:
      'A code on paper, another one at every call, with which somebody without a key reads for ninety days who read her data, by herself',
    isRepeatable: true,
    needsCase: true,
    params: personParams,
    answers: {
      201: z.object({
        code: z.string().meta({ description: 'Shown once; only its hash is kept' }),
        expiresAt: z.iso.datetime(),
      }),
    },
    handle: async ({ params, principal }) => {
      const subject = await personIn(sectorsOf(principal), params.personId, principal.institution);
      if (subject === undefined) throw refusal('subject-missing');
      const { code, expiresAtMs } = await codes.give(subject);
      const body = { code, expiresAt: new Date(expiresAtMs).toISOString() };
      return { status: 201, body, headers: { 'Cache-Control': 'no-store' } };
    },
  });
}

const SEARCHES_PAGE_MAX = 500;

function searchesRoute({ searchesOn, telling, nowMs }: PeopleDependencies): Route {
  return route({
    method: 'get',
    path: '/people/searches',
    roles: ['steward'],
    scope: 'own',
    tag: 'people',
    summary:
      'Who of the own institution looked for people or read them on a day, under which case, how often, how many were shown and how often nobody was; never whom',
    query: z.object({
      on: z.iso
        .date('it is not a day, such as 2026-11-29')
        .optional()
        .meta({ description: 'One whole day in UTC; today where none is said' }),
      limit: wholeText(1, SEARCHES_PAGE_MAX).default(SEARCHES_PAGE_MAX),
      after: cursor.optional(),
    }),
    answers: {
      200: pageBody(
        z
          .object({
            who: whoOut,
            caseReference: z.string(),
            purposes: z.array(z.string()),
            searches: z.int(),
            shown: z.int().meta({ description: 'People whose records were opened' }),
            timesRefused: z.int().meta({ description: 'What was asked and not shown' }),
            firstAt: z.iso.datetime(),
            lastAt: z.iso.datetime(),
          })
          .meta({ id: 'PeopleSearches' }),
      ),
    },
    handle: async ({ query: { on, limit, after }, principal: { institution } }) => {
      const all = await searchesOn(institution, on === undefined ? nowMs() : Date.parse(on));
      const from = after === undefined ? 0 : wholeOfCursor(after);
      if (from > all.length) throw refusal('cursor-unknown', undefined, { field: '/query/after' });
      const rows = await Promise.all(
        all.slice(from, from + limit).map(async ({ principal, firstAtMs, lastAtMs, ...note }) => ({
          who: await whoOf(telling.whoIs, principal, (of) => of === institution),
          caseReference: note.caseReference,
          purposes: note.purposes,
          searches: note.searches,
          shown: note.shown,
          timesRefused: note.refusals ?? 0,
          firstAt: new Date(firstAtMs).toISOString(),
          lastAt: new Date(lastAtMs).toISOString(),
        })),
      );
      const next = from + limit < all.length ? cursorOf(String(from + limit)) : undefined;
      return { status: 200, body: { total: all.length, rows, next } };
    },
  });
}
