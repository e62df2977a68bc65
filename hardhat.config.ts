/**
 * How the contracts are compiled and tested. `default` and `production` are the same build on purpose:
 * Ignition deploys with `production`, and what is deployed must be what the tests ran.
 */
import { fileURLToPath } from 'node:url';
import hardhatEthers from '@nomicfoundation/hardhat-ethers';
import hardhatIgnition from '@nomicfoundation/hardhat-ignition';
import hardhatIgnitionEthers from '@nomicfoundation/hardhat-ignition-ethers';
import hardhatMocha from '@nomicfoundation/hardhat-mocha';
import hardhatTypechain from '@nomicfoundation/hardhat-typechain';
import { defineConfig } from 'hardhat/config';
import { BLOCK_GAS_LIMIT, FORK } from './server/domain/chain.ts';

const compiler = {
  version: '0.8.37',
  path: fileURLToPath(import.meta.resolve('solc/soljson.js')),
  settings: { evmVersion: FORK, viaIR: true, optimizer: { enabled: true, runs: 200 } },
};

export default defineConfig({
  plugins: [hardhatEthers, hardhatIgnition, hardhatIgnitionEthers, hardhatMocha, hardhatTypechain],
  paths: { tests: { solidity: 'test/contracts', mocha: 'test' } },
  solidity: { profiles: { default: compiler, production: compiler } },
  networks: {
    default: { type: 'edr-simulated', hardfork: FORK, blockGasLimit: BLOCK_GAS_LIMIT },
  },
  test: {
    solidity: {
      fuzz: { runs: 256, seed: '0x6b756475727275' },
      invariant: { runs: 64, depth: 48, failOnRevert: false },
    },
  },
  typechain: { outDir: 'types', tsNocheck: true },
});
