/**
 * A ledger whose measures wait, told otherwise: carried out too early, too late, after a wait that had to begin anew, or by
 * whom no longer decides. What was carried out is moved into an empty transaction of another moment, and every journal is
 * folded anew; by both auditors.
 */
import { expect } from 'chai';
import type { EventBlock, EventName, LedgerEvent } from '../../../../server/domain/acts/events.ts';
import { writeTrust } from '../../../../server/domain/audit/trust.ts';
import {
  type Address,
  type Bytes32,
  fromHex,
  type Hex,
  ZERO_32,
  ZERO_ADDRESS,
} from '../../../../server/domain/base/hex.ts';
import { MEASURE_KINDS, type MeasureKind, numberOf } from '../../../../server/domain/base/terms.ts';
import { EXECUTION_SECONDS, SUSPENSION_SECONDS } from '../../../../server/domain/power/measures.ts';
import { contractOf } from '../../../../server/ledger/contracts.ts';
import { inPlaceOf, replayed, withArgs } from '../../../chain/bent.ts';
import { resealed } from '../../../chain/resealed.ts';
import { named, type Officer, officerOf } from '../../../chain/signing.ts';
import { OFFICERS, openWorld, PREPARER, SECOND_PREPARER, type World } from '../../../chain/world.ts';
import { needsPython } from '../../../verifier/python.ts';
import { differingFrom, type Judged } from '../../../verifier/sameFound.ts';
import { trustOf } from '../../../verifier/worldTrust.ts';
import { removeTemporaryFolders, temporaryFolder } from '../../store/folder.ts';

const NODE_KEY = fromHex(named('node key'));
const START = 1_900_000_000n;
const DAY = 86_400n;
const WAIT = 2n * DAY;
const LONGER = 3n * DAY;
const [THIRD, FOURTH] = [officerOf(3, 'voter of the third'), officerOf(4, 'voter of the fourth')];
const MEMBERS = [
  ...OFFICERS,
  ...[THIRD, officerOf(3, 'other of the third'), FOURTH, officerOf(4, 'other of the fourth')],
];
/** Where nobody's contract stands. */
const NOBODY = `0x${'0b'.repeat(20)}` as Address;

const EARLY = 'A measure was carried out before its wait was over.';
const LATE = 'A measure was carried out after its time.';
const NO_QUORUM = 'A measure was carried out without a quorum of the members.';
const OTHER_WAIT = 'A wait is not the one that votes and constitution give.';
const NOT_OPEN = 'A measure that is not open was voted on or carried out.';
const NO_VOTE = 'A vote was cast that does not count.';
const STILL_OPEN = 'A measure lapsed while it could be carried out.';

/** A transaction and its second. */
interface Place {
  readonly hash: Bytes32;
  readonly blockNumber: bigint;
  readonly seconds: bigint;
}

/** How a history is told: transactions moved or left out, waits changed, and events added. */
interface Retelling {
  readonly move?: readonly (readonly [from: Place, to: Place])[];
  readonly without?: readonly Place[];
  /** The wait that a transaction tells, or none. */
  readonly waits?: readonly (readonly [of: Place, executableFrom: bigint | undefined])[];
  readonly add?: readonly (readonly [name: EventName, args: object, to: Place])[];
}

