/**
 * The gateway as anybody meets it: a process of its own, founded in a temporary folder, spoken to over HTTP.
 *
 * Two institutions with a preparer and an approver each; waits are zero, as in a demonstration. A walk asks nothing
 * but the API, signs as an officer's own device would, and can kill the process and start it again on its folder.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { approvalOf } from '../../server/domain/acts/approval.ts';
import { signCompact } from '../../server/domain/acts/signing.ts';
import { digestOf } from '../../server/domain/acts/typedData.ts';
import { readTrust, type TrustFile } from '../../server/domain/audit/trust.ts';
import { toHex, ZERO_32 } from '../../server/domain/base/hex.ts';
import { type OfficeId, ROLES } from '../../server/domain/base/terms.ts';
import { END_WITHOUT_NOTICE_POLICY, tierPolicy } from '../../server/domain/benefits/policies.ts';
import { FOUNDING_NODE, type Founding } from '../../server/domain/power/founding.ts';
import { writeFounding } from '../../server/domain/power/foundingFile.ts';
import { readActFile } from '../../server/domain/signer/actFile.ts';
import type { Role } from '../../server/http/route.ts';
import { keccak256 } from '../../server/ledger/keccak.ts';
import { FAR_FUTURE, foundingOfficerOf, type Officer, officerOf, withThirds } from '../chain/signing.ts';
import { within } from '../within.ts';
import { ENVIRONMENT } from './environment.ts';

const MAIN = path.resolve(import.meta.dirname, '../../server/main.ts');
/** On a machine that many share. */
const READY_MS = 60_000;
/** A whole act, from its last signature to the views. */
const WAIT_SECONDS = 20;
/** From what kills it to its end. */
const DEATH_MS = 10_000;
/** The longest wait a test asks for, and as long again on a machine that many share: a gateway that hangs is named. */
const ANSWER_MS = 2 * WAIT_SECONDS * 1000;

export const OFFICERS = {
  preparer: officerOf(1, 'first preparer'),
  approver: officerOf(1, 'first approver'),
  secondPreparer: officerOf(2, 'second preparer'),
  secondApprover: officerOf(2, 'second approver'),
} as const;

/** What a token reaches within its institution. */
export interface TokenBinding {
  readonly label?: string;
  readonly vendor?: string;
  readonly office?: number;
  /** Roles that it has as well. */
  readonly beside?: readonly Role[];
}
/** By institution: the shop of a till that no test has named. */
const someShop = (institution: number) => `0x${'11'.repeat(31)}${`${institution}`.padStart(2, '0')}`;
const ANYBODYS: Readonly<Record<number, readonly [preparer: Officer, approver: Officer]>> = {
  1: [OFFICERS.preparer, OFFICERS.approver],
  2: [OFFICERS.secondPreparer, OFFICERS.secondApprover],
};

export interface AppOptions {
  /** One that was used before: the ledger in it goes on. */
  readonly folder?: string;
  readonly officers?: readonly Officer[];
  /** Who keeps which; 1 and 2, by the first institution, unless said. */
  readonly offices?: Founding['offices'];
  /** Of the consortium, beside those that every test has. */
  readonly policies?: Founding['policies'];
  /** Kinds of keys, beside secp256k1, that sign here; none unless said. */
  readonly verifiers?: Founding['verifiers'];
  readonly env?: Readonly<Record<string, string>>;
  /** Of a gateway that founds nothing: whose ledger it serves, and for which member. */
  readonly network?: { readonly nodes: string; readonly trustFile: string; readonly institution: number };
  /** How the one-time link of a first start becomes the administrator's token; over the API unless said. */
  enrol?(url: string, link: string): Promise<string>;
}

export interface Ask {
  readonly token?: string | undefined;
  /** JSON, or a file with its media type. */
  readonly body?: unknown;
  readonly file?: { readonly text: string | Uint8Array<ArrayBuffer>; readonly type: string };
  /** A new intention without one. */
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** How long the answer may take. */
  readonly patienceMs?: number;
}

export interface Told<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** What the caller says it is; a file's answer is in `text`. */
  readonly body: T;
}

