/** What hangs is named, within the time that was given to it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { expect } from 'chai';
import { App } from './gateway/app.ts';
import { needs, within } from './within.ts';

const SOON_MS = 50;
/** Far below the limit of a test, far above what a timer may be late. */
const SECONDS_MS = 10_000;

async function failureOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return String(error);
  }
  return 'nothing failed';
}

describe('a wait that is bounded', () => {
  it('settles as the work does, while the work settles', async () => {
    expect(await within(SECONDS_MS, 'one', Promise.resolve(1))).to.equal(1);
    expect(await failureOf(within(SECONDS_MS, 'one', Promise.reject(new Error('no'))))).to.equal('Error: no');
  });

  it('names what did not end', async () => {
    const never = new Promise<never>(() => undefined);
    expect(await failureOf(within(SOON_MS, 'the walk', never))).to.include('the walk did not end in 50 ms');
  });

  describe('for a gateway that hangs', () => {
    let server: Server;
    let url: string;
    before(async () => {
      server = createServer(() => undefined).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const place = server.address();
      url = `http://127.0.0.1:${typeof place === 'object' ? place?.port : ''}`;
    });
    after(() => server.close());

    it('names the request it did not answer', async () => {
      const app = new App(url, '', spawn(process.execPath, ['--version']), '');
      const failure = await failureOf(app.ask('GET', '/entries', { patienceMs: SOON_MS }));
      expect(failure).to.include('GET /entries did not end');
    });

    it('kills one that does not stop, and says so', async () => {
      const deaf = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('ready')`;
      const child = spawn(process.execPath, ['-e', deaf], { stdio: ['ignore', 'pipe', 'ignore'] });
      await once(child.stdout, 'data');
      const ended = once(child, 'exit');
      const failure = await failureOf(new App(url, '', child, '').stop(SOON_MS));
      expect(failure).to.include('the gateway after SIGTERM did not end');
      expect(await within(SECONDS_MS, 'SIGKILL', ended)).to.deep.equal([null, 'SIGKILL']);
    });
  });

  it('for a tool that is missing skips the test, but fails where all checks run', () => {
    const context = {
      skip: () => {
        throw new Error('skipped');
      },
    } as unknown as Mocha.Context;
    const ci = process.env.CI;
    try {
      needs(context, 'a tool', true);
      process.env.CI = 'true';
      expect(() => needs(context, 'a tool', false)).to.throw('a tool is not installed');
      process.env.CI = 'false';
      expect(() => needs(context, 'a tool', false)).to.throw('skipped');
    } finally {
      if (ci === undefined) delete process.env.CI;
      else process.env.CI = ci;
    }
  });
});
