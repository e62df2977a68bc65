/**
 * Any two parts of an act of any kind under way when the gateway is killed, at each of its named crash points: after another
 * start an act that is whole is carried out, one that was taken back is not, and nothing is carried out twice.
 */
import { expect } from 'chai';
import { CRASH_POINTS, type CrashPoint } from '../../../server/crash.ts';
import { ORDERS } from '../../../server/domain/acts/orders.ts';
import { ACTS } from '../../../server/domain/acts/table.ts';
import { type ActTold, type App, type OperationTold, type Problem, startApp } from '../../gateway/app.ts';
import {
  type Kind,
  type OnItsWay,
  openKinds,
  type Pair,
  type Part,
  pairsAt,
  prepared,
  send,
  signedParts,
} from '../../gateway/kinds.ts';
import { type Seeded, seeded } from '../../seeded.ts';

const SEED = 20_261_129;
/** Points of one run; `KUDURRU_KILLS` asks for more, up to every one of them. */
const POINTS = Number(process.env.KUDURRU_KILLS ?? 3);
/** Each kind once, at one of the points; or every kind at each of them. */
const IS_WHOLE = process.env.KUDURRU_KILLS !== undefined;
/** How often a point may be passed while the gateway only starts: a heartbeat, and what it opens. */
const PASSAGES_OF_START = 12;
/** So many passages later, drawn by lot, so that not the first request alone meets it. */
const PASSAGES_MORE = 5;
/** Passed by nothing that is done here: the vault before an act waits, the outbox by routes of its own. */
const NOT_PASSED = /^(vault\.|outbox\.(before-)?received)/;

/** Passed once or twice by all that is sent. */
const RARE = /^(erasure|access|views)\./;

interface Tried extends OnItsWay {
  readonly pair: Pair;
}

