/**
 * What the ledger says, ready to be asked: derived from its events and from nothing else.
 *
 * Promises: one block is one atomic write with the cursor behind it, so a crash repeats a block or two and never half
 * of one; the same blocks make the same bytes, whenever they are applied (`digest`); every list is read by pages.
 * Nothing here decides anything: what decides is proved or asked of the contracts. The one loop in `main` applies
 * blocks; `http`, `commit` and `fsck` read.
 */
import { crashPoint } from '../crash.ts';
import type { BlockCursor, EventBlock, LedgerEvent } from '../domain/acts/events.ts';
import { json } from './codec.ts';
import { type DisposableStore, disposable, openDisposable } from './disposable.ts';
import { applyBenefits, BenefitViews } from './views/benefits.ts';
import { applyChanges, ChangeViews } from './views/changes.ts';
import { applyEntry, applyHeads, applyRegister, JournalViews } from './views/journal.ts';
import { applyLoad, applyUnit, LandViews } from './views/land.ts';
import { applyNotary, NotaryViews } from './views/notary.ts';
import { applyPower, PowerViews } from './views/power.ts';
import { applySignatures, SignatureViews } from './views/signatures.ts';
import { COUNTS_KEY, type Counts, countView, type EntryRow, NO_COUNTS, type Step } from './views/step.ts';

interface Tip extends BlockCursor {
  readonly timestampSeconds: number;
}

/** Raised when the same blocks make other rows than before: views of an older format are built again. */
const FORMAT = 10;
const tips = disposable('cursor', json<Tip & { readonly format: number }>());
const TIP_KEY = 'tip';

/**
 * Opens the views of a ledger; those of another ledger or format are dropped and begin at its genesis, and so are those that stand
 * where `isLost` says that what must be known beside them is not.
 */
export async function openViews(
  folder: string,
  genesis: BlockCursor,
  isLost: (cursor: BlockCursor) => Promise<boolean> = async () => false,
): Promise<Views> {
  const store = await openDisposable(folder);
  const founded = await store.get(tips, GENESIS_KEY);
  const tip = await store.get(tips, TIP_KEY);
  // Rows without the cursor they were written with would be made twice.
  const isOfThis = founded?.hash === genesis.hash && founded.format === FORMAT && tip !== undefined;
  if (!isOfThis || (await isLost(tip))) {
    await store.clear();
    await store.apply((batch) => {
      batch.put(tips, GENESIS_KEY, { ...genesis, timestampSeconds: 0, format: FORMAT });
    });
  }
  return new Views(store, genesis, await store.get(tips, TIP_KEY));
}

const GENESIS_KEY = 'genesis';

export class Views {
  readonly journal: JournalViews;
  readonly land: LandViews;
  readonly power: PowerViews;
  readonly benefits: BenefitViews;
  readonly notary: NotaryViews;
  readonly changes: ChangeViews;
  readonly signatures: SignatureViews;
  readonly #store: DisposableStore;
  readonly #genesis: BlockCursor;
  #tip: Tip;
  /** One after the other: what is applied, and what must not see half of it. */
  #turn: Promise<unknown> = Promise.resolve();
  #waiting: { readonly blockNumber: bigint; readonly resolve: () => void }[] = [];

  /** Use `openViews`. */
  constructor(store: DisposableStore, genesis: BlockCursor, tip: Tip | undefined) {
    this.#store = store;
    this.#genesis = genesis;
    this.#tip = tip ?? { ...genesis, timestampSeconds: 0 };
    this.journal = new JournalViews(store);
    this.land = new LandViews(store);
    this.power = new PowerViews(store);
    this.benefits = new BenefitViews(store);
    this.notary = new NotaryViews(store);
    this.changes = new ChangeViews(store);
    this.signatures = new SignatureViews(store);
  }

  /** The newest block that is in the views: what following goes on from. */
  get cursor(): BlockCursor {
    const { number, hash, validators } = this.#tip;
    return { number, hash, ...(validators && { validators }) };
  }

