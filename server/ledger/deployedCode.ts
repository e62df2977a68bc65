/**
 * What stands at a contract's address, against what the sources of this version compile to.
 *
 * Hides where the compiler leaves what a constructor fills in. Promises: code is that of a contract only when every
 * byte of it is the compiler's but for those places; an address that a contract names for good is read from the code
 * that a proof showed, never from a node's answer. For an auditor, who believes no node.
 */
import type { ContractName } from '../domain/acts/events.ts';
import { type Address, fromHex, type Hex, toHex } from '../domain/base/hex.ts';
import { contractOf } from './contracts.ts';

const ADDRESS_BYTES = 20;

/** Whether code is that of the contract, whatever its constructor filled in. */
export function isCodeOf(contract: ContractName, code: Hex): boolean {
  const { deployedBytecode, immutableReferences } = contractOf(contract);
  const [given, compiled] = [fromHex(code), fromHex(deployedBytecode)];
  if (given.length !== compiled.length) return false;
  for (const { start, length } of Object.values(immutableReferences).flat()) {
    given.fill(0, start, start + length);
    compiled.fill(0, start, start + length);
  }
  return toHex(given) === toHex(compiled);
}

/** Every address that the constructor filled in. */
export function addressesIn(contract: ContractName, code: Hex): ReadonlySet<Address> {
  const bytes = fromHex(code);
  const places = Object.values(contractOf(contract).immutableReferences).flat();
  return new Set(
    places.map(({ start, length }) => {
      const end = start + length;
      return toHex(bytes.subarray(end - ADDRESS_BYTES, end)) as Address;
    }),
  );
}
