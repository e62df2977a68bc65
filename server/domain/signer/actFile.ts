/**
 * The file of a prepared act: what an officer signs, read by a program that does not trust the gateway.
 *
 * Hides the format. Promises: an act that `readActFile` returns is one this version can put in words; its id is
 * the hash of exactly those fields; a batch covers exactly the items shown; the approval and every consent asked for
 * are of this act on this ledger; every opening opens a commitment of the act, or of a state that it opens; the list of an
 * enrolment or a roll has the people, units and root that the act states. For the command line and for the page
 * of a second institution, and for the gateway that writes the file. Pure.
 *
 * Format, JSON, version 1; typed data as typedJson.ts writes it:
 *   {format, act {id, kind, typedData, items}, approval, consents [{typedData}], openings [...]}
 * The whole answer of the API, which has the file as `prepared`, is read as well: its id must be that of the act, and what
 * else it says is nothing that anybody signs. `kind` is the primary type with hyphens (`register-title`); `items` are a batch's titles or a division's children, and
 * empty otherwise; `approval`
 * is {typedData} or null.
 */

import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { approvalOf, approvalTypes } from '../acts/approval.ts';
import type { SigningRegister } from '../acts/domains.ts';
import type { Approval } from '../acts/head.ts';
import { orderOf, registerSigned, signedRow } from '../acts/orders.ts';
import { headOf, itemsOf, type SignableAct } from '../acts/signable.ts';
import { ITEMS_OF, SIGNED_NAMES, SIGNED_TYPES } from '../acts/signedActs.ts';
import { type ActRow, rowOf } from '../acts/table.ts';
import {
  digestOf,
  domainSeparator,
  hashStruct,
  type TypedStruct,
  type TypedValue,
} from '../acts/typedData.ts';
import { fromHex, parseHex, toHex, ZERO_32 } from '../base/hex.ts';
import { momentInWords, shortId } from '../base/inWords.ts';
import { codeOfError, refusal } from '../base/refusal.ts';
import { isRecord, jsonOf, listOf, recordOf, requireFormat } from '../base/strictJson.ts';
import { type EntryId, LAND_ACTS, LAND_KIND_BASE, numberOf, type OfficerId } from '../base/terms.ts';
import { listDiffers, listHashOf } from '../benefits/lists.ts';
import { foldHashes } from '../land/hashes.ts';
import { appointmentsHashOf } from '../power/measures.ts';
import { inWords } from './actWords.ts';
import type { Beside } from './beside.ts';
import type { ConsentTerms } from './consentTerms.ts';
import { isNothing, type Opened, openedOf } from './opened.ts';
import { type Opening, type Opens, readOpening, type SignedWords, writeOpening } from './openings.ts';
import {
  readStruct,
  readTypedData,
  type SignableData,
  type TypedDataRefusals,
  type TypedJson,
  writeTypedData,
  writeValue,
} from './typedJson.ts';

const FORMAT = 'kudurru-act-1';
/** Fifty titles with all their openings are about a tenth of it. */
const MAX_TEXT_CHARACTERS = 16 * 2 ** 20;
/** No act within its weight asks for more: each is of a holding, a charge or a notice that a state shows. */
const MAX_CONSENTS = 1_024;
/** A few for each of the units of an act or the items of a batch, and a boundary for each piece of their ground. */
export const MAX_OPENINGS = 2_560;

export interface ActFile {
  readonly id: EntryId;
  readonly kind: string;
  readonly register: SigningRegister;
  readonly act: SignableData;
  /** The titles of a batch, the children of a division. */
  readonly items: readonly TypedStruct[];
  readonly approval: Approval | undefined;
  readonly consents: readonly SignableData[];
  readonly openings: readonly Opening[];
}

/** Reads the text of the file and recomputes all of it; throws the first thing that is wrong. */
export function readActFile(text: string): ActFile {
  const given = jsonOf(text, MAX_TEXT_CHARACTERS, malformed);
  const answered = isRecord(given) && 'prepared' in given && !('format' in given) ? given : undefined;
  const prepared = readAct(answered === undefined ? given : answered.prepared);
  if (answered !== undefined && answered.id !== prepared.id) {
    const said = typeof answered.id === 'string' ? (parseHex(answered.id, 32) ?? 'none') : 'none';
    const { kind, id: found } = prepared;
    throw refusal(
      'act-id-differs',
      { kind, said, found, changed: 'the id beside the file' },
      { field: '/id' },
    );
  }
  return prepared;
}

