import type { RefusalRow } from './row.ts';

/** What the benefit ledger refuses at the till: of a batch whole, and of one item, which then is skipped. */
export const saleRefusals = {
  'redemption-is-paused': {
    kind: 'conflict',
    message: 'Redemption is paused by the consortium.',
    remedy: 'Keep the sales and send them when the pause has ended.',
    rule: 'B5',
  },
  'redemption-batch-expired': {
    kind: 'conflict',
    message: 'The time within which the batch could be recorded has passed.',
    remedy: 'Assemble the items again and have the till sign them.',
  },
  'sales-not-open': {
    kind: 'conflict',
    message: 'The sales of the cycle have not begun.',
    remedy: 'Send the batch when the cycle has opened.',
    rule: 'B5',
  },
  'sales-ended': {
    kind: 'conflict',
    message: 'The sales of the cycle have ended, so it is not released.',
    remedy: 'Cancel it, and open another cycle.',
    rule: 'B5',
  },
  'posting-ended': {
    kind: 'conflict',
    message: 'The time for posting sales of the cycle is over.',
    remedy: 'Ask the agency; what was not posted expires or is reclaimed.',
    rule: 'B5',
  },
  'vendor-not-active': {
    kind: 'forbidden',
    message: 'The vendor is not active, and its time for posting what it sold before is over.',
    remedy: 'Ask the agency; sales recorded before stand.',
    rule: 'B5',
  },
  'till-not-active': {
    kind: 'forbidden',
    message: 'The till is not registered, or not active and its time for posting is over.',
    remedy: 'Have the agency register the till.',
    rule: 'B5',
  },
  'till-signature-invalid': {
    kind: 'forbidden',
    message: 'The till did not sign this batch.',
    remedy: 'Have the registered till sign the batch as it is.',
  },
  'item-malformed': {
    kind: 'malformed',
    message:
      'A sale of the batch cannot be read: it is of another version, sets spare bits, or ends too early.',
    remedy: 'Bring the till up to date and send the sales again.',
  },
  'item-count-differs': {
    kind: 'invalid',
    message: 'The batch holds another number of sales than it says, none, or too many.',
    remedy: 'Bring the till up to date and send the sales again, in batches of at most 192.',
  },
  'nothing-redeemed': {
    kind: 'conflict',
    message: 'No item of the batch could be redeemed, so nothing is recorded.',
    remedy: 'See the reason of each item.',
  },
  'sale-awaits-another': {
    kind: 'conflict',
    message:
      'Another sale of the card was accepted before and is not recorded yet; whether this one is paid depends on it.',
    remedy: 'Nothing of it is accepted yet. Send the batch again: it is judged when that sale is recorded.',
    rule: 'B3',
  },
  'read-too-large': {
    kind: 'exhausted',
    message: 'One call would read more words than its limit.',
    remedy: 'Read in parts.',
  },
  'table-not-in-lane': {
    kind: 'gone',
    message: 'The table of the cycle was replaced by that of a later one in its lane.',
    remedy: 'Read the cycle as of a block in which it was open.',
  },
  'index-beyond-count': {
    kind: 'missing',
    message: 'The table of the cycle has nobody at this index.',
    remedy: 'Check the index; the cycle names how many people it has.',
  },
  'item-index-out-of-range': {
    kind: 'missing',
    message: 'The card has no place in this cycle.',
    remedy: 'Check the cycle; the agency says in which one the person is.',
    rule: 'B2',
  },
  'item-sold-in-future': {
    kind: 'invalid',
    message: 'The purchase is dated after the moment at which it would be recorded.',
    remedy: 'Set the clock of the till, and have the person sign again.',
    rule: 'B5',
  },
  'item-sold-too-long-ago': {
    kind: 'conflict',
    message: 'The purchase is dated further back than the programme lets a till be offline.',
    remedy: 'Ask the agency; a purchase of this age is settled outside the ledger.',
    rule: 'B5',
  },
  'item-sold-outside-window': {
    kind: 'conflict',
    message: 'The purchase is dated outside the sales of its cycle.',
    remedy: 'Tell the person; what is not spent expires or is reclaimed.',
    rule: 'B5',
  },
  'item-sold-in-pause': {
    kind: 'conflict',
    message: 'The purchase is dated inside a pause.',
    remedy: 'Have the person sign again now that the pause is over.',
    rule: 'B5',
  },
  'item-seller-not-active': {
    kind: 'forbidden',
    message: 'The purchase is dated when its vendor or till was not active.',
    remedy: 'Ask the agency why the shop or its till was suspended.',
    rule: 'B5',
  },
  'item-units-out-of-range': {
    kind: 'invalid',
    message: 'The purchase takes no units, or more than the programme allows at once.',
    remedy: 'Split the purchase.',
  },
  'card-missing': {
    kind: 'forbidden',
    message: 'The person has no card and is paid out instead.',
    remedy: 'Have the agency issue a card, or an officer assist.',
  },
  'card-not-active': {
    kind: 'forbidden',
    message: 'The card is suspended or revoked.',
    remedy: 'Have the agency replace the card; the entitlement stays.',
    rule: 'BB6',
  },
  'card-not-yet-effective': {
    kind: 'conflict',
    message: 'The card is not good yet.',
    remedy: 'Use it from the moment it names.',
    rule: 'BB6',
  },
  'card-epoch-differs': {
    kind: 'conflict',
    message: 'Another card is in force than the one that signed.',
    remedy: 'Use the latest card.',
    rule: 'BB6',
  },
  'card-key-kind-differs': {
    kind: 'invalid',
    message: 'The purchase is signed with another kind of key than the card holds.',
    remedy: 'Sign it with the key of the card.',
  },
  'item-sequence-stale': {
    kind: 'conflict',
    message:
      'Since the card signed this purchase it paid another one, or its units were refunded or changed.',
    remedy: 'Sell it again: the till reads what remains, and the person signs that.',
    rule: 'B3',
  },
  'item-remaining-stale': {
    kind: 'conflict',
    message: 'Other units remain on the card than when it signed this purchase.',
    remedy: 'Sell it again: the till reads what remains, and the person signs that.',
    rule: 'B3',
  },
  'item-units-exceed-remaining': {
    kind: 'conflict',
    message: 'The purchase takes more units than remain on the card.',
    remedy: 'Sell for what remains.',
    rule: 'B2',
  },
  'item-sequence-exhausted': {
    kind: 'exhausted',
    message: 'The card has paid as often as one cycle allows.',
    remedy: 'Send the person to the agency: an officer assists with what remains.',
    rule: 'B3',
  },
  'item-signature-invalid': {
    kind: 'forbidden',
    message: 'The card in force did not sign this purchase.',
    remedy: 'Have the person sign it again with the card.',
    rule: 'B3',
  },
} as const satisfies Record<string, RefusalRow>;
