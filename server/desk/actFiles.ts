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
export type ActFileReader = (act: PendingAct, requester: Requester) => Promise<unknown>;

/** A requester of another institution than the act's, an auditor, sees the commitments closed. */
export function actFileReader(acts: PendingActs, deps: FactsDependencies): ActFileReader {
  return async ({ id, owner }, requester) => {
    const content = await acts.content(id);
    const isOwn = owner.institution === requester.institution;
    const opened = (isOwn ? content.roots : []).map((root) =>
      factsUnder(deps, root, requester, 'registration'),
    );
    return actFileOf(
      content,
      (await Promise.all(opened)).flatMap((set) => set ?? []),
    );
  };
}
