/** What members and administrators do: votes, appointments, keys, pauses, and what anybody may carry out after them. */

import { digest, type TypedStruct } from '../../server/domain/acts/typedData.ts';
import { type Bytes32, ZERO_32, ZERO_ADDRESS } from '../../server/domain/base/hex.ts';
import {
  type InstitutionId,
  MEASURE_KINDS,
  type MeasureKind,
  type OfficeId,
  type OfficerId,
  ROLES,
  roleBits,
  SCOPES,
} from '../../server/domain/base/terms.ts';
import { tierPolicy } from '../../server/domain/benefits/policies.ts';
import { appointmentOf, keyRecord, named, officerOf, possessionOf, possessionsOf } from '../chain/signing.ts';
import { type ActPlan, abiTypes, type OpenPlan, type OrderPlan } from './plan.ts';
import {
  CORRUPT,
  CURRENCY,
  type Hand,
  INSTITUTIONS,
  LAND,
  OFFICE_OF,
  type OpenMeasure,
  type Scene,
  TIER_MINOR,
  validatorOf,
} from './scene.ts';

const DAY = 86_400n;
/** Officers an institution has at most in a campaign: enough that revocations leave some. */
const OFFICERS_MOST = 8;

type Move = (scene: Scene) => ActPlan | OpenPlan | OrderPlan | undefined;

const MEMBERS = INSTITUTIONS;
const HONEST_MEMBERS = MEMBERS.filter((member) => member !== CORRUPT);

interface ActOptions {
  /** What stands between the act and its signatures. */
  readonly more?: ActPlan['more'];
  readonly office?: OfficeId;
}

const EVERY_OFFICE = { office: 0 as OfficeId };

