/**
 * What an institution calls its own programmes, shops, tills and officers, so that its people find `Shop 12 at the market`.
 *
 * Promises: a label is for the institution that wrote it, in the office of what it is about where somebody works for one,
 * and for nobody else, auditors neither; it is on no ledger and in no
 * certificate. Whose a vendor or an officer is, the ledger says (`scope.ts`).
 */
import { z } from 'zod';
import { cursorOf, placeOfCursor } from '../domain/base/cursor.ts';
import type { Bytes32 } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import type { Labelled, VendorId } from '../domain/base/terms.ts';
import type { TillId } from '../domain/benefits/terms.ts';
import type { Views } from '../store/views.ts';
import { type Principal, type Route, route } from './route.ts';
import { isOwnLabelled, isOwnOffice } from './scope.ts';
import { written } from './shapeProblem.ts';
import { cursor, nameText, pageBody, wholeText } from './shapes.ts';

/** An institution's labels; nobody else's. */
export interface LabelBook {
  put(institution: number, labelled: Labelled, label: string): Promise<void>;
  remove(institution: number, labelled: Labelled): Promise<boolean>;
  labelOf(institution: number, labelled: Labelled): Promise<string | undefined>;
  found(institution: number, words?: string): Promise<readonly (readonly [Labelled, string])[]>;
}

export interface LabelDependencies {
  readonly labels: LabelBook;
  readonly views: Views;
}

const LABEL_MAX = 80;
const PAGE = 50;
const PAGE_MAX = 500;
/** Who works with them. */
const KEEPERS = ['agency', 'registrar', 'member'] as const;

const labelled = z
  .string()
  .regex(
    /^0x[0-9a-f]{64}(?:\.[1-9]\d{0,9})?$/,
    written(
      'the id of a programme, a vendor or an officer, or of a till its vendor with its number',
      `0x${'4b75'.repeat(16)}.1`,
    ),
  )
  .transform((text) => text as Labelled)
  .meta({
    type: 'string',
    description:
      'Id of a programme, a vendor or an officer; of a till that of its vendor, a point and its number',
  });
const label = nameText(LABEL_MAX).meta({
  type: 'string',
  description:
    'Where it is and what it does, as `Shop 12 at the market`; nothing about a person who need not be known',
});
/** In the rows of what may have one. */
export const labelOut = z
  .string()
  .optional()
  .meta({ description: 'What the own institution calls it; see `/labels`' });
const labelRow = z
  .object({ id: z.string().meta({ description: 'As in its address' }), label: z.string() })
  .meta({ id: 'Label' });

export function labelRoutes({ labels, views }: LabelDependencies): Route[] {
  const params = z.object({ labelled });
  return [
    route({
      method: 'get',
      path: '/labels',
      roles: KEEPERS,
      scope: 'own',
      tag: 'operations',
      summary:
        'What the own institution calls its programmes, vendors, tills and officers, found by words; those of its office for who works for one',
      query: z.object({
        after: cursor.optional(),
        limit: wholeText(1, PAGE_MAX).default(PAGE),
        label: nameText(LABEL_MAX).optional().meta({ type: 'string', description: 'A part of the label' }),
      }),
      answers: { 200: pageBody(labelRow) },
      handle: async ({ query, principal }) => {
        const all = await labels.found(principal.institution, query.label);
        const found = await ofOffice(views, all, principal);
        const behind = query.after === undefined ? undefined : placeOfCursor(query.after);
        const last = found.findIndex(([id]) => id === behind); // a label that was taken away is no place in the list
        if (query.after !== undefined && last === -1) {
          throw refusal('cursor-unknown', undefined, { field: '/query/after' });
        }
        const rest = found.slice(last + 1);
        const rows = rest.slice(0, query.limit).map(([id, words]) => ({ id, label: words }));
        const shown = rows.at(-1)?.id;
        const next = rest.length > rows.length && shown !== undefined ? cursorOf(shown) : undefined;
        return { status: 200, body: { total: found.length, rows, next } };
      },
    }),
    route({
      method: 'put',
      path: '/labels/{labelled}',
      roles: KEEPERS,
      scope: 'labelled',
      tag: 'operations',
      summary:
        'Says what the own institution calls a programme, a vendor, a till or an officer of its own; the ledger is told nothing',
      params,
      body: z.strictObject({ label }),
      answers: { 200: labelRow },
      handle: async ({ params: { labelled: id }, body, principal }) => {
        const [vendor, till] = id.split('.');
        if (till !== undefined && !(await isTill(views, vendor as VendorId, Number(till)))) {
          throw refusal('nothing-recorded-of');
        }
        await labels.put(principal.institution, id, body.label);
        return { status: 200, body: { id, label: body.label } };
      },
    }),
    route({
      method: 'delete',
      path: '/labels/{labelled}',
      roles: KEEPERS,
      scope: 'labelled',
      tag: 'operations',
      summary: 'Takes a label away',
      params,
      answers: { 200: z.object({ removed: z.boolean() }) },
      handle: async ({ params: { labelled: id }, principal }) => ({
        status: 200,
        body: { removed: await labels.remove(principal.institution, id) },
      }),
    }),
  ];
}

/** All of an institution's are its own; of one office those that it has are told from the others, each by whose it is. */
async function ofOffice<T extends readonly [Labelled, string]>(
  views: Views,
  all: readonly T[],
  principal: Principal,
): Promise<readonly T[]> {
  if (principal.office === undefined) return all;
  const isOwn = await Promise.all(all.map(([id]) => isOwnLabelled(views, id, principal)));
  return all.filter((_, i) => isOwn[i]);
}

async function isTill(views: Views, vendor: VendorId, till: number): Promise<boolean> {
  return (await views.benefits.till(vendor, till as TillId)) !== undefined;
}

/** Of whoever reads: undefined where the row is another institution's or another office's, or has none. */
export async function labelFor(
  labels: Pick<LabelBook, 'labelOf'>,
  reader: Principal,
  of: {
    readonly institution: number | undefined;
    readonly office: number | undefined;
    readonly id: Bytes32 | Labelled;
  },
): Promise<{ readonly label?: string }> {
  if (!isOwnOffice(of, reader)) return {};
  const words = await labels.labelOf(reader.institution, of.id);
  return words === undefined ? {} : { label: words };
}

/** The same of something whose office is to be looked up: a programme, a vendor, a till as `vendor.1`, an officer. */
export async function ownLabelOf(
  { labels, views }: { readonly labels: Pick<LabelBook, 'labelOf'>; readonly views: Views },
  id: Bytes32 | Labelled,
  reader: Principal,
): Promise<string | undefined> {
  const words = await labels.labelOf(reader.institution, id);
  return words !== undefined && (await isOwnLabelled(views, id, reader)) ? words : undefined;
}
