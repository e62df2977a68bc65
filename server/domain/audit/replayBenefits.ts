/**
 * The auditor's books of benefits: money after every event (B1), tables against what was signed (B4), and each
 * redemption against the entry it took from (B2, B3).
 */

import type { EventOf } from '../acts/events.ts';
import type { Moment } from '../acts/moment.ts';
import { type Bytes32, fromHex, type Hex } from '../base/hex.ts';
import { Refusal, refusals } from '../base/refusal.ts';
import type { RefusalRow } from '../base/refusals/row.ts';
import type { ProgrammeId } from '../base/terms.ts';
import type { AppliedAct } from '../benefits/act.ts';
import { BenefitBook } from '../benefits/book.ts';
import type { Card } from '../benefits/cards.ts';
import { loadedCard } from '../benefits/cards.ts';
import type { BenefitEvent, Touched } from '../benefits/follow.ts';
import { judgeDate } from '../benefits/judge.ts';
import { checkMoney, moneyOf } from '../benefits/money.ts';
import { judge } from '../benefits/prepare.ts';
import { type Cycle, extendedDeadline, isPaused } from '../benefits/records.ts';
import { type ItemResult, readResults, resultsHash } from '../benefits/redemption.ts';
import { mayPost } from '../benefits/standing.ts';
import { entryAt, foldWords, wordsOf } from '../benefits/unitsTable.ts';
import { momentAt } from '../power/halts.ts';
import type { BlockMoment, FindingList, Invariant } from './findings.ts';

type Benefit =
  | EventOf<'ActApplied'>
  | EventOf<'SlotsLoaded'>
  | EventOf<'UnitsLoaded'>
  | EventOf<'BatchRedeemed'>;

const WORD_BYTES = 32;
const REDEEMED_KIND = 15 + 11;

/** The events do not say since when a till was offline: one that was always is refused least. */
const UNHEARD = 1n;

const BENEFIT_INVARIANTS: readonly Invariant[] = ['B1', 'B2', 'B3', 'B4', 'B5', 'B6', 'BB6'];

