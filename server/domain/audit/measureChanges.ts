/**
 * What a measure changes: which events follow it when it is carried out, and what each must agree with in it.
 *
 * Promises: a row for every event by which the members change anything but an officer; `changesOf` names each event that
 * the contracts emit once when a measure of that kind is carried out. Pure.
 */
import type { EventArgs, EventName, LedgerEvent, Measure } from '../acts/events.ts';
import { type InstitutionId, KEY_KINDS, type MeasureKind, numberOf } from '../base/terms.ts';
import { haltSpan } from '../power/measures.ts';

export type Change = keyof typeof CHANGES;
/** So many votes and two institutions judge from then on. */
export const SEATED_QUORUM = 2;

/** What an event of a change must agree with in the measure that asks for it. */
const CHANGES = {
  InstitutionAdmitted: change('admit-institution', (m, a) => same(m, a) && m.value === BigInt(a.roles)),
  InstitutionExpelled: change('expel-institution', same),
  InstitutionSuspended: change('suspend-institution', same),
  SuspensionLifted: change('lift-suspension', same),
  InstitutionRolesChanged: change(
    'set-institution-roles',
    (m, a) => same(m, a) && m.value === BigInt(a.roles),
  ),
  QuorumChanged: change('set-quorum', (m, a) => m.value === BigInt(a.quorum)),
  ConsortiumSeated: change('set-quorum', (m) => m.value >= SEATED_QUORUM),
  WideningWaitChanged: change('set-widening-wait', (m, a) => m.value === BigInt(a.waitSeconds)),
  AppointmentWaitChanged: change('set-appointment-wait', (m, a) => m.value === BigInt(a.waitSeconds)),
  VerifierAllowed: change(
    'allow-verifier',
    (m, a) => m.target === a.verifier && m.value === BigInt(numberOf(KEY_KINDS, a.kind)),
  ),
  VerifierDisallowed: change('disallow-verifier', (m, a) => m.target === a.verifier),
  PolicyChanged: change('set-policy', (m, a) => m.name === a.name && m.value === a.value),
  OfficeMoved: change('move-office', (m, a) => m.institution === a.keeper && m.value === BigInt(a.office)),
  HaltRecorded: change('record-halt', (m, a) => haltSpan(m).from === a.from && haltSpan(m).to === a.to),
  RegisterFrozen: change(['put-in-force', 'pass-authority'], (m, a) => m.target === a.successor),
  RegisterNamed: change('put-in-force', (m, a) => m.name === a.name && m.target === a.register),
  AuthorityChanged: change('pass-authority', (m, a) => m.target === a.authority),
  ValidatorAdded: change(['add-validator', 'replace-validator'], (m, a) => m.target === a.validator),
  ValidatorRemoved: change(['remove-validator', 'replace-validator'], (m, a) =>
    m.kind === 'remove-validator' ? m.target === a.validator : BigInt(m.name) === BigInt(a.validator),
  ),
} as const satisfies { readonly [N in keyof EventArgs]?: ChangeRow<N> };

interface ChangeRow<N extends keyof EventArgs> {
  readonly kinds: readonly MeasureKind[];
  readonly agrees: (measure: Measure, args: EventArgs[N]) => boolean;
}

function change<N extends keyof EventArgs>(
  kinds: MeasureKind | readonly MeasureKind[],
  agrees: (measure: Measure, args: EventArgs[N]) => boolean,
): ChangeRow<N> {
  return { kinds: typeof kinds === 'string' ? [kinds] : kinds, agrees };
}

function same(measure: Measure, { institution }: { readonly institution: InstitutionId }): boolean {
  return measure.institution === institution;
}

export function isChange(event: LedgerEvent): event is Extract<LedgerEvent, { readonly name: Change }> {
  return Object.hasOwn(CHANGES, event.name);
}

/** Whether an event of a change is one that a measure asks for. */
export function isAskedBy(
  { name, args }: Extract<LedgerEvent, { readonly name: Change }>,
  measure: Measure,
): boolean {
  const { kinds, agrees } = CHANGES[name] as ChangeRow<Change>;
  return kinds.includes(measure.kind) && agrees(measure, args);
}

const CHANGED: Readonly<Record<Exclude<MeasureKind, 'unspecified'>, readonly EventName[]>> = {
  'admit-institution': ['InstitutionAdmitted'],
  'expel-institution': ['InstitutionExpelled'],
  'suspend-institution': ['InstitutionSuspended'],
  'lift-suspension': ['SuspensionLifted'],
  'set-institution-roles': ['InstitutionRolesChanged'],
  'reseat-institution': [],
  'set-quorum': ['QuorumChanged'],
  'set-widening-wait': ['WideningWaitChanged'],
  'set-appointment-wait': ['AppointmentWaitChanged'],
  'allow-verifier': ['VerifierAllowed'],
  'disallow-verifier': ['VerifierDisallowed'],
  'add-validator': ['ValidatorAdded'],
  'remove-validator': ['ValidatorRemoved'],
  'set-policy': ['PolicyChanged'],
  'put-in-force': ['RegisterNamed'],
  'pass-authority': ['RegisterFrozen', 'AuthorityChanged'],
  'move-office': ['OfficeMoved'],
  'record-halt': ['HaltRecorded'],
  'replace-validator': ['ValidatorAdded', 'ValidatorRemoved'],
  'revoke-officer': ['OfficerRevoked'],
  'free-officer': ['OfficerFreed'],
};

/** The events that follow a measure, each once, beside the officers whom it appoints. */
export function changesOf(
  { kind, value }: Measure,
  before: { readonly isSeated: boolean; readonly isNamed: boolean },
): Set<EventName> {
  const changes = new Set(kind === 'unspecified' ? [] : CHANGED[kind]);
  if (kind === 'set-quorum' && !before.isSeated && value >= SEATED_QUORUM) changes.add('ConsortiumSeated');
  if (kind === 'put-in-force' && before.isNamed) changes.add('RegisterFrozen');
  return changes;
}
