/**
 * A prepared act as the file its signers read (`kudurru-act-1`), when it is made and whenever somebody asks again.
 *
 * Promises: the same file each time, but for openings that were destroyed since or that the asker may not see; the
 * names in it come out of the vault and stand in the access log of whom they name. Where an act is made, the caller
 * has just handed them in and nothing is logged.
 */
import { itemsOf, type WaitingAct, type WaitingActs } from '../acts/pending.ts';
import type { TypedStruct } from '../domain/acts/typedData.ts';
import { ZERO_32 } from '../domain/base/hex.ts';
import { writePreparedAct } from '../domain/signer/actFile.ts';
import type { Opens } from '../domain/signer/openings.ts';
import type { SignableData } from '../domain/signer/typedJson.ts';
import type { PreparedAct } from '../store/acts.ts';
import { type FactsDependencies, factsUnder, type Requester } from './vaultFacts.ts';

/** The file of an act with what its commitments stand for. */
export function actFile(waiting: WaitingAct, opens: readonly Opens[]) {
  const { typedData, consents, states } = waiting;
  const { deadline } = typedData.message.head as TypedStruct;
  if (deadline === undefined) throw new Error('an act without a deadline');
  // Who consents decides for how long; until then a consent is shown as long as the act may wait.
  const untimed = { notBefore: 0n, deadline, mandateCommitment: ZERO_32 };
  return writePreparedAct({
    act: typedData as SignableData,
    items: itemsOf(waiting),
    approval: undefined,
    consents: consents.map(
      ({ domain, types, fields }) =>
        ({ domain, types, primaryType: 'Consent', message: { ...fields, ...untimed } }) as SignableData,
    ),
    opens: [...opens, ...states.map((state) => ({ state }))],
  });
}

export class ActFiles {
  readonly #acts: WaitingActs;
  readonly #deps: FactsDependencies;

  constructor(acts: WaitingActs, deps: FactsDependencies) {
    this.#acts = acts;
    this.#deps = deps;
  }

  /** Whoever is of another institution than the act's, an auditor, sees the commitments closed. */
  async of({ id, owner }: PreparedAct, requester: Requester): Promise<unknown> {
    const waiting = await this.#acts.get(id);
    const isOwn = owner.institution === requester.institution;
    const opened = (isOwn ? waiting.roots : []).map((root) =>
      factsUnder(this.#deps, root, requester, 'registration'),
    );
    return actFile(
      waiting,
      (await Promise.all(opened)).flatMap((set) => set ?? []),
    );
  }
}
