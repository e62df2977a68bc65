/**
 * The auditor's consortium: who could sign at each moment, and whether what changed it is what an entry says.
 *
 * Promises: officers with their institution, office, roles, epochs and keys; institutions barred; keepers of offices;
 * verifiers, policies and waits; pauses: each as of the event read last, from the founding file and the events alone.
 * What officers change counts from its own entry on, so the one who signs it is judged as of before. An event of
 * power that its entry does not bind, or that no entry follows, is found (L3).
 */
import type { EventOf, LedgerEvent, OfficerKey } from '../acts/events.ts';
import type { Address, Bytes32 } from '../base/hex.ts';
import {
  type InstitutionId,
  type KeyKind,
  type OfficeId,
  type OfficerId,
  roleBits,
  SCOPES,
  type Scope,
} from '../base/terms.ts';
import type { OfficerStanding } from '../power/judgeOfficer.ts';
import { FIRST_EPOCHS, type KeyPlaceName, placeOfEpoch } from '../power/possession.ts';
import {
  MOST_LONG_PAUSE_SECONDS,
  MOST_SHORT_PAUSE_SECONDS,
  MOST_SUSPENSION_SECONDS,
} from '../power/prepare.ts';
import type { BlockMoment, FindingList } from './findings.ts';
import { SEATED_QUORUM } from './measureChanges.ts';
import { type Records, refusalOfAppointment, refusalOfEffect, refusalOfFounding } from './personnelRules.ts';
import { boundAlone, boundBy, type PowerEffect, type SignedParts } from './powerEffects.ts';

/** An officer as the events leave them. */
export interface AuditedOfficer
  extends Omit<OfficerStanding, 'isInstitutionBarred' | 'epoch' | 'activeFrom'> {
  /** By place: the epoch in force, and from when its key counts. */
  readonly places: Readonly<Record<KeyPlaceName, KeyInForce>>;
  /** By epoch. */
  readonly keys: ReadonlyMap<number, OfficerKey>;
  /** Second of the last suspension by a lone colleague; zero where there was none. */
  readonly suspendedFrom: bigint;
}

type KeyInForce = Pick<OfficerStanding, 'epoch' | 'activeFrom'>;

/** A lone officer does not suspend the same colleague again for so long. */
const REST_SECONDS = 30n * 86_400n;

/** One officer who stopped a scope stops it for nine times as long not again. */
const LONE_PAUSE_REST = 9n;
/** Stopping it refuses people food, so one officer alone never can. */
const REDEMPTION_BIT = SCOPES.indexOf('redemption');
const ADMIN_PREPARER = roleBits(['admin-preparer']);
const ADMIN_APPROVER = roleBits(['admin-approver']);

/** What a register asks of the two officers of an act, besides the roles of its row. */
export interface OfficersNeeded {
  readonly office: OfficeId;
  /** The pause of which stops the act. */
  readonly scope: Scope | undefined;
  /** Institution of both; zero is any. */
  readonly institution: InstitutionId | 0;
  readonly preparerInstitution: InstitutionId | 0;
  readonly twoInstitutions: boolean;
  /** Two are needed for what the one institution moved (B9). */
  readonly isAboveTier?: boolean;
}

/** After every block there will be. */
const NEVER = 2n ** 64n;

interface Pause {
  readonly until: bigint;
  readonly byTwo: boolean;
}

interface LonePause {
  readonly institution: InstitutionId | 0;
  readonly from: bigint;
}

