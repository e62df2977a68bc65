/**
 * A ledger whose log says of one field what no contract writes there: zero, the most a field holds, or another value. Both
 * auditors find the same, and neither fails over it.
 */
import { expect } from 'chai';
import type { EventBlock, LedgerEvent } from '../../server/domain/acts/events.ts';
import { writeTrust } from '../../server/domain/audit/trust.ts';
import { fromHex, toHex } from '../../server/domain/base/hex.ts';
import { bentBy, replayed, withArgs } from '../chain/bent.ts';
import { appoint, COLLEAGUE, REKEYED, rekey } from '../chain/powerScenes.ts';
import { named } from '../chain/signing.ts';
import { foundWorld, type World } from '../chain/world.ts';
import { encode } from '../fuzz/calls.ts';
import { LAND_CALLS } from '../fuzz/landCalls.ts';
import { NOTARY_CALLS } from '../fuzz/notaryCalls.ts';
import { POWER_CALLS } from '../fuzz/powerCalls.ts';
import { Town } from '../fuzz/town.ts';
import { type Seeded, seeded } from '../seeded.ts';
import { removeTemporaryFolders, temporaryFolder } from '../server/store/folder.ts';
import { needsPython } from './python.ts';
import { differingFrom, type Judged } from './sameFound.ts';
import { trustOf } from './worldTrust.ts';

const SEED = Number(process.env.KUDURRU_BENT_SEED ?? 20_261_201);
/** Journals bent for our auditor, and how many of them the one in Python judges too: each takes it a second. */
const BENT = Number(process.env.KUDURRU_BENT ?? 30);
const FOR_PYTHON = Number(process.env.KUDURRU_BENT_PYTHON ?? 6);
const CALLS = [NOTARY_CALLS, POWER_CALLS, LAND_CALLS];
const MOST_CALLS = 30;

type Path = readonly (string | number)[];

describe('a journal bent at one field', function () {
  this.timeout(300_000);
  let world: World;
  let written: readonly EventBlock[];
  let plain: readonly EventBlock[];
  let chainId: bigint;
  const random = seeded(SEED);

  before(async () => {
    const town = new Town(random);
    world = await foundWorld({
      folder: temporaryFolder(),
      clock: () => town.now,
      onBlock: (block) => town.follow(block),
    });
    town.enter(world);
    await world.sync();
    await appoint(world, COLLEAGUE);
    await rekey(world, REKEYED);
    await world.sync();
    await live(town);
    written = await world.shownBlocks();
    plain = written.map((block) => Object.assign({}, block, { shown: new Map() }));
    ({ chainId } = world.chain.genesis);
  });
  after(async () => {
    await world.close();
    removeTemporaryFolders();
  });

  function bent(): { readonly where: string; readonly history: EventBlock[] } {
    const names = [...new Set(events().map(({ name }) => name))];
    const name = random.pick(names);
    const event = random.pick(events().filter((one) => one.name === name));
    const path = random.pick(fieldsOf(event.args));
    const other = { ...event, args: withOther(event.args, path, random) } as LedgerEvent;
    const history = plain.map((block) => ({
      ...block,
      events: block.events.map((one) => (one === event ? other : one)),
    }));
    return { where: `${name} ${path.join('.')}`, history };
  }

  const events = () =>
    plain
      .flatMap(({ events: own }) => own)
      .filter(({ name, contract }) => !TOLD.has(name) && contract !== 'benefits');

  it('never makes our auditor fail', () => {
    const wheres = new Set<string>();
    for (let i = 0; i < BENT; i++) {
      const { where, history } = bent();
      wheres.add(where);
      expect(() => replayed(chainId, history, () => undefined), `${where}, seed ${SEED}`).not.to.throw();
    }
    console.log(`      bent journals | seed ${SEED} | ${BENT} of ${wheres.size} kinds of fields | 0 failed`);
  });

  it('has the same verdict from the auditor in Python', async function () {
    needsPython(this);
    const judged: Judged[] = [];
    const wheres: string[] = [];
    // An epoch below the first, of which no act can name the one before.
    for (const name of ['RecorderAppointed', 'KeyRotated'] as const) {
      const history = bentBy(plain, name, 0, (event) => withArgs(event, { epoch: 0 }));
      const { findings } = replayed(chainId, history);
      expect(findings, name).not.to.deep.equal([]);
      judged.push({ history, findings });
      wheres.push(`${name} epoch`);
    }
    for (let i = 0; i < FOR_PYTHON; i++) {
      const { where, history } = bent();
      judged.push({ history, findings: replayed(chainId, history).findings });
      wheres.push(where);
    }
    const trust = writeTrust(await trustOf(world));
    const node = { chain: world.chain, key: fromHex(named('node key')) };
    const differing = await differingFrom(node, written, judged, trust);
    expect(differing, `${wheres.join(', ')}, seed ${SEED}`).to.deep.equal([]);
    console.log(
      `      bent journals | seed ${SEED} | ${FOR_PYTHON} judged in Python | the same found in each`,
    );
  });
});

/** What the reader of a chain adds, and whatever names contracts that are read from it; acts on benefits are read too. */
const TOLD: ReadonlySet<string> = new Set([
  ...['ContractFound', 'ConsortiumFounded', 'RegisterNamed', 'AuthorityChanged'],
]);

/** Numbers, hashes and switches; what is a name stays, for a number that has none is no event of ours. */
function fieldsOf(args: unknown, path: Path = []): Path[] {
  if (typeof args === 'string') return args.startsWith('0x') ? [path] : [];
  if (typeof args !== 'object' || args === null) return [path];
  return Object.entries(args).flatMap(([name, part]) => fieldsOf(part, [...path, name]));
}

function withOther(args: unknown, [step, ...rest]: Path, random: Seeded): unknown {
  if (step === undefined) return otherThan(args, random);
  const copy = Array.isArray(args) ? [...args] : { ...(args as object) };
  const fields = copy as Record<string | number, unknown>;
  fields[step] = withOther(fields[step], rest, random);
  return copy;
}

function otherThan(value: unknown, random: Seeded): unknown {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return random.pick([0, 1, 255, value + 1].filter((one) => one !== value));
  if (typeof value === 'bigint')
    return random.pick([0n, 1n, 2n ** 40n - 1n, value + 1n].filter((one) => one !== value));
  const { length } = fromHex(value as `0x${string}`);
  return toHex(
    random.pick([new Uint8Array(length), new Uint8Array(length).fill(0xff), random.bytes(length)]),
  );
}

/** Honest calls of every register one after another; what the ledger refuses is left. */
async function live(town: Town): Promise<void> {
  const { world, random } = town;
  for (let done = 0; done < MOST_CALLS; done++) {
    town.pass();
    for (const make of CALLS[done % CALLS.length] ?? []) {
      if (random.below(3) !== 0) continue;
      const draft = await make(town);
      if (draft === undefined) continue;
      const { contract, method, sign, args } = draft;
      await world.transact(world.addresses[contract], encode(contract, method, sign(args)));
      break;
    }
    await world.sync();
  }
}
