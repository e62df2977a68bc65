/** Values of any type that mean nothing, and values that were bent. */

import { type Hex, toHex } from '../../server/domain/base/hex.ts';
import type { AbiParameter } from '../../server/ledger/abi.ts';
import type { Seeded } from '../seeded.ts';

/** A value with one of its leaves changed for another of its type. */
export function bend(random: Seeded, value: unknown): unknown {
  const bent = structuredClone(value);
  const places = leavesOf(bent);
  if (places.length === 0) return bent;
  const { holder, name } = random.pick(places);
  holder[name] = otherThan(random, holder[name]);
  return bent;
}

type Holder = Record<string, unknown>;

function leavesOf(value: unknown): { holder: Holder; name: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) =>
    typeof part === 'object' && part !== null ? leavesOf(part) : [{ holder: value as Holder, name }],
  );
}

function otherThan(random: Seeded, value: unknown): unknown {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'bigint') return value === 0n ? 1n : random.pick([value - 1n, value + 1n, 0n]);
  if (typeof value === 'number') return value === 0 ? 1 : random.pick([value - 1, value + 1, 0]);
  const hex = value as Hex;
  const at = 2 + random.below(hex.length - 2 || 1);
  return `${hex.slice(0, at)}${hex[at] === '0' ? '1' : '0'}${hex.slice(at + 1)}`;
}

/** Any value of an ABI type, small ones more often than large. */
export function anything(random: Seeded, { type, components }: AbiParameter): unknown {
  const list = /^(.*)\[(\d*)\]$/.exec(type);
  if (list !== null) {
    const of = { name: '', type: list[1] ?? '', ...(components && { components }) };
    const length = list[2] === '' ? random.below(3) : Number(list[2]);
    return Array.from({ length }, () => anything(random, of as AbiParameter));
  }
  if (components !== undefined)
    return Object.fromEntries(components.map((part) => [part.name, anything(random, part)]));
  if (type === 'bool') return random.below(2) === 1;
  if (type === 'address') return toHex(random.bytes(20));
  if (type === 'bytes') return toHex(random.bytes(random.below(130)));
  const fixed = /^bytes(\d+)$/.exec(type);
  if (fixed !== null) return toHex(random.bytes(Number(fixed[1])));
  const bits = Number(/\d+$/.exec(type)?.[0] ?? 256);
  return random.below(2) === 0 ? BigInt(random.below(4)) : BigInt(toHex(random.bytes(bits / 8)));
}
