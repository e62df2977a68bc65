/**
 * The door of a running gateway for commands on its own machine: a file in the data folder that says where it listens
 * and with which token; and a socket there for orders that no token may give.
 *
 * Promises: whoever can read the file can read the data folder, so the token opens no more than an auditor's would; it
 * is new at every start, kept nowhere else, and the file goes when the gateway stops. After a kill it stays, and its
 * address answers nobody. Only the user of the gateway reaches the socket; an order ends where nobody waits for it any more.
 * `main` opens both, commands use them.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';

const FILE = 'door.json';
/** Where whoever may read the data folder has the chain without the limits of strangers: it can create contracts. */
export const CONTROL_SOCKET = 'control.sock';
/** Where whoever may write the data folder has orders carried out. */
const ORDERS_SOCKET = 'orders.sock';
const TOKEN_BYTES = 32;
/** An order names a folder; whoever sends more sends none. */
const ORDER_CHARACTERS_MAX = 16_384;

export interface DoorFile {
  readonly url: string;
  readonly token: string;
}

export class Door {
  readonly #file: string;
  readonly #token = randomBytes(TOKEN_BYTES).toString('base64url');

  constructor(dataFolder: string) {
    this.#file = path.join(dataFolder, FILE);
  }

  /** Once the gateway listens there. */
  open(url: string): void {
    this.close(); // what a kill left may be readable by others
    const told: DoorFile = { url, token: this.#token };
    writeFileSync(this.#file, JSON.stringify(told), { mode: 0o600, flag: 'wx' });
  }

  close(): void {
    rmSync(this.#file, { force: true });
  }

  isToken(token: string): boolean {
    return timingSafeEqual(digest(token), digest(this.#token));
  }
}

/** The door of the gateway that owns the folder; undefined where none was left open. */
export function doorIn(dataFolder: string): DoorFile | undefined {
  try {
    return JSON.parse(readFileSync(path.join(dataFolder, FILE), 'utf8')) as DoorFile;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** What an order was answered with: its result, or why it was not carried out. */
export type OrderAnswer<T> =
  | { readonly done: T }
  | { readonly code?: string; readonly message: string; readonly remedy?: string };

export interface Orders {
  /** Ends what is under way. */
  close(): Promise<void>;
}

/** `carryOut` answers and never throws. */
export async function takeOrders(
  dataFolder: string,
  carryOut: (order: unknown, signal: AbortSignal) => Promise<OrderAnswer<unknown>>,
): Promise<Orders> {
  const file = path.join(dataFolder, ORDERS_SOCKET);
  rmSync(file, { force: true });
  const open = new Map<Socket, Promise<void>>();
  const server = createServer((socket) => {
    open.set(
      socket,
      answered(socket, carryOut).finally(() => open.delete(socket)),
    );
  });
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject);
  const umask = process.umask(0o177); // it is bound before this returns, and never open to others for a moment
  try {
    server.listen(file, listening.resolve);
  } finally {
    process.umask(umask);
  }
  await listening.promise;
  return {
    async close() {
      const over = Promise.withResolvers<void>();
      server.close(() => over.resolve());
      const under = [...open];
      for (const [socket] of under) socket.destroy();
      await Promise.all(under.map(([, done]) => done));
      await over.promise;
    },
  };
}

async function answered(
  socket: Socket,
  carryOut: (order: unknown, signal: AbortSignal) => Promise<OrderAnswer<unknown>>,
): Promise<void> {
  const gone = new AbortController();
  socket.once('close', () => gone.abort(new Error('nobody waits for the order any more')));
  socket.on('error', () => socket.destroy());
  try {
    const answer = await carryOut(JSON.parse(await lineOf(socket)), gone.signal);
    socket.end(JSON.stringify(answer));
  } catch {
    socket.destroy(); // no order, or nobody is there
  }
}

/** The order is one line, behind which whoever gave it waits. */
function lineOf(socket: Socket): Promise<string> {
  const line = Promise.withResolvers<string>();
  let said = '';
  socket.setEncoding('utf8').on('data', (piece) => {
    said += String(piece);
    const end = said.indexOf('\n');
    if (end >= 0) line.resolve(said.slice(0, end));
    else if (said.length > ORDER_CHARACTERS_MAX) socket.destroy();
  });
  socket.once('close', () => line.reject(new Error('an order that was cut short')));
  return line.promise;
}

/** Undefined where no gateway takes orders. */
export async function orderAt<T>(dataFolder: string, order: object): Promise<OrderAnswer<T> | undefined> {
  const socket = connect(path.join(dataFolder, ORDERS_SOCKET));
  try {
    socket.write(`${JSON.stringify(order)}\n`);
    const answer = await text(socket);
    return answer === '' ? undefined : (JSON.parse(answer) as OrderAnswer<T>);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return undefined;
    throw error;
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
