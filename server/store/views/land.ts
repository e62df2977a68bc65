/**
 * Units as they stand and as they stood: every state with the entry that made it, and what lies on which unit.
 *
 * A state is kept once, under its unit and version. Two times order a history: when an act was recorded, which the
 * chain says, and from when it has legal effect, which the act says; `asOf` asks by both.
 */
import type { EventOf } from '../../domain/acts/events.ts';
import type { Bytes32 } from '../../domain/base/hex.ts';
import {
  type BAUnitId,
  type EntryId,
  type InstrumentId,
  idsBeginWith,
  type OfficeId,
  type SpatialUnitId,
  type UnitStatus,
} from '../../domain/base/terms.ts';
import type { Child } from '../../domain/land/acts.ts';
import type { Kin } from '../../domain/land/kin.ts';
import type { BAUnitState, Restriction } from '../../domain/land/types.ts';
import { json, text } from '../codec.ts';
import { type DisposableStore, disposable, disposableList, type ViewBatch } from '../disposable.ts';
import { ordinal, under } from '../store.ts';
import { applyClaimed, applyKin, kinView } from './kin.ts';
import { type Page, type PageRequest, pageOf } from './page.ts';
import type { EntryRow, Step } from './step.ts';

/** A unit in a list: its current state stands under its version. */
export interface UnitRow {
  readonly baUnit: BAUnitId;
  readonly version: bigint;
  readonly stateHash: Bytes32;
  readonly status: UnitStatus;
  /** Sequence of its newest entry. */
  readonly entry: number;
  readonly recordedAt: bigint;
  /** Of its current state. */
  readonly effectiveOn: bigint;
}

/** One state of a unit, with the entry that made it. */
export interface VersionRow {
  readonly baUnit: BAUnitId;
  readonly stateHash: Bytes32;
  readonly state: BAUnitState;
  readonly entryId: EntryId;
  readonly entry: number;
  readonly kind: number;
  readonly blockNumber: bigint;
  readonly recordedAt: bigint;
  /** From when it has legal effect: never before the version it replaces. */
  readonly effectiveOn: bigint;
}

export interface SpatialUnitRow {
  readonly id: SpatialUnitId;
  readonly baUnit: BAUnitId;
  /** Its unit was divided, joined or cancelled: never used again (L1). */
  readonly isRetired: boolean;
}

export interface RestrictionRow {
  readonly baUnit: BAUnitId;
  readonly restriction: Restriction;
  /** Sequence of the entry that first showed it on this unit. */
  readonly since: number;
  /** Sequence of the entry that ended it. */
  readonly endedBy?: number;
}

/** A division that is not completed, or whose children are not all made. */
export interface DivisionRow {
  /** The act that opened it. */
  readonly act: EntryId;
  readonly membersRoot: Bytes32;
  /** Fold of the children that are still to be loaded. */
  readonly rest: Bytes32;
  readonly loaded: number;
  readonly made: number;
}

/** A child that a division claimed: nothing else takes its ground until that is cancelled, and its id ever. */
export interface ClaimRow {
  readonly parent: BAUnitId;
  readonly child: Child;
}

const units = disposableList('units', json<UnitRow>(), 0);
const versions = disposableList('versions', json<VersionRow>(), 1);
const spatialUnits = disposable('spatialUnits', json<SpatialUnitRow>());
/** By unit, then id. */
const restrictions = disposableList('restrictions', json<RestrictionRow>(), 1);
/** By instrument, then unit and id: the units of one mortgage. */
const restrictionsByInstrument = disposableList('restrictionsByInstrument', text, 1);
/** By parent. */
const divisions = disposable('divisions', json<DivisionRow>());
/** By child. */
const claims = disposable('claims', json<ClaimRow>());
/** By parent, then the place of the child in the division. */
const loadedChildren = disposable('loadedChildren', text);
/** By sequence of the entry that made it: the key of a version. */
const versionsByEntry = disposable('versionsByEntry', text);
/** Units newest entry first: by sequence of that entry. */
const unitsByEntry = disposableList('unitsByEntry', text, 0);

