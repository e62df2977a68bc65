/**
 * What an agency begins: a programme, a list of people, a shop, a till. Each form prepares the act as the command does, and leads
 * to it, where it is handed to the signer.
 *
 * Promises: an id is made here at random and says nothing; of what a device or a command wrote the named fields are taken, and are of
 * the shop or programme of the page; no card, seed or PIN comes near this page: cards are made by the command.
 */
import { numberOfCurrency } from '../../server/domain/benefits/currencies.ts';
import { type Child, element, gap, idText, type Voice } from '../page/dom.ts';
import { fileField, type Values } from '../page/forms.ts';
import type { Key } from '../page/words.ts';
import { ask, type Who } from './ask.ts';
import { type Loaded, untilLoaded } from './loading.ts';
import { Mistake } from './mistake.ts';
import { type Context, choice, field, fileIn, form, type Shown, section } from './parts.ts';
import { preparingForm, randomHex } from './preparing.ts';
import { nameOf, type Programme, placeOf } from './programmes.ts';
import { wholeIn } from './typed.ts';
import { shopLabel, shopNode } from './vendors.ts';

const ID_BYTES = 32;
/** An enrolment of twenty thousand people. */
const ENROLMENT_CHARACTERS_MAX = 16 * 2 ** 20;
const RECORD_CHARACTERS_MAX = 16_384;
const DAY_SECONDS = 86_400;
const HOUR_SECONDS = 3_600;
/** As long as a ledger of one node takes for a block, some times over. */
const WAIT_SECONDS = 10;

interface Beginning {
  readonly title: Key;
  readonly text: Key;
  readonly collection: string;
  readonly nodes: readonly Child[];
  /** Of the programme, where it is known. */
  readonly office?: number;
  decide(values: Values): Promise<object> | object;
  /** What follows the form. */
  readonly after?: Child;
}

export async function beginPage(context: Context): Promise<Shown> {
  const { voice, path } = context;
  const [what = '', id = ''] = path;
  const made = await beginningOf(context, what, id);
  if (made === undefined) {
    return { title: 'missing.title', nodes: [element('p', {}, voice.said('missing.text'))] };
  }
  const { title, text, collection, nodes, office, decide, after } = made;
  const { who } = await ask<{ readonly who: Who }>('/sessions');
  const own = office ?? who.office;
  const asked = own === undefined ? [officeField(voice)] : [];
  return {
    title,
    nodes: [
      await aboutNode(context, what, id),
      element('p', {}, voice.said(text)),
      await preparingForm(context, {
        collection,
        role: 'aid-preparer',
        office: ({ office: typed }) => own ?? Number(wholeIn(typed)),
        nodes: [...nodes, ...asked],
        decide,
      }),
      after,
    ],
  };
}

const officeField = (voice: Voice): HTMLElement =>
  field(voice, {
    name: 'office',
    label: 'begin.office',
    hint: 'begin.officeHint',
    inputMode: 'numeric',
    isRequired: true,
  });

async function aboutNode(context: Context, what: string, id: string): Promise<Child> {
  if (what === 'enrolment') {
    return element('p', { class: 'lead' }, nameOf(await ask<Programme>(placeOf(id))));
  }
  if (id === '') return undefined;
  return element('p', { class: 'lead' }, shopNode(id, await shopLabel(context, id)));
}

async function beginningOf(context: Context, what: string, id: string): Promise<Beginning | undefined> {
  const { voice } = context;
  if (what === 'programme' && id === '') return programme(voice);
  if (what === 'vendor' && id === '') return vendor();
  if (id === '') return undefined;
  if (what === 'standing') return standing(voice, id);
  if (what === 'till') return till(voice, id);
  if (what === 'enrolment') return enrolment(context, id);
  return undefined;
}

// ---- A programme --------------------------------------------------------------------------------------------

function programme(voice: Voice): Beginning {
  // One for the form: however often it is sent, it is the same programme.
  const id = randomHex(ID_BYTES);
  const whole = (name: string, label: Key, hint: Key, value = '') =>
    field(voice, { name, label, hint, value, inputMode: 'numeric', isRequired: true });
  return {
    title: 'begin.programme',
    text: 'begin.programmeText',
    collection: 'programmes',
    nodes: [
      field(voice, { name: 'currency', label: 'aid.currency', hint: 'begin.currencyHint', isRequired: true }),
      whole('most', 'aid.mostPerSale', 'begin.mostHint'),
      whole('dispute', 'begin.disputeDays', 'begin.disputeHint', '7'),
      whole('open', 'begin.openDays', 'begin.openHint', '7'),
      whole('offline', 'begin.offlineHours', 'begin.offlineHint', '24'),
      whole('assisted', 'begin.assisted', 'begin.assistedHint'),
      whole('emergency', 'begin.emergency', 'begin.emergencyHint', '0'),
      field(voice, { name: 'policy', label: 'begin.policy', hint: 'begin.policyHint' }),
    ],
    decide: ({ currency = '', most, dispute, open, offline, assisted, emergency, policy = '' }) => {
      const number = numberOfCurrency(currency.trim().toUpperCase());
      if (number === undefined) throw new Mistake('begin.noCurrency');
      const written = policy.trim();
      return Object.assign(
        {
          programme: id,
          currency: number,
          mostPerRedemptionUnits: Number(wholeIn(most)),
          disputeSeconds: Number(wholeIn(dispute)) * DAY_SECONDS,
          leastOpenSeconds: Number(wholeIn(open)) * DAY_SECONDS,
          mostOfflineSeconds: Number(wholeIn(offline)) * HOUR_SECONDS,
          assistedCapUnits: Number(wholeIn(assisted)),
          emergencyCapUnits: Number(wholeIn(emergency)),
        },
        written !== '' && { policy: [{ path: 'policy', value: written }] },
      );
    },
  };
}

