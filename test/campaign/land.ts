/**
 * What registrars and holders do: acts over units as they are known, each prepared as a gateway prepares it. Forced, the
 * same people sign what the rules refuse: a parcel registered twice, a rank taken, a share sold from under a charge.
 */

import type { ActHead } from '../../server/domain/acts/head.ts';
import { signCompact } from '../../server/domain/acts/signing.ts';
import { rowOfAct } from '../../server/domain/acts/table.ts';
import { digestOf, type TypedStruct } from '../../server/domain/acts/typedData.ts';
import { type Bytes32, ZERO_32 } from '../../server/domain/base/hex.ts';
import { type BAUnitId, maskOf } from '../../server/domain/base/terms.ts';
import type { Child, ConsentProof, LAND_TYPES, LandStructs, Title } from '../../server/domain/land/acts.ts';
import { createRestriction, discharge } from '../../server/domain/land/charges.ts';
import { toMessage } from '../../server/domain/land/codec.ts';
import {
  cancelDivision,
  childrenPerCall,
  openDivision,
  openingOf,
} from '../../server/domain/land/division.ts';
import { foldOf, stateHash } from '../../server/domain/land/hashes.ts';
import { consolidate, registerParts, subdivide } from '../../server/domain/land/partition.ts';
import {
  consentOf,
  type LandJudgement,
  landTypedData,
  type RegisterReading,
} from '../../server/domain/land/prepare.ts';
import { assembleTitle, registerTitle, registerTitles } from '../../server/domain/land/registration.ts';
import { mostNoticeSeconds } from '../../server/domain/land/restrictions.ts';
import { transferRight } from '../../server/domain/land/transfer.ts';
import type { BAUnitState, Restriction, Right } from '../../server/domain/land/types.ts';
import { FAR_FUTURE } from '../chain/signing.ts';
import type { ActPlan, OpenPlan } from './plan.ts';
import { LAND, OFFICE_OF, type Scene } from './scene.ts';

const HOUR = 3_600n;
/** Units a campaign keeps in hand: it goes on with few, so that acts meet. */
const KNOWN_UNITS = 24;

/** Forced moves are made whether or not the rules allow them. */
type Move = (scene: Scene, isForced: boolean) => ActPlan | OpenPlan | undefined;
type Struct = keyof LandStructs & keyof typeof LAND_TYPES;

export function readingOf(scene: Scene): RegisterReading {
  const { chainId, ledgerNonce, contracts } = scene.machine;
  return {
    ledger: { chainId, ledgerNonce, landRegistry: contracts.land },
    presentations: scene.presentations,
    ...{ isFrozen: false, keeper: LAND, isSeated: true, twoInstitutionActs: 0n, nowSeconds: scene.now },
    mostNoticeSeconds: mostNoticeSeconds(0n),
    redemption: scene.moment.redemption,
    extended: scene.moment.extended,
    stateHashOf: (baUnit) => scene.stateHashes.get(baUnit),
    unitOf: (id) => scene.plots.get(id),
    isInstrumentUsed: (id) => scene.instruments.has(id),
  };
}

/** A title as the ledger keeps it, or kept it before; undefined while there is none. */
function some(scene: Scene, isForced: boolean): Title | undefined {
  const isPast = isForced && scene.chance(20);
  const known = [...(isPast ? scene.past : scene.units)].filter(
    ([, state]) => isForced || state.header.status === 'active',
  );
  if (known.length === 0) return undefined;
  // Who forces goes where something stands in the way.
  const guarded = isForced ? known.filter(([, state]) => isGuarded(scene, state)) : [];
  const chosen = guarded.length > 0 && scene.chance(50) ? guarded : known;
  const [baUnit, state] = scene.random.pick(chosen.slice(-KNOWN_UNITS));
  return { baUnit, state };
}

const isGuarded = (scene: Scene, { header, notices }: BAUnitState): boolean =>
  header.status === 'active' &&
  notices.some(({ blocks, expiresOn }) => blocks !== 0n && expiresOn > scene.now);

/** Hashes of states, as units are chosen more often than changed. */
const hashes = new WeakMap<BAUnitState, Bytes32>();

