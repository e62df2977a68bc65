/** The table of suites: its minutes against the limits of `.ci/run`, its files against those that are there; and counts. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { readCampaigns } from '../scripts/campaign/table.ts';
import { filesOf, minutesOf, SUITES } from '../scripts/suites.ts';

const root = path.resolve(import.meta.dirname, '..');
/** The whole of `.ci/run`, from a bare machine to the last line. */
const MOST_MINUTES = 70;

describe('the suites of npm test', () => {
  const script = fs.readFileSync(path.join(root, '.ci/run'), 'utf8');
  const limitOf = (name: string): number =>
    Number(new RegExp(`^readonly ${name}=(\\d+)m?$`, 'm').exec(script)?.[1]);

  it('fit both lanes into what is left of the whole when all else took its limit', () => {
    const lanes = [...new Set(SUITES.map(({ lane }) => lane))];
    expect(lanes).to.have.length(2);
    const longest = Math.max(...lanes.map(minutesOf));
    const before = ['TOOLS_LIMIT', 'PYTHON_LIMIT', 'BUILD_LIMIT'].map(limitOf);
    const whole = limitOf('WHOLE_MINUTES');
    expect(longest + before.reduce((sum, minutes) => sum + minutes)).to.be.at.most(whole);
    expect(whole).to.be.below(MOST_MINUTES);
  });

  it('have every file of tests once', () => {
    const named = SUITES.flatMap((suite) => filesOf(suite, root));
    expect(named.toSorted()).to.deep.equal(fs.globSync('test/**/*.test.ts', { cwd: root }).toSorted());
    for (const suite of SUITES.filter(({ files }) => files !== undefined))
      expect(filesOf(suite, root), suite.name).not.to.have.length(0);
  });
});

describe('the table of campaigns', () => {
  const campaigns = readCampaigns(root);
  const readers = fs
    .globSync('test/**/*.ts', { cwd: root })
    .filter((file) => file !== 'test/suites.test.ts')
    .concat('hardhat.config.ts')
    .map((file) => fs.readFileSync(path.join(root, file), 'utf8'));

  it('names a test that is there in each row, and no row twice', () => {
    for (const { name, file, grep } of campaigns) {
      const text = fs.readFileSync(path.join(root, file), 'utf8');
      const isNamed = file.endsWith('.sol') ? text.includes(`function ${grep}`) : text.includes(grep);
      expect(isNamed, `${name}: ${file} has no ${grep}`).to.equal(true);
    }
    expect(new Set(campaigns.map(({ name }) => name)).size)
      .to.equal(campaigns.length)
      .and.be.greaterThan(5);
  });

  it('asks by variables that somebody reads', () => {
    const asked = campaigns.flatMap(({ env }) => Object.keys(env));
    expect(asked.filter((name) => !readers.some((text) => text.includes(name)))).to.deep.equal([]);
  });
});

describe('the count of a file of tests', () => {
  const RUNNER = path.join(root, 'scripts/mochaFiles.ts');
  let folder: string;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(tmpdir(), 'kudurru-count-'));
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  /** In a process of its own, since mocha keeps its globals. */
  function count(text: string): { output: string; tally: unknown } {
    const file = path.join(folder, 'a.test.cjs');
    fs.writeFileSync(file, text);
    const code = `import { runFiles } from ${JSON.stringify(RUNNER)};
      const tally = await runFiles([${JSON.stringify(file)}]);
      process.stdout.write('\\ntally: ' + JSON.stringify(tally) + '\\n', () => process.exit(0));`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
      encoding: 'utf8',
      cwd: root,
    });
    return { output: stdout, tally: JSON.parse(/^tally: (.*)$/m.exec(stdout)?.[1] ?? 'null') };
  }

  it('names the cause where a set-up failed, and counts every test it took with it', () => {
    const { output, tally } = count(`describe('a walk', () => {
      before(() => { throw new Error('the gateway did not start'); });
      for (const step of ['sells', 'pays', 'closes']) it(step, () => {});
    });
    it('another', () => {});`);
    expect(tally).to.deep.equal({
      ...{ passed: 1, failed: 3, skipped: [] },
      red: ['a walk could not begin: the gateway did not start ("before all" hook for "sells")'],
    });
    expect(output).to.include('1) could not begin: the gateway did not start');
    expect(output).to.include('2 more did not run');
  });

  it('lists what was skipped, and passes nothing of it', () => {
    const { tally } = count(`it('sells', function () { this.skip(); });
      it('pays', () => {});
      it('closes', () => { throw new Error('no'); });`);
    expect(tally).to.deep.equal({ passed: 1, failed: 1, red: ['closes'], skipped: ['sells'] });
  });
});
