/**
 * What an aid officer signs, as the sentence that a treasurer would say: of every act on benefits.
 *
 * Promises: a sentence is made of the message that is hashed and of openings that were hashed against it, and of nothing
 * else; people and units of a list are counted anew from its words; a hash that is not opened is said to be so. Pure.
 */
import type { TypedStruct, TypedValue } from '../acts/typedData.ts';
import { countInWords, momentInWords, numberInWords, shortId } from '../base/inWords.ts';
import { KEY_KINDS, nameOf } from '../base/terms.ts';
import { isNothing, type Opened, type Sentence } from '../signer/opened.ts';
import { visible } from '../signer/openings.ts';
import { currencyInWords, minorInWords, moneyInWords } from './currencies.ts';
import { cardsIn, peopleIn } from './lists.ts';
import { CYCLE_STEPS, type CycleStep, FUNDS_MOVES, type FundsMove, PERMITS } from './terms.ts';

// ---- Programmes and money ------------------------------------------------------------------------------------

export const definesProgramme: Sentence = (message, _, opened) => {
  const { programme, institution, currency, mostPerRedemptionUnits, policyHash } = message;
  const most = units(big(mostPerRedemptionUnits));
  return `Defines programme ${id(programme)} of institution ${institution}, in ${currencyInWords(number(currency))}, with at most ${most} a purchase, ${limitsIn(message)}${behind('the policy', policyHash, opened)}.`;
};

/** How far officers and tills may go by themselves. */
function limitsIn(message: TypedStruct): string {
  const { assistedCapUnits, emergencyCapUnits, mostOfflineSeconds, leastOpenSeconds, disputeSeconds } =
    message;
  const seconds = (value: TypedValue | undefined) => countInWords(big(value), 'second');
  return [
    `${units(big(assistedCapUnits))} given by hand`,
    `${units(big(emergencyCapUnits))} in an emergency`,
    `sales up to ${seconds(mostOfflineSeconds)} old`,
    `cycles open for ${seconds(leastOpenSeconds)} or more`,
    `and ${seconds(disputeSeconds)} to dispute`,
  ].join(', ');
}

const MOVES: Readonly<Record<FundsMove, (amount: string, programme: string) => string>> = {
  unspecified: (amount, programme) => `Moves ${amount} of programme ${programme} in no way that is known`,
  fund: (amount, programme) => `Adds ${amount} to the money of programme ${programme}`,
  'reuse-expired': (amount, programme) =>
    `Frees ${amount} of programme ${programme} that expired, to be used again`,
  'reuse-reclaimed': (amount, programme) =>
    `Frees ${amount} of programme ${programme} that were reclaimed, to be used again`,
  defund: (amount, programme) => `Gives ${amount} of programme ${programme} back to the donor`,
};

export const movesFunds: Sentence = ({ programme, move, amountMinor, sourceCommitment }, _, opened) => {
  const says = MOVES[FUNDS_MOVES[number(move)] ?? 'unspecified'];
  const isUnnamed = FUNDS_MOVES[number(move)] === 'fund' && isNothing(sourceCommitment);
  const source = isUnnamed
    ? ', from a source that is not named'
    : behind('the source', sourceCommitment, opened);
  return `${says(amountOf(amountMinor, opened), id(programme))}${source}.`;
};

export const pausesProgramme: Sentence = ({ programme, pausedUntil, byTwoInstitutions }) => {
  const by =
    byTwoInstitutions === true ? ' Two institutions pause, and only two resume' : ' One institution pauses';
  return `Stops every purchase of programme ${id(programme)} until ${moment(pausedUntil)}.${by}.`;
};

export const resumesProgramme: Sentence = ({ programme }) =>
  `Lets purchases of programme ${id(programme)} go on before the pause is over.`;

// ---- People, cards, shops -------------------------------------------------------------------------------------

export const enrols: Sentence = ({ programme, enrolmentEpoch, startIndex, count, slotsHash }, _, opened) => {
  const where = `programme ${id(programme)}, epoch ${enrolmentEpoch}, at places ${numberInWords(big(startIndex))} to ${numberInWords(big(startIndex) + big(count) - 1n)}`;
  const list = opened.words(slotsHash);
  if (list === undefined) return `Enrols ${people(big(count))} in ${where}; the list is not opened.`;
  const all = cardsIn(list.words);
  const without = all.filter((card) => card?.keyKind === 'unspecified').length;
  const malformed = all.filter((card) => card === undefined).length;
  const paid = without === 0 ? '' : `, ${numberInWords(without)} without a card, who are paid out`;
  const bad = malformed === 0 ? '' : `, ${numberInWords(malformed)} WITH A MALFORMED CARD, which never sells`;
  return `Enrols ${people(BigInt(all.length))} in ${where}: ${numberInWords(all.length - without - malformed)} with a card${paid}${bad}.`;
};

export const setsCard: Sentence = (message) => {
  const { programme, enrolmentEpoch, index, cardEpoch, standing, effectiveFrom } = message;
  const whose = `card ${cardEpoch} of place ${numberInWords(big(index))} in programme ${id(programme)}, epoch ${enrolmentEpoch}`;
  const others = number(cardEpoch) > 1 ? '; no card of the place before it counts any more' : '';
  return `Makes ${whose}, ${permit(standing)}${from(effectiveFrom)}, with key ${keyIn(message)}${others}.`;
};