function readAct(json: unknown): ActFile {
  requireFormat(json, FORMAT, malformed);
  const file = recordOf(json, '', ['format', 'act', 'approval', 'consents', 'openings'], malformed);
  const given = recordOf(file.act, '/act', ['id', 'kind', 'typedData', 'items'], malformed);
  const act = readTypedData(given.typedData, '/act/typedData', SIGNED_TYPES, SAY);
  const register = registerSigned(act.primaryType, act.domain);
  if (signedRow(act.primaryType) === undefined || register === undefined) {
    throw SAY.unknownType('/act/typedData/primaryType');
  }
  if (given.kind !== codeOfError(act.primaryType)) throw malformed('/act/kind');
  const id = typeof given.id === 'string' ? parseHex(given.id, 32) : undefined;
  if (id === undefined || id !== given.id) throw malformed('/act/id');
  const found = digestOf(act);
  if (found !== id) {
    const changed = changedSince(file.approval, given.typedData);
    throw refusal('act-id-differs', { kind: given.kind, said: id, found, changed }, { field: '/act/id' });
  }
  const prepared = {
    id: id as EntryId,
    kind: given.kind,
    register,
    act,
    items: readItems(given.items, act),
    approval: readApproval(file.approval, act),
    consents: listOf(file.consents, '/consents', MAX_CONSENTS, malformed, (consent, place) =>
      readConsent(consent, place, act),
    ),
    openings: listOf(file.openings, '/openings', MAX_OPENINGS, malformed, (opening, place) =>
      readOpening(opening, place, SAY, (commitment) => fieldOf(act, commitment)),
    ),
  };
  requireBelonging(prepared);
  requireList(prepared);
  return prepared;
}

/**
 * The file of an act as its signers read it, with what is opened of it: a whole set of facts or none. Refuses as
 * `act-too-large` one that no signer's device would read.
 */
export function actFileOf(
  act: Pick<SignableAct, 'typedData' | 'args' | 'items' | 'consents' | 'states'>,
  opened: readonly Opens[],
): ReturnType<typeof writeActFile> {
  // The signer decides how long a consent holds; until then it is shown as long as the act may wait.
  const { deadline } = headOf(act);
  const opens = [...opened, ...act.states.map((state) => ({ state }))];
  if (opens.length > MAX_OPENINGS || charactersIn(opened) > MAX_TEXT_CHARACTERS / 2)
    throw refusal('act-too-large', { limit: MAX_OPENINGS });
  const consents = act.consents.map(({ domain, types, fields }) => {
    const message = { ...fields, notBefore: 0n, deadline, mandateCommitment: ZERO_32 };
    return { domain, types, primaryType: 'Consent', message } as SignableData;
  });
  return writeActFile({
    act: act.typedData as SignableData,
    items: itemsOf(act),
    approval: undefined,
    consents,
    opens,
  });
}

/** Of the values that it opens, which are all that makes a file long. */
function charactersIn(opened: readonly Opens[]): number {
  return opened.reduce(
    (sum, one) => ('facts' in one ? one.facts.reduce((all, { value }) => all + value.length, sum) : sum),
    0,
  );
}

/** What the gateway answers: the same file, as an object for its JSON. */
export function writeActFile(
  prepared: Pick<ActFile, 'act' | 'items' | 'approval' | 'consents'> & {
    readonly opens: readonly Opens[];
  },
): { readonly [field: string]: TypedJson | null } {
  const { act, items, approval, consents, opens } = prepared;
  const typed = (data: SignableData) => ({ typedData: writeTypedData(data) });
  return {
    format: FORMAT,
    act: {
      id: digestOf(act),
      kind: codeOfError(act.primaryType),
      ...typed(act),
      items: items.map(writeValue),
    },
    approval: approval === undefined ? null : typed(approvalOf(act, approval)),
    consents: consents.map(typed),
    openings: opens.map(writeOpening),
  };
}

