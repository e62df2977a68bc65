/**
 * Erasures: asked for by a steward, signed by two officers of the own institution, carried out with the second signature.
 *
 * Nobody's id stands in an address; whom a request is of, it says to the institution that asked and only until it is carried out.
 */
import { z } from 'zod';
import type { ErasureDesk, ErasureTold } from '../desk/erasures.ts';
import type { Sector } from '../desk/intake.ts';
import type { Bytes32 } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import type { InstitutionId, OfficerId } from '../domain/base/terms.ts';
import { ASKED_GROUNDS, ERASURE_PARTS, type ErasurePart } from '../domain/people/erasure.ts';
import type { SubjectRef } from '../domain/people/schema.ts';
import { type Route, route } from './route.ts';
import { sectorsOf } from './scope.ts';
import { bytes32, compactSignature, listBody, listOf, uint32 } from './shapes.ts';

export interface ErasureDependencies {
  readonly erasures: ErasureDesk;
  personIn(sectors: readonly Sector[], personId: Bytes32, agency: number): Promise<SubjectRef | undefined>;
}

const erasureOut = z
  .object({
    id: z.string().meta({ description: 'Hash of what is asked, which two officers sign' }),
    institution: z.int(),
    personId: z.string().optional().meta({ description: 'Absent once the person is erased' }),
    ground: z.string(),
    caseReference: z.string(),
    askedAtMs: z.int().meta({ description: 'Milliseconds since 1970-01-01 UTC, as they are signed' }),
    missing: z.array(z.string()).meta({ description: 'Parts that nobody signed yet' }),
    receipt: z
      .object({
        tombstone: z.int().meta({ description: 'Its number in the chain of tombstones' }),
        tombstoneHash: z.string(),
        records: z.int().meta({ description: 'Records that were taken away' }),
        carriedOutAt: z.iso.datetime(),
      })
      .optional()
      .meta({ description: 'For the person, once it was carried out' }),
  })
  .meta({ id: 'Erasure' });

const parts = Object.keys(ERASURE_PARTS) as [ErasurePart, ...ErasurePart[]];

function shown({ id, asked, missing, receipt }: ErasureTold) {
  const { institution, personId, ground, caseReference, atMs } = asked;
  return {
    id,
    institution,
    ground,
    caseReference,
    askedAtMs: atMs,
    missing,
    ...(personId !== undefined && { personId }),
    ...(receipt !== undefined && { receipt: receiptOut(receipt) }),
  };
}

function receiptOut({ carriedOutAtMs, ...receipt }: NonNullable<ErasureTold['receipt']>) {
  return Object.assign({}, receipt, { carriedOutAt: new Date(carriedOutAtMs).toISOString() });
}

export function erasureRoutes({ erasures, personIn }: ErasureDependencies): Route[] {
  return [
    route({
      method: 'post',
      path: '/erasures',
      roles: ['steward'],
      scope: 'own',
      tag: 'people',
      summary: 'Asks that a person be erased; refused with the rule where the law has something kept',
      isRepeatable: true,
      needsCase: true,
      body: z.strictObject({
        personId: bytes32().meta({ description: 'What the own institution calls the person' }),
        ground: z.enum(ASKED_GROUNDS),
      }),
      answers: { 201: erasureOut },
      handle: async ({ body: { personId, ground }, principal, caseReference }) => {
        if (caseReference === undefined) throw refusal('case-reference-required');
        const { institution } = principal;
        const subject = await personIn(sectorsOf(principal), personId, institution);
        if (subject === undefined) throw refusal('subject-missing', undefined, { field: '/personId' });
        const asked = await erasures.ask(subject, { institution, personId, ground, caseReference });
        return { status: 201, body: shown(asked), headers: { 'Cache-Control': 'no-store' } };
      },
    }),
    route({
      method: 'post',
      path: '/erasures/signatures',
      roles: ['steward'],
      scope: 'own',
      tag: 'people',
      summary:
        "Adds an officer's signature to an erasure of the own institution; the second one carries it out",
      isRepeatable: true,
      body: z.strictObject({
        erasure: bytes32(),
        part: z.enum(parts),
        officer: bytes32<OfficerId>(),
        epoch: uint32,
        signature: compactSignature.meta({
          description: "The officer's, over the erasure, the part and the epoch",
        }),
      }),
      answers: { 200: erasureOut },
      handle: async ({ body: { erasure, ...signature }, principal }) => {
        const told = await erasures.sign(principal.institution as InstitutionId, erasure, signature);
        return { status: 200, body: shown(told), headers: { 'Cache-Control': 'no-store' } };
      },
    }),
    route({
      method: 'get',
      path: '/erasures',
      roles: ['steward'],
      scope: 'own',
      tag: 'people',
      summary:
        'Erasures of the own institution that wait for a signature, and receipts of those that were carried out',
      answers: { 200: listBody(erasureOut) },
      handle: async ({ principal }) => ({
        status: 200,
        body: listOf((await erasures.list(principal.institution as InstitutionId)).map(shown)),
        headers: { 'Cache-Control': 'no-store' },
      }),
    }),
  ];
}
