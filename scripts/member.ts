/**
 * `kudurru member`: what an institution does in the consortium, over the API of a gateway.
 *
 * Each command that prepares something writes the file that an officer signs apart from the gateway (`officer sign`);
 * `hand-in` takes the signature back. It holds no key, and the gateway's token alone.
 */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { digestOf, type TypedStruct } from '../server/domain/acts/typedData.ts';
import { type Bytes32, toHex, ZERO_32 } from '../server/domain/base/hex.ts';
import { isolated } from '../server/domain/base/quoted.ts';
import { MEASURE_KINDS, ROLES, SCOPES } from '../server/domain/base/terms.ts';
import { POWER_TYPES } from '../server/domain/power/acts.ts';
import { parseOfficerRecord } from '../server/domain/power/foundingFile.ts';
import { actInWords, readActFile } from '../server/domain/signer/actFile.ts';
import { readBeside } from '../server/domain/signer/beside.ts';
import { answer, NotUnderstood, readText } from './answer.ts';
import type { Operation } from './client.ts';
import {
  clientOf,
  type GatewayOptions,
  gathered,
  MAX_RECORD_BYTES,
  whole,
  withGateway,
} from './gatewayOptions.ts';
import { MEASURE_HELP, requireFields } from './measureFields.ts';
import { addMemberLists, cautionWords, type Obstacle, obstacleWords } from './memberLists.ts';
import { actId, actIn, bytes32, officerId } from './options.ts';
import { directoryNameIn } from './registerNames.ts';
import { asTyped } from './typedPlaces.ts';

export interface PrepareOptions extends GatewayOptions {
  readonly by: string;
  readonly epoch: number;
  readonly out: string;
}

export interface ActOptions extends PrepareOptions {
  readonly office: number;
  readonly days: number;
}

interface OfCase {
  readonly case?: string;
  readonly suspectSince?: number;
}

interface Stop extends OfCase {
  readonly scope: readonly string[];
  readonly hours: number;
}

interface Prepared {
  readonly id: string;
  readonly file: string;
  readonly sentence: string;
  readonly missing: readonly string[];
  readonly obstacle?: Obstacle;
  readonly caution?: Obstacle;
}

interface ActAnswer {
  readonly id: string;
  readonly missing: readonly string[];
  readonly operation?: string;
  readonly recordedFrom?: string;
  readonly prepared: object;
  /** What the gateway knows of the act beside what is signed: the currency of its programme, the people of its list. */
  readonly beside?: object;
  readonly obstacle?: Obstacle;
  readonly caution?: Obstacle;
}

const AN_ACT = 'the file of the prepared act, or its id: one that is not recorded';
const AN_OFFICER = 'public record of the officer, or the id';
const MAX_ACT_BYTES = 32 * 2 ** 20;
const DAY_SECONDS = 86_400;
/** Longer than anything may wait for its officers. */
const MOST_DAYS = 36_500;
const HOUR_SECONDS = 3_600;

export function addMember(program: Command): void {
  const member = program
    .command('member')
    .description('what an institution does in the consortium: officers, keys, votes, pauses, withdrawals');
  addOfficers(member);
  addPauses(member);
  addVotes(member);
  addHandIn(member);
  addMemberLists(member);
}

// ---- Officers and their keys --------------------------------------------------------------------------------

