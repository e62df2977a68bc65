/** Why a sale is not made or not paid, in words for both sides of a counter: what is so, and nothing about whoever holds the card. */
import { Refusal } from '../../server/domain/base/refusal.ts';
import type { QueuedSale, SaleState } from '../../server/domain/benefits/tillQueue.ts';
import type { Child, Voice } from '../page/dom.ts';
import { element, idText } from '../page/dom.ts';
import type { Key } from '../page/words.ts';
import { NotTaken, Silent } from './gateway.ts';

/** What the till itself finds. */
export class Found extends Error {
  readonly key: Key;
  readonly values: Readonly<Record<string, string | number>>;
  constructor(key: Key, values: Readonly<Record<string, string | number>> = {}) {
    super(key);
    this.key = key;
    this.values = values;
  }
}

const WHY: Readonly<Record<string, Key>> = {
  'item-sold-outside-window': 'till.why.expired',
  'item-sold-too-long-ago': 'till.why.expired',
  'posting-ended': 'till.why.expired',
  'sales-not-open': 'till.why.notOpen',
  'card-not-yet-effective': 'till.why.notOpen',
  'cycle-state-differs': 'till.why.notOpen',
  'card-not-active': 'till.why.suspended',
  'card-missing': 'till.why.suspended',
  'item-sold-in-pause': 'till.why.paused',
  'redemption-is-paused': 'till.why.paused',
  'programme-is-paused': 'till.why.paused',
  'sale-awaits-another': 'till.why.awaits',
  'item-remaining-stale': 'till.why.sold',
  'item-sequence-stale': 'till.why.sold',
  'item-units-exceed-remaining': 'till.why.spent',
  'item-sequence-exhausted': 'till.why.spent',
  'purchase-exceeds-remaining': 'till.why.spent',
  'item-units-out-of-range': 'till.why.tooMuch',
  'item-seller-not-active': 'till.why.otherShop',
  'vendor-not-active': 'till.why.otherShop',
  'till-not-active': 'till.why.otherShop',
  'vendor-unknown': 'till.why.otherShop',
  'vendor-of-another-institution': 'till.why.otherShop',
  'programme-unknown': 'till.why.otherProgramme',
  'purchase-of-another-card': 'till.why.otherProgramme',
  'index-beyond-count': 'till.why.otherProgramme',
  'card-replaced': 'till.why.replaced',
  'card-epoch-differs': 'till.why.replaced',
  'card-key-kind-differs': 'till.why.replaced',
  'card-without-place': 'till.why.noPlace',
  'card-file-malformed': 'till.why.noCard',
  'pin-wrong': 'till.why.wrongPin',
  'till-queue-full': 'till.why.full',
  'token-required': 'till.why.token',
  'token-not-valid': 'till.why.token',
  forbidden: 'till.why.token',
};

/** What is said before the name of a refusal: of a sale that is over, of something else, or of what is sent again. */
type Unnamed = 'till.why.other' | 'till.why.notDone' | 'till.why.waits';

/** The sentence, and where there is none of its own the name of the refusal. */
export function whyNodes(voice: Voice, code: string, unnamed: Unnamed = 'till.why.other'): readonly Child[] {
  const key = WHY[code];
  if (key !== undefined) return [element('span', {}, voice.said(key))];
  return [element('span', {}, voice.said(unnamed)), idText(code)];
}

export function wrongNodes(voice: Voice, error: unknown): readonly Child[] {
  if (error instanceof Found) return [element('span', {}, voice.said(error.key, error.values))];
  if (error instanceof Silent) return [element('span', {}, voice.said('till.why.silent'))];
  if (error instanceof Refusal || error instanceof NotTaken) {
    return whyNodes(voice, error.code, 'till.why.notDone');
  }
  return [
    element('span', {}, voice.said('till.why.broken')),
    element('span', { lang: 'en', dir: 'ltr' }, idText(error instanceof Error ? error.message : `${error}`)),
  ];
}

/** What a shop is told of a sale; a sale that came too late is apart from one that was refused. */
export type ShownState = 'kept' | 'sent' | 'accepted' | 'final' | 'refused' | 'expired';

const STATES: Readonly<Record<SaleState, ShownState>> = {
  signed: 'kept',
  posting: 'sent',
  accepted: 'accepted',
  redeemed: 'final',
  skipped: 'refused',
  refused: 'refused',
};

export function shownState({ state, code = '' }: Pick<QueuedSale, 'state' | 'code'>): ShownState {
  const shown = STATES[state];
  return shown === 'refused' && WHY[code] === 'till.why.expired' ? 'expired' : shown;
}
