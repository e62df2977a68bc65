/**
 * From an empty chain to contracts that govern themselves: the Charter in genesis, then one list of transactions.
 *
 * The founder is a relayer's key. It deploys, names the registers and hands the Charter to the Consortium; after the
 * last step it can do nothing any more. Every address follows from the founder's account and the step's number, so
 * nothing needs to be remembered: a founding that was killed goes on at the founder's nonce, with the same bytes.
 * `main` calls it once, before anything is served; the Ignition module in deploy/ does the same on any node.
 */
import { getCreateAddress } from 'ethers';
import type { ContractName } from '../domain/acts/events.ts';
import type { GenesisAccount } from '../domain/base/blocks.ts';
import { TRANSACTION_GAS_CAP } from '../domain/base/chain.ts';
import { Fault } from '../domain/base/fault.ts';
import { type Address, type Bytes32, type Hex, toHex, wordOf, ZERO_ADDRESS } from '../domain/base/hex.ts';
import { type Founding, foundingPossessions, foundingStruct } from '../domain/power/founding.ts';
import { charterNameOf, compiledAt, contractOf, encodeCall } from './contracts.ts';
import { keccak256 } from './keccak.ts';
import type { ChainProvider } from './provider.ts';

/** Where genesis holds the Charter: the same on every ledger, so that everybody knows where to look. */
export const CHARTER_ADDRESS = '0x00000000000000000000000000000000000c4a27' as Address;

/** OpenZeppelin's ERC-7913 verifiers, which no contract of ours is but a quorum allows. */
const VERIFIERS = {
  p256: 'ERC7913P256Verifier',
  webauthn: 'ERC7913WebAuthnVerifier',
} as const;
export type VerifierKind = keyof typeof VERIFIERS;
type Deployed = VerifierKind | Exclude<ContractName, 'charter'>;

/** What stands where once a ledger is founded. */
export type LedgerContracts = Readonly<Record<ContractName | keyof typeof VERIFIERS, Address>>;

const REGISTERS = ['safeguards', 'personnel', 'land', 'benefits', 'notary'] as const;

/** In the order of the founder's nonces; each may name the ones before it. */
const DEPLOYMENTS: readonly Deployed[] = [
  'p256',
  'webauthn',
  'council',
  'safeguards',
  'personnel',
  'consortium',
  'landTransfers',
  'landCharges',
  'landPartition',
  'landParts',
  'landDivision',
  'land',
  'benefitRules',
  'standingRules',
  'benefits',
  'benefitViews',
  'notary',
];

export function contractsOf(founder: Address): LedgerContracts {
  const deployed = DEPLOYMENTS.map((name, nonce) => [
    name,
    getCreateAddress({ from: founder, nonce }).toLowerCase() as Address,
  ]);
  return { charter: CHARTER_ADDRESS, ...Object.fromEntries(deployed) } as LedgerContracts;
}

/** The Charter as genesis holds it: its code, and its slots written by hand. */
export function charterAccount(
  validators: readonly Address[],
  founder: Address,
  chainId: bigint,
): GenesisAccount {
  const first = BigInt(toHex(keccak256(new Uint8Array(32))));
  return {
    address: CHARTER_ADDRESS,
    code: contractOf('charter').deployedBytecode,
    storage: [
      { slot: wordOf(0n), value: wordOf(BigInt(validators.length)) },
      { slot: wordOf(1n), value: wordOf(BigInt(founder)) },
      { slot: wordOf(3n), value: wordOf(chainId) },
      ...validators.map((validator, i) => ({
        slot: wordOf(first + BigInt(i)),
        value: wordOf(BigInt(validator)),
      })),
    ],
  };
}

interface Step {
  /** Absent where the step creates a contract. */
  readonly to?: Address;
  readonly data: Hex;
}

export interface FoundOptions {
  readonly provider: ChainProvider;
  readonly founder: Address;
  readonly founding: Founding;
  /** What the node seals with. */
  readonly node: Address;
  /** Signs the founder's transaction of a nonce. */
  sign(step: Step & { readonly nonce: bigint; readonly gas: bigint }): Promise<{ raw: Hex; hash: Bytes32 }>;
}

