/**
 * `kudurru till`: a shop's till makes its key, fills a basket, sells to a card, and posts what it sold.
 *
 * Promises: the till's key signs batches and nothing else; what a card signs is in the queue, on disk, before the sale is
 * told to be done; a sale goes on without contact where the till knows what remains on the card, as long as the programme
 * lets a till be offline; what was posted once is never paid twice, however often it is sent.
 */
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import type { SeedKeyKind } from '../server/domain/acts/signing.ts';
import { readTrust } from '../server/domain/audit/trust.ts';
import type { Hex } from '../server/domain/base/hex.ts';
import { countInWords, momentInWords, shortId } from '../server/domain/base/inWords.ts';
import { type RefusalCode, refusal, refusals } from '../server/domain/base/refusal.ts';
import type { ProgrammeId, VendorId } from '../server/domain/base/terms.ts';
import type { CardFile } from '../server/domain/benefits/cardFile.ts';
import { type DeviceKey, keyOfTill } from '../server/domain/benefits/deviceKeys.ts';
import {
  type AskedPurchase,
  type Basket,
  type BasketLine,
  basketOf,
  itemOf,
  itemSignature,
  type KnownEntry,
  purchaseOf,
  readBasket,
  readPurchase,
  requireOfCard,
  writeBasket,
  writePurchase,
} from '../server/domain/benefits/purchase.ts';
import type { CycleId, TillId } from '../server/domain/benefits/terms.ts';
import { writeTillLink } from '../server/domain/benefits/tillLink.ts';
import { type Posted, postAll } from '../server/domain/benefits/tillPost.ts';
import {
  entryName,
  isWaiting,
  know,
  MAX_QUEUE_BYTES,
  type Queue,
  requireRoom,
  SALE_STATES,
  takeSale,
} from '../server/domain/benefits/tillQueue.ts';
import { readTillRecord, recordOfTill, type TillRecord } from '../server/domain/benefits/tillRecord.ts';
import type { BenefitRegister } from '../server/domain/benefits/types.ts';
import { type AnswerOptions, answer, asRecord, NotUnderstood, readText } from './answer.ts';
import { cardIn } from './card.ts';
import type { Client } from './client.ts';
import {
  clientOf,
  type GatewayOptions,
  type GatewayUrlOptions,
  whole,
  withGateway,
  withGatewayUrl,
} from './gatewayOptions.ts';
import { bytes32, kindOption } from './options.ts';
import { newSalt, purchaseInWords, registerIn, signWithPin } from './purchase.ts';
import { type SeedOptions, seedOf, withSeed } from './seeds.ts';
import { askPin, confirm, say } from './terminal.ts';
import { carrierOf } from './tillCarrier.ts';
import { takeUpQueue, withQueue } from './tillQueue.ts';

const MAX_TRUST_BYTES = 65_536;
const MAX_RECORD_BYTES = 16_384;
const MAX_PURCHASE_BYTES = 65_536;

interface KeyOptions extends SeedOptions {
  readonly kind: SeedKeyKind;
  readonly trust: string;
  readonly vendor: VendorId;
  readonly till: TillId;
}

interface LinkOptions extends GatewayUrlOptions {
  readonly trust: string;
  readonly vendor: VendorId;
  readonly till: TillId;
}

interface OpenOptions extends AnswerOptions {
  readonly till: string;
  readonly programme: ProgrammeId;
  readonly cycle: CycleId;
  readonly line: readonly BasketLine[];
  readonly out: string;
}

interface QueueOptions extends AnswerOptions {
  readonly till: string;
  readonly queue: string;
}

interface PostOptions extends QueueOptions, SeedOptions, GatewayOptions {
  readonly trust: string;
  readonly from?: string;
}

interface SellOptions extends PostOptions {
  readonly card: string;
  readonly ask?: string;
  readonly purchase?: string;
  readonly signed?: string;
  readonly later?: boolean;
  readonly yes?: boolean;
}

