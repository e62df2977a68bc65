/** Shops: all of an institution's, one with its tills and what it earned, and what was sold in a cycle, batch by batch. */
import { datum, element, english, gap, idText, pair, type Voice } from '../page/dom.ts';
import { ask } from './ask.ts';
import { opened } from './ending.ts';
import { figure, listed, money, pagedTable, wholeList } from './lists.ts';
import { type Context, link, moment, type Shown, section, shortOf } from './parts.ts';
import { nameOf, placeOf } from './programmes.ts';

interface Vendor {
  readonly vendor: string;
  readonly standing: string;
  readonly tills: number;
  readonly redemptions: number;
  readonly label?: string;
}

interface Till {
  readonly till: number;
  readonly standing: string;
  readonly label?: string;
}

export interface AccountLine {
  readonly programme: string;
  readonly programmeLabel?: string;
  readonly cycle: number;
  readonly payableMinor: string;
  readonly credited: string;
  readonly settled: string;
  readonly waiting: string;
  readonly payable: string;
}

interface Batch {
  readonly vendor: string;
  readonly vendorLabel?: string;
  readonly till: number;
  readonly itemsHash: string;
  readonly units: string;
  readonly redeemed: number;
  readonly skipped: number;
  readonly recordedAt: string;
}

interface Item {
  readonly index: number;
  readonly units: number;
  readonly outcome: string;
  readonly remedy?: string;
}

/** As many as the gateway gives at once. */
const TILLS_AT_ONCE = 200;

const LABELS_AT_ONCE = 500;

/** What people call a shop, or the ends of its id. */
export const shopNode = (vendor: string, label: string | undefined): HTMLElement =>
  label === undefined ? idText(shortOf(vendor)) : datum(label);

/** What the reader's institution calls it; an auditor has no names of others. */
export async function shopLabel({ isIn }: Context, vendor: string): Promise<string | undefined> {
  if (!isIn('agency')) return undefined;
  const labels = await wholeList<{ readonly id: string; readonly label: string }>('/labels', {
    limit: `${LABELS_AT_ONCE}`,
  });
  return labels.find(({ id }) => id === vendor)?.label;
}

/** What a shop earned, cycle by cycle. */
export const accountPlace = (vendor: string): string => `/vendors/${encodeURIComponent(vendor)}/account`;

export async function vendorsPage(context: Context): Promise<Shown> {
  const { voice, to, path } = context;
  const [vendor = ''] = path;
  if (vendor !== '') return vendorPage(context, vendor);
  return {
    title: 'vendors.title',
    nodes: [
      context.isIn('agency') &&
        element('p', { class: 'ways' }, link(to('begin', 'vendor'), voice.said('begin.vendor'))),
      await listed<Vendor>(context, '/vendors', {
        caption: 'vendors.caption',
        count: 'vendors.count',
        none: 'vendors.none',
        columns: [
          {
            head: 'vendors.vendor',
            cell: (one) => link(to('vendors', one.vendor), shopNode(one.vendor, one.label)),
          },
          { head: 'aid.standing', cell: ({ standing }) => voice.term('permit', standing) },
          { head: 'vendors.tills', cell: ({ tills }) => figure(voice, tills) },
          { head: 'vendors.batches', cell: ({ redemptions }) => figure(voice, redemptions) },
        ],
      }),
    ],
  };
}

async function vendorPage(context: Context, vendor: string): Promise<Shown> {
  const { voice, isIn, to } = context;
  const place = `/vendors/${encodeURIComponent(vendor)}`;
  const tills = await wholeList<Till>(`${place}/tills`, { limit: `${TILLS_AT_ONCE}` });
  return {
    title: 'vendors.one',
    nodes: [
      element('p', { class: 'lead' }, shopNode(vendor, await shopLabel(context, vendor))),
      element('dl', {}, pair(voice, 'aid.id', idText(vendor))),
      isIn('agency') &&
        element(
          'p',
          { class: 'ways' },
          link(to('begin', 'till', vendor), voice.said('begin.till')),
          gap(),
          link(to('begin', 'standing', vendor), voice.said('begin.standing')),
        ),
      section(voice, 'vendors.tills', tillsNode(voice, tills)),
      // An auditor reads what a shop earned in the entries.
      isIn('agency') && section(voice, 'vendors.account', await accountNode(context, vendor)),
    ],
  };
}

