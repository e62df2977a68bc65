/**
 * Answers that are being made, and those on their way to whoever asked, as far as they are read.
 *
 * Promises: all that nobody has read yet is bounded; where it is full, the answer that has been waiting longest to be
 * read is given up with its connection, so that who reads is answered. What is being made is bounded for itself: where that
 * is full, one that is small has room, and a large one is told so. For `rpc.ts`.
 */
import type { ServerResponse } from 'node:http';

/** Two of the largest answers. */
const MAX_UNREAD_CHARACTERS = 128 * 2 ** 20;

/** Of all that are being made. */
const MAX_MADE_CHARACTERS = 128 * 2 ** 20;
/** What most answers are far below; connections bound how many there are. */
const SMALL_CHARACTERS = 64 * 2 ** 10;

/** One answer while it is made of several. */
export interface Making {
  /** False where there is no room for so much more of it. */
  grow(characters: number): boolean;
  end(): void;
}

export class Answers {
  #made = 0;
  /** In the order in which they were given. */
  readonly #unread = new Map<ServerResponse, number>();
  #characters = 0;

  making(): Making {
    let [whole, cost] = [0, 0];
    return {
      grow: (characters) => {
        const more = Math.max(0, whole + characters - SMALL_CHARACTERS) - cost;
        if (more > 0 && this.#made + more > MAX_MADE_CHARACTERS) return false;
        whole += characters;
        cost += more;
        this.#made += more;
        return true;
      },
      end: () => {
        this.#made -= cost;
        cost = 0;
      },
    };
  }

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
