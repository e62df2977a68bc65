/**
 * What the register's own rules say of an act in a file, as far as the file shows: for the officer who signs.
 *
 * Promises: the rules are those of `domain/land`, by which the gateway prepares and the register decides, applied to the
 * states that the file opens. What only the register knows is taken to be as the act needs it, so that whatever is found
 * would be found there as well. It cannot tell whether the states are in force, nor when something lapsed where halts were
 * recorded: a rule counts as broken when it is at now and at each moment up to then. Pure: the time is an argument.
 */
import type { ActHead } from '../acts/head.ts';
import { NEVER_PAUSED } from '../acts/moment.ts';
import { headOf } from '../acts/signable.ts';
import type { TypedStruct, TypedValue } from '../acts/typedData.ts';
import type { Address, Bytes32 } from '../base/hex.ts';
import { type Refusal, refusal } from '../base/refusal.ts';
import type { BAUnitId, InstitutionId } from '../base/terms.ts';
import { createRestriction, discharge } from '../land/charges.ts';
import { fromAbi } from '../land/codec.ts';
import { cancelDivision, openDivision } from '../land/division.ts';
import { consolidate, registerParts, subdivide } from '../land/partition.ts';
import type { LandJudgement, RegisterReading } from '../land/prepare.ts';
import { registerTitle, registerTitles } from '../land/registration.ts';
import { transferRight } from '../land/transfer.ts';
import { sinceOf } from '../land/transitions.ts';
import { type BAUnitState, MAX_NOTICE_SECONDS } from '../land/types.ts';
import type { ActFile } from './actFile.ts';
import { changesIn, firstJudged, MOST_CLOCK_SECONDS, type UnitSeen, unitsSeen } from './consentFile.ts';

interface Judged {
  readonly message: TypedStruct;
  readonly items: readonly TypedStruct[];
  readonly head: ActHead;
  readonly priors: readonly BAUnitState[];
}

type Judge = (reading: RegisterReading, judged: Judged) => LandJudgement;

/** Of each act on land that two officers sign, the rules by which the register takes it. */
const JUDGES: Readonly<Record<string, Judge>> = {
  RegisterTitle: (reading, { message }) => registerTitle(reading, fromAbi('RegisterTitle', message)),
  Batch: (reading, { head, items }) =>
    registerTitles(
      reading,
      head,
      items.map((item) => fromAbi('Title', item)),
    ),
  RegisterParts: (reading, { message, priors: [prior] }) =>
    registerParts(reading, fromAbi('RegisterParts', message), onlyOf(prior)),
  TransferRight: (reading, { message, priors: [prior] }) =>
    transferRight(reading, fromAbi('TransferRight', message), onlyOf(prior)),
  CreateRestriction: (reading, { message, priors }) =>
    createRestriction(reading, fromAbi('CreateRestriction', message), priors),
  Discharge: (reading, { message, priors }) => discharge(reading, fromAbi('Discharge', message), priors),
  Subdivide: (reading, { message, priors: [prior] }) =>
    subdivide(reading, fromAbi('Subdivide', message), onlyOf(prior)),
  OpenDivision: (reading, { message, items, priors: [prior] }) =>
    openDivision(
      reading,
      fromAbi('OpenDivision', message),
      onlyOf(prior),
      items.map((item) => fromAbi('Child', item)),
    ),
  CancelDivision: (reading, { message, priors: [prior] }) =>
    cancelDivision(reading, fromAbi('CancelDivision', message), onlyOf(prior)),
  Consolidate: (reading, { message, priors }) =>
    consolidate(reading, fromAbi('Consolidate', message), priors),
};

/** The act names one unit. */
function onlyOf(prior: BAUnitState | undefined): BAUnitState {
  if (prior === undefined) throw refusal('act-type-unknown');
  return prior;
}

/** Units that the act names and no opening shows; a unit without a state is one that it makes. */
export function hasUnopenedState({ act, openings }: ActFile): boolean {
  const states = new Set<TypedValue>(
    openings.flatMap(({ commitment, state }) => (state ? [commitment] : [])),
  );
  return !changesIn(act.message).every(({ priorState }) => states.has(priorState ?? ''));
}

/**
 * The rules that the act would break, each with its place in what is signed; of an act on people or power, whom a vote
 * appoints. Undefined where the file does not open every state of the act, so that nobody can tell.
 */
