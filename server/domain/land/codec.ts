/**
 * The four spellings of a struct about land: ours, the typed-data message, JSON, and what an ABI decoder returns.
 *
 * Hides the walk over the table of types, so that no field is spelt by hand anywhere. Promises: each spelling carries
 * every field and no other; `fromJson` accepts one spelling of a value only (names of the enumerations, decimal
 * strings above 32 bits, lower-case hex) and throws what its caller names, with the place. Pure.
 */

import type { TypedStruct, TypedValue, TypeTable } from '../acts/typedData.ts';
import type { Refusal } from '../base/refusal.ts';
import { recordOf } from '../base/strictJson.ts';
import { HANDED_IN_TYPES, LAND_NAMES, LAND_TYPES, type LandStructs } from './acts.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [field: string]: Json };
type StructName = keyof LandStructs;
type Names = readonly string[] | undefined;

/** How one spelling is read: scalars by their type, structs and arrays before their parts. */
interface Reading {
  scalar(type: string, names: Names, value: unknown, place: string): unknown;
  fields(value: unknown, names: readonly string[], place: string): (name: string) => unknown;
  items(value: unknown, place: string): readonly unknown[];
}

/** A struct as EIP-712 typed data and as calldata take it: numbers for names. */
export function toMessage<K extends StructName>(name: K, value: LandStructs[K]): TypedStruct {
  return walkStruct(name, value, OUT_TO_MESSAGE, '') as TypedStruct;
}

/** A struct as JSON: names, decimal strings above 32 bits. */
export function toJson<K extends StructName>(
  name: K,
  value: LandStructs[K],
): { readonly [field: string]: Json } {
  return walkStruct(name, value, OUT_TO_JSON, '') as { readonly [field: string]: Json };
}

/** A struct from JSON, or what `malformed` makes of the place where it is not one. */
export function fromJson<K extends StructName>(
  name: K,
  json: unknown,
  place: string,
  malformed: (place: string) => Refusal,
): LandStructs[K] {
  return walkStruct(name, json, readingOfJson(malformed), place) as LandStructs[K];
}

/** A struct as an ABI decoder gives it: fields by name, every integer a bigint, numbers for names. */
export function fromAbi<K extends StructName>(name: K, decoded: unknown): LandStructs[K] {
  return walkStruct(name, decoded, OUT_OF_ABI, '') as LandStructs[K];
}

// ---- The walk -----------------------------------------------------------------------------------------------

const TYPES: TypeTable = { ...LAND_TYPES, ...HANDED_IN_TYPES };
const NAMES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = LAND_NAMES;

function walkStruct(name: string, value: unknown, reading: Reading, place: string): unknown {
  const fields = TYPES[name];
  if (fields === undefined) throw new TypeError(`${name} is no struct about land`);
  const fieldOf = reading.fields(
    value,
    fields.map((field) => field.name),
    place,
  );
  return Object.fromEntries(
    fields.map((field) => [
      field.name,
      walk(field.type, NAMES[name]?.[field.name], fieldOf(field.name), reading, `${place}/${field.name}`),
    ]),
  );
}

function walk(type: string, names: Names, value: unknown, reading: Reading, place: string): unknown {
  if (type.endsWith('[]')) {
    const of = type.slice(0, -2);
    return reading.items(value, place).map((item, i) => walk(of, names, item, reading, `${place}/${i}`));
  }
  if (Object.hasOwn(TYPES, type)) return walkStruct(type, value, reading, place);
  return reading.scalar(type, names, value, place);
}

/** Wider than this an integer is a bigint here and a string in JSON. */
const NUMBER_BITS = 32;
const bitsOf = (type: string): number | undefined =>
  type.startsWith('uint') ? Number(type.slice(4)) : undefined;

// Values of our own types: what is wrong with them is a bug, found by the hash or by the lookup below.
const ownParts = {
  fields: (value: unknown) => (name: string) => (value as Record<string, unknown>)[name],
  items: (value: unknown) => value as readonly unknown[],
};

const OUT_TO_MESSAGE: Reading = {
  ...ownParts,
  scalar: (_, names, value, place) =>
    (names === undefined ? value : indexIn(names, value, place)) as TypedValue,
};

const OUT_TO_JSON: Reading = {
  ...ownParts,
  scalar: (_, __, value) => (typeof value === 'bigint' ? String(value) : value),
};

const OUT_OF_ABI: Reading = {
  ...ownParts,
  items: (value) => Array.from(value as Iterable<unknown>),
  scalar(type, names, value, place) {
    const bits = bitsOf(type);
    if (names !== undefined) {
      const name = names[Number(value)];
      if (name === undefined) throw new TypeError(`${place} is no number of its enumeration`);
      return name;
    }
    if (bits === undefined) return typeof value === 'string' ? value.toLowerCase() : value;
    return bits <= NUMBER_BITS ? Number(value) : BigInt(value as bigint);
  },
};

function indexIn(names: readonly string[], value: unknown, place: string): number {
  const index = names.indexOf(String(value));
  if (index < 0) throw new TypeError(`${place} is no name of its enumeration`);
  return index;
}

function readingOfJson(malformed: (place: string) => Refusal): Reading {
  return {
    fields(value, names, place) {
      const fields = recordOf(value, place, names, malformed);
      return (name) => fields[name];
    },
    items(value, place) {
      if (!Array.isArray(value) || value.length > MAX_ITEMS) throw malformed(place);
      return value;
    },
    scalar(type, names, value, place) {
      const read = names === undefined ? scalarOfJson(type, value) : nameOfJson(names, value);
      if (read === undefined) throw malformed(place);
      return read;
    },
  };
}

/** The longest list of any struct is 64; a file may not make us walk a longer one. */
const MAX_ITEMS = 64;

function nameOfJson(names: readonly string[], value: unknown): string | undefined {
  return typeof value === 'string' && names.includes(value) ? value : undefined;
}

function scalarOfJson(type: string, value: unknown): unknown {
  const bits = bitsOf(type);
  if (type === 'bool') return typeof value === 'boolean' ? value : undefined;
  if (bits === undefined) {
    const length = type === 'bytes' ? undefined : Number(type.slice('bytes'.length));
    const isHex = typeof value === 'string' && /^0x(?:[0-9a-f]{2})*$/.test(value);
    return isHex && (length === undefined || value.length === 2 + 2 * length) ? value : undefined;
  }
  if (bits <= NUMBER_BITS) {
    const fits = typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** bits;
    return fits && !Object.is(value, -0) ? value : undefined;
  }
  if (typeof value !== 'string' || !/^(?:0|[1-9]\d{0,38})$/.test(value)) return undefined;
  const number = BigInt(value);
  return number < 1n << BigInt(bits) ? number : undefined;
}
