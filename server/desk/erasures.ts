/**
 * An erasure, from asking to the receipt: judged against the law by rule, signed by two stewards, carried out in one write.
 *
 * Promises: what the law has to be kept is refused with the rule that says so, when it is asked for and again before it is
 * carried out; two officers of the own institution sign the same erasure, and nobody signs for both; carried out, the
 * person's records, ids, names, commitments and codes go in the write that lays the tombstone and keeps the receipt, and the
 * keys right after. For `http`.
 */
import type { Officers } from '../acts/officers.ts';
import type { RegisterDomain } from '../domain/acts/domains.ts';
import { recoverCompact } from '../domain/audit/signature.ts';
import { type Bytes32, fromHex } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import type { BAUnitId, InstitutionId, OfficeId, OfficerId } from '../domain/base/terms.ts';
import { tombstoneHash } from '../domain/people/access.ts';
import {
  ERASURE_PARTS,
  type ErasureAsked,
  erasureDigest,
  erasureId,
  holdOn,
  type Ties,
} from '../domain/people/erasure.ts';
import type { SubjectRef } from '../domain/people/schema.ts';
import { judgeOfficer } from '../domain/power/judgeOfficer.ts';
import { keyHashOfAddress } from '../domain/power/possession.ts';
import { type Commitments, carriedByActs, forgetCommitments } from '../store/carried.ts';
import {
  ERASURES_WAITING_MAX,
  type ErasureReceipt,
  type ErasureRequest,
  type ErasureRequests,
  type ErasureSignature,
} from '../store/erasureRequests.ts';
import type { Erasures } from '../store/erasures.ts';
import { codesOf } from '../store/readingCodes.ts';
import type { KeptList, Rolls } from '../store/rolls.ts';
import type { Store } from '../store/store.ts';
import { liveSubject } from '../store/subjects.ts';
import { forgetRecord, type RecordRef, recordsOf } from '../store/vault.ts';
import type { PageRequest } from '../store/views/page.ts';
import type { Views } from '../store/views.ts';

const SECOND_MS = 1000;
const EVERY_OFFICE = 0 as OfficeId;
const PLACES = { officer: '/officer', epoch: '/epoch' };

export interface ErasureDeskParts {
  readonly store: Store;
  readonly erasures: Erasures;
  readonly requests: ErasureRequests;
  readonly commitments: Commitments;
  readonly rolls: Pick<Rolls, 'enrolments' | 'enrolment'>;
  readonly views: Views;
  readonly officers: Pick<Officers, 'standingOf' | 'moment'>;
  /** Of a key that this gateway can check; undefined of any other. */
  keyHashOf(officer: OfficerId, epoch: number): Promise<Bytes32 | undefined>;
  /** Of the consortium in force, whose officers sign. */
  domain(): RegisterDomain;
  nowMs(): number;
}

export interface ErasureTold {
  readonly id: Bytes32;
  readonly asked: ErasureRequest['asked'];
  /** Parts that nobody signed yet. */
  readonly missing: readonly string[];
  readonly receipt: ErasureReceipt | undefined;
}

export interface ErasureDesk {
  /** Refuses as `erasure-kept-by-law`, `erasure-act-waits`, `person-kept-by-others` and `too-many-erasures-waiting`. */
  ask(subject: SubjectRef, asked: Omit<ErasureAsked, 'atMs'>): Promise<ErasureTold>;
  /** With the second signature it is carried out. */
  sign(institution: InstitutionId, id: Bytes32, signature: ErasureSignature): Promise<ErasureTold>;
  list(institution: InstitutionId): Promise<readonly ErasureTold[]>;
}