/** A problem document, as far as tests read one. */
export interface Problem {
  readonly code: string;
  readonly errors?: readonly { readonly code: string; readonly pointer?: string; readonly line?: number }[];
}

export interface OperationTold {
  readonly id: string;
  readonly state: string;
  readonly isFinal: boolean;
  readonly entries: readonly { readonly index: string; readonly entryId: string }[];
  readonly code?: string;
}

export interface ActTold {
  readonly id: string;
  readonly missing: readonly string[];
  readonly operation?: string;
  readonly prepared: object;
}

export interface SignedAct {
  readonly id: string;
  readonly operation: OperationTold;
}

export class App {
  readonly url: string;
  readonly folder: string;
  readonly #child: ChildProcess;
  readonly #administrator: string;
  readonly #tokens = new Map<string, Promise<string>>();

  /** Use `startApp`. */
  constructor(url: string, folder: string, child: ChildProcess, administrator: string) {
    this.url = url;
    this.folder = folder;
    this.#child = child;
    this.#administrator = administrator;
  }

  /** What it logged so far, each line JSON. */
  logged(): string {
    return logs.get(this.#child) ?? '';
  }

  /** The token that issues tokens. */
  administrator(): string {
    return this.#administrator;
  }

  /** A token of one principal: the same for the same name and binding. A vendor's is of one vendor. */
  token(role: Role, institution: number, name = 'first', bound: TokenBinding = {}): Promise<string> {
    const of = role === 'vendor' ? { vendor: someShop(institution), ...bound } : bound;
    const place = `${role} ${institution} ${name} ${JSON.stringify(of)}`;
    const known = this.#tokens.get(place);
    if (known !== undefined) return known;
    const issued = this.#shopIsThere(of.vendor, institution).then(async () => {
      const { beside = [], ...binding } = of;
      const body = {
        roles: [role, ...beside],
        institution: role === 'administrator' ? 0 : institution,
        days: 1,
        ...binding,
      };
      const told = await this.ask<{ token: string }>('POST', '/tokens', { token: this.#administrator, body });
      return told.body.token;
    });
    this.#tokens.set(place, issued);
    return issued;
  }

  /** A token is of a shop that its institution has: the one that no test has named is taken up when it is needed. */
  async #shopIsThere(vendor: string | undefined, institution: number): Promise<void> {
    const by = ANYBODYS[institution];
    if (vendor !== someShop(institution) || by === undefined) return;
    const token = await this.token('agency', institution);
    if ((await this.ask('GET', `/vendors/${vendor}/tills`, { token })).status === 200) return;
    await this.act('agency', '/acts/vendors', { vendor, standing: 'active', from: 0 }, by);
  }

