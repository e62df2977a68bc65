/** What an auditor finds in the history of a division: nothing in a true one, and each way in which one may lie. */
import { expect } from 'chai';
import type { EventBlock, LedgerEvent } from '../../../../server/domain/acts/events.ts';
import { Replay } from '../../../../server/domain/audit/replay.ts';
import { ZERO_32 } from '../../../../server/domain/base/hex.ts';
import { maskOf } from '../../../../server/domain/base/terms.ts';
import { foldOf } from '../../../../server/domain/land/hashes.ts';
import {
  cancelDivision,
  changed,
  completeDivision,
  loadChildren,
  openDivision,
  plotsOf,
} from '../../../chain/divisionScene.ts';
import { discharge, mortgage, register, unitId } from '../../../chain/scenes.ts';
import { named } from '../../../chain/signing.ts';
import { foundWorld } from '../../../chain/world.ts';
import { removeTemporaryFolders, temporaryFolder } from '../../store/folder.ts';

describe('the replay of a division', function () {
  this.timeout(300_000);
  let blocks: EventBlock[];
  let chainId: bigint;
  const plots = plotsOf('field', ' again');

  before(async () => {
    const world = await foundWorld({ folder: temporaryFolder() });
    await register(world, 'field');
    await mortgage(world, ['field']);
    const before = plotsOf('field');
    await openDivision(world, 'field', before);
    await loadChildren(world, 'field', before.slice(0, 2), foldOf(before.slice(2)));
    await cancelDivision(world, 'field');
    await openDivision(world, 'field', plots);
    await loadChildren(world, 'field', plots.slice(0, 3), foldOf(plots.slice(3)));
    await discharge(world, 'field');
    await loadChildren(world, 'field', plots.slice(3));
    await completeDivision(world, 'field', plots.slice(4));
    await completeDivision(world, 'field', plots.slice(0, 4));
    await world.sync();
    expect(await world.views.land.division(unitId('field'))).to.include({ loaded: 5, made: 5 });
    expect((await world.views.land.unit(unitId('field/2 again')))?.state.charges).to.deep.equal([]);
    expect((await world.views.counts()).titles).to.equal(5);
    blocks = await world.eventBlocks();
    ({ chainId } = world.chain.genesis);
    await world.close();
    removeTemporaryFolders();
  });

  const found = (of: readonly EventBlock[]) => {
    const replay = new Replay(chainId);
    for (const block of of) replay.apply(block);
    return [...new Set(replay.finish().map(({ invariant }) => invariant))];
  };
  const withArgs = (event: LedgerEvent, args: object) =>
    ({ ...event, args: { ...event.args, ...args } }) as LedgerEvent;
  /** The last load: the fourth and the fifth plot. */
  const lastLoad = (change: (event: LedgerEvent & { name: 'ChildrenLoaded' }) => LedgerEvent | undefined) =>
    changed(blocks, (event) =>
      event.name === 'ChildrenLoaded' && event.args.rest === ZERO_32 ? change(event) : event,
    );
  const kindOf = (event: LedgerEvent) => (event.name === 'EntryRecorded' ? event.args.kind : 0);

  it('finds nothing in what happened', () => {
    expect(found(blocks)).to.deep.equal([]);
  });

  it('names children that their owners did not name, or not in that order (L6)', () => {
    const other = { ...plots[3], factsRoot: named('other facts') };
    const bent = lastLoad((event) => withArgs(event, { children: [other, ...event.args.children.slice(1)] }));
    expect(found(bent)).to.include('L6');
    const turned = lastLoad((event) => withArgs(event, { children: event.args.children.toReversed() }));
    expect(found(turned)).to.include('L6');
  });

  it('names a parent that ended before all its children were loaded (L6)', () => {
    expect(found(lastLoad(() => undefined))).to.include('L6');
  });

  it('names a load that no entry says, and an entry whose load is not shown (L3)', () => {
    const loads = new Set(blocks.flatMap(({ events }) => events).filter((one) => kindOf(one) === 16 + 24));
    expect(loads.size).to.equal(3);
    expect(found(changed(blocks, (event) => (loads.has(event) ? undefined : event)))).to.include('L3');
    expect(found(lastLoad(() => undefined))).to.include('L3');
  });

  it('names a child that carries less than its parent had, or is made beside it (L6)', () => {
    const poorer = changed(blocks, (event) =>
      event.name === 'BAUnitRecorded' && event.args.baUnit === unitId('field/3 again')
        ? withArgs(event, { state: { ...event.args.state, rights: [] } })
        : event,
    );
    expect(found(poorer)).to.include('L6');
    const beside = changed(blocks, (event) =>
      event.name === 'BAUnitRecorded' && event.args.state.header.status === 'retired' ? undefined : event,
    );
    expect(found(beside)).to.include('L6');
  });

  it('names a child that was made twice (L6)', () => {
    const twice = blocks.flatMap((block) => {
      const isOfChild = block.events.some(
        (event) => event.name === 'BAUnitRecorded' && event.args.baUnit === unitId('field/5 again'),
      );
      return isOfChild ? [block, block] : [block];
    });
    expect(found(twice)).to.include('L6');
  });

  it('names a completion over a notice that asks and came since the opening (L7)', () => {
    const said = (presentationNo: bigint, needsConsent: bigint) => {
      const notice = {
        ...{ restrictionId: 99, kind: 'caution', targetRight: 0, targetHolding: 0, rank: 0, presentationNo },
        ...{ instrumentId: named('instrument'), holderKeyHash: named('key'), blocks: 0n, needsConsent },
        ...{ expiresOn: 4_000_000_000n, termsCommitment: named('terms') },
      };
      const bent = changed(blocks, (event) =>
        event.name === 'BAUnitRecorded' &&
        event.args.state.header.status === 'dividing' &&
        event.args.state.charges.length === 0
          ? withArgs(event, { state: { ...event.args.state, notices: [notice] } })
          : event,
      );
      const replay = new Replay(chainId);
      for (const block of bent) replay.apply(block);
      return replay.finish().map(({ what }) => what);
    };
    const refused = 'An act was recorded that the ledger refuses: act-blocked.';
    expect(said(99n, maskOf(['subdivision']))).to.include(refused);
    expect(said(1n, maskOf(['subdivision']))).not.to.include(refused);
    expect(said(99n, maskOf(['transfer']))).not.to.include(refused);
  });

  it('names an id of a cancelled division that is given again, with its ground or without (L1)', () => {
    const before = plotsOf('field');
    const [first] = plots;
    if (first === undefined) throw new Error('a division into nothing');
    for (const spatialUnits of [before[0]?.portion.spatialUnits ?? [], first.portion.spatialUnits]) {
      const given = { portion: { ...first.portion, baUnit: unitId('field/1'), spatialUnits } };
      const bent = changed(blocks, (event) =>
        event.name === 'ChildrenLoaded' && event.args.children[0]?.portion.baUnit === unitId('field/1 again')
          ? withArgs(event, { children: [{ ...first, ...given }, ...event.args.children.slice(1)] })
          : event,
      );
      const replay = new Replay(chainId);
      for (const block of bent) replay.apply(block);
      const said = replay.finish().map(({ what }) => what);
      expect(said).to.include('An act was recorded that the ledger refuses: ba-unit-id-used.');
    }
  });

  it('names ground that two divisions have, unless the first was cancelled (L1)', () => {
    const kept = changed(blocks, (event) =>
      event.name === 'BAUnitRecorded' &&
      event.args.state.header.status === 'active' &&
      event.args.state.header.version === 4n
        ? undefined
        : event,
    );
    expect(found(kept)).to.include('L1');
  });
});
