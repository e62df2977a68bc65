/**
 * What an account and its storage hold under a state root, from proofs alone.
 *
 * Promises: a value that is returned was proved under exactly that root; a slot that holds nothing is
 * proved to hold nothing and reads as zero; nothing a node claims beside its proof is believed.
 * `proofOfAnswer` turns a node's `eth_getProof` answer, whose slots come sorted, merged and with
 * shortened keys, into a proof of the slots asked for.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import type { Address, Bytes32, Hex } from '../base/hex.ts';
import { fromHex, toHex, wordOf, ZERO_32 } from '../base/hex.ts';
import { refusal } from '../base/refusal.ts';
import { decodeRlp, readBytes, readItems, readUint } from './rlp.ts';
import { readTrie } from './trie.ts';

export interface SlotProof {
  readonly slot: Bytes32;
  readonly nodes: readonly Hex[];
}

/** Nodes from the root down, as `eth_getProof` gives them. */
export interface StateProof {
  readonly address: Address;
  readonly nodes: readonly Hex[];
  readonly slots: readonly SlotProof[];
}

export interface Account {
  readonly nonce: bigint;
  readonly balance: bigint;
  readonly storageRoot: Bytes32;
  readonly codeHash: Bytes32;
}

export interface ProvenState {
  readonly address: Address;
  readonly account: Account;
  /** Each slot of the proof and what it holds; zero where it is proved empty. */
  readonly slots: ReadonlyMap<Bytes32, Bytes32>;
}

/** The account under the root, or undefined where the nodes prove that it does not exist. */
export function readAccount(
  stateRoot: Bytes32,
  address: Address,
  nodes: readonly Hex[],
): Account | undefined {
  const encoded = readTrie(stateRoot, keccak_256(fromHex(address)), nodes.map(nodeBytes));
  if (encoded === undefined) return undefined;
  const fields = readItems(decodeRlp(encoded));
  const nonce = readUint(fields?.[0], 8);
  const balance = readUint(fields?.[1], 32);
  const storageRoot = readBytes(fields?.[2], 32);
  const codeHash = readBytes(fields?.[3], 32);
  if (fields?.length !== 4 || nonce === undefined || balance === undefined || !storageRoot || !codeHash) {
    throw refusal('proof-value-malformed');
  }
  return {
    nonce,
    balance,
    storageRoot: toHex(storageRoot) as Bytes32,
    codeHash: toHex(codeHash) as Bytes32,
  };
}

/** What a slot holds under an account's storage root: zero where it is proved empty. */
export function readSlot(storageRoot: Bytes32, { slot, nodes }: SlotProof): Bytes32 {
  const encoded = readTrie(storageRoot, keccak_256(fromHex(slot)), nodes.map(nodeBytes));
  if (encoded === undefined) return ZERO_32;
  const value = readUint(decodeRlp(encoded), 32);
  // A slot that is set to zero is deleted, so a stored zero was never written by a chain.
  if (value === undefined || value === 0n) throw refusal('proof-value-malformed');
  return wordOf(value);
}

/** Every account and slot of a proof; refuses an account that does not exist and a slot named twice. */
export function readState(stateRoot: Bytes32, proof: StateProof): ProvenState {
  const account = readAccount(stateRoot, proof.address, proof.nodes);
  if (account === undefined) throw refusal('account-absent');
  const slots = new Map<Bytes32, Bytes32>();
  for (const slotProof of proof.slots) {
    if (slots.has(slotProof.slot)) throw refusal('proof-slot-repeated');
    slots.set(slotProof.slot, readSlot(account.storageRoot, slotProof));
  }
  return { address: proof.address, account, slots };
}

/** A proven slot's value; refuses a slot that the proof does not cover. */
export function slotOf(state: ProvenState, slot: Bytes32): Bytes32 {
  const value = state.slots.get(slot);
  if (value === undefined) throw refusal('proof-slot-missing');
  return value;
}

/** The part of an `eth_getProof` answer that is evidence. */
export interface ProofAnswer {
  readonly accountProof: readonly string[];
  readonly storageProof: readonly { readonly key: string; readonly proof: readonly string[] }[];
}

/** A hex quantity of at most 32 bytes, however many leading zeros a node leaves or drops. */
const KEY = /^0x[0-9a-f]{1,64}$/i;

/** The proof of exactly the slots asked for, each found in the answer by its number. */
export function proofOfAnswer(answer: ProofAnswer, address: Address, slots: readonly Bytes32[]): StateProof {
  const byNumber = new Map<bigint, readonly Hex[]>();
  for (const { key, proof } of answer.storageProof) {
    if (!KEY.test(key)) throw refusal('proof-node-malformed');
    byNumber.set(BigInt(key), proof.map(hexOfNode));
  }
  return {
    address,
    nodes: answer.accountProof.map(hexOfNode),
    slots: slots.map((slot) => {
      const nodes = byNumber.get(BigInt(slot));
      if (nodes === undefined) throw refusal('proof-slot-missing');
      return { slot, nodes };
    }),
  };
}

function hexOfNode(text: string): Hex {
  return toHex(nodeBytes(text.toLowerCase()));
}

const BYTES = /^0x(?:[0-9a-f]{2})*$/;

function nodeBytes(text: string): Uint8Array {
  if (!BYTES.test(text)) throw refusal('proof-node-malformed');
  return fromHex(text);
}
