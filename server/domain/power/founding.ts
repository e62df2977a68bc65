/**
 * Who the consortium begins with: what a founding file says, what it lacks, and what the constructor takes.
 *
 * Hides that people write roles by name and do not know yet where verifiers will stand. Types and pure functions;
 * `foundingFile.ts` reads and writes the file. Anyone may import it.
 */
import type { Address, Bytes32, Hex } from '../base/hex.ts';
import { ZERO_ADDRESS } from '../base/hex.ts';
import { refusal } from '../base/refusal.ts';
import {
  type InstitutionId,
  KEY_KINDS,
  numberOf,
  type OfficeId,
  type OfficerId,
  type Role,
  roleBits,
} from '../base/terms.ts';

/** Kinds of key that a verifier contract checks (ERC-7913). */
export const VERIFIED_KINDS = ['p256', 'webauthn'] as const;
export type VerifiedKind = (typeof VERIFIED_KINDS)[number];

export interface FoundingKey {
  readonly kind: 'secp256k1' | VerifiedKind;
  /** keccak256 of the 20 bytes of an address, or of the 64 bytes qx ‖ qy. */
  readonly keyHash: Bytes32;
  /** sha256 of the relying party a passkey was made for; zero for other kinds. */
  readonly rpIdHash: Bytes32;
  /** The key's own signature that it is this officer's (`possession.ts`), in the founding domain. */
  readonly possession: Hex;
}

export interface FoundingOfficer {
  /** Of the first key and the salt. */
  readonly officer: OfficerId;
  readonly salt: Bytes32;
  readonly institution: InstitutionId;
  /** 0 is every office. */
  readonly office: OfficeId;
  readonly roles: readonly Role[];
  readonly key: FoundingKey;
  /** Kept elsewhere; either signs. */
  readonly spare: FoundingKey;
}

export interface Founding {
  /** 32 random bytes: what makes every signature of this ledger its own. */
  readonly ledgerNonce: Bytes32;
  readonly institutions: readonly { readonly institution: InstitutionId; readonly roles: readonly Role[] }[];
  /** Which institution keeps which office: only its officers prepare what begins there. */
  readonly offices: readonly { readonly office: OfficeId; readonly keeper: InstitutionId }[];
  readonly officers: readonly FoundingOfficer[];
  /** Kinds of key allowed from the start; their verifiers' addresses are known only when they are deployed. */
  readonly verifiers: readonly VerifiedKind[];
  readonly policies: readonly { readonly name: Bytes32; readonly value: bigint }[];
  /** The Charter's first set, in its order, and which institution runs each. */
  readonly validators: readonly {
    readonly validator: Address | typeof FOUNDING_NODE;
    readonly institution: InstitutionId;
  }[];
  readonly quorum: number;
  readonly wideningWaitSeconds: number;
  readonly appointmentWaitSeconds: number;
}

/** The node that founds: where it seals alone, its key is made only after the institutions agreed on the file. */
export const FOUNDING_NODE = 'node';

/**
 * `Founding` of contracts/interfaces/IConsortium.sol, ready for ABI encoding. A deployment that does not know the
 * verifiers' addresses yet says instead where they will come from.
 */
export interface FoundingStruct<Verifier = Address> {
  readonly ledgerNonce: Bytes32;
  readonly institutions: readonly { readonly institution: number; readonly roles: number }[];
  readonly offices: readonly { readonly office: number; readonly keeper: number }[];
  readonly officers: readonly {
    readonly salt: Bytes32;
    readonly institution: number;
    readonly office: number;
    readonly roles: number;
    readonly key: KeyStruct<Verifier>;
    readonly spare: KeyStruct<Verifier>;
  }[];
  readonly verifiers: readonly { readonly kind: number; readonly verifier: Verifier }[];
  readonly policies: readonly { readonly name: Bytes32; readonly value: bigint }[];
  readonly validators: readonly { readonly validator: Address; readonly institution: number }[];
  readonly quorum: number;
  readonly wideningWaitSeconds: number;
  readonly appointmentWaitSeconds: number;
}

/** A type, not an interface: what encodes it takes any record of fields. */
type KeyStruct<Verifier> = {
  readonly kind: number;
  readonly verifier: Verifier | Address;
  readonly keyHash: Bytes32;
  readonly rpIdHash: Bytes32;
};

/** What whoever speaks of the ledger says of it while the loss of one member would end it (P9). */
export type Caution = 'cannot-outlive-a-member';

/** From so many members on the ledger outlives any one of them. */
export const OUTLIVING_MEMBERS = 3;

