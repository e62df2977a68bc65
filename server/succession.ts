/**
 * What a register's successor must be filled with, recomputed by a member from the blocks and proofs alone.
 *
 * Promises: every slot that the register's events can have written, with the word that a proof shows of it at one block;
 * the fold, and the chunks that load it. It is the final state only if nothing is recorded until the register is frozen,
 * so members pause it first, and recompute after the vote was executed as well: `fsck` does. For the command and `fsck`.
 */
import type { RegisterName } from './domain/acts/events.ts';
import { JOURNAL_HEAD_SLOT, JOURNAL_STATUS_SLOT, readJournalStatus } from './domain/audit/journal.ts';
import { type ProvenState, slotOf } from './domain/audit/state.ts';
import { type Import, importOf, LiveSlots, PRESENTATIONS_SLOT } from './domain/audit/succession.ts';
import { type Address, type Bytes32, type Hex, wordOf, ZERO_32 } from './domain/base/hex.ts';
import { refusal } from './domain/base/refusal.ts';
import { encodeCall } from './ledger/contracts.ts';
import type { EmbeddedChain } from './ledger/embedded.ts';
import { EventReader } from './ledger/events.ts';
import { type Ledger, openLedger, type VerifiedBlock } from './ledger/ledger.ts';

/** Registers of many words; the others copy what they carry from their predecessor. */
export const IMPORTING_REGISTERS = ['land', 'benefits', 'notary'] as const satisfies readonly RegisterName[];
export type ImportingRegister = (typeof IMPORTING_REGISTERS)[number];

export function isImporting(name: string): name is ImportingRegister {
  return (IMPORTING_REGISTERS as readonly string[]).includes(name);
}

/** Slots a proof: a few hundred kilobytes of nodes. */
const SLOTS_A_PROOF = 256;

type Proving = Pick<Ledger, 'prove'>;

export interface Recomputing {
  readonly charter: Address;
  /** One that nobody else follows: it is followed from block 0. */
  readonly ledger: Pick<Ledger, 'genesis' | 'follow' | 'call' | 'prove'>;
  /** The block whose state is carried over. */
  readonly through: bigint;
}

/** Refuses as `register-not-listed` where none is in force, and as `register-not-begun` where it is being filled itself. */
export async function recomputeImport(
  { charter, ledger, through }: Recomputing,
  register: ImportingRegister,
): Promise<Import> {
  const reader = new EventReader<VerifiedBlock>({ charter, questions: ledger });
  const slots = new LiveSlots();
  const done = new AbortController();
  let at: Address | undefined;
  let newest: VerifiedBlock | undefined;
  for await (const block of ledger.follow(ledger.genesis, done.signal)) {
    for (const event of (await reader.read(block)).events) {
      slots.apply(event);
      if (event.name === 'ContractFound' && event.args.contract === register) at = event.args.address;
    }
    newest = block;
    if (block.number >= through) break;
  }
  done.abort();
  if (at === undefined || newest === undefined) throw refusal('register-not-listed');
  const { state } = await ledger.prove(at, [JOURNAL_HEAD_SLOT], newest);
  if (slotOf(state, JOURNAL_HEAD_SLOT) === ZERO_32) throw refusal('register-not-begun');
  return importOf(await carriedAt(ledger, at, register, slots.of(at), newest));
}

/** The same of the chain of a data folder, at its head, with the calls that load it, in order. */
export async function recomputeAtHead(
  chain: EmbeddedChain,
  charter: Address,
  register: ImportingRegister,
): Promise<Import & { readonly calls: readonly Hex[] }> {
  const { chainId, hash: genesisHash } = chain.genesis;
  const ledger = await openLedger({ provider: chain, pin: { chainId, genesisHash } });
  try {
    const carried = await recomputeImport({ charter, ledger, through: chain.headNumber }, register);
    const calls = carried.chunks.map(({ slots, words, rest }) =>
      encodeCall(register, 'importWords', [[...slots], [...words], rest]),
    );
    return { ...carried, calls };
  } finally {
    ledger.close();
  }
}

/** What the successor of a register holds when it begins, as proved of the register at a block. */
export async function carriedAt(
  ledger: Proving,
  register: Address,
  contract: ImportingRegister,
  slots: readonly Bytes32[],
  block: VerifiedBlock,
): Promise<Map<Bytes32, Bytes32>> {
  const carried = await wordsAt(ledger, register, slots, block);
  if (contract !== 'land') return carried;
  // Numbers of presentation go on: those before this register, and its own entries.
  const { entryCount } = await statusAt(ledger, register, block);
  return carried.set(PRESENTATIONS_SLOT, wordOf(BigInt(carried.get(PRESENTATIONS_SLOT) ?? 0n) + entryCount));
}

async function wordsAt(
  ledger: Proving,
  register: Address,
  slots: readonly Bytes32[],
  block: VerifiedBlock,
): Promise<Map<Bytes32, Bytes32>> {
  const words = new Map<Bytes32, Bytes32>();
  for (let first = 0; first < slots.length; first += SLOTS_A_PROOF) {
    const some = slots.slice(first, first + SLOTS_A_PROOF);
    const { state }: { readonly state: ProvenState } = await ledger.prove(register, some, block);
    for (const slot of some) words.set(slot, slotOf(state, slot));
  }
  return words;
}

async function statusAt(ledger: Proving, register: Address, block: VerifiedBlock) {
  const { state } = await ledger.prove(register, [JOURNAL_STATUS_SLOT], block);
  return readJournalStatus(slotOf(state, JOURNAL_STATUS_SLOT));
}
