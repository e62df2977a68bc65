/**
 * How many connections a listener of the gateway holds, and which one makes room for the next.
 *
 * Promises: whoever opens connections and asks nothing on them, sends a request and never the end of it, or does not read
 * the answer, keeps nobody out, and what nobody reads is not kept for ever; one on which a whole request is being worked on is
 * never ended for another. `main` calls it, and `rpc.ts`.
 */
import type http from 'node:http';
import type { Socket } from 'node:net';

/** More than an office has, fewer than the file handles of a process. */
const MAX_CONNECTIONS = 1_024;
/** For those whose requests are being answered on all the others. */
const SPARE = 64;
/**
 * An answer of which nothing is taken for twice so long is read by nobody: Node looks whether more of it is gone. Longer than
 * headers may take, so that whoever is slow with them is told so before the connection ends.
 */
const UNREAD_MS = 12_000;

/** Of an answer that is on its way: there is more of it than the other end has taken. */
const isUnread = ([socket]: readonly [Socket, unknown]): boolean => socket.writableLength > 0;

export function boundConnections(server: http.Server, most = MAX_CONNECTIONS): void {
  server.maxConnections = most + SPARE;
  /** In the order in which they fell idle, each with the request that is on its way. */
  const open = new Map<Socket, http.IncomingMessage | undefined>();
  const firstToGo = (added: Socket) => {
    const others = [...open].filter(([socket]) => socket !== added);
    const [first] = others.find(([, request]) => request?.complete !== true) ?? others.find(isUnread) ?? [];
    return first;
  };
  server.timeout = UNREAD_MS;
  // Told of every connection on which nothing has moved for that long, or that is idle for as long as one is kept.
  server.on('timeout', (socket: Socket) => {
    if (open.get(socket) === undefined || socket.writableLength > 0) socket.destroy();
    else socket.setTimeout(UNREAD_MS); // its work takes time; a request that is not whole has a time of its own
  });
  server.on('connection', (socket) => {
    open.set(socket, undefined);
    socket.once('close', () => open.delete(socket));
    if (open.size > most) firstToGo(socket)?.destroy();
  });
  server.prependListener('request', (request, response) => {
    const { socket } = request;
    open.set(socket, request);
    response.once('close', () => {
      open.delete(socket);
      if (!socket.destroyed) open.set(socket, undefined);
    });
  });
}
