/**
 * What an act changed of a programme, a vendor or a cycle, as an aid officer would say it.
 *
 * Promises: every act of the register has its sentence, made of what the ledger's event says of it; nobody is named, for
 * the ledger knows people by their index. Pure.
 */
import type { SaidChange } from '../acts/entries.ts';
import type { EventArgs } from '../acts/events.ts';
import { countInWords, momentInWords, numberInWords, shortId } from '../base/inWords.ts';
import type { Acts, AppliedAct } from './act.ts';
import { currencyInWords, minorInWords, moneyInWords } from './currencies.ts';
import type { CycleStep, FundsMove } from './terms.ts';

const FUNDS_WORDS: Readonly<Record<FundsMove, string>> = {
  unspecified: 'moved',
  fund: 'funded',
  'reuse-expired': 'free to use again, of what expired',
  'reuse-reclaimed': 'free to use again, of what was reclaimed',
  defund: 'given back to the donor',
};
const STEP_WORDS: Readonly<Record<CycleStep, string>> = {
  unspecified: 'is moved on',
  cancel: 'is cancelled before anything was sold',
  'end-early': 'ends early',
  expire: 'expires',
  reclaim: 'is reclaimed',
  close: 'is closed',
};

const units = (count: bigint | number) => countInWords(count, 'unit');
const from = (moment: bigint) => (moment === 0n ? '' : ` from ${momentInWords(moment)}`);

type Says<A> = (act: A, money: (amountMinor: bigint) => string) => SaidChange;
const OF_ACT: { readonly [N in keyof Acts]: Says<Acts[N]> } = {
  DefineProgramme: ({ currency, mostPerRedemptionUnits }) => ({
    what: 'programme',
    how: 'began',
    words: `The programme begins, in ${currencyInWords(currency)}, with at most ${units(mostPerRedemptionUnits)} a redemption`,
  }),
  MoveFunds: ({ move, amountMinor }, money) => ({
    what: 'funds',
    how: 'changed',
    words: `${money(amountMinor)} ${FUNDS_WORDS[move]}`,
  }),
  PauseProgramme: ({ pausedUntil, byTwoInstitutions }) => ({
    what: 'programme',
    how: 'changed',
    words: `Redemption is paused until ${momentInWords(pausedUntil)}, by ${byTwoInstitutions ? 'two institutions' : 'its own'}`,
  }),
  ResumeProgramme: () => ({
    what: 'programme',
    how: 'changed',
    words: 'Redemption goes on before the pause is over',
  }),
  Enrol: ({ enrolmentEpoch, startIndex, count }) => ({
    what: 'enrolment',
    how: 'changed',
    id: enrolmentEpoch,
    words: `${countInWords(count, 'person', 'people')} enrolled in epoch ${enrolmentEpoch}, from index ${numberInWords(startIndex)} on`,
  }),
  SetCard: ({ index, cardEpoch, standing, effectiveFrom }) => ({
    what: 'card',
    how: 'changed',
    id: index,
    words: `Card ${cardEpoch} of index ${numberInWords(index)} is ${standing}${from(effectiveFrom)}`,
  }),
  SetVendor: ({ standing, from: since, versionBefore }) => ({
    what: 'vendor',
    how: versionBefore === 0 ? 'began' : standing === 'revoked' ? 'ended' : 'changed',
    words: `The vendor is ${standing}${from(since)}`,
  }),
  SetTill: ({ till, standing, versionBefore }) => ({
    what: 'till',
    how: versionBefore === 0 ? 'began' : standing === 'revoked' ? 'ended' : 'changed',
    id: till,
    words: `Till ${till} is ${standing}`,
  }),
  CycleEnvelope: ({ cycle, count, totalUnits, unitValueMinor, opensAt, spendUntil }, money) => ({
    what: 'cycle',
    how: 'began',
    id: cycle,
    words: `Cycle ${cycle} begins: ${units(totalUnits)} of ${money(unitValueMinor)} each for ${countInWords(count, 'person', 'people')}, to be spent from ${momentInWords(opensAt)} until ${momentInWords(spendUntil)}`,
  }),
  MoveCycle: ({ cycle, step, unspentUnits, endsAt }) => ({
    what: 'cycle',
    how: step === 'close' || step === 'cancel' ? 'ended' : 'changed',
    id: cycle,
    words: `Cycle ${cycle} ${STEP_WORDS[step]}${endsAt === 0n ? '' : `, on ${momentInWords(endsAt)}`}${unspentUnits === 0n ? '' : `, with ${units(unspentUnits)} that nobody spent`}`,
  }),
  Settle: ({ cycle, vendor, units: settled, amountMinor }, money) => ({
    what: 'settlement',
    how: 'began',
    id: cycle,
    words: `${units(settled)} that vendor ${shortId(vendor)} sold in cycle ${cycle} are settled with ${money(amountMinor)}`,
  }),
  ReleaseCredit: ({ cycle, vendor, units: released }) => ({
    what: 'credit',
    how: 'changed',
    id: cycle,
    words: `${units(released)} that vendor ${shortId(vendor)} posted late in cycle ${cycle} are released for settlement`,
  }),
};

/** What a till's batch sold. */
export function changeOfBatch({
  cycle,
  vendor,
  till,
  units: sold,
  results,
}: EventArgs['BatchRedeemed']): SaidChange {
  const tried = countInWords(results.length, 'item');
  return {
    what: 'redemption',
    how: 'began',
    id: cycle,
    words: `${units(sold)} of cycle ${cycle} are redeemed at till ${till} of vendor ${shortId(vendor)}, in ${tried}`,
  };
}

/** `currency` is that of the act's programme; undefined of an act that has none. */
export function changesOfAct(applied: AppliedAct, currency: number | undefined): readonly SaidChange[] {
  const money = (amountMinor: bigint) =>
    currency === undefined ? minorInWords(amountMinor) : moneyInWords(currency, amountMinor);
  if (applied.name === 'Release') {
    const { cycle, opensAt } = applied.act;
    const words = `Cycle ${cycle} is released: cards may spend from ${momentInWords(opensAt)}`;
    return [{ what: 'cycle', how: 'changed', id: cycle, words }];
  }
  return [(OF_ACT[applied.name] as Says<typeof applied.act>)(applied.act, money)];
}
