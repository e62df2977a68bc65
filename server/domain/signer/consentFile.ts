/**
 * The consents that a prepared act asks for, as whoever is asked must see them: a sentence, and what each hash stands for.
 *
 * Promises: a consent that `consentsSeen` returns names the rights and charges of every unit as the file opens them, and
 * the terms of the act; what the act brings anew is opened, or there is no consent to see; the key that is asked for is
 * the one that the opened state carries. It cannot tell whether the states are in force: the register compares them.
 * For the command line and for a page on which a holder signs. Pure: the time is an argument.
 */
import type { TypedStruct, TypedValue } from '../acts/typedData.ts';
import type { Bytes32 } from '../base/hex.ts';
import { momentInWords } from '../base/inWords.ts';
import { refusal } from '../base/refusal.ts';
import {
  actsOf,
  type BAUnitId,
  CONSENT_ROLES,
  type ConsentRole,
  type InstrumentId,
  nameOf,
} from '../base/terms.ts';
import type { Consolidate, CreateRestriction, TransferRight } from '../land/acts.ts';
import { fromAbi } from '../land/codec.ts';
import { commitmentsOf } from '../land/commitments.ts';
import { structHash, unitsHash } from '../land/hashes.ts';
import type { BAUnitState, Holding, Restriction, Right } from '../land/types.ts';
import { type ActFile, unopenedCommitments } from './actFile.ts';
import { visible } from './openings.ts';
import type { SignableData } from './typedJson.ts';

/** One consent that is asked for. */
export interface ConsentSeen {
  /** Among the consents of the act. */
  readonly place: number;
  readonly data: SignableData;
  readonly baUnit: BAUnitId;
  /** Id of the holding or restriction in its unit. */
  readonly subject: number;
  /** What the state carries of the key that is asked for. */
  readonly keyHash: Bytes32;
  /** Of a restriction: its key is made for the instrument. */
  readonly instrumentId: InstrumentId | undefined;
  /** What is agreed to, as the person would say it. */
  readonly sentence: string;
}

/** A unit of the act with the state that the file opens. */
export interface UnitSeen {
  readonly baUnit: BAUnitId;
  readonly state: BAUnitState;
}

/** Every consent of the file. Refuses as `commitment-unopened` and `consent-differs`. */
export function consentsSeen(file: ActFile, nowSeconds: bigint): readonly ConsentSeen[] {
  const units = unitsSeen(file);
  requireOpened(file, units);
  return file.consents.map((data, place) => consentSeen(file, units, data, place, nowSeconds));
}

/** A signer's clock may be wrong by so much, and a gateway's by no more. */
export const MOST_CLOCK_SECONDS = 900n;

/** When an act would be judged first, by a clock that says now: an act that is for later waits for its time. */
export function firstJudged({ message }: SignableData, nowSeconds: bigint): bigint {
  const { head } = message;
  const notBefore = typeof head === 'object' && !Array.isArray(head) ? (head as TypedStruct).notBefore : 0n;
  const from = BigInt(String(notBefore ?? 0));
  return from > nowSeconds ? from : nowSeconds;
}

function consentSeen(
  file: ActFile,
  units: readonly UnitSeen[],
  data: SignableData,
  place: number,
  nowSeconds: bigint,
): ConsentSeen {
  const differs = () => refusal('consent-differs', undefined, { field: `/consents/${place}` });
  const { baUnit, subject: id, unitsHash: named, termsHash, role: number } = data.message;
  const role = nameOf(CONSENT_ROLES, Number(number));
  const unit = units.find((one) => one.baUnit === baUnit);
  if (unit === undefined || role === undefined) throw differs();
  const latest = firstJudged(file.act, nowSeconds) + MOST_CLOCK_SECONDS;
  const isOfUnits = withoutLapsed(units, latest).some((seen) => unitsHash(seen) === named);
  const subject = subjectOf(unit.state, Number(id));
  if (!isOfUnits || subject === undefined) throw differs();
  // The terms of every other act are those of its message, which the reader of the file compared.
  const isRelease = file.act.primaryType === 'Discharge';
  if (role !== roleOf(subject, isRelease)) throw differs();
  const isItself = subject.restriction && structHash('Restriction', subject.restriction) === termsHash;
  if (isRelease && isItself !== true) throw differs();
  return {
    place,
    data,
    baUnit: unit.baUnit,
    subject: Number(id),
    keyHash: subject.keyHash,
    instrumentId: subject.restriction?.instrumentId,
    sentence: `${asked(role, subject)} ${agreedIn(file, units, unit)}${effectOf(data.message)}`,
  };
}

