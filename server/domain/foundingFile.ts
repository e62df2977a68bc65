/**
 * The founding file and the officer's public record as text: how institutions agree, before there is a ledger, on
 * who it begins with.
 *
 * Promises: a file that `parseFounding` accepts, the Consortium's constructor accepts too, once the verifiers it
 * allows are deployed; the text is the canonical one up to white space, so one founding has one fingerprint to read
 * out and compare. It holds public parts of keys only. Anyone may import it.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import {
  canManage,
  type Founding,
  type FoundingKey,
  type FoundingOfficer,
  VERIFIED_KINDS,
  votersOf,
} from './founding.ts';
import type { Bytes32, Hex } from './hex.ts';
import { parseHex, toHex, ZERO_32 } from './hex.ts';
import { refusal } from './refusal.ts';
import { type InstitutionId, type OfficeId, type OfficerId, ROLES, type Role } from './terms.ts';

const FORMAT = 'kudurru-founding-1';
const OFFICER_FORMAT = 'kudurru-officer-1';

/** Numbers are bits of one half word on chain. */
const MAX_INSTITUTION_NUMBER = 127;
/** The file becomes the code of one contract, at most 24,576 bytes, written in one transaction with the rest. */
const MAX_OFFICERS = 48;
/** Each has two officers of its own. */
const MAX_INSTITUTIONS = MAX_OFFICERS / 2;
const MAX_POLICIES = 32;
const MAX_TEXT_CHARACTERS = 262_144;
const DAY_SECONDS = 86_400;
/** What a vote may set; zero besides, for demonstrations. */
const MAX_WAIT_SECONDS = 90 * DAY_SECONDS;

/** Reads the text of a founding file. Refuses as `founding-file-malformed` with the place. */
export function parseFounding(text: string): Founding {
  const founding = readFounding(jsonOf(text, founders));
  requireCanonical(text, foundingJson(founding), founders);
  requireWhole(founding);
  return founding;
}

/** The text of a founding file. */
export function writeFounding(founding: Founding): string {
  const text = `${JSON.stringify(foundingJson(founding), undefined, 2)}\n`;
  parseFounding(text);
  return text;
}

/** What the institutions read out to one another before they begin. */
export function foundingFingerprint(founding: Founding): Bytes32 {
  return toHex(keccak_256(utf8ToBytes(JSON.stringify(foundingJson(founding))))) as Bytes32;
}

/** The public record of one officer, as `kudurru officer new` writes it. Refuses as `officer-record-malformed`. */
export function parseOfficerRecord(text: string): FoundingOfficer {
  const json = jsonOf(text, recorders);
  if (!isRecord(json) || json.format !== OFFICER_FORMAT) throw recorders.malformed('/format');
  const { format: _, ...fields } = json;
  const officer = readOfficer(fields, '', recorders);
  requireCanonical(text, officerRecordJson(officer), recorders);
  return officer;
}

export function officerRecordJson(officer: FoundingOfficer): object {
  return { format: OFFICER_FORMAT, ...officerJson(officer) };
}

// ---- Reading ------------------------------------------------------------------------------------------------

/** Two files with parts in common, each with its own refusal. */
interface Reading {
  malformed(field: string): Error;
}
const founders: Reading = {
  malformed: (field) => refusal('founding-file-malformed', undefined, field === '' ? {} : { field }),
};
const recorders: Reading = {
  malformed: (field) => refusal('officer-record-malformed', undefined, field === '' ? {} : { field }),
};

function jsonOf(text: string, { malformed }: Reading): unknown {
  if (text.length > MAX_TEXT_CHARACTERS) throw malformed('');
  try {
    return JSON.parse(text);
  } catch {
    throw malformed('');
  }
}

/** No value contains white space, so what is left after removing it has one spelling. */
function requireCanonical(text: string, json: object, { malformed }: Reading): void {
  if (text.replace(/[ \t\r\n]/g, '') !== JSON.stringify(json)) throw malformed('');
}

