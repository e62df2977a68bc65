/**
 * The calls about measures that no officer signs, and what the contracts of power answer now.
 *
 * Hides the contracts' argument order and results. Anyone may send the calls: the Council counts the votes again. The
 * answers are the contracts' own, at the newest block: what a vote still lacks is told by who would count it, and what
 * would refuse a measure by who would carry it out. For the desks of power.
 */
import type { Measure } from '../domain/acts/events.ts';
import { TRANSACTION_GAS_CAP } from '../domain/base/chain.ts';
import { type Address, type Bytes32, type Hex, ZERO_32 } from '../domain/base/hex.ts';
import type { Refusal } from '../domain/base/refusal.ts';
import { type InstitutionId, SCOPES, type Scope } from '../domain/base/terms.ts';
import type { Constitution, Tally } from '../domain/power/measureState.ts';
import { measureHash, measureMessage, type ProvenAppointment } from '../domain/power/measures.ts';
import { DIRECTORY, directoryHash } from '../domain/power/policyNames.ts';
import {
  decodeAnswer,
  encodeCall,
  type MethodName,
  refusalOfRevert,
  writeCall,
} from '../ledger/contracts.ts';
import { NodeError } from '../ledger/provider.ts';
import type { Call } from '../store/operation.ts';

export type PowerContracts = Readonly<Record<'charter' | 'council' | 'consortium' | 'safeguards', Address>>;

export interface MeasureCalls {
  execute(measure: Measure, appointments: readonly ProvenAppointment[]): Call;
  reschedule(measure: Measure): Call;
  lapse(measure: Measure): Call;
}

/** `at` says where the contracts in force are, at each call. */
export function openMeasureCalls(at: PowerContracts): MeasureCalls {
  const gas = BigInt(TRANSACTION_GAS_CAP);
  const call = (method: string, args: readonly unknown[]) => ({
    to: at.council,
    gas,
    data: writeCall('council', method, args),
  });
  return {
    execute: (measure, proven) => call('execute', [measureMessage(measure), ...appointing(proven)]),
    reschedule: (measure) => call('reschedule', [measureMessage(measure)]),
    lapse: (measure) => call('lapse', [measureMessage(measure)]),
  };
}

const appointing = (proven: readonly ProvenAppointment[]) => [
  proven.map(({ appointment }) => appointment),
  proven.map(({ possessions }) => possessions),
];

/** `silent` where a contract says no and not why: one of another make stands there. */
export type Tried = Refusal | 'silent' | undefined;

export interface PowerReading {
  /** What a call that anybody may send would be refused as now; undefined where it would be taken. */
  tries(call: Pick<Call, 'to' | 'data'>): Promise<Tried>;
  /** The same of what the consortium does once the Council has a measure carried out, whatever its votes and its wait. */
  triesEnacting(
    measureId: Bytes32,
    measure: Measure,
    appointments: readonly ProvenAppointment[],
  ): Promise<Tried>;
  isContract(address: Address): Promise<boolean>;
  /** Whether the Charter's directory names it. */
  isNamed(register: Address): Promise<boolean>;
  /** Whether an institution can manage its own officers now. */
  canManage(institution: InstitutionId): Promise<boolean>;
  tally(measureId: Bytes32): Promise<Tally>;
  constitution(): Promise<Constitution>;
  /** Pauses by two institutions and releases of them so far. */
  pauseSequence(): Promise<number>;
  /** Whose lone officer laid the last pause of a scope; zero where two institutions did, or nobody. */
  pauseLaidBy(scope: Scope): Promise<InstitutionId | 0>;
  /** Validators of the Charter, in its order. */
  validators(): Promise<readonly Address[]>;
}

export interface PowerReadingDependencies {
  readonly at: PowerContracts;
  call(to: Address, data: Hex, from?: Address): Promise<Hex>;
}

