/**
 * Whether a certificate is true: three verdicts, never merged.
 *
 * `intact`: the facts shown open the commitments of the state shown. `anchored`: that state is the unit's, in a register
 * in force, under a header that is final by a lineage the trust file starts; it says what it rests on. `current`: a node
 * that is asked still has it; without an answer it is not asked. Promises: each verdict has its own reason, the first
 * found; nothing in a certificate is believed that is not proved; the gateway is not trusted and need not be up. Pure;
 * `kudurru verify`, the public page and whoever issues call it.
 */

import { isCommitted } from '../acts/facts.ts';
import { type Address, type Bytes32, type Hex, wordOf, ZERO_32, ZERO_ADDRESS } from '../base/hex.ts';
import { Refusal, type RefusalCode, refusal } from '../base/refusal.ts';
import type { BAUnitId } from '../base/terms.ts';
import { type CommitmentPlace, commitmentsOf } from '../land/commitments.ts';
import { hashOfWords, stateHashOf } from '../land/hashes.ts';
import type { Caution } from '../power/founding.ts';
import { type Certificate, hashesOf, shownSections } from './certificate.ts';
import { AUTHORITY_SLOT, CHAIN_ID_SLOT, directorySlot } from './charter.ts';
import { headerHash, readHeader } from './header.ts';
import { JOURNAL_STATUS_SLOT, readJournalStatus } from './journal.ts';
import { type FinalHeader, type FinalityEvidence, verifyFinality } from './lineage.ts';
import { type ProvenState, readState, type StateProof, slotOf } from './state.ts';
import type { TrustFile } from './trust.ts';
import { bytesOfHeader, requireContract } from './validators.ts';

/** A verdict that says no. */
export interface No {
  readonly verdict: 'no';
  readonly code: RefusalCode;
  readonly reason: string;
  readonly remedy: string;
}

/** Whether two institutions held the power over the ledger then; unproved where the trust file knows another consortium. */
export type Phase = 'founding' | 'seated' | 'not-proved';

export interface Anchored {
  readonly verdict: 'yes';
  readonly restsOn: FinalHeader['restsOn'];
  readonly finality: FinalHeader['finality'];
  readonly phase: Phase;
  /** What a holder should know of who holds the power; empty where it is not proved. */
  readonly cautions: readonly Caution[];
  readonly blockNumber: number;
  readonly blockHash: Bytes32;
  readonly stateHash: Bytes32;
  /** Second from which the state has effect, which its hash covers. */
  readonly effectiveOn: number;
  /** Whether that had come at the time of the block: until it does, the state before it counts. */
  readonly isInEffect: boolean;
}

export interface Current {
  readonly verdict: 'yes';
  /** Time of the block the node answered for, in seconds. */
  readonly asOf: number;
  readonly blockNumber: number;
  /** Whether that block was shown to be final, or is the node's word. */
  readonly isFinal: boolean;
  /** Whether the state's day had come at the time of that block. */
  readonly isInEffect: boolean;
}

/** How many of the facts behind a commitment are shown; how many there are is known once one of them is. */
export interface FactsShown {
  readonly of: CommitmentPlace;
  readonly shown: number;
  readonly all: number | undefined;
}

export interface Intact {
  readonly verdict: 'yes';
  /** Of every commitment that is shown, in the order of the state. */
  readonly facts: readonly FactsShown[];
}

export interface Verdicts {
  readonly intact: Intact | No;
  readonly anchored: Anchored | No;
  readonly current: Current | No | { readonly verdict: 'not-asked' };
}

/** What a node answered: the newest header it knows, and proofs under its state root. */
export interface CurrentAnswer {
  readonly header: Hex;
  /** Evidence that the header is final, where the node gave any. */
  readonly finality?: FinalityEvidence;
  readonly charter: StateProof;
  readonly landRegistry: StateProof;
}

export function verifyCertificate(
  trust: TrustFile,
  certificate: Certificate,
  { current }: { readonly current?: CurrentAnswer } = {},
): Verdicts {
  return {
    intact: judgeFacts(certificate),
    anchored: judged(() => anchor(trust, certificate)),
    current:
      current === undefined
        ? { verdict: 'not-asked' }
        : judged(() => compareWithNow(trust, certificate, current)),
  };
}

/** The first verdict alone: it needs no trust file. */
export function judgeFacts(certificate: Certificate): Verdicts['intact'] {
  return judged(() => {
    return { verdict: 'yes', facts: checkFacts(certificate) };
  });
}

