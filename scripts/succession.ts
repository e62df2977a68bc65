/**
 * `kudurru succession`: the successor of a register, from its contract to its last word.
 *
 * Promises: who creates the contract and who fills it decides nothing, for the members' vote names both; each member holds
 * the contract against this version, and recomputes the fold from the blocks alone, and one that somebody else proposed is
 * refused where it is another. The register is paused before, so that nothing is recorded until it is frozen. For engineers
 * and officers of a member institution.
 */
import { writeFileSync } from 'node:fs';
import { Argument, type Command, Option } from 'commander';
import { requireImport } from '../server/domain/audit/succession.ts';
import { fingerprint, type TrustFile, writeTrust } from '../server/domain/audit/trust.ts';
import { type Address, type Bytes32, parseHex } from '../server/domain/base/hex.ts';
import type { Founding } from '../server/domain/power/founding.ts';
import { parseFounding } from '../server/domain/power/foundingFile.ts';
import {
  type AskedLedger,
  fillingAtHead,
  IMPORTING_REGISTERS,
  type ImportingRegister,
  isImporting,
  recomputeAtHead,
  trustAtHead,
} from '../server/succession.ts';
import {
  deployConsortium,
  deploySuccessor,
  deployVerifier,
  lookAtConsortium,
  lookAtSuccessor,
  lookAtVerifier,
  type Standing,
  type Succeeded,
  type Successor,
  sendCalls,
} from '../server/successor.ts';
import { answer, NotUnderstood, readText } from './answer.ts';
import { type LedgerOptions, onLedger, withLedger } from './askedLedger.ts';
import { address } from './options.ts';
import { REGISTER_CHOICES, registerIn } from './registerNames.ts';

const STEPS = ['recompute', 'deploy', 'check', 'fill', 'trust'] as const;
type Step = (typeof STEPS)[number];

interface SuccessionOptions extends LedgerOptions {
  readonly register?: Succeeded | 'consortium';
  readonly founding?: string;
  readonly contract?: Address;
  readonly proposed?: string;
  readonly out?: string;
}

interface Recomputed {
  readonly register: string;
  readonly importHash: Bytes32;
  readonly words: number;
  readonly calls: number;
}

interface Filled {
  readonly register: string;
  readonly successor: Address;
  readonly importHash: Bytes32;
  readonly callsSent: number;
}

export function addSuccession(program: Command): void {
  withLedger(
    program
      .command('succession')
      .addArgument(
        new Argument(
          '[step]',
          'recompute: what it is filled with; deploy, check: its contract; fill: send the words; trust: the trust file of now',
        )
          .choices(STEPS)
          .default('recompute'),
      ),
  )
    .description('the successor of a register: its contract, what it is filled with, and filling it')
    .addOption(
      new Option('--register <name>', `of all but trust: ${REGISTER_CHOICES}; of deploy, check: consortium`)
        // Its vote is another one, so it is no register of the others'.
        .argParser((text) => (text === 'consortium' ? text : registerIn(text))),
    )
    .option('--founding <file>', 'of a consortium: what it begins with, for the nonce of this ledger')
    .option('--contract <address>', 'of check: the contract that is proposed', address)
    .option('--proposed <hash>', 'of recompute: refuse unless this is the fold')
    .option(
      '--out <file>',
      'of recompute: write the calls of importWords there, one a line; `fill` sends them. Of trust: the new trust file',
    )
    .addHelpText('after', HELP)
    .action((step: Step, options: SuccessionOptions) => STEP[step](options));
  addVerifier(program);
}

const HELP = `
Anybody may deploy a contract and fill a successor; what governs is the vote that names it. On a gateway's own ledger
contracts are created over its data folder (--data), and on a network over any node (--rpc, --trust). Land, benefits and notary
are filled, safeguards and personnel copy what they carry. Once land or benefits have begun anew, \`trust\` writes the trust
file of now, proved from the one before: acts are signed and new certificates verified with it, those of before with the one
before. docs/operating.md has the whole procedure.`;