// ---- What the hashes stand for ------------------------------------------------------------------------------

/** Every unit that the act changes, in its order, by the state that it names and the file opens. */
export function unitsSeen({ act, openings }: ActFile): UnitSeen[] {
  const states = new Map(openings.map(({ commitment, state }) => [commitment as string, state]));
  return changesIn(act.message).map(({ baUnit, priorState }) => {
    const state = states.get(priorState as string);
    if (state === undefined) throw refusal('commitment-unopened', { count: 1 });
    return { baUnit: baUnit as BAUnitId, state: stateIn(state) };
  });
}

function stateIn(message: TypedStruct): BAUnitState {
  try {
    return fromAbi('BAUnitState', message);
  } catch (error) {
    if (error instanceof TypeError) throw refusal('act-type-unknown'); // a number that this version has no name for
    throw error;
  }
}

/** What the act says of each unit that it changes, in its order. */
export function changesIn(value: TypedValue): TypedStruct[] {
  if (Array.isArray(value)) return value.flatMap(changesIn);
  if (typeof value !== 'object') return [];
  const struct = value as TypedStruct;
  if (struct.baUnit !== undefined && struct.priorState !== undefined) return [struct];
  return Object.values(struct).flatMap(changesIn);
}

/** What the act brings anew must be shown; what stood before is the parties' own. */
function requireOpened(file: ActFile, units: readonly UnitSeen[]): void {
  const stood = new Set<string>(units.flatMap(({ state }) => [...commitmentsOf(state).values()]));
  const states = new Set(changesIn(file.act.message).map(({ priorState }) => priorState as string));
  const unopened = unopenedCommitments(file).filter(
    ({ place, commitment }) =>
      !stood.has(commitment) && !states.has(commitment) && !place.startsWith('/head/'),
  );
  if (unopened.length > 0) throw refusal('commitment-unopened', { count: unopened.length });
}

/**
 * The units as a consent may name them: as they stand, and without what lapses by each moment up to the latest. Which of it the
 * register has dropped depends on halts that a file cannot show.
 */
function withoutLapsed(units: readonly UnitSeen[], latest: bigint): UnitSeen[][] {
  const charges = units.flatMap(({ state }) => state.charges);
  const lapsed = charges.map(({ expiresOn }) => expiresOn).filter((end) => end !== 0n && end <= latest);
  return [...new Set([0n, ...lapsed])].map((until) =>
    units.map(({ baUnit, state }) => {
      const kept = state.charges.filter(({ expiresOn }) => expiresOn === 0n || expiresOn > until);
      return { baUnit, state: Object.assign({}, state, { charges: kept }) };
    }),
  );
}

interface Subject {
  readonly keyHash: Bytes32;
  readonly right?: Right;
  readonly holding?: Holding;
  readonly restriction?: Restriction;
}

/** Ids are given once in a unit: to a holding or to a restriction. */
function subjectOf({ rights, charges, notices }: BAUnitState, id: number): Subject | undefined {
  for (const right of rights) {
    const holding = right.holdings.find(({ holdingId }) => holdingId === id);
    if (holding !== undefined) return { keyHash: holding.keyHash, right, holding };
  }
  const restriction = [...charges, ...notices].find(({ restrictionId }) => restrictionId === id);
  return restriction && { keyHash: restriction.holderKeyHash, restriction };
}

/** In which role the register asks: another one is a consent that it never takes, or of whom nobody asked. */
function roleOf({ holding, restriction }: Subject, isRelease: boolean): ConsentRole {
  if (restriction !== undefined) return isRelease ? 'holder' : 'must-be-asked';
  return holding?.signer === 'representative' ? 'representative' : 'holder';
}

// ---- The sentence -------------------------------------------------------------------------------------------

export const ROLE_WORDS: Readonly<Record<ConsentRole, string>> = {
  unspecified: 'in no role',
  holder: 'as its holder',
  representative: 'for whoever holds it',
  'must-be-asked': 'as one who must be asked',
};

function asked(role: ConsentRole, subject: Subject): string {
  return `You, who have ${whatIs(subject)}, agree ${ROLE_WORDS[role]} that`;
}

function whatIs({ right, holding, restriction }: Subject): string {
  return right !== undefined && holding !== undefined
    ? `holding ${holding.holdingId} (${shareIn(right, holding)} of right ${right.rightId})`
    : `${restriction?.kind} ${restriction?.restrictionId}`;
}

/** A holding, a charge or a notice of a unit by its number there. */
export function subjectInWords(state: BAUnitState, id: number): string {
  const subject = subjectOf(state, id);
  return subject === undefined ? `number ${id}, which is no holding, charge or notice` : whatIs(subject);
}

