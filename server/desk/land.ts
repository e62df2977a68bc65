/**
 * From what a registrar decides to an act two officers can sign.
 *
 * Each act goes one way: read the cadastre and the register, meet the parties, salt their facts, let the domain judge,
 * and answer a draft. Promises: what the register would refuse now is refused here, before anybody signs; nothing is
 * written. `http` calls it, `main` wires it.
 */
import { randomInt } from 'node:crypto';
import type { ActDraft } from '../acts/commit.ts';
import type { ActHead } from '../domain/acts/head.ts';
import type { Moment } from '../domain/acts/moment.ts';
import { firstMoment } from '../domain/acts/times.ts';
import { type Bytes32, ZERO_32 } from '../domain/base/hex.ts';
import { atWritten, type Places, type Refusal, Refusals, refusal } from '../domain/base/refusal.ts';
import { type BAUnitId, type InstrumentId, maskOf, type SpatialUnitId } from '../domain/base/terms.ts';
import type { LandLedger, Title, UnitChange } from '../domain/land/acts.ts';
import { createRestriction, discharge } from '../domain/land/charges.ts';
import { cancelDivision, openDivision, openingOf } from '../domain/land/division.ts';
import { consolidate, registerParts, subdivide } from '../domain/land/partition.ts';
import type { LandJudgement, RegisterReading } from '../domain/land/prepare.ts';
import {
  assembleTitle,
  registerTitle,
  registerTitles,
  type TitleDraft,
} from '../domain/land/registration.ts';
import { mostNoticeSeconds } from '../domain/land/restrictions.ts';
import { transferRight } from '../domain/land/transfer.ts';
import type { Holding, Restriction, Right } from '../domain/land/types.ts';
import type { SubjectRef } from '../domain/people/schema.ts';
import { momentAt } from '../domain/power/halts.ts';
import type { CadastralUnit, Cadastre, GroundTaken } from '../store/cadastre.ts';
import type { Commitments } from '../store/carried.ts';
import type { Owner } from '../store/operation.ts';
import type { Subjects } from '../store/subjects.ts';
import type { VaultEntry } from '../store/vault.ts';
import type { Views } from '../store/views.ts';
import { type GroundFact, settledGround, surveyOf } from './ground.ts';
import {
  type ChildGiven,
  type PartGiven,
  PLACES_OF_CONSOLIDATION,
  PLACES_OF_DISCHARGE,
  PLACES_OF_PARTS,
  PLACES_OF_REGISTRATION,
  PLACES_OF_RESTRICTION,
  PLACES_OF_SUBDIVISION,
  placesOfTransfer,
  type RestrictionGiven,
  type TitleGiven,
  type TransferGiven,
} from './landGiven.ts';
import { shapesOf, spatialUnitIdOf, spatialUnitOf } from './landSurvey.ts';
import {
  commitmentPlaces,
  groupOf,
  holdingOf,
  identifierOf,
  identifierOfKey,
  identifierOfUnit,
  type JoiningParty,
  join,
  meetParties,
  nextOf,
  openingRecords,
  type PartiesOfAct,
  requireHeldOnce,
  type SaltedFacts,
  saltFacts,
  subjectsOf,
} from './saltedFacts.ts';

export interface LandDesk {
  readonly views: Views;
  readonly cadastre: Cadastre;
  readonly subjects: Subjects;
  /** Whom the holdings there are commit to, as far as this gateway keeps them. */
  readonly commitments: Pick<Commitments, 'get'>;
  readonly ledger: LandLedger;
  readonly twoInstitutionActsPolicy: Bytes32;
  readonly mostNoticeSecondsPolicy: Bytes32;
  /** Shared ground that is nobody's concern, in square millimetres. */
  overlapToleranceMm2(): Promise<bigint>;
  nowMs(): number;
}

// ---- The acts ------------------------------------------------------------------------------------------------

