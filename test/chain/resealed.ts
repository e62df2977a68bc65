/**
 * A history as a corrupt register would have written it with every officer's help: altered content, and every hash,
 * signature and link made anew over it. What an auditor finds in it is a broken rule, not a broken seal.
 */

import { approvalTypes } from '../../server/domain/acts/approval.ts';
import { registerDomain, type SigningRegister } from '../../server/domain/acts/domains.ts';
import type { ContractName, EventBlock, EventOf, LedgerEvent } from '../../server/domain/acts/events.ts';
import type { ActHead } from '../../server/domain/acts/head.ts';
import { NEVER_PAUSED } from '../../server/domain/acts/moment.ts';
import { SIGNED_TYPES } from '../../server/domain/acts/signedActs.ts';
import { signCompact } from '../../server/domain/acts/signing.ts';
import { ACTS, type ActRow } from '../../server/domain/acts/table.ts';
import {
  domainSeparator,
  hashStruct,
  type TypedStruct,
  typeHash,
} from '../../server/domain/acts/typedData.ts';
import { firstHead, foldEntry, signedDigest } from '../../server/domain/audit/journal.ts';
import { retell } from '../../server/domain/audit/landActs.ts';
import { type Address, type Bytes32, wordOf, ZERO_32 } from '../../server/domain/base/hex.ts';
import {
  type BAUnitId,
  type EntryId,
  KEY_KINDS,
  LAND_ACTS,
  LAND_KIND_BASE,
  nameOf,
} from '../../server/domain/base/terms.ts';
import { messageOf } from '../../server/domain/benefits/act.ts';
import { resultsHash } from '../../server/domain/benefits/redemption.ts';
import { BENEFIT_TYPES } from '../../server/domain/benefits/types.ts';
import { hashOfWords, itemEntryId, stateHash } from '../../server/domain/land/hashes.ts';
import type { BAUnitState } from '../../server/domain/land/types.ts';
import { POWER_TYPES } from '../../server/domain/power/acts.ts';
import { momentAt } from '../../server/domain/power/halts.ts';
import type { Officer } from './signing.ts';
import { LEDGER_NONCE } from './world.ts';

const SIGNING: Partial<Record<ContractName, SigningRegister>> = {
  consortium: 'consortium',
  personnel: 'personnel',
  safeguards: 'safeguards',
  land: 'landRegistry',
  benefits: 'benefitLedger',
};
const SWEEP = LAND_KIND_BASE + LAND_ACTS.indexOf('sweep');
const MEASURES = 32;

type Entry = EventOf<'EntryRecorded'>;

export interface Sealers {
  readonly chainId: bigint;
  readonly officers: readonly Officer[];
}

/** `blocks` with every seal made anew, each in its place. */
export function resealed(blocks: readonly EventBlock[], sealers: Sealers): EventBlock[] {
  const forger = new Forger(sealers);
  return blocks.map((block) => ({ ...block, events: forger.reseal(block) }));
}

class Forger {
  readonly #sealers: Sealers;
  readonly #heads = new Map<Address, { head: Bytes32; count: bigint }>();
  readonly #units = new Map<BAUnitId, BAUnitState>();
  readonly #envelopes = new Map<string, Bytes32>();
  #pauses = 0;
  /** The scopes, as bits, that two institutions stopped last. */
  #heldByTwo = 0;

  constructor(sealers: Sealers) {
    this.#sealers = sealers;
  }

