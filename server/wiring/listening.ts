/** How the gateway takes a port, and how it gives one up: what is under way is answered, as far as there is time. */
import type http from 'node:http';
import { refusal } from '../domain/base/refusal.ts';

const IDLE_MS = 50;
/** Requests under way when the process is asked to stop. */
export const DRAIN_MS = 5_000;
/** Uploads under way: what they wrote by then stays, and there is time to say so. */
export const WORK_MS = 3_000;

export function listen(server: http.Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}

export async function orPortInUse<T>(setting: string, listening: Promise<T>): Promise<T> {
  try {
    return await listening;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw refusal('port-in-use', { setting });
  }
}

/** Takes no connection any more; resolves when the last answer is out, or when the time for it is over. */
export async function drained(server: http.Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_MS);
  const late = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  await closed;
  clearInterval(idle);
  clearTimeout(late);
}
