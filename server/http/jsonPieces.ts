/**
 * A large JSON answer in pieces of a few hundred items, so that no piece takes long to write.
 *
 * Promises: the pieces together are what `JSON.stringify` writes with bigint as decimal strings. Lists are cut on the
 * first three levels, where answers have them. They are sent no faster than they are read, and one who reads slowly leaves
 * nothing behind for it.
 */
import type { Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';

const ITEMS_A_PIECE = 250;
const CUT_LEVELS = 3;

/** Each piece on a turn of its own, when the one before has left: what a stream says of its room is not always so. */
export async function sendPieces(to: Writable, body: unknown): Promise<void> {
  let goOn = () => {};
  const close = () => goOn();
  to.once('close', close);
  for (const piece of jsonPieces(body)) {
    if (to.destroyed) return;
    await new Promise<void>((resolve) => {
      goOn = resolve;
      to.write(piece, () => resolve());
    });
    await setImmediate();
  }
  to.off('close', close);
  to.end();
}

function* jsonPieces(value: unknown, level = 0): Generator<string> {
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
