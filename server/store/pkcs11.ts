/**
 * A hardware token that holds one key a month: what the ring of the gateway's keys is sealed under.
 *
 * Hides `pkcs11-tool` of OpenSC, which is run once for each thing that is asked, its words and its codes. Promises: secrets go
 * over pipes, never into an argument, a file or a log; the PIN is read from a file for the gateway's user alone and given in the
 * environment of the child; after a PIN that was refused none is tried again until the next start, since a token counts; a token
 * that does not answer is given up after a time. For `keys.ts`.
 */
import { spawn } from 'node:child_process';
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
  /** Made on the token, which never gives it out; one that is there stays. */
  make(month: KeyMonth): Promise<void>;
  /** 32 bytes under the key of a month. */
  seal(month: KeyMonth, secret: Uint8Array): Promise<Uint8Array>;
  /** What was sealed; other bytes, or a refusal, where the key is another. */
  open(month: KeyMonth, sealed: Uint8Array): Promise<Uint8Array>;
  /** No key, no effect. */
  destroy(month: KeyMonth): Promise<void>;
}

const TOOL = 'pkcs11-tool';
/** A card in a reader takes a second or two. */
const TIMEOUT_MS = 20_000;
const OUTPUT_MAX_BYTES = 1 << 20;
const PIN_VARIABLE = 'KUDURRU_PIN_OF_TOKEN';
const MODE_OF_OTHERS = 0o077;
const ID_BYTES = 16;
/** One block of a random secret after the other: nothing repeats, so that the vector may be zero. */
const CIPHER = ['--mechanism', 'AES-CBC', '--iv', '00'.repeat(16)] as const;
const SECRET_KEYS = ['--type', 'secrkey'] as const;

/** `ring`: which ring's keys, for a token may hold those of several. */
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
  const months = async () => {
    const listed = (await run(['--list-objects', ...SECRET_KEYS])).toString('utf8');
    const pattern = new RegExp(`^\\s*label:\\s+kudurru-${ring}-(\\d{4}-\\d{2})\\s*$`, 'gm');
    return [...listed.matchAll(pattern)].map(([, month]) => month as KeyMonth).toSorted();
  };
  return {
    months,
    async make(month) {
      if ((await months()).includes(month)) return;
      const what = ['--keygen', '--key-type', 'AES:32', '--usage-decrypt', '--sensitive', '--private'];
      await run([...what, '--label', `kudurru-${ring}-${month}`, ...keyOf(month)]);
    },
    seal: (month, secret) => run(['--encrypt', ...CIPHER, ...keyOf(month)], secret),
    open: (month, sealed) => run(['--decrypt', ...CIPHER, ...keyOf(month)], sealed),
    async destroy(month) {
      if ((await months()).includes(month)) await run(['--delete-object', ...SECRET_KEYS, ...keyOf(month)]);
    },
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
  return readFileSync(file, 'utf8').trim();
}

async function runTool(
  { module, label, pinFile, timeoutMs = TIMEOUT_MS }: TokenSettings,
  parameters: readonly string[],
  input: Uint8Array,
): Promise<Buffer> {
  const common = ['--module', module, '--token-label', label, '--login', '--pin', `env:${PIN_VARIABLE}`];
  const env = Object.assign({}, process.env, { [PIN_VARIABLE]: pinIn(pinFile), LC_ALL: 'C' });
  const child = spawn(TOOL, [...common, ...parameters], {
    env,
    stdio: 'pipe',
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
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
  const ended = await new Promise<{ readonly code: number | null; readonly isMissing: boolean }>(
    (resolve) => {
      child.on('error', () => resolve({ code: null, isMissing: true }));
      child.on('close', (code) => resolve({ code, isMissing: false }));
    },
  );
  if (ended.isMissing) throw refusal('key-token-missing', { what: `${TOOL} (package opensc)` });
  if (ended.code === null) throw refusal('key-token-silent', { seconds: Math.ceil(timeoutMs / 1_000) });
  if (ended.code !== 0) throw failureIn(Buffer.concat(said).toString('utf8'), { module, label });
  return Buffer.concat(out);
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
