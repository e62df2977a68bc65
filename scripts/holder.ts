/**
 * `kudurru holder`: whoever holds land makes a key, brings its public record to the office, and consents to an act.
 *
 * Promises: each holding has a key of its own, which cannot be joined to another of the same seed; a consent is signed
 * after everything that it hashes was recomputed here from the file and put in words; no network is opened, and no
 * secret is printed.
 */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import type { Command } from 'commander';
import { commitFacts, type Fact, type FactSet, isFact, MAX_FACTS } from '../server/domain/acts/facts.ts';
import {
  holdingKey,
  instrumentKey,
  SEED_KEY_KINDS,
  type SeedKey,
  type SeedKeyKind,
  signConsent,
  signShown,
} from '../server/domain/acts/signing.ts';
import { digestOf } from '../server/domain/acts/typedData.ts';
import { readTrust, type TrustFile } from '../server/domain/audit/trust.ts';
import { type Bytes32, toHex, ZERO_32 } from '../server/domain/base/hex.ts';
import { momentInWords } from '../server/domain/base/inWords.ts';
import { isolated } from '../server/domain/base/quoted.ts';
import { refusal } from '../server/domain/base/refusal.ts';
import { isRecord } from '../server/domain/base/strictJson.ts';
import type { BAUnitId } from '../server/domain/base/terms.ts';
import { heldByHolder } from '../server/domain/people/heldKeys.ts';
import { type ActFile, actInWords, readActFile } from '../server/domain/signer/actFile.ts';
import { type ConsentSeen, consentsSeen } from '../server/domain/signer/consentFile.ts';
import { visible } from '../server/domain/signer/openings.ts';
import { type AnswerOptions, answer, asRecord, NotUnderstood, readText } from './answer.ts';
import { whole } from './gatewayOptions.ts';
import { openOrFoundRing } from './keys.ts';
import { bytes32, kindOption } from './options.ts';
import { makePrintedSeed, NO_PASSPHRASE, type SeedOptions, seedOf, withSeed } from './seeds.ts';
import { requireConsents, requireRules } from './sign.ts';
import { confirm, say } from './terminal.ts';

/** In bytes, more than any text the reader takes. */
const MAX_ACT_BYTES = 32 * 2 ** 20;
const MAX_TRUST_BYTES = 65_536;
const MAX_MANDATE_BYTES = 65_536;
const DAY_SECONDS = 86_400n;
/** How long a consent holds unless its signer says so: an office needs some days, and a person may think again. */
export const CONSENT_DAYS = 14;

/** The office refuses a record with another number than its register gives. */
export const NUMBER_OF_HOLDING =
  'number of the holding in it, as the office says it: 2 for the first holder of a new title';

interface KeyOptions extends AnswerOptions {
  readonly keys?: string;
  readonly seedFile?: string;
}

interface PlaceOptions {
  readonly unit: BAUnitId;
  readonly holding: number;
}

interface RecordOptions extends SeedOptions, PlaceOptions {
  readonly trust: string;
  readonly kind: SeedKeyKind;
}

interface ConsentOptions extends SeedOptions {
  readonly trust: string;
  readonly firstUnit?: BAUnitId;
  readonly firstHolding?: number;
  readonly days: number;
  readonly mandate?: string;
  readonly late?: boolean;
  readonly yes?: boolean;
  readonly out: string;
}

