/**
 * Acts and orders of power as they are signed: typed data over what the ledger says now, and the arguments of the call.
 *
 * Promises: what the consortium would refuse of an appointment or a key is refused before anybody signs, as far as the
 * records decide it; the digest is the entry's id. Pure: records, salts and addresses are handed in.
 */
import {
  type LedgerIdentity,
  type RegisterDomain,
  registerDomain,
  type SigningRegister,
} from '../acts/domains.ts';
import { commitFacts, type FactSet } from '../acts/facts.ts';
import type { InstitutionsNeeded, SignableAct } from '../acts/signable.ts';
import { digestOf, type TypedStruct, type TypedValue } from '../acts/typedData.ts';
import { type Address, type Bytes32, ZERO_32, ZERO_ADDRESS } from '../base/hex.ts';
import { codeOfError, refusal } from '../base/refusal.ts';
import {
  type EntryId,
  type InstitutionId,
  KEY_KINDS,
  numberOf,
  type OfficeId,
  roleBits,
  SCOPES,
  type Scope,
} from '../base/terms.ts';
import { LAND_TYPES } from '../land/acts.ts';
import { POWER_TYPES } from './acts.ts';
import type { FoundingKey, FoundingOfficer, VerifiedKind } from './founding.ts';
import { FIRST_EPOCHS, isPossessed } from './possession.ts';

/** Where power acts are signed for. */
export interface PowerLedger extends LedgerIdentity {
  readonly addressOf: (register: SigningRegister) => Address;
}

/** What every act of power has, and what one may have besides. */
interface PowerAct {
  readonly message: TypedStruct;
  /** Arguments of the call behind the message. */
  readonly shown?: readonly TypedValue[];
  readonly institutions?: InstitutionsNeeded;
  /** What it names by a hash. */
  readonly items?: readonly TypedStruct[];
  readonly opened?: readonly FactSet[];
  readonly office?: OfficeId;
}

const ANY_INSTITUTION: InstitutionsNeeded = { institution: 0, twoInstitutions: false };

export const domainOf = (ledger: PowerLedger, register: SigningRegister): RegisterDomain =>
  registerDomain(register, ledger, ledger.addressOf(register));

export function powerAct(type: string, domain: RegisterDomain, act: PowerAct): SignableAct {
  const { message, shown = [], institutions = ANY_INSTITUTION, items = [], opened = [], office } = act;
  const types = Object.hasOwn(POWER_TYPES, type) ? POWER_TYPES : LAND_TYPES;
  const typedData = { domain, types, primaryType: type, message };
  return Object.assign(
    {
      entryId: digestOf(typedData) as Bytes32 as EntryId,
      kind: codeOfError(type),
      typedData,
      args: [message, ...shown],
      institutions,
      consents: [],
      items,
      states: [],
      factSets: [],
      opened,
    },
    office === undefined ? undefined : { office },
  );
}

// ---- Keys and appointments ----------------------------------------------------------------------------------

/** The contract that checks keys of a kind; undefined where the members allow none. */
export type VerifierOf = (kind: VerifiedKind) => Address | undefined;

/** A key as the ledger keeps it. Refuses as `verifier-not-allowed`. */
export function keyStruct(
  { kind, keyHash, rpIdHash }: FoundingKey,
  verifierOf: VerifierOf,
  field: string,
): TypedStruct {
  const verifier = kind === 'secp256k1' ? ZERO_ADDRESS : verifierOf(kind);
  if (verifier === undefined) throw refusal('verifier-not-allowed', undefined, { field: `${field}/kind` });
  return { kind: numberOf(KEY_KINDS, kind), verifier, keyHash, rpIdHash };
}

