/**
 * The routes of the land registry: acts on titles, titles as they stand and as they stood.
 *
 * A body is parsed to what the land desk is given; the desk and the contracts know the rules. What a title says in
 * public is shares, kinds and hashes; a name is behind the vault and its access log.
 */

import { z } from 'zod';
import type { Commit } from '../acts/commit.ts';
import type { ActFileReader } from '../desk/actFiles.ts';
import type { Certificates } from '../desk/certificates.ts';
import { continueDivision, type DivisionDesk, progressOf, sweep } from '../desk/division.ts';
import { holdersShown, numbersIn, OF_NEW_UNIT, restrictionShown, type ShownAt } from '../desk/heldKeys.ts';
import { changesOfVersion, type NumberOf, signedBy } from '../desk/history.ts';
import {
  draftConsolidation,
  draftDischarge,
  draftDivisionCancellation,
  draftParts,
  draftRegistration,
  draftRestriction,
  draftSubdivision,
  draftTransfer,
  type LandDesk,
  momentOf,
} from '../desk/land.ts';
import { rowsInTurns } from '../desk/rowsInTurns.ts';
import type { TitleFinder } from '../desk/titleFinder.ts';
import { entryName, entryWords, HOW } from '../domain/acts/entries.ts';
import { writeCertificate } from '../domain/audit/certificate.ts';
import { instantOf } from '../domain/base/dates.ts';
import { type Bytes32, wordOf } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import {
  type BAUnitId,
  EVIDENCE_GRADES,
  type InstrumentId,
  LAND_ACTS,
  ORIGINS,
  PARTY_KINDS,
  RIGHT_KINDS,
  SIGNERS,
  STANDINGS,
  TENANCIES,
} from '../domain/base/terms.ts';
import { CHANGED, stateInWords } from '../domain/land/changes.ts';
import { toJson } from '../domain/land/codec.ts';
import { SIGNING_RELYING_PARTY_POLICY } from '../domain/land/policies.ts';
import { lapsedIn } from '../domain/land/restrictions.ts';
import {
  MAX_CHILDREN,
  MAX_DIVISION_CHILDREN,
  MAX_TITLES_PER_BATCH,
  MAX_UNITS_PER_ACT,
} from '../domain/land/types.ts';
import type { Views } from '../store/views.ts';
import { operation, operationAnswer, operationBody, ownerOf, preparingRoute } from './acts.ts';
import { kinOut, numbersFor } from './history.ts';
import type { PeopleDependencies } from './people.ts';
import { type Route, route } from './route.ts';
import { readerOf } from './scope.ts';
import {
  actHead,
  amount,
  amountOut,
  asOfText,
  bytes32,
  facts,
  instantOut,
  lastMoment,
  listBody,
  listOf,
  nameText,
  pageBody,
  pageQuery,
  says,
  text,
  uint32,
} from './shapes.ts';
import { holdersKey, lendersKey } from './shownKeys.ts';

export interface LandDependencies {
  readonly commit: Commit;
  readonly fileOf: ActFileReader;
  readonly desk: LandDesk;
  readonly due: DivisionDesk;
  readonly views: Views;
  readonly certificates: Certificates;
  readonly holders: Pick<TitleFinder, 'holdersOf' | 'groundOf'>;
  /** Takes one place under the case and of the day. */
  readonly admit: PeopleDependencies['admit'];
}

const baUnit = bytes32<BAUnitId>();

/** What a share's numbers hold on the ledger. */
const SHARE_MAX = 2n ** 64n - 1n;
const share = amount.refine((value) => value <= SHARE_MAX, says(`at most ${SHARE_MAX} is allowed`));

