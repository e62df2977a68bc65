/**
 * How an officer says how a file is to be read: single settings in the query, all of them as JSON in `settings`, or the
 * name of a profile; and the routes that keep profiles.
 *
 * Promises: a setting of the query counts before one of `settings`, and that before the profile's; an unknown setting is
 * refused, never passed over, and so is one that a file of the kind is not read by.
 */
import { z } from 'zod';
import { parseStrictJson } from '../domain/base/json.ts';
import { Refusals, refusal } from '../domain/base/refusal.ts';
import { answerFaults, type FileKind } from '../domain/files/answers.ts';
import { SEPARATORS } from '../domain/files/csv.ts';
import { NAME_ORDERS } from '../domain/files/nameParts.ts';
import { PERSON_NAMES, type PersonField } from '../domain/files/registrations.ts';
import { ROLL_NAMES, type RollField } from '../domain/files/roll.ts';
import {
  BUILT_IN_PROFILES,
  type FileField,
  type FileSettings,
  mergeSettings,
} from '../domain/files/settings.ts';
import { CHARSETS } from '../domain/files/text.ts';
import { PARCEL_NAMES, type ParcelField } from '../domain/survey/parcelNames.ts';
import { AREA_UNITS } from '../domain/survey/statedArea.ts';
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
/** As many columns as a sheet of a workbook has. */
const PLACES_MAX = 16_384;

const FIELDS: Readonly<Record<FileKind, readonly FileField[]>> = {
  parcels: Object.keys(PARCEL_NAMES) as ParcelField[],
  people: Object.keys(PERSON_NAMES) as PersonField[],
  roll: Object.keys(ROLL_NAMES) as RollField[],
};

const columnName = text(200);
const separator = z
  .enum([...SEPARATORS, 'tab'])
  .transform((written) => (written === 'tab' ? '\t' : written))
  .meta({ type: 'string', description: 'Of the columns of a CSV file: `;`, `,`, `|` or `tab`' });
const charset = z
  .enum(CHARSETS)
  .meta({ description: 'UTF-8 where it is left out, or UTF-16 where its bytes leave no doubt of it' });
const areaUnit = z.enum(AREA_UNITS).meta({ description: 'Of stated areas' });
const projection = text(400).meta({
  description: 'Of coordinates, where the file does not state it: `EPSG:32737`, or PROJ text',
});
const callingCode = z
  .string()
  .regex(/^[1-9]\d{0,3}$/, written('a calling code in digits', '254'))
  .meta({ description: "Of the country's phones, digits only" });

const nameOrder = z.enum(NAME_ORDERS).meta({
  description:
    'Of people whose name stands in several columns: which part is read first, `given-first` where it is left out',
});

const sheet = text(64).meta({
  description: 'Of a workbook: the name on its tab, which must be given where several sheets hold something',
});

/** A column is looked for under the name a person wrote, whoever wrote it for which kind of file. */
const columnsOf = (fields: readonly FileField[]) =>
  z
    .partialRecord(
      z.enum(fields as [FileField, ...FileField[]]),
      z.union([
        columnName,
        z.int().min(1).max(PLACES_MAX),
        z.array(columnName).min(1).max(ALTERNATIVES_MAX),
        z.null(),
      ]),
    )
    .optional()
    .meta({
      description:
        'Of each field the name of its column, its place from the left where two have one name, the names it may have, or null to pass it over. A name of people that stands in several columns has a field for each: `givenName`, `middleName`, `thirdName`, `otherNames`, `familyName`, `secondFamilyName`',
    });

const ofEvery = { separator: separator.optional(), charset: charset.optional() };
const ofTables = { sheet: sheet.optional() };
const ofPeople = { callingCode: callingCode.optional(), nameOrder: nameOrder.optional() };
const ofMaps = {
  areaUnit: areaUnit.optional(),
  projection: projection.optional(),
  district: text(200).optional().meta({ description: 'County or region around all parcels of the file' }),
};
const within = {
  within: z
    .tuple([z.number(), z.number(), z.number(), z.number()])
    .optional()
    .meta({ description: "Where the office's parcels lie: west, south, east, north" }),
};

/** What an institution keeps of a kind of file. What was decided of one file says nothing of the next: a profile has no answers. */
const profileSettings = z
  .strictObject({
    columns: columnsOf([...new Set(Object.values(FIELDS).flat())]),
    ...ofEvery,
    ...ofTables,
    ...ofPeople,
    ...ofMaps,
    ...within,
  })
  .meta({ description: 'How a kind of file is to be read' });

