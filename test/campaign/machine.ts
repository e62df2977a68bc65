/**
 * A founded ledger on the bare executor, for a campaign of very many calls: one block a call, its time as the campaign
 * says, its events as followers read them.
 *
 * Promises: a call that a contract refuses changes nothing and answers the name of its error; what is tried and what is
 * sent see the same second. Nothing is durable and nobody seals.
 */

import { getCreateAddress } from 'ethers';
import {
  type RegisterDomain,
  registerDomain,
  type SigningRegister,
} from '../../server/domain/acts/domains.ts';
import type { ContractName, EventBlock, LedgerEvent } from '../../server/domain/acts/events.ts';
import { BLOCK_GAS_LIMIT, FORK, TRANSACTION_GAS_CAP } from '../../server/domain/base/chain.ts';
import type { Address, Bytes32, Hex } from '../../server/domain/base/hex.ts';
import { SKIP_REASONS, type SkipReason } from '../../server/domain/benefits/terms.ts';
import type { Founding } from '../../server/domain/power/founding.ts';
import { CONTRACT_NAMES, contractOf, decodeAnswer, writeCall } from '../../server/ledger/contracts.ts';
import { EventReader, type ReadableBlock } from '../../server/ledger/events.ts';
import { type Executor, startExecutor } from '../../server/ledger/executor.ts';
import {
  CHARTER_ADDRESS,
  charterAccount,
  contractsOf,
  type LedgerContracts,
  stepsOf,
} from '../../server/ledger/founding.ts';
import { NodeError } from '../../server/ledger/provider.ts';

/** A call of any contract of the ledger, before it is encoded or after. */
export interface MachineCall {
  readonly contract: ContractName;
  readonly method: string;
  readonly args: readonly unknown[];
  /** Where it goes, if not to the contract in force: a register that was succeeded. */
  readonly to?: Address;
}

/** What became of a call: the events it left, or the name of the error it was refused with. */
export type Outcome =
  | { readonly ok: true; readonly events: readonly LedgerEvent[]; readonly block: EventBlock }
  | {
      readonly ok: false;
      readonly refusal: string;
      /** Of a batch of which nothing was redeemed: why not its first item. */
      readonly skipped: SkipReason | undefined;
    };

/** What a refusal is called that carries no error of ours: it reverted without a word, or broke an assertion. */
const WORDLESS = '(no error)';
export const PANIC = 'Panic';

const GAS = `0x${TRANSACTION_GAS_CAP.toString(16)}`;
const SENDER = '0x00000000000000000000000000000000000ca11e' as Address;
const PANIC_SELECTOR = '0x4e487b71';

const SIGNING: Partial<Record<ContractName, SigningRegister>> = {
  personnel: 'personnel',
  safeguards: 'safeguards',
  land: 'landRegistry',
  benefits: 'benefitLedger',
  notary: 'notary',
};

/** Names of errors by their first four bytes, over all contracts. */
const errorNames = new Map<string, string>(
  CONTRACT_NAMES.flatMap((contract) => {
    const found: [string, string][] = [];
    contractOf(contract).calls.forEachError(({ name, selector }) => found.push([selector, name]));
    return found;
  }),
);

interface RawReceipt {
  readonly status: string;
  readonly blockNumber: Hex;
  readonly blockHash: Bytes32;
  readonly transactionHash: Bytes32;
  readonly logs: readonly { readonly address: Address; readonly topics: Bytes32[]; readonly data: Hex }[];
}

export interface Machine {
  readonly contracts: LedgerContracts;
  readonly chainId: number;
  readonly ledgerNonce: Bytes32;
  /** The founding's blocks, as a follower reads them. */
  readonly founded: readonly EventBlock[];
  readonly nowSeconds: bigint;
  domainOf(contract: ContractName): RegisterDomain;
  /** Lets time pass. */
  waitUntil(seconds: bigint): Promise<void>;
  /** Makes the call, or says what it is refused with; one that will hardly pass is tried out first. */
  make(call: MachineCall, isHopeful: boolean): Promise<Outcome>;
  /** Deploys another contract of a kind: what members may be asked to put in the place of theirs. */
  deploy(contract: ContractName, args: readonly unknown[]): Promise<Address>;
  ask(contract: ContractName, method: string, args?: readonly unknown[]): Promise<readonly unknown[]>;
  /** From now on another contract of the kind is in force. */
  replace(contract: ContractName, address: Address): void;
  /** What a contract holds in these slots. */
  wordsAt(address: Address, slots: readonly Bytes32[]): Promise<readonly Bytes32[]>;
}

/** Founds a ledger whose clock begins at `startSeconds`; the same seed and founding make the same one. */
export async function foundMachine(
  founding: Founding,
  validators: readonly Address[],
  startSeconds: bigint,
): Promise<Machine> {
  const chainId = 47_114_711;
  const executor = await startExecutor({
    chainId: BigInt(chainId),
    timestamp: startSeconds - 1n,
    fork: FORK,
    blockGasLimit: BigInt(BLOCK_GAS_LIMIT),
    salt: founding.ledgerNonce,
    accounts: [charterAccount(validators, SENDER, BigInt(chainId))],
  });
  await executor.batch([
    { method: 'hardhat_impersonateAccount', params: [SENDER] },
    { method: 'evm_setAutomine', params: [true] },
  ]);
  const contracts = contractsOf(SENDER);
  const machine = new RunningMachine(executor, contracts, { chainId, ledgerNonce: founding.ledgerNonce });
  await machine.waitUntil(startSeconds);
  for (const { to, data } of stepsOf(contracts, founding, SENDER)) await machine.found(to, data);
  return machine;
}

