/** The shapes that many routes share: ids, hashes, moments, money, and the head that every act begins with. */

import { z } from 'zod';
import { FACT_PATH, MAX_PATH_BYTES } from '../domain/acts/facts.ts';
import { placeOfCursor } from '../domain/base/cursor.ts';
import { ISO_MOMENT, type SecondOfDay, secondsOfDate } from '../domain/base/dates.ts';
import { type Address, type Bytes32, type Hex, ZERO_32 } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import type { EntryId, OfficeId, OfficerId } from '../domain/base/terms.ts';
import { isName, isPlainlySpaced, textFlaw } from '../domain/files/text.ts';
import { written } from './shapeProblem.ts';

const hexOf = (byteLength: number) => {
  const pattern = new RegExp(`^0x[0-9a-f]{${2 * byteLength}}$`);
  const words = written(
    `${byteLength} bytes in lower-case hex, 0x and ${2 * byteLength} digits`,
    `0x${'4b75'.repeat(byteLength / 2)}`,
  );
  return z.string().regex(pattern, words);
};

export const bytes32 = <T extends Bytes32 = Bytes32>() =>
  hexOf(32)
    .transform((text) => text as T)
    .meta({ type: 'string', description: '32 bytes, lower-case hex' });
export const address = hexOf(20).transform((text) => text as Address);
export const compactSignature = z
  .string()
  .min(2 + 2 * 64)
  .max(2 + 2 * 4096)
  .regex(/^0x(?:[0-9a-f]{2})*$/, written('bytes in lower-case hex', '0x4b75'))
  .transform((text) => text as Hex)
  .meta({
    type: 'string',
    description: '64 bytes (ERC-2098) for secp256k1, else the public key and what its verifier reads',
  });

/** Unix seconds, up to the year 36812: what a contract's uint40 holds. */
const seconds = z
  .int()
  .min(0)
  .max(2 ** 40 - 1);
const DATE_WORDS = written('a date', '2026-11-29, or 2026-11-29T17:49+03:00');
const dateText = (meant: SecondOfDay) =>
  z
    .string()
    .regex(ISO_MOMENT, DATE_WORDS)
    .transform((text, context) => {
      const read = secondsOfDate(text, meant);
      if (read === undefined) {
        context.addIssue({ code: 'custom', params: { problem: DATE_WORDS.error() } });
        return z.NEVER;
      }
      return read;
    })
    .meta({
      type: 'string',
      pattern: ISO_MOMENT.source,
      description: `A day in UTC, meant ${meant === 'first' ? 'from its first' : 'to its last'} second, or an instant with its zone, as \`2026-11-29T17:49+03:00\``,
    });
const momentOf = (meant: SecondOfDay) =>
  z.union([
    dateText(meant),
    seconds.transform((number) => BigInt(number)).meta({ type: 'integer', description: 'Unix seconds' }),
  ]);
/** From when something is, as people write it; as a number it is what devices sign and the ledger counts. */
export const moment = momentOf('first');
/** Until when something is. */
export const lastMoment = momentOf('last');
export const uint16 = z
  .int()
  .min(0)
  .max(2 ** 16 - 1);
export const uint32 = z
  .int()
  .min(0)
  .max(2 ** 32 - 1);

/** One spelling a number: no blank, no sign but a minus, no exponent and no other base. */
const WHOLE = /^(?:0|-?[1-9]\d{0,19})$/;
/**
 * A whole number in a path or a query. Whatever else JavaScript reads as one, such as `0x10`, `1e2`, blanks or nothing, would
 * be a second spelling, which a front may read otherwise.
 */
export const wholeText = (least: number, most = Number.MAX_SAFE_INTEGER) =>
  z
    .string()
    .regex(WHOLE, written('a whole number in digits', '12'))
    .transform(Number)
    .pipe(z.number().min(least).max(most).int())
    .meta({ type: 'integer', minimum: least, maximum: most });
/** As of when something is asked in a query: as of a day is how it stood at its end. */
export const asOfText = z.union([
  dateText('last'),
  wholeText(0, 2 ** 40 - 1).transform((number) => BigInt(number)),
]);

/** What a contract's uint128 holds, less the last digit. */
const AMOUNT_DIGITS_MAX = 38;
/** Money and sums of units: decimal strings, for JSON's numbers round. */
export const amount = z
  .string()
  .max(AMOUNT_DIGITS_MAX)
  .regex(/^(?:0|[1-9]\d*)$/, written('a whole number in digits, as text', '"1250"'))
  .transform((text) => BigInt(text))
  .meta({ type: 'string', description: 'A whole number as a decimal string' });

export const amountOut = z.string().meta({ description: 'A whole number as a decimal string' });

/** What stands in an answer; what is signed, and what was, has the second itself. */
export const instantOut = z
  .string()
  .meta({ format: 'date-time', description: 'An instant in UTC, as `2026-11-29T14:49:00Z`' });

