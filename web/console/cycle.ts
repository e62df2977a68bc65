/**
 * A cycle as a walk: the roll, its totals against the money and the cycle before, cards that do not pay, the envelope; then the
 * units on their way to the ledger, and what became of them.
 *
 * Promises: what was answered of a roll stands in the address, so that the walk goes on after a reload; every count is the
 * ledger's own; an envelope is prepared only after the cards were looked at, and what was found there was said to be known.
 */
import { element, idText, pair, type Voice } from '../page/dom.ts';
import { fileField, troubleNode } from '../page/forms.ts';
import { decimalsOf, type Key } from '../page/words.ts';
import { ask, type Page, Told } from './ask.ts';
import { opened } from './ending.ts';
import { figure, money, pagedTable } from './lists.ts';
import { type Loaded, untilLoaded } from './loading.ts';
import { Mistake } from './mistake.ts';
import { dayField } from './orders.ts';
import {
  attempt,
  type Context,
  choice,
  field,
  form,
  link,
  moment,
  type Shown,
  section,
  shortOf,
  table,
  tick,
} from './parts.ts';
import { preparingForm } from './preparing.ts';
import { type Cycle, nameOf, newestCycle, type Programme, placeOf } from './programmes.ts';
import { linesTable, type RefusedLine } from './refusedLines.ts';
import { dayIn, minorIn, wholeIn } from './typed.ts';
import { beginUpload, followUpload, tryUpload } from './uploads.ts';

interface Roll {
  readonly root: string;
  readonly read: number;
  readonly units: string;
  readonly enrolmentEpoch: number;
}

interface RollPreview {
  readonly read: number;
  readonly good: number;
  readonly refused: readonly RefusedLine[];
  readonly refusedTotal: number;
}

interface Place {
  readonly index: number;
  readonly personId?: string;
  readonly card?: { readonly standing?: string };
}

const ENTRY_BYTES = ['1', '4'] as const;
const FILES = '.csv,.tsv,.txt,.xlsx,text/csv';
/** As many as the gateway gives at once. */
const PLACES_AT_ONCE = 500;
const WAIT_SECONDS = 10;

export async function cyclePage(context: Context, id: string, number: string): Promise<Shown> {
  const { voice, to } = context;
  if (!/^[1-9]\d{0,9}$/.test(number)) {
    return { title: 'missing.title', nodes: [element('p', {}, voice.said('missing.text'))] };
  }
  const programme = await ask<Programme>(placeOf(id));
  const place = `${placeOf(id)}/cycles/${number}`;
  const cycle = await cycleAt(place);
  const nodes =
    cycle === undefined ? await walk(context, programme, number) : openCycleNodes(context, id, cycle);
  return {
    title: 'cycle.title',
    nodes: [
      element('p', { class: 'lead' }, voice.said('aid.cycleNumber', { number })),
      element('p', {}, link(to('programmes', id), nameOf(programme))),
      ...nodes,
    ],
  };
}

async function cycleAt(place: string): Promise<Cycle | undefined> {
  try {
    return await ask<Cycle>(place);
  } catch (error) {
    if (error instanceof Told && error.code === 'cycle-unknown') return undefined;
    throw error;
  }
}

// ---- Before it is open ------------------------------------------------------------------------------------------

/** Each step stands below the one before it, and only once that one is done. */
async function walk(context: Context, programme: Programme, number: string): Promise<readonly HTMLElement[]> {
  const { voice, hash, isIn } = context;
  if (!isIn('agency')) return [element('p', {}, voice.said('cycle.notYet'))];
  const last = await newestCycle(programme.programme);
  const roll = rollIn(hash);
  const value = hash.get('value');
  const steps = [
    element('p', {}, voice.said('cycle.text')),
    rollStep(context, programme, number, last?.enrolmentEpoch ?? 1),
  ];
  if (roll === undefined) return steps;
  steps.push(totalsStep(context, programme, roll, last, value));
  if (value === null || !/^\d{1,20}$/.test(value)) return steps;
  const looked = { isDone: false, count: 0 };
  steps.push(cardsStep(context, programme, roll.enrolmentEpoch, looked));
  steps.push(await envelopeStep(context, programme, { number, roll, value, looked }));
  return steps;
}

function rollIn(hash: URLSearchParams): Roll | undefined {
  const [root, units] = [hash.get('root') ?? '', hash.get('units') ?? ''];
  const [read, enrolmentEpoch] = [Number(hash.get('people')), Number(hash.get('epoch'))];
  const isWhole = [read, enrolmentEpoch].every((one) => Number.isSafeInteger(one));
  if (!/^0x[0-9a-f]{64}$/.test(root) || !/^\d{1,38}$/.test(units) || !isWhole) return undefined;
  return { root, units, read, enrolmentEpoch };
}

