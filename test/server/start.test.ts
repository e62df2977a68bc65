/** What whoever starts the gateway is told when it cannot start, or starts without a ledger. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { freePort } from '../gateway/app.ts';
import { ENVIRONMENT } from '../gateway/environment.ts';
import { within } from '../within.ts';

const MAIN = path.resolve(import.meta.dirname, '../../server/main.ts');
const START_MS = 60_000;
/** The link is printed right behind the line that says the gateway is ready. */
const LINK_MS = 300;

describe('a start of the gateway', function () {
  this.timeout(2 * START_MS);
  let folder: string;
  let taken: Server;
  let takenPort = '';
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'kudurru-start-'));
    taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const address = taken.address();
    takenPort = String(typeof address === 'object' ? address?.port : '');
  });
  after(() => {
    taken?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const envOf = (settings: Readonly<Record<string, string>>) => ({
    ...ENVIRONMENT,
    ...{ KUDURRU_LOG: 'error', KUDURRU_RPC_PORT: '0' },
    ...{ KUDURRU_DATA: path.join(folder, 'data'), ...settings },
  });

  it('that cannot be ends with one refusal by name and no trace', async () => {
    const port = String(await freePort());
    for (const [settings, code] of [
      [{ PORT: 'eighty' }, 'setting-malformed'],
      [{ PORT: takenPort }, 'port-in-use'],
      [{ PORT: port, KUDURRU_RPC_PORT: takenPort }, 'port-in-use'],
      [{ PORT: port, KUDURRU_FOUNDING: path.join(folder, 'nowhere.json') }, 'founding-file-missing'],
    ] as const) {
      const { status, stderr } = spawnSync(process.execPath, [MAIN], {
        env: envOf(settings),
        encoding: 'utf8',
        timeout: START_MS,
      });
      expect(status, stderr).to.equal(1);
      expect(stderr.match(/^Kudurru cannot start \((.+?)\): /m)?.[1], stderr).to.equal(code);
      expect(stderr).not.to.match(/^ +at /m);
    }
  });

  it('prints a one-time link until it is used, and again to who asks for it on the machine', async () => {
    const links = [];
    for (const settings of [{}, {}, { KUDURRU_NEW_LINK: '1' }]) {
      const port = await freePort();
      const env = envOf({ PORT: String(port), ...settings });
      const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'ignore'] });
      let said = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
      for (let waitedMs = 0; !said.includes('is ready') && waitedMs < START_MS; waitedMs += 50)
        await setTimeout(50);
      await setTimeout(LINK_MS);
      const [, link] = /#(\S+)/.exec(said) ?? [];
      links.push(link);
      const asked = fetch(`http://127.0.0.1:${port}/enrolments`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ link: link ?? 'a link that was not printed' }),
      });
      const used = await within(START_MS, 'the enrolment', asked);
      expect(used.status).to.equal(link === undefined ? 401 : 201);
      child.kill('SIGTERM');
      await within(START_MS, 'the gateway after SIGTERM', once(child, 'close'));
    }
    const [first, second, asked] = links;
    expect(first).to.be.a('string');
    expect(second).to.equal(undefined);
    expect(asked).to.be.a('string').and.not.to.equal(first);
  });

  it('without a founding serves what it can, is not ready, and says why', async () => {
    const port = await freePort();
    const child = spawn(process.execPath, [MAIN], { env: envOf({ PORT: String(port) }), stdio: 'ignore' });
    const url = `http://127.0.0.1:${port}`;
    try {
      let ready: Response | undefined;
      for (let waitedMs = 0; ready === undefined && waitedMs < START_MS; waitedMs += 100) {
        ready = await fetch(`${url}/health/ready`).catch(() => undefined);
        await setTimeout(100);
      }
      expect(ready?.status).to.equal(503);
      expect(await ready?.json()).to.include({ ready: false, blockNumber: '0' });
      expect((await fetch(`${url}/health/live`)).status).to.equal(200);
      expect(await (await fetch(url)).text()).to.include('<code>kudurru officer founding</code>');
    } finally {
      child.kill('SIGKILL');
    }
  });
});