function tillsNode(voice: Voice, tills: readonly Till[]): HTMLElement {
  if (tills.length === 0) return element('p', {}, voice.said('vendors.noTill'));
  return pagedTable<Till>(
    voice,
    'vendors.tillsCaption',
    [
      { head: 'vendors.till', cell: ({ till }) => figure(voice, till) },
      { head: 'vendors.label', cell: ({ label }) => label !== undefined && datum(label) },
      { head: 'aid.standing', cell: ({ standing }) => voice.term('permit', standing) },
    ],
    tills,
  );
}

function accountNode(context: Context, vendor: string): Promise<HTMLElement> {
  const { voice, to } = context;
  return listed<AccountLine>(context, accountPlace(vendor), {
    caption: 'vendors.accountCaption',
    count: 'aid.cyclesCount',
    none: 'vendors.nothingEarned',
    columns: [
      {
        head: 'aid.programme',
        cell: ({ programme, programmeLabel }) =>
          nameOf(programmeLabel === undefined ? { programme } : { programme, label: programmeLabel }),
      },
      { head: 'aid.cycle', cell: ({ cycle }) => figure(voice, cycle) },
      { head: 'vendors.credited', cell: ({ credited }) => money(voice, credited) },
      { head: 'vendors.settled', cell: ({ settled }) => money(voice, settled) },
      { head: 'vendors.waiting', cell: ({ waiting }) => money(voice, waiting) },
      { head: 'vendors.payable', cell: ({ payable }) => money(voice, payable) },
      {
        head: 'vendors.settle',
        cell: ({ programme, cycle, payableMinor }) =>
          payableMinor === '0'
            ? voice.said('vendors.nothingPayable')
            : link(to('orders', 'settle', programme, `${cycle}`, vendor), voice.said('order.settle')),
      },
    ],
  });
}

/** Batches of a cycle, and of one of them every item with what became of it. */
export async function redemptionsPage(
  context: Context,
  {
    programme,
    cycle,
    batch,
  }: { readonly programme: string; readonly cycle: string; readonly batch: string | undefined },
): Promise<Shown> {
  const { voice, to } = context;
  const at = (...parts: readonly string[]) => to('programmes', programme, 'cycles', cycle, ...parts);
  const back = element('p', {}, link(at(), voice.said('aid.cycleNumber', { number: cycle })));
  if (batch !== undefined)
    return { title: 'redemptions.batch', nodes: [back, await itemsNode(voice, batch)] };
  const place = `${placeOf(programme)}/cycles/${encodeURIComponent(cycle)}/redemptions`;
  const isOpened = context.isIn('agency');
  return {
    title: 'redemptions.title',
    nodes: [
      back,
      await listed<Batch>(context, place, {
        caption: 'redemptions.caption',
        count: 'redemptions.count',
        none: 'redemptions.none',
        columns: [
          {
            head: 'redemptions.when',
            cell: ({ itemsHash, recordedAt }) =>
              isOpened
                ? link(at('redemptions', itemsHash), moment(voice, recordedAt))
                : moment(voice, recordedAt),
          },
          {
            head: 'vendors.vendor',
            cell: ({ vendor, vendorLabel }) => link(to('vendors', vendor), shopNode(vendor, vendorLabel)),
          },
          { head: 'vendors.till', cell: ({ till }) => figure(voice, till) },
          { head: 'redemptions.units', cell: ({ units }) => figure(voice, units) },
          { head: 'redemptions.paid', cell: ({ redeemed }) => figure(voice, redeemed) },
          { head: 'redemptions.notPaid', cell: ({ skipped }) => figure(voice, skipped) },
        ],
      }),
    ],
  };
}

async function itemsNode(voice: Voice, batch: string): Promise<HTMLElement> {
  const { batches } = await ask<{ readonly batches: readonly { readonly items: readonly Item[] }[] }>(
    `/redemptions/${encodeURIComponent(batch)}`,
  );
  const items = batches.flatMap(({ items: some }) => some);
  // What each of them bought: it is of people, whoever they are.
  const whole = element(
    'div',
    {},
    element('p', {}, voice.said('redemptions.items', { count: items.length })),
    pagedTable<Item>(
      voice,
      'redemptions.itemsCaption',
      [
        { head: 'cycle.index', cell: ({ index }) => figure(voice, index) },
        { head: 'redemptions.units', cell: ({ units }) => figure(voice, units) },
        {
          head: 'redemptions.outcome',
          cell: ({ outcome, remedy }) =>
            element('div', {}, voice.term('outcome', outcome), remedy !== undefined && english(remedy)),
        },
      ],
      items,
    ),
  );
  return opened(whole);
}
