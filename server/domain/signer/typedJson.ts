/**
 * EIP-712 typed data as JSON, the way wallets take it: types, primaryType, domain, message.
 *
 * Promises: integers are decimal strings and bytes lower-case hex, with no second spelling; what is read has exactly
 * the structs and fields of a table known here, in that order, so nobody is shown fields under other names than the
 * contract hashes; the four fields of the domain are all there. Reading refuses with what the caller names. Pure.
 */

import type { RegisterDomain } from '../acts/domains.ts';
import type { TypedData, TypedField, TypedStruct, TypedValue, TypeTable } from '../acts/typedData.ts';
import { typesOf } from '../acts/typedData.ts';
import type { Address } from '../base/hex.ts';
import { type Bytes32, parseHex } from '../base/hex.ts';
import type { Refusal } from '../base/refusal.ts';
import { type Malformed, recordOf } from '../base/strictJson.ts';

/** Typed data whose domain names everything: a ledger, and a contract on it. */
export interface SignableData extends TypedData {
  readonly domain: RegisterDomain;
}

/** How a reader says no: the text is no typed data here, or its types are none of the table. */
export interface TypedDataRefusals {
  readonly malformed: Malformed;
  unknownType(place: string): Refusal;
}

export type TypedJson =
  | string
  | number
  | boolean
  | readonly TypedJson[]
  | { readonly [field: string]: TypedJson };

const DOMAIN_TYPE: readonly TypedField[] = [
  { name: 'name', type: 'string' },
  { name: 'version', type: 'string' },
  { name: 'chainId', type: 'uint256' },
  { name: 'verifyingContract', type: 'address' },
  { name: 'salt', type: 'bytes32' },
];
/** Longer than the name of any register. */
const MAX_NAME_CHARACTERS = 31;
/** The longest list of any signed struct, with room: a file may not make us walk a longer one. */
const MAX_ITEMS = 128;

export function writeTypedData({ domain, types, primaryType, message }: SignableData): TypedJson {
  return {
    types: writeTypes({ EIP712Domain: DOMAIN_TYPE, ...typesOf(types, primaryType) }),
    primaryType,
    domain: { ...domain, chainId: String(domain.chainId) },
    message: writeValue(message),
  };
}

/** Reads typed data whose primary type and all it uses are of `known`. */
export function readTypedData(
  json: unknown,
  place: string,
  known: TypeTable,
  say: TypedDataRefusals,
): SignableData {
  const given = recordOf(json, place, ['types', 'primaryType', 'domain', 'message'], say.malformed);
  const { primaryType } = given;
  if (typeof primaryType !== 'string' || !Object.hasOwn(known, primaryType)) {
    throw say.unknownType(`${place}/primaryType`);
  }
  const types = typesOf(known, primaryType);
  requireTypes(given.types, `${place}/types`, types, say);
  return {
    domain: readDomain(given.domain, `${place}/domain`, say),
    types,
    primaryType,
    message: readStruct(given.message, `${place}/message`, types, primaryType, say),
  };
}

/** A struct of the table from JSON. */
export function readStruct(
  json: unknown,
  place: string,
  known: TypeTable,
  name: string,
  say: TypedDataRefusals,
): TypedStruct {
  const fields = known[name] ?? [];
  const given = recordOf(
    json,
    place,
    fields.map((field) => field.name),
    say.malformed,
  );
  return Object.fromEntries(
    fields.map((field) => [
      field.name,
      readValue(given[field.name], `${place}/${field.name}`, known, field.type, say),
    ]),
  );
}

function readValue(
  json: unknown,
  place: string,
  known: TypeTable,
  type: string,
  say: TypedDataRefusals,
): TypedValue {
  if (type.endsWith('[]')) {
    if (!Array.isArray(json) || json.length > MAX_ITEMS) throw say.malformed(place);
    return json.map((item, i) => readValue(item, `${place}/${i}`, known, type.slice(0, -2), say));
  }
  if (Object.hasOwn(known, type)) return readStruct(json, place, known, type, say);
  const value = readScalar(json, type);
  if (value === undefined) throw say.malformed(place);
  return value;
}

function readScalar(json: unknown, type: string): TypedValue | undefined {
  if (type === 'bool') return typeof json === 'boolean' ? json : undefined;
  if (typeof json !== 'string') return undefined;
  if (type === 'address') return exactHex(json, 20);
  const [, kind, size] = /^(uint|bytes)(\d+)$/.exec(type) ?? [];
  if (kind === 'bytes') return exactHex(json, Number(size));
  if (kind !== 'uint' || !/^(?:0|[1-9]\d{0,77})$/.test(json)) return undefined;
  const number = BigInt(json);
  return number < 1n << BigInt(Number(size)) ? number : undefined;
}

function readDomain(json: unknown, place: string, say: TypedDataRefusals): SignableData['domain'] {
  const names = DOMAIN_TYPE.map(({ name }) => name);
  const { name, version, chainId, verifyingContract, salt } = recordOf(json, place, names, say.malformed);
  const number = readScalar(chainId, 'uint256');
  const contract = readScalar(verifyingContract, 'address');
  const nonce = readScalar(salt, 'bytes32');
  if (!isShort(name)) throw say.malformed(`${place}/name`);
  if (!isShort(version)) throw say.malformed(`${place}/version`);
  if (typeof number !== 'bigint') throw say.malformed(`${place}/chainId`);
  if (typeof contract !== 'string') throw say.malformed(`${place}/verifyingContract`);
  if (typeof nonce !== 'string') throw say.malformed(`${place}/salt`);
  return { name, version, chainId: number, verifyingContract: contract as Address, salt: nonce as Bytes32 };
}

/** Printable ASCII, as contracts name themselves: nothing that a terminal would obey. */
function isShort(value: unknown): value is string {
  return typeof value === 'string' && /^[ -~]+$/.test(value) && value.length <= MAX_NAME_CHARACTERS;
}

function requireTypes(json: unknown, place: string, types: TypeTable, say: TypedDataRefusals): void {
  const table: TypeTable = { EIP712Domain: DOMAIN_TYPE, ...types };
  const given = recordOf(json, place, Object.keys(table), say.malformed);
  for (const [name, fields] of Object.entries(table)) {
    if (JSON.stringify(given[name]) !== JSON.stringify(fields)) throw say.unknownType(`${place}/${name}`);
  }
}

function writeTypes(types: TypeTable): TypedJson {
  return Object.fromEntries(
    Object.entries(types).map(([struct, fields]) => [
      struct,
      fields.map(({ name, type }) => ({ name, type })),
    ]),
  );
}

/** A message, or a value of one. */
export function writeValue(value: TypedValue): TypedJson {
  if (typeof value === 'bigint' || typeof value === 'number') return String(value);
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(writeValue);
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, writeValue(field)]));
}

function exactHex(text: string, byteLength: number): string | undefined {
  return parseHex(text, byteLength) === text ? text : undefined;
}
