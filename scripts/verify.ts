/**
 * `kudurru verify` and `kudurru verify-head`: is this certificate true, is this block final, on the ledger that the trust
 * file names?
 *
 * An auditor or a citizen runs them alone: they read two files and open no network, but for `--rpc`, which asks one node
 * what it holds now. They import the pure rules only.
 */
import { readFileSync, statSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { type Certificate, readCertificate } from '../server/domain/audit/certificate.ts';
import { parseEvidence } from '../server/domain/audit/evidence.ts';
import { type FinalityEvidence, verifyFinality } from '../server/domain/audit/lineage.ts';
import { fingerprint, readTrust, type TrustFile } from '../server/domain/audit/trust.ts';
import {
  type CurrentAnswer,
  type Intact,
  judged,
  judgeFacts,
  type No,
  type Verdicts,
  verifyCertificate,
} from '../server/domain/audit/verifyCertificate.ts';
import { textOfUtf8 } from '../server/domain/base/hex.ts';
import { momentInWords } from '../server/domain/base/inWords.ts';
import { Refusal, refusal } from '../server/domain/base/refusal.ts';
import { type AskedNode, askNode, NodeSilent } from './verify/askNode.ts';
import { titleInWords } from './verify/titleWords.ts';

/** Ten thousand changes of validators with their proofs; more is no evidence a person was given. */
const MAX_EVIDENCE_BYTES = 64 * 2 ** 20;

const TRUST_OPTION = [
  '--trust <file>',
  'trust file written at founding, obtained from somewhere else than the evidence',
] as const;

/** What a node wants so that it lets a command in, or why its file cannot be used: this command reads no settings itself. */
export type LettingIn = (url: URL, file: string) => { readonly authorization: () => string } | string;

/** `credentialsOption` and `letIn`: as every command that asks a node has them. */
export function addVerify(
  program: Command,
  credentialsOption: readonly [flags: string, description: string],
  letIn: LettingIn,
): void {
  program
    .command('verify')
    .description('check the certificate of a title with a trust file alone, without a network')
    .argument('<certificate>', 'certificate file')
    .requiredOption(...TRUST_OPTION)
    .option('--rpc <url>', 'also ask this node whether the certificate is current', readUrl)
    .option(
      '--trust-now <file>',
      'of a certificate from before a succession of the register: the trust file of now, which the node is asked by',
    )
    .option(...credentialsOption)
    .option('--json', 'answer as JSON')
    .addHelpText(
      'after',
      `
Three verdicts: intact (the facts open the commitments), anchored (the state is under a header that is final on the
ledger of the trust file), current (the node of --rpc still has it; without --rpc it is not asked).`,
    )
    .action(async (file: string, options: VerifyOptions) => {
      const node = nodeOf(options, letIn);
      const now = options.trustNow === undefined ? undefined : read(options.trustNow);
      if (now !== undefined && node === undefined) notUnderstood('--trust-now is for a node: give --rpc.');
      const judged = await judgeCertificate(read(file), { before: read(options.trust), now }, node);
      console.log(options.json ? JSON.stringify(judged.answer) : certificateInWords(judged));
      process.exitCode = exitCodeOf(judged.answer);
    });
}

export function addVerifyHead(program: Command): void {
  program
    .command('verify-head')
    .description('check that a block is final, from the evidence and a trust file alone, without a network')
    .argument('<evidence>', 'evidence file: header, seals or signatures, and the changes of validators')
    .requiredOption(...TRUST_OPTION)
    .option('--json', 'answer as JSON')
    .action((evidence: string, options: { trust: string; json?: boolean }) => {
      const verdict = judgeHead(read(evidence), read(options.trust));
      console.log(options.json ? JSON.stringify(verdict) : headInWords(verdict));
      process.exitCode = verdict.final ? 0 : 1;
    });
}

// ---- A certificate ------------------------------------------------------------------------------------------

interface NotAnswered {
  readonly verdict: 'not-answered';
  readonly reason: string;
}

interface CertificateAnswer {
  readonly intact: Verdicts['intact'];
  readonly anchored: Verdicts['anchored'];
  readonly current: Verdicts['current'] | NotAnswered;
  readonly trust?: string;
}

interface Judged {
  readonly answer: CertificateAnswer;
  readonly certificate?: Certificate;
}

const NOT_ASKED = { verdict: 'not-asked' } as const;

interface VerifyOptions {
  readonly trust: string;
  readonly trustNow?: string;
  readonly rpc?: URL;
  readonly credentials?: string;
  readonly json?: boolean;
}

function nodeOf({ rpc, credentials }: VerifyOptions, letIn: LettingIn): AskedNode | undefined {
  if (credentials === undefined) return rpc && { url: rpc };
  if (rpc === undefined) return notUnderstood('--credentials are for a node: give --rpc.');
  const shown = letIn(rpc, credentials);
  return typeof shown === 'string' ? notUnderstood(shown) : { url: rpc, authorization: shown.authorization };
}

function notUnderstood(reason: string): never {
  console.error(reason);
  process.exit(2);
}

/** The text of the trust file that the certificate is held against, and of a later one of the same ledger where there is one. */
interface TrustTexts {
  readonly before: string;
  readonly now: string | undefined;
}

async function judgeCertificate(
  text: string,
  trustTexts: TrustTexts,
  rpc: AskedNode | undefined,
): Promise<Judged> {
  const certificate = judged(() => readCertificate(text));
  if ('verdict' in certificate) {
    return { answer: { intact: certificate, anchored: certificate, current: NOT_ASKED } };
  }
  const trust = judged(() => readTrust(trustTexts.before));
  if ('verdict' in trust) {
    return { answer: { intact: judgeFacts(certificate), anchored: trust, current: NOT_ASKED }, certificate };
  }
  const verdicts = verifyCertificate(trust, certificate);
  const now = judged(() => laterTrust(trust, trustTexts.now));
  const current = 'verdict' in now ? now : await judgeCurrent(rpc, now, certificate);
  return { answer: { ...verdicts, current, trust: fingerprint(trust) }, certificate };
}

/** Refuses as `ledger-differs` a file of another ledger. */
function laterTrust(trust: TrustFile, text: string | undefined): TrustFile {
  if (text === undefined) return trust;
  const later = readTrust(text);
  const isSame = later.genesisHash === trust.genesisHash && later.ledgerNonce === trust.ledgerNonce;
  if (!isSame) throw refusal('ledger-differs', { what: 'genesis' });
  return later;
}

async function judgeCurrent(
  rpc: AskedNode | undefined,
  trust: TrustFile,
  certificate: Certificate,
): Promise<CertificateAnswer['current']> {
  if (rpc === undefined) return NOT_ASKED;
  const { answer, silence } = await ask(rpc, trust, certificate);
  return silence ?? verifyCertificate(trust, certificate, answer).current;
}

async function ask(
  rpc: AskedNode,
  trust: TrustFile,
  certificate: Certificate,
): Promise<{ readonly answer?: { readonly current: CurrentAnswer }; readonly silence?: NotAnswered }> {
  try {
    return { answer: { current: await askNode(rpc, trust, certificate.baUnit) } };
  } catch (error) {
    const isSaid = error instanceof NodeSilent || error instanceof Refusal;
    if (!isSaid) throw error;
    return { silence: { verdict: 'not-answered', reason: error.message } };
  }
}

function exitCodeOf({ intact, anchored, current }: CertificateAnswer): number {
  if ([intact, anchored, current].some(({ verdict }) => verdict === 'no')) return 1;
  return current.verdict === 'not-answered' ? 2 : 0;
}

function certificateInWords({ answer, certificate }: Judged): string {
  const { intact, anchored, current, trust } = answer;
  const lines = [
    intact.verdict === 'no' ? inWords('NOT INTACT', intact) : intactInWords(intact),
    anchored.verdict === 'no'
      ? inWords('NOT ANCHORED', anchored)
      : `ANCHORED: block ${anchored.blockNumber}, ${anchored.finality}, from ${anchored.restsOn}, power ${[anchored.phase, ...anchored.cautions].join(', ')}`,
    currentInWords(current),
  ];
  const holds = intact.verdict === 'yes' && anchored.verdict === 'yes';
  if (holds && certificate !== undefined) lines.push('', ...titleInWords(certificate));
  if (trust !== undefined) lines.push('', `trust file ${trust}`);
  return lines.join('\n');
}

/** What is left out is said before anything that is shown: a reader must not take a part for the whole. */
function intactInWords({ facts }: Intact): string {
  const parts = facts.flatMap(({ of, shown, all }) => {
    if (all === undefined) return `  of ${of} no fact is shown`;
    return shown < all ? `  of ${of} ${shown} of ${all} facts are shown` : [];
  });
  return ['INTACT: every fact shown opens its commitment', ...parts].join('\n');
}

function currentInWords(current: CertificateAnswer['current']): string {
  if (current.verdict === 'no') return inWords('NOT CURRENT', current);
  if (current.verdict === 'not-answered') return `NOT KNOWN WHETHER CURRENT: ${current.reason}`;
  if (current.verdict === 'not-asked') return 'not asked whether it is current (--rpc asks a node)';
  const { blockNumber, asOf, isFinal, isInEffect } = current;
  const by = isFinal ? 'shown to be final' : 'by the word of the node';
  const effect = isInEffect ? '' : '; NOT YET IN EFFECT then';
  return `CURRENT: as of block ${blockNumber}, ${momentInWords(asOf)}, ${by}${effect}`;
}

function inWords(verdict: string, { code, reason, remedy }: No): string {
  return `${verdict} (${code}): ${reason}\n  ${remedy}`;
}

// ---- A head -------------------------------------------------------------------------------------------------

type HeadVerdict =
  | {
      readonly final: true;
      readonly blockNumber: number;
      readonly blockHash: string;
      readonly finality: string;
      readonly restsOn: string;
      readonly trust: string;
    }
  | { readonly final: false; readonly code: string; readonly reason: string; readonly remedy: string };

function judgeHead(evidenceText: string, trustText: string): HeadVerdict {
  const verdict = judged((): HeadVerdict => {
    const trust = readTrust(trustText);
    const evidence: FinalityEvidence = parseEvidence(evidenceText);
    const { header, blockHash, finality, restsOn } = verifyFinality(trust, evidence);
    const { blockNumber } = header;
    return { final: true, blockNumber, blockHash, finality, restsOn, trust: fingerprint(trust) };
  });
  if ('final' in verdict) return verdict;
  const { code, reason, remedy } = verdict;
  return { final: false, code, reason, remedy };
}

function headInWords(verdict: HeadVerdict): string {
  if (!verdict.final) return `NOT FINAL (${verdict.code}): ${verdict.reason}\n${verdict.remedy}`;
  return [
    `FINAL: block ${verdict.blockNumber}, ${verdict.blockHash}`,
    `${verdict.finality}, from ${verdict.restsOn}; trust file ${verdict.trust}`,
  ].join('\n');
}

// ---- Arguments ----------------------------------------------------------------------------------------------

function read(file: string): string {
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  const isRead = size !== undefined && size <= MAX_EVIDENCE_BYTES;
  const text = isRead ? textOfUtf8(readFileSync(file)) : undefined;
  if (text === undefined) {
    return notUnderstood(
      `${file} cannot be read, is larger than ${MAX_EVIDENCE_BYTES} bytes, or is not text in UTF-8.`,
    );
  }
  return text;
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new InvalidArgumentError('It is the address of a node, such as http://localhost:8545.');
  }
  return url;
}
