/**
 * Writes values ABI-encoded into hex, by a plan made once from the contract's ABI: the hot loop of sending.
 *
 * Hides offsets, lengths and padding. Promises: the bytes a general library writes of the same values; a value that is
 * not of its type (an integer too wide, bytes of another length, a field that is not there) is a TypeError, never other
 * bytes. Structs are objects by the names of their fields; integers are numbers, bigint, or decimal text. For
 * `contracts.ts`.
 */
import type { AbiParameter } from './abi.ts';

const WORD = 64;
const ADDRESS_BITS = 160;

/** Writes all parameters at once, in their order, without `0x`. */
export type Encoder = (values: readonly unknown[]) => string;

export function encoderOf(parameters: readonly AbiParameter[]): Encoder {
  const plans = parameters.map(planOf);
  return (values) => {
    if (values.length !== plans.length) throw new TypeError('one value a parameter');
    return inRow(plans, values);
  };
}

interface Plan {
  /** Digits the value takes in its place: all of a static value, the offset of a dynamic one. */
  readonly digits: number;
  readonly isDynamic: boolean;
  readonly write: (value: unknown) => string;
}

function planOf({ type, components, ...rest }: AbiParameter): Plan {
  if (type.endsWith('[]')) {
    const element = planOf({ ...rest, type: type.slice(0, -2), ...(components && { components }) });
    return { digits: WORD, isDynamic: true, write: (value) => list(element, value) };
  }
  if (type === 'tuple') return structPlan(components ?? []);
  if (type === 'bytes') return { digits: WORD, isDynamic: true, write: byteString };
  return { digits: WORD, isDynamic: false, write: wordWrite(type) };
}

function structPlan(fields: readonly AbiParameter[]): Plan {
  const plans = fields.map(planOf);
  const names = fields.map(({ name }) => name);
  const isDynamic = plans.some((plan) => plan.isDynamic);
  return {
    isDynamic,
    digits: isDynamic ? WORD : plans.reduce((sum, { digits }) => sum + digits, 0),
    write(value) {
      if (typeof value !== 'object' || value === null) throw new TypeError('not a struct');
      const struct = value as Readonly<Record<string, unknown>>;
      return inRow(
        plans,
        names.map((name) => struct[name]),
      );
    },
  };
}

/** Places one after another, what is dynamic behind them. */
function inRow(plans: readonly Plan[], values: readonly unknown[]): string {
  let offset = plans.reduce((sum, { digits }) => sum + digits, 0);
  let places = '';
  let behind = '';
  for (const [i, { isDynamic, write }] of plans.entries()) {
    const written = write(values[i]);
    if (isDynamic) {
      places += size(offset / 2);
      behind += written;
      offset += written.length;
    } else places += written;
  }
  return places + behind;
}

function list(element: Plan, value: unknown): string {
  if (!Array.isArray(value)) throw new TypeError('not a list');
  return size(value.length) + inRow(new Array<Plan>(value.length).fill(element), value);
}

const BYTES = /^0x(?:[0-9a-f]{2})*$/;

function byteString(value: unknown): string {
  if (typeof value !== 'string' || !BYTES.test(value)) throw new TypeError('not lower-case bytes');
  const digits = value.length - 2;
  return size(digits / 2) + value.slice(2) + '0'.repeat((WORD - (digits % WORD)) % WORD);
}

function size(count: number): string {
  return count.toString(16).padStart(WORD, '0');
}

function wordWrite(type: string): (value: unknown) => string {
  if (type === 'bool') return boolean;
  if (type === 'address') return (value) => fixedBytes(value, ADDRESS_BITS / 4).padStart(WORD, '0');
  const [, kind, width = ''] = /^(uint|bytes)([1-9]\d*)$/.exec(type) ?? [];
  if (kind === 'uint') return (value) => integer(value, Number(width));
  if (kind === 'bytes') return (value) => fixedBytes(value, 2 * Number(width)).padEnd(WORD, '0');
  throw new TypeError(`no contract of ours speaks ${type}`);
}

function boolean(value: unknown): string {
  if (typeof value !== 'boolean') throw new TypeError('not a boolean');
  return size(Number(value));
}

const DECIMAL = /^\d{1,78}$/;

function integer(value: unknown, bits: number): string {
  const isInteger =
    typeof value === 'bigint' ||
    Number.isSafeInteger(value) ||
    (typeof value === 'string' && DECIMAL.test(value));
  const number = isInteger ? BigInt(value as bigint | number | string) : -1n;
  if (number < 0n || number >> BigInt(bits) !== 0n) throw new TypeError(`not an integer of ${bits} bits`);
  return number.toString(16).padStart(WORD, '0');
}

function fixedBytes(value: unknown, digits: number): string {
  if (typeof value !== 'string' || value.length !== 2 + digits || !BYTES.test(value)) {
    throw new TypeError('not bytes of their length');
  }
  return value.slice(2);
}
