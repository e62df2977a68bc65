/**
 * Preparing an act on a title: the sale of a right to one person, and the discharge of what lies on it.
 *
 * Promises: what is decided is sent once, however often the button is pressed; what is refused leaves the form as it was typed;
 * time is the gateway's and never this device's; whose act it is, is said by naming the officer, whose key alone signs it.
 */
import { type Child, datum, element, type Voice } from '../page/dom.ts';
import type { Key } from '../page/words.ts';
import { ask, type Page, type Who } from './ask.ts';
import {
  type Context,
  field,
  fileField,
  fileIn,
  form,
  gatewayTime,
  Mistake,
  type Shown,
  shortOf,
} from './parts.ts';

interface Officer {
  readonly officer: string;
  readonly label?: string;
  readonly standing: string;
  readonly keys: { readonly key: { readonly epoch: number } };
}

interface TitleTold {
  readonly number?: string;
  readonly state: { readonly header: { readonly office: number } };
}

/** What an act waits for signatures, unless its officers take it back. */
const DAYS_TO_SIGN = 30;
const DAY_SECONDS = 86_400;
const SALT_BYTES = 16;
const ZERO_32 = `0x${'0'.repeat(64)}`;
/** What the signer's `holder record` prints is a few hundred bytes. */
const RECORD_CHARACTERS_MAX = 16_384;
const OFFICERS_SHOWN = 200;

type Values = Readonly<Record<string, string>>;
/** What is decided of the act, without its head. */
type Deciding = (values: Values, number: number, baUnit: string) => Promise<object> | object;

interface Preparation {
  readonly title: Key;
  readonly text: Key;
  readonly collection: string;
  fields(voice: Voice): { readonly nodes: readonly Child[]; readonly decide: Deciding };
}

const PREPARATIONS: Readonly<Record<string, Preparation>> = {
  discharge: {
    title: 'prepare.discharge',
    text: 'prepare.dischargeText',
    collection: 'discharges',
    fields: () => ({
      nodes: [],
      decide: (_, restrictionId, baUnit) => ({ releases: [{ baUnit, restrictionId }] }),
    }),
  },
  transfer: {
    title: 'prepare.transfer',
    text: 'prepare.transferText',
    collection: 'transfers',
    fields: (voice) => {
      const record = fileField(voice, 'record', 'prepare.record', 'prepare.recordHint');
      return {
        nodes: [
          field(voice, { name: 'name', label: 'prepare.name', isRequired: true }),
          field(voice, { name: 'idNumber', label: 'prepare.idNumber' }),
          field(voice, { name: 'phone', label: 'prepare.phone' }),
          record.node,
        ],
        decide: async ({ name = '', idNumber = '', phone = '' }, rightId, baUnit) => {
          if (name.trim() === '') throw new Mistake('prepare.noName');
          const given = Object.entries({ name, idNumber, phone }).map(([key, value]) => [key, value.trim()]);
          const party = Object.fromEntries(given.filter(([, value]) => value !== ''));
          const key = keyIn(await fileIn(record.input));
          const holder = Object.assign({ numerator: '1', partyKind: 'person', signer: 'own', party }, key);
          return { baUnit, rightId, tenancy: 'sole', denominator: '1', staying: [], joining: [holder] };
        },
      };
    },
  },
};

/** Of the new holder's own device; without one she is assisted in person, and two institutions judge what she says. */
function keyIn(text: string | undefined): object {
  if (text === undefined) return { keyHash: ZERO_32 };
  if (text.length > RECORD_CHARACTERS_MAX) throw new Mistake('prepare.noRecord');
  try {
    const { keyHash, possession } = JSON.parse(text) as { keyHash?: unknown; possession?: unknown };
    if (typeof keyHash === 'string') return { keyHash, possession };
  } catch {
    // what is no JSON is no record either
  }
  throw new Mistake('prepare.noRecord');
}

export async function preparePage(context: Context): Promise<Shown> {
  const { voice, path, to, go } = context;
  const [what = '', baUnit = '', number = ''] = path;
  const preparation = PREPARATIONS[what];
  if (preparation === undefined || !/^[1-9]\d{0,8}$/.test(number)) {
    return { title: 'missing.title', nodes: [element('p', {}, voice.said('missing.text'))] };
  }
  const { who } = await ask<{ readonly who: Who }>('/sessions');
  const [title, officers] = await Promise.all([
    ask<TitleTold>(`/titles/${encodeURIComponent(baUnit)}`),
    ask<Page<Officer>>(`/officers?institution=${who.institution}&role=land-preparer&limit=${OFFICERS_SHOWN}`),
  ]);
  const { nodes, decide } = preparation.fields(voice);
  // One intention: the same words are the same act, however often they are sent.
  const sent = new Map<string, { readonly head: object; readonly key: string }>();
  return {
    title: preparation.title,
    nodes: [
      title.number !== undefined &&
        element('p', { class: 'lead' }, voice.said('title.parcel', { number: title.number })),
      element('p', {}, voice.said(preparation.text)),
      form(
        voice,
        'prepare.button',
        [
          ...nodes,
          field(voice, { name: 'document', label: 'prepare.document', hint: 'prepare.documentHint' }),
          officerField(voice, officers.rows),
        ],
        async (values) => {
          const officer = officers.rows.find((one) => one.officer === values.officer);
          if (officer === undefined) throw new Mistake('prepare.noOfficer');
          const decided = await decide(values, Number(number), baUnit);
          const words = JSON.stringify([values.officer, values.document, decided]);
          const office = title.state.header.office;
          const { head, key } = sent.get(words) ?? {
            head: await headOf(officer, office, values.document ?? ''),
            key: crypto.randomUUID(),
          };
          sent.set(words, { head, key });
          const body = Object.assign({ head }, decided);
          const act = await ask<{ readonly id: string }>(`/acts/${preparation.collection}`, {
            method: 'POST',
            body,
            key,
          });
          go(to('acts', act.id));
        },
      ),
    ],
  };
}

async function headOf({ officer, keys }: Officer, office: number, document: string): Promise<object> {
  const now = Math.floor(Date.parse(await gatewayTime()) / 1_000);
  const sources = document.trim() === '' ? {} : { sources: [{ path: 'document', value: document.trim() }] };
  return Object.assign(
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
}

const randomHex = (bytes: number): string =>
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
