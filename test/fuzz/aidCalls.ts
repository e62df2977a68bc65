/** Honest acts, loads and batches of a town's programmes, each as the records of this moment ask for it. */

import { addressOfPrivateKey, cardKey, signCompact } from '../../server/domain/acts/signing.ts';
import { ACTS } from '../../server/domain/acts/table.ts';
import { type Bytes32, fromHex, toHex, ZERO_32 } from '../../server/domain/base/hex.ts';
import { Refusal } from '../../server/domain/base/refusal.ts';
import type { InstitutionId, ProgrammeId, VendorId } from '../../server/domain/base/terms.ts';
import { type Acts, type AppliedAct, messageOf } from '../../server/domain/benefits/act.ts';
import { type Card, firstCard, NO_CARD, packSlots } from '../../server/domain/benefits/cards.ts';
import {
  draftCard,
  draftCreditRelease,
  draftFunds,
  draftPause,
  draftResumption,
  draftSettlement,
  draftStep,
  draftTill,
  draftVendor,
  type TillGiven,
} from '../../server/domain/benefits/drafts.ts';
import type { Touched } from '../../server/domain/benefits/follow.ts';
import { judge, type Records } from '../../server/domain/benefits/prepare.ts';
import {
  assembleBatch,
  type RedemptionItem,
  redemptionBatchDigest,
  type Sale,
  signRedemption,
} from '../../server/domain/benefits/redemption.ts';
import { CYCLE_STEPS, type CycleId, type TillId } from '../../server/domain/benefits/terms.ts';
import type { ActName, BenefitRegister } from '../../server/domain/benefits/types.ts';
import { foldWords, packUnits, wordsIn } from '../../server/domain/benefits/unitsTable.ts';
import type { CycleRow } from '../../server/store/views/benefits.ts';
import { headOf, named } from '../chain/signing.ts';
import { APPROVER, PREPARER, SECOND_APPROVER } from '../chain/world.ts';
import { byTwo, type Draft, hashWords, unsigned, type Value } from './calls.ts';
import type { Maker, Town } from './town.ts';

const AGENCY = 1 as InstitutionId;
const TILL = 1 as TillId;
const EPOCH = 1;
/** More than one word of either width. */
const MOST_PEOPLE = 40;

const registerOf = ({ world }: Town): BenefitRegister => ({
  ...world.identity,
  benefitLedger: world.addresses.benefits,
});
const tillKeyOf = (vendor: VendorId) => fromHex(named(`till of ${vendor}`));
const placeOf = (town: Town, programme: ProgrammeId, enrolmentEpoch: number) => ({
  ...{ genesisHash: town.world.chain.genesis.hash, programme, enrolmentEpoch },
});
const seedOf = (index: number, cardEpoch: number) => fromHex(named(`seed ${index} ${cardEpoch}`));

async function recordsOf({ world: { views } }: Town, keys: Touched): Promise<Records> {
  const { programme, cycle, enrolment, card, vendor, till, credit } = keys;
  const { benefits } = views;
  return {
    programme: programme && (await benefits.programme(programme))?.record,
    cycle: cycle && (await benefits.cycle(cycle.programme, cycle.cycle))?.record,
    enrolment: enrolment && (await benefits.enrolment(enrolment.programme, enrolment.enrolmentEpoch))?.record,
    card: card && (await benefits.card(card.programme, card.enrolmentEpoch, card.index)),
    vendor: vendor && (await benefits.vendor(vendor))?.record,
    till: till && (await benefits.till(till.vendor, till.till))?.record,
    credit: credit && (await benefits.credit(credit.programme, credit.cycle, credit.vendor))?.record,
  };
}

/** The act signed by the agency, or by two institutions where it must, if the rules let it pass. */
async function actOf<N extends ActName>(
  town: Town,
  name: N,
  act: Acts[N],
  records: Records,
): Promise<Draft | undefined> {
  const head = headOf(PREPARER, town.salt());
  const { office } = head;
  try {
    judge({ name, act } as AppliedAct, {
      records,
      moment: await town.moment(),
      isNoticeWaived: true,
      office,
    });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return undefined;
  }
  const { method } = ACTS[name];
  const message = { head, ...messageOf(name, act) } as unknown as Value;
  const isByTwo =
    (name === 'PauseProgramme' && (act as Acts['PauseProgramme']).byTwoInstitutions) ||
    (name === 'ResumeProgramme' && records.programme?.pausedByTwo);
  const sign = byTwo(town.world, 'benefits', method, [PREPARER, isByTwo ? SECOND_APPROVER : APPROVER]);
  return { contract: 'benefits', method, args: [message], sign };
}

