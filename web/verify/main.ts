/**
 * The page on which anybody checks a certificate: it works where it was saved, asks nobody, and says what it rests on.
 *
 * Promises: the verdict is that of the same rules as the command's; nothing of either file leaves the page; what a page
 * without a network cannot know is said and not passed over.
 */
import { type Certificate, readCertificate } from '../../server/domain/audit/certificate.ts';
import { fingerprint, readTrust } from '../../server/domain/audit/trust.ts';
import {
  type Anchored,
  type Intact,
  judged,
  judgeFacts,
  type No,
  verifyCertificate,
} from '../../server/domain/audit/verifyCertificate.ts';
import { type Child, datum, element, english, gap, idText, pair, type Voice, voiceOf } from '../page/dom.ts';
import { type Beside, moment, titleNodes } from '../page/landState.ts';
import { DIRECTION, LANGUAGES, type Language, speakerOf, type Words } from '../page/words.ts';

/** Put here by the build: those that this page says, in every language. */
declare const VERIFIER_WORDS: Readonly<Record<Language, Words>>;

/** As much as the readers of both files take. */
const FILE_BYTES_MAX = 16 * 2 ** 20;

/** What the reader handed in so far. */
interface Handed {
  certificate?: string;
  trust?: string;
}

const handed: Handed = {};
/** Files that were handed in of each, so that one that is read slowly takes no later one's place. */
const taking = { certificate: 0, trust: 0 };
const root = document.documentElement;

function languageOfReader(): Language {
  const wished = [location.hash.slice(1), ...navigator.languages].map((one) => one.slice(0, 2));
  return wished.flatMap((one) => LANGUAGES.filter((known) => known === one))[0] ?? 'en';
}

function show(language: Language): void {
  const voice = voiceOf(speakerOf(VERIFIER_WORDS[language], language, 'latn'));
  root.lang = language;
  root.dir = DIRECTION[language];
  document.title = voice.plain('verify.title');
  const verdict = element('div', { id: 'verdict', role: 'status' });
  const judge = () => {
    // Whatever it said of what was handed in before is no verdict of this.
    verdict.replaceChildren();
    verdict.replaceChildren(...judgedOrNot(voice));
  };
  document.body.replaceChildren(
    element(
      'main',
      {},
      element('h1', {}, voice.said('verify.title')),
      element('p', {}, voice.said('verify.text')),
      picker(voice, 'certificate', judge),
      picker(voice, 'trust', judge),
      verdict,
      element('p', { class: 'hint' }, voice.said('verify.saved')),
    ),
    element(
      'footer',
      {},
      element(
        'ul',
        { class: 'languages', 'aria-label': voice.plain('language.label') },
        ...LANGUAGES.map((one) =>
          element(
            'li',
            {},
            element(
              'button',
              {
                type: 'button',
                class: 'plain',
                lang: one,
                dir: DIRECTION[one],
                'aria-pressed': `${one === language}`,
                click: () => show(one),
              },
              voice.said(`language.${one}`),
            ),
          ),
        ),
      ),
    ),
  );
  judge();
}

/** A place to drop a file on, or to choose one. */
function picker(voice: Voice, what: keyof Handed, judge: () => void): HTMLElement {
  const taken = element('span', { class: 'hint', id: `${what}-taken` });
  const take = async (file: File | undefined) => {
    if (file === undefined) return;
    const mine = ++taking[what];
    delete handed[what];
    taken.replaceChildren();
    judge();
    const text = file.size <= FILE_BYTES_MAX ? await file.text().catch(() => undefined) : undefined;
    if (mine !== taking[what]) return; // another one was handed in meanwhile
    if (text !== undefined) handed[what] = text;
    taken.replaceChildren(
      file.size > FILE_BYTES_MAX
        ? voice.said('verify.tooLarge')
        : text === undefined
          ? voice.said('verify.notReadText')
          : voice.said('verify.taken', { name: file.name }),
    );
    judge();
  };
  const input = element('input', {
    type: 'file',
    id: what,
    accept: '.json,application/json',
    'aria-describedby': `${what}-hint ${what}-taken`,
    change: () => void take(input.files?.[0]),
  });
  if (handed[what] !== undefined) taken.append(voice.said('verify.kept'));
  return element(
    'p',
    {
      class: 'drop',
      dragover: (event) => event.preventDefault(),
      drop: (event) => {
        event.preventDefault();
        if (event instanceof DragEvent) void take(event.dataTransfer?.files[0]);
      },
    },
    element('label', { for: what }, voice.said(`verify.${what}`)),
    element('span', { class: 'hint', id: `${what}-hint` }, voice.said(`verify.${what}Hint`)),
    input,
    taken,
  );
}

