/**
 * What a register's successor must be filled with, recomputed by a member from the blocks and proofs alone.
 *
 * Promises: every slot that the register's events can have written, with the word that a proof shows of it at one block;
 * the fold, and the chunks that load it. It is the final state only if nothing is recorded until the register is frozen,
 * so members pause it first, and recompute after the vote was executed as well: `fsck` does. For the command and `fsck`.
 */
import type { ContractName, RegisterName } from './domain/acts/events.ts';
import {
  IMPORT_REST_SLOT,
  JOURNAL_HEAD_SLOT,
  JOURNAL_STATUS_SLOT,
  readJournalStatus,
} from './domain/audit/journal.ts';
import { type ProvenState, slotOf } from './domain/audit/state.ts';
import { type Import, importOf, LiveSlots, PRESENTATIONS_SLOT } from './domain/audit/succession.ts';
import { type TrustedContract, type TrustFile, withContracts } from './domain/audit/trust.ts';
import { type Address, type Bytes32, fromHex, type Hex, toHex, wordOf, ZERO_32 } from './domain/base/hex.ts';
import { refusal } from './domain/base/refusal.ts';
import { encodeCall } from './ledger/contracts.ts';
import { isCodeOf } from './ledger/deployedCode.ts';
import { EventReader } from './ledger/events.ts';
import { keccak256 } from './ledger/keccak.ts';
import { type Ledger, type LedgerPin, openLedger, pinOf, type VerifiedBlock } from './ledger/ledger.ts';
import { HttpNode } from './ledger/node.ts';
import { type ChainProvider, readData, readQuantity } from './ledger/provider.ts';

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
export async function recomputeImport(of: Recomputing, register: ImportingRegister): Promise<Import> {
  const { at, slots, newest } = await followed(of, register);
  if (!(await hasBegun(of.ledger, at, newest))) throw refusal('register-not-begun');
  return importOf(await carriedAt(of.ledger, at, register, slots.of(at), newest));
}

interface Followed {
  /** The register that the Charter named last, and the one before it. */
  readonly at: Address;
  readonly before: Address | undefined;
  readonly slots: LiveSlots;
  readonly newest: VerifiedBlock;
}

async function followed(of: Recomputing, register: ImportingRegister): Promise<Followed> {
  const { found, slots, newest } = await readWhole(of);
  const all = found.get(register) ?? [];
  const at = all.at(-1);
  if (at === undefined) throw refusal('register-not-listed');
  return { at, before: all.at(-2), slots, newest };
}

/** The ledger from block 0: every contract that the Charter ever named, oldest first, and where words may be. */
async function readWhole({ charter, ledger, through }: Recomputing) {
  const reader = new EventReader<VerifiedBlock>({ charter, questions: ledger });
  const slots = new LiveSlots();
  const done = new AbortController();
  const found = new Map<ContractName, Address[]>();
  let newest: VerifiedBlock | undefined;
  for await (const block of ledger.follow(ledger.genesis, done.signal)) {
    for (const event of (await reader.read(block)).events) {
      slots.apply(event);
      if (event.name !== 'ContractFound') continue;
      const { contract, address } = event.args;
      found.set(contract, [...(found.get(contract) ?? []), address]);
    }
    newest = block;
    if (block.number >= through) break;
  }
  done.abort();
  if (newest === undefined) throw refusal('register-not-listed');
  return { found, slots, newest };
}

async function hasBegun(ledger: Proving, register: Address, block: VerifiedBlock): Promise<boolean> {
  const { state } = await ledger.prove(register, [JOURNAL_HEAD_SLOT], block);
  return slotOf(state, JOURNAL_HEAD_SLOT) !== ZERO_32;
}

/** A ledger as one node of it answers: of this process, of a gateway on this machine, or of a network. */
export interface AskedLedger {
  readonly provider: ChainProvider;
  readonly pin: LedgerPin;
  readonly charter: Address;
}

