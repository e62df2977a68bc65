/** `kudurru officer`: an officer's key and public record, the founding file, and (sign.ts) the independent signer. */
import fs from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { registerDomain } from '../server/domain/acts/domains.ts';
import type { TypedDomain } from '../server/domain/acts/typedData.ts';
import { readTrust } from '../server/domain/audit/trust.ts';
import { type Address, type Bytes32, parseHex } from '../server/domain/base/hex.ts';
import {
  type InstitutionId,
  type OfficeId,
  type OfficerId,
  ROLES,
  type Role,
} from '../server/domain/base/terms.ts';
import { END_WITHOUT_NOTICE_POLICY } from '../server/domain/benefits/policies.ts';
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
import { foundingDomain } from '../server/domain/power/possession.ts';
import { type AnswerOptions, answer, asRecord, NotUnderstood, readText } from './answer.ts';
import { gathered } from './gatewayOptions.ts';
import type { Keyring } from './keyring.ts';
import { type KeysOptions, openOrFoundRing, openRing, withKeys } from './keys.ts';
import { makeOfficerKeys, officerRecordOf, provenKey } from './officerRecord.ts';
import { officerId } from './options.ts';
import { addSign } from './sign.ts';

export function addOfficer(program: Command): void {
  const officer = program
    .command('officer')
    .description("an officer's key and public record, the founding file, and signing apart from the gateway");

  withRecord(withKeys(officer.command('new').argument('<name>', 'a name for the key, unique in the ring')))
    .description(
      "make an officer's two keys and print the public record that a founding file or appointment takes",
    )
    .action((name: string, options: RecordOptions) =>
      answer(
        options,
        async () => {
          const rings = await ringsOf(options, openOrFoundRing);
          makeOfficerKeys(name, rings.ring, rings.spareRing);
          return record(name, rings, options);
        },
        asRecord,
      ),
    );

  withRecord(withKeys(officer.command('record').argument('<name>', 'name of the first key')))
    .description('print the public record of an officer whose keys are in the rings')
    .action((name: string, options: RecordOptions) =>
      answer(options, async () => record(name, await ringsOf(options, openRing), options), asRecord),
    );

  withLedger(withKeys(officer.command('key').argument('<name>', 'a name for the key, unique in the ring')))
    .description(
      'make the key that replaces one of an officer and print what the two admins put into the act',
    )
    .requiredOption('--officer <officer>', 'id of the officer, or the file of the public record', officerId)
    .requiredOption('--institution <number>', 'number of the institution, 1 to 127', institutionNumber)
    .requiredOption(
      '--epoch <number>',
      'epoch that the new key begins: two more than the one it replaces',
      whole,
    )
    .action((name: string, options: KeyOptions) =>
      answer(
        options,
        async () => {
          const ring = await openOrFoundRing(options);
          const { officer: id, epoch, institution } = options;
          ring.create(name, 'officer', id);
          const key = provenKey(ring, name, { domain: domainOf(options), epoch, institution });
          return { format: KEY_FORMAT, officer: id, epoch, key };
        },
        asRecord,
      ),
    );

  addSign(officer);
  addFounding(officer);
}

// ---- The public record --------------------------------------------------------------------------------------

const KEY_FORMAT = 'kudurru-officer-key-1';

interface LedgerOptions extends KeysOptions {
  readonly ledgerNonce?: Bytes32;
  readonly trust?: string;
}

interface RecordOptions extends LedgerOptions {
  readonly spareKeys?: string;
  readonly institution: InstitutionId;
  readonly office: OfficeId;
  readonly roles: readonly Role[];
}

interface KeyOptions extends LedgerOptions {
  readonly officer: OfficerId;
  readonly institution: InstitutionId;
  readonly epoch: number;
}

interface Rings {
  readonly ring: Keyring;
  readonly spareRing: Keyring;
}

function withLedger(command: Command): Command {
  return command
    .option('--ledger-nonce <nonce>', 'the nonce that the founding institutions agreed on', nonce)
    .option('--trust <file>', 'trust file of a ledger there is, instead of the nonce');
}

function withRecord(command: Command): Command {
  return withLedger(command)
    .requiredOption('--institution <number>', 'number of the institution, 1 to 127', institutionNumber)
    .requiredOption('--roles <roles>', ROLES_HELP, roleList)
    .option('--office <number>', 'the one office in scope; 0 is every office', office, 0 as OfficeId)
    .option('--spare-keys <dir>', 'folder of the ring with the spare key, kept elsewhere; the same without');
}

async function ringsOf(
  options: RecordOptions,
  open: (options: KeysOptions) => Promise<Keyring>,
): Promise<Rings> {
  const ring = await open(options);
  const { spareKeys: keys } = options;
  return { ring, spareRing: keys === undefined ? ring : await open({ ...options, keys }) };
}

function record(name: string, rings: Rings, options: RecordOptions): object {
  const { institution, office, roles } = options;
  const at = Object.assign({ domain: domainOf(options) }, rings);
  return officerRecordJson(officerRecordOf(name, at, { institution, office, roles }));
}

/** Where the keys sign that they are the officer's: of the founding to come, or of the consortium there is. */
function domainOf({ ledgerNonce, trust }: LedgerOptions): TypedDomain {
  if ((ledgerNonce === undefined) === (trust === undefined)) {
    throw new NotUnderstood(
      'Give either --ledger-nonce, before a founding, or --trust, on a ledger there is.',
    );
  }
  if (trust === undefined) return foundingDomain(ledgerNonce as Bytes32);
  const ledger = readTrust(readText(trust, MAX_TRUST_BYTES));
  return registerDomain('consortium', ledger, ledger.contracts.consortium.address);
}

// ---- The founding file --------------------------------------------------------------------------------------

const DAY_SECONDS = 86_400;
/** Many times what a record has. */
const MAX_RECORD_BYTES = 16_384;
const MAX_TRUST_BYTES = 65_536;

interface FoundingOptions extends AnswerOptions {
  readonly institution: Founding['institutions'];
  readonly office: Founding['offices'];
  readonly officer: readonly string[];
  readonly verifier: readonly VerifiedKind[];
  readonly validator: Founding['validators'];
  readonly quorum?: number;
  readonly wideningWaitDays: number;
  readonly appointmentWaitDays: number;
  readonly withoutNotice?: boolean;
  readonly ledgerNonce: Bytes32;
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
    .option('--without-notice', 'sales of aid begin with a release and end at once; only to try it out')
    .option('--widening-wait-days <days>', 'from a vote to what widens power; 0 only to try it out', whole, 7)
    .option(
      '--appointment-wait-days <days>',
      'from an appointment to its first signature; likewise',
      whole,
      1,
    )
    .requiredOption(
      '--ledger-nonce <nonce>',
      "the 32 random bytes for which the officers' keys signed",
      nonce,
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
    ledgerNonce: options.ledgerNonce,
    institutions: options.institution,
    officers,
    verifiers: VERIFIED_KINDS.filter((kind) => options.verifier.includes(kind)),
    offices: options.office,
    policies: options.withoutNotice === true ? [{ name: END_WITHOUT_NOTICE_POLICY, value: 1n }] : [],
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

function nonce(text: string): Bytes32 {
  const bytes = parseHex(text, 32);
  if (bytes === undefined || /^0x0*$/.test(text)) throw new InvalidArgumentError('32 random bytes, in hex.');
  return bytes as Bytes32;
}
