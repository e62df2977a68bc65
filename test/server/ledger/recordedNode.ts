/** A real Besu network as it answered when it was recorded: an HTTP provider over those answers and nothing else. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Call, ChainProvider } from '../../../server/ledger/provider.ts';
import { quantity } from '../../../server/ledger/provider.ts';

interface Recorded {
  readonly request: { readonly method: string; readonly params: readonly unknown[] };
  readonly result: unknown;
}

type Answers = (method: string, params: readonly unknown[]) => unknown;

const folder = fileURLToPath(new URL('../../vectors/besu-qbft/', import.meta.url));

/** Answers from the folder's recording; `alter` stands between, as a lying node would. */
export function recordedNode(
  name: string,
  alter: (method: string, params: readonly unknown[], answer: unknown) => unknown = (_, __, answer) => answer,
): ChainProvider & { readonly calls: string[]; readonly head: bigint } {
  const lines = readFileSync(`${folder}${name}/blocks.jsonl`, 'utf8').trim().split('\n');
  const blocks = lines.map((line) => JSON.parse(line) as { number: number; calls: Recorded[] });
  const recorded = blocks.flatMap(({ calls }) => calls);
  const proofs =
    name === 'osaka-header-mode' ? {} : JSON.parse(readFileSync(`${folder}${name}/proofs.json`, 'utf8'));
  const { chainId } = JSON.parse(readFileSync(`${folder}${name}/genesis.json`, 'utf8')).config;
  const head = BigInt(blocks.at(-1)?.number ?? 0);
  const calls: string[] = [];
  const answerOf: Answers = (method, params) => {
    if (method === 'eth_chainId') return quantity(chainId);
    if (method === 'eth_blockNumber') return quantity(head);
    if (method === 'eth_getProof') {
      const [address, , block] = params;
      const proof = (Object.values(proofs) as Recorded[]).find(
        ({ request }) => request.params[0] === address && request.params[2] === block,
      );
      if (proof === undefined) throw new Error(`no proof of ${address} at ${block} was recorded`);
      return proof.result;
    }
    const [block] = params;
    const found = recorded.find(({ request }) => request.method === method && request.params[0] === block);
    return found?.result ?? null;
  };
  return {
    calls,
    head,
    async request({ method, params = [] }: Call) {
      calls.push(method);
      return alter(method, params, structuredClone(answerOf(method, params)));
    },
    async blockAfter(number, signal) {
      if (number < head) return head;
      await new Promise<void>((resolve) => {
        if (signal?.aborted) resolve();
        signal?.addEventListener('abort', () => resolve(), { once: true });
      });
      return head;
    },
  };
}
