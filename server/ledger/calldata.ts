/**
 * What a transaction says that the logs of its acts leave out: the head of an act, the words of a table.
 *
 * Hides where calldata lies in raw bytes and how each act begins. Promises: what is read was in the very transaction
 * that wrote the logs, for it is read only where the transaction called one of our contracts itself; one that came
 * through another contract gives nothing, and its reader says so. For `events.ts`.
 */

import type { ContractName } from '../domain/acts/events.ts';
import type { ActHead } from '../domain/acts/head.ts';
import { decodeRlp } from '../domain/audit/rlp.ts';
import type { Hex } from '../domain/base/hex.ts';
import { type AbiParameter, CALL_START, type Decoder, decoderOf } from './abi.ts';
import { CONTRACT_NAMES, contractOf } from './contracts.ts';

/** Where the calldata stands in the list of each type of transaction; the first byte of type 0 is the list's. */
const DATA_PLACES: Readonly<Record<number, number>> = { 0: 5, 1: 6, 2: 7, 3: 7, 4: 7 };
const FIRST_LIST_BYTE = 0xc0;

/** The calldata of a raw transaction that was verified, so that anything else is a bug. */
export function calldataOf(raw: Hex): Hex {
  const bytes = Buffer.from(raw.slice(2), 'hex'); // a batch is 150 KB: the portable way takes longer than all else
  const type = (bytes[0] ?? 0) >= FIRST_LIST_BYTE ? 0 : (bytes[0] ?? 0);
  const fields = decodeRlp(type === 0 ? bytes : bytes.subarray(1));
  const data = Array.isArray(fields) ? fields[DATA_PLACES[type] ?? -1] : undefined;
  if (!(data instanceof Uint8Array)) throw new Error('a verified transaction without calldata');
  return `0x${Buffer.from(data.buffer, data.byteOffset, data.length).toString('hex')}`;
}

interface HeadPlan {
  readonly decode: Decoder;
  /** The act is behind an offset, as a struct with arrays is. */
  readonly isBehindOffset: boolean;
}

/** By contract and selector: how the calls whose first argument is a signed act begin. */
const headPlans: ReadonlyMap<string, HeadPlan> = new Map(
  CONTRACT_NAMES.flatMap((contract) =>
    contractOf(contract).calls.fragments.flatMap((fragment): [string, HeadPlan][] => {
      if (fragment.type !== 'function') return [];
      const { selector, inputs } = fragment as unknown as {
        readonly selector: string;
        readonly inputs: readonly AbiParameter[];
      };
      const [act] = inputs;
      const head = act && headOf(act);
      if (head === undefined) return [];
      const plan = { decode: decoderOf(head), isBehindOffset: hasArray(act as AbiParameter) };
      return [[`${contract}${selector}`, plan]];
    }),
  ),
);

/** The fields of the head an act or its batch begins with. */
function headOf({ components }: AbiParameter): readonly AbiParameter[] | undefined {
  const first = components?.[0];
  if (first === undefined) return undefined;
  if (first.name === 'head') return first.components ?? undefined;
  return first.name === 'batch' ? headOf(first) : undefined;
}

function hasArray({ type, components }: AbiParameter): boolean {
  return type.endsWith('[]') || type === 'bytes' || (components ?? []).some(hasArray);
}

const WORD = 64;

/** The head of the act a call carries; undefined where the call carries none. */
export function actHeadOf(contract: ContractName, calldata: Hex): ActHead | undefined {
  const plan = headPlans.get(`${contract}${calldata.slice(0, CALL_START)}`);
  if (plan === undefined) return undefined;
  const offset = plan.isBehindOffset ? 2 * wordAt(calldata, CALL_START) : 0;
  // The contract took this calldata, so the act stands where it says.
  return plan.decode(calldata, CALL_START + offset) as unknown as ActHead;
}

const TABLE_LOADS: ReadonlySet<string> = new Set(
  ['loadSlots', 'loadUnits'].map((name) => contractOf('benefits').calls.getFunction(name)?.selector ?? ''),
);
/** The array is the fourth argument of both calls. */
const WORDS_ARGUMENT = CALL_START + 3 * WORD;

/** The words a call loads into a table, one after another; undefined for any other call. */
export function tableWordsOf(contract: ContractName, calldata: Hex): Hex | undefined {
  if (contract !== 'benefits' || !TABLE_LOADS.has(calldata.slice(0, CALL_START))) return undefined;
  const at = CALL_START + 2 * wordAt(calldata, WORDS_ARGUMENT);
  const from = at + WORD;
  return `0x${calldata.slice(from, from + WORD * wordAt(calldata, at))}`;
}

function wordAt(calldata: Hex, at: number): number {
  return Number.parseInt(calldata.slice(at, at + WORD), 16);
}
