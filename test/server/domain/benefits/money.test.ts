/** The money equation under random life: it closes after every event, and every tampered record shows. */

import { expect } from 'chai';
import type { Moment } from '../../../../server/domain/acts/moment.ts';
import { NEVER_PAUSED } from '../../../../server/domain/acts/moment.ts';
import { type Address, type Bytes32, ZERO_32 } from '../../../../server/domain/base/hex.ts';
import { Refusal } from '../../../../server/domain/base/refusal.ts';
import type { EntryId, OfficeId, OfficerId, VendorId } from '../../../../server/domain/base/terms.ts';
import type { AppliedAct } from '../../../../server/domain/benefits/act.ts';
import { BenefitBook } from '../../../../server/domain/benefits/book.ts';
import type { BenefitEvent, Touched } from '../../../../server/domain/benefits/follow.ts';
import { touched } from '../../../../server/domain/benefits/follow.ts';
import { accountOf, checkMoney, type ProgrammeBooks } from '../../../../server/domain/benefits/money.ts';
import { prepareAct, type Records } from '../../../../server/domain/benefits/prepare.ts';
import {
  type Cycle,
  matured,
  openingOf,
  outstandingUnits,
  type Programme,
} from '../../../../server/domain/benefits/records.ts';
import { resultWord } from '../../../../server/domain/benefits/redemption.ts';
import { checkRelease } from '../../../../server/domain/benefits/rules.ts';
import type { CycleId, CycleStep } from '../../../../server/domain/benefits/terms.ts';
import { CYCLE_STEPS, FUNDS_MOVES, MAX_LANES } from '../../../../server/domain/benefits/terms.ts';
import type { BenefitRegister } from '../../../../server/domain/benefits/types.ts';
import { packUnits, wordsOf } from '../../../../server/domain/benefits/unitsTable.ts';
import { type Seeded, seeded } from '../../../seeded.ts';
import {
  cycleId,
  DISPUTE_SECONDS,
  definition,
  EPOCH,
  envelope,
  INSTITUTION,
  moveCycle,
  moveFunds,
  PROGRAMME,
  setTill,
  settle,
  setVendor,
} from './programme.ts';
import { bytes32, PREPARER, START } from './register.ts';

const SEEDS = 40;
const STEPS_A_RUN = 250;
const VENDORS = [1, 2, 3].map((n) => bytes32(n) as VendorId);
const TABLE = packUnits([30, 40, 50, 0, 200], 1);

const register: BenefitRegister = {
  chainId: 1,
  ledgerNonce: `0x${'4e'.repeat(32)}` as Bytes32,
  benefitLedger: `0x${'be'.repeat(20)}` as Address,
};
const head = {
  office: 0 as OfficeId,
  preparer: PREPARER.id as OfficerId,
  preparerEpoch: 1,
  notBefore: 0n,
  deadline: 0n,
  effectiveOn: 0n,
  salt: 0n,
  sourcesRoot: ZERO_32,
  corrects: ZERO_32 as EntryId,
};

/** A programme that lives: random acts, of which the rules let some through, as the register would. */
class Life {
  readonly book = new BenefitBook();
  readonly #random: Seeded;
  #now = START;
  #cycles = 0;
  accepted = 0;
  refused = 0;

