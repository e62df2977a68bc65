/**
 * Who takes part in a campaign and what they know of the ledger: four institutions with their officers, the two
 * registers as the events tell them, and every key.
 *
 * What honest actors decide from is derived from events, never asked of a contract, so that a contract that keeps
 * something else than it says makes honest calls fail.
 */

import type { EventBlock, LedgerEvent } from '../../server/domain/acts/events.ts';
import { NEVER_PAUSED, type PauseClock, pausedUntil } from '../../server/domain/acts/moment.ts';
import { addressOfPrivateKey, type ConsentKey, keyHashOf } from '../../server/domain/acts/signing.ts';
import { type Address, type Bytes32, fromHex, toHex, ZERO_32 } from '../../server/domain/base/hex.ts';
import {
  type BAUnitId,
  type EntryId,
  type InstitutionId,
  MEASURE_KINDS,
  type OfficeId,
  type OfficerId,
  ROLES,
  SCOPES,
} from '../../server/domain/base/terms.ts';
import { BenefitBook } from '../../server/domain/benefits/book.ts';
import { type Card, loadedCard } from '../../server/domain/benefits/cards.ts';
import { tierPolicy } from '../../server/domain/benefits/policies.ts';
import type { Child } from '../../server/domain/land/acts.ts';
import { stateHash } from '../../server/domain/land/hashes.ts';
import type { BAUnitState } from '../../server/domain/land/types.ts';
import { type Founding, foundingPossessions, foundingStruct } from '../../server/domain/power/founding.ts';
import { type HaltSpan, momentAt, withHalt } from '../../server/domain/power/halts.ts';
import { FIRST_EPOCHS } from '../../server/domain/power/possession.ts';
import { FAR_FUTURE, foundingOfficerOf, named, type Officer, officerOf } from '../chain/signing.ts';
import { Drafts } from '../land/landDrafts.ts';
import type { Seeded } from '../seeded.ts';
import { Agency } from './benefits.ts';
import { foundMachine, type Machine, type MachineCall } from './machine.ts';
import { Recorders } from './notary.ts';
import type { Signer } from './passkeys.ts';
import { Silences } from './silences.ts';

/** The registrars of a county, two agencies, and a ministry whose officers are all corrupt. */
export const LAND = 1 as InstitutionId;
export const AGENCY = 2 as InstitutionId;
export const OTHER_AGENCY = 3 as InstitutionId;
export const CORRUPT = 4 as InstitutionId;
export const INSTITUTIONS = [LAND, AGENCY, OTHER_AGENCY, CORRUPT] as const;
/** Which office each keeps; the office of land acts has the number of its keeper. */
export const OFFICE_OF = (institution: InstitutionId) => institution as number as OfficeId;
const OFFICERS_EACH = 4;
/** Who is of one office alone signs for the registers, and for no other office. */
export const BOUND_OFFICE = 90 as OfficeId;
const REGISTER_ROLES = ['land-preparer', 'land-approver', 'aid-preparer', 'aid-approver'] as const;
/** The first officers of each institution are honest, the others corrupt. */
const HONEST_EACH = 2;
export const CURRENCY = 404;
export const TIER_MINOR = 3_000_000n;
export const QUORUM = 3;
export const WAIT_SECONDS = 86_400n;
const START = 1_800_000_000n;

const NEVER = 2n ** 60n;

/** An officer under the second key of the founding or the appointment. */
const spared = (hand: Hand): Hand => ({
  ...hand,
  ...officerOf(hand.institution, hand.name, FIRST_EPOCHS.spare),
  ...{ officer: hand.officer, passkey: undefined },
});

const NONCE = (seed: number) => toHex(new Uint8Array(32).fill(1 + (seed % 250))) as Bytes32;
export const validatorOf = (n: number) => `0x${(0xa0 + n).toString(16).padStart(40, '0')}` as Address;

/** Private keys that holders have, one after another: a salt of its own hides each use. */
const HOLDERS = 400;
const holders: { readonly privateKey: Uint8Array; readonly address: Address }[] = [];

