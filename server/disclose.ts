/**
 * The one way out of the vault: the access line is on disk, then there is plaintext.
 *
 * Promises: no line, no data (it fails closed); the line names who, for which institution, why, which classes, under
 * which case and on whose behalf; only fields whose rule allows the purpose come out. A refused request shows nothing. For http, certificates and exports; nothing else may call `vault.openSealed`.
 */

import type { Bytes32 } from './domain/base/hex.ts';
import { refusal } from './domain/base/refusal.ts';
import type { AccessHead } from './domain/people/access.ts';
import { accessLineHash, CASE_REFERENCE_MAX, isCaseReference } from './domain/people/access.ts';
import {
  type DataClass,
  type FieldRule,
  type Purpose,
  SCHEMA,
  type StoredType,
  type SubjectRef,
} from './domain/people/schema.ts';
import type { AccessLog } from './store/access.ts';
import type { Disclosed, RecordFilter, Vault } from './store/vault.ts';

export interface DiscloseDependencies {
  readonly vault: Vault;
  readonly accessLog: AccessLog;
  readonly nowMs: () => number;
}

export interface DisclosureRequest {
  /** The principal's id. */
  readonly actor: string;
  readonly institution: number;
  /** Whose records. */
  readonly agency: number;
  readonly purpose: Purpose;
  readonly classes: readonly DataClass[];
  readonly types: readonly StoredType[];
  readonly caseReference?: string | undefined;
  readonly onBehalfOf?: Bytes32 | undefined;
  /** Needed when the institution is not the agency, the person's own reading apart. */
  readonly agreement?: string | undefined;
  /** Set when the data leave for another institution (DT6). */
  readonly transferTo?: number | undefined;
}

export interface Disclosure {
  readonly subject: SubjectRef;
  readonly records: readonly Disclosed[];
  /** Of a page: where the next one begins. */
  readonly next: string | undefined;
  /** The person's chain after this reading: what a receipt can quote. */
  readonly access: AccessHead;
}

/** Reads one person's records for one stated purpose. */
export async function disclose(
  { vault, accessLog, nowMs }: DiscloseDependencies,
  request: DisclosureRequest,
  subject: SubjectRef,
  filter: RecordFilter = {},
): Promise<Disclosure> {
  refuseUnlessPermitted(request);
  const receipt = await accessLog.append(subject, {
    atMs: nowMs(),
    actor: request.actor,
    institution: request.institution,
    agency: request.agency,
    purpose: request.purpose,
    classes: request.classes,
    types: request.types,
    channel: request.transferTo === undefined ? 'view' : 'transfer',
    receiver: request.transferTo ?? request.institution,
    caseReference: request.caseReference,
    onBehalfOf: request.onBehalfOf,
    agreement: request.agreement,
    hidden: undefined,
  });
  const { records, next } = await vault.openSealed(receipt, filter);
  return {
    subject,
    records,
    next,
    access: { lines: receipt.line.index, head: accessLineHash(receipt.line) },
  };
}

/** That somebody asked for what the caller is refused: she sees who asked, what for and in which case, and nothing is opened. */
export async function noteRefused(
  { accessLog, nowMs }: Pick<DiscloseDependencies, 'accessLog' | 'nowMs'>,
  { actor, institution, agency, purpose, classes, types, caseReference, onBehalfOf }: DisclosureRequest,
  subject: SubjectRef,
): Promise<void> {
  const who = { actor, institution, agency, receiver: institution };
  const what = { purpose, classes, types, caseReference, onBehalfOf };
  const rest = { channel: 'refused', agreement: undefined, hidden: undefined } as const;
  await accessLog.append(subject, Object.assign({ atMs: nowMs() }, who, what, rest));
}

function refuseUnlessPermitted(request: DisclosureRequest): void {
  for (const [field, reference] of Object.entries({
    '/caseReference': request.caseReference,
    '/agreement': request.agreement,
  })) {
    if (reference !== undefined && !isCaseReference(reference)) {
      throw refusal('reference-malformed', { limit: CASE_REFERENCE_MAX }, { field });
    }
  }
  const isOwn = request.purpose === 'own-data';
  if (request.institution !== request.agency && request.agreement === undefined && !isOwn) {
    throw refusal('sharing-agreement-required');
  }
  const permitted = request.types.some((type) =>
    Object.values<FieldRule>(SCHEMA[type]).some(
      (rule) => rule.purposes.includes(request.purpose) && request.classes.includes(rule.class),
    ),
  );
  if (!permitted) throw refusal('purpose-not-permitted', { purpose: request.purpose });
}
