/** A prepared act on land as it waits: what its signers read, whose consent it needs, and the call it becomes. */
import { type WaitingAct, waitingAct } from '../actBook.ts';
import type { ActToPrepare } from '../commit.ts';
import type { ContractName } from '../domain/events.ts';
import { ZERO_32 } from '../domain/hex.ts';
import type { LandLedger } from '../domain/land/acts.ts';
import { toMessage } from '../domain/land/codec.ts';
import {
  approvalOf,
  consentOf,
  type LandMethod,
  type Preparation,
  type PreparedAct,
} from '../domain/land/prepare.ts';
import type { BAUnitState } from '../domain/land/types.ts';
import { writePreparedAct } from '../domain/preparedAct.ts';
import { Refusals } from '../domain/refusal.ts';
import type { OfficerId } from '../domain/terms.ts';
import type { TypedStruct } from '../domain/typedData.ts';
import type { SignableData } from '../domain/typedJson.ts';
import type { Owner } from '../store/operation.ts';
import type { VaultEntry } from '../store/vault.ts';
import type { Openings } from './openings.ts';

/** How long an act waits for its signatures: a notary's week and the holidays. */
const ACT_WAITS_MS = 30 * 24 * 3_600_000;

const CONTRACT_OF: Readonly<Record<LandMethod, ContractName>> = {
  registerTitle: 'land',
  registerTitles: 'land',
  transferRight: 'land',
  createRestriction: 'landCharges',
  discharge: 'landCharges',
  subdivide: 'landPartition',
  consolidate: 'landPartition',
};

/** The act as `commit` keeps it, or everything that speaks against it. */
export function landActToPrepare(
  { ledger, owner, nowMs }: { readonly ledger: LandLedger; readonly owner: Owner; readonly nowMs: number },
  preparation: Preparation,
  openings: Openings,
  people: readonly VaultEntry[],
  orderedBy: string,
  items: readonly TypedStruct[] = [],
): ActToPrepare {
  if (!preparation.ok) throw new Refusals(preparation.refusals);
  const { prepared } = preparation;
  return {
    id: prepared.entryId,
    kind: prepared.act,
    owner,
    typedData: waitingAct(waitingLandAct(ledger, prepared, orderedBy, items)),
    openings: [...people, ...openings.entries(owner.institution, prepared.entryId)],
    commitments: openings.places(owner.institution),
    expiresAtMs: nowMs + ACT_WAITS_MS,
  };
}

function waitingLandAct(
  ledger: LandLedger,
  prepared: PreparedAct,
  orderedBy: string,
  items: readonly TypedStruct[],
): WaitingAct {
  const { typedData, consents, method, args, head, changes, factSets } = prepared;
  const untimed = { notBefore: 0n, deadline: head.deadline, mandateCommitment: ZERO_32 };
  const asked = consents.map((needed) => ({
    data: consentOf(ledger, needed, untimed),
    keyHash: needed.keyHash,
  }));
  const approval = { approver: ZERO_32 as OfficerId, approverEpoch: 0, deadline: 0n };
  const priors = changes.flatMap(({ prior }) =>
    prior === undefined ? [] : [{ state: stateMessage(prior) }],
  );
  return {
    typedData,
    approvalTypes: approvalOf(typedData, approval).types,
    consents: asked.map(({ data: { domain, types, message }, keyHash }) => {
      const { notBefore: _, deadline: __, mandateCommitment: ___, ...fields } = message;
      return { domain, types, fields, keyHash };
    }),
    contract: CONTRACT_OF[method],
    method,
    args,
    takesConsents: method !== 'registerTitle' && method !== 'registerTitles',
    orderedBy,
    file: writePreparedAct({
      act: typedData as SignableData,
      items,
      approval: undefined,
      consents: asked.map(({ data }) => data as SignableData),
      opens: [...factSets, ...priors],
    }),
  };
}

function stateMessage(state: BAUnitState) {
  return toMessage('BAUnitState', state);
}