export class PowerReplay {
  readonly #findings: FindingList;
  readonly #officers = new Map<OfficerId, AuditedOfficer>();
  /** First second at which its officers count again, after a suspension. */
  readonly #barredUntil = new Map<InstitutionId, bigint>();
  readonly #keepers = new Map<OfficeId, InstitutionId>();
  readonly #verifiers = new Map<Address, KeyKind>();
  /** The one allowed last serves the consents of its kind. */
  readonly #verifierOf = new Map<KeyKind, Address>();
  readonly #policies = new Map<Bytes32, bigint>();
  /** That an institution's officers may have. */
  readonly #roles = new Map<InstitutionId, number>();
  /** Hash of each key that was ever an officer's. */
  readonly #takenKeys = new Set<Bytes32>();
  /** Of each key that was an officer's of a consortium before: for whom it was in force at the end, or nobody. */
  readonly #keysBefore = new Map<Bytes32, OfficerId | undefined>();
  /** In force; undefined before the first. */
  #consortium: Address | undefined;
  /** By the scope's bit. Safeguards that succeed others go on with theirs. */
  readonly #pauses = new Map<number, Pause>();
  /** By safeguards, institution and bit: from when its lone officers may stop the scope again. */
  readonly #nextLoneFrom = new Map<string, bigint>();
  /** By the scope's bit: the last pause of it, where a lone officer laid it. */
  readonly #lonePauses = new Map<number, LonePause>();
  #pauseSequence = 0;
  #appointmentWait = 0n;
  #isSeated = false;
  #ledgerNonce: Bytes32 | undefined;

  constructor(findings: FindingList) {
    this.#findings = findings;
  }

  /** Undefined before the first consortium. */
  get ledgerNonce(): Bytes32 | undefined {
    return this.#ledgerNonce;
  }

  /** Whether two institutions hold the quorum, so that rules needing two can be kept. */
  get isSeated(): boolean {
    return this.#isSeated;
  }

  /** Seconds after which a key that was appointed counts. */
  get appointmentWait(): bigint {
    return this.#appointmentWait;
  }

