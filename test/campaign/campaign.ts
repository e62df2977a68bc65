/**
 * Everybody at once over a whole ledger: honest, corrupt and colluding officers, dishonest vendors and strangers, over
 * both registers and the consortium, while time moves.
 *
 * A campaign is made of parts of at most ten thousand calls, each on a ledger founded anew from the seed and the part's
 * number, so that a part that was played is never played again. Promises: the same seed and number make the same
 * calls; every call is counted by function, outcome and actor; what breaks an invariant is reported with the call.
 */

import type { ContractName, EventBlock } from '../../server/domain/acts/events.ts';
import { digest } from '../../server/domain/acts/typedData.ts';
import { type Address, ZERO_32 } from '../../server/domain/base/hex.ts';
import type { InstitutionId, ProgrammeId } from '../../server/domain/base/terms.ts';
import { readResults } from '../../server/domain/benefits/redemption.ts';
import { CONTRACT_NAMES, contractOf } from '../../server/ledger/contracts.ts';
import { FAR_FUTURE } from '../chain/signing.ts';
import { type Seeded, seeded } from '../seeded.ts';
import { anything, bend } from './anything.ts';
import { amountMoved, BENEFIT_MOVES, PROGRAMMES, sales } from './benefits.ts';
import { Books, type Broken } from './books.ts';
import { type Edge, planOf } from './edgePlans.ts';
import { EDGES } from './edges.ts';
import { LAND_MOVES } from './land.ts';
import { type MachineCall, type Outcome, PANIC } from './machine.ts';
import { anyMeasure, ballot, MOST_ADMINS, rush, wish } from './measures.ts';
import { NOTARY_MOVES } from './notary.ts';
import { type ActPlan, openCall, type Plan, signedAct, signedOrder } from './plan.ts';
import { appointment, POWER_MOVES, stop, suspension } from './power.ts';
import { purge } from './purge.ts';
import { CORRUPT, type Hand, INSTITUTIONS, openScene, type Scene, WAIT_SECONDS } from './scene.ts';
import { SUCCEEDED, succession } from './succession.ts';

export const PART_CALLS = 10_000;
/** Longer than any pause lasts. */
const RECOVERY_SECONDS = 91n * 86_400n;
/** Nobody does anything for a month once in so many calls: what lapsed may be swept. */
const MONTH_EVERY = 3_000;
const MONTH_SECONDS = 31n * 86_400n;
/** The chain stands still for hours once in so many calls. */
const STANDSTILL_EVERY = 250;
/** Of one register, before another is asked. */
const MOST_TRIES = 16;
/** A register is succeeded after so many calls. */
const SUCCESSION_EVERY = 1_250;
/** The corrupt member's officers are ended after so many calls, and again after so many more. */
const [PURGE_AT, PURGE_EVERY] = [600, 3_500];
/** Of a hundred calls, so many are made to be refused for a reason of their own. */
const EDGE_PERCENT = 4;
/** What the contracts keep is read after so many calls. */
const COMPARE_EVERY = 250;

export const ACTORS = [
  'honest',
  'corrupt officer',
  'colluding officers',
  'dishonest vendor',
  'stranger',
] as const;
type Actor = (typeof ACTORS)[number];

/** Calls and how many of them passed. */
interface Count {
  tried: number;
  passed: number;
}

export interface Tally {
  calls: number;
  readonly actors: Record<string, Count>;
  /** By who called, honest or other, and by contract and function. */
  readonly functions: Record<string, Count>;
  /** How often each error was the answer. */
  readonly refusals: Record<string, number>;
  /** Reasons for which items of batches were skipped. */
  readonly skips: Record<string, number>;
  readonly broken: (Broken & { readonly call: number; readonly part: number })[];
}

export function emptyTally(): Tally {
  return { calls: 0, actors: {}, functions: {}, refusals: {}, skips: {}, broken: [] };
}

/** The name of a count of calls. */
export const functionBy = (isHonest: boolean, contract: ContractName, method: string): string =>
  `${isHonest ? 'honest' : 'other'} ${contract}.${method}`;

/** Every function of the ledger's contracts that writes, by contract. */
export const WRITERS: readonly (readonly [ContractName, string])[] = CONTRACT_NAMES.flatMap((contract) =>
  contractOf(contract)
    .abi.filter((item) => item.type === 'function' && !isReading(item))
    .map(({ name = '' }) => [contract, name] as const),
);

