/**
 * What an approver signs: the whole act, nested, and the approver's own part. The one builder of this message.
 *
 * Promises: the same digest as `Journal` computes for an act of any register. Pure.
 */
import type { Approval } from './head.ts';
import { struct, type TypedData, type TypeTable, typesOf } from './typedData.ts';

const APPROVAL = 'Approval';

/** By the table of the act and its type: typedData.ts remembers a table by the object it is. */
const remembered = new WeakMap<TypeTable, Map<string, TypeTable>>();

/** The types of the approval over an act of this type. */
export function approvalTypes(types: TypeTable, primaryType: string): TypeTable {
  const ofTable = remembered.get(types) ?? new Map<string, TypeTable>();
  remembered.set(types, ofTable);
  const known = ofTable.get(primaryType);
  if (known !== undefined) return known;
  const all = {
    ...types,
    [APPROVAL]: struct(`${primaryType} act`, 'bytes32 approver', 'uint32 approverEpoch', 'uint64 deadline'),
  };
  const used = typesOf(all, APPROVAL);
  ofTable.set(primaryType, used);
  return used;
}

/** The approval of an act, as its approver signs it. */
export function approvalOf<A extends TypedData>(
  act: A,
  { approver, approverEpoch, deadline }: Approval,
): TypedData & Pick<A, 'domain'> {
  return {
    domain: act.domain,
    types: approvalTypes(act.types, act.primaryType),
    primaryType: APPROVAL,
    message: { act: act.message, approver, approverEpoch, deadline },
  };
}
