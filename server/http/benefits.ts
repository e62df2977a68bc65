/**
 * The acts of aid officers, and the lists they are about: people to enrol, cards, rolls, and their words on the way to
 * the ledger.
 *
 * A body is parsed to what the desk is given; the desk and the contracts know the rules. Nothing here shows a person:
 * people are ids of the agency's sector and indexes.
 */

import { z } from 'zod';
import type { Commit } from '../acts/commit.ts';
import type { ActFileReader } from '../desk/actFiles.ts';
import type { BenefitLists, Loaded } from '../desk/benefitLists.ts';
import type { BenefitDesk } from '../desk/benefits.ts';
import type { Intake } from '../desk/intake.ts';
import type { Jobs } from '../desk/jobs.ts';
import { cursorOf } from '../domain/base/cursor.ts';
import { refusal } from '../domain/base/refusal.ts';
import type { OfficeId, ProgrammeId, VendorId } from '../domain/base/terms.ts';
import {
  CYCLE_STEPS,
  type CycleId,
  FUNDS_MOVES,
  MAX_ENROLMENT_PEOPLE,
  MAX_LANES,
  PERMITS,
  type TillId,
} from '../domain/benefits/terms.ts';
import { operation, operationBody, ownerOf, preparingRoute } from './acts.ts';
import { type ProfileBook, peopleQuery, rollQuery, settingsOf } from './fileSettings.ts';
import {
  csvOfLines,
  fileAnswer,
  previewAnswer,
  previewBody,
  refusedLines,
  refusedTotal,
  sheetRead,
  TABLE_TYPES,
} from './files.ts';
import { answerAsJob, begunBody } from './jobs.ts';
import { type Answer, type Route, route } from './route.ts';
import {
  actHead,
  address,
  amount,
  amountOut,
  bytes32,
  compactSignature,
  cursor,
  lastMoment,
  listOf,
  moment,
  pageBody,
  says,
  text,
  uint16,
  uint32,
  wholeOfCursor,
  wholeText,
} from './shapes.ts';
import { hashedElsewhere, inWords } from './wordsBehind.ts';

/** Twenty thousand people with all that an agency asks them. */
const REGISTRATIONS_LIMIT_BYTES = 32 * 1024 * 1024;
/** A million lines of an id and a number. */
const ROLL_LIMIT_BYTES = 128 * 1024 * 1024;
/** As many people as one signed list holds; more are enrolled by several acts. */
const ENROLMENT_LIMIT_BYTES = 16 * 1024 * 1024;
const PLACES_PAGE_MAX = 500;

export interface BenefitDependencies {
  readonly commit: Commit;
  readonly fileOf: ActFileReader;
  readonly desk: BenefitDesk;
  readonly lists: BenefitLists;
  readonly intake: Intake;
  readonly profiles: ProfileBook;
  readonly jobs: Jobs<Answer>;
}

export const programmeId = bytes32<ProgrammeId>();
export const vendorId = bytes32<VendorId>();
const named = <const T extends readonly ['unspecified', ...string[]]>(all: T) => {
  const [, ...rest] = all;
  return z.enum(rest as [Exclude<T[number], 'unspecified'>, ...Exclude<T[number], 'unspecified'>[]]);
};
const positive32 = z
  .int()
  .min(1)
  .max(2 ** 32 - 1);
const cycleId = positive32.transform((number) => number as CycleId).meta({ type: 'integer' });
const tillId = positive32.transform((number) => number as TillId).meta({ type: 'integer' });
const permit = named(PERMITS);
const tillKey = z.enum(['secp256k1', 'p256']);
const epoch = uint16;
/** Of a key that is new there. */
const heldKey = (command: string) =>
  compactSignature.optional().meta({
    description: `As \`kudurru ${command}\` prints it: the key signed that it is held. Left out of a key that is there already`,
  });

