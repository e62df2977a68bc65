/**
 * `kudurru card`: an agency makes cards in bulk, and a person's card signs what it shows.
 *
 * Promises: a seed never leaves its card and a PIN never the list of PINs; what goes to a gateway is the key id of each
 * card; a card signs a purchase after shop, amount and what remains were shown, and opens no network for it.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import type { SeedKeyKind } from '../server/domain/acts/signing.ts';
import { readTrust } from '../server/domain/audit/trust.ts';
import type { Bytes32 } from '../server/domain/base/hex.ts';
import { refusal } from '../server/domain/base/refusal.ts';
import type { ProgrammeId } from '../server/domain/base/terms.ts';
import { type CardFile, PIN_DIGITS, readCard, writeCard } from '../server/domain/benefits/cardFile.ts';
import { readPurchase, requireOfCard } from '../server/domain/benefits/purchase.ts';
import { type AnswerOptions, answer, NotUnderstood, readText } from './answer.ts';
import { makeCard, newPin } from './cardFile.ts';
import { clientOf, type GatewayOptions, whole, withGateway } from './gatewayOptions.ts';
import { bytes32, kindOption } from './options.ts';
import { prepareFolder, readPrivate, replaceDurably, writeNew } from './privateFiles.ts';
import { purchaseInWords, registerIn, signWithPin } from './purchase.ts';
import { askPin, confirm, say } from './terminal.ts';

const MAX_TRUST_BYTES = 65_536;
const MAX_CARD_BYTES = 4_096;
const MAX_PURCHASE_BYTES = 65_536;
/** An enrolment of twenty thousand people, with all that its answer says of each. */
const MAX_PEOPLE_BYTES = 32 * 2 ** 20;
const PLACES_PAGE = 500;
const CARD_ENDING = '.card.json';
const PINS = 'pins.csv';
const ENROLMENT = 'enrolment.json';

interface MakeOptions extends AnswerOptions {
  readonly programme: ProgrammeId;
  readonly epoch: number;
  readonly kind: SeedKeyKind;
  readonly trust: string;
  readonly out: string;
}

interface SellOptions extends AnswerOptions {
  readonly card: string;
  readonly trust?: string;
  readonly yes?: boolean;
  readonly out: string;
}

interface Place {
  readonly index: number;
  readonly card?: { readonly keyId?: string; readonly cardEpoch?: number };
}

export function addCard(card: Command): void {
  card
    .command('make')
    .argument(
      '<people>',
      'what the upload of registrations answered: JSON with `people` and their `personId`',
    )
    .description(
      'make a card for each person of an enrolment, a PIN for each card, and the body of the enrolment',
    )
    .requiredOption('--programme <id>', 'id of the programme', bytes32)
    .requiredOption('--epoch <number>', 'enrolment epoch', whole)
    .addOption(kindOption())
    .requiredOption('--trust <file>', 'trust file of the ledger: a card is good on no other')
    .requiredOption('--out <dir>', 'a folder that is not there yet, yours alone')
    .option('--json', 'answer as JSON')
    .addHelpText(
      'after',
      `\nEach card is a file NUMBER${CARD_ENDING} whose seed its PIN opens; ${PINS} has the PINs, to be printed and handed over
apart from the cards, then destroyed; ${ENROLMENT} is the body for \`kudurru desk prepare enrolments\`: public values alone,
with each key's own signature that it is held.`,
    )
    .action((file: string, options: MakeOptions) =>
      answer(
        options,
        () => make(file, options),
        ({ cards, folder }) => `Made: ${cards} cards in ${folder}`,
      ),
    );

  withGateway(card.command('place').argument('<dir>', 'folder of the cards'))
    .description('write on each card the place of its person, once the enrolment is on the ledger')
    .action((folder: string, options: GatewayOptions) =>
      answer(
        options,
        () => place(folder, options),
        ({ placed, of }) => `Placed: ${placed} of ${of} cards`,
      ),
    );

  card
    .command('sell')
    .argument('<purchase>', 'what a till asks, from `kudurru till sell --ask`')
    .description('show shop, amount and what remains, ask for the PIN, and sign exactly that')
    .requiredOption('--card <file>', 'the card')
    .option(
      '--trust <file>',
      'trust file of now, where the ledger of benefits was succeeded since the card was made',
    )
    .option('--yes', 'do not ask; for a program that has shown the purchase itself')
    .requiredOption('--out <file>', 'write the signature to this file; one that exists is left alone')
    .option('--json', 'answer as JSON')
    .action((file: string, options: SellOptions) =>
      answer(
        options,
        () => sell(file, options),
        () => `Signed: ${options.out}`,
      ),
    );
}

// ---- Making cards -------------------------------------------------------------------------------------------