  constructor(seed: number) {
    this.#random = seeded(seed);
    this.#follow({
      name: 'ActApplied',
      applied: { name: 'DefineProgramme', act: definition },
      office: head.office,
      newState: ZERO_32,
    });
    const enrol = {
      programme: PROGRAMME,
      enrolmentEpoch: EPOCH,
      startIndex: 0,
      count: 5,
      slotsHash: ZERO_32,
      versionBefore: 0,
    };
    this.#follow({
      name: 'ActApplied',
      applied: { name: 'Enrol', act: enrol },
      office: head.office,
      newState: ZERO_32,
    });
    for (const vendor of VENDORS) {
      const registered = { name: 'SetVendor', act: setVendor({ vendor }) } as const;
      this.#follow({ name: 'ActApplied', applied: registered, office: head.office, newState: ZERO_32 });
      const till = { name: 'SetTill', act: setTill({ vendor }) } as const;
      this.#follow({ name: 'ActApplied', applied: till, office: head.office, newState: ZERO_32 });
    }
    this.#follow({ name: 'SlotsLoaded', programme: PROGRAMME, enrolmentEpoch: EPOCH, enrolled: 5 });
  }

  get moment(): Moment {
    return { nowSeconds: this.#now, redemption: NEVER_PAUSED, extended: (moment) => moment };
  }

  get books(): ProgrammeBooks {
    const books = this.book.books(PROGRAMME);
    if (books === undefined) throw new Error('no programme');
    return books;
  }

  step(): void {
    this.#now += BigInt(this.#random.below(DISPUTE_SECONDS));
    const kinds = [
      this.#move,
      this.#open,
      this.#load,
      this.#release,
      this.#sell,
      this.#sell,
      this.#stand,
      this.#letGo,
      this.#settle,
      this.#take,
    ];
    this.#random.pick(kinds).call(this);
  }

  #move(): void {
    const { programme } = this.books;
    const move = this.#random.pick(FUNDS_MOVES.filter((way) => way !== 'unspecified'));
    const amountMinor = BigInt(this.#random.below(20_000));
    this.#try({
      name: 'MoveFunds',
      act: moveFunds({ move, amountMinor, movedBeforeMinor: programme.movedMinor[move] }),
    });
  }

  #open(): void {
    const window = { opensAt: this.#now, spendUntil: this.#now + 250_000n, postUntil: this.#now + 260_000n };
    const unitValueMinor = BigInt(1 + this.#random.below(9));
    const lane = this.#random.below(MAX_LANES);
    const act = envelope(TABLE, { cycle: cycleId(this.#cycles + 1), lane, unitValueMinor, ...window });
    if (this.#try({ name: 'CycleEnvelope', act })) this.#cycles++;
  }

  #load(): void {
    const [cycle, record] = this.#cycle();
    if (record?.state !== 'loading') return;
    const loadedWords = wordsOf(record.count, record.entryBytes);
    this.#follow({ name: 'UnitsLoaded', programme: PROGRAMME, cycle, loadedWords });
  }

  #release(): void {
    const [cycle, record] = this.#cycle();
    if (record === undefined) return;
    const isReleased = this.#isAllowed(() => checkRelease(this.books.programme, record, this.moment, true));
    if (!isReleased) return;
    const opensAt = openingOf(record, this.moment, true);
    const applied = { name: 'Release', act: { programme: PROGRAMME, cycle, opensAt } } as const;
    this.#follow({ name: 'ActApplied', applied, office: head.office, newState: ZERO_32 });
  }

  #sell(): void {
    const [cycle, record] = this.#cycle();
    if (record?.state !== 'released' && record?.state !== 'ended') return;
    const units = BigInt(this.#random.below(60));
    if (units === 0n || units > outstandingUnits(record)) return;
    const vendor = this.#random.pick(VENDORS);
    const till = 1 as Extract<BenefitEvent, { name: 'BatchRedeemed' }>['till'];
    const soldAt = this.#now - BigInt(this.#random.below(2 * DISPUTE_SECONDS));
    const item = { index: 0, remainingBefore: 200, units: Number(units), cardEpoch: 1, sequence: 0, soldAt };
    const results = [resultWord({ ...item, kind: 'card', outcome: 'redeemed' })];
    this.#follow({ name: 'BatchRedeemed', programme: PROGRAMME, cycle, vendor, till, units, results });
  }

  /** A vendor is suspended, or back again: what it posts meanwhile waits. */
  #stand(): void {
    const vendor = this.#random.pick(VENDORS);
    const record = this.book.records({ vendor }).vendor;
    const standing = record?.standing === 'active' ? 'suspended' : 'active';
    this.#try({
      name: 'SetVendor',
      act: setVendor({ vendor, standing, versionBefore: record?.version ?? 0 }),
    });
  }

  #letGo(): void {
    const [cycle, record] = this.#cycle();
    const vendor = this.#random.pick(VENDORS);
    const credit = this.books.credits.get(cycle)?.get(vendor);
    if (record === undefined || credit === undefined) return;
    const units = BigInt(this.#random.below(80));
    const releasedBeforeUnits = credit.releasedUnits;
    const act = { programme: PROGRAMME, cycle, vendor, units, releasedBeforeUnits, caseCommitment: ZERO_32 };
    this.#try({ name: 'ReleaseCredit', act });
  }

  #settle(): void {
    const [cycle, record] = this.#cycle();
    const vendor = this.#random.pick(VENDORS);
    const credit = this.books.credits.get(cycle)?.get(vendor);
    if (record === undefined || credit === undefined) return;
    const units = BigInt(this.#random.below(80));
    const amountMinor = units * record.unitValueMinor;
    const settledBeforeUnits = credit.settledUnits;
    this.#try({ name: 'Settle', act: settle({ cycle, vendor, units, amountMinor, settledBeforeUnits }) });
  }

  #take(): void {
    const [cycle, record] = this.#cycle();
    if (record === undefined) return;
    const step: CycleStep = this.#random.pick(CYCLE_STEPS.filter((one) => one !== 'unspecified'));
    const isAccounting = step === 'expire' || step === 'reclaim';
    const unspentUnits = isAccounting ? outstandingUnits(record) : 0n;
    const endsAt = step === 'end-early' ? this.#now : 0n;
    this.#try({ name: 'MoveCycle', act: moveCycle({ cycle, step, unspentUnits, endsAt }) });
  }

  #cycle(): readonly [CycleId, Cycle | undefined] {
    const cycle = cycleId(1 + this.#random.below(this.#cycles + 1));
    return [cycle, this.books.cycles.get(cycle)];
  }

  #try(applied: Exclude<AppliedAct, { name: 'Release' }>): boolean {
    const keys: Touched = {
      ...touched({ name: 'ActApplied', applied, office: head.office, newState: ZERO_32 }),
      enrolment: { programme: PROGRAMME, enrolmentEpoch: EPOCH },
    };
    const setting = {
      register,
      head,
      records: this.book.records(keys) as Records,
      moment: this.moment,
      isNoticeWaived: true,
    };
    if (!this.#isAllowed(() => prepareAct(applied.name, applied.act as never, setting))) return false;
    this.#follow({ name: 'ActApplied', applied, office: head.office, newState: ZERO_32 });
    return true;
  }

  #isAllowed(judge: () => unknown): boolean {
    try {
      judge();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.refused++;
      return false;
    }
    return true;
  }

  #follow(event: BenefitEvent): void {
    this.book.apply(event, this.moment);
    this.accepted++;
  }
}

