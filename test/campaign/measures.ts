/** What members vote on: honest members carry what each of them can take back, and now and then what somebody talked them into. */

import { digest, hashStruct, type TypedStruct } from '../../server/domain/acts/typedData.ts';
import { type Address, type Bytes32, wordOf, ZERO_32, ZERO_ADDRESS } from '../../server/domain/base/hex.ts';
import {
  type InstitutionId,
  KEY_KINDS,
  MEASURE_KINDS,
  type MeasureKind,
  ROLES,
  roleBits,
} from '../../server/domain/base/terms.ts';
import { tierPolicy } from '../../server/domain/benefits/policies.ts';
import { hashOfWords } from '../../server/domain/land/hashes.ts';
import { named } from '../chain/signing.ts';
import { newcomer } from './newcomers.ts';
import { appointmentWith, possessionsWith } from './passkeys.ts';
import { abiTypes, type OpenPlan, type OrderPlan } from './plan.ts';
import {
  CORRUPT,
  CURRENCY,
  type Hand,
  INSTITUTIONS,
  LAND,
  type OpenMeasure,
  type Scene,
  TIER_MINOR,
  validatorOf,
} from './scene.ts';

const DAY = 86_400n;
const HOUR = 3_600n;
/** What nobody carried out for so long is decided again. */
const EXECUTION_SECONDS = 30n * DAY;
/** Officers of every office whom an institution has at most. */
export const MOST_ADMINS = 7;
const EVERY_ROLE = BigInt(roleBits(ROLES));
/** Honest members carry so many at once. */
const MOST_CARRIED = 4;
/** Of a hundred measures, so many that honest members were talked into. */
const MISLED_PERCENT = 25;
/** How many measures of one institution may be open, and how much room is left for what cannot wait. */
const [MOST_OPEN, ROOM] = [8, 2];
/** Longer ago no halt is recorded. */
const HALT_AGE = 13n * DAY;
/** Three members there are always, and a fourth may come and go. */
const MOST_MEMBERS = 5;

const HONEST_MEMBERS = INSTITUTIONS.filter((member) => member !== CORRUPT);

type Move = (scene: Scene) => OpenPlan | OrderPlan | undefined;

/** What a measure says beside its kind; undefined where there is nothing to decide. */
interface Wanted {
  readonly institution?: number;
  readonly target?: Address;
  readonly name?: Bytes32;
  readonly value?: bigint;
  /** Whom it appoints. */
  readonly newcomers?: readonly Hand[];
}
type Proposal = readonly [MeasureKind, (scene: Scene) => Wanted | undefined];

const fresh = (scene: Scene) => validatorOf(5 + scene.random.below(60));
const passkeyKinds = ['p256', 'webauthn'] as const;
const kindNumber = (kind: (typeof passkeyKinds)[number]) => BigInt(KEY_KINDS.indexOf(kind));
const seniors = (scene: Scene, institution: number, count: number) =>
  Array.from({ length: count }, () => newcomer(scene, institution as InstitutionId));

function seating(scene: Scene, institution: number, count = 3): Wanted {
  return { institution, newcomers: seniors(scene, institution, count) };
}

const corruptOfficer = (scene: Scene) =>
  scene.hands.find((hand) => hand.isCorrupt && !scene.revoked.has(hand.officer) && scene.isUsable(hand))
    ?.officer;

/** A span of the newest silence that is an hour at least. */
function silence({ silences, now }: Scene): Wanted | undefined {
  const { newest } = silences;
  if (newest === undefined || now - newest.to > HALT_AGE || newest.to - newest.from < HOUR) return undefined;
  const words = silences.wordsOf(newest.from, newest.to);
  return words && { name: wordOf(words.span), value: words.places };
}

