/**
 * `kudurru network key` and `members`: a validator's key, made on the validator's own machine, and the file of what the others
 * need to know of it.
 *
 * Promises: the key is in a file that only its owner reads, and nowhere else; no file that is there is touched; what is printed is public.
 */
import fs from 'node:fs';
import { isIPv4 } from 'node:net';
import path from 'node:path';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { type Address, toHex } from '../server/domain/base/hex.ts';
import { type AnswerOptions, answer, NotUnderstood } from './answer.ts';
import { recordIn, sharedHosts, type Validator, validatorOf, writeMembers } from './members.ts';
import { address, institutionNumber } from './options.ts';
import { writeNew } from './privateFiles.ts';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o644;
/** Besu's own port for other nodes. */
const DEFAULT_PORT = 30_303;
const MAX_PORT = 65_535;
/** What a key is in a file: 32 bytes in hex, and perhaps the end of a line. */
const KEY_TEXT = /^(?:0x)?[0-9a-f]{64}\s*$/;
const MAX_KEY_BYTES = 80;
/** Of one folder, that many names are looked at for other keys. */
const MOST_LOOKED_AT = 1_000;

interface KeyOptions extends AnswerOptions {
  readonly out: string;
  readonly institution: number;
  readonly host: string;
  readonly port: number;
}

interface MembersOptions extends AnswerOptions {
  readonly account: readonly Address[];
  readonly out: string;
}

export function addValidatorKey(network: Command): void {
  network
    .command('key')
    .description('a validator’s key, made on the machine that validates and readable by its owner alone')
    .requiredOption('--institution <number>', 'whose the validator is', institutionNumber)
    .requiredOption(
      '--host <address>',
      'the IPv4 address where the other validators reach this machine',
      host,
    )
    .option('--port <number>', 'and the port', port, DEFAULT_PORT)
    .requiredOption('--out <file>', 'the key, which is not there yet; it never leaves this machine')
    .option('--json', 'answer as JSON: the record for the members file')
    .action((options: KeyOptions) => answer(options, () => makeKey(options), keyInWords));
  network
    .command('members')
    .description('the members file, of the records that `network key` printed at each validator')
    .argument('<records...>', 'files with one record each, in the order of the Charter')
    .option(
      '--account <address>',
      'a relayer of a gateway, where nodes let in no other sender; may be repeated',
      (text: string, before: readonly Address[]) => [...before, address(text)],
      [],
    )
    .requiredOption('--out <file>', 'the members file, which is not there yet')
    .option('--json', 'answer as JSON')
    .action((records: readonly string[], options: MembersOptions) =>
      answer(options, () => makeMembers(records, options), membersInWords),
    );
}

function makeKey({ out, institution: own, host: at, port: behind, json }: KeyOptions) {
  const folder = path.dirname(path.resolve(out));
  fs.mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
  const others = keysNear(path.resolve(out));
  const key = secp256k1.utils.randomSecretKey();
  const record = validatorOf(key, own, at, behind);
  if (!writeNew(folder, path.basename(out), `${toHex(key)}\n`)) {
    throw new NotUnderstood(`${out} is there already: no key is written over.`);
  }
  if (others.length > 0) console.error(warningOf(others));
  return json ? record : Object.assign({ file: out }, record);
}

/** Keys beside it, and in the folders beside its own: who makes several on one machine keeps them like that. */
function keysNear(file: string): readonly string[] {
  const folder = path.dirname(file);
  const beside = namesIn(path.dirname(folder)).map((name) => path.join(path.dirname(folder), name));
  const folders = new Set([folder, ...beside]);
  return [...folders]
    .flatMap((one) => namesIn(one).map((name) => path.join(one, name)))
    .filter((one) => isKey(one));
}

function namesIn(folder: string): readonly string[] {
  try {
    return fs.readdirSync(folder).slice(0, MOST_LOOKED_AT);
  } catch {
    return []; // no folder, or not ours to read
  }
}

function isKey(file: string): boolean {
  try {
    const stat = fs.statSync(file);
    return stat.isFile() && stat.size <= MAX_KEY_BYTES && KEY_TEXT.test(fs.readFileSync(file, 'latin1'));
  } catch {
    return false; // not ours to read
  }
}

function warningOf(others: readonly string[]): string {
  return [
    '!!! THIS MACHINE HAS ANOTHER KEY OF A VALIDATOR !!!',
    ...others.map((one) => `    ${one}`),
    'Whoever has this machine seals for all of them, and when it stops they all stop. For a real network make each key on',
    'the machine of its own validator; like this it is for trying out.',
  ].join('\n');
}

function keyInWords(made: Validator & { readonly file?: string }): string {
  return [
    `written ${made.file}, for its owner alone; it never leaves this machine`,
    `validator ${made.validator}, institution ${made.institution}`,
    made.enode,
    `for the founding file: --validator ${made.validator}:${made.institution}`,
  ].join('\n');
}

function makeMembers(records: readonly string[], { account, out }: MembersOptions) {
  const members = { validators: records.map(recordIn), accounts: account };
  const hosts = sharedHosts(members);
  if (hosts.length > 0) console.error(hostsInWords(hosts));
  fs.writeFileSync(out, writeMembers(members), { flag: 'wx', mode: FILE_MODE });
  return Object.assign({ file: out }, members);
}

export function hostsInWords(hosts: readonly string[]): string {
  return `!!! SEVERAL VALIDATORS ON ONE MACHINE: ${hosts.join(', ')} !!!\nWhen it stops they all stop; for trying out only.`;
}

function membersInWords({ file, validators, accounts }: ReturnType<typeof makeMembers>): string {
  return [
    `written ${file}: ${validators.length} validators, ${accounts.length} accounts`,
    ...validators.map((one) => `--validator ${one.validator}:${one.institution}`),
  ].join('\n');
}

function host(text: string): string {
  if (!isIPv4(text))
    throw new InvalidArgumentError('An address such as 10.0.0.1: nodes know each other by no name.');
  return text;
}

function port(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text) || Number(text) > MAX_PORT) throw new InvalidArgumentError('A port.');
  return Number(text);
}
