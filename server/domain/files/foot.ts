/**
 * What stands below a list and is nobody in it: a sum, a count, signatures, a date, a page.
 *
 * Promises: a cell that may be somebody's name is called so only where nothing else is one, for it becomes a question and
 * no answer. Pure; the readers of people and rolls ask.
 */

/** A word for the sum, in the languages of lists. */
const TOTAL =
  /^(?:grand\s+|sub-?\s*|sous-?\s*)?(?:totals?|totaux|totale|sum|somme|gesamt|summe|suma|jumla|المجموع|الإجمالي)\s*[:.]?$/iu;
/** What it is the sum of, or the sum itself, in the same cell: `Total beneficiaries: 120`. */
const TOTAL_OF =
  /^(?:grand\s+|sub-?\s*|sous-?\s*)?(?:totals?|totaux|totale)\s*(?:[:=(.–-]|\d|of\b|no\b|number|beneficiar|b[ée]n[ée]ficiaire|benefici[aá]ri|household|hh\b|m[ée]nage|hogar|people|person|famil|amount|units?\b|g[ée]n[ée]ral)/iu;
const SIGNED =
  /^(?:(?:prepared|approved|verified|checked|compiled|reviewed|signed|printed|generated|exported|submitted|certified|authori[sz]ed)\s+(?:by|on|at)|(?:établi|préparé|approuvé|vérifié|signé|imprimé)\s+(?:par|le)|(?:elaborado|preparado|aprobado|revisado|firmado)\s+por|(?:erstellt|geprüft|genehmigt)\s+(?:von|am)|imeandaliwa\s+na|fait\s+à|end\s+of\s+(?:list|report|file))(?=[\s:.…_]|$)/iu;
const LABELLED =
  /^(?:date|source|notes?|remarks?|page|stamp|signature|fecha|fuente|firma|página|datum|quelle|seite|unterschrift|tarehe|sahihi|التاريخ|المصدر|التوقيع|إعداد)\s*(?:[:…]|_{2}|\.{3}|\d+\s*(?:$|\/|of\b|sur\b|de\b|von\b))/iu;

/** What most cells are, by one look. */
const IS_ID = /^[^\s:…_]*\d$/;

/** Whether a cell reads like the foot of a list. */
export function readsLikeFoot(cell: string): boolean {
  if (IS_ID.test(cell)) return false;
  const text = cell.replace(/\s+/g, ' ').trim();
  return [TOTAL, TOTAL_OF, SIGNED, LABELLED].some((form) => form.test(text));
}

/** Whether a row holds one cell, and that one reads so: it has no cells for the columns of people. */
export function isFootAlone(cells: readonly string[]): boolean {
  const filled = cells.filter((cell) => cell.trim() !== '');
  const [only = '', another] = filled;
  return another === undefined && readsLikeFoot(only);
}
