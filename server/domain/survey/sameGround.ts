/**
 * Where the question of a boundary ends and one piece of ground begins.
 *
 * Promises: one bound, whoever asks: the reader of surveys, the acts that begin units, and the check of the ground. Pure.
 */

/** Neighbours are surveyed apart and their boundaries settled by an officer: up to a tenth of the smaller, and of either in all. */
const BOUNDARY_PARTS = 10;

/** Whether two share more than a boundary: no answer of an officer lets both stand. Areas in one unit. */
export function isSameGround(shared: number, ...areas: readonly number[]): boolean {
  return shared * BOUNDARY_PARTS > Math.min(...areas);
}
