/**
 * `kudurru fsck`: derives everything again from block 0 and names the first thing that does not hold.
 *
 * Hides the order of the checks: what the store holds, then what the chain shows (`derivation.ts`), then the views
 * against a build of their own, then the ground. Promises: nothing of the store or the views is changed; a finding is a
 * sentence without anything personal. Memory is that of a replay; the second build of the views is on disk, in a folder
 * the caller gives and takes away. For the command and for a restore.
 */

import { setImmediate } from 'node:timers/promises';
import { type ChainFinding, type DerivationParts, deriveChain } from './derivation.ts';
import type { BlockCursor } from './domain/acts/events.ts';
import { MAX_FINDINGS } from './domain/audit/findings.ts';
import type { SignatureCount } from './domain/audit/replaySignatures.ts';
import { Fault } from './domain/base/fault.ts';
import type { Bytes32 } from './domain/base/hex.ts';
import { groundM2, type Outline, overlapM2 } from './domain/survey/overlap.ts';
import { shapeOfOpen } from './domain/survey/parcels.ts';
import { treeOf } from './domain/survey/placeIndex.ts';
import { isSameGround } from './domain/survey/sameGround.ts';
import type { Cadastre } from './store/cadastre.ts';
import type { AnyTable, Store, TableReport } from './store/store.ts';
import type { Views } from './store/views.ts';

export interface FsckParts extends Pick<DerivationParts, 'chainId' | 'charter' | 'ledger' | 'through'> {
  /** Every precious store with all its tables: the data folder's, and the keys'. */
  readonly stores: readonly { readonly store: Store; readonly tables: readonly AnyTable[] }[];
  readonly views: Views;
  /** Empty views in a folder of their own. */
  readonly scratch: Views;
  /** The parcels as they were surveyed, and the ground that neighbours may share. */
  readonly ground?: { readonly cadastre: Cadastre; readonly toleranceMm2: bigint };
  readonly onProgress?: (blockNumber: bigint) => void;
  /** Nobody waits for the report any more: `fsck` rejects with its reason soon after. */
  readonly signal?: AbortSignal;
}

/** What does not hold, and where: a table, what the chain shows, a view, the ground. */
export type FsckFinding =
  | { readonly check: 'store'; readonly what: string; readonly table: TableReport }
  | ChainFinding
  | { readonly check: 'views'; readonly what: string; readonly view?: string }
  | { readonly check: 'ground'; readonly what: string; readonly subject: Bytes32; readonly other: Bytes32 };

export interface DecidedGround {
  readonly subject: Bytes32;
  readonly other: Bytes32;
  readonly areaM2: number;
}

export interface FsckReport {
  /** The newest block that was derived. */
  readonly through: BlockCursor;
  readonly entries: bigint;
  readonly units: number;
  /** Signatures that were checked, and those that neither an event nor a direct call shows. */
  readonly signatures: SignatureCount;
  readonly tables: readonly TableReport[];
  /** Titles that share a boundary as officers decided: nothing is wrong with them, and whoever looks sees them. */
  readonly decidedGround: readonly DecidedGround[];
  /** In the order of the checks; the first is the one to look at. Empty: everything holds. */
  readonly findings: readonly FsckFinding[];
}

export async function fsck(parts: FsckParts): Promise<FsckReport> {
  const findings: FsckFinding[] = [];
  const tables: TableReport[] = [];
  for (const { store, tables: declared } of parts.stores) {
    for (const table of declared) {
      const report = await store.audit(table, parts.signal);
      tables.push(report);
      const what = 'A table has rows that are not what was written, or not the rows that were written.';
      if (!report.whole) findings.push({ check: 'store', what, table: report });
    }
  }
  const { views, scratch, through, signal } = parts;
  const isAbove = views.cursor.number > through;
  if (isAbove) findings.push({ check: 'views', what: 'The views stand above the chain.' });
  let compared: readonly FsckFinding[] | undefined = isAbove || views.cursor.number === 0n ? [] : undefined;
  const {
    entries,
    units,
    signatures,
    findings: found,
  } = await deriveChain({
    chainId: parts.chainId,
    charter: parts.charter,
    ledger: endedBy(parts.ledger, signal),
    through,
    onBlock: async (events) => {
      signal?.throwIfAborted();
      await scratch.apply(events);
      parts.onProgress?.(events.cursor.number);
      if (compared === undefined && events.cursor.number === views.cursor.number)
        compared = await compareViews(parts);
      return compared !== undefined;
    },
  });
  const { shared, decidedGround } = await titlesOnOneGround(parts);
  findings.push(...found, ...(compared ?? []), ...shared);
  return { through: scratch.cursor, entries, units, signatures, tables, decidedGround, findings };
}

