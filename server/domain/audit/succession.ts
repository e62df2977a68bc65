/**
 * What a successor is filled with: the live slots of a register, their right fold, and the chunks that load them.
 *
 * Promises: `LiveSlots` knows every slot that the events of a register, and of those before it, let it write, so what is
 * proved of them at a block is its whole state: a word that was zero when it was carried over may be written later; the fold is that of contracts/journal/Importing.sol, in the order of the slots, so that two
 * members who recompute it have one answer. Pure: proofs are the caller's.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import type { ContractName, LedgerEvent } from '../acts/events.ts';
import { type Address, type Bytes32, fromHex, toHex, wordOf, ZERO_32 } from '../base/hex.ts';
import { refusal } from '../base/refusal.ts';
import { type InstitutionId, numberOf, type OfficeId, ROOT_KINDS, type RootKind } from '../base/terms.ts';
import type { AppliedAct } from '../benefits/act.ts';
import { wordsOf } from '../benefits/unitsTable.ts';
import { hashOfWords } from '../land/hashes.ts';
import { type KeepRows, type KeptRows, keptInMemory } from './keptRows.ts';

/** Words of one call: `MAX_IMPORT_WORDS` of the contracts. */
const MAX_IMPORT_WORDS = 512;

/** Slots of the register of land, after the journal's five. */
const STATES_SLOT = wordOf(5n);
const PLACEMENTS_SLOT = wordOf(6n);
const INSTRUMENTS_SLOT = wordOf(7n);
/** How many entries the registers before this one had: the one word of a successor that its predecessor has not. */
export const PRESENTATIONS_SLOT = wordOf(8n);
const DIVISIONS_SLOT = wordOf(9n);
const CLAIMED_BY_SLOT = wordOf(10n);
const CANCELLED_SLOT = wordOf(11n);
const DIVISION_WORDS = 3;

/** Slots of the notary, after the journal's five. */
const RECORDERS_SLOT = wordOf(5n);
const NEWEST_SLOT = wordOf(6n);
const USED_KEYS_SLOT = wordOf(7n);
const RECORDER_WORDS = 2;

/** Words of each record of benefits. */
const PROGRAMME_WORDS = 9;
const CYCLE_WORDS = 4;
const ENROLMENT_WORDS = 2;
const TILL_WORDS = 2;
const CREDIT_WORDS = 2;

export class LiveSlots {
  /** A record lies in the same slots in every register of a kind. */
  readonly #slots = new Map<ContractName, KeptRows<Bytes32, true>>();
  readonly #keep: KeepRows;
  readonly #kinds = new Map<Address, ContractName>();
  readonly #written = new WrittenSlots();

  constructor(keep: KeepRows = keptInMemory) {
    this.#keep = keep;
  }

  /** Those of a register so far, rising, with those of all registers of its kind before it. */
  of(register: Address): readonly Bytes32[] {
    const kind = this.#kinds.get(register);
    return kind === undefined
      ? []
      : Array.from(this.#slots.get(kind)?.entries() ?? [], ([slot]) => slot).sort();
  }

  apply(event: LedgerEvent): void {
    const written = this.#written.of(event);
    if (written.length === 0) return;
    const { address, contract } = event;
    const slots = this.#slots.get(contract) ?? this.#keep<Bytes32, true>(`${contract}Slots`);
    this.#slots.set(contract, slots);
    this.#kinds.set(address, contract);
    for (const slot of written) if (!slots.has(slot)) slots.set(slot, true);
  }
}

/** What one event after the other says that was written, or may be written before the next one says so. */
export class WrittenSlots {
  /** Of the units that divide, which division: it may be cancelled in a register after the one where it was opened. */
  readonly #dividing = new Map<Bytes32, Bytes32>();

