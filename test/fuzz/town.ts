/** What the fuzz knows of its ledger, from the same events that the views follow, and the keys of everybody in it. */

import type { EventBlock } from '../../server/domain/acts/events.ts';
import type { Moment } from '../../server/domain/acts/moment.ts';
import { type Bytes32, type Hex, toHex } from '../../server/domain/base/hex.ts';
import type { BAUnitId, OfficeId, OfficerId, ProgrammeId, VendorId } from '../../server/domain/base/terms.ts';
import type { Acts, AppliedAct } from '../../server/domain/benefits/act.ts';
import type { Child, Title } from '../../server/domain/land/acts.ts';
import { momentAt } from '../../server/domain/power/halts.ts';
import type { Officer } from '../chain/signing.ts';
import { OFFICERS, type World } from '../chain/world.ts';
import { Drafts } from '../land/landDrafts.ts';
import type { Seeded } from '../seeded.ts';
import type { Draft, Value } from './calls.ts';

/** Where everything in the town is registered. */
export const OFFICE = 1 as OfficeId;

/** An honest call of one kind; undefined where the ledger has nothing to make it of now. */
export type Maker = (town: Town) => Promise<Draft | undefined>;

export interface Unit extends Title {
  readonly stateHash: Bytes32;
}

export class Town {
  readonly random: Seeded;
  readonly drafts: Drafts;
  /** Seconds: the clock of the chain. */
  now = 1_900_000_000n;
  #world: World | undefined;
  readonly units = new Map<BAUnitId, Unit>();
  readonly parcels = new Map<Bytes32, BAUnitId>();
  readonly instruments = new Set<Bytes32>();
  /** Children of divisions by their fold, and what each dividing unit still awaits where some are loaded. */
  readonly children = new Map<Bytes32, readonly Child[]>();
  readonly awaited = new Map<BAUnitId, Bytes32>();
  /** Entries of the land registry. */
  presentations = 0n;
  readonly measures = new Map<Bytes32, { [name: string]: Value }>();
  readonly programmes: ProgrammeId[] = [];
  readonly vendors: VendorId[] = [];
  /** Ids and hashes that mean something here. */
  readonly known: Hex[] = [];
  /** Officers with the key of their last epoch, but for those of the founding. */
  readonly officers = new Map<OfficerId, Officer>();
  /** Keys that were proposed, by hash. */
  readonly keys = new Map<Bytes32, Officer>();
  /** Words signed and to be loaded, by what they fold to. */
  readonly words = new Map<Bytes32, Uint8Array>();
  /** The newest enrolment signed in each epoch. */
  readonly enrolments = new Map<string, Acts['Enrol']>();
  /** The newest time without a block. */
  silence = { from: 0n, to: 0n };

  constructor(random: Seeded) {
    this.random = random;
    this.drafts = new Drafts(random, OFFICE);
    this.known.push(...OFFICERS.map(({ officer }) => officer));
  }

  get world(): World {
    if (this.#world === undefined) throw new Error('a town without a world');
    return this.#world;
  }

  enter(world: World): void {
    this.#world = world;
    this.known.push(...Object.values(world.addresses));
  }

  id<T extends Bytes32>(): T {
    const id = toHex(this.random.bytes(32)) as T;
    this.known.push(id);
    return id;
  }

  salt(): bigint {
    return BigInt(toHex(this.random.bytes(16)));
  }

  /** Happens one time in so many. */
  chance(oneIn: number): boolean {
    return this.random.below(oneIn) === 0;
  }

  /** Time goes on: mostly by seconds, now and then by hours, seldom by months. */
  pass(): void {
    const from = this.now;
    this.now += BigInt(1 + this.random.below(4));
    if (this.chance(25)) this.now += BigInt(this.random.below(8 * 3_600));
    if (this.chance(150)) this.now += 86_400n;
    if (this.chance(600)) this.now += 40n * 86_400n;
    if (this.now - from > 6n * 3_600n) this.silence = { from, to: this.now };
  }

  async moment(): Promise<Moment> {
    const { power } = this.world.views;
    return momentAt(this.now, await power.halts(), await power.pauseClock('redemption'));
  }

  follow({ events }: EventBlock): void {
    for (const event of events) {
      if (event.name === 'EntryRecorded') {
        if (event.contract === 'land') this.presentations++;
        this.known.push(event.args.entryId);
      }
      if (event.name === 'MeasureOpened') this.known.push(event.args.measureId);
      if (event.name === 'OfficerAppointed' || event.name === 'KeyRotated') {
        const officer = this.keys.get(event.args.key.keyHash);
        if (officer !== undefined) this.officers.set(event.args.officer, officer);
      }
      if (event.name === 'ChildrenLoaded') this.awaited.set(event.args.baUnit, event.args.rest);
      if (event.name === 'OfficerRevoked') this.officers.delete(event.args.officer);
      if (event.name === 'ActApplied') this.#followAid(event.args.applied);
      if (event.name !== 'BAUnitRecorded') continue;
      const { baUnit, stateHash, state } = event.args;
      this.units.set(baUnit, { baUnit, stateHash, state });
      if (state.header.status === 'active') this.awaited.delete(baUnit);
      this.known.push(baUnit, stateHash);
      for (const { id } of state.spatialUnits) this.parcels.set(id, baUnit);
      const named = [...state.charges, ...state.notices, ...state.responsibilities];
      for (const { instrumentId } of named) this.instruments.add(instrumentId);
    }
    if (this.known.length > MOST_KNOWN) this.known.splice(0, this.known.length - MOST_KNOWN);
  }

  #followAid({ name, act }: AppliedAct): void {
    if (name === 'DefineProgramme') this.programmes.push(act.programme);
    if (name === 'SetVendor' && !this.vendors.includes(act.vendor)) this.vendors.push(act.vendor);
    if (name === 'Enrol') this.enrolments.set(`${act.programme} ${act.enrolmentEpoch}`, act);
  }
}

const MOST_KNOWN = 400;
