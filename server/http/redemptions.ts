/**
 * The routes of a till: to send a batch of sales, to see what became of each, and the vendor's account.
 *
 * A batch is the ledger's own words with the till's signature; the gateway adds nothing to it and can change nothing.
 */
import { z } from 'zod';
import type { Commit } from '../acts/commit.ts';
import type { Redeemed, Redemptions } from '../desk/redemptions.ts';
import { instantOf } from '../domain/base/dates.ts';
import { type Bytes32, parseHex } from '../domain/base/hex.ts';
import { refusals } from '../domain/base/refusal.ts';
import { type CycleId, MAX_BATCH_ITEMS, type TillId } from '../domain/benefits/terms.ts';
import type { Views } from '../store/views.ts';
import { type Operation, operation, operationBody, ownerOf } from './acts.ts';
import { programmeId, vendorId } from './benefits.ts';
import { type LabelBook, labelOut, ownLabelOf } from './labels.ts';
import { type Answer, type Principal, type Route, route } from './route.ts';
import {
  amountOut,
  bytes32,
  compactSignature,
  currencyCode,
  instantOut,
  lastMoment,
  moment,
  moneyOut,
  pageBody,
  pageQuery,
} from './shapes.ts';

/** An item of a P-256 card has six words. */
const MOST_WORDS = 6 * MAX_BATCH_ITEMS;
/** The largest batch is 220 KB of words; the rest of the body is small. */
const BATCH_LIMIT_BYTES = 512 * 1024;

export interface RedemptionDependencies {
  readonly commit: Commit;
  readonly redemptions: Redemptions;
  readonly labels: Pick<LabelBook, 'labelOf'>;
  readonly views: Views;
}

const number32 = z
  .int()
  .min(1)
  .max(2 ** 32 - 1);

const batch = z.strictObject({
  programme: programmeId,
  cycle: number32.transform((number) => number as CycleId).meta({ type: 'integer' }),
  vendor: vendorId,
  till: number32.transform((number) => number as TillId).meta({ type: 'integer' }),
  count: z.int().min(1).max(MAX_BATCH_ITEMS),
  offlineSince: moment.default(0n).meta({ description: 'From when the till had no contact; 0: it had' }),
  deadline: lastMoment,
  items: z
    .array(bytes32())
    .min(1)
    .max(MOST_WORDS)
    .meta({ description: 'Packed words, as docs/ledger-format.md says' }),
  signature: compactSignature.meta({ description: "The till's" }),
});

const item = z.object({
  index: z.int(),
  units: z.int(),
  outcome: z.string().meta({ description: '`redeemed`, or the code of the reason why not' }),
  remedy: z.string().optional(),
  kind: z.string(),
  cardEpoch: z.int(),
  remainingBefore: z.int(),
  sequence: z.int(),
  soldAt: instantOut,
});

const redemption = z
  .object({
    operation: operation.optional(),
    isFinal: z.boolean(),
    batches: z.array(
      z.object({
        programme: z.string(),
        cycle: z.int(),
        vendor: z.string(),
        till: z.int(),
        itemsHash: z.string(),
        units: amountOut,
        transactionHash: z.string(),
        blockNumber: z.string(),
        recordedAt: instantOut,
        items: z.array(item),
      }),
    ),
  })
  .meta({ id: 'Redemption' });

const accountLine = z.object({
  programme: z.string(),
  programmeLabel: labelOut,
  cycle: z.int(),
  creditedMinor: amountOut,
  clawedBackMinor: amountOut,
  disputedMinor: amountOut,
  settledMinor: amountOut,
  returnedMinor: amountOut,
  payableMinor: amountOut,
  waitingMinor: amountOut,
  currencyCode,
  credited: moneyOut,
  clawedBack: moneyOut,
  disputed: moneyOut,
  settled: moneyOut,
  returned: moneyOut,
  payable: moneyOut,
  waiting: moneyOut,
});

export function redemptionRoutes({ commit, redemptions, labels, views }: RedemptionDependencies): Route[] {
  return [
    route({
      method: 'post',
      path: '/redemptions',
      roles: ['vendor'],
      scope: 'sale',
      tag: 'benefits',
      summary: "Sends a till's batch; one that would redeem nothing is refused with every item's reason",
      body: batch,
      bodyLimitBytes: BATCH_LIMIT_BYTES,
      answers: { 200: redemption, 202: redemption },
      handle: async ({ body, principal, claim, waitSeconds }) => {
        const { id } = await redemptions.post(ownerOf(principal), claim, body);
        if (waitSeconds > 0) await commit.waitFor(id, waitSeconds);
        return answerOf(await redemptions.ofOperation(principal, id), `/redemptions/${id}`);
      },
    }),
    route({
      method: 'get',
      path: '/redemptions/{id}',
      roles: ['vendor', 'agency'],
      scope: 'redemption',
      tag: 'benefits',
      summary: 'What became of each item: by the operation of a batch, or by the hash of its items',
      params: z.object({ id: z.union([z.uuid(), bytes32()]) }),
      answers: { 200: redemption, 202: redemption },
      handle: async ({ params, principal, waitSeconds }) =>
        answerOf(await found(params.id, principal, waitSeconds), `/redemptions/${params.id}`),
    }),
    route({
      method: 'get',
      path: '/vendors/{vendor}/account',
      roles: ['vendor', 'agency'],
      scope: 'vendor',
      tag: 'benefits',
      summary: 'What a vendor earned in each cycle, and what of it can be paid now',
      params: z.object({ vendor: vendorId }),
      query: pageQuery,
      answers: {
        200: pageBody(accountLine).extend({ vendor: z.string(), standing: z.string(), label: labelOut }),
      },
      handle: async ({ params, principal, query }) => {
        const account = await redemptions.account(principal, params.vendor, query);
        const { vendor, standing, total, rows, next } = account;
        const called = await Promise.all(
          rows.map(async (row) =>
            Object.assign({}, row, {
              programmeLabel: await ownLabelOf({ labels, views }, row.programme, principal),
            }),
          ),
        );
        const label = await ownLabelOf({ labels, views }, vendor, principal);
        return { status: 200, body: { vendor, standing, label, total, rows: called, next } };
      },
    }),
  ];

  async function found(id: string, principal: Principal, waitSeconds: number): Promise<Redeemed> {
    const itemsHash = parseHex(id, 32);
    if (itemsHash !== undefined) return redemptions.ofItems(principal, itemsHash as Bytes32);
    const operationId = id as Operation['id'];
    if (waitSeconds > 0) await commit.waitFor(operationId, waitSeconds);
    return redemptions.ofOperation(principal, operationId);
  }
}

function answerOf({ operation: carrier, batches }: Redeemed, Location: string): Answer {
  const isFinal = batches.length > 0;
  const isOver = isFinal || ['REFUSED', 'REVERTED', 'SUPERSEDED'].includes(carrier?.state ?? '');
  const shown = batches.map(({ items, recordedAt, ...row }) => ({
    ...row,
    recordedAt: instantOf(recordedAt),
    items: items.map(({ soldAt, ...one }) => ({
      ...one,
      soldAt: instantOf(soldAt),
      remedy: remedyOf(one.outcome),
    })),
  }));
  return {
    status: isOver ? 200 : 202,
    body: { operation: carrier && operationBody(carrier), isFinal, batches: shown },
    headers: { Location },
  };
}

function remedyOf(outcome: Redeemed['batches'][number]['items'][number]['outcome']): string | undefined {
  return outcome === 'redeemed' ? undefined : refusals[outcome].remedy;
}
