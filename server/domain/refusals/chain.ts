import type { RefusalRow } from './row.ts';

/** Why a chain, our own or a node's, is not the one this ledger stands on. */
export const chainRefusals = {
  'replay-differs': {
    kind: 'invalid',
    message: 'Block {blockNumber} does not come out of the journal with the hash it was written with.',
    remedy: 'Start the version that wrote it, or restore the data folder from a backup.',
    rule: 'HA1',
  },
  'fork-unsupported': {
    kind: 'invalid',
    message: 'This ledger was founded under rules that this version cannot execute.',
    remedy: 'Start the version that founded it.',
  },
} as const satisfies Record<string, RefusalRow>;