  /** Of the newest block, in Unix seconds; 0 before the first. */
  get timestampSeconds(): number {
    return this.#tip.timestampSeconds;
  }

  /** Resolves when the views hold this block. */
  async reached(blockNumber: bigint): Promise<void> {
    if (this.#tip.number >= blockNumber) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push({ blockNumber, resolve });
    });
  }

  async counts(): Promise<Readonly<Counts>> {
    return (await this.#store.get(countView, COUNTS_KEY)) ?? NO_COUNTS;
  }

  /** Takes the next block. */
  apply(block: EventBlock): Promise<void> {
    return this.#alone(() => this.#apply(block));
  }

  async #apply(block: EventBlock): Promise<void> {
    const { cursor, timestampSeconds, leapt = 0n } = block;
    if (cursor.number !== this.#tip.number + 1n + leapt) throw new Error('a block out of order');
    crashPoint('views.before-apply');
    const tip = { ...cursor, timestampSeconds };
    await this.#store.apply((batch) => {
      const counts = { ...NO_COUNTS, ...batch.get(countView, COUNTS_KEY) };
      if (block.events.length > 0) {
        applyEvents({ batch, block, counts, heads: new Map() });
        batch.put(countView, COUNTS_KEY, counts);
      }
      batch.put(tips, TIP_KEY, { ...tip, format: FORMAT });
    });
    crashPoint('views.applied');
    this.#tip = tip;
    const due = this.#waiting.filter(({ blockNumber }) => blockNumber <= tip.number);
    this.#waiting = this.#waiting.filter(({ blockNumber }) => blockNumber > tip.number);
    for (const { resolve } of due) resolve();
  }

  /** Forgets everything, to be built again from block 0. */
  async clear(): Promise<void> {
    await this.#store.clear();
    await this.#store.apply((batch) => {
      batch.put(tips, GENESIS_KEY, { ...this.#genesis, timestampSeconds: 0, format: FORMAT });
    });
    this.#tip = { ...this.#genesis, timestampSeconds: 0 };
  }

  /** Of every row, with the block they stand at: two builds to one block have the same. No block comes meanwhile. */
  digest(): Promise<{ readonly cursor: BlockCursor; readonly digest: string }> {
    return this.#alone(async () => ({ cursor: this.cursor, digest: await this.#store.digest() }));
  }

  /** The name of the first view with a row that another build to the same block does not have, or has otherwise. */
  firstDifference(other: Views): Promise<string | undefined> {
    return this.#alone(() => this.#store.firstDifference(other.#store));
  }

  close(): Promise<void> {
    return this.#alone(() => this.#store.close());
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {}); // whoever asked is told; the next one goes on
    return turn;
  }
}

function applyEvents(step: Step): void {
  let entry: EntryRow | undefined;
  for (const event of step.block.events) entry = applyEvent(step, event, entry);
  applyHeads(step);
  applyChanges(step);
}

/** Returns the newest entry, which the states that follow it in the log belong to. */
function applyEvent(step: Step, event: LedgerEvent, entry: EntryRow | undefined): EntryRow | undefined {
  switch (event.name) {
    case 'EntryRecorded':
      applySignatures(step, event);
      return applyEntry(step, event);
    case 'VoteCast':
      applySignatures(step, event);
      applyPower(step, event);
      return entry;
    case 'BAUnitRecorded':
      applyUnit(step, event, entry);
      return entry;
    case 'Signed':
      step.family = { old: [], begun: [] };
      return entry;
    case 'ChildrenLoaded':
      applyLoad(step, event, entry);
      return entry;
    case 'ContractFound':
    case 'RegisterFrozen':
    case 'RegisterContinued':
      applyRegister(step, event);
      return entry;
    case 'ActApplied':
    case 'SlotsLoaded':
    case 'UnitsLoaded':
    case 'BatchRedeemed':
      applyBenefits(step, event);
      return entry;
    case 'RecorderAppointed':
    case 'RecorderRevoked':
    case 'RootRecorded':
    case 'Erased':
      applyNotary(step, event);
      return entry;
    default:
      applyPower(step, event);
      return entry;
  }
}
