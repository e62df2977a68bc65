/**
 * `kudurru network init`, `check` and `trust`: the files that a network begins with, each computed by every member alone.
 *
 * Promises: nothing is signed and nothing is sent; a file that is there is not written over; a trust file is written only where
 * the whole ledger was audited by it and found sound. For the engineers of the members.
 */
import { randomInt } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { AuditFinding } from '../server/audit.ts';
import { fingerprint, writeTrust } from '../server/domain/audit/trust.ts';
import type { Address, Bytes32 } from '../server/domain/base/hex.ts';
import { jsonOf } from '../server/domain/base/strictJson.ts';
import type { Founding } from '../server/domain/power/founding.ts';
import { foundingFingerprint, parseFounding } from '../server/domain/power/foundingFile.ts';
import { membersSigned } from '../server/domain/power/trustSignature.ts';
import {
  type GenesisSeen,
  type GenesisTrouble,
  lookAtGenesis,
  networkGenesis,
  trustOfNetwork,
  validatorsIn,
} from '../server/genesis.ts';
import { nodesNamed } from '../server/network.ts';
import { checkNodes, type NodesChecked } from '../server/nodeCheck.ts';
import { type AnswerOptions, answer, NotUnderstood, readText } from './answer.ts';
import { type Members, membersIn, sharedHosts } from './members.ts';
import { askedNode, authorizationsFor, CREDENTIALS_OPTION } from './nodeCredentials.ts';
import { nodeFolders } from './nodeFiles.ts';
import { isSoundAll, nodesInWords } from './nodesCheck.ts';
import { address, nodeUrl } from './options.ts';
import { collected, signedInWords, WITH_OPTION } from './trustSignatures.ts';
import { hostsInWords } from './validatorKey.ts';

/** So many blocks back a Besu that nobody told otherwise proves the state. */
const PROVED_BLOCKS = 511;
const MAX_GENESIS_BYTES = 4 * 2 ** 20;
const MAX_FOUNDING_BYTES = 2 ** 20;
const FILE_MODE = 0o644;
/** 48 bits, so that no two ledgers have the same by chance, and every tool writes it exactly. */
const MAX_CHAIN_ID = 2 ** 48 - 1;

interface InitOptions extends AnswerOptions {
  readonly founding: string;
  readonly founder: Address;
  readonly blockPeriod: number;
  readonly requestTimeout: number;
  readonly emptyBlockPeriod?: number;
  readonly members?: string;
  readonly out: string;
}

interface NodesOptions extends AnswerOptions {
  readonly members: string;
  readonly genesis: string;
  readonly out: string;
}

interface CheckOptions extends AnswerOptions {
  readonly genesis: string;
  readonly founding: string;
}

interface CheckNodesOptions extends CheckOptions {
  readonly rpc: readonly string[];
  readonly credentials?: string;
  readonly proofs: number;
}

interface TrustOptions extends CheckOptions {
  readonly with: readonly string[];
  readonly rpc: string;
  readonly credentials?: string;
  readonly out: string;
}

interface Shown extends GenesisSeen {
  readonly foundingFingerprint: Bytes32;
  /** Where files of nodes were asked for. */
  readonly folders?: readonly string[];
}

