/**
 * The history as one list: entries of every register, by number, by subject, by id; and the registers themselves.
 *
 * An entry's key is its register's address and its index there, so a successor's entries stand beside its
 * predecessor's; `sequence` counts over all registers in the order of the chain.
 */
import { entryName } from '../../domain/acts/entries.ts';
import type { ContractAt, ContractName, EventOf, LedgerEvent } from '../../domain/acts/events.ts';
import type { Address, Bytes32 } from '../../domain/base/hex.ts';
import type { EntryId, VendorId } from '../../domain/base/terms.ts';
import type { BenefitAct } from '../../domain/benefits/terms.ts';
import { itemEntryId } from '../../domain/land/hashes.ts';
import { json, text } from '../codec.ts';
import { type DisposableStore, disposable, disposableList } from '../disposable.ts';
import { ordinal } from '../store.ts';
import { type Page, type PageRequest, pageOf, pageOfAll } from './page.ts';
import type { EntryRow, Step } from './step.ts';

export interface RegisterRow extends ContractAt {
  /** Block that named it. */
  readonly since: bigint;
  readonly entries: bigint;
  /** Journal head; absent before the first entry seen. */
  readonly head?: Bytes32;
  readonly predecessor?: Address;
  readonly frozenAt?: bigint;
  readonly successor?: Address;
}

const entries = disposableList('entries', json<EntryRow>(), 1);
const entryOrder = disposableList('entryOrder', text, 0);
/** Keyed by subject, as `subjectOf` tells it, then by sequence. */
const entriesBySubject = disposableList('entriesBySubject', text, 1);
const entriesById = disposable('entriesById', text);
/** By address: every contract the charter ever named, with its parts. */
const registers = disposable('registers', json<RegisterRow>());
/** By contract: the address in force. */
const inForce = disposable('inForce', text);

/** Returns the entry's row, to which the events after it refer. */
export function applyEntry(step: Step, event: EventOf<'EntryRecorded'>): EntryRow {
  const { batch, counts, heads } = step;
  const { name: _, args, ...place } = event;
  const row: EntryRow = { sequence: counts.entries++, ...place, ...args };
  const key = `${row.address}/${ordinal(row.index)}`;
  batch.put(entries, key, row);
  batch.put(entryOrder, ordinal(row.sequence), key);
  batch.put(entriesBySubject, `${subjectOf(row)}/${ordinal(row.sequence)}`, key);
  batch.put(entriesById, row.entryId, key);
  heads.set(row.address, row);
  return row;
}

/** Lists an entry once more: an act of a programme that is about a vendor as well. */
export function applyAbout({ batch }: Pick<Step, 'batch'>, entryId: EntryId, vendor: VendorId): void {
  const key = batch.get(entriesById, entryId);
  const row = key === undefined ? undefined : batch.get(entries, key);
  if (key === undefined || row === undefined) throw new Error('an event of an entry that is not there');
  batch.put(entriesBySubject, `vendor:${vendor}/${ordinal(row.sequence)}`, key);
}

/** Ids of what somebody may keep to themselves, or that are words anybody can choose. */
type ApartSubject = 'pause' | 'unit' | 'programme' | 'vendor' | 'withdrawal';
/**
 * What an entry is about. Who makes a programme chooses its id, and may choose that of another's unit or vendor: each kind is
 * told apart, and what is no kind of its own is power, which is for everybody.
 */
export type EntrySubject = Bytes32 | `${ApartSubject}:${Bytes32}`;

const OF_VENDOR: readonly string[] = ['vendor-set', 'till-set'] satisfies BenefitAct[];

export function subjectOf({ contract, kind, subject }: EntryRow): EntrySubject {
  const name = entryName(contract, kind);
  if (name === 'withdrawal') return `withdrawal:${subject}`;
  if (contract === 'safeguards') return `pause:${subject}`;
  if (contract === 'land') return `unit:${subject}`;
  if (contract === 'benefits') return OF_VENDOR.includes(name) ? `vendor:${subject}` : `programme:${subject}`;
  return subject;
}