  of(event: LedgerEvent): readonly Bytes32[] {
    const slots: Bytes32[] = [];
    const add = (base: Bytes32, count = 1) => {
      for (let i = 0n; i < count; i++) slots.push(wordOf(BigInt.asUintN(256, BigInt(base) + i)));
    };
    const addDivision = (unit: Bytes32) => add(divisionSlot(unit), DIVISION_WORDS);
    switch (event.name) {
      case 'WordsImported':
        for (const slot of event.args.slots) add(slot);
        break;
      case 'BAUnitRecorded': {
        const { baUnit, state } = event.args;
        add(unitSlot(baUnit));
        add(PRESENTATIONS_SLOT);
        for (const { id } of state.spatialUnits) add(placementSlot(id), 2);
        const { office, status, membersRoot } = state.header;
        for (const { instrumentId } of [...state.charges, ...state.notices])
          add(instrumentSlot(office, instrumentId));
        if (status === 'dividing') this.#dividing.set(baUnit, divisionIdOf(baUnit, membersRoot));
        const division = this.#dividing.get(baUnit);
        if (division !== undefined) {
          addDivision(baUnit);
          add(cancelledSlot(division));
        }
        if (status !== 'dividing') this.#dividing.delete(baUnit);
        break;
      }
      case 'ChildrenLoaded':
        addDivision(event.args.baUnit);
        for (const { portion } of event.args.children) {
          add(unitSlot(portion.baUnit));
          add(claimedBySlot(portion.baUnit));
          for (const { id } of portion.spatialUnits) add(placementSlot(id), 2);
        }
        break;
      case 'ActApplied':
        for (const [base, count] of recordsOf(event.args.applied)) add(base, count);
        break;
      case 'BatchRedeemed': {
        const { programme, cycle, vendor } = event.args;
        add(recordSlot('credit', programme, wordOf(BigInt(cycle)), vendor), CREDIT_WORDS);
        break;
      }
      case 'RecorderAppointed':
        add(recorderSlot(event.args.institution), RECORDER_WORDS);
        add(hashOfWords([event.args.keyHash, USED_KEYS_SLOT]));
        break;
      case 'RootRecorded':
        add(newestRootSlot(event.args.institution, event.args.kind));
        break;
    }
    return slots;
  }
}

export function unitSlot(baUnit: Bytes32): Bytes32 {
  return hashOfWords([baUnit, STATES_SLOT]);
}

/** The first of two words: whose it is, and whether that unit ended. */
export function placementSlot(spatialUnit: Bytes32): Bytes32 {
  return hashOfWords([spatialUnit, PLACEMENTS_SLOT]);
}

/** An instrument is an office's own. */
export function instrumentSlot(office: OfficeId, instrument: Bytes32): Bytes32 {
  return hashOfWords([instrument, hashOfWords([wordOf(BigInt(office)), INSTRUMENTS_SLOT])]);
}

/** The first of three words: the fold of all children, that of those to be loaded, and their number. */
export function divisionSlot(parent: Bytes32): Bytes32 {
  return hashOfWords([parent, DIVISIONS_SLOT]);
}

/** Which division claimed the id of a child. */
export function claimedBySlot(child: Bytes32): Bytes32 {
  return hashOfWords([child, CLAIMED_BY_SLOT]);
}

export function cancelledSlot(divisionId: Bytes32): Bytes32 {
  return hashOfWords([divisionId, CANCELLED_SLOT]);
}

export function divisionIdOf(parent: Bytes32, membersRoot: Bytes32): Bytes32 {
  return hashOfWords([parent, membersRoot]);
}

/** The first of two words: the key, and beside its epoch and first second the count of destroyed data keys. */
export function recorderSlot(institution: InstitutionId): Bytes32 {
  return hashOfWords([wordOf(BigInt(institution)), RECORDERS_SLOT]);
}

/** How far the roots of one kind have come. */
export function newestRootSlot(institution: InstitutionId, kind: RootKind): Bytes32 {
  const ofInstitution = hashOfWords([wordOf(BigInt(institution)), NEWEST_SLOT]);
  return hashOfWords([wordOf(BigInt(numberOf(ROOT_KINDS, kind))), ofInstitution]);
}

/** Every record that an act on benefits writes or lets be written. */
function recordsOf({ name, act }: AppliedAct): readonly (readonly [Bytes32, number])[] {
  switch (name) {
    case 'DefineProgramme': {
      const tier = recordSlot('tier', wordOf(BigInt(act.institution)), wordOf(BigInt(act.currency)));
      return [
        [recordSlot('programme', act.programme), PROGRAMME_WORDS],
        [tier, 1],
      ];
    }
    case 'Enrol': {
      const epoch = wordOf(BigInt(act.enrolmentEpoch));
      const cards = BigInt(recordSlot('cards', act.programme, epoch)) + BigInt(act.startIndex);
      return [
        [recordSlot('enrolment', act.programme, epoch), ENROLMENT_WORDS],
        [wordOf(BigInt.asUintN(256, cards)), act.count],
      ];
    }
    case 'SetVendor':
      return [[recordSlot('vendor', act.vendor), 1]];
    case 'SetTill':
      return [[recordSlot('till', act.vendor, wordOf(BigInt(act.till))), TILL_WORDS]];
    case 'CycleEnvelope': {
      const words = wordsOf(act.count, act.entryBytes === 1 ? 1 : 4);
      return [
        [recordSlot('cycle', act.programme, wordOf(BigInt(act.cycle))), CYCLE_WORDS],
        [recordSlot('table', act.programme, wordOf(BigInt(act.lane))), words],
      ];
    }
    default:
      return [];
  }
}

/** Where a record of the register of benefits begins. */
export function recordSlot(tag: string, ...keys: readonly Bytes32[]): Bytes32 {
  return hashOfWords([toHex(keccak_256(utf8ToBytes(`BenefitLedger.${tag}`))) as Bytes32, ...keys]);
}

// ---- The fold -----------------------------------------------------------------------------------------------

export interface ImportedWord {
  readonly slot: Bytes32;
  readonly word: Bytes32;
}

/** One call of `importWords`. */
export interface ImportChunk {
  readonly slots: readonly Bytes32[];
  readonly words: readonly Bytes32[];
  /** What the words after these fold to; zero after the last. */
  readonly rest: Bytes32;
}

export interface Import {
  /** What the members vote on; zero where there is nothing to carry. */
  readonly importHash: Bytes32;
  readonly words: readonly ImportedWord[];
  readonly chunks: readonly ImportChunk[];
}

/** The import of these words, each slot once; a word of zero is like none and is left out. */
export function importOf(content: ReadonlyMap<Bytes32, Bytes32>): Import {
  const words = [...content]
    .filter(([, value]) => value !== ZERO_32)
    .map(([slot, value]) => ({ slot, word: value }))
    .sort((a, b) => (a.slot < b.slot ? -1 : 1));
  const chunks: ImportChunk[] = [];
  let rest = ZERO_32;
  for (let end = words.length; end > 0; ) {
    const first = Math.floor((end - 1) / MAX_IMPORT_WORDS) * MAX_IMPORT_WORDS;
    const part = words.slice(first, end);
    chunks.unshift({ slots: part.map(({ slot }) => slot), words: part.map((one) => one.word), rest });
    rest = foldImport(part, rest);
    end = first;
  }
  return { importHash: rest, words, chunks };
}

/** `H(i) = keccak(slot(i) || wordOf(i) || H(i + 1))`, from what follows. */
export function foldImport(words: readonly ImportedWord[], rest: Bytes32): Bytes32 {
  return words.reduceRight<Bytes32>(
    (fold, one) => toHex(keccak_256(concatBytes(...[one.slot, one.word, fold].map(fromHex)))) as Bytes32,
    rest,
  );
}

/** Why a member does not vote for an import: the first word that differs from those recomputed. */
export interface ImportDifference {
  readonly slot: Bytes32;
  readonly why: 'other-word' | 'missing' | 'not-in-the-register';
}

export function differenceOf(
  proposed: readonly ImportedWord[],
  recomputed: Pick<Import, 'words'>,
): ImportDifference | undefined {
  const due = new Map(recomputed.words.map((one) => [one.slot, one.word]));
  for (const { slot, word: value } of proposed) {
    const known = due.get(slot);
    if (known === undefined) return { slot, why: 'not-in-the-register' };
    if (known !== value) return { slot, why: 'other-word' };
    due.delete(slot);
  }
  const [missing] = due.keys();
  return missing === undefined ? undefined : { slot: missing, why: 'missing' };
}

/** Refuses as `import-differs` a vote on another fold than the one recomputed. */
export function requireImport(importHash: Bytes32, { importHash: recomputed }: Import): void {
  if (importHash !== recomputed) throw refusal('import-differs');
}
