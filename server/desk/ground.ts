/**
 * The ground on which a unit begins: surveyed in the office of the act, and nobody else's.
 *
 * Promises: what was replaced or lies over what stands never begins; a parcel is registered in the office it was surveyed
 * in, whose keeper surveyed it. For the acts that make units, and for the way in, which asks again.
 */
import type { Bytes32 } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import type { BAUnitId, OfficeId } from '../domain/base/terms.ts';
import type { CadastralUnit, Cadastre, GroundTaken } from '../store/cadastre.ts';
import type { Views } from '../store/views.ts';

export interface GroundDesk {
  readonly cadastre: Cadastre;
  readonly views: Views;
  overlapToleranceMm2(): Promise<bigint>;
}

/** A unit that is to begin, in the office of the act, on the ground of the units that end with it. */
export interface Beginning {
  readonly baUnit: BAUnitId;
  readonly office: OfficeId;
  readonly ending: readonly BAUnitId[];
}

/**
 * A unit's parcels, surveyed in the office of the act, on free ground or on that of the units that end with the act.
 * Whoever surveys in an office keeps it: the ground of one registry is not another's to register under another number.
 */
export async function surveyOf(
  desk: GroundDesk,
  { baUnit, office, ending }: Beginning,
  field: string,
): Promise<readonly CadastralUnit[]> {
  const { cadastre, views } = desk;
  const units = await cadastre.ofBaUnit(baUnit);
  const [first] = units;
  if (first === undefined) throw refusal('parcel-not-surveyed', undefined, { field });
  if (first.office !== office) throw refusal('office-differs', undefined, { field: '/head/office' });
  if (units.some(({ isReplaced }) => isReplaced)) throw refusal('survey-replaced', undefined, { field });
  const ends = new Set<Bytes32>(ending);
  const replaced: Bytes32[] = [];
  for (const other of first.replaces) {
    // What was surveyed and never registered gives its ground to a better survey.
    if ((await views.land.unit(other as BAUnitId)) !== undefined) replaced.push(other);
  }
  if (replaced.length !== ends.size || !replaced.every((other) => ends.has(other))) {
    throw refusal('survey-replaces-others', undefined, { field });
  }
  await groundOf(desk, { begins: [baUnit], ends: ending }, field);
  return units;
}

/**
 * The units that may not stand beside those that an act begins; refuses as `ground-taken` where one of them does and
 * does not end with the act. Asked when the act is drafted, and again when it is accepted.
 */
export async function groundOf(
  { cadastre, views, overlapToleranceMm2 }: GroundDesk,
  { begins, ends }: GroundTaken,
  field?: string,
): Promise<readonly Bytes32[]> {
  const toleranceMm2 = await overlapToleranceMm2();
  const rivals = (await Promise.all(begins.map((one) => cadastre.rivalsOf(one, toleranceMm2)))).flat();
  for (const rival of rivals) {
    if (ends.includes(rival)) continue;
    const { status } = (await views.land.unit(rival as BAUnitId))?.state.header ?? {};
    if (status === 'active' || status === 'dividing') {
      throw refusal('ground-taken', undefined, field === undefined ? {} : { field });
    }
  }
  return rivals;
}
