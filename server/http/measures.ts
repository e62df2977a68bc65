/**
 * What the members vote on: votes, where every measure stands and what it lacks, and carrying one out.
 *
 * The Council counts; this only says what it would. Nothing here is about a person.
 */

import { z } from 'zod';
import type { Commit } from '../acts/commit.ts';
import type { ActFileReader } from '../desk/actFiles.ts';
import {
  MEASURE_STEPS,
  type MeasureDesk,
  type MeasureShown,
  type MeasureStep,
  propose,
  showMeasure,
  showMeasures,
  stepOf,
  vote,
} from '../desk/measures.ts';
import { instantOf, instantOrNone } from '../domain/base/dates.ts';
import { MEASURE_KINDS } from '../domain/base/terms.ts';
import { MEASURE_STATES } from '../domain/power/measureState.ts';
import { MAX_APPOINTMENTS } from '../domain/power/measures.ts';
import { obstacle, obstacleBody, operation, operationAnswer, ownerOf, preparingRoute } from './acts.ts';
import { officerId, officerRecord, proposal, recordOf } from './powerShapes.ts';
import { type Route, route } from './route.ts';
import { written } from './shapeProblem.ts';
import {
  amountOut,
  bytes32,
  instantOut,
  lastMoment,
  pageBody,
  pageFields,
  pageOf,
  uint32,
} from './shapes.ts';

export interface MeasureDependencies {
  readonly commit: Commit;
  readonly fileOf: ActFileReader;
  readonly desk: MeasureDesk;
}

const READERS = ['member', 'auditor', 'registrar', 'agency', 'steward'] as const;
const officers = z
  .array(officerRecord)
  .max(MAX_APPOINTMENTS)
  .default([])
  .meta({ description: 'Public records of those whom the measure appoints, in its order' });

const votes = z.union([
  z.strictObject({
    officer: officerId,
    epoch: uint32,
    proposal,
    officers,
    closesAt: lastMoment.meta({ description: 'Last second of voting, within sixty days' }),
    salt: z
      .string()
      .regex(/^0x[0-9a-f]{32}$/, written('16 bytes in lower-case hex', `0x${'4b75'.repeat(8)}`))
      .transform((text) => BigInt(text))
      .meta({ type: 'string', description: '128 random bits of the client' }),
  }),
  z.strictObject({
    officer: officerId,
    epoch: uint32,
    measure: bytes32().meta({ description: 'Id of a measure that was opened' }),
    inFavour: z.boolean().default(true).meta({ description: 'A vote against is for good' }),
    officers: officers.meta({
      description: 'Public records of those whom the measure appoints, where this gateway was not told',
    }),
  }),
]);

const measureShown = z
  .object({
    measureId: z.string(),
    kind: z.enum(MEASURE_KINDS),
    sentence: z.string().meta({ description: 'What it does, with the votes and the wait it takes' }),
    state: z.enum(MEASURE_STATES),
    votesMissing: z.int().meta({ description: 'Votes of active members that it still lacks' }),
    quorum: z.int(),
    inFavour: z.array(z.int()).meta({ description: 'Institutions, less those that took their vote back' }),
    against: z.array(z.int()),
    uncounted: z.array(z.int()).meta({
      description: 'Institutions in favour whose vote does not count now: suspended, or members no longer',
    }),
    openedBy: z.int(),
    closesAt: instantOut.meta({ description: 'Last second of voting' }),
    executableFrom: instantOut
      .optional()
      .meta({ description: 'First second of carrying it out; absent without a quorum' }),
    endsAt: instantOut.meta({ description: 'Last second at which anything may come of it' }),
    obstacle: obstacle.optional().meta({
      description:
        'What would refuse it as things stand, whatever its votes and its wait; of the first fifty open ones of a page',
    }),
    caution: obstacle.optional().meta({
      description: 'Why it would decide nothing, though it may be carried out; of the same',
    }),
    measure: z.object({
      institution: z.int(),
      target: z.string(),
      name: z.string(),
      value: amountOut,
      appointmentsHash: z.string(),
      salt: z.string(),
    }),
    appointments: z
      .array(z.unknown())
      .optional()
      .meta({ description: 'Whom it appoints; absent where this gateway was not told' }),
  })
  .meta({ id: 'Measure' });

