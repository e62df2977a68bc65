/**
 * Programmes and cycles as the ledger has them: money whose parts sum to what was funded, counts of units, and what a
 * till must know of one entry before a card signs. Of an institution's own only; an auditor sees all.
 */
import { z } from 'zod';
import type { AcceptedSales } from '../desk/acceptedSales.ts';
import type { Redemptions } from '../desk/redemptions.ts';
import { instantOf, instantOrNone } from '../domain/base/dates.ts';
import { Refusal, type RefusalCode, refusal } from '../domain/base/refusal.ts';
import type { InstitutionId, ProgrammeId } from '../domain/base/terms.ts';
import { amountsInWords, currencyInWords, moneyInWords } from '../domain/benefits/currencies.ts';
import { outstandingUnits } from '../domain/benefits/records.ts';
import type { CycleId, TillId } from '../domain/benefits/terms.ts';
import { wordsOf } from '../domain/benefits/unitsTable.ts';
import type { CycleRow, ProgrammeRow } from '../store/views/benefits.ts';
import type { Views } from '../store/views.ts';
import { cycleParams, programmeId } from './benefits.ts';
import { type LabelBook, labelFor, labelOut } from './labels.ts';
import { type Principal, type Route, route } from './route.ts';
import { amountOut, currencyCode, instantOut, moneyOut, pageBody, pageQuery, wholeText } from './shapes.ts';

export interface ProgrammeDependencies {
  readonly views: Views;
  readonly redemptions: Pick<Redemptions, 'requirePayable'>;
  readonly accepted: Pick<AcceptedSales, 'entry'>;
  readonly labels: Pick<LabelBook, 'labelOf'>;
  /** The time the next block would have. */
  nowSeconds(): bigint;
}

const READERS = ['agency', 'auditor'] as const;

const money = z
  .object({
    fundedMinor: amountOut,
    unallocatedMinor: amountOut,
    outstandingMinor: amountOut,
    heldMinor: amountOut,
    instructedMinor: amountOut,
    redeemedMinor: amountOut,
    expiredMinor: amountOut,
    reclaimedMinor: amountOut,
    defundedMinor: amountOut,
    funded: moneyOut,
    unallocated: moneyOut,
    outstanding: moneyOut,
    held: moneyOut,
    instructed: moneyOut,
    redeemed: moneyOut,
    expired: moneyOut,
    reclaimed: moneyOut,
    defunded: moneyOut,
    isBalanced: z.boolean().meta({ description: 'The first is the sum of the others' }),
  })
  .meta({ id: 'Money' });

const programme = z.object({
  programme: z.string(),
  institution: z.int(),
  label: labelOut,
  office: z.int().meta({ description: 'Whose officers act on it; 0 are those of every office' }),
  currency: z.int().meta({ description: 'ISO 4217 number' }),
  currencyCode,
  pausedUntil: instantOut
    .optional()
    .meta({ description: 'First second after the last pause; absent where there was none' }),
  isPaused: z.boolean().meta({ description: 'Whether that pause lasts still' }),
  policy: z.unknown(),
  money,
});

const cycle = z
  .object({
    programme: z.string(),
    cycle: z.int(),
    state: z.string(),
    enrolmentEpoch: z.int(),
    lane: z.int(),
    people: z.int(),
    issuedUnits: amountOut.meta({ description: 'Redeemed, outstanding, expired and reclaimed, together' }),
    redeemedUnits: amountOut,
    outstandingUnits: amountOut,
    expiredUnits: amountOut,
    reclaimedUnits: amountOut,
    currencyCode,
    unitValueMinor: amountOut,
    unitValue: moneyOut,
    opensAt: instantOut,
    spendUntil: instantOut,
    postUntil: instantOut,
    loadedWords: z.int(),
    words: z.int(),
    envelope: z.unknown().meta({ description: 'What two officers signed' }),
  })
  .meta({ id: 'Cycle' });

