/**
 * Whom a proposed measure would appoint: the ledger has the hash of it until the measure is carried out.
 *
 * Promises: what is kept hashes to its key; it is kept with the vote that an officer signed and the ledger would take, in
 * the transaction that accepts it, and never for a token alone; an officer has a bounded number of places, so that nobody
 * fills another's; it stays as long as a measure can live. Nothing about a person is in it: ids, roles and hashes of keys.
 * `commit` keeps, the desk of measures reads.
 */
import type { Bytes32 } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import type { OfficerId } from '../domain/base/terms.ts';
import { appointmentsHashOf, type ProvenAppointment } from '../domain/power/measures.ts';
import { json } from './codec.ts';
import { type AnyTable, precious, preciousSorted, type Store, type Transaction } from './store.ts';

/** The eight measures that an institution has open, again and again, each lapsed early. */
const PLACES_OF_OFFICER = 64;
/** Sixty days of voting, ninety of waiting, thirty to carry it out. */
const KEPT_MS = 180 * 24 * 3_600_000;

interface ProposalRow {
  /** Whose place it takes; a row of before there were places takes none. */
  readonly officer?: OfficerId;
  readonly appointments: readonly ProvenAppointment[];
  readonly atMs: number;
}

const proposalTable = preciousSorted('proposals', json<ProposalRow>());
/** By officer: how many places are taken. */
const placeTable = precious('proposalPlaces', json<number>());
export const proposalTables: readonly AnyTable[] = [proposalTable, placeTable];

export class Proposals {
  readonly #store: Store;
  readonly #nowMs: () => number;

  constructor(store: Store, nowMs: () => number) {
    this.#store = store;
    this.#nowMs = nowMs;
  }

  /** In the transaction that accepts the officer's vote. Refuses as `too-many-proposals-kept`. */
  async keep(tx: Transaction, officer: OfficerId, appointments: readonly ProvenAppointment[]): Promise<void> {
    const hash = hashOf(appointments);
    const atMs = this.#nowMs(); // as old as the newest vote on it
    const known = await tx.get(proposalTable, hash);
    if (known !== undefined) {
      tx.put(proposalTable, hash, Object.assign({}, known, { atMs }));
      return;
    }
    const taken = (await tx.get(placeTable, officer)) ?? 0;
    if (taken >= PLACES_OF_OFFICER) throw refusal('too-many-proposals-kept', { limit: PLACES_OF_OFFICER });
    tx.insert(proposalTable, hash, { officer, appointments, atMs });
    tx.put(placeTable, officer, taken + 1);
  }

  async appointments(hash: Bytes32): Promise<readonly ProvenAppointment[] | undefined> {
    return (await this.#store.get(proposalTable, hash))?.appointments;
  }

  /** Forgets what no measure can name any more, which frees its place. */
  async sweep(): Promise<number> {
    const oldest = this.#nowMs() - KEPT_MS;
    const over: string[] = [];
    for await (const [hash, { atMs }] of this.#store.range(proposalTable)) if (atMs < oldest) over.push(hash);
    if (over.length === 0) return 0;
    await this.#store.transact(async (tx) => {
      for (const hash of over) await this.#forget(tx, hash, oldest);
    }, 'finishing');
    return 0;
  }

  async #forget(tx: Transaction, hash: string, oldest: number): Promise<void> {
    const row = await tx.get(proposalTable, hash);
    if (row === undefined || row.atMs >= oldest) return; // voted on since
    tx.delete(proposalTable, hash);
    const { officer } = row;
    if (officer === undefined) return;
    const left = ((await tx.get(placeTable, officer)) ?? 1) - 1;
    if (left > 0) tx.put(placeTable, officer, left);
    else tx.delete(placeTable, officer);
  }
}

const hashOf = (appointments: readonly ProvenAppointment[]): Bytes32 =>
  appointmentsHashOf(appointments.map(({ appointment }) => appointment));
