/**
 * `kudurru card read` and `kudurru holder read`: a person's own record, with the seed of her card or her holdings.
 *
 * Promises: what is signed is made here, for the ledger of the trust file, and is no word of the gateway's; the seed stays
 * in its ring, and no secret is printed or sent.
 */
import type { Command } from 'commander';
import { cardKey, holdingKey, instrumentKey, signCompact } from '../server/domain/acts/signing.ts';
import { digestOf } from '../server/domain/acts/typedData.ts';
import { readTrust, type TrustFile } from '../server/domain/audit/trust.ts';
import type { Bytes32 } from '../server/domain/base/hex.ts';
import type { BAUnitId, InstrumentId, ProgrammeId } from '../server/domain/base/terms.ts';
import { type OwnPlace, ownReading } from '../server/domain/people/ownProof.ts';
import { answer, readText } from './answer.ts';
import { addCard } from './card.ts';
import { Client } from './client.ts';
import { whole } from './gatewayOptions.ts';
import { addHolder } from './holder.ts';
import { type KeysOptions, openRing, withKeys } from './keys.ts';
import { bytes32 } from './options.ts';

const MAX_TRUST_BYTES = 65_536;
const DEFAULT_URL = 'http://localhost:8080';

interface OwnOptions extends KeysOptions {
  readonly trust: string;
  readonly url: string;
  readonly before?: number;
}

interface CardOptions extends OwnOptions {
  readonly programme: ProgrammeId;
  readonly epoch: number;
  readonly index: number;
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

/** The key that signs, and of a holding or charge the salt that its hash was made with. */
interface OwnKey {
  readonly privateKey: Uint8Array;
  readonly salt?: Bytes32;
}

export function addOwnData(program: Command): void {
  const card = program
    .command('card')
    .description('cards as an agency makes them, and what a person may do with her own');
  addCard(card);
  withGateway(card.command('read').argument('<seed>', 'name of the seed of the card in the ring'))
    .description('show what is recorded of the person whose card it is, what is left to her, and who read it')
    .requiredOption('--programme <id>', 'id of the programme', bytes32)
    .requiredOption('--epoch <number>', 'enrolment epoch, as it stands on the card', whole)
    .requiredOption('--index <number>', 'index, as it stands on the card', whole)
    .action((seed: string, options: CardOptions) => {
      const { programme, epoch: enrolmentEpoch, index } = options;
      const place = { kind: 'card', programme, enrolmentEpoch, index } as const;
      return read(seed, options, place, (secret, { genesisHash }) => ({
        privateKey: cardKey(secret, { genesisHash, programme, enrolmentEpoch }),
      }));
    });

  const holder = program
    .command('holder')
    .description('what a person may do with the key of her own holding');
  addHolder(holder);
  withGateway(holder.command('read').argument('<seed>', 'name of the seed of the holdings in the ring'))
    .description('show what is recorded of the person whose holding it is, what she holds, and who read it')
    .requiredOption('--unit <id>', 'id of the unit', bytes32)
    .requiredOption('--holding <number>', 'number of the holding in it', whole)
    .option(
      '--first-unit <id>',
      'the unit in which the holding was first given, where it is another',
      bytes32,
    )
    .option('--first-holding <number>', 'its number there', whole)
    .action((seed: string, options: HoldingOptions) => {
      const { unit: baUnit, holding: holdingId, firstUnit = baUnit, firstHolding = holdingId } = options;
      const place = { kind: 'holding', baUnit, holdingId } as const;
      return read(seed, options, place, (secret, { genesisHash }) =>
        holdingKey(secret, { genesisHash, baUnit: firstUnit, holdingId: firstHolding }),
      );
    });

  const lender = program
    .command('lender')
    .description('what who lent, or set a caution, may do with the key of the instrument');
  withGateway(lender.command('read').argument('<seed>', 'name of the seed of the instruments in the ring'))
    .description('show what a charge or notice says of its holder, how it stands, and who read it')
    .requiredOption('--unit <id>', 'id of the unit', bytes32)
    .requiredOption('--restriction <number>', 'number of the charge or notice in it', whole)
    .requiredOption('--instrument <id>', 'id of the instrument', bytes32)
    .action((seed: string, options: ChargeOptions) => {
      const { unit: baUnit, restriction: restrictionId, instrument: instrumentId } = options;
      const place = { kind: 'restriction', baUnit, restrictionId } as const;
      return read(seed, options, place, (secret, { genesisHash }) =>
        instrumentKey(secret, { genesisHash, instrumentId }),
      );
    });
}

function withGateway(command: Command): Command {
  return withKeys(command)
    .requiredOption('--trust <file>', 'trust file of the ledger: a proof is good on no other')
    .option('--url <url>', 'the gateway', DEFAULT_URL)
    .option('--before <line>', 'older lines of who read it: `next` of the answer before', whole);
}

function read(
  seed: string,
  options: OwnOptions,
  place: OwnPlace,
  keyOf: (secret: Uint8Array, trust: TrustFile) => OwnKey,
): Promise<void> {
  return answer(
    options,
    async () => {
      const trust = readTrust(readText(options.trust, MAX_TRUST_BYTES));
      const ring = await openRing(options);
      const client = new Client(options.url);
      const given = await client.ask<{ challenge: Bytes32; deadline: string }>('/own-data/challenges', {
        ...{ method: 'POST', body: { place } },
      });
      const deadline = BigInt(given.deadline);
      const data = ownReading(trust, place, { challenge: given.challenge, deadline });
      const secret = ring.seed(seed);
      const { privateKey, salt } = keyOf(secret, trust);
      secret.fill(0);
      const signature = signCompact(digestOf(data), privateKey);
      privateKey.fill(0);
      const proof = { place, challenge: given.challenge, deadline: Number(deadline), signature };
      const more = { ...(salt && { salt }), ...(options.before && { before: options.before }) };
      return client.ask<object>('/own-data/readings', { method: 'POST', body: { ...proof, ...more } });
    },
    (record) => JSON.stringify(record, undefined, 2),
  );
}