function addOfficers(member: Command): void {
  ofAct(
    member
      .command('appoint')
      .argument('<record>', 'public record of the officer, from `officer new --trust`'),
  )
    .description('prepare the appointment of an officer, for two admins to sign')
    .action((record: string, options: ActOptions) =>
      prepare(options, 'appointments', () => ({ ...headIn(options), officer: jsonIn(record) })),
    );
  ofAct(member.command('rotate').argument('<key>', 'the key that `officer key` printed'))
    .description("prepare the change of an officer's key, for two admins to sign")
    .action((key: string, options: ActOptions) =>
      prepare(options, 'key-changes', () => ({ ...headIn(options), key: jsonIn(key) })),
    );
  ofCase(ofAct(member.command('revoke').argument('<officer>', AN_OFFICER, officerId)), true)
    .description('prepare the end of an officer, at once and for good, for two admins to sign')
    .action((officer: Bytes32, options: ActOptions & OfCase) =>
      prepare(options, 'revocations', () => ({ ...headIn(options), officer, ...caseIn(options) })),
    );
  ofCase(ofAct(member.command('free').argument('<officer>', AN_OFFICER, officerId)))
    .description("prepare the end of an officer's suspension, for two admins to sign")
    .action((officer: Bytes32, options: ActOptions & OfCase) =>
      prepare(options, 'officer-releases', () => ({ ...headIn(options), officer, ...caseIn(options) })),
    );
  ofCase(ofOrder(member.command('suspend').argument('<officer>', AN_OFFICER, officerId)))
    .description('prepare the suspension of a colleague, for one officer with the role revoke to sign')
    .addOption(hours(72))
    .action((officer: Bytes32, options: PrepareOptions & OfCase & { hours: number }) =>
      prepare(options, 'suspensions', () => {
        const { officer: revoker, epoch: revokerEpoch } = orderIn(options);
        return { revoker, revokerEpoch, officer, until: inHours(options.hours), ...caseIn(options) };
      }),
    );
  ofCase(ofOrder(member.command('resign')), true)
    .description("prepare the end of an officer's own record, for that officer to sign")
    .action((options: PrepareOptions & OfCase) =>
      prepare(options, 'resignations', () => ({ ...orderIn(options), ...caseIn(options) })),
    );
  ofAct(
    member.command('recorder').argument('<file>', 'JSON with the keyHash and the possession of the new key'),
  )
    .description("prepare the appointment of the institution's recorder key, for two admins to sign")
    .action((file: string, options: ActOptions) =>
      prepare(options, 'recorders', () => ({ ...headIn(options), ...jsonIn(file) })),
    );
  ofAct(member.command('end-recorder'))
    .description("prepare the end of the institution's recorder key, for two admins to sign")
    .action((options: ActOptions) => prepare(options, 'recorder-ends', () => headIn(options)));
  ofOrder(member.command('withdraw').argument('<act>', AN_ACT, actId))
    .description(
      'prepare that an act which was signed is taken back on the ledger, for one of its officers to sign',
    )
    .action((act: Bytes32, options: PrepareOptions) =>
      prepare(options, 'withdrawals', () => ({ ...orderIn(options), act })),
    );
}

// ---- Pauses -------------------------------------------------------------------------------------------------

function addPauses(member: Command): void {
  ofStop(ofOrder(member.command('pause')))
    .description('prepare a pause by one officer, for 72 hours at most and never of redemption')
    .addOption(hours(72))
    .action((options: PrepareOptions & Stop) =>
      prepare(options, 'short-pauses', () => ({ ...orderIn(options), ...stopIn(options) })),
    );
  ofStop(ofAct(member.command('pause-long')))
    .description('prepare a pause by officers of two institutions, for 90 days at most')
    .addOption(hours(24 * 90))
    .action((options: ActOptions & Stop) =>
      prepare(options, 'long-pauses', () => ({ ...headIn(options), ...stopIn(options) })),
    );
  ofStop(ofAct(member.command('unpause')))
    .description('prepare the end of a pause: by two officers, of two institutions where two had paused')
    .action((options: ActOptions & Stop) =>
      prepare(options, 'pause-ends', () => ({
        ...headIn(options),
        scopes: options.scope,
        ...caseIn(options),
      })),
    );
}

// ---- Votes --------------------------------------------------------------------------------------------------

interface ProposeOptions extends PrepareOptions {
  readonly set: Readonly<Record<string, unknown>>;
  readonly officer: readonly string[];
  readonly votingDays: number;
}

interface VoteOptions extends PrepareOptions {
  readonly against?: boolean;
  readonly officer: readonly string[];
}

function addVotes(member: Command): void {
  const kinds = MEASURE_KINDS.filter((kind) => kind !== 'unspecified');
  ofOrder(member.command('propose').argument('<kind>', kinds.join(', '), oneOf(kinds)))
    .description(
      'prepare the first vote on a measure, for an officer with the role vote to sign; it opens the measure',
    )
    .option(
      '--set <field=value>',
      'a field of the measure, once for each: institution=2, roles=vote,pause',
      field,
      {},
    )
    .option('--officer <record>', 'public record of an officer it appoints, once for each', gathered, [])
    .option('--voting-days <days>', 'how long voting stays open, 1 to 60', between(1, 60), 14)
    .addHelpText('after', MEASURE_HELP)
    .action((kind: string, options: ProposeOptions) =>
      prepare(options, 'votes', () => {
        requireFields(kind, options.set);
        return {
          ...orderIn(options),
          proposal: { kind, ...options.set },
          officers: options.officer.map(jsonIn),
          closesAt: inHours(24 * options.votingDays),
          salt: salt(),
        };
      }),
    );
  ofOrder(
    member.command('vote').argument('<measure>', 'id of the measure, or the file of a vote on it', measureId),
  )
    .description("prepare a member's vote on a measure, for an officer with the role vote to sign")
    .option('--against', 'against it, for good; it counts until the measure is carried out')
    .option('--officer <record>', 'whom it appoints, where the gateway does not know', gathered, [])
    .action((measure: Bytes32, options: VoteOptions) =>
      prepare(options, 'votes', () => ({
        ...orderIn(options),
        measure,
        inFavour: options.against !== true,
        officers: options.officer.map(jsonIn),
      })),
    );
  const steps = [
    ['execute', 'execution', 'carry out a measure that has its votes and has waited'],
    ['reschedule', 'rescheduling', 'begin the wait of a measure anew, after who decides was changed'],
    ['lapse', 'lapse', 'close a measure whose time is over'],
  ] as const;
  for (const [name, place, description] of steps) {
    const command = withGateway(
      member.command(name).argument('<measure>', 'id of the measure, or the file of a vote on it', measureId),
    );
    command.description(description);
    if (name === 'execute') {
      command.option('--officer <record>', 'whom it appoints, where the gateway does not know', gathered, []);
    }
    command.action((measure: Bytes32, options: GatewayOptions & { officer?: readonly string[] }) =>
      answer(
        options,
        async () => {
          const client = clientOf(options);
          const body = name === 'execute' ? { officers: (options.officer ?? []).map(jsonIn) } : {};
          const { id } = await client.ask<Operation>(`/measures/${measure}/${place}`, {
            method: 'POST',
            body,
          });
          return client.settled(`/operations/${id}`);
        },
        ({ blockNumber }) => `Done, in block ${blockNumber}.`,
      ),
    );
  }
}

