/** What administrators do: appointments, keys, suspensions, revocations, and pauses. */

import type { TypedStruct } from '../../server/domain/acts/typedData.ts';
import { ZERO_32 } from '../../server/domain/base/hex.ts';
import {
  type InstitutionId,
  type OfficeId,
  type OfficerId,
  ROLES,
  roleBits,
  SCOPES,
} from '../../server/domain/base/terms.ts';
import { keyRecord, named, officerOf, possessionOf } from '../chain/signing.ts';
import { execute, lapse, MOST_ADMINS, vote } from './measures.ts';
import { newcomer } from './newcomers.ts';
import { appointmentWith, possessionsWith } from './passkeys.ts';
import { type ActPlan, abiTypes, type OpenPlan, type OrderPlan } from './plan.ts';
import { CORRUPT, type Hand, INSTITUTIONS, LAND, OFFICE_OF, type Scene } from './scene.ts';

const DAY = 86_400n;
/** Officers an institution has in a campaign before somebody leaves: enough that revocations leave some. */
const OFFICERS_MOST = MOST_ADMINS - 1;

type Move = (scene: Scene) => ActPlan | OpenPlan | OrderPlan | undefined;

const MEMBERS = INSTITUTIONS;
const HONEST_MEMBERS = MEMBERS.filter((member) => member !== CORRUPT);

interface ActOptions {
  /** What stands between the act and its signatures. */
  readonly more?: ActPlan['more'];
  readonly office?: OfficeId;
}

export const EVERY_OFFICE = { office: 0 as OfficeId };

export function act(
  scene: Scene,
  contract: 'personnel' | 'safeguards',
  method: string,
  by: readonly [Hand, Hand],
  fields: TypedStruct,
  { more = [], office = OFFICE_OF(by[0].institution) }: ActOptions = {},
): ActPlan {
  const { types, primaryType } = abiTypes(contract, method);
  const message = { head: scene.head(by[0], office), ...fields };
  return { kind: 'act', contract, method, by, types, primaryType, message, more };
}

// ---- Officers -----------------------------------------------------------------------------------------------

const appoint: Move = (scene) => {
  const institution = scene.random.pick(MEMBERS);
  // Now and then one too many.
  const isFull = scene.admins(institution) >= OFFICERS_MOST && !scene.chance(10);
  return isFull || !scene.chance(40) ? undefined : appointment(scene, institution);
};

export function appointment(scene: Scene, institution: InstitutionId): ActPlan | undefined {
  const by = scene.pair(institution);
  if (by === undefined) return undefined;
  const hand = newcomer(scene, institution);
  scene.expect(hand);
  const appointment = appointmentWith(hand, roleBits(ROLES));
  const more = [possessionsWith(hand, scene.machine.domainOf('consortium'))];
  return act(scene, 'personnel', 'appointOfficer', by, { appointment }, { more, ...EVERY_OFFICE });
}

/** A key for another one, which counts after the wait. */
const rotate: Move = (scene) => {
  const institution = scene.random.pick(MEMBERS);
  const by = scene.pair(institution);
  const hands = scene.usable(institution);
  if (by === undefined || hands.length < 4 || !scene.chance(30)) return undefined;
  const chosen = scene.random.pick(hands);
  const hand = scene.chance(30) ? scene.spareOf(chosen) : chosen;
  const { officer, name, epoch } = hand;
  const next = { ...hand, ...officerOf(institution, name, epoch + 2), officer, passkey: undefined };
  const key = keyRecord(next, next.epoch);
  scene.rotating.set(key.keyHash, next);
  const more = [possessionOf(next, scene.machine.domainOf('consortium'), next.epoch)];
  const fields = { officer, epoch, key };
  return act(scene, 'personnel', 'rotateKey', by, fields, { more, ...EVERY_OFFICE });
};

/** Who leaves, while enough stay. */
const leave: Move = (scene) => {
  const institution = scene.random.pick(MEMBERS);
  const hands = scene.usable(institution);
  if (hands.length < 5 || !scene.chance(30)) return undefined;
  const by = scene.random.pick(hands);
  const message = { officer: by.officer, suspectSince: 0n, caseReference: ZERO_32, epoch: by.epoch };
  return { kind: 'order', contract: 'personnel', method: 'resign', message, by };
};

