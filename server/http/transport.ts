/**
 * What is refused of a request before any route sees it: how it is framed, and headers that two readers could read as two.
 *
 * Promises: whatever arrives is answered, in words of the catalogue, and never with a trace or silence; a header
 * that says one thing stands once, for a front may go by the first of two and the gateway by the last; what is no HTTP is
 * told so and its connection ended. Tokens, types and keys are read behind it. `main` makes the server of it, and `app.ts` asks it first.
 */
import { randomUUID } from 'node:crypto';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Duplex } from 'node:stream';
import type express from 'express';
import { refusal } from '../domain/base/refusal.ts';
import { answerError } from './problem.ts';

/** All headers of a request together: a token or a session, and a few names. */
const MAX_HEADER_BYTES = 16 * 1024;
const REQUEST_TIMEOUT_MS = 60_000;
/** Headers come at once or not at all: whoever sends them by the byte holds a connection for nothing. */
const HEADERS_TIMEOUT_MS = 10_000;
/** How soon after its time a request is given up. */
const LOOK_EVERY_MS = 1_000;
/** What lists its values, or is written by every front on the way: it may stand more than once. */
const REPEATABLE: ReadonlySet<string> = new Set([
  'accept',
  'accept-charset',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'connection',
  'forwarded',
  'keep-alive',
  'pragma',
  'prefer',
  'te',
  'trailer',
  'upgrade-insecure-requests',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
]);

/** The ones that are read here. */
const KNOWN: ReadonlySet<string> = new Set([
  'authorization',
  'content-length',
  'content-type',
  'cookie',
  'expect',
  'host',
  'idempotency-key',
  'transfer-encoding',
  'x-case-reference',
  'x-session-holder',
]);

/** A header that stands twice where the gateway reads one. */
function repeatedHeader({ headersDistinct }: Pick<IncomingMessage, 'headersDistinct'>): string | undefined {
  const repeated = Object.entries(headersDistinct).find(
    ([name, values = []]) => values.length > 1 && !REPEATABLE.has(name),
  );
  return repeated?.[0];
}

/** Ahead of every route and page. */
export function refusesTwoReadings(): express.RequestHandler {
  return (req, _res, next) => {
    const name = repeatedHeader(req);
    const isNameless = req.headers.host === undefined && req.httpVersion === '1.1';
    if (isNameless) next(refusal('host-missing', undefined, { field: '/header/host' }));
    else if (name === undefined) next();
    // A name that nobody here knows is the caller's own text.
    else next(refusal('header-repeated', undefined, KNOWN.has(name) ? { field: `/header/${name}` } : {}));
  };
}

/** What the parser of HTTP gives up on, in the catalogue's words. */
type Unframed = 'headers-too-large' | 'request-too-slow' | 'request-malformed' | 'method-not-allowed';
const OF_PARSER: Readonly<Record<string, Unframed>> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-too-slow',
};

/** The server of the application, which answers what never becomes a request as well. */
export function serverOf(app: RequestListener): Server {
  const server = createServer(
    {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      connectionsCheckingInterval: LOOK_EVERY_MS,
      requireHostHeader: false, // `refusesTwoReadings` says it in words
    },
    app,
  );
  server.maxHeadersCount = 0; // their bytes are bounded: of those beyond a count the second of two would be gone

  /** The requests of a connection that are not answered yet. */
  const waiting = new WeakMap<Duplex, Map<IncomingMessage, ServerResponse>>();
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const ofSocket = waiting.get(request.socket) ?? new Map<IncomingMessage, ServerResponse>();
    waiting.set(request.socket, ofSocket.set(request, response));
    response.once('close', () => ofSocket.delete(request));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    const code = OF_PARSER[error.code ?? ''] ?? 'request-malformed';
    // A whole request that is not answered yet would be answered by what speaks against the one behind it.
    const before = [...(waiting.get(socket) ?? [])].findLast(([{ complete }]) => complete)?.[1];
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else if (before === undefined) hangUp(socket, code);
    else before.once('close', () => hangUp(socket, code));
  });
  // Whoever asks to be told to go on is: what speaks against the request is said with its body unread.
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    const id = randomUUID();
    const { problem } = answerError(refusal('expectation-unknown'), id);
    const body = JSON.stringify(problem);
    response.writeHead(problem.status, {
      'Content-Type': PROBLEM,
      'Content-Length': Buffer.byteLength(body),
      'X-Request-Id': id,
      Connection: 'close',
    });
    response.end(body);
  });
  // Nobody listens for an upgrade: an offer of another protocol is passed over, and its request answered.
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => hangUp(socket, 'method-not-allowed'));
  return server;
}

const PROBLEM = 'application/problem+json';
/** For a slow line to read the answer: a socket is closed then, whether the other end closes it or not. */
const LAST_WORDS_MS = 1_000;

/** Answers on a socket that the server has given up: what goes wrong with it from here on is nobody else's. */
function hangUp(socket: Duplex, code: Unframed): void {
  socket.on('error', () => socket.destroy());
  socket.end(refusedBytes(code, randomUUID()));
  setTimeout(() => socket.destroy(), LAST_WORDS_MS).unref();
}

/** A whole answer, where there is no response object to write it with. */
function refusedBytes(code: Unframed, id: string): string {
  const { problem } = answerError(refusal(code), id);
  const body = JSON.stringify(problem);
  return [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`,
    `Content-Type: ${PROBLEM}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${id}`,
    // A tunnel is to no path of ours, so that no method is allowed where it leads.
    ...(problem.status === 405 ? ['Allow: '] : []),
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
