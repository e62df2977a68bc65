/**
 * Contracts that the members may vote for: created by anybody, governing nothing until a vote names them.
 *
 * Promises: what is created is what this version compiled, with the constructor's arguments of this ledger, and what a
 * member looks at is held against the same, byte for byte but for what a constructor fills in, and that by what it says.
 * Rule contracts of this version that stand already are named again. The sender is a key of the moment that may do nothing
 * else, for on this ledger a transaction costs nothing and its sender counts for nothing. For `kudurru succession`.
 */
import { randomBytes } from 'node:crypto';
import type { ContractName } from './domain/acts/events.ts';
import { TRANSACTION_GAS_CAP } from './domain/base/chain.ts';
import { Fault } from './domain/base/fault.ts';
import { type Address, type Bytes32, fromHex, type Hex, toHex } from './domain/base/hex.ts';
import { refusal } from './domain/base/refusal.ts';
import {
  type Founding,
  type FoundingStruct,
  foundingPossessions,
  foundingStruct,
} from './domain/power/founding.ts';
import { charterNameOf, contractOf, decodeAnswer, encodeCall, refusalOfRevert } from './ledger/contracts.ts';
import { addressesIn, isCodeOf } from './ledger/deployedCode.ts';
import { partGettersOf } from './ledger/events.ts';
import { creationOf, type VerifierKind, verifierOf } from './ledger/founding.ts';
import { keccak256 } from './ledger/keccak.ts';
import { NodeError, pause, readData } from './ledger/provider.ts';
import { signTransaction, softwareSigner } from './ledger/signer.ts';
import type { AskedLedger } from './succession.ts';

/** What a vote `put-in-force` names. The consortium is another vote's, `pass-authority`, with a founding file of its own. */
export type Succeeded = 'land' | 'benefits' | 'notary' | 'safeguards' | 'personnel';

export interface Standing {
  readonly contract: string;
  readonly address: Address;
  /** What members compare: with the address it says all of the contract. */
  readonly codeHash: Bytes32;
}

export interface Successor extends Standing {
  readonly predecessor: Address;
  /** The rule contracts that it names for good. */
  readonly parts: readonly Standing[];
}

/** Those that are filled by words: the others read theirs from the one before. */
const IMPORTING: ReadonlySet<Succeeded> = new Set<Succeeded>(['land', 'benefits', 'notary']);

/** A minute of blocks; the embedded chain answers when the block is on disk. */
const MOST_RECEIPT_LOOKS = 120;
const RECEIPT_MS = 500;

/** Creates the successor of a register in force, from this version. Refuses as `register-not-listed` where there is none. */
export async function deploySuccessor(
  asked: AskedLedger,
  ledgerNonce: Bytes32,
  register: Succeeded,
): Promise<Successor> {
  const predecessor = await inForce(asked, register);
  const sender = senderTo(asked);
  const rules: Address[] = [];
  for (const [getter, part] of partGettersOf(register)) {
    const standing = await partAt(asked, register, predecessor, getter);
    rules.push(
      standing !== undefined && (await isPart(asked, part, standing))
        ? standing
        : await sender.create(
            creationOf(part as Exclude<ContractName, 'charter'>, partArguments(asked, part)),
          ),
    );
  }
  const values = [asked.charter, ledgerNonce, predecessor, ...rules];
  const address = await sender.create(creationOf(register, values));
  return lookAtSuccessor(asked, ledgerNonce, register, address);
}

/**
 * What stands at an address, held against this version and this ledger. Refuses as `not-a-contract`, as
 * `contract-code-differs` where code is another, as `ledger-differs` where it was made for another ledger, and as
 * `not-the-predecessor` where it does not succeed the register in force, and as `import-stale` where that one recorded
 * something since: a vote on it could not be carried out.
 */
export async function lookAtSuccessor(
  asked: AskedLedger,
  ledgerNonce: Bytes32,
  register: Succeeded,
  address: Address,
): Promise<Successor> {
  const code = await codeAt(asked, address);
  if (!isCodeOf(register, code)) throw refusal('contract-code-differs');
  const named = addressesIn(register, code);
  const says = (getter: string) => askOf(asked, register, address, getter);
  if ((await says('charter')) !== asked.charter) throw refusal('ledger-differs', { what: 'charter' });
  if ((await says('ledgerNonce')) !== ledgerNonce) throw refusal('ledger-differs', { what: 'nonce' });
  const predecessor = (await says('predecessor')) as Address;
  if (predecessor !== (await inForce(asked, register))) throw refusal('not-the-predecessor');
  if (
    IMPORTING.has(register) &&
    (await says('importsFrom')) !== (await askOf(asked, register, predecessor, 'head'))
  ) {
    throw refusal('import-stale');
  }
  const parts: Standing[] = [];
  for (const [getter, part] of partGettersOf(register)) {
    const at = (await says(getter)) as Address;
    if (!named.has(at) || !(await isPart(asked, part, at))) throw refusal('contract-code-differs');
    parts.push(standingOf(part, at, await codeAt(asked, at)));
  }
  return Object.assign(standingOf(register, address, code), { predecessor, parts });
}

