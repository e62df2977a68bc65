/**
 * `kudurru network`: how the nodes of a network stand, and what a vote on its validators would do.
 *
 * For a member's engineer, with a trust file. It asks and shows; it signs and sends nothing.
 */
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { readCertificate } from '../server/domain/audit/certificate.ts';
import type { QbftEvidence } from '../server/domain/audit/lineage.ts';
import { readTrust } from '../server/domain/audit/trust.ts';
import type { Address } from '../server/domain/base/hex.ts';
import { momentInWords } from '../server/domain/base/inWords.ts';
import {
  bearingOf,
  type Rehearsal,
  rehearse,
  type ValidatorVote,
  type VoteTrouble,
} from '../server/domain/power/validatorVote.ts';
import { lookAtNetwork, type NetworkSeen, type NodeSeen, nodesNamed } from '../server/network.ts';
import { type AnswerOptions, answer, NotUnderstood, readText } from './answer.ts';
import { addCeremony } from './ceremony.ts';
import { movedInWords, moveInFile } from './checkpoint.ts';
import { addDeploy } from './deploy.ts';
import { authorizationsFor, CREDENTIALS_OPTION } from './nodeCredentials.ts';
import { address, institutionNumber, nodeUrl } from './options.ts';
import { addTrustSignatures } from './trustSignatures.ts';
import { addValidatorKey } from './validatorKey.ts';
import { addValidatorProof, shownOfJoining } from './validatorProof.ts';

const MAX_TRUST_BYTES = 65_536;
/** Ten thousand changes of validators with their proofs. */
const MAX_CERTIFICATE_BYTES = 64 * 2 ** 20;

interface NodeOptions extends AnswerOptions {
  readonly rpc: readonly string[];
  readonly trust: string;
  readonly credentials?: string;
  readonly certificate?: string;
}

interface VoteOptions extends NodeOptions {
  readonly add?: Address;
  readonly institution?: number;
  readonly remove?: Address;
  readonly replace?: Address;
  readonly by?: Address;
  readonly proof?: string;
  readonly runBy: readonly (readonly [Address, number])[];
}

export function addNetwork(program: Command): void {
  const network = program
    .command('network')
    .description('for a member’s engineer: how the nodes and validators of a network stand');
  addValidatorKey(network);
  addValidatorProof(network);
  addCeremony(network);
  addDeploy(network);
  addTrustSignatures(network);
  addCheckpoint(network);
  withNodes(network.command('show'))
    .description(
      'each node: how far it is, whom it knows, whether it has the same block; each validator: how many it sealed',
    )
    .addHelpText(
      'after',
      '\nExit code 1 where a node is silent, of another ledger, or has another block than the others.',
    )
    .action((options: NodeOptions) =>
      answer(
        options,
        async () => {
          const seen = await lookAt(options);
          if (seen.nodes.some(({ trouble, differs }) => trouble !== undefined || differs))
            process.exitCode = 1;
          return seen;
        },
        seenInWords,
      ),
    );
  withNodes(network.command('rehearse'))
    .description('what a vote on validators would do: how many may fail before it and after')
    .option('--add <address>', 'a validator that would join', address)
    .option('--institution <number>', 'whose it would be', institutionNumber)
    .option('--remove <address>', 'one that would leave', address)
    .option('--replace <address>', 'one that would leave for another of its institution', address)
    .option('--by <address>', 'the other', address)
    .option('--proof <file>', 'of the one that would join, as `network prove` wrote it on its machine')
    .option(
      '--run-by <address=institution>',
      'whose one is that joined after the founding; may be repeated',
      (text: string, before: readonly (readonly [Address, number])[]) => [...before, ownerIn(text)],
      [],
    )
    .addHelpText(
      'after',
      '\nExit code 1 where the vote would be refused, or would need validators that seal nothing.',
    )
    .action((options: VoteOptions) =>
      answer(
        options,
        async () => {
          const rehearsal = await rehearsalOf(options);
          if (rehearsal.troubles.length > 0) process.exitCode = 1;
          return rehearsal;
        },
        rehearsalInWords,
      ),
    );
}

interface MoveOptions extends AnswerOptions {
  readonly trust: string;
  readonly certificate?: string;
  readonly rpc?: string;
  readonly credentials?: string;
  readonly block?: number;
  readonly out?: string;
}

function addCheckpoint(network: Command): void {
  network
    .command('checkpoint')
    .description(
      'moves the checkpoint of a trust file forward, proved by seals: a new file and its fingerprint',
    )
    .requiredOption('--trust <file>', 'the trust file in use; it stays as it is')
    .option(
      '--certificate <file>',
      'proves the block before its own: every member with it gets the same file',
    )
    .option('--rpc <url>', 'or the JSON-RPC of a gateway on this machine (KUDURRU_RPC_PORT)', nodeUrl)
    .option(...CREDENTIALS_OPTION)
    .option(
      '--block <number>',
      'with it: the new checkpoint; the newest that it proves, unless said',
      blockIn,
    )
    .option('--out <file>', 'the new file, which is not there yet; beside the old one unless said')
    .option('--json', 'answer as JSON')
    .addHelpText('after', '\nExit code 1 where the old file does not prove it; then nothing is written.')
    .action(({ rpc, credentials, ...options }: MoveOptions) =>
      answer(
        options,
        () => {
          const urls = rpc === undefined ? [] : [rpc];
          const [named] = nodesNamed(urls, authorizationsFor(urls, credentials));
          return moveInFile(Object.assign({}, options, named && { node: named }));
        },
        movedInWords,
      ),
    );
}

function blockIn(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('The number of a block.');
  return Number(text);
}