/** Two admins of their institution end somebody who may be corrupt, while enough stay. */
const revoke: Move = (scene) => {
  const institution = scene.random.pick(MEMBERS);
  const by = scene.pair(institution);
  const hands = scene.usable(institution);
  if (by === undefined || hands.length < 5 || !scene.chance(20)) return undefined;
  const { officer } = scene.random.pick(hands);
  const fields = { officer, suspectSince: 0n, caseReference: ZERO_32 };
  return act(scene, 'personnel', 'revokeOfficer', by, fields, EVERY_OFFICE);
};

/** A colleague whom others suspended is heard again, where two find that it was for nothing. */
const free: Move = (scene) => {
  const silent = scene.hands.find(({ officer }) => (scene.silenced.get(officer) ?? 0n) > scene.now);
  const by = silent && scene.pair(silent.institution);
  if (silent === undefined || by === undefined || !scene.chance(60)) return undefined;
  const fields = { officer: silent.officer, caseReference: named('case') };
  return act(scene, 'personnel', 'freeOfficer', by, fields, EVERY_OFFICE);
};

/** An honest officer who sees a corrupt colleague at work. */
const suspect: Move = (scene) => {
  if (!scene.chance(40)) return undefined;
  const [honest] = scene.usable(scene.random.pick(HONEST_MEMBERS), false);
  const corrupt = honest && scene.usable(honest.institution, true)[0];
  const isRested = corrupt && scene.now >= (scene.heldUntil.get(corrupt.officer) ?? 0n) + 31n * DAY;
  return honest && corrupt && isRested ? suspension(scene, honest, corrupt.officer) : undefined;
};

/** One officer suspends a colleague, for a day and a half at most: the end of a campaign waits for two. */
export function suspension(scene: Scene, revoker: Hand, officer: OfficerId): OrderPlan {
  const until = scene.now + BigInt(1 + scene.random.below(130_000));
  const message = {
    ...{ officer, until, caseReference: ZERO_32 },
    ...{ revoker: revoker.officer, revokerEpoch: revoker.epoch },
  };
  return { kind: 'order', contract: 'personnel', method: 'suspendOfficer', message, by: revoker };
}

// ---- Pauses -------------------------------------------------------------------------------------------------

const shortPause: Move = (scene) => {
  if (!scene.chance(8)) return undefined;
  const officer = scene.usable(scene.random.pick(HONEST_MEMBERS), false)[0];
  const bit = scene.random.pick([0, 1, 3, 4]);
  if (officer === undefined || scene.now < (scene.pauses[bit]?.until ?? 0n)) return undefined;
  return stop(officer, 1 << bit, scene.now + BigInt(60 + scene.random.below(1_200)));
};

export function stop(by: Hand, scope: number, until: bigint): OrderPlan {
  const message = { scope, until, caseReference: named('case'), officer: by.officer, epoch: by.epoch };
  return { kind: 'order', contract: 'safeguards', method: 'pause', message: { ...message }, by };
}

const ofTwo = (scene: Scene) => scene.pair(LAND, scene.random.pick(HONEST_MEMBERS.slice(1)), false);

const longPause: Move = (scene) => {
  const bit = scene.random.below(SCOPES.length);
  const until = scene.now + BigInt(300 + scene.random.below(7_200));
  const isShorter = until < (scene.pauses[bit]?.until ?? 0n);
  return isShorter || !scene.chance(6) ? undefined : longStop(scene, 1 << bit, until);
};

/** Two institutions stop scopes for longer than one could. */
export function longStop(scene: Scene, scope: number, until: bigint): ActPlan | undefined {
  const by = ofTwo(scene);
  const fields = { scope, until, pauseSequence: scene.pauseSequence, caseReference: named('case') };
  return by && act(scene, 'safeguards', 'pauseLong', by, fields);
}

const unpause: Move = (scene) => {
  const bit = scene.pauses.findIndex(({ until }) => scene.now < until);
  return bit < 0 ? undefined : release(scene, 1 << bit);
};

export function release(scene: Scene, scope: number): ActPlan | undefined {
  const by = ofTwo(scene);
  const fields = { scope, pauseSequence: scene.pauseSequence, caseReference: named('case') };
  return by && act(scene, 'safeguards', 'unpause', by, fields);
}

const mark: Move = (scene) =>
  scene.chance(10) ? { kind: 'open', contract: 'safeguards', method: 'mark', args: [] } : undefined;

/** By how often each is tried. */
export const POWER_MOVES: readonly (readonly [weight: number, move: Move])[] = [
  [3, appoint],
  [2, leave],
  [1, revoke],
  [3, rotate],
  [1, suspect],
  [1, free],
  [10, vote],
  [6, execute],
  [2, lapse],
  [3, shortPause],
  [2, longPause],
  [6, unpause],
  [1, mark],
];
