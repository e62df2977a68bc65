/**
 * The aid half of the mission: programme, money, enrolment, a cycle with declared count and total, a hundred purchases
 * at three shops with the people's own cards, a replay and a stranger refused, settlement, an early end, the close.
 *
 * Units are household sizes: the demonstration says so, as an officer would. Every card has a seed of its own; the gateway sees key ids only.
 */

import { setTimeout } from 'node:timers/promises';
import {
  addressOfPrivateKey,
  cardKey,
  deriveBytes,
  deriveKey,
  signCompact,
} from '../../server/domain/acts/signing.ts';
import { digestOf } from '../../server/domain/acts/typedData.ts';
import { type Bytes32, fromHex, ZERO_32 } from '../../server/domain/base/hex.ts';
import type { ProgrammeId, VendorId } from '../../server/domain/base/terms.ts';
import {
  assembleBatch,
  type RedemptionItem,
  type Sale,
  signRedemption,
} from '../../server/domain/benefits/redemption.ts';
import type { CycleId, TillId } from '../../server/domain/benefits/terms.ts';
import { heldByCard, heldByTill } from '../../server/domain/people/heldKeys.ts';
import { type Counts, countsOf, type RefusedLine } from '../answer.ts';
import { type Client, refusedAs } from '../client.ts';
import { noneGood, type PeopleFile } from './files.ts';
import { DEMO_CURRENCY, nowSeconds, randomId } from './officers.ts';
import type { Stage } from './stage.ts';

const EPOCH = 1;
/** An end takes nothing that was sold before it: it lies ahead until both officers have signed. */
const END_AHEAD_SECONDS = 10;
const CYCLE = 1 as CycleId;
const TILL = 1 as TillId;
const SHOPS = 3;
const PURCHASES = 100;
/** Units of a person that fit the ledger's table in one byte, and in four. */
const ONE_BYTE_MAX = 2 ** 8 - 1;
const FOUR_BYTES_MAX = 2 ** 24 - 1;
const UNIT_VALUE_MINOR = 10_000n;
const DAY_SECONDS = 86_400;
const HOUR_SECONDS = 3_600;
const PLACES_PAGE = 500;
/** A purchase that leaves something to reclaim, where the household has more than one. */
const unitsBought = (entitled: number) => Math.max(1, Math.floor(entitled / 2));

export interface AidPlayed {
  readonly programme: {
    readonly enrolled: number;
    readonly issuedUnits: string;
    readonly redeemedUnits: string;
    readonly settledUnits: string;
    readonly expiredUnits: string;
    readonly reclaimedUnits: string;
  };
  readonly refused: readonly RefusedLine[];
  readonly warnings: Counts;
  readonly refusedAttempts: readonly { readonly attempt: string; readonly code: string }[];
  readonly transactions: Readonly<Record<string, string>>;
}

interface Person {
  readonly personId: Bytes32;
  readonly units: number;
}
interface Told {
  readonly batches: readonly {
    readonly units: string;
    readonly transactionHash: string;
    readonly items: readonly { readonly outcome: string }[];
  }[];
  readonly operation: { readonly id: string };
}

