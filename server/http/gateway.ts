/**
 * The routes about the gateway itself: health, tokens and the one-time link, and the pages for
 * people. It shows how the ledger stands and holds no rule of it.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type express from 'express';
import { z } from 'zod';
import { refusal } from '../domain/base/refusal.ts';
import type { OfficeId, VendorId } from '../domain/base/terms.ts';
import { refusesMethod } from './app.ts';
import { catalogueRoutes } from './catalogue.ts';
import { mountConsole } from './consolePages.ts';
import type { Metrics } from './metrics.ts';
import { homePage, type Standing } from './pages.ts';
import { type Principal, ROLES, type Role, type Route, route } from './route.ts';
import { type Sessions, sessionRoutes } from './sessions.ts';
import { written } from './shapeProblem.ts';
import { bytes32, cursor, nameText, pageBody, says, uint32, wholeText } from './shapes.ts';

const DAY_MS = 24 * 3_600_000;
/** The administrator's own token: long enough to set a gateway up, short enough to be missed when it is lost. */
const ADMINISTRATOR_LIFE_MS = 30 * DAY_MS;
const TOKEN_LIFE_DAYS_MAX = 366;
const LABEL_MAX = 80;
/** Rows of a page of tokens. */
const TOKENS_PAGE = 50;
const TOKENS_PAGE_MAX = 500;

export interface GatewayDependencies {
  standing(): Promise<Standing>;
  /** Why the gateway cannot serve writes now, or undefined when it is ready. */
  notReady(): Promise<string | undefined>;
  /** Which clock is ahead of which, how far, and what to do; undefined while they agree. */
  clock(): string | undefined;
  /** Whether a token may be for it: 0 is none, and before there is a ledger nobody knows. */
  isInstitution(number: number): Promise<boolean>;
  /** The institution that keeps an office, or has a vendor; undefined where nobody does. */
  keeperOf(bound: OfficeId | VendorId): Promise<number | undefined>;
  readonly sessions: Sessions;
  tokens: {
    holderOf(token: string): Promise<Principal | undefined>;
    whoIs(holder: string): Promise<{ readonly label?: string | undefined } | undefined>;
    issue(order: {
      roles: readonly Role[];
      institution: number;
      office?: OfficeId | undefined;
      vendor?: VendorId | undefined;
      label?: string | undefined;
      issuedBy: string;
      lifeMs: number;
    }): Promise<{ id: string; token: string }>;
    useLink(link: string, lifeMs: number): Promise<{ id: string; token: string }>;
    renew(id: string, order: { issuedBy: string; lifeMs: number }): Promise<{ id: string; token: string }>;
    revoke(id: string): Promise<boolean>;
    list(asked: {
      after?: string | undefined;
      limit: number;
      institution?: number | undefined;
      label?: string | undefined;
      role?: Role | undefined;
    }): Promise<{
      readonly total: number;
      readonly rows: readonly TokenNote[];
      readonly next?: string;
    }>;
  };
}

/** A token as the store keeps it, without its secret. */
interface TokenNote {
  readonly id: string;
  readonly holder: string;
  readonly label?: string | undefined;
  readonly roles: readonly string[];
  readonly institution: number;
  readonly office?: OfficeId | undefined;
  readonly vendor?: VendorId | undefined;
  readonly issuedBy: string;
  readonly issuerLabel?: string;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  readonly revokedAtMs: number | undefined;
  readonly once: boolean;
}

const tokenNote = z.object({
  id: z.string(),
  holder: z
    .string()
    .meta({ description: 'The same for all tokens of one holder: one is renewed by another' }),
  label: z.string().optional().meta({ description: 'What it is for, as its issuer wrote it' }),
  roles: z.array(z.string()),
  institution: z.int().min(0).max(255),
  office: z.int().optional(),
  vendor: z.string().optional(),
  issuedBy: z.string().meta({ description: 'Id of who issued it: another token, or a start of the gateway' }),
  issuer: z.string().meta({ description: 'The same in words: what the issuing token is for' }),
  isLink: z.boolean().meta({ description: 'The one-time link of a first start, used or not' }),
  issuedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  revokedAt: z.iso.datetime().optional(),
});

const days = z.int().min(1).max(TOKEN_LIFE_DAYS_MAX);
const tokenId = z.object({
  id: z.string().regex(/^[0-9a-f]{16}$/, written('the id of a token', '4b75647572727521')),
});

