/** Where the Charter keeps what it says: the slots that proofs of it name. */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { type Bytes32, toHex, wordOf } from '../base/hex.ts';
import { hashOfWords } from '../land/hashes.ts';

export const AUTHORITY_SLOT = wordOf(1n);
/** The chain that the Charter was founded on. */
export const CHAIN_ID_SLOT = wordOf(3n);

/** `mapping(bytes32 name => address)`, slot 2: where a register's name leads. */
export function directorySlot(name: string): Bytes32 {
  return hashOfWords([toHex(keccak_256(utf8ToBytes(name))) as Bytes32, wordOf(2n)]);
}
