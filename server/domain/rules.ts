/**
 * The rules of the registers as data: what each promises, where it is enforced, which refusals say it, and the two
 * tests that show it keeping and refusing. `GET /rules` and `docs/rules.md` are this table.
 *
 * A deployment fills in `statute`, the law a rule stands on there; it is empty here, for no law was asked about.
 */
import { type RefusalCode, refusals } from './base/refusal.ts';
import type { RefusalRow } from './base/refusals/row.ts';

/** What follows when a rule is broken. */
export type Severity =
  | 'refuses' // the act is refused and nothing changes
  | 'halts'; // it cannot be broken by an act: a broken one means the ledger is not sound

export interface Rule {
  readonly id: string;
  readonly says: string;
  readonly severity: Severity;
  /** Files of the contracts, from the root of the project. */
  readonly enforcedIn: readonly string[];
  /** Section of the law of the place; none is claimed. */
  readonly statute: string;
  /** Names of tests under `test/contracts`. */
  readonly keeps: string;
  readonly refuses: string;
}

const rule = (
  id: string,
  says: string,
  severity: Severity,
  enforcedIn: readonly string[],
  [keeps, refuses]: readonly [keeps: string, refuses: string],
): Rule => ({
  id,
  says,
  severity,
  statute: '',
  keeps,
  refuses,
  enforcedIn: enforcedIn.map((file) => `contracts/${file}.sol`),
});

const LAND: readonly Rule[] = [
  rule(
    'L1',
    'A parcel belongs to at most one active title, made by the institution that keeps its office; where none does, nothing is made. No other office uses up an id of its units, their ground or its instruments.',
    'refuses',
    ['land/LandRegistry', 'land/LandPartition', 'land/LandDivision'],
    [
      'test_L1_L6_subdivisionRetiresTheParentAndCarriesEverything',
      'test_L1_childOnAPlotThatIsTakenIsRefused',
    ],
  ),
  rule(
    'L2',
    'Shares are all stated and make exactly one whole, or none is stated; no part moves while none is.',
    'refuses',
    ['land/BAUnits', 'land/LandTransfers'],
    ['testFuzz_L2_anyPartMovesAndTheWholeStaysOne', 'testFuzz_L2_sharesThatAreNotOneWholeAreRefused'],
  ),
  rule(
    'L3',
    'Every change is one entry that two different officers signed, both in office at that moment.',
    'refuses',
    ['land/LandRegistry', 'benefits/BenefitLedger', 'power/Consortium'],
    ['test_L3_actOfTwoOfficersIsOneEntryNamedByThePreparersDigest', 'test_L3_preparerCannotApproveTheOwnAct'],
  ),
  rule(
    'L4',
    'No act passes while a restriction on the title blocks acts of its kind. Not enforced yet: what a court may order in spite of one, for this version has no act by order of a court.',
    'refuses',
    ['land/LandTransfers', 'land/LandCharges', 'land/LandPartition', 'land/LandParts', 'land/LandDivision'],
    ['testFuzz_L4_onlyTheActsOfTheMaskAreBlocked', 'test_L4_blockingRestrictionStopsTheActUntilItLapses'],
  ),
  rule(
    'L5',
    'A change is made to the state in force, the next version is one higher, and it takes effect no earlier. With every owner’s consent it may begin within a year, with one’s within 30 days, with none’s not later than it is recorded; what nobody consents to is not dated back.',
    'refuses',
    ['land/LandRules', 'land/LandRegistry', 'land/Effects'],
    ['test_L5_transferMakesTheNextVersionOfTheState', 'test_L5_secondCopyOfAnActIsStale'],
  ),
  rule(
    'L6',
    'Dividing or joining titles retires the old ones in the act that completes it and carries every right and restriction over; a division in steps makes only what its owners named.',
    'refuses',
    ['land/Children', 'land/LandPartition', 'land/LandDivision'],
    [
      'test_L1_L6_consolidationCarriesRightsAndRestrictionsInOrder',
      'test_L6_cautionCarriedIsNotRenewedOnAChild',
    ],
  ),
  rule(
    'L7',
    'Nothing is taken from a right or from under a charge without its holder; what nobody agreed to is bounded and lapses.',
    'refuses',
    ['land/LandTransfers', 'land/LandCharges', 'land/LandParts', 'land/LandPartition', 'land/Restrictions'],
    [
      'invariant_L7_nothingIsTakenFromUnderACharge',
      'test_L7_holdingUnderAChargeDoesNotShrinkWithoutItsHolder',
    ],
  ),
  rule(
    'L8',
    'A consent counts once, for rights and charges of every title of the act and the terms and date of effect it names.',
    'refuses',
    ['land/Consents', 'land/LandRegistry'],
    ['test_L8_strangersCautionDoesNotUndoAConsent', 'test_L8_consentBeforeALaterMortgageCountsNoMore'],
  ),
  rule(
    'L9',
    'Notice and wait hold. Not enforced yet: no act of this version lodges an application, and a first state that has one is refused.',
    'refuses',
    ['land/LandRegistry', 'land/BAUnits'],
    ['test_applicationInAFirstStateIsRefused', 'test_applicationInAFirstStateIsRefused'],
  ),
];

