/**
 * How an officer says how a file is to be read: single settings in the query, all of them as JSON in `settings`, or the
 * name of a profile; and the routes that keep profiles.
 *
 * Promises: a setting of the query counts before one of `settings`, and that before the profile's; an unknown setting is
 * refused, never passed over.
 */
import { z } from 'zod';
import { Refusals, refusal } from '../domain/base/refusal.ts';
import { answerFaults } from '../domain/files/answers.ts';
import { SEPARATORS } from '../domain/files/csv.ts';
import { PERSON_NAMES } from '../domain/files/registrations.ts';
import { ROLL_NAMES } from '../domain/files/roll.ts';
import {
  BUILT_IN_PROFILES,
  type FileField,
  type FileSettings,
  mergeSettings,
} from '../domain/files/settings.ts';
import { CHARSETS } from '../domain/files/text.ts';
import { PARCEL_NAMES } from '../domain/survey/parcelNames.ts';
import { AREA_UNITS } from '../domain/survey/statedArea.ts';
import { parseStrictJson } from './json.ts';
import { type Route, route } from './route.ts';
import { issuesIn, problemOfShape, written } from './shapeProblem.ts';
import { listBody, listOf, text } from './shapes.ts';

/** Answers line by line are the longest; more are given for all lines of a code. */
const SETTINGS_CHARACTERS_MAX = 8_000;
/** Codes and answers are words of the catalogue. */
const WORD = /^[a-z0-9-]*$/;
const ANSWERS_MAX = 200;
/** Lines of one answer: more do not fit into the settings of a request. */
const LINES_MAX = 2_000;
const PROFILE_NAME_MAX = 64;
const PROFILE_NAME = /^[a-z0-9-]+$/;
/** Names a profile may know of one column. */
const ALTERNATIVES_MAX = 20;

const FIELDS = Object.keys({ ...PERSON_NAMES, ...ROLL_NAMES, ...PARCEL_NAMES }) as [
  FileField,
  ...FileField[],
];

const columnName = text(200);
const separator = z
  .enum([...SEPARATORS, 'tab'])
  .transform((written) => (written === 'tab' ? '\t' : written))
  .meta({ type: 'string', description: 'Of the columns of a CSV file: `;`, `,`, `|` or `tab`' });
const charset = z.enum(CHARSETS).meta({ description: 'UTF-8 where it is left out' });
const areaUnit = z.enum(AREA_UNITS).meta({ description: 'Of stated areas' });
const projection = text(400).meta({
  description: 'Of coordinates, where the file does not state it: `EPSG:32737`, or PROJ text',
});
const callingCode = z
  .string()
  .regex(/^[1-9]\d{0,3}$/, written('a calling code in digits', '254'))
  .meta({ description: "Of the country's phones, digits only" });

const fileSettings = z
  .strictObject({
    columns: z
      .partialRecord(
        z.enum(FIELDS),
        z.union([columnName, z.array(columnName).min(1).max(ALTERNATIVES_MAX), z.null()]),
      )
      .optional()
      .meta({
        description: 'Of each field the name of its column, the names it may have, or null to pass it over',
      }),
    separator: separator.optional(),
    charset: charset.optional(),
    sheet: text(64).optional().meta({ description: 'Of a workbook; the first one where it is left out' }),
    areaUnit: areaUnit.optional(),
    projection: projection.optional(),
    district: text(200).optional().meta({ description: 'County or region around all parcels of the file' }),
    within: z
      .tuple([z.number(), z.number(), z.number(), z.number()])
      .optional()
      .meta({ description: "Where the office's parcels lie: west, south, east, north" }),
    callingCode: callingCode.optional(),
    answers: z
      .array(
        z.strictObject({
          code: z.string().max(64).regex(WORD, written('a word in small letters', 'same-person')),
          answer: z.string().max(64).regex(WORD, written('a word in small letters', 'same-person')),
          line: z.int().min(1).optional(),
          lines: z
            .array(z.int().min(1))
            .min(1)
            .max(LINES_MAX)
            .optional()
            .meta({ description: 'The same answer to each of these lines' }),
          feature: z.int().min(1).optional(),
        }),
      )
      .max(ANSWERS_MAX)
      .optional()
      .meta({ description: 'What an officer answers to questions: for all lines of a code, or for one' }),
  })
  .meta({ description: 'How a file is to be read' });

const flag = z.enum(['true', 'false']).optional();