/** What a judgement came to, or the refusal that ended it as a verdict of its own. */
export function judged<T>(judge: () => T): T | No {
  try {
    return judge();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { verdict: 'no', code: error.code, reason: error.message, remedy: error.row.remedy };
  }
}

// ---- Intact -------------------------------------------------------------------------------------------------

function checkFacts(certificate: Certificate): readonly FactsShown[] {
  const shown = shownSections(certificate);
  requireIdsOnce(shown);
  const roots = commitmentsOf(shown);
  const told = new Map(
    [...roots.keys()].map((of) => [of, { paths: new Set<string>(), places: new Set<number>() }]),
  );
  const sizes = new Map<CommitmentPlace, number>();
  certificate.facts.forEach((fact, i) => {
    const place = { field: `/facts/${i}` };
    const [root, before] = [roots.get(fact.of), told.get(fact.of)];
    if (root === undefined || before === undefined)
      throw refusal('fact-without-commitment', undefined, place);
    if (!isCommitted(root, fact)) throw refusal('fact-not-committed', undefined, place);
    // A path may be written like a number: what was shown by path and by place are two sets.
    if (before.paths.has(fact.path) || before.places.has(fact.index)) {
      throw refusal('fact-repeated', undefined, place);
    }
    before.paths.add(fact.path);
    before.places.add(fact.index);
    sizes.set(fact.of, fact.size);
  });
  return [...told].map(([of, { paths }]) => ({ of, shown: paths.size, all: sizes.get(of) }));
}

/** The register numbers what belongs to a unit once, from 1; two of one id would hide each other's facts. */
function requireIdsOnce(shown: ReturnType<typeof shownSections>): void {
  const { header, rights = [], charges = [], notices = [] } = shown;
  const { responsibilities = [], applications = [], spatialUnits = [] } = shown;
  const ids = [
    ...rights.flatMap((right) => [right.rightId, ...right.holdings.map(({ holdingId }) => holdingId)]),
    ...[...charges, ...notices].map(({ restrictionId }) => restrictionId),
    ...responsibilities.map(({ responsibilityId }) => responsibilityId),
    ...applications.map(({ applicationId }) => applicationId),
  ];
  const isNumbered = ids.every((id) => id >= 1 && id < header.nextId) && new Set(ids).size === ids.length;
  const parcels = new Set(spatialUnits.map(({ id }) => id));
  if (!isNumbered || parcels.size !== spatialUnits.length) throw refusal('state-id-repeated');
}

// ---- Anchored -----------------------------------------------------------------------------------------------

const DIRECTORY_SLOT = directorySlot('LandRegistry');
/**
 * The word of a consortium that every act reads; its 22nd byte from the low end says whether it is seated, its 27th
 * whether it has three members.
 */
const INSTITUTIONS_SLOT = wordOf(5n);
const SEATED_BIT = 168n;
const OUTLIVES_BIT = 208n;
/** `mapping(BAUnitId => bytes32)`, slot 5 of the register. */
const STATES_SLOT = wordOf(5n);

/** Where the register keeps the state hash of a unit. */
export function unitStateSlot(baUnit: BAUnitId): Bytes32 {
  return hashOfWords([baUnit, STATES_SLOT]);
}

/** The slots a certificate proves, by contract: what to ask `eth_getProof` for. */
export function certificateSlots(
  baUnit: BAUnitId,
): Readonly<Record<keyof Certificate['proofs'], readonly Bytes32[]>> {
  return {
    charter: [AUTHORITY_SLOT, DIRECTORY_SLOT, CHAIN_ID_SLOT],
    consortium: [INSTITUTIONS_SLOT],
    landRegistry: [JOURNAL_STATUS_SLOT, unitStateSlot(baUnit)],
  };
}

