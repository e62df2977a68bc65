/**
 * The ground on which a unit begins: surveyed in the office of the act, and nobody else's.
 *
 * Promises: what was replaced or lies over what stands never begins; a parcel is registered in the office it was surveyed
 * in, whose keeper surveyed it. For the acts that make units, and for the way in, which asks again.
 */
import type { Bytes32 } from '../domain/base/hex.ts';
import { areaInWords } from '../domain/base/inWords.ts';
import { refusal } from '../domain/base/refusal.ts';
import type { BAUnitId, OfficeId } from '../domain/base/terms.ts';
import {
  type CadastralUnit,
  type Cadastre,
  type GroundJudged,
  type GroundTaken,
  isEaten,
} from '../store/cadastre.ts';
import type { Views } from '../store/views.ts';

export interface GroundDesk {
  readonly cadastre: Cadastre;
  readonly views: Views;
  overlapToleranceMm2(): Promise<bigint>;
}

/** Of those a parcel shares a boundary with by decision; the rest are counted. */
const SHARED_NAMED = 20;

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

export interface GroundFact {
  readonly path: 'parcel/shared-ground';
  readonly value: string;
}

/**
 * What a unit that begins shares with others as an officer decided, as a fact of its own: whoever signs reads it, and the
 * certificate says it. None where it shares nothing, or only with what ends or ended.
 */
export async function settledGround(
  { cadastre }: Pick<GroundDesk, 'cadastre'>,
  baUnit: BAUnitId,
  ending: readonly BAUnitId[],
): Promise<readonly GroundFact[]> {
  const ends = new Set<Bytes32>(ending);
  const [own] = await cadastre.ofBaUnit(baUnit);
  const words: string[] = [];
  for (const { other, areaMm2 } of await cadastre.settledWith(baUnit)) {
    const [unit] = await cadastre.ofBaUnit(other);
    if (unit === undefined || unit.retired || ends.has(other)) continue;
    const office = unit.office === own?.office ? '' : ` of office ${unit.office}`;
    words.push(`${areaInWords(areaMm2)} with parcel ${unit.number}${office}`);
  }
  if (words.length === 0) return [];
  const more = words.length - SHARED_NAMED;
  const value = words.slice(0, SHARED_NAMED).join(', ') + (more > 0 ? ` and with ${more} more` : '');
  return [{ path: 'parcel/shared-ground', value }];
}

/**
 * The units that may not stand beside those that an act begins, and the boundaries that were settled with others; refuses
 * as `ground-taken` where one of them stands and does not end with the act. Asked when the act is drafted, and again when it is accepted.
 */
export async function groundOf(
  { cadastre, views, overlapToleranceMm2 }: GroundDesk,
  { begins, ends }: GroundTaken,
  field?: string,
): Promise<GroundJudged> {
  const toleranceMm2 = await overlapToleranceMm2();
  const rivals = (await Promise.all(begins.map((one) => cadastre.rivalsOf(one, toleranceMm2)))).flat();
  const boundaries = (await Promise.all(begins.map((one) => cadastre.boundariesAt(one)))).flat();
  const stands = async (other: Bytes32) => {
    if (ends.includes(other)) return false;
    const { status } = (await views.land.unit(other as BAUnitId))?.state.header ?? {};
    return status === 'active' || status === 'dividing';
  };
  const standing = await Promise.all(rivals.map(stands));
  const isBoundary = async (other: Bytes32) => begins.includes(other) || (await stands(other));
  if (standing.includes(true) || (await isEaten(boundaries, isBoundary)))
    throw refusal('ground-taken', undefined, field === undefined ? {} : { field });
  return { rivals, boundaries };
}
