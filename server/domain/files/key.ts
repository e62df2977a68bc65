/**
 * When two written numbers or ids are the same: what a clerk would call the same whatever the spacing. Both registers
 * ask here and nowhere else, for people, parcels and lines of a file.
 *
 * Promises: case, width, the script of digits, kinds of dashes and what cannot be seen make no difference; spaces and dashes inside a run of digits are boundaries and are kept as one (`1-11` is not `11-1`), all
 * others fall away (`KA - 7` is `KA7`). Two spellings of which only one has boundaries may be one number: that is a
 * question and never an answer. Pure.
 */

/** For comparing only: upper case, one spelling of every character, one dash for each boundary between digits. */
export function keyOf(written: string): string {
  return asciiDigits(written)
    .toUpperCase()
    .replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '')
    .replace(/[\s\p{Pd}\u2212]+/gu, (run, at: number, whole: string) =>
      isDigit(whole[at - 1]) && isDigit(whole[at + run.length]) ? '-' : '',
    );
}

/** The key of an id: a spreadsheet that took it for a number has put `.0` behind it. */
export function idKeyOf(written: string): string {
  return keyOf(withoutFraction(asciiDigits(written)));
}

/** The key without any boundary: equal for every spelling of one number, and for some others. */
export function looseKeyOf(written: string): string {
  return idKeyOf(written).replace(/[-/._\\]/g, '');
}

/** What clerks write where there is nothing: it must not make two people without papers one person (AA6). */
export const PLACEHOLDER = /^(?:[-–—.?*x]+|n\.?\/?a\.?|none|nil|null|unknown)$/i;

/** Whether an id is none: a dash, a word for nothing, or zeros in a form of somebody who had no papers. */
export function isNoId(written: string): boolean {
  return PLACEHOLDER.test(written.trim()) || /^0+$/.test(looseKeyOf(written));
}

/** A whole number as a spreadsheet exports its float. */
export function withoutFraction(written: string): string {
  return written.replace(/^(\d+)\.0{1,2}$/, '$1');
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9';
}

/** Zero in the scripts whose digits forms are filled in with; full-width digits fall to NFKC. */
const ZEROS = [0x0660, 0x06f0, 0x0966, 0x09e6, 0x1040, 0x17e0];

export function asciiDigits(written: string): string {
  return written.normalize('NFKC').replace(/\p{Nd}/gu, (digit) => {
    const point = digit.codePointAt(0) ?? 0;
    const zero = ZEROS.find((start) => start <= point && point < start + 10);
    return zero === undefined ? digit : String(point - zero);
  });
}
