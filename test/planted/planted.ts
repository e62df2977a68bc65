/**
 * `npm run planted`: takes each guard of the lists out of a copy of the checkout and expects the test it names to turn
 * red. Slow, a minute or two a contract, so it runs on demand and its report is committed.
 *
 *   npm run planted [-- SUITE...] [--grep WORDS] [--all]
 *
 * Promises: a plant counts as caught only when the test passes without it, and with it compiles, runs and fails; the
 * exit code is 0 only when all were caught. A plant that the report has as caught is tried again only when it, the file
 * it stands in or the file of its test has changed since, or with `--all`. Without `--grep` a suite replaces its part of
 * report.md, plant by plant, so that a run that is broken off says how far it came.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { cell, replacePart } from '../../scripts/report.ts';
import { type NamedTest, type Plant, readSuites, type Suite, testOf, withPlant } from './plants.ts';
import { type Ended, Scratch } from './scratch.ts';

const root = path.resolve(import.meta.dirname, '../..');

type Verdict = 'caught' | 'not caught' | 'does not build' | 'hung' | 'red without it';

interface Tried {
  readonly plant: Plant;
  readonly verdict: Verdict;
  /** Of the plant, the file it stands in and the file of its test, when it was tried. */
  readonly mark: string;
}

const MARK_CHARACTERS = 10;

function markOf(plant: Plant): string {
  const hash = createHash('sha256').update(JSON.stringify(plant));
  for (const file of [plant.file, testOf(root, plant).file])
    hash.update(fs.readFileSync(path.join(root, file)));
  return hash.digest('hex').slice(0, MARK_CHARACTERS);
}

/** Marks of the plants that the report has as caught. */
function marksCaught(): ReadonlySet<string> {
  const text = fs.existsSync(REPORT.file) ? fs.readFileSync(REPORT.file, 'utf8') : '';
  return new Set([...text.matchAll(/\| caught \| ([0-9a-f]+) \|$/gm)].map(([, mark = '']) => mark));
}

/** What a run says of one test: nothing when no such test ran. */
function verdictOf(ended: Ended, test: NamedTest): 'red' | 'green' | 'does not build' | 'hung' | undefined {
  if (ended.kind === 'died') return 'red';
  if (ended.kind !== 'ran') return ended.kind;
  const isNamed = ({ title }: { title: string }) =>
    test.kind === 'solidity' ? title === test.named : title.includes(test.named);
  // A set-up that fails is red for every test after it.
  const isSetUp = ({ title }: { title: string }) => title === 'setUp' || / hook /.test(title);
  const ran = ended.tests.filter((one) => isNamed(one) || (!one.passed && isSetUp(one)));
  if (ran.length === 0) return undefined;
  return ran.every(({ passed }) => passed) ? 'green' : 'red';
}

/** The named tests that pass in the untouched copy, as `file: named`. */
async function greenBefore(scratch: Scratch, tests: readonly NamedTest[]): Promise<Set<string>> {
  const solidity = tests.filter(({ kind }) => kind === 'solidity');
  const groups = Map.groupBy(
    tests.filter(({ kind }) => kind === 'mocha'),
    ({ file }) => file,
  );
  const green = new Set<string>();
  for (const group of [...(solidity.length > 0 ? [solidity] : []), ...groups.values()]) {
    const [{ kind } = { kind: 'mocha' as const }] = group;
    const ended = await scratch.run(kind, group);
    for (const test of group) if (verdictOf(ended, test) === 'green') green.add(keyOf(test));
  }
  return green;
}

const keyOf = ({ file, named }: NamedTest): string => `${file}: ${named}`;

/** What is about gas, sizes or the code itself is tried as it is deployed. */
const MEASURED = /gas|[sS]ize|code/;

/** Whether a test reads what the compiler made of the guard's contract. */
const readsBuild = ({ file }: Plant, { kind }: NamedTest): boolean =>
  kind === 'mocha' && file.endsWith('.sol');

async function tryPlant(plant: Plant, test: NamedTest): Promise<Verdict> {
  const scratch = scratchFor(plant, test);
  return scratch.without(plant.file, withPlant(root, plant), async () => {
    if (readsBuild(plant, test) && (await scratch.run('build', [])).kind !== 'ran') return 'does not build';
    const verdict = verdictOf(await scratch.run(test.kind, [test]), test);
    if (verdict === 'red') return 'caught';
    return verdict === undefined || verdict === 'green' ? 'not caught' : verdict;
  });
}

