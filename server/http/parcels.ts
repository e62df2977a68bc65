/**
 * The routes of the cadastre: parcels are surveyed, found again, and what was decided where two share ground.
 *
 * Parcels are open and nothing of them is personal; that a number is this unit of the ledger is for the office that keeps
 * it, since whoever has that of every parcel reads the place of every title from the chain.
 */

import { z } from 'zod';
import type { Jobs } from '../desk/jobs.ts';
import { type Box, PARCEL_STANDINGS, type ParcelFinder } from '../desk/parcelFinder.ts';
import type { Surveys } from '../desk/surveys.ts';
import type { TitleFinder } from '../desk/titleFinder.ts';
import { refusal } from '../domain/base/refusal.ts';
import type { OfficeId } from '../domain/base/terms.ts';
import { MAX_UNITS_PER_ACT } from '../domain/land/types.ts';
import { mapQuery, type ProfileBook, settingsOf } from './fileSettings.ts';
import { fileAnswer, MAP_TYPES, previewAnswer, previewBody, refusedLines, refusedTotal } from './files.ts';
import { answerAsJob, begunBody } from './jobs.ts';
import type { PeopleDependencies } from './people.ts';
import { type Answer, type Route, route } from './route.ts';
import { written } from './shapeProblem.ts';
import { amountOut, cursor, listBody, listOf, nameText, pageBody, says, wholeText } from './shapes.ts';

/** A county's parcels with their boundaries; a larger survey comes in several files. */
const SURVEY_LIMIT_BYTES = 64 * 1024 * 1024;
/** What a map shows before it asks its reader to come nearer. */
const FOUND_MAX = 500;
const FOUND = 100;
/** Titles whose holders one request may read: each is a line in somebody's list. */
const NAMED_MAX = 20;
const ONE_WAY = 'it names one of number, alias and box';

export interface ParcelsDependencies {
  readonly surveys: Surveys;
  readonly finder: ParcelFinder;
  readonly titles: TitleFinder;
  readonly profiles: ProfileBook;
  readonly jobs: Jobs<Answer>;
  /** Takes one place under the case and of the day. */
  readonly admit: PeopleDependencies['admit'];
}

const office = wholeText(1, 2 ** 32 - 1).transform((number) => number as OfficeId);
const parcelNumber = nameText(200);
/** As people write it: another separator, case or zeros in front are forgiven where no other number has them. */
const soughtNumber = nameText(200).meta({
  description: 'As the office writes it, or with other spaces, case, dashes, strokes or zeros in front',
});

export function parcelRoutes(deps: ParcelsDependencies): Route[] {
  return [surveyRoute(deps), findRoute(deps), titlesRoute(deps), decisionsRoute(deps)];
}

/** Four numbers in degrees, as a map writes its box. */
const boxText = z
  .string()
  .regex(
    /^-?\d{1,3}(?:\.\d{1,9})?(?:,-?\d{1,3}(?:\.\d{1,9})?){3}$/,
    written('west, south, east and north in degrees', '36.8,-1.3,36.9,-1.2'),
  )
  .transform((text): Box => {
    const [west = 0, south = 0, east = 0, north = 0] = text.split(',').map(Number);
    return [west, south, east, north];
  })
  .refine(
    ([west, south, east, north]) => west <= east && south <= north,
    says('west comes before east, south before north'),
  )
  .refine(
    ([west, south, east, north]) => west >= -180 && east <= 180 && south >= -90 && north <= 90,
    says('at most 180 degrees of longitude and 90 of latitude are allowed'),
  )
  .meta({ type: 'string', description: 'West, south, east, north in degrees, as `36.8,-1.3,36.9,-1.2`' });

/** What lies on a title. */
export const lyingOn = z
  .array(
    z.object({
      restrictionId: z.int(),
      kind: z.string(),
      words: z.string().meta({ description: 'On what, of which rank, until when, and what it stops' }),
    }),
  )
  .meta({ description: 'Mortgages and whatever else lies on it; empty where nothing does' });