export function openErasureDesk(parts: ErasureDeskParts): ErasureDesk {
  const { requests, nowMs } = parts;
  return {
    async ask(subject, given) {
      const asked: ErasureAsked = Object.assign({}, given, { atMs: nowMs() });
      await requireErasable(parts, subject, asked);
      let waiting = 0;
      for await (const [, { receipt }] of requests.of(asked.institution))
        if (receipt === undefined) waiting++;
      if (waiting >= ERASURES_WAITING_MAX) {
        throw refusal('too-many-erasures-waiting', { limit: ERASURES_WAITING_MAX });
      }
      const [id, request] = [erasureId(asked), { asked, subject, signatures: [] }];
      await requests.keep(id, request);
      return told(id, request);
    },
    async sign(institution, id, signature) {
      const request = await requests.find(institution, id);
      if (request === undefined) throw refusal('erasure-missing');
      const { personId } = request.asked;
      if (personId === undefined) return told(id, request); // was carried out
      const asked: ErasureAsked = Object.assign({}, request.asked, { personId });
      await requireSigned(parts, asked, signature);
      const signed = await requests.add(institution, id, signature);
      if (told(id, signed).missing.length > 0 || signed.subject === undefined) return told(id, signed);
      await carryOut(parts, id, asked, signed.subject);
      return told(id, (await requests.find(institution, id)) ?? signed);
    },
    async list(institution) {
      const found: ErasureTold[] = [];
      for await (const [id, request] of requests.of(institution)) found.push(told(id, request));
      return found;
    },
  };
}

function told(id: Bytes32, { asked, signatures, receipt }: ErasureRequest): ErasureTold {
  const isMissing = (part: string) => signatures.every((one) => one.part !== part);
  const missing = receipt === undefined ? Object.keys(ERASURE_PARTS).filter(isMissing) : [];
  return { id, asked, missing, receipt };
}

/** The officer counts now, in the role of the part, and the signature is of the key that the ledger has. */
async function requireSigned(
  { officers, keyHashOf, domain }: ErasureDeskParts,
  asked: ErasureAsked,
  { signature, ...signer }: ErasureSignature,
): Promise<void> {
  const { part, officer, epoch } = signer;
  const { nowSeconds } = await officers.moment();
  const standing = await officers.standingOf(officer, epoch);
  const office = standing?.office ?? EVERY_OFFICE; // a person is of no office
  const institution = asked.institution as InstitutionId;
  judgeOfficer(standing, { epoch, office, role: ERASURE_PARTS[part], institution }, nowSeconds, PLACES);
  const signedBy = recoverCompact(fromHex(erasureDigest(domain(), asked, signer)), fromHex(signature));
  const expected = await keyHashOf(officer, epoch);
  if (signedBy === undefined || expected === undefined || keyHashOfAddress(signedBy) !== expected) {
    throw refusal('signature-not-by-key', undefined, { field: '/signature' });
  }
}

async function carryOut(
  parts: ErasureDeskParts,
  id: Bytes32,
  asked: ErasureAsked,
  subject: SubjectRef,
): Promise<void> {
  const { store, erasures, requests, nowMs } = parts;
  const { records, roots } = await requireErasable(parts, subject, asked);
  const forgetCodes = await codesOf(store, subject);
  const { institution, ground } = asked;
  const atMs = nowMs();
  await erasures.eraseAll(
    async (tx) => {
      const row = await liveSubject(tx, subject);
      if (row.records !== records.length) throw refusal('erasure-act-waits'); // something was written since
      for (const record of records) await forgetRecord(tx, record);
      forgetCommitments(tx, roots);
      forgetCodes(tx);
      return [{ subject, group: '', ground, orderedBy: `erasure ${id}`, atMs }];
    },
    {
      noting: async (tx, [stone]) => {
        if (stone === undefined) throw new Error('an erasure without its tombstone');
        const receipt = {
          tombstone: stone.index,
          tombstoneHash: tombstoneHash(stone),
          records: records.length,
          carriedOutAtMs: atMs,
        };
        await requests.done(tx, { institution, id }, receipt);
      },
    },
  );
}

interface Erasable {
  readonly records: readonly RecordRef[];
  readonly roots: ReadonlySet<Bytes32>;
}

async function requireErasable(
  parts: ErasureDeskParts,
  subject: SubjectRef,
  { institution, ground }: ErasureAsked,
): Promise<Erasable> {
  const records = await recordsOf(parts.store, subject);
  if (records.some(({ agency }) => agency !== institution)) throw refusal('person-kept-by-others');
  const land = await landOf(parts, subject, records);
  const programmesEndedAtMs = await programmesOf(parts, subject, institution as InstitutionId);
  const ties: Ties = { rightsEndedAtMs: land.endedAtMs, programmesEndedAtMs };
  const hold = holdOn(ties, ground, parts.nowMs());
  if (hold === undefined) {
    if (await isCarried(parts, subject)) throw refusal('erasure-act-waits');
    return { records, roots: land.roots };
  }
  const { rule, untilMs } = hold;
  const until =
    untilMs === undefined ? 'an end that is not known yet' : new Date(untilMs).toISOString().slice(0, 10);
  throw refusal('erasure-kept-by-law', { rule, until });
}