/** The promise a refusal keeps; what is only a matter of form can have been written by no register of ours. */
function invariantOf({ code }: Refusal): Invariant {
  const rule = (refusals[code] as RefusalRow).rule;
  return BENEFIT_INVARIANTS.find((invariant) => invariant === rule) ?? 'bytes';
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

export class BenefitReplay {
  readonly #findings: FindingList;
  readonly #book = new BenefitBook((programme, epoch, index) => this.#cardAt(programme, epoch, index));
  readonly #programmes = new Set<ProgrammeId>();
  /** By programme and cycle. */
  readonly #tables = new Map<string, Table>();
  /** By programme and epoch: one table an enrolment act. */
  readonly #enrolments = new Map<string, Table[]>();
  /** Results of batches whose entries have not come yet: they stand just before them. */
  readonly #results: Bytes32[] = [];

  constructor(findings: FindingList) {
    this.#findings = findings;
  }

  apply(event: Benefit, at: BlockMoment): void {
    const moment = momentAt(BigInt(at.nowSeconds), at.halts, at.redemption);
    const before = this.#before(event);
    if (event.name === 'ActApplied') {
      this.#checkAct(event.args.applied);
      this.#judge(event.args.applied, moment);
    }
    if (event.name === 'BatchRedeemed') this.#checkSale(event, moment);
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

  /** A batch's entry binds its results. */
  checkEntry({ args }: EventOf<'EntryRecorded'>): void {
    if (args.kind !== REDEEMED_KIND) return;
    const isBound = this.#results.shift() === args.newState;
    this.#findings.require(isBound, 'P8', 'A batch is not the one its entry binds.', args.entryId);
  }

  /** Every programme, cycle and credit once more, whole. */
  finish(): void {
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

  #checkAct({ name, act }: AppliedAct): void {
    const findings = this.#findings;
    switch (name) {
      case 'MoveFunds': {
        const moved = this.#book.records({ programme: act.programme }).programme?.movedMinor;
        const names = act.move !== 'unspecified' && moved?.[act.move] === act.movedBeforeMinor;
        findings.require(names, 'B1', 'Money moved by an act that names another state.', act.programme);
        break;
      }
      case 'Release':
        this.#checkTable(act.programme, act.cycle);
        break;
      case 'Settle': {
        const { cycle, credit } = this.#book.records({ cycle: act, credit: act });
        const settled = credit?.settledUnits ?? 0n;
        findings.require(settled === act.settledBeforeUnits, 'B6', 'A vendor was settled twice.', act.vendor);
        const isWhole = act.amountMinor === act.units * (cycle?.unitValueMinor ?? 0n);
        findings.require(isWhole, 'B6', 'A settlement is not units times unit value.', act.vendor);
        break;
      }
    }
  }

  /** What the rules would have refused before anybody signed, no register of ours can have recorded. */
  #judge(applied: AppliedAct, moment: Moment): void {
    const records = this.#book.records(readBy(applied));
    // A list that nobody saw loaded tells no card, and the act itself tells all there is to know of it.
    if (applied.name === 'SetCard' && records.card === undefined) return;
    try {
      judge(applied, { records, moment, isNoticeWaived: true });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const subject = 'programme' in applied.act ? applied.act.programme : applied.act.vendor;
      this.#findings.add(invariantOf(error), 'An act was recorded that the rules refuse.', subject);
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

  #checkSale({ args }: EventOf<'BatchRedeemed'>, moment: Moment): void {
    const findings = this.#findings;
    const { programme, cycle: number, results, units } = args;
    this.#results.push(resultsHash(results));
    const records = this.#book.records({
      ...{ programme, cycle: { programme, cycle: number } },
      ...{ vendor: args.vendor, till: { vendor: args.vendor, till: args.till } },
    });
    const { cycle, programme: record, vendor, till } = records;
    if (cycle === undefined || record === undefined) return; // the book says so
    if (vendor === undefined || till === undefined) return;
    const isOnSale =
      (cycle.state === 'released' || cycle.state === 'ended') &&
      moment.nowSeconds <= extendedDeadline(cycle.postUntil, { programme: record, cycle }, moment) &&
      !isPaused(record, moment.nowSeconds) &&
      moment.nowSeconds >= moment.redemption.until &&
      mayPost(vendor, record, moment) &&
      mayPost(till, record, moment);
    findings.require(isOnSale, 'B5', 'A sale was recorded after its time, or in a pause.', programme);
    const table = this.#tables.get(`${programme} ${number}`);
    let taken = 0n;
    for (const result of this.#read(results, programme)) {
      if (result.outcome !== 'redeemed') continue;
      taken += BigInt(result.units);
      const dated = judgeDate(result.soldAt, UNHEARD, { programme: record, cycle, vendor, till }, moment);
      findings.require(dated === undefined, 'B5', 'A sale is dated when it could not be made.', programme);
      this.#checkCard(programme, cycle.enrolmentEpoch, result);
      if (table?.isSeen) this.#take(table.words, cycle, result, programme);
    }
    findings.require(taken === units, 'B1', 'A batch took other units than its items.', programme);
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

  /** The old card is refused from its replacement on. */
  #checkCard(programme: ProgrammeId, epoch: number, { index, cardEpoch }: ItemResult): void {
    const card = this.#book.records({ card: { programme, enrolmentEpoch: epoch, index } }).card;
    const isInForce = card === undefined || (card.cardEpoch === cardEpoch && card.standing === 'active');
    this.#findings.require(isInForce, 'BB6', 'A card that was not in force paid.', programme);
  }

  #take(words: Uint8Array, cycle: Cycle, result: ItemResult, programme: ProgrammeId): void {
    const { entryBytes, count } = cycle;
    const { index, units, remainingBefore, sequence } = result;
    if (index >= count) {
      this.#findings.add('B2', 'Units were taken at an index beyond the table.', programme);
      return;
    }
    const entry = entryAt({ words, entryBytes }, index);
    const isNamed = entry.units === remainingBefore && entry.sequence === sequence;
    this.#findings.require(isNamed, 'B3', 'A redemption names another entry than the table has.', programme);
    this.#findings.require(units <= entry.units, 'B2', 'More was redeemed than issued.', programme);
    const perWord = WORD_BYTES / entryBytes;
    const low = WORD_BYTES * (Math.floor(index / perWord) + 1) - 1 - entryBytes * (index % perWord);
    const left = Math.max(entry.units - units, 0);
    words[low] = left;
    if (entryBytes === 1) return;
    words[low - 1] = left >>> 8;
    words[low - 2] = left >>> 16;
    words[low - 3] = entry.sequence + 1;
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

function programmeOf({ name, args }: Benefit): ProgrammeId | undefined {
  if (name !== 'ActApplied') return args.programme;
  const { act } = args.applied;
  return 'programme' in act ? act.programme : undefined;
}
