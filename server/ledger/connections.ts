/**
 * How many connections a listener of the gateway holds, and which one makes room for the next.
 *
 * Promises: whoever opens connections and asks nothing on them keeps nobody out; one on which a request is under way is
 * never ended for another. `main` calls it, and `rpc.ts`.
 */
import type http from 'node:http';
import type { Socket } from 'node:net';

/** More than an office has, fewer than the file handles of a process. */
const MAX_CONNECTIONS = 1_024;
/** For those whose requests are under way on all the others. */
const SPARE = 64;

export function boundConnections(server: http.Server, most = MAX_CONNECTIONS): void {
  server.maxConnections = most + SPARE;
  let open = 0;
  /** In the order in which they fell idle. */
  const idle = new Set<Socket>();
  server.on('connection', (socket) => {
    open++;
    idle.add(socket);
    socket.once('close', () => {
      open--;
      idle.delete(socket);
    });
    if (open <= most) return;
    const [oldest] = idle;
    oldest?.destroy();
  });
  server.prependListener('request', ({ socket }, response) => {
    idle.delete(socket);
    response.once('close', () => {
      if (!socket.destroyed) idle.add(socket);
    });
  });
}
