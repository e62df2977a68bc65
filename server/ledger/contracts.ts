/**
 * The compiled contracts: what they are called, what calls to them look like, what their refusals mean.
 *
 * Hides the compiler's files, read once when this module is loaded. Promises: a call is encoded as the contract of
 * that name reads it; acts are written by plans of our own, and the two calls that carry a whole table straight into
 * hex, for a million people pass through them; a revert becomes the refusal of the same name, or undefined where the contract said something that no
 * row has. For this folder, `commit`, the deployment and the tests.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Interface, type InterfaceAbi, type ParamType } from 'ethers';
import type { TypedContractMethod } from '../../types/common.ts';
import type { BenefitLedger } from '../../types/contracts/benefits/BenefitLedger.ts';
import type { BenefitRules } from '../../types/contracts/benefits/BenefitRules.ts';
import type { BenefitViews } from '../../types/contracts/benefits/BenefitViews.ts';
import type { StandingRules } from '../../types/contracts/benefits/StandingRules.ts';
import type { Charter } from '../../types/contracts/Charter.ts';
import type { LandCharges } from '../../types/contracts/land/LandCharges.ts';
import type { LandDivision } from '../../types/contracts/land/LandDivision.ts';
import type { LandPartition } from '../../types/contracts/land/LandPartition.ts';
import type { LandParts } from '../../types/contracts/land/LandParts.ts';
import type { LandRegistry } from '../../types/contracts/land/LandRegistry.ts';
import type { LandTransfers } from '../../types/contracts/land/LandTransfers.ts';
import type { Notary } from '../../types/contracts/notary/Notary.ts';
import type { Consortium } from '../../types/contracts/power/Consortium.ts';
import type { Council } from '../../types/contracts/power/Council.ts';
import type { Personnel } from '../../types/contracts/power/Personnel.ts';
import type { Safeguards } from '../../types/contracts/power/Safeguards.ts';
import type { ContractAt, ContractName, LedgerEvent } from '../domain/acts/events.ts';
import { type Address, type Bytes32, type Hex, wordOf } from '../domain/base/hex.ts';
import { Refusal, refusalOfError } from '../domain/base/refusal.ts';
import type { ProgrammeId } from '../domain/base/terms.ts';
import type { AbiParameter } from './abi.ts';
import { type Encoder, encoderOf } from './abiWriter.ts';

interface ContractTypes {
  charter: Charter;
  council: Council;
  consortium: Consortium;
  personnel: Personnel;
  safeguards: Safeguards;
  land: LandRegistry;
  landCharges: LandCharges;
  landPartition: LandPartition;
  landParts: LandParts;
  landDivision: LandDivision;
  landTransfers: LandTransfers;
  notary: Notary;
  benefits: BenefitLedger;
  benefitRules: BenefitRules;
  standingRules: StandingRules;
  benefitViews: BenefitViews;
}

/** Where each contract's source lies below `contracts/`; its file has the contract's name. */
const SOURCES: Readonly<Record<ContractName, string>> = {
  charter: 'Charter',
  council: 'power/Council',
  consortium: 'power/Consortium',
  personnel: 'power/Personnel',
  safeguards: 'power/Safeguards',
  land: 'land/LandRegistry',
  landCharges: 'land/LandCharges',
  landPartition: 'land/LandPartition',
  landParts: 'land/LandParts',
  landDivision: 'land/LandDivision',
  landTransfers: 'land/LandTransfers',
  notary: 'notary/Notary',
  benefits: 'benefits/BenefitLedger',
  benefitRules: 'benefits/BenefitRules',
  standingRules: 'benefits/StandingRules',
  benefitViews: 'benefits/BenefitViews',
};

export const CONTRACT_NAMES = Object.keys(SOURCES) as readonly ContractName[];

interface AbiItem {
  readonly type: string;
  readonly name?: string;
  readonly inputs?: readonly AbiParameter[];
  readonly outputs?: readonly AbiParameter[];
}

interface Artifact {
  readonly abi: InterfaceAbi & readonly AbiItem[];
  readonly bytecode: Hex;
  readonly deployedBytecode: Hex;
  /** Bytes of the deployed code that the constructor fills in, by the compiler's number of what it fills in. */
  readonly immutableReferences: Readonly<
    Record<string, readonly { readonly start: number; readonly length: number }[]>
  >;
}

export interface Contract extends Artifact {
  readonly calls: Interface;
}

function readContract(name: ContractName): Contract {
  return compiledAt(`contracts/${SOURCES[name]}.sol/${charterNameOf(name)}.json`);
}

/** What the compiler left at a place below `artifacts/`: ours by name above, a library's by its path. */
export function compiledAt(place: string): Contract {
  const file = new URL(`../../artifacts/${place}`, import.meta.url);
  const artifact: Artifact = JSON.parse(readFileSync(file, 'utf8'));
  return { ...artifact, calls: new Interface(artifact.abi) };
}

const contracts = Object.fromEntries(CONTRACT_NAMES.map((name) => [name, readContract(name)])) as Readonly<
  Record<ContractName, Contract>
>;

export function contractOf(name: ContractName): Contract {
  return contracts[name];
}

/** The name under which the Charter knows a contract, before it is hashed: `LandRegistry`. */
export function charterNameOf(name: ContractName): string {
  return path.posix.basename(SOURCES[name]);
}

