/**
 * Whether an officer may sign an act now: the checks of `Consortium.requireOfficers`, in its order, before its signature.
 *
 * Promises: the refusal is the one the consortium would give. Pure: the caller reads the record and the clock.
 */
import { Refusal, refusal } from '../base/refusal.ts';
import { type InstitutionId, type OfficeId, ROLES, type Role } from '../base/terms.ts';

/** What is left to an officer who suspended a colleague alone: `Roles.WHILE_NARROWED`. */
const WHILE_NARROWED: ReadonlySet<Role> = new Set(['land-preparer', 'land-approver', 'court', 'auditor']);

/** An officer as recorded, by one of the two keys. */
export interface OfficerStanding {
  readonly institution: InstitutionId;
  /** Zero is every office. */
  readonly office: OfficeId;
  /** Bits of ROLES. */
  readonly roles: number;
  /** Of the key in the place that the act names. */
  readonly epoch: number;
  /** First second at which a signature of that key counts. */
  readonly activeFrom: bigint;
  readonly isRevoked: boolean;
  /** First second at which the suspension is over; zero where there is none. */
  readonly suspendedUntil: bigint;
  /** First second at which the narrowing is over; zero where there is none. */
  readonly narrowedUntil: bigint;
  /** The institution is suspended or expelled. */
  readonly isInstitutionBarred: boolean;
}

/** What an act asks of one of its officers. */
export interface OfficerNeed {
  readonly epoch: number;
  readonly office: OfficeId;
  readonly role: Role;
  /** Zero is any. */
  readonly institution: InstitutionId | 0;
}

/** JSON pointers to what the caller sent. */
export interface OfficerPlaces {
  readonly officer: string;
  readonly epoch: string;
}

/** Whether the officer's signature counts at all now, whatever it is for. */
export function judgeStanding(
  standing: OfficerStanding | undefined,
  epoch: number,
  nowSeconds: bigint,
  places: OfficerPlaces,
): OfficerStanding {
  const at = { field: places.officer };
  if (standing === undefined) throw refusal('officer-unknown', undefined, at);
  if (standing.isRevoked) throw refusal('officer-is-revoked', undefined, at);
  if (nowSeconds < standing.suspendedUntil) throw refusal('officer-is-suspended', undefined, at);
  if (nowSeconds < standing.activeFrom) throw refusal('officer-not-yet-active', undefined, at);
  if (standing.epoch !== epoch) throw refusal('officer-epoch-stale', undefined, { field: places.epoch });
  if (standing.isInstitutionBarred) throw refusal('institution-is-barred', undefined, at);
  return standing;
}

export function judgeOfficer(
  standing: OfficerStanding | undefined,
  need: OfficerNeed,
  nowSeconds: bigint,
  places: OfficerPlaces,
): OfficerStanding {
  const valid = judgeStanding(standing, need.epoch, nowSeconds, places);
  const at = { field: places.officer };
  if (valid.office !== 0 && valid.office !== need.office) {
    throw refusal('office-out-of-scope', undefined, at);
  }
  if (((valid.roles >> ROLES.indexOf(need.role)) & 1) === 0) throw refusal('role-missing', undefined, at);
  if (nowSeconds < valid.narrowedUntil && !WHILE_NARROWED.has(need.role)) {
    throw refusal('officer-is-narrowed', undefined, at);
  }
  if (need.institution !== 0 && need.institution !== valid.institution) {
    throw refusal('institution-differs', undefined, at);
  }
  return valid;
}

/** Whether an officer whom nobody named yet could sign. */
export function isFit(standing: OfficerStanding, need: OfficerNeed, nowSeconds: bigint): boolean {
  try {
    judgeOfficer(standing, need, nowSeconds, { officer: '', epoch: '' });
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}