function rollStep(context: Context, { programme }: Programme, number: string, epoch: number): HTMLElement {
  const { voice, go, hash } = context;
  const place = `${placeOf(programme)}/cycles/${number}/roll`;
  const file = fileField(voice, 'file', 'cycle.roll', 'cycle.rollHint', FILES);
  const [results, progress, trouble] = [element('div'), element('div', { role: 'status' }), troubleNode()];
  const follow = async (job: string) => {
    const taken = await followUpload<Roll>(voice, job, progress);
    if (taken === undefined) return;
    const { root, units, read, enrolmentEpoch } = taken;
    const known = { root, units, people: `${read}`, epoch: `${enrolmentEpoch}` };
    go(`${location.pathname}#${new URLSearchParams(known)}`);
  };
  const begun = hash.get('job');
  if (begun !== null) void attempt(voice, trouble, () => follow(begun));
  return section(
    voice,
    'cycle.step1',
    form(
      voice,
      'registrations.try',
      [
        file.node,
        field(voice, {
          name: 'people',
          label: 'cycle.declaredCount',
          inputMode: 'numeric',
          isRequired: true,
        }),
        field(voice, { name: 'units', label: 'cycle.declaredUnits', inputMode: 'numeric', isRequired: true }),
        field(voice, {
          name: 'epoch',
          label: 'cycle.epoch',
          hint: 'cycle.epochHint',
          value: `${epoch}`,
          inputMode: 'numeric',
        }),
        choice(voice, 'entryBytes', 'cycle.entryBytes', ENTRY_BYTES, '1'),
      ],
      async (values) => {
        const chosen = file.input.files?.[0];
        if (chosen === undefined) throw new Mistake('registrations.noFile');
        const query = new URLSearchParams({
          enrolmentEpoch: wholeIn(values.epoch),
          entryBytes: values.entryBytes ?? '1',
          declaredCount: wholeIn(values.people),
          declaredUnits: wholeIn(values.units),
        });
        const { read, good, refused, refusedTotal } = await tryUpload<RollPreview>(place, query, chosen);
        const isWhole = refused.length === 0 && good > 0;
        results.replaceChildren(
          element('p', {}, voice.said('registrations.read', { count: read })),
          element(
            'p',
            { class: isWhole ? 'good' : 'warn' },
            voice.said(isWhole ? 'cycle.rollGood' : 'cycle.rollRefused', { count: refusedTotal }),
          ),
          isWhole
            ? form(voice, 'cycle.takeRoll', [], async () => {
                const job = await beginUpload(place, query, chosen);
                history.replaceState(null, '', `${location.pathname}#${new URLSearchParams({ job })}`);
                await follow(job);
              })
            : linesTable(voice, 'registrations.refusedCaption', refused, [], refusedTotal),
        );
        context.announce(isWhole ? 'cycle.rollGood' : 'cycle.rollRefused', { count: refusedTotal });
      },
    ),
    results,
    progress,
    trouble,
  );
}

/** What this roll costs, beside the money that is left and the cycle before it. */
function totalsStep(
  { voice, go, hash }: Context,
  programme: Programme,
  roll: Roll,
  last: Cycle | undefined,
  value: string | null,
): HTMLElement {
  const { currencyCode } = programme;
  const decimals = decimalsOf(programme.money.funded);
  const inWords = (minor: bigint) => minorInWords(currencyCode, minor, decimals);
  const unitMinor = BigInt(
    value !== null && /^\d{1,20}$/.test(value) ? value : (last?.unitValueMinor ?? '0'),
  );
  const cost = BigInt(roll.units) * unitMinor;
  const left = BigInt(programme.money.unallocatedMinor) - cost;
  const rows: readonly (readonly [Key, Node, Node | undefined])[] = [
    ['aid.people', figure(voice, roll.read), last && figure(voice, last.people)],
    ['aid.issued', figure(voice, roll.units), last && figure(voice, last.issuedUnits)],
    ['cycle.unitValue', money(voice, inWords(unitMinor)), last && money(voice, last.unitValue)],
    [
      'cycle.cost',
      money(voice, inWords(cost)),
      last && money(voice, inWords(BigInt(last.issuedUnits) * BigInt(last.unitValueMinor))),
    ],
  ];
  return section(
    voice,
    'cycle.step2',
    form(
      voice,
      'cycle.workOut',
      [
        field(voice, {
          name: 'value',
          label: 'cycle.unitValueIn',
          labelValues: { currency: currencyCode },
          value: plainAmount(unitMinor, decimals),
          inputMode: 'decimal',
          isRequired: true,
        }),
      ],
      async (values) => {
        const known = new URLSearchParams(hash);
        known.set('value', minorIn(values.value, decimals));
        go(`${location.pathname}#${known}`);
      },
    ),
    table<(typeof rows)[number]>(
      voice,
      'cycle.totalsCaption',
      [
        { head: 'cycle.what', cell: ([key]) => voice.said(key) },
        { head: 'cycle.thisOne', cell: ([, now]) => now },
        { head: 'cycle.lastOne', cell: ([, , before]) => before ?? voice.said('cycle.noneBefore') },
      ],
      rows,
    ),
    element(
      'p',
      { class: left < 0n ? 'warn' : 'good' },
      voice.said(left < 0n ? 'cycle.tooMuch' : 'cycle.enough', {
        available: voice.speaker.money(programme.money.unallocated),
        left: voice.speaker.money(inWords(left < 0n ? -left : left)),
      }),
    ),
  );
}

