/**
 * Sending the ledger what it lacks of a signed table, request by request, for as long as each brings it further.
 *
 * Promises: where a request brought nothing more, no other is sent by itself, for each would send the same units once more.
 */

/** The ledger's own count. */
export interface Loaded {
  readonly loaded: number;
  readonly of: number;
  readonly isDone: boolean;
}

/** `tell` is told of each answer, and says whether somebody still looks. */
export async function untilLoaded(
  loaded: number,
  send: () => Promise<Loaded>,
  tell: (told: Loaded) => boolean,
): Promise<'done' | 'left' | 'stalled'> {
  for (let before = loaded; ; ) {
    const told = await send();
    const isLookedAt = tell(told);
    if (told.isDone) return 'done';
    if (!isLookedAt) return 'left';
    if (told.loaded <= before) return 'stalled';
    before = told.loaded;
  }
}
