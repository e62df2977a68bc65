/**
 * A founded ledger with the real BenefitLedger, two officers of an agency, and a book that follows every event.
 * The chain is Hardhat's in memory; its clock moves one second a transaction and is the tests' to set forward.
 */

import type { Contract, ContractTransactionReceipt, InterfaceAbi } from 'ethers';
import { network } from 'hardhat';
import { approvalOf } from '../../../../server/domain/acts/approval.ts';
import type { ActHead } from '../../../../server/domain/acts/head.ts';
import type { Moment } from '../../../../server/domain/acts/moment.ts';
import { NEVER_PAUSED } from '../../../../server/domain/acts/moment.ts';
import { signCompact } from '../../../../server/domain/acts/signing.ts';
import { ACTS } from '../../../../server/domain/acts/table.ts';
import { digestOf } from '../../../../server/domain/acts/typedData.ts';
import { type Address, type Bytes32, type Hex, toHex, ZERO_32 } from '../../../../server/domain/base/hex.ts';
import { codeOfError } from '../../../../server/domain/base/refusal.ts';
import {
  type EntryId,
  type OfficeId,
  type OfficerId,
  type ProgrammeId,
  type Role,
  roleBits,
  type VendorId,
} from '../../../../server/domain/base/terms.ts';
import { type Acts, appliedAct } from '../../../../server/domain/benefits/act.ts';
import { BenefitBook } from '../../../../server/domain/benefits/book.ts';
import { type Card, loadedCard } from '../../../../server/domain/benefits/cards.ts';
import type { BenefitEvent, Touched } from '../../../../server/domain/benefits/follow.ts';
import {
  type BenefitSignable,
  type Judgement,
  prepareAct,
  type Records,
  signable,
} from '../../../../server/domain/benefits/prepare.ts';
import type { RedemptionBatch } from '../../../../server/domain/benefits/redemption.ts';
import type { CycleId, TillId } from '../../../../server/domain/benefits/terms.ts';
import type { ActName, BenefitRegister } from '../../../../server/domain/benefits/types.ts';
import { type Chunk, chunksOf, loadGas, wordsIn } from '../../../../server/domain/benefits/unitsTable.ts';
import { foundingDomain } from '../../../../server/domain/power/possession.ts';
import { keccak256 } from '../../../../server/ledger/keccak.ts';
import { appointmentOf, officerOf, possessionsOf, withThirds } from '../../../chain/signing.ts';

export const AGENCY = 2;
export const START = 1_900_000_000n;
const ROLES: readonly Role[] = ['aid-preparer', 'aid-approver', 'admin-preparer', 'admin-approver', 'vote'];

export interface Officer {
  readonly id: OfficerId;
  readonly key: Uint8Array;
}

export function bytes32(fill: number): Bytes32 {
  return `0x${fill.toString(16).padStart(64, '0')}` as Bytes32;
}

const [first, second] = [officerOf(AGENCY, 'preparer'), officerOf(AGENCY, 'approver')];
export const PREPARER: Officer = { id: first.officer, key: first.key };
export const APPROVER: Officer = { id: second.officer, key: second.key };

/** An event of the journal, as far as the tests compare it. */
export interface Entry {
  readonly entryId: Hex;
  readonly subject: Hex;
  readonly kind: number;
  readonly newState: Hex;
}

export interface Recorded {
  readonly entry: Entry | undefined;
  readonly events: readonly BenefitEvent[];
  readonly gasUsed: number;
}

const LEDGER_NONCE = toHex(keccak256(Buffer.from('ledger nonce'))) as Bytes32;

