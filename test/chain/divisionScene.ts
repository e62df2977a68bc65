/** A unit that becomes more units than one act makes, through the contracts: opened, loaded, completed, cancelled. */
import type { EventBlock } from '../../server/domain/acts/events.ts';
import { type Bytes32, ZERO_32 } from '../../server/domain/base/hex.ts';
import type { Child } from '../../server/domain/land/acts.ts';
import { toMessage } from '../../server/domain/land/codec.ts';
import { foldOf } from '../../server/domain/land/hashes.ts';
import { encodeCall } from '../../server/ledger/contracts.ts';
import { BY_TWO, plotOf, shown, unitId } from './scenes.ts';
import { named } from './signing.ts';
import type { World } from './world.ts';

/** Five plots of a unit; `again` tells divisions of the same ground apart, by ids and by facts. */
export function plotsOf(name: string, again = ''): readonly Child[] {
  return [1, 2, 3, 4, 5].map((plot) => ({
    portion: {
      baUnit: unitId(`${name}/${plot}${again}`),
      spatialUnits: [plotOf(`${name}/${plot}`)],
      quotaNumerator: 0n,
    },
    factsRoot: named(`facts of ${name}/${plot}${again}`),
  }));
}

export async function openDivision(world: World, name: string, children: readonly Child[]): Promise<void> {
  const { change, prior } = await shown(world, name);
  const act = { unit: change, memberCount: children.length, membersRoot: foldOf(children) };
  await world.act('landDivision', 'openDivision', act, { by: BY_TWO, more: [prior, []] });
}

export async function cancelDivision(world: World, name: string): Promise<void> {
  const { change, prior } = await shown(world, name);
  await world.act('landDivision', 'cancelDivision', { unit: change }, { by: BY_TWO, more: [prior] });
}

/** Children from one place to another; `rest` is the fold of those after them. */
export async function loadChildren(
  world: World,
  name: string,
  children: readonly Child[],
  rest: Bytes32 = ZERO_32,
): Promise<void> {
  const args = [unitId(name), messages(children), rest];
  await world.send(world.addresses.landDivision, encodeCall('landDivision', 'loadChildren', args as never));
}

export async function completeDivision(
  world: World,
  name: string,
  children: readonly Child[],
): Promise<void> {
  const { prior } = await shown(world, name);
  const args = [unitId(name), prior, messages(children)];
  await world.send(
    world.addresses.landDivision,
    encodeCall('landDivision', 'completeDivision', args as never),
  );
}

const messages = (children: readonly Child[]) => children.map((child) => toMessage('Child', child));

/** The blocks with what a name's events say changed. */
export function changed(
  blocks: readonly EventBlock[],
  change: (event: EventBlock['events'][number]) => EventBlock['events'][number] | undefined,
): EventBlock[] {
  return blocks.map((block) => ({ ...block, events: block.events.flatMap((event) => change(event) ?? []) }));
}
