/**
 * `kudurru card read`, `holder read` and `lender read`: a person's own record, with the card, or with the seed of her card,
 * her holdings or her instruments.
 *
 * Promises: what is signed is made here, for the ledger of the trust file, and is no word of the gateway's; the seed stays
 * in its ring or on its card, and no secret is printed or sent.
 */
import type { Command } from 'commander';
import {
  holdingKey,
  instrumentKey,
  SEED_KEY_KINDS,
  type SeedKeyKind,
  type ShownKey,
  signShown,
} from '../server/domain/acts/signing.ts';
import { digestOf } from '../server/domain/acts/typedData.ts';
import { readTrust, type TrustFile } from '../server/domain/audit/trust.ts';
import type { Bytes32 } from '../server/domain/base/hex.ts';
import { refusal } from '../server/domain/base/refusal.ts';
import type { BAUnitId, InstrumentId, ProgrammeId } from '../server/domain/base/terms.ts';
import { keyOfCard } from '../server/domain/benefits/deviceKeys.ts';
import { heldForInstrument } from '../server/domain/people/heldKeys.ts';
import { type OwnPlace, ownReading } from '../server/domain/people/ownProof.ts';
import { type AnswerOptions, answer, asRecord, NotUnderstood, readText } from './answer.ts';
import { addCard, cardIn } from './card.ts';
import { openCard } from './cardFile.ts';
import { type Client, Problem } from './client.ts';
import { type GatewayUrlOptions, strangerTo, whole, withGatewayUrl } from './gatewayOptions.ts';
import { addHolder } from './holder.ts';
import { bytes32, kindOption } from './options.ts';
import { type OwnRecord, ownRecordInWords, readingsInWords } from './ownRecord.ts';
import { addPasskey } from './passkey.ts';
import { type SeedOptions, seedOf, withSeed } from './seeds.ts';
import { askPin, askSought } from './terminal.ts';

const MAX_TRUST_BYTES = 65_536;

interface OwnOptions extends GatewayUrlOptions, SeedOptions {
  readonly trust: string;
  readonly before?: number;
}

interface CardOptions extends OwnOptions {
  readonly card?: string;
  readonly programme?: ProgrammeId;
  readonly epoch?: number;
  readonly index?: number;
}

interface HoldingOptions extends OwnOptions {
  readonly unit: BAUnitId;
  readonly holding: number;
  readonly firstUnit?: BAUnitId;
  readonly firstHolding?: number;
}

interface ChargeOptions extends OwnOptions {
  readonly unit: BAUnitId;
  readonly restriction: number;
  readonly instrument: InstrumentId;
}

interface RecordOptions extends AnswerOptions, SeedOptions {
  readonly trust: string;
  readonly instrument: InstrumentId;
  readonly kind: SeedKeyKind;
}

/** The key that signs, and of a holding or charge the salt that its hash was made with. */
interface OwnKey extends ShownKey {
  readonly salt?: Bytes32;
}

/** A place with every key that may be the one it has: which kind, only the ledger says. */
interface Own {
  readonly place: OwnPlace;
  readonly keys: readonly OwnKey[];
}

export function addOwnData(program: Command): void {
  const card = program
    .command('card')
    .description('cards as an agency makes them, and what a person may do with her own');
  addCard(card);
  withOwn(card.command('read').argument('[seed]', 'name of the seed of the card in the ring'))
    .description('show what is recorded of the person whose card it is, what is left to her, and who read it')
    .option(
      '--card <file>',
      'the card itself, opened by its PIN, instead of a seed and what stands on the card',
    )
    .option('--programme <id>', 'id of the programme', bytes32)
    .option('--epoch <number>', 'enrolment epoch, as it stands on the card', whole)
    .option('--index <number>', 'index, as it stands on the card', whole)
    .action((seed: string | undefined, options: CardOptions) =>
      read(options, (trust) =>
        options.card === undefined ? ofCard(seed, options, trust) : ofFile(options.card),
      ),
    );

  const holder = program
    .command('holder')
    .description('what a person may do with the key of her own holding');
  addHolder(holder);
  addPasskey(holder);
  withOwn(holder.command('read').argument('[seed]', 'name of the seed of the holdings in the ring'))
    .description('show what is recorded of the person whose holding it is, what she holds, and who read it')
    .requiredOption('--unit <id>', 'id of the unit', bytes32)
    .requiredOption('--holding <number>', 'number of the holding in it', whole)
    .option(
      '--first-unit <id>',
      'the unit in which the holding was first given, where it is another',
      bytes32,
    )
    .option('--first-holding <number>', 'its number there', whole)
    .action((seed: string | undefined, options: HoldingOptions) => {
      const { unit: baUnit, holding: holdingId, firstUnit = baUnit, firstHolding = holdingId } = options;
      const place = { kind: 'holding', baUnit, holdingId } as const;
      return read(options, async ({ genesisHash }) => {
        const of = { genesisHash, baUnit: firstUnit, holdingId: firstHolding };
        return { place, keys: await keysOf(seed, options, (secret, kind) => holdingKey(secret, of, kind)) };
      });
    });

  withGatewayUrl(holder.command('readings'))
    .description(
      'show who read what is recorded of a person without a key, by the code that an office gave her on paper, which is asked for or read from KUDURRU_SOUGHT',
    )
    .option('--before <line>', 'older lines: as the answer before said', whole)
    .action(({ before, ...options }: GatewayUrlOptions & { readonly before?: number }) =>
      answer(
        options,
        async () => {
          const code = await askSought('The code');
          const body = { code, ...(before && { before }) };
          return strangerTo(options).ask<Pick<OwnRecord, 'access'>>('/own-data/code-readings', {
            method: 'POST',
            body,
          });
        },
        readingsInWords,
      ),
    );

  addLender(program.command('lender'));
}

