/**
 * The one HTTP application: mounts the table of routes and says every no as a problem document.
 *
 * Order for each request, and of the refusals: repeated headers, route, method, rate, token, role, size, `Idempotency-Key`, path and
 * query, media type, body, scope, then the handler. Whoever has a valid token has a rate of their own, everybody else one an
 * address, and health, metrics and pages a small one of theirs: nobody can use up another's. Promises: a handler sees parsed values only; nothing of a
 * request is logged but its route's template, status, time and the token's id; no CORS, no sniffing, and one cookie, of a session.
 */
import { randomUUID } from 'node:crypto';
import express, { type NextFunction, type Request, type Response } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import type { z } from 'zod';
import { Fault } from '../domain/base/fault.ts';
import { textOfUtf8 } from '../domain/base/hex.ts';
import { parseStrictJson } from '../domain/base/json.ts';
import { Refusal, Refusals, refusal } from '../domain/base/refusal.ts';
import { CASE_REFERENCE, CASE_REFERENCE_MAX } from '../domain/people/access.ts';
import { sharesBodies } from './bodyShares.ts';
import { problemPage } from './cataloguePages.ts';
import { type HeavyReads, heavyReads, isHeavyRead } from './heavyReads.ts';
import { sendPieces } from './jsonPieces.ts';
import { answerError } from './problem.ts';
import { type Asked, bodyLimitOf, namesIn, type Principal, type Route, takesKey, UUID } from './route.ts';
import type { ScopeRules } from './scope.ts';
import type { Sessions } from './sessions.ts';
import { issuesIn, OTHER_FORMAT, problemOfShape, unknownNames } from './shapeProblem.ts';
import { refusesTwoReadings } from './transport.ts';

/** Enough for an office at work and a demonstration at full speed; a runaway client is slowed, not served. */
const REQUESTS_PER_MINUTE = 6_000;
/** Of one address without a valid token: what a monitor and a browser need, a hundred times over. */
const STRANGERS_PER_MINUTE = 600;
const MAX_WAIT_SECONDS = 30;
const UTF8 = /^\s*charset="?utf-?8"?\s*$/;

const NOBODY: Principal = { id: 'anyone', roles: [], institution: 0 };

/** What the gateway notes about a request: nothing a person sent. */
export interface RequestNote {
  readonly id: string;
  readonly route: string;
  readonly status: number;
  readonly milliseconds: number;
  readonly principal: string;
  /** The code of a problem, or undefined when all went well. */
  readonly code: string | undefined;
}

export interface AppDependencies {
  readonly routes: readonly Route[];
  /** The rule of each scope. */
  readonly scopes: ScopeRules;
  /** Who a bearer token is, or undefined when it is none that counts. */
  authenticate(token: string): Promise<Principal | undefined>;
  readonly sessions: Pick<Sessions, 'tokenOf'>;
  /** Told after every answer. */
  note(note: RequestNote): void;
  /** Whose clock says what, for who is refused by the time. */
  clock(): string;
  /** Told of what nobody foresaw, with the id the caller was shown. */
  unforeseen(error: unknown, requestId: string): void;
  /** Mounts pages and files that are no API. */
  pages(app: express.Express, limiter: () => express.RequestHandler): void;
}

export function buildApp(deps: AppDependencies): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  // One spelling a path: a front that keeps `/metrics` inside must not be passed by `/Metrics` or `/metrics/`.
  app.enable('case sensitive routing');
  app.enable('strict routing');
  // The gateway listens on the loopback alone, so an address that is forwarded was forwarded by a front of this machine.
  app.set('trust proxy', 'loopback');
  app.set('etag', false); // it would be a hash of what the answer says of people
  app.use(
    helmet({
      contentSecurityPolicy: {
        directives: {
          defaultSrc: ["'none'"],
          scriptSrc: ["'self'"],
          styleSrc: ["'self'", "'unsafe-inline'"], // the API page's library styles its own elements
          imgSrc: ["'self'", 'data:'],
          connectSrc: ["'self'"],
          formAction: ["'self'"],
          frameAncestors: ["'none'"],
          baseUri: ["'none'"],
          upgradeInsecureRequests: null, // TLS is the front's; on loopback there is none
        },
      },
      strictTransportSecurity: false, // the same: a proxy in front says it
    }),
  );
  app.use((_req, res, next) => {
    res.locals.id = randomUUID();
    res.locals.startedAt = performance.now();
    res.setHeader('X-Request-Id', res.locals.id);
    const gone = new AbortController();
    res.locals.gone = gone;
    res.once('close', () => {
      if (!res.writableFinished) gone.abort();
    });
    next();
  });
  app.use(refusesTwoReadings());
  // Pages first: whoever fills their rate has not touched the API's.
  deps.pages(app, () => withoutQuery(ofAddress(STRANGERS_PER_MINUTE)));
  mountRoutes(app, deps);
  app.use((_req, _res, next) => next(refusal('route-missing')));
  app.use(errorAnswerer(deps));
  return app;
}

