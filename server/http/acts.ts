/**
 * Acts on their way, whatever they are about: what was prepared, who has signed, and the operation it became.
 *
 * An act is answered as the file an independent signer reads when it is prepared and when somebody asks for it;
 * signatures come back one part at a time; with the last one the answer is 202 and an operation to follow. Rules are
 * the domain's and the contracts'.
 */

import { z } from 'zod';
import type { ActDraft, Commit } from '../acts/commit.ts';
import {
  type Inbox,
  lapsesAtMs,
  type Named,
  namedInWords,
  SIGNERS_OF_PARTS,
  type WaitingAct,
} from '../acts/inbox.ts';
import type { ActFileReader } from '../desk/actFiles.ts';
import type { TitleFinder } from '../desk/titleFinder.ts';
import { ORDERS, type OrderRow, type OrderType } from '../domain/acts/orders.ts';
import type { SignedPart } from '../domain/acts/signable.ts';
import { ACTS, type ActRow, type ActType } from '../domain/acts/table.ts';
import type { Bytes32, Hex } from '../domain/base/hex.ts';
import { shortId } from '../domain/base/inWords.ts';
import { Refusal, refusal } from '../domain/base/refusal.ts';
import { type BAUnitId, KEY_KINDS, type Labelled, type OfficerId } from '../domain/base/terms.ts';
import { minorInWords, moneyInWords } from '../domain/benefits/currencies.ts';
import type { Beside } from '../domain/signer/beside.ts';
import { labelOut } from './labels.ts';
import { type Answer, type Asked, type Principal, type Route, route, type Scope } from './route.ts';
import { readerOf, type WaitsFor } from './scope.ts';
import { written } from './shapeProblem.ts';
import {
  bytes32,
  compactSignature,
  cursor,
  lastMoment,
  moment,
  pageBody,
  uint32,
  wholeText,
} from './shapes.ts';
import { withoutWords } from './wordsBehind.ts';

export type Operation = Awaited<ReturnType<Commit['operation']>>;
type PendingAct = Awaited<ReturnType<Commit['act']>>;

/** Who works with acts of any kind. */
const SIGNERS = ['registrar', 'agency', 'member'] as const;

/** What an officer looks through at once, and the most a page has. */
const INBOX_PAGE = 50;
const INBOX_PAGE_MAX = 200;

/** What the ledger would refuse a measure as, if it were carried out now. */
export const obstacle = z
  .object({ code: z.string(), message: z.string(), remedy: z.string() })
  .meta({ id: 'Obstacle' });

export function obstacleBody(refused: Refusal | undefined) {
  if (refused === undefined) return undefined;
  return { code: refused.code, message: refused.message, remedy: refused.row.remedy };
}

const pendingAct = z
  .object({
    id: z.string(),
    kind: z.string(),
    state: z.enum(['waiting', 'accepted', 'failed']).meta({
      description: 'Failed where the ledger did not take it, for which `code` says why',
    }),
    missing: z.array(z.string()).meta({ description: 'Parts still to be signed' }),
    expiresAt: z.iso.datetime(),
    recordedFrom: z.iso.datetime().optional().meta({
      description:
        'All have signed before the time of the act or of a consent: from then on it is recorded, by itself',
    }),
    code: z.string().optional().meta({
      description:
        'Why it was not recorded; whoever hands in a signature of one that was held has it tried again',
    }),
    operation: z.string().optional().meta({ description: 'Where to follow it once accepted' }),
    prepared: z.unknown().meta({
      description:
        'The file that officers, holders and independent signers read; absent where a signature is answered',
    }),
    beside: z
      .object({
        currency: z.int().optional().meta({ description: 'Of the programme, by its number of ISO 4217' }),
        people: z
          .object({
            from: z.int(),
            personIds: z.array(z.string()).meta({
              description: 'Of the places from `from` on; empty where the person was erased',
            }),
          })
          .optional(),
        renamed: z.array(z.string()).optional().meta({
          description:
            'Commitments to holders whose id stood under another name, of whom the preparer answered that they are one person',
        }),
      })
      .optional()
      .meta({
        description: 'What this gateway knows of the act, signed by nobody: `officer sign` shows it as that',
      }),
    obstacle: obstacle.optional().meta({
      description:
        'Of a vote: what would refuse the measure as things stand, whatever its votes and its wait',
    }),
    caution: obstacle.optional().meta({
      description: 'Of a vote: why the measure would decide nothing, though it may be carried out',
    }),
    withheld: z.string().optional().meta({
      description: 'Where what the act says of people stays closed: that it does, and how to ask',
    }),
  })
  .meta({ id: 'PendingAct' });