export async function foundRegister(): Promise<Register> {
  const connection = await network.create();
  const { ethers } = connection;
  const [founder] = await ethers.getSigners();
  if (founder === undefined) throw new Error('no account');
  const deploy = async (name: string, ...given: readonly unknown[]) => {
    const factory = await ethers.getContractFactory(name);
    const contract = await factory.deploy(...given);
    return contract.waitForDeployment();
  };
  const validators = [1, 2].map((n) => ethers.zeroPadValue(ethers.toBeHex(n), 20));
  const charter = await deploy('Charter', validators, founder.address);
  const council = await deploy('Council', charter);
  const safeguards = await deploy('Safeguards', charter, LEDGER_NONCE, ethers.ZeroAddress);
  const roles = roleBits(ROLES);
  const officers = withThirds([first, second]);
  const file = {
    ledgerNonce: LEDGER_NONCE,
    institutions: [{ institution: AGENCY, roles }],
    officers: officers.map((officer) => appointmentOf(officer, roles)),
    verifiers: [],
    offices: [],
    policies: [],
    validators: validators.map((validator) => ({ validator, institution: AGENCY })),
    quorum: 1,
    wideningWaitSeconds: 0,
    appointmentWaitSeconds: 0,
  };
  const possessions = officers.map((officer) => possessionsOf(officer, foundingDomain(LEDGER_NONCE)));
  const parts = [charter, ethers.ZeroAddress, council, safeguards];
  const consortium = await deploy('Consortium', ...parts, file, possessions);
  await (await charter.getFunction('setAuthority')(consortium)).wait();
  const rules = await deploy('BenefitRules');
  const standingRules = await deploy('StandingRules');
  const register = await deploy(
    'BenefitLedger',
    charter,
    LEDGER_NONCE,
    ethers.ZeroAddress,
    rules,
    standingRules,
  );
  const views = await deploy('BenefitViews', register);
  const { chainId } = await ethers.provider.getNetwork();
  const genesis = await ethers.provider.getBlock(0);
  return new Register({
    contract: new ethers.Contract(
      await register.getAddress(),
      register.interface.fragments as InterfaceAbi,
      founder,
    ),
    views: new ethers.Contract(await views.getAddress(), views.interface.fragments as InterfaceAbi, founder),
    register: {
      chainId: Number(chainId),
      ledgerNonce: LEDGER_NONCE,
      benefitLedger: (await register.getAddress()).toLowerCase() as Address,
    },
    genesisHash: (genesis?.hash ?? ZERO_32) as Bytes32,
    setNextTime: (seconds) =>
      connection.provider.request({ method: 'evm_setNextBlockTimestamp', params: [Number(seconds)] }),
    mineAt: (seconds) => connection.provider.request({ method: 'evm_mine', params: [Number(seconds)] }),
    close: () => connection.close(),
  });
}

interface Wiring {
  readonly contract: Contract;
  /** Reads what the register holds by name. */
  readonly views: Contract;
  readonly register: BenefitRegister;
  readonly genesisHash: Bytes32;
  setNextTime(seconds: bigint): Promise<unknown>;
  mineAt(seconds: bigint): Promise<unknown>;
  close(): Promise<void>;
}

export class Register {
  readonly register: BenefitRegister;
  readonly genesisHash: Bytes32;
  readonly contract: Contract;
  readonly views: Contract;
  readonly #wiring: Wiring;
  readonly #slots = new Map<string, Card>();
  readonly book = new BenefitBook((...place) => this.#slots.get(place.join(' ')));
  #salt = 0n;
  /** Time of the next block. */
  now = START;

  constructor(wiring: Wiring) {
    this.#wiring = wiring;
    this.register = wiring.register;
    this.genesisHash = wiring.genesisHash;
    this.contract = wiring.contract;
    this.views = wiring.views;
  }

  close(): Promise<void> {
    return this.#wiring.close();
  }

  /** No halt is recorded in these tests. */
  get moment(): Moment {
    return { nowSeconds: this.now, redemption: NEVER_PAUSED, extended: (moment) => moment };
  }

  head(): ActHead {
    this.#salt += 1n;
    return {
      office: 0 as OfficeId,
      preparer: PREPARER.id,
      preparerEpoch: 1,
      notBefore: 0n,
      deadline: this.now + 1_000_000n,
      effectiveOn: this.now,
      salt: this.#salt,
      sourcesRoot: ZERO_32,
      corrects: ZERO_32 as EntryId,
    };
  }

  prepare<N extends ActName>(name: N, act: Acts[N], records: Records): BenefitSignable<N> & Judgement {
    return prepareAct(name, act, {
      register: this.register,
      head: this.head(),
      records,
      moment: this.moment,
    });
  }

  /** An act that was not judged. */
  sign<N extends ActName>(name: N, act: Acts[N]): BenefitSignable<N> {
    return signable(name, act, this.register, this.head());
  }

  /** Moves the clock: an empty block, so that calls that change nothing see the time too. */
  async at(seconds: bigint): Promise<void> {
    this.now = seconds;
    await this.#wiring.mineAt(seconds);
    this.now += 1n;
  }

  /** An act's arguments, signed by both officers. */
  argumentsOf(prepared: BenefitSignable): readonly unknown[] {
    const approval = { approver: APPROVER.id, approverEpoch: 1, deadline: this.now + 1_000_000n };
    const { head, ...fields } = prepared.typedData.message;
    return [
      { head, ...fields },
      {
        preparer: signCompact(prepared.entryId, PREPARER.key),
        approval,
        approver: signCompact(digestOf(approvalOf(prepared.typedData, approval)), APPROVER.key),
      },
    ];
  }

  /** Prepares an act over the book's records, has it signed, sends it and follows it. */
  async act<N extends ActName>(
    name: N,
    act: Acts[N],
    keys: Touched,
  ): Promise<Recorded & { prepared: BenefitSignable<N> & Judgement }> {
    const prepared = this.prepare(name, act, this.book.records(keys));
    return { prepared, ...(await this.send(ACTS[name].method, ...this.argumentsOf(prepared))) };
  }

  async send(method: string, ...given: readonly unknown[]): Promise<Recorded> {
    await this.#wiring.setNextTime(this.now);
    const call = this.contract.getFunction(method);
    const receipt: ContractTransactionReceipt = await (await call(...given, { gasLimit: 16_777_216 })).wait();
    const recorded = this.#read(receipt);
    for (const event of recorded.events) this.book.apply(event, this.moment);
    this.now += 1n;
    return recorded;
  }

  async loadSlots(
    programme: ProgrammeId,
    enrolmentEpoch: number,
    slots: Uint8Array,
    startIndex = 0,
  ): Promise<Recorded[]> {
    for (let at = 0; at < slots.length; at += 32) {
      const card = loadedCard(slots.subarray(at, at + 32));
      this.#slots.set([programme, enrolmentEpoch, startIndex + at / 32].join(' '), card);
    }
    return this.#load(chunksOf(slots), (chunk) =>
      this.send(
        'loadSlots',
        programme,
        enrolmentEpoch,
        startIndex + chunk.first,
        [...wordsIn(chunk.words)],
        chunk.rest,
      ),
    );
  }

