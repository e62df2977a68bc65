/**
 * A founded ledger on Hardhat's chain in this process, for measuring gas: every transaction is a block of its own, so
 * that nothing is warm but what the transaction warmed itself.
 *
 * Hides founding and the two officers' keys. Promises: contracts are those the gateway deploys, and a transaction that
 * fails ends the run. Only this folder calls it.
 */

import { network } from 'hardhat';
import { addressOfPrivateKey, signCompact } from '../server/domain/acts/signing.ts';
import { digestOf, type TypedData } from '../server/domain/acts/typedData.ts';
import { TRANSACTION_GAS_CAP } from '../server/domain/base/chain.ts';
import { type Address, type Bytes32, fromHex, type Hex, toHex, ZERO_32 } from '../server/domain/base/hex.ts';
import type { InstitutionId, OfficeId, OfficerId, Role } from '../server/domain/base/terms.ts';
import { tierPolicy } from '../server/domain/benefits/policies.ts';
import {
  FOUNDING_NODE,
  type Founding,
  type FoundingKey,
  type FoundingOfficer,
} from '../server/domain/power/founding.ts';
import {
  FIRST_EPOCHS,
  foundingDomain,
  keyHashOfAddress,
  officerIdOf,
  possessionData,
} from '../server/domain/power/possession.ts';
import { compiledAt } from '../server/ledger/contracts.ts';
import { charterAccount, contractsOf, type LedgerContracts, stepsOf } from '../server/ledger/founding.ts';
import { keccak256 } from '../server/ledger/keccak.ts';

export const INSTITUTION = 1 as InstitutionId;
/** Of acts on land. */
export const OFFICE = 7 as OfficeId;
const ROLES: readonly Role[] = [
  'land-preparer',
  'land-approver',
  'aid-preparer',
  'aid-approver',
  'admin-preparer',
  'admin-approver',
  'vote',
];
/** No signature of a run lapses in it. */
export const DEADLINE = 4_000_000_000n;

/** 32 bytes that a name stands for, the same in every run. */
export function named<T extends Bytes32 = Bytes32>(name: string): T {
  return toHex(keccak256(Buffer.from(name))) as T;
}

interface Officer {
  readonly officer: OfficerId;
  readonly salt: Bytes32;
  readonly key: Uint8Array;
  readonly spare: Uint8Array;
}

function officerOf(name: string): Officer {
  const [key, spare] = [
    fromHex(named(`key of officer ${name}`)),
    fromHex(named(`spare key of officer ${name}`)),
  ];
  const salt = named(`salt of officer ${name}`);
  return { officer: officerIdOf(keyHashOfAddress(addressOfPrivateKey(key)), salt), salt, key, spare };
}
export const PREPARER = officerOf('preparer');
const APPROVER = officerOf('approver');

const LEDGER_NONCE = toHex(keccak256(Buffer.from('the ledger nonce of the bench'))) as Bytes32;

/** Two institutions hold the quorum: officers pay for what a seated ledger checks. */
function foundingFile(): Founding {
  const institutions = [INSTITUTION, 2 as InstitutionId];
  const officers = [PREPARER, APPROVER, ...['third', 'fourth', 'fifth', 'sixth'].map(officerOf)];
  return {
    ledgerNonce: LEDGER_NONCE,
    institutions: institutions.map((institution) => ({ institution, roles: ROLES })),
    officers: officers.map((officer, i) =>
      foundingOfficer(officer, institutions[Math.floor(i / 3)] ?? INSTITUTION),
    ),
    offices: [{ office: OFFICE, keeper: INSTITUTION }],
    verifiers: [],
    policies: [{ name: tierPolicy(404), value: 2n ** 120n }],
    validators: [{ validator: FOUNDING_NODE, institution: INSTITUTION }],
    quorum: institutions.length,
    wideningWaitSeconds: 0,
    appointmentWaitSeconds: 0,
  };
}

function foundingOfficer(
  { officer, salt, key, spare }: Officer,
  institution: InstitutionId,
): FoundingOfficer {
  const proven = (secret: Uint8Array, epoch: number): FoundingKey => {
    const keyHash = keyHashOfAddress(addressOfPrivateKey(secret));
    const possession = { officerId: officer, keyHash, epoch, institution };
    const digest = digestOf(possessionData(foundingDomain(LEDGER_NONCE), possession));
    return { kind: 'secp256k1', keyHash, rpIdHash: ZERO_32, possession: signCompact(digest, secret) };
  };
  return {
    officer,
    salt,
    institution,
    office: 0 as OfficeId,
    roles: ROLES,
    key: proven(key, FIRST_EPOCHS.key),
    spare: proven(spare, FIRST_EPOCHS.spare),
  };
}

