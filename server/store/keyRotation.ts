/**
 * The months of wrapping keys: a new one begins by itself, what lies under older ones is wrapped again, and keys of a month
 * are destroyed thirty days after nothing lay under them any more.
 *
 * Promises: a kill anywhere loses no data key, and the next run goes on from what each row says it lies under; nothing is
 * destroyed under which a key lies, whatever is counted, and what is counted wrong is counted again, so that no month waits for ever; a clock that was set back begins no month that is over, and by one that
 * is before the month of now no thirty days are counted. `main` has it run now and again, and never while the clock is doubted: what
 * is destroyed never comes back.
 */
import { crashPoint } from '../crash.ts';
import type { DataKeys, MonthOfKeys } from './dataKeys.ts';
import { BEFORE_MONTHS, type KeyMonth, type KeyService, monthAt } from './keys.ts';

/** One write, some 200 KiB, behind which whoever else writes has a turn. */
const KEYS_AT_ONCE = 256;
const DAY_MS = 24 * 3_600_000;
/** As long as a backup of the key store may be kept: an older one is opened by nothing. */
const KEPT_MS = 30 * DAY_MS;

export interface RotationParts {
  readonly dataKeys: DataKeys;
  readonly keys: KeyService;
  readonly nowMs: () => number;
  /** Of a key under a month that does not unwrap: it stays as it is, and its month's keys with it. */
  readonly onDamaged?: (error: Error, month: KeyMonth) => void;
  /** What was counted under a month did not lie there, or more did: it is counted anew. */
  readonly onRecounted?: () => void;
}

export class KeyRotation {
  readonly #parts: RotationParts;
  /** Behind which keys were not looked at yet; undefined where no pass is under way. */
  #after: string | undefined;

  constructor(parts: RotationParts) {
    this.#parts = parts;
  }

  /**
   * One step; 0 where nothing is left to do for now. What fails keeps nothing else from being done: the turn of a month comes last,
   * so that a token that is gone is asked once, and what failed is thrown when nothing else is left.
   */
  async sweep(): Promise<number> {
    const failed: unknown[] = [];
    for (const step of [() => this.#rewrapped(), () => this.#settled(), () => this.#begun()]) {
      try {
        const done = await step();
        if (done > 0) return done;
      } catch (error) {
        failed.push(error);
      }
    }
    if (failed.length > 1) throw new AggregateError(failed, 'more than one step of the rotation failed');
    if (failed.length > 0) throw failed[0];
    return 0;
  }

  async #begun(): Promise<number> {
    const { keys, dataKeys, nowMs } = this.#parts;
    const month = monthAt(nowMs());
    if (month <= keys.month) return 0;
    await keys.begin(month);
    await dataKeys.note(month, {});
    this.#after = undefined;
    return 1;
  }

  async #rewrapped(): Promise<number> {
    const { keys, dataKeys } = this.#parts;
    const isLeft = (await dataKeys.months()).some(([month, row]) => month < keys.month && row.keys > 0);
    if (!isLeft && this.#after === undefined) return 0;
    const onDamaged = this.#parts.onDamaged ?? (() => {});
    this.#after = await dataKeys.rewrap(this.#after ?? '', KEYS_AT_ONCE, onDamaged);
    if (this.#after !== undefined) return 1;
    const isCounted = (await dataKeys.months()).some(([month, row]) => month < keys.month && row.keys > 0);
    if (isCounted) await this.#recounted(); // else a month would wait for keys that are not there
    return 0; // what came meanwhile is for the next time
  }

  async #settled(): Promise<number> {
    const { keys, dataKeys } = this.#parts;
    const nowMs = this.#parts.nowMs();
    if (monthAt(nowMs) < keys.month) return 0; // set back: what it said would be over at once when it is right again
    for (const [month, { keys: left, emptiedAtMs }] of await this.#over()) {
      if (left > 0 || emptiedAtMs !== undefined) continue;
      await dataKeys.note(month, { emptiedAtMs: nowMs });
      crashPoint('keys.emptied');
    }
    for (const [month, { keys: left, emptiedAtMs, destroyedAtMs }] of await this.#over()) {
      if (destroyedAtMs !== undefined && keys.isDestroyed(month)) continue;
      if (left > 0 || emptiedAtMs === undefined || emptiedAtMs + KEPT_MS > nowMs) return 0; // in their order
      if (await this.#isUsed(month)) return (await this.#recounted()) ? 1 : 0;
      await keys.destroy(month);
      await dataKeys.note(month, { destroyedAtMs: nowMs });
      return 1;
    }
    return 0;
  }

  /** The months before that of now, in order. */
  async #over(): Promise<readonly (readonly [KeyMonth, MonthOfKeys])[]> {
    const { keys, dataKeys } = this.#parts;
    const rows = new Map(await dataKeys.months());
    const months = [...new Set([...keys.months(), ...rows.keys()])].filter((month) => month < keys.month);
    return months.toSorted().map((month) => [month, rows.get(month) ?? { keys: 0 }] as const);
  }

  async #recounted(): Promise<boolean> {
    const differed = await this.#parts.dataKeys.recount();
    if (differed) this.#parts.onRecounted?.();
    return differed;
  }

  /** Whatever is counted: what is destroyed is destroyed for good. */
  async #isUsed(month: KeyMonth): Promise<boolean> {
    return [...(await this.#parts.dataKeys.count()).keys()].some((used) => used <= month);
  }
}

/** Of fsck: what lies under a month, and from when its keys may be destroyed. */
export interface MonthTold {
  readonly month: string;
  readonly keys: number;
  readonly destroyedFrom?: string;
}

/** The months whose wrapping keys are there, and whether what is counted under each lies there. */
export async function monthsTold(
  dataKeys: DataKeys,
  signal?: AbortSignal,
): Promise<{ readonly months: readonly MonthTold[]; readonly areCounted: boolean }> {
  const rows = (await dataKeys.months()).filter(([, { destroyedAtMs }]) => destroyedAtMs === undefined);
  const found = await dataKeys.count(signal);
  const months = rows.map(([month, { keys, emptiedAtMs }]) => ({
    month: month === BEFORE_MONTHS ? 'before months' : month,
    keys,
    ...(emptiedAtMs !== undefined && { destroyedFrom: new Date(emptiedAtMs + KEPT_MS).toISOString() }),
  }));
  const used = rows.filter(([, { keys }]) => keys > 0);
  const areCounted =
    used.length === found.size && used.every(([month, { keys }]) => found.get(month) === keys);
  return { months, areCounted };
}
