/**
 * The static checks: format and lint of TypeScript and Solidity, types, and the rules of the house. Each is
 * one test of `npm test`; `npm run check` runs them alone. Promises that a check with nothing to look at says
 * so by failing, but for Solidity sources a checkout does not have yet.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { houseRules } from './house.ts';
import { readTree, type SourceFile } from './source.ts';

const root = path.resolve(import.meta.dirname, '..');

/** One check: its sentence, and what it found wrong, as text to print; empty when the check passes. */
export interface Check {
  readonly title: string;
  run(): Promise<string>;
}

/** The output of a failed tool is cut here: the first faults are the ones to mend. */
const MAX_OUTPUT_CHARACTERS = 12_000;

/** Runs a tool of node_modules with this Node. Resolves to its output when it fails, to nothing when it passes. */
function runTool(script: string, ...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const tool = spawn(process.execPath, [path.join(root, 'node_modules', script), ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output: Buffer[] = [];
    tool.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    tool.stderr.on('data', (chunk: Buffer) => output.push(chunk));
    tool.on('error', reject);
    tool.on('close', (code) => {
      const text = Buffer.concat(output).toString('utf8').trim();
      resolve(code === 0 ? '' : text.slice(0, MAX_OUTPUT_CHARACTERS) || `exit code ${code}`);
    });
  });
}

function solidityChecks(tree: readonly SourceFile[]): Check[] {
  const contracts = tree.map((file) => file.path).filter((file) => /^contracts\/.*\.sol$/.test(file));
  const others = tree
    .map((file) => file.path)
    .filter((file) => /^((test|bench)\/contracts|test\/registers)\/.*\.sol$/.test(file));
  if (contracts.length === 0) return [];
  return [
    {
      title: 'the contracts are free of lint (solhint)',
      run: () => runTool('solhint/solhint.js', '--noPoster', '--disc', '--max-warnings', '0', ...contracts),
    },
    {
      title: 'Solidity is formatted (prettier)',
      run: () => runTool('prettier/bin/prettier.cjs', '--check', ...contracts, ...others),
    },
  ];
}

/** Every static check, the quick ones last, in the order their faults are best mended. */
export function staticChecks(): Check[] {
  const tree = readTree(root);
  return [
    {
      title: 'TypeScript is formatted and free of lint (biome)',
      run: () => runTool('@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'),
    },
    { title: 'the types agree (tsc)', run: () => runTool('typescript/bin/tsc', '-p', '.') },
    { title: 'the types of the pages agree (tsc)', run: () => runTool('typescript/bin/tsc', '-p', 'web') },
    ...solidityChecks(tree),
    ...houseRules.map((rule) => ({
      title: rule.title,
      run: async () => rule.find(tree).join('\n').slice(0, MAX_OUTPUT_CHARACTERS),
    })),
  ];
}

/** How many passed and failed of what a suite ran; the titles of what it found red and of what it did not run. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly red: readonly string[];
  readonly skipped: readonly string[];
}

/** Runs the checks one after the other and prints each with what it found. */
export async function runChecks(checks: readonly Check[]): Promise<Tally> {
  console.log('\nStatic checks\n');
  const red: string[] = [];
  for (const check of checks) {
    const found = await check.run();
    console.log(
      found === '' ? `  ✔ ${check.title}` : `  ✖ ${check.title}\n${found.replace(/^/gm, '      ')}`,
    );
    if (found !== '') red.push(check.title);
  }
  return { passed: checks.length - red.length, failed: red.length, red, skipped: [] };
}

const entry = process.argv[1];
if (entry !== undefined && import.meta.url === pathToFileURL(fs.realpathSync(entry)).href) {
  const { passed, failed } = await runChecks(staticChecks());
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
