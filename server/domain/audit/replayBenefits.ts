/**
 * The auditor's books of benefits: money after every event (B1), tables against what was signed (B4), and each
 * redemption against the entry it took from (B2, B3).
 */

import type { EventOf } from '../acts/events.ts';
import type { ActHead } from '../acts/head.ts';
import type { Moment } from '../acts/moment.ts';
import { hashStruct } from '../acts/typedData.ts';
import { type Address, type Bytes32, fromHex, type Hex, ZERO_32 } from '../base/hex.ts';
import { Refusal, type RefusalCode } from '../base/refusal.ts';
import type { ProgrammeId } from '../base/terms.ts';
import { type AppliedAct, kindOf, messageOf } from '../benefits/act.ts';
import { BenefitBook } from '../benefits/book.ts';
import { type Card, loadedCard, NO_CARD } from '../benefits/cards.ts';
import type { BenefitEvent, Touched } from '../benefits/follow.ts';
import {
  checkSale,
  type ItemRecords,
  judgeItem,
  judgeUnsigned,
  keyKindOf,
  type SaleRecords,
} from '../benefits/judge.ts';
import { checkMoney, moneyOf } from '../benefits/money.ts';
import { END_WITHOUT_NOTICE_POLICY, judgeTier, type MovedAlone, tierPolicy } from '../benefits/policies.ts';
import { type AuthorityNeeded, judge, type Records, releaseEntryId } from '../benefits/prepare.ts';
import { type Cycle, extendedDeadline, isPaused, mayPostSales, openingOf } from '../benefits/records.ts';
import { type ItemResult, type RedemptionItem, readResults, resultsHash } from '../benefits/redemption.ts';
import { BENEFIT_ACTS, BENEFIT_KIND_BASE } from '../benefits/terms.ts';
import { BENEFIT_TYPES, type BenefitRegister } from '../benefits/types.ts';
import { entryAt, foldWords, wordsOf } from '../benefits/unitsTable.ts';
import { hashOfWords } from '../land/hashes.ts';
import { momentAt } from '../power/halts.ts';
import { type KeptWord, moneyWords } from './benefitWords.ts';
import type { BlockMoment, FindingList } from './findings.ts';
import type { OfficersNeeded, PowerReplay } from './replayPower.ts';
import type { SignatureReplay, SignedAct } from './replaySignatures.ts';
import { type ShownSale, shownSale } from './shownSale.ts';

type Benefit =
  | EventOf<'ActApplied'>
  | EventOf<'SlotsLoaded'>
  | EventOf<'UnitsLoaded'>
  | EventOf<'BatchRedeemed'>;

const WORD_BYTES = 32;

/** The events do not say since when a till was offline: one that was always is refused least. */
const UNHEARD = 1n;

const OPENED_AMISS = 'The sales of a cycle begin at another second than they may.';
const WITHOUT_ENTRY = 'An act was applied without an entry that says so.';

/** Hash of what was signed; nobody signs a release. */
function structHashOf({ name, act }: AppliedAct, head: ActHead): Bytes32 | undefined {
  if (name === 'Release') return undefined;
  const fields = messageOf(name, act);
  return hashStruct(BENEFIT_TYPES[name], name, { head: { ...head }, ...fields });
}

/** What the entry of an act is about. */
function subjectOf({ act }: AppliedAct): Bytes32 {
  return 'programme' in act ? act.programme : act.vendor;
}

/** The records the rules of an act read. */
function readBy({ name, act }: AppliedAct): Touched {
  const programme = 'programme' in act ? { programme: act.programme } : {};
  switch (name) {
    case 'Enrol':
      return { ...programme, enrolment: act };
    case 'SetCard':
      return { ...programme, enrolment: act, card: act };
    case 'SetVendor':
      return { vendor: act.vendor };
    case 'SetTill':
      return { vendor: act.vendor, till: act };
    case 'CycleEnvelope':
      return { ...programme, cycle: act, enrolment: act };
    case 'Release':
    case 'MoveCycle':
      return { ...programme, cycle: act };
    case 'Settle':
    case 'ReleaseCredit':
      return { ...programme, cycle: act, credit: act };
    default:
      return programme;
  }
}