export function addCeremony(network: Command): void {
  network
    .command('init')
    .description('the genesis of a network, from the founding file: the same Charter for every member')
    .requiredOption(
      '--founding <file>',
      'as `kudurru officer founding` wrote it, with four validators at least',
    )
    .requiredOption('--founder <address>', 'the account that deploys, and can do nothing after it', address)
    .option('--block-period <seconds>', 'between blocks that hold something', seconds, 1)
    .option('--request-timeout <seconds>', 'after which validators try again', seconds, 10)
    .option(
      '--empty-block-period <seconds>',
      'between blocks that hold nothing; as others, unless said',
      seconds,
    )
    .option(
      '--members <file>',
      'of `network members`: then the files of each validator’s node are made as well',
    )
    .requiredOption('--out <file>', 'the genesis file, or with --members the folder of all; not there yet')
    .option('--json', 'answer as JSON')
    .action((options: InitOptions) => answer(options, () => init(options), shownInWords));
  network
    .command('nodes')
    .description(
      'the files of each validator’s node, made anew for a genesis that is there: who joined or sends',
    )
    .requiredOption('--members <file>', 'as `network members` writes it')
    .requiredOption('--genesis <file>', 'the genesis of the network, which stays as it is')
    .requiredOption('--out <folder>', 'a folder for each validator in it; not there yet')
    .option('--json', 'answer as JSON')
    .action((options: NodesOptions) =>
      answer(
        options,
        () => ({ folders: nodes(options) }),
        ({ folders }) => folders.map((one) => `written ${one}`).join('\n'),
      ),
    );
  withFiles(network.command('check'))
    .description(
      'what is wrong with a genesis before a network is started from it, and with its nodes before and after it is founded',
    )
    .option(
      '--rpc <url>',
      'a node, as it stands now; may be repeated, and the more the better',
      (url: string, before: readonly string[]) => [...before, nodeUrl(url)],
      [],
    )
    .option(...CREDENTIALS_OPTION)
    .option('--proofs <blocks>', 'so far back each node is to prove the state', blocks, PROVED_BLOCKS)
    .addHelpText('after', '\nExit code 1 where anything is.')
    .action((options: CheckNodesOptions) =>
      answer(
        options,
        async () => {
          const seen = lookedAt(options);
          const nodes = options.rpc.length === 0 ? undefined : await nodesAsked(options, seen);
          const isSound = seen.troubles.length === 0 && (nodes === undefined || isSoundAll(nodes));
          if (!isSound) process.exitCode = 1;
          return Object.assign({}, seen, nodes);
        },
        (seen) => [shownInWords(seen), ...('nodes' in seen ? [nodesInWords(seen)] : [])].join('\n'),
      ),
    );
  withFiles(network.command('trust'))
    .description('the trust file of the ledger that was founded on a network: audited by it first')
    .requiredOption('--rpc <url>', 'the own node, such as http://localhost:8545')
    .option(...CREDENTIALS_OPTION)
    .option(...WITH_OPTION)
    .requiredOption('--out <file>', 'the trust file, which is not there yet')
    .addHelpText(
      'after',
      '\nExit code 1 where the genesis or the ledger is not sound; then nothing is written.',
    )
    .action((options: TrustOptions) => answer(options, () => trust(options), trustInWords));
}

function withFiles(command: Command): Command {
  return command
    .requiredOption('--genesis <file>', 'the file that the nodes are started from')
    .requiredOption('--founding <file>', 'the founding file of the ledger')
    .option('--json', 'answer as JSON');
}

function init({ founding: file, founder, members: named, out, ...rhythm }: InitOptions): Shown {
  const founding = foundingIn(file);
  const members = named === undefined ? undefined : membersIn(named);
  const validators = validatorsIn(founding);
  if (validators === undefined)
    throw new NotUnderstood(`${file} names no validators: ${WORDS['founding-names-no-validators']}.`);
  const { blockPeriod, requestTimeout, emptyBlockPeriod } = rhythm;
  const genesis = networkGenesis(founding, validators, founder, randomInt(1, MAX_CHAIN_ID), {
    blockPeriodSeconds: blockPeriod,
    requestTimeoutSeconds: requestTimeout,
    ...(emptyBlockPeriod !== undefined && { emptyBlockPeriodSeconds: emptyBlockPeriod }),
  });
  const seen = lookAtGenesis(genesis, founding);
  if (seen.troubles.length > 0) throw new NotUnderstood(troublesInWords(seen).join('\n'));
  const text = `${JSON.stringify(genesis, undefined, 2)}\n`;
  const shown = Object.assign({}, seen, { foundingFingerprint: foundingFingerprint(founding) });
  if (members === undefined) {
    fs.writeFileSync(out, text, { flag: 'wx', mode: FILE_MODE });
    return shown;
  }
  requireSame(members, founding);
  const folders = writeFolders(members, text, out, founder);
  fs.writeFileSync(path.join(out, 'genesis.json'), text, { flag: 'wx', mode: FILE_MODE });
  return Object.assign(shown, { folders });
}