/** Titles of one act stand in the register in an order that is drawn: that of the survey's file would say which parcel each is. */
export async function draftRegistration(
  desk: LandDesk,
  owner: Owner,
  head: ActHead,
  given: readonly TitleGiven[],
): Promise<ActDraft> {
  const { titles, parcels, made } = await titlesOf(
    desk,
    owner,
    head,
    'titles',
    given,
    ({ quotaTotal = 0n }) => ({
      baseUnit: ZERO_32 as BAUnitId,
      numerator: 0n,
      total: quotaTotal,
    }),
  );
  const baUnits = given.map(({ baUnit }) => baUnit);
  const reading = await readRegister(desk, head, baUnits, parcels, []);
  const sets = made.facts.map(({ set }) => set);
  const judgedIn = (order: readonly Title[]): LandJudgement => {
    const [only] = order;
    return order.length === 1 && only !== undefined
      ? registerTitle(reading, { head, title: only }, sets)
      : registerTitles(reading, head, order, sets);
  };
  const drawn = judgedIn(inDrawnOrder(titles));
  const judgement = drawn.ok ? drawn : judgedIn(titles); // a refusal names the place that was given
  const ground = { begins: baUnits, ends: [] };
  return draftOf(owner, judgement, {
    ...made,
    ground,
    orderedBy: baUnits[0],
    places: PLACES_OF_REGISTRATION,
  });
}

/** Flats, each with its share in common land; the holders of that land are asked. */
export async function draftParts(
  desk: LandDesk,
  owner: Owner,
  head: ActHead,
  baseUnit: BAUnitId,
  given: readonly PartGiven[],
): Promise<ActDraft> {
  const { state, change } = await unitInForce(desk, baseUnit);
  const total = state.header.quotaTotal;
  const { titles, parcels, made } = await titlesOf(desk, owner, head, 'parts', given, ({ quota }) => ({
    baseUnit,
    numerator: quota,
    total,
  }));
  const baUnits = [baseUnit, ...given.map(({ baUnit }) => baUnit)];
  const reading = await readRegister(desk, head, baUnits, parcels, []);
  const sets = made.facts.map(({ set }) => set);
  const judgement = registerParts(reading, { head, base: change, parts: titles }, state, sets);
  const ground = { begins: given.map(({ baUnit }) => baUnit), ends: [] };
  return draftOf(owner, judgement, { ...made, ground, orderedBy: baseUnit, places: PLACES_OF_PARTS });
}

/** First states of surveyed parcels, with the people who come to hold them. */
async function titlesOf<T extends Omit<TitleGiven, 'quotaTotal'>>(
  desk: LandDesk,
  owner: Owner,
  head: ActHead,
  list: 'titles' | 'parts',
  given: readonly T[],
  quotaOf: (one: T) => NonNullable<TitleDraft['quota']>,
) {
  const baUnits = given.map(({ baUnit }) => baUnit);
  const surveys = await Promise.all(
    baUnits.map((baUnit, i) =>
      surveyOf(desk, { baUnit, office: head.office, ending: [] }, `/${list}/${i}/baUnit`),
    ),
  );
  const settled = await Promise.all(baUnits.map((baUnit) => settledGround(desk, baUnit, [])));
  const holders = given.flatMap(({ right }, i) =>
    right.holders.map(({ party }, j) => identifierOf(party, `/${list}/${i}/right/holders/${j}/party`)),
  );
  const people = await meetParties(desk.subjects, owner.institution, [
    ...holders,
    ...baUnits.map(identifierOfUnit),
  ]);
  const subjects = people.subjects.values();
  const holdings = given.map(({ baUnit, right }) =>
    right.holders.map((holder) => holdingOf(baUnit, holder, nextOf(subjects))),
  );
  for (const [i, joining] of holdings.entries()) {
    requireHeldOnce(joining, [], `/${list}/${i}/right/holders`);
  }
  const ofUnits = given.map(({ baUnit }, i) => {
    const survey = surveys[i] ?? [];
    return saltFacts(nextOf(subjects), baUnit, [...parcelFacts(survey), ...(settled[i] ?? [])]);
  });
  const titles = given.map((one, i) => {
    const { baUnit, origin, evidence, right } = one;
    const { kind, standing, tenancy, denominator } = right;
    return assembleTitle({
      baUnit,
      office: head.office,
      origin,
      evidence,
      quota: quotaOf(one),
      factsRoot: ofUnits[i]?.set.root ?? ZERO_32,
      spatialUnits: (surveys[i] ?? []).map(spatialUnitOf),
      rights: [
        {
          kind,
          standing,
          tenancy,
          denominator,
          upgradesOn: 0n,
          expiresOn: 0n,
          termsCommitment: ZERO_32,
          holdings: (holdings[i] ?? []).map(({ holding }) => holding),
        },
      ],
    });
  });
  const facts = [...holdings.flat().map((one) => one.facts), ...ofUnits];
  return {
    titles,
    parcels: surveys.flat().map(spatialUnitIdOf),
    made: { facts, people, parties: holdings.flat(), surveys: surveys.flat() },
  };
}

