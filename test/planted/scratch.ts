/**
 * A copy of the checkout in which guards may be broken and tests run, and which is whole again after each.
 *
 * Hides hard links, the compiler's cache and child processes. Promises: the checkout itself is never written, but for
 * the one folder git ignores; what a run leaves in the copy is gone before the next. One at a time.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { readTree } from '../../scripts/source.ts';
import { LOADED, OUTCOME, type Outcome } from './outcome.ts';
import type { NamedTest } from './plants.ts';

/** Below the checkout, as hard links do not leave a file system. */
const FOLDER = '.planted';
/** What the compiler leaves; `types` is only read by the type checker. */
const BUILT = ['artifacts', 'cache'];
/** A full compilation and the longest suite of fuzz tests, on a machine that is shared, with room to spare. */
const MAX_RUN_MS = 25 * 60_000;

/** What became of the named tests; a process that a test ended, or that did not end, says so instead. */
export type Ended = Outcome | { readonly kind: 'died' | 'hung' };

/** As hardhat.config.ts sets the compiler, and what takes half its time. */
const OPTIMISER = 'optimizer: { enabled: true, runs: 200 }';
const QUICK =
  "optimizer: { enabled: false, details: { yul: true, yulDetails: { stackAllocation: true, optimizerSteps: ':' } } }";

export interface ScratchOptions {
  /** Two that are used side by side are named differently. */
  readonly named: string;
  readonly isQuick: boolean;
}

export class Scratch {
  readonly #root: string;
  readonly #folder: string;
  /** Where the copy lies. */
  readonly tree: string;
  readonly #kept: string;
  #child: ChildProcess | undefined;

  /**
   * Copies the checkout; `keepBuild` must follow before the first `without`. A quick one compiles without optimising, for
   * tests of rules; what it makes is not what is deployed.
   */
  constructor(root: string, { named, isQuick }: ScratchOptions = { named: 'tree', isQuick: false }) {
    this.#root = root;
    const folder = path.join(root, FOLDER, named);
    this.#folder = folder;
    this.tree = path.join(folder, 'tree');
    this.#kept = path.join(folder, 'kept');
    fs.rmSync(folder, { recursive: true, force: true });
    for (const { path: file } of readTree(root)) this.#copy(root, file);
    linkTree(path.join(root, 'node_modules'), path.join(this.tree, 'node_modules'));
    for (const name of BUILT.filter((name) => fs.existsSync(path.join(root, name)))) {
      fs.cpSync(path.join(root, name), path.join(this.tree, name), { recursive: true });
    }
    this.#moveCache();
    // What the verifier in Python needs is not copied: nothing writes there.
    const python = path.join(root, '.bootstrap/python');
    if (fs.existsSync(python)) {
      fs.mkdirSync(path.join(this.tree, '.bootstrap'), { recursive: true });
      fs.symlinkSync(python, path.join(this.tree, '.bootstrap/python'));
    }
    // A guard taken out leaves unused names: warnings here, where they are errors in the checkout.
    const config = path.join(this.tree, 'hardhat.config.ts');
    const text = fs.readFileSync(config, 'utf8');
    const lenient = text.replace(/^ {4}warningsAreErrors,\n/m, '');
    fs.writeFileSync(config, isQuick ? lenient.replace(OPTIMISER, QUICK) : lenient);
    if (isQuick && !lenient.includes(OPTIMISER))
      throw new Error('the compiler is set otherwise than expected');
  }

