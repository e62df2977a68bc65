/**
 * A node of a register of land that shows another history than it wrote: events and calls as a test bent them, with
 * receipts, headers and the node's own signature made over them.
 */
import type { ContractName, EventBlock, LedgerEvent, ShownCall } from '../../server/domain/acts/events.ts';
import { CREATION } from '../../server/domain/audit/shownPower.ts';
import type { Address, Hex } from '../../server/domain/base/hex.ts';
import type { AbiParameter } from '../../server/ledger/abi.ts';
import { contractOf } from '../../server/ledger/contracts.ts';
import { ENUMS } from '../../server/ledger/enums.ts';
import type { RpcListener } from '../../server/ledger/rpc.ts';
import { listenRewritten, type Node, STRANGER } from './forgedNode.ts';

/** `told` in the place of what the node wrote; a shorter history ends at its last block. */
export function listenHistory(
  node: Node,
  written: readonly EventBlock[],
  told: readonly EventBlock[],
): Promise<RpcListener> {
  const byNumber = new Map(told.map((block) => [Number(block.cursor.number), block]));
  const last = Number(told.at(-1)?.cursor.number ?? 0n);
  return listenRewritten(node, ({ receipts, blocks }) => {
    for (const block of written) {
      const at = Number(block.cursor.number);
      const other = byNumber.get(at);
      if (other === undefined || at > last) continue;
      for (const [i, receipt] of (receipts[at] ?? []).entries()) {
        const sent = blocks[at]?.transactions[i];
        const of = ({ events }: EventBlock) =>
          events.filter(({ transactionHash }) => transactionHash === sent?.hash);
        const [before, after] = [of(block), of(other)];
        const isSame = before.length === after.length && before.every((event, n) => event === after[n]);
        if (!isSame) receipt.logs = after.map(logOf);
      }
    }
    const rewritten = blocks.map((block, at) => {
      const [before, after] = [written.find(({ cursor }) => Number(cursor.number) === at), byNumber.get(at)];
      const transactions = block.transactions.map((sent) => {
        const [own, other] = [before, after].map((one) => one?.shown?.get(sent.hash));
        if (own === undefined || own === other) return sent;
        return other === undefined
          ? { ...sent, to: STRANGER, input: '0x' as Hex }
          : { ...sent, input: inputOf(other) };
      });
      return { ...block, transactions };
    });
    return { receipts, blocks: rewritten, last };
  });
}

function logOf(event: LedgerEvent): { address: Address; topics: Hex[]; data: Hex } {
  const { calls } = contractOf(event.contract as ContractName);
  const values = valuesOf(event.contract as ContractName, event.name, event.args as unknown as Named);
  const { topics, data } = calls.encodeEventLog(event.name, values);
  return { address: event.address, topics: topics as Hex[], data: data as Hex };
}

function inputOf({ contract, method, args }: ShownCall): Hex {
  const { abi, bytecode, calls } = contractOf(contract);
  if (method === CREATION) {
    const inputs = abi.find(({ type }) => type === CREATION)?.inputs ?? [];
    return `${bytecode}${calls.encodeDeploy(listOf(inputs, args as Named)).slice(2)}` as Hex;
  }
  return calls.encodeFunctionData(method, valuesOf(contract, method, args as Named)) as Hex;
}

type Named = Readonly<Record<string, unknown>>;

function valuesOf(contract: ContractName, name: string, named: Named): unknown[] {
  const found = contractOf(contract).abi.find((one) => one.name === name);
  if (found === undefined) throw new Error(`${contract} has no ${name}`);
  return listOf(found.inputs ?? [], named);
}

function listOf(parameters: readonly AbiParameter[], named: Named): unknown[] {
  return parameters.map((parameter) => wordsOf(parameter, named[parameter.name]));
}

/** Structs as lists, and an enumeration by its number in the place of its name. */
function wordsOf({ type, internalType = '', components, ...rest }: AbiParameter, value: unknown): unknown {
  if (type.endsWith('[]')) {
    const [of, internal] = [type.slice(0, -2), internalType.slice(0, -2)];
    const element = { ...rest, type: of, internalType: internal, ...(components && { components }) };
    return (value as readonly unknown[]).map((one) => wordsOf(element, one));
  }
  if (type === 'tuple') return listOf(components ?? [], value as Named);
  const names = ENUMS[internalType.replace(/^enum (?:\w+\.)?/, '')];
  return names === undefined || typeof value !== 'string' ? value : names.indexOf(value as never);
}