const inPath = (most: number) => wholeText(0, most);
export const cycleParams = z.object({
  programme: programmeId,
  cycle: wholeText(1, 2 ** 32 - 1)
    .transform((number) => number as CycleId)
    .meta({ type: 'integer' }),
});
const enrolmentParams = z.object({ programme: programmeId, epoch: inPath(2 ** 16 - 1) });

const programmes = z.strictObject({
  head: actHead,
  programme: programmeId,
  currency: uint16.meta({ description: 'ISO 4217, numeric' }),
  mostPerRedemptionUnits: uint32,
  disputeSeconds: uint32,
  leastOpenSeconds: uint32,
  mostOfflineSeconds: uint32.meta({ description: 'How old a sale may be when it is posted: 900 to 604800' }),
  assistedCapUnits: uint32,
  emergencyCapUnits: uint32,
  policyHash: hashedElsewhere('the policy of the programme'),
  policy: inWords('the policy of the programme'),
});
const funds = z.strictObject({
  head: actHead,
  programme: programmeId,
  move: named(FUNDS_MOVES),
  amountMinor: amount,
  sourceCommitment: hashedElsewhere('the source of the money'),
  source: inWords('the source of the money'),
});
const pauses = z.strictObject({
  head: actHead,
  programme: programmeId,
  pausedUntil: lastMoment.meta({ description: 'Within 90 days' }),
  byTwoInstitutions: z.boolean().default(false).meta({ description: 'Two pause, and only two resume' }),
});
const resumptions = z.strictObject({ head: actHead, programme: programmeId });
const enrolments = z.strictObject({
  head: actHead,
  programme: programmeId,
  enrolmentEpoch: epoch,
  effectiveFrom: moment,
  people: z
    .array(
      z.strictObject({
        personId: bytes32(),
        keyKind: tillKey.default('secp256k1'),
        keyId: address.optional().meta({ description: 'Without one the person is paid out, never redeems' }),
        possession: heldKey('card make'),
        catchment: text(64).or(z.literal('')).default(''),
      }),
    )
    .min(1)
    .max(MAX_ENROLMENT_PEOPLE),
});
const cards = z.strictObject({
  head: actHead,
  programme: programmeId,
  enrolmentEpoch: epoch,
  index: uint32,
  keyKind: tillKey,
  keyId: address,
  possession: heldKey('card make'),
  standing: permit,
  effectiveFrom: moment,
});
const vendors = z.strictObject({
  head: actHead,
  vendor: vendorId,
  standing: permit,
  from: moment.meta({ description: 'From when the vendor is active; 0 for other standings' }),
});
const tills = z.strictObject({
  head: actHead,
  vendor: vendorId,
  till: tillId,
  keyKind: tillKey,
  keyId: address,
  standing: permit,
  possession: heldKey('till key'),
});
/** What the envelope has room for. */
const UNIT_VALUE_MAX = 2n ** 64n - 1n;
const unitValue = amount.refine(
  (value) => value <= UNIT_VALUE_MAX,
  says(`at most ${UNIT_VALUE_MAX} is allowed`),
);

const cycles = z.strictObject({
  head: actHead,
  programme: programmeId,
  cycle: cycleId,
  root: bytes32().meta({ description: 'Of the roll, as its upload answered it' }),
  lane: z
    .int()
    .min(0)
    .max(MAX_LANES - 1),
  unitValueMinor: unitValue,
  opensAt: moment,
  spendUntil: lastMoment,
  postUntil: lastMoment,
});
const steps = z.strictObject({
  head: actHead,
  programme: programmeId,
  cycle: cycleId,
  step: named(CYCLE_STEPS),
  endsAt: lastMoment.default(0n).meta({ description: 'Of an early end: the last second of sales' }),
});
const settlements = z.strictObject({
  head: actHead,
  programme: programmeId,
  cycle: cycleId,
  vendor: vendorId,
  statementHash: hashedElsewhere('the statement that is settled'),
  statement: inWords('the statement that is settled'),
});
const creditReleases = z.strictObject({
  head: actHead,
  programme: programmeId,
  cycle: cycleId,
  vendor: vendorId,
  caseCommitment: hashedElsewhere('the case'),
  case: inWords('the case'),
});

