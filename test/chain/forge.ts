/**
 * Chains made up for tests: throw-away validators, a Charter in a real state trie, sealed headers.
 * Built with other libraries than the verifier's own encoder and trie, so that the two check each other.
 */
import { createMerkleProof, createMPT, type MerklePatriciaTrie } from '@ethereumjs/mpt';
import { RLP } from '@ethereumjs/rlp';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { addressOf } from '../../server/domain/audit/signature.ts';
import type { StateProof } from '../../server/domain/audit/state.ts';
import type { QbftTrust } from '../../server/domain/audit/trust.ts';
import { validatorSlots } from '../../server/domain/audit/validators.ts';
import {
  type Address,
  type Bytes32,
  fromHex,
  type Hex,
  toHex,
  wordOf,
  ZERO_32,
} from '../../server/domain/base/hex.ts';

export interface Key {
  readonly secret: Uint8Array;
  readonly address: Address;
}

/** A key anyone can make again from its name: worth nothing outside a test. */
export function throwAwayKey(name: string): Key {
  const secret = keccak_256(utf8ToBytes(`throw-away ${name}`));
  return { secret, address: addressOf(secp256k1.getPublicKey(secret)) };
}

export function keys(count: number, name = 'validator'): Key[] {
  return Array.from({ length: count }, (_, i) => throwAwayKey(`${name} ${i}`));
}

const hashOf = (name: string) => toHex(keccak_256(utf8ToBytes(name))) as Bytes32;

export const CHARTER = { address: `0x${'c4'.repeat(20)}` as Address, codeHash: hashOf('charter code') };
const otherContract = (name: string) => ({
  address: toHex(keccak_256(utf8ToBytes(name)).subarray(12)) as Address,
  codeHash: hashOf(`${name} code`),
});

export function trustIn(
  genesisHash: Bytes32,
  firstValidators: readonly Address[],
  changed: Partial<QbftTrust> = {},
): QbftTrust {
  return {
    format: 'kudurru-trust-1',
    genesisHash,
    chainId: 271828182845,
    ledgerNonce: `0x${'4e'.repeat(32)}` as Bytes32,
    lineage: 'qbft',
    firstValidators,
    contracts: {
      charter: CHARTER,
      consortium: otherContract('consortium'),
      landRegistry: otherContract('land registry'),
      benefitLedger: otherContract('benefit ledger'),
    },
    minimumCheckpoint: { blockNumber: 0, blockHash: genesisHash },
    ...changed,
  };
}

export interface MadeState {
  readonly stateRoot: Bytes32;
  prove(address: Address, slots: readonly Bytes32[]): Promise<StateProof>;
}

async function trieOf(entries: ReadonlyMap<Hex, Uint8Array>): Promise<MerklePatriciaTrie> {
  const trie = await createMPT({ useKeyHashing: true });
  for (const [key, value] of entries) await trie.put(fromHex(key), value);
  return trie;
}

const proofIn = async (trie: MerklePatriciaTrie, key: Hex) =>
  (await createMerkleProof(trie, fromHex(key))).map((node) => toHex(node));

export interface MadeAccount {
  readonly address: Address;
  readonly codeHash: Bytes32;
  readonly slots: ReadonlyMap<Bytes32, bigint>;
}

/** A state in which one account has these slots, among `neighbours` other accounts. */
export function makeState(
  account: { readonly address: Address; readonly codeHash: Bytes32 },
  slots: ReadonlyMap<Bytes32, bigint>,
  neighbours = 5,
): Promise<MadeState> {
  return makeAccounts([{ ...account, slots }], neighbours);
}

/** A state of several accounts; a slot of zero is one that is not there. */
export async function makeAccounts(made: readonly MadeAccount[], neighbours = 5): Promise<MadeState> {
  const entry = (root: Uint8Array, codeHash: Bytes32) => RLP.encode([1, 0, root, fromHex(codeHash)]);
  const accounts = new Map<Hex, Uint8Array>();
  const storages = new Map<Address, MerklePatriciaTrie>();
  for (const { address, codeHash, slots } of made) {
    const kept = [...slots].filter(([, value]) => value !== 0n);
    const storage = await trieOf(new Map(kept.map(([slot, value]) => [slot, RLP.encode(value)])));
    storages.set(address, storage);
    accounts.set(address, entry(storage.root(), codeHash));
  }
  for (let i = 0; i < neighbours; i++) {
    accounts.set(throwAwayKey(`neighbour ${i}`).address, entry((await trieOf(new Map())).root(), ZERO_32));
  }
  const state = await trieOf(accounts);
  const storageOf = async (address: Address) => storages.get(address) ?? trieOf(new Map());
  return {
    stateRoot: toHex(state.root()) as Bytes32,
    prove: async (address, asked) => {
      const storage = await storageOf(address);
      const slots = asked.map(async (slot) => ({ slot, nodes: await proofIn(storage, slot) }));
      return { address, nodes: await proofIn(state, address), slots: await Promise.all(slots) };
    },
  };
}