export function addHolder(holder: Command): void {
  holder
    .command('key')
    .argument('[name]', 'a name for the seed in the key ring')
    .description('make the seed from which the key of each of your holdings is made')
    .option('--keys <dir>', 'folder of the key ring; KUDURRU_KEYS without')
    .option('--seed-file <file>', 'write it as text to print, instead of into a key ring')
    .option('--json', 'answer as JSON')
    .action((name: string | undefined, options: KeyOptions) =>
      answer(
        options,
        () => makeSeed(name, options),
        ({ made }) => `Made: ${made}`,
      ),
    );

  withTrust(withSeed(holder.command('record')))
    .description('print the public record of the key of one holding, for the office that registers it')
    .requiredOption('--unit <id>', 'id of the unit, as the office says it', bytes32)
    .requiredOption('--holding <number>', NUMBER_OF_HOLDING, whole)
    .addOption(kindOption())
    .option('--json', 'answer as JSON')
    .action((options: RecordOptions) => answer(options, () => record(options), asRecord));

  withTrust(holder.command('show').argument('<act>', 'file of the prepared act, as the office hands it over'))
    .description('show what an act asks you to agree to, with everything behind its hashes')
    .option('--json', 'answer as JSON')
    .action((file: string, options: AnswerOptions & { trust: string }) =>
      answer(
        options,
        () => {
          const { act, asked } = readAsked(file, options.trust, true); // whoever looks is told, and may look
          return { id: act.id, consents: asked.map(shownOf), words: actInWords(act) };
        },
        ({ consents, words }) =>
          isolated([...consents.map(({ sentence }) => sentence), '', ...words].join('\n')),
      ),
    );

  withTrust(
    withSeed(
      holder.command('consent').argument('<act>', 'file of the prepared act, as the office hands it over'),
    ),
  )
    .description('show what you are asked to agree to, ask, and write the consent that the office hands in')
    .option(
      '--first-unit <id>',
      'the unit in which the holding was first given, where it is another',
      bytes32,
    )
    .option('--first-holding <number>', 'its number there', whole)
    .option('--days <days>', 'how long the consent holds, never longer than the act', whole, CONSENT_DAYS)
    .option(
      '--mandate <file>',
      'of who signs for somebody: JSON of texts that say who may, for whom and by what; OUT.mandate opens it',
    )
    .option('--late', 'consent although the time of the act is over, because members recorded a halt since')
    .option('--yes', 'do not ask; for a program that has checked the act itself')
    .requiredOption('--out <file>', 'write the consent to this file; one that exists is left alone')
    .option('--json', 'answer as JSON')
    .action((file: string, options: ConsentOptions) =>
      answer(
        options,
        () => consent(file, options),
        ({ place }) => `Consent ${place + 1}: ${options.out}`,
      ),
    );
}

export function withTrust(command: Command): Command {
  return command.requiredOption(
    '--trust <file>',
    'trust file of the ledger: a signature is good on no other',
  );
}

async function makeSeed(name: string | undefined, { keys = process.env.KUDURRU_KEYS, seedFile }: KeyOptions) {
  if (seedFile !== undefined) {
    makePrintedSeed(seedFile);
    say(NO_PASSPHRASE);
    return { made: seedFile };
  }
  if (name === undefined || keys === undefined) {
    throw new NotUnderstood('Give a name and --keys, or --seed-file: where does the seed go?');
  }
  const ring = await openOrFoundRing({ keys });
  return { made: ring.create(name, 'seed').name };
}

// ---- The public record --------------------------------------------------------------------------------------

async function record(options: RecordOptions): Promise<object> {
  const trust = trustIn(options.trust);
  const { unit: baUnit, holding: holdingId, kind } = options;
  const key = await withSeedOf(options, (seed) =>
    holdingKey(seed, { genesisHash: trust.genesisHash, baUnit, holdingId }, kind),
  );
  const { keyHash, salt } = key;
  const signature = signShown(digestOf(heldByHolder(trust, { baUnit, keyHash })), key);
  key.privateKey.fill(0);
  const possession = { salt, signature, holdingId };
  return { format: 'kudurru-holder-1', baUnit, holdingId, keyHash, possession };
}

// ---- Consenting ---------------------------------------------------------------------------------------------

interface Asked {
  readonly act: ActFile;
  readonly asked: readonly ConsentSeen[];
  readonly trust: TrustFile;
}

export function readAsked(file: string, trustFile: string, isLate = false): Asked {
  const act = readActFile(readText(file, MAX_ACT_BYTES));
  const trust = trustIn(trustFile);
  const { chainId, verifyingContract, salt } = act.act.domain;
  const isOfLedger = chainId === BigInt(trust.chainId) && salt === trust.ledgerNonce;
  if (!isOfLedger || verifyingContract !== trust.contracts.landRegistry.address) {
    throw refusal('act-of-another-ledger');
  }
  const asked = consentsSeen(act, nowSeconds());
  requireRules(act, nowSeconds(), isLate); // nobody's agreement is asked to what no register takes
  requireConsents(act, nowSeconds());
  if (asked.length === 0)
    throw new NotUnderstood(`${file} asks nobody's consent: there is nothing to agree to.`);
  return { act, trust, asked };
}

