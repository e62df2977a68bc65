/** The log of a consortium as events tell it, told by a test, and what the replay finds wrong with it. */
import { registerDomain } from '../../../../server/domain/acts/domains.ts';
import type { EventOf, LedgerEvent, Measure } from '../../../../server/domain/acts/events.ts';
import { NEVER_PAUSED } from '../../../../server/domain/acts/moment.ts';
import { domainSeparator } from '../../../../server/domain/acts/typedData.ts';
import { FindingList } from '../../../../server/domain/audit/findings.ts';
import { signedDigest } from '../../../../server/domain/audit/journal.ts';
import { MeasureReplay } from '../../../../server/domain/audit/replayMeasures.ts';
import { PowerReplay } from '../../../../server/domain/audit/replayPower.ts';
import { SignatureReplay } from '../../../../server/domain/audit/replaySignatures.ts';
import { type Address, type Bytes32, ZERO_32, ZERO_ADDRESS } from '../../../../server/domain/base/hex.ts';
import {
  type KeyKind,
  MEASURE_KINDS,
  type MeasureKind,
  roleBits,
} from '../../../../server/domain/base/terms.ts';
import type { HaltSpan } from '../../../../server/domain/power/halts.ts';
import { measureHash, measureSubject, waits } from '../../../../server/domain/power/measures.ts';
import { named } from '../../../chain/signing.ts';

export const START = 1_900_000_000;
export const DAY = 86_400;
export const WAIT = 2 * DAY;
export const VOTE = 64;
export const MANAGE = roleBits(['admin-preparer', 'admin-approver']);
export const VERIFIER = `0x${'fe'.repeat(20)}` as Address;
export const VALIDATORS = [`0x${'aa'.repeat(20)}`, `0x${'ac'.repeat(20)}`] as const;
export const CONSORTIUM = `0x${'c0'.repeat(20)}` as Address;
const NONCE = named('ledger nonce') as Bytes32;
const keysOf = (kind: KeyKind, of: string) => {
  const verifier = kind === 'p256' ? VERIFIER : ZERO_ADDRESS;
  const [key, spare] = ['key', 'spare'].map((place) => {
    return { kind, verifier, keyHash: named(`${place} of ${of}`), rpIdHash: ZERO_32 };
  });
  return { salt: named(of), key, spare };
};
export const voterOf = (institution: number) => named(`voter of ${institution}`);

function foundingOf(members: readonly number[]) {
  return {
    ledgerNonce: NONCE,
    institutions: members.map((institution) => ({ institution, roles: VOTE | MANAGE })),
    officers: members.flatMap((institution) => [
      {
        officer: voterOf(institution),
        institution,
        office: 0,
        roles: VOTE | MANAGE,
        ...keysOf('secp256k1', `voter of ${institution}`),
      },
      {
        officer: named(`second of ${institution}`),
        institution,
        office: 0,
        roles: MANAGE,
        ...keysOf('p256', `second of ${institution}`),
      },
    ]),
    verifiers: [{ kind: 'p256', verifier: VERIFIER }],
    ...{ offices: [], policies: [{ name: named('kept'), value: 1n }] },
    validators: [
      { validator: VALIDATORS[0], institution: 1 },
      { validator: VALIDATORS[1], institution: 3 },
    ],
    ...{ quorum: 2, wideningWaitSeconds: WAIT, appointmentWaitSeconds: DAY },
  };
}

/** A ledger of four members and a quorum of two, as an auditor follows it. */
export class Ledger {
  readonly findings = new FindingList();
  readonly #power = new PowerReplay(this.findings);
  readonly #measures = new MeasureReplay({
    ...{ chainId: 1, findings: this.findings, power: this.#power },
    signatures: new SignatureReplay(1n, this.findings, this.#power),
  });
  now = START;
  halts: readonly HaltSpan[] = [];

  /** What it began with. */
  readonly founding = foundingOf([1, 2, 3, 4]);

  constructor() {
    this.tell('ConsortiumFounded', { founding: this.founding });
    this.next();
  }

  tell(name: string, args: object): void {
    const event = { name, address: CONSORTIUM, contract: 'consortium', args };
    const told = event as unknown as LedgerEvent;
    this.#measures.apply(told, this.#moment());
    this.#power.apply(told, this.#moment());
  }

