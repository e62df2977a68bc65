/**
 * The auditor's own derivation of everything, from the verified events of every block.
 *
 * Promises: each promise of the ledger that events can show is checked at the very event that would break it; the
 * findings come in the order of the chain, so the first names where to look; nothing is asked of the gateway or of a
 * contract. Blocks come in order from the first. Memory is what the ledger holds: one state hash and the sections a
 * rule compares a unit, one record a programme, cycle and credit, 32 bytes a word of the tables. `fsck` compares the
 * heads this ends in with proofs; `verify` needs no more than the blocks.
 */
import type { ContractName, EventBlock, EventOf, LedgerEvent } from '../acts/events.ts';
import { NEVER_PAUSED, pausedUntil } from '../acts/moment.ts';
import { type Address, type Bytes32, ZERO_32, ZERO_ADDRESS } from '../base/hex.ts';
import { type EntryId, SCOPES } from '../base/terms.ts';
import { type HaltSpan, MAX_HALTS } from '../power/halts.ts';
import { type BlockMoment, type Finding, FindingList } from './findings.ts';
import { firstHead, foldEntry } from './journal.ts';
import { BenefitReplay } from './replayBenefits.ts';
import { LandReplay } from './replayLand.ts';
import { PowerReplay } from './replayPower.ts';
import { type SignatureCount, SignatureReplay } from './replaySignatures.ts';

/** A register's journal as its entries fold. */
export interface JournalFold {
  readonly contract: ContractName;
  readonly head: Bytes32;
  readonly entries: bigint;
  /** Second of the last entry; undefined where there is none yet, as a constructor says nothing of its time. */
  readonly lastEntryAt: bigint | undefined;
  /** Who continues it; zero while it is in force. */
  readonly successor: Address;
}

const BEGUN = { entries: 0n, lastEntryAt: undefined, successor: ZERO_ADDRESS } as const;

export class Replay {
  readonly #chainId: bigint;
  readonly #findings = new FindingList();
  readonly #journals = new Map<Address, JournalFold>();
  /** Where each entry is and what it is about: an id appears once, and a correction names one. */
  readonly #places = new Map<EntryId, string>();
  readonly #power = new PowerReplay(this.#findings);
  readonly #land = new LandReplay(this.#findings);
  readonly #benefits = new BenefitReplay(this.#findings);
  readonly #signatures: SignatureReplay;
  readonly #halts: HaltSpan[] = [];
  #redemption = NEVER_PAUSED;
  /** The newest entry: the state or the act beside it in the log belongs to it. */
  #entry: EventOf<'EntryRecorded'> | undefined;
  #transaction: Bytes32 | undefined;

  constructor(chainId: bigint) {
    this.#chainId = chainId;
    this.#signatures = new SignatureReplay(chainId, this.#findings);
  }

  get findings(): readonly Finding[] {
    return this.#findings.all;
  }

  get signatures(): SignatureCount {
    return this.#signatures.count;
  }

  /** By the register's address. */
  get journals(): ReadonlyMap<Address, JournalFold> {
    return this.#journals;
  }

  /** State hash of every unit there ever was. */
  get unitStates(): ReadonlyMap<Bytes32, Bytes32> {
    return this.#land.stateHashes;
  }

