/**
 * A person opens her own record: a challenge, and what its signature by the key of her card, holding or charge opens; and agrees
 * to what an act asks of her.
 *
 * Promises: needs no token, for the proof is what counts, and looks at none: a clerk's or a till's opens nothing here. The
 * ids of the card, holding or charge are in bodies alone.
 */

import { z } from 'zod';
import type { Commit } from '../acts/commit.ts';
import { lapsesAtMs } from '../acts/inbox.ts';
import type { AskingAct, OwnData } from '../desk/ownData.ts';
import type { LedgerIdentity } from '../domain/acts/domains.ts';
import { writeCertificate } from '../domain/audit/certificate.ts';
import { instantOf, instantOrNone } from '../domain/base/dates.ts';
import type { Hex } from '../domain/base/hex.ts';
import { codeOfError, refusal } from '../domain/base/refusal.ts';
import type { BAUnitId, ProgrammeId } from '../domain/base/terms.ts';
import { ownReading } from '../domain/people/ownProof.ts';
import { consentOf, givenConsent } from './acts.ts';
import { lyingOn } from './parcels.ts';
import type { PeopleDependencies } from './people.ts';
import { accessLine, hiddenLine, type ReadingsShown, readingBody } from './readings.ts';
import { type Route, route } from './route.ts';
import { written } from './shapeProblem.ts';
import { amountOut, bytes32, compactSignature, instantOut, lastMoment, uint16, uint32 } from './shapes.ts';

/** A page a person reads on a phone. */
const LINES_MAX = 200;
const CODE_EXAMPLE = '4b75-6475-7272-7521-4b75-6475-7272-7521';

export interface OwnDataRoutesDependencies {
  readonly ownData: OwnData;
  readonly commit: Pick<Commit, 'addSignature' | 'isSigned' | 'missingParts'>;
  readonly ledger: LedgerIdentity;
  readonly accessLog: PeopleDependencies['accessLog'];
  readonly codes: Pick<PeopleDependencies['codes'], 'subjectOf'>;
  readonly telling: ReadingsShown['telling'];
  nowMs(): number;
}

const place = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('card'),
    programme: bytes32<ProgrammeId>(),
    enrolmentEpoch: uint16,
    index: uint32,
  }),
  z.strictObject({ kind: z.literal('holding'), baUnit: bytes32<BAUnitId>(), holdingId: uint32 }),
  z.strictObject({ kind: z.literal('restriction'), baUnit: bytes32<BAUnitId>(), restrictionId: uint32 }),
]);

const entitlement = z.object({
  cycle: z.int(),
  state: z.string(),
  opensAt: instantOut,
  spendUntil: instantOut,
  remainingUnits: z
    .int()
    .optional()
    .meta({ description: 'After every sale that was accepted; absent where this gateway never saw them' }),
  unrecordedUnits: z
    .int()
    .optional()
    .meta({ description: 'Of sales that were accepted and are not recorded yet; they count already' }),
  spent: z
    .array(
      z.object({
        soldAt: instantOut,
        units: z.int(),
        vendor: z.string(),
        vendorLabel: z
          .string()
          .optional()
          .meta({ description: 'What the agency of her record calls the shop' }),
        till: z.int(),
      }),
    )
    .meta({ description: 'What was paid from it, newest first' }),
});
const title = z.object({
  baUnit: z.string(),
  version: amountOut,
  status: z.string(),
  rightId: z.int(),
  kind: z.string(),
  holdingId: z.int(),
  numerator: amountOut,
  denominator: amountOut,
  number: z.string().optional().meta({ description: 'Of the parcel; absent where another gateway keeps it' }),
  areaM2: z.number().optional(),
  restrictions: lyingOn,
});

const restriction = z.object({
  baUnit: z.string(),
  version: amountOut,
  status: z.string(),
  restrictionId: z.int(),
  kind: z.string(),
  targetRight: z.int(),
  rank: z.int(),
  expiresOn: instantOut.optional().meta({ description: 'Last second of it; absent without an end' }),
  isOver: z.boolean().meta({ description: 'It has lapsed, though the title still names it' }),
});

const ownReadings = z.object({
  total: z.int(),
  head: z.string(),
  lines: z.array(z.union([accessLine, hiddenLine])),
  next: z.int().optional(),
});

const asking = z.object({
  act: z.string(),
  kind: z.string().meta({ description: 'What the act is' }),
  place: z.int().meta({ description: 'Of her consent among those of the act' }),
  institution: z.int().meta({ description: 'Whose office prepared it' }),
  preparedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});

