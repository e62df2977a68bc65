/** Nothing in the tree is unused, but for a list that only shrinks; and each detector is shown a tree that breaks it. */
import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import {
  deadFiles,
  unpassedCrashPoints,
  unusedExports,
  unusedMethods,
  unusedPackages,
} from '../scripts/deadCode.ts';
import { unusedRights } from '../scripts/house.ts';
import { readTree, type SourceFile } from '../scripts/source.ts';

const root = path.resolve(import.meta.dirname, '..');
const tree = readTree(root);
/** What is unused and may stay for now: each with its reason. A line that is no longer true fails; none is added. */
const allowed: Readonly<Record<string, string>> = JSON.parse(
  fs.readFileSync(path.join(root, 'test/deadCode.json'), 'utf8'),
);
const MOST_ALLOWED = 37;

const treeOf = (files: Readonly<Record<string, string>>): SourceFile[] =>
  Object.entries(files).map(([file, text]) => ({ path: file, text, bytes: text.length }));

describe('what is in the tree', () => {
  it('is used: no file, export, method, crash point, package or import right is there for nothing', () => {
    const unused = [
      ...deadFiles(tree),
      ...unusedExports(tree),
      ...unusedMethods(tree),
      ...unpassedCrashPoints(tree),
      ...unusedPackages(tree),
      ...unusedRights(tree),
    ];
    expect(unused.filter((one) => !Object.hasOwn(allowed, one))).to.deep.equal([]);
    expect(
      Object.keys(allowed).filter((one) => !unused.includes(one)),
      'no longer unused',
    ).to.deep.equal([]);
    expect(Object.keys(allowed).length).to.be.at.most(MOST_ALLOWED);
  });
});

describe('a tree with something unused', () => {
  it('is seen by its file', () => {
    const files = {
      'package.json': '{"scripts":{"start":"node scripts/up.ts"}}',
      'scripts/up.ts': `import { a } from '../server/used.ts'; spawn('server/main.ts');`,
      'server/main.ts': '',
      'server/used.ts': '// see left.ts\nexport const a = 1;',
      'server/left.ts': `const own = 'left.ts';`,
      'contracts/Used.sol': '',
      'contracts/Left.sol': '',
      'contracts/Named.sol': '',
      'bench/land.ts': `deploy('Named');`,
      'test/a.test.ts': `import '../bench/land.ts';`,
      'test/contracts/Used.t.sol': `import {Used} from "../../contracts/Used.sol";`,
    };
    expect(deadFiles(treeOf(files))).to.deep.equal([
      'server/left.ts: nothing imports or starts it',
      'contracts/Left.sol: nothing imports or starts it',
    ]);
  });

  it('is seen by its exports', () => {
    const files = {
      'server/a.ts': `export const used = 1;
export const looked = 2;
export function tried(): void { return looked; }
export async function forgotten(): Promise<void> {}
export interface Shape { readonly a: number }
export const needless = (shape: Shape): number => shape.a;
needless({ a: looked });
// forgotten, tried
export class Alone {}
export const whole = 3;`,
      'server/b.ts': `import { used } from './a.ts';\nimport * as all from './c.ts';\nused(all);`,
      'server/c.ts': 'export const behindStar = 1;',
      'test/a.test.ts': `import { tried, looked, type Alone as Other } from '../server/a.ts';`,
      'test/b.test.ts': `const { whole } = await import('../server/a.ts');`,
    };
    expect(unusedExports(treeOf(files))).to.deep.equal([
      'server/a.ts: tried is used by tests alone',
      'server/a.ts: forgotten is used by tests alone',
      'server/a.ts: Alone is used by tests alone',
      'server/a.ts: whole is used by tests alone',
    ]);
    const { 'test/b.test.ts': _, ...others } = files;
    expect(unusedExports(treeOf(others))).to.deep.equal([
      'server/a.ts: tried is used by tests alone',
      'server/a.ts: forgotten is used by nothing',
      'server/a.ts: needless is exported, and nobody imports it',
      'server/a.ts: Alone is used by tests alone',
      'server/a.ts: whole is used by nothing',
    ]);
  });

  it('is seen by its methods', () => {
    const text = `export class A {
  async open(): Promise<void> {
    closeAll();
  }
  *waiting(): Generator<number> {
    this.open();
  }
}
export const made = () => ({
    seen(act: number) {
      if (act) return 1;
    },
});
interface Both {
  listed(
    first: number,
  ): void;
}`;
    expect(unusedMethods(treeOf({ 'server/a.ts': text }))).to.deep.equal([
      'server/a.ts: waiting is called by nothing',
      'server/a.ts: seen is called by nothing',
      'server/a.ts: listed is called by nothing',
    ]);
    const caller = 'for (const one of a.waiting()) b.seen(one), c.listed(one);';
    expect(unusedMethods(treeOf({ 'server/a.ts': text, 'scripts/b.ts': caller }))).to.deep.equal([]);
    expect(unusedMethods(treeOf({ 'server/a.ts': text, 'test/b.ts': caller }))).to.have.length(3);
  });

  it('is seen by its packages', () => {
    const manifest = JSON.stringify({
      dependencies: { level: '1', left: '1' },
      devDependencies: { '@types/level': '1', solhint: '1', beside: '1' },
    });
    const lock = JSON.stringify({
      packages: { 'node_modules/level': { peerDependencies: { beside: '1' } } },
    });
    const code = `import { Level } from 'level'; runTool('solhint/solhint.js'); // from 'left'`;
    const files = { 'package.json': manifest, 'package-lock.json': lock, 'server/store/a.ts': code };
    expect(unusedPackages(treeOf(files))).to.deep.equal(['package.json: left is used by nothing']);
  });

  it('is seen by its crash points and its import rights', () => {
    const points = `export const CRASH_POINTS = [\n  'a.before', // why\n  'a.after',\n] as const;`;
    const files = { 'server/crash.ts': points, 'server/a.ts': `crashPoint('a.before');` };
    expect(unpassedCrashPoints(treeOf(files))).to.deep.equal([
      'server/crash.ts: a.after is passed by nothing',
    ]);
    const rights = unusedRights(treeOf({ 'deploy/a.ts': `import '../server/store/store.ts';` }));
    expect(rights).to.include('deploy never imports domain');
    const used = unusedRights(treeOf({ 'deploy/a.ts': `import '../server/domain/a.ts';` }));
    expect(used).not.to.include('deploy never imports domain');
    expect(used.filter((one) => one.startsWith('test '))).to.deep.equal([]);
  });
});