/** Words that two officers signed, as far as they are loaded. */
interface Table {
  readonly signedHash: Bytes32;
  /** Place of the first of these words in the whole table or epoch. */
  readonly first: number;
  readonly words: Uint8Array;
  /** False once a load did not hold the words that it counts. */
  isSeen: boolean;
}

const RELEASE_KIND = BENEFIT_KIND_BASE + BENEFIT_ACTS.indexOf('cycle-released');

/** What a batch's entry binds. */
interface BatchResults {
  readonly programme: ProgrammeId;
  readonly hash: Bytes32;
  /** What the till signed, where a call shows it. */
  readonly digest: Bytes32 | undefined;
}

/** A batch as far as it is seen. */
interface SaleSeen {
  readonly programme: ProgrammeId;
  readonly words: Uint8Array | undefined;
  readonly register: BenefitRegister;
  readonly shown: ShownSale | undefined;
}

const SKIPPED_AMISS = 'A sale was skipped for a reason that does not hold.';
/** What a result repeats of its item. */
const ITEM_FIELDS = ['kind', 'cardEpoch', 'index', 'remainingBefore', 'units', 'sequence', 'soldAt'] as const;

/** An act that was applied and whose entry is to come. */
interface Applied {
  readonly event: EventOf<'ActApplied'>;
  /** Whom the register asked; undefined where the rules refuse the act. */
  readonly authority: AuthorityNeeded | undefined;
  /** Code of the money it moves. */
  readonly currency: number;
}

export interface BenefitReplayParts {
  readonly chainId: bigint;
  readonly findings: FindingList;
  readonly power: PowerReplay;
  readonly signatures: SignatureReplay;
}

export class BenefitReplay {
  readonly #chainId: number;
  readonly #findings: FindingList;
  readonly #power: PowerReplay;
  readonly #signatures: SignatureReplay;
  readonly #book = new BenefitBook((programme, epoch, index) => this.#cardAt(programme, epoch, index));
  readonly #programmes = new Set<ProgrammeId>();
  /** By programme and cycle. */
  readonly #tables = new Map<string, Table>();
  /** Hash of each envelope that was signed, by programme and cycle. */
  readonly #envelopes = new Map<string, Bytes32>();
  /** By programme and epoch: one table an enrolment act. */
  readonly #enrolments = new Map<string, Table[]>();
  /** Results of batches whose entries have not come yet: they stand just before them. */
  readonly #results: BatchResults[] = [];
  /** What each institution moved by itself, by currency. */
  readonly #moved = new Map<string, MovedAlone>();
  #applied: Applied | undefined;

  constructor({ chainId, findings, power, signatures }: BenefitReplayParts) {
    this.#chainId = Number(chainId);
    this.#findings = findings;
    this.#power = power;
    this.#signatures = signatures;
  }

  apply(event: Benefit, at: BlockMoment): void {
    const moment = momentAt(BigInt(at.nowSeconds), at.halts, at.redemption);
    const before = this.#before(event);
    if (event.name === 'ActApplied') this.#judge(event, moment, at);
    if (event.name === 'BatchRedeemed') this.#checkSale(event, moment);
    if (event.name === 'SlotsLoaded' || event.name === 'UnitsLoaded') this.#checkRunning(event, moment, at);
    try {
      this.#book.apply({ name: event.name, ...event.args } as BenefitEvent, moment);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      this.#findings.add('bytes', 'An event is about a record that nothing began.', programmeOf(event));
      return;
    }
    if (event.name === 'SlotsLoaded') this.#loadSlots(event, before);
    if (event.name === 'UnitsLoaded') this.#loadWords(event, before);
    if (event.name === 'ActApplied') this.#begin(event.args.applied);
    const programme = programmeOf(event);
    if (programme !== undefined) this.#checkMoney(programme);
  }

