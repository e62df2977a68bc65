import type { ActToPrepare } from '../acts/commit.ts';
import type { ActHead } from '../domain/acts/head.ts';
import { type Bytes32, ZERO_32 } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import { type BAUnitId, type InstrumentId, maskOf, type SpatialUnitId } from '../domain/base/terms.ts';
import type { LandLedger } from '../domain/land/acts.ts';
import { createRestriction, discharge } from '../domain/land/charges.ts';
import { consolidate, subdivide } from '../domain/land/partition.ts';
import type { RegisterReading } from '../domain/land/prepare.ts';
import { assembleTitle, registerTitle, registerTitles } from '../domain/land/registration.ts';
import { transferRight } from '../domain/land/transfer.ts';
import type { Holding, Restriction, Right, SpatialUnit } from '../domain/land/types.ts';
import type { SubjectRef } from '../domain/people/schema.ts';
import { momentAt } from '../domain/power/halts.ts';
import type { Cadastre } from '../store/cadastre.ts';
import type { Owner } from '../store/operation.ts';
import type { Subjects } from '../store/subjects.ts';
import type { Views } from '../store/views.ts';
import { Cast } from './cast.ts';
import { landActToPrepare } from './landActs.ts';
import type { ChildGiven, HolderGiven, RestrictionGiven, TitleGiven, TransferGiven } from './landGiven.ts';
import { Openings } from './openings.ts';

export interface LandDeskDependencies {
  readonly views: Views;
  readonly cadastre: Cadastre;
  readonly subjects: Subjects;
  readonly ledger: LandLedger;
  readonly twoInstitutionActsPolicy: Bytes32;
  nowMs(): number;
}

type Rest = Parameters<typeof landActToPrepare> extends [unknown, ...infer R] ? R : never;

export class LandDesk {
  readonly #deps: LandDeskDependencies;

  constructor(deps: LandDeskDependencies) {
    this.#deps = deps;
  }