/** The entry stands just before the state in the log. */
export function applyUnit(
  step: Step,
  { args }: EventOf<'BAUnitRecorded'>,
  entry: EntryRow | undefined,
): void {
  const { baUnit, stateHash, state } = args;
  if (entry?.subject !== baUnit || entry.newState !== stateHash) throw new Error('a state without its entry');
  const { batch, counts } = step;
  const { version, status } = state.header;
  const before = batch.get(units, baUnit);
  const { sequence, entryId, kind, blockNumber, recordedAt } = entry;
  const { effectiveOn } = state.header;
  batch.put(versions, `${baUnit}/${ordinal(version)}`, {
    baUnit,
    stateHash,
    state,
    entryId,
    entry: sequence,
    kind,
    blockNumber,
    recordedAt,
    effectiveOn,
  });
  batch.put(versionsByEntry, ordinal(sequence), `${baUnit}/${ordinal(version)}`);
  batch.put(units, baUnit, {
    baUnit,
    version,
    stateHash,
    status,
    entry: sequence,
    recordedAt,
    effectiveOn,
  });
  if (before) batch.delete(unitsByEntry, ordinal(before.entry));
  batch.put(unitsByEntry, ordinal(sequence), baUnit);
  if (before === undefined) counts.units++;
  counts.titles += Number(status === 'active') - Number(before?.status === 'active');
  applyKin(
    step,
    entry,
    { baUnit, isFirst: before === undefined, header: state.header },
    {
      parent: batch.get(claims, baUnit)?.parent,
      children: () => childrenIn(batch, baUnit),
    },
  );
  applyDivision(step, baUnit, state, before, entryId);
  applyRestrictions(step, baUnit, before, state, sequence);
  for (const { id } of state.spatialUnits) {
    if (batch.get(spatialUnits, id) === undefined) counts.spatialUnits++;
    batch.put(spatialUnits, id, { id, baUnit, isRetired: status === 'retired' || status === 'cancelled' });
  }
}

/** Children whose ids and ground are claimed from now on. */
export function applyLoad(
  step: Step,
  { args: { baUnit: parent, rest, children } }: EventOf<'ChildrenLoaded'>,
  entry: EntryRow | undefined,
): void {
  const { batch, counts } = step;
  if (entry?.subject !== parent) throw new Error('children without their entry');
  const division = batch.get(divisions, parent);
  if (division === undefined) throw new Error('children of no division');
  children.forEach((child, i) => {
    const { baUnit, spatialUnits: claimed } = child.portion;
    batch.put(claims, baUnit, { parent, child });
    batch.put(loadedChildren, `${parent}/${ordinal(division.loaded + i)}`, baUnit);
    for (const { id } of claimed) {
      if (batch.get(spatialUnits, id) === undefined) counts.spatialUnits++;
      batch.put(spatialUnits, id, { id, baUnit, isRetired: false });
    }
  });
  batch.put(divisions, parent, { ...division, rest, loaded: division.loaded + children.length });
  applyClaimed(
    step,
    entry,
    children.map(({ portion }) => portion.baUnit),
  );
}

function childrenIn(batch: ViewBatch, parent: BAUnitId): readonly BAUnitId[] {
  const loaded = batch.get(divisions, parent)?.loaded ?? 0;
  return Array.from(
    { length: loaded },
    (_, place) => batch.get(loadedChildren, `${parent}/${ordinal(place)}`) as BAUnitId,
  );
}

/** Begins and ends what is known of divisions: the parent's, and that of a child that is made. */
function applyDivision(
  { batch, counts }: Step,
  baUnit: BAUnitId,
  { header: { status, membersRoot } }: BAUnitState,
  before: UnitRow | undefined,
  act: EntryId,
): void {
  const division = batch.get(divisions, baUnit);
  if (status === 'dividing' && division === undefined) {
    batch.put(divisions, baUnit, { act, membersRoot, rest: membersRoot, loaded: 0, made: 0 });
  }
  if (status === 'active' && division !== undefined) {
    for (const [place, id] of childrenIn(batch, baUnit).entries()) {
      for (const one of batch.get(claims, id)?.child.portion.spatialUnits ?? []) {
        batch.delete(spatialUnits, one.id);
        counts.spatialUnits--;
      }
      batch.delete(loadedChildren, `${baUnit}/${ordinal(place)}`);
    }
    batch.delete(divisions, baUnit);
  }
  const claim = before === undefined ? batch.get(claims, baUnit) : undefined;
  const parent = claim && batch.get(divisions, claim.parent);
  if (claim === undefined || parent === undefined) return;
  batch.delete(claims, baUnit);
  batch.put(divisions, claim.parent, { ...parent, made: parent.made + 1 });
}

function applyRestrictions(
  { batch, counts }: Step,
  baUnit: BAUnitId,
  before: UnitRow | undefined,
  { header, charges, notices }: BAUnitState,
  entry: number,
): void {
  const was = before ? restrictionsIn(batch, baUnit, before.version) : [];
  const standing = [...charges, ...notices];
  const isOver = header.status !== 'active' && header.status !== 'dividing';
  const stands = new Set(isOver ? [] : standing.map(({ restrictionId }) => restrictionId));
  for (const { restrictionId } of was) {
    const key = `${baUnit}/${ordinal(restrictionId)}`;
    const row = batch.get(restrictions, key);
    if (stands.has(restrictionId) || row === undefined || row.endedBy !== undefined) continue;
    batch.put(restrictions, key, { ...row, endedBy: entry });
    counts.restrictions--;
  }
  for (const restriction of isOver ? [] : standing) {
    const key = `${baUnit}/${ordinal(restriction.restrictionId)}`;
    const row = batch.get(restrictions, key);
    if (row === undefined) counts.restrictions++;
    batch.put(restrictions, key, { baUnit, restriction, since: row?.since ?? entry });
    batch.put(restrictionsByInstrument, `${restriction.instrumentId}/${key}`, key);
  }
}