class RunningMachine implements Machine {
  contracts: LedgerContracts;
  readonly chainId: number;
  readonly ledgerNonce: Bytes32;
  readonly founded: EventBlock[] = [];
  nowSeconds = 0n;
  readonly #executor: Executor;
  readonly #reader: EventReader<ReadableBlock>;

  constructor(
    executor: Executor,
    contracts: LedgerContracts,
    { chainId, ledgerNonce }: Pick<Machine, 'chainId' | 'ledgerNonce'>,
  ) {
    this.#executor = executor;
    this.contracts = contracts;
    this.chainId = chainId;
    this.ledgerNonce = ledgerNonce;
    this.#reader = new EventReader({
      charter: CHARTER_ADDRESS,
      questions: {
        call: (to, data) => this.#call(to, data),
        prove: () => Promise.reject(new NodeError(-32_000, 'this machine proves nothing')),
      },
    });
  }

  domainOf(contract: ContractName): RegisterDomain {
    const register = contract.startsWith('land') ? 'land' : contract;
    return registerDomain(SIGNING[register] ?? 'consortium', this, this.contracts[register]);
  }

  async waitUntil(seconds: bigint): Promise<void> {
    this.nowSeconds = seconds;
    await this.#executor.call('evm_mine', `0x${seconds.toString(16)}`);
  }

  async make(call: MachineCall, isHopeful: boolean): Promise<Outcome> {
    const { contract, method, args, to = this.contracts[contract] } = call;
    const data = writeCall(contract, method, args);
    const refused = isHopeful ? undefined : await this.#refusalOf(to, data);
    if (refused !== undefined) return { ok: false, ...refused };
    const block = await this.#send(to, data);
    if (block !== undefined) return { ok: true, events: block.events, block };
    const refusal = await this.#refusalOf(to, data);
    if (refusal === undefined) throw new Error('a call was refused that passes now');
    return { ok: false, ...refusal };
  }

  async #refusalOf(to: Address, data: Hex): Promise<Refused | undefined> {
    try {
      await this.#call(to, data);
      return undefined;
    } catch (error) {
      if (!(error instanceof NodeError)) throw error;
      return refusalIn(error);
    }
  }

  async deploy(contract: ContractName, args: readonly unknown[]): Promise<Address> {
    const { bytecode, calls } = contractOf(contract);
    const nonce = (await this.#executor.call('eth_getTransactionCount', SENDER, 'latest')) as Hex;
    const block = await this.#send(undefined, `${bytecode}${calls.encodeDeploy(args).slice(2)}` as Hex);
    if (block === undefined) throw new Error(`no second ${contract} could be deployed`);
    return getCreateAddress({ from: SENDER, nonce: Number(nonce) }).toLowerCase() as Address;
  }

  async ask(contract: ContractName, method: string, args: readonly unknown[] = []) {
    const answer = await this.#call(this.contracts[contract], writeCall(contract, method, args));
    return decodeAnswer(contract as 'land', method as never, answer);
  }

  replace(contract: ContractName, address: Address): void {
    this.contracts = { ...this.contracts, [contract]: address };
  }

  async wordsAt(address: Address, slots: readonly Bytes32[]): Promise<readonly Bytes32[]> {
    const calls = slots.map((slot) => ({ method: 'eth_getStorageAt', params: [address, slot, 'latest'] }));
    return (await this.#executor.batch(calls)) as readonly Bytes32[];
  }

  async found(to: Address | undefined, data: Hex): Promise<void> {
    const block = await this.#send(to, data);
    if (block === undefined) throw new Error('a step of the founding was refused');
    this.founded.push(block);
  }

  async #call(to: Address, data: Hex): Promise<Hex> {
    return (await this.#executor.call('eth_call', { from: SENDER, to, data, gas: GAS }, 'latest')) as Hex;
  }

  async #send(to: Address | undefined, data: Hex): Promise<EventBlock | undefined> {
    const call = { from: SENDER, data, gas: GAS, gasPrice: '0x0', ...(to && { to }) };
    const [, , hash] = await this.#executor.batch([
      { method: 'evm_setNextBlockTimestamp', params: [`0x${this.nowSeconds.toString(16)}`] },
      { method: 'hardhat_setNextBlockBaseFeePerGas', params: ['0x0'] },
      { method: 'eth_sendTransaction', params: [call] },
    ]);
    const receipt = (await this.#executor.call('eth_getTransactionReceipt', hash)) as RawReceipt;
    if (receipt.status !== '0x1') return undefined;
    const { blockNumber, blockHash, transactionHash } = receipt;
    return this.#reader.read({
      cursor: { number: BigInt(blockNumber), hash: blockHash },
      header: { timestampSeconds: Number(this.nowSeconds) },
      logs: receipt.logs.map((log, logIndex) => ({ ...log, transactionHash, logIndex })),
    });
  }
}

type Refused = Pick<Extract<Outcome, { ok: false }>, 'refusal' | 'skipped'>;

function refusalIn({ data = '0x' }: NodeError): Refused {
  const selector = data.slice(0, 10);
  if (selector === PANIC_SELECTOR) return { refusal: PANIC, skipped: undefined };
  const refusal = errorNames.get(selector) ?? WORDLESS;
  const reason = refusal === 'NothingRedeemed' ? Number(`0x${data.slice(10)}`) : 0;
  return { refusal, skipped: SKIP_REASONS[reason] };
}