  isBarred(institution: InstitutionId, { nowSeconds }: BlockMoment): boolean {
    return BigInt(nowSeconds) < (this.#barredUntil.get(institution) ?? 0n);
  }

  get policies(): ReadonlyMap<Bytes32, bigint> {
    return this.#policies;
  }

  isVerifier(verifier: Address): boolean {
    return this.#verifiers.has(verifier);
  }

  /** Whether an officer's record ended, or is suspended by a lone colleague. */
  holdOf(id: OfficerId, nowSeconds: number): { isRevoked: boolean; isSuspended: boolean } | undefined {
    const officer = this.#officers.get(id);
    const isSuspended = BigInt(nowSeconds) < (officer?.suspendedUntil ?? 0n);
    return officer && { isRevoked: officer.isRevoked, isSuspended };
  }

  /** Whether a key may be an officer's in a consortium that follows this one. */
  mayHold(id: OfficerId, keyHash: Bytes32): boolean {
    const officer = this.#officers.get(id);
    if (this.#takenKeys.has(keyHash)) return officer !== undefined && keysInForce(officer).includes(keyHash);
    return !this.#keysBefore.has(keyHash) || this.#keysBefore.get(keyHash) === id;
  }

  policy(name: Bytes32): bigint {
    return this.#policies.get(name) ?? 0n;
  }

  /** The institution that keeps an office; zero is nobody. */
  keeperOf(office: OfficeId): InstitutionId | 0 {
    return this.#keepers.get(office) ?? 0;
  }

  /** As the key in the place of an epoch stands. */
  standingOf(id: OfficerId, epoch: number, { nowSeconds }: BlockMoment): OfficerStanding | undefined {
    const officer = this.#officers.get(id);
    if (officer === undefined) return undefined;
    const inForce = officer.places[placeOfEpoch(epoch)];
    const barredUntil = this.#barredUntil.get(officer.institution) ?? 0n;
    return { ...officer, ...inForce, isInstitutionBarred: BigInt(nowSeconds) < barredUntil };
  }

  /** First second at which a lone colleague may suspend the officer again. */
  restUntil(id: OfficerId): bigint {
    const from = this.#officers.get(id)?.suspendedFrom ?? 0n;
    return from === 0n ? 0n : from + REST_SECONDS;
  }

  /** Zero of nobody. */
  institutionOf(id: OfficerId): InstitutionId {
    return this.#officers.get(id)?.institution ?? (0 as InstitutionId);
  }

  keyOf(id: OfficerId, epoch: number): OfficerKey | undefined {
    return this.#officers.get(id)?.keys.get(epoch);
  }

  /** Whether the verifier that a key names may still say who signed; a key of secp256k1 names none. */
  isVerified({ kind, verifier }: OfficerKey): boolean {
    return kind === 'secp256k1' || this.#verifiers.get(verifier) === kind;
  }

  /** Whether consents under keys of a kind can be checked. */
  hasVerifier(kind: KeyKind): boolean {
    return this.#verifierOf.has(kind);
  }

  /**
   * Whether two different officers of every office can prepare and approve for an institution, each with a key that is
   * allowed: at a moment none that waits, and nobody suspended or narrowed; without one those too, as that ends by
   * itself (P9).
   */
  canManage(institution: InstitutionId, at?: BlockMoment): boolean {
    const now = at === undefined ? NEVER : BigInt(at.nowSeconds);
    const admins = [...this.#officers.values()].filter(
      (one) =>
        one.institution === institution &&
        one.office === 0 &&
        !one.isRevoked &&
        one.suspendedUntil <= now &&
        one.narrowedUntil <= now &&
        Object.values(one.places).some(({ epoch, activeFrom }) => {
          const key = one.keys.get(epoch);
          return key !== undefined && activeFrom <= now && this.isVerified(key);
        }),
    );
    const withRole = (roles: number) => admins.filter((one) => (one.roles & roles) !== 0).length;
    const either = withRole(ADMIN_PREPARER | ADMIN_APPROVER);
    return withRole(ADMIN_PREPARER) > 0 && withRole(ADMIN_APPROVER) > 0 && either > 1;
  }

  isPaused(scope: Scope, { nowSeconds }: BlockMoment): boolean {
    return BigInt(nowSeconds) < (this.#pauses.get(SCOPES.indexOf(scope))?.until ?? 0n);
  }

  /** Whether one of these scopes is stopped on the word of two institutions. */
  isHeldByTwo(scopes: number, { nowSeconds }: BlockMoment): boolean {
    return [...this.#pauses].some(
      ([bit, { until, byTwo }]) => isIn(scopes, bit) && byTwo && BigInt(nowSeconds) < until,
    );
  }

  /** What founding, a measure, or an entry that was judged leaves. */
  apply(event: LedgerEvent, moment: BlockMoment): void {
    switch (event.name) {
      case 'ConsortiumFounded':
        this.#found(event);
        break;
      case 'OfficerAppointed':
        this.#add(event.args.officer, event.args);
        break;
      case 'KeyRotated': {
        const { officer, epoch, activeFrom, key } = event.args;
        this.#takenKeys.add(key.keyHash);
        const place = { [placeOfEpoch(epoch)]: { epoch, activeFrom } };
        this.#change(officer, (before) => ({
          ...before,
          places: { ...before.places, ...place },
          keys: new Map([...before.keys, [epoch, key]]),
        }));
        break;
      }
      case 'OfficerSuspended': {
        const { officer, revoker, until } = event.args;
        const suspendedFrom = BigInt(moment.nowSeconds);
        this.#change(officer, (before) => ({ ...before, suspendedUntil: until, suspendedFrom }));
        this.#change(revoker, (before) => ({ ...before, narrowedUntil: until }));
        break;
      }
      case 'OfficerFreed':
        this.#change(event.args.officer, (before) => ({ ...before, suspendedUntil: 0n }));
        break;
      case 'OfficerRevoked':
        this.#change(event.args.officer, (before) => ({ ...before, isRevoked: true }));
        break;
      case 'InstitutionAdmitted':
      case 'InstitutionRolesChanged':
        this.#roles.set(event.args.institution, event.args.roles);
        break;
      case 'InstitutionExpelled':
        this.#barredUntil.set(event.args.institution, NEVER);
        break;
      case 'InstitutionSuspended':
        this.#barredUntil.set(event.args.institution, event.args.until);
        break;
      case 'SuspensionLifted':
        this.#barredUntil.delete(event.args.institution);
        break;
      case 'OfficeMoved':
        this.#keepers.set(event.args.office, event.args.keeper);
        break;
      case 'ConsortiumSeated':
        this.#isSeated = true;
        break;
      case 'AppointmentWaitChanged':
        this.#appointmentWait = BigInt(event.args.waitSeconds);
        break;
      case 'VerifierAllowed':
        this.#allow(event.args);
        break;
      case 'VerifierDisallowed':
        this.#disallow(event.args.verifier);
        break;
      case 'PolicyChanged':
        this.#policies.set(event.args.name, event.args.value);
        break;
      case 'Paused':
      case 'Unpaused':
        this.#pause(event, moment);
        break;
    }
  }

