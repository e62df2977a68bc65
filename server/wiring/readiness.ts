/**
 * Whether a write would succeed now, and if not why: what /health/ready says and a front goes by.
 *
 * Promises: it is false before anything else when the gateway stops; it is false whenever a new write would be refused
 * for want of a disk, a clock or a ledger, and when what was accepted does not become final. A failed disk that takes
 * writes again is told to `onDiskBack`, for what reached it is known only after another start. Wired by `main`.
 */
import { Fault } from '../domain/base/fault.ts';
import { pause } from '../ledger/provider.ts';
import { takesWrites } from '../store/disk.ts';

/** An accepted operation is final within a second or two; a minute without a block is no queue any more. */
const STALLED_MS = 60_000;
const LOOK_EVERY_MS = 1_000;

export interface ReadinessParts {
  readonly dataFolder: string;
  /** Why a new write would be refused by what keeps it. */
  whyNotWritable(): Error | undefined;
  /** Why no block can be dated now. */
  clockDoubt(): Error | undefined;
  /** Operations accepted and not final. */
  queued(): Promise<number>;
  /** The last block that was made final. */
  blockNumber(): bigint;
  /** What is missing or broken of the ledger itself. */
  ledgerFault(): string | undefined;
  /** A disk that had failed takes writes again. */
  onDiskBack(): void;
  /** A clock that only goes forward. */
  nowMs(): number;
}

export interface Readiness {
  notReady(): Promise<string | undefined>;
  /** A write failed: nothing is kept any more until another start. */
  diskFailed(): void;
  stopping(): void;
  close(): void;
}

export function watchReadiness(parts: ReadinessParts): Readiness {
  let isStopping = false;
  let hasDiskFailed = false;
  let progress = { blockNumber: parts.blockNumber(), atMs: parts.nowMs() };
  const look = async () => {
    const blockNumber = parts.blockNumber();
    if ((await parts.queued()) === 0 || blockNumber !== progress.blockNumber) {
      progress = { blockNumber, atMs: parts.nowMs() };
    }
    hasDiskFailed ||= parts.whyNotWritable() instanceof Fault;
    if (hasDiskFailed && !isStopping && takesWrites(parts.dataFolder)) parts.onDiskBack();
  };
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  return {
    async notReady() {
      if (isStopping) return 'the gateway is stopping';
      if (hasDiskFailed) return 'a write to the disk failed; writing goes on when the disk takes it again';
      const refused = parts.whyNotWritable() ?? parts.clockDoubt();
      if (refused !== undefined) return refused.message;
      const fault = parts.ledgerFault();
      if (fault !== undefined) return fault;
      const waitedMs = parts.nowMs() - progress.atMs;
      if (waitedMs < STALLED_MS || (await parts.queued()) === 0) return undefined;
      return `nothing has become final for ${Math.floor(waitedMs / 1000)} seconds though operations wait`;
    },
    diskFailed() {
      hasDiskFailed = true;
    },
    stopping() {
      isStopping = true;
    },
    close: () => clearInterval(timer),
  };
}

const PAUSE_MS = 25;
/** A pause that takes so much longer says that there is more to read and answer than was done. */
const BEHIND_MS = 15;
const QUIET_PAUSES = 6;

/** Waits until what has arrived was read and answered, so long at most: a clock alone does not wait for who is busy. */
export async function caughtUp(mostMs: number): Promise<void> {
  const since = performance.now();
  let quiet = 0;
  while (quiet < QUIET_PAUSES && performance.now() - since < mostMs) {
    const begun = performance.now();
    await pause(PAUSE_MS);
    quiet = performance.now() - begun < PAUSE_MS + BEHIND_MS ? quiet + 1 : 0;
  }
}
