/** How a call is made that is whole but for one thing: what an honest move would send, with other fields. */

import type { TypedStruct } from '../../server/domain/acts/typedData.ts';
import type { Bytes32 } from '../../server/domain/base/hex.ts';
import type { InstitutionId } from '../../server/domain/base/terms.ts';
import { BENEFIT_MOVES } from './benefits.ts';
import { LAND_MOVES } from './land.ts';
import { NOTARY_MOVES } from './notary.ts';
import type { OpenPlan, Plan } from './plan.ts';
import type { Scene } from './scene.ts';

export type Edge = readonly [refusal: string, make: (scene: Scene) => Plan | undefined];

/** Of moves that have nothing to do at most times. */
const MOST_TRIES = 8;

/** What an honest move of this name would send; undefined where it has nothing to do. */
export function planOf(scene: Scene, name: string): Plan | undefined {
  const moves = [...LAND_MOVES, ...BENEFIT_MOVES, ...NOTARY_MOVES] as readonly (readonly [number, unknown])[];
  const [, move] = moves.find(([, one]) => (one as { name: string }).name === name) ?? [];
  const cycles = new Map(scene.agency.cycles);
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const isLand = LAND_MOVES.some(([, one]) => one === move);
    const made = isLand
      ? (move as (scene: Scene, isForced: boolean) => Plan | undefined)(scene, false)
      : (move as (scene: Scene, agency: Scene['agency'], isForced: boolean) => Plan | undefined)(
          ...([scene, scene.agency, false] as const),
        );
    // What is refused opens no cycle.
    for (const [programme, last] of cycles) scene.agency.cycles.set(programme, last);
    if (made !== undefined) return made;
  }
  return undefined;
}

/** What changes read of the fields they find. */
interface Message {
  readonly head: object;
  readonly movedBeforeMinor: bigint;
  readonly amountMinor: bigint;
  readonly count: number;
  readonly institution: InstitutionId;
  readonly kind: number;
  readonly epoch: number;
  readonly spendUntil: bigint;
  readonly stones: bigint;
  readonly day: number;
  readonly ids: readonly Bytes32[];
  readonly title: { readonly state: StateMessage };
  readonly releases: readonly object[];
  readonly children: readonly { readonly portion: object }[];
}

export interface StateMessage {
  readonly header: object;
  readonly spatialUnits: readonly object[];
  readonly rights: readonly (Readonly<Record<string, unknown>> & {
    readonly holdings: readonly HoldingMessage[];
  })[];
}

export interface HoldingMessage {
  readonly keyHash: Bytes32;
}

/** The same with other fields, signed anew by the same. */
export function changed(name: string, change: (message: Message, scene: Scene) => object | undefined) {
  return (scene: Scene): Plan | undefined => {
    const made = planOf(scene, name);
    if (made === undefined || made.kind === 'open') return undefined;
    const fields = change(made.message as unknown as Message, scene);
    return fields && { ...made, message: { ...made.message, ...fields } as TypedStruct };
  };
}

export const call = (contract: OpenPlan['contract'], method: string, args: readonly unknown[]): OpenPlan => ({
  ...{ kind: 'open', contract, method, args },
});
