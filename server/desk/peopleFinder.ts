/**
 * People an institution knows, found by their name or by an id that somebody issued.
 *
 * Promises: whoever is found has the line of this reading in her own list before a word of hers is opened; nobody is told
 * of who stands with another institution; a search reads a bounded number of rows. Of a holder it says which titles she
 * holds a share in. `http` calls it, for a purpose of the caller's role under a case.
 */
import { type DisclosureRequest, disclose } from '../disclose.ts';
import type { Bytes32 } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import { type BAUnitId, isEnded, type OfficeId } from '../domain/base/terms.ts';
import { idKeyOf } from '../domain/files/key.ts';
import { wordsOfName } from '../domain/files/sound.ts';
import type { StoredType, SubjectRef } from '../domain/people/schema.ts';
import type { KeyService } from '../store/keys.ts';
import { findByName, listedUnder, type NamesFound, nameWordsOf } from '../store/names.ts';
import type { Searches } from '../store/searches.ts';
import type { Store } from '../store/store.ts';
import type { Subjects } from '../store/subjects.ts';
import type { Disclosed } from '../store/vault.ts';
import type { Views } from '../store/views.ts';
import type { Sector } from './intake.ts';
import { type GroundReader, shareInWords, type TitleFinder } from './titleFinder.ts';
import type { FactsDependencies } from './vaultFacts.ts';

/** Ids that people have: of aid the first two, of land the last. */
export const ID_KINDS = ['national-id', 'agency-id', 'id-number'] as const;

export type SoughtBy =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: (typeof ID_KINDS)[number]; readonly id: string };

/** A title in whose newest state she holds something, with its number and area where the caller's institution keeps it. */
export interface HeldTitle {
  readonly baUnit: BAUnitId;
  /** Each of her holdings in it. */
  readonly holdings: readonly { readonly right: string; readonly share: string }[];
  readonly number?: string;
  readonly areaM2?: number;
}

export interface FoundPerson {
  readonly personId: Bytes32;
  /** The first of them, those that say the same once. */
  readonly records: readonly Disclosed[];
  readonly hasMoreRecords: boolean;
  /** A page of them. */
  readonly titles: readonly HeldTitle[];
  /** The unit after which more may follow. */
  readonly nextTitles?: string | undefined;
}

/** Titles of one person from a unit on: of whom is asked again after her first page. */
export interface TitlesAfter {
  readonly personId: string;
  readonly unit: string;
}

export interface PeopleFound {
  /** Of all pages; at least so many where `isTotalExact` is false, for no search reads on without end. */
  readonly total: number;
  readonly isTotalExact: boolean;
  readonly rows: readonly FoundPerson[];
  /** `after` of the search that goes on; absent where everybody was looked at. */
  readonly next?: number;
}

interface PeopleFinderDependencies extends FactsDependencies {
  readonly store: Store;
  readonly keys: KeyService;
  readonly subjects: Subjects;
  readonly searches: Searches;
  readonly views: Pick<Views, 'land'>;
  readonly titles: Pick<TitleFinder, 'groundOf'>;
  personIdOf(subject: SubjectRef, sector: Sector): Promise<Bytes32 | undefined>;
}

/** The sectors whose ids of people the caller knows, with what each keeps of a person. */
export type SectorTypes = Readonly<Partial<Record<Sector, readonly StoredType[]>>>;

export interface PeopleFinder {
  search(
    by: SoughtBy,
    request: Omit<DisclosureRequest, 'types'> & {
      readonly types: SectorTypes;
      readonly office: OfficeId | undefined;
    },
    page: {
      readonly limit: number;
      readonly after?: number | undefined;
      readonly titlesAfter?: TitlesAfter | undefined;
    },
  ): Promise<PeopleFound>;
}

/** A letter alone is no name, and three digits are everybody's. */
const NAME_LETTERS_MIN = 2;
const ID_CHARACTERS_MIN = 4;
/** More words than any name has. */
const WORDS_ASKED_MAX = 8;
/** People whom a search counts beyond its page: enough to see that a name alone finds nobody. */
const COUNTED_MAX = 200;
/** Of one person in a search: whoever holds more is a council or a company, and is read page by page. */
const RECORDS_SHOWN = 20;
const TITLES_SHOWN = 50;
/** Units that are looked at for them: what she held once stands among her records too. */
const UNITS_LOOKED_AT = 500;