/** A validator that the Charter does not list seals nothing, and one that it lists is waited for. */
function requireSame({ validators }: Members, founding: Founding): void {
  const spelled = (of: readonly { readonly validator: string; readonly institution: number }[]) =>
    of.map(({ validator, institution }) => `${validator}:${institution}`).join('\n  ');
  const [named, founded] = [spelled(validators), spelled(founding.validators)];
  if (named === founded) return;
  throw new NotUnderstood(
    `The members file and the founding file name different validators, or in another order:\n  ${named}\nand\n  ${founded}`,
  );
}

function nodes({ members: file, genesis, out }: NodesOptions): readonly string[] {
  const members = membersIn(file);
  return writeFolders(members, readText(genesis, MAX_GENESIS_BYTES), out);
}

function writeFolders(members: Members, genesis: string, out: string, founder?: Address): readonly string[] {
  const hosts = sharedHosts(members);
  if (hosts.length > 0) console.error(hostsInWords(hosts));
  fs.mkdirSync(out);
  return nodeFolders(members, genesis, founder).map(({ folder, files }) => {
    const whole = path.join(out, folder);
    fs.mkdirSync(whole);
    for (const { name, text } of files) fs.writeFileSync(path.join(whole, name), text, { mode: FILE_MODE });
    return whole;
  });
}

function lookedAt({ genesis, founding: file }: CheckOptions): Shown {
  const founding = foundingIn(file);
  const json = jsonOf(readText(genesis, MAX_GENESIS_BYTES), MAX_GENESIS_BYTES, () => {
    throw new NotUnderstood(`${genesis} is no JSON.`);
  });
  return Object.assign({}, lookAtGenesis(json, founding), {
    foundingFingerprint: foundingFingerprint(founding),
  });
}

/** Who founded may be gone: what the founding file says of validators and founder counts until the ledger is founded. */
async function nodesAsked(
  { rpc, credentials, proofs }: CheckNodesOptions,
  seen: Shown,
): Promise<NodesChecked> {
  const { chainId, genesisHash, rhythm, validators, founder } = seen;
  const due = Object.assign(
    { provesBlocks: proofs },
    Object.fromEntries(
      Object.entries({ chainId, genesisHash, rhythm, validators, founder }).filter(
        ([, value]) => value !== undefined,
      ),
    ),
  );
  return checkNodes(nodesNamed(rpc, authorizationsFor(rpc, credentials)), due, () => Date.now() / 1_000);
}

async function trust(options: TrustOptions) {
  const { rpc, credentials, founding: file, out } = options;
  if (fs.existsSync(out)) throw new NotUnderstood(`${out} is there already: name another file.`);
  const node = askedNode(rpc, credentials);
  const seen = lookedAt(options);
  const { genesisHash, chainId, validators, troubles } = seen;
  if (genesisHash === undefined || chainId === undefined || validators === undefined || troubles.length > 0) {
    process.exitCode = 1;
    return { seen };
  }
  const made = await trustOfNetwork(node, { genesisHash, chainId, validators }, foundingIn(file));
  if (made === undefined) {
    throw new NotUnderstood(
      'The Charter of this network has not named its registers yet: found the ledger first.',
    );
  }
  const { findings, blockNumber, verdicts } = made.audit;
  if (!made.audit.ok) {
    process.exitCode = 1;
    return { seen, findings: findings.map(inWords), verdicts };
  }
  const all = collected(made.trust, [], options.with);
  fs.writeFileSync(out, writeTrust(made.trust, all), { flag: 'wx', mode: FILE_MODE });
  const members = membersSigned(made.trust, foundingIn(file), all);
  const auditedBlock = Number(blockNumber);
  return { seen, file: out, fingerprint: fingerprint(made.trust), auditedBlock, verdicts, members };
}