export const operation = z
  .object({
    id: z.string(),
    kind: z.string(),
    state: z.string().meta({ description: 'RECEIVED to PROJECTED, or REFUSED, REVERTED, SUPERSEDED' }),
    isFinal: z.boolean(),
    blockNumber: z.string().optional(),
    transactionHash: z.string().optional(),
    entries: z.array(z.object({ register: z.string(), index: z.string(), entryId: z.string() })),
    code: z.string().optional().meta({ description: 'Why it was refused' }),
    acts: z.array(z.string()),
  })
  .meta({ id: 'Operation' });

interface Shown {
  readonly prepared: unknown;
  readonly beside?: Beside;
  readonly obstacle?: ReturnType<typeof obstacleBody>;
  readonly caution?: ReturnType<typeof obstacleBody>;
  readonly withheld?: string | undefined;
}

async function actAnswer(commit: Commit, act: PendingAct, shown?: Shown): Promise<Answer> {
  const isAccepted = act.operation !== undefined;
  const failure = await commit.failureOf(act);
  return {
    status: isAccepted ? 202 : 201,
    body: {
      id: act.id,
      kind: act.kind,
      state: failure !== undefined ? 'failed' : isAccepted ? 'accepted' : 'waiting',
      missing: isAccepted ? [] : commit.missingParts(act),
      expiresAt: new Date(lapsesAtMs(act)).toISOString(),
      ...heldBody(act),
      ...(failure !== undefined && { code: failure }),
      operation: isAccepted ? `/operations/${act.operation}` : undefined,
      ...shown,
    },
    headers: { Location: isAccepted ? `/operations/${act.operation}` : `/acts/${act.id}` },
  };
}

function heldBody({ held }: PendingAct) {
  if (held === undefined) return {};
  return { recordedFrom: new Date(held.fromSeconds * 1_000).toISOString(), code: held.refused };
}

/** How acts of one kind are prepared: the shape of what an officer decides, and the desk that makes an act of it. */
export interface Preparing<B> {
  readonly commit: Commit;
  readonly fileOf: ActFileReader;
  /** Its row in the table of acts or of orders says the path, the caller and what it is. */
  readonly act: ActType | OrderType;
  readonly tag: Route['tag'];
  readonly body: z.ZodType<B>;
  readonly bodyLimitBytes?: number;
  /** `obstacle`, `caution`: what the answer tells beside the act, which is good to sign all the same. */
  prepare(
    owner: ReturnType<typeof ownerOf>,
    body: B,
  ): Promise<ActDraft & { readonly obstacle?: Refusal; readonly caution?: Refusal }>;
}

