import type { RefusalRow } from './row.ts';

const OTHER_COPY = 'Take another copy of this backup, or the backup before it; nothing was written.';

/** What operators and stewards meet, who work by command. No page of a browser has these words. */
export const operatorRefusals = {
  'gateway-not-running': {
    kind: 'missing',
    message: 'No gateway runs on this data folder.',
    remedy:
      'Name the folder of one that runs; of one that is stopped, copy the folder and its folder of keys.',
  },
  'folder-not-empty': {
    kind: 'conflict',
    message: 'The folder {folder} is not empty.',
    remedy: 'Name one that is not there, or empty; nothing was written.',
  },
  'backup-beside-keys': {
    kind: 'forbidden',
    message: 'The keys would lie with the backup.',
    remedy: 'Name a folder on another disk for one of them: whoever has both can read everybody.',
  },
  'backup-unfinished': {
    kind: 'missing',
    message: 'The folder {folder} has no manifest: it is no backup, or one that was not finished.',
    remedy: 'Name the folder of a backup that was finished.',
  },
  'backup-of-another-version': {
    kind: 'invalid',
    message: 'The backup was written by a version that this one does not read.',
    remedy: 'Restore it with the version that wrote it.',
  },
  'backup-file-missing': {
    kind: 'missing',
    message: 'The file {file} of the backup is not there.',
    remedy: OTHER_COPY,
  },
  'backup-changed': {
    kind: 'invalid',
    message: 'The file {file} of the backup is not what was written.',
    remedy: OTHER_COPY,
  },
  'backup-of-other-keys': {
    kind: 'conflict',
    message: 'The backup was not signed by the gateway whose keys these are.',
    remedy: 'Name the copy of the folder of keys that belongs to this backup.',
  },
  'backup-of-another-ledger': {
    kind: 'conflict',
    message: 'The backup is of another ledger than the one that it is held against: its {what} differs.',
    remedy: 'Name the node, the journal and the trust file of the ledger that was backed up.',
    rule: 'XR3',
  },
  'chain-behind-backup': {
    kind: 'conflict',
    message: 'The chain ends at block {through}, and the backup stood on block {blockNumber}.',
    remedy: 'Name a node that has caught up, or a journal that was exported after the backup was taken.',
    rule: 'XR3',
  },
  'destroyed-keys-unlisted': {
    kind: 'missing',
    message: 'Nobody showed which keys were destroyed since the backup.',
    remedy:
      'Name a node with `--rpc`, or with `--journal` a journal that was exported after the backup. Only where a ledger of ' +
      'one machine left neither: `--no-list`, and order every erasure since the backup again.',
  },
  'restored-unsound': {
    kind: 'invalid',
    message: 'What the backup holds does not check: {findings} findings.',
    remedy: OTHER_COPY,
  },
  'erasure-kept-by-law': {
    kind: 'conflict',
    message: 'The law has data of this person kept: by the rule {rule}, until {until}.',
    remedy: 'Tell the person the rule and the day; ask again then. Nothing was erased.',
  },
  'erasure-act-waits': {
    kind: 'conflict',
    message: 'An act that carries data of this person waits, or wrote some just now.',
    remedy: 'Have the act recorded or taken back, then ask again.',
  },
  'person-kept-by-others': {
    kind: 'conflict',
    message: 'Another institution keeps data of this person too.',
    remedy: 'Each erases its own: have it asked for there as well.',
  },
  'too-many-erasures-waiting': {
    kind: 'exhausted',
    message: 'More than {limit} erasures wait for a signature.',
    remedy: 'Sign those that wait, or let them lapse after thirty days.',
  },
  'erasure-missing': {
    kind: 'missing',
    message: 'The own institution has no such erasure.',
    remedy: 'See `GET /erasures`; what nobody signed lapses after thirty days.',
  },
} as const satisfies Record<string, RefusalRow>;
