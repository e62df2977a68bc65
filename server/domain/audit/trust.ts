/**
 * The trust file: all that a verifier believes without proof.
 *
 * Written at founding with its fingerprint printed, obtained out of band, never read from a
 * certificate. Promises: a text that `readTrust` accepts is the canonical one up to white space (no
 * unknown, repeated, reordered or missing field, no second spelling of a value), so one trust has one
 * fingerprint; everything else is `trust-file-malformed` with the place. Members may have signed a file; what they signed stands last
 * in it, is no part of the trust nor of the fingerprint, and is judged by nobody who only reads the file.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { Address, Bytes32, Hex } from '../base/hex.ts';
import { parseHex, toHex, ZERO_32 } from '../base/hex.ts';
import { refusal } from '../base/refusal.ts';
import { type Fields, isRecord, jsonOf, listOf, recordOf, requireFormat } from '../base/strictJson.ts';

const FORMAT = 'kudurru-trust-1';

/** A contract and the hash of its code: an address alone says nothing about what stands there. */
export interface TrustedContract {
  readonly address: Address;
  readonly codeHash: Bytes32;
}

const CONTRACTS = ['charter', 'consortium', 'landRegistry', 'benefitLedger'] as const;
export type TrustedContracts = Readonly<Record<(typeof CONTRACTS)[number], TrustedContract>>;

/** Every contract that was ever in force under a name of a trust file, the oldest first; the Charter has no successor. */
export type Governing = Readonly<
  Record<Exclude<keyof TrustedContracts, 'charter'>, readonly TrustedContract[]>
>;

/** A block known to be the chain's from somewhere else than its seals: a newspaper, another institution. */
export interface Checkpoint {
  readonly blockNumber: number;
  readonly blockHash: Bytes32;
}

interface TrustCommon {
  readonly format: typeof FORMAT;
  readonly genesisHash: Bytes32;
  readonly chainId: number;
  /** The 32 random bytes of the founding file, in the domain of every signature. */
  readonly ledgerNonce: Bytes32;
  readonly contracts: TrustedContracts;
  /** Evidence must reach beyond this block and, where validators seal, start from it. Block 0 is no demand. */
  readonly minimumCheckpoint: Checkpoint;
}

/** One node's key signs the heads; witnesses co-sign. */
export interface EmbeddedTrust extends TrustCommon {
  readonly lineage: 'embedded';
  readonly nodeKey: Address;
  readonly witnessKeys: readonly Address[];
  /** How many of them must co-sign a head: at least one where there are any. */
  readonly witnessThreshold: number;
}

/** A quorum of validators seals: listed by the Charter (`qbft`) or, never changing, in every header. */
export interface QbftTrust extends TrustCommon {
  readonly lineage: 'qbft' | 'qbft-header';
  readonly firstValidators: readonly Address[];
}

export type TrustFile = EmbeddedTrust | QbftTrust;

/** That a member computed this trust file itself: an officer of it signed the fingerprint. */
export interface TrustSignature {
  readonly institution: number;
  readonly officer: Bytes32;
  readonly signature: Hex;
}

/** The sizes the documents and checks are tried with; a consortium of more is no consortium. */
export const MAX_VALIDATORS = 128;
const MAX_TEXT_CHARACTERS = 65_536;
const MAX_INSTITUTION = 127;
/** From 64 bytes to what a passkey says. */
const SIGNATURE = /^0x(?:[0-9a-f]{2}){64,1024}$/;

/** Reads the text of a trust file, whoever signed it. */
export function readTrust(text: string): TrustFile {
  return readSignedTrust(text).trust;
}

/** The same with what members signed, which is for whoever has the founding file to judge. */
export function readSignedTrust(text: string): {
  readonly trust: TrustFile;
  readonly signatures: readonly TrustSignature[];
} {
  const json = jsonOf(text, MAX_TEXT_CHARACTERS, malformed);
  const { signatures: signed, ...bare } = isRecord(json) ? json : {};
  const trust = parseTrust(isRecord(json) ? bare : json);
  const signatures = signed === undefined ? [] : signaturesIn(signed);
  // No value contains white space, so what is left after removing it has one spelling.
  if (text.replace(/[ \t\r\n]/g, '') !== JSON.stringify(withSignatures(trust, signatures)))
    throw malformed('');
  return { trust, signatures };
}