const entry = z.object({
  index: z.int(),
  enrolmentEpoch: z.int(),
  cardEpoch: z.int(),
  keyKind: z.string(),
  standing: z.string(),
  effectiveFrom: instantOut.optional().meta({ description: 'Absent where it counted from the start' }),
  remainingUnits: z
    .int()
    .meta({ description: 'After every sale that was accepted: what the next one builds on' }),
  unrecordedUnits: z
    .int()
    .meta({ description: 'Of sales that were accepted and are not recorded yet; they count already' }),
  sequence: z.int(),
  entryBytes: z.int().meta({ description: '1 or 4: an entry of one byte has no sequence' }),
  spendUntil: instantOut,
  unpaid: z.string().optional().meta({
    description: 'The refusal for which a purchase at this till would not be paid now; absent where it would',
  }),
});

export function programmeRoutes(deps: ProgrammeDependencies): Route[] {
  const { views, labels } = deps;
  const shown = async (row: ProgrammeRow, reader: Principal) => {
    const { institution, office } = row.record;
    const label = await labelFor(labels, reader, { institution, office, id: row.programme });
    return Object.assign(await programmeBody(deps, row), label);
  };
  return [
    route({
      method: 'get',
      path: '/programmes',
      roles: READERS,
      scope: 'own',
      tag: 'benefits',
      summary: 'Programmes of the caller, or all of them for an auditor',
      query: pageQuery,
      answers: { 200: pageBody(programme) },
      handle: async ({ query, principal }) => {
        const { rows, ...rest } = isAuditor(principal)
          ? await views.benefits.programmes(query)
          : await views.benefits.programmesOf(ownOf(principal), query);
        return {
          status: 200,
          body: { rows: await Promise.all(rows.map((row) => shown(row, principal))), ...rest },
        };
      },
    }),
    route({
      method: 'get',
      path: '/programmes/{programme}',
      roles: READERS,
      scope: 'programme',
      tag: 'benefits',
      summary: 'A programme: its policy, and its money by what became of it',
      params: z.object({ programme: programmeId }),
      answers: { 200: programme },
      handle: async ({ params, principal }) => {
        const row = await views.benefits.programme(params.programme);
        if (row === undefined) throw refusal('programme-unknown');
        return { status: 200, body: await shown(row, principal) };
      },
    }),
    route({
      method: 'get',
      path: '/programmes/{programme}/cycles',
      roles: ['agency', 'vendor', 'auditor'],
      scope: 'programme',
      tag: 'benefits',
      summary: 'Cycles of a programme, by number',
      params: z.object({ programme: programmeId }),
      query: pageQuery,
      answers: { 200: pageBody(cycle) },
      handle: async ({ params, query }) => {
        const currency = await currencyOf(views, params.programme);
        const { rows, ...rest } = await views.benefits.cycles(params.programme, query);
        return { status: 200, body: { rows: rows.map((row) => cycleBody(row, currency)), ...rest } };
      },
    }),
    route({
      method: 'get',
      path: '/programmes/{programme}/cycles/{cycle}',
      roles: READERS,
      scope: 'programme',
      tag: 'benefits',
      summary: 'A cycle: its envelope, its state, and its units by what became of them',
      params: cycleParams,
      answers: { 200: cycle },
      handle: async ({ params: { programme: id, cycle: number } }) => ({
        status: 200,
        body: cycleBody(await requireCycle(views, id, number), await currencyOf(views, id)),
      }),
    }),
    entryRoute(deps),
  ];
}

const OF_A_SHOP = 'it goes with the token of a shop, whose till it is';

