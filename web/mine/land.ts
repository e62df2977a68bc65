/**
 * What a person does about her land on her own page: her titles and their certificates, what waits for her consent, a consent
 * that the office gave her as a file, and a passkey of her own. Fetched when it is first asked for.
 *
 * Promises: what she agrees to was read again here, each hash from the file, with the rules of the register, and she signs nothing that breaks
 * one; her record and what it opened go with the screen; no id is in an address.
 */
import { digestOf } from '../../server/domain/acts/typedData.ts';
import { readCertificate } from '../../server/domain/audit/certificate.ts';
import { type Bytes32, parseHex, ZERO_32 } from '../../server/domain/base/hex.ts';
import { refusal } from '../../server/domain/base/refusal.ts';
import type { BAUnitId } from '../../server/domain/base/terms.ts';
import { type ActFile, actInWords, readActFile } from '../../server/domain/signer/actFile.ts';
import { type ConsentSeen, consentsSeen } from '../../server/domain/signer/consentFile.ts';
import { actFields } from '../page/actFields.ts';
import { readNumber } from '../page/digits.ts';
import { type Child, datum, element, english, gap, idText, pair, type Voice } from '../page/dom.ts';
import { button, fileField, inputField, keepFile } from '../page/forms.ts';
import { type Judged, judgedHere } from './judged.ts';
import { ask, askText, type Frame, type Ledger, oneForm, textIn, Wrong } from './parts.ts';
import {
  type Asking,
  beginAsking,
  consentBy,
  type HolderRecord,
  isHolding,
  makeRecord,
  proofOf,
  recordIn,
} from './passkey.ts';
import { type AskingAct, type OwnRecord, recordNodes, section } from './record.ts';

const RECORD_BYTES_MAX = 16_384;
const ACT_BYTES_MAX = 32 * 2 ** 20;
/** How long a consent holds, never longer than the act: an office needs some days. */
const CONSENT_SECONDS = 14n * 86_400n;

/** Whoever keeps her record and her passkey on this device, for as long as the screen is shown. */
interface Holder {
  readonly asking: Asking;
  readonly record: HolderRecord;
}

export type LandPage = 'titles' | 'consent' | 'passkey';

export function landPage(frame: Frame, page: LandPage): void {
  if (page === 'titles') titlesPage(frame);
  else if (page === 'consent') consentPage(frame);
  else passkeyPage(frame);
}

const back = ({ voice, home }: Frame): HTMLElement =>
  element('p', { class: 'buttons' }, button(voice, 'mine.back', home));

// ---- Her titles ---------------------------------------------------------------------------------------------

function titlesPage(frame: Frame): void {
  const { voice, show } = frame;
  const record = fileField(voice, 'record', 'mine.record', 'mine.recordHint');
  const open = oneForm(voice, [record.node], 'mine.askPasskey', async (of) => {
    const asking = await beginAsking(of);
    const holder = { asking, record: await recordFrom(of, record.input) };
    const own = await byHolding(async () =>
      ask<OwnRecord>(of, '/own-data/readings', await proofOf(of, asking, holder.record)),
    );
    shown(frame, holder, own);
  });
  show('mine.goTitles', element('p', {}, voice.said('mine.titlesText')), open, back(frame));
}

/** A key of land is told of as one, and not as a card. */
async function byHolding<T>(work: () => Promise<T>): Promise<T> {
  return work().catch((error: unknown) => {
    throw error instanceof Wrong && error.key === 'mine.why.notInForce'
      ? new Wrong('mine.why.notHolder')
      : error;
  });
}

async function recordFrom(of: AbortSignal, input: HTMLInputElement): Promise<HolderRecord> {
  const text = await textIn(of, input, RECORD_BYTES_MAX, 'mine.why.noRecord');
  if (text === undefined) throw new Wrong('mine.why.noRecord');
  return recordIn(text);
}

function shown(frame: Frame, holder: Holder, own: OwnRecord): void {
  const { voice, show, home } = frame;
  show(
    'mine.opened',
    element(
      'p',
      { class: 'buttons' },
      button(voice, 'mine.close', home),
      button(voice, 'mine.print', () => print()),
    ),
    ...(own.withheld === undefined
      ? [
          section(voice, 'mine.asking', ...askingNodes(voice, holder, own)),
          section(voice, 'mine.titles', ...titleNodes(voice, holder, own)),
        ]
      : [element('p', { class: 'warn' }, voice.said('mine.withheld'))]),
    ...recordNodes(voice, own),
  );
}

