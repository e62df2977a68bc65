/**
 * A till's batch before it goes to the ledger, and what became of it.
 *
 * Promises: a batch is judged as the register will judge it, item by item, before anything is sent; one that the
 * register would refuse whole, or of which nothing could be redeemed, is refused here with every item's reason. What
 * is sent is exactly what the till signed. `http` calls it, `main` wires it.
 */

import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes } from '@noble/hashes/utils.js';
import type { BenefitCalls } from '../acts/benefitCalls.ts';
import type { Commit } from '../acts/commit.ts';
import type { Moment } from '../domain/acts/moment.ts';
import type { Recover } from '../domain/audit/signature.ts';
import { Fault } from '../domain/base/fault.ts';
import { type Bytes32, fromHex, type Hex, toHex } from '../domain/base/hex.ts';
import { Refusals, refusal } from '../domain/base/refusal.ts';
import type { OfficeId, ProgrammeId, VendorId } from '../domain/base/terms.ts';
import { type Card, NO_CARD } from '../domain/benefits/cards.ts';
import { amountsInWords, currencyInWords } from '../domain/benefits/currencies.ts';
import {
  checkSale,
  entryAfter,
  judgeItem,
  requirePayable,
  type SaleRecords,
} from '../domain/benefits/judge.ts';
import {
  type ItemResult,
  type RedemptionBatch,
  type RedemptionItem,
  readResults,
  redemptionBatchDigest,
  type Sale,
  unpackItems,
} from '../domain/benefits/redemption.ts';
import type { CycleId, SkipReason, TillId } from '../domain/benefits/terms.ts';
import type { BenefitRegister } from '../domain/benefits/types.ts';
import type { Entry } from '../domain/benefits/unitsTable.ts';
import type { Claim } from '../store/idempotency.ts';
import { isLast, type Operation, type OperationId, type Owner } from '../store/operation.ts';
import { accountAt, type CreditRow } from '../store/views/benefits.ts';
import type { PageRequest } from '../store/views/page.ts';
import type { BatchRow } from '../store/views/tables.ts';
import type { Views } from '../store/views.ts';
import type { AcceptedSales, EntryNow, Taken } from './acceptedSales.ts';
import type { BenefitDesk } from './benefits.ts';

/** Cycles of one vendor's account in one answer: years of monthly ones in several programmes. */
const ACCOUNT_CYCLES_MAX = 500;
/** Batches of the same cards that may come while one is judged. */
const RACES_MAX = 20;

export interface RedemptionsDependencies {
  readonly desk: BenefitDesk;
  readonly views: Views;
  readonly accepted: AcceptedSales;
  readonly commit: Commit;
  readonly calls: BenefitCalls;
  readonly register: BenefitRegister;
  /** A batch has a signature an item: the portable one would hold everybody up for most of a second. */
  readonly recover: Recover;
}

/** What a till sends. */
export interface BatchGiven {
  readonly programme: ProgrammeId;
  readonly cycle: CycleId;
  readonly vendor: VendorId;
  readonly till: TillId;
  readonly count: number;
  readonly offlineSince: bigint;
  readonly deadline: bigint;
  readonly items: readonly Bytes32[];
  readonly signature: Hex;
}

/** Who asks what became of a sale: of one vendor, or of one office, where they are of one. */
export interface SaleReader {
  readonly institution: number;
  readonly vendor?: VendorId | undefined;
  readonly office?: OfficeId | undefined;
}

/** Undefined where this gateway never saw the words: the register alone can say. */
type Outcome = 'redeemed' | SkipReason | undefined;

interface Judgement {
  readonly outcomes: readonly Outcome[];
  /** Places in the batch of items about which nobody can say whether they are paid. */
  readonly hanging: {
    /** On a sale that was accepted and is not recorded. */
    readonly accepted: number[];
    /** On one that neither the ledger nor this gateway has. */
    readonly unknown: number[];
  };
  /** By index. */
  readonly judgedBy: ReadonlyMap<number, EntryNow>;
}

