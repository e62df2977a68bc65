/**
 * `kudurru fsck`: derives everything again from block 0 and names the first thing that does not hold.
 *
 * Hides the order of the checks: what the store holds, then every block as the node tells it (headers, receipts,
 * seals), then each promise of the ledger at the event that would break it, then the registers' heads and histories
 * against proofs under the newest block, then the views against a build of their own. Promises: nothing of the store
 * or the views is changed; a finding is a sentence without anything personal; blocks that were found bad end the
 * derivation there, as nothing after them means anything. Memory is that of a replay; the second build of the views
 * is on disk, in a folder the caller gives and takes away. For the command and for a restore.
 */

import { setImmediate } from 'node:timers/promises';
import type { BlockCursor, LedgerEvent } from './domain/acts/events.ts';
import { type Finding, MAX_FINDINGS } from './domain/audit/findings.ts';
import { JOURNAL_HEAD_SLOT, JOURNAL_STATUS_SLOT, readJournalStatus } from './domain/audit/journal.ts';
import { Replay } from './domain/audit/replay.ts';
import type { SignatureCount } from './domain/audit/replaySignatures.ts';
import { slotOf } from './domain/audit/state.ts';
import { differenceOf, type ImportedWord, importOf, LiveSlots } from './domain/audit/succession.ts';
import { unitStateSlot } from './domain/audit/verifyCertificate.ts';
import { Fault } from './domain/base/fault.ts';
import { type Address, type Bytes32, ZERO_32 } from './domain/base/hex.ts';
import { Refusal } from './domain/base/refusal.ts';
import type { BAUnitId } from './domain/base/terms.ts';
import { type Outline, overlapM2 } from './domain/survey/overlap.ts';
import { shapeOfOpen } from './domain/survey/parcels.ts';
import { treeOf } from './domain/survey/placeIndex.ts';
import { EventReader } from './ledger/events.ts';
import type { Ledger, VerifiedBlock } from './ledger/ledger.ts';
import { shownCalls } from './ledger/shownCalls.ts';
import type { Cadastre } from './store/cadastre.ts';
import type { AnyTable, Store, TableReport } from './store/store.ts';
import type { Views } from './store/views.ts';
import { carriedAt, type ImportingRegister } from './succession.ts';

export interface FsckParts {
  readonly chainId: bigint;
  readonly charter: Address;
  /** One that nobody else follows: it is followed from block 0. */
  readonly ledger: Pick<Ledger, 'genesis' | 'follow' | 'call' | 'prove'>;
  /** Up to which block; the head of the chain as the caller knows it. */
  readonly through: bigint;
  /** Every precious store with all its tables: the data folder's, and the keys'. */
  readonly stores: readonly { readonly store: Store; readonly tables: readonly AnyTable[] }[];
  readonly views: Views;
  /** Empty views in a folder of their own. */
  readonly scratch: Views;
  /** The parcels as they were surveyed, and the ground that neighbours may share. */
  readonly ground?: { readonly cadastre: Cadastre; readonly toleranceMm2: bigint };
  readonly onProgress?: (blockNumber: bigint) => void;
}

/** What does not hold, and where: a table, a block, a promise of the ledger, a view. */
export type FsckFinding =
  | { readonly check: 'store'; readonly what: string; readonly table: TableReport }
  | { readonly check: 'blocks'; readonly what: string; readonly blockNumber: bigint; readonly code: string }
  | ({ readonly check: 'ledger' } & Finding)
  | {
      readonly check: 'proofs';
      readonly what: string;
      readonly register: Address;
      readonly subject?: Bytes32;
    }
  | { readonly check: 'views'; readonly what: string; readonly view?: string }
  | { readonly check: 'ground'; readonly what: string; readonly subject: Bytes32; readonly other: Bytes32 };

export interface FsckReport {
  /** The newest block that was derived. */
  readonly through: BlockCursor;
  readonly entries: bigint;
  readonly units: number;
  /** Signatures that were checked, and those that neither an event nor a direct call shows. */
  readonly signatures: SignatureCount;
  readonly tables: readonly TableReport[];
  /** In the order of the checks; the first is the one to look at. Empty: everything holds. */
  readonly findings: readonly FsckFinding[];
}

