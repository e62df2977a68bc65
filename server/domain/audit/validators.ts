/**
 * Which validators seal which block, from the trust file on: nothing in a header is believed about it.
 *
 * The Charter lists the validators; the set that seals block N is its list in the state after N-1. So
 * knowledge moves forward by steps: a header sealed by the set already known, and the proof of the list
 * under that header's state root, which is the set from the next block on. A quorum of a known set seals
 * only blocks of the chain, so a step may skip any number of blocks, and every change costs one quorum
 * of signature checks. Promises: a chain that starts anywhere else than the trust file's genesis or
 * checkpoint is `lineage-not-from-genesis`. What the keys of *retired* validators could forge together
 * is bounded by the checkpoint alone; and the same keys on two ledgers seal for both, so a verifier also
 * asks for the code hashes of this ledger's contracts, which `requireContract` compares.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import type { Address, Bytes32, Hex } from '../base/hex.ts';
import { fromHex, toHex, wordOf, ZERO_32, ZERO_ADDRESS } from '../base/hex.ts';
import { Refusal, refusal } from '../base/refusal.ts';
import { headerHash, readHeader } from './header.ts';
import { checkSeals, type QbftHeader, readQbftHeader, sealSigners } from './qbft.ts';
import { type ProvenState, readState, type StateProof, slotOf } from './state.ts';
import { type Checkpoint, MAX_VALIDATORS, type QbftTrust, type TrustedContract } from './trust.ts';

/**
 * A header, and the proof of the Charter's list in the state it leads to. The header carries seals
 * where they are checked, and is in its hash form (see `hashForm`) where a hash vouches for it.
 */
export interface ValidatorLink {
  readonly header: Hex;
  readonly validators: StateProof;
}

/** What is known at one point: who seals the blocks after `after`. */
export interface Standing {
  readonly after: Checkpoint;
  readonly validators: readonly Address[];
  /** Whether nothing has been sealed yet: only what the trust file says is known. */
  readonly isStart: boolean;
  /** Signatures checked on the way here. */
  readonly signatureChecks: number;
}

/** What the trust file alone says: who seals block 1. */
export function startAtGenesis(trust: QbftTrust): Standing {
  const after = { blockNumber: 0, blockHash: trust.genesisHash };
  return { after, validators: trust.firstValidators, isStart: true, signatureChecks: 0 };
}

/** Where the lineage starts: at genesis, or at the checkpoint where the trust file names one. */
export function startOfLineage(trust: QbftTrust, checkpoint?: ValidatorLink): Standing {
  const { minimumCheckpoint } = trust;
  if (minimumCheckpoint.blockNumber === 0) {
    if (checkpoint !== undefined) throw refusal('lineage-not-from-genesis');
    return startAtGenesis(trust);
  }
  if (checkpoint === undefined) throw refusal('checkpoint-missing');
  const raw = bytesOfHeader(checkpoint.header);
  const header = readHeader(raw);
  const { blockHash, blockNumber } = minimumCheckpoint;
  if (headerHash(raw) !== blockHash || header.blockNumber !== blockNumber)
    throw refusal('checkpoint-differs');
  const validators = validatorsUnder(trust, header.stateRoot, checkpoint.validators);
  return { after: minimumCheckpoint, validators, isStart: true, signatureChecks: 0 };
}

/** The next change of validators; refuses a step that changes nothing, for evidence has one form. */
export function takeStep(trust: QbftTrust, standing: Standing, link: ValidatorLink): Standing {
  const header = readQbftHeader(bytesOfHeader(link.header));
  const checks = checkSealed(standing, header);
  const validators = validatorsUnder(trust, header.stateRoot, link.validators);
  if (isSameSet(validators, standing.validators)) throw refusal('lineage-step-idle');
  return {
    after: { blockNumber: header.blockNumber, blockHash: header.hash },
    validators,
    isStart: false,
    signatureChecks: standing.signatureChecks + checks,
  };
}

/** Refuses a header that a quorum of the known set has not sealed; returns how many signatures it checked. */
export function checkSealed(standing: Standing, header: QbftHeader): number {
  const { after, isStart } = standing;
  if (header.blockNumber <= after.blockNumber) throw refusal('lineage-broken');
  if (header.blockNumber === after.blockNumber + 1 && header.parentHash !== after.blockHash) {
    throw refusal(isStart ? 'lineage-not-from-genesis' : 'lineage-broken');
  }
  if (header.validators.length > 0) throw refusal('validators-listed-in-header');
  return checkSealsFrom(standing, header);
}

