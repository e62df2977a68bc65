/**
 * A programme of aid through the API, as an agency, its shops and its people see it: for walks.
 *
 * Every card and till has a key of its own, made of its name, and signs on its own device; the gateway is told only
 * what it would be told by a real one.
 */
import { randomUUID } from 'node:crypto';
import { cardKey, signCompact } from '../../server/domain/acts/signing.ts';
import { fromHex, type Hex } from '../../server/domain/base/hex.ts';
import type { ProgrammeId, VendorId } from '../../server/domain/base/terms.ts';
import {
  assembleBatch,
  type Purchase,
  type Sale,
  signRedemption,
} from '../../server/domain/benefits/redemption.ts';
import type { CycleId, TillId } from '../../server/domain/benefits/terms.ts';
import { named } from '../chain/signing.ts';
import type { App, SignedAct, Told } from '../gateway/app.ts';
import { cardShown, tillShown } from '../gateway/held.ts';

export const EPOCH = 1;
export const CYCLE = 1 as CycleId;
export const TILL = 1 as TillId;
/** Within which a sale of these shops must be recorded. */
const SALE_SECONDS = 3_600;

export interface PersonTold {
  readonly line: number;
  readonly personId: string;
  readonly units: number;
}
export interface PlaceTold {
  readonly index: number;
  readonly personId: string;
}
export interface CycleTold {
  readonly state: string;
  readonly [count: string]: string | number;
}
export type MoneyTold = Readonly<Record<string, string>> & { readonly isBalanced: boolean };
export interface RedemptionTold {
  readonly isFinal: boolean;
  readonly operation: { readonly id: string; readonly state: string };
  readonly batches: readonly {
    readonly units: string;
    readonly itemsHash: string;
    readonly items: readonly { readonly index: number; readonly outcome: string }[];
  }[];
}
export interface LoadedTold {
  readonly loaded: number;
  readonly of: number;
  readonly isDone: boolean;
  readonly operations: readonly { readonly id: string }[];
}

type Wanted = Pick<Purchase, 'index' | 'units' | 'remainingBefore'> & { readonly key?: Uint8Array };

export class Aid {
  readonly programme: ProgrammeId;
  readonly vendors: readonly VendorId[];
  app: App;
  people: readonly PersonTold[] = [];
  /** By index: what a card printed for its person knows. */
  places: readonly PlaceTold[] = [];

  constructor(app: App, name: string, shops: readonly string[] = []) {
    this.app = app;
    this.programme = named(name) as Hex as ProgrammeId;
    this.vendors = shops.map((shop) => named(shop) as Hex as VendorId);
  }

  get path(): string {
    return `/programmes/${this.programme}`;
  }

  get cyclePath(): string {
    return `${this.path}/cycles/${CYCLE}`;
  }

  /** As the agency. */
  async ask<T>(method: string, place: string, more: Parameters<App['ask']>[2] = {}): Promise<Told<T>> {
    return this.app.ask<T>(method, place, { token: await this.app.token('agency', 1), ...more });
  }

  act(place: string, fields: object): Promise<SignedAct> {
    return this.app.act('agency', place, fields);
  }

  async cycle(): Promise<CycleTold> {
    return (await this.ask<CycleTold>('GET', this.cyclePath)).body;
  }

  async money(): Promise<MoneyTold> {
    return (await this.ask<{ money: MoneyTold }>('GET', this.path)).body.money;
  }

  policy(currency = 404) {
    return {
      ...{ programme: this.programme, currency, mostPerRedemptionUnits: 50, disputeSeconds: 0 },
      ...{ leastOpenSeconds: 0, assistedCapUnits: 5, emergencyCapUnits: 5 },
      ...{ mostOfflineSeconds: 86_400, policyHash: named('policy') },
    };
  }

  /** As the officers of an institution, the first where nobody is named. */
  define(by?: Parameters<App['act']>[3]): Promise<SignedAct> {
    return this.app.act('agency', '/acts/programmes', this.policy(), by);
  }

  fund(amountMinor: string): Promise<SignedAct> {
    const sourceCommitment = named('transfer of the donor');
    return this.act('/acts/funds', {
      programme: this.programme,
      move: 'fund',
      amountMinor,
      sourceCommitment,
    });
  }

  async registerShop(vendor: VendorId): Promise<void> {
    await this.act('/acts/vendors', { vendor, standing: 'active', from: 0 });
    const of = { vendor, till: TILL };
    const key = tillShown(this.app.trust(), of, tillKeyOf(vendor));
    await this.act('/acts/tills', { ...of, ...key, standing: 'active' });
  }

  /** The key of a person's first card in this programme. */
  keyOf(personId: string): Uint8Array {
    const { genesisHash } = this.app.trust();
    const place = { genesisHash, programme: this.programme, enrolmentEpoch: EPOCH };
    return cardKey(fromHex(named(`card of ${personId}`)), place);
  }

