/**
 * What it costs to disburse and to redeem: gas, exact, beside OpenZeppelin's building blocks in the same run.
 *
 *   node bench/benefits.ts
 *
 * A cycle is all in: its envelope with two officers' signatures, every word, its release. Enrolment is told apart, for
 * it happens once. The peers are OpenZeppelin's ERC-20 in a loop, and a claim from a Merkle root with its MerkleProof;
 * that the same people end with the same units is asserted before a figure is told. Figures are of the fork in
 * `chain.ts` and of the compiler's settings in hardhat.config.ts; no run differs from another.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { pathToFileURL } from 'node:url';
import { StandardMerkleTree } from '@openzeppelin/merkle-tree';
import { addressOfPrivateKey, signCompact } from '../server/domain/acts/signing.ts';
import { FORK, TRANSACTION_GAS_CAP } from '../server/domain/base/chain.ts';
import { type Address, type Bytes32, fromHex, type Hex, toHex } from '../server/domain/base/hex.ts';
import type { ProgrammeId, VendorId } from '../server/domain/base/terms.ts';
import type { CycleEnvelope } from '../server/domain/benefits/act.ts';
import { type Card, NO_CARD, packSlots } from '../server/domain/benefits/cards.ts';
import {
  assembleBatch,
  type RedemptionItem,
  readResults,
  type Sale,
  signRedemption,
} from '../server/domain/benefits/redemption.ts';
import { type CycleId, OPENING_NOTICE_SECONDS, type TillId } from '../server/domain/benefits/terms.ts';
import { foldWords, packUnits, type UnitsTable } from '../server/domain/benefits/unitsTable.ts';
import { contractOf, encodeCall, encodeLoadSlots, encodeLoadUnits } from '../server/ledger/contracts.ts';
import { keccak256 } from '../server/ledger/keccak.ts';
import { type BenefitChain, foundBenefitChain } from './benefitChain.ts';
import { INSTITUTION as AGENCY, compiledPeer, named } from './foundedChain.ts';
import { lineOf, type Row } from './row.ts';

const PEOPLE = 86_800;
const MILLION = 1_000_000;
const SIZES = [1_000, 10_000, 100_000, MILLION] as const;
/** What one transaction of the peer's loop takes at its first cycle, below the cap. */
const LOOP_PEOPLE = 600;
/** The loop costs the same for everybody; ten transactions of it show that. */
const LOOP_TRANSACTIONS = 10;
const BATCH_ITEMS = 64;
const EPOCH = 1;
const CURRENCY = 404;
const DAY_SECONDS = 86_400n;
const TILL = 1 as TillId;
const VENDOR = named('vendor') as VendorId;
const TILL_KEY = fromHex(named('key of the till'));
const PROGRAMME = named('programme') as ProgrammeId;
const FUNDS_MINOR = 10n ** 12n;

/** What the two cycles give person `index`: nobody the same in both, as a lane is really reloaded. */
const firstUnits = (index: number) => 10 + (index % 7);
const laterUnits = (index: number) => 20 + (index % 5);
const cardKeyOf = (index: number) => fromHex(named(`key of card ${index}`));
const accountOf = (index: number) => named(`account ${index}`).slice(0, 42) as Address;

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

/** Every figure of the benefit ledger, in the order of the README. */
export async function benefitRows(): Promise<Row[]> {
  const chain = await foundBenefitChain();
  try {
    const sellers = [...scattered(), ...catchment(), SINGLE, WARM];
    const enrolment = await begin(chain, PROGRAMME, PEOPLE, cardsOf(new Set(sellers)));
    const first = await disburse(chain, firstCycle(1, PEOPLE, firstUnits));
    const redemptions = await redemptionRows(chain);
    await closeCycle(chain);
    const later = await disburse(chain, firstCycle(2, PEOPLE, laterUnits));
    const loop = await loopGas(chain);
    await assertSame(chain, loop.token);
    const growth = await growthRows(chain, loop.perTransaction);
    return [
      {
        name: `enrol ${PEOPLE} people with a card each, once`,
        value: enrolment / PEOPLE,
        unit: 'gas a person',
        hold: { atMost: 24_000 },
        // A word of one's own in a list, which is what being enrolled is there.
        peer: { name: 'ERC-20 loop', value: loop.first },
      },
      {
        name: `disburse the first cycle of ${PEOPLE} people`,
        value: first.gas / PEOPLE,
        unit: 'gas a person',
        hold: { atMost: 800 },
        peer: { name: 'ERC-20 loop', value: loop.first },
      },
      {
        name: `disburse a later cycle of ${PEOPLE} people`,
        value: later.gas / PEOPLE,
        unit: 'gas a person',
        hold: { atMost: 210 },
        peer: { name: 'ERC-20 loop', value: loop.later },
      },
      ...growth,
      ...redemptions,
    ];
  } finally {
    await chain.close();
  }
}

