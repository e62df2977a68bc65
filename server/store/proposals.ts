/**
 * Whom a proposed measure would appoint: the ledger has the hash of it until the measure is carried out.
 *
 * Promises: what is kept under a hash hashes to it, for the desk computes the one from the other; it is on disk before
 * anybody can sign the vote; an institution keeps a bounded number; it stays as long as a measure can live. Nothing
 * about a person is in it: ids, roles and hashes of keys. For the desk of measures.
 */
import type { Bytes32 } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import type { ProvenAppointment } from '../domain/power/measures.ts';
import { json } from './codec.ts';
import { type AnyTable, precious, type Store } from './store.ts';

/** Eight open measures an institution, and drafts that nobody voted on. */
const KEPT_PER_INSTITUTION_MAX = 64;
/** Sixty days of voting, ninety of waiting, thirty to carry it out. */
const KEPT_MS = 180 * 24 * 3_600_000;

interface ProposalRow {
  readonly institution: number;
  readonly appointments: readonly ProvenAppointment[];
  readonly atMs: number;
}

const proposalTable = precious('proposals', json<ProposalRow>());
export const proposalTables: readonly AnyTable[] = [proposalTable];

export class Proposals {
  readonly #store: Store;
  readonly #nowMs: () => number;

  constructor(store: Store, nowMs: () => number) {
    this.#store = store;
    this.#nowMs = nowMs;
  }

  /** Refuses as `too-many-acts-kept`. */
  async keep(hash: Bytes32, institution: number, appointments: readonly ProvenAppointment[]): Promise<void> {
    await this.#store.transact(async (tx) => {
      const known = await tx.get(proposalTable, hash);
      if (known !== undefined) {
        tx.put(proposalTable, hash, Object.assign({}, known, { atMs: this.#nowMs() })); // as old as its newest proposal
        return;
      }
      let kept = 0;
      for await (const [, row] of this.#store.range(proposalTable))
        kept += Number(row.institution === institution);
      if (kept >= KEPT_PER_INSTITUTION_MAX) {
        throw refusal('too-many-acts-kept', { limit: KEPT_PER_INSTITUTION_MAX });
      }
      tx.insert(proposalTable, hash, { institution, appointments, atMs: this.#nowMs() });
    });
  }

  async appointments(hash: Bytes32): Promise<readonly ProvenAppointment[] | undefined> {
    return (await this.#store.get(proposalTable, hash))?.appointments;
  }

  /** Forgets what no measure can name any more. */
  async sweep(): Promise<number> {
    const oldest = this.#nowMs() - KEPT_MS;
    const over: string[] = [];
    for await (const [hash, { atMs }] of this.#store.range(proposalTable)) if (atMs < oldest) over.push(hash);
    if (over.length === 0) return 0;
    await this.#store.transact((tx) => {
      for (const hash of over) tx.delete(proposalTable, hash);
    }, 'finishing');
    return over.length;
  }
}
