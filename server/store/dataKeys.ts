/**
 * The key store: wrapped data keys and salts, in a level of their own with a backup of their own (30 days at most).
 *
 * One data key per person, agency, class and group of records (a BAUnit's, or none). Destroying it makes every
 * sealed part unreadable wherever a copy of the ciphertext lies. Salts lie here too, sealed under the same key.
 * Promises: keys and salts are on disk before `keep` resolves; after `destroy` their bytes are out of the files,
 * not only out of the tables; how many keys lie under each month is counted in the write that changes it. The vault, the
 * erasures and the rotation of wrapping keys call it, and nobody else.
 */
import { randomBytes } from 'node:crypto';
import { crashPoint } from '../crash.ts';
import { Fault } from '../domain/base/fault.ts';
import type { Bytes32 } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import type { DataClass, SubjectRef } from '../domain/people/schema.ts';
import { frame, KEY_BYTES } from './cipher.ts';
import { json } from './codec.ts';
import { BEFORE_MONTHS, type KeyMonth, type KeyService, type Wrapped } from './keys.ts';
import { type NameWord, nameWordsOf } from './names.ts';
import {
  type AnyTable,
  preciousSorted,
  type SortedTable,
  type Store,
  type Transaction,
  under,
} from './store.ts';

const KEY_ID_BYTES = 16;

interface WrappedKey {
  readonly keyId: string;
  readonly wrapped: string;
  /** Absent in what was written before keys had months. */
  readonly month?: KeyMonth;
}

/** What lies under the wrapping keys of a month. */
export interface MonthOfKeys {
  readonly keys: number;
  /** Since when nothing lies under it, as was found when it was over. */
  readonly emptiedAtMs?: number;
  readonly destroyedAtMs?: number;
}

const keyTable = preciousSorted('dataKeys', json<WrappedKey>());
const saltTable = preciousSorted('salts', json<string>());
const monthTable = preciousSorted('wrappingMonths', json<MonthOfKeys>(), { auditedAtOpen: true });

export const keyStoreTables: readonly AnyTable[] = [keyTable, saltTable, monthTable];

/** What one data key covers. */
export interface KeyScope {
  readonly subject: SubjectRef;
  readonly agency: number;
  readonly class: DataClass;
  readonly group: string;
}

/** A group of a person's records, or (empty) all of them. */
export type KeyPlace = Pick<KeyScope, 'subject' | 'group'>;

/** A key that is gone, as an institution has it counted on the ledger. */
export interface DestroyedKey {
  readonly agency: number;
  readonly id: Bytes32;
}

export interface DataKey {
  readonly keyId: string;
  readonly key: Uint8Array;
}

/** A sealed thing to be kept with the keys, under a name that is unique in its scope. */
export interface Kept {
  readonly scope: KeyScope;
  readonly name: string;
  readonly sealed: Uint8Array;
}

export class DataKeys {
  readonly #store: Store;
  readonly #service: KeyService;

  constructor(keyStore: Store, service: KeyService) {
    this.#store = keyStore;
    this.#service = service;
  }