export function changeOf({ baUnit, state }: Title) {
  const priorState = hashes.get(state) ?? stateHash(state);
  hashes.set(state, priorState);
  return { baUnit, priorState };
}

/** Now, where nothing else is said; at times some day to come, to which an owner must consent, or whenever it is recorded. */
function effectOf(scene: Scene): Partial<ActHead> {
  if (scene.chance(8)) return { effectiveOn: scene.now + HOUR * BigInt(1 + scene.random.below(48)) };
  return scene.chance(50) ? { effectiveOn: 0n } : {};
}

interface Intent<S extends Struct> {
  readonly struct: S;
  readonly act: Omit<LandStructs[S], 'head'>;
  /** The states it is shown, and whether as one or as a list. */
  readonly priors: readonly BAUnitState[];
  readonly isOne?: boolean;
  readonly judge: (reading: RegisterReading, act: LandStructs[S]) => LandJudgement;
}

/** Prepares over two officers of the county, or answers undefined where the rules would refuse it and nobody forces. */
export function planned<S extends Struct>(
  scene: Scene,
  isForced: boolean,
  { struct, act, priors, isOne = false, judge }: Intent<S>,
): ActPlan | undefined {
  const by = scene.pair(LAND, LAND, false);
  if (by === undefined) return undefined;
  const head = { ...scene.head(by[0], OFFICE_OF(LAND)), ...effectOf(scene) };
  const whole = { head, ...act } as unknown as LandStructs[S];
  const reading = readingOf(scene);
  const judgement = judge(reading, whole);
  if (!judgement.ok && !isForced) return undefined;
  const typedData = landTypedData(reading.ledger, struct, whole);
  const { contract, method, consents } = rowOfAct(typedData);
  const needed = judgement.ok ? judgement.signable.needed : judgement.consents;
  const proofs = consentsOf(scene, needed);
  if (proofs === undefined) return undefined;
  const shown = priors.map((state) => toMessage('BAUnitState', state));
  const prior = isOne ? shown.slice(0, 1) : [shown];
  return {
    ...{ kind: 'act', contract, method, by },
    ...{ types: typedData.types, primaryType: typedData.primaryType, message: typedData.message },
    more: [...(priors.length === 0 ? [] : prior), ...(consents === undefined ? [] : [proofs])],
  };
}

type Needed = Extract<LandJudgement, { ok: false }>['consents'];

/** Undefined where nobody has a key: whoever bent an act before it was signed may have recorded a holder that is none. */
function consentsOf(scene: Scene, needed: Needed): TypedStruct[] | undefined {
  const { ledger } = readingOf(scene);
  const proofs: TypedStruct[] = [];
  for (const one of needed) {
    const key = scene.keyOf(one.keyHash);
    if (key === undefined) return undefined;
    const time = { notBefore: scene.now, deadline: FAR_FUTURE, mandateCommitment: ZERO_32 };
    const signed = digestOf(consentOf(ledger, one, time));
    const proof: ConsentProof = {
      ...{ ...time, kind: 'secp256k1', salt: key.salt, key: '0x' },
      signature: signCompact(signed, key.privateKey),
    };
    proofs.push(toMessage('ConsentProof', proof));
  }
  return proofs;
}

/** Two who hold, and nobody wrote down which part. */
function unrecorded({ drafts }: Scene) {
  const holdings = [drafts.holding({ numerator: 0n }), drafts.holding({ numerator: 0n })];
  return [drafts.ownership(holdings, { tenancy: 'unrecorded', denominator: 0n })];
}

/** A lease that is over within two days. */
function brief({ drafts, random, now }: Scene) {
  const lease = {
    ...drafts.ownership([drafts.holding()]),
    ...({ kind: 'lease', target: { right: 0 } } as const),
    ...{ expiresOn: now + HOUR * BigInt(1 + random.below(48)), termsCommitment: drafts.id<Bytes32>() },
  };
  return [drafts.ownership([drafts.holding()]), lease];
}

