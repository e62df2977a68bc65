/**
 * JSON-RPC over HTTP for tools on this machine: wallets, explorers, an auditor's verifier.
 *
 * Hides the wire format only: what may be asked is decided by whom it serves, `guestsOf` on the port and the chain itself
 * on the socket in the data folder. Promises: it listens on the loopback address or on that socket; it answers only
 * requests that name this machine as their host, so that a web page that rebinds its own name gets nothing; no CORS,
 * and JSON content only, so that no page can post to it at all; bodies, batches and connections are bounded, in size and
 * in time, and so is what all bodies under way, and all answers that nobody reads, hold together, so that nobody keeps another out; a no says in words why,
 * as JSON-RPC says it. `main` starts it on KUDURRU_RPC_PORT.
 */

import { rmSync } from 'node:fs';
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { Fault } from '../domain/base/fault.ts';
import { textOfUtf8 } from '../domain/base/hex.ts';
import { parseStrictJson } from '../domain/base/json.ts';
import { Refusal, type RefusalCode } from '../domain/base/refusal.ts';
import { Answers, type Making } from './answers.ts';
import { Bodies } from './bodies.ts';
import { boundConnections } from './connections.ts';
import { type Call, fieldsOf, NodeError, RPC } from './provider.ts';

const LOOPBACK = '127.0.0.1';
/** The largest transaction the gas cap lets through is 1.7 MB of zero bytes, twice that in hex. */
const MAX_BODY_BYTES = 4 * 2 ** 20;
/** As many calls as `node.ts` puts into one request, and wallets far fewer. */
const MAX_BATCH = 256;
/** What one request may be answered with; calls after that are refused unread. */
const MAX_ANSWER_CHARACTERS = 64 * 2 ** 20;
/** What a batch may take before the rest of its reads is refused: as long as a read waits for its turn (`lane.ts`). */
const MAX_READING_MS = 10_000;
const MAX_CONNECTIONS = 256;
/** A client counts its calls, or gives them a UUID. */
const MAX_ID_CHARACTERS = 256;
/** A front could go by the first of two, and this by another. */
const SINGLE_HEADERS = ['host', 'origin', 'content-type', 'content-length'] as const;
/** Of all bodies that are read or answered at once: parsed they take a few times that. */
const MAX_BODIES_BYTES = 32 * 2 ** 20;
const RETRY_AFTER_SECONDS = 1;
/** A body of the largest size over the loopback takes well under a second. */
const BODY_TIMEOUT_MS = 5_000;
/** Of the headers as well. */
const REQUEST_TIMEOUT_MS = 10_000;
/** How soon after its time a request is given up. */
const LOOK_EVERY_MS = 1_000;
/** For a slow reader: a socket that is given up is closed then, whether the other end closes it or not. */
const LAST_WORDS_MS = 1_000;

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
  readonly bodies: Bodies;
  readonly answers: Answers;
  /** The request of a connection that is not answered yet. */
  readonly busy: WeakMap<Duplex, ServerResponse>;
}

function listening(served: RpcServed, hosts: readonly string[]): Listening {
  const limits = { bytesOfOne: MAX_BODY_BYTES, bytesOfAll: MAX_BODIES_BYTES };
  const bodies = new Bodies(Object.assign(limits, { arrivesWithinMs: BODY_TIMEOUT_MS }));
  return { served, hosts, bodies, answers: new Answers(), busy: new WeakMap() };
}

/** Port 0 takes a free one. Rejects when the port is in use. */
export async function listenRpc(served: RpcServed, port: number): Promise<RpcListener> {
  const server = serverOf();
  await bound(server, () => server.listen(port, LOOPBACK));
  const { port: taken } = server.address() as AddressInfo;
  serve(server, listening(served, [`localhost:${taken}`, `${LOOPBACK}:${taken}`]));
  return { port: taken, close: () => closing(server) };
}

/** On a socket that its owner alone can reach, whatever folder it is in. What a kill left in its place goes. */
export async function listenRpcSocket(served: RpcServed, file: string): Promise<RpcListener> {
  rmSync(file, { force: true });
  const server = serverOf();
  await bound(server, () => {
    const umask = process.umask(0o177); // it is bound before this returns, and never open to others for a moment
    try {
      server.listen(file);
    } finally {
      process.umask(umask);
    }
  });
  serve(server, listening(served, ['localhost']));
  return { port: 0, close: () => closing(server) };
}

