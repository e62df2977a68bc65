/** What the campaign takes from `@noble/hashes/sha3.js`, in WebAssembly. */
export { keccak256 as keccak_256 } from '../../server/ledger/keccak.ts';
