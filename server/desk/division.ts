/**
 * What anybody may ask of the register of land once it is due: the next steps of a division, and a sweep.
 *
 * Promises: the ledger's own count says what is still to do, so a stop loses nothing and nothing is sent twice; the
 * children are those of the act that opened the division, and the contract compares them. `http` calls it.
 */
import type { Commit } from '../acts/commit.ts';
import { sendInTurn, type Turn } from '../acts/inTurn.ts';
import type { LandCalls } from '../acts/landCalls.ts';
import { ZERO_32 } from '../domain/base/hex.ts';
import { type RefusalCode, refusal } from '../domain/base/refusal.ts';
import type { BAUnitId } from '../domain/base/terms.ts';
import { fromAbi } from '../domain/land/codec.ts';
import { childrenPerCall, nextLoad } from '../domain/land/division.ts';
import type { PendingActs } from '../store/acts.ts';
import type { Claim } from '../store/idempotency.ts';
import type { Operation, Owner } from '../store/operation.ts';
import type { Views } from '../store/views.ts';

export interface DivisionDesk {
  readonly views: Views;
  readonly acts: PendingActs;
  readonly commit: Commit;
  readonly calls: LandCalls;
}

/** How far a division is: of `children`, how many the ledger holds and how many are titles. */
export interface DivisionProgress {
  readonly children: number;
  readonly loaded: number;
  readonly made: number;
  readonly isDone: boolean;
  readonly operations: readonly Operation[];
}

/**
 * Loads children, retires the parent and makes the children, as far as one request goes. Refuses as
 * `ba-unit-not-dividing`, and as `act-missing` when the act with the children is no longer kept here.
 */
export async function continueDivision(
  desk: DivisionDesk,
  owner: Owner,
  claim: Claim,
  parent: BAUnitId,
): Promise<DivisionProgress> {
  const { office } = (await requireDivision(desk, parent)).unit.state.header;
  const of = { kind: 'division-continued', owner, office, orderedBy: parent, overtaken: OVERTAKEN };
  const operations = await sendInTurn(desk.commit, claim, of, () => nextStep(desk, parent));
  return { ...(await progressOf(desk, parent)), operations };
}

/** How far a division is. Refuses as `ba-unit-not-dividing`. */
export async function progressOf(
  desk: Pick<DivisionDesk, 'views'>,
  parent: BAUnitId,
): Promise<Omit<DivisionProgress, 'operations'>> {
  const { division, unit } = await requireDivision(desk, parent);
  const { memberCount: children } = unit.state.header;
  const { loaded, made } = division;
  return { children, loaded, made, isDone: made === children };
}

/** Drops what lapsed thirty days ago from a unit. Refuses as `ba-unit-missing`; the ledger as `nothing-to-sweep`. */
export async function sweep(
  { views, commit, calls }: DivisionDesk,
  owner: Owner,
  claim: Claim,
  baUnit: BAUnitId,
): Promise<Operation> {
  return commit.post(claim, async () => {
    const unit = await views.land.unit(baUnit);
    if (unit === undefined) throw refusal('ba-unit-missing');
    const { office } = unit.state.header;
    return { kind: 'sweep', owner, office, orderedBy: baUnit, call: calls.sweep(baUnit, unit.state) };
  });
}

/** What somebody else may have done in the same moment. */
const OVERTAKEN: ReadonlySet<RefusalCode> = new Set([
  'children-differ',
  'ba-unit-not-dividing',
  'ba-unit-state-stale',
]);

async function requireDivision({ views }: Pick<DivisionDesk, 'views'>, parent: BAUnitId) {
  const [division, unit] = await Promise.all([views.land.division(parent), views.land.unit(parent)]);
  if (division === undefined || unit === undefined) throw refusal('ba-unit-not-dividing');
  return { division, unit };
}

async function nextStep(desk: DivisionDesk, parent: BAUnitId): Promise<Turn | undefined> {
  const { views, acts, calls } = desk;
  const { division, unit } = await requireDivision(desk, parent);
  if (division.rest !== ZERO_32) {
    const { items = [] } = await acts.content(division.act);
    const chunk = nextLoad(
      items.map((item) => fromAbi('Child', item)),
      division.rest,
    );
    return chunk && { name: `load-${division.loaded}`, call: calls.loadChildren(parent, chunk) };
  }
  const children = await views.land.childrenToMake(parent, childrenPerCall(unit.state));
  if (children.length === 0) return undefined;
  return { name: `make-${division.made}`, call: calls.completeDivision(parent, unit.state, children) };
}
