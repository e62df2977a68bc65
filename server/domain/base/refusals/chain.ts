import type { RefusalRow } from './row.ts';

const REPORT = 'Stop writing, keep both headers, and report it to every institution and an auditor.';

/** Why a chain, our own or a node's, is not the one this ledger stands on. */
export const chainRefusals = {
  'replay-differs': {
    kind: 'invalid',
    message: 'Block {blockNumber} does not come out of the journal with the hash it was written with.',
    remedy: 'Start the version that wrote it, or restore the data folder from a backup.',
    rule: 'HA1',
  },
  'clock-doubtful': {
    kind: 'conflict',
    message:
      "This machine's clock is {days} days after the newest block and after the last time the gateway ran, so no block is made.",
    remedy: 'Check the clock; if it is right, start once with `kudurru up --accept-clock`.',
  },
  'fork-unsupported': {
    kind: 'invalid',
    message: 'This ledger was founded under rules that this version cannot execute.',
    remedy: 'Start the version that founded it.',
  },
  'ledger-differs': {
    kind: 'invalid',
    message: 'This is another ledger than the one that is trusted here: its {what} differs.',
    remedy: 'Check the address of the node, or the folder, and where the trust file came from.',
    rule: 'XR3',
  },
  'block-differs': {
    kind: 'conflict',
    message: 'The node shows another block {blockNumber} than the one that was final here.',
    remedy: REPORT,
    rule: 'XR3',
  },
  'ledger-unverified': {
    kind: 'invalid',
    message: 'What the node says about block {blockNumber} does not verify: {what}.',
    remedy: 'Ask another node; if that one agrees, report it.',
    rule: 'XR3',
  },
  'transaction-malformed': {
    kind: 'malformed',
    message: 'A transaction of a block is not in a form that any known fork has.',
    remedy: 'Ask another node.',
    rule: 'XR6',
  },
} as const satisfies Record<string, RefusalRow>;