function draftTitle(scene: Scene, isForced: boolean): Title {
  const { drafts } = scene;
  const roll = scene.random.below(10);
  const office = OFFICE_OF(LAND);
  if (roll === 0) return assembleTitle({ ...drafts.rich(), office });
  const quota = { baseUnit: ZERO_32 as BAUnitId, numerator: 0n, total: 100n };
  if (roll === 1) return assembleTitle(drafts.title({ office, quota }));
  const seldom = roll === 2 ? unrecorded(scene) : roll === 3 ? brief(scene) : undefined;
  if (seldom !== undefined) return assembleTitle(drafts.title({ office, rights: seldom }));
  const rights = [drafts.ownership([drafts.holding({ numerator: 1n }), drafts.holding({ numerator: 1n })])];
  const taken = isForced ? some(scene, true)?.state.spatialUnits : undefined;
  const spatialUnits = taken && scene.chance(50) ? { spatialUnits: taken } : {};
  return assembleTitle(drafts.title({ office, ...spatialUnits, ...(roll < 6 && { rights }) }));
}

const register: Move = (scene, isForced) =>
  planned(scene, isForced, {
    ...{ struct: 'RegisterTitle', act: { title: draftTitle(scene, isForced) }, priors: [] },
    judge: registerTitle,
  });

const registerBatch: Move = (scene) => {
  const titles = Array.from({ length: 1 + scene.random.below(3) }, () => draftTitle(scene, false));
  const by = scene.pair(LAND, LAND, false);
  if (by === undefined) return undefined;
  const head: ActHead = scene.head(by[0], OFFICE_OF(LAND));
  const judgement = registerTitles(readingOf(scene), head, titles);
  if (!judgement.ok) return undefined;
  const { typedData, args } = judgement.signable;
  const { types, primaryType, message } = typedData;
  return {
    ...{ kind: 'act', contract: 'land', method: 'registerTitles', by, types, primaryType, message, more: [] },
    wrap: (batch: TypedStruct) => ({ ...(args[0] as object), batch }),
  };
};

const parts: Move = (scene, isForced) => {
  const base = some(scene, isForced);
  if (base === undefined || (base.state.header.quotaTotal === 0n && !isForced)) return undefined;
  const quota = { baseUnit: base.baUnit, numerator: 1n, total: base.state.header.quotaTotal || 100n };
  const flat = assembleTitle(scene.drafts.title({ office: OFFICE_OF(LAND), quota }));
  return planned(scene, isForced, {
    ...{ struct: 'RegisterParts', act: { base: changeOf(base), parts: [flat] } },
    ...{ priors: [base.state], isOne: true },
    judge: (reading, act) => registerParts(reading, act, base.state),
  });
};

const transfer: Move = (scene, isForced) => {
  const title = some(scene, isForced);
  const right = title && scene.random.pick(title.state.rights);
  if (title === undefined || right === undefined) return undefined;
  const share = scene.random.pick(right.holdings);
  // Cut down rather than sold: what secures a charge shrinks under its lender.
  const cut = { ...share, numerator: share.numerator > 1n ? share.numerator - 1n : share.numerator };
  const joins = scene.drafts.joining(share.numerator - cut.numerator || share.numerator);
  const left = right.holdings.filter((holding) => holding !== share);
  const whole = { tenancy: 'sole', denominator: 1n, holdings: [scene.drafts.joining(1n)] } as const;
  const part = { holdings: isForced && scene.chance(50) ? [cut, ...left, joins] : [...left, joins] };
  const next: Right = { ...right, presentationNo: 0n, ...(scene.chance(50) ? whole : part) };
  return planned(scene, isForced, {
    ...{ struct: 'TransferRight', act: { unit: changeOf(title), next }, priors: [title.state], isOne: true },
    judge: (reading, act) => transferRight(reading, act, title.state),
  });
};

const charge: Move = (scene, isForced) => {
  const two = [some(scene, isForced), scene.chance(25) ? some(scene, isForced) : undefined];
  const titles = two.filter((title) => title !== undefined);
  const [first, second] = titles;
  if (first === undefined || first.baUnit === second?.baUnit) return undefined;
  const sound = scene.chance(70) ? mortgage(scene, titles, isForced) : caution(scene, isForced);
  const [used] = isForced && scene.chance(40) ? first.state.charges : [];
  const restriction = used === undefined ? sound : { ...sound, instrumentId: used.instrumentId };
  const priors = titles.map(({ state }) => state);
  return planned(scene, isForced, {
    ...{ struct: 'CreateRestriction', act: { units: titles.map(changeOf), restriction }, priors },
    judge: (reading, act) => createRestriction(reading, act, priors),
  });
};