// ---- Disbursement -----------------------------------------------------------------------------------------

interface Plan {
  readonly programme: ProgrammeId;
  readonly cycle: CycleId;
  readonly table: UnitsTable;
}

function firstCycle(cycle: number, people: number, unitsOf: (index: number) => number): Plan {
  const units = Uint8Array.from({ length: people }, (_, index) => unitsOf(index));
  return { programme: PROGRAMME, cycle: cycle as CycleId, table: packUnits(units, 1) };
}

/** A programme with money, a vendor and its till. Answers the gas of enrolling, act included. */
async function begin(
  chain: BenefitChain,
  programme: ProgrammeId,
  people: number,
  cards: readonly Card[],
): Promise<number> {
  await define(chain, programme);
  await chain.act('SetVendor', {
    vendor: VENDOR,
    institution: AGENCY,
    standing: 'active',
    from: 0n,
    versionBefore: 0,
  });
  await chain.act('SetTill', {
    vendor: VENDOR,
    till: TILL,
    keyKind: 'secp256k1',
    keyId: addressOfPrivateKey(TILL_KEY),
    standing: 'active',
    versionBefore: 0,
  });
  const slots = packSlots(cards);
  const slotsHash = foldWords(slots, keccak256);
  const { gas } = await chain.act('Enrol', {
    programme,
    enrolmentEpoch: EPOCH,
    startIndex: 0,
    count: people,
    slotsHash,
    versionBefore: 0,
  });
  const loads = await chain.load(slots, ({ first, words, rest }) =>
    encodeLoadSlots({ programme, of: EPOCH, first, words: toHex(words), rest }),
  );
  return gas + sum(loads);
}

async function define(chain: BenefitChain, programme: ProgrammeId): Promise<void> {
  await chain.act('DefineProgramme', {
    programme,
    institution: AGENCY,
    currency: CURRENCY,
    mostPerRedemptionUnits: 100,
    disputeSeconds: 86_400,
    leastOpenSeconds: 0,
    assistedCapUnits: 0,
    emergencyCapUnits: 0,
    mostOfflineSeconds: 604_800,
    policyHash: named('policy'),
  });
  await chain.act('MoveFunds', {
    programme,
    move: 'fund',
    amountMinor: FUNDS_MINOR,
    movedBeforeMinor: 0n,
    sourceCommitment: named('source'),
  });
}

/** Only who sells in this run needs a key that signs; to the ledger every key id is the same. */
function cardsOf(sellers: ReadonlySet<number>): Card[] {
  return Array.from({ length: PEOPLE }, (_, index) => ({
    ...NO_CARD,
    keyKind: 'secp256k1',
    keyId: sellers.has(index) ? addressOfPrivateKey(cardKeyOf(index)) : accountOf(index),
    cardEpoch: 1,
  }));
}

interface Disbursed {
  readonly gas: number;
  readonly openGas: number;
  readonly loads: readonly number[];
  readonly transactions: number;
}