/** A page asks nothing: what follows its address would be passed over in silence. */
function withoutQuery(limit: express.RequestHandler): express.RequestHandler {
  return (req, res, next) =>
    limit(req, res, (refused?: unknown) => {
      const names = Object.keys(req.query);
      if (refused !== undefined || names.length === 0) next(refused);
      else {
        const problem = unknownNames(names, [], 'the query of a page');
        next(refusal('validation-failed', { problem }, { field: '/query' }));
      }
    });
}

/** Of IPv6 what one household is given: who has one such network has addresses without number. */
const NETWORK_BITS = 56;

/** Whom a rate counts without a token. */
const addressOf = ({ ip }: Pick<Request, 'ip'>): string =>
  ip === undefined ? 'unknown' : ipKeyGenerator(ip, NETWORK_BITS);

/** So many requests a minute of one address. */
function ofAddress(limit: number): express.RequestHandler {
  return rateLimit({
    windowMs: 60_000,
    limit,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    validate: false,
    keyGenerator: addressOf,
    handler: (_req, _res, next) => next(refusal('rate-limited', { limit })),
  });
}

function mountRoutes(app: express.Express, deps: AppDependencies): void {
  const ofPrincipal = rateLimit({
    windowMs: 60_000,
    limit: REQUESTS_PER_MINUTE,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    keyGenerator: (_req, res) => (res as Response).locals.principal.id,
    validate: false,
    handler: (_req, _res, next) => next(refusal('rate-limited', { limit: REQUESTS_PER_MINUTE })),
  });
  const bodies = sharesBodies();
  const heavy = heavyReads();
  const ofStrangers = { api: ofAddress(STRANGERS_PER_MINUTE), health: ofAddress(STRANGERS_PER_MINUTE) };
  const paths = [...Map.groupBy(deps.routes, mountedPath)];
  const isFixed = ([path]: (typeof paths)[number]) => !path.includes(':');
  // Fixed paths first: `/acts/{id}` must not answer for `/acts/transfers`, which is another route.
  for (const [path, routes] of [...paths.filter(isFixed), ...paths.filter((each) => !isFixed(each))]) {
    for (const route of routes) {
      const names = namesIn(route.query);
      const stranger = path.startsWith('/health/') ? ofStrangers.health : ofStrangers.api;
      app[route.method](
        path,
        (req, res, next) => identify(deps, route, req, res).then(() => next(), next),
        (req, res, next) => (res.locals.principal === NOBODY ? stranger : ofPrincipal)(req, res, next),
        (_req, res, next) => next(res.locals.refused),
        bodies(bodyLimitOf(route)),
        // A body that is packed would be as large as it likes for the few bytes that it announces.
        express.raw({ type: () => true, limit: bodyLimitOf(route), inflate: false }),
        (req, res, next) => answer(deps, { route, names, heavy }, req, res).catch(next),
      );
    }
    app.all(path, refusesMethod(routes.map(({ method }) => method)));
  }
}

/** What a path answers that does not know the method: HEAD is answered wherever GET is. */
export function refusesMethod(methods: readonly string[]): express.RequestHandler {
  const allowed = new Set(
    methods.flatMap((method) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()])),
  );
  return (_req, res, next) => {
    res.setHeader('Allow', [...allowed].join(', '));
    next(refusal('method-not-allowed'));
  };
}

/** `{id}` as the router writes it. */
function mountedPath({ path }: Route): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

/** Who asks, for the rate that counts it; a token that is refused is refused only after it was counted. */
async function identify(deps: AppDependencies, route: Route, req: Request, res: Response): Promise<void> {
  res.locals.route = `${route.method.toUpperCase()} ${route.path}`;
  res.locals.principal = NOBODY;
  if (route.roles === 'anyone') return;
  const token = judged(() => tokenOf(deps, req));
  if (token instanceof Refusal) {
    res.locals.refused = token;
    return;
  }
  const principal = token === undefined ? undefined : await deps.authenticate(token);
  if (principal === undefined) {
    res.locals.refused = refusal('token-required');
    return;
  }
  // What a token is beside, for other routes, says nothing on this one: an auditor's sight changes nothing.
  const roles = principal.roles.filter((role) => route.roles.includes(role));
  res.locals.principal = Object.assign({}, principal, { roles });
  if (roles.length > 0) return;
  const [accepted, carried] = [route.roles, principal.roles].map((all) => all.join(', '));
  res.locals.refused = refusal('forbidden', { accepted: accepted ?? '', carried: carried ?? '' });
}

