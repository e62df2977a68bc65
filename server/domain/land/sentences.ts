/**
 * What a registrar signs, as the sentence that a registrar would say: of every act on land.
 *
 * Promises: a sentence is made of the message that is hashed and of openings that were hashed against it, and of nothing
 * else; a number or a name that is not opened is said to be so. Values stand in quotes, as nothing a terminal would obey. Pure.
 */
import type { TypedStruct, TypedValue } from '../acts/typedData.ts';
import { areaInWords, momentInWords, shortId } from '../base/inWords.ts';
import {
  actsOf,
  EVIDENCE_GRADES,
  nameOf,
  ORIGINS,
  PARTY_KINDS,
  RESTRICTION_KINDS,
  RIGHT_KINDS,
  SIGNERS,
  STANDINGS,
  TENANCIES,
} from '../base/terms.ts';
import { isNothing, type Opened, type Sentence } from '../signer/opened.ts';
import { visible } from '../signer/openings.ts';

/** More of them are read in the lines below. */
const NAMED_AT_ONCE = 6;

// ---- The acts ------------------------------------------------------------------------------------------------

export const registersTitle: Sentence = ({ title }, _, opened) =>
  `Registers ${titleIn(structOf(title), opened)} for the first time.`;

export const registersTitles: Sentence = (_, items, opened) =>
  `Registers ${items.length} titles for the first time: ${listed(items.map((item) => titleIn(item, opened)))}.`;

export const registersParts: Sentence = ({ base, parts }, _, opened) => {
  const all = listOf(parts).map((part) => titleIn(part, opened));
  const whole = unitIn(structOf(base), opened);
  return `Registers ${all.length} parts of ${whole} as titles of their own, each with its quota in it: ${listed(all)}.`;
};

export const transfersRight: Sentence = ({ unit, next }, _, opened) => {
  const right = structOf(next);
  const state = stateOf(structOf(unit), opened);
  const what = thingOf(right, unitIn(structOf(unit), opened));
  const before = listOf(state?.rights).find(({ rightId }) => same(rightId, right.rightId));
  const after = listOf(right.holdings);
  if (before === undefined) {
    const hold = listed(after.map((one) => holds(right, one, opened)));
    return `Changes who holds ${what}; who holds it now is not opened; then ${hold}.`;
  }
  const [leaving, joining, staying] = [
    listOf(before.holdings).filter(({ holdingId }) => !after.some((one) => same(one.holdingId, holdingId))),
    after.filter(({ holdingId }) => same(holdingId, 0n)),
    after.filter(({ holdingId }) => !same(holdingId, 0n)),
  ];
  const asBefore = staying.every((one) => {
    const had = listOf(before.holdings).find(({ holdingId }) => same(holdingId, one.holdingId));
    return had !== undefined && isSameShare(before, had, right, one);
  });
  const tenancy = nameOf(TENANCIES, number(right.tenancy)) ?? 'unknown';
  const heldThen = same(before.tenancy, right.tenancy) ? '' : `, in ${tenancy} tenancy from then on`;
  const [from, to] = [leaving[0], joining[0]];
  const isOneToOne = leaving.length === 1 && joining.length === 1;
  if (
    from !== undefined &&
    to !== undefined &&
    isOneToOne &&
    asBefore &&
    isSameShare(before, from, right, to)
  ) {
    return `Moves ${shareIn(before, from)} of ${what} from ${partyIn(from, opened)} to ${partyIn(to, opened)}${heldThen}.${signing(joining, opened)}`;
  }
  const changes = [
    ...listOf(before.holdings).map((had) => {
      const has = after.find(({ holdingId }) => same(holdingId, had.holdingId));
      const who = partyIn(had, opened);
      if (has !== undefined && isSameShare(before, had, right, has))
        return `${who} keeps ${shareIn(right, has)}`;
      return `${who} had ${shareIn(before, had)} and has ${has === undefined ? 'nothing' : shareIn(right, has)} then`;
    }),
    ...joining.map((one) => `${partyIn(one, opened)} comes to hold ${shareIn(right, one)}`),
  ];
  return `Changes who holds ${what}: ${listed(changes)}${heldThen}.${signing(joining, opened)}`;
};

