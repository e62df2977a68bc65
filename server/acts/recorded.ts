/**
 * What a block says of acts that are kept here, whoever brought it to the ledger.
 *
 * Promises: an act that the ledger has is carried out from then on, by an operation of its own, and nobody is asked to sign
 * it; an operation whose act another's transaction has is over with that one, and never told that it failed; an act that
 * one of its officers withdrew ends, with all that it carried. Said again of the same block, it changes nothing. `commit`
 * alone asks.
 */
import type { LedgerEvent } from '../domain/acts/events.ts';
import { ORDERS } from '../domain/acts/orders.ts';
import { headOf } from '../domain/acts/signable.ts';
import { Fault } from '../domain/base/fault.ts';
import type { Bytes32 } from '../domain/base/hex.ts';
import { Refusal } from '../domain/base/refusal.ts';
import type { VerifiedBlock } from '../ledger/ledger.ts';
import type { PendingActs } from '../store/acts.ts';
import type { Carried } from '../store/carried.ts';
import type { EntryPlace, Operation, OperationId } from '../store/operation.ts';
import type { FoundAt, Outbox } from '../store/outbox.ts';
import type { Proposals } from '../store/proposals.ts';

export interface RecordedDependencies {
  readonly acts: PendingActs;
  readonly carried: Carried;
  readonly outbox: Outbox;
  readonly proposals: Pick<Proposals, 'keep'>;
}

interface RecordedAct {
  readonly id: Bytes32;
  readonly transactionHash: Bytes32;
  readonly entries: readonly EntryPlace[];
}

/** Parts of one act can arrive between two looks at it. */
const RACES_MAX = 200;
const [WITHDRAWAL] = ORDERS.Withdrawal.kinds;

/** Acts that somebody else brought to the ledger: the operations that carry them out here. */
export async function foundIn(
  deps: RecordedDependencies,
  { number: blockNumber }: VerifiedBlock,
  events: readonly LedgerEvent[],
): Promise<readonly OperationId[]> {
  const found: OperationId[] = [];
  for (const { id, transactionHash, entries } of actsIn(events)) {
    const operation = await findOne(deps, id, { transactionHash, blockNumber, entries });
    if (operation !== undefined) found.push(operation);
  }
  return found;
}

async function findOne(
  { acts, carried, outbox, proposals }: RecordedDependencies,
  id: Bytes32,
  at: FoundAt,
): Promise<OperationId | undefined> {
  for (let tries = 0; tries < RACES_MAX; tries++) {
    const act = await acts.get(id);
    if (act === undefined) return undefined;
    const known = act.operation === undefined ? undefined : await outbox.get(act.operation);
    const isIt = known?.transactionHash === at.transactionHash;
    if (isIt || known?.state === 'PROJECTED') return known?.state === 'FINAL' ? known.id : undefined;
    if (known?.state === 'SIGNED' || known?.state === 'SENT')
      return (await outbox.overtaken(known.id, at)).id;
    const { orderedBy, appoints = [], ...content } = await acts.content(id);
    const draft = { kind: act.kind, owner: act.owner, office: act.office, acts: [id], orderedBy };
    const found = await acts.find(act, async (tx) => {
      if (appoints.length > 0) await proposals.keep(tx, headOf(content).preparer, appoints);
      await carried.know(tx, id);
      return outbox.foundIn(tx, draft, at).id;
    });
    if (found !== undefined) return found;
  }
  throw new Fault('parts of a recorded act keep arriving', { retryable: true });
}

/** Where the ledger has the act of an operation, by another one. */
export async function foundElsewhere(
  { acts, outbox }: RecordedDependencies,
  { id, acts: [act] }: Operation,
): Promise<FoundAt | undefined> {
  const by = act === undefined ? undefined : (await acts.get(act))?.operation;
  const other = by === undefined || by === id ? undefined : await outbox.get(by);
  if (other?.state !== 'FINAL' && other?.state !== 'PROJECTED') return undefined;
  const { transactionHash, blockNumber, entries } = other;
  return { transactionHash, blockNumber, entries };
}

/** Acts that the ledger takes no more, for one of their officers withdrew them there. */
export async function endWithdrawn(
  { acts, carried, outbox }: RecordedDependencies,
  events: readonly LedgerEvent[],
): Promise<void> {
  for (const event of events) {
    if (event.name !== 'EntryRecorded' || event.args.kind !== WITHDRAWAL) continue;
    const { subject: id, preparer: officer } = event.args;
    const act = await acts.get(id);
    if (act === undefined) continue;
    const approved = act.signatures.some(({ part, signer }) => part === 'approver' && signer === officer);
    if (headOf(await acts.content(id)).preparer !== officer && !approved) continue;
    const order = await outbox.ofTransaction(event.transactionHash);
    const by = order?.owner.principal ?? act.owner.principal;
    try {
      await carried.destroy(id, by, async (tx) => {
        await acts.takeBack(tx, id, (operation) => outbox.hasFailedIn(tx, operation), by);
        return true;
      });
    } catch (error) {
      // Taken back already, or on its way: then its operation tells what the ledger says.
      if (!(error instanceof Refusal)) throw error;
    }
  }
}

/** Acts of two officers with the entries that follow their signatures, and each entry by itself, as an order's is. */
function actsIn(events: readonly LedgerEvent[]): readonly RecordedAct[] {
  return events.flatMap((event, i): RecordedAct[] => {
    const { transactionHash } = event;
    if (event.name === 'EntryRecorded')
      return [{ id: event.args.entryId, transactionHash, entries: entriesOf([event]) }];
    if (event.name !== 'Signed') return [];
    const rest = events.slice(i + 1);
    const end = rest.findIndex((one) => one.name === 'Signed' || one.transactionHash !== transactionHash);
    const entries = entriesOf(end < 0 ? rest : rest.slice(0, end));
    return [{ id: event.args.entryId, transactionHash, entries }];
  });
}

export function entriesOf(events: readonly LedgerEvent[]): EntryPlace[] {
  return events.flatMap((event) =>
    event.name === 'EntryRecorded'
      ? [{ register: event.address, journalIndex: event.args.index, entryId: event.args.entryId }]
      : [],
  );
}