/** A node, or the socket that a gateway left in its data folder. */
export function ledgerAt(
  node: { readonly url: string; readonly socket?: string; readonly authorization?: () => string },
  trust: TrustFile,
): AskedLedger {
  return ledgerOf(new HttpNode(node), trust);
}

export function ledgerOf(provider: ChainProvider, trust: TrustFile): AskedLedger {
  return { provider, pin: pinOf(trust), charter: trust.contracts.charter.address };
}

/** The same at the newest block, with the calls that load it, in order. */
export function recomputeAtHead(
  asked: AskedLedger,
  register: ImportingRegister,
): Promise<Import & { readonly calls: readonly Hex[] }> {
  return atHead(asked, async (of) => {
    const carried = await recomputeImport(of, register);
    return Object.assign({ calls: callsOf(carried, register) }, carried);
  });
}

/** How far the successor in force is filled. */
export interface Filling {
  readonly successor: Address;
  readonly importHash: Bytes32;
  /** Those that still have to come, in order: none of a register that has begun. */
  readonly calls: readonly Hex[];
}

/**
 * What the successor in force still lacks, recomputed from the frozen register before it. Refuses as `import-differs` what
 * the members did not vote for, and as `not-the-predecessor` where a register was never succeeded.
 */
export function fillingAtHead(asked: AskedLedger, register: ImportingRegister): Promise<Filling> {
  return atHead(asked, async (of) => {
    const { at, before, slots, newest } = await followed(of, register);
    if (before === undefined) throw refusal('not-the-predecessor');
    const due = importOf(await carriedAt(of.ledger, before, register, slots.of(before), newest));
    const filling = { successor: at, importHash: due.importHash };
    if (await hasBegun(of.ledger, at, newest)) return Object.assign(filling, { calls: [] });
    const { state } = await of.ledger.prove(at, [IMPORT_REST_SLOT], newest);
    const rest = slotOf(state, IMPORT_REST_SLOT);
    const loaded = [due.importHash, ...due.chunks.map((chunk) => chunk.rest)].indexOf(rest);
    if (loaded < 0) throw refusal('import-differs');
    return Object.assign(filling, { calls: callsOf(due, register).slice(loaded) });
  });
}

/**
 * The trust file with the contracts that govern now, each named by the Charter in a block that the given file proves, begun,
 * and of this version. Refuses as `register-not-begun` while one is being filled, and as `contract-code-differs`.
 */
export function trustAtHead(asked: AskedLedger, trust: TrustFile): Promise<TrustFile> {
  return atHead(asked, async (of) => {
    const { found, newest } = await readWhole(of);
    const pinned = async (contract: 'consortium' | 'land' | 'benefits'): Promise<TrustedContract> => {
      const address = found.get(contract)?.at(-1);
      if (address === undefined) throw refusal('register-not-listed');
      if (!(await hasBegun(of.ledger, address, newest))) throw refusal('register-not-begun');
      const { codeHash } = (await of.ledger.prove(address, [], newest)).state.account;
      const params = [address, 'latest'];
      const code = readData(await asked.provider.request({ method: 'eth_getCode', params })) ?? '0x';
      const isThisVersion = toHex(keccak256(fromHex(code))) === codeHash && isCodeOf(contract, code);
      if (!isThisVersion) throw refusal('contract-code-differs');
      return { address, codeHash };
    };
    return withContracts(trust, {
      charter: trust.contracts.charter,
      consortium: await pinned('consortium'),
      landRegistry: await pinned('land'),
      benefitLedger: await pinned('benefits'),
    });
  });
}

const callsOf = ({ chunks }: Import, register: ImportingRegister): readonly Hex[] =>
  chunks.map(({ slots, words, rest }) => encodeCall(register, 'importWords', [[...slots], [...words], rest]));

async function atHead<T>(
  { provider, pin, charter }: AskedLedger,
  ask: (of: Recomputing) => Promise<T>,
): Promise<T> {
  const ledger = await openLedger({ provider, pin });
  try {
    const through = readQuantity(await provider.request({ method: 'eth_blockNumber' })) ?? 0n;
    return await ask({ charter, ledger, through });
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
