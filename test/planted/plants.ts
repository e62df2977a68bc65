/**
 * Planted bugs: guards of ours taken out one at a time, each with the test that must turn red.
 *
 * Hides how the lists in this folder are written and how a test is found by its name. Promises: a list that is read
 * is well formed, and what it names exists; a plant changes exactly one place. `planted.ts` runs them,
 * `planted.test.ts` looks that none has lost its place.
 */
import fs from 'node:fs';
import path from 'node:path';

/** One guard taken out. */
export interface Plant {
  /** The source, from the root of the checkout. */
  readonly file: string;
  /** Text that stands there exactly once. */
  readonly find: string;
  readonly replace: string;
  /** The test that must fail: a Solidity test's name, or `test/place.test.ts: words of the title`. */
  readonly expect: string;
  /** What would go wrong without the guard. */
  readonly why: string;
}

export interface Suite {
  /** The list's name without its ending. */
  readonly name: string;
  readonly plants: readonly Plant[];
}

/** Where a test stands: `named` is a Solidity function, or words of a mocha title. */
export interface NamedTest {
  readonly kind: 'solidity' | 'mocha';
  readonly file: string;
  readonly named: string;
}

const FIELDS = ['expect', 'file', 'find', 'replace', 'why'];
const FOLDER = 'test/planted';

/** Every list of the folder, by name. Throws a sentence about the first that is malformed. */
export function readSuites(root: string): Suite[] {
  return fs
    .globSync(`${FOLDER}/*.json`, { cwd: root })
    .sort()
    .map((file) => ({
      name: path.basename(file, '.json'),
      plants: plantsOf(file, JSON.parse(fs.readFileSync(path.join(root, file), 'utf8'))),
    }));
}

function plantsOf(file: string, json: unknown): Plant[] {
  if (!Array.isArray(json)) throw new Error(`${file} is not a list`);
  return json.map((entry: Record<string, unknown>, i) => {
    const fields = Object.keys(entry).sort();
    const isWhole =
      fields.join() === FIELDS.join() && fields.every((name) => typeof entry[name] === 'string');
    if (!isWhole) throw new Error(`${file}: entry ${i} is not {file, find, replace, expect, why}`);
    return entry as unknown as Plant;
  });
}

/** The source with the guard taken out. Throws when the text to find is not there exactly once. */
export function withPlant(root: string, plant: Plant): string {
  const source = fs.readFileSync(path.join(root, plant.file), 'utf8');
  const places = source.split(plant.find).length - 1;
  if (places !== 1)
    throw new Error(`${plant.file}: found ${places} times, not once: ${firstLine(plant.find)}`);
  if (plant.replace === plant.find) throw new Error(`${plant.file}: changes nothing`);
  return source.replace(plant.find, () => plant.replace);
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0] ?? '';
}

/** Finds the test a plant names. Throws when there is none, or more than one. */
export function testOf(root: string, { expect }: Plant): NamedTest {
  const [, place, words] = /^(test\/\S+\.(?:t\.sol|test\.ts)): (.+)$/s.exec(expect) ?? [];
  if (place === undefined || words === undefined)
    return solidityTest(root, expect, 'test/contracts/**/*.t.sol');
  if (place.endsWith('.sol')) return solidityTest(root, words, place);
  if (!fs.existsSync(path.join(root, place))) throw new Error(`there is no ${place}`);
  if (!titlesIn(fs.readFileSync(path.join(root, place), 'utf8')).some((title) => title(words)))
    throw new Error(`${place} has no test called ${words}`);
  return { kind: 'mocha', file: place, named: words };
}

/** A title with values in it is known by a value, or by its own words where they are long enough to be nobody else's. */
const OWN_WORDS_LEAST = 12;

/** Whether some words may be those of a title, for each title that a mocha file writes. */
function titlesIn(source: string): ((words: string) => boolean)[] {
  const written = source.matchAll(/\b(?:describe|it)\(\s*(?:'((?:[^'\\]|\\.)+)'|`([^`]+)`)/g);
  return [...written].map(([, plain, template]) => {
    if (plain !== undefined) return (words) => plain.replaceAll("\\'", "'").includes(words);
    const own = (template ?? '').split(/\$\{[^}]*\}/).map((part) => part.trim());
    return (words) =>
      source.includes(`'${words}'`) ||
      own.some((part) => part.length >= OWN_WORDS_LEAST && words.includes(part));
  });
}

function solidityTest(root: string, named: string, places: string): NamedTest {
  const files = fs
    .globSync(places, { cwd: root })
    .filter((file) => fs.readFileSync(path.join(root, file), 'utf8').includes(`function ${named}(`));
  const [file] = files;
  if (file === undefined || files.length > 1)
    throw new Error(`${files.length} Solidity tests are named ${named}`);
  return { kind: 'solidity', file, named };
}
