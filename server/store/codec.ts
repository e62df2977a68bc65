/** How a record becomes bytes and back. Bytes that come back were authenticated first, so decoding trusts them. */

export interface Codec<T> {
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): T;
}

const BIGINT = '$n';

/**
 * JSON in which a bigint is `{"$n":"12"}`. For records of ours only: text that others wrote as JSON is kept as a
 * string inside a record, never as objects, so that nobody else can write the mark of a bigint.
 */
export function json<T>(): Codec<T> {
  return {
    encode: (value) =>
      Buffer.from(
        JSON.stringify(value, (_, part: unknown) =>
          typeof part === 'bigint' ? { [BIGINT]: part.toString() } : part,
        ),
      ),
    decode: (bytes) => JSON.parse(Buffer.from(bytes).toString('utf8'), reviveBigint) as T,
  };
}

function reviveBigint(_: string, part: unknown): unknown {
  return typeof part === 'object' && part !== null && BIGINT in part ? BigInt(String(part[BIGINT])) : part;
}

export const text: Codec<string> = {
  encode: (value) => Buffer.from(value, 'utf8'),
  decode: (bytes) => Buffer.from(bytes).toString('utf8'),
};
