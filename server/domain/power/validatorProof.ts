/**
 * What whoever would seal signs with the key that it would seal with: that it has the key, and that its node has a block of the ledger
 * which nobody could name before it was made.
 *
 * Promises: no proof is of another ledger, another institution or another key. Whether the block is one of the ledger's, and how old it
 * is, is for whoever asks a node. Pure.
 */
import { digestOf, struct } from '../acts/typedData.ts';
import { recoverCompact } from '../audit/signature.ts';
import type { TrustFile } from '../audit/trust.ts';
import { type Address, type Bytes32, fromHex, type Hex } from '../base/hex.ts';
import { foundingDomain } from './possession.ts';

const TYPES = {
  ValidatorFollows: struct(
    'bytes32 genesisHash',
    'address validator',
    'uint16 institution',
    'uint64 blockNumber',
    'bytes32 blockHash',
  ),
};

export interface ValidatorFollows {
  readonly validator: Address;
  readonly institution: number;
  readonly blockNumber: number;
  readonly blockHash: Bytes32;
}

export interface ValidatorProof extends ValidatorFollows {
  /** 64 bytes (ERC-2098). */
  readonly signature: Hex;
}

/** As long as a person takes to send a file to the others, and no node that stood still meanwhile. */
const FRESH_SECONDS = 3_600;

/** Of two blocks, that of the proof and the newest one. */
export const isFresh = (atSeconds: number, newestSeconds: number): boolean =>
  newestSeconds - atSeconds <= FRESH_SECONDS;

/** No seal has this form, whatever a block says: what a seal signs begins otherwise. */
export function followsDigest(
  { genesisHash, ledgerNonce }: Pick<TrustFile, 'genesisHash' | 'ledgerNonce'>,
  { validator, institution, blockNumber, blockHash }: ValidatorFollows,
): Bytes32 {
  const message = { genesisHash, validator, institution, blockNumber, blockHash };
  return digestOf({
    domain: foundingDomain(ledgerNonce),
    types: TYPES,
    primaryType: 'ValidatorFollows',
    message,
  });
}

export function isOfItsKey(
  trust: Pick<TrustFile, 'genesisHash' | 'ledgerNonce'>,
  proof: ValidatorProof,
): boolean {
  const digest = fromHex(followsDigest(trust, proof));
  return recoverCompact(digest, fromHex(proof.signature)) === proof.validator;
}
