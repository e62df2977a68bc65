/** What a linter cannot say about the tree: names that must agree, bytecode that must not be there, and a lock file that installs everywhere. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { inspectSource } from '../scripts/house.ts';
import { codeOfError, refusalOfError, refusals } from '../server/domain/refusal.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

interface AbiItem {
  readonly type: string;
  readonly name?: string;
  readonly inputs?: readonly AbiItem[];
  readonly outputs?: readonly AbiItem[];
  readonly components?: readonly AbiItem[];
}

interface Artifact {
  readonly name: string;
  readonly abi: readonly AbiItem[];
  readonly deployedBytecode: string;
}

function filesBelow(folder: string, ending: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => path.join(entry.parentPath, entry.name));
}

function artifacts(): Artifact[] {
  return filesBelow(path.join(root, 'artifacts/contracts'), '.json').map((file) => {
    const { contractName, abi, deployedBytecode } = JSON.parse(readFileSync(file, 'utf8'));
    return { name: contractName, abi, deployedBytecode };
  });
}

/** Opcodes of runtime code, without the data that PUSH carries and without the metadata at its end. */
function opcodesOf(deployedBytecode: string): number[] {
  const code = Buffer.from(deployedBytecode.slice(2), 'hex');
  const end = code.length < 2 ? 0 : code.length - 2 - code.readUInt16BE(code.length - 2);
  const opcodes: number[] = [];
  for (let at = 0; at < end; at++) {
    const opcode = code[at] ?? 0;
    opcodes.push(opcode);
    if (opcode >= 0x60 && opcode <= 0x7f) at += opcode - 0x5f;
  }
  return opcodes;
}

/** P6, and what a QBFT chain or a replay would not survive. */
const FORBIDDEN_OPCODES = new Map([
  [0xf2, 'CALLCODE'],
  [0xf4, 'DELEGATECALL'],
  [0xff, 'SELFDESTRUCT'],
  [0x40, 'BLOCKHASH'],
  [0x44, 'PREVRANDAO'],
]);
const RUNTIME_LIMIT_BYTES = 24_576;
/** Unbounded bytes may cross the ABI only as signatures and proofs. */
const BYTES_ALLOWED = new Set([
  'signature',
  'tillSignature',
  'preparerSignature',
  'approverSignature',
  'preparer',
  'approver',
  'key',
]);

/** OpenZeppelin's own: a fixed description of the domain, and an error of its constructor. */
const INHERITED_TEXT = new Set(['eip712Domain', 'StringTooLong']);

function unboundedBytes(item: AbiItem): string[] {
  const parts = [...(item.inputs ?? []), ...(item.outputs ?? []), ...(item.components ?? [])];
  return parts.flatMap((part) => {
    const isUnbounded = /^(bytes|string)(\[\d*\])*$/.test(part.type);
    const here = isUnbounded && !BYTES_ALLOWED.has(part.name ?? '') ? [`${item.name}.${part.name}`] : [];
    return [...here, ...unboundedBytes(part)];
  });
}

describe('the contracts', () => {
  it('name every error as the refusal catalogue does', () => {
    const deployed = artifacts().filter(({ deployedBytecode }) => deployedBytecode !== '0x');
    const errors = deployed.flatMap(({ abi }) => abi.filter(({ type }) => type === 'error'));
    const nameless = errors
      .map(({ name }) => name ?? '')
      .filter((name) => refusalOfError(name) === undefined);
    expect(errors.length).to.be.greaterThan(0);
    expect(nameless).to.deep.equal([]);
  });

  it('P6: contain no DELEGATECALL, SELFDESTRUCT, CALLCODE, BLOCKHASH or PREVRANDAO, and fit the size limit', () => {
    const deployed = artifacts().filter(({ deployedBytecode }) => deployedBytecode !== '0x');
    expect(deployed.length).to.be.greaterThan(0);
    for (const { name, deployedBytecode } of deployed) {
      const found = opcodesOf(deployedBytecode).flatMap((opcode) => FORBIDDEN_OPCODES.get(opcode) ?? []);
      expect(found, name).to.deep.equal([]);
      expect((deployedBytecode.length - 2) / 2, name).to.be.at.most(RUNTIME_LIMIT_BYTES);
    }
  });

  it('BB1: take and give no text and no unbounded bytes but signatures and keys', () => {
    const found = artifacts().flatMap(({ name, abi }) =>
      abi
        .filter(({ name }) => !INHERITED_TEXT.has(name ?? ''))
        .flatMap(unboundedBytes)
        .map((field) => `${name}.${field}`),
    );
    expect(found).to.deep.equal([]);
  });
});

