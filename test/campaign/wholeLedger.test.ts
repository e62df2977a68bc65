/**
 * The campaign over the whole ledger: short here, a million calls in `npm run campaign -- whole-ledger`.
 *
 * A part that was played is kept in the file that `KUDURRU_CAMPAIGN_STATE` names, so that a campaign that was stopped
 * goes on where it was: as long as contracts, campaign and seed are the same.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { refusalOfError } from '../../server/domain/base/refusal.ts';
import { CONTRACT_NAMES, contractOf } from '../../server/ledger/contracts.ts';
import { ACTORS, emptyTally, functionBy, PART_CALLS, type Tally, WRITERS } from './campaign.ts';
import type { PartAsked, PartPlayed } from './part.child.ts';
import { UNREACHED } from './unreached.ts';

const SEED = Number(process.env.KUDURRU_CAMPAIGN_SEED ?? 20_261_129);
const CALLS = Number(process.env.KUDURRU_CAMPAIGN_CALLS ?? 8_000);
const STATE = process.env.KUDURRU_CAMPAIGN_STATE;
/** Parts are played side by side; what they come to does not depend on how many. */
const PROCESSES = Number(process.env.KUDURRU_CAMPAIGN_PROCESSES ?? 1);
/** So many calls are a campaign in full. */
const FULL_CALLS = 1_000_000;
/** Of a part that is played twice. */
const FEW = 150;
/** Of honest calls, at least so many of a hundred pass: else the campaign proves nothing. */
const LEAST_HONEST = 30;

/** Tallies of the parts that were played, by number. */
type Played = Record<string, Tally & { readonly seconds: number }>;

/** What says what the parts came to, and has no part in playing them. */
const isTelling = (file: string) => file.endsWith('.test.ts') || file === 'unreached.ts';

/** What a part depends on: another ledger or another campaign plays another history. */
function fingerprint(): string {
  const hash = createHash('sha256').update(String(SEED));
  for (const name of CONTRACT_NAMES) hash.update(contractOf(name).deployedBytecode);
  for (const file of fs.readdirSync(import.meta.dirname).sort())
    if (!isTelling(file)) hash.update(fs.readFileSync(path.join(import.meta.dirname, file)));
  return hash.digest('hex');
}

function readPlayed(print: string): Played {
  if (STATE === undefined || !fs.existsSync(STATE)) return {};
  const kept = JSON.parse(fs.readFileSync(STATE, 'utf8')) as { print: string; played: Played };
  return kept.print === print ? kept.played : {};
}

function keep(print: string, played: Played): void {
  if (STATE === undefined) return;
  fs.mkdirSync(path.dirname(STATE), { recursive: true });
  fs.writeFileSync(`${STATE}.new`, JSON.stringify({ print, played }));
  fs.renameSync(`${STATE}.new`, STATE);
}

const CHILD = path.join(import.meta.dirname, 'part.child.ts');
const NATIVE = path.join(import.meta.dirname, 'native.ts');
/** Most values die young: fewer collections. */
const YOUNG_MEGABYTES = '--max-semi-space-size=64';

/**
 * Plays each part in a process of its own, some at a time; fails where a process ends. What the engine keeps of a part, some
 * hundred megabytes, goes with its process.
 */
async function playAll(parts: readonly PartAsked[], take: (played: PartPlayed) => void): Promise<void> {
  const left = [...parts];
  const running = new Set<ChildProcess>();
  const work = async () => {
    for (let part = left.shift(); part !== undefined; part = left.shift()) {
      const worker = fork(CHILD, { execArgv: [YOUNG_MEGABYTES, '--import', NATIVE] });
      running.add(worker);
      take(await playedBy(worker, part));
      worker.disconnect();
      running.delete(worker);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(PROCESSES, parts.length) }, work));
  } finally {
    for (const worker of running) worker.kill();
  }
}

function playedBy(worker: ChildProcess, part: PartAsked): Promise<PartPlayed> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null, signal: string | null) =>
      reject(new Error(`the process of part ${part.number} ended: ${code ?? signal}`));
    worker.once('exit', ended);
    worker.once('message', (played: PartPlayed) => {
      worker.off('exit', ended);
      resolve(played);
    });
    worker.send(part);
  });
}

/** The sum of all parts. */
function sumOf(played: Played): Tally & { readonly seconds: number } {
  const all = { ...emptyTally(), seconds: 0 };
  for (const part of Object.values(played)) {
    all.calls += part.calls;
    all.seconds += part.seconds;
    all.broken.push(...part.broken);
    for (const counts of ['actors', 'functions'] as const) {
      for (const [name, { tried, passed }] of Object.entries(part[counts])) {
        const sum = all[counts][name] ?? { tried: 0, passed: 0 };
        all[counts][name] = { tried: sum.tried + tried, passed: sum.passed + passed };
      }
    }
    for (const counts of ['refusals', 'skips'] as const) {
      for (const [name, count] of Object.entries(part[counts]))
        all[counts][name] = (all[counts][name] ?? 0) + count;
    }
  }
  return all;
}

