/**
 * EIP-712 typed data as bytes: type strings, struct hashes and the digest a key signs.
 *
 * Promises: the same digests as a wallet and as the contracts make, for structs of uintN, bytesN,
 * address, bool, other structs and arrays of any of these (no strings but the domain's name and
 * version, because no act of ours has any). A value that its type cannot hold, a missing field and a
 * field the type does not know are TypeErrors: nothing is cut, padded or ignored, so what was signed is
 * what was meant. Errors name the field's path, never its value. A table of types is read once and
 * remembered: pass the same object.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { Address, Bytes32 } from '../base/hex.ts';
import { fromHex, toHex } from '../base/hex.ts';

export interface TypedField {
  readonly name: string;
  readonly type: string;
}
/** Every struct by name: its fields in signing order. */
export type TypeTable = Readonly<Record<string, readonly TypedField[]>>;

/** Integers and flags as they are, bytes and addresses as lower-case hex, structs as plain objects. */
export type TypedValue = bigint | number | boolean | string | readonly TypedValue[] | TypedStruct;
export interface TypedStruct {
  readonly [field: string]: TypedValue;
}

/** The fields of a domain that are given, hashed in this order. */
export interface TypedDomain {
  readonly name?: string;
  readonly version?: string;
  readonly chainId?: bigint;
  readonly verifyingContract?: Address;
  readonly salt?: Bytes32;
}

/** Fields as Solidity writes them: `struct('uint16 formatVersion', 'uint64 version')`. */
export function struct(...fields: readonly string[]): readonly TypedField[] {
  return fields.map((field) => {
    const [type = '', name = ''] = field.split(' ');
    return { name, type };
  });
}

/** Everything a key is asked to sign, as a wallet takes it: only the types that the primary one is made of. */
export interface TypedData {
  readonly domain: TypedDomain;
  readonly types: TypeTable;
  readonly primaryType: string;
  readonly message: TypedStruct;
}

/** The digest of typed data. */
export function digestOf({ domain, types, primaryType, message }: TypedData): Bytes32 {
  return digest(domain, types, primaryType, message);
}

/** The part of a table that one struct is made of, itself first. */
export function typesOf(types: TypeTable, primaryType: string): TypeTable {
  return Object.fromEntries([...usedBy(types, primaryType, [])].map((name) => [name, fieldsOf(types, name)]));
}

/** Writes the 32 bytes of one value; `path` is where it stands, for the error. */
type Encoder = (value: TypedValue | undefined, path: string) => Uint8Array;

interface Schema {
  readonly typeString: string;
  readonly typeHash: Uint8Array;
  readonly fields: readonly { readonly name: string; readonly encode: Encoder }[];
}

/** `Mail(Person from)Person(address wallet)`: the struct, then those it uses in alphabetical order. */
export function encodeType(types: TypeTable, primaryType: string): string {
  return schemaOf(types, primaryType).typeString;
}

export function typeHash(types: TypeTable, primaryType: string): Bytes32 {
  return toHex(schemaOf(types, primaryType).typeHash) as Bytes32;
}

export function hashStruct(types: TypeTable, primaryType: string, value: TypedStruct): Bytes32 {
  return toHex(hashWith(schemaOf(types, primaryType), value, primaryType)) as Bytes32;
}

export function domainSeparator(domain: TypedDomain): Bytes32 {
  return toHex(separatorBytes(domain)) as Bytes32;
}

/** What a key signs: keccak256(0x19 0x01, the domain's separator, the struct's hash). */
export function digest(
  domain: TypedDomain,
  types: TypeTable,
  primaryType: string,
  value: TypedStruct,
): Bytes32 {
  const message = new Uint8Array(66);
  message.set([0x19, 0x01]);
  message.set(separatorBytes(domain), 2);
  message.set(hashWith(schemaOf(types, primaryType), value, primaryType), 34);
  return toHex(keccak_256(message)) as Bytes32;
}

const DOMAIN_FIELDS: Readonly<Record<keyof TypedDomain, string>> = {
  name: 'string',
  version: 'string',
  chainId: 'uint256',
  verifyingContract: 'address',
  salt: 'bytes32',
};

function separatorBytes(domain: TypedDomain): Uint8Array {
  const fields = Object.entries(DOMAIN_FIELDS)
    .map(([name, type]) => ({ name, type }))
    .filter(({ name }) => Object.hasOwn(domain, name));
  const schema = readSchema({ EIP712Domain: fields }, 'EIP712Domain', textEncoder);
  return hashWith(schema, { ...domain }, 'EIP712Domain');
}

const textEncoder = (type: string): Encoder | undefined =>
  type === 'string'
    ? (value, path) =>
        typeof value === 'string' ? keccak_256(utf8ToBytes(value)) : refuse(path, 'is no text')
    : undefined;

const remembered = new WeakMap<TypeTable, Map<string, Schema>>();

function schemaOf(types: TypeTable, struct: string): Schema {
  const known = remembered.get(types) ?? new Map<string, Schema>();
  remembered.set(types, known);
  const schema = known.get(struct) ?? readSchema(types, struct);
  known.set(struct, schema);
  return schema;
}

