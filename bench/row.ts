/**
 * One figure of the bench: what was measured, in which unit, what a peer took in the same run, what it may not pass.
 * Pure data and how it is read out; every module of this folder answers rows.
 */

/** What a figure promises; a row without one is only told. */
export type Hold = { readonly atMost: number } | { readonly from: number; readonly to: number };

export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly peer?: { readonly name: string; readonly value: number };
  readonly hold?: Hold;
}

export function holds({ value, hold }: Row): boolean {
  if (hold === undefined) return true;
  return 'atMost' in hold ? value <= hold.atMost : value >= hold.from && value <= hold.to;
}

/** A line a person reads: `✔ name: 724.3 gas a person (hold <= 800); peer 25,061, OpenZeppelin ...`. */
export function lineOf(row: Row): string {
  const { name, value, unit, peer, hold } = row;
  const promise =
    hold === undefined
      ? ''
      : 'atMost' in hold
        ? ` (hold <= ${hold.atMost})`
        : ` (hold ${hold.from} to ${hold.to})`;
  const beside = peer === undefined ? '' : `; ${peer.name} ${shown(peer.value)}`;
  return `${holds(row) ? '✔' : '✖'} ${name}: ${shown(value)} ${unit}${promise}${beside}`;
}

function shown(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: Math.abs(value) < 10 ? 4 : 1 });
}