function anchor(trust: TrustFile, { baUnit, issuedAt, state, proofs, finality }: Certificate): Anchored {
  const final = verifyFinality(trust, finality);
  const { stateRoot, timestampSeconds } = final.header;
  const slots = certificateSlots(baUnit);
  const charter = proven(stateRoot, proofs.charter, slots.charter);
  const consortium = proven(stateRoot, proofs.consortium, slots.consortium);
  const kept = keptState(trust, stateRoot, charter, proofs.landRegistry, baUnit);
  if (BigInt(slotOf(charter, CHAIN_ID_SLOT)) !== BigInt(trust.chainId)) throw refusal('chain-id-differs');
  const authority = addressIn(slotOf(charter, AUTHORITY_SLOT));
  if (consortium.address !== authority) throw refusal('contract-differs');
  const stateHash = stateHashOf(hashesOf(state), state);
  if (kept !== stateHash) throw refusal('certificate-state-differs');
  if (issuedAt !== timestampSeconds) throw refusal('issued-at-differs');
  const { restsOn, finality: by, blockHash } = final;
  const { blockNumber } = final.header;
  const phase = phaseOf(trust, consortium);
  const outlives = bitOf(consortium, OUTLIVES_BIT);
  const cautions: readonly Caution[] = phase === 'not-proved' || outlives ? [] : ['cannot-outlive-a-member'];
  const effectiveOn = Number(state.header.effectiveOn);
  const rests = { restsOn, finality: by, phase, cautions, blockNumber, blockHash, stateHash } as const;
  return { verdict: 'yes', ...rests, effectiveOn, isInEffect: effectiveOn <= timestampSeconds };
}

/** What the register in force keeps of a unit; refuses a register that is not the trust file's, or not in force. */
function keptState(
  trust: TrustFile,
  stateRoot: Bytes32,
  charter: ProvenState,
  proof: StateProof,
  baUnit: BAUnitId,
): Bytes32 {
  requireContract(trust.contracts.charter, charter);
  const register = proven(stateRoot, proof, certificateSlots(baUnit).landRegistry);
  requireContract(trust.contracts.landRegistry, register);
  const [statusSlot, stateSlot] = certificateSlots(baUnit).landRegistry;
  if (readJournalStatus(slotOf(register, statusSlot ?? ZERO_32)).successor !== ZERO_ADDRESS) {
    throw refusal('register-frozen');
  }
  if (addressIn(slotOf(charter, DIRECTORY_SLOT)) !== register.address) {
    throw refusal('register-not-in-force');
  }
  const kept = slotOf(register, stateSlot ?? ZERO_32);
  if (kept === ZERO_32) throw refusal('unit-not-registered');
  return kept;
}

/** An account and exactly these slots of it. */
function proven(stateRoot: Bytes32, proof: StateProof, slots: readonly Bytes32[]): ProvenState {
  const state = readState(stateRoot, proof);
  for (const slot of slots) slotOf(state, slot);
  if (state.slots.size !== slots.length) throw refusal('proof-slot-unused');
  return state;
}

function addressIn(slot: Bytes32): Address {
  if (!/^0x0{24}/.test(slot)) throw refusal('proof-value-malformed');
  return `0x${slot.slice(26)}` as Address;
}

function phaseOf(trust: TrustFile, consortium: ProvenState): Phase {
  if (consortium.address !== trust.contracts.consortium.address) return 'not-proved';
  requireContract(trust.contracts.consortium, consortium);
  return bitOf(consortium, SEATED_BIT) ? 'seated' : 'founding';
}

function bitOf(consortium: ProvenState, bit: bigint): boolean {
  return (BigInt(slotOf(consortium, INSTITUTIONS_SLOT)) >> bit) % 2n === 1n;
}

// ---- Current ------------------------------------------------------------------------------------------------

/** The slots a node is asked for to compare, by contract. */
export function currentSlots(
  baUnit: BAUnitId,
): Readonly<Record<'charter' | 'landRegistry', readonly Bytes32[]>> {
  return { charter: [DIRECTORY_SLOT], landRegistry: certificateSlots(baUnit).landRegistry };
}

function compareWithNow(trust: TrustFile, certificate: Certificate, answer: CurrentAnswer): Current {
  const raw = bytesOfHeader(answer.header);
  const header = readHeader(raw);
  const issued = readHeader(bytesOfHeader(certificate.finality.header));
  if (header.blockNumber < issued.blockNumber) throw refusal('node-behind');
  if (answer.finality !== undefined) {
    const final = verifyFinality(trust, answer.finality);
    if (final.blockHash !== headerHash(raw)) throw refusal('header-parent-differs');
  }
  const charter = proven(header.stateRoot, answer.charter, currentSlots(certificate.baUnit).charter);
  const kept = keptState(trust, header.stateRoot, charter, answer.landRegistry, certificate.baUnit);
  if (kept !== stateHashOf(hashesOf(certificate.state), certificate.state)) throw refusal('state-superseded');
  return {
    verdict: 'yes',
    asOf: header.timestampSeconds,
    blockNumber: header.blockNumber,
    isFinal: answer.finality !== undefined,
    isInEffect: certificate.state.header.effectiveOn <= BigInt(header.timestampSeconds),
  };
}