  /** Keeps what is compiled by now as what every run starts from. */
  keepBuild(): void {
    const copy = { recursive: true, preserveTimestamps: true };
    for (const name of BUILT.filter((name) => fs.existsSync(path.join(this.tree, name)))) {
      fs.cpSync(path.join(this.tree, name), path.join(this.#kept, name), copy);
      // So that a file written again is told from one left alone.
      fs.cpSync(path.join(this.#kept, name), path.join(this.tree, name), copy);
    }
  }

  /** Runs `work` while `file` has another text. */
  async without<T>(file: string, text: string, work: () => Promise<T>): Promise<T> {
    const place = path.join(this.tree, file);
    // From the copy itself: the checkout may be worked on meanwhile.
    const before = fs.readFileSync(place);
    fs.writeFileSync(place, text);
    try {
      return await work();
    } finally {
      fs.writeFileSync(place, before);
      for (const name of BUILT) this.#restore(name);
    }
  }

  /** Runs named tests, or compiles. */
  run(what: NamedTest['kind'] | 'build', tests: readonly NamedTest[]): Promise<Ended> {
    return this.#start(what, tests, MAX_RUN_MS);
  }

  /** Runs whole files of tests of one kind, up to the first that fails. */
  runFiles(files: readonly string[], limitMs = MAX_RUN_MS): Promise<Ended> {
    return this.#start('files', files, limitMs);
  }

  async #start(what: string, tests: readonly unknown[], limitMs: number): Promise<Ended> {
    const script = path.join(this.tree, 'test/planted/run.child.ts');
    const child = spawn(process.execPath, [script, what, JSON.stringify(tests)], {
      cwd: this.tree,
      stdio: ['ignore', 'pipe', 'inherit'],
      // A group of its own, so that the compiler it starts ends with it.
      detached: true,
      env: { ...process.env, HARDHAT_DISABLE_TELEMETRY: 'true' },
    });
    this.#child = child;
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
    let isHung = false;
    const limit = setTimeout(() => {
      isHung = true;
      endGroup(child);
    }, limitMs);
    await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    clearTimeout(limit);
    this.#child = undefined;
    if (isHung) return { kind: 'hung' };
    const outcome = output.lastIndexOf(OUTCOME);
    if (outcome >= 0) return JSON.parse(output.slice(outcome + OUTCOME.length).split('\n', 1)[0] ?? '');
    return { kind: output.includes(LOADED) ? 'died' : 'does not build' };
  }

  /** Ends what runs and removes the copy. */
  remove(): void {
    if (this.#child !== undefined) endGroup(this.#child);
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }

  #copy(from: string, file: string): void {
    const to = path.join(this.tree, file);
    fs.mkdirSync(path.dirname(to), { recursive: true });
    fs.copyFileSync(path.join(from, file), to);
  }

  /** The compiler remembers what it compiled by whole paths. */
  #moveCache(): void {
    const file = path.join(this.tree, 'cache/compile-cache.json');
    if (!fs.existsSync(file)) return;
    const text = fs.readFileSync(file, 'utf8');
    fs.writeFileSync(file, text.replaceAll(`"${this.#root}/`, `"${this.tree}/`));
  }

  #restore(name: string): void {
    const [kept, built] = [path.join(this.#kept, name), path.join(this.tree, name)];
    const stampOf = (file: string) => {
      const found = fs.statSync(file, { throwIfNoEntry: false });
      return found && `${found.size} ${Math.floor(found.mtimeMs)}`;
    };
    for (const file of filesBelow(built)) {
      if (!fs.existsSync(path.join(kept, file))) fs.rmSync(path.join(built, file));
    }
    for (const file of filesBelow(kept)) {
      const [from, to] = [path.join(kept, file), path.join(built, file)];
      if (stampOf(from) === stampOf(to)) continue;
      fs.cpSync(from, to, { preserveTimestamps: true });
    }
  }
}

function endGroup({ pid }: ChildProcess): void {
  if (pid !== undefined) process.kill(-pid, 'SIGKILL');
}

function filesBelow(folder: string): string[] {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
}

function linkTree(from: string, to: string): void {
  fs.mkdirSync(to, { recursive: true });
  for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) linkTree(source, target);
    else if (entry.isSymbolicLink()) fs.symlinkSync(fs.readlinkSync(source), target);
    else fs.linkSync(source, target);
  }
}