export function preparingRoute<B>({ commit, fileOf, act: type, prepare, ...shape }: Preparing<B>): Route {
  const row: ActRow | OrderRow = type in ACTS ? ACTS[type as ActType] : ORDERS[type as OrderType];
  const { route: place, words } = row;
  return route({
    ...shape,
    method: 'post',
    path: `/acts/${place.collection}`,
    summary: `Prepares ${words}`,
    roles: place.callers,
    scope: scopeOf(row),
    answers: { 201: pendingAct },
    handle: async (asked: Asked<unknown, unknown, B>) => {
      const { claim, principal, body } = asked;
      let made: unknown;
      let told: Pick<Shown, 'obstacle' | 'caution'> = {};
      const act = await commit.prepare(claim, async () => {
        const { told: plainly, sets } = withoutWords(body);
        const { obstacle: found, caution, ...plain } = await prepare(ownerOf(principal), plainly);
        told = { obstacle: obstacleBody(found), caution: obstacleBody(caution) };
        const draft = await fileOf.withWords(plain, sets);
        // What no signer could read is refused before anything of it is kept.
        made = await fileOf.ofDraft(draft, requesterOf(asked, draft.act.entryId));
        return draft;
      });
      if (made !== undefined) {
        const beside = await fileOf.besideOf(act, true);
        return actAnswer(commit, act, Object.assign({ prepared: made, beside }, told));
      }
      // A retry finds the act made: its names are read again, and that is logged, for as long as it is the case for them.
      const isOpen = await isCaseOfItsOwn(commit, act);
      const opening = isOpen ? requesterOf(asked, act.id) : undefined;
      return actAnswer(commit, act, {
        prepared: await fileOf.ofPending(act, opening),
        beside: await fileOf.besideOf(act, isOpen),
        ...(!isOpen && { withheld: WITHHELD.over }),
      });
    },
  });
}

/** An act has a head; an order names its officer, and what it takes back where it is one that does. */
function scopeOf(row: ActRow | OrderRow): Scope {
  if ('roles' in row) return 'preparation';
  return row.register === undefined ? 'act-order' : 'order';
}

/** Whether an act is still the case for its own units: it waits, and has neither been carried out nor lapsed. */
async function isCaseOfItsOwn(commit: Commit, act: PendingAct): Promise<boolean> {
  if (act.operation !== undefined || lapsesAtMs(act) <= Date.now()) return false;
  return !(await commit.isRecorded(act.id));
}

/** Who reads what is behind an act, and for which case: the one that is named, or the act itself. */
function requesterOf(
  { principal: { id, institution }, caseReference }: Asked<unknown, unknown, unknown>,
  act: Bytes32,
) {
  return { id, institution, caseReference: caseReference ?? `act:${act}` };
}

export function ownerOf({ id, institution, vendor }: Principal) {
  return vendor === undefined ? { principal: id, institution } : { principal: id, institution, vendor };
}

export function operationBody(one: Operation) {
  return {
    id: one.id,
    kind: one.kind,
    state: one.state,
    isFinal: one.state === 'PROJECTED',
    blockNumber: one.blockNumber,
    transactionHash: one.transactionHash,
    entries: one.entries.map(({ register, journalIndex, entryId }) => ({
      register,
      index: journalIndex,
      entryId,
    })),
    code: one.errorCode,
    acts: one.acts,
  };
}

/** 200 once it is over within the time the client waits, else 202 and where to look. */
export async function operationAnswer(
  commit: Commit,
  id: Operation['id'],
  waitSeconds: number,
): Promise<Answer> {
  const one = waitSeconds > 0 ? await commit.waitFor(id, waitSeconds) : await commit.operation(id);
  const isOver = commit.isOver(one);
  return { status: isOver ? 200 : 202, body: operationBody(one), headers: { Location: `/operations/${id}` } };
}

/** A consent as its holder signed it. */
export const givenConsent = z.strictObject({
  part: z.literal('consent'),
  place: z.int().min(0).max(127),
  signature: compactSignature,
  consent: z.strictObject({
    notBefore: moment,
    deadline: lastMoment,
    mandateCommitment: bytes32(),
    kind: z.enum(KEY_KINDS),
    salt: bytes32(),
    key: z
      .string()
      .regex(
        /^0x(?:[0-9a-f]{128})?$/,
        written('a public key of 64 bytes in lower-case hex, or nothing', '0x'),
      )
      .transform((text) => text as Hex)
      .meta({ type: 'string' }),
  }),
});

const signatureBody = z.discriminatedUnion('part', [
  z.strictObject({ part: z.literal('preparer'), signer: bytes32<OfficerId>(), signature: compactSignature }),
  z.strictObject({
    part: z.literal('approver'),
    signer: bytes32<OfficerId>(),
    signature: compactSignature,
    approval: z.strictObject({ approverEpoch: uint32, deadline: lastMoment }),
  }),
  givenConsent,
]);
type SignatureBody = z.infer<typeof signatureBody>;