function make(
  file: string,
  { programme, epoch: enrolmentEpoch, kind: keyKind, trust: trustFile, out }: MakeOptions,
) {
  const trust = readTrust(readText(trustFile, MAX_TRUST_BYTES));
  const people = peopleIn(readText(file, MAX_PEOPLE_BYTES));
  if (fs.existsSync(out)) throw new NotUnderstood(`${out} is there already: cards are never written over.`);
  const folder = prepareFolder(out);
  const width = String(people.length).length;
  const made = people.map((personId, i) => {
    const pin = newPin();
    const { card, possession } = makeCard(trust, { programme, enrolmentEpoch, keyKind }, pin);
    const number = String(i + 1).padStart(width, '0');
    if (!writeNew(folder, `${number}${CARD_ENDING}`, writeCard(card))) throw new Error('a card twice');
    return { number, pin, enrolled: { personId, keyKind, keyId: card.keyId, possession } };
  });
  const pins = ['card,pin', ...made.map(({ number, pin }) => `${number},${pin}`), ''].join('\n');
  writeNew(folder, PINS, pins);
  const enrolled = made.map((one) => one.enrolled);
  const body = { programme, enrolmentEpoch, effectiveFrom: 0, people: enrolled };
  writeNew(folder, ENROLMENT, `${JSON.stringify(body)}\n`);
  say([
    `A PIN of ${PIN_DIGITS} digits keeps a finder out, and nobody who copies the file of a card: hand cards over, not files.`,
    `Print ${path.join(out, PINS)}, hand each PIN over apart from its card, and take the file away.`,
  ]);
  return { cards: made.length, folder: out };
}

function peopleIn(text: string): Bytes32[] {
  const given: unknown = parsed(text);
  const people = (given as { people?: unknown } | undefined)?.people;
  const ids = Array.isArray(people) ? people.map((one) => (one as { personId?: unknown })?.personId) : [];
  if (ids.length === 0 || !ids.every((id) => typeof id === 'string' && /^0x[0-9a-f]{64}$/.test(id))) {
    throw new NotUnderstood('The file has no `people`, each with a `personId`.');
  }
  return ids as Bytes32[];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // refused with what lacks `people`
  }
}

async function place(given: string, options: GatewayOptions) {
  const folder = prepareFolder(given);
  const files = fs.readdirSync(folder).filter((name) => name.endsWith(CARD_ENDING));
  const cards = new Map(files.map((name) => [name, cardIn(path.join(folder, name))]));
  const [first] = cards.values();
  if (first === undefined) throw new NotUnderstood(`${given} has no cards.`);
  const indexes = await indexesOf(first, options);
  let placed = 0;
  for (const [name, card] of cards) {
    const at = indexes.get(card.keyId);
    if (at === undefined) continue;
    replaceDurably(folder, name, writeCard(Object.assign({}, card, at)));
    placed++;
  }
  return { placed, of: cards.size };
}

/** Where each key stands, page by page. */
async function indexesOf({ programme, enrolmentEpoch }: CardFile, options: GatewayOptions) {
  const client = clientOf(options);
  const indexes = new Map<string, { readonly index: number; readonly cardEpoch: number }>();
  let after: string | undefined = '';
  while (after !== undefined) {
    const at = `/programmes/${programme}/enrolments/${enrolmentEpoch}/places?limit=${PLACES_PAGE}${after}`;
    const page: { rows: readonly Place[]; next?: string } = await client.ask(at);
    for (const { index, card } of page.rows) {
      if (card?.keyId !== undefined) indexes.set(card.keyId, { index, cardEpoch: card.cardEpoch ?? 1 });
    }
    after = page.next === undefined ? undefined : `&after=${page.next}`;
  }
  return indexes;
}

// ---- Signing ------------------------------------------------------------------------------------------------

export function cardIn(file: string): CardFile {
  const text = readPrivate(file, MAX_CARD_BYTES);
  if (text === undefined) throw new NotUnderstood(`${file} is not there.`);
  return readCard(text);
}

async function sell(file: string, options: SellOptions) {
  const asked = readPurchase(readText(file, MAX_PURCHASE_BYTES));
  const card = cardIn(options.card);
  if (card.index === undefined) throw refusal('card-without-place');
  requireOfCard(asked, card);
  say(purchaseInWords(asked));
  if (options.yes !== true && !(await confirm('Pay exactly this?'))) throw refusal('signing-declined');
  const { trust } = options;
  const register = trust === undefined ? card.register : registerIn(readText(trust, MAX_TRUST_BYTES));
  const signed = { signature: signWithPin(asked, card, register, await askPin()) };
  fs.writeFileSync(options.out, `${JSON.stringify(signed)}\n`, { flag: 'wx' });
  return signed;
}