export function addTill(program: Command): void {
  const till = program
    .command('till')
    .description("a shop's till: its key, baskets, sales, and what is owed");

  withSeed(till.command('key'))
    .description('print the public record of the key of a till, for the agency that registers it')
    .requiredOption('--trust <file>', 'trust file of the ledger')
    .requiredOption('--vendor <id>', 'id of the shop, as the agency says it', bytes32)
    .requiredOption('--till <number>', 'number of the till in the shop, from 1', whole)
    .addOption(kindOption())
    .option('--json', 'answer as JSON')
    .action((options: KeyOptions) => answer(options, () => keyRecord(options), asRecord));

  withGatewayUrl(till.command('link'))
    .description('print the link by which a phone becomes a till; it has no secret')
    .requiredOption('--trust <file>', 'trust file of the ledger')
    .requiredOption('--vendor <id>', 'id of the shop, as the agency says it', bytes32)
    .requiredOption('--till <number>', 'number of the till in the shop, from 1', whole)
    .action((options: LinkOptions) =>
      answer(
        options,
        () => linkOf(options),
        ({ link }) => link,
      ),
    );

  till
    .command('open')
    .description('write a basket: what somebody wants, before a card is scanned')
    .requiredOption('--till <file>', 'record of the till')
    .requiredOption('--programme <id>', 'id of the programme', bytes32)
    .requiredOption('--cycle <number>', 'number of the cycle', whole)
    .requiredOption('--line <what=units>', 'what and its units, once for each: "2 kg of maize=3"', lines)
    .requiredOption('--out <file>', 'the basket; one that exists is left alone')
    .option('--json', 'answer as JSON')
    .action((options: OpenOptions) =>
      answer(
        options,
        () => open(options),
        ({ units }) => `Basket of ${countInWords(units, 'unit')}: ${options.out}`,
      ),
    );

  withPosting(till.command('sell').argument('<basket>', 'the basket'))
    .description('scan a card, show shop, amount and what remains, have it signed, and post it')
    .requiredOption('--card <file>', 'the card')
    .option('--ask <file>', 'write what the card is asked, for `kudurru card sell`, and sell nothing yet')
    .option('--purchase <file>', 'what was written by --ask')
    .option('--signed <file>', 'what `kudurru card sell` signed of it')
    .option('--later', 'leave the sale in the queue')
    .option('--yes', 'do not ask; for a program that has shown the purchase itself')
    .action((file: string, options: SellOptions) => answer(options, () => sell(file, options), soldInWords));

  withPosting(till.command('post'))
    .description('post every sale that waits, and learn what became of those that were posted')
    .option(
      '--from <file>',
      'what a till in a browser kept and signed: taken up as the queue, which is posted without a key',
    )
    .addHelpText(
      'after',
      `
Ends with 0 where every sale was redeemed, now or before; with 1 where one was not, or the gateway refused to judge it; with
2 where sales wait because the gateway does not answer.`,
    )
    .action((options: PostOptions) =>
      answer(
        options,
        async () => {
          const posted = await post(options);
          exitAs(posted);
          if (posted.isOffline) process.exitCode = 2;
          return posted;
        },
        (posted) => postedInWords(posted) || nothingWaits(posted),
      ),
    );

  withQueueOptions(till.command('queue'))
    .description('show every sale of the queue with its state')
    .option('--json', 'answer as JSON')
    .action((options: QueueOptions) =>
      answer(options, () => withTill(options, async (queue) => shownOf(queue)), queueInWords),
    );

  withGateway(till.command('owed'))
    .description('show what the shop earned in each cycle, what of it is paid, can be paid, and waits')
    .requiredOption('--till <file>', 'record of the till')
    .action((options: GatewayOptions & { till: string }) =>
      answer(
        options,
        () =>
          clientOf(options).ask<Account>(
            `/vendors/${recordIn(options.till).vendor}/account?limit=500&newestFirst=true`,
          ),
        owedInWords,
      ),
    );
}

function withQueueOptions(command: Command): Command {
  return command
    .requiredOption('--till <file>', 'record of the till')
    .requiredOption('--queue <dir>', 'folder of its queue, yours alone');
}

function withPosting(command: Command): Command {
  return withGateway(withSeed(withQueueOptions(command))).requiredOption(
    '--trust <file>',
    'trust file of the ledger',
  );
}

// ---- The key ------------------------------------------------------------------------------------------------

