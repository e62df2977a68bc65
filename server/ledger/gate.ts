/**
 * Keeps readers out while a block is executed and not yet on disk, so that nobody sees what a kill could take back.
 *
 * Promises: a write waits for the reads under way and holds off those that come after it; when it ends, every read
 * that waited runs before the next write, so neither starves. One writer. After `close` everybody gets its error.
 */
export class Gate {
  #reading = 0;
  #isWriting = false;
  #closed: Error | undefined;
  #drained: (() => void) | undefined;
  #reopened = Promise.withResolvers<void>();
  readonly #limit: number;
  #waiting = 0;

  /** `limit`: how many reads may wait; more means that reads come faster than they can be served. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Throws what `exhausted` makes when too many wait already. */
  async read<T>(work: () => Promise<T>, exhausted: () => Error): Promise<T> {
    this.#throwIfClosed();
    if (this.#isWriting) {
      if (this.#waiting >= this.#limit) throw exhausted();
      this.#waiting++;
      await this.#reopened.promise; // the writer that ends has counted this read in
      this.#throwIfClosed();
    } else this.#reading++;
    try {
      return await work();
    } finally {
      this.#reading--;
      if (this.#reading === 0) this.#drained?.();
    }
  }

  async write<T>(work: () => Promise<T>): Promise<T> {
    this.#isWriting = true;
    if (this.#reading > 0) {
      const drained = Promise.withResolvers<void>();
      this.#drained = drained.resolve;
      await drained.promise;
      this.#drained = undefined;
    }
    const result = await work(); // a write that fails leaves the gate shut: what was executed may not be read
    this.#isWriting = false;
    this.#reading = this.#waiting;
    this.#waiting = 0;
    this.#reopened.resolve();
    this.#reopened = Promise.withResolvers();
    return result;
  }

  close(error: Error): void {
    this.#closed = error;
    this.#reopened.resolve();
  }

  #throwIfClosed(): void {
    if (this.#closed) throw this.#closed;
  }
}