/** As the gateway writes an amount. */
const minorInWords = (currency: string, minor: bigint, decimals: number): string =>
  `${currency} ${plainAmount(minor, decimals)}`;

function plainAmount(minor: bigint, decimals: number): string {
  const text = `${minor}`.padStart(decimals + 1, '0');
  const whole = text.slice(0, text.length - decimals);
  return decimals === 0 ? whole : `${whole}.${text.slice(-decimals)}`;
}

interface Looked {
  isDone: boolean;
  /** Cards that do not pay. */
  count: number;
}

/** Every card of the enrolment: who was suspended or revoked since the roll was made is paid nothing, and stands here. */
function cardsStep(context: Context, { programme }: Programme, epoch: number, looked: Looked): HTMLElement {
  const { voice } = context;
  const results = element('div');
  return section(
    voice,
    'cycle.step3',
    element('p', {}, voice.said('cycle.cardsText')),
    form(voice, 'cycle.look', [], async () => {
      const { total, without } = await cardsThatDoNotPay(programme, epoch);
      looked.isDone = true;
      looked.count = without.length;
      opened(results).replaceChildren(...cardsNodes(voice, total, without));
      context.announce('cycle.cardsNone', { count: total });
    }),
    results,
  );
}

async function cardsThatDoNotPay(
  programme: string,
  epoch: number,
): Promise<{ readonly total: number; readonly without: readonly Place[] }> {
  const without: Place[] = [];
  let after = '';
  let total = 0;
  do {
    const query = new URLSearchParams({ limit: `${PLACES_AT_ONCE}`, after });
    const place = `${placeOf(programme)}/enrolments/${epoch}/places?${query}`;
    const page: Page<Place> = await ask<Page<Place>>(place);
    total = page.total;
    without.push(...page.rows.filter(({ card }) => card?.standing !== 'active'));
    after = page.next ?? '';
  } while (after !== '');
  return { total, without };
}

function cardsNodes(voice: Voice, total: number, without: readonly Place[]): readonly HTMLElement[] {
  if (without.length === 0)
    return [element('p', { class: 'good' }, voice.said('cycle.cardsAll', { count: total }))];
  return [
    element('p', {}, voice.said('cycle.cardsNone', { count: total })),
    element('p', { class: 'warn' }, voice.said('cycle.cardsWithout', { count: without.length })),
    pagedTable<Place>(
      voice,
      'cycle.cardsCaption',
      [
        { head: 'cycle.index', cell: ({ index }) => figure(voice, index) },
        {
          head: 'column.personId',
          cell: ({ personId }) =>
            personId === undefined ? voice.said('cycle.erased') : idText(shortOf(personId)),
        },
        {
          head: 'aid.standing',
          cell: ({ card }) =>
            card?.standing === undefined ? voice.said('cycle.noCard') : voice.term('permit', card.standing),
        },
      ],
      without,
    ),
  ];
}

interface Enveloped {
  readonly number: string;
  readonly roll: Roll;
  readonly value: string;
  readonly looked: Looked;
}

async function envelopeStep(
  context: Context,
  { programme, office }: Programme,
  { number, roll, value, looked }: Enveloped,
): Promise<HTMLElement> {
  const { voice } = context;
  return section(
    voice,
    'cycle.step4',
    element('p', {}, voice.said('cycle.envelopeText')),
    await preparingForm(context, {
      collection: 'cycles',
      role: 'aid-preparer',
      office,
      nodes: [
        dayField(voice, 'opensAt', 'cycle.opensAt', 'day.fromHint'),
        dayField(voice, 'spendUntil', 'cycle.spendUntil'),
        dayField(voice, 'postUntil', 'cycle.postUntil'),
        tick(voice, 'known', 'cycle.known'),
      ],
      decide: ({ opensAt, spendUntil, postUntil, known }) => {
        if (!looked.isDone) throw new Mistake('cycle.lookFirst');
        if (looked.count > 0 && known === undefined)
          throw new Mistake('cycle.notKnown', { count: looked.count });
        return {
          programme,
          cycle: Number(number),
          root: roll.root,
          lane: 0,
          unitValueMinor: value,
          opensAt: dayIn(opensAt),
          spendUntil: dayIn(spendUntil),
          postUntil: dayIn(postUntil),
        };
      },
    }),
  );
}