export async function fsck(parts: FsckParts): Promise<FsckReport> {
  const findings: FsckFinding[] = [];
  const tables: TableReport[] = [];
  for (const { store, tables: declared } of parts.stores) {
    for (const table of declared) {
      const report = await store.audit(table);
      tables.push(report);
      const what = 'A table has rows that are not what was written, or not the rows that were written.';
      if (!report.whole) findings.push({ check: 'store', what, table: report });
    }
  }
  const replay = new Replay(parts.chainId);
  const imports = new Imports();
  const { newest, views } = await derive(parts, replay, imports, findings);
  for (const finding of replay.finish()) findings.push({ check: 'ledger', ...finding });
  if (newest !== undefined) {
    findings.push(...(await proveJournals(parts, replay, newest)));
    findings.push(...(await proveUnits(parts, replay, newest)));
    findings.push(...(await proveImports(parts, imports, newest)));
  }
  findings.push(...views);
  findings.push(...(await titlesOnOneGround(parts)));
  let entries = 0n;
  for (const journal of replay.journals.values()) entries += journal.entries;
  const through = parts.scratch.cursor;
  const { signatures, unitStates } = replay;
  return { through, entries, units: unitStates.size, signatures, tables, findings };
}

interface Derivation {
  /** The newest block; absent where the blocks end before they should. */
  readonly newest?: VerifiedBlock;
  readonly views: readonly FsckFinding[];
}

