/**
 * What one rule refuses and nobody meets by chance: an act, an order or a call that is whole but for one thing, signed by
 * whom it needs. Each names the refusal it is made for; another may come first, and passing is a finding.
 */

import { addressOfPrivateKey } from '../../server/domain/acts/signing.ts';
import type { TypedStruct } from '../../server/domain/acts/typedData.ts';
import { type Bytes32, type Hex, ZERO_32 } from '../../server/domain/base/hex.ts';
import { type InstitutionId, ROLES, ROOT_KINDS, roleBits } from '../../server/domain/base/terms.ts';
import { draftPause, draftResumption, draftVendor } from '../../server/domain/benefits/drafts.ts';
import { isPaused } from '../../server/domain/benefits/records.ts';
import type { CycleId } from '../../server/domain/benefits/terms.ts';
import { toMessage } from '../../server/domain/land/codec.ts';
import {
  BENEFIT_MOVES,
  creditAt,
  cycleIn,
  EPOCH,
  plan,
  posted,
  programmeOf,
  recordOf,
  TILLS,
  VENDORS,
} from './benefits.ts';
import { LAND_MOVES } from './land.ts';
import { ballot, MOST_ADMINS, measureOf } from './measures.ts';
import { NOTARY_MOVES, notaryAct, rootTooSoon } from './notary.ts';
import { appointmentWith, possessionsWith } from './passkeys.ts';
import type { ActPlan, OpenPlan, OrderPlan, Plan } from './plan.ts';
import { act, appointment, EVERY_OFFICE, release } from './power.ts';
import { AGENCY, BOUND_OFFICE, INSTITUTIONS, OFFICE_OF, type Scene } from './scene.ts';

export type Edge = readonly [refusal: string, make: (scene: Scene) => Plan | undefined];

const DAY = 86_400n;
const ABOVE_128_BITS = 2n ** 128n - 1n;
const OTHERS_SIGNATURE = `0x${'11'.repeat(64)}` as Hex;
/** Of moves that have nothing to do at most times. */
const MOST_TRIES = 8;

/** What an honest move of this name would send; undefined where it has nothing to do. */
export function planOf(scene: Scene, name: string): Plan | undefined {
  const moves = [...LAND_MOVES, ...BENEFIT_MOVES, ...NOTARY_MOVES] as readonly (readonly [number, unknown])[];
  const [, move] = moves.find(([, one]) => (one as { name: string }).name === name) ?? [];
  const cycles = new Map(scene.agency.cycles);
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const isLand = LAND_MOVES.some(([, one]) => one === move);
    const made = isLand
      ? (move as (scene: Scene, isForced: boolean) => Plan | undefined)(scene, false)
      : (move as (scene: Scene, agency: Scene['agency'], isForced: boolean) => Plan | undefined)(
          ...([scene, scene.agency, false] as const),
        );
    // What is refused opens no cycle.
    for (const [programme, last] of cycles) scene.agency.cycles.set(programme, last);
    if (made !== undefined) return made;
  }
  return undefined;
}

/** What changes read of the fields they find. */
interface Message {
  readonly movedBeforeMinor: bigint;
  readonly amountMinor: bigint;
  readonly count: number;
  readonly institution: InstitutionId;
  readonly kind: number;
  readonly epoch: number;
  readonly spendUntil: bigint;
  readonly stones: bigint;
  readonly day: number;
  readonly ids: readonly Bytes32[];
  readonly title: { readonly state: StateMessage };
  readonly releases: readonly object[];
  readonly children: readonly { readonly portion: object }[];
}

interface StateMessage {
  readonly header: object;
  readonly spatialUnits: readonly object[];
  readonly rights: readonly (Readonly<Record<string, unknown>> & {
    readonly holdings: readonly HoldingMessage[];
  })[];
}

interface HoldingMessage {
  readonly keyHash: Bytes32;
}

/** The same with other fields, signed anew by the same. */
function changed(name: string, change: (message: Message, scene: Scene) => object | undefined) {
  return (scene: Scene): Plan | undefined => {
    const made = planOf(scene, name);
    if (made === undefined || made.kind === 'open') return undefined;
    const fields = change(made.message as unknown as Message, scene);
    return fields && { ...made, message: { ...made.message, ...fields } as TypedStruct };
  };
}

