/**
 * Words of an office behind the hashes of an act, kept as everything else that an act opens is kept.
 *
 * Promises: sealed in the vault under a subject that is the act's own and nobody's, on disk before anybody can sign, and
 * destroyed with an act that is not recorded. `http` calls it before the act is kept.
 */
import type { ActDraft } from '../acts/commit.ts';
import type { FactSet } from '../domain/acts/facts.ts';
import type { Subjects } from '../store/subjects.ts';
import { commitmentPlaces, meetParties, openingRecords, type SaltedFacts } from './saltedFacts.ts';

export async function keptBehind(
  subjects: Subjects,
  draft: ActDraft,
  sets: readonly FactSet[],
): Promise<ActDraft> {
  if (sets.length === 0) return draft;
  const { act, owner, carries } = draft;
  const agency = owner.institution;
  const people = await meetParties(subjects, agency, [undefined]);
  const [subject] = people.subjects;
  if (subject === undefined) throw new Error('nobody was met');
  const facts = sets.map((set): SaltedFacts => ({ subject, baUnit: undefined, set }));
  return {
    ...draft,
    act: { ...act, factSets: [...act.factSets, ...sets] },
    carries: {
      ...carries,
      records: [...carries.records, ...openingRecords(facts, agency, act.entryId, 'w')],
      newcomers: [...carries.newcomers, ...people.newcomers],
      commitments: [...carries.commitments, ...commitmentPlaces(facts, agency, act.entryId)],
    },
  };
}