describe('a ledger whose measures wait, told otherwise', function () {
  this.timeout(600_000);
  let now = START;
  let world: World;
  let blocks: readonly EventBlock[];
  let chainId: bigint;
  const judged: Judged[] = [];

  const placeOf = ({ transactionHash, blockNumber }: Readonly<Record<string, unknown>>): Place => ({
    hash: transactionHash as Bytes32,
    blockNumber: BigInt(blockNumber as string),
    seconds: now,
  });

  /** An empty transaction, for a forger to fill. */
  async function nothing(): Promise<Place> {
    return placeOf(await world.transact(NOBODY, '0x'));
  }

  function measureOf(kind: MeasureKind, part: object, closesAfter = 50n * DAY) {
    return {
      ...{ kind: numberOf(MEASURE_KINDS, kind), institution: 0, target: ZERO_ADDRESS, name: ZERO_32 },
      ...{ value: 0n, appointmentsHash: ZERO_32, closesAt: now + closesAfter, salt: world.nextSalt() },
      ...part,
    };
  }
  type Voted = ReturnType<typeof measureOf>;
  const policy = (name: string, closesAfter?: bigint) =>
    measureOf('set-policy', { name: named(name), value: 5n }, closesAfter);

  async function vote(measure: Voted, by: Officer, inFavour = true): Promise<Place> {
    const ballot = { measure, inFavour, officer: by.officer, epoch: by.epoch };
    return placeOf((await world.order('council', 'vote', by, ballot)) as Readonly<Record<string, unknown>>);
  }
  async function byTwo(measure: Voted): Promise<Place> {
    await vote(measure, PREPARER);
    return vote(measure, SECOND_PREPARER);
  }
  async function send(method: string, args: readonly unknown[]): Promise<Place> {
    const data = contractOf('council').calls.encodeFunctionData(method, args) as Hex;
    return placeOf(await world.send(world.addresses.council, data));
  }
  const execute = (measure: Voted) => send('execute', [measure, [], []]);
  const reschedule = (measure: Voted) => send('reschedule', [measure]);
  const idOf = async (measure: Voted) =>
    (await world.read('council', 'measureIdOf', [measure]))[0] as Bytes32;

  before(async () => {
    world = await openWorld({ folder: temporaryFolder(), clock: () => now });
    await world.found(MEMBERS, { quorum: 2, wideningWaitSeconds: Number(WAIT) });
    ({ chainId } = world.chain.genesis);
    await playPlain();
    await playTakenBack();
    await playSuspended();
    await playLengthened();
    await playRaised();
    blocks = await world.shownBlocks();
  });
  after(async () => {
    await world.close();
    removeTemporaryFolders();
  });

  function retold({ move = [], without = [], waits = [], add = [] }: Retelling): EventBlock[] {
    const isOf = ({ transactionHash }: LedgerEvent, { hash }: Place) => transactionHash === hash;
    const all = blocks.flatMap(({ events }) => events);
    const waitOf = (event: LedgerEvent) => waits.find(([of]) => isOf(event, of));
    const kept = (event: LedgerEvent): LedgerEvent[] => {
      if (without.some((of) => isOf(event, of))) return [];
      const told = event.name === 'MeasureScheduled' ? waitOf(event) : undefined;
      if (told === undefined) return [event];
      return told[1] === undefined ? [] : [withArgs(event as never, { executableFrom: told[1] })];
    };
    const put = (event: LedgerEvent, { hash, blockNumber, seconds }: Place): LedgerEvent => {
      const args = event.name === 'EntryRecorded' ? { recordedAt: seconds } : {};
      return { ...withArgs(event as never, args), transactionHash: hash, blockNumber } as LedgerEvent;
    };
    const council = all.find(({ name }) => name === 'VoteCast');
    const coming = (event: LedgerEvent, to: Place) => ({ event: put(event, to), to });
    const added = add.map(([name, args, to]) => coming(inPlaceOf(council as never, name, args), to));
    const brought = move.flatMap(([from, to]) =>
      all.filter((event) => isOf(event, from)).flatMap((event) => kept(event).map((one) => coming(one, to))),
    );
    const told = blocks.map((block) => ({
      ...block,
      events: [
        ...block.events.filter((event) => !move.some(([from]) => isOf(event, from))).flatMap(kept),
        ...[...added, ...brought]
          .filter(({ to }) => to.blockNumber === block.cursor.number)
          .map(({ event }) => event),
      ],
    }));
    return resealed(told, { chainId, officers: MEMBERS });
  }

  function said(retelling: Retelling): string[] {
    const history = retold(retelling);
    const { findings } = replayed(chainId, history);
    judged.push({ history, findings });
    return [...new Set(findings.map(({ what }) => what))].sort();
  }
  const moved = (from: string, to: string) => ({ move: [[place(from), place(to)]] }) as const;
  /** What a transaction says of a wait, in the place of what it said, or nothing. */
  const saying = (name: string, executableFrom?: bigint) =>
    ({ waits: [[place(name), executableFrom]] }) as const;
  const leftOut = (name: string) => ({ without: [place(name)] });

  // ---- What really happened ----------------------------------------------------------------------------------

  /** Moments of the ledger by their names. */
  const at: Record<string, Place> = {};
  const ids: Record<string, Bytes32> = {};

  /** A measure that waits and is carried out in its first second, with empty transactions around all its moments. */
  async function playPlain(): Promise<void> {
    const plain = policy('plain');
    ids.plain = await idOf(plain);
    await vote(plain, PREPARER);
    now += 100n;
    at.reached = await vote(plain, SECOND_PREPARER);
    at.atOnce = await nothing();
    const { seconds } = at.reached;
    now += 3_600n;
    at.hourLater = await nothing();
    now = seconds + WAIT - 1n;
    at.secondBefore = await nothing();
    now = seconds + WAIT;
    at.done = await execute(plain);
    at.inTime = await nothing();
    now = seconds + WAIT + EXECUTION_SECONDS;
    at.lastSecond = await nothing();
    now += 1n;
    at.over = await nothing();
    now += WAIT;
    at.longOver = await nothing();
    const soon = policy('soon', DAY);
    await vote(soon, PREPARER);
    at.soonReached = await vote(soon, SECOND_PREPARER);
    now += DAY;
    at.lastVote = await nothing();
    now += 1n;
    at.voteOver = await nothing();
    now = at.soonReached.seconds + WAIT;
    at.soonDone = await execute(soon);
    now += WAIT;
    at.soonLater = await nothing();
  }

  /** A quorum that is lost, and reached again by another member. */
  async function playTakenBack(): Promise<void> {
    const measure = policy('taken back');
    const { seconds } = await byTwo(measure);
    now += DAY;
    await vote(measure, SECOND_PREPARER, false);
    now += 5n;
    at.without = await nothing();
    now += 5n;
    at.again = await vote(measure, THIRD);
    now = seconds + WAIT;
    at.firstWait = await nothing();
    now = at.again.seconds + WAIT - 1n;
    at.againBefore = await nothing();
    now += 1n;
    at.againDone = await execute(measure);
  }

  /** One measure of two who stay, and one of a member who is suspended while it waits; and one while that ends. */
  async function playSuspended(): Promise<void> {
    const [amended, ofSuspended] = [policy('amended'), policy('of a suspended')];
    const { seconds } = await byTwo(amended);
    await vote(ofSuspended, PREPARER);
    at.fourth = await vote(ofSuspended, FOURTH);
    now += DAY;
    const suspension = measureOf('suspend-institution', { institution: 4 });
    await byTwo(suspension);
    await execute(suspension);
    const ends = now + SUSPENSION_SECONDS;
    at.suspended = await nothing();
    now += 5n;
    at.anew = await reschedule(amended);
    at.lost = await reschedule(ofSuspended);
    now += 5n;
    at.second = await vote(ofSuspended, SECOND_PREPARER);
    now = seconds + WAIT;
    at.amendedFirst = await nothing();
    now = at.anew.seconds + WAIT - 1n;
    at.amendedBefore = await nothing();
    now += 1n;
    at.amendedDone = await execute(amended);
    now = at.second.seconds + WAIT;
    at.ofSuspendedDone = await execute(ofSuspended);
    now = ends - DAY;
    const ended = policy('while a suspension ends');
    at.endedReached = await byTwo(ended);
    now = ends;
    at.endedAnew = await reschedule(ended);
    now = at.endedReached.seconds + WAIT;
    at.endedFirst = await nothing();
    now = ends + WAIT;
    at.endedDone = await execute(ended);
  }

  /** A wait that members lengthen while another measure waits. */
  async function playLengthened(): Promise<void> {
    const longer = measureOf('set-widening-wait', { value: LONGER });
    const { seconds } = await byTwo(longer);
    now += DAY;
    const waiting = policy('of a longer wait');
    await byTwo(waiting);
    now = seconds + WAIT;
    await execute(longer);
    now += 5n;
    at.longer = await reschedule(waiting);
    now = at.longer.seconds + WAIT;
    at.longerFirst = await nothing();
    now = at.longer.seconds + LONGER;
    at.longerDone = await execute(waiting);
  }

  /** A quorum that is raised while a measure waits, which a third member then carries. */
  async function playRaised(): Promise<void> {
    const three = measureOf('set-quorum', { value: 3n });
    const { seconds } = await byTwo(three);
    now += DAY;
    const waiting = policy('of a raised quorum');
    at.raisedReached = await byTwo(waiting);
    now = seconds + LONGER;
    await execute(three);
    now += 5n;
    at.raisedUnscheduled = await nothing();
    at.raisedLost = await reschedule(waiting);
    now += 5n;
    at.third = await vote(waiting, THIRD);
    now = at.raisedReached.seconds + LONGER;
    at.raisedFirst = await nothing();
    now = at.third.seconds + LONGER;
    at.raisedDone = await execute(waiting);
  }

  const place = (name: string): Place => at[name] ?? expect.fail(`nothing happened ${name}`);
  const secondsOf = (name: string) => place(name).seconds;

  // ---- What is told of it --------------------------------------------------------------------------------------

  it('is sound as it was, and as far as a measure may be carried out at another second (P5)', () => {
    expect(said({})).to.deep.equal([]);
    expect(said(moved('done', 'inTime'))).to.deep.equal([]);
    expect(said(moved('done', 'lastSecond'))).to.deep.equal([]);
  });

  it('names a measure that was carried out before its wait was over, by one second or at once (P5)', () => {
    expect(said(moved('done', 'secondBefore'))).to.deep.equal([EARLY]);
    const atOnce = moved('done', 'atOnce');
    expect(said(atOnce)).to.deep.equal([EARLY]);
    // Whatever the log says of the wait.
    expect(said({ ...atOnce, ...saying('reached', secondsOf('reached')) })).to.deep.equal(
      [OTHER_WAIT, EARLY].sort(),
    );
    expect(said({ ...atOnce, ...saying('reached') })).to.deep.equal([EARLY]);
  });

  it('names a measure that was carried out after its time, or after it lapsed (P4, P5)', () => {
    const lapsed = (name: string): Retelling => ({
      add: [['MeasureLapsed', { measureId: ids.plain }, place(name)]],
    });
    const long = moved('done', 'longOver');
    expect(said(moved('done', 'over'))).to.deep.equal([LATE]);
    expect(said({ ...long, ...lapsed('over') })).to.deep.equal([NOT_OPEN, LATE].sort());
    expect(said({ ...leftOut('done'), ...lapsed('over') })).to.deep.equal([]);
    expect(said({ ...leftOut('done'), ...lapsed('lastSecond') })).to.deep.equal([STILL_OPEN]);
    expect(said({ ...moved('done', 'lastSecond'), ...lapsed('secondBefore') })).to.deep.equal(
      [NOT_OPEN, STILL_OPEN].sort(),
    );
  });

  it('names a wait that was put off for no reason, and one that brings back what ran out (P5)', () => {
    const putOff = (name: string): Retelling => {
      const executableFrom = secondsOf(name) + WAIT;
      return { add: [['MeasureScheduled', { measureId: ids.plain, executableFrom }, place(name)]] };
    };
    expect(said(putOff('hourLater'))).to.deep.equal([OTHER_WAIT]);
    for (const name of ['lastSecond', 'over']) {
      expect(said({ ...moved('done', 'longOver'), ...putOff(name) }), name).to.deep.equal(
        [OTHER_WAIT, LATE].sort(),
      );
    }
  });

  it('names a wait that began with a later vote than is said, and a vote after the last second (P4, P5)', () => {
    const later = saying('reached', secondsOf('hourLater') + WAIT);
    expect(said({ ...moved('reached', 'hourLater'), ...later })).to.deep.equal([EARLY]);
    const late = (name: string): Retelling => ({
      move: [
        [place('soonReached'), place(name)],
        [place('soonDone'), place('soonLater')],
      ],
      ...saying('soonReached', secondsOf(name) + WAIT),
    });
    expect(said(late('lastVote'))).to.deep.equal([]);
    expect(said(late('voteOver'))).to.deep.equal([NO_VOTE, OTHER_WAIT, NO_QUORUM, LATE].sort());
  });

  it('names a wait that had to begin anew when the quorum was lost in between (P4, P5)', () => {
    const first = moved('againDone', 'firstWait');
    expect(said(first)).to.deep.equal([EARLY]);
    expect(said(moved('againDone', 'againBefore'))).to.deep.equal([EARLY]);
    expect(said(moved('againDone', 'without'))).to.deep.equal([NO_QUORUM, LATE, NOT_OPEN].sort());
    expect(said({ ...first, ...saying('again', secondsOf('firstWait')) })).to.deep.equal(
      [OTHER_WAIT, EARLY].sort(),
    );
  });

  it('names a wait that had to begin anew when who decides or how long was changed (P5)', () => {
    for (const [done, first, anew] of [
      ['amendedDone', 'amendedFirst', 'anew'],
      ['endedDone', 'endedFirst', 'endedAnew'],
      ['longerDone', 'longerFirst', 'longer'],
    ] as const) {
      const early = moved(done, first);
      expect(said(early), done).to.deep.equal([EARLY]);
      expect(said({ ...early, ...saying(anew) }), `${done} with no new wait`).to.deep.equal([EARLY]);
      expect(said(saying(anew)), `${done} in time with no new wait`).to.deep.equal([EARLY]);
      expect(said({ ...early, ...saying(anew, secondsOf(first)) }), `${done} as it was`).to.deep.equal(
        [OTHER_WAIT, EARLY].sort(),
      );
    }
    expect(said(moved('amendedDone', 'amendedBefore'))).to.deep.equal([EARLY]);
  });

  it('names a measure that the vote of a member carried who was suspended in between (P4)', () => {
    const without = leftOut('second');
    expect(said(without)).to.deep.equal([NO_QUORUM, LATE].sort());
    expect(said({ ...without, ...saying('lost', secondsOf('lost') + WAIT) })).to.deep.equal(
      [OTHER_WAIT, NO_QUORUM, LATE].sort(),
    );
    const early = moved('ofSuspendedDone', 'amendedFirst');
    expect(said({ ...early, ...without, ...saying('lost') })).to.deep.equal([NO_QUORUM, EARLY].sort());
    expect(said(moved('ofSuspendedDone', 'suspended'))).to.deep.equal([NO_QUORUM, EARLY, NOT_OPEN].sort());
    // And the vote itself, cast while its member is suspended.
    expect(said({ ...moved('fourth', 'suspended'), ...saying('fourth', 0n) })).to.deep.equal([NO_VOTE]);
  });

  it('names a measure whose quorum was raised while it waited (P4, P5)', () => {
    const [without, early] = [leftOut('third'), moved('raisedDone', 'raisedFirst')];
    expect(said(early)).to.deep.equal([EARLY]);
    expect(said(without)).to.deep.equal([NO_QUORUM, LATE].sort());
    expect(said({ ...early, ...without, ...saying('raisedLost') })).to.deep.equal([NO_QUORUM, EARLY].sort());
    expect(said({ ...early, ...without, ...saying('raisedLost', secondsOf('raisedFirst')) })).to.deep.equal(
      [OTHER_WAIT, NO_QUORUM, LATE].sort(),
    );
    expect(said(moved('raisedDone', 'raisedUnscheduled'))).to.deep.equal([NO_QUORUM, EARLY, NOT_OPEN].sort());
  });

  it('has the same verdict on each of these histories from the auditor in Python', async function () {
    needsPython(this);
    const trust = writeTrust(await trustOf(world));
    const node = { chain: world.chain, key: NODE_KEY };
    expect(await differingFrom(node, blocks, judged, trust)).to.deep.equal([]);
    expect(judged.length).to.be.above(35);
    console.log(`      python audit | ${judged.length} histories of waits | the same found in each`);
  });
});