interface Judged {
  readonly sold: readonly RedemptionItem[];
  /** Places in the batch of what is paid as far as anybody here can say: the ledger skips the others. */
  readonly payable: readonly number[];
  readonly judgedBy: Judgement['judgedBy'];
}

const NOTHING = { units: 0, sequence: 0 };
const NOTHING_THERE: EntryNow = { recorded: NOTHING, entry: NOTHING, after: [], known: new Set() };
const STALE: ReadonlySet<string> = new Set<SkipReason>(['item-sequence-stale', 'item-remaining-stale']);

/** Signed on a later state of its card than is known here: another till's sale may be on its way. */
const isAhead = (item: RedemptionItem, { units, sequence }: Entry): boolean =>
  item.sequence >= sequence && item.remainingBefore < units;

function refusalOf(places: readonly number[]): Refusals {
  const code = 'sale-awaits-another';
  return new Refusals([
    refusal(code),
    ...places.map((i) => refusal(code, undefined, { field: `/items/${i}` })),
  ]);
}

/** What the ledger recorded of a batch, or that it has not yet. */
export interface Redeemed {
  readonly operation: Operation | undefined;
  readonly batches: readonly (Omit<BatchRow, 'results'> & { readonly items: readonly ItemResult[] })[];
}

export class Redemptions {
  readonly #deps: RedemptionsDependencies;

  constructor(deps: RedemptionsDependencies) {
    this.#deps = deps;
  }

  async post(owner: Owner, claim: Claim, given: BatchGiven): Promise<Operation> {
    const { accepted, commit } = this.#deps;
    let taken: Taken | undefined;
    try {
      const operation = await commit.post(claim, async () => {
        const { draft, held } = await this.#taken(owner, given);
        taken = held;
        return draft;
      });
      taken?.keep(operation.id);
      await accepted.tidy();
      return operation;
    } finally {
      taken?.release();
    }
  }