function agreedIn(file: ActFile, units: readonly UnitSeen[], unit: UnitSeen): string {
  const { message, primaryType } = file.act;
  const { state } = unit;
  const names = namesIn(file);
  const here = unitIn(names, unit);
  if (primaryType === 'TransferRight') {
    const { next } = fromAbi('TransferRight', message) as TransferRight;
    return `right ${next.rightId} of ${here} passes: ${passes(state, next, names)}.`;
  }
  if (primaryType === 'CreateRestriction') {
    const { restriction } = fromAbi('CreateRestriction', message) as CreateRestriction;
    const all = units.map((one) => unitIn(names, one)).join(', ');
    const { expiresOn } = restriction;
    const end = expiresOn === 0n ? 'without an end' : `until ${momentInWords(expiresOn)}`;
    const stops = actsOf(restriction.blocks).join(', ') || 'nothing';
    const terms = names.get(restriction.termsCommitment)?.map(([path, value]) => `${path} ${value}`);
    const said = terms === undefined ? '' : `, with the terms ${terms.join(', ')}`;
    return `a ${restriction.kind} of rank ${restriction.rank} is laid on ${all}, ${end}; it stops: ${stops}${said}.`;
  }
  if (primaryType === 'Discharge') return `it is taken off ${here}, for good.`;
  if (primaryType === 'Consolidate') {
    const { child, ownership } = fromAbi('Consolidate', message) as Consolidate;
    const ending = units.map((one) => unitIn(names, one)).join(', ');
    const held = ownership.holdings.map((one) => `${nameIn(names, one)} has ${shareIn(ownership, one)}`);
    return `${ending} end and become unit ${short(child.portion.baUnit)}: ${held.join(', ')}.`;
  }
  const count = file.items.length || listIn(message.children ?? message.parts).length;
  return primaryType === 'RegisterParts'
    ? `${count} parts of ${here} become titles of their own, each with its quota in it.`
    : `${here} ends and is divided in ${count}, each with everything that lies on it.`;
}

/** Who has what before and after. */
function passes({ rights }: BAUnitState, next: Right, names: Names): string {
  const before = rights.find(({ rightId }) => rightId === next.rightId);
  const leaving = (before?.holdings ?? []).map((one) => {
    const after = next.holdings.find(({ holdingId }) => holdingId === one.holdingId);
    const had = before === undefined ? '' : shareIn(before, one);
    const has = after === undefined ? 'nothing' : shareIn(next, after);
    return had === has
      ? `holding ${one.holdingId} keeps ${has}`
      : `holding ${one.holdingId} had ${had} and has ${has} then`;
  });
  const joining = next.holdings
    .filter(({ holdingId }) => holdingId === 0)
    .map((one) => `${nameIn(names, one)} comes to hold ${shareIn(next, one)}`);
  return [...leaving, ...joining].join(', ');
}

type Names = ReadonlyMap<string, readonly (readonly [path: string, value: string])[]>;

/** The facts that the file opens, by their commitment; values in quotes, as nothing that a terminal would obey. */
export function namesIn({ openings }: ActFile): Names {
  return new Map(
    openings.map(({ commitment, facts = [] }) => [
      commitment,
      facts.map(({ path, value }) => [path, visible(value)] as const),
    ]),
  );
}

/** By the number of its parcel, where the file opens what the state has of it. */
export function unitIn(names: Names, { baUnit, state }: UnitSeen): string {
  const [, number] = names.get(state.factsRoot)?.find(([path]) => path === 'parcel/number') ?? [];
  const unit = `unit ${short(baUnit)}`;
  return number === undefined ? unit : `parcel ${number} (${unit})`;
}

function nameIn(names: Names, { partyCommitment }: Holding): string {
  const [, name] = names.get(partyCommitment)?.find(([path]) => path === 'name') ?? [];
  return name ?? 'somebody who is not named';
}

function shareIn({ tenancy, denominator }: Right, { numerator }: Holding): string {
  if (denominator === 0n) return `a part that is ${tenancy}`;
  return numerator === denominator ? 'the whole' : `${numerator}/${denominator}`;
}

function effectOf({ effectiveOn }: TypedStruct): string {
  return BigInt(effectiveOn as bigint) === 0n
    ? ''
    : ` It has effect from ${momentInWords(effectiveOn as bigint)}.`;
}

const listIn = (value: TypedValue | undefined): readonly TypedValue[] => (Array.isArray(value) ? value : []);

/** The beginning and the end of an id, as people compare them; the whole stands in the lines below. */
const short = (id: string): string => `${id.slice(0, 10)}...${id.slice(-4)}`;
