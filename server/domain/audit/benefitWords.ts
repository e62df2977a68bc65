/**
 * The words that the register of benefits keeps of money, packed again from an auditor's own books.
 *
 * Hides where a record lies and how its fields share a word; both are part of the format. Promises: what a programme
 * holds, what each cycle issued and redeemed, and what each vendor earned and was paid, every field of it but one that
 * the books have no use for. The derivation holds them against proofs.
 */
import { type Bytes32, wordOf } from '../base/hex.ts';
import type { ProgrammeId } from '../base/terms.ts';
import type { ProgrammeBooks } from '../benefits/money.ts';
import { type Credit, type Cycle, freeUnits, type Programme } from '../benefits/records.ts';
import { CYCLE_STATES } from '../benefits/terms.ts';
import { recordSlot } from './succession.ts';

/** What a slot holds where the mask has ones. */
export interface KeptWord {
  readonly slot: Bytes32;
  readonly word: bigint;
  readonly mask: bigint;
}

const WORD_BITS = 256n;
const WHOLE = 2n ** WORD_BITS - 1n;
/** Units that are loaded: the books hold the table itself. */
const LOADED_UNITS = (2n ** 48n - 1n) << 112n;

const CYCLES_A_WORD = 8;

/** All words of a programme's money. */
export function moneyWords(id: ProgrammeId, { programme, cycles, credits }: ProgrammeBooks): KeptWord[] {
  const kept = wordsAt(recordSlot('programme', id), programmeWords(programme));
  for (const [number, cycle] of cycles) {
    kept.push(...wordsAt(recordSlot('cycle', id, wordOf(number)), cycleWords(cycle)));
    for (const [vendor, credit] of credits.get(number) ?? [])
      kept.push(...wordsAt(recordSlot('credit', id, wordOf(number), vendor), creditWords(credit)));
  }
  return kept;
}

/** By its place behind the first. */
type Words = ReadonlyMap<number, { readonly word: bigint; readonly mask?: bigint }>;

function wordsAt(first: Bytes32, words: Words): KeptWord[] {
  return [...words].map(([place, { word, mask = WHOLE }]) => ({
    slot: wordOf(BigInt.asUintN(Number(WORD_BITS), BigInt(first) + BigInt(place))),
    word,
    mask,
  }));
}

function programmeWords(programme: Programme): Words {
  const { pauses, lanes, movedMinor: moved } = programme;
  const lanesFrom = (lane: number) =>
    packed(...lanes.slice(lane, lane + CYCLES_A_WORD).map((cycle): Field => [cycle ?? 0, 32]));
  const words = [
    packed(
      [programme.institution, 16],
      [programme.currency, 16],
      [programme.mostPerRedemptionUnits, 24],
      [programme.disputeSeconds, 24],
      [programme.mostOfflineSeconds, 24],
      [pauses.from, 40],
      [pauses.until, 40],
      [pauses.secondsBefore, 32],
      [programme.version, 32],
      [programme.pausedByTwo ? 1 : 0, 8],
    ),
    packed(
      [programme.unallocatedMinor, 128],
      [programme.leastOpenSeconds, 32],
      [programme.assistedCapUnits, 32],
      [programme.emergencyCapUnits, 32],
      [programme.office, 32],
    ),
    packed([programme.expiredMinor, 128], [programme.reclaimedMinor, 128]),
    packed([programme.redeemedMinor, 128]),
    packed([moved.fund, 128], [moved['reuse-expired'], 128]),
    packed([moved['reuse-reclaimed'], 128], [moved.defund, 128]),
    lanesFrom(0),
    lanesFrom(CYCLES_A_WORD),
    BigInt(programme.policyHash),
  ];
  return new Map(words.map((word, place) => [place, { word }]));
}

/** The third word is what the units still to be loaded fold to: of a cycle that sells, it is zero by its own rule. */
function cycleWords(cycle: Cycle): Words {
  const first = packed(
    [CYCLE_STATES.indexOf(cycle.state), 8],
    [cycle.lane, 8],
    [cycle.entryBytes, 8],
    [cycle.enrolmentEpoch, 16],
    [cycle.count, 32],
    [cycle.opensAt, 40],
    [cycle.spendUntil, 40],
    [cycle.postUntil, 40],
    [cycle.redeemedUnits, 48],
  );
  const second = packed(
    [cycle.totalUnits, 48],
    [cycle.unitValueMinor, 64],
    [0, 48],
    [cycle.loadedWords, 32],
    [cycle.pausedSeconds, 32],
    [cycle.endPausedSeconds, 32],
  );
  return new Map([
    [0, { word: first }],
    [1, { word: second, mask: WHOLE ^ LOADED_UNITS }],
    [3, { word: BigInt(cycle.envelopeHash) }],
  ]);
}

function creditWords(credit: Credit): Words {
  const earned = packed(
    [freeUnits(credit), 48],
    [credit.closedUnits, 48],
    [credit.maturedUnits, 48],
    [credit.settledUnits, 48],
    [credit.closedAt, 40],
    [credit.lastAfterSeconds, 24],
  );
  const withheld = packed(
    [credit.disputedUnits, 48],
    [credit.returnedUnits, 48],
    [credit.clawedBackUnits, 48],
    [credit.releasedUnits, 48],
    [credit.withheldAt, 40],
  );
  return new Map([
    [0, { word: earned }],
    [1, { word: withheld }],
  ]);
}

type Field = readonly [value: bigint | number, bits: number];

/** Fields side by side from the lowest bit. */
function packed(...fields: readonly Field[]): bigint {
  let word = 0n;
  let at = 0n;
  for (const [value, bits] of fields) {
    word |= BigInt(value) << at;
    at += BigInt(bits);
  }
  return word;
}
