/**
 * What no linter says, held against the real tree and the real build. Every rule is also shown a tree that
 * breaks it, so that a rule that has gone blind is seen.
 */
import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { houseRules } from '../scripts/house.ts';
import { readTree, type SourceFile, withoutComments } from '../scripts/source.ts';
import { codeOfError, refusals } from '../server/domain/base/refusal.ts';
import { type Artifact, opcodesOf, readArtifacts, runtimeOf, unboundedIn } from './chain/bytecode.ts';

const root = path.resolve(import.meta.dirname, '..');
const tree = readTree(root);
const artifacts = readArtifacts(root);

const under = (folder: string, ending: string): SourceFile[] =>
  tree.filter((file) => file.path.startsWith(folder) && file.path.endsWith(ending));
const solidity = under('contracts/', '.sol').map((file) => ({
  path: file.path,
  code: withoutComments(file.text ?? ''),
}));
const declared = (pattern: RegExp): string[] =>
  solidity.flatMap(({ code }) => [...code.matchAll(pattern)].map(([, name = '']) => name));

/** A tree of one file, to show a rule what it must refuse. */
const planted = (file: string, text: string, bytes = text.length): SourceFile[] => [
  { path: file, text, bytes },
];
const rule = (words: string) => {
  const found = houseRules.filter(({ title }) => title.includes(words));
  expect(found).to.have.length(1, words);
  return (file: string, text: string, bytes?: number): string[] =>
    found.flatMap((one) => one.find(planted(file, text, bytes)));
};

describe('the house', () => {
  for (const { title, find } of houseRules) {
    it(title, () => expect(find(tree)).to.deep.equal([]));
  }

  it('holds what its rules speak of', () => {
    for (const folder of ['server/domain/', 'server/store/', 'server/http/', 'scripts/']) {
      expect(under(folder, '.ts'), folder).not.to.have.length(0);
    }
    expect(under('contracts/', '.sol')).not.to.have.length(0);
  });
});

describe('the import rule', () => {
  const breaks = rule('table of rooms');
  const refused: [string, string][] = [
    ['server/domain/land.ts', `import { open } from '../store/store.ts';`],
    ['server/domain/land.ts', `import { id } from 'ethers';`],
    ['server/domain/land.ts', `import { readFileSync } from 'node:fs';`],
    ['server/domain/land.ts', `const late = await import('../ledger/ledger.ts');`],
    ['server/ledger/ledger.ts', `import { views } from '../store/views.ts';`],
    ['server/store/views.ts', `import type { Ledger } from '../ledger/ledger.ts';`],
    ['server/store/vault.ts', `import { serve } from '../http/app.ts';`],
    ['server/http/land.ts', `import { submit } from '../ledger/ledger.ts';`],
    ['server/http/land.ts', `import { vault } from '../store/vault.ts';`],
    ['server/http/land.ts', `import { Level } from 'level';`],
    ['server/http/land.ts', `const any = await import(somewhere);`],
    ['server/store/views.ts', `import express from 'express';`],
    ['server/store/views.ts', `import { Contract } from 'ethers';`],
    ['server/ledger/events.ts', `import { X__factory } from '../../types/index.ts';`],
    ['server/newroom/a.ts', 'export const a = 1;'],
    ['scripts/up.ts', `import '../server/main.ts';`],
    ['scripts/up.ts', `import { app } from '../server/http/app.ts';`],
    ['scripts/verify.ts', `import { open } from '../server/store/store.ts';`],
    ['bench/bench.ts', `import {\n  main,\n} from '../server/main.ts';`],
    ['test/walks/title.test.ts', `import { main } from '../../server/main.ts';`],
    ['web/till.ts', `import { vault } from '../server/store/vault.ts';`],
  ];
  for (const [file, text] of refused) {
    it(`refuses in ${file}: ${text.replace(/\s+/g, ' ')}`, () =>
      expect(breaks(file, text)).to.have.length(1));
  }

  it('lets the one pass through the house through', () => {
    const main = `import { serve } from './http/app.ts';\nimport { follow } from './ledger/ledger.ts';`;
    expect(breaks('server/main.ts', main)).to.deep.equal([]);
    expect(breaks('server/http/land.ts', `import { Commit } from '../acts/commit.ts';`)).to.deep.equal([]);
    expect(breaks('server/acts/commit.ts', `import { vault } from './store/vault.ts';`)).to.deep.equal([]);
    expect(
      breaks('server/domain/a.ts', `import { b } from './b.ts'; // from '../store/store.ts'`),
    ).to.deep.equal([]);
  });
});