const holder = z.strictObject({
  numerator: share,
  partyKind: z.enum(PARTY_KINDS),
  signer: z.enum(SIGNERS),
  keyHash: bytes32().meta({ description: 'Of the key that consents; zero for who is assisted in person' }),
  possession: holdersKey.optional(),
  party: z.strictObject({
    name: nameText(200),
    idNumber: nameText(64).optional(),
    phone: text(32).optional(),
    address: text(400).optional(),
    answer: z.literal('same-person').optional().meta({
      description:
        'To `id-of-another-name` alone: the name changed or is written otherwise, and it is one person',
    }),
  }),
});
const right = z.strictObject({
  kind: z.enum(RIGHT_KINDS),
  standing: z.enum(STANDINGS),
  tenancy: z.enum(TENANCIES),
  denominator: share,
  holders: z.array(holder).min(1).max(64),
});
const title = z.strictObject({
  baUnit,
  origin: z.enum(ORIGINS),
  evidence: z.enum(EVIDENCE_GRADES),
  /** Stated by common land alone. */
  quotaTotal: share.optional(),
  right,
});
const registrations = z.strictObject({
  head: actHead,
  titles: z.array(title).min(1).max(MAX_TITLES_PER_BATCH),
});
const parts = z.strictObject({
  head: actHead,
  baUnit,
  parts: z
    .array(title.omit({ quotaTotal: true }).extend({ quota: share }))
    .min(1)
    .max(MAX_UNITS_PER_ACT),
});
const transfers = z.strictObject({
  head: actHead,
  baUnit,
  rightId: uint32,
  tenancy: z.enum(TENANCIES),
  denominator: share,
  staying: z.array(z.strictObject({ holdingId: uint32, numerator: share })).max(64),
  joining: z.array(holder).max(64),
});
const restrictions = z.strictObject({
  head: actHead,
  kind: z.enum(['mortgage', 'caution']),
  baUnits: z.array(baUnit).min(1).max(MAX_UNITS_PER_ACT),
  targetRight: uint32,
  rank: z.int().min(0).max(65_535),
  instrumentId: bytes32<InstrumentId>(),
  holderKeyHash: bytes32().meta({ description: 'Of the key of whoever lends or claims; zero for none' }),
  possession: lendersKey.optional(),
  blocks: z.array(z.enum(LAND_ACTS)).max(LAND_ACTS.length),
  needsConsent: z.array(z.enum(LAND_ACTS)).max(LAND_ACTS.length),
  expiresOn: lastMoment,
  terms: facts,
});
const discharges = z.strictObject({
  head: actHead,
  releases: z
    .array(z.strictObject({ baUnit, restrictionId: uint32 }))
    .min(1)
    .max(MAX_UNITS_PER_ACT),
});
const subdivisions = z.strictObject({
  head: actHead,
  baUnit,
  children: z.array(z.strictObject({ baUnit })).min(2).max(MAX_CHILDREN),
});
const divisions = z.strictObject({
  head: actHead,
  baUnit,
  children: z.array(z.strictObject({ baUnit })).min(2).max(MAX_DIVISION_CHILDREN),
});
const divisionCancellations = z.strictObject({ head: actHead, baUnit });
const consolidations = z.strictObject({
  head: actHead,
  baUnits: z.array(baUnit).min(2).max(MAX_UNITS_PER_ACT),
  child: z.strictObject({ baUnit, right }),
});

/** A unit that begins, with whom its first right is of. */
interface BegunTitle {
  readonly baUnit: BAUnitId;
  readonly right: z.infer<typeof right>;
}

/** Fifty titles with 64 holders each are the most; fifty with a handful are a tenth. */
const ACT_LIMIT_BYTES = 1024 * 1024;

