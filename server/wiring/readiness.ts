/**
 * Whether a write would succeed now, and if not why: what /health/ready says and a front goes by.
 *
 * Promises: it is false before anything else when the gateway stops; it is false whenever a new write would be refused
 * for want of a disk, a clock or a ledger, and when what was accepted does not become final. A failed disk that takes
 * writes again is told to `onDiskBack`, for what reached it is known only after another start. Wired by `main`.
 */
import { Fault } from '../domain/base/fault.ts';
import { Refusal } from '../domain/base/refusal.ts';
import type { Engine } from '../ledger/engine.ts';
import { pause } from '../ledger/provider.ts';
import { takesWrites } from '../store/disk.ts';
import type { Outbox } from '../store/outbox.ts';

/**
 * A ledger that is dated further ahead of this machine refuses what tills sold a moment ago: an online sale is dated at most
 * so long before its block. Less is told and stops nothing.
 */
const MOST_AHEAD_SECONDS = 900n;
/** Clocks that agree differ by as much, and a block may be a second old when the next one comes. */
const AGREED_SECONDS = 5n;
/** An accepted operation is final within a second or two; a minute without a block is no queue any more. */
const STALLED_MS = 60_000;
const LOOK_EVERY_MS = 1_000;

export interface ReadinessParts {
  readonly dataFolder: string;
  /** Why a new write would be refused by what keeps it. */
  whyNotWritable(): Error | undefined;
  /** Why no block can be dated now. */
  clockDoubt(): Error | undefined;
  /** How far the newest block is dated after this machine's clock. */
  secondsAhead(): bigint;
  /** Operations accepted and not final. */
  queued(): Promise<number>;
  /** What changes when something that was accepted has become final: `progressOf`. */
  progress(): Promise<string>;
  /** What is missing or broken of the ledger itself. */
  ledgerFault(): string | undefined;
  /** A disk that had failed takes writes again. */
  onDiskBack(): void;
  /** A clock that only goes forward. */
  nowMs(): number;
}

export interface Readiness {
  notReady(): Promise<string | undefined>;
  /** Which clock is ahead of which, how far, and what to do; undefined while they agree. */
  clock(): string | undefined;
  /** A write failed: nothing is kept any more until another start. */
  diskFailed(): void;
  stopping(): void;
  close(): void;
}

export function watchReadiness(parts: ReadinessParts): Readiness {
  let isStopping = false;
  let hasDiskFailed = false;
  let progress = { by: '', atMs: parts.nowMs() };
  const look = async () => {
    const by = await parts.progress();
    if ((await parts.queued()) === 0 || by !== progress.by) progress = { by, atMs: parts.nowMs() };
    hasDiskFailed ||= parts.whyNotWritable() instanceof Fault;
    if (hasDiskFailed && !isStopping && takesWrites(parts.dataFolder)) parts.onDiskBack();
  };
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  return {
    async notReady() {
      if (isStopping) return 'the gateway is stopping';
      if (hasDiskFailed) return 'a write to the disk failed; writing goes on when the disk takes it again';
      const refused = parts.whyNotWritable() ?? parts.clockDoubt();
      if (refused !== undefined) return withRemedy(refused);
      const ahead = parts.secondsAhead();
      if (ahead > MOST_AHEAD_SECONDS) return aheadInWords(ahead);
      const fault = parts.ledgerFault();
      if (fault !== undefined) return fault;
      const waitedMs = parts.nowMs() - progress.atMs;
      if (waitedMs < STALLED_MS || (await parts.queued()) === 0) return undefined;
      return `nothing has become final for ${Math.floor(waitedMs / 1000)} seconds though operations wait`;
    },
    clock() {
      const doubt = parts.clockDoubt();
      if (doubt !== undefined) return withRemedy(doubt);
      const ahead = parts.secondsAhead();
      return ahead > AGREED_SECONDS ? aheadInWords(ahead) : undefined;
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

/**
 * The chain of this process makes a block only of what was accepted. A network makes blocks that hold nothing, so there only the
 * end of the operation that has waited longest is progress.
 */
export async function progressOf(
  { pin: { trust } }: Pick<Engine, 'pin'>,
  outbox: Pick<Outbox, 'unfinished'>,
  blockNumber: bigint,
): Promise<string> {
  if (trust === undefined) return String(blockNumber);
  for await (const { id } of outbox.unfinished()) return id;
  return '';
}

function withRemedy(error: Error): string {
  return error instanceof Refusal ? `${error.message} ${error.row.remedy}` : error.message;
}

/** Until this machine's clock is there, every block has the time of the newest one. */
function aheadInWords(seconds: bigint): string {
  const [hours, minutes] = [seconds / 3_600n, (seconds % 3_600n) / 60n];
  const parts = [`${hours} h`, `${minutes} min`, `${seconds % 60n} s`];
  return (
    `The ledger's clock, its newest block, is ${parts.join(' ')} ahead of this machine's clock, so the ledger's time stands still. ` +
    'If this machine is behind, set its clock by the network; if an earlier start was ahead, wait until the time is there: until then acts are judged by the ledger’s time, so give them later deadlines.'
  );
}

/** For who is refused by the time: whose clock says what. */
export function clockTold({
  nextTimestamp,
  secondsAhead,
}: {
  readonly nextTimestamp: bigint;
  readonly secondsAhead: bigint;
}): string {
  const at = new Date(Number(nextTimestamp) * 1000).toISOString();
  if (secondsAhead <= 0n) return `The ledger and the gateway's machine agree that it is ${at}.`;
  return `It is ${at} on the ledger, whose clock is ${secondsAhead} seconds ahead of the gateway's machine.`;
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