/** Titles whose holders come from a few hundred people, for most of an act's time went into making keys. */
class HeldDrafts extends Drafts {
  #next = 0;

  override key(): ConsentKey {
    const n = this.#next++ % HOLDERS;
    const privateKey = holders[n]?.privateKey ?? fromHex(named(`holder ${n}`));
    const address = holders[n]?.address ?? addressOfPrivateKey(privateKey);
    holders[n] = { privateKey, address };
    const salt = this.id<Bytes32>();
    const key = { privateKey, salt, keyHash: keyHashOf(salt, 'secp256k1', address) };
    this.keys.push(key);
    return key;
  }
}

export interface Hand extends Signer {
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
  /** The signatures of their keys. */
  readonly possessions: readonly unknown[];
  /** Opened by who wishes the others ill. */
  readonly isWished: boolean;
  openedBy: InstitutionId | undefined;
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
  readonly drafts: HeldDrafts;
  /** A consortium that would wait for nothing, ready to succeed this one. */
  readonly weaker: Address;
  readonly hands: Hand[];
  /** An officer of one office of the agency, who manages nobody. */
  readonly bound: Hand;
  /** Keys that officers are about to have, and keys they had. */
  readonly rotating = new Map<Bytes32, Hand>();
  readonly former: Hand[] = [];
  /** The same officers under their second keys, with the second since when these count. */
  readonly #spares = new Map<OfficerId, { readonly hand: Hand; readonly from: bigint }>();
  /** Who came after the founding, so far. */
  newcomers = 0;
  /** The members, and those who came and went. */
  readonly members = new Set<InstitutionId>(INSTITUTIONS);
  quorum = QUORUM;
  /** What counts for each kind of key. */
  readonly verifiers = new Map<string, Address>();
  /** Who seals, by whom it is run. */
  readonly validators = new Map<Address, number>();
  /** Officers that are suspended, and those who suspended them: until when. */
  readonly heldUntil = new Map<OfficerId, bigint>();
  /** The first of them alone. */
  readonly silenced = new Map<OfficerId, bigint>();
  /** Officers that are revoked, with the second since when. */
  readonly revoked = new Map<OfficerId, bigint>();
  readonly suspended = new Set<InstitutionId>();
  readonly #suspendedUntil = new Map<InstitutionId, bigint>();
  readonly expelled = new Set<InstitutionId>();
  readonly activeFrom = new Map<OfficerId, bigint>();
  readonly units = new Map<BAUnitId, BAUnitState>();
  readonly stateHashes = new Map<BAUnitId, Bytes32>();
  /** What each unit was before its last change. */
  readonly past = new Map<BAUnitId, BAUnitState>();
  readonly plots = new Map<Bytes32, BAUnitId>();
  readonly instruments = new Set<Bytes32>();
  /** Children of divisions that were opened, by their fold, and what each dividing unit still awaits. */
  readonly children = new Map<Bytes32, readonly Child[]>();
  readonly awaited = new Map<BAUnitId, Bytes32>();
  /** Of divisions that were cancelled: their ground is free, their ids are spent. */
  readonly freed: Child[] = [];
  /** Divisions that were cancelled: of what, and the fold of its children. */
  readonly cancelled: { readonly baUnit: BAUnitId; readonly root: Bytes32 }[] = [];
  /** Children of each divided unit that are not made yet. */
  readonly unmade = new Map<BAUnitId, Child[]>();
  presentations = 0n;
  readonly recorders = new Recorders();
  readonly silences = new Silences(START);
  halts: readonly HaltSpan[] = [];
  /** What registers of many words were told, to carry them over. */
  readonly told: LedgerEvent[] = [];
  readonly slots = new Map<string, Card>();
  readonly book = new BenefitBook((...place) => this.slots.get(place.join(' ')));
  readonly measures = new Map<Bytes32, OpenMeasure>();
  /** Of lists of proposals, those whose turn is to come. */
  readonly turns = new Map<readonly unknown[], number[]>();
  /** What stops each scope, by its place in `SCOPES`. */
  readonly pauses: PauseClock[] = SCOPES.map(() => NEVER_PAUSED);
  pauseSequence = 0;
  /** Scopes, by their bits, that two institutions stopped last. */
  readonly heldByTwo = new Set<number>();
  #amendments = 0;
  /** When charges and notices of a unit lapse: the first of them. */
  readonly lapses = new Map<BAUnitId, bigint>();
  /** Signed acts that were withdrawn and never sent. */
  readonly withdrawn: MachineCall[] = [];
  /** What agencies keep beside the ledger. */
  readonly agency: Agency;
  readonly #keys = new Map<Bytes32, ConsentKey>();
  #indexed = 0;
  #salt = 0n;

