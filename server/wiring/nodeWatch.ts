/**
 * Whether the nodes of a network serve this gateway, and if not why: by name, in readiness and in the log.
 *
 * Promises: a node that answers and has no new block is told from one that does not answer, one that is of another ledger,
 * one that has fewer blocks than were final here, and one that is further than the views; what is told is what was found at the
 * last look, a few seconds ago at most, or at a time-out of a node; each change of it is logged once. Other nodes are asked
 * whether they have the same block: two that are final are an incident, which the ledger throws and keeps.
 */
import { Refusal, refusal } from '../domain/base/refusal.ts';
import type { Engine } from '../ledger/engine.ts';
import { type Ledger, requireLedger } from '../ledger/ledger.ts';
import { StateNotKept } from '../ledger/proof.ts';
import { type ChainProvider, isUnanswered, whyUnanswered } from '../ledger/provider.ts';
import type { Incidents } from '../store/incidents.ts';

const LOOK_EVERY_MS = 1_000;
/** What another node has at our height is asked so often: as long as an operator takes to read an alarm. */
const COMPARE_EVERY_MS = 10_000;
/** Blocks that a busy gateway may be behind its node: half a minute of one a second. */
const MOST_BEHIND_BLOCKS = 30n;
/** A round of validators that did not agree takes a time-out, the next twice as long: then two rounds in a row have failed. */
const OVERDUE_TIMEOUTS = 3;

export interface NodeWatchParts {
  readonly chain: Engine;
  readonly ledger: Pick<Ledger, 'agrees'>;
  /** The nodes that are not asked now. */
  others(): readonly ChainProvider[];
  /** After how many seconds validators try again, as genesis says. */
  readonly timeoutSeconds: number;
  /** How far apart blocks that hold nothing are, as genesis says; 0 where as often as others. */
  readonly emptyPeriodSeconds: number;
  nowMs(): number;
  onChange(reason: Refusal | undefined): void;
}

export interface NodeWatch {
  /** Why the nodes do not serve now. */
  reason(): Refusal | undefined;
  /** Following waits for this: told until the next block, or until the node is found well otherwise. */
  waits(error: unknown): void;
  close(): Promise<void>;
}

export function watchNodes(parts: NodeWatchParts): NodeWatch {
  const { chain } = parts;
  let reason: Refusal | undefined;
  let unverified: { readonly why: Refusal; readonly atBlock: bigint } | undefined;
  let progress = { blockNumber: chain.headNumber, atMs: parts.nowMs() };
  let comparedAtMs = parts.nowMs();
  const look = async (): Promise<Refusal | undefined> => {
    const { headNumber } = chain;
    if (headNumber !== progress.blockNumber) progress = { blockNumber: headNumber, atMs: parts.nowMs() };
    if (unverified !== undefined && headNumber > unverified.atBlock) unverified = undefined;
    const newest = await chain.newest();
    // What it announced and could not show, it announces no more.
    if (newest === chain.headNumber) unverified = undefined;
    if (newest < chain.headNumber || unverified !== undefined) await requireLedger(chain, chain.pin);
    if (newest < headNumber) return refusal('node-lost-blocks', { blocks: headNumber - newest });
    if (unverified !== undefined) return unverified.why;
    if (newest > chain.headNumber + MOST_BEHIND_BLOCKS) {
      return refusal('gateway-behind', { blocks: newest - chain.headNumber });
    }
    const waitedSeconds = Math.floor((parts.nowMs() - progress.atMs) / 1000);
    const isDue = chain.pin.trust?.lineage !== 'embedded'; // which makes no block while nobody writes
    const isOverdue =
      isDue && waitedSeconds >= OVERDUE_TIMEOUTS * parts.timeoutSeconds + parts.emptyPeriodSeconds;
    if (isOverdue) return refusal('blocks-overdue', { seconds: waitedSeconds });
    if (parts.nowMs() - comparedAtMs >= COMPARE_EVERY_MS) {
      comparedAtMs = parts.nowMs();
      for (const other of parts.others()) await parts.ledger.agrees(other).catch(unlessIncident);
    }
    return undefined;
  };
  const found = async () => {
    const now = await look().catch((error: unknown) => {
      if (error instanceof Refusal) return error;
      if (isUnanswered(error)) return whyUnanswered(error);
      throw error;
    });
    if (now?.code !== reason?.code) parts.onChange(now);
    reason = now;
  };
  let looking = Promise.resolve();
  let isLooking = false;
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    looking = found().finally(() => {
      isLooking = false;
    });
  }, LOOK_EVERY_MS);
  return {
    reason: () => reason,
    waits(error) {
      const why =
        error instanceof StateNotKept
          ? refusal('node-keeps-too-little', { blockNumber: error.blockNumber })
          : error;
      if (why instanceof Refusal) unverified = { why, atBlock: chain.headNumber };
    },
    async close() {
      clearInterval(timer);
      await looking;
    },
  };
}

/** Another node that does not answer, or lies, is not asked for anything else. */
function unlessIncident(error: unknown): undefined {
  if (error instanceof Refusal && error.code === 'block-differs') throw error;
  if (!(error instanceof Refusal || isUnanswered(error))) throw error;
}

/** Of a chain in this process, where there is no node to watch. */
export const NO_NODES: NodeWatch = { reason: () => undefined, waits() {}, async close() {} };

/**
 * Halts the ledger where two blocks of one height were found and nobody has settled it; answers why, in words. What is
 * settled stays kept.
 */
export async function haltedBefore(
  ledger: Pick<Ledger, 'halt'>,
  incidents: Incidents,
  settledBlock: bigint | undefined,
): Promise<string | undefined> {
  if (settledBlock !== undefined) await incidents.settle(settledBlock, Date.now());
  const open = await incidents.open();
  return open && inWords(ledger.halt(open.blockNumber));
}

/** With what to do about it. */
export function inWords(refused: Refusal): string {
  return `${refused.message} ${refused.row.remedy}`;
}