type ArgumentsOf<Method> = Method extends TypedContractMethod<infer A, infer _R, infer _S> ? A : never;
export type MethodName<C extends ContractName> = {
  [M in keyof ContractTypes[C]]: [ArgumentsOf<ContractTypes[C][M]>] extends [never] ? never : M;
}[keyof ContractTypes[C]] &
  string;

/** Calldata of any function of ours, by a general library: for calls that are made once. */
export function encodeCall<C extends ContractName, M extends MethodName<C>>(
  contract: C,
  method: M,
  args: ArgumentsOf<ContractTypes[C][M]>,
): Hex {
  return contracts[contract].calls.encodeFunctionData(method, args as readonly unknown[]) as Hex;
}

/** How each function that was called is written, by contract and name. */
const encoders = new Map<string, Encoder>();

/** Calldata of an act: fifty titles are 150 KB. */
export function writeCall(contract: ContractName, method: string, args: readonly unknown[]): Hex {
  const fragment = contracts[contract].calls.getFunction(method) ?? missing(method);
  const name = `${contract}.${method}`;
  const encode = encoders.get(name) ?? encoderOf(fragment.inputs.map(parameterOf));
  encoders.set(name, encode);
  return `${fragment.selector}${encode(args)}` as Hex;
}

/** A parameter as the compiler's JSON describes it. */
export function parameterOf(type: ParamType): AbiParameter {
  return JSON.parse(type.format('json'));
}

/** The values a call answered with, in the order of the function's results. */
export function decodeAnswer<C extends ContractName>(
  contract: C,
  method: MethodName<C>,
  answer: Hex,
): readonly unknown[] {
  return contracts[contract].calls.decodeFunctionResult(method, answer);
}

// ---- The calls that carry a table ---------------------------------------------------------------------------

export interface TableChunk {
  readonly programme: ProgrammeId;
  /** The enrolment epoch of slots, the cycle of units. */
  readonly of: number;
  /** Place of the first word. */
  readonly first: number;
  /** The words, one after another. */
  readonly words: Hex;
  /** What the words after these fold to. */
  readonly rest: Bytes32;
}

const LOAD_SLOTS = contracts.benefits.calls.getFunction('loadSlots')?.selector ?? missing('loadSlots');
const LOAD_UNITS = contracts.benefits.calls.getFunction('loadUnits')?.selector ?? missing('loadUnits');
/** Five words stand before the array: it begins at the sixth. */
const WORDS_OFFSET = 5 * 32;

export function encodeLoadSlots(chunk: TableChunk): Hex {
  return encodeLoad(LOAD_SLOTS, chunk);
}

export function encodeLoadUnits(chunk: TableChunk): Hex {
  return encodeLoad(LOAD_UNITS, chunk);
}

function encodeLoad(selector: string, { programme, of, first, words, rest }: TableChunk): Hex {
  const digits = words.length - 2;
  if (digits % 64 !== 0) throw new TypeError('not whole words');
  const head = [programme, wordOf(of), wordOf(first), wordOf(WORDS_OFFSET), rest, wordOf(digits / 64)];
  return `${selector}${head.map((one) => one.slice(2)).join('')}${words.slice(2)}` as Hex;
}

function missing(name: string): never {
  throw new Error(`the compiled contracts have no ${name}`);
}

// ---- Refusals -----------------------------------------------------------------------------------------------

const SELECTOR_DIGITS = 10;

/** What a revert says, with the error's own values in the holes of its message. */
export function refusalOfRevert(data: Hex): Refusal | undefined {
  if (data.length < SELECTOR_DIGITS) return undefined; // out of gas, or a contract that says nothing
  for (const name of CONTRACT_NAMES) {
    const error = contracts[name].calls.parseError(data);
    if (error === null) continue;
    const code = refusalOfError(error.name);
    if (code === undefined) return undefined;
    const holes = error.args.toObject() as Record<string, string | bigint>;
    return new Refusal(code, holes, {});
  }
  return undefined;
}

/** The contracts of a ledger, as its own events name them: a successor takes the place of what it continues. */
export interface ContractsInForce<Names extends string> {
  /** By name, those in force: one object that stays true while the ledger is followed. */
  readonly inForce: Readonly<Record<Names, Address>>;
  /** Whether an address is or was one of them: who is frozen says so to whoever sends, and goes on being read. */
  isOfLedger(address: Address): boolean;
  /** Of each block, in order. */
  seen(events: readonly LedgerEvent[]): void;
}

/** From what was founded, and what was named until now, in any order: the one of a name that is not frozen counts. */
export function contractsInForce<Names extends string>(
  founded: Readonly<Record<Names, Address>>,
  named: readonly (ContractAt & { readonly successor?: Address; readonly since?: bigint })[],
): ContractsInForce<Names> {
  const inForce: Record<string, Address> = { ...founded };
  const ofLedger = new Set<Address>(Object.values(founded));
  const find = ({ contract, address }: ContractAt) => {
    inForce[contract] = address;
    ofLedger.add(address);
  };
  const byAge = named.toSorted((one, other) => Number((one.since ?? 0n) - (other.since ?? 0n)));
  for (const one of byAge) find(one);
  return {
    inForce: inForce as Record<Names, Address>,
    isOfLedger: (address) => ofLedger.has(address),
    seen(events) {
      for (const event of events) if (event.name === 'ContractFound') find(event.args);
    },
  };
}