async function keyRecord(options: KeyOptions) {
  const trust = readTrust(readText(options.trust, MAX_TRUST_BYTES));
  const { vendor, till, kind: keyKind } = options;
  const key = await keyOf(options, { vendor, till, keyKind });
  const record = recordOfTill(trust, { vendor, till }, key);
  key.privateKey.fill(0);
  return record;
}

function linkOf({ gateway, trust, vendor, till }: LinkOptions) {
  const hash = writeTillLink({ vendor, till }, readTrust(readText(trust, MAX_TRUST_BYTES)));
  return { link: `${gateway.replace(/\/$/, '')}/till${hash}` };
}

async function keyOf(
  options: SeedOptions & { readonly trust: string },
  of: Pick<TillRecord, 'vendor' | 'till' | 'keyKind'>,
): Promise<DeviceKey> {
  const { genesisHash } = readTrust(readText(options.trust, MAX_TRUST_BYTES));
  const seed = await seedOf(options);
  const key = keyOfTill(seed, { genesisHash, vendor: of.vendor, till: of.till }, of.keyKind);
  seed.fill(0);
  return key;
}

const recordIn = (file: string): TillRecord => readTillRecord(readText(file, MAX_RECORD_BYTES));

// ---- Selling ------------------------------------------------------------------------------------------------

function open({ till: file, programme, cycle, line, out }: OpenOptions): Basket {
  const { vendor, till } = recordIn(file);
  const basket = basketOf({ programme, cycle, vendor, till }, line, newSalt);
  fs.writeFileSync(out, writeBasket(basket), { flag: 'wx', mode: 0o600 });
  return basket;
}

interface Sold {
  readonly asked?: string;
  readonly units: number;
  readonly remaining: number;
  readonly posted?: Posted;
}

async function sell(file: string, options: SellOptions): Promise<Sold> {
  const basket = readBasket(readText(file, MAX_PURCHASE_BYTES));
  const card = cardIn(options.card);
  if (card.index === undefined) throw refusal('card-without-place');
  const record = recordIn(options.till);
  if (basket.vendor !== record.vendor || basket.till !== record.till) throw refusal('till-of-another-key');
  return withTill(options, async (queue, save) => {
    requireRoom(queue);
    const asked = await askedOf(basket, card, queue, options);
    const told = { units: asked.units, remaining: asked.remainingBefore - asked.units };
    if (options.ask !== undefined) {
      fs.writeFileSync(options.ask, writePurchase(asked), { flag: 'wx', mode: 0o600 });
      save();
      return { asked: options.ask, ...told };
    }
    const register = registerIn(readText(options.trust, MAX_TRUST_BYTES));
    const signature = await signatureOf(asked, card, register, options);
    itemOf(asked, card, signature, register);
    takeSale(queue, asked, signature, nowSeconds());
    save();
    if (options.later) return told;
    const posted = await postFrom(queue, save, options);
    exitAs(posted);
    return { ...told, posted };
  });
}

/** What the card is asked: of the entry as the gateway says it now, after what this till sold and has not posted. */
async function askedOf(
  basket: Basket,
  card: CardFile,
  queue: Queue,
  options: SellOptions,
): Promise<AskedPurchase> {
  const { index = 0 } = card;
  if (options.purchase !== undefined) {
    const asked = readPurchase(readText(options.purchase, MAX_PURCHASE_BYTES));
    requireOfCard(asked, card);
    return asked;
  }
  if (basket.programme !== card.programme) throw refusal('purchase-of-another-card');
  const entry = await entryOf(Object.assign({ index }, basket), queue, clientOf(options));
  return purchaseOf(basket, card, entry, nowSeconds());
}

interface EntryTold {
  readonly enrolmentEpoch: number;
  readonly cardEpoch: number;
  readonly remainingUnits: number;
  readonly unrecordedUnits: number;
  readonly sequence: number;
  readonly entryBytes: 1 | 4;
  readonly spendUntil: string;
  readonly unpaid?: RefusalCode;
}

/** Says why the ledger would pay nothing, in the words of its refusal. */
const unpaidFor = (code: RefusalCode) => refusal('sale-unpaid', { why: refusals[code]?.message ?? code });