  /** A consortium that succeeds another begins with its own file; the safeguards outlive it, and so do pauses. */
  #found({ address, args: { founding } }: EventOf<'ConsortiumFounded'>): void {
    const refused = refusalOfFounding(founding);
    if (refused !== undefined) this.#findings.refuse(refused, 'P9', address);
    this.#consortium = address;
    this.#ledgerNonce = founding.ledgerNonce;
    for (const keyHash of this.#takenKeys) this.#keysBefore.set(keyHash, undefined);
    for (const [id, officer] of this.#officers) {
      for (const keyHash of keysInForce(officer)) this.#keysBefore.set(keyHash, id);
    }
    this.#officers.clear();
    this.#takenKeys.clear();
    this.#roles.clear();
    for (const { institution, roles } of founding.institutions) this.#roles.set(institution, roles);
    this.#barredUntil.clear();
    this.#keepers.clear();
    this.#verifiers.clear();
    this.#verifierOf.clear();
    this.#policies.clear();
    for (const one of founding.officers) this.#add(one.officer, { ...one, activeFrom: 0n });
    for (const { office, keeper } of founding.offices) this.#keepers.set(office, keeper);
    for (const one of founding.verifiers) this.#allow(one);
    for (const { name, value } of founding.policies) this.#policies.set(name, value);
    this.#appointmentWait = BigInt(founding.appointmentWaitSeconds);
    this.#isSeated = founding.quorum >= SEATED_QUORUM;
  }

