/**
 * An agency's file of people to enrol: who can be, and which lines cannot be taken, and why.
 *
 * Promises: every refusal of every line is found in one reading, in the order of lines, with code, line and
 * column, and neither a refusal nor a warning holds a value of the file; nobody is refused for lack of a
 * document unless the programme says so (AA6); the size of a household is never what it is granted unless the officer
 * names its column as the units; columns that are not asked for are named and not kept. What is answered is personal
 * and belongs in the vault. Nothing is repaired and nothing is written. Pure; the gateway and the CLI call it.
 */
import { present } from '../base/present.ts';
import { type Refusal, refusal } from '../base/refusal.ts';
import type { Warning } from '../base/warning.ts';
import { warning } from '../base/warning.ts';
import {
  type Answers,
  answersFrom,
  answersNotAsked,
  type FileAnswer,
  isAskedInReading,
  type Raised,
} from './answers.ts';
import type { ChosenColumns, UsualNames } from './columns.ts';
import type { RowConsumer, TextTerms } from './csv.ts';
import { readRows } from './csv.ts';
import { readsLikeFoot, readsLikeGroup } from './foot.ts';
import { asciiDigits, isNoId, keyOf, withoutFraction } from './key.ts';
import {
  FULL_NAMES,
  isNamelessRow,
  NAME_FIELDS,
  type NameField,
  type NameOrder,
  nameOf,
  PARTS_OF_NAMES,
  settledName,
  TAGS_OF_PARTS,
} from './nameParts.ts';
import { readPhone } from './phone.ts';
import { alikeIds, type Held, repeatedLines } from './repeatedLines.ts';
import { doubtOf } from './spoilt.ts';
import type { Row, TableRead, TableTerms } from './table.ts';
import { tableReader, wholeNumber } from './table.ts';
import { isName } from './text.ts';

export type PersonField =
  | 'units'
  | 'agencyId'
  | 'nationalId'
  | 'phone'
  | 'name'
  | NameField
  | 'householdSize'
  | 'language'
  | 'sex'
  | 'age'
  | 'village'
  | 'scope';
export type PersonColumns = ChosenColumns<PersonField>;

/** As the file has it, trimmed. Personal: for the vault, and for no log. */
export interface Person {
  readonly line: number;
  /** What the person is granted, where the file has a column of it. */
  readonly units?: number;
  /** What the agency itself calls the person; its rolls may use it. */
  readonly agencyId?: string;
  readonly nationalId?: string;
  /** Digits, after a plus where the country is known. */
  readonly phone?: string;
  readonly name?: string;
  readonly householdSize?: number;
  readonly language?: string;
  readonly sex?: string;
  readonly ageYears?: number;
  readonly village?: string;
  readonly scope?: string;
  /** An officer said that the line and lines it is alike are different people. */
  readonly isApart?: true;
}

export interface RegistrationsRead extends Omit<TableRead<PersonField, Person>, 'items'> {
  readonly people: readonly Person[];
  /** By which columns the file says who somebody is: with the line, what a person of the file is known by. */
  readonly reading: string;
  /** Of lines that were passed over as somebody else's of the file. */
  readonly passedOver: LinesCounted;
  /** Answers that decided a line. */
  readonly used: readonly FileAnswer[];
}

export interface LinesCounted {
  readonly lines: number;
  readonly units: bigint;
}

export interface RegistrationOptions extends TableTerms, TextTerms {
  readonly columns?: PersonColumns | undefined;
  /** Whether the programme asks for a document; most must not (AA6). */
  readonly isIdRequired?: boolean | undefined;
  readonly isPhoneRequired?: boolean | undefined;
  /** Of the country's phones, digits only: makes a national and an international spelling one number. */
  readonly callingCode?: string | undefined;
  /** Of a name that stands in several columns; given names come first where it is left out. */
  readonly nameOrder?: NameOrder | undefined;
  /** What was answered earlier of the same file, when it was read by the same columns. */
  answeredBefore?(reading: string): readonly FileAnswer[];
}

/** People of one file: each is answered, so the answer is bounded by this too. */
const PEOPLE_PER_FILE_MAX = 20_000;

