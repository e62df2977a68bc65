/**
 * The way from a bare checkout to a running command, on a checkout of three files and with an npm that only
 * writes down that it was called: what is tested is when it is called, and who outlives whom.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';

const BOOTSTRAP = path.resolve(import.meta.dirname, '../../scripts/bootstrap.mjs');

/** Takes a moment, as npm does, so that two starts meet; fails while a file named `offline` is there. */
const NPM = `
const fs = require('node:fs');
fs.appendFileSync('npm-calls', process.argv[2] + '\\n');
setTimeout(() => {
  if (fs.existsSync('offline')) process.exit(1);
  fs.mkdirSync('node_modules', { recursive: true });
  fs.writeFileSync('node_modules/.package-lock.json', '{}');
}, 300);
`;
/** Says that it runs, ends with the code it is given, or stays until it is asked to go. */
const COMMAND = `
import fs from 'node:fs';
fs.appendFileSync('pids', process.pid + '\\n');
const [word, code] = process.argv.slice(2);
process.on('SIGTERM', () => { fs.appendFileSync('signals', 'SIGTERM\\n'); setTimeout(() => process.exit(9), 100); });
if (word === 'stay') setInterval(() => {}, 1000);
else process.exit(Number(code ?? 0));
`;

describe('the bootstrap', () => {
  let checkout = '';
  const started: ChildProcess[] = [];
  const at = (name: string): string => path.join(checkout, name);
  const linesOf = (name: string): string[] =>
    fs.existsSync(at(name)) ? fs.readFileSync(at(name), 'utf8').trim().split('\n') : [];

  beforeEach(() => {
    checkout = fs.mkdtempSync(path.join(os.tmpdir(), 'kudurru-bootstrap-'));
    fs.mkdirSync(at('scripts'));
    fs.copyFileSync(BOOTSTRAP, at('scripts/bootstrap.mjs'));
    fs.writeFileSync(at('npm-cli.js'), NPM);
    fs.writeFileSync(at('command.mts'), COMMAND);
    fs.writeFileSync(at('package.json'), '{ "type": "commonjs" }');
    fs.writeFileSync(at('package-lock.json'), '{}');
  });

  afterEach(() => {
    for (const child of started.splice(0)) child.kill('SIGKILL');
    for (const pid of linesOf('pids').map(Number)) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    fs.rmSync(checkout, { recursive: true, force: true });
  });

  function isAlive(pid: number): boolean {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  }

  async function until(what: string, holds: () => boolean, limitMs = 10_000): Promise<void> {
    const end = Date.now() + limitMs;
    while (!holds()) {
      if (Date.now() > end) throw new Error(`not within ${limitMs} ms: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  const environment = (isNpm: boolean): NodeJS.ProcessEnv => {
    const { npm_lifecycle_event: _ours, ...env } = process.env;
    const own = { ...env, npm_execpath: at('npm-cli.js') };
    return isNpm ? { ...own, npm_lifecycle_event: 'start' } : own;
  };

  function start(...args: string[]): ChildProcess {
    const child = spawn(process.execPath, ['scripts/bootstrap.mjs', 'run', 'command.mts', ...args], {
      cwd: checkout,
      env: environment(false),
      stdio: 'ignore',
    });
    started.push(child);
    return child;
  }

  async function codeOf(child: ChildProcess): Promise<number | null> {
    const [code] = await once(child, 'exit');
    return code;
  }

  it('installs before the first start and calls npm for no later one', async () => {
    expect(await codeOf(start())).to.equal(0);
    expect(await codeOf(start())).to.equal(0);
    expect(linesOf('npm-calls')).to.deep.equal(['ci']);
    expect(linesOf('pids')).to.have.length(2);
  });

  it('installs again when the lock file changed, and when the packages are gone', async () => {
    await codeOf(start());
    fs.writeFileSync(at('package-lock.json'), '{ "changed": true }');
    await codeOf(start());
    expect(linesOf('npm-calls')).to.have.length(2);
    fs.rmSync(at('node_modules'), { recursive: true });
    await codeOf(start());
    expect(linesOf('npm-calls')).to.have.length(3);
  });

  it('does not run the command after a failed install, and installs at the next start', async () => {
    fs.writeFileSync(at('offline'), '');
    expect(await codeOf(start())).to.equal(1);
    expect(linesOf('pids')).to.deep.equal([]);
    fs.rmSync(at('offline'));
    expect(await codeOf(start())).to.equal(0);
    expect(linesOf('npm-calls')).to.have.length(2);
  });

  it('lets starts at the same time take turns, so that they install once', async () => {
    const codes = await Promise.all([start(), start(), start(), start()].map(codeOf));
    expect(codes).to.deep.equal([0, 0, 0, 0]);
    expect(linesOf('npm-calls')).to.deep.equal(['ci']);
    // What Node compiled is kept here, or where whoever started this test keeps it.
    const left = fs.readdirSync(at('.bootstrap')).filter((name) => name !== 'compiled');
    expect(left).to.deep.equal(['install.stamp']);
  });

  it('takes over from starts that were killed while they prepared', async () => {
    const killed = start();
    await until('npm is called', () => linesOf('npm-calls').length === 1);
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    expect(fs.existsSync(at('.bootstrap/lock'))).to.equal(true);
    const codes = await Promise.all([start(), start(), start()].map(codeOf));
    expect(codes).to.deep.equal([0, 0, 0]);
    expect(linesOf('npm-calls')).to.have.length(2);
  });

  it('ends with the exit code of the command', async () => {
    expect(await codeOf(start('end', '7'))).to.equal(7);
  });

  it('passes a signal on, once though it came twice, and waits for the command to drain', async () => {
    const child = start('stay');
    await until('the command runs', () => linesOf('pids').length === 1);
    child.kill('SIGTERM');
    child.kill('SIGTERM');
    expect(await codeOf(child)).to.equal(9);
    expect(linesOf('signals')).to.deep.equal(['SIGTERM']);
  });

  /** As npm starts a script: through a shell, here one that stays between npm and the script. */
  function startThroughNpm(...args: string[]): ChildProcess {
    const script = `"${process.execPath}" scripts/bootstrap.mjs run command.mts ${args.join(' ')}; exit $?`;
    const npm = spawn(
      process.execPath,
      ['-e', `require('node:child_process').spawn('sh', ['-c', process.argv[1]])`, script],
      { cwd: checkout, env: environment(true), stdio: 'ignore' },
    );
    started.push(npm);
    return npm;
  }

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    it(`leaves no process behind when npm ends by ${signal}`, async () => {
      const npm = startThroughNpm('stay');
      await until('the command runs', () => linesOf('pids').length === 1);
      npm.kill(signal);
      const [pid] = linesOf('pids').map(Number);
      await until('the command is gone', () => pid !== undefined && !isAlive(pid));
      expect(linesOf('signals')).to.deep.equal(['SIGTERM']);
    });
  }

  it('lets the command outlive a shell it was started from without npm', async () => {
    const shell = spawn(
      'sh',
      ['-c', `"${process.execPath}" scripts/bootstrap.mjs run command.mts stay & wait`],
      { cwd: checkout, env: environment(false), stdio: 'ignore' },
    );
    started.push(shell);
    await until('the command runs', () => linesOf('pids').length === 1);
    shell.kill('SIGKILL');
    // Twice the time in which an orphan of npm is noticed.
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(linesOf('pids').map(Number).every(isAlive)).to.equal(true);
  });
});
