/**
 * A person reads her own record with the key of her card, her holding or her charge, at a counter or by herself.
 *
 * Promises: nothing is opened but by a signature of the key that the ledger has at this moment for the place that is named,
 * over a challenge of this gateway that is minutes old and was never used; whoever has no such key is told the same
 * whether there is such an entry or not; what is opened was written with the very holding, and the opening stands in her own list;
 * what an act says of others is opened to who is asked, their names to who holds the title with them, and both stand in theirs. `http` calls it.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { lapsesAtMs } from '../acts/inbox.ts';
import { type DisclosureRequest, disclose } from '../disclose.ts';
import type { LedgerIdentity } from '../domain/acts/domains.ts';
import type { Moment } from '../domain/acts/moment.ts';
import type { ActPart } from '../domain/acts/signable.ts';
import { keyHashOf } from '../domain/acts/signing.ts';
import type { Certificate } from '../domain/audit/certificate.ts';
import { Fault } from '../domain/base/fault.ts';
import { type Bytes32, fromHex, type Hex, toHex, wordOf, ZERO_32 } from '../domain/base/hex.ts';
import { Refusal, refusal } from '../domain/base/refusal.ts';
import {
  type BAUnitId,
  isEnded,
  type KeyKind,
  type OfficeId,
  type ProgrammeId,
  type VendorId,
} from '../domain/base/terms.ts';
import { p256KeyId } from '../domain/benefits/cards.ts';
import type { CycleId } from '../domain/benefits/terms.ts';
import { SIGNING_RELYING_PARTY_POLICY } from '../domain/land/policies.ts';
import { isInForce } from '../domain/land/restrictions.ts';
import type { BAUnitState, Holding, Right } from '../domain/land/types.ts';
import { type OwnChallenge, type OwnPlace, ownReading, signerOf } from '../domain/people/ownProof.ts';
import { DATA_CLASSES, type SubjectRef } from '../domain/people/schema.ts';
import type { AccessPage } from '../store/access.ts';
import type { PendingAct, PendingActs } from '../store/acts.ts';
import type { Labels } from '../store/labels.ts';
import type { Disclosed } from '../store/vault.ts';
import type { Views } from '../store/views.ts';
import type { AcceptedSales } from './acceptedSales.ts';
import type { ActFileReader } from './actFiles.ts';
import type { Certificates } from './certificates.ts';
import { type FoundRestriction, restrictionsOn, type TitleFinder } from './titleFinder.ts';
import type { FactsDependencies } from './vaultFacts.ts';

/** To find the card, read what it asks and sign; not to carry a proof elsewhere. */
const CHALLENGE_SECONDS = 300n;
const NONCE_BYTES = 16;
/** Proofs of one lifetime of a challenge: each takes the key of somebody's card or holding. */
const USED_MAX = 50_000;
/** Of one caller: more than an office's counters or a street behind one address open, and a fiftieth of all. */
const USED_A_MINUTE = 200;
const USED_OF_CALLER_MAX = (USED_A_MINUTE * Number(CHALLENGE_SECONDS)) / 60;
/** Tries of one challenge that fail: a wrong card and a slip of a finger, and no search. */
const FAILED_MAX = 3;
/** Cycles of a programme, newest first: years of monthly ones. */
const CYCLES_MAX = 60;
/** Purchases from one cycle, newest first: more than its entry counts. */
const SALES_MAX = 500;
/** A page a person reads on a phone. */
const LINES_MAX = 200;
/** Acts of her office that its officers signed and that wait for a consent: each is read whole to see whom it asks. */
const ASKING_LOOKED_AT = 2_000;
/** Whose holding it is may know her own parcel, whichever institution keeps the office. */
const HER_OWN = { institution: 0, isAuditor: true } as const;
const UNIT = /^[0-9a-f]{64}$/;
/** Of a unit, newest first, where somebody looks for a holding that was. */
const STATES_LOOKED_AT = 200;
const OF_A_FORMER =
  'This was the key of a holding that is no longer yours: it opens who read your data, and nothing of the data itself. The office that keeps the parcel shows you that.';
const NOTHING_OPENED = {
  records: [],
  entitlements: [],
  titles: [],
  restrictions: [],
  asking: [],
  isAllAsking: false, // nothing was looked through
};
const NOTHING_MORE = { onBehalfOf: undefined, agreement: undefined, hidden: undefined };

