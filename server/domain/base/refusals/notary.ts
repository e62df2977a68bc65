/** What the notary refuses. The order is that of the contract's checks. */
import type { RefusalRow } from './row.ts';

export const notaryRefusals = {
  'recorder-unknown': {
    kind: 'missing',
    message: 'The institution has no recorder key.',
    remedy: 'Have two admin officers of the institution appoint one.',
    rule: 'N1',
  },
  'recorder-epoch-stale': {
    kind: 'conflict',
    message: 'The recorder key named is not the one in force.',
    remedy: 'Read the recorder of the institution again, and name its number.',
    rule: 'N1',
  },
  'recorder-key-used': {
    kind: 'conflict',
    message: 'The recorder key is missing, or was a recorder before.',
    remedy: 'Make a new key for the recorder.',
    rule: 'N1',
  },
  'recorder-key-not-shown': {
    kind: 'forbidden',
    message: 'The new recorder key did not sign that it is held.',
    remedy: 'Sign the possession with the new key, for this institution and this number.',
    rule: 'N1',
  },
  'recorder-not-yet-active': {
    kind: 'conflict',
    message: 'The recorder key does not count yet.',
    remedy: 'Wait until the appointment counts.',
    rule: 'P5',
  },
  'root-kind-unknown': {
    kind: 'invalid',
    message: 'The root is of no kind.',
    remedy: 'Say whether it is of an access log, of published files or a checkpoint.',
  },
  'root-missing': {
    kind: 'invalid',
    message: 'The root is zero.',
    remedy: 'Record the root that was computed.',
  },
  'root-out-of-order': {
    kind: 'conflict',
    message: 'The root is not the next of its kind.',
    remedy: 'Read the newest root again, and number the next one after it.',
    rule: 'N1',
  },
  'root-too-soon': {
    kind: 'conflict',
    message: 'A root of this kind may be recorded once in {everySeconds} seconds.',
    remedy: 'Wait, and record the root that stands then.',
    rule: 'N1',
  },
  'lines-shrank': {
    kind: 'conflict',
    message: 'The root covers fewer lines than the one before by the same key.',
    remedy:
      'Find the lines that are missing: a log only grows. Where the key was stolen, two admins appoint another.',
    rule: 'N1',
  },
  'stones-differ': {
    kind: 'conflict',
    message: 'The root names another number of destroyed keys than was counted.',
    remedy: 'Record the erasures first, then the root that counts them.',
    rule: 'N2',
  },
  'day-out-of-range': {
    kind: 'invalid',
    message: 'The newest day of the root is before that of the root before, or in the future.',
    remedy: 'Name the newest day that the root covers, in UTC.',
    rule: 'N1',
  },
  'erasure-size-out-of-range': {
    kind: 'invalid',
    message: 'An erasure names between one and {limit} keys.',
    remedy: 'Split the list.',
  },
  'erasure-out-of-order': {
    kind: 'invalid',
    message: 'The ids of an erasure do not rise.',
    remedy: 'Sort the ids, each once.',
    rule: 'N2',
  },
  'erasure-stale': {
    kind: 'conflict',
    message: 'The erasure follows another count than the one in force.',
    remedy: 'Read the recorder of the institution again, and sign over its count.',
    rule: 'N2',
  },
  'recorder-signature-invalid': {
    kind: 'forbidden',
    message: 'The recorder of the institution did not sign.',
    remedy: 'Sign with the key in force.',
    rule: 'N1',
  },
} as const satisfies Record<string, RefusalRow>;