const call = (contract: OpenPlan['contract'], method: string, args: readonly unknown[]): OpenPlan => ({
  ...{ kind: 'open', contract, method, args },
});

const aid = (name: string) => (scene: Scene, institution: Parameters<typeof plan>[1], fields: object) =>
  plan({ scene, agency: scene.agency }, institution, name as 'SetTill', fields as never);

/** A sale as tills post it. */
const sale = (scene: Scene) => planOf(scene, 'sell') as OpenPlan | undefined;

const BENEFITS: readonly Edge[] = [
  [
    'AmountOutOfRange',
    changed('fund', ({ movedBeforeMinor }) =>
      movedBeforeMinor === 0n ? undefined : { amountMinor: ABOVE_128_BITS },
    ),
  ],
  ['AmountMissing', changed('fund', () => ({ amountMinor: 0n }))],
  ['FundsMoveUnknown', changed('fund', () => ({ move: 0 }))],
  ['UnitValueMissing', changed('open', () => ({ unitValueMinor: 0n }))],
  ['EntryBytesUnknown', changed('open', () => ({ entryBytes: 2 }))],
  ['CycleTotalOutOfRange', changed('open', () => ({ totalUnits: 0n }))],
  ['CycleWindowInvalid', changed('open', ({ spendUntil }) => ({ postUntil: spendUntil - 1n }))],
  ['CurrencyDiffers', changed('open', () => ({ currency: 405 }))],
  ['CycleCountOutOfRange', changed('open', ({ count }) => ({ count: count + 1_000 }))],
  ['LaneOutOfRange', changed('open', () => ({ lane: 16 }))],
  ['CycleStepUnknown', changed('step', () => ({ step: 0 }))],
  ['SettlementAmountDiffers', changed('settle', ({ amountMinor }) => ({ amountMinor: amountMinor + 1n }))],
  [
    'EnrolmentSizeOutOfRange',
    (scene) => {
      const { id, agency } = programmeOf(scene);
      const of = { programme: id, enrolmentEpoch: EPOCH };
      const { enrolled = 0, version = 0 } = scene.book.records({ enrolment: of }).enrolment ?? {};
      if (recordOf(scene, id) === undefined) return undefined;
      const none = { startIndex: enrolled, count: 0, slotsHash: ZERO_32, versionBefore: version };
      return aid('Enrol')(scene, agency, { ...of, ...none });
    },
  ],
  [
    'ProgrammeNotPaused',
    (scene) => {
      const { id, agency } = programmeOf(scene);
      const record = recordOf(scene, id);
      if (record === undefined || isPaused(record, scene.now)) return undefined;
      return aid('ResumeProgramme')(scene, agency, draftResumption(id, record));
    },
  ],
  [
    'ProgrammePauseOutOfRange',
    (scene) => {
      const { id, agency } = programmeOf(scene);
      const record = recordOf(scene, id);
      return (
        record && aid('PauseProgramme')(scene, agency, draftPause(id, record, scene.now + 400n * DAY, false))
      );
    },
  ],
  [
    'CreditStateStale',
    (scene) => {
      const at = creditAt(scene, scene.agency);
      const fields = { releasedBeforeUnits: 99n, units: 1n, caseCommitment: ZERO_32 };
      return at && aid('ReleaseCredit')(scene, at.institution, { ...at.of, ...fields });
    },
  ],
  [
    'StandingMomentOutOfRange',
    (scene) => {
      const { id, agency } = scene.random.pick(VENDORS);
      const { vendor } = scene.book.records({ vendor: id });
      if (vendor?.standing !== 'active') return undefined;
      return aid('SetVendor')(scene, agency, draftVendor(id, agency, vendor, 'suspended', scene.now));
    },
  ],
  [
    'VendorUnknown',
    (scene) => {
      const keyId = addressOfPrivateKey(new Uint8Array(32).fill(7));
      const key = { keyKind: 'secp256k1', keyId, standing: 'active', versionBefore: 0 };
      return aid('SetTill')(scene, AGENCY, { vendor: scene.drafts.id(), till: 1, ...key });
    },
  ],
  [
    'WordsMissing',
    (scene) => {
      const at = cycleIn(scene, scene.agency, ['loading'], ({ loadedWords }) => loadedWords === 0);
      return at && call('benefits', 'finalise', [at.programme, at.number]);
    },
  ],
  [
    'SalesNotOpen',
    (scene) => {
      const at = cycleIn(scene, scene.agency, ['released'], ({ opensAt }) => opensAt > scene.now);
      const [seller] = VENDORS.filter(({ agency }) => agency === at?.institution);
      if (at === undefined || seller === undefined) return undefined;
      const shared = {
        programme: at.programme,
        cycle: at.number as CycleId,
        vendor: seller.id,
        till: TILLS[0],
      };
      const batch = { ...shared, count: 1, offlineSince: 0n, deadline: scene.now + DAY };
      return call('benefits', 'redeem', [batch, [ZERO_32, ZERO_32, ZERO_32, ZERO_32], OTHERS_SIGNATURE]);
    },
  ],
  [
    'TillSignatureInvalid',
    (scene) => {
      const made = sale(scene);
      return made && { ...made, args: [...made.args.slice(0, 2), OTHERS_SIGNATURE] };
    },
  ],
  [
    'ItemCountDiffers',
    (scene) => {
      const made = sale(scene);
      return made && posted(scene.agency, made, (items, count) => [items, count + 1]);
    },
  ],
  [
    'ItemMalformed',
    (scene) => {
      const made = sale(scene);
      const bend = ([first, ...rest]: Bytes32[]) => [`${first?.slice(0, -2)}09` as Bytes32, ...rest];
      return made && posted(scene.agency, made, (items, count) => [bend(items), count]);
    },
  ],
];

