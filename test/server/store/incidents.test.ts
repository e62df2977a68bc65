/** Two final blocks of one height, as they are kept and settled. */
import { expect } from 'chai';
import type { Bytes32, Hex } from '../../../server/domain/base/hex.ts';
import { Incidents, incidentTables, type KeptIncident } from '../../../server/store/incidents.ts';
import type { Store } from '../../../server/store/store.ts';
import { openTestStore, removeTemporaryFolders, temporaryFolder } from './folder.ts';

const incident = (blockNumber: bigint, seenAtMs: number): KeptIncident => ({
  blockNumber,
  kept: { hash: `0x${'01'.repeat(32)}` as Bytes32 },
  shown: {
    hash: `0x${'02'.repeat(32)}` as Bytes32,
    header: `0x${seenAtMs.toString(16).padStart(4, '0')}` as Hex,
  },
  seenAtMs,
});

describe('two final blocks of one height', () => {
  let store: Store;
  let incidents: Incidents;
  beforeEach(async () => {
    store = await openTestStore(temporaryFolder(), incidentTables);
    incidents = new Incidents(store);
  });
  afterEach(() => store.close());
  after(removeTemporaryFolders);

  it('are kept as they were first seen', async () => {
    await incidents.keep(incident(7n, 1));
    await incidents.keep(incident(7n, 2));
    expect(await incidents.open()).to.deep.equal(incident(7n, 1));
  });

  it('are settled with all above them at once, and what is found later is open', async () => {
    for (const number of [7n, 8n, 30n]) await incidents.keep(incident(number, 1));
    expect(await incidents.settle(6n, 5), 'none of that block').to.equal(false);
    expect(await incidents.settle(7n, 5)).to.equal(true);
    expect(await incidents.open()).to.equal(undefined);
    await incidents.keep(incident(31n, 6));
    expect(await incidents.settle(7n, 7), 'said again by a setting that was left').to.equal(false);
    expect((await incidents.open())?.blockNumber).to.equal(31n);
  });

  it('below what was settled stay open', async () => {
    for (const number of [7n, 8n]) await incidents.keep(incident(number, 1));
    await incidents.settle(8n, 5);
    expect((await incidents.open())?.blockNumber).to.equal(7n);
  });
});
