/**
 * `kudurru network prove`: on the machine of a validator that would join, the proof that it has the key and follows the chain.
 *
 * Promises: signed over the newest final block that its own node shows, and over nothing else; the key is read and shown to nobody; no
 * file that is there is touched.
 */
import fs from 'node:fs';
import type { Command } from 'commander';
import { signCompact } from '../server/domain/acts/signing.ts';
import type { QbftEvidence } from '../server/domain/audit/lineage.ts';
import { readTrust, type TrustFile } from '../server/domain/audit/trust.ts';
import { type Address, type Bytes32, fromHex, type Hex } from '../server/domain/base/hex.ts';
import { hexIn, jsonOf, recordOf, requireFormat, wholeIn } from '../server/domain/base/strictJson.ts';
import {
  followsDigest,
  isFresh,
  isOfItsKey,
  type ValidatorProof,
} from '../server/domain/power/validatorProof.ts';
import type { JoiningShown, ValidatorVote } from '../server/domain/power/validatorVote.ts';
import { enodeTold, finalAt, lookAtNetwork, type NodeNamed, nodesNamed } from '../server/network.ts';
import { type AnswerOptions, answer, NotUnderstood, readText } from './answer.ts';
import { MAX_INSTITUTION, validatorOf } from './members.ts';
import { authorizationsFor, CREDENTIALS_OPTION } from './nodeCredentials.ts';
import { institutionNumber, nodeUrl } from './options.ts';

const FORMAT = 'kudurru-validator-proof-1';
const MAX_PROOF_BYTES = 4_096;
const MAX_TRUST_BYTES = 65_536;
/** As `network key` writes it. */
const KEY_TEXT = /^(?:0x)?([0-9a-f]{64})\s*$/;
const MAX_KEY_BYTES = 80;
const FILE_MODE = 0o644;

interface ProveOptions extends AnswerOptions {
  readonly key: string;
  readonly institution: number;
  readonly trust: string;
  readonly rpc: string;
  readonly credentials?: string;
  readonly out: string;
}

export function addValidatorProof(network: Command): void {
  network
    .command('prove')
    .description('on the machine of a validator that would join: that it has the key and follows the chain')
    .requiredOption('--key <file>', 'as `network key` made it; it stays where it is')
    .requiredOption('--institution <number>', 'whose the validator would be', institutionNumber)
    .requiredOption('--trust <file>', 'trust file of the ledger')
    .requiredOption('--rpc <url>', 'the validator’s own node', nodeUrl)
    .option(...CREDENTIALS_OPTION)
    .requiredOption('--out <file>', 'the proof, for `network rehearse --proof`; not there yet')
    .option('--json', 'answer as JSON')
    .action((options: ProveOptions) =>
      answer(
        options,
        () => prove(options),
        ({ file, validator, institution, blockNumber }) =>
          `written ${file}: validator ${validator} of institution ${institution} has block ${blockNumber} of the ledger`,
      ),
    );
}

async function prove({ key: file, institution, trust: trustFile, rpc, credentials, out }: ProveOptions) {
  const trust = readTrust(readText(trustFile, MAX_TRUST_BYTES));
  const [, hex] = KEY_TEXT.exec(readText(file, MAX_KEY_BYTES)) ?? [];
  if (hex === undefined) throw new NotUnderstood(`${file} is no key of a validator.`);
  const key = fromHex(`0x${hex}` as Hex);
  const { validator, enode } = validatorOf(key, institution, '127.0.0.1', 1);
  const [node] = nodesNamed([rpc], authorizationsFor([rpc], credentials));
  if (node === undefined) throw new Error('no node');
  const { nodes, newest } = await lookAtNetwork([node], trust);
  const [seen] = nodes;
  if (newest === undefined || seen?.commonHash === undefined) {
    const why = [seen?.trouble, seen?.why].filter((one) => one !== undefined).join(': ');
    throw new NotUnderstood(`The node shows no final block of this ledger. ${why}`);
  }
  const told = await enodeTold(node);
  if (told !== undefined && keyIn(told) !== keyIn(enode)) {
    throw new NotUnderstood(`The node at ${rpc} runs with another key: start it with ${file}.`);
  }
  const follows = { validator, institution, blockNumber: newest.blockNumber, blockHash: seen.commonHash };
  const signature = signCompact(followsDigest(trust, follows), key);
  const proof = { format: FORMAT, ...withSignature(follows, signature) };
  fs.writeFileSync(out, `${JSON.stringify(proof, undefined, 2)}\n`, { flag: 'wx', mode: FILE_MODE });
  return Object.assign({ file: out }, follows);
}

const withSignature = (follows: Omit<ValidatorProof, 'signature'>, signature: Hex): ValidatorProof =>
  Object.assign({}, follows, { signature });

/** Of an enode the public key. */
const keyIn = (enode: string): string => enode.slice('enode://'.length, enode.indexOf('@'));

/** What a proof shows of the validator that a vote would take in; nothing where there is none. */
export async function shownOfJoining(
  file: string | undefined,
  vote: ValidatorVote,
  asked: {
    readonly nodes: readonly NodeNamed[];
    readonly trust: TrustFile;
    readonly from: QbftEvidence | undefined;
    readonly nowSeconds: number;
  },
): Promise<JoiningShown> {
  if (file === undefined || vote.kind === 'remove') return { hasKey: false, isFollowing: false };
  const proof = proofIn(file);
  const isNamed =
    vote.kind === 'add'
      ? proof.validator === vote.validator && proof.institution === vote.institution
      : proof.validator === vote.by;
  const atSeconds = await finalAt(asked.nodes, asked.trust, proof, asked.from);
  return {
    hasKey: isNamed && isOfItsKey(asked.trust, proof),
    isFollowing: atSeconds !== undefined && isFresh(atSeconds, asked.nowSeconds),
  };
}

function proofIn(file: string): ValidatorProof {
  const malformed = (place: string): never => {
    throw new NotUnderstood(
      `${file} is no proof of \`network prove\`${place === '' ? '' : `, at ${place}`}.`,
    );
  };
  const json = jsonOf(readText(file, MAX_PROOF_BYTES), MAX_PROOF_BYTES, malformed);
  requireFormat(json, FORMAT, malformed);
  const names = ['format', 'validator', 'institution', 'blockNumber', 'blockHash', 'signature'];
  const fields = recordOf(json, '', names, malformed);
  return {
    validator: hexIn<Address>(fields.validator, 20, '/validator', malformed),
    institution: wholeIn(fields.institution, MAX_INSTITUTION, '/institution', malformed),
    blockNumber: wholeIn(fields.blockNumber, Number.MAX_SAFE_INTEGER, '/blockNumber', malformed),
    blockHash: hexIn<Bytes32>(fields.blockHash, 32, '/blockHash', malformed),
    signature: hexIn<Hex>(fields.signature, 64, '/signature', malformed),
  };
}
