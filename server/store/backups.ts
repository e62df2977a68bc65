/** How many backups were begun, and when: each has a number that no other of this gateway has. For `backup.ts`. */
import { json } from './codec.ts';
import { type AnyTable, precious, type Store } from './store.ts';

interface Begun {
  readonly sequence: number;
  readonly atMs: number;
}

const backupTable = precious('backups', json<Begun>(), { auditedAtOpen: true });
const NEWEST = 'newest';

export const backupTables: readonly AnyTable[] = [backupTable];

export class Backups {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** The number is kept before anything of the backup is. */
  begin(atMs: number): Promise<Begun> {
    return this.#store.transact(async (tx) => {
      const { sequence } = (await tx.get(backupTable, NEWEST)) ?? { sequence: 0 };
      const begun = { sequence: sequence + 1, atMs };
      tx.put(backupTable, NEWEST, begun);
      return begun;
    });
  }
}
