/**
 * A process that applies event blocks to views until a crash point ends it. Arguments: folder of the views, file of
 * the blocks in the store's own JSON.
 */
import { readFileSync, writeSync } from 'node:fs';
import type { BlockCursor, EventBlock } from '../../../server/domain/acts/events.ts';
import { json } from '../../../server/store/codec.ts';
import { openViews } from '../../../server/store/views.ts';

export interface Recorded {
  readonly genesis: BlockCursor;
  readonly blocks: readonly EventBlock[];
}

const [folder = '', file = ''] = process.argv.slice(2);
const { genesis, blocks } = json<Recorded>().decode(readFileSync(file));
const views = await openViews(folder, genesis);
for (const block of blocks.filter(({ cursor }) => cursor.number > views.cursor.number)) {
  await views.apply(block);
  writeSync(1, `${block.cursor.number}\n`);
}
await views.close();
