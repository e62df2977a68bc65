/**
 * Where a measure stands, and what it lacks: the rules of `Council.execute` put as an answer before anybody asks it.
 *
 * Promises: `due` exactly where the Council would carry the measure out, as far as votes and time decide; what the Council
 * refuses of a measure by how it is made and by the members it leaves, as those stand now. Pure: the tally and who decides
 * are read elsewhere.
 */
import type { Measure } from '../acts/events.ts';
import { isPassed, type Moment } from '../acts/moment.ts';
import type { RefusalCode } from '../base/refusal.ts';
import { type InstitutionId, type MeasureKind, roleBits } from '../base/terms.ts';
import { OUTLIVING_MEMBERS } from './founding.ts';
import { EXECUTION_SECONDS, waits } from './measures.ts';
import { measureWords, span } from './sentences.ts';

/** What the Council counted. */
export interface Tally {
  readonly inFavour: readonly InstitutionId[];
  readonly against: readonly InstitutionId[];
  readonly isOpened: boolean;
  readonly closesAt: bigint;
  /** Zero while below the quorum. */
  readonly executableFrom: bigint;
  /** Executed or lapsed. */
  readonly isClosed: boolean;
  /** Number of the constitution when the wait began. */
  readonly amendments: bigint;
}

/** How the members decide now. */
export interface Constitution {
  readonly quorum: number;
  readonly isSeated: boolean;
  readonly members: readonly InstitutionId[];
  /** Neither suspended nor expelled. */
  readonly activeMembers: readonly InstitutionId[];
  readonly wideningWaitSeconds: bigint;
  readonly appointmentWaitSeconds: bigint;
  readonly amendments: bigint;
}

export const MEASURE_STATES = [
  'executed',
  'lapsed',
  // It lacks votes, and may still get them.
  'voting',
  // It has its votes, and its time has not come.
  'waiting',
  // Anybody may carry it out now.
  'due',
  // Who decides was changed since the wait began: rescheduled, it begins anew.
  'to-reschedule',
  // So many voted against it, for good, that the others are fewer than the quorum.
  'rejected',
  // Its time is over; whoever lapses it frees its opener's place.
  'over',
] as const;
export type MeasureState = (typeof MEASURE_STATES)[number];

export interface MeasureStanding {
  readonly state: MeasureState;
  /** Votes of active members that still lack. */
  readonly votesMissing: number;
  /** Who voted for it and does not count now: suspended, or a member no longer. */
  readonly uncounted: readonly InstitutionId[];
  /** Second from which it may be carried out; zero where it has no quorum. */
  readonly executableFrom: bigint;
  /** Last second at which anything may come of it. */
  readonly endsAt: bigint;
}

/** What came of it is read from the ledger's entries; a tally is of the newest block and can be ahead of them. */
export function standingOfMeasure(
  { measure, state }: { readonly measure: Measure; readonly state: 'open' | 'executed' | 'lapsed' },
  tally: Tally,
  { quorum, members, activeMembers, amendments }: Constitution,
  moment: Moment,
): MeasureStanding {
  const votes = tally.inFavour.filter((each) => activeMembers.includes(each));
  const votesMissing = Math.max(0, quorum - votes.length);
  const { executableFrom } = tally;
  const endsAt = executableFrom === 0n ? tally.closesAt : executableFrom + EXECUTION_SECONDS;
  const uncounted = tally.inFavour.filter((each) => !votes.includes(each));
  const stands = (now: MeasureState) => ({ state: now, votesMissing, uncounted, executableFrom, endsAt });
  if (state !== 'open') return stands(state);
  if (isPassed(moment, endsAt)) return stands('over');
  // A suspension ends; a vote against never does.
  const able = members.filter((each) => !tally.against.includes(each));
  if (able.length < quorum) return stands('rejected');
  if (tally.amendments !== amendments) return stands('to-reschedule');
  if (executableFrom === 0n || votesMissing > 0) return stands('voting');
  // An institution that votes to swap its own validator's key takes nothing from anybody.
  const isOwnSwap = measure.kind === 'replace-validator' && votes.includes(measure.institution);
  const isWaiting = waits(measure.kind) && !isOwnSwap && !isPassed(moment, executableFrom - 1n);
  return stands(isWaiting ? 'waiting' : 'due');
}