/** The same seals whatever the header lists; strangers at the very start are named for what they are. */
export function checkSealsFrom({ validators, isStart }: Standing, header: QbftHeader): number {
  try {
    return checkSeals(header, validators);
  } catch (error) {
    const isStrangers = () => sealSigners(header).every((signer) => !signer || !validators.includes(signer));
    if (error instanceof Refusal && isStart && header.seals.length > 0 && isStrangers()) {
      throw refusal('lineage-not-from-genesis');
    }
    throw error;
  }
}

/** Slot 0 of the Charter is the list's length; its entries stand one a slot from here on. */
const FIRST_ENTRY = BigInt(toHex(keccak_256(fromHex(ZERO_32))));

/** The Charter's slots that hold a list of so many validators: what to ask a node the proof of. */
export function validatorSlots(count: number): Bytes32[] {
  return [ZERO_32, ...Array.from({ length: count }, (_, i) => wordOf(FIRST_ENTRY + BigInt(i)))];
}

/** The Charter's list under a state root: exactly its slots, every entry a different address. */
export function validatorsUnder(trust: QbftTrust, stateRoot: Bytes32, proof: StateProof): readonly Address[] {
  const state = readState(stateRoot, proof);
  requireContract(trust.contracts.charter, state);
  const count = BigInt(slotOf(state, ZERO_32));
  if (count === 0n || count > MAX_VALIDATORS) throw refusal('validators-malformed');
  const [, ...entries] = validatorSlots(Number(count));
  const words = entries.map((slot) => slotOf(state, slot));
  if (state.slots.size !== 1 + words.length) throw refusal('proof-slot-unused');
  const validators = words.map((entry) => `0x${entry.slice(26)}` as Address);
  const wellFormed = words.every((entry) => /^0x0{24}/.test(entry)) && !validators.includes(ZERO_ADDRESS);
  if (!wellFormed || new Set(validators).size !== validators.length) throw refusal('validators-malformed');
  return validators;
}

/** Refuses a proof of another account, or of this one with other code, than the trust file names. */
export function requireContract(contract: TrustedContract, state: ProvenState): void {
  if (state.address !== contract.address) throw refusal('contract-differs');
  if (state.account.codeHash !== contract.codeHash) throw refusal('contract-code-differs');
}

export function isSameSet(a: readonly Address[], b: readonly Address[]): boolean {
  return a.length === b.length && a.every((member) => b.includes(member));
}

export function bytesOfHeader(header: Hex): Uint8Array {
  if (!/^0x(?:[0-9a-f]{2})*$/.test(header)) throw refusal('header-malformed');
  return fromHex(header);
}

export interface ChainAudit {
  readonly head: QbftHeader;
  readonly blocks: number;
  /** quorum x (1 + changes), where a node kept exactly a quorum of seals. */
  readonly signatureChecks: number;
}

/**
 * Every header from genesis to the head, linked by hash; `changes` has the proof of the Charter's list
 * under each header in whose state it changed. Seals are checked where the set changes and at the head:
 * a sealed header vouches for all before it by its parent links. A change left out of `changes` is
 * refused where the old set has no quorum among the next seals; the blocks are the chain's own either way.
 */
export function auditChain(
  trust: QbftTrust,
  headers: Iterable<Hex>,
  changes: ReadonlyMap<number, StateProof>,
): ChainAudit {
  let standing = startOfLineage({
    ...trust,
    minimumCheckpoint: { blockNumber: 0, blockHash: trust.genesisHash },
  });
  let head: QbftHeader | undefined;
  let changesLeft = changes.size;
  for (const raw of headers) {
    const header = readQbftHeader(bytesOfHeader(raw));
    checkLinked(trust, head, header);
    const change = changes.get(header.blockNumber);
    if (change !== undefined) {
      standing = takeStep(trust, standing, { header: raw, validators: change });
      changesLeft--;
    }
    head = header;
  }
  if (head === undefined || changesLeft > 0) throw refusal('lineage-broken');
  const isHeadChecked = head.blockNumber === standing.after.blockNumber;
  const headChecks = isHeadChecked ? 0 : checkSealed(standing, head);
  return { head, blocks: head.blockNumber + 1, signatureChecks: standing.signatureChecks + headChecks };
}

function checkLinked(trust: QbftTrust, parent: QbftHeader | undefined, header: QbftHeader): void {
  if (parent === undefined) {
    if (header.hash !== trust.genesisHash) throw refusal('lineage-not-from-genesis');
  } else if (header.blockNumber !== parent.blockNumber + 1 || header.parentHash !== parent.hash) {
    throw refusal('header-parent-differs');
  }
}