export async function playAid(
  stage: Stage,
  file: PeopleFile,
  say: (line: string) => void,
): Promise<AidPlayed> {
  const { aid } = stage;
  const agency = aid.preparer.client;
  const scene = sceneOf(stage);
  const { programme } = scene;
  const programmePath = `/programmes/${programme}`;
  const transactions: Record<string, string> = {};
  const act = async (name: string, path: string, body: object) => {
    transactions[name] = (await aid.record(path, body)).transactionHash ?? '';
  };

  await act('programme', '/acts/programmes', {
    programme,
    currency: DEMO_CURRENCY,
    mostPerRedemptionUnits: FOUR_BYTES_MAX,
    disputeSeconds: 0,
    leastOpenSeconds: 0,
    mostOfflineSeconds: DAY_SECONDS,
    assistedCapUnits: 0,
    emergencyCapUnits: 0,
    policyHash: ZERO_32,
  });
  const taken = await agency.ask<{
    people: Person[];
    units: string;
    refused: RefusedLine[];
    warnings: RefusedLine[];
  }>(`${programmePath}/registrations?${new URLSearchParams({ units: file.unitsColumn })}`, {
    method: 'PUT',
    file: { bytes: file.bytes, type: 'text/csv' },
  });
  if (taken.people.length === 0) throw noneGood('people-none-good', taken.refused);
  say(`people enrolled in the vault: ${taken.people.length}`);
  const people = taken.people.map(({ personId }) => ({ personId, ...scene.shownCardOf(personId) }));
  await act('enrolment', '/acts/enrolments', { programme, enrolmentEpoch: EPOCH, effectiveFrom: 0, people });
  await loaded(agency, `${programmePath}/enrolments/${EPOCH}/slots`);
  const amountMinor = BigInt(taken.units) * UNIT_VALUE_MINOR;
  await act('funding', '/acts/funds', { programme, move: 'fund', amountMinor, sourceCommitment: randomId() });
  for (const shop of scene.shops) await openShop(scene, shop, act);

  const cyclePath = `${programmePath}/cycles/${CYCLE}`;
  await openCycle(agency, scene, taken.people, cyclePath, act);
  await loaded(agency, `${cyclePath}/units`);
  say('cycle released');

  const entitled = new Map(taken.people.map(({ personId, units }) => [personId, units]));
  const buyers = await placesOf(agency, `${programmePath}/enrolments/${EPOCH}/places`);
  const stranger = () => strangersSale(scene, buyers.slice(0, 1), entitled);
  const refusedAttempts = [{ attempt: 'a purchase signed by a stranger', code: await refusedAs(stranger) }];
  const sold = await sell(scene, buyers.slice(0, PURCHASES), entitled);
  transactions[`redemption of ${sold.largest} at one shop`] = sold.transaction;
  say(`purchases recorded: ${sold.redeemed}`);
  refusedAttempts.push({
    attempt: 'the same batch again',
    code: await refusedAs(sold.again),
  });

  for (const { vendor } of sold.shops) {
    await act('settlement', '/acts/settlements', {
      programme,
      cycle: CYCLE,
      vendor,
      statementHash: randomId(),
    });
  }
  const endsAt = nowSeconds() + END_AHEAD_SECONDS;
  await act('end-early', '/acts/cycle-steps', { programme, cycle: CYCLE, step: 'end-early', endsAt });
  await setTimeout(Math.max(0, (endsAt + 1) * 1000 - Date.now()));
  for (const step of ['reclaim', 'close']) {
    await act(step, '/acts/cycle-steps', { programme, cycle: CYCLE, step, endsAt: 0 });
  }
  const cycle = await agency.ask<Record<string, string>>(cyclePath);
  const settledUnits = await settled(scene);
  return {
    programme: {
      enrolled: taken.people.length,
      issuedUnits: cycle.issuedUnits ?? '',
      redeemedUnits: cycle.redeemedUnits ?? '',
      settledUnits: String(settledUnits),
      expiredUnits: cycle.expiredUnits ?? '',
      reclaimedUnits: cycle.reclaimedUnits ?? '',
    },
    refused: taken.refused,
    warnings: countsOf(taken.warnings),
    refusedAttempts,
    transactions,
  };
}

// ---- Who and what --------------------------------------------------------------------------------------------

interface Shop {
  readonly vendor: VendorId;
  readonly tillKey: Uint8Array;
  /** Its till, at the gateway, once the ledger has the shop. */
  till(): Promise<Client>;
}

function sceneOf({ seedOf, tillOf, trust: { chainId, ledgerNonce, genesisHash, contracts } }: Stage) {
  const [cards, tills] = [seedOf('cards'), seedOf('tills')];
  const programme = randomId() as ProgrammeId;
  const place = { genesisHash, programme, enrolmentEpoch: EPOCH };
  const shops = Array.from({ length: SHOPS }, (): Shop => {
    const vendor = randomId() as VendorId;
    const tillKey = deriveKey(tills, 'demo-till', [fromHex(vendor)]);
    let till: Promise<Client> | undefined;
    return {
      vendor,
      tillKey,
      till() {
        till ??= tillOf(vendor);
        return till;
      },
    };
  });
  const register = { chainId, ledgerNonce, benefitLedger: contracts.benefitLedger.address };
  const cardOf = (personId: string) =>
    cardKey(deriveBytes(cards, 'demo-card', [Buffer.from(personId)]), place);
  return {
    programme,
    register,
    shops,
    /** The card of one person: a seed of its own, and the key it has in this programme. */
    cardOf,
    /** Its public part, as the agency is given it: with the key's signature that it is held. */
    shownCardOf(personId: string) {
      const key = cardOf(personId);
      const keyId = addressOfPrivateKey(key);
      const possession = signCompact(
        digestOf(heldByCard(register, { programme, enrolmentEpoch: EPOCH, keyId })),
        key,
      );
      return { keyId, possession };
    },
  };
}
type Scene = ReturnType<typeof sceneOf>;
type Recording = (name: string, path: string, body: object) => Promise<void>;

async function openShop({ register }: Scene, { vendor, tillKey }: Shop, act: Recording): Promise<void> {
  await act('vendor', '/acts/vendors', { vendor, standing: 'active', from: 0 });
  const keyId = addressOfPrivateKey(tillKey);
  const possession = signCompact(digestOf(heldByTill(register, { vendor, till: TILL, keyId })), tillKey);
  const key = { keyKind: 'secp256k1', keyId, possession };
  await act('till', '/acts/tills', { vendor, till: TILL, ...key, standing: 'active' });
}

/** The words of a list, until the ledger says that it has them all. */
function loaded(agency: Client, path: string): Promise<void> {
  return agency.waiting(async () => {
    for (;;) {
      const { isDone } = await agency.ask<{ isDone: boolean }>(path, { method: 'POST' });
      if (isDone) return;
    }
  });
}

