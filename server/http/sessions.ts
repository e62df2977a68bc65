/**
 * Sessions of people in a browser: a cookie that no script reads, in place of a token that every request carries.
 *
 * Promises: a session can do what its token can, for as long as that counts and it is used; a request that another site
 * made a browser send is refused whatever it asks, so that only pages of this gateway use a session; a page that was made for
 * one person does nothing in the name of another who signed in beside it; what is kept of it is here in memory and ends with the process; nobody is signed out by what somebody else does. It signs nothing on the ledger.
 */
import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { refusal } from '../domain/base/refusal.ts';
import { type Principal, ROLES, type Route, route } from './route.ts';
import { listBody, listOf } from './shapes.ts';

/** A browser takes `__Host-` from this origin alone, for all of it, and over TLS or on the machine itself. */
const COOKIE = '__Host-kudurru';
const SECRET_BYTES = 32;
/** A desk that is left for lunch is signed out. */
const IDLE_MS = 30 * 60_000;
/** A working day. */
const LIFE_MS = 10 * 3_600_000;
/** Browsers of one holder at once; the oldest ends. */
const SESSIONS_OF_ONE_MAX = 8;

interface Session {
  readonly secretHash: string;
  /** Asked again at every request, so that one that is revoked ends its sessions. */
  readonly token: string;
  readonly holder: string;
  readonly beganAtMs: number;
  usedAtMs: number;
}

export interface Sessions {
  /**
   * The token behind a request's cookie; undefined without a session. Refuses as `request-from-elsewhere`, and as
   * `session-of-another` where the page says that it was made for somebody else.
   */
  tokenOf(headers: SessionHeaders): string | undefined;
  begin(token: string, holder: string): { readonly cookie: string; readonly endsAtMs: number };
  of(holder: string): readonly Omit<Session, 'secretHash' | 'token'>[];
  endAll(holder: string): number;
}

/** What of a request says whose it is and where it was made. */
export interface SessionHeaders {
  readonly cookie?: string | undefined;
  readonly 'sec-fetch-site'?: string | string[] | undefined;
  /** The holder for whom a page was made: every window of a browser has the same cookie. */
  readonly 'x-session-holder'?: string | string[] | undefined;
}

const hashOf = (secret: string) => createHash('sha256').update(secret).digest('hex');

export function openSessions(nowMs: () => number): Sessions {
  const sessions = new Map<string, Session>();
  const isOver = ({ beganAtMs, usedAtMs }: Session) =>
    nowMs() - usedAtMs > IDLE_MS || nowMs() - beganAtMs > LIFE_MS;
  const ofHolder = (holder: string) => [...sessions.values()].filter((one) => one.holder === holder);
  const end = ({ secretHash }: Session) => sessions.delete(secretHash);
  return {
    tokenOf: (headers) => {
      const secret = secretIn(headers.cookie);
      const session = secret === undefined ? undefined : sessions.get(hashOf(secret));
      if (session === undefined) return undefined;
      if (isOver(session)) {
        end(session);
        return undefined;
      }
      // A browser alone says where a request was made, and no script of another site can say otherwise.
      if (headers['sec-fetch-site'] !== 'same-origin') throw refusal('request-from-elsewhere');
      const madeFor = headers['x-session-holder'];
      if (madeFor !== undefined && madeFor !== session.holder) throw refusal('session-of-another');
      session.usedAtMs = nowMs();
      return session.token;
    },
    begin: (token, holder) => {
      for (const one of sessions.values()) if (isOver(one)) end(one);
      const before = ofHolder(holder);
      before.slice(0, Math.max(0, before.length - SESSIONS_OF_ONE_MAX + 1)).forEach(end);
      const secret = randomBytes(SECRET_BYTES).toString('base64url');
      const secretHash = hashOf(secret);
      sessions.set(secretHash, { secretHash, token, holder, beganAtMs: nowMs(), usedAtMs: nowMs() });
      return { cookie: cookieOf(secret, LIFE_MS), endsAtMs: nowMs() + LIFE_MS };
    },
    of: (holder) => ofHolder(holder).filter((one) => !isOver(one)),
    endAll: (holder) => {
      const ended = ofHolder(holder);
      ended.forEach(end);
      return ended.length;
    },
  };
}

