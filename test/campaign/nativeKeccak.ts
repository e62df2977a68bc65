/** What the campaign takes from `@noble/hashes/sha3.js`, in WebAssembly. */
import { keccak256 } from '../../server/ledger/keccak.ts';

export const keccak_256 = (bytes: Uint8Array): Uint8Array => keccak256(bytes);
