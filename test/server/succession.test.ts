/**
 * Registers in their successors: land and benefits carried over word by word, by a fold that members recompute. Every act
 * goes on there, and nothing that was spent, used or ended lives again.
 */
import { join } from 'node:path';
import { expect } from 'chai';
import type { EventBlock } from '../../server/domain/acts/events.ts';
import {
  differenceOf,
  foldImport,
  type ImportedWord,
  importOf,
  requireImport,
} from '../../server/domain/audit/succession.ts';
import { type Bytes32, wordOf, ZERO_32, ZERO_ADDRESS } from '../../server/domain/base/hex.ts';
import { Refusal } from '../../server/domain/base/refusal.ts';
import type { CycleId } from '../../server/domain/benefits/terms.ts';
import { foldOf } from '../../server/domain/land/hashes.ts';
import { fsck } from '../../server/fsck.ts';
import { charterNameOf } from '../../server/ledger/contracts.ts';
import { blockTables } from '../../server/store/blocks.ts';
import { openScratchRows } from '../../server/store/scratchRows.ts';
import { openViews } from '../../server/store/views.ts';
import { recomputeAtHead, recomputeImport } from '../../server/succession.ts';
import { bentBy, replayed, withArgs } from '../chain/bent.ts';
import {
  cancelDivision,
  completeDivision,
  loadChildren,
  openDivision,
  plotsOf,
} from '../chain/divisionScene.ts';
import { appoint, COLLEAGUE, enact } from '../chain/powerScenes.ts';
import * as scenes from '../chain/scenes.ts';
import { named } from '../chain/signing.ts';
import { askedOf, recomputed, succeed } from '../chain/successionScene.ts';
import {
  CHARTER,
  foundingOf,
  foundingPossessionsOf,
  foundWorld,
  LEDGER_NONCE,
  PREPARER,
  type World,
} from '../chain/world.ts';
import { removeTemporaryFolders, temporaryFolder } from './store/folder.ts';

