/**
 * The demonstration as anybody plays it, by its command; and the gateway on what it left, with the same officers.
 *
 * The folder a demonstration leaves is laid out as `App` keeps its own, so a test can start the gateway on it again.
 */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from '../../scripts/client.ts';
import { type Consenting, Pair } from '../../scripts/demo/officers.ts';
import { castIn } from '../../scripts/demo/stage.ts';
import type { Summary } from '../../scripts/demo/summary.ts';
import { type Keyring, openKeyring } from '../../scripts/keyring.ts';
import { signCompact } from '../../server/domain/acts/signing.ts';
import type { TrustFile } from '../../server/domain/audit/trust.ts';
import { ZERO_32 } from '../../server/domain/base/hex.ts';
import { type InstitutionId, type OfficeId, ROLES } from '../../server/domain/base/terms.ts';
import type { Founding } from '../../server/domain/power/founding.ts';
import type { Role } from '../../server/http/route.ts';
import { foundingOfficerOf, withThirds } from '../chain/signing.ts';
import { type App, OFFICERS, startApp } from './app.ts';
import { kudurru, type Ran } from './kudurru.ts';

export interface Played {
  readonly folder: string;
  readonly summary: Summary;
  /** What the command said, exactly. */
  readonly ran: Ran;
}

/** Plays it on these files. Throws what the command said when it did not end well. */
export function playDemo(
  files: { readonly parcels: string; readonly registrations: string },
  env: Readonly<Record<string, string>> = {},
): Played {
  const folder = mkdtempSync(path.join(tmpdir(), 'kudurru-demo-'));
  const args = Object.entries(files).flatMap(([name, text]) => {
    const file = path.join(folder, name);
    writeFileSync(file, text);
    return [`--${name}`, file];
  });
  const ran = kudurru(['demo', '--json', '--folder', folder, ...args], env);
  if (ran.code !== 0)
    throw new Error(`the demonstration ended with ${ran.code}\n${ran.stdout}\n${ran.stderr}`);
  return { folder, summary: JSON.parse(ran.stdout) as Summary, ran };
}

export interface Reopened {
  readonly app: App;
  readonly trust: TrustFile;
  readonly ring: Keyring;
  readonly land: Pair;
  readonly auditor: Client;
}

const REGISTRY = 1 as InstitutionId;

/**
 * The founding of a demonstration whose officers are all of one institution, as a gateway on a network serves it, with the
 * officers that every test has beside them. The keys of the cast are in the folder.
 */
export function foundingWithCast(folder: string, validators?: Founding['validators']): Founding {
  const { founding } = castIn(folder, validators, REGISTRY);
  const members = withThirds(Object.values(OFFICERS)).map((officer) =>
    // The cast has as many admins of the first institution as it may have, nearly.
    foundingOfficerOf(officer, founding.ledgerNonce, {
      roles: officer.institution === REGISTRY ? ROLES.filter((role) => !role.startsWith('admin')) : ROLES,
    }),
  );
  const offices = [1, 2].map((office) => ({ office: office as OfficeId, keeper: REGISTRY }));
  return { ...founding, officers: [...founding.officers, ...members], offices };
}

/** The gateway on the folder again, and the land registry's two officers with the keys they had. */
export async function reopenDemo(
  folder: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Reopened> {
  const app = await startApp({ folder, env: { KUDURRU_DEMO: '1', ...env } });
  const ring = openKeyring(path.join(folder, 'keys'), readFileSync(path.join(folder, 'passphrase'), 'utf8'));
  const clientOf = async (role: Role, institution: number, name: string) =>
    new Client(app.url, await app.token(role, institution, name));
  const officerOf = async (name: string) => {
    const key = ring.get(name);
    if (key.kind !== 'officer') throw new Error(`${name} is no officer`);
    const client = await clientOf('registrar', REGISTRY, name);
    return { name, officer: key.officer, epoch: 1, institution: REGISTRY, client };
  };
  const land = new Pair(ring, await officerOf('registrar-preparer'), await officerOf('registrar-approver'));
  return { app, trust: app.trust(), ring, land, auditor: await clientOf('auditor', 0, 'auditor') };
}

/** As whoever has this key consents, on a device of their own. */
export function consentWith({ privateKey, salt }: { privateKey: Uint8Array; salt: string }): Consenting {
  return (_place, digest, deadline) => ({
    signature: signCompact(digest, privateKey),
    consent: { notBefore: 0, deadline, mandateCommitment: ZERO_32, kind: 'secp256k1', salt, key: '0x' },
  });
}
