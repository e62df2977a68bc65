/** `kudurru officer`: an officer's key and public record, the founding file, and (sign.ts) the independent signer. */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Address, type Bytes32, fromHex, parseHex, toHex, ZERO_32 } from '../server/domain/base/hex.ts';
import { refusal } from '../server/domain/base/refusal.ts';
import {
  type InstitutionId,
  type OfficeId,
  type OfficerId,
  ROLES,
  type Role,
} from '../server/domain/base/terms.ts';
import {
  FOUNDING_NODE,
  type Founding,
  type FoundingOfficer,
  foundingMissing,
  VERIFIED_KINDS,
  type VerifiedKind,
  votersOf,
} from '../server/domain/power/founding.ts';
import {
  foundingFingerprint,
  officerRecordJson,
  parseOfficerRecord,
  writeFounding,
} from '../server/domain/power/foundingFile.ts';
import { type AnswerOptions, answer, readText } from './answer.ts';
import type { KeyEntry } from './keyring.ts';
import { type KeysOptions, openOrFoundRing, openRing, withKeys } from './keys.ts';
import { addSign } from './sign.ts';

export function addOfficer(program: Command): void {
  const officer = program
    .command('officer')
    .description("an officer's key and public record, the founding file, and signing apart from the gateway");

  withRecord(withKeys(officer.command('new').argument('<name>', 'a name for the key, unique in the ring')))
    .description(
      "make an officer's key and print the public record that a founding file or appointment takes",
    )
    .option(
      '--replaces <officer>',
      'id of the officer whose key this one replaces; a new id without',
      officerId,
    )
    .action((name: string, options: RecordOptions & { replaces?: OfficerId }) =>
      answer(
        options,
        async () =>
          record((await openOrFoundRing(options)).create(name, 'officer', options.replaces), options),
        pretty,
      ),
    );

  withRecord(withKeys(officer.command('record').argument('<name>', 'name of the key')))
    .description('print the public record of an officer whose key is in the ring')
    .action((name: string, options: RecordOptions) =>
      answer(options, async () => record((await openRing(options)).get(name), options), pretty),
    );

  addSign(officer);
  addFounding(officer);
}

// ---- The public record --------------------------------------------------------------------------------------

interface RecordOptions extends KeysOptions {
  readonly institution: InstitutionId;
  readonly office: OfficeId;
  readonly roles: readonly Role[];
}

function withRecord(command: Command): Command {
  return command
    .requiredOption('--institution <number>', 'number of the institution, 1 to 127', institutionNumber)
    .requiredOption('--roles <roles>', ROLES_HELP, roleList)
    .option('--office <number>', 'the one office in scope; 0 is every office', office, 0 as OfficeId);
}

function record(entry: KeyEntry, { institution, office, roles }: RecordOptions): object {
  if (entry.kind !== 'officer') throw refusal('key-of-another-kind');
  const keyHash = toHex(keccak_256(fromHex(entry.address))) as Bytes32;
  const key = { kind: 'secp256k1', keyHash, rpIdHash: ZERO_32, requireUV: false } as const;
  return officerRecordJson({ officer: entry.officer, institution, office, roles, key });
}

function pretty(value: object): string {
  return JSON.stringify(value, undefined, 2);
}

// ---- The founding file --------------------------------------------------------------------------------------

const DAY_SECONDS = 86_400;
/** Many times what a record has. */
const MAX_RECORD_BYTES = 16_384;

interface FoundingOptions extends AnswerOptions {
  readonly institution: Founding['institutions'];
  readonly office: Founding['offices'];
  readonly officer: readonly string[];
  readonly verifier: readonly VerifiedKind[];
  readonly validator: Founding['validators'];
  readonly quorum?: number;
  readonly wideningWaitDays: number;
  readonly appointmentWaitDays: number;
  readonly out: string;
}

function addFounding(officer: Command): void {
  officer
    .command('founding')
    .description("write a founding file from officers' public records")
    .requiredOption(
      '--institution <number:roles>',
      'an institution and the roles it may give, once for each; with `vote` it is a member',
      institutionList,
    )
    .option(
      '--office <number:institution>',
      'an office and the institution that keeps it, once for each: only its officers register land there',
      officeList,
      [],
    )
    .requiredOption('--officer <file>', "an officer's public record, once for each", gathered)
    .addOption(
      new Option('--verifier <kind>', 'kinds of key allowed besides secp256k1, once for each')
        .argParser(kindList)
        .default([]),
    )
    .option(
      '--validator <address:institution>',
      'a validator of the network and the institution that runs it, once for each, in the order of the Charter; ' +
        'without it the node that founds seals alone, for the first institution',
      validatorList,
      [],
    )
    .option('--quorum <votes>', 'votes that decide; without it more than half of the members', whole)
    .option('--widening-wait-days <days>', 'from a vote to what widens power; 0 only to try it out', whole, 7)
    .option(
      '--appointment-wait-days <days>',
      'from an appointment to its first signature; likewise',
      whole,
      1,
    )
    .requiredOption('--out <file>', 'the file to write; one that exists is left alone')
    .option('--json', 'answer as JSON')
    .action((options: FoundingOptions) => answer(options, () => found(options), foundInWords));
}

