/**
 * Calls of the ledger's contracts as trees of values by the ABI, for a fuzz that bends them.
 *
 * A value may be wider than its type: it is encoded, hashed and signed as the whole word it takes, as a stranger who
 * writes bytes by hand would. So a contract that hashes raw calldata finds a signature that fits it.
 */

import { AbiCoder, ParamType } from 'ethers';
import type { ContractName } from '../../server/domain/acts/events.ts';
import { signCompact } from '../../server/domain/acts/signing.ts';
import { domainSeparator, type TypeTable, typeHash } from '../../server/domain/acts/typedData.ts';
import { type Bytes32, fromHex, type Hex, toHex } from '../../server/domain/base/hex.ts';
import type { AbiParameter } from '../../server/ledger/abi.ts';
import { contractOf } from '../../server/ledger/contracts.ts';
import { keccak256 } from '../../server/ledger/keccak.ts';
import { FAR_FUTURE, type Officer, typesOf } from '../chain/signing.ts';
import type { World } from '../chain/world.ts';
import type { Seeded } from '../seeded.ts';

export type Value = bigint | number | boolean | Hex | Value[] | { [name: string]: Value };

/** A call before it is signed; `sign` answers all its arguments, signed over what they are by then. */
export interface Draft {
  readonly contract: ContractName;
  readonly method: string;
  readonly args: Value[];
  readonly sign: (args: Value[]) => Value[];
}

export const unsigned = (args: Value[]): Value[] => args;

const coder = AbiCoder.defaultAbiCoder();

export function inputsOf(contract: ContractName, method: string): readonly AbiParameter[] {
  const found = contractOf(contract).abi.find(({ name, type }) => type === 'function' && name === method);
  if (found?.inputs === undefined) throw new Error(`no function ${contract}.${method}`);
  return found.inputs;
}

/** The same layout with a whole word for every value. */
function widened({ name, type, components }: AbiParameter): AbiParameter {
  const dimensions = /(\[\])*$/.exec(type)?.[0] ?? '';
  if (components !== undefined) return { name, type, components: components.map(widened) };
  return { name, type: type.startsWith('bytes') && !/^bytes\d/.test(type) ? type : `uint256${dimensions}` };
}

const widenedInputs = new Map<string, readonly ParamType[]>();

export function encode(contract: ContractName, method: string, args: readonly Value[]): Hex {
  const name = `${contract}.${method}`;
  const inputs = inputsOf(contract, method);
  const types = widenedInputs.get(name) ?? inputs.map((input) => ParamType.from(widened(input)));
  widenedInputs.set(name, types);
  const values = inputs.map((input, i) => wordsIn(input, args[i] as Value));
  const selector = contractOf(contract).calls.getFunction(method)?.selector ?? '0x';
  return `${selector}${coder.encode(types, values).slice(2)}` as Hex;
}

function wordsIn(parameter: AbiParameter, value: Value): unknown {
  const { type, components } = parameter;
  if (type.endsWith('[]')) {
    const element = { ...parameter, type: type.slice(0, -2) };
    return (value as Value[]).map((item) => wordsIn(element, item));
  }
  if (components !== undefined) {
    return components.map((field) =>
      wordsIn(field, (value as { [name: string]: Value })[field.name] as Value),
    );
  }
  return type === 'bytes' ? value : BigInt(value as bigint);
}

// ---- Signatures over words ----------------------------------------------------------------------------------

const WORD_DIGITS = 64;

function wordOf(value: Value): Bytes32 {
  const number = BigInt.asUintN(256, BigInt(value as bigint));
  return `0x${number.toString(16).padStart(WORD_DIGITS, '0')}` as Bytes32;
}

export function hashWords(words: readonly Hex[]): Bytes32 {
  return toHex(keccak256(fromHex(`0x${words.map((word) => word.slice(2)).join('')}`))) as Bytes32;
}

/** The EIP-712 hash of a struct whose values are whole words. */
export function hashRaw(types: TypeTable, name: string, value: Value): Bytes32 {
  const fields = types[name] ?? [];
  const part = (type: string, item: Value): Bytes32 => {
    if (type.endsWith('[]')) return hashWords((item as Value[]).map((one) => part(type.slice(0, -2), one)));
    return Object.hasOwn(types, type) ? hashRaw(types, type, item) : wordOf(item);
  };
  const values = value as { [field: string]: Value };
  const words = fields.map((field) => part(field.type, values[field.name] as Value));
  return hashWords([typeHash(types, name), ...words]);
}

const signedTypes = new Map<string, ReturnType<typeof typesOf>>();

