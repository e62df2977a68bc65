/**
 * Names that stand in several columns: given names in one, the family's in another.
 *
 * Promises: a column that may hold a whole name or a part of one is what the columns beside it leave: `Nom` is the family's
 * beside `Prénom`, and `Nombre` the given one beside `Apellidos`; where a whole name has a column of its own the parts are
 * passed over; what an officer named counts before. The parts are read in one order, whichever the columns have. Pure; the
 * reader of registrations calls it.
 */
import { type Warning, warning } from '../base/warning.ts';
import { type ChosenColumns, groupOfColumn, nameOfColumn, type Settled } from './columns.ts';
import type { Row } from './table.ts';
import { textFlaw } from './text.ts';

/** In the order of a name that begins with what is given. */
const GIVEN = ['givenName', 'middleName', 'thirdName', 'otherNames'] as const;
const FAMILY = ['familyName', 'secondFamilyName'] as const;
export const NAME_FIELDS = [...GIVEN, ...FAMILY] as const;
export type NameField = (typeof NAME_FIELDS)[number];

export const NAME_ORDERS = ['given-first', 'family-first'] as const;
export type NameOrder = (typeof NAME_ORDERS)[number];

/** As headings are compared: without accents, and without the hamza of Arabic letters. */
const PARTS: Readonly<Record<NameField, readonly string[]>> = {
  givenName: [
    'firstname',
    'givenname',
    'firstnames',
    'givennames',
    'forename',
    'forenames',
    'christianname',
    'namefirst',
    'prenom',
    'prenoms',
    'vorname',
    'vornamen',
    'nombres',
    'primernombre',
    'nombredepila',
    'primeironome',
    'nomeproprio',
    'prenome',
    'jinalakwanza',
    'الاسمالاول',
    'الاسمالشخصي',
  ],
  middleName: [
    'middlename',
    'middlenames',
    'secondname',
    'namemiddle',
    'deuxiemeprenom',
    'segundonombre',
    'nomedomeio',
    'segundonome',
    'zweitervorname',
    'jinalapili',
    'jinalakati',
    'الاسمالثاني',
    'الاسمالاوسط',
    'اسمالاب',
  ],
  thirdName: ['thirdname', 'jinalatatu', 'الاسمالثالث', 'اسمالجد'],
  otherNames: ['othername', 'othernames', 'autresprenoms', 'autresnoms', 'otrosnombres', 'majinamengine'],
  familyName: [
    'lastname',
    'surname',
    'familyname',
    'lastnames',
    'surnames',
    'familynames',
    'namelast',
    'nomdefamille',
    'nomfamille',
    'patronyme',
    'nachname',
    'familienname',
    'apellido',
    'apellidos',
    'primerapellido',
    'apellidopaterno',
    'sobrenome',
    'apelido',
    'ultimonome',
    'cognome',
    'jinalaukoo',
    'jinalafamilia',
    'jinalamwisho',
    'اللقب',
    'الكنية',
    'اسمالعايلة',
    'لقبالعايلة',
    'الاسمالعايلي',
    'الاسمالاخير',
  ],
  secondFamilyName: ['segundoapellido', 'apellidomaterno', 'postnom', 'postnoms'],
};

/** `Beneficiary first name`. */
const WHOSE = ['', 'beneficiary', 'recipient', 'participant', 'hoh', 'householdhead', 'headofhousehold'];
const partsOf = (field: NameField) => WHOSE.flatMap((whose) => PARTS[field].map((part) => whose + part));

export const PARTS_OF_NAMES: Readonly<Record<NameField, readonly string[]>> = {
  givenName: partsOf('givenName'),
  middleName: partsOf('middleName'),
  thirdName: partsOf('thirdName'),
  otherNames: partsOf('otherNames'),
  familyName: partsOf('familyName'),
  secondFamilyName: partsOf('secondFamilyName'),
};

const TAGGED = ['#affected', '#beneficiary', '#recipient', '#contact'] as const;
export const TAGS_OF_PARTS = {
  givenName: TAGGED.flatMap((tag) => [`${tag}+name+first`, `${tag}+name+given`]),
  familyName: TAGGED.flatMap((tag) => [`${tag}+name+last`, `${tag}+name+family`]),
} as const;

/** Headings of a whole name and of nothing else. */
export const FULL_NAMES: readonly string[] = [
  'fullname',
  'namalengkap',
  'namapenerima',
  'піб',
  'прізвищеімяпобатькові',
  'नमथर',
  'परनम',
  'الاسمالرباعي',
  'nomcomplet',
  'nometprenom',
  'nomprenom',
  'nometprenoms',
  'nomprenoms',
  'prenometnom',
  'prenomnom',
  'prenomsetnom',
  'nombrecompleto',
  'nombreyapellido',
  'nombreyapellidos',
  'nombresyapellidos',
  'apellidosynombres',
  'nomecompleto',
  'vollername',
  'namevorname',
  'vornamename',
  'jinakamili',
  'names',
  'fullnames',
  'nameandsurname',
  'namesurname',
  'surnameandname',
  'surnamename',
  'firstnamelastname',
  'firstandlastname',
  'firstnamesurname',
  'lastnamefirstname',
  'surnamefirstname',
  'surnameandothernames',
  'الاسمالكامل',
];

