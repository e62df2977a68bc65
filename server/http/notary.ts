/**
 * What an institution's recorder swears to: a root of its log, of its files or of a checkpoint, and destroyed keys.
 *
 * The institution is the caller's own; the recorder's signature is what counts, and the gateway holds no recorder key.
 */
import { z } from 'zod';
import { DUE_MAX, dueKeys, type NotaryDesk, newestRoots, recordErasure, recordRoot } from '../desk/notary.ts';
import { type InstitutionId, ROOT_KINDS } from '../domain/base/terms.ts';
import { operation, operationAnswer, ownerOf } from './acts.ts';
import { type Route, route } from './route.ts';
import { bytes32, compactSignature, listBody, listOf, uint32, wholeText } from './shapes.ts';

/** `MAX_ERASED` of the notary. */
const MAX_ERASED = 256;
const COUNT_MAX = Number.MAX_SAFE_INTEGER;

const count = z.int().min(0).max(COUNT_MAX).transform(BigInt).meta({ type: 'integer' });
const kind = z.enum(ROOT_KINDS).exclude(['unspecified']);
const signature = compactSignature.meta({ description: "The recorder's" });
const root = z.strictObject({
  epoch: uint32,
  kind,
  index: count,
  root: bytes32(),
  lines: count.meta({ type: 'integer', description: 'What it covers; never fewer than before' }),
  stones: count.meta({
    type: 'integer',
    description: 'Data keys destroyed so far, of an access log; else 0',
  }),
  day: uint32.meta({ description: 'Newest day it covers, in days since 1970-01-01 UTC' }),
  signature,
});
const erasure = z.strictObject({
  epoch: uint32,
  stonesBefore: count,
  ids: z.array(bytes32()).min(1).max(MAX_ERASED).meta({ description: 'Random ids of the keys, rising' }),
  signature,
});

export function notaryRoutes(desk: NotaryDesk): Route[] {
  const { commit } = desk;
  return [
    route({
      method: 'post',
      path: '/recorder/roots',
      roles: ['member'],
      scope: 'own',
      tag: 'audit',
      summary: "Records a root that the caller's institution swears to by its recorder",
      body: root,
      answers: { 200: operation, 202: operation },
      handle: async ({ body, principal, claim, waitSeconds }) => {
        const { id } = await recordRoot(desk, ownerOf(principal), claim, body);
        return operationAnswer(commit, id, waitSeconds);
      },
    }),
    route({
      method: 'post',
      path: '/recorder/erasures',
      roles: ['member'],
      scope: 'own',
      tag: 'audit',
      summary: "Counts data keys that the caller's institution destroyed, by their random ids",
      body: erasure,
      answers: { 200: operation, 202: operation },
      handle: async ({ body, principal, claim, waitSeconds }) => {
        const { id } = await recordErasure(desk, ownerOf(principal), claim, body);
        return operationAnswer(commit, id, waitSeconds);
      },
    }),
    route({
      method: 'get',
      path: '/recorder/erasures',
      roles: ['member'],
      scope: 'own',
      tag: 'audit',
      summary: "Data keys that the caller's institution destroyed and that no recorder had counted yet",
      answers: {
        200: z.object({
          ids: z.array(z.string()).meta({
            description: 'Rising, as many as one erasure counts',
          }),
          isWhole: z.boolean().meta({ description: 'No more are due behind these' }),
        }),
      },
      handle: async ({ principal }) => {
        const ids = await dueKeys(desk, principal.institution as InstitutionId);
        return { status: 200, body: { ids, isWhole: ids.length < DUE_MAX } };
      },
    }),
    route({
      method: 'get',
      path: '/institutions/{institution}/roots',
      roles: ['auditor', 'registrar', 'agency', 'steward', 'member'],
      scope: 'open',
      tag: 'audit',
      summary: 'The newest root of each kind that an institution had recorded',
      params: z.object({ institution: wholeText(1, 127).transform((number) => number as InstitutionId) }),
      answers: { 200: listBody(z.unknown()) },
      handle: async ({ params }) => ({
        status: 200,
        body: listOf(await newestRoots(desk, params.institution)),
      }),
    }),
  ];
}
