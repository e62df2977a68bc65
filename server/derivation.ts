/**
 * Everything that the chain alone shows, derived again from block 0 and held against proofs under its newest block.
 *
 * Hides the order of the checks: every block as the node tells it (headers, receipts, seals), each promise of the ledger
 * at the event that would break it, then what the registers hold at the end: heads, units, what successors were filled
 * with. Promises: nothing is asked of a gateway, a store or a key; a finding is a sentence without anything personal; blocks
 * that were found bad end the derivation there, as nothing after them means anything. Memory is that of a replay: what
 * grows with titles and entries is kept where the caller says. `fsck`
 * runs it beside what a data folder holds, `audit` on a node and a trust file alone.
 */
import type { ContractName, EventBlock, LedgerEvent } from './domain/acts/events.ts';
import { type Finding, MAX_FINDINGS } from './domain/audit/findings.ts';
import { JOURNAL_HEAD_SLOT, JOURNAL_STATUS_SLOT, readJournalStatus } from './domain/audit/journal.ts';
import type { KeepRows } from './domain/audit/keptRows.ts';
import { Replay } from './domain/audit/replay.ts';
import type { SignatureCount } from './domain/audit/replaySignatures.ts';
import { slotOf } from './domain/audit/state.ts';
import { differenceOf, type ImportedWord, importOf, LiveSlots } from './domain/audit/succession.ts';
import { unitStateSlot } from './domain/audit/verifyCertificate.ts';
import { type Address, type Bytes32, ZERO_32 } from './domain/base/hex.ts';
import { Refusal } from './domain/base/refusal.ts';
import type { BAUnitId } from './domain/base/terms.ts';
import { EventReader } from './ledger/events.ts';
import type { Ledger, VerifiedBlock } from './ledger/ledger.ts';
import { recoverQuickly } from './ledger/recovery.ts';
import { shownCalls } from './ledger/shownCalls.ts';
import { carriedAt, type ImportingRegister, isImporting } from './succession.ts';

export interface DerivationParts {
  readonly chainId: bigint;
  readonly charter: Address;
  /** One that nobody else follows: it is followed from block 0. */
  readonly ledger: Pick<Ledger, 'genesis' | 'follow' | 'call' | 'prove'>;
  /** Up to which block; the head of the chain as the caller knows it. */
  readonly through: bigint;
  /** Sees each block once it was replayed. The derivation goes on past `through` until it answers that it has enough. */
  readonly onBlock?: (events: EventBlock) => Promise<boolean>;
  /** Ends the following early: what was derived by then is what comes back. */
  readonly signal?: AbortSignal;
  /** Where what grows with the ledger is kept; in memory where nobody says. */
  readonly keep?: KeepRows;
}

/** What does not hold, and where: a block, a promise of the ledger, what a register holds. */
export type ChainFinding =
  | { readonly check: 'blocks'; readonly what: string; readonly blockNumber: bigint; readonly code: string }
  | ({ readonly check: 'ledger' } & Finding)
  | {
      readonly check: 'proofs';
      readonly what: string;
      readonly register: Address;
      readonly subject?: Bytes32;
    };

export interface Derivation {
  /** The newest block that was derived; absent before there is one, and where a bad one ended the derivation. */
  readonly newest: VerifiedBlock | undefined;
  readonly entries: bigint;
  /** Measures that were ever opened, and votes on them that were ever cast. */
  readonly measures: number;
  readonly votes: number;
  readonly units: number;
  /** Signatures that were checked, and those that neither an event nor a direct call shows. */
  readonly signatures: SignatureCount;
  /** Every contract of the ledger, by address. */
  readonly contracts: ReadonlyMap<Address, ContractName>;
  /** Of the consortium in force. */
  readonly ledgerNonce: Bytes32 | undefined;
  /** In the order of the checks. Empty: everything holds. */
  readonly findings: readonly ChainFinding[];
}

