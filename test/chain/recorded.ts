/** The recorded Besu chains as tests read them. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Address, Bytes32, Hex } from '../../server/domain/base/hex.ts';

export interface RecordedBlock {
  readonly number: number;
  readonly rawHeader: Hex;
  readonly receiptsRoot: Bytes32;
  readonly rawReceipts: readonly Hex[];
}

export interface ExpectedBlock {
  readonly number: number;
  readonly hash: Bytes32;
  readonly round: number;
  readonly commitDigest: Bytes32 | null;
  readonly validatorsInHeader: readonly Address[];
  readonly validatorsThatMustSign: readonly Address[] | null;
  readonly quorum: number | null;
  readonly sealSigners: readonly Address[];
}

export interface RecordedProof {
  readonly block: number;
  readonly address: Address;
  readonly slots: readonly Bytes32[];
  readonly answer: {
    readonly accountProof: readonly string[];
    readonly storageProof: readonly {
      readonly key: string;
      readonly value: string;
      readonly proof: readonly string[];
    }[];
  };
}

export interface RecordedChain {
  readonly name: string;
  readonly blocks: readonly RecordedBlock[];
  readonly expected: readonly ExpectedBlock[];
  readonly proofs: ReadonlyMap<string, RecordedProof>;
}

const folder = fileURLToPath(new URL('../vectors/besu-qbft/', import.meta.url));

function callOf(
  line: { calls: { request: { method: string }; result: unknown }[] },
  method: string,
): unknown {
  const call = line.calls.find(({ request }) => request.method === method);
  if (call === undefined) throw new Error(`the recording lacks ${method}`);
  return call.result;
}

export function recordedChain(name: 'cancun' | 'osaka' | 'osaka-header-mode'): RecordedChain {
  const read = (file: string) => readFileSync(`${folder}${name}/${file}`, 'utf8');
  const blocks = read('blocks.jsonl')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .map((line) => ({
      number: line.number,
      rawHeader: callOf(line, 'debug_getRawHeader') as Hex,
      receiptsRoot: (callOf(line, 'eth_getBlockByNumber') as { receiptsRoot: Bytes32 }).receiptsRoot,
      rawReceipts: callOf(line, 'debug_getRawReceipts') as Hex[],
    }));
  const proofs = new Map<string, RecordedProof>();
  if (name !== 'osaka-header-mode') {
    for (const [key, { request, result }] of Object.entries<{
      request: { params: [Address, Bytes32[], Hex] };
      result: RecordedProof['answer'];
    }>(JSON.parse(read('proofs.json')))) {
      const [address, slots, block] = request.params;
      proofs.set(key, { block: Number(block), address, slots, answer: result });
    }
  }
  return { name, blocks, expected: JSON.parse(read('expected.json')).blocks, proofs };
}

export function headersOfFourNodes(): readonly {
  readonly number: number;
  readonly headers: readonly Hex[];
}[] {
  const text = readFileSync(`${folder}osaka/same-block-four-nodes.json`, 'utf8');
  return JSON.parse(text).map((block: { number: number; nodes: { rawHeader: Hex }[] }) => ({
    number: block.number,
    headers: block.nodes.map(({ rawHeader }) => rawHeader),
  }));
}

/** What was refused, by its code; anything that is no refusal is a failure of the test. */
export function codeOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
    throw error;
  }
}