function isReading(item: object): boolean {
  const { stateMutability } = item as { stateMutability?: string };
  return stateMutability === 'view' || stateMutability === 'pure';
}

/** A call about to be made, and whether it can only be refused. */
interface Attempt {
  readonly actor: Actor;
  readonly plan: Plan;
  readonly call: MachineCall;
  /** The invariant that would break if it passed. */
  readonly mustFail?: string;
  /** What can never be recorded once this passed. */
  readonly withdraws?: MachineCall;
}

class Part {
  readonly #scene: Scene;
  readonly #books: Books;
  readonly #tally: Tally;
  readonly #number: number;
  /** Acts that passed, to be sent again. */
  readonly #sent: { readonly plan: Plan; readonly call: MachineCall }[] = [];
  #touched = new Set<ProgrammeId>();
  /** Edges whose turn is to come. */
  readonly #edges: Edge[] = [];
  /** Registers that were succeeded. */
  readonly #former = new Map<ContractName, Address>();

  constructor(scene: Scene, tally: Tally, number: number) {
    this.#scene = scene;
    this.#books = new Books(scene, scene.machine);
    this.#tally = tally;
    this.#number = number;
  }

  async play(calls: number): Promise<void> {
    for (let i = 0; i < calls; i++) {
      await this.#passTime();
      // A part begins with a stranger at every door.
      const door = WRITERS[i];
      await this.#make(door === undefined ? this.#attempt() : this.#knock(...door));
      if ((i + 1) % COMPARE_EVERY === 0) await this.#compare();
      const register = SUCCEEDED[Math.floor(i / SUCCESSION_EVERY) % SUCCEEDED.length];
      if (i % SUCCESSION_EVERY === SUCCESSION_EVERY - 1 && register !== undefined) {
        if (register === 'land') await this.#beLate(register);
        await this.#succeed(register);
      }
      if (i % PURGE_EVERY === PURGE_AT) await this.#purge();
      this.#report(i);
      if (this.#tally.broken.length > 200) return;
    }
    await this.#compare();
    await this.#goOn();
    this.#report(calls);
  }

  async #make(attempt: Attempt): Promise<boolean> {
    const outcome = await this.#scene.machine.make(attempt.call, attempt.actor === 'honest');
    this.#count(attempt, outcome);
    this.#judge(attempt, outcome);
    return outcome.ok;
  }

