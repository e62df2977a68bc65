/**
 * An act as its signer must read it, and the way to the signer, who is apart from this page: a session can sign nothing.
 *
 * Promises: what is shown is computed here from the bytes that are signed, and an act whose fields do not hash to its id is
 * shown as refused and never as words; every commitment that nothing opens is named; a signature that is handed in twice is one.
 */
import { isUnlisted, type SigningRegister } from '../../server/domain/acts/domains.ts';
import { codeOfError, Refusal } from '../../server/domain/base/refusal.ts';
import { actInWords, readActFile, unopenedIn } from '../../server/domain/signer/actFile.ts';
import { amountBeside, readBeside, renamedBeside } from '../../server/domain/signer/beside.ts';
import { actFields } from '../page/actFields.ts';
import { element, english, gap, idText, type Voice } from '../page/dom.ts';
import { fileField, keepFile } from '../page/forms.ts';
import { ask, askText } from './ask.ts';
import { opened } from './ending.ts';
import { Mistake } from './mistake.ts';
import {
  type Context,
  choice,
  errorNodes,
  field,
  fileIn,
  form,
  moment,
  type Shown,
  section,
} from './parts.ts';

interface ActTold {
  readonly id: string;
  readonly state: 'waiting' | 'accepted' | 'failed';
  readonly missing: readonly string[];
  readonly expiresAt: string;
  readonly recordedFrom?: string;
  readonly code?: string;
  readonly operation?: string;
  readonly withheld?: string;
}

interface Operation {
  readonly state: string;
  readonly isFinal: boolean;
  readonly code?: string;
}

const MAX_CHARACTERS = 32 * 2 ** 20;
/** A signature is some kilobytes at most. */
const SIGNATURE_BYTES_MAX = 65_536;
/** As long as a ledger of one node takes for a block, some times over. */
const WAIT_SECONDS = 10;

export async function actPage(context: Context): Promise<Shown> {
  const { path } = context;
  const [id = ''] = path;
  const place = `/acts/${encodeURIComponent(id)}`;
  const body = element('div');
  const show = (text: string) => body.replaceChildren(...actNodes(context, place, text, show));
  show(await askText(place));
  return { title: 'act.title', nodes: [body] };
}

/** Of one answer of the gateway: what it is called and says is made of what is signed, how it stands is the gateway's word. */
function actNodes(
  context: Context,
  place: string,
  text: string,
  show: (text: string) => void,
): readonly Node[] {
  const { voice } = context;
  const told = JSON.parse(text) as ActTold;
  const where = element('div', {}, ...standingNodes(voice, told));
  const { kind, register, nodes } = said(voice, text);
  return [
    kind !== undefined && element('p', { class: 'lead' }, voice.term('kind', kind)),
    where,
    opened(element('div', {}, ...nodes)),
    told.withheld !== undefined && opening(context, place, show),
    told.state !== 'accepted' &&
      handOver(context, told, text, register !== undefined && isUnlisted(register), where),
    section(voice, 'act.id', element('p', {}, idText(told.id))),
  ].filter((node): node is HTMLElement => node instanceof Node);
}

/** The one purpose that an act is opened for. */
const PURPOSES = ['registration'] as const;

function opening({ voice, announce }: Context, place: string, show: (text: string) => void): HTMLElement {
  return section(
    voice,
    'act.withheld',
    element('p', {}, voice.said('act.withheldText')),
    form(
      voice,
      'act.open',
      [
        choice(voice, 'purpose', 'find.purpose', PURPOSES),
        field(voice, { name: 'case', label: 'case.label', hint: 'act.caseHint' }),
      ],
      async ({ purpose = '', case: typed = '' }) => {
        if (purpose === '') throw new Mistake('find.noPurpose');
        const caseReference = typed.trim();
        const query = new URLSearchParams({ purpose });
        show(await askText(`${place}?${query}`, caseReference === '' ? {} : { caseReference }));
        announce('act.opened');
      },
    ),
  );
}

function standingNodes(
  voice: Voice,
  { state, missing, expiresAt, recordedFrom, code }: ActTold,
): readonly Node[] {
  const nodes: Node[] = [element('p', {}, element('strong', {}, voice.term('standsAs', state)))];
  if (missing.length > 0) {
    const parts = missing.map((part) => element('li', {}, voice.term('part', part.replace(/-\d+$/, ''))));
    nodes.push(element('p', {}, voice.said('act.missing')), element('ul', {}, ...parts));
  }
  if (state === 'waiting')
    nodes.push(element('p', {}, voice.said('inbox.until'), gap(), moment(voice, expiresAt)));
  if (recordedFrom !== undefined)
    nodes.push(element('p', {}, voice.said('act.held'), gap(), moment(voice, recordedFrom)));
  if (code !== undefined) nodes.push(element('p', { class: 'warn' }, voice.said('error.code', { code })));
  return nodes;
}

