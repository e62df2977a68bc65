/** The journal as an outside verifier reads it: its fold, its leaf's every field, and its two slots on a real chain. */
import { expect } from 'chai';
import {
  type Entry,
  firstHead,
  foldEntries,
  foldEntry,
  JOURNAL_HEAD_SLOT,
  JOURNAL_STATUS_SLOT,
  readJournalStatus,
} from '../../../../server/domain/audit/journal.ts';
import { slotOf } from '../../../../server/domain/audit/state.ts';
import { type Address, ZERO_32 } from '../../../../server/domain/base/hex.ts';
import { Refusal } from '../../../../server/domain/base/refusal.ts';
import type { EntryId, OfficerId } from '../../../../server/domain/base/terms.ts';
import { playLand } from '../../../chain/scenes.ts';
import { named } from '../../../chain/signing.ts';
import { foundWorld } from '../../../chain/world.ts';
import { removeTemporaryFolders, temporaryFolder } from '../../store/folder.ts';

const REGISTER = `0x${'5a'.repeat(20)}` as Address;
const LARGEST_40 = 2n ** 40n - 1n;

/** Every field at the end of its range, so that one that is cut is seen. */
const ENTRY: Entry = {
  index: LARGEST_40,
  entryId: named('entry') as EntryId,
  subject: named('subject'),
  kind: 255,
  newState: named('state'),
  preparer: named('preparer') as OfficerId,
  approver: named('approver') as OfficerId,
  epochs: 2n ** 64n - 1n,
  recordedAt: LARGEST_40,
};

describe('the journal of a register', () => {
  it('has another head for every other value of every field of an entry', () => {
    const head = firstHead(7n, REGISTER);
    const changes: readonly Partial<Entry>[] = [
      { index: LARGEST_40 - 1n },
      { entryId: named('another entry') as EntryId },
      { subject: named('another subject') },
      { kind: 254 },
      { newState: named('another state') },
      { preparer: named('another preparer') as OfficerId },
      { approver: named('another approver') as OfficerId },
      { preparer: ENTRY.approver, approver: ENTRY.preparer },
      { epochs: 2n ** 64n - 2n },
      { epochs: 2n ** 32n - 1n },
      { recordedAt: LARGEST_40 - 1n },
    ];
    const heads = [{}, ...changes].map((change) => foldEntry(head, Object.assign({}, ENTRY, change)));
    expect(new Set(heads).size).to.equal(heads.length);
    expect(foldEntry(firstHead(8n, REGISTER), ENTRY)).not.to.equal(heads[0]);
  });

  it('begins elsewhere on another chain, of another register, and after another predecessor', () => {
    const other = `0x${'5b'.repeat(20)}` as Address;
    const heads = [
      firstHead(7n, REGISTER),
      firstHead(8n, REGISTER),
      firstHead(7n, other),
      firstHead(7n, REGISTER, named('a final head')),
    ];
    expect(new Set(heads).size).to.equal(heads.length);
    expect(firstHead(7n, REGISTER, ZERO_32)).to.equal(heads[0]);
  });

  it('refuses a gap, an entry twice, and one out of order', () => {
    const of = (index: bigint): Entry => Object.assign({}, ENTRY, { index });
    const head = firstHead(7n, REGISTER);
    const whole = foldEntries(head, 3n, [of(3n), of(4n)]);
    expect(whole).to.equal(foldEntry(foldEntry(head, of(3n)), of(4n)));
    for (const entries of [[of(4n)], [of(3n), of(3n)], [of(3n), of(5n)], [of(4n), of(3n)], [of(2n), of(3n)]])
      expect(() => foldEntries(head, 3n, entries)).to.throw(Refusal);
  });

  describe('on a chain', function () {
    this.timeout(120_000);
    after(removeTemporaryFolders);

    it('holds its head and its count in the slots that a verifier asks for', async () => {
      const world = await foundWorld({ folder: temporaryFolder() });
      await playLand(world);
      const blocks = await world.blocks();
      const entries = (await world.eventBlocks())
        .flatMap(({ events }) => events)
        .filter((event) => event.name === 'EntryRecorded' && event.contract === 'land')
        .flatMap((event) => (event.name === 'EntryRecorded' ? [event.args] : []));
      const [head] = blocks.slice(-1);
      if (head === undefined) throw new Error('no block');
      const slots = [JOURNAL_HEAD_SLOT, JOURNAL_STATUS_SLOT];
      const { state } = await world.ledger.prove(world.addresses.land, slots, head);
      expect(entries.length).to.be.greaterThan(5);
      expect(slotOf(state, JOURNAL_HEAD_SLOT)).to.equal(entries.at(-1)?.head);
      const status = readJournalStatus(slotOf(state, JOURNAL_STATUS_SLOT));
      expect(status.entryCount).to.equal(BigInt(entries.length));
      expect(status.successor).to.equal(`0x${'00'.repeat(20)}`);
      await world.close();
    });
  });
});
