/** When two written numbers or ids are the same: what a clerk would call the same whatever the spacing. Pure. */

/** For comparing only: upper case, one spelling of every character, no spaces and no dashes. */
export function keyOf(written: string): string {
  return asciiDigits(written)
    .toUpperCase()
    .replace(/[\s\p{Pd}\p{Cf}]/gu, '');
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
