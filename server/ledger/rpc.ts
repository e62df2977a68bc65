/**
 * JSON-RPC over HTTP for tools on this machine: wallets, explorers, an auditor's verifier.
 *
 * Hides the wire format only: what may be asked is decided by whom it serves, `guestsOf` on the port and the chain itself
 * on the socket in the data folder. Promises: it listens on the loopback address or on that socket; it answers only
 * requests that name this machine as their host, so that a web page that rebinds its own name gets nothing; no CORS,
 * and JSON content only, so that no page can post to it at all; bodies, batches and connections are bounded, and so is
 * what all bodies under way hold together. `main` starts it on KUDURRU_RPC_PORT.
 */

import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Fault } from '../domain/base/fault.ts';
import { textOfUtf8 } from '../domain/base/hex.ts';
import { Refusal } from '../domain/base/refusal.ts';
import { boundConnections } from './connections.ts';
import { type Call, NodeError, RPC } from './provider.ts';

const LOOPBACK = '127.0.0.1';
/** The largest transaction the gas cap lets through is 1.7 MB of zero bytes, twice that in hex. */
const MAX_BODY_BYTES = 4 * 2 ** 20;
/** As many calls as `node.ts` puts into one request, and wallets far fewer. */
const MAX_BATCH = 256;
/** What one request may be answered with; calls after that are refused one by one. */
const MAX_ANSWER_CHARACTERS = 64 * 2 ** 20;
const MAX_CONNECTIONS = 256;
/** Deeper than any call there is; what is nested without end would end in whoever walks it. */
const MAX_DEPTH = 16;
/** A client counts its calls, or gives them a UUID. */
const MAX_ID_CHARACTERS = 256;
/** A front could go by the first of two, and this by another. */
const SINGLE_HEADERS = ['host', 'origin', 'content-type', 'content-length'] as const;
/** Of all bodies that are read or answered at once: parsed they take a few times that. */
const MAX_BODIES_BYTES = 32 * 2 ** 20;
const RETRY_AFTER_SECONDS = 1;
/** A body of the largest size over the loopback takes well under a second. */
const REQUEST_TIMEOUT_MS = 10_000;

/** Whoever answers calls: a chain, or what strangers may ask of it. `caller` is one connection. */
export interface RpcServed {
  request(call: Call, caller: string): Promise<unknown>;
}

export interface RpcListener {
  /** 0 on a socket of the file system. */
  readonly port: number;
  close(): Promise<void>;
}

interface Listening {
  readonly served: RpcServed;
  /** What a request names as its host. */
  readonly hosts: readonly string[];
  /** Of the bodies under way. */
  bytes: number;
}

/** Port 0 takes a free one. Rejects when the port is in use. */
export async function listenRpc(served: RpcServed, port: number): Promise<RpcListener> {
  const server = serverOf();
  await listening(server, () => server.listen(port, LOOPBACK));
  const bound = (server.address() as AddressInfo).port;
  serve(server, { served, hosts: [`localhost:${bound}`, `${LOOPBACK}:${bound}`], bytes: 0 });
  return { port: bound, close: () => closing(server) };
}

/** On a socket that its owner alone can reach, whatever folder it is in. What a kill left in its place goes. */
export async function listenRpcSocket(served: RpcServed, file: string): Promise<RpcListener> {
  rmSync(file, { force: true });
  const server = serverOf();
  await listening(server, () => {
    const umask = process.umask(0o177); // it is bound before this returns, and never open to others for a moment
    try {
      server.listen(file);
    } finally {
      process.umask(umask);
    }
  });
  serve(server, { served, hosts: ['localhost'], bytes: 0 });
  return { port: 0, close: () => closing(server) };
}

function serverOf(): Server {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS });
  boundConnections(server, MAX_CONNECTIONS);
  return server;
}

function listening(server: Server, listen: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', resolve);
    listen();
  });
}

