/**
 * A till that its PIN opened: what a card has left, a sale that is kept, and the posting that goes on by itself.
 *
 * Promises: no sale begins without the state of its card from the gateway; the state of a card is sold once, in whatever
 * window; what waits is sent again, with longer and longer pauses, until the ledger has said what became of it.
 */
import { readTrust } from '../../server/domain/audit/trust.ts';
import { type Bytes32, type Hex, toHex } from '../../server/domain/base/hex.ts';
import { refusal } from '../../server/domain/base/refusal.ts';
import type { CardFile } from '../../server/domain/benefits/cardFile.ts';
import { type DeviceKey, keyOfTill } from '../../server/domain/benefits/deviceKeys.ts';
import {
  type AskedPurchase,
  basketOfUnits,
  itemOf,
  type KnownEntry,
  purchaseOf,
  signPurchase,
} from '../../server/domain/benefits/purchase.ts';
import type { CycleId } from '../../server/domain/benefits/terms.ts';
import { postAll, signForFile } from '../../server/domain/benefits/tillPost.ts';
import {
  entryName,
  isOver,
  know,
  lastHeard,
  requireRoom,
  takeSale,
  writeQueue,
} from '../../server/domain/benefits/tillQueue.ts';
import { carrierOf, type Gateway, gatewayWith, NotTaken, Silent } from './gateway.ts';
import type { Kept, KeptTill } from './kept.ts';
import { openCard, type Secrets } from './lockBox.ts';
import { Found } from './why.ts';

const POSTING_LOCK = 'kudurru-till-posting';
const PAUSE_LEAST_MS = 2_000;
const PAUSE_MOST_MS = 60_000;
/** Cycles that may be open at once. */
const CYCLES_MAX = 20;

/** A card with what it may spend here now. */
export interface ReadCard {
  readonly card: CardFile;
  readonly cycle: CycleId;
  readonly entry: KnownEntry;
  /** Units of sales that are taken off and that the ledger has not recorded yet. */
  readonly unrecordedUnits: number;
  /** Of one unit; how many decimals its money has, the programme's currency says. */
  readonly unitValue: { readonly minor: bigint; readonly currency: string; readonly decimals: number };
}

export interface OpenTill {
  readonly gateway: Gateway;
  /** Refuses with the ledger's reason what would not be paid. */
  read(card: CardFile): Promise<ReadCard>;
  /** Signs with the card and keeps the sale; answers with the card's signature, by which the queue knows it. */
  sell(read: ReadCard, units: number, pin: string): Promise<Hex>;
  /** Sends what waits now; goes on by itself afterwards. */
  post(): Promise<void>;
  /** The refusal for which the last posting left a batch as it is. */
  stopped(): string | undefined;
  /** The queue with everything signed, for `kudurru till post --from`. */
  asFile(): Promise<string>;
  account(): Promise<Account>;
  /** What the agency calls the shop, once the gateway has said it. */
  name(): string | undefined;
  isRegistered(): Promise<boolean>;
  close(): void;
}

export interface Account {
  /** Of the shop. */
  readonly label?: string;
  readonly rows: readonly {
    readonly programme: string;
    readonly programmeLabel?: string;
    readonly cycle: number;
    readonly credited: string;
    readonly settled: string;
    readonly payable: string;
    readonly waiting: string;
  }[];
}

interface CycleTold {
  readonly cycle: number;
  readonly state: string;
  readonly opensAt: string;
  readonly spendUntil: string;
  readonly unitValueMinor: string;
  /** In words, as `KES 0.25`. */
  readonly unitValue: string;
  readonly currencyCode: string;
}

interface EntryTold {
  readonly enrolmentEpoch: number;
  readonly cardEpoch: number;
  readonly remainingUnits: number;
  readonly unrecordedUnits: number;
  readonly sequence: number;
  readonly entryBytes: 1 | 4;
  readonly spendUntil: string;
  readonly unpaid?: string;
}

const secondsOf = (iso: string) => Math.floor(Date.parse(iso) / 1_000);

