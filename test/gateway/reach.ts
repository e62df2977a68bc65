/**
 * Who reaches an object of a scope and who does not: what each test says once, and the callers that follow from it.
 *
 * Promises: of an object of one office the cases of that office and of another one of the same institution are derived, and
 * so is, for whoever stays outside, a token that is everything beside that the route is not for.
 */
import { ROLES, type Role } from '../../server/http/route.ts';
import type { App, Problem, TokenBinding } from './app.ts';
import { type Api, type Json, madeOf, type Operation } from './generated.ts';

/** How often a request is made anew of what the route says it wants. */
const REPAIRS_MAX = 12;

/** A route as it is published. */
export interface Placed {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

/** Who asks: a role of an institution, and what its token is bound to. */
export interface Caller {
  readonly role: Role;
  readonly institution: number;
  readonly bound?: TokenBinding;
}

/**
 * Whose the object is within its institution: of one office; of those who work for every office; or of none, with the
 * reason, where the institution has it as one.
 */
export type OfOffice = number | 'every' | { readonly none: string };

/** An object of a scope, who reaches it and who does not; all but the cases of its office. */
export interface Reach {
  /** What stands in the path, the query and the body, by the name of its place. */
  readonly values: () => Readonly<Record<string, Json>>;
  readonly body?: Json;
  readonly office: OfOffice;
  readonly inside: readonly Caller[];
  readonly outside: readonly Caller[];
  /** What who is outside is told. */
  readonly code: string;
  /** What another office of the same institution is told, where that is not the same. */
  readonly codeOfOffice?: string;
}

export interface Case {
  readonly caller: Caller;
  /** What it is told; undefined where it is let in. */
  readonly code: string | undefined;
}

/** The institution whose everything is in these tests, and the offices that it keeps. */
const OWNER = 1;
const OFFICES = [1, 2] as const;

export const of = (role: Role, institution: number, bound?: TokenBinding): Caller =>
  bound === undefined ? { role, institution } : { role, institution, bound };

export const and = (
  reach: Reach,
  more: { inside?: readonly Caller[]; outside?: readonly Caller[] },
): Reach => ({
  ...reach,
  inside: [...reach.inside, ...(more.inside ?? [])],
  outside: [...reach.outside, ...(more.outside ?? [])],
});

/** Everybody who is tried at a route that is for these roles. */
export function casesOf(reach: Reach, roles: readonly Role[]): readonly Case[] {
  const { inside, outside, code } = reach;
  const said = [
    ...outside.map((caller) => ({ caller, code })),
    ...inside.map((caller) => ({ caller, code: undefined })),
  ];
  const all = [...said, ...inside.flatMap((caller) => ofOffices(reach, caller))];
  const tried = all.filter(({ caller }) => roles.includes(caller.role));
  return [...tried, ...tried.flatMap((one) => besideOf(one, roles))];
}

/** A token of each office of the institution, where that is asked for every office. An auditor's sight has no office. */
function ofOffices(
  { office, code, codeOfOffice = code }: Reach,
  { role, institution, bound }: Caller,
): Case[] {
  if (institution !== OWNER || role === 'auditor') return [];
  return OFFICES.map((own) => ({
    caller: { role, institution, bound: { ...bound, office: own } },
    code: office === own || typeof office === 'object' ? undefined : codeOfOffice,
  }));
}

/** Roles that stand alone in a token. */
const ALONE: ReadonlySet<Role> = new Set<Role>(['vendor', 'administrator']);

/** Whoever stays outside, with every role beside that the route is not for, as far as one token may have them. */
function besideOf({ caller, code }: Case, roles: readonly Role[]): Case[] {
  const beside = ROLES.filter((role) => !roles.includes(role) && !ALONE.has(role));
  if (code === undefined || ALONE.has(caller.role) || beside.length === 0) return [];
  return [{ caller: { ...caller, bound: { ...caller.bound, beside } }, code }];
}

/** Asks a route as somebody, of an object, in the shape that the description asks for. */
export async function askAs(
  app: App,
  api: Api,
  { method, path, operation }: Placed,
  { reach: { values, body }, caller }: { readonly reach: Reach; readonly caller: Caller },
) {
  const { role, institution, bound } = caller;
  const known = values();
  const knownAt = (place: string) => known[/(\w+)$/.exec(place)?.[1] ?? ''];
  const [media, content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  const choices = new Map<string, number>();
  for (let i = 0; ; i++) {
    const choice = (place: string) => choices.get(place) ?? 0;
    const written = (where: string, name: string) => {
      const found = operation.parameters?.find((one) => one.in === where && one.name === name);
      const made = madeOf(api, knownAt, found?.schema ?? {}, `/${where}/${name}`, choice);
      return encodeURIComponent(String(made));
    };
    const place = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => written('path', name));
    const query = (operation.parameters ?? [])
      .filter((one) => one.in === 'query' && (one.required || one.name in known))
      .map(({ name }) => `${name}=${written('query', name)}`);
    const json = body ?? (content && madeOf(api, knownAt, content.schema, '', choice));
    const told = await app.ask<Problem>(method, `${place}?${query.join('&')}`, {
      token: await app.token(role, institution, 'scopes', bound),
      headers: { 'X-Case-Reference': 'CASE-1' },
      ...(media === 'application/json' ? { body: json } : {}),
      ...(media === undefined || media === 'application/json' ? {} : { file: { text: '{}', type: media } }),
    });
    if (told.body.code !== 'validation-failed' || i === REPAIRS_MAX) return told;
    const pointers = new Set(told.body.errors?.map(({ pointer = '' }) => pointer));
    for (const pointer of pointers) choices.set(pointer, choice(pointer) + 1);
  }
}
