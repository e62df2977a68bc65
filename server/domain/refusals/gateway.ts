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
} as const satisfies Record<string, RefusalRow>;