/** `posted` is told after each posting. */
export function openTill(kept: Kept, till: KeptTill, { seed, token }: Secrets, posted: () => void): OpenTill {
  const trust = readTrust(till.trust);
  const { genesisHash, chainId, ledgerNonce, contracts } = trust;
  const register = { chainId, ledgerNonce, benefitLedger: contracts.benefitLedger.address };
  const key: DeviceKey = keyOfTill(seed, { genesisHash, vendor: till.vendor, till: till.till }, till.keyKind);
  seed.fill(0);
  const gateway = gatewayWith(token);
  const { nowSeconds, ask } = gateway;
  const signing = { key, register, nowSeconds, newKey: () => crypto.randomUUID() };
  let pauseMs = PAUSE_LEAST_MS;
  let next: ReturnType<typeof setTimeout> | undefined;
  let isClosed = false;
  let stopped: string | undefined;
  let name: string | undefined;

  const cyclesOf = async (programme: string): Promise<readonly CycleTold[]> => {
    const place = `/programmes/${programme}/cycles?limit=${CYCLES_MAX}&newestFirst=true`;
    const { rows } = await ask<{ readonly rows: readonly CycleTold[] }>(place);
    return rows.filter(({ state }) => state === 'released' || state === 'ended');
  };

  const entryOf = async (card: CardFile, { cycle }: CycleTold) => {
    const place = `/programmes/${card.programme}/cycles/${cycle}/entries/${card.index}?till=${till.till}`;
    try {
      return await ask<EntryTold>(place);
    } catch (error) {
      // Whoever joined later has no place in an earlier cycle.
      if (error instanceof NotTaken && error.code === 'index-beyond-count') return undefined;
      throw error;
    }
  };

  /** The entry as the ledger has it, after what waits here of it. */
  const known = (name: string, told: EntryTold) =>
    kept.change((queue) => {
      queue.lastContact = nowSeconds();
      const waiting = queue.sales.some((sale) => !isOver(sale) && entryName(sale.asked) === name);
      const before = queue.entries.get(name);
      // What waits here this till knows better, unless the gateway has accepted more of it, here or elsewhere.
      if (waiting && before !== undefined && before.units <= told.remainingUnits) return before;
      const { remainingUnits: units, sequence, entryBytes, enrolmentEpoch, cardEpoch } = told;
      const spendUntil = secondsOf(told.spendUntil);
      const entry = { units, sequence, entryBytes, enrolmentEpoch, cardEpoch, spendUntil };
      know(queue, name, entry);
      return entry;
    });

  const read = async (card: CardFile): Promise<ReadCard> => {
    if (card.index === undefined) throw refusal('card-without-place');
    if (card.genesisHash !== genesisHash) throw new Found('till.why.otherLedger');
    const cycles = await cyclesOf(card.programme);
    let unpaid: string | undefined;
    let spent: ReadCard | undefined;
    // What ends first is spent first.
    for (const cycle of [...cycles].sort((a, b) => secondsOf(a.spendUntil) - secondsOf(b.spendUntil))) {
      const told = await entryOf(card, cycle);
      if (told === undefined) continue;
      if (told.enrolmentEpoch !== card.enrolmentEpoch) continue;
      if (told.cardEpoch !== card.cardEpoch) throw refusal('card-replaced');
      if (told.unpaid !== undefined) {
        unpaid = told.unpaid;
        continue;
      }
      const number = cycle.cycle as CycleId;
      const { programme, index } = card;
      const entry = await known(entryName({ programme, cycle: number, index }), told);
      const decimals = cycle.unitValue.split('.')[1]?.length ?? 0;
      const unitValue = { minor: BigInt(cycle.unitValueMinor), currency: cycle.currencyCode, decimals };
      const { unrecordedUnits } = told;
      const found = { card, cycle: number, entry, unrecordedUnits, unitValue };
      if (entry.units > 0) return found;
      spent = found;
    }
    if (spent !== undefined) throw new Found('till.why.empty');
    if (unpaid !== undefined) throw new NotTaken(409, { code: unpaid });
    throw new Found(cycles.length === 0 ? 'till.why.notOpen' : 'till.why.otherProgramme');
  };

  const askedOf = ({ card, cycle, entry }: ReadCard, units: number): AskedPurchase => {
    const at = { programme: card.programme, cycle, vendor: till.vendor, till: till.till };
    const salt = () => toHex(crypto.getRandomValues(new Uint8Array(32))) as Bytes32;
    return purchaseOf(basketOfUnits(at, units, salt), card, entry, nowSeconds());
  };

  const sell = async (of: ReadCard, units: number, pin: string): Promise<Hex> => {
    const { card } = of;
    const asked = askedOf(of, units);
    const cardKey = await openCard(card, pin);
    try {
      return await kept.change((queue) => {
        requireRoom(queue);
        const signature = signPurchase(asked, card, cardKey, register);
        itemOf(asked, card, signature, register);
        takeSale(queue, asked, signature, nowSeconds());
        return signature;
      });
    } finally {
      cardKey.privateKey.fill(0);
    }
  };

  const plan = (waiting: number, isOffline: boolean) => {
    clearTimeout(next);
    if (isClosed || waiting === 0) return;
    pauseMs = isOffline ? Math.min(2 * pauseMs, PAUSE_MOST_MS) : PAUSE_LEAST_MS;
    next = setTimeout(() => void post(), pauseMs);
  };

  // One window posts; the others see what became of it.
  const post = (): Promise<void> =>
    navigator.locks.request(POSTING_LOCK, { ifAvailable: true }, async (held) => {
      if (held === null || isClosed) return plan(1, true);
      try {
        await ask('/health/live'); // whose clock the deadline of a batch is by
        const carrier = carrierOf(gateway);
        const posting = Object.assign({ carrier, change: kept.change }, signing);
        const { waiting, isOffline, refused, held } = await postAll(posting);
        [stopped] = held;
        plan(waiting, isOffline || refused.length > 0);
      } catch (error) {
        plan(1, true);
        if (!(error instanceof Silent || error instanceof NotTaken)) throw error;
      }
      if (!isClosed) posted();
    }) as Promise<void>;

  const online = () => {
    pauseMs = PAUSE_LEAST_MS;
    void post();
  };
  addEventListener('online', online);

  return {
    gateway,
    read,
    sell,
    post,
    stopped: () => stopped,
    asFile: () =>
      kept.change((queue) => {
        // Where there is no line nobody says the time, and that is where a file is made.
        const nowSeconds = () => (gateway.isHeard() ? gateway.nowSeconds() : lastHeard(queue));
        signForFile(queue, Object.assign({}, signing, { nowSeconds }));
        return writeQueue(queue);
      }),
    account: async () => {
      const told = await ask<Account>(`/vendors/${till.vendor}/account?limit=100&newestFirst=true`);
      name = told.label;
      return told;
    },
    name: () => name,
    isRegistered: async () => {
      const { rows } = await ask<{
        readonly rows: readonly {
          readonly till: number;
          readonly keyId: string;
          readonly standing: string;
        }[];
      }>(`/vendors/${till.vendor}/tills?limit=500`);
      return rows.some((one) => one.till === till.till && one.keyId === till.keyId);
    },
    close: () => {
      isClosed = true;
      clearTimeout(next);
      removeEventListener('online', online);
      key.privateKey.fill(0);
    },
  };
}
