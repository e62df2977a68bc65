/**
 * What stands below a list or within it and is nobody: a sum, a count, signatures, a date, a page; the village of the next lines.
 *
 * Promises: a cell that may be somebody's name is called so only where nothing else is one, for it becomes a question and
 * no answer. Pure; the readers of people and rolls ask.
 */

/** A word for the sum, in the languages of lists. */
const TOTAL =
  /^(?:grand\s+|sub-?\s*|sous-?\s*)?(?:totals?|totaux|totale|sum|somme|gesamt|summe|suma|jumla|jumlah|разом|усього|जम्मा|المجموع|الإجمالي)\s*[:.]?$/iu;
/** What it is the sum of, or the sum itself, in the same cell: `Total beneficiaries: 120`. */
const TOTAL_OF =
  /^(?:grand\s+|sub-?\s*|sous-?\s*)?(?:totals?|totaux|totale)\s*(?:[:=(.–-]|\d|of\b|no\b|number|beneficiar|b[ée]n[ée]ficiaire|benefici[aá]ri|household|hh\b|m[ée]nage|hogar|people|person|famil|amount|units?\b|g[ée]n[ée]ral)/iu;
const SIGNED =
  /^(?:(?:prepared|approved|verified|checked|compiled|reviewed|signed|printed|generated|exported|submitted|certified|authori[sz]ed)\s+(?:by|on|at)|(?:établi|préparé|approuvé|vérifié|signé|imprimé)\s+(?:par|le)|(?:elaborado|preparado|aprobado|revisado|firmado)\s+por|(?:erstellt|geprüft|genehmigt)\s+(?:von|am)|imeandaliwa\s+na|fait\s+à|end\s+of\s+(?:list|report|file)|certified\s+(?:true\s+and\s+)?correct|noted\s+by)(?=[\s:.…_]|$)/iu;
const LABELLED =
  /^(?:date|source|notes?|remarks?|page|stamp|signature|fecha|fuente|firma|página|datum|quelle|seite|unterschrift|tarehe|sahihi|التاريخ|المصدر|التوقيع|إعداد)\s*(?:[:…]|_{2}|\.{3}|\d+\s*(?:$|\/|of\b|sur\b|de\b|von\b))/iu;

/** What clerks write below the last line so that nobody adds one. */
const NOTHING_MORE = /^[^\p{L}]*(?:x{2,}[^\p{L}]*)?nothing\s+follows(?=[^\p{L}]|$)/iu;

/** What holds people, and is none: before its number or name, or a colon behind whatever it is. */
const GROUP =
  /^(?:villages?|hh|households?|house|compound|m[ée]nages?|foyer|concession|familles?|family|zones?|wards?|blocks?|bloc|camps?|sectors?|secteur|section|groups?|groupe|grupo|cluster|districts?|regions?|région|communes?|county|parish|cell|sub-?county|location|settlement|site|team|kijiji|kaya|kata|mtaa|wilaya|aldea|barrio|hogar|vereda|comunidad|bairro|aldeia|dorf|haushalt|gemeinde|قرية|القرية|أسرة|الأسرة|مخيم|حي)(?=[\s:#.\d–-]|$)|:$/iu;

/** Whether a cell reads like the heading of the lines below it. */
export function readsLikeGroup(cell: string): boolean {
  return GROUP.test(cell.trim()) && /\p{L}/u.test(cell);
}

/** What most cells are, by one look. */
const IS_ID = /^[^\s:…_]*\d$/;

/** Whether a cell reads like the foot of a list. */
export function readsLikeFoot(cell: string): boolean {
  if (IS_ID.test(cell)) return false;
  const text = cell.replace(/\s+/g, ' ').trim();
  return [TOTAL, TOTAL_OF, SIGNED, LABELLED, NOTHING_MORE].some((form) => form.test(text));
}

/** Whether a row holds one cell, and that one reads like a foot or a heading: it has no cells for the columns of people. */
export function isNobodyAlone(cells: readonly string[]): boolean {
  const only = onlyCell(cells);
  return only !== undefined && (readsLikeFoot(only) || readsLikeGroup(only));
}

/** The one cell of a row that holds anything; undefined where none or several do. */
export function onlyCell(cells: readonly string[]): string | undefined {
  let only: string | undefined;
  for (const cell of cells) {
    if (cell.trim() === '') continue;
    if (only !== undefined) return undefined;
    only = cell;
  }
  return only;
}
