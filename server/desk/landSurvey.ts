/** What the register takes of a parcel as it is surveyed, and what opens it to who signs. Pure. */
import { commitFacts, type FactSet } from '../domain/acts/facts.ts';
import type { SpatialUnitId } from '../domain/base/terms.ts';
import type { SpatialUnit } from '../domain/land/types.ts';
import type { CadastralUnit } from '../store/cadastre.ts';

export function spatialUnitIdOf({ unit }: Pick<CadastralUnit, 'unit'>): SpatialUnitId {
  return unit as SpatialUnitId;
}

export function spatialUnitOf(unit: Pick<CadastralUnit, 'unit' | 'geometryCommitment'>): SpatialUnit {
  return { id: spatialUnitIdOf(unit), geometryCommitment: unit.geometryCommitment };
}

/** Boundaries are open: the file of an act shows what their commitments stand for, and no vault is asked. */
export function shapesOf(surveys: readonly Pick<CadastralUnit, 'geometry'>[]): FactSet[] {
  return surveys.map(({ geometry }) => commitFacts(geometry));
}
