/**
 * Who may act: institutions, officers and their two keys, how the members decide, and what is paused.
 *
 * Derived from the ledger's events; anybody with a token of an office reads it. Nothing here is about a person.
 */
import { z } from 'zod';
import type { PowerDesk } from '../desk/power.ts';
import { cursorOf, placeOfCursor } from '../domain/base/cursor.ts';
import { instantOf, instantOrNone } from '../domain/base/dates.ts';
import { refusal } from '../domain/base/refusal.ts';
import { KEY_KINDS, type OfficeId, ROLES, SCOPES } from '../domain/base/terms.ts';
import { cautionsOf } from '../domain/power/founding.ts';
import { nameOfPolicy } from '../domain/power/policyNames.ts';
import { FIRST_EPOCHS, type KeyPlaceName } from '../domain/power/possession.ts';
import type { Page, PageRequest } from '../store/views/page.ts';
import { type InstitutionRow, isBarred, type OfficerRow } from '../store/views/power.ts';
import { type LabelBook, labelFor, labelOut } from './labels.ts';
import { institutionId } from './powerShapes.ts';
import { type Route, route } from './route.ts';
import { amountOut, instantOut, pageBody, pageFields, pageOf, pageQuery, wholeText } from './shapes.ts';

export interface ConsortiumDependencies {
  readonly desk: PowerDesk;
  readonly labels: Pick<LabelBook, 'labelOf'>;
}

/** Rows of a page where nobody asks for another number, and the most there are. */
const PAGE = 50;
const PAGE_MAX = 500;
const READERS = ['auditor', 'registrar', 'agency', 'steward', 'member'] as const;

const INSTITUTION_STANDINGS = ['active', 'suspended', 'expelled'] as const;
const institution = z
  .object({
    institution: z.int(),
    standing: z.enum(INSTITUTION_STANDINGS),
    isMember: z.boolean().meta({ description: 'It has a vote' }),
    roles: z.array(z.enum(ROLES)).meta({ description: 'Roles it may give its officers' }),
    suspendedUntil: instantOut
      .optional()
      .meta({ description: 'First second after the last suspension; absent without' }),
    offices: z.array(z.int()).meta({ description: 'Offices it keeps' }),
  })
  .meta({ id: 'Institution' });

const OFFICER_STANDINGS = ['active', 'waiting', 'narrowed', 'suspended', 'barred', 'revoked'] as const;
const keyPlace = z.object({
  epoch: z.int(),
  kind: z.enum(KEY_KINDS),
  keyHash: z.string(),
  verifier: z.string(),
  rpIdHash: z.string(),
  activeFrom: instantOut
    .optional()
    .meta({ description: 'First second at which a signature counts; absent for one of the founding' }),
});
const officer = z
  .object({
    officer: z.string(),
    institution: z.int(),
    label: labelOut,
    office: z.int().meta({ description: '0 is every office' }),
    roles: z.array(z.enum(ROLES)),
    standing: z.enum(OFFICER_STANDINGS).meta({
      description:
        '`waiting`: neither key counts yet; `narrowed`: suspended a colleague alone; `barred`: the institution is',
    }),
    standsUntil: instantOut
      .optional()
      .meta({ description: 'First second at which that is over; absent for no end' }),
    keys: z.object({ key: keyPlace, spare: keyPlace }),
    suspended: z
      .object({ by: z.string(), until: instantOut, caseReference: z.string(), isFreed: z.boolean() })
      .optional()
      .meta({ description: 'The last suspension by a lone colleague' }),
    revoked: z
      .object({ at: instantOut, by: z.string(), suspectSince: instantOut, caseReference: z.string() })
      .optional(),
  })
  .meta({ id: 'Officer' });

const pause = z
  .object({
    scopes: z.array(z.enum(SCOPES)),
    until: instantOut
      .optional()
      .meta({ description: 'First second after it; absent of the order that frees them' }),
    byTwoInstitutions: z.boolean(),
    caseReference: z.string(),
    blockNumber: amountOut,
    recordedAt: instantOut,
  })
  .meta({ id: 'Pause' });

