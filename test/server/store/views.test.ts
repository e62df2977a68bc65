import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { BlockCursor, EventBlock } from '../../../server/domain/acts/events.ts';
import { NEVER_PAUSED } from '../../../server/domain/acts/moment.ts';
import { type Hex, ZERO_32 } from '../../../server/domain/base/hex.ts';
import type { EntryId, InstitutionId } from '../../../server/domain/base/terms.ts';
import { ROLES } from '../../../server/domain/base/terms.ts';
import type { CycleId } from '../../../server/domain/benefits/terms.ts';
import { stateHash } from '../../../server/domain/land/hashes.ts';
import { contractOf } from '../../../server/ledger/contracts.ts';
import { json } from '../../../server/store/codec.ts';
import { accountAt } from '../../../server/store/views/benefits.ts';
import { MAX_PAGE_ROWS } from '../../../server/store/views/page.ts';
import { openViews, type Views } from '../../../server/store/views.ts';
import {
  EPOCH,
  MORTGAGE,
  PEOPLE,
  PROGRAMME,
  playBenefits,
  playLand,
  plotOf,
  unitId,
  VENDOR,
} from '../../chain/scenes.ts';
import { appointmentOf, named, officerOf, possessionsOf } from '../../chain/signing.ts';
import { APPROVER, foundWorld, OFFICERS, PREPARER, SECOND_APPROVER, type World } from '../../chain/world.ts';
import { refusedAs, removeTemporaryFolders, temporaryFolder } from './folder.ts';
import type { Recorded } from './views.child.ts';

const CHILD = fileURLToPath(new URL('views.child.ts', import.meta.url));
const FIRST = 1 as CycleId;
const SECOND = 2 as CycleId;

