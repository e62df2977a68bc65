/**
 * Where a measure stands, and what it lacks: the rules of `Council.execute` put as an answer before anybody asks it.
 *
 * Promises: `due` exactly where the Council would carry the measure out, as far as votes and time decide. Pure: the tally
 * and who decides are read elsewhere.
 */
import type { Measure } from '../acts/events.ts';
import { isPassed, type Moment } from '../acts/moment.ts';
import type { InstitutionId } from '../base/terms.ts';
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
  // Its time is over; whoever lapses it frees its opener's place.
  'over',
] as const;
export type MeasureState = (typeof MEASURE_STATES)[number];

export interface MeasureStanding {
  readonly state: MeasureState;
  /** Votes of active members that still lack. */
  readonly votesMissing: number;
  /** Second from which it may be carried out; zero where it has no quorum. */
  readonly executableFrom: bigint;
  /** Last second at which anything may come of it. */
  readonly endsAt: bigint;
}

export function standingOfMeasure(
  { measure, isExecuted }: { readonly measure: Measure; readonly isExecuted: boolean },
  tally: Tally,
  { quorum, activeMembers, amendments }: Constitution,
  moment: Moment,
): MeasureStanding {
  const votes = tally.inFavour.filter((each) => activeMembers.includes(each));
  const votesMissing = Math.max(0, quorum - votes.length);
  const { executableFrom } = tally;
  const endsAt = executableFrom === 0n ? tally.closesAt : executableFrom + EXECUTION_SECONDS;
  const stands = (state: MeasureState) => ({ state, votesMissing, executableFrom, endsAt });
  if (tally.isClosed) return stands(isExecuted ? 'executed' : 'lapsed');
  if (isPassed(moment, endsAt)) return stands('over');
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