describe('two parts of an act that are under way when the gateway is killed', function () {
  this.timeout(3_600_000);
  let app: App;
  let kinds: readonly Kind[];
  before(async () => {
    app = await startApp();
    kinds = await openKinds(() => app, POINTS);
  });
  after(() => app?.remove());

  /** On the same folder, armed behind what every start passes; undefined where no start goes that far. */
  async function startArmed(point: CrashPoint, random: Seeded): Promise<App | undefined> {
    const more = RARE.test(point) ? 0 : random.below(PASSAGES_MORE);
    for (let passage = 1; passage <= PASSAGES_OF_START; passage++) {
      try {
        const env = { KUDURRU_CRASH: `${point}:${passage + more}` };
        return await startApp({ folder: app.folder, env });
      } catch {} // it was killed while it started
    }
    return undefined;
  }

  /** In a sample each kind has its turn once: a third of them in each round, or the first round that it is tried in. */
  function isDue(kind: Kind, place: number, round: number): boolean {
    if (IS_WHOLE) return true;
    const rounds = Array.from({ length: POINTS }, (_, one) => one);
    const first = rounds.find((one) => pairsAt(kind, one).length > 0);
    return round === (kind.pairsIn === undefined ? place % POINTS : first);
  }

  const isSigned = (pair: readonly Part[]) => pair.some((part) => part !== 'prepare' && part !== 'take-back');

  /** Ready but for the two parts that are to be in flight. */
  async function begun(round: number): Promise<Tried[]> {
    const tried: Tried[] = [];
    for (const kind of kinds) await kind.clear?.();
    for (const [place, kind] of kinds.entries()) {
      const pairs = isDue(kind, place, round) ? pairsAt(kind, round) : [];
      if (pairs.length === 0) continue;
      await kind.ready?.(pairs.length, round);
      for (const [nth, pair] of pairs.entries()) {
        const one = { ...(await prepared(app, kind, nth, round)), pair };
        const before = signedParts(kind).filter((part) => !pair.includes(part));
        // With no signature in flight the last of them would carry it out before.
        const given = isSigned(pair) ? before : before.slice(1);
        for (const part of given) {
          const told = await send(app, part, one);
          if (told.status !== 201) throw new Error(`${kind.type} ${part}: ${told.status} ${told.text}`);
        }
        tried.push(one);
      }
    }
    return tried;
  }

  /** What became of an act once both requests were sent again, as their clients would. */
  async function outcomeOf(one: Tried, where: string): Promise<'carried out' | 'taken back'> {
    const { kind, act, pair } = one;
    for (const part of pair) await send(app, part, one);
    if (!isSigned(pair)) await send(app, 'take-back', one); // it lacks a signature, whatever happened
    const token = await app.token(kind.role, 1);
    const { status, body, text } = await app.ask<ActTold & Problem>('GET', `/acts/${act.id}`, { token });
    const recorded = await app.ask('GET', `/entries/${act.id}`, { token });
    if (status === 410) {
      expect(pair, `${where}: who took it back`).to.include('take-back');
      expect(recorded.status, `${where}: ${recorded.text}`).to.equal(404);
      return 'taken back';
    }
    expect(body.operation, `${where}: ${text}`).to.be.a('string');
    const headers = { Prefer: 'wait=20' };
    const { body: operation } = await app.ask<OperationTold>('GET', body.operation ?? '', { token, headers });
    expect(operation.state, `${where}: ${operation.code}`).to.equal('PROJECTED');
    expect(operation.entries, where).to.have.length(kind.entries);
    return 'carried out';
  }

  it('are both done or neither, once, wherever it was, whatever kind of act it is', async () => {
    const random = seeded(SEED);
    const points: CrashPoint[] = CRASH_POINTS.filter((point) => !NOT_PASSED.test(point));
    const chosen = Array.from({ length: Math.min(POINTS, points.length) }, () => {
      const [point] = points.splice(random.below(points.length), 1);
      return point ?? expect.fail('no point is left');
    });
    const killed: CrashPoint[] = [];
    const kindsTried = new Set<Kind>();
    let [tried, carried, takenBack] = [0, 0, 0];
    for (const [round, point] of chosen.entries()) {
      const acts = await begun(round);
      await app.kill9();
      const armed = await startArmed(point, random);
      if (armed !== undefined) {
        app = armed;
        const inFlight = acts.flatMap((one) =>
          one.pair.map((part) => send(armed, part, one).catch(() => 'killed')),
        );
        const answers = await Promise.all(inFlight);
        if (answers.includes('killed')) killed.push(point);
        await app.kill9();
      }
      app = await startApp({ folder: app.folder });
      for (const one of acts) {
        const outcome = await outcomeOf(one, `${one.kind.type}, ${one.pair.join(' and ')} at ${point}`);
        if (outcome === 'carried out') carried++;
        else takenBack++;
        tried++;
        kindsTried.add(one.kind);
      }
    }
    const { body } = await app.ask<{ ok: boolean; findings: unknown }>('POST', '/checks', {
      token: await app.token('auditor', 0),
      patienceMs: 600_000,
    });
    expect(body.ok, JSON.stringify(body.findings)).to.equal(true);
    const types = new Set([...kindsTried].map(({ type }) => type));
    console.log(
      `      pairs in flight at a kill | seed ${SEED} | ${types.size} kinds of acts | ${tried} pairs tried at ${chosen.length} points, ${killed.length} killed under way, ${carried} carried out, ${takenBack} taken back | 0 stuck, 0 twice`,
    );
    // A kind without a scene is named.
    expect([...types].sort()).to.deep.equal([...Object.keys(ACTS), ...Object.keys(ORDERS)].sort());
    const alive = chosen.filter((point) => !killed.includes(point));
    if (alive.length > 0) console.log(`      passed by none of these parts: ${alive.join(', ')}`);
    expect(killed.length).to.be.greaterThan(0);
    expect(carried).to.be.greaterThan(0);
  });
});
