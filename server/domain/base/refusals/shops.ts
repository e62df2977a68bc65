import type { RefusalRow } from './row.ts';

/** What the commands of a card and of a till refuse, before anything goes to a gateway. */
export const shopRefusals = {
  'card-file-malformed': {
    kind: 'malformed',
    message: 'This is not a card of this version.',
    remedy: 'Take the card from a copy, or have the agency make another one.',
  },
  'card-without-place': {
    kind: 'conflict',
    message: 'The card has no place in its enrolment yet.',
    remedy: 'Have the agency run `kudurru card place` once the enrolment is loaded.',
  },
  'pin-wrong': {
    kind: 'forbidden',
    message: 'This PIN does not open the card.',
    remedy: 'Type it again; without it the agency makes another card, and this one ends.',
  },
  'purchase-malformed': {
    kind: 'malformed',
    message: 'This is not a basket or a purchase of this version.',
    remedy: 'Open the basket again with `kudurru till open`.',
  },
  'purchase-of-another-card': {
    kind: 'forbidden',
    message: 'The purchase is for another card, programme or ledger.',
    remedy: 'Scan the card that pays, and have the till ask again.',
    rule: 'B3',
  },
  'purchase-exceeds-remaining': {
    kind: 'conflict',
    message: 'The basket asks for {units} units and {remaining} remain.',
    remedy: 'Take something out of the basket; nothing was signed.',
    rule: 'B2',
  },
  'sale-signature-differs': {
    kind: 'invalid',
    message: 'The card did not sign exactly this purchase.',
    remedy: 'Have it signed again; nothing was put in the queue.',
    rule: 'B3',
  },
  'till-file-malformed': {
    kind: 'malformed',
    message: 'This is not the record or the queue of a till of this version.',
    remedy: 'Write the record with `kudurru till key`; take the queue from a copy, it holds what was sold.',
  },
  'till-of-another-key': {
    kind: 'forbidden',
    message: 'This seed does not make the key of this till.',
    remedy: 'Use the seed from which the record of the till was made.',
  },
  'till-queue-busy': {
    kind: 'conflict',
    message: 'Another command uses the queue of this till.',
    remedy: 'Wait until it has ended.',
  },
  'till-queue-full': {
    kind: 'exhausted',
    message: 'The queue holds {limit} sales that are not over.',
    remedy: 'Post them with `kudurru till post`.',
  },
  'sale-unpaid': {
    kind: 'conflict',
    message: 'The ledger would not pay this purchase. {why}',
    remedy: 'Hand nothing over: no card was asked to sign, and nothing was taken from it.',
    rule: 'B5',
  },
  'card-replaced': {
    kind: 'conflict',
    message: 'Another card was given out in the place of this one.',
    remedy: 'Ask for the newer card; where nobody has it, send the person to the agency.',
    rule: 'BB6',
  },
  'entry-unknown': {
    kind: 'conflict',
    message: 'The gateway does not answer, and this till never saw what remains on the card.',
    remedy: 'Sell when there is contact again; nothing was signed.',
  },
} as const satisfies Record<string, RefusalRow>;