/** Envelope, every word, release. */
async function disburse(chain: BenefitChain, { programme, cycle, table }: Plan): Promise<Disbursed> {
  const opensAt = await chain.now();
  const act: CycleEnvelope = {
    programme,
    cycle,
    enrolmentEpoch: EPOCH,
    lane: 0,
    root: named('roll'),
    tableHash: foldWords(table.words, keccak256),
    count: table.count,
    totalUnits: table.totalUnits,
    entryBytes: table.entryBytes,
    unitValueMinor: 150n,
    currency: CURRENCY,
    opensAt,
    spendUntil: opensAt + 30n * DAY_SECONDS,
    postUntil: opensAt + 31n * DAY_SECONDS,
  };
  const opened = await chain.act('CycleEnvelope', act);
  const loads = await chain.load(table.words, ({ first, words, rest }) =>
    encodeLoadUnits({ programme, of: cycle, first, words: toHex(words), rest }),
  );
  const released = await chain.send(
    chain.register.benefitLedger,
    encodeCall('benefits', 'finalise', [programme, cycle]),
  );
  await chain.moveTo((await chain.now()) + OPENING_NOTICE_SECONDS);
  return {
    gas: opened.gas + sum(loads) + released.gas,
    openGas: opened.gas,
    loads,
    transactions: loads.length + 2,
  };
}

/** The first cycle ends, what is left of it is reclaimed, and its lane is free. */
async function closeCycle(chain: BenefitChain): Promise<void> {
  const named = { programme: PROGRAMME, cycle: 1 as CycleId };
  const endsAt = (await chain.now()) + 8n * DAY_SECONDS;
  await chain.act('MoveCycle', { ...named, step: 'end-early', unspentUnits: 0n, endsAt });
  await chain.moveTo(endsAt + DAY_SECONDS + 1n);
  const answer = await chain.ask(chain.views, encodeCall('benefitViews', 'cycleOf', [PROGRAMME, 1]));
  const [cycle] = contractOf('benefitViews').calls.decodeFunctionResult('cycleOf', answer);
  await chain.act('MoveCycle', {
    ...named,
    step: 'reclaim',
    unspentUnits: cycle.outstandingUnits,
    endsAt: 0n,
  });
  await chain.act('MoveCycle', { ...named, step: 'close', unspentUnits: 0n, endsAt: 0n });
}

// ---- The peer's loop --------------------------------------------------------------------------------------

interface Loop {
  readonly token: Address;
  readonly first: number;
  readonly later: number;
  /** People one transaction takes below the cap. */
  readonly perTransaction: number;
}