interface Found {
  readonly file: string;
  readonly fingerprint: Bytes32;
  readonly phase: 'founding' | 'seated';
  readonly missing: readonly string[];
}

function found(options: FoundingOptions): Found {
  const founding = foundingOf(options);
  fs.writeFileSync(options.out, writeFounding(founding), { flag: 'wx' });
  const missing = foundingMissing(founding);
  return {
    file: options.out,
    fingerprint: foundingFingerprint(founding),
    phase: founding.quorum > 1 ? 'seated' : 'founding',
    missing,
  };
}

function foundingOf(options: FoundingOptions): Founding {
  const officers: FoundingOfficer[] = options.officer.map((file) =>
    parseOfficerRecord(readText(file, MAX_RECORD_BYTES)),
  );
  const founding: Founding = {
    ledgerNonce: toHex(randomBytes(32)) as Bytes32,
    institutions: options.institution,
    officers,
    verifiers: VERIFIED_KINDS.filter((kind) => options.verifier.includes(kind)),
    offices: options.office,
    policies: [],
    validators: validatorsOf(options),
    quorum: 0,
    wideningWaitSeconds: options.wideningWaitDays * DAY_SECONDS,
    appointmentWaitSeconds: options.appointmentWaitDays * DAY_SECONDS,
  };
  return { ...founding, quorum: options.quorum ?? Math.floor(votersOf(founding).length / 2) + 1 };
}

/** Those named; else the node that founds seals alone, for the first institution. */
function validatorsOf({ validator, institution: [first] }: FoundingOptions): Founding['validators'] {
  if (validator.length > 0 || first === undefined) return validator;
  return [{ validator: FOUNDING_NODE, institution: first.institution }];
}

function foundInWords({ file, fingerprint, phase, missing }: Found): string {
  return [
    `Written: ${file}`,
    `Fingerprint, to read out to the other institutions: ${fingerprint}`,
    `The consortium begins in the ${phase} phase.`,
    ...(missing.length === 0 ? [] : ['Missing for the seated phase:', ...missing.map((one) => `  ${one}`)]),
  ].join('\n');
}

// ---- What options mean --------------------------------------------------------------------------------------

const ROLES_HELP = `roles, separated by commas, or \`all\`: ${ROLES.join(', ')}`;

function roleList(text: string): Role[] {
  const given = text === 'all' ? [...ROLES] : text.split(',');
  const unknown = given.find((role) => !ROLES.some((one) => one === role));
  if (unknown !== undefined) throw new InvalidArgumentError(`There is no such role. ${ROLES_HELP}.`);
  return ROLES.filter((role) => given.includes(role));
}

function institutionList(text: string, before: Founding['institutions'] = []): Founding['institutions'] {
  const [number = '', roles = '', ...rest] = text.split(':');
  if (rest.length > 0) throw new InvalidArgumentError('Write the number, a colon, and the roles.');
  return [...before, { institution: institutionNumber(number), roles: roleList(roles) }];
}

function officeList(text: string, before: Founding['offices']): Founding['offices'] {
  const [number = '', keeper = '', ...rest] = text.split(':');
  if (rest.length > 0) throw new InvalidArgumentError('Write the office, a colon, and the institution.');
  return [...before, { office: office(number), keeper: institutionNumber(keeper) }];
}

function validatorList(text: string, before: Founding['validators']): Founding['validators'] {
  const [address = '', keeper = '', ...rest] = text.split(':');
  const validator = parseHex(address.toLowerCase(), 20);
  if (validator === undefined || rest.length > 0) {
    throw new InvalidArgumentError('Write the address, a colon, and the institution.');
  }
  return [...before, { validator: validator as Address, institution: institutionNumber(keeper) }];
}

function gathered(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

function kindList(text: string, before: readonly VerifiedKind[]): VerifiedKind[] {
  const kind = VERIFIED_KINDS.find((one) => one === text);
  if (kind === undefined) throw new InvalidArgumentError(`One of ${VERIFIED_KINDS.join(', ')}.`);
  return [...before, kind];
}

function whole(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('A whole number.');
  return Number(text);
}

function institutionNumber(text: string): InstitutionId {
  const number = whole(text);
  if (number < 1 || number > 127) throw new InvalidArgumentError('A number from 1 to 127.');
  return number as InstitutionId;
}

function office(text: string): OfficeId {
  if (!/^\d{1,10}$/.test(text) || Number(text) >= 2 ** 32)
    throw new InvalidArgumentError('A number of 32 bits.');
  return Number(text) as OfficeId;
}

function officerId(text: string): OfficerId {
  const id = parseHex(text, 32);
  if (id === undefined) throw new InvalidArgumentError('The 32 bytes of an officer id, in hex.');
  return id as OfficerId;
}
