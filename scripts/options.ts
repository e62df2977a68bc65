/** What options mean that several commands take. */
import { InvalidArgumentError, Option } from 'commander';
import { SEED_KEY_KINDS } from '../server/domain/acts/signing.ts';
import { type Bytes32, parseHex } from '../server/domain/base/hex.ts';

export function bytes32<T extends Bytes32 = Bytes32>(text: string): T {
  const id = parseHex(text, 32);
  if (id === undefined) throw new InvalidArgumentError('32 bytes, in hex.');
  return id as T;
}

/** Of every command that makes a key from a seed. */
export function kindOption(): Option {
  return new Option('--kind <kind>', 'p256 where the device that will sign has no other kind of key')
    .choices(SEED_KEY_KINDS)
    .default('secp256k1');
}
