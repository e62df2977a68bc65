/**
 * How many connections a listener of the gateway holds, and which one makes room for the next.
 *
 * Promises: whoever opens connections and asks nothing on them, or sends a request and never the end of it, keeps nobody
 * out; one on which a whole request is being answered is never ended for another. `main` calls it, and `rpc.ts`.
 */
import type http from 'node:http';
import type { Socket } from 'node:net';

/** More than an office has, fewer than the file handles of a process. */
const MAX_CONNECTIONS = 1_024;
/** For those whose requests are being answered on all the others. */
const SPARE = 64;

export function boundConnections(server: http.Server, most = MAX_CONNECTIONS): void {
  server.maxConnections = most + SPARE;
  /** In the order in which they fell idle, each with the request that is on its way. */
  const open = new Map<Socket, http.IncomingMessage | undefined>();
  const firstToGo = (added: Socket) => {
    for (const [socket, request] of open) {
      if (socket !== added && request?.complete !== true) return socket;
    }
    return undefined;
  };
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
