/** What agencies, tills and cards do: two agencies, each with its programmes, people, vendors and tills. */

import { addressOfPrivateKey, signCompact } from '../../server/domain/acts/signing.ts';
import { rowOfAct } from '../../server/domain/acts/table.ts';
import { type Bytes32, fromHex, type Hex } from '../../server/domain/base/hex.ts';
import type { InstitutionId, ProgrammeId, VendorId } from '../../server/domain/base/terms.ts';
import type { Acts } from '../../server/domain/benefits/act.ts';
import { type Card, NO_CARD, packSlots } from '../../server/domain/benefits/cards.ts';
import {
  draftCard,
  draftCreditRelease,
  draftEnrolment,
  draftFunds,
  draftPause,
  draftResumption,
  draftSettlement,
  draftStep,
  draftTill,
  draftVendor,
} from '../../server/domain/benefits/drafts.ts';
import { entryAfter } from '../../server/domain/benefits/judge.ts';
import { judgeTier, type MovedAlone } from '../../server/domain/benefits/policies.ts';
import { signable } from '../../server/domain/benefits/prepare.ts';
import {
  type Cycle,
  extendedDeadline,
  isPaused,
  outstandingUnits,
} from '../../server/domain/benefits/records.ts';
import {
  assembleBatch,
  type Purchase,
  type RedemptionItem,
  redemptionBatchDigest,
  type Sale,
  signRedemption,
} from '../../server/domain/benefits/redemption.ts';
import type { CycleId, TillId } from '../../server/domain/benefits/terms.ts';
import type { ActName, BenefitRegister } from '../../server/domain/benefits/types.ts';
import {
  chunksOf,
  type Entry,
  entryAt,
  foldWords,
  packUnits,
  type UnitsTable,
  wordsIn,
} from '../../server/domain/benefits/unitsTable.ts';
import { hashOfWords } from '../../server/domain/land/hashes.ts';
import { named } from '../chain/signing.ts';
import type { ActPlan, OpenPlan } from './plan.ts';
import { AGENCY, CURRENCY, OFFICE_OF, OTHER_AGENCY, type Scene, TIER_MINOR } from './scene.ts';

export const EPOCH = 1;
const PEOPLE = 40;
const LANES = 4;
const HOUR = 3_600n;
const DAY = 86_400n;
const DISPUTE_SECONDS = 7_200;
const OFFLINE_SECONDS = 86_400;
const UNIT_MINOR = 10n;
const MOST_UNITS = 60;

/** Programmes by the agency that runs them. */
export const PROGRAMMES: readonly { readonly id: ProgrammeId; readonly agency: InstitutionId }[] = [
  { id: named('programme one') as ProgrammeId, agency: AGENCY },
  { id: named('programme two') as ProgrammeId, agency: AGENCY },
  { id: named('programme three') as ProgrammeId, agency: OTHER_AGENCY },
];
export const VENDORS: readonly { readonly id: VendorId; readonly agency: InstitutionId }[] = [
  { id: named('vendor one') as VendorId, agency: AGENCY },
  { id: named('vendor two') as VendorId, agency: AGENCY },
  { id: named('vendor three') as VendorId, agency: OTHER_AGENCY },
];
export const TILLS = [1, 2] as TillId[];
/** A vendor that sold nothing and left for good. */
export const GONE = { id: named('vendor gone') as VendorId, agency: AGENCY } as const;

/** What an agency keeps beside the ledger: lists to load, tables as they are spent. */
export class Agency {
  readonly #scene: Scene;
  /** What was issued, by programme and cycle. */
  readonly tables = new Map<string, UnitsTable>();
  /** What is left of it, by index. */
  readonly #entries = new Map<string, Entry[]>();
  readonly cycles = new Map<ProgrammeId, number>();
  readonly #alone = new Map<InstitutionId, MovedAlone>();
  /** Batches as they went over the wire. */
  readonly posted: OpenPlan[] = [];

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  get register(): BenefitRegister {
    const { chainId, ledgerNonce, contracts } = this.#scene.machine;
    return { chainId, ledgerNonce, benefitLedger: contracts.benefits };
  }