/** What every route that takes a file of an office has in its query. */
export const fileQuery = {
  profile: z
    .string()
    .max(PROFILE_NAME_MAX)
    .regex(PROFILE_NAME, written('the name of a profile in small letters', 'county-registrations'))
    .optional()
    .meta({ description: 'A profile of the institution, or one that comes with the gateway' }),
  settings: z
    .string()
    .max(SETTINGS_CHARACTERS_MAX)
    .optional()
    .meta({ description: 'JSON as `PUT /profiles/{name}` takes it' }),
  units: columnName.optional().meta({ description: 'The column of what a person is granted' }),
  separator: separator.optional(),
  charset: charset.optional(),
  sheet: text(64).optional(),
  areaUnit: areaUnit.optional(),
  projection: projection.optional(),
  district: text(200).optional(),
  callingCode: callingCode.optional(),
  dryRun: flag.meta({ description: 'Only says how the file would be read; nothing is kept' }),
} as const;

type FileQuery = { readonly [K in keyof typeof fileQuery]?: z.infer<(typeof fileQuery)[K]> };

export interface ProfileBook {
  put(institution: number, profile: NamedProfile): Promise<void>;
  get(institution: number, name: string): Promise<NamedProfile | undefined>;
  list(institution: number): Promise<readonly NamedProfile[]>;
  remove(institution: number, name: string): Promise<boolean>;
}
interface NamedProfile {
  readonly name: string;
  readonly settings: FileSettings;
}

/** Profile, `settings` and query in one, each counting before the one before it. */
export async function settingsOf(
  profiles: Pick<ProfileBook, 'get'>,
  institution: number,
  query: FileQuery,
): Promise<FileSettings> {
  const { profile, settings, units, dryRun: _, ...single } = query;
  const named = profile === undefined ? {} : await profileOf(profiles, institution, profile);
  const merged = mergeSettings(
    named,
    settings === undefined ? {} : parsedSettings(settings),
    single,
    units === undefined ? {} : { columns: { units } },
  );
  const [first, ...rest] = answerFaults(merged.answers ?? []);
  if (first !== undefined) throw new Refusals([first, ...rest]);
  return merged;
}

async function profileOf(
  profiles: Pick<ProfileBook, 'get'>,
  institution: number,
  name: string,
): Promise<FileSettings> {
  const own = await profiles.get(institution, name);
  const found = own?.settings ?? BUILT_IN_PROFILES[name]?.settings;
  if (found === undefined) throw refusal('profile-missing', undefined, { field: '/query/profile' });
  return found;
}

function parsedSettings(written: string): FileSettings {
  const value = parseStrictJson(written);
  const parsed = fileSettings.safeParse(value);
  if (parsed.success) return parsed.data;
  const [first, ...rest] = issuesIn(parsed.error).map((issue) =>
    refusal(
      'validation-failed',
      { problem: problemOfShape(issue, { shape: fileSettings, value }) },
      { field: `/query/settings${issue.path.map((part) => `/${String(part)}`).join('')}` },
    ),
  );
  throw first === undefined
    ? new Error('settings were refused without an issue')
    : new Refusals([first, ...rest]);
}

const profileBody = z.object({ name: z.string(), settings: z.unknown(), builtIn: z.boolean() });
const profileParams = z.object({
  name: z
    .string()
    .max(PROFILE_NAME_MAX)
    .regex(PROFILE_NAME, written('the name of a profile in small letters', 'county-registrations')),
});
const OFFICES = ['registrar', 'agency'] as const;

export function profileRoutes(profiles: ProfileBook): Route[] {
  return [
    route({
      method: 'get',
      path: '/profiles',
      roles: OFFICES,
      scope: 'own',
      tag: 'gateway',
      summary: "How files are read: the institution's own profiles, and those that come with the gateway",
      answers: { 200: listBody(profileBody) },
      handle: async ({ principal }) => {
        const own = await profiles.list(principal.institution);
        const builtIn = Object.entries(BUILT_IN_PROFILES);
        return {
          status: 200,
          body: listOf([
            ...own.map(({ name, settings }) => ({ name, settings, builtIn: false })),
            ...builtIn.map(([name, { of, settings }]) => ({ name, of, settings, builtIn: true })),
          ]),
        };
      },
    }),
    route({
      method: 'put',
      path: '/profiles/{name}',
      roles: OFFICES,
      scope: 'own',
      tag: 'gateway',
      summary: 'Keeps how a kind of file is read, under a name the institution chooses',
      params: profileParams,
      body: fileSettings,
      answers: { 200: z.object({ name: z.string() }) },
      handle: async ({ params, body, principal }) => {
        const { answers: _, ...settings } = body; // what was decided of one file says nothing of the next
        await profiles.put(principal.institution, { name: params.name, settings });
        return { status: 200, body: { name: params.name } };
      },
    }),
    route({
      method: 'delete',
      path: '/profiles/{name}',
      roles: OFFICES,
      scope: 'own',
      tag: 'gateway',
      summary: "Forgets a profile of the institution's own",
      params: profileParams,
      answers: { 200: z.object({ removed: z.boolean() }) },
      handle: async ({ params, principal }) => ({
        status: 200,
        body: { removed: await profiles.remove(principal.institution, params.name) },
      }),
    }),
  ];
}
