/** What each officer signed, in the order of the chain: entries of any register, and votes, which are none. */
import type { EventOf } from '../../domain/acts/events.ts';
import { type Bytes32, ZERO_32 } from '../../domain/base/hex.ts';
import type { EntryId, OfficerId } from '../../domain/base/terms.ts';
import { json } from '../codec.ts';
import { type DisposableStore, disposableList } from '../disposable.ts';
import { ordinal } from '../store.ts';
import { type Page, type PageRequest, pageOf } from './page.ts';
import type { Step } from './step.ts';

export const SIGNED_AS = ['preparer', 'approver', 'vote'] as const;

export type SignatureRow =
  | { readonly as: 'preparer' | 'approver'; readonly entryId: EntryId }
  | {
      readonly as: 'vote';
      readonly measureId: Bytes32;
      readonly inFavour: boolean;
      readonly recordedAt: bigint;
      readonly blockNumber: bigint;
    };

/** By officer, then by the place of the event in the chain. */
const signatures = disposableList('signatures', json<SignatureRow>(), 1);

type Signing = EventOf<'EntryRecorded'> | EventOf<'VoteCast'>;

export function applySignatures(step: Step, event: Signing): void {
  const put = (officer: OfficerId, row: SignatureRow) => {
    if ((officer as string) === ZERO_32) return; // nobody signs what follows from what was signed
    const place = `${ordinal(event.blockNumber)}${ordinal(event.logIndex)}`;
    step.batch.put(signatures, `${officer}/${place}`, row);
  };
  if (event.name === 'EntryRecorded') {
    const { entryId, preparer, approver } = event.args;
    put(preparer, { as: 'preparer', entryId });
    put(approver, { as: 'approver', entryId });
    return;
  }
  const { officer, measureId, inFavour } = event.args;
  const at = { recordedAt: BigInt(step.block.timestampSeconds), blockNumber: event.blockNumber };
  put(officer, Object.assign({ as: 'vote' as const, measureId, inFavour }, at));
}

export class SignatureViews {
  readonly #store: DisposableStore;

  constructor(store: DisposableStore) {
    this.#store = store;
  }

  of(officer: OfficerId, request: PageRequest = {}): Promise<Page<SignatureRow>> {
    return pageOf(this.#store, signatures, officer, request);
  }
}
