/** One process of the campaign: plays the parts it is asked for, one after another, and answers each with its tally. */
import { emptyTally, playPart, type Tally } from './campaign.ts';

export interface PartAsked {
  readonly seed: number;
  readonly number: number;
  readonly calls: number;
}

export interface PartPlayed {
  readonly number: number;
  readonly seconds: number;
  readonly tally: Tally;
}

process.on('message', async ({ seed, number, calls }: PartAsked) => {
  const begun = performance.now();
  const tally = emptyTally();
  await playPart(seed, number, calls, tally);
  const played: PartPlayed = { number, seconds: Math.round((performance.now() - begun) / 1000), tally };
  process.send?.(played);
});
process.on('disconnect', () => process.exit());