/** Whoever signs for a holding can give it away: another key or a representative is another sale. */
function signing(joining: readonly TypedStruct[], opened: Opened): string {
  const said = joining.map((one) => {
    const who = partyIn(one, opened);
    const signer = nameOf(SIGNERS, number(one.signer));
    if (signer === 'none') return `nobody signs for ${who}`;
    const key = isNothing(one.keyHash) ? 'no key signs' : `key ${shortId(String(one.keyHash))} signs`;
    return `${key} for ${who}${signer === 'representative' ? ', as a representative' : ''}`;
  });
  return said.length === 0 ? '' : ` From then on ${listed(said)}.`;
}

export const createsRestriction: Sentence = ({ units, restriction }, _, opened) => {
  const one = structOf(restriction);
  const on = listed(listOf(units).map((unit) => targetIn(one, unit, opened)));
  const [ends, stops] = [untilIn(one), stoppedBy(one)];
  const asks = actsOf(BigInt(String(one.needsConsent))).join(', ');
  const asked = asks === '' ? '' : ` and must be asked about ${asks}`;
  return `Lays ${restrictionIn(one, opened)} on ${on}${ends}; it stops ${stops}${asked}.`;
};

/** A charge on a lease takes the lease, and one on a holding what that one has. */
function targetIn({ targetRight, targetHolding }: TypedStruct, unit: TypedStruct, opened: Opened): string {
  const whole = unitIn(unit, opened);
  if (same(targetRight, 0n)) return whole;
  const right = listOf(stateOf(unit, opened)?.rights).find(({ rightId }) => same(rightId, targetRight));
  const on = right === undefined ? `right ${targetRight} of ${whole}` : thingOf(right, whole);
  if (same(targetHolding, 0n)) return on;
  const held = listOf(right?.holdings).find(({ holdingId }) => same(holdingId, targetHolding));
  return `what ${held === undefined ? `holding ${targetHolding}` : partyIn(held, opened)} has of ${on}`;
}

export const discharges: Sentence = ({ releases }, _, opened) => {
  const off = listOf(releases).map(({ unit, restrictionId }) => {
    const change = structOf(unit);
    const state = stateOf(change, opened);
    const found = [...listOf(state?.charges), ...listOf(state?.notices)].find((one) =>
      same(one.restrictionId, restrictionId),
    );
    const what =
      found === undefined
        ? `restriction ${restrictionId}, which is not opened,`
        : restrictionIn(found, opened);
    return `${what} off ${unitIn(change, opened)}`;
  });
  return `Takes ${listed(off)}, for good.`;
};

export const subdivides: Sentence = ({ unit, children }, _, opened) =>
  divided(unit, listOf(children), opened);

export const opensDivision: Sentence = ({ unit }, items, opened) =>
  `${divided(unit, items, opened)} They follow step by step, and the whole is done when all are there.`;

export const cancelsDivision: Sentence = ({ unit }, _, opened) =>
  `Cancels the division of ${unitIn(structOf(unit), opened)}, which stands on, undivided.`;

export const consolidates: Sentence = ({ units, child, ownership }, _, opened) => {
  const ending = listOf(units).map((unit) => unitIn(unit, opened));
  const right = structOf(ownership);
  const holders = listOf(right.holdings).map((one) => holds(right, one, opened));
  const one = childIn(structOf(child), opened);
  const standing = nameOf(STANDINGS, number(right.standing)) ?? 'unknown';
  const as = `in ${standing} ${kindOf(right)}${timesIn(right)}${termsIn(right, opened)}`;
  return `Joins ${listed(ending)}, which end, into ${one} ${as}: ${listed(holders)}.${signing(listOf(right.holdings), opened)}`;
};

function divided(unit: TypedValue | undefined, children: readonly TypedStruct[], opened: Opened): string {
  const into = children.map((child) => childIn(child, opened));
  const whole = unitIn(structOf(unit), opened);
  return `Divides ${whole}, which ends, in ${into.length}: ${listed(into)}; each keeps its holders and all that lies on it.`;
}

// ---- Units ---------------------------------------------------------------------------------------------------

function stateOf({ priorState }: TypedStruct, opened: Opened): TypedStruct | undefined {
  return opened.state(priorState);
}

/** A unit that an act changes, by the number in the state that it names. */
function unitIn(change: TypedStruct, opened: Opened): string {
  const state = stateOf(change, opened);
  if (state === undefined) return unnamed(change.baUnit);
  return parcelIn(state.factsRoot, change.baUnit, opened) + groundIn(state.spatialUnits, opened);
}

function childIn({ portion, factsRoot }: TypedStruct, opened: Opened): string {
  const { baUnit, spatialUnits, quotaNumerator } = structOf(portion);
  const quota = same(quotaNumerator, 0n) ? '' : `, quota ${quotaNumerator}`;
  const parcel = parcelIn(factsRoot, baUnit, opened) + sizeIn(factsRoot, opened);
  return parcel + groundIn(spatialUnits, opened) + sharedIn(factsRoot, opened) + quota;
}

