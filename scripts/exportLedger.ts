/**
 * `kudurru export --of journal | votes | measures`: what an audit derives, a line each, for who has no token and believes no
 * gateway.
 *
 * Promises: every entry of every register with all that its journal's head folds, every vote, and every measure with its
 * votes, its wait and its state, from blocks that are audited on the way; as many lines as the audit counts. The file is
 * there under its name only when it is whole. docs/ledger-format.md says the columns. For the command.
 */
import fs from 'node:fs';
import { entryName } from '../server/domain/acts/entries.ts';
import type { EventBlock, EventOf } from '../server/domain/acts/events.ts';
import { readTrust } from '../server/domain/audit/trust.ts';
import { NotUnderstood, readText } from './answer.ts';
import { auditOfFile, auditOfNode } from './audit.ts';
import { askedNode, authorizationsFor } from './nodeCredentials.ts';

export const LEDGER_TABLES = ['journal', 'votes', 'measures'] as const;
export type LedgerTable = (typeof LEDGER_TABLES)[number];

const COLUMNS = {
  journal: [
    ...[
      'register',
      'address',
      'index',
      'kind',
      'act',
      'entryId',
      'subject',
      'newState',
      'preparer',
      'approver',
    ],
    ...['epochs', 'recordedAt', 'head', 'block', 'transaction'],
  ],
  votes: ['measureId', 'institution', 'officer', 'inFavour', 'castAt', 'block', 'transaction'],
  measures: [
    ...[
      'measureId',
      'kind',
      'institution',
      'target',
      'name',
      'value',
      'appointmentsHash',
      'closesAt',
      'salt',
    ],
    ...['openedBy', 'openedAt', 'inFavour', 'against', 'executableFrom', 'state', 'endedAt'],
  ],
} as const satisfies Record<LedgerTable, readonly string[]>;

type Cell = string | number | boolean | readonly number[];
type Row = Record<string, Cell>;

export interface LedgerExport {
  readonly of: LedgerTable;
  readonly format: 'jsonl' | 'csv';
  readonly out: string;
  readonly rpc?: string;
  readonly credentials?: string;
  readonly journal?: string;
  readonly trust?: string;
}

const MAX_TRUST_BYTES = 65_536;

export async function exportLedger({ of, format, out, rpc, credentials, journal, trust }: LedgerExport) {
  if (trust === undefined || (rpc === undefined) === (journal === undefined)) {
    throw new NotUnderstood('Give --trust, and either --rpc, a node, or --journal, an exported file.');
  }
  if (fs.existsSync(out)) throw new NotUnderstood(`${out} is there already: name another file.`);
  const believed = readTrust(readText(trust, MAX_TRUST_BYTES));
  if (rpc === undefined) authorizationsFor([], credentials);
  const rows: Row[] = [];
  const onBlock = rowsInto(rows, of);
  const audit =
    rpc === undefined
      ? await auditOfFile(journal ?? '', believed, onBlock)
      : await auditOfNode(askedNode(rpc, credentials), believed, undefined, onBlock);
  if (!audit.ok) process.exitCode = 1;
  const columns: readonly string[] = COLUMNS[of];
  const text =
    format === 'csv'
      ? [columns.join(','), ...rows.map((row) => csvOf(columns, row))]
      : rows.map((row) => JSON.stringify(row));
  fs.writeFileSync(`${out}.new`, text.map((line) => `${line}\n`).join(''), { flush: true });
  fs.renameSync(`${out}.new`, out);
  return { lines: rows.length, blocks: Number(audit.blockNumber), ok: audit.ok };
}

/** Adds to the rows what each block says; of a measure it changes the row that is there. */
function rowsInto(rows: Row[], of: LedgerTable): (block: EventBlock) => void {
  const measures = new Map<string, Row>();
  return ({ events, timestampSeconds: now }) => {
    for (const event of events) {
      if (of === 'journal' && event.name === 'EntryRecorded') rows.push(entryRow(event));
      if (of === 'votes' && event.name === 'VoteCast') {
        const { blockNumber, transactionHash, args } = event;
        const { measureId, institution, officer, inFavour } = args;
        const place = { block: Number(blockNumber), transaction: transactionHash };
        rows.push(Object.assign({ measureId, institution, officer, inFavour, castAt: now }, place));
      }
      if (of !== 'measures') continue;
      if (event.name === 'MeasureOpened') {
        const row = measureRow(event, now);
        measures.set(event.args.measureId, row);
        rows.push(row);
      } else if (
        event.name === 'VoteCast' ||
        event.name === 'MeasureScheduled' ||
        event.name === 'MeasureExecuted' ||
        event.name === 'MeasureLapsed'
      ) {
        const row = measures.get(event.args.measureId);
        if (row !== undefined) amend(row, event, now);
      }
    }
  };
}

function entryRow({ contract, address, blockNumber, transactionHash, args }: EventOf<'EntryRecorded'>): Row {
  const { index, kind, entryId, subject, newState, preparer, approver, epochs, recordedAt, head } = args;
  return {
    register: contract,
    address,
    index: Number(index),
    kind,
    act: entryName(contract, kind),
    entryId,
    subject,
    newState,
    preparer,
    approver,
    epochs: String(epochs),
    recordedAt: Number(recordedAt),
    head,
    block: Number(blockNumber),
    transaction: transactionHash,
  };
}

function measureRow({ args: { measureId, openedBy, measure } }: EventOf<'MeasureOpened'>, now: number): Row {
  const { kind, institution, target, name, value, appointmentsHash, closesAt, salt } = measure;
  return {
    measureId,
    kind,
    institution,
    target,
    name,
    value: String(value),
    appointmentsHash,
    closesAt: Number(closesAt),
    salt: String(salt),
    openedBy,
    openedAt: now,
    inFavour: [],
    against: [],
    executableFrom: 0,
    state: 'open',
    endedAt: 0,
  };
}

function amend(
  row: Row,
  { name, args }: EventOf<'VoteCast' | 'MeasureScheduled' | 'MeasureExecuted' | 'MeasureLapsed'>,
  now: number,
): void {
  if (name === 'MeasureScheduled') row.executableFrom = Number(args.executableFrom);
  else if (name === 'VoteCast') {
    const others = (row.inFavour as readonly number[]).filter((one) => one !== args.institution);
    row.inFavour = args.inFavour ? [...others, args.institution] : others;
    if (!args.inFavour) row.against = [...(row.against as readonly number[]), args.institution];
  } else Object.assign(row, { state: name === 'MeasureExecuted' ? 'carried-out' : 'lapsed', endedAt: now });
}

const csvOf = (columns: readonly string[], row: Row) =>
  columns.map((name) => (Array.isArray(row[name]) ? row[name].join(' ') : String(row[name]))).join(',');