export function landRoutes(deps: LandDependencies): Route[] {
  const { commit, fileOf, desk } = deps;
  const common = { commit, fileOf, tag: 'land', bodyLimitBytes: ACT_LIMIT_BYTES } as const;
  const keysShown = async () => {
    const relyingParty = wordOf(await deps.views.power.policy(SIGNING_RELYING_PARTY_POLICY)) as Bytes32;
    return { ledger: desk.ledger, relyingParty };
  };
  const shown = <T extends BegunTitle>(at: ShownAt, one: T, field: string) => {
    const holders = holdersShown(at, one.baUnit, one.right.holders, `${field}/right/holders`, OF_NEW_UNIT);
    return Object.assign({}, one, { right: Object.assign({}, one.right, { holders }) });
  };
  const shownAt =
    (at: ShownAt, list: string) =>
    <T extends BegunTitle>(one: T, i: number) =>
      shown(at, one, `${list}/${i}`);
  return [
    preparingRoute({
      ...common,
      act: 'Batch',
      body: registrations,
      prepare: async (owner, { head, titles }) =>
        draftRegistration(desk, owner, head, titles.map(shownAt(await keysShown(), '/titles'))),
    }),
    preparingRoute({
      ...common,
      act: 'RegisterParts',
      body: parts,
      prepare: async (owner, { head, baUnit: base, parts: given }) =>
        draftParts(desk, owner, head, base, given.map(shownAt(await keysShown(), '/parts'))),
    }),
    preparingRoute({
      ...common,
      act: 'TransferRight',
      body: transfers,
      prepare: async (owner, { head, joining, ...given }) => {
        const numbers = numbersIn((await deps.views.land.unit(given.baUnit))?.state);
        const held = holdersShown(await keysShown(), given.baUnit, joining, '/joining', numbers);
        return draftTransfer(desk, owner, head, Object.assign(given, { joining: held }));
      },
    }),
    preparingRoute({
      ...common,
      act: 'CreateRestriction',
      body: restrictions,
      prepare: async (owner, { head, ...given }) =>
        draftRestriction(desk, owner, head, restrictionShown(await keysShown(), given)),
    }),
    preparingRoute({
      ...common,
      act: 'Discharge',
      body: discharges,
      prepare: (owner, { head, releases }) => draftDischarge(desk, owner, head, releases),
    }),
    preparingRoute({
      ...common,
      act: 'Subdivide',
      body: subdivisions,
      prepare: (owner, { head, baUnit: parent, children }) =>
        draftSubdivision(desk, owner, head, parent, children, false),
    }),
    preparingRoute({
      ...common,
      act: 'OpenDivision',
      body: divisions,
      prepare: (owner, { head, baUnit: parent, children }) =>
        draftSubdivision(desk, owner, head, parent, children, true),
    }),
    preparingRoute({
      ...common,
      act: 'CancelDivision',
      body: divisionCancellations,
      prepare: (owner, { head, baUnit: parent }) => draftDivisionCancellation(desk, owner, head, parent),
    }),
    preparingRoute({
      ...common,
      act: 'Consolidate',
      body: consolidations,
      prepare: async (owner, { head, baUnits, child }) =>
        draftConsolidation(desk, owner, head, baUnits, shown(await keysShown(), child, '/child')),
    }),
    ...titleRoutes(deps),
    ...dueRoutes(deps),
  ];
}

const ofKeeper = 'For the office that it is of, and for auditors';

const version = z.object({
  baUnit: z.string(),
  version: z.string(),
  stateHash: z.string(),
  entryId: z.string(),
  blockNumber: z.string(),
  recordedAt: instantOut,
  effectiveOn: instantOut,
  state: z.unknown(),
});

const titleShown = version.extend({
  number: z
    .string()
    .optional()
    .meta({ description: `Of its parcel. ${ofKeeper}` }),
  areaM2: z
    .number()
    .optional()
    .meta({ description: `From its corners. ${ofKeeper}` }),
  isInEffect: z
    .boolean()
    .meta({ description: "Whether its last act has taken effect, by the ledger's time" }),
  lapsed: z.object({ rights: z.array(z.int()), restrictions: z.array(z.int()) }).meta({
    description:
      "Ids of what is over by the ledger's time, as recorded halts move it, and stands in the state until an act on it",
  }),
  inWords: z.array(z.string()).meta({
    description:
      'The title as a page of the register: the unit, each right with who holds what, and what lies on it',
  }),
});

const officerOf = z.object({
  officer: z.string(),
  institution: z.int().optional(),
  office: z.int().optional(),
});
const historyRow = version.extend({
  act: z.string().meta({ description: 'The act that made it: `transfer`, `mortgage`, ...' }),
  what: z.string().meta({ description: 'The same in words' }),
  preparer: officerOf.optional(),
  approver: officerOf.optional(),
  changes: z.array(
    z.object({
      what: z.enum([...CHANGED, 'kin']),
      how: z.enum(HOW),
      id: z.int().optional().meta({ description: "The register's id of what changed" }),
      words: z.string(),
      units: kinOut,
    }),
  ),
});

type UnitRow = Awaited<ReturnType<Views['land']['recentUnits']>>['rows'][number];
type VersionRow = NonNullable<Awaited<ReturnType<Views['land']['unit']>>>;

function versionBody(row: VersionRow) {
  const { baUnit: id, state, stateHash, entryId, blockNumber, recordedAt, effectiveOn } = row;
  return {
    baUnit: id,
    version: state.header.version,
    stateHash,
    entryId,
    blockNumber,
    recordedAt: instantOf(recordedAt),
    effectiveOn: instantOf(effectiveOn),
    state: toJson('BAUnitState', state),
  };
}