async function loopGas(chain: BenefitChain): Promise<Loop> {
  const token = await chain.deployPeer('TransferLoop', [FUNDS_MINOR]);
  const { calls } = compiledPeer('TransferLoop');
  const pay = async (people: readonly number[], unitsOf: (index: number) => number) => {
    const data = calls.encodeFunctionData('disburse', [people.map(accountOf), people.map(unitsOf)]) as Hex;
    return (await chain.send(token, data)).gas;
  };
  const groups = Array.from({ length: LOOP_TRANSACTIONS }, (_, group) =>
    Array.from({ length: LOOP_PEOPLE }, (_, i) => group * LOOP_PEOPLE + i),
  );
  const gas = { first: 0, later: 0 };
  for (const people of groups) gas.first += await pay(people, firstUnits);
  for (const people of groups) gas.later += await pay(people, laterUnits);
  const all = LOOP_PEOPLE * LOOP_TRANSACTIONS;
  // The cost of one person more, measured apart from the call's own.
  const [few, many] = [await pay([all], firstUnits), await pay(range(all + 1, all + 101), firstUnits)];
  const eachGas = (many - few) / 99;
  return {
    token,
    first: gas.first / all,
    later: gas.later / all,
    perTransaction: 1 + Math.floor((TRANSACTION_GAS_CAP - few) / eachGas),
  };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

/** Both paths gave the same people the same units. */
async function assertSame(chain: BenefitChain, token: Address): Promise<void> {
  const { calls } = compiledPeer('TransferLoop');
  for (let index = 0; index < LOOP_PEOPLE * LOOP_TRANSACTIONS; index += 97) {
    const balance = BigInt(
      await chain.ask(token, calls.encodeFunctionData('balanceOf', [accountOf(index)]) as Hex),
    );
    const answer = await chain.ask(chain.views, encodeCall('benefitViews', 'entryOf', [PROGRAMME, 2, index]));
    const [units] = contractOf('benefitViews').calls.decodeFunctionResult('entryOf', answer);
    assert.equal(units + BigInt(firstUnits(index)), balance);
  }
}

// ---- Growth -----------------------------------------------------------------------------------------------

/** A first cycle of each size. How many are enrolled is written into the ledger: their cards cost nothing here. */
async function growthRows(chain: BenefitChain, loopPeople: number): Promise<Row[]> {
  const measured: { readonly people: number; readonly disbursed: Disbursed }[] = [];
  for (const people of SIZES) {
    const programme = named(`programme of ${people}`) as ProgrammeId;
    await define(chain, programme);
    await chain.setWord(enrolmentSlot(programme), BigInt(people) | (BigInt(people) << 32n));
    const plan = { ...firstCycle(1, people, firstUnits), programme };
    measured.push({ people, disbursed: await disburse(chain, plan) });
  }
  const million = measured.at(-1)?.disbursed;
  assert(million !== undefined);
  const exponent = (gasOf: (disbursed: Disbursed) => number) =>
    slope(measured.map(({ people, disbursed }) => [Math.log(people), Math.log(gasOf(disbursed))]));
  return [
    {
      name: 'transactions that disburse to a million people',
      value: million.transactions,
      unit: 'transactions',
      hold: { atMost: 50 },
      peer: { name: 'ERC-20 loop', value: Math.ceil(MILLION / loopPeople) },
    },
    {
      name: 'growth of the gas of loading, 10^3 to 10^6 people',
      unit: 'exponent',
      value: exponent(({ loads }) => sum(loads)),
      hold: { from: 0.98, to: 1.01 },
      peer: { name: 'ERC-20 loop', value: 1 },
    },
    {
      name: 'growth of the gas of openCycle, 10^3 to 10^6 people',
      unit: 'exponent',
      value: exponent(({ openGas }) => openGas),
      hold: { from: -0.005, to: 0.005 },
    },
  ];
}

/** Where the ledger keeps how many are enrolled (BenefitSlots). */
function enrolmentSlot(programme: ProgrammeId): Bytes32 {
  const words = [named('BenefitLedger.enrolment'), programme, `0x${EPOCH.toString(16).padStart(64, '0')}`];
  return toHex(keccak256(Buffer.concat(words.map((word) => fromHex(word as Hex))))) as Bytes32;
}

/** Least squares. */
function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: readonly number[]) => sum(values) / values.length;
  const [mx, my] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  return sum(points.map(([x, y]) => (x - mx) * (y - my))) / sum(points.map(([x]) => (x - mx) ** 2));
}

// ---- Redemption -------------------------------------------------------------------------------------------

/** Far from everybody else's word. */
const SINGLE = PEOPLE - 1;
const WARM = PEOPLE - 1000;
/** One in each of 64 words. */
const scattered = () => Array.from({ length: BATCH_ITEMS }, (_, i) => 1_000 + 1_300 * i);
/** Neighbours, who begin in the middle of a word as catchments do. */
const catchment = () => Array.from({ length: BATCH_ITEMS }, (_, i) => 40_016 + i);

/**
 * What a single redemption cannot do without under this layout: its own calldata; ten words read for the first time
 * (journal status and head, authority, pause, programme, cycle, vendor, till, credit, card) and the table's; five of
 * them changed (table, cycle, credit, status, head); two contracts asked; two keys recovered; two events.
 */
const REDEMPTION_BOUND = {
  transaction: 21_000,
  calldata: 5_150,
  reads: 11 * 2_100,
  changes: 5 * 2_900,
  questions: 2 * 2_600,
  recoveries: 2 * 3_100,
  events: 7_078,
};
const SINGLE_BOUND = sum(Object.values(REDEMPTION_BOUND));
/** Room over the bound: decoding, checking, hashing, copying. As for the acts on land. */
const ALLOWED_RATIO = 1.25;

/**
 * A single sale pays alone for what a batch shares. Its first hold, 62,000, was drawn from a prototype without journal
 * entry, till signature or authority to ask: the words, questions and event of those alone are above it.
 */