export async function draftTransfer(
  desk: LandDesk,
  owner: Owner,
  head: ActHead,
  given: TransferGiven,
): Promise<ActDraft> {
  const { baUnit, rightId, tenancy, denominator } = given;
  const { state, change } = await unitInForce(desk, baUnit);
  const before = state.rights.find((right) => right.rightId === rightId);
  if (before === undefined) throw refusal('right-missing', undefined, { field: '/rightId' });
  const reading = await readRegister(desk, head, [baUnit], [], []);
  const { people, joining } = await join(desk.subjects, owner.institution, {
    baUnit,
    holders: given.joining,
    field: '/joining',
  });
  const staying = given.staying.map(({ holdingId, numerator }, i): Holding => {
    const holding = before.holdings.find((one) => one.holdingId === holdingId);
    const field = `/staying/${i}/holdingId`;
    if (holding === undefined) throw refusal('holding-changed', undefined, { field });
    return Object.assign({}, holding, { numerator });
  });
  requireHeldOnce(joining, await subjectsOf(desk.commitments, staying), '/joining');
  const holdings = [...staying, ...joining.map(({ holding }) => withoutId(holding))];
  const next: Right = { ...before, tenancy, denominator, presentationNo: 0n, holdings };
  const facts = joining.map((one) => one.facts);
  const judgement = transferRight(
    reading,
    { head, unit: change, next },
    state,
    facts.map(({ set }) => set),
  );
  return draftOf(owner, judgement, {
    facts,
    people,
    parties: joining,
    orderedBy: baUnit,
    places: placesOfTransfer(given),
  });
}

export async function draftRestriction(
  desk: LandDesk,
  owner: Owner,
  head: ActHead,
  given: RestrictionGiven,
): Promise<ActDraft> {
  const units = await unitsInForce(desk, given.baUnits, (i) => `/baUnits/${i}`);
  const reading = await readRegister(desk, head, given.baUnits, [], [given.instrumentId]);
  const [first = '0x' as BAUnitId] = given.baUnits;
  const { holderKeyHash: keyHash } = given;
  const isOfKey = keyHash !== ZERO_32;
  const whose = isOfKey ? identifierOfKey(keyHash) : identifierOfUnit(first);
  const people = await meetParties(desk.subjects, owner.institution, [whose]);
  const terms =
    given.terms.length === 0 ? [] : [saltFacts(nextOf(people.subjects.values()), first, given.terms)];
  const facts = terms.map((one) => (isOfKey ? Object.assign(one, { keyHash }) : one));
  const restriction: Restriction = {
    restrictionId: 0,
    kind: given.kind,
    targetRight: given.targetRight,
    targetHolding: 0,
    rank: given.rank,
    presentationNo: 0n,
    instrumentId: given.instrumentId,
    holderKeyHash: given.holderKeyHash,
    blocks: maskOf(given.blocks),
    needsConsent: maskOf(given.needsConsent),
    expiresOn: given.expiresOn,
    termsCommitment: facts[0]?.set.root ?? ZERO_32,
  };
  const judgement = createRestriction(
    reading,
    { head, units: units.map(({ change }) => change), restriction },
    units.map(({ state }) => state),
    facts.map(({ set }) => set),
  );
  return draftOf(owner, judgement, {
    facts,
    people,
    parties: [],
    orderedBy: first,
    places: PLACES_OF_RESTRICTION,
  });
}

