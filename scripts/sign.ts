/**
 * `kudurru officer sign`: the independent signer.
 *
 * Believes nothing that the gateway says: recomputes the act from the file, puts every field in words on standard
 * error, and signs those bytes and no others with a key that never leaves its ring. It opens no network.
 */
import fs from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { approvalOf } from '../server/domain/acts/approval.ts';
import { isUnlisted } from '../server/domain/acts/domains.ts';
import type { Approval } from '../server/domain/acts/head.ts';
import { orderOf } from '../server/domain/acts/orders.ts';
import { headOf } from '../server/domain/acts/signable.ts';
import { digestOf, type TypedData } from '../server/domain/acts/typedData.ts';
import { readTrust, type TrustFile } from '../server/domain/audit/trust.ts';
import type { Hex } from '../server/domain/base/hex.ts';
import { momentInWords, untilInWords } from '../server/domain/base/inWords.ts';
import { refusal } from '../server/domain/base/refusal.ts';
import type { OfficerId } from '../server/domain/base/terms.ts';
import { linesOfList } from '../server/domain/benefits/lists.ts';
import {
  type ActFile,
  actInWords,
  listIn,
  readActFile,
  unopenedIn,
} from '../server/domain/signer/actFile.ts';
import {
  amountBeside,
  type Beside,
  peopleBeside,
  personCells,
  readBeside,
  renamedBeside,
} from '../server/domain/signer/beside.ts';
import { consentsAmiss } from '../server/domain/signer/consentsDue.ts';
import { groundAmiss, groundUnseen } from '../server/domain/signer/ground.ts';
import { effectAfter, overSince, rulesBroken } from '../server/domain/signer/judged.ts';
import { answer, NotUnderstood, readText } from './answer.ts';
import { auditedAddress } from './auditedRegisters.ts';
import { type KeysOptions, openRing, withKeys } from './keys.ts';
import { confirm, say } from './terminal.ts';

/** The body of `POST /acts/{id}/signatures`, whole. */
interface OfficerSignature {
  readonly part: 'preparer' | 'approver';
  readonly signer: OfficerId;
  /** 64 bytes (ERC-2098). */
  readonly signature: Hex;
  /** Of an approver alone: the epoch of the key, and the last second at which the signature counts. */
  readonly approval?: { readonly approverEpoch: number; readonly deadline: number };
}

interface SignOptions extends KeysOptions {
  readonly key: string;
  readonly approve?: boolean;
  readonly epoch: number;
  readonly trust?: string;
  readonly registers?: string;
  readonly unopened?: boolean;
  readonly unchecked?: boolean;
  readonly late?: boolean;
  readonly yes?: boolean;
  readonly out?: string;
  readonly list?: string;
}

/** Of a list, on the screen; the file has all of it. */
const LINES_SHOWN = 12;
/** In bytes, more than any text the reader takes. */
const MAX_ACT_BYTES = 32 * 2 ** 20;
const MAX_TRUST_BYTES = 65_536;

export function addSign(officer: Command): void {
  withKeys(officer.command('sign').argument('<act>', 'the prepared act, as the gateway answered it'))
    .description('show what a prepared act says, recompute all of it, and sign it')
    .requiredOption('--key <name>', "name of the officer's key in the ring")
    .option('--approve', 'sign as the approver, instead of as the preparer')
    .option('--epoch <number>', 'key epoch of the approver, where the file has no approval', epoch, 1)
    .option('--trust <file>', 'trust file: refuse an act for any other ledger')
    .option(
      '--registers <file>',
      'what `kudurru audit --json` wrote by the same trust file: compares a register that the trust file does not list',
    )
    .option('--unopened', 'sign although commitments are not opened, because you know them from elsewhere')
    .option(
      '--unchecked',
      'sign although no trust file lists the register, because you compared its address with the one your institution has',
    )
    .option(
      '--late',
      'sign although the time of the act is over, because members recorded a halt that gives it back',
    )
    .option('--list <file>', 'write the list of an enrolment or a roll to this file, to look through; CSV')
    .option('--yes', 'do not ask; for a program that has checked the act itself')
    .option('--out <file>', 'write the signature to this file; one that exists is left alone')
    .action((file: string, options: SignOptions) =>
      answer(options, () => sign(file, options), signedInWords(options)),
    );
}

