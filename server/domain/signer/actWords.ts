/**
 * A signed message in plain words: every field of it, one a line, as the person who signs must read it.
 *
 * Promises: no field is left out and none is merged with another; where the chain counts, the name stands beside the
 * number; times are as people write them, in UTC, beside their seconds. The values come from the message that is hashed and from nowhere
 * else. For the command line and for a page that signs. Pure.
 */

import type { TypedStruct, TypedValue, TypeTable } from '../acts/typedData.ts';
import { countInWords, momentInWords } from '../base/inWords.ts';
import { actsOf, KEY_KINDS, MEASURE_KINDS, nameOf, ROLES, SCOPES } from '../base/terms.ts';

/** Names of the enumerations by struct and field. */
export type NameTable = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** One line a field, structs and lists indented below their name. */
export function inWords(
  types: TypeTable,
  names: NameTable,
  struct: string,
  message: TypedStruct,
  indent = '',
): string[] {
  return (types[struct] ?? []).flatMap(({ name, type }) =>
    fieldInWords(types, names, struct, name, type, message[name] ?? '', indent, message.kind),
  );
}

function fieldInWords(
  types: TypeTable,
  names: NameTable,
  struct: string,
  field: string,
  type: string,
  value: TypedValue,
  indent: string,
  kind?: TypedValue,
): string[] {
  const label = `${indent}${spaced(field)}`;
  if (Array.isArray(value)) {
    if (value.length === 0) return [`${label}: none`];
    return value.flatMap((item, i) =>
      fieldInWords(
        types,
        names,
        struct,
        `${field} ${i + 1} of ${value.length}`,
        type.slice(0, -2),
        item,
        indent,
      ),
    );
  }
  if (Object.hasOwn(types, type)) {
    return [`${label}:`, ...inWords(types, names, type, value as TypedStruct, `${indent}  `)];
  }
  const said = struct === 'Measure' && field === 'value' ? ofMeasure(kind, value) : undefined;
  return [`${label}: ${said ?? valueInWords(names[struct]?.[field], field, type, value)}`];
}

/** What the number of a measure means goes by its kind. */
function ofMeasure(kind: TypedValue | undefined, value: TypedValue): string | undefined {
  const number = BigInt(value as bigint);
  switch (nameOf(MEASURE_KINDS, Number(kind))) {
    case 'admit-institution':
    case 'set-institution-roles':
      return `${bitsOf(ROLES)(number).join(', ') || 'none'} (bits ${number})`;
    case 'set-quorum':
      return `${countInWords(number, 'vote')} (${number})`;
    case 'set-widening-wait':
    case 'set-appointment-wait':
      return countInWords(number, 'second');
    case 'allow-verifier':
      return `keys of the kind ${nameOf(KEY_KINDS, number) ?? 'unknown to this version'} (${number})`;
    case 'move-office':
      return `office ${number}`;
    default:
      return undefined;
  }
}

function valueInWords(
  names: readonly string[] | undefined,
  field: string,
  type: string,
  value: TypedValue,
): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return /^0x0*$/.test(value) ? 'none (zero)' : value;
  const number = BigInt(value as bigint | number);
  if (names !== undefined) return `${names[Number(number)] ?? 'unknown to this version'} (${number})`;
  const masked = MASKS[field]?.(number);
  if (masked !== undefined) return `${masked.join(', ') || 'none'} (bits ${number})`;
  if (type === 'uint64' && MOMENTS.has(field))
    return number === 0n ? 'none (0)' : `${momentInWords(number)} (${number})`;
  if (field === 'office') return number === 0n ? 'every office (0)' : String(number);
  return String(number);
}

/** Fields that are a second, by what the contracts call them. */
const MOMENTS = new Set([
  'notBefore',
  'deadline',
  'effectiveOn',
  'upgradesOn',
  'expiresOn',
  'lodgedAt',
  'noticeUntil',
  'lapsesAt',
  'opensAt',
  'endsAt',
  'soldAt',
  'offlineSince',
  'actDeadline',
  'suspectSince',
  'spendUntil',
  'postUntil',
  'until',
  'pausedUntil',
  'closesAt',
  'effectiveFrom',
  'from',
  'to',
]);

const bitsOf = (all: readonly string[]) => (bits: bigint) =>
  all.filter((_, i) => (bits >> BigInt(i)) % 2n === 1n);

/** Fields that are a set of bits. A bit without a name would be left out, so the number stands beside them. */
const MASKS: Readonly<Record<string, (bits: bigint) => readonly string[]>> = {
  blocks: actsOf,
  needsConsent: actsOf,
  roles: bitsOf(ROLES),
  scope: bitsOf(SCOPES),
};

/** `preparerEpoch` as a person would say it; letters that stand for words stay capitals. */
function spaced(field: string): string {
  return field.replace(
    /([a-z])([A-Z]+)/g,
    (_, before: string, capitals: string) =>
      `${before} ${capitals.length > 1 ? capitals : capitals.toLowerCase()}`,
  );
}
