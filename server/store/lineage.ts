/**
 * What the gateway of a network keeps so that no node has to: who sealed from which block on, with the proof of it.
 *
 * Promises: what `keep` resolves for is on disk; kept again it is the same row; rows come in the order of the blocks. A node
 * proves the state of its newest blocks only, and evidence names every change since the genesis. The engine writes and reads.
 */
import type { ValidatorLink } from '../domain/audit/validators.ts';
import { json } from './codec.ts';
import { type AnyTable, ordinal, preciousSorted, type Store } from './store.ts';

/** By block. */
const linkTable = preciousSorted('lineage', json<ValidatorLink>());

export const lineageTables: readonly AnyTable[] = [linkTable];

export interface KeptLink {
  readonly blockNumber: bigint;
  readonly link: ValidatorLink;
}

export class Lineage {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async keep(blockNumber: bigint, link: ValidatorLink): Promise<void> {
    await this.#store.transact((tx) => tx.put(linkTable, ordinal(blockNumber), link), 'finishing');
  }

  async kept(): Promise<readonly KeptLink[]> {
    const links: KeptLink[] = [];
    for await (const [key, link] of this.#store.range(linkTable)) {
      links.push({ blockNumber: BigInt(`0x${key}`), link });
    }
    return links;
  }
}
