/** A disk that fills up, is full, and is back: on a file system of its own, where this machine lets us make one. */
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { Aid } from '../aid/aid.ts';
import {
  type ActTold,
  type App,
  approvalBy,
  headOf,
  OFFICERS,
  type OperationTold,
  preparationBy,
  startApp,
} from '../gateway/app.ts';
import { seeded } from '../seeded.ts';

/** Free space is looked at once a second. */
const SEEN_MS = 1_500;
const BACK_MS = 60_000;
/** What `kudurru up` starts again after. */
const RESTART_EXIT = 75;

const SEED = 20_261_130;
/** On their way at once, one after another, so that the disk fills up at some step of each. */
const ACTS = 60;
const STAGGER_MS = 25;
const ROUNDS = 3;
const ROOM_MIB = 2_000;
const KIB = 1_024;
const SLACK_KIB = 64;
const SLACK_MAX = 100;
/** Below what finishing asks for, and not nothing. */
const LITTLE_KIB = 20 * KIB;
const random = seeded(SEED);

const mount = (...args: string[]) => spawnSync('mount', args, { encoding: 'utf8' }).status === 0;

describe('the disk of the data folder', function () {
  this.timeout(600_000);
  let folder: string;
  let app: App | undefined;
  const resize = (mebibytes: number) => mount('-o', `remount,size=${mebibytes}m`, folder);
  const ready = async () => {
    const { status, body } = (await app?.ask<{ reason?: string }>('GET', '/health/ready')) ?? {};
    return { status, reason: body?.reason };
  };
  before(function () {
    folder = mkdtempSync(path.join(tmpdir(), 'kudurru-disk-'));
    if (mount('-t', 'tmpfs', '-o', `size=${ROOM_MIB}m`, 'tmpfs', folder)) return;
    console.log('SKIPPED: this machine lets no test mount a file system; the disk was not tried');
    this.skip();
  });
  // One that failed leaves no small disk to the next.
  afterEach(() => {
    resize(ROOM_MIB);
  });
  after(async () => {
    await app?.stop();
    spawnSync('umount', [folder]);
    rmSync(folder, { recursive: true, force: true });
  });

  it('nearly full: ready says no and why, reads go on, new work is refused for now, and resumes by itself', async () => {
    app = await startApp({ folder });
    const aid = new Aid(app, 'disk');
    await aid.act('/acts/programmes', aid.policy());
    expect((await ready()).status).to.equal(200);
    resize(300);
    expect(await readyOnce(503)).to.include('512 MiB');
    expect((await aid.ask('GET', aid.path)).status).to.equal(200);
    const refused = await aid.fund('1').catch((error: Error) => error.message);
    expect(refused).to.include('503').and.to.include('"retryable":true');
    resize(ROOM_MIB);
    await readyOnce(200);
    await aid.fund('1');
  });

  it('too small for a first start: it says which disk and how much is missing, and leaves nothing half done', async () => {
    const fresh = path.join(folder, 'fresh');
    resize(300);
    try {
      for (let tries = 0; tries < 2; tries++) {
        const told = await startApp({ folder: fresh }).catch((error: Error) => error.message);
        expect(told).to.include('cannot start (disk-full)').and.to.include(path.join(fresh, 'data'));
        const [, free, missing] =
          /has (\d+) MiB free and needs (\d+) MiB more to start/.exec(`${told}`) ?? [];
        expect(Number(free) + Number(missing)).to.equal(512);
        expect(Number(free)).to.be.greaterThan(64);
      }
    } finally {
      resize(ROOM_MIB);
    }
    const founded = await startApp({ folder: fresh });
    await founded.stop();
    rmSync(fresh, { recursive: true });
    await readyOnce(200);
  });

  it('full: nothing dies, reads go on, and the same process goes on when there is room', async () => {
    if (app === undefined) throw new Error('no gateway');
    const aid = new Aid(app, 'disk');
    resize(20);
    await readyOnce(503);
    for (let i = 0; i < 5; i++) await aid.fund('1').catch(() => {});
    expect((await aid.ask('GET', aid.path)).status).to.equal(200);
    resize(ROOM_MIB);
    await readyOnce(200);
    await aid.fund('1');
  });

  it('failing: reads go on, and once writes succeed the process asks to be started again, and goes on', async function () {
    if (app === undefined) throw new Error('no gateway');
    const aid = new Aid(app, 'disk');
    // No file may grow: what a read-only or dying disk answers to a write, and what ends by itself.
    const limit = (bytes: string) =>
      spawnSync('prlimit', ['--pid', String(app?.pid), `--fsize=${bytes}:unlimited`]);
    if (limit('1').status !== 0) this.skip();
    await aid.fund('1').catch(() => {});
    for (let waitedMs = 0; waitedMs < BACK_MS && (await ready()).status === 200; waitedMs += 200) {
      await setTimeout(200);
    }
    const { status, reason } = await ready();
    expect([status, reason?.includes('a write')], reason).to.deep.equal([503, true]);
    expect((await aid.ask('GET', aid.path)).status).to.equal(200);
    await setTimeout(SEEN_MS);
    expect(app.exitCode).to.equal(null);
    limit('unlimited');
    await app.died();
    expect(app.exitCode).to.equal(RESTART_EXIT);
    app = await startApp({ folder });
    aid.app = app;
    await aid.fund('1');
  });

  it('full at a start: the disk is named, and how much is missing', async () => {
    await app?.stop();
    resize(40);
    const error = await startApp({ folder }).catch((reason: Error) => reason);
    expect(error).to.be.instanceOf(Error);
    expect(String(error))
      .to.include('disk-full')
      .and.to.include(folder)
      .and.to.match(/needs \d+ MiB more/);
    expect(mount('-o', 'remount,ro', folder)).to.equal(true);
    expect(String(await startApp({ folder }).catch((reason: Error) => reason))).to.include('read-only');
    expect(mount('-o', 'remount,rw', folder) && resize(ROOM_MIB)).to.equal(true);
    app = await startApp({ folder });
    expect((await ready()).status).to.equal(200);
  });

  for (const isKilled of [false, true]) {
    it(`full while acts are on their way into a block: none that was accepted is lost${isKilled ? ', though it is killed then' : ', and all go on by themselves'}`, async () => {
      app ??= await startApp({ folder });
      let [accepted, refused] = [0, 0];
      for (let round = 0; round < ROUNDS; round++) {
        const prepared = await preparedActs(app, `on their way ${isKilled} ${round}`);
        const one = app;
        // Full once so many were accepted, however fast the machine is: then some of the rest are at each step.
        const enough = Promise.withResolvers<void>();
        let left = 1 + random.below(ACTS / 2);
        const sending = prepared.map(async ({ act, key }, i) => {
          await setTimeout(i * STAGGER_MS);
          const answer = await approve(one, act, key).catch(() => undefined);
          if (answer?.status === 202 && --left === 0) enough.resolve();
          return answer;
        });
        await Promise.race([enough.promise, Promise.all(sending)]);
        fill(random.below(2) === 0 ? 0 : LITTLE_KIB);
        const answers = await Promise.all(sending);
        expect(await readyOnce(503)).to.be.a('string');
        if (isKilled) await app.kill9();
        expect(resize(ROOM_MIB)).to.equal(true);
        if (isKilled) app = await startApp({ folder });
        else app = await back(app);
        for (const [i, { act, key }] of prepared.entries()) {
          if (answers[i]?.status === 202) accepted++;
          else refused++;
          // What was accepted is looked for, and what was not is sent again, as its client would.
          const { body, status: told, text } = await approve(app, act, key);
          expect(told, text).to.equal(202);
          if (answers[i]?.status === 202) expect(body.operation).to.equal(answers[i]?.body.operation);
          const headers = { Prefer: 'wait=30' };
          const token = await app.token('agency', 1);
          const ended = await app.ask<OperationTold>('GET', body.operation ?? '', { token, headers });
          expect(ended.body.state, `act ${i} of round ${round}: ${ended.text}`).to.equal('PROJECTED');
        }
      }
      const { body } = await app.ask<{ findings: object[] }>('POST', '/checks', {
        ...{ token: await app.token('auditor', 0), patienceMs: 120_000 },
      });
      expect(body.findings).to.deep.equal([]);
      console.log(
        `      disk full under acts | seed ${SEED} | ${accepted + refused} tried | ${accepted} accepted, 0 lost`,
      );
      expect(accepted).to.be.greaterThan(0);
    });
  }

  /** Signed by who prepares them; the approval is what is in flight. */
  async function preparedActs(of: App, name: string) {
    return Promise.all(
      Array.from({ length: ACTS }, async (_, i) => {
        const body = { head: headOf(OFFICERS.preparer), ...new Aid(of, `${name} ${i}`).policy() };
        const token = await of.token('agency', 1);
        const { body: act } = await of.ask<ActTold>('POST', '/acts/programmes', { token, body });
        const signed = preparationBy(OFFICERS.preparer, act);
        await of.ask('POST', `/acts/${act.id}/signatures`, { token, body: signed });
        return { act, key: randomUUID() };
      }),
    );
  }

  async function approve(of: App, act: ActTold, key: string) {
    const token = await of.token('agency', 1, 'second');
    const body = approvalBy(OFFICERS.approver, act);
    return of.ask<ActTold>('POST', `/acts/${act.id}/signatures`, { token, body, key });
  }

  /** Leaves so much room, at once; the gateway takes some of it meanwhile. Takes no memory, as a file that fills it would. */
  function fill(leavesKiB: number): void {
    for (let slack = 0; slack < SLACK_MAX; slack++) {
      const { blocks, bfree, bsize } = statfsSync(folder);
      const used = Math.ceil(((blocks - bfree) * bsize) / KIB);
      if (mount('-o', `remount,size=${used + leavesKiB + slack * SLACK_KIB}k`, folder)) return;
    }
    throw new Error('the disk is not full');
  }

  /** Why, as soon as readiness says so; what it says at last, where it does not. */
  async function readyOnce(wanted: number): Promise<string | undefined> {
    for (let waitedMs = 0; waitedMs < BACK_MS; waitedMs += SEEN_MS) {
      await setTimeout(SEEN_MS);
      const { status, reason } = await ready();
      if (status === wanted) return reason;
    }
    const { status, reason } = await ready();
    throw new Error(`readiness says ${status} and not ${wanted}: ${reason}`);
  }

  /** Once it serves writes again: the same process, or the one that is started for a process that asked for it. */
  async function back(of: App): Promise<App> {
    for (let waitedMs = 0; waitedMs < BACK_MS; waitedMs += 200) {
      if (of.exitCode === RESTART_EXIT) return startApp({ folder });
      if ((await ready().catch(() => undefined))?.status === 200) return of;
      await setTimeout(200);
    }
    throw new Error(`it serves no writes: ${(await ready()).reason}`);
  }
});
