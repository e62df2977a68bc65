/**
 * A real register of land for tests: the contracts as built, on the embedded chain over a real store, with two
 * institutions, four officers, and holders whose keys come from seeds. No part of ours is replaced by a mock.
 */

import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Interface, type InterfaceAbi, type Result } from 'ethers';
import { approvalOf } from '../../server/domain/acts/approval.ts';
import { type ActCall, callOf, type Signatures } from '../../server/domain/acts/call.ts';
import type { ContractName } from '../../server/domain/acts/events.ts';
import type { ActHead } from '../../server/domain/acts/head.ts';
import { NEVER_PAUSED } from '../../server/domain/acts/moment.ts';
import { addressOfPrivateKey, type ConsentKey, signCompact } from '../../server/domain/acts/signing.ts';
import { digestOf } from '../../server/domain/acts/typedData.ts';
import type { Entry } from '../../server/domain/audit/journal.ts';
import type { GenesisAccount } from '../../server/domain/base/blocks.ts';
import { TRANSACTION_GAS_CAP } from '../../server/domain/base/chain.ts';
import {
  type Address,
  type Bytes32,
  fromHex,
  type Hex,
  toHex,
  ZERO_32,
  ZERO_ADDRESS,
} from '../../server/domain/base/hex.ts';
import { codeOfError } from '../../server/domain/base/refusal.ts';
import {
  type BAUnitId,
  type EntryId,
  type InstitutionId,
  type OfficeId,
  type OfficerId,
  roleBits,
} from '../../server/domain/base/terms.ts';
import type { ConsentProof } from '../../server/domain/land/acts.ts';
import { fromAbi, toMessage } from '../../server/domain/land/codec.ts';
import type { ConsentNeeded } from '../../server/domain/land/consents.ts';
import { consentOf, type LandSignable, type RegisterReading } from '../../server/domain/land/prepare.ts';
import { mostNoticeSeconds } from '../../server/domain/land/restrictions.ts';
import type { BAUnitState } from '../../server/domain/land/types.ts';
import { foundingDomain } from '../../server/domain/power/possession.ts';
import type { EmbeddedChain } from '../../server/ledger/embedded.ts';
import { keccak256 } from '../../server/ledger/keccak.ts';
import { NodeError, quantity } from '../../server/ledger/provider.ts';
import { signTransaction, softwareSigner } from '../../server/ledger/signer.ts';
import { appointmentOf, officerOf, possessionsOf, type Officer as Signing } from '../chain/signing.ts';
import type { Seeded } from '../seeded.ts';
import { openTestLedger, type TestLedger } from '../server/ledger/chain.ts';

const TRANSACTION_GAS = BigInt(TRANSACTION_GAS_CAP);
export const OFFICE = 7 as OfficeId;
const FOUNDER_KEY = keccak256(new TextEncoder().encode('throw-away founder'));
const CHARTER = `0x${'c4'.repeat(20)}` as Address;
/** Its only validator. */
const SEALER = `0x${'f1'.repeat(20)}` as Address;
const REGISTER_NAME = toHex(keccak256(new TextEncoder().encode('LandRegistry'))) as Bytes32;

const ARTIFACTS = path.resolve(import.meta.dirname, '../../artifacts');

interface Built {
  readonly abi: Interface;
  readonly bytecode: Hex;
  readonly runtime: Hex;
}

function built(name: string): Built {
  const [place = ''] = globSync(`contracts/**/${name}.sol/${name}.json`, { cwd: ARTIFACTS });
  const { abi, bytecode, deployedBytecode } = JSON.parse(
    readFileSync(path.join(ARTIFACTS, place), 'utf8'),
  ) as {
    abi: InterfaceAbi;
    bytecode: Hex;
    deployedBytecode: Hex;
  };
  return { abi: new Interface(abi), bytecode, runtime: deployedBytecode };
}

export interface Officer {
  readonly id: OfficerId;
  readonly key: Uint8Array;
  readonly institution: number;
}