/** The text that founding writes, and that members add their signatures to. */
export function writeTrust(trust: TrustFile, signatures: readonly TrustSignature[] = []): string {
  const signed = withSignatures(parseTrust(trust), signaturesIn(signatures.toSorted(inOrder)));
  return `${JSON.stringify(signed, undefined, 2)}\n`;
}

const withSignatures = (trust: TrustFile, signatures: readonly TrustSignature[]): object =>
  signatures.length === 0 ? trust : Object.assign({}, trust, { signatures });

function inOrder(one: TrustSignature, other: TrustSignature): number {
  return one.institution - other.institution || (one.officer < other.officer ? -1 : 1);
}

/** One order, and no officer twice, so that a file of the same signatures is one text. */
function signaturesIn(value: unknown): readonly TrustSignature[] {
  const place = '/signatures';
  const read = listOf(value, place, MAX_VALIDATORS, malformed, (item, at): TrustSignature => {
    const given = record(item, at, ['institution', 'officer', 'signature']);
    const institution = integer(given.institution, `${at}/institution`, 1);
    if (institution > MAX_INSTITUTION) throw malformed(`${at}/institution`);
    const signature = String(given.signature);
    if (!SIGNATURE.test(signature)) throw malformed(`${at}/signature`);
    return { institution, officer: hash(given.officer, `${at}/officer`), signature: signature as Hex };
  });
  const twice = read.findIndex((one, at) => {
    const before = read[at - 1];
    return before !== undefined && (before.officer === one.officer || inOrder(before, one) > 0);
  });
  if (twice >= 0) throw malformed(`${place}/${twice}`);
  return read;
}

/** What is printed, read out and compared: the hash of the canonical text without white space. */
export function fingerprint(trust: TrustFile): Bytes32 {
  return toHex(keccak_256(utf8ToBytes(JSON.stringify(parseTrust(trust))))) as Bytes32;
}

/** The same ledger, with the contracts that govern it after a succession: what is proved from then on is verified with it. */
export function withContracts(trust: TrustFile, contracts: TrustedContracts): TrustFile {
  return parseTrust(Object.assign({}, trust, { contracts }));
}

/** Refuses as `ledger-differs`, by the name of the field, a file of another ledger. Which contracts govern it is another question. */
export function requireSameLedger(given: TrustFile, founded: TrustFile): void {
  const [said, known] = [given, founded].map((trust) =>
    Object.entries(withContracts(trust, founded.contracts)),
  );
  const at = known?.findIndex((field, i) => JSON.stringify(field) !== JSON.stringify(said?.[i])) ?? -1;
  const charter = given.contracts.charter;
  const isSameCharter = JSON.stringify(charter) === JSON.stringify(founded.contracts.charter);
  if (at < 0 && isSameCharter) return;
  throw refusal('ledger-differs', { what: contractInWords(known?.[at]?.[0] ?? 'charter') });
}

/**
 * The contracts of a trust file that were succeeded since it was written, in words. Refuses as `ledger-differs` one that the
 * ledger never had in force under that name, with that code.
 */
export function succeededSince({ contracts }: TrustFile, governing: Governing): readonly string[] {
  const names = Object.keys(governing) as (keyof Governing)[];
  return names.flatMap((name) => {
    const { address: at, codeHash } = contracts[name];
    const place = governing[name].findIndex((one) => one.address === at && one.codeHash === codeHash);
    if (place < 0) throw refusal('ledger-differs', { what: contractInWords(name) });
    return place < governing[name].length - 1 ? [contractInWords(name)] : [];
  });
}

export const contractInWords = (name: string) =>
  name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** The same trust from an object; its fields come out in canonical order. */
