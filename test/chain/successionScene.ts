/** A register of many words is followed by another one, which members vote for with the fold of what it carries. */
import type { Import } from '../../server/domain/audit/succession.ts';
import type { Bytes32 } from '../../server/domain/base/hex.ts';
import { charterNameOf, encodeCall } from '../../server/ledger/contracts.ts';
import { type AskedLedger, type ImportingRegister, recomputeImport } from '../../server/succession.ts';
import { enact } from './powerScenes.ts';
import { named } from './signing.ts';
import { CHARTER, LEDGER_NONCE, type World } from './world.ts';

/** The ledger of a world as a command asks it. */
export function askedOf({ chain }: World): AskedLedger {
  return { provider: chain, pin: chain.pin, charter: CHARTER };
}

/** What a member finds that the successor must be filled with. */
export async function recomputed(world: World, register: ImportingRegister): Promise<Import> {
  const of = { charter: CHARTER, ledger: await world.anotherLedger(), through: world.chain.headNumber };
  return recomputeImport(of, register);
}

/** Deploys a successor, votes it in force with a fold, and loads the chunks. */
export async function succeed(
  world: World,
  register: ImportingRegister,
  carried?: Import,
  isLoaded = true,
): Promise<void> {
  const { addresses } = world;
  const { landTransfers, landCharges, landPartition, landParts, landDivision } = addresses;
  const rules = {
    land: [landTransfers, landCharges, landPartition, landParts, landDivision],
    benefits: [addresses.benefitRules, addresses.standingRules],
    notary: [],
  }[register];
  const successor = await world.deploy(register, [CHARTER, LEDGER_NONCE, addresses[register], ...rules]);
  const { importHash, chunks } = carried ?? (await recomputed(world, register));
  const name = named(charterNameOf(register));
  await enact(world, 'put-in-force', { name, target: successor, value: BigInt(importHash) });
  for (const { slots, words, rest } of isLoaded ? chunks : []) {
    const args: [Bytes32[], Bytes32[], Bytes32] = [[...slots], [...words], rest];
    await world.send(successor, encodeCall('land', 'importWords', args));
  }
  world.replace(register, successor);
}