/** Who names a token means that one, and no session that a browser sends along. */
function tokenOf({ sessions }: AppDependencies, { headers }: Request): string | undefined {
  if (headers.authorization === undefined) return sessions.tokenOf(headers);
  return /^Bearer (\S{1,256})$/.exec(headers.authorization)?.[1];
}

/** What it answers, or what it refuses as. */
function judged<T>(judge: () => T): T | Refusal {
  try {
    return judge();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

interface Mounted {
  readonly route: Route;
  /** What its query knows. */
  readonly names: ReadonlySet<string>;
  readonly heavy: HeavyReads;
}

/** Without a token a caller is an address. */
const callerOf = (principal: Principal, req: Request): string =>
  principal === NOBODY ? addressOf(req) : principal.id;

/** Held until the answer is read: who reads slowly waits with what else they ask. */
async function turnOf(
  heavy: HeavyReads,
  { principal, gone }: Pick<Asked<unknown, unknown, unknown>, 'principal' | 'gone'>,
  req: Request,
  res: Response,
): Promise<void> {
  const end = await heavy.turn(callerOf(principal, req), gone);
  if (res.closed) end();
  else res.once('close', end);
}

async function answer(
  deps: AppDependencies,
  { route, names, heavy }: Mounted,
  req: Request,
  res: Response,
): Promise<void> {
  const asked = askedOf(route, names, req, res);
  await deps.scopes(route.scope)(asked);
  if (isHeavyRead(route)) await turnOf(heavy, asked, req, res);
  const { status, body, headers = {}, isLong = false } = await route.handle(asked);
  res.status(status);
  // What a token opened is for who asked, and for no cache on the way or in a browser.
  if (route.roles !== 'anyone') res.setHeader('Cache-Control', 'no-store');
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  if (typeof body === 'string') {
    if (res.getHeader('Content-Type') === undefined) res.type('text/plain');
    res.send(body);
  } else if (isLong) await sendPieces(res.type('application/json'), body);
  else res.type('application/json').send(writeJson(body));
  noteAnswer(deps, res, undefined);
}

function askedOf(
  route: Route,
  names: ReadonlySet<string>,
  req: Request,
  res: Response,
): Asked<unknown, unknown, unknown> {
  const { principal } = res.locals;
  const bytes: Uint8Array<ArrayBuffer> = Buffer.isBuffer(req.body)
    ? (req.body as Buffer<ArrayBuffer>)
    : new Uint8Array();
  const claim = claimOf(route, req, res.locals, bytes);
  const caseReference = caseReferenceOf(route, req);
  const params = parse(route.params, req.params, '/path');
  requireUtf8(req.originalUrl.split('?').slice(1).join('?'));
  const unknown = Object.keys(req.query).filter((name) => !names.has(name));
  if (unknown.length > 0) {
    // Silently passing over `limt=5` would answer a question that nobody asked.
    const problem = unknownNames(unknown, names, 'the query of this route');
    throw refusal('validation-failed', { problem }, { field: '/query' });
  }
  const query = parse(route.query, req.query, '/query');
  const [named = '', ...parameters] = (req.headers['content-type'] ?? '').toLowerCase().split(';');
  const media = named.trim();
  let body: unknown;
  if (route.file !== undefined) {
    if (!route.file.includes(media)) throw refusal('media-type-unsupported');
  } else if (route.body !== undefined) {
    // JSON is read as UTF-8: under another name it would be other text to another reader.
    const isUtf8 = parameters.every((one) => !/^\s*charset=/.test(one) || UTF8.test(one));
    if (media !== 'application/json' || !isUtf8) throw refusal('media-type-unsupported');
    body = parse(route.body, parseStrictJson(textOf(bytes)), '');
  }
  return {
    params,
    query,
    body,
    principal,
    caller: callerOf(principal, req),
    claim,
    file: route.file === undefined ? new Uint8Array() : bytes,
    caseReference,
    waitSeconds: waitOf(req),
    isAsync: /(?:^|[,;\s])respond-async(?:$|[,;\s])/.test(String(req.headers.prefer ?? '')),
    prefersCsv: isFirst(req, 'text/csv'),
    prefersHtml: isFirst(req, 'text/html'),
    gone: res.locals.gone.signal,
  };
}

/** Whether a media type is what the client would have before any other. */
function isFirst(req: Request, media: string): boolean {
  return req.headers.accept?.split(',')[0]?.trim().startsWith(media) ?? false;
}

function claimOf(
  route: Route,
  req: Request,
  { principal, id: requestId }: Response['locals'],
  bytes: Uint8Array,
) {
  const key = req.headers['idempotency-key'];
  const isNeeded = takesKey(route);
  if (isNeeded && (typeof key !== 'string' || !UUID.test(key))) throw refusal('idempotency-key-required');
  return {
    principal: principal.id,
    // Where none is needed, whoever asks would share what others wrote there, or nothing: each request is its own.
    key: isNeeded && typeof key === 'string' ? key.toLowerCase() : requestId,
    // a file is told from another by its own hash, and is too large to be copied here
    content: Buffer.concat([
      Buffer.from(`${req.method} ${req.originalUrl}\0`),
      route.file === undefined ? bytes : new Uint8Array(),
    ]),
  };
}

function textOf(bytes: Uint8Array): string {
  const text = textOfUtf8(bytes);
  if (text === undefined) throw refusal('malformed-body', { position: 0 });
  return text;
}

/** The query's parser puts U+FFFD where the bytes are no UTF-8, which would ask for what nobody wrote. */
function requireUtf8(query: string): void {
  try {
    decodeURIComponent(query.replaceAll('+', ' '));
  } catch {
    throw refusal('validation-failed', { problem: OTHER_FORMAT }, { field: '/query' });
  }
}

function parse<T>(schema: z.ZodType<T> | undefined, value: unknown, root: string): T | undefined {
  if (schema === undefined) return undefined;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const refused = issuesIn(result.error).map((issue) =>
    refusal(
      'validation-failed',
      { problem: problemOfShape(issue, { shape: schema, value }) },
      { field: `${root}${issue.path.map((part) => `/${String(part)}`).join('')}` || '/' },
    ),
  );
  const [first, ...rest] = refused;
  if (first === undefined) throw new Error('a shape was refused without an issue');
  throw new Refusals([first, ...rest]);
}

function caseReferenceOf(route: Route, req: Request): string | undefined {
  const given = req.headers['x-case-reference'];
  if (given === undefined && route.needsCase) throw refusal('case-reference-required');
  if (given === undefined) return undefined;
  if (typeof given !== 'string' || !CASE_REFERENCE.test(given)) {
    const place = { field: '/header/x-case-reference' };
    throw refusal('reference-malformed', { limit: CASE_REFERENCE_MAX }, place);
  }
  return given;
}

function waitOf(req: Request): number {
  const prefer = req.headers.prefer;
  const [, seconds] =
    /(?:^|[,;\s])wait=(\d{1,3})(?:$|[,;\s])/.exec(typeof prefer === 'string' ? prefer : '') ?? [];
  return Math.min(Number(seconds ?? 0), MAX_WAIT_SECONDS);
}

/** Money and units leave as decimal strings, never as numbers a reader would round. */
function writeJson(body: unknown): string {
  return JSON.stringify(body, (_, part: unknown) => (typeof part === 'bigint' ? part.toString() : part));
}

function errorAnswerer(deps: AppDependencies) {
  return (thrown: unknown, req: Request, res: Response, next: NextFunction): void => {
    const { signal: gone } = res.locals.gone as AbortController;
    if (gone.aborted && thrown === gone.reason) return; // nobody is there to be told
    if (res.headersSent) {
      next(thrown);
      return;
    }
    const { problem, retryAfterSeconds, unforeseen } = answerError(
      ofTransport(thrown),
      res.locals.id,
      deps.clock,
    );
    if (unforeseen || thrown instanceof Fault) deps.unforeseen(thrown, res.locals.id);
    if (retryAfterSeconds !== undefined) res.setHeader('Retry-After', retryAfterSeconds);
    if (problem.status === 401) res.setHeader('WWW-Authenticate', 'Bearer');
    res.status(problem.status).vary('Accept');
    // Who asks with a browser reads a no as a page, at whatever address it was met.
    if (isFirst(req, 'text/html')) res.type('html').send(problemPage(problem));
    else res.type('application/problem+json').send(JSON.stringify(problem));
    noteAnswer(deps, res, problem.code);
  };
}

/** What the body reader or the router throws, in the catalogue's words. */
function ofTransport(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || !('status' in thrown)) return thrown;
  if (thrown.status === 413) {
    return refusal('body-too-large', { limitBytes: 'limit' in thrown ? Number(thrown.limit) : 0 });
  }
  if (thrown instanceof URIError) return refusal('route-missing');
  if (thrown.status === 415) return refusal('media-type-unsupported');
  if (typeof thrown.status === 'number' && thrown.status < 500)
    return refusal('malformed-body', { position: 0 });
  return thrown;
}

function noteAnswer(deps: AppDependencies, res: Response, code: string | undefined): void {
  deps.note({
    id: res.locals.id,
    route: res.locals.route ?? 'none',
    status: res.statusCode,
    milliseconds: Math.round(performance.now() - res.locals.startedAt),
    principal: res.locals.principal?.id ?? 'anyone',
    code,
  });
}
