/** Edges of land: see `edges.ts`. */

import type { ActHead } from '../../server/domain/acts/head.ts';
import { isPassed } from '../../server/domain/acts/moment.ts';
import type { TypedStruct } from '../../server/domain/acts/typedData.ts';
import { ZERO_32 } from '../../server/domain/base/hex.ts';
import { type OfficeId, TENANCIES } from '../../server/domain/base/terms.ts';
import type { Title } from '../../server/domain/land/acts.ts';
import { discharge } from '../../server/domain/land/charges.ts';
import { toMessage } from '../../server/domain/land/codec.ts';
import { openDivision, openingOf } from '../../server/domain/land/division.ts';
import { itemsHash } from '../../server/domain/land/hashes.ts';
import { landTypedData } from '../../server/domain/land/prepare.ts';
import { assembleTitle, registerTitle } from '../../server/domain/land/registration.ts';
import { transferRight } from '../../server/domain/land/transfer.ts';
import type { BAUnitState, Restriction, Right } from '../../server/domain/land/types.ts';
import { call, changed, type Edge, type HoldingMessage, planOf, type StateMessage } from './edgePlans.ts';
import { changeOf, planned, readingOf } from './land.ts';
import type { ActPlan, OrderPlan, Plan } from './plan.ts';
import { AGENCY, LAND, OFFICE_OF, type Scene } from './scene.ts';

const DAY = 86_400n;
const NOBODYS_OFFICE = 77 as OfficeId;
/** A duty as calls have it; a rule counts them before it reads any. */
const DUTY = {
  ...{ responsibilityId: 0, kind: 1, targetRight: 0, presentationNo: 0n, instrumentId: ZERO_32 },
  ...{ holderKeyHash: ZERO_32, expiresOn: 0n, termsCommitment: ZERO_32 },
};

/** A transfer whose first consent has another time. */
function consenting(time: (now: bigint) => object) {
  return (scene: Scene): Plan | undefined => {
    const made = planOf(scene, 'transfer') as ActPlan | OrderPlan | undefined;
    if (made?.kind !== 'act') return undefined;
    const [prior, proofs] = made.more as [unknown, readonly object[]];
    const [first, ...rest] = proofs ?? [];
    return first && { ...made, more: [prior, [{ ...first, ...time(scene.now) }, ...rest]] };
  };
}

/** A title of another first state. */
const titled = (change: (state: StateMessage, scene: Scene) => object | undefined) =>
  changed('register', ({ title }, scene) => {
    const fields = change(title.state, scene);
    return fields && { title: { ...title, state: { ...title.state, ...fields } } };
  });

const withHoldings = (change: (holdings: readonly HoldingMessage[]) => readonly object[]) =>
  titled(({ rights }) => ({
    rights: rights.map((right) => ({ ...right, holdings: change(right.holdings) })),
  }));

const ONE_TOO_MANY = 65;
const many = (one: unknown) => Array.from({ length: ONE_TOO_MANY }, () => one);

/** Held by one too many, in a tenancy that states no shares, each under a key of their own. */
function crowded(right: StateMessage['rights'][number], drafts: Scene['drafts']): object {
  const holdings = many(right.holdings[0]).map((one, i) => ({
    ...(one as object),
    ...{ holdingId: 2 + i, numerator: 0n, keyHash: drafts.id() },
  }));
  return { ...right, tenancy: TENANCIES.indexOf('joint'), denominator: 0n, holdings };
}

/** A unit that is active and fits, as the ledger keeps it. */
function standing(scene: Scene, fits: (state: BAUnitState) => boolean): Title | undefined {
  const found = [...scene.units].filter(([, state]) => state.header.status === 'active' && fits(state));
  if (found.length === 0) return undefined;
  const [baUnit, state] = scene.random.pick(found);
  return { baUnit, state };
}

/** A transfer that no rule lets pass, with the consents that it would need. */
function passing(scene: Scene, title: Title, next: Right): Plan | undefined {
  return planned(scene, true, {
    ...{ struct: 'TransferRight', act: { unit: changeOf(title), next }, priors: [title.state], isOne: true },
    judge: (reading, act) => transferRight(reading, act, title.state),
  });
}

/** A part moves of a right whose parts nobody recorded. */
function unrecordedPart(scene: Scene): Plan | undefined {
  const title = standing(
    scene,
    ({ rights: [first] }) => first?.tenancy === 'unrecorded' && first.holdings.length > 1,
  );
  const [right] = title?.state.rights ?? [];
  if (title === undefined || right === undefined) return undefined;
  const holdings = [...right.holdings.slice(1), scene.drafts.joining(0n)];
  return passing(scene, title, { ...right, presentationNo: 0n, holdings });
}