export const setsVendor: Sentence = ({ vendor, institution, standing, from: since, versionBefore }) => {
  const what = number(versionBefore) === 0 ? 'Takes up' : 'Makes';
  return `${what} vendor ${id(vendor)} of institution ${institution}, ${permit(standing)}${from(since)}.`;
};

export const setsTill: Sentence = (message) => {
  const { vendor, till, standing, versionBefore } = message;
  const key = `with key ${keyIn(message)}`;
  return number(versionBefore) === 0
    ? `Takes up till ${till} of vendor ${id(vendor)}, ${permit(standing)}, ${key}.`
    : `Makes till ${till} of vendor ${id(vendor)} ${permit(standing)}, ${key} as before, for the ${ordinal(number(versionBefore))} change of it.`;
};

// ---- Cycles ---------------------------------------------------------------------------------------------------

export const opensCycle: Sentence = (message, _, opened) => {
  const { programme, cycle, tableHash, unitValueMinor, currency } = message;
  const list = opened.words(tableHash);
  const [value, code] = [big(unitValueMinor), number(currency)];
  const total = big(message.totalUnits);
  const counted = list && peopleIn(list.words, number(message.entryBytes));
  const who = counted === undefined ? 'people of a roll that is not opened' : people(BigInt(counted.people));
  const time = `to be spent from ${moment(message.opensAt)} until ${moment(message.spendUntil)} and posted until ${moment(message.postUntil)}`;
  return `Gives ${who} ${units(total)} of ${moneyInWords(code, value)} each, ${moneyInWords(code, total * value)} in all, in cycle ${cycle} of programme ${id(programme)}, by the cards of epoch ${message.enrolmentEpoch}, ${time}.`;
};

const STEPS: Readonly<Record<CycleStep, string>> = {
  unspecified: 'Moves on in no way that is known',
  cancel: 'Cancels',
  'end-early': 'Ends early',
  expire: 'Expires',
  reclaim: 'Reclaims',
  close: 'Closes',
};

export const movesCycle: Sentence = ({ programme, cycle, step, unspentUnits, endsAt }) => {
  const says = STEPS[CYCLE_STEPS[number(step)] ?? 'unspecified'];
  const left = big(unspentUnits) === 0n ? '' : `, with ${units(big(unspentUnits))} that nobody spent`;
  const when = big(endsAt) === 0n ? '' : `; the last sale is at ${moment(endsAt)}`;
  return `${says} cycle ${cycle} of programme ${id(programme)}${left}${when}.`;
};

export const settles: Sentence = (message, _, opened) => {
  const { programme, cycle, vendor, units: sold, amountMinor, settledBeforeUnits, statementHash } = message;
  const before = `${units(big(settledBeforeUnits))} of it were settled before`;
  return `Settles ${units(big(sold))} with ${amountOf(amountMinor, opened)} for vendor ${id(vendor)}, sold in cycle ${cycle} of programme ${id(programme)}; ${before}${behind('the statement', statementHash, opened)}.`;
};

export const releasesCredit: Sentence = (message, _, opened) => {
  const { programme, cycle, vendor, units: posted, caseCommitment } = message;
  return `Releases ${units(big(posted))} that vendor ${id(vendor)} posted after a suspension, in cycle ${cycle} of programme ${id(programme)}, to be settled${behind('the case', caseCommitment, opened)}.`;
};

// ---- Values ---------------------------------------------------------------------------------------------------

/** What a hash chosen elsewhere stands for, in the words of its opening. */
function behind(what: string, hash: TypedValue | undefined, opened: Opened): string {
  if (isNothing(hash)) return '';
  const facts = opened.facts(hash).map(({ path, value }) => `${path} ${visible(value)}`);
  return facts.length === 0 ? `, by ${what} that is not opened` : `, by ${what}: ${facts.join(', ')}`;
}

const keyIn = ({ keyId, keyKind }: TypedStruct) =>
  `${shortId(String(keyId))} (${nameOf(KEY_KINDS, number(keyKind)) ?? 'unknown'})`;
const big = (value: TypedValue | undefined) => BigInt(String(value ?? 0));
const number = (value: TypedValue | undefined) => Number(big(value));
const id = (value: TypedValue | undefined) => shortId(String(value));
const units = (count: bigint) => countInWords(count, 'unit');
const people = (count: bigint) => countInWords(count, 'person', 'people');
const moment = (seconds: TypedValue | undefined) => momentInWords(big(seconds));
const from = (seconds: TypedValue | undefined) => (big(seconds) === 0n ? '' : ` from ${moment(seconds)}`);
/** `1st`, `22nd`, `13th`. */
const ordinal = (place: number) => {
  const isTeen = place % 100 >= 11 && place % 100 <= 13;
  return `${place}${(isTeen ? undefined : ['th', 'st', 'nd', 'rd'][place % 10]) ?? 'th'}`;
};
const permit = (standing: TypedValue | undefined) => PERMITS[number(standing)] ?? 'unknown';
/** The message of these acts does not say of which currency: the programme's, which the gateway tells beside it. */
function amountOf(amount: TypedValue | undefined, { currency }: Opened): string {
  const said = `${minorInWords(big(amount))} of its currency`;
  return currency === undefined
    ? said
    : `${said} (by the gateway's record ${moneyInWords(currency, big(amount))})`;
}