function titleNodes(voice: Voice, holder: Holder, { titles }: OwnRecord): readonly Child[] {
  if (titles.length === 0) return [element('p', {}, voice.said('mine.noTitles'))];
  return titles.map((title) => {
    const { baUnit, number, kind, status, numerator, denominator, areaM2, restrictions } = title;
    const share =
      numerator === denominator
        ? voice.said('mine.allOfIt')
        : voice.said('mine.share', { numerator, denominator });
    return element(
      'div',
      { class: 'thing' },
      element(
        'h3',
        {},
        number === undefined ? voice.said('mine.parcelUnknown') : voice.said('title.parcel', { number }),
      ),
      element(
        'dl',
        {},
        pair(voice, 'mine.right', voice.term('right', kind)),
        pair(voice, 'mine.shareLabel', share),
        ...(areaM2 === undefined
          ? []
          : [pair(voice, 'mine.area', voice.said('mine.squareMetres', { area: areaM2 }))]),
        pair(voice, 'mine.status', voice.term('status', status)),
        pair(
          voice,
          'mine.onIt',
          ...(restrictions.length === 0
            ? [voice.said('mine.nothingOnIt')]
            : restrictions.flatMap(({ kind: of }, i) => [
                i > 0 && gap(),
                element('span', { class: 'share' }, voice.term('restriction', of)),
              ])),
        ),
        pair(voice, 'title.id', idText(baUnit)),
      ),
      baUnit === holder.record.baUnit && certificate(voice, holder),
    );
  });
}

function certificate(voice: Voice, { asking, record }: Holder): HTMLElement {
  const told = element('div', { role: 'status' });
  const take = oneForm(
    voice,
    [element('p', { class: 'hint' }, voice.said('mine.certificateHint'))],
    'mine.certificate',
    async (of) => {
      const { text } = await byHolding(async () =>
        askText(of, '/own-data/certificates', await proofOf(of, asking, record)),
      );
      if (unitOfCertificate(text) !== record.baUnit) throw new Wrong('mine.why.otherCertificate');
      keepFile('certificate-of-title.json', text);
      told.replaceChildren(element('p', { class: 'good' }, voice.said('mine.certificateSaved')));
    },
  );
  return element('div', {}, take, told);
}

/** Undefined where it is no certificate. */
function unitOfCertificate(text: string): BAUnitId | undefined {
  try {
    return readCertificate(text).baUnit;
  } catch {
    return undefined;
  }
}

// ---- What waits for her consent -----------------------------------------------------------------------------

function askingNodes(voice: Voice, holder: Holder, { asking, isAllAsking }: OwnRecord): readonly Child[] {
  return [
    !isAllAsking && element('p', { class: 'warn' }, voice.said('mine.askingPart')),
    asking.length === 0 && element('p', {}, voice.said('mine.noAsking')),
    ...asking.map((one) => askingNode(voice, holder, one)),
  ];
}

function askingNode(voice: Voice, holder: Holder, one: AskingAct): HTMLElement {
  const { asking, record } = holder;
  const body = element('div');
  const read = oneForm(
    voice,
    [element('p', { class: 'hint' }, voice.said('mine.readHint'))],
    'mine.readAsked',
    async (of) => {
      const { text, nowSeconds } = await byHolding(async () =>
        askText(of, '/own-data/acts', Object.assign(await proofOf(of, asking, record), { act: one.act })),
      );
      const { prepared } = JSON.parse(text) as { readonly prepared: unknown };
      body.replaceChildren(...consentNodes(voice, JSON.stringify(prepared), nowSeconds, holder));
      body.querySelector<HTMLElement>('h4')?.focus();
    },
  );
  body.append(read);
  return element(
    'div',
    { class: 'thing' },
    element('h3', {}, voice.term('kind', one.kind)),
    element(
      'dl',
      {},
      pair(voice, 'mine.preparedBy', voice.said('who.institution', { institution: `${one.institution}` })),
      pair(voice, 'mine.askedUntil', datum(voice.speaker.moment(one.expiresAt))),
    ),
    body,
  );
}