describe('the money equation (B1, B2, B6)', () => {
  it('closes after every event of random lives', () => {
    let accepted = 0;
    let refused = 0;
    const reached = new Set<string>();
    for (let seed = 1; seed <= SEEDS; seed++) {
      const life = new Life(seed);
      for (let step = 0; step < STEPS_A_RUN; step++) {
        life.step();
        const { books } = life;
        expect(checkMoney(books), `seed ${seed}, step ${step}`).to.deep.equal([]);
        for (const { state } of books.cycles.values()) reached.add(state);
      }
      accepted += life.accepted;
      refused += life.refused;
    }
    // A run that met no rule and no state would prove nothing.
    expect(accepted).to.be.above(2_000);
    expect(refused).to.be.above(2_000);
    expect([...reached].sort()).to.deep.equal([
      'accounted',
      'cancelled',
      'closed',
      'ended',
      'loading',
      'released',
    ]);
  }).timeout(60_000);

  it('shows every unit that is added to, or missing from, any record', () => {
    let tried = 0;
    let letIn = 0;
    for (let seed = 1; seed <= 10; seed++) {
      const life = new Life(seed);
      for (let step = 0; step < STEPS_A_RUN; step++) life.step();
      for (const books of tampered(life.books)) {
        tried++;
        if (checkMoney(books).length === 0) letIn++;
      }
    }
    expect(tried).to.be.above(500);
    expect(letIn, `${tried} tried`).to.equal(0);
  }).timeout(60_000);

  it('gives a vendor an account whose parts are all it earned', () => {
    const life = new Life(3);
    for (let step = 0; step < STEPS_A_RUN; step++) life.step();
    const { credits, cycles } = life.books;
    let accounts = 0;
    for (const [cycle, earned] of credits) {
      for (const credit of earned.values()) {
        const unitValueMinor = cycles.get(cycle)?.unitValueMinor ?? 0n;
        const now = matured(credit, DISPUTE_SECONDS, life.moment);
        const account = accountOf(now, unitValueMinor);
        const { creditedMinor, settledMinor, payableMinor, disputedMinor, waitingMinor } = account;
        expect(creditedMinor).to.equal(credit.creditedUnits * unitValueMinor);
        expect(creditedMinor).to.equal(settledMinor + payableMinor + disputedMinor + waitingMinor);
        accounts++;
      }
    }
    expect(accounts).to.be.above(3);
    expect(INSTITUTION).to.equal(life.books.programme.institution);
  });
});

