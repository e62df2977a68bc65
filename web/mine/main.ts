/**
 * A person's own page: what is kept of her, what she may spend, what was spent where, and who read it, opened by her card and
 * its PIN on whatever device is at hand, her own or one at a counter.
 *
 * Promises: the card and its PIN stay on the device, and no token opens anything; what is shown goes when nobody touches the
 * page, or at the press of a button; the list of readings is checked here, line by line, and not believed.
 */
import { signShown } from '../../server/domain/acts/signing.ts';
import { digestOf } from '../../server/domain/acts/typedData.ts';
import type { Bytes32 } from '../../server/domain/base/hex.ts';
import { type CardFile, readCard } from '../../server/domain/benefits/cardFile.ts';
import { ownReading } from '../../server/domain/people/ownProof.ts';
import { type Child, element, type Voice, voiceOf } from '../page/dom.ts';
import { button, inputField, pinIn } from '../page/forms.ts';
import { digitsChosen, footer, language, layOut } from '../page/frame.ts';
import { whenIdle } from '../page/idle.ts';
import { type Key, speakerOf, type Words } from '../page/words.ts';
import { openCard } from '../till/lockBox.ts';
import type { LandPage } from './land.ts';
import { ask, type Frame, type Ledger, newScreen, oneForm, screenNow, Wrong } from './parts.ts';
import { type OwnRecord, recordNodes } from './record.ts';

/** A page that somebody leaves open at a counter shows nothing for longer. */
const IDLE_MS = 2 * 60_000;

/** Signs with the card's own key that she reads, and with nothing else. */
async function readingOf(of: AbortSignal, card: CardFile, pin: string): Promise<OwnRecord> {
  const { programme, enrolmentEpoch, index, genesisHash } = card;
  if (index === undefined) throw new Wrong('mine.why.noPlace');
  const ledger = await ask<Ledger>(of, '/ledger');
  if (ledger.genesisHash !== genesisHash) throw new Wrong('mine.why.otherLedger');
  const place = { kind: 'card' as const, programme, enrolmentEpoch, index };
  const key = await openCard(card, pin);
  try {
    const { challenge, deadline } = await ask<{ readonly challenge: Bytes32; readonly deadline: string }>(
      of,
      '/own-data/challenges',
      { place },
    );
    // Made here: what the gateway says is to be signed is not looked at.
    const data = ownReading(ledger, place, { challenge, deadline: BigInt(deadline) });
    const signature = signShown(digestOf(data), key);
    return await ask<OwnRecord>(of, '/own-data/readings', {
      place,
      challenge,
      deadline: Number(deadline),
      signature,
    });
  } finally {
    key.privateKey.fill(0);
  }
}

function cardIn(text: string): CardFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Wrong('mine.why.noCard');
  }
  return readCard(`${JSON.stringify(json, undefined, 2)}\n`);
}

function openNodes(voice: Voice, show: (own: OwnRecord) => void): readonly Node[] {
  const code = element('textarea', {
    id: 'card',
    rows: '3',
    dir: 'ltr',
    autocomplete: 'off',
    spellcheck: 'false',
    'aria-describedby': 'card-hint',
  });
  const file = element('input', { id: 'card-file', type: 'file', accept: '.json,application/json' });
  file.addEventListener('change', () => {
    void file.files?.[0]?.text().then((text) => {
      code.value = text;
      pin.input.focus();
    });
  });
  const pin = inputField(voice, {
    name: 'card-pin',
    label: 'mine.pin',
    hint: 'mine.pinHint',
    type: 'password',
  });
  let read: CardFile | undefined;
  const form = oneForm(
    voice,
    [
      element(
        'div',
        { class: 'field' },
        element('label', { for: 'card' }, voice.said('mine.card')),
        element('span', { id: 'card-hint', class: 'hint' }, voice.said('mine.cardHint')),
        code,
      ),
      element(
        'p',
        { class: 'field' },
        element('label', { for: 'card-file' }, voice.said('mine.cardFile')),
        file,
      ),
      pin.node,
    ],
    'mine.open',
    async (of) => {
      // The page keeps it for another try of the PIN and shows it to nobody: the device may be anybody's.
      if (code.value !== '' || read === undefined) read = cardIn(code.value);
      code.value = '';
      file.value = '';
      const card = read;
      const entered = pinIn(pin.input.value);
      pin.input.value = '';
      if (entered === '') throw new Wrong('mine.why.noPin');
      show(await readingOf(of, card, entered));
    },
  );
  return [element('p', {}, voice.said('mine.text')), form];
}

/** What each way leads to is fetched when it is chosen. */
function landNodes(frame: Frame): HTMLElement {
  const { voice } = frame;
  const way = (page: LandPage, label: 'mine.goTitles' | 'mine.goConsent' | 'mine.goPasskey') =>
    button(voice, label, () => {
      const of = screenNow();
      void import('./land.ts').then(({ landPage }) => of.aborted || landPage(frame, page));
    });
  return element(
    'section',
    { class: 'land' },
    element('h2', {}, voice.said('mine.land')),
    element('p', {}, voice.said('mine.landText')),
    element(
      'p',
      { class: 'buttons' },
      way('titles', 'mine.goTitles'),
      way('consent', 'mine.goConsent'),
      way('passkey', 'mine.goPasskey'),
    ),
  );
}

async function start(): Promise<void> {
  const answer = await fetch(document.querySelector<HTMLLinkElement>('#words')?.href ?? '');
  const voice = voiceOf(speakerOf((await answer.json()) as Words, language, digitsChosen()));
  document.title = voice.plain('mine.name');
  const content = element('main', { id: 'content' });
  const bar = element('header', { class: 'bar' }, element('p', { class: 'name' }, voice.said('mine.name')));
  layOut(
    bar,
    content,
    footer(voice, (other) => `/mine/${other}/`),
  );
  let watching = () => {};
  const place = (...nodes: readonly Child[]) =>
    content.replaceChildren(...nodes.filter((node): node is Node => node instanceof Node));
  const heading = (title: Key) => element('h1', { tabindex: '-1' }, voice.said(title));
  const closed = (said?: Key) => {
    newScreen();
    watching();
    watching = whenIdle(IDLE_MS, () => closed());
    place(
      said !== undefined && element('p', { role: 'status', class: 'notice' }, voice.said(said)),
      heading('mine.title'),
      ...openNodes(voice, opened),
      landNodes(frame),
    );
  };
  const frame: Frame = {
    voice,
    show: (title, ...nodes) => {
      newScreen();
      watching();
      watching = whenIdle(IDLE_MS, () => closed('mine.idle'));
      const shown = heading(title);
      place(shown, ...nodes);
      shown.focus();
    },
    home: () => {
      closed();
      content.querySelector('h1')?.focus();
    },
  };
  const opened = (own: OwnRecord) => {
    frame.show(
      'mine.opened',
      element(
        'p',
        { class: 'buttons' },
        button(voice, 'mine.close', frame.home),
        button(voice, 'mine.print', () => print()),
      ),
      ...recordNodes(voice, own),
    );
  };
  // A browser keeps the page whole, to show it again when somebody goes back to it.
  addEventListener('pagehide', () => closed());
  closed();
}

void start().catch(() => {
  document.querySelector('#failed')?.removeAttribute('hidden');
});
