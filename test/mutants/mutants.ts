/**
 * `npm run mutants`: draws mutants of the sources by a seed, runs the tests of their room against each in a copy of the
 * checkout, and names those that no test saw.
 *
 *   npm run mutants -- --seed S --sample N [--room ROOM] [--skip N] [--report]
 *
 * N mutants are drawn from each room, or from the one that is named: an operator by lot, then one of its places by lot.
 * Promises: one seed draws the same mutants of the same tree; one that does not compile is drawn again and not counted,
 * one that is listed as equivalent too; a room whose tests are red without any mutant is refused; the exit code is 0 only
 * when each room saw its share. `--report` writes report.md, room by room.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { cell, replacePart } from '../../scripts/report.ts';
import { Scratch } from '../planted/scratch.ts';
import { type Seeded, seeded } from '../seeded.ts';
import { bent, changeOf, type Mutant, mutantsOf } from './operators.ts';
import { filesIn, NOT_BENT, type Room, readEquivalents, readRooms } from './rooms.ts';

const root = path.resolve(import.meta.dirname, '../..');
/** Of each room; over all rooms it is 95 of 100. */
const LEAST_SHARE = 0.88;
/** A mutant that loops for ever is one that was seen. */
const MOST_TIMES_AS_LONG = 3;
const LEAST_LIMIT_MS = 60_000;
const SOURCES = /\.(ts|sol)$/;

type Verdict = 'killed' | 'survived' | 'does not compile' | 'equivalent';

interface Tried {
  readonly mutant: Mutant;
  readonly change: ReturnType<typeof changeOf>;
  readonly verdict: Verdict;
}

/** Every mutant of a room in the order of the draw: operators take turns by lot, or constants would crowd out the rest. */
function* drawn(room: Room, random: Seeded): Generator<Mutant> {
  const files = filesIn(scratch.tree, room.files).filter((file) => SOURCES.test(file));
  const left = new Set(filesIn(scratch.tree, NOT_BENT));
  const all = files.filter((file) => !left.has(file)).flatMap((file) => mutantsOf(file, sourceOf(file)));
  const places = [...Map.groupBy(all, ({ operator }) => operator).values()];
  while (places.length > 0) {
    const operator = random.below(places.length);
    const group = places[operator] ?? [];
    const [mutant] = group.splice(random.below(group.length), 1);
    if (group.length === 0) places.splice(operator, 1);
    if (mutant !== undefined) yield mutant;
  }
}

/** The types of the whole tree: unused names are left by any mutant that drops something, and are no fault here. */
function hasTypes(tree: string): boolean {
  const lenient = ['--noUnusedLocals', 'false', '--noUnusedParameters', 'false'];
  const tsc = path.join(tree, 'node_modules/typescript/bin/tsc');
  return spawnSync(process.execPath, [tsc, '-p', tree, ...lenient], { stdio: 'ignore' }).status === 0;
}

const equivalents = readEquivalents();

async function tryMutant(scratch: Scratch, mutant: Mutant, tests: string[], limitMs: number): Promise<Tried> {
  const text = sourceOf(mutant.file);
  const change = changeOf(text, mutant);
  const isListed = equivalents.some(
    ({ file, before, after }) => file === mutant.file && before === change.before && after === change.after,
  );
  if (isListed) return { mutant, change, verdict: 'equivalent' };
  const verdict = await scratch.without(mutant.file, bent(text, mutant), async (): Promise<Verdict> => {
    if (mutant.file.endsWith('.ts') && !hasTypes(scratch.tree)) return 'does not compile';
    const ended = await scratch.runFiles(tests, limitMs);
    if (ended.kind === 'does not build') return mutant.file.endsWith('.sol') ? 'does not compile' : 'killed';
    if (ended.kind !== 'ran') return 'killed';
    return ended.tests.every(({ passed }) => passed) ? 'survived' : 'killed';
  });
  return { mutant, change, verdict };
}

