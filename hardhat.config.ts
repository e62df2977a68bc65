/**
 * How the contracts are compiled and tested. `default` and `production` are the same build on purpose:
 * Ignition deploys with `production`, and what is deployed must be what the tests ran. The tests themselves are
 * compiled in the quickest way: they create the contracts from the artifacts of that build.
 */
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import hardhatEthers from '@nomicfoundation/hardhat-ethers';
import hardhatIgnition from '@nomicfoundation/hardhat-ignition';
import hardhatIgnitionEthers from '@nomicfoundation/hardhat-ignition-ethers';
import hardhatMocha from '@nomicfoundation/hardhat-mocha';
import hardhatTypechain from '@nomicfoundation/hardhat-typechain';
import { configVariable, defineConfig } from 'hardhat/config';
import type { HardhatPlugin } from 'hardhat/types/plugins';
import { BLOCK_GAS_LIMIT, FORK } from './server/domain/base/chain.ts';

export const compiler = {
  version: '0.8.37',
  path: fileURLToPath(import.meta.resolve('solc/soljson.js')),
  // The optimiser first, as `production` writes it: another order is another build, compiled again.
  settings: { optimizer: { enabled: true, runs: 200 }, evmVersion: FORK, viaIR: true },
};

/** By default `production` compiles file by file and names its tools: other bytes than the tests ran. */
const asOne = { isolated: false, toolVersionsInBuildInfo: false };

const TESTS = 'test/contracts';

/** Neither optimised nor by way of Yul: a tenth of the time, for code that is run once and never deployed. */
const testCompiler = { ...compiler, settings: { optimizer: { enabled: false }, evmVersion: FORK } };
const overrides = Object.fromEntries(
  fs.globSync(`${TESTS}/**/*.sol`, { cwd: import.meta.dirname }).map((file) => [file, testCompiler]),
);

/** How often a property is tried: few in every run, as many as `npm run campaign` asks for in its own. */
const count = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise);

/** Only the size of a test contract, which is never deployed, is nobody's business. */
const TEST_SIZE_WARNINGS = ['5574', '3860'];

/**
 * A warning of solc about our own sources fails the build. It is raised to an error before Hardhat looks,
 * since a build with warnings is cached and the next one would be silent.
 */
const warningsAreErrors: HardhatPlugin = {
  id: 'warnings-are-errors',
  hookHandlers: {
    solidity: async () => ({
      default: async () => ({
        async invokeSolc(context, compiler, input, config, next) {
          const output = await next(context, compiler, input, config);
          const errors = output.errors?.map((found) => {
            const file = /--> ([^:\n]+)/.exec(found.formattedMessage ?? '')?.[1] ?? 'project/';
            const isTestSize =
              file.startsWith('project/test/') && TEST_SIZE_WARNINGS.includes(found.errorCode ?? '');
            if (found.severity !== 'warning' || !file.startsWith('project/') || isTestSize) return found;
            const text = (found.formattedMessage ?? found.message).replace(
              /^Warning/,
              'Warning, an error here',
            );
            return { ...found, type: 'Error', severity: 'error' as const, formattedMessage: text };
          });
          return errors === undefined ? output : { ...output, errors };
        },
      }),
    }),
  },
};

/** What is compiled in one go is what has one and the same configuration, and Hardhat makes each override its own. */
const testsAreOne: HardhatPlugin = {
  id: 'tests-are-one',
  hookHandlers: {
    config: async () => ({
      default: async () => ({
        async resolveUserConfig(userConfig, resolveVariable, next) {
          const resolved = await next(userConfig, resolveVariable);
          for (const profile of Object.values(resolved.solidity.profiles)) {
            const [first] = Object.values(profile.overrides);
            if (first === undefined) continue;
            profile.overrides = Object.fromEntries(
              Object.keys(profile.overrides).map((file) => [file, first]),
            );
          }
          return resolved;
        },
      }),
    }),
  },
};

export default defineConfig({
  plugins: [
    hardhatEthers,
    hardhatIgnition,
    hardhatIgnitionEthers,
    hardhatMocha,
    hardhatTypechain,
    testsAreOne,
    warningsAreErrors,
  ],
  // What the bench measures ours against, and the least a register can be, are compiled with the same settings, and
  // deployed by nobody else.
  paths: {
    sources: ['contracts', 'bench/contracts', 'test/registers'],
    tests: { solidity: TESTS, mocha: 'test' },
    ignition: 'deploy',
  },
  solidity: {
    profiles: {
      default: { ...asOne, compilers: [compiler], overrides },
      production: { ...asOne, compilers: [compiler] },
    },
    // Deployed beside the consortium at founding: what checks P-256 and passkey signatures.
    npmFilesToBuild: [
      '@openzeppelin/contracts/utils/cryptography/verifiers/ERC7913P256Verifier.sol',
      '@openzeppelin/contracts/utils/cryptography/verifiers/ERC7913WebAuthnVerifier.sol',
    ],
  },
  networks: {
    default: { type: 'edr-simulated', hardfork: FORK, blockGasLimit: BLOCK_GAS_LIMIT },
    // Any node, for `npm run deploy`: gas has no price on a ledger of ours.
    ledger: {
      type: 'http',
      url: configVariable('KUDURRU_RPC_URL'),
      accounts: [configVariable('KUDURRU_FOUNDER_KEY')],
      gasPrice: 0n,
    },
  },
  // A block is final at once, and there is no next one until somebody writes.
  ignition: { requiredConfirmations: 1 },
  test: {
    solidity: {
      fuzz: { runs: count('KUDURRU_FUZZ_RUNS', 256), seed: '0x6b756475727275' },
      invariant: {
        runs: count('KUDURRU_INVARIANT_RUNS', 64),
        depth: count('KUDURRU_INVARIANT_DEPTH', 48),
        failOnRevert: false,
      },
    },
  },
  typechain: { outDir: 'types', tsNocheck: true },
});
