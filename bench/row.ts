/**
 * One figure of the bench: what was measured, in which unit, what a peer took in the same run, what it may not pass.
 * Pure data and how it is read out; every module of this folder answers rows.
 */

/** What a figure promises; a row without one is only told. */
export type Hold =
  | { readonly atMost: number }
  | { readonly atLeast: number }
  | { readonly from: number; readonly to: number };

export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly peer?: { readonly name: string; readonly value: number };
  readonly hold?: Hold;
  /** What the layout itself costs, by arithmetic: nothing that keeps it can take less. */
  readonly bound?: number;
}

export function holds({ value, hold }: Row): boolean {
  if (hold === undefined) return true;
  if ('atMost' in hold) return value <= hold.atMost;
  if ('atLeast' in hold) return value >= hold.atLeast;
  return value >= hold.from && value <= hold.to;
}

/** A line a person reads: `✔ name: 724.3 gas a person (hold <= 800); peer 25,061, OpenZeppelin ...`. */
export function lineOf(row: Row): string {
  const { name, value, unit, peer, hold, bound } = row;
  const promise = hold === undefined ? '' : ` (hold ${inWords(hold)})`;
  const above = bound === undefined ? '' : `; ${shown(value / bound)} of its bound ${shown(bound)}`;
  const beside = peer === undefined ? '' : `; ${peer.name} ${shown(peer.value)}`;
  return `${holds(row) ? '✔' : '✖'} ${name}: ${shown(value)} ${unit}${promise}${above}${beside}`;
}

function inWords(hold: Hold): string {
  if ('atMost' in hold) return `<= ${shown(hold.atMost)}`;
  if ('atLeast' in hold) return `>= ${shown(hold.atLeast)}`;
  return `${hold.from} to ${hold.to}`;
}

function shown(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: Math.abs(value) < 10 ? 4 : 1 });
}
