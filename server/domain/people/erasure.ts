/**
 * An erasure that is asked for: what two officers of a steward's office sign, and what the law has to be kept first.
 *
 * Promises: what is signed names the institution, the person by the id that the institution has of her, the ground, the case and
 * the second at which it was asked for, so that a signature is for one erasure; the rule that has something kept is the one of the
 * schema. Pure. Whoever asks, signs and judges calls it.
 */
import type { RegisterDomain } from '../acts/domains.ts';
import { digest, struct, type TypeTable } from '../acts/typedData.ts';
import type { Bytes32 } from '../base/hex.ts';
import type { OfficerId } from '../base/terms.ts';
import { type ErasureGround, hashOfParts } from './access.ts';
import { RETENTION, type Retention } from './schema.ts';

/** For which somebody may ask; the others are the gateway's own. */
export const ASKED_GROUNDS = [
  'asked-by-person',
  'court-order',
  'entered-in-error',
  'retention-ended',
] as const satisfies readonly ErasureGround[];

export interface ErasureAsked {
  readonly institution: number;
  /** What the institution calls the person. */
  readonly personId: Bytes32;
  readonly ground: (typeof ASKED_GROUNDS)[number];
  readonly caseReference: string;
  readonly atMs: number;
}

/** Who asks and who approves, each with the role of an officer that it takes. */
export const ERASURE_PARTS = { preparer: 'steward-preparer', approver: 'steward-approver' } as const;
export type ErasurePart = keyof typeof ERASURE_PARTS;

export function erasureId({ institution, personId, ground, caseReference, atMs }: ErasureAsked): Bytes32 {
  return hashOfParts(['kudurru erasure', 1, institution, personId, ground, caseReference, atMs]);
}

const ERASURE_TYPES = {
  ErasureApproval: struct('bytes32 erasure', 'bool isApproval', 'bytes32 officer', 'uint32 epoch'),
} as const satisfies TypeTable;

export interface ErasureSigner {
  readonly part: ErasurePart;
  readonly officer: OfficerId;
  readonly epoch: number;
}

/** In the domain of the consortium, whose officers sign. */
export function erasureDigest(
  domain: RegisterDomain,
  asked: ErasureAsked,
  { part, officer, epoch }: ErasureSigner,
): Bytes32 {
  const message = { erasure: erasureId(asked), isApproval: part === 'approver', officer, epoch };
  return digest(domain, ERASURE_TYPES, 'ErasureApproval', message);
}

/** What the registers know of a person, by when it ended; undefined while it goes on. */
export interface Ties {
  readonly rightsEndedAtMs: readonly (number | undefined)[];
  readonly programmesEndedAtMs: readonly (number | undefined)[];
}

/** What has to be kept, by which rule, and until when; without an end while the right or the programme goes on. */
export interface LawfulHold {
  readonly rule: Retention;
  readonly untilMs: number | undefined;
}

const DAY_MS = 86_400_000;

/** The rule that holds longest; undefined where nothing has to be kept. A court may order what a programme would keep, and no title. */
export function holdOn({ rightsEndedAtMs, programmesEndedAtMs }: Ties, ground: ErasureGround, nowMs: number) {
  const programmes = ground === 'court-order' ? [] : programmesEndedAtMs;
  const holds = [
    ...rightsEndedAtMs.map((endedAtMs) => heldBy('right-and-ten-years', endedAtMs)),
    ...programmes.map((endedAtMs) => heldBy('enrolment-and-two-years', endedAtMs)),
  ].filter(({ untilMs }) => untilMs === undefined || untilMs > nowMs);
  const lasting = ({ untilMs }: LawfulHold) => untilMs ?? Number.POSITIVE_INFINITY;
  return holds.toSorted((one, other) => lasting(other) - lasting(one))[0];
}

function heldBy(
  rule: 'right-and-ten-years' | 'enrolment-and-two-years',
  endedAtMs: number | undefined,
): LawfulHold {
  return { rule, untilMs: endedAtMs === undefined ? undefined : endedAtMs + RETENTION[rule].days * DAY_MS };
}
