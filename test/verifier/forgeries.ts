/** Histories that a node's operator rewrote, each by one thing, and the first thing that an auditor finds in it. */
import { concatBytes } from '@noble/hashes/utils.js';
import { signCompact } from '../../server/domain/acts/signing.ts';
import { type Bytes32, fromHex, toHex } from '../../server/domain/base/hex.ts';
import { type RedemptionBatch, redemptionBatchDigest } from '../../server/domain/benefits/redemption.ts';
import type { BenefitRegister } from '../../server/domain/benefits/types.ts';
import { keccak256 } from '../../server/ledger/keccak.ts';
import { TILL_KEY } from '../chain/scenes.ts';
import type { Args, Forgery } from './forgedNode.ts';

/** What a forged history is, and the first thing that is found in it. */
export type Forged = readonly [what: string, forgery: Forgery, found: string];

type Change = NonNullable<Forgery['change']>;

const entry = (after: number, change: Change): Forgery => ({
  event: 'EntryRecorded',
  after,
  change,
});
const of = (event: string, change: Change, after = 0): Forgery => ({ event, after, change });
const set =
  (name: string, value: unknown): Change =>
  (args) => {
    args[name] = value;
    return undefined;
  };
/** The same in a history whose calls came through a stranger. */
const hidden = (forgery: Forgery): Forgery => ({ ...forgery, isHidden: true });
const called = (call: string, changeCall: NonNullable<Forgery['changeCall']>): Forgery => ({
  call,
  changeCall,
});
const leaveOut: Change = () => 'left out';
const FOREIGN = `0x${'f0'.repeat(32)}`;
/** Every byte of a signature that is not by the key. */
const NO_SIGNATURE = `0x${'11'.repeat(64)}`;
/** Places in a state as the event has it, and in its rights and holdings. */
const [RIGHTS, HOLDINGS, PARTY] = [2, 10, 5];
const HEADER = 0;
const VERSION = 1;

/** Where a result has the epoch of its card, and the second of its sale in 40 bits. */
const [CARD_EPOCH_AT, SOLD_AT] = [16n, 112n];
const resultWith =
  (bend: (word: bigint) => bigint): Change =>
  (args) => {
    const results = args.results as string[];
    results[0] = `0x${bend(BigInt(results[0] ?? 0))
      .toString(16)
      .padStart(64, '0')}`;
    return undefined;
  };
const soldAt = (second: bigint) =>
  resultWith((word) => (word & ~((2n ** 40n - 1n) << SOLD_AT)) | (second << SOLD_AT));

/** Of a history in which holders consented. */
export const CONSENT_FORGERIES: readonly Forged[] = [
  ['consents left out', of('ConsentsTaken', leaveOut), 'L8 The consents that the register says it took'],
  [
    'a consent more than was asked for',
    of('ConsentsTaken', (args) => {
      (args.consents as string[]).push(FOREIGN);
      return undefined;
    }),
    'L8 The consents that the register says it took',
  ],
  [
    'a consent in the place of another',
    of('ConsentsTaken', (args) => {
      (args.consents as string[])[0] = FOREIGN;
      return undefined;
    }),
    'L8 A consent was shown that is not the one taken',
  ],
  [
    'consents of another act',
    of('ConsentsTaken', set('entryId', FOREIGN)),
    'L8 The consents that the register',
  ],
];

