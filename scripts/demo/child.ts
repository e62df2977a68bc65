/**
 * A gateway as a child of the demonstration, on a folder of its own.
 *
 * Promises: it is ready, and its administrator enrolled, when `startGateway` resolves; it ends when it is stopped, and
 * with the demonstration however that ends: the channel between them closes.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { NotUnderstood } from '../answer.ts';
import { Client } from '../client.ts';

const MAIN = fileURLToPath(new URL('../../server/main.ts', import.meta.url));
/** A loaded machine compiles nothing here, but founds a ledger. */
const READY_MS = 120_000;

export interface ChildGateway {
  readonly url: string;
  /** JSON-RPC, as an outside tool reads the ledger. */
  readonly rpcUrl: string;
  readonly administratorToken: string;
  /** Most memory it has held; undefined where the system does not tell. */
  peakMemoryBytes(): number | undefined;
  stop(): Promise<void>;
}

export async function startGateway(folder: string): Promise<ChildGateway> {
  const [port, rpcPort] = [await freePort(), await freePort()];
  const log = path.join(folder, 'gateway.log');
  const child = spawn(process.execPath, [MAIN], {
    stdio: ['ignore', 'pipe', fs.openSync(log, 'a'), 'ipc'],
    env: {
      ...process.env,
      PORT: String(port),
      KUDURRU_DATA: path.join(folder, 'data'),
      KUDURRU_FOUNDING: path.join(folder, 'founding.json'),
      KUDURRU_RPC_PORT: String(rpcPort),
      KUDURRU_DEMO: '1',
    },
  });
  const url = `http://127.0.0.1:${port}`;
  let administratorToken: string;
  try {
    const body = { link: await linkOf(child, log) };
    const { token } = await new Client(url).ask<{ token: string }>('/enrolments', { method: 'POST', body });
    administratorToken = token;
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return {
    url,
    rpcUrl: `http://127.0.0.1:${rpcPort}`,
    administratorToken,
    peakMemoryBytes: () => peakOf(child),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
    },
  };
}

/** The one-time link stands on the line after the one that says that it is ready. */
function linkOf(child: ChildProcess, log: string): Promise<string> {
  const { stdout } = child;
  if (stdout === null) throw new Error('a child without its output');
  return new Promise((resolve, reject) => {
    const fail = (what: string) => reject(new NotUnderstood(`The gateway ${what}: see ${log}`));
    const late = setTimeout(() => fail(`was not ready in ${READY_MS / 1000} s`), READY_MS);
    child.once('exit', (code) => {
      clearTimeout(late);
      fail(`ended with code ${code}`);
    });
    createInterface({ input: stdout }).on('line', (line) => {
      const [, link] = /#(\S+)$/.exec(line) ?? [];
      if (link === undefined) return;
      clearTimeout(late);
      resolve(link);
    });
  });
}

/** VmHWM of Linux. */
function peakOf({ pid }: ChildProcess): number | undefined {
  const status = `/proc/${pid}/status`;
  if (!fs.existsSync(status)) return undefined;
  const [, kibibytes] = /VmHWM:\s+(\d+) kB/.exec(fs.readFileSync(status, 'utf8')) ?? [];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
