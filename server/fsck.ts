/**
 * `kudurru fsck`: derives everything again from block 0 and names the first thing that does not hold.
 *
 * Hides the order of the checks: what the store holds, then what the chain shows (`derivation.ts`), then the views
 * against a build of their own, then the ground. Promises: nothing of the store or the views is changed; a finding is a
 * sentence without anything personal. What there is of every title and entry is on disk, in folders that the caller gives and
 * takes away: a replay's rows, the second build of the views, the drawings. For the command and for a restore.
 */

import { setImmediate } from 'node:timers/promises';
import { type ChainFinding, type Derivation, type DerivationParts, deriveChain } from './derivation.ts';
import type { BlockCursor, ContractName } from './domain/acts/events.ts';
import { MAX_FINDINGS } from './domain/audit/findings.ts';
import type { SignatureCount } from './domain/audit/replaySignatures.ts';
import type { Governing, TrustedContract } from './domain/audit/trust.ts';
import { Fault } from './domain/base/fault.ts';
import type { Bytes32 } from './domain/base/hex.ts';
import { groundSweep, westToEast } from './domain/survey/groundSweep.ts';
import { groundM2, type Outline, overlapM2 } from './domain/survey/overlap.ts';
import { shapeOfOpen } from './domain/survey/parcels.ts';
import type { Extent } from './domain/survey/placeIndex.ts';
import { isSameGround } from './domain/survey/sameGround.ts';
import type { VerifiedBlock } from './ledger/ledger.ts';
import type { Cadastre } from './store/cadastre.ts';
import type { ScratchRows, SortedRows } from './store/scratchRows.ts';
import type { AnyTable, Store, TableReport } from './store/store.ts';
import type { Views } from './store/views.ts';

export interface FsckParts extends Pick<DerivationParts, 'chainId' | 'charter' | 'ledger' | 'through'> {
  /** Every precious store with all its tables: the data folder's, and the keys'. */
  readonly stores: readonly { readonly store: Store; readonly tables: readonly AnyTable[] }[];
  /** What an audit of them said, where there was one already. */
  readonly audited?: Audited;
  readonly views: Views;
  /** Empty views in a folder of their own. */
  readonly scratch: Views;
  /** Empty rows in a folder of their own: what there is of every title and entry, so that it is not in memory. */
  readonly rows: ScratchRows;
  readonly ground?: GroundKept;
  readonly onProgress?: (blockNumber: bigint) => void;
  /** Nobody waits for the report any more: `fsck` rejects with its reason soon after. */
  readonly signal?: AbortSignal;
}

/** The parcels as they were surveyed, and the ground that neighbours may share. */
interface GroundKept {
  readonly cadastre: Cadastre;
  readonly toleranceMm2: bigint;
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
  /** What a trust file may name, as proved; undefined where a bad block ended the derivation. */
  readonly governing: Governing | undefined;
  /** Titles that share a boundary as officers decided: nothing is wrong with them, and whoever looks sees them. */
  readonly decidedGround: readonly DecidedGround[];
  /** Of what there is for every title and entry, the most that was in memory at once. */
  readonly held: { readonly rows: number; readonly outlines: number };
  /** In the order of the checks; the first is the one to look at. Empty: everything holds. */
  readonly findings: readonly FsckFinding[];
}

export interface Audited {
  readonly tables: readonly TableReport[];
  readonly findings: readonly FsckFinding[];
}

export const ORDER_DAMAGED =
  'The order of keys is not what was written. No row is lost: `up --build-order` builds it again from the rows.';

export async function auditStores({
  stores,
  signal,
}: Pick<FsckParts, 'stores' | 'signal'>): Promise<Audited> {
  const findings: FsckFinding[] = [];
  const tables: TableReport[] = [];
  for (const { store, tables: declared } of stores) {
    for (const table of declared) {
      const report = await store.audit(table, signal);
      tables.push(report);
      const what = report.isOrdered
        ? 'A table has rows that are not what was written, or not the rows that were written.'
        : ORDER_DAMAGED;
      if (!report.whole) findings.push({ check: 'store', what, table: report });
    }
  }
  return { tables, findings };
}