/** An appointment whose two keys signed that they are the officer's. Refuses as `key-not-possessed`. */
export function appointmentOf(
  record: FoundingOfficer,
  { consortium, verifierOf, field }: { consortium: RegisterDomain; verifierOf: VerifierOf; field: string },
): TypedStruct {
  const { salt, institution, office, roles, officer } = record;
  for (const place of ['key', 'spare'] as const) {
    const key = record[place];
    const possession = { officerId: officer, keyHash: key.keyHash, epoch: FIRST_EPOCHS[place], institution };
    requirePossessed(consortium, possession, key, `${field}/${place}/possession`);
  }
  return {
    salt,
    institution,
    office,
    roles: roleBits(roles),
    key: keyStruct(record.key, verifierOf, `${field}/key`),
    spare: keyStruct(record.spare, verifierOf, `${field}/spare`),
  };
}

export function requirePossessed(
  consortium: RegisterDomain,
  possession: Parameters<typeof isPossessed>[1],
  key: FoundingKey,
  field: string,
): void {
  if (!isPossessed(consortium, possession, key, key.possession)) {
    throw refusal('key-not-possessed', undefined, { field });
  }
}

/** What an institution lets its officers do bounds what one of them may be appointed to. */
export function judgeAppointment(
  { institution, roles, office }: Pick<FoundingOfficer, 'institution' | 'roles' | 'office'>,
  ceiling: { readonly roles: number; readonly isExpelled: boolean } | undefined,
  head: { readonly office: OfficeId },
  own: InstitutionId,
): void {
  if (institution !== own) throw refusal('institution-differs', undefined, { field: '/officer/institution' });
  if (ceiling === undefined || ceiling.isExpelled) throw refusal('institution-unknown');
  if ((roleBits(roles) & ~ceiling.roles) !== 0) {
    throw refusal('roles-out-of-range', undefined, { field: '/officer/roles' });
  }
  if (office !== head.office) throw refusal('office-differs', undefined, { field: '/head/office' });
}

/** Most officers of every office who manage the others, of one institution: `Officers.sol`. */
export const MAX_ADMINS = 7;
const MANAGING = roleBits(['admin-preparer', 'admin-approver']);

/** Whether an officer manages those of every office. `roles` are bits. */
export function isAdmin({ office, roles }: { readonly office: OfficeId; readonly roles: number }): boolean {
  return office === 0 && (roles & MANAGING) !== 0;
}

/** Refuses the first officer who would be one admin too many beside the `standing` ones of the institution. */
export function requireAdminsFit(
  standing: number,
  appointed: readonly Pick<FoundingOfficer, 'office' | 'roles'>[],
  fieldOf: (place: number) => string,
): void {
  let admins = standing;
  appointed.forEach(({ office, roles }, i) => {
    if (!isAdmin({ office, roles: roleBits(roles) })) return;
    if (++admins > MAX_ADMINS) throw refusal('too-many-admins', undefined, { field: `${fieldOf(i)}/roles` });
  });
}

// ---- How long ---------------------------------------------------------------------------------------------------

const HOUR_SECONDS = 3_600n;
/** A lone officer suspends a colleague, or stops a scope, for at most so long; two institutions stop one longer. */
export const MOST_SUSPENSION_SECONDS = 72n * HOUR_SECONDS;
export const MOST_SHORT_PAUSE_SECONDS = 72n * HOUR_SECONDS;
export const MOST_LONG_PAUSE_SECONDS = 90n * 24n * HOUR_SECONDS;

// ---- Scopes and cases ---------------------------------------------------------------------------------------

export function scopeBits(scopes: readonly Scope[]): number {
  return scopes.reduce((bits, scope) => bits | (1 << SCOPES.indexOf(scope)), 0);
}

/** The number of a case, as the ledger holds it: one salted fact. */
export function caseFacts(caseNumber: string | undefined, salt: () => Bytes32) {
  if (caseNumber === undefined) return { caseReference: ZERO_32, opened: [] };
  const set = commitFacts([{ path: 'case/number', value: caseNumber, salt: salt() }]);
  return { caseReference: set.root, opened: [set] };
}