const waitingAct = z
  .object({
    id: z.string(),
    kind: z.string(),
    what: z.string().meta({ description: 'The act in words' }),
    about: z.string().meta({ description: 'The unit, programme or cycle that it changes' }),
    subject: z.string().meta({
      description:
        'The same in words: with the numbers of parcels for who keeps them, what the own institution calls a programme or a shop, and the amount',
    }),
    parcels: z
      .array(z.object({ baUnit: z.string(), number: z.string().optional() }))
      .meta({ description: 'The first of the units that it names, with their numbers for who keeps them' }),
    units: z.int().meta({ description: 'How many units it names' }),
    office: z.int(),
    institution: z.int().meta({ description: 'Whose office prepared it' }),
    preparer: z.string().meta({ description: 'The officer who prepares it' }),
    preparerLabel: labelOut,
    missing: z.array(z.string()).meta({ description: 'Parts still to be signed' }),
    missingFrom: z.array(z.string()).meta({ description: 'Whose signatures those are, in words' }),
    preparedAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    lapsesSoon: z.boolean().meta({ description: 'Within three days' }),
    recordedFrom: z.iso.datetime().optional().meta({
      description: 'Of an act that waits for nobody: when it is recorded, by itself',
    }),
    code: z.string().optional().meta({ description: 'Why it was not recorded then' }),
  })
  .meta({ id: 'WaitingAct' });

const inboxQuery = z.object({
  after: cursor.optional(),
  limit: wholeText(1, INBOX_PAGE_MAX).default(INBOX_PAGE),
  missing: z.enum(SIGNERS_OF_PARTS).optional().meta({
    description: 'Only acts that lack a signature of this kind',
  }),
  waitsFor: z.enum(['me', 'institution']).optional().meta({
    description:
      'Only acts whose next signature is one that this token, with `officer` that officer, or the own institution can hand in',
  }),
  officer: bytes32<OfficerId>().optional().meta({
    type: 'string',
    description: 'With `waitsFor=me`: the officer who looks through the inbox',
  }),
  lapsing: z.literal('soon').optional().meta({ description: 'Only acts that lapse within three days' }),
});

/** Why there are no openings in an answer. */
const WITHHELD = {
  over: 'The act waits for nobody any more, so it is no case of its own, and what it says of people is left out of `openings`: ask with `?purpose=registration` and the number of your case in `X-Case-Reference` to have it opened; the people see who read it.',
  asked:
    'What the act says of people is left out of `openings`: ask with `?purpose=registration` to have it opened; the people see who read it.',
  closed:
    'What the act says of people is left out of `openings`: it is opened to the institution that prepared the act, and to one that must approve it once its preparer has signed.',
} as const;

export interface ActRoutesDependencies {
  readonly commit: Commit;
  readonly inbox: Inbox;
  readonly fileOf: ActFileReader;
  /** Whether an act stands in the inbox of who asks: it is of their institution, or asked of it. */
  isListed(act: PendingAct, principal: Principal): Promise<boolean>;
  /** Whether the next signature is one that who asks could hand in. */
  waitsFor(act: PendingAct, principal: Principal, whom: WaitsFor): Promise<boolean>;
  /** The number of a unit's parcel, for who may know it. */
  groundOf: TitleFinder['groundOf'];
  /** What the reader's institution calls a programme, a vendor, a till or an officer of its own. */
  labelOf(id: Bytes32 | Labelled, reader: Principal): Promise<string | undefined>;
  /** Why the caller is shown what the act says of people; undefined where it stays closed. */
  openedFor(act: PendingAct, principal: Principal): Promise<'prepared' | 'asked' | undefined>;
}

/** Parcels that a row of the inbox names; the rest are counted. */
const PARCELS_SHOWN = 5;

/** Undefined also of an act that was taken back meanwhile. */
async function currencyBeside(act: PendingAct, fileOf: ActFileReader): Promise<number | undefined> {
  try {
    return (await fileOf.besideOf(act, false)).currency;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return undefined;
  }
}

