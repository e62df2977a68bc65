/**
 * The calls to the register of land that no officer signs: children of a division, its completion, a sweep.
 *
 * Anyone may send them: the contracts check every word against what was signed, or against the clock. For the desk.
 */
import { TRANSACTION_GAS_CAP } from '../domain/base/chain.ts';
import type { Address } from '../domain/base/hex.ts';
import type { BAUnitId } from '../domain/base/terms.ts';
import type { Child } from '../domain/land/acts.ts';
import { toMessage } from '../domain/land/codec.ts';
import type { LoadingChunk } from '../domain/land/division.ts';
import type { BAUnitState } from '../domain/land/types.ts';
import { writeCall } from '../ledger/contracts.ts';
import type { Call } from '../store/operation.ts';

export interface LandCalls {
  loadChildren(parent: BAUnitId, chunk: LoadingChunk): Call;
  /** `state` is the parent's in force: dividing in the first call, retired in the others. */
  completeDivision(parent: BAUnitId, state: BAUnitState, children: readonly Child[]): Call;
  sweep(baUnit: BAUnitId, state: BAUnitState): Call;
}

/** `at` says where the contracts in force are, at each call. */
export function openLandCalls(at: Readonly<Record<'landDivision' | 'landCharges', Address>>): LandCalls {
  const gas = BigInt(TRANSACTION_GAS_CAP);
  const messages = (children: readonly Child[]) => children.map((child) => toMessage('Child', child));
  return {
    loadChildren: (parent, { children, rest }) => ({
      to: at.landDivision,
      gas,
      data: writeCall('landDivision', 'loadChildren', [parent, messages(children), rest]),
    }),
    completeDivision: (parent, state, children) => ({
      to: at.landDivision,
      gas,
      data: writeCall('landDivision', 'completeDivision', [
        parent,
        toMessage('BAUnitState', state),
        messages(children),
      ]),
    }),
    sweep: (baUnit, state) => ({
      to: at.landCharges,
      gas,
      data: writeCall('landCharges', 'sweep', [baUnit, toMessage('BAUnitState', state)]),
    }),
  };
}
