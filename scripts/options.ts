/** What options mean that several commands take. */
import { InvalidArgumentError } from 'commander';
import { type Bytes32, parseHex } from '../server/domain/base/hex.ts';

export function bytes32<T extends Bytes32 = Bytes32>(text: string): T {
  const id = parseHex(text, 32);
  if (id === undefined) throw new InvalidArgumentError('32 bytes, in hex.');
  return id as T;
}