  apply(block: EventBlock): void {
    const moment = {
      ...{ nowSeconds: block.timestampSeconds, halts: this.#halts },
      redemption: this.#redemption,
    };
    for (const event of block.events) {
      this.#findings.at(event.blockNumber, event.logIndex);
      if (event.transactionHash !== this.#transaction) {
        this.#transaction = event.transactionHash;
        this.#entry = undefined;
        this.#land.beginTransaction();
        this.#power.beginTransaction();
      }
      this.#applyEvent(event, moment);
    }
    this.#findings.at(block.cursor.number);
  }

  /** What only the end shows: sums over everything. */
  finish(): readonly Finding[] {
    this.#benefits.finish();
    return this.findings;
  }

  #applyEvent(event: LedgerEvent, moment: BlockMoment): void {
    this.#signatures.apply(event);
    switch (event.name) {
      case 'ContractFound':
        this.#found(event);
        break;
      case 'EntryRecorded':
        this.#record(event, moment);
        break;
      case 'RegisterFrozen':
        this.#freeze(event);
        break;
      case 'RegisterContinued':
        this.#continue(event);
        break;
      case 'BAUnitRecorded':
        this.#land.apply(event, this.#entry, moment);
        break;
      case 'HaltRecorded':
        this.#halts.push({ from: Number(event.args.from), to: Number(event.args.to) });
        if (this.#halts.length > MAX_HALTS) this.#halts.shift();
        break;
      case 'ActApplied':
      case 'SlotsLoaded':
      case 'UnitsLoaded':
      case 'BatchRedeemed':
        this.#benefits.apply(event, moment);
        break;
      case 'Paused':
        this.#pause(event.args.scope, event.args.until, moment);
        break;
      case 'Unpaused':
        this.#pause(event.args.scope, 0n, moment);
        break;
      default:
        this.#power.apply(event, moment);
    }
  }

  #pause(scope: number, until: bigint, { nowSeconds }: BlockMoment): void {
    if ((scope >> REDEMPTION_BIT) % 2 === 0) return;
    this.#redemption = pausedUntil(this.#redemption, until, BigInt(nowSeconds));
  }

  #found({ args: { contract, address } }: EventOf<'ContractFound'>): void {
    if (this.#journals.has(address) || !isRegister(contract)) return;
    const head = firstHead(this.#chainId, address);
    this.#journals.set(address, { contract, head, ...BEGUN });
  }

  #record(event: EventOf<'EntryRecorded'>, moment: BlockMoment): void {
    const { address, args } = event;
    const journal = this.#journals.get(address);
    const findings = this.#findings;
    this.#entry = event;
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
    const isNew = !this.#places.has(args.entryId);
    findings.require(isNew, 'P2', 'An entry id appears twice.', args.entryId);
    this.#checkCorrection(event);
    this.#places.set(args.entryId, placeOf(event));
    this.#signatures.check(event, moment);
    this.#power.checkOfficers(event, moment);
    if (event.contract === 'benefits') this.#benefits.checkEntry(event);
  }

  /** An act corrects an entry of its own register about the same object, or nothing. */
  #checkCorrection(event: EventOf<'EntryRecorded'>): void {
    const corrects = event.act?.corrects ?? ZERO_32;
    if (corrects === ZERO_32) return;
    const isFounded = this.#places.get(corrects as EntryId) === placeOf(event);
    const what = 'An entry corrects none of its register about the same object (correction-unfounded).';
    this.#findings.require(isFounded, 'L3', what, event.args.entryId);
  }

  #freeze({ address, args }: EventOf<'RegisterFrozen'>): void {
    const journal = this.#journals.get(address);
    if (journal === undefined) return;
    const isHead = args.finalHead === journal.head;
    this.#findings.require(isHead, 'P8', 'A register handed over another head than its own.', address);
    this.#journals.set(address, { ...journal, successor: args.successor });
  }

  #continue({ address, contract, args }: EventOf<'RegisterContinued'>): void {
    const before = this.#journals.get(args.predecessor);
    const head = firstHead(this.#chainId, address, args.finalHead);
    const continues = before?.head === args.finalHead && head === args.firstHead;
    this.#findings.require(continues, 'P8', 'A register does not go on from its predecessor.', address);
    this.#journals.set(address, { contract, head: args.firstHead, ...BEGUN });
  }
}

function placeOf({ address, args }: EventOf<'EntryRecorded'>): string {
  return `${address} ${args.subject}`;
}

/** Place of redemption among the scopes that a pause can stop. */
const REDEMPTION_BIT = SCOPES.indexOf('redemption');

const REGISTERS: ReadonlySet<ContractName> = new Set([
  'consortium',
  'personnel',
  'safeguards',
  'land',
  'benefits',
]);

function isRegister(contract: ContractName): boolean {
  return REGISTERS.has(contract);
}
