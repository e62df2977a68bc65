/**
 * The bodies of requests under way: what all of them may hold together, and who gives way when that is full.
 *
 * Promises: a body costs what has arrived of it and nothing before; a small one always has room; one that is not there
 * in time is given up; where there is no room, the one that has been arriving longest gives way, and one that is whole
 * never does until it is answered. Strangers on a loopback have no names, so that no share can be theirs: whoever holds
 * back what others wait for loses it, and who sends in one go is there before it is anybody's turn. For `rpc.ts`.
 */
import type { IncomingMessage } from 'node:http';

/** What most calls are far below: each connection holds one body, so that all of them together are bounded as well. */
const SMALL_BYTES = 64 * 2 ** 10;

export interface BodyLimits {
  readonly bytesOfOne: number;
  /** Of all that are larger than small, while they arrive and until they are answered. */
  readonly bytesOfAll: number;
  readonly arrivesWithinMs: number;
}

export type NoBody = 'too large' | 'too slow' | 'no room' | 'gone';

/** Whole, until it is released. */
export interface WholeBody {
  readonly bytes: Uint8Array;
  release(): void;
}

interface Arriving {
  bytes: number;
  giveWay(): void;
}

const costOf = (bytes: number): number => Math.max(0, bytes - SMALL_BYTES);

export class Bodies {
  readonly #limits: BodyLimits;
  /** In the order in which they began. */
  readonly #arriving = new Set<Arriving>();
  #held = 0;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  read(request: IncomingMessage): Promise<WholeBody | NoBody> {
    const { bytesOfOne, arrivesWithinMs } = this.#limits;
    const { promise, resolve } = Promise.withResolvers<WholeBody | NoBody>();
    const chunks: Buffer[] = [];
    const release = () => {
      this.#held -= costOf(arriving.bytes);
      arriving.bytes = 0;
    };
    const end = (body: WholeBody | NoBody) => {
      if (!this.#arriving.delete(arriving)) return;
      clearTimeout(timer);
      request.off('data', take);
      if (typeof body === 'string') release();
      resolve(body);
    };
    const take = (chunk: Buffer) => {
      if (arriving.bytes + chunk.length > bytesOfOne) end('too large');
      else if (this.#hasRoom(arriving, chunk.length)) chunks.push(chunk);
      else end('no room');
    };
    const arriving: Arriving = { bytes: 0, giveWay: () => end('no room') };
    const timer = setTimeout(() => end('too slow'), arrivesWithinMs);
    this.#arriving.add(arriving);
    request.on('data', take);
    request.once('end', () => end({ bytes: Buffer.concat(chunks), release }));
    request.once('error', () => end('gone'));
    request.once('close', () => end('gone'));
    return promise;
  }

  /** Makes room for more of a body, at the cost of those that began before it; false where there are none. */
  #hasRoom(body: Arriving, more: number): boolean {
    const cost = costOf(body.bytes + more) - costOf(body.bytes);
    while (this.#held + cost > this.#limits.bytesOfAll) {
      const first = [...this.#arriving].find(({ bytes }) => costOf(bytes) > 0);
      if (first === undefined || first === body) return false;
      first.giveWay();
    }
    body.bytes += more;
    this.#held += cost;
    return true;
  }
}