/** In the order of the founding. */
const FOUNDERS = {
  preparer: officerOf(1, 'preparer'),
  approver: officerOf(1, 'approver'),
  otherPreparer: officerOf(2, 'other preparer'),
  otherApprover: officerOf(2, 'other approver'),
  third: officerOf(1, 'third'),
  otherThird: officerOf(2, 'other third'),
} as const;

const signing = ({ officer, key, institution }: Signing): Officer => ({ id: officer, key, institution });

/** Preparer and approver of institution 1, then of institution 2. */
export const OFFICERS = {
  preparer: signing(FOUNDERS.preparer),
  approver: signing(FOUNDERS.approver),
  otherPreparer: signing(FOUNDERS.otherPreparer),
  otherApprover: signing(FOUNDERS.otherApprover),
} as const;

/** What one act left on the ledger. */
export interface Recorded {
  readonly blockNumber: bigint;
  readonly gasUsed: number;
  readonly entries: readonly (Entry & { readonly head: Bytes32 })[];
  readonly states: readonly {
    readonly baUnit: BAUnitId;
    readonly stateHash: Bytes32;
    readonly state: BAUnitState;
  }[];
}

type TestedContract = 'charter' | 'consortium' | 'land' | 'landCharges' | 'landPartition' | 'landDivision';

type Log = { address: Address; topics: Hex[]; data: Hex };

export class LandLedger {
  readonly ledger: TestLedger;
  readonly contracts: Readonly<Record<TestedContract, Address>>;
  readonly abis: Readonly<Record<TestedContract, Interface>>;
  #nonce: bigint;

  constructor(
    ledger: TestLedger,
    contracts: LandLedger['contracts'],
    abis: LandLedger['abis'],
    nonce: bigint,
  ) {
    this.ledger = ledger;
    this.contracts = contracts;
    this.abis = abis;
    this.#nonce = nonce;
  }

  get chain(): EmbeddedChain {
    return this.ledger.chain;
  }

  readonly ledgerNonce = LEDGER_NONCE;

  get chainId(): number {
    return Number(this.chain.genesis.chainId);
  }

  request<T>(method: string, ...params: unknown[]): Promise<T> {
    return this.chain.request({ method, params }) as Promise<T>;
  }

  async read<T>(contract: keyof LandLedger['contracts'], method: string, ...args: unknown[]): Promise<T> {
    const abi = this.abis[contract];
    const data = abi.encodeFunctionData(method, args);
    const answer = await this.request<Hex>('eth_call', { to: this.contracts[contract], data }, 'latest');
    const result: Result = abi.decodeFunctionResult(method, answer);
    return (result.length === 1 ? result[0] : result) as T;
  }

  /** Why the contract would refuse a call, in our words; undefined when it would not. */
  async refusalOf({ contract, method, args }: ActCall): Promise<string | undefined> {
    const { abi: own, address } = this.#contractAt(contract);
    const data = own.encodeFunctionData(method, args);
    const gas = quantity(TRANSACTION_GAS);
    try {
      await this.request('eth_call', { to: address, data, gas }, 'latest');
      return undefined;
    } catch (error) {
      if (!(error instanceof NodeError)) throw error;
      const raw =
        typeof error.data === 'string' ? error.data : (error.data as { data?: Hex } | undefined)?.data;
      const parsed = [own, this.abis.consortium, this.abis.land]
        .map((abi) => abi.parseError(raw ?? '0x'))
        .find((found) => found !== null);
      if (parsed === undefined) throw error;
      return codeOfError(parsed.name);
    }
  }

  async send({ contract, method, args }: ActCall): Promise<Recorded> {
    const { abi, address } = this.#contractAt(contract);
    return this.#record(address, abi.encodeFunctionData(method, args) as Hex);
  }