  async register(owner: Owner, head: ActHead, given: readonly TitleGiven[]): Promise<ActToPrepare> {
    const openings = new Openings();
    const cast = this.#cast(owner);
    const titles = [];
    for (const title of given) {
      const surveyed = await this.#surveyed(title.baUnit, []);
      const [first] = surveyed;
      const { right } = title;
      const holdings = [];
      for (const holder of right.holders)
        holdings.push(await holdingOf(title.baUnit, holder, openings, cast));
      const subject = await impersonal(title.baUnit, cast);
      const factsRoot = openings.commit(subject, title.baUnit, [
        { path: 'parcel/number', value: first?.number ?? '' },
        {
          path: 'parcel/area-mm2',
          value: surveyed.reduce((sum, unit) => sum + unit.computedAreaMm2, 0n).toString(),
        },
      ]);
      titles.push(
        assembleTitle({
          ...{
            baUnit: title.baUnit,
            office: head.office,
            origin: title.origin,
            evidence: title.evidence,
            factsRoot,
          },
          spatialUnits: surveyed.map(spatialUnitOf),
          rights: [
            {
              ...{
                kind: right.kind,
                standing: right.standing,
                tenancy: right.tenancy,
                denominator: right.denominator,
              },
              ...{ upgradesOn: 0n, expiresOn: 0n, termsCommitment: ZERO_32, holdings },
            },
          ],
        }),
      );
    }
    const ids = titles.flatMap(({ state }) => state.spatialUnits.map(({ id }) => id));
    const reading = await this.#reading(
      titles.map(({ baUnit }) => baUnit),
      ids,
      [],
    );
    const [only] = titles;
    const preparation =
      titles.length === 1 && only !== undefined
        ? registerTitle(reading, { head, title: only }, openings.sets)
        : registerTitles(reading, head, titles, openings.sets);
    return this.#toPrepare(owner, preparation, openings, cast, titles[0]?.baUnit ?? '');
  }

  async transfer(owner: Owner, head: ActHead, given: TransferGiven): Promise<ActToPrepare> {
    const { baUnit, rightId, tenancy, denominator } = given;
    const { state, stateHash } = await this.#unit(baUnit);
    const before = state.rights.find((right) => right.rightId === rightId);
    if (before === undefined) throw refusal('right-missing', undefined, { field: '/rightId' });
    const openings = new Openings();
    const cast = this.#cast(owner);
    const staying = given.staying.flatMap(({ holdingId, numerator }): Holding[] => {
      const holding = before.holdings.find((one) => one.holdingId === holdingId);
      return holding === undefined ? [] : [{ ...holding, numerator }];
    });
    const joining: Holding[] = [];
    for (const holder of given.joining) {
      joining.push({ ...(await holdingOf(baUnit, holder, openings, cast)), holdingId: 0 });
    }
    const holdings = [...staying, ...joining];
    const next: Right = { ...before, tenancy, denominator, presentationNo: 0n, holdings };
    const reading = await this.#reading([baUnit], [], []);
    const unit = { baUnit, priorState: stateHash, factsRoot: state.factsRoot };
    const preparation = transferRight(reading, { head, unit, next }, state, openings.sets);
    return this.#toPrepare(owner, preparation, openings, cast, baUnit);
  }

  async restrict(owner: Owner, head: ActHead, given: RestrictionGiven): Promise<ActToPrepare> {
    const openings = new Openings();
    const [first = '0x' as BAUnitId] = given.baUnits;
    const cast = this.#cast(owner);
    const subject = await impersonal(first, cast);
    const restriction: Restriction = {
      ...{
        restrictionId: 0,
        kind: given.kind,
        targetRight: given.targetRight,
        targetHolding: 0,
        rank: given.rank,
      },
      ...{ presentationNo: 0n, instrumentId: given.instrumentId, holderKeyHash: given.holderKeyHash },
      ...{
        blocks: maskOf(given.blocks),
        needsConsent: maskOf(given.needsConsent),
        expiresOn: given.expiresOn,
      },
      termsCommitment: given.terms.length === 0 ? ZERO_32 : openings.commit(subject, first, given.terms),
    };
    const priors = await Promise.all(given.baUnits.map((baUnit) => this.#unit(baUnit)));
    const reading = await this.#reading(given.baUnits, [], [given.instrumentId]);
    const units = priors.map(({ baUnit, state, stateHash }) => ({
      baUnit,
      priorState: stateHash,
      factsRoot: state.factsRoot,
    }));
    const states = priors.map(({ state }) => state);
    const preparation = createRestriction(reading, { head, units, restriction }, states, openings.sets);
    return this.#toPrepare(owner, preparation, openings, cast, first);
  }

  async release(
    owner: Owner,
    head: ActHead,
    given: readonly { readonly baUnit: BAUnitId; readonly restrictionId: number }[],
  ): Promise<ActToPrepare> {
    const priors = await Promise.all(given.map(({ baUnit }) => this.#unit(baUnit)));
    const releases = priors.map(({ baUnit, state, stateHash }, i) => ({
      unit: { baUnit, priorState: stateHash, factsRoot: state.factsRoot },
      restrictionId: given[i]?.restrictionId ?? 0,
    }));
    const baUnits = given.map(({ baUnit }) => baUnit);
    const reading = await this.#reading(baUnits, [], []);
    const preparation = discharge(
      reading,
      { head, releases },
      priors.map(({ state }) => state),
    );
    return this.#toPrepare(owner, preparation, new Openings(), this.#cast(owner), baUnits[0] ?? '');
  }

  async divide(
    owner: Owner,
    head: ActHead,
    baUnit: BAUnitId,
    given: readonly ChildGiven[],
  ): Promise<ActToPrepare> {
    const { state, stateHash } = await this.#unit(baUnit);
    const openings = new Openings();
    const cast = this.#cast(owner);
    const children = [];
    for (const child of given) children.push(await this.#child(child, [baUnit], openings, cast));
    const ids = children.flatMap(({ portion }) => portion.spatialUnits.map(({ id }) => id));
    const reading = await this.#reading([baUnit, ...given.map((child) => child.baUnit)], ids, []);
    const unit = { baUnit, priorState: stateHash, factsRoot: state.factsRoot };
    const preparation = subdivide(reading, { head, unit, children }, state, openings.sets);
    return this.#toPrepare(owner, preparation, openings, cast, baUnit);
  }

  async join(
    owner: Owner,
    head: ActHead,
    baUnits: readonly BAUnitId[],
    given: ChildGiven & { readonly right: TitleGiven['right'] },
  ): Promise<ActToPrepare> {
    const priors = await Promise.all(baUnits.map((baUnit) => this.#unit(baUnit)));
    const openings = new Openings();
    const cast = this.#cast(owner);
    const child = await this.#child(given, baUnits, openings, cast);
    const holdings: Holding[] = [];
    for (const holder of given.right.holders) {
      holdings.push({
        ...(await holdingOf(given.baUnit, holder, openings, cast)),
        holdingId: 0,
      });
    }
    const { kind, standing, tenancy, denominator } = given.right;
    const ownership: Right = {
      ...{ rightId: 0, kind, standing, upgradesOn: 0n, expiresOn: 0n, tenancy, targetRight: 0 },
      ...{ presentationNo: 0n, denominator, termsCommitment: ZERO_32, holdings },
    };
    const ids = child.portion.spatialUnits.map(({ id }) => id);
    const reading = await this.#reading([...baUnits, given.baUnit], ids, []);
    const units = priors.map(({ baUnit, state, stateHash }) => ({
      baUnit,
      priorState: stateHash,
      factsRoot: state.factsRoot,
    }));
    const states = priors.map(({ state }) => state);
    const preparation = consolidate(reading, { head, units, child, ownership }, states, openings.sets);
    return this.#toPrepare(owner, preparation, openings, cast, baUnits[0] ?? '');
  }

  async #child({ baUnit }: ChildGiven, parents: readonly BAUnitId[], openings: Openings, cast: Cast) {
    const surveyed = await this.#surveyed(baUnit, parents);
    const subject = await impersonal(baUnit, cast);
    const factsRoot = openings.commit(subject, baUnit, [
      { path: 'parcel/number', value: surveyed[0]?.number ?? '' },
    ]);
    return { portion: { baUnit, spatialUnits: surveyed.map(spatialUnitOf), quotaNumerator: 0n }, factsRoot };
  }

  /** A unit as it stands, or the refusal that there is none. */
  async #unit(baUnit: BAUnitId) {
    const row = await this.#deps.views.land.unit(baUnit);
    if (row === undefined) throw refusal('ba-unit-missing');
    return row;
  }

  /** A unit's parcel, which was surveyed on free ground or on that of the units that end with the act. */
  async #surveyed(baUnit: BAUnitId, ending: readonly BAUnitId[]) {
    const { cadastre, views } = this.#deps;
    const units = await cadastre.ofBaUnit(baUnit);
    const [first] = units;
    if (first === undefined) throw refusal('parcel-not-surveyed');
    const ends = new Set<Bytes32>(ending);
    const replaced: Bytes32[] = [];
    for (const other of first.replaces) {
      // What was surveyed and never registered gives its ground to a better survey.
      if ((await views.land.unit(other as BAUnitId)) !== undefined) replaced.push(other);
    }
    if (replaced.length !== ends.size || !replaced.every((baUnit) => ends.has(baUnit))) {
      throw refusal('survey-replaces-others');
    }
    return units;
  }

  #cast({ institution }: Owner): Cast {
    return new Cast(this.#deps.subjects, institution);
  }

  async #reading(
    baUnits: readonly BAUnitId[],
    spatialUnits: readonly SpatialUnitId[],
    instruments: readonly InstrumentId[],
  ): Promise<RegisterReading> {
    const { views, ledger, nowMs } = this.#deps;
    const register = await views.journal.register('land');
    const states = new Map<BAUnitId, Bytes32>();
    for (const baUnit of baUnits) {
      const row = await views.land.unit(baUnit);
      if (row !== undefined) states.set(baUnit, row.stateHash);
    }
    const placed = new Map<SpatialUnitId, BAUnitId>();
    for (const id of spatialUnits) {
      const row = await views.land.spatialUnit(id);
      if (row !== undefined) placed.set(id, row.baUnit);
    }
    const used = new Set<InstrumentId>();
    for (const id of instruments) {
      if ((await views.land.restrictionsOf(id, { limit: 1 })).rows.length > 0) used.add(id);
    }
    return {
      ...momentAt(BigInt(Math.floor(nowMs() / 1000)), await views.power.halts()),
      ledger,
      presentations: register?.entries ?? 0n,
      isFrozen: register?.frozenAt !== undefined,
      isSeated: (await views.power.constitution())?.isSeated ?? false,
      twoInstitutionActs: await views.power.policy(this.#deps.twoInstitutionActsPolicy),
      stateHashOf: (baUnit) => states.get(baUnit),
      unitOf: (id) => placed.get(id),
      isInstrumentUsed: (id) => used.has(id),
    };
  }

  #toPrepare(owner: Owner, ...rest: Rest): ActToPrepare {
    const { ledger, nowMs } = this.#deps;
    return landActToPrepare({ ledger, owner, nowMs: nowMs() }, ...rest);
  }
}

/** What belongs to the unit and to no person hangs on a subject of its own. */
function impersonal(baUnit: BAUnitId, cast: Cast): Promise<SubjectRef> {
  return cast.subjectOf({ scheme: 'ba-unit', id: baUnit });
}

async function holdingOf(
  baUnit: BAUnitId,
  { party, ...holder }: HolderGiven,
  openings: Openings,
  cast: Cast,
): Promise<Omit<Holding, 'holdingId'>> {
  const { idNumber, phone, address, name } = party;
  const subject = await cast.subjectOf(
    idNumber === undefined ? undefined : { scheme: 'id-number', id: idNumber },
  );
  const known = { idNumber, phone, address };
  const given = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
  cast.note(subject, { name, ...given });
  const facts = [
    { path: 'name', value: name },
    ...(idNumber === undefined ? [] : [{ path: 'id-number', value: idNumber }]),
  ];
  return { ...holder, partyCommitment: openings.commit(subject, baUnit, facts) };
}

function spatialUnitOf({
  unit,
  geometryCommitment,
}: {
  unit: Bytes32;
  geometryCommitment: Bytes32;
}): SpatialUnit {
  return { id: unit as SpatialUnitId, geometryCommitment };
}
