/** The audit in Python over JSON-RPC alone, beside our own replay of the same blocks. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { Replay } from '../../server/domain/audit/replay.ts';
import { importOf } from '../../server/domain/audit/succession.ts';
import { type TrustFile, writeTrust } from '../../server/domain/audit/trust.ts';
import { wordOf, ZERO_32 } from '../../server/domain/base/hex.ts';
import { listenRpc, type RpcListener } from '../../server/ledger/rpc.ts';
import { type Key, keys, trustIn } from '../chain/forge.ts';
import { playPower } from '../chain/powerScenes.ts';
import { consolidate, playBenefits, playLand, register, registerOf } from '../chain/scenes.ts';
import { recomputed, succeed } from '../chain/successionScene.ts';
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
import { type Args, type Forgery, listenForged, listenSealed } from './forgedNode.ts';
import {
  CALL_FORGERIES,
  CONSENT_FORGERIES,
  cardless,
  FORGERIES,
  type Forged,
  OTHER_CHAINS,
  STRANGERS_CALL,
  SUCCESSION_FORGERIES,
  WITHDRAWAL_FORGERY,
} from './forgeries.ts';
import { playPasskeys } from './passkeyScene.ts';
import { judgedByPython, needsPython, verifier } from './python.ts';
import { trustOf } from './worldTrust.ts';

const SEED = Number(process.env.KUDURRU_AUDIT_SEED ?? 20_261_131);
/** Honest calls of every kind that a town makes, as far as the ledger takes them. */
const CALLS = Number(process.env.KUDURRU_AUDIT_CALLS ?? 350);
/** Programmes and cards first, or there is little to sell. */
const CALLS_OF_AID = 120;
/** Of the kinds of entries there are, a town should come to at least so many. */
const LEAST_KINDS = 25;

/** Acts of two officers in the scene of passkeys that such a key approved, by their places. */
const PASSKEY_ACTS = [1, 3];

/** The last byte of the approver's signature: of what the key signed over, or of its `s`. */
function anotherByte(args: Args): undefined {
  const signature = String(args.approverSignature);
  const at = signature.lastIndexOf('1');
  args.approverSignature = `${signature.slice(0, at)}2${signature.slice(at + 1)}`;
}

/** Fields of a trust file: the ledger, its contracts, its lineage. */
const LEAST_FIELDS = 12;

/** The trust file with one of its values changed for another of its kind, for each of them. */
function* bentIn(
  trust: object,
  place = '',
  whole: object = trust,
): Generator<{ place: string; text: string }> {
  for (const [name, value] of Object.entries(trust)) {
    const at = `${place}/${name}`;
    if (typeof value === 'object' && value !== null) yield* bentIn(value, at, whole);
    else {
      const other =
        typeof value === 'number'
          ? value + 1
          : String(value).replace(/.$/, (last) => (last === '1' ? '2' : '1'));
      Object.assign(trust, { [name]: other });
      yield { place: at, text: JSON.stringify(whole) };
      Object.assign(trust, { [name]: value });
    }
  }
}

interface Told {
  readonly verdict: string;
  readonly finality?: string;
  /** Where the chain itself is not the one of the trust file. */
  readonly code?: string;
  readonly blocks: number;
  readonly entries: number;
  readonly units: number;
  readonly signatures: { readonly checked: number; readonly ofConsents: number; readonly notShown: number };
  readonly findings: readonly { readonly rule: string; readonly what: string }[];
}

/** The answer about a world's own node, or about another one that speaks for it. */
async function audited(world: World, other?: RpcListener, trust?: TrustFile) {
  const file = path.join(temporaryFolder(), 'trust.json');
  writeFileSync(file, writeTrust(trust ?? (await trustOf(world))));
  const listener = other ?? (await listenRpc(world.chain, 0));
  try {
    const url = `http://127.0.0.1:${listener.port}`;
    const { code, stdout } = await verifier(['audit', '--rpc', url, '--trust', file]);
    return { code, told: JSON.parse(stdout) as Told };
  } finally {
    await listener.close();
  }
}

