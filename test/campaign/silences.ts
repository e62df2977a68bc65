/**
 * When each register was silent, as the entries tell: what members name when they record a standstill of the chain.
 *
 * Promises the places and indices that `Journal.gapAt` and `Halts.requireSilence` read.
 */

import type { ContractName, LedgerEvent } from '../../server/domain/acts/events.ts';

/** In the order of the directory, from the low end; each has as many bits as a journal counts entries with. */
const PLACES = ['consortium', 'safeguards', 'personnel', 'land', 'benefits', 'notary'] as const;
const INDEX_BITS = 40n;
/** Newer gaps than so many are named no more. */
const MOST_KEPT = 40;

interface Gap {
  /** Count of the entries before it. */
  readonly index: bigint;
  readonly from: bigint;
  readonly to: bigint;
}

interface Register {
  entries: bigint;
  lastAt: bigint;
  readonly gaps: Gap[];
}

export class Silences {
  readonly #registers = new Map<ContractName, Register>();
  /** The newest time in which nothing was sent. */
  newest: { readonly from: bigint; readonly to: bigint } | undefined;

  constructor(foundedAt: bigint) {
    for (const place of PLACES) this.#registers.set(place, { entries: 0n, lastAt: foundedAt, gaps: [] });
  }

  follow({ name, contract }: LedgerEvent, now: bigint): void {
    const register = this.#registers.get(contract);
    if (register === undefined) return;
    // Of safeguards the silence begins with their last halt, of which nothing is remembered here.
    const lastAt = contract === 'safeguards' ? now : register.lastAt;
    if (name === 'RegisterContinued') this.#registers.set(contract, { entries: 0n, lastAt, gaps: [] });
    if (name !== 'EntryRecorded') return;
    register.gaps.push({ index: register.entries, from: register.lastAt, to: now });
    if (register.gaps.length > MOST_KEPT) register.gaps.shift();
    register.entries += 1n;
    register.lastAt = now;
  }

  /** The two words of a vote for a halt over a span; undefined where a register was not silent or is not remembered. */
  wordsOf(from: bigint, to: bigint): { readonly span: bigint; readonly places: bigint } | undefined {
    let places = 0n;
    for (const [i, place] of PLACES.entries()) {
      const { entries, lastAt, gaps } = this.#registers.get(place) ?? { entries: 0n, lastAt: to, gaps: [] };
      const index = lastAt <= from ? entries : gaps.find((gap) => gap.from <= from && gap.to >= to)?.index;
      if (index === undefined) return undefined;
      places |= (index + 1n) << (INDEX_BITS * BigInt(i));
    }
    return { span: (from << 64n) | to, places };
  }
}
