/** The compiled contracts as the build left them: ABI, creation code and runtime code, read once each. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Interface, type InterfaceAbi } from 'ethers';
import type { Hex } from '../domain/hex.ts';

const FOLDER = fileURLToPath(new URL('../../artifacts/', import.meta.url));

/** Where each contract's artifact stands below `artifacts/`. */
const PLACES = {
  Charter: 'contracts/Charter.sol/Charter.json',
  Council: 'contracts/Council.sol/Council.json',
  Safeguards: 'contracts/Safeguards.sol/Safeguards.json',
  Consortium: 'contracts/Consortium.sol/Consortium.json',
  LandCharges: 'contracts/LandCharges.sol/LandCharges.json',
  LandPartition: 'contracts/LandPartition.sol/LandPartition.json',
  LandRegistry: 'contracts/LandRegistry.sol/LandRegistry.json',
  BenefitRules: 'contracts/BenefitRules.sol/BenefitRules.json',
  BenefitLedger: 'contracts/BenefitLedger.sol/BenefitLedger.json',
  P256Verifier:
    '@openzeppelin/contracts/utils/cryptography/verifiers/ERC7913P256Verifier.sol/ERC7913P256Verifier.json',
  WebAuthnVerifier:
    '@openzeppelin/contracts/utils/cryptography/verifiers/ERC7913WebAuthnVerifier.sol/ERC7913WebAuthnVerifier.json',
} as const;

export type ContractName = keyof typeof PLACES;

export interface Artifact {
  readonly abi: Interface;
  readonly creationCode: Hex;
  readonly runtimeCode: Hex;
}

const loaded = new Map<ContractName, Artifact>();

export function artifactOf(name: ContractName): Artifact {
  const known = loaded.get(name);
  if (known !== undefined) return known;
  const text = readFileSync(`${FOLDER}${PLACES[name]}`, 'utf8');
  const { abi, bytecode, deployedBytecode } = JSON.parse(text) as {
    abi: InterfaceAbi;
    bytecode: Hex;
    deployedBytecode: Hex;
  };
  const artifact = { abi: new Interface(abi), creationCode: bytecode, runtimeCode: deployedBytecode };
  loaded.set(name, artifact);
  return artifact;
}