// ---- Shops and tills ----------------------------------------------------------------------------------------

function vendor(): Beginning {
  const id = randomHex(ID_BYTES);
  return {
    title: 'begin.vendor',
    text: 'begin.vendorText',
    collection: 'vendors',
    nodes: [],
    decide: () => ({ vendor: id, standing: 'active', from: 0 }),
  };
}

const PERMITS = ['active', 'suspended', 'revoked'] as const;

function standing(voice: Voice, id: string): Beginning {
  return {
    title: 'begin.standing',
    text: 'begin.standingText',
    collection: 'vendors',
    nodes: [choice(voice, 'permit', 'aid.standing', PERMITS)],
    decide: ({ permit = '' }) => {
      if (permit === '') throw new Mistake('begin.noStanding');
      return { vendor: id, standing: permit, from: 0 };
    },
  };
}

function till(voice: Voice, id: string): Beginning {
  const file = fileField(voice, 'record', 'begin.tillRecord', 'begin.tillRecordHint');
  return {
    title: 'begin.till',
    text: 'begin.tillText',
    collection: 'tills',
    nodes: [file.node],
    decide: async () => {
      const given = recordIn(await fileIn(file.input), RECORD_CHARACTERS_MAX);
      const { vendor: of, till: number, keyKind, keyId, possession } = given;
      if (keyId === undefined) throw new Mistake('begin.noRecord');
      if (of !== id) throw new Mistake('begin.otherShop');
      return { vendor: id, till: number, keyKind, keyId, possession, standing: 'active' };
    },
  };
}

/** What a device or a command wrote. */
function recordIn(text: string | undefined, most: number): Record<string, unknown> {
  if (text === undefined || text.length > most) throw new Mistake('begin.noRecord');
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) {
      return json as Record<string, unknown>;
    }
  } catch {
    // what is no JSON is no record either
  }
  throw new Mistake('begin.noRecord');
}

// ---- A list of people ---------------------------------------------------------------------------------------

async function enrolment(context: Context, id: string): Promise<Beginning> {
  const { voice } = context;
  const { office } = await ask<Programme>(placeOf(id));
  const file = fileField(voice, 'enrolment', 'begin.enrolmentFile', 'begin.enrolmentHint');
  const command = `kudurru card make people.json --programme ${id} --epoch 1 --trust trust.json --out cards`;
  return {
    title: 'begin.enrolment',
    text: 'begin.enrolmentText',
    collection: 'enrolments',
    office,
    nodes: [element('p', {}, voice.said('begin.cards'), gap(), idText(command)), file.node],
    decide: async () => {
      const given = recordIn(await fileIn(file.input), ENROLMENT_CHARACTERS_MAX);
      const { programme: of, enrolmentEpoch, effectiveFrom, people } = given;
      if (!Array.isArray(people)) throw new Mistake('begin.noEnrolment');
      if (of !== id) throw new Mistake('begin.otherProgramme');
      return { programme: id, enrolmentEpoch, effectiveFrom, people };
    },
    after: loading(context, id),
  };
}

/** A list that was signed and recorded is carried to the ledger a part at a time: asked again it goes on. */
function loading({ voice }: Context, id: string): HTMLElement {
  const told = element('div', { role: 'status' });
  return section(
    voice,
    'begin.load',
    element('p', {}, voice.said('begin.loadText')),
    form(
      voice,
      'begin.loadButton',
      [
        field(voice, {
          name: 'epoch',
          label: 'begin.epoch',
          hint: 'begin.epochHint',
          value: '1',
          inputMode: 'numeric',
        }),
      ],
      async ({ epoch }) => {
        const place = `${placeOf(id)}/enrolments/${wholeIn(epoch)}/slots`;
        const send = () =>
          ask<Loaded>(place, { method: 'POST', key: crypto.randomUUID(), waitSeconds: WAIT_SECONDS });
        const how = await untilLoaded(-1, send, ({ loaded, of, isDone }) => {
          const key = isDone ? 'begin.loaded' : 'begin.loading';
          told.replaceChildren(
            element('p', { class: isDone ? 'good' : 'hint' }, voice.said(key, { loaded, count: of })),
          );
          return told.isConnected;
        });
        if (how === 'stalled') throw new Mistake('begin.loadStalled');
      },
    ),
    told,
  );
}
