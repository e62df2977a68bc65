/**
 * The people an act being prepared names: found again by their ids, or met for the first time.
 *
 * Promises: one person of one id is one subject, however often an act names them; nothing is written here, so that an
 * act that is refused leaves nobody behind. What is written goes to the vault with the act (`ActToPrepare`).
 */
import type { Party, SubjectRef } from '../domain/people/schema.ts';
import type { Identifier, Newcomer, Subjects } from '../store/subjects.ts';
import type { VaultEntry } from '../store/vault.ts';

export class Cast {
  readonly newcomers: Newcomer[] = [];
  /** What is written down of them. */
  readonly entries: VaultEntry[] = [];
  readonly #subjects: Subjects;
  readonly #agency: number;
  readonly #met = new Map<string, Promise<SubjectRef>>();

  constructor(subjects: Subjects, agency: number) {
    this.#subjects = subjects;
    this.#agency = agency;
  }

  /** Somebody without an id is somebody new. */
  subjectOf(identifier?: Identifier): Promise<SubjectRef> {
    if (identifier === undefined) return this.#meet(identifier);
    const name = JSON.stringify([identifier.scheme, identifier.id.normalize('NFC')]);
    const met = this.#met.get(name) ?? this.#meet(identifier);
    this.#met.set(name, met);
    return met;
  }

  /** What is known of a party of the act. */
  note(subject: SubjectRef, record: Party): void {
    this.entries.push({ subject, agency: this.#agency, type: 'party', group: '', id: 'self', record });
  }

  async #meet(identifier: Identifier | undefined): Promise<SubjectRef> {
    const met = await this.#subjects.meet(this.#agency, identifier);
    if (typeof met === 'string') return met;
    this.newcomers.push(met);
    return met.subject;
  }
}
