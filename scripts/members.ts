/**
 * The members file of a network: whose each validator is and where the others reach it, in public keys alone.
 *
 * Promises: a file with anything else in it, a private key among it, is not read; each address is that of its public key. For the
 * commands of `kudurru network`.
 */
import { isIPv4 } from 'node:net';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { MAX_VALIDATORS } from '../server/domain/audit/trust.ts';
import { type Address, fromHex, type Hex, toHex } from '../server/domain/base/hex.ts';
import { hexIn, jsonOf, listOf, recordOf, requireFormat, wholeIn } from '../server/domain/base/strictJson.ts';
import { NotUnderstood, readText } from './answer.ts';

const FORMAT = 'kudurru-members-1';
const MAX_BYTES = 256 * 1024;
/** As many as a member has relayers, of 127 members. */
const MAX_ACCOUNTS = 2_048;
export const MAX_INSTITUTION = 127;
const ENODE = /^enode:\/\/([0-9a-f]{128})@([0-9.]+):([1-9]\d{0,4})$/;
const MAX_PORT = 65_535;

/** What `kudurru network key` prints for the others. */
export interface Validator {
  readonly institution: number;
  readonly validator: Address;
  readonly enode: string;
}

export interface Members {
  readonly validators: readonly Validator[];
  /** Who may send transactions where nodes let in nobody else: the relayers of each member's gateway. */
  readonly accounts: readonly Address[];
}

/** The address that a node with this public key, of 64 bytes, seals under. */
function addressOf(publicKey: Uint8Array): Address {
  return toHex(keccak_256(publicKey).subarray(12)) as Address;
}

export function validatorOf(key: Uint8Array, institution: number, host: string, port: number): Validator {
  const publicKey = secp256k1.getPublicKey(key, false).subarray(1);
  const enode = `enode://${toHex(publicKey).slice(2)}@${host}:${port}`;
  return { institution, validator: addressOf(publicKey), enode };
}

/** Where a node listens, as its enode says. */
export function placeOf({ enode }: Validator): { readonly host: string; readonly port: number } {
  const [, , host = '', port = ''] = ENODE.exec(enode) ?? [];
  return { host, port: Number(port) };
}

/** Hosts that several validators stand on: one machine that fails takes all of them along. */
export function sharedHosts({ validators }: Members): readonly string[] {
  const byHost = Map.groupBy(validators, (one) => placeOf(one).host);
  return [...byHost].filter(([, { length }]) => length > 1).map(([host]) => host);
}

export function membersIn(file: string): Members {
  const malformed = malformedIn(file);
  const json = jsonOf(readText(file, MAX_BYTES), MAX_BYTES, malformed);
  requireFormat(json, FORMAT, malformed);
  const fields = recordOf(json, '', ['format', 'validators', 'accounts'], malformed);
  const validators = listOf(fields.validators, '/validators', MAX_VALIDATORS, malformed, (one, place) =>
    validatorIn(one, place, malformed),
  );
  const accounts = listOf(fields.accounts, '/accounts', MAX_ACCOUNTS, malformed, (one, place) =>
    hexIn<Address>(one, 20, place, malformed),
  );
  return requireDifferent({ validators, accounts }, malformed);
}

/** One member's record, as its engineer handed it over. */
export function recordIn(file: string): Validator {
  const malformed = malformedIn(file);
  return validatorIn(jsonOf(readText(file, MAX_BYTES), MAX_BYTES, malformed), '', malformed);
}

export function writeMembers(members: Members): string {
  const { validators, accounts } = requireDifferent(members, malformedIn('What was named'));
  return `${JSON.stringify({ format: FORMAT, validators, accounts }, undefined, 2)}\n`;
}

type Malformed = (place: string) => never;

const malformedIn =
  (file: string): Malformed =>
  (place) => {
    throw new NotUnderstood(`${file} is no members file${place === '' ? '' : `, at ${place}`}.`);
  };

function validatorIn(json: unknown, place: string, malformed: Malformed): Validator {
  const record = recordOf(json, place, ['institution', 'validator', 'enode'], malformed);
  const institution = wholeIn(record.institution, MAX_INSTITUTION, `${place}/institution`, malformed);
  if (institution === 0) malformed(`${place}/institution`);
  const validator = hexIn<Address>(record.validator, 20, `${place}/validator`, malformed);
  const enode = String(record.enode);
  const [, publicKey = ''] = ENODE.exec(enode) ?? [];
  const one = { institution, validator, enode };
  const { host, port } = placeOf(one);
  // Besu takes names of hosts only where an option that it calls experimental says so.
  if (!isIPv4(host) || port > MAX_PORT) malformed(`${place}/enode`);
  if (addressOf(fromHex(`0x${publicKey}` as Hex)) !== validator) malformed(`${place}/validator`);
  return one;
}

/** One key on two machines seals two blocks of one height. */
function requireDifferent(members: Members, malformed: Malformed): Members {
  const { validators, accounts } = members;
  const twice = validators.findIndex(
    ({ validator }, at) => validators.findIndex((one) => one.validator === validator) !== at,
  );
  if (twice >= 0) malformed(`/validators/${twice}/validator`);
  const again = accounts.findIndex((one, at) => accounts.indexOf(one) !== at);
  if (again >= 0) malformed(`/accounts/${again}`);
  return members;
}