export async function fsck(parts: FsckParts): Promise<FsckReport> {
  const { tables, findings: ofStores } = parts.audited ?? (await auditStores(parts));
  const findings = [...ofStores];
  const { views, scratch, rows, through, signal } = parts;
  const isAbove = views.cursor.number > through;
  if (isAbove) findings.push({ check: 'views', what: 'The views stand above the chain.' });
  let compared: readonly FsckFinding[] | undefined = isAbove || views.cursor.number === 0n ? [] : undefined;
  const {
    entries,
    units,
    signatures,
    newest,
    contracts,
    findings: found,
  } = await deriveChain({
    chainId: parts.chainId,
    charter: parts.charter,
    ledger: endedBy(parts.ledger, signal),
    through,
    keep: rows.keep,
    onBlock: async (events) => {
      signal?.throwIfAborted();
      await scratch.apply(events);
      await rows.flushFull();
      parts.onProgress?.(events.cursor.number);
      if (compared === undefined && events.cursor.number === views.cursor.number)
        compared = await compareViews(parts);
      return compared !== undefined;
    },
  });
  const { shared, decidedGround, outlinesHeld } = await titlesOnOneGround(parts);
  findings.push(...found, ...(compared ?? []), ...shared);
  const held = { rows: rows.mostHeld, outlines: outlinesHeld };
  const governing = newest && (await governingAt(parts.ledger, contracts, newest));
  const counts = { through: scratch.cursor, entries, units, signatures, tables };
  return Object.assign(counts, { governing, decidedGround, held, findings });
}

