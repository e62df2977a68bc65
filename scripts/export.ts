/**
 * `kudurru export`: the entries of every journal in words, as lines of JSON or as CSV, for who counts and asks; and the
 * ledger itself as a file, which `kudurru audit` derives again on a machine without a network.
 *
 * Promises: one page in memory at a time, however long the ledger; an export that ended goes on where it did when the
 * same command is given again, and nothing stands in the file twice; nothing of a person is in it. What it says can be
 * derived by `kudurru audit`, which trusts no gateway.
 */
import fs from 'node:fs';
import { type Command, Option } from 'commander';
import { entryName } from '../server/domain/acts/entries.ts';
import type { ContractName } from '../server/domain/acts/events.ts';
import { readTrust } from '../server/domain/audit/trust.ts';
import { answer, NotUnderstood, readText } from './answer.ts';
import { auditOfNode } from './audit.ts';
import type { Client } from './client.ts';
import { exportLedger, LEDGER_TABLES, type LedgerExport, type LedgerTable } from './exportLedger.ts';
import { clientOf, type GatewayOptions, whole, withGateway } from './gatewayOptions.ts';
import { askedNode, authorizationsFor, CREDENTIALS_OPTION } from './nodeCredentials.ts';

interface ExportOptions extends GatewayOptions {
  readonly of: 'entries' | LedgerTable;
  readonly journal?: string;
  readonly out: string;
  readonly format: 'jsonl' | 'csv' | 'journal';
  readonly page: number;
  readonly rpc?: string;
  readonly credentials?: string;
  readonly trust?: string;
}

interface Page<T> {
  readonly rows: readonly T[];
  readonly next?: string;
}

/** Of each entry: that it is there, and where. */
interface ClosedEntry {
  readonly contract: ContractName;
  readonly index: string | number;
  readonly entryId: string;
  readonly blockNumber: string | number;
  readonly transactionHash: string;
  /** Its history is for another office or role than the token's. */
  readonly isClosed: true;
}

interface OpenEntry extends Omit<ClosedEntry, 'isClosed'> {
  readonly subject: string;
  readonly kind: number;
  readonly preparer: string;
  readonly approver: string;
  readonly recordedAt: string | number;
}

type EntryTold = OpenEntry | ClosedEntry;
const isOpen = (entry: EntryTold): entry is OpenEntry => !('isClosed' in entry);

/** How far a file is: up to which byte it holds whole entries, and where the next page begins. */
interface Progress {
  readonly bytes: number;
  readonly entries: number;
  readonly after?: string;
  /** In which format, and of which ledger by the hash of its first block. */
  readonly of: string;
}

const PAGE = 500;
const MAX_TRUST_BYTES = 65_536;
const MAX_PROGRESS_BYTES = 4_096;
const NOBODY = /^0x0*$/;
const COLUMNS = [
  'entryId',
  'act',
  'kind',
  'when',
  'register',
  'index',
  'object',
  'preparer',
  'preparerInstitution',
  'approver',
  'approverInstitution',
  'block',
  'transaction',
] as const;
type Row = Readonly<Record<(typeof COLUMNS)[number], string | number>>;
/** What the token may read of nothing but its place. */
const CLOSED = {
  act: 'closed: for another office or role',
  kind: '',
  when: '',
  object: '',
  preparer: '',
  preparerInstitution: '',
  approver: '',
  approverInstitution: '',
};

export function addExport(program: Command): void {
  withGateway(program.command('export'), false)
    .description(
      'write every entry of the ledger in words: act, when, officers, institutions, object, entry id',
    )
    .requiredOption(
      '--out <file>',
      'the file; with FILE.progress beside it, an export goes on where it ended',
    )
    .addOption(
      new Option(
        '--format <format>',
        'lines of JSON, or CSV; or what a node answers of the whole ledger, to audit offline',
      )
        .choices(['jsonl', 'csv', 'journal'])
        .default('jsonl'),
    )
    .addOption(
      new Option(
        '--of <what>',
        'entries in words, by a gateway; or by --trust alone what is audited on the way',
      )
        .choices(['entries', ...LEDGER_TABLES])
        .default('entries'),
    )
    .option('--journal <file>', 'an exported journal, in the place of a node')
    .option('--rpc <url>', 'of a journal: the node that is asked, such as http://localhost:8545')
    .option(...CREDENTIALS_OPTION)
    .option('--trust <file>', 'of a journal: the trust file of the ledger, which is audited on the way')
    .option('--page <count>', `entries of one request, ${PAGE} at most`, whole, PAGE)
    .action((options: ExportOptions) =>
      options.of !== 'entries' && options.format !== 'journal'
        ? answer(
            options,
            () => exportLedger(options as LedgerExport),
            ({ lines, blocks, ok }) =>
              `Written: ${options.out}, ${lines} lines of ${blocks} blocks, ${ok ? 'SOUND' : 'NOT SOUND'}`,
          )
        : options.format === 'journal'
          ? answer(
              options,
              () => exportJournal(options),
              ({ blocks, ok }) => `Written: ${options.out}, ${blocks} blocks, ${ok ? 'SOUND' : 'NOT SOUND'}`,
            )
          : answer(
              { json: options.json === true }, // its file goes on where it ended
              () => exportEntries(options),
              ({ entries, added }) => `Written: ${options.out}, ${entries} entries, ${added} of them now`,
            ),
    );
}

