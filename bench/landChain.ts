/**
 * A founded ledger on Hardhat's chain in this process, for measuring acts on land: every transaction is a block of its
 * own, so that nothing is warm but what the transaction warmed itself.
 *
 * Hides founding, officers, salts, and what the register knows. Promises: contracts and calls are those the gateway
 * deploys and sends, the states answered are those the register keeps, and a transaction that fails ends the run.
 * Only this folder calls it.
 */
import assert from 'node:assert/strict';
import { network } from 'hardhat';
import { TRANSACTION_GAS_CAP } from '../server/domain/chain.ts';
import type { Founding } from '../server/domain/founding.ts';
import { type Address, type Bytes32, fromHex, type Hex, toHex, ZERO_32 } from '../server/domain/hex.ts';
import type { ActHead, ConsentProof } from '../server/domain/land/acts.ts';
import {
  approvalOf,
  callOf,
  consentOf,
  type PreparedAct,
  type RegisterReading,
} from '../server/domain/land/prepare.ts';
import type { BAUnitState } from '../server/domain/land/types.ts';
import { addressOfPrivateKey, type ConsentKey, signCompact } from '../server/domain/signing.ts';
import type {
  BAUnitId,
  EntryId,
  InstitutionId,
  OfficeId,
  OfficerId,
  Role,
  SpatialUnitId,
} from '../server/domain/terms.ts';
import { digestOf } from '../server/domain/typedData.ts';
import { compiledAt, contractOf, decodeAnswer } from '../server/ledger/contracts.ts';
import { charterAccount, contractsOf, type LedgerContracts, stepsOf } from '../server/ledger/founding.ts';
import { keccak256 } from '../server/ledger/keccak.ts';

export const OFFICE = 7 as OfficeId;
const ROLES: readonly Role[] = ['land-preparer', 'land-approver', 'admin-preparer', 'admin-approver', 'vote'];
const DEADLINE = 4_000_000_000n;

/** 32 bytes that a name stands for, the same in every run. */
export function named<T extends Bytes32>(name: string): T {
  return toHex(keccak256(Buffer.from(name))) as T;
}

interface Officer {
  readonly officer: OfficerId;
  readonly key: Uint8Array;
}

const officerOf = (name: string): Officer => ({
  officer: named(`officer ${name}`),
  key: fromHex(named(`key of officer ${name}`)),
});
const PREPARER = officerOf('preparer');
const APPROVER = officerOf('approver');