async function entryOf(
  of: Basket & { readonly index: number },
  queue: Queue,
  client: Client,
): Promise<KnownEntry> {
  const waiting = isWaiting(queue, entryName(of));
  const known = queue.entries.get(entryName(of));
  // What waits here is not on the ledger yet: this till knows better.
  let told: EntryTold;
  try {
    const path = `/programmes/${of.programme}/cycles/${of.cycle}/entries/${of.index}?till=${of.till}`;
    told = await client.ask<EntryTold>(path);
  } catch (error) {
    if (!(error instanceof NotUnderstood)) throw error;
    if (known === undefined) throw refusal('entry-unknown');
    if (nowSeconds() > known.spendUntil) throw unpaidFor('item-sold-outside-window');
    say(['The gateway does not answer: selling on what this till last knew.']);
    return known;
  }
  queue.lastContact = nowSeconds();
  if (told.unpaid !== undefined) {
    // Nor is it sold without contact on what was known before.
    if (!waiting) queue.entries.delete(entryName(of));
    throw unpaidFor(told.unpaid);
  }
  // Unless the gateway has accepted more of it, here or elsewhere.
  if (waiting && known !== undefined && known.units <= told.remainingUnits) return known;
  const { remainingUnits: units, sequence, entryBytes, enrolmentEpoch, cardEpoch } = told;
  if (told.unrecordedUnits > 0) say([unrecordedInWords(told.unrecordedUnits)]);
  const spendUntil = Math.floor(Date.parse(told.spendUntil) / 1_000);
  const entry = { units, sequence, entryBytes, enrolmentEpoch, cardEpoch, spendUntil };
  know(queue, entryName(of), entry);
  return entry;
}

const unrecordedInWords = (units: number) =>
  `Of this card ${countInWords(units, 'unit')} ${units === 1 ? 'is' : 'are'} sold, accepted and not recorded yet, and taken off already.`;

async function signatureOf(
  asked: AskedPurchase,
  card: CardFile,
  register: BenefitRegister,
  options: SellOptions,
): Promise<Hex> {
  if (options.signed !== undefined) {
    const { signature } = JSON.parse(readText(options.signed, MAX_RECORD_BYTES)) as { signature?: unknown };
    const hex = itemSignature(signature);
    if (hex === undefined) throw refusal('sale-signature-differs');
    return hex;
  }
  say(purchaseInWords(asked));
  if (options.yes !== true && !(await confirm('Pay exactly this?'))) throw refusal('signing-declined');
  return signWithPin(asked, card, register, await askPin());
}

// ---- Posting ------------------------------------------------------------------------------------------------

/** A sale that is not redeemed is no sale, whatever else was done. */
function exitAs({ skipped, refused }: Posted): void {
  if (skipped.length + refused.length > 0) process.exitCode = 1;
}

async function post(options: PostOptions): Promise<Posted & { readonly redeemedEarlier: number }> {
  if (options.from !== undefined) {
    takeUpQueue(options.queue, readText(options.from, MAX_QUEUE_BYTES), recordIn(options.till));
  }
  // What a till in a browser signed and could not send goes without its key, which never leaves it.
  const isKeyless = options.key === undefined && options.seedFile === undefined;
  return withTill(options, async (queue, save) => {
    const redeemedEarlier = queue.sales.filter(({ state }) => state === 'redeemed').length;
    return Object.assign(await postFrom(queue, save, options, isKeyless), { redeemedEarlier });
  });
}

function withTill<T>(
  { till, queue: folder }: QueueOptions,
  use: (queue: Queue, save: () => void) => Promise<T>,
): Promise<T> {
  return withQueue(folder, recordIn(till), use);
}

async function postFrom(
  queue: Queue,
  save: () => void,
  options: PostOptions,
  isKeyless = false,
): Promise<Posted> {
  const record = recordIn(options.till);
  const register = registerIn(readText(options.trust, MAX_TRUST_BYTES));
  const key = isKeyless ? undefined : await keyOf(options, record);
  if (key !== undefined && key.keyId !== record.keyId) throw refusal('till-of-another-key');
  const change = async <T>(by: (queue: Queue) => T): Promise<T> => {
    const changed = by(queue);
    save();
    return changed;
  };
  const carrier = carrierOf(clientOf(options));
  try {
    return await postAll({ carrier, key, register, change, nowSeconds, newKey: randomUUID });
  } finally {
    key?.privateKey.fill(0);
  }
}