/** The sentence first, then every field of what is signed, then what nothing opens. */
function said(
  voice: Voice,
  text: string,
): { readonly kind?: string; readonly register?: SigningRegister; readonly nodes: readonly Node[] } {
  try {
    const file = readActFile(text);
    const beside = readBeside(text, MAX_CHARACTERS);
    const [sentence = '', ...fields] = actInWords(file, beside);
    const unopened = unopenedIn(file);
    const ofGateway = [
      amountBeside(file.act.message, beside) ?? [],
      renamedBeside(file.openings, beside),
    ].flat(2);
    const nodes = [
      section(
        voice,
        'act.says',
        voice.speaker.language !== 'en' && element('p', { class: 'hint' }, voice.said('act.inEnglish')),
        element('div', { class: 'sentence' }, english(sentence)),
        element('p', { class: 'hint' }, voice.said('act.recomputed')),
        element(
          'button',
          {
            type: 'button',
            class: 'plain',
            click: () => document.querySelector<HTMLElement>('#hand-over')?.focus(),
          },
          voice.said('act.toHandOver'),
        ),
      ),
      unopened.length > 0 &&
        section(
          voice,
          'act.unopened',
          element('p', { class: 'warn' }, voice.said('act.unopenedText', { count: unopened.length })),
          element('ul', {}, ...unopened.map((place) => element('li', {}, idText(place)))),
        ),
      ofGateway.length > 0 &&
        section(voice, 'act.ofGateway', element('ul', {}, ...ofGateway.map((line) => english(line, 'li')))),
      actFields(voice, fields, true),
    ].filter((node): node is HTMLElement => node instanceof Node);
    return { kind: codeOfError(file.act.primaryType), register: file.register, nodes };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const refused = section(
      voice,
      'act.notWhatItSays',
      element('p', { class: 'warn' }, voice.said('act.doNotSign')),
      english(error.message),
      english(error.row.remedy),
    );
    return { nodes: [refused] };
  }
}

function handOver(
  { voice, announce }: Context,
  told: ActTold,
  text: string,
  isApart: boolean,
  where: HTMLElement,
): HTMLElement {
  const file = fileField(voice, 'signature', 'act.signature', 'act.signatureHint');
  // One intention: whoever presses twice, or after a line was cut, hands in the same signature once.
  const keys = new Map<string, string>();
  const outcome = element('div', { role: 'status' });
  const handing = section(
    voice,
    'act.handOver',
    element('p', {}, voice.said('act.handOverText')),
    element(
      'ol',
      {},
      element(
        'li',
        {},
        element('p', {}, voice.said('act.stepKeep')),
        element(
          'button',
          { type: 'button', click: () => keepFile(`act-${told.id.slice(2, 14)}.json`, text) },
          voice.said('act.keep'),
        ),
      ),
      element(
        'li',
        {},
        element('p', {}, voice.said('act.stepSign')),
        element(
          'p',
          {},
          idText(
            `kudurru officer sign act-${told.id.slice(2, 14)}.json --key NAME --trust trust.json${isApart ? ' --registers registers.json' : ''} --out signed.json`,
          ),
        ),
        isApart &&
          element(
            'p',
            { class: 'hint' },
            voice.said('act.stepRegisters'),
            gap(),
            idText('kudurru audit --rpc URL --trust trust.json --json > registers.json'),
          ),
        element('p', { class: 'hint' }, voice.said('act.stepApprove'), gap(), idText('--approve')),
      ),
      element(
        'li',
        {},
        element('p', {}, voice.said('act.stepHandIn')),
        form(voice, 'act.handIn', [file.node], async () => {
          const body = signatureIn(await fileIn(file.input));
          const key = keys.get(body) ?? crypto.randomUUID();
          keys.set(body, key);
          const now = JSON.parse(
            await askText(`/acts/${told.id}/signatures`, {
              method: 'POST',
              body: JSON.parse(body),
              key,
              waitSeconds: WAIT_SECONDS,
            }),
          ) as ActTold;
          where.replaceChildren(...standingNodes(voice, now));
          outcome.replaceChildren(...(await outcomeNodes(voice, now)));
          announce('act.handedIn');
        }),
        outcome,
      ),
    ),
  );
  handing.id = 'hand-over';
  handing.tabIndex = -1;
  return handing;
}

function signatureIn(text: string | undefined): string {
  if (text === undefined) throw new Mistake('act.noFile');
  if (text.length > SIGNATURE_BYTES_MAX) throw new Mistake('act.noSignature');
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    throw new Mistake('act.noSignature');
  }
}

/** "Accepted" is not "recorded": what became of it is the ledger's word. */
async function outcomeNodes(voice: Voice, { operation, missing }: ActTold): Promise<readonly Node[]> {
  if (operation === undefined)
    return [element('p', {}, voice.said('act.stillMissing', { count: missing.length }))];
  try {
    const { isFinal, code } = await ask<Operation>(operation, { waitSeconds: WAIT_SECONDS });
    if (isFinal) return [element('p', { class: 'good' }, voice.said('act.recorded'))];
    if (code !== undefined) return [element('p', { class: 'warn' }, voice.said('act.refused', { code }))];
    return [element('p', {}, voice.said('act.accepted'))];
  } catch (error) {
    return errorNodes(voice, error);
  }
}
