/** What this till sold: what the shop risks, what it is owed, what is final, each sale with its state, and the ways out. */
import { isOver, type Queue, type QueuedSale } from '../../server/domain/benefits/tillQueue.ts';
import { datum, element, idText, type Voice } from '../page/dom.ts';
import { button, keepFile, troubleNode } from '../page/forms.ts';
import type { Kept, KeptTill } from './kept.ts';
import type { Account, OpenTill } from './open.ts';
import { sayWrong } from './parts.ts';
import { Found, type ShownState, shownState, whyNodes } from './why.ts';

/** Of the sales of this till that are over, as many are shown as one looks back at. */
const SHOWN_MAX = 50;

export interface OutboxScreen {
  readonly node: HTMLElement;
  changed(): Promise<void>;
}

export function outboxScreen(
  voice: Voice,
  kept: Kept,
  till: KeptTill,
  open: OpenTill,
  leave: () => void,
): OutboxScreen {
  const trouble = troubleNode();
  const figures = element('dl', { class: 'figures' });
  const list = element('ul', { class: 'sales' });
  const account = element('div');
  const status = element('p', { role: 'status' });
  const run = (work: () => Promise<void>) => () => {
    trouble.replaceChildren();
    void work().catch((error: unknown) => sayWrong(voice, trouble, error));
  };
  const clear = async () => {
    if (!(await kept.clear())) {
      const waiting = (await kept.queue()).sales.filter((sale) => !isOver(sale)).length;
      throw new Found('till.clear.waiting', { count: waiting });
    }
  };
  const node = element(
    'section',
    { class: 'outbox' },
    element('h2', {}, voice.said('till.outbox.title')),
    trouble,
    figures,
    status,
    list,
    element(
      'p',
      { class: 'buttons' },
      button(
        voice,
        'till.outbox.send',
        run(async () => {
          await open.post();
          await showAccount();
        }),
      ),
      button(
        voice,
        'till.outbox.file',
        run(async () => keepFile('kudurru-till-queue.json', await open.asFile())),
      ),
      button(voice, 'till.outbox.lock', leave),
    ),
    element('details', {}, element('summary', {}, voice.said('till.account.title')), account),
    element(
      'details',
      {},
      element('summary', {}, voice.said('till.clear.title')),
      element('p', {}, voice.said('till.clear.text')),
      element(
        'p',
        { class: 'buttons' },
        button(voice, 'till.waiting.file', () => keepFile('kudurru-till.json', till.record)),
        button(voice, 'till.clear.button', run(clear)),
      ),
    ),
  );
  const showAccount = async () => {
    account.replaceChildren(...accountNodes(voice, await open.account()));
  };
  const changed = async () => {
    const queue = await kept.queue();
    figures.replaceChildren(...figureNodes(voice, queue));
    const sales = queue.sales.slice(-SHOWN_MAX).reverse();
    list.replaceChildren(...sales.map((sale) => saleNode(voice, sale)));
    const code = open.stopped();
    const why = code === undefined ? [] : whyNodes(voice, code, 'till.why.waits');
    const none = sales.length === 0 ? [voice.said('till.outbox.none')] : [];
    status.replaceChildren(...none, ...why.filter((node): node is Node => node instanceof Node));
  };
  void changed();
  void showAccount().catch(() => account.replaceChildren(voice.said('till.why.silent')));
  return { node, changed };
}

/** What no gateway has taken is the shop's own risk; what one has taken is owed; what the ledger has paid is final. */
const FIGURES: readonly (readonly [
  'till.figure.risk' | 'till.figure.owed' | 'till.figure.final',
  readonly ShownState[],
])[] = [
  ['till.figure.risk', ['kept', 'sent']],
  ['till.figure.owed', ['accepted']],
  ['till.figure.final', ['final']],
];

function figureNodes(voice: Voice, { sales }: Queue): readonly Node[] {
  return FIGURES.map(([label, states]) => {
    const of = sales.filter((sale) => states.includes(shownState(sale)));
    const count = of.reduce((sum, { asked }) => sum + asked.units, 0);
    return element(
      'div',
      {},
      element('dt', {}, voice.said(label)),
      element('dd', {}, voice.said('till.units', { count })),
    );
  });
}

function saleNode(voice: Voice, sale: QueuedSale): HTMLElement {
  const { units, soldAt } = sale.asked;
  const state = shownState(sale);
  const isBad = state === 'refused' || state === 'expired';
  return element(
    'li',
    {},
    element('span', { class: 'share' }, voice.said('till.units', { count: units })),
    element(
      'span',
      { class: isBad ? 'warn' : state === 'final' ? 'good' : 'state' },
      voice.said(`till.state.${state}`),
    ),
    element('span', { class: 'hint' }, datum(voice.speaker.moment(new Date(soldAt * 1_000).toISOString()))),
    isBad && element('span', { class: 'why' }, ...whyNodes(voice, sale.code ?? '')),
  );
}

function accountNodes(voice: Voice, { rows }: Account): readonly Node[] {
  if (rows.length === 0) return [element('p', {}, voice.said('till.account.none'))];
  return rows.map(({ programme, programmeLabel, cycle, credited, settled, payable, waiting }) =>
    element(
      'div',
      { class: 'thing' },
      element(
        'h3',
        {},
        programmeLabel === undefined ? idText(programme.slice(0, 10)) : datum(programmeLabel),
        voice.said('till.account.cycle', { cycle }),
      ),
      element(
        'dl',
        {},
        ...(
          [
            ['till.account.earned', credited],
            ['till.account.paid', settled],
            ['till.account.payable', payable],
            ['till.account.waiting', waiting],
          ] as const
        ).map(([label, money]) =>
          element('div', {}, element('dt', {}, voice.said(label)), element('dd', {}, datum(money))),
        ),
      ),
    ),
  );
}
