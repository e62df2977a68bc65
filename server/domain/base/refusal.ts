/**
 * The one catalogue of refusals: what the rules say no to, in words a person can act on.
 *
 * Promises: a code is stable for ever, a message is not; a Solidity custom error and its row share
 * one name (`BAUnitStateStale` is `ba-unit-state-stale`); no message carries a name, an id of a
 * person or any submitted value. A refusal is thrown for one act and collected for many.
 * Anyone may import it; it imports nothing but its rows.
 */
import { auditRefusals } from './refusals/audit.ts';
import { benefitRefusals } from './refusals/benefits.ts';
import { chainRefusals } from './refusals/chain.ts';
import { fileRefusals } from './refusals/files.ts';
import { gatewayRefusals } from './refusals/gateway.ts';
import { keyRefusals } from './refusals/keys.ts';
import { landRefusals } from './refusals/land.ts';
import { notaryRefusals } from './refusals/notary.ts';
import { operatorRefusals } from './refusals/operators.ts';
import { powerRefusals } from './refusals/power.ts';
import type { RefusalRow } from './refusals/row.ts';
import { saleRefusals } from './refusals/sales.ts';
import { sheetRefusals } from './refusals/sheets.ts';
import { shopRefusals } from './refusals/shops.ts';

export const refusals = {
  ...powerRefusals,
  ...landRefusals,
  ...benefitRefusals,
  ...saleRefusals,
  ...fileRefusals,
  ...sheetRefusals,
  ...gatewayRefusals,
  ...auditRefusals,
  ...chainRefusals,
  ...keyRefusals,
  ...notaryRefusals,
  ...shopRefusals,
  ...operatorRefusals,
} as const satisfies Record<string, RefusalRow>;

export type RefusalCode = keyof typeof refusals;

type HolesOf<M extends string> = M extends `${string}{${infer H}}${infer R}` ? H | HolesOf<R> : never;
type Holes<C extends RefusalCode> = Record<
  HolesOf<(typeof refusals)[C]['message']>,
  string | number | bigint
>;
type HolesArgument<C extends RefusalCode> = [HolesOf<(typeof refusals)[C]['message']>] extends [never]
  ? [holes?: undefined, place?: Place]
  : [holes: Holes<C>, place?: Place];

/**
 * Where in the input the refusal stands: a 1-based line of a file, the 1-based number of a feature, a JSON pointer or a
 * column's name.
 */
export interface Place {
  readonly line?: number;
  readonly feature?: number;
  readonly field?: string;
}

export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly row: RefusalRow;
  /** What fills the holes of the message, for programs that go on from it. */
  readonly holes: Readonly<Record<string, string | number | bigint>>;
  readonly place: Place;

  constructor(code: RefusalCode, holes: Readonly<Record<string, string | number | bigint>>, place: Place) {
    const row: RefusalRow = refusals[code];
    super(row.message.replace(/\{(\w+)\}/g, (_, hole: string) => String(holes[hole])));
    this.name = 'Refusal';
    this.code = code;
    this.row = row;
    this.holes = holes;
    this.place = place;
  }
}

/** Several refusals of one request, thrown together; the first speaks for them. */
export class Refusals extends Error {
  readonly list: readonly [Refusal, ...Refusal[]];

  constructor(list: readonly [Refusal, ...Refusal[]]) {
    super(list[0].message);
    this.name = 'Refusals';
    this.list = list;
  }
}

/** Makes one refusal, to throw or to collect; the holes of its message are checked by the compiler. */
export function refusal<C extends RefusalCode>(code: C, ...[holes, place]: HolesArgument<C>): Refusal {
  return new Refusal(code, holes ?? {}, place ?? {});
}

/**
 * Where the rules saw it and where the caller wrote it, as patterns of JSON pointers. `*` is any one step, kept in its
 * order; a last `**` is all that follows, left out. The first pattern that begins a pointer counts, and what follows it
 * stays.
 */
export type Places = readonly (readonly [seen: string, written: string])[];

/** The same refusal at the place in what the caller sent; one whose place no pattern begins keeps its own. */
export function atWritten(refused: Refusal, places: Places): Refusal {
  const steps = refused.place.field?.split('/') ?? [];
  for (const [seen, written] of places) {
    const isWhole = seen.endsWith('/**');
    const pattern = (isWhole ? seen.slice(0, -'/**'.length) : seen).split('/');
    const isMet = pattern.every((step, i) => i < steps.length && (step === '*' || step === steps[i]));
    if (!isMet) continue;
    const kept = steps.filter((_, i) => pattern[i] === '*').values();
    const moved = written.split('/').map((step) => (step === '*' ? (kept.next().value ?? '') : step));
    const field = [...moved, ...(isWhole ? [] : steps.slice(pattern.length))].join('/');
    return new Refusal(refused.code, refused.holes, Object.assign({}, refused.place, { field }));
  }
  return refused;
}

/** `BAUnitStateStale` to `ba-unit-state-stale`: the one spelling rule between Solidity and the catalogue. */
export function codeOfError(solidityName: string): string {
  return solidityName
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase();
}

/** The catalogue's code for a Solidity error, or undefined when the contract spoke a name we do not know. */
export function refusalOfError(solidityName: string): RefusalCode | undefined {
  const code = codeOfError(solidityName);
  return Object.hasOwn(refusals, code) ? (code as RefusalCode) : undefined;
}
