/**
 * Tells when nobody has touched a page for a while, by a key, a finger or a scanner.
 *
 * Promises: it is told once; a device that slept is found so at the first look, before anything that is done then counts. The
 * clock of the device decides nothing but this, and whichever of its two clocks went further does.
 */
const TOUCHES = ['keydown', 'pointerdown', 'input'] as const;

/** Answers how to end it. */
export function whenIdle(afterMs: number, told: () => void): () => void {
  let last = { steady: performance.now(), wall: Date.now() };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const passedMs = () => Math.max(performance.now() - last.steady, Date.now() - last.wall);
  const look = () => {
    clearTimeout(timer);
    const left = afterMs - passedMs();
    if (left > 0) {
      timer = setTimeout(look, left);
      return;
    }
    end();
    told();
  };
  const touched = () => {
    if (passedMs() >= afterMs) return look();
    last = { steady: performance.now(), wall: Date.now() };
  };
  const end = () => {
    clearTimeout(timer);
    for (const one of TOUCHES) removeEventListener(one, touched, true);
    document.removeEventListener('visibilitychange', look);
  };
  for (const one of TOUCHES) addEventListener(one, touched, true);
  document.addEventListener('visibilitychange', look);
  look();
  return end;
}