const foundParcel = z
  .object({
    number: z.string(),
    aliases: z.array(z.string()).meta({ description: 'Ids made of its corners' }),
    formerNumbers: z
      .array(z.string())
      .meta({ description: 'Numbers that it had before, as the survey says' }),
    baUnit: z.string().meta({ description: 'The unit it is, or is to be, registered under' }),
    parts: z.int(),
    statedAreaM2: z.number().optional().meta({ description: 'As the office stated it' }),
    computedAreaM2: z.number(),
    box: z.array(z.number()).meta({ description: 'West, south, east, north in degrees' }),
    standing: z.enum(PARCEL_STANDINGS),
    restrictions: lyingOn,
  })
  .meta({ id: 'FoundParcel' });

/** How a parcel or its title is looked for: by one of what an office has of it, or all of them by pages. */
const searchFields = {
  office,
  number: soughtNumber.optional(),
  alias: nameText(40).optional().meta({ description: 'Id of its corners, or a number it had before' }),
  box: boxText.optional(),
  limit: wholeText(1, FOUND_MAX).default(FOUND),
  after: cursor.optional(),
} as const;

interface Search {
  readonly office: OfficeId;
  readonly number?: string | undefined;
  readonly alias?: string | undefined;
  readonly box?: Box | undefined;
  readonly limit: number;
  readonly after?: string | undefined;
}

async function searched(finder: ParcelFinder, { office: of, number, alias, box, limit, after }: Search) {
  if ([number, alias, box].filter((asked) => asked !== undefined).length > 1) {
    throw refusal('validation-failed', { problem: ONE_WAY }, { field: '/query' });
  }
  if (box !== undefined) return finder.inBox(of, box, { limit, after });
  if (number === undefined && alias === undefined) return finder.all(of, { limit, after });
  if (number === undefined) return listOf(await finder.byAlias(of, alias ?? ''));
  const rows = await finder.byNumber(of, number);
  const isAsWritten = rows.every((row) => row.number === number);
  return Object.assign(listOf(rows), isAsWritten ? {} : { understoodAs: rows.map((row) => row.number) });
}

/** A page, and how the office writes the number that was asked for. */
const foundBody = <T extends z.ZodType>(row: T) =>
  pageBody(row).extend({
    understoodAs: z.array(z.string()).optional().meta({
      description:
        'Numbers as the office writes them, where none is written as it was asked for; several where separators or zeros in front tell them apart, or where several had the number before',
    }),
  });

function findRoute({ finder }: ParcelsDependencies): Route {
  return route({
    method: 'get',
    path: '/parcels',
    roles: ['registrar', 'auditor'],
    scope: 'office',
    tag: 'land',
    summary:
      'Parcels of an office: all of them, those in a box of the map, or the one with a number or the id of its corners',
    query: z.object(searchFields),
    answers: {
      200: foundBody(foundParcel),
    },
    handle: async ({ query }) => ({ status: 200, body: await searched(finder, query) }),
  });
}

const foundTitle = foundParcel
  .extend({
    version: amountOut.optional().meta({ description: 'Of its state; absent while it has no title' }),
    holdings: z.array(
      z.object({
        rightId: z.int(),
        right: z.string(),
        holdingId: z.int(),
        share: z.string().meta({ description: '`1/2`, or `not stated`' }),
        partyKind: z.string(),
        name: z.string().optional().meta({ description: 'Where it was asked for under a case' }),
      }),
    ),
  })
  .meta({ id: 'FoundTitle' });