export function parseTrust(json: unknown): TrustFile {
  requireFormat(json, FORMAT, malformed);
  const lineage = isRecord(json) ? json.lineage : undefined;
  if (lineage !== 'embedded' && lineage !== 'qbft' && lineage !== 'qbft-header') throw malformed('/lineage');
  const isEmbedded = lineage === 'embedded';
  const own = isEmbedded ? ['nodeKey', 'witnessKeys', 'witnessThreshold'] : ['firstValidators'];
  const file = record(json, '', [
    'format',
    'genesisHash',
    'chainId',
    'ledgerNonce',
    'lineage',
    ...own,
    'contracts',
    'minimumCheckpoint',
  ]);
  const head = {
    format: FORMAT,
    genesisHash: hash(file.genesisHash, '/genesisHash'),
    chainId: integer(file.chainId, '/chainId', 1),
    ledgerNonce: nonce(file.ledgerNonce, '/ledgerNonce'),
  } as const;
  const tail = {
    contracts: contracts(file.contracts),
    minimumCheckpoint: checkpoint(file.minimumCheckpoint, head.genesisHash),
  };
  if (isEmbedded) {
    const nodeKey = address(file.nodeKey, '/nodeKey');
    const witnessKeys = addresses(file.witnessKeys, '/witnessKeys');
    if (witnessKeys.includes(nodeKey)) throw malformed('/witnessKeys');
    const least = Math.min(1, witnessKeys.length);
    const witnessThreshold = integer(file.witnessThreshold, '/witnessThreshold', least);
    if (witnessThreshold > witnessKeys.length) throw malformed('/witnessThreshold');
    return { ...head, lineage, nodeKey, witnessKeys, witnessThreshold, ...tail };
  }
  const firstValidators = addresses(file.firstValidators, '/firstValidators');
  if (firstValidators.length === 0) throw malformed('/firstValidators');
  return { ...head, lineage, firstValidators, ...tail };
}

function contracts(value: unknown): TrustedContracts {
  const given = record(value, '/contracts', CONTRACTS);
  const read = (name: (typeof CONTRACTS)[number]): TrustedContract => {
    const place = `/contracts/${name}`;
    const contract = record(given[name], place, ['address', 'codeHash']);
    return {
      address: address(contract.address, `${place}/address`),
      codeHash: hash(contract.codeHash, `${place}/codeHash`),
    };
  };
  const trusted = {
    charter: read('charter'),
    consortium: read('consortium'),
    landRegistry: read('landRegistry'),
    benefitLedger: read('benefitLedger'),
  };
  const places = new Set(Object.values(trusted).map((contract) => contract.address));
  if (places.size !== CONTRACTS.length) throw malformed('/contracts');
  return trusted;
}

function checkpoint(value: unknown, genesisHash: Bytes32): Checkpoint {
  const place = '/minimumCheckpoint';
  const given = record(value, place, ['blockNumber', 'blockHash']);
  const blockNumber = integer(given.blockNumber, `${place}/blockNumber`, 0);
  const blockHash = hash(given.blockHash, `${place}/blockHash`);
  if ((blockNumber === 0) !== (blockHash === genesisHash)) throw malformed(`${place}/blockHash`);
  return { blockNumber, blockHash };
}

function record(value: unknown, place: string, names: readonly string[]): Fields {
  return recordOf(value, place, names, malformed);
}

function bytes(value: unknown, place: string, length: number): Hex {
  const parsed = typeof value === 'string' ? parseHex(value, length) : undefined;
  if (parsed === undefined || parsed !== value) throw malformed(place);
  return parsed;
}

const hash = (value: unknown, place: string) => bytes(value, place, 32) as Bytes32;
const address = (value: unknown, place: string) => bytes(value, place, 20) as Address;

function nonce(value: unknown, place: string): Bytes32 {
  const read = hash(value, place);
  if (read === ZERO_32) throw malformed(place);
  return read;
}

function addresses(value: unknown, place: string): readonly Address[] {
  if (!Array.isArray(value) || value.length > MAX_VALIDATORS) throw malformed(place);
  const read = value.map((item, i) => address(item, `${place}/${i}`));
  if (new Set(read).size !== read.length) throw malformed(place);
  return read;
}

function integer(value: unknown, place: string, least: number): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least) throw malformed(place);
  return value;
}

function malformed(field: string) {
  return refusal('trust-file-malformed', undefined, field === '' ? {} : { field });
}
