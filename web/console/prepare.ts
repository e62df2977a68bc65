/** Preparing an act on a title: the sale of a right to one person, and the discharge of what lies on it. */
import { type Child, element, type Voice } from '../page/dom.ts';
import { fileField, type Values } from '../page/forms.ts';
import type { Key } from '../page/words.ts';
import { ask } from './ask.ts';
import { Mistake } from './mistake.ts';
import { type Context, field, fileIn, type Shown } from './parts.ts';
import { preparingForm, ZERO_32 } from './preparing.ts';

interface TitleTold {
  readonly number?: string;
  readonly state: { readonly header: { readonly office: number } };
}

/** What the signer's `holder record` prints is a few hundred bytes. */
const RECORD_CHARACTERS_MAX = 16_384;

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
  const { voice, path } = context;
  const [what = '', baUnit = '', number = ''] = path;
  const preparation = PREPARATIONS[what];
  if (preparation === undefined || !/^[1-9]\d{0,8}$/.test(number)) {
    return { title: 'missing.title', nodes: [element('p', {}, voice.said('missing.text'))] };
  }
  const title = await ask<TitleTold>(`/titles/${encodeURIComponent(baUnit)}`);
  const { nodes, decide } = preparation.fields(voice);
  return {
    title: preparation.title,
    nodes: [
      title.number !== undefined &&
        element('p', { class: 'lead' }, voice.said('title.parcel', { number: title.number })),
      element('p', {}, voice.said(preparation.text)),
      await preparingForm(context, {
        collection: preparation.collection,
        role: 'land-preparer',
        office: title.state.header.office,
        nodes,
        decide: (values) => decide(values, Number(number), baUnit),
      }),
    ],
  };
}