/** Follows from block 0 into the replay and the scratch views, and compares the views where they stand. */
async function derive(
  parts: FsckParts,
  replay: Replay,
  imports: Imports,
  findings: FsckFinding[],
): Promise<Derivation> {
  const { ledger, charter, scratch, through, views } = parts;
  if (views.cursor.number > through) {
    findings.push({ check: 'views', what: 'The views stand above the chain.' });
  }
  const reader = new EventReader<VerifiedBlock>({ charter, questions: ledger });
  const done = new AbortController();
  let compared: readonly FsckFinding[] | undefined =
    views.cursor.number > through || views.cursor.number === 0n ? [] : undefined;
  let newest: VerifiedBlock | undefined;
  try {
    if (through === 0n) return { views: [] };
    for await (const block of ledger.follow(ledger.genesis, done.signal)) {
      const events = await reader.read(block);
      const shown = shownCalls(block.transactions, (address) => reader.contractAt(address));
      replay.apply({ ...events, shown });
      for (const event of events.events) imports.apply(event);
      await scratch.apply(events);
      newest = block;
      parts.onProgress?.(block.number);
      if (compared === undefined && block.number === views.cursor.number)
        compared = await compareViews(parts);
      if (compared !== undefined && block.number >= through) break;
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const named = error.holes.blockNumber; // blocks are fetched ahead: it may not be the next one
    const blockNumber = typeof named === 'bigint' ? named : (newest?.number ?? 0n) + 1n;
    findings.push({ check: 'blocks', what: error.message, blockNumber, code: error.code });
    return { views: compared ?? [] };
  } finally {
    done.abort();
  }
  for (const address of reader.unproven) {
    const what = 'What the consortium was founded with could not be proved.';
    findings.push({ check: 'proofs', what, register: address });
  }
  return { ...(newest && { newest }), views: compared ?? [] };
}

/** The heads that the entries fold to are the ones the registers hold (P8). */
async function proveJournals(
  { ledger }: FsckParts,
  replay: Replay,
  newest: VerifiedBlock,
): Promise<FsckFinding[]> {
  const findings: FsckFinding[] = [];
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

/** Units a proof: a few hundred kilobytes of nodes. */
const UNITS_A_PROOF = 256;

/**
 * The state that each unit's events end in is the one the register keeps of it (L5). A register that succeeds another
 * was filled with all of them; while it is being filled, the one before it keeps them.
 */
async function proveUnits(
  { ledger }: FsckParts,
  replay: Replay,
  newest: VerifiedBlock,
): Promise<FsckFinding[]> {
  const findings: FsckFinding[] = [];
  const registers = [...replay.journals].flatMap(([at, { contract }]) => (contract === 'land' ? [at] : []));
  const units = [...replay.unitStates] as [BAUnitId, Bytes32][];
  for (let first = 0; first < units.length; first += UNITS_A_PROOF) {
    const some = units.slice(first, first + UNITS_A_PROOF);
    const slots = some.map(([baUnit]) => unitStateSlot(baUnit));
    const kept = new Map<Bytes32, { readonly hash: Bytes32; readonly register: Address }>();
    for (const register of registers) {
      const { state } = await ledger.prove(register, slots, newest);
      for (const slot of slots) {
        const hash = slotOf(state, slot);
        if (hash !== ZERO_32 || !kept.has(slot)) kept.set(slot, { hash, register });
      }
    }
    for (const [i, [subject, told]] of some.entries()) {
      const found = kept.get(slots[i] ?? ZERO_32);
      if (found === undefined || found.hash === told) continue;
      const what = 'A unit ended in another state than the register keeps of it.';
      findings.push({ check: 'proofs', what, register: found.register, subject });
    }
  }
  return findings;
}

/** Titles compared between two turns of the event loop: the gateway that checks itself goes on answering. */
const TITLES_A_TURN = 64;
const MM2_PER_M2 = 1_000_000;

/** Two units that stand and share more ground than neighbours may, where no officer decided that both are to stand. */
async function titlesOnOneGround({ ground, scratch }: FsckParts): Promise<FsckFinding[]> {
  if (ground === undefined) return [];
  const { cadastre, toleranceMm2 } = ground;
  const shapes: { readonly baUnit: Bytes32; readonly outline: Outline }[] = [];
  for (let after: string | undefined; ; ) {
    const { rows, next } = await scratch.land.units({ ...(after !== undefined && { after }) });
    for (const { baUnit, status } of rows) {
      if (status !== 'active' && status !== 'dividing') continue;
      const [parcel] = await cadastre.ofBaUnit(baUnit); // its parts share the drawing
      if (parcel === undefined) continue; // surveyed elsewhere
      for (const outline of shapeOfOpen(parcel.feature).outlines) shapes.push({ baUnit, outline });
    }
    if (next === undefined) break;
    after = next;
  }
  const tree = treeOf(shapes.map(({ outline }) => outline));
  const shared = new Map<string, { readonly one: Bytes32; readonly other: Bytes32; areaM2: number }>();
  for (const [i, { baUnit: one, outline }] of shapes.entries()) {
    if (i % TITLES_A_TURN === 0) await setImmediate();
    for (const j of tree?.search(...outline.extent, (at) => at > i) ?? []) {
      const neighbour = shapes[j];
      if (neighbour === undefined || neighbour.baUnit === one) continue;
      const other = neighbour.baUnit;
      const pair = shared.get([one, other].sort().join()) ?? { one, other, areaM2: 0 };
      pair.areaM2 += overlapM2(outline, neighbour.outline);
      shared.set([one, other].sort().join(), pair);
    }
  }
  const findings: FsckFinding[] = [];
  for (const { one, other, areaM2 } of shared.values()) {
    if (areaM2 * MM2_PER_M2 <= Number(toleranceMm2) || (await cadastre.isDecided(one, other))) continue;
    const what = 'Two titles stand on one ground, and nobody decided that they may.';
    findings.push({ check: 'ground', what, subject: one, other });
    if (findings.length === MAX_FINDINGS) break;
  }
  return findings;
}

/** What successors were filled with, and from which registers. */
class Imports {
  readonly #live = new LiveSlots();
  readonly #words = new Map<Address, ImportedWord[]>();
  readonly begun: {
    readonly register: Address;
    readonly contract: ImportingRegister;
    readonly predecessor: Address;
    readonly words: readonly ImportedWord[];
    /** Every slot that the predecessor can have written. */
    readonly live: readonly Bytes32[];
  }[] = [];

  apply(event: LedgerEvent): void {
    const { address, contract } = event;
    if (event.name === 'WordsImported') {
      const part = event.args.slots.map((slot, i) => ({ slot, word: event.args.words[i] ?? ZERO_32 }));
      this.#words.set(address, [...(this.#words.get(address) ?? []), ...part]);
    }
    if (event.name === 'RegisterContinued' && (contract === 'land' || contract === 'benefits')) {
      const { predecessor } = event.args;
      const words = this.#words.get(address) ?? [];
      this.begun.push({ register: address, contract, predecessor, words, live: this.#live.of(predecessor) });
    }
    this.#live.apply(event);
  }
}

/** A frozen register never writes again, so its state now is the one its successor was to be filled with. */
async function proveImports(
  { ledger }: FsckParts,
  { begun }: Imports,
  newest: VerifiedBlock,
): Promise<FsckFinding[]> {
  const findings: FsckFinding[] = [];
  for (const { register, contract, predecessor, words, live } of begun) {
    const carried = await carriedAt(ledger, predecessor, contract, live, newest);
    const difference = differenceOf(words, importOf(carried));
    if (difference === undefined) continue;
    const what = `A register was filled with another state than its predecessor ended in: ${difference.why}.`;
    findings.push({ check: 'proofs', what, register, subject: difference.slot });
  }
  return findings;
}

/** The views and the second build at one block; undefined where the views went on meanwhile. */
async function compareViews({ views, scratch }: FsckParts): Promise<FsckFinding[] | undefined> {
  try {
    const [kept, built] = [await views.digest(), await scratch.digest()];
    if (kept.cursor.number !== built.cursor.number) return undefined;
    if (kept.digest === built.digest) return [];
    const view = await views.firstDifference(scratch);
    const what =
      'A view has rows that the blocks do not make: take the views away, and they are built again.';
    return [{ check: 'views', what, ...(view !== undefined && { view }) }];
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return [{ check: 'views', what: error.message }];
  }
}
