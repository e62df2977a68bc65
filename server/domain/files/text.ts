/**
 * The text of a file as an office sends it: bytes to characters, and which characters a value may hold.
 *
 * Promises: a byte-order mark is taken off, says which Unicode it is, and never becomes part of a value; any other
 * character set is the one the request names; without one it is UTF-16 where zero bytes leave no doubt of it, else UTF-8: bytes that are not become U+FFFD, which
 * every value that is read is then refused for on its own line, so that one bad line costs no good one. Pure; any
 * reader of files may call it.
 */
import { refusal } from '../base/refusal.ts';
import { NO_NAME } from './key.ts';

/** Whole files are held in memory; a larger one goes through a stream. 200,000 parcels are about 110 MB. */
export const MAX_FILE_BYTES = 128 * 2 ** 20;

/** No number, name or address of a person or a parcel is longer. */
const MAX_VALUE_CHARACTERS = 500;

/** What Excel and older systems of offices write; by the names the WHATWG gives them. */
export const CHARSETS = [
  'utf-8',
  'utf-16le',
  'utf-16be',
  'windows-1250',
  'windows-1251',
  'windows-1252',
  'windows-1253',
  'windows-1254',
  'windows-1255',
  'windows-1256',
  'windows-1257',
  'windows-1258',
  'windows-874',
  'iso-8859-1',
  'iso-8859-2',
  'iso-8859-15',
  'macintosh',
] as const;
export type Charset = (typeof CHARSETS)[number];

const BOM = 0xfeff;
const REPLACEMENT = 0xfffd;
/** How many code units go into one `String.fromCharCode`: safely below every engine's argument limit. */
const CHUNK = 8192;

/** Throws `file-too-large`, `file-empty` or `file-not-utf8`. */
export function decodeText(input: string | Uint8Array, charset?: Charset): string {
  if (input.length > MAX_FILE_BYTES) throw refusal('file-too-large', { limitBytes: MAX_FILE_BYTES });
  const text = typeof input === 'string' ? input : decodeBytes(input, charset);
  const body = text.charCodeAt(0) === BOM ? text.slice(1) : text;
  if (!/\S/.test(body)) throw refusal('file-empty');
  return body;
}

function decodeBytes(bytes: Uint8Array, charset: Charset | undefined): string {
  const mark = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  const marked = mark === BOM ? 'utf-16be' : mark === 0xfffe ? 'utf-16le' : undefined;
  const named = marked ?? charset ?? unmarkedUtf16(bytes) ?? 'utf-8';
  if (named !== 'utf-8') return new TextDecoder(named).decode(bytes);
  if (isUtf16(bytes.subarray(0, CHUNK))) throw refusal('file-not-utf8');
  return decodeUtf8(bytes);
}

/** In UTF-8 no text of an office has a zero byte; in UTF-16 about every second one is. */
function isUtf16(sample: Uint8Array): boolean {
  return sample.filter((byte) => byte === 0).length * 8 > sample.length;
}

/** Zero bytes on one side of the pairs for each on the other: letters of ours have theirs on one, and few have a low byte of zero. */
const ONE_SIDED = 8;

/** Which UTF-16 a text is that does not say it: all its zero bytes are the upper halves of letters, and what they make is text. */
export function unmarkedUtf16(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const sample = bytes.subarray(0, CHUNK);
  if (bytes.length % 2 !== 0 || !isUtf16(sample)) return undefined;
  const zeros = [0, 0];
  for (const [at, byte] of sample.entries()) if (byte === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  const side = odd > even * ONE_SIDED ? 'utf-16le' : even > odd * ONE_SIDED ? 'utf-16be' : undefined;
  if (side === undefined) return undefined;
  const text = new TextDecoder(side).decode(sample, { stream: true });
  return NO_TEXT.test(text) ? undefined : side;
}

/** Halves of characters, and controls that no file of lines has. */
const NO_TEXT = /[\ufffd\p{Cn}]|(?!\s)\p{Cc}/u;

export type TextFlaw = 'text-too-long' | 'text-not-utf8' | 'text-malformed';

/**
 * What a reader does not see, or sees elsewhere than it stands: controls, changes of direction, marks without a shape,
 * breaks of lines, characters of nobody's alphabet and those that are none, and the blank that is drawn as a letter.
 */
const UNSEEN =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Noncharacter_Code_Point}\p{Default_Ignorable_Code_Point}\u2800]/u;
/** Persian and the scripts of South Asia are spelt with joiners; elsewhere one letter would be two that look alike. */
const JOINERS =
  /(?<=[\p{sc=Arab}\p{sc=Syrc}\p{sc=Deva}\p{sc=Beng}\p{sc=Guru}\p{sc=Gujr}\p{sc=Orya}\p{sc=Taml}\p{sc=Telu}\p{sc=Knda}\p{sc=Mlym}\p{sc=Sinh}\p{sc=Khmr}\p{sc=Mymr}])[\u200c\u200d](?=\p{L})/gu;

