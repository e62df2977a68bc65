/**
 * `kudurru audit`: is what a node shows the ledger that a trust file names, and does everything on it hold?
 *
 * Hides how a node is questioned. Promises: no store, no key and no gateway is needed, and nothing of the node is believed
 * beyond what a signature, a hash or a proof shows; the contracts are those of this version, byte for byte; a node that
 * gives up answering is `NodeSilent`, never a finding. For the command.
 */
import { type ChainFinding, type Derivation, deriveChain } from './derivation.ts';
import { CONTRACT_OF, registerDomain, type SigningRegister } from './domain/acts/domains.ts';
import type { EventBlock } from './domain/acts/events.ts';
import { readEvidence } from './domain/audit/evidence.ts';
import { type FinalHeader, verifyFinality } from './domain/audit/lineage.ts';
import { notShownVerdict, type SignatureCount } from './domain/audit/replaySignatures.ts';
import { contractInWords, fingerprint, type TrustedContracts, type TrustFile } from './domain/audit/trust.ts';
import { type Address, type Bytes32, fromHex, type Hex, toHex } from './domain/base/hex.ts';
import { Refusal } from './domain/base/refusal.ts';
import { AnswersMissing, answersIn, keepingAnswers } from './ledger/answered.ts';
import { addressesIn, isCodeOf } from './ledger/deployedCode.ts';
import { partsOf } from './ledger/events.ts';
import { keccak256 } from './ledger/keccak.ts';
import { type Ledger, openLedger, pinOf, type VerifiedBlock } from './ledger/ledger.ts';
import { HttpNode } from './ledger/node.ts';
import { type ChainProvider, quantity, readData, readQuantity } from './ledger/provider.ts';

/** A second apart each: a node that restarts is waited for, one that is gone is not. */
const MOST_SILENCES = 30;

/** The node stopped answering, or has nothing to show yet: neither sound nor unsound was found. */
export class NodeSilent extends Error {}

/** What does not hold: on the chain, or of what the trust file demands. */
export type AuditFinding =
  | ChainFinding
  | { readonly check: 'trust'; readonly what: string; readonly code?: string; readonly register?: Address };

export interface LedgerAudit {
  readonly ok: boolean;
  /** The newest block that was derived, and its second. */
  readonly blockNumber: bigint;
  readonly blockHash: Bytes32;
  readonly asOf: number;
  readonly finality: FinalHeader['finality'];
  readonly entries: bigint;
  /** Measures that were ever opened, and votes on them that were ever cast. */
  readonly measures: number;
  readonly votes: number;
  readonly units: number;
  readonly signatures: SignatureCount;
  /** `signature-not-shown: N` where N signatures are in no event and no direct call; beside `ok`, never in its place. */
  readonly verdicts: readonly string[];
  /** Fingerprint of the trust file that was believed. */
  readonly trust: Bytes32;
  /** Contracts of it that were succeeded since it was written, in words: it says what stood then. */
  readonly succeeded: readonly string[];
  /** Where each register is that officers sign for, as of the newest block; what an institution compares addresses with. */
  readonly registers: readonly AuditedRegister[];
  /** In the order of the checks; the first is the one to look at. Empty: everything holds. */
  readonly findings: readonly AuditFinding[];
}

interface AuditedRegister {
  readonly register: SigningRegister;
  /** As the signer's screen says it. */
  readonly name: string;
  readonly address: Address;
}

/** A node, and what it is sent with each request so that it lets us in. */
export interface AskedNode {
  readonly url: string;
  readonly authorization?: () => string;
}

/** Sees each block once it was derived, and how far the derivation goes. */
type OnProgress = (block: EventBlock, through: bigint) => void;

/**
 * Refuses as `ledger-differs` a node of another ledger. `onProgress` is called with each block that was derived. What the
 * node answered is kept as the new file `keep`, where one is named: the ledger itself, to be audited again.
 */
