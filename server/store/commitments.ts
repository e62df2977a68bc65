/**
 * Whose facts stand behind a commitment of the ledger: from a root to where the vault keeps its openings.
 *
 * A root is random to everybody else, so this row is all that leads from a title to a person; it says no more than
 * where to ask, and asking is the access log's business. Written before the act is signed; an orphan is harmless.
 */
import type { Bytes32 } from '../domain/base/hex.ts';
import type { SubjectRef } from '../domain/people/schema.ts';
import { json } from './codec.ts';
import { type AnyTable, precious, type Store } from './store.ts';

export interface CommitmentPlace {
  readonly root: Bytes32;
  readonly subject: SubjectRef;
  readonly agency: number;
  /** Group of the opening records in the vault. */
  readonly group: string;
}

const commitmentTable = precious('commitments', json<CommitmentPlace>());

export const commitmentTables: readonly AnyTable[] = [commitmentTable];

export class Commitments {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async record(places: readonly CommitmentPlace[]): Promise<void> {
    await this.#store.transact((tx) => {
      for (const place of places) tx.put(commitmentTable, place.root, place);
    });
  }

  async get(root: Bytes32): Promise<CommitmentPlace | undefined> {
    return this.#store.get(commitmentTable, root);
  }
}
