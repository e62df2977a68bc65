/**
 * A hardware token that holds one key a month: what the ring of the gateway's keys is sealed under.
 *
 * Hides `pkcs11-tool` of OpenSC, which is run once for each thing that is asked, its words and its codes. Promises: secrets go
 * over pipes, never into an argument, a file or a log; the PIN is read from a file for the gateway's user alone and given in the
 * environment of the child; after a PIN that was refused a `Token` tries none again, since a token counts, so that a process keeps
 * the one that it opened; a token that does not answer is given up after a time. For `keys.ts`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { Fault } from '../domain/base/fault.ts';
import { type Refusal, refusal } from '../domain/base/refusal.ts';
import { frame } from './cipher.ts';
import type { KeyMonth } from './keys.ts';

/** Where a token is. */
export interface TokenSettings {
  /** The PKCS#11 library of its maker. */
  readonly module: string;
  /** As it was named when it was initialised. */
  readonly label: string;
  readonly pinFile: string;
  /** How long it may take for one answer. */
  readonly timeoutMs?: number;
}

/** The keys of one ring on the token, by months. */
export interface Token {
  /** Those that are there, in order. */
  months(): Promise<readonly KeyMonth[]>;
  /** Made on the token, which never gives it out; one that is there stays. Refuses as `key-token-extractable` what it would give out. */
  make(month: KeyMonth): Promise<void>;
  /** Whether it says of the key of a month that it never gave it out, and never will. */
  isKept(month: KeyMonth): Promise<boolean>;
  /** 32 bytes under the key of a month. */
  seal(month: KeyMonth, secret: Uint8Array): Promise<Uint8Array>;
  /** What was sealed; other bytes, or a refusal, where the key is another. */
  open(month: KeyMonth, sealed: Uint8Array): Promise<Uint8Array>;
  /** Resolves once the token lists none any more, however many it had; no key, no effect. */
  destroy(month: KeyMonth): Promise<void>;
}

const TOOL = 'pkcs11-tool';
/** A card in a reader takes a second or two. */
const TIMEOUT_MS = 20_000;
const OUTPUT_MAX_BYTES = 1 << 20;
const PIN_VARIABLE = 'KUDURRU_PIN_OF_TOKEN';
const MODE_OF_OTHERS = 0o077;
/** What every token takes as a PIN. Anything else ends the child's start with an error that shows its environment. */
const PIN_PATTERN = /^[\x21-\x7e]{4,64}$/;
const ID_BYTES = 16;
/** A token deletes one object at a time, and several may have one name, as of a copy that was put back into it. */
const DELETES_MAX = 8;
/** One block of a random secret after the other: nothing repeats, so that the vector may be zero. */
const CIPHER = ['--mechanism', 'AES-CBC', '--iv', '00'.repeat(16)] as const;
/** How the tool begins each object, and names what is done with it. */
const OBJECT = /^(?=Secret Key Object)/m;
const ACCESS = /^\s*Access:\s+(.*?)\s*$/m;
/** Of a key that was made on the token, and that nobody ever reads or takes out. */
const KEPT = ['always sensitive', 'never extractable'];
const SECRET_KEYS = ['--type', 'secrkey'] as const;

/** `ring`: which ring's keys, for a token may hold those of several. Once for a ring and a process. */
export function openToken(settings: TokenSettings, ring: string): Token {
  let refused: Refusal | undefined;
  const run = async (parameters: readonly string[], input: Uint8Array = new Uint8Array()) => {
    if (refused !== undefined) throw refused;
    try {
      return await runTool(settings, parameters, input);
    } catch (error) {
      if (isOfPin(error)) refused = error;
      throw error;
    }
  };
  const keyOf = (month: KeyMonth) => [
    '--id',
    createHash('sha256')
      .update(frame('kudurru token key', ring, month))
      .digest('hex')
      .slice(0, 2 * ID_BYTES),
  ];
  /** Of every key of the ring, as the token lists it. */
  const listed = async () => {
    const said = (await run(['--list-objects', ...SECRET_KEYS])).toString('utf8');
    const pattern = new RegExp(`^\\s*label:\\s+kudurru-${ring}-(\\d{4}-\\d{2})\\s*$`, 'm');
    return said.split(OBJECT).flatMap((object) => {
      const month = pattern.exec(object)?.[1] as KeyMonth | undefined;
      const access = ACCESS.exec(object)?.[1]?.split(', ') ?? [];
      return month === undefined ? [] : [{ month, isKept: KEPT.every((word) => access.includes(word)) }];
    });
  };
  const months = async () => [...new Set((await listed()).map(({ month }) => month))].toSorted();
  const isKept = async (month: KeyMonth) => {
    const own = (await listed()).filter((one) => one.month === month);
    return own.length > 0 && own.every((one) => one.isKept);
  };
  const destroy = async (month: KeyMonth) => {
    for (let deleted = 0; deleted <= DELETES_MAX; deleted++) {
      if (!(await months()).includes(month)) return;
      if (deleted < DELETES_MAX) await run(['--delete-object', ...SECRET_KEYS, ...keyOf(month)]);
    }
    throw new Fault('the token still has a key that it was told to delete', { retryable: true });
  };
  return {
    months,
    isKept,
    destroy,
    async make(month) {
      const isThere = (await months()).includes(month);
      const what = ['--keygen', '--key-type', 'AES:32', '--usage-decrypt', '--sensitive', '--private'];
      if (!isThere) await run([...what, '--label', `kudurru-${ring}-${month}`, ...keyOf(month)]);
      if (await isKept(month)) return;
      if (!isThere) await destroy(month);
      throw refusal('key-token-extractable', { month });
    },
    seal: (month, secret) => run(['--encrypt', ...CIPHER, ...keyOf(month)], secret),
    open: (month, sealed) => run(['--decrypt', ...CIPHER, ...keyOf(month)], sealed),
  };
}