  enrolmentOf(some: readonly PersonTold[]) {
    const of = { programme: this.programme, enrolmentEpoch: EPOCH };
    const trust = this.app.trust();
    return {
      ...{ ...of, effectiveFrom: 0 },
      people: some.map(({ personId }, i) => ({
        ...{ personId, ...cardShown(trust, of, this.keyOf(personId)) },
        catchment: i % 2 === 0 ? 'well' : 'hill',
      })),
    };
  }

  /** Everything before a sale: the programme, its shops and people with cards, and an open cycle of so many units each. */
  async begin(people: number, units: number): Promise<void> {
    await this.define();
    await this.fund('1000');
    for (const vendor of this.vendors) await this.registerShop(vendor);
    this.people = (await this.register(syntheticPeople(people))).body.people;
    await this.act('/acts/enrolments', this.enrolmentOf(this.people));
    await this.loadSlots();
    const places = `${this.path}/enrolments/${EPOCH}/places`;
    this.places = (await this.ask<{ rows: Aid['places'] }>('GET', places)).body.rows;
    const roll = await this.putRoll<{ root: string }>(
      this.rollOf(() => units),
      people,
      people * units,
    );
    await this.openCycle(roll.body.root, 10n);
    await this.loadUnits();
  }

  loadSlots(): Promise<Told<LoadedTold>> {
    return this.ask<LoadedTold>('POST', `${this.path}/enrolments/${EPOCH}/slots`);
  }

  loadUnits(): Promise<Told<LoadedTold>> {
    return this.ask<LoadedTold>('POST', `${this.cyclePath}/units`);
  }

  rollOf(unitsAt: (index: number) => number, more: readonly string[] = []): string {
    const lines = this.places.map(({ index, personId }) => `${personId},${unitsAt(index)}`);
    return ['personId,units', ...lines, ...more, ''].join('\n');
  }

  putRoll<T>(text: string, declaredCount: number, declaredUnits: number): Promise<Told<T>> {
    const declared = `declaredCount=${declaredCount}&declaredUnits=${declaredUnits}`;
    const place = `${this.cyclePath}/roll?enrolmentEpoch=${EPOCH}&entryBytes=1&${declared}`;
    return this.ask<T>('PUT', place, { file: { text, type: 'text/csv' } });
  }

  /** Opens at once and may be spent from for a day, without a grace for offline sales. */
  openCycle(root: string, unitValueMinor: bigint): Promise<SignedAct> {
    const nowSeconds = Math.floor(Date.now() / 1000);
    const end = nowSeconds + 86_400;
    return this.act('/acts/cycles', {
      ...{ programme: this.programme, cycle: CYCLE, root, lane: 0, unitValueMinor: String(unitValueMinor) },
      ...{ opensAt: nowSeconds - 10, spendUntil: end, postUntil: end },
    });
  }

  /** What a till sends: purchases of people by their index, signed by their cards or by another key. */
  batchOf(vendor: VendorId, wanted: readonly Wanted[], saleSeconds = SALE_SECONDS) {
    const { chainId, ledgerNonce, contracts } = this.app.trust();
    const register = { chainId, ledgerNonce, benefitLedger: contracts.benefitLedger.address };
    const shared = { programme: this.programme, cycle: CYCLE, vendor, till: TILL };
    const sale: Sale = { ...shared, enrolmentEpoch: EPOCH, offlineSince: 0n };
    const soldAt = BigInt(Math.floor(Date.now() / 1000));
    const deadline = soldAt + BigInt(saleSeconds);
    const signed = wanted.map(({ key, ...purchase }) => {
      const { personId = '' } = this.places.find(({ index }) => index === purchase.index) ?? {};
      const receiptHash = named(`receipt of ${purchase.index}`);
      const whole = { ...purchase, cardEpoch: 1, sequence: 0, receiptHash, soldAt };
      return signRedemption(register, sale, whole, key ?? this.keyOf(personId));
    });
    const { digest, items, count } = assembleBatch(register, sale, signed, deadline);
    const signature = signCompact(digest, tillKeyOf(vendor));
    return { ...shared, count, items, signature, deadline: Number(deadline) };
  }

  async sell<T = RedemptionTold>(body: ReturnType<Aid['batchOf']>, key = randomUUID()): Promise<Told<T>> {
    const token = await this.tillToken(body.vendor);
    return this.app.ask<T>('POST', '/redemptions', { token, body, key, headers: { Prefer: 'wait=20' } });
  }

  /** Of a till of this vendor. */
  tillToken(vendor: string): Promise<string> {
    return this.app.token('vendor', 1, 'first', { vendor });
  }

  async register(rows: readonly string[], declaredCount = rows.length) {
    const text = ['nationalId;fullName;hhSize;village', ...rows, ''].join('\r\n');
    const place = `${this.path}/registrations?units=hhSize&declaredCount=${declaredCount}`;
    return this.ask<{ people: PersonTold[]; refused: { line: number; code: string }[]; code?: string }>(
      'PUT',
      place,
      { file: { text, type: 'text/csv' } },
    );
  }
}

export function syntheticPeople(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `SYNTHETIC-${i};Synthetic Person ${i};${(i % 9) + 1};Well`);
}

function tillKeyOf(vendor: VendorId): Uint8Array {
  return fromHex(named(`till of ${vendor}`));
}