/** A lease that is over goes to somebody else. */
function endedRight(scene: Scene): Plan | undefined {
  const isOver = ({ expiresOn }: Right) => expiresOn !== 0n && isPassed(scene.moment, expiresOn);
  const title = standing(scene, ({ rights }) => rights.some(isOver));
  const right = title?.state.rights.find(isOver);
  if (title === undefined || right === undefined) return undefined;
  const alone = { tenancy: 'sole', denominator: 1n, holdings: [scene.drafts.joining(1n)] } as const;
  return passing(scene, title, { ...right, ...alone, presentationNo: 0n });
}

/** A charge of one unit and a notice of another are to end in one act. */
function releasesOfBoth(scene: Scene): Plan | undefined {
  const stays = ({ expiresOn }: Restriction) => expiresOn === 0n || expiresOn > scene.now;
  const charged = standing(scene, ({ charges }) => charges.some(stays));
  const noticed = standing(scene, ({ notices }) => notices.some(stays));
  const [charge, notice] = [charged?.state.charges.find(stays), noticed?.state.notices.find(stays)];
  if (!charged || !noticed || !charge || !notice) return undefined;
  const releases = [
    { unit: changeOf(charged), restrictionId: charge.restrictionId },
    { unit: changeOf(noticed), restrictionId: notice.restrictionId },
  ];
  const priors = [charged.state, noticed.state];
  return planned(scene, true, {
    ...{ struct: 'Discharge', act: { releases }, priors },
    judge: (reading, act) => discharge(reading, act, priors),
  });
}

/** A division that was cancelled is opened again as it was. */
function dividedAgain(scene: Scene): Plan | undefined {
  const again = scene.cancelled.filter(({ baUnit }) => scene.units.get(baUnit)?.header.status === 'active');
  const { baUnit, root } = again.length === 0 ? {} : scene.random.pick(again);
  const state = baUnit && scene.units.get(baUnit);
  const children = root && scene.children.get(root);
  if (!baUnit || !state || !children) return undefined;
  const unit = changeOf({ baUnit, state });
  const { membersRoot, memberCount } = openingOf({ head: {} as ActHead, unit }, children);
  return planned(scene, true, {
    ...{ struct: 'OpenDivision', act: { unit, membersRoot, memberCount }, priors: [state], isOne: true },
    judge: (reading, act) => openDivision(reading, act, state),
  });
}

/** So many charges on each of so many titles that no transaction would hold them. */
const CHARGES_OF = [64, 64, 64, 64, 64, 20];

function tooHeavy(scene: Scene): Plan | undefined {
  const by = scene.pair(LAND, LAND, false);
  if (by === undefined) return undefined;
  const { drafts } = scene;
  const office = OFFICE_OF(LAND);
  const titles = CHARGES_OF.map((count) => {
    const lien = (_: unknown, i: number) => drafts.restriction('lien', { rank: i + 1 });
    return assembleTitle(drafts.title({ office, charges: Array.from({ length: count }, lien) }));
  });
  const batch = {
    ...{ head: scene.head(by[0], office), itemsHash: itemsHash(titles) },
    ...{ count: titles.length, atomic: true },
  };
  const { types, primaryType, message } = landTypedData(readingOf(scene).ledger, 'Batch', batch);
  return {
    ...{ kind: 'act', contract: 'land', method: 'registerTitles', by, types, primaryType, message, more: [] },
    wrap: (signed: TypedStruct) => ({ batch: signed, titles: titles.map((one) => toMessage('Title', one)) }),
  };
}

/** Who must be asked of a holding has the key of that holding. */
function askedTwice(scene: Scene): Plan | undefined {
  const { drafts } = scene;
  const holding = drafts.holding();
  const spouse = drafts.restriction('must-be-asked', { holderKeyHash: holding.keyHash });
  const charges = [{ ...spouse, target: { right: 0, holding: 0 } }];
  const rights = [drafts.ownership([holding])];
  const title = assembleTitle(drafts.title({ office: OFFICE_OF(LAND), rights, charges }));
  return planned(scene, true, { struct: 'RegisterTitle', act: { title }, priors: [], judge: registerTitle });
}

/** Signed for an office that nobody keeps. */
const inNobodysOffice = changed('register', ({ head, title }) => ({
  head: { ...head, office: NOBODYS_OFFICE },
  title: { ...title, state: { ...title.state, header: { ...title.state.header, office: NOBODYS_OFFICE } } },
}));

