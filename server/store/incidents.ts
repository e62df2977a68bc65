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
      if ((await tx.get(incidentTable, key)) === undefined) tx.put(incidentTable, key, incident);
    }, 'finishing');
  }

  async open(): Promise<KeptIncident | undefined> {
    for await (const [, incident] of this.#store.range(incidentTable)) {
      if (incident.settledAtMs === undefined) return incident;
    }
    return undefined;
  }

  async openCount(): Promise<number> {
    let count = 0;
    for await (const [, { settledAtMs }] of this.#store.range(incidentTable))
      count += Number(settledAtMs === undefined);
    return count;
  }

  /**
   * With all that is open above it, for one fork differs at every height from its first on. False where none of that block is
   * open: a setting that was left settles nothing that came later.
   */
  async settle(blockNumber: bigint, nowMs: number): Promise<boolean> {
    const from: KeptIncident[] = [];
    for await (const [, incident] of this.#store.range(incidentTable, { gte: ordinal(blockNumber) })) {
      if (incident.settledAtMs === undefined) from.push(incident);
    }
    if (from[0]?.blockNumber !== blockNumber) return false;
    await this.#store.transact(async (tx) => {
      for (const incident of from) {
        const settled = Object.assign({}, incident, { settledAtMs: nowMs });
        tx.put(incidentTable, ordinal(incident.blockNumber), settled);
      }
    }, 'finishing');
    return true;
  }
}