/** Whole blocks with their receipts and the proofs and code at their end: all that an audit asks of a node, as it came. */
async function exportJournal({ rpc, credentials, trust, out }: ExportOptions) {
  if (rpc === undefined || trust === undefined) {
    throw new NotUnderstood('A journal is of a node: give --rpc and --trust.');
  }
  if (fs.existsSync(out)) throw new NotUnderstood(`${out} is there already: name another file.`);
  const node = askedNode(rpc, credentials);
  const { ok, blockNumber } = await auditOfNode(node, readTrust(readText(trust, MAX_TRUST_BYTES)), out);
  if (!ok) process.exitCode = 1;
  return { blocks: Number(blockNumber), ok };
}

async function exportEntries(options: ExportOptions) {
  const { out, format, page: limit } = options;
  authorizationsFor([], options.credentials);
  if (options.token === undefined) throw new NotUnderstood('Give --token, of the role auditor.');
  const client = clientOf(options);
  const progressFile = `${out}.progress`;
  const { genesisHash } = await client.ask<{ genesisHash: string }>('/ledger');
  let progress = progressIn(progressFile, out, `${format} of ${genesisHash}`);
  const before = progress.entries;
  const institutions = new Map<string, number>();
  const file = fs.openSync(out, fs.existsSync(out) ? 'r+' : 'wx', 0o600);
  try {
    fs.ftruncateSync(file, progress.bytes); // a page that was cut in the middle
    if (progress.bytes === 0 && format === 'csv') progress = append(`${COLUMNS.join(',')}\n`, progress, 0);
    for (;;) {
      const from: string = progress.after === undefined ? '' : `&after=${encodeURIComponent(progress.after)}`;
      const page = await client.ask<Page<EntryTold>>(`/entries?limit=${limit}${from}`);
      const { rows, next } = page;
      const lines = await linesOf(rows, client, institutions, format);
      if (next === undefined) {
        // The last page may grow: it is written, and begun again when there is more.
        save(progress);
        const { entries } = append(lines, progress, rows.length);
        return { entries, added: entries - before };
      }
      progress = append(lines, Object.assign({}, progress, { after: next }), rows.length);
      save(progress);
    }
  } finally {
    fs.closeSync(file);
  }

  function append(text: string, from: Progress, entries: number): Progress {
    const written = fs.writeSync(file, text, from.bytes);
    fs.fsyncSync(file);
    return Object.assign({}, from, { bytes: from.bytes + written, entries: from.entries + entries });
  }

  function save(now: Progress): void {
    fs.writeFileSync(`${progressFile}.new`, `${JSON.stringify(now)}\n`, { flush: true });
    fs.renameSync(`${progressFile}.new`, progressFile);
  }
}

function progressIn(file: string, out: string, of: string): Progress {
  if (!fs.existsSync(file)) {
    if (fs.existsSync(out)) throw new NotUnderstood(`${out} is there, and no ${file}: name another file.`);
    return { bytes: 0, entries: 0, of };
  }
  try {
    const { bytes, entries, after, of: there } = JSON.parse(readText(file, MAX_PROGRESS_BYTES)) as Progress;
    if (typeof there === 'string' && there !== of)
      throw new NotUnderstood(`${out} is an export ${there}, and not ${of}: name another file.`);
    const isRead =
      there === of &&
      Number.isSafeInteger(bytes) &&
      Number.isSafeInteger(entries) &&
      bytes <= fs.statSync(out).size;
    if (isRead) return { bytes, entries, of, ...(after === undefined ? {} : { after }) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new NotUnderstood(`${file} does not say how far ${out} is: take both away, and export again.`);
}

async function linesOf(
  rows: readonly EntryTold[],
  client: Client,
  institutions: Map<string, number>,
  format: ExportOptions['format'],
): Promise<string> {
  const officers = rows.filter(isOpen).flatMap(({ preparer, approver }) => [preparer, approver]);
  if (officers.some((officer) => !NOBODY.test(officer) && !institutions.has(officer))) {
    await learn(client, institutions);
  }
  return rows
    .map((entry) => rowOf(entry, institutions))
    .map((row) => (format === 'csv' ? csvOf(row) : `${JSON.stringify(row)}\n`))
    .join('');
}

/** Officers are some hundreds, and never change their institution. */
async function learn(client: Client, institutions: Map<string, number>): Promise<void> {
  let after: string | undefined;
  do {
    const from: string = after === undefined ? '' : `&after=${encodeURIComponent(after)}`;
    const page = await client.ask<Page<{ officer: string; institution: number }>>(
      `/officers?limit=${PAGE}${from}`,
    );
    for (const { officer, institution } of page.rows) institutions.set(officer, institution);
    after = page.next;
  } while (after !== undefined);
}

function rowOf(entry: EntryTold, institutions: ReadonlyMap<string, number>): Row {
  const place = {
    entryId: entry.entryId,
    register: entry.contract,
    index: Number(entry.index),
    block: Number(entry.blockNumber),
    transaction: entry.transactionHash,
  };
  if (!isOpen(entry)) return Object.assign({}, CLOSED, place);
  const who = (officer: string) => (NOBODY.test(officer) ? '' : officer);
  const of = (officer: string) => institutions.get(officer) ?? '';
  return {
    ...place,
    act: entryName(entry.contract, entry.kind),
    kind: entry.kind,
    when: new Date(Number(entry.recordedAt) * 1000).toISOString(),
    object: entry.subject,
    preparer: who(entry.preparer),
    preparerInstitution: of(entry.preparer),
    approver: who(entry.approver),
    approverInstitution: of(entry.approver),
  };
}

function csvOf(row: Row): string {
  const cells = COLUMNS.map((name) => String(row[name]));
  return `${cells.map((cell) => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\n`;
}