/** Beside each `...Minor` of an answer, under its name without the unit. */
export const moneyOut = z.string().meta({ description: 'As people write it: `KES 1,250.00`' });
export const currencyCode = z
  .string()
  .meta({ description: 'ISO 4217; `currency 999` where the gateway has no code for its number' });

/** Why a rule of a shape refuses, in words of ours: they go into the problem as they stand. */
export const says = (problem: string) => ({ params: { problem } });

const UNSEEN = 'it holds what cannot be seen, or is not in normal form C';

/** Text as files may hold it, in the one normal form that is hashed: nothing that
 * cannot be seen, no half of a character, no blanks around it. */
export const text = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .refine((value) => textFlaw(value, most) === undefined && value.normalize('NFC') === value, says(UNSEEN))
    .refine((value) => value.trim() === value, says('it has blanks around it'));

/** The same for what names somebody or something: dashes, blanks and words for nobody name nobody. */
export const nameText = (most: number) =>
  text(most)
    .refine(isName, says('it names nothing: it has no letter and no digit, or says that there is none'))
    .refine(isPlainlySpaced, says('it has blanks that are not one space'));

/** A list that is answered whole. */
export const listBody = <T extends z.ZodType>(row: T) =>
  z.object({ total: z.int().meta({ description: 'Rows of the list' }), rows: z.array(row) });
export const listOf = <T>(rows: readonly T[]) => ({ total: rows.length, rows });

/** A page of a list, with how long the whole of it is. */
export const pageBody = <T extends z.ZodType>(row: T) =>
  z.object({
    total: z.int().meta({ description: 'Rows of all pages' }),
    rows: z.array(row),
    next: z.string().optional().meta({ description: '`after` of the next page; absent on the last one' }),
  });

/** Of the longest key of a list, with room to spare. */
const CURSOR_MAX = 2_700;
export const cursor = z
  .string()
  .max(CURSOR_MAX)
  .regex(/^[\w-]*$/, written('a cursor, which is the `next` of a page as it stands', 'NGI3NTY0'))
  .transform((text) => (text === '' ? undefined : text))
  .meta({
    type: 'string',
    description: '`next` of the page before, as it stands there; empty is the first page',
  });

/** Of a list that goes on by a number. Refuses as `cursor-unknown` what no list wrote. */
export function wholeOfCursor(given: string, field = '/query/after'): number {
  const place = placeOfCursor(given);
  const isWritten = place !== undefined && WHOLE.test(place) && !place.startsWith('-');
  if (!isWritten || !Number.isSafeInteger(Number(place))) {
    throw refusal('cursor-unknown', undefined, { field });
  }
  return Number(place);
}

interface PageAsked {
  readonly after?: string;
  readonly limit?: number;
  readonly newestFirst?: boolean;
}

/** How every list is asked for: a page at a time, from where the last one ended. */
export const pageFields = {
  after: cursor.optional(),
  limit: wholeText(1, 500).optional(),
  newestFirst: z.enum(['true', 'false']).optional(),
} as const;

export function pageOf({
  after,
  limit,
  newestFirst,
}: {
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
  readonly newestFirst?: 'true' | 'false' | undefined;
}): PageAsked {
  return {
    ...(after === undefined ? {} : { after }),
    ...(limit === undefined ? {} : { limit }),
    ...(newestFirst === undefined ? {} : { newestFirst: newestFirst === 'true' }),
  };
}

export const pageQuery = z.object(pageFields).transform(pageOf);

const fact = z.strictObject({
  path: z
    .string()
    .max(MAX_PATH_BYTES)
    .regex(FACT_PATH, written('a path of small words between slashes', 'terms/interest')),
  value: text(4_000),
});
/** A path twice would be one name for two facts. */
export const facts = z
  .array(fact)
  .max(32)
  .refine(
    (given) => new Set(given.map(({ path }) => path)).size === given.length,
    says('it names one path twice'),
  );

/** What the officer's own device fills in before anything is signed. */
export const actHead = z
  .strictObject({
    office: uint32.transform((number) => number as OfficeId),
    preparer: bytes32<OfficerId>(),
    preparerEpoch: uint32,
    notBefore: moment,
    deadline: lastMoment,
    effectiveOn: moment,
    salt: z
      .string()
      .regex(/^0x[0-9a-f]{32}$/, written('16 bytes in lower-case hex', `0x${'4b75'.repeat(8)}`))
      .transform((text) => BigInt(text))
      .meta({ type: 'string', description: '128 random bits of the client' }),
    sourcesRoot: bytes32()
      .default(ZERO_32)
      .meta({ description: 'Of the documents it rests on, hashed elsewhere; zero for none' }),
    sources: facts.min(1).optional().meta({
      description:
        'The documents in words, instead of a hash: salted and hashed by the gateway, opened to who signs',
    }),
    corrects: bytes32<EntryId>(),
  })
  .meta({ description: 'Beginning of every act' });
