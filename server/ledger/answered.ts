/**
 * What a node answered, as a file: lines of JSON that another machine asks again, with no node and no network.
 *
 * Promises: of each call the first result that the node gave, as it gave it; what it refused or did not answer is not kept. A file that was cut, or that
 * lacks what is asked, answers a call twice or counts its answers otherwise, is `AnswersMissing` and never an answer. Nothing in it is believed: whoever asks proves it, as it
 * would of the node. For an audit.
 *
 * Format, version 1: {"format": "kudurru-journal-1"}, a line {method, params, result} for each call, {"answers": N}.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { isRecord } from '../domain/base/strictJson.ts';
import { type Call, type ChainProvider, readQuantity } from './provider.ts';

const FORMAT = 'kudurru-journal-1';
/** As node.ts: sixteen full blocks with their receipts are more than one line has. */
const MAX_LINE_BYTES = 128 * 2 ** 20;
const READ_BYTES = 2 ** 20;
const NEWLINE = 0x0a;

/** The file ends before what was asked. */
export class AnswersMissing extends Error {}

const nameOf = ({ method, params = [] }: Call) => `${method} ${JSON.stringify(params)}`;

/** The same node; each answer is written to a new file as well. `end` says that it is whole. */
export function keepingAnswers(
  node: ChainProvider,
  path: string,
): ChainProvider & { end(isWhole: boolean): void } {
  const file = openSync(path, 'wx', 0o644);
  const kept = new Set<string>();
  const write = (line: object) => writeSync(file, `${JSON.stringify(line)}\n`);
  write({ format: FORMAT });
  return {
    async request(call) {
      const result = await node.request(call);
      const { method, params = [] } = call;
      if (!kept.has(nameOf(call))) write({ method, params, result });
      kept.add(nameOf(call));
      return result;
    },
    blockAfter: (blockNumber, signal) => node.blockAfter(blockNumber, signal),
    end(isWhole) {
      if (isWhole) write({ answers: kept.size });
      closeSync(file);
    },
  };
}

/** A node that answers from such a file. Refuses nothing but what it does not hold. */
export function answersIn(path: string): ChainProvider & { close(): void } {
  const file = openSync(path, 'r');
  try {
    const places = placesIn(file);
    const request = async (call: Call) => {
      const place = places.get(nameOf(call));
      if (place === undefined) throw new AnswersMissing(`The file holds no answer to ${call.method}.`);
      return (lineAt(file, place) as { readonly result: unknown }).result;
    };
    return {
      request,
      async blockAfter(blockNumber, signal) {
        const head = readQuantity(await request({ method: 'eth_blockNumber' })) ?? 0n;
        if (head <= blockNumber && signal?.aborted !== true)
          throw new AnswersMissing('The file has no further block.');
        return head;
      },
      close: () => closeSync(file),
    };
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

interface Place {
  readonly at: number;
  readonly bytes: number;
}

/** Where the answer to each call lies. */
function placesIn(file: number): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  let [isBegun, isWhole] = [false, false];
  for (const place of linesOf(file)) {
    const line = lineAt(file, place);
    if (isWhole) throw malformed();
    if (!isBegun) {
      if (!isRecord(line) || line.format !== FORMAT) throw malformed();
      isBegun = true;
    } else if (isRecord(line) && typeof line.method === 'string' && Array.isArray(line.params)) {
      const call = nameOf({ method: line.method, params: line.params });
      // Which of two answers counts would be for whoever put the second one in to choose.
      if (places.has(call)) throw new AnswersMissing(`The file answers ${line.method} twice for one call.`);
      places.set(call, place);
    } else if (isRecord(line) && typeof line.answers === 'number') {
      if (line.answers !== places.size) throw new AnswersMissing(otherCount(places.size, line.answers));
      isWhole = true;
    } else throw malformed();
  }
  if (!isWhole) throw new AnswersMissing('The file was cut: it does not say that it is whole.');
  return places;
}

function* linesOf(file: number): Generator<Place> {
  const chunk = Buffer.alloc(READ_BYTES);
  let [at, start] = [0, 0];
  for (;;) {
    const read = readSync(file, chunk, 0, READ_BYTES, at);
    if (read === 0) break;
    for (let i = chunk.indexOf(NEWLINE); i >= 0 && i < read; i = chunk.indexOf(NEWLINE, i + 1)) {
      yield { at: start, bytes: at + i - start };
      start = at + i + 1;
    }
    at += read;
    if (at - start > MAX_LINE_BYTES) throw malformed();
  }
  if (at !== start) throw new AnswersMissing('The file was cut: its last line is not whole.');
}

function lineAt(file: number, { at, bytes }: Place): unknown {
  const line = Buffer.alloc(bytes);
  readSync(file, line, 0, bytes, at);
  try {
    return JSON.parse(line.toString('utf8'));
  } catch {
    throw malformed();
  }
}

const otherCount = (held: number, said: number) =>
  `The file holds ${held} answers and says that it holds ${said}: lines were taken out or put in.`;
const malformed = () => new AnswersMissing('The file is no journal that `kudurru export` wrote.');