  reseal({ events, timestampSeconds }: EventBlock): LedgerEvent[] {
    const left = [...events];
    const made: LedgerEvent[] = [];
    while (left.length > 0) {
      const group = takeGroup(left);
      const sealed = this.#sealGroup(group, timestampSeconds);
      made.push(...sealed.map((event) => this.#chain(event)));
    }
    return made;
  }

  /** Links an entry to the one before it. */
  #chain(event: LedgerEvent): LedgerEvent {
    const { address } = event;
    if (event.name === 'ContractFound' && SIGNING[event.args.contract] !== undefined) {
      const known = this.#heads.get(event.args.address);
      const head = known?.head ?? firstHead(this.#sealers.chainId, event.args.address);
      this.#heads.set(event.args.address, { head, count: known?.count ?? 0n });
    }
    if (event.name === 'RegisterFrozen') {
      return withArgs(event, { finalHead: this.#heads.get(address)?.head });
    }
    if (event.name === 'RegisterContinued') {
      const finalHead = this.#heads.get(event.args.predecessor)?.head ?? ZERO_32;
      const head = firstHead(this.#sealers.chainId, address, finalHead);
      this.#heads.set(address, { head, count: 0n });
      return withArgs(event, { finalHead, firstHead: head });
    }
    if (event.name !== 'EntryRecorded') return event;
    const { head, count } = this.#heads.get(address) ?? { head: ZERO_32 as Bytes32, count: 0n };
    const args = { ...event.args, index: count };
    const next = foldEntry(head, args);
    this.#heads.set(address, { head: next, count: count + 1n });
    return { ...event, args: { ...args, head: next } } as LedgerEvent;
  }

  #sealGroup(group: readonly LedgerEvent[], nowSeconds: number): LedgerEvent[] {
    const [first] = group;
    const entry = group.find((event): event is Entry => event.name === 'EntryRecorded');
    if (first === undefined || entry === undefined) return [...group];
    if (first.name === 'Signed') return this.#sealSigned(group, first, entry, nowSeconds);
    return this.#sealAlone(group, entry);
  }

  #sealSigned(
    group: readonly LedgerEvent[],
    signed: EventOf<'Signed'>,
    entry: Entry,
    nowSeconds: number,
  ): LedgerEvent[] {
    const { head, approvalDeadline } = signed.args;
    const isItems = entry.args.entryId !== signed.args.entryId;
    const states = this.#rechained(group);
    const { actHash, newState } = this.#contentOf(group, states, { head, entry, isItems, nowSeconds });
    const separator = this.#separatorOf(entry);
    const entryId = signedDigest(separator, actHash) as Bytes32 as EntryId;
    const [row] = Object.values(ACTS).filter(
      (one: ActRow) =>
        one.register === SIGNING[entry.contract] &&
        (one.kinds as readonly number[]).includes(entry.args.kind) &&
        (one.type === 'Batch') === (isItems && entry.args.kind === LAND_KIND_BASE + 1),
    );
    const approverEpoch = entry.args.epochs & 0xffff_ffffn;
    const approval = hashOfWords([
      typeHash(approvalTypes(SIGNED_TYPES, row?.type ?? ''), 'Approval'),
      ...[actHash, entry.args.approver as Bytes32, wordOf(approverEpoch), wordOf(approvalDeadline)],
    ]);
    const parts = {
      ...{ entryId, actHash },
      preparerSignature: signCompact(entryId, this.#keyOf(head.preparer, head.preparerEpoch)),
      approverSignature: signCompact(
        signedDigest(separator, approval),
        this.#keyOf(entry.args.approver, Number(approverEpoch)),
      ),
    };
    const epochs = (BigInt(head.preparerEpoch) << 32n) | approverEpoch;
    let item = 0;
    let at = 0;
    return group.map((event) => {
      switch (event.name) {
        case 'Signed':
          return withArgs(event, parts);
        case 'ConsentsTaken':
          return withArgs(event, { entryId });
        case 'ActApplied':
          return withArgs(event, { entryId, newState: actHash });
        case 'EntryRecorded': {
          const state = states[item];
          const id = isItems ? itemEntryId(entryId, item) : entryId;
          item++;
          const args = { entryId: id, preparer: head.preparer, epochs, newState: newState ?? hashOf(state) };
          return { ...(withArgs(event, args) as Entry), act: head } as LedgerEvent;
        }
        case 'BAUnitRecorded': {
          const state = states[at++] ?? event.args.state;
          this.#units.set(event.args.baUnit, state);
          return withArgs(event, { state, stateHash: stateHash(state) });
        }
        default: {
          if (event.name === 'Paused' || event.name === 'Unpaused') this.#countPause(event);
          return event;
        }
      }
    });
  }

  #countPause(event: EventOf<'Paused' | 'Unpaused'>): void {
    const { scope } = event.args;
    const isByTwo = event.name === 'Paused' && event.args.byTwoInstitutions;
    if (isByTwo || (event.name === 'Unpaused' && (this.#heldByTwo & scope) !== 0)) this.#pauses++;
    this.#heldByTwo = isByTwo ? this.#heldByTwo | scope : this.#heldByTwo & ~scope;
  }

  /** The states of an act, each naming the one it follows as it is now. */
  #rechained(group: readonly LedgerEvent[]): BAUnitState[] {
    const ended: BAUnitState[] = [];
    return group.flatMap((event) => {
      if (event.name !== 'BAUnitRecorded') return [];
      const before = this.#units.get(event.args.baUnit);
      const priorState =
        before !== undefined
          ? stateHash(before)
          : event.args.state.header.origin === 'consolidation'
            ? hashOfWords(ended.map(stateHash))
            : event.args.state.header.origin === 'subdivision'
              ? hashOf(ended[0])
              : event.args.state.priorState;
      const isForged = event.args.state.priorState === FORGED;
      const state = isForged ? event.args.state : { ...event.args.state, priorState };
      if (state.header.status === 'retired') ended.push(state);
      return [state];
    });
  }

  #contentOf(
    group: readonly LedgerEvent[],
    states: readonly BAUnitState[],
    of: {
      readonly head: ActHead;
      readonly entry: Entry;
      readonly isItems: boolean;
      readonly nowSeconds: number;
    },
  ): { readonly actHash: Bytes32; readonly newState?: Bytes32 } {
    const { entry, isItems } = of;
    const head: TypedStruct = { ...of.head };
    for (const event of group) {
      switch (event.name) {
        case 'BAUnitRecorded': {
          const act = nameOf(LAND_ACTS, entry.args.kind - LAND_KIND_BASE) ?? 'unspecified';
          const moment = momentAt(BigInt(of.nowSeconds), [], NEVER_PAUSED);
          const units = group.filter((one) => one.name === 'BAUnitRecorded');
          const changes = units.map(({ args: { baUnit } }, i) => ({
            baUnit,
            before: this.#units.get(baUnit),
            after: states[i] as BAUnitState,
          }));
          const retold = retell({ act, head: of.head, isBatch: isItems, moment }, changes);
          return { actHash: retold?.actHash ?? ZERO_32 };
        }
        case 'ActApplied': {
          const { name, act } = event.args.applied;
          if (name === 'Release') break;
          const actHash = hashStruct(BENEFIT_TYPES[name], name, { head, ...messageOf(name, act) });
          if (name === 'CycleEnvelope') this.#envelopes.set(`${act.programme} ${act.cycle}`, actHash);
          return { actHash, newState: actHash };
        }
        case 'OfficerAppointed': {
          const { salt, institution, office, roles, key, spare } = event.args;
          const appointment = { salt, institution, office, roles, key: keyOf(key), spare: keyOf(spare) };
          return {
            actHash: power('AppointOfficer', { head, appointment }),
            newState: power('Appointment', appointment),
          };
        }
        case 'KeyRotated': {
          const { officer, epoch, key } = event.args;
          const actHash = power('RotateKey', { head, officer, epoch: epoch - 2, key: keyOf(key) });
          return { actHash, newState: power('Key', keyOf(key)) };
        }
        case 'OfficerRevoked': {
          const { officer, suspectSince, caseReference } = event.args;
          const actHash = power('RevokeOfficer', { head, officer, suspectSince, caseReference });
          return { actHash, newState: actHash };
        }
        case 'OfficerFreed': {
          const actHash = power('FreeOfficer', { head, ...event.args });
          return { actHash, newState: actHash };
        }
        case 'Paused':
        case 'Unpaused': {
          const type = event.name === 'Paused' ? 'LongPause' : 'Unpause';
          const actHash = power(type, { head, ...unmarked(event.args), pauseSequence: this.#pauses });
          return { actHash, newState: actHash };
        }
      }
    }
    return { actHash: ZERO_32 };
  }

  /** What one officer signs, or nobody. */
  #sealAlone(group: readonly LedgerEvent[], entry: Entry): LedgerEvent[] {
    const epoch = Number(entry.args.epochs >> 32n);
    const ordered = (order: Bytes32, newState = order) => ({
      entryId: signedDigest(this.#separatorOf(entry), order) as Bytes32 as EntryId,
      newState,
    });
    let said: object = {};
    let swept: BAUnitState | undefined;
    for (const event of group) {
      if (event.name === 'OfficerRevoked') {
        const { officer, suspectSince, caseReference } = event.args;
        said = ordered(power('Resignation', { officer, suspectSince, caseReference, epoch }));
      }
      if (event.name === 'OfficerSuspended') {
        said = ordered(power('Suspension', { ...event.args, revokerEpoch: epoch }));
      }
      if (event.name === 'Paused') {
        said = ordered(power('ShortPause', { ...unmarked(event.args), officer: entry.args.preparer, epoch }));
      }
      if (event.name === 'BatchRedeemed') said = { newState: resultsHash(event.args.results) };
      if (event.name === 'ActApplied' && event.args.applied.name === 'Release') {
        const { programme, cycle } = event.args.applied.act;
        said = { newState: this.#envelopes.get(`${programme} ${cycle}`) };
      }
      if (event.name === 'BAUnitRecorded' && entry.args.kind === SWEEP) {
        [swept] = this.#rechained(group);
        const { baUnit } = event.args;
        const order = hashStruct(
          {
            Sweep: [
              { name: 'baUnit', type: 'bytes32' },
              { name: 'priorState', type: 'bytes32' },
            ],
          },
          'Sweep',
          { baUnit, priorState: swept?.priorState ?? ZERO_32 },
        );
        said = ordered(order, hashOf(swept));
        if (swept !== undefined) this.#units.set(baUnit, swept);
      }
    }
    return group.map((event) => {
      if (event.name === 'EntryRecorded') return withArgs(event, said);
      const isSwept = event.name === 'BAUnitRecorded' && swept !== undefined;
      return isSwept ? withArgs(event, { state: swept, stateHash: hashOf(swept) }) : event;
    });
  }

  #separatorOf({ contract, address }: Entry): Bytes32 {
    const identity = { chainId: Number(this.#sealers.chainId), ledgerNonce: LEDGER_NONCE };
    return domainSeparator(registerDomain(SIGNING[contract] ?? 'consortium', identity, address));
  }

  #keyOf(officer: string, epoch: number): Uint8Array {
    const of = this.#sealers.officers.filter((one) => one.officer === officer);
    const one = of.find((each) => each.epoch === epoch) ?? of[0] ?? this.#sealers.officers[0];
    if (one === undefined) throw new Error('nobody to sign');
    return one.key;
  }
}

/** A prior state that a test forges, and no seal mends. */
export const FORGED = `0x${'f0'.repeat(32)}` as Bytes32;

/** The events of one act, from its signatures or its first effect to its last state. */
function takeGroup(left: LedgerEvent[]): LedgerEvent[] {
  const [first] = left;
  if (first === undefined) return [];
  const group = [left.shift() as LedgerEvent];
  if (!LEADS.has(first.name)) return group;
  const hasEntry = () => group.some(({ name }) => name === 'EntryRecorded');
  while (left[0]?.transactionHash === first.transactionHash) {
    const { name } = left[0];
    const isOfBatch = first.contract === 'land' && first.name === 'Signed';
    const goesOn =
      name === 'BAUnitRecorded' || (name === 'EntryRecorded' ? !hasEntry() || isOfBatch : FOLLOWS.has(name));
    if (!goesOn || (hasEntry() && FOLLOWS.has(name))) break;
    if (
      group.some(
        (one) => one.name === 'EntryRecorded' && one.args.kind >= MEASURES && one.contract === 'consortium',
      )
    )
      break;
    group.push(left.shift() as LedgerEvent);
  }
  return group;
}

const FOLLOWS: ReadonlySet<string> = new Set([
  ...['ActApplied', 'ConsentsTaken', 'OfficerAppointed', 'KeyRotated', 'OfficerRevoked'],
  ...['OfficerSuspended', 'OfficerFreed'],
  ...['Paused', 'Unpaused', 'BatchRedeemed'],
]);
const LEADS: ReadonlySet<string> = new Set(['Signed', 'EntryRecorded', ...FOLLOWS]);

function withArgs(event: LedgerEvent, args: object): LedgerEvent {
  return { ...event, args: { ...event.args, ...args } } as LedgerEvent;
}

function hashOf(state: BAUnitState | undefined): Bytes32 {
  return state === undefined ? ZERO_32 : stateHash(state);
}

/** A pause as it is ordered. */
function unmarked(args: object): object {
  return Object.fromEntries(Object.entries(args).filter(([name]) => name !== 'byTwoInstitutions'));
}

function power(type: keyof typeof POWER_TYPES, message: object): Bytes32 {
  return hashStruct(POWER_TYPES, type, message as TypedStruct);
}

function keyOf(key: { readonly kind: (typeof KEY_KINDS)[number] }): TypedStruct {
  return { ...key, kind: KEY_KINDS.indexOf(key.kind) } as unknown as TypedStruct;
}