describe('the other rules of the house', () => {
  // In pieces, so that the rules do not find their own examples.
  const refused: [string, string, string][] = [
    ['passes on', 'server/domain/index.ts', `export * from './land.ts';`],
    ['passes on', 'server/domain/index.ts', `export { a } from './land.ts';`],
    ['passes on', 'server/domain/land.ts', 'export default 1;'],
    ['no clock', 'server/domain/land.ts', 'const now = Date.now();'],
    ['no clock', 'server/domain/land.ts', 'const mode = process.env.MODE;'],
    ['Due.sol', 'contracts/land/LandRegistry.sol', 'if (block.timestamp > deadline) revert Late();'],
    ['spread into', 'server/domain/acts/call.ts', 'const act = { ...{ a, b }, c };'],
    ['spread into', 'server/store/vault.ts', 'const row = {\n  ...({ a } as const),\n};'],
    ['Due.sol', 'contracts/land/LandRegistry.sol', 'assembly { t := timestamp() }'],
    ['says what it found', 'test/contracts/A.t.sol', 'require(found == wanted, "another");'],
    [
      'inherits through',
      'test/contracts/A.t.sol',
      'contract A {}\ncontract B is A {}\ncontract C is B {}\ncontract D is C {}',
    ],
    ['lines', 'server/domain/land.ts', '\n'.repeat(601)],
    ['named after', 'server/utils/land.ts', ''],
    ['named after', 'server/http/helpers.ts', ''],
    ['left for later', 'server/main.ts', `// ${'TO'}DO: later`],
    ['left for later', 'test/a.test.ts', `it.${'only'}('a', () => {});`],
    ['left for later', 'test/a.test.ts', `describe.${'skip'}('a', () => {});`],
    ['silences', 'server/main.ts', `// biome-${'ignore'} lint: because`],
    ['silences', 'server/main.ts', `// @ts-${'expect-error'}`],
    ['registry', 'package-lock.json', `"resolved": "https://registry.${'npmjs'}.org/a.tgz"`],
    ['registry', 'docs/operating.md', `run /${'root'}/kudurru`],
  ];
  for (const [words, file, text] of refused) {
    it(`refuse in ${file}: ${text.trim().slice(0, 60) || file}`, () =>
      expect(rule(words)(file, text)).not.to.have.length(0));
  }

  it('refuse a Solidity test that imports what is deployed', () => {
    const [found] = houseRules.filter(({ title }) => title.includes('artifacts'));
    const contract = planted('contracts/Charter.sol', 'contract Charter is ICharter {}');
    const test = (name: string) =>
      planted('test/contracts/Charter.t.sol', `import {${name}, Vm} from "../../contracts/${name}.sol";`);
    expect(found?.find([...contract, ...test('Charter')])).to.have.length(1);
    expect(found?.find([...contract, ...test('ICharter')])).to.deep.equal([]);
  });

  it('refuse a file of more than a megabyte', () =>
    expect(rule('larger')('docs/film.bin', '', 1_000_001)).to.have.length(1));
});

/** Errors that OpenZeppelin's code brings into an interface of ours; each is out of reach or means a bug. */
const LIBRARY_ERRORS = new Set([
  'ECDSAInvalidSignature',
  'ECDSAInvalidSignatureLength',
  'ECDSAInvalidSignatureS',
  'InvalidShortString',
  'MissingPrecompile',
  'StringTooLong',
]);

