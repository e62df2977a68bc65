/**
 * The gateway's own keys: what wraps data keys, names people, authenticates rows, relays and signs headers.
 *
 * `KeyService` is the whole of what the gateway asks of a key holder. `RingKeys` keeps the keys in a ring, a file (0600) of a
 * folder beside the data folder. What seals the ring is a second file there, and then the service says loudly that it is; or a key
 * that is made each month on a hardware token (`pkcs11.ts`), and then a copy of both folders opens nothing without that token. `keyMarks.ts` tells an older copy of that folder. It holds no officer's, holder's or person's key, and never gives out a secret but
 * the integrity key, which a row's authentication needs a hundred thousand times a second.
 * Data keys are wrapped under keys of one month (`keyRotation.ts`); all other keys stay, for what they made is looked for for ever.
 */
import { createHash, createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { existsSync, linkSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { isPrivate, pointFromScalar, signRecoverable } from 'tiny-secp256k1';
import { crashPoint } from '../crash.ts';
import { Fault } from '../domain/base/fault.ts';
import { type Address, type Bytes32, fromHex, toHex } from '../domain/base/hex.ts';
import { Refusal, refusal } from '../domain/base/refusal.ts';
import { frame, KEY_BYTES, seal, unseal } from './cipher.ts';
import { keepWhole, makeFolder, syncEntry, writeSynced } from './disk.ts';
import { openToken, type Token, type TokenSettings } from './pkcs11.ts';

/** Who a signing key speaks as: the node that makes blocks, or one of the relayers that pay for transactions. */
export type SigningRole = 'node' | `relayer-${number}`;

export interface Signature {
  readonly r: Bytes32;
  /** Always in the lower half of the curve's order. */
  readonly s: Bytes32;
  readonly yParity: 0 | 1;
}

/** A calendar month of UTC, `2026-12`: of which the keys are that a data key is wrapped under. They sort as they follow. */
export type KeyMonth = string & { readonly __brand: 'KeyMonth' };

/** Of what was wrapped before keys had months. */
export const BEFORE_MONTHS = '0000-00' as KeyMonth;

export function monthAt(atMs: number): KeyMonth {
  return new Date(atMs).toISOString().slice(0, 7) as KeyMonth;
}

/** A data key that was wrapped, and the month whose key alone unwraps it. */
export interface Wrapped {
  readonly month: KeyMonth;
  readonly bytes: Uint8Array;
}

export interface KeyService {
  /** What the operator must be told at every start; undefined where keys are held as they should be. */
  readonly warning: string | undefined;
  integrityKey(): Promise<Uint8Array>;
  /** The month under which is wrapped now. */
  readonly month: KeyMonth;
  /** Those whose wrapping keys are there, in order. */
  months(): readonly KeyMonth[];
  /** Whether the keys of the month were destroyed: nothing under it is ever unwrapped again. */
  isDestroyed(month: KeyMonth): boolean;
  /** From now on wraps under another month, kept when this resolves. One that is not later than that of now is a bug. */
  begin(month: KeyMonth): Promise<void>;
  /** Destroys the keys of a month and of all before it; doing it again does no harm. That of now is a bug. */
  destroy(month: KeyMonth): Promise<void>;
  /** Seals a data key under the agency's wrapping key; `context` must be the same to unwrap it. */
  wrap(agency: number, dataKey: Uint8Array, context: Uint8Array): Promise<Wrapped>;
  /** A Fault when the bytes were not wrapped for this agency and context, or the key of the month is not there. */
  unwrap(agency: number, wrapped: Wrapped, context: Uint8Array): Promise<Uint8Array>;
  /** HMAC-SHA-256 under K_index[agency]. */
  indexMac(agency: number, message: Uint8Array): Promise<Bytes32>;
  /** HMAC-SHA-256 under K_sector[sector, epoch]. */
  sectorMac(sector: string, epoch: number, message: Uint8Array): Promise<Bytes32>;
  /** HMAC-SHA-256 under a key of its own: tells whether two bodies are the same, and nothing about either. */
  contentMac(message: Uint8Array): Promise<Bytes32>;
  address(role: SigningRole): Promise<Address>;
  sign(role: SigningRole, digest: Bytes32): Promise<Signature>;
}

const SOFTWARE_KEYS_WARNING =
  'SOFTWARE KEYS: the keys of this gateway lie in a folder beside its data folder. Whoever copies both can read every ' +
  'record. For real people, hold the keys in a hardware module or a key management service.';

const EXTRACTABLE_WARNING =
  'THE KEY ON THE TOKEN CAN LEAVE IT: the token does not say of it that it is always sensitive and never extractable, so ' +
  'whoever has the PIN may take it along. The key of the next month is made on the token.';

/** Outside of the data folder, so that a copy of that one is a copy without keys: `data-keys` beside `data`. */
export function keyFolderOf(dataFolder: string): string {
  return `${resolve(dataFolder)}-keys`;
}

const MASTER_FILE = 'master.key';
const RING_FILE = 'ring.sealed';
/** Behind every month: what no month destroys. */
const LAST_MONTH = '9999-99' as KeyMonth;
/** The first key of a ring: rows are sealed with what comes of it. */
const ROWS_KEY = 'integrity';
const FILE_MODE = 0o600;
const MODE_OF_OTHERS = 0o077;

export interface KeyFolderOptions {
  /** False where there are rows already: then keys that are not there are somewhere else. */
  readonly mayFound?: boolean;
}

/**
 * Opens the key folder, or founds it where it is missing or empty: whoever comes at the same time opens the same keys.
 * Refuses as `key-folder-missing` what may not be founded, as `key-file-exposed` what others may read, and as
 * `key-token-unnamed` a ring that a token opens.
 */
export function openSoftwareKeys(folder: string, { mayFound = true }: KeyFolderOptions = {}): RingKeys {
  const [masterPath, ringPath] = [join(folder, MASTER_FILE), join(folder, RING_FILE)];
  if (headAt(ringPath) !== undefined) throw refusal('key-token-unnamed');
  const hadRing = existsSync(ringPath); // asked first: a founding writes it last
  if (!existsSync(masterPath)) {
    if (hadRing || !mayFound) throw refusal('key-folder-missing', { folder });
    makeFolder(folder);
    publish(masterPath, randomBytes(KEY_BYTES));
  }
  const master = readSecret(masterPath);
  if (master.length !== KEY_BYTES) throw lost();
  const lock = { key: master, head: new Uint8Array() };
  if (!hadRing && !existsSync(ringPath)) {
    if (!mayFound) throw refusal('key-folder-missing', { folder });
    publish(ringPath, sealedRing(lock, newRing()));
  }
  const ring = openedRing(lock, readSecret(ringPath));
  if (ring === undefined) throw lost();
  return new RingKeys(folder, lock, ring);
}

export interface KeysOptions extends KeyFolderOptions {
  /** Where the token is that is to hold the key of each month; none, and the ring is sealed by a file. */
  readonly token?: TokenSettings | undefined;
  /** Of which month the token's first key is. */
  readonly nowMs?: () => number;
}

/**
 * The keys as the settings say. A folder that was founded before a token was named is opened as it is: `toToken` moves it. Refuses
 * besides, by its name, a token that is gone, locked or silent, or has another key: then nothing was changed.
 */
export async function openKeys(
  folder: string,
  { token, mayFound = true, nowMs = Date.now }: KeysOptions,
): Promise<RingKeys> {
  if (token === undefined) return openSoftwareKeys(folder, { mayFound });
  const [masterPath, ringPath] = [join(folder, MASTER_FILE), join(folder, RING_FILE)];
  const head = headAt(ringPath);
  if (head === undefined && (existsSync(ringPath) || existsSync(masterPath) || !mayFound)) {
    return openSoftwareKeys(folder, { mayFound }).movingTo(token, nowMs);
  }
  if (head === undefined) {
    makeFolder(folder);
    const month = monthAt(nowMs());
    const tokenLock = await newTokenLock(newRingOn(token), month);
    publish(ringPath, sealedRing(tokenLock, { ...newRing(), month }));
    return openKeys(folder, { token, mayFound: false });
  }
  const onToken = { token: openToken(token, head.ring), ring: head.ring };
  const written = readSecret(ringPath);
  const newestFirst = [head, ...(head.older ?? []).toReversed()];
  for (const sealing of newestFirst) {
    const key = await openedBy(onToken.token, sealing);
    const lock = { key: key ?? new Uint8Array(), head: headBytes(head) };
    const ring = key?.length === KEY_BYTES ? openedRing(lock, written) : undefined;
    if (ring === undefined) continue;
    const keys = new RingKeys(folder, lock, ring, onToken, sealing !== head);
    return (await onToken.token.isKept(sealing.month)) ? keys : keys.givenOutBy(sealing.month);
  }
  throw refusal('key-token-differs');
}

const RING_ID_BYTES = 4;

/** The ring's key under the token's key of a month, base64. */
interface Sealing {
  readonly month: KeyMonth;
  readonly sealed: string;
}

/** What stands in clear before a ring that a token opens. */
interface RingHead extends Sealing {
  /** Which of the rings that one token may hold keys of. */
  readonly ring: string;
  /** Under earlier months too, until they are destroyed: a copy of the token that was made in them opens the ring. */
  readonly older?: readonly Sealing[];
}

/** Undefined where the token has no key of that month. */
async function openedBy(token: Token, { month, sealed }: Sealing): Promise<Uint8Array | undefined> {
  try {
    return await token.open(month, Buffer.from(sealed, 'base64'));
  } catch (error) {
    if (error instanceof Refusal && error.code === 'key-token-differs') return undefined;
    throw error;
  }
}

/** What seals the ring, and what stands before it. */
interface Lock {
  readonly key: Uint8Array;
  readonly head: Uint8Array;
}

/** The first byte of a ring that a token opens; that of one that a file opens is the version of its sealing. */
const OF_TOKEN = 0x54;
const HEAD_LENGTH_BYTES = 2;

function headBytes(head: RingHead): Uint8Array {
  const text = Buffer.from(JSON.stringify(head));
  const before = Buffer.alloc(1 + HEAD_LENGTH_BYTES);
  before.writeUInt8(OF_TOKEN);
  before.writeUInt16BE(text.length, 1);
  return Buffer.concat([before, text]);
}

/** Undefined where there is no ring, or a file opens it. */
function headAt(ringPath: string): RingHead | undefined {
  if (!existsSync(ringPath)) return undefined;
  const bytes = Buffer.from(readSecret(ringPath));
  if (bytes[0] !== OF_TOKEN || bytes.length < 1 + HEAD_LENGTH_BYTES) return undefined;
  const from = 1 + HEAD_LENGTH_BYTES;
  try {
    return JSON.parse(bytes.toString('utf8', from, from + bytes.readUInt16BE(1)));
  } catch {
    throw lost();
  }
}

/**
 * A key for the ring, under the token's key of a month, which is made where it is not there; opened once before it is trusted. Also
 * under its keys of the months from then on that are not destroyed, where it has them. A key that was made for nothing is taken away.
 */
async function newTokenLock(
  { token, ring }: OnToken,
  month: KeyMonth,
  destroyed: KeyMonth = BEFORE_MONTHS,
): Promise<Lock> {
  const before = await token.months();
  try {
    await token.make(month);
    crashPoint('token.key-made');
    const key = randomBytes(KEY_BYTES);
    const sealedUnder = async (one: KeyMonth): Promise<Sealing> => {
      const sealed = await token.seal(one, key);
      if (!key.equals(await token.open(one, sealed))) throw refusal('key-token-differs');
      return { month: one, sealed: Buffer.from(sealed).toString('base64') };
    };
    const newest = await sealedUnder(month);
    const older: Sealing[] = [];
    for (const one of before) if (one > destroyed && one < month) older.push(await sealedUnder(one));
    return { key, head: headBytes({ ring, month, sealed: newest.sealed, older }) };
  } catch (error) {
    if (!before.includes(month)) await token.destroy(month).catch(() => {}); // the first error says why
    throw error;
  }
}

const RING_CONTEXT = frame('kudurru key ring', 2);
/** Keys by their names alone, from before wrapping keys had months. */
const FIRST_RING_CONTEXT = frame('kudurru key ring', 1);

/** What the ring file holds. */
interface Ring {
  readonly keys: ReadonlyMap<string, Uint8Array>;
  readonly month: KeyMonth;
  /** The last month whose wrapping keys were destroyed. */
  readonly destroyed: KeyMonth | undefined;
}

/** As it is written. */
interface WrittenRing {
  readonly keys: Readonly<Record<string, string>>;
  readonly month: KeyMonth;
  readonly destroyed?: KeyMonth;
}

function newRing(): Ring {
  return { keys: new Map([[ROWS_KEY, newKey()]]), month: BEFORE_MONTHS, destroyed: undefined };
}

function openedRing({ key, head }: Lock, written: Uint8Array): Ring | undefined {
  const sealed = written.subarray(head.length);
  const [now, first] = [contextOf(head), FIRST_RING_CONTEXT].map((context) => unseal(key, sealed, context));
  const read = (plain: Uint8Array) => JSON.parse(Buffer.from(plain).toString('utf8'));
  const keysIn = (keys: WrittenRing['keys']) =>
    new Map(Object.entries(keys).map(([name, hex]) => [name, Buffer.from(hex, 'hex')]));
  if (now !== undefined) {
    const { keys, month, destroyed }: WrittenRing = read(now);
    return { keys: keysIn(keys), month, destroyed };
  }
  return first && { keys: keysIn(read(first)), month: BEFORE_MONTHS, destroyed: undefined };
}

function lost(): Fault {
  return new Fault('the key files are not those this folder was founded with', { retryable: false });
}

function readSecret(path: string): Uint8Array {
  if ((statSync(path).mode & MODE_OF_OTHERS) !== 0) throw refusal('key-file-exposed');
  return readFileSync(path);
}

/** Where nothing was, whole or not at all; what somebody else put there meanwhile stays. */
function publish(path: string, bytes: Uint8Array): void {
  const beside = `${path}.${randomBytes(8).toString('hex')}.new`;
  writeSynced(beside, bytes, FILE_MODE);
  try {
    linkSync(beside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(beside);
  }
  syncEntry(path);
}

/** A ring is bound to what stands before it. */
function contextOf(head: Uint8Array): Uint8Array {
  return Buffer.concat([RING_CONTEXT, head]);
}

function sealedRing({ key, head }: Lock, { keys, month, destroyed }: Ring): Uint8Array {
  const written: WrittenRing = {
    keys: Object.fromEntries([...keys].map(([name, key]) => [name, Buffer.from(key).toString('hex')])),
    month,
    ...(destroyed !== undefined && { destroyed }),
  };
  return Buffer.concat([head, seal(key, Buffer.from(JSON.stringify(written)), contextOf(head))]);
}

const WRAPPING = /^wrap-\d+(?:-(\d{4}-\d{2}))?$/;

function wrappingKey(agency: number, month: KeyMonth): string {
  return month === BEFORE_MONTHS ? `wrap-${agency}` : `wrap-${agency}-${month}`;
}

/** Of a key that wraps; undefined of any other. */
function monthOfKey(name: string): KeyMonth | undefined {
  const found = WRAPPING.exec(name);
  return found === null ? undefined : ((found[1] ?? BEFORE_MONTHS) as KeyMonth);
}

function newKey(): Uint8Array {
  let made = randomBytes(KEY_BYTES);
  while (!isPrivate(made)) made = randomBytes(KEY_BYTES); // as a scalar of secp256k1: all but one in 2^128
  return made;
}

/** Tells a key from another of its name, and nothing of it. */
function markOf(key: Uint8Array): string {
  return createHash('sha256').update(frame('kudurru key mark', 1)).update(key).digest('hex');
}

/** Whose token seals the ring: opened once, for it knows of a PIN that was refused. */
interface OnToken {
  readonly token: Token;
  readonly ring: string;
}

function newRingOn(settings: TokenSettings): OnToken {
  const ring = randomBytes(RING_ID_BYTES).toString('hex');
  return { token: openToken(settings, ring), ring };
}

class RingKeys implements KeyService {
  readonly #path: string;
  readonly #masterPath: string;
  #lock: Lock;
  #onToken: OnToken | undefined;
  /** Where a ring that a file opens is to go. */
  #awaited: { readonly settings: TokenSettings; readonly nowMs: () => number } | undefined;
  #ring: Ring;
  readonly #addresses = new Map<SigningRole, Address>();
  /** Node takes five times as long over a key that it is given as bytes. */
  readonly #macKeys = new Map<string, KeyObject>();

  /** Made, and not noted elsewhere yet. */
  readonly #unnoted = new Set<string>();
  #note: (name: string, mark: string) => Promise<void> = async () => {};

  #givenOut: string | undefined;

  /** Whether the token that opened it has not the key of its month, as a copy that was made before. */
  #isOpenedByOlder: boolean;

  /** Use `openKeys`. */
  constructor(folder: string, lock: Lock, ring: Ring, onToken?: OnToken, isOpenedByOlder = false) {
    this.#isOpenedByOlder = isOpenedByOlder;
    this.#path = join(folder, RING_FILE);
    this.#masterPath = join(folder, MASTER_FILE);
    this.#lock = lock;
    this.#ring = ring;
    this.#onToken = onToken;
  }

  get warning(): string | undefined {
    return this.#onToken === undefined ? SOFTWARE_KEYS_WARNING : this.#givenOut;
  }

  /** Of a key that was brought to the token, or may leave it: told until a month begins under another. */
  givenOutBy(month: KeyMonth): this {
    this.#givenOut = `${EXTRACTABLE_WARNING} Its month is ${month}.`;
    return this;
  }

  movingTo(settings: TokenSettings, nowMs: () => number): this {
    this.#awaited = { settings, nowMs };
    return this;
  }

  /**
   * Seals a ring that a file opened under the token that was named since, and takes the file away; also the file that a kill left
   * of that. Whether there was anything to do. Refused while the clock is doubted. For whoever serves the folder.
   */
  async toToken(clockDoubt?: Refusal): Promise<boolean> {
    if (this.#awaited !== undefined) {
      if (clockDoubt !== undefined) throw clockDoubt; // no month is begun by such a clock, the first neither
      const { settings, nowMs } = this.#awaited;
      const onToken = newRingOn(settings);
      const month = [this.#ring.month, monthAt(nowMs())].toSorted().at(-1) as KeyMonth;
      const lock = await newTokenLock(onToken, month);
      this.#keep({ ...this.#ring, month }, lock);
      this.#onToken = onToken;
      this.#awaited = undefined;
    }
    if (this.#onToken === undefined || !existsSync(this.#masterPath)) return false;
    crashPoint('token.ring-moved');
    rmSync(this.#masterPath);
    syncEntry(this.#masterPath);
    return true;
  }

  /**
   * Seals a ring again under a key of its month, made on a token that lacked it, as a copy of the month before that was put in the
   * place of a token. Whether there was anything to do. For whoever serves the folder.
   */
  async toThisMonth(): Promise<boolean> {
    if (!this.#isOpenedByOlder || this.#onToken === undefined) return false;
    const lock = await newTokenLock(this.#onToken, this.#ring.month, this.#ring.destroyed);
    this.#keep(this.#ring, lock);
    this.#isOpenedByOlder = false;
    return true;
  }

  /** Whether it holds no key but that of the rows, as before the first row: whatever came later was made beside rows. */
  get isUnused(): boolean {
    return this.#ring.keys.size === 1 && this.#ring.keys.has(ROWS_KEY);
  }

  get month(): KeyMonth {
    return this.#ring.month;
  }

  months(): readonly KeyMonth[] {
    const months = [...this.#ring.keys.keys()].flatMap((name) => monthOfKey(name) ?? []);
    return [...new Set(months)].toSorted();
  }

  isDestroyed(month: KeyMonth): boolean {
    return this.#ring.destroyed !== undefined && month <= this.#ring.destroyed;
  }

  /** Whether it is a wrapping key of a month whose keys were destroyed. */
  isGone(name: string): boolean {
    const month = monthOfKey(name);
    return month !== undefined && this.isDestroyed(month);
  }

  async begin(month: KeyMonth): Promise<void> {
    if (month <= this.#ring.month) throw new Error('a month of keys that is over');
    const { destroyed } = this.#ring;
    const lock =
      this.#onToken === undefined ? this.#lock : await newTokenLock(this.#onToken, month, destroyed);
    this.#keep({ ...this.#ring, month }, lock); // as the ring is by now
    this.#isOpenedByOlder = false;
    this.#givenOut = undefined;
    crashPoint('keys.month-begun');
  }

  async destroy(month: KeyMonth): Promise<void> {
    if (month >= this.#ring.month) throw new Error('a month of keys that is not over');
    const token = this.#onToken?.token;
    const over = token === undefined ? [] : (await token.months()).filter((one) => one <= month);
    if (!this.isDestroyed(month) || over.length > 0) {
      // Another key of the ring, that older heads do not have; and no key of the token goes before this month's was seen to open.
      const lock =
        this.#onToken === undefined ? this.#lock : await newTokenLock(this.#onToken, this.#ring.month, month);
      const isLeft = ([name]: readonly [string, unknown]) => (monthOfKey(name) ?? LAST_MONTH) > month;
      const keys = new Map([...this.#ring.keys].filter(isLeft));
      const destroyed = [month, this.#ring.destroyed ?? month].toSorted().at(-1) as KeyMonth;
      this.#keep({ keys, month: this.#ring.month, destroyed }, lock);
    }
    for (const one of over) await token?.destroy(one);
    crashPoint('keys.destroyed');
  }

  /** The name of every key with a mark that another key of the name would not have. */
  marks(): ReadonlyMap<string, string> {
    return new Map([...this.#ring.keys].map(([name, key]) => [name, markOf(key)] as const));
  }

  /** From now on a key that is made is used only once `note` has resolved: a copy of the folder before it can be told. */
  noteWith(note: (name: string, mark: string) => Promise<void>): void {
    this.#note = note;
  }

  async integrityKey(): Promise<Uint8Array> {
    return Uint8Array.from(await this.#key(ROWS_KEY));
  }

  async wrap(agency: number, dataKey: Uint8Array, context: Uint8Array): Promise<Wrapped> {
    const { month } = this.#ring;
    return { month, bytes: seal(await this.#key(wrappingKey(agency, month)), dataKey, context) };
  }

  async unwrap(agency: number, { month, bytes }: Wrapped, context: Uint8Array): Promise<Uint8Array> {
    const key = this.#ring.keys.get(wrappingKey(agency, month)); // what was wrapped has one
    const dataKey = key && unseal(key, bytes, context);
    if (dataKey === undefined) throw new Fault('a wrapped key is not what was wrapped', { retryable: false });
    return dataKey;
  }

  async indexMac(agency: number, message: Uint8Array): Promise<Bytes32> {
    return mac(await this.#macKey(`index-${agency}`), message);
  }

  async sectorMac(sector: string, epoch: number, message: Uint8Array): Promise<Bytes32> {
    return mac(await this.#macKey(`sector-${sector}-${epoch}`), message);
  }

  async contentMac(message: Uint8Array): Promise<Bytes32> {
    return mac(await this.#macKey('content'), message);
  }

  async address(role: SigningRole): Promise<Address> {
    let address = this.#addresses.get(role);
    if (address === undefined) {
      address = addressOf(await this.#key(role));
      this.#addresses.set(role, address);
    }
    return address;
  }

  async sign(role: SigningRole, digest: Bytes32): Promise<Signature> {
    const { signature, recoveryId } = signRecoverable(fromHex(digest), await this.#key(role));
    if (recoveryId > 1) throw new Error('a signature whose r exceeds the order: one in 2^127');
    return {
      r: toHex(signature.subarray(0, 32)) as Bytes32,
      s: toHex(signature.subarray(32)) as Bytes32,
      yParity: recoveryId === 1 ? 1 : 0,
    };
  }

  async #macKey(name: string): Promise<KeyObject> {
    const known = this.#macKeys.get(name);
    if (known !== undefined) return known;
    const made = createSecretKey(await this.#key(name));
    this.#macKeys.set(name, made);
    return made;
  }

  /** A key is made when it is first asked for, and is on disk and noted before it is used. */
  async #key(name: string): Promise<Uint8Array> {
    const key = this.#ring.keys.get(name) ?? this.#make(name);
    if (this.#unnoted.has(name)) await this.#note(name, markOf(key));
    this.#unnoted.delete(name);
    return key;
  }

  #make(name: string): Uint8Array {
    const made = newKey();
    this.#keep({ ...this.#ring, keys: new Map(this.#ring.keys).set(name, made) });
    this.#unnoted.add(name);
    return made;
  }

  /** On disk first. */
  #keep(ring: Ring, lock = this.#lock): void {
    keepWhole(this.#path, sealedRing(lock, ring), FILE_MODE);
    [this.#lock, this.#ring] = [lock, ring];
  }
}

function mac(key: KeyObject, message: Uint8Array): Bytes32 {
  return toHex(createHmac('sha256', key).update(message).digest()) as Bytes32;
}

function addressOf(key: Uint8Array): Address {
  const point = pointFromScalar(key, false);
  if (point === null) throw new Error('not a key');
  return toHex(keccak_256(point.subarray(1)).subarray(12)) as Address;
}