async function sign(file: string, options: SignOptions): Promise<OfficerSignature> {
  const text = readText(file, MAX_ACT_BYTES);
  const prepared = readActFile(text);
  const beside = readBeside(text, MAX_ACT_BYTES);
  say(actInWords(prepared, beside));
  say([amountBeside(prepared.act.message, beside) ?? []].flat());
  say(renamedBeside(prepared.openings, beside));
  const lines = showList(prepared, beside, options.list);
  const unchecked = uncheckedIn(prepared, options);
  const believed = options.registers === undefined ? 'the trust file' : 'the trust file, or of its audit';
  say([unchecked ?? `Ledger and register are those of ${believed}.`]);
  const unopened = [...unopenedIn(prepared), ...groundUnseen(prepared)];
  say(unopened.map((place) => `NOT OPENED: ${place}`));
  if (unopened.length > 0 && options.unopened !== true) {
    throw refusal('commitment-unopened', { count: unopened.length });
  }
  const now = BigInt(Math.floor(Date.now() / 1000));
  requireRules(prepared, now, options.late === true);
  requireGround(prepared);
  requireConsents(prepared, now);
  if (unchecked !== undefined && options.unchecked !== true) throw refusal('register-unchecked');
  if (options.list !== undefined)
    fs.writeFileSync(options.list, `${lines.join('\n')}\n`, { flag: 'wx', mode: 0o600 });
  const ring = await openRing(options);
  const key = ring.get(options.key);
  if (key.kind !== 'officer') throw refusal('key-of-another-kind');
  const { part, epoch, deadline, data } = partOf(prepared, key.officer, options);
  say([
    `You are its ${part}, officer ${key.officer}, key epoch ${epoch}; it counts ${untilInWords(deadline)}.`,
  ]);
  if (options.yes !== true && !(await confirm('Sign exactly this?'))) throw refusal('signing-declined');
  const signature = ring.signDigest(options.key, digestOf(data));
  const signed: OfficerSignature = {
    part,
    signer: key.officer,
    signature,
    ...(part === 'approver' && { approval: { approverEpoch: epoch, deadline: Number(deadline) } }),
  };
  if (options.out !== undefined) fs.writeFileSync(options.out, `${JSON.stringify(signed)}\n`, { flag: 'wx' });
  return signed;
}

/** The list as it is signed, whole for a file; its beginning and its totals on the screen. */
function showList(prepared: ActFile, { people }: Beside, file: string | undefined): readonly string[] {
  const list = listIn(prepared);
  if (list === undefined) {
    if (file !== undefined) throw new NotUnderstood('The act has no list that its file opens.');
    return [];
  }
  const lines = [...linesOfList(prepared.act, list, people && personCells(people))];
  const more = lines.length - LINES_SHOWN - 1;
  const rest = file === undefined ? '--list FILE writes them all' : `all are in ${file}`;
  const record = "and beside it, by the gateway's record, which nobody signs, whose place each is";
  const title = people === undefined ? 'The list that is signed:' : `The list that is signed, ${record}:`;
  say([title, ...lines.slice(0, LINES_SHOWN).map((line) => `  ${line}`)]);
  if (more > 0) say([`  ... ${more} more lines; ${rest}`]);
  if (lines.length > LINES_SHOWN) say([`  ${lines.at(-1)}`]);
  if (people !== undefined) say(peopleBeside(people));
  return lines;
}

/** A sentence says what an act does, and not that the register would never take it: then it is no act to sign. */
export function requireRules(prepared: ActFile, nowSeconds: bigint, isLate = false): void {
  const over = overSince(prepared, nowSeconds);
  if (over !== undefined) {
    const clock = `By this machine's clock, ${momentInWords(nowSeconds)},`;
    say([
      `LATE: ${clock} the act could be recorded until ${momentInWords(over)}, unless members recorded a halt since.`,
    ]);
    if (!isLate) throw refusal('act-expired', undefined, { field: '/head/deadline' });
  }
  const since = effectAfter(prepared, nowSeconds);
  if (since !== undefined)
    say([`DATED AHEAD: what the act changes has effect from ${momentInWords(since)}, and so has the act.`]);
  const broken = rulesBroken(prepared, nowSeconds);
  if (broken === undefined) return; // said with the consents, which nobody can tell then either
  say(
    broken.map(
      ({ message, place }) => `RULE: ${message}${place.field === undefined ? '' : ` At ${place.field}.`}`,
    ),
  );
  if (broken.length > 0) throw refusal('rules-broken', { count: broken.length });
}