/** Of an act on aid, which names its programme, shop and till beside one another; undefined of numbers. */
function labelled({ what, value }: Named, named: readonly Named[]): Bytes32 | Labelled | undefined {
  if (what === 'programme' || what === 'vendor' || what === 'officer') return value as Bytes32;
  const vendor = what === 'till' ? named.find((one) => one.what === 'vendor')?.value : undefined;
  return vendor === undefined ? undefined : (`${vendor}.${value}` as Labelled);
}

async function waitingBody(
  { act, words, about, units, named: besides, money, preparer, missing, missingFrom, lapsesSoon }: WaitingAct,
  principal: Principal,
  { groundOf, fileOf, labelOf }: Pick<ActRoutesDependencies, 'groundOf' | 'fileOf' | 'labelOf'>,
): Promise<z.infer<typeof waitingAct>> {
  const reader = readerOf(principal);
  const parcels = await Promise.all(
    units.slice(0, PARCELS_SHOWN).map(async (baUnit) => {
      const { number } = await groundOf(baUnit as BAUnitId, reader);
      return number === undefined ? { baUnit } : { baUnit, number };
    }),
  );
  const named = parcels.map(({ baUnit, number }) =>
    number === undefined ? `unit ${shortId(baUnit)}` : `parcel ${number}`,
  );
  // The message of a move of money says no currency: its programme's.
  const currency = money && (money.currency ?? (await currencyBeside(act, fileOf)));
  const amount =
    money === undefined
      ? []
      : [
          currency === undefined
            ? minorInWords(money.amountMinor)
            : moneyInWords(currency, money.amountMinor),
        ];
  const labels = besides.map((one) => {
    const id = labelled(one, besides);
    return id === undefined ? undefined : labelOf(id, principal);
  });
  const subject = units.length > 0 ? undefined : namedInWords(besides, await Promise.all(labels));
  const more = units.length > named.length ? [`${units.length - named.length} more`] : [];
  return {
    id: act.id,
    kind: act.kind,
    what: words,
    about,
    subject: [...(subject === undefined ? [...named, ...more] : [subject]), ...amount].join(', '),
    parcels,
    units: units.length,
    office: act.office,
    institution: act.owner.institution,
    preparer,
    preparerLabel: await labelOf(preparer, principal),
    missing: [...missing],
    missingFrom: [...missingFrom],
    preparedAt: new Date(act.createdAtMs).toISOString(),
    expiresAt: new Date(lapsesAtMs(act)).toISOString(),
    lapsesSoon,
    ...heldBody(act),
  };
}

