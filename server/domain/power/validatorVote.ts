/**
 * What a vote on validators would do, before anybody votes: how many may fail before and after it, and why not.
 *
 * Pure, and stricter than the contract in what it can see: it also asks whether those who seal now are a quorum of the set
 * that would be. Whose a validator is, is for the caller to say; where that is not known of one, nobody's share is judged.
 */
import { quorumOf } from '../audit/qbft.ts';
import type { Address } from '../base/hex.ts';

export type ValidatorVote =
  | { readonly kind: 'add'; readonly validator: Address; readonly institution: number }
  | { readonly kind: 'remove'; readonly validator: Address }
  | { readonly kind: 'replace'; readonly validator: Address; readonly by: Address };

export interface ValidatorSet {
  readonly validators: readonly Address[];
  /** Those that sealed a block lately. */
  readonly seen: ReadonlySet<Address>;
  /** The number of the institution that runs one. */
  readonly runBy: ReadonlyMap<Address, number>;
  /** Institutions that vote; undefined where nobody said. */
  readonly members: number | undefined;
  readonly joining: JoiningShown;
}

/** What was shown of a validator that a vote would take in. */
export interface JoiningShown {
  /** Somebody has its key, and means this ledger and this institution. */
  readonly hasKey: boolean;
  /** A node with that key had a block of the ledger lately. */
  readonly isFollowing: boolean;
}

/** How a set bears failures: blocks go on while a quorum of it seals. */
export interface Bearing {
  readonly validators: number;
  readonly quorum: number;
  readonly mayFail: number;
}

export type VoteTrouble =
  | 'validator-set-unchanged'
  | 'too-few-validators'
  | 'validators-concentrated'
  | 'validator-key-not-shown'
  | 'following-not-shown'
  | 'quorum-not-seen';

export interface Rehearsal {
  readonly before: Bearing;
  readonly after: Bearing;
  /** Of those that stay, how many sealed lately. */
  readonly seenAfter: number;
  /** Whether every institution's share could be judged. */
  readonly isShareKnown: boolean;
  /** Empty where nothing speaks against it. */
  readonly troubles: readonly VoteTrouble[];
}

/** As `Validators.sol` has it: four are never fewer again, and from four members on none runs a third. */
const LEAST = 4;
const SHARE = 3;

export function rehearse(set: ValidatorSet, vote: ValidatorVote): Rehearsal {
  const { validators, seen, joining } = set;
  const next = afterVote(validators, vote);
  const after = next ?? validators;
  const seenAfter = after.filter((one) => seen.has(one)).length;
  const owners = set.members === undefined ? undefined : ownersOf(set, after, vote);
  const isTooFew = vote.kind === 'remove' && after.length < LEAST;
  const joins = next !== undefined && vote.kind !== 'remove';
  const troubles: VoteTrouble[] = [
    ...(next === undefined ? (['validator-set-unchanged'] as const) : []),
    ...(next !== undefined && isTooFew ? (['too-few-validators'] as const) : []),
    ...(owners !== undefined && isConcentrated(set, owners, vote)
      ? (['validators-concentrated'] as const)
      : []),
    ...(joins && !joining.hasKey ? (['validator-key-not-shown'] as const) : []),
    ...(joins && !joining.isFollowing ? (['following-not-shown'] as const) : []),
    // The new one has sealed nothing yet, and blocks end at once where it does not come.
    ...(seenAfter < quorumOf(after.length) ? (['quorum-not-seen'] as const) : []),
  ];
  return {
    before: bearingOf(validators.length),
    after: bearingOf(after.length),
    seenAfter,
    isShareKnown: owners !== undefined,
    troubles,
  };
}

/** Of so many validators. */
export function bearingOf(validators: number): Bearing {
  const quorum = quorumOf(validators);
  return { validators, quorum, mayFail: validators - quorum };
}

/** Undefined where the vote changes nothing. */
function afterVote(validators: readonly Address[], vote: ValidatorVote): readonly Address[] | undefined {
  const isThere = validators.includes(vote.validator);
  if (vote.kind === 'add') return isThere ? undefined : [...validators, vote.validator];
  if (!isThere) return undefined;
  const staying = validators.filter((one) => one !== vote.validator);
  if (vote.kind === 'remove') return staying;
  return validators.includes(vote.by) ? undefined : [...staying, vote.by];
}

/** Whose each would be; undefined where that is not known of one. */
function ownersOf(
  { runBy }: ValidatorSet,
  after: readonly Address[],
  vote: ValidatorVote,
): readonly number[] | undefined {
  const owners = after.map((one) => {
    if (vote.kind === 'add' && one === vote.validator) return vote.institution;
    return runBy.get(vote.kind === 'replace' && one === vote.by ? vote.validator : one);
  });
  return owners.includes(undefined) ? undefined : (owners as number[]);
}

/** An institution whose share does not grow is let alone, so that an uneven set is mended a validator at a time. */
function isConcentrated(
  { members, runBy }: ValidatorSet,
  owners: readonly number[],
  vote: ValidatorVote,
): boolean {
  if (vote.kind === 'replace' || owners.length < LEAST || members === undefined || members < LEAST)
    return false;
  const leaver = runBy.get(vote.validator);
  const growing = vote.kind === 'add' ? [vote.institution] : owners.filter((one) => one !== leaver);
  return growing.some((number) => owners.filter((one) => one === number).length * SHARE >= owners.length);
}