  #add(id: OfficerId, record: Parameters<typeof appointed>[0]): void {
    this.#takenKeys.add(record.key.keyHash).add(record.spare.keyHash);
    this.#officers.set(id, appointed(record));
  }

  get #records(): Records<AuditedOfficer> {
    const [roles, officers] = [this.#roles, this.#officers];
    const [takenKeys, keysBefore, verifiers] = [this.#takenKeys, this.#keysBefore, this.#verifiers];
    return { roles, officers, takenKeys, keysBefore, verifiers };
  }

  /** Before it counts: whom a measure appoints the consortium asks what it asks of everybody. */
  checkAppointed({ args }: EventOf<'OfficerAppointed'>): void {
    const refused = refusalOfAppointment(args, this.#records);
    if (refused !== undefined) this.#findings.refuse(refused, 'P4', args.officer);
  }

  #allow({ kind, verifier }: EventOf<'VerifierAllowed'>['args']): void {
    this.#verifiers.set(verifier, kind);
    this.#verifierOf.set(kind, verifier);
  }

  #disallow(verifier: Address): void {
    const kind = this.#verifiers.get(verifier);
    this.#verifiers.delete(verifier);
    if (kind !== undefined && this.#verifierOf.get(kind) === verifier) this.#verifierOf.delete(kind);
  }

  #pause(event: EventOf<'Paused' | 'Unpaused'>, moment: BlockMoment): void {
    // What one institution does alone makes nothing stale that two sign.
    const isOfTwo =
      event.name === 'Paused' ? event.args.byTwoInstitutions : this.isHeldByTwo(event.args.scope, moment);
    if (isOfTwo) this.#pauseSequence++;
    for (const bit of SCOPES.keys()) {
      if (!isIn(event.args.scope, bit)) continue;
      const byTwo = this.#pauses.get(bit)?.byTwo ?? false;
      const next =
        event.name === 'Paused'
          ? { until: event.args.until, byTwo: event.args.byTwoInstitutions }
          : { until: BigInt(moment.nowSeconds), byTwo };
      this.#pauses.set(bit, next);
    }
  }

  #change(id: OfficerId, next: (before: AuditedOfficer) => AuditedOfficer): void {
    const officer = this.#officers.get(id);
    if (officer === undefined) this.#findings.add('L3', 'An officer nobody appointed was changed.', id);
    else this.#officers.set(id, next(officer));
  }

  /** What is asked of the two officers whose act it is: `Needs` of the contracts. */
  needOf(effect: PowerEffect, preparer: OfficerId): OfficersNeeded | undefined {
    const anyTwo: OfficersNeeded = {
      office: 0 as OfficeId,
      scope: undefined,
      institution: 0,
      preparerInstitution: 0,
      twoInstitutions: true,
    };
    const { name, args } = effect;
    switch (name) {
      case 'OfficerAppointed':
        return admins(args);
      case 'KeyRotated':
      case 'OfficerFreed':
      case 'OfficerRevoked': {
        const officer = this.#officers.get(args.officer);
        if (officer === undefined) return undefined;
        return name === 'OfficerRevoked' ? { ...admins(officer), scope: undefined } : admins(officer);
      }
      case 'Unpaused':
        return { ...anyTwo, twoInstitutions: !this.#isLaidBy(args.scope, preparer) };
      case 'Paused':
        return anyTwo;
      case 'OfficerSuspended':
        return undefined; // one officer's
    }
  }

  /** Holds what an entry of personnel or the safeguards says against the event before it. */
  checkBound(
    effect: PowerEffect,
    { address, args: entry }: EventOf<'EntryRecorded'>,
    signed: SignedParts | undefined,
    moment: BlockMoment,
  ): void {
    const bound =
      signed === undefined ? boundAlone(effect, entry) : boundBy(effect, signed, this.#pauseSequence);
    const isOfPause = effect.name === 'Paused' || effect.name === 'Unpaused';
    const isBound =
      bound !== undefined &&
      effect.address === (isOfPause ? address : this.#consortium) &&
      entry.kind === bound.kind &&
      entry.subject === bound.subject &&
      entry.newState === bound.newState &&
      signed?.actHash === bound.actHash;
    this.#findings.require(isBound, 'L3', 'Power changed otherwise than its entry says.', entry.entryId);
    const refused = refusalOfEffect(effect, signed?.head.office, this.#records, moment.nowSeconds);
    if (refused !== undefined) this.#findings.refuse(refused, 'L3', entry.entryId);
    const now = BigInt(moment.nowSeconds);
    if (effect.name === 'OfficerSuspended') {
      const { until, officer } = effect.args;
      const narrowedUntil = this.#officers.get(officer)?.narrowedUntil ?? 0n;
      const isShort = now < until && until <= now + MOST_SUSPENSION_SECONDS && narrowedUntil <= until;
      this.#findings.require(
        isShort,
        'P9',
        'A lone officer silenced a colleague too long, or hid that the colleague is narrowed.',
        officer,
      );
    }
    if (effect.name === 'OfficerFreed') {
      const isSilent = now < (this.#officers.get(effect.args.officer)?.suspendedUntil ?? 0n);
      this.#findings.require(isSilent, 'L3', 'An officer was freed who was not suspended.', entry.entryId);
    }
    if (effect.name === 'Paused' || effect.name === 'Unpaused') {
      const isBounded = this.#isBounded(effect, entry.preparer, now);
      const what = 'A scope was stopped longer or sooner again than may be, or freed that was not stopped.';
      this.#findings.require(isBounded, 'P9', what, entry.entryId);
    }
    if (effect.name === 'OfficerAppointed' || effect.name === 'KeyRotated') {
      const isDue = effect.args.activeFrom === BigInt(moment.nowSeconds) + this.#appointmentWait;
      const what = 'A key counts from another moment than its wait ends.';
      this.#findings.require(isDue, 'P5', what, effect.args.officer);
    }
  }

  /** Whether lone officers of an officer's institution laid the pause of each of these scopes. */
  #isLaidBy(scopes: number, officer: OfficerId): boolean {
    const own = this.#officers.get(officer)?.institution;
    return [...SCOPES.keys()].every(
      (bit) => !isIn(scopes, bit) || this.#lonePauses.get(bit)?.institution === own,
    );
  }

  /** The second in which others end a lone pause counts whole; one that ran out has had its rest. */
  #endLone(safeguards: Address, bit: number, now: bigint): void {
    const lone = this.#lonePauses.get(bit);
    const isInForce = now < (this.#pauses.get(bit)?.until ?? 0n);
    if (lone !== undefined && isInForce) {
      this.#nextLoneFrom.set(restKeyOf(safeguards, lone.institution, bit), restedFrom(lone.from, now + 1n));
    }
    this.#lonePauses.delete(bit);
  }

  /** Whether a pause keeps its length, and a lone officer's the rest before it, which it begins anew. */
  #isBounded({ name, address, args }: EventOf<'Paused' | 'Unpaused'>, by: OfficerId, now: bigint): boolean {
    const bits = [...SCOPES.keys()].filter((bit) => isIn(args.scope, bit));
    const untilOf = (bit: number) => this.#pauses.get(bit)?.until ?? 0n;
    if (name === 'Unpaused' || args.byTwoInstitutions) {
      for (const bit of bits) this.#endLone(address, bit, now);
    }
    if (name === 'Unpaused') return bits.every((bit) => now < untilOf(bit));
    const { until, byTwoInstitutions } = args;
    if (until <= now) return false;
    if (byTwoInstitutions) {
      return until <= now + MOST_LONG_PAUSE_SECONDS && bits.every((bit) => untilOf(bit) <= until);
    }
    const institution = this.#officers.get(by)?.institution ?? 0;
    return bits.every((bit) => {
      const restKey = restKeyOf(address, institution, bit);
      const isRested = untilOf(bit) <= now && (this.#nextLoneFrom.get(restKey) ?? 0n) <= now;
      this.#nextLoneFrom.set(restKey, restedFrom(now, until));
      this.#lonePauses.set(bit, { institution, from: now });
      return isRested && bit !== REDEMPTION_BIT && until <= now + MOST_SHORT_PAUSE_SECONDS;
    });
  }
}

/** Of an officer who was not revoked. */
function keysInForce({ isRevoked, places, keys }: AuditedOfficer): readonly Bytes32[] {
  const epochs = isRevoked ? [] : [places.key.epoch, places.spare.epoch];
  return epochs.flatMap((epoch) => keys.get(epoch)?.keyHash ?? []);
}

function restKeyOf(safeguards: Address, institution: InstitutionId | 0, bit: number): string {
  return `${safeguards} ${institution} ${bit}`;
}

function restedFrom(from: bigint, until: bigint): bigint {
  return until + LONE_PAUSE_REST * (until - from);
}

function appointed({
  institution,
  office,
  roles,
  key,
  spare,
  activeFrom,
}: Pick<
  EventOf<'OfficerAppointed'>['args'],
  'institution' | 'office' | 'roles' | 'key' | 'spare' | 'activeFrom'
>): AuditedOfficer {
  return {
    institution,
    office,
    roles,
    isRevoked: false,
    suspendedUntil: 0n,
    narrowedUntil: 0n,
    suspendedFrom: 0n,
    places: {
      key: { epoch: FIRST_EPOCHS.key, activeFrom },
      spare: { epoch: FIRST_EPOCHS.spare, activeFrom },
    },
    keys: new Map<number, OfficerKey>([
      [FIRST_EPOCHS.key, key],
      [FIRST_EPOCHS.spare, spare],
    ]),
  };
}

/** Two admins of the institution and the office of the officer they manage. */
function admins({ institution, office }: Pick<AuditedOfficer, 'institution' | 'office'>): OfficersNeeded {
  const scope = 'officers';
  return { office, scope, institution, preparerInstitution: 0, twoInstitutions: false };
}

function isIn(scopes: number, bit: number): boolean {
  return ((scopes >> bit) & 1) === 1;
}
