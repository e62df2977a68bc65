/**
 * When two written numbers or ids are the same: what a clerk would call the same whatever the spacing. Both registers
 * ask here and nowhere else, for people, parcels and lines of a file.
 *
 * Promises: case, width, the script of digits, kinds of dashes and what cannot be seen make no difference; spaces and
 * dashes inside a run of digits are boundaries and are kept as one (`1-11` is not `11-1`), all others fall away (`KA - 7` is
 * `KA7`). Of ids that somebody issued every stroke and point is such a separator, and letters of two alphabets that are drawn
 * alike are one; of parcels they are not, and two numbers that only such letters tell apart never stand side by side. Two spellings of which only one has boundaries may be one number, and so may
 * one whose three zeros behind a point are thousands or a fraction: that is a question and never an answer. Pure.
 */

/** For comparing only: upper case, one spelling of every character, one dash for each boundary between digits. */
export function keyOf(written: string): string {
  return withBoundaries(asciiDigits(written).toUpperCase(), /[\s\p{Pd}\u2212]+/gu);
}

/**
 * The key of an id that somebody issued: strokes, points and everything else that is no letter and no digit are
 * separators, whichever a clerk takes; letters of two alphabets that are drawn alike are one; and a spreadsheet that took
 * the id for a number has put `.0` behind it. What may be a fraction or thousands stands as it is written.
 */
export function idKeyOf(written: string): string {
  const upper = withoutFraction(asciiDigits(written).trim()).toUpperCase();
  if (THOUSANDS_OR_FRACTION.test(upper)) return upper;
  const plain = withBoundaries(upper, /[\s\p{P}\p{S}]+/gu);
  return /^[0-9A-Z-]*$/.test(plain) ? plain : asDrawn(plain);
}

/** The key as it is drawn: two that are one here cannot be told apart by looking, in whatever alphabets they are written. */
export function drawnKeyOf(written: string): string {
  return asDrawn(keyOf(written));
}

function asDrawn(key: string): string {
  return [...key].map((letter) => DRAWN.get(letter) ?? letter).join('');
}

/** A run of separators is one boundary between two digits, and nothing elsewhere. */
function withBoundaries(text: string, separators: RegExp): string {
  return text
    .replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '')
    .replace(separators, (run, at: number, whole: string) =>
      isDigit(whole[at - 1]) && isDigit(whole[at + run.length]) ? '-' : '',
    );
}

/** Capitals of Cyrillic and Greek, and of Turkish, by the Latin ones that they cannot be told from. */
const DRAWN: ReadonlyMap<string, string> = new Map(
  '\u0410A \u0412B \u0415E \u041aK \u041cM \u041dH \u041eO \u0420P \u0421C \u0422T \u0423Y \u0425X \u0406I \u0408J \u0405S \u051aQ \u051cW \u0391A \u0392B \u0395E \u0396Z \u0397H \u0399I \u039aK \u039cM \u039dN \u039fO \u03a1P \u03a4T \u03a5Y \u03a7X \u0130I'
    .split(' ')
    .map(([drawn = '', letter = '']) => [drawn, letter]),
);

/** `123.000` is 123 or 123000, as countries write numbers; a spreadsheet itself writes no three zeros. */
const THOUSANDS_OR_FRACTION = /^\d+[.,]0{3,}$/;

/** The key without any boundary: equal for every spelling of one number, and for some others. */
export function looseKeyOf(written: string): string {
  return idKeyOf(written).replace(/[-.,]/g, '');
}

/** By which an id that is kept is found by one that may be the same, and by which that one asks. */
export interface Near {
  readonly kept: readonly string[];
  readonly asked: readonly string[];
}

/**
 * Two ids may be one where what one asks the other keeps: read alike (O for a zero, I and L for a one, zeros in front that
 * a spreadsheet drops), or with boundaries on one side alone, or of three zeros that may be a fraction.
 */