function act(
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

let made = 0;

/** Somebody new at an institution, with a key of their own. */
function newcomer(institution: InstitutionId): Hand {
  made += 1;
  return {
    ...officerOf(institution, `newcomer ${made}`),
    isCorrupt: institution === CORRUPT || made % 2 === 0,
  };
}

const appoint: Move = (scene) => {
  const institution = scene.random.pick(MEMBERS);
  const isFull = scene.usable(institution).length >= OFFICERS_MOST;
  return isFull || !scene.chance(40) ? undefined : appointment(scene, institution);
};

export function appointment(scene: Scene, institution: InstitutionId): ActPlan | undefined {
  const by = scene.pair(institution);
  if (by === undefined) return undefined;
  const hand = newcomer(institution);
  scene.hands.push(hand);
  scene.activeFrom.set(hand.officer, 2n ** 60n);
  const appointment = appointmentOf(hand, roleBits(ROLES));
  const more = [possessionsOf(hand, scene.machine.domainOf('consortium'))];
  return act(scene, 'personnel', 'appointOfficer', by, { appointment }, { more, ...EVERY_OFFICE });
}

/** A key for another one, which counts after the wait. */
const rotate: Move = (scene) => {
  const institution = scene.random.pick(MEMBERS);
  const by = scene.pair(institution);
  const hands = scene.usable(institution);
  if (by === undefined || hands.length < 4 || !scene.chance(30)) return undefined;
  const hand = scene.random.pick(hands);
  const next = { ...hand, ...officerOf(institution, hand.name, hand.epoch + 2) };
  const key = keyRecord(next, next.epoch);
  scene.rotating.set(key.keyHash, next);
  const more = [possessionOf(next, scene.machine.domainOf('consortium'), next.epoch)];
  const fields = { officer: hand.officer, epoch: hand.epoch, key };
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

/** One officer suspends a colleague, for a day and a half at most: the end of a campaign waits for two. */
export function suspension(scene: Scene, revoker: Hand, officer: OfficerId): OrderPlan {
  const until = scene.now + BigInt(1 + scene.random.below(130_000));
  const message = {
    ...{ officer, until, caseReference: ZERO_32 },
    ...{ revoker: revoker.officer, revokerEpoch: revoker.epoch },
  };
  return { kind: 'order', contract: 'personnel', method: 'suspendOfficer', message, by: revoker };
}

// ---- Measures -----------------------------------------------------------------------------------------------

/** What honest members decide: nothing that ends them, and each thing that can be taken back. */
const DECIDED: readonly (readonly [MeasureKind, (scene: Scene) => object])[] = [
  [
    'set-policy',
    (scene) => ({ name: tierPolicy(CURRENCY), value: TIER_MINOR + BigInt(scene.random.below(9)) }),
  ],
  ['set-policy', (scene) => ({ name: named('a policy'), value: BigInt(scene.random.below(9)) })],
  ['set-widening-wait', () => ({ value: DAY })],
  ['set-appointment-wait', () => ({ value: DAY })],
  [
    'add-validator',
    (scene) => ({
      target: validatorOf(5 + scene.random.below(4)),
      institution: 1 + scene.random.below(3),
    }),
  ],
  ['remove-validator', (scene) => ({ target: validatorOf(1 + scene.random.below(8)) })],
  ['suspend-institution', () => ({ institution: CORRUPT })],
  ['lift-suspension', () => ({ institution: CORRUPT })],
  ['set-institution-roles', (scene) => ({ institution: scene.random.pick(MEMBERS), value: roleBits(ROLES) })],
  ['move-office', (scene) => ({ institution: CORRUPT, value: BigInt(20 + scene.random.below(5)) })],
  ['set-quorum', (scene) => ({ value: BigInt(2 + scene.random.below(2)) })],
  ['pass-authority', (scene) => ({ target: scene.weaker })],
];

/** What a corrupt member would like: whatever ends the others. */
const WISHED: typeof DECIDED = [
  ['expel-institution', (scene) => ({ institution: scene.random.pick(HONEST_MEMBERS) })],
  ['suspend-institution', (scene) => ({ institution: scene.random.pick(HONEST_MEMBERS) })],
  ['set-quorum', (scene) => ({ value: BigInt(scene.random.below(6)) })],
  ['set-widening-wait', () => ({ value: 0n })],
  ['remove-validator', (scene) => ({ target: validatorOf(1 + scene.random.below(4)) })],
  ['pass-authority', () => ({ target: validatorOf(1) })],
  ['put-in-force', () => ({ name: named('LandRegistry'), target: validatorOf(2), value: 0n })],
  ['put-in-force', () => ({ name: named('Safeguards'), target: validatorOf(2), value: 0n })],
  ['set-policy', () => ({ name: tierPolicy(CURRENCY), value: 2n ** 200n })],
  ['allow-verifier', () => ({ target: validatorOf(3), value: 2n })],
  ['disallow-verifier', () => ({ target: validatorOf(3) })],
];

function measureOf(scene: Scene, [kind, fields]: (typeof DECIDED)[number]): TypedStruct {
  return {
    ...{ kind: MEASURE_KINDS.indexOf(kind), institution: 0, target: ZERO_ADDRESS, name: ZERO_32, value: 0n },
    ...{ appointmentsHash: ZERO_32, closesAt: scene.now + 5n * DAY, salt: scene.salt() },
    ...fields(scene),
  };
}

const voteTypes = () => abiTypes('council', 'vote').types;

/** The measure's id: its digest in the consortium's domain. */
export function measureId(scene: Scene, measure: TypedStruct): Bytes32 {
  return digest(scene.machine.domainOf('consortium'), voteTypes(), 'Measure', measure) as Bytes32;
}

export function ballot(scene: Scene, voter: Hand, open: OpenMeasure, inFavour = true): OrderPlan {
  const { measure } = open;
  scene.measures.set(measureId(scene, measure as TypedStruct), open);
  const message = { measure, inFavour, officer: voter.officer, epoch: voter.epoch } as TypedStruct;
  return { kind: 'order', contract: 'council', method: 'vote', message, by: voter };
}

const isMember = (scene: Scene, institution: InstitutionId) =>
  !scene.suspended.has(institution) && !scene.expelled.has(institution);

/** The honest members carry one measure at a time, so that what they open comes to its end. */
function carried(scene: Scene): OpenMeasure | undefined {
  return [...scene.measures.values()].findLast(
    ({ isOver, isWished, isGivenUp }) => !isOver && !isWished && !isGivenUp,
  );
}

const vote: Move = (scene) => {
  const open = carried(scene);
  const isLate = open !== undefined && scene.now > (open.measure.closesAt as bigint);
  if (open === undefined || isLate) {
    const voter = scene.usable(scene.random.pick(HONEST_MEMBERS), false)[0];
    if (voter === undefined) return undefined;
    const isStopped = scene.suspended.has(CORRUPT);
    const useless = isStopped ? 'suspend-institution' : 'lift-suspension';
    const decided = DECIDED.filter(([kind]) => kind !== useless);
    const measure = measureOf(scene, scene.random.pick(decided));
    return ballot(scene, voter, opened(measure, false));
  }
  const voters = HONEST_MEMBERS.filter(
    (member) => !open.inFavour.has(member) && !open.against.has(member) && isMember(scene, member),
  );
  const voter = voters.flatMap((member) => scene.usable(member, false))[0];
  return voter && ballot(scene, voter, open);
};

/** A measure that hurts nobody. */
export function anyMeasure(scene: Scene): OpenMeasure {
  const fields = () => ({ name: named('going on'), value: scene.salt() });
  return opened(measureOf(scene, ['set-policy', fields]), false);
}

function opened(measure: TypedStruct, isWished: boolean): OpenMeasure {
  return { measure, inFavour: new Set(), against: new Set(), ...BEGUN, isWished };
}

const execute: Move = (scene) => {
  const due = [...scene.measures.values()].find(
    ({ isOver, isWished, isGivenUp, executableFrom }) =>
      !isOver && !isWished && !isGivenUp && executableFrom !== 0n && executableFrom <= scene.now,
  );
  if (due !== undefined && due.amendments !== scene.amendments)
    return { kind: 'open', contract: 'council', method: 'reschedule', args: [due.measure] };
  return (
    due && { kind: 'open', contract: 'council', method: 'execute', args: [due.measure, due.appointments, []] }
  );
};

const lapse: Move = (scene) => {
  const over = [...scene.measures.values()].find(
    ({ isOver, executableFrom, measure }) =>
      !isOver && executableFrom === 0n && scene.now > (measure.closesAt as bigint),
  );
  return over && { kind: 'open', contract: 'council', method: 'lapse', args: [over.measure] };
};

const BEGUN = { appointments: [], executableFrom: 0n, amendments: 0, isOver: false, isGivenUp: false };

/** A vote of a corrupt member, for what it wishes or against what the others do. */
export const wish: Move = (scene) => {
  // A corrupt officer speaks for an honest member now and then, before its colleagues do.
  const isOwn = !scene.chance(15);
  const voters = scene.hands.filter(
    (hand) => hand.isCorrupt && scene.isUsable(hand) && (!isOwn || hand.institution === CORRUPT),
  );
  if (voters.length === 0) return undefined;
  const corrupt = scene.random.pick(voters);
  const known = [...scene.measures.values()].filter(({ isOver }) => !isOver);
  if (known.length > 0 && scene.chance(60)) {
    return ballot(scene, corrupt, scene.random.pick(known), scene.chance(70));
  }
  return ballot(scene, corrupt, opened(measureOf(scene, scene.random.pick(WISHED)), true));
};

/** What nobody has a quorum for, or has not waited for. */
export const rush: Move = (scene) => {
  const known = [...scene.measures.values()];
  if (known.length === 0) return undefined;
  const { measure, appointments } = scene.random.pick(known);
  const method = scene.random.pick(['execute', 'lapse', 'reschedule']);
  const args = method === 'execute' ? [measure, appointments, []] : [measure];
  return { kind: 'open', contract: 'council', method, args };
};

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

const longPause: Move = (scene) => {
  const by = scene.chance(6)
    ? scene.pair(LAND, scene.random.pick(HONEST_MEMBERS.slice(1)), false)
    : undefined;
  if (by === undefined) return undefined;
  const bit = scene.random.below(SCOPES.length);
  const until = scene.now + BigInt(300 + scene.random.below(7_200));
  if (until < (scene.pauses[bit]?.until ?? 0n)) return undefined;
  return act(scene, 'safeguards', 'pauseLong', by, {
    ...{ scope: 1 << bit, until, pauseSequence: scene.pauseSequence, caseReference: named('case') },
  });
};

const unpause: Move = (scene) => {
  const bit = scene.pauses.findIndex(({ until }) => scene.now < until);
  const by = scene.pair(LAND, scene.random.pick(HONEST_MEMBERS.slice(1)), false);
  if (bit < 0 || by === undefined) return undefined;
  const fields = { scope: 1 << bit, pauseSequence: scene.pauseSequence, caseReference: named('case') };
  return act(scene, 'safeguards', 'unpause', by, fields);
};

const mark: Move = (scene) =>
  scene.chance(10) ? { kind: 'open', contract: 'safeguards', method: 'mark', args: [] } : undefined;

/** By how often each is tried. */
export const POWER_MOVES: readonly (readonly [weight: number, move: Move])[] = [
  [3, appoint],
  [2, leave],
  [1, revoke],
  [2, rotate],
  [8, vote],
  [6, execute],
  [2, lapse],
  [3, shortPause],
  [2, longPause],
  [6, unpause],
  [1, mark],
];