/** Two institutions hold the quorum: officers pay for what a seated ledger checks. */
function foundingFile(): Founding {
  const institutions = [1 as InstitutionId, 2 as InstitutionId];
  const [first = 1 as InstitutionId, second = 2 as InstitutionId] = institutions;
  const officers = [PREPARER, APPROVER, officerOf('third'), officerOf('fourth')];
  return {
    institutions: institutions.map((institution) => ({ institution, roles: ROLES })),
    officers: officers.map(({ officer, key }, i) => ({
      officer,
      institution: i < 2 ? first : second,
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
    quorum: institutions.length,
    wideningWaitSeconds: 0,
    appointmentWaitSeconds: 0,
  };
}

/** What one transaction took and left. */
export interface Sent {
  readonly gas: number;
  readonly data: Hex;
  readonly logs: readonly { readonly topics: readonly Hex[]; readonly data: Hex }[];
}

interface Receipt extends Pick<Sent, 'logs'> {
  readonly status: string;
  readonly gasUsed: string;
  readonly contractAddress: Address | null;
}

interface Wiring {
  request(method: string, params?: readonly unknown[]): Promise<unknown>;
  close(): Promise<void>;
  readonly founder: Address;
  readonly contracts: LedgerContracts;
  readonly chainId: number;
}

export async function foundLandChain(): Promise<LandChain> {
  const { provider, close } = await network.create();
  const request = (method: string, params: readonly unknown[] = []) =>
    provider.request({ method, params: [...params] });
  const [founder] = (await request('eth_accounts')) as [Address];
  const { address, code, storage } = charterAccount([founder], founder);
  await request('hardhat_setCode', [address, code]);
  for (const { slot, value } of storage) {
    await request('hardhat_setStorageAt', [address, `0x${BigInt(slot).toString(16)}`, value]);
  }
  const contracts = contractsOf(founder);
  const chainId = Number(await request('eth_chainId'));
  const chain = new LandChain({ request, close, founder, contracts, chainId });
  for (const { to, data } of stepsOf(contracts, foundingFile())) await chain.send(to, data);
  return chain;
}

export class LandChain {
  readonly #wiring: Wiring;
  readonly #units = new Map<BAUnitId, Bytes32>();
  readonly #placed = new Map<SpatialUnitId, BAUnitId>();
  #entries = 0n;
  #salt = 0;

  /** Use `foundLandChain`. */
  constructor(wiring: Wiring) {
    this.#wiring = wiring;
  }

  get sender(): Address {
    return this.#wiring.founder;
  }

  close(): Promise<void> {
    return this.#wiring.close();
  }

  head(): ActHead {
    return {
      ...{ office: OFFICE, preparer: PREPARER.officer, preparerEpoch: 1, notBefore: 1_600_000_000n },
      ...{ deadline: DEADLINE, effectiveOn: 1_700_000_000n },
      ...{ salt: BigInt(named(`salt ${this.#salt++}`)) >> 128n },
      ...{ sourcesRoot: named('sources'), corrects: ZERO_32 as EntryId },
    };
  }

  /** The register as the acts of this run left it. */
  reading(): RegisterReading {
    const { chainId, contracts } = this.#wiring;
    return {
      ledger: { chainId, landRegistry: contracts.land },
      presentations: this.#entries,
      isFrozen: false,
      isSeated: true,
      twoInstitutionActs: 0n,
      nowSeconds: 1_700_000_000n,
      extended: (moment) => moment,
      stateHashOf: (baUnit) => this.#units.get(baUnit),
      unitOf: (id) => this.#placed.get(id),
      isInstrumentUsed: () => false,
    };
  }

  /** Signs a prepared act with both officers and its consents with `keys`, sends it, and looks what is kept. */
  async act(prepared: PreparedAct, keys: readonly ConsentKey[] = []): Promise<Sent> {
    const approval = { approver: APPROVER.officer, approverEpoch: 1, deadline: DEADLINE };
    const consents = prepared.consents.map((needed): ConsentProof => {
      const time = { notBefore: 1_600_000_000n, deadline: DEADLINE, mandateCommitment: ZERO_32 };
      const key = keys.find(({ keyHash }) => keyHash === needed.keyHash);
      assert(key !== undefined, 'nobody has the key of a consent');
      const digest = digestOf(consentOf(this.reading().ledger, needed, time));
      const signature = signCompact(digest, key.privateKey);
      return { ...time, kind: 'secp256k1', salt: key.salt, key: '0x', signature };
    });
    const call = callOf(prepared, consents, {
      preparer: signCompact(prepared.entryId, PREPARER.key),
      approval,
      approver: signCompact(digestOf(approvalOf(prepared.typedData, approval)), APPROVER.key),
    });
    const { land } = this.#wiring.contracts;
    const sent = await this.send(
      land,
      contractOf('land').calls.encodeFunctionData(call.method, call.args) as Hex,
    );
    for (const { baUnit, state, stateHash } of prepared.changes) {
      assert.equal(await this.#kept(baUnit), stateHash, 'the register keeps another state than was prepared');
      this.#remember(baUnit, state, stateHash);
    }
    return sent;
  }

  #remember(baUnit: BAUnitId, state: BAUnitState, stateHash: Bytes32): void {
    this.#units.set(baUnit, stateHash);
    for (const { id } of state.spatialUnits) this.#placed.set(id, baUnit);
    this.#entries++;
  }

  async #kept(baUnit: BAUnitId): Promise<unknown> {
    const { calls } = contractOf('land');
    const data = calls.encodeFunctionData('stateOf', [baUnit]) as Hex;
    const [hash] = decodeAnswer('land', 'stateOf', await this.ask(this.#wiring.contracts.land, data));
    return hash;
  }

  async send(to: Address | undefined, data: Hex): Promise<Sent> {
    const { gasUsed, logs } = await this.#mine(to, data);
    return { gas: Number(gasUsed), data, logs };
  }

  /** Deploys a contract of `bench/contracts` and answers its address. */
  async deployPeer(name: string): Promise<Address> {
    const { contractAddress } = await this.#mine(undefined, compiledPeer(name).bytecode);
    assert(contractAddress !== null, 'a peer was not deployed');
    return contractAddress;
  }

  async ask(to: Address, data: Hex): Promise<Hex> {
    return (await this.#wiring.request('eth_call', [{ to, data }, 'latest'])) as Hex;
  }

  async #mine(to: Address | undefined, data: Hex): Promise<Receipt> {
    const gas = `0x${TRANSACTION_GAS_CAP.toString(16)}`;
    const call = { from: this.sender, gas, data, ...(to && { to }) };
    const hash = await this.#wiring.request('eth_sendTransaction', [call]);
    const receipt = (await this.#wiring.request('eth_getTransactionReceipt', [hash])) as Receipt;
    assert.equal(receipt.status, '0x1', 'a transaction of the bench failed');
    return receipt;
  }
}

export function compiledPeer(name: string) {
  return compiledAt(`bench/contracts/${name}.sol/${name}.json`);
}
