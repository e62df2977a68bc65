import type { RefusalRow } from './row.ts';

const PREPARE_AGAIN = 'Prepare the act again and have it signed within its time.';

/** Who may act, and when: errors of the Charter, the Consortium and every journal. */
export const powerRefusals = {
  'not-the-authority': {
    kind: 'forbidden',
    message: 'Only the authority the Charter names may do this.',
    remedy: 'Have the member institutions vote on it.',
    rule: 'BB3',
  },
  'validator-set-unchanged': {
    kind: 'conflict',
    message: 'The validator is in the set already, or was never in it.',
    remedy: 'Read the set in force and decide again.',
  },
  'too-few-validators': {
    kind: 'invalid',
    message: 'The removal would leave fewer validators than the Charter allows.',
    remedy: 'Add the successor first.',
    rule: 'BB2',
  },
  'too-many-validators': {
    kind: 'exhausted',
    message: 'The set of validators is full.',
    remedy: 'Remove a validator first.',
  },
  'not-a-contract': {
    kind: 'invalid',
    message: 'There is no contract at the address that should be an authority or a register.',
    remedy: 'Deploy the contract first and name its address.',
  },
  'register-is-frozen': {
    kind: 'gone',
    message: 'The register is frozen and another continues it.',
    remedy: 'Send the act to the register the Charter names now.',
  },
  'act-not-yet-valid': {
    kind: 'conflict',
    message: 'The act may not be recorded before the time it names.',
    remedy: 'Send it again when its time has come; its signatures stay good.',
  },
  'act-expired': {
    kind: 'conflict',
    message: 'The time within which the act could be recorded has passed.',
    remedy: PREPARE_AGAIN,
  },
  'approval-expired': {
    kind: 'conflict',
    message: 'The time within which the approval counts has passed.',
    remedy: 'Have the act approved again; consents stay good.',
  },
  'batch-items-differ': {
    kind: 'invalid',
    message: 'The items of the batch are not the ones that were signed.',
    remedy: PREPARE_AGAIN,
  },
  'batch-size-out-of-range': {
    kind: 'exhausted',
    message: 'The batch is empty or larger than its register takes.',
    remedy: 'Split it and have each part signed.',
  },
  'batch-not-atomic': {
    kind: 'invalid',
    message: 'The batch asks to be recorded in part, which this version does not offer.',
    remedy: 'Sign the batch as atomic.',
  },
  'act-withdrawn': {
    kind: 'conflict',
    message: 'One of its officers has withdrawn the act.',
    remedy: PREPARE_AGAIN,
  },
} as const satisfies Record<string, RefusalRow>;