/** Once a block, for a block of entries moves one head. */
export function applyHeads({ batch, heads }: Step): void {
  for (const [address, { index, head }] of heads) {
    const register = batch.get(registers, address);
    if (register === undefined) throw new Error('an entry of a register that nothing named');
    batch.put(registers, address, { ...register, entries: index + 1n, head });
  }
}

export function applyRegister({ batch }: Step, event: LedgerEvent): void {
  switch (event.name) {
    case 'ContractFound': {
      const { contract, address } = event.args;
      const before = batch.get(registers, address);
      batch.put(registers, address, before ?? { contract, address, since: event.blockNumber, entries: 0n });
      batch.put(inForce, contract, address);
      break;
    }
    case 'RegisterFrozen': {
      const register = batch.get(registers, event.address);
      const { frozenAt, successor } = event.args;
      if (register) batch.put(registers, event.address, { ...register, frozenAt, successor });
      break;
    }
    case 'RegisterContinued': {
      // The log has it before the charter's event that names the successor.
      const { contract, address, blockNumber, args } = event;
      const begun = batch.get(registers, address) ?? { contract, address, since: blockNumber, entries: 0n };
      const { predecessor, firstHead } = args;
      batch.put(registers, address, { ...begun, predecessor, head: firstHead });
      break;
    }
  }
}

export class JournalViews {
  readonly #store: DisposableStore;

  constructor(store: DisposableStore) {
    this.#store = store;
  }

  /** One entry of the register at this address, or of the one in force under a name. */
  async entry(register: Address | ContractName, index: bigint): Promise<EntryRow | undefined> {
    const address = await this.#addressOf(register);
    return address === undefined ? undefined : this.#store.get(entries, `${address}/${ordinal(index)}`);
  }

  async entryById(entryId: EntryId): Promise<EntryRow | undefined> {
    return this.#entryAt(await this.#store.get(entriesById, entryId));
  }

  /** Whether the ledger has an act, of one entry or of a batch. */
  async isRecorded(act: Bytes32): Promise<boolean> {
    const ids = [act as EntryId, itemEntryId(act as EntryId, 0)];
    const found = await Promise.all(ids.map((id) => this.entryById(id)));
    return found.some((entry) => entry !== undefined);
  }

  /** Of all registers, in the order of the chain. */
  allEntries(request: PageRequest = {}): Promise<Page<EntryRow>> {
    return this.#resolved(pageOf(this.#store, entryOrder, '', request));
  }

  /** Of one register, by index. */
  async entriesOf(register: Address | ContractName, request: PageRequest = {}): Promise<Page<EntryRow>> {
    const address = await this.#addressOf(register);
    return address === undefined ? { total: 0, rows: [] } : pageOf(this.#store, entries, address, request);
  }

  /** About any of these, as one list. */
  entriesAbout(subjects: readonly EntrySubject[], request: PageRequest = {}): Promise<Page<EntryRow>> {
    return this.#resolved(pageOfAll(this.#store, entriesBySubject, subjects, request));
  }

  /** The contract in force under a name. */
  async register(contract: ContractName): Promise<RegisterRow | undefined> {
    const address = await this.#store.get(inForce, contract);
    return address === undefined ? undefined : this.#store.get(registers, address);
  }

  /** Every contract of the ledger, those of the past included: what a reader of events starts with. */
  async contracts(): Promise<RegisterRow[]> {
    const found: RegisterRow[] = [];
    for await (const [, row] of this.#store.range(registers)) found.push(row);
    return found;
  }

  async #addressOf(register: Address | ContractName): Promise<Address | undefined> {
    if (register.startsWith('0x')) return register as Address;
    return (await this.#store.get(inForce, register)) as Address | undefined;
  }

  async #entryAt(key: string | undefined): Promise<EntryRow | undefined> {
    return key === undefined ? undefined : this.#store.get(entries, key);
  }

  async #resolved(page: Promise<Page<string>>): Promise<Page<EntryRow>> {
    const { rows, ...rest } = await page;
    const found = await Promise.all(rows.map((key) => this.#entryAt(key)));
    return { rows: found.filter((row) => row !== undefined), ...rest };
  }
}
