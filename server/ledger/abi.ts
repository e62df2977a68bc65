/**
 * Reads ABI-encoded values out of hex, by a plan made once from the contract's ABI: the hot loop of following.
 *
 * Hides offsets, lengths and padding. Promises: the values a general library reads from the same bytes; bytes that no
 * contract of ours emits (a value wider than its type, an offset or a length beyond the data, padding that is not
 * zero) are a RangeError, never a value. Work is bounded by the data: an array is refused before it is made where its
 * elements cannot fit. Integers of up to 32 bits are numbers, wider ones bigint, enumerations their names, a list of whole words
 * (`uint256[]`: a table of a million people) is their bytes one after another, everything else is as in hex.ts.
 * For `events.ts`.
 */
import type { Hex } from '../domain/base/hex.ts';

/** A parameter as the compiler's JSON describes it. */
export interface AbiParameter {
  readonly name: string;
  readonly type: string;
  /** `enum Tenancy` behind a `uint8`. */
  readonly internalType?: string;
  readonly indexed?: boolean;
  readonly components?: readonly AbiParameter[];
}

const WORD = 64;
/** Hex digits that stand before the first word: `0x`. */
export const LOG_START = 2;

/** So many zeros, by their number. */
const ZEROS = Array.from({ length: WORD + 1 }, (_, digits) => '0'.repeat(digits));
/** The widest integer that is a number. */
const NUMBER_DIGITS = 8;

/** Reads one value: `at` is where its head stands, `base` what offsets count from; both in digits. */
type Read = (hex: string, at: number, base: number) => unknown;

interface Plan {
  /** Digits the value takes in its place: all of a static value, the offset of a dynamic one. */
  readonly digits: number;
  readonly isDynamic: boolean;
  readonly read: Read;
}

/** The names of enumerations in the order of their numbers; one that is not here stays a number. */
export type EnumNames = Readonly<Record<string, readonly string[]>>;

/** Reads all parameters at once, as an object by their names; `start` is where the first word stands. */
export type Decoder = (hex: Hex, start: number) => Readonly<Record<string, unknown>>;

export function decoderOf(parameters: readonly AbiParameter[], enums: EnumNames = {}): Decoder {
  const { read, digits } = structPlan(parameters, enums);
  return (hex, start) => {
    if ((hex.length - start) % WORD !== 0 || hex.length < start + digits) throw malformed();
    return read(hex, start, start) as Readonly<Record<string, unknown>>;
  };
}

/** Reads a value of one word, as an indexed parameter has it in a topic. */
export function wordReaderOf(type: string): (word: Hex) => unknown {
  const read = wordRead(type);
  return (word) => read(word, LOG_START, LOG_START);
}

function malformed(): RangeError {
  return new RangeError('bytes that no ABI encoder writes');
}

function planOf(parameter: AbiParameter, enums: EnumNames): Plan {
  const { type, internalType = '', components } = parameter;
  if (type === 'uint256[]') return behindOffset(readWords);
  if (type.endsWith('[]')) {
    const element = { ...parameter, type: type.slice(0, -2), internalType: internalType.slice(0, -2) };
    return behindOffset(arrayRead(planOf(element, enums)));
  }
  if (type === 'tuple') {
    const plan = structPlan(components ?? [], enums);
    return plan.isDynamic ? behindOffset((hex, at) => plan.read(hex, at, at), plan.digits) : plan;
  }
  if (type === 'bytes') return behindOffset(readByteString);
  const names = enums[internalType.replace(/^enum (?:\w+\.)?/, '')];
  const read = wordRead(type);
  return { digits: WORD, isDynamic: false, read: names === undefined ? read : namedRead(read, names) };
}

function namedRead(read: Read, names: readonly string[]): Read {
  return (hex, at, base) => {
    const name = names[read(hex, at, base) as number];
    if (name === undefined) throw malformed();
    return name;
  };
}

