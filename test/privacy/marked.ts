/**
 * People and parcels whose every datum is unlike anything else in the world, so that whoever finds one has found a
 * leak: the files an office and an agency would send, good lines and bad, and the list of what nobody may find.
 */
import { demoParcels } from '../../scripts/demoData.ts';
import { seeded } from '../seeded.ts';

export interface Marked {
  /** The bytes an office would send. */
  readonly text: string;
  /** Every personal value in it, of the lines that are refused too. */
  readonly values: readonly string[];
}

/** Somebody who comes to hold land, as a registrar writes them down. */
export interface MarkedParty {
  readonly name: string;
  readonly idNumber: string;
  readonly phone: string;
  readonly address: string;
}

export interface Marks {
  word(): string;
  name(): string;
  phone(): string;
  id(): string;
  birthDate(): string;
  party(): MarkedParty;
}

/** The same marks for the same seed; no two alike. */
export function marks(seed: number): Marks {
  const random = seeded(seed);
  const letters = (count: number) =>
    Array.from({ length: count }, () => String.fromCharCode(97 + random.below(26))).join('');
  const digits = (count: number) => Array.from({ length: count }, () => random.below(10)).join('');
  const word = () => `${letters(1).toUpperCase()}${letters(10)}`;
  const names = [
    () => `${word()} ${word()}`,
    () => `Zoë ${word()} Ñ${letters(9)}`,
    () => `${word()} O'${word()}-${word()}`,
  ];
  const phones = [
    () => `+9997${digits(10)}`,
    () => `+999 7${digits(2)} ${digits(4)} ${digits(4)}`,
    () => `07${digits(11)}`,
  ];
  const ids = [
    () => `9${digits(13)}`,
    () => `${letters(3).toUpperCase()}-${digits(6)}/${digits(6)}`,
    () => `${letters(2)}${digits(12)}`,
  ];
  return {
    word,
    name: () => random.pick(names)(),
    phone: () => random.pick(phones)(),
    id: () => random.pick(ids)(),
    // Of no living person, or the bytes of a hash would now and then be somebody's.
    birthDate: () => `1${random.below(7)}${digits(2)}-0${1 + random.below(9)}-1${random.below(10)}`,
    party: () => ({
      name: random.pick(names)(),
      idNumber: random.pick(ids)(),
      phone: random.pick(phones)(),
      address: `${word()} lane ${digits(4)}, ${word()}`,
    }),
  };
}

const HEADER = 'nationalId;phoneNumber;totalHHSize;fullName;village;scope;birthDate;motherName;age;gender';

/** `count` people who can be enrolled, and eight lines that cannot, each for another reason. */
export function markedRegistrations(mark: Marks, count: number): Marked {
  const values: string[] = [];
  const kept = (value: string) => {
    values.push(value);
    return value;
  };
  const row = ({ id = kept(mark.id()), phone = kept(mark.phone()), units = '4', name = mark.name() } = {}) =>
    [
      ...[id, phone, units, kept(name), kept(mark.word()), kept(`${mark.word()}.${mark.word()}`)],
      ...[kept(mark.birthDate()), kept(mark.name()), '41', 'female'],
    ].join(';');
  const rows = Array.from({ length: count }, (_, i) => row({ units: String(1 + (i % 9)) }));
  const twice = kept(mark.id());
  const unreadable = mark.word();
  const bad = [
    row({ id: twice }),
    row({ id: twice }),
    row({ units: '-3' }),
    row({ units: kept(mark.name()) }),
    row({ phone: kept(`call ${mark.word()}`) }),
    row({ id: '', phone: '', name: kept(mark.name()).repeat(20) }),
    row({ name: `${kept(unreadable)}\u0007` }),
    `${row()};${kept(mark.name())}`,
  ];
  return { text: [HEADER, ...rows, ...bad, ''].join('\r\n'), values };
}

interface Feature {
  readonly properties: Record<string, unknown>;
  readonly [member: string]: unknown;
}

export interface MarkedParcels extends Marked {
  /** Parcels beside them, for a second file. */
  readonly spare: string;
  /** The numbers of all features of the first file, in its order. */
  readonly numbers: readonly string[];
}

/** The synthetic village with its mistakes, and its owners written into it as some offices do; a line a feature. */
export function markedParcels(mark: Marks, count: number, spare: number, seed: number): MarkedParcels {
  const values: string[] = [];
  const kept = (value: string) => {
    values.push(value);
    return value;
  };
  const { features } = JSON.parse(demoParcels({ count: count + spare, seed })) as { features: Feature[] };
  const marked = features.map((feature) => ({
    ...feature,
    id: kept(mark.id()),
    owner: { name: kept(mark.name()) },
    properties: {
      ...feature.properties,
      owner_name: kept(mark.name()),
      owner_id: kept(mark.id()),
      telephone: kept(mark.phone()),
      [kept(mark.name())]: true,
    },
  }));
  const first = [...marked.slice(0, count), ...marked.slice(count + spare)];
  const numbers = first.map(({ properties }) => String(properties.parcel_no));
  return {
    text: collectionOf(first),
    spare: collectionOf(marked.slice(count, count + spare)),
    values,
    numbers,
  };
}

/** Lines of the file before its first feature. */
export const LINES_BEFORE_FEATURES = 1;

function collectionOf(features: readonly object[]): string {
  const lines = features.map((feature) => JSON.stringify(feature)).join(',\n');
  return `{"type":"FeatureCollection","features":[\n${lines}\n]}\n`;
}
