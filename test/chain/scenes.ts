/** What happens in a small town's first year, through the contracts: titles and charges, and one cycle of food. */

import { expect } from 'chai';
import { addressOfPrivateKey, cardKey, signCompact } from '../../server/domain/acts/signing.ts';
import { ACTS } from '../../server/domain/acts/table.ts';
import { type Bytes32, fromHex, type Hex, toHex, ZERO_32 } from '../../server/domain/base/hex.ts';
import {
  type BAUnitId,
  type InstitutionId,
  type InstrumentId,
  idInOffice,
  type OfficeId,
  type ProgrammeId,
  type SpatialUnitId,
  type VendorId,
} from '../../server/domain/base/terms.ts';
import { type Acts, messageOf } from '../../server/domain/benefits/act.ts';
import { firstCard, packSlots } from '../../server/domain/benefits/cards.ts';
import { assembleBatch, type Sale, signRedemption } from '../../server/domain/benefits/redemption.ts';
import type { CycleId, TillId } from '../../server/domain/benefits/terms.ts';
import type { BenefitRegister } from '../../server/domain/benefits/types.ts';
import { ACT_FIELDS, type ActName } from '../../server/domain/benefits/types.ts';
import { foldWords, packUnits } from '../../server/domain/benefits/unitsTable.ts';
import { toMessage } from '../../server/domain/land/codec.ts';
import { itemsHash } from '../../server/domain/land/hashes.ts';
import { assembleTitle } from '../../server/domain/land/registration.ts';
import type { Holding, Restriction, Right, SpatialUnit } from '../../server/domain/land/types.ts';
import { encodeCall, encodeLoadSlots, encodeLoadUnits } from '../../server/ledger/contracts.ts';
import { headOf, named, signedBy } from './signing.ts';
import { PREPARER, SECOND_APPROVER, type World } from './world.ts';

/** Holders here have no keys: they are assisted in person, so two institutions sign. */
export const BY_TWO = [PREPARER, SECOND_APPROVER] as const;

const OFFICE = 1 as OfficeId;

export const unitId = (name: string) => idInOffice(OFFICE, named(`unit ${name}`)) as BAUnitId;

/** The plot of a name, on the ground of the office. */
export function plotOf(name: string): SpatialUnit {
  const id = idInOffice(OFFICE, named(`parcel ${name}`)) as SpatialUnitId;
  return { id, geometryCommitment: named(`shape of ${name}`) };
}

function ownership(holder: string): Omit<Right, 'rightId' | 'targetRight' | 'presentationNo'> {
  return {
    ...{ kind: 'ownership', standing: 'absolute', tenancy: 'sole', denominator: 1n },
    ...{ upgradesOn: 0n, expiresOn: 0n, termsCommitment: ZERO_32 },
    holdings: [{ ...holding(holder), holdingId: 0 }],
  };
}

function holding(holder: string): Omit<Holding, 'holdingId'> {
  return {
    ...({ numerator: 1n, partyKind: 'person', signer: 'own' } as const),
    ...{ keyHash: ZERO_32, partyCommitment: named(`party ${holder}`) },
  };
}

export function titleOf(name: string) {
  return assembleTitle({
    ...{ baUnit: unitId(name), office: OFFICE, origin: 'legacy', evidence: 'public-document' },
    spatialUnits: [plotOf(name)],
    rights: [ownership(`first holder of ${name}`)],
    factsRoot: named(`facts of ${name}`),
  });
}

export async function register(world: World, name: string, effectiveOn = 0n): Promise<void> {
  const title = toMessage('Title', titleOf(name));
  await world.act('land', 'registerTitle', { title }, { by: BY_TWO, effectiveOn });
}

export async function registerBatch(world: World, names: readonly string[]): Promise<void> {
  const [preparer, approver] = BY_TWO;
  const titles = names.map(titleOf);
  const batch = {
    ...{ head: headOf(preparer, world.nextSalt()), itemsHash: itemsHash(titles) },
    ...{ count: titles.length, atomic: true },
  };
  const signatures = signedBy(preparer, approver, world.domainOf('land'), 'land', 'registerTitles', batch);
  const act = { batch, titles: titles.map((title) => toMessage('Title', title)) };
  await world.send(
    world.addresses.land,
    encodeCall('land', 'registerTitles', [act, signatures] as unknown as Parameters<
      typeof encodeCall<'land', 'registerTitles'>
    >[2]),
  );
}

