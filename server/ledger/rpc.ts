/**
 * JSON-RPC over HTTP for tools on this machine: wallets, explorers, an auditor's verifier.
 *
 * Hides the wire format only: what may be asked is decided by `EmbeddedChain.request`, which answers a list of reading
 * methods and `eth_sendRawTransaction` and nothing else. Promises: it listens on the loopback address; it answers only
 * requests that name this machine as their host, so that a web page that rebinds its own name gets nothing; no CORS,
 * and JSON content only, so that no page can post to it at all; bodies, batches and connections are bounded.
 * `main` starts it on KUDURRU_RPC_PORT.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Fault } from '../domain/base/fault.ts';
import { Refusal } from '../domain/base/refusal.ts';
import { type ChainProvider, NodeError, RPC } from './provider.ts';

const LOOPBACK = '127.0.0.1';
/** The largest transaction the gas cap lets through is 1.7 MB of zero bytes, twice that in hex. */
const MAX_BODY_BYTES = 4 * 2 ** 20;
/** As many calls as `node.ts` puts into one request, and wallets far fewer. */
const MAX_BATCH = 256;
/** What one request may be answered with; calls after that are refused one by one. */
const MAX_ANSWER_CHARACTERS = 64 * 2 ** 20;
const MAX_CONNECTIONS = 256;
/** A body of the largest size over the loopback takes well under a second. */
const REQUEST_TIMEOUT_MS = 10_000;

export interface RpcListener {
  readonly port: number;
  close(): Promise<void>;
}

/** Port 0 takes a free one. Rejects when the port is in use. */
export async function listenRpc(chain: ChainProvider, port: number): Promise<RpcListener> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS });
  server.maxConnections = MAX_CONNECTIONS;
  server.on('request', (request, response) => {
    answer(chain, server, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, resolve);
  });
  return {
    port: portOf(server),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function answer(
  chain: ChainProvider,
  server: Server,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const refused = refusedStatus(request, portOf(server));
  if (refused !== undefined) {
    response.writeHead(refused, { connection: 'close', ...(refused === 405 && { allow: 'POST' }) }).end();
    return;
  }
  const body = await readBody(request);
  if (body === undefined) {
    response.writeHead(413, { connection: 'close' }).end();
    return;
  }
  const reply = await answerBody(chain, body);
  if (reply === undefined) response.writeHead(204).end();
  else response.writeHead(200, HEADERS).end(reply);
}

const HEADERS = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

/** Why the request is not read at all, as an HTTP status. */
function refusedStatus({ method, headers }: IncomingMessage, port: number): number | undefined {
  const hosts = [`localhost:${port}`, `${LOOPBACK}:${port}`];
  if (!hosts.includes(headers.host ?? '')) return 421;
  if (headers.origin !== undefined) return 403; // a browser page, whatever it wants
  if (method !== 'POST') return 405;
  if (headers['content-type']?.split(';')[0]?.trim().toLowerCase() !== 'application/json') return 415;
  return undefined;
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The reply's text, or undefined where JSON-RPC wants none. */
async function answerBody(chain: ChainProvider, body: string): Promise<string | undefined> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return failed(null, new NodeError(RPC.parseError, 'not JSON'));
  }
  if (!Array.isArray(parsed)) return answerCall(chain, parsed);
  if (parsed.length === 0 || parsed.length > MAX_BATCH) {
    return failed(null, new NodeError(RPC.invalidRequest, `a batch has 1 to ${MAX_BATCH} calls`));
  }
  // All at once: transactions of one batch belong into one block.
  const replies = await Promise.all(parsed.map((call) => answerCall(chain, call)));
  return joinReplies(replies, parsed);
}

function joinReplies(
  replies: readonly (string | undefined)[],
  calls: readonly unknown[],
): string | undefined {
  let left = MAX_ANSWER_CHARACTERS;
  const kept: string[] = [];
  for (const [i, reply] of replies.entries()) {
    if (reply === undefined) continue;
    left -= reply.length;
    const tooLarge = () =>
      failed(idOf(calls[i]), new NodeError(RPC.limitExceeded, 'the answer is too large'));
    kept.push(left >= 0 ? reply : tooLarge());
  }
  return kept.length === 0 ? undefined : `[${kept.join(',')}]`;
}

async function answerCall(chain: ChainProvider, call: unknown): Promise<string | undefined> {
  const id = idOf(call);
  const { jsonrpc, method, params } = (call ?? {}) as Readonly<Record<string, unknown>>;
  const isCall = jsonrpc === '2.0' && typeof method === 'string' && id !== undefined;
  if (!isCall || (params !== undefined && !Array.isArray(params))) {
    return failed(id ?? null, new NodeError(RPC.invalidRequest, 'not a JSON-RPC 2.0 call'));
  }
  try {
    const result = (await chain.request({ method, params: params ?? [] })) ?? null;
    return JSON.stringify({ jsonrpc: '2.0', id, result });
  } catch (error) {
    return failed(id, error);
  }
}

/** A call without an id wants no answer; nobody here has a use for that, and it hides errors. */
function idOf(call: unknown): string | number | null | undefined {
  if (typeof call !== 'object' || call === null || !('id' in call)) return undefined;
  const { id } = call;
  return typeof id === 'string' || typeof id === 'number' || id === null ? id : undefined;
}

function failed(id: string | number | null | undefined, error: unknown): string {
  return JSON.stringify({ jsonrpc: '2.0', id: id ?? null, error: errorOf(error) });
}

function errorOf(error: unknown) {
  if (error instanceof NodeError) {
    const { code, message, data } = error;
    return { code, message, ...(data !== undefined && { data }) };
  }
  if (error instanceof Refusal) return { code: RPC.refused, message: error.message };
  if (error instanceof Fault) return { code: RPC.internal, message: 'the ledger is not available' };
  throw error;
}