export function openPeopleFinder(deps: PeopleFinderDependencies): PeopleFinder {
  const { store, keys, subjects, vault, searches } = deps;

  async function found(
    by: SoughtBy,
    agency: number,
    page: { limit: number; after?: number | undefined },
  ): Promise<NamesFound> {
    if (by.kind === 'name') return findByName(store, await nameWordsOf(keys, agency, by.name), page);
    // Whom an id finds stands on one page.
    if (page.after !== undefined) throw refusal('cursor-unknown', undefined, { field: '/after' });
    const subject = await subjects.find(agency, { scheme: by.kind, id: idKeyOf(by.id) });
    return { subjects: subject === undefined ? [] : [subject] };
  }

  /** Of the office that the reader works for, where it is one. Records say of which units there may be a holding of hers; whose it is, the commitment says. */
  async function titlesOf(
    subject: SubjectRef,
    agency: number,
    reader: Omit<GroundReader, 'isAuditor'>,
    after: string | undefined,
  ): Promise<{ readonly titles: readonly HeldTitle[]; readonly nextTitles?: string }> {
    const titles: HeldTitle[] = [];
    let [looked, last] = [0, ''];
    for await (const id of vault.units(subject, agency, after)) {
      if (titles.length === TITLES_SHOWN || looked++ === UNITS_LOOKED_AT) return { titles, nextTitles: last };
      last = id;
      const row = await deps.views.land.unit(`0x${id}` as BAUnitId);
      if (row === undefined || isEnded(row.state.header.status)) continue;
      // Whose a title of another office is, that office says.
      if (reader.office !== undefined && row.state.header.office !== reader.office) continue;
      const holdings: { readonly right: string; readonly share: string }[] = [];
      for (const { kind, denominator, holdings: all } of row.state.rights) {
        for (const { numerator, partyCommitment } of all) {
          if ((await deps.commitments.get(partyCommitment))?.subject !== subject) continue;
          holdings.push({ right: kind, share: shareInWords({ numerator, denominator }) });
        }
      }
      if (holdings.length === 0) continue;
      const ground = await deps.titles.groundOf(row.baUnit, Object.assign({ isAuditor: false }, reader));
      titles.push(Object.assign({ baUnit: row.baUnit, holdings }, ground));
    }
    return { titles };
  }

  /** The sector that the caller works in and she has records in; undefined of who has none there. Reads, and writes nothing. */
  async function standingOf(subject: SubjectRef, types: SectorTypes, agency: number) {
    for (const [sector, of] of Object.entries(types) as [Sector, readonly StoredType[]][]) {
      if (await vault.has(subject, agency, of)) return { sector, types: of };
    }
    return undefined;
  }

  /** With the id by which her sector knows her, which is hers from when she was first shown on. */
  async function shownOf(subject: SubjectRef, types: SectorTypes, agency: number) {
    const standing = await standingOf(subject, types, agency);
    const personId = standing && (await deps.personIdOf(subject, standing.sector));
    return personId === undefined ? undefined : Object.assign({ personId }, standing);
  }

  /** Of those who are shown as many as a page has: who has records elsewhere alone takes no place of it. */
  async function pageOf(
    by: SoughtBy,
    types: SectorTypes,
    agency: number,
    { limit, after }: { readonly limit: number; readonly after?: number | undefined },
  ) {
    const shown: {
      readonly subject: SubjectRef;
      readonly shown: NonNullable<Awaited<ReturnType<typeof shownOf>>>;
    }[] = [];
    let next = after;
    for (let looked = 0; looked < COUNTED_MAX && shown.length < limit; ) {
      const met = await found(by, agency, { limit: limit - shown.length, after: next });
      for (const subject of met.subjects) {
        const one = await shownOf(subject, types, agency);
        if (one !== undefined) shown.push({ subject, shown: one });
      }
      next = met.next;
      looked += Math.max(met.subjects.length, 1);
      if (next === undefined || met.subjects.length === 0) break; // it looked at as many as a search may
    }
    return { shown, next };
  }

  /** How many the search finds on all its pages: opens nothing of anybody. */
  async function counted(by: SoughtBy, types: SectorTypes, agency: number) {
    const { subjects: all, next } = await found(by, agency, { limit: COUNTED_MAX });
    const shown = await Promise.all(all.map((subject) => standingOf(subject, types, agency)));
    return { total: shown.filter((one) => one !== undefined).length, isTotalExact: next === undefined };
  }

  /** Refuses as `search-too-short` and `search-too-common`. */
  async function requireNarrow(by: SoughtBy, agency: number): Promise<void> {
    const at = { field: by.kind === 'name' ? '/by/name' : '/by/id' };
    if (by.kind !== 'name') {
      const isShort = idKeyOf(by.id).length < ID_CHARACTERS_MIN;
      if (isShort) throw refusal('search-too-short', { least: ID_CHARACTERS_MIN }, at);
      return;
    }
    const words = wordsOfName(by.name, WORDS_ASKED_MAX);
    const isShort = words.join('').length < NAME_LETTERS_MIN;
    if (isShort) throw refusal('search-too-short', { least: NAME_LETTERS_MIN }, at);
    if (words.length > 1) return;
    const [word] = await nameWordsOf(keys, agency, by.name);
    const isCommon = word !== undefined && (await listedUnder(store, word)) > COUNTED_MAX;
    if (isCommon) throw refusal('search-too-common', { most: COUNTED_MAX }, at);
  }

  return {
    async search(by, { types, office, ...request }, page) {
      const { agency, institution, actor: principal, caseReference = '', purpose } = request;
      await requireNarrow(by, agency);
      const asked = { institution, principal, caseReference, purpose };
      const { places, release } = await searches.reserve(asked, page.limit);
      const from = { limit: places, after: page.after };
      const { shown: met, next } = await pageOf(by, types, agency, from).catch(async (error: unknown) => {
        await release(places);
        throw error;
      });
      await release(places - met.length);
      const rows: FoundPerson[] = [];
      for (const { subject, shown } of met) {
        const { personId } = shown;
        const reading = Object.assign({}, request, { types: shown.types });
        const first = { page: { limit: RECORDS_SHOWN } };
        const { records, next: more } = await disclose(deps, reading, subject, first);
        const after = page.titlesAfter?.personId === personId ? page.titlesAfter.unit : undefined;
        const held = await titlesOf(subject, agency, { institution, office }, after);
        rows.push(
          Object.assign({ personId, records: once(records), hasMoreRecords: more !== undefined }, held),
        );
      }
      const { titlesAfter } = page;
      if (titlesAfter !== undefined && rows.every(({ personId }) => personId !== titlesAfter.personId)) {
        throw refusal('cursor-unknown', undefined, { field: '/titlesAfter' });
      }
      const told = Object.assign(await counted(by, types, agency), { rows });
      return next === undefined ? told : Object.assign(told, { next });
    },
  };
}

/** What says the same of somebody is written with every title of hers. */
function once(records: readonly Disclosed[]): readonly Disclosed[] {
  return [...new Map(records.map((one) => [JSON.stringify([one.type, one.fields]), one])).values()];
}