function addLender(lender: Command): void {
  lender.description('what who lent, or sets a caution, may do with the key of the instrument');

  withSeed(lender.command('record'))
    .description('print the public record of the key of an instrument, for the office that registers it')
    .requiredOption('--trust <file>', 'trust file of the ledger: a signature is good on no other')
    .requiredOption('--instrument <id>', 'id of the instrument: 32 random bytes that it is known by', bytes32)
    .addOption(kindOption())
    .option('--json', 'answer as JSON')
    .action((options: RecordOptions) => answer(options, () => record(options), asRecord));

  withOwn(lender.command('read').argument('[seed]', 'name of the seed of the instruments in the ring'))
    .description('show what a charge or notice says of its holder, how it stands, and who read it')
    .requiredOption('--unit <id>', 'id of the unit', bytes32)
    .requiredOption('--restriction <number>', 'number of the charge or notice in it', whole)
    .requiredOption('--instrument <id>', 'id of the instrument', bytes32)
    .action((seed: string | undefined, options: ChargeOptions) => {
      const { unit: baUnit, restriction: restrictionId, instrument: instrumentId } = options;
      const place = { kind: 'restriction', baUnit, restrictionId } as const;
      return read(options, async ({ genesisHash }) => {
        const of = { genesisHash, instrumentId };
        return {
          place,
          keys: await keysOf(seed, options, (secret, kind) => instrumentKey(secret, of, kind)),
        };
      });
    });
}

/** The seed by its name, or the options that every command has which signs as a person. */
function withOwn(command: Command): Command {
  return withGatewayUrl(withSeed(command))
    .requiredOption('--trust <file>', 'trust file of the ledger: a proof is good on no other')
    .option('--before <line>', 'older lines of who read it: as the answer before said', whole);
}

async function record({
  trust: file,
  instrument: instrumentId,
  kind,
  ...of
}: RecordOptions): Promise<object> {
  const trust = readTrust(readText(file, MAX_TRUST_BYTES));
  const seed = await seedOf(of);
  const key = instrumentKey(seed, { genesisHash: trust.genesisHash, instrumentId }, kind);
  seed.fill(0);
  const { keyHash, salt } = key;
  const signature = signShown(digestOf(heldForInstrument(trust, { instrumentId, keyHash })), key);
  key.privateKey.fill(0);
  return {
    format: 'kudurru-lender-1',
    instrumentId,
    holderKeyHash: keyHash,
    possession: { salt, signature },
  };
}

// ---- Reading ------------------------------------------------------------------------------------------------

function read(options: OwnOptions, ownOf: (trust: TrustFile) => Promise<Own>): Promise<void> {
  return answer(
    options,
    async () => {
      const trust = readTrust(readText(options.trust, MAX_TRUST_BYTES));
      const { place, keys } = await ownOf(trust);
      try {
        return await readBy(keys, { place, trust, client: strangerTo(options), before: options.before });
      } finally {
        for (const { privateKey } of keys) privateKey.fill(0);
      }
    },
    ownRecordInWords,
  );
}

interface Reading {
  readonly place: OwnPlace;
  readonly trust: TrustFile;
  readonly client: Client;
  readonly before: number | undefined;
}

/** Each with a challenge of its own, until one is the key that the ledger has. */
async function readBy([key, ...others]: readonly OwnKey[], reading: Reading): Promise<OwnRecord> {
  if (key === undefined) throw new Error('a reading without a key');
  const { place, trust, client, before } = reading;
  const given = await client.ask<{ challenge: Bytes32; deadline: string }>('/own-data/challenges', {
    method: 'POST',
    body: { place },
  });
  const { challenge } = given;
  const deadline = BigInt(given.deadline);
  const signature = signShown(digestOf(ownReading(trust, place, { challenge, deadline })), key);
  const proof = { place, challenge, deadline: Number(deadline), signature };
  const more = { ...(key.salt && { salt: key.salt }), ...(before && { before }) };
  try {
    return await client.ask('/own-data/readings', { method: 'POST', body: { ...proof, ...more } });
  } catch (error) {
    const isOther = error instanceof Problem && error.code === 'proof-not-by-key' && others.length > 0;
    if (!isOther) throw error;
    return readBy(others, reading);
  }
}

async function keysOf(
  seed: string | undefined,
  options: SeedOptions,
  keyOf: (secret: Uint8Array, kind: SeedKeyKind) => OwnKey,
): Promise<readonly OwnKey[]> {
  const secret = await seedOf(seed === undefined ? options : Object.assign({}, options, { key: seed }));
  const keys = SEED_KEY_KINDS.map((kind) => keyOf(secret, kind));
  secret.fill(0);
  return keys;
}

async function ofCard(
  seed: string | undefined,
  options: CardOptions,
  { genesisHash }: TrustFile,
): Promise<Own> {
  const { programme, epoch: enrolmentEpoch, index } = options;
  if (programme === undefined || enrolmentEpoch === undefined || index === undefined) {
    throw new NotUnderstood('Give --card, or the seed with --programme, --epoch and --index.');
  }
  const of = { genesisHash, programme, enrolmentEpoch };
  const keys = await keysOf(seed, options, (secret, kind) => keyOfCard(secret, of, kind));
  return { place: { kind: 'card', programme, enrolmentEpoch, index }, keys };
}

async function ofFile(file: string): Promise<Own> {
  const card = cardIn(file);
  const { programme, enrolmentEpoch, index } = card;
  if (index === undefined) throw refusal('card-without-place');
  return {
    place: { kind: 'card', programme, enrolmentEpoch, index },
    keys: [openCard(card, await askPin())],
  };
}