  /** Use `openScene`. */
  constructor(
    random: Seeded,
    machine: Machine,
    { hands, bound }: { readonly hands: readonly Hand[]; readonly bound: Hand },
    weaker: Address,
  ) {
    this.random = random;
    this.machine = machine;
    this.drafts = new HeldDrafts(random, OFFICE_OF(LAND));
    this.hands = [...hands];
    this.bound = bound;
    for (const hand of hands) this.#spares.set(hand.officer, { hand: spared(hand), from: 0n });
    this.weaker = weaker;
    this.agency = new Agency(this);
  }

  get now(): bigint {
    return this.machine.nowSeconds;
  }

  /** How often who decides or how long it takes was changed: a suspension that ended by itself is a change too. */
  get amendments(): number {
    this.#endSuspensions();
    return this.#amendments;
  }

  get moment() {
    return momentAt(this.now, this.halts, this.pauses[SCOPES.indexOf('redemption')] ?? NEVER_PAUSED);
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

  /** Officers of an institution who may manage the others, those included whose time has not come. */
  admins(institution: InstitutionId): number {
    return this.hands.filter(
      ({ officer, institution: of }) =>
        of === institution && !this.revoked.has(officer) && this.activeFrom.get(officer) !== NEVER,
    ).length;
  }

  /** Members looked at a measure again after the constitution was changed. */
  reschedule(measure: unknown): void {
    const known = [...this.measures.values()].find((open) => open.measure === measure);
    if (known !== undefined) known.amendments = this.amendments;
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

  isUsable({ officer, institution, passkey }: Hand): boolean {
    return (
      (passkey === undefined || this.verifiers.get(passkey.kind) === passkey.verifier) &&
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
    if (approvers.length === 0) return undefined;
    return [this.#inHand(preparer), this.#inHand(this.random.pick(approvers))];
  }

  /** Now and then somebody signs with the key that is kept elsewhere. */
  #inHand(hand: Hand): Hand {
    const spare = this.#spares.get(hand.officer);
    return spare !== undefined && spare.from <= this.now && this.chance(12) ? spare.hand : hand;
  }

  /** An officer under the second key, whether or not it counts yet. */
  spareOf(hand: Hand): Hand {
    return this.#spares.get(hand.officer)?.hand ?? spared(hand);
  }

  /** Somebody who is about to be an officer. */
  expect(hand: Hand): void {
    this.hands.push(hand);
    this.activeFrom.set(hand.officer, NEVER);
    this.#spares.set(hand.officer, { hand: spared(hand), from: NEVER });
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
    this.#endSuspensions();
    if (AMENDING.has(event.name)) this.#amendments++;
    this.recorders.follow(event, this.now);
    this.silences.follow(event, this.now);
    if (event.contract === 'land' || event.contract === 'benefits') this.told.push(event);
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
      case 'OfficerAppointed': {
        const { officer, activeFrom } = event.args;
        this.activeFrom.set(officer, activeFrom);
        const spare = this.#spares.get(officer);
        if (spare !== undefined) this.#spares.set(officer, { ...spare, from: activeFrom });
        break;
      }
      case 'KeyRotated':
        this.#rotate(event.args.officer, event.args.key.keyHash, event.args.activeFrom);
        break;
      case 'OfficerFreed':
        this.heldUntil.delete(event.args.officer);
        this.silenced.delete(event.args.officer);
        break;
      case 'VerifierAllowed':
        this.verifiers.set(event.args.kind, event.args.verifier);
        break;
      case 'VerifierDisallowed':
        for (const [kind, verifier] of this.verifiers)
          if (verifier === event.args.verifier) this.verifiers.delete(kind);
        break;
      case 'InstitutionAdmitted':
        this.members.add(event.args.institution);
        break;
      case 'QuorumChanged':
        this.quorum = event.args.quorum;
        break;
      case 'ValidatorRemoved':
        this.validators.delete(event.args.validator);
        break;
      case 'HaltRecorded':
        this.halts = withHalt(this.halts, { from: Number(event.args.from), to: Number(event.args.to) });
        break;
      case 'ChildrenLoaded':
        this.awaited.set(event.args.baUnit, event.args.rest);
        break;
      case 'OfficerSuspended':
        this.heldUntil.set(event.args.officer, event.args.until);
        this.heldUntil.set(event.args.revoker, event.args.until);
        this.silenced.set(event.args.officer, event.args.until);
        break;
      case 'OfficerRevoked':
        this.revoked.set(event.args.officer, this.now);
        break;
      case 'InstitutionSuspended':
        this.suspended.add(event.args.institution);
        this.#suspendedUntil.set(event.args.institution, event.args.until);
        break;
      case 'SuspensionLifted':
        this.suspended.delete(event.args.institution);
        this.#suspendedUntil.delete(event.args.institution);
        break;
      case 'InstitutionExpelled':
        this.#suspendedUntil.delete(event.args.institution);
        this.expelled.add(event.args.institution);
        this.members.delete(event.args.institution);
        break;
      case 'Paused':
      case 'Unpaused': {
        const { scope } = event.args;
        const isIn = (bit: number) => (scope >> bit) % 2 === 1;
        const isOfTwo =
          event.name === 'Paused' ? event.args.byTwoInstitutions : [...this.heldByTwo].some(isIn);
        if (isOfTwo) this.pauseSequence++;
        const until = event.name === 'Paused' ? event.args.until : 0n;
        for (const [bit, clock] of this.pauses.entries()) {
          if (!isIn(bit)) continue;
          this.pauses[bit] = pausedUntil(clock, until, this.now);
          if (event.name === 'Paused' && event.args.byTwoInstitutions) this.heldByTwo.add(bit);
          else this.heldByTwo.delete(bit);
        }
        break;
      }
      case 'MeasureOpened': {
        const known = this.measures.get(event.args.measureId);
        if (known === undefined) break;
        known.openedBy = event.args.openedBy;
        known.amendments = this.amendments;
        break;
      }
      case 'VoteCast': {
        const { measureId, institution, inFavour } = event.args;
        const known = this.measures.get(measureId);
        if (inFavour) known?.inFavour.add(institution);
        else known?.inFavour.delete(institution);
        if (!inFavour) known?.against.add(institution);
        if (known !== undefined) known.amendments = this.amendments;
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
        if (event.name === 'MeasureExecuted') this.#carriedOut(known);
        break;
      }
    }
  }

  #endSuspensions(): void {
    for (const [institution, until] of this.#suspendedUntil) {
      if (this.now < until) continue;
      this.suspended.delete(institution);
      this.#suspendedUntil.delete(institution);
      this.#amendments++;
    }
  }

  #carriedOut({ measure }: OpenMeasure): void {
    const kind = MEASURE_KINDS[measure.kind as number];
    const isValidator = kind === 'add-validator' || kind === 'replace-validator';
    if (isValidator) this.validators.set(measure.target as Address, measure.institution as number);
  }