/** As headings are compared: of Devanagari that leaves the letters, without the signs of their vowels. */
export const PERSON_NAMES: UsualNames<PersonField> = {
  units: ['units', 'entitlement', 'entitlementunits', 'unites', 'unidades'],
  agencyId: [
    'referenceid',
    'registrationid',
    'programregistrationid',
    'registrationprogramid',
    'beneficiaryid',
    'agencyid',
    'uuid',
    'instanceid',
    'metainstanceid',
  ],
  nationalId: [
    'nationalid',
    'nationalidno',
    'nationalidnumber',
    'nid',
    'idno',
    'idnumber',
    'idcard',
    'cnic',
    'cni',
    'numerocni',
    'carteidentite',
    'cedula',
    'dpi',
    'numerodocumento',
    'numerodedocumento',
    'nodocumento',
    'documentodeidentidad',
    'numerodeidentificacion',
    'nik',
    'nonik',
    'рнокпп',
    'الرقمالوطني',
    'رقمالهوية',
    'नगरकतन',
  ],
  phone: [
    'phone',
    'phonenumber',
    'phoneno',
    'mobile',
    'mobilephone',
    'mobilenumber',
    'mobileno',
    'msisdn',
    'telephone',
    'telephonenumber',
    'tel',
    'telefon',
    'telefono',
    'numerotelephone',
    'numerodetelephone',
    'simu',
    'celular',
    'numerocelular',
    'nohp',
    'nomorhp',
    'notelp',
    'nomortelepon',
    'contactno',
    'contactnumber',
    'телефон',
    'номертелефону',
    'मबइल',
    'मबइलन',
    'फन',
    'الهاتف',
    'رقمالهاتف',
    'رقمالجوال',
    'الجوال',
  ],
  name: [
    'name',
    ...FULL_NAMES,
    'beneficiaryname',
    'nameofbeneficiary',
    'nameofrecipient',
    'nombredelbeneficiario',
    'nomdubeneficiaire',
    'householdhead',
    'hohname',
    'nameofhead',
    'nom',
    'nombre',
    'nome',
    'jina',
    'nama',
    'नम',
    'الاسم',
  ],
  givenName: PARTS_OF_NAMES.givenName,
  middleName: PARTS_OF_NAMES.middleName,
  thirdName: PARTS_OF_NAMES.thirdName,
  otherNames: PARTS_OF_NAMES.otherNames,
  familyName: PARTS_OF_NAMES.familyName,
  secondFamilyName: PARTS_OF_NAMES.secondFamilyName,
  householdSize: [
    'totalhhsize',
    'hhsize',
    'householdsize',
    'householdmembers',
    'familysize',
    'tailledumenage',
    'taillemenage',
    'tailledufoyer',
    'haushaltsgrosse',
    'haushaltsgroße',
    'tamanodelhogar',
    'jumlahanggotakeluarga',
    'عددافرادالاسرة',
    'عددأفرادالأسرة',
  ],
  language: ['preferredlanguage', 'language', 'langue', 'idioma', 'sprache'],
  sex: ['gender', 'sex', 'sexe', 'sexo', 'geschlecht', 'jinsia', 'jeniskelamin', 'стать', 'الجنس'],
  age: ['age', 'ageyears', 'edad', 'alter', 'umri', 'umur', 'usia', 'العمر'],
  village: ['village', 'settlement', 'localite', 'kijiji', 'aldea', 'desa', 'القرية'],
  scope: ['scope'],
};

const PERSON_TAGS = {
  agencyId: ['#beneficiary+id', '#affected+id', '#recipient+id', '#meta+id', '#id', '#beneficiary+code'],
  name: ['#affected+name', '#beneficiary+name', '#recipient+name', '#contact+name'],
  givenName: TAGS_OF_PARTS.givenName,
  familyName: TAGS_OF_PARTS.familyName,
  phone: ['#contact+phone', '#affected+phone', '#beneficiary+phone', '#recipient+phone'],
  householdSize: ['#affected+hh', '#affected+hh+size', '#population+hh', '#affected+hh+num'],
  age: ['#affected+age', '#beneficiary+age', '#recipient+age'],
  sex: ['#affected+gender', '#affected+sex', '#beneficiary+gender', '#beneficiary+sex'],
  language: ['#affected+language', '#meta+lang'],
  village: ['#loc', '#loc+name', '#adm4', '#adm4+name'],
} as const;

/** One of these there must be a column of, to know anybody by. */
const KNOWN_BY: readonly PersonField[] = ['name', 'phone', 'nationalId', 'agencyId'];
const KNOWN_BY_PART: readonly PersonField[] = [...KNOWN_BY, 'givenName', 'familyName'];
const SAYS_WHO: readonly PersonField[] = [...KNOWN_BY, ...NAME_FIELDS];

export function readRegistrations(
  input: string | Uint8Array,
  options: RegistrationOptions = {},
): RegistrationsRead {
  return readRows(input, options, registrationReader(options));
}