function sizeIn(factsRoot: TypedValue | undefined, opened: Opened): string {
  const area = opened.facts(factsRoot).find(({ path }) => path === 'parcel/area-mm2')?.value ?? '';
  return /^\d{1,30}$/.test(area) ? ` (${areaInWords(BigInt(area))})` : '';
}

/** Every boundary is asked for, and stands in the lines below; of one that is closed nobody can say where the parcel lies. */
function groundIn(spatialUnits: TypedValue | undefined, opened: Opened): string {
  const closed = listOf(spatialUnits).filter(
    ({ geometryCommitment: of }) => opened.facts(of).length === 0 && !isNothing(of),
  );
  return closed.length === 0 ? '' : ', whose ground is not opened,';
}

/** The boundary that an officer decided: two who sign a title know with whom it shares ground. */
function sharedIn(factsRoot: TypedValue | undefined, opened: Opened): string {
  const value = opened.facts(factsRoot).find(({ path }) => path === 'parcel/shared-ground')?.value;
  return value === undefined ? '' : `, which shares ${visible(value)} as was decided`;
}

function titleIn({ baUnit, state }: TypedStruct, opened: Opened): string {
  const { factsRoot, header, rights, charges, notices, responsibilities, spatialUnits } = structOf(state);
  const shared = groundIn(spatialUnits, opened) + sharedIn(factsRoot, opened);
  const held = listOf(rights).map((right) => {
    const kind = `${nameOf(STANDINGS, number(right.standing)) ?? 'unknown'} ${kindOf(right)}`;
    const on = same(right.targetRight, 0n) ? '' : ` in right ${right.targetRight}`;
    const who = listed(listOf(right.holdings).map((one) => heldBy(right, one, opened)));
    return `${kind}${on}${timesIn(right)}${termsIn(right, opened)} of ${who}`;
  });
  const begun = [
    ...[...listOf(charges), ...listOf(notices)].map(
      (one) => `with ${restrictionIn(one, opened)}${untilIn(one)}, which stops ${stoppedBy(one)}`,
    ),
    ...(listOf(responsibilities).length === 0 ? [] : [`with ${listOf(responsibilities).length} duties`]),
    ...recordIn(structOf(header)),
  ];
  const parcel = parcelIn(factsRoot, baUnit, opened) + sizeIn(factsRoot, opened);
  return `${parcel}${shared}, ${[held.join(' and ') || 'which nobody holds', ...begun].join(', ')}`;
}

/** Where a title comes from, and what part of common ground goes with it. */
function recordIn({ office, origin, evidence, quotaNumerator, quotaTotal }: TypedStruct): string[] {
  const quota = same(quotaTotal, 0n) ? [] : [`quota ${quotaNumerator} of ${quotaTotal}`];
  const from = `${nameOf(ORIGINS, number(origin)) ?? 'unknown'} by ${nameOf(EVIDENCE_GRADES, number(evidence)) ?? 'unknown'}`;
  return [...quota, `office ${office ?? 0n}, ${from}`];
}

/** When a right that is not absolute becomes so by itself, and when one ends. */
function timesIn(right: TypedStruct): string {
  const { upgradesOn } = right;
  const upgrade = same(upgradesOn, 0n) ? '' : ` that rises in standing on ${momentInWords(big(upgradesOn))}`;
  return upgrade + untilIn(right);
}

const untilIn = ({ expiresOn }: TypedStruct) =>
  same(expiresOn, 0n) ? '' : ` until ${momentInWords(big(expiresOn))}`;
const stoppedBy = ({ blocks }: TypedStruct) => actsOf(big(blocks)).join(', ') || 'nothing';

function termsIn({ termsCommitment }: TypedStruct, opened: Opened): string {
  if (isNothing(termsCommitment)) return '';
  const facts = opened.facts(termsCommitment).map(({ path, value }) => `${path} ${visible(value)}`);
  return facts.length === 0 ? ', with terms that are not opened,' : `, with ${facts.join(', ')},`;
}

function parcelIn(factsRoot: TypedValue | undefined, baUnit: TypedValue | undefined, opened: Opened): string {
  const value = opened.facts(factsRoot).find(({ path }) => path === 'parcel/number')?.value;
  if (value !== undefined && value !== '') return `parcel ${visible(value)}`;
  if (value === '' || isNothing(factsRoot)) return `unit ${shortId(String(baUnit))}, which has no number,`;
  return unnamed(baUnit);
}