function serverOf(): Server {
  const server = createServer({
    requestTimeout: REQUEST_TIMEOUT_MS,
    headersTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: LOOK_EVERY_MS,
    requireHostHeader: false, // it is told in words that it named none
  });
  boundConnections(server, MAX_CONNECTIONS);
  return server;
}

function bound(server: Server, listen: () => void): Promise<void> {
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
  server.on('checkExpectation', (_request, response) => refuse(response, 'expectation'));
  server.on('connect', (_request, socket) => hangUp(socket, 'method'));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    const why = OF_PARSER[error.code ?? ''] ?? 'frame';
    const before = to.busy.get(socket);
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    // A whole request that is not answered yet would be answered by what speaks against the one behind it.
    else if (before?.req.complete === true) before.once('close', () => hangUp(socket, why));
    else hangUp(socket, why);
  });
}

/** Why a request is not read: its status, and what whoever wrote the client is told. */
const REFUSED = {
  frame: [400, 'what arrived is no HTTP request, or is framed in two ways'],
  twice: [400, 'a header that says one thing stands twice'],
  headers: [431, 'the headers are too large'],
  slow: [408, 'the request was not there within the time for it'],
  host: [421, 'the request names another host than this machine, or none'],
  origin: [403, 'no web page asks this node'],
  method: [405, 'a call is sent with POST'],
  type: [415, 'a call is application/json'],
  expectation: [417, 'no expectation but 100-continue is known'],
  large: [413, `a request has at most ${MAX_BODY_BYTES} bytes`],
  full: [503, 'other large requests took the room there is; small ones are answered'],
  turn: [503, 'one request at a time on a connection'],
} as const satisfies Readonly<Record<string, readonly [status: number, why: string]>>;
type Refused = keyof typeof REFUSED;
const OF_PARSER: Readonly<Record<string, Refused>> = {
  HPE_HEADER_OVERFLOW: 'headers',
  ERR_HTTP_REQUEST_TIMEOUT: 'slow',
};

function refusedWith(why: Refused): {
  readonly status: number;
  readonly head: Headers;
  readonly body: string;
} {
  const [status, words] = REFUSED[why];
  const body = failed(null, new NodeError(RPC.invalidRequest, words));
  const head: Headers = {
    ...HEADERS,
    connection: 'close',
    'content-length': String(Buffer.byteLength(body)),
    ...(status === 405 && { allow: 'POST' }),
    ...(status === 503 && { 'retry-after': String(RETRY_AFTER_SECONDS) }),
  };
  return { status, head, body };
}

function refuse(response: ServerResponse, why: Refused): void {
  const { status, head, body } = refusedWith(why);
  response.writeHead(status, head).end(body);
}