export async function draftDischarge(
  desk: LandDesk,
  owner: Owner,
  head: ActHead,
  given: readonly { readonly baUnit: BAUnitId; readonly restrictionId: number }[],
): Promise<ActDraft> {
  const baUnits = given.map(({ baUnit }) => baUnit);
  const units = await unitsInForce(desk, baUnits, (i) => `/releases/${i}/baUnit`);
  const reading = await readRegister(desk, head, baUnits, [], []);
  const releases = units.map(({ change }, i) => ({
    unit: change,
    restrictionId: given[i]?.restrictionId ?? 0,
  }));
  const judgement = discharge(
    reading,
    { head, releases },
    units.map(({ state }) => state),
  );
  return draftOf(owner, judgement, {
    facts: [],
    people: NOBODY,
    parties: [],
    orderedBy: baUnits[0],
    places: PLACES_OF_DISCHARGE,
  });
}

/** Into surveyed children; in steps where they are more than one act makes, and follow once the division is opened. */
export async function draftSubdivision(
  desk: LandDesk,
  owner: Owner,
  head: ActHead,
  baUnit: BAUnitId,
  given: readonly ChildGiven[],
  isInSteps: boolean,
): Promise<ActDraft> {
  const { state, change: unit, reading, made, ...rest } = await childrenOf(desk, owner, head, baUnit, given);
  const facts = made.map((one) => one.facts);
  const sets = facts.map(({ set }) => set);
  const children = made.map(({ child }) => child);
  const judgement = isInSteps
    ? openDivision(reading, openingOf({ head, unit }, children), state, children, sets)
    : subdivide(reading, { head, unit, children }, state, sets);
  const places = PLACES_OF_SUBDIVISION;
  return draftOf(owner, judgement, { ...rest, facts, parties: [], orderedBy: baUnit, places });
}

export async function draftDivisionCancellation(
  desk: LandDesk,
  owner: Owner,
  head: ActHead,
  baUnit: BAUnitId,
): Promise<ActDraft> {
  const { state, change } = await unitInForce(desk, baUnit);
  const reading = await readRegister(desk, head, [baUnit], [], []);
  const judgement = cancelDivision(reading, { head, unit: change }, state);
  const made = { facts: [], people: NOBODY, parties: [], orderedBy: baUnit };
  return draftOf(owner, judgement, { ...made, places: PLACES_OF_SUBDIVISION });
}

/** The parent of a partition, and its children as they are surveyed. */
async function childrenOf(
  desk: LandDesk,
  owner: Owner,
  head: ActHead,
  baUnit: BAUnitId,
  given: readonly ChildGiven[],
) {
  const { state, change } = await unitInForce(desk, baUnit);
  const baUnits = given.map((child) => child.baUnit);
  const surveys = await Promise.all(
    baUnits.map((child, i) => {
      const beginning = { baUnit: child, office: state.header.office, ending: [baUnit] };
      return surveyOf(desk, beginning, `/children/${i}/baUnit`);
    }),
  );
  const reading = await readRegister(
    desk,
    head,
    [baUnit, ...baUnits],
    surveys.flat().map(spatialUnitIdOf),
    [],
  );
  const people = await meetParties(desk.subjects, owner.institution, baUnits.map(identifierOfUnit));
  const subjects = people.subjects.values();
  const settled = await Promise.all(baUnits.map((child) => settledGround(desk, child, [baUnit])));
  const made = baUnits.map((child, i) =>
    childOf(child, [surveys[i] ?? [], settled[i] ?? []], nextOf(subjects)),
  );
  const ground: GroundTaken = { begins: baUnits, ends: [baUnit] };
  return { state, change, reading, made, people, ground, surveys: surveys.flat() };
}