/** The measure as a member would say it, with the votes and the time that it takes. */
export function measureSentence(
  measure: Measure,
  appointments: number,
  { quorum, activeMembers, wideningWaitSeconds }: Constitution,
): string {
  const said = measureWords(measure, appointments).replace(/\.$/, '');
  const after = waits(measure.kind) ? `after ${span(wideningWaitSeconds)}` : 'without a wait';
  return `${said}, with ${quorum} of ${activeMembers.length} votes, ${after}.`;
}

// ---- Whether it could be carried out -------------------------------------------------------------------------

const VOTE = BigInt(roleBits(['vote']));
/** P-256 and passkeys: the kinds that a verifier checks. */
const VERIFIED: ReadonlySet<bigint> = new Set([2n, 3n]);
const OFFICE_BITS = 32n;

/** The kinds whose target is a contract that must be there. */
export const OF_A_CONTRACT: ReadonlySet<MeasureKind> = new Set([
  'allow-verifier',
  'put-in-force',
  'pass-authority',
]);

/** What the Council refuses of how a measure is made; what it names is looked up elsewhere. */
export function misshapen({ kind, value }: Measure): RefusalCode | undefined {
  if (kind === 'allow-verifier' && !VERIFIED.has(value)) return 'verifier-not-allowed';
  return kind === 'move-office' && value >> OFFICE_BITS !== 0n ? 'office-unchanged' : undefined;
}

/** Whether the members and the quorum that a measure leaves could go on without any one of them (P9). */
export function keepsMembers(measure: Measure, { members, activeMembers, quorum }: Constitution): boolean {
  const { kind, institution, value } = measure;
  const without = (all: readonly InstitutionId[]) => all.filter((each) => each !== institution);
  const withIt = (all: readonly InstitutionId[]) => [...without(all), institution];
  const hasVote = (value & VOTE) !== 0n;
  const isSet = kind === 'admit-institution' || kind === 'set-institution-roles';
  const joins = isSet && hasVote;
  const leaves = kind === 'expel-institution' || (isSet && !hasVote);
  const left = joins ? withIt(members) : leaves ? without(members) : members;
  const isStill = leaves || kind === 'suspend-institution';
  const active = joins ? withIt(activeMembers) : isStill ? without(activeMembers) : activeMembers;
  const counts = kind === 'lift-suspension' && members.includes(institution) ? withIt(active) : active;
  const needed = kind === 'set-quorum' ? Number(value) : quorum;
  if (counts.length < needed) return false;
  if (left.length < OUTLIVING_MEMBERS) return members.length < OUTLIVING_MEMBERS;
  return needed !== left.length;
}

/** What refuses a measure whatever else is decided: nobody is asked to vote on it. */
const FOR_EVER: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  'not-a-contract',
  'register-named-twice',
  'register-not-listed',
  'institution-number-taken',
  'wait-out-of-range',
  'officer-is-revoked',
  'officer-exists',
  'key-already-used',
  'key-not-possessed',
  'key-malformed',
  'halt-out-of-range',
]);

/** Whether no other measure could ever make a refused one possible; `isExpelled` is of the institution that it names. */
export function isForEver(
  { kind, value }: Measure,
  code: RefusalCode,
  { isExpelled, isSeated }: { readonly isExpelled: boolean; readonly isSeated: boolean },
): boolean {
  if (code === 'institution-unchanged') return isExpelled;
  if (code === 'office-unchanged') return value === 0n || value >> OFFICE_BITS !== 0n;
  if (code === 'verifier-not-allowed') return kind === 'allow-verifier';
  // Neither is a quorum of nobody, nor does a seated consortium stand up, nor does a role that is given shrink.
  if (code === 'quorum-out-of-range') return value === 0n || (isSeated && value === 1n);
  if (code === 'roles-out-of-range') return kind === 'set-institution-roles';
  return FOR_EVER.has(code);
}