// ---- Handing in ---------------------------------------------------------------------------------------------

export function addHandIn(command: Command): void {
  withGateway(
    command
      .command('hand-in')
      .argument('<act>', 'the prepared act, as the gateway answered it')
      .argument('<signature>', 'what `officer sign --out` wrote, or `holder consent --out`'),
  )
    .description('hand in a signature; with the last one the act is carried out')
    .action((act: string, signature: string, options: GatewayOptions) =>
      answer(options, () => handIn(act, signature, options), handedInWords),
    );
}

interface HandedIn {
  readonly id: string;
  readonly missing: readonly string[];
  readonly recordedFrom?: string | undefined;
  readonly blockNumber?: string | undefined;
}

async function handIn(act: string, signature: string, options: GatewayOptions): Promise<HandedIn> {
  const { id } = readActFile(readText(act, MAX_ACT_BYTES));
  const client = clientOf(options);
  const body = jsonIn(signature);
  const { missing, operation, recordedFrom } = await client.ask<ActAnswer>(`/acts/${id}/signatures`, {
    method: 'POST',
    body,
  });
  if (operation === undefined) return { id, missing, recordedFrom };
  const { blockNumber } = await client.settled(operation);
  return { id, missing, blockNumber };
}

function handedInWords({ missing, recordedFrom, blockNumber }: HandedIn): string {
  if (blockNumber !== undefined) return `Recorded in block ${blockNumber}.`;
  return missing.length > 0
    ? `Taken; still to sign: ${missing.join(', ')}.`
    : `Taken; all have signed. It is recorded by itself from ${recordedFrom} on.`;
}

// ---- Preparing ----------------------------------------------------------------------------------------------

export function prepare(options: PrepareOptions, collection: string, body: () => object): Promise<void> {
  return answer(
    options,
    async (): Promise<Prepared> => {
      const sent = { method: 'POST', body: body() } as const;
      const told = await clientOf(options)
        .ask<ActAnswer>(`/acts/${collection}`, sent)
        .catch((error: unknown) => {
          throw asTyped(error, collection);
        });
      const { id: of, prepared, beside = {}, obstacle, caution } = told;
      const isAlone = Object.keys(beside).length === 0;
      const text = JSON.stringify(isAlone ? prepared : { id: of, prepared, beside });
      const [sentence = ''] = actInWords(readActFile(text), readBeside(text, MAX_ACT_BYTES));
      fs.writeFileSync(options.out, `${text}\n`, { flag: 'wx', mode: 0o600 });
      const { id, missing } = told;
      return {
        id,
        file: options.out,
        sentence,
        missing,
        ...(obstacle && { obstacle }),
        ...(caution && { caution }),
      };
    },
    ({ id, file, sentence, missing, obstacle, caution }) =>
      [
        isolated(sentence),
        ...obstacleWords(obstacle),
        ...cautionWords(caution),
        `Written: ${file}, act ${id}`,
        `To sign: ${missing.join(', ')}`,
      ].join('\n'),
  );
}

/** What one officer signs. */
function ofOrder(command: Command): Command {
  return withGateway(command)
    .requiredOption('--by <record>', 'public record of the officer who signs first')
    .option('--epoch <number>', 'epoch of the key that signs: 1 is the first key, 2 the spare', whole, 1)
    .requiredOption('--out <file>', 'write the file to sign there; one that exists is left alone');
}

