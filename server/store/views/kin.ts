/**
 * Which units an entry of land speaks of besides its own: what a unit was divided or joined into, and what each came of.
 *
 * An act that changes several units records one entry for each, behind the `Signed` of the act; the steps of a division that
 * nobody signs follow what its opening claimed.
 */
import { type BAUnitId, LAND_ACTS, LAND_KIND_BASE } from '../../domain/base/terms.ts';
import type { Kin, Kinship } from '../../domain/land/kin.ts';
import type { BAUnitState } from '../../domain/land/types.ts';
import { json } from '../codec.ts';
import { disposable } from '../disposable.ts';
import { ordinal } from '../store.ts';
import type { EntryRow, Step } from './step.ts';

/** The units of an act that was signed: those that were there, and those that begin. */
export interface Family {
  readonly old: Member[];
  readonly begun: Member[];
}

interface Member {
  readonly baUnit: BAUnitId;
  readonly sequence: number;
}

/** By sequence of the entry. */
export const kinView = disposable('kin', json<Kin>());

/** Of the acts that end or divide units, how each side is told of the other. */
const TOLD: Readonly<Partial<Record<(typeof LAND_ACTS)[number], readonly [old: Kinship, begun: Kinship]>>> = {
  subdivision: ['divided-into', 'divided-from'],
  consolidation: ['joined-into', 'joined-from'],
  'part-registration': ['given-parts', 'part-of'],
};

const actOfEntry = ({ kind }: Pick<EntryRow, 'kind'>) => LAND_ACTS[kind - LAND_KIND_BASE];

/** A state of a unit, as it is recorded; `of` has what a division knows of its own. */
export function applyKin(
  step: Step,
  entry: EntryRow,
  {
    baUnit,
    isFirst,
    header,
  }: { readonly baUnit: BAUnitId; readonly isFirst: boolean } & Pick<BAUnitState, 'header'>,
  of: { readonly parent: BAUnitId | undefined; children(): readonly BAUnitId[] },
): void {
  const act = actOfEntry(entry);
  const say = (how: Kinship, units: readonly BAUnitId[], count = units.length) =>
    putKin(step, entry.sequence, { how, units, count });
  if (act === 'division-opening') say('to-divide', [], header.memberCount);
  if (act === 'division-cancellation') say('not-divided', []);
  if (act === 'division-completion') {
    if (!isFirst) say('divided-into', of.children());
    else if (of.parent !== undefined) say('divided-from', [of.parent]);
  }
  const told = act === undefined ? undefined : TOLD[act];
  if (told === undefined || step.family === undefined) return;
  const { old, begun } = step.family;
  (isFirst ? begun : old).push({ baUnit, sequence: entry.sequence });
  const idsOf = (members: readonly Member[]) => members.map((one) => one.baUnit);
  for (const { sequence } of old) putKin(step, sequence, kinOf(told[0], idsOf(begun)));
  for (const { sequence } of begun) putKin(step, sequence, kinOf(told[1], idsOf(old)));
}

const kinOf = (how: Kinship, units: readonly BAUnitId[]): Kin => ({ how, units, count: units.length });

/** Children that a division claims from now on. */
export function applyClaimed(step: Step, entry: EntryRow, children: readonly BAUnitId[]): void {
  putKin(step, entry.sequence, kinOf('to-divide-into', children));
}

function putKin({ batch }: Step, sequence: number, kin: Kin): void {
  batch.put(kinView, ordinal(sequence), kin);
}
