/**
 * One sale, from an empty keypad to its receipt: amount and card in either order, then the card's PIN, then what became of it.
 *
 * Promises: whoever holds the card sees shop, amount and what remains before the PIN is asked; the card and its PIN are
 * forgotten with the sale; a scanner is heard wherever the focus is.
 */

import { refusal } from '../../server/domain/base/refusal.ts';
import { type CardFile, readCard } from '../../server/domain/benefits/cardFile.ts';
import type { QueuedSale } from '../../server/domain/benefits/tillQueue.ts';
import { datum, element, idText, type Voice } from '../page/dom.ts';
import { button, inputField, pinIn } from '../page/forms.ts';
import type { Kept, KeptTill } from './kept.ts';
import type { OpenTill, ReadCard } from './open.ts';
import { form, keypad, unitsIn } from './parts.ts';
import { Found, shownState, whyNodes } from './why.ts';

export interface SaleScreen {
  readonly node: HTMLElement;
  /** The queue has changed: a receipt says what became of its sale. */
  changed(): Promise<void>;
}

/** A scanner types the first letter of a card where the focus happens to be. */
const FIRST_OF_CARD = '{';

export function saleScreen(voice: Voice, kept: Kept, till: KeptTill, open: OpenTill): SaleScreen {
  const node = element('section', { class: 'sale', 'aria-live': 'off' });
  let shown: (() => Promise<void>) | undefined;

  const show = (heading: HTMLElement, ...nodes: readonly Node[]) => {
    shown = undefined;
    heading.setAttribute('tabindex', '-1');
    node.replaceChildren(heading, ...nodes);
  };
  const title = (key: 'till.sale.title' | 'till.pay.title' | 'till.receipt.title') =>
    element('h1', {}, voice.said(key));

  const amountStep = (isFirst: boolean) => {
    const amount = inputField(voice, { name: 'units', label: 'till.amount.label', isOfKeypad: true });
    const code = element('textarea', {
      id: 'card',
      rows: '2',
      dir: 'ltr',
      autocomplete: 'off',
      spellcheck: 'false',
      'aria-describedby': 'card-hint',
    });
    const file = element('input', { id: 'card-file', type: 'file', accept: '.json,application/json' });
    const told = element('p', { role: 'status', class: 'told' });
    let read: ReadCard | undefined;
    const take = async () => {
      const card = cardIn(code.value);
      read = await open.read(card);
      code.value = '';
      told.replaceChildren(voice.said('till.card.read', { count: read.entry.units }));
    };
    const work = async () => {
      if (code.value.trim() !== '') await take();
      if (read === undefined) {
        code.focus();
        throw new Found('till.card.missing');
      }
      if (amount.input.value.trim() === '') {
        amount.input.focus();
        return;
      }
      payStep(read, unitsIn(amount.input.value));
    };
    const made = form(
      voice,
      [
        amount.node,
        keypad(voice, amount.input),
        told,
        element(
          'div',
          { class: 'field' },
          element('label', { for: 'card' }, voice.said('till.card.label')),
          element('span', { id: 'card-hint', class: 'hint' }, voice.said('till.card.hint')),
          code,
        ),
        element(
          'details',
          {},
          element('summary', {}, voice.said('till.card.other')),
          element(
            'p',
            { class: 'field' },
            element('label', { for: 'card-file' }, voice.said('till.card.file')),
            file,
          ),
        ),
      ],
      [button(voice, 'till.sale.next', undefined)],
      work,
    );
    // What was scanned or pasted is whole: nobody has to press anything.
    const isWhole = () => {
      if (isJson(code.value)) made.requestSubmit();
    };
    code.addEventListener('input', isWhole);
    file.addEventListener('change', () => {
      void file.files?.[0]?.text().then((text) => {
        code.value = text;
        made.requestSubmit();
      });
    });
    made.addEventListener('keydown', (event) => {
      const isElsewhere = event.key === FIRST_OF_CARD && event.target !== code;
      if (!isElsewhere) return;
      event.preventDefault();
      code.value = FIRST_OF_CARD;
      code.focus();
    });
    const heading = title('till.sale.title');
    show(heading, made);
    if (!isFirst) amount.input.focus();
  };

  const payStep = (read: ReadCard, units: number) => {
    const { entry, unitValue, unrecordedUnits } = read;
    if (units > entry.units) throw refusal('purchase-exceeds-remaining', { units, remaining: entry.units });
    const { minor, currency, decimals } = unitValue;
    const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
    const money = voice.speaker.number(Number(minor * BigInt(units)) / 10 ** decimals, digits);
    const pin = inputField(voice, {
      name: 'card-pin',
      label: 'till.pay.pin',
      type: 'password',
      isOfKeypad: true,
    });
    const pay = async () => {
      if (pin.input.value === '') throw new Found('till.pay.noPin');
      const entered = pinIn(pin.input.value);
      pin.input.value = '';
      const signature = await open.sell(read, units, entered).catch((error: unknown) => {
        pin.input.focus();
        throw error;
      });
      await receiptStep(signature);
      void open.post();
    };
    const heading = title('till.pay.title');
    show(
      heading,
      element('p', { class: 'lead' }, voice.said('till.pay.amount', { count: units })),
      element('p', {}, voice.said('till.pay.worth', { money: `${currency} ${money}` })),
      element('p', {}, voice.said('till.pay.left', { now: entry.units, after: entry.units - units })),
      ...(unrecordedUnits > 0
        ? [element('p', { class: 'hint' }, voice.said('till.pay.unrecorded', { now: unrecordedUnits }))]
        : []),
      element('p', { class: 'hint' }, voice.said('till.pay.shop'), element('span', {}, shopNode(till, open))),
      form(
        voice,
        [pin.node, keypad(voice, pin.input)],
        [
          button(voice, 'till.pay.button', undefined, { count: units }),
          button(voice, 'till.pay.cancel', () => amountStep(false)),
        ],
        pay,
      ),
    );
    pin.input.focus();
  };

  const receiptStep = async (signature: string) => {
    const state = element('div', { role: 'status' });
    const details = element('div');
    const heading = title('till.receipt.title');
    show(
      heading,
      state,
      details,
      element(
        'p',
        { class: 'buttons' },
        button(voice, 'till.receipt.next', () => amountStep(false)),
        button(voice, 'till.receipt.print', () => print()),
      ),
    );
    let last: string | undefined;
    shown = async () => {
      const sale = (await kept.queue()).sales.find((one) => one.signature === signature);
      if (sale === undefined) return;
      const stopped = sale.state === 'posting' ? open.stopped() : undefined;
      const now = `${sale.state} ${stopped}`;
      if (now === last) return;
      last = now;
      state.replaceChildren(...stateNodes(voice, sale, stopped));
      details.replaceChildren(...receiptNodes(voice, sale, till, open));
    };
    await shown();
    heading.focus();
  };

  amountStep(true);
  return {
    node,
    changed: async () => {
      await shown?.();
    },
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A code may have been written without the white space of the file. */
function cardIn(text: string): CardFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw refusal('card-file-malformed');
  }
  return readCard(`${JSON.stringify(json, undefined, 2)}\n`);
}

