/**
 * The auditor's own derivation of everything, from the verified events of every block.
 *
 * Promises: each promise of the ledger that events can show is checked at the very event that would break it; the
 * findings come in the order of the chain, so the first names where to look; nothing is asked of the gateway or of a
 * contract. Blocks come in order from the first. What is there once for every unit and entry is kept where the caller
 * says; beside that memory is one record a programme, cycle and credit, and 32 bytes a word of the tables. `fsck` compares
 * the heads this ends in with proofs; `verify` needs no more than the blocks.
 */
import type { ContractName, EventBlock, EventOf, LedgerEvent } from '../acts/events.ts';
import { NEVER_PAUSED, pausedUntil } from '../acts/moment.ts';
import { type Address, type Bytes32, wordOf, ZERO_32, ZERO_ADDRESS } from '../base/hex.ts';
import { type EntryId, LAND_KIND_BASE, SCOPES } from '../base/terms.ts';
import { POWER_KINDS } from '../power/acts.ts';
import { type HaltSpan, withHalt } from '../power/halts.ts';
import type { KeptWord } from './benefitWords.ts';
import { type BlockMoment, type Finding, FindingList } from './findings.ts';
import { firstHead, foldEntry } from './journal.ts';
import { type KeepRows, type KeptRows, keptInMemory } from './keptRows.ts';
import { isEffect, isEnteredBy, type PowerEffect } from './powerEffects.ts';
import { BenefitReplay } from './replayBenefits.ts';
import { LandReplay } from './replayLand.ts';
import { MeasureReplay } from './replayMeasures.ts';
import { NotaryReplay } from './replayNotary.ts';
import { PowerReplay } from './replayPower.ts';
import { type SignatureCount, SignatureReplay, type SignedAct, signersOf } from './replaySignatures.ts';
import { checkFounders, checkKeys, type ShownPowerParts } from './shownPower.ts';
import type { Recover } from './signature.ts';
import { differenceOf, foldImport, type ImportedWord, importOf, PRESENTATIONS_SLOT } from './succession.ts';

/** A register's journal as its entries fold. */
export interface JournalFold {
  readonly contract: ContractName;
  readonly head: Bytes32;
  readonly entries: bigint;
  /** Entries of the registers that it succeeds. */
  readonly entriesBefore: bigint;
  /** Second of the last entry; undefined where there is none yet, as a constructor says nothing of its time. */
  readonly lastEntryAt: bigint | undefined;
  /** Who continues it; zero while it is in force. */
  readonly successor: Address;
}

const BEGUN = { entries: 0n, entriesBefore: 0n, lastEntryAt: undefined, successor: ZERO_ADDRESS } as const;

export class Replay {
  readonly #chainId: bigint;
  readonly #findings = new FindingList();
  readonly #journals = new Map<Address, JournalFold>();
  /** Where each entry is and what it is about: an id appears once, and a correction names one. */
  readonly #places: KeptRows<EntryId, string>;
  readonly #power = new PowerReplay(this.#findings);
  readonly #signatures: SignatureReplay;
  readonly #land: LandReplay;
  readonly #benefits: BenefitReplay;
  #halts: readonly HaltSpan[] = [];
  readonly #measures: MeasureReplay;
  readonly #shownPower: ShownPowerParts;
  /** By register: seconds of its newest entries, as far back as a halt may lie. */
  readonly #entryTimes = new Map<Address, bigint[]>();
  readonly #notary: NotaryReplay;
  /** Successors that are being filled, by address. */
  readonly #imports = new Map<Address, { awaited: Bytes32; words: readonly ImportedWord[] }>();
  #redemption = NEVER_PAUSED;
  /** What officers did to power whose entry is to come. */
  readonly #effects: PowerEffect[] = [];
  #transaction: Bytes32 | undefined;