export function benefitRoutes(deps: BenefitDependencies): Route[] {
  return [...actRoutes(deps), ...enrolmentRoutes(deps), ...rollRoutes(deps)];
}

function actRoutes({ commit, fileOf, desk, lists }: BenefitDependencies): Route[] {
  const common = { commit, fileOf, tag: 'benefits' } as const;
  return [
    preparingRoute({
      ...common,
      act: 'DefineProgramme',
      body: programmes,
      prepare: (owner, { head, ...given }) => desk.defineProgramme(owner, head, given),
    }),
    preparingRoute({
      ...common,
      act: 'MoveFunds',
      body: funds,
      prepare: (owner, { head, ...given }) => desk.moveFunds(owner, head, given),
    }),
    preparingRoute({
      ...common,
      act: 'PauseProgramme',
      body: pauses,
      prepare: (owner, { head, ...given }) => desk.pause(owner, head, given),
    }),
    preparingRoute({
      ...common,
      act: 'ResumeProgramme',
      body: resumptions,
      prepare: (owner, { head, ...given }) => desk.resume(owner, head, given),
    }),
    preparingRoute({
      ...common,
      act: 'Enrol',
      body: enrolments,
      bodyLimitBytes: ENROLMENT_LIMIT_BYTES,
      prepare: (owner, { head, effectiveFrom, people, ...of }) =>
        lists.enrol(owner, head, of, effectiveFrom, people),
    }),
    preparingRoute({
      ...common,
      act: 'SetCard',
      body: cards,
      prepare: (owner, { head, programme, enrolmentEpoch, index, possession, ...next }) =>
        desk.setCard(owner, head, { programme, enrolmentEpoch, index }, next, possession),
    }),
    preparingRoute({
      ...common,
      act: 'SetVendor',
      body: vendors,
      prepare: (owner, { head, ...given }) => desk.setVendor(owner, head, given),
    }),
    preparingRoute({
      ...common,
      act: 'SetTill',
      body: tills,
      prepare: (owner, { head, ...given }) => desk.setTill(owner, head, given),
    }),
    preparingRoute({
      ...common,
      act: 'CycleEnvelope',
      body: cycles,
      prepare: (owner, { head, ...given }) => desk.openCycle(owner, head, given),
    }),
    preparingRoute({
      ...common,
      act: 'MoveCycle',
      body: steps,
      prepare: (owner, { head, ...given }) => desk.moveCycle(owner, head, given),
    }),
    preparingRoute({
      ...common,
      act: 'Settle',
      body: settlements,
      prepare: (owner, { head, ...given }) => desk.settle(owner, head, given),
    }),
    preparingRoute({
      ...common,
      act: 'ReleaseCredit',
      body: creditReleases,
      prepare: (owner, { head, ...given }) => desk.releaseCredit(owner, head, given),
    }),
  ];
}

const ONE_PLACE = 'it goes without `personId`, which has one place';

const loaded = z.object({
  loaded: z.int().meta({ description: "The ledger's own count" }),
  of: z.int(),
  isDone: z.boolean(),
  operations: z.array(operation),
});

/** 200 when the ledger has everything, else 202: ask again with a new key and it goes on. */
function loadedAnswer({ operations, ...counts }: Loaded): Answer {
  return {
    status: counts.isDone ? 200 : 202,
    body: { ...counts, operations: operations.map(operationBody) },
  };
}

const linesCounted = z.object({ lines: z.int(), units: amountOut });