  /** Judges a batch, and takes it before anybody else's of the same cards is judged. */
  async #taken(owner: Owner, given: BatchGiven) {
    const { accepted, calls, register } = this.#deps;
    const { signature, ...batchGiven } = given;
    const itemsHash = toHex(keccak_256(concatBytes(...given.items.map(fromHex)))) as Bytes32;
    const { items, ...shared } = { ...batchGiven, itemsHash };
    const batch: RedemptionBatch = { ...shared, items, digest: redemptionBatchDigest(register, shared) };
    const { office } = await this.#deps.desk.vendor(owner, given.vendor);
    const orderedBy = `${given.vendor}/${given.till}`;
    const call = calls.redeem(batch, signature);
    for (let tries = 0; tries < RACES_MAX; tries++) {
      const { sold, payable, judgedBy } = await this.#judge(owner, batch, signature);
      const { programme, cycle } = given;
      // What the ledger skips takes nothing off a card: whoever sold it is told so, and the next sale does not build on it.
      const paid = payable.flatMap((place) => sold[place] ?? []);
      const held = accepted.take({ programme, cycle, itemsHash, items: paid }, judgedBy);
      if (held === undefined) continue;
      const after = [...new Set(paid.flatMap(({ index }) => judgedBy.get(index)?.after ?? []))];
      const some = paid.length < sold.length ? payable : undefined;
      const draft = { kind: 'redeemed', owner, office, orderedBy, items: itemsHash, payable: some, call };
      return { held, draft: after.length === 0 ? draft : Object.assign(draft, { after }) };
    }
    throw new Fault('other sales of the same cards keep arriving', { retryable: true });
  }

  /** By the operation that carried it. */
  async ofOperation(reader: SaleReader, id: OperationId): Promise<Redeemed> {
    const operation = await this.#deps.commit.operation(id);
    if (operation.kind !== 'redeemed' || operation.owner.institution !== reader.institution) {
      throw refusal('operation-missing');
    }
    const { transactionHash, items, state, blockNumber } = operation;
    if (isLast(state) && blockNumber !== undefined) await this.#deps.views.reached(blockNumber);
    const own = transactionHash === undefined ? [] : await this.#batches(reader, transactionHash);
    // The same items were sent twice at once: what the other transaction paid is what became of them.
    const isInVain = own.length === 0 && isLast(state) && items !== undefined;
    return { operation, batches: isInVain ? await this.#batches(reader, items) : own };
  }

  /** By the hash of its items: the rest of a batch sent again has the same. */
  async ofItems(reader: SaleReader, itemsHash: Bytes32): Promise<Redeemed> {
    const batches = await this.#batches(reader, itemsHash);
    if (batches.length === 0) throw refusal('operation-missing');
    return { operation: undefined, batches };
  }

  /** Refuses where the ledger would not pay what this till sold now at an index of a cycle. */
  async requirePayable(
    of: Pick<RedemptionBatch, 'programme' | 'cycle' | 'vendor' | 'till'> & { readonly index: number },
  ): Promise<void> {
    const moment = await this.#deps.desk.moment();
    const records = await this.#records(of, moment);
    const { cycle } = records;
    const now = cycle && (await this.#entry(of, cycle, of));
    const card = cycle && (await this.#card(cycle, of.programme, of));
    if (now === undefined || card === undefined) throw refusal('cycle-unknown');
    requirePayable(records, { index: of.index, entry: now.entry, card }, moment);
  }

  /** What a vendor earned in each cycle and what of it can be paid now. */
  async account(owner: Pick<Owner, 'institution'>, vendor: VendorId, request: PageRequest) {
    const { desk, views } = this.#deps;
    const record = await desk.vendor(owner, vendor);
    const moment = await desk.moment();
    const { rows, ...rest } = await views.benefits.creditsOf(
      vendor,
      Object.assign({ limit: ACCOUNT_CYCLES_MAX }, request),
    );
    const lineOf = async (row: CreditRow) => {
      const amounts = accountAt(row, moment);
      const programme = await views.benefits.programme(row.programme);
      if (programme === undefined) throw refusal('programme-unknown');
      const { currency } = programme.record;
      return {
        programme: row.programme,
        cycle: row.cycle,
        currencyCode: currencyInWords(currency),
        ...amounts,
        ...amountsInWords(currency, amounts),
      };
    };
    return { vendor, ...record, ...rest, rows: await Promise.all(rows.map(lineOf)) };
  }

  async #batches(reader: SaleReader, hash: Bytes32): Promise<Redeemed['batches']> {
    const { benefits } = this.#deps.views;
    const { rows } = await benefits.batchesWith(hash);
    const own = [];
    for (const { results, ...row } of rows) {
      const programme = await benefits.programme(row.programme);
      const seller = await benefits.vendor(row.vendor);
      const isOfVendor = reader.vendor === undefined || reader.vendor === row.vendor;
      const isOfOffice = reader.office === undefined || reader.office === seller?.record.office;
      if (programme?.record.institution !== reader.institution || !isOfVendor || !isOfOffice) continue;
      own.push({ ...row, items: readResults(results) });
    }
    return own;
  }

  /**
   * Refuses a batch that the register would refuse, or that would redeem nothing; and, to be sent again, one of which nobody
   * can say, for it hangs on a sale that was accepted and is not recorded. Answers by what each of its entries was judged.
   */
  async #judge({ institution }: Owner, batch: RedemptionBatch, signature: Hex): Promise<Judged> {
    const { desk } = this.#deps;
    const moment = await desk.moment();
    const records = await this.#records(batch, moment);
    if (records.programme !== undefined && records.programme.institution !== institution) {
      throw refusal('programme-unknown');
    }
    checkSale(batch, signature, records, moment, this.#deps.recover);
    const sold = unpackItems(batch.items, batch.count);
    const { outcomes, hanging, judgedBy } = await this.#outcomes(batch, sold, records, moment);
    const payable = outcomes.flatMap((outcome, place) =>
      outcome === undefined || outcome === 'redeemed' ? [place] : [],
    );
    // What hangs on an accepted sale is told so, whatever else is in the batch: accepted with it, it might not be paid.
    if (hanging.accepted.length > 0) throw refusalOf(hanging.accepted);
    if (payable.length > 0) return { sold, payable, judgedBy };
    if (hanging.unknown.length > 0) throw refusalOf(hanging.unknown);
    const reasons = outcomes.flatMap((outcome, i) =>
      outcome === undefined || outcome === 'redeemed'
        ? []
        : [refusal(outcome, undefined, { field: `/items/${i}` })],
    );
    throw new Refusals([refusal('nothing-redeemed'), ...reasons]);
  }

  async #records(
    batch: Pick<RedemptionBatch, 'programme' | 'cycle' | 'vendor' | 'till'>,
    { nowSeconds }: Moment,
  ): Promise<SaleRecords> {
    const { benefits, power } = this.#deps.views;
    const { programme, cycle, vendor, till } = batch;
    return {
      programme: (await benefits.programme(programme))?.record,
      cycle: (await benefits.cycle(programme, cycle))?.record,
      vendor: (await benefits.vendor(vendor))?.record,
      till: (await benefits.till(vendor, till))?.record,
      isPaused: (await power.pausedAt(nowSeconds)).has('redemption'),
    };
  }

  async #outcomes(
    batch: RedemptionBatch,
    sold: readonly RedemptionItem[],
    { programme, cycle, vendor, till }: SaleRecords,
    moment: Moment,
  ): Promise<Judgement> {
    if (programme === undefined || cycle === undefined || vendor === undefined || till === undefined) {
      throw new Error('a sale that was not checked');
    }
    const sale: Sale = { ...batch, enrolmentEpoch: cycle.enrolmentEpoch };
    const { register, recover } = this.#deps;
    const judgedBy = new Map<number, EntryNow>();
    const [entries, recorded] = [new Map<number, Entry>(), new Map<number, Entry>()];
    const outcomes: Outcome[] = [];
    const hanging: Judgement['hanging'] = { accepted: [], unknown: [] };
    for (const [place, item] of sold.entries()) {
      const now = judgedBy.get(item.index) ?? (await this.#entry(batch, cycle, item, batch.itemsHash));
      const card = await this.#card(cycle, batch.programme, item);
      const by = (entry: Entry) =>
        card &&
        judgeItem(register, sale, item, { programme, cycle, vendor, till, card, entry }, moment, recover);
      if (now === undefined) {
        outcomes.push(undefined);
        continue;
      }
      judgedBy.set(item.index, now);
      const entry = entries.get(item.index) ?? now.entry;
      const asRecorded = recorded.get(item.index) ?? now.recorded;
      const outcome = by(entry);
      outcomes.push(outcome);
      if (outcome === 'redeemed') entries.set(item.index, entryAfter(entry, item.units, cycle.entryBytes));
      else if (now.after.length > 0 && by(asRecorded) === 'redeemed') {
        recorded.set(item.index, entryAfter(asRecorded, item.units, cycle.entryBytes));
        hanging.accepted.push(place);
      } else if (outcome !== undefined && STALE.has(outcome) && isAhead(item, entry))
        hanging.unknown.push(place);
    }
    return { outcomes, hanging, judgedBy };
  }

  /** What remains at an index, and the sales of it that were accepted and are not recorded; nothing beyond the count. */
  async #entry(
    { programme, cycle }: Pick<RedemptionBatch, 'programme' | 'cycle'>,
    record: NonNullable<SaleRecords['cycle']>,
    { index }: Pick<RedemptionItem, 'index'>,
    except?: Bytes32,
  ): Promise<EntryNow | undefined> {
    if (index >= record.count) return NOTHING_THERE;
    return this.#deps.accepted.entry({ programme, cycle, index }, record, except);
  }

  async #card(
    { count, enrolmentEpoch }: NonNullable<SaleRecords['cycle']>,
    programme: ProgrammeId,
    { index }: Pick<RedemptionItem, 'index'>,
  ): Promise<Card | undefined> {
    return index >= count ? NO_CARD : this.#deps.views.benefits.card(programme, enrolmentEpoch, index);
  }
}
