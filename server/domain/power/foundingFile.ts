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
import type { Address, Bytes32, Hex } from '../base/hex.ts';
import { parseHex, toHex, ZERO_32, ZERO_ADDRESS } from '../base/hex.ts';
import { type Refusal, refusal } from '../base/refusal.ts';
import {
  isRecord,
  jsonOf,
  listOf,
  type Malformed,
  oneOf,
  recordOf,
  requireFormat,
} from '../base/strictJson.ts';
import {
  type InstitutionId,
  type OfficeId,
  type OfficerId,
  ROLES,
  type Role,
  roleBits,
} from '../base/terms.ts';
import {
  FOUNDING_NODE,
  type Founding,
  type FoundingKey,
  type FoundingOfficer,
  OUTLIVING_MEMBERS,
  outlivesOne,
  VERIFIED_KINDS,
  votersOf,
} from './founding.ts';
import { FIRST_EPOCHS, foundingDomain, isPossessed, type KeyPlaceName, officerIdOf } from './possession.ts';
import { isAdmin, MAX_ADMINS } from './prepare.ts';

const FORMAT = 'kudurru-founding-1';
const OFFICER_FORMAT = 'kudurru-officer-1';

/** Numbers are bits of one half word on chain. */
const MAX_INSTITUTION_NUMBER = 127;
/** The file is sent with the consortium's own code and the keys' signatures in one creation, of at most 49,152 bytes. */
const MAX_OFFICERS = 12;
/** Each has three officers of its own; others are admitted by vote. */
const MAX_INSTITUTIONS = MAX_OFFICERS / 3;
/** Two words each of the same code. */
const MAX_OFFICES = 16;
const MAX_POLICIES = 16;
/** What is left for the signatures: two dozen of 64 bytes each, or eight passkeys' answers beside a file half as long. */
const MAX_POSSESSION_BYTES = 4_096;
/** Two words each of the same code; votes add more. */
const MAX_VALIDATORS = 16;
/** From so many members on, and of so many validators, none runs a third (P9). */
const SPREAD_FROM = 4;
const MAX_TEXT_CHARACTERS = 262_144;
const DAY_SECONDS = 86_400;
/** What a vote may set; zero besides, for demonstrations. */
const MAX_WAIT_SECONDS = 90 * DAY_SECONDS;

/** Reads the text of a founding file. Refuses as `founding-file-malformed` or `founding-inconsistent`, with the place. */
export function parseFounding(text: string): Founding {
  const founding = readFounding(jsonOf(text, MAX_TEXT_CHARACTERS, ofFile));
  requireCanonical(text, foundingJson(founding), ofFile);
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
  const json = jsonOf(text, MAX_TEXT_CHARACTERS, ofRecord);
  requireFormat(json, OFFICER_FORMAT, ofRecord);
  if (!isRecord(json)) throw ofRecord('');
  const { format: _, ...fields } = json;
  const officer = readOfficer(fields, '', ofRecord);
  requireCanonical(text, officerRecordJson(officer), ofRecord);
  return officer;
}

export function officerRecordJson(officer: FoundingOfficer): object {
  return { format: OFFICER_FORMAT, ...officerJson(officer) };
}

// ---- Reading ------------------------------------------------------------------------------------------------

const refusing =
  (code: 'founding-file-malformed' | 'officer-record-malformed'): Malformed =>
  (field) =>
    refusal(code, undefined, field === '' ? {} : { field });
const ofFile = refusing('founding-file-malformed');
const ofRecord = refusing('officer-record-malformed');

/** No value contains white space, so what is left after removing it has one spelling. */
function requireCanonical(text: string, json: object, malformed: Malformed): void {
  if (text.replace(/[ \t\r\n]/g, '') !== JSON.stringify(json)) throw malformed('');
}