const STEP: Readonly<Record<Step, (options: SuccessionOptions) => Promise<void>>> = {
  recompute: (options) => answer(options, () => recompute(options), recomputedInWords),
  deploy: (options) =>
    answer(
      options,
      () =>
        options.register === 'consortium'
          ? onLedger(options, (asked) => deployConsortium(asked, foundingIn(options)))
          : onLedger(options, (asked, trust) => deploySuccessor(asked, trust.ledgerNonce, named(options))),
      (made) => successorInWords(made, options.register ?? 'consortium'),
    ),
  check: (options) =>
    answer(
      options,
      () => check(options),
      (made) => successorInWords(made, options.register ?? 'consortium'),
    ),
  fill: (options) => answer(options, () => fill(options), filledInWords),
  trust: (options) => answer(options, () => trustNow(options), trustInWords),
};

function named({ register }: SuccessionOptions): Succeeded {
  if (register === undefined) throw new NotUnderstood(`--register says which: ${REGISTER_CHOICES}.`);
  if (register === 'consortium') {
    throw new NotUnderstood('A consortium begins with its founding file and is never filled: deploy, check.');
  }
  return register;
}

function foundingIn({ founding }: SuccessionOptions): Founding {
  if (founding === undefined) throw new NotUnderstood('A consortium takes --founding, its founding file.');
  return parseFounding(readText(founding, MAX_FOUNDING_BYTES));
}

/** As many characters as a founding file may have, of four bytes each. */
const MAX_FOUNDING_BYTES = 4 * 262_144;

function importing(register: Succeeded): ImportingRegister {
  if (isImporting(register)) return register;
  throw new NotUnderstood(
    `The ${register} copies what it carries when the vote is carried out: it is proposed without importHash and never ` +
      `filled. Filled are ${IMPORTING_REGISTERS.join(', ')}.`,
  );
}

async function recompute(options: SuccessionOptions): Promise<Recomputed> {
  const { proposed, out } = options;
  const register = importing(named(options));
  const vote = proposed === undefined ? undefined : parseHex(proposed, 32);
  if (proposed !== undefined && vote === undefined)
    throw new NotUnderstood('--proposed is a hash of 32 bytes');
  const carried = await onLedger(options, (asked) => recomputeAtHead(asked, register));
  if (vote !== undefined) requireImport(vote as Bytes32, carried);
  if (out !== undefined) writeFileSync(out, carried.calls.map((call) => `${call}\n`).join(''));
  return {
    register,
    importHash: carried.importHash,
    words: carried.words.length,
    calls: carried.calls.length,
  };
}

function check(options: SuccessionOptions): Promise<Successor> {
  const { contract } = options;
  if (contract === undefined)
    throw new NotUnderstood('check takes --contract, the address that is proposed.');
  if (options.register === 'consortium')
    return onLedger(options, (asked) => lookAtConsortium(asked, foundingIn(options), contract));
  const register = named(options);
  return onLedger(options, (asked, trust) => lookAtSuccessor(asked, trust.ledgerNonce, register, contract));
}

function fill(options: SuccessionOptions): Promise<Filled> {
  const register = importing(named(options));
  return onLedger(options, async (asked: AskedLedger) => {
    const { successor, importHash, calls } = await fillingAtHead(asked, register);
    await sendCalls(asked, successor, calls, (sent) =>
      process.stderr.write(`call ${sent} of ${calls.length}\n`),
    );
    return { register, successor, importHash, callsSent: calls.length };
  });
}

function recomputedInWords({ register, importHash, words, calls }: Recomputed): string {
  return words === 0
    ? `0 words: the register ${register} holds nothing to carry. Propose put-in-force without importHash: its successor begins with the vote.`
    : `${importHash}: ${words} words of ${register}, in ${calls} calls`;
}

const standingInWords = ({ contract, address: at, codeHash }: Standing) =>
  `${contract} at ${at}, code ${codeHash}`;

