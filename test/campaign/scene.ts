/**
 * Who takes part in a campaign and what they know of the ledger: four institutions with their officers, the two
 * registers as the events tell them, and every key.
 *
 * What honest actors decide from is derived from events, never asked of a contract, so that a contract that keeps
 * something else than it says makes honest calls fail.
 */

import type { EventBlock, LedgerEvent } from '../../server/domain/acts/events.ts';
import { NEVER_PAUSED, type PauseClock, pausedUntil } from '../../server/domain/acts/moment.ts';
import type { ConsentKey } from '../../server/domain/acts/signing.ts';
import { type Address, type Bytes32, toHex, ZERO_32 } from '../../server/domain/base/hex.ts';
import {
  type BAUnitId,
  type EntryId,
  type InstitutionId,
  type OfficeId,
  type OfficerId,
  ROLES,
  SCOPES,
} from '../../server/domain/base/terms.ts';
import { BenefitBook } from '../../server/domain/benefits/book.ts';
import { type Card, loadedCard } from '../../server/domain/benefits/cards.ts';
import { tierPolicy } from '../../server/domain/benefits/policies.ts';
import { stateHash } from '../../server/domain/land/hashes.ts';
import type { BAUnitState } from '../../server/domain/land/types.ts';
import { type Founding, foundingPossessions, foundingStruct } from '../../server/domain/power/founding.ts';
import { momentAt } from '../../server/domain/power/halts.ts';
import { FAR_FUTURE, foundingOfficerOf, type Officer, officerOf } from '../chain/signing.ts';
import { Drafts } from '../land/landDrafts.ts';
import type { Seeded } from '../seeded.ts';
import { Agency } from './benefits.ts';
import { foundMachine, type Machine, type MachineCall } from './machine.ts';

/** The registrars of a county, two agencies, and a ministry whose officers are all corrupt. */
export const LAND = 1 as InstitutionId;
export const AGENCY = 2 as InstitutionId;
export const OTHER_AGENCY = 3 as InstitutionId;
export const CORRUPT = 4 as InstitutionId;
export const INSTITUTIONS = [LAND, AGENCY, OTHER_AGENCY, CORRUPT] as const;
/** Which office each keeps; the office of land acts has the number of its keeper. */
export const OFFICE_OF = (institution: InstitutionId) => institution as number as OfficeId;
const OFFICERS_EACH = 4;
/** The first officers of each institution are honest, the others corrupt. */
const HONEST_EACH = 2;
export const CURRENCY = 404;
export const TIER_MINOR = 3_000_000n;
export const QUORUM = 3;
export const WAIT_SECONDS = 86_400n;
const START = 1_800_000_000n;

const NONCE = (seed: number) => toHex(new Uint8Array(32).fill(1 + (seed % 250))) as Bytes32;
export const validatorOf = (n: number) => `0x${(0xa0 + n).toString(16).padStart(40, '0')}` as Address;

export interface Hand extends Officer {
  readonly isCorrupt: boolean;
}

function handsOf(institution: InstitutionId, members: number): Hand[] {
  return Array.from({ length: members }, (_, i) => ({
    ...officerOf(institution, `campaign ${institution} ${i}`),
    isCorrupt: institution === CORRUPT || i >= HONEST_EACH,
  }));
}

/** Events that change who decides or how long it takes: what waits begins its wait anew. */
const AMENDING: ReadonlySet<string> = new Set([
  ...['InstitutionAdmitted', 'InstitutionExpelled', 'InstitutionSuspended', 'SuspensionLifted'],
  ...['InstitutionRolesChanged', 'QuorumChanged', 'WideningWaitChanged'],
]);

/** What is known of a measure that somebody opened. */
export interface OpenMeasure {
  readonly measure: Readonly<Record<string, unknown>>;
  readonly inFavour: Set<InstitutionId>;
  /** Whose vote is gone for good. */
  readonly against: Set<InstitutionId>;
  readonly appointments: readonly unknown[];
  /** Opened by who wishes the others ill. */
  readonly isWished: boolean;
  executableFrom: bigint;
  /** How often the constitution had changed when it was scheduled. */
  amendments: number;
  isOver: boolean;
  /** What it would do was refused: nobody tries again. */
  isGivenUp: boolean;
}

