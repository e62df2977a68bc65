/**
 * The facts an act commits to, each set with the person it is about.
 *
 * Promises: every fact has a fresh 256-bit salt; the ledger receives the root, and what opens it goes to the vault
 * under the person, a record a fact, so that erasing one person leaves everybody else's proof.
 */
import { randomBytes } from 'node:crypto';
import { commitFacts, type Fact, type FactSet } from '../domain/acts/facts.ts';
import { type Bytes32, toHex } from '../domain/base/hex.ts';
import type { BAUnitId } from '../domain/base/terms.ts';
import type { SubjectRef } from '../domain/people/schema.ts';
import type { CommitmentPlace } from '../store/commitments.ts';
import type { VaultEntry } from '../store/vault.ts';

/** Facts of one unit about one person, or about nobody: then the subject is the unit's own. */
export interface SaltedFacts {
  readonly subject: SubjectRef;
  readonly baUnit: BAUnitId;
  readonly set: FactSet;
}

const newSalt = () => toHex(randomBytes(32)) as Bytes32;
/** The openings of one unit are one group of the vault. */
const groupOf = (baUnit: BAUnitId) => baUnit.slice(2);

export function saltFacts(
  subject: SubjectRef,
  baUnit: BAUnitId,
  facts: readonly { readonly path: string; readonly value: string }[],
): SaltedFacts {
  const salted = facts.map(
    ({ path, value }): Fact => ({ path, value: value.normalize('NFC'), salt: newSalt() }),
  );
  return { subject, baUnit, set: commitFacts(salted) };
}

/** Where the openings of each commitment are found again. */
export function commitmentPlaces(all: readonly SaltedFacts[], agency: number): CommitmentPlace[] {
  return all.map(({ subject, baUnit, set: { root } }) => ({ root, subject, agency, group: groupOf(baUnit) }));
}

/** The openings as the vault keeps them: one record a fact. */
export function openingRecords(all: readonly SaltedFacts[], agency: number, act: Bytes32): VaultEntry[] {
  return all.flatMap(({ subject, baUnit, set }, place) =>
    set.facts.map((fact, i): VaultEntry => {
      const id = `${act.slice(2, 34)}-${place}-${i}`;
      return { subject, agency, type: 'opening', group: groupOf(baUnit), id, record: fact };
    }),
  );
}
