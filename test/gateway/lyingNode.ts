/**
 * A node between a gateway and the one that serves it, which can be told to fail or lie: spoken to over HTTP.
 *
 * What it forwards is what the node behind says; a lie changes one answer, or the whole reply.
 */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Call {
  readonly id: unknown;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** Answers in place of the node behind: a result, or what `asked` gives when it is called. */
export type Lie = (call: Call, asked: () => Promise<unknown>) => Promise<unknown>;
/** Does something else with the whole request; true where it did. */
export type Disturbance = (response: ServerResponse, reply: () => Promise<string>) => Promise<boolean>;

export interface LyingNode {
  readonly url: string;
  /** Over the one before; none tells the truth. */
  lie(lie?: Lie): void;
  disturb(disturbance?: Disturbance): void;
  close(): Promise<void>;
}

export class NodeNo extends Error {
  readonly error: unknown;

  constructor(error: unknown) {
    super('the node said no');
    this.error = error;
  }
}

/** `told`: how the node tells its chain when it does not lie, where that is not as the one behind does. */
export async function lyingNode(behind: string, told: Lie = forward): Promise<LyingNode> {
  let lie: Lie | undefined;
  let disturbance: Disturbance | undefined;
  const ask = async (calls: unknown): Promise<unknown> => {
    const body = JSON.stringify(calls);
    const headers = { 'Content-Type': 'application/json' };
    return (await fetch(behind, { method: 'POST', headers, body })).json();
  };
  const one = async (call: Call): Promise<object> => {
    const { id, method, params } = call;
    const asked = async () => {
      const answer = (await ask({ jsonrpc: '2.0', id, method, params })) as {
        result?: unknown;
        error?: unknown;
      };
      if (answer.error !== undefined) throw new NodeNo(answer.error);
      return answer.result;
    };
    const truth = () => told(call, asked);
    try {
      return { jsonrpc: '2.0', id, result: (await (lie ?? forward)(call, truth)) ?? null };
    } catch (error) {
      if (error instanceof NodeNo) return { jsonrpc: '2.0', id, error: error.error };
      throw error;
    }
  };
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const calls = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Call | Call[];
      const reply = async () =>
        JSON.stringify(
          lie === undefined && told === forward
            ? await ask(calls)
            : await (Array.isArray(calls) ? Promise.all(calls.map(one)) : one(calls)),
        );
      const send = async () => {
        if (await disturbance?.(response, reply)) return;
        response.writeHead(200, { 'Content-Type': 'application/json' }).end(await reply());
      };
      send().catch(() => response.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    lie(next) {
      lie = next;
    },
    disturb(next) {
      disturbance = next;
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

const forward: Lie = (_, asked) => asked();
