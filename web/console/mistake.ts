/** What a page itself finds wrong with what was typed, by the key of its words. Knows nothing of the page it is shown on. */
import type { Key } from '../page/words.ts';

export class Mistake extends Error {
  readonly key: Key;
  readonly values: Readonly<Record<string, string | number>>;
  constructor(key: Key, values: Readonly<Record<string, string | number>> = {}) {
    super(key);
    this.key = key;
    this.values = values;
  }
}
