/**
 * Answers that are on their way to whoever asked, as far as they are read.
 *
 * Promises: all that nobody has read yet is bounded; where it is full, the answer that has been waiting longest to be
 * read is given up with its connection, so that who reads is answered. For `rpc.ts`.
 */
import type { ServerResponse } from 'node:http';

/** Two of the largest answers. */
const MAX_UNREAD_CHARACTERS = 128 * 2 ** 20;

export class Answers {
  /** In the order in which they were given. */
  readonly #unread = new Map<ServerResponse, number>();
  #characters = 0;

  /** Before it is written. */
  keep(response: ServerResponse, { length }: string): void {
    for (const [first] of this.#unread) {
      if (this.#characters + length <= MAX_UNREAD_CHARACTERS) break;
      first.destroy();
      this.#forget(first);
    }
    this.#unread.set(response, length);
    this.#characters += length;
    response.once('close', () => this.#forget(response));
  }

  #forget(response: ServerResponse): void {
    this.#characters -= this.#unread.get(response) ?? 0;
    this.#unread.delete(response);
  }
}