function secretIn(header: string | undefined): string | undefined {
  const pairs = (header ?? '').split(';').map((pair) => pair.trim().split('='));
  return pairs.find(([name]) => name === COOKIE)?.[1];
}

const cookieOf = (secret: string, lifeMs: number) =>
  `${COOKIE}=${secret}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=${lifeMs / 1_000}`;

const whoSignedIn = z.object({
  holder: z.string().meta({
    description:
      'A page sends it as `X-Session-Holder` with whatever it asks, and is refused when somebody else has signed in beside it',
  }),
  roles: z.array(z.string()),
  institution: z.int(),
  office: z.int().optional(),
  vendor: z.string().optional(),
  label: z.string().optional().meta({ description: 'What the token is for, as its issuer wrote it' }),
  idleSeconds: z.int().meta({ description: 'Without use for so long, a session ends' }),
});

export function sessionRoutes(
  sessions: Sessions,
  holderOf: (token: string) => Promise<Principal | undefined>,
  labelOf: (holder: string) => Promise<string | undefined>,
): Route[] {
  const whoBody = async ({ id, roles, institution, office, vendor }: Principal) => {
    const label = await labelOf(id);
    return {
      holder: id,
      roles: [...roles],
      institution,
      office,
      vendor,
      label,
      idleSeconds: IDLE_MS / 1_000,
    };
  };
  return [
    route({
      method: 'post',
      path: '/sessions',
      roles: 'anyone',
      scope: 'open',
      tag: 'gateway',
      summary:
        'Signs a browser in with a token: the answer sets a cookie that no script reads and that ends with the gateway',
      body: z.strictObject({ token: z.string().min(20).max(200) }),
      answers: { 201: whoSignedIn.extend({ endsAt: z.iso.datetime() }) },
      handle: async ({ body: { token } }) => {
        const principal = await holderOf(token);
        if (principal === undefined) throw refusal('token-not-valid', undefined, { field: '/token' });
        const { cookie, endsAtMs } = sessions.begin(token, principal.id);
        return {
          status: 201,
          body: Object.assign(await whoBody(principal), { endsAt: new Date(endsAtMs).toISOString() }),
          headers: { 'Set-Cookie': cookie, 'Cache-Control': 'no-store' },
        };
      },
    }),
    route({
      method: 'get',
      path: '/sessions',
      roles: ROLES,
      scope: 'gateway',
      tag: 'gateway',
      summary:
        'The browsers that are signed in with the token of whoever asks: since when, and when each was last used',
      answers: {
        200: listBody(z.object({ beganAt: z.iso.datetime(), usedAt: z.iso.datetime() })).extend({
          who: whoSignedIn,
        }),
      },
      handle: async ({ principal }) => {
        const rows = sessions.of(principal.id).map(({ beganAtMs, usedAtMs }) => ({
          beganAt: new Date(beganAtMs).toISOString(),
          usedAt: new Date(usedAtMs).toISOString(),
        }));
        return { status: 200, body: Object.assign(listOf(rows), { who: await whoBody(principal) }) };
      },
    }),
    route({
      method: 'delete',
      path: '/sessions',
      roles: ROLES,
      scope: 'gateway',
      tag: 'gateway',
      summary: 'Signs out every browser that is signed in with the token of whoever asks',
      answers: { 200: z.object({ ended: z.int() }) },
      handle: async ({ principal }) => ({
        status: 200,
        body: { ended: sessions.endAll(principal.id) },
        headers: { 'Set-Cookie': cookieOf('', 0) },
      }),
    }),
  ];
}