function mortgage(scene: Scene, titles: readonly Title[], isForced: boolean): Restriction {
  const ranks = titles.flatMap(({ state }) => state.charges.map(({ rank }) => rank));
  const asks = scene.chance(50) ? maskOf(['transfer', 'subdivision']) : 0n;
  const rank = isForced ? 1 : Math.max(0, ...ranks) + 1;
  return scene.drafts.restriction('mortgage', { rank, needsConsent: asks });
}

function caution(scene: Scene, isForced: boolean): Restriction {
  const hours = isForced ? scene.random.below(9_000) : scene.random.below(30);
  return scene.drafts.restriction('caution', {
    blocks: scene.chance(70) ? maskOf(['transfer']) : 0n,
    expiresOn: scene.now + HOUR * BigInt(1 + hours),
  });
}

const release: Move = (scene, isForced) => {
  const title = some(scene, isForced);
  const restriction = title && [...title.state.charges, ...title.state.notices][0];
  if (title === undefined || restriction === undefined) return undefined;
  const releases = [{ unit: changeOf(title), restrictionId: restriction.restrictionId }];
  const plan = planned(scene, isForced, {
    ...{ struct: 'Discharge', act: { releases }, priors: [title.state] },
    judge: (reading, act) => discharge(reading, act, [title.state]),
  });
  // Its holder is not asked.
  return plan && isForced && scene.chance(50) ? { ...plan, more: [...plan.more.slice(0, -1), []] } : plan;
};

const childOf = (scene: Scene): Child => ({
  portion: { baUnit: scene.drafts.unitId(), spatialUnits: [scene.drafts.spatialUnit()], quotaNumerator: 0n },
  factsRoot: scene.drafts.id(),
});

const divide: Move = (scene, isForced) => {
  const title = some(scene, isForced);
  if (title === undefined) return undefined;
  const children = [childOf(scene), childOf(scene)];
  return planned(scene, isForced, {
    ...{ struct: 'Subdivide', act: { unit: changeOf(title), children }, priors: [title.state], isOne: true },
    judge: (reading, act) => subdivide(reading, act, title.state),
  });
};

const join: Move = (scene, isForced) => {
  const [one, other] = [some(scene, isForced), some(scene, isForced)];
  if (one === undefined || other === undefined || one.baUnit === other.baUnit) return undefined;
  const { drafts } = scene;
  const ownership: Right = {
    ...{ ...drafts.ownership([drafts.holding()]), rightId: 0, targetRight: 0, presentationNo: 0n },
    holdings: [drafts.joining(1n)],
  };
  const priors = [one.state, other.state];
  return planned(scene, isForced, {
    ...{
      struct: 'Consolidate',
      act: { units: [one, other].map(changeOf), child: childOf(scene), ownership },
    },
    priors,
    judge: (reading, act) => consolidate(reading, act, priors),
  });
};

// ---- Divisions in steps -------------------------------------------------------------------------------------

const MOST_CHILDREN = 9;

const openLarge: Move = (scene, isForced) => {
  const title = some(scene, isForced);
  if (title === undefined) return undefined;
  const freed = scene.chance(50) ? scene.freed.splice(0, MOST_CHILDREN) : [];
  const again = freed.map(({ portion, factsRoot }): Child => {
    // An id that was freed is spent, whoever tries.
    const isSpent = isForced && scene.chance(50);
    return { portion: isSpent ? portion : { ...portion, baUnit: scene.drafts.unitId() }, factsRoot };
  });
  const more = Math.max(0, 2 + scene.random.below(MOST_CHILDREN - 1) - again.length);
  const children = [...again, ...Array.from({ length: more }, () => childOf(scene))];
  const opening = openingOf(
    { head: scene.head(scene.hands[0] as never, OFFICE_OF(LAND)), unit: changeOf(title) },
    children,
  );
  const { head: _, ...act } = opening;
  scene.children.set(act.membersRoot, children);
  return planned(scene, isForced, {
    ...{ struct: 'OpenDivision', act, priors: [title.state], isOne: true },
    judge: (reading, whole) => openDivision(reading, whole, title.state, children),
  });
};

