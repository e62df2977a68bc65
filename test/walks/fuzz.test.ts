/**
 * Bent calldata at every function of every contract, directly and through a stranger's contract: whatever the chain takes,
 * the follower and the replay take too, and say of it what the contracts say.
 */

import { join } from 'node:path';
import { expect } from 'chai';
import type { ContractName } from '../../server/domain/acts/events.ts';
import { Replay } from '../../server/domain/audit/replay.ts';
import type { Hex } from '../../server/domain/base/hex.ts';
import { codeOfError, Refusal } from '../../server/domain/base/refusal.ts';
import { fsck } from '../../server/fsck.ts';
import { CONTRACT_NAMES, contractOf } from '../../server/ledger/contracts.ts';
import { blockTables } from '../../server/store/blocks.ts';
import { openScratchRows } from '../../server/store/scratchRows.ts';
import { openViews } from '../../server/store/views.ts';
import { CHARTER, foundWorld } from '../chain/world.ts';
import { differences } from '../fuzz/agreement.ts';
import { AID_CALLS } from '../fuzz/aidCalls.ts';
import { bendBytes, bendValues, type Draft, encode, inputsOf, randomArgs } from '../fuzz/calls.ts';
import { DIVISION_CALLS } from '../fuzz/divisionCalls.ts';
import { INNER } from '../fuzz/inner.ts';
import { LAND_CALLS } from '../fuzz/landCalls.ts';
import { NOTARY_CALLS } from '../fuzz/notaryCalls.ts';
import { openParts } from '../fuzz/parts.ts';
import { POWER_CALLS } from '../fuzz/powerCalls.ts';
import { Town } from '../fuzz/town.ts';
import { seeded } from '../seeded.ts';
import { removeTemporaryFolders, temporaryFolder } from '../server/store/folder.ts';

const SEED = Number(process.env.KUDURRU_FUZZ_SEED ?? 20_261_129);
const CALLS = Number(process.env.KUDURRU_FUZZ ?? 1_000);
/** A new ledger after so many: a check of everything begins at block 0. */
const CALLS_A_LEDGER = 5_000;
const CALLS_A_CHECK = 1_000;
const CALLS_A_COMPARISON = 250;
/** What a desk refuses and no register does: an act signed without one is recorded, and the auditor names it. */
const OF_THE_DESK = /correction-unfounded/;
/** A programme with cards and money first, or there is little to bend. */
const CALLS_OF_PEACE = 120;
/** Below this share of honest calls that were recorded, the bent ones were bent versions of nothing. */
const LEAST_HONEST = 0.3;

interface Fn {
  readonly contract: ContractName;
  readonly method: string;
  readonly isWriting: boolean;
}

const functions: readonly Fn[] = CONTRACT_NAMES.flatMap((contract) =>
  contractOf(contract)
    .abi.filter(({ type }) => type === 'function')
    .map((item) => {
      const { name = '', stateMutability } = item as { name?: string; stateMutability?: string };
      return { contract, method: name, isWriting: stateMutability === 'nonpayable' };
    }),
);
const errors = new Set(
  CONTRACT_NAMES.flatMap((contract) =>
    contractOf(contract)
      .abi.filter(({ type }) => type === 'error')
      .map(({ name = '' }) => codeOfError(name)),
  ),
);

type Kind = 'honest' | 'bent' | 'noise';

interface Call {
  readonly kind: Kind;
  readonly name: string;
  readonly contract: ContractName;
  readonly data: Hex;
}

type Counts = Record<string, number>;

/** What was tried on one ledger, or on all of them. */
interface Tally {
  calls: number;
  checks: number;
  readonly tried: Counts;
  readonly taken: Counts;
  readonly refusals: Counts;
  /** Honest calls that were refused, by function and refusal: what a maker has to mend. */
  readonly refused: Counts;
  /** By kind, how many were tried and taken. */
  readonly of: Record<Kind, { tried: number; taken: number }>;
}

function emptyTally(): Tally {
  const none = () => ({ tried: 0, taken: 0 });
  return {
    ...{ calls: 0, checks: 0, tried: {}, taken: {}, refusals: {}, refused: {} },
    of: { honest: none(), bent: none(), noise: none() },
  };
}

const add = (counts: Counts, name: string, by = 1) => {
  counts[name] = (counts[name] ?? 0) + by;
};

function count(tally: Tally, { kind, name }: Call, isTaken: boolean): void {
  add(tally.tried, name);
  tally.of[kind].tried++;
  if (!isTaken) return;
  add(tally.taken, name);
  tally.of[kind].taken++;
}

