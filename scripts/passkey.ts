/**
 * `kudurru holder passkey`: a holder whose key is a passkey, which answers in a browser and never leaves its device.
 *
 * A request is a file: what is signed was shown in words before it was written, and a page of the relying party hands its
 * `publicKey` to the passkey. `take` checks the answer as the ledger does and writes what the office hands in. No secret is
 * in any of these files, and no network is opened.
 */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { keyHashOf } from '../server/domain/acts/signing.ts';
import { digestOf } from '../server/domain/acts/typedData.ts';
import { type Bytes32, type Hex, parseHex, toHex, ZERO_32 } from '../server/domain/base/hex.ts';
import { momentInWords } from '../server/domain/base/inWords.ts';
import { refusal } from '../server/domain/base/refusal.ts';
import { isRecord } from '../server/domain/base/strictJson.ts';
import type { BAUnitId } from '../server/domain/base/terms.ts';
import { heldByHolder } from '../server/domain/people/heldKeys.ts';
import { actInWords } from '../server/domain/signer/actFile.ts';
import { type PasskeyAsked, passkeyAsked, passkeyProof } from '../server/domain/signer/passkeyAnswer.ts';
import { type AnswerOptions, answer, NotUnderstood, readText } from './answer.ts';
import { whole } from './gatewayOptions.ts';
import { CONSENT_DAYS, consentUntil, NUMBER_OF_HOLDING, readAsked, trustIn, withTrust } from './holder.ts';
import { bytes32 } from './options.ts';
import { confirm, say } from './terminal.ts';

const FORMAT = 'kudurru-passkey-request-1';
const RECORD = 'kudurru-holder-1';
const MAX_FILE_BYTES = 65_536;

/** What a passkey is asked; `body` is what its answer goes into. */
interface Request {
  readonly format: typeof FORMAT;
  readonly publicKey: PasskeyAsked;
  readonly key: Hex;
  readonly digest: Bytes32;
  readonly body: Readonly<Record<string, unknown>>;
}

interface AskOptions extends AnswerOptions {
  readonly trust: string;
  readonly rpId: string;
  readonly out: string;
}

interface RegisterOptions extends AskOptions {
  readonly unit: BAUnitId;
  readonly holding: number;
  readonly key: Hex;
}

interface ConsentOptions extends AskOptions {
  readonly record: string;
  readonly days: number;
  readonly yes?: boolean;
}

interface TakeOptions extends AnswerOptions {
  readonly answered: string;
  readonly out: string;
}

export function addPasskey(holder: Command): void {
  const passkey = holder
    .command('passkey')
    .description('a key that is a passkey: a request for a browser, and its answer for the office');

  asking(passkey.command('register'))
    .description(
      'ask a passkey to show that it is the key of a holding; `take` makes the public record of it',
    )
    .requiredOption('--unit <id>', 'id of the unit, as the office says it', bytes32)
    .requiredOption('--holding <number>', NUMBER_OF_HOLDING, whole)
    .requiredOption('--key <hex>', 'qx and qy of the passkey, 64 bytes', point)
    .action((options: RegisterOptions) => answer(options, () => register(options), written));

  asking(
    passkey.command('consent').argument('<act>', 'file of the prepared act, as the office hands it over'),
  )
    .description('show what you are asked to agree to, ask, and write the request for your passkey')
    .requiredOption('--record <file>', 'public record of your holding, with its salt, as `take` wrote it')
    .option('--days <days>', 'how long the consent holds, never longer than the act', whole, CONSENT_DAYS)
    .option('--yes', 'do not ask; for a program that has checked the act itself')
    .action((file: string, options: ConsentOptions) =>
      answer(options, () => consent(file, options), written),
    );

  passkey
    .command('take')
    .argument('<request>', 'the request, as it was written')
    .description('check what the passkey answered, and write the public record, or the consent to hand in')
    .requiredOption('--answered <file>', 'JSON of the credential, as `credential.toJSON()` says it')
    .requiredOption('--out <file>', 'the file to write; one that exists is left alone')
    .option('--json', 'answer as JSON')
    .action((file: string, options: TakeOptions) => answer(options, () => take(file, options), written));
}

function asking(command: Command): Command {
  return withTrust(command)
    .requiredOption('--rp-id <domain>', 'relying party that the ledger names for passkeys of holders')
    .requiredOption('--out <file>', 'the request; one that exists is left alone')
    .option('--json', 'answer as JSON');
}

const written = ({ file }: { readonly file: string }) => `Written: ${file}`;

