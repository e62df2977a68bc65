/**
 * What an institution's recorder swears to, on its way to the ledger, and the newest that stands there.
 *
 * Promises: what the notary would refuse now is refused before anything is sent, in its order and words; what is sent is
 * exactly what the recorder signed. Whoever keeps the recorder key signs apart from the gateway.
 */
import type { Commit } from '../acts/commit.ts';
import type { NotaryCalls } from '../acts/notaryCalls.ts';
import { digest } from '../domain/acts/typedData.ts';
import { recoverCompact } from '../domain/audit/signature.ts';
import { type Address, type Bytes32, fromHex, type Hex } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import { type InstitutionId, ROOT_KINDS, type RootKind } from '../domain/base/terms.ts';
import {
  type Erasure,
  judgeErasure,
  judgeRoot,
  NO_RECORDER,
  NO_ROOT,
  NOTARY_TYPES,
  type Recorder,
  type RootRecord,
  rootMessage,
} from '../domain/notary/roots.ts';
import { keyHashOfAddress } from '../domain/power/possession.ts';
import { domainOf } from '../domain/power/prepare.ts';
import type { Erasures } from '../store/erasures.ts';
import type { Claim } from '../store/idempotency.ts';
import type { Call, Operation, Owner } from '../store/operation.ts';
import type { RootRow } from '../store/views/notary.ts';
import type { PowerDesk } from './power.ts';

export interface NotaryDesk extends Pick<PowerDesk, 'views' | 'ledger' | 'nowSeconds'> {
  readonly commit: Commit;
  readonly calls: NotaryCalls;
  /** Keys that were destroyed and that the ledger has not counted. */
  readonly destroyed: Pick<Erasures, 'due' | 'counted'>;
}
/** What a recorder signed, without the institution, which is the caller's. */
type Sworn<T> = Omit<T, 'institution'> & { readonly signature: Hex };

/** What operations of a recorder are called. */
export const RECORDER_KINDS = ['root-recorded', 'keys-erased'] as const;

export async function recordRoot(
  desk: NotaryDesk,
  owner: Owner,
  claim: Claim,
  { signature, ...given }: Sworn<RootRecord>,
): Promise<Operation> {
  return desk.commit.post(claim, async () => {
    const { institution, recorder } = await recorderOf(desk, owner);
    const record = { institution, ...given };
    const [newest = NO_ROOT] = await newestOf(desk, institution, record.kind);
    judgeRoot(record, { recorder, newest, nowSeconds: desk.nowSeconds() });
    requireSigned(desk, 'RootRecord', rootMessage(record), { recorder, signature });
    return ordered(owner, 'root-recorded', desk.calls.recordRoot(record, signature));
  });
}

export async function recordErasure(
  desk: NotaryDesk,
  owner: Owner,
  claim: Claim,
  { signature, ...given }: Sworn<Erasure>,
): Promise<Operation> {
  return desk.commit.post(claim, async () => {
    const { institution, recorder } = await recorderOf(desk, owner);
    const erasure = { institution, ...given };
    judgeErasure(erasure, { recorder, nowSeconds: desk.nowSeconds() });
    requireSigned(desk, 'Erasure', erasure, { recorder, signature });
    return ordered(owner, 'keys-erased', desk.calls.recordErasure(erasure, signature));
  });
}

/** What one erasure may count, as the notary takes it. */
export const DUE_MAX = 256;
/** A block may be dated before the clock by which something was destroyed. */
const CLOCKS_APART_MS = 86_400_000;

/** Ids of keys that the institution destroyed and its recorder is to have counted, rising; a first part of many. */
export async function dueKeys(
  { destroyed, views }: Pick<NotaryDesk, 'destroyed' | 'views'>,
  institution: InstitutionId,
): Promise<readonly Bytes32[]> {
  for (;;) {
    const due = await destroyed.due(institution, DUE_MAX);
    if (due.length === 0) return [];
    const since = Math.min(...due.map(({ atMs }) => atMs)) - CLOCKS_APART_MS;
    const counted = await countedSince(views, institution, since);
    const left = due.filter(({ id }) => !counted.has(id)).map(({ id }) => id);
    await destroyed.counted(
      institution,
      due.map(({ id }) => id).filter((id) => counted.has(id)),
    );
    if (left.length > 0) return left;
  }
}

async function countedSince(
  { notary }: NotaryDesk['views'],
  institution: InstitutionId,
  sinceMs: number,
): Promise<ReadonlySet<Bytes32>> {
  const ids = new Set<Bytes32>();
  for (let after: string | undefined; ; ) {
    const page = await notary.erasures(institution, {
      newestFirst: true,
      ...(after !== undefined && { after }),
    });
    for (const row of page.rows) {
      if (Number(row.recordedAt) * 1000 < sinceMs) return ids;
      for (const id of row.ids) ids.add(id);
    }
    if (page.next === undefined) return ids;
    after = page.next;
  }
}

/** The newest root of each kind that an institution had recorded. */
export async function newestRoots(
  desk: Pick<NotaryDesk, 'views'>,
  institution: InstitutionId,
): Promise<RootRow[]> {
  const kinds = ROOT_KINDS.filter((kind) => kind !== 'unspecified');
  return (await Promise.all(kinds.map((kind) => newestOf(desk, institution, kind)))).flat();
}

async function newestOf(
  { views }: Pick<NotaryDesk, 'views'>,
  institution: InstitutionId,
  kind: RootKind,
): Promise<readonly RootRow[]> {
  return (await views.notary.roots(institution, kind, { newestFirst: true, limit: 1 })).rows;
}

async function recorderOf({ views }: NotaryDesk, { institution: own }: Owner) {
  const institution = own as InstitutionId;
  return { institution, recorder: (await views.notary.recorder(institution)) ?? NO_RECORDER };
}

function requireSigned(
  { ledger }: NotaryDesk,
  type: 'RootRecord' | 'Erasure',
  message: Parameters<typeof digest>[3],
  { recorder, signature }: { readonly recorder: Recorder; readonly signature: Hex },
): void {
  const hash: Bytes32 = digest(domainOf(ledger, 'notary'), NOTARY_TYPES, type, message);
  const signer: Address | undefined = recoverCompact(fromHex(hash), fromHex(signature));
  if (signer === undefined || keyHashOfAddress(signer) !== recorder.keyHash) {
    throw refusal('recorder-signature-invalid', undefined, { field: '/signature' });
  }
}

const ordered = (owner: Owner, kind: (typeof RECORDER_KINDS)[number], call: Call) => {
  return { kind, owner, office: undefined, orderedBy: `recorder ${owner.institution}`, call };
};
