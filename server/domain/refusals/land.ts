import type { RefusalRow } from './row.ts';

const READ_AGAIN = 'Read the unit again and decide again.';
const PREPARE_AGAIN = 'Prepare the act again from what is in force and have it signed.';
const COMPLETE = 'Complete the form and prepare the act again.';
const DIVIDE = 'Register the larger thing as a group, or divide the unit.';
const ASK_CONSENT = 'Ask the holder of that right or restriction to sign the terms shown.';

/** What may be registered over land: errors of LandRegistry, LandCharges and LandPartition, in their order. */
export const landRefusals = {
  'not-a-rule-contract': {
    kind: 'forbidden',
    message: 'Only the rule contract of an act may record it.',
    remedy: 'Send the act to the contract that checks its rules.',
    rule: 'L3',
  },
  'unit-count-out-of-range': {
    kind: 'exhausted',
    message: 'The act names no unit, too few, or more than {limit}.',
    remedy: 'Split the act, or name the units it lacks.',
  },
  'prior-state-missing': {
    kind: 'invalid',
    message: 'The states shown are not one for each unit of the act.',
    remedy: PREPARE_AGAIN,
  },
  'ba-unit-missing': {
    kind: 'missing',
    message: 'The unit is not registered.',
    remedy: 'Check the number of the unit, or register its title first.',
  },
  'ba-unit-state-stale': {
    kind: 'conflict',
    message: 'The unit has changed since the act was prepared.',
    remedy: READ_AGAIN,
    rule: 'L5',
  },
  'ba-unit-state-differs': {
    kind: 'invalid',
    message: 'The state shown is not the one the act names.',
    remedy: PREPARE_AGAIN,
    rule: 'L5',
  },
  'ba-unit-not-active': {
    kind: 'conflict',
    message: 'The unit is retired, dividing or cancelled.',
    remedy: 'Find the units that took its place and act on them.',
    rule: 'L6',
  },
  'office-differs': {
    kind: 'forbidden',
    message: 'The unit is kept by another office.',
    remedy: 'Have that office prepare the act.',
  },
  'ba-unit-id-used': {
    kind: 'conflict',
    message: 'The id of the new unit is in use, was used before, or is zero.',
    remedy: 'Prepare the act with a fresh id; if it was sent before, look for its entry first.',
    rule: 'P2',
  },
  'header-not-initial': {
    kind: 'invalid',
    message: 'The header is not that of a first state kept by the office of the act.',
    remedy: COMPLETE,
  },
  'state-not-initial': {
    kind: 'invalid',
    message: 'A new unit has neither applications nor a prior state.',
    remedy: COMPLETE,
  },
  'value-unspecified': {
    kind: 'invalid',
    message: 'A value is due here and none is given.',
    remedy: COMPLETE,
  },
  'quota-invalid': {
    kind: 'invalid',
    message: 'The quota has no base unit, is zero in one, or exceeds its total.',
    remedy: 'Correct the quota or the base unit.',
  },
  'base-unit-missing': {
    kind: 'missing',
    message: 'The base unit is not registered.',
    remedy: 'Register the common land first.',
  },
  'too-many-spatial-units': {
    kind: 'exhausted',
    message: 'A unit has at most {limit} spatial units.',
    remedy: DIVIDE,
  },
  'too-many-holdings': {
    kind: 'exhausted',
    message: 'The rights of a unit have at most {limit} holdings.',
    remedy: DIVIDE,
  },
  'too-many-restrictions': {
    kind: 'exhausted',
    message: 'A unit has at most {limit} restrictions.',
    remedy: 'Have lapsed ones released first.',
  },
  'too-many-responsibilities': {
    kind: 'exhausted',
    message: 'A unit has at most {limit} responsibilities.',
    remedy: DIVIDE,
  },
  'ids-not-in-order': {
    kind: 'invalid',
    message: 'The ids inside the unit do not run in the order of reading.',
    remedy: PREPARE_AGAIN,
  },
  'presentation-stated': {
    kind: 'invalid',
    message: 'The act states a presentation number, which only the register gives.',
    remedy: PREPARE_AGAIN,
  },
  'ownership-missing': {
    kind: 'invalid',
    message: 'No right of the unit holds the land itself.',
    remedy: 'Add the ownership, customary, occupancy or group right.',
    rule: 'L2',
  },
  'holding-missing': {
    kind: 'invalid',
    message: 'The right has no holder.',
    remedy: 'Name who holds it, as unknown if need be.',
    rule: 'L2',
  },
  'shares-contradict-tenancy': {
    kind: 'invalid',
    message: 'Shares are stated where the tenancy has none, or are missing where it has.',
    remedy: 'Correct the tenancy or the shares.',
    rule: 'L2',
  },
  'shares-not-whole': {
    kind: 'invalid',
    message: 'The shares do not add up to one whole.',
    remedy: 'Correct the shares.',
    rule: 'L2',
  },
  'target-missing': {
    kind: 'invalid',
    message: 'The right or holding it is to lie on is not in the unit.',
    remedy: READ_AGAIN,
  },
  'caution-without-lapse': {
    kind: 'invalid',
    message: 'A caution needs the day it lapses on, and that day is missing or past.',
    remedy: 'State a day to come.',
  },
  'spatial-unit-taken': {
    kind: 'conflict',
    message: 'A parcel of the act is or was part of another unit.',
    remedy: 'Find that unit and transfer, divide or join it instead.',
    rule: 'L1',
  },
  'right-missing': {
    kind: 'missing',
    message: 'The unit has no such right.',
    remedy: READ_AGAIN,
  },
  'right-changed': {
    kind: 'invalid',
    message: 'A transfer changes who holds a right and nothing else of it.',
    remedy: 'Leave the kind, standing, term and target of the right as they are.',
    rule: 'L7',
  },
  'holding-changed': {
    kind: 'invalid',
    message: 'A holding that stays is changed, moved in order, or unknown to the unit.',
    remedy: 'Keep the holdings that stay first and unchanged but for their shares.',
  },
  'nothing-moves': {
    kind: 'invalid',
    message: 'Nobody would give up a part of the right.',
    remedy: 'State who gives up what.',
  },
  'unrecorded-part-moves': {
    kind: 'invalid',
    message: 'While shares are unrecorded no part of the right can move.',
    remedy: 'Have the shares recorded, or transfer the whole right.',
    rule: 'L2',
  },
  'restricted-holding-removed': {
    kind: 'conflict',
    message: 'A restriction lies on a holding that would end.',
    remedy: 'Have the restriction released first.',
    rule: 'L7',
  },
  'restriction-kind-refused': {
    kind: 'invalid',
    message: 'This act creates mortgages and cautions only.',
    remedy: 'Use the act that is meant for this kind of restriction.',
  },
  'target-needs-one-unit': {
    kind: 'invalid',
    message: 'A restriction over several units lies on each as a whole.',
    remedy: 'Make one act for each unit, or drop the target.',
  },
  'instrument-used': {
    kind: 'conflict',
    message: 'This instrument has created a restriction before.',
    remedy: 'A caution is not renewed on the same ground; a new deed has a new id.',
    rule: 'L8',
  },
  'restriction-missing': {
    kind: 'missing',
    message: 'The unit has no such restriction.',
    remedy: READ_AGAIN,
  },
  'releases-differ': {
    kind: 'invalid',
    message: 'One act either discharges charges or withdraws cautions.',
    remedy: 'Make two acts.',
  },
  'base-unit-stands': {
    kind: 'conflict',
    message: 'Other units have quotas in this one, so it cannot end.',
    remedy: 'Deal with the units that have a quota in it first.',
    rule: 'L6',
  },
  'spatial-unit-missing': {
    kind: 'invalid',
    message: 'A new unit has no parcel.',
    remedy: 'Give every new unit its parcels.',
    rule: 'L6',
  },
  'quota-not-carried': {
    kind: 'invalid',
    message: 'The quotas of the new units are not those of the units that end.',
    remedy: 'Correct the quotas.',
    rule: 'L6',
  },
  'parents-differ': {
    kind: 'conflict',
    message: 'The units to join differ in base unit or ownership, or one has several ownership rights.',
    remedy: 'Bring the units into the same hands and standing first.',
    rule: 'L6',
  },
  'act-blocked': {
    kind: 'conflict',
    message: 'A restriction on the unit blocks this act.',
    remedy: 'Have the restriction released, or wait until it lapses.',
    rule: 'L4',
  },
  'consent-missing': {
    kind: 'invalid',
    message: 'Somebody whose consent is needed has not signed.',
    remedy: ASK_CONSENT,
    rule: 'L8',
  },
  'consent-not-yet-valid': {
    kind: 'conflict',
    message: 'A consent does not count yet.',
    remedy: 'Send the act again when its time has come.',
    rule: 'L8',
  },
  'consent-expired': {
    kind: 'conflict',
    message: 'The time of a consent has passed.',
    remedy: ASK_CONSENT,
    rule: 'L8',
  },
  'consent-not-given': {
    kind: 'invalid',
    message: 'A consent is not by that key, for that unit, or for those terms.',
    remedy: ASK_CONSENT,
    rule: 'L8',
  },
  'consent-unneeded': {
    kind: 'invalid',
    message: 'A consent came that nobody asked for.',
    remedy: PREPARE_AGAIN,
    rule: 'L8',
  },
} as const satisfies Record<string, RefusalRow>;
