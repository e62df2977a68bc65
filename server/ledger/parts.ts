/**
 * Contracts that another one names for good, bound to it by code and not by a node's word.
 *
 * A node answers for free what a getter says. Promises: a part counts only where the code of the whole, which is what this
 * version compiles to, holds its address, and where its own code is that of the part; every hash of code that was told and
 * not known before is answered, for the caller to prove. Over the chain in this process nobody stands between, and nothing
 * is asked. `events.ts` binds what it finds before anybody is told of it, and `wiring/nodes.ts` at a start.
 */
import type { ContractAt, ContractName } from '../domain/acts/events.ts';
import { type Address, type Bytes32, fromHex, type Hex, toHex } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import { addressesIn, isCodeOf } from './deployedCode.ts';
import { keccak256 } from './keccak.ts';
import { type ChainProvider, readData } from './provider.ts';

/** What is asked of code, and what the trust file says of it. */
export interface CodeAsked {
  /** What a node says stands at an address. */
  at(address: Address): Promise<Hex>;
  readonly trusted: ReadonlyMap<Address, Bytes32>;
}

/** The questions of a gateway that believes no node; of what it founded itself there are none. */
export function codeAsked(
  provider: ChainProvider,
  contracts: Readonly<Record<string, { readonly address: Address; readonly codeHash: Bytes32 }>>,
): CodeAsked {
  return {
    async at(address) {
      const answer = await provider.request({ method: 'eth_getCode', params: [address, 'latest'] });
      return readData(answer) ?? '0x';
    },
    trusted: new Map(Object.values(contracts).map(({ address, codeHash }) => [address, codeHash])),
  };
}

/**
 * The hashes of code to prove, by address: of the parts, and of the whole where the trust file has none of it. Throws a
 * RangeError where code is not that of the contract or does not name the part; refuses as `contract-code-differs` what is
 * other code of this version than the trust file has.
 */
export async function bindParts(
  code: CodeAsked,
  whole: ContractAt,
  parts: readonly ContractAt[],
): Promise<ReadonlyMap<Address, Bytes32>> {
  const toProve = new Map<Address, Bytes32>();
  const told = async (contract: ContractName, address: Address) => {
    const bytes = await code.at(address);
    if (!isCodeOf(contract, bytes)) throw new RangeError(`not the code of the ${contract}`);
    const hash = toHex(keccak256(fromHex(bytes))) as Bytes32;
    const trusted = code.trusted.get(address);
    if (trusted === undefined) toProve.set(address, hash);
    else if (trusted !== hash) throw refusal('contract-code-differs');
    return bytes;
  };
  const named = addressesIn(whole.contract, await told(whole.contract, whole.address));
  for (const { contract, address } of parts) {
    if (!named.has(address)) throw new RangeError(`not the ${contract} that the ${whole.contract} names`);
    await told(contract, address);
  }
  return toProve;
}
