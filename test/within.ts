/** Bounded waits: what hangs is named within seconds, instead of the hook that waited for it after minutes. */

/** Settles as `work` does, or rejects with a sentence about what did not end in time. */
export async function within<T>(milliseconds: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not end in ${milliseconds} ms`)), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A tool of the machine that a test needs: without it the test is skipped, but on the machine of all checks it fails. */
export function needs(running: Mocha.Context, tool: string, isThere: boolean): void {
  if (isThere) return;
  if (process.env.CI === 'true') throw new Error(`${tool} is not installed`);
  running.skip();
}