export async function auditLedger(
  asked: AskedNode,
  trust: TrustFile,
  onProgress: OnProgress,
  keep?: string,
): Promise<LedgerAudit> {
  const node = new HttpNode(asked);
  if (keep === undefined) return auditBy(node, trust, onProgress);
  const keeping = keepingAnswers(node, keep);
  let isWhole = false;
  try {
    const audit = await auditBy(keeping, trust, onProgress);
    isWhole = true;
    return audit;
  } finally {
    keeping.end(isWhole);
  }
}

/** The same of a file that was kept, with no node and no network. A file that lacks an answer is `NodeSilent`. */
export async function auditJournal(
  file: string,
  trust: TrustFile,
  onProgress: OnProgress,
): Promise<LedgerAudit> {
  try {
    const answers = answersIn(file);
    try {
      return await auditBy(answers, trust, onProgress);
    } finally {
      answers.close();
    }
  } catch (error) {
    throw error instanceof AnswersMissing ? new NodeSilent(error.message) : error;
  }
}

async function auditBy(
  provider: ChainProvider,
  trust: TrustFile,
  onProgress: OnProgress,
): Promise<LedgerAudit> {
  const silence = new AbortController();
  let silences = 0;
  const onFault = () => {
    silences++;
    if (silences === MOST_SILENCES) silence.abort();
  };
  const ledger = await openLedger({ provider, pin: pinOf(trust), onFault });
  try {
    const through = readQuantity(await provider.request({ method: 'eth_blockNumber' })) ?? 0n;
    if (through === 0n) throw new NodeSilent('The node has no block after the genesis.');
    const derivation = await deriveChain({
      chainId: BigInt(trust.chainId),
      charter: trust.contracts.charter.address,
      ledger,
      through,
      signal: silence.signal,
      onBlock: async (block) => {
        silences = 0;
        onProgress(block, through);
        return true;
      },
    });
    if (silence.signal.aborted) throw new NodeSilent('The node stopped answering.');
    return await judged({ provider, ledger, trust, derivation });
  } finally {
    ledger.close();
  }
}

interface Derived {
  readonly provider: ChainProvider;
  readonly ledger: Ledger;
  readonly trust: TrustFile;
  readonly derivation: Derivation;
}

async function judged(derived: Derived): Promise<LedgerAudit> {
  const { trust, derivation } = derived;
  const { newest, entries, measures, votes, units, signatures } = derivation;
  const findings: AuditFinding[] = [...derivation.findings];
  let finality: FinalHeader['finality'] = trust.lineage === 'embedded' ? 'local' : 'sealed';
  if (newest !== undefined) {
    findings.push(...demandsOf(trust, derivation, newest));
    findings.push(...(await codeFindings(derived, newest)));
    const head = await finalityOf(derived, newest);
    if ('check' in head) findings.push(head);
    else finality = head.finality;
  }
  const notShown = notShownVerdict(signatures);
  return {
    ok: findings.length === 0,
    blockNumber: newest?.number ?? 0n,
    blockHash: newest?.hash ?? trust.genesisHash,
    asOf: newest?.header.timestampSeconds ?? 0,
    finality,
    entries,
    measures,
    votes,
    units,
    signatures,
    verdicts: notShown === undefined ? [] : [notShown],
    trust: fingerprint(trust),
    succeeded: succeededIn(trust, derivation),
    registers: registersOf(trust, derivation),
    findings,
  };
}

/** Of each register the one that was put in force last: a succession freezes the one before. */
function registersOf(trust: TrustFile, { contracts }: Derivation): AuditedRegister[] {
  const found = [...contracts];
  return Object.entries(CONTRACT_OF).flatMap(([named, contract]) => {
    const register = named as SigningRegister;
    const [address] = found.findLast(([, one]) => one === contract) ?? [];
    if (address === undefined) return [];
    return [{ register, name: registerDomain(register, trust, address).name, address }];
  });
}

