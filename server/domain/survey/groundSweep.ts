/**
 * Which of very many things touch, when they come in the order of their western edges: each is held until a meridian has
 * passed it.
 *
 * Promises: whatever comes is given every one before it that its extent touches, once; what is held is what the
 * meridian crosses, and at most `PASSED_MAX` more, however many came. Pure.
 */
import { type Placed, treeOf } from './placeIndex.ts';

/** Of those that came since the index was made: looked at one by one, and passed ones among them are dropped with the next. */
const PASSED_MAX = 256;

export interface GroundSweep<T extends Placed> {
  /** Those before it that it touches. Throws where one further west came after it. */
  next(entry: T): readonly T[];
  /** The most that were held at once. */
  readonly mostHeld: number;
}

export function groundSweep<T extends Placed>(): GroundSweep<T> {
  let [indexed, fresh]: [readonly T[], T[]] = [[], []];
  let tree = treeOf(indexed);
  let [mostHeld, at] = [0, -Infinity];
  const isCrossed = ({ extent: [, , east] }: T) => east >= at;
  return {
    get mostHeld() {
      return mostHeld;
    },
    next(entry) {
      const { extent } = entry;
      if (extent[0] < at) throw new Error('a sweep goes from west to east');
      at = extent[0];
      const found = [
        ...(tree?.search(...extent).flatMap((place) => indexed[place] ?? []) ?? []),
        ...fresh.filter((one) => isTouched(one.extent, extent)),
      ];
      fresh.push(entry);
      mostHeld = Math.max(mostHeld, indexed.length + fresh.length);
      if (fresh.length >= PASSED_MAX) {
        [indexed, fresh] = [[...indexed, ...fresh].filter(isCrossed), []];
        tree = treeOf(indexed);
      }
      return found;
    },
  };
}

function isTouched(one: Placed['extent'], other: Placed['extent']): boolean {
  return one[0] <= other[2] && other[0] <= one[2] && one[1] <= other[3] && other[1] <= one[3];
}

const SIGN = 1n << 63n;
const ORDER_DIGITS = 16;

/** A number as text that sorts as the number does. */
export function westToEast(degrees: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, degrees === 0 ? 0 : degrees); // zero has two signs
  const bits = view.getBigUint64(0);
  const ordered = bits < SIGN ? bits | SIGN : BigInt.asUintN(64, ~bits);
  return ordered.toString(16).padStart(ORDER_DIGITS, '0');
}
