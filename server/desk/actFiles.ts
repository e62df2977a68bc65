/**
 * A pending act as the file its signers read (`kudurru-act-1`), whenever somebody asks for it again.
 *
 * Promises: the same file each time, but for openings that were destroyed since or that the asker may not see; the
 * names in it come out of the vault and stand in the access log of the people they name.
 */
import { actFileOf } from '../domain/signer/actFile.ts';
import type { PendingAct, PendingActs } from '../store/acts.ts';
import { type FactsDependencies, factsUnder, type Requester } from './vaultFacts.ts';

/** Reads the file of an act for somebody. */
export type ActFileReader = (act: PendingAct, requester: Requester | undefined) => Promise<unknown>;

/** Without a requester the commitments stay closed: for who may read the act and is not to read of people. */
export function actFileReader(acts: PendingActs, deps: FactsDependencies): ActFileReader {
  return async ({ id }, requester) => {
    const content = await acts.content(id);
    const opened =
      requester && content.roots.map((root) => factsUnder(deps, root, requester, 'registration'));
    const ofPeople = (await Promise.all(opened ?? [])).flatMap((set) => set ?? []);
    return actFileOf(content, [...(content.opened ?? []), ...ofPeople]);
  };
}