function readFounding(json: unknown): Founding {
  requireFormat(json, FORMAT, ofFile);
  const file = recordOf(
    json,
    '',
    [
      'format',
      'ledgerNonce',
      'quorum',
      'wideningWaitSeconds',
      'appointmentWaitSeconds',
      'institutions',
      'offices',
      'officers',
      'verifiers',
      'policies',
      'validators',
    ],
    ofFile,
  );
  const ledgerNonce = bytes32(file.ledgerNonce, '/ledgerNonce', ofFile);
  if (ledgerNonce === ZERO_32) throw ofFile('/ledgerNonce');
  return {
    ledgerNonce,
    institutions: listOf(file.institutions, '/institutions', MAX_INSTITUTIONS, ofFile, readInstitution),
    offices: listOf(file.offices, '/offices', MAX_OFFICES, ofFile, readOffice),
    officers: listOf(file.officers, '/officers', MAX_OFFICERS, ofFile, (value, place) =>
      readOfficer(value, place, ofFile),
    ),
    verifiers: listOf(file.verifiers, '/verifiers', VERIFIED_KINDS.length, ofFile, (value, place) =>
      oneOf(value, place, VERIFIED_KINDS, ofFile),
    ),
    policies: listOf(file.policies, '/policies', MAX_POLICIES, ofFile, readPolicy),
    validators: listOf(file.validators, '/validators', MAX_VALIDATORS, ofFile, readValidator),
    quorum: integer(file.quorum, '/quorum', ofFile, 1, MAX_INSTITUTIONS),
    wideningWaitSeconds: wait(file.wideningWaitSeconds, '/wideningWaitSeconds'),
    appointmentWaitSeconds: wait(file.appointmentWaitSeconds, '/appointmentWaitSeconds'),
  };
}

function readInstitution(value: unknown, place: string): Founding['institutions'][number] {
  const { institution, roles } = recordOf(value, place, ['institution', 'roles'], ofFile);
  return {
    institution: institutionId(institution, `${place}/institution`, ofFile),
    roles: readRoles(roles, `${place}/roles`, ofFile),
  };
}

function readOffice(value: unknown, place: string): Founding['offices'][number] {
  const { office, keeper } = recordOf(value, place, ['office', 'keeper'], ofFile);
  return {
    office: integer(office, `${place}/office`, ofFile, 1, 2 ** 32 - 1) as OfficeId,
    keeper: institutionId(keeper, `${place}/keeper`, ofFile),
  };
}

function readOfficer(value: unknown, place: string, malformed: Malformed): FoundingOfficer {
  const fields = ['officer', 'salt', 'institution', 'office', 'roles', 'key', 'spare'];
  const given = recordOf(value, place, fields, malformed);
  const officer = bytes32(given.officer, `${place}/officer`, malformed) as OfficerId;
  const salt = bytes32(given.salt, `${place}/salt`, malformed);
  const key = readKey(given.key, `${place}/key`, malformed);
  if (officer !== officerIdOf(key.keyHash, salt)) throw malformed(`${place}/officer`);
  return {
    officer,
    salt,
    institution: institutionId(given.institution, `${place}/institution`, malformed),
    office: integer(given.office, `${place}/office`, malformed, 0, 2 ** 32 - 1) as OfficeId,
    roles: readRoles(given.roles, `${place}/roles`, malformed),
    key,
    spare: readKey(given.spare, `${place}/spare`, malformed),
  };
}

const KINDS = ['secp256k1', ...VERIFIED_KINDS] as const;

function readKey(value: unknown, place: string, malformed: Malformed): FoundingKey {
  const kind = oneOf(isRecord(value) ? value.kind : undefined, `${place}/kind`, KINDS, malformed);
  const isPasskey = kind === 'webauthn';
  const ofPasskey = isPasskey ? ['rpIdHash'] : [];
  const given = recordOf(value, place, ['kind', 'keyHash', ...ofPasskey, 'possession'], malformed);
  const keyHash = bytes32(given.keyHash, `${place}/keyHash`, malformed);
  if (keyHash === ZERO_32) throw malformed(`${place}/keyHash`);
  const possession = hexText(given.possession, `${place}/possession`, malformed);
  if (!isPasskey) return { kind, keyHash, rpIdHash: ZERO_32, possession };
  const rpIdHash = bytes32(given.rpIdHash, `${place}/rpIdHash`, malformed);
  if (rpIdHash === ZERO_32) throw malformed(`${place}/rpIdHash`);
  return { kind, keyHash, rpIdHash, possession };
}

function readPolicy(value: unknown, place: string): Founding['policies'][number] {
  const policy = recordOf(value, place, ['name', 'value'], ofFile);
  const isNumber = typeof policy.value === 'string' && /^(0|[1-9]\d{0,77})$/.test(policy.value);
  const number = isNumber ? BigInt(String(policy.value)) : 2n ** 256n;
  if (number >= 2n ** 256n) throw ofFile(`${place}/value`);
  return { name: bytes32(policy.name, `${place}/name`, ofFile), value: number };
}