/** The unit as the views have it, as an act names and shows it. */
export async function shown(world: World, name: string) {
  await world.sync();
  const row = await world.views.land.unit(unitId(name));
  if (row === undefined) throw new Error(`no unit ${name}`);
  const change = { baUnit: row.baUnit, priorState: row.stateHash };
  return { change, state: row.state, prior: toMessage('BAUnitState', row.state) };
}

export async function transfer(world: World, name: string, to: string): Promise<void> {
  const { change, state, prior } = await shown(world, name);
  const [right] = state.rights;
  if (right === undefined) throw new Error('a unit without a right');
  const next = { ...right, presentationNo: 0n, holdings: [{ ...holding(to), holdingId: 0 }] };
  const act = { unit: change, next: toMessage('Right', next) };
  await world.act('landTransfers', 'transferRight', act, { by: BY_TWO, more: [prior, []] });
}

export const MORTGAGE = named('instrument of the mortgage') as InstrumentId;

export async function mortgage(world: World, names: readonly string[]): Promise<void> {
  const units = await Promise.all(names.map((name) => shown(world, name)));
  const restriction: Restriction = {
    ...{ restrictionId: 0, kind: 'mortgage', targetRight: 0, targetHolding: 0, rank: 1, presentationNo: 0n },
    ...{ instrumentId: MORTGAGE, holderKeyHash: ZERO_32, blocks: 0n, needsConsent: 0n, expiresOn: 0n },
    termsCommitment: named('terms of the mortgage'),
  };
  const act = {
    units: units.map(({ change }) => change),
    restriction: toMessage('Restriction', restriction),
  };
  const more = [units.map(({ prior }) => prior), []];
  await world.act('landCharges', 'createRestriction', act, { by: BY_TWO, more });
}

export async function discharge(world: World, name: string): Promise<void> {
  const { change, state, prior } = await shown(world, name);
  const restrictionId = state.charges[0]?.restrictionId ?? 0;
  const act = { releases: [{ unit: change, restrictionId }] };
  await world.act('landCharges', 'discharge', act, { by: BY_TWO, more: [[prior], []] });
}

export async function subdivide(world: World, name: string): Promise<void> {
  const { change, prior } = await shown(world, name);
  const children = [1, 2].map((part) => ({
    portion: {
      baUnit: unitId(`${name}/${part}`),
      spatialUnits: [plotOf(`${name}/${part}`)],
      quotaNumerator: 0n,
    },
    factsRoot: named(`facts of ${name}/${part}`),
  }));
  await world.act(
    'landPartition',
    'subdivide',
    { unit: change, children },
    { by: BY_TWO, more: [prior, []] },
  );
}

/** Joins units without a base into one. */
export async function consolidate(world: World, names: readonly string[], name: string): Promise<void> {
  const units = await Promise.all(names.map((each) => shown(world, each)));
  const portion = {
    baUnit: unitId(name),
    spatialUnits: [plotOf(name)],
    quotaNumerator: 0n,
  };
  const owned = { ...ownership(`holder of ${name}`), rightId: 0, targetRight: 0, presentationNo: 0n };
  const act = {
    units: units.map(({ change }) => change),
    child: { portion, factsRoot: named(`facts of ${name}`) },
    ownership: toMessage('Right', owned),
  };
  const more = [units.map(({ prior }) => prior), []];
  await world.act('landPartition', 'consolidate', act, { by: BY_TWO, more });
}

/** Ten entries over five units. */
export async function playLand(world: World): Promise<void> {
  await registerBatch(world, ['north', 'south']);
  await register(world, 'east', 1_000_000_000n);
  await transfer(world, 'north', 'the buyer');
  await mortgage(world, ['north', 'south']);
  await discharge(world, 'north');
  await subdivide(world, 'east');
}

// ---- Benefits -----------------------------------------------------------------------------------------------

