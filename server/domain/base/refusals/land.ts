import type { RefusalRow } from './row.ts';

const READ_AGAIN = 'Read the unit again, see what changed, and prepare the act anew.';
const ISO = 'ISO 19152';

/** What the register of land refuses, in the order in which it checks. */
export const landRefusals = {
  'not-a-rule-contract': {
    kind: 'forbidden',
    message: 'Only the rule contracts of the register may hand it a result.',
    remedy: 'Send the act to the contract of its kind: charges or partition.',
  },
  'unit-count-out-of-range': {
    kind: 'invalid',
    message: 'The act names too few units, or more than {limit}.',
    remedy: 'Divide it into acts of a size the register takes.',
  },
  'act-too-heavy': {
    kind: 'exhausted',
    message: 'The act weighs more than {limit} words of state: it would not fit a transaction.',
    remedy: 'Name fewer units or titles in one act, or divide in steps what carries much.',
  },
  'prior-state-missing': {
    kind: 'malformed',
    message: 'The states shown are not one for each unit of the act.',
    remedy: 'Show the state in force of each unit, in the order of the act.',
  },
  'ba-unit-missing': {
    kind: 'missing',
    message: 'No title is registered under that unit.',
    remedy: 'Check the id of the unit, or register its title first.',
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
    remedy: 'Show the whole state whose hash the act names, every field as recorded.',
    rule: 'L5',
  },
  'ba-unit-not-active': {
    kind: 'conflict',
    message: 'The unit is retired or cancelled, or is dividing and takes no such act.',
    remedy: 'Act on the units that came of it; a division is completed or cancelled first.',
    rule: 'L1',
  },
  'office-differs': {
    kind: 'forbidden',
    message: 'The unit, programme, vendor or officer that the act is about is of another office.',
    remedy: 'Have the act prepared and approved for that office.',
  },
  'office-unkept': {
    kind: 'conflict',
    message:
      'No institution keeps the office: its ground has no judge, so no unit is made there or called off.',
    remedy: 'Register it in an office that an institution keeps, or have the members give this one a keeper.',
    rule: 'L1',
  },
  'ba-unit-id-used': {
    kind: 'conflict',
    message: 'The id of the new unit is in use, was once, or is not of its office.',
    remedy:
      'Find the title already registered; if there is none, draw a new random id, or have the parcel surveyed again.',
    rule: 'L1',
  },
  'header-not-initial': {
    kind: 'invalid',
    message: 'The header is not that of a first state kept by the office of the act.',
    remedy: 'State version 1, active, the office of the act, and an origin that is not a partition.',
    rule: 'L5',
  },
  'state-not-initial': {
    kind: 'invalid',
    message: 'A first state brings no applications and replaces nothing.',
    remedy: 'Leave the applications and the prior state empty.',
    rule: 'L5',
  },
  'value-unspecified': {
    kind: 'invalid',
    message: 'A value that must be stated is unspecified.',
    remedy: 'State each kind, standing, tenancy and signer, and each id and commitment.',
    rule: ISO,
  },
  'quota-invalid': {
    kind: 'invalid',
    message: 'A quota is stated without its base unit, is none, or is more than the base unit has left.',
    remedy: 'State the base unit, its total, and a quota of what it has not given out yet.',
    rule: ISO,
  },
  'base-unit-not-asked': {
    kind: 'forbidden',
    message: 'A title takes a share in common land whose holders this act does not ask.',
    remedy: 'Register it as a part of the base unit, with the consent of the holders of the base unit.',
    rule: 'L7',
  },
  'too-many-spatial-units': {
    kind: 'exhausted',
    message: 'A unit has at most {limit} spatial units.',
    remedy: 'Register several units, or a base unit with quotas in it.',
  },
  'too-many-holdings': {
    kind: 'exhausted',
    message: 'The rights of a unit have at most {limit} holdings.',
    remedy: 'Register a larger circle of holders as one group with a root of its members.',
  },
  'too-many-restrictions': {
    kind: 'exhausted',
    message:
      'A unit carries at most {limit} charges, and as many notices; places for charges are kept for every holder.',
    remedy: 'Have restrictions that have lapsed or been met released first, or have every owner agree to it.',
  },
  'too-many-responsibilities': {
    kind: 'exhausted',
    message: 'A unit carries at most {limit} responsibilities.',
    remedy: 'Join duties that rest on one instrument.',
  },
  'ids-not-in-order': {
    kind: 'invalid',
    message: 'The ids are not those the register gives.',
    remedy: 'Number a new title from 1 in the order of reading; leave the ids of what an act adds at zero.',
  },
  'presentation-stated': {
    kind: 'invalid',
    message: 'The act states a presentation number, which only the register gives.',
    remedy: 'Leave the presentation number at zero.',
  },
  'ownership-missing': {
    kind: 'invalid',
    message: 'No right of the unit holds the land itself.',
    remedy: 'State who holds it, as an unknown party if need be.',
    rule: ISO,
  },
  'holding-missing': {
    kind: 'invalid',
    message: 'A right has no holder.',
    remedy: 'State at least one holding, of an unknown party if need be.',
    rule: ISO,
  },
  'key-repeated': {
    kind: 'invalid',
    message: 'Two holdings of one right have the same key.',
    remedy: 'Have each holder give a key of their own, or join the two holdings.',
    rule: 'L8',
  },
  'asked-twice': {
    kind: 'invalid',
    message: 'Somebody who must be asked of a holding holds it, or is named twice for it.',
    remedy: 'Give the key of the person who must be asked, name the other holding, or leave the charge out.',
    rule: 'L8',
  },
  'shares-contradict-tenancy': {
    kind: 'invalid',
    message: 'The shares do not fit the tenancy.',
    remedy:
      'State all shares when the tenancy is sole or common, and none when it is joint or unrecorded; one holder is sole, a joint right has two or more.',
    rule: 'L2',
  },
  'shares-not-whole': {
    kind: 'invalid',
    message: 'The shares do not sum to one whole.',
    remedy: 'Correct the shares so that the numerators sum to the denominator.',
    rule: 'L2',
  },
  'person-repeated': {
    kind: 'invalid',
    message: 'One person, by one id, is named for two holdings of one right.',
    remedy:
      'Give the person one holding with the whole of the share, or correct the id of whom it belongs to.',
    rule: 'L2',
  },
  'id-of-another-name': {
    kind: 'conflict',
    message: 'The id is that of somebody who stands in the records of this institution under another name.',
    remedy:
      'Look at the document again, and correct the id; where it is one person, whose name changed or is written otherwise, add `"answer": "same-person"` to the party.',
    rule: 'L2',
  },
  'nothing-asked': {
    kind: 'invalid',
    message: 'The party has an answer, and nothing is asked of its id.',
    remedy: 'Leave `answer` out, and look whether the id is the right one: nobody has it under another name.',
  },
  'reach-too-wide': {
    kind: 'invalid',
    message: 'The restriction blocks or asks for an act that no restriction may.',
    remedy: 'Leave out discharges, withdrawals, cautions, orders and transmissions.',
    rule: 'L7',
  },
  'lapse-out-of-bounds': {
    kind: 'invalid',
    message: 'The lapse has passed, or a notice states none or one too far off.',
    remedy: 'State a date that comes; of a caution, one within the time that the members allow.',
    rule: 'L7',
  },
  'rank-taken': {
    kind: 'conflict',
    message: 'The charge does not rank next behind those on the title, or a notice states a rank.',
    remedy: 'State the next rank after the last one on the titles; leave it at zero for a caution.',
    rule: 'L7',
  },
  'target-missing': {
    kind: 'invalid',
    message: 'What it lies on is not in the unit, or cannot carry it.',
    remedy: 'Name a right of the unit and, where meant, a holding of that right.',
  },
  'spatial-unit-taken': {
    kind: 'conflict',
    message: 'A spatial unit is or was of another unit, or is not of the office.',
    remedy: 'Find the unit that has it; a new survey brings new spatial units.',
    rule: 'L1',
  },
  'right-missing': {
    kind: 'missing',
    message: 'The unit has no such right.',
    remedy: 'Name a right of the state in force.',
  },
  'right-changed': {
    kind: 'invalid',
    message: 'A transfer changes holders and shares, nothing else of a right.',
    remedy: 'Leave kind, standing, dates, target and terms of the right as they are.',
  },
  'holding-changed': {
    kind: 'invalid',
    message: 'A holding that stays is changed, out of order, or not of this right.',
    remedy: 'Repeat the holdings that stay, in order, then state the new ones with id zero.',
  },
  'nothing-moves': {
    kind: 'invalid',
    message: 'No holding is removed or reduced.',
    remedy: 'State the right as it is to be after the transfer.',
  },
  'unrecorded-part-moves': {
    kind: 'invalid',
    message: 'A part cannot move while the shares are unrecorded.',
    remedy: 'Have the shares recorded first, or transfer the whole.',
    rule: 'L2',
  },
  'restricted-holding-removed': {
    kind: 'conflict',
    message: 'A charge lies on a holding that would end.',
    remedy: 'Have the charge discharged by its holder first.',
    rule: 'L7',
  },
  'restriction-kind-refused': {
    kind: 'invalid',
    message: 'This act creates mortgages and cautions only, or a charge stands among the notices.',
    remedy: 'Use the act meant for that kind of restriction.',
  },
  'target-needs-one-unit': {
    kind: 'invalid',
    message: 'A restriction over several units cannot lie on one right or holding.',
    remedy: 'Leave the target empty, or restrict each unit by its own act.',
  },
  'instrument-used': {
    kind: 'conflict',
    message: 'The instrument has created a restriction before.',
    remedy: 'A caution is not renewed on the same ground; a new charge needs its own instrument.',
    rule: 'L8',
  },
  'restriction-missing': {
    kind: 'missing',
    message: 'The unit has no such restriction.',
    remedy: READ_AGAIN,
  },
  'releases-differ': {
    kind: 'invalid',
    message: 'One act either discharges charges or withdraws notices.',
    remedy: 'Prepare one act for each.',
  },
  'nothing-to-sweep': {
    kind: 'conflict',
    message: 'Nothing on the title lapsed more than thirty days ago.',
    remedy: 'Wait, or have the next act on the title drop what lapsed.',
    rule: 'L7',
  },
  'base-unit-stands': {
    kind: 'conflict',
    message: 'Other units have quotas in this one.',
    remedy: 'A base unit stays, with who holds it and what lies on it, as long as units have a share in it.',
  },
  'spatial-unit-missing': {
    kind: 'invalid',
    message: 'A unit that comes of a partition has no spatial unit.',
    remedy: 'State the new spatial units of every new unit.',
  },
  'quota-not-carried': {
    kind: 'invalid',
    message: 'The quotas of the new units are not those of the units that end.',
    remedy: 'Share the quota out without loss, some to each.',
    rule: 'L6',
  },
  'ba-unit-not-dividing': {
    kind: 'conflict',
    message: 'No division of the unit is under way.',
    remedy: 'Read the unit again; open a division, or act on the units that came of it.',
    rule: 'L6',
  },
  'children-differ': {
    kind: 'invalid',
    message: 'The children shown are not the next that the division names.',
    remedy:
      'Show the children in the order of the act, from the first that is not loaded, with the fold of the rest.',
    rule: 'L6',
  },
  'division-repeated': {
    kind: 'conflict',
    message: 'A division into these very children was cancelled.',
    remedy: 'Prepare the division anew: its facts get new salts.',
    rule: 'L1',
  },
  'children-missing': {
    kind: 'conflict',
    message: 'Children of the division are still to be loaded.',
    remedy: 'Load the other children, then complete the division.',
    rule: 'L6',
  },
  'parents-differ': {
    kind: 'invalid',
    message: 'The units are not alike enough to become one.',
    remedy: 'Join units of one base and with one ownership right of the same kind, standing and dates.',
    rule: 'L6',
  },
  'act-blocked': {
    kind: 'conflict',
    message: 'A restriction in force blocks the act.',
    remedy: 'Have it released by its holder, or wait until it lapses.',
    rule: 'L4',
  },
  'right-ended': {
    kind: 'conflict',
    message: 'The right has ended, or the right that it is derived from has.',
    remedy: 'Register a new right; one that has ended neither passes nor is charged.',
  },
  'nobody-signs': {
    kind: 'conflict',
    message:
      'Nobody can sign for a holding or the right is disputed, and no second institution can judge yet.',
    remedy: 'Wait until two institutions hold the quorum, then have the act signed by both.',
    rule: 'P1',
  },
  'consent-missing': {
    kind: 'invalid',
    message: 'Somebody whose consent the act needs has not given it.',
    remedy: 'Collect the consents the prepared act lists, in its order.',
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
    message: 'A consent has expired, or does before the act may be recorded.',
    remedy: 'Ask for that consent again.',
    rule: 'L8',
  },
  'consent-not-given': {
    kind: 'invalid',
    message: 'A consent is not one of that key, for those rights, charges and terms.',
    remedy: 'Have the holder sign the consent that the prepared act shows.',
    rule: 'L8',
  },
  'consent-unneeded': {
    kind: 'invalid',
    message: 'More consents were handed in than the act needs.',
    remedy: 'Hand in the consents the prepared act lists, and no other.',
    rule: 'L8',
  },
  'survey-replaced': {
    kind: 'conflict',
    message: 'Another survey took the ground of the parcel before it was registered.',
    remedy: 'Register the parcel of the newer survey.',
    rule: 'UL2',
  },
  'ground-taken': {
    kind: 'conflict',
    message: 'A title stands on ground of the parcel, or is about to.',
    remedy:
      'Have the parcel surveyed as replacing the other. Where the two share a boundary alone, at most a tenth of either, let an officer decide it when the survey is sent.',
    rule: 'UL2',
  },
  'effect-before-last': {
    kind: 'conflict',
    message: 'The act would take effect before the state that it replaces did.',
    remedy: 'State a day from which the state in force has had effect, or none.',
    rule: 'L5',
  },
  'effect-too-far-ahead': {
    kind: 'invalid',
    message: 'The act would take effect more than a year ahead.',
    remedy: 'State a day within 366 days, or prepare the act later.',
    rule: 'L5',
  },
  'effect-not-consented': {
    kind: 'invalid',
    message: 'Nobody who consents to the act lets it have effect on that day.',
    remedy:
      'State no day, or of a first registration one that is past: nobody consents to it, and it is not dated ahead. Of another act an owner’s consent allows a day within 30 days, that of every owner a later one.',
    rule: 'L5',
  },
  'parcel-not-surveyed': {
    kind: 'missing',
    message: 'The cadastre has no parcel for this unit.',
    remedy: 'Send the survey first and use the unit it answers.',
    rule: 'L1',
  },
} as const satisfies Record<string, RefusalRow>;
