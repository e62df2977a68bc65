/**
 * `kudurru recorder`: an institution's recorder key, and the roots and erasures that it swears to.
 *
 * Promises: the key is made of a seed and never printed; what is signed is shown; which ledger it is for is the trust
 * file's word, and where its notary stands the gateway's: a signature for another address counts nowhere.
 */
import type { Command } from 'commander';
import { Option } from 'commander';
import { type RegisterDomain, registerDomain } from '../server/domain/acts/domains.ts';
import { addressOfPrivateKey, deriveKey, signCompact } from '../server/domain/acts/signing.ts';
import { digest, digestOf } from '../server/domain/acts/typedData.ts';
import { readTrust } from '../server/domain/audit/trust.ts';
import { type Address, type Bytes32, fromHex, ZERO_32 } from '../server/domain/base/hex.ts';
import { refusal } from '../server/domain/base/refusal.ts';
import {
  type InstitutionId,
  type OfficerId,
  ROOT_KINDS,
  type RootKind,
} from '../server/domain/base/terms.ts';
import { NO_RECORDER, NOTARY_TYPES, type Recorder, rootMessage } from '../server/domain/notary/roots.ts';
import { keyHashOfAddress, possessionData } from '../server/domain/power/possession.ts';
import { type AnswerOptions, answer, asRecord, NotUnderstood, readText } from './answer.ts';
import { type Client, type Operation, Problem } from './client.ts';
import { clientOf, type GatewayOptions, whole, withGateway } from './gatewayOptions.ts';
import { bytes32 } from './options.ts';
import { type SeedOptions, seedOf, withSeed } from './seeds.ts';
import { confirm, say } from './terminal.ts';

const MAX_TRUST_BYTES = 65_536;
const MAX_IDS_BYTES = 65_536;
const DAY_SECONDS = 86_400;
const KINDS = ROOT_KINDS.filter((kind) => kind !== 'unspecified');

interface RecorderOptions extends SeedOptions, GatewayOptions {
  readonly trust: string;
  readonly institution: InstitutionId;
  readonly yes?: boolean;
}

interface RootOptions extends RecorderOptions {
  readonly kind: RootKind;
  readonly root: Bytes32;
  readonly lines: number;
}

interface NewestTold {
  readonly kind: RootKind;
  readonly index: string;
  readonly root: string;
  readonly lines: string;
  readonly day: number;
}

export function addRecorder(program: Command): void {
  const recorder = program
    .command('recorder')
    .description("an institution's recorder: its key, and the roots and erasures that it swears to");

  withRecorder(recorder.command('key'))
    .description('print the hash of the next recorder key and its proof, for `kudurru member recorder`')
    .action((options: RecorderOptions) => answer(options, () => keyRecord(options), asRecord));

  withRecorder(recorder.command('root'))
    .description('sign the next root of a kind and have it recorded')
    .addOption(new Option('--kind <kind>', 'what it is the root of').choices(KINDS).makeOptionMandatory())
    .requiredOption('--root <hash>', 'the root', bytes32)
    .requiredOption('--lines <count>', 'what it covers; never fewer than before', whole)
    .option('--yes', 'do not ask')
    .action((options: RootOptions) => answer(options, () => recordRoot(options), doneInWords));

  withRecorder(
    recorder
      .command('erase')
      .argument('[ids]', 'file with the random ids of the keys, one a line; all that are due at the gateway'),
  )
    .description('sign that data keys were destroyed, and have them counted')
    .option('--yes', 'do not ask')
    .action((file: string | undefined, options: RecorderOptions) =>
      answer(
        options,
        () => (file === undefined ? recordDue(options) : recordErasure(idsIn(file), options)),
        (done) => (done === undefined ? 'Nothing is due.' : doneInWords(done)),
      ),
    );

  withGateway(recorder.command('show'))
    .description('show the newest root of each kind that an institution had recorded')
    .requiredOption('--institution <number>', 'number of the institution', whole)
    .action((options: GatewayOptions & { institution: number }) =>
      answer(
        options,
        () => clientOf(options).ask<{ rows: NewestTold[] }>(`/institutions/${options.institution}/roots`),
        ({ rows }) =>
          rows
            .map(({ kind, index, root, lines }) => `${kind}  number ${index}  ${root}  over ${lines}`)
            .join('\n') || 'None.',
      ),
    );
}

function withRecorder(command: Command): Command {
  return withGateway(withSeed(command))
    .requiredOption('--trust <file>', 'trust file of the ledger')
    .requiredOption('--institution <number>', 'number of the institution', whole);
}

interface Opened {
  readonly client: Client;
  readonly domain: RegisterDomain;
  readonly recorder: Recorder;
  /** The key of an epoch; whoever asks wipes it. */
  keyOf(epoch: number): Uint8Array;
}

