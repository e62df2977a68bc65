/** What each entry of aid and power changed, in words: of a title the states say it themselves. */
import type { SaidChange } from '../../domain/acts/entries.ts';
import type { ContractName } from '../../domain/acts/events.ts';
import type { Bytes32 } from '../../domain/base/hex.ts';
import type { EntryId, VendorId } from '../../domain/base/terms.ts';
import type { AppliedAct } from '../../domain/benefits/act.ts';
import { changeOfBatch, changesOfAct } from '../../domain/benefits/changes.ts';
import { changeOfPower } from '../../domain/power/changes.ts';
import { json } from '../codec.ts';
import { type DisposableStore, disposable, type ViewBatch } from '../disposable.ts';
import { currencyIn } from './benefits.ts';
import { applyAbout } from './journal.ts';
import type { Step } from './step.ts';

const changesByEntry = disposable('changesByEntry', json<readonly SaidChange[]>());
/** Registers whose entry follows, in its transaction, the events that it is about. */
const ENTRY_FOLLOWS: readonly ContractName[] = ['personnel', 'safeguards', 'notary', 'benefits'];

export function applyChanges({ batch, block: { events } }: Step): void {
  let said: SaidChange[] = [];
  let seller: VendorId | undefined;
  let of: Bytes32 | undefined;
  for (const event of events) {
    if (event.transactionHash !== of) [said, seller] = [[], undefined];
    of = event.transactionHash;
    if (event.name === 'ActApplied') {
      const { entryId, applied } = event.args;
      batch.put(changesByEntry, entryId, changesOfAct(applied, currencyOf(batch, applied)));
      // What a vendor is paid or released is an entry of the programme.
      if (applied.name === 'Settle' || applied.name === 'ReleaseCredit')
        applyAbout({ batch }, entryId, applied.act.vendor);
    }
    if (event.name === 'EntryRecorded' && ENTRY_FOLLOWS.includes(event.contract)) {
      if (said.length > 0) batch.put(changesByEntry, event.args.entryId, said);
      if (seller !== undefined) applyAbout({ batch }, event.args.entryId, seller);
      [said, seller] = [[], undefined];
    }
    if (event.name === 'BatchRedeemed') seller = event.args.vendor;
    const change = event.name === 'BatchRedeemed' ? changeOfBatch(event.args) : changeOfPower(event);
    if (change !== undefined) said = [...said, change];
  }
}

/** Amounts are in the currency of their programme, which the act need not say. */
function currencyOf(batch: ViewBatch, { act }: AppliedAct): number | undefined {
  return 'programme' in act ? currencyIn(batch, act.programme) : undefined;
}

export class ChangeViews {
  readonly #store: DisposableStore;

  constructor(store: DisposableStore) {
    this.#store = store;
  }

  /** Empty of an entry of land, of a measure, and of one that changed nothing. */
  async of(entryId: EntryId): Promise<readonly SaidChange[]> {
    return (await this.#store.get(changesByEntry, entryId)) ?? [];
  }
}
