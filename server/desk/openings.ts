/**
 * The commitments of an act being made, each with the person it is about.
 *
 * Promises: every fact has a fresh 256-bit salt; what the ledger is given is the root, and what opens it goes to the
 * vault under the person, a record a fact, so that to erase one person leaves everybody else's proof.
 */
import { randomBytes } from 'node:crypto';
import { commitFacts, type Fact, type FactSet } from '../domain/acts/facts.ts';
import { type Bytes32, toHex } from '../domain/base/hex.ts';
import type { BAUnitId } from '../domain/base/terms.ts';
import type { SubjectRef } from '../domain/people/schema.ts';
import type { CommitmentPlace } from '../store/commitments.ts';
import type { VaultEntry } from '../store/vault.ts';

const newSalt = () => toHex(randomBytes(32)) as Bytes32;

/** Commitments of an act being made, and who they are about. */
export class Openings {
  readonly sets: FactSet[] = [];
  readonly #kept: { subject: SubjectRef; group: string; set: FactSet }[] = [];

  commit(subject: SubjectRef, baUnit: BAUnitId, facts: readonly { path: string; value: string }[]): Bytes32 {
    const salted = facts.map(
      ({ path, value }): Fact => ({ path, value: value.normalize('NFC'), salt: newSalt() }),
    );
    const set = commitFacts(salted);
    this.sets.push(set);
    this.#kept.push({ subject, group: baUnit.slice(2), set });
    return set.root;
  }

  /** Where each commitment's openings will be found again. */
  places(agency: number): CommitmentPlace[] {
    return this.#kept.map(({ subject, group, set: { root } }) => ({ root, subject, agency, group }));
  }

  /** For the vault: one record a fact, under the person it is about, so that erasing one leaves the others. */
  entries(agency: number, act: Bytes32): VaultEntry[] {
    return this.#kept.flatMap(({ subject, group, set }, place) =>
      set.facts.map(
        (fact, i): VaultEntry => ({
          ...{ subject, agency, type: 'opening', group },
          id: `${act.slice(2, 34)}-${place}-${i}`,
          record: fact,
        }),
      ),
    );
  }
}