  /** Words of a person's name as the agency's keys know them. */
  nameWords(agency: number, name: string): Promise<readonly NameWord[]> {
    return nameWordsOf(this.#service, agency, name);
  }

  /** The scope's key; undefined when it was destroyed or never made. */
  async find(scope: KeyScope): Promise<DataKey | undefined> {
    const row = await this.#store.get(keyTable, keyPath(scope));
    return row === undefined ? undefined : this.#unwrap(scope, row);
  }

  /** The keys of scopes, made where there are none, in their order: on disk, and in one write, when this resolves. */
  async obtain(scopes: readonly KeyScope[]): Promise<readonly DataKey[]> {
    const known = await Promise.all(scopes.map((scope) => this.find(scope)));
    const missing = scopes.filter((_, i) => known[i] === undefined);
    const made = await Promise.all(missing.map(async (scope) => ({ scope, made: await this.#make(scope) })));
    const firsts = await this.#store.transact(async (tx) => {
      const added: KeyMonth[] = [];
      const others = new Map<KeyScope, WrappedKey>(); // another writer may have come first
      for (const {
        scope,
        made: { row },
      } of made) {
        const first = await tx.get(keyTable, keyPath(scope));
        if (first === undefined) tx.put(keyTable, keyPath(scope), row);
        else others.set(scope, first);
        if (first === undefined) added.push(monthOf(row));
      }
      await count(tx, { added });
      return others;
    });
    const fresh = new Map<KeyScope, DataKey>();
    for (const {
      scope,
      made: { key, row },
    } of made) {
      const first = firsts.get(scope);
      fresh.set(scope, first === undefined ? { keyId: row.keyId, key } : await this.#unwrap(scope, first));
    }
    return scopes.map((scope, i) => (known[i] ?? fresh.get(scope)) as DataKey);
  }

  async #make(scope: KeyScope): Promise<{ readonly key: Uint8Array; readonly row: WrappedKey }> {
    const keyId = randomBytes(KEY_ID_BYTES).toString('hex');
    const key = randomBytes(KEY_BYTES);
    const wrapped = await this.#service.wrap(scope.agency, key, contextOf(scope, keyId));
    return { key, row: rowOf(keyId, wrapped) };
  }

  async keep(kept: readonly Kept[]): Promise<void> {
    if (kept.length === 0) return;
    await this.#store.transact((tx) => {
      for (const { scope, name, sealed } of kept) {
        tx.put(saltTable, saltPath(scope, name), Buffer.from(sealed).toString('base64'));
      }
    });
  }

  async kept(scope: KeyScope, name: string): Promise<Uint8Array | undefined> {
    const sealed = await this.#store.get(saltTable, saltPath(scope, name));
    return sealed === undefined ? undefined : Buffer.from(sealed, 'base64');
  }

  /** Destroys people's keys and salts, of one group or (empty) of all of theirs. Doing it again does no harm. */
  async destroy(places: readonly KeyPlace[]): Promise<void> {
    const doomed = new Map<SortedTable<unknown>, string[]>([
      [keyTable, []],
      [saltTable, []],
    ]);
    let isAllHere = true;
    for (const place of places) {
      let found = 0;
      for await (const [table, path] of this.#pathsOf(place)) {
        doomed.get(table)?.push(path);
        found += 1;
      }
      isAllHere &&= found > 0;
    }
    await this.#store.transact(async (tx) => {
      const taken: KeyMonth[] = [];
      for (const path of doomed.get(keyTable) ?? []) {
        const row = await tx.get(keyTable, path);
        if (row !== undefined) taken.push(monthOf(row));
      }
      await count(tx, { taken });
      for (const [table, paths] of doomed) for (const path of paths) tx.delete(table, path);
    }, 'finishing');
    // What a kill kept from being scrubbed has no paths any more: then it is everything.
    for (const [table, paths] of doomed) await this.#store.scrub(table, isAllHere ? paths : undefined);
  }

  /** Whose the keys are that `destroy` would destroy, and their ids as the ledger counts them. */
  async idsOf(places: readonly KeyPlace[]): Promise<readonly DestroyedKey[]> {
    const found: DestroyedKey[] = [];
    for (const place of places) {
      for await (const [table, path] of this.#pathsOf(place)) {
        const row = table === keyTable ? await this.#store.get(keyTable, path) : undefined;
        if (row !== undefined) found.push({ agency: scopeOf(path).agency, id: destroyedId(row.keyId) });
      }
    }
    return found;
  }

  /** Of the keys that are there, those with one of these ids, and beside them how many each of those people has in all. */
  async among(
    ids: ReadonlySet<Bytes32>,
  ): Promise<{ readonly found: readonly KeyPlace[]; readonly all: ReadonlyMap<SubjectRef, number> }> {
    const found: KeyPlace[] = [];
    const all = new Map<SubjectRef, number>();
    if (ids.size === 0) return { found, all };
    for await (const [path, { keyId }] of this.#store.range(keyTable)) {
      const { subject, group } = scopeOf(path);
      all.set(subject, (all.get(subject) ?? 0) + 1);
      if (ids.has(destroyedId(keyId))) found.push({ subject, group });
    }
    return { found, all };
  }

  /** Whether any key or salt is there of what `destroy` would destroy. */
  async has(place: KeyPlace): Promise<boolean> {
    for await (const _ of this.#pathsOf(place)) return true;
    return false;
  }

  async *#pathsOf({ subject, group }: KeyPlace): AsyncGenerator<[SortedTable<unknown>, string]> {
    const isMeant = (part = '') => group === '' || part === groupPart(group) || unitOf(part).includes(group);
    for (const table of [keyTable, saltTable]) {
      for await (const [path] of this.#store.range<unknown>(table, under(subject)))
        if (isMeant(path.split('/')[GROUP_PLACE])) yield [table, path];
    }
  }

  async #unwrap(scope: KeyScope, row: WrappedKey): Promise<DataKey> {
    const wrapped = { month: monthOf(row), bytes: Buffer.from(row.wrapped, 'base64') };
    const key = await this.#service.unwrap(scope.agency, wrapped, contextOf(scope, row.keyId));
    return { keyId: row.keyId, key };
  }

  /**
   * At every start: counts what an older version did not count. Refuses as `key-month-expired` a key store from a backup of which
   * keys lie under a month whose wrapping keys were destroyed since, and as `key-folder-older` a folder of keys of before a month
   * under which some lie.
   */
  async arrange(keyFolder: string): Promise<void> {
    const counted = new Map<KeyMonth, MonthOfKeys>(await this.months());
    const sum = [...counted.values()].reduce((all, { keys }) => all + keys, 0);
    if (sum !== (await this.#store.rows(keyTable))) {
      for (const [month, row] of counted) counted.set(month, Object.assign({}, row, { keys: 0 }));
      for (const [month, keys] of await this.count()) counted.set(month, { keys });
      await this.#store.transact((tx) => {
        for (const [month, row] of counted) tx.put(monthTable, month, row);
      }, 'finishing');
    }
    for (const [month, { keys }] of counted) {
      if (keys > 0 && this.#service.isDestroyed(month)) throw refusal('key-month-expired', { month, keys });
    }
    const known = new Set(this.#service.months());
    for (const [month, { keys }] of counted) {
      if (keys > 0 && !known.has(month)) throw refusal('key-folder-older', { folder: keyFolder });
    }
  }

  /** By months, in order; those of destroyed keys too. */
  async months(): Promise<readonly (readonly [KeyMonth, MonthOfKeys])[]> {
    const found: [KeyMonth, MonthOfKeys][] = [];
    for await (const [month, row] of this.#store.range(monthTable)) found.push([month as KeyMonth, row]);
    return found;
  }

  /** Of every month under which a key lies, how many: each is read. */
  async count(signal?: AbortSignal): Promise<ReadonlyMap<KeyMonth, number>> {
    const found = new Map<KeyMonth, number>();
    for await (const [, row] of this.#store.range(keyTable)) {
      signal?.throwIfAborted();
      found.set(monthOf(row), (found.get(monthOf(row)) ?? 0) + 1);
    }
    return found;
  }

  /**
   * Counts again what lies under each month, and writes down what differs: whether anything did. Where keys came or went meanwhile
   * nothing is written, and the next time says.
   */
  async recount(): Promise<boolean> {
    const before = new Map(await this.months());
    const found = await this.count();
    const months = new Set([...before.keys(), ...found.keys()]);
    return this.#store.transact(async (tx) => {
      const differing: KeyMonth[] = [];
      for (const month of months) {
        const row = (await tx.get(monthTable, month)) ?? NONE_UNDER_IT;
        if (row.keys !== (before.get(month)?.keys ?? 0)) return false;
        if (row.keys !== (found.get(month) ?? 0)) differing.push(month);
      }
      for (const month of differing) tx.put(monthTable, month, { keys: found.get(month) ?? 0 });
      return differing.length > 0;
    }, 'finishing');
  }

  /** Has a month on the list, with what happened to it; that something lies under it again is not overwritten. */
  async note(month: KeyMonth, happened: Omit<MonthOfKeys, 'keys'>): Promise<void> {
    await this.#store.transact(async (tx) => {
      const row = (await tx.get(monthTable, month)) ?? NONE_UNDER_IT;
      if (row.keys === 0) tx.put(monthTable, month, Object.assign({}, row, happened));
    }, 'finishing');
  }

  /**
   * Wraps keys of months before that of now again, under it: of at most `most` keys behind a path. Answers the path of the
   * last one, undefined at the end. A key that was destroyed meanwhile stays destroyed; one that does not unwrap is passed over, and
   * `onDamaged` told of its month.
   */
  async rewrap(
    after: string,
    most: number,
    onDamaged: (error: Fault, month: KeyMonth) => void,
  ): Promise<string | undefined> {
    const old: { readonly path: string; readonly row: WrappedKey; readonly again: WrappedKey }[] = [];
    let [read, last] = [0, after];
    for await (const [path, row] of this.#store.range(keyTable, { gt: after, limit: most })) {
      [read, last] = [read + 1, path];
      if (monthOf(row) >= this.#service.month) continue;
      const scope = scopeOf(path);
      const unwrapped = await this.#unwrap(scope, row).catch((error: unknown) => {
        if (!(error instanceof Fault) || error.retryable) throw error;
        onDamaged(error, monthOf(row));
      });
      if (unwrapped === undefined) continue;
      const { keyId, key } = unwrapped;
      const wrapped = await this.#service.wrap(scope.agency, key, contextOf(scope, keyId));
      old.push({ path, row, again: rowOf(keyId, wrapped) });
    }
    crashPoint('keys.before-rewrap');
    if (old.length > 0) {
      await this.#store.transact(async (tx) => {
        const [added, taken]: [KeyMonth[], KeyMonth[]] = [[], []];
        for (const { path, row, again } of old) {
          if ((await tx.get(keyTable, path))?.wrapped !== row.wrapped) continue;
          tx.put(keyTable, path, again);
          added.push(monthOf(again));
          taken.push(monthOf(row));
        }
        await count(tx, { added, taken });
      });
      crashPoint('keys.rewrapped');
    }
    return read < most ? undefined : last;
  }
}