export function rulesBroken(file: ActFile, nowSeconds: bigint): readonly Refusal[] | undefined {
  if (JUDGES[file.act.primaryType] === undefined) {
    return isOfAnother(file)
      ? [refusal('appointments-differ', undefined, { field: '/measure/institution' })]
      : [];
  }
  if (hasUnopenedState(file)) return undefined;
  const seen = unitsSeen(file);
  const [first = [], ...others] = momentsIn(file, seen, nowSeconds).map((at) => {
    const judged = judgedAt(file, seen, at);
    return judged.ok ? [] : judged.refusals;
  });
  const isAlways = (one: Refusal) =>
    others.every((all) =>
      all.some(({ code, place }) => code === one.code && place.field === one.place.field),
    );
  return first.filter((one) => one.code !== 'act-expired' && isAlways(one));
}

/**
 * Since when the act may no longer be recorded, by a clock that says now; undefined where it may. A halt that members
 * recorded gives its time back, which no file shows; a withdrawal counts whenever it comes.
 */
export function overSince({ act }: ActFile, nowSeconds: bigint): bigint | undefined {
  if (act.primaryType === 'Withdrawal') return undefined;
  const { deadline } = headOf({ typedData: act });
  return deadline + MOST_CLOCK_SECONDS < nowSeconds ? deadline : undefined;
}

/**
 * From when an act that states no day has effect, where that is later than it is recorded: what it changes was dated ahead, and
 * nothing has effect before what went before it. Undefined where it has effect at once, or says its day itself.
 */
export function effectAfter(file: ActFile, nowSeconds: bigint): bigint | undefined {
  const { head } = file.act.message;
  const isDated = typeof head !== 'object' || (head as TypedStruct).effectiveOn !== 0n;
  if (isDated || hasUnopenedState(file)) return undefined;
  const since = sinceOf(unitsSeen(file).map(({ state }) => state));
  return since > nowSeconds ? since : undefined;
}

/** Whom a measure appoints are officers of the institution that it is about, or it is one to vote against. */
function isOfAnother({ act: { primaryType, message }, items }: ActFile): boolean {
  if (primaryType !== 'Vote' || message.inFavour !== true) return false;
  const { institution } = message.measure as TypedStruct;
  return items.some((appointment) => appointment.institution !== institution);
}

/**
 * When the act is judged first, as far as the clocks may differ, and each moment up to then before which something of the
 * units stood that may have lapsed.
 */
export function momentsIn(
  { act }: Pick<ActFile, 'act'>,
  units: readonly UnitSeen[],
  nowSeconds: bigint,
): readonly bigint[] {
  const first = firstJudged(act, nowSeconds);
  const latest = first + MOST_CLOCK_SECONDS;
  const ends = units.flatMap(({ state: { rights, charges, notices } }) =>
    [...rights, ...charges, ...notices].map(({ expiresOn }) => expiresOn),
  );
  const lapsed = ends.filter((end) => end !== 0n && end <= latest);
  return [...new Set([first, first - MOST_CLOCK_SECONDS, latest, nowSeconds, ...lapsed])];
}

/** What the register says of the act at a moment, on land alone. Refuses as `act-type-unknown`. */
export function judgedAt(
  { act: { primaryType, domain, message }, items }: Pick<ActFile, 'act' | 'items'>,
  units: readonly UnitSeen[],
  nowSeconds: bigint,
): LandJudgement {
  const hashes = new Map(changesIn(message).map(({ baUnit, priorState }) => [baUnit, priorState]));
  const { chainId, verifyingContract, salt } = domain;
  const reading: RegisterReading = {
    nowSeconds,
    redemption: NEVER_PAUSED,
    extended: (moment) => moment,
    ledger: {
      chainId: Number(chainId),
      ledgerNonce: salt as Bytes32,
      landRegistry: verifyingContract as Address,
    },
    presentations: 0n,
    isFrozen: false,
    keeper: 1 as InstitutionId,
    isSeated: true,
    twoInstitutionActs: 0n,
    mostNoticeSeconds: MAX_NOTICE_SECONDS,
    stateHashOf: (baUnit: BAUnitId) => hashes.get(baUnit) as Bytes32 | undefined,
    unitOf: () => undefined,
    isInstrumentUsed: () => false,
  };
  const judge = JUDGES[primaryType];
  if (judge === undefined) throw new Error(`no rule of land is about ${primaryType}`);
  const priors = units.map(({ state }) => state);
  try {
    return judge(reading, { message, items, head: fromAbi('ActHead', message.head), priors });
  } catch (error) {
    if (error instanceof TypeError) throw refusal('act-type-unknown'); // a number that this version has no name for
    throw error;
  }
}