describe('a register that is succeeded', function () {
  this.timeout(300_000);
  let world: World;
  let nowSeconds: bigint;
  const wide = () => ({ cycle: 2 as CycleId, entryBytes: 4, lane: 3, nowSeconds }) as const;

  beforeEach(async () => {
    nowSeconds = BigInt(Math.floor(Date.now() / 1000));
    world = await foundWorld({ folder: temporaryFolder() });
    await scenes.playLand(world);
    await scenes.playBenefits(world, nowSeconds);
  });
  afterEach(async () => {
    await world.close();
    removeTemporaryFolders();
  });

  async function checked() {
    const scratch = await openViews(join(temporaryFolder(), 'scratch'), world.ledger.genesis);
    const rows = await openScratchRows(join(temporaryFolder(), 'rows'));
    await world.sync();
    try {
      return await fsck({
        chainId: world.chain.genesis.chainId,
        charter: CHARTER,
        ledger: await world.anotherLedger(),
        through: world.chain.headNumber,
        stores: [{ store: world.store, tables: blockTables }],
        views: world.views,
        scratch,
        rows,
      });
    } finally {
      await rows.close();
      await scratch.close();
    }
  }

  const codeOf = async (attempt: Promise<unknown>) => {
    try {
      await attempt;
      return 'no refusal';
    } catch (error) {
      return error instanceof Refusal ? error.code : String(error);
    }
  };

  it('goes on with every title, charge and used instrument, and no ended one lives again (L1, L5, L8)', async () => {
    const predecessor = world.addresses.land;
    await succeed(world, 'land');
    expect(world.addresses.land).not.to.equal(predecessor);
    await scenes.transfer(world, 'north', 'a later buyer');
    await scenes.discharge(world, 'south');
    await scenes.subdivide(world, 'south');
    await scenes.register(world, 'west');
    await scenes.registerBatch(world, ['upper', 'lower']);
    expect(await codeOf(scenes.register(world, 'east'))).to.equal('ba-unit-id-used');
    expect(await codeOf(scenes.mortgage(world, ['west']))).to.equal('instrument-used');
    await scenes.consolidate(world, ['upper', 'lower'], 'both');
    const { findings, entries } = await checked();
    expect(findings).to.deep.equal([]);
    expect(entries > 30n).to.equal(true);
    const blocks = await world.shownBlocks();
    expect(replayed(world.chain.genesis.chainId, blocks).findings).to.deep.equal([]);
  });

  it('goes on with a division that is loaded in part, and forgets no cancelled one (L1, L6)', async () => {
    const [south, north] = [plotsOf('south'), plotsOf('north')];
    await openDivision(world, 'south', south);
    await loadChildren(world, 'south', south.slice(0, 2), foldOf(south.slice(2)));
    await openDivision(world, 'north', north);
    await loadChildren(world, 'north', north.slice(0, 3), foldOf(north.slice(3)));
    await cancelDivision(world, 'north');
    // What the cancelled one claimed is free: somebody else has one of its plots by now.
    await openDivision(world, 'north', plotsOf('north', ' again'));
    await loadChildren(
      world,
      'north',
      plotsOf('north', ' again').slice(0, 1),
      foldOf(plotsOf('north', ' again').slice(1)),
    );
    await succeed(world, 'land');
    expect(replayed(world.chain.genesis.chainId, await world.shownBlocks()).findings).to.deep.equal([]);
    await loadChildren(world, 'south', south.slice(2));
    await completeDivision(world, 'south', south);
    await cancelDivision(world, 'north');
    expect(await codeOf(openDivision(world, 'north', north))).to.equal('division-repeated');
    const { findings } = await checked();
    expect(findings).to.deep.equal([]);
  });

  it('goes on with programmes, cards, tables, credits and standings, and nothing spent revives (B1 to B6)', async () => {
    const unposted = scenes.signSale(world, wide(), [[17, 6, 27]]);
    await succeed(world, 'benefits');
    expect(await codeOf(scenes.sell(world, wide(), [[9, 5, 19]]))).to.equal('nothing-redeemed');
    // What was sold before and not posted yet counts, and once.
    await world.send(world.addresses.benefits, unposted);
    expect(await codeOf(world.send(world.addresses.benefits, unposted))).to.equal('nothing-redeemed');
    await scenes.sell(world, wide(), [
      [9, 4, 9, 2],
      [11, 6, 21],
    ]);
    await scenes.benefitAct(world, 'SetCard', {
      ...{
        programme: scenes.PROGRAMME,
        enrolmentEpoch: scenes.EPOCH,
        index: 7,
        cardEpoch: 2,
        versionBefore: 1,
      },
      ...{ keyKind: 'secp256k1', keyId: (await cardOf(7)).keyId, standing: 'suspended', effectiveFrom: 0n },
    });
    await scenes.benefitAct(world, 'MoveFunds', {
      ...{ programme: scenes.PROGRAMME, move: 'fund', amountMinor: 5n, movedBeforeMinor: 1_000_000n },
      sourceCommitment: named('transfer of the donor'),
    });
    const { findings } = await checked();
    expect(findings).to.deep.equal([]);
  });

  async function cardOf(index: number) {
    await world.sync();
    const card = await world.views.benefits.card(scenes.PROGRAMME, scenes.EPOCH, index);
    if (card === undefined) throw new Error('no card');
    return card;
  }

  it('is refused to a member whose fold differs: one word other, one missing, one more', async () => {
    for (const register of ['land', 'benefits'] as const) {
      const due = await recomputed(world, register);
      const { calls, ...atHead } = await recomputeAtHead(askedOf(world), register);
      expect(atHead).to.deep.equal(due);
      expect(calls).to.have.length(due.chunks.length);
      expect(due.words.length).to.be.above(10);
      expect(due.importHash).to.equal(foldImport(due.words, ZERO_32));
      expect(differenceOf(due.words, due)).to.equal(undefined);
      requireImport(due.importHash, due);
      const [first] = due.words;
      if (first === undefined) throw new Error('no word');
      const strange = { slot: named('slot'), word: wordOf(1n) };
      const forged: readonly (readonly [string, readonly ImportedWord[], Bytes32])[] = [
        ['other-word', due.words.with(0, { ...first, word: wordOf(1n) }), first.slot],
        ['missing', due.words.slice(1), first.slot],
        ['not-in-the-register', [...due.words, strange], strange.slot],
        ['not-in-the-register', [...due.words, first], first.slot],
      ];
      for (const [why, words, slot] of forged) {
        expect(differenceOf(words, due), why).to.deep.equal({ slot, why });
        const refused = codeOf((async () => requireImport(foldImport(words, ZERO_32), due))());
        expect(await refused, why).to.equal('import-differs');
      }
    }
  });

  it('is named by fsck and replay where the members voted for another word all the same', async () => {
    for (const register of ['land', 'benefits'] as const) {
      const due = await recomputed(world, register);
      const [first] = due.words;
      const words = new Map(due.words.map((one) => [one.slot, one.word]));
      await succeed(world, register, importOf(words.set(first?.slot ?? ZERO_32, wordOf(7n))));
      const { findings } = await checked();
      const found = findings.filter(({ check, what }) => check === 'proofs' && what.includes('other-word'));
      expect(found.map((one) => 'subject' in one && one.subject)).to.include(first?.slot);
      const ofReplay = findings.filter(
        ({ check, what }) => check === 'ledger' && what.includes('predecessor held'),
      );
      expect(ofReplay, 'land by its events; of benefits proofs alone tell').to.have.length(1);
    }
  });

  it('is recomputed once, and of a register in force alone', async () => {
    await succeed(world, 'land');
    const later = await recomputed(world, 'land');
    expect(later.words.length).to.be.above(10);
    const early = recomputeImport(
      { charter: CHARTER, ledger: await world.anotherLedger(), through: 3n },
      'land',
    );
    expect(await codeOf(early)).to.equal('register-not-listed');
    await succeed(world, 'benefits', undefined, false);
    expect(await codeOf(recomputed(world, 'benefits'))).to.equal('register-not-begun');
    const { findings } = await checked();
    expect(findings, 'sound while a register is being filled').to.deep.equal([]);
  });

  it('of power goes on with its officers and pauses: safeguards, personnel, and a consortium', async () => {
    const { addresses } = world;
    const until = BigInt(Math.floor(Date.now() / 1000)) + 3_600n;
    const pause = { scope: 1 << 3, until, caseReference: ZERO_32 };
    const by = { officer: PREPARER.officer, epoch: PREPARER.epoch };
    await world.order('safeguards', 'pause', PREPARER, { ...pause, ...by });
    for (const register of ['safeguards', 'personnel'] as const) {
      const successor = await world.deploy(register, [CHARTER, LEDGER_NONCE, addresses[register]]);
      await enact(world, 'put-in-force', { name: named(charterNameOf(register)), target: successor });
      world.replace(register, successor);
    }
    const { charter, consortium, council, safeguards } = world.addresses;
    const file = foundingOf();
    const next = await world.deploy('consortium', [
      ...[charter, consortium, council, safeguards],
      ...[file, foundingPossessionsOf()],
    ]);
    await enact(world, 'pass-authority', { target: next });
    world.replace('consortium', next);
    await appoint(world, COLLEAGUE);
    await scenes.transfer(world, 'north', 'a later buyer');
    await succeed(world, 'land');
    await scenes.register(world, 'west');
    const release = { scope: pause.scope, pauseSequence: 0, caseReference: ZERO_32 };
    await world.act('safeguards', 'unpause', release);
    const { findings } = await checked();
    expect(findings).to.deep.equal([]);
    const replay = replayed(world.chain.genesis.chainId, await world.shownBlocks());
    const successors = [...replay.journals.values()].filter(({ successor }) => successor !== ZERO_ADDRESS);
    expect(successors.map(({ contract }) => contract).sort()).to.deep.equal([
      ...['consortium', 'land', 'personnel', 'safeguards'],
    ]);
  });

  it('is filled by the fold alone: a chunk left out, bent or cut is named (P8)', async () => {
    await succeed(world, 'land');
    const { chainId } = world.chain.genesis;
    const blocks: readonly EventBlock[] = await world.eventBlocks();
    const said = (history: readonly EventBlock[]) =>
      replayed(chainId, history).findings.map(({ what }) => what);
    expect(said(blocks)).to.deep.equal([]);
    const NOBODY = 'A register was filled with words that nobody voted for.';
    expect(said(bentBy(blocks, 'WordsImported', 0, () => undefined)).join()).to.contain('missing');
    for (const change of [{ words: [] }, { slots: [] }, { rest: named('rest') }]) {
      const bent = bentBy(blocks, 'WordsImported', 0, (event) => withArgs(event, change));
      expect(said(bent), Object.keys(change).join()).to.include(NOBODY);
    }
    expect(said(bentBy(blocks, 'ImportOpened', 0, () => undefined))).to.include(NOBODY);
  });
});
