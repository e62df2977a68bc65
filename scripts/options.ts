/** What options mean that several commands take. */
import fs from 'node:fs';
import { InvalidArgumentError, Option } from 'commander';
import { SEED_KEY_KINDS } from '../server/domain/acts/signing.ts';
import { type Address, type Bytes32, parseHex } from '../server/domain/base/hex.ts';
import { Refusal } from '../server/domain/base/refusal.ts';
import type { OfficerId } from '../server/domain/base/terms.ts';
import { parseOfficerRecord } from '../server/domain/power/foundingFile.ts';
import { type ActFile, readActFile } from '../server/domain/signer/actFile.ts';
import { NotUnderstood, readText } from './answer.ts';
import { MAX_RECORD_BYTES } from './gatewayOptions.ts';

const MAX_ACT_BYTES = 32 * 2 ** 20;

export function bytes32<T extends Bytes32 = Bytes32>(text: string): T {
  const id = parseHex(text, 32);
  if (id === undefined) throw new InvalidArgumentError('32 bytes, in hex.');
  return id as T;
}

export function address(text: string): Address {
  const parsed = parseHex(text.toLowerCase(), 20);
  if (parsed === undefined) throw new InvalidArgumentError('An address, 20 bytes in hex.');
  return parsed as Address;
}

export function institutionNumber(text: string): number {
  if (!/^(?:[1-9]\d?|1[01]\d|12[0-7])$/.test(text)) throw new InvalidArgumentError('A number from 1 to 127.');
  return Number(text);
}

export function nodeUrl(text: string): string {
  if (['http:', 'https:'].includes(URL.parse(text)?.protocol ?? '')) return text;
  throw new InvalidArgumentError('The address of a node, such as http://localhost:8545.');
}

/** Whoever has the file of an act need not look for its id. */
export function actId(text: string): Bytes32 {
  return fs.existsSync(text) ? actIn(text).id : bytes32(text);
}

/** The same of an officer, by the public record. */
export function officerId(text: string): OfficerId {
  if (!fs.existsSync(text)) return bytes32<OfficerId>(text);
  return understood(() => parseOfficerRecord(readText(text, MAX_RECORD_BYTES)).officer);
}

/** The act of a file that an argument names. */
export function actIn(file: string): ActFile {
  return understood(() => readActFile(readText(file, MAX_ACT_BYTES)));
}

/** What is wrong with a file is said as what is wrong with the argument that names it. */
function understood<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refusal || error instanceof NotUnderstood)
      throw new InvalidArgumentError(error.message);
    throw error;
  }
}

/** Of every command that makes a key from a seed. */
export function kindOption(): Option {
  return new Option('--kind <kind>', 'p256 where the device that will sign has no other kind of key')
    .choices(SEED_KEY_KINDS)
    .default('secp256k1');
}