function titlesRoute({ finder, titles, admit }: ParcelsDependencies): Route {
  return route({
    method: 'get',
    path: '/titles/search',
    roles: ['registrar', 'auditor'],
    scope: 'office',
    tag: 'land',
    summary:
      'Titles of an office by the number of the parcel, the id of its corners or a box of the map, with areas, holders and what lies on them; names for a registrar under a case, and each holder sees who read hers',
    query: z.object({
      ...searchFields,
      names: z.enum(['true', 'false']).optional().meta({
        description: 'Opens the names of holders, of at most 20 titles: needs `X-Case-Reference`',
      }),
    }),
    answers: { 200: foundBody(foundTitle) },
    handle: async ({ query, principal, caseReference }) => {
      const { names, ...search } = query;
      const isNamed = names === 'true';
      if (isNamed && !principal.roles.includes('registrar')) {
        throw refusal('purpose-not-permitted', { purpose: 'registration' }, { field: '/query/names' });
      }
      if (isNamed && caseReference === undefined) throw refusal('case-reference-required');
      const limit = isNamed ? Math.min(search.limit, NAMED_MAX) : search.limit;
      const { rows, ...rest } = await searched(finder, Object.assign({}, search, { limit }));
      const { id, institution } = principal;
      const requester = isNamed ? { id, institution, caseReference } : undefined;
      if (isNamed && caseReference !== undefined) {
        const asking = { institution, principal: id, caseReference, purpose: 'registration' };
        for (const { baUnit } of rows) await admit(asking, baUnit);
      }
      return {
        status: 200,
        body: { ...rest, rows: await titles.titlesOf(rows, requester) },
        headers: { 'Cache-Control': 'no-store' },
      };
    },
  });
}

function surveyRoute({ surveys, profiles, jobs }: ParcelsDependencies): Route {
  return route({
    method: 'put',
    path: '/parcels',
    roles: ['registrar'],
    scope: 'office',
    tag: 'land',
    summary:
      'Records the parcels of a map (GeoJSON, zipped Shapefile, KML, CSV with WKT) in the cadastre; each that cannot be is answered with its place',
    query: z.object({
      office,
      replacing: z
        .union([parcelNumber, z.array(parcelNumber).max(MAX_UNITS_PER_ACT)])
        .optional()
        .meta({ description: 'Number of a parcel whose ground these take; once for each such parcel' }),
      ...mapQuery,
    }),
    file: MAP_TYPES,
    bodyLimitBytes: SURVEY_LIMIT_BYTES,
    answers: {
      202: begunBody,
      200: z.union([
        previewBody,
        z.object({
          read: z.int(),
          recorded: z.array(
            z.object({
              line: z.int(),
              feature: z.int(),
              number: z.string(),
              alias: z.string(),
              areaM2: z.number(),
              baUnit: z.string(),
              spatialUnits: z.array(z.string()),
            }),
          ),
          refused: refusedLines,
          refusedTotal,
          warnings: refusedLines,
          areaUnit: z.string().optional().meta({ description: 'In which stated areas were read' }),
        }),
      ]),
    },
    handle: async (asked) => {
      const { file, query, principal } = asked;
      const { office: of, replacing = [], ...reading } = query;
      const settings = await settingsOf(profiles, principal.institution, reading, 'parcels');
      const order = { office: of, settings, replacing: [replacing].flat(), by: principal.id };
      return answerAsJob(jobs, asked, { kind: 'parcels', office: of }, async (job) => {
        if (query.dryRun === 'true') return previewAnswer(await surveys.preview(file, order, job), settings);
        const { recorded, areaUnit, ...rest } = await surveys.take(file, order, job);
        return fileAnswer(rest, { recorded, areaUnit });
      });
    },
  });
}

const DECISIONS_PAGE_MAX = 500;

function decisionsRoute({ surveys }: ParcelsDependencies): Route {
  return route({
    method: 'get',
    path: '/parcels/decisions',
    roles: ['registrar', 'auditor'],
    scope: 'office',
    tag: 'land',
    summary: 'What officers decided where two parcels share ground: which, how much, by whom and when',
    query: z.object({
      office,
      limit: wholeText(1, DECISIONS_PAGE_MAX).default(DECISIONS_PAGE_MAX),
    }),
    answers: {
      200: listBody(
        z.object({
          number: z.string(),
          other: z.string(),
          areaM2: z.number(),
          answer: z.enum(['register', 'leave-out']),
          by: z.string(),
          at: z.iso.datetime(),
          file: z.string().meta({ description: 'Keccak-256 of the file it was about' }),
        }),
      ),
    },
    handle: async ({ query }) => {
      const found = await surveys.decisions(query.office, query.limit);
      const decisions = found.map(({ atMs, office: _, ...decision }) =>
        Object.assign({ at: new Date(atMs).toISOString() }, decision),
      );
      return { status: 200, body: listOf(decisions) };
    },
  });
}
