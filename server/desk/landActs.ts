/** A prepared act on land as it waits: what its signers read, whose consent it needs, and the call it becomes. */

import type { ActToPrepare } from '../acts/commit.ts';
import { partsOf, type WaitingAct, waitingAct } from '../acts/pending.ts';
import { ZERO_32 } from '../domain/base/hex.ts';
import { Refusals } from '../domain/base/refusal.ts';
import type { LandLedger } from '../domain/land/acts.ts';
import { toMessage } from '../domain/land/codec.ts';
import { consentOf, type Preparation, type PreparedAct } from '../domain/land/prepare.ts';
import type { BAUnitState } from '../domain/land/types.ts';
import type { Owner } from '../store/operation.ts';
import { actFile } from './actFiles.ts';
import type { Cast } from './cast.ts';
import type { Openings } from './openings.ts';

/** How long an act waits for its signatures: a notary's week and the holidays. */
const ACT_WAITS_MS = 30 * 24 * 3_600_000;

/** The act as `commit` keeps it, or everything that speaks against it. */
export function landActToPrepare(
  { ledger, owner, nowMs }: { readonly ledger: LandLedger; readonly owner: Owner; readonly nowMs: number },
  preparation: Preparation,
  openings: Openings,
  cast: Cast,
  orderedBy: string,
): ActToPrepare {
  if (!preparation.ok) throw new Refusals(preparation.refusals);
  const { prepared } = preparation;
  const waiting = waitingLandAct(ledger, prepared, orderedBy);
  return {
    id: prepared.entryId,
    kind: prepared.act,
    owner,
    parts: partsOf(waiting),
    content: waitingAct(waiting),
    openings: [...cast.entries, ...openings.entries(owner.institution, prepared.entryId)],
    newcomers: cast.newcomers,
    commitments: openings.places(owner.institution),
    expiresAtMs: nowMs + ACT_WAITS_MS,
    file: actFile(waiting, prepared.factSets),
  };
}

/** The time of a consent is for who gives it to say. */
const UNTIMED = { notBefore: 0n, deadline: 0n, mandateCommitment: ZERO_32 };

function waitingLandAct(ledger: LandLedger, prepared: PreparedAct, orderedBy: string): WaitingAct {
  const { typedData, consents, args, changes, factSets } = prepared;
  return {
    typedData,
    consents: consents.map((needed) => {
      const { domain, types, message } = consentOf(ledger, needed, UNTIMED);
      const { notBefore: _, deadline: __, mandateCommitment: ___, ...fields } = message;
      return { domain, types, fields, keyHash: needed.keyHash };
    }),
    args,
    orderedBy,
    states: changes.flatMap(({ prior }) => (prior === undefined ? [] : [stateMessage(prior)])),
    roots: factSets.map(({ root }) => root),
  };
}

function stateMessage(state: BAUnitState) {
  return toMessage('BAUnitState', state);
}
