/**
 * First registration: a title from what the office knows, checked and ready to be signed, alone or by the batch.
 *
 * Promises what prepare.ts promises. `assembleTitle` gives every id in the order of reading, so no caller counts.
 */

import type { FactSet } from '../acts/facts.ts';
import type { ActHead, Batch } from '../acts/head.ts';
import { type Bytes32, ZERO_32 } from '../base/hex.ts';
import { refusal } from '../base/refusal.ts';
import type { BAUnitId, EvidenceGrade, OfficeId, Origin } from '../base/terms.ts';
import type { RegisterTitle, Title } from './acts.ts';
import { toMessage } from './codec.ts';
import { Findings } from './findings.ts';
import { itemsHash } from './hashes.ts';
import {
  Claims,
  checkEffect,
  checkRecordable,
  finish,
  Instruments,
  type LandJudgement,
  type RegisterReading,
} from './prepare.ts';
import { checkFirstHeader, checkFirstSections } from './rules.ts';
import { applyRegistration, effectOfAct } from './transitions.ts';
import {
  type Holding,
  MAX_TITLES_PER_BATCH,
  type Responsibility,
  type Restriction,
  type Right,
  type SpatialUnit,
  STATE_FORMAT_VERSION,
} from './types.ts';
import { checkWeight, weightOfTitle } from './weights.ts';

type Given = 'rightId' | 'restrictionId' | 'responsibilityId' | 'holdingId' | 'presentationNo';
type Unnumbered<T> = Omit<T, Given | 'targetRight' | 'targetHolding'>;

/** What something lies on, by its place in the draft, from 0. */
export interface DraftTarget {
  readonly right: number;
  readonly holding?: number;
}

export type DraftRestriction = Unnumbered<Restriction> & { readonly target?: DraftTarget };

/** A title without ids and numbers. */
export interface TitleDraft {
  readonly baUnit: BAUnitId;
  readonly office: OfficeId;
  readonly origin: Origin;
  readonly evidence: EvidenceGrade;
  /** Share in common land. */
  readonly quota?: { readonly baseUnit: BAUnitId; readonly numerator: bigint; readonly total: bigint };
  readonly spatialUnits: readonly SpatialUnit[];
  readonly rights: readonly (Omit<Unnumbered<Right>, 'holdings'> & {
    readonly target?: Pick<DraftTarget, 'right'>;
    readonly holdings: readonly Unnumbered<Holding>[];
  })[];
  /** In order of rank. */
  readonly charges?: readonly DraftRestriction[];
  readonly notices?: readonly DraftRestriction[];
  readonly responsibilities?: readonly (Unnumbered<Responsibility> & {
    readonly target?: Pick<DraftTarget, 'right'>;
  })[];
  readonly factsRoot: Bytes32;
}

/** The title as it is signed. A target that the draft does not have gets an id no right has, and is refused later. */
export function assembleTitle(draft: TitleDraft): Title {
  let nextId = 1;
  const numbered = draft.rights.map((right) => ({
    right,
    rightId: nextId++,
    holdings: right.holdings.map((holding): Holding => ({ ...holding, holdingId: nextId++ })),
  }));
  const idOf = (target: DraftTarget | undefined) =>
    target === undefined ? 0 : (numbered[target.right]?.rightId ?? NO_SUCH_ID);
  const holdingOf = (target: DraftTarget | undefined) =>
    target?.holding === undefined
      ? 0
      : (numbered[target.right]?.holdings[target.holding]?.holdingId ?? NO_SUCH_ID);
  const rights = numbered.map(({ right: { target, ...right }, rightId, holdings }): Right => {
    return { ...right, rightId, targetRight: idOf(target), presentationNo: 0n, holdings };
  });
  const numberedOne = ({ target, ...restriction }: DraftRestriction): Restriction => {
    const ids = { targetRight: idOf(target), targetHolding: holdingOf(target) };
    return { ...restriction, restrictionId: nextId++, ...ids, presentationNo: 0n };
  };
  const charges = (draft.charges ?? []).map(numberedOne);
  const notices = (draft.notices ?? []).map(numberedOne);
  const responsibilities = (draft.responsibilities ?? []).map(({ target, ...duty }): Responsibility => {
    return { ...duty, responsibilityId: nextId++, targetRight: idOf(target), presentationNo: 0n };
  });
  return {
    baUnit: draft.baUnit,
    state: {
      header: {
        formatVersion: STATE_FORMAT_VERSION,
        version: 1n,
        status: 'active',
        office: draft.office,
        origin: draft.origin,
        evidence: draft.evidence,
        baseUnit: draft.quota?.baseUnit ?? (ZERO_32 as BAUnitId),
        quotaNumerator: draft.quota?.numerator ?? 0n,
        quotaTotal: draft.quota?.total ?? 0n,
        membersRoot: ZERO_32,
        memberCount: 0,
        nextId,
        effectiveOn: 0n,
      },
      spatialUnits: draft.spatialUnits,
      rights,
      charges,
      notices,
      responsibilities,
      applications: [],
      factsRoot: draft.factsRoot,
      priorState: ZERO_32,
    },
  };
}