  loadUnits(programme: ProgrammeId, cycle: CycleId, chunks: readonly Chunk[]): Promise<Recorded[]> {
    return this.#load(chunks, (chunk) =>
      this.send('loadUnits', programme, cycle, chunk.first, [...wordsIn(chunk.words)], chunk.rest),
    );
  }

  async #load(chunks: readonly Chunk[], send: (chunk: Chunk) => Promise<Recorded>): Promise<Recorded[]> {
    const all: Recorded[] = [];
    for (const chunk of chunks) {
      const recorded = await send(chunk);
      const most = loadGas(chunk.words.length / 32);
      if (recorded.gasUsed > most) throw new Error(`a chunk took ${recorded.gasUsed} gas, more than ${most}`);
      all.push(recorded);
    }
    return all;
  }

  /** Releases a cycle, and waits until its sales begin. */
  async release(programme: ProgrammeId, cycle: CycleId): Promise<Recorded> {
    const recorded = await this.send('finalise', programme, cycle);
    const opensAt = this.book.records({ cycle: { programme, cycle } }).cycle?.opensAt ?? 0n;
    if (this.now < opensAt) await this.at(opensAt);
    return recorded;
  }

  redeem(batch: RedemptionBatch, tillKey: Uint8Array): Promise<Recorded> {
    const { items, digest, itemsHash: _, ...shared } = batch;
    return this.send('redeem', shared, items, signCompact(digest, tillKey));
  }

  /** The code the contract refuses a call with, or undefined where it does not. */
  async refusalOf(method: string, ...given: readonly unknown[]): Promise<string | undefined> {
    try {
      await this.contract.getFunction(method).staticCall(...given, { gasLimit: 16_777_216 });
      return undefined;
    } catch (error) {
      const { data } = error as { data?: unknown };
      const found = typeof data === 'string' ? this.contract.interface.parseError(data) : null;
      return found === null ? String(error) : codeOfError(found.name);
    }
  }

  #read(receipt: ContractTransactionReceipt): Recorded {
    const logs = receipt.logs.map((log) => this.contract.interface.parseLog(log));
    const named = logs.find((log) => log?.name === 'EntryRecorded')?.args;
    const signed = logs.find((log) => log?.name === 'Signed')?.args;
    const entry =
      named === undefined
        ? undefined
        : {
            entryId: named.entryId,
            subject: named.subject,
            kind: Number(named.kind),
            newState: named.newState,
          };
    const events = logs.flatMap((log): BenefitEvent[] => {
      const args = log?.args;
      if (args === undefined) return [];
      const programme = args.programme as ProgrammeId;
      const cycle = Number(args.cycle) as CycleId;
      switch (log?.name) {
        case 'ActApplied':
          return [
            {
              name: 'ActApplied',
              applied: appliedAct(Number(args.kind), [...args.getValue('fields')]),
              office: Number(signed?.head.office ?? 0) as OfficeId,
              newState: (entry?.newState ?? ZERO_32) as Bytes32,
            },
          ];
        case 'SlotsLoaded':
          return [
            {
              name: 'SlotsLoaded',
              programme,
              enrolmentEpoch: Number(args.enrolmentEpoch),
              enrolled: Number(args.enrolled),
            },
          ];
        case 'UnitsLoaded':
          return [{ name: 'UnitsLoaded', programme, cycle, loadedWords: Number(args.loadedWords) }];
        case 'BatchRedeemed':
          return [
            {
              name: 'BatchRedeemed',
              programme,
              cycle,
              vendor: args.vendor as VendorId,
              till: Number(args.till) as TillId,
              units: args.units,
              results: [...args.results],
            },
          ];
        default:
          return [];
      }
    });
    return { entry, events, gasUsed: Number(receipt.gasUsed) };
  }
}
