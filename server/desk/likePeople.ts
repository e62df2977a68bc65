/**
 * Who of an agency may be the person of a line, and by what those who come later will be asked about them.
 *
 * Promises: only people of the same agency are ever found; two who each have an id are two, but where name and phone are
 * one; nothing is read of anybody but which marks they have. The intake alone asks.
 */
import { isStrong, likenessOf, MARK_WORDS, type Mark } from '../domain/files/likeness.ts';
import type { Person } from '../domain/files/registrations.ts';
import { hasId } from '../domain/files/repeatedLines.ts';
import type { SubjectRef } from '../domain/people/schema.ts';
import type { NameWord } from '../store/names.ts';
import type { NewcomerAlike, Subjects } from '../store/subjects.ts';

export interface AlikeFound {
  readonly subject: SubjectRef;
  /** Name, place, sex and age are the same. */
  readonly isSame: boolean;
  /** What agrees most, as an officer is told it. */
  readonly facts: string;
}

/** Those who are alike, the most alike first; and what a newcomer is written with if it is none of them. */
export async function alikeOf(
  subjects: Subjects,
  agency: number,
  person: Person,
  apart: ReadonlySet<SubjectRef>,
): Promise<{ readonly found: readonly AlikeFound[]; readonly newcomer: NewcomerAlike }> {
  const { asked, kept } = likenessOf(person);
  const isIdKnown = hasId(person);
  const lists = await Promise.all(
    asked.map(async (mark) => ({ mark, ...(await subjects.alike(agency, mark.key)) })),
  );
  const marksOf = new Map<SubjectRef, Mark[]>();
  for (const { mark, bearers } of lists) {
    for (const bearer of bearers) {
      const isTold = isIdKnown && bearer.isIdKnown && !isStrong(mark);
      if (isTold || apart.has(bearer.subject)) continue;
      marksOf.set(bearer.subject, [...(marksOf.get(bearer.subject) ?? []), mark]);
    }
  }
  const found = [...marksOf].map(([subject, marks]): AlikeFound & { readonly weight: number } => {
    const [first] = marks; // the marks of a line stand in the order of what they say
    const isSame = first?.kind === 'same';
    return { subject, isSame, facts: first ? MARK_WORDS[first.kind] : '', weight: marks.length };
  });
  found.sort((one, other) => Number(other.isSame) - Number(one.isSame) || other.weight - one.weight);
  const words = await Promise.all(kept.map(({ key }) => subjects.markWord(agency, key)));
  return { found, newcomer: { isIdKnown, kept: words, asked: lists } };
}

export async function keptOf(subjects: Subjects, agency: number, person: Person): Promise<NameWord[]> {
  return Promise.all(likenessOf(person).kept.map(({ key }) => subjects.markWord(agency, key)));
}
