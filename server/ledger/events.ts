/**
 * Turns verified blocks into the events of our contracts.
 *
 * Hides topics, encodings and addresses. Promises: every log of a contract of this ledger becomes one event, in order,
 * and nothing else does; no calldata is read, so a call that came through a stranger's contract reads like a direct one; a
 * log of ours that cannot be read is `ledger-unverified`, for then the contract is not the
 * one this version knows; the same blocks give the same events, whenever and however often they are read. Which
 * contracts are ours begins with the Charter and follows from its own events, so a successor is read from the block
 * that puts it in force. What a consortium was founded with, and which parts a contract has, is asked of the node: over a
 * network the parts are bound by code before anybody is told of them, and what was told is proved as soon as the node
 * can: until then `unproven` is not empty. One reader follows one ledger from one cursor on.
 */

import type {
  BlockCursor,
  ContractAt,
  ContractName,
  EventArgs,
  EventBlock,
  EventName,
  EventPlace,
  Founding,
  LedgerEvent,
} from '../domain/acts/events.ts';
import type { ActHead } from '../domain/acts/head.ts';
import { type OpenAct, takesEntry } from '../domain/audit/journal.ts';
import { encodeRlp, minimalBytes } from '../domain/audit/rlp.ts';
import type { ProvenState } from '../domain/audit/state.ts';
import { type Address, type Bytes32, fromHex, type Hex, toHex } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import type { EntryId, OfficeId } from '../domain/base/terms.ts';
import { type AppliedAct, appliedAct } from '../domain/benefits/act.ts';
import { officerIdOf } from '../domain/power/possession.ts';
import { type AbiParameter, type Decoder, decoderOf, LOG_START, wordReaderOf } from './abi.ts';
import type { BlockLog } from './block.ts';
import { CONTRACT_NAMES, charterNameOf, contractOf, encodeCall } from './contracts.ts';
import { ENUMS } from './enums.ts';
import { keccak256 } from './keccak.ts';
import { bindParts, type CodeAsked } from './parts.ts';
import { NodeError } from './provider.ts';

/** A verified block, as far as it is read here: `Ledger.follow` yields more. */
export interface ReadableBlock {
  readonly cursor: BlockCursor;
  readonly header: { readonly timestampSeconds: number };
  readonly logs: readonly BlockLog[];
  readonly leapt?: bigint;
}

/** What the reader asks of the ledger: a `Ledger` answers it. */
export interface Questions<B extends ReadableBlock> {
  call(to: Address, data: Hex): Promise<Hex>;
  prove(
    address: Address,
    slots: readonly Bytes32[],
    block: B,
  ): Promise<{ readonly state: Pick<ProvenState, 'account'> }>;
}

export interface EventReaderOptions<B extends ReadableBlock> {
  readonly charter: Address;
  /** Contracts found before the cursor that following starts from: the views keep them. */
  readonly contracts?: readonly ContractAt[];
  readonly questions: Questions<B>;
  /** Over a network: which code stands where. Absent over a chain in this process. */
  readonly code?: CodeAsked;
  /** Hashes of code that were told and not proved yet; handed over where they outlive a reader. */
  readonly unproven?: Map<Address, Bytes32>;
}

// ---- One log ------------------------------------------------------------------------------------------------

interface EventPlan {
  readonly name: string;
  readonly topics: readonly { readonly name: string; readonly read: (topic: Hex) => unknown }[];
  readonly data: Decoder;
}

/** By contract and first topic. */
const eventPlans: ReadonlyMap<string, EventPlan> = new Map(
  CONTRACT_NAMES.flatMap((contract) =>
    contractOf(contract)
      .abi.filter(({ type }) => type === 'event')
      .map(({ name = '', inputs = [] }): [string, EventPlan] => [
        `${contract}${topicOf(contract, name)}`,
        {
          name,
          topics: inputs
            .filter(({ indexed }) => indexed)
            .map((input) => ({ name: input.name, read: topicReaderOf(input) })),
          data: decoderOf(
            inputs.filter(({ indexed }) => !indexed),
            ENUMS,
          ),
        },
      ]),
  ),
);