function withNodes(command: Command): Command {
  return command
    .requiredOption(
      '--rpc <url>',
      'a node; may be repeated',
      (url: string, before: readonly string[] = []) => [...before, nodeUrl(url)],
    )
    .requiredOption('--trust <file>', 'trust file of the ledger')
    .option(...CREDENTIALS_OPTION)
    .option('--certificate <file>', 'a newer one, where validators changed longer ago than nodes prove')
    .option('--json', 'answer as JSON');
}

function ownerIn(text: string): readonly [Address, number] {
  const [whose = '', number = ''] = text.split('=');
  return [address(whose), institutionNumber(number)];
}

function askedIn({ rpc, trust, credentials, certificate }: NodeOptions) {
  return {
    nodes: nodesNamed(rpc, authorizationsFor(rpc, credentials)),
    trust: readTrust(readText(trust, MAX_TRUST_BYTES)),
    from: certificate === undefined ? undefined : evidenceIn(certificate),
  };
}

async function lookAt(options: NodeOptions): Promise<NetworkSeen> {
  const { nodes, trust, from } = askedIn(options);
  return lookAtNetwork(nodes, trust, from);
}

function evidenceIn(file: string): QbftEvidence | undefined {
  const { finality } = readCertificate(readText(file, MAX_CERTIFICATE_BYTES));
  return finality.kind === 'qbft' ? finality : undefined;
}

async function rehearsalOf(options: VoteOptions): Promise<Rehearsal> {
  const vote = voteIn(options);
  const asked = askedIn(options);
  const { validators, members, newest } = await lookAtNetwork(asked.nodes, asked.trust, asked.from);
  if (validators === undefined || newest === undefined) {
    throw new NotUnderstood(
      'No node with a final head proves who validates: `network show` says what is wrong with each.',
    );
  }
  const runBy = new Map<Address, number>(options.runBy);
  for (const one of validators) if (one.institution !== undefined) runBy.set(one.validator, one.institution);
  const seen = new Set(validators.filter(({ sealed }) => sealed > 0).map(({ validator }) => validator));
  const { atSeconds: nowSeconds } = newest;
  const joining = await shownOfJoining(options.proof, vote, Object.assign(asked, { nowSeconds }));
  const set = { validators: validators.map(({ validator }) => validator), seen, runBy, members, joining };
  return rehearse(set, vote);
}

function voteIn({ add, institution: own, remove, replace, by }: VoteOptions): ValidatorVote {
  const votes: ValidatorVote[] = [];
  if (add !== undefined && own !== undefined) votes.push({ kind: 'add', validator: add, institution: own });
  if (remove !== undefined) votes.push({ kind: 'remove', validator: remove });
  if (replace !== undefined && by !== undefined) votes.push({ kind: 'replace', validator: replace, by });
  const [vote] = votes;
  if (vote !== undefined && votes.length === 1) return vote;
  throw new NotUnderstood('Give one vote: --add with --institution, --remove, or --replace with --by.');
}

function seenInWords({ nodes, commonBlock, newest, validators, blocksRead }: NetworkSeen): string {
  const { quorum, mayFail } = bearingOf(validators?.length ?? 0);
  return [
    ...nodes.map(nodeInWords),
    ...(commonBlock === undefined ? [] : [`compared at block ${commonBlock}`]),
    ...(newest ? [`newest block ${newest.blockNumber}, ${momentInWords(newest.atSeconds)}`] : []),
    ...(validators
      ? [`${validators.length} validators, a quorum is ${quorum}, ${mayFail} may fail`]
      : ['validators: no node proves them']),
    ...(validators ?? []).map(({ validator, sealed, institution: own }) => {
      const whose = own === undefined ? '' : `, institution ${own}`;
      return `  ${validator}${whose}: sealed ${sealed} of the newest ${blocksRead}`;
    }),
  ].join('\n');
}

function nodeInWords({
  node,
  trouble,
  why,
  version,
  peers,
  blockNumber,
  behindBlocks,
  differs,
}: NodeSeen): string {
  if (trouble !== undefined) return [node, trouble, ...(why === undefined ? [] : [why])].join(': ');
  const parts = [
    `block ${blockNumber}`,
    ...(behindBlocks ? [`${behindBlocks} behind`] : []),
    ...(peers === undefined ? [] : [`${peers} peers`]),
    ...(version === undefined ? [] : [version]),
    ...(differs ? ['ANOTHER BLOCK than the others'] : []),
  ];
  return `${node}: ${parts.join(', ')}`;
}

const TROUBLES: Readonly<Record<VoteTrouble, string>> = {
  'validator-set-unchanged': 'the set would be what it is',
  'too-few-validators': 'four validators never become three: add the successor first',
  'validators-concentrated': 'an institution would run a third or more, and could stop the chain',
  'validator-key-not-shown':
    'nobody showed that it has the key of the one that would join, for this ledger and institution (--proof)',
  'following-not-shown':
    'nobody showed that the one that would join has a block of this ledger of the last hour (--proof)',
  'quorum-not-seen': 'a quorum would need validators that sealed nothing lately: the chain would halt',
};

function rehearsalInWords({ before, after, seenAfter, isShareKnown, troubles }: Rehearsal): string {
  const bears = ({ validators, quorum, mayFail }: Rehearsal['before']) =>
    `${validators} validators, a quorum is ${quorum}, ${mayFail} may fail`;
  return [
    troubles.length === 0 ? 'NOTHING AGAINST IT' : 'NOT LIKE THIS',
    ...troubles.map((one) => `  ${one}: ${TROUBLES[one]}`),
    `before: ${bears(before)}`,
    `after: ${bears(after)}; ${seenAfter} of them sealed lately`,
    ...(isShareKnown
      ? []
      : ['whose each validator is, or how many members vote, is not known: no share was judged (--run-by)']),
  ].join('\n');
}