/** With the act, its officers and what it changed: nobody reads a history in hashes. */
async function historyBody(views: Views, row: VersionRow, numberOf: NumberOf) {
  const entry = await views.journal.entryById(row.entryId);
  if (entry === undefined) throw new Error('a state without its entry');
  return Object.assign(versionBody(row), {
    act: entryName('land', row.kind),
    what: entryWords('land', row.kind),
    preparer: await signedBy(views, entry.preparer),
    approver: await signedBy(views, entry.approver),
    changes: await changesOfVersion(views, row, numberOf),
  });
}

const holderShown = z.object({
  rightId: z.int(),
  right: z.string(),
  holdingId: z.int(),
  share: z.string(),
  partyKind: z.string(),
  name: z.string().optional().meta({ description: 'Absent where it was erased' }),
});

const unitRow = z.object({
  baUnit: z.string(),
  number: z
    .string()
    .optional()
    .meta({ description: `Of its parcel. ${ofKeeper}` }),
  areaM2: z
    .number()
    .optional()
    .meta({ description: `From its corners. ${ofKeeper}` }),
  version: amountOut,
  status: z.string(),
  stateHash: z.string(),
  entry: z.int(),
  recordedAt: instantOut,
  effectiveOn: instantOut,
});

const READERS = ['registrar', 'auditor'] as const;
/** What stands in the access line of a unit whose number an auditor reads, whichever institution keeps it. */
const OPEN_FACTS = 'open-certificate';

function rowBody({ recordedAt, effectiveOn, ...row }: UnitRow) {
  return { ...row, recordedAt: instantOf(recordedAt), effectiveOn: instantOf(effectiveOn) };
}

function titleRoutes({ desk, views, certificates, holders, admit }: LandDependencies): Route[] {
  return [
    route({
      method: 'get',
      path: '/titles',
      roles: READERS,
      scope: 'open',
      tag: 'land',
      summary: 'Units in the order of their newest entries',
      query: pageQuery,
      answers: { 200: pageBody(unitRow) },
      handle: async ({ query, principal }) => {
        const { rows, ...rest } = await views.land.recentUnits(query);
        const shown = await rowsInTurns(rows, async (row) =>
          Object.assign(rowBody(row), await holders.groundOf(row.baUnit, readerOf(principal))),
        );
        return { status: 200, body: { ...rest, rows: shown } };
      },
    }),
    route({
      method: 'get',
      path: '/titles/{baUnit}',
      roles: READERS,
      scope: 'open',
      tag: 'land',
      summary: 'A unit as it stands, or as it was in effect on one day as known on another',
      params: z.object({ baUnit }),
      query: z.object({ effectiveOn: asOfText.optional(), knownAt: asOfText.optional() }),
      answers: { 200: titleShown },
      handle: async ({ params, query, principal }) => {
        const asOf = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
        const row =
          Object.keys(asOf).length === 0
            ? await views.land.unit(params.baUnit)
            : await views.land.asOf(params.baUnit, asOf);
        if (row === undefined) throw refusal('ba-unit-missing');
        const ground = await holders.groundOf(row.baUnit, readerOf(principal));
        const moment = await momentOf(desk);
        const judged = {
          isInEffect: row.effectiveOn <= moment.nowSeconds,
          lapsed: lapsedIn(moment, row.state),
          inWords: stateInWords(row.state),
        };
        return { status: 200, body: Object.assign(versionBody(row), ground, judged) };
      },
    }),
    route({
      method: 'get',
      path: '/titles/{baUnit}/history',
      roles: READERS,
      scope: 'open',
      tag: 'land',
      summary: 'Every state a unit has had, oldest first: by which act, of which officers, and what changed',
      params: z.object({ baUnit }),
      query: pageQuery,
      answers: { 200: pageBody(historyRow) },
      handle: async ({ params, query, principal }) => {
        const { rows, ...rest } = await views.land.history(params.baUnit, query);
        const numberOf = numbersFor(holders, principal);
        const told = await rowsInTurns(rows, (row) => historyBody(views, row, numberOf));
        return { status: 200, body: { rows: told, ...rest } };
      },
    }),
    route({
      method: 'get',
      path: '/titles/{baUnit}/holders',
      roles: ['registrar'],
      scope: 'unit-names',
      tag: 'land',
      summary: 'Who holds a title, by name; each holder sees the reading in their own list',
      params: z.object({ baUnit }),
      needsCase: true,
      answers: { 200: listBody(holderShown) },
      handle: async ({ params, principal: { id, institution }, caseReference }) => {
        if (caseReference === undefined) throw refusal('case-reference-required');
        await admit({ institution, principal: id, caseReference, purpose: 'registration' }, params.baUnit);
        const holdings = await holders.holdersOf(params.baUnit, { id, institution, caseReference });
        if (holdings === undefined) throw refusal('ba-unit-missing');
        return { status: 200, body: listOf(holdings), headers: { 'Cache-Control': 'no-store' } };
      },
    }),
    route({
      method: 'get',
      path: '/titles/{baUnit}/certificate',
      isHeavy: true,
      roles: ['registrar'],
      scope: 'unit-names',
      tag: 'land',
      summary: 'A certificate of the title as it stands; whoever it names sees it in their access log',
      params: z.object({ baUnit }),
      needsCase: true,
      answers: { 200: z.unknown().meta({ description: 'kudurru-certificate-1, see docs/ledger-format.md' }) },
      handle: async ({ params, principal, caseReference }) => {
        const { id, institution } = principal;
        if (caseReference === undefined) throw refusal('case-reference-required');
        await admit({ institution, principal: id, caseReference, purpose: 'certificate' }, params.baUnit);
        const certificate = await certificates.issue(params.baUnit, { id, institution, caseReference });
        return {
          status: 200,
          body: writeCertificate(certificate),
          headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
        };
      },
    }),
    route({
      method: 'get',
      path: '/titles/{baUnit}/open-certificate',
      isHeavy: true,
      roles: ['auditor'],
      scope: 'open',
      tag: 'land',
      summary: 'A certificate of the title with number, area and boundaries, and no fact of a person',
      params: z.object({ baUnit }),
      answers: { 200: z.unknown().meta({ description: 'kudurru-certificate-1, see docs/ledger-format.md' }) },
      handle: async ({ params, principal: { id, institution } }) => {
        const requester = { id, institution, caseReference: undefined, agreement: OPEN_FACTS };
        const certificate = await certificates.issueOpen(params.baUnit, requester);
        return {
          status: 200,
          body: writeCertificate(certificate),
          headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
        };
      },
    }),
  ];
}

