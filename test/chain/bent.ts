/** Histories with one event changed, for whoever must find it. */
import { expect } from 'chai';
import type { EventBlock, EventName, EventOf, LedgerEvent } from '../../server/domain/acts/events.ts';
import { Replay } from '../../server/domain/audit/replay.ts';
import type { Recover } from '../../server/domain/audit/signature.ts';

export function replayed(chainId: bigint, blocks: readonly EventBlock[], recover?: Recover): Replay {
  const replay = new Replay(chainId, recover);
  for (const block of blocks) replay.apply(block);
  replay.finish();
  return replay;
}

/** The history with the nth event of a name changed; what `change` answers undefined for is left out. */
export function bentBy<N extends EventName>(
  blocks: readonly EventBlock[],
  name: N,
  nth: number,
  change: (event: EventOf<N>) => LedgerEvent | readonly LedgerEvent[] | undefined,
): EventBlock[] {
  let left = nth;
  let hits = 0;
  const history = blocks.map((block) => ({
    ...block,
    events: block.events.flatMap((event) => {
      if (event.name !== name || left-- !== 0) return [event];
      hits++;
      const next = change(event as EventOf<N>);
      return next === undefined ? [] : (next as LedgerEvent | LedgerEvent[]);
    }),
  }));
  expect(hits, `${name} ${nth}`).to.equal(1);
  return history;
}

export function withArgs<N extends EventName>(event: EventOf<N>, args: object): LedgerEvent {
  return { ...event, args: { ...event.args, ...args } } as LedgerEvent;
}

/** Another event in the place of this one. */
export function inPlaceOf(event: LedgerEvent, name: EventName, args: object): LedgerEvent {
  const { contract, address, blockNumber, transactionHash, logIndex } = event;
  return { contract, address, blockNumber, transactionHash, logIndex, name, args } as LedgerEvent;
}

/** How many signatures of power are in calls and in no event: that each officer's key was held, and each vote. */
export function shownByCalls(blocks: readonly EventBlock[]): number {
  const counts = blocks.flatMap(({ events }) =>
    events.map((event) => {
      if (event.name === 'ConsortiumFounded') return 2 * event.args.founding.officers.length;
      if (event.name === 'OfficerAppointed') return 2;
      return event.name === 'KeyRotated' || event.name === 'VoteCast' ? 1 : 0;
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