const BENEFITS: readonly Rule[] = [
  rule(
    'B1',
    'Funds are always the sum of what is free, owed, redeemed, expired and reclaimed.',
    'halts',
    ['benefits/BenefitLedger'],
    ['invariant_B1_theMoneyEquationHolds', 'test_B1_moneyMovesOnlyWhereItIs'],
  ),
  rule(
    'B2',
    'Nobody redeems more than was issued to them.',
    'refuses',
    ['benefits/BenefitLedger'],
    ['invariant_B2_nobodyRedeemsMoreThanWasIssued', 'testFuzz_B2_nobodyTakesMoreThanRemains'],
  ),
  rule(
    'B3',
    'A signed redemption counts once.',
    'refuses',
    ['benefits/BenefitLedger'],
    ['test_B3_aRedemptionCountsOnce', 'test_B3_twiceInOneBatchCountsOnce'],
  ),
  rule(
    'B4',
    'What is loaded is what two officers signed: count, total and every word.',
    'refuses',
    ['benefits/BenefitLedger'],
    ['testFuzz_B4_chunksOfAnySizeLoadTheSignedTable', 'testFuzz_B4_aForeignChunkIsRefusedAndStopsNobody'],
  ),
  rule(
    'B5',
    'No sale dated outside its window, in the last pause or by a seller not active then; sold and posted in time is paid.',
    'refuses',
    ['benefits/BenefitLedger', 'benefits/StandingRules'],
    ['test_B5_whatWasSoldInTimeAndPostedInTimeIsPaid', 'testFuzz_B5_noSaleOutsideTheWindow'],
  ),
  rule(
    'B6',
    'A vendor is never settled beyond its credit.',
    'refuses',
    ['benefits/BenefitLedger'],
    ['test_B6_aBusyVendorIsPaidWhileItSells', 'testFuzz_B6_aCreditSettlesOnceAndAfterItsDisputeTime'],
  ),
  rule(
    'B7',
    'Assisted and emergency amounts stay under their caps: trivially, for no item of this version is either.',
    'refuses',
    ['benefits/BenefitLedger'],
    ['test_aProgrammeIsDefinedOnceAndWithinItsRanges', 'test_aMalformedBatchIsRefusedWhole'],
  ),
  rule(
    'B8',
    'A pause of one programme touches no other.',
    'halts',
    ['benefits/BenefitLedger', 'power/Safeguards'],
    [
      'invariant_B8_nothingDoneToAProgrammeTouchesAnother',
      'test_B8_aPauseTouchesNoOtherProgrammeAndTakesTwoInstitutions',
    ],
  ),
  rule(
    'B9',
    'What one institution moves of a currency in 30 days stays under the tier the members set; unset, two sign.',
    'refuses',
    ['benefits/BenefitLedger'],
    [
      'test_B9_whatOneInstitutionMovesInAWindowStaysUnderTheTier',
      'test_B9_aCurrencyWithoutATierAlwaysTakesTwoInstitutions',
    ],
  ),
  rule(
    'B10',
    'A programme, and a vendor with its tills, is of the office whose officers defined or registered it: later acts on it are of that office, by officers of it or of every office of the agency.',
    'refuses',
    ['benefits/BenefitRules', 'benefits/StandingRules'],
    ['test_B10_officersOfItsOfficeDoAllThereIsToDo', 'testFuzz_B10_officersOfAnotherOfficeDoNothing'],
  ),
];

