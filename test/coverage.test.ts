/** That the page of mission coverage promises no test that is not there. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';

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
function isThere({ file, test }: Named): boolean {
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
