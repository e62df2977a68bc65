/**
 * What this page finds amiss in an act before it lets anybody agree to it: by the checks of the command, and by what is closed.
 *
 * Promises: nobody agrees here to an act whose time is over, which breaks a rule or says other ground than its boundary, nor
 * while the number of a parcel, the name of who joins or a source is closed. What only warns is said beside it. Pure.
 */
import type { TypedValue } from '../../server/domain/acts/typedData.ts';
import type { Refusal } from '../../server/domain/base/refusal.ts';
import { commitmentsOf } from '../../server/domain/land/commitments.ts';
import { type ActFile, unopenedIn } from '../../server/domain/signer/actFile.ts';
import { namesIn, unitsSeen } from '../../server/domain/signer/consentFile.ts';
import { groundAmiss, groundUnseen } from '../../server/domain/signer/ground.ts';
import { effectAfter, overSince, rulesBroken } from '../../server/domain/signer/judged.ts';
import { isNothing } from '../../server/domain/signer/opened.ts';

export interface Judged {
  readonly mayAgree: boolean;
  /** The last moment at which it could be recorded, where that is past. */
  readonly over: bigint | undefined;
  /** From when it has effect, where that is later than it is recorded. */
  readonly since: bigint | undefined;
  /** Undefined where nobody can tell. */
  readonly broken: readonly Refusal[] | undefined;
  readonly amiss: readonly string[];
  readonly unseen: readonly string[];
  /** Places of what no opening opens. */
  readonly unopened: readonly string[];
  /** A number, a name or a source is among what is closed. */
  readonly isNameless: boolean;
}

export function judgedHere(file: ActFile, nowSeconds: bigint): Judged {
  const over = overSince(file, nowSeconds);
  const broken = rulesBroken(file, nowSeconds);
  const amiss = groundAmiss(file);
  const unopened = unopenedIn(file);
  const isNameless = unopened.some((place) => place.startsWith('/head/')) || hasNoName(file);
  return {
    mayAgree: over === undefined && broken?.length === 0 && amiss.length === 0 && !isNameless,
    over,
    since: effectAfter(file, nowSeconds),
    broken,
    amiss,
    unseen: groundUnseen(file),
    unopened,
    isNameless,
  };
}

/** Whether a parcel has no number here, or somebody who joins no name. */
function hasNoName(file: ActFile): boolean {
  const names = namesIn(file);
  const says = (commitment: string, path: string) =>
    names.get(commitment)?.some(([one]) => one === path) === true;
  const units = unitsSeen(file);
  const stood = new Set<string>(units.flatMap(({ state }) => [...commitmentsOf(state).values()]));
  const joining = [file.act.message, ...file.items]
    .flatMap((one) => partiesIn(one))
    .filter((one) => !stood.has(one));
  return (
    !units.every(({ state }) => says(state.factsRoot, 'parcel/number')) ||
    !joining.every((commitment) => says(commitment, 'name'))
  );
}

function partiesIn(value: TypedValue, field = ''): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((one) => partiesIn(one));
  if (typeof value === 'object') {
    return Object.entries(value).flatMap(([name, one]) => partiesIn(one, name));
  }
  return field === 'partyCommitment' && !isNothing(value) ? [String(value)] : [];
}
