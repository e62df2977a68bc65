/**
 * `kudurru network sign` and `signatures`: that each member computed the trust file itself, and who has not said so yet.
 *
 * Promises: a signature of another member is taken up only from a file with the same fingerprint; what does not verify by the founding
 * file counts for nothing and is said. Opens no network.
 */
import fs from 'node:fs';
import type { Command } from 'commander';
import {
  fingerprint,
  readSignedTrust,
  type TrustFile,
  type TrustSignature,
  writeTrust,
} from '../server/domain/audit/trust.ts';
import { refusal } from '../server/domain/base/refusal.ts';
import type { Founding } from '../server/domain/power/founding.ts';
import { parseFounding } from '../server/domain/power/foundingFile.ts';
import { keyHashOfAddress } from '../server/domain/power/possession.ts';
import {
  type MembersSigned,
  membersSigned,
  trustDigest,
  voterWithKey,
} from '../server/domain/power/trustSignature.ts';
import { type AnswerOptions, answer, NotUnderstood, readText } from './answer.ts';
import { type KeysOptions, openRing, withKeys } from './keys.ts';
import { confirm, say } from './terminal.ts';

const MAX_TRUST_BYTES = 65_536;
const MAX_FOUNDING_BYTES = 2 ** 20;
const FILE_MODE = 0o644;

/** A member's files that others sent, to take their signatures from. */
export const WITH_OPTION = [
  '--with <file>',
  'the same trust file as another member signed it; may be repeated',
  (file: string, before: readonly string[]) => [...before, file],
  [] as readonly string[],
] as const;

interface SignOptions extends KeysOptions {
  readonly trust: string;
  readonly founding: string;
  readonly key: string;
  readonly yes?: boolean;
  readonly out: string;
}

interface SignaturesOptions extends AnswerOptions {
  readonly trust: string;
  readonly founding: string;
  readonly with: readonly string[];
  readonly out?: string;
}

export function addTrustSignatures(network: Command): void {
  withKeys(network.command('sign'))
    .description('signs the trust file that this member computed itself, and has compared with the others')
    .requiredOption(
      '--trust <file>',
      'as `network trust` wrote it here; one that somebody sent is not what is signed',
    )
    .requiredOption('--founding <file>', 'the founding file of the ledger')
    .requiredOption('--key <name>', 'of an officer of the founding file who votes for this member')
    .option('--yes', 'do not ask; for a program that has compared the fingerprint itself')
    .requiredOption('--out <file>', 'the same trust file with the signature; not there yet')
    .action((options: SignOptions) =>
      answer(
        options,
        () => sign(options),
        ({ institution, fingerprint: print }) =>
          `institution ${institution} signed ${print}\nwritten ${options.out}`,
      ),
    );
  network
    .command('signatures')
    .description('which members signed a trust file, and which did not; takes up what others signed')
    .requiredOption('--trust <file>', 'the trust file that this member computed itself')
    .requiredOption('--founding <file>', 'the founding file of the ledger')
    .option(...WITH_OPTION)
    .option('--out <file>', 'the trust file with all signatures; not there yet')
    .option('--json', 'answer as JSON')
    .addHelpText('after', '\nExit code 1 where a member did not sign, or a signature counts for nothing.')
    .action((options: SignaturesOptions) =>
      answer(
        options,
        () => {
          const seen = lookAtSignatures(options);
          if (seen.missing.length > 0 || seen.strange.length > 0) process.exitCode = 1;
          return seen;
        },
        (seen) => [`fingerprint: ${seen.fingerprint}`, ...signedInWords(seen)].join('\n'),
      ),
    );
}

async function sign({ trust: file, founding: founded, key, yes, out, ...rest }: SignOptions) {
  const { trust, signatures } = readSignedTrust(readText(file, MAX_TRUST_BYTES));
  const founding = foundingIn(founded);
  if (fs.existsSync(out)) throw new NotUnderstood(`${out} is there already: name another file.`);
  if (trust.ledgerNonce !== founding.ledgerNonce) {
    throw new NotUnderstood(`${file} is of another ledger than ${founded}.`);
  }
  const ring = await openRing(rest);
  const entry = ring.get(key);
  if (entry.kind !== 'officer') throw refusal('key-of-another-kind');
  const officer = voterWithKey(founding, keyHashOfAddress(entry.address));
  if (officer === undefined) {
    throw new NotUnderstood(`The founding file has no officer with the key ${key} and the role to vote.`);
  }
  const { institution } = officer;
  const print = fingerprint(trust);
  say([
    `Trust file of genesis ${trust.genesisHash}, chain ${trust.chainId}`,
    `fingerprint: ${print}`,
    `Institution ${institution} says with this that it computed the file itself, by \`network trust\`, and got this fingerprint.`,
  ]);
  if (yes !== true && !(await confirm('Sign exactly this?'))) throw refusal('signing-declined');
  const digest = trustDigest(trust, institution, officer.officer);
  const own: TrustSignature = {
    institution,
    officer: officer.officer,
    signature: ring.signDigest(key, digest),
  };
  const others = signatures.filter((one) => one.officer !== officer.officer);
  fs.writeFileSync(out, writeTrust(trust, [...others, own]), { flag: 'wx', mode: FILE_MODE });
  return { institution, officer: officer.officer, fingerprint: print, file: out };
}

function lookAtSignatures({ trust: file, founding, with: sent, out }: SignaturesOptions) {
  const { trust, signatures } = readSignedTrust(readText(file, MAX_TRUST_BYTES));
  const all = collected(trust, signatures, sent);
  if (out !== undefined) fs.writeFileSync(out, writeTrust(trust, all), { flag: 'wx', mode: FILE_MODE });
  return Object.assign({ fingerprint: fingerprint(trust) }, membersSigned(trust, foundingIn(founding), all));
}

/** Of an officer who signed twice the first one found; a file of another fingerprint is what a ceremony is there to find. */
export function collected(
  trust: TrustFile,
  own: readonly TrustSignature[],
  sent: readonly string[],
): readonly TrustSignature[] {
  const all = new Map(own.map((one) => [one.officer, one]));
  for (const file of sent) {
    const { trust: theirs, signatures } = readSignedTrust(readText(file, MAX_TRUST_BYTES));
    if (fingerprint(theirs) !== fingerprint(trust)) {
      throw new NotUnderstood(
        `${file} is another trust file: its fingerprint is ${fingerprint(theirs)}, and here it is ${fingerprint(trust)}. Find out why before anybody signs.`,
      );
    }
    for (const one of signatures) if (!all.has(one.officer)) all.set(one.officer, one);
  }
  return [...all.values()];
}

export function signedInWords({ signed, missing, strange }: MembersSigned): string[] {
  return [
    ...signed.map((one) => `signed: institution ${one}`),
    ...missing.map((one) => `NOT SIGNED: institution ${one}`),
    ...strange.map(
      (one) =>
        `COUNTS FOR NOTHING: a signature that says institution ${one.institution}, officer ${one.officer}`,
    ),
  ];
}

function foundingIn(file: string): Founding {
  return parseFounding(readText(file, MAX_FOUNDING_BYTES));
}