async function someCycle(town: Town, fits: (row: CycleRow) => boolean): Promise<CycleRow | undefined> {
  if (town.programmes.length === 0) return undefined;
  const programme = town.random.pick(town.programmes);
  const { rows } = await town.world.views.benefits.cycles(programme, { newestFirst: true, limit: 12 });
  const fitting = rows.filter(fits);
  return fitting.length === 0 ? undefined : town.random.pick(fitting);
}

const someVendor = (town: Town): VendorId | undefined =>
  town.vendors.length === 0 ? undefined : town.random.pick(town.vendors);

const define: Maker = (town) =>
  town.programmes.length > 5
    ? Promise.resolve(undefined)
    : actOf(
        town,
        'DefineProgramme',
        {
          ...{
            programme: town.id<ProgrammeId>(),
            institution: AGENCY,
            currency: 404,
            mostPerRedemptionUnits: 50,
          },
          ...{
            disputeSeconds: town.random.pick([0, 600]),
            leastOpenSeconds: 0,
            mostOfflineSeconds: 7 * 86_400,
          },
          ...{ assistedCapUnits: 0, emergencyCapUnits: 0, policyHash: town.id() },
        },
        {},
      );

/** An act on a programme that is there. */
function onProgramme(make: (town: Town, programme: ProgrammeId) => Promise<Draft | undefined>): Maker {
  return async (town) =>
    town.programmes.length === 0 ? undefined : make(town, town.random.pick(town.programmes));
}

const moveFunds = onProgramme(async (town, programme) => {
  const records = await recordsOf(town, { programme });
  if (records.programme === undefined) return undefined;
  const move = town.random.pick(['fund', 'fund', 'defund', 'reuse-expired', 'reuse-reclaimed'] as const);
  const amountMinor = BigInt(1 + town.random.below(move === 'fund' ? 100_000 : 500));
  return actOf(
    town,
    'MoveFunds',
    draftFunds(programme, records.programme, move, amountMinor, town.id()),
    records,
  );
});

const pauseOrResume = onProgramme(async (town, programme) => {
  const records = await recordsOf(town, { programme });
  if (records.programme === undefined) return undefined;
  if (records.programme.pauses.until > town.now)
    return actOf(town, 'ResumeProgramme', draftResumption(programme, records.programme), records);
  // Mostly over before the next call of this programme; now and then there is something to resume.
  const until = town.now + BigInt(5 + town.random.below(town.chance(3) ? 600 : 30));
  return actOf(
    town,
    'PauseProgramme',
    draftPause(programme, records.programme, until, town.chance(2)),
    records,
  );
});

const enrol = onProgramme(async (town, programme) => {
  const enrolment = { programme, enrolmentEpoch: EPOCH };
  const records = await recordsOf(town, { programme, enrolment });
  const { enrolled = 0, version = 0 } = records.enrolment ?? {};
  if (enrolled >= MOST_PEOPLE) return undefined;
  const count = 1 + town.random.below(12);
  const place = placeOf(town, programme, EPOCH);
  const cards = Array.from({ length: count }, (_, i) =>
    town.chance(8) ? NO_CARD : firstCard(seedOf(enrolled + i, 1), place),
  );
  const slots = packSlots(cards);
  const slotsHash = foldWords(slots);
  town.words.set(slotsHash, slots);
  const act = {
    programme,
    enrolmentEpoch: EPOCH,
    startIndex: enrolled,
    count,
    slotsHash,
    versionBefore: version,
  };
  return actOf(town, 'Enrol', act, records);
});

/** The next words of a table, all or some of them. */
function chunkOf(town: Town, words: Uint8Array, from: number) {
  const left = words.length / 32 - from;
  const to = from + (town.chance(3) ? 1 + town.random.below(left) : left);
  return {
    words: [...wordsIn(words.subarray(32 * from, 32 * to))],
    rest: to === words.length / 32 ? ZERO_32 : foldWords(words.subarray(32 * to)),
  };
}

const loadSlots = onProgramme(async (town, programme) => {
  const { enrolment } = await recordsOf(town, { enrolment: { programme, enrolmentEpoch: EPOCH } });
  const signed = town.enrolments.get(`${programme} ${EPOCH}`);
  const words = signed && town.words.get(signed.slotsHash);
  if (enrolment === undefined || signed === undefined || words === undefined) return undefined;
  if (enrolment.enrolled >= enrolment.signed) return undefined;
  const { words: chunk, rest } = chunkOf(town, words, enrolment.enrolled - signed.startIndex);
  const args = [programme, EPOCH, enrolment.enrolled, chunk as Value[], rest];
  return { contract: 'benefits', method: 'loadSlots', args, sign: unsigned };
});

