/** Requests in the shape that the API's own description asks for: for tests that try every route. */
import type { Role, Scope } from '../../server/http/route.ts';

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly const?: Json;
  readonly enum?: readonly Json[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: Schema;
}

export interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly 'x-roles': readonly Role[];
  readonly 'x-scope': Scope;
  readonly 'x-max-body-bytes'?: number;
}

export interface Api {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** What a text may have to be: the first that the route does not refuse at that place is kept. */
const TEXTS = [
  `0x${'11'.repeat(32)}`,
  '1',
  '2026-01-01',
  'Synthetic Person',
  `0x${'11'.repeat(20)}`,
  `0x${'11'.repeat(16)}`,
  `0x${'11'.repeat(64)}`,
  `0x02${'11'.repeat(32)}`,
  '0x11',
  '6f1d1fae-6a3c-4f0f-9d3e-0a3f2f1f7c11',
  'a/b',
];

/**
 * Something of this shape. `known` says what the ledger knows, by its place; `choice` picks a text where a shape is
 * told by words alone.
 */
export function madeOf(
  api: Api,
  known: (place: string) => Json | undefined,
  given: Schema,
  place: string,
  choice: (place: string) => number,
  depth = 0,
): Json {
  const schema = resolved(api, given);
  const found = known(place);
  const make = (part: Schema, at: string) => madeOf(api, known, part, at, choice, depth + 1);
  if (found !== undefined && schema.type !== 'array') return found;
  const variants = schema.anyOf ?? schema.oneOf;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum.find((each) => each !== 'unspecified') ?? null;
  if (variants !== undefined) return make(variants[choice(place) % variants.length] ?? {}, place);
  if (schema.allOf !== undefined) {
    return Object.assign({}, ...schema.allOf.map((part) => make(part, place)));
  }
  const type = typeof schema.type === 'string' ? schema.type : schema.type?.[0];
  if (type === 'object') {
    const fields = depth > DEPTH_MAX ? [] : Object.entries(schema.properties ?? {});
    return Object.fromEntries(fields.map(([name, field]) => [name, make(field, `${place}/${name}`)]));
  }
  if (type === 'array') {
    const length = Math.max(schema.minItems ?? 0, 1);
    return Array.from({ length }, (_, i) => make(schema.items ?? {}, `${place}/${i}`));
  }
  if (type === 'integer' || type === 'number') return Math.max(schema.minimum ?? 1, 1);
  if (type === 'boolean') return true;
  return TEXTS[choice(place) % TEXTS.length] ?? '';
}

const DEPTH_MAX = 8;

/** What a reference stands for. */
export function resolved(api: Api, schema: Schema): Schema {
  const name = schema.$ref?.split('/').at(-1);
  return name === undefined ? schema : (api.components.schemas[name] ?? {});
}
