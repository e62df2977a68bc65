/**
 * Reads the text of a CSV file row by row, each with the line it starts on.
 *
 * Promises: the separator is taken from the first line where only one of `;`, `,` and tab stands there, and is
 * asked for otherwise; CR LF, LF and a byte-order mark make no difference; empty lines are passed over but
 * counted. A quote out of place refuses the whole file, for behind it every end of a row is a guess; whatever
 * else is wrong with a row is for the consumer to refuse. The consumer sees rows one at a time, so that a
 * stream can feed it as well as this reader of whole texts. Pure.
 */
import { CsvError, parse } from 'csv-parse/sync';
import { Refusal, refusal } from '../base/refusal.ts';
import { decodeText } from './text.ts';

/** As much as a roll of the largest cycle has. */
const MAX_ROWS = 1_000_000;
/** A row of 500 columns; a longer one is a quote that was never closed. */
const MAX_ROW_CHARACTERS = 64 * 1024;

export type Separator = ';' | ',' | '\t';
const SEPARATORS: readonly Separator[] = [';', ',', '\t'];

/** What reads the rows of one file, in order, the first being the names of the columns. */
export interface RowConsumer<Result> {
  /** May throw a refusal of the file as a whole. */
  consume(row: readonly string[], line: number): void;
  /** `fault` is why the file ended early, where it did. */
  finish(fault?: Refusal): Result;
}

export function readRows<Result>(
  input: string | Uint8Array,
  separator: Separator | undefined,
  consumer: RowConsumer<Result>,
): Result {
  try {
    const text = decodeText(input);
    forEachRow(text, separator ?? separatorOf(text), consumer);
    return consumer.finish();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return consumer.finish(error);
  }
}

function separatorOf(text: string): Separator {
  const header = (/[^\r\n]+/.exec(text)?.[0] ?? '').replace(/"[^"]*"/g, '');
  const [found, another] = SEPARATORS.filter((separator) => header.includes(separator));
  if (found === undefined || another !== undefined)
    throw refusal('separator-unclear', undefined, { line: 1 });
  return found;
}

function forEachRow(text: string, separator: Separator, consumer: RowConsumer<unknown>): void {
  let line = 1;
  let rows = 0;
  try {
    parse(text, {
      delimiter: separator,
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      max_record_size: MAX_ROW_CHARACTERS,
      on_record: (row: string[]) => {
        const start = line;
        // the parser's own count takes CR LF inside quotes for two
        line += 1 + (row.join('').match(/\r\n|\r|\n/g)?.length ?? 0);
        if (row.every((cell) => cell.trim() === '')) return; // also a row of separators alone
        if (++rows > MAX_ROWS + 1) throw refusal('file-too-many-lines', { limit: MAX_ROWS });
        consumer.consume(row, start);
      },
    });
  } catch (error) {
    // columns are not the parser's business, so all it refuses are quotes out of place or never closed
    throw error instanceof CsvError ? refusal('quote-misplaced', undefined, { line }) : error;
  }
}
