/**
 * How an institution's files are to be read, kept under names it chose.
 *
 * Promises: an institution sees and changes its own profiles only, and has a bounded number of them. Nothing in a
 * profile is about a person: it names columns. `http` reads and writes through the desk.
 */
import { refusal } from '../domain/base/refusal.ts';
import type { FileSettings } from '../domain/files/settings.ts';
import { json } from './codec.ts';
import { type AnyTable, preciousSorted, type Store, under } from './store.ts';

/** One for each kind of file of each partner, and some that were tried. */
const PROFILES_MAX = 100;

export interface FileProfile {
  readonly name: string;
  readonly settings: FileSettings;
}

const profileTable = preciousSorted('fileProfiles', json<FileProfile>());

export const profileTables: readonly AnyTable[] = [profileTable];

export class Profiles {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Over an earlier one of the name. Refuses as `too-many-profiles`. */
  async put(institution: number, profile: FileProfile): Promise<void> {
    const key = keyOf(institution, profile.name);
    const isNew = (await this.#store.get(profileTable, key)) === undefined;
    if (isNew && (await this.list(institution)).length >= PROFILES_MAX) {
      throw refusal('too-many-profiles', { limit: PROFILES_MAX });
    }
    await this.#store.transact((tx) => tx.put(profileTable, key, profile));
  }

  async get(institution: number, name: string): Promise<FileProfile | undefined> {
    return this.#store.get(profileTable, keyOf(institution, name));
  }

  async list(institution: number): Promise<FileProfile[]> {
    const found: FileProfile[] = [];
    for await (const [, profile] of this.#store.range(profileTable, under(String(institution))))
      found.push(profile);
    return found;
  }

  /** False where there was none. */
  async remove(institution: number, name: string): Promise<boolean> {
    const key = keyOf(institution, name);
    if ((await this.#store.get(profileTable, key)) === undefined) return false;
    await this.#store.transact((tx) => tx.delete(profileTable, key));
    return true;
  }
}

/** Names are lower-case words with dashes, as `http` parsed them. */
function keyOf(institution: number, name: string): string {
  return `${institution}/${name}`;
}
