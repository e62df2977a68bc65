/**
 * Where the demonstration plays: a folder of its own, a founding file, officers' keys, and a gateway as a child.
 *
 * Two institutions, a land registry and an aid agency, hold the quorum; every wait is zero, which only a
 * demonstration may. The gateway is stopped when the demonstration ends, however it ends, and its folder is left: it
 * can be started again on it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { keccak_256 } from '@noble/hashes/sha3.js';
import type { Founding, FoundingOfficer } from '../../server/domain/founding.ts';
import { writeFounding } from '../../server/domain/foundingFile.ts';
import { type Bytes32, fromHex, toHex, ZERO_32 } from '../../server/domain/hex.ts';
import { type InstitutionId, type OfficeId, ROLES } from '../../server/domain/terms.ts';
import { createKeyring, type Keyring } from '../keyring.ts';
import { Client } from './gateway.ts';
import { type Officer, Pair } from './officers.ts';

const MAIN = fileURLToPath(new URL('../../server/main.ts', import.meta.url));
export const REGISTRY = 1 as InstitutionId;
export const AGENCY = 2 as InstitutionId;
const READY_MS = 60_000;
/** The keys of a demonstration are worth nothing: a second of scrypt would only cost a second. */
const DEMO_KDF = { logN: 10 };
const TOKEN_DAYS = 1;

const CAST = [
  ['registrar-preparer', REGISTRY],
  ['registrar-approver', REGISTRY],
  ['aid-preparer', AGENCY],
  ['aid-approver', AGENCY],
] as const;

export interface Stage {
  readonly folder: string;
  readonly url: string;
  /** JSON-RPC, as an outside tool reads the ledger. */
  readonly rpcUrl: string;
  readonly ring: Keyring;
  readonly land: Pair;
  readonly aid: Pair;
  readonly vendors: Client;
  readonly auditor: Client;
  readonly trustFile: string;
  /** Most memory the gateway has held, in bytes. */
  peakMemoryBytes(): number;
  stop(): Promise<void>;
}

/** The next folder that nothing was played in. */
export function freshFolder(below: string): string {
  for (let run = 1; ; run++) {
    const folder = path.resolve(below, `run-${run}`);
    if (!fs.existsSync(folder)) return folder;
  }
}

export async function openStage(folder: string): Promise<Stage> {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const passphrase = randomBytes(18).toString('base64url');
  fs.writeFileSync(path.join(folder, 'passphrase'), passphrase, { mode: 0o600 });
  const ring = createKeyring(path.join(folder, 'keys'), passphrase, DEMO_KDF);
  const records = CAST.map(([name, institution]) => recordOf(ring, name, institution));
  fs.writeFileSync(path.join(folder, 'founding.json'), writeFounding(foundingOf(records)));
  const gateway = await startGateway(folder);
  // Whoever starts the gateway on this folder again has no one-time link: the administrator's token is kept beside it.
  fs.writeFileSync(path.join(folder, 'administrator'), gateway.administratorToken, { mode: 0o600 });
  const admin = new Client(gateway.url).as(gateway.administratorToken);
  const tokenFor = async (role: string, institution: number) => {
    const body = { roles: [role], institution, days: TOKEN_DAYS };
    const { token } = await admin.ask<{ token: string }>('/tokens', { method: 'POST', body });
    return admin.as(token);
  };
  const officer = async (place: number, role: string): Promise<Officer> => {
    const record = records[place];
    const name = CAST[place]?.[0];
    if (record === undefined || name === undefined) throw new Error('nobody has that place');
    const { officer: id, institution } = record;
    return { name, officer: id, institution, client: await tokenFor(role, institution) };
  };
  return {
    ...{
      folder,
      ring,
      url: gateway.url,
      rpcUrl: gateway.rpcUrl,
      stop: gateway.stop,
      peakMemoryBytes: gateway.peakMemoryBytes,
    },
    land: new Pair(ring, await officer(0, 'registrar'), await officer(1, 'registrar')),
    aid: new Pair(ring, await officer(2, 'agency'), await officer(3, 'agency')),
    vendors: await tokenFor('vendor', AGENCY),
    auditor: await tokenFor('auditor', 0),
    trustFile: path.join(folder, 'data', 'trust.json'),
  };
}

function recordOf(ring: Keyring, name: string, institution: InstitutionId): FoundingOfficer {
  const entry = ring.create(name, 'officer');
  if (entry.kind !== 'officer') throw new Error('a key of another kind');
  const keyHash = toHex(keccak_256(fromHex(entry.address))) as Bytes32;
  const key = { kind: 'secp256k1', keyHash, rpIdHash: ZERO_32, requireUV: false } as const;
  return { officer: entry.officer, institution, office: 0 as OfficeId, roles: ROLES, key };
}

function foundingOf(officers: readonly FoundingOfficer[]): Founding {
  const institutions = [REGISTRY, AGENCY].map((institution) => ({ institution, roles: ROLES }));
  const waits = { wideningWaitSeconds: 0, appointmentWaitSeconds: 0 };
  return { institutions, officers, verifiers: [], policies: [], quorum: 2, ...waits };
}

// ---- The gateway ---------------------------------------------------------------------------------------------

async function startGateway(folder: string) {
  const [port, rpcPort] = [await freePort(), await freePort()];
  const child = spawn(process.execPath, [MAIN], {
    stdio: ['ignore', 'pipe', fs.openSync(path.join(folder, 'gateway.log'), 'a')],
    env: {
      ...process.env,
      PORT: String(port),
      KUDURRU_DATA: path.join(folder, 'data'),
      KUDURRU_FOUNDING: path.join(folder, 'founding.json'),
      KUDURRU_RPC_PORT: String(rpcPort),
      KUDURRU_DEMO: '1',
    },
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill); // also when the demonstration throws
  const link = await linkOf(child);
  const url = `http://127.0.0.1:${port}`;
  const { token } = await new Client(url).ask<{ token: string }>('/enrolments', {
    method: 'POST',
    body: { link },
  });
  const stop = async () => {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await gone;
    process.off('exit', kill);
  };
  const rpcUrl = `http://127.0.0.1:${rpcPort}`;
  return { url, rpcUrl, administratorToken: token, stop, peakMemoryBytes: () => peakOf(child) };
}

/** The one-time link stands on the line after the one that says that it is ready. */
function linkOf(child: ChildProcess): Promise<string> {
  const { stdout } = child;
  if (stdout === null) throw new Error('a child without its output');
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('the gateway did not start: see gateway.log')), READY_MS);
    child.once('exit', (code) => reject(new Error(`the gateway ended with code ${code}: see gateway.log`)));
    createInterface({ input: stdout }).on('line', (line) => {
      const [, link] = /#(\S+)$/.exec(line) ?? [];
      if (link === undefined) return;
      clearTimeout(late);
      resolve(link);
    });
  });
}

/** VmHWM of Linux; 0 where it is not told. */
function peakOf({ pid }: ChildProcess): number {
  const status = `/proc/${pid}/status`;
  const [, kibibytes] = fs.existsSync(status)
    ? (/VmHWM:\s+(\d+) kB/.exec(fs.readFileSync(status, 'utf8')) ?? [])
    : [];
  return Number(kibibytes ?? 0) * 1024;
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