async function trySuite(suite: Suite, green: ReadonlySet<string>): Promise<Tried[]> {
  const tried: Tried[] = [];
  for (const plant of suite.plants) {
    const mark = markOf(plant);
    if (!values.all && caughtBefore.has(mark)) {
      tried.push({ plant, verdict: 'caught', mark });
      continue;
    }
    const test = testOf(root, plant);
    const begun = Date.now();
    const verdict = green.has(keyOf(test)) ? await tryPlant(plant, test) : 'red without it';
    const seconds = Math.round((Date.now() - begun) / 1000);
    console.log(`${verdict === 'caught' ? '✔' : '✖'} ${suite.name}: ${plant.why} (${verdict}, ${seconds} s)`);
    tried.push({ plant, verdict, mark });
    if (values.grep === undefined) writeReport(suite, tried);
  }
  return tried;
}

const lineOf = ({ name, plants }: Suite, tried: readonly Tried[]): string =>
  `${name} | ${tried.length} of ${plants.length} tried | ${caught(tried)} caught`;

const caught = (tried: readonly Tried[]): number =>
  tried.filter(({ verdict }) => verdict === 'caught').length;

/** The part of the suite that runs; the others stay as they were found. */
function writeReport(suite: Suite, tried: readonly Tried[]): void {
  replacePart(REPORT, suite.name, partOf(suite, tried));
}

function partOf(suite: Suite, tried: readonly Tried[]): string {
  const rows = tried.map(
    ({ plant, verdict, mark }) =>
      `| ${cell(plant.why)} | \`${plant.file}\` | ${cell(plant.expect)} | ${verdict} | ${mark} |`,
  );
  return `## ${lineOf(suite, tried)}\n\n| Without the guard | Taken out of | Test | | Mark |\n|---|---|---|---|---|\n${rows.join('\n')}\n`;
}

const { values, positionals } = parseArgs({
  options: { grep: { type: 'string' }, all: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const suites = readSuites(root);
const REPORT = {
  file: path.join(import.meta.dirname, 'report.md'),
  head: `# Planted bugs

Each line is a guard that was taken out of a copy of the checkout, and the test that had to turn red: written by
\`npm run planted\`. The mark changes with the plant, the file it stands in and the file of its test; then it is tried anew.
`,
  names: suites.map(({ name }) => name),
};
const unknown = positionals.filter((name) => !suites.some((suite) => suite.name === name));
if (unknown.length > 0) throw new Error(`there is no list ${unknown.join(', ')}`);
const wanted = suites
  .filter(({ name }) => positionals.length === 0 || positionals.includes(name))
  .map(({ name, plants }) => ({
    name,
    plants: plants.filter((plant) => JSON.stringify(plant).includes(values.grep ?? '')),
  }))
  .filter(({ plants }) => plants.length > 0);
if (wanted.length === 0) throw new Error('no plant was chosen');
const caughtBefore = marksCaught();
const open = wanted
  .flatMap(({ plants }) => plants)
  .filter((plant) => values.all || !caughtBefore.has(markOf(plant)));
const pairs = open.map((plant) => ({ plant, test: testOf(root, plant) }));

// Tests in Solidity run on what the quick compiler makes: the same rules, in half the time. All others on what is deployed.
const quick = new Scratch(root, { named: 'quick', isQuick: true });
const deployed = new Scratch(root, { named: 'deployed', isQuick: false });
const scratchFor = (plant: Plant, test: NamedTest): Scratch =>
  test.kind === 'solidity' && !MEASURED.test(`${plant.expect}${plant.why}`) ? quick : deployed;
process.once('exit', () => {
  quick.remove();
  deployed.remove();
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

const green = new Set<string>();
for (const scratch of [quick, deployed]) {
  const here = pairs.filter(({ plant, test }) => scratchFor(plant, test) === scratch);
  // Only plants in contracts compile anything: the others run on what the checkout has compiled.
  const compiles = here.some(({ plant, test }) => readsBuild(plant, test));
  if (compiles && (await scratch.run('build', [])).kind !== 'ran')
    throw new Error('the checkout does not compile');
  const named = here.map(({ test }) => test);
  for (const key of await greenBefore(scratch, named)) green.add(key);
  scratch.keepBuild();
}
let isWhole = true;
const lines: string[] = [];
for (const suite of wanted) {
  const tried = await trySuite(suite, green);
  isWhole &&= caught(tried) === tried.length;
  lines.push(lineOf(suite, tried));
}
console.log(`\n${lines.join('\n')}`);
process.exitCode = isWhole ? 0 : 1;
