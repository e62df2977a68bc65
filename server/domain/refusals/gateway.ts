import type { RefusalRow } from './row.ts';

/** What the gateway itself refuses before any rule of land or benefits is asked. */
export const gatewayRefusals = {
  'malformed-body': {
    kind: 'malformed',
    message: 'The body is not well-formed JSON at character {position}.',
    remedy: 'Send strict JSON in UTF-8: no trailing text, no lone surrogates, no `__proto__`.',
  },
  'body-too-deep': {
    kind: 'malformed',
    message: 'The body nests deeper than {limit} levels.',
    remedy: 'Send the shape the API page shows.',
  },
  'duplicate-field': {
    kind: 'malformed',
    message: 'The body names a field twice.',
    remedy: 'Name every field once: two readers would otherwise see two different requests.',
  },
  'number-out-of-range': {
    kind: 'malformed',
    message: 'The body holds a number that JSON readers would round.',
    remedy: 'Write money, units and other large integers as decimal strings.',
  },
  'body-too-large': {
    kind: 'exhausted',
    message: 'The body is larger than {limitBytes} bytes.',
    remedy: 'Send it in parts, or use the streaming route for files.',
    rule: 'CS3',
  },
  'media-type-unsupported': {
    kind: 'malformed',
    message: 'This route does not read that media type.',
    remedy: 'Send the media type the API page names, with charset UTF-8 or none.',
  },
  'method-not-allowed': {
    kind: 'malformed',
    message: 'This path does not answer that method.',
    remedy: 'Use one of the methods in the `Allow` header.',
  },
  'data-folder-in-use': {
    kind: 'conflict',
    message: 'Another process owns this data folder.',
    remedy: 'Ask the running gateway through its admin token, or stop it first.',
  },
  'read-only': {
    kind: 'exhausted',
    message: 'The disk is nearly full: less than {floorMiB} MiB are free, so nothing new is accepted.',
    remedy: 'Free disk space. Reading goes on, and what was accepted is being finished.',
  },
  'journal-block-missing': {
    kind: 'missing',
    message: 'The journal of this ledger lacks block {blockNumber}.',
    remedy: 'Restore the data folder from a backup or rebuild it from another node.',
  },
  'journal-block-damaged': {
    kind: 'invalid',
    message: 'Block {blockNumber} of the journal is not the one that was written.',
    remedy: 'Restore the data folder from a backup or rebuild it from another node.',
  },
} as const satisfies Record<string, RefusalRow>;