  #moment() {
    return { nowSeconds: this.now, halts: this.halts, redemption: NEVER_PAUSED };
  }

  /** A transaction of its own. */
  next(): void {
    this.#measures.beginTransaction();
  }

  measure(kind: MeasureKind, part: Partial<Measure> = {}): Measure {
    return {
      ...{ kind, institution: 0 as Measure['institution'], target: ZERO_ADDRESS, name: ZERO_32, value: 0n },
      ...{ appointmentsHash: ZERO_32, closesAt: BigInt(this.now + 7 * DAY), salt: 1n, ...part },
    };
  }

  vote(measure: Measure, institution: number, inFavour = true): void {
    const measureId = idOf(measure);
    this.tell('VoteCast', { measureId, institution, officer: voterOf(institution), inFavour });
    this.next();
  }

  open(measure: Measure, institution = 1): void {
    this.tell('MeasureOpened', { measureId: idOf(measure), openedBy: institution, measure });
    this.vote(measure, institution);
  }

  /** The log says that a measure may be carried out after a wait from now, or not at all. */
  schedule(measure: Measure, wait: number | undefined): void {
    const executableFrom = wait === undefined ? 0n : BigInt(this.now + wait);
    this.tell('MeasureScheduled', { measureId: idOf(measure), executableFrom });
    this.next();
  }

  /** Voted by the first two and carried out when its wait is over, with the events the contracts would write. */
  carryOut(
    measure: Measure,
    changes: readonly (readonly [string, object])[],
    told: Partial<Told> = {},
  ): void {
    this.open(measure);
    this.vote(measure, 2);
    this.now += told.after ?? (waits(measure.kind) ? WAIT : 0);
    this.execute(measure, changes, told);
  }

  /** With what other acts of the same transaction do after it. */
  execute(
    measure: Measure,
    changes: readonly (readonly [string, object])[],
    told: Partial<Told> = {},
    after: readonly (readonly [string, object])[] = [],
  ): void {
    this.tell('MeasureExecuted', { measureId: idOf(measure) });
    const args = {
      kind: 32 + MEASURE_KINDS.indexOf(measure.kind),
      newState: measureHash(measure),
      subject: measureSubject(measure),
      entryId: idOf(measure),
      ...{ preparer: ZERO_32, approver: ZERO_32, epochs: 0n, ...told.entry },
    };
    const entry = { address: CONSORTIUM, contract: 'consortium', args };
    if (told.isRecorded !== false) {
      this.#measures.checkEntry(entry as unknown as EventOf<'EntryRecorded'>);
    }
    for (const [name, change] of [...changes, ...after]) this.tell(name, change);
    this.next();
  }

  /** An institution here has two admins and no third, so that the loss of one key shows. */
  get broken(): string[] {
    const found = this.findings.all.filter(({ what }) => !what.includes('institution-needs-three-admins'));
    return found.map(({ invariant }) => invariant);
  }
}

interface Told {
  readonly after: number;
  readonly entry: object;
  readonly isRecorded: boolean;
}

export function idOf(measure: Measure): Bytes32 {
  const domain = registerDomain('consortium', { chainId: 1, ledgerNonce: NONCE }, CONSORTIUM);
  return signedDigest(domainSeparator(domain), measureHash(measure));
}

/** What is broken after telling a new ledger something. */
export function brokenBy(tell: (ledger: Ledger) => unknown): string[] {
  const ledger = new Ledger();
  tell(ledger);
  return ledger.broken;
}

export const policy = (ledger: Ledger, value = 30n) =>
  ledger.measure('set-policy', { name: named('noticeDays') as Bytes32, value });
export const noticeDays = (value = 30n) => ['PolicyChanged', { name: named('noticeDays'), value }] as const;
export const suspension = (ledger: Ledger, institution: number) =>
  ledger.measure('suspend-institution', { institution: institution as Measure['institution'] });
export const suspended = ({ now }: Ledger, institution: number) =>
  ['InstitutionSuspended', { institution, until: BigInt(now + 30 * DAY) }] as const;
export const quorum = (ledger: Ledger, value: number) =>
  ledger.measure('set-quorum', { value: BigInt(value) });
export const raised = (value: number) => ['QuorumChanged', { quorum: value }] as const;
