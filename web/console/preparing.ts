/**
 * The form that prepares an act: what is decided, the document it rests on, and the officer whose key signs first.
 *
 * Promises: what is decided is sent once, however often the button is pressed; what is refused leaves the form as it was typed;
 * time is the gateway's and never this device's; whose act it is, is said by naming the officer, whose key alone signs it.
 */
import { type Child, datum, element, type Voice } from '../page/dom.ts';
import type { Values } from '../page/forms.ts';
import { ask, type Who } from './ask.ts';
import { wholeList } from './lists.ts';
import { Mistake } from './mistake.ts';
import { type Context, field, form, gatewayTime, shortOf } from './parts.ts';

interface Officer {
  readonly officer: string;
  readonly label?: string;
  readonly standing: string;
  readonly keys: { readonly key: { readonly epoch: number } };
}

/** What an act waits for signatures, unless its officers take it back. */
const DAYS_TO_SIGN = 30;
const DAY_SECONDS = 86_400;
const SALT_BYTES = 16;
export const ZERO_32 = `0x${'0'.repeat(64)}`;
/** As many as the gateway gives at once. */
const OFFICERS_AT_ONCE = 200;

export interface Prepared {
  /** Of the route that prepares it. */
  readonly collection: string;
  readonly role: 'land-preparer' | 'aid-preparer' | 'vote';
  /** Of an act of two officers; an order of one has none. */
  readonly office?: number | ((values: Values) => number);
  readonly nodes: readonly Child[];
  /** What is decided, without the head of the act. */
  decide(values: Values): Promise<object> | object;
}

/** Leads to the act once it is prepared, where it is handed to the signer. */
export async function preparingForm(context: Context, prepared: Prepared): Promise<HTMLFormElement> {
  const { voice, to, go } = context;
  const { collection, role, office, nodes, decide } = prepared;
  const { who } = await ask<{ readonly who: Who }>('/sessions');
  const query = { institution: `${who.institution}`, role, limit: `${OFFICERS_AT_ONCE}` };
  const officers = await wholeList<Officer>('/officers', query);
  // One intention: the same words are the same act, however often they are sent.
  const sent = new Map<string, { readonly head: object; readonly key: string }>();
  return form(
    voice,
    'prepare.button',
    [
      ...nodes,
      office !== undefined &&
        field(voice, { name: 'document', label: 'prepare.document', hint: 'prepare.documentHint' }),
      officerField(voice, officers),
    ],
    async (values) => {
      const officer = officers.find((one) => one.officer === values.officer);
      if (officer === undefined) throw new Mistake('prepare.noOfficer');
      const decided = await decide(values);
      const words = JSON.stringify([values, decided]);
      const { head, key } = sent.get(words) ?? {
        head: await headOf(
          officer,
          typeof office === 'function' ? office(values) : office,
          values.document ?? '',
        ),
        key: crypto.randomUUID(),
      };
      sent.set(words, { head, key });
      // Last, so that no file that was chosen says whose act it is.
      const body = Object.assign({}, decided, head);
      const act = await ask<{ readonly id: string }>(`/acts/${collection}`, { method: 'POST', body, key });
      go(to('acts', act.id));
    },
  );
}

/** How an act begins: with its head, or with the officer of an order. */
async function headOf(
  { officer, keys }: Officer,
  office: number | undefined,
  document: string,
): Promise<object> {
  if (office === undefined) return { officer, epoch: keys.key.epoch };
  const now = Math.floor(Date.parse(await gatewayTime()) / 1_000);
  const sources = document.trim() === '' ? {} : { sources: [{ path: 'document', value: document.trim() }] };
  const head = Object.assign(
    {
      office,
      preparer: officer,
      preparerEpoch: keys.key.epoch,
      notBefore: 0,
      deadline: now + DAYS_TO_SIGN * DAY_SECONDS,
      effectiveOn: 0,
      salt: randomHex(SALT_BYTES),
      corrects: ZERO_32,
    },
    sources,
  );
  return { head };
}

export const randomHex = (bytes: number): string =>
  `0x${[...crypto.getRandomValues(new Uint8Array(bytes))].map((one) => one.toString(16).padStart(2, '0')).join('')}`;

function officerField(voice: Voice, officers: readonly Officer[]): HTMLElement {
  return element(
    'p',
    { class: 'field' },
    element('label', { for: 'officer' }, voice.said('prepare.officer')),
    element('span', { id: 'officer-hint', class: 'hint' }, voice.said('prepare.officerHint')),
    element(
      'select',
      { id: 'officer', name: 'officer', 'aria-describedby': 'officer-hint' },
      ...officers
        .filter(({ standing }) => standing === 'active')
        .map(({ officer, label }) =>
          element('option', { value: officer }, datum(label === undefined ? shortOf(officer) : label)),
        ),
    ),
  );
}