describe('the refusal catalogue', () => {
  it('has no row that nothing in the tree ever refuses with', () => {
    const sources = filesBelow(path.join(root, 'server'), '.ts')
      .filter((file) => !file.includes(`${path.sep}refusals${path.sep}`))
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    const contractErrors = new Set(
      artifacts().flatMap(({ abi }) =>
        abi.filter(({ type }) => type === 'error').map(({ name }) => codeOfError(name ?? '')),
      ),
    );
    const unused = Object.keys(refusals).filter(
      (code) => !contractErrors.has(code) && !sources.includes(`'${code}'`),
    );
    expect(unused).to.deep.equal([]);
  });

  it('spells a Solidity error as its code in one way', () => {
    expect(codeOfError('BAUnitStateStale')).to.equal('ba-unit-state-stale');
    expect(codeOfError('NotAContract')).to.equal('not-a-contract');
  });
});

describe('the house rules', () => {
  const CASES: readonly (readonly [string, string, boolean])[] = [
    ['server/domain/land.ts', "import { x } from './hex.ts';", true],
    ['server/domain/land.ts', "import fs from 'node:fs';", false],
    ['server/domain/land.ts', "import { ethers } from 'ethers';", false],
    ['server/domain/land.ts', "import { x } from '../store/vault.ts';", false],
    ['server/ledger/ledger.ts', "import { x } from '../store/vault.ts';", false],
    ['server/store/views.ts', "import { x } from '../ledger/ledger.ts';", false],
    ['server/http/land.ts', "import { x } from '../ledger/ledger.ts';", false],
    ['server/http/land.ts', "import { x } from '../store/views.ts';", true],
    ['scripts/demo.ts', "import { x } from '../server/main.ts';", false],
    ['scripts/verify.ts', "import { x } from '../server/store/vault.ts';", false],
    ['server/domain/long.ts', '\n'.repeat(500), false],
    ['contracts/Land.sol', 'uint256 t = block.timestamp;', false],
  ];

  it('let in what belongs and keep out what does not', () => {
    for (const [file, text, isClean] of CASES) {
      expect(inspectSource(file, text).length === 0, `${file}: ${text.trim()}`).to.equal(isClean);
    }
  });
});

describe('the lock file', () => {
  const lock = readFileSync(path.join(root, 'package-lock.json'), 'utf8');

  it('names no registry host', () => {
    expect(/"resolved"/.test(lock)).to.equal(false);
  });

  it('holds the platform packages of every tool that has them', () => {
    const packages: Record<string, { optionalDependencies?: Record<string, string> }> =
      JSON.parse(lock).packages;
    const missing = Object.entries(packages).flatMap(([name, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (wanted) =>
          packages[`node_modules/${wanted}`] === undefined &&
          packages[`${name}/node_modules/${wanted}`] === undefined,
      ),
    );
    expect(missing).to.deep.equal([]);
  });

  it('installs packages that need no script', () => {
    expect(readFileSync(path.join(root, '.npmrc'), 'utf8')).to.include('ignore-scripts=true');
    expect(existsSync(path.join(root, 'package-lock.json'))).to.equal(true);
  });
});
