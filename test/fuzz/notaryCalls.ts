/** What two institutions have recorded: their recorders, the roots of their logs, and the keys they destroyed. */

import { addressOfPrivateKey, signCompact } from '../../server/domain/acts/signing.ts';
import { type Bytes32, fromHex, toHex, ZERO_32 } from '../../server/domain/base/hex.ts';
import type { InstitutionId } from '../../server/domain/base/terms.ts';
import { NO_RECORDER, NO_ROOT, NOTARY_TYPES } from '../../server/domain/notary/roots.ts';
import { keccak256 } from '../../server/ledger/keccak.ts';
import { headOf, named } from '../chain/signing.ts';
import { APPROVER, PREPARER, SECOND_APPROVER, SECOND_PREPARER } from '../chain/world.ts';
import { byOne, byTwo, digestRaw, hashRaw, type Value } from './calls.ts';
import type { Maker, Town } from './town.ts';

const ADMINS = [
  [PREPARER, APPROVER],
  [SECOND_PREPARER, SECOND_APPROVER],
] as const;

/** The recorder key of an institution by its number. */
const keyOf = (institution: number, epoch: number) => fromHex(named(`recorder ${institution} ${epoch}`));
const keyHashOf = (institution: number, epoch: number) =>
  toHex(keccak256(fromHex(addressOfPrivateKey(keyOf(institution, epoch))))) as Bytes32;

async function recorderOf(town: Town) {
  const institution = (1 + town.random.below(2)) as InstitutionId;
  const recorder = (await town.world.views.notary.recorder(institution)) ?? NO_RECORDER;
  return { institution, recorder, admins: ADMINS[institution - 1] as (typeof ADMINS)[number] };
}

const appoint: Maker = async (town) => {
  const { world } = town;
  const { institution, recorder, admins } = await recorderOf(town);
  if (recorder.keyHash !== ZERO_32 && !town.chance(6)) return undefined;
  const epoch = recorder.epoch + 1;
  const keyHash = keyHashOf(institution, epoch);
  const possessed = hashRaw(NOTARY_TYPES, 'KeyPossession', {
    officerId: ZERO_32,
    keyHash,
    epoch,
    institution,
  });
  const possession = signCompact(digestRaw(world, 'notary', possessed), keyOf(institution, epoch));
  const head = headOf(admins[0], town.salt()) as unknown as Value;
  const act = { head, institution, epochBefore: recorder.epoch, keyHash };
  const sign = byTwo(world, 'notary', 'appointRecorder', admins);
  return { contract: 'notary', method: 'appointRecorder', args: [act, possession], sign };
};

const revoke: Maker = async (town) => {
  const { institution, recorder, admins } = await recorderOf(town);
  if (recorder.keyHash === ZERO_32 || !town.chance(6)) return undefined;
  const head = headOf(admins[0], town.salt()) as unknown as Value;
  const act = { head, institution, epoch: recorder.epoch };
  const sign = byTwo(town.world, 'notary', 'revokeRecorder', admins);
  return { contract: 'notary', method: 'revokeRecorder', args: [act], sign };
};

const recordRoot: Maker = async (town) => {
  const { institution, recorder } = await recorderOf(town);
  if (recorder.keyHash === ZERO_32 || recorder.activeFrom > town.now) return undefined;
  const [number, kind] = town.random.pick([
    [1, 'access-log'],
    [2, 'published-files'],
    [3, 'checkpoint'],
  ] as const);
  const { rows } = await town.world.views.notary.roots(institution, kind, { newestFirst: true, limit: 1 });
  const { index, lines, recordedAt } = rows[0] ?? NO_ROOT;
  if (recordedAt + 3_600n > town.now) return undefined;
  const record = {
    ...{ institution, epoch: recorder.epoch, kind: number, index: index + 1n, root: town.id() },
    ...{ lines: lines + BigInt(town.random.below(100)), stones: number === 1 ? recorder.stones : 0n },
    day: town.now / 86_400n,
  };
  const sign = byOne(town.world, 'notary', 'recordRoot', { key: keyOf(institution, recorder.epoch) });
  return { contract: 'notary', method: 'recordRoot', args: [record], sign };
};

const recordErasure: Maker = async (town) => {
  const { institution, recorder } = await recorderOf(town);
  if (recorder.keyHash === ZERO_32 || recorder.activeFrom > town.now) return undefined;
  const ids = Array.from({ length: 1 + town.random.below(4) }, () => town.id()).sort();
  const erasure = { institution, epoch: recorder.epoch, stonesBefore: recorder.stones, ids };
  const sign = byOne(town.world, 'notary', 'recordErasure', { key: keyOf(institution, recorder.epoch) });
  return { contract: 'notary', method: 'recordErasure', args: [erasure], sign };
};

export const NOTARY_CALLS: readonly Maker[] = [appoint, revoke, recordRoot, recordRoot, recordErasure];
