/**
 * What stands behind a commitment, for somebody who may know: the vault's openings under a root.
 *
 * Promises: facts come out through `disclose` only, so that the reading stands in the access log of whom they are
 * about; what is answered hashes to the root; undefined where nobody kept the openings, where they were destroyed, and
 * where another institution keeps them and no agreement covers the reading.
 */
import { type DiscloseDependencies, disclose } from '../disclose.ts';
import { commitFacts, type Fact, type FactSet } from '../domain/acts/facts.ts';
import type { Bytes32 } from '../domain/base/hex.ts';
import { Refusal } from '../domain/base/refusal.ts';
import { DATA_CLASSES, type Purpose } from '../domain/people/schema.ts';
import type { Commitments } from '../store/carried.ts';

export interface FactsDependencies extends DiscloseDependencies {
  readonly commitments: Commitments;
}

/** On whose request facts are read. */
export interface Requester {
  readonly id: string;
  readonly institution: number;
  readonly caseReference: string | undefined;
  /** Under which another institution hands over what it keeps; its line says that it was handed over, and to whom. */
  readonly agreement?: string;
}

export async function factsUnder(
  deps: FactsDependencies,
  root: Bytes32,
  { id, institution, caseReference, agreement }: Requester,
  purpose: Purpose,
): Promise<FactSet | undefined> {
  const place = await deps.commitments.get(root);
  if (place === undefined) return undefined;
  const isElsewhere = place.agency !== institution;
  if (isElsewhere && agreement === undefined) return undefined;
  const request = {
    actor: id,
    institution,
    agency: place.agency,
    caseReference,
    purpose,
    ...(isElsewhere ? { agreement, transferTo: institution } : {}),
    classes: DATA_CLASSES,
    types: ['opening'] as const,
  };
  try {
    const { records } = await disclose(deps, request, place.subject, { group: place.group });
    // One person may stand behind several commitments of a unit: a record's id says which it belongs to.
    const sets = Map.groupBy(records, ({ id: record }) => record.slice(0, record.lastIndexOf('-')));
    return [...sets.values()]
      .map((set) => set.flatMap((record) => (record.type === 'opening' ? [record.fields as Fact] : [])))
      .filter((facts) => facts.length > 0)
      .map(commitFacts)
      .find((set) => set.root === root);
  } catch (error) {
    if (error instanceof Refusal && error.code === 'erased') return undefined;
    throw error;
  }
}