/** What honest members decide: nothing that ends them, and each thing that can be taken back. */
const DECIDED: readonly Proposal[] = [
  [
    'set-policy',
    (scene) => ({ name: tierPolicy(CURRENCY), value: TIER_MINOR + BigInt(scene.random.below(9)) }),
  ],
  ['set-policy', (scene) => ({ name: named('a policy'), value: BigInt(scene.random.below(9)) })],
  ['set-widening-wait', () => ({ value: DAY })],
  ['set-appointment-wait', () => ({ value: DAY })],
  ['add-validator', (scene) => ({ target: fresh(scene), institution: 1 + scene.random.below(3) })],
  ['remove-validator', ({ random, validators }) => ({ target: random.pick([...validators.keys()]) })],
  [
    'replace-validator',
    (scene) => {
      const [validator, institution] = scene.random.pick([...scene.validators]);
      return { target: fresh(scene), institution, name: wordOf(BigInt(validator)) };
    },
  ],
  ['suspend-institution', (scene) => (scene.suspended.has(CORRUPT) ? undefined : { institution: CORRUPT })],
  ['lift-suspension', (scene) => (scene.suspended.has(CORRUPT) ? { institution: CORRUPT } : undefined)],
  ['set-institution-roles', (scene) => ({ institution: scene.random.pick(INSTITUTIONS), value: EVERY_ROLE })],
  ['move-office', (scene) => ({ institution: CORRUPT, value: BigInt(20 + scene.random.below(5)) })],
  ['set-quorum', (scene) => ({ value: BigInt(2 + scene.random.below(2)) })],
  ['pass-authority', (scene) => ({ target: scene.weaker })],
  ['record-halt', silence],
  ['record-halt', silence],
  [
    'allow-verifier',
    ({ verifiers, machine }) => {
      const kind = passkeyKinds.find((one) => !verifiers.has(one));
      return kind && { target: machine.contracts[kind], value: kindNumber(kind) };
    },
  ],
  [
    'disallow-verifier',
    ({ verifiers, random }) => {
      const known = [...verifiers.values()];
      return known.length === 0 || random.below(3) > 0 ? undefined : { target: random.pick(known) };
    },
  ],
  [
    'revoke-officer',
    (scene) => {
      const name = corruptOfficer(scene);
      return name && { name };
    },
  ],
  [
    'free-officer',
    (scene) => {
      const name = [...scene.silenced].find(([, until]) => until > scene.now)?.[0];
      return name && { name };
    },
  ],
  [
    'admit-institution',
    (scene) =>
      scene.members.size >= MOST_MEMBERS
        ? undefined
        : { ...seating(scene, 1 + INSTITUTIONS.length + scene.expelled.size), value: EVERY_ROLE },
  ],
  [
    'expel-institution',
    ({ members }) => {
      const guest = [...members].find((member) => member > CORRUPT);
      return guest && { institution: guest };
    },
  ],
  [
    'reseat-institution',
    (scene) =>
      scene.usable(CORRUPT).length < 2 &&
      !scene.expelled.has(CORRUPT) &&
      scene.admins(CORRUPT) + 2 <= MOST_ADMINS
        ? seating(scene, CORRUPT, 2)
        : undefined,
  ],
];

/** What somebody talked them into: to be refused, or to harm nobody. */
const MISLED: readonly Proposal[] = [
  ['set-quorum', (scene) => ({ value: BigInt(scene.random.pick([0, 1, 9, 300])) })],
  ['set-widening-wait', () => ({ value: 0n })],
  ['set-appointment-wait', () => ({ value: 1n })],
  ['set-institution-roles', () => ({ institution: CORRUPT, value: 2n ** 40n })],
  ['set-institution-roles', () => ({ institution: 9, value: EVERY_ROLE })],
  ['remove-validator', () => ({ target: validatorOf(99) })],
  ['remove-validator', ({ random, validators }) => ({ target: random.pick([...validators.keys()]) })],
  [
    'add-validator',
    ({ validators }) => ({ target: [...validators.keys()][0] ?? validatorOf(1), institution: 1 }),
  ],
  ['add-validator', (scene) => ({ target: fresh(scene), institution: 9 })],
  ['add-validator', (scene) => ({ target: fresh(scene), institution: 1 })],
  [
    'replace-validator',
    (scene) => {
      const [validator] = scene.random.pick([...scene.validators]);
      return {
        target: fresh(scene),
        institution: 1 + scene.random.below(4),
        name: wordOf(BigInt(validator)),
      };
    },
  ],
  ['put-in-force', () => ({ name: named('LandRegistry'), target: validatorOf(2) })],
  ['put-in-force', ({ machine }) => ({ name: named('Hearsay'), target: machine.contracts.benefitRules })],
  ['put-in-force', ({ machine }) => ({ name: named('Personnel'), target: machine.contracts.benefits })],
  ['put-in-force', ({ machine }) => ({ name: named('Safeguards'), target: machine.contracts.council })],
  ['pass-authority', () => ({ target: validatorOf(1) })],
  ['expel-institution', () => ({ institution: 9 })],
  ['suspend-institution', () => ({ institution: 9 })],
  ['lift-suspension', () => ({ institution: LAND })],
  ['admit-institution', (scene) => ({ ...seating(scene, LAND), value: EVERY_ROLE })],
  ['admit-institution', (scene) => ({ ...seating(scene, 60, 1), value: EVERY_ROLE })],
  [
    'admit-institution',
    (scene) => ({ institution: 61, newcomers: seniors(scene, 62, 3), value: EVERY_ROLE }),
  ],
  ['reseat-institution', (scene) => seating(scene, LAND)],
  ['move-office', () => ({ institution: LAND, value: 1n })],
  ['move-office', () => ({ institution: LAND, value: 2n ** 40n })],
  ['allow-verifier', (scene) => ({ target: fresh(scene), value: 1n })],
  ['allow-verifier', (scene) => ({ target: fresh(scene), value: 9n })],
  ['disallow-verifier', (scene) => ({ target: fresh(scene) })],
  ['free-officer', (scene) => ({ name: scene.hands[0]?.officer ?? ZERO_32 })],
  ['revoke-officer', () => ({ name: named('nobody') })],
  ['set-policy', () => ({ name: tierPolicy(CURRENCY), value: 2n ** 200n })],
  ['record-halt', ({ now }) => ({ name: wordOf(((now - 2n * HOUR) << 64n) | now), value: 0n })],
  [
    'record-halt',
    (scene) => {
      const found = silence(scene);
      const { from = 0n, to = 0n } = scene.silences.newest ?? {};
      const [earlier, later] = scene.chance(50) ? [from - 2n * HOUR, to] : [from, to + 2n * HOUR];
      return found && { ...found, name: wordOf((earlier << 64n) | later) };
    },
  ],
  [
    'record-halt',
    ({ now, silences }) => {
      const words = silences.wordsOf(now - 30n * DAY, now - 29n * DAY);
      return { name: wordOf(((now - 30n * DAY) << 64n) | (now - 29n * DAY)), value: words?.places ?? 1n };
    },
  ],
];