/** What fails while it is judged was not judged: nothing of it stands as a verdict. */
function judgedOrNot(voice: Voice): readonly Node[] {
  try {
    return verdictNodes(voice);
  } catch {
    return [
      verdict(
        'bad',
        element('h2', {}, voice.said('verify.notRead')),
        element('p', {}, voice.said('verify.notReadText')),
      ),
    ];
  }
}

function verdictNodes(voice: Voice): readonly Node[] {
  if (handed.certificate === undefined) return [];
  const text = handed.certificate;
  const certificate = judged(() => readCertificate(text));
  if ('verdict' in certificate) return [noNode(voice, 'verify.notIntact', certificate)];
  const { trust: trustText } = handed;
  if (trustText === undefined) {
    const intact = judgeFacts(certificate);
    return [
      intact.verdict === 'no' ? noNode(voice, 'verify.notIntact', intact) : intactNode(voice, intact),
      element('p', { class: 'warn' }, voice.said('verify.withoutTrust')),
    ];
  }
  const trust = judged(() => readTrust(trustText));
  if ('verdict' in trust) return [noNode(voice, 'verify.trustUnread', trust)];
  const { intact, anchored } = verifyCertificate(trust, certificate);
  const holds = intact.verdict === 'yes' && anchored.verdict === 'yes';
  return [
    intact.verdict === 'no' ? noNode(voice, 'verify.notIntact', intact) : intactNode(voice, intact),
    anchored.verdict === 'no'
      ? noNode(voice, 'verify.notAnchored', anchored)
      : anchoredNode(voice, anchored, certificate),
    element('p', { class: 'warn' }, voice.said('verify.notCurrent')),
    element('p', {}, voice.said('verify.compare')),
    element('p', { class: 'fingerprint' }, idText(fingerprint(trust))),
    ...(holds ? factNodes(voice, certificate) : []),
  ];
}

function noNode(
  voice: Voice,
  key: 'verify.notIntact' | 'verify.notAnchored' | 'verify.trustUnread',
  no: No,
): Node {
  return verdict(
    'bad',
    element('h2', {}, voice.said(key)),
    element('p', {}, voice.said('verify.doNotRely')),
    english(no.reason),
    english(no.remedy),
    element('p', { class: 'hint' }, voice.said('error.code', { code: no.code })),
  );
}

const verdict = (kind: 'good' | 'bad', ...children: readonly Child[]): HTMLElement =>
  element('section', { class: `verdict ${kind}` }, ...children);

/** What is left out is said before anything that is shown. */
function intactNode(voice: Voice, { facts }: Intact): Node {
  const isPart = facts.some(({ shown, all }) => all === undefined || shown < all);
  return verdict(
    'good',
    element('h2', {}, voice.said('verify.intact')),
    element('p', {}, voice.said('verify.intactText')),
    isPart && element('p', { class: 'warn' }, voice.said('verify.part')),
  );
}

function anchoredNode(voice: Voice, anchored: Anchored, { issuedAt }: Certificate): Node {
  const { blockNumber, finality, phase, cautions, isInEffect } = anchored;
  return verdict(
    'good',
    element('h2', {}, voice.said('verify.anchored')),
    element('p', {}, voice.said('verify.anchoredText')),
    element(
      'dl',
      {},
      pair(voice, 'verify.block', datum(voice.speaker.number(blockNumber))),
      pair(voice, 'verify.asOf', moment(voice, BigInt(issuedAt))),
      pair(voice, 'verify.finality', voice.term('finality', finality)),
      pair(voice, 'verify.phase', voice.term('phase', phase)),
      ...cautions.map((caution) => pair(voice, 'verify.caution', voice.term('caution', caution))),
    ),
    !isInEffect && element('p', { class: 'warn' }, voice.said('land.notYet')),
  );
}

/**
 * Everything that was proved, as the register has it: by the time of the certificate, since the page knows no other. A halt
 * moves ends, and no certificate has the halts: what is past its end may be in force.
 */
function factNodes(voice: Voice, { baUnit, state, facts, issuedAt }: Certificate): readonly Node[] {
  const asOf = BigInt(issuedAt);
  const beside: Beside = {
    facts,
    isNotYet: state.header.effectiveOn > asOf,
    isOver: (_of, _id, expiresOn) => expiresOn < asOf,
    saidOver: 'land.endPast',
  };
  return [
    element('h2', {}, voice.said('verify.says')),
    element('p', { class: 'hint' }, voice.said('title.id'), gap(), idText(baUnit)),
    ...titleNodes(voice, state, beside),
  ];
}

show(languageOfReader());
