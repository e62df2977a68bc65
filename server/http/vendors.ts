/**
 * Vendors, their tills and what they sold, as lists: of an institution's own, for one vendor's till of that vendor alone.
 *
 * A list of redemptions says of each batch how many items counted; the items themselves are at `/redemptions/{id}`.
 */
import { z } from 'zod';
import { instantOf } from '../domain/base/dates.ts';
import { readResults } from '../domain/benefits/redemption.ts';
import { PERMITS } from '../domain/benefits/terms.ts';
import type { BatchRow } from '../store/views/tables.ts';
import type { Views } from '../store/views.ts';
import { cycleParams, vendorId } from './benefits.ts';
import { type LabelBook, labelFor, labelOut, ownLabelOf } from './labels.ts';
import { ownOf } from './programmes.ts';
import { type Principal, type Route, route } from './route.ts';
import { amountOut, instantOut, pageBody, pageQuery } from './shapes.ts';

const standing = z.enum(PERMITS);
const vendorRow = z
  .object({
    vendor: z.string(),
    institution: z.int(),
    standing,
    version: z.int().meta({ description: 'How often it was set' }),
    tills: z.int(),
    redemptions: z.int().meta({ description: 'Batches that were recorded' }),
    label: labelOut,
  })
  .meta({ id: 'Vendor' });
const tillRow = z
  .object({
    till: z.int(),
    standing,
    keyKind: z.string(),
    keyId: z.string(),
    version: z.int(),
    label: labelOut,
  })
  .meta({ id: 'Till' });
const batchRow = z
  .object({
    programme: z.string(),
    cycle: z.int(),
    vendor: z.string(),
    vendorLabel: labelOut,
    till: z.int(),
    tillLabel: labelOut,
    itemsHash: z.string().meta({ description: 'Its id at `/redemptions/{id}`' }),
    units: amountOut.meta({ description: 'Redeemed by its items together' }),
    redeemed: z.int().meta({ description: 'Items that counted' }),
    skipped: z.int().meta({ description: 'Items that did not, each with its reason there' }),
    recordedAt: instantOut,
    blockNumber: amountOut,
  })
  .meta({ id: 'RedemptionBatch' });

export interface VendorDependencies {
  readonly views: Views;
  readonly labels: Pick<LabelBook, 'labelOf'>;
}

export function vendorRoutes({ views, labels }: VendorDependencies): Route[] {
  const { benefits } = views;
  /** What was sold, with what the reader's institution calls its shops and tills. */
  const called = (rows: readonly BatchRow[], reader: Principal) =>
    Promise.all(
      rows.map(async (row) => {
        const [vendorLabel, tillLabel] = await Promise.all([
          ownLabelOf({ labels, views }, row.vendor, reader),
          ownLabelOf({ labels, views }, `${row.vendor}.${row.till}`, reader),
        ]);
        return Object.assign(batchBody(row), { vendorLabel, tillLabel });
      }),
    );
  const ofVendor = { params: z.object({ vendor: vendorId }), query: pageQuery } as const;
  return [
    route({
      method: 'get',
      path: '/vendors',
      roles: ['agency', 'auditor'],
      scope: 'own',
      tag: 'benefits',
      summary: 'Vendors of the caller, or all of them for an auditor',
      query: pageQuery,
      answers: { 200: pageBody(vendorRow) },
      handle: async ({ query, principal }) => {
        const { rows, ...rest } = principal.roles.includes('auditor')
          ? await benefits.vendors(query)
          : await benefits.vendorsOf(ownOf(principal), query);
        const shown = rows.map(async ({ vendor, record: { institution, office, standing: is, version } }) => {
          const [tills, batches] = await Promise.all([
            benefits.tills(vendor, { limit: 1 }),
            benefits.batchesOf(vendor, { limit: 1 }),
          ]);
          return {
            vendor,
            institution,
            standing: is,
            version,
            tills: tills.total,
            redemptions: batches.total,
            ...(await labelFor(labels, principal, { institution, office, id: vendor })),
          };
        });
        return { status: 200, body: { ...rest, rows: await Promise.all(shown) } };
      },
    }),
    route({
      method: 'get',
      path: '/vendors/{vendor}/tills',
      roles: ['vendor', 'agency', 'auditor'],
      scope: 'vendor',
      tag: 'benefits',
      summary: 'Tills of a vendor with the keys they sign with',
      ...ofVendor,
      answers: { 200: pageBody(tillRow) },
      handle: async ({ params: { vendor }, query, principal }) => {
        const { rows, ...rest } = await benefits.tills(vendor, query);
        const of = (await benefits.vendor(vendor))?.record;
        const owner = { institution: of?.institution, office: of?.office };
        const shown = rows.map(async ({ till, record: { standing: is, keyKind, keyId, version } }) => ({
          till,
          standing: is,
          keyKind,
          keyId,
          version,
          ...(await labelFor(labels, principal, Object.assign({ id: `${vendor}.${till}` as const }, owner))),
        }));
        return { status: 200, body: { ...rest, rows: await Promise.all(shown) } };
      },
    }),
    route({
      method: 'get',
      path: '/vendors/{vendor}/redemptions',
      roles: ['vendor', 'agency', 'auditor'],
      scope: 'vendor',
      tag: 'benefits',
      summary: 'What a vendor sold, batch by batch as they were recorded',
      ...ofVendor,
      answers: { 200: pageBody(batchRow) },
      handle: async ({ params, query, principal }) => {
        const { rows, ...rest } = await benefits.batchesOf(params.vendor, query);
        return { status: 200, body: { ...rest, rows: await called(rows, principal) } };
      },
    }),
    route({
      method: 'get',
      path: '/programmes/{programme}/cycles/{cycle}/redemptions',
      roles: ['agency', 'auditor'],
      scope: 'programme',
      tag: 'benefits',
      summary: 'What was sold of a cycle, batch by batch as they were recorded',
      params: cycleParams,
      query: pageQuery,
      answers: { 200: pageBody(batchRow) },
      handle: async ({ params: { programme, cycle }, query, principal }) => {
        const { rows, ...rest } = await benefits.batches(programme, cycle, query);
        return { status: 200, body: { ...rest, rows: await called(rows, principal) } };
      },
    }),
  ];
}

function batchBody({ programme, cycle, vendor, till, itemsHash, units, results, ...at }: BatchRow) {
  const redeemed = readResults(results).filter(({ outcome }) => outcome === 'redeemed').length;
  return {
    programme,
    cycle,
    vendor,
    till,
    itemsHash,
    units,
    redeemed,
    skipped: results.length - redeemed,
    recordedAt: instantOf(at.recordedAt),
    blockNumber: at.blockNumber,
  };
}