const answers = z
  .array(
    z.strictObject({
      code: z.string().max(64).regex(WORD, written('a word in small letters', 'same-person')),
      answer: z.string().max(64).regex(WORD, written('a word in small letters', 'same-person')),
      line: z.int().min(1).optional(),
      lines: z.array(z.int().min(1)).min(1).max(LINES_MAX).optional(),
      feature: z.int().min(1).optional(),
    }),
  )
  .max(ANSWERS_MAX)
  .optional();

/** What a request may say of a file of each kind: a setting that such a file is not read by is refused, for nothing would come of it. */
const SETTINGS: Readonly<Record<FileKind, z.ZodType<FileSettings>>> = {
  parcels: z.strictObject({
    columns: columnsOf(FIELDS.parcels),
    ...ofEvery,
    ...ofTables,
    ...ofMaps,
    ...within,
    answers,
  }),
  people: z.strictObject({
    columns: columnsOf(FIELDS.people),
    ...ofEvery,
    ...ofTables,
    ...ofPeople,
    answers,
  }),
  roll: z.strictObject({ columns: columnsOf(FIELDS.roll), ...ofEvery, ...ofTables, answers }),
};

const flag = z.enum(['true', 'false']).optional();

const ofAll = {
  profile: z
    .string()
    .max(PROFILE_NAME_MAX)
    .regex(PROFILE_NAME, written('the name of a profile in small letters', 'county-registrations'))
    .optional()
    .meta({ description: 'A profile of the institution, or one that comes with the gateway' }),
  settings: z.string().max(SETTINGS_CHARACTERS_MAX).optional().meta({
    description:
      'JSON of what `PUT /profiles/{name}` takes and such a file is read by, and of what an officer answers to its questions: `"answers": [{"code", "answer"}]` for all lines of a code, with `"line"`, `"lines"` or (of a map) `"feature"` for some',
  }),
  ...ofEvery,
  dryRun: flag.meta({ description: 'Only says how the file would be read; nothing is kept' }),
} as const;
const units = columnName.optional().meta({ description: 'The column of what a person is granted' });

/** What every route that takes a file of an office has in its query, by the kind of file. */
export const mapQuery = { ...ofAll, ...ofTables, ...ofMaps } as const;
export const rollQuery = { ...ofAll, ...ofTables, units } as const;
export const peopleQuery = { ...rollQuery, ...ofPeople } as const;

const everyQuery = { ...mapQuery, ...peopleQuery } as const;
type FileQuery = { readonly [K in keyof typeof everyQuery]?: z.infer<(typeof everyQuery)[K]> };

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
  kind: FileKind,
): Promise<FileSettings> {
  const { profile, settings, units, dryRun: _, ...single } = query;
  const named = profile === undefined ? {} : await profileOf(profiles, institution, profile);
  const merged = mergeSettings(
    named,
    settings === undefined ? {} : parsedSettings(settings, SETTINGS[kind]),
    single,
    units === undefined ? {} : { columns: { units } },
  );
  const [first, ...rest] = answerFaults(merged.answers ?? [], kind);
  if (first !== undefined) throw new Refusals([first, ...rest]);
  return merged;
}

async function profileOf(
  profiles: Pick<ProfileBook, 'get'>,
  institution: number,
  name: string,
): Promise<FileSettings> {
  const own = await profiles.get(institution, name);
  const found = own?.settings ?? builtInOf(name);
  if (found === undefined) throw refusal('profile-missing', undefined, { field: '/query/profile' });
  return found;
}

/** The name is a caller's own word. */
function builtInOf(name: string): FileSettings | undefined {
  return Object.hasOwn(BUILT_IN_PROFILES, name) ? BUILT_IN_PROFILES[name]?.settings : undefined;
}

function parsedSettings(written: string, shape: z.ZodType<FileSettings>): FileSettings {
  const value = parseStrictJson(written);
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  const [first, ...rest] = issuesIn(parsed.error).map((issue) =>
    refusal(
      'validation-failed',
      { problem: problemOfShape(issue, { shape, value }) },
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
      body: profileSettings,
      answers: { 200: z.object({ name: z.string() }) },
      handle: async ({ params, body, principal }) => {
        await profiles.put(principal.institution, { name: params.name, settings: body });
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