/** A topic is one word, whose enumerations have names as those of the data. */
function topicReaderOf(input: AbiParameter): (topic: Hex) => unknown {
  const decode = decoderOf([input], ENUMS);
  return (topic) => decode(topic, LOG_START)[input.name];
}

function topicOf(contract: ContractName, name: string): string | undefined {
  return contractOf(contract).calls.getEvent(name)?.topicHash;
}

export interface DecodedLog {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** The event of one log by the ABI alone. Throws a RangeError on a log the contract of that name does not emit. */
export function decodeLog(contract: ContractName, topics: readonly Bytes32[], data: Hex): DecodedLog {
  const plan = eventPlans.get(`${contract}${topics[0]}`);
  if (plan === undefined || topics.length !== plan.topics.length + 1)
    throw new RangeError('no event of ours');
  const args: Record<string, unknown> = {};
  for (const [i, { name, read }] of plan.topics.entries()) args[name] = read(topics[i + 1] as Hex);
  return { name: plan.name, args: Object.assign(args, plan.data(data, LOG_START)) };
}

// ---- The reader ---------------------------------------------------------------------------------------------

/**
 * Contracts that another one names for good: found with it. A node answers as of now, so what a vote can replace (the
 * safeguards of a consortium) is found where the Charter's directory names it, or a rebuild would see other contracts.
 */
const FIXED_PARTS: Partial<Record<ContractName, readonly (readonly [getter: string, part: ContractName])[]>> =
  {
    consortium: [['council', 'council']],
    land: [
      ['transfers', 'landTransfers'],
      ['charges', 'landCharges'],
      ['partition', 'landPartition'],
      ['parts', 'landParts'],
      ['division', 'landDivision'],
    ],
    benefits: [
      ['rules', 'benefitRules'],
      ['standingRules', 'standingRules'],
    ],
  };

/** Contracts that the code of this one names, and no directory. */
export function partsOf(contract: ContractName): readonly ContractName[] {
  return partGettersOf(contract).map(([, part]) => part);
}

/** The same with the function that says where each is, in the order in which the constructor takes them. */
export function partGettersOf(contract: ContractName) {
  return FIXED_PARTS[contract] ?? [];
}

const registerNames: ReadonlyMap<string, ContractName> = new Map(
  (['safeguards', 'personnel', 'land', 'benefits', 'notary'] as const).map((name) => [
    toHex(keccak256(Buffer.from(charterNameOf(name)))),
    name,
  ]),
);

const foundingDecoder = decoderOf(
  contractOf('consortium').abi.find(({ name }) => name === 'founding')?.outputs ?? [],
  ENUMS,
);

export class EventReader<B extends ReadableBlock> {
  readonly #questions: Questions<B>;
  readonly #contracts = new Map<Address, ContractName>();
  readonly #code: CodeAsked | undefined;
  /** Founding files and parts that were told and not yet proved, with the hash of what was told. */
  readonly #unproven: Map<Address, Bytes32>;

  constructor({ charter, contracts = [], questions, code, unproven = new Map() }: EventReaderOptions<B>) {
    this.#questions = questions;
    this.#code = code;
    this.#unproven = unproven;
    this.#contracts.set(charter, 'charter');
    for (const { contract, address } of contracts) this.#contracts.set(address, contract);
  }

