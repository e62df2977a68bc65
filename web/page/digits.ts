/**
 * Numbers as people type them: 0-9, Arabic-Indic and Persian digits, with the separators that go with each.
 *
 * Promises: one number, or why not; where a separator could be either a decimal point or a mark of thousands, both readings
 * are answered and none is chosen; nothing is rounded. Pure; the gateway gets digits 0-9 and a point alone.
 */

/** What was typed: a number in 0-9 with a point, two that it could be, or none. */
export type Typed =
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'ambiguous'; readonly readings: readonly [string, string] }
  | { readonly kind: 'none' };

/** Longer is no number that anybody types. */
const CHARACTERS_MAX = 60;
const ZEROS = [0x30, 0x660, 0x6f0] as const;
const NONE: Typed = { kind: 'none' };

/** The digits as 0-9; undefined where two scripts stand in one number, which is a slip or a trick. */
function inLatin(text: string): string | undefined {
  const scripts = new Set<number>();
  const latin = [...text].map((letter) => {
    const code = letter.codePointAt(0) ?? 0;
    const zero = ZEROS.find((first) => code >= first && code <= first + 9);
    if (zero === undefined) return letter;
    scripts.add(zero);
    return String(code - zero);
  });
  return scripts.size > 1 ? undefined : latin.join('');
}

/** Marks that are never a decimal point: spaces, apostrophes, the Arabic mark of thousands. */
const ONLY_THOUSANDS = /[\u0020\u00a0\u2009\u202f'\u2019\u066c]/g;
/** The Arabic decimal mark is never one of thousands. */
const ARABIC_POINT = '\u066b';

export function readNumber(typed: string): Typed {
  const text = typed.trim();
  const digits = text.length > CHARACTERS_MAX ? undefined : inLatin(text);
  if (digits === undefined || !/^\d/.test(digits) || !/\d$/.test(digits)) return NONE;
  const grouped = digits.replace(ONLY_THOUSANDS, '\u066c');
  if (/[^\d.,\u066b\u066c]/.test(grouped)) return NONE;
  const marks = [...grouped].filter((letter) => /\D/.test(letter));
  const kinds = new Set(marks);
  if (kinds.size === 0) return number(grouped);
  if (kinds.size > 2) return NONE;
  const [first = '', second] = [...kinds];
  if (second !== undefined) return first === ARABIC_POINT ? NONE : split(grouped, first, second);
  if (first === ARABIC_POINT) return split(grouped, undefined, first);
  if (first === '\u066c' || marks.length > 1) return split(grouped, first, undefined);
  // One point or one comma: thousands where three digits follow it and at most three stand before, else a decimal point.
  const whole = split(grouped, first, undefined);
  const decimal = split(grouped, undefined, first);
  if (whole.kind === 'number' && decimal.kind === 'number' && !grouped.startsWith('0')) {
    return { kind: 'ambiguous', readings: [whole.text, decimal.text] };
  }
  return decimal;
}

/** A day as `2026-11-30`, in whichever digits it was typed; undefined where it is none of the calendar. */
export function readDay(typed: string): string | undefined {
  const [day, year = 0, month = 0, dayOfMonth = 0] =
    /^(\d{4})-(\d{2})-(\d{2})$/.exec(inLatin(typed.trim().slice(0, CHARACTERS_MAX)) ?? '') ?? [];
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(dayOfMonth)));
  return day !== undefined && date.toISOString().startsWith(day) ? day : undefined;
}

/** One number, with these marks of thousands and this point, where they stand as they do in a number. */
function split(text: string, thousands: string | undefined, point: string | undefined): Typed {
  const [whole = '', fraction, ...more] = point === undefined ? [text] : text.split(point);
  if (more.length > 0 || (fraction !== undefined && !/^\d+$/.test(fraction))) return NONE;
  const groups = thousands === undefined ? [whole] : whole.split(thousands);
  const areThousands = groups.every((group, i) => (i === 0 ? /^\d{1,3}$/ : /^\d{3}$/).test(group));
  const isPlain = groups.length === 1 && /^\d+$/.test(whole);
  if (!isPlain && !areThousands) return NONE;
  return number(groups.join(''), fraction);
}

function number(whole: string, fraction?: string): Typed {
  const plain = whole.replace(/^0+(?=\d)/, '');
  return { kind: 'number', text: fraction === undefined ? plain : `${plain}.${fraction}` };
}