export function cautionsOf(members: number): readonly Caution[] {
  return members < OUTLIVING_MEMBERS ? ['cannot-outlive-a-member'] : [];
}

const SEATED_QUORUM = 2;

/** The constructor's second argument about the file: the signatures of each officer's keys, in its order. */
export function foundingPossessions({ officers }: Founding): { readonly key: Hex; readonly spare: Hex }[] {
  return officers.map(({ key, spare }) => ({ key: key.possession, spare: spare.possession }));
}

/**
 * The constructor's argument; `node` is the address that the node seals with. Refuses as `founding-verifier-missing`
 * when a kind it allows has no address, as `founding-validator-missing` when it names the node and there is none.
 */
export function foundingStruct<Verifier = Address>(
  founding: Founding,
  verifierAt: Readonly<Partial<Record<VerifiedKind, Verifier>>>,
  node?: Address,
): FoundingStruct<Verifier> {
  const verifierOf = (kind: VerifiedKind): Verifier => {
    const verifier = verifierAt[kind];
    if (verifier === undefined) throw refusal('founding-verifier-missing');
    return verifier;
  };
  const keyStruct = ({ kind, keyHash, rpIdHash }: FoundingKey): KeyStruct<Verifier> => ({
    kind: numberOf(KEY_KINDS, kind),
    verifier: kind === 'secp256k1' ? ZERO_ADDRESS : verifierOf(kind),
    keyHash,
    rpIdHash,
  });
  const { ledgerNonce, quorum, wideningWaitSeconds, appointmentWaitSeconds, offices, policies } = founding;
  return {
    ledgerNonce,
    institutions: founding.institutions.map(({ institution, roles }) => ({
      institution,
      roles: roleBits(roles),
    })),
    offices,
    officers: founding.officers.map(({ salt, institution, office, roles, key, spare }) => ({
      salt,
      institution,
      office,
      roles: roleBits(roles),
      key: keyStruct(key),
      spare: keyStruct(spare),
    })),
    verifiers: founding.verifiers.map((kind) => ({
      kind: numberOf(KEY_KINDS, kind),
      verifier: verifierOf(kind),
    })),
    policies,
    validators: founding.validators.map(({ validator, institution }) => {
      const address = validator === FOUNDING_NODE ? node : validator;
      if (address === undefined) throw refusal('founding-validator-missing');
      return { validator: address, institution };
    }),
    quorum,
    wideningWaitSeconds,
    appointmentWaitSeconds,
  };
}

/** What is missing before two institutions hold the quorum, a sentence each; nothing for a seated founding. */
export function foundingMissing(founding: Founding | undefined): string[] {
  if (founding === undefined) {
    return [
      'There is no founding file: write one with `kudurru officer founding` from the records of three officers.',
    ];
  }
  const members = votersOf(founding);
  const missing: string[] = [];
  if (members.length < SEATED_QUORUM) {
    missing.push(
      `${count(members.length, 'institution has', 'institutions have')} a vote, and two are needed.`,
    );
  }
  if (founding.quorum < SEATED_QUORUM) {
    missing.push('The quorum is one vote, and two are needed.');
  }
  for (const { institution } of members) {
    const canVote = founding.officers.some(
      (one) => one.institution === institution && one.roles.includes('vote'),
    );
    if (!canVote)
      missing.push(`Institution ${institution} has a vote and no officer with the role to cast it.`);
  }
  return missing;
}

/**
 * What is missing as the ledger stands. Once there is one, the file no longer counts: it says what was founded, and
 * members have voted since.
 */
export function ledgerMissing(
  constitution: { readonly isSeated: boolean } | undefined,
  founding: Founding | undefined,
): string[] {
  if (constitution === undefined) return foundingMissing(founding);
  if (constitution.isSeated) return [];
  return ['Two institutions do not hold the quorum yet: members vote others in, and then the quorum up.'];
}

function count(number: number, one: string, many: string): string {
  return number === 1 ? `1 ${one}` : `${number} ${many}`;
}

/** Institutions with a vote. */
export function votersOf({ institutions }: Founding) {
  return institutions.filter(({ roles }) => roles.includes('vote'));
}

/** Without any one of them, two different officers of every office still prepare and approve for their institution (P9). */
export function outlivesOne(officers: readonly FoundingOfficer[]): boolean {
  const ofEveryOffice = officers.filter(({ office }) => office === 0);
  const preparers = ofEveryOffice.filter(({ roles }) => roles.includes('admin-preparer'));
  const approvers = ofEveryOffice.filter(({ roles }) => roles.includes('admin-approver'));
  return preparers.length > 1 && approvers.length > 1 && new Set([...preparers, ...approvers]).size > 2;
}