/** In the order of the scene: land, benefits, power. */
export const FORGERIES: readonly Forged[] = [
  ['an entry with another approver', entry(2, set('approver', FOREIGN)), 'L3 An approver did not sign'],
  ['an entry with another epoch', entry(2, set('epochs', (3n << 32n) | 1n)), 'L3 An entry is not of the act'],
  ['an entry with another time', entry(1, set('recordedAt', 5n)), 'P8 An entry has another time'],
  ['an entry left out', entry(2, leaveOut), 'L3 A unit changed without an entry'],
  ['an entry with another state', entry(2, set('newState', FOREIGN)), 'L3 A unit changed without an entry'],
  ['an entry with another kind', entry(0, set('kind', 99n)), 'L3 An entry is of no act of this version.'],
  [
    'an entry over a head that is kept',
    { ...entry(0, set('subject', FOREIGN)), isFolded: false },
    'P8 The journal head is not the fold',
  ],
  [
    'a preparer who did not sign',
    of('Signed', set('preparerSignature', NO_SIGNATURE)),
    'L3 A preparer did not',
  ],
  [
    'an approver who did not sign',
    of('Signed', set('approverSignature', NO_SIGNATURE)),
    'L3 An approver did not',
  ],
  [
    'an approval with another deadline',
    of('Signed', set('approvalDeadline', 1n)),
    'L3 An approver did not sign',
  ],
  ['no signatures', of('Signed', leaveOut), 'L3 An act of two officers has an entry and no signatures.'],
  [
    'a holder in the place of another',
    of('BAUnitRecorded', (args) => {
      const rights = (args.state as unknown[])[RIGHTS] as unknown[][];
      const holdings = rights[0]?.[HOLDINGS] as unknown[][];
      holdings[0]?.splice(PARTY, 1, FOREIGN);
      return undefined;
    }),
    'L3 What an act changed is not what its officers signed.',
  ],
  [
    'a version that leaps',
    of(
      'BAUnitRecorded',
      (args) => {
        (args.state as unknown[][])[HEADER]?.splice(VERSION, 1, 9n);
        return undefined;
      },
      3,
    ),
    'L5 A state is not what its hash was made of.',
  ],
  ['a state of another unit', of('BAUnitRecorded', set('baUnit', FOREIGN)), 'L3 What an act changed is not'],
  [
    'units that nobody granted',
    of('UnitsLoaded', (args) => {
      const words = args.words as bigint[];
      words[0] = (words[0] ?? 0n) + 1n;
      return undefined;
    }),
    'B4 A table is not the one that was signed.',
  ],
  [
    'a card that nobody signed',
    of('SlotsLoaded', (args) => {
      const slots = args.slots as bigint[];
      slots[0] = (slots[0] ?? 0n) + 1n;
      return undefined;
    }),
    'B4 Cards were enrolled that nobody signed.',
  ],
  [
    'more units taken than its items',
    of('BatchRedeemed', set('units', 9_999n)),
    'B1 A batch took other units',
  ],
  [
    'funds that nobody signed',
    of(
      'ActApplied',
      (args) => {
        (args.fields as string[])[2] = `0x${'1'.padStart(64, '0')}`;
        return undefined;
      },
      1,
    ),
    'L3 An act was applied that is not the one signed.',
  ],
  ['another sale than was posted', of('BatchRedeemed', soldAt(5n)), 'B3 A result is of another item than'],
  ['a sale in the future', hidden(of('BatchRedeemed', soldAt(2n ** 40n - 1n))), 'B5 item-sold-in-future'],
  [
    'a sale of long ago',
    hidden(of('BatchRedeemed', soldAt(5n))),
    'B5 item-sold-(?:too-long-ago|outside-window)',
  ],
  [
    'a sale at a till that nobody took up',
    hidden(of('BatchRedeemed', set('till', 9n))),
    'B5 A sale was recorded after its time',
  ],
  [
    'a sale by another card of its place',
    hidden(
      of(
        'BatchRedeemed',
        resultWith((word) => word + (1n << CARD_EPOCH_AT)),
      ),
    ),
    'B5 card-epoch-differs',
  ],
  ['an officer with other roles', of('OfficerAppointed', set('roles', 1n)), 'L3 Power changed otherwise'],
  [
    'an officer who counts at once',
    of('OfficerAppointed', set('activeFrom', 1n)),
    'P5 A key counts from another',
  ],
  ['a pause without end', of('Paused', set('until', 2n ** 40n)), 'L3 Power changed otherwise than its entry'],
  ['a key that nobody gave', of('KeyRotated', set('epoch', 5n)), 'P3 key-not-possessed'],
  [
    'a suspension left out',
    of('OfficerSuspended', leaveOut),
    'L3 An entry says that power changed, and nothing',
  ],
  ['a vote of nobody', of('VoteCast', set('officer', FOREIGN)), 'P4 A vote is not the one that its officer'],
  ['a vote left out', of('VoteCast', leaveOut, 1), 'P5 A wait is not the one'],
  [
    'a vote left out, and that it was enough',
    { ...of('VoteCast', leaveOut, 1), without: 'MeasureScheduled' },
    'P4 A measure was carried out without a quorum',
  ],
  ['a wait cut short', of('MeasureScheduled', set('executableFrom', 1n)), 'P5 A wait is not the one'],
  ['a measure that was not carried out', of('MeasureExecuted', leaveOut), 'P4 An entry is of no measure'],
  ['a log that is none', of('Paused', set('scope', 2n ** 32n - 1n)), 'L3 Power changed otherwise than'],
];