  /** Accounts whose code was told and no proof has shown yet: only a node that keeps too few states. */
  get unproven(): readonly Address[] {
    return [...this.#unproven.keys()];
  }

  /** Every contract of this ledger, as far as it was read. */
  get contracts(): ReadonlyMap<Address, ContractName> {
    return this.#contracts;
  }

  /** Which contract of this ledger stands at an address, as far as it was read. */
  contractAt(address: Address): ContractName | undefined {
    return this.#contracts.get(address);
  }

  /** Blocks come in order. Throws `ledger-unverified` on what no contract of ours writes. */
  async read(block: B): Promise<EventBlock> {
    const found = new Map<number, readonly LedgerEvent[]>();
    for (const log of block.logs) {
      if (this.#contracts.get(log.address) !== 'charter') continue;
      const named = await this.#follow(block, log);
      if (named.length > 0) found.set(log.logIndex, named);
    }
    await this.#proveTold(block);
    return {
      cursor: block.cursor,
      timestampSeconds: block.header.timestampSeconds,
      events: this.#eventsOf(block, found),
      ...(block.leapt !== undefined && { leapt: block.leapt }),
    };
  }

  #eventsOf(block: B, found: ReadonlyMap<number, readonly LedgerEvent[]>): LedgerEvent[] {
    const signed = new Map<Address, SignedAct>();
    const events: LedgerEvent[] = [];
    for (const log of block.logs) {
      const contract = this.#contracts.get(log.address);
      if (contract === undefined) continue;
      events.push(this.#eventOf(block, contract, log, signed), ...(found.get(log.logIndex) ?? []));
    }
    return events;
  }

  #eventOf(block: B, contract: ContractName, log: BlockLog, signed: Map<Address, SignedAct>): LedgerEvent {
    const decoded = readable(block, () => decodeLog(contract, log.topics, log.data));
    const place = placeOf(block, contract, log);
    switch (decoded.name) {
      case 'Signed': {
        const { entryId, head } = decoded.args as unknown as EventArgs['Signed'];
        signed.set(log.address, { entryId, head, items: 0n });
        return event(place, decoded);
      }
      case 'EntryRecorded': {
        const { entryId } = decoded.args as unknown as EventArgs['EntryRecorded'];
        const act = signed.get(log.address);
        return event(place, decoded, act && takesEntry(act, entryId) ? { act: act.head } : undefined);
      }
      case 'ActApplied':
        return event(place, {
          name: decoded.name,
          args: readable(block, () => this.#applied(block, log, decoded, signed.get(log.address))),
        });
      default:
        return event(place, decoded);
    }
  }

  /** An act of the benefit ledger with its office and the state of its entry, which the contract writes after it. */
  #applied(
    block: B,
    log: BlockLog,
    { args }: DecodedLog,
    signed: SignedAct | undefined,
  ): EventArgs['ActApplied'] {
    const { kind, fields, entryId } = args as unknown as ActAppliedArgs;
    const office = signed?.entryId === entryId ? signed.head.office : (0 as OfficeId);
    const topic = topicOf('benefits', 'EntryRecorded');
    const entry = block.logs.find(
      ({ address, topics, logIndex }) =>
        logIndex > log.logIndex && address === log.address && topics[0] === topic && topics[2] === entryId,
    );
    if (entry === undefined) throw new RangeError('an act without an entry');
    const { newState } = decodeLog('benefits', entry.topics, entry.data).args;
    return { entryId, applied: readAct(kind, fields), office, newState: newState as Bytes32 };
  }

  /** Takes up the contract that an event of the Charter names, with its parts. */
  async #follow(block: B, log: BlockLog): Promise<LedgerEvent[]> {
    const { name, args } = readable(block, () => decodeLog('charter', log.topics, log.data));
    const named = (name === 'AuthorityChanged' ? args.authority : args.register) as Address;
    const contract =
      name === 'AuthorityChanged'
        ? 'consortium'
        : name === 'RegisterNamed'
          ? registerNames.get(args.name as string)
          : undefined;
    if (contract === undefined) return [];
    const parts = await this.#partsOf(contract, named);
    // An account without code, which the Charter takes none of: nothing of ours, or a node behind this block, or one that lies.
    if (parts === undefined && this.#code !== undefined) throw unreadable(block, 'code');
    if (parts === undefined) return [];
    if (this.#code !== undefined && parts.length > 0) {
      const whole = { contract, address: named };
      const told = await bindParts(this.#code, whole, parts).catch((error: unknown) => {
        throw error instanceof RangeError ? unreadable(block, 'code') : error;
      });
      for (const [address, hash] of told) this.#unproven.set(address, hash);
    }
    const events: LedgerEvent[] = [];
    for (const part of [{ contract, address: named }, ...parts]) {
      this.#contracts.set(part.address, part.contract);
      const place = placeOf(block, part.contract, { ...log, address: part.address });
      events.push(event(place, { name: 'ContractFound', args: part }));
    }
    if (contract === 'consortium') {
      const founding = await this.#foundingOf(named);
      events.push(
        event(placeOf(block, contract, { ...log, address: named }), {
          name: 'ConsortiumFounded',
          args: { founding },
        }),
      );
    }
    return events;
  }

