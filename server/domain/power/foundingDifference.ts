/**
 * Did a ledger begin with what the institutions agreed on?
 *
 * Promises: every field that the consortium keeps of its founding is held against the file, a name for the first that is another.
 * Where the verifiers stand no file knows: that is taken from the ledger, once for each kind, and what stands there is not judged here. Pure.
 */
import type { Founding as FoundedWith } from '../acts/events.ts';
import type { Address } from '../base/hex.ts';
import { isRecord } from '../base/strictJson.ts';
import { KEY_KINDS, type KeyKind, numberOf } from '../base/terms.ts';
import { type Founding, foundingStruct } from './founding.ts';

/** The place in the file, such as `/officers/3/key/keyHash`; undefined where the two are the same. */
export function foundingDifference(file: Founding, ledger: FoundedWith): string | undefined {
  if (file.verifiers.join() !== ledger.verifiers.map(({ kind }) => kind).join()) return '/verifiers';
  const verifierAt: Partial<Record<KeyKind, Address>> = Object.fromEntries(
    ledger.verifiers.map(({ kind, verifier }) => [kind, verifier]),
  );
  return placeOf(foundingStruct(file, verifierAt), ledger, '');
}

function placeOf(file: unknown, ledger: unknown, place: string): string | undefined {
  if (Array.isArray(file)) {
    if (!Array.isArray(ledger) || file.length !== ledger.length) return place;
  } else if (!isRecord(file)) {
    return textOf(file) === textOf(ledger) ? undefined : place;
  }
  const told = isRecord(ledger) || Array.isArray(ledger) ? Object.entries(ledger) : [];
  const byName = new Map<string, unknown>(told);
  for (const [name, one] of Object.entries(file as object)) {
    const found = placeOf(one, byName.get(name), `${place}/${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Kinds of key have names in what was read of the ledger, and numbers in what is sent to it. */
function textOf(value: unknown): string {
  const kind = KEY_KINDS.find((one) => one === value);
  return kind === undefined ? String(value).toLowerCase() : String(numberOf(KEY_KINDS, kind));
}