  async ask<T = Problem>(
    method: string,
    place: string,
    { token, body, file, key, headers = {}, patienceMs = ANSWER_MS }: Ask = {},
  ): Promise<Told<T>> {
    const sent = file?.text ?? (body === undefined ? undefined : JSON.stringify(body));
    // After a command that blocked this process, what the gateway closed meanwhile is read before it is used again.
    await setImmediate();
    const asked = fetch(`${this.url}${place}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        ...(sent === undefined ? {} : { 'Content-Type': file?.type ?? 'application/json' }),
        'Idempotency-Key': key ?? randomUUID(),
        ...headers,
      },
      ...(sent === undefined ? {} : { body: sent }),
    });
    const answered = asked.then(async (answer) => [answer, await answer.text()] as const);
    const [answer, text] = await within(patienceMs, `${method} ${place}`, answered);
    const isJson = answer.headers.get('Content-Type')?.includes('json') ?? false;
    return { status: answer.status, headers: answer.headers, text, body: isJson ? JSON.parse(text) : text };
  }

  /** What the institutions would obtain from one another. */
  trust(): TrustFile {
    return readTrust(readFileSync(path.join(this.folder, 'data', 'trust.json'), 'utf8'));
  }

  /** Prepares an act, signs it as two officers' devices would, and waits until the views show it. */
  async act(
    role: Role,
    place: string,
    fields: object,
    by: readonly [preparer: Officer, approver: Officer] = [OFFICERS.preparer, OFFICERS.approver],
  ): Promise<SignedAct> {
    const [preparer] = by;
    const token = await this.token(role, preparer.institution);
    const prepared = await this.ask<ActTold>('POST', place, {
      token,
      body: { head: headOf(preparer), ...fields },
    });
    if (prepared.status !== 201) throw new Error(`${place} answered ${prepared.status}: ${prepared.text}`);
    return this.sign(role, prepared.body, by);
  }

  /** Both signatures over an act that was prepared; throws what the last one was refused for. */
  async sign(
    role: Role,
    act: ActTold,
    [preparer, approver]: readonly [Officer, Officer],
  ): Promise<SignedAct> {
    const signatures = `/acts/${act.id}/signatures`;
    const first = await this.ask('POST', signatures, {
      token: await this.token(role, preparer.institution),
      body: preparationBy(preparer, act),
    });
    if (first.status !== 201) throw new Error(`the preparer was answered ${first.status}: ${first.text}`);
    const last = await this.ask<ActTold>('POST', signatures, {
      token: await this.token(role, approver.institution, 'second'),
      headers: { Prefer: `wait=${WAIT_SECONDS}` },
      body: approvalBy(approver, act),
    });
    if (last.status !== 202) throw new Error(`the approver was answered ${last.status}: ${last.text}`);
    const operation = await this.ask<OperationTold>('GET', last.body.operation ?? '', {
      token: await this.token(role, preparer.institution),
    });
    if (operation.body.state !== 'PROJECTED') throw new Error(`the act ended as ${operation.text}`);
    return { id: act.id, operation: operation.body };
  }

  /** As an operator stops it. */
  async stop(patienceMs = DEATH_MS): Promise<void> {
    await this.#end('SIGTERM', patienceMs);
  }

  /** As a power cut stops it. */
  async kill9(): Promise<void> {
    await this.#end('SIGKILL', DEATH_MS);
  }

  /** Resolves when it has ended by itself; rejects when it lives on. */
  async died(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    await within(DEATH_MS, 'the gateway', once(this.#child, 'exit'));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Of a process that has ended by itself. */
  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  /** Stops it and removes what it left. */
  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals, patienceMs: number): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    try {
      await within(patienceMs, `the gateway after ${signal}`, ended);
    } catch (error) {
      this.#child.kill('SIGKILL');
      throw error;
    }
  }
}

const actIn = ({ prepared }: ActTold) => readActFile(JSON.stringify(prepared)).act;

/** What the preparer's device hands in. */
export function preparationBy({ officer, key }: Officer, act: ActTold) {
  return { part: 'preparer', signer: officer, signature: signCompact(digestOf(actIn(act)), key) };
}

/** What the approver's device hands in. */
export function approvalBy({ officer, epoch, key }: Officer, act: ActTold, deadline = FAR_FUTURE) {
  const approval = { approver: officer, approverEpoch: epoch, deadline };
  return {
    ...{ part: 'approver', signer: officer },
    signature: signCompact(digestOf(approvalOf(actIn(act), approval)), key),
    approval: { approverEpoch: epoch, deadline: Number(deadline) },
  };
}

/** What an officer's own device writes at the beginning of an act, as the API takes it. */
export function headOf(preparer: Officer) {
  return {
    office: 1,
    preparer: preparer.officer,
    preparerEpoch: preparer.epoch,
    notBefore: 0,
    deadline: Number(FAR_FUTURE),
    effectiveOn: 0,
    salt: toHex(randomBytes(16)),
    sourcesRoot: ZERO_32,
    corrects: ZERO_32,
  };
}

/** Starts the gateway and waits until it serves; a fresh folder is founded first. */
export async function startApp(options: AppOptions = {}): Promise<App> {
  const folder = options.folder ?? mkdtempSync(path.join(tmpdir(), 'kudurru-app-'));
  const data = path.join(folder, 'data');
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const founding = path.join(folder, 'founding.json');
  if (options.network === undefined && !existsSync(founding)) {
    writeFileSync(founding, writeFounding(foundingOf(options)));
  }
  const port = await freePort();
  const child = spawn(process.execPath, [MAIN], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...ENVIRONMENT,
      ...{ PORT: String(port), KUDURRU_RPC_PORT: '0', KUDURRU_LOG: 'warn' },
      ...{ KUDURRU_DATA: data, ...ledgerSettings(options.network, founding) },
      ...options.env,
    },
  });
  const url = `http://127.0.0.1:${port}`;
  const said = await readiness(child, !existsSync(path.join(folder, 'administrator')));
  return new App(url, folder, child, await administratorOf(url, folder, said, options.enrol ?? enrolByApi));
}

function ledgerSettings(network: AppOptions['network'], founding: string): Record<string, string> {
  if (network === undefined) return { KUDURRU_FOUNDING: founding };
  const { nodes, trustFile, institution } = network;
  return { KUDURRU_NODES: nodes, KUDURRU_TRUST: trustFile, KUDURRU_INSTITUTION: String(institution) };
}

const LEDGER_NONCE = toHex(keccak256(Buffer.from('ledger nonce'))) as Founding['ledgerNonce'];

function foundingOf({
  officers = Object.values(OFFICERS),
  policies = [],
  verifiers = [],
  offices,
}: Pick<AppOptions, 'officers' | 'policies' | 'verifiers' | 'offices'>): Founding {
  const institutions = [...new Set(officers.map(({ institution }) => institution))];
  return {
    ledgerNonce: LEDGER_NONCE,
    institutions: institutions.map((institution) => ({ institution, roles: ROLES })),
    officers: withThirds(officers).map((officer) =>
      foundingOfficerOf(officer, LEDGER_NONCE, { roles: ROLES }),
    ),
    offices:
      offices ??
      institutions.slice(0, 1).flatMap((keeper) => [
        { office: 1 as OfficeId, keeper },
        { office: 2 as OfficeId, keeper },
      ]),
    verifiers,
    policies: [
      { name: tierPolicy(404), value: 2n ** 120n },
      { name: END_WITHOUT_NOTICE_POLICY, value: 1n },
      ...policies,
    ],
    validators: institutions.slice(0, 1).map((institution) => ({ validator: FOUNDING_NODE, institution })),
    ...{ quorum: institutions.length },
    ...{ wideningWaitSeconds: 0, appointmentWaitSeconds: 0 },
  };
}

/** What each process wrote on its standard error. */
const logs = new WeakMap<ChildProcess, string>();

/** Everything it said until it was ready, with the one-time link where one is due. */
function readiness(child: ChildProcess, isLinkDue: boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const timer = setTimeout(() => fail('it took too long'), READY_MS);
    const fail = (why: string) => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      reject(new Error(`the gateway did not start: ${why}\n${said}\n${logs.get(child) ?? ''}`));
    };
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      logs.set(child, `${logs.get(child) ?? ''}${text}`);
    });
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (!said.includes('is ready') || (isLinkDue && !/#\S+\n/.test(said))) return;
      clearTimeout(timer);
      resolve(said);
    });
    child.once('exit', (code) => fail(`it ended with ${code}`));
  });
}

/** The administrator's token is kept beside the data folder, for the next start. */
async function administratorOf(
  url: string,
  folder: string,
  said: string,
  enrol: (url: string, link: string) => Promise<string>,
): Promise<string> {
  const file = path.join(folder, 'administrator');
  if (existsSync(file)) return readFileSync(file, 'utf8');
  const [, link = ''] = /#(\S+)/.exec(said) ?? [];
  const token = await enrol(url, link);
  writeFileSync(file, token, { mode: 0o600 });
  return token;
}

async function enrolByApi(url: string, link: string): Promise<string> {
  const asked = fetch(`${url}/enrolments`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ link }),
  });
  const answer = await within(ANSWER_MS, 'the enrolment', asked);
  const { token } = (await answer.json()) as { token: string };
  return token;
}

/** One that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const place = probe.address();
      probe.close(() => resolve(typeof place === 'object' && place !== null ? place.port : 0));
    });
  });
}