function readFounding(json: unknown): Founding {
  const file = record(json, '', founders, [
    'format',
    'quorum',
    'wideningWaitSeconds',
    'appointmentWaitSeconds',
    'institutions',
    'officers',
    'verifiers',
    'policies',
  ]);
  if (file.format !== FORMAT) throw founders.malformed('/format');
  return {
    institutions: list(file.institutions, '/institutions', MAX_INSTITUTIONS, readInstitution),
    officers: list(file.officers, '/officers', MAX_OFFICERS, (value, place) =>
      readOfficer(value, place, founders),
    ),
    verifiers: list(file.verifiers, '/verifiers', VERIFIED_KINDS.length, (value, place) =>
      oneOf(value, place, founders, VERIFIED_KINDS),
    ),
    policies: list(file.policies, '/policies', MAX_POLICIES, readPolicy),
    quorum: integer(file.quorum, '/quorum', founders, 1, MAX_INSTITUTIONS),
    wideningWaitSeconds: wait(file.wideningWaitSeconds, '/wideningWaitSeconds'),
    appointmentWaitSeconds: wait(file.appointmentWaitSeconds, '/appointmentWaitSeconds'),
  };
}

function readInstitution(value: unknown, place: string): Founding['institutions'][number] {
  const { institution, roles } = record(value, place, founders, ['institution', 'roles']);
  return {
    institution: institutionId(institution, `${place}/institution`, founders),
    roles: readRoles(roles, `${place}/roles`, founders),
  };
}

function readOfficer(value: unknown, place: string, reading: Reading): FoundingOfficer {
  const given = record(value, place, reading, ['officer', 'institution', 'office', 'roles', 'key']);
  const officer = bytes32(given.officer, `${place}/officer`, reading) as OfficerId;
  if (officer === ZERO_32) throw reading.malformed(`${place}/officer`);
  return {
    officer,
    institution: institutionId(given.institution, `${place}/institution`, reading),
    office: integer(given.office, `${place}/office`, reading, 0, 2 ** 32 - 1) as OfficeId,
    roles: readRoles(given.roles, `${place}/roles`, reading),
    key: readKey(given.key, `${place}/key`, reading),
  };
}

function readKey(value: unknown, place: string, reading: Reading): FoundingKey {
  const kind = oneOf(isRecord(value) ? value.kind : undefined, `${place}/kind`, reading, [
    'secp256k1',
    ...VERIFIED_KINDS,
  ] as const);
  const isPasskey = kind === 'webauthn';
  const given = record(value, place, reading, [
    'kind',
    'keyHash',
    ...(isPasskey ? ['rpIdHash', 'requireUV'] : []),
  ]);
  const keyHash = bytes32(given.keyHash, `${place}/keyHash`, reading);
  if (keyHash === ZERO_32) throw reading.malformed(`${place}/keyHash`);
  if (!isPasskey) return { kind, keyHash, rpIdHash: ZERO_32, requireUV: false };
  const rpIdHash = bytes32(given.rpIdHash, `${place}/rpIdHash`, reading);
  if (rpIdHash === ZERO_32) throw reading.malformed(`${place}/rpIdHash`);
  if (typeof given.requireUV !== 'boolean') throw reading.malformed(`${place}/requireUV`);
  return { kind, keyHash, rpIdHash, requireUV: given.requireUV };
}

function readPolicy(value: unknown, place: string): Founding['policies'][number] {
  const policy = record(value, place, founders, ['name', 'value']);
  const isNumber = typeof policy.value === 'string' && /^(0|[1-9]\d{0,77})$/.test(policy.value);
  const number = isNumber ? BigInt(String(policy.value)) : 2n ** 256n;
  if (number >= 2n ** 256n) throw founders.malformed(`${place}/value`);
  return { name: bytes32(policy.name, `${place}/name`, founders), value: number };
}

/** What the constructor checks across the fields. */
function requireWhole(founding: Founding): void {
  const { institutions, officers, verifiers, policies, quorum } = founding;
  requireDifferent(institutions, ({ institution }) => institution, '/institutions');
  requireDifferent(officers, ({ officer }) => officer, '/officers');
  requireDifferent(officers, ({ key }) => key.keyHash, '/officers');
  requireDifferent(verifiers, (kind) => kind, '/verifiers');
  requireDifferent(policies, ({ name }) => name, '/policies');
  officers.forEach(({ institution, roles, key }, i) => {
    const ceiling = institutions.find((one) => one.institution === institution)?.roles;
    if (ceiling === undefined) throw founders.malformed(`/officers/${i}/institution`);
    if (!roles.every((role) => ceiling.includes(role))) throw founders.malformed(`/officers/${i}/roles`);
    if (key.kind !== 'secp256k1' && !verifiers.includes(key.kind)) {
      throw founders.malformed(`/officers/${i}/key/kind`);
    }
  });
  institutions.forEach(({ institution }, i) => {
    if (!canManage(officers.filter((one) => one.institution === institution))) {
      throw founders.malformed(`/institutions/${i}`);
    }
  });
  if (quorum > votersOf(founding).length) throw founders.malformed('/quorum');
}