const setCard = onProgramme(async (town, programme) => {
  const enrolment = { programme, enrolmentEpoch: EPOCH };
  const { enrolled = 0 } = (await recordsOf(town, { enrolment })).enrolment ?? {};
  if (enrolled === 0) return undefined;
  const card = { ...enrolment, index: town.random.below(enrolled) };
  const records = await recordsOf(town, { programme, enrolment, card });
  const before = records.card;
  if (before === undefined) return undefined;
  const place = placeOf(town, programme, EPOCH);
  const next: Card = town.chance(2)
    ? { ...firstCard(seedOf(card.index, before.cardEpoch + 1), place), version: 0 }
    : { ...before, standing: town.random.pick(['active', 'suspended', 'active', 'revoked'] as const) };
  return actOf(town, 'SetCard', draftCard(card, before, next), records);
});

const setVendor: Maker = async (town) => {
  const vendor =
    town.vendors.length > 4 || (town.vendors.length > 0 && town.chance(2)) ? someVendor(town) : undefined;
  if (vendor === undefined) {
    const id = town.id<VendorId>();
    return actOf(town, 'SetVendor', draftVendor(id, AGENCY, undefined, 'active', 0n), {});
  }
  const records = await recordsOf(town, { vendor });
  const standing = town.random.pick([
    'active',
    'active',
    'active',
    'suspended',
    town.chance(20) ? 'revoked' : 'active',
  ] as const);
  return actOf(town, 'SetVendor', draftVendor(vendor, AGENCY, records.vendor, standing, 0n), records);
};

const setTill: Maker = async (town) => {
  const vendor = someVendor(town);
  if (vendor === undefined) return undefined;
  const till = town.chance(6) ? ((1 + town.random.below(3)) as TillId) : TILL;
  const records = await recordsOf(town, { vendor, till: { vendor, till } });
  const given: TillGiven = {
    keyKind: 'secp256k1',
    keyId: addressOfPrivateKey(tillKeyOf(vendor)),
    standing: town.random.pick(['active', 'active', 'suspended']),
  };
  return actOf(town, 'SetTill', draftTill({ vendor, till }, records.till, given), records);
};

const openCycle = onProgramme(async (town, programme) => {
  const enrolment = { programme, enrolmentEpoch: EPOCH };
  const records = await recordsOf(town, { programme, enrolment });
  const { enrolled = 0 } = records.enrolment ?? {};
  const lane = records.programme?.lanes.indexOf(undefined) ?? -1;
  if (enrolled === 0 || lane < 0) return undefined;
  const entryBytes = town.random.pick([1, 4] as const);
  const units = Array.from({ length: enrolled }, () => town.random.below(40));
  const table = packUnits(units, entryBytes);
  const tableHash = foldWords(table.words);
  town.words.set(tableHash, table.words);
  const spendUntil = town.now + BigInt(3_600 + town.random.below(6 * 86_400));
  const act = {
    ...{ programme, cycle: (1 + town.random.below(2 ** 31)) as CycleId, enrolmentEpoch: EPOCH, lane },
    ...{ root: town.id<Bytes32>(), tableHash, count: enrolled, totalUnits: table.totalUnits, entryBytes },
    ...{ unitValueMinor: 3n, currency: 404, opensAt: town.now + BigInt(town.random.below(30)), spendUntil },
    postUntil: spendUntil + 7_200n,
  };
  return actOf(town, 'CycleEnvelope', act, records);
});

const loadUnits: Maker = async (town) => {
  const row = await someCycle(town, ({ record }) => record.state === 'loading');
  const words = row && town.words.get(row.envelope.tableHash);
  if (row === undefined || words === undefined || row.record.loadedWords >= words.length / 32)
    return undefined;
  const { words: chunk, rest } = chunkOf(town, words, row.record.loadedWords);
  const args = [row.programme, row.cycle, row.record.loadedWords, chunk as Value[], rest];
  return { contract: 'benefits', method: 'loadUnits', args, sign: unsigned };
};

const finalise: Maker = async (town) => {
  const row = await someCycle(
    town,
    ({ record, envelope }) =>
      record.state === 'loading' &&
      record.spendUntil > town.now &&
      record.loadedWords * 32 === (town.words.get(envelope.tableHash)?.length ?? -1),
  );
  if (row === undefined) return undefined;
  const args = [row.programme, row.cycle];
  return { contract: 'benefits', method: 'finalise', args, sign: unsigned };
};

