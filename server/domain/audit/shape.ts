/**
 * How files of evidence are read: exact fields, bounded lists, lower-case hex, and nothing that is repaired.
 *
 * Promises: what is returned has the shape its type says; anything else is `evidence-malformed` with its place, a JSON
 * pointer. Only the readers of evidence, beside this file, call it.
 */
import type { Address, Bytes32, Hex } from '../base/hex.ts';
import { parseStrictJson } from '../base/json.ts';
import { refusal } from '../base/refusal.ts';
import { type Fields, listOf, recordOf } from '../base/strictJson.ts';
import type { SlotProof, StateProof } from './state.ts';

/** The deepest trie path is 64 nibbles. */
const MAX_NODES = 65;
const MAX_SLOTS = 256;

export function stateProof(value: unknown, place: string): StateProof {
  const { address, nodes, slots } = record(value, place, ['address', 'nodes', 'slots']);
  return {
    address: hex(address, `${place}/address`, 20) as Address,
    nodes: list(nodes, `${place}/nodes`, MAX_NODES, hex),
    slots: list(slots, `${place}/slots`, MAX_SLOTS, slotProof),
  };
}

function slotProof(value: unknown, place: string): SlotProof {
  const { slot, nodes } = record(value, place, ['slot', 'nodes']);
  return {
    slot: hex(slot, `${place}/slot`, 32) as Bytes32,
    nodes: list(nodes, `${place}/nodes`, MAX_NODES, hex),
  };
}

export function record(value: unknown, place: string, names: readonly string[]): Fields {
  return recordOf(value, place, names, malformed);
}

export function list<T>(
  value: unknown,
  place: string,
  most: number,
  read: (item: unknown, place: string) => T,
): T[] {
  return listOf(value, place, most, malformed, read);
}

/** A header is the longest: 16 KiB of seals beside its fields. */
const MAX_HEX_BYTES = 32_768;

export function hex(value: unknown, place: string, byteLength?: number): Hex {
  if (
    typeof value !== 'string' ||
    value.length > 2 + 2 * MAX_HEX_BYTES ||
    !/^0x(?:[0-9a-f]{2})*$/.test(value)
  ) {
    throw malformed(place);
  }
  if (byteLength !== undefined && value.length !== 2 + 2 * byteLength) throw malformed(place);
  return value as Hex;
}

export function malformed(field: string) {
  return refusal('evidence-malformed', undefined, field === '' ? {} : { field });
}

/** The JSON value of a text that has one reading alone, or a refusal. */
export function parseJson(text: string): unknown {
  try {
    return parseStrictJson(text);
  } catch {
    throw malformed('');
  }
}

/** A whole number that JSON and JavaScript both hold exactly. */
export function integer(value: unknown, place: string): number {
  const isWhole = typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
  if (!isWhole || Object.is(value, -0)) throw malformed(place);
  return value;
}