function entryRoute({ views, redemptions, accepted }: ProgrammeDependencies): Route {
  return route({
    method: 'get',
    path: '/programmes/{programme}/cycles/{cycle}/entries/{index}',
    roles: ['agency', 'vendor', 'auditor'],
    scope: 'programme',
    tag: 'benefits',
    summary: 'What a card must name when it signs: its epoch, the units that remain and their sequence',
    params: cycleParams.extend({
      index: wholeText(0, 2 ** 32 - 1),
    }),
    query: z.object({
      till: wholeText(1, 2 ** 32 - 1)
        .optional()
        .meta({ description: 'Of the shop of the token: whether a purchase at it would be paid now' }),
    }),
    answers: { 200: entry },
    handle: async ({ params: { programme: id, cycle: number, index }, query: { till }, principal }) => {
      if (till !== undefined && principal.vendor === undefined)
        throw refusal('validation-failed', { problem: OF_A_SHOP }, { field: '/query/till' });
      const { record } = await requireCycle(views, id, number);
      const { enrolmentEpoch, spendUntil, entryBytes } = record;
      const card = await views.benefits.card(id, enrolmentEpoch, index);
      const left = await accepted.entry({ programme: id, cycle: number, index }, record);
      if (card === undefined || left === undefined) throw refusal('index-beyond-count');
      const { cardEpoch, keyKind, standing, effectiveFrom } = card;
      const { vendor } = principal;
      const at = till === undefined || vendor === undefined ? undefined : { vendor, till: till as TillId };
      const unpaid =
        at && (await refusalOf(redemptions.requirePayable({ programme: id, cycle: number, index, ...at })));
      return {
        status: 200,
        body: {
          index,
          enrolmentEpoch,
          cardEpoch,
          keyKind,
          standing,
          effectiveFrom: instantOrNone(effectiveFrom),
          spendUntil: instantOf(spendUntil),
          remainingUnits: left.entry.units,
          unrecordedUnits: left.recorded.units - left.entry.units,
          sequence: left.entry.sequence,
          entryBytes,
          unpaid,
        },
      };
    },
  });
}

async function refusalOf(judged: Promise<void>): Promise<RefusalCode | undefined> {
  try {
    await judged;
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

/** What a list of the caller's own is of: one office, or all of the institution. */
export const ownOf = ({ institution, office }: Principal) => ({
  institution: institution as InstitutionId,
  office,
});

const isAuditor = ({ roles }: Principal) => roles.includes('auditor');

async function requireCycle(views: Views, id: ProgrammeId, number: CycleId): Promise<CycleRow> {
  const row = await views.benefits.cycle(id, number);
  if (row === undefined) throw refusal('cycle-unknown');
  return row;
}

async function currencyOf(views: Views, id: ProgrammeId): Promise<number> {
  const row = await views.benefits.programme(id);
  if (row === undefined) throw refusal('programme-unknown');
  return row.record.currency;
}

async function programmeBody(
  { views, nowSeconds }: Pick<ProgrammeDependencies, 'views' | 'nowSeconds'>,
  { programme: id, record }: ProgrammeRow,
) {
  const { institution, office, currency, pauses, mostPerRedemptionUnits, disputeSeconds } = record;
  const { leastOpenSeconds, mostOfflineSeconds, policyHash } = record;
  const sums = await views.benefits.money(id);
  if (sums === undefined) throw refusal('programme-unknown');
  const { fundedMinor, ...parts } = sums;
  const isBalanced = fundedMinor === Object.values(parts).reduce((sum, part) => sum + part, 0n);
  return {
    programme: id,
    institution,
    office,
    currency,
    currencyCode: currencyInWords(currency),
    pausedUntil: instantOrNone(pauses.until),
    isPaused: nowSeconds() < pauses.until,
    policy: {
      mostPerRedemptionUnits,
      disputeSeconds,
      leastOpenSeconds,
      mostOfflineSeconds,
      policyHash,
    },
    money: { ...sums, ...amountsInWords(currency, sums), isBalanced },
  };
}

function cycleBody(row: CycleRow, currency: number) {
  const { programme: id, cycle: number, record, envelope, unspent } = row;
  const { state, enrolmentEpoch, lane, count, totalUnits, redeemedUnits, loadedWords, entryBytes } = record;
  const { unitValueMinor, opensAt, spendUntil, postUntil } = record;
  const isIssued = state !== 'loading' && state !== 'cancelled';
  return {
    programme: id,
    cycle: number,
    state,
    enrolmentEpoch,
    lane,
    people: count,
    redeemedUnits,
    issuedUnits: isIssued ? totalUnits : 0n,
    outstandingUnits: outstandingUnits(record),
    expiredUnits: unspent?.step === 'expire' ? unspent.units : 0n,
    reclaimedUnits: unspent?.step === 'reclaim' ? unspent.units : 0n,
    currencyCode: currencyInWords(currency),
    unitValueMinor,
    unitValue: moneyInWords(currency, unitValueMinor),
    opensAt: instantOf(opensAt),
    spendUntil: instantOf(spendUntil),
    postUntil: instantOf(postUntil),
    loadedWords,
    words: wordsOf(count, entryBytes),
    envelope,
  };
}