function askingBody({ act, part }: AskingAct): z.infer<typeof asking> {
  return {
    act: act.id,
    kind: codeOfError(act.type),
    place: Number(part.slice('consent-'.length)),
    institution: act.owner.institution,
    preparedAt: new Date(act.createdAtMs).toISOString(),
    expiresAt: new Date(lapsesAtMs(act)).toISOString(),
  };
}

/** A challenge, and the signature of the key that it was for. */
const proof = z.strictObject({
  place,
  challenge: bytes32(),
  deadline: lastMoment,
  signature: compactSignature,
  salt: bytes32().optional().meta({
    type: 'string',
    description: 'Of a holding or restriction: what its key hash was made with',
  }),
  passkey: z
    .string()
    .regex(
      /^0x[0-9a-f]{128}$/,
      written('a public key of 64 bytes in lower-case hex', `0x${'4b75'.repeat(32)}`),
    )
    .transform((text) => text as Hex)
    .optional()
    .meta({
      type: 'string',
      description: 'Of a passkey: its public key, qx and qy; the signature is the assertion alone',
    }),
});
const KEPT_NOWHERE = { 'Cache-Control': 'no-store' };

export function ownDataRoutes({
  ownData,
  commit,
  ledger,
  accessLog,
  codes,
  telling,
  nowMs,
}: OwnDataRoutesDependencies): Route[] {
  return [
    route({
      method: 'post',
      path: '/own-data/challenges',
      roles: 'anyone',
      scope: 'proof',
      tag: 'people',
      summary:
        'A challenge of some minutes, for the key of a card, a holding or a charge to sign; it says nothing of any',
      body: z.strictObject({ place }),
      answers: {
        201: z.object({
          challenge: z.string(),
          deadline: amountOut.meta({ description: 'Unix seconds, as the key signs them' }),
          sign: z
            .unknown()
            .meta({ description: 'EIP-712: what the key signs; make it yourself and compare' }),
        }),
      },
      handle: async ({ body }) => {
        const given = ownData.challenge(body.place);
        const sign = ownReading(ledger, body.place, given);
        return { status: 201, body: { ...given, sign }, headers: { 'Cache-Control': 'no-store' } };
      },
    }),
    route({
      method: 'post',
      path: '/own-data/readings',
      isHeavy: true,
      roles: 'anyone',
      scope: 'proof',
      tag: 'people',
      summary:
        'Opens to a person, by the signature over a challenge, what is recorded of her, what she is entitled to or holds, and who read it',
      body: proof.extend({
        before: z.int().min(1).optional().meta({ description: '`next` of the lines read before' }),
      }),
      answers: {
        200: z.object({
          withheld: z.string().optional().meta({
            description:
              'Of the key of a holding that was: that it opens who read, and where to ask for the rest',
          }),
          records: z.array(
            z.object({ type: z.string(), id: z.string(), version: z.int(), fields: z.unknown() }),
          ),
          entitlements: z.array(entitlement),
          titles: z.array(title),
          asking: z.array(asking).meta({
            description:
              'Acts that their officer signed and that wait for her consent, the next to lapse first',
          }),
          isAllAsking: z.boolean().meta({
            description:
              'False where more acts wait than are looked through for her, and where none was: a key that opens who read',
          }),
          restrictions: z.array(restriction).meta({ description: 'The charge or notice whose key signed' }),
          access: ownReadings,
        }),
      },
      handle: async ({ body, caller }) => {
        const {
          records,
          entitlements,
          restrictions,
          asking: acts,
          lines,
          ...told
        } = await ownData.read(body, caller);
        const access = await readingsBody(lines, body.before, { telling, nowMs: nowMs() });
        return {
          status: 200,
          body: {
            ...told,
            asking: acts.map(askingBody),
            records: records.map(({ type, id, version, fields }) => ({ type, id, version, fields })),
            entitlements: entitlements.map(({ opensAt, spendUntil, spent, ...shown }) => ({
              ...shown,
              spent: spent.map(({ soldAt, ...one }) => ({ ...one, soldAt: instantOf(soldAt) })),
              opensAt: instantOf(opensAt),
              spendUntil: instantOf(spendUntil),
            })),
            restrictions: restrictions.map(({ expiresOn, ...shown }) => ({
              ...shown,
              expiresOn: instantOrNone(expiresOn),
            })),
            access,
          },
          headers: { 'Cache-Control': 'no-store' },
        };
      },
    }),
    route({
      method: 'post',
      path: '/own-data/acts',
      isHeavy: true,
      roles: 'anyone',
      scope: 'proof',
      tag: 'people',
      summary:
        'Opens to who holds a holding or a charge an act that asks her consent, as the office hands it over; the people it names see it',
      body: proof.extend({ act: bytes32() }),
      answers: {
        200: z.object({
          id: z.string(),
          asked: asking,
          prepared: z.unknown().meta({ description: 'The file that she and her signer read' }),
        }),
      },
      handle: async ({ body: { act: id, ...given }, caller }) => {
        const { prepared, ...found } = await ownData.askingAct(given, caller, id);
        return { status: 200, body: { id, asked: askingBody(found), prepared }, headers: KEPT_NOWHERE };
      },
    }),
    route({
      method: 'post',
      path: '/own-data/certificates',
      isHeavy: true,
      roles: 'anyone',
      scope: 'proof',
      tag: 'people',
      summary:
        'A certificate of the title of her holding as it stands, with her own facts whole and of the others their names; whoever it names sees it in their access log',
      body: proof,
      answers: { 200: z.unknown().meta({ description: 'kudurru-certificate-1, see docs/ledger-format.md' }) },
      handle: async ({ body, caller }) => ({
        status: 200,
        body: writeCertificate(await ownData.certificate(body, caller)),
        headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
      }),
    }),
    route({
      method: 'post',
      path: '/own-data/consents',
      isHeavy: true,
      roles: 'anyone',
      scope: 'proof',
      tag: 'people',
      summary: 'Hands in a consent, which its own signature proves: nobody but who is asked can make it',
      body: givenConsent.extend({ act: bytes32() }),
      answers: {
        201: z.object({ missing: z.array(z.string()).meta({ description: 'Parts still to be signed' }) }),
      },
      handle: async ({ body: { act: id, ...given } }) => {
        const signature = Object.assign({ principal: 'own:consent' }, consentOf(given));
        // The same of an act that is none, is over, or asks fewer: a stranger learns from no answer which it was.
        if (!(await commit.isSigned(id, signature))) {
          throw refusal('signature-not-by-key', undefined, { field: '/signature' });
        }
        // A key that strangers choose would be everybody's: what was signed says by itself whether it is the same again.
        const signed = await commit.addSignature(undefined, id, signature);
        const missing = signed.operation === undefined ? commit.missingParts(signed) : [];
        return { status: 201, body: { missing }, headers: KEPT_NOWHERE };
      },
    }),
    route({
      method: 'post',
      path: '/own-data/code-readings',
      isHeavy: true,
      roles: 'anyone',
      scope: 'proof',
      tag: 'people',
      summary:
        'Opens to a person, by a code that an office gave her on paper, who read what is recorded of her, and nothing of the record',
      body: z.strictObject({
        code: z
          .string()
          .regex(
            /^[0-9a-fA-F]{4}(?:[ -]?[0-9a-fA-F]{4}){7}$/,
            written('a code of eight groups', CODE_EXAMPLE),
          ),
        before: z.int().min(1).optional().meta({ description: '`next` of the lines read before' }),
      }),
      answers: { 200: z.object({ access: ownReadings }) },
      handle: async ({ body }) => {
        const subject = await codes.subjectOf(body.code);
        if (subject === undefined) throw refusal('reading-code-not-valid', undefined, { field: '/code' });
        const lines = await accessLog.list(subject, LINES_MAX, body.before);
        const access = await readingsBody(lines, body.before, { telling, nowMs: nowMs() });
        return { status: 200, body: { access }, headers: { 'Cache-Control': 'no-store' } };
      },
    }),
  ];
}

async function readingsBody(
  { lines: total, head, newestFirst }: Awaited<ReturnType<PeopleDependencies['accessLog']['list']>>,
  before: number | undefined,
  { telling, nowMs }: Pick<ReadingsShown, 'telling' | 'nowMs'>,
) {
  if (before !== undefined && before > total) {
    throw refusal('cursor-unknown', undefined, { field: '/before' });
  }
  const shown = { telling, mayHaveLabel: () => true, nowMs };
  const last = newestFirst.at(-1)?.index ?? 1;
  const lines = await Promise.all(newestFirst.map((line) => readingBody(line, shown)));
  return { total, head, lines, next: last > 1 ? last : undefined };
}