function requireDifferent<T>(items: readonly T[], keyOf: (item: T) => unknown, place: string): void {
  const seen = new Set<unknown>();
  items.forEach((item, i) => {
    if (seen.has(keyOf(item))) throw founders.malformed(`${place}/${i}`);
    seen.add(keyOf(item));
  });
}

// ---- Writing ------------------------------------------------------------------------------------------------

function foundingJson(founding: Founding): object {
  return {
    format: FORMAT,
    quorum: founding.quorum,
    wideningWaitSeconds: founding.wideningWaitSeconds,
    appointmentWaitSeconds: founding.appointmentWaitSeconds,
    institutions: founding.institutions.map(({ institution, roles }) => ({ institution, roles })),
    officers: founding.officers.map(officerJson),
    verifiers: founding.verifiers,
    policies: founding.policies.map(({ name, value }) => ({ name, value: value.toString() })),
  };
}

function officerJson({ officer, institution, office, roles, key }: FoundingOfficer): object {
  const { kind, keyHash, rpIdHash, requireUV } = key;
  const written = kind === 'webauthn' ? { kind, keyHash, rpIdHash, requireUV } : { kind, keyHash };
  return { officer, institution, office, roles, key: written };
}

// ---- Values -------------------------------------------------------------------------------------------------

type Fields = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function record(value: unknown, place: string, { malformed }: Reading, names: readonly string[]): Fields {
  if (!isRecord(value) || Object.keys(value).length !== names.length) throw malformed(place);
  const missing = names.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined) throw malformed(`${place}/${missing}`);
  return value;
}

function list<T>(
  value: unknown,
  place: string,
  most: number,
  read: (item: unknown, place: string) => T,
): T[] {
  if (!Array.isArray(value) || value.length > most) throw founders.malformed(place);
  return value.map((item, i) => read(item, `${place}/${i}`));
}

function oneOf<const T extends string>(
  value: unknown,
  place: string,
  { malformed }: Reading,
  names: readonly T[],
): T {
  const name = names.find((one) => one === value);
  if (name === undefined) throw malformed(place);
  return name;
}

/** At least one, none twice, in the order of their bits. */
function readRoles(value: unknown, place: string, reading: Reading): Role[] {
  if (!Array.isArray(value) || value.length === 0) throw reading.malformed(place);
  const roles = value.map((item, i) => oneOf(item, `${place}/${i}`, reading, ROLES));
  if (ROLES.filter((role) => roles.includes(role)).join() !== roles.join()) throw reading.malformed(place);
  return roles;
}

function bytes32(value: unknown, place: string, { malformed }: Reading): Bytes32 {
  const parsed: Hex | undefined = typeof value === 'string' ? parseHex(value, 32) : undefined;
  if (parsed === undefined) throw malformed(place);
  return parsed as Bytes32;
}

function integer(value: unknown, place: string, { malformed }: Reading, least: number, most: number): number {
  const isWhole = typeof value === 'number' && Number.isSafeInteger(value);
  if (!isWhole || value < least || value > most) throw malformed(place);
  return value;
}

function institutionId(value: unknown, place: string, reading: Reading): InstitutionId {
  return integer(value, place, reading, 1, MAX_INSTITUTION_NUMBER) as InstitutionId;
}

/** Whole and between the limits of a vote, or none at all for a demonstration. */
function wait(value: unknown, place: string): number {
  const seconds = integer(value, place, founders, 0, MAX_WAIT_SECONDS);
  if (seconds !== 0 && seconds < DAY_SECONDS) throw founders.malformed(place);
  return seconds;
}