// ---- Once it is open --------------------------------------------------------------------------------------------

function openCycleNodes(context: Context, id: string, cycle: Cycle): readonly HTMLElement[] {
  const { voice, to, isIn } = context;
  const at = (...parts: readonly string[]) => to('programmes', id, 'cycles', `${cycle.cycle}`, ...parts);
  const isLoading = cycle.state === 'loading';
  return [
    element('p', {}, element('strong', {}, voice.term('cycleState', cycle.state))),
    element(
      'dl',
      {},
      pair(voice, 'aid.people', figure(voice, cycle.people)),
      pair(voice, 'cycle.unitValue', money(voice, cycle.unitValue)),
      pair(voice, 'cycle.opensAt', moment(voice, cycle.opensAt)),
      pair(voice, 'cycle.spendUntil', moment(voice, cycle.spendUntil)),
      pair(voice, 'cycle.postUntil', moment(voice, cycle.postUntil)),
    ),
    isLoading && isIn('agency') && loadingSection(context, id, cycle),
    !isLoading && unitsSection(voice, cycle),
    !isLoading && isIn('agency') && unpaidSection(context, id, cycle),
    section(
      voice,
      'cycle.do',
      element(
        'ul',
        { class: 'work' },
        element(
          'li',
          {},
          link(at('redemptions'), voice.said('redemptions.title')),
          element('p', {}, voice.said('redemptions.text')),
        ),
        isIn('agency') &&
          element(
            'li',
            {},
            link(to('orders', 'step', id, `${cycle.cycle}`), voice.said('order.step')),
            element('p', {}, voice.said('order.stepText')),
          ),
      ),
    ),
  ].filter((node): node is HTMLElement => node instanceof Node);
}

/** The gateway sends what the ledger lacks, so much at a time; how much it has is the ledger's own count. */
function loadingSection({ voice, go, announce }: Context, id: string, cycle: Cycle): HTMLElement {
  const bar = element('progress', {
    max: `${cycle.words}`,
    value: `${cycle.loadedWords}`,
    'aria-label': voice.plain('cycle.progress'),
  });
  const said = element('p', { role: 'status' });
  const tell = (loaded: number, of: number) => {
    bar.value = loaded;
    said.replaceChildren(voice.said('cycle.loaded', { loaded: voice.speaker.number(loaded), count: of }));
  };
  tell(cycle.loadedWords, cycle.words);
  return section(
    voice,
    'cycle.step5',
    element('p', {}, voice.said('cycle.loadText')),
    bar,
    said,
    form(voice, 'cycle.load', [], async () => {
      const order = () => ({
        method: 'POST' as const,
        key: crypto.randomUUID(),
        waitSeconds: WAIT_SECONDS,
      });
      const ended = await untilLoaded(
        cycle.loadedWords,
        () => ask<Loaded>(`${placeOf(id)}/cycles/${cycle.cycle}/units`, order()),
        (told) => {
          tell(told.loaded, told.of);
          return bar.isConnected;
        },
      );
      if (ended === 'left') return;
      if (ended === 'stalled') throw new Mistake('cycle.stalled');
      announce('cycle.released');
      go(location.pathname);
    }),
  );
}

const BECAME = ['redeemed', 'outstanding', 'expired', 'reclaimed'] as const;

function unitsSection(voice: Voice, cycle: Cycle): HTMLElement {
  return section(
    voice,
    'cycle.units',
    table<(typeof BECAME)[number] | 'issued'>(
      voice,
      'cycle.unitsCaption',
      [
        { head: 'aid.part', cell: (part) => voice.term('unitPart', part) },
        { head: 'cycle.unitsHead', cell: (part) => figure(voice, cycle[`${part}Units`]) },
      ],
      ['issued', ...BECAME],
    ),
  );
}

/** What the ledger knows of why: the money lies ready, and these cards would not be paid. */
function unpaidSection(context: Context, id: string, cycle: Cycle): HTMLElement {
  const { voice } = context;
  const results = element('div');
  return section(
    voice,
    'cycle.unpaid',
    element('p', {}, voice.said('cycle.unpaidText', { count: Number(cycle.outstandingUnits) })),
    form(voice, 'cycle.look', [], async () => {
      const { total, without } = await cardsThatDoNotPay(id, cycle.enrolmentEpoch);
      opened(results).replaceChildren(...cardsNodes(voice, total, without));
      context.announce('cycle.cardsNone', { count: total });
    }),
    results,
  );
}