  /** `recover` may be one that is quicker than the portable one, and answers the same; `keep` has what grows with the ledger. */
  constructor(chainId: bigint, recover?: Recover, keep: KeepRows = keptInMemory) {
    this.#chainId = chainId;
    this.#places = keep('places');
    const [findings, power] = [this.#findings, this.#power];
    const signatures = new SignatureReplay(chainId, findings, power, recover);
    this.#signatures = signatures;
    this.#shownPower = { chainId: Number(chainId), findings, power, signatures };
    this.#measures = new MeasureReplay(this.#shownPower);
    this.#land = new LandReplay({ chainId, findings, power, signatures, keep });
    this.#benefits = new BenefitReplay({ chainId, findings, power, signatures });
    this.#notary = new NotaryReplay({ chainId, findings, power, signatures });
  }

  get findings(): readonly Finding[] {
    return this.#findings.all;
  }

  get signatures(): SignatureCount {
    return this.#signatures.count;
  }

  /** In every signature's domain: the founding file's. */
  get ledgerNonce(): Bytes32 | undefined {
    return this.#power.ledgerNonce;
  }

  /** By the register's address. */
  get journals(): ReadonlyMap<Address, JournalFold> {
    return this.#journals;
  }

  /** State hash of every unit there ever was. */
  get unitStates(): Omit<KeptRows<Bytes32, Bytes32>, 'set' | 'delete'> {
    return this.#land.stateHashes;
  }

  /** What the register of benefits holds of money. */
  get money(): readonly KeptWord[] {
    return this.#benefits.moneyWords();
  }

  apply(block: EventBlock): void {
    const moment = {
      nowSeconds: block.timestampSeconds,
      halts: this.#halts,
      redemption: this.#redemption,
    };
    this.#signatures.see(block.shown);
    for (const event of block.events) {
      if (!isOfLand(event)) this.#land.settle(moment);
      this.#findings.at(event.blockNumber, event.logIndex);
      if (event.transactionHash !== this.#transaction) {
        this.#transaction = event.transactionHash;
        this.#measures.beginTransaction();
        this.#dropEffects(moment);
        this.#notary.settle();
      }
      this.#applyEvent(event, moment);
    }
    this.#land.settle(moment);
    this.#findings.at(block.cursor.number);
    this.#dropEffects(moment);
    this.#notary.settle();
  }

  /** What only the end shows: sums over everything. */
  finish(): readonly Finding[] {
    this.#benefits.finish();
    this.#measures.beginTransaction();
    return this.findings;
  }

  #applyEvent(event: LedgerEvent, moment: BlockMoment): void {
    switch (event.name) {
      case 'ContractFound':
        this.#found(event);
        break;
      case 'Signed':
        this.#signatures.take(event);
        break;
      case 'EntryRecorded':
        this.#record(event, moment);
        break;
      case 'RegisterFrozen':
        this.#freeze(event);
        this.#measures.apply(event, moment);
        break;
      case 'ImportOpened':
        this.#imports.set(event.address, { awaited: event.args.importHash, words: [] });
        break;
      case 'WordsImported':
        this.#fill(event);
        break;
      case 'RegisterContinued':
        this.#continue(event);
        break;
      case 'BAUnitRecorded':
        this.#land.change(event);
        break;
      case 'ConsentsTaken':
        this.#land.take(event);
        break;
      case 'ChildrenLoaded':
        this.#land.load(event);
        break;
      case 'ActApplied':
      case 'SlotsLoaded':
      case 'UnitsLoaded':
      case 'BatchRedeemed':
        this.#benefits.apply(event, moment);
        break;
      case 'RecorderAppointed':
      case 'RecorderRevoked':
      case 'RootRecorded':
      case 'Erased':
        this.#notary.apply(event);
        break;
      default:
        if (event.name === 'ConsortiumFounded') checkFounders(this.#shownPower, event);
        if (event.name === 'OfficerAppointed' || event.name === 'KeyRotated')
          checkKeys(this.#shownPower, event);
        if (isEffect(event) && !this.#measures.isOwn(event)) this.#effects.push(event);
        else {
          if (event.name === 'OfficerAppointed') this.#power.checkAppointed(event);
          this.#take(event, moment);
        }
    }
  }

  /** What counts from here on. */
  #take(event: LedgerEvent, moment: BlockMoment): void {
    this.#measures.apply(event, moment);
    this.#power.apply(event, moment);
    if (event.name === 'Paused') this.#pause(event.args.scope, event.args.until, moment);
    if (event.name === 'Unpaused') this.#pause(event.args.scope, 0n, moment);
    if (event.name !== 'HaltRecorded') return;
    this.#checkSilence(event, moment);
    this.#halts = withHalt(this.#halts, { from: Number(event.args.from), to: Number(event.args.to) });
  }

  /** A halt lies where no register had an entry (P10). */
  #checkSilence({ address, args: { from, to } }: EventOf<'HaltRecorded'>, { nowSeconds }: BlockMoment): void {
    const isRecent = to < BigInt(nowSeconds) && to + HALT_AGE_SECONDS >= BigInt(nowSeconds) && from < to;
    this.#findings.require(isRecent, 'P10', 'A halt was recorded too late, or before it was over.', address);
    const isSilent = [...this.#entryTimes.values()].every((times) =>
      times.every((time) => time <= from || time >= to),
    );
    this.#findings.require(isSilent, 'P10', 'A halt was recorded over an entry of a register.', address);
    if (to < from + LEAST_HALT_SECONDS) this.#findings.refuse('halt-out-of-range', 'P10', address);
    const isBusy = ([register, times]: [Address, bigint[]]) => {
      if (this.#journals.get(register)?.successor !== ZERO_ADDRESS) return false;
      const before = times.findLast((time) => time <= from);
      const after = times.find((time) => time >= to) ?? BigInt(nowSeconds);
      return before !== undefined && after < before + LEAST_GAP_SECONDS;
    };
    if ([...this.#entryTimes].some(isBusy)) this.#findings.refuse('halt-not-silent', 'P10', address);
  }

  /** Times of entries that a halt still to be recorded could lie over, and the one before them. */
  #rememberEntry(address: Address, time: bigint): void {
    const times = this.#entryTimes.get(address) ?? [];
    while ((times[1] ?? time) + HALT_AGE_SECONDS < time) times.shift();
    if (times.at(-1) !== time) times.push(time);
    this.#entryTimes.set(address, times);
  }

  /** What nobody recorded counts all the same, as the contracts hold it: it is said once. */
  #dropEffects(moment: BlockMoment): void {
    for (const effect of this.#effects.splice(0)) {
      this.#findings.add('L3', 'Power changed without an entry that says so.', effect.address);
      this.#take(effect, moment);
    }
  }

  #pause(scope: number, until: bigint, { nowSeconds }: BlockMoment): void {
    if ((scope >> REDEMPTION_BIT) % 2 === 0) return;
    this.#redemption = pausedUntil(this.#redemption, until, BigInt(nowSeconds));
  }

  #found({ args: { contract, address } }: EventOf<'ContractFound'>): void {
    if (this.#journals.has(address) || !isRegister(contract)) return;
    // One that is still to be filled has no head.
    const head = this.#imports.has(address) ? ZERO_32 : firstHead(this.#chainId, address);
    this.#journals.set(address, { contract, head, ...BEGUN });
  }

  #record(event: EventOf<'EntryRecorded'>, moment: BlockMoment): void {
    const { address, args } = event;
    const journal = this.#journals.get(address);
    const findings = this.#findings;
    if (journal === undefined) {
      findings.add('P8', 'An entry was recorded by a register that nothing put in force.', address);
      return;
    }
    findings.require(args.index === journal.entries, 'P8', 'An entry is missing before this one.', address);
    const isInForce = journal.successor === ZERO_ADDRESS;
    findings.require(isInForce, 'P8', 'An entry was recorded by a frozen register.', address);
    const head = foldEntry(journal.head, args);
    findings.require(head === args.head, 'P8', 'The journal head is not the fold of its entries.', address);
    const isOnTime = args.recordedAt === BigInt(moment.nowSeconds);
    findings.require(isOnTime, 'P8', 'An entry has another time than its block.', args.entryId);
    // From here on the register's own head counts: one broken link is one finding.
    const { index, head: next, recordedAt: lastEntryAt } = args;
    this.#journals.set(address, { ...journal, head: next, entries: index + 1n, lastEntryAt });
    this.#rememberEntry(address, lastEntryAt);
    const isNew = !this.#places.has(args.entryId);
    findings.require(isNew, 'P2', 'An entry id appears twice.', args.entryId);
    this.#checkCorrection(event);
    this.#places.set(args.entryId, placeOf(event));
    this.#judge(event, { ...journal, entries: args.index }, moment);
  }