function successorInWords(made: Successor, register: Succeeded | 'consortium'): string {
  const votes =
    register === 'consortium'
      ? [
          `  kudurru succession check --register consortium --founding FILE --contract ${made.address}`,
          `  kudurru member propose pass-authority --set consortium=${made.address}`,
        ]
      : [
          `  kudurru succession check --register ${register} --contract ${made.address}`,
          `  kudurru member propose put-in-force --set register=${register} --set contract=${made.address}` +
            (isImporting(register) ? ' [--set importHash=HASH]' : ''),
        ];
  return [
    `${standingInWords(made)}: of this version and this ledger`,
    `  succeeds ${made.predecessor}`,
    ...made.parts.map((part) => `  names ${standingInWords(part)}`),
    'It governs nothing until members vote for it, each after the same check:',
    ...votes,
  ].join('\n');
}

function filledInWords({ register, successor, callsSent }: Filled): string {
  const sent = callsSent === 0 ? 'Nothing is left to send' : `${callsSent} calls sent`;
  const listed =
    register === 'notary' ? '' : ' Write the trust file of now: kudurru succession trust --out FILE';
  return `${sent}: ${register} has begun at ${successor}.${listed}`;
}

// ---- The trust file -----------------------------------------------------------------------------------------

interface Renewed {
  readonly file: string;
  readonly fingerprint: Bytes32;
  readonly fingerprintBefore: Bytes32;
  /** Contracts that are others than in the file before. */
  readonly succeeded: readonly string[];
}

const TRUST_MODE = 0o644;

async function trustNow(options: SuccessionOptions): Promise<Renewed> {
  const { out: file } = options;
  if (file === undefined) throw new NotUnderstood('trust takes --out, the file that it writes.');
  const [now, before] = await onLedger(options, async (asked, trust) => [
    await trustAtHead(asked, trust),
    trust,
  ]);
  const names = Object.keys(now.contracts) as (keyof TrustFile['contracts'])[];
  const succeeded = names.filter((name) => now.contracts[name].address !== before.contracts[name].address);
  writeFileSync(file, writeTrust(now), { flag: 'wx', mode: TRUST_MODE });
  return { file, fingerprint: fingerprint(now), fingerprintBefore: fingerprint(before), succeeded };
}

function trustInWords({ file, fingerprint: now, fingerprintBefore, succeeded }: Renewed): string {
  if (succeeded.length === 0) return `Nothing was succeeded: written as it was: ${file}\nfingerprint: ${now}`;
  return [
    `PROVED from the file before: ${succeeded.join(', ')} ${succeeded.length === 1 ? 'was' : 'were'} succeeded`,
    `written: ${file}`,
    `fingerprint: ${now}`,
    `fingerprint of the file before: ${fingerprintBefore}`,
    'Compare the fingerprint with every other member, and keep the file before: older certificates are verified with it.',
  ].join('\n');
}

// ---- Verifiers ----------------------------------------------------------------------------------------------

const VERIFIER_KINDS = ['p256', 'webauthn'] as const;

interface VerifierOptions extends LedgerOptions {
  readonly kind: (typeof VERIFIER_KINDS)[number];
  readonly contract?: Address;
}

function addVerifier(program: Command): void {
  withLedger(program.command('verifier'))
    .description(
      'the contract that checks keys of a kind, for a vote allow-verifier: create it, or check one',
    )
    .addOption(
      new Option('--kind <kind>', 'whose keys it checks').choices(VERIFIER_KINDS).makeOptionMandatory(),
    )
    .option('--contract <address>', 'only check that this one is it; else one is created', address)
    .addHelpText(
      'after',
      "\nAnybody may create it; members allow it by a vote. On a gateway's own ledger with --data, on a network with --rpc.",
    )
    .action((options: VerifierOptions) =>
      answer(
        options,
        () =>
          onLedger(options, (asked) =>
            options.contract === undefined
              ? deployVerifier(asked, options.kind)
              : lookAtVerifier(asked, options.kind, options.contract),
          ),
        (made) =>
          [
            `${standingInWords(made)}: the verifier of this version`,
            'Members allow it by a vote:',
            `  kudurru member propose allow-verifier --set verifier=${made.address} --set keyKind=${options.kind}`,
          ].join('\n'),
      ),
    );
}