/** An act of the agency by its officer of one office, under the head's office as it is or as that officer's. */
function byBound(isOwn: boolean) {
  return (scene: Scene): Plan | undefined => {
    const made = planOf(scene, 'fund');
    const { bound } = scene;
    if (made?.kind !== 'act' || made.by[0].institution !== bound.institution) return undefined;
    const head = { ...(made.message.head as object), preparer: bound.officer, preparerEpoch: bound.epoch };
    const office = isOwn ? { office: BOUND_OFFICE } : {};
    const message = { ...made.message, head: { ...head, ...office } } as TypedStruct;
    return { ...made, by: [bound, made.by[1]], message };
  };
}

const OFFICES: readonly Edge[] = [
  ['OfficeDiffers', byBound(true)],
  ['OfficeOutOfScope', byBound(false)],
  [
    'RoleMissing',
    (scene) => {
      const [approver] = scene.usable(scene.bound.institution);
      if (approver === undefined) return undefined;
      const fields = { officer: scene.bound.officer, suspectSince: 0n, caseReference: ZERO_32 };
      const by = [scene.bound, approver] as const;
      return act(scene, 'personnel', 'revokeOfficer', by, fields, { office: BOUND_OFFICE });
    },
  ],
];

const NOTARY: readonly Edge[] = [
  ['ErasureSizeOutOfRange', changed('erase', () => ({ ids: [] }))],
  [
    'ErasureOutOfOrder',
    changed('erase', ({ ids }) => (ids.length > 1 ? { ids: [...ids].reverse() } : undefined)),
  ],
  ['RootMissing', changed('root', () => ({ root: ZERO_32 }))],
  ['RootKindUnknown', changed('root', () => ({ kind: 0, index: 1n }))],
  ['StonesDiffer', changed('root', ({ stones }) => ({ stones: stones + 1n }))],
  ['DayOutOfRange', changed('root', ({ day }) => ({ day: day + 9 }))],
  ['RootTooSoon', rootTooSoon],
  [
    'LinesShrank',
    changed('root', ({ institution, kind, epoch }, scene) => {
      const newest = scene.recorders.newest(institution, String(ROOT_KINDS[kind]));
      return newest.epoch === epoch && newest.lines > 0n ? { lines: newest.lines - 1n } : undefined;
    }),
  ],
  [
    'RecorderKeyNotShown',
    (scene) => {
      const institution = scene.random.pick(INSTITUTIONS);
      const { epoch } = scene.recorders.of(institution);
      const fields = { institution, epochBefore: epoch, keyHash: scene.drafts.id() };
      return notaryAct(scene, institution, 'appointRecorder', fields, [OTHERS_SIGNATURE]);
    },
  ],
  [
    'RecorderKeyUsed',
    (scene) => {
      const institution = scene.random.pick(INSTITUTIONS);
      const { epoch, keyHash } = scene.recorders.of(institution);
      if (keyHash === ZERO_32) return undefined;
      return notaryAct(scene, institution, 'appointRecorder', { institution, epochBefore: epoch, keyHash }, [
        OTHERS_SIGNATURE,
      ]);
    },
  ],
];