/** Every consent of a file that is hers to give, or all of them where nobody says which is hers. */
function consentNodes(
  voice: Voice,
  text: string,
  nowSeconds: bigint | undefined,
  holder: Holder | undefined,
  ledger: Ledger | undefined = holder?.asking.ledger,
): readonly HTMLElement[] {
  const file = readActFile(text);
  if (ledger === undefined || !isOf(ledger, file)) throw refusal('act-of-another-ledger');
  if (nowSeconds === undefined) throw new Wrong('mine.why.noTime');
  const asked = consentsSeen(file, nowSeconds);
  const mine =
    holder === undefined ? asked : asked.filter(({ keyHash }) => keyHash === holder.record.keyHash);
  if (mine.length === 0) throw refusal('consent-of-another-key');
  const [sentence = '', ...fields] = actInWords(file);
  const judged = judgedHere(file, nowSeconds);
  return [
    element('h4', { tabindex: '-1' }, voice.said('mine.consent')),
    voice.speaker.language !== 'en' && element('p', { class: 'hint' }, voice.said('act.inEnglish')),
    ...mine.map((one) => element('div', { class: 'sentence' }, english(one.sentence))),
    element('p', { class: 'hint' }, voice.said('mine.recomputed')),
    element('h4', {}, voice.said('mine.theAct')),
    element('div', { class: 'sentence' }, english(sentence)),
    actFields(voice, fields, false),
    ...judgedNodes(voice, judged),
    ...(judged.mayAgree && holder !== undefined
      ? mine.map((one) => agreeing(voice, file, { one, holder, nowSeconds }))
      : []),
    otherWays(voice, file, text),
  ].filter((node): node is HTMLElement => node instanceof HTMLElement);
}

/** For this ledger and for the land register that it has in force, where the gateway says which. */
function isOf({ chainId, ledgerNonce, contracts = [] }: Ledger, { act: { domain } }: ActFile): boolean {
  const registers = contracts.filter(
    ({ contract, frozenAt }) => contract === 'land' && frozenAt === undefined,
  );
  const isThere = registers.some(({ address }) => address === domain.verifyingContract);
  return (
    domain.chainId === BigInt(chainId) && domain.salt === ledgerNonce && (registers.length === 0 || isThere)
  );
}

function judgedNodes(voice: Voice, judged: Judged): readonly Child[] {
  const { over, since, broken, amiss, unseen, unopened, isNameless } = judged;
  const warn = (...children: readonly Child[]) => element('p', { class: 'warn' }, ...children);
  const momentOf = (seconds: bigint) =>
    datum(voice.speaker.moment(new Date(Number(seconds) * 1_000).toISOString()));
  return [
    over !== undefined && warn(voice.said('mine.over'), gap(), momentOf(over)),
    since !== undefined && warn(voice.said('mine.effectAfter'), gap(), momentOf(since)),
    broken?.length !== 0 && warn(voice.said('mine.ruleBroken')),
    ...(broken ?? []).map(({ message }) => english(message)),
    amiss.length > 0 && warn(voice.said('mine.groundAmiss')),
    ...amiss.map((line) => english(line)),
    ...unseen.map((line) => english(line)),
    unopened.length > 0 && warn(voice.said('mine.unopened', { count: unopened.length })),
    unopened.length > 0 && element('ul', {}, ...unopened.map((place) => element('li', {}, idText(place)))),
    isNameless && warn(voice.said('mine.nameless')),
  ];
}

interface Agreeing {
  readonly one: ConsentSeen;
  readonly holder: Holder;
  readonly nowSeconds: bigint;
}

function agreeing(
  voice: Voice,
  file: ActFile,
  { one, holder: { asking, record }, nowSeconds }: Agreeing,
): HTMLElement {
  const last = BigInt(String(one.data.message.deadline));
  const chosen = nowSeconds + CONSENT_SECONDS;
  const deadline = chosen < last ? chosen : last;
  const until = new Date(Number(deadline) * 1_000).toISOString();
  const told = element('div', { role: 'status' });
  const message = Object.assign({}, one.data.message, {
    notBefore: 0n,
    deadline,
    mandateCommitment: ZERO_32,
  });
  const digest = digestOf(Object.assign({}, one.data, { message }));
  // One intention: a second press, or one after a line was cut, hands in the same consent.
  let given: object | undefined;
  const agree = oneForm(
    voice,
    [
      element('p', {}, voice.said('mine.holdsUntil'), gap(), datum(voice.speaker.moment(until))),
      element('p', { class: 'hint' }, voice.said('mine.agreeHint')),
    ],
    'mine.agree',
    async (of) => {
      given ??= await consentBy(of, asking.site, record, { place: one.place, digest, deadline });
      const { missing } = await handingIn(() =>
        ask<{ readonly missing: readonly string[] }>(
          of,
          '/own-data/consents',
          Object.assign({ act: file.id }, given),
        ),
      );
      const { length: count } = missing;
      const said = count === 0 ? voice.said('mine.agreedLast') : voice.said('mine.agreed', { count });
      told.replaceChildren(element('p', { class: 'good', tabindex: '-1' }, said));
      agree.remove();
      told.querySelector('p')?.focus();
    },
  );
  return element('div', {}, agree, told);
}

