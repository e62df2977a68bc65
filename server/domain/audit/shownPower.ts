/**
 * What calls show of power and no event does: a member's ballot, and that each key of an officer was held when it came.
 *
 * Promises: what a direct call shows is of the very vote or key that the events record, and is signed, by the officer's key
 * of that epoch or by the key that was registered; what none shows is counted, never taken for checked. A founding is shown by the
 * transaction that created its consortium, of whatever block.
 */
import { registerDomain } from '../acts/domains.ts';
import type { EventOf, Founding, Measure, OfficerKey, ShownCall } from '../acts/events.ts';
import { hashStruct, type TypedDomain, type TypedStruct } from '../acts/typedData.ts';
import type { Bytes32, Hex } from '../base/hex.ts';
import { ZERO_32 } from '../base/hex.ts';
import type { InstitutionId, OfficerId } from '../base/terms.ts';
import { POWER_TYPES } from '../power/acts.ts';
import { measureHash, measureMessage } from '../power/measures.ts';
import { FIRST_EPOCHS, foundingDomain, isPossessed } from '../power/possession.ts';
import type { FindingList } from './findings.ts';
import { signedDigest } from './journal.ts';
import type { PowerReplay } from './replayPower.ts';
import type { SignatureReplay } from './replaySignatures.ts';

export interface ShownPowerParts {
  readonly chainId: number;
  readonly findings: FindingList;
  readonly power: PowerReplay;
  readonly signatures: SignatureReplay;
}

/** The method under which the creation of a consortium is shown. */
export const CREATION = 'constructor';

interface Ballot {
  readonly measure: Measure;
  readonly inFavour: boolean;
  readonly officer: OfficerId;
  readonly epoch: number;
}

interface Possessions {
  readonly key: Hex;
  readonly spare: Hex;
}

/** A vote as its call shows it; answers the epoch of the key that signed. Undefined where no call shows it. */
export function checkBallot(
  { findings, signatures }: ShownPowerParts,
  event: EventOf<'VoteCast'>,
  separator: Bytes32,
): number | undefined {
  const call = signatures.callOf(event);
  const isShown = call?.method === 'vote';
  signatures.tally(1, isShown);
  if (!isShown) return undefined;
  const { measureId, officer, inFavour } = event.args;
  const ballot = call.args.ballot as Ballot;
  const message: TypedStruct = { ...ballot, measure: measureMessage(ballot.measure) };
  const digest = signedDigest(separator, hashStruct(POWER_TYPES, 'Vote', message));
  const isOfIt =
    ballot.officer === officer &&
    ballot.inFavour === inFavour &&
    signedDigest(separator, measureHash(ballot.measure)) === measureId;
  const isSigned = signatures.isBy(officer, ballot.epoch, digest, call.args.signature as Hex);
  const what = 'A vote is not the one that its officer signed.';
  findings.require(isOfIt && isSigned, 'P4', what, measureId);
  return ballot.epoch;
}

/** The keys of an officer who comes, or the one that takes another's place, at the event that says so. */
export function checkKeys(
  parts: ShownPowerParts,
  event: EventOf<'OfficerAppointed'> | EventOf<'KeyRotated'>,
): void {
  const { chainId, power, signatures } = parts;
  const call = signatures.callOf(event);
  const identity = { chainId, ledgerNonce: power.ledgerNonce ?? ZERO_32 };
  const domain = registerDomain('consortium', identity, event.address);
  const { officer } = event.args;
  if (event.name === 'KeyRotated') {
    const { key, epoch } = event.args;
    const possession = call?.method === 'rotateKey' ? (call.args.possession as Hex) : undefined;
    const institution = power.institutionOf(officer);
    checkHeld(parts, domain, { officer, institution, keys: [{ key, epoch, possession }] });
    return;
  }
  const { institution, key, spare } = event.args;
  const shown = possessionsOf(call, event.args);
  checkHeld(parts, domain, { officer, institution, keys: pairOf({ key, spare }, shown) });
}

/** The keys of everybody whom a consortium begins with. */
export function checkFounders(
  parts: ShownPowerParts,
  { args: { founding } }: EventOf<'ConsortiumFounded'>,
): void {
  const shown = parts.signatures.creations.findLast(({ args }) => isOf(args.file as Founding, founding));
  const possessions = shown?.args.possessions as readonly Possessions[] | undefined;
  founding.officers.forEach(({ officer, institution, key, spare }, i) => {
    const keys = pairOf({ key, spare }, possessions?.[i]);
    checkHeld(parts, foundingDomain(founding.ledgerNonce), { officer, institution, keys });
  });
}

function isOf(file: Founding, { ledgerNonce, officers }: Founding): boolean {
  const isSame = (one: Founding['officers'][number], i: number) =>
    one.key.keyHash === officers[i]?.key.keyHash && one.spare.keyHash === officers[i]?.spare.keyHash;
  return (
    file.ledgerNonce === ledgerNonce &&
    file.officers.length === officers.length &&
    file.officers.every(isSame)
  );
}

/** Of an appointment, by two admins or by the members, among those of the call. */
function possessionsOf(
  call: ShownCall | undefined,
  { salt, key }: EventOf<'OfficerAppointed'>['args'],
): Possessions | undefined {
  if (call?.method === 'appointOfficer') return call.args.possessions as Possessions;
  if (call?.method !== 'execute') return undefined;
  const appointments = call.args.appointments as readonly {
    readonly salt: Bytes32;
    readonly key: OfficerKey;
  }[];
  const at = appointments.findIndex((one) => one.salt === salt && one.key.keyHash === key.keyHash);
  return (call.args.possessions as readonly Possessions[])[at];
}

interface KeyHeld {
  readonly key: OfficerKey;
  readonly epoch: number;
  readonly possession: Hex | undefined;
}

function pairOf(
  { key, spare }: { readonly key: OfficerKey; readonly spare: OfficerKey },
  shown: Possessions | undefined,
): KeyHeld[] {
  return [
    { key, epoch: FIRST_EPOCHS.key, possession: shown?.key },
    { key: spare, epoch: FIRST_EPOCHS.spare, possession: shown?.spare },
  ];
}

interface Holder {
  readonly officer: OfficerId;
  readonly institution: InstitutionId;
  readonly keys: readonly KeyHeld[];
}

function checkHeld(
  { findings, power, signatures }: ShownPowerParts,
  domain: TypedDomain,
  { officer, institution, keys }: Holder,
): void {
  for (const { key, epoch, possession } of keys) {
    signatures.tally(1, possession !== undefined);
    if (possession === undefined) continue;
    const said = { officerId: officer, keyHash: key.keyHash, epoch, institution };
    const isHeld = power.isVerified(key) && isPossessed(domain, said, key, possession);
    if (!isHeld) findings.refuse('key-not-possessed', 'P3', officer);
  }
}
