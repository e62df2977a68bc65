/**
 * The vault: every personal datum, sealed field class by field class under keys of one person only.
 *
 * A record is cut into one part a class; a part is AES-256-GCM under the person's data key of that class, bound by
 * its associated data to agency, table, person, group, id, version and key. Keys and salts are on disk in the key
 * store before the record is in the vault, so a crash leaves an orphan key, never an unreadable record.
 * Promises: nothing returns plaintext but `openSealed`, which takes a receipt of the access log; a field without a
 * rule in the schema is not written; erasing a person leaves everybody else's records readable.
 * `commit` and the import of registrations write; `disclose` alone opens (a test reads the sources for it).
 */
import { setImmediate } from 'node:timers/promises';
import { crashPoint } from '../crash.ts';
import { Fault } from '../domain/base/fault.ts';
import { refusal } from '../domain/base/refusal.ts';
import {
  type DataClass,
  type Purpose,
  ruleOf,
  type StoredType,
  type StoredTypes,
  type SubjectRef,
} from '../domain/people/schema.ts';
import { type AccessReceipt, spendReceipt } from './access.ts';
import { frame, seal, unseal } from './cipher.ts';
import { json } from './codec.ts';
import { type DataKey, type DataKeys, type Kept, type KeyScope, keyPath } from './dataKeys.ts';
import { type AnyTable, preciousSorted, type Store, type Transaction, under } from './store.ts';
import { admit, countRecord, isLive, type Newcomer, nameSubject, unnameSubject } from './subjects.ts';

/** Records of one request or one person: a title with 64 holdings has a few hundred openings. */
const RECORDS_MAX = 4_096;

/** Between two turns of the process. */
const ROWS_A_TURN = 64;
const UNIT = /^[0-9a-f]{64}$/;

/** Parts of a path are told apart by `/`. */
const PATH_PART = /^[A-Za-z0-9._:-]{0,128}$/;

interface SealedPart {
  readonly class: DataClass;
  readonly keyId: string;
  /** base64; empty when every field of this class is kept with the keys. */
  readonly sealed: string;
  readonly hasKept: boolean;
}

interface SealedRecord {
  readonly version: number;
  readonly parts: readonly SealedPart[];
  /** Marks of the words that its name ever had, of who is found by them. */
  readonly named?: readonly string[] | undefined;
}

const recordTable = preciousSorted('vault', json<SealedRecord>());

export const vaultTables: readonly AnyTable[] = [recordTable];

/** Where a record is. `group` is the BAUnit (or other thing) whose records can be erased alone; empty for none. */
export interface RecordRef<T extends StoredType = StoredType> {
  readonly subject: SubjectRef;
  readonly agency: number;
  readonly type: T;
  readonly group: string;
  /** Unique among the person's records of this type and group. */
  readonly id: string;
}

/** A record to be written. */
export type VaultEntry = {
  [T in StoredType]: RecordRef<T> & { readonly record: StoredTypes[T] };
}[StoredType];

/** A record as far as purpose and classes allow. */
export type Disclosed = {
  [T in StoredType]: RecordRef<T> & { readonly version: number; readonly fields: Partial<StoredTypes[T]> };
}[StoredType];

/** Which of a person's records: narrowed by type, group and id, or a page of them. */
export interface RecordFilter {
  readonly group?: string;
  readonly id?: string;
  readonly page?: RecordPage;
}

interface RecordPage {
  readonly limit: number;
  /** `next` of the page before. */
  readonly after?: string | undefined;
}

export interface DisclosedPage {
  readonly records: readonly Disclosed[];
  /** Where the next page begins; undefined where there is none. */
  readonly next?: string | undefined;
}

export interface VaultReport {
  readonly records: number;
  readonly erasedRecords: number;
  /** Records whose key is gone although nobody was erased: lost. */
  readonly lostRecords: number;
}

interface PreparedPart {
  readonly scope: KeyScope;
  readonly key: DataKey;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly hasKept: boolean;
}

export class Vault {
  readonly #store: Store;
  readonly #dataKeys: DataKeys;

  constructor(store: Store, dataKeys: DataKeys) {
    this.#store = store;
    this.#dataKeys = dataKeys;
  }