  async #partsOf(contract: ContractName, address: Address): Promise<ContractAt[] | undefined> {
    const parts: ContractAt[] = [];
    for (const [getter, part] of FIXED_PARTS[contract] ?? []) {
      const selector = contractOf(contract).calls.getFunction(getter)?.selector as Hex;
      const answer = await this.#questions.call(address, selector);
      if (answer === '0x') return undefined;
      parts.push({ contract: part, address: wordReaderOf('address')(answer) as Address });
    }
    return parts;
  }

  async #foundingOf(consortium: Address): Promise<Founding> {
    const answer = await this.#questions.call(consortium, encodeCall('consortium', 'founding', []));
    // The answer is the code of the first contract the consortium made, byte for byte.
    const file = createdBy(consortium, 1n);
    this.#unproven.set(file, toHex(keccak256(fromHex(answer))) as Bytes32);
    const founding = foundingDecoder(answer, LOG_START)[''] as Founding;
    const officers = founding.officers.map((one) =>
      Object.assign({ officer: officerIdOf(one.key.keyHash, one.salt) }, one),
    );
    return { ...founding, officers };
  }

  /** Stops at the first that the node cannot prove: it keeps no state of this block, and a later one will do. */
  async #proveTold(block: B): Promise<void> {
    try {
      for (const [address, hash] of [...this.#unproven]) {
        const { state } = await this.#questions.prove(address, [], block);
        if (state.account.codeHash !== hash) throw unreadable(block, 'code');
        this.#unproven.delete(address);
      }
    } catch (error) {
      if (!(error instanceof NodeError)) throw error;
    }
  }
}

function readAct(kind: number, fields: readonly Bytes32[]): AppliedAct {
  try {
    return appliedAct(kind, fields);
  } catch (error) {
    if (error instanceof TypeError) throw new RangeError('no act of ours', { cause: error });
    throw error;
  }
}

/** As the ABI has it. */
interface ActAppliedArgs {
  readonly entryId: EntryId;
  readonly kind: number;
  readonly fields: readonly Bytes32[];
}

/** The newest act that two officers signed in a register. */
interface SignedAct extends OpenAct {
  readonly head: ActHead;
}

function placeOf(
  block: ReadableBlock,
  contract: ContractName,
  { address, transactionHash, logIndex }: BlockLog,
): EventPlace {
  return { contract, address, blockNumber: block.cursor.number, transactionHash, logIndex };
}

/** The ABI's words become the domain's types here and nowhere else; the tests hold them against each other. */
function event(place: EventPlace, decoded: DecodedLog | FoundLog, more?: object): LedgerEvent {
  return { ...place, ...decoded, ...more } as LedgerEvent;
}

type FoundLog = {
  [N in 'ContractFound' | 'ConsortiumFounded']: { readonly name: N; readonly args: EventArgs[N] };
}['ContractFound' | 'ConsortiumFounded'];

function readable<T>(block: ReadableBlock, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw unreadable(block, 'log');
    throw error;
  }
}

function unreadable(block: ReadableBlock, what: EventName | 'log' | 'code') {
  return refusal('ledger-unverified', { blockNumber: block.cursor.number, what });
}

/** The address of the contract that another one made with this nonce. */
function createdBy(creator: Address, nonce: bigint): Address {
  return toHex(keccak256(encodeRlp([fromHex(creator), minimalBytes(nonce)])).subarray(12)) as Address;
}
