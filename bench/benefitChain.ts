/**
 * A founded ledger on Hardhat's chain in this process, for measuring gas: every transaction is a block of its own, so
 * that nothing is warm but what the transaction warmed itself.
 *
 * Hides founding, officers, salts and time. Promises: contracts and calls are those the gateway deploys and sends,
 * and a transaction that fails ends the run. Only this folder calls it.
 */
import { network } from 'hardhat';
import { type Acts, type BenefitRegister, CALL_OF } from '../server/domain/benefits/act.ts';
import { signable } from '../server/domain/benefits/prepare.ts';
import type { ActName } from '../server/domain/benefits/types.ts';
import { type Chunk, chunksOf } from '../server/domain/benefits/unitsTable.ts';
import { TRANSACTION_GAS_CAP } from '../server/domain/chain.ts';
import type { Founding } from '../server/domain/founding.ts';
import { type Address, type Bytes32, fromHex, type Hex, toHex, ZERO_32 } from '../server/domain/hex.ts';
import { addressOfPrivateKey, signCompact } from '../server/domain/signing.ts';
import type { EntryId, InstitutionId, OfficeId, OfficerId, Role } from '../server/domain/terms.ts';
import { digestOf } from '../server/domain/typedData.ts';
import { compiledAt, contractOf } from '../server/ledger/contracts.ts';
import { charterAccount, contractsOf, type LedgerContracts, stepsOf } from '../server/ledger/founding.ts';
import { keccak256 } from '../server/ledger/keccak.ts';

export const AGENCY = 1 as InstitutionId;
const ROLES: readonly Role[] = ['aid-preparer', 'aid-approver', 'admin-preparer', 'admin-approver', 'vote'];
const DEADLINE = 4_000_000_000n;

/** 32 bytes that a name stands for, the same in every run. */
export function named(name: string): Bytes32 {
  return toHex(keccak256(Buffer.from(name))) as Bytes32;
}

interface Officer {
  readonly officer: OfficerId;
  readonly key: Uint8Array;
}

const officerOf = (name: string): Officer => ({
  officer: named(`officer ${name}`) as OfficerId,
  key: fromHex(named(`key of officer ${name}`)),
});
const PREPARER = officerOf('preparer');
const APPROVER = officerOf('approver');

/** Two institutions hold the quorum: officers pay for what a seated ledger checks. */
function foundingFile(): Founding {
  const institutions = [AGENCY, 2 as InstitutionId];
  const officers = [PREPARER, APPROVER, officerOf('third'), officerOf('fourth')];
  return {
    institutions: institutions.map((institution) => ({ institution, roles: ROLES })),
    officers: officers.map(({ officer, key }, i) => ({
      officer,
      institution: institutions[i >> 1] ?? AGENCY,
      office: 0 as OfficeId,
      roles: ROLES,
      key: {
        kind: 'secp256k1',
        keyHash: toHex(keccak256(fromHex(addressOfPrivateKey(key)))) as Bytes32,
        rpIdHash: ZERO_32,
        requireUV: false,
      },
    })),
    verifiers: [],
    policies: [],
    quorum: 2,
    wideningWaitSeconds: 0,
    appointmentWaitSeconds: 0,
  };
}

interface Log {
  readonly topics: readonly string[];
  readonly data: string;
}

interface Receipt {
  readonly status: string;
  readonly gasUsed: string;
  readonly contractAddress: string | null;
  readonly logs: readonly Log[];
}

export interface Sent {
  readonly gas: number;
  readonly logs: readonly Log[];
}

export async function foundChain(): Promise<BenefitChain> {
  const { provider, close } = await network.create();
  const request = (method: string, params: readonly unknown[] = []) =>
    provider.request({ method, params: [...params] });
  const [founder] = (await request('eth_accounts')) as [Address];
  const { address, code, storage } = charterAccount([founder], founder);
  await request('hardhat_setCode', [address, code]);
  for (const { slot, value } of storage)
    await request('hardhat_setStorageAt', [address, minimal(slot), value]);
  const contracts = contractsOf(founder);
  const chain = new BenefitChain({
    request,
    close,
    founder,
    contracts,
    chainId: Number(await request('eth_chainId')),
  });
  for (const { to, data } of stepsOf(contracts, foundingFile())) await chain.send(to, data);
  return chain;
}

interface Wiring {
  request(method: string, params?: readonly unknown[]): Promise<unknown>;
  close(): Promise<void>;
  readonly founder: Address;
  readonly contracts: LedgerContracts;
  readonly chainId: number;
}