function readValidator(value: unknown, place: string): Founding['validators'][number] {
  const given = recordOf(value, place, ['validator', 'institution'], ofFile);
  const institution = institutionId(given.institution, `${place}/institution`, ofFile);
  if (given.validator === FOUNDING_NODE) return { validator: FOUNDING_NODE, institution };
  const address = typeof given.validator === 'string' ? parseHex(given.validator, 20) : undefined;
  if (address !== given.validator || address === ZERO_ADDRESS) throw ofFile(`${place}/validator`);
  return { validator: address as Address, institution };
}

/** What the constructor checks across the fields. */
function requireWhole(founding: Founding): void {
  const { institutions, offices, officers, verifiers, policies, quorum } = founding;
  requireDifferent(institutions, ({ institution }) => institution, '/institutions', 'a number twice');
  requireDifferent(offices, ({ office }) => office, '/offices', 'an office twice');
  requireDifferent(officers, ({ officer }) => officer, '/officers', 'an officer twice');
  const keys = officers.flatMap(({ key, spare }) => [key.keyHash, spare.keyHash]);
  keys.forEach((keyHash, i) => {
    if (keys.indexOf(keyHash) < i) throw inconsistent('one key in two places', `/officers/${i >> 1}`);
  });
  requireDifferent(verifiers, (kind) => kind, '/verifiers', 'a kind of key twice');
  requireDifferent(policies, ({ name }) => name, '/policies', 'a policy twice');
  offices.forEach(({ keeper }, i) => {
    if (institutions.some(({ institution }) => institution === keeper)) return;
    throw inconsistent('no such institution', `/offices/${i}/keeper`);
  });
  const domain = foundingDomain(founding.ledgerNonce);
  officers.forEach(({ officer, institution, roles, key, spare }, i) => {
    const ceiling = institutions.find((one) => one.institution === institution)?.roles;
    if (ceiling === undefined) throw inconsistent('no such institution', `/officers/${i}/institution`);
    if (!roles.every((role) => ceiling.includes(role))) {
      throw inconsistent('a role the institution may not give', `/officers/${i}/roles`);
    }
    for (const [place, one] of Object.entries({ key, spare })) {
      if (one.kind !== 'secp256k1' && !verifiers.includes(one.kind)) {
        throw inconsistent('no verifier is allowed for this kind of key', `/officers/${i}/${place}/kind`);
      }
      const epoch = FIRST_EPOCHS[place as KeyPlaceName];
      const possession = { officerId: officer, keyHash: one.keyHash, epoch, institution };
      if (!isPossessed(domain, possession, one, one.possession)) {
        throw inconsistent('a key that did not sign for this officer and ledger', `/officers/${i}/${place}`);
      }
    }
  });
  requireValidators(founding);
  const proofs = officers.reduce((sum, { key, spare }) => sum + bytesOf(key) + bytesOf(spare), 0);
  if (proofs > MAX_POSSESSION_BYTES) {
    throw inconsistent('signatures of keys that one creation cannot carry', '/officers');
  }
  requireFewAdmins(founding);
  institutions.forEach(({ institution }, i) => {
    if (outlivesOne(officers.filter((one) => one.institution === institution))) return;
    throw inconsistent('an institution that one lost officer would leave unmanaged', `/institutions/${i}`);
  });
  if (quorum > votersOf(founding).length) {
    throw inconsistent('a quorum of more than the institutions with a vote', '/quorum');
  }
  if (quorum === votersOf(founding).length && quorum >= OUTLIVING_MEMBERS) {
    throw inconsistent('a quorum of all members, which no member may then leave', '/quorum');
  }
}

/** The register takes no more of one institution: a deployment would end half way. */
function requireFewAdmins({ officers }: Founding): void {
  const admins = new Map<InstitutionId, number>();
  officers.forEach(({ institution, office, roles }, i) => {
    if (!isAdmin({ office, roles: roleBits(roles) })) return;
    const count = (admins.get(institution) ?? 0) + 1;
    admins.set(institution, count);
    if (count > MAX_ADMINS) {
      throw inconsistent(
        'more officers of an institution who manage others than it may have',
        `/officers/${i}/roles`,
      );
    }
  });
}

