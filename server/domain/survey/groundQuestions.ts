/**
 * Which parcels of a file share ground with others, and what an officer may settle of it.
 *
 * Promises: noise of surveys is told and taken; a boundary is a question that names the other and the area; what is more
 * than a boundary is one piece of ground, and what another institution keeps is not this officer's to decide: neither is
 * asked about, and no answer lets it in. What was decided is told of parcels that are taken alone. Pure; `parcels.ts`
 * calls it.
 */
import type { Bytes32 } from '../base/hex.ts';
import { type Refusal, refusal } from '../base/refusal.ts';
import { type Warning, warning } from '../base/warning.ts';
import type { Answers } from '../files/answers.ts';
import { keyOf } from '../files/key.ts';
import type { CadastreIndex, SharedGround } from './cadastreIndex.ts';
import { at, type FeaturePlace } from './featurePlace.ts';
import type { Outline } from './overlap.ts';
import { isSameGround } from './sameGround.ts';
import { type Neighbour, sharedGround } from './sharedGround.ts';

/** The cadastre a file comes on top of, as one office sees it. */
export interface Existing extends Pick<CadastreIndex, 'has' | 'isKnown' | 'alikeOf' | 'replacedBy'> {
  overlapping(outline: Outline): readonly ExistingGround[];
}

export interface ExistingGround extends SharedGround {
  /** Of another office than the file's: which, and whether another institution keeps it. */
  readonly elsewhere?:
    | { readonly office: number; readonly number: string; readonly isAnothers: boolean }
    | undefined;
}

/** Ground that a parcel that is taken shares with another: replaced, decided by an officer, or too little to ask about. */
export interface Sharing {
  /** Number of the other, in this file or on the cadastre. */
  readonly other: string;
  /** Of one on the cadastre already. */
  readonly baUnit: Bytes32 | undefined;
  readonly areaM2: number;
  /** An officer said that both are to be registered. */
  readonly isDecided: boolean;
}

/** A boundary as an officer decided it. */
export interface Decided {
  readonly number: string;
  readonly other: string;
  /** The other's own office and its number there, where it is of another office. */
  readonly elsewhere?: { readonly office: number; readonly number: string } | undefined;
  readonly areaM2: number;
  readonly answer: 'register' | 'leave-out';
}

interface Drawn {
  readonly place: FeaturePlace;
  readonly number: string | undefined;
  readonly outlines: readonly Outline[];
  readonly parcel: { readonly areaM2: number } | undefined;
  readonly refused: Refusal[];
  readonly sharing: Sharing[];
}

interface Cadastral {
  readonly existing?: Existing | undefined;
  readonly replacing?: readonly string[] | undefined;
  readonly overlapToleranceM2?: number | undefined;
}

const OVERLAP_TOLERANCE_M2 = 0.01;

type Pair = Neighbour & Partial<Pick<ExistingGround, 'baUnit' | 'elsewhere'>>;

/** Of two shapes on one piece of ground neither is known to be right, unless one is already registered. */
export function refuseOverlaps<D extends Drawn>(
  drafts: readonly D[],
  { existing, replacing = [], overlapToleranceM2 = OVERLAP_TOLERANCE_M2 }: Cadastral,
  known: ReadonlySet<D>,
  answers: Answers,
): { readonly warnings: readonly Warning[]; decidedOf(taken: readonly D[]): readonly Decided[] } {
  const warnings: Warning[] = [];
  const decided: { readonly draft: D; readonly isInFile: boolean; readonly one: Decided }[] = [];
  const judge = (code: 'parcel-overlaps' | 'parcel-overlaps-registered', draft: D, pair: Pair) => {
    const { place, number = '', refused, sharing } = draft;
    const { other, areaM2, baUnit, elsewhere } = pair;
    const field = at(place, '/geometry');
    const holes = { other, areaM2: inWords(areaM2) };
    if (pair.isSameGround) {
      refused.push(refusal('parcel-same-ground', holes, field));
      return;
    }
    if (areaM2 <= overlapToleranceM2) {
      sharing.push({ other, baUnit, areaM2, isDecided: false });
      warnings.push(warning('parcel-overlaps-little', holes, field));
      return;
    }
    if (elsewhere?.isAnothers) {
      refused.push(refusal('parcel-overlaps-elsewhere', { ...holes, office: elsewhere.office }, field));
      return;
    }
    const answer = answers.of(code, place);
    const one = { number, other, elsewhere, areaM2, answer };
    if (answer !== undefined)
      decided.push({ draft, isInFile: baUnit === undefined, one: { ...one, answer } });
    if (answer !== 'register') refused.push(refusal(code, holes, field));
    else sharing.push({ other, baUnit, areaM2, isDecided: true });
  };
  const candidates = drafts.filter((draft) => !known.has(draft));
  const crowded = new Set<D>();
  for (const [draft, { named, isCut }] of sharedGround(candidates, overlapToleranceM2)) {
    for (const neighbour of named) judge('parcel-overlaps', draft, neighbour);
    if (isCut) crowded.add(draft);
  }
  const replaced = new Set(replacing.map(keyOf));
  for (const draft of existing === undefined ? [] : candidates) {
    const shares = draft.outlines.flatMap((outline) => existing?.overlapping(outline) ?? []);
    for (const [baUnit, parts] of Map.groupBy(shares, (part) => part.baUnit)) {
      const [{ number: other, elsewhere } = { number: '' }] = parts;
      const areaM2 = parts.reduce((sum, part) => sum + part.areaM2, 0);
      const isOne = parts.some((part) => part.isSameGround);
      if (elsewhere === undefined && replaced.has(keyOf(other)))
        draft.sharing.push({ other, baUnit, areaM2, isDecided: false });
      else
        judge('parcel-overlaps-registered', draft, { other, baUnit, elsewhere, areaM2, isSameGround: isOne });
    }
  }
  for (const draft of candidates) {
    const settled = draft.sharing.filter(({ isDecided }) => isDecided);
    const areaM2 = settled.reduce((sum, one) => sum + one.areaM2, 0);
    if (!crowded.has(draft) && !isSameGround(areaM2, draft.parcel?.areaM2 ?? Infinity)) continue;
    draft.refused.push(refusal('parcel-boundaries-many', undefined, at(draft.place, '/geometry')));
  }
  return {
    warnings,
    decidedOf(taken) {
      const [drawn, numbers] = [new Set(taken), new Set(taken.map(({ number = '' }) => keyOf(number)))];
      const isKept = ({ draft, isInFile, one }: (typeof decided)[number]) =>
        one.answer !== 'register' || (drawn.has(draft) && (!isInFile || numbers.has(keyOf(one.other))));
      return decided.filter(isKept).map(({ one }) => one);
    },
  };
}

/** As many digits as mean something: slivers are told apart, and nobody surveys a field to the millimetre. */
function inWords(area: number): string {
  return area < 1 ? area.toPrecision(2) : area.toFixed(1);
}