/** What a corrupt member would like: whatever ends the others. */
const WISHED: readonly Proposal[] = [
  ['expel-institution', ({ random }) => ({ institution: random.pick(HONEST_MEMBERS) })],
  ['suspend-institution', ({ random }) => ({ institution: random.pick(HONEST_MEMBERS) })],
  ['set-quorum', ({ random }) => ({ value: BigInt(random.below(6)) })],
  ['set-widening-wait', () => ({ value: 0n })],
  ['remove-validator', ({ random }) => ({ target: validatorOf(1 + random.below(4)) })],
  ['pass-authority', () => ({ target: validatorOf(1) })],
  ['put-in-force', () => ({ name: named('LandRegistry'), target: validatorOf(2) })],
  ['put-in-force', () => ({ name: named('Safeguards'), target: validatorOf(2) })],
  ['set-policy', () => ({ name: tierPolicy(CURRENCY), value: 2n ** 200n })],
  ['allow-verifier', () => ({ target: validatorOf(3), value: 2n })],
  ['disallow-verifier', () => ({ target: validatorOf(3) })],
  ['record-halt', ({ now }) => ({ name: wordOf(((now - 5n * HOUR) << 64n) | now), value: 1n })],
];

/** What is next in a list, each once before any comes again, and what it says; undefined where it has nothing to decide. */
function proposed(scene: Scene, list: readonly Proposal[], isWished: boolean): OpenMeasure | undefined {
  const turn = scene.turns.get(list) ?? [];
  scene.turns.set(list, turn);
  if (turn.length === 0) turn.push(...list.keys());
  const [at = 0] = turn.splice(scene.random.below(turn.length), 1);
  const [kind, want] = list[at] ?? scene.random.pick(list);
  const wanted = want(scene);
  return wanted && measureOf(scene, kind, wanted, isWished);
}

export function measureOf(
  scene: Scene,
  kind: MeasureKind,
  { newcomers = [], ...fields }: Wanted,
  isWished = false,
): OpenMeasure {
  const appointments = newcomers.map((hand) => appointmentWith(hand, roleBits(ROLES)));
  const domain = scene.machine.domainOf('consortium');
  const possessions = newcomers.map((hand) => possessionsWith(hand, domain));
  for (const hand of newcomers) scene.expect(hand);
  const { types } = abiTypes('personnel', 'appointOfficer');
  const hashes = appointments.map((appointment) => hashStruct(types, 'Appointment', appointment));
  const measure = {
    ...{ kind: MEASURE_KINDS.indexOf(kind), institution: 0, target: ZERO_ADDRESS, name: ZERO_32, value: 0n },
    ...{ appointmentsHash: hashes.length === 0 ? ZERO_32 : hashOfWords(hashes) },
    ...{ closesAt: scene.now + BigInt(scene.random.pick([1, 5, 5, 5])) * DAY, salt: scene.salt() },
    ...fields,
  };
  return {
    ...{ measure, appointments, possessions, isWished, inFavour: new Set(), against: new Set() },
    ...{ openedBy: undefined, executableFrom: 0n, amendments: 0, isOver: false, isGivenUp: false },
  };
}

/** The measure's id: its digest in the consortium's domain. */
function measureId(scene: Scene, measure: TypedStruct): Bytes32 {
  const { types } = abiTypes('council', 'vote');
  return digest(scene.machine.domainOf('consortium'), types, 'Measure', measure) as Bytes32;
}