function register({ trust, unit: baUnit, holding: holdingId, key, rpId, out }: RegisterOptions) {
  const salt = toHex(randomBytes(32)) as Bytes32;
  const keyHash = keyHashOf(salt, 'webauthn', key);
  const digest = digestOf(heldByHolder(trustIn(trust), { baUnit, keyHash }));
  const body = { format: RECORD, baUnit, holdingId, keyHash, possession: { salt, passkey: key, holdingId } };
  return writeRequest({ key, digest, rpId, out, body });
}

async function consent(file: string, options: ConsentOptions) {
  const { key, salt, keyHash } = recordIn(options.record);
  const { act, asked } = readAsked(file, options.trust);
  const mine = asked.find((one) => one.keyHash === keyHash);
  if (mine === undefined) throw refusal('consent-of-another-key');
  say(actInWords(act));
  say(['', mine.sentence]);
  const deadline = consentUntil(mine, options.days);
  say([`It holds until ${momentInWords(deadline)}, for this act alone.`]);
  if (options.yes !== true && !(await confirm('Ask your passkey to agree to exactly this?'))) {
    throw refusal('signing-declined');
  }
  const times = { notBefore: 0n, deadline, mandateCommitment: ZERO_32 };
  const message = Object.assign({}, mine.data.message, times);
  const digest = digestOf(Object.assign({}, mine.data, { message }));
  const given = { notBefore: 0, deadline: Number(deadline), mandateCommitment: ZERO_32 };
  const body = {
    part: 'consent',
    place: mine.place,
    consent: Object.assign(given, { kind: 'webauthn', salt, key }),
  };
  return writeRequest({ key, digest, rpId: options.rpId, out: options.out, body });
}

function writeRequest({
  rpId,
  out,
  ...of
}: Pick<Request, 'key' | 'digest' | 'body'> & Pick<AskOptions, 'rpId' | 'out'>) {
  const request: Request = Object.assign(
    { format: FORMAT, publicKey: passkeyAsked(of.digest, rpId) } as const,
    of,
  );
  fs.writeFileSync(out, `${JSON.stringify(request, undefined, 2)}\n`, { flag: 'wx', mode: 0o600 });
  return { file: out, request };
}

/** The answer is checked against what was asked: a request that was changed has no answer. */
function take(file: string, { answered, out }: TakeOptions) {
  const { rpId, key, digest, body } = requestIn(file);
  const signature = passkeyProof(jsonIn(answered), { digest, rpId, key });
  if (signature === undefined) {
    throw new NotUnderstood(
      'The passkey did not sign this request, with its user verified, for this relying party.',
    );
  }
  const { possession } = body;
  const whole = isRecord(possession)
    ? Object.assign({}, body, { possession: Object.assign({}, possession, { signature }) })
    : Object.assign({}, body, { signature });
  fs.writeFileSync(out, `${JSON.stringify(whole)}\n`, { flag: 'wx', mode: 0o600 });
  return { file: out };
}

/** What an answer is checked against; the rest of the request is the page's. */
interface Asked extends Pick<Request, 'key' | 'digest' | 'body'> {
  readonly rpId: string;
}

function requestIn(file: string): Asked {
  const json = jsonIn(file);
  const fields = isRecord(json) && json.format === FORMAT ? json : {};
  const { publicKey, body } = fields;
  const [rpId, key, digest] = [isRecord(publicKey) && publicKey.rpId, fields.key, fields.digest];
  const [keyRead, digestRead] = [parseHex(String(key), 64), parseHex(String(digest), 32)];
  if (typeof rpId !== 'string' || keyRead === undefined || digestRead === undefined || !isRecord(body)) {
    throw new NotUnderstood(`${file} is no request for a passkey.`);
  }
  return { rpId, key: keyRead, digest: digestRead as Bytes32, body };
}

function recordIn(file: string): { readonly key: Hex; readonly salt: Bytes32; readonly keyHash: Bytes32 } {
  const json = jsonIn(file);
  const { possession, keyHash } = isRecord(json) && json.format === RECORD ? json : {};
  const { salt, passkey } = isRecord(possession) ? possession : {};
  const [key, salted] = [parseHex(String(passkey), 64), parseHex(String(salt), 32)];
  if (
    key === undefined ||
    salted === undefined ||
    keyHashOf(salted as Bytes32, 'webauthn', key) !== keyHash
  ) {
    throw new NotUnderstood(`${file} is no public record of a passkey.`);
  }
  return { key, salt: salted as Bytes32, keyHash: keyHash as Bytes32 };
}

function jsonIn(file: string): unknown {
  try {
    return JSON.parse(readText(file, MAX_FILE_BYTES));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new NotUnderstood(`${file} is no JSON.`);
  }
}

function point(text: string): Hex {
  const key = parseHex(text, 64);
  if (key === undefined) throw new InvalidArgumentError('64 bytes, in hex.');
  return key;
}
