import type { RefusalRow } from './row.ts';

const FROM_A_COPY = 'Take the file from a copy; nothing was changed.';
const CHANGED_SINCE =
  'Do not sign: nothing was signed. Ask for the act again. Where it differs again, keep the file and tell who runs the ' +
  'gateway and your auditor.';
const NOT_SIGNED = 'Nothing was signed. Ask for the act to be prepared again, and tell who runs the gateway.';

/** What the key ring of a person who signs refuses, and what an independent signer finds wrong with a file. */
export const keyRefusals = {
  'keyring-missing': {
    kind: 'missing',
    message: 'There is no key ring in this folder.',
    remedy: 'Name the folder of the keys, or make its first key with `kudurru keys create`.',
  },
  'keyring-exists': {
    kind: 'conflict',
    message: 'The folder holds keys already.',
    remedy: 'Use that key ring, or name an empty folder.',
  },
  'keyring-exposed': {
    kind: 'forbidden',
    message: 'Other users of the machine can reach these keys.',
    remedy:
      'Set the folder to mode 0700 and its files to 0600; replace the keys if anybody may have copied them.',
    rule: 'CS2',
  },
  'keyring-in-data-folder': {
    kind: 'forbidden',
    message: 'The keys lie inside the data folder of the gateway.',
    remedy: 'Keep them elsewhere: whoever holds the gateway must not hold a key that approves.',
    rule: 'BR2',
  },
  'keyring-damaged': {
    kind: 'invalid',
    message: 'The key ring is not as it was written.',
    remedy: FROM_A_COPY,
  },
  'passphrase-wrong': {
    kind: 'forbidden',
    message: 'This passphrase does not open the key ring.',
    remedy: 'Type it again. There is no way round a lost passphrase: revoke the keys and make others.',
  },
  'passphrase-too-short': {
    kind: 'invalid',
    message: 'The passphrase has fewer than {limit} characters.',
    remedy: 'Take several words that do not belong together.',
  },
  'key-name-malformed': {
    kind: 'malformed',
    message:
      'The name of a key has 1 to {limit} characters: a to z, 0 to 9 and hyphens, the first no hyphen.',
    remedy: 'Choose another name.',
  },
  'key-name-taken': {
    kind: 'conflict',
    message: 'The key ring has a key of this name.',
    remedy: 'Choose another name: a key is never written over.',
  },
  'key-missing': {
    kind: 'missing',
    message: 'The key ring has no key of this name.',
    remedy: 'Look at `kudurru keys list`.',
  },
  'key-damaged': {
    kind: 'invalid',
    message: 'The file of a key is not as it was written, or belongs to another key ring.',
    remedy: FROM_A_COPY,
  },
  'key-of-another-kind': {
    kind: 'invalid',
    message: 'This key is not of the kind the command needs.',
    remedy: 'Officers sign with keys of kind `officer`; cards and holders derive theirs from a `seed`.',
  },
  'founding-file-malformed': {
    kind: 'malformed',
    message: 'This is not a founding file of this version.',
    remedy: 'Write it with `kudurru officer founding`; change no more than its values.',
  },
  'founding-inconsistent': {
    kind: 'invalid',
    message: 'The founding does not hold together: {rule}.',
    remedy: 'Correct the place named: the Consortium would refuse to be founded so.',
  },
  'founding-validator-missing': {
    kind: 'invalid',
    message: 'The founding file names the node that founds as its validator, and no such node founds.',
    remedy: 'Name the addresses of the validators in the founding file, in the order of the Charter.',
  },
  'founding-verifier-missing': {
    kind: 'invalid',
    message: 'The founding file allows a kind of key for which no verifier is deployed.',
    remedy: 'Deploy the verifier first, or found without keys of that kind.',
  },
  'officer-record-malformed': {
    kind: 'malformed',
    message: "This is not an officer's public record of this version.",
    remedy: 'Write it with `kudurru officer record`.',
  },
  'act-file-malformed': {
    kind: 'malformed',
    message: 'This is not the file of a prepared act of this version.',
    remedy: 'Download the act again.',
  },
  'act-type-unknown': {
    kind: 'invalid',
    message: 'The act is none that this version can read, so nobody could say what it does.',
    remedy:
      'Nothing was signed. Read it with the version of the gateway that prepared it; preparing it again does not help. Where that is this version, tell who runs the gateway.',
    rule: 'BR2',
  },
  'act-id-differs': {
    kind: 'invalid',
    message: 'The id of the {kind} is {said}, and what it says hashes to {found}. Changed: {changed}.',
    remedy: CHANGED_SINCE,
    rule: 'BR2',
  },
  'approval-differs': {
    kind: 'invalid',
    message: 'The approval is not one of this act on this ledger.',
    remedy: NOT_SIGNED,
    rule: 'BR2',
  },
  'consent-differs': {
    kind: 'invalid',
    message: 'A consent asked for is not one to this act on this ledger.',
    remedy: NOT_SIGNED,
    rule: 'L8',
  },
  'consents-amiss': {
    kind: 'invalid',
    message: 'The register would refuse the act: its consents are not those that its own rules ask for.',
    remedy: NOT_SIGNED,
    rule: 'L8',
  },
  'ground-differs': {
    kind: 'invalid',
    message: 'A number or an area that the act says of a parcel is not that of the ground which it opens.',
    remedy: NOT_SIGNED,
    rule: 'BR2',
  },
  'rules-broken': {
    kind: 'invalid',
    message: 'The register would refuse the act: it breaks {count} of its own rules.',
    remedy: NOT_SIGNED,
    rule: 'BR2',
  },
  'register-unchecked': {
    kind: 'invalid',
    message:
      'No trust file says at which address this register of the ledger is, so the address was not checked.',
    remedy:
      'Pass `--trust`. Of a register that the trust file does not list, compare the address that is shown with the one your institution has, then sign with `--unchecked`.',
    rule: 'BR2',
  },
  'consent-of-another-key': {
    kind: 'forbidden',
    message: 'No consent that the act asks for is by this key.',
    remedy:
      'Use the seed of the holding that is named; where it was first given in another unit, name that unit and number.',
    rule: 'L8',
  },
  'key-not-held': {
    kind: 'forbidden',
    message: 'The key did not sign that it is held, for this unit, instrument, card or till on this ledger.',
    remedy:
      'Have it shown again by `kudurru holder record`, `lender record`, `card make` or `till key`, for what is named here.',
    rule: 'L8',
  },
  'key-of-another-holding': {
    kind: 'invalid',
    message:
      'The key was made for another number than {number}, which the register gives this holding; the unit has {there}.',
    remedy:
      'Have the key made for that number: `kudurru holder record --holding` with it, and send what it prints.',
    rule: 'L8',
  },
  'key-not-shown': {
    kind: 'forbidden',
    message: "A key becomes somebody's only with its own signature that it is held.",
    remedy:
      'Add `possession`, as `kudurru holder record`, `lender record`, `card make` or `till key` prints it; whoever has no key is written down without one.',
    rule: 'L8',
  },
  'seed-text-malformed': {
    kind: 'malformed',
    message: 'This is no seed as it is printed, or a sign of it was misread.',
    remedy: 'Compare it with the print, group by group; a seed that lacks a group cannot be made up.',
  },
  'opening-differs': {
    kind: 'invalid',
    message: 'What is opened does not belong to the act: {why}.',
    remedy: CHANGED_SINCE,
    rule: 'BR2',
  },
  'words-beside-a-hash': {
    kind: 'invalid',
    message: 'Words and a hash stand for one thing, and the hash could be of other words.',
    remedy: 'Leave the hash out: the gateway salts the words and makes it.',
    rule: 'BR2',
  },
  'commitment-unopened': {
    kind: 'invalid',
    message: '{count} commitments of the act are not opened, so nobody can say what they stand for.',
    remedy:
      'Ask for the act with its openings, as `GET /acts/{id}?purpose=registration` answers them to an institution that must approve it; pass `--unopened` only if you know them from elsewhere.',
    rule: 'BR2',
  },
  'act-of-another-ledger': {
    kind: 'invalid',
    message: 'The act is not for the ledger of the trust file.',
    remedy: `${NOT_SIGNED} Where its register was succeeded, take the trust file of now, of \`kudurru succession trust\`.`,
    rule: 'BR2',
  },
  'signing-declined': {
    kind: 'conflict',
    message: 'Nothing was signed.',
    remedy: 'Sign the act when you agree with every line of it.',
  },
  'officer-differs': {
    kind: 'forbidden',
    message: 'The act names another officer than the one this key belongs to.',
    remedy: 'Use the key of the officer named, or have the act prepared for this one.',
    rule: 'BR2',
  },
} as const satisfies Record<string, RefusalRow>;
