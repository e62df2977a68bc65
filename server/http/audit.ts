/**
 * The routes of the auditor: what the ledger is, every entry and who signed it, what institutions swore to, and the whole check.
 *
 * Everything here is derived from blocks and can be derived again on a machine of the auditor's own.
 */
import { z } from 'zod';
import { lineOf } from '../desk/history.ts';
import { rowsInTurns } from '../desk/rowsInTurns.ts';
import type { TitleFinder } from '../desk/titleFinder.ts';
import { wordOf } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import { type EntryId, type InstitutionId, ROOT_KINDS } from '../domain/base/terms.ts';
import { SIGNING_RELYING_PARTY_POLICY } from '../domain/land/policies.ts';
import type { EntryRow } from '../store/views/step.ts';
import type { Views } from '../store/views.ts';
import { aboutInWords } from './about.ts';
import { historyLine, lineBody, numbersFor, withLabels } from './history.ts';
import type { LabelBook } from './labels.ts';
import { type Principal, type Route, route } from './route.ts';
import { isEntryTold } from './scope.ts';
import { amountOut, bytes32, pageBody, pageQuery, wholeText } from './shapes.ts';

export interface AuditDependencies {
  readonly views: Views;
  readonly titles: Pick<TitleFinder, 'groundOf'>;
  readonly labels: Pick<LabelBook, 'labelOf'>;
  /** What everybody must obtain from somewhere else as well, to compare. */
  readonly identity: {
    readonly chainId: number;
    readonly ledgerNonce: string;
    readonly genesisHash: string;
    readonly lineage: string;
    readonly trustFingerprint: string;
  };
  /** Derives everything again from block 0; who asks while that goes on has its answer. */
  check(gone: AbortSignal): Promise<{ readonly ok: boolean }>;
}

const READERS = ['auditor', 'registrar', 'agency', 'steward', 'member'] as const;
const institutionId = wholeText(1, 127).transform((number) => number as InstitutionId);
const page = pageBody(z.unknown());

const entryRow = z
  .looseObject({
    aboutInWords: z.string().meta({
      description:
        'What it is about, in words: a parcel by its number, a programme or a shop with what the own institution calls it',
    }),
    inWords: historyLine,
  })
  .meta({
    id: 'Entry',
    description: 'The row that an auditor folds into the journal head, and the same in words',
  });
/** Of an entry whose history the caller may not read: that it is there, and where. */
const closedEntry = z
  .object({
    sequence: z.int(),
    contract: z.string(),
    address: z.string(),
    index: amountOut,
    entryId: z.string(),
    head: z.string().meta({ description: 'Of the journal, after it' }),
    blockNumber: amountOut,
    transactionHash: z.string(),
    logIndex: z.int(),
    isClosed: z.literal(true),
  })
  .meta({
    id: 'ClosedEntry',
    description: 'An entry about a programme, vendor or title whose history is for another office or role',
  });
const entryOut = z.union([entryRow, closedEntry]);

