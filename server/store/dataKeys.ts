/**
 * The key store: wrapped data keys and salts, in a level of their own with a backup of their own (30 days at most).
 *
 * One data key per person, agency, class and group of records (a BAUnit's, or none). Destroying it makes every
 * sealed part unreadable wherever a copy of the ciphertext lies. Salts lie here too, sealed under the same key.
 * Promises: keys and salts are on disk before `keep` resolves; after `destroy` their bytes are out of the files,
 * not only out of the tables. Only the vault and the erasures call it.
 */
import { randomBytes } from 'node:crypto';
import type { DataClass, SubjectRef } from '../domain/people/schema.ts';
import { frame, KEY_BYTES } from './cipher.ts';
import { json } from './codec.ts';
import type { KeyService } from './keys.ts';
import { type NameWord, nameWordsOf } from './names.ts';
import { type AnyTable, preciousSorted, type SortedTable, type Store, under } from './store.ts';

const KEY_ID_BYTES = 16;

interface WrappedKey {
  readonly keyId: string;
  readonly wrapped: string;
}

const keyTable = preciousSorted('dataKeys', json<WrappedKey>());
const saltTable = preciousSorted('salts', json<string>());

export const keyStoreTables: readonly AnyTable[] = [keyTable, saltTable];

/** What one data key covers. */
export interface KeyScope {
  readonly subject: SubjectRef;
  readonly agency: number;
  readonly class: DataClass;
  readonly group: string;
}

/** A group of a person's records, or (empty) all of them. */
export type KeyPlace = Pick<KeyScope, 'subject' | 'group'>;

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
      const others = new Map<KeyScope, WrappedKey>(); // another writer may have come first
      for (const {
        scope,
        made: { row },
      } of made) {
        const first = await tx.get(keyTable, keyPath(scope));
        if (first === undefined) tx.put(keyTable, keyPath(scope), row);
        else others.set(scope, first);
      }
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
    return { key, row: { keyId, wrapped: Buffer.from(wrapped).toString('base64') } };
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
    await this.#store.transact((tx) => {
      for (const [table, paths] of doomed) for (const path of paths) tx.delete(table, path);
    }, 'finishing');
    // What a kill kept from being scrubbed has no paths any more: then it is everything.
    for (const [table, paths] of doomed) await this.#store.scrub(table, isAllHere ? paths : undefined);
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

  async #unwrap(scope: KeyScope, { keyId, wrapped }: WrappedKey): Promise<DataKey> {
    const bytes = Buffer.from(wrapped, 'base64');
    return { keyId, key: await this.#service.unwrap(scope.agency, bytes, contextOf(scope, keyId)) };
  }
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

function saltPath(scope: KeyScope, name: string): string {
  return `${keyPath(scope)}/${name}`;
}

function contextOf(scope: KeyScope, keyId: string): Uint8Array {
  return frame('kudurru data key', 1, scope.subject, scope.agency, scope.class, scope.group, keyId);
}
