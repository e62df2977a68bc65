/**
 * The door of a running gateway for commands on its own machine: a file in the data folder that says where it listens
 * and with which token.
 *
 * Promises: whoever can read the file can read the data folder, so the token opens no more than an auditor's would; it
 * is new at every start, kept nowhere else, and the file goes when the gateway stops. After a kill it stays, and its
 * address answers nobody. `main` opens it, commands read it.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const FILE = 'door.json';
/** Where whoever may read the data folder has the chain without the limits of strangers: it can create contracts. */
export const CONTROL_SOCKET = 'control.sock';
const TOKEN_BYTES = 32;

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

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
