/** Preparing an act of aid: a pause, the end of one, money that moves. Each leads to the act, which two officers sign. */
import { type Child, element, idText, pair, type Voice } from '../page/dom.ts';
import type { Values } from '../page/forms.ts';
import { decimalsOf, type Key } from '../page/words.ts';
import { ask } from './ask.ts';
import { money, wholeList } from './lists.ts';
import { Mistake } from './mistake.ts';
import { type Context, choice, field, type Shown, tick } from './parts.ts';
import { preparingForm } from './preparing.ts';
import { nameOf, type Programme, placeOf } from './programmes.ts';
import { dayIn, minorIn } from './typed.ts';
import { type AccountLine, accountPlace, shopLabel, shopNode } from './vendors.ts';

/** What the address names, and the programme as it stands. */
interface About {
  readonly programme: Programme;
  readonly cycle: number;
  readonly vendor: string;
  readonly decimals: number;
}

interface Order {
  readonly title: Key;
  readonly text: Key;
  readonly collection: string;
  fields(voice: Voice, about: About): readonly Child[];
  decide(values: Values, about: About): object;
}

const FUNDS_MOVES = ['fund', 'reuse-expired', 'reuse-reclaimed', 'defund'] as const;

const STEPS = ['cancel', 'end-early', 'expire', 'reclaim', 'close'] as const;

const ORDERS: Readonly<Record<string, Order>> = {
  pause: {
    title: 'order.pause',
    text: 'order.pauseText',
    collection: 'pauses',
    fields: (voice) => [dayField(voice, 'until', 'order.pausedUntil'), tick(voice, 'byTwo', 'order.byTwo')],
    decide: ({ until, byTwo }, { programme: { programme } }) => ({
      programme,
      pausedUntil: dayIn(until),
      byTwoInstitutions: byTwo !== undefined,
    }),
  },
  resume: {
    title: 'order.resume',
    text: 'order.resumeText',
    collection: 'resumptions',
    fields: () => [],
    decide: (_, { programme: { programme } }) => ({ programme }),
  },
  fund: {
    title: 'order.fund',
    text: 'order.fundText',
    collection: 'funds',
    fields: (voice, { programme: { currencyCode } }) => [
      choice(voice, 'move', 'order.move', FUNDS_MOVES),
      field(voice, {
        name: 'amount',
        label: 'order.amount',
        labelValues: { currency: currencyCode },
        inputMode: 'decimal',
        isRequired: true,
      }),
      field(voice, { name: 'source', label: 'order.source', hint: 'order.sourceHint' }),
    ],
    decide: ({ move = '', amount, source = '' }, { programme: { programme }, decimals }) => {
      if (move === '') throw new Mistake('order.noMove');
      const written = source.trim();
      const facts = written === '' ? {} : { source: [{ path: 'source', value: written }] };
      return Object.assign({ programme, move, amountMinor: minorIn(amount, decimals) }, facts);
    },
  },
  step: {
    title: 'order.step',
    text: 'order.stepText',
    collection: 'cycle-steps',
    fields: (voice) => [
      choice(voice, 'step', 'order.whichStep', STEPS),
      field(voice, { name: 'endsAt', label: 'order.endsAt', hint: 'day.hint' }),
    ],
    decide: ({ step = '', endsAt = '' }, { programme: { programme }, cycle }) => {
      if (step === '') throw new Mistake('order.noStep');
      return Object.assign({ programme, cycle, step }, step === 'end-early' && { endsAt: dayIn(endsAt) });
    },
  },
  settle: {
    title: 'order.settle',
    text: 'order.settleText',
    collection: 'settlements',
    fields: (voice) => [
      field(voice, { name: 'statement', label: 'order.statement', hint: 'order.statementHint' }),
    ],
    decide: ({ statement = '' }, { programme: { programme }, cycle, vendor }) => {
      const written = statement.trim();
      const facts = written === '' ? {} : { statement: [{ path: 'statement', value: written }] };
      return Object.assign({ programme, cycle, vendor }, facts);
    },
  },
};

export async function ordersPage(context: Context): Promise<Shown> {
  const { voice, path } = context;
  const [what = '', id = '', cycle = '0', vendor = ''] = path;
  const order = Object.hasOwn(ORDERS, what) ? ORDERS[what] : undefined;
  if (order === undefined || id === '') {
    return { title: 'missing.title', nodes: [element('p', {}, voice.said('missing.text'))] };
  }
  const programme = await ask<Programme>(placeOf(id));
  const about: About = {
    programme,
    cycle: Number(cycle),
    vendor,
    decimals: decimalsOf(programme.money.funded),
  };
  return {
    title: order.title,
    nodes: [
      element('p', { class: 'lead' }, nameOf(programme)),
      about.cycle > 0 && element('p', {}, voice.said('aid.cycleNumber', { number: `${about.cycle}` })),
      vendor !== '' && (await shopNodes(context, about)),
      element('p', {}, voice.said(order.text)),
      await preparingForm(context, {
        collection: order.collection,
        role: 'aid-preparer',
        office: programme.office,
        nodes: order.fields(voice, about),
        decide: (values) => order.decide(values, about),
      }),
    ],
  };
}

/** Whom an act pays, and what it can be paid now: an officer signs for neither by the end of an address. */
async function shopNodes(context: Context, { programme, cycle, vendor }: About): Promise<HTMLElement> {
  const { voice } = context;
  const [label, account] = await Promise.all([
    shopLabel(context, vendor),
    wholeList<AccountLine>(accountPlace(vendor), {}),
  ]);
  const line = account.find((one) => one.programme === programme.programme && one.cycle === cycle);
  return element(
    'dl',
    {},
    pair(voice, 'vendors.vendor', shopNode(vendor, label)),
    pair(voice, 'aid.id', idText(vendor)),
    ...(line === undefined ? [] : [pair(voice, 'vendors.payable', money(voice, line.payable))]),
  );
}

/** A day is typed as the ledger's days are written, in any digits: no calendar of the browser speaks the reader's language. */
export const dayField = (voice: Voice, name: string, label: Key, hint: Key = 'day.hint'): HTMLElement =>
  field(voice, { name, label, hint, isRequired: true });