export function actRoutes({
  commit,
  inbox,
  fileOf,
  isListed,
  waitsFor,
  groundOf,
  labelOf,
  openedFor,
}: ActRoutesDependencies): Route[] {
  return [
    route({
      method: 'get',
      path: '/acts',
      roles: [...SIGNERS, 'auditor'],
      scope: 'inbox',
      tag: 'operations',
      summary:
        'Acts that wait for a signature, what lapses first at the beginning: an inbox, without a name in it',
      query: inboxQuery,
      answers: {
        200: pageBody(waitingAct).extend({
          lapsingSoon: z.int().meta({ description: 'Of all pages, those that lapse within three days' }),
        }),
      },
      handle: async ({ query, principal }) => {
        const { missing: lacking, lapsing, waitsFor: whom, officer, after, limit } = query;
        if (officer !== undefined && whom !== 'me') {
          const problem = 'it goes with `waitsFor=me`';
          throw refusal('validation-failed', { problem }, { field: '/query/officer' });
        }
        const listed = async (act: PendingAct) =>
          (await isListed(act, principal)) &&
          (whom === undefined || (await waitsFor(act, principal, { isMine: whom === 'me', officer })));
        const institution = principal.roles.includes('auditor') ? undefined : principal.institution;
        const asked = { after, limit, institution, lacking, isLapsing: lapsing === 'soon', isListed: listed };
        const { rows, ...page } = await inbox(asked);
        const shown = rows.map((row) => waitingBody(row, principal, { groundOf, fileOf, labelOf }));
        return { status: 200, body: { ...page, rows: await Promise.all(shown) } };
      },
    }),
    route({
      method: 'get',
      path: '/acts/{id}',
      roles: [...SIGNERS, 'auditor'],
      scope: 'act',
      tag: 'operations',
      summary: 'An act as it was prepared, and the signatures it still needs',
      params: z.object({ id: bytes32() }),
      query: z.object({
        purpose: z.literal('registration').optional().meta({
          description:
            'Opens what the act says of people, who see it: for an institution that must approve what another one prepared, and, with `X-Case-Reference`, of an act that was carried out',
        }),
      }),
      answers: { 200: pendingAct },
      handle: async (asked) => {
        const act = await commit.act(asked.params.id);
        const { principal, query } = asked;
        const reason = await openedFor(act, principal);
        if (query.purpose !== undefined && reason === undefined) {
          throw refusal('approval-not-asked', undefined, { field: '/query/purpose' });
        }
        const isOver = reason === 'prepared' && !(await isCaseOfItsOwn(commit, act));
        if (isOver && query.purpose !== undefined && asked.caseReference === undefined) {
          throw refusal('case-reference-required');
        }
        const requester = requesterOf(asked, act.id);
        const pending = `act:${act.id}`;
        const handedOver = { ...requester, caseReference: pending, agreement: pending };
        const isOpen = query.purpose !== undefined || (reason === 'prepared' && !isOver);
        const opening = reason === 'asked' ? handedOver : requester;
        const why = isOver ? 'over' : reason === 'asked' ? 'asked' : 'closed';
        const shown = {
          prepared: await fileOf.ofPending(act, isOpen ? opening : undefined),
          beside: await fileOf.besideOf(act, isOpen),
          ...(!isOpen && { withheld: WITHHELD[why] }),
        };
        return Object.assign(await actAnswer(commit, act, shown), { status: 200 });
      },
    }),
    route({
      method: 'delete',
      path: '/acts/{id}',
      roles: SIGNERS,
      scope: 'act-withdrawal',
      tag: 'operations',
      summary:
        'Takes back an act that was not carried out; a signature already given away counts until its deadline',
      params: z.object({ id: bytes32() }),
      answers: { 200: z.object({ takenBack: z.literal(true) }) },
      handle: async ({ params, principal }) => {
        await commit.takeBack(params.id, principal.id);
        return { status: 200, body: { takenBack: true } };
      },
    }),
    route({
      method: 'post',
      path: '/acts/{id}/signatures',
      roles: SIGNERS,
      scope: 'act-signature',
      tag: 'operations',
      summary: 'Hands in one signature; with the last one the act is accepted and becomes an operation',
      params: z.object({ id: bytes32() }),
      body: signatureBody,
      answers: { 201: pendingAct, 202: pendingAct },
      handle: async (asked) => {
        const { params, body, principal, claim } = asked;
        const signed = await commit.addSignature(claim, params.id, {
          ...partOf(body),
          principal: principal.id,
        });
        if (signed.operation !== undefined && asked.waitSeconds > 0) {
          await commit.waitFor(signed.operation, asked.waitSeconds);
        }
        return actAnswer(commit, signed);
      },
    }),
    route({
      method: 'get',
      path: '/operations/{id}',
      roles: [...SIGNERS, 'vendor', 'auditor'],
      scope: 'operation',
      tag: 'operations',
      summary: 'How far an accepted operation is; with `Prefer: wait=5` answers when it is over',
      params: z.object({ id: z.uuid() }),
      answers: { 200: operation, 202: operation },
      handle: ({ params, waitSeconds }) => operationAnswer(commit, params.id as Operation['id'], waitSeconds),
    }),
  ];
}

function partOf(body: SignatureBody): SignedPart {
  return body.part === 'consent' ? consentOf(body) : body;
}

export function consentOf({ place, signature, consent }: z.infer<typeof givenConsent>): SignedPart {
  return { part: `consent-${place}`, signer: consent.salt, signature, consent };
}
