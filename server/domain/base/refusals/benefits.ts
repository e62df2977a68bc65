import type { RefusalRow } from './row.ts';

const PREPARE_AGAIN = 'Prepare the act again from what is recorded now, and have it signed.';
const READ_AGAIN = 'Read the cycle again and decide again.';
const LOAD_AGAIN = 'Ask the register which part comes next and send it from there.';

/** What the benefit ledger refuses of officers' acts and of loading; sales stand beside. */
export const benefitRefusals = {
  'identifier-missing': {
    kind: 'invalid',
    message: 'An id that the act must give is missing.',
    remedy: 'Give a random id; zero is nobody.',
  },
  'programme-exists': {
    kind: 'conflict',
    message: 'The id of the programme is used.',
    remedy: 'Draw another random id.',
  },
  'programme-unknown': {
    kind: 'missing',
    message: 'There is no programme of this id.',
    remedy: 'Check the id, or define the programme first.',
  },
  'policy-out-of-range': {
    kind: 'invalid',
    message: 'A number of the policy is outside what the register can hold.',
    remedy: 'Check currency, units a redemption and seconds, and prepare the act again.',
  },
  'programme-is-paused': {
    kind: 'conflict',
    message: 'The programme is paused.',
    remedy: 'Wait until the pause ends, or have it resumed by two officers.',
    rule: 'B5',
  },
  'disbursement-is-paused': {
    kind: 'conflict',
    message: 'Disbursement is paused by the consortium, so nothing is loaded and nothing released.',
    remedy: 'Go on when the pause has ended.',
    rule: 'B5',
  },
  'programme-pause-out-of-range': {
    kind: 'invalid',
    message: 'The pause ends in the past, or later than a pause of a programme may.',
    remedy: 'Name a later second within ninety days; a longer pause is decided again.',
  },
  'programme-not-paused': {
    kind: 'conflict',
    message: 'The programme is not paused.',
    remedy: 'Read the programme again: its pause has ended.',
  },
  'programme-version-stale': {
    kind: 'conflict',
    message: 'The programme was paused or resumed since the act was prepared.',
    remedy: PREPARE_AGAIN,
  },
  'amount-missing': {
    kind: 'invalid',
    message: 'The act moves no money.',
    remedy: 'State an amount above zero.',
  },
  'funds-move-unknown': {
    kind: 'invalid',
    message: 'Money moves in no such way.',
    remedy: 'Name one of the ways the register knows.',
  },
  'funds-state-stale': {
    kind: 'conflict',
    message: 'Money was moved this way since the act was prepared.',
    remedy: PREPARE_AGAIN,
  },
  'funds-insufficient': {
    kind: 'conflict',
    message: 'Less money is there than the act moves or releases.',
    remedy: 'Fund the programme first, or move less.',
    rule: 'B1',
  },
  'amount-out-of-range': {
    kind: 'exhausted',
    message: 'The sum would be more than the register holds.',
    remedy: 'Move less.',
  },
  'enrolment-state-stale': {
    kind: 'conflict',
    message: 'The enrolment does not start after the slots that are loaded, or another was signed since.',
    remedy: PREPARE_AGAIN,
  },
  'enrolment-size-out-of-range': {
    kind: 'exhausted',
    message: 'The enrolment has nobody, or more people than one epoch holds.',
    remedy: 'Enrol fewer, or begin another epoch.',
  },
  'slots-out-of-order': {
    kind: 'conflict',
    message: 'The slots do not start at the next index, or are more than were signed.',
    remedy: LOAD_AGAIN,
  },
  'slots-differ-from-signed': {
    kind: 'invalid',
    message: 'The slots are not those the officers signed.',
    remedy: LOAD_AGAIN,
  },
  'card-malformed': {
    kind: 'invalid',
    message:
      'A card is not well formed: a key without its kind, a kind without a key, or an unknown standing.',
    remedy: 'Correct the card and prepare the act again.',
  },
  'card-key-repeated': {
    kind: 'conflict',
    message: 'Two people of the list would have one card between them.',
    remedy: 'Make a card of its own for each, and send the list again.',
    rule: 'BB6',
  },
  'person-already-enrolled': {
    kind: 'conflict',
    message: 'The person is enrolled in this epoch already.',
    remedy: 'Take the line out; replace the card if that is what was meant.',
  },
  'person-unknown': {
    kind: 'missing',
    message: 'Nobody is enrolled at the index.',
    remedy: 'Check the index and the epoch of the enrolment.',
  },
  'card-state-stale': {
    kind: 'conflict',
    message: 'The card was set since the act was prepared.',
    remedy: PREPARE_AGAIN,
  },
  'card-epoch-exhausted': {
    kind: 'exhausted',
    message: 'The card is the last that an epoch of the enrolment allows, and may only be revoked.',
    remedy: 'Enrol the person again in the next epoch.',
  },
  'card-epoch-out-of-order': {
    kind: 'conflict',
    message: 'The act names neither the card in force nor the next one.',
    remedy: PREPARE_AGAIN,
  },
  'standing-unknown': {
    kind: 'invalid',
    message: 'The standing is none the register knows.',
    remedy: 'State active, suspended or revoked.',
  },
  'standing-unchangeable': {
    kind: 'conflict',
    message: 'The standing does not lead to the one named: revoked is final, and what is new begins active.',
    remedy: 'Register another vendor or till, or give the person the next card.',
    rule: 'B5',
  },
  'standing-moment-out-of-range': {
    kind: 'invalid',
    message: 'A suspension or a revocation counts at once and names no moment.',
    remedy: 'Leave the moment out; only a return to active may name a later one.',
    rule: 'B5',
  },
  'vendor-unknown': {
    kind: 'missing',
    message: 'There is no vendor of this id.',
    remedy: 'Register the vendor first.',
  },
  'vendor-of-another-institution': {
    kind: 'forbidden',
    message: 'The vendor belongs to another agency.',
    remedy: 'Register the vendor with this agency under an id of its own.',
  },
  'vendor-state-stale': {
    kind: 'conflict',
    message: "The vendor's record was set since the act was prepared.",
    remedy: PREPARE_AGAIN,
  },
  'till-state-stale': {
    kind: 'conflict',
    message: "The till's record was set since the act was prepared.",
    remedy: PREPARE_AGAIN,
  },
  'till-key-malformed': {
    kind: 'invalid',
    message: 'The key of the till is missing, of a kind no till may have, or another one than it has.',
    remedy: 'Give a secp256k1 or P-256 key, and for another key register another till.',
  },
  'cycle-exists': {
    kind: 'conflict',
    message: 'The number of the cycle is used.',
    remedy: 'Take the next number.',
  },
  'cycle-unknown': {
    kind: 'missing',
    message: 'The programme has no cycle of this number.',
    remedy: 'Check the number, or open the cycle first.',
  },
  'cycle-state-differs': {
    kind: 'conflict',
    message: 'The cycle is in another state than the act needs.',
    remedy: READ_AGAIN,
  },
  'currency-differs': {
    kind: 'invalid',
    message: "The envelope's currency is not the programme's.",
    remedy: 'State the currency of the programme.',
  },
  'lane-out-of-range': {
    kind: 'invalid',
    message: 'The register has no such lane.',
    remedy: 'Choose one of the lanes from 0 to 15.',
  },
  'lane-occupied': {
    kind: 'conflict',
    message: 'The lane is used by a cycle that is not closed.',
    remedy: 'Close that cycle, or choose a free lane.',
  },
  'entry-bytes-unknown': {
    kind: 'invalid',
    message: 'An entry takes one byte or four.',
    remedy: 'State one of the two.',
  },
  'cycle-count-out-of-range': {
    kind: 'invalid',
    message: 'The cycle has nobody, or more people than are enrolled.',
    remedy: 'Load the enrolment first, or correct the roll.',
  },
  'cycle-total-out-of-range': {
    kind: 'invalid',
    message: 'The total is zero or more than the table could hold.',
    remedy: 'Check the roll, or use entries of four bytes.',
    rule: 'B4',
  },
  'unit-value-missing': {
    kind: 'invalid',
    message: 'A unit of the cycle has no value.',
    remedy: 'State what a vendor is owed for one unit.',
  },
  'cycle-window-invalid': {
    kind: 'invalid',
    message: 'The moments of the cycle are not in order, or its sales would be over.',
    remedy: 'State an opening, then a last moment of sale, then one of posting, not yet past.',
    rule: 'B5',
  },
  'words-out-of-order': {
    kind: 'conflict',
    message: 'The words do not start at the next one, or are more than the table has.',
    remedy: LOAD_AGAIN,
  },
  'words-differ-from-envelope': {
    kind: 'invalid',
    message: 'The words are not those of the signed table.',
    remedy: LOAD_AGAIN,
    rule: 'B4',
  },
  'units-beyond-count': {
    kind: 'invalid',
    message: 'The last word holds units of people beyond the count.',
    remedy: 'Pack the table again from the roll and sign its envelope anew.',
    rule: 'B4',
  },
  'sequence-not-zero': {
    kind: 'invalid',
    message: 'An entry of the table does not begin its sequence at zero.',
    remedy: 'Pack the table again from the roll and sign its envelope anew.',
    rule: 'B3',
  },
  'words-missing': {
    kind: 'conflict',
    message: 'The last word of the table is not loaded yet.',
    remedy: LOAD_AGAIN,
    rule: 'B4',
  },
  'total-differs-from-envelope': {
    kind: 'invalid',
    message: "The table's sum is not the total of its envelope.",
    remedy: 'Cancel the cycle and open another over the right total.',
    rule: 'B4',
  },
  'cycle-step-unknown': {
    kind: 'invalid',
    message: 'A cycle takes no such step.',
    remedy: 'Name one of the steps the register knows.',
  },
  'cycle-step-too-early': {
    kind: 'conflict',
    message: 'The time of the step has not come.',
    remedy: 'Wait until the moment the cycle names, extended by recorded halts and by pauses.',
    rule: 'B5',
  },
  'cycle-step-too-late': {
    kind: 'conflict',
    message: 'The sales of the cycle have opened, so it cannot be given up any more.',
    remedy: 'Announce an early end.',
    rule: 'RP2',
  },
  'cycle-end-out-of-range': {
    kind: 'invalid',
    message:
      'The early end is not announced in time, lies after the end it brings forward, or is of no early end.',
    remedy:
      'Name a second 72 hours ahead or as long as a till may be offline, before the cycle ends by itself.',
    rule: 'RP2',
  },
  'unspent-units-stale': {
    kind: 'conflict',
    message: 'Other units are outstanding than the act names.',
    remedy: PREPARE_AGAIN,
    rule: 'B1',
  },
  'settlement-state-stale': {
    kind: 'conflict',
    message: 'More was settled since the act was prepared.',
    remedy: PREPARE_AGAIN,
    rule: 'B6',
  },
  'settlement-exceeds-credit': {
    kind: 'conflict',
    message: 'There are no units to settle, or fewer than the act names are past their dispute time.',
    remedy: 'Settle what is past its dispute time, and the rest later.',
    rule: 'B6',
  },
  'credit-state-stale': {
    kind: 'conflict',
    message: 'Credit of the vendor was released since the act was prepared.',
    remedy: PREPARE_AGAIN,
    rule: 'B6',
  },
  'credit-not-withheld': {
    kind: 'conflict',
    message: 'No credit waits for two officers, or less than the act names.',
    remedy: 'Read the account of the vendor again.',
    rule: 'B6',
  },
  'settlement-amount-differs': {
    kind: 'invalid',
    message: "The amount is not the units times the unit's value.",
    remedy: 'State the whole amount: nothing is deducted unseen.',
    rule: 'RP6',
  },
} as const satisfies Record<string, RefusalRow>;
