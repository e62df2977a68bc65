/**
 * What an institution calls its own programmes, shops, tills and officers: the ledger knows them by ids, and people by where they are.
 *
 * Promises: an institution sees and changes its own labels only, and has a bounded number of them; a copy of the store
 * without keys reads none, for a shop is often called as its keeper is. They are read once a start, for a search looks at
 * all of an institution's. `http` reads and writes them, for who may name what is its to say.
 */
import { createHash } from 'node:crypto';
import { Fault } from '../domain/base/fault.ts';
import { refusal } from '../domain/base/refusal.ts';
import type { Labelled } from '../domain/base/terms.ts';
import { orderOf } from '../domain/files/numberOrder.ts';
import { frame, seal, unseal } from './cipher.ts';
import { text } from './codec.ts';
import type { KeyService } from './keys.ts';
import { type AnyTable, preciousSorted, type Store, under } from './store.ts';

/** A county's shops with their tills, several times over. */
const LABELS_MAX = 20_000;

/** By institution and what is labelled: the label, sealed. */
const labelTable = preciousSorted('labels', text);

export const labelTables: readonly AnyTable[] = [labelTable];

/** A label, and where people who read it would look for it among others. */
interface Known {
  readonly label: string;
  readonly order: string;
}

const knownAs = (label: string): Known => ({ label, order: orderOf(label) });

export class Labels {
  readonly #store: Store;
  readonly #keys: KeyService;
  /** By institution, once it was asked about. */
  readonly #read = new Map<number, Promise<Map<Labelled, Known>>>();

  constructor(store: Store, keys: KeyService) {
    this.#store = store;
    this.#keys = keys;
  }

  /** Over an earlier one. Refuses as `too-many-labels`. */
  async put(institution: number, labelled: Labelled, label: string): Promise<void> {
    const own = await this.#of(institution);
    if (!own.has(labelled) && own.size >= LABELS_MAX) throw refusal('too-many-labels', { limit: LABELS_MAX });
    const key = keyOf(institution, labelled);
    const sealed = seal(await this.#keyOf(institution), Buffer.from(label, 'utf8'), frame(key));
    await this.#store.transact((tx) => tx.put(labelTable, key, Buffer.from(sealed).toString('base64')));
    own.set(labelled, knownAs(label));
  }

  /** False where there was none. */
  async remove(institution: number, labelled: Labelled): Promise<boolean> {
    const own = await this.#of(institution);
    if (!own.has(labelled)) return false;
    await this.#store.transact((tx) => tx.delete(labelTable, keyOf(institution, labelled)));
    return own.delete(labelled);
  }

  async labelOf(institution: number, labelled: Labelled): Promise<string | undefined> {
    return (await this.#of(institution)).get(labelled)?.label;
  }

  /**
   * Of an institution those with these words in them, whatever their case, in the order in which people read the labels:
   * `Shop 9` before `Shop 10`.
   */
  async found(institution: number, words = ''): Promise<readonly (readonly [Labelled, string])[]> {
    const wanted = words.toLowerCase();
    const all = [...(await this.#of(institution))].filter(([, { label }]) =>
      label.toLowerCase().includes(wanted),
    );
    all.sort(([one, { order }], [other, { order: others }]) => {
      if (order !== others) return order < others ? -1 : 1;
      return one < other ? -1 : 1;
    });
    return all.map(([labelled, { label }]) => [labelled, label] as const);
  }

  #of(institution: number): Promise<Map<Labelled, Known>> {
    const known = this.#read.get(institution);
    if (known !== undefined) return known;
    const reading = this.#readAll(institution).catch((error: unknown) => {
      this.#read.delete(institution); // read again when it is asked for next
      throw error;
    });
    this.#read.set(institution, reading);
    return reading;
  }

  async #readAll(institution: number): Promise<Map<Labelled, Known>> {
    const key = await this.#keyOf(institution);
    const all = new Map<Labelled, Known>();
    for await (const [place, sealed] of this.#store.range(labelTable, under(String(institution)))) {
      const opened = unseal(key, Buffer.from(sealed, 'base64'), frame(place));
      if (opened === undefined) throw new Fault('a label is not what was sealed', { retryable: false });
      const label = Buffer.from(opened).toString('utf8');
      all.set(place.slice(place.indexOf('/') + 1) as Labelled, knownAs(label));
    }
    return all;
  }

  /** One for each institution, which only the key service can make again. */
  async #keyOf(institution: number): Promise<Uint8Array> {
    const mac = await this.#keys.indexMac(institution, frame('labels'));
    return createHash('sha256').update(frame('key', mac)).digest();
  }
}

function keyOf(institution: number, labelled: Labelled): string {
  return `${institution}/${labelled}`;
}