export async function draftConsolidation(
  desk: LandDesk,
  owner: Owner,
  head: ActHead,
  baUnits: readonly BAUnitId[],
  given: ChildGiven & { readonly right: TitleGiven['right'] },
): Promise<ActDraft> {
  const units = await unitsInForce(desk, baUnits, (i) => `/baUnits/${i}`);
  const survey = await surveyOf(
    desk,
    { baUnit: given.baUnit, office: head.office, ending: baUnits },
    '/child/baUnit',
  );
  const reading = await readRegister(desk, head, [...baUnits, given.baUnit], survey.map(spatialUnitIdOf), []);
  const { kind, standing, tenancy, denominator, holders } = given.right;
  const { people, joining } = await join(
    desk.subjects,
    owner.institution,
    { baUnit: given.baUnit, holders, field: '/child/right/holders' },
    [identifierOfUnit(given.baUnit)],
  );
  const { child, facts: ofChild } = childOf(
    given.baUnit,
    [survey, await settledGround(desk, given.baUnit, baUnits)],
    lastOf(people.subjects),
  );
  requireHeldOnce(joining, [], '/child/right/holders');
  const ownership: Right = {
    rightId: 0,
    kind,
    standing,
    upgradesOn: 0n,
    expiresOn: 0n,
    tenancy,
    targetRight: 0,
    presentationNo: 0n,
    denominator,
    termsCommitment: ZERO_32,
    holdings: joining.map(({ holding }) => withoutId(holding)),
  };
  const facts = [ofChild, ...joining.map((one) => one.facts)];
  const judgement = consolidate(
    reading,
    { head, units: units.map(({ change }) => change), child, ownership },
    units.map(({ state }) => state),
    facts.map(({ set }) => set),
  );
  return draftOf(owner, judgement, {
    facts,
    people,
    parties: joining,
    orderedBy: baUnits[0],
    ground: { begins: [given.baUnit], ends: baUnits },
    surveys: survey,
    places: PLACES_OF_CONSOLIDATION,
  });
}

// ---- What is read --------------------------------------------------------------------------------------------

/** None has priority over another of the same act. */
function inDrawnOrder<T>(given: readonly T[]): readonly T[] {
  const left = [...given];
  return given.flatMap(() => left.splice(randomInt(left.length), 1));
}

/** A unit in force, and the change that names its state; refuses as `ba-unit-missing` at the field it was named in. */
async function unitInForce({ views }: LandDesk, baUnit: BAUnitId, field = '/baUnit') {
  const row = await views.land.unit(baUnit);
  if (row === undefined) throw refusal('ba-unit-missing', undefined, { field });
  const { state, stateHash } = row;
  const change: UnitChange = { baUnit, priorState: stateHash };
  return { state, change };
}

function unitsInForce(desk: LandDesk, baUnits: readonly BAUnitId[], fieldOf: (i: number) => string) {
  return Promise.all(baUnits.map((baUnit, i) => unitInForce(desk, baUnit, fieldOf(i))));
}

async function readRegister(
  { views, ledger, nowMs, twoInstitutionActsPolicy, mostNoticeSecondsPolicy }: LandDesk,
  head: ActHead,
  baUnits: readonly BAUnitId[],
  spatialUnits: readonly SpatialUnitId[],
  instruments: readonly InstrumentId[],
): Promise<RegisterReading> {
  const register = await views.journal.register('land');
  const states = new Map<BAUnitId, Bytes32>();
  for (const baUnit of baUnits) {
    const row = await views.land.unit(baUnit);
    const claim = row === undefined ? await views.land.claim(baUnit) : undefined;
    const taken = row?.stateHash ?? claim?.parent;
    if (taken !== undefined) states.set(baUnit, taken);
  }
  const placed = new Map<SpatialUnitId, BAUnitId>();
  for (const id of spatialUnits) {
    const row = await views.land.spatialUnit(id);
    if (row !== undefined) placed.set(id, row.baUnit);
  }
  const used = new Set<InstrumentId>();
  for (const id of instruments) {
    if (await views.land.isInstrumentUsed(head.office, id)) used.add(id);
  }
  const moment = firstMoment(await momentOf({ views, nowMs }), head);
  return {
    ...moment,
    ledger,
    presentations: register?.entries ?? 0n,
    isFrozen: register?.frozenAt !== undefined,
    keeper: (await views.power.officeKeeper(head.office)) ?? 0,
    isSeated: (await views.power.constitution())?.isSeated ?? false,
    twoInstitutionActs: await views.power.policy(twoInstitutionActsPolicy),
    mostNoticeSeconds: mostNoticeSeconds(await views.power.policy(mostNoticeSecondsPolicy)),
    stateHashOf: (baUnit) => states.get(baUnit),
    unitOf: (id) => placed.get(id),
    isInstrumentUsed: (id) => used.has(id),
  };
}