/** What two officers sign. */
export function ofAct(command: Command): Command {
  return ofOrder(command)
    .option('--office <number>', 'office of the officer it is about; 0 is every office', whole, 0)
    .option('--days <days>', 'within how many days it may be recorded', between(1, MOST_DAYS), 14);
}

function ofCase(command: Command, isSuspicion = false): Command {
  command.option('--case <number>', 'number of the case; the ledger holds a salted commitment to it');
  if (!isSuspicion) return command;
  return command.option(
    '--suspect-since <time>',
    'from when a key may have been in other hands, ISO 8601',
    seconds,
  );
}

function ofStop(command: Command): Command {
  return ofCase(command).requiredOption('--scope <scope>', `once for each: ${SCOPES.join(', ')}`, scopes);
}

const hours = (most: number) =>
  new Option('--hours <hours>', `for how long, 1 to ${most}`)
    .argParser(between(1, most))
    .makeOptionMandatory();

function orderIn({ by, epoch }: PrepareOptions) {
  return { officer: parseOfficerRecord(readText(by, MAX_RECORD_BYTES)).officer, epoch };
}

/** What the officer's own device writes at the beginning of an act. */
export function headIn(options: ActOptions) {
  const { officer: preparer, epoch: preparerEpoch } = orderIn(options);
  const deadline = nowSeconds() + options.days * DAY_SECONDS;
  const head = {
    office: options.office,
    preparer,
    preparerEpoch,
    notBefore: 0,
    deadline,
    effectiveOn: 0,
    salt: salt(),
    sourcesRoot: ZERO_32,
    corrects: ZERO_32,
  };
  return { head };
}

function caseIn({ case: caseNumber, suspectSince }: OfCase) {
  return {
    ...(caseNumber === undefined ? {} : { caseNumber }),
    ...(suspectSince === undefined ? {} : { suspectSince }),
  };
}

function stopIn(options: Stop) {
  return { scopes: options.scope, until: inHours(options.hours), ...caseIn(options) };
}

const salt = () => toHex(randomBytes(16));
const nowSeconds = () => Math.floor(Date.now() / 1000);
const inHours = (count: number) => nowSeconds() + count * HOUR_SECONDS;

export function jsonIn(file: string): object {
  try {
    const value: unknown = JSON.parse(readText(file, MAX_RECORD_BYTES));
    if (typeof value === 'object' && value !== null) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new NotUnderstood(`${file} is not a record in JSON.`);
}

// ---- What options mean --------------------------------------------------------------------------------------

/** An id, or the measure that a vote's file is about. */
function measureId(text: string): Bytes32 {
  if (!fs.existsSync(text)) return bytes32(text);
  const { act } = actIn(text);
  if (act.primaryType !== 'Vote') throw new InvalidArgumentError('The file of a vote.');
  const message = act.message.measure as TypedStruct;
  return digestOf({ domain: act.domain, types: POWER_TYPES, primaryType: 'Measure', message });
}

const between = (least: number, most: number) => (text: string) => {
  const number = whole(text);
  if (number < least || number > most) throw new InvalidArgumentError(`From ${least} to ${most}.`);
  return number;
};

function seconds(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new InvalidArgumentError('A moment as 2026-01-31T12:00:00Z.');
  return Math.floor(ms / 1000);
}

function oneOf(all: readonly string[]) {
  return (text: string) => {
    if (!all.includes(text)) throw new InvalidArgumentError(`One of ${all.join(', ')}.`);
    return text;
  };
}

function scopes(text: string, before: readonly string[] = []): string[] {
  return [...before, oneOf(SCOPES)(text)];
}

/** Amounts are text in JSON, and every other number is a number. */
const TEXTS: ReadonlySet<string> = new Set(['value', 'policy']);

function field(text: string, before: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const [, name = '', value = ''] = /^([a-zA-Z]+)=(.+)$/.exec(text) ?? [];
  if (name === '') throw new InvalidArgumentError('Write the field, =, and its value.');
  if (name === 'roles') return { ...before, roles: rolesIn(value) };
  if (name === 'officer') return { ...before, officer: officerId(value) };
  if (name === 'register') return { ...before, register: directoryNameIn(value) };
  const isNumber = /^\d{1,15}$/.test(value) && !TEXTS.has(name);
  return { ...before, [name]: isNumber ? Number(value) : value };
}

function rolesIn(text: string): string[] {
  const given = text === 'all' ? [...ROLES] : text.split(',');
  const unknown = given.find((role) => !ROLES.some((one) => one === role));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`There is no such role. Roles: ${ROLES.join(', ')}.`);
  return ROLES.filter((role) => given.includes(role));
}
