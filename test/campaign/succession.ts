/**
 * How members put a register's successor in force: paused first, its words recomputed, voted with their fold, carried out
 * after the wait, filled by whoever calls, and given free again. Registers of few words copy them from their predecessor.
 */

import { importOf, LiveSlots, PRESENTATIONS_SLOT } from '../../server/domain/audit/succession.ts';
import { type Address, type Bytes32, wordOf, ZERO_32 } from '../../server/domain/base/hex.ts';
import { SCOPES } from '../../server/domain/base/terms.ts';
import { charterNameOf } from '../../server/ledger/contracts.ts';
import { FAR_FUTURE, named } from '../chain/signing.ts';
import { measureOf } from './measures.ts';
import type { Plan } from './plan.ts';
import { longStop, release } from './power.ts';
import { decided } from './purge.ts';
import { INSTITUTIONS, type Scene, WAIT_SECONDS } from './scene.ts';

/** One after another; those in the middle carry words of their own choice over. */
export const SUCCEEDED = ['land', 'benefits', 'safeguards', 'personnel'] as const;
type Succeeded = (typeof SUCCEEDED)[number];

const EVERY_SCOPE = 2 ** SCOPES.length - 1;

/** Deploys what the members vote on. */
async function deployed({ machine }: Scene, register: Succeeded): Promise<Address> {
  const { charter, landTransfers, landCharges, landPartition, landParts, landDivision, ...others } =
    machine.contracts;
  const rules = {
    land: [landTransfers, landCharges, landPartition, landParts, landDivision],
    benefits: [others.benefitRules, others.standingRules],
    safeguards: [],
    personnel: [],
  };
  const before = machine.contracts[register];
  return machine.deploy(register, [charter, machine.ledgerNonce, before, ...rules[register]]);
}

/** What the register holds now, as members recompute it. */
async function carriedBy(scene: Scene, register: 'land' | 'benefits') {
  const { machine } = scene;
  const address = machine.contracts[register];
  const live = new LiveSlots();
  for (const event of scene.told) live.apply(event);
  const slots = live.of(address);
  const words = await machine.wordsAt(address, slots);
  const carried = new Map(slots.map((slot, i) => [slot, words[i] ?? ZERO_32]));
  if (register === 'land') {
    const [entries] = (await machine.ask('land', 'entryCount')) as [bigint];
    carried.set(PRESENTATIONS_SLOT, wordOf(BigInt(carried.get(PRESENTATIONS_SLOT) ?? 0n) + entries));
  }
  return importOf(carried);
}

/** An act that nobody signed is withdrawn by an officer: an entry that a pause does not keep out. */
function withdrawal(scene: Scene, register: 'land' | 'benefits'): Plan | undefined {
  const by = INSTITUTIONS.flatMap((institution) => scene.usable(institution))[0];
  if (by === undefined) return undefined;
  const of = { officer: by.officer, epoch: by.epoch };
  const message = { entryId: scene.drafts.id(), actDeadline: FAR_FUTURE, ...of };
  return { kind: 'order', contract: register, method: 'withdraw', message, by };
}

/**
 * The calls, each made before the next is asked for; whoever makes them stops where one is refused. Of a late one something is
 * recorded after the successor was deployed, so that the execution is refused and nothing follows.
 */
export async function* succession(scene: Scene, register: Succeeded, isLate = false): AsyncGenerator<Plan> {
  const isImporting = register === 'land' || register === 'benefits';
  const stopped = isImporting ? longStop(scene, EVERY_SCOPE, scene.now + 3n * WAIT_SECONDS) : undefined;
  if (stopped !== undefined) yield stopped;
  const target = await deployed(scene, register);
  const late = isImporting && isLate ? withdrawal(scene, register) : undefined;
  if (isLate && late === undefined) return;
  if (late !== undefined) yield late;
  const carried = isImporting ? await carriedBy(scene, register) : undefined;
  const name = named(charterNameOf(register)) as Bytes32;
  const open = measureOf(scene, 'put-in-force', { name, target, value: BigInt(carried?.importHash ?? 0n) });
  yield* decided(scene, open, true);
  if (!isLate) yield* begun(scene, register, target, carried?.chunks ?? []);
  const freed = stopped && release(scene, EVERY_SCOPE);
  if (freed !== undefined) yield freed;
}

/** What the successor is filled with before it begins. */
async function* begun(
  { machine }: Scene,
  register: Succeeded,
  target: Address,
  chunks: ReturnType<typeof importOf>['chunks'],
): AsyncGenerator<Plan> {
  machine.replace(register, target);
  if (register === 'benefits')
    machine.replace('benefitViews', await machine.deploy('benefitViews', [target]));
  for (const { slots, words, rest } of chunks)
    yield { kind: 'open', contract: register, method: 'importWords', args: [slots, words, rest] };
}
