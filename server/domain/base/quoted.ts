/**
 * What stands in quotes in a sentence, told from the words around it: a name that is written from right to left must not take
 * the share behind it, nor the next name, into its own order.
 *
 * Promises: the pieces are the sentence; one that is quoted is a whole value as `visible` writes it. Pure, for pages and
 * terminals.
 */

/** As JSON writes a text. */
const QUOTED = /("(?:[^"\\]|\\.)*")/;

export interface SentencePiece {
  readonly text: string;
  readonly isQuoted: boolean;
}

export function piecesOf(sentence: string): readonly SentencePiece[] {
  return sentence
    .split(QUOTED)
    .map((text, i) => ({ text, isQuoted: i % 2 === 1 }))
    .filter(({ text }) => text !== '');
}

/** U+2068 and U+2069: between them the order is that of the text itself. */
const [FIRST_STRONG_ISOLATE, POP_ISOLATE] = ['\u2068', '\u2069'];

/** For a terminal: a quoted value of other letters than ASCII, which all run one way, is set apart. */
export function isolated(sentence: string): string {
  return piecesOf(sentence)
    .map(({ text, isQuoted }) =>
      isQuoted && /[^\p{ASCII}]/u.test(text) ? `${FIRST_STRONG_ISOLATE}${text}${POP_ISOLATE}` : text,
    )
    .join('');
}