  #contractAt(contract: ContractName): { readonly abi: Interface; readonly address: Address } {
    if (!Object.hasOwn(this.contracts, contract)) throw new Error('this ledger has no such contract');
    const tested = contract as TestedContract;
    return { abi: this.abis[tested], address: this.contracts[tested] };
  }

  async sendTo(contract: keyof LandLedger['contracts'], method: string, args: unknown[]): Promise<Recorded> {
    return this.#record(
      this.contracts[contract],
      this.abis[contract].encodeFunctionData(method, args) as Hex,
    );
  }

  async #record(to: Address, data: Hex): Promise<Recorded> {
    const receipt = await transact(this.chain, this.#nonce++, data, to);
    const registry = this.abis.land;
    const parsed = receipt.logs.flatMap((log) => registry.parseLog(log) ?? []);
    return {
      blockNumber: BigInt(receipt.blockNumber),
      gasUsed: Number(receipt.gasUsed),
      entries: parsed
        .filter(({ name }) => name === 'EntryRecorded')
        .map(({ args }) => ({ ...args.toObject(), kind: Number(args.kind) }) as Recorded['entries'][number]),
      states: parsed
        .filter(({ name }) => name === 'BAUnitRecorded')
        .map(({ args }) => ({
          baUnit: args.baUnit as BAUnitId,
          stateHash: args.stateHash as Bytes32,
          state: fromAbi('BAUnitState', args.state),
        })),
    };
  }

  async nowSeconds(): Promise<bigint> {
    return BigInt(
      (await this.request<{ timestamp: Hex }>('eth_getBlockByNumber', 'latest', false)).timestamp,
    );
  }

  /** The register as it stands, with the answers to every question about these units, parcels and instruments. */
  async reading(about: {
    readonly units?: readonly Bytes32[];
    readonly spatialUnits?: readonly Bytes32[];
    readonly instruments?: readonly Bytes32[];
    readonly office?: OfficeId;
  }): Promise<RegisterReading> {
    const answers = new Map<string, unknown>();
    for (const id of about.units ?? []) answers.set(id, await this.read('land', 'stateOf', id));
    for (const id of about.spatialUnits ?? []) {
      answers.set(`p${id}`, (await this.read<Result>('land', 'unitOf', id))[0]);
    }
    for (const id of about.instruments ?? []) {
      answers.set(`i${id}`, await this.read('land', 'isInstrumentUsed', about.office ?? OFFICE, id));
    }
    const nonZero = <T>(answer: unknown) => {
      if (answer === undefined) throw new Error('a question nobody asked the register');
      return answer === ZERO_32 ? undefined : (answer as T);
    };
    return {
      ledger: { chainId: this.chainId, ledgerNonce: LEDGER_NONCE, landRegistry: this.contracts.land },
      presentations: await this.read('land', 'presentations'),
      isFrozen: (await this.read<string>('land', 'successor')) !== ZERO_ADDRESS,
      keeper: Number(await this.read('consortium', 'officeKeeper', about.office ?? OFFICE)) as InstitutionId,
      isSeated: await this.read('consortium', 'isSeated'),
      twoInstitutionActs: 0n,
      mostNoticeSeconds: mostNoticeSeconds(0n),
      nowSeconds: await this.nowSeconds(),
      redemption: NEVER_PAUSED,
      extended: (moment) => moment,
      stateHashOf: (id) => nonZero(answers.get(id)),
      unitOf: (id) => nonZero(answers.get(`p${id}`)),
      isInstrumentUsed: (id) => answers.get(`i${id}`) === true,
    };
  }

  async head(random: Seeded, changed: Partial<ActHead> = {}): Promise<ActHead> {
    const now = await this.nowSeconds();
    return {
      office: OFFICE,
      preparer: OFFICERS.preparer.id,
      preparerEpoch: 1,
      notBefore: now - 60n,
      deadline: now + 86_400n,
      effectiveOn: now,
      salt: BigInt(toHex(random.bytes(16))),
      sourcesRoot: toHex(random.bytes(32)) as Bytes32,
      corrects: ZERO_32 as EntryId,
      ...changed,
    };
  }

  /** Both officers' signatures of a prepared act. */
  sign(
    prepared: Pick<LandSignable, 'typedData' | 'head'>,
    approver: Officer = OFFICERS.approver,
  ): Signatures {
    const deadline = prepared.head.deadline;
    const approval = { approver: approver.id, approverEpoch: 1, deadline };
    const preparer = Object.values(OFFICERS).find(({ id }) => id === prepared.head.preparer);
    if (preparer === undefined) throw new Error('no such officer');
    return {
      preparer: signCompact(digestOf(prepared.typedData), preparer.key),
      approval,
      approver: signCompact(digestOf(approvalOf(prepared.typedData, approval)), approver.key),
    };
  }

  consent(
    needed: ConsentNeeded,
    key: ConsentKey,
    time: { notBefore: bigint; deadline: bigint },
  ): ConsentProof {
    const chosen = { ...time, mandateCommitment: ZERO_32 };
    const ledger = { chainId: this.chainId, ledgerNonce: LEDGER_NONCE, landRegistry: this.contracts.land };
    const signature = signCompact(digestOf(consentOf(ledger, needed, chosen)), key.privateKey);
    return { ...chosen, kind: 'secp256k1', salt: key.salt, key: '0x', signature };
  }

  consents(
    needed: readonly ConsentNeeded[],
    keys: readonly ConsentKey[],
    { notBefore, deadline }: ActHead,
  ): ConsentProof[] {
    return needed.map((one) => {
      const key = keys.find(({ keyHash }) => keyHash === one.keyHash);
      if (key === undefined) throw new Error('nobody has this key');
      return this.consent(one, key, { notBefore, deadline });
    });
  }

  /** The signed call of a prepared act; `keys` are all the keys anybody may be asked for. */
  call(prepared: LandSignable, keys: readonly ConsentKey[], approver?: Officer): ActCall {
    const consents = this.consents(prepared.needed, keys, prepared.head);
    const proofs = consents.map((consent) => toMessage('ConsentProof', consent));
    return callOf(prepared, proofs, this.sign(prepared, approver));
  }
}