/** A unit that divides, with its children in the order of their fold. */
function dividing(scene: Scene): (Title & { readonly children: readonly Child[] }) | undefined {
  const found = [...scene.awaited.keys()].flatMap((baUnit) => {
    const state = scene.units.get(baUnit);
    const children = state && scene.children.get(state.header.membersRoot);
    return state?.header.status === 'dividing' && children ? [{ baUnit, state, children }] : [];
  });
  return found.length === 0 ? undefined : scene.random.pick(found);
}

/** Anybody loads the next of them, as many as they like. */
const loadChildren: Move = (scene, isForced) => {
  const parent = dividing(scene);
  const awaited = parent && scene.awaited.get(parent.baUnit);
  if (parent === undefined || awaited === undefined || (awaited === ZERO_32 && !isForced)) return undefined;
  const { children, baUnit } = parent;
  const at = children.findIndex((_, i) => foldOf(children.slice(i)) === awaited);
  const end = Math.min(children.length, Math.max(at, 0) + 1 + scene.random.below(4));
  const chunk = children.slice(Math.max(at, 0), end);
  const args = [baUnit, chunk.map((child) => toMessage('Child', child)), foldOf(children.slice(end))];
  return { kind: 'open', contract: 'landDivision', method: 'loadChildren', args };
};

/** Anybody makes those that are loaded; forced, before they are. */
const complete: Move = (scene, isForced) => {
  const parent = dividing(scene);
  const isLoaded = parent !== undefined && scene.awaited.get(parent.baUnit) === ZERO_32;
  const [divided] = scene.unmade;
  if (divided !== undefined && (!isLoaded || scene.chance(70))) {
    const [baUnit, left] = divided;
    const state = scene.units.get(baUnit);
    return state && completing(scene, { baUnit, state }, left);
  }
  return parent !== undefined && (isLoaded || isForced)
    ? completing(scene, parent, parent.children)
    : undefined;
};

function completing(scene: Scene, { baUnit, state }: Title, left: readonly Child[]): OpenPlan {
  // None is enough to retire the parent, and of no use after it.
  const least = state.header.status === 'dividing' ? 0 : 1;
  const count = Math.min(left.length, least + scene.random.below(childrenPerCall(state)));
  const children = left.slice(0, count).map((child) => toMessage('Child', child));
  const args = [baUnit, toMessage('BAUnitState', state), children];
  return { kind: 'open', contract: 'landDivision', method: 'completeDivision', args };
}

const cancel: Move = (scene, isForced) => {
  const parent = isForced ? some(scene, true) : dividing(scene);
  if (parent === undefined || (!isForced && !scene.chance(15))) return undefined;
  return planned(scene, isForced, {
    ...{ struct: 'CancelDivision', act: { unit: changeOf(parent) }, priors: [parent.state], isOne: true },
    judge: (reading, act) => cancelDivision(reading, act, parent.state),
  });
};

const SWEEP_REST = 30n * 24n * HOUR;

/** Anybody may, thirty days after a lapse. */
const sweep: Move = (scene, isForced) => {
  const due = [...scene.lapses].filter(([, end]) => scene.now > scene.moment.extended(end + SWEEP_REST));
  const [baUnit] = due.length === 0 ? [] : scene.random.pick(due);
  const state = baUnit && scene.units.get(baUnit);
  const title = baUnit && state ? { baUnit, state } : isForced ? some(scene, false) : undefined;
  if (title === undefined) return undefined;
  const args = [title.baUnit, toMessage('BAUnitState', title.state)];
  return { kind: 'open', contract: 'landCharges', method: 'sweep', args };
};

/** By how often each is tried. */
export const LAND_MOVES: readonly (readonly [weight: number, move: Move])[] = [
  [8, register],
  [2, registerBatch],
  [3, parts],
  [8, transfer],
  [6, charge],
  [4, release],
  [3, divide],
  [2, join],
  [2, openLarge],
  [4, loadChildren],
  [4, complete],
  [1, cancel],
  [2, sweep],
];
