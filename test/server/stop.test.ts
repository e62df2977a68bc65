/** How a gateway ends: told to, or with the command that started it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { freePort, startApp } from '../gateway/app.ts';
import { ENVIRONMENT } from '../gateway/environment.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const READY_MS = 60_000;
const GONE_MS = 15_000;
const REQUESTS = 200;
const ANSWERED_BEFORE = 40;

const answers = (url: string) =>
  fetch(url).then(
    () => true,
    () => false,
  );

describe('a gateway that stops', function () {
  this.timeout(2 * READY_MS);

  it('says no first, then finishes what is under way: nothing is answered with a 500 or cut off', async () => {
    const app = await startApp();
    const token = await app.token('auditor', 1);
    const asked = Array.from({ length: REQUESTS }, (_, i) =>
      app.ask('GET', i % 2 === 0 ? '/entries' : '/officers', { token }).then(
        ({ status }) => status,
        (error: Error) => (error.cause as { code?: string } | undefined)?.code ?? error.message,
      ),
    );
    await Promise.all(asked.slice(0, ANSWERED_BEFORE)); // by then the others were sent too
    const said: (number | string)[] = [];
    const stopped = app.stop();
    while (!said.includes(503) && !said.includes('gone')) {
      said.push(
        await fetch(`${app.url}/health/ready`).then(
          ({ status }) => status,
          () => 'gone',
        ),
      );
    }
    await stopped;
    expect(said).to.include(503);
    const outcomes = new Map<number | string, number>();
    for (const outcome of await Promise.all(asked)) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    console.log(`stop under load | ${REQUESTS} tried | ${JSON.stringify([...outcomes])}`);
    // Answered, or never taken: what the system had not handed over when the gateway ended is reset.
    const allowed = [200, 'ECONNREFUSED', 'ECONNRESET'];
    expect(outcomes.get(200)).to.be.at.least(ANSWERED_BEFORE);
    expect([...outcomes.keys()].filter((outcome) => !allowed.includes(outcome))).to.deep.equal([]);
    await app.remove();
  });

  for (const [what, command] of [
    ['kudurru up', ['scripts/kudurru.ts', 'up']],
    ['npm start, by its bootstrap', ['scripts/bootstrap.mjs', 'run', 'scripts/kudurru.ts', 'up']],
  ] as const) {
    it(`ends with the command that started it, on its kill -9 too: ${what}`, async () => {
      const folder = mkdtempSync(path.join(tmpdir(), 'kudurru-stop-'));
      const port = await freePort();
      const child: ChildProcess = spawn(process.execPath, command, {
        cwd: ROOT,
        stdio: 'ignore',
        env: {
          ...ENVIRONMENT,
          ...{ PORT: String(port), KUDURRU_RPC_PORT: '0' },
          ...{ KUDURRU_DATA: path.join(folder, 'data'), KUDURRU_LOG: 'error' },
        },
      });
      const url = `http://127.0.0.1:${port}/health/live`;
      let waitedMs = 0;
      for (; waitedMs < READY_MS && !(await answers(url)); waitedMs += 100) await setTimeout(100);
      expect(await answers(url)).to.equal(true);
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
      for (waitedMs = 0; waitedMs < GONE_MS && (await answers(url)); waitedMs += 100) await setTimeout(100);
      expect(await answers(url)).to.equal(false);
      rmSync(folder, { recursive: true, force: true });
    });
  }
});
