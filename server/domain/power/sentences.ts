/**
 * What a member signs, as one sentence that a member would say: of every act and order of power, and of every measure.
 *
 * Promises: a sentence is made of the message that is hashed and of nothing else; every kind of measure has one. What it
 * cannot say, it names by its number. Pure.
 */
import type { Measure } from '../acts/events.ts';
import type { TypedStruct, TypedValue } from '../acts/typedData.ts';
import type { Bytes32 } from '../base/hex.ts';
import { momentInWords } from '../base/inWords.ts';
import { KEY_KINDS, MEASURE_KINDS, type MeasureKind, nameOf, ROLES, SCOPES } from '../base/terms.ts';
import { isNothing, type Sentence } from '../signer/opened.ts';
import { haltSpan } from './measures.ts';
import { type DirectoryName, nameInDirectory, nameOfPolicy } from './policyNames.ts';
import { officerIdOf, placeOfEpoch } from './possession.ts';

const DAY_SECONDS = 86_400n;
const HOUR_SECONDS = 3_600n;
/** The last second a calendar date can name in JavaScript. */
const LAST_DATE_SECONDS = 8_640_000_000_000n;

// ---- Acts and orders ----------------------------------------------------------------------------------------

export const appointsOfficer: Sentence = ({ appointment }) => {
  const { institution } = appointment as TypedStruct;
  return `Appoints officer ${appointedIn(appointment as TypedStruct, `of institution ${institution}, `)}.`;
};

export const rotatesKey: Sentence = ({ officer, epoch, key }) => {
  const place = placeOfEpoch(Number(epoch)) === 'key' ? 'first' : 'spare';
  return `Replaces the ${place} key of officer ${short(officer)} by ${keyWords(key as TypedStruct)}; the old one counts no more.`;
};

export const revokesOfficer: Sentence = ({ officer, suspectSince }) => {
  return `Revokes officer ${short(officer)}, at once and for good${doubtedSince(suspectSince)}.`;
};

function doubtedSince(suspectSince: TypedValue | undefined): string {
  const doubt = BigInt(suspectSince as bigint);
  return doubt === 0n ? '' : `; what it signed since ${moment(doubt)} is in doubt`;
}

export const freesOfficer: Sentence = ({ officer }) => `Ends the suspension of officer ${short(officer)}.`;

export const appointsRecorder: Sentence = ({ institution, keyHash }) =>
  `Gives institution ${institution} recorder key ${short(keyHash)}, which dates its logs in the place of any before it.`;

export const endsRecorder: Sentence = ({ institution, epoch }) =>
  `Ends recorder key ${epoch} of institution ${institution}, at once and for good.`;

export const pausesLong: Sentence = ({ scope, until }) =>
  `Stops ${scopesWords(scope)} until ${moment(until)}, by two institutions, or any two officers until the consortium is seated.`;

export const pausesShort: Sentence = ({ scope, until }) =>
  `Stops ${scopesWords(scope)} until ${moment(until)}, by one officer.`;

export const releases: Sentence = ({ scope }) => `Lets ${scopesWords(scope)} go on before the pause is over.`;

export const resigns: Sentence = ({ officer, suspectSince }) =>
  `Ends the own record of officer ${short(officer)}, at once and for good${doubtedSince(suspectSince)}.`;

export const suspends: Sentence = ({ officer, until, revoker }) =>
  `Suspends officer ${short(officer)} until ${moment(until)}; until then officer ${short(revoker)}, who signs, casts no vote.`;

export const withdraws: Sentence = ({ entryId, actDeadline }) =>
  `Takes back the act ${short(entryId)} for good, before it is recorded; nothing is taken back of one that may be recorded after ${moment(actDeadline)}.`;

export const votes: Sentence = ({ measure, inFavour }, items) => {
  const { kind, ...rest } = measure as TypedStruct;
  const name = nameOf(MEASURE_KINDS, Number(kind)) ?? 'unspecified';
  const said = measureWords(Object.assign({}, rest, { kind: name }) as unknown as Measure, items.length);
  const named = items.length === 0 ? '' : ` Officers: ${items.map((item) => appointedIn(item)).join('; ')}.`;
  return `${inFavour === true ? 'Votes for this' : 'Votes against this, for good'}: ${said}${named}`;
};

/** Whoever signs or votes compares them with the records that were handed round: an id is of the first key alone. */
function appointedIn({ key, spare, salt, office, roles }: TypedStruct, of = ''): string {
  const officer = officerIdOf((key as TypedStruct).keyHash as Bytes32, salt as Bytes32);
  const keys = `with ${keyWords(key as TypedStruct)} and, to spare, ${keyWords(spare as TypedStruct)}`;
  return `${short(officer)} ${of}for ${officeWords(office)}, as ${rolesWords(roles)}, ${keys}`;
}

function keyWords({ kind, keyHash, verifier, rpIdHash }: TypedStruct): string {
  if (isNothing(keyHash)) return 'no key';
  const by = isNothing(verifier) ? '' : `, checked by ${short(verifier)}`;
  const at = isNothing(rpIdHash) ? '' : ` for ${short(rpIdHash)}`;
  return `key ${short(keyHash)} (${nameOf(KEY_KINDS, Number(kind)) ?? 'unknown'}${by}${at})`;
}

// ---- Measures -----------------------------------------------------------------------------------------------

type OfMeasure = (measure: Measure, appointments: number) => string;

