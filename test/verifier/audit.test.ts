/** The audit in Python over JSON-RPC alone, beside our own replay of the same blocks. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { Replay } from '../../server/domain/audit/replay.ts';
import { writeTrust } from '../../server/domain/audit/trust.ts';
import { listenRpc, type RpcListener } from '../../server/ledger/rpc.ts';
import { playPower } from '../chain/powerScenes.ts';
import { consolidate, playBenefits, playLand } from '../chain/scenes.ts';
import { foundWorld, type World } from '../chain/world.ts';
import { AID_CALLS } from '../fuzz/aidCalls.ts';
import { encode } from '../fuzz/calls.ts';
import { DIVISION_CALLS } from '../fuzz/divisionCalls.ts';
import { LAND_CALLS } from '../fuzz/landCalls.ts';
import { NOTARY_CALLS } from '../fuzz/notaryCalls.ts';
import { POWER_CALLS } from '../fuzz/powerCalls.ts';
import { Town } from '../fuzz/town.ts';
import { seeded } from '../seeded.ts';
import { removeTemporaryFolders, temporaryFolder } from '../server/store/folder.ts';
import { listenForged } from './forgedNode.ts';
import { FORGERIES, OTHER_CHAINS } from './forgeries.ts';
import { needsPython, verifier } from './python.ts';
import { trustOf } from './worldTrust.ts';

const SEED = Number(process.env.KUDURRU_AUDIT_SEED ?? 20_261_131);
/** Honest calls of every kind that a town makes, as far as the ledger takes them. */
const CALLS = Number(process.env.KUDURRU_AUDIT_CALLS ?? 350);
/** Programmes and cards first, or there is little to sell. */
const CALLS_OF_AID = 120;
/** Of the kinds of entries there are, a town should come to at least so many. */
const LEAST_KINDS = 25;

interface Told {
  readonly verdict: string;
  /** Where the chain itself is not the one of the trust file. */
  readonly code?: string;
  readonly blocks: number;
  readonly entries: number;
  readonly units: number;
  readonly signatures: { readonly checked: number; readonly notShown: number };
  readonly findings: readonly { readonly rule: string; readonly what: string }[];
}

/** The answer about a world's own node, or about another one that speaks for it. */
async function audited(world: World, other?: RpcListener) {
  const file = path.join(temporaryFolder(), 'trust.json');
  writeFileSync(file, writeTrust(await trustOf(world)));
  const listener = other ?? (await listenRpc(world.chain, 0));
  try {
    const url = `http://127.0.0.1:${listener.port}`;
    const { code, stdout } = await verifier(['audit', '--rpc', url, '--trust', file]);
    return { code, told: JSON.parse(stdout) as Told };
  } finally {
    await listener.close();
  }
}

/** What our own replay of the same blocks comes to, and the kinds of entries in them. */
async function replayedByUs(world: World) {
  const replay = new Replay(BigInt(world.identity.chainId));
  const kinds = new Set<string>();
  for (const block of await world.eventBlocks()) {
    replay.apply(block);
    for (const event of block.events) {
      if (event.name === 'EntryRecorded') kinds.add(`${event.contract} ${event.args.kind}`);
    }
  }
  const entries = [...replay.journals.values()].reduce((sum, journal) => sum + journal.entries, 0n);
  const { checked } = replay.signatures;
  const counts = { entries: Number(entries), units: replay.unitStates.size, checked };
  return { counts, findings: replay.finish(), kinds };
}

async function agree(world: World): Promise<ReadonlySet<string>> {
  const { code, told } = await audited(world);
  expect(told.findings).to.deep.equal([]);
  const { counts, findings, kinds } = await replayedByUs(world);
  expect(findings).to.deep.equal([]);
  const { entries, units, signatures } = told;
  expect({ entries, units, checked: signatures.checked }).to.deep.equal(counts);
  expect([code, told.verdict]).to.deep.equal([0, 'sound']);
  console.log(
    `      python audit | ${told.blocks} blocks, ${entries} entries of ${kinds.size} kinds | ` +
      `${signatures.checked} signatures checked, ${signatures.notShown} in no event | 0 findings`,
  );
  return kinds;
}

describe('the audit in Python', function () {
  this.timeout(600_000);

  before(function () {
    needsPython(this);
  });
  after(removeTemporaryFolders);

  it('finds a ledger of land, benefits and power sound, with the counts of our own replay', async () => {
    const world = await foundWorld({ folder: temporaryFolder() });
    try {
      await playLand(world);
      await consolidate(world, ['south', 'north'], 'joined');
      await playBenefits(world, BigInt(Math.floor(Date.now() / 1000)));
      await playPower(world);
      await agree(world);
    } finally {
      await world.close();
    }
  });

  describe('of a node whose operator rewrote history', () => {
    let world: World;
    before(async () => {
      world = await foundWorld({ folder: temporaryFolder() });
      await playLand(world);
      await consolidate(world, ['south', 'north'], 'joined');
      await playBenefits(world, BigInt(Math.floor(Date.now() / 1000)));
      await playPower(world);
    });
    after(() => world.close());

    it('finds nothing where everything was only made anew', async () => {
      const { told } = await audited(world, await listenForged(world, {}));
      expect([told.verdict, told.findings]).to.deep.equal(['sound', []]);
    });
    for (const [what, forgery, found] of FORGERIES) {
      it(`names ${what}`, async () => {
        const { code, told } = await audited(world, await listenForged(world, forgery));
        const [first] = told.findings.map((one) => `${one.rule} ${one.what}`);
        expect(first).to.match(new RegExp(`^${found}`));
        expect([code, told.verdict]).to.deep.equal([1, 'not-sound']);
      });
    }
    for (const [what, forgery, found] of OTHER_CHAINS) {
      it(`refuses ${what}`, async () => {
        const { code, told } = await audited(world, await listenForged(world, forgery));
        expect([code, told.verdict, told.code]).to.deep.equal([1, 'not-this-ledger', found]);
      });
    }
  });

  it('finds a town sound that did everything there is, with the counts of our own replay', async () => {
    const town = new Town(seeded(SEED));
    const world = await foundWorld({
      folder: temporaryFolder(),
      clock: () => town.now,
      onBlock: (block) => town.follow(block),
    });
    try {
      town.enter(world);
      await world.sync();
      await live(town);
      const kinds = await agree(world);
      expect(kinds.size, [...kinds].join(', ')).to.be.at.least(LEAST_KINDS);
    } finally {
      await world.close();
    }
  });
});

const EVERYTHING = [LAND_CALLS, DIVISION_CALLS, AID_CALLS, POWER_CALLS, NOTARY_CALLS];

/** Honest calls one after another; what the ledger refuses is left. */
async function live(town: Town): Promise<void> {
  const { world, random } = town;
  for (let done = 0; done < CALLS; done++) {
    town.pass();
    const makers = [...(done < CALLS_OF_AID ? AID_CALLS : random.pick(EVERYTHING))];
    while (makers.length > 0) {
      const [make] = makers.splice(random.below(makers.length), 1);
      const draft = await make?.(town);
      if (draft === undefined) continue;
      const { contract, method, sign, args } = draft;
      await world.transact(world.addresses[contract], encode(contract, method, sign(args)));
      break;
    }
    await world.sync();
  }
}
