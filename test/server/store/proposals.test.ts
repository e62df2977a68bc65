/** Whom measures appoint, kept by officer: whose places they take, how many, and when they are free again. */
import { expect } from 'chai';
import type { Bytes32 } from '../../../server/domain/base/hex.ts';
import type { OfficerId } from '../../../server/domain/base/terms.ts';
import { appointmentsHashOf, type ProvenAppointment } from '../../../server/domain/power/measures.ts';
import { Proposals, proposalTables } from '../../../server/store/proposals.ts';
import type { Store } from '../../../server/store/store.ts';
import { appointmentOf, officerOf } from '../../chain/signing.ts';
import { openTestStore, refusedAs, removeTemporaryFolders, temporaryFolder } from './folder.ts';

const PLACES = 64;
const DAY_MS = 24 * 3_600_000;
const [ONE, OTHER] = ['one', 'other'].map((name) => officerOf(1, name).officer) as [OfficerId, OfficerId];

const list = (name: string): readonly ProvenAppointment[] => [
  {
    appointment: Object.assign({}, appointmentOf(officerOf(3, name), 1)),
    possessions: { key: '0x01', spare: '0x02' },
  },
];
const hashOf = (name: string): Bytes32 =>
  appointmentsHashOf(list(name).map(({ appointment }) => appointment));

describe('proposals', () => {
  let store: Store;
  let proposals: Proposals;
  let nowMs: number;
  beforeEach(async () => {
    nowMs = 1_700_000_000_000;
    store = await openTestStore(temporaryFolder(), proposalTables);
    proposals = new Proposals(store, () => nowMs);
  });
  afterEach(() => store.close());
  after(removeTemporaryFolders);

  const keep = (name: string, officer = ONE) =>
    refusedAs(store.transact((tx) => proposals.keep(tx, officer, list(name))));

  it('fill the places of the officer who votes and of nobody else', async () => {
    for (let i = 0; i < PLACES; i++) expect(await keep(`list ${i}`)).to.equal(undefined);
    expect(await keep('one too many')).to.equal('too-many-proposals-kept');
    expect(await proposals.appointments(hashOf('one too many'))).to.equal(undefined);
    expect(await keep('list 0'), 'voted on again').to.equal(undefined);
    expect(await keep('one too many', OTHER)).to.equal(undefined);
    expect(await proposals.appointments(hashOf('one too many'))).to.deep.equal(list('one too many'));
  });

  it('are forgotten when no measure can name them, which frees the places', async () => {
    for (let i = 0; i < PLACES; i++) await keep(`list ${i}`);
    nowMs += 100 * DAY_MS;
    await keep('list 0', OTHER);
    nowMs += 81 * DAY_MS;
    await proposals.sweep();
    expect(await proposals.appointments(hashOf('list 0'))).to.have.length(1);
    expect(await proposals.appointments(hashOf('list 1'))).to.equal(undefined);
    for (let i = 1; i < PLACES; i++) expect(await keep(`new ${i}`)).to.equal(undefined);
    expect(await keep('one too many')).to.equal('too-many-proposals-kept');
  });
});
