/**
 * Which ledger and which register a signature is for: the EIP-712 domain of each register, in one table.
 *
 * Promises: the same domain as contracts/journal/Domain.sol makes. Pure; whoever signs or checks signatures imports it.
 */
import type { Address, Bytes32 } from '../base/hex.ts';
import type { RegisterName } from './events.ts';
import type { TypedDomain } from './typedData.ts';

/** What makes every signature of one ledger its own. */
export interface LedgerIdentity {
  readonly chainId: number;
  /** The 32 random bytes of the founding file. */
  readonly ledgerNonce: Bytes32;
}

const DOMAIN_NAMES = {
  consortium: 'Kudurru Consortium',
  personnel: 'Kudurru Personnel',
  safeguards: 'Kudurru Safeguards',
  landRegistry: 'Kudurru LandRegistry',
  notary: 'Kudurru Notary',
  benefitLedger: 'Kudurru BenefitLedger',
} as const;

/** A register whose acts officers sign, as trust files name it. */
export type SigningRegister = keyof typeof DOMAIN_NAMES;

/** Registers that no trust file lists: a vote puts others in their places, and an audit says where they are. */
const UNLISTED_REGISTERS = ['personnel', 'safeguards', 'notary'] as const;

export function isUnlisted(register: SigningRegister): register is (typeof UNLISTED_REGISTERS)[number] {
  return (UNLISTED_REGISTERS as readonly string[]).includes(register);
}

/** The contract that each register is. */
export const CONTRACT_OF: Readonly<Record<SigningRegister, RegisterName>> = {
  consortium: 'consortium',
  personnel: 'personnel',
  safeguards: 'safeguards',
  landRegistry: 'land',
  notary: 'notary',
  benefitLedger: 'benefits',
};

/** The register that a domain is of; undefined where no register has the name. */
export function registerOfDomain({ name }: TypedDomain): SigningRegister | undefined {
  const registers = Object.keys(DOMAIN_NAMES) as SigningRegister[];
  return registers.find((register) => DOMAIN_NAMES[register] === name);
}

const DOMAIN_VERSION = '1';

/** Every field of a register's domain. */
export type RegisterDomain = Required<TypedDomain>;

export function registerDomain(
  register: SigningRegister,
  { chainId, ledgerNonce }: LedgerIdentity,
  address: Address,
): RegisterDomain {
  return {
    name: DOMAIN_NAMES[register],
    version: DOMAIN_VERSION,
    chainId: BigInt(chainId),
    verifyingContract: address,
    salt: ledgerNonce,
  };
}
