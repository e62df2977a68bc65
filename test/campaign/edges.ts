/**
 * What one rule refuses and nobody meets by chance: an act, an order or a call that is whole but for one thing, signed by
 * whom it needs. Each names the refusal it is made for; another may come first, and passing is a finding.
 */

import { addressOfPrivateKey } from '../../server/domain/acts/signing.ts';
import type { TypedStruct } from '../../server/domain/acts/typedData.ts';
import { type Bytes32, type Hex, ZERO_32 } from '../../server/domain/base/hex.ts';
import { ROLES, ROOT_KINDS, roleBits } from '../../server/domain/base/terms.ts';
import { draftPause, draftResumption, draftVendor } from '../../server/domain/benefits/drafts.ts';
import { isPaused } from '../../server/domain/benefits/records.ts';
import type { CycleId, TillId } from '../../server/domain/benefits/terms.ts';
import {
  creditAt,
  cycleIn,
  EPOCH,
  GONE,
  plan,
  posted,
  programmeOf,
  recordOf,
  TILLS,
  VENDORS,
} from './benefits.ts';
import { call, changed, type Edge, planOf } from './edgePlans.ts';
import { GROUND } from './groundEdges.ts';
import { ballot, MOST_ADMINS, measureOf } from './measures.ts';
import { notaryAct, rootTooSoon } from './notary.ts';
import { appointmentWith, possessionsWith } from './passkeys.ts';
import type { OpenPlan, Plan } from './plan.ts';
import { act, appointment, EVERY_OFFICE, release } from './power.ts';
import { AGENCY, BOUND_OFFICE, INSTITUTIONS, type Scene } from './scene.ts';

const DAY = 86_400n;
const ABOVE_128_BITS = 2n ** 128n - 1n;
const OTHERS_SIGNATURE = `0x${'11'.repeat(64)}` as Hex;
const aid = (name: string) => (scene: Scene, institution: Parameters<typeof plan>[1], fields: object) =>
  plan({ scene, agency: scene.agency }, institution, name as 'SetTill', fields as never);

const GONE_TILL = { vendor: GONE.id, till: TILLS[0] as TillId };

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
    'CreditNotWithheld',
    (scene) => {
      const at = creditAt(scene, scene.agency);
      const { releasedUnits = 0n, disputedUnits = 0n } = at?.credit ?? {};
      const fields = {
        releasedBeforeUnits: releasedUnits,
        units: disputedUnits + 1n,
        caseCommitment: ZERO_32,
      };
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
      return made && posted(scene.agency, made, ({ items, count }) => ({ items, count: count + 1 }));
    },
  ],
  [
    'TillNotActive',
    (scene) => {
      const made = sale(scene);
      return made && posted(scene.agency, made, () => ({ till: 3 as TillId }));
    },
  ],
  [
    'VendorNotActive',
    (scene) => {
      const { vendor, till } = scene.book.records({ vendor: GONE.id, till: GONE_TILL });
      const made = vendor?.standing === 'suspended' && till !== undefined ? sale(scene) : undefined;
      return made && posted(scene.agency, made, () => ({ vendor: GONE.id, till: GONE_TILL.till }));
    },
  ],
  [
    'ItemMalformed',
    (scene) => {
      const made = sale(scene);
      const bend = ([first, ...rest]: Bytes32[]) => [`${first?.slice(0, -2)}09` as Bytes32, ...rest];
      return made && posted(scene.agency, made, ({ items }) => ({ items: bend(items) }));
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

export const EDGES: readonly Edge[] = [...BENEFITS, ...OFFICES, ...NOTARY, ...POWER, ...GROUND];
