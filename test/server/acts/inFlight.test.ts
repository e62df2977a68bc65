/**
 * Any two parts of an act under way when the gateway is killed, at each of its named crash points: after another start
 * an act that is whole is carried out, one that was taken back is not, and nothing is carried out twice.
 */
import { expect } from 'chai';
import { CRASH_POINTS, type CrashPoint } from '../../../server/crash.ts';
import { type ActTold, type App, type OperationTold, type Problem, startApp } from '../../gateway/app.ts';
import {
  PARTS,
  type Part,
  prepareTransfer,
  registerUnits,
  SIGNED_PARTS,
  sendPart,
  type Transfer,
} from '../../gateway/transfers.ts';
import { seeded } from '../../seeded.ts';

const SEED = 20_261_129;
/** Points of one run; `KUDURRU_KILLS` asks for more, up to every one of them. */
const POINTS = Number(process.env.KUDURRU_KILLS ?? 4);
/** How often a point may be passed while the gateway only starts: a heartbeat, and what it opens. */
const PASSAGES_OF_START = 12;
const PAIRS: readonly (readonly [Part, Part])[] = PARTS.flatMap((one, i) =>
  PARTS.slice(i + 1).map((other) => [one, other] as const),
);
/** Passed by nothing that is done here: vault and access log before an act waits, the outbox by routes of its own. */
const NOT_PASSED = /^(access\.|vault\.|outbox\.(before-)?received)/;

describe('two parts of an act that are under way when the gateway is killed', function () {
  this.timeout(1_800_000);
  let app: App;
  let units: readonly string[];
  before(async () => {
    app = await startApp();
    units = await registerUnits(app, PAIRS.length);
  });
  after(() => app?.remove());

  /** On the same folder, armed behind what every start passes; undefined where no start goes that far. */
  async function startArmed(point: CrashPoint): Promise<App | undefined> {
    for (let passage = 1; passage <= PASSAGES_OF_START; passage++) {
      try {
        const env = { KUDURRU_CRASH: `${point}:${passage}` };
        return await startApp({ folder: app.folder, env });
      } catch {} // it was killed while it started
    }
    return undefined;
  }

  async function versionOf(baUnit: string): Promise<number> {
    const token = await app.token('registrar', 1);
    const { body } = await app.ask<{ version: string }>('GET', `/titles/${baUnit}`, { token });
    return Number(body.version);
  }

  /** What became of an act once both requests were sent again, as their clients would. */
  async function outcomeOf(transfer: Transfer, pair: readonly Part[]): Promise<'carried out' | 'taken back'> {
    for (const part of pair) await sendPart(app, part, transfer);
    const token = await app.token('registrar', 1);
    const { status, body } = await app.ask<ActTold & Problem>('GET', `/acts/${transfer.act.id}`, { token });
    if (status === 404) {
      expect(pair, 'who took it back').to.include('take-back');
      return 'taken back';
    }
    expect(body.operation, `an act that lacks ${body.missing?.join()} after ${pair.join(' and ')}`).to.be.a(
      'string',
    );
    const headers = { Prefer: 'wait=20' };
    const { body: operation } = await app.ask<OperationTold>('GET', body.operation ?? '', { token, headers });
    expect(operation.state).to.equal('PROJECTED');
    return 'carried out';
  }

  it('are both done or neither, once, wherever it was', async () => {
    const random = seeded(SEED);
    const points: CrashPoint[] = CRASH_POINTS.filter((point) => !NOT_PASSED.test(point));
    const chosen = Array.from({ length: Math.min(POINTS, points.length) }, () => {
      const [point] = points.splice(random.below(points.length), 1);
      return point ?? expect.fail('no point is left');
    });
    const killed: CrashPoint[] = [];
    let [tried, carried, takenBack] = [0, 0, 0];
    for (const point of chosen) {
      const before = await Promise.all(units.map(versionOf));
      const transfers = await Promise.all(units.map((unit) => prepareTransfer(app, unit)));
      for (const [i, transfer] of transfers.entries()) {
        const last: readonly Part[] = PAIRS[i] ?? [];
        const first = SIGNED_PARTS.filter((part) => !last.includes(part));
        // With no signature in flight the last of them would carry it out before.
        const given = first.length === SIGNED_PARTS.length ? first.slice(1) : first;
        for (const part of given) await sendPart(app, part, transfer);
      }
      await app.kill9();
      const armed = await startArmed(point);
      if (armed !== undefined) {
        app = armed;
        const inFlight = PAIRS.flatMap((pair, i) =>
          pair.map((part) => sendPart(app, part, transfers[i] as Transfer).catch(() => 'killed')),
        );
        const answers = await Promise.all(inFlight);
        if (answers.includes('killed')) killed.push(point);
        await app.kill9();
      }
      app = await startApp({ folder: app.folder });
      for (const [i, pair] of PAIRS.entries()) {
        const where = `${pair.join(' and ')} at ${point}`;
        const transfer = transfers[i] as Transfer;
        if (!pair.some((part) => part !== 'prepare' && part !== 'take-back')) {
          await sendPart(app, 'take-back', transfer); // it lacks a signature, whatever happened
          expect(await versionOf(transfer.baUnit), where).to.equal(before[i]);
        } else {
          const outcome = await outcomeOf(transfer, pair);
          if (outcome === 'carried out') carried++;
          else takenBack++;
          const entries = outcome === 'carried out' ? 1 : 0;
          expect(await versionOf(transfer.baUnit), where).to.equal((before[i] ?? 0) + entries);
        }
        tried++;
      }
    }
    const { body } = await app.ask<{ ok: boolean }>('POST', '/checks', {
      token: await app.token('auditor', 0),
    });
    expect(body.ok).to.equal(true);
    console.log(
      `      pairs in flight at a kill | seed ${SEED} | ${tried} tried at ${chosen.length} points, ${killed.length} killed under way, ${carried} carried out, ${takenBack} taken back | 0 stuck, 0 twice`,
    );
    expect(tried).to.equal(chosen.length * PAIRS.length);
    const alive = chosen.filter((point) => !killed.includes(point));
    if (alive.length > 0) console.log(`      passed by none of these parts: ${alive.join(', ')}`);
    expect(killed.length).to.be.greaterThan(0);
    expect(carried).to.be.greaterThan(0);
  });
});
