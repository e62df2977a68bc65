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
import { type AnyTable, precious, type Store, under } from './store.ts';

const KEY_ID_BYTES = 16;

interface WrappedKey {
  readonly keyId: string;
  readonly wrapped: string;
}

const keyTable = precious('dataKeys', json<WrappedKey>());
const saltTable = precious('salts', json<string>());

export const keyStoreTables: readonly AnyTable[] = [keyTable, saltTable];

/** What one data key covers. */
export interface KeyScope {
  readonly subject: SubjectRef;
  readonly agency: number;
  readonly class: DataClass;
  readonly group: string;
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

  /** The scope's key, made when there is none. It is on disk when this resolves. */
  async obtain(scope: KeyScope): Promise<DataKey> {
    const known = await this.find(scope);
    if (known !== undefined) return known;
    const keyId = randomBytes(KEY_ID_BYTES).toString('hex');
    const key = randomBytes(KEY_BYTES);
    const wrapped = await this.#service.wrap(scope.agency, key, contextOf(scope, keyId));
    const made: WrappedKey = { keyId, wrapped: Buffer.from(wrapped).toString('base64') };
    const kept = await this.#store.transact(async (tx) => {
      const first = await tx.get(keyTable, keyPath(scope)); // another writer may have come first
      if (first === undefined) tx.put(keyTable, keyPath(scope), made);
      return first ?? made;
    });
    return kept === made ? { keyId, key } : this.#unwrap(scope, kept);
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
  async destroy(places: readonly Pick<KeyScope, 'subject' | 'group'>[]): Promise<void> {
    const doomed: [AnyTable, string][] = [];
    for (const { subject, group } of places) {
      const isMeant = (part = '') =>
        group === '' || part === groupPart(group) || unitOf(part).includes(group);
      for (const table of [keyTable, saltTable]) {
        for await (const [path] of this.#store.range<unknown>(table, under(subject))) {
          if (isMeant(path.split('/')[GROUP_PLACE])) doomed.push([table, path]);
        }
      }
    }
    await this.#store.transact((tx) => {
      for (const [table, path] of doomed) tx.delete(table, path);
    }, 'finishing');
    // Each scrub rewrites files: beyond a few people one of everybody is less.
    const subjects = [...new Set(places.map(({ subject }) => subject))];
    const ranges = subjects.length > SCRUBS_MAX ? [EVERYBODY] : subjects.map((subject) => under(subject));
    for (const range of ranges)
      for (const table of [keyTable, saltTable]) await this.#store.scrub(table, range);
  }

  async #unwrap(scope: KeyScope, { keyId, wrapped }: WrappedKey): Promise<DataKey> {
    const bytes = Buffer.from(wrapped, 'base64');
    return { keyId, key: await this.#service.unwrap(scope.agency, bytes, contextOf(scope, keyId)) };
  }
}

/** Where the group stands in a path. */
const GROUP_PLACE = 3;
const SCRUBS_MAX = 8;
/** References are hex. */
const EVERYBODY = { gte: '0', lt: '1' };

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
