/**
 * The calls of a block that were sent straight to contracts of this ledger, with their arguments: what no event shows.
 *
 * Promises: only of transactions that the block's header commits to and that succeeded; bytes that no ABI encoder writes,
 * and a call through a stranger's contract, are absent, never an error. Nobody derives state from these: an auditor
 * reads the signatures in them. The creation of a consortium is one of them, named `constructor`. For `fsck` and `audit`.
 */
import type { ContractName, ShownCall } from '../domain/acts/events.ts';
import { ACTS, type ActRow } from '../domain/acts/table.ts';
import { CREATION } from '../domain/audit/shownPower.ts';
import { inputOfTransaction } from '../domain/audit/transactions.ts';
import { type Address, type Bytes32, fromHex, type Hex, toHex } from '../domain/base/hex.ts';
import { type Decoder, decoderOf } from './abi.ts';
import type { BlockTransaction } from './block.ts';
import { CONTRACT_NAMES, contractOf } from './contracts.ts';
import { ENUMS } from './enums.ts';

/** `0x` and four bytes. */
const SELECTOR_DIGITS = 10;

interface CallPlan {
  readonly method: string;
  readonly read: Decoder;
}

/** What carries signatures that no event shows. */
const TAKES_SIGNATURES: ReadonlySet<string> = new Set([
  ...Object.values(ACTS).flatMap(({ consents, method }: ActRow) => (consents === undefined ? [] : [method])),
  'redeem',
  'withdraw',
  'resign',
  'suspendOfficer',
  'pause',
  'vote',
  // Of keys that come: that their holders held them.
  'appointOfficer',
  'rotateKey',
  'execute',
]);

const CONSORTIUM = contractOf('consortium');
/** The founding file, and that each key in it was held. */
const readCreation = decoderOf(CONSORTIUM.abi.find(({ type }) => type === CREATION)?.inputs ?? [], ENUMS);

/** By contract and selector. */
const plans: ReadonlyMap<string, CallPlan> = new Map(
  CONTRACT_NAMES.flatMap((contract) => {
    const { abi, calls } = contractOf(contract);
    return abi
      .filter(({ type }) => type === 'function')
      .flatMap(({ name = '', inputs = [] }): [string, CallPlan][] => {
        const selector = calls.getFunction(name)?.selector;
        return TAKES_SIGNATURES.has(name)
          ? [[`${contract}${selector}`, { method: name, read: decoderOf(inputs, ENUMS) }]]
          : [];
      });
  }),
);

export function shownCalls(
  transactions: readonly BlockTransaction[],
  contractAt: (address: Address) => ContractName | undefined,
): ReadonlyMap<Bytes32, ShownCall> {
  const shown = new Map<Bytes32, ShownCall>();
  for (const { hash, raw, to, receipt } of transactions) {
    const contract = to === undefined ? 'consortium' : contractAt(to);
    if (contract === undefined || !receipt.succeeded) continue;
    const bytes = inputOfTransaction(fromHex(raw));
    const input = bytes && toHex(bytes);
    const call = input && (to === undefined ? readFounding(input) : readCall(contract, input));
    if (call !== undefined) shown.set(hash, call);
  }
  return shown;
}

/** The creation of a consortium. */
function readFounding(input: Hex): ShownCall | undefined {
  if (!input.startsWith(CONSORTIUM.bytecode)) return undefined;
  const args = readable(() => readCreation(input, CONSORTIUM.bytecode.length));
  return args && { contract: 'consortium', method: CREATION, args };
}

/** The call of a contract of ours that bytes are; undefined of any that is not read here. */
export function readCall(contract: ContractName, input: Hex): ShownCall | undefined {
  const plan = plans.get(`${contract}${input.slice(0, SELECTOR_DIGITS)}`);
  if (plan === undefined) return undefined;
  const args = readable(() => plan.read(input, SELECTOR_DIGITS));
  return args && { contract, method: plan.method, args };
}

/** Undefined of bytes that no encoder writes. */
function readable(read: () => ShownCall['args']): ShownCall['args'] | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return undefined;
  }
}
