/** The shapes that acts and measures of power share: officers' records, keys, proposals in words. */

import { z } from 'zod';
import { ZERO_32 } from '../domain/base/hex.ts';
import { atWritten, Refusal } from '../domain/base/refusal.ts';
import {
  type InstitutionId,
  ROLES as OFFICER_ROLES,
  type OfficeId,
  type OfficerId,
  SCOPES,
  type Scope,
} from '../domain/base/terms.ts';
import { type FoundingKey, type FoundingOfficer, VERIFIED_KINDS } from '../domain/power/founding.ts';
import { parseOfficerRecord } from '../domain/power/foundingFile.ts';
import { DIRECTORY } from '../domain/power/policyNames.ts';
import type { Proposal } from '../domain/power/proposals.ts';
import { written } from './shapeProblem.ts';
import { address, amount, bytes32, compactSignature, lastMoment, moment, says, uint32 } from './shapes.ts';

export const officerId = bytes32<OfficerId>();
export const institutionId = z
  .int()
  .min(1)
  .max(127)
  .transform((number) => number as InstitutionId)
  .meta({ type: 'integer', description: 'Number of the institution' });
const officeId = uint32.transform((number) => number as OfficeId);
const rolesOf = z.array(z.enum(OFFICER_ROLES)).min(1).max(OFFICER_ROLES.length);

/** XR8: what the case file is called. The ledger holds a salted commitment to it, which the file to sign opens. */
export const caseNumber = z
  .string()
  .min(1)
  .max(64)
  .regex(
    /^[\w./-]+$/,
    written('the number of a case in letters, digits, dots, dashes and slashes', 'CASE/2026/17'),
  )
  .meta({ description: 'The number of the case; nothing about a person' });

/** An order to stop names at least one thing, and none twice. */
export const scopes = z
  .array(z.enum(SCOPES))
  .min(1)
  .max(SCOPES.length)
  .refine((all) => new Set(all).size === all.length, says('it names one thing twice'))
  .transform((all): readonly Scope[] => all);

const key = z.strictObject({
  kind: z.enum(['secp256k1', ...VERIFIED_KINDS]),
  keyHash: bytes32(),
  rpIdHash: bytes32().optional().meta({ description: 'Of a passkey only' }),
  possession: compactSignature.meta({ description: "The key's own signature that it is this officer's" }),
});

/** As `kudurru officer new` and `officer record` print it. */
export const officerRecord = z
  .strictObject({
    format: z.literal('kudurru-officer-1'),
    officer: officerId,
    salt: bytes32(),
    institution: institutionId,
    office: officeId,
    roles: rolesOf,
    key,
    spare: key,
  })
  .meta({ id: 'OfficerRecord' });
type RecordBody = z.infer<typeof officerRecord>;

/** As `kudurru officer key` prints it. */
export const officerKey = z.strictObject({
  format: z.literal('kudurru-officer-key-1'),
  officer: officerId,
  epoch: uint32.meta({ description: 'The epoch the key begins: two more than the one it replaces' }),
  key,
});

/** The record as the domain reads it, whoever wrote it; a refusal names its place in the body. */
export function recordOf(body: RecordBody, field: string): FoundingOfficer {
  try {
    return parseOfficerRecord(JSON.stringify(body));
  } catch (error) {
    throw error instanceof Refusal ? atWritten(error, [['', field]]) : error;
  }
}

export function keyOf({ kind, keyHash, rpIdHash, possession }: z.infer<typeof key>): FoundingKey {
  return { kind, keyHash, rpIdHash: rpIdHash ?? ZERO_32, possession };
}

// ---- Proposals ----------------------------------------------------------------------------------------------

const verifiedKind = z.enum(VERIFIED_KINDS);
const ofInstitution = { institution: institutionId };
const validator = address.meta({ type: 'string', description: 'Address that a validator seals with' });
const ofKind = <K extends Proposal['kind'], S extends z.ZodRawShape>(kind: K, shape: S) =>
  z.strictObject({ kind: z.literal(kind), ...shape });

const days = (seconds: number) => ({ description: `Seconds, ${seconds} at least: one day` });
const waitSeconds = uint32.meta(days(86_400));

/** What members vote on, in words; each kind with the fields it uses. */
export const proposal = z
  .discriminatedUnion('kind', [
    ofKind('admit-institution', { ...ofInstitution, roles: rolesOf }),
    ofKind('expel-institution', ofInstitution),
    ofKind('suspend-institution', ofInstitution),
    ofKind('lift-suspension', ofInstitution),
    ofKind('set-institution-roles', { ...ofInstitution, roles: rolesOf }),
    ofKind('reseat-institution', ofInstitution),
    ofKind('set-quorum', { quorum: z.int().min(1).max(127) }),
    ofKind('set-widening-wait', { seconds: waitSeconds }),
    ofKind('set-appointment-wait', { seconds: waitSeconds }),
    ofKind('allow-verifier', { verifier: address, keyKind: verifiedKind }),
    ofKind('disallow-verifier', { verifier: address }),
    ofKind('add-validator', { ...ofInstitution, validator }),
    ofKind('remove-validator', { validator }),
    ofKind('set-policy', {
      policy: z.string().min(1).max(66).meta({ description: 'Its name, or the hash of its name' }),
      value: amount,
    }),
    ofKind('put-in-force', {
      register: z.enum(DIRECTORY),
      contract: address,
      importHash: bytes32().optional().meta({ description: 'What `kudurru succession` recomputes' }),
    }),
    ofKind('pass-authority', { consortium: address }),
    ofKind('move-office', { ...ofInstitution, office: officeId }),
    ofKind('record-halt', { from: moment, to: lastMoment }),
    ofKind('replace-validator', { ...ofInstitution, validator, by: address }),
    ofKind('revoke-officer', { officer: officerId }),
    ofKind('free-officer', { officer: officerId }),
  ])
  .meta({ id: 'Proposal' });