async function openCycle(
  agency: Client,
  { programme }: Scene,
  people: readonly Person[],
  path: string,
  act: Recording,
) {
  const lines = ['personId,units', ...people.map(({ personId, units }) => `${personId},${units}`), ''];
  const total = people.reduce((sum, { units }) => sum + units, 0);
  const entryBytes = people.every(({ units }) => units <= ONE_BYTE_MAX) ? 1 : 4;
  const declared = `declaredCount=${people.length}&declaredUnits=${total}`;
  const { root } = await agency.ask<{ root: string }>(
    `${path}/roll?enrolmentEpoch=${EPOCH}&entryBytes=${entryBytes}&${declared}`,
    {
      method: 'PUT',
      file: { bytes: new TextEncoder().encode(lines.join('\n')), type: 'text/csv' },
    },
  );
  const now = nowSeconds();
  await act('cycle', '/acts/cycles', {
    programme,
    cycle: CYCLE,
    root,
    lane: 0,
    unitValueMinor: UNIT_VALUE_MINOR,
    opensAt: now - 1,
    spendUntil: now + DAY_SECONDS,
    postUntil: now + DAY_SECONDS,
  });
}

interface Place {
  readonly index: number;
  readonly personId: string;
}

async function placesOf(agency: Client, path: string): Promise<readonly Place[]> {
  const { rows } = await agency.ask<{ rows: Place[] }>(`${path}?limit=${PLACES_PAGE}`);
  return rows;
}

// ---- At the till ---------------------------------------------------------------------------------------------

function batchOf(
  scene: Scene,
  shop: Shop,
  buyers: readonly Place[],
  entitled: ReadonlyMap<string, number>,
  keyOf = scene.cardOf,
) {
  const sale: Sale = {
    programme: scene.programme,
    cycle: CYCLE,
    enrolmentEpoch: EPOCH,
    till: TILL,
    vendor: shop.vendor,
    offlineSince: 0n,
  };
  const deadline = BigInt(nowSeconds() + HOUR_SECONDS);
  const items = buyers.map(({ index, personId }): RedemptionItem => {
    const remainingBefore = entitled.get(personId) ?? 0;
    const purchase = {
      index,
      cardEpoch: 1,
      sequence: 0,
      remainingBefore,
      units: unitsBought(remainingBefore),
      receiptHash: randomId(),
      soldAt: BigInt(nowSeconds()),
    };
    return signRedemption(scene.register, sale, purchase, keyOf(personId));
  });
  const { digest, items: words, count } = assembleBatch(scene.register, sale, items, deadline);
  const { programme, cycle, vendor, till } = sale;
  const signature = signCompact(digest, shop.tillKey);
  return { programme, cycle, vendor, till, count, items: words, signature, deadline: Number(deadline) };
}

async function post(shop: Shop, body: object): Promise<Told> {
  const till = await shop.till();
  const told = await till.ask<Told>('/redemptions', { method: 'POST', body });
  await till.settled(`/operations/${told.operation.id}`);
  return till.ask<Told>(`/redemptions/${told.operation.id}`);
}

async function sell(scene: Scene, buyers: readonly Place[], entitled: ReadonlyMap<string, number>) {
  let redeemed = 0;
  let largest = 0;
  let transaction = '';
  let again: () => Promise<unknown> = async () => {};
  const shops: Shop[] = [];
  const share = Math.ceil(buyers.length / SHOPS);
  for (const [i, shop] of scene.shops.entries()) {
    const customers = buyers.slice(i * share, (i + 1) * share);
    if (customers.length === 0) continue;
    shops.push(shop);
    const body = batchOf(scene, shop, customers, entitled);
    const { batches } = await post(shop, body);
    redeemed += batches.flatMap(({ items }) => items).filter(({ outcome }) => outcome === 'redeemed').length;
    if (customers.length > largest) {
      [largest, transaction, again] = [
        customers.length,
        batches[0]?.transactionHash ?? '',
        () => post(shop, body),
      ];
    }
  }
  return { redeemed, largest, transaction, again, shops };
}

/** Somebody who holds no card of the programme signs for a person who has one. */
async function strangersSale(scene: Scene, buyers: readonly Place[], entitled: ReadonlyMap<string, number>) {
  const [shop] = scene.shops;
  if (shop === undefined) throw new Error('a demonstration without a shop');
  const stranger = deriveKey(shop.tillKey, 'demo-stranger', []);
  return post(
    shop,
    batchOf(scene, shop, buyers, entitled, () => stranger),
  );
}

async function settled({ shops }: Scene): Promise<bigint> {
  let minor = 0n;
  for (const { vendor, till } of shops) {
    const { rows } = await (await till()).ask<{ rows: { settledMinor: string }[] }>(
      `/vendors/${vendor}/account`,
    );
    for (const { settledMinor } of rows) minor += BigInt(settledMinor);
  }
  return minor / UNIT_VALUE_MINOR;
}