export const PROGRAMME = named('food programme') as ProgrammeId;
export const VENDOR = named('corner shop') as VendorId;
const TILL = 1 as TillId;
export const TILL_KEY = fromHex(named('key of the till'));
const AGENCY = 1 as InstitutionId;
export const EPOCH = 1;
export const PEOPLE = 40;
export const seedOf = (index: number) => fromHex(named(`card seed ${index}`));

export async function benefitAct<N extends ActName>(world: World, name: N, act: Acts[N]): Promise<void> {
  expect(Object.keys(act).sort()).to.deep.equal(ACT_FIELDS[name].map((field) => field.name).sort());
  await world.act('benefits', ACTS[name].method, messageOf(name, act));
}

export function registerOf(world: World): BenefitRegister {
  return {
    chainId: world.identity.chainId,
    ledgerNonce: world.identity.ledgerNonce,
    benefitLedger: world.addresses.benefits,
  };
}

const placeOf = (world: World) => ({
  genesisHash: world.chain.genesis.hash,
  programme: PROGRAMME,
  enrolmentEpoch: EPOCH,
});

/** A programme with money, a shop and forty enrolled people. */
export async function beginProgramme(world: World): Promise<void> {
  await benefitAct(world, 'DefineProgramme', {
    ...{ programme: PROGRAMME, institution: AGENCY, currency: 404, mostPerRedemptionUnits: 50 },
    ...{ disputeSeconds: 0, leastOpenSeconds: 0, assistedCapUnits: 0, emergencyCapUnits: 0 },
    ...{ mostOfflineSeconds: 7 * 86_400, policyHash: named('policy') },
  });
  await benefitAct(world, 'MoveFunds', {
    ...{ programme: PROGRAMME, move: 'fund', amountMinor: 1_000_000n, movedBeforeMinor: 0n },
    sourceCommitment: named('transfer of the donor'),
  });
  await benefitAct(world, 'SetVendor', {
    ...{ vendor: VENDOR, institution: AGENCY, standing: 'active', from: 0n, versionBefore: 0 },
  });
  await benefitAct(world, 'SetTill', {
    ...{ vendor: VENDOR, till: TILL, keyKind: 'secp256k1', keyId: addressOfPrivateKey(TILL_KEY) },
    ...{ standing: 'active', versionBefore: 0 },
  });
  const cards = Array.from({ length: PEOPLE }, (_, index) => firstCard(seedOf(index), placeOf(world)));
  const words = packSlots(cards);
  const slotsHash = foldWords(words);
  await benefitAct(world, 'Enrol', {
    ...{ programme: PROGRAMME, enrolmentEpoch: EPOCH, startIndex: 0, count: PEOPLE, slotsHash },
    versionBefore: 0,
  });
  for (const [first, last] of [
    [0, 25],
    [25, PEOPLE],
  ] as const) {
    const rest = last === PEOPLE ? ZERO_32 : foldWords(words.subarray(32 * last));
    const chunk = toHex(words.subarray(32 * first, 32 * last));
    const of = { programme: PROGRAMME, of: EPOCH, first, words: chunk, rest };
    await world.send(world.addresses.benefits, encodeLoadSlots(of));
  }
}

export interface CycleOptions {
  readonly cycle: CycleId;
  readonly entryBytes: 1 | 4;
  readonly lane: number;
  readonly nowSeconds: bigint;
}

/** Everybody gets 10 units and the number of their index besides; a unit is worth 7. */
export async function releaseCycle(world: World, options: CycleOptions): Promise<void> {
  const { cycle, entryBytes, lane, nowSeconds } = options;
  const units = Array.from({ length: PEOPLE }, (_, index) => 10 + index);
  const table = packUnits(units, entryBytes);
  await benefitAct(world, 'CycleEnvelope', {
    ...{ programme: PROGRAMME, cycle, enrolmentEpoch: EPOCH, lane, root: named('root of the roll') },
    ...{ tableHash: foldWords(table.words), count: PEOPLE, totalUnits: table.totalUnits, entryBytes },
    ...{ unitValueMinor: 7n, currency: 404, opensAt: nowSeconds - 10n },
    ...{ spendUntil: nowSeconds + 86_400n, postUntil: nowSeconds + 2n * 86_400n },
  });
  const half = 32 * Math.ceil(table.words.length / 64);
  for (const [from, to] of [
    [0, half],
    [half, table.words.length],
  ] as const) {
    const rest = to === table.words.length ? ZERO_32 : foldWords(table.words.subarray(to));
    const words = toHex(table.words.subarray(from, to));
    const chunk = { programme: PROGRAMME, of: cycle, first: from / 32, words, rest };
    await world.send(world.addresses.benefits, encodeLoadUnits(chunk));
  }
  await world.send(world.addresses.benefits, encodeCall('benefits', 'finalise', [PROGRAMME, cycle]));
}