/** Answers on a socket that the server has given up. */
function hangUp(socket: Duplex, why: Refused): void {
  const { status, head, body } = refusedWith(why);
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}`);
  socket.on('error', () => socket.destroy());
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines, '', body].join('\r\n'));
  setTimeout(() => socket.destroy(), LAST_WORDS_MS).unref();
}

async function answer(to: Listening, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { socket } = request;
  const isWaiting = to.busy.has(socket);
  const refused = isWaiting ? 'turn' : whyRefused(request, to.hosts);
  if (refused !== undefined) {
    refuse(response, refused);
    return;
  }
  to.busy.set(socket, response);
  response.once('close', () => to.busy.delete(socket));
  const body = await to.bodies.read(request);
  if (body === 'gone') response.destroy();
  else if (typeof body === 'string') refuse(response, OF_BODY[body]);
  else {
    const { remoteAddress, remotePort } = socket;
    const caller = `${remoteAddress}:${remotePort}`;
    const making = to.answers.making();
    try {
      // what is no UTF-8 is no JSON either, and is answered as that
      const text = textOfUtf8(body.bytes) ?? '';
      const reply = await answerBody((call) => to.served.request(call, caller), text, making);
      if (reply === undefined) response.writeHead(204).end();
      else {
        to.answers.keep(response, reply);
        response.writeHead(200, HEADERS).end(reply);
      }
    } finally {
      making.end();
      body.release();
    }
  }
}

const OF_BODY = { 'too large': 'large', 'too slow': 'slow', 'no room': 'full' } as const;

type Headers = Readonly<Record<string, string>>;
const HEADERS: Headers = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

/** Why the request is not read at all. */
function whyRefused(
  { method, headers, headersDistinct }: IncomingMessage,
  hosts: readonly string[],
): Refused | undefined {
  if (SINGLE_HEADERS.some((name) => (headersDistinct[name]?.length ?? 0) > 1)) return 'twice';
  if (!hosts.includes(headers.host ?? '')) return 'host';
  if (headers.origin !== undefined) return 'origin'; // a browser page, whatever it wants
  if (method !== 'POST') return 'method';
  if (headers['content-type']?.split(';')[0]?.trim().toLowerCase() !== 'application/json') return 'type';
  return Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES ? 'large' : undefined;
}

type Ask = (call: Call) => Promise<unknown>;

/** The reply's text, or undefined where JSON-RPC wants none. */
async function answerBody(ask: Ask, body: string, making: Making): Promise<string | undefined> {
  let parsed: unknown;
  try {
    parsed = parseStrictJson(body);
  } catch (error) {
    return failed(null, unreadable(error));
  }
  if (!Array.isArray(parsed)) return (await answerAll(ask, [parsed], making))[0];
  if (parsed.length === 0 || parsed.length > MAX_BATCH) {
    return failed(null, new NodeError(RPC.invalidRequest, `a batch has 1 to ${MAX_BATCH} calls`));
  }
  const replies = await answerAll(ask, parsed, making);
  const kept = replies.filter((reply) => reply !== undefined);
  return kept.length === 0 ? undefined : `[${kept.join(',')}]`;
}

/** Why a body is not read: it is no JSON, or one that a proxy in front or a log behind would read otherwise. */
function unreadable(error: unknown): NodeError {
  const why = error instanceof Refusal ? UNREADABLE.get(error.code) : undefined;
  return why === undefined
    ? new NodeError(RPC.parseError, 'not JSON')
    : new NodeError(RPC.invalidRequest, why);
}

const UNREADABLE: ReadonlyMap<RefusalCode, string> = new Map([
  ['body-too-deep', 'nested too deep'],
  ['duplicate-field', 'a name stands twice in one object'],
  ['number-out-of-range', 'a number that readers would round'],
]);

/**
 * Transactions at once, for those of one batch belong into one block; reads one after another, so that what is asked once the
 * answer is full is refused unread.
 */
async function answerAll(
  ask: Ask,
  calls: readonly unknown[],
  making: Making,
): Promise<readonly (string | undefined)[]> {
  const since = performance.now();
  let left = MAX_ANSWER_CHARACTERS;
  const refusal = (call: unknown, why: string) => failed(idOf(call), new NodeError(RPC.limitExceeded, why));
  const kept = (call: unknown, reply: string | undefined) => {
    if (reply === undefined) return undefined;
    left -= reply.length;
    if (left < 0) return refusal(call, TOO_LARGE);
    return making.grow(reply.length) ? reply : refusal(call, NO_ROOM);
  };
  const sent = calls.map((call) =>
    fieldsOf(call).method === 'eth_sendRawTransaction' ? answerCall(ask, call) : undefined,
  );
  const replies: (string | undefined)[] = [];
  for (const [i, call] of calls.entries()) {
    if (sent[i] !== undefined) continue;
    if (left <= 0) replies[i] = refusal(call, TOO_LARGE);
    else if (performance.now() - since > MAX_READING_MS) replies[i] = refusal(call, NO_TIME);
    else replies[i] = kept(call, await answerCall(ask, call));
  }
  for (const [i, call] of calls.entries()) if (sent[i] !== undefined) replies[i] = kept(call, await sent[i]);
  return replies;
}

const TOO_LARGE = 'the answer is too large';
const NO_TIME = 'the reads of this batch took all the time there is for them';
const NO_ROOM = 'other large answers took the room there is';

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
