/**
 * What the honest members decide together and carry out at once, and how they end a corrupt member's officers until the
 * ledger refuses to lose one more (P9).
 */

import type { Bytes32 } from '../../server/domain/base/hex.ts';
import { ballot, execution, measureOf, openBy } from './measures.ts';
import type { Plan } from './plan.ts';
import { CORRUPT, INSTITUTIONS, type OpenMeasure, QUORUM, type Scene, WAIT_SECONDS } from './scene.ts';

const MARGIN_SECONDS = 3_600n;

/** The votes of the honest members, the wait where there is one, and the execution; whoever makes the calls stops where one is refused. */
export async function* decided(scene: Scene, open: OpenMeasure, waits: boolean): AsyncGenerator<Plan> {
  const { machine } = scene;
  const honest = INSTITUTIONS.filter((member) => member !== CORRUPT).sort(
    (one, other) => openBy(scene, one) - openBy(scene, other),
  );
  // Nobody else carries it out: the calls after it are made here.
  open.isGivenUp = true;
  for (const member of honest) {
    // Where no honest one is heard, a colleague was talked into it.
    const voter = scene.usable(member, false)[0] ?? scene.usable(member)[0];
    if (voter !== undefined) yield ballot(scene, voter, open);
  }
  if (waits) {
    await machine.waitUntil(scene.now + WAIT_SECONDS + MARGIN_SECONDS);
    if (open.amendments !== scene.amendments) {
      yield { kind: 'open', contract: 'council', method: 'reschedule', args: [open.measure] };
      await machine.waitUntil(scene.now + WAIT_SECONDS + MARGIN_SECONDS);
    }
  }
  yield execution(open);
}

/** Whether the four founding members are left, each of whom the quorum and one more needs. */
const isClose = ({ members, quorum }: Scene): boolean =>
  members.size === INSTITUTIONS.length && quorum === QUORUM;

/** Each measure as its calls; the last of each kind is one that nobody carries out. */
export function* purge(scene: Scene): Generator<AsyncGenerator<Plan>> {
  for (const { officer, institution } of [...scene.hands]) {
    if (institution !== CORRUPT || scene.revoked.has(officer) || !isClose(scene)) continue;
    if (scene.admins(CORRUPT) < 2) return;
    yield decided(scene, measureOf(scene, 'revoke-officer', { name: officer as Bytes32 }), false);
  }
  if (isClose(scene))
    yield decided(scene, measureOf(scene, 'expel-institution', { institution: CORRUPT }), true);
}
