/**
 * Titles as an office looks for them: by what it has of the parcel, with its number, its area, who holds it and what lies
 * on it.
 *
 * Promises: the shares and kinds of holdings are what the ledger shows to everybody; a name comes out through `disclose`
 * alone, so that each holder sees the reading in her own list, and only where the caller's institution keeps it. `http`
 * calls it.
 */
import type { Moment } from '../domain/acts/moment.ts';
import type { Bytes32 } from '../domain/base/hex.ts';
import { type BAUnitId, isEnded, type OfficeId } from '../domain/base/terms.ts';
import { restrictionInWords } from '../domain/land/changes.ts';
import { dropLapsed } from '../domain/land/restrictions.ts';
import type { BAUnitState } from '../domain/land/types.ts';
import type { Purpose } from '../domain/people/schema.ts';
import type { Cadastre } from '../store/cadastre.ts';
import type { Views } from '../store/views.ts';
import type { FoundParcel } from './parcelFinder.ts';
import { type FactsDependencies, factsUnder, type Requester } from './vaultFacts.ts';

/** What may be read of a holder by who finds a title: the same that a certificate shows. */
const PURPOSE: Purpose = 'registration';
const MM2_PER_M2 = 1e6;

export interface FoundHolding {
  readonly rightId: number;
  readonly right: string;
  readonly holdingId: number;
  /** `1/2`; `not stated` where the right leaves its shares open. */
  readonly share: string;
  readonly partyKind: string;
  /** Undefined where it was not asked for, is another institution's, or was erased. */
  readonly name?: string;
}

/** A charge or a notice, as it lies on a title. */
export interface FoundRestriction {
  readonly restrictionId: number;
  readonly kind: string;
  readonly words: string;
}

export interface FoundTitle extends FoundParcel {
  /** Of the newest state; undefined of a parcel that has no title yet. */
  readonly version: bigint | undefined;
  readonly holdings: readonly FoundHolding[];
}

/** Who asks for the number of a parcel: an institution, of one office where it works for one alone. */
export interface GroundReader {
  readonly institution: number;
  readonly office?: OfficeId | undefined;
  readonly isAuditor: boolean;
}

export interface TitleFinder {
  /** The titles of parcels that were found; with names where somebody asks for them. */
  titlesOf(parcels: readonly FoundParcel[], requester: Requester | undefined): Promise<readonly FoundTitle[]>;
  /** The number and the area of a unit's parcel, for the office that it is of and for auditors. */
  groundOf(
    baUnit: BAUnitId,
    reader: GroundReader,
  ): Promise<{ readonly number?: string; readonly areaM2?: number }>;
  /** None of a title that ended: its history says whose it was. */
  holdersOf(baUnit: BAUnitId, requester: Requester): Promise<readonly FoundHolding[] | undefined>;
}

/** Charges in the order of their ranks, then notices, that the next block would still find; none of a title that ended. */
export function restrictionsOn(moment: Moment, state: BAUnitState): readonly FoundRestriction[] {
  if (isEnded(state.header.status)) return [];
  const { charges, notices } = dropLapsed(moment, state);
  return [...charges, ...notices].map((one) => {
    const { restrictionId, kind } = one;
    return { restrictionId, kind, words: restrictionInWords(one) };
  });
}

/** `1/1` is the whole, however it was written. */
export function shareInWords({ numerator, denominator }: { numerator: bigint; denominator: bigint }): string {
  if (numerator === 0n) return 'not stated';
  return numerator === denominator ? '1/1' : `${numerator}/${denominator}`;
}

export function openTitleFinder(
  deps: FactsDependencies & {
    readonly views: Pick<Views, 'land' | 'power'>;
    readonly cadastre: Cadastre;
  },
): TitleFinder {
  const { land } = deps.views;

  async function nameOf(root: Bytes32, requester: Requester | undefined): Promise<{ name?: string }> {
    const set = requester && (await factsUnder(deps, root, requester, PURPOSE));
    const name = set?.facts.find(({ path }) => path === 'name')?.value;
    return name === undefined ? {} : { name };
  }

  async function holdingsOf(
    { header, rights }: BAUnitState,
    requester?: Requester,
  ): Promise<readonly FoundHolding[]> {
    if (isEnded(header.status)) return [];
    const found: FoundHolding[] = [];
    for (const { rightId, kind, denominator, holdings } of rights) {
      for (const { holdingId, numerator, partyKind, partyCommitment } of holdings) {
        const share = shareInWords({ numerator, denominator });
        const shown = { rightId, right: kind, holdingId, share, partyKind };
        found.push(Object.assign(shown, await nameOf(partyCommitment, requester)));
      }
    }
    return found;
  }

  return {
    async titlesOf(parcels, requester) {
      const titles: FoundTitle[] = [];
      for (const parcel of parcels) {
        const row = await land.unit(parcel.baUnit as BAUnitId);
        const holdings = row === undefined ? [] : await holdingsOf(row.state, requester);
        titles.push(Object.assign({}, parcel, { version: row?.state.header.version, holdings }));
      }
      return titles;
    },
    async groundOf(baUnit, { institution, office, isAuditor }) {
      const units = await deps.cadastre.ofBaUnit(baUnit);
      const [first] = units;
      if (first === undefined) return {};
      const isWithin = office === undefined || office === first.office;
      const keeper = isWithin ? await deps.views.power.officeKeeper(first.office as OfficeId) : undefined;
      if (!isAuditor && keeper !== institution) return {};
      const areaMm2 = units.reduce((sum, { computedAreaMm2 }) => sum + computedAreaMm2, 0n);
      return { number: first.number, areaM2: Number(areaMm2) / MM2_PER_M2 };
    },
    async holdersOf(baUnit, requester) {
      const row = await land.unit(baUnit);
      return row && holdingsOf(row.state, requester);
    },
  };
}