async function consent(file: string, options: ConsentOptions) {
  const { act, asked, trust } = readAsked(file, options.trust, options.late);
  const [mine, key] = await withSeedOf(options, (seed) => ownAmong(asked, seed, trust, options));
  say(actInWords(act));
  say(['', mine.sentence]);
  const { message } = mine.data;
  const deadline = consentUntil(mine, options.days);
  say([`It holds until ${momentInWords(deadline)}, for this act alone.`]);
  const mandate = options.mandate === undefined ? undefined : mandateIn(options.mandate);
  say((mandate?.facts ?? []).map(({ path, value }) => `Under the mandate: ${path} ${visible(value)}`));
  const mandateCommitment = mandate?.root ?? ZERO_32;
  if (options.yes !== true && !(await confirm('Agree to exactly this?'))) throw refusal('signing-declined');
  const times = { notBefore: 0n, deadline, mandateCommitment };
  const signed = Object.assign({}, mine.data, { message: Object.assign({}, message, times) });
  const signature = signConsent(digestOf(signed), key);
  key.privateKey.fill(0);
  const body = {
    part: 'consent',
    place: mine.place,
    signature,
    consent: {
      notBefore: 0,
      deadline: Number(deadline),
      mandateCommitment,
      kind: key.kind,
      salt: key.salt,
      key: key.shown,
    },
  };
  if (mandate !== undefined) {
    fs.writeFileSync(`${options.out}.mandate`, `${JSON.stringify(mandate)}\n`, { flag: 'wx', mode: 0o600 });
  }
  fs.writeFileSync(options.out, `${JSON.stringify(body)}\n`, { flag: 'wx', mode: 0o600 });
  return body;
}

/** The last second of a consent that holds so many days: never longer than the act waits. */
export function consentUntil({ data }: Pick<ConsentSeen, 'data'>, days: number): bigint {
  const last = BigInt(data.message.deadline as bigint);
  const chosen = nowSeconds() + BigInt(days) * DAY_SECONDS;
  return chosen < last ? chosen : last;
}

/** The first consent that is by a key of the seed, with that key. Refuses as `consent-of-another-key`. */
function ownAmong(
  asked: readonly ConsentSeen[],
  seed: Uint8Array,
  { genesisHash }: TrustFile,
  { firstUnit, firstHolding }: Pick<ConsentOptions, 'firstUnit' | 'firstHolding'>,
): readonly [ConsentSeen, SeedKey] {
  for (const one of asked) {
    const { baUnit, subject, instrumentId } = one;
    const of = { genesisHash, baUnit: firstUnit ?? baUnit, holdingId: firstHolding ?? subject };
    // Which kind a key hash is of, only the hash says.
    const keys = SEED_KEY_KINDS.map((kind) =>
      instrumentId === undefined
        ? holdingKey(seed, of, kind)
        : instrumentKey(seed, { genesisHash, instrumentId }, kind),
    );
    const own = keys.find(({ keyHash }) => keyHash === one.keyHash);
    for (const key of keys) if (key !== own) key.privateKey.fill(0);
    if (own !== undefined) return [one, own];
  }
  throw refusal('consent-of-another-key');
}

/** What the mandate says, salted: the ledger has its root alone, and whoever is shown the file sees what it was of. */
function mandateIn(file: string): FactSet {
  const json = parsed(readText(file, MAX_MANDATE_BYTES));
  const facts = Object.entries(isRecord(json) ? json : {}).map(([path, value]): Fact => {
    return { path, value: String(value).normalize('NFC'), salt: toHex(randomBytes(32)) as Bytes32 };
  });
  const isWhole = isRecord(json) && Object.values(json).every((value) => typeof value === 'string');
  if (!isWhole || facts.length === 0 || facts.length > MAX_FACTS || !facts.every(isFact))
    throw notOfMandate();
  return commitFacts(facts);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw notOfMandate();
  }
}

const notOfMandate = () =>
  new NotUnderstood(
    'A mandate is JSON like {"signs-for": "...", "by": "a power of attorney of 3 May 2026"}.',
  );

async function withSeedOf<T>(options: SeedOptions, use: (seed: Uint8Array) => T): Promise<T> {
  const seed = await seedOf(options);
  try {
    return use(seed);
  } finally {
    seed.fill(0);
  }
}

const shownOf = ({ place, baUnit, subject, sentence }: ConsentSeen) => ({ place, baUnit, subject, sentence });
export const trustIn = (file: string): TrustFile => readTrust(readText(file, MAX_TRUST_BYTES));
const nowSeconds = (): bigint => BigInt(Math.floor(Date.now() / 1000));