/** Of nodes that rewrote a world's history, in one process. */
async function allAudited(world: World, forgeries: readonly Forgery[]): Promise<readonly Told[]> {
  const trust = writeTrust(await trustOf(world));
  const listeners = await Promise.all(forgeries.map((forgery) => listenForged(world, forgery)));
  try {
    const questions = listeners.map(({ port }) => ({ audit: `http://127.0.0.1:${port}`, trust }));
    return await judgedByPython<Told>(questions);
  } finally {
    await Promise.all(listeners.map((listener) => listener.close()));
  }
}

/** What our own replay of the same blocks comes to, and the kinds of entries in them. */
async function replayedByUs(world: World) {
  const replay = new Replay(BigInt(world.identity.chainId));
  const kinds = new Set<string>();
  for (const block of await world.shownBlocks()) {
    replay.apply(block);
    for (const event of block.events) {
      if (event.name === 'EntryRecorded') kinds.add(`${event.contract} ${event.args.kind}`);
    }
  }
  const entries = [...replay.journals.values()].reduce((sum, journal) => sum + journal.entries, 0n);
  const { checked, notShown } = replay.signatures;
  const counts = { entries: Number(entries), units: replay.unitStates.size, checked, notShown };
  return { counts, findings: replay.finish(), kinds };
}

async function agree(world: World): Promise<ReadonlySet<string>> {
  const { code, told } = await audited(world);
  expect(told.findings).to.deep.equal([]);
  const { counts, findings, kinds } = await replayedByUs(world);
  expect(findings).to.deep.equal([]);
  const { entries, units, signatures } = told;
  const { checked, notShown } = signatures;
  expect({ entries, units, checked, notShown }).to.deep.equal(counts);
  expect([code, told.verdict]).to.deep.equal([0, 'sound']);
  console.log(
    `      python audit | ${told.blocks} blocks, ${entries} entries of ${kinds.size} kinds | ` +
      `${signatures.checked} signatures checked, ${signatures.notShown} in no event | 0 findings`,
  );
  return kinds;
}