/** How many transactions a founding takes: from this nonce on the founder's account is an ordinary relayer's. */
export const FOUNDING_STEPS = DEPLOYMENTS.length + REGISTERS.length + 1;

/** Does what is still to be done; answers the contracts. */
export async function foundLedger(options: FoundOptions): Promise<LedgerContracts> {
  const { provider, founder } = options;
  const contracts = contractsOf(founder);
  const params = [founder, 'latest'];
  const done = Number(await provider.request({ method: 'eth_getTransactionCount', params }));
  const steps = stepsOf(contracts, options.founding, options.node);
  for (let nonce = done; nonce < steps.length; nonce++) {
    const step = steps[nonce];
    if (step === undefined) break;
    const { raw, hash } = await options.sign({
      ...step,
      nonce: BigInt(nonce),
      gas: BigInt(TRANSACTION_GAS_CAP),
    });
    await provider.request({ method: 'eth_sendRawTransaction', params: [raw] });
    const receipt = await provider.request({ method: 'eth_getTransactionReceipt', params: [hash] });
    if ((receipt as { status?: string } | null)?.status !== '0x1') {
      throw new Fault(`founding step ${nonce} was not accepted by the chain`, { retryable: false });
    }
  }
  return contracts;
}

export function stepsOf(contracts: LedgerContracts, founding: Founding, node: Address): Step[] {
  const { charter, council, safeguards } = contracts;
  const { landTransfers, landCharges, landPartition, landParts, landDivision } = contracts;
  const { benefitRules, standingRules, benefits } = contracts;
  const file = foundingStruct(founding, contracts, node);
  const { ledgerNonce } = founding;
  const constructorArguments: Partial<Record<Deployed, readonly unknown[]>> = {
    council: [charter],
    safeguards: [charter, ledgerNonce, ZERO_ADDRESS],
    personnel: [charter, ledgerNonce, ZERO_ADDRESS],
    consortium: [charter, ZERO_ADDRESS, council, safeguards, file, foundingPossessions(founding)],
    landTransfers: [charter],
    landCharges: [charter],
    landPartition: [charter],
    landParts: [charter],
    landDivision: [charter],
    land: [
      charter,
      ledgerNonce,
      ZERO_ADDRESS,
      landTransfers,
      landCharges,
      landPartition,
      landParts,
      landDivision,
    ],
    benefits: [charter, ledgerNonce, ZERO_ADDRESS, benefitRules, standingRules],
    benefitViews: [benefits],
    notary: [charter, ledgerNonce, ZERO_ADDRESS],
  };
  return [
    ...DEPLOYMENTS.map((name) => ({ data: creationOf(name, constructorArguments[name] ?? []) })),
    ...REGISTERS.map((name) => ({
      to: charter,
      data: encodeCall('charter', 'setRegister', [registerName(name), contracts[name]]),
    })),
    { to: charter, data: encodeCall('charter', 'setAuthority', [contracts.consortium]) },
  ];
}

/** What the compiler made of a verifier. */
export function verifierOf(kind: VerifierKind) {
  const file = VERIFIERS[kind];
  return compiledAt(`@openzeppelin/contracts/utils/cryptography/verifiers/${file}.sol/${file}.json`);
}

/** What creates a contract with its constructor's arguments. */
export function creationOf(name: Deployed, values: readonly unknown[]): Hex {
  if (name === 'p256' || name === 'webauthn') return verifierOf(name).bytecode;
  const { bytecode, calls } = contractOf(name);
  return `${bytecode}${calls.encodeDeploy(values).slice(2)}` as Hex;
}

/** What the Charter's directory calls a register. */
function registerName(name: (typeof REGISTERS)[number]): Bytes32 {
  return toHex(keccak256(Buffer.from(charterNameOf(name), 'utf8'))) as Bytes32;
}
