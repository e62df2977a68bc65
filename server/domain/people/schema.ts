/**
 * What is stored about people, field by field: how secret it is, what it may be read for, when it must go.
 *
 * Promises: a stored type with a field that has no rule here does not compile, and the vault refuses to write it
 * (DG1); the rule is the one place that says what a purpose may see (RP4). Institutions publish it as it stands.
 */
import type { Address, Branded, Bytes32, Hex } from '../base/hex.ts';

/** 256 random bits, derived from nothing; never leaves the vault's own files. */
export type SubjectRef = Branded<Hex, 'SubjectRef'>;

export const DATA_CLASSES = ['open', 'agency-sensitive', 'confidential'] as const;
export type DataClass = (typeof DATA_CLASSES)[number];

/** Why somebody reads: the code in the access line. The texts are what the person sees. */
export const PURPOSES = {
  'own-data': 'The person, or somebody acting for them, read their own data',
  identification: 'To tell whether somebody is who they say',
  contact: 'To reach the person',
  eligibility: 'To decide, by a human, who is entitled',
  disbursement: 'To prepare or pay out an entitlement',
  registration: 'To examine or register a right to land',
  certificate: 'To issue or renew a certificate of title',
  'case-work': 'To handle a complaint or an appeal',
  'court-order': 'To answer a court',
  oversight: 'To check how records are kept',
  statistics: 'To count, without names',
} as const;
export type Purpose = keyof typeof PURPOSES;

/** From when a field's clock runs, and how long. `days: undefined` = as long as the register itself. */
export const RETENTION = {
  'enrolment-and-two-years': { from: 'the last cycle of the last programme', days: 730 },
  'contact-only': { from: 'the last cycle of the last programme', days: 90 },
  'right-and-ten-years': { from: 'the end of the right', days: 3_652 },
  'as-the-register': { from: 'the entry', days: undefined },
} as const satisfies Record<string, { from: string; days: number | undefined }>;
export type Retention = keyof typeof RETENTION;

export interface FieldRule {
  readonly class: DataClass;
  readonly purposes: readonly Purpose[];
  readonly retention: Retention;
  /** Kept in the key store, away from the ciphertext and its backups: destroyed with the keys. */
  readonly keptWith?: 'keys';
}

/** A person as an agency registers them. Numbers of people are of their household. */
export interface Person {
  readonly fullName: string;
  readonly nationalId?: string;
  /** What the agency itself calls the person. */
  readonly agencyId?: string;
  readonly phone?: string;
  readonly gender?: string;
  readonly ageYears?: number;
  readonly village?: string;
  readonly scope?: string;
  readonly householdSize?: number;
  readonly over65?: number;
  readonly under5?: number;
  readonly chronicallyIll?: number;
  readonly disabled?: number;
  readonly pregnantOrLactating?: number;
  readonly widows?: number;
  readonly needScore?: number;
  readonly paymentsMax?: number;
  readonly payoutProvider?: string;
  readonly preferredLanguage?: string;
  readonly preferredChannel?: string;
}

/** Somebody who holds a right in land. */
export interface Party {
  readonly name: string;
  readonly idNumber?: string;
  readonly phone?: string;
  readonly address?: string;
  readonly preferredLanguage?: string;
}

/** One fact behind a salted commitment: path and value open the leaf, with its salt. Written once. */
export interface Opening {
  readonly path: string;
  readonly value: string;
  readonly salt: Bytes32;
}

/** What stands behind the other commitments of one act: terms, reasons, mandates. Written once. */
export interface ActOpenings {
  readonly act: Bytes32;
  readonly facts: readonly { readonly path: string; readonly value: string }[];
  /** In the order of `facts`. */
  readonly salts: readonly Bytes32[];
}

/** A card as issued: its public key id, never a secret of it. */
export interface Card {
  readonly programme: Bytes32;
  readonly keyId: Address;
  readonly keyKind: number;
  readonly cardEpoch: number;
  readonly enrolmentIndex?: number;
}

export interface StoredTypes {
  readonly person: Person;
  readonly party: Party;
  readonly opening: Opening;
  readonly actOpenings: ActOpenings;
  readonly card: Card;
}
export type StoredType = keyof StoredTypes;

/** One rule for every field, optional ones too: leaving one out does not compile. */
export type RulesOf<T> = { readonly [F in keyof Required<T>]: FieldRule };

const identity = {
  class: 'confidential',
  purposes: [
    'own-data',
    'identification',
    'eligibility',
    'disbursement',
    'case-work',
    'court-order',
    'oversight',
  ],
  retention: 'enrolment-and-two-years',
} as const satisfies FieldRule;
const reach = {
  class: 'confidential',
  purposes: ['own-data', 'contact', 'disbursement', 'case-work'],
  retention: 'contact-only',
} as const satisfies FieldRule;
const need = {
  class: 'agency-sensitive',
  purposes: ['own-data', 'eligibility', 'disbursement', 'case-work', 'oversight', 'statistics'],
  retention: 'enrolment-and-two-years',
} as const satisfies FieldRule;
const health = { ...need, class: 'confidential' } as const satisfies FieldRule;
const service = {
  class: 'agency-sensitive',
  purposes: ['own-data', 'contact', 'disbursement', 'registration', 'certificate', 'case-work', 'statistics'],
  retention: 'enrolment-and-two-years',
} as const satisfies FieldRule;
const holder = {
  class: 'confidential',
  purposes: [
    'own-data',
    'identification',
    'registration',
    'certificate',
    'case-work',
    'court-order',
    'oversight',
  ],
  retention: 'right-and-ten-years',
} as const satisfies FieldRule;
const evidence = { ...holder, class: 'agency-sensitive' } as const satisfies FieldRule;

export const SCHEMA: { readonly [T in StoredType]: RulesOf<StoredTypes[T]> } = {
  person: {
    fullName: identity,
    nationalId: identity,
    agencyId: identity,
    phone: reach,
    gender: need,
    ageYears: need,
    village: need,
    scope: need,
    householdSize: need,
    over65: need,
    under5: need,
    chronicallyIll: health,
    disabled: health,
    pregnantOrLactating: health,
    widows: health,
    needScore: need,
    paymentsMax: service,
    payoutProvider: service,
    preferredLanguage: service,
    preferredChannel: service,
  },
  party: {
    name: holder,
    idNumber: holder,
    phone: { ...reach, purposes: ['own-data', 'contact', 'registration', 'case-work'] },
    address: { ...reach, purposes: ['own-data', 'contact', 'registration', 'case-work'] },
    preferredLanguage: service,
  },
  opening: {
    path: evidence,
    value: holder,
    salt: { ...holder, keptWith: 'keys' },
  },
  actOpenings: {
    act: evidence,
    facts: holder,
    salts: { ...holder, keptWith: 'keys' },
  },
  card: {
    programme: service,
    keyId: service,
    keyKind: service,
    cardEpoch: service,
    enrolmentIndex: service,
  },
};

/** The rule of one field; undefined when nobody classed it. */
export function ruleOf(type: StoredType, field: string): FieldRule | undefined {
  const rules: Readonly<Record<string, FieldRule>> = SCHEMA[type];
  return Object.hasOwn(rules, field) ? rules[field] : undefined;
}