export function ballot(scene: Scene, voter: Hand, open: OpenMeasure, inFavour = true): OrderPlan {
  const { measure } = open;
  scene.measures.set(measureId(scene, measure as TypedStruct), open);
  const message = { measure, inFavour, officer: voter.officer, epoch: voter.epoch } as TypedStruct;
  return { kind: 'order', contract: 'council', method: 'vote', message, by: voter };
}

const isMember = (scene: Scene, institution: InstitutionId) =>
  !scene.suspended.has(institution) && !scene.expelled.has(institution);

/** What the honest members still carry. */
const carried = (scene: Scene): OpenMeasure[] =>
  [...scene.measures.values()].filter(
    ({ isOver, isWished, isGivenUp, executableFrom, measure }) =>
      !isOver &&
      !isWished &&
      !isGivenUp &&
      (executableFrom !== 0n || scene.now <= (measure.closesAt as bigint)),
  );

/** How many measures that an institution opened are open. */
export const openBy = (scene: Scene, member: InstitutionId): number =>
  [...scene.measures.values()].filter(({ isOver, openedBy }) => !isOver && openedBy === member).length;

export const vote: Move = (scene) => {
  const open = carried(scene);
  const awaiting = open.filter(({ executableFrom }) => executableFrom === 0n);
  const isNew = open.length < MOST_CARRIED && (awaiting.length === 0 || scene.chance(20));
  const withRoom = (room: number) =>
    HONEST_MEMBERS.filter((member) => openBy(scene, member) + room <= MOST_OPEN);
  const isMisled = scene.chance(MISLED_PERCENT);
  const members = isNew ? withRoom(isMisled ? MOST_OPEN / 2 : ROOM) : HONEST_MEMBERS;
  const chosen = isNew
    ? proposed(scene, isMisled ? MISLED : DECIDED, false)
    : awaiting.length > 0
      ? scene.random.pick(awaiting)
      : undefined;
  if (chosen === undefined) return undefined;
  const voters = members.filter(
    (member) => !chosen.inFavour.has(member) && !chosen.against.has(member) && isMember(scene, member),
  );
  const voter = voters.flatMap((member) => scene.usable(member, false))[0];
  return voter && ballot(scene, voter, chosen);
};

/** A measure that hurts nobody. */
export const anyMeasure = (scene: Scene): OpenMeasure =>
  measureOf(scene, 'set-policy', { name: named('going on'), value: scene.salt() });

export function execution({ measure, appointments, possessions }: OpenMeasure): OpenPlan {
  const args = [measure, appointments, possessions];
  return { kind: 'open', contract: 'council', method: 'execute', args };
}

export const execute: Move = (scene) => {
  const due = [...scene.measures.values()].find(
    ({ isOver, isWished, isGivenUp, executableFrom }) =>
      !isOver && !isWished && !isGivenUp && executableFrom !== 0n && executableFrom <= scene.now,
  );
  if (due !== undefined && due.amendments !== scene.amendments)
    return isPast(scene, due)
      ? undefined
      : { kind: 'open', contract: 'council', method: 'reschedule', args: [due.measure] };
  return due && execution(due);
};

/** Whether the time is over to vote on a measure, or to carry it out. */
function isPast({ now, moment }: Scene, { executableFrom, measure }: OpenMeasure): boolean {
  const end = executableFrom === 0n ? (measure.closesAt as bigint) : executableFrom + EXECUTION_SECONDS;
  return now > moment.extended(end);
}

export const lapse: Move = (scene) => {
  const over = [...scene.measures.values()].find(
    (open) => !open.isOver && open.openedBy !== undefined && isPast(scene, open),
  );
  return over && { kind: 'open', contract: 'council', method: 'lapse', args: [over.measure] };
};

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
  const wished = proposed(scene, WISHED, true);
  return wished && ballot(scene, corrupt, wished);
};

/** What nobody has a quorum for, or has not waited for. */
/** Of a register whose successor is filled by who carries this out. */
const isSuccession = ({ measure, isGivenUp, isOver }: OpenMeasure): boolean =>
  isGivenUp && !isOver && measure.kind === MEASURE_KINDS.indexOf('put-in-force');

export const rush: Move = (scene) => {
  const known = [...scene.measures.values()].filter((open) => !isSuccession(open));
  if (known.length === 0) return undefined;
  const open = scene.random.pick(known);
  const method = scene.random.pick(['execute', 'lapse', 'reschedule']);
  if (method !== 'execute') return { kind: 'open', contract: 'council', method, args: [open.measure] };
  const plan = execution(open);
  // Whoever carries it out appoints somebody else with it.
  const isBent = scene.chance(20);
  return isBent ? { ...plan, args: [open.measure, [], []] } : plan;
};
