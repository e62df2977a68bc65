/**
 * A large JSON answer in pieces of a few hundred items, so that no piece takes long to write.
 *
 * Promises: the pieces together are what `JSON.stringify` writes with bigint as decimal strings. Lists are cut on the
 * first three levels, where answers have them. They leave no faster than they are read, and end with the connection.
 */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';

const ITEMS_A_PIECE = 250;
const CUT_LEVELS = 3;

export function* jsonPieces(value: unknown, level = 0): Generator<string> {
  if (level === CUT_LEVELS || typeof value !== 'object' || value === null) {
    yield written(value) ?? 'null';
    return;
  }
  if (Array.isArray(value)) {
    yield '[';
    for (let from = 0; from < value.length; from += ITEMS_A_PIECE) {
      const some = value.slice(from, from + ITEMS_A_PIECE).map((item) => written(item) ?? 'null');
      yield `${from === 0 ? '' : ','}${some.join(',')}`;
    }
    yield ']';
    return;
  }
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  yield '{';
  for (const [i, [name, field]] of fields.entries()) {
    yield `${i === 0 ? '' : ','}${JSON.stringify(name)}:`;
    yield* jsonPieces(field, level + 1);
  }
  yield '}';
}

function written(value: unknown): string | undefined {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? part.toString() : part));
}

/** Each on a turn of its own. Who reads slowly is waited for with one listener at a time, however long the answer is. */
export async function sendPieces(response: ServerResponse, body: unknown): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  for (const piece of jsonPieces(body)) {
    if (response.destroyed) return;
    if (response.write(piece)) await setImmediate();
    else await once(response, 'drain', gone).catch(() => {}); // what is thrown is that it is gone
  }
  response.end();
}