/** The largest uint32: ids run from 1, so nothing ever has it. */
const NO_SUCH_ID = 2 ** 32 - 1;

/** Prepares the first registration of one title. */
export function registerTitle(
  reading: RegisterReading,
  act: RegisterTitle,
  factSets: readonly FactSet[] = [],
): LandJudgement {
  const found = new Findings();
  const claims = new Claims(reading, act.head.office);
  checkTitle(found, reading, act.title, act.head.office, '/title');
  checkEffect(found, reading, act.head, []);
  checkBegun(found, reading, act.head);
  checkRecordable(found, reading, 'registration', act.head);
  new Instruments(reading).check(found, restrictionsIn(act.title), '/title/state');
  claims.check(found, act.title.baUnit, act.title.state.spatialUnits, '/title');
  return finish(found, reading, {
    act: 'registration',
    primaryType: 'RegisterTitle',
    value: act,
    head: act.head,
    changes: () => [
      applyRegistration(act.title, reading.presentations + 1n, effectOfAct(reading, act.head, [])),
    ],
    factSets,
    args: [toMessage('RegisterTitle', act)],
  });
}

/** Prepares up to fifty first registrations under one pair of signatures, all or none. */
export function registerTitles(
  reading: RegisterReading,
  head: ActHead,
  titles: readonly Title[],
  factSets: readonly FactSet[] = [],
): LandJudgement {
  const found = new Findings();
  if (titles.length === 0 || titles.length > MAX_TITLES_PER_BATCH) {
    found.add(refusal('batch-size-out-of-range', undefined, { field: '/titles' }));
  }
  checkEffect(found, reading, head, []);
  checkBegun(found, reading, head);
  checkRecordable(found, reading, 'registration', head);
  const claims = new Claims(reading, head.office);
  const instruments = new Instruments(reading);
  titles.slice(0, MAX_TITLES_PER_BATCH).forEach((title, i) => {
    checkTitle(found, reading, title, head.office, `/titles/${i}`);
    instruments.check(found, restrictionsIn(title), `/titles/${i}/state`);
    claims.check(found, title.baUnit, title.state.spatialUnits, `/titles/${i}`);
  });
  checkWeight(found, { made: titles.reduce((sum, { state }) => sum + weightOfTitle(state), 0) });
  const batch: Batch = { head, itemsHash: itemsHash(titles), count: titles.length, atomic: true };
  return finish(found, reading, {
    act: 'registration',
    primaryType: 'Batch',
    value: batch,
    head,
    changes: () => {
      const effect = effectOfAct(reading, head, []);
      return titles.map((title, i) =>
        applyRegistration(title, reading.presentations + BigInt(i) + 1n, effect),
      );
    },
    factSets,
    args: [{ batch: toMessage('Batch', batch), titles: titles.map((title) => toMessage('Title', title)) }],
  });
}

/** What a title brings that rests on an instrument which creates. */
export function restrictionsIn({ state }: Title): readonly Restriction[] {
  return [...state.charges, ...state.notices];
}

/** Nobody consents to a first registration. It replaces nothing, so it may begin when what it registers began. */
function checkBegun(found: Findings, { nowSeconds }: RegisterReading, { effectiveOn }: ActHead): void {
  if (effectiveOn <= nowSeconds) return;
  found.add(refusal('effect-not-consented', undefined, { field: '/head/effectiveOn' }));
}

function checkTitle(
  found: Findings,
  reading: RegisterReading,
  { state }: Title,
  office: OfficeId,
  place: string,
): void {
  checkFirstHeader(found, state.header, office, `${place}/state/header`);
  if (state.header.baseUnit !== ZERO_32) {
    found.add(refusal('base-unit-not-asked', undefined, { field: `${place}/state/header/baseUnit` }));
  }
  checkFirstSections(found, reading, state, `${place}/state`);
}
