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
import type { BenefitDesk } from './benefits.ts';

/** Cycles of one vendor's account in one answer: years of monthly ones in several programmes. */
const ACCOUNT_CYCLES_MAX = 500;

export interface RedemptionsDependencies {
  readonly desk: BenefitDesk;
  readonly views: Views;
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
    const { commit, calls, register } = this.#deps;
    const { signature, ...batchGiven } = given;
    return commit.post(claim, async () => {
      const itemsHash = toHex(keccak_256(concatBytes(...given.items.map(fromHex)))) as Bytes32;
      const { items, ...shared } = { ...batchGiven, itemsHash };
      const batch: RedemptionBatch = { ...shared, items, digest: redemptionBatchDigest(register, shared) };
      await this.#judge(owner, batch, signature);
      const orderedBy = `${given.vendor}/${given.till}`;
      const { office } = await this.#deps.desk.vendor(owner, given.vendor);
      return {
        kind: 'redeemed',
        owner,
        office,
        orderedBy,
        items: itemsHash,
        call: calls.redeem(batch, signature),
      };
    });
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
    const entry = cycle && (await this.#entry(of, cycle, of));
    const card = cycle && (await this.#card(cycle, of.programme, of));
    if (entry === undefined || card === undefined) throw refusal('cycle-unknown');
    requirePayable(records, { index: of.index, entry, card }, moment);
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

  /** Refuses a batch that the register would refuse, or that would redeem nothing. */
  async #judge({ institution }: Owner, batch: RedemptionBatch, signature: Hex): Promise<void> {
    const { desk } = this.#deps;
    const moment = await desk.moment();
    const records = await this.#records(batch, moment);
    if (records.programme !== undefined && records.programme.institution !== institution) {
      throw refusal('programme-unknown');
    }
    checkSale(batch, signature, records, moment, this.#deps.recover);
    const outcomes = await this.#outcomes(batch, records, moment);
    if (outcomes.some((outcome) => outcome === undefined || outcome === 'redeemed')) return;
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
    { programme, cycle, vendor, till }: SaleRecords,
    moment: Moment,
  ): Promise<Outcome[]> {
    if (programme === undefined || cycle === undefined || vendor === undefined || till === undefined) {
      throw new Error('a sale that was not checked');
    }
    const sale: Sale = { ...batch, enrolmentEpoch: cycle.enrolmentEpoch };
    const { register, recover } = this.#deps;
    const entries = new Map<number, Entry>();
    const outcomes: Outcome[] = [];
    for (const item of unpackItems(batch.items, batch.count)) {
      const entry = entries.get(item.index) ?? (await this.#entry(batch, cycle, item));
      const card = await this.#card(cycle, batch.programme, item);
      const judged = entry && card && { programme, cycle, vendor, till, card, entry };
      const outcome = judged && judgeItem(register, sale, item, judged, moment, recover);
      if (entry && outcome === 'redeemed')
        entries.set(item.index, entryAfter(entry, item.units, cycle.entryBytes));
      outcomes.push(outcome);
    }
    return outcomes;
  }

  async #entry(
    { programme, cycle }: Pick<RedemptionBatch, 'programme' | 'cycle'>,
    record: NonNullable<SaleRecords['cycle']>,
    { index }: Pick<RedemptionItem, 'index'>,
  ): Promise<Entry | undefined> {
    if (index >= record.count) return { units: 0, sequence: 0 };
    return this.#deps.views.benefits.remaining(programme, cycle, record, index);
  }

  async #card(
    { count, enrolmentEpoch }: NonNullable<SaleRecords['cycle']>,
    programme: ProgrammeId,
    { index }: Pick<RedemptionItem, 'index'>,
  ): Promise<Card | undefined> {
    return index >= count ? NO_CARD : this.#deps.views.benefits.card(programme, enrolmentEpoch, index);
  }
}