/** The first thing that is found in each of these histories is what it was forged by. */
async function nameFirst(world: World, forgeries: readonly Forged[]): Promise<void> {
  const told = await allAudited(
    world,
    forgeries.map(([, forgery]) => forgery),
  );
  forgeries.forEach(([what, , found], i) => {
    const [first] = told[i]?.findings.map((one) => `${one.rule} ${one.what}`) ?? [];
    expect(first, what).to.match(new RegExp(`^${found}`));
    expect(told[i]?.verdict, what).to.equal('not-sound');
  });
  console.log(`      python audit | ${told.length} rewritten histories | ${told.length} named`);
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

  it('recomputes what a register that follows another was filled with, each time, and waits for one to be filled', async () => {
    const world = await foundWorld({ folder: temporaryFolder() });
    try {
      await playLand(world);
      await playBenefits(world, BigInt(Math.floor(Date.now() / 1000)));
      await succeed(world, 'land');
      await succeed(world, 'benefits');
      await register(world, 'west');
      await succeed(world, 'land');
      await register(world, 'further west');
      await agree(world);
      await succeed(world, 'land', undefined, false);
      expect((await audited(world)).told.findings, 'sound while a register is being filled').to.deep.equal(
        [],
      );
    } finally {
      await world.close();
    }
  });

  it('names a word of a successor that the members voted for and the register never held', async () => {
    for (const kind of ['land', 'benefits'] as const) {
      const world = await foundWorld({ folder: temporaryFolder() });
      try {
        await playLand(world);
        await playBenefits(world, BigInt(Math.floor(Date.now() / 1000)));
        const due = await recomputed(world, kind);
        const words = new Map(due.words.map((one) => [one.slot, one.word]));
        const [first] = due.words;
        await succeed(world, kind, importOf(words.set(first?.slot ?? ZERO_32, wordOf(7n))));
        const { findings } = (await audited(world)).told;
        expect(
          findings.filter(({ what }) => what.endsWith('other-word.')),
          kind,
        ).to.have.length(1);
        await nameFirst(world, SUCCESSION_FORGERIES);
      } finally {
        await world.close();
      }
    }
  });

  it('checks signatures of P-256 keys and passkeys, and misses one byte of them', async () => {
    const world = await foundWorld({ folder: temporaryFolder() });
    try {
      await playPasskeys(world, BigInt(Math.floor(Date.now() / 1000)));
      await agree(world);
      for (const after of PASSKEY_ACTS) {
        const forgery = { event: 'Signed', after, change: anotherByte };
        const { told } = await audited(world, await listenForged(world, forgery));
        expect(told.findings.map(({ what }) => what)).to.deep.equal([
          'An approver did not sign the act that was recorded.',
        ]);
      }
    } finally {
      await world.close();
    }
  });

  it('audits a network by the seals of its validators, and refuses a block that too few sealed', async () => {
    const world = await foundWorld({ folder: temporaryFolder() });
    const validators = keys(4);
    /** One block is sealed by these, the others by three of four. */
    const told = async (inBlock9: readonly Key[]) => {
      const sealed = await listenSealed(world, (at) => (at === 9 ? inBlock9 : validators.slice(0, 3)));
      const { contracts, chainId, ledgerNonce } = await trustOf(world);
      const { genesisHash } = sealed;
      const members = validators.map(({ address }) => address);
      const trust = { ...trustIn(genesisHash, members), contracts, chainId, ledgerNonce };
      return (await audited(world, sealed.listener, trust)).told;
    };
    try {
      await playLand(world);
      const { verdict, finality, findings } = await told(validators);
      expect([verdict, finality, findings]).to.deep.equal(['sound', 'sealed', []]);
      expect((await told(validators.slice(0, 2))).code).to.equal('seals-too-few');
      expect((await told([...validators.slice(0, 2), ...keys(1, 'stranger')])).code).to.equal(
        'seal-not-by-member',
      );
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
      const [told] = await allAudited(world, [{}]);
      expect([told?.verdict, told?.findings]).to.deep.equal(['sound', []]);
    });

    it('names the first thing that does not hold', async () => {
      await nameFirst(world, FORGERIES);
    });

    it('names what no event shows and the call does: orders, tills and cards that did not sign', async () => {
      const byTill = cardless(registerOf(world));
      const unsigned: Forged = ['a sale that no card signed', byTill, 'B5 item-signature-invalid'];
      await nameFirst(world, [...CALL_FORGERIES, unsigned]);
    });

    it('counts what it was not shown, and is sound of the rest', async () => {
      const [told] = await allAudited(world, [{ isHidden: true }]);
      expect([told?.verdict, told?.findings]).to.deep.equal(['sound', []]);
      // A suspension, a resignation, a pause, two tills and the sales that they posted; two votes; three keys that came later,
      // and two of each of six founders.
      expect(told?.signatures.notShown).to.equal(26);
    });

    it('is sound by no trust file that says anything else of the ledger, whichever field of it', async () => {
      const trust = JSON.parse(writeTrust(await trustOf(world))) as object;
      const bent = [...bentIn(trust)];
      const listener = await listenForged(world, {});
      try {
        const questions = bent.map(({ text }) => ({
          audit: `http://127.0.0.1:${listener.port}`,
          trust: text,
        }));
        const told = await judgedByPython<Told>(questions);
        const sound = bent.filter((_, i) => told[i]?.verdict === 'sound').map(({ place }) => place);
        console.log(
          `      python audit | ${bent.length} trust files bent in a field | ${sound.length} sound`,
        );
        expect(sound).to.deep.equal([]);
        expect(bent.length).to.be.greaterThan(LEAST_FIELDS);
      } finally {
        await listener.close();
      }
    });

    it('refuses a chain that is not the one of the trust file', async () => {
      const told = await allAudited(
        world,
        OTHER_CHAINS.map(([, forgery]) => forgery),
      );
      const said = told.map(({ verdict, code }) => [verdict, code]);
      expect(said).to.deep.equal(OTHER_CHAINS.map(([, , code]) => ['not-this-ledger', code]));
    });
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
      const { told } = await audited(world);
      expect(told.signatures.ofConsents, 'consents that a call shows').to.be.greaterThan(5);
      await nameFirst(world, [...CONSENT_FORGERIES, WITHDRAWAL_FORGERY]);
      // Its bytes are those of the register's own, with no consent, and what it was sent to do is not what the register did.
      const [own, strangers] = await allAudited(world, [{}, STRANGERS_CALL]);
      expect([strangers?.verdict, strangers?.findings]).to.deep.equal(['sound', []]);
      expect(strangers?.signatures.notShown).to.be.above(own?.signatures.notShown ?? 0);
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