export function nearOf(written: string): Near {
  const key = idKeyOf(written);
  const [near, whole] = [key.replace(/[.,]/, '-'), THOUSANDS_OR_FRACTION.test(key) ? key : ''].map(readAlike);
  const [read = '', fraction = ''] = [near, whole?.split(/[.,]/, 1)[0]];
  const [exact, loose] = [withoutZeros(read), withoutZeros(read.replace(/-/g, ''))];
  const [kept, asked] = [
    [`near ${exact}`, `loose ${loose}`],
    [`near ${exact}`, `near ${loose}`],
  ];
  if (fraction !== '') return { kept: [...kept, `loose ${fraction}`], asked: [...asked, `near ${fraction}`] };
  // who sets nothing apart asks about whoever does; who does, about whoever sets the same apart, or nothing
  return { kept, asked: exact === loose ? [`loose ${loose}`] : asked };
}

function readAlike(key: string): string {
  return key
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1')
    .replace(/^0+(?=.)/, '');
}

/** Nor those in front of digits that stand behind letters or a separator: a clerk counts on from EX-000001 with EX-2. */
function withoutZeros(near: string): string {
  return near.replace(/(?<!\d)0+(?=\d)/g, '');
}

/** What clerks write where there is nothing: it must not make two people without papers one person (AA6). */
export const PLACEHOLDER =
  /^(?:[-\u2013\u2014.?*x_#/]+|n\.?\s?\/?\s?a\.?|none|nil|null|unknown|not (?:available|applicable|known)|no id|inconnue?|aucune?|desconocid[oa]|ningun[oa]|unbekannt|keine|\u043d\u0435\u0442|\u043d\u0435\u0438\u0437\u0432\u0435\u0441\u0442\u043d\u043e|\u063a\u064a\u0631 \u0645\u0639\u0631\u0648\u0641|\u0644\u0627 \u064a\u0648\u062c\u062f)$/iu;

/** The same where a name stands: `Null`, `None`, `Na` and `X` are people. */
export const NO_NAME =
  /^(?:[^\p{L}\p{N}]*|x{2,}|n\s?\/\s?a|n\.a\.?|unknown|unnamed|(?:no|not) (?:name|known|available|applicable)|name unknown|inconnue?|sans nom|desconocid[oa]|sin nombre|unbekannt|\u043d\u0435\u0438\u0437\u0432\u0435\u0441\u0442\u043d\u043e|\u063a\u064a\u0631 \u0645\u0639\u0631\u0648\u0641)$/iu;

/** What is written of a person whose paper is on its way, or gone. */
const NO_PAPER =
  /^(?:pending|lost|tb[acd]|not (?:yet )?issued|applied(?: for)?|awaiting|in process|en cours|perdue?|en tr[aá]mite|perdid[oa]|beantragt|verloren|\u0642\u064a\u062f \u0627\u0644\u0625\u0635\u062f\u0627\u0631)$/iu;

/** Whether an id is none: a dash, a word for nothing or for a paper that is not there, or zeros in a form of somebody who had no papers. */
export function isNoId(written: string): boolean {
  return (
    [PLACEHOLDER, NO_PAPER].some((form) => form.test(written.trim())) || /^0*$/.test(looseKeyOf(written))
  );
}

/** A whole number as a spreadsheet exports its float; with three zeros it may be thousands, and is left. */
export function withoutFraction(written: string): string {
  return written.replace(/^(\d+)[.,]0{1,2}$/, '$1');
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9';
}

const DIGIT = /\p{Nd}/u;

/** Digits of every script as those of ours: in each they stand in a row of ten, from zero on. */
export function asciiDigits(written: string): string {
  return written.normalize('NFKC').replace(/[^ -~]/gu, (character) => {
    if (!DIGIT.test(character)) return character;
    const point = character.codePointAt(0) ?? 0;
    let value = 0;
    while (value < 9 && DIGIT.test(String.fromCodePoint(point - value - 1))) value++;
    return String(value);
  });
}