export function rawTypesOf(contract: ContractName, method: string) {
  const name = `${contract}.${method}`;
  const found = signedTypes.get(name) ?? typesOf(contract, method);
  signedTypes.set(name, found);
  return found;
}

export function digestRaw(world: World, contract: ContractName, structHash: Bytes32): Bytes32 {
  const separator = domainSeparator(world.domainOf(contract));
  return toHex(keccak256(fromHex(`0x1901${separator.slice(2)}${structHash.slice(2)}`))) as Bytes32;
}

/** Both officers' signatures, at the end of the arguments; of a batch only its head and hash are signed. */
export function byTwo(
  world: World,
  contract: ContractName,
  method: string,
  [preparer, approver]: readonly [Officer, Officer],
): Draft['sign'] {
  const { types, primaryType } = rawTypesOf(contract, method);
  return (args) => {
    const given = args[0] as { [name: string]: Value };
    const act = primaryType === 'Batch' ? (given.batch as Value) : given;
    const approval = { approver: approver.officer, approverEpoch: approver.epoch, deadline: FAR_FUTURE };
    const sign = (name: string, value: Value, officer: Officer) =>
      signCompact(digestRaw(world, contract, hashRaw(types, name, value)), officer.key);
    const signatures = {
      preparer: sign(primaryType, act, preparer),
      approval,
      approver: sign('Approval', { act, ...approval }, approver),
    };
    return [...args, signatures];
  };
}

/** The signature of one officer over the first argument, at the end; a vote is signed for the consortium. */
export function byOne(
  world: World,
  contract: ContractName,
  method: string,
  { key }: Pick<Officer, 'key'>,
): Draft['sign'] {
  const { types, primaryType } = rawTypesOf(contract, method);
  const signedFor = contract === 'council' ? 'consortium' : contract;
  return (args) => {
    const structHash = hashRaw(types, primaryType, args[0] as Value);
    return [...args, signCompact(digestRaw(world, signedFor, structHash), key)];
  };
}

// ---- Bending ------------------------------------------------------------------------------------------------

interface Place {
  readonly holder: { [name: string | number]: Value };
  readonly name: string | number;
  readonly parameter: AbiParameter;
}

/**
 * The chain takes any correction of two officers, and any id of a destroyed key: that it is unfounded, or named twice, is a
 * finding of the replay, and rightly so.
 */
const JUDGED: ReadonlySet<string> = new Set(['corrects', 'ids']);

/** Every value of the arguments, lists and their members included. */
function placesIn(parameters: readonly AbiParameter[], holder: Place['holder'], isList: boolean): Place[] {
  return parameters
    .filter(({ name }) => !JUDGED.has(name))
    .flatMap((parameter, i) => placesAt({ holder, name: isList ? i : parameter.name, parameter }));
}

function placesAt(place: Place): Place[] {
  const { holder, name, parameter } = place;
  const value = holder[name];
  if (value === undefined) return [];
  if (parameter.type.endsWith('[]')) {
    const element = { ...parameter, type: parameter.type.slice(0, -2) };
    const list = value as unknown as Place['holder'];
    const members = (value as Value[]).flatMap((_, i) =>
      placesAt({ holder: list, name: i, parameter: element }),
    );
    return [place, ...members];
  }
  if (parameter.components === undefined) return [place];
  return placesIn(parameter.components, value as unknown as Place['holder'], false);
}

const WIDTHS: Readonly<Record<string, number>> = { bool: 1, address: 160 };
const bitsOf = (type: string) => WIDTHS[type] ?? Number(/^uint(\d+)$/.exec(type)?.[1] ?? 256);

/** One to three values of the arguments become others; `known` are ids and keys that mean something here. */
export function bendValues(random: Seeded, draft: Draft, known: readonly Hex[]): Value[] {
  const args = structuredClone(draft.args);
  for (let times = 1 + random.below(3); times > 0; times--) {
    const places = placesIn(inputsOf(draft.contract, draft.method), args as unknown as Place['holder'], true);
    if (places.length === 0) break;
    const { holder, name, parameter } = random.pick(places);
    holder[name] = otherThan(random, holder[name] as Value, parameter.type, known);
  }
  return args;
}

/** The same call once for each value that is narrower than a word, with a bit set above it; signed anew as it is then. */
export function dirtied(draft: Draft): readonly { readonly field: string; readonly args: Value[] }[] {
  const inputs = inputsOf(draft.contract, draft.method);
  const narrowIn = (args: Value[]) =>
    placesIn(inputs, args as unknown as Place['holder'], true).filter(
      ({ parameter: { type } }) => !/\[\]$|^bytes/.test(type) && bitsOf(type) < 256,
    );
  return narrowIn(draft.args).map(({ parameter }, i) => {
    const args = structuredClone(draft.args);
    const { holder, name } = narrowIn(args)[i] as Place;
    holder[name] = BigInt(holder[name] as bigint) | (1n << BigInt(bitsOf(parameter.type)));
    return { field: parameter.name, args };
  });
}