/** Every validator is an institution's; the founding node seals alone; of many none could stop the chain. */
function requireValidators(founding: Founding): void {
  const { institutions, validators } = founding;
  requireDifferent(validators, ({ validator }) => validator, '/validators', 'a validator twice');
  if (validators.length === 0) throw inconsistent('no validator', '/validators');
  const isSpread = validators.length >= SPREAD_FROM && votersOf(founding).length >= SPREAD_FROM;
  validators.forEach(({ validator, institution }, i) => {
    if (!institutions.some((one) => one.institution === institution)) {
      throw inconsistent('no such institution', `/validators/${i}/institution`);
    }
    if (validator === FOUNDING_NODE && validators.length > 1) {
      throw inconsistent('the node that founds beside other validators', `/validators/${i}/validator`);
    }
    const held = validators.filter((one) => one.institution === institution).length;
    if (isSpread && held * 3 >= validators.length) {
      throw inconsistent('a third of the validators at one institution', `/validators/${i}/institution`);
    }
  });
}

function inconsistent(rule: string, field: string): Refusal {
  return refusal('founding-inconsistent', { rule }, { field });
}

function requireDifferent<T>(
  items: readonly T[],
  keyOf: (item: T) => unknown,
  place: string,
  rule: string,
): void {
  const seen = new Set<unknown>();
  items.forEach((item, i) => {
    if (seen.has(keyOf(item))) throw inconsistent(rule, `${place}/${i}`);
    seen.add(keyOf(item));
  });
}

// ---- Writing ------------------------------------------------------------------------------------------------

function foundingJson(founding: Founding): object {
  return {
    format: FORMAT,
    ledgerNonce: founding.ledgerNonce,
    quorum: founding.quorum,
    wideningWaitSeconds: founding.wideningWaitSeconds,
    appointmentWaitSeconds: founding.appointmentWaitSeconds,
    institutions: founding.institutions.map(({ institution, roles }) => ({ institution, roles })),
    offices: founding.offices.map(({ office, keeper }) => ({ office, keeper })),
    officers: founding.officers.map(officerJson),
    verifiers: founding.verifiers,
    policies: founding.policies.map(({ name, value }) => ({ name, value: value.toString() })),
    validators: founding.validators.map(({ validator, institution }) => ({ validator, institution })),
  };
}

function officerJson({ officer, salt, institution, office, roles, key, spare }: FoundingOfficer): object {
  return { officer, salt, institution, office, roles, key: keyJson(key), spare: keyJson(spare) };
}

function keyJson({ kind, keyHash, rpIdHash, possession }: FoundingKey): object {
  return kind === 'webauthn' ? { kind, keyHash, rpIdHash, possession } : { kind, keyHash, possession };
}

// ---- Values -------------------------------------------------------------------------------------------------

/** At least one, none twice, in the order of their bits. */
function readRoles(value: unknown, place: string, malformed: Malformed): Role[] {
  if (!Array.isArray(value) || value.length === 0) throw malformed(place);
  const roles = value.map((item, i) => oneOf(item, `${place}/${i}`, ROLES, malformed));
  if (ROLES.filter((role) => roles.includes(role)).join() !== roles.join()) throw malformed(place);
  return roles;
}

function bytes32(value: unknown, place: string, malformed: Malformed): Bytes32 {
  const parsed: Hex | undefined = typeof value === 'string' ? parseHex(value, 32) : undefined;
  if (parsed === undefined || parsed !== value) throw malformed(place);
  return parsed as Bytes32;
}

/** Lower-case bytes of any length up to what a founding carries in all. */
function hexText(value: unknown, place: string, malformed: Malformed): Hex {
  const digits = typeof value === 'string' ? value.length : 0;
  const isHex = digits <= 2 + 2 * MAX_POSSESSION_BYTES && /^0x([0-9a-f]{2})+$/.test(String(value));
  if (!isHex) throw malformed(place);
  return value as Hex;
}

function bytesOf({ possession }: FoundingKey): number {
  return possession.length / 2 - 1;
}

function integer(value: unknown, place: string, malformed: Malformed, least: number, most: number): number {
  const isWhole = typeof value === 'number' && Number.isSafeInteger(value);
  if (!isWhole || value < least || value > most) throw malformed(place);
  return value;
}

function institutionId(value: unknown, place: string, malformed: Malformed): InstitutionId {
  return integer(value, place, malformed, 1, MAX_INSTITUTION_NUMBER) as InstitutionId;
}

/** Whole and between the limits of a vote, or none at all for a demonstration. */
function wait(value: unknown, place: string): number {
  const seconds = integer(value, place, ofFile, 0, MAX_WAIT_SECONDS);
  if (seconds !== 0 && seconds < DAY_SECONDS) throw ofFile(place);
  return seconds;
}
