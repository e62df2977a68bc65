/**
 * The people and units an act names: found again by their ids, or met for the first time.
 *
 * Promises: one id of one agency is one subject, however often an act names it; nothing is written here, so that an
 * act that is refused leaves nobody behind. Newcomers go to the vault with the act (`ActDraft`).
 */
import type { SubjectRef } from '../domain/people/schema.ts';
import type { Identifier, Newcomer, Subjects } from '../store/subjects.ts';

export interface PartiesOfAct {
  /** One for each identifier that was given, in order. */
  readonly subjects: readonly SubjectRef[];
  readonly newcomers: readonly Newcomer[];
}

/** Whoever has no identifier is somebody new. */
export async function meetParties(
  subjects: Subjects,
  agency: number,
  identifiers: readonly (Identifier | undefined)[],
): Promise<PartiesOfAct> {
  const newcomers: Newcomer[] = [];
  const met = new Map<string, SubjectRef>();
  const all: SubjectRef[] = [];
  for (const identifier of identifiers) {
    const name = identifier && JSON.stringify([identifier.scheme, identifier.id.normalize('NFC')]);
    const known = name === undefined ? undefined : met.get(name);
    if (known !== undefined) {
      all.push(known);
      continue;
    }
    const found = await subjects.meet(agency, identifier);
    const subject = typeof found === 'string' ? found : found.subject;
    if (typeof found !== 'string') newcomers.push(found);
    if (name !== undefined) met.set(name, subject);
    all.push(subject);
  }
  return { subjects: all, newcomers };
}