export class Scene {
  readonly random: Seeded;
  readonly machine: Machine;
  readonly drafts: Drafts;
  /** A consortium that would wait for nothing, ready to succeed this one. */
  readonly weaker: Address;
  readonly hands: Hand[];
  /** Keys that officers are about to have, and keys they had. */
  readonly rotating = new Map<Bytes32, Hand>();
  readonly former: Hand[] = [];
  /** Officers that are suspended, and those who suspended them: until when. */
  readonly heldUntil = new Map<OfficerId, bigint>();
  /** Officers that are revoked, with the second since when. */
  readonly revoked = new Map<OfficerId, bigint>();
  readonly suspended = new Set<InstitutionId>();
  readonly expelled = new Set<InstitutionId>();
  readonly activeFrom = new Map<OfficerId, bigint>();
  readonly units = new Map<BAUnitId, BAUnitState>();
  readonly stateHashes = new Map<BAUnitId, Bytes32>();
  /** What each unit was before its last change. */
  readonly past = new Map<BAUnitId, BAUnitState>();
  readonly plots = new Map<Bytes32, BAUnitId>();
  readonly instruments = new Set<Bytes32>();
  presentations = 0n;
  readonly slots = new Map<string, Card>();
  readonly book = new BenefitBook((...place) => this.slots.get(place.join(' ')));
  readonly measures = new Map<Bytes32, OpenMeasure>();
  /** What stops each scope, by its place in `SCOPES`. */
  readonly pauses: PauseClock[] = SCOPES.map(() => NEVER_PAUSED);
  pauseSequence = 0;
  amendments = 0;
  /** Signed acts that were withdrawn and never sent. */
  readonly withdrawn: MachineCall[] = [];
  /** What agencies keep beside the ledger. */
  readonly agency: Agency;
  readonly #keys = new Map<Bytes32, ConsentKey>();
  #indexed = 0;
  #salt = 0n;

  /** Use `openScene`. */
  constructor(random: Seeded, machine: Machine, hands: readonly Hand[], weaker: Address) {
    this.random = random;
    this.machine = machine;
    this.drafts = new Drafts(random);
    this.hands = [...hands];
    this.weaker = weaker;
    this.agency = new Agency(this);
  }

  get now(): bigint {
    return this.machine.nowSeconds;
  }

  get moment() {
    return momentAt(this.now, [], this.pauses[SCOPES.indexOf('redemption')] ?? NEVER_PAUSED);
  }

  isPaused(scope: (typeof SCOPES)[number]): boolean {
    return this.now < (this.pauses[SCOPES.indexOf(scope)]?.until ?? 0n);
  }

  /** Of whom something was registered in this campaign. */
  keyOf(keyHash: Bytes32): ConsentKey | undefined {
    for (; this.#indexed < this.drafts.keys.length; this.#indexed++) {
      const key = this.drafts.keys[this.#indexed];
      if (key !== undefined) this.#keys.set(key.keyHash, key);
    }
    return this.#keys.get(keyHash);
  }

  /** Nobody tries a measure again that waited in vain. */
  giveUp(measure: unknown): void {
    const known = [...this.measures.values()].find((open) => open.measure === measure);
    const isDue = known !== undefined && known.executableFrom !== 0n && known.executableFrom <= this.now;
    if (isDue && known.amendments === this.amendments) known.isGivenUp = true;
  }

  salt(): bigint {
    return ++this.#salt;
  }

  chance(percent: number): boolean {
    return this.random.below(100) < percent;
  }

  isUsable({ officer, institution }: Hand): boolean {
    return (
      !this.revoked.has(officer) &&
      !this.suspended.has(institution) &&
      !this.expelled.has(institution) &&
      (this.activeFrom.get(officer) ?? 0n) <= this.now &&
      (this.heldUntil.get(officer) ?? 0n) <= this.now
    );
  }

  usable(institution: InstitutionId, isCorrupt?: boolean): Hand[] {
    return this.hands.filter(
      (hand) =>
        hand.institution === institution &&
        (isCorrupt === undefined || hand.isCorrupt === isCorrupt) &&
        this.isUsable(hand),
    );
  }

  /** Two different officers, of one institution or of two; undefined where there are none. */
  pair(first: InstitutionId, second: InstitutionId = first, isCorrupt?: boolean): [Hand, Hand] | undefined {
    const preparers = this.usable(first, isCorrupt);
    if (preparers.length === 0) return undefined;
    const preparer = this.random.pick(preparers);
    const approvers = this.usable(second, isCorrupt).filter(({ officer }) => officer !== preparer.officer);
    return approvers.length === 0 ? undefined : [preparer, this.random.pick(approvers)];
  }

  head(preparer: Officer, office: OfficeId) {
    return {
      office,
      preparer: preparer.officer,
      preparerEpoch: preparer.epoch,
      notBefore: 0n,
      deadline: FAR_FUTURE,
      effectiveOn: this.now,
      salt: this.salt(),
      sourcesRoot: ZERO_32,
      corrects: ZERO_32 as EntryId,
    };
  }

  /** What every follower makes of a block. */
  follow({ events }: Pick<EventBlock, 'events'>): void {
    for (const event of events) this.#follow(event);
  }

  #follow(event: LedgerEvent): void {
    if (AMENDING.has(event.name)) this.amendments++;
    switch (event.name) {
      case 'BAUnitRecorded':
        this.#record(event.args.baUnit, event.args.state);
        break;
      case 'EntryRecorded':
        if (event.contract === 'land') this.presentations += 1n;
        break;
      case 'ActApplied':
      case 'SlotsLoaded':
      case 'UnitsLoaded':
      case 'BatchRedeemed':
        if (event.name === 'SlotsLoaded') this.#keepSlots(event.args);
        this.book.apply({ name: event.name, ...event.args } as never, this.moment);
        break;
      case 'OfficerAppointed':
        this.activeFrom.set(event.args.officer, event.args.activeFrom);
        break;
      case 'KeyRotated': {
        const { officer, activeFrom, key } = event.args;
        this.activeFrom.set(officer, activeFrom);
        const at = this.hands.findIndex((hand) => hand.officer === officer);
        const next = this.rotating.get(key.keyHash);
        this.former.push(...this.hands.splice(at, at < 0 ? 0 : 1, ...(next === undefined ? [] : [next])));
        break;
      }
      case 'OfficerSuspended':
        this.heldUntil.set(event.args.officer, event.args.until);
        this.heldUntil.set(event.args.revoker, event.args.until);
        break;
      case 'OfficerRevoked':
        this.revoked.set(event.args.officer, this.now);
        break;
      case 'InstitutionSuspended':
        this.suspended.add(event.args.institution);
        break;
      case 'SuspensionLifted':
        this.suspended.delete(event.args.institution);
        break;
      case 'InstitutionExpelled':
        this.expelled.add(event.args.institution);
        break;
      case 'Paused':
      case 'Unpaused': {
        this.pauseSequence++;
        const until = event.name === 'Paused' ? event.args.until : 0n;
        for (const [bit, clock] of this.pauses.entries()) {
          if ((event.args.scope >> bit) % 2 === 1) this.pauses[bit] = pausedUntil(clock, until, this.now);
        }
        break;
      }
      case 'VoteCast': {
        const { measureId, institution, inFavour } = event.args;
        const known = this.measures.get(measureId);
        if (inFavour) known?.inFavour.add(institution);
        else known?.inFavour.delete(institution);
        if (!inFavour) known?.against.add(institution);
        break;
      }
      case 'MeasureScheduled':
      case 'MeasureExecuted':
      case 'MeasureLapsed': {
        const known = this.measures.get(event.args.measureId);
        if (known === undefined) break;
        known.amendments = this.amendments;
        if (event.name === 'MeasureScheduled') known.executableFrom = event.args.executableFrom;
        else known.isOver = true;
        break;
      }
    }
  }