const ANOTHER_CASE = 2;
const ofAnotherCase = (args: Args) => {
  (args.order as unknown[])[ANOTHER_CASE] = FOREIGN;
};
/** Places in a batch and among the words of its first item. */
const [BATCH_DEADLINE, CARD_SIGNATURE_AT] = [6, 2];
const withoutSignature = (args: Args) => {
  args.signature = NO_SIGNATURE;
};
const UNSIGNED = 'L3 An officer did not sign the order that was recorded.';

/** What no event shows, bent in the call: of the same history. */
export const CALL_FORGERIES: readonly Forged[] = [
  ...['resign', 'suspendOfficer', 'pause'].flatMap((method): Forged[] => [
    [`an order that nobody signed: ${method}`, called(method, withoutSignature), UNSIGNED],
    [`an order for another case: ${method}`, called(method, ofAnotherCase), UNSIGNED],
  ]),
  [
    'a batch that no till signed',
    called('redeem', (args) => {
      args.tillSignature = NO_SIGNATURE;
    }),
    'B3 till-signature-invalid',
  ],
  [
    'a batch after its time',
    called('redeem', (args) => {
      (args.batch as unknown[])[BATCH_DEADLINE] = 1n;
    }),
    'B3 redemption-batch-expired',
  ],
  [
    'a batch of another cycle',
    called('redeem', (args) => {
      (args.batch as unknown[])[1] = 9n;
    }),
    'B3 A batch is not the one that was posted.',
  ],
  [
    'an item that its event does not hash',
    called('redeem', (args) => {
      (args.items as string[])[2] = FOREIGN;
    }),
    'B3 A batch is not the one that was posted.',
  ],
];

/** The till signs anew what no card did, and the node says the hash of what it shows. */
export function cardless(register: BenefitRegister): Forgery {
  let itemsHash = FOREIGN as Bytes32;
  const changeCall = (args: Args) => {
    const items = args.items as Bytes32[];
    items[CARD_SIGNATURE_AT] = FOREIGN as Bytes32;
    itemsHash = toHex(keccak256(concatBytes(...items.map(fromHex)))) as Bytes32;
    const [programme, cycle, vendor, till, count, offlineSince, deadline] = args.batch as unknown[];
    const batch = { programme, cycle, vendor, till, count, offlineSince, deadline, itemsHash };
    args.tillSignature = signCompact(redemptionBatchDigest(register, batch as RedemptionBatch), TILL_KEY);
  };
  const change = (args: Args) => {
    args.itemsHash = itemsHash;
    return undefined;
  };
  return { ...called('redeem', changeCall), event: 'BatchRedeemed', change };
}

const UNVOTED = 'P8 A register was filled with words that nobody voted for.';

/** Of a history in which a register follows another. */
export const SUCCESSION_FORGERIES: readonly Forged[] = [
  [
    'words that nobody voted for',
    of('WordsImported', (args) => {
      (args.words as string[])[0] = FOREIGN;
      return undefined;
    }),
    UNVOTED,
  ],
  ['words cut off', of('WordsImported', set('rest', FOREIGN)), UNVOTED],
  ['no word of what is filled in', of('ImportOpened', leaveOut), UNVOTED],
];

/** A call with no consent that came through a stranger: what it was sent to do is not what the register did. */
export const STRANGERS_CALL: Forgery = {
  ...called('transferRight', (args) => {
    args.consents = [];
  }),
  isThroughStranger: true,
};

/** Of a history in which an officer took an act back. */
export const WITHDRAWAL_FORGERY: Forged = [
  'a withdrawal that nobody signed',
  called('withdraw', withoutSignature),
  UNSIGNED,
];

/** Of the chain itself: no finding, another ledger. */
export const OTHER_CHAINS: readonly Forged[] = [
  [
    'receipts that no header names',
    { last: (_, receipts) => receipts.at(-1)?.splice(0, 1) },
    'receipts-differ',
  ],
  ['a block left out', { last: (headers) => headers.splice(5, 1) }, 'header-malformed'],
  [
    'a header from elsewhere',
    {
      last: ([, , , , , header]) => {
        // A byte of the hash of its parent.
        if (header !== undefined) header[10] = 255 - (header[10] ?? 0);
      },
    },
    'header-parent-differs',
  ],
  ['a head by a stranger', { signer: new Uint8Array(32).fill(7) }, 'head-not-signed-by-node'],
];