/**
 * Every field of the act, of a batch's items and of the consents, then what is opened, for the officer to read. The sentence
 * says amounts in the currency that the gateway told beside the file, and that it is the gateway's word.
 */
export function actInWords(
  { id, act, items, consents, openings }: ActFile,
  { currency }: Pick<Beside, 'currency'> = {},
): string[] {
  const { name, version, chainId, verifyingContract, salt } = act.domain;
  const { words = '' } = signedRow(act.primaryType) ?? {};
  return [
    sentenceOf({ act, items }, openedOf(openings, currency)),
    `${act.primaryType}, entry ${id}`,
    `  ${words}`,
    `for ${name} version ${version} at ${verifyingContract} on ledger ${chainId} with nonce ${salt}`,
    ...inWords(SIGNED_TYPES, SIGNED_NAMES, act.primaryType, act.message, '  '),
    ...items.flatMap((item, i) => [
      `Item ${i + 1} of ${items.length}`,
      ...inWords(SIGNED_TYPES, SIGNED_NAMES, ITEMS_OF[act.primaryType]?.type ?? '', item, '  '),
    ]),
    ...consents.flatMap(({ message }, i) => [
      `Consent ${i + 1} of ${consents.length}`,
      ...inWords(SIGNED_TYPES, SIGNED_NAMES, 'Consent', message, '  '),
    ]),
    ...openings.flatMap(({ commitment, words }) => [`What ${commitment} stands for:`, ...words]),
  ];
}

/** What is signed, as the officer would say it: a registrar, a treasurer, a member. */
function sentenceOf({ act, items }: Pick<ActFile, 'act' | 'items'>, opened: Opened): string {
  const row = signedRow(act.primaryType);
  if (row === undefined) throw new Error(`no sentence of ${act.primaryType}`); // its reader refused it
  return row.sentence(act.message, items, opened) + datedIn(act.message.head);
}

/** What a head adds to what is done: another day than that of its entry, and an entry that it sets right. */
function datedIn(head: TypedValue | undefined): string {
  if (typeof head !== 'object' || Array.isArray(head)) return ''; // an order and a vote have none
  const { effectiveOn, corrects } = head as TypedStruct;
  const since = BigInt(String(effectiveOn ?? 0));
  const day = since === 0n ? '' : ` It has effect from ${momentInWords(since)}.`;
  return isNothing(corrects) ? day : `${day} It corrects entry ${shortId(String(corrects))}.`;
}

/** What the sentence of an act names and only its states commit to: numbers of parcels, names of those who hold them. */
export function namedBy(
  act: Pick<SignableAct, 'typedData' | 'args' | 'items' | 'states'>,
): ReadonlySet<string> {
  const states = act.states.map((state): Opening => {
    return { commitment: hashStruct(SIGNED_TYPES, 'BAUnitState', state), words: [], state };
  });
  const opened = openedOf(states);
  sentenceOf({ act: act.typedData as SignableData, items: itemsOf(act) }, opened);
  return opened.missing;
}

/** The list of an enrolment or of a roll, where the file opens it. */
export function listIn({ act, openings }: ActFile): SignedWords | undefined {
  const hash = listHashOf(act);
  return openings.find(({ commitment, list }) => list !== undefined && commitment === hash)?.list;
}

/** Fields that stand for something the message does not show. */
const COMMITMENTS = new Set([
  'factsRoot',
  'priorState',
  'partyCommitment',
  'termsCommitment',
  'geometryCommitment',
  'sourcesRoot',
  'caseReference',
  'policyHash',
  'sourceCommitment',
  'statementHash',
  'caseCommitment',
  'slotsHash',
  'tableHash',
]);

/** The places of commitments of the act that no opening opens, and of those in its states that its sentence asks for. */
export function unopenedIn(file: ActFile): string[] {
  const { act, items, openings } = file;
  const made = unopenedCommitments(file);
  const opened = openedOf(openings);
  sentenceOf({ act, items }, opened);
  const known = new Set(made.map(({ commitment }) => commitment));
  const states = openings.flatMap(({ state }) => state ?? []).flatMap((state) => commitmentsIn(state, ''));
  const named = states.filter(({ commitment }) => opened.missing.has(commitment) && !known.has(commitment));
  const places = [...made, ...named].map(({ place }) => place);
  return [...new Set(places), ...(isRootUnopened(file) ? ['/root'] : [])];
}

