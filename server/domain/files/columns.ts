/**
 * Which column of a file is which field of ours. Every office names them differently.
 *
 * Promises: a column is found by the name the officer gave, else by one a profile or common usage knows, whatever its
 * case, accents and punctuation, and for forms by the last part of its path. Of several candidates the only one that
 * holds anything is proposed, and said; several that do are never guessed between: a field the file cannot do without
 * refuses it, any other is left out with a warning. Pure; readers of files call it.
 */
import type { Refusal } from '../base/refusal.ts';
import { refusal } from '../base/refusal.ts';
import { type Warning, warning } from '../base/warning.ts';

/** A field's usual names, in lower case without accents and punctuation. */
export type UsualNames<F extends string> = Readonly<Record<F, readonly string[]>>;

/**
 * For a field the exact name of its column as an officer gives it, its place from 1 where two have one name, the names a
 * profile knows of which a file may have one, or null where it is not to be read.
 */
export type ChosenColumns<F extends string> = {
  readonly [field in F]?: string | number | readonly string[] | null | undefined;
};

export interface FoundColumns<F extends string> {
  /** The place of each field's column among `present`. */
  readonly places: ReadonlyMap<F, number>;
  readonly refused: readonly Refusal[];
  readonly warnings: readonly Warning[];
}

export interface ColumnRules<F extends string> {
  readonly usual: UsualNames<F>;
  readonly chosen: ChosenColumns<F>;
  readonly required: readonly F[];
  /** At least one of these, where it is not empty. */
  readonly anyOf?: readonly F[];
  /** Who or what somebody or something is: found by a name without its remark in brackets too, which is said. */
  readonly identity?: readonly F[];
  /** Of a workbook: such a column is read only where the officer names it. */
  isHidden?(place: number): boolean;
  /** What columns that were found say of one another. */
  settle?(found: {
    readonly present: readonly string[];
    readonly places: ReadonlyMap<F, number>;
    readonly chosen: ChosenColumns<F>;
    /** And not hidden. */
    isFilled(place: number): boolean;
  }): Settled<F>;
}

export interface Settled<F extends string> {
  /** Fields that are not read after all, and nothing is said of them. */
  readonly dropped: readonly F[];
  /** Fields whose columns were found as another's. */
  readonly added: readonly (readonly [F, number])[];
  readonly warnings: readonly Warning[];
}

export function findColumns<F extends string>(
  present: readonly string[],
  { usual, chosen, required, anyOf = [], identity = [], isHidden = () => false, settle }: ColumnRules<F>,
  isFilled: (place: number) => boolean = () => true,
): FoundColumns<F> {
  const places = new Map<F, number>();
  const refused: Refusal[] = [];
  const said = new Map<F, Warning>();
  const hidden: F[] = [];
  const names = present.map((name) => ({ whole: plain(name), last: plain(lastPart(name)) }));
  const bare = present.map((name) => plain(withoutRemark(name)));
  const isNamed = present.some((name) => isUsual(name, usual));
  for (const field of Object.keys(usual) as F[]) {
    const choice = chosen[field];
    if (choice === null) {
      if (required.includes(field)) refused.push(missing(field, usual[field]));
      continue;
    }
    // a place alone makes no row one of names
    const found =
      typeof choice === 'number' && !isNamed ? [] : candidatesOf(present, names, choice, usual[field]);
    const isInPart = found.length === 0 && choice === undefined && identity.includes(field);
    const known = isInPart
      ? [...present.keys()].filter((place) => usual[field].includes(bare[place] ?? ''))
      : found;
    const isExact = typeof choice === 'string' || typeof choice === 'number';
    const candidates = isExact ? known : known.filter((place) => !isHidden(place));
    if (candidates.length === 0 && known.length > 0) {
      if (required.includes(field)) refused.push(refusal('column-hidden', { column: field }));
      else said.set(field, warning('column-hidden', { field }, { field: present[known[0] ?? 0] ?? '' }));
      hidden.push(field);
      continue;
    }
    const filled = candidates.filter(isFilled);
    const [only, another] = candidates.length > 1 && filled.length > 0 ? filled : candidates;
    if (only === undefined) {
      if (isExact || required.includes(field)) refused.push(missing(field, usual[field], isExact));
    } else if (another === undefined) {
      places.set(field, only);
      if (isInPart)
        said.set(field, warning('column-named-in-part', { field }, { field: present[only] ?? '' }));
      else if (candidates.length > 1)
        said.set(field, warning('column-proposed', { field }, { field: present[only] ?? '' }));
    } else if (required.includes(field)) {
      refused.push(refusal('column-ambiguous', { column: field }));
    } else {
      said.set(field, warning('column-left-out', { field, columns: candidates.length }, { field }));
    }
  }
  const settled = settle?.({
    present,
    places,
    chosen,
    isFilled: (place) => isFilled(place) && !isHidden(place),
  });
  for (const [field, place] of settled?.added ?? []) {
    places.set(field, place);
    said.delete(field);
  }
  for (const field of settled?.dropped ?? []) {
    places.delete(field);
    said.delete(field);
  }
  const warnings = [...said.values(), ...(settled?.warnings ?? [])];
  const [first] = anyOf;
  const unseen = anyOf.find((field) => hidden.includes(field));
  if (refused.length > 0 || anyOf.some((field) => places.has(field))) return { places, refused, warnings };
  if (unseen !== undefined) {
    refused.push(refusal('column-hidden', { column: unseen }));
  } else if (first !== undefined) {
    refused.push(
      missing(
        first,
        anyOf.flatMap((field) => usual[field].slice(0, KNOWN_SHOWN)),
      ),
    );
  }
  return { places, refused, warnings };
}

/** Names said of each field where any of several fields would do. */
const KNOWN_SHOWN = 4;

function missing(column: string, known: readonly string[], isNamed = false): Refusal {
  return isNamed
    ? refusal('column-named-missing', { column })
    : refusal('column-missing', { column, known: known.join(', ') });
}

function candidatesOf(
  present: readonly string[],
  names: readonly { readonly whole: string; readonly last: string }[],
  choice: string | number | readonly string[] | undefined,
  usual: readonly string[],
): number[] {
  const places = [...present.keys()];
  if (typeof choice === 'number') return choice <= present.length ? [choice - 1] : [];
  if (typeof choice === 'string') {
    const exact = places.filter((place) => present[place] === choice);
    return exact.length > 0 ? exact : places.filter((place) => names[place]?.whole === plain(choice));
  }
  for (const known of [choice?.map(plain) ?? [], usual]) {
    for (const part of ['whole', 'last'] as const) {
      const found = places.filter((place) => known.includes(names[place]?.[part] ?? ''));
      if (found.length > 0) return found;
    }
  }
  return [];
}

/** Whether a name is one of any field. */
export function isUsual(name: string, usual: UsualNames<string>): boolean {
  const whole = plain(name);
  return whole !== '' && Object.values(usual).some((known) => known.includes(whole));
}

/** `Phone (mobile)`, `National ID [if any]`. */
function withoutRemark(name: string): string {
  return name.replace(/[([][^()[\]]*[)\]]?\s*$/, '');
}

/** Forms put a question's groups before its name. */
function lastPart(name: string): string {
  return name.split(/[/:]/).at(-1) ?? '';
}

/** A heading as it is compared: a form's without its groups. */
export function nameOfColumn(name: string): string {
  return plain(lastPart(name));
}

/** The groups of a form's question: those of one person are in one. */
export function groupOfColumn(name: string): string {
  return plain(name).slice(0, plain(name).length - nameOfColumn(name).length);
}

function plain(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}