  /** Whether those whom an entry names signed what it says and could. */
  #judge(entry: EventOf<'EntryRecorded'>, journal: JournalFold, moment: BlockMoment): void {
    const { contract, blockNumber, logIndex } = entry;
    const { kind, entryId } = entry.args;
    const signers = signersOf(contract, kind);
    const signed = signers === 2 ? this.#signatures.actOf(entry) : undefined;
    if (!this.#land.isOpenFor(signed)) {
      this.#land.settle(moment);
      this.#findings.at(blockNumber, logIndex);
    }
    if (signers === undefined) this.#findings.add('L3', 'An entry is of no act of this version.', entryId);
    else if (signers !== 2) this.#signatures.checkFewer(entry, signers, moment);
    else if (signed === undefined) {
      this.#findings.add('L3', 'An act of two officers has an entry and no signatures.', entryId);
    }
    switch (contract) {
      case 'land':
        if (kind < LAND_KIND_BASE) break;
        this.#land.enter(entry, signed, journal.entriesBefore + journal.entries);
        break;
      case 'benefits':
        if (signed !== undefined) this.#benefits.enter(entry, signed, moment);
        else if (signers === 0) this.#benefits.enterAlone(entry);
        break;
      case 'notary':
        if (kind >= POWER_KIND_BASE) this.#notary.enter(entry, signed, moment);
        break;
      default:
        this.#judgePower(entry, signed, moment);
    }
  }

  #judgePower(entry: EventOf<'EntryRecorded'>, signed: SignedAct | undefined, moment: BlockMoment): void {
    const { contract, args } = entry;
    if (args.kind < POWER_KIND_BASE) return;
    if (contract === 'consortium' && args.kind >= POWER_KINDS.measures) {
      this.#measures.checkEntry(entry);
      return;
    }
    const at = this.#effects.findIndex((effect) => isEnteredBy(effect, contract));
    const [effect] = at < 0 ? [] : this.#effects.splice(at, 1);
    if (effect === undefined) {
      this.#findings.add('L3', 'An entry says that power changed, and nothing did.', args.entryId);
    }
    if (signed !== undefined) {
      this.#signatures.checkTwo(signed, [entry], effect && this.#power.needOf(effect, args.preparer), moment);
    }
    if (effect === undefined) return;
    this.#power.checkBound(effect, entry, signed, moment);
    this.#take(effect, moment);
  }

  /** An act corrects an entry of its own register about the same object, or nothing. */
  #checkCorrection(event: EventOf<'EntryRecorded'>): void {
    const corrects = event.act?.corrects ?? ZERO_32;
    if (corrects === ZERO_32) return;
    const isFounded = this.#places.get(corrects as EntryId) === placeOf(event);
    if (!isFounded) this.#findings.refuse('correction-unfounded', 'L3', event.args.entryId);
  }

  #freeze({ address, args }: EventOf<'RegisterFrozen'>): void {
    const journal = this.#journals.get(address);
    if (journal === undefined) return;
    const isHead = args.finalHead === journal.head;
    this.#findings.require(isHead, 'P8', 'A register handed over another head than its own.', address);
    this.#journals.set(address, { ...journal, successor: args.successor });
  }

  /** The next words of the fold that the members voted for. */
  #fill({ address, args: { slots, words, rest } }: EventOf<'WordsImported'>): void {
    const open = this.#imports.get(address);
    const part = slots.map((slot, i) => ({ slot, word: words[i] ?? ZERO_32 }));
    const isNext = open !== undefined && foldImport(part, rest) === open.awaited;
    const what = 'A register was filled with words that nobody voted for.';
    this.#findings.require(isNext && slots.length === words.length, 'P8', what, address);
    this.#imports.set(address, { awaited: rest, words: [...(open?.words ?? []), ...part] });
  }

  /** A successor holds what the register held, word by word; of benefits `fsck` says it by proofs. */
  #checkCarried({ address, contract }: EventOf<'RegisterContinued'>, presentations: bigint): void {
    if (contract !== 'land') return;
    const due = this.#land.words().set(PRESENTATIONS_SLOT, wordOf(presentations));
    const difference = differenceOf(this.#imports.get(address)?.words ?? [], importOf(due));
    if (difference === undefined) return;
    const what = `A register does not hold what its predecessor held: ${difference.why}.`;
    this.#findings.add('L5', what, difference.slot);
  }

  #continue(event: EventOf<'RegisterContinued'>): void {
    const { address, contract, args } = event;
    const before = this.#journals.get(args.predecessor);
    const head = firstHead(this.#chainId, address, args.finalHead);
    const continues = before?.head === args.finalHead && head === args.firstHead;
    this.#findings.require(continues, 'P8', 'A register does not go on from its predecessor.', address);
    const entriesBefore = (before?.entriesBefore ?? 0n) + (before?.entries ?? 0n);
    this.#checkCarried(event, entriesBefore);
    this.#journals.set(address, { contract, head: args.firstHead, ...BEGUN, entriesBefore });
  }
}