const unnamed = (baUnit: TypedValue | undefined) =>
  `unit ${shortId(String(baUnit))}, whose number is not opened,`;

// ---- Rights and who holds them -------------------------------------------------------------------------------

const kindOf = ({ kind }: TypedStruct) => nameOf(RIGHT_KINDS, number(kind)) ?? `right of kind ${kind}`;

/** Of ownership the land itself is what moves; anything else is named. */
function thingOf(right: TypedStruct, unit: string): string {
  return kindOf(right) === 'ownership' ? unit : `the ${kindOf(right)} (right ${right.rightId}) of ${unit}`;
}

function partyIn({ partyCommitment, partyKind }: TypedStruct, opened: Opened): string {
  const name = opened.facts(partyCommitment).find(({ path }) => path === 'name')?.value;
  if (name !== undefined) return visible(name);
  const kind = nameOf(PARTY_KINDS, number(partyKind)) ?? 'unknown';
  return isNothing(partyCommitment)
    ? `a party (${kind}) without a name`
    : `a party (${kind}) whose name is not opened`;
}

const holds = (right: TypedStruct, one: TypedStruct, opened: Opened) =>
  `${partyIn(one, opened)} holds ${shareIn(right, one)}`;
const heldBy = (right: TypedStruct, one: TypedStruct, opened: Opened) =>
  `${partyIn(one, opened)} (${shareIn(right, one)}, ${signerIn(one)})`;

/** By which key a holding is given away, and whether its holder or somebody else has that key. */
function signerIn({ keyHash, signer }: TypedStruct): string {
  const name = nameOf(SIGNERS, number(signer));
  if (name === 'none') return 'nobody signs';
  const key = isNothing(keyHash) ? 'no key' : `key ${shortId(String(keyHash))}`;
  return name === 'representative' ? `${key} of a representative` : key;
}

function shareIn({ tenancy, denominator }: TypedStruct, { numerator }: TypedStruct): string {
  if (same(denominator, 0n)) return `a part that is ${nameOf(TENANCIES, number(tenancy)) ?? 'unknown'}`;
  return same(numerator, denominator) ? 'the whole' : `${numerator}/${denominator}`;
}

function isSameShare(before: TypedStruct, had: TypedStruct, after: TypedStruct, has: TypedStruct): boolean {
  const [d, e] = [big(before.denominator), big(after.denominator)];
  if (d === 0n || e === 0n) return d === e && same(before.tenancy, after.tenancy);
  return big(had.numerator) * e === big(has.numerator) * d;
}

// ---- Restrictions --------------------------------------------------------------------------------------------

function restrictionIn(one: TypedStruct, opened: Opened): string {
  const kind = nameOf(RESTRICTION_KINDS, number(one.kind)) ?? `restriction of kind ${one.kind}`;
  const rank = same(one.rank, 0n) ? '' : ` of rank ${one.rank}`;
  const facts = opened.facts(one.termsCommitment);
  const terms = facts.map(({ path, value }) => `${path} ${visible(value)}`).join(', ');
  const isClosed = facts.length === 0 && !isNothing(one.termsCommitment);
  const said = isClosed ? ', with terms that are not opened' : terms === '' ? '' : `, with ${terms}`;
  const whose = isNothing(one.holderKeyHash) ? '' : ` for key ${shortId(String(one.holderKeyHash))}`;
  return `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}${rank}${whose}${said}`;
}

// ---- Values --------------------------------------------------------------------------------------------------

const NOTHING: TypedStruct = {};
const structOf = (value: TypedValue | undefined): TypedStruct =>
  typeof value === 'object' && !Array.isArray(value) ? (value as TypedStruct) : NOTHING;
const listOf = (value: TypedValue | undefined): readonly TypedStruct[] =>
  Array.isArray(value) ? (value as readonly TypedStruct[]) : [];
const big = (value: TypedValue | undefined) => BigInt(String(value ?? 0));
const number = (value: TypedValue | undefined) => Number(big(value));
const same = (one: TypedValue | undefined, other: TypedValue | undefined) => big(one) === big(other);

function listed(all: readonly string[]): string {
  const named = all.slice(0, NAMED_AT_ONCE).join('; ');
  const more = all.length - NAMED_AT_ONCE;
  return more > 0 ? `${named}; and ${more} more, in the lines below` : named || 'nobody';
}
