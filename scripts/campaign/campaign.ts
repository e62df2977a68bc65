/**
 * `npm run campaign`: each row of `table.json` with its full count, and docs/campaign.md, the report of it.
 *
 *   npm run campaign [-- NAME...]
 *
 * A variable of a row that is set already keeps its value, and the report says that the row was not played as it stands.
 * Hours on two cores, so it runs on demand and its report is committed. Promises: the exit code is 0 only when every row
 * passed and ran a test; a row replaces its own part of the report as soon as it has ended, whatever came of it.
 */
import { spawn } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { replacePart } from '../report.ts';
import { filesOf, SUITES } from '../suites.ts';
import { type Campaign, readCampaigns } from './table.ts';

const root = path.resolve(import.meta.dirname, '../..');
const campaigns = readCampaigns(root);

const REPORT = {
  file: path.join(root, 'docs/campaign.md'),
  head: `# Campaign

Properties that every \`npm test\` tries a few hundred times, tried with their full counts by \`npm run campaign\`, which
writes this page. Lines between the fences are the tests' own.
`,
  names: campaigns.map(({ name }) => name),
};

/** Of what a test prints: counts of what was tried, and how each Solidity property ended. */
const TOLD = /\| .*\btried\b|\(runs: |\bcalls?: /;

/** What a row asks for, or whoever starts the campaign. */
const settingsOf = ({ env }: Campaign): Record<string, string> =>
  Object.fromEntries(Object.entries(env).map(([name, value]) => [name, process.env[name] ?? value]));

function run(campaign: Campaign): Promise<{ output: string; code: number | null }> {
  const { file, grep } = campaign;
  const suite = SUITES.find((one) => filesOf(one, root).includes(file))?.name ?? 'solidity';
  const args = [path.join(root, 'scripts/test.ts'), '--only', suite, '--file', file, '--grep', grep];
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...settingsOf(campaign) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    process.stdout.write(text);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ output, code }));
  });
}

async function play(campaign: Campaign): Promise<boolean> {
  const begun = performance.now();
  const { output, code } = await run(campaign);
  const minutes = ((performance.now() - begun) / 60_000).toFixed(1);
  const told = output.split('\n').filter((line) => TOLD.test(line));
  const [count = '0 passed, 1 failed'] = /^\d+ passed, \d+ failed$/m.exec(output) ?? [];
  const asked = settingsOf(campaign);
  const settings = Object.entries(asked).map(([name, value]) => `${name}=${value}`);
  const isAsked = Object.entries(campaign.env).every(([name, value]) => asked[name] === value);
  const tried = isAsked ? campaign.full : `Not in full (${campaign.full}), but as set below`;
  const lines = [
    `## ${campaign.name} | ${count}`,
    '',
    `${tried}, in \`npm test\` ${campaign.here}; this run took ${minutes} minutes on ${os.availableParallelism()} cores.`,
    '',
    '```',
    [...settings, `npm test -- --file ${campaign.file} --grep '${campaign.grep}'`].join(' '),
    ...told.map((line) => line.trim()),
    '```',
    '',
  ];
  replacePart(REPORT, campaign.name, lines.join('\n'));
  return code === 0;
}

const names = process.argv.slice(2);
const unknown = names.filter((name) => !REPORT.names.includes(name));
if (unknown.length > 0) throw new Error(`there is no campaign ${unknown.join(', ')}`);
let isWhole = true;
for (const campaign of campaigns.filter(({ name }) => names.length === 0 || names.includes(name)))
  isWhole = (await play(campaign)) && isWhole;
process.exitCode = isWhole ? 0 : 1;
