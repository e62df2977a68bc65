/**
 * Where the demonstration plays: a ledger of its own in a new folder, or one that a gateway serves already.
 *
 * On its own: a founding file, officers' keys, and a gateway as a child. Two institutions, a land registry and an aid
 * agency, hold the quorum; every wait is zero, which only a demonstration may. Its folder is left and is laid out as
 * `--officers` reads it. On a running gateway: the officers of such a folder, who must be on that ledger.
 */

import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { readTrust, type TrustFile } from '../../server/domain/audit/trust.ts';
import type { Bytes32 } from '../../server/domain/base/hex.ts';
import {
  type InstitutionId,
  type OfficeId,
  type OfficerId,
  ROLES,
  type VendorId,
} from '../../server/domain/base/terms.ts';
import { END_WITHOUT_NOTICE_POLICY, tierPolicy } from '../../server/domain/benefits/policies.ts';
import { FOUNDING_NODE, type Founding, type FoundingOfficer } from '../../server/domain/power/founding.ts';
import { writeFounding } from '../../server/domain/power/foundingFile.ts';
import { foundingDomain } from '../../server/domain/power/possession.ts';
import { NotUnderstood, readText } from '../answer.ts';
import { Client } from '../client.ts';
import { createKeyring, type Keyring, openKeyring } from '../keyring.ts';
import type { AskedNode } from '../nodeCredentials.ts';
import { makeOfficerKeys, officerRecordOf } from '../officerRecord.ts';
import { startGateway } from './child.ts';
import { DEMO_CURRENCY, DEMO_OFFICE, type Officer, Pair, randomId } from './officers.ts';

const REGISTRY = 1 as InstitutionId;
const AGENCY = 2 as InstitutionId;
/** The keys of a demonstration are worth nothing: a second of scrypt would only cost a second. */
const DEMO_KDF = { logN: 10 };
const TOKEN_DAYS = 1;
const SECRET_BYTES_MAX = 1_024;
const TRUST_BYTES_MAX = 64 * 1024;
const OFFICERS_PAGE = 500;

const CAST = {
  'registrar-preparer': REGISTRY,
  'registrar-approver': REGISTRY,
  'aid-preparer': AGENCY,
  'aid-approver': AGENCY,
} as const;
type CastName = keyof typeof CAST;
/** So that one lost officer ends nothing (P9). */
const THIRDS = { 'registrar-third': REGISTRY, 'aid-third': AGENCY } as const;

export interface Stage {
  /** Where the gateway listens. */
  readonly url: string;
  readonly land: Pair;
  readonly aid: Pair;
  /** A till of this vendor, which joins `tills`. */
  tillOf(vendor: VendorId): Promise<Client>;
  readonly tills: readonly Client[];
  readonly auditor: Client;
  readonly trust: TrustFile;
  readonly trustFile: string;
  /** JSON-RPC, as an outside tool reads the ledger; undefined where nobody named it. */
  readonly node: AskedNode | undefined;
  /** The seed of this name, made when it is first asked for. */
  seedOf(name: string): Uint8Array;
  /** Most memory the gateway has held; undefined for one that is not ours. */
  peakMemoryBytes(): number | undefined;
  stop(): Promise<void>;
}

/** The next folder that nothing was played in. */
export function freshFolder(below: string): string {
  for (let run = 1; ; run++) {
    const folder = path.resolve(below, `run-${run}`);
    if (!fs.existsSync(folder)) return folder;
  }
}

/** Whose keys are in a folder, and what they found. */
interface Founders {
  readonly ring: Keyring;
  readonly founding: Founding;
}

/**
 * The officers of a demonstration with their keys in a new folder, laid out as `--officers` reads it, and the founding file that
 * they begin with. On a network, who seals is said; and the agency is of the registry's institution where one gateway serves both.
 */
export function castIn(
  folder: string,
  validators: Founding['validators'] = [{ validator: FOUNDING_NODE, institution: REGISTRY }],
  agency: InstitutionId = AGENCY,
): Founders {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const passphrase = randomBytes(18).toString('base64url');
  const ring = createKeyring(path.join(folder, 'keys'), passphrase, DEMO_KDF);
  fs.writeFileSync(path.join(folder, 'passphrase'), passphrase, { mode: 0o600 });
  const ledgerNonce = randomId();
  const at = { ring, spareRing: ring, domain: foundingDomain(ledgerNonce) };
  const records = Object.entries({ ...CAST, ...THIRDS }).map(([name, own]) => {
    makeOfficerKeys(name, ring, ring);
    const institution = own === AGENCY ? agency : own;
    return officerRecordOf(name, at, { institution, office: 0 as OfficeId, roles: ROLES });
  });
  return { ring, founding: foundingOf(ledgerNonce, records, validators) };
}