export class BenefitChain {
  readonly register: BenefitRegister;
  readonly sender: Address;
  readonly #wiring: Wiring;
  #salt = 0n;

  /** Use `foundChain`. */
  constructor(wiring: Wiring) {
    this.#wiring = wiring;
    this.sender = wiring.founder;
    this.register = { chainId: wiring.chainId, benefitLedger: wiring.contracts.benefits };
  }

  close(): Promise<void> {
    return this.#wiring.close();
  }

  /** Unix second of the newest block. */
  async now(): Promise<bigint> {
    const block = await this.#wiring.request('eth_getBlockByNumber', ['latest', false]);
    return BigInt((block as { timestamp: string }).timestamp);
  }

  async moveTo(second: bigint): Promise<void> {
    await this.#wiring.request('evm_mine', [Number(second)]);
  }

  /** Writes a word into the ledger's storage, for what no transaction of a bench should take the time to make. */
  async setWord(slot: Bytes32, word: bigint): Promise<void> {
    const padded = `0x${word.toString(16).padStart(64, '0')}`;
    await this.#wiring.request('hardhat_setStorageAt', [this.register.benefitLedger, minimal(slot), padded]);
  }

  async send(to: Address | undefined, data: Hex): Promise<Sent> {
    const { gas, logs } = await this.#mine(to, data);
    return { gas, logs };
  }

  /** Deploys a contract of `bench/contracts` and answers its address. */
  async deployPeer(name: string, args: readonly unknown[]): Promise<Address> {
    const { bytecode, calls } = compiledPeer(name);
    const { created } = await this.#mine(undefined, `${bytecode}${calls.encodeDeploy(args).slice(2)}` as Hex);
    if (created === null) throw new Error(`${name} was not deployed`);
    return created.toLowerCase() as Address;
  }

  async #mine(to: Address | undefined, data: Hex): Promise<Sent & { readonly created: string | null }> {
    const gas = `0x${TRANSACTION_GAS_CAP.toString(16)}`;
    const call = { from: this.sender, gas, data, ...(to && { to }) };
    const hash = await this.#wiring.request('eth_sendTransaction', [call]);
    const receipt = (await this.#wiring.request('eth_getTransactionReceipt', [hash])) as Receipt;
    if (receipt.status !== '0x1') throw new Error('a transaction of the bench failed');
    return { gas: Number(receipt.gasUsed), logs: receipt.logs, created: receipt.contractAddress };
  }

  async ask(to: Address, data: Hex): Promise<Hex> {
    return (await this.#wiring.request('eth_call', [{ to, data }, 'latest'])) as Hex;
  }

  /** Signs an act with both officers and sends it. */
  async act<N extends ActName>(name: N, act: Acts[N]): Promise<Sent> {
    const head = {
      ...{ office: 0 as OfficeId, preparer: PREPARER.officer, preparerEpoch: 1, notBefore: 0n },
      ...{ deadline: DEADLINE, effectiveOn: 0n, salt: ++this.#salt },
      ...{ sourcesRoot: ZERO_32, corrects: ZERO_32 as EntryId },
    };
    const { typedData, entryId, approval } = signable(name, act, this.register, head);
    const approvedBy = { approver: APPROVER.officer, approverEpoch: 1, deadline: DEADLINE };
    const signatures = {
      preparer: signCompact(entryId, PREPARER.key),
      approval: approvedBy,
      approver: signCompact(digestOf(approval(approvedBy)), APPROVER.key),
    };
    const { calls } = contractOf('benefits');
    const data = calls.encodeFunctionData(CALL_OF[name], [typedData.message, signatures]) as Hex;
    return this.send(this.register.benefitLedger, data);
  }

  /** Sends a list in as many calls as it takes; answers the gas of each. */
  async load(words: Uint8Array, encode: (chunk: Chunk) => Hex): Promise<number[]> {
    const gas: number[] = [];
    for (const chunk of chunksOf(words, 0, keccak256)) {
      gas.push((await this.send(this.register.benefitLedger, encode(chunk))).gas);
    }
    return gas;
  }
}

export function compiledPeer(name: string) {
  return compiledAt(`bench/contracts/${name}.sol/${name}.json`);
}

/** A slot as Hardhat takes it: without leading zeros. */
function minimal(slot: Bytes32): Hex {
  return `0x${BigInt(slot).toString(16)}`;
}