const SUMMARIES: Readonly<Record<MeasureStep, string>> = {
  execute: 'Carries out a measure that has its votes and has waited; anybody may',
  reschedule: 'Begins the wait of a measure anew, after members, quorum or wait were changed',
  lapse: "Closes a measure whose time is over, which frees its opener's place",
};
const PATHS: Readonly<Record<MeasureStep, string>> = {
  execute: 'execution',
  reschedule: 'rescheduling',
  lapse: 'lapse',
};

export function measureRoutes({ commit, fileOf, desk }: MeasureDependencies): Route[] {
  return [
    preparingRoute({
      commit,
      fileOf,
      tag: 'power',
      act: 'Vote',
      body: votes,
      prepare: (owner, given) => {
        const named = given.officers.map((one, i) => recordOf(one, `/officers/${i}`));
        return 'proposal' in given
          ? propose(desk, owner, { ...given, officers: named })
          : vote(desk, owner, { ...given, officers: named });
      },
    }),
    route({
      method: 'get',
      path: '/measures',
      roles: READERS,
      scope: 'open',
      tag: 'power',
      summary: 'Measures of the members, newest first: their votes, their wait, and what each lacks',
      query: z
        .object({ ...pageFields, open: z.enum(['true', 'false']).optional() })
        .transform(({ open, ...page }) => ({ ...pageOf(page), isOpen: open === 'true' })),
      answers: { 200: pageBody(measureShown) },
      handle: async ({ query }) => {
        const { rows, ...rest } = await showMeasures(desk, query);
        return { status: 200, body: { rows: rows.map(measureBody), ...rest } };
      },
    }),
    route({
      method: 'get',
      path: '/measures/{measureId}',
      roles: READERS,
      scope: 'open',
      tag: 'power',
      summary: 'One measure: its votes, its wait, and what it lacks',
      params: z.object({ measureId: bytes32() }),
      answers: { 200: measureShown },
      handle: async ({ params }) => ({
        status: 200,
        body: measureBody(await showMeasure(desk, params.measureId)),
      }),
    }),
    ...MEASURE_STEPS.map((step) => stepRoute({ commit, desk }, step)),
  ];
}

function stepRoute({ commit, desk }: Pick<MeasureDependencies, 'commit' | 'desk'>, step: MeasureStep): Route {
  return route({
    method: 'post',
    path: `/measures/{measureId}/${PATHS[step]}`,
    roles: ['member'],
    scope: 'open',
    tag: 'power',
    summary: SUMMARIES[step],
    params: z.object({ measureId: bytes32() }),
    body: z.strictObject(step === 'execute' ? { officers } : {}),
    answers: { 200: operation, 202: operation },
    handle: async ({ claim, params: { measureId }, body, principal, waitSeconds }) => {
      const named = 'officers' in body ? (body.officers as z.infer<typeof officers>) : [];
      const { id } = await commit.post(claim, async () => ({
        kind: `measure-${step}`,
        owner: ownerOf(principal),
        office: undefined,
        orderedBy: measureId,
        call: await stepOf(
          desk,
          step,
          measureId,
          named.map((one, i) => recordOf(one, `/officers/${i}`)),
        ),
      }));
      return operationAnswer(commit, id, waitSeconds);
    },
  });
}

function measureBody({ row, sentence, standing, tally, quorum, appointments, ...told }: MeasureShown) {
  const { institution, target, name, value, appointmentsHash, salt, kind } = row.measure;
  const { state, votesMissing, uncounted, executableFrom, endsAt } = standing;
  const { inFavour, against, closesAt } = tally;
  return {
    measureId: row.measureId,
    kind,
    sentence,
    state,
    votesMissing,
    quorum,
    inFavour,
    against,
    uncounted,
    openedBy: row.openedBy,
    closesAt: instantOf(closesAt),
    executableFrom: instantOrNone(executableFrom),
    endsAt: instantOf(endsAt),
    obstacle: obstacleBody(told.obstacle),
    caution: obstacleBody(told.caution),
    measure: { institution, target, name, value, appointmentsHash, salt: saltText(salt) },
    appointments: appointments?.map(({ appointment }) => appointment),
  };
}

function saltText(salt: bigint): string {
  return `0x${salt.toString(16).padStart(32, '0')}`;
}