// ---- What is made of it --------------------------------------------------------------------------------------

/** What a certificate says of the ground of a unit, however the unit began. */
function parcelFacts(survey: readonly CadastralUnit[]) {
  const areaMm2 = survey.reduce((sum, { computedAreaMm2 }) => sum + computedAreaMm2, 0n);
  return [
    { path: 'parcel/number', value: survey[0]?.number ?? '' },
    { path: 'parcel/area-mm2', value: String(areaMm2) },
  ];
}

function childOf(
  baUnit: BAUnitId,
  [survey, settled]: readonly [survey: readonly CadastralUnit[], settled: readonly GroundFact[]],
  subject: SubjectRef,
) {
  const facts = saltFacts(subject, baUnit, [...parcelFacts(survey), ...settled]);
  const portion = { baUnit, spatialUnits: survey.map(spatialUnitOf), quotaNumerator: 0n };
  return { child: { portion, factsRoot: facts.set.root }, facts };
}

const NOBODY: PartiesOfAct = { subjects: [], newcomers: [], names: [] };

/** The draft of an act that no rule refuses; throws everything that speaks against another. */
function draftOf(
  owner: Owner,
  judgement: LandJudgement,
  made: {
    readonly facts: readonly SaltedFacts[];
    readonly people: PartiesOfAct;
    readonly parties: readonly JoiningParty[];
    readonly orderedBy: BAUnitId | undefined;
    readonly places: Places;
    /** Where the act begins units, and the parcels that they are. */
    readonly ground?: GroundTaken;
    readonly surveys?: readonly CadastralUnit[];
  },
): ActDraft {
  if (!judgement.ok) {
    const [first, ...others] = judgement.refusals;
    const written = (refused: Refusal) => atWritten(refused, made.places);
    throw new Refusals([written(first), ...others.map(written)]);
  }
  const act = Object.assign({ opened: shapesOf(made.surveys ?? []) }, judgement.signable);
  const agency = owner.institution;
  const parties = made.parties.map(({ facts: { subject, baUnit }, record }): VaultEntry => {
    return { subject, agency, type: 'party', group: groupOf(act.entryId, baUnit), id: 'self', record };
  });
  const carries = {
    records: [...parties, ...openingRecords(made.facts, agency, act.entryId)],
    newcomers: made.people.newcomers,
    commitments: commitmentPlaces(made.facts, agency, act.entryId, made.people.names),
    names: made.people.names,
  };
  return { act, owner, orderedBy: made.orderedBy ?? '', ground: made.ground, carries };
}

function lastOf(subjects: readonly SubjectRef[]): SubjectRef {
  return nextOf(subjects.slice(-1).values());
}

/** The register numbers a holding that joins. */
function withoutId(holding: Omit<Holding, 'holdingId'>): Holding {
  return { ...holding, holdingId: 0 };
}

/** The ledger's time, as the recorded halts move deadlines by it. */
export async function momentOf({ views, nowMs }: Pick<LandDesk, 'views' | 'nowMs'>): Promise<Moment> {
  return momentAt(BigInt(Math.floor(nowMs() / 1000)), await views.power.halts());
}
