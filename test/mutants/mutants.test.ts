/** The operators by example, the rooms against the tree, and the equivalents against the lines they speak of. */
import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { bent, changeOf, mutantsOf } from './operators.ts';
import { filesIn, NOT_BENT, readEquivalents, readRooms } from './rooms.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** Every change that is made to one line, by operator. */
const changesOf = (line: string): Record<string, string[]> => {
  const groups = Map.groupBy(mutantsOf('a.ts', `${line}\n`), ({ operator }) => operator);
  return Object.fromEntries(
    [...groups].map(([operator, found]) => [
      operator,
      found.map((mutant) => bent(`${line}\n`, mutant).replace(/\n$/, '')),
    ]),
  );
};

describe('the operators', () => {
  it('bend conditions', () => {
    expect(changesOf('  if (a < 10 && b(c, d)) return true;')).to.deep.equal({
      'negate a condition': ['  if (!(a < 10 && b(c, d))) return true;'],
      'never enter a branch': ['  if (false) return true;'],
      'swap a comparison': ['  if (a <= 10 && b(c, d)) return true;'],
      'swap and with or': ['  if (a < 10 || b(c, d)) return true;'],
      'drop one side': ['  if (b(c, d)) return true;', '  if (a < 10) return true;'],
      'one higher': ['  if (a < 11 && b(c, d)) return true;'],
      'turn a boolean': ['  if (a < 10 && b(c, d)) return false;'],
      'drop a check': [''],
      'swap arguments': ['  if (a < 10 && b(d, c)) return true;'],
    });
  });

  it('bend statements and values', () => {
    expect(changesOf('  await store.put(key, 1_000n);')).to.deep.equal({
      'one higher': ['  await store.put(key, 1001n);'],
      'drop a call': [''],
      'return early': ['  return; await store.put(key, 1_000n);'],
      'drop an await': ['   store.put(key, 1_000n);'],
      'swap arguments': ['  await store.put(1_000n, key);'],
    });
    expect(changesOf('  total = Math.min(a, b) + 2;')).to.deep.equal({
      'one higher': ['  total = Math.min(a, b) + 3;'],
      'swap arithmetic': ['  total = Math.min(a, b) - 2;'],
      'drop an assignment': [''],
      'swap arguments': ['  total = Math.min(b, a) + 2;'],
      'most or least': ['  total = Math.max(a, b) + 2;'],
    });
    expect(changesOf('  return all.every((one) => one);')['every or some']).to.deep.equal([
      '  return all.some((one) => one);',
    ]);
  });

  it('bend Solidity', () => {
    const changes = changesOf('        if (head.deadline < now_) revert DeadlinePassed(head.deadline);');
    expect(changes['swap a comparison']).to.have.length(1);
    expect(changes['drop a check']).to.deep.equal(['']);
    expect(changesOf('        emit Recorded(a, b);')['drop a call']).to.deep.equal(['']);
  });

  it('leave comments, strings, types and imports alone', () => {
    for (const line of [
      `import { a, b } from './a.ts'; // 12 < 13`,
      `  /* if (a < 1) */ // true`,
      `  const a = 'if (a === 1) 12';`,
      `export type A = Record<string, 1>;`,
      ' * at most 64 of them',
    ])
      expect(changesOf(line), line).to.deep.equal({});
  });

  it('name a line by its number and show it before and after', () => {
    const text = 'const a = 1;\n  if (a > 1) return;\n';
    const [mutant] = mutantsOf('a.ts', text).filter(({ operator }) => operator === 'swap a comparison');
    if (mutant === undefined) throw new Error('no mutant');
    const change = { line: 2, before: 'if (a > 1) return;', after: 'if (a >= 1) return;' };
    expect(changeOf(text, mutant)).to.deep.equal(change);
    const [dropped] = mutantsOf('a.ts', text).filter(({ operator }) => operator === 'drop a check');
    if (dropped === undefined) throw new Error('no mutant');
    expect(changeOf(text, dropped)).to.deep.equal({ line: 2, before: change.before, after: '' });
  });
});

describe('the rooms of the mutants', () => {
  const rooms = readRooms();

  it('hold every source of the server and of the contracts once, each with tests that are there', () => {
    const held = rooms.flatMap(({ files }) => filesIn(root, files));
    const sources = filesIn(root, ['server/**/*.ts', 'contracts/**/*.sol']);
    const left = new Set(filesIn(root, NOT_BENT));
    expect(held.toSorted()).to.deep.equal([...new Set(held)].toSorted());
    expect(sources.filter((file) => !held.includes(file) && !left.has(file))).to.deep.equal([]);
    for (const { name, files, tests } of rooms) {
      for (const pattern of [...files.filter((one) => !one.startsWith('!')), ...tests])
        expect(filesIn(root, [pattern]), `${name}: ${pattern}`).not.to.have.length(0);
      const mutants = filesIn(root, files).flatMap((file) =>
        mutantsOf(file, fs.readFileSync(path.join(root, file), 'utf8')),
      );
      expect(mutants.length, name).to.be.greaterThan(100);
    }
  });

  it('speak of equivalents that are still there', () => {
    const lost = readEquivalents().filter(({ file, before, after, why }) => {
      const text = fs.readFileSync(path.join(root, file), 'utf8');
      const isThere = mutantsOf(file, text).some((mutant) => {
        const change = changeOf(text, mutant);
        return change.before === before && change.after === after;
      });
      return !isThere || why.length < 20;
    });
    expect(lost).to.deep.equal([]);
  });
});