interface OwnDataDependencies extends FactsDependencies {
  readonly views: Views;
  readonly acts: Pick<PendingActs, 'get' | 'waiting' | 'content'>;
  readonly fileOf: Pick<ActFileReader, 'ofPending'>;
  readonly certificates: Pick<Certificates, 'issueToHolder'>;
  readonly accepted: Pick<AcceptedSales, 'entry'>;
  /** What an institution calls a shop. */
  readonly labels: Pick<Labels, 'labelOf'>;
  readonly ledger: LedgerIdentity;
  /** The number and the area of a unit's parcel. */
  readonly groundOf: TitleFinder['groundOf'];
  /** That of the next block. */
  moment(): Promise<Moment>;
  /** Who stands at an index of an enrolment that the ledger recorded. */
  subjectAt(place: Extract<OwnPlace, { kind: 'card' }>): Promise<SubjectRef | undefined>;
}

type LandPlace = Exclude<OwnPlace, { kind: 'card' }>;

/** Which key signed, read from the proof alone. */
interface Signed {
  readonly kind: KeyKind;
  readonly key: Hex;
  /** What the ledger has of it behind the salt that was shown; undefined without one. */
  readonly keyHash: Bytes32 | undefined;
}

interface OwnProof extends OwnChallenge {
  readonly place: OwnPlace;
  readonly signature: Hex;
  /** Of a holding, charge or notice: what its key hash hides the key behind. */
  readonly salt?: Bytes32 | undefined;
  /** Of a passkey: qx ‖ qy. */
  readonly passkey?: Hex | undefined;
  /** `next` of the lines read before. */
  readonly before?: number | undefined;
}

interface Entitlement {
  readonly cycle: number;
  readonly state: string;
  readonly opensAt: bigint;
  readonly spendUntil: bigint;
  /** Undefined where the words of the table never passed this gateway. */
  readonly remainingUnits: number | undefined;
  /** Of what is taken off that: accepted, and not on the ledger yet. */
  readonly unrecordedUnits: number | undefined;
  /** Newest first, as the ledger has them. */
  readonly spent: readonly Spent[];
}

/** A purchase that was paid from a card. */
interface Spent {
  readonly soldAt: bigint;
  readonly units: number;
  readonly vendor: VendorId;
  /** As the agency of her record calls it: it is where she was. */
  readonly vendorLabel: string | undefined;
  readonly till: number;
}

interface OwnTitle {
  readonly baUnit: BAUnitId;
  readonly version: bigint;
  readonly status: string;
  readonly rightId: number;
  readonly kind: string;
  readonly holdingId: number;
  readonly numerator: bigint;
  readonly denominator: bigint;
  readonly number?: string;
  readonly areaM2?: number;
  readonly restrictions: readonly FoundRestriction[];
}

/** A charge or a notice as it stands. */
interface OwnRestriction {
  readonly baUnit: BAUnitId;
  readonly version: bigint;
  readonly status: string;
  readonly restrictionId: number;
  readonly kind: string;
  readonly targetRight: number;
  readonly rank: number;
  readonly expiresOn: bigint;
  readonly isOver: boolean;
}

/** An act that waits for the consent of who signed. */
export interface AskingAct {
  readonly act: PendingAct;
  readonly part: ActPart;
}

interface OwnRecord {
  /** Why nothing but the lines is here; undefined where the key opens all. */
  readonly withheld: string | undefined;
  readonly records: readonly Disclosed[];
  readonly entitlements: readonly Entitlement[];
  readonly titles: readonly OwnTitle[];
  readonly restrictions: readonly OwnRestriction[];
  readonly asking: readonly AskingAct[];
  /** False where more acts wait than are looked through, or none is: some that ask may be missing. */
  readonly isAllAsking: boolean;
  readonly lines: AccessPage;
}

interface HeldNow {
  readonly state: BAUnitState;
  readonly baUnit: BAUnitId;
  readonly right: Right;
  readonly holding: Holding;
  /** Of the records that were written with it. */
  readonly group: string | undefined;
}

/** Whose key it is: the person and the agency that keeps her records. */
interface Found {
  readonly subject: SubjectRef;
  readonly agency: number;
  /** Of a holding: the records that were written with it. Who else has her id may have been taken for her. */
  readonly group?: string | undefined;
  /** The key is of a holding that was: it opens who read, and nothing of what was read. */
  readonly isFormer?: true;
}