  /**
   * Writes the records and whom they introduce, all or none, over earlier versions of theirs. Types with salts are
   * written once: a second writing is a bug, for it would part a value from its salt.
   */
  async put(entries: readonly VaultEntry[], newcomers: readonly Newcomer[] = []): Promise<void> {
    if (entries.length > RECORDS_MAX) throw new Error('too many records at once');
    crashPoint('vault.before-keys');
    const keys = await this.#obtainKeys(entries);
    const prepared = await Promise.all(entries.map((entry) => this.#prepare(entry, keys)));
    await this.#dataKeys.keep(prepared.flatMap(({ kept }) => kept));
    crashPoint('vault.between-keys-and-record');
    await this.#store.transact(async (tx) => {
      const joined = new Map<string, number>();
      for (const newcomer of newcomers) await admit(tx, newcomer, joined);
      for (const { ref, parts, words } of prepared) {
        const before = await tx.get(recordTable, pathOf(ref));
        const named = await nameSubject(tx, ref.subject, words, before?.named);
        const version = (before?.version ?? 0) + 1;
        if (version === 1) await countRecord(tx, ref.subject, 1);
        tx.put(recordTable, pathOf(ref), {
          version,
          parts: parts.map((part) => sealPart(ref, version, part)),
          ...(named.length > 0 && { named }),
        });
      }
    });
    crashPoint('vault.written');
  }

  /** What is there, by place and version, without a word of what it says. */
  async list(
    subject: SubjectRef,
    agency: number,
  ): Promise<readonly (RecordRef & { readonly version: number })[]> {
    const found: (RecordRef & { version: number })[] = [];
    for await (const [path, { version }] of this.#store.range(recordTable, under(subject, String(agency)))) {
      found.push({ ...refOf(path), version });
    }
    return found;
  }

  /** Whether an agency keeps any record of these types: one row of each is read. */
  async has(subject: SubjectRef, agency: number, types: readonly StoredType[]): Promise<boolean> {
    for (const type of types) {
      const range = Object.assign({ limit: 1 }, under(subject, String(agency), type));
      for await (const _ of this.#store.range(recordTable, range)) return true;
    }
    return false;
  }

  /** The units that a person's openings are of, in order, from after one of them; the process has its turns between. */
  async *units(subject: SubjectRef, agency: number, after = ''): AsyncGenerator<string> {
    const { lt } = under(subject, String(agency), 'opening');
    const range = { gt: [subject, agency, 'opening', after, ''].join('/'), lt };
    let [unit, read] = [after, 0];
    for await (const [path] of this.#store.range(recordTable, range)) {
      if (++read % ROWS_A_TURN === 0) await setImmediate();
      const [of = ''] = refOf(path).group.split('.', 1);
      if (of === unit || !UNIT.test(of)) continue;
      unit = of;
      yield of;
    }
  }

  /**
   * For `disclose`: the person's records of the types, classes and purpose the line names, read on its receipt.
   * Refuses as `erased` when every one of them was destroyed, and as `records-too-many` what is no page and has no end.
   */
  async openSealed(receipt: AccessReceipt, { page, ...filter }: RecordFilter): Promise<DisclosedPage> {
    spendReceipt(receipt);
    const { agency, types, classes, purpose } = receipt.line;
    const disclosed: Disclosed[] = [];
    let [read, erased] = [0, 0];
    let last: string | undefined;
    for await (const [path, record] of this.#recordsOf(receipt.subject, { agency, types }, filter, page)) {
      const ref = refOf(path);
      if (read === page?.limit) return { records: disclosed, next: last };
      if (read === RECORDS_MAX) throw refusal('records-too-many', { limit: RECORDS_MAX });
      if (++read % ROWS_A_TURN === 0) await setImmediate();
      last = path.slice(path.indexOf('/', path.indexOf('/') + 1) + 1);
      const fields = await this.#open(ref, record, classes, purpose);
      if (fields === undefined) erased++;
      else disclosed.push({ ...ref, version: record.version, fields } as Disclosed);
    }
    if (erased > 0 && disclosed.length === 0 && page?.after === undefined) throw refusal('erased');
    return { records: disclosed };
  }

  /** In the order of their paths, and no row beside those of the types and the group. */
  async *#recordsOf(
    subject: SubjectRef,
    { agency, types }: { readonly agency: number; readonly types: readonly StoredType[] },
    { group, id }: Omit<RecordFilter, 'page'>,
    page: RecordPage | undefined,
  ): AsyncGenerator<readonly [path: string, record: SealedRecord]> {
    const after = page?.after;
    for (const type of [...types].sort()) {
      const parts = group === undefined ? [type] : [type, group];
      const { gte, lt } = under(subject, String(agency), ...parts);
      const behind = after === undefined ? gte : [subject, agency, after].join('/');
      if (behind >= lt) continue;
      const range = behind > gte ? { gt: behind, lt } : { gte, lt };
      for await (const [path, record] of this.#store.range(recordTable, range)) {
        if (id === undefined || refOf(path).id === id) yield [path, record];
      }
    }
  }