/** Whether an act that is not recorded yet carries a record of her, or her place in a list. */
async function isCarried({ store, rolls }: ErasureDeskParts, subject: SubjectRef): Promise<boolean> {
  const ref = refOf(subject);
  for await (const { records, enrolment } of carriedByActs(store)) {
    if (records.some((record) => record.subject === subject)) return true;
    const list = enrolment && (await rolls.enrolment(enrolment));
    if (list !== undefined && isIn(list, ref)) return true;
  }
  return false;
}

const refOf = (subject: SubjectRef) => Buffer.from(fromHex(subject));

/** By unit that she has records of: when the last change came after which she holds nothing there. */
async function landOf(
  { views, commitments }: ErasureDeskParts,
  subject: SubjectRef,
  records: readonly RecordRef[],
) {
  const endedAtMs: (number | undefined)[] = [];
  const roots = new Set<Bytes32>();
  const ofLand = records.filter(({ type, group }) => group !== '' && type !== 'card');
  const units = new Set(ofLand.map(({ group }) => group.split('.', 1)[0] ?? ''));
  for (const unit of units) {
    let ended: number | undefined;
    let isNewest = true;
    if (unit !== '') {
      for await (const version of paged((request) => views.land.history(`0x${unit}` as BAUnitId, request))) {
        const held = version.state.rights.flatMap(({ holdings }) => holdings);
        const hers = new Set<Bytes32>();
        for (const { partyCommitment } of held)
          if ((await commitments.get(partyCommitment))?.subject === subject) hers.add(partyCommitment);
        for (const root of hers) roots.add(root);
        if (isNewest && hers.size === 0) ended = Number(version.recordedAt) * SECOND_MS;
        isNewest = false;
      }
    }
    endedAtMs.push(ended); // of what is of no unit, or of one that nobody knows, no end is known
  }
  return { endedAtMs, roots };
}

/** By programme of the institution in whose lists she stands: when its last cycle ends; undefined where none was released. */
async function programmesOf(
  { views, rolls }: ErasureDeskParts,
  subject: SubjectRef,
  institution: InstitutionId,
): Promise<(number | undefined)[]> {
  const ended: (number | undefined)[] = [];
  const ref = refOf(subject);
  const { benefits } = views;
  const own = { institution, office: undefined };
  for await (const { programme } of paged((request) => benefits.programmesOf(own, request))) {
    let isListed = false;
    for await (const { enrolmentEpoch } of paged((request) => benefits.enrolments(programme, request))) {
      for await (const list of rolls.enrolments(programme, enrolmentEpoch)) {
        if (isIn(list, ref) && (await views.journal.isRecorded(list.act))) isListed = true;
      }
    }
    if (!isListed) continue;
    let last: number | undefined;
    for await (const { envelope } of paged((request) => benefits.cycles(programme, request))) {
      last = Math.max(last ?? 0, Number(envelope.spendUntil) * SECOND_MS);
    }
    ended.push(last);
  }
  return ended;
}

function isIn({ refs }: KeptList, ref: Buffer): boolean {
  const all = Buffer.from(refs.buffer, refs.byteOffset, refs.byteLength);
  for (let at = all.indexOf(ref); at >= 0; at = all.indexOf(ref, at + 1))
    if (at % ref.length === 0) return true;
  return false;
}

interface Paged<T> {
  readonly rows: readonly T[];
  readonly next?: string;
}

/** Newest first, page by page. */
async function* paged<T>(ask: (request: PageRequest) => Promise<Paged<T>>): AsyncGenerator<T> {
  for (let after: string | undefined; ; ) {
    const { rows, next } = await ask({ newestFirst: true, ...(after !== undefined && { after }) });
    yield* rows;
    if (next === undefined) return;
    after = next;
  }
}
