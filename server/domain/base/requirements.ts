/**
 * What refusals cite beside the rules of the registers: requirements that the ledger was built to, and standards that files
 * are written in. `GET /rules` answers them with the rules, so that whatever a refusal names can be looked up.
 */
export interface Requirement {
  readonly id: string;
  /** Ours to keep, or somebody else's that we follow. */
  readonly source: 'requirement' | 'standard';
  readonly says: string;
}

const required = (id: string, says: string): Requirement => ({ id, source: 'requirement', says });
const standard = (id: string, says: string): Requirement => ({ id, source: 'standard', says });

export const REQUIREMENTS: readonly Requirement[] = [
  required('AA1', 'Nobody loses an entitlement because one officer or one machine says no.'),
  required(
    'AA3',
    'Nobody is left off a list in silence: whoever is not to be paid is left out by a decision.',
  ),
  required('AA6', 'No document is asked of a person where the programme needs none.'),
  required(
    'BB2',
    'There are enough validators of different organisations that one may stop and the ledger goes on.',
  ),
  required(
    'BB3',
    'No single key adds or removes a member, a validator or a register: the members do, by a vote.',
  ),
  required('BB6', 'A card that was replaced serves no more, and nothing that it signed counts twice.'),
  required('BR1', 'Each kind of act is signed by officers whose role it is.'),
  required(
    'BR2',
    "A signature is the officer's own, over exactly what was shown, and the contract checks it.",
  ),
  required('CS2', 'Keys and tokens are kept where nobody else reads them, end, and can be replaced.'),
  required('CS3', 'Every body, file, page, queue and rate has a limit, and whoever meets it is told.'),
  required('DG2', 'What is kept no longer is destroyed, and answers as if it had never been.'),
  required(
    'DG4',
    'One institution reads what another keeps only where an agreement or a pending act says so.',
  ),
  required('GE3', 'What was handed in is kept whole, and can be brought back.'),
  required('HA1', 'The registers are rebuilt from the blocks alone, to the same bytes.'),
  required('RP2', 'Nothing granted is taken back before its time, nor without an entry that says so.'),
  required('RP4', 'A person is read for a named purpose of the reader, and reads her own by her own proof.'),
  required('RP6', 'Nobody deducts anything that the payee does not see.'),
  required(
    'UL2',
    'A parcel has one number and its own ground, and what another parcel has is not given again.',
  ),
  required('XR3', 'Where evidence cannot be written or checked, nothing new is taken.'),
  required(
    'XR6',
    'A verifier needs the file and a trust file alone, and names each way in which they may disagree.',
  ),
  required('XR8', 'Who asks, and for which case, goes with every reading of a person.'),
  standard(
    'ISO 19152',
    'Land: a unit with rights, each with its holders, and of every word one that is stated.',
  ),
  standard('RFC 4180', 'Tables of text: fields between commas, quotes only around a whole field.'),
  standard('RFC 7946', 'GeoJSON: longitude before latitude in degrees of WGS 84, rings that close.'),
];