function enrolmentRoutes({ desk, intake, lists, profiles, jobs }: BenefitDependencies): Route[] {
  return [
    route({
      method: 'put',
      path: '/programmes/{programme}/registrations',
      roles: ['agency'],
      scope: 'programme',
      tag: 'benefits',
      summary:
        'Takes people from a table (CSV, workbook) into the vault; each that cannot be is answered with its line',
      params: z.object({ programme: programmeId }),
      query: z.object({
        idRequired: z.enum(['true', 'false']).optional(),
        declaredCount: wholeText(0).optional(),
        declaredUnits: amount.optional(),
        ...peopleQuery,
      }),
      file: TABLE_TYPES,
      bodyLimitBytes: REGISTRATIONS_LIMIT_BYTES,
      answers: {
        202: begunBody,
        200: z.union([
          previewBody,
          z.object({
            read: z.int(),
            sheet: sheetRead,
            people: z.array(z.object({ line: z.int(), personId: z.string(), units: z.int().optional() })),
            units: amountOut.meta({ description: 'Of these people' }),
            refusedCount: linesCounted.meta({ description: 'Of lines that are refused, or asked about' }),
            passedOver: linesCounted.meta({ description: 'Of lines that were passed over, as was answered' }),
            refused: refusedLines,
            refusedTotal,
            warnings: refusedLines,
            ignored: z.array(z.string()).meta({ description: 'Columns that were not kept' }),
          }),
        ]),
      },
      handle: async (asked) => {
        const { file, params, query, principal } = asked;
        const { idRequired, declaredCount, declaredUnits, ...reading } = query;
        const settings = await settingsOf(profiles, principal.institution, reading, 'people');
        const terms = { declaredCount, declaredUnits, isIdRequired: idRequired === 'true' };
        if (query.dryRun === 'true') {
          // Also before there is the programme: it is of the office that asks.
          const of = { kind: 'registrations', office: principal.office ?? (0 as OfficeId) };
          return answerAsJob(jobs, asked, of, async (job) =>
            previewAnswer(await intake.preview(file, principal, settings, terms, job), settings),
          );
        }
        const { office } = await desk.programme(principal, params.programme);
        return answerAsJob(jobs, asked, { kind: 'registrations', office }, async (job) => {
          const enrolled = await intake.enrol(file, principal, settings, terms, job);
          const { sheet, people, units, refusedCount, passedOver, ignored, ...rest } = enrolled;
          return fileAnswer(rest, { sheet, people, units, refusedCount, passedOver, ignored });
        });
      },
    }),
    route({
      method: 'post',
      path: '/programmes/{programme}/enrolments/{epoch}/slots',
      roles: ['agency'],
      scope: 'programme',
      tag: 'benefits',
      summary: 'Sends the ledger the slots it still lacks of the enrolment that was signed',
      params: enrolmentParams,
      answers: { 200: loaded, 202: loaded },
      handle: async ({ params, principal, claim }) => {
        const of = { programme: params.programme, enrolmentEpoch: params.epoch };
        return loadedAnswer(await lists.loadSlots(ownerOf(principal), of, claim));
      },
    }),
    route({
      method: 'get',
      path: '/programmes/{programme}/enrolments/{epoch}/places',
      roles: ['agency'],
      scope: 'programme',
      tag: 'benefits',
      summary: 'Who stands at which index: what a card must be told. By one person, or page by page',
      params: enrolmentParams,
      query: z.object({
        personId: bytes32().optional(),
        after: cursor.optional(),
        limit: wholeText(1, PLACES_PAGE_MAX).default(PLACES_PAGE_MAX),
      }),
      answers: {
        200: pageBody(
          z.object({
            index: z.int(),
            personId: z.string().optional().meta({ description: 'Absent once the person is erased' }),
            card: z.unknown(),
          }),
        ),
      },
      handle: async ({ params, query, principal }) => {
        const of = { programme: params.programme, enrolmentEpoch: params.epoch };
        const owner = ownerOf(principal);
        const { personId, limit } = query;
        if (personId !== undefined) {
          if (query.after !== undefined)
            throw refusal('validation-failed', { problem: ONE_PLACE }, { field: '/query/after' });
          const index = await lists.indexOf(owner, of, personId);
          return { status: 200, body: listOf(await lists.placesOf(owner, of, index, 1)) };
        }
        const from = query.after === undefined ? 0 : 1 + wholeOfCursor(query.after);
        const rows = await lists.placesOf(owner, of, from, limit);
        const total = await lists.placeCount(of);
        if (from > total) throw refusal('cursor-unknown', undefined, { field: '/query/after' });
        const last = rows.at(-1)?.index ?? total;
        const next = last + 1 < total ? cursorOf(String(last)) : undefined;
        return { status: 200, body: { total, rows, next } };
      },
    }),
  ];
}