// ---- In words -----------------------------------------------------------------------------------------------

interface Account {
  readonly standing: string;
  /** Of all pages. */
  readonly total: number;
  readonly rows: readonly (Readonly<Record<AccountField, string>> & {
    readonly programme: string;
    readonly programmeLabel?: string;
    readonly cycle: number;
  })[];
}
type AccountField = 'credited' | 'settled' | 'payable' | 'waiting' | 'disputed';

function owedInWords({ standing, total, rows: cycles }: Account): string {
  const rows = cycles.map(
    ({ programme, programmeLabel, cycle, credited, settled, payable, waiting, disputed }) =>
      `${programmeLabel ?? shortId(programme)} cycle ${cycle}: earned ${credited}, paid ${settled}, ` +
      `can be paid now ${payable}, waits ${waiting}, disputed ${disputed}`,
  );
  const more =
    total > rows.length ? [`${rows.length} of ${total} cycles; --json and the API have the others.`] : [];
  return [`The shop is ${standing}.`, ...rows, ...more].join('\n');
}

function soldInWords({ asked, units, remaining, posted }: Sold): string {
  if (asked !== undefined) return `Asked: ${asked}; ${remaining} would remain.`;
  const sold = `Sold ${countInWords(units, 'unit')}; ${remaining} remain.`;
  return posted === undefined ? `${sold} In the queue.` : `${sold}\n${postedInWords(posted)}`;
}

function postedInWords({
  redeemed,
  redeemedBefore,
  skipped,
  refused,
  held,
  waiting,
  isOffline,
}: Posted): string {
  const now = redeemed - redeemedBefore;
  return [
    ...(now > 0 ? [`Redeemed, for good: ${now}`] : []),
    ...(redeemedBefore > 0 ? [`Was redeemed before, and is paid once: ${redeemedBefore}`] : []),
    ...skipped.map(({ index, code }) => `Not redeemed, place ${index} (${code}): ${whyInWords(code)}`),
    ...refused.map(
      (code) => `The batch ${held.includes(code) ? 'waits' : 'was refused'} (${code}): ${whyInWords(code)}`,
    ),
    ...(waiting > 0 ? [`Waiting: ${waiting}${isOffline ? '; the gateway does not answer' : ''}`] : []),
  ].join('\n');
}

/** What the catalogue says of a refusal, and what to do. */
function whyInWords(code: string): string {
  const row = Object.entries(refusals).find(([name]) => name === code)?.[1];
  return row === undefined ? 'nothing more is known of it.' : `${row.message} ${row.remedy}`;
}

function nothingWaits({ redeemedEarlier }: { readonly redeemedEarlier: number }): string {
  return redeemedEarlier === 0
    ? 'Nothing waits.'
    : `Nothing waits. Of this queue was redeemed before: ${redeemedEarlier}`;
}

function shownOf({ sales, lastContact }: Queue) {
  const counts = SALE_STATES.map((state) => [state, sales.filter((sale) => sale.state === state).length]);
  const rows = sales.map(({ asked: { index, units, soldAt }, state, code }) => ({
    index,
    units,
    soldAt,
    state,
    code,
  }));
  return { lastContact, counts: Object.fromEntries(counts) as Record<string, number>, sales: rows };
}

function queueInWords({ counts, sales }: ReturnType<typeof shownOf>): string {
  const rows = sales.map(({ index, units, soldAt, state, code }) => {
    return `${momentInWords(soldAt)}  place ${index}  ${countInWords(units, 'unit')}  ${state}${code === undefined ? '' : ` (${code})`}`;
  });
  return [
    ...rows,
    Object.entries(counts)
      .map(([state, count]) => `${state} ${count}`)
      .join(', '),
  ].join('\n');
}

// ---- What options mean --------------------------------------------------------------------------------------

function lines(text: string, before: readonly BasketLine[] = []): BasketLine[] {
  const [, what = '', units = ''] = /^(.{1,200})=([1-9]\d{0,7})$/u.exec(text) ?? [];
  if (what === '') throw new InvalidArgumentError('Write what it is, =, and its units.');
  return [...before, { what, units: Number(units) }];
}

const nowSeconds = (): number => Math.floor(Date.now() / 1000);
