/**
 * An agency's file of people to enrol: who can be, and which lines cannot be taken, and why.
 *
 * Promises: every refusal of every line is found in one reading, in the order of lines, with code, line and
 * column, and neither a refusal nor a warning holds a value of the file; nobody is refused for lack of a
 * document unless the programme says so (AA6); columns that are not asked for are named and not kept. What is
 * answered is personal and belongs in the vault. Nothing is repaired and nothing is written. Pure; the gateway
 * and the CLI call it.
 */

import { present } from '../base/present.ts';
import type { Warning } from '../base/warning.ts';
import { warning } from '../base/warning.ts';
import type { ChosenColumns, UsualNames } from './columns.ts';
import type { RowConsumer, Separator } from './csv.ts';
import { readRows } from './csv.ts';
import { asciiDigits, keyOf } from './key.ts';
import type { Row, TableRead, TableTerms } from './table.ts';
import { tableReader } from './table.ts';

export type PersonField =
  | 'units'
  | 'nationalId'
  | 'phone'
  | 'name'
  | 'language'
  | 'sex'
  | 'age'
  | 'village'
  | 'scope';
export type PersonColumns = ChosenColumns<PersonField>;

/** As the file has it, trimmed. Personal: for the vault, and for no log. */
export interface Person {
  readonly line: number;
  /** What the programme counts: here the people of the household. */
  readonly units: number;
  readonly nationalId?: string;
  /** Digits, after a plus where the country is known. */
  readonly phone?: string;
  readonly name?: string;
  readonly language?: string;
  readonly sex?: string;
  readonly ageYears?: number;
  readonly village?: string;
  readonly scope?: string;
}

export interface RegistrationsRead extends Omit<TableRead<PersonField, Person>, 'items'> {
  readonly people: readonly Person[];
  readonly warnings: readonly Warning[];
}

export interface RegistrationOptions extends TableTerms {
  readonly columns?: PersonColumns;
  readonly separator?: Separator;
  /** Whether the programme asks for a document; most must not (AA6). */
  readonly isIdRequired?: boolean;
  readonly isPhoneRequired?: boolean;
  /** Of the country's phones, digits only: makes a national and an international spelling one number. */
  readonly callingCode?: string;
}

const USUAL_NAMES: UsualNames<PersonField> = {
  units: ['totalhhsize', 'hhsize', 'householdsize', 'householdmembers', 'familysize', 'units'],
  nationalId: ['nationalid', 'nationalidno', 'nationalidnumber', 'nid', 'idno', 'idnumber'],
  phone: ['phone', 'phonenumber', 'phoneno', 'mobile', 'mobilenumber', 'msisdn', 'telephone', 'tel'],
  name: ['fullname', 'name'],
  language: ['preferredlanguage', 'language'],
  sex: ['gender', 'sex'],
  age: ['age', 'ageyears'],
  village: ['village', 'settlement'],
  scope: ['scope'],
};

export function readRegistrations(
  input: string | Uint8Array,
  options: RegistrationOptions = {},
): RegistrationsRead {
  return readRows(input, options.separator, registrationReader(options));
}

/** The same for a stream: rows in, the header first, and the answer at the end. */
export function registrationReader(options: RegistrationOptions = {}): RowConsumer<RegistrationsRead> {
  const unreadableAges = new Set<number>();
  const table = tableReader<PersonField, Person>(
    {
      usual: USUAL_NAMES,
      chosen: options.columns ?? {},
      required: ['units'],
      unique: 'nationalId',
      repeated: 'national-id-repeated',
      idOf,
      itemOf: (row) => personOf(row, options, unreadableAges),
    },
    options,
  );
  return {
    consume: table.consume,
    finish(fault) {
      const { items: people, ...read } = table.finish(fault);
      const at = (field: PersonField, line: number) => ({ line, field: read.columns.get(field) ?? field });
      const sharers = Map.groupBy(people, ({ phone }) => phone?.replace('+', ''));
      const warnings = people.flatMap(({ line, phone }): Warning[] => {
        const lines = phone === undefined ? 1 : (sharers.get(phone.replace('+', ''))?.length ?? 1);
        return [
          ...(lines > 1 ? [warning('phone-shared', { lines }, at('phone', line))] : []),
          ...(unreadableAges.has(line) ? [warning('age-unreadable', {}, at('age', line))] : []),
        ];
      });
      return { ...read, people, warnings };
    },
  };
}

const ZEROS = /^0+$/;

/** An id of nothing but zeros is a form filled in by somebody who had none. */
function idOf(row: Row<PersonField>): string | undefined {
  const id = row.value('nationalId');
  return id === undefined || ZEROS.test(keyOf(id)) ? undefined : id.normalize('NFC');
}

function personOf(row: Row<PersonField>, options: RegistrationOptions, unreadableAges: Set<number>): Person {
  const nationalId = idOf(row);
  const phone = phoneOf(row, options.callingCode);
  const name = row.value('name')?.normalize('NFC');
  if (nationalId === undefined && options.isIdRequired) row.refuse('national-id-missing', 'nationalId');
  if (phone === undefined && options.isPhoneRequired) row.refuse('phone-missing', 'phone');
  if ((nationalId ?? phone ?? name) === undefined) row.refuse('person-unidentified');
  const age = row.value('age');
  const ageYears = age === undefined ? undefined : ageOf(age);
  if (age !== undefined && ageYears === undefined) unreadableAges.add(row.line);
  const optional = {
    nationalId,
    phone,
    name,
    language: row.value('language'),
    sex: row.value('sex'),
    ageYears,
    village: row.value('village'),
    scope: row.value('scope'),
  };
  return { line: row.line, units: row.units('units'), ...present(optional) };
}

const MAX_AGE_YEARS = 130;

function ageOf(written: string): number | undefined {
  const years = asciiDigits(written);
  return /^\d{1,3}$/.test(years) && Number(years) <= MAX_AGE_YEARS ? Number(years) : undefined;
}

/** Digits of a whole number with its country, by ITU-T E.164; shorter ones are of one network or town. */
const INTERNATIONAL = /^[1-9]\d{6,14}$/;
const LOCAL = /^\d{5,15}$/;

function phoneOf(row: Row<PersonField>, callingCode: string | undefined): string | undefined {
  const written = row.value('phone');
  if (written === undefined) return undefined;
  const dialled = keyOf(written)
    .replace(/[()./]/g, '')
    .replace(/^00/, '+');
  if (ZEROS.test(dialled.replace('+', '0'))) return undefined;
  const isMarked = dialled.startsWith('+');
  const digits = isMarked ? dialled.slice(1) : dialled;
  if (!(isMarked ? INTERNATIONAL : LOCAL).test(digits)) {
    row.refuse('phone-malformed', 'phone');
    return undefined;
  }
  if (isMarked) return dialled;
  return callingCode === undefined ? digits : withCountry(digits, callingCode);
}

/** The shortest subscriber numbers there are have this many digits. */
const LEAST_SUBSCRIBER_DIGITS = 7;

function withCountry(digits: string, callingCode: string): string {
  const isComplete =
    digits.startsWith(callingCode) && digits.length >= callingCode.length + LEAST_SUBSCRIBER_DIGITS;
  return isComplete ? `+${digits}` : `+${callingCode}${digits.replace(/^0/, '')}`;
}