  /** Walks every record and asks whether its keys are there. For `fsck`; opens nothing. */
  async report(isErased: (ref: RecordRef) => boolean, signal?: AbortSignal): Promise<VaultReport> {
    let [records, erasedRecords, lostRecords] = [0, 0, 0];
    for await (const [path, { parts }] of this.#store.range(recordTable)) {
      signal?.throwIfAborted();
      const ref = refOf(path);
      records++;
      const keys = await Promise.all(parts.map((part) => this.#dataKeys.find(scopeOf(ref, part.class))));
      if (parts.every((part, place) => keys[place]?.keyId === part.keyId)) continue;
      if (isErased(ref)) erasedRecords++;
      else lostRecords++;
    }
    return { records, erasedRecords, lostRecords };
  }

  /** Each scope's key once, however many of the records share it: a wrapping may be a call to another machine. */
  async #obtainKeys(entries: readonly VaultEntry[]): Promise<ReadonlyMap<string, DataKey>> {
    const scopes = new Map<string, KeyScope>();
    for (const { record, ...ref } of entries) {
      for (const part of [ref.group, ref.id]) {
        if (!PATH_PART.test(part)) throw new Error('not a group or id of a record');
      }
      for (const dataClass of cutByClass(ref.type, record).keys()) {
        const scope = scopeOf(ref, dataClass);
        scopes.set(keyPath(scope), scope);
      }
    }
    const keys = await this.#dataKeys.obtain([...scopes.values()]);
    return new Map([...scopes.keys()].map((path, i) => [path, keys[i] as DataKey] as const));
  }

  async #prepare({ record, ...ref }: VaultEntry, keys: ReadonlyMap<string, DataKey>) {
    const parts: PreparedPart[] = [];
    const kept: Kept[] = [];
    for (const [dataClass, { fields, keptFields }] of cutByClass(ref.type, record)) {
      const scope = scopeOf(ref, dataClass);
      const key = keys.get(keyPath(scope));
      if (key === undefined) throw new Error('a scope without its key');
      const hasKept = Object.keys(keptFields).length > 0;
      if (hasKept) {
        if ((await this.#store.get(recordTable, pathOf(ref))) !== undefined) {
          throw new Error('a record with salts is written once');
        }
        const sealed = seal(key.key, encode(keptFields), keptContext(ref, dataClass, key.keyId));
        kept.push({ scope, name: keptName(ref), sealed });
      }
      parts.push({ scope, key, fields, hasKept });
    }
    const words = await this.#dataKeys.nameWords(ref.agency, nameIn(record));
    return { ref, parts, kept, words };
  }

  /** Undefined when a key is gone. */
  async #open(ref: RecordRef, record: SealedRecord, classes: readonly DataClass[], purpose: Purpose) {
    const fields: Record<string, unknown> = {};
    for (const part of record.parts) {
      if (!classes.includes(part.class)) continue;
      const scope = scopeOf(ref, part.class);
      const key = await this.#dataKeys.find(scope);
      if (key?.keyId !== part.keyId) return undefined;
      const context = partContext(ref, record.version, part.class, part.keyId);
      Object.assign(fields, decode(unseal(key.key, Buffer.from(part.sealed, 'base64'), context)));
      if (!part.hasKept) continue;
      const sealed = await this.#dataKeys.kept(scope, keptName(ref));
      if (sealed === undefined) return undefined;
      Object.assign(fields, decode(unseal(key.key, sealed, keptContext(ref, part.class, part.keyId))));
    }
    return Object.fromEntries(
      Object.entries(fields).filter(([field]) => ruleOf(ref.type, field)?.purposes.includes(purpose)),
    );
  }
}