const OF_KIND: Readonly<Record<MeasureKind, OfMeasure>> = {
  unspecified: () => 'Does nothing.',
  'admit-institution': ({ institution, value }, count) =>
    `Admits institution ${institution} with ${officersWords(count)}; it may give the roles ${rolesWords(value)}.`,
  'expel-institution': ({ institution }) => `Expels institution ${institution}, for good.`,
  'suspend-institution': ({ institution }) => `Suspends institution ${institution} for thirty days, at once.`,
  'lift-suspension': ({ institution }) => `Ends the suspension of institution ${institution}.`,
  'set-institution-roles': ({ institution, value }) =>
    `Lets institution ${institution} give the roles ${rolesWords(value)}.`,
  'reseat-institution': ({ institution }, count) =>
    `Gives institution ${institution}, which can no longer manage its officers, ${officersWords(count)}.`,
  'set-quorum': ({ value }) => `Asks for ${value} votes of members for a measure from now on.`,
  'set-widening-wait': ({ value }) => `Lets ${span(value)} pass between a vote and what it widens.`,
  'set-appointment-wait': ({ value }) =>
    `Lets ${span(value)} pass between an appointment and its first signature.`,
  'allow-verifier': ({ target, value }) =>
    `Allows keys of the kind ${nameOf(KEY_KINDS, value) ?? value}, checked by the contract ${target}.`,
  'disallow-verifier': ({ target }) => `Lets no key count that the contract ${target} checks, at once.`,
  'add-validator': ({ target, institution }) =>
    `Adds the validator ${target}, which institution ${institution} runs.`,
  'remove-validator': ({ target }) => `Removes the validator ${target}.`,
  'set-policy': ({ name, value }) => `Sets the policy ${nameOfPolicy(name) ?? name} to ${value}.`,
  'put-in-force': (measure) => succeeds(measure),
  'pass-authority': ({ target }) => `Passes the authority over the ledger to the consortium ${target}.`,
  'move-office': ({ institution, value }) => `Gives office ${value} to institution ${institution} to keep.`,
  'record-halt': (measure) => {
    const { from, to } = haltSpan(measure);
    return `Records that the chain stood still from ${secondOf(from)} to ${secondOf(to)}, at once.`;
  },
  'replace-validator': ({ target, name, institution }) =>
    `Puts the validator ${target} in the place of 0x${name.slice(-40)}; institution ${institution} runs both.`,
  'revoke-officer': ({ name }) => `Revokes officer ${short(name)}, at once and for good.`,
  'free-officer': ({ name }) => `Ends the suspension of officer ${short(name)}, at once.`,
};

/** What a measure does once it is carried out. */
export function measureWords(measure: Measure, appointments: number): string {
  return OF_KIND[measure.kind](measure, appointments);
}

/** So many seconds as people say them. */
export function span(seconds: bigint): string {
  if (seconds === 0n) return 'no time';
  if (seconds % DAY_SECONDS === 0n) return counted(seconds / DAY_SECONDS, 'day');
  if (seconds % HOUR_SECONDS === 0n) return counted(seconds / HOUR_SECONDS, 'hour');
  return counted(seconds, 'second');
}

function counted(number: bigint, word: string): string {
  return number === 1n ? `1 ${word}` : `${number} ${word}s`;
}

function officersWords(count: number): string {
  return count === 0 ? 'the officers named by their hash' : counted(BigInt(count), 'officer');
}

/** What a register of the Charter's directory is, and what goes on in its successor only where the words of it are imported. */
const REGISTERS: Readonly<Record<DirectoryName, { readonly what: string; readonly imports?: string }>> = {
  Safeguards: { what: 'the safeguards, which keep pauses and halts' },
  Personnel: { what: 'the register of what officers do to one another' },
  LandRegistry: { what: 'the register of land', imports: 'titles' },
  BenefitLedger: { what: 'the ledger of benefits', imports: 'programmes, cards, cycles and credits' },
  Notary: { what: 'the notary', imports: 'recorder keys, roots and counts of destroyed data keys' },
};

function succeeds({ name, target, value }: Measure): string {
  const directory = nameInDirectory(name);
  const { what, imports } =
    directory === undefined ? { what: name, imports: 'records' } : REGISTERS[directory];
  const hash = `0x${value.toString(16).padStart(64, '0')}`;
  const begins =
    value === 0n ? (imports === undefined ? '' : `; NONE of its ${imports} go on`) : wordsOf(imports, hash);
  return `Puts ${target} in force as ${what}, in the place of the one before, which is frozen for good${begins}.`;
}

function wordsOf(imports: string | undefined, hash: string): string {
  return imports === undefined
    ? `; it begins with the words that fold to ${hash}`
    : `; its ${imports} go on as the words that fold to ${hash}`;
}

const bitsOf = (all: readonly string[], bits: TypedValue | undefined) =>
  all.filter((_, i) => (BigInt(bits as bigint) >> BigInt(i)) % 2n === 1n).join(', ') || 'none';
const rolesWords = (bits: TypedValue | undefined) => bitsOf(ROLES, bits);
const scopesWords = (bits: TypedValue | undefined) => bitsOf(SCOPES, bits);
const officeWords = (office: TypedValue | undefined) =>
  Number(office) === 0 ? 'every office' : `office ${office}`;

const moment = (seconds: TypedValue | undefined) => momentInWords(BigInt(seconds as bigint));

/** A halt is counted in seconds, so they are said. */
function secondOf(seconds: bigint): string {
  if (seconds > LAST_DATE_SECONDS) return `second ${seconds}`;
  return new Date(Number(seconds) * 1_000).toISOString().replace('T', ' ').replace('.000Z', ' UTC');
}

/** The beginning and the end of an id, as people compare them; the whole stands in the lines below. */
function short(id: TypedValue | undefined): string {
  const text = id as Bytes32;
  return `${text.slice(0, 10)}...${text.slice(-4)}`;
}
