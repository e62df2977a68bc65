/**
 * Who of an agency's people may be the person of a line: those with whom it has a mark of likeness in common.
 *
 * Promises: whoever may be the person is found, however many others stand before them; two who each have an id are two, but
 * where name and phone are one; whom an officer parted from the line, as lines of one file, are not asked about again;
 * nothing is read of anybody but which marks they have. The intake alone asks.
 */
import { hasId, isStrong, likenessOf, MARK_WORDS, type Mark, markBetween } from '../domain/files/likeness.ts';
import type { Person } from '../domain/files/registrations.ts';
import type { SubjectRef } from '../domain/people/schema.ts';
import type { NameWord } from '../store/names.ts';
import type { Bearers, NewcomerAlike, Subjects } from '../store/subjects.ts';

/** Who came with lines of one file so far. */
export interface FileMet {
  readonly agency: number;
  readonly people: Map<SubjectRef, Person>;
  /** How long lists of marks were before lines of the file that officers parted joined them. */
  readonly since: Map<string, number>;
}

export interface AlikeFound {
  readonly subject: SubjectRef;
  /** Name, place, sex and age are the same. */
  readonly isSame: boolean;
  /** What agrees most, as an officer is told it. */
  readonly facts: string;
}

export interface Alike {
  /** The most alike first. */
  readonly found: readonly AlikeFound[];
  /** There may be more. */
  readonly isMore: boolean;
  /** Somebody of another line who would be, had the lines not been parted. */
  readonly parted: SubjectRef | undefined;
  /** What a newcomer is written with if it is none of them. */
  readonly newcomer: NewcomerAlike;
}

/** Another line of the file whose person this is, though both lines are alike: an officer said that they are two. */
export function partedFrom({ people }: FileMet, person: Person, subject: SubjectRef): Person | undefined {
  const other = people.get(subject);
  if (other === undefined || other.line === person.line) return undefined;
  return markBetween(person, other) === undefined ? undefined : other;
}

export async function alikeOf(subjects: Subjects, met: FileMet, person: Person): Promise<Alike> {
  const { asked, kept } = likenessOf(person);
  const [isIdKnown, { agency }] = [hasId(person), met];
  const parted = new Map<SubjectRef, boolean>();
  const isParted = (subject: SubjectRef) => {
    const isKnown = parted.get(subject) ?? partedFrom(met, person, subject) !== undefined;
    parted.set(subject, isKnown);
    return isKnown;
  };
  const below = ({ word: { mac }, listed }: Pick<Bearers, 'word' | 'listed'>) => {
    const before = met.since.get(mac) ?? listed;
    met.since.set(mac, before);
    return before;
  };
  const known = new Map<string, Promise<NameWord>>();
  /** What is asked is mostly what is kept too. */
  const wordOf = (key: string, of: boolean): Promise<NameWord> => {
    const word = known.get(`${of} ${key}`) ?? subjects.markWord(agency, key, of);
    known.set(`${of} ${key}`, word);
    return word;
  };
  const lists = await Promise.all(
    asked.flatMap((mark) => {
      const isTold = isIdKnown && !isStrong(mark);
      const isMeant = (one: { readonly subject: SubjectRef; readonly isIdKnown: boolean }) =>
        !(isTold && one.isIdKnown) && !isParted(one.subject);
      const query = { isMeant, ...(person.isApart && { below }) };
      return [false, ...(isTold ? [] : [true])].map(async (of) => {
        return { mark, ...(await subjects.alike(await wordOf(mark.key, of), query)) };
      });
    }),
  );
  const marksOf = new Map<SubjectRef, Mark[]>();
  for (const { mark, found } of lists) {
    for (const subject of found) marksOf.set(subject, [...(marksOf.get(subject) ?? []), mark]);
  }
  const found = [...marksOf].map(([subject, marks]): AlikeFound & { readonly weight: number } => {
    const [first] = marks; // the marks of a line stand in the order of what they say
    const isSame = first?.kind === 'same';
    return { subject, isSame, facts: first ? MARK_WORDS[first.kind] : '', weight: marks.length };
  });
  found.sort((one, other) => Number(other.isSame) - Number(one.isSame) || other.weight - one.weight);
  const words = await Promise.all(kept.map(({ key }) => wordOf(key, isIdKnown)));
  const isMore = lists.some((list) => list.isMore);
  const [apart] = [...parted].find(([, is]) => is) ?? [];
  return { found, isMore, parted: apart, newcomer: { isIdKnown, kept: words, asked: lists } };
}