const TRUSTED = {
  charter: 'charter',
  consortium: 'consortium',
  landRegistry: 'land',
  benefitLedger: 'benefits',
} as const satisfies Record<keyof TrustedContracts, string>;

/** One that the ledger never had in force is a finding, and no older one. */
function succeededIn({ contracts: trusted }: TrustFile, { contracts }: Derivation): string[] {
  return Object.entries(TRUSTED).flatMap(([name, contract]) => {
    const { address } = trusted[name as keyof TrustedContracts];
    const isLast = [...contracts].findLast(([, one]) => one === contract)?.[0] === address;
    return isLast || contracts.get(address) !== contract ? [] : [contractInWords(name)];
  });
}

/** What the trust file says beyond the genesis that the node was opened with. */
function demandsOf(
  trust: TrustFile,
  { contracts, ledgerNonce }: Derivation,
  newest: VerifiedBlock,
): AuditFinding[] {
  const findings: AuditFinding[] = [];
  const { blockNumber } = trust.minimumCheckpoint;
  if (newest.number < BigInt(blockNumber)) {
    const what = `The node ends before block ${blockNumber}, which the trust file demands.`;
    findings.push({ check: 'trust', what });
  }
  if (ledgerNonce !== trust.ledgerNonce) {
    findings.push({
      check: 'trust',
      what: 'The ledger was founded with another nonce than the trust file has.',
    });
  }
  for (const [name, contract] of Object.entries(TRUSTED)) {
    const { address } = trust.contracts[name as keyof TrustedContracts];
    if (contracts.get(address) === contract) continue;
    const what = `The ledger never put in force the ${name} of the trust file.`;
    findings.push({ check: 'trust', what, register: address });
  }
  return findings;
}

/** The code of each contract is proved, is what this version compiles to, and names the parts that were followed. */
async function codeFindings({ provider, ledger, trust, derivation }: Derived, newest: VerifiedBlock) {
  const findings: AuditFinding[] = [];
  const say = (what: string, register: Address) => findings.push({ check: 'trust', what, register });
  const pinned = new Map(Object.values(trust.contracts).map(({ address, codeHash }) => [address, codeHash]));
  for (const [address, contract] of derivation.contracts) {
    const { codeHash } = (await ledger.prove(address, [], newest)).state.account;
    const code = await codeAt(provider, address, newest.number);
    if (code === undefined || toHex(keccak256(fromHex(code))) !== codeHash) {
      say('The node does not show the code whose hash it proves.', address);
      continue;
    }
    if ((pinned.get(address) ?? codeHash) !== codeHash)
      say('The code of a contract is not the one of the trust file.', address);
    if (!isCodeOf(contract, code))
      say(`The code of the ${contract} is not what this version compiles to.`, address);
    const named = new Set([...addressesIn(contract, code)].map((part) => derivation.contracts.get(part)));
    for (const part of partsOf(contract))
      if (!named.has(part))
        say(`The ${part} that the node told of is not the one of the ${contract}.`, address);
  }
  return findings;
}

async function codeAt(
  provider: ChainProvider,
  address: Address,
  blockNumber: bigint,
): Promise<Hex | undefined> {
  return readData(
    await provider.request({ method: 'eth_getCode', params: [address, quantity(blockNumber)] }),
  );
}

/** Validators sealed every block on the way; an embedded ledger's head must have as many witnesses as the file asks for. */
async function finalityOf(
  { provider, trust }: Derived,
  newest: VerifiedBlock,
): Promise<Pick<FinalHeader, 'finality'> | AuditFinding> {
  if (trust.lineage !== 'embedded') return { finality: 'sealed' };
  const params = [quantity(newest.number)];
  try {
    const final = verifyFinality(
      trust,
      readEvidence(await provider.request({ method: 'kudurru_finality', params }), ''),
    );
    if (final.blockHash === newest.hash) return final;
    return { check: 'trust', what: 'The node shows the finality of another block than its newest.' };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { check: 'trust', what: error.message, code: error.code };
  }
}