  /**
   * Members put a register's successor in force, with strangers and corrupt officers at its doors: before it has begun, and
   * at those of the one before afterwards, which never moves again (P8).
   */
  async #succeed(register: (typeof SUCCEEDED)[number]): Promise<void> {
    const scene = this.#scene;
    const former = scene.machine.contracts[register];
    for await (const plan of succession(scene, register)) {
      const isOver = plan.kind === 'open' && plan.method === 'importWords';
      for (let i = 0; isOver && i < 3; i++) await this.#make(this.#bentImport(plan, i));
      // Nobody acts in a register that waits for its words.
      const early = isOver ? planOf(scene, register === 'land' ? 'register' : 'fund') : undefined;
      if (early !== undefined)
        await this.#make({ actor: 'stranger', plan: early, call: this.#signed(early), mustFail: 'P11' });
      if (!(await this.#make({ actor: 'honest', plan, call: this.#signed(plan) }))) break;
    }
    if (scene.machine.contracts[register] !== former) this.#former.set(register, former);
  }

  /** Members vote on a successor that an entry came before, and nobody can carry it out. */
  async #beLate(register: 'land' | 'benefits'): Promise<void> {
    for await (const plan of succession(this.#scene, register, true)) {
      const call = this.#signed(plan);
      const isOver = plan.kind === 'open' && plan.method === 'execute';
      const attempt: Attempt = isOver
        ? { actor: 'stranger', plan, call, mustFail: 'P8' }
        : { actor: 'honest', plan, call };
      if (!(await this.#make(attempt)) && !isOver) break;
    }
  }

  /** Honest members end the officers of the corrupt one, as far as the ledger lets them. */
  async #purge(): Promise<void> {
    for (const measure of purge(this.#scene)) {
      for await (const plan of measure) {
        if (!(await this.#make({ actor: 'honest', plan, call: this.#signed(plan) }))) break;
      }
    }
  }

  /** A stranger's import: none, of the journal's own words, other ones, or those in another order. */
  #bentImport(plan: Plan & { readonly kind: 'open' }, how: number): Attempt {
    const rest = plan.args[2];
    const args =
      [
        [[], [], rest],
        [[ZERO_32], [ZERO_32], rest],
      ][how] ?? (bend(this.#scene.random, plan.args) as unknown[]);
    return { actor: 'stranger', plan, call: { ...plan, args }, mustFail: 'P11' };
  }

  #report(call: number): void {
    for (const broken of this.#books.broken.splice(0)) {
      // At once: a part takes minutes, and a finding is looked into before it ends.
      console.error(`part ${this.#number}, call ${call}: ${broken.invariant}, ${broken.what}`);
      this.#tally.broken.push({ ...broken, call, part: this.#number });
    }
  }

  /**
   * Whatever was done, those who are left can go on once every pause has ended: decide, appoint, and register (P9).
   * All officers take part, for what corrupt ones refuse others decide.
   */
  async #goOn(): Promise<void> {
    const scene = this.#scene;
    await scene.machine.waitUntil(scene.now + RECOVERY_SECONDS);
    const measure = anyMeasure(scene);
    const must = async (what: string, plan: Plan | undefined) => {
      const call = plan && this.#signed(plan);
      const outcome = call && (await scene.machine.make(call, true));
      this.#books.require(
        outcome?.ok === true,
        'P9',
        `${what}: ${outcome?.ok === false ? outcome.refusal : 'nobody'}`,
      );
      if (plan !== undefined && outcome?.ok === true) this.#take(plan, outcome.block);
    };
    // What ran out of time makes room for what is to be decided.
    for (const { measure: late } of [...scene.measures.values()].filter(({ isOver }) => !isOver)) {
      const plan: Plan = { kind: 'open', contract: 'council', method: 'lapse', args: [late] };
      const outcome = await scene.machine.make(openCall(plan), false);
      if (outcome.ok) this.#take(plan, outcome.block);
    }
    for (const institution of INSTITUTIONS) {
      const [voter] = scene.usable(institution);
      if (voter !== undefined) await must('a vote', ballot(scene, voter, measure));
    }
    await scene.machine.waitUntil(scene.now + 2n * WAIT_SECONDS);
    const args = [measure.measure, [], []];
    await must('a measure', { kind: 'open', contract: 'council', method: 'execute', args });
    const isFull = (one: InstitutionId) => scene.admins(one) >= MOST_ADMINS;
    // Whoever cannot manage is reseated by vote.
    const manages = (one: InstitutionId) => scene.usable(one).length > (one === CORRUPT ? 1 : 0);
    for (const institution of INSTITUTIONS.filter((one) => manages(one) && !isFull(one))) {
      await must(`an appointment in ${institution}`, appointment(scene, institution));
    }
  }

  async #compare(): Promise<void> {
    const programmes = PROGRAMMES.map(({ id }) => id).filter(
      (id) => this.#scene.book.books(id) !== undefined,
    );
    await this.#books.compare(this.#scene.machine, programmes, this.#touched);
    this.#touched = new Set();
  }

  async #passTime(): Promise<void> {
    const { random, now, machine, silences } = this.#scene;
    if (random.below(3) === 0) await machine.waitUntil(now + BigInt(random.below(1_200)));
    if (random.below(MONTH_EVERY) === 0) await machine.waitUntil(now + MONTH_SECONDS);
    if (random.below(STANDSTILL_EVERY) > 0) return;
    const from = machine.nowSeconds;
    silences.newest = { from, to: from + BigInt(3_600 + random.below(30_000)) };
    await machine.waitUntil(silences.newest.to);
  }

  // ---- Who does what --------------------------------------------------------------------------------------

  /** Officers, recorders and tills sign what one rule refuses: each of `EDGES` once before any comes again. */
  #edge(): Attempt | undefined {
    if (this.#edges.length === 0) this.#edges.push(...EDGES);
    const [edge] = this.#edges.splice(this.#scene.random.below(this.#edges.length), 1);
    const plan = edge?.[1](this.#scene);
    return edge && plan && { actor: 'colluding officers', plan, call: this.#signed(plan), mustFail: edge[0] };
  }

  #attempt(): Attempt {
    const { random } = this.#scene;
    for (;;) {
      const edge = random.below(100) < EDGE_PERCENT ? this.#edge() : undefined;
      if (edge !== undefined) return edge;
      const roll = random.below(100);
      const attempt =
        roll < 58
          ? this.#honest()
          : roll < 66
            ? this.#corrupt()
            : roll < 78
              ? this.#colluding()
              : roll < 85
                ? this.#vendor()
                : this.#stranger();
      if (attempt !== undefined) return attempt;
    }
  }

  /** What somebody honest has to do now: of one register, as long as there is anything. */
  #plan(isForced = false): Plan | undefined {
    const { random } = this.#scene;
    const roll = random.below(100);
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const plan =
        roll < 35
          ? pick(random, LAND_MOVES)(this.#scene, isForced)
          : roll < 80
            ? pick(random, BENEFIT_MOVES)(this.#scene, this.#scene.agency, isForced)
            : roll < 97
              ? pick(random, POWER_MOVES)(this.#scene)
              : pick(random, NOTARY_MOVES)(this.#scene);
      if (plan !== undefined) return plan;
    }
    return undefined;
  }

  #honest(): Attempt | undefined {
    if (this.#scene.random.below(40) === 0) return this.#withdrawal();
    const plan = this.#plan();
    return plan && { actor: 'honest', plan, call: this.#signed(plan) };
  }

  /** An act of one register, signed by both and withdrawn by one of them before anybody sends it. */
  #withdrawal(): Attempt | undefined {
    const plan = this.#plan();
    if (plan?.kind !== 'act' || plan.wrap !== undefined) return undefined;
    const domain = this.#scene.machine.domainOf(plan.contract);
    const by = this.#scene.random.pick(plan.by);
    const message = {
      entryId: digest(domain, plan.types, plan.primaryType, plan.message),
      actDeadline: FAR_FUTURE,
      ...{ officer: by.officer, epoch: by.epoch },
    };
    const contract = plan.contract.startsWith('land') ? 'land' : plan.contract;
    const order: Plan = { kind: 'order', contract, method: 'withdraw', message, by };
    return { actor: 'honest', plan: order, call: this.#signed(order), withdraws: this.#signed(plan) };
  }

  #signed(plan: Plan): MachineCall {
    const { machine } = this.#scene;
    if (plan.kind === 'act') return signedAct(plan, machine.domainOf(plan.contract));
    if (plan.kind === 'order') return signedOrder(plan, this.#domainOf(plan.contract));
    return openCall(plan);
  }

  /** Votes are in the domain of the consortium. */
  #domainOf(contract: ContractName) {
    return this.#scene.machine.domainOf(contract === 'council' ? 'consortium' : contract);
  }

  /** One officer alone: both places of an act, a colleague's signature forged, or an order under another's name. */
  #corrupt(): Attempt | undefined {
    const { random, machine } = this.#scene;
    const hands = this.#scene.hands.filter((hand) => hand.isCorrupt && this.#scene.isUsable(hand));
    if (hands.length === 0) return undefined;
    const hand = random.pick(hands);
    const actor = 'corrupt officer';
    if (random.below(4) === 0) return this.#lone(hand);
    const plan = this.#plan();
    if (plan === undefined || plan.kind === 'open') return undefined;
    if (plan.kind === 'order') {
      const call = signedOrder(plan, this.#domainOf(plan.contract), hand);
      return hand.officer === plan.by.officer ? undefined : { actor, plan, call, mustFail: 'L3' };
    }
    const domain = machine.domainOf(plan.contract);
    const { former, revoked } = this.#scene;
    const ended = [...former, ...this.#scene.hands.filter(({ officer }) => revoked.has(officer))];
    if (ended.length > 0 && random.below(3) === 0) {
      const old = random.pick(ended);
      if (old.officer === plan.by[1].officer) return undefined;
      const own = preparedBy(plan, old, [old, plan.by[1]]);
      return { actor, plan: own, call: signedAct(own, domain), mustFail: 'P3' };
    }
    if (random.below(2) === 0) {
      const own = preparedBy(plan, hand, [hand, hand]);
      return { actor, plan: own, call: signedAct(own, domain), mustFail: 'P1' };
    }
    const forged = preparedBy(plan, hand, [hand, plan.by[1]]);
    if (hand.officer === plan.by[1].officer) return undefined;
    const call = signedAct(forged, domain, { signers: [hand, hand] });
    return { actor, plan: forged, call, mustFail: 'L3' };
  }

  /** What one officer may do alone: stop a scope, vote, and suspend colleagues. */
  #lone(hand: Hand): Attempt | undefined {
    const { random, now } = this.#scene;
    const roll = random.below(4);
    const colleagues = this.#scene.hands.filter(({ institution }) => institution === hand.institution);
    const plan =
      roll === 0
        ? stop(hand, 1 + random.below(32), now + BigInt(random.below(300_000)))
        : roll === 1 && hand.institution === CORRUPT
          ? suspension(this.#scene, hand, random.pick(colleagues).officer)
          : wish(this.#scene);
    return plan && { actor: 'corrupt officer', plan, call: this.#signed(plan) };
  }

  /** Two officers of one institution sign whatever they like; what no rule refuses may pass, and nothing else breaks. */
  #colluding(): Attempt | undefined {
    const { random } = this.#scene;
    const isForced = random.below(2) === 0;
    const plan = this.#plan(isForced);
    if (plan === undefined || plan.kind !== 'act') return undefined;
    const institution = random.below(5) === 0 ? CORRUPT : plan.by[0].institution;
    const by = this.#scene.pair(institution, institution, true) ?? this.#scene.pair(institution);
    if (by === undefined) return undefined;
    const own = preparedBy(plan, by[0], by);
    const isBent = !isForced && random.below(4) !== 0;
    const bent = isBent ? { ...own, message: bend(random, own.message) as never } : own;
    return { actor: 'colluding officers', plan: bent, call: this.#signed(bent) };
  }

  /** A vendor's till sends what it sent before, or items that say what their cards never signed. */
  #vendor(): Attempt | undefined {
    const { random } = this.#scene;
    const actor = 'dishonest vendor';
    const { posted } = this.#scene.agency;
    if (random.below(3) === 0 && posted.length > 0) {
      const plan = random.pick(posted.slice(-40));
      return { actor, plan, call: openCall(plan) };
    }
    const delta = 1 + random.below(3);
    const bent = random.below(7);
    const plan = sales(this.#scene, this.#scene.agency, (item) => ({
      ...item,
      ...(bent === 0 && { units: item.units + 2 ** 12 * delta }),
      ...(bent === 1 && { remainingBefore: item.remainingBefore + delta }),
      ...(bent === 2 && { sequence: (item.sequence + delta) % 256 }),
      ...(bent === 3 && { soldAt: item.soldAt + BigInt(random.below(90_000)) }),
      ...(bent === 4 && { soldAt: item.soldAt - BigInt(random.below(900_000)) }),
      ...(bent === 5 && { cardEpoch: item.cardEpoch + delta }),
      ...(bent === 6 && { index: item.index + 40 * delta }),
    }));
    return plan && { actor, plan, call: openCall(plan) };
  }

  /** Whoever has no key: sends again, changes what was signed, calls what is not theirs, carries out what is not due. */
  #stranger(): Attempt | undefined {
    const { random } = this.#scene;
    const actor = 'stranger';
    const roll = random.below(4);
    const { withdrawn } = this.#scene;
    if (roll === 0 && withdrawn.length > 0 && random.below(4) === 0) {
      const call = random.pick(withdrawn.slice(-20));
      return { actor, plan: { kind: 'open', ...call }, call, mustFail: 'L3' };
    }
    if (roll === 0 && this.#sent.length > 0) {
      const { plan, call } = random.pick(this.#sent.slice(-200));
      const former = this.#former.get(call.contract);
      if (former !== undefined && random.below(2) === 0)
        return { actor, plan, call: { ...call, to: former }, mustFail: 'P8' };
      return { actor, plan, call, ...(plan.kind === 'act' && { mustFail: 'P2' }) };
    }
    if (roll === 1) {
      const plan = this.#plan();
      if (plan?.kind === 'open' && /^load/.test(plan.method)) {
        const args = bend(random, plan.args) as unknown[];
        return { actor, plan, call: { ...plan, args }, mustFail: 'B4' };
      }
      if (plan === undefined || plan.kind === 'open') return undefined;
      const [signed, ...rest] = this.#signed(plan).args;
      if (plan.kind === 'act' && plan.wrap !== undefined) return undefined;
      const call = { contract: plan.contract, method: plan.method, args: [bend(random, signed), ...rest] };
      return { actor, plan, call, mustFail: 'L3' };
    }
    if (roll === 2) {
      const plan = rush(this.#scene);
      return plan && { actor, plan, call: this.#signed(plan) };
    }
    return this.#knock(...random.pick(WRITERS));
  }

  /** A function called with anything. */
  #knock(contract: ContractName, method: string): Attempt {
    const { random } = this.#scene;
    const inputs = contractOf(contract).abi.find(
      ({ name, type }) => type === 'function' && name === method,
    )?.inputs;
    const args = (inputs ?? []).map((input) => anything(random, input));
    const plan: Plan = { kind: 'open', contract, method, args };
    return { actor: 'stranger', plan, call: openCall(plan) };
  }

  // ---- What came of it ------------------------------------------------------------------------------------

  #count({ actor, call }: Attempt, outcome: Outcome): void {
    const tally = this.#tally;
    tally.calls++;
    for (const [counts, name] of [
      [tally.actors, actor],
      [tally.functions, functionBy(actor === 'honest', call.contract, call.method)],
    ] as const) {
      const count = counts[name] ?? { tried: 0, passed: 0 };
      counts[name] = count;
      count.tried++;
      if (outcome.ok) count.passed++;
    }
    if (!outcome.ok) tally.refusals[outcome.refusal] = (tally.refusals[outcome.refusal] ?? 0) + 1;
    const skipped = outcome.ok ? undefined : outcome.skipped;
    if (skipped !== undefined) tally.skips[skipped] = (tally.skips[skipped] ?? 0) + 1;
    if (!outcome.ok && actor === 'honest' && process.env.KUDURRU_CAMPAIGN_TELL) {
      const name = `honest ${call.method}: ${outcome.refusal}`;
      tally.skips[name] = (tally.skips[name] ?? 0) + 1;
    }
  }

  #judge({ plan, call, mustFail, withdraws }: Attempt, outcome: Outcome): void {
    if (!outcome.ok) {
      const isAssertion = outcome.refusal === PANIC;
      this.#books.require(!isAssertion, 'panic', `${call.method} broke an assertion`);
      if (call.method === 'execute') this.#scene.giveUp(call.args[0]);
      return;
    }
    if (call.method === 'reschedule') this.#scene.reschedule(call.args[0]);
    if (withdraws !== undefined) this.#scene.withdrawn.push(withdraws);
    if (mustFail !== undefined) this.#books.add(mustFail, `${call.method} passed and could not`);
    if (plan.kind === 'act') amountMoved(plan, this.#scene.agency, this.#scene);
    for (const event of outcome.events) {
      if (event.name === 'BatchRedeemed') {
        this.#scene.agency.posted.push({ kind: 'open', ...call });
        for (const result of readResults(event.args.results)) {
          if (result.outcome === 'redeemed')
            this.#scene.agency.spend(event.args.programme, event.args.cycle, result.index, result.units);
          else this.#tally.skips[result.outcome] = (this.#tally.skips[result.outcome] ?? 0) + 1;
        }
      }
      const programme = 'programme' in event.args ? event.args.programme : undefined;
      if (programme !== undefined) this.#touched.add(programme as ProgrammeId);
      if (event.name === 'ActApplied' && 'programme' in event.args.applied.act)
        this.#touched.add(event.args.applied.act.programme);
    }
    this.#take(plan, outcome.block);
    this.#sent.push({ plan, call });
  }

  #take(plan: Plan, block: EventBlock): void {
    this.#books.passed(plan, block);
    this.#scene.follow(block);
  }
}

/** The same act with another preparer at its head. */
function preparedBy(plan: ActPlan, preparer: Hand, by: ActPlan['by']): ActPlan {
  const head = {
    ...(plan.message.head as object),
    preparer: preparer.officer,
    preparerEpoch: preparer.epoch,
  };
  return { ...plan, by, message: { ...plan.message, head } as never };
}

function pick<T>(random: Seeded, weighted: readonly (readonly [number, T])[]): T {
  let left = random.below(weighted.reduce((sum, [weight]) => sum + weight, 0));
  for (const [weight, one] of weighted) {
    left -= weight;
    if (left < 0) return one;
  }
  throw new RangeError('nothing to pick from');
}

/** Plays one part on a ledger of its own, into the tally. */
export async function playPart(seed: number, number: number, calls: number, tally: Tally): Promise<void> {
  const random = seeded(seed * 7_919 + number);
  const scene = await openScene(random, seed + number);
  await new Part(scene, tally, number).play(calls);
}