/** Founds a ledger in the folder, which holds none yet, and starts a gateway on it. */
export async function openStage(folder: string): Promise<Stage> {
  const { ring, founding } = castIn(folder);
  fs.writeFileSync(path.join(folder, 'founding.json'), writeFounding(founding));
  const gateway = await startGateway(folder);
  try {
    // Whoever starts the gateway on this folder again has no one-time link: the administrator's token stands beside it.
    fs.writeFileSync(path.join(folder, 'administrator'), gateway.administratorToken, { mode: 0o600 });
    const admin = new Client(gateway.url).as(gateway.administratorToken);
    const { url, rpcUrl, peakMemoryBytes, stop } = gateway;
    return {
      ...(await castOf(ring, admin, (_, name) => ({ epoch: 1, institution: CAST[name] }))),
      ...trustIn(path.join(folder, 'data', 'trust.json')),
      url,
      node: { url: rpcUrl },
      peakMemoryBytes,
      stop,
    };
  } catch (error) {
    await gateway.stop();
    throw error;
  }
}

export interface Elsewhere {
  readonly url: string;
  readonly officers: string;
  readonly trustFile: string;
  readonly node: AskedNode | undefined;
}

/** The stage of a gateway that runs already; it is left running. */
export async function joinStage({ url, officers, trustFile, node }: Elsewhere): Promise<Stage> {
  const secret = (name: string) => readText(path.join(officers, name), SECRET_BYTES_MAX).trim();
  const ring = openKeyring(path.join(officers, 'keys'), secret('passphrase'));
  const admin = new Client(url).as(secret('administrator'));
  const trust = trustIn(trustFile);
  const { genesisHash } = await admin.ask<{ genesisHash: string }>('/ledger');
  if (genesisHash !== trust.trust.genesisHash) {
    throw new NotUnderstood(`The gateway serves another ledger than ${trustFile} is of.`);
  }
  const auditor = await tokenOf(admin, 'auditor', 0);
  const known = await auditor.ask<{
    rows: (Placed & { officer: OfficerId; keys: { key: { epoch: number } }; revoked?: object })[];
  }>(`/officers?limit=${OFFICERS_PAGE}`);
  const placeOf = (officer: OfficerId, name: string) => {
    const row = known.rows.find((one) => one.officer === officer && one.revoked === undefined);
    if (row === undefined) throw new NotUnderstood(`${name} of ${officers} is no officer of this ledger.`);
    return { epoch: row.keys.key.epoch, institution: row.institution };
  };
  return {
    ...(await castOf(ring, admin, placeOf)),
    ...trust,
    url,
    node,
    peakMemoryBytes: () => undefined,
    stop: async () => {},
  };
}

function trustIn(trustFile: string) {
  return { trustFile, trust: readTrust(readText(trustFile, TRUST_BYTES_MAX)) };
}

/** As the ledger has an officer. */
interface Placed {
  readonly institution: InstitutionId;
}

/** Everybody who plays, each with a token of their own. */
async function castOf(
  ring: Keyring,
  admin: Client,
  placeOf: (officer: OfficerId, name: CastName) => Placed & { readonly epoch: number },
) {
  const tills: Client[] = [];
  const officer = async (name: CastName, role: string): Promise<Officer> => {
    const key = ring.get(name);
    if (key.kind !== 'officer') throw new NotUnderstood(`The key ${name} is no officer's.`);
    const { epoch, institution } = placeOf(key.officer, name);
    return {
      name,
      officer: key.officer,
      epoch,
      institution,
      client: await tokenOf(admin, role, institution),
    };
  };
  const aidPreparer = await officer('aid-preparer', 'agency');
  return {
    land: new Pair(
      ring,
      await officer('registrar-preparer', 'registrar'),
      await officer('registrar-approver', 'registrar'),
    ),
    aid: new Pair(ring, aidPreparer, await officer('aid-approver', 'agency')),
    tills,
    async tillOf(vendor: VendorId) {
      const till = await tokenOf(admin, 'vendor', aidPreparer.institution, vendor);
      tills.push(till);
      return till;
    },
    auditor: await tokenOf(admin, 'auditor', 0),
    seedOf(name: string) {
      if (!ring.list().some((key) => key.name === name)) ring.create(name, 'seed');
      return ring.seed(name);
    },
  };
}

async function tokenOf(admin: Client, role: string, institution: number, vendor?: VendorId): Promise<Client> {
  const body = { roles: [role], institution, vendor, days: TOKEN_DAYS, label: `Demonstration, ${role}` };
  const { token } = await admin.ask<{ token: string }>('/tokens', { method: 'POST', body });
  return admin.as(token);
}

/** A demonstration is over in minutes: the agency funds it alone, and its cycle ends without notice. */
const POLICIES = [
  { name: tierPolicy(DEMO_CURRENCY), value: 2n ** 64n },
  { name: END_WITHOUT_NOTICE_POLICY, value: 1n },
];

function foundingOf(
  ledgerNonce: Bytes32,
  officers: readonly FoundingOfficer[],
  validators: Founding['validators'],
): Founding {
  const institutions = [REGISTRY, AGENCY].map((institution) => ({ institution, roles: ROLES }));
  const waits = { wideningWaitSeconds: 0, appointmentWaitSeconds: 0 };
  const offices = [{ office: DEMO_OFFICE, keeper: REGISTRY }];
  return {
    ledgerNonce,
    institutions,
    offices,
    officers,
    verifiers: [],
    policies: POLICIES,
    validators,
    quorum: 2,
    ...waits,
  };
}
