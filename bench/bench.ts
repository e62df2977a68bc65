/**
 * `npm run bench`: every figure the project promises, each beside its peer in the same run.
 *
 *   npm run bench -- [--only land|benefits|ledger|reading|proving|checking|files|finding|network] [--write]
 *
 * Gas and counts are exact: they are compared with `baseline.json`, to the last unit, and `--write` makes a new one
 * and writes it on the page of figures.
 * Speeds are ratios. Exit 1 when a figure passes what it holds, or an exact one is not that of the baseline.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { compiler } from '../hardhat.config.ts';
import manifest from '../package.json' with { type: 'json' };
import { FORK } from '../server/domain/base/chain.ts';
import { benefitRows } from './benefits.ts';
import { checkingRows } from './checking.ts';
import { fileRows } from './files.ts';
import { findingRows } from './finding.ts';
import { landRows } from './land.ts';
import { ledgerRows } from './ledger.ts';
import { networkRows } from './network.ts';
import { FIGURES_PAGE, withExactFigures } from './page.ts';
import { provingRows } from './proving.ts';
import { readingRows } from './reading.ts';
import { holds, lineOf, type Row } from './row.ts';

const BASELINE = path.join(import.meta.dirname, 'baseline.json');

const SUITES: readonly { readonly name: string; readonly exact: boolean; rows(): Promise<Row[]> | Row[] }[] =
  [
    { name: 'land', exact: true, rows: landRows },
    { name: 'benefits', exact: true, rows: benefitRows },
    { name: 'ledger', exact: false, rows: ledgerRows },
    { name: 'reading', exact: false, rows: readingRows },
    { name: 'proving', exact: false, rows: provingRows },
    { name: 'checking', exact: false, rows: checkingRows },
    { name: 'files', exact: false, rows: fileRows },
    { name: 'finding', exact: false, rows: findingRows },
    { name: 'network', exact: false, rows: networkRows },
  ];

function readBaseline(): Record<string, number> {
  return JSON.parse(readFileSync(BASELINE, 'utf8'));
}

function printSettings(): void {
  const { solc } = manifest.devDependencies;
  const { '@nomicfoundation/edr': edr, ethers } = manifest.dependencies;
  const { optimizer, viaIR } = compiler.settings;
  console.log(`Rules of ${FORK}; solc ${solc}, via IR ${viaIR}, optimizer ${JSON.stringify(optimizer)}`);
  console.log(
    `EDR ${edr}, ethers ${ethers}, Node ${process.version}; secp256k1 of ours in WebAssembly, no addon\n`,
  );
}

const { values } = parseArgs({ options: { only: { type: 'string' }, write: { type: 'boolean' } } });
printSettings();
const suites = SUITES.filter(({ name }) => values.only === undefined || values.only === name);
if (suites.length === 0) throw new Error(`--only takes one of ${SUITES.map(({ name }) => name).join(', ')}`);

const baseline = readBaseline();
let faults = 0;
for (const { name, exact, rows } of suites) {
  console.log(name);
  for (const row of await rows()) {
    const before = baseline[row.name];
    const hasMoved = exact && !values.write && before !== row.value;
    if (exact && values.write) baseline[row.name] = row.value;
    if (!holds(row) || hasMoved) faults++;
    console.log(`  ${lineOf(row)}${hasMoved ? `; the baseline says ${before ?? 'nothing'}` : ''}`);
  }
}
if (values.write) {
  writeFileSync(BASELINE, `${JSON.stringify(baseline, undefined, 2)}\n`);
  writeFileSync(FIGURES_PAGE, withExactFigures(readFileSync(FIGURES_PAGE, 'utf8'), baseline));
}
console.log(faults === 0 ? '\nEvery figure holds.' : `\n${faults} of the figures above do not hold.`);
process.exitCode = faults === 0 ? 0 : 1;