/** The same calldata once for each of its words, offsets and lengths among them, with a bit set high up. */
export function dirtiedWords(random: Seeded, data: Hex): Hex[] {
  const words = (data.length / 2 - 1 - SELECTOR_BYTES) / 32;
  return Array.from({ length: words }, (_, word) => {
    const bytes = Uint8Array.from(fromHex(data));
    const at = SELECTOR_BYTES + 32 * word + random.pick([0, 0, 15, 23]);
    bytes[at] = (bytes[at] ?? 0) ^ 0x80;
    return toHex(bytes);
  });
}

function otherThan(random: Seeded, value: Value, type: string, known: readonly Hex[]): Value {
  if (type.endsWith('[]')) {
    const list = value as Value[];
    return random.pick([
      list.slice(1),
      list.slice(0, -1),
      [...list, ...list.slice(0, 1)],
      list.toReversed(),
      [],
    ]);
  }
  if (type === 'bytes') return bendBytes(random, value as Hex);
  const bits = bitsOf(type);
  const now = BigInt(value as bigint);
  const most = (1n << BigInt(bits)) - 1n;
  const dirt = 1n << BigInt(Math.min(bits + random.below(256 - bits + 1), 255));
  return random.pick([
    now | dirt,
    now | dirt,
    now ^ (1n << BigInt(random.below(bits))),
    BigInt.asUintN(256, now + 1n),
    BigInt.asUintN(256, now - 1n),
    0n,
    1n,
    most,
    most >> 1n,
    bits === 256 ? BigInt(random.pick(known)) : BigInt(random.below(8)),
  ]);
}

const SELECTOR_BYTES = 4;

/** Bytes bent anywhere: flipped, cut, lengthened, or with words exchanged, so that offsets and lengths lie. */
export function bendBytes(random: Seeded, data: Hex): Hex {
  const bytes = Uint8Array.from(fromHex(data));
  const at = random.below(Math.max(bytes.length, 1));
  switch (random.below(6)) {
    case 0:
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
      return toHex(bytes);
    case 1:
      return toHex(bytes.subarray(0, at));
    case 2:
      return toHex(Uint8Array.from([...bytes, ...random.bytes(1 + random.below(96))]));
    case 3: {
      const word = SELECTOR_BYTES + 32 * random.below(Math.max((bytes.length - SELECTOR_BYTES) >> 5, 1));
      return toHex(Uint8Array.from([...bytes.subarray(0, word), ...bytes.subarray(word + 32)]));
    }
    case 4: {
      const words = Math.max((bytes.length - SELECTOR_BYTES) >> 5, 1);
      const from = SELECTOR_BYTES + 32 * random.below(words);
      const to = SELECTOR_BYTES + 32 * random.below(words);
      if (to + 32 <= bytes.length) bytes.copyWithin(to, from, from + 32);
      return toHex(bytes);
    }
    default: {
      const word = SELECTOR_BYTES + 32 * random.below(Math.max((bytes.length - SELECTOR_BYTES) >> 5, 1));
      bytes.fill(random.pick([0x00, 0xff, 0x01]), word, word + random.pick([1, 16, 28, 32]));
      return toHex(bytes);
    }
  }
}

/** Arguments of any function at random: words that mean something here, small numbers, and noise. */
export function randomArgs(
  random: Seeded,
  parameters: readonly AbiParameter[],
  known: readonly Hex[],
): Value[] {
  return parameters.map((parameter) => randomValue(random, parameter, known));
}

function randomValue(random: Seeded, parameter: AbiParameter, known: readonly Hex[]): Value {
  const { type, components } = parameter;
  if (type.endsWith('[]')) {
    const element = { ...parameter, type: type.slice(0, -2) };
    return Array.from({ length: random.below(4) }, () => randomValue(random, element, known));
  }
  if (components !== undefined) {
    const fields = components.map((field) => [field.name, randomValue(random, field, known)] as const);
    return Object.fromEntries(fields);
  }
  if (type === 'bytes') return toHex(random.bytes(random.pick([0, 1, 20, 64, 65])));
  const noise = BigInt(toHex(random.bytes(32)));
  const fits = BigInt.asUintN(bitsOf(type), noise);
  return random.pick([
    BigInt(random.below(6)),
    BigInt(random.below(6)),
    fits,
    BigInt(random.pick(known)),
    noise,
  ]);
}
