import type { RefusalRow } from './row.ts';

const REPORT =
  'Nothing is written any more and both headers are kept. Report it to every institution and an auditor; `docs/operating.md` says how it ends.';

/** Why a chain, our own or a node's, is not the one this ledger stands on. */
export const chainRefusals = {
  'replay-differs': {
    kind: 'invalid',
    message: 'Block {blockNumber} does not come out of the journal with the hash it was written with.',
    remedy: 'Start the version that wrote it, or restore the data folder from a backup.',
    rule: 'HA1',
  },
  'clock-doubtful': {
    kind: 'conflict',
    message:
      "This machine's clock is {days} days after the newest block and after the last time the gateway ran, so no block is made.",
    remedy: 'Check the clock; if it is right, start once with `kudurru up --accept-clock`.',
  },
  'fork-unsupported': {
    kind: 'invalid',
    message: 'This ledger was founded under rules that this version cannot execute.',
    remedy: 'Start the version that founded it.',
  },
  'ledger-differs': {
    kind: 'invalid',
    message: 'This is another ledger than the one that is trusted here: its {what} differs.',
    remedy: 'Check the address of the node, or the folder, and where the trust file came from.',
    rule: 'XR3',
  },
  'node-silent': {
    kind: 'conflict',
    message: 'No node of KUDURRU_NODES answers.',
    remedy:
      'Start one, or name another; look at the address, at the credentials and at what the node lets in.',
  },
  'node-lets-nobody-in': {
    kind: 'conflict',
    message: 'The node answers {status}: it does not let this gateway in.',
    remedy:
      'Look at KUDURRU_NODE_CREDENTIALS, at when its token ends, and at whom the node lets in (Besu: `host-allowlist`).',
  },
  'node-busy': {
    kind: 'conflict',
    message: 'The node answers {status}: more is asked of it than it takes.',
    remedy: 'Name a node that nobody else asks, or raise what it takes.',
  },
  'node-sends-elsewhere': {
    kind: 'conflict',
    message: 'The node answers {status} and names another address, which is not followed.',
    remedy: 'Write that address in KUDURRU_NODES, if it is one that you mean to ask.',
  },
  'node-answers-too-much': {
    kind: 'conflict',
    message: 'The node answered with more than {megabytes} MB, which no block of this ledger takes.',
    remedy: 'Name another node.',
  },
  'node-speaks-otherwise': {
    kind: 'conflict',
    message: 'What answers at the address of the node is no JSON-RPC (status {status}).',
    remedy: 'Look at its port and path, at whether JSON-RPC is switched on, and at the proxy before it.',
  },
  'reason-not-told': {
    kind: 'conflict',
    message: 'The ledger did not record the act, and no node answered when it was asked why.',
    remedy: 'Order it again with the same body once a node answers: it is recorded, or refused by name.',
  },
  'node-lost-blocks': {
    kind: 'conflict',
    message: 'The node has {blocks} blocks fewer than were final here.',
    remedy:
      'Wait while it copies the chain from the others; where it was wiped and copies nothing, look at its peers, or name another.',
  },
  'gateway-behind': {
    kind: 'conflict',
    message: 'The node has {blocks} blocks that are not read here yet.',
    remedy: 'Wait until they are; the log says how far it is.',
  },
  'blocks-overdue': {
    kind: 'conflict',
    message: 'No block has become final for {seconds} seconds.',
    remedy:
      'Ask the other members whether their validators run: fewer than a quorum make no block. After a lost quorum restart all of them.',
  },
  'node-keeps-too-little': {
    kind: 'missing',
    message: 'The node proves nothing of the state of block {blockNumber}.',
    remedy:
      'Name a newer certificate of another member in KUDURRU_LINEAGE, or an archive in KUDURRU_NODES; of the newest states let the node keep proofs (Besu with BONSAI: `bonsai-historical-block-limit`).',
  },
  'data-folder-of-network': {
    kind: 'conflict',
    message: 'This data folder belongs to a ledger that is not in it.',
    remedy:
      'Name the nodes of its network in KUDURRU_NODES; or restore `precious` beside `trust.json` from the backup.',
  },
  'data-folder-of-own-chain': {
    kind: 'conflict',
    message: 'This data folder holds a chain of its own, and KUDURRU_NODES names a network.',
    remedy: 'Take KUDURRU_NODES out, or name another folder in KUDURRU_DATA.',
  },
  'network-not-founded': {
    kind: 'missing',
    message: 'The Charter of this network has not named its {contract}.',
    remedy: 'Found it first: deploy/README.md says how. The gateway founds nothing on a network.',
  },
  'network-contract-unknown': {
    kind: 'conflict',
    message: 'The Charter of this network never put the {contract} of the trust file in force.',
    remedy: 'Obtain the trust file from the other members again, and compare its fingerprint with theirs.',
  },
  'institution-not-member': {
    kind: 'missing',
    message: 'The ledger has no institution of the number that KUDURRU_INSTITUTION says.',
    remedy: 'Set the number that the members gave this institution.',
  },
  'block-differs': {
    kind: 'conflict',
    message: 'The node shows another block {blockNumber} than the one that was final here.',
    remedy: REPORT,
    rule: 'XR3',
  },
  'ledger-unverified': {
    kind: 'invalid',
    message: 'What the node says about block {blockNumber} does not verify: {what}.',
    remedy: 'Ask another node; if that one agrees, report it.',
    rule: 'XR3',
  },
  'transaction-malformed': {
    kind: 'malformed',
    message: 'A transaction of a block is not in a form that any known fork has.',
    remedy: 'Ask another node.',
    rule: 'XR6',
  },
} as const satisfies Record<string, RefusalRow>;