export function openPowerReading({ at, call }: PowerReadingDependencies): PowerReading {
  const asked = async <C extends keyof PowerContracts>(contract: C, method: MethodName<C>, data: Hex) =>
    decodeAnswer(contract, method, await call(at[contract], data));
  const tried = async (to: Address, data: Hex, from?: Address): Promise<Tried> => {
    try {
      await call(to, data, from);
      return undefined;
    } catch (error) {
      if (!(error instanceof NodeError)) throw error;
      return (error.data === undefined ? undefined : refusalOfRevert(error.data)) ?? 'silent';
    }
  };
  return {
    tries: ({ to, data }) => tried(to, data),
    triesEnacting(measureId, measure, proven) {
      const args = [measureId, measureHash(measure), measureMessage(measure), ...appointing(proven)];
      return tried(at.consortium, writeCall('consortium', 'enact', args), at.council);
    },
    async isContract(address) {
      // Whether code is there only the Charter says to who asks it as its authority does.
      const data = encodeCall('charter', 'setRegister', [ZERO_32, address]);
      const refused = await tried(at.charter, data, at.consortium);
      return refused === undefined || refused === 'silent' || refused.code !== 'not-a-contract';
    },
    async isNamed(register) {
      const named = DIRECTORY.map(async (name) => {
        const data = encodeCall('charter', 'registerOf', [directoryHash(name)]);
        const [held] = await asked('charter', 'registerOf', data);
        return String(held).toLowerCase() === register;
      });
      return (await Promise.all(named)).includes(true);
    },
    async canManage(institution) {
      const data = encodeCall('consortium', 'canManage', [institution, false]);
      const [can] = await asked('consortium', 'canManage', data);
      return Boolean(can);
    },
    async tally(measureId) {
      const data = encodeCall('council', 'tallyOf', [measureId]);
      const [tally] = (await asked('council', 'tallyOf', data)) as [Record<string, bigint>];
      const { inFavour = 0n, against = 0n, openedBy = 0n, closesAt = 0n, executableFrom = 0n } = tally;
      return {
        inFavour: institutionsIn(inFavour),
        against: institutionsIn(against),
        isOpened: openedBy !== 0n,
        closesAt,
        executableFrom,
        isClosed: Boolean(tally.closed),
        amendments: tally.amendments ?? 0n,
      };
    },
    async constitution() {
      const data = encodeCall('consortium', 'constitution', []);
      const [told] = (await asked('consortium', 'constitution', data)) as [Record<string, bigint>];
      const { quorum = 0n, members = 0n, activeMembers = 0n, amendments = 0n } = told;
      return {
        quorum: Number(quorum),
        isSeated: Boolean(told.seated),
        members: institutionsIn(members),
        activeMembers: institutionsIn(activeMembers),
        wideningWaitSeconds: told.wideningWaitSeconds ?? 0n,
        appointmentWaitSeconds: told.appointmentWaitSeconds ?? 0n,
        amendments,
      };
    },
    async pauseSequence() {
      const data = encodeCall('safeguards', 'pauseSequence', []);
      const [sequence] = await asked('safeguards', 'pauseSequence', data);
      return Number(sequence);
    },
    async pauseLaidBy(scope) {
      const data = encodeCall('safeguards', 'pauseOf', [BigInt(SCOPES.indexOf(scope))]);
      const [, , , laidBy] = await asked('safeguards', 'pauseOf', data);
      return Number(laidBy) as InstitutionId | 0;
    },
    async validators() {
      const data = encodeCall('charter', 'getValidators', []);
      const [all] = (await asked('charter', 'getValidators', data)) as [readonly string[]];
      return all.map((each) => each.toLowerCase() as Address);
    },
  };
}

/** The institutions of a word of bits: the first is 1. */
function institutionsIn(word: bigint): readonly InstitutionId[] {
  const all: InstitutionId[] = [];
  for (let bit = 0n; word >> bit !== 0n; bit++) {
    if ((word >> bit) % 2n === 1n) all.push(Number(bit) as InstitutionId);
  }
  return all;
}
