/** Divisions in steps over the units of a town: opened by two officers, loaded and completed by anybody, or cancelled. */

import { ZERO_32 } from '../../server/domain/base/hex.ts';
import type { Child } from '../../server/domain/land/acts.ts';
import { toMessage } from '../../server/domain/land/codec.ts';
import { cancelDivision, openDivision, openingOf } from '../../server/domain/land/division.ts';
import { foldOf } from '../../server/domain/land/hashes.ts';
import { PREPARER } from '../chain/world.ts';
import { type Draft, unsigned, type Value } from './calls.ts';
import { changeOf, child, draftOf, headOf, readingOf, someUnit } from './landCalls.ts';
import type { Maker, Town, Unit } from './town.ts';

const MOST_CHILDREN = 6;

/** One that divides into children that are known here. */
function dividing(town: Town): (Unit & { readonly children: readonly Child[] }) | undefined {
  const found = [...town.units.values()].flatMap((unit) => {
    const children = town.children.get(unit.state.header.membersRoot);
    return unit.state.header.status === 'dividing' && children ? [{ ...unit, children }] : [];
  });
  return found.length === 0 ? undefined : town.random.pick(found);
}

const open: Maker = async (town) => {
  const unit = someUnit(town);
  if (unit === undefined) return undefined;
  const children = Array.from({ length: 2 + town.random.below(MOST_CHILDREN) }, () => child(town));
  const act = openingOf({ head: headOf(town, PREPARER), unit: changeOf(unit) }, children);
  town.children.set(act.membersRoot, children);
  return draftOf(town, openDivision(await readingOf(town), act, unit.state, children));
};

const call = (method: string, args: unknown[]): Draft => ({
  ...{ contract: 'landDivision', method, args: args as Value[], sign: unsigned },
});

const load: Maker = async (town) => {
  const parent = dividing(town);
  const awaited = parent && (town.awaited.get(parent.baUnit) ?? parent.state.header.membersRoot);
  if (parent === undefined || awaited === ZERO_32) return undefined;
  const from = parent.children.findIndex((_, i) => foldOf(parent.children.slice(i)) === awaited);
  const to = Math.min(parent.children.length, from + 1 + town.random.below(3));
  const chunk = parent.children.slice(from, to).map((one) => toMessage('Child', one));
  return call('loadChildren', [parent.baUnit, chunk, foldOf(parent.children.slice(to))]);
};

const complete: Maker = async (town) => {
  const parent = dividing(town);
  if (parent === undefined || town.awaited.get(parent.baUnit) !== ZERO_32) return undefined;
  const children = parent.children.map((one) => toMessage('Child', one));
  return call('completeDivision', [parent.baUnit, toMessage('BAUnitState', parent.state), children]);
};

const cancel: Maker = async (town) => {
  const parent = dividing(town);
  if (parent === undefined || !town.chance(4)) return undefined;
  const act = { head: headOf(town, PREPARER), unit: changeOf(parent) };
  return draftOf(town, cancelDivision(await readingOf(town), act, parent.state));
};

export const DIVISION_CALLS: readonly Maker[] = [open, load, load, complete, cancel];