async function open(options: RecorderOptions): Promise<Opened> {
  const trust = readTrust(readText(options.trust, MAX_TRUST_BYTES));
  const client = clientOf(options);
  const told = await client.ask<{ genesisHash: string; contracts: { contract: string; address: Address }[] }>(
    '/ledger',
  );
  if (told.genesisHash !== trust.genesisHash) throw refusal('act-of-another-ledger');
  const notary = told.contracts.findLast(({ contract }) => contract === 'notary');
  if (notary === undefined) throw new NotUnderstood('The gateway names no notary.');
  const seed = await seedOf(options);
  const { institution } = options;
  return {
    client,
    domain: registerDomain('notary', trust, notary.address),
    recorder: await recorderTold(client, institution),
    keyOf: (epoch) => {
      const parts = [trust.genesisHash, word(institution), word(epoch)].map(fromHex);
      return deriveKey(seed, 'recorder', parts);
    },
  };
}

const word = (number: number): Bytes32 => `0x${number.toString(16).padStart(64, '0')}` as Bytes32;

async function recorderTold(client: Client, institution: number): Promise<Recorder> {
  try {
    const told = await client.ask<
      Record<'activeFrom' | 'stones', string> & { keyHash: Bytes32; epoch: number }
    >(`/institutions/${institution}/recorder`);
    const { keyHash, epoch, activeFrom, stones } = told;
    return { keyHash, epoch, activeFrom: BigInt(activeFrom), stones: BigInt(stones) };
  } catch (error) {
    if (error instanceof Problem && error.code === 'recorder-unknown') return NO_RECORDER;
    throw error;
  }
}

async function keyRecord(options: RecorderOptions) {
  const { domain, recorder, keyOf } = await open(options);
  const epoch = recorder.epoch + 1;
  const key = keyOf(epoch);
  const keyHash = keyHashOfAddress(addressOfPrivateKey(key));
  const { institution } = options;
  const possession = { officerId: ZERO_32 as Bytes32 as OfficerId, keyHash, epoch, institution };
  const signature = signCompact(digestOf(possessionData(domain, possession)), key);
  key.fill(0);
  return { keyHash, possession: signature };
}

async function recordRoot(options: RootOptions): Promise<Operation> {
  const opened = await open(options);
  const { client, recorder } = opened;
  const { institution, kind, root, lines } = options;
  const newest = await client.ask<{ rows: NewestTold[] }>(`/institutions/${institution}/roots`);
  const before = newest.rows.find((row) => row.kind === kind);
  const record = {
    institution,
    epoch: recorder.epoch,
    kind,
    index: BigInt(before?.index ?? 0) + 1n,
    root,
    lines: BigInt(lines),
    stones: kind === 'access-log' ? recorder.stones : 0n,
    day: Math.floor(Date.now() / 1000 / DAY_SECONDS),
  };
  say([
    `Swears that ${root} is root number ${record.index} of the ${kind} of institution ${institution}, over ${lines}.`,
  ]);
  const signature = await signed(opened, 'RootRecord', rootMessage(record), options);
  const { institution: _, index, stones, ...rest } = record;
  const body = { ...rest, index: Number(index), lines, stones: Number(stones), signature };
  return send(client, '/recorder/roots', body);
}

const idsIn = (file: string): readonly Bytes32[] =>
  readText(file, MAX_IDS_BYTES)
    .split(/\s+/)
    .filter(Boolean)
    .map(bytes32<Bytes32>)
    .toSorted();

/** Part after part, each once the one before it is in a block; undefined where nothing was due. */
async function recordDue(options: RecorderOptions): Promise<Operation | undefined> {
  let done: Operation | undefined;
  for (;;) {
    const { ids } = await clientOf(options).ask<{ ids: Bytes32[] }>('/recorder/erasures');
    if (ids.length === 0) return done;
    done = await recordErasure(ids, options);
  }
}

async function recordErasure(ids: readonly Bytes32[], options: RecorderOptions): Promise<Operation> {
  const opened = await open(options);
  const { client, recorder } = opened;
  const { institution } = options;
  const erasure = { institution, epoch: recorder.epoch, stonesBefore: recorder.stones, ids };
  say([`Swears that ${ids.length} data keys of institution ${institution} were destroyed.`]);
  const signature = await signed(opened, 'Erasure', erasure, options);
  const body = { epoch: erasure.epoch, stonesBefore: Number(recorder.stones), ids, signature };
  return send(client, '/recorder/erasures', body);
}

async function signed(
  { domain, recorder, keyOf }: Opened,
  type: 'RootRecord' | 'Erasure',
  message: Parameters<typeof digest>[3],
  { yes }: RecorderOptions,
) {
  if (yes !== true && !(await confirm('Sign exactly this?'))) throw refusal('signing-declined');
  const key = keyOf(recorder.epoch);
  if (keyHashOfAddress(addressOfPrivateKey(key)) !== recorder.keyHash) {
    throw refusal(recorder.keyHash === ZERO_32 ? 'recorder-unknown' : 'recorder-signature-invalid');
  }
  const signature = signCompact(digest(domain, NOTARY_TYPES, type, message), key);
  key.fill(0);
  return signature;
}

async function send(client: Client, path: string, body: object): Promise<Operation> {
  const { id } = await client.ask<Operation>(path, { method: 'POST', body });
  return client.settled(`/operations/${id}`);
}

const doneInWords = ({ blockNumber }: Operation & AnswerOptions): string =>
  `Recorded in block ${blockNumber}.`;