/** Why a value cannot be kept as it stands, if it cannot. */
export function textFlaw(value: string, mostCharacters = MAX_VALUE_CHARACTERS): TextFlaw | undefined {
  if (value.length > mostCharacters) return 'text-too-long';
  if (value.includes('\ufffd')) return 'text-not-utf8';
  if (!value.isWellFormed()) return 'text-malformed';
  if (LOOSE_MARK.test(value)) return 'text-malformed';
  return UNSEEN.test(value.replace(JOINERS, '')) ? 'text-malformed' : undefined;
}

/** Blanks, and marks of direction, which say nothing at either end of a value; those that turn digits round are none of them. */
const AT_ENDS = '[\\s\\u00ad\\u061c\\u200b\\u200e\\u200f\\u202a-\\u202c\\u2060\\u2066-\\u2069\\ufeff]+';
const ENDS = new RegExp(`^${AT_ENDS}|(?<!${AT_ENDS.slice(0, -1)})${AT_ENDS}$`, 'g');

/** A value without what a program for two directions, or a list of contacts, has put around it; inside it stays, and is refused. */
export function trimmed(value: string): string {
  return value.replace(ENDS, '');
}

/** An accent on no letter: it is drawn over what stands before, or over nothing. */
const LOOSE_MARK = /(?:^|[\s\p{P}])\p{M}/u;
/** Two names that differ in these alone are read as one. */
const OTHER_BLANKS = /[^\S ]| {2}/;

/** Whether a name names anybody: it has a letter or a digit, and is no word for nobody. */
export function isName(value: string): boolean {
  return !NO_NAME.test(value);
}

/** Whether every blank of a name is one space. */
export function isPlainlySpaced(value: string): boolean {
  return !OTHER_BLANKS.test(value);
}

function decodeUtf8(bytes: Uint8Array): string {
  const units = new Uint16Array(CHUNK + 2); // a character may end two units past the chunk
  let text = '';
  let used = 0;
  for (let at = 0; at < bytes.length; ) {
    const point = codePointAt(bytes, at) ?? REPLACEMENT;
    at += point === REPLACEMENT ? 1 : widthOf(point);
    if (point > 0xffff) {
      units[used++] = 0xd7c0 + (point >> 10);
      units[used++] = 0xdc00 | (point & 0x3ff);
    } else {
      units[used++] = point;
    }
    if (used >= CHUNK) {
      text += String.fromCharCode(...units.subarray(0, used));
      used = 0;
    }
  }
  return text + String.fromCharCode(...units.subarray(0, used));
}

function widthOf(point: number): number {
  return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
}

/** Undefined for overlong forms, surrogates, cut sequences: the caller replaces such bytes one by one. */
function codePointAt(bytes: Uint8Array, at: number): number | undefined {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return lead;
  if (lead < 0xc2 || lead > 0xf4) return undefined;
  const width = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  let point = lead & (0x7f >> width);
  for (let i = 1; i < width; i++) {
    const next = bytes[at + i] ?? 0;
    if ((next & 0xc0) !== 0x80) return undefined;
    point = (point << 6) | (next & 0x3f);
  }
  const isSurrogate = point >= 0xd800 && point <= 0xdfff;
  return point > 0x10ffff || isSurrogate || widthOf(point) !== width ? undefined : point;
}