const NAME = /^[A-Za-z_$][\w$]*$/;

function readSchema(types: TypeTable, struct: string, extra?: (type: string) => Encoder | undefined): Schema {
  const typeString = [struct, ...[...usedBy(types, struct, [])].filter((name) => name !== struct).sort()]
    .map(
      (name) =>
        `${name}(${fieldsOf(types, name)
          .map((f) => `${f.type} ${f.name}`)
          .join(',')})`,
    )
    .join('');
  return {
    typeString,
    typeHash: keccak_256(utf8ToBytes(typeString)),
    fields: fieldsOf(types, struct).map(({ name, type }) => ({
      name,
      encode: extra?.(type) ?? encoderOf(types, type),
    })),
  };
}

function fieldsOf(types: TypeTable, struct: string): readonly TypedField[] {
  const fields = Object.hasOwn(types, struct) ? types[struct] : undefined;
  if (fields === undefined || !NAME.test(struct)) return refuse(struct, 'is no type of the table');
  const names = fields.map(({ name }) => name);
  if (!names.every((name) => NAME.test(name)) || new Set(names).size !== names.length) {
    return refuse(struct, 'has a field without a name of its own');
  }
  return fields;
}

/** A struct and all it is made of; a struct inside itself has no finite value and is refused. */
function usedBy(types: TypeTable, struct: string, above: readonly string[]): Set<string> {
  if (above.includes(struct)) return refuse(struct, 'contains itself');
  const used = new Set([struct]);
  for (const { type } of fieldsOf(types, struct)) {
    const base = type.replace(/(\[\])+$/, '');
    if (!Object.hasOwn(types, base)) continue;
    for (const name of usedBy(types, base, [...above, struct])) used.add(name);
  }
  return used;
}

function encoderOf(types: TypeTable, type: string): Encoder {
  if (type.endsWith('[]')) return arrayEncoder(encoderOf(types, type.slice(0, -2)));
  if (Object.hasOwn(types, type)) {
    const schema = schemaOf(types, type);
    return (value, path) => hashWith(schema, value, path);
  }
  if (type === 'bool') return encodeBool;
  if (type === 'address') return bytesEncoder(20, 12);
  const [, kind, size] = /^(uint|bytes)([1-9]\d*)$/.exec(type) ?? [];
  const width = Number(size);
  if (kind === 'uint' && width % 8 === 0 && width <= 256) return uintEncoder(width);
  if (kind === 'bytes' && width <= 32) return bytesEncoder(width, 0);
  return refuse(type, 'is no type of the table');
}

function hashWith(schema: Schema, value: TypedValue | undefined, path: string): Uint8Array {
  if (typeof value !== 'object' || Array.isArray(value)) return refuse(path, 'is no struct');
  const struct = value as TypedStruct;
  const given = Object.keys(struct);
  const isUnknown = (name: string) => !schema.fields.some((field) => field.name === name);
  if (given.some(isUnknown)) return refuse(path, 'has a field that its type does not know');
  const encoded = new Uint8Array(32 * (1 + schema.fields.length));
  encoded.set(schema.typeHash);
  schema.fields.forEach(({ name, encode }, i) => {
    const field = Object.hasOwn(struct, name) ? struct[name] : undefined;
    encoded.set(encode(field, `${path}.${name}`), 32 * (i + 1));
  });
  return keccak_256(encoded);
}

function arrayEncoder(encode: Encoder): Encoder {
  return (value, path) => {
    if (!Array.isArray(value)) return refuse(path, 'is no array');
    const encoded = new Uint8Array(32 * value.length);
    for (const [i, item] of value.entries()) encoded.set(encode(item, `${path}[${i}]`), 32 * i);
    return keccak_256(encoded);
  };
}

function uintEncoder(bits: number): Encoder {
  const limit = 1n << BigInt(bits);
  return (value, path) => {
    if (typeof value !== 'bigint' && !Number.isSafeInteger(value)) return refuse(path, 'is no whole number');
    const number = BigInt(value as bigint | number);
    if (number < 0n || number >= limit) return refuse(path, `does not fit uint${bits}`);
    return fromHex(`0x${number.toString(16).padStart(64, '0')}`);
  };
}

function bytesEncoder(length: number, padLeft: number): Encoder {
  return (value, path) => {
    if (typeof value !== 'string' || value.length !== 2 + 2 * length || !/^0x[0-9a-f]*$/.test(value)) {
      return refuse(path, `is not ${length} bytes of lower-case hex`);
    }
    const encoded = new Uint8Array(32);
    encoded.set(fromHex(value), padLeft);
    return encoded;
  };
}

const encodeBool: Encoder = (value, path) => {
  if (typeof value !== 'boolean') return refuse(path, 'is neither true nor false');
  const encoded = new Uint8Array(32);
  encoded[31] = value ? 1 : 0;
  return encoded;
};

function refuse(path: string, why: string): never {
  throw new TypeError(`typed data: ${path} ${why}`);
}