/** As its agency calls it; the beginning and end of its id where it calls it nothing. */
function shopNode({ vendor }: KeptTill, open: OpenTill): HTMLElement {
  const name = open.name();
  return name === undefined ? idText(shortOf(vendor)) : datum(name);
}

const shortOf = (id: string): string => `${id.slice(0, 10)}…${id.slice(-4)}`;

/** `stopped`: the gateway's reason why it waits. */
function stateNodes(voice: Voice, sale: QueuedSale, stopped: string | undefined): readonly Node[] {
  const state = shownState(sale);
  const isBad = state === 'refused' || state === 'expired';
  const said = element(
    'p',
    { class: ['lead', ...(isBad ? ['warn'] : state === 'final' ? ['good'] : [])].join(' ') },
    voice.said(`till.state.${state}`),
  );
  const { code = '' } = sale;
  const why =
    state === 'refused' || state === 'expired'
      ? whyNodes(voice, code)
      : stopped === undefined
        ? [element('span', {}, voice.said(`till.means.${state}`))]
        : whyNodes(voice, stopped, 'till.why.waits');
  return [said, element('p', {}, ...why)];
}

function receiptNodes(voice: Voice, { asked }: QueuedSale, of: KeptTill, open: OpenTill): readonly Node[] {
  const { units, remainingBefore, soldAt } = asked;
  const rows = [
    ['till.receipt.units', datum(voice.speaker.number(units))],
    ['till.receipt.left', datum(voice.speaker.number(remainingBefore - units))],
    ['till.receipt.at', datum(voice.speaker.moment(new Date(soldAt * 1_000).toISOString()))],
    ['till.shop', shopNode(of, open)],
    ...(open.name() === undefined ? [] : [['till.shopId', idText(shortOf(of.vendor))] as const]),
    ['till.number', datum(voice.speaker.number(of.till))],
  ] as const;
  return [
    element(
      'dl',
      {},
      ...rows.map(([label, value]) =>
        element('div', {}, element('dt', {}, voice.said(label)), element('dd', {}, value)),
      ),
    ),
  ];
}