/** A vote that opens a measure with other fields. */
function proposing(fields: (scene: Scene) => object) {
  return (scene: Scene): Plan | undefined => {
    const [voter] = scene.usable(scene.random.pick(INSTITUTIONS));
    if (voter === undefined) return undefined;
    const open = measureOf(scene, 'set-policy', { name: scene.drafts.id(), value: 1n }, true);
    return ballot(scene, voter, { ...open, measure: { ...open.measure, ...fields(scene) } });
  };
}

const POWER: readonly Edge[] = [
  [
    'TooManyAdmins',
    (scene) => {
      const full = INSTITUTIONS.find((one) => scene.admins(one) >= MOST_ADMINS);
      return full && appointment(scene, full);
    },
  ],
  ['MeasureMalformed', proposing(() => ({ institution: 3 }))],
  ['VotingTooLong', proposing((scene) => ({ closesAt: scene.now + 61n * DAY }))],
  [
    'KeyAlreadyUsed',
    (scene) => {
      const institution = scene.random.pick(INSTITUTIONS);
      const by = scene.pair(institution);
      const known = scene.usable(institution)[0];
      if (by === undefined || known === undefined) return undefined;
      const appointment = { ...appointmentWith(known, roleBits(ROLES)), salt: scene.drafts.id() };
      const more = [possessionsWith(known, scene.machine.domainOf('consortium'))];
      return act(scene, 'personnel', 'appointOfficer', by, { appointment } as never, {
        more,
        ...EVERY_OFFICE,
      });
    },
  ],
  [
    'SuspicionInFuture',
    (scene) => {
      const institution = scene.random.pick(INSTITUTIONS);
      const by = scene.pair(institution);
      const fields = {
        officer: by?.[1].officer ?? ZERO_32,
        suspectSince: scene.now + DAY,
        caseReference: ZERO_32,
      };
      return by && act(scene, 'personnel', 'revokeOfficer', by, fields, EVERY_OFFICE);
    },
  ],
  [
    'ScopeNotPaused',
    (scene) => {
      const bit = scene.pauses.findIndex(({ until }) => until <= scene.now);
      return bit < 0 ? undefined : release(scene, 1 << bit);
    },
  ],
];

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
const titled = (change: (state: StateMessage, scene: Scene) => object) =>
  changed('register', ({ title }, scene) => ({
    title: { ...title, state: { ...title.state, ...change(title.state, scene) } },
  }));

const withHoldings = (change: (holdings: readonly HoldingMessage[]) => readonly object[]) =>
  titled(({ rights }) => ({
    rights: rights.map((right) => ({ ...right, holdings: change(right.holdings) })),
  }));

const ONE_TOO_MANY = 65;
const many = (one: unknown) => Array.from({ length: ONE_TOO_MANY }, () => one);

const GROUND: readonly Edge[] = [
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
  ['TooManyHoldings', withHoldings(([first]) => many(first) as object[])],
  [
    'KeyRepeated',
    withHoldings(([first, ...others]) =>
      first === undefined ? [] : [first, ...others.map((one) => ({ ...one, keyHash: first.keyHash }))],
    ),
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

export const EDGES: readonly Edge[] = [...BENEFITS, ...OFFICES, ...NOTARY, ...POWER, ...GROUND];