  #record(baUnit: BAUnitId, state: BAUnitState): void {
    const before = this.units.get(baUnit);
    if (before !== undefined) this.past.set(baUnit, before);
    this.units.set(baUnit, state);
    this.stateHashes.set(baUnit, stateHash(state));
    for (const { id } of state.spatialUnits) {
      if (state.header.status === 'active' || !this.plots.has(id)) this.plots.set(id, baUnit);
    }
    for (const { instrumentId } of [...state.charges, ...state.notices, ...state.responsibilities])
      this.instruments.add(instrumentId);
  }

  #keepSlots(args: {
    programme: Bytes32;
    enrolmentEpoch: number;
    enrolled: number;
    slots: `0x${string}`;
  }): void {
    const words = (args.slots.length - 2) / 64;
    for (let i = 0; i < words; i++) {
      const slot = Buffer.from(args.slots.slice(2 + 64 * i, 66 + 64 * i), 'hex');
      const index = args.enrolled - words + i;
      this.slots.set([args.programme, args.enrolmentEpoch, index].join(' '), loadedCard(slot));
    }
  }
}

/** A scene on a ledger of its own: the same seed makes the same one. */
export async function openScene(random: Seeded, seed: number): Promise<Scene> {
  const hands = INSTITUTIONS.flatMap((institution) => handsOf(institution, OFFICERS_EACH));
  const validators = [1, 2, 3, 4].map(validatorOf);
  const founding: Founding = {
    ledgerNonce: NONCE(seed),
    institutions: INSTITUTIONS.map((institution) => ({ institution, roles: ROLES })),
    officers: hands.map((hand) => foundingOfficerOf(hand, NONCE(seed), { roles: ROLES })),
    offices: INSTITUTIONS.map((keeper) => ({ office: OFFICE_OF(keeper), keeper })),
    verifiers: [],
    policies: [{ name: tierPolicy(CURRENCY), value: TIER_MINOR }],
    validators: validators.map((validator, i) => ({
      validator,
      institution: INSTITUTIONS[i % INSTITUTIONS.length] ?? INSTITUTIONS[0],
    })),
    quorum: QUORUM,
    wideningWaitSeconds: Number(WAIT_SECONDS),
    appointmentWaitSeconds: Number(WAIT_SECONDS),
  };
  const machine = await foundMachine(founding, validators, START);
  const { charter, consortium, council, safeguards } = machine.contracts;
  const file = foundingStruct({ ...founding, wideningWaitSeconds: 0 }, machine.contracts);
  const weaker = await machine.deploy('consortium', [
    ...[charter, consortium, council, safeguards],
    ...[file, foundingPossessions(founding)],
  ]);
  const scene = new Scene(random, machine, hands, weaker);
  for (const block of machine.founded) scene.follow(block);
  return scene;
}
