/** Refusals that a campaign cannot meet, each with why; whatever else it never met in full is a play that is missing. */
export const UNREACHED: Readonly<Record<string, string>> = {
  CardEpochExhausted: 'a person would be given 65,535 cards',
  IndexBeyondCount: 'only who reads is told so',
  InstitutionNeedsThreeAdmins: 'of a founding, which stands before the first call',
  LedgerNonceMissing: 'of a founding, which stands before the first call',
  NobodySigns: 'two institutions hold the quorum from the founding on',
  NotAMember: 'whoever is admitted has a vote',
  ReadTooLarge: 'only who reads is told so',
  TableNotInLane: 'only who reads is told so',
  TooManyPolicies: 'sixty-four names would each be voted and waited for',
  TooManyValidators: 'as many would each be voted and waited for',
  ValidatorsDiffer: 'the one consortium there is to pass to is refused as weaker before',
};
