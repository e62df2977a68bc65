/** A gateway whose machine has the wrong clock for a while: by minutes, by hours, by a day, and set back again. */
import { expect } from 'chai';
import { Aid } from '../aid/aid.ts';
import { type ActTold, type App, headOf, OFFICERS, type Problem, startApp } from '../gateway/app.ts';

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 24 * HOUR;

interface ReadyTold {
  readonly ready: boolean;
  readonly reason?: string;
  readonly clock?: string;
}
type ProblemTold = Problem & { readonly clock?: string };

describe('a gateway on a machine whose clock was wrong', function () {
  this.timeout(600_000);
  let app: App;
  let written = 0;
  before(async () => {
    app = await startApp();
  });
  after(() => app?.remove());

  /** The process sees a clock that is so far ahead. */
  async function restart(aheadSeconds: number): Promise<void> {
    await app.stop(60_000);
    const clock = `const now=Date.now;Date.now=()=>now()+${aheadSeconds * 1000}`;
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(clock)}` };
    app = await startApp({ folder: app.folder, env });
  }
  const write = () => new Aid(app, `programme ${++written} of the clock`).define();
  const readiness = () => app.ask<ReadyTold>('GET', '/health/ready');
  const prepareUntil = async (deadline: number) =>
    app.ask<ActTold & ProblemTold>('POST', '/acts/programmes', {
      token: await app.token('agency', 1),
      body: {
        head: { ...headOf(OFFICERS.preparer), deadline },
        ...new Aid(app, `programme until ${deadline}`).policy(),
      },
    });
  const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

  it('says which clock is ahead, how far and what to do, and is not ready where tills would be refused', async () => {
    await write();
    expect((await readiness()).body.clock).to.equal(undefined);
    for (const [ahead, words, isReady] of [
      [5 * MINUTE, /0 h [45] min \d+ s ahead of this machine's clock/, true],
      [4 * HOUR, /3 h 5\d min|4 h 0 min/, false],
      [DAY - HOUR, /22 h 5\d min|23 h 0 min/, false],
    ] as const) {
      await restart(ahead);
      expect((await readiness()).status, 'nothing tells a clock that is ahead by less than a day').to.equal(
        200,
      );
      await write(); // a block that is dated ahead
      await restart(0);
      const { status, body, text } = await readiness();
      expect([status, body.ready], text).to.deep.equal([isReady ? 200 : 503, isReady]);
      expect(body.clock, text).to.match(words);
      expect(body.clock).to.match(/set its clock by the network/);
      if (!isReady) expect(body.reason).to.match(words);
      // What the ledger's time has passed is refused, and whose clock that is is told.
      const late = await prepareUntil(inSeconds(MINUTE));
      expect(late.body.code, late.text).to.equal('act-expired');
      expect(late.body.clock).to.match(
        /on the ledger, whose clock is \d+ seconds ahead of the gateway's machine/,
      );
      expect((await prepareUntil(inSeconds(2 * DAY))).status).to.equal(201);
      await write(); // all else goes on
    }
  });

  it('makes no block behind a day that nobody saw, says so with its remedy, and goes on when the clock is back', async () => {
    await restart(3 * DAY);
    const { status, body } = await readiness();
    expect(status).to.equal(503);
    for (const said of [body.reason, body.clock]) {
      expect(said)
        .to.match(/This machine's clock is [23] days after/)
        .and.to.include('--accept-clock');
    }
    // A draft is judged by the time that is doubted; no block is dated by it.
    const { body: ledger } = await app.ask<{ counts: { entries: number } }>('GET', '/ledger');
    expect(ledger.counts.entries).to.be.greaterThan(0);
    await restart(0);
    const back = await readiness();
    expect(back.body.clock, back.text).to.match(/ahead of this machine's clock/);
    await write();
    const agreed = await prepareUntil(1);
    expect(agreed.body.code).to.equal('act-expired');
  });

  it('ends nothing by a time that it doubts: no token, no act that waits, nothing that people gave it', async () => {
    const waiting = await prepareUntil(inSeconds(2 * DAY));
    expect(waiting.status, waiting.text).to.equal(201);
    const token = await app.token('agency', 1);
    await restart(400 * DAY);
    expect((await readiness()).status).to.equal(503);
    await restart(0);
    const told = await app.ask<ActTold>('GET', `/acts/${waiting.body.id}`, { token });
    expect([told.status, told.body.missing], told.text).to.deep.equal([200, ['preparer', 'approver']]);
    expect((await app.ask('GET', '/tokens', { token: app.administrator() })).status).to.equal(200);
  });
});