/** A till is a vendor's and nothing else: its token can do what one vendor's till does, and no office's work. */
const tokenOrder = z
  .strictObject({
    roles: z.array(z.enum(ROLES)).min(1).max(ROLES.length),
    institution: z.int().min(0).max(255),
    office: uint32
      .min(1)
      .transform((number) => number as OfficeId)
      .optional()
      .meta({ description: 'The one office it works for; all of the institution where it is left out' }),
    vendor: bytes32<VendorId>().optional().meta({ description: 'Of the role vendor, which stands alone' }),
    label: nameText(LABEL_MAX).optional().meta({
      type: 'string',
      description: 'What it is for: a desk, a till, a machine; never a person',
    }),
    days,
  })
  .refine(({ roles, vendor }) => roles.includes('vendor') === (vendor !== undefined), {
    path: ['vendor'],
    ...says('a token of the role vendor has its vendor, and no other has one'),
  })
  .refine(({ roles }) => roles.length === 1 || !roles.includes('vendor'), {
    path: ['roles'],
    ...says('the role vendor stands alone'),
  })
  .refine(({ roles }) => roles.length === 1 || !roles.includes('administrator'), {
    path: ['roles'],
    ...says('the role administrator stands alone'),
  })
  // Who issues tokens issues any: one that says it is of an institution or an office would only seem bound to it.
  .refine(
    ({ roles, institution, office }) =>
      !roles.includes('administrator') || (institution === 0 && office === undefined),
    {
      path: ['institution'],
      ...says('an administrator is the whole gateway’s: institution 0, and no office'),
    },
  );

const issuedToken = z.object({
  id: z.string(),
  token: z.string().meta({ description: 'Shown once; only its hash is kept' }),
});

const readiness = z.object({
  ready: z.boolean(),
  reason: z.string().optional(),
  blockNumber: z.string(),
  blockAgeSeconds: z.int().optional(),
  finality: z.enum(['local', 'witnessed', 'quorum']),
  queued: z.int(),
  cautions: z.array(z.enum(['cannot-outlive-a-member'])),
  clock: z.string().optional().meta({
    description: "Where the ledger's clock and this machine's differ: which is ahead, and what to do",
  }),
});

export function gatewayRoutes(deps: GatewayDependencies): Route[] {
  const { sessions, tokens } = deps;
  return [
    ...healthRoutes(deps),
    ...tokenRoutes(deps),
    ...sessionRoutes(
      sessions,
      (token) => tokens.holderOf(token),
      async (holder) => (await tokens.whoIs(holder))?.label,
    ),
    ...catalogueRoutes,
  ];
}

function healthRoutes(deps: GatewayDependencies): Route[] {
  return [
    route({
      method: 'get',
      path: '/health/live',
      roles: 'anyone',
      scope: 'open',
      tag: 'gateway',
      summary: 'Whether the process answers',
      answers: { 200: z.object({ alive: z.literal(true) }) },
      handle: async () => ({ status: 200, body: { alive: true } }),
    }),
    route({
      method: 'get',
      path: '/health/ready',
      roles: 'anyone',
      scope: 'open',
      tag: 'gateway',
      summary: 'Whether writes are served, the age of the last final block and the length of the queue',
      answers: { 200: readiness, 503: readiness },
      handle: async () => {
        const [standing, reason] = await Promise.all([deps.standing(), deps.notReady()]);
        const { blockNumber, blockAgeSeconds, finality, queued, cautions } = standing;
        return {
          status: reason === undefined ? 200 : 503,
          body: {
            ready: reason === undefined,
            reason,
            blockNumber,
            blockAgeSeconds,
            finality,
            queued,
            cautions: [...cautions],
            clock: deps.clock(),
          },
        };
      },
    }),
  ];
}