/** The Charter's state with a list of validators, and one slot more that is not part of the list. */
export function makeCharter(
  validators: readonly Address[],
  account: { readonly address: Address; readonly codeHash: Bytes32 } = CHARTER,
): Promise<MadeState> {
  const [length = ZERO_32, ...entries] = validatorSlots(validators.length);
  const slots = new Map<Bytes32, bigint>([
    [length, BigInt(validators.length)],
    [wordOf(1n), BigInt(otherContract('consortium').address)],
  ]);
  entries.forEach((slot, i) => {
    slots.set(slot, BigInt(validators[i] ?? 0));
  });
  return makeState(account, slots);
}

export interface HeaderPlan {
  readonly blockNumber: number;
  readonly parentHash: Bytes32;
  readonly stateRoot: Bytes32;
  readonly round?: number;
  readonly listed?: readonly Address[];
}

/** A header of the Osaka fork as Besu lays it out, sealed by these keys, and its block hash. */
export function sealHeader(plan: HeaderPlan, sealers: readonly Key[]): { header: Hex; hash: Bytes32 } {
  const encode = (round: number, seals: readonly Uint8Array[]) => {
    const listed = (plan.listed ?? []).map(fromHex);
    return headerWith(plan, RLP.encode([new Uint8Array(32), listed, [], round, [...seals]]));
  };
  const round = plan.round ?? 0;
  const digest = keccak_256(encode(round, []));
  const seals = sealers.map(({ secret }) => {
    const signature = secp256k1.sign(digest, secret, { prehash: false, format: 'recovered' });
    return Uint8Array.of(...signature.subarray(1), signature[0] ?? 0);
  });
  return { header: toHex(encode(round, seals)), hash: toHex(keccak_256(encode(0, []))) as Bytes32 };
}

/** All 21 fields of an Osaka header with this extraData. */
export function headerWith(plan: HeaderPlan, extraData: Uint8Array): Uint8Array {
  const none = new Uint8Array(32);
  return RLP.encode([
    ...[fromHex(plan.parentHash), none, new Uint8Array(20), fromHex(plan.stateRoot), none, none],
    ...[new Uint8Array(256), 1, plan.blockNumber, 30_000_000, 0, 1_800_000_000 + plan.blockNumber, extraData],
    ...[none, new Uint8Array(8), 0, none, 0, 0, none, none],
  ]);
}

export interface MadeChain {
  readonly trust: QbftTrust;
  readonly headers: readonly Hex[];
  readonly hashes: readonly Bytes32[];
  /** The proof of the Charter's list in the state after a block. */
  validatorsAfter(blockNumber: number): Promise<StateProof>;
}

/**
 * Blocks 0 to `last`, each sealed by exactly a quorum of the set in force; `changes` says in which
 * block the set becomes another, so that it seals from the next block on.
 */
export async function makeChain(
  first: readonly Key[],
  last: number,
  changes: ReadonlyMap<number, readonly Key[]> = new Map(),
): Promise<MadeChain> {
  const headers: Hex[] = [];
  const hashes: Bytes32[] = [];
  const states: { made: MadeState; count: number }[] = [];
  let inForce = first;
  let made = await makeCharter(first.map(({ address }) => address));
  for (let blockNumber = 0; blockNumber <= last; blockNumber++) {
    const next = changes.get(blockNumber) ?? inForce;
    if (next !== inForce) made = await makeCharter(next.map(({ address }) => address));
    const plan = { blockNumber, parentHash: hashes.at(-1) ?? ZERO_32, stateRoot: made.stateRoot };
    const quorum = inForce.slice(0, Math.ceil((2 * inForce.length) / 3));
    const { header, hash } = sealHeader(plan, blockNumber === 0 ? [] : quorum);
    headers.push(header);
    hashes.push(hash);
    states.push({ made, count: next.length });
    inForce = next;
  }
  const validators = first.map(({ address }) => address);
  return {
    trust: trustIn(hashes[0] ?? ZERO_32, validators),
    headers,
    hashes,
    validatorsAfter: (blockNumber) => {
      const state = states[blockNumber];
      if (state === undefined) throw new RangeError('no such block');
      return state.made.prove(CHARTER.address, validatorSlots(state.count));
    },
  };
}
