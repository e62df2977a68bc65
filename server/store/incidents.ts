/**
 * Two blocks of one height: both headers, kept for those who must find out how that could be.
 *
 * Promises: what was kept stays, also when it is settled; one height is kept once, as it was first seen. While one is not
 * settled the gateway writes nothing. The wiring writes and reads.
 */
import type { Bytes32, Hex } from '../domain/base/hex.ts';
import { json } from './codec.ts';
import { type AnyTable, ordinal, preciousSorted, type Store } from './store.ts';

export interface KeptIncident {
  readonly blockNumber: bigint;
  readonly kept: { readonly hash: Bytes32; readonly header?: Hex };
  readonly shown: { readonly hash: Bytes32; readonly header: Hex };
  readonly seenAtMs: number;
  /** When somebody said that the members had settled it. */
  readonly settledAtMs?: number;
}

/** By block. */
const incidentTable = preciousSorted('incidents', json<KeptIncident>());

export const incidentTables: readonly AnyTable[] = [incidentTable];

export class Incidents {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async keep(incident: KeptIncident): Promise<void> {
    const key = ordinal(incident.blockNumber);
    await this.#store.transact(async (tx) => {
      if ((await tx.get(incidentTable, key))?.settledAtMs !== undefined) return;
      tx.put(incidentTable, key, incident);
    }, 'finishing');
  }

  async open(): Promise<KeptIncident | undefined> {
    for await (const [, incident] of this.#store.range(incidentTable)) {
      if (incident.settledAtMs === undefined) return incident;
    }
    return undefined;
  }

  /** False where none of that block is open. */
  async settle(blockNumber: bigint, nowMs: number): Promise<boolean> {
    return this.#store.transact(async (tx) => {
      const incident = await tx.get(incidentTable, ordinal(blockNumber));
      if (incident === undefined || incident.settledAtMs !== undefined) return false;
      tx.put(incidentTable, ordinal(blockNumber), Object.assign({}, incident, { settledAtMs: nowMs }));
      return true;
    }, 'finishing');
  }
}