const NONE_UNDER_IT: MonthOfKeys = { keys: 0 };

interface KeysCounted {
  /** The month of each. */
  readonly added?: readonly KeyMonth[];
  readonly taken?: readonly KeyMonth[];
}

/** In the transaction that adds or takes away keys; a month under which one lies again is not empty any more. */
async function count(tx: Transaction, { added = [], taken = [] }: KeysCounted): Promise<void> {
  for (const month of new Set([...added, ...taken])) {
    const isOfMonth = (one: KeyMonth) => one === month;
    const { keys: before, ...happened } = (await tx.get(monthTable, month)) ?? NONE_UNDER_IT;
    const keys = Math.max(0, before + added.filter(isOfMonth).length - taken.filter(isOfMonth).length);
    tx.put(monthTable, month, keys > 0 ? { keys } : { keys, ...happened });
  }
}

/** A key's id as the ledger counts it once the key is destroyed: 16 random bytes, and zeros behind them. */
function destroyedId(keyId: string): Bytes32 {
  return `0x${keyId.padEnd(2 * KEY_BYTES, '0')}` as Bytes32;
}

function monthOf({ month }: WrappedKey): KeyMonth {
  return month ?? BEFORE_MONTHS;
}

function rowOf(keyId: string, { month, bytes }: Wrapped): WrappedKey {
  return { keyId, wrapped: Buffer.from(bytes).toString('base64'), month };
}

/** Where the group stands in a path. */
const GROUP_PLACE = 3;

/** The unit of a group that is of one unit and one act; none of any other group. */
export function unitOf(group: string): string[] {
  const [unit, act] = group.split('.');
  return act === undefined || unit === undefined || unit === '' ? [] : [unit];
}

function groupPart(group: string): string {
  return group === '' ? '-' : group;
}

/** One string a scope. */
export function keyPath({ subject, agency, class: dataClass, group }: KeyScope): string {
  return [subject, agency, dataClass, groupPart(group)].join('/');
}

/** What `keyPath` made one string of. */
function scopeOf(path: string): KeyScope {
  const [subject, agency, dataClass, group = ''] = path.split('/');
  return {
    subject: subject as SubjectRef,
    agency: Number(agency),
    class: dataClass as DataClass,
    group: group === '-' ? '' : group,
  };
}

function saltPath(scope: KeyScope, name: string): string {
  return `${keyPath(scope)}/${name}`;
}

function contextOf(scope: KeyScope, keyId: string): Uint8Array {
  return frame('kudurru data key', 1, scope.subject, scope.agency, scope.class, scope.group, keyId);
}
