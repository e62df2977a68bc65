/**
 * Refusals of one act as they are found, first to last.
 *
 * The rules are asked in the order of the contract, so the first finding is the one it would revert with; they go on
 * past it where going on makes sense, so that a person sees all that is wrong at once.
 */
import type { Refusal } from '../base/refusal.ts';

export class Findings {
  readonly #refusals: Refusal[] = [];

  add(refused: Refusal): void {
    this.#refusals.push(refused);
  }

  get isEmpty(): boolean {
    return this.#refusals.length === 0;
  }

  /** What an answer carries, when there is something to refuse. */
  refusals(): readonly [Refusal, ...Refusal[]] | undefined {
    const [first, ...others] = this.#refusals;
    return first === undefined ? undefined : [first, ...others];
  }
}