async function transact(
  chain: EmbeddedChain,
  nonce: bigint,
  data: Hex,
  to?: Address,
): Promise<{ blockNumber: Hex; gasUsed: Hex; contractAddress: Address; logs: Log[] }> {
  const fields = { chainId: chain.genesis.chainId, nonce, gas: TRANSACTION_GAS, data };
  const signed = await signTransaction(
    to === undefined ? fields : { ...fields, to },
    softwareSigner(FOUNDER_KEY),
  );
  await chain.request({ method: 'eth_sendRawTransaction', params: [signed.raw] });
  const receipt = (await chain.request({ method: 'eth_getTransactionReceipt', params: [signed.hash] })) as {
    status: Hex;
    blockNumber: Hex;
    gasUsed: Hex;
    contractAddress: Address;
    logs: Log[];
  };
  if (receipt.status !== '0x1') throw new Error('a transaction of the test reverted');
  return receipt;
}

const word = (value: bigint) => `0x${value.toString(16).padStart(64, '0')}` as Bytes32;

/** The Charter as a genesis file holds it: its code, and its slots written by hand. */
function charterAccount(code: Hex, validator: Address, founder: Address, chainId: bigint): GenesisAccount {
  return {
    address: CHARTER,
    code,
    storage: [
      { slot: word(0n), value: word(1n) },
      { slot: toHex(keccak256(fromHex(word(0n)))) as Bytes32, value: word(BigInt(validator)) },
      { slot: word(1n), value: word(BigInt(founder)) },
      { slot: word(3n), value: word(chainId) },
    ],
  };
}

const LEDGER_NONCE = toHex(keccak256(new TextEncoder().encode('ledger nonce'))) as Bytes32;