  /** A key of an even epoch is the one kept elsewhere. */
  #rotate(officer: OfficerId, keyHash: Bytes32, from: bigint): void {
    const next = this.rotating.get(keyHash);
    if (next === undefined) return;
    if (next.epoch % 2 === 0) {
      const before = this.#spares.get(officer);
      if (before !== undefined) this.former.push(before.hand);
      this.#spares.set(officer, { hand: next, from });
      return;
    }
    this.activeFrom.set(officer, from);
    const at = this.hands.findIndex((hand) => hand.officer === officer);
    this.former.push(...this.hands.splice(at, at < 0 ? 0 : 1, next));
  }

  #record(baUnit: BAUnitId, state: BAUnitState): void {
    const before = this.units.get(baUnit);
    if (before !== undefined) this.past.set(baUnit, before);
    this.units.set(baUnit, state);
    this.stateHashes.set(baUnit, stateHash(state));
    this.#divide(baUnit, state, before);
    const ends = [...state.charges, ...state.notices]
      .map(({ expiresOn }) => expiresOn)
      .filter((end) => end > 0n);
    const isStanding = state.header.status === 'active' || state.header.status === 'dividing';
    if (isStanding && ends.length > 0)
      this.lapses.set(
        baUnit,
        ends.reduce((a, b) => (a < b ? a : b)),
      );
    else this.lapses.delete(baUnit);
    for (const { id } of state.spatialUnits) {
      if (state.header.status === 'active' || !this.plots.has(id)) this.plots.set(id, baUnit);
    }
    for (const { instrumentId } of [...state.charges, ...state.notices, ...state.responsibilities])
      this.instruments.add(instrumentId);
  }

  /** Dividing, divided or made by a division. */
  #divide(baUnit: BAUnitId, { header }: BAUnitState, before: BAUnitState | undefined): void {
    if (header.status === 'dividing' && before?.header.status !== 'dividing')
      this.awaited.set(baUnit, header.membersRoot);
    if (header.status === 'active') this.awaited.delete(baUnit);
    if (header.status === 'active' && before?.header.status === 'dividing') {
      this.cancelled.push({ baUnit, root: before.header.membersRoot });
      this.freed.push(...(this.children.get(before.header.membersRoot) ?? []));
    }
    const children = this.children.get(header.membersRoot);
    if (header.status === 'retired' && before?.header.status === 'dividing' && children !== undefined)
      this.unmade.set(baUnit, [...children]);
    for (const [parent, left] of before === undefined ? this.unmade : []) {
      const rest = left.filter(({ portion }) => portion.baUnit !== baUnit);
      if (rest.length > 0) this.unmade.set(parent, rest);
      else this.unmade.delete(parent);
    }
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
  // One more would not fit the transaction that founds.
  const hands = INSTITUTIONS.flatMap((institution) =>
    handsOf(institution, institution === OTHER_AGENCY ? OFFICERS_EACH - 1 : OFFICERS_EACH),
  );
  const bound = { ...officerOf(AGENCY, 'campaign bound'), isCorrupt: true };
  const validators = [1, 2, 3, 4].map(validatorOf);
  const founding: Founding = {
    ledgerNonce: NONCE(seed),
    institutions: INSTITUTIONS.map((institution) => ({ institution, roles: ROLES })),
    officers: [
      ...hands.map((hand) => foundingOfficerOf(hand, NONCE(seed), { roles: ROLES })),
      foundingOfficerOf(bound, NONCE(seed), { roles: REGISTER_ROLES, office: BOUND_OFFICE }),
    ],
    offices: INSTITUTIONS.map((keeper) => ({ office: OFFICE_OF(keeper), keeper })),
    verifiers: ['p256', 'webauthn'],
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
  const scene = new Scene(random, machine, { hands, bound }, weaker);
  for (const kind of founding.verifiers) scene.verifiers.set(kind, machine.contracts[kind]);
  validators.forEach((validator, i) => {
    scene.validators.set(validator, INSTITUTIONS[i % INSTITUTIONS.length] ?? LAND);
  });
  for (const block of machine.founded) scene.follow(block);
  return scene;
}