const consortium = z.object({
  consortium: z.string(),
  isSeated: z.boolean(),
  quorum: z.int(),
  members: z.array(z.int()),
  activeMembers: z.array(z.int()),
  wideningWaitSeconds: amountOut,
  appointmentWaitSeconds: amountOut,
  verifiers: z.array(z.object({ verifier: z.string(), kind: z.string() })),
  validators: z.array(z.string()),
  policies: z.array(z.object({ policy: z.string(), name: z.string().optional(), value: amountOut })),
  halts: z.array(z.object({ from: instantOut, to: instantOut })),
  cautions: z.array(z.enum(['cannot-outlive-a-member'])),
});

const rolesIn = (bits: number) => ROLES.filter((_, bit) => ((bits >> bit) & 1) === 1);

export function consortiumRoutes({ desk, labels }: ConsortiumDependencies): Route[] {
  return [
    route({
      method: 'get',
      path: '/consortium',
      roles: READERS,
      scope: 'open',
      tag: 'power',
      summary: 'How the members decide: quorum, waits, verifiers, validators, policies, halts',
      answers: { 200: consortium },
      handle: async () => ({ status: 200, body: await consortiumBody(desk) }),
    }),
    route({
      method: 'get',
      path: '/institutions',
      roles: READERS,
      scope: 'open',
      tag: 'power',
      summary: 'Institutions of the consortium: their standing, their vote, their roles and offices',
      query: pageQuery,
      answers: { 200: pageBody(institution) },
      handle: async ({ query }) => {
        const { power } = desk.views;
        const [{ rows, ...rest }, offices] = await Promise.all([power.institutions(query), power.offices()]);
        const now = desk.nowSeconds();
        const body = rows.map((row) => ({
          ...institutionBody(row, now),
          offices: offices.filter(({ keeper }) => keeper === row.institution).map(({ office }) => office),
        }));
        return { status: 200, body: { rows: body, ...rest } };
      },
    }),
    route({
      method: 'get',
      path: '/officers',
      roles: READERS,
      scope: 'open',
      tag: 'power',
      summary: 'Officers with their standing, roles and both keys; of one institution, with one role',
      query: z
        .object({
          ...pageFields,
          institution: wholeText(1, 127).pipe(institutionId).optional(),
          role: z.enum(ROLES).optional(),
        })
        .transform(({ institution: of, role, ...page }) => ({ page: pageOf(page), institution: of, role })),
      answers: { 200: pageBody(officer) },
      handle: async ({ query: { page, institution: of, role }, principal }) => {
        const listed = (asked: PageRequest) =>
          of === undefined ? desk.views.power.officers(asked) : desk.views.power.officersOf(of, asked);
        const { rows, ...rest } = await (role === undefined ? listed(page) : withRole(listed, role, page));
        const body = await Promise.all(
          rows.map(async (row) => {
            const { institution, office, officer: id } = row;
            const label = await labelFor(labels, principal, { institution, office, id });
            return Object.assign(await officerBody(desk, row), label);
          }),
        );
        return { status: 200, body: { rows: body, ...rest } };
      },
    }),
    route({
      method: 'get',
      path: '/pauses',
      roles: READERS,
      scope: 'open',
      tag: 'power',
      summary: 'What is paused now, and every order to stop or to free, newest first',
      query: pageQuery,
      answers: {
        200: pageBody(pause).extend({
          inForce: z.array(
            z.object({ scope: z.enum(SCOPES), until: instantOut, byTwoInstitutions: z.boolean() }),
          ),
        }),
      },
      handle: async ({ query }) => {
        const { power } = desk.views;
        const [paused, page] = await Promise.all([power.pausedAt(desk.nowSeconds()), power.pauses(query)]);
        const inForce = [...paused].map(([scope, { until, byTwoInstitutions }]) => ({
          scope,
          until: instantOf(until),
          byTwoInstitutions,
        }));
        const rows = page.rows.map(({ until, recordedAt, ...order }) => ({
          ...order,
          until: instantOrNone(until),
          recordedAt: instantOf(recordedAt),
        }));
        return { status: 200, body: { inForce, ...page, rows } };
      },
    }),
  ];
}

type OfficerList = (asked: PageRequest) => Promise<Page<OfficerRow>>;

