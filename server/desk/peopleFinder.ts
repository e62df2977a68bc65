/**
 * People an institution knows, found by their name or by an id that somebody issued.
 *
 * Promises: whoever is found has the line of this reading in her own list before a word of hers is opened; nobody is told
 * of who stands with another institution; a search reads a bounded number of rows. Of a holder it says which units her
 * records are of. `http` calls it, for a purpose of the caller's role under a case.
 */
import { type DisclosureRequest, disclose } from '../disclose.ts';
import type { Bytes32 } from '../domain/base/hex.ts';
import type { BAUnitId } from '../domain/base/terms.ts';
import { idKeyOf } from '../domain/files/key.ts';
import type { SubjectRef } from '../domain/people/schema.ts';
import type { KeyService } from '../store/keys.ts';
import { findByName, nameWordsOf } from '../store/names.ts';
import type { Store } from '../store/store.ts';
import type { Subjects } from '../store/subjects.ts';
import type { Disclosed } from '../store/vault.ts';
import type { Views } from '../store/views.ts';
import type { Sector } from './intake.ts';
import type { FactsDependencies } from './vaultFacts.ts';

/** Ids that people have: of aid the first two, of land the last. */
export const ID_KINDS = ['national-id', 'agency-id', 'id-number'] as const;

export type SoughtBy =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: (typeof ID_KINDS)[number]; readonly id: string };

export interface FoundPerson {
  readonly personId: Bytes32;
  readonly records: readonly Disclosed[];
  /** Units in whose newest state she holds a share. */
  readonly baUnits: readonly BAUnitId[];
}

export interface PeopleFound {
  readonly people: readonly FoundPerson[];
  /** `after` of the search that goes on; absent where everybody was looked at. */
  readonly next?: number;
}

interface PeopleFinderDependencies extends FactsDependencies {
  readonly store: Store;
  readonly keys: KeyService;
  readonly subjects: Subjects;
  readonly views: Pick<Views, 'land'>;
  personIdOf(subject: SubjectRef, sector: Sector): Promise<Bytes32 | undefined>;
}

export interface PeopleFinder {
  search(
    by: SoughtBy,
    request: DisclosureRequest & { readonly sector: Sector },
    page: { readonly limit: number; readonly after?: number | undefined },
  ): Promise<PeopleFound>;
}

const UNIT = /^[0-9a-f]{64}$/;

export function openPeopleFinder(deps: PeopleFinderDependencies): PeopleFinder {
  const { store, keys, subjects, vault } = deps;

  async function found(by: SoughtBy, agency: number, page: { limit: number; after?: number | undefined }) {
    if (by.kind === 'name') return findByName(store, await nameWordsOf(keys, agency, by.name), page);
    const subject = await subjects.find(agency, { scheme: by.kind, id: idKeyOf(by.id) });
    return { subjects: subject === undefined ? [] : [subject] };
  }

  /** Records say of which units there may be a holding of hers; whose it is, the commitment says. */
  async function unitsOf(subject: SubjectRef, groups: readonly string[]): Promise<readonly BAUnitId[]> {
    const named = new Set(groups.map((group) => group.split('.', 1)[0] ?? '').filter((id) => UNIT.test(id)));
    const units: BAUnitId[] = [];
    for (const id of named) {
      const row = await deps.views.land.unit(`0x${id}` as BAUnitId);
      const holdings = row?.state.rights.flatMap((right) => right.holdings) ?? [];
      const parties = await Promise.all(
        holdings.map(({ partyCommitment }) => deps.commitments.get(partyCommitment)),
      );
      if (row !== undefined && parties.some((party) => party?.subject === subject)) units.push(row.baUnit);
    }
    return units;
  }

  return {
    async search(by, { sector, ...request }, page) {
      const { subjects: met, ...rest } = await found(by, request.agency, page);
      const people: FoundPerson[] = [];
      for (const subject of met) {
        const kept = await vault.list(subject, request.agency);
        if (!kept.some(({ type }) => request.types.includes(type))) continue;
        const personId = await deps.personIdOf(subject, sector);
        if (personId === undefined) continue;
        const { records } = await disclose(deps, request, subject);
        const groups = kept.map(({ group }) => group);
        people.push({ personId, records, baUnits: await unitsOf(subject, groups) });
      }
      return Object.assign({ people }, rest);
    },
  };
}