/** A number and an area are read by people, a boundary by nobody. */
function requireGround(prepared: ActFile): void {
  const amiss = groundAmiss(prepared);
  say(amiss.map((line) => `GROUND: ${line}`));
  if (amiss.length > 0) throw refusal('ground-differs');
}

/** The act would be signed in vain, or the officer would believe that somebody agrees who is never asked. */
export function requireConsents(prepared: ActFile, nowSeconds: bigint): void {
  const amiss = consentsAmiss(prepared, nowSeconds);
  if (amiss === undefined) {
    say([
      'NEITHER THE RULES NOR WHO MUST CONSENT WERE CHECKED: the file does not open how every unit of the act stands.',
    ]);
    return;
  }
  say(amiss.map((line) => `CONSENT: ${line}`));
  if (amiss.length > 0) throw refusal('consents-amiss');
}

/** What this officer signs of the act, and the officer it must be. */
function partOf(
  prepared: ActFile,
  officer: OfficerId,
  { approve, epoch }: SignOptions,
): {
  readonly part: OfficerSignature['part'];
  readonly epoch: number;
  readonly deadline: bigint;
  readonly data: TypedData;
} {
  const { preparer, preparerEpoch, deadline } = headOf({ typedData: prepared.act });
  if (approve !== true) {
    if (preparer !== officer) throw refusal('officer-differs');
    return { part: 'preparer', epoch: preparerEpoch, deadline, data: prepared.act };
  }
  if (orderOf(prepared.act.primaryType) !== undefined) throw refusal('approval-unneeded');
  if (preparer === officer) throw refusal('second-person-required');
  const approval: Approval = prepared.approval ?? { approver: officer, approverEpoch: epoch, deadline };
  if (approval.approver !== officer) throw refusal('officer-differs');
  return {
    part: 'approver',
    epoch: approval.approverEpoch,
    deadline: approval.deadline,
    data: approvalOf(prepared.act, approval),
  };
}

/** Refuses an act for another ledger; answers what could not be compared, which only eyes can. */
function uncheckedIn(
  { act, register }: ActFile,
  { trust: file, registers }: SignOptions,
): string | undefined {
  const { name } = act.domain;
  if (file === undefined && registers !== undefined) {
    throw new NotUnderstood('--registers is by a trust file: give --trust as well.');
  }
  if (file === undefined)
    return `NOT CHECKED: that this is your ledger, and that ${name} is at ${act.domain.verifyingContract} there. Pass --trust.`;
  const trust: TrustFile = readTrust(readText(file, MAX_TRUST_BYTES));
  const { chainId, verifyingContract, salt } = act.domain;
  if (chainId !== BigInt(trust.chainId) || salt !== trust.ledgerNonce) throw refusal('act-of-another-ledger');
  if (isUnlisted(register)) {
    const audited = registers === undefined ? undefined : auditedAddress(registers, trust, register);
    if (audited === verifyingContract) return undefined;
    if (audited !== undefined) throw refusal('act-of-another-ledger');
    return `NOT CHECKED: that ${name} is at ${verifyingContract}. The ledger is that of the trust file, which does not list this register: compare the address with the one that \`kudurru audit --trust FILE\` says, or give its --json answer as --registers.`;
  }
  if (trust.contracts[register].address !== verifyingContract) throw refusal('act-of-another-ledger');
  return undefined;
}

function signedInWords({ out }: SignOptions): (signed: OfficerSignature) => string {
  return (signed) => (out === undefined ? JSON.stringify(signed) : `Signed as the ${signed.part}: ${out}`);
}

function epoch(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('A whole number from 1.');
  return Number(text);
}