/** Officers are some hundreds: all of them are looked at, so that those with a role are counted and paged by themselves. */
async function withRole(
  listed: OfficerList,
  role: (typeof ROLES)[number],
  { after, limit = PAGE, newestFirst = false }: PageRequest,
): Promise<Page<OfficerRow>> {
  const all: OfficerRow[] = [];
  for (let from: string | undefined; ; ) {
    const { rows, next } = await listed({ limit: PAGE_MAX, newestFirst, ...(from && { after: from }) });
    all.push(...rows.filter(({ roles }) => rolesIn(roles).includes(role)));
    if (next === undefined) break;
    from = next;
  }
  const behind = after && placeOfCursor(after);
  const start = after === undefined ? 0 : all.findIndex(({ officer: id }) => id === behind) + 1;
  if (after !== undefined && start === 0)
    throw refusal('cursor-unknown', undefined, { field: '/query/after' });
  const rows = all.slice(start, start + limit);
  const last = rows.at(-1)?.officer;
  const isMore = start + limit < all.length && last !== undefined;
  return { total: all.length, rows, ...(isMore && { next: cursorOf(last) }) };
}

async function consortiumBody({ views, reading }: PowerDesk) {
  const { power } = views;
  const [decided, row, verifiers, policies, halts, validators] = await Promise.all([
    reading.constitution(),
    power.constitution(),
    power.verifiers(),
    power.policies(),
    power.halts(),
    reading.validators(),
  ]);
  const { isSeated, quorum, members, activeMembers, wideningWaitSeconds, appointmentWaitSeconds } = decided;
  return {
    consortium: row?.consortium,
    isSeated,
    quorum,
    members,
    activeMembers,
    wideningWaitSeconds,
    appointmentWaitSeconds,
    validators,
    halts: halts.map(({ from, to }) => ({ from: instantOf(BigInt(from)), to: instantOf(BigInt(to)) })),
    verifiers: verifiers.rows,
    policies: policies.map(({ name, value }) => ({ policy: name, name: nameOfPolicy(name), value })),
    cautions: cautionsOf(members.length),
  };
}

function institutionBody(row: InstitutionRow, nowSeconds: bigint) {
  const roles = rolesIn(row.roles);
  const suspended = isBarred(row, nowSeconds) ? 'suspended' : 'active';
  return {
    institution: row.institution,
    standing: row.isExpelled ? 'expelled' : suspended,
    isMember: !row.isExpelled && roles.includes('vote'),
    roles,
    suspendedUntil: instantOrNone(row.suspendedUntil),
  };
}

async function officerBody({ views, nowSeconds }: PowerDesk, row: OfficerRow) {
  const { officer: id, institution: of, office, roles, keys, suspended, revoked } = row;
  const member = await views.power.institution(of);
  const isInstitutionBarred = member === undefined || isBarred(member, nowSeconds());
  const { standing, standsUntil } = officerStanding(row, isInstitutionBarred, nowSeconds());
  const place = (name: KeyPlaceName) => {
    const { epoch, key, activeFrom } = keys[name];
    return { epoch, ...key, activeFrom: instantOrNone(activeFrom) };
  };
  return {
    officer: id,
    institution: of,
    office: office as OfficeId,
    roles: rolesIn(roles),
    standing,
    standsUntil: instantOrNone(standsUntil),
    keys: Object.fromEntries(
      (Object.keys(FIRST_EPOCHS) as KeyPlaceName[]).map((name) => [name, place(name)]),
    ),
    suspended: suspended && { ...suspended, until: instantOf(suspended.until) },
    revoked: revoked && {
      ...revoked,
      at: instantOf(revoked.at),
      suspectSince: instantOf(revoked.suspectSince),
    },
  };
}

/** The strongest of what holds an officer back now. */
function officerStanding(row: OfficerRow, isInstitutionBarred: boolean, nowSeconds: bigint) {
  const { revoked, suspended, keys, narrowedUntil = 0n } = row;
  const first = [keys.key.activeFrom, keys.spare.activeFrom].reduce((one, other) =>
    one < other ? one : other,
  );
  const held = suspended?.isFreed === false ? suspended.until : 0n;
  if (revoked !== undefined) return { standing: 'revoked', standsUntil: 0n };
  if (nowSeconds < held) return { standing: 'suspended', standsUntil: held };
  if (isInstitutionBarred) return { standing: 'barred', standsUntil: 0n };
  if (nowSeconds < first) return { standing: 'waiting', standsUntil: first };
  if (nowSeconds < narrowedUntil) return { standing: 'narrowed', standsUntil: narrowedUntil };
  return { standing: 'active', standsUntil: 0n };
}