/** The same ledger, which proves nothing for somebody who has gone. */
function endedBy(ledger: FsckParts['ledger'], signal: AbortSignal | undefined): FsckParts['ledger'] {
  return {
    genesis: ledger.genesis,
    follow: (cursor, end) => ledger.follow(cursor, end),
    call: (to, data, from) => ledger.call(to, data, from),
    prove: (address, slots, header) => {
      signal?.throwIfAborted();
      return ledger.prove(address, slots, header);
    },
  };
}

/** Titles compared between two turns of the event loop: the gateway that checks itself goes on answering. */
const TITLES_A_TURN = 64;
const MM2_PER_M2 = 1_000_000;

interface GroundFound {
  readonly shared: readonly FsckFinding[];
  readonly decidedGround: readonly DecidedGround[];
}

/**
 * Two units that stand and share more ground than neighbours may where no officer decided that both are to stand, or more
 * than any officer may decide; and those that were decided.
 */
async function titlesOnOneGround({ ground, scratch, signal }: FsckParts): Promise<GroundFound> {
  if (ground === undefined) return { shared: [], decidedGround: [] };
  const { cadastre, toleranceMm2 } = ground;
  const shapes: { readonly baUnit: Bytes32; readonly outline: Outline }[] = [];
  const groundsM2 = new Map<Bytes32, number>();
  for (let after: string | undefined; ; ) {
    signal?.throwIfAborted();
    const { rows, next } = await scratch.land.units({ ...(after !== undefined && { after }) });
    for (const { baUnit, status } of rows) {
      if (status !== 'active' && status !== 'dividing') continue;
      const [parcel] = await cadastre.ofBaUnit(baUnit); // its parts share the drawing
      if (parcel === undefined) continue; // surveyed elsewhere
      const { outlines } = shapeOfOpen(parcel.feature);
      for (const outline of outlines) shapes.push({ baUnit, outline });
      groundsM2.set(
        baUnit,
        outlines.reduce((sum, outline) => sum + groundM2(outline), 0),
      );
    }
    if (next === undefined) break;
    after = next;
  }
  const tree = treeOf(shapes.map(({ outline }) => outline));
  const shared = new Map<
    string,
    { readonly one: Bytes32; readonly other: Bytes32; areaM2: number; isOne: boolean }
  >();
  for (const [i, { baUnit: one, outline }] of shapes.entries()) {
    if (i % TITLES_A_TURN === 0) await setImmediate();
    signal?.throwIfAborted();
    for (const j of tree?.search(...outline.extent, (at) => at > i) ?? []) {
      const neighbour = shapes[j];
      if (neighbour === undefined || neighbour.baUnit === one) continue;
      const other = neighbour.baUnit;
      const pair = shared.get([one, other].sort().join()) ?? { one, other, areaM2: 0, isOne: false };
      const areaM2 = overlapM2(outline, neighbour.outline);
      pair.areaM2 += areaM2;
      pair.isOne ||= areaM2 > 0 && isSameGround(areaM2, groundM2(outline), groundM2(neighbour.outline));
      shared.set([one, other].sort().join(), pair);
    }
  }
  const findings: FsckFinding[] = [];
  const decidedGround: DecidedGround[] = [];
  const settledM2 = new Map<Bytes32, number>();
  for (const { one, other, areaM2, isOne } of shared.values()) {
    if (!isOne && areaM2 * MM2_PER_M2 <= Number(toleranceMm2)) continue;
    const isDecided = await cadastre.isDecided(one, other);
    if (isDecided && !isOne) {
      if (decidedGround.length < MAX_FINDINGS) decidedGround.push({ subject: one, other, areaM2 });
      for (const each of [one, other]) settledM2.set(each, (settledM2.get(each) ?? 0) + areaM2);
      continue;
    }
    const what = isDecided
      ? 'Two titles stand on one ground: they share more than a boundary, which no officer may decide.'
      : 'Two titles stand on one ground, and nobody decided that they may.';
    findings.push({ check: 'ground', what, subject: one, other });
    if (findings.length === MAX_FINDINGS) break;
  }
  for (const [subject, areaM2] of settledM2) {
    if (findings.length === MAX_FINDINGS) break;
    if (!isSameGround(areaM2, groundsM2.get(subject) ?? 0)) continue;
    const what = 'Boundaries that officers decided come to more of a title than a boundary is.';
    findings.push({ check: 'ground', what, subject, other: subject });
  }
  return { shared: findings, decidedGround };
}

/** The views and the second build at one block; undefined where the views went on meanwhile. */
async function compareViews({ views, scratch }: FsckParts): Promise<FsckFinding[] | undefined> {
  try {
    const [kept, built] = [await views.digest(), await scratch.digest()];
    if (kept.cursor.number !== built.cursor.number) return undefined;
    if (kept.digest === built.digest) return [];
    const view = await views.firstDifference(scratch);
    const what =
      'A view has rows that the blocks do not make: take the views away, and they are built again.';
    return [{ check: 'views', what, ...(view !== undefined && { view }) }];
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return [{ check: 'views', what: error.message }];
  }
}
