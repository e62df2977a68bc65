/**
 * `kudurru audit`: the whole replay of a ledger from a node, or from an exported journal, and a trust file alone.
 *
 * An auditor runs it on a machine of their own: no data folder, no key, no gateway's word. It asks one node over JSON-RPC,
 * or a file of what a node answered, and believes of the answers what signatures, hashes and proofs show.
 */
import fs from 'node:fs';
import type { Command } from 'commander';
import {
  type AuditFinding,
  auditJournal,
  auditLedger,
  type LedgerAudit,
  NodeSilent,
} from '../server/audit.ts';
import type { EventBlock } from '../server/domain/acts/events.ts';
import { readTrust, type TrustFile } from '../server/domain/audit/trust.ts';
import { Fault } from '../server/domain/base/fault.ts';
import type { Bytes32 } from '../server/domain/base/hex.ts';
import { momentInWords } from '../server/domain/base/inWords.ts';
import { type AnswerOptions, answer, faultInWords, NotUnderstood, readText } from './answer.ts';
import { type AskedNode, askedNode, authorizationsFor, CREDENTIALS_OPTION } from './nodeCredentials.ts';

const MAX_TRUST_BYTES = 65_536;
/** Often enough to see that it goes on, seldom enough to be read. */
const PROGRESS_BLOCKS = 1_000n;

type OnBlock = (block: EventBlock) => void;

interface AuditOptions extends AnswerOptions {
  readonly rpc?: string;
  readonly credentials?: string;
  readonly journal?: string;
  readonly trust: string;
}

/** What no file can show, however whole it is. */
const NOT_SHOWN_BY_A_FILE =
  'not shown by a file: whether the ledger went on since it was written, or has another head elsewhere; ask a node (--rpc)';

export function addAudit(program: Command): void {
  program
    .command('audit')
    .description('derive a whole ledger again from a node, or an exported journal, and a trust file alone')
    .option('--rpc <url>', 'a node of the ledger, such as http://localhost:8545')
    .option(...CREDENTIALS_OPTION)
    .option('--journal <file>', 'what `kudurru export --format journal` wrote, instead of a node: no network')
    .requiredOption(
      '--trust <file>',
      'trust file written at founding, obtained from somewhere else than the node',
    )
    .option('--json', 'answer as JSON')
    .addHelpText(
      'after',
      `
Checks every block, every officer's signature, every state and who could sign what when; then what the registers hold now
against proofs, and that the contracts are those of this version. Of a sound ledger it says where each register is: compare with
that what \`officer sign\` says was NOT CHECKED, or give it the answer of --json as --registers.`,
    )
    .action((options: AuditOptions) =>
      answer(
        options,
        async () => {
          const audit = await auditOf(options);
          if (!audit.ok) process.exitCode = 1;
          return plain(audit);
        },
        (told) => [inWords(told), ...(options.journal === undefined ? [] : [NOT_SHOWN_BY_A_FILE])].join('\n'),
      ),
    );
}

async function auditOf({ rpc, credentials, journal, trust }: AuditOptions): Promise<LedgerAudit> {
  if ((rpc === undefined) === (journal === undefined)) {
    throw new NotUnderstood('Give either --rpc, the address of a node, or --journal, an exported file.');
  }
  const believed = readTrust(readText(trust, MAX_TRUST_BYTES));
  if (rpc !== undefined) return auditOfNode(askedNode(rpc, credentials), believed);
  authorizationsFor([], credentials);
  return auditOfFile(journal ?? '', believed);
}

/** Of a journal that was exported. `onBlock` sees each block once it was derived. */
export async function auditOfFile(file: string, trust: TrustFile, onBlock?: OnBlock): Promise<LedgerAudit> {
  if (!fs.existsSync(file)) throw new NotUnderstood(`${file} is not there.`);
  return answered(file, () => auditJournal(file, trust, saying(onBlock)));
}

/** Of a node, and kept as a file where one is named. `onBlock` sees each block once it was derived. */
export async function auditOfNode(
  node: AskedNode,
  trust: TrustFile,
  keep?: string,
  onBlock?: OnBlock,
): Promise<LedgerAudit> {
  return answered(node.url, () => auditLedger(node, trust, saying(onBlock), keep));
}

async function answered(place: string, audit: () => Promise<LedgerAudit>): Promise<LedgerAudit> {
  try {
    return await audit();
  } catch (error) {
    const cannot = (why: string) => new NotUnderstood(`${place} cannot be audited now: ${why}`);
    if (error instanceof NodeSilent) throw cannot(error.message);
    throw error instanceof Fault && error.retryable ? cannot(faultInWords(error)) : error;
  }
}

/** Progress goes where it does not mix with the answer. */
function saying(onBlock: OnBlock = () => undefined) {
  return (block: EventBlock, through: bigint): void => {
    const { number } = block.cursor;
    if (number % PROGRESS_BLOCKS === 0n) process.stderr.write(`block ${number} of ${through}\n`);
    onBlock(block);
  };
}

/** Of `LedgerAudit`, with integers as a gateway writes them. */
type Told = Omit<LedgerAudit, 'blockNumber' | 'entries'> & {
  readonly blockNumber: string;
  readonly entries: string;
};

function plain(audit: LedgerAudit): Told {
  return JSON.parse(
    JSON.stringify(audit, (_, part: unknown) => (typeof part === 'bigint' ? part.toString() : part)),
  );
}

function inWords(told: Told): string {
  const {
    ok,
    blockNumber,
    asOf,
    finality,
    entries,
    units,
    signatures,
    verdicts,
    trust,
    succeeded,
    registers,
    findings,
  } = told;
  const counts = `${blockNumber} blocks, ${entries} entries, ${units} units, ${signatures.checked} signatures`;
  return [
    `${ok ? 'SOUND' : 'NOT SOUND'}: ${[counts, ...verdicts].join(', ')}`,
    ...findings.map(findingInWords),
    `as of block ${blockNumber}, ${momentInWords(asOf)}, ${finality}`,
    ...trustInWords(trust, succeeded),
    ...(ok ? registers.map(({ name, address }) => `${name} is at ${address}`) : []),
  ].join('\n');
}

/** An old file is no other ledger's: it says what stood when it was written. */
export function trustInWords(fingerprint: Bytes32, succeeded: readonly string[]): readonly string[] {
  if (succeeded.length === 0) return [`trust file ${fingerprint}`];
  const what = `${succeeded.join(' and ')} of this ledger ${succeeded.length === 1 ? 'was' : 'were'} succeeded`;
  return [
    `trust file ${fingerprint} IS OLD: the ${what} since it was written.`,
    '`kudurru succession trust` writes the one of now; older certificates are verified with this one.',
  ];
}

function findingInWords(finding: AuditFinding): string {
  const { check, what, ...where } = finding;
  const places = Object.entries(where).map(([name, value]) => `${name} ${String(value)}`);
  return [`  ${check}: ${what}`, ...places].join(' ');
}