export async function deriveChain(parts: DerivationParts): Promise<Derivation> {
  const replay = new Replay(parts.chainId, recoverQuickly, parts.keep);
  const imports = new Imports(parts.keep);
  const reader = new EventReader<VerifiedBlock>({ charter: parts.charter, questions: parts.ledger });
  const { newest, bad, ...decided } = await replayBlocks(parts, { replay, imports, reader });
  const findings: ChainFinding[] = [...bad];
  for (const finding of replay.finish()) findings.push({ check: 'ledger', ...finding });
  if (newest !== undefined) {
    findings.push(...(await proveJournals(parts, replay, newest)));
    findings.push(...(await proveUnits(parts, replay, newest)));
    findings.push(...(await proveMoney(parts, replay, newest)));
    findings.push(...(await proveImports(parts, imports, newest)));
  }
  let entries = 0n;
  for (const journal of replay.journals.values()) entries += journal.entries;
  const { signatures, unitStates, ledgerNonce } = replay;
  const { contracts } = reader;
  const counts = { entries, ...decided, units: unitStates.size, signatures };
  return { newest, ...counts, contracts, ledgerNonce, findings };
}

interface Replayed extends Pick<Derivation, 'newest' | 'measures' | 'votes'> {
  readonly bad: readonly ChainFinding[];
}

interface Readers {
  readonly replay: Replay;
  readonly imports: Imports;
  readonly reader: EventReader<VerifiedBlock>;
}