function founding(): unknown {
  const preparer = roleBits(['land-preparer', 'admin-preparer']);
  const approver = roleBits(['land-approver', 'admin-approver']);
  const all = 2 ** 14 - 1;
  return {
    ledgerNonce: LEDGER_NONCE,
    institutions: [
      { institution: 1, roles: all },
      { institution: 2, roles: all },
    ],
    officers: [
      ...[appointmentOf(FOUNDERS.preparer, preparer), appointmentOf(FOUNDERS.approver, approver)],
      ...[appointmentOf(FOUNDERS.otherPreparer, preparer), appointmentOf(FOUNDERS.otherApprover, approver)],
      ...[FOUNDERS.third, FOUNDERS.otherThird].map((one) => appointmentOf(one, preparer | approver)),
    ],
    verifiers: [],
    offices: [{ office: OFFICE, keeper: 1 }],
    policies: [],
    validators: [{ validator: SEALER, institution: 1 }],
    quorum: 2,
    wideningWaitSeconds: 0,
    appointmentWaitSeconds: 0,
  };
}

/** Founds the ledger; a second register may be named as the successor of the first later. */
export async function openLandLedger(folder: string, clock?: () => bigint): Promise<LandLedger> {
  const founder = addressOfPrivateKey(FOUNDER_KEY);
  const of = {
    charter: built('Charter'),
    consortium: built('Consortium'),
    safeguards: built('Safeguards'),
    land: built('LandRegistry'),
    landCharges: built('LandCharges'),
    landPartition: built('LandPartition'),
    landParts: built('LandParts'),
    landDivision: built('LandDivision'),
    landTransfers: built('LandTransfers'),
  };
  const ledger = await openTestLedger(folder, {
    ...(clock === undefined ? {} : { clock }),
    genesisAccounts: (chainId) => [charterAccount(of.charter.runtime, SEALER, founder, chainId)],
  });
  let nonce = 0n;
  const deploy = async ({ abi, bytecode }: Built, ...args: unknown[]): Promise<Address> => {
    const data = `${bytecode}${abi.encodeDeploy(args).slice(2)}` as Hex;
    return (await transact(ledger.chain, nonce++, data)).contractAddress;
  };
  const landCharges = await deploy(of.landCharges, CHARTER);
  const landPartition = await deploy(of.landPartition, CHARTER);
  const landParts = await deploy(of.landParts, CHARTER);
  const landTransfers = await deploy(of.landTransfers, CHARTER);
  const landDivision = await deploy(of.landDivision, CHARTER);
  const rules = [landTransfers, landCharges, landPartition, landParts, landDivision];
  const land = await deploy(of.land, CHARTER, LEDGER_NONCE, ZERO_ADDRESS, ...rules);
  const safeguards = await deploy(of.safeguards, CHARTER, LEDGER_NONCE, ZERO_ADDRESS);
  const possessions = Object.values(FOUNDERS).map((one) => possessionsOf(one, foundingDomain(LEDGER_NONCE)));
  const parts = [CHARTER, ZERO_ADDRESS, founder, safeguards];
  const consortium = await deploy(of.consortium, ...parts, founding(), possessions);
  for (const data of [
    of.charter.abi.encodeFunctionData('setRegister', [REGISTER_NAME, land]),
    of.charter.abi.encodeFunctionData('setAuthority', [consortium]),
  ]) {
    await transact(ledger.chain, nonce++, data as Hex, CHARTER);
  }
  const contracts = {
    ...{ charter: CHARTER, consortium, land },
    ...{ landTransfers, landCharges, landPartition, landParts, landDivision },
  };
  const abis = {
    charter: of.charter.abi,
    consortium: of.consortium.abi,
    land: of.land.abi,
    landCharges: of.landCharges.abi,
    landPartition: of.landPartition.abi,
    landParts: of.landParts.abi,
    landDivision: of.landDivision.abi,
    landTransfers: of.landTransfers.abi,
  };
  return new LandLedger(ledger, contracts, abis, nonce);
}