/** Headings of a whole name, and of a part where the other part has one of its own. */
const WHOLE_OR_PART: ReadonlySet<string> = new Set(['name', 'nom', 'nombre', 'nome', 'jina', 'الاسم']);

/** `Prénom / First name` says one thing in two languages, and nothing of a group. */
const NO_GROUPS: ReadonlySet<string> = new Set([...WHOLE_OR_PART, ...Object.values(PARTS).flat()]);

function groupOf(name: string): string {
  const group = groupOfColumn(name);
  return NO_GROUPS.has(group) ? '' : group;
}

interface Found {
  readonly present: readonly string[];
  readonly places: ReadonlyMap<string, number>;
  readonly chosen: ChosenColumns<'name' | NameField>;
  isFilled(place: number): boolean;
}

/** Which columns are read as the name, and what is said of it. */
export function settledName({ present, places, chosen, isFilled }: Found): Settled<'name' | NameField> {
  const isChosen = (field: 'name' | NameField) =>
    typeof chosen[field] === 'string' || typeof chosen[field] === 'number';
  const groupAt = (place: number | undefined) => groupOf(present[place ?? 0] ?? '');
  const all = NAME_FIELDS.flatMap((field) => {
    const place = places.get(field);
    return place === undefined ? [] : [{ field, place }];
  });
  // of `Nom`, `Prénom` and `Nom et prénom` the last says what the others say together
  const isFull = (place: number) => FULL_NAMES.includes(nameOfColumn(present[place] ?? ''));
  const isOfParts = (place: number) => groupAt(place) === groupAt(all[0]?.place) && isFilled(place);
  const [full, another] = [...present.keys()].filter((place) => isFull(place) && isOfParts(place));
  const isFound = chosen.name !== undefined || places.has('name') || another !== undefined;
  const whole = isFound ? places.get('name') : full;
  // `head/name` and `spouse/first_name` are two people's
  const group = groupAt(whole ?? all[0]?.place);
  const own = all.filter(({ field, place }) => isChosen(field) || groupAt(place) === group);
  const parts = new Map(own.map(({ field, place }) => [field, place]));
  const others = NAME_FIELDS.filter((field) => !parts.has(field) && places.has(field));
  const isSaid = [...parts.keys()].some(isChosen);
  const heldByParts = [...parts.values()].some(isFilled);
  if (parts.size === 0 || (chosen.name === null && !isSaid))
    return { dropped: NAME_FIELDS, added: [], warnings: [] };
  if (whole === undefined) return { dropped: others, added: [], warnings: toldOf(parts.size) };

  const isPart = !isChosen('name') && WHOLE_OR_PART.has(nameOfColumn(present[whole] ?? ''));
  const free = parts.has('givenName') ? 'familyName' : 'givenName';
  const isOne = [...parts.values()].includes(whole);
  if (isPart && !isOne && !parts.has(free))
    return { dropped: ['name', ...others], added: [[free, whole]], warnings: toldOf(parts.size + 1) };
  const isWholeEmpty = !isChosen('name') && !isFilled(whole) && heldByParts;
  if (isSaid || isWholeEmpty)
    return { dropped: ['name', ...others], added: [], warnings: toldOf(parts.size) };
  return { dropped: NAME_FIELDS, added: isFound ? [] : [['name', whole]], warnings: [] };
}

function toldOf(columns: number): Warning[] {
  return columns > 1
    ? [warning('name-of-columns', { columns }, { field: 'name' })]
    : [warning('name-in-part', {}, { field: 'name' })];
}

/** The name as a person says it, of whichever columns the file has; undefined where no part of it is a name. */
export function nameOf(row: Row<'name' | NameField>, order: NameOrder = 'given-first'): string | undefined {
  if (row.has('name')) return row.name('name');
  const fields = order === 'given-first' ? NAME_FIELDS : [...FAMILY, ...GIVEN];
  const parts = fields.map((field) => row.name(field)).filter((part) => part !== undefined);
  const name = parts.join(' ');
  if (textFlaw(name) === 'text-too-long') row.refuse('text-too-long', 'name');
  return name === '' ? undefined : name;
}

/** Whether the file has columns of names and the row nobody's. */
export function isNamelessRow(row: Row<'name' | NameField>): boolean {
  const read = (['name', ...NAME_FIELDS] as const).filter((field) => row.has(field));
  return read.length > 0 && read.every((field) => row.isNameless(field));
}
