/** That the page of mission coverage promises no test that is not there. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { FIGURES_PAGE, withExactFigures } from '../bench/page.ts';
import { refusals } from '../server/domain/base/refusal.ts';

const root = path.resolve(import.meta.dirname, '..');
const PAGE = readFileSync(path.join(root, 'docs/mission-coverage.md'), 'utf8');

interface Named {
  readonly code: string;
  readonly file: string;
  readonly test: string;
}

/** Each row's tests: a file between backticks, and behind it words of a title, or of a name, between quotes. */
function testsNamedIn(page: string): Named[] {
  return page
    .split('\n')
    .filter((line) => /^\| [A-Z]+\d/.test(line))
    .flatMap((line) => {
      const [code = '', , tests = ''] = line.split(' | ').map((cell) => cell.replaceAll(/^\| | \|$/g, ''));
      return [...tests.matchAll(/`([^`]+)` "([^"]+)"/g)].map(([, file = '', test = '']) => ({
        ...{ code, file, test },
      }));
    });
}

/** A title stands behind a quotation mark, a Solidity test behind `function`. */
function isThere({ file, test }: Omit<Named, 'code'>): boolean {
  if (!existsSync(path.join(root, file))) return false;
  const text = readFileSync(path.join(root, file), 'utf8');
  return file.endsWith('.sol')
    ? text.includes(`function ${test}`)
    : /\b(it|describe)\(/.test(text) && text.includes(test);
}

describe('the page of mission coverage', () => {
  it('names a test in every row, and only tests that are there', () => {
    const rows = PAGE.split('\n').filter((line) => /^\| [A-Z]+\d/.test(line));
    const named = testsNamedIn(PAGE);
    expect(named.filter((one) => !isThere(one))).to.deep.equal([]);
    for (const row of rows) expect(testsNamedIn(row), row).not.to.deep.equal([]);
    expect(rows.length).to.be.greaterThan(30);
  });

  it('lists every invariant of the registers', () => {
    const codes = [...Array(8).keys()].flatMap((i) => [`L${i + 1}`, `B${i + 1}`, `P${i + 1}`]);
    const later = ['B7'];
    for (const code of codes.filter((one) => !later.includes(one))) {
      expect(PAGE, code).to.match(new RegExp(`^\\| ([A-Z0-9, ]*, )?${code}\\b`, 'm'));
    }
  });
});

describe('the page of threats', () => {
  const rows = readFileSync(path.join(root, 'docs/threats.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| Who, against'));

  it('names in every row a test that is there', () => {
    expect(rows.length).to.be.greaterThan(20);
    for (const row of rows) {
      const named = [...row.matchAll(/`([^`]+\.(?:ts|sol))` "([^"]+)"/g)];
      expect(named, row).not.to.deep.equal([]);
      for (const [, file = '', test = ''] of named) expect(isThere({ file, test }), row).to.equal(true);
    }
  });
});

/** Where the second column of the page of threats begins its paths. */
const GUARDS = ['', 'server', 'server/domain', 'contracts'];

describe('what stands in the way of a threat', () => {
  it('is a file that is there', () => {
    const page = readFileSync(path.join(root, 'docs/threats.md'), 'utf8');
    const cells = page
      .split('\n')
      .flatMap((line) => (line.startsWith('| ') ? (line.split(' | ')[1] ?? []) : []));
    const files = cells
      .flatMap((cell) => [...cell.matchAll(/`([\w/.-]+\.(?:ts|mjs|sol))`/g)])
      .map(([, file]) => file ?? '');
    const isGuard = (file: string) => GUARDS.some((folder) => existsSync(path.join(root, folder, file)));
    expect(files.length).to.be.greaterThan(80);
    expect(files.filter((file) => !isGuard(file))).to.deep.equal([]);
  });
});

describe('the page for operators', () => {
  const page = readFileSync(path.join(root, 'docs/operating.md'), 'utf8');
  const source = (file: string) => readFileSync(path.join(root, file), 'utf8');
  const server = globSync('server/**/*.ts', { cwd: root }).map(source).join('\n');
  /** The names between backticks in the first cells of the table that follows the words. */
  const named = (words: string): string[] => {
    const [, table = ''] =
      new RegExp(`${words}[^\\n]*\\n(?:[^|\\n][^\\n]*\\n|\\n)*((?:\\|[^\\n]*\\n)+)`).exec(page) ?? [];
    const rows = table.split('\n').slice(2, -1);
    return rows.flatMap((row) =>
      [...(row.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
    );
  };

  it('lists the settings of the gateway, all of them', () => {
    const settings = named('## Settings');
    const read = [...server.matchAll(/\benv\.(KUDURRU_\w+)|portOf\(env, '(\w+)'/g)].map(([, a, b]) => a ?? b);
    expect(new Set(settings)).to.deep.equal(new Set(read.filter((name) => name !== 'KUDURRU_CRASH')));
    const help = source('scripts/up.ts');
    const others = settings.filter((name) => !help.includes(name));
    expect(others).to.deep.equal([]);
  });

  it('speaks of metrics, messages and refusals that are there', () => {
    const metrics = named('## What to watch').map((name) => name.replace(/^kudurru_/, ''));
    expect(metrics.length).to.be.greaterThan(4);
    for (const name of metrics.filter((one) => !one.startsWith('process_')))
      expect(server, name).to.match(new RegExp(`'(kudurru_)?${name}'`));
    const messages = named('In the log, with its level');
    expect(messages.length).to.be.greaterThan(6);
    for (const message of messages) expect(server).to.include(message);
    const codes = named('On standard error instead of a start');
    expect(codes.filter((code) => !Object.hasOwn(refusals, code))).to.deep.equal([]);
    expect(codes.length).to.be.greaterThan(6);
  });
});

describe('the page of figures', () => {
  it('has the exact figures of the baseline', () => {
    const page = readFileSync(FIGURES_PAGE, 'utf8');
    const baseline = JSON.parse(readFileSync(path.join(root, 'bench/baseline.json'), 'utf8'));
    expect(withExactFigures(page, baseline), '`npm run bench -- --write` writes both').to.equal(page);
  });

  it('names commands and files of tests that are there', () => {
    const page = readFileSync(FIGURES_PAGE, 'utf8');
    const files = [...page.matchAll(/--file (\S+?)`/g)].map(([, file = '']) => file);
    expect(files.filter((file) => !existsSync(path.join(root, file)))).to.deep.equal([]);
    const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
    const commands = [...page.matchAll(/`npm run (?:-s )?([a-z]+)/g)].map(([, name = '']) => name);
    expect(commands.filter((name) => !Object.hasOwn(scripts, name))).to.deep.equal([]);
    expect(files.length + commands.length).to.be.greaterThan(10);
  });
});