  /** What the register holds of every programme's money, by these books. */
  moneyWords(): readonly KeptWord[] {
    return [...this.#programmes].flatMap((id) => {
      const books = this.#book.books(id);
      return books === undefined ? [] : moneyWords(id, books);
    });
  }

  // ---- Entries --------------------------------------------------------------------------------------------

  /** The entry of an act of two officers: it binds what was applied, and they are whom the register asked. */
  enter(entry: EventOf<'EntryRecorded'>, signed: SignedAct, at: BlockMoment): void {
    const applied = this.#appliedFor(entry);
    const need = applied && this.#needOf(applied, signed, at);
    this.#signatures.checkTwo(signed, [entry], need, at);
    if (applied === undefined) return;
    const { name, act } = applied.event.args.applied;
    const { kind, subject, newState, entryId } = entry.args;
    const isBound =
      name !== 'Release' &&
      kind === BENEFIT_KIND_BASE + kindOf(name) &&
      subject === subjectOf(applied.event.args.applied) &&
      newState === signed.actHash &&
      newState === structHashOf(applied.event.args.applied, signed.head);
    this.#findings.require(isBound, 'L3', 'An act was applied that is not the one signed.', entryId);
    if (name === 'CycleEnvelope') this.#envelopes.set(`${act.programme} ${act.cycle}`, newState);
  }

  /** An entry that nobody signs: it follows from what was signed before. */
  enterAlone(entry: EventOf<'EntryRecorded'>): void {
    if (entry.args.kind === RELEASE_KIND) this.#enterRelease(entry);
    else this.#enterBatch(entry);
  }

  /** A release follows from its envelope, and its id from its cycle. */
  #enterRelease(entry: EventOf<'EntryRecorded'>): void {
    const applied = this.#appliedFor(entry)?.event.args.applied;
    if (applied === undefined) return;
    const { subject, newState, entryId } = entry.args;
    const { act } = applied;
    const isBound =
      applied.name === 'Release' &&
      subject === subjectOf(applied) &&
      newState === this.#envelopes.get(`${applied.act.programme} ${applied.act.cycle}`) &&
      entryId === releaseEntryId(this.#registerAt(entry.address), applied.act.programme, applied.act.cycle);
    const about = 'programme' in act ? act.programme : act.vendor;
    this.#findings.require(isBound, 'B4', 'A release is not of the envelope that was signed.', about);
  }

  /** A batch's entry binds its results. */
  #enterBatch({ args }: EventOf<'EntryRecorded'>): void {
    const results = this.#results.shift();
    const isBound =
      results?.hash === args.newState &&
      results.programme === args.subject &&
      (results.digest === undefined || args.entryId === hashOfWords([results.digest, results.hash]));
    this.#findings.require(isBound, 'P8', 'A batch is not the one its entry binds.', args.entryId);
  }

  /** What was applied just before its entry. */
  #appliedFor({ args: { entryId } }: EventOf<'EntryRecorded'>): Applied | undefined {
    const applied = this.#applied;
    this.#applied = undefined;
    if (applied?.event.args.entryId === entryId) return applied;
    this.#findings.add('L3', 'An entry says that an act was applied, and none was.', entryId);
    return undefined;
  }

  #registerAt(benefitLedger: Address): BenefitRegister {
    return { chainId: this.#chainId, ledgerNonce: this.#power.ledgerNonce ?? ZERO_32, benefitLedger };
  }

  #needOf(
    { authority, currency }: Applied,
    { head: { office } }: SignedAct,
    at: BlockMoment,
  ): OfficersNeeded | undefined {
    if (authority === undefined) return undefined;
    const { institution, pauseScope } = authority;
    const { isTwo, isAboveTier } = this.#isForTwo(authority, currency, at);
    return {
      office,
      scope: pauseScope,
      institution: isTwo ? 0 : institution,
      preparerInstitution: institution,
      twoInstitutions: isTwo,
      isAboveTier,
    };
  }

  /** Whether two institutions must sign; what one moves alone is added to its sum (B9). */
  #isForTwo(
    { institution, byTwoInstitutions, amountMinor }: AuthorityNeeded,
    currency: number,
    { nowSeconds }: BlockMoment,
  ): { readonly isTwo: boolean; readonly isAboveTier: boolean } {
    const { isSeated } = this.#power;
    if (amountMinor === 0n) return { isTwo: isSeated && byTwoInstitutions, isAboveTier: false };
    const key = `${institution} ${currency}`;
    const tier = this.#power.policy(tierPolicy(currency));
    const { isAbove, after } = judgeTier(this.#moved.get(key), amountMinor, tier, BigInt(nowSeconds));
    const isTwo = isSeated && (isAbove || byTwoInstitutions);
    if (!isTwo) this.#moved.set(key, after);
    return { isTwo, isAboveTier: isAbove };
  }

  /** Every programme, cycle and credit once more, whole. */
  finish(): void {
    if (this.#applied !== undefined) this.#findings.add('L3', WITHOUT_ENTRY);
    for (const programme of this.#programmes) {
      const books = this.#book.books(programme);
      for (const { invariant } of books ? checkMoney(books) : []) {
        this.#findings.add(invariant, 'The books of a programme do not close.', programme);
      }
    }
  }

  /** How many words of its table are loaded before an event that loads more. */
  #before(event: Benefit): number {
    if (event.name === 'SlotsLoaded')
      return this.#book.records({ enrolment: event.args }).enrolment?.enrolled ?? 0;
    return event.name === 'UnitsLoaded'
      ? (this.#book.records({ cycle: event.args }).cycle?.loadedWords ?? 0)
      : 0;
  }

  // ---- Acts -----------------------------------------------------------------------------------------------

  /** What the rules would have refused before anybody signed, no register of ours can have recorded. */
  #judge(event: EventOf<'ActApplied'>, moment: Moment, at: BlockMoment): void {
    const { applied } = event.args;
    const records = this.#book.records(readBy(applied));
    if (this.#applied !== undefined) this.#findings.add('L3', WITHOUT_ENTRY);
    const currency = records.programme?.currency ?? 0;
    this.#applied = { event, authority: this.#authorityOf(event.args, records, moment), currency };
    if (applied.name !== 'Release') return;
    this.#checkTable(applied.act.programme, applied.act.cycle);
    const isNoticeWaived = this.#power.policy(END_WITHOUT_NOTICE_POLICY) !== 0n;
    const opensAt = records.cycle && openingOf(records.cycle, moment, isNoticeWaived);
    const isOpening = opensAt === undefined || applied.act.opensAt === opensAt;
    this.#findings.require(isOpening, 'B5', OPENED_AMISS, applied.act.programme);
    if (this.#power.isPaused('disbursement', at)) this.#refuse('disbursement-is-paused', applied);
  }

  #authorityOf(
    { applied, office }: EventOf<'ActApplied'>['args'],
    records: Records,
    moment: Moment,
  ): AuthorityNeeded | undefined {
    // A list that nobody saw loaded tells no card, and the act itself tells all there is to know of it.
    if (applied.name === 'SetCard' && records.card === undefined && records.programme !== undefined) {
      const { institution } = records.programme;
      if (records.programme.office !== office) this.#refuse('office-differs', applied);
      return { institution, byTwoInstitutions: false, amountMinor: 0n, pauseScope: undefined };
    }
    const isNoticeWaived = this.#power.policy(END_WITHOUT_NOTICE_POLICY) !== 0n;
    try {
      return judge(applied, { records, moment, isNoticeWaived, office })?.authority;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#refuse(error.code, applied);
      return undefined;
    }
  }

  #refuse(code: RefusalCode, applied: AppliedAct): void {
    this.#findings.refuse(code, code === 'office-differs' ? 'B10' : 'bytes', subjectOf(applied));
  }

  /** Loading stops with disbursement and with its programme. */
  #checkRunning(
    { args }: EventOf<'SlotsLoaded' | 'UnitsLoaded'>,
    { nowSeconds }: Moment,
    at: BlockMoment,
  ): void {
    const { programme } = this.#book.records({ programme: args.programme });
    if (this.#power.isPaused('disbursement', at)) {
      this.#findings.refuse('disbursement-is-paused', 'B5', args.programme);
    }
    if (programme !== undefined && isPaused(programme, nowSeconds)) {
      this.#findings.refuse('programme-is-paused', 'B5', args.programme);
    }
  }

  /** Remembers what was signed, to hold against it what is loaded. */
  #begin({ name, act }: AppliedAct): void {
    if (name === 'DefineProgramme') this.#programmes.add(act.programme);
    if (name === 'CycleEnvelope') {
      const words = new Uint8Array(WORD_BYTES * wordsOf(act.count, act.entryBytes as Cycle['entryBytes']));
      const table = { signedHash: act.tableHash, first: 0, words, isSeen: true };
      this.#tables.set(`${act.programme} ${act.cycle}`, table);
    }
    if (name === 'Enrol') {
      const words = new Uint8Array(WORD_BYTES * act.count);
      const key = `${act.programme} ${act.enrolmentEpoch}`;
      // Of the list before, only what is loaded counts: this one takes the place of the rest.
      const signed = { signedHash: act.slotsHash, first: act.startIndex, words, isSeen: true };
      this.#enrolments.set(key, [...(this.#enrolments.get(key) ?? []), signed]);
    }
  }

  // ---- Tables ---------------------------------------------------------------------------------------------

  #loadSlots({ args }: EventOf<'SlotsLoaded'>, before: number): void {
    const table = this.#enrolments.get(`${args.programme} ${args.enrolmentEpoch}`)?.at(-1);
    this.#load(table, args.slots, before, args.enrolled, args.programme);
    if (table === undefined || args.enrolled < table.first + table.words.length / WORD_BYTES) return;
    const isSigned = !table.isSeen || foldWords(table.words) === table.signedHash;
    this.#findings.require(isSigned, 'B4', 'Cards were enrolled that nobody signed.', args.programme);
  }

  #loadWords({ args }: EventOf<'UnitsLoaded'>, before: number): void {
    const table = this.#tables.get(`${args.programme} ${args.cycle}`);
    this.#load(table, args.words, before, args.loadedWords, args.programme);
  }

  #load(table: Table | undefined, words: Hex, from: number, to: number, of: ProgrammeId): void {
    if (table === undefined) return; // the book says so
    const bytes = fromHex(words);
    if (bytes.length === WORD_BYTES * (to - from)) table.words.set(bytes, WORD_BYTES * (from - table.first));
    else {
      table.isSeen = false;
      this.#findings.add('B4', 'A table was loaded with other words than its event counts.', of);
    }
  }

  /** At its release the table is whole, folds to what was signed, and sums to the envelope's total. */
  #checkTable(programme: ProgrammeId, cycle: EventOf<'UnitsLoaded'>['args']['cycle']): void {
    const table = this.#tables.get(`${programme} ${cycle}`);
    const record = this.#book.records({ cycle: { programme, cycle } }).cycle;
    if (table === undefined || record === undefined) return; // the book says so
    const isWhole = record.loadedWords === table.words.length / WORD_BYTES;
    this.#findings.require(isWhole, 'B4', 'A cycle was released before its last word.', programme);
    if (!table.isSeen) return;
    const isSigned = foldWords(table.words) === table.signedHash;
    this.#findings.require(isSigned, 'B4', 'A table is not the one that was signed.', programme);
    let total = 0;
    const { entryBytes, count } = record;
    for (let i = 0; i < count; i++) total += entryAt({ words: table.words, entryBytes }, i).units;
    const isTotal = BigInt(total) === record.totalUnits;
    this.#findings.require(isTotal, 'B4', 'A table does not sum to its envelope.', programme);
  }

  // ---- Sales ----------------------------------------------------------------------------------------------

  #checkSale(event: EventOf<'BatchRedeemed'>, moment: Moment): void {
    const findings = this.#findings;
    const { programme, cycle: number, results, units, vendor: seller, till: number_ } = event.args;
    const register = this.#registerAt(event.address);
    const call = this.#signatures.callOf(event);
    const shown = shownSale(call, register, event);
    const isOther = call?.method === 'redeem' && shown === undefined;
    findings.require(!isOther, 'B3', 'A batch is not the one that was posted.', programme);
    this.#results.push({ programme, hash: resultsHash(results), digest: shown?.batch.digest });
    const {
      cycle,
      programme: record,
      vendor,
      till,
    } = this.#book.records({
      programme,
      cycle: { programme, cycle: number },
      vendor: seller,
      till: { vendor: seller, till: number_ },
    });
    if (cycle === undefined || record === undefined) return; // the book says so
    if (vendor === undefined || till === undefined) return;
    const isStopped = moment.nowSeconds < moment.redemption.until;
    const isOnSale =
      (cycle.state === 'released' || cycle.state === 'ended') &&
      moment.nowSeconds <= extendedDeadline(cycle.postUntil, { programme: record, cycle }, moment) &&
      !isPaused(record, moment.nowSeconds) &&
      !isStopped &&
      mayPostSales(vendor, { programme: record, cycle }, moment) &&
      mayPostSales(till, { programme: record, cycle }, moment);
    findings.require(isOnSale, 'B5', 'A sale was recorded after its time, or in a pause.', programme);
    const records = { programme: record, cycle, vendor, till };
    if (shown !== undefined) this.#checkTill(shown, { ...records, isPaused: isStopped }, moment);
    const table = this.#tables.get(`${programme} ${number}`);
    const words = table?.isSeen ? table.words : undefined;
    const sale = { programme, words, register, shown };
    let taken = 0n;
    let redeemed = 0;
    for (const [i, result] of this.#read(results, programme).entries()) {
      this.#checkItem(sale, result, shown?.items[i], records, moment);
      if (result.outcome !== 'redeemed') continue;
      taken += BigInt(result.units);
      redeemed++;
      if (words !== undefined && result.index < cycle.count) take(words, cycle, result);
    }
    findings.require(taken === units, 'B1', 'A batch took other units than its items.', programme);
    this.#signatures.tally(redeemed + 1, shown !== undefined);
  }

  /** The till's signature and the batch's own deadline, which only the call shows. */
  #checkTill({ batch, tillSignature }: ShownSale, records: SaleRecords, moment: Moment): void {
    try {
      checkSale(batch, tillSignature, records, moment);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#findings.refuse(error.code, 'B3', batch.programme);
    }
  }

  #read(results: readonly Bytes32[], programme: ProgrammeId): readonly ItemResult[] {
    try {
      return readResults(results);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      this.#findings.add('bytes', 'A result is none that the contract writes.', programme);
      return [];
    }
  }

  /** What is shown of an item leads to its outcome; of a card or a table nobody saw, nothing is said. */
  #checkItem(
    { programme, words, register, shown }: SaleSeen,
    result: ItemResult,
    item: RedemptionItem | undefined,
    records: Omit<ItemRecords, 'card' | 'entry'>,
    moment: Moment,
  ): void {
    const { cycle } = records;
    const { index, outcome } = result;
    const { enrolmentEpoch } = cycle;
    const { card } = this.#book.records({ card: { programme, enrolmentEpoch, index } });
    const isListed = words !== undefined && index < cycle.count;
    const entry = isListed
      ? entryAt({ words, entryBytes: cycle.entryBytes }, index)
      : { units: result.remainingBefore, sequence: result.sequence };
    const known = { ...records, card: card ?? cardFor(result), entry };
    if (shown !== undefined && item !== undefined && card !== undefined) {
      const isOf = ITEM_FIELDS.every((field) => item[field] === result[field]);
      this.#findings.require(isOf, 'B3', 'A result is of another item than was posted.', programme);
      const { recover } = this.#signatures;
      const due = judgeItem(register, { ...shown.batch, enrolmentEpoch }, item, known, moment, recover);
      if (due !== outcome && due !== 'redeemed') this.#findings.refuse(due, 'B5', programme);
      else this.#findings.require(due === outcome, 'B5', SKIPPED_AMISS, programme);
      return;
    }
    const reasonFor = (offlineSince: bigint) => judgeUnsigned(result, offlineSince, known, moment);
    const reason = reasonFor(UNHEARD);
    if (outcome === 'redeemed') {
      if (reason !== undefined) this.#findings.refuse(reason, 'B5', programme);
      return;
    }
    const isDue = outcome === (reason ?? 'item-signature-invalid') || outcome === reasonFor(0n);
    this.#findings.require(isDue, 'B5', SKIPPED_AMISS, programme);
  }

  #cardAt(programme: ProgrammeId, epoch: number, index: number): Card | undefined {
    const tables = this.#enrolments.get(`${programme} ${epoch}`) ?? [];
    const table = tables.findLast(({ first }) => first <= index);
    if (table === undefined || !table.isSeen) return undefined;
    const at = WORD_BYTES * (index - table.first);
    const slot = table.words.subarray(at, at + WORD_BYTES);
    return slot.length === WORD_BYTES ? loadedCard(slot) : undefined;
  }

  // ---- Money ----------------------------------------------------------------------------------------------

  /** The equation of one programme, from the cycles in its lanes: cheap enough for every event. */
  #checkMoney(programme: ProgrammeId): void {
    const record = this.#book.records({ programme }).programme;
    if (record === undefined) return;
    const cycles = record.lanes.flatMap((cycle) =>
      cycle === undefined ? [] : (this.#book.records({ cycle: { programme, cycle } }).cycle ?? []),
    );
    const { fundedMinor, ...parts } = moneyOf(record, cycles);
    const sums = Object.values(parts);
    const isBalanced = sums.reduce((sum, part) => sum + part, 0n) === fundedMinor;
    this.#findings.require(isBalanced, 'B1', 'The money of a programme does not add up.', programme);
    const isOwned = sums.every((part) => part >= 0n);
    this.#findings.require(isOwned, 'B1', 'A programme spent money that it does not have.', programme);
    const isWithin = cycles.every((cycle) => cycle.redeemedUnits <= cycle.totalUnits);
    this.#findings.require(isWithin, 'B2', 'A cycle redeemed more than it issued.', programme);
  }
}

/** The card that an item says it has. */
function cardFor(item: ItemResult): Card {
  return { ...NO_CARD, keyKind: keyKindOf(item), cardEpoch: item.cardEpoch };
}

/** Takes an item's units from its entry. */
function take(words: Uint8Array, { entryBytes }: Cycle, { index, units }: ItemResult): void {
  const entry = entryAt({ words, entryBytes }, index);
  const perWord = WORD_BYTES / entryBytes;
  const low = WORD_BYTES * (Math.floor(index / perWord) + 1) - 1 - entryBytes * (index % perWord);
  const left = Math.max(entry.units - units, 0);
  words[low] = left;
  if (entryBytes === 1) return;
  words[low - 1] = left >>> 8;
  words[low - 2] = left >>> 16;
  words[low - 3] = entry.sequence + 1;
}

function programmeOf({ name, args }: Benefit): ProgrammeId | undefined {
  if (name !== 'ActApplied') return args.programme;
  const { act } = args.applied;
  return 'programme' in act ? act.programme : undefined;
}