async function replayBlocks(
  { ledger, through, onBlock = async () => true, signal }: DerivationParts,
  { replay, imports, reader }: Readers,
): Promise<Replayed> {
  const decided = { measures: 0, votes: 0 };
  if (through === 0n) return { newest: undefined, bad: [], ...decided };
  const done = new AbortController();
  const end = signal === undefined ? done.signal : AbortSignal.any([done.signal, signal]);
  let newest: VerifiedBlock | undefined;
  try {
    for await (const block of ledger.follow(ledger.genesis, end)) {
      const events = await reader.read(block);
      const shown = shownCalls(block.transactions, (address) => reader.contractAt(address));
      replay.apply({ ...events, shown });
      for (const event of events.events) {
        imports.apply(event);
        if (event.name === 'MeasureOpened') decided.measures++;
        if (event.name === 'VoteCast') decided.votes++;
      }
      newest = block;
      const isEnough = await onBlock(events);
      if (isEnough && block.number >= through) break;
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const named = error.holes.blockNumber; // blocks are fetched ahead: it may not be the next one
    const blockNumber = typeof named === 'bigint' ? named : (newest?.number ?? 0n) + 1n;
    const bad = { check: 'blocks', what: error.message, blockNumber, code: error.code } as const;
    return { newest: undefined, bad: [bad], ...decided };
  } finally {
    done.abort();
  }
  const what = 'What the consortium was founded with could not be proved.';
  const unproven = reader.unproven.map((register) => ({ check: 'proofs', what, register }) as const);
  return { newest, bad: unproven, ...decided };
}

/** The heads that the entries fold to are the ones the registers hold (P8). */
async function proveJournals(
  { ledger }: DerivationParts,
  replay: Replay,
  newest: VerifiedBlock,
): Promise<ChainFinding[]> {
  const findings: ChainFinding[] = [];
  for (const [register, journal] of replay.journals) {
    const slots = [JOURNAL_HEAD_SLOT, JOURNAL_STATUS_SLOT];
    const { state } = await ledger.prove(register, slots, newest);
    const status = readJournalStatus(slotOf(state, JOURNAL_STATUS_SLOT));
    if (slotOf(state, JOURNAL_HEAD_SLOT) !== journal.head || status.entryCount !== journal.entries) {
      const what = 'The entries do not fold to the head that the register holds.';
      findings.push({ check: 'proofs', what, register });
    }
    if (journal.lastEntryAt !== undefined && status.lastEntryAt !== journal.lastEntryAt) {
      const what = 'The last entry has another time than the register holds.';
      findings.push({ check: 'proofs', what, register });
    }
    if (status.successor !== journal.successor) {
      findings.push({ check: 'proofs', what: 'A register was frozen and no event says so.', register });
    }
  }
  return findings;
}

/** Slots a proof: a few hundred kilobytes of nodes. */
const SLOTS_A_PROOF = 256;

/**
 * What registers of one kind keep under some slots, a few at a time, with the register that keeps it. One that succeeds
 * another was filled with all of it; while it is being filled, the one before it keeps it.
 */
async function* keptBy(
  { ledger }: DerivationParts,
  registers: readonly Address[],
  slots: readonly Bytes32[],
  newest: VerifiedBlock,
): AsyncGenerator<{ readonly slot: Bytes32; readonly word: Bytes32; readonly register: Address }> {
  for (let first = 0; first < slots.length; first += SLOTS_A_PROOF) {
    const some = slots.slice(first, first + SLOTS_A_PROOF);
    const kept = new Map<Bytes32, { readonly word: Bytes32; readonly register: Address }>();
    for (const register of registers) {
      const { state } = await ledger.prove(register, some, newest);
      for (const slot of some) {
        const word = slotOf(state, slot);
        if (word !== ZERO_32 || !kept.has(slot)) kept.set(slot, { word, register });
      }
    }
    for (const [slot, { word, register }] of kept) yield { slot, word, register };
  }
}

function registersOf({ journals }: Replay, wanted: ImportingRegister): Address[] {
  return [...journals].flatMap(([at, { contract }]) => (contract === wanted ? [at] : []));
}

/** The state that each unit's events end in is the one the register keeps of it (L5). */
async function proveUnits(
  parts: DerivationParts,
  replay: Replay,
  newest: VerifiedBlock,
): Promise<ChainFinding[]> {
  const findings: ChainFinding[] = [];
  const registers = registersOf(replay, 'land');
  for (const some of chunksOf(replay.unitStates.entries(), SLOTS_A_PROOF)) {
    const units = new Map(
      some.map(([unit, told]) => [unitStateSlot(unit as BAUnitId), { unit, told }] as const),
    );
    for await (const { slot, word, register } of keptBy(parts, registers, [...units.keys()], newest)) {
      const unit = units.get(slot);
      if (unit === undefined || unit.told === word) continue;
      const what = 'A unit ended in another state than the register keeps of it.';
      findings.push({ check: 'proofs', what, register, subject: unit.unit });
      if (findings.length === MAX_FINDINGS) return findings;
    }
  }
  return findings;
}

function* chunksOf<T>(all: Iterable<T>, size: number): Generator<readonly T[]> {
  let chunk: T[] = [];
  for (const one of all) {
    chunk.push(one);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/** What the books say of money, of every programme, cycle and vendor, is what the register keeps (B1, B6). */
async function proveMoney(
  parts: DerivationParts,
  replay: Replay,
  newest: VerifiedBlock,
): Promise<ChainFinding[]> {
  const findings: ChainFinding[] = [];
  const booked = new Map(replay.money.map((kept) => [kept.slot, kept]));
  const registers = registersOf(replay, 'benefits');
  for await (const { slot, word, register } of keptBy(parts, registers, [...booked.keys()], newest)) {
    const due = booked.get(slot);
    if (due === undefined || (BigInt(word) & due.mask) === due.word) continue;
    const what = 'The register keeps other money than its events lead to.';
    findings.push({ check: 'proofs', what, register, subject: slot });
    if (findings.length === MAX_FINDINGS) break;
  }
  return findings;
}

/** What successors were filled with, and from which registers. */
class Imports {
  readonly #live: LiveSlots;
  readonly #words = new Map<Address, ImportedWord[]>();
  readonly begun: {
    readonly register: Address;
    readonly contract: ImportingRegister;
    readonly predecessor: Address;
    readonly words: readonly ImportedWord[];
    /** Every slot that the predecessor can have written. */
    readonly live: readonly Bytes32[];
  }[] = [];

  constructor(keep?: KeepRows) {
    this.#live = new LiveSlots(keep);
  }

  apply(event: LedgerEvent): void {
    const { address, contract } = event;
    if (event.name === 'WordsImported') {
      const part = event.args.slots.map((slot, i) => ({ slot, word: event.args.words[i] ?? ZERO_32 }));
      this.#words.set(address, [...(this.#words.get(address) ?? []), ...part]);
    }
    if (event.name === 'RegisterContinued' && isImporting(contract)) {
      const { predecessor } = event.args;
      const words = this.#words.get(address) ?? [];
      this.begun.push({ register: address, contract, predecessor, words, live: this.#live.of(predecessor) });
    }
    this.#live.apply(event);
  }
}

/** A frozen register never writes again, so its state now is the one its successor was to be filled with. */
async function proveImports(
  { ledger }: DerivationParts,
  { begun }: Imports,
  newest: VerifiedBlock,
): Promise<ChainFinding[]> {
  const findings: ChainFinding[] = [];
  for (const { register, contract, predecessor, words, live } of begun) {
    const carried = await carriedAt(ledger, predecessor, contract, live, newest);
    const difference = differenceOf(words, importOf(carried));
    if (difference === undefined) continue;
    const what = `A register was filled with another state than its predecessor ended in: ${difference.why}.`;
    findings.push({ check: 'proofs', what, register, subject: difference.slot });
  }
  return findings;
}
