/**
 * A founded ledger as the benefit bench uses it: acts signed by both officers, lists in as many calls as they take.
 *
 * Hides salts, heads and time. Promises what `foundedChain.ts` does. Only this folder calls it.
 */

import { approvalOf } from '../server/domain/acts/approval.ts';
import { ACTS } from '../server/domain/acts/table.ts';
import { type Address, type Bytes32, type Hex, ZERO_32 } from '../server/domain/base/hex.ts';
import type { EntryId, OfficeId } from '../server/domain/base/terms.ts';
import type { Acts } from '../server/domain/benefits/act.ts';
import { signable } from '../server/domain/benefits/prepare.ts';
import type { ActName, BenefitRegister } from '../server/domain/benefits/types.ts';
import { type Chunk, chunksOf } from '../server/domain/benefits/unitsTable.ts';
import { contractOf } from '../server/ledger/contracts.ts';
import { keccak256 } from '../server/ledger/keccak.ts';
import {
  DEADLINE,
  type FoundedChain,
  foundChain,
  minimal,
  PREPARER,
  type Sent,
  signedByBoth,
} from './foundedChain.ts';

/** After any clock this runs by, and before every deadline of the bench. */
const FIRST_SECOND = 3_000_000_000n;

export async function foundBenefitChain(): Promise<BenefitChain> {
  return new BenefitChain(await foundChain());
}

export class BenefitChain {
  readonly register: BenefitRegister;
  readonly #chain: FoundedChain;
  #salt = 0n;
  /** A clock of its own: dates are signed, and a signature's bytes cost what they are. */
  #second = FIRST_SECOND;

  /** Use `foundBenefitChain`. */
  constructor(chain: FoundedChain) {
    this.#chain = chain;
    const { chainId, ledgerNonce } = chain;
    this.register = { chainId, ledgerNonce, benefitLedger: chain.contracts.benefits };
  }

  /** Where what the register holds is read by name. */
  get views(): Address {
    return this.#chain.contracts.benefitViews;
  }

  get sender(): Address {
    return this.#chain.sender;
  }

  close(): Promise<void> {
    return this.#chain.close();
  }

  /** Unix second of the newest block. */
  async now(): Promise<bigint> {
    const block = await this.#chain.request('eth_getBlockByNumber', ['latest', false]);
    return BigInt((block as { timestamp: string }).timestamp);
  }

  async moveTo(second: bigint): Promise<void> {
    this.#second = second;
    await this.#chain.request('evm_mine', [Number(second)]);
  }

  /** Writes a word into the ledger's storage, for what no transaction of a bench should take the time to make. */
  async setWord(slot: Bytes32, word: bigint): Promise<void> {
    const padded = `0x${word.toString(16).padStart(64, '0')}`;
    await this.#chain.request('hardhat_setStorageAt', [this.register.benefitLedger, minimal(slot), padded]);
  }

  async send(to: Address | undefined, data: Hex): Promise<Sent> {
    await this.#tick();
    return this.#chain.send(to, data);
  }

  /** Deploys a contract of `bench/contracts` and answers its address. */
  async deployPeer(name: string, args: readonly unknown[]): Promise<Address> {
    await this.#tick();
    return this.#chain.deployPeer(name, args);
  }

  async #tick(): Promise<void> {
    this.#second += 1n;
    await this.#chain.request('evm_setNextBlockTimestamp', [Number(this.#second)]);
  }

  ask(to: Address, data: Hex): Promise<Hex> {
    return this.#chain.ask(to, data);
  }

  /** Signs an act with both officers and sends it. */
  async act<N extends ActName>(name: N, act: Acts[N]): Promise<Sent> {
    const head = {
      office: 0 as OfficeId,
      preparer: PREPARER.officer,
      preparerEpoch: 1,
      notBefore: 0n,
      deadline: DEADLINE,
      effectiveOn: 0n,
      salt: ++this.#salt,
      sourcesRoot: ZERO_32,
      corrects: ZERO_32 as EntryId,
    };
    const { typedData, entryId } = signable(name, act, this.register, head);
    const { calls } = contractOf('benefits');
    const signatures = signedByBoth(entryId, (by) => approvalOf(typedData, by));
    const data = calls.encodeFunctionData(ACTS[name].method, [typedData.message, signatures]) as Hex;
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
