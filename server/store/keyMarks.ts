/**
 * Which keys a data folder was written with: a mark of each, kept with the rows, so that an older copy of the key folder is
 * refused instead of its missing keys being made anew, under which nobody who is known would be found.
 *
 * Promises: a key is used only once its mark is kept. What a kill left without a mark was never used, and is noted by the next
 * start. The ring that a token opens is such a folder too.
 */
import { refusal } from '../domain/base/refusal.ts';
import { json } from './codec.ts';
import { type AnyTable, preciousSorted, type Store } from './store.ts';

const markTable = preciousSorted('keyMarks', json<string>(), { auditedAtOpen: true });

export const keyMarkTables: readonly AnyTable[] = [markTable];

/** As a ring has them. */
export interface MarkedKeys {
  marks(): ReadonlyMap<string, string>;
  /** Whether a key of this name was destroyed with its month, and is lacked by no mistake. */
  isGone(name: string): boolean;
  noteWith(note: (name: string, mark: string) => Promise<void>): void;
}

/** Refuses as `key-folder-older` a folder that lacks a key of which there is a mark, or has another of its name. */
export async function markKeys(store: Store, keys: MarkedKeys, folder: string): Promise<void> {
  const marks = keys.marks();
  const known = new Set<string>();
  const gone: string[] = [];
  for await (const [name, mark] of store.range(markTable)) {
    if (keys.isGone(name)) gone.push(name);
    else if (marks.get(name) !== mark) throw refusal('key-folder-older', { folder });
    known.add(name);
  }
  const fresh = [...marks].filter(([name]) => !known.has(name));
  if (fresh.length + gone.length > 0) {
    await store.transact((tx) => {
      for (const name of gone) tx.delete(markTable, name);
      for (const [name, mark] of fresh) tx.insert(markTable, name, mark);
    }, 'finishing');
  }
  keys.noteWith((name, mark) => store.transact((tx) => tx.put(markTable, name, mark), 'finishing'));
}