const roll = z.object({
  read: z.int(),
  sheet: sheetRead,
  units: amountOut,
  root: z.string().meta({ description: 'What the act that opens the cycle names' }),
  tableHash: z.string(),
  count: z.int().meta({ description: 'Entries of the table: everybody enrolled' }),
  entryBytes: z.int(),
  enrolmentEpoch: z.int(),
});

function rollRoutes({ desk, lists, profiles, jobs }: BenefitDependencies): Route[] {
  return [
    route({
      method: 'put',
      path: '/programmes/{programme}/cycles/{cycle}/roll',
      roles: ['agency'],
      scope: 'programme',
      tag: 'benefits',
      summary:
        'Takes the roll of a cycle that is not open yet, whole or not at all; all refused lines are at `roll/refused`',
      params: cycleParams,
      query: z.object({
        enrolmentEpoch: wholeText(0, 65_535),
        entryBytes: z.enum(['1', '4']),
        declaredCount: wholeText(0),
        declaredUnits: amount,
        ...rollQuery,
      }),
      file: TABLE_TYPES,
      bodyLimitBytes: ROLL_LIMIT_BYTES,
      answers: { 200: z.union([previewBody, roll]), 202: begunBody },
      handle: async (asked) => {
        const { file, params, query, principal } = asked;
        const { enrolmentEpoch, declaredCount, declaredUnits, entryBytes: bytes, ...reading } = query;
        const entryBytes = bytes === '1' ? 1 : 4;
        const of = { ...params, enrolmentEpoch, entryBytes } as const;
        const settings = await settingsOf(profiles, principal.institution, reading, 'roll');
        const terms = { declaredCount, declaredUnits };
        const owner = ownerOf(principal);
        const { office } = await desk.programme(principal, params.programme);
        return answerAsJob(jobs, asked, { kind: 'roll', office }, async (job) => {
          if (query.dryRun === 'true')
            return previewAnswer(await lists.previewRoll(owner, of, file, settings, terms, job), settings);
          const taken = await lists.takeRoll(owner, of, file, settings, terms, job);
          const { lines, sheet, totalUnits: units, root, tableHash, count } = taken;
          const body = { read: lines, sheet, units, root, tableHash, count, entryBytes, enrolmentEpoch };
          return { status: 200, body };
        });
      },
    }),
    route({
      method: 'get',
      path: '/programmes/{programme}/cycles/{cycle}/roll/refused',
      isHeavy: true,
      roles: ['agency'],
      scope: 'programme',
      tag: 'benefits',
      summary: 'Every refused line of the last roll, for a week; as a file with `Accept: text/csv`',
      params: cycleParams,
      answers: { 200: z.object({ read: z.int(), refusedTotal, refused: refusedLines }) },
      handle: async ({ params, principal, prefersCsv }) => {
        const {
          read,
          lines,
          total = lines.length,
        } = await lists.refusedOf(ownerOf(principal), params.programme, params.cycle);
        if (!prefersCsv) return { status: 200, body: { read, refusedTotal: total, refused: lines } };
        const headers = { 'Content-Type': 'text/csv; charset=utf-8' };
        return { status: 200, body: csvOfLines(lines, total), headers };
      },
    }),
    route({
      method: 'post',
      path: '/programmes/{programme}/cycles/{cycle}/units',
      roles: ['agency'],
      scope: 'programme',
      tag: 'benefits',
      summary: 'Sends the ledger the words it still lacks of a signed table; with the last one it releases',
      params: cycleParams,
      answers: { 200: loaded, 202: loaded },
      handle: async ({ params, principal, claim }) =>
        loadedAnswer(await lists.loadUnits(ownerOf(principal), params.programme, params.cycle, claim)),
    }),
  ];
}