function sumOf(parts: readonly Tally[]): Tally {
  const sum = emptyTally();
  for (const part of parts) {
    sum.calls += part.calls;
    sum.checks += part.checks;
    for (const counts of ['tried', 'taken', 'refusals', 'refused'] as const)
      for (const [name, by] of Object.entries(part[counts])) add(sum[counts], name, by);
    for (const kind of ['honest', 'bent', 'noise'] as const) {
      sum.of[kind].tried += part.of[kind].tried;
      sum.of[kind].taken += part.of[kind].taken;
    }
  }
  return sum;
}

/** An honest call of any kind that can be made now. */
async function someDraft(
  town: Town,
  areas = [
    LAND_CALLS,
    LAND_CALLS,
    DIVISION_CALLS,
    AID_CALLS,
    AID_CALLS,
    AID_CALLS,
    POWER_CALLS,
    NOTARY_CALLS,
  ],
): Promise<Draft | undefined> {
  const makers = [...town.random.pick(areas)];
  while (makers.length > 0) {
    const [make] = makers.splice(town.random.below(makers.length), 1);
    const draft = await make?.(town);
    if (draft !== undefined) return draft;
  }
  return undefined;
}

function honest({ contract, method, args, sign }: Draft): Call {
  return {
    kind: 'honest',
    name: `${contract}.${method}`,
    contract,
    data: encode(contract, method, sign(args)),
  };
}

/** The same call bent: before it is signed, after it, or in its bytes. */
function bent(town: Town, draft: Draft): Call {
  const { contract, method, sign, args } = draft;
  const { random, known } = town;
  const name = `${contract}.${method}`;
  const written = (values: Draft['args']) => encode(contract, method, values);
  switch (random.below(5)) {
    case 0:
      return { kind: 'bent', name, contract, data: bendBytes(random, written(sign(args))) };
    case 1: {
      const signed = { ...draft, args: sign(args) };
      return { kind: 'bent', name, contract, data: written(bendValues(random, signed, known)) };
    }
    default:
      return { kind: 'bent', name, contract, data: written(sign(bendValues(random, draft, known))) };
  }
}

let noises = 0;

/** Any function with anything; each has its turn. */
function noise({ random, known }: Town): Call {
  const { contract, method } = functions[noises++ % functions.length] as Fn;
  const data = encode(contract, method, randomArgs(random, inputsOf(contract, method), known));
  const isCut = random.below(4) === 0;
  return {
    kind: 'noise',
    name: `${contract}.${method}`,
    contract,
    data: isCut ? bendBytes(random, data) : data,
  };
}

describe('calldata that nobody honest sends', function () {
  this.timeout(24 * 3_600_000);
  after(removeTemporaryFolders);

  it('stops no follower, and what the follower says is what the contracts say', async () => {
    const folders = ['../fuzz', '../../server'].map((folder) => join(import.meta.dirname, folder));
    const parts = openParts<Tally>(process.env.KUDURRU_FUZZ_STATE, { folders, words: [`${SEED}`] });
    for (let ledger = 0; ledger * CALLS_A_LEDGER < CALLS; ledger++) {
      const calls = Math.min(CALLS_A_LEDGER, CALLS - ledger * CALLS_A_LEDGER);
      if (parts.played[ledger] !== undefined) continue;
      const played = emptyTally();
      await play(SEED + ledger, calls, played);
      parts.keep(ledger, played);
    }
    const tally = sumOf(Object.values(parts.played));
    const { honest: honestOnes } = tally.of;
    const kinds = Object.entries(tally.of).map(([kind, { tried, taken }]) => `${kind} ${taken} of ${tried}`);
    const outer = functions.filter(
      ({ isWriting, contract, method }) => isWriting && !INNER.has(`${contract}.${method}`),
    );
    const untaken = outer
      .map(({ contract, method }) => `${contract}.${method}`)
      .filter((name) => tally.taken[name] === undefined);
    const unmet = [...errors].filter((name) => tally.refusals[name] === undefined).sort();
    const triedFunctions = functions.filter(
      ({ contract, method }) => tally.tried[`${contract}.${method}`] !== undefined,
    );
    console.log(
      `      follower fuzz | seed ${SEED} | ${tally.calls} tried, 0 stops, 0 differences, ${tally.checks} checks from block 0`,
    );
    console.log(`      calls: recorded ${kinds.join(', ')}`);
    console.log(
      `      calls: ${triedFunctions.length} of ${functions.length} functions, ` +
        `${outer.length - untaken.length} of ${outer.length} recorded, ${errors.size - unmet.length} of ${errors.size} refusals`,
    );
    console.log(`      calls: never refused as ${unmet.join(', ') || 'nothing'}`);
    if (untaken.length > 0) console.log(`      calls: never recorded ${untaken.join(', ')}`);
    const refused = Object.entries(tally.refused)
      .sort(([, some], [, more]) => more - some)
      .slice(0, 10);
    console.log(
      `      calls: honest ones refused, most often ${refused.map(([why, times]) => `${why} ${times}`).join(', ')}`,
    );
    for (const name of INNER) expect(tally.taken[name], `${name} was taken`).to.equal(undefined);
    expect(honestOnes.taken / honestOnes.tried).to.be.greaterThan(LEAST_HONEST);
    expect(triedFunctions).to.have.length(functions.length);
  });
});