  /** Keeps what a cycle issues, to load and to spend it. */
  issue(programme: ProgrammeId, cycle: number, table: UnitsTable): void {
    this.cycles.set(programme, cycle);
    this.tables.set(keyOf(programme, cycle), table);
    const entries = Array.from({ length: table.count }, (_, index) => entryAt(table, index));
    this.#entries.set(keyOf(programme, cycle), entries);
  }

  issued(programme: ProgrammeId, cycle: number, index: number): number {
    const table = this.tables.get(keyOf(programme, cycle));
    return table === undefined || index >= table.count ? 0 : entryAt(table, index).units;
  }

  entry(programme: ProgrammeId, cycle: number, index: number): Entry | undefined {
    return this.#entries.get(keyOf(programme, cycle))?.[index];
  }

  spend(programme: ProgrammeId, cycle: number, index: number, units: number): void {
    const entries = this.#entries.get(keyOf(programme, cycle));
    const entry = entries?.[index];
    const table = this.tables.get(keyOf(programme, cycle));
    if (entry && table) entries[index] = entryAfter(entry, units, table.entryBytes);
  }

  /** Whether the agency may move so much alone; keeps the sum where the act is recorded. */
  isAbove(agency: InstitutionId, amountMinor: bigint): boolean {
    if (amountMinor === 0n) return false;
    return judgeTier(this.#alone.get(agency), amountMinor, TIER_MINOR, this.#scene.now).isAbove;
  }

  moved(agency: InstitutionId, amountMinor: bigint): void {
    if (amountMinor === 0n || this.isAbove(agency, amountMinor)) return;
    const { after } = judgeTier(this.#alone.get(agency), amountMinor, TIER_MINOR, this.#scene.now);
    this.#alone.set(agency, after);
  }
}

/** Forced moves are made whether or not the rules allow them. */
type Move = (scene: Scene, agency: Agency, isForced: boolean) => ActPlan | OpenPlan | undefined;

/** An act of an agency, approved by the other one where it is above the tier. */
export function plan<N extends ActName>(
  { scene, agency }: { scene: Scene; agency: Agency },
  institution: InstitutionId,
  name: N,
  act: Acts[N],
  amountMinor = 0n,
  byTwo = false,
): ActPlan | undefined {
  const other = institution === AGENCY ? OTHER_AGENCY : AGENCY;
  const isAbove = byTwo || agency.isAbove(institution, amountMinor);
  const by = scene.pair(institution, isAbove ? other : institution, false);
  if (by === undefined) return undefined;
  const { typedData } = signable(name, act, agency.register, scene.head(by[0], OFFICE_OF(institution)));
  const { contract, method } = rowOfAct(typedData);
  const { types, primaryType, message } = typedData;
  return { kind: 'act', contract, method, by, types, primaryType, message, more: [] };
}

export const programmeOf = ({ random }: Scene) => random.pick(PROGRAMMES);
export const recordOf = (scene: Scene, programme: ProgrammeId) => scene.book.records({ programme }).programme;
const keyOf = (programme: ProgrammeId, cycle: number) => `${programme} ${cycle}`;

function cardKeyOf(programme: ProgrammeId, index: number, epoch: number): Uint8Array {
  return fromHex(named(`card ${programme} ${index} ${epoch}`));
}

function cardOf(programme: ProgrammeId, index: number, cardEpoch = 1): Card {
  const keyId = addressOfPrivateKey(cardKeyOf(programme, index, cardEpoch));
  return { ...NO_CARD, keyKind: 'secp256k1', keyId, cardEpoch };
}

const tillKeyOf = (vendor: VendorId, till: TillId): Uint8Array => fromHex(named(`till ${vendor} ${till}`));

// ---- Officers -----------------------------------------------------------------------------------------------

const define: Move = (scene, agency) => {
  const { id, agency: institution } = programmeOf(scene);
  if (recordOf(scene, id) !== undefined) return undefined;
  return plan({ scene, agency }, institution, 'DefineProgramme', {
    ...{ programme: id, institution, currency: CURRENCY, mostPerRedemptionUnits: MOST_UNITS },
    ...{ disputeSeconds: DISPUTE_SECONDS, leastOpenSeconds: 3_600, mostOfflineSeconds: OFFLINE_SECONDS },
    ...{ assistedCapUnits: 1, emergencyCapUnits: 1, policyHash: named('policy') },
  });
};

const fund: Move = (scene, agency) => {
  const { id, agency: institution } = programmeOf(scene);
  const record = recordOf(scene, id);
  if (record === undefined) return undefined;
  const ways = [
    { move: 'fund', most: 400_000n },
    { move: 'fund', most: 400_000n },
    { move: 'reuse-expired', most: record.expiredMinor },
    { move: 'reuse-reclaimed', most: record.reclaimedMinor },
    { move: 'defund', most: record.unallocatedMinor / 10n },
  ] as const;
  const { move, most } = scene.random.pick(ways);
  if (most === 0n) return undefined;
  const amount = 1n + (BigInt(scene.random.below(2 ** 31)) % most);
  const act = draftFunds(id, record, move, amount, named('source'));
  return plan({ scene, agency }, institution, 'MoveFunds', act, amount);
};

const pause: Move = (scene, agency) => {
  const { id, agency: institution } = programmeOf(scene);
  const record = recordOf(scene, id);
  if (record === undefined) return undefined;
  const isOn = isPaused(record, scene.now);
  const isByTwo = isOn && record.pausedByTwo;
  if (isOn)
    return plan({ scene, agency }, institution, 'ResumeProgramme', draftResumption(id, record), 0n, isByTwo);
  if (!scene.chance(15)) return undefined;
  const until = scene.now + BigInt(60 + scene.random.below(3 * 3_600));
  const byTwo = scene.chance(30);
  return plan(
    { scene, agency },
    institution,
    'PauseProgramme',
    draftPause(id, record, until, byTwo),
    0n,
    byTwo,
  );
};

const enrol: Move = (scene, agency) => {
  const { id, agency: institution } = programmeOf(scene);
  if (recordOf(scene, id) === undefined) return undefined;
  const { enrolment } = scene.book.records({ enrolment: { programme: id, enrolmentEpoch: EPOCH } });
  const enrolled = enrolment?.enrolled ?? 0;
  if (enrolled >= PEOPLE || (enrolment?.signed ?? 0) > enrolled) return undefined;
  const cards = Array.from({ length: 20 }, (_, i) => cardOf(id, enrolled + i));
  const { act } = draftEnrolment({ programme: id, enrolmentEpoch: EPOCH }, enrolment, cards);
  return plan({ scene, agency }, institution, 'Enrol', act);
};

const loadSlots: Move = (scene) => {
  const { id } = programmeOf(scene);
  const { enrolment } = scene.book.records({ enrolment: { programme: id, enrolmentEpoch: EPOCH } });
  if (enrolment === undefined || enrolment.signed === enrolment.enrolled) return undefined;
  const from = enrolment.enrolled;
  const begun = enrolment.signed - 20;
  const cards = Array.from({ length: 20 }, (_, i) => cardOf(id, begun + i));
  const chunks = chunksOf(packSlots(cards), from - begun, undefined, 7 + scene.random.below(20));
  const [chunk] = chunks;
  if (chunk === undefined) return undefined;
  return {
    ...{ kind: 'open', contract: 'benefits', method: 'loadSlots' },
    args: [id, EPOCH, from, [...wordsIn(chunk.words)].map(BigInt), chunk.rest],
  };
};

const card: Move = (scene, agency) => {
  const { id, agency: institution } = programmeOf(scene);
  const index = scene.random.below(PEOPLE);
  const of = { programme: id, enrolmentEpoch: EPOCH, index };
  const before = scene.book.records({ card: of }).card;
  if (before === undefined) return undefined;
  const next: Card =
    before.standing === 'active' && scene.chance(30)
      ? { ...before, standing: scene.chance(70) ? 'suspended' : 'revoked' }
      : before.standing === 'suspended' && scene.chance(60)
        ? { ...before, standing: 'active' }
        : cardOf(id, index, before.cardEpoch + 1);
  return plan({ scene, agency }, institution, 'SetCard', draftCard(of, before, next));
};

const vendor: Move = (scene, agency) => {
  const { id, agency: institution } = scene.random.pick(VENDORS);
  const before = scene.book.records({ vendor: id }).vendor;
  const standing = before?.standing === 'active' ? 'suspended' : 'active';
  if (before?.standing === 'active' && !scene.chance(10)) return undefined;
  const from = before !== undefined && scene.chance(20) && standing === 'active' ? scene.now + HOUR : 0n;
  return plan(
    { scene, agency },
    institution,
    'SetVendor',
    draftVendor(id, institution, before, standing, from),
  );
};

const till: Move = (scene, agency) => {
  const { id, agency: institution } = scene.random.pick(VENDORS);
  const number = scene.random.pick(TILLS);
  const { vendor: known, till: before } = scene.book.records({
    vendor: id,
    till: { vendor: id, till: number },
  });
  if (known === undefined) return undefined;
  if (before?.standing === 'active' && !scene.chance(10)) return undefined;
  const given = { keyKind: 'secp256k1', keyId: addressOfPrivateKey(tillKeyOf(id, number)) } as const;
  const standing = before?.standing === 'active' ? 'suspended' : 'active';
  const act = draftTill({ vendor: id, till: number }, before, { ...given, standing });
  return plan({ scene, agency }, institution, 'SetTill', act);
};

/** What an agency does about the vendor that leaves: it comes, has a till, and is suspended. */
const retire: Move = (scene, agency) => {
  const of = { vendor: GONE.id, till: TILLS[0] as TillId };
  const { vendor: known, till: before } = scene.book.records({ vendor: GONE.id, till: of });
  const doer = { scene, agency };
  if (known !== undefined && before === undefined) {
    const given = {
      keyKind: 'secp256k1',
      keyId: addressOfPrivateKey(tillKeyOf(of.vendor, of.till)),
    } as const;
    return plan(doer, GONE.agency, 'SetTill', draftTill(of, before, { ...given, standing: 'active' }));
  }
  if (known?.standing === 'suspended') return undefined;
  const standing = known === undefined ? 'active' : 'suspended';
  return plan(doer, GONE.agency, 'SetVendor', draftVendor(GONE.id, GONE.agency, known, standing, 0n));
};

/** Ways in which a list is not what its envelope says. */
const FLAWS = ['total', 'beyond', 'sequence'] as const;

/** An envelope that its own list will not fill: signed by two officers who are careless, or worse. */
function flawed(act: Acts['CycleEnvelope'], table: UnitsTable, flaw: (typeof FLAWS)[number]) {
  if (flaw === 'total') return { act: { ...act, totalUnits: act.totalUnits + 1n }, table };
  if (flaw === 'beyond') return { act: { ...act, count: act.count - 1 }, table };
  const words = Uint8Array.from(table.words);
  // The sequence of the first person, which is nobody's to load.
  if (table.entryBytes === 4) words[28] = 1;
  return { act: { ...act, tableHash: foldWords(words) }, table: { ...table, words } };
}

const open: Move = (scene, agency, isForced) => {
  const { id, agency: institution } = programmeOf(scene);
  const record = recordOf(scene, id);
  const { enrolment } = scene.book.records({ enrolment: { programme: id, enrolmentEpoch: EPOCH } });
  const lane = record?.lanes.slice(0, LANES).indexOf(undefined) ?? -1;
  const enrolled = enrolment?.enrolled ?? 0;
  if (lane < 0 || enrolled === 0) return undefined;
  const each = 20 + scene.random.below(200);
  const isWide = scene.chance(60);
  const units = Array.from({ length: enrolled }, (_, i) => 1 + ((each + 7 * i) % (isWide ? 4_000 : 200)));
  const table = isWide ? packUnits(Uint32Array.from(units), 4) : packUnits(Uint8Array.from(units), 1);
  const number = (agency.cycles.get(id) ?? 0) + 1;
  const opensAt = scene.now + BigInt(scene.random.below(7_200));
  const spendUntil = opensAt + BigInt(6 + scene.random.below(90)) * HOUR;
  const amount = table.totalUnits * UNIT_MINOR;
  const sound: Acts['CycleEnvelope'] = {
    ...{ programme: id, cycle: number as CycleId, enrolmentEpoch: EPOCH, lane, root: named('roll') },
    ...{ tableHash: foldWords(table.words), count: table.count, totalUnits: table.totalUnits },
    ...{ entryBytes: table.entryBytes, unitValueMinor: UNIT_MINOR, currency: CURRENCY },
    ...{ opensAt, spendUntil, postUntil: spendUntil + 12n * HOUR },
  };
  const isFlawed = isForced && scene.chance(60);
  const { act, table: issued } = isFlawed
    ? flawed(sound, table, scene.random.pick(FLAWS))
    : { act: sound, table };
  agency.issue(id, number, issued);
  return plan({ scene, agency }, institution, 'CycleEnvelope', act, amount);
};

interface CycleAt {
  readonly programme: ProgrammeId;
  readonly institution: InstitutionId;
  readonly number: CycleId;
  readonly cycle: Cycle;
}

/** One of the programme's newest cycles in one of the states. */
export function cycleIn(
  scene: Scene,
  agency: Agency,
  states: readonly Cycle['state'][],
  fits: (cycle: Cycle) => boolean = () => true,
): CycleAt | undefined {
  const { id, agency: institution } = programmeOf(scene);
  const last = agency.cycles.get(id) ?? 0;
  const found: CycleAt[] = [];
  for (let number = last; number > Math.max(0, last - 3 * LANES); number--) {
    const { cycle } = scene.book.records({ cycle: { programme: id, cycle: number as CycleId } });
    if (cycle !== undefined && states.includes(cycle.state) && fits(cycle)) {
      found.push({ programme: id, institution, number: number as CycleId, cycle });
    }
  }
  return found.length === 0 ? undefined : scene.random.pick(found);
}

const loadUnits: Move = (scene, agency) => {
  const at = cycleIn(scene, agency, ['loading']);
  const table = at && agency.tables.get(keyOf(at.programme, at.number));
  if (at === undefined || table === undefined) return undefined;
  // Of one person fewer is a list that somebody signed so.
  const isOfIt = at.cycle.count === table.count || at.cycle.count === table.count - 1;
  if (!isOfIt || at.cycle.entryBytes !== table.entryBytes) return undefined;
  const [chunk] = chunksOf(table.words, at.cycle.loadedWords, undefined, 1 + scene.random.below(8));
  if (chunk === undefined) return undefined;
  return {
    ...{ kind: 'open', contract: 'benefits', method: 'loadUnits' },
    args: [at.programme, at.number, at.cycle.loadedWords, [...wordsIn(chunk.words)].map(BigInt), chunk.rest],
  };
};

const finalise: Move = (scene, agency) => {
  const at = cycleIn(scene, agency, ['loading']);
  const table = at && agency.tables.get(keyOf(at.programme, at.number));
  if (at === undefined || table === undefined) return undefined;
  if (at.cycle.loadedWords * 32 !== table.words.length) return undefined;
  return { kind: 'open', contract: 'benefits', method: 'finalise', args: [at.programme, at.number] };
};

const step: Move = (scene, agency, isForced) => {
  const at = cycleIn(scene, agency, ['loading', 'released', 'ended', 'accounted']);
  const record = at && recordOf(scene, at.programme);
  if (at === undefined || record === undefined) return undefined;
  const { cycle } = at;
  const isOver = scene.now > extendedDeadline(cycle.postUntil, { programme: record, cycle }, scene.moment);
  const next =
    {
      loading: scene.now > cycle.spendUntil || scene.chance(3) ? 'cancel' : undefined,
      released: isOver ? 'expire' : scene.now < cycle.opensAt && scene.chance(5) ? 'cancel' : early(scene),
      ended: isOver ? 'reclaim' : undefined,
      accounted: 'close',
    }[cycle.state as 'loading'] ??
    (isForced ? scene.random.pick(['cancel', 'end-early', 'expire', 'reclaim', 'close']) : undefined);
  if (next === undefined) return undefined;
  const endsAt = next === 'end-early' ? scene.now + 3n * DAY : 0n;
  if (endsAt > cycle.spendUntil && !isForced) return undefined;
  const act = draftStep({ programme: at.programme, cycle: at.number }, cycle, next as 'cancel', endsAt);
  const amount = outstandingUnits(cycle) * cycle.unitValueMinor;
  return plan({ scene, agency }, at.institution, 'MoveCycle', act, amount);
};

const early = (scene: Scene) => (scene.chance(10) ? 'end-early' : undefined);

export function creditAt(scene: Scene, agency: Agency) {
  const at = cycleIn(scene, agency, ['released', 'ended', 'accounted', 'closed']);
  const sellers = VENDORS.filter(({ agency: of }) => of === at?.institution);
  if (at === undefined || sellers.length === 0) return undefined;
  const of = { programme: at.programme, cycle: at.number, vendor: scene.random.pick(sellers).id };
  const { programme, cycle, credit } = scene.book.records({
    ...{ programme: at.programme, cycle: of, credit: of },
  });
  return programme && cycle && { of, institution: at.institution, programme, cycle, credit };
}

const settle: Move = (scene, agency, isForced) => {
  const at = creditAt(scene, agency);
  if (at === undefined) return undefined;
  // All that was ever credited, paid at once: sales in dispute and settlements of before with it.
  const units = at.credit?.creditedUnits ?? 0n;
  const all = { units, amountMinor: units * at.cycle.unitValueMinor };
  const due = draftSettlement(at.of, at, named('statement'), scene.moment);
  const act = isForced ? { ...due, ...all } : due;
  if (act.units === 0n) return undefined;
  return plan({ scene, agency }, at.institution, 'Settle', act, act.amountMinor);
};

const releaseCredit: Move = (scene, agency) => {
  const at = creditAt(scene, agency);
  if (at === undefined) return undefined;
  const act = draftCreditRelease(at.of, at.credit, named('case'));
  if (act.units === 0n) return undefined;
  return plan({ scene, agency }, at.institution, 'ReleaseCredit', act, act.units * at.cycle.unitValueMinor);
};

// ---- Tills --------------------------------------------------------------------------------------------------

/** A batch of sales as a till makes it: `bend` changes what its cards sign, and `dated` when they say they sold. */
export function sales(
  scene: Scene,
  agency: Agency,
  bend: (item: Purchase) => Purchase = (item) => item,
  age = 0n,
): OpenPlan | undefined {
  const at = cycleIn(scene, agency, ['released', 'ended'], ({ opensAt, spendUntil, entryBytes }) => {
    const isLate = scene.now > spendUntil && !scene.chance(5);
    return opensAt <= scene.now && !isLate && (age === 0n || entryBytes === 4);
  });
  const sellers = VENDORS.filter(({ agency: of }) => of === at?.institution);
  const table = at && agency.tables.get(keyOf(at.programme, at.number));
  if (at === undefined || table === undefined || sellers.length === 0) return undefined;
  const seller = scene.random.pick(sellers).id;
  const sale: Sale = {
    ...{ programme: at.programme, cycle: at.number, enrolmentEpoch: EPOCH, vendor: seller },
    ...{ till: scene.random.pick(TILLS), offlineSince: scene.chance(20) ? scene.now - HOUR : 0n },
  };
  const count = 1 + scene.random.below(4);
  const items: RedemptionItem[] = [];
  for (let i = 0; i < count; i++) {
    const index = scene.random.below(table.count);
    const entry = agency.entry(at.programme, at.number, index);
    if (entry === undefined || items.some((item) => item.index === index)) continue;
    const { units: remainingBefore, sequence } = entry;
    const card = scene.book.records({ card: { programme: at.programme, enrolmentEpoch: EPOCH, index } }).card;
    if (remainingBefore === 0 || card === undefined) continue;
    if (card.standing !== 'active' && !scene.chance(10)) continue;
    const units = 1 + scene.random.below(Math.min(remainingBefore, MOST_UNITS));
    const bought = bend({
      ...{ index, cardEpoch: card.cardEpoch, sequence, remainingBefore, units },
      ...{ receiptHash: scene.drafts.id(), soldAt: scene.now - age },
    });
    items.push(signRedemption(agency.register, sale, bought, cardKeyOf(at.programme, index, card.cardEpoch)));
  }
  if (items.length === 0) return undefined;
  const batch = assembleBatch(agency.register, sale, items, scene.now + DAY);
  return posting(batch, signCompact(batch.digest, tillKeyOf(seller, sale.till)));
}

type Batch = ReturnType<typeof assembleBatch>;

function posting({ items, digest: _, itemsHash: __, ...shared }: Batch, signature: Hex): OpenPlan {
  return { kind: 'open', contract: 'benefits', method: 'redeem', args: [shared, items, signature] };
}

/** A batch with something else in it, which its till signs all the same. */
export function posted(
  agency: Agency,
  { args }: OpenPlan,
  bend: (batch: { readonly items: Bytes32[]; readonly count: number }) => Partial<Batch>,
): OpenPlan {
  const shared = args[0] as Omit<Batch, 'items' | 'digest' | 'itemsHash'>;
  const before = { ...shared, items: args[1] as Bytes32[] };
  const bent = { ...before, ...bend(before) };
  const batch = { ...bent, itemsHash: hashOfWords(bent.items) };
  const digest = redemptionBatchDigest(agency.register, batch);
  return posting({ ...batch, digest }, signCompact(digest, tillKeyOf(batch.vendor, batch.till)));
}

const sell: Move = (scene, agency) => sales(scene, agency);
const sellLate: Move = (scene, agency) =>
  sales(scene, agency, undefined, BigInt(scene.random.below(OFFLINE_SECONDS)));

/** By how often each is tried. */
export const BENEFIT_MOVES: readonly (readonly [weight: number, move: Move])[] = [
  [2, define],
  [4, fund],
  [2, pause],
  [2, enrol],
  [4, loadSlots],
  [3, card],
  [4, vendor],
  [4, till],
  [1, retire],
  [5, open],
  [10, loadUnits],
  [6, finalise],
  [8, step],
  [5, settle],
  [4, releaseCredit],
  [18, sell],
  [6, sellLate],
];

/** What an officer's act moves, as the agency sums it once it is recorded. */
export function amountMoved(plan: ActPlan, agency: Agency, scene: Scene): void {
  const { message } = plan;
  const of = PROGRAMMES.find(({ id }) => id === message.programme);
  if (of === undefined) return;
  const cycleOf = () =>
    scene.book.records({ cycle: { programme: of.id, cycle: Number(message.cycle) as CycleId } }).cycle;
  const amounts: Readonly<Record<string, () => bigint>> = {
    MoveFunds: () => message.amountMinor as bigint,
    Settle: () => message.amountMinor as bigint,
    CycleEnvelope: () => (message.totalUnits as bigint) * (message.unitValueMinor as bigint),
    ReleaseCredit: () => (message.units as bigint) * (cycleOf()?.unitValueMinor ?? 0n),
    MoveCycle: () => outstandingUnits(cycleOf() as Cycle) * UNIT_MINOR,
  };
  agency.moved(of.agency, amounts[plan.primaryType]?.() ?? 0n);
}