// ---- Another consortium -------------------------------------------------------------------------------------

/**
 * Creates the consortium that members may pass authority to, from a founding file for this ledger's nonce. It keeps the
 * safeguards, so pauses and halts go on, and the council where it is of this version.
 */
export async function deployConsortium(asked: AskedLedger, founding: Founding): Promise<Successor> {
  const predecessor = await authorityOf(asked);
  const sender = senderTo(asked);
  const of = (getter: string) => askOf(asked, 'consortium', predecessor, getter);
  const standing = (await of('council')) as Address;
  const isCouncil = isCodeOf('council', await codeAt(asked, standing));
  const council = isCouncil ? standing : await sender.create(creationOf('council', [asked.charter]));
  const verifierAt: Partial<Record<VerifierKind, Address>> = {};
  for (const kind of founding.verifiers) verifierAt[kind] = await sender.create(creationOf(kind, []));
  const file = foundingStruct(founding, verifierAt, await firstValidator(asked));
  const values = [asked.charter, predecessor, council, await of('safeguards'), file];
  const address = await sender.create(creationOf('consortium', [...values, foundingPossessions(founding)]));
  return lookAtConsortium(asked, founding, address);
}

/**
 * What stands at an address, held against this version, this ledger and the founding file that the members compared. Refuses
 * as `lookAtSuccessor` does, as `ledger-differs` what began with another file, and as `successor-is-weaker` what has other
 * safeguards.
 */
export async function lookAtConsortium(
  asked: AskedLedger,
  founding: Founding,
  address: Address,
): Promise<Successor> {
  const code = await codeAt(asked, address);
  if (!isCodeOf('consortium', code)) throw refusal('contract-code-differs');
  const says = (getter: string, at = address) => askOf(asked, 'consortium', at, getter);
  if ((await says('charter')) !== asked.charter) throw refusal('ledger-differs', { what: 'charter' });
  const predecessor = await authorityOf(asked);
  if ((await says('predecessor')) !== predecessor) throw refusal('not-the-predecessor');
  if ((await says('ledgerNonce')) !== (await says('ledgerNonce', predecessor)))
    throw refusal('ledger-differs', { what: 'nonce' });
  if ((await says('safeguards')) !== (await says('safeguards', predecessor)))
    throw refusal('successor-is-weaker');
  const council = (await says('council')) as Address;
  const ofCouncil = await codeAt(asked, council);
  if (!isCodeOf('council', ofCouncil)) throw refusal('contract-code-differs');
  await requireFoundedBy(asked, founding, address);
  const parts = [standingOf('council', council, ofCouncil)];
  return Object.assign(standingOf('consortium', address, code), { predecessor, parts });
}

async function requireFoundedBy(asked: AskedLedger, founding: Founding, address: Address): Promise<void> {
  const answer = await callOf(asked, address, encodeCall('consortium', 'founding', []));
  const [told] = decodeAnswer('consortium', 'founding', answer) as readonly [FoundingStruct<string>];
  const verifierAt: Partial<Record<VerifierKind, Address>> = {};
  for (const [i, kind] of founding.verifiers.entries()) {
    const at = told.verifiers[i]?.verifier.toLowerCase() as Address | undefined;
    if (at === undefined) throw refusal('ledger-differs', { what: 'founding file' });
    verifierAt[kind] = (await lookAtVerifier(asked, kind, at)).address;
  }
  const file = foundingStruct(founding, verifierAt, await firstValidator(asked));
  const { calls } = contractOf('consortium');
  if (calls.encodeFunctionResult('founding', [file]) !== answer)
    throw refusal('ledger-differs', { what: 'founding file' });
}

async function authorityOf(asked: AskedLedger): Promise<Address> {
  return (await askOf(asked, 'charter', asked.charter, 'authority')) as Address;
}

/** Whom a founding file means that names no validator: on a ledger of one gateway, the one that seals. */
async function firstValidator(asked: AskedLedger): Promise<Address> {
  const answer = await callOf(asked, asked.charter, encodeCall('charter', 'getValidators', []));
  const [[first]] = decodeAnswer('charter', 'getValidators', answer) as readonly [readonly string[]];
  if (first === undefined) throw refusal('founding-validator-missing');
  return first.toLowerCase() as Address;
}

// ---- Verifiers ----------------------------------------------------------------------------------------------

/** Creates one of the verifiers that a vote may allow. */
export async function deployVerifier(asked: AskedLedger, kind: VerifierKind): Promise<Standing> {
  const address = await senderTo(asked).create(creationOf(kind, []));
  return lookAtVerifier(asked, kind, address);
}

/** Refuses as `contract-code-differs` what is not the verifier of this version. */
export async function lookAtVerifier(
  asked: AskedLedger,
  kind: VerifierKind,
  address: Address,
): Promise<Standing> {
  const code = await codeAt(asked, address);
  if (code !== verifierOf(kind).deployedBytecode) throw refusal('contract-code-differs');
  return { contract: kind, address, codeHash: hashOf(code) };
}