/** The same for a stream: rows in, the header among the first, and the answer at the end. */
export function registrationReader(options: RegistrationOptions = {}): RowConsumer<RegistrationsRead> {
  let answers = answersFrom(options.answers ?? []);
  let reading = '';
  const table = tableReader<PersonField, Person>(
    {
      usual: PERSON_NAMES,
      tags: PERSON_TAGS,
      chosen: options.columns ?? {},
      required: [],
      anyOf: KNOWN_BY_PART,
      identity: SAYS_WHO,
      settle: settledName,
      unique: [
        { field: 'nationalId', repeated: 'national-id-repeated', idOf: (row) => idOf(row, 'nationalId') },
        // a roll that uses the agency's ids must find one person by each
        { field: 'agencyId', repeated: 'agency-id-repeated', idOf: (row) => idOf(row, 'agencyId') },
      ],
      rowsMax: PEOPLE_PER_FILE_MAX,
      itemOf: (row) => personOf(row, options),
      answersFor({ places, columns }) {
        const known = SAYS_WHO.filter((field) => KNOWN_BY.includes(field) || places.has(field));
        reading = JSON.stringify(known.map((field) => [field, places.get(field), columns.get(field)]));
        answers = answersFrom(options.answers ?? [], options.answeredBefore?.(reading));
        return answers;
      },
    },
    options,
  );
  return {
    about: table.about,
    consume: table.consume,
    finish(fault) {
      const { items: found, ...read } = table.finish(fault);
      const at = (field: PersonField, line: number) => ({ line, field: read.columns.get(field) ?? field });
      const headings = headingsAmong(found, answers);
      const items = found.filter(({ line }) => !headings.held.includes(line));
      const repeated = repeatedLines(items, answers);
      const isPassed = ({ line }: Person) => repeated.passed.has(line);
      const [passed, rest] = [items.filter(isPassed), items.filter((one) => !isPassed(one))];
      const alike = alikeIds(rest, answers, (line) => at('nationalId', line));
      const unasked = unaskedOf(answers, read, () => raisedOf(items));
      const held = new Set([...repeated.held, ...alike.held]);
      const people = items
        .filter(({ line }) => !held.has(line))
        .map((person) => (repeated.apart.has(person.line) ? { ...person, isApart: true as const } : person));
      const refused = [
        ...read.refused,
        ...headings.refused,
        ...repeated.refused,
        ...alike.refused,
        ...unasked,
      ];
      const isNamed =
        read.isRefusedWhole || ['name' as const, ...NAME_FIELDS].some((one) => read.columns.has(one));
      const byLine = (one: Warning, other: Warning) => (one.place.line ?? 0) - (other.place.line ?? 0);
      return {
        ...read,
        people,
        reading,
        passedOver: {
          lines: passed.length,
          units: passed.reduce((sum, { units = 0 }) => sum + BigInt(units), 0n),
        },
        used: answers.used,
        // why the whole file is refused stands first, whichever line it names
        refused: read.isRefusedWhole
          ? refused
          : refused.sort((a, b) => (a.place.line ?? 0) - (b.place.line ?? 0)),
        warnings: [
          ...(isNamed ? [] : [warning('names-not-read', {}, {})]),
          ...[...read.warnings, ...headings.warnings, ...repeated.warnings, ...sharedPhones(people, at)].sort(
            byLine,
          ),
        ],
      };
    },
  };
}

/** `Kilifi;` between people whose village is Kilifi: a name alone that is the place of others is asked about. */
function headingsAmong(people: readonly Person[], answers: Answers): Held {
  const [held, refused, warnings]: [number[], Refusal[], Warning[]] = [[], [], []];
  const places = new Set(people.flatMap(({ village }) => (village === undefined ? [] : keyOf(village))));
  for (const { line, name, ...more } of people) {
    if (name === undefined || Object.keys(more).length > 0 || !places.has(keyOf(name))) continue;
    const answer = answers.of('group-row', { line });
    if (answer !== undefined) answers.note('group-row', { line }, answer);
    if (answer === 'person') continue;
    held.push(line);
    if (answer === undefined) refused.push(refusal('group-row', undefined, { line }));
    else warnings.push(warning('line-passed-over', {}, { line }));
  }
  return { held, refused, warnings };
}

/** What lines are asked of one another as long as nothing is answered: an answer may have settled another question too. */
function raisedOf(people: readonly Person[]): readonly Raised[] {
  const none = answersFrom([]);
  repeatedLines(people, none);
  return none.raised;
}

/** Answers of lines that the file has not, and of lines of which the reading asks nothing of the kind. */
function unaskedOf(
  answers: Answers,
  { isRefusedWhole, hasLine }: Pick<RegistrationsRead, 'isRefusedWhole' | 'hasLine'>,
  unanswered: () => readonly Raised[],
): Refusal[] {
  const found = answers.unasked.filter(({ code, line }) => isAskedInReading(code) || !hasLine(line));
  if (isRefusedWhole || found.length === 0) return [];
  const settled = new Set(unanswered().map(({ code, line }) => `${code} ${line}`));
  const unasked = found.filter(({ code, line }) => !settled.has(`${code} ${line}`));
  return answersNotAsked(
    unasked,
    answers.raised.filter(({ code }) => isAskedInReading(code)),
  );
}