/** The root of a roll is opened by what its lines are salted with. */
function isRootUnopened(file: ActFile): boolean {
  const list = listIn(file);
  return file.act.primaryType === 'CycleEnvelope' && (list === undefined || list.secret.length === 0);
}

/** The same with the commitments. */
export function unopenedCommitments({ act, items, openings }: ActFile) {
  const opened = new Set<string>(openings.map(({ commitment }) => commitment));
  const made = [
    ...commitmentsIn(act.message, ''),
    ...items.flatMap((item, i) => commitmentsIn(item, `/items/${i}`)),
  ];
  return made.filter(({ commitment }) => !opened.has(commitment));
}

/** An opening of something else would put words before the officer that nobody signs. */
function requireBelonging({ act, items, openings }: ActFile): void {
  const states = openings.flatMap(({ state }) => state ?? []);
  const made = [act.message, ...items, ...states].flatMap((message) => commitmentsIn(message, ''));
  const all = new Set([...made.map(({ commitment }) => commitment), listHashOf(act)]);
  openings.forEach(({ commitment }, i) => {
    if (all.has(commitment)) return;
    const why = `no field of the ${codeOfError(act.primaryType)} is ${commitment}`;
    throw refusal('opening-differs', { why }, { field: `/openings/${i}` });
  });
}

/** Which field of an act has a commitment, in words. */
function fieldOf({ primaryType, message }: SignableData, commitment: string): string {
  const [named] = commitmentsIn(message, '').filter((one) => one.commitment === commitment);
  const kind = codeOfError(primaryType);
  return named === undefined
    ? `a commitment of a state beside the ${kind}, or of nothing,`
    : `${named.place} of the ${kind}`;
}

/** Most fields that are named one by one. */
const MOST_CHANGED = 5;
/** Of a value in a refusal. */
const MOST_VALUE_CHARACTERS = 80;