/** Sends calls to a contract one after the other. `onSent` hears of each that was recorded. */
export async function sendCalls(
  asked: AskedLedger,
  to: Address,
  calls: readonly Hex[],
  onSent: (sent: number) => void,
): Promise<void> {
  const sender = senderTo(asked);
  for (const [i, data] of calls.entries()) {
    await sender.send(data, to);
    onSent(i + 1);
  }
}

// ---- Looking ------------------------------------------------------------------------------------------------

const hashOf = (code: Hex) => toHex(keccak256(fromHex(code))) as Bytes32;

function standingOf(contract: ContractName, address: Address, code: Hex): Standing {
  return { contract: charterNameOf(contract), address, codeHash: hashOf(code) };
}

async function codeAt({ provider }: AskedLedger, address: Address): Promise<Hex> {
  const code = readData(await provider.request({ method: 'eth_getCode', params: [address, 'latest'] }));
  if (code === undefined || code === '0x') throw refusal('not-a-contract');
  return code;
}

async function callOf({ provider }: AskedLedger, to: Address, data: Hex): Promise<Hex> {
  const params = [{ to, data }, 'latest'];
  return readData(await provider.request({ method: 'eth_call', params })) ?? '0x';
}

async function inForce(asked: AskedLedger, register: Succeeded): Promise<Address> {
  const name = toHex(keccak256(Buffer.from(charterNameOf(register), 'utf8')));
  const answer = await callOf(asked, asked.charter, encodeCall('charter', 'registerOf', [name]));
  const [address] = decodeAnswer('charter', 'registerOf', answer);
  if (BigInt(String(address)) === 0n) throw refusal('register-not-listed');
  return String(address).toLowerCase() as Address;
}

/** What a function without arguments answers: an address or a word. */
async function askOf(
  asked: AskedLedger,
  contract: ContractName,
  at: Address,
  getter: string,
): Promise<string> {
  const { calls } = contractOf(contract);
  const answer = await callOf(asked, at, calls.encodeFunctionData(getter) as Hex);
  return String(calls.decodeFunctionResult(getter, answer)[0]).toLowerCase();
}

/** Undefined where the register in force is of a version that had no such part. */
async function partAt(asked: AskedLedger, contract: ContractName, at: Address, getter: string) {
  try {
    return (await askOf(asked, contract, at, getter)) as Address;
  } catch (error) {
    if (error instanceof NodeError || (error as { code?: unknown }).code === 'BAD_DATA') return undefined;
    throw error;
  }
}

/** Of this version, and for this Charter where it has one. */
async function isPart(asked: AskedLedger, part: ContractName, at: Address): Promise<boolean> {
  const code = await codeAt(asked, at);
  if (!isCodeOf(part, code)) return false;
  return partArguments(asked, part).every((charter) => addressesIn(part, code).has(charter));
}

/** Every rule contract of land is bound to its Charter; those of benefits are bound to nothing. */
function partArguments({ charter }: AskedLedger, part: ContractName): readonly Address[] {
  return contractOf(part).calls.deploy.inputs.length === 0 ? [] : [charter];
}

// ---- Sending ------------------------------------------------------------------------------------------------

function senderTo({ provider, pin }: AskedLedger) {
  const key = softwareSigner(randomBytes(32));
  let nonce = 0n;
  async function send(data: Hex, to?: Address): Promise<Readonly<Record<string, unknown>>> {
    const fields = { chainId: pin.chainId, nonce, gas: BigInt(TRANSACTION_GAS_CAP), data, ...(to && { to }) };
    const { raw, hash } = await signTransaction(fields, key);
    nonce++;
    try {
      await provider.request({ method: 'eth_sendRawTransaction', params: [raw] });
    } catch (error) {
      throw notTaken(error);
    }
    for (let look = 0; look < MOST_RECEIPT_LOOKS; look++) {
      const receipt = await provider.request({ method: 'eth_getTransactionReceipt', params: [hash] });
      if (receipt !== null && receipt !== undefined) {
        const { status } = receipt as { status?: unknown };
        if (status === '0x1') return receipt as Record<string, unknown>;
        throw await whyNot({ from: key.address, data, ...(to && { to }) });
      }
      await pause(RECEIPT_MS);
    }
    throw new Fault('the transaction is in no block yet: ask again', { retryable: true });
  }
  /** What the contract says now of a transaction that it did not take. */
  async function whyNot(call: object): Promise<Error> {
    try {
      await provider.request({ method: 'eth_call', params: [call, 'latest'] });
    } catch (error) {
      return notTaken(error);
    }
    return new Fault('the transaction was refused, and would not be now: ask again', { retryable: true });
  }
  return {
    send,
    async create(data: Hex): Promise<Address> {
      const { contractAddress } = await send(data);
      return String(contractAddress).toLowerCase() as Address;
    },
  };
}

/** As the rules say it, else as the node does. */
function notTaken(error: unknown): Error {
  if (!(error instanceof NodeError)) return error as Error;
  const said = error.data === undefined ? undefined : refusalOfRevert(error.data);
  return said ?? new Fault(`the node takes no such transaction: ${error.message}`, { retryable: false });
}