export interface OwnData {
  challenge(place: OwnPlace): OwnChallenge;
  /** Refuses as `challenge-not-valid`, `proof-not-by-key` and `erased`. */
  read(proof: OwnProof, caller: string): Promise<OwnRecord>;
  /** What she is asked to agree to, as the office hands it over; `act-missing` of one that does not ask her. */
  askingAct(
    proof: OwnProof,
    caller: string,
    id: Bytes32,
  ): Promise<AskingAct & { readonly prepared: unknown }>;
  /** Of the title of her holding, as it stands: her own party whole, of the others their names. */
  certificate(proof: OwnProof, caller: string): Promise<Certificate>;
}

export function openOwnData(deps: OwnDataDependencies): OwnData {
  const { views, ledger, nowMs, accessLog } = deps;
  // A start forgets it with the challenges that were used: those that were out are no good any more.
  const secret = randomBytes(32);
  const used = new Map<Bytes32, { readonly deadline: bigint; readonly caller: string }>();
  /** How often a challenge was tried without the key that opens; the oldest are forgotten, so that nobody is kept out. */
  const failed = new Map<Bytes32, number>();
  const nowSeconds = () => BigInt(Math.floor(nowMs() / 1000));
  const made = (nonce: Uint8Array, place: OwnPlace, deadline: bigint) => {
    const words = JSON.stringify([toHex(nonce), Object.entries(place), String(deadline)]);
    const mac = createHmac('sha256', secret)
      .update(words)
      .digest()
      .subarray(0, 32 - NONCE_BYTES);
    return Buffer.concat([nonce, mac]);
  };

  function requireGood({ place, challenge, deadline }: OwnProof): void {
    const given = fromHex(challenge);
    const isOurs = timingSafeEqual(given, made(given.subarray(0, NONCE_BYTES), place, deadline));
    if (!isOurs || deadline <= nowSeconds() || used.has(challenge)) throw refusal('challenge-not-valid');
    if ((failed.get(challenge) ?? 0) >= FAILED_MAX) throw refusal('challenge-not-valid');
  }

  /** Without a wait between the look and the note: of two at once one is served. */
  function useUp(proof: OwnProof, caller: string): void {
    requireGood(proof);
    let own = 0;
    for (const [old, one] of used)
      if (one.deadline <= nowSeconds()) used.delete(old);
      else if (one.caller === caller) own++;
    if (own >= USED_OF_CALLER_MAX) throw refusal('rate-limited', { limit: USED_A_MINUTE });
    if (used.size >= USED_MAX) throw new Fault('too many proofs at once', { retryable: true });
    used.set(proof.challenge, { deadline: proof.deadline, caller });
  }

  function noteFailed({ challenge }: OwnProof): void {
    const [oldest] = failed.keys();
    if (failed.size >= USED_MAX && oldest !== undefined) failed.delete(oldest);
    failed.set(challenge, (failed.get(challenge) ?? 0) + 1);
  }

  async function byCard(place: Extract<OwnPlace, { kind: 'card' }>, signer: Signed) {
    const { programme, enrolmentEpoch, index } = place;
    const enrolled = (await views.benefits.enrolment(programme, enrolmentEpoch))?.record.enrolled ?? 0;
    const card = index < enrolled ? await views.benefits.card(programme, enrolmentEpoch, index) : undefined;
    if (card?.keyKind !== signer.kind || card.standing !== 'active') return undefined;
    const keyId = signer.kind === 'p256' ? p256KeyId(fromHex(signer.key)) : signer.key;
    const agency = (await views.benefits.programme(programme))?.record.institution;
    const subject = card.keyId === keyId ? await deps.subjectAt(place) : undefined;
    return subject === undefined || agency === undefined ? undefined : { subject, agency };
  }

  /** By whose key a proof is, before anything that it names is read; undefined of what is no signature. */
  async function signedBy(proof: OwnProof): Promise<Signed | undefined> {
    const { place, signature, salt, passkey } = proof;
    const isShown = passkey !== undefined && place.kind !== 'card';
    const shown = isShown ? { key: passkey, relyingParty: await relyingParty() } : undefined;
    const signer = signerOf(ownReading(ledger, place, proof), signature, shown);
    if (signer === undefined) return undefined;
    const keyHash = salt === undefined ? undefined : keyHashOf(salt, signer.kind, signer.key);
    return Object.assign({ keyHash }, signer);
  }

  async function relyingParty(): Promise<Bytes32> {
    return wordOf(await views.power.policy(SIGNING_RELYING_PARTY_POLICY)) as Bytes32;
  }

  async function byHolding(place: Extract<OwnPlace, { kind: 'holding' }>, { keyHash }: Signed) {
    if (keyHash === undefined) return undefined;
    const state = (await views.land.unit(place.baUnit))?.state;
    const holdings = (state?.rights ?? []).flatMap((right) => right.holdings);
    const holding = holdings.find(({ holdingId }) => holdingId === place.holdingId);
    const { status } = state?.header ?? {};
    // That of a unit that ended is one that nobody replaces any more.
    if (holding === undefined || status === undefined || isEnded(status))
      return byFormerHolding(place, keyHash);
    // A representative's key is somebody else's.
    if (holding.signer !== 'own' || holding.keyHash !== keyHash) return undefined;
    return partyOf(holding);
  }

  /** Who held it last, where no holding of hers has a key of her own by now: that one is the good one. */
  async function byFormerHolding(
    place: Extract<OwnPlace, { kind: 'holding' }>,
    keyHash: Bytes32,
  ): Promise<Found | undefined> {
    const { rows } = await views.land.history(place.baUnit, { newestFirst: true, limit: STATES_LOOKED_AT });
    const former = rows
      .flatMap(({ state }) => state.rights.flatMap((right) => right.holdings))
      .find(({ holdingId }) => holdingId === place.holdingId);
    if (former?.signer !== 'own' || former.keyHash !== keyHash) return undefined;
    const party = await partyOf(former);
    if (party === undefined || (await hasKeyOfHerOwn(party))) return undefined;
    return { subject: party.subject, agency: party.agency, isFormer: true };
  }

  async function hasKeyOfHerOwn({ subject, agency }: Found): Promise<boolean> {
    for await (const group of deps.vault.units(subject, agency)) {
      const held = await holdingsOf(subject, [{ group }]);
      if (held.some(({ holding }) => holding.signer === 'own' && holding.keyHash !== ZERO_32)) return true;
    }
    return false;
  }

  async function byRestriction(place: Extract<OwnPlace, { kind: 'restriction' }>, { keyHash }: Signed) {
    if (keyHash === undefined) return undefined;
    const [one] = await restrictionsOf(place);
    if (one?.row.holderKeyHash !== keyHash) return undefined;
    const { termsCommitment, holderKeyHash } = one.row;
    const terms = await deps.commitments.get(termsCommitment);
    return terms?.keyHash === holderKeyHash ? terms : undefined;
  }

  /** The charge or notice of a place; none of a unit that ended. */
  async function restrictionsOf(place: OwnPlace) {
    if (place.kind !== 'restriction') return [];
    const state = (await views.land.unit(place.baUnit))?.state;
    if (state === undefined || isEnded(state.header.status)) return [];
    const row = [...state.charges, ...state.notices].find((one) => one.restrictionId === place.restrictionId);
    return row === undefined ? [] : [{ row, header: state.header }];
  }

  async function ownRestrictions(place: OwnPlace): Promise<OwnRestriction[]> {
    if (place.kind !== 'restriction') return [];
    const { baUnit } = place;
    const moment = await deps.moment();
    return (await restrictionsOf(place)).map(({ row, header: { version, status } }) => {
      const { restrictionId, kind, targetRight, rank, expiresOn } = row;
      const isOver = !isInForce(moment, row);
      return { baUnit, version, status, restrictionId, kind, targetRight, rank, expiresOn, isOver };
    });
  }

  /** Who a holding was prepared for: its commitment is public, so whoever states it under another key is not she. */
  async function partyOf({ partyCommitment, keyHash }: Holding): Promise<Found | undefined> {
    const party = await deps.commitments.get(partyCommitment);
    return party?.keyHash === keyHash ? party : undefined;
  }

  async function entitlementsOf(place: OwnPlace): Promise<Entitlement[]> {
    if (place.kind !== 'card') return [];
    const { programme, enrolmentEpoch, index } = place;
    const { rows } = await views.benefits.cycles(programme, { newestFirst: true, limit: CYCLES_MAX });
    const own = rows.filter(({ record }) => record.enrolmentEpoch === enrolmentEpoch && index < record.count);
    return Promise.all(
      own.map(async ({ cycle, record }): Promise<Entitlement> => {
        const { state, opensAt, spendUntil } = record;
        const left = await deps.accepted.entry({ programme, cycle, index }, record);
        const remainingUnits = left?.entry.units;
        const unrecordedUnits = left && left.recorded.units - left.entry.units;
        const spent = await spentFrom(programme, cycle, index);
        return { cycle, state, opensAt, spendUntil, remainingUnits, unrecordedUnits, spent };
      }),
    );
  }

  async function spentFrom(programme: ProgrammeId, cycle: CycleId, index: number): Promise<Spent[]> {
    const institution = (await views.benefits.programme(programme))?.record.institution;
    const request = { newestFirst: true, limit: SALES_MAX };
    const { rows } = await views.benefits.sales(programme, cycle, index, request);
    const paid = rows.filter(({ outcome }) => outcome === 'redeemed');
    return Promise.all(
      paid.map(async ({ soldAt, units, vendor, till }) => {
        const vendorLabel = institution && (await deps.labels.labelOf(institution, vendor));
        return { soldAt, units, vendor, vendorLabel: vendorLabel || undefined, till };
      }),
    );
  }

  /** The holdings whose party is she: her records say of which units there may be any. */
  async function holdingsOf(subject: SubjectRef, records: readonly { readonly group: string }[]) {
    const named = new Set(
      records.map(({ group }) => group.split('.', 1)[0] ?? '').filter((id) => UNIT.test(id)),
    );
    const found: HeldNow[] = [];
    for (const id of named) {
      const row = await views.land.unit(`0x${id}` as BAUnitId);
      if (row === undefined || isEnded(row.state.header.status)) continue;
      for (const right of row.state.rights)
        for (const holding of right.holdings) {
          const party = await partyOf(holding);
          if (party?.subject !== subject) continue;
          const { group } = party;
          found.push({ state: row.state, baUnit: row.baUnit, right, holding, group });
        }
    }
    return found;
  }

  /** The holdings that her key is of. */
  async function titlesOf({ subject, group }: Found, records: readonly Disclosed[]): Promise<OwnTitle[]> {
    const held = (await holdingsOf(subject, records)).filter((one) => one.group === group);
    const moment = await deps.moment();
    return Promise.all(
      held.map(async ({ state, baUnit, right, holding: { holdingId, numerator } }) => {
        const { version, status } = state.header;
        const { rightId, kind, denominator } = right;
        const title = { baUnit, version, status, rightId, kind, holdingId, numerator, denominator };
        const restrictions = restrictionsOn(moment, state);
        return Object.assign(title, { restrictions }, await deps.groundOf(baUnit, HER_OWN));
      }),
    );
  }

  function whose(place: OwnPlace, signer: Signed): Promise<Found | undefined> {
    switch (place.kind) {
      case 'card':
        return byCard(place, signer);
      case 'holding':
        return byHolding(place, signer);
      case 'restriction':
        return byRestriction(place, signer);
    }
  }

  /** Whose proof it is, once: of a holding that was, only where that is enough. */
  async function proved(proof: OwnProof, caller: string): Promise<Found> {
    requireGood(proof);
    const signer = await signedBy(proof);
    const found = signer && (await whose(proof.place, signer));
    if (found === undefined) {
      noteFailed(proof);
      throw notByKey();
    }
    useUp(proof, caller);
    return found;
  }

  /** Acts that ask the holding or charge of a place and were not consented to. */
  async function askingOf(place: OwnPlace): Promise<Pick<OwnRecord, 'asking' | 'isAllAsking'>> {
    const asking: AskingAct[] = [];
    if (place.kind === 'card') return { asking, isAllAsking: true };
    const office = await officeOf(place);
    let looked = 0;
    for await (const act of deps.acts.waiting()) {
      if (!mayAsk(act, office)) continue;
      if (looked === ASKING_LOOKED_AT) return { asking, isAllAsking: false };
      looked++;
      const part = await partAsked(act, place);
      if (part !== undefined) asking.push({ act, part });
    }
    asking.sort((one, other) => one.act.expiresAtMs - other.act.expiresAtMs);
    return { asking, isAllAsking: true };
  }

  /** Looked up by itself: however many others wait, and wherever it stands among them. */
  async function askingBy(id: Bytes32, place: OwnPlace): Promise<AskingAct | undefined> {
    if (place.kind === 'card') return undefined;
    const act = await deps.acts.get(id);
    if (act === undefined || !mayAsk(act, await officeOf(place))) return undefined;
    const part = await partAsked(act, place);
    return part && { act, part };
  }

  async function officeOf({ baUnit }: LandPlace): Promise<OfficeId | undefined> {
    return (await views.land.unit(baUnit))?.state.header.office;
  }

  /**
   * What its row says, before anything that it says is read: that it is of the office that the unit is of, and that a consent
   * is missing. And that an officer stands for it: a draft that nobody signed asks nobody, and opens no names.
   */
  function mayAsk(act: PendingAct, office: OfficeId | undefined): boolean {
    const { parts, signatures, operation } = act;
    const isSigned = (part: ActPart) => signatures.some((one) => one.part === part);
    const isWaiting = operation === undefined && lapsesAtMs(act) >= nowMs() && act.office === office;
    const lacksConsent = parts.some((part) => part.startsWith('consent-') && !isSigned(part));
    return isWaiting && isSigned('preparer') && lacksConsent;
  }

  /** The part that is asked of her and that she has not signed. */
  async function partAsked({ id, signatures }: PendingAct, place: LandPlace): Promise<ActPart | undefined> {
    const subject = place.kind === 'holding' ? place.holdingId : place.restrictionId;
    try {
      const { consents } = await deps.acts.content(id);
      const at = consents.findIndex(
        ({ fields }) => fields.baUnit === place.baUnit && Number(fields.subject) === subject,
      );
      const part: ActPart = `consent-${at}`;
      return at < 0 || signatures.some((one) => one.part === part) ? undefined : part;
    } catch (error) {
      if (error instanceof Refusal) return undefined; // it ended since it was listed
      throw error;
    }
  }

  return {
    challenge(place) {
      const deadline = nowSeconds() + CHALLENGE_SECONDS;
      return { challenge: toHex(made(randomBytes(NONCE_BYTES), place, deadline)) as Bytes32, deadline };
    },
    async read(proof, caller) {
      const { place, challenge, before } = proof;
      const found = await proved(proof, caller);
      const { subject, agency, group, isFormer } = found;
      const { actor, caseReference } = { actor: `own:${place.kind}`, caseReference: `own:${challenge}` };
      const logged = { actor, institution: agency, agency, purpose: 'own-data', caseReference } as const;
      if (isFormer === true) {
        const line = { atMs: nowMs(), channel: 'view', receiver: agency, classes: [], types: [] } as const;
        await accessLog.append(subject, Object.assign({}, NOTHING_MORE, logged, line));
        const lines = await accessLog.list(subject, LINES_MAX, before);
        return Object.assign({ withheld: OF_A_FORMER, lines }, NOTHING_OPENED);
      }
      const request: DisclosureRequest = {
        ...logged,
        classes: DATA_CLASSES,
        types: ['person', 'party', 'opening', 'actOpenings', 'card'],
      };
      const { records } = await disclose(deps, request, subject, group === undefined ? {} : { group });
      return {
        withheld: undefined,
        records,
        entitlements: await entitlementsOf(place),
        titles: place.kind === 'restriction' ? [] : await titlesOf(found, records),
        restrictions: await ownRestrictions(place),
        ...(await askingOf(place)),
        lines: await accessLog.list(subject, LINES_MAX, before),
      };
    },
    async askingAct(proof, caller, id) {
      const { place } = proof;
      if ((await proved(proof, caller)).isFormer === true) throw notByKey();
      const found = await askingBy(id, place);
      if (found === undefined) throw refusal('act-missing', undefined, { field: '/act' });
      const { institution } = found.act.owner;
      const requester = { id: `asked:${place.kind}`, institution, caseReference: `act:${id}` };
      return Object.assign({ prepared: await deps.fileOf.ofPending(found.act, requester) }, found);
    },
    async certificate(proof, caller) {
      const { place, challenge } = proof;
      const { agency, isFormer } = await proved(proof, caller);
      if (place.kind !== 'holding' || isFormer === true) throw notByKey();
      const requester = { id: 'party:holding', institution: agency, caseReference: `own:${challenge}` };
      return deps.certificates.issueToHolder(place.baUnit, place.holdingId, requester);
    },
  };
}

const notByKey = () => refusal('proof-not-by-key', undefined, { field: '/signature' });