type Wanted = readonly [index: number, units: number, remainingBefore: number, sequence?: number];

/** One batch: each index buys so many units. An index that asks for what is not left is skipped. */
export async function sell(world: World, cycle: CycleOptions, wanted: readonly Wanted[]): Promise<void> {
  await world.send(world.addresses.benefits, signSale(world, cycle, wanted));
}

/** The call of a batch, signed by the cards and the till. */
export function signSale(world: World, { cycle, nowSeconds }: CycleOptions, wanted: readonly Wanted[]): Hex {
  const register = registerOf(world);
  // After the vendor was registered, which may be later than the scene began.
  const soldAt = BigInt(Math.floor(Date.now() / 1000));
  const sale: Sale = {
    ...{ programme: PROGRAMME, cycle, enrolmentEpoch: EPOCH, vendor: VENDOR, till: TILL },
    offlineSince: 0n,
  };
  const items = wanted.map(([index, units, remainingBefore, sequence = 0]) =>
    signRedemption(
      register,
      sale,
      {
        ...{ index, cardEpoch: 1, sequence, remainingBefore, units },
        ...{ receiptHash: named(`receipt ${index}`), soldAt },
      },
      cardKey(seedOf(index), placeOf(world)),
    ),
  );
  const deadline = nowSeconds + 3_600n;
  const { digest, items: words } = assembleBatch(register, sale, items, deadline);
  const shared = { programme: PROGRAMME, cycle, vendor: VENDOR, till: TILL, count: items.length };
  const batch = { ...shared, offlineSince: 0n, deadline };
  const args: [typeof batch, Bytes32[], Hex] = [batch, [...words], signCompact(digest, TILL_KEY)];
  return encodeCall('benefits', 'redeem', args);
}

/** Two cycles that overlap, in both widths; one ends early, is settled and closed, the other goes on. */
export async function playBenefits(world: World, nowSeconds: bigint): Promise<void> {
  await beginProgramme(world);
  const narrow = { cycle: 1 as CycleId, entryBytes: 1, lane: 0, nowSeconds } as const;
  const wide = { cycle: 2 as CycleId, entryBytes: 4, lane: 3, nowSeconds } as const;
  await releaseCycle(world, narrow);
  await releaseCycle(world, wide);
  await sell(world, narrow, [
    [0, 4, 10],
    [33, 43, 43],
    [39, 50, 49],
  ]);
  await sell(world, wide, [
    [9, 5, 19],
    [9, 5, 14, 1],
  ]);
  await benefitAct(world, 'SetCard', {
    ...{ programme: PROGRAMME, enrolmentEpoch: EPOCH, index: 7, cardEpoch: 2, versionBefore: 0 },
    ...{ keyKind: 'secp256k1', keyId: firstCard(fromHex(named('another card seed')), placeOf(world)).keyId },
    ...{ standing: 'active', effectiveFrom: 0n },
  });
  await benefitAct(world, 'MoveCycle', {
    ...{ programme: PROGRAMME, cycle: narrow.cycle, step: 'end-early', unspentUnits: 0n },
    endsAt: nowSeconds + 80_000n,
  });
  await benefitAct(world, 'Settle', {
    ...{ programme: PROGRAMME, cycle: narrow.cycle, vendor: VENDOR, settledBeforeUnits: 0n, units: 47n },
    ...{ amountMinor: 7n * 47n, statementHash: named('bank statement') },
  });
}