function tokenRoutes({ tokens, isInstitution, keeperOf }: GatewayDependencies): Route[] {
  return [
    route({
      method: 'post',
      path: '/enrolments',
      roles: 'anyone',
      scope: 'open',
      tag: 'gateway',
      summary: "Uses up the one-time link of the first start for the gateway administrator's token",
      body: z.strictObject({ link: z.string().min(20).max(200) }),
      answers: { 201: issuedToken },
      handle: async ({ body }) => ({
        status: 201,
        body: await tokens.useLink(body.link, ADMINISTRATOR_LIFE_MS),
        headers: { 'Cache-Control': 'no-store' },
      }),
    }),
    route({
      method: 'post',
      path: '/tokens',
      roles: ['administrator'],
      scope: 'gateway',
      tag: 'gateway',
      summary:
        'Issues a token with roles for one institution, another one at every call; it can sign nothing on the ledger',
      isRepeatable: true,
      body: tokenOrder,
      answers: { 201: issuedToken },
      handle: async ({ body, principal }) => {
        // A token for nobody would be found out by whoever is to work with it, days later; who is to join is a member first.
        if (!body.roles.includes('member') && !(await isInstitution(body.institution))) {
          throw refusal('institution-unknown', undefined, { field: '/institution' });
        }
        const { vendor, office, institution } = body;
        if (vendor !== undefined && (await keeperOf(vendor)) !== institution) {
          throw refusal('vendor-unknown', undefined, { field: '/vendor' });
        }
        // Who works on land works for an office that the institution keeps; aid is given for offices that others keep, too.
        if (office !== undefined) {
          const keeper = await keeperOf(office);
          const isOthers = body.roles.includes('registrar') && keeper !== institution;
          if (keeper === undefined || isOthers) {
            throw refusal('office-of-another', undefined, { field: '/office' });
          }
        }
        return {
          status: 201,
          body: await tokens.issue({
            roles: body.roles,
            institution: body.institution,
            office: body.office,
            vendor: body.vendor,
            label: body.label,
            issuedBy: principal.id,
            lifeMs: body.days * DAY_MS,
          }),
          headers: { 'Cache-Control': 'no-store' },
        };
      },
    }),
    route({
      method: 'get',
      path: '/tokens',
      roles: ['administrator'],
      scope: 'gateway',
      tag: 'gateway',
      summary: 'The tokens: what for, whose, by whom, until when; never their secrets',
      query: z.object({
        after: cursor.optional(),
        limit: wholeText(1, TOKENS_PAGE_MAX).default(TOKENS_PAGE),
        institution: wholeText(0, 255).optional(),
        label: nameText(LABEL_MAX).optional().meta({ type: 'string', description: 'A part of the label' }),
        role: z.enum(ROLES).optional(),
      }),
      answers: { 200: pageBody(tokenNote) },
      handle: async ({ query }) => {
        const { rows, ...rest } = await tokens.list(query);
        return { status: 200, body: { ...rest, rows: rows.map(noteBody) } };
      },
    }),
    route({
      method: 'post',
      path: '/tokens/{id}/renewals',
      roles: ['administrator'],
      scope: 'gateway',
      tag: 'gateway',
      summary:
        'Issues another token to the holder of one in force: whatever is sent again under it is the same principal’s',
      isRepeatable: true,
      params: tokenId,
      body: z.strictObject({ days }),
      answers: { 201: issuedToken },
      handle: async ({ params, body, principal }) => ({
        status: 201,
        body: await tokens.renew(params.id, { issuedBy: principal.id, lifeMs: body.days * DAY_MS }),
        headers: { 'Cache-Control': 'no-store' },
      }),
    }),
    route({
      method: 'delete',
      path: '/tokens/{id}',
      roles: ['administrator'],
      scope: 'gateway',
      tag: 'gateway',
      summary: 'Revokes a token at once',
      params: tokenId,
      answers: { 200: z.object({ revoked: z.boolean() }) },
      handle: async ({ params }) => ({ status: 200, body: { revoked: await tokens.revoke(params.id) } }),
    }),
  ];
}

function noteBody({ once, issuedAtMs, expiresAtMs, revokedAtMs, ...note }: TokenNote) {
  const { id, holder, label, roles, institution, office, vendor, issuedBy, issuerLabel } = note;
  const isByToken = /^(?:token:)?[0-9a-f]{16}$/.test(issuedBy);
  const issuer = issuerLabel ?? (isByToken ? `a token without a label (${issuedBy})` : issuedBy);
  const timeOf = (ms: number) => new Date(ms).toISOString();
  return {
    id,
    holder,
    label,
    roles,
    institution,
    office,
    vendor,
    issuedBy,
    issuer,
    isLink: once,
    issuedAt: timeOf(issuedAtMs),
    expiresAt: timeOf(expiresAtMs),
    revokedAt: revokedAtMs === undefined ? undefined : timeOf(revokedAtMs),
  };
}

const webFolder = fileURLToPath(new URL('../../web/', import.meta.url));

/** The home page, the API page and its files: all from this gateway, nothing from elsewhere. */
export function mountPages(
  app: express.Express,
  limiter: () => express.RequestHandler,
  pages: { standing(): Promise<Standing>; metrics: Metrics; description(): Promise<object> },
): void {
  const swagger = path.dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  const file = (folder: string, name: string, type: string) => {
    const bytes = readFileSync(path.join(folder, name));
    return (_req: express.Request, res: express.Response) => {
      res.type(type).send(bytes);
    };
  };
  // Who reads pages without end takes nothing from the monitor that scrapes metrics.
  const [ofPages, ofMetrics] = [limiter(), limiter()];
  const page = (place: string, handler: express.RequestHandler) => {
    app.get(place, place === '/metrics' ? ofMetrics : ofPages, handler);
    app.all(place, refusesMethod(['get']));
  };
  page('/', (_req, res, next) => {
    pages.standing().then((standing) => res.type('html').send(homePage(standing)), next);
  });
  page('/metrics', (_req, res, next) => {
    pages
      .standing()
      .then((standing) => pages.metrics.page(standing))
      .then((text) => res.type('text/plain; version=0.0.4').send(text), next);
  });
  page('/openapi.json', (_req, res, next) => {
    pages.description().then((description) => res.json(description), next);
  });
  page('/page.css', file(webFolder, 'page.css', 'css'));
  mountConsole(page);
  page('/icon.svg', file(webFolder, 'icon.svg', 'svg'));
  page('/enrol', file(webFolder, 'enrol.html', 'html'));
  page('/enrol.js', file(webFolder, 'enrol.js', 'js'));
  page('/api', file(webFolder, 'api.html', 'html'));
  page('/api/start.js', file(webFolder, 'api.js', 'js'));
  for (const name of ['swagger-ui.css', 'swagger-ui-bundle.js']) {
    page(`/api/${name}`, file(swagger, name, path.extname(name).slice(1)));
  }
}