const divisionBody = z.object({
  children: z.int(),
  loaded: z.int().meta({ description: "The ledger's own count" }),
  made: z.int().meta({ description: 'Children that have their titles' }),
  isDone: z.boolean(),
});
const continuedBody = divisionBody.extend({ operations: z.array(operation) });

/** What no officer signs: the ledger says when it is due, and anybody may ask for it. */
function dueRoutes({ due, commit, views }: LandDependencies): Route[] {
  const params = z.object({ baUnit });
  return [
    route({
      method: 'get',
      path: '/titles/{baUnit}/division',
      roles: READERS,
      scope: 'open',
      tag: 'land',
      summary: 'How far the division of a unit is',
      params,
      answers: { 200: divisionBody },
      handle: async ({ params: of }) => ({ status: 200, body: await progressOf({ views }, of.baUnit) }),
    }),
    route({
      method: 'post',
      path: '/titles/{baUnit}/division',
      roles: ['registrar'],
      scope: 'open',
      tag: 'land',
      summary:
        'Sends the ledger the children of an opened division that it still lacks, retires the parent and makes their titles; 202 means ask again',
      params,
      answers: { 200: continuedBody, 202: continuedBody },
      handle: async ({ params: of, principal, claim }) => {
        const progress = await continueDivision(due, ownerOf(principal), claim, of.baUnit);
        const body = { ...progress, operations: progress.operations.map(operationBody) };
        return { status: progress.isDone ? 200 : 202, body };
      },
    }),
    route({
      method: 'post',
      path: '/titles/{baUnit}/sweep',
      roles: ['registrar'],
      scope: 'open',
      tag: 'land',
      summary: 'Drops from a unit what lapsed more than thirty days ago; no officer signs it',
      params,
      answers: { 200: operation, 202: operation },
      handle: async ({ params: of, principal, claim, waitSeconds }) => {
        const { id } = await sweep(due, ownerOf(principal), claim, of.baUnit);
        return operationAnswer(commit, id, waitSeconds);
      },
    }),
  ];
}