export const GROUND: readonly Edge[] = [
  ['UnrecordedPartMoves', unrecordedPart],
  ['RightEnded', endedRight],
  ['ReleasesDiffer', releasesOfBoth],
  ['DivisionRepeated', dividedAgain],
  ['ActTooHeavy', tooHeavy],
  ['AskedTwice', askedTwice],
  ['OfficeUnkept', inNobodysOffice],
  ['EffectBeforeLast', changed('transfer', ({ head }) => ({ head: { ...head, effectiveOn: 1n } }))],
  [
    'EffectNotConsented',
    changed('register', ({ head }, { now }) => ({ head: { ...head, effectiveOn: now + DAY } })),
  ],
  ['TooManyResponsibilities', titled(() => ({ responsibilities: many(DUTY) }))],
  [
    'SpatialUnitMissing',
    changed(
      'divide',
      ({ children: [first, ...rest] }) =>
        first && { children: [{ ...first, portion: { ...first.portion, spatialUnits: [] } }, ...rest] },
    ),
  ],
  ['TooManySpatialUnits', titled(({ spatialUnits }) => ({ spatialUnits: many(spatialUnits[0]) }))],
  ['OwnershipMissing', titled(() => ({ rights: [] }))],
  ['HoldingMissing', withHoldings(() => [])],
  [
    'TooManyHoldings',
    titled(({ rights: [first] }, { drafts }) => ({ rights: first ? [crowded(first, drafts)] : [] })),
  ],
  [
    'KeyRepeated',
    titled(({ rights }) => {
      // A key of zero is nobody's, and of one holding nothing repeats.
      const isShared = rights.some(
        ({ holdings: [first, ...rest] }) => rest.length > 0 && first?.keyHash !== ZERO_32,
      );
      const repeated = rights.map((right) => {
        const keyHash = right.holdings[0]?.keyHash;
        return { ...right, holdings: right.holdings.map((one) => ({ ...one, keyHash })) };
      });
      return isShared ? { rights: repeated } : undefined;
    }),
  ],
  [
    'TooManyRestrictions',
    titled((_, scene) => ({ charges: many(toMessage('Restriction', scene.drafts.restriction('mortgage'))) })),
  ],
  [
    'BaseUnitNotAsked',
    titled(({ header }, scene) => ({
      header: { ...header, baseUnit: scene.drafts.id(), quotaNumerator: 1n, quotaTotal: 100n },
    })),
  ],
  [
    'RestrictionMissing',
    changed('release', ({ releases }) => ({
      releases: releases.map((one) => ({ ...one, restrictionId: 999 })),
    })),
  ],
  [
    'PriorStateMissing',
    (scene) => {
      const made = planOf(scene, 'release');
      return made?.kind === 'act' ? { ...made, more: [[], ...made.more.slice(1)] } : undefined;
    },
  ],
  [
    'NothingMoves',
    (scene) => {
      const made = planOf(scene, 'transfer');
      if (made?.kind !== 'act') return undefined;
      const [{ rights }] = made.more as [StateMessage];
      const { rightId } = made.message.next as unknown as { rightId: unknown };
      const next = { ...rights.find((one) => one.rightId === rightId), presentationNo: 0n };
      return { ...made, message: { ...made.message, next } as never };
    },
  ],
  [
    'ConsentUnneeded',
    (scene) => {
      const made = planOf(scene, 'transfer');
      if (made?.kind !== 'act') return undefined;
      const [prior, proofs] = made.more as [unknown, readonly object[]];
      return { ...made, more: [prior, [...proofs, ...proofs.slice(0, 1)]] };
    },
  ],
  [
    'ChildrenMissing',
    (scene) => {
      const [baUnit] = [...scene.awaited].find(([, rest]) => rest !== ZERO_32) ?? [];
      const state = baUnit && scene.units.get(baUnit);
      if (state?.header.status !== 'dividing') return undefined;
      return call('landDivision', 'completeDivision', [baUnit, toMessage('BAUnitState', state), []]);
    },
  ],
  ['ConsentExpired', consenting(() => ({ deadline: 1n }))],
  ['ConsentNotYetValid', consenting((now) => ({ notBefore: now + DAY }))],
  [
    'BAUnitStateDiffers',
    (scene) => {
      const made = planOf(scene, 'transfer');
      if (made?.kind !== 'act') return undefined;
      const [prior, ...more] = made.more as [object, ...unknown[]];
      return { ...made, more: [{ ...prior, factsRoot: scene.drafts.id() }, ...more] };
    },
  ],
  [
    'NothingToSweep',
    (scene) => {
      const [baUnit, state] =
        [...scene.units].find(([id, { header }]) => header.status === 'active' && !scene.lapses.has(id)) ??
        [];
      return baUnit && state && call('landCharges', 'sweep', [baUnit, toMessage('BAUnitState', state)]);
    },
  ],
  [
    'OfficeDiffers',
    (scene) => {
      const made = planOf(scene, 'transfer');
      if (made?.kind !== 'act') return undefined;
      const head = { ...(made.message.head as object), office: OFFICE_OF(AGENCY) };
      return { ...made, message: { ...made.message, head } as never };
    },
  ],
];