/** A line that was cut may have carried the consent before. */
async function handingIn<T>(work: () => Promise<T>): Promise<T> {
  return work().catch((error: unknown) => {
    throw error instanceof Wrong && error.key === 'mine.why.silent'
      ? new Wrong('mine.why.maybeGiven')
      : error;
  });
}

/** In person, or with a key that is kept elsewhere. */
function otherWays(voice: Voice, { id }: ActFile, text: string): HTMLElement {
  const name = `act-${id.slice(2, 14)}.json`;
  return element(
    'details',
    {},
    element('summary', {}, voice.said('mine.otherWays')),
    element(
      'ul',
      {},
      element('li', {}, voice.said('mine.inPerson')),
      element(
        'li',
        {},
        element('p', {}, voice.said('mine.byCommand')),
        element('p', {}, idText(`kudurru holder consent ${name} --trust trust.json --out consent.json`)),
        element(
          'p',
          { class: 'buttons' },
          button(voice, 'act.keep', () => keepFile(name, text)),
        ),
      ),
    ),
  );
}

function consentPage(frame: Frame): void {
  const { voice, show } = frame;
  const act = fileField(voice, 'act', 'mine.actFile', 'mine.actFileHint');
  const record = fileField(voice, 'record', 'mine.record', 'mine.recordOptional');
  const read = oneForm(voice, [act.node, record.node], 'mine.readAsked', async (of) => {
    const text = await textIn(of, act.input, ACT_BYTES_MAX, 'mine.why.noAct');
    if (text === undefined) throw new Wrong('mine.why.noAct');
    const isHers = record.input.files?.length === 1;
    const holder = isHers
      ? { asking: await beginAsking(of), record: await recordFrom(of, record.input) }
      : undefined;
    const { text: told, nowSeconds } = await askText(of, '/ledger');
    const nodes = consentNodes(voice, text, nowSeconds, holder, JSON.parse(told) as Ledger);
    show('mine.consentRead', back(frame), ...nodes);
  });
  show('mine.goConsent', element('p', {}, voice.said('mine.consentText')), read, back(frame));
}

// ---- A passkey of her own -----------------------------------------------------------------------------------

function passkeyPage(frame: Frame): void {
  const { voice, show } = frame;
  const unit = inputField(voice, { name: 'unit', label: 'mine.unit', hint: 'mine.unitHint' });
  const number = inputField(voice, { name: 'holding', label: 'mine.holding', hint: 'mine.holdingHint' });
  const isOwn = element('input', { type: 'checkbox', id: 'own', 'aria-describedby': 'own-hint' });
  const own = element(
    'p',
    { class: 'tick' },
    isOwn,
    element('label', { for: 'own' }, voice.said('mine.ownDevice')),
    element('span', { id: 'own-hint', class: 'hint' }, voice.said('mine.ownDeviceHint')),
  );
  const told = element('div', { role: 'status' });
  const make = oneForm(voice, [unit.node, number.node, own], 'mine.makePasskey', async (of) => {
    const baUnit = parseHex(unit.input.value.trim().toLowerCase(), 32) as Bytes32 | undefined;
    if (baUnit === undefined) throw new Wrong('mine.why.noUnit');
    const read = readNumber(number.input.value);
    const holdingId = read.kind === 'number' ? Number(read.text) : undefined;
    if (!isHolding(holdingId)) throw new Wrong('mine.why.noHolding');
    const isOwnDevice = isOwn.checked;
    const name = voice.plain('mine.keyName', { end: baUnit.slice(-4) });
    const made = await makeRecord(
      of,
      await beginAsking(of),
      { baUnit: baUnit as string as BAUnitId, holdingId },
      { name, isOwnDevice },
    );
    keepFile('key-of-my-holding.json', `${JSON.stringify(made)}\n`);
    told.replaceChildren(
      element('p', { class: 'good' }, voice.said('mine.made')),
      ...(isOwnDevice ? [] : [element('p', { class: 'warn' }, voice.said('mine.fileHere'))]),
    );
  });
  show('mine.goPasskey', element('p', {}, voice.said('mine.passkeyText')), make, told, back(frame));
}
