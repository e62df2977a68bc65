/**
 * The part of the composition root that follows the ledger: each block read, told to whom it concerns, then in the views.
 *
 * Promises: a block is told once it is verified and before the views have it, so that a kill tells it again; what a node
 * does not answer, or answers in a way that does not verify, is asked again from the block that the views stand on; two
 * blocks of one height end the following for good.
 */
import type { Commit } from '../acts/commit.ts';
import type { Surveys } from '../desk/surveys.ts';
import { Fault } from '../domain/base/fault.ts';
import type { Address, Bytes32 } from '../domain/base/hex.ts';
import { Refusal } from '../domain/base/refusal.ts';
import type { ContractsInForce } from '../ledger/contracts.ts';
import type { Engine } from '../ledger/engine.ts';
import { EventReader } from '../ledger/events.ts';
import type { Ledger, VerifiedBlock } from '../ledger/ledger.ts';
import { codeAsked } from '../ledger/parts.ts';
import { isUnanswered, pause } from '../ledger/provider.ts';
import type { Views } from '../store/views.ts';
import { patiently } from './carrying.ts';
import { charterOf } from './nodes.ts';

/** A node that answers wrongly is no busier for being asked again a second later. */
const AGAIN_MS = 1_000;

export interface FollowingParts {
  readonly chain: Engine;
  readonly ledger: Ledger;
  readonly views: Views;
  readonly commit: Pick<Commit, 'seen' | 'shown'>;
  readonly surveys: Pick<Surveys, 'seen'>;
  readonly contracts: Pick<ContractsInForce<string>, 'seen'>;
  /** What a node told of code and nobody proved yet: it outlives a reader. */
  readonly unproven: Map<Address, Bytes32>;
  readonly signal: AbortSignal;
  /** Why following waits before it goes on. */
  onFault(error: unknown): void;
}

/** Resolves when `signal` aborts; rejects with what no node can mend. */
export async function followLedger(parts: FollowingParts): Promise<void> {
  for (;;) {
    try {
      return await followFromCursor(parts);
    } catch (error) {
      if (!isOfNode(parts.chain, error) || parts.signal.aborted) throw error;
      parts.onFault(error);
      await pause(AGAIN_MS, parts.signal);
    }
  }
}

async function followFromCursor(parts: FollowingParts): Promise<void> {
  const { chain, ledger, views, commit, surveys, contracts, unproven, signal } = parts;
  const { trust } = chain.pin;
  const reader = new EventReader<VerifiedBlock>({
    charter: charterOf(chain),
    contracts: await views.journal.contracts(),
    questions: ledger,
    unproven,
    ...(trust && { code: codeAsked(chain, trust.contracts) }),
  });
  for await (const block of ledger.follow(views.cursor, signal)) {
    const events = await reader.read(block);
    await patiently(signal, () => chain.seen(block));
    const ours = await patiently(signal, () => commit.seen(block, events));
    await patiently(signal, () => surveys.seen(events));
    await views.apply(events);
    contracts.seen(events.events);
    await patiently(signal, () => commit.shown(ours));
  }
}

/** Nobody stands between a gateway and its own chain: what is wrong there, asking again does not mend. */
function isOfNode(chain: Engine, error: unknown): boolean {
  if (chain.pin.trust === undefined) return false;
  if (error instanceof Refusal) return error.code !== 'block-differs';
  return isUnanswered(error) || error instanceof RangeError; // a RangeError: bytes that no contract of ours answers
}

/** How often a start says how far it is, and looks again how far the node is. */
const TOLD_EVERY_MS = 5_000;

/**
 * Resolves when the views hold what the chain has, however often that is asked meanwhile: a node that announces more than it
 * has, or does not answer, is asked again. Says now and again how far it is; ends with the following, where that ends, and
 * rejects with what `hopeless` answers: asking again would bring nothing.
 */
export async function caughtUpAtStart(
  chain: Engine,
  views: Pick<Views, 'reached' | 'cursor'>,
  following: Promise<void>,
  onProgress: (blockNumber: bigint) => void,
  hopeless: () => Refusal | undefined,
): Promise<void> {
  let isOver = false;
  const over = following.then(() => {
    isOver = true;
  });
  while (!isOver) {
    const newest = await chain.newest().catch(unlessUnanswered);
    if (newest !== undefined && newest <= views.cursor.number) return;
    const given = new AbortController();
    const due = views.reached(newest ?? views.cursor.number + 1n);
    await Promise.race([due, over, pause(TOLD_EVERY_MS, given.signal)]);
    given.abort();
    const refused = hopeless();
    if (refused !== undefined) throw refused;
    onProgress(views.cursor.number);
  }
}

function unlessUnanswered(error: unknown): undefined {
  if (!isUnanswered(error)) throw error;
}

/** How often what must be proved at a start is asked of a node that does not answer. */
const MOST_ASKED = 10;

/** Asks again where nothing came; what did come is for whoever asked. */
export async function insistently<T>(ask: () => Promise<T>): Promise<T> {
  for (let asked = 1; ; asked++) {
    try {
      return await ask();
    } catch (error) {
      if (!isUnanswered(error) || asked === MOST_ASKED) throw error;
    }
    await pause(AGAIN_MS);
  }
}

/** How long a writer waits for the views to show what a node announces: longer, and the node announces what it does not show. */
const MOST_BEHIND_MS = 10_000;

/** Resolves when the views show what the chain has now. */
export async function reachedNewest(
  chain: Engine,
  views: { reached(blockNumber: bigint): Promise<void> },
): Promise<void> {
  const reached = views.reached(await chain.newest());
  if (chain.pin.trust === undefined) return reached;
  const given = new AbortController();
  const late = pause(MOST_BEHIND_MS, given.signal).then(() => {
    if (given.signal.aborted) return;
    throw new Fault('the node announces blocks that it does not show', { retryable: true });
  });
  try {
    await Promise.race([reached, late]);
  } finally {
    given.abort();
  }
}