/**
 * Removes a record whose keys are about to be destroyed; true where it was the last of its person, whom nothing is
 * known of any more.
 */
export async function forgetRecord(tx: Transaction, ref: RecordRef): Promise<boolean> {
  const record = await tx.get(recordTable, pathOf(ref));
  if (record === undefined) return false;
  tx.delete(recordTable, pathOf(ref));
  await unnameSubject(tx, ref.subject, record.named ?? []);
  return (await isLive(tx, ref.subject)) && (await countRecord(tx, ref.subject, -1)) === 0;
}

/** All that is recorded of a person, by whatever agency. */
export async function recordsOf(store: Store, subject: SubjectRef): Promise<readonly RecordRef[]> {
  const found: RecordRef[] = [];
  for await (const [path] of store.range(recordTable, under(subject))) found.push(refOf(path));
  return found;
}

/** Whether anything is recorded of a person in a group, by whatever agency. */
export async function hasRecords(
  store: Store,
  { subject, group }: Pick<RecordRef, 'subject' | 'group'>,
): Promise<boolean> {
  for await (const [path] of store.range(recordTable, under(subject))) {
    if (refOf(path).group === group) return true;
  }
  return false;
}

/** The record's fields by their class, those kept with the keys apart. Throws on a field nobody classed. */
function cutByClass(type: StoredType, record: object) {
  const cut = new Map<DataClass, { fields: Record<string, unknown>; keptFields: Record<string, unknown> }>();
  for (const [field, value] of Object.entries(record)) {
    const rule = ruleOf(type, field);
    if (rule === undefined) throw new Error(`a field of ${type} has no class`);
    if (value === undefined) continue;
    const part = cut.get(rule.class) ?? { fields: {}, keptFields: {} };
    (rule.keptWith === 'keys' ? part.keptFields : part.fields)[field] = value;
    cut.set(rule.class, part);
  }
  return cut;
}

function sealPart(
  ref: RecordRef,
  version: number,
  { scope, key, fields, hasKept }: PreparedPart,
): SealedPart {
  const context = partContext(ref, version, scope.class, key.keyId);
  const sealed = Buffer.from(seal(key.key, encode(fields), context)).toString('base64');
  return { class: scope.class, keyId: key.keyId, sealed, hasKept };
}

/** Of who is a person: nothing else is found by its name. */
function nameIn(record: VaultEntry['record']): string {
  if ('fullName' in record) return record.fullName;
  return 'name' in record ? record.name : '';
}

function encode(fields: Readonly<Record<string, unknown>>): Uint8Array {
  return Buffer.from(JSON.stringify(fields));
}

function decode(plaintext: Uint8Array | undefined): Record<string, unknown> {
  if (plaintext === undefined) throw new Fault('a sealed part is not what was sealed', { retryable: false });
  return JSON.parse(Buffer.from(plaintext).toString('utf8')) as Record<string, unknown>;
}

function scopeOf({ subject, agency, group }: RecordRef, dataClass: DataClass): KeyScope {
  return { subject, agency, class: dataClass, group };
}

function pathOf({ subject, agency, type, group, id }: RecordRef): string {
  return [subject, agency, type, group, id].join('/');
}

function refOf(path: string): RecordRef {
  const [subject, agency, type, group = '', id = ''] = path.split('/');
  return { subject: subject as SubjectRef, agency: Number(agency), type: type as StoredType, group, id };
}

function keptName({ type, id }: RecordRef): string {
  return `${type}/${id}`;
}

function partContext(ref: RecordRef, version: number, dataClass: DataClass, keyId: string): Uint8Array {
  const { agency, subject, type, group, id } = ref;
  return frame(
    'kudurru vault',
    1,
    agency,
    recordTable.name,
    type,
    subject,
    group,
    id,
    version,
    dataClass,
    keyId,
  );
}

function keptContext(
  { agency, subject, type, group, id }: RecordRef,
  dataClass: DataClass,
  keyId: string,
): Uint8Array {
  return frame('kudurru kept', 1, agency, type, subject, group, id, dataClass, keyId);
}