function closing(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function serve(server: Server, to: Listening): void {
  server.on('request', (request, response) => {
    answer(to, request, response).catch(() => response.destroy());
  });
}

async function answer(to: Listening, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const refused = refusedStatus(request, to.hosts);
  if (refused !== undefined) {
    response.writeHead(refused, { connection: 'close', ...(refused === 405 && { allow: 'POST' }) }).end();
    return;
  }
  // A body that comes without its length counts as the largest.
  const announced = Number(request.headers['content-length'] ?? MAX_BODY_BYTES);
  if (announced > MAX_BODY_BYTES) {
    response.writeHead(413, { connection: 'close' }).end();
    return;
  }
  if (to.bytes + announced > MAX_BODIES_BYTES) {
    response.writeHead(503, { connection: 'close', 'retry-after': String(RETRY_AFTER_SECONDS) }).end();
    return;
  }
  to.bytes += announced;
  try {
    const body = await readBody(request);
    if (body === undefined) {
      response.writeHead(413, { connection: 'close' }).end();
      return;
    }
    const { remoteAddress, remotePort } = request.socket;
    const reply = await answerBody((call) => to.served.request(call, `${remoteAddress}:${remotePort}`), body);
    if (reply === undefined) response.writeHead(204).end();
    else response.writeHead(200, HEADERS).end(reply);
  } finally {
    to.bytes -= announced;
  }
}

const HEADERS = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

/** Why the request is not read at all, as an HTTP status. */
function refusedStatus(
  { method, headers, headersDistinct }: IncomingMessage,
  hosts: readonly string[],
): number | undefined {
  if (SINGLE_HEADERS.some((name) => (headersDistinct[name]?.length ?? 0) > 1)) return 400;
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
  // what is no UTF-8 is no JSON either, and is answered as that
  return textOfUtf8(Buffer.concat(chunks)) ?? '';
}

type Ask = (call: Call) => Promise<unknown>;

/** The reply's text, or undefined where JSON-RPC wants none. */
async function answerBody(ask: Ask, body: string): Promise<string | undefined> {
  if (isDeep(body)) return failed(null, new NodeError(RPC.invalidRequest, 'nested too deep'));
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return failed(null, new NodeError(RPC.parseError, 'not JSON'));
  }
  if (!Array.isArray(parsed)) return answerCall(ask, parsed);
  if (parsed.length === 0 || parsed.length > MAX_BATCH) {
    return failed(null, new NodeError(RPC.invalidRequest, `a batch has 1 to ${MAX_BATCH} calls`));
  }
  // All at once: transactions of one batch belong into one block.
  const replies = await Promise.all(parsed.map((call) => answerCall(ask, call)));
  return joinReplies(replies, parsed);
}

/** Whether brackets outside of texts nest deeper than any call: whoever parses or walks it would go as deep. */
function isDeep(body: string): boolean {
  let depth = 0;
  let isText = false;
  for (let at = 0; at < body.length; at++) {
    const sign = body[at];
    if (isText && sign === '\\') at++;
    else if (sign === '"') isText = !isText;
    else if (!isText && (sign === '[' || sign === '{')) depth++;
    else if (!isText && (sign === ']' || sign === '}')) depth--;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
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

async function answerCall(ask: Ask, call: unknown): Promise<string | undefined> {
  const id = idOf(call);
  const { jsonrpc, method, params } = (call ?? {}) as Readonly<Record<string, unknown>>;
  const isCall = jsonrpc === '2.0' && typeof method === 'string' && id !== undefined;
  if (!isCall || (params !== undefined && !Array.isArray(params))) {
    return failed(id ?? null, new NodeError(RPC.invalidRequest, 'not a JSON-RPC 2.0 call'));
  }
  try {
    const result = (await ask({ method, params: params ?? [] })) ?? null;
    return JSON.stringify({ jsonrpc: '2.0', id, result });
  } catch (error) {
    return failed(id, error);
  }
}

/** A call without an id wants no answer; nobody here has a use for that, and it hides errors. */
function idOf(call: unknown): string | number | null | undefined {
  if (typeof call !== 'object' || call === null || !('id' in call)) return undefined;
  const { id } = call;
  // What would come back as another id than was sent is none: half a character, or a number that is rounded.
  const isText = typeof id === 'string' && id.length <= MAX_ID_CHARACTERS && id.isWellFormed();
  return isText || Number.isSafeInteger(id) || id === null ? (id as string | number | null) : undefined;
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
  return { code: RPC.internal, message: 'something unforeseen happened' };
}
