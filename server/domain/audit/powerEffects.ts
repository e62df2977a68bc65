/**
 * What officers do to power, and what the entry that follows must say of it.
 *
 * Promises: a row for every event of power that officers cause; an entry's kind, subject and new state, and the hash of the
 * act that two signed, as the registers make them from the event. Pure.
 */
import type { ContractName, EventOf, LedgerEvent, OfficerKey } from '../acts/events.ts';
import type { ActHead } from '../acts/head.ts';
import { hashStruct, type TypedStruct } from '../acts/typedData.ts';
import { type Bytes32, wordOf, ZERO_32 } from '../base/hex.ts';
import { KEY_KINDS, numberOf } from '../base/terms.ts';
import { POWER_KINDS, POWER_TYPES } from '../power/acts.ts';
import { officerIdOf } from '../power/possession.ts';

/** What officers do to power: their entry follows, and it counts from then on. */
export type PowerEffect = EventOf<
  | 'OfficerAppointed'
  | 'KeyRotated'
  | 'OfficerSuspended'
  | 'OfficerFreed'
  | 'OfficerRevoked'
  | 'Paused'
  | 'Unpaused'
>;

/** What two officers of an act signed, as far as an entry is held against it. */
export interface SignedParts {
  readonly head: ActHead;
  readonly actHash: Bytes32;
}

/** The register whose entry says so: the consortium emits what personnel enters. */
const ENTERED_BY: Readonly<Record<PowerEffect['name'], ContractName>> = {
  OfficerAppointed: 'personnel',
  KeyRotated: 'personnel',
  OfficerSuspended: 'personnel',
  OfficerFreed: 'personnel',
  OfficerRevoked: 'personnel',
  Paused: 'safeguards',
  Unpaused: 'safeguards',
};

export function isEffect(event: LedgerEvent): event is PowerEffect {
  return Object.hasOwn(ENTERED_BY, event.name);
}

export function isEnteredBy({ name }: PowerEffect, register: ContractName): boolean {
  return ENTERED_BY[name] === register;
}

/** What an entry says of an effect, and the act that was signed for it. */
interface Bound {
  readonly kind: number;
  readonly subject: Bytes32;
  readonly newState: Bytes32;
  readonly actHash?: Bytes32;
}

/** What one officer signs alone: the order itself is the state its entry says. */
export function boundAlone(
  { name, args }: PowerEffect,
  entry: EventOf<'EntryRecorded'>['args'],
): Bound | undefined {
  const epoch = Number(entry.epochs >> 32n);
  if (name === 'OfficerRevoked' && args.revoker === entry.preparer && args.officer === entry.preparer) {
    const { officer, suspectSince, caseReference } = args;
    const order = { officer, suspectSince, caseReference, epoch };
    return { kind: POWER_KINDS.resignation, subject: officer, newState: hash('Resignation', order) };
  }
  if (name === 'OfficerSuspended' && args.revoker === entry.preparer) {
    const newState = hash('Suspension', { ...args, revokerEpoch: epoch });
    return { kind: POWER_KINDS.suspension, subject: args.officer, newState };
  }
  if (name !== 'Paused' || args.byTwoInstitutions) return undefined;
  const { scope, until, caseReference } = args;
  const order = { scope, until, caseReference, officer: entry.preparer, epoch };
  const newState = hash('ShortPause', order);
  return { kind: POWER_KINDS.shortPause, subject: wordOf(BigInt(scope)), newState };
}

/** What two officers signed; `pauseSequence` counts pauses and their ends before. */
export function boundBy(
  { name, args }: PowerEffect,
  signed: SignedParts,
  pauseSequence: number,
): Bound | undefined {
  const head = { ...signed.head };
  const ofTwo = (kind: number, subject: Bytes32, actHash: Bytes32) => {
    return { kind, subject, newState: actHash, actHash };
  };
  switch (name) {
    case 'OfficerAppointed': {
      const { officer, salt, institution, office, roles } = args;
      const [key, spare] = [messageOfKey(args.key), messageOfKey(args.spare)];
      const appointment = { salt, institution, office, roles, key, spare };
      if (officer !== officerIdOf(args.key.keyHash, salt)) return undefined;
      const actHash = hash('AppointOfficer', { head, appointment });
      const [kind, newState] = [POWER_KINDS.appointOfficer, hash('Appointment', appointment)];
      return { kind, subject: officer, newState, actHash };
    }
    case 'KeyRotated': {
      const { officer, epoch } = args;
      const key = messageOfKey(args.key);
      const actHash = hash('RotateKey', { head, officer, epoch: Math.max(epoch - 2, 0), key });
      return { kind: POWER_KINDS.rotateKey, subject: officer, newState: hash('Key', key), actHash };
    }
    case 'Unpaused':
      return ofTwo(
        POWER_KINDS.unpause,
        wordOf(BigInt(args.scope)),
        hash('Unpause', { head, ...args, pauseSequence }),
      );
    case 'Paused': {
      if (!args.byTwoInstitutions) return undefined;
      const { scope, until, caseReference } = args;
      const stop = { head, scope, until, pauseSequence, caseReference };
      return ofTwo(POWER_KINDS.longPause, wordOf(BigInt(scope)), hash('LongPause', stop));
    }
    case 'OfficerRevoked': {
      const { officer, revoker, suspectSince, caseReference } = args;
      if (revoker !== ZERO_32) return undefined;
      const act = { head, officer, suspectSince, caseReference };
      return ofTwo(POWER_KINDS.revokeOfficer, officer, hash('RevokeOfficer', act));
    }
    case 'OfficerFreed': {
      const { officer, caseReference } = args;
      return ofTwo(POWER_KINDS.freeOfficer, officer, hash('FreeOfficer', { head, officer, caseReference }));
    }
    case 'OfficerSuspended':
      return undefined;
  }
}

function hash(name: keyof typeof POWER_TYPES, message: object): Bytes32 {
  return hashStruct(POWER_TYPES, name, message as TypedStruct);
}

function messageOfKey(key: OfficerKey): TypedStruct {
  return { ...key, kind: numberOf(KEY_KINDS, key.kind) };
}
