import type { RefusalRow } from './row.ts';

const ASK_AGAIN = 'Ask for the evidence again, if need be from another institution.';
const DISTRUST = 'Do not rely on this evidence; report it to an auditor.';

/** Why evidence proves nothing: a verifier names each failure apart (XR6). */
export const auditRefusals = {
  'trust-file-malformed': {
    kind: 'malformed',
    message: 'The trust file is not one that a founding wrote.',
    remedy: 'Obtain the trust file again and compare its fingerprint with the published one.',
    rule: 'XR6',
  },
  'trust-file-differs': {
    kind: 'invalid',
    message: 'The trust file in the data folder is not the one of this ledger.',
    remedy:
      'Take it away and start again: it is written anew. Compare its fingerprint with the one given out.',
  },
  'checkpoint-unproved': {
    kind: 'invalid',
    message:
      'The checkpoint of the trust file is a later one than that of the data folder, and nothing proves it from there.',
    remedy:
      'Name in KUDURRU_LINEAGE the certificate that the checkpoint was moved by, or start with the trust file of before.',
    rule: 'XR6',
  },
  'evidence-malformed': {
    kind: 'malformed',
    message: 'The evidence file is not in the form of its kind.',
    remedy: ASK_AGAIN,
    rule: 'XR6',
  },
  'format-unknown': {
    kind: 'invalid',
    message: 'The file, or a state in it, is of another version of its format than this program knows.',
    remedy: 'Use the release that wrote it, or a newer one.',
    rule: 'XR6',
  },
  'header-malformed': {
    kind: 'malformed',
    message: 'A block header is not in the form that any known fork writes.',
    remedy: ASK_AGAIN,
    rule: 'XR6',
  },
  'header-parent-differs': {
    kind: 'invalid',
    message: 'A block header does not name the header before it as its parent.',
    remedy: DISTRUST,
    rule: 'XR6',
  },
  'seal-not-by-member': {
    kind: 'invalid',
    message: 'A seal is not by a validator of the set in force, or is over another header.',
    remedy: DISTRUST,
    rule: 'XR6',
  },
  'seal-repeated': {
    kind: 'invalid',
    message: 'One validator sealed the header twice.',
    remedy: DISTRUST,
    rule: 'XR6',
  },
  'seals-too-few': {
    kind: 'invalid',
    message: '{found} validators sealed the header and {needed} must.',
    remedy: ASK_AGAIN,
    rule: 'XR6',
  },
  'lineage-kind-differs': {
    kind: 'invalid',
    message: 'The evidence is of another kind of ledger than the trust file names.',
    remedy: 'Check that the trust file belongs to the ledger that issued the evidence.',
    rule: 'XR6',
  },
  'lineage-not-from-genesis': {
    kind: 'invalid',
    message: 'The headers do not start from the genesis or checkpoint of the trust file.',
    remedy:
      'Check that the trust file belongs to the ledger that issued the evidence; if it does, report it.',
    rule: 'XR6',
  },
  'lineage-broken': {
    kind: 'invalid',
    message: 'The changes of validators do not follow one another up to the header.',
    remedy: DISTRUST,
    rule: 'XR6',
  },
  'lineage-incomplete': {
    kind: 'invalid',
    message: 'The changes of validators do not lead to the set in force at the header.',
    remedy: ASK_AGAIN,
    rule: 'XR6',
  },
  'lineage-step-idle': {
    kind: 'invalid',
    message: 'A step of the lineage changes no validator.',
    remedy: ASK_AGAIN,
    rule: 'XR6',
  },
  'lineage-too-long': {
    kind: 'exhausted',
    message: 'The lineage has more than {most} changes of validators.',
    remedy: 'Obtain a trust file with a later checkpoint.',
    rule: 'XR6',
  },
  'validators-malformed': {
    kind: 'invalid',
    message: 'The proved list of validators is empty, too long, or holds what is no validator or one twice.',
    remedy: DISTRUST,
    rule: 'XR6',
  },
  'validators-listed-in-header': {
    kind: 'invalid',
    message: 'A header lists validators on a ledger whose Charter lists them.',
    remedy: 'Check that the trust file belongs to the ledger that issued the evidence.',
    rule: 'XR6',
  },
  'validators-changed-in-header': {
    kind: 'invalid',
    message: 'A header lists other validators than the trust file, and headers alone cannot prove a change.',
    remedy: 'Obtain a trust file with the validators now in force.',
    rule: 'XR6',
  },
  'checkpoint-missing': {
    kind: 'invalid',
    message: 'The evidence does not start from the checkpoint of the trust file.',
    remedy: 'Ask for evidence made for this trust file.',
    rule: 'XR6',
  },
  'checkpoint-differs': {
    kind: 'invalid',
    message: 'The evidence starts from another block than the checkpoint of the trust file.',
    remedy: DISTRUST,
    rule: 'XR6',
  },
  'checkpoint-not-reached': {
    kind: 'invalid',
    message: 'The header is not later than the checkpoint of the trust file.',
    remedy: 'Have the evidence renewed.',
    rule: 'XR6',
  },
  'head-not-signed-by-node': {
    kind: 'invalid',
    message: 'The header is not signed by the node of the trust file.',
    remedy: DISTRUST,
    rule: 'XR6',
  },
  'witness-unknown': {
    kind: 'invalid',
    message: 'A co-signature is not by a witness of the trust file.',
    remedy: DISTRUST,
    rule: 'XR6',
  },
  'witness-repeated': {
    kind: 'invalid',
    message: 'One witness co-signed the header twice.',
    remedy: DISTRUST,
    rule: 'XR6',
  },
  'witnesses-too-few': {
    kind: 'invalid',
    message: '{found} witnesses co-signed the header and {needed} must.',
    remedy: ASK_AGAIN,
    rule: 'XR6',
  },
  'chain-id-differs': {
    kind: 'invalid',
    message: 'The Charter was founded on another chain than the trust file names.',
    remedy:
      'Check that the trust file belongs to the ledger that issued the evidence; if it does, report it.',
    rule: 'XR6',
  },
  'state-id-repeated': {
    kind: 'invalid',
    message: 'The state shown gives one id twice, or one that the unit has not given out.',
    remedy: DISTRUST,
    rule: 'XR6',
  },
  'fact-without-commitment': {
    kind: 'invalid',
    message: 'A fact belongs to no commitment that the certificate shows.',
    remedy: ASK_AGAIN,
    rule: 'XR6',
  },
  'fact-not-committed': {
    kind: 'invalid',
    message: 'A fact is not the one that the state commits to.',
    remedy: DISTRUST,
    rule: 'XR6',
  },
  'fact-repeated': {
    kind: 'invalid',
    message: 'The certificate shows one fact twice.',
    remedy: ASK_AGAIN,
    rule: 'XR6',
  },
  'certificate-state-differs': {
    kind: 'invalid',
    message: 'The state shown is not the one the register kept.',
    remedy: DISTRUST,
    rule: 'XR6',
  },
  'issued-at-differs': {
    kind: 'invalid',
    message: 'The certificate states another time than the block it is proved in.',
    remedy: DISTRUST,
    rule: 'XR6',
  },
  'register-frozen': {
    kind: 'gone',
    message: 'The register was frozen when it was read; another continues it.',
    remedy:
      'Ask for a certificate of the register that continues it. Whether one of before is current, the trust file of now says: ' +
      '`kudurru succession trust` writes it, `kudurru verify` takes it as --trust-now.',
    rule: 'XR6',
  },
  'register-not-in-force': {
    kind: 'invalid',
    message: 'The Charter names another register of land than the trust file.',
    remedy: 'Obtain the trust file of the register now in force.',
    rule: 'XR6',
  },
  'unit-not-registered': {
    kind: 'missing',
    message: 'The register keeps nothing of the unit.',
    remedy: DISTRUST,
    rule: 'XR6',
  },
  'state-superseded': {
    kind: 'conflict',
    message: 'The unit has changed since the certificate was issued.',
    remedy: 'Ask for a new certificate.',
    rule: 'XR6',
  },
  'node-behind': {
    kind: 'invalid',
    message: 'The node that was asked is behind the certificate.',
    remedy: 'Ask another node.',
    rule: 'XR6',
  },
  'journal-entry-missing': {
    kind: 'invalid',
    message: 'The journal lacks entry {index}, or has it in another place.',
    remedy: DISTRUST,
    rule: 'P8',
  },
  'proof-node-missing': {
    kind: 'invalid',
    message: 'A state proof ends before its answer.',
    remedy: ASK_AGAIN,
    rule: 'XR6',
  },
  'proof-node-mismatched': {
    kind: 'invalid',
    message: 'A node of a state proof does not hash to the reference that led to it.',
    remedy: DISTRUST,
    rule: 'XR6',
  },
  'proof-node-unused': {
    kind: 'invalid',
    message: 'A state proof has nodes after its answer.',
    remedy: ASK_AGAIN,
    rule: 'XR6',
  },
  'proof-node-malformed': {
    kind: 'malformed',
    message: 'A node of a state proof is not in the one form a trie has.',
    remedy: DISTRUST,
    rule: 'XR6',
  },
  'proof-value-malformed': {
    kind: 'malformed',
    message: 'A proved account or slot is not in the form a chain stores.',
    remedy: DISTRUST,
    rule: 'XR6',
  },
  'proof-slot-missing': {
    kind: 'invalid',
    message: 'A state proof does not cover a slot it must.',
    remedy: ASK_AGAIN,
    rule: 'XR6',
  },
  'proof-slot-unused': {
    kind: 'invalid',
    message: 'A state proof covers slots that nobody asked for.',
    remedy: ASK_AGAIN,
    rule: 'XR6',
  },
  'proof-slot-repeated': {
    kind: 'invalid',
    message: 'A state proof covers one slot twice.',
    remedy: ASK_AGAIN,
    rule: 'XR6',
  },
  'account-absent': {
    kind: 'missing',
    message: 'The account does not exist in the proved state.',
    remedy: 'Check that the trust file belongs to the ledger that issued the evidence.',
    rule: 'XR6',
  },
  'contract-differs': {
    kind: 'invalid',
    message: 'The proof is of another contract than the trust file names.',
    remedy:
      'Check that the trust file belongs to the ledger that issued the evidence, and is of its time: one more is written when a ' +
      'register or the consortium is succeeded.',
    rule: 'XR6',
  },
  'contract-code-differs': {
    kind: 'invalid',
    message: 'The contract has other code than the trust file names.',
    remedy:
      'Check that the trust file belongs to the ledger that issued the evidence; if it does, report it.',
    rule: 'XR6',
  },
} as const satisfies Record<string, RefusalRow>;