/** Draws until the sample is whole, or nothing is left to draw. */
async function tryRoom(scratch: Scratch, room: Room): Promise<Tried[]> {
  const tests = filesIn(scratch.tree, room.tests);
  const begun = performance.now();
  const before = await scratch.runFiles(tests);
  if (before.kind !== 'ran' || !before.tests.every(({ passed }) => passed))
    throw new Error(`the tests of ${room.name} are red without any mutant`);
  scratch.keepBuild();
  const limitMs = Math.max(LEAST_LIMIT_MS, MOST_TIMES_AS_LONG * (performance.now() - begun));
  const tried: Tried[] = [];
  let skip = Number(values.skip);
  for (const mutant of drawn(room, seeded(seed))) {
    if (valid(tried).length === sample) break;
    if (skip-- > 0) continue;
    const one = await tryMutant(scratch, mutant, tests, limitMs);
    tried.push(one);
    if (one.verdict === 'killed') console.log(`✔ ${placeOf(one)} (${mutant.operator})`);
    if (one.verdict === 'survived')
      console.log(
        `✖ ${placeOf(one)} (${mutant.operator})\n    - ${one.change.before}\n    + ${one.change.after}`,
      );
  }
  return tried;
}

const placeOf = ({ mutant, change }: Tried): string => `${mutant.file}:${change.line}`;
const valid = (tried: readonly Tried[]): Tried[] =>
  tried.filter(({ verdict }) => verdict === 'killed' || verdict === 'survived');
const killed = (tried: readonly Tried[]): Tried[] => tried.filter(({ verdict }) => verdict === 'killed');

function lineOf(name: string, tried: readonly Tried[]): string {
  const [all, seen] = [valid(tried).length, killed(tried).length];
  const others = (['does not compile', 'equivalent'] as const).map(
    (verdict) => `${tried.filter((one) => one.verdict === verdict).length} ${verdict}`,
  );
  const share = all === 0 ? '' : ` (${((100 * seen) / all).toFixed(0)} %)`;
  return `${name} | seed ${seed} | ${seen} of ${all} killed${share} | ${others.join(', ')}`;
}

function partOf(name: string, tried: readonly Tried[]): string {
  const rows = tried
    .filter(({ verdict }) => verdict === 'survived')
    .map((one) => {
      const { before, after } = one.change;
      return `| ${placeOf(one)} | ${one.mutant.operator} | \`${cell(before)}\` | \`${cell(after)}\` |`;
    });
  const table =
    rows.length === 0
      ? ''
      : `| Survived | Operator | Before | After |\n|---|---|---|---|\n${rows.join('\n')}\n`;
  return `## ${lineOf(name, tried)}\n\n${table}`;
}

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    sample: { type: 'string', default: '40' },
    room: { type: 'string' },
    skip: { type: 'string', default: '0' },
    report: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
const sample = Number(values.sample);
if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(sample) || sample < 1)
  throw new Error('--seed and --sample take whole numbers');
const allRooms = readRooms();
const rooms = allRooms.filter(({ name }) => values.room === undefined || name === values.room);
if (rooms.length === 0) throw new Error(`--room takes ${allRooms.map(({ name }) => name).join(', ')}`);
const REPORT = {
  file: path.join(import.meta.dirname, 'report.md'),
  head: `# Mutation tests

Of each room so many mutants were drawn by the seed, and so many were seen by its tests: written by
\`npm run mutants -- --seed S --sample N --report\`. A line below is a mutant that nobody saw.
`,
  names: allRooms.map(({ name }) => name),
};

// Hours of one core: whoever works on the machine comes first.
os.setPriority(os.constants.priority.PRIORITY_LOW);
const scratch = new Scratch(root);
/** Of the copy, as the checkout may be worked on meanwhile. */
const sourceOf = (file: string): string => fs.readFileSync(path.join(scratch.tree, file), 'utf8');
fs.cpSync(path.join(root, 'types'), path.join(scratch.tree, 'types'), { recursive: true });
process.once('exit', () => scratch.remove());
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));
const lines: string[] = [];
let isSeen = true;
for (const room of rooms) {
  const tried = await tryRoom(scratch, room);
  isSeen &&= killed(tried).length >= LEAST_SHARE * valid(tried).length;
  lines.push(lineOf(room.name, tried));
  if (values.report) replacePart(REPORT, room.name, partOf(room.name, tried));
}
console.log(`\n${lines.join('\n')}`);
process.exitCode = isSeen ? 0 : 1;