describe('the views', function () {
  this.timeout(120_000);
  let world: World;
  let views: Views;
  let blocks: EventBlock[];
  let genesis: BlockCursor;

  before(async () => {
    world = await foundWorld({ folder: temporaryFolder() });
    await playLand(world);
    await playBenefits(world, BigInt(Math.floor(Date.now() / 1000)));
    await playPower(world);
    await world.sync();
    ({ views } = world);
    ({ genesis } = world.ledger);
    blocks = await world.eventBlocks();
  });
  after(async () => {
    await world.close();
    removeTemporaryFolders();
  });

  /** An officer more, one key less, and a pause. */
  async function playPower(of: World): Promise<void> {
    const clerk = officerOf(1, 'a new clerk');
    const possessions = possessionsOf(clerk, of.domainOf('consortium'));
    const appointment = appointmentOf(clerk, 3, 1);
    await of.act('personnel', 'appointOfficer', { appointment }, { more: [possessions] });
    const spare = officerOf(1, 'a new clerk', 2);
    await of.order('personnel', 'resign', spare, {
      ...{ officer: clerk.officer, suspectSince: 0n, caseReference: named('case'), epoch: 2 },
    });
    const until = BigInt(Math.floor(Date.now() / 1000) + 3_600);
    await of.order('safeguards', 'pause', PREPARER, {
      ...{ scope: 1, until, caseReference: named('case'), officer: PREPARER.officer, epoch: 1 },
    });
    const order = { scope: 1, pauseSequence: 0, caseReference: named('case') };
    await of.act('safeguards', 'unpause', order, { by: [PREPARER, SECOND_APPROVER] });
    await of.order('personnel', 'suspendOfficer', APPROVER, {
      ...{ officer: PREPARER.officer, until, caseReference: named('case') },
      ...{ revoker: APPROVER.officer, revokerEpoch: 1 },
    });
  }

  async function built(folder: string, of: readonly EventBlock[] = blocks): Promise<Views> {
    const other = await openViews(folder, genesis);
    for (const block of of) await other.apply(block);
    return other;
  }

  // ---- Build and rebuild --------------------------------------------------------------------------------------

  it('are the same to the byte when they are built again, and when building stops half way', async () => {
    const { cursor, digest } = await views.digest();
    expect(cursor.number).to.equal(world.chain.headNumber);
    const folder = temporaryFolder();
    const half = await built(folder, blocks.slice(0, 17));
    await half.close();
    const rest = await openViews(folder, genesis);
    expect(rest.cursor).to.deep.equal(blocks[16]?.cursor);
    for (const block of blocks.slice(17)) await rest.apply(block);
    expect((await rest.digest()).digest).to.equal(digest);
    expect(await rest.firstDifference(views)).to.equal(undefined);
    await rest.clear();
    expect(rest.cursor).to.deep.equal(genesis);
    for (const block of blocks) await rest.apply(block);
    expect((await rest.digest()).digest).to.equal(digest);
    await rest.close();
  });

  it('survive a kill around every apply: 0 lost, 0 doubled', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'blocks.json');
    writeFileSync(file, json<Recorded>().encode({ genesis, blocks }));
    const { digest } = await views.digest();
    const points = ['views.before-apply', 'views.applied'].flatMap((point) =>
      [1, 2, 13, 20, 33].map((passage) => `${point}:${passage}`),
    );
    let killed = 0;
    for (const point of points) {
      const target = join(folder, point.replace(':', '-'));
      const first = await runChild(target, file, point);
      expect(first.signal).to.equal('SIGKILL');
      killed++;
      const told = first.applied.at(-1) ?? 0n;
      const resumed = await openViews(target, genesis);
      expect(resumed.cursor.number >= told, point).to.equal(true);
      await resumed.close();
      expect((await runChild(target, file, undefined)).signal).to.equal(null);
      const whole = await openViews(target, genesis);
      expect((await whole.digest()).digest, point).to.equal(digest);
      await whole.close();
    }
    expect(killed).to.equal(10);
  });

  it('refuse a block out of order and keep nothing of one that cannot be applied', async () => {
    const other = await built(temporaryFolder(), blocks.slice(0, 21));
    const before = await other.digest();
    expect(await failure(other.apply(blocks[22] as EventBlock))).to.equal('Error');
    const next = blocks[21] as EventBlock;
    const [entry, ...more] = next.events;
    const broken = { ...next, events: [...(entry ? [entry] : []), ...more.toReversed()] };
    expect(await failure(other.apply(broken))).to.equal('Error');
    expect(await other.digest()).to.deep.equal(before);
    await other.apply(next);
    await other.close();
  });

  it('begin anew for another ledger, and tell who waits when a block is in', async () => {
    const folder = temporaryFolder();
    const first = await built(folder, blocks.slice(0, 5));
    let told = 0n;
    const waiting = first.reached(6n).then(() => {
      told = first.cursor.number;
    });
    await first.reached(5n);
    expect(told).to.equal(0n);
    await first.apply(blocks[5] as EventBlock);
    await waiting;
    expect(told).to.equal(6n);
    await first.close();
    const other = await openViews(folder, { number: 0n, hash: named('another genesis') });
    expect(other.cursor.number).to.equal(0n);
    expect((await other.journal.contracts()).length).to.equal(0);
    await other.close();
  });

  // ---- The journal --------------------------------------------------------------------------------------------

  it('list the entries of all registers, of one, about one subject, and by id', async () => {
    const { rows } = await views.journal.allEntries();
    expect(rows.map(({ sequence }) => sequence)).to.deep.equal(rows.map((_, i) => i));
    expect(rows).to.have.length(29);
    const land = await views.journal.entriesOf('land');
    expect(land.rows.map(({ index }) => index)).to.deep.equal(land.rows.map((_, i) => BigInt(i)));
    expect(land.rows).to.have.length(10);
    const about = await views.journal.entriesAbout([`unit:${unitId('north')}`]);
    expect(about.rows.map(({ kind }) => kind)).to.deep.equal([17, 18, 19, 21]);
    const [row] = about.rows;
    expect(await views.journal.entryById(row?.entryId as EntryId)).to.deep.equal(row);
    expect(await views.journal.entryById(ZERO_32 as EntryId)).to.equal(undefined);
    expect((await views.journal.register('land'))?.head).to.equal(land.rows.at(-1)?.head);
  });

  it('give every list by pages that neither repeat nor skip, in both directions, of bounded size', async () => {
    for (const newestFirst of [false, true]) {
      const seen: number[] = [];
      let after: string | undefined;
      do {
        const page = await views.journal.allEntries({ limit: 5, newestFirst, ...(after && { after }) });
        seen.push(...page.rows.map(({ sequence }) => sequence));
        expect(page.rows.length).to.be.at.most(5);
        after = page.next;
      } while (after !== undefined);
      const all = Array.from({ length: 29 }, (_, i) => i);
      expect(seen).to.deep.equal(newestFirst ? all.reverse() : all);
    }
    const everything = await views.journal.allEntries({ limit: 10 * MAX_PAGE_ROWS });
    expect(everything.next).to.equal(undefined);
    expect((await views.journal.allEntries({ limit: 0 })).rows).to.have.length(1);
    const { next = '' } = await views.journal.allEntries({ limit: 5 });
    expect(await refusedAs(views.land.units({ after: next }))).to.equal('cursor-unknown');
  });

  // ---- Land ---------------------------------------------------------------------------------------------------

  it('know every unit as it stands and stood, each state under the hash of its entry', async () => {
    const unit = await views.land.unit(unitId('north'));
    expect(unit?.state.header.version).to.equal(4n);
    expect(unit && stateHash(unit.state)).to.equal(unit?.stateHash);
    const { rows } = await views.land.history(unitId('north'));
    expect(rows.map(({ state }) => state.header.version)).to.deep.equal([1n, 2n, 3n, 4n]);
    expect(rows.slice(1).map(({ state }) => state.priorState)).to.deep.equal(
      rows.slice(0, -1).map((row) => row.stateHash),
    );
    expect((await views.land.unit(unitId('east')))?.state.header.status).to.equal('retired');
    expect(await views.land.unit(unitId('nowhere'))).to.equal(undefined);
    expect((await views.land.recentUnits({ limit: 1 })).rows[0]?.baUnit).to.equal(unitId('east/2'));
    expect((await views.land.units()).rows).to.have.length(5);
  });

  it('answer who held what on one day as known on another', async () => {
    const { rows } = await views.land.history(unitId('east'));
    const [registered] = rows;
    const recordedAt = registered?.recordedAt ?? 0n;
    const { blockNumber = 0n } = registered ?? {};
    const east = unitId('east');
    expect((await views.land.asOf(east, { effectiveOn: 1_000_000_000n }))?.state.header.version).to.equal(1n);
    expect(await views.land.asOf(east, { effectiveOn: 999_999_999n })).to.equal(undefined);
    expect(await views.land.asOf(east, { effectiveOn: 1_000_000_000n, knownAt: recordedAt - 1n })).to.equal(
      undefined,
    );
    expect((await views.land.asOf(east, { knownAtBlock: blockNumber }))?.state.header.version).to.equal(1n);
    expect(await views.land.asOf(east, { knownAtBlock: blockNumber - 1n })).to.equal(undefined);
    expect((await views.land.asOf(east, {}))?.state.header.status).to.equal('retired');
  });

  it('know what a parcel is part of for ever, and what lies on a unit and no longer does', async () => {
    const parcel = plotOf('east').id;
    expect(await views.land.spatialUnit(parcel)).to.include({ baUnit: unitId('east'), isRetired: true });
    const part = plotOf('east/1').id;
    expect(await views.land.spatialUnit(part)).to.include({ baUnit: unitId('east/1'), isRetired: false });
    const [discharged] = (await views.land.restrictions(unitId('north'))).rows;
    expect(discharged?.restriction.kind).to.equal('mortgage');
    expect(discharged?.endedBy).to.equal(6);
    const [standing] = (await views.land.restrictions(unitId('south'))).rows;
    expect(standing).not.to.have.property('endedBy');
    const under = (await views.land.restrictionsOf(MORTGAGE)).rows.map(({ baUnit }) => baUnit);
    expect(under).to.have.members([unitId('north'), unitId('south')]);
  });

  // ---- Power --------------------------------------------------------------------------------------------------

  it('know who may act, from the founding file on', async () => {
    expect(await views.power.constitution()).to.include({ quorum: 2, isSeated: true });
    expect((await views.power.institutions()).rows.map(({ institution }) => institution)).to.deep.equal([
      1, 2,
    ]);
    expect((await views.power.officersOf(1 as InstitutionId)).rows).to.have.length(4);
    const founder = await views.power.officer(OFFICERS[0]?.officer ?? PREPARER.officer);
    expect(founder?.roles).to.equal(2 ** ROLES.length - 1);
    const clerk = await views.power.officer(officerOf(1, 'a new clerk').officer);
    expect(clerk?.revoked?.by).to.equal(clerk?.officer);
    expect(clerk?.keys.key).to.deep.include({ epoch: 1 });
    expect(clerk?.keys.spare.epoch).to.equal(2);
    expect(clerk?.keys.spare.key.kind).to.equal('secp256k1');
    expect(founder?.suspended).to.deep.include({ by: APPROVER.officer, isFreed: false });
    expect((founder?.suspended?.until ?? 0n) > BigInt(views.timestampSeconds)).to.equal(true);
    const narrowed = (await views.power.officer(APPROVER.officer))?.narrowedUntil;
    expect(narrowed).to.equal(founder?.suspended?.until);
  });

  it('know what is paused, and every order to pause and to free', async () => {
    const now = BigInt(views.timestampSeconds);
    expect([...(await views.power.pausedAt(now)).keys()]).to.deep.equal([]);
    const orders = (await views.power.pauses()).rows;
    expect(orders.map(({ scopes, until }) => [scopes, until > 0n])).to.deep.equal([
      [['land'], false],
      [['land'], true],
    ]);
    // The release and a suspension came after it.
    const toThePause = await built(temporaryFolder(), blocks.slice(0, -2));
    expect([...(await toThePause.power.pausedAt(now)).keys()]).to.deep.equal(['land']);
    expect([...(await toThePause.power.pausedAt(now + 86_400n)).keys()]).to.deep.equal([]);
    await toThePause.close();
  });

  // ---- Benefits -----------------------------------------------------------------------------------------------

  it("hold a programme's money, cycles and vendors as the contract answers them", async () => {
    const money = await views.benefits.money(PROGRAMME);
    const [told] = await ask('money', [PROGRAMME]);
    expect({ ...money }).to.deep.equal((told as { toObject(): object }).toObject());
    for (const cycle of [FIRST, SECOND]) {
      const row = await views.benefits.cycle(PROGRAMME, cycle);
      const [answer] = (await ask('cycleOf', [PROGRAMME, cycle])) as [Record<string, bigint>];
      expect(row?.record.redeemedUnits).to.equal(answer.redeemedUnits);
      expect(BigInt(row?.record.loadedWords ?? -1)).to.equal(answer.loadedWords);
      expect(row?.record.envelopeHash).to.equal(answer.envelopeHash);
      const credit = await views.benefits.credit(PROGRAMME, cycle, VENDOR);
      const [earned] = (await ask('creditOf', [PROGRAMME, cycle, VENDOR])) as [Record<string, bigint>];
      expect(credit?.record.creditedUnits).to.equal(earned.creditedUnits);
      expect(credit?.record.settledUnits).to.equal(earned.settledUnits);
    }
    const [credit] = (await views.benefits.creditsOf(VENDOR)).rows;
    const clock = {
      nowSeconds: BigInt(views.timestampSeconds),
      redemption: NEVER_PAUSED,
      extended: (moment: bigint) => moment,
    };
    expect(credit && accountAt(credit, clock).settledMinor).to.equal(7n * 47n);
    expect((await views.benefits.settlements(PROGRAMME, FIRST)).rows[0]?.amountMinor).to.equal(7n * 47n);
    expect((await views.benefits.programmesOf({ institution: 1 as InstitutionId })).rows).to.have.length(1);
  });

  it('know for every index the card in force and what is left, as the contract holds them', async () => {
    for (let index = 0; index < PEOPLE; index++) {
      const card = await views.benefits.card(PROGRAMME, EPOCH, index);
      const [held] = (await ask('cardOf', [PROGRAMME, EPOCH, index])) as [Record<string, unknown>];
      expect(card?.keyId).to.equal(String(held.keyId).toLowerCase());
      expect(BigInt(card?.cardEpoch ?? -1)).to.equal(held.cardEpoch);
      for (const cycle of [FIRST, SECOND]) {
        const record = (await views.benefits.cycle(PROGRAMME, cycle))?.record;
        const left = record && (await views.benefits.remaining(PROGRAMME, cycle, record, index));
        const [units, sequence] = (await ask('entryOf', [PROGRAMME, cycle, index])) as [bigint, bigint];
        expect([left?.units, left?.sequence]).to.deep.equal([Number(units), Number(sequence)]);
      }
    }
    expect((await views.benefits.card(PROGRAMME, EPOCH, 7))?.cardEpoch).to.equal(2);
    expect(await views.benefits.card(PROGRAMME, EPOCH, PEOPLE)).to.equal(undefined);
  });

  it('know who bought what where, and what was refused', async () => {
    const [sale] = (await views.benefits.sales(PROGRAMME, FIRST, 0)).rows;
    expect(sale).to.include({ outcome: 'redeemed', units: 4, remainingBefore: 10, vendor: VENDOR });
    const [refused] = (await views.benefits.sales(PROGRAMME, FIRST, 39)).rows;
    expect(refused?.outcome).to.equal('item-units-exceed-remaining');
    expect((await views.benefits.batchesOf(VENDOR)).rows.map(({ units }) => units)).to.deep.equal([47n, 10n]);
    expect((await views.benefits.batches(PROGRAMME, SECOND)).rows).to.have.length(1);
  });

  it('count everything for the first page', async () => {
    expect(await views.counts()).to.deep.equal({
      ...{ entries: 29, titles: 4, units: 5, spatialUnits: 5, restrictions: 1, institutions: 2, officers: 7 },
      ...{ measures: 0, pauses: 2, programmes: 1, enrolled: PEOPLE, cycles: 2, vendors: 1, batches: 2 },
      ...{ redeemed: 4, skipped: 1, settlements: 1 },
    });
  });

  /** What the benefit ledger holds now, as the contract names it. */
  async function ask(method: string, args: readonly unknown[]): Promise<readonly unknown[]> {
    const { calls } = contractOf('benefitViews');
    const data = calls.encodeFunctionData(method, args) as Hex;
    const answer = await world.ledger.call(world.addresses.benefitViews, data);
    return calls.decodeFunctionResult(method, answer);
  }
});

async function failure(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.name : 'none';
  }
}

function runChild(folder: string, file: string, crash: string | undefined) {
  const { promise, resolve } = Promise.withResolvers<{ signal: string | null; applied: bigint[] }>();
  const env = { ...process.env, KUDURRU_CRASH: crash ?? '' };
  execFile(process.execPath, [CHILD, folder, file], { env }, (error, stdout) => {
    const applied = stdout.split('\n').filter(Boolean).map(BigInt);
    resolve({ signal: error?.signal ?? null, applied });
  });
  return promise;
}
