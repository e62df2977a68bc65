/** A disk that fills up, is full, and is back: on a file system of its own, where this machine lets us make one. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { Aid } from '../aid/aid.ts';
import { type App, startApp } from '../gateway/app.ts';

/** Free space is looked at once a second. */
const SEEN_MS = 1_500;
const BACK_MS = 15_000;
/** What `kudurru up` starts again after. */
const RESTART_EXIT = 75;

const mount = (...args: string[]) => spawnSync('mount', args, { encoding: 'utf8' }).status === 0;

describe('the disk of the data folder', function () {
  this.timeout(240_000);
  let folder: string;
  let app: App | undefined;
  const resize = (mebibytes: number) => mount('-o', `remount,size=${mebibytes}m`, folder);
  const ready = async () => {
    const { status, body } = (await app?.ask<{ reason?: string }>('GET', '/health/ready')) ?? {};
    return { status, reason: body?.reason };
  };
  before(function () {
    folder = mkdtempSync(path.join(tmpdir(), 'kudurru-disk-'));
    if (mount('-t', 'tmpfs', '-o', 'size=2000m', 'tmpfs', folder)) return;
    console.log('SKIPPED: this machine lets no test mount a file system; the disk was not tried');
    this.skip();
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
    await setTimeout(SEEN_MS);
    const full = await ready();
    expect(full.status).to.equal(503);
    expect(full.reason).to.include('512 MiB');
    expect((await aid.ask('GET', aid.path)).status).to.equal(200);
    const refused = await aid.fund('1').catch((error: Error) => error.message);
    expect(refused).to.include('503').and.to.include('"retryable":true');
    resize(2_000);
    await setTimeout(SEEN_MS);
    expect((await ready()).status).to.equal(200);
    await aid.fund('1');
  });

  it('full: nothing dies, reads go on, and the same process goes on when there is room', async () => {
    if (app === undefined) throw new Error('no gateway');
    const aid = new Aid(app, 'disk');
    resize(20);
    await setTimeout(SEEN_MS);
    expect((await ready()).status).to.equal(503);
    for (let i = 0; i < 5; i++) await aid.fund('1').catch(() => {});
    expect((await aid.ask('GET', aid.path)).status).to.equal(200);
    resize(2_000);
    for (let waitedMs = 0; waitedMs < BACK_MS && (await ready()).status !== 200; waitedMs += 200) {
      await setTimeout(200);
    }
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
    expect(mount('-o', 'remount,rw', folder) && resize(2_000)).to.equal(true);
    app = await startApp({ folder });
    expect((await ready()).status).to.equal(200);
  });
});