export function auditRoutes({ views, titles, labels, identity, check }: AuditDependencies): Route[] {
  const shownOf = async (entry: EntryRow, reader: Principal) => {
    if (!(await isEntryTold(views, entry, reader))) {
      const { sequence, contract, address, index, entryId, head, blockNumber, transactionHash, logIndex } =
        entry;
      const place = { blockNumber, transactionHash, logIndex, isClosed: true };
      return Object.assign({ sequence, contract, address, index, entryId, head }, place);
    }
    const line = await lineOf(views, entry, numbersFor(titles, reader));
    const about = await aboutInWords({ views, titles, labels }, entry, reader);
    return Object.assign({}, entry, {
      aboutInWords: about,
      inWords: lineBody(await withLabels(labels, reader, line)),
    });
  };
  return [
    route({
      method: 'get',
      path: '/ledger',
      roles: 'anyone',
      scope: 'open',
      tag: 'audit',
      summary:
        'What this ledger is: its genesis, its contracts, how far it is, and how much there is of everything',
      answers: {
        200: z.object({
          chainId: z.int(),
          ledgerNonce: z.string(),
          genesisHash: z.string(),
          signingRelyingParty: z.string().meta({
            description:
              'sha256 of the name of the site whose passkeys sign; zero where the members named none',
          }),
          counts: z.unknown(),
          contracts: z.unknown(),
        }),
      },
      handle: async () => ({
        status: 200,
        body: {
          ...identity,
          signingRelyingParty: wordOf(await views.power.policy(SIGNING_RELYING_PARTY_POLICY)),
          isSeated: (await views.power.constitution())?.isSeated ?? false,
          blockNumber: views.cursor.number,
          counts: await views.counts(),
          contracts: await views.journal.contracts(),
        },
      }),
    }),
    route({
      method: 'get',
      path: '/entries',
      roles: READERS,
      scope: 'open',
      tag: 'audit',
      summary:
        'Every entry of every register in the order of the chain, with its officers, the journal head after it, and what it changed in words; of what is another office’s its place and the head alone',
      query: pageQuery,
      answers: { 200: pageBody(entryOut) },
      handle: async ({ query, principal }) => {
        const { rows, ...rest } = await views.journal.allEntries(query);
        const told = await rowsInTurns(rows, (row) => shownOf(row, principal));
        return { status: 200, body: { rows: told, ...rest } };
      },
    }),
    route({
      method: 'get',
      path: '/entries/{entryId}',
      roles: READERS,
      scope: 'open',
      tag: 'audit',
      summary: 'One entry',
      params: z.object({ entryId: bytes32<EntryId>() }),
      answers: { 200: entryOut },
      handle: async ({ params, principal }) => {
        const entry = await views.journal.entryById(params.entryId);
        if (entry === undefined) throw refusal('entry-missing');
        return { status: 200, body: await shownOf(entry, principal) };
      },
    }),
    route({
      method: 'get',
      path: '/institutions/{institution}/recorder',
      roles: READERS,
      scope: 'open',
      tag: 'audit',
      summary: "An institution's recorder key, and how many data keys it destroyed",
      params: z.object({ institution: institutionId }),
      answers: { 200: z.unknown() },
      handle: async ({ params }) => {
        const recorder = await views.notary.recorder(params.institution);
        if (recorder === undefined) throw refusal('recorder-unknown');
        return { status: 200, body: recorder };
      },
    }),
    route({
      method: 'get',
      path: '/institutions/{institution}/roots/{kind}',
      roles: READERS,
      scope: 'open',
      tag: 'audit',
      summary: 'Roots an institution had recorded of its access log, of published files or of checkpoints',
      params: z.object({ institution: institutionId, kind: z.enum(ROOT_KINDS).exclude(['unspecified']) }),
      query: pageQuery,
      answers: { 200: page },
      handle: async ({ params, query }) => ({
        status: 200,
        body: await views.notary.roots(params.institution, params.kind, query),
      }),
    }),
    route({
      method: 'get',
      path: '/institutions/{institution}/erasures',
      roles: READERS,
      scope: 'open',
      tag: 'audit',
      summary: 'Random ids of the data keys that an institution destroyed',
      params: z.object({ institution: institutionId }),
      query: pageQuery,
      answers: { 200: page },
      handle: async ({ params, query }) => ({
        status: 200,
        body: await views.notary.erasures(params.institution, query),
      }),
    }),
    route({
      method: 'post',
      path: '/checks',
      roles: ['auditor', 'administrator'],
      scope: 'open',
      tag: 'audit',
      summary:
        'Derives everything again from block 0 and names the first thing that does not hold: one at a time, and who asks meanwhile has the same answer',
      isRepeatable: true,
      answers: {
        200: z.object({
          ok: z.boolean(),
          verdicts: z
            .array(z.string())
            .describe('`signature-not-shown: N` where the ledger shows no bytes of N signatures'),
          decidedGround: z
            .array(z.object({ subject: z.string(), other: z.string(), areaM2: z.number() }))
            .describe('Titles that share a boundary as officers decided'),
          findings: z.array(z.unknown()),
        }),
      },
      handle: async ({ gone }) => ({ status: 200, body: await check(gone) }),
    }),
  ];
}