const percent = (part: number, whole: number) => ((100 * part) / Math.max(whole, 1)).toFixed(1);
const say = (text: string) => console.log(`      whole ledger | ${text}`);

/** Every refusal that a contract of the ledger has. */
const ERRORS = new Set(
  CONTRACT_NAMES.flatMap((name) => {
    const found: string[] = [];
    contractOf(name).calls.forEachError((error) => found.push(error.name));
    return found;
  }).filter((name) => refusalOfError(name) !== undefined),
);

describe('a campaign over the whole ledger', function () {
  this.timeout(0);
  let all: ReturnType<typeof sumOf>;

  before(async () => {
    const print = fingerprint();
    const played = readPlayed(print);
    const parts: PartAsked[] = [];
    for (let number = 0; number * PART_CALLS < CALLS; number++) {
      if (played[number] !== undefined) continue;
      parts.push({ seed: SEED, number, calls: Math.min(PART_CALLS, CALLS - number * PART_CALLS) });
    }
    await playAll(parts, ({ number, tally, seconds }) => {
      played[number] = { ...tally, seconds };
      keep(print, played);
      say(`part ${number} | ${tally.calls} calls in ${seconds} s, ${tally.broken.length} findings`);
    });
    all = sumOf(played);
    tell(all);
  });

  it('keeps every invariant', () => {
    expect(all.broken.slice(0, 20)).to.deep.equal([]);
    expect(all.calls).to.be.at.least(CALLS);
  });

  it('lets honest actors do what they came for', () => {
    const { tried, passed } = all.actors.honest ?? { tried: 0, passed: 0 };
    expect(Number(percent(passed, tried))).to.be.at.least(LEAST_HONEST);
  });

  it('plays the same calls again, so that what is found is found anew', async () => {
    const parts = [2, 2].map((number) => ({ seed: SEED, number, calls: FEW }));
    const played: PartPlayed[] = [];
    await playAll(parts, (part) => played.push(part));
    expect(played[0]?.tally).to.deep.equal(played[1]?.tally);
  });

  it('meets every refusal in full, but those that it cannot', () => {
    const isMet = (name: string) => all.refusals[name] !== undefined;
    expect(Object.keys(UNREACHED).filter(isMet), 'met, and said to be out of reach').to.deep.equal([]);
    expect(Object.keys(UNREACHED).filter((name) => !ERRORS.has(name))).to.deep.equal([]);
    if (all.calls < FULL_CALLS) return;
    const missed = [...ERRORS].filter((name) => !isMet(name) && UNREACHED[name] === undefined);
    expect(missed, 'nobody tried for').to.deep.equal([]);
  });

  it('reaches every act, whoever sends it', () => {
    const missed = WRITERS.filter(
      ([contract, method]) => all.functions[functionBy(false, contract, method)] === undefined,
    );
    expect(missed).to.deep.equal([]);
  });
});

function tell({
  calls,
  seconds,
  actors,
  functions,
  refusals,
  skips,
  broken,
}: ReturnType<typeof sumOf>): void {
  say(`seed ${SEED} | ${calls} calls tried in ${seconds} s, ${broken.length} findings`);
  for (const actor of ACTORS) {
    const { tried, passed } = actors[actor] ?? { tried: 0, passed: 0 };
    say(`${actor} | ${tried} tried, ${percent(passed, tried)} % passed`);
  }
  for (const contract of new Set(WRITERS.map(([name]) => name))) {
    const counts = WRITERS.filter(([name]) => name === contract).map(([, method]) => {
      const of = (isHonest: boolean) => {
        const { tried, passed } = functions[functionBy(isHonest, contract, method)] ?? {
          tried: 0,
          passed: 0,
        };
        return `${passed} of ${tried}`;
      };
      return `${method} ${of(true)}, others ${of(false)}`;
    });
    say(`${contract}, passed of tried by honest actors and others | ${counts.join('; ')}`);
  }
  const told = (names: readonly string[]) => names.map((name) => `${name} ${refusals[name] ?? 0}`).join(', ');
  const met = [...ERRORS].filter((name) => refusals[name] !== undefined).sort();
  const missed = [...ERRORS]
    .filter((name) => refusals[name] === undefined && UNREACHED[name] === undefined)
    .sort();
  say(`${met.length} of ${ERRORS.size} refusals met, each as often as it says it was tried | ${told(met)}`);
  say(`refusals nobody tried for | ${missed.join(', ')}`);
  const beyond = Object.entries(UNREACHED).map(([name, reason]) => `${name}: ${reason}`);
  say(`refusals that no call reaches | ${beyond.join('; ')}`);
  const why = Object.entries(skips).sort();
  say(`items skipped when tried | ${why.map(([name, count]) => `${name} ${count}`).join(', ')}`);
}