const POWER: readonly Rule[] = [
  rule(
    'P1',
    'Who prepares does not approve; above the tier another institution approves.',
    'refuses',
    ['power/Consortium'],
    ['test_P1_actAboveItsTierNeedsTwoInstitutionsOnceSeated', 'test_P1_onePersonCannotPrepareAndApprove'],
  ),
  rule(
    'P2',
    'An entry stands in one register, once.',
    'halts',
    ['journal/Journal'],
    ['test_P2_signatureForOneRegisterMeansNothingInAnother', 'test_P2_aBatchPostedAgainIsAnotherEntryOrNone'],
  ),
  rule(
    'P3',
    'After a revocation, and during a suspension, no signature of that officer counts.',
    'refuses',
    ['power/Consortium', 'power/Officers'],
    ['test_P3_revokedOfficerCountsNoMore', 'invariant_P3_revokedOfficerNeverSpeaksAgain'],
  ),
  rule(
    'P4',
    'Once seated, no institution changes the consortium alone.',
    'refuses',
    ['power/Council', 'power/Consortium', 'Charter'],
    ['test_P4_foundingEndsWhenTwoInstitutionsHoldTheQuorum', 'test_P4_oneInstitutionAloneDecidesNothing'],
  ),
  rule(
    'P5',
    'Every widening of power was scheduled and waited; narrowing takes effect at once.',
    'refuses',
    ['power/Council', 'power/Consortium'],
    ['test_P5_quorumWaitsThenAnyoneExecutesOnce', 'test_P5_newOfficerCountsOnlyAfterTheWait'],
  ),
  rule(
    'P7',
    'What an act costs does not grow with the people or officers there are; every list of an act has a limit.',
    'refuses',
    ['power/Consortium', 'power/Council', 'journal/Journal'],
    [
      'testFuzz_P7_costOfAnActDoesNotGrowWithTheOfficers',
      'test_P7_batchIsNeitherEmptyNorAboveTheRegistersLimit',
    ],
  ),
  rule(
    'P8',
    'A register is the fold of all its entries since the first.',
    'halts',
    ['journal/Journal'],
    ['invariant_P8_headIsTheFoldOfAllEntries', 'test_P8_journalsOfTwoRegistersNeverShareAHead'],
  ),
  rule(
    'P6',
    'The contracts hold no money and run no code but their own.',
    'halts',
    ['power/Consortium', 'power/Council', 'power/Personnel', 'power/Safeguards'],
    ['testFuzz_P6_whoGovernsHoldsNoMoney', 'testFuzz_P6_whoGovernsHoldsNoMoney'],
  ),
  rule(
    'P9',
    'From three members on the ledger, once seated, outlives any one: a quorum is never all of them, their number never falls below three, no measure makes those who could manage their officers fewer than the quorum and one, a suspension ends in 30 days and none begins in the 30 after it, of four validators none are lost and none of four members gains a third, and the directory holds a register once. A founding institution manages itself without any one of its officers; a lone officer silences a colleague for at most 72 hours in 30 days, and neither votes nor touches power or aid meanwhile, nor is counted among those who manage. A measure of the largest consortium there can be fits a transaction.',
    'refuses',
    [
      'power/Institutions',
      'power/Outliving',
      'power/Officers',
      'power/Validators',
      'power/Council',
      'power/Directory',
    ],
    [
      'test_P9_suspensionEndsByItselfAndEveryWaitBeginsAnewWithIt',
      'test_P9_noMeasureLeavesFewerWhoCouldManageThanTheQuorumAndOne',
    ],
  ),
  rule(
    'P10',
    'A halt takes and gives no right: the members record it, where no register had an entry; a deadline inside keeps what was left of it, every other stays.',
    'refuses',
    ['power/Halts', 'power/Safeguards', 'journal/Journal'],
    ['test_P10_onlyADeadlineInsideMovesByWhatWasLeft', 'test_P10_noHaltOverAnEntryOfAnyRegister'],
  ),
  rule(
    'P11',
    'What takes over is at least as strong: a consortium in phase, members, waits, pauses, validators and policies, safeguards in halts, pauses and the time they took.',
    'refuses',
    ['power/Succession', 'power/Council', 'power/Safeguards'],
    ['test_P11_safeguardsAreSucceededWithTheirPausesAndStillPause', 'test_P11_successorIsAtLeastAsStrong'],
  ),
];

const NOTARY: readonly Rule[] = [
  rule(
    'N1',
    'The roots an institution records stand in one line for each kind: numbered by one, their days only growing and their lines under one key, at most one an hour, each by the recorder that two of its admins appointed and that showed its key.',
    'refuses',
    ['notary/Notary'],
    ['testFuzz_N1_newKeyBeginsItsLinesAnew', 'invariant_N1_whatOnlyGrowsOnlyGrows'],
  ),
  rule(
    'N2',
    'The stones of an institution are exactly the ids of destroyed data keys that it named. That no id is named twice over several erasures is the auditor’s to see.',
    'refuses',
    ['notary/Notary'],
    ['invariant_N2_stonesAreTheIdsThatWereNamed', 'test_N2_erasureIsBoundedRisingAndCountedOnce'],
  ),
];

export const RULES: readonly Rule[] = [...LAND, ...BENEFITS, ...POWER, ...NOTARY];

/** The codes with which a rule says no, in the order of the catalogue. */
export function refusalsOf(id: string): RefusalCode[] {
  return (Object.keys(refusals) as RefusalCode[]).filter((code) => {
    const row: RefusalRow = refusals[code];
    return row.rule === id;
  });
}

/** The table as a page of the documentation. */
export function rulesPage(): string {
  const sections = RULES.map((one) => {
    const codes = refusalsOf(one.id).map((code) => `\`${code}\``);
    return [
      `## ${one.id}`,
      '',
      one.says,
      '',
      `- When broken: ${one.severity === 'refuses' ? 'the act is refused and nothing changes' : 'no act can; a broken one means the ledger is not sound, and `fsck` names it'}`,
      `- Enforced in: ${one.enforcedIn.map((file) => `\`${file}\``).join(', ')}`,
      `- Refusals: ${codes.length === 0 ? 'none of its own' : codes.join(', ')}`,
      `- Statute: ${one.statute === '' ? '(for each deployment to name)' : one.statute}`,
      `- Seen keeping: \`${one.keeps}\`; refusing: \`${one.refuses}\``,
      '',
    ].join('\n');
  });
  return `# The rules\n\nMade from \`server/domain/rules.ts\`; a running gateway serves the same at \`GET /rules\`.\n\n${sections.join('\n')}`;
}
