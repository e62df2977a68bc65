/**
 * What one operation of the API is: method, path, who may call it, the shapes that go in and out, and the
 * function that answers. The table of routes is the API: it is mounted, validated, published as OpenAPI and
 * tried role by role by the matrix test from this one description.
 *
 * A route parses and asks; it holds no rule of land or benefits. Shapes are strict: an unknown field is refused.
 */
import { z } from 'zod';
import type { OfficeId, VendorId } from '../domain/base/terms.ts';

/** Who calls. `anyone` needs no token: it must show nothing that is not public. */
export const ROLES = [
  'administrator',
  'registrar',
  'agency',
  'vendor',
  'auditor',
  'steward',
  'member',
] as const;
export type Role = (typeof ROLES)[number];

/** Who is behind a request, as the token says. Institutions are numbered by the consortium; 0 = none. */
export interface Principal {
  /** Random id of the token's holder, the key of rate limits, idempotency and the access log. */
  readonly id: string;
  readonly roles: readonly Role[];
  readonly institution: number;
  /** The one office it works for; undefined is every office of the institution. */
  readonly office?: OfficeId | undefined;
  /** The one vendor it is a till of: of vendors only. */
  readonly vendor?: VendorId | undefined;
}

/**
 * Whose objects a route reaches: the name of a rule of `scope.ts`, which is asked once, after the request is parsed and
 * before its handler. `open` and `gateway` reach nothing of one institution; `own` answers from what the caller's
 * institution has and from nothing else; `inbox` lists the acts that the caller may read one by one;
 * `proof` opens what the key that signed the request's own challenge is the key of.
 */
export type Scope =
  | 'open'
  | 'gateway'
  | 'own'
  | 'inbox'
  | 'office'
  | 'unit-names'
  | 'preparation'
  | 'order'
  | 'act-order'
  | 'act'
  | 'act-signature'
  | 'act-withdrawal'
  | 'operation'
  | 'programme'
  | 'subject'
  | 'vendor'
  | 'labelled'
  | 'own-officer'
  | 'sale'
  | 'redemption'
  | 'person'
  | 'proof'
  | 'job';

/** The same key with the same content is the same request, for one principal. */
export interface Claim {
  readonly principal: string;
  readonly key: string;
  /** Method, path and body. */
  readonly content: Uint8Array;
}

/** What a handler is given: everything parsed, nothing raw. */
export interface Asked<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  /** Present exactly on routes whose roles are not `anyone`. */
  readonly principal: Principal;
  /** Whom a bound counts: a token's principal, or the network of an address. */
  readonly caller: string;
  /** What makes a retry one request: on POST routes the client's UUID, with the bytes it goes with. */
  readonly claim: Claim;
  /** The bytes of a route that takes a file; empty elsewhere. */
  readonly file: Uint8Array<ArrayBuffer>;
  /** XR8: the case the request belongs to, if the client names one. */
  readonly caseReference: string | undefined;
  /** The client asked for a table of lines as a file (`Accept: text/csv`) rather than as JSON. */
  readonly prefersCsv: boolean;
  /** A person asks with a browser (`Accept: text/html`): what has a page answers with it. */
  readonly prefersHtml: boolean;
  /** The client does not wait for long work (`Prefer: respond-async`), and asks for it later. */
  readonly isAsync: boolean;
  /** Seconds the client is willing to wait for a final answer (`Prefer: wait=5`), 0 to 30. */
  readonly waitSeconds: number;
  /** Aborted when whoever asked has hung up: what is done for nobody else may end. */
  readonly gone: AbortSignal;
}

export interface Answer {
  readonly status: 200 | 201 | 202 | 503;
  /** JSON; bigint values are written as decimal strings. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Written piece by piece: a hundred thousand lines at once would hold everybody up. */
  readonly isLong?: boolean;
}

export interface Route<P = unknown, Q = unknown, B = unknown> {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** With `{name}` for parameters, as OpenAPI writes it. */
  readonly path: string;
  readonly roles: readonly Role[] | 'anyone';
  readonly scope: Scope;
  readonly tag: 'land' | 'benefits' | 'power' | 'audit' | 'people' | 'operations' | 'gateway';
  readonly summary: string;
  readonly params?: z.ZodType<P>;
  readonly query?: z.ZodType<Q>;
  readonly body?: z.ZodType<B>;
  /** Largest body in bytes where the default of 256 KiB is not right, with the reason beside it. */
  readonly bodyLimitBytes?: number;
  /** The body is a file handed to the handler as bytes rather than JSON: its media types. */
  readonly file?: readonly string[];
  /** Much work for one request, where it is no page of a list: certificates, searches, whole records. See `heavyReads.ts`. */
  readonly isHeavy?: true;
  /** Nothing is answered without `X-Case-Reference`. */
  readonly needsCase?: true;
  /** A POST of which a retry is another request, as its summary says: it takes no `Idempotency-Key`. */
  readonly isRepeatable?: true;
  readonly answers: Readonly<Partial<Record<200 | 201 | 202 | 503, z.ZodType>>>;
  handle(asked: Asked<P, Q, B>): Promise<Answer>;
}

/** Keeps the types of one route together while it is written down, and forgets them in the table. */
export function route<P, Q, B>(definition: Route<P, Q, B>): Route {
  return definition as unknown as Route;
}

/** A form with its openings is a tenth of this; files have limits of their own. */
const BODY_LIMIT_BYTES = 256 * 1024;

/** What a body of the route may have, in bytes. */
export function bodyLimitOf({ bodyLimitBytes = BODY_LIMIT_BYTES }: Pick<Route, 'bodyLimitBytes'>): number {
  return bodyLimitBytes;
}

/** A key that a client made: neither nothing nor everything, which many would share. */
export const UUID =
  /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$/;

/** Whether a retry is told from another request by the client's `Idempotency-Key`. */
export function takesKey({ method, roles, isRepeatable }: Route): boolean {
  return method === 'post' && roles !== 'anyone' && isRepeatable !== true;
}

/** The names a shape of path or query knows; a transformed one is known by what goes into it. */
export function namesIn(shape: z.ZodType | undefined): ReadonlySet<string> {
  if (shape instanceof z.ZodPipe) return namesIn(shape.in as z.ZodType);
  if (shape instanceof z.ZodObject) return new Set(Object.keys(shape.shape));
  if (shape === undefined) return new Set();
  throw new Error('a query is an object');
}