async function play(seed: number, calls: number, tally: Tally): Promise<void> {
  const town = new Town(seeded(seed));
  const folder = temporaryFolder();
  let replay: Replay | undefined;
  const world = await foundWorld({
    folder,
    clock: () => town.now,
    onBlock: (block) => {
      replay ??= new Replay(world.chain.genesis.chainId);
      replay.apply(block);
      town.follow(block);
    },
  });
  town.enter(world);
  await world.relayAll();
  let done = 0;
  let [compareAt, checkAt] = [CALLS_A_COMPARISON, CALLS_A_CHECK];
  try {
    await world.sync();
    while (done < calls) {
      town.pass();
      const batch = done < CALLS_OF_PEACE ? await peace(town) : await round(town);
      await Promise.all(batch.map((call) => attempt(town, call, tally)));
      done += batch.length;
      await world.sync();
      const found = (replay?.findings ?? []).filter(({ what }) => !OF_THE_DESK.test(what));
      expect(found, `seed ${seed}, ${done} calls`).to.deep.equal([]);
      if (done >= compareAt || done >= calls) {
        expect(await differences(town, replay as Replay), `seed ${seed}, ${done} calls`).to.deep.equal([]);
        compareAt += CALLS_A_COMPARISON;
      }
      if (done < checkAt && done < calls) continue;
      checkAt += CALLS_A_CHECK;
      tally.checks++;
      const scratch = await openViews(join(temporaryFolder(), 'scratch'), world.ledger.genesis);
      const rows = await openScratchRows(join(temporaryFolder(), 'rows'));
      const report = await fsck({
        ...{ chainId: world.chain.genesis.chainId, charter: CHARTER, ledger: await world.anotherLedger() },
        ...{ through: world.chain.headNumber, stores: [{ store: world.store, tables: [...blockTables] }] },
        ...{ views: world.views, scratch, rows },
      });
      await rows.close();
      await scratch.close();
      const wrong = report.findings.filter(({ what }) => !OF_THE_DESK.test(what));
      expect(wrong, `seed ${seed}, ${done} calls`).to.deep.equal([]);
    }
  } finally {
    await world.close();
  }
  tally.calls = done;
}

async function peace(town: Town): Promise<Call[]> {
  const draft = await someDraft(town, [AID_CALLS]);
  return draft === undefined ? [noise(town)] : [honest(draft)];
}

/** One honest call, what is bent of it before and after it, and noise. */
async function round(town: Town): Promise<Call[]> {
  const draft = await someDraft(town);
  const others = Array.from({ length: town.random.below(3) }, () => noise(town));
  if (draft === undefined) return [...others, noise(town)];
  const bents = Array.from({ length: town.random.below(4) }, () => bent(town, draft));
  const isFirst = town.chance(2);
  return isFirst ? [honest(draft), ...bents, ...others] : [...bents, honest(draft), ...others];
}

async function attempt(town: Town, call: Call, tally: Tally): Promise<void> {
  const { world, random } = town;
  const to = world.addresses[call.contract];
  const through = random.below(2) === 0 ? world.relayed(to, call.data) : { to, data: call.data };
  const receipt = await world.transact(through.to, through.data);
  const isTaken = receipt.status === '0x1';
  count(tally, call, isTaken);
  if (isTaken) return;
  const error = await world.refusalOf(to, call.data);
  const name = error instanceof Refusal ? error.code : 'without a word';
  add(tally.refusals, name);
  if (call.kind !== 'honest') return;
  add(tally.refused, `${call.name} ${name}`);
}
