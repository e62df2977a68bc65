/**
 * Named places where a test kills this process dead, to prove that nothing is lost, doubled or stuck there.
 *
 * Unarmed it is an empty function. Armed by `KUDURRU_CRASH=<name>` or `<name>:<n>` (the n-th passage), it ends the
 * process by SIGKILL: no handler runs, no buffer is flushed, exactly as when the power fails for one process.
 * A name outside the list stops the process at start, so that a misspelt test cannot pass by never crashing.
 */

export const CRASH_POINTS = [
  'store.before-sync', // decided and queued, not on disk: nothing was acknowledged
  'store.after-sync', // on disk, not acknowledged: the caller asks again
  'vault.before-keys',
  'vault.between-keys-and-record', // an orphan key, harmless
  'vault.written',
  'access.before-line',
  'access.after-line', // a line without a reading: the person sees one look too many, never one too few
  'outbox.before-received',
  'outbox.received',
  'outbox.nonce-taken', // in memory only: the next start hands out the same nonce
  'outbox.signed-in-memory',
  'outbox.signed-stored', // bytes are durable, the chain has not seen them
  'outbox.before-send',
  'outbox.after-send', // the chain may hold it, the outbox still says SIGNED
  'outbox.mined',
  'outbox.final',
  'outbox.projected',
  'chain.admitted', // taken into the pool, not executed: nobody was told anything
  'chain.executed', // in memory only: gone with the process, and never seen by a reader
  'blocks.before-append',
  'blocks.appended', // journalled and not signed: the start signs it
  'chain.before-sign',
  'blocks.signed',
  'chain.answered', // signed or not, the caller knows
  'views.before-apply',
  'views.applied',
  'erasure.before-tombstone',
  'erasure.tombstone-written', // the start finishes it
  'erasure.ids-noted', // the keys are there, and the start destroys them
  'erasure.keys-destroyed',
  'keys.month-begun', // nothing is wrapped under it yet
  'keys.before-rewrap', // unwrapped and wrapped again in memory only
  'keys.rewrapped', // a batch lies under the new month, the rest under the old ones
  'keys.emptied', // the thirty days of a month are counted from here
  'token.key-made', // on the token, and no ring is under it
  'token.ring-moved', // under the token, and the file that opened it is still there
  'keys.destroyed', // gone from the ring, not noted in the key store
  'backup.rows-written', // no manifest: no backup
  'backup.before-manifest',
  'restore.laid', // beside, and nothing in its place yet
  'restore.keys-moved', // the keys are in their place, the rows are not
] as const;

export type CrashPoint = (typeof CRASH_POINTS)[number];

function arm(armed: string | undefined): (point: CrashPoint) => void {
  if (armed === undefined || armed === '') return () => {};
  const [name, passage = '1'] = armed.split(':');
  if (!CRASH_POINTS.some((point) => point === name) || !/^[1-9]\d*$/.test(passage)) {
    throw new Error('KUDURRU_CRASH names no crash point');
  }
  let left = Number(passage);
  return (point) => {
    if (point === name && --left === 0) process.kill(process.pid, 'SIGKILL');
  };
}

export const crashPoint: (point: CrashPoint) => void = arm(process.env.KUDURRU_CRASH);