function restrictionsIn(batch: ViewBatch, baUnit: BAUnitId, version: bigint): readonly Restriction[] {
  const state = batch.get(versions, `${baUnit}/${ordinal(version)}`)?.state;
  return state === undefined ? [] : [...state.charges, ...state.notices];
}

/** What is asked of a history; what is left out does not limit. Moments are Unix seconds. */
export interface AsOf {
  /** Only what had legal effect by then. */
  readonly effectiveOn?: bigint;
  /** Only what was recorded by then. */
  readonly knownAt?: bigint;
  readonly knownAtBlock?: bigint;
}

export class LandViews {
  readonly #store: DisposableStore;

  constructor(store: DisposableStore) {
    this.#store = store;
  }

  /** A unit as it stands. */
  async unit(baUnit: BAUnitId): Promise<VersionRow | undefined> {
    const row = await this.#store.get(units, baUnit);
    return row === undefined ? undefined : this.version(baUnit, row.version);
  }

  /** The division of a unit, under way or completed. */
  division(parent: BAUnitId): Promise<DivisionRow | undefined> {
    return this.#store.get(divisions, parent);
  }

  /** What holds an id that no unit has: the child of a division, also of one that was cancelled. */
  claim(child: BAUnitId): Promise<ClaimRow | undefined> {
    return this.#store.get(claims, child);
  }

  /** Children that a completed division has not made yet, at most so many. */
  async childrenToMake(parent: BAUnitId, limit: number): Promise<readonly Child[]> {
    const children: Child[] = [];
    for await (const [, id] of this.#store.range(loadedChildren, under(parent))) {
      const row = await this.#store.get(claims, id);
      if (row !== undefined) children.push(row.child);
      if (children.length === limit) break;
    }
    return children;
  }

  version(baUnit: BAUnitId, version: bigint): Promise<VersionRow | undefined> {
    return this.#store.get(versions, `${baUnit}/${ordinal(version)}`);
  }

  /** The state that an entry made, by the entry's sequence. */
  async versionOfEntry(sequence: number): Promise<VersionRow | undefined> {
    const key = await this.#store.get(versionsByEntry, ordinal(sequence));
    return key === undefined ? undefined : this.#store.get(versions, key);
  }

  /** Which other units an entry speaks of, by the entry's sequence. */
  kinOf(sequence: number): Promise<Kin | undefined> {
    return this.#store.get(kinView, ordinal(sequence));
  }

  history(baUnit: BAUnitId, request: PageRequest = {}): Promise<Page<VersionRow>> {
    return pageOf(this.#store, versions, baUnit, request);
  }

  /** The state in effect on one day as known on another. */
  async asOf(
    baUnit: BAUnitId,
    { effectiveOn, knownAt, knownAtBlock }: AsOf,
  ): Promise<VersionRow | undefined> {
    const newestFirst = { ...under(baUnit), reverse: true };
    for await (const [, row] of this.#store.range(versions, newestFirst)) {
      if (knownAt !== undefined && row.recordedAt > knownAt) continue;
      if (knownAtBlock !== undefined && row.blockNumber > knownAtBlock) continue;
      if (effectiveOn !== undefined && row.effectiveOn > effectiveOn) continue;
      return row;
    }
    return undefined;
  }

  units(request: PageRequest = {}): Promise<Page<UnitRow>> {
    return pageOf(this.#store, units, '', request);
  }

  /** In the order of their newest entries. */
  async recentUnits(request: PageRequest = {}): Promise<Page<UnitRow>> {
    const page = await pageOf(this.#store, unitsByEntry, '', { newestFirst: true, ...request });
    const rows = await Promise.all(page.rows.map((baUnit) => this.#store.get(units, baUnit)));
    return { ...page, rows: rows.filter((row) => row !== undefined) };
  }

  /** Which unit a parcel is, or was, part of. */
  spatialUnit(id: SpatialUnitId): Promise<SpatialUnitRow | undefined> {
    return this.#store.get(spatialUnits, id);
  }

  /** Everything that lies or lay on a unit, by id. */
  restrictions(baUnit: BAUnitId, request: PageRequest = {}): Promise<Page<RestrictionRow>> {
    return pageOf(this.#store, restrictions, baUnit, request);
  }

  /** Everything that rests on one instrument. */
  async restrictionsOf(instrument: InstrumentId, request: PageRequest = {}): Promise<Page<RestrictionRow>> {
    const page = await pageOf(this.#store, restrictionsByInstrument, instrument, request);
    const rows = await Promise.all(page.rows.map((key) => this.#store.get(restrictions, key)));
    return { ...page, rows: rows.filter((row) => row !== undefined) };
  }

  /** Whether an instrument made a restriction in an office. */
  async isInstrumentUsed(office: OfficeId, instrument: InstrumentId): Promise<boolean> {
    const own = `${instrument}/${idsBeginWith(office)}`;
    const range = { gte: own, lt: `${own}g`, limit: 1 }; // 'g' is behind every hexadecimal digit
    for await (const _ of this.#store.range(restrictionsByInstrument, range)) return true;
    return false;
  }
}