const moveCycle: Maker = async (town) => {
  const row = await someCycle(town, () => true);
  if (row === undefined) return undefined;
  const { programme, cycle } = row;
  const step = town.random.pick(CYCLE_STEPS.slice(1)) as Exclude<(typeof CYCLE_STEPS)[number], 'unspecified'>;
  if ((step === 'cancel' || step === 'end-early') && !town.chance(4)) return undefined;
  const endsAt = step === 'end-early' ? town.now + BigInt(60 + town.random.below(300)) : 0n;
  const records = await recordsOf(town, { programme, cycle: { programme, cycle } });
  return actOf(town, 'MoveCycle', draftStep({ programme, cycle }, row.record, step, endsAt), records);
};

const redeem: Maker = async (town) => {
  const vendor = someVendor(town);
  const till = vendor && (await town.world.views.benefits.till(vendor, TILL));
  if (till?.record.standing !== 'active') return undefined;
  const row = await someCycle(
    town,
    ({ record }) =>
      (record.state === 'released' || record.state === 'ended') &&
      record.opensAt <= town.now &&
      record.spendUntil >= town.now,
  );
  if (vendor === undefined || row === undefined) return undefined;
  const { programme, cycle, record } = row;
  const enrolmentEpoch = record.enrolmentEpoch;
  const sale: Sale = { programme, cycle, enrolmentEpoch, vendor, till: TILL, offlineSince: 0n };
  const register = registerOf(town);
  const items: RedemptionItem[] = [];
  const { benefits } = town.world.views;
  for (let times = 1 + town.random.below(4); times > 0; times--) {
    const index = town.random.below(record.count);
    const left = await benefits.remaining(programme, cycle, record, index);
    const card = await benefits.card(programme, enrolmentEpoch, index);
    if (left === undefined || card === undefined) continue;
    const units = 1 + town.random.below(Math.max(Math.min(left.units, 20), 1));
    const bought = { index, cardEpoch: card.cardEpoch, sequence: left.sequence, remainingBefore: left.units };
    const key = cardKey(seedOf(index, card.cardEpoch), placeOf(town, programme, enrolmentEpoch));
    const purchase = { ...bought, units, receiptHash: town.id<Bytes32>(), soldAt: town.now - 1n };
    items.push(signRedemption(register, sale, purchase, key));
  }
  if (items.length === 0) return undefined;
  const deadline = town.now + 3_600n;
  const { items: words } = assembleBatch(register, sale, items, deadline);
  const shared = { programme, cycle, vendor, till: TILL, count: items.length, offlineSince: 0n, deadline };
  const sign = (args: Value[]): Value[] => {
    const itemsHash = hashWords((args[1] as Value[]).map((word) => wordOf(word)));
    const digest = redemptionBatchDigest(register, { ...shared, itemsHash });
    return [...args, signCompact(digest, tillKeyOf(vendor))];
  };
  return { contract: 'benefits', method: 'redeem', args: [shared, [...words]], sign };
};

const wordOf = (value: Value): Bytes32 =>
  toHex(
    fromHex(
      `0x${BigInt(value as bigint)
        .toString(16)
        .padStart(64, '0')}`,
    ),
  ) as Bytes32;

/** A vendor's credit in some cycle. */
async function someCredit(town: Town) {
  const vendor = someVendor(town);
  if (vendor === undefined) return undefined;
  const { rows } = await town.world.views.benefits.creditsOf(vendor, { limit: 12 });
  if (rows.length === 0) return undefined;
  const { programme, cycle } = town.random.pick(rows);
  const keys = { programme, cycle: { programme, cycle }, credit: { programme, cycle, vendor } };
  return { of: { programme, cycle, vendor }, records: await recordsOf(town, keys) };
}

const settle: Maker = async (town) => {
  const found = await someCredit(town);
  if (found?.records.programme === undefined || found.records.cycle === undefined) return undefined;
  const { programme, cycle, credit } = found.records;
  const act = draftSettlement(found.of, { programme, cycle, credit }, town.id(), await town.moment());
  return act.units === 0n ? undefined : actOf(town, 'Settle', act, found.records);
};

const releaseCredit: Maker = async (town) => {
  const found = await someCredit(town);
  if (found === undefined) return undefined;
  const act = draftCreditRelease(found.of, found.records.credit, town.id());
  return act.units === 0n ? undefined : actOf(town, 'ReleaseCredit', act, found.records);
};

export const AID_CALLS: readonly Maker[] = [
  ...[define, moveFunds, pauseOrResume, enrol, loadSlots, loadSlots, setCard, setVendor, setTill],
  ...[openCycle, loadUnits, loadUnits, finalise, finalise, moveCycle, moveCycle],
  ...[redeem, redeem, redeem, redeem, settle, settle, releaseCredit],
];