describe('the catalogue of refusals', () => {
  const errorsOf = (some: readonly Artifact[]): string[] =>
    some.flatMap(({ abi }) => abi.filter(({ type }) => type === 'error').map(({ name = '' }) => name));
  const specified = errorsOf(artifacts);
  // A specification may be ahead of its register: a row is due once compiled code can revert with the error.
  const reverted = errorsOf(artifacts.filter(({ deployedBytecode }) => deployedBytecode !== '0x'));
  const codes = new Set<string>(Object.keys(refusals));

  it('has a row for every error of the contracts', () => {
    expect(reverted).not.to.have.length(0);
    const nameless = reverted.filter((name) => !LIBRARY_ERRORS.has(name) && !codes.has(codeOfError(name)));
    expect(nameless).to.deep.equal([]);
  });

  it('says each code once, over all its files', () => {
    const rows = under('server/domain/base/refusals/', '.ts').flatMap(({ text }) =>
      [...(text ?? '').matchAll(/^ {2}'?([a-z0-9-]+)'?: \{$/gm)].map(([, code = '']) => code),
    );
    expect(rows.toSorted()).to.deep.equal([...codes].toSorted());
  });

  it('has no row that nobody throws', () => {
    const spoken = new Set(specified.map(codeOfError));
    const sources = [...under('server/', '.ts'), ...under('scripts/', '.ts'), ...under('web/', '.ts')];
    for (const { path: file, text } of sources) {
      if (file.startsWith('server/domain/base/refusals/')) continue;
      for (const [, code = ''] of withoutComments(text ?? '').matchAll(/['"]([a-z0-9-]+)['"]/g))
        spoken.add(code);
    }
    expect(codes.size).to.be.greaterThan(0);
    expect([...codes].filter((code) => !spoken.has(code))).to.deep.equal([]);
  });
});

/**
 * Where unbounded bytes may stand: what a signer made, the public key it is checked against, and what
 * OpenZeppelin's EIP-712 tells about itself.
 */
const MAY_BE_UNBOUNDED =
  /^Signatures\.(preparer|approver)$|^Possessions\.spare$|\.possession$|\.(\w+S|s)ignatures?$|\.(\w+P|p)roofs?$|\.key$|^eip712Domain\.|^StringTooLong\./;

const FORBIDDEN_OPCODES: Readonly<Record<number, string>> = {
  64: 'BLOCKHASH',
  68: 'PREVRANDAO',
  242: 'CALLCODE',
  244: 'DELEGATECALL',
  255: 'SELFDESTRUCT',
};
/** Room below the 24,576 of EIP-170; what is left is for the next mend, and a register that does not fit is split. */
const MAX_RUNTIME_BYTES = 24_000;
/** What is smaller holds no register and no rules: a library whose functions stand in its callers. */
const LIBRARY_BYTES = 1_000;

describe('the compiled contracts', () => {
  const deployed = artifacts.filter(({ deployedBytecode }) => deployedBytecode !== '0x');

  it('are those of the sources, all of them', () => {
    const named = declared(/^\s*(?:abstract\s+)?(?:contract|interface|library)\s+(\w+)/gm);
    expect(artifacts.map(({ contractName }) => contractName).sort()).to.deep.equal(named.sort());
    const concrete = declared(/^\s*contract\s+(\w+)/gm);
    expect(deployed.map(({ contractName }) => contractName)).to.include.members(concrete);
  });

  it('P6: run no foreign code in their place, cannot be destroyed, and draw no lots', () => {
    for (const artifact of deployed) {
      const opcodes = opcodesOf(runtimeOf(artifact));
      const found = [...opcodes].flatMap((opcode) => FORBIDDEN_OPCODES[opcode] ?? []);
      expect(found, artifact.contractName).to.deep.equal([]);
    }
  });

  it('P6: hold no money, for nothing of theirs is payable', () => {
    const payable = deployed.flatMap(({ contractName, abi }) =>
      abi
        .filter(({ stateMutability }) => stateMutability === 'payable')
        .map(({ type, name = type }) => `${contractName}.${name}`),
    );
    expect(payable).to.deep.equal([]);
  });

  it('fit the limit of runtime code', () => {
    for (const artifact of deployed) {
      expect(runtimeOf(artifact).length, artifact.contractName).to.be.at.most(MAX_RUNTIME_BYTES);
    }
  });

  it('have the sizes that the figures say, within a fiftieth', () => {
    const text = fs.readFileSync(path.join(root, 'docs/figures.md'), 'utf8');
    const said = [...text.matchAll(/^\| `(\w+)` \| ([\d,]+) \|$/gm)].map(([, name = '', bytes = '']) => {
      return { name, bytes: Number(bytes.replaceAll(',', '')) };
    });
    const sized = deployed.map((artifact) => ({
      name: artifact.contractName,
      bytes: runtimeOf(artifact).length,
    }));
    const ours = sized.filter(({ bytes }) => bytes > LIBRARY_BYTES);
    for (const { name, bytes } of ours) {
      expect(said.find((one) => one.name === name)?.bytes, name).to.be.closeTo(bytes, bytes / 50);
    }
    expect(said.length).to.equal(ours.length);
  });

  it('name no error that is neither ours nor listed', () => {
    const ours = new Set(declared(/\berror\s+(\w+)\s*\(/g));
    const strange = artifacts.flatMap(({ contractName, abi }) =>
      abi
        .filter(({ type, name = '' }) => type === 'error' && !ours.has(name) && !LIBRARY_ERRORS.has(name))
        .map(({ name }) => `${contractName}.${name}`),
    );
    expect(strange).to.deep.equal([]);
  });

  it('take and tell no text and no unbounded bytes but signatures and proofs', () => {
    const unbounded = artifacts.flatMap(({ contractName, abi }) =>
      abi
        .flatMap(unboundedIn)
        .filter((place) => !MAY_BE_UNBOUNDED.test(place))
        .map((place) => `${contractName}: ${place}`),
    );
    expect(unbounded).to.deep.equal([]);
  });
});

describe('the README', () => {
  const readme = fs.readFileSync(path.join(root, 'README.md'), 'utf8');
  const exact = Object.values(
    JSON.parse(fs.readFileSync(path.join(root, 'bench/baseline.json'), 'utf8')) as Record<string, number>,
  );

  it('has no figure of gas that the bench does not hold to the unit, and the sizes that the figures say', () => {
    const rows = readme
      .split('\n')
      .filter((line) => /`npm run bench -- --only (?:land|benefits)` \|$/.test(line));
    expect(rows).to.have.length(5);
    for (const row of rows) {
      const [, figure = ''] = row.split(' | ');
      const said = [...figure.matchAll(/\b\d[\d,]*/g)].map(([text]) => Number(text.replaceAll(',', '')));
      expect(said, row).not.to.have.length(0);
      for (const number of said) expect(exact.map(Math.floor), row).to.include(number);
    }
    const [, bytes = ''] = /`LandRegistry` \| ([\d,]+) bytes/.exec(readme) ?? [];
    expect(fs.readFileSync(path.join(root, 'docs/figures.md'), 'utf8')).to.include(
      `| \`LandRegistry\` | ${bytes} |`,
    );
  });
});

describe('the reader of compiled contracts', () => {
  const metadata = 'a264697066735822ff0008';
  const opcodes = (hex: string) => [...opcodesOf(runtimeOf({ deployedBytecode: `0x${hex}` }))];

  it('sees an opcode, and neither what PUSH carries nor the metadata', () => {
    expect(opcodes(`60ff50${metadata.slice(-20)}`)).to.deep.equal([0x60, 0x50]);
    expect(opcodes(`61f4fff4fe${'00'.repeat(2)}`)).to.deep.equal([0x61, 0xf4, 0xfe]);
    expect(opcodes(`7f${'44'.repeat(32)}40${'00'.repeat(2)}`)).to.deep.equal([0x7f, 0x40]);
  });

  it('sees what stands behind a place to jump to, and no constant behind the code', () => {
    expect(opcodes(`00f2405bfe${'00'.repeat(2)}`)).to.deep.equal([0x00, 0x5b, 0xfe]);
    expect(opcodes(`565bf4fef2${'00'.repeat(2)}`)).to.deep.equal([0x56, 0x5b, 0xf4, 0xfe]);
    expect(opcodes(`00605bf4${'00'.repeat(2)}`)).to.deep.equal([0x00]);
  });

  it('finds text and bytes inside arrays and structs, and leaves bytes32 alone', () => {
    const components = [
      { name: 'note', type: 'string[]' },
      { name: 'id', type: 'bytes32' },
      { name: 'proof', type: 'bytes[2]' },
    ];
    const item = {
      type: 'function',
      name: 'lodge',
      inputs: [{ name: 'act', type: 'tuple[]', internalType: 'struct ILand.Act[]', components }],
      outputs: [{ name: '', type: 'bytes' }],
    };
    expect(unboundedIn(item)).to.deep.equal(['Act.note', 'Act.proof', 'lodge._']);
  });
});

describe('the lock file', () => {
  interface Locked {
    readonly version?: string;
    readonly resolved?: string;
    readonly optionalDependencies?: Readonly<Record<string, string>>;
  }
  const lock: { packages: Record<string, Locked> } = JSON.parse(
    tree.find((file) => file.path === 'package-lock.json')?.text ?? '{}',
  );

  /** Where npm would look for `name` from inside `place`: nearest folder first. */
  function isLocked(place: string, name: string): boolean {
    for (let from = place; ; from = from.replace(/\/?node_modules\/(?!.*node_modules\/).*$/, '')) {
      if (Object.hasOwn(lock.packages, `${from === '' ? '' : `${from}/`}node_modules/${name}`)) return true;
      if (from === '') return false;
    }
  }

  it('holds the optional packages of every platform', () => {
    const missing = Object.entries(lock.packages).flatMap(([place, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies)
        .filter((name) => !isLocked(place, name))
        .map((name) => `${place} lacks ${name}`),
    );
    expect(missing).to.deep.equal([]);
    for (const name of [
      '@nomicfoundation/edr-linux-x64-gnu',
      '@nomicfoundation/edr-linux-arm64-gnu',
      '@nomicfoundation/edr-darwin-arm64',
      '@nomicfoundation/edr-darwin-x64',
      '@nomicfoundation/edr-win32-x64-msvc',
      '@biomejs/cli-linux-x64',
      '@biomejs/cli-linux-arm64',
      '@biomejs/cli-darwin-arm64',
      '@biomejs/cli-darwin-x64',
      '@biomejs/cli-win32-x64',
    ]) {
      expect(isLocked('', name), name).to.equal(true);
    }
  });

  it('says of no package where it was fetched from', () => {
    const resolved = Object.values(lock.packages).filter((entry) => /^https?:/.test(entry.resolved ?? ''));
    expect(resolved).to.deep.equal([]);
  });
});
