/**
 * From an empty chain to contracts that govern themselves: the Charter in genesis, then one list of transactions.
 *
 * The founder is a relayer's key. It deploys, names the registers and hands the Charter to the Consortium; after the
 * last step it can do nothing any more. Every address follows from the founder's account and the step's number, so
 * nothing needs to be remembered: a founding that was killed goes on at the founder's nonce, with the same bytes.
 * `main` calls it once, before anything is served; the Ignition module in deploy/ does the same on any node.
 */
import { getCreateAddress } from 'ethers';
import type { GenesisAccount } from '../domain/blocks.ts';
import { TRANSACTION_GAS_CAP } from '../domain/chain.ts';
import { Fault } from '../domain/fault.ts';
import type { Founding } from '../domain/founding.ts';
import { foundingStruct } from '../domain/founding.ts';
import { type Address, type Bytes32, type Hex, toHex, ZERO_ADDRESS } from '../domain/hex.ts';
import { artifactOf, type ContractName } from './artifacts.ts';
import { keccak256 } from './keccak.ts';
import type { ChainProvider } from './provider.ts';

/** Where genesis holds the Charter: the same on every ledger, so that everybody knows where to look. */
export const CHARTER_ADDRESS = '0x00000000000000000000000000000000000c4a27' as Address;

/** What stands where once a ledger is founded. */
export type LedgerContracts = Readonly<Record<ContractName, Address>>;

const REGISTERS = ['LandRegistry', 'BenefitLedger'] as const;

/** In the order of the founder's nonces; each may name the ones before it. */
const DEPLOYMENTS = [
  'P256Verifier',
  'WebAuthnVerifier',
  'Council',
  'Safeguards',
  'Consortium',
  'LandCharges',
  'LandPartition',
  'LandRegistry',
  'BenefitRules',
  'BenefitLedger',
] as const satisfies readonly ContractName[];

export function contractsOf(founder: Address): LedgerContracts {
  const deployed = DEPLOYMENTS.map((name, nonce) => [
    name,
    getCreateAddress({ from: founder, nonce }).toLowerCase() as Address,
  ]);
  return { Charter: CHARTER_ADDRESS, ...Object.fromEntries(deployed) } as LedgerContracts;
}

/** The Charter as genesis holds it: its code, and its two slots written by hand. */
export function charterAccount(validators: readonly Address[], founder: Address): GenesisAccount {
  const first = BigInt(toHex(keccak256(new Uint8Array(32))));
  return {
    address: CHARTER_ADDRESS,
    code: artifactOf('Charter').runtimeCode,
    storage: [
      { slot: word(0n), value: word(BigInt(validators.length)) },
      { slot: word(1n), value: word(BigInt(founder)) },
      ...validators.map((validator, i) => ({
        slot: word(first + BigInt(i)),
        value: word(BigInt(validator)),
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
  const steps = stepsOf(contracts, options.founding);
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

export function stepsOf(contracts: LedgerContracts, founding: Founding): Step[] {
  const { Charter, Council, Safeguards, LandCharges, LandPartition, BenefitRules } = contracts;
  const file = foundingStruct(founding, {
    p256: contracts.P256Verifier,
    webauthn: contracts.WebAuthnVerifier,
  });
  const constructorArguments: Partial<Record<ContractName, readonly unknown[]>> = {
    Council: [Charter],
    Safeguards: [Charter, ZERO_ADDRESS],
    Consortium: [Charter, ZERO_ADDRESS, Council, Safeguards, file],
    LandCharges: [Charter],
    LandPartition: [Charter],
    LandRegistry: [Charter, ZERO_ADDRESS, LandCharges, LandPartition],
    BenefitLedger: [Charter, ZERO_ADDRESS, BenefitRules],
  };
  const charter = artifactOf('Charter').abi;
  return [
    ...DEPLOYMENTS.map((name) => {
      const { abi, creationCode } = artifactOf(name);
      return { data: (creationCode + abi.encodeDeploy(constructorArguments[name] ?? []).slice(2)) as Hex };
    }),
    ...REGISTERS.map((name) => ({
      to: Charter,
      data: charter.encodeFunctionData('setRegister', [registerName(name), contracts[name]]) as Hex,
    })),
    { to: Charter, data: charter.encodeFunctionData('setAuthority', [contracts.Consortium]) as Hex },
  ];
}

/** What the Charter's directory calls a register. */
export function registerName(name: (typeof REGISTERS)[number]): Bytes32 {
  return toHex(keccak256(Buffer.from(name, 'utf8'))) as Bytes32;
}

function word(value: bigint): Bytes32 {
  return `0x${value.toString(16).padStart(64, '0')}` as Bytes32;
}
