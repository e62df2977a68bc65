/**
 * Every record of the register, folded from its events in memory: what an auditor and `fsck` hold beside the views.
 *
 * Promises: after each event the books of its programme are those of the chain; memory is one record a programme,
 * cycle, vendor, till and credit, and one a card that was replaced. The gateway's views keep the same records in
 * the store and call `follow` themselves.
 */
import type { Moment } from '../acts/moment.ts';
import type { Bytes32 } from '../base/hex.ts';
import type { ProgrammeId, VendorId } from '../base/terms.ts';
import type { Card } from './cards.ts';
import type { BenefitEvent, Touched } from './follow.ts';
import { follow, touched } from './follow.ts';
import type { ProgrammeBooks } from './money.ts';
import type { Records } from './prepare.ts';
import type { Credit, Cycle } from './records.ts';
import type { CycleId } from './terms.ts';

type RecordName = keyof Records;

/** The card a slot held, for the first event about it. */
export type FirstCardOf = (programme: ProgrammeId, enrolmentEpoch: number, index: number) => Card | undefined;

export class BenefitBook {
  readonly #records = new Map<string, Records[RecordName]>();
  readonly #cycles = new Map<ProgrammeId, Set<CycleId>>();
  readonly #vendors = new Map<string, Set<VendorId>>();
  readonly #firstCardOf: FirstCardOf;

  constructor(firstCardOf: FirstCardOf = () => undefined) {
    this.#firstCardOf = firstCardOf;
  }

  apply(event: BenefitEvent, moment: Moment): void {
    const keys = touched(event);
    for (const { record, after } of follow(event, this.records(keys), moment)) {
      this.#records.set(keyOf(record, keys), after);
    }
    const { cycle, credit } = keys;
    if (cycle !== undefined) setIn(this.#cycles, cycle.programme).add(cycle.cycle);
    if (credit !== undefined) {
      setIn(this.#vendors, `${credit.programme} ${credit.cycle}`).add(credit.vendor);
    }
  }

  /** What stands under some keys; a record nothing began is absent. */
  records(keys: Touched): Records {
    const found: { [R in RecordName]?: Records[RecordName] } = {};
    for (const record of Object.keys(keys) as (keyof Touched)[]) {
      found[record] = this.#records.get(keyOf(record, keys));
    }
    if (keys.card !== undefined && found.card === undefined) {
      const { programme, enrolmentEpoch, index } = keys.card;
      found.card = this.#firstCardOf(programme, enrolmentEpoch, index);
    }
    return found as Records;
  }

  /** All of a programme's money; undefined for one nobody defined. */
  books(id: ProgrammeId): ProgrammeBooks | undefined {
    const { programme } = this.records({ programme: id });
    if (programme === undefined) return undefined;
    const cycles = new Map<CycleId, Cycle>();
    const credits = new Map<CycleId, Map<VendorId, Credit>>();
    for (const number of this.#cycles.get(id) ?? []) {
      const { cycle } = this.records({ cycle: { programme: id, cycle: number } });
      if (cycle !== undefined) cycles.set(number, cycle);
      const earned = new Map<VendorId, Credit>();
      for (const vendor of this.#vendors.get(`${id} ${number}`) ?? []) {
        const { credit } = this.records({ credit: { programme: id, cycle: number, vendor } });
        if (credit !== undefined) earned.set(vendor, credit);
      }
      credits.set(number, earned);
    }
    return { programme, cycles, credits };
  }
}

function keyOf(record: RecordName, keys: Touched): string {
  const { programme, cycle, enrolment, card, vendor, till, credit } = keys;
  const parts: Readonly<Record<RecordName, readonly (Bytes32 | number | undefined)[]>> = {
    programme: [programme],
    cycle: [cycle?.programme, cycle?.cycle],
    enrolment: [enrolment?.programme, enrolment?.enrolmentEpoch],
    card: [card?.programme, card?.enrolmentEpoch, card?.index],
    vendor: [vendor],
    till: [till?.vendor, till?.till],
    credit: [credit?.programme, credit?.cycle, credit?.vendor],
  };
  return [record, ...parts[record]].join(' ');
}

function setIn<K, V>(sets: Map<K, Set<V>>, key: K): Set<V> {
  const set = sets.get(key) ?? new Set<V>();
  sets.set(key, set);
  return set;
}
