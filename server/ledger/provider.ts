/**
 * What a chain looks like from here: EIP-1193, and the two ways a call can end without a result.
 *
 * A `NodeError` is an answer: the node understood and said no. A `Fault` is no answer: a connection, a time-out, a
 * chain that stopped. Neither says that a transaction will never be mined. Everything in this folder speaks through
 * this shape, so that the embedded chain and a node over HTTP are one thing to `ledger.ts`.
 */
import { Fault } from '../domain/base/fault.ts';
import type { Hex } from '../domain/base/hex.ts';
import { Refusal, refusal } from '../domain/base/refusal.ts';

export interface Call {
  readonly method: string;
  readonly params?: readonly unknown[];
}

export interface ChainProvider {
  request(call: Call): Promise<unknown>;
  /**
   * Waits for a block after this one and resolves with the head's number; with a lower or equal one only when `signal`
   * aborts. Rejects with the Fault of a chain that has stopped.
   */
  blockAfter(blockNumber: bigint, signal?: AbortSignal): Promise<bigint>;
}

/** JSON-RPC 2.0 and EIP-1474 codes that this side makes or reads. */
export const RPC = {
  parseError: -32700,
  invalidRequest: -32600,
  methodUnsupported: -32004,
  invalidParams: -32602,
  internal: -32603,
  limitExceeded: -32005,
  refused: -32000,
} as const;

/** As Besu, Geth, Nethermind and EDR say it. */
const OUT_OF_GAS = /out.?of.?gas|gas required exceeds|intrinsic gas/i;

export class NodeError extends Error {
  readonly code: number;
  /** What a contract said when a call reverted: an encoded error, or nothing but `0x`. Absent for all else. */
  readonly data: Hex | undefined;
  /** The node says that the gas was too little, in whatever words. */
  readonly isOutOfGas: boolean;

  constructor(code: number, message: string, data?: Hex, isOutOfGas = OUT_OF_GAS.test(message)) {
    super(message);
    this.name = 'NodeError';
    this.code = code;
    this.data = data;
    this.isOutOfGas = isOutOfGas;
  }

  /** Whether it is of what was tried out; else it is of the node: a state that it lacks, a method that it does not serve. */
  get isOfCall(): boolean {
    return this.data !== undefined || this.isOutOfGas;
  }
}

export type Answer = Readonly<Record<string, unknown>>;

/** An answer's fields, whatever it is: what has none fails the check of the first that is read. */
export function fieldsOf(value: unknown): Answer {
  return typeof value === 'object' && value !== null ? (value as Answer) : {};
}

const DATA = /^0x(?:[0-9a-f]{2})*$/i;

/**
 * The error of a JSON-RPC answer. Besu and most nodes give revert data as `data`, EDR one level below it, and any of
 * them other things in its place: what is no bytes is left out, for it may repeat what was asked.
 */
export function nodeErrorOf(error: unknown): NodeError {
  const { code, message, data } = fieldsOf(error);
  const said = typeof message === 'string' ? message : '';
  return new NodeError(
    typeof code === 'number' ? code : 0,
    said,
    readData(data) ?? readData(fieldsOf(data).data),
    OUT_OF_GAS.test(said) || (typeof data === 'string' && OUT_OF_GAS.test(data)),
  );
}

/** The bytes a JSON-RPC answer writes, in lower case, or undefined when the value is none. */
export function readData(value: unknown): Hex | undefined {
  return typeof value === 'string' && DATA.test(value) ? (value.toLowerCase() as Hex) : undefined;
}

/** A quantity as JSON-RPC writes it: no leading zeros. */
export function quantity(value: bigint | number): string {
  return `0x${value.toString(16)}`;
}

const QUANTITY = /^0x(?:0|[1-9a-f][0-9a-f]{0,63})$/i;

/** The number a JSON-RPC quantity writes, or undefined when the value is none. */
export function readQuantity(value: unknown): bigint | undefined {
  return typeof value === 'string' && QUANTITY.test(value) ? BigInt(value) : undefined;
}

/** No result: the node said no, or nothing at all. Whatever else is thrown is a bug. */
export function isUnanswered(error: unknown): error is NodeError | Fault {
  return error instanceof NodeError || (error instanceof Fault && error.retryable);
}

/** Why a node does not serve, by the one name that a start, readiness and every command say. */
export function whyUnanswered({ cause }: NodeError | Fault): Refusal {
  return cause instanceof Refusal ? cause : refusal('node-silent');
}

/** Waits, or less when `signal` aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}