/** One unit or minor unit more or less, in each record that money stands in. */
function* tampered(books: ProgrammeBooks): Generator<ProgrammeBooks> {
  const { programme, cycles, credits } = books;
  for (const by of [1n, -1n]) {
    const sums = ['unallocatedMinor', 'expiredMinor', 'reclaimedMinor', 'redeemedMinor'] as const;
    for (const sum of sums) {
      yield { ...books, programme: { ...programme, [sum]: programme[sum] + by } as Programme };
    }
    for (const way of ['fund', 'defund'] as const) {
      const movedMinor = { ...programme.movedMinor, [way]: programme.movedMinor[way] + by };
      yield { ...books, programme: { ...programme, movedMinor } };
    }
    for (const [number, cycle] of cycles) {
      const changed = { ...cycle, redeemedUnits: cycle.redeemedUnits + by };
      yield { ...books, cycles: new Map([...cycles, [number, changed]]) };
      if (outstandingUnits(cycle) > 0n) {
        const larger = { ...cycle, totalUnits: cycle.totalUnits + by };
        yield { ...books, cycles: new Map([...cycles, [number, larger]]) };
      }
    }
    for (const [number, earned] of credits) {
      for (const [vendor, credit] of earned) {
        const changed = { ...credit, creditedUnits: credit.creditedUnits + by };
        yield { ...books, credits: new Map([...credits, [number, new Map([...earned, [vendor, changed]])]]) };
      }
      for (const [vendor, credit] of earned) {
        const paidTwice = { ...credit, settledUnits: credit.maturedUnits + 1n };
        yield {
          ...books,
          credits: new Map([...credits, [number, new Map([...earned, [vendor, paidTwice]])]]),
        };
      }
    }
  }
  // Sums that still close, over parts that cannot be.
  const { unallocatedMinor, expiredMinor } = programme;
  const debt = { unallocatedMinor: -1n, expiredMinor: expiredMinor + unallocatedMinor + 1n };
  yield { ...books, programme: { ...programme, ...debt } };
  for (const [number, cycle] of cycles) {
    const [first] = credits.get(number) ?? [];
    if (first === undefined || outstandingUnits(cycle) > 0n) continue;
    const [vendor, credit] = first;
    const beyond = cycle.totalUnits - cycle.redeemedUnits + 1n;
    const sold = { ...cycle, redeemedUnits: cycle.redeemedUnits + beyond };
    const earned = { ...credit, creditedUnits: credit.creditedUnits + beyond };
    const others = credits.get(number) ?? [];
    yield {
      programme,
      cycles: new Map([...cycles, [number, sold]]),
      credits: new Map([...credits, [number, new Map([...others, [vendor, earned]])]]),
    };
  }
}