async function redemptionRows(chain: BenefitChain): Promise<Row[]> {
  // A vendor's first sale of a cycle opens its credit, once: the figures are of all the others.
  await sell(chain, [WARM]);
  const claim = await claimGas(chain);
  const row = (name: string, value: number, atMost: number): Row => ({
    name: `redeem, ${name}`,
    value,
    unit: 'gas a redemption',
    hold: { atMost },
    peer: { name: 'claim from a Merkle root, unsigned', value: claim },
  });
  return [
    row(`batch of ${BATCH_ITEMS} scattered`, (await sell(chain, scattered())) / BATCH_ITEMS, 16_500),
    row(`batch of ${BATCH_ITEMS} of one catchment`, (await sell(chain, catchment())) / BATCH_ITEMS, 11_500),
    row(
      `single (bound of the layout ${SINGLE_BOUND})`,
      await sell(chain, [SINGLE]),
      Math.floor(ALLOWED_RATIO * SINGLE_BOUND),
    ),
  ];
}

/** Each buys three units of the first cycle; answers the gas of the batch. */
async function sell(chain: BenefitChain, people: readonly number[]): Promise<number> {
  const sale: Sale = {
    programme: PROGRAMME,
    cycle: 1 as CycleId,
    enrolmentEpoch: EPOCH,
    vendor: VENDOR,
    till: TILL,
    offlineSince: 0n,
  };
  const now = await chain.now();
  const deadline = now + DAY_SECONDS;
  const items = people.map((index): RedemptionItem => {
    const purchase = {
      index,
      cardEpoch: 1,
      sequence: 0,
      remainingBefore: firstUnits(index),
      units: 3,
      receiptHash: named(`receipt ${index}`),
      soldAt: now,
    };
    return signRedemption(chain.register, sale, purchase, cardKeyOf(index));
  });
  const {
    digest,
    items: words,
    itemsHash: _,
    ...batch
  } = assembleBatch(chain.register, sale, items, deadline);
  const data = encodeCall('benefits', 'redeem', [batch, [...words], signCompact(digest, TILL_KEY)]);
  const { gas, logs } = await chain.send(chain.register.benefitLedger, data);
  const outcomes = logs.flatMap((log) => {
    const read = contractOf('benefits').calls.parseLog(log);
    return read?.name === 'BatchRedeemed' ? readResults([...read.args.getValue('results')]) : [];
  });
  assert.equal(outcomes.filter(({ outcome }) => outcome === 'redeemed').length, people.length);
  return gas;
}

/** One person's claim of the same units, by somebody who never held the token. */
async function claimGas(chain: BenefitChain): Promise<number> {
  const values = Array.from({ length: PEOPLE }, (_, index) => [index, accountOf(index), firstUnits(index)]);
  const tree = StandardMerkleTree.of(values, ['uint256', 'address', 'uint256']);
  const token = await chain.deployPeer('TransferLoop', [FUNDS_MINOR]);
  const distributor = await chain.deployPeer('MerkleClaim', [token, tree.root]);
  const { calls: tokenCalls } = compiledPeer('TransferLoop');
  await chain.send(token, tokenCalls.encodeFunctionData('disburse', [[distributor], [FUNDS_MINOR]]) as Hex);
  const { calls } = compiledPeer('MerkleClaim');
  const claim = async (index: number) => {
    const args = [...(values[index] ?? []), tree.getProof(index)];
    return (await chain.send(distributor, calls.encodeFunctionData('claim', args) as Hex)).gas;
  };
  // The bit of the first claim opens a word that 255 others share.
  await claim(SINGLE - 1);
  const gas = await claim(SINGLE);
  const balance = await chain.ask(
    token,
    tokenCalls.encodeFunctionData('balanceOf', [accountOf(SINGLE)]) as Hex,
  );
  assert.equal(BigInt(balance), BigInt(firstUnits(SINGLE)));
  return gas;
}

const entry = process.argv[1];
if (entry !== undefined && import.meta.url === pathToFileURL(fs.realpathSync(entry)).href) {
  console.log(`Benefits, ${FORK} rules\n`);
  for (const row of await benefitRows()) console.log(lineOf(row));
}