/** Under the name that has a remedy, where it has one. */
function inWords(finding: AuditFinding): string {
  const code = 'code' in finding ? finding.code : undefined;
  return `${code ?? finding.check}: ${finding.what}`;
}

type TrustTold = Awaited<ReturnType<typeof trust>>;

/** A verdict stands beside SOUND, never in its place. */
export function trustInWords(told: TrustTold): string {
  const { seen, findings, file, fingerprint: print, auditedBlock, verdicts = [], members } = told;
  if (findings !== undefined)
    return ['NOT SOUND, and nothing is written:', ...findings, ...verdicts].join('\n');
  if (file === undefined) return shownInWords(seen);
  return [
    `SOUND: ${[`to block ${auditedBlock}`, ...verdicts].join(', ')}`,
    `written ${file}`,
    `fingerprint: ${print}`,
    `of genesis ${seen.genesisHash}, founding file ${seen.foundingFingerprint}`,
    ...(members === undefined ? [] : signedInWords(members)),
    'Compare the fingerprint aloud with every other member, each of whom computed it alone; then sign it (`network sign`).',
  ].join('\n');
}

function foundingIn(file: string): Founding {
  return parseFounding(readText(file, MAX_FOUNDING_BYTES));
}

const WORDS: Readonly<Record<GenesisTrouble, string>> = {
  'genesis-unreadable': 'it is no genesis of a network',
  'founding-names-no-validators': 'give their addresses to `kudurru officer founding --validator`',
  'too-few-validators': 'of fewer than four validators none may fail',
  'charter-differs': 'the Charter at its address is not that of this version',
  'founder-missing': 'the Charter names no account that deploys',
  'other-accounts':
    'it holds something at another address than the Charter: nobody deployed that, and nobody sees what it is',
  'validators-differ': 'the Charter lists other validators, another chain or another founder than it should',
  'contract-not-asked': 'validators are not asked of the Charter (validatorcontractaddress)',
  'nonce-differs': 'extraData does not carry the nonce of the founding file',
  'other-fork': 'Osaka does not hold from the first block on',
  'later-fork': 'a later fork has a time: gas and headers would change on a running ledger',
  'gas-has-a-price': 'zeroBaseFee is not set, so a full block would give gas a price',
  'gas-limit-differs': 'the gas of a block is not 30 million',
  'one-institution-has-quorum':
    'one institution runs a quorum of the validators, and could seal alone whatever it likes',
  'rhythm-unfit':
    'validators are to try again after 4 to 10 seconds (requesttimeoutseconds), no sooner than a block is due, and both names of the empty period are to say the same',
  'other-settings':
    'its config says more than that of a ledger: limits, rewards, nodes or a curve of its own would stop it, or change what verifies',
  'set-changes-by-time':
    'it has transitions: one that changes who is asked for validators halts a chain for good',
};

function troublesInWords({ troubles }: GenesisSeen): string[] {
  return ['NOT LIKE THIS', ...troubles.map((one) => `  ${one}: ${WORDS[one]}`)];
}

function shownInWords(seen: Shown): string {
  const { troubles, genesisHash, chainId, founder, validators } = seen;
  return [
    ...(troubles.length === 0 ? ['NOTHING AGAINST IT'] : troublesInWords(seen)),
    ...(genesisHash === undefined ? [] : [`genesis ${genesisHash}, chain ${chainId}`]),
    `founding file ${seen.foundingFingerprint}`,
    ...(founder === undefined ? [] : [`founder ${founder}, who can do nothing after the founding`]),
    ...(validators ?? []).map((one) => `validator ${one}`),
    ...(seen.folders ?? []).map((one) => `written ${one}`),
  ].join('\n');
}

function blocks(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('A whole number of blocks.');
  return Number(text);
}

function seconds(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError('A whole number of seconds.');
  return Number(text);
}