/** Events of which an act on land is made. */
const LAND_EVENTS: ReadonlySet<LedgerEvent['name']> = new Set([
  'EntryRecorded',
  'BAUnitRecorded',
  'ChildrenLoaded',
]);

function isOfLand({ name, contract }: LedgerEvent): boolean {
  return contract === 'land' && LAND_EVENTS.has(name);
}

/** Kinds below are every journal's own. */
const POWER_KIND_BASE = 16;

function placeOf({ address, args }: EventOf<'EntryRecorded'>): string {
  return `${address} ${args.subject}`;
}

/** A standstill is recorded within so long. */
const HALT_AGE_SECONDS = 14n * 86_400n;
/** Nobody missed anything in a shorter one. */
const LEAST_HALT_SECONDS = 3_600n;
/** A register keeps its silences from so long on. */
const LEAST_GAP_SECONDS = 6n * 3_600n;
/** Place of redemption among the scopes that a pause can stop. */
const REDEMPTION_BIT = SCOPES.indexOf('redemption');

const REGISTERS: ReadonlySet<ContractName> = new Set([
  'consortium',
  'personnel',
  'safeguards',
  'land',
  'benefits',
  'notary',
]);

function isRegister(contract: ContractName): boolean {
  return REGISTERS.has(contract);
}