function isOfPin(error: unknown): error is Refusal {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'key-token-pin-refused' || code === 'key-token-locked';
}

function pinIn(file: string): string {
  let mode: number;
  try {
    ({ mode } = statSync(file));
  } catch {
    throw refusal('setting-malformed', {
      setting: 'KUDURRU_KEY_TOKEN_PIN_FILE',
      what: 'a file that is there',
    });
  }
  if ((mode & MODE_OF_OTHERS) !== 0) throw refusal('key-file-exposed');
  const pin = readFileSync(file, 'utf8').trim();
  if (PIN_PATTERN.test(pin)) return pin;
  throw refusal('setting-malformed', {
    setting: 'KUDURRU_KEY_TOKEN_PIN_FILE',
    what: 'a file with a PIN of 4 to 64 visible characters',
  });
}

async function runTool(
  { module, label, pinFile, timeoutMs = TIMEOUT_MS }: TokenSettings,
  parameters: readonly string[],
  input: Uint8Array,
): Promise<Buffer> {
  const common = ['--module', module, '--token-label', label, '--login', '--pin', `env:${PIN_VARIABLE}`];
  const env = Object.assign({}, process.env, { [PIN_VARIABLE]: pinIn(pinFile), LC_ALL: 'C' });
  // A group of its own, to be ended with whatever it starts, and not by the terminal of the gateway.
  const child = spawn(TOOL, [...common, ...parameters], { env, stdio: 'pipe', detached: true });
  const [out, said]: [Buffer[], Buffer[]] = [[], []];
  for (const [stream, into] of [
    [child.stdout, out],
    [child.stderr, said],
  ] as const) {
    let read = 0;
    stream.on('data', (bytes: Buffer) => {
      read += bytes.length;
      if (read <= OUTPUT_MAX_BYTES) into.push(bytes);
    });
  }
  child.stdin.on('error', () => {}); // it ended before it read
  child.stdin.end(input);
  const code = await codeAtEnd(child, timeoutMs);
  if (code !== 0) throw failureIn(Buffer.concat(said).toString('utf8'), { module, label });
  return Buffer.concat(out);
}

/** Refuses what has not ended in time, and is ended then, with all that it started. */
function codeAtEnd(child: ChildProcess, timeoutMs: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const timer = setTimeout(() => {
    reject(refusal('key-token-silent', { seconds: Math.ceil(timeoutMs / 1_000) }));
    endGroup(child);
  }, timeoutMs);
  child.on('error', (error: NodeJS.ErrnoException) => {
    const why = error.code ?? 'no code'; // its words may be those of the environment
    const isMissing = why === 'ENOENT';
    reject(
      isMissing
        ? refusal('key-token-missing', { what: `${TOOL} (package opensc)` })
        : new Fault(`${TOOL} was not started: ${why}`, { retryable: true }),
    );
  });
  child.on('close', (code, signal) => {
    if (code !== null) resolve(code);
    else reject(new Fault(`${TOOL} was ended by ${signal}`, { retryable: true }));
  });
  return promise.finally(() => clearTimeout(timer));
}

function endGroup({ pid, stdin, stdout, stderr }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it has ended by itself
  }
  for (const stream of [stdin, stdout, stderr]) stream?.destroy();
}

/** What the tool says of itself: of its words none leaves but a code of PKCS#11. */
function failureIn(said: string, { module, label }: Pick<TokenSettings, 'module' | 'label'>): Error {
  if (said.includes('Failed to load pkcs11 module')) return refusal('key-token-missing', { what: module });
  if (/No slots?\b|TOKEN_NOT_PRESENT|DEVICE_REMOVED/.test(said)) {
    return refusal('key-token-missing', { what: `a token with the label ${label}` });
  }
  if (said.includes('CKR_PIN_LOCKED')) return refusal('key-token-locked');
  if (/CKR_PIN_(?:INCORRECT|INVALID|LEN_RANGE)/.test(said)) return refusal('key-token-pin-refused');
  if (said.includes('key not found')) return refusal('key-token-differs');
  const [code = 'no code'] =
    /CKR_[A-Z_]+(?= \(0x)/g.exec(said.replaceAll('CKR_ATTRIBUTE_SENSITIVE', '')) ?? [];
  return new Fault(`the token of the keys answered ${code}`, { retryable: true });
}