/** Both officers' signatures of an act; `approval` makes the typed data that the approver signs. */
export function signedByBoth(
  entryId: Bytes32,
  approval: (by: { approver: OfficerId; approverEpoch: number; deadline: bigint }) => TypedData,
) {
  const approvedBy = { approver: APPROVER.officer, approverEpoch: 1, deadline: DEADLINE };
  return {
    preparer: signCompact(entryId, PREPARER.key),
    approval: approvedBy,
    approver: signCompact(digestOf(approval(approvedBy)), APPROVER.key),
  };
}

interface Log {
  readonly topics: readonly Hex[];
  readonly data: Hex;
}

interface Receipt {
  readonly status: string;
  readonly gasUsed: string;
  readonly contractAddress: string | null;
  readonly logs: readonly Log[];
}

/** What one transaction carried, took and left. */
export interface Sent {
  readonly data: Hex;
  readonly gas: number;
  readonly logs: readonly Log[];
}

type Request = (method: string, params?: readonly unknown[]) => Promise<unknown>;

export async function foundChain(): Promise<FoundedChain> {
  const { provider, close } = await network.create();
  const request: Request = (method, params = []) => provider.request({ method, params: [...params] });
  const [founder] = (await request('eth_accounts')) as [Address];
  const chainId = BigInt((await request('eth_chainId')) as Hex);
  const { address, code, storage } = charterAccount([founder], founder, chainId);
  await request('hardhat_setCode', [address, code]);
  for (const { slot, value } of storage)
    await request('hardhat_setStorageAt', [address, minimal(slot), value]);
  const contracts = contractsOf(founder);
  const chain = new FoundedChain({ request, close, sender: founder, contracts, chainId: Number(chainId) });
  for (const { to, data } of stepsOf(contracts, foundingFile(), founder)) await chain.send(to, data);
  return chain;
}

export class FoundedChain {
  readonly request: Request;
  readonly close: () => Promise<void>;
  readonly sender: Address;
  readonly contracts: LedgerContracts;
  readonly chainId: number;
  readonly ledgerNonce = LEDGER_NONCE;

  /** Use `foundChain`. */
  constructor(parts: Pick<FoundedChain, 'request' | 'close' | 'sender' | 'contracts' | 'chainId'>) {
    this.request = parts.request;
    this.close = parts.close;
    this.sender = parts.sender;
    this.contracts = parts.contracts;
    this.chainId = parts.chainId;
  }

  async send(to: Address | undefined, data: Hex): Promise<Sent> {
    const { gasUsed, logs } = await this.#mine(to, data);
    return { data, gas: Number(gasUsed), logs };
  }

  /** Deploys a contract of `bench/contracts` and answers its address. */
  async deployPeer(name: string, args: readonly unknown[] = []): Promise<Address> {
    const { bytecode, calls } = compiledPeer(name);
    const { contractAddress } = await this.#mine(
      undefined,
      `${bytecode}${calls.encodeDeploy(args).slice(2)}` as Hex,
    );
    if (contractAddress === null) throw new Error(`${name} was not deployed`);
    return contractAddress.toLowerCase() as Address;
  }

  async ask(to: Address, data: Hex): Promise<Hex> {
    return (await this.request('eth_call', [{ to, data }, 'latest'])) as Hex;
  }

  async #mine(to: Address | undefined, data: Hex): Promise<Receipt> {
    const gas = `0x${TRANSACTION_GAS_CAP.toString(16)}`;
    const call = { from: this.sender, gas, data, ...(to && { to }) };
    const hash = await this.request('eth_sendTransaction', [call]);
    const receipt = (await this.request('eth_getTransactionReceipt', [hash])) as Receipt;
    if (receipt.status !== '0x1') throw new Error('a transaction of the bench failed');
    return receipt;
  }
}

export function compiledPeer(name: string) {
  return compiledAt(`bench/contracts/${name}.sol/${name}.json`);
}

/** A slot as Hardhat takes it: without leading zeros. */
export function minimal(slot: Bytes32): Hex {
  return `0x${BigInt(slot).toString(16)}`;
}