/** The fields of a struct in a row; offsets inside it count from its own beginning. */
function structPlan(parameters: readonly AbiParameter[], enums: EnumNames): Plan {
  const plans = parameters.map((parameter) => planOf(parameter, enums));
  const names = parameters.map(({ name }) => name);
  const isDynamic = plans.some((plan) => plan.isDynamic);
  const read: Read = (hex, at, base) => {
    const value: Record<string, unknown> = {};
    const from = isDynamic ? at : base;
    let next = at;
    for (let i = 0; i < plans.length; i++) {
      const plan = plans[i] as Plan;
      value[names[i] as string] = plan.read(hex, next, from);
      next += plan.digits;
    }
    return value;
  };
  return { digits: plans.reduce((sum, plan) => sum + plan.digits, 0), isDynamic, read };
}

/** A dynamic value: its place holds an offset, in bytes, to where at least `digits` of it stand. */
function behindOffset(read: Read, digits = WORD): Plan {
  return {
    digits: WORD,
    isDynamic: true,
    read: (hex, at, base) => {
      const target = base + 2 * readSize(hex, at);
      if ((target - base) % WORD !== 0 || target + digits > hex.length) throw malformed();
      return read(hex, target, target);
    },
  };
}

function arrayRead(element: Plan): Read {
  return (hex, at) => {
    const length = readSize(hex, at);
    const first = at + WORD;
    if (first + length * element.digits > hex.length) throw malformed();
    const values: unknown[] = [];
    for (let i = 0; i < length; i++) values.push(element.read(hex, first + i * element.digits, first));
    return values;
  };
}

const readWords: Read = (hex, at) => {
  const digits = WORD * readSize(hex, at);
  const from = at + WORD;
  if (from + digits > hex.length) throw malformed();
  return `0x${hex.slice(from, from + digits)}`;
};

const readByteString: Read = (hex, at) => {
  const digits = 2 * readSize(hex, at);
  const from = at + WORD;
  const padding = (WORD - (digits % WORD)) % WORD;
  if (from + digits + padding > hex.length || !hex.startsWith(ZEROS[padding] as string, from + digits)) {
    throw malformed();
  }
  return `0x${hex.slice(from, from + digits)}`;
};

/** An offset or a length: more than 32 bits of it is beyond any data. */
function readSize(hex: string, at: number): number {
  return readNumber(hex, at, NUMBER_DIGITS);
}

function readNumber(hex: string, at: number, digits: number): number {
  requireZeros(hex, at, WORD - digits);
  return Number.parseInt(hex.slice(at + WORD - digits, at + WORD), 16);
}

function requireZeros(hex: string, at: number, digits: number): void {
  if (!hex.startsWith(ZEROS[digits] as string, at)) throw malformed();
}

function wordRead(type: string): Read {
  if (type === 'bool') return readBool;
  if (type === 'address') return leftPadded(40);
  const [, kind, size] = /^(uint|bytes)([1-9]\d*)$/.exec(type) ?? [];
  const digits = kind === 'uint' ? Number(size) / 4 : 2 * Number(size);
  if (kind === undefined || digits > WORD || !Number.isInteger(digits / 2)) {
    throw new TypeError(`no contract of ours speaks ${type}`);
  }
  if (kind === 'uint') {
    return digits <= NUMBER_DIGITS ? (hex, at) => readNumber(hex, at, digits) : wideRead(digits);
  }
  if (digits === WORD) return (hex, at) => `0x${hex.slice(at, at + WORD)}`;
  return (hex, at) => {
    requireZeros(hex, at + digits, WORD - digits);
    return `0x${hex.slice(at, at + digits)}`;
  };
}

const readBool: Read = (hex, at) => {
  const value = readNumber(hex, at, 2);
  if (value > 1) throw malformed();
  return value === 1;
};

function leftPadded(digits: number): Read {
  return (hex, at) => {
    requireZeros(hex, at, WORD - digits);
    return `0x${hex.slice(at + WORD - digits, at + WORD)}`;
  };
}

/** Most wide integers are times, versions and amounts that a number holds: that way is twice as fast. */
const SAFE_DIGITS = 12;
const BEYOND_SAFE = '0'.repeat(WORD - SAFE_DIGITS);

function wideRead(digits: number): Read {
  return (hex, at) => {
    if (hex.startsWith(BEYOND_SAFE, at)) {
      return BigInt(Number.parseInt(hex.slice(at + WORD - SAFE_DIGITS, at + WORD), 16));
    }
    requireZeros(hex, at, WORD - digits);
    return BigInt(`0x${hex.slice(at + WORD - digits, at + WORD)}`);
  };
}