/** What an act says otherwise than its own approval beside it, which has the whole act in it; both are only read here. */
function changedSince(approval: unknown, typedData: unknown): string {
  const [approved, given] = [approval, { typedData }].map((one) => {
    const message = isRecord(one) && isRecord(one.typedData) ? one.typedData.message : undefined;
    return isRecord(message) && one === approval ? message.act : message;
  });
  if (!isRecord(approved)) return 'no approval beside it says which field';
  const paths = differingIn(approved, given, '');
  if (paths.length === 0) return 'the domain, or the approval beside it as well';
  const more = paths.length - MOST_CHANGED;
  return [...paths.slice(0, MOST_CHANGED), ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

/** Where two values of JSON differ, with both. */
function differingIn(before: unknown, after: unknown, place: string): string[] {
  if (isRecord(before) && isRecord(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].flatMap((name) => differingIn(before[name], after[name], `${place}/${name}`));
  }
  const [from = '', to = ''] = [before, after].map((one) => JSON.stringify(one) ?? 'nothing');
  return from === to ? [] : [`${place} from ${cut(from)} to ${cut(to)}`];
}

/** A hash is shown whole; a list is for the eyes of nobody. */
const cut = (text: string) =>
  text.length <= MOST_VALUE_CHARACTERS ? text : `${text.slice(0, MOST_VALUE_CHARACTERS)}...`;

/** A list of other people, other units or another root than the act states is no list of it. */
function requireList({ act, openings }: ActFile): void {
  openings.forEach(({ list }, i) => {
    if (list !== undefined && listDiffers(act, list)) {
      const why = `the list has other people, units or another root than the ${codeOfError(act.primaryType)} states`;
      throw refusal('opening-differs', { why }, { field: `/openings/${i}` });
    }
  });
}

function commitmentsIn(
  value: TypedValue,
  place: string,
  field = '',
): { readonly place: string; readonly commitment: string }[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => commitmentsIn(item, `${place}/${i}`, field));
  if (typeof value === 'object') {
    return Object.entries(value).flatMap(([name, part]) => commitmentsIn(part, `${place}/${name}`, name));
  }
  const isMade = COMMITMENTS.has(field) && typeof value === 'string' && !/^0x0*$/.test(value);
  return isMade ? [{ place, commitment: value }] : [];
}

// ---- The parts ----------------------------------------------------------------------------------------------

function readItems(json: unknown, { primaryType, message }: SignableData): TypedStruct[] {
  const { type = '', most = 0 } = ITEMS_OF[primaryType] ?? {};
  const items = listOf(json, '/act/items', most, malformed, (item, place) =>
    readStruct(item, place, SIGNED_TYPES, type, SAY),
  );
  if (most === 0) return items;
  if (primaryType === 'Vote') {
    requireAppointments(items, message.measure as TypedStruct);
    return items;
  }
  const hashes = items.map((item) => hashStruct(SIGNED_TYPES, type, item));
  const [hash, count] =
    primaryType === 'OpenDivision'
      ? [foldHashes(hashes) === message.membersRoot, message.memberCount]
      : [toHex(keccak_256(concatBytes(...hashes.map(fromHex)))) === message.itemsHash, message.count];
  if (!hash || BigInt(items.length) !== BigInt(count as bigint) || items.length === 0) {
    throw refusal('batch-items-differ');
  }
  return items;
}

/** All whom a measure appoints, or nobody where it appoints none. */
function requireAppointments(items: readonly TypedStruct[], { appointmentsHash }: TypedStruct): void {
  if (appointmentsHashOf(items) !== appointmentsHash) throw refusal('appointments-differ');
}

function readApproval(json: unknown, act: SignableData): Approval | undefined {
  if (json === null) return undefined;
  if (orderOf(act.primaryType) !== undefined) throw malformed('/approval');
  const { typedData } = recordOf(json, '/approval', ['typedData'], malformed);
  const types = approvalTypes(SIGNED_TYPES, act.primaryType);
  const approval = readTypedData(typedData, '/approval/typedData', types, SAY);
  if (approval.primaryType !== 'Approval') throw malformed('/approval/typedData/primaryType');
  const { approver, approverEpoch, deadline } = approval.message;
  const part: Approval = {
    approver: approver as OfficerId,
    approverEpoch: Number(approverEpoch),
    deadline: BigInt(deadline as bigint),
  };
  // The act, the ledger and every field again: whatever else the file said, this is what is signed.
  if (digestOf(approvalOf(act, part)) !== digestOf(approval)) throw refusal('approval-differs');
  return part;
}

function readConsent(json: unknown, place: string, act: SignableData): SignableData {
  const { typedData } = recordOf(json, place, ['typedData'], malformed);
  const consent = readTypedData(typedData, `${place}/typedData`, SIGNED_TYPES, SAY);
  if (consent.primaryType !== 'Consent') throw malformed(`${place}/typedData/primaryType`);
  const isSameLedger = domainSeparator(consent.domain) === domainSeparator(act.domain);
  if (!isSameLedger || !isConsentTo(act, consent.message)) {
    throw refusal('consent-differs', undefined, { field: place });
  }
  return consent;
}

/** Whether a consent is one to this act, as far as the two messages tell. */
function isConsentTo({ primaryType, message }: SignableData, consent: TypedStruct): boolean {
  const row = rowOf(primaryType);
  const asked = row?.consents?.(message);
  if (row === undefined || asked === undefined) return false;
  return (
    isActOf(row, asked, consent.act) &&
    asked.units.includes(consent.baUnit ?? '') &&
    (asked.terms === undefined || asked.terms === consent.termsHash) &&
    consent.effectiveOn === (message.head as TypedStruct).effectiveOn
  );
}

/** The act that a consent names is the one its entries are of, or the one it says it is to whoever consents. */
function isActOf({ kinds }: ActRow, { act }: ConsentTerms, named: TypedValue | undefined): boolean {
  const numbers = act === undefined ? kinds.map((kind) => kind - LAND_KIND_BASE) : [numberOf(LAND_ACTS, act)];
  return numbers.some((number) => BigInt(number) === named);
}

// ---- JSON ---------------------------------------------------------------------------------------------------

const at = (field: string) => (field === '' ? {} : { field });
const malformed = (field: string) => refusal('act-file-malformed', undefined, at(field));
const SAY: TypedDataRefusals = {
  malformed,
  unknownType: (field) => refusal('act-type-unknown', undefined, at(field)),
};