function sharedPhones(
  people: readonly Person[],
  at: (field: PersonField, line: number) => { readonly line: number; readonly field: string },
): Warning[] {
  const sharers = Map.groupBy(people, ({ phone }) => phone?.replace('+', ''));
  return people.flatMap(({ line, phone }): Warning[] => {
    const lines = phone === undefined ? 1 : (sharers.get(phone.replace('+', ''))?.length ?? 1);
    return lines > 1 ? [warning('phone-shared', { lines }, at('phone', line))] : [];
  });
}

function idOf(row: Row<PersonField>, field: 'nationalId' | 'agencyId'): string | undefined {
  const id = row.value(field);
  return id === undefined || isNoId(id) ? undefined : withoutFraction(id.normalize('NFC'));
}

/** The last lines of many a list: a word for the sum, a signature, and nobody's id or phone. */
function isFoot(row: Row<PersonField>): boolean {
  const phone = asciiDigits(row.value('phone') ?? '').replace(/\D/g, '');
  return (
    row.cells.some(readsLikeFoot) &&
    (row.value('nationalId') ?? row.value('agencyId')) === undefined &&
    phone.length < LEAST_PHONE
  );
}

/** A count below a list may stand under the phones. */
const LEAST_PHONE = 6;

/** Cells of the other rows, by which a name alone is more likely none. */
const CELLS_OF_SOMEBODY = 3;

/** One text alone where the others have more; of rows with two cells one may be missing, and an id alone is somebody's. */
function isGroup(row: Row<PersonField>): boolean {
  if (row.alone === undefined || !/\p{L}/u.test(row.alone.text) || !isName(row.alone.text)) return false;
  const isId = (row.plain('nationalId') ?? row.plain('agencyId') ?? row.plain('phone')) !== undefined;
  return readsLikeGroup(row.alone.text) || (!isId && row.alone.others >= CELLS_OF_SOMEBODY);
}

function personOf(row: Row<PersonField>, options: RegistrationOptions): Person | undefined {
  if (isFoot(row) && row.ask('total-row') !== 'person') return undefined;
  if (isGroup(row) && row.ask('group-row') !== 'person') return undefined;
  const nationalId = idOf(row, 'nationalId');
  const agencyId = idOf(row, 'agencyId');
  const phone = phoneOf(row, options.callingCode);
  const name = nameOf(row, options.nameOrder)?.normalize('NFC');
  const told = { nationalId, agencyId, phone: phone === undefined ? undefined : row.value('phone') };
  for (const field of ['nationalId', 'agencyId', 'phone'] as const) {
    const doubt = doubtOf(told[field] ?? '');
    if (doubt !== undefined && row.ask(doubt, field) === 'leave-out') return undefined;
  }
  if (nationalId === undefined && options.isIdRequired) row.refuse('national-id-missing', 'nationalId');
  if (phone === undefined && options.isPhoneRequired) row.refuse('phone-missing', 'phone');
  if ((nationalId ?? phone ?? name ?? agencyId) === undefined && !row.isRefused)
    row.refuse('person-unidentified');
  else if (isNamelessRow(row)) row.ask('name-missing', 'name');
  const optional = {
    units: row.has('units') ? row.units('units') : undefined,
    agencyId,
    nationalId,
    phone,
    name,
    householdSize: numberOf(row, 'householdSize', MAX_HOUSEHOLD, 'household-size-unreadable'),
    language: row.value('language'),
    sex: row.value('sex'),
    ageYears: numberOf(row, 'age', MAX_AGE_YEARS, 'age-unreadable'),
    village: row.value('village'),
    scope: row.value('scope'),
  };
  return { line: row.line, ...present(optional) };
}

const MAX_AGE_YEARS = 130;
/** A compound of many families; more is a column of something else. */
const MAX_HOUSEHOLD = 200;

/** What nobody is granted by cannot refuse a line: where it cannot be read it is left out. */
function numberOf(
  row: Row<PersonField>,
  field: 'age' | 'householdSize',
  most: number,
  code: 'age-unreadable' | 'household-size-unreadable',
): number | undefined {
  const written = row.plain(field);
  if (written === undefined) return undefined;
  const number = wholeNumber(asciiDigits(written));
  if (number !== undefined && number <= most) return number;
  if (!row.isOne(field, 'units')) row.warn(code, field); // else the units are refused
  return undefined;
}

function phoneOf(row: Row<PersonField>, callingCode: string | undefined): string | undefined {
  const written = row.value('phone');
  const phone = written === undefined ? undefined : readPhone(written, callingCode);
  if (phone === undefined) return undefined;
  if ('number' in phone) return phone.number;
  row.refuse(phone.flaw, 'phone');
  return undefined;
}