/** By the names that a trust file has for them. */
async function governingAt(
  ledger: FsckParts['ledger'],
  contracts: Derivation['contracts'],
  newest: VerifiedBlock,
): Promise<Governing> {
  const all = async (contract: ContractName): Promise<readonly TrustedContract[]> => {
    const found: TrustedContract[] = [];
    for (const [address, named] of contracts) {
      if (named !== contract) continue;
      const { codeHash } = (await ledger.prove(address, [], newest)).state.account;
      found.push({ address, codeHash });
    }
    return found;
  };
  const [consortium, landRegistry, benefitLedger] = [
    await all('consortium'),
    await all('land'),
    await all('benefits'),
  ];
  return { consortium, landRegistry, benefitLedger };
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

type GroundParts = Pick<FsckParts, 'ground' | 'rows' | 'scratch' | 'signal'>;

interface GroundFound {
  readonly shared: readonly FsckFinding[];
  readonly decidedGround: readonly DecidedGround[];
  /** Outlines that were in memory at once, at the most. */
  readonly outlinesHeld: number;
}

/** One part of a title that stands, as it is drawn. */
interface TitleDrawn {
  readonly baUnit: Bytes32;
  readonly extent: Extent;
  readonly outline: Outline;
}

/** What two units share by two of their outlines. */
interface OutlinesShared {
  readonly areaM2: number;
  readonly isOne: boolean;
}

/** Two units by whose outlines the same is shared. */
interface UnitsShared extends OutlinesShared {
  readonly one: Bytes32;
  readonly other: Bytes32;
}

/** The check of the ground on its way: what is known of every title is on disk. */
interface GroundRows {
  /** By its western edge. */
  readonly drawn: SortedRows<TitleDrawn>;
  readonly groundsM2: SortedRows<number>;
  readonly pairs: SortedRows<OutlinesShared>;
  /** Of a unit, what it shares with another by decision. */
  readonly settledM2: SortedRows<number>;
}

/**
 * Two units that stand and share more ground than neighbours may where no officer decided that both are to stand, or more
 * than any officer may decide; and those that were decided. Titles are sorted on disk from west to east, and in memory are
 * those that a meridian crosses.
 */
export async function titlesOnOneGround(parts: GroundParts): Promise<GroundFound> {
  const { rows } = parts;
  if (parts.ground === undefined) return { shared: [], decidedGround: [], outlinesHeld: 0 };
  const ground: GroundRows = {
    drawn: rows.sorted('drawn'),
    groundsM2: rows.sorted('grounds'),
    pairs: rows.sorted('pairs'),
    settledM2: rows.sorted('settled'),
  };
  await drawTitles(parts, parts.ground, ground);
  const outlinesHeld = await compareOutlines(parts, ground);
  return Object.assign(await judgePairs(parts.ground, ground), { outlinesHeld });
}

async function drawTitles(
  { scratch, rows, signal }: GroundParts,
  { cadastre }: GroundKept,
  { drawn, groundsM2 }: GroundRows,
): Promise<void> {
  for (let after: string | undefined; ; ) {
    signal?.throwIfAborted();
    const { rows: page, next } = await scratch.land.units({ ...(after !== undefined && { after }) });
    for (const { baUnit, status } of page) {
      if (status !== 'active' && status !== 'dividing') continue;
      const [parcel] = await cadastre.ofBaUnit(baUnit); // its parts share the drawing
      if (parcel === undefined) continue; // surveyed elsewhere
      const { outlines } = shapeOfOpen(parcel.feature);
      for (const [i, outline] of outlines.entries()) {
        const { extent } = outline;
        drawn.set(`${westToEast(extent[0])}/${baUnit}/${i}`, { baUnit, extent, outline });
      }
      groundsM2.set(
        baUnit,
        outlines.reduce((sum, outline) => sum + groundM2(outline), 0),
      );
    }
    await rows.flushFull();
    if (next === undefined) return;
    after = next;
  }
}

/** Answers how many outlines were in memory at once. */
async function compareOutlines({ rows, signal }: GroundParts, { drawn, pairs }: GroundRows): Promise<number> {
  const sweep = groundSweep<TitleDrawn>();
  let [titles, found] = [0, 0];
  for await (const [, title] of drawn.inOrder()) {
    if (titles++ % TITLES_A_TURN === 0) {
      await setImmediate();
      await rows.flushFull();
    }
    signal?.throwIfAborted();
    for (const neighbour of sweep.next(title)) {
      if (neighbour.baUnit === title.baUnit) continue;
      const [a, b] = neighbour.baUnit < title.baUnit ? [neighbour, title] : [title, neighbour];
      const { outline, baUnit: one } = a;
      const areaM2 = overlapM2(outline, b.outline);
      if (areaM2 === 0) continue;
      const isOne = isSameGround(areaM2, groundM2(outline), groundM2(b.outline));
      pairs.set(`${one}/${b.baUnit}/${found++}`, { areaM2, isOne });
    }
  }
  return sweep.mostHeld;
}

/** What is written of two units stands together. */
async function* pairsOf({ pairs }: GroundRows): AsyncGenerator<UnitsShared> {
  let pair: UnitsShared | undefined;
  for await (const [key, { areaM2, isOne }] of pairs.inOrder()) {
    const [one, other] = key.split('/') as [Bytes32, Bytes32];
    const isSame = pair?.one === one && pair.other === other;
    if (pair !== undefined && !isSame) yield pair;
    const before = isSame ? pair : undefined;
    pair = {
      one,
      other,
      areaM2: (before?.areaM2 ?? 0) + areaM2,
      isOne: (before?.isOne ?? false) || isOne,
    };
  }
  if (pair !== undefined) yield pair;
}

async function judgePairs(
  { cadastre, toleranceMm2 }: GroundKept,
  ground: GroundRows,
): Promise<Pick<GroundFound, 'shared' | 'decidedGround'>> {
  const findings: FsckFinding[] = [];
  const decidedGround: DecidedGround[] = [];
  const { settledM2, groundsM2 } = ground;
  for await (const { one, other, areaM2, isOne } of pairsOf(ground)) {
    if (!isOne && areaM2 * MM2_PER_M2 <= Number(toleranceMm2)) continue;
    const isDecided = await cadastre.isDecided(one, other);
    if (isDecided && !isOne) {
      if (decidedGround.length < MAX_FINDINGS) decidedGround.push({ subject: one, other, areaM2 });
      settledM2.set(`${one}/${other}`, areaM2);
      settledM2.set(`${other}/${one}`, areaM2);
      continue;
    }
    const what = isDecided
      ? 'Two titles stand on one ground: they share more than a boundary, which no officer may decide.'
      : 'Two titles stand on one ground, and nobody decided that they may.';
    findings.push({ check: 'ground', what, subject: one, other });
    if (findings.length === MAX_FINDINGS) break;
  }
  let [unit, sumM2] = ['' as Bytes32, 0];
  const judge = (subject: Bytes32, areaM2: number) => {
    if (findings.length === MAX_FINDINGS || subject.length === 0) return;
    if (!isSameGround(areaM2, groundsM2.get(subject) ?? 0)) return;
    const what = 'Boundaries that officers decided come to more of a title than a boundary is.';
    findings.push({ check: 'ground', what, subject, other: subject });
  };
  for await (const [key, areaM2] of settledM2.inOrder()) {
    const [subject] = key.split('/') as [Bytes32];
    if (subject !== unit) {
      judge(unit, sumM2);
      [unit, sumM2] = [subject, 0];
    }
    sumM2 += areaM2;
  }
  judge(unit, sumM2);
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
